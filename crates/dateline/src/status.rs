//! Rules for the status of an act: whether it is negated, future, hypothetical or history, and how certain the report is of it
//! (CODEBOOK.md, `auxiliary` and `certainty`). The cue words live in `data/lang/en/status.toml`; the rules read the syntax.

use crate::record::{Auxiliary, Certainty};
use crate::{Document, Span, Time, Token};
use serde::Deserialize;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

const CUES: &str = include_str!("../data/lang/en/status.toml");
/// How many words up the tree a governor may stand ("were *expected* to agree to carry out raids").
const CLIMB: usize = 4;
/// How many tokens to either side of the trigger are looked at, so that a text without sentence ends costs no more than its
/// length.
const REACH: usize = 150;
/// What is over for more days than this is history (CODEBOOK.md, `auxiliary`: "ended over a year before publication").
const YEAR_DAYS: i64 = 366;

/// What the words around a trigger say about its act, each with the cue that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Negation, future, hypothetical, history; no kind twice; empty for an act told as a fact.
    pub auxiliary: Vec<(Auxiliary, Span)>,
    /// Certainty; asserted without cue where nothing says otherwise.
    pub certainty: (Certainty, Option<Span>),
}

/// What one cue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Say {
    Auxiliary(Auxiliary),
    Certainty(Certainty),
}

#[derive(Deserialize)]
struct CueData {
    negation: Lists,
    future: Lists,
    hypothetical: Lists,
    alleged: Lists,
    disputed: Lists,
    light: Lists,
    saying: Lists,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lists {
    own: String,
    governor: String,
    phrase: String,
}

/// The lists of one kind of cue.
struct Cue {
    say: Say,
    own: HashSet<String>,
    governor: HashSet<String>,
    phrase: Vec<(String, String)>,
}

struct Cues {
    kinds: Vec<Cue>,
    light: HashSet<String>,
    saying: HashSet<String>,
}

/// Reads the status of the act that the token at `trigger` names off its sentence; for an index past the end, an asserted fact.
pub fn status(doc: &Document, trigger: usize) -> Status {
    let mut found: Vec<(Say, Span)> = Vec::new();
    if trigger < doc.tokens.len() {
        let sentence = sentence_of(doc, trigger);
        own_cues(doc, trigger, trigger, &sentence, &mut found);
        climb(doc, trigger, &sentence, &mut found);
        found.extend(history(doc, trigger, &sentence).map(|span| (Say::Auxiliary(Auxiliary::Historical), span)));
    }
    summary(&found)
}

fn summary(found: &[(Say, Span)]) -> Status {
    let mut status = Status { auxiliary: Vec::new(), certainty: (Certainty::Asserted, None) };
    for (say, span) in found {
        match say {
            Say::Auxiliary(kind) if !status.auxiliary.iter().any(|(known, _)| known == kind) => {
                status.auxiliary.push((*kind, *span));
            }
            // A denial weighs more than the allegation it denies.
            Say::Certainty(level) if status.certainty.1.is_none() || *level == Certainty::Disputed => {
                status.certainty = (*level, Some(*span));
            }
            _ => {}
        }
    }
    status
}

/// Adds what the dependents of `word` say: `word` is the trigger, or a verb that carries or continues it.
fn own_cues(doc: &Document, word: usize, trigger: usize, sentence: &Range<usize>, found: &mut Vec<(Say, Span)>) {
    for child in sentence.clone().filter(|&i| doc.tokens[i].head == Some(word) && i != trigger) {
        let token = &doc.tokens[child];
        let depends = matches!(base(token.deprel), "aux" | "advmod" | "det" | "amod" | "mark" | "cc" | "case");
        if depends {
            let say = cues().own(token, doc).map(|say| future_in_the_past(doc, word, token, say));
            found.extend(say.map(|say| (say, token.span)));
        } else if let Some(span) = nobody(doc, child, sentence) {
            // "No one was arrested", "killed nobody": an act without its party did not take place.
            found.push((Say::Auxiliary(Auxiliary::Negation), span));
        } else if base(token.deprel) == "nsubj" {
            // "Suspected rebels attacked": doubt about the party is doubt about the act's author.
            let doubt =
                sentence.clone().filter(|&i| doc.tokens[i].head == Some(child) && doc.tokens[i].deprel == "amod");
            for adjective in doubt.map(|i| &doc.tokens[i]) {
                let say = cues().own(adjective, doc).filter(|say| matches!(say, Say::Certainty(_)));
                found.extend(say.map(|say| (say, adjective.span)));
            }
        }
    }
}

/// The words that say that the party at `child`, a subject or object, is none: "no one", "nobody", "none of".
fn nobody(doc: &Document, child: usize, sentence: &Range<usize>) -> Option<Span> {
    let token = &doc.tokens[child];
    if !matches!(base(token.deprel), "nsubj" | "obj") {
        return None;
    }
    if matches!(token.lemma.to_lowercase().as_str(), "nobody" | "none" | "nothing" | "no-one") {
        return Some(token.span);
    }
    let no = |i: &usize| {
        doc.tokens[*i].head == Some(child)
            && matches!(base(doc.tokens[*i].deprel), "det" | "advmod" | "cc" | "cc:preconj")
            && matches!(doc.tokens[*i].lemma.to_lowercase().as_str(), "no" | "neither" | "not")
    };
    sentence.clone().find(no).map(|i| doc.tokens[i].span)
}

/// "Would" is a condition, except in reported speech and under a promise, where it is a future seen from the past.
fn future_in_the_past(doc: &Document, word: usize, token: &Token, say: Say) -> Say {
    let reported = doc.tokens[word].head.is_some_and(|head| cues().saying.contains(&doc.tokens[head].lemma));
    let complement = doc.tokens[word].deprel == "ccomp";
    match lowered(token, doc).as_str() {
        "would" | "'d" if reported && complement => Say::Auxiliary(Auxiliary::Future),
        _ => say,
    }
}

/// Adds what the words say that the trigger hangs on, step by step up the tree.
fn climb(doc: &Document, trigger: usize, sentence: &Range<usize>, found: &mut Vec<(Say, Span)>) {
    let mut word = trigger;
    for _ in 0..CLIMB {
        let token = &doc.tokens[word];
        let Some(head) = token.head.filter(|head| sentence.contains(head)) else { return };
        let governor = &doc.tokens[head];
        let relation = base(token.deprel);
        if relation == "conj" {
            word = head;
            inherit(doc, word, trigger, sentence, found, true);
            continue;
        }
        let subject_of_state =
            relation == "nsubj" && (token.deprel == "nsubj:pass" || governor.upos == "ADJ" || is_light(governor));
        let complement = matches!(relation, "xcomp" | "ccomp" | "obj" | "csubj" | "advcl" | "acl" | "nmod" | "obl");
        if token.deprel == "acl:relcl" || !(complement || subject_of_state) {
            return;
        }
        let carried = is_light(governor) && matches!(relation, "obj" | "nsubj" | "xcomp" | "obl" | "ccomp");
        let says = says_of(doc, word, governor, relation, sentence);
        found.extend(says.into_iter().map(|say| (say, governor.span)));
        if let Some((say, span)) = cues().phrase(doc, head, sentence) {
            found.push((say, span));
        }
        if relation == "xcomp" || carried {
            inherit(doc, head, trigger, sentence, found, false);
        } else if matches!(relation, "obl" | "nmod" | "advcl") {
            return;
        }
        word = head;
    }
}

/// What a governor says of the word that hangs on it by `relation`.
fn says_of(doc: &Document, word: usize, governor: &Token, relation: &str, sentence: &Range<usize>) -> Vec<Say> {
    let is_to = governor.lemma == "be" && matches!(relation, "xcomp" | "ccomp") && has_mark(doc, word, sentence, "to");
    if is_to {
        return vec![Say::Auxiliary(Auxiliary::Future)];
    }
    // A phrase or clause beside the verb is governed only where the verb asks for it: "accused *of*", "charged *with*",
    // "plans *for*".
    let asks = !matches!(relation, "obl" | "nmod" | "advcl")
        || ["of", "with", "for", "to", "about", "over", "from"].iter().any(|mark| has_mark(doc, word, sentence, mark));
    let says = cues().kinds.iter().filter(|cue| cue.governor.contains(&governor.lemma.to_lowercase()));
    says.map(|cue| cue.say).filter(|_| asks).collect()
}

/// Adds what is said of a verb that carries the trigger's act; from a coordinated verb only its tense and mood, since "did not
/// attack but fled" denies one of the two.
fn inherit(
    doc: &Document,
    verb: usize,
    trigger: usize,
    sentence: &Range<usize>,
    found: &mut Vec<(Say, Span)>,
    coordinated: bool,
) {
    let mut said = Vec::new();
    own_cues(doc, verb, trigger, sentence, &mut said);
    said.retain(|(say, _)| !coordinated || !matches!(say, Say::Auxiliary(Auxiliary::Negation)));
    found.extend(said);
}

/// The time words nearest to the trigger in its sentence, where what they name ended over a year before publication.
fn history(doc: &Document, trigger: usize, sentence: &Range<usize>) -> Option<Span> {
    let published = doc.report.published?;
    let at = doc.tokens[trigger].span;
    let bounds = doc.tokens[sentence.start].span.cover(doc.tokens[sentence.end - 1].span);
    let first = doc.times.partition_point(|time| time.span.start < bounds.start);
    let inside = doc.times[first..].iter().take_while(|time| time.span.end <= bounds.end);
    let distance = |time: &Time| at.start.abs_diff(time.span.start);
    let nearest = inside.filter(|time| time.end.is_some()).min_by_key(|time| distance(time))?;
    let days = nearest.end.and_then(|end| published.since(end).ok()).map(|span| i64::from(span.get_days()))?;
    (days > YEAR_DAYS).then_some(nearest.span)
}

fn is_light(token: &Token) -> bool {
    cues().light.contains(&token.lemma)
}

/// Whether the word at `index` has `name` as its marker or preposition.
fn has_mark(doc: &Document, index: usize, sentence: &Range<usize>, name: &str) -> bool {
    let mut children = sentence.clone().map(|i| &doc.tokens[i]).filter(|child| child.head == Some(index));
    children.any(|child| matches!(base(child.deprel), "mark" | "case") && child.lemma == name)
}

impl Cues {
    fn read() -> Cues {
        let data: CueData = toml::from_str(CUES).unwrap_or_else(|error| panic!("status.toml: {error}"));
        let kind = |say, lists: &Lists| Cue {
            say,
            own: set(&lists.own),
            governor: set(&lists.governor),
            phrase: lists.phrase.split(',').filter_map(|phrase| phrase.trim().split_once(' ')).map(owned).collect(),
        };
        Cues {
            kinds: vec![
                kind(Say::Auxiliary(Auxiliary::Negation), &data.negation),
                kind(Say::Auxiliary(Auxiliary::Future), &data.future),
                kind(Say::Auxiliary(Auxiliary::Hypothetical), &data.hypothetical),
                kind(Say::Certainty(Certainty::Disputed), &data.disputed),
                kind(Say::Certainty(Certainty::Alleged), &data.alleged),
            ],
            light: set(&data.light.governor),
            saying: set(&data.saying.governor),
        }
    }

    /// What a dependent of the trigger says; "would" counts as a condition.
    fn own(&self, token: &Token, doc: &Document) -> Option<Say> {
        let form = lowered(token, doc);
        if matches!(form.as_str(), "would" | "'d") && base(token.deprel) == "aux" {
            return Some(Say::Auxiliary(Auxiliary::Hypothetical));
        }
        let lemma = token.lemma.to_lowercase();
        self.kinds.iter().find(|cue| cue.own.contains(&lemma) || cue.own.contains(&form)).map(|cue| cue.say)
    }

    /// What the governor at `head` says together with a word that depends on it ("no evidence").
    fn phrase(&self, doc: &Document, head: usize, sentence: &Range<usize>) -> Option<(Say, Span)> {
        self.kinds.iter().find_map(|cue| {
            let (first, _) = cue.phrase.iter().find(|(_, second)| *second == doc.tokens[head].lemma)?;
            let child =
                sentence.clone().find(|&i| doc.tokens[i].head == Some(head) && doc.tokens[i].lemma == *first)?;
            Some((cue.say, doc.tokens[child].span.cover(doc.tokens[head].span)))
        })
    }
}

fn cues() -> &'static Cues {
    static CUES: OnceLock<Cues> = OnceLock::new();
    CUES.get_or_init(Cues::read)
}

fn set(list: &str) -> HashSet<String> {
    list.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn owned((first, second): (&str, &str)) -> (String, String) {
    (first.to_owned(), second.to_owned())
}

fn lowered(token: &Token, doc: &Document) -> String {
    token.span.of(&doc.report.text).to_lowercase().replace('\u{2019}', "'")
}

/// A relation without its subtype.
fn base(deprel: &str) -> &str {
    deprel.split(':').next().unwrap_or(deprel)
}

/// The tokens of the sentence around `index`, at most [`REACH`] to either side.
fn sentence_of(doc: &Document, index: usize) -> Range<usize> {
    let sentence = doc.sentences.get(doc.tokens[index].sentence);
    let tokens = sentence.map_or(index..index + 1, |sentence| sentence.tokens.clone());
    let start = tokens.start.max(index.saturating_sub(REACH));
    start..tokens.end.min(index + REACH).min(doc.tokens.len()).max(index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Report, Sentence, TimeKind};

    /// A document of one sentence from "form/UPOS/lemma/head/relation", head counted from 1, 0 for none.
    fn parsed(words: &str) -> Document {
        let mut doc = Document::default();
        let mut text = String::new();
        for word in words.split_whitespace() {
            let parts: Vec<&str> = word.split('/').collect();
            let [form, upos, lemma, head, deprel] = parts[..] else { panic!("{word}: five parts expected") };
            if !text.is_empty() {
                text.push(' ');
            }
            let span = Span::new(text.len(), text.len() + form.len());
            text.push_str(form);
            let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
            let head = head.parse::<usize>().unwrap().checked_sub(1);
            let (upos, deprel) = (leak(upos), leak(deprel));
            doc.tokens.push(Token { span, sentence: 0, lemma: lemma.to_owned(), upos, head, deprel });
        }
        doc.sentences.push(Sentence { span: Span::new(0, text.len()), tokens: 0..doc.tokens.len() });
        doc.report = Report { text, ..Report::default() };
        doc
    }

    fn auxiliaries(words: &str, trigger: usize) -> Vec<(Auxiliary, String)> {
        let doc = parsed(words);
        let found = status(&doc, trigger).auxiliary;
        found.into_iter().map(|(kind, span)| (kind, span.of(&doc.report.text).to_owned())).collect()
    }

    fn certainty(words: &str, trigger: usize) -> Certainty {
        status(&parsed(words), trigger).certainty.0
    }

    #[test]
    fn plain_past_is_an_asserted_fact() {
        let doc = parsed("Rebels/NOUN/rebel/2/nsubj attacked/VERB/attack/0/root Homs/PROPN/Homs/2/obj");
        let fact = Status { auxiliary: vec![], certainty: (Certainty::Asserted, None) };
        assert_eq!(status(&doc, 1), fact);
        assert_eq!(status(&doc, 99), fact);
    }

    #[test]
    fn not_and_no_negate() {
        let did_not =
            "They/PRON/they/4/nsubj did/AUX/do/4/aux not/PART/not/4/advmod raid/VERB/raid/0/root it/PRON/it/4/obj";
        assert_eq!(auxiliaries(did_not, 3), [(Auxiliary::Negation, "not".into())]);
        let evidence =
            "no/DET/no/2/det evidence/NOUN/evidence/0/root of/ADP/of/5/case an/DET/a/5/det attack/NOUN/attack/2/nmod";
        assert_eq!(auxiliaries(evidence, 4), [(Auxiliary::Negation, "no evidence".into())]);
    }

    #[test]
    fn negated_light_verb_negates_its_noun() {
        let words = "They/PRON/they/4/nsubj did/AUX/do/4/aux not/PART/not/4/advmod launch/VERB/launch/0/root \
                     the/DET/the/6/det raid/NOUN/raid/4/obj";
        assert_eq!(auxiliaries(words, 5), [(Auxiliary::Negation, "not".into())]);
        let other = "They/PRON/they/4/nsubj did/AUX/do/4/aux not/PART/not/4/advmod mention/VERB/mention/0/root \
                     the/DET/the/6/det raid/NOUN/raid/4/obj";
        assert_eq!(auxiliaries(other, 5), []);
    }

    #[test]
    fn plans_and_will_are_future() {
        let will = "He/PRON/he/3/nsubj will/AUX/will/3/aux visit/VERB/visit/0/root Cairo/PROPN/Cairo/3/obj";
        assert_eq!(auxiliaries(will, 2), [(Auxiliary::Future, "will".into())]);
        let plans = "He/PRON/he/2/nsubj plans/VERB/plan/0/root to/PART/to/4/mark visit/VERB/visit/2/xcomp Cairo/PROPN/Cairo/4/obj";
        assert_eq!(auxiliaries(plans, 3), [(Auxiliary::Future, "plans".into())]);
        let is_to = "He/PRON/he/2/nsubj is/VERB/be/0/root to/PART/to/4/mark visit/VERB/visit/2/xcomp";
        assert_eq!(auxiliaries(is_to, 3), [(Auxiliary::Future, "is".into())]);
    }

    #[test]
    fn vow_itself_is_no_future_act() {
        let words = "He/PRON/he/2/nsubj vowed/VERB/vow/0/root to/PART/to/4/mark resign/VERB/resign/2/xcomp";
        assert_eq!(auxiliaries(words, 1), []);
        assert_eq!(auxiliaries(words, 3), [(Auxiliary::Future, "vowed".into())]);
    }

    #[test]
    fn would_is_future_in_reported_speech_and_hypothetical_elsewhere() {
        let said = "He/PRON/he/2/nsubj said/VERB/say/0/root he/PRON/he/5/nsubj would/AUX/would/5/aux resign/VERB/resign/2/ccomp";
        assert_eq!(auxiliaries(said, 4), [(Auxiliary::Future, "would".into())]);
        let bare = "It/PRON/it/3/nsubj would/AUX/would/3/aux attack/VERB/attack/0/root if/SCONJ/if/5/mark hit/VERB/hit/3/advcl";
        assert_eq!(auxiliaries(bare, 2), [(Auxiliary::Hypothetical, "would".into())]);
        assert_eq!(auxiliaries(bare, 4), [(Auxiliary::Hypothetical, "if".into())]);
    }

    #[test]
    fn coordinated_verb_shares_the_tense_but_not_the_negation() {
        let words = "They/PRON/they/4/nsubj will/AUX/will/4/aux not/PART/not/4/advmod attack/VERB/attack/0/root \
                     but/CCONJ/but/6/cc withdraw/VERB/withdraw/4/conj";
        assert_eq!(auxiliaries(words, 5), [(Auxiliary::Future, "will".into())]);
    }

    #[test]
    fn accusation_makes_the_act_alleged_and_denial_disputed() {
        let accused = "He/PRON/he/3/nsubj:pass was/AUX/be/3/aux:pass accused/VERB/accuse/0/root of/SCONJ/of/5/mark \
                       killing/VERB/kill/3/advcl guards/NOUN/guard/5/obj";
        assert_eq!(certainty(accused, 4), Certainty::Alleged);
        assert_eq!(certainty(accused, 2), Certainty::Asserted);
        let denied = "Minsk/PROPN/Minsk/2/nsubj denied/VERB/deny/0/root that/SCONJ/that/5/mark it/PRON/it/5/nsubj \
                      allegedly/ADV/allegedly/6/advmod raided/VERB/raid/2/ccomp homes/NOUN/home/6/obj";
        assert_eq!(certainty(denied, 5), Certainty::Disputed);
    }

    #[test]
    fn an_act_without_its_party_did_not_take_place() {
        let words = "No/DET/no/2/det one/PRON/one/4/nsubj:pass was/AUX/be/4/aux:pass arrested/VERB/arrest/0/root";
        assert_eq!(auxiliaries(words, 3), [(Auxiliary::Negation, "No".into())]);
        let some = "Some/DET/some/2/det men/NOUN/man/4/nsubj:pass were/AUX/be/4/aux:pass arrested/VERB/arrest/0/root";
        assert_eq!(auxiliaries(some, 3), []);
    }

    #[test]
    fn suspected_attackers_make_the_attack_alleged() {
        let words = "Suspected/ADJ/suspected/2/amod rebels/NOUN/rebel/3/nsubj attacked/VERB/attack/0/root Homs/PROPN/Homs/3/obj";
        assert_eq!(certainty(words, 2), Certainty::Alleged);
    }

    #[test]
    fn day_over_a_year_before_publication_is_history() {
        let mut doc =
            parsed("Rebels/NOUN/rebel/2/nsubj attacked/VERB/attack/0/root in/ADP/in/4/case 2004/NUM/2004/2/obl");
        let end = Some(jiff::civil::date(2004, 12, 31));
        let (span, start) = (doc.tokens[3].span, Some(jiff::civil::date(2004, 1, 1)));
        doc.times.push(Time { span, kind: TimeKind::Date, timex: "2004".into(), start, end });
        assert_eq!(status(&doc, 1).auxiliary, []);
        doc.report.published = Some(jiff::civil::date(2005, 6, 1));
        assert_eq!(status(&doc, 1).auxiliary, []);
        doc.report.published = Some(jiff::civil::date(2017, 1, 30));
        assert_eq!(status(&doc, 1).auxiliary, [(Auxiliary::Historical, span)]);
    }
}
