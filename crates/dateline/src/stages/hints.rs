//! What the event lexicon says of a word, as named features the trigger head reads beside the encoder's vector: so words that the
//! coded reports never showed are known to it all the same.

use crate::document::Document;
use crate::lexicon::{Lexicon, Strength};
use crate::ontology::{EventType, Mode};

/// The names of all hints: `lex:COERCE:strong`, `part:COERCE` (a further word of a trigger of several), `mode:COERCE:arrest`. A model
/// knows those that its label file lists.
pub fn names() -> Vec<String> {
    let strengths = [Strength::Weak, Strength::Supported, Strength::Strong];
    let readings = EventType::ALL.into_iter().flat_map(|e| strengths.map(|s| reading(e, s)));
    let parts = EventType::ALL.into_iter().map(part);
    readings.chain(parts).chain(Mode::all().map(mode)).collect()
}

/// What the lexicon says of the token at `index`, no hint twice; empty for most words.
pub fn hints(doc: &Document, lexicon: &Lexicon, index: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for candidate in lexicon.triggers(doc, index) {
        let names = if candidate.head == index {
            [Some(reading(candidate.event, candidate.strength)), candidate.mode.map(mode)]
        } else {
            [Some(part(candidate.event)), None]
        };
        for name in names.into_iter().flatten() {
            if !out.contains(&name) {
                out.push(name);
            }
        }
    }
    out
}

fn reading(event: EventType, strength: Strength) -> String {
    format!("lex:{}:{strength:?}", event.name()).to_lowercase()
}

fn part(event: EventType) -> String {
    format!("part:{}", event.name()).to_lowercase()
}

fn mode(mode: Mode) -> String {
    format!("mode:{}:{}", mode.event().name(), mode.name()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Coder, Report};

    #[test]
    fn a_trigger_of_the_lexicon_is_hinted_with_its_mode_and_its_further_words_as_parts() {
        let report =
            Report { text: "The army imposed a curfew on the town and opened fire.".into(), ..Report::default() };
        let doc = Coder::english().expect("model").annotate(report);
        let at = |word: &str| doc.tokens.iter().position(|t| t.span.of(&doc.report.text) == word).expect("in the text");
        let curfew = hints(&doc, Lexicon::embedded(), at("curfew"));
        assert!(curfew.iter().any(|h| h.starts_with("lex:coerce:")), "{curfew:?}");
        assert!(curfew.contains(&"mode:coerce:curfew".to_owned()), "{curfew:?}");
        assert!(hints(&doc, Lexicon::embedded(), at("The")).is_empty());
        let fire = hints(&doc, Lexicon::embedded(), at("fire"));
        assert!(fire.contains(&"part:assault".to_owned()), "{fire:?}");
    }

    #[test]
    fn every_hint_has_a_name_that_is_listed() {
        let known = names();
        for text in
            ["Police arrested 12 men.", "Rebels seized the town and shelled it with mortars.", "The UN sent aid."]
        {
            let doc = Coder::english().expect("model").annotate(Report { text: text.into(), ..Report::default() });
            for i in 0..doc.tokens.len() {
                for hint in hints(&doc, Lexicon::embedded(), i) {
                    assert!(known.contains(&hint), "{hint}");
                }
            }
        }
    }
}
