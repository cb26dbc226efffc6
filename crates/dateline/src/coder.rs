//! The coder: a report becomes a document, a document becomes records.

use crate::actors::Actors;
use crate::formats::{condition, mojibake};
use crate::gazetteer::{Gazetteer, ReportContext, Toponym};
use crate::lexicon::Lexicon;
use crate::model::Model;
use crate::stages::times::Tense;
use crate::stages::tokens::RawToken;
use crate::stages::weigh::Weights;
use crate::stages::{coreference, encode, quantities, records, sayings, times, tokens};
use crate::{BlockKind, Document, NameKind, Note, Place, Record, Report, Result, Span};
use std::time::{Duration, Instant};

/// Name and version of this coder, as written in every record (CODEBOOK.md, `coder`).
pub const CODER: &str = concat!("dateline ", env!("CARGO_PKG_VERSION"));

/// How many bytes of a text are coded: twice a novel, more than any report holds, minutes of work. What is longer is a data
/// dump or a file of many reports, and would take hours and gigabytes.
pub const MOST_BYTES: usize = 1_000_000;

/// How many tokens of a text are coded: what [`MOST_BYTES`] of prose come to. Text of nothing but marks has five times as many.
pub const MOST_TOKENS: usize = 200_000;

/// Everything needed to code reports in one language: model, gazetteer and lexicons, loaded once and shared by all threads.
pub struct Coder {
    model: &'static Model,
    gazetteer: &'static Gazetteer,
    actors: &'static Actors,
    lexicon: &'static Lexicon,
    weights: &'static Weights,
}

impl Coder {
    /// The English coder, from the data in this binary.
    ///
    /// # Errors
    /// [`crate::Error::Data`] where embedded data is damaged.
    pub fn english() -> Result<Coder> {
        Ok(Coder::with_model(Model::english()))
    }

    /// A coder with another model of the same kind, such as one just trained; the rest is the data in this binary.
    pub fn with_model(model: &'static Model) -> Coder {
        Coder {
            model,
            gazetteer: Gazetteer::embedded(),
            actors: Actors::embedded(),
            lexicon: Lexicon::embedded(),
            weights: Weights::embedded(),
        }
    }

    /// The same coder with other weights for its reasoning stages.
    pub fn with_weights(self, weights: &'static Weights) -> Coder {
        Coder { weights, ..self }
    }

    /// Runs all stages over `report`. Of a text beyond [`MOST_BYTES`] or [`MOST_TOKENS`] the layers cover the first part, and the
    /// note `text-cut` says how much.
    pub fn annotate(&self, report: Report) -> Document {
        self.annotate_observed(report, &mut |_, _| ())
    }

    /// As [`Coder::annotate`], calling `observe` with the name of each stage and the time it took, in order.
    pub fn annotate_observed(&self, mut report: Report, observe: &mut dyn FnMut(&'static str, Duration)) -> Document {
        let mut clock = Clock { last: Instant::now(), observe };
        let raw = first_tokens(&mut report, MOST_BYTES, MOST_TOKENS);
        clock.lap("tokens");
        self.stages(report, &raw, None, &mut clock)
    }

    /// As [`Coder::annotate`], with sentences and tokens given (one list of token spans a sentence) instead of found.
    pub fn annotate_tokens(&self, report: Report, sentences: &[Vec<Span>]) -> Document {
        let raw: Vec<RawToken> = sentences.iter().flatten().map(|&span| RawToken { span, clitic: false }).collect();
        let starts: Vec<usize> = sentences
            .iter()
            .filter(|s| !s.is_empty())
            .scan(0, |at, s| {
                let start = *at;
                *at += s.len();
                Some(start)
            })
            .collect();
        let mut observe = |_: &'static str, _: Duration| ();
        self.stages(report, &raw, Some(&starts), &mut Clock { last: Instant::now(), observe: &mut observe })
    }

    fn stages(&self, report: Report, raw: &[RawToken], given: Option<&[usize]>, clock: &mut Clock) -> Document {
        let mut doc = Document { report, ..Document::default() };
        let marks = encode::encode(self.model, self.lexicon, &mut doc, raw, given);
        let end = doc.tokens.last().map_or(0, |token| token.span.end);
        clock.lap("encoder");
        let sentences: Vec<Span> = doc.sentences.iter().map(|s| s.span).collect();
        let text = doc.report.flowing();
        doc.times = times::times_in_tense(&text[..end], &sentences, doc.report.published, |span| tense(&doc, span));
        clock.lap("times");
        doc.quantities = quantities::quantities(&text[..end], &doc.times);
        clock.lap("quantities");
        doc.places = self.places(&doc, end);
        clock.lap("places");
        doc.attributions = sayings::sayings(&doc, &marks);
        clock.lap("sayings");
        doc.coreference = coreference::coreference(&doc);
        clock.lap("coreference");
        doc
    }

    /// Place names with their places: the names that the gazetteer finds or the model takes for places, less those inside the
    /// names of persons and organisations. Nothing behind `end` is looked at.
    fn places(&self, doc: &Document, end: usize) -> Vec<Place> {
        let text = doc.report.flowing();
        let text = &text[..end];
        let mut toponyms = self.gazetteer.toponyms(text);
        toponyms.retain(|t| !inside_other_name(doc, t.span) && !tail_of_other_place(doc, t.span, self.gazetteer));
        for name in doc.names.iter().filter(|n| is_place(n.kind)) {
            if !toponyms.iter().any(|t| t.span.overlaps(name.span)) {
                toponyms.push(Toponym { span: name.span, hint: Some(name.kind) });
            }
        }
        if condition::is_capitals(text) {
            // "GUNMEN KILL JUDGE" has no Kill in Ireland: where every word is written like a name, the model must take it for one.
            toponyms.retain(|t| t.hint.is_some() || names_by_syntax(doc, t.span));
        }
        // "BouakÃ©" is not Bouaka, and what else its letters may spell is anybody's guess.
        let broken = mojibake::places(text);
        toponyms.retain(|t| !touches(&broken, t.span));
        toponyms.sort_by_key(|t| t.span);
        let dateline = doc.report.blocks.iter().find(|b| b.kind == BlockKind::Dateline).map(|b| b.span);
        let context =
            ReportContext { dateline, publication: doc.report.publication.as_deref(), url: doc.report.url.as_deref() };
        self.gazetteer.resolve(text, &toponyms, &context).into_iter().flatten().collect()
    }

    /// The records of `doc`, in order of first mention.
    pub fn code(&self, doc: &Document) -> Vec<Record> {
        records::records(doc, self.actors, self.lexicon, self.weights)
    }
}

/// The tokens of `report` up to so many bytes and tokens of its text; leaves a note where there is more.
fn first_tokens(report: &mut Report, most_bytes: usize, most_tokens: usize) -> Vec<RawToken> {
    let mut end = first_part(&report.text, most_bytes);
    let mut raw = tokens::tokens(&report.text[..end]);
    if let Some(beyond) = raw.get(most_tokens) {
        end = beyond.span.start;
        raw.truncate(most_tokens);
    }
    if end < report.text.len() {
        report.notes.push(text_cut(&report.text, end));
    }
    raw
}

/// Where the first part of `text` ends: at the end of a paragraph, else between words, else between characters; its length
/// where it has at most `most` bytes.
fn first_part(text: &str, most: usize) -> usize {
    if text.len() <= most {
        return text.len();
    }
    let part = &text[..(0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)];
    // A cut that would lose more than half of the part is worse than one inside a paragraph.
    let late = |at: &usize| *at > part.len() / 2;
    part.rfind('\n').filter(late).or_else(|| part.rfind(char::is_whitespace).filter(late)).unwrap_or(part.len())
}

/// Says that the text behind `end` is not coded.
fn text_cut(text: &str, end: usize) -> Note {
    let message = format!(
        "found {} bytes of text, expected one report of at most {MOST_BYTES} bytes and {MOST_TOKENS} words and marks; only the \
         first {end} bytes are coded; split the file into reports to code the rest",
        text.len()
    );
    Note { code: "text-cut", message, span: Some(Span::new(end, text.len())) }
}

fn is_place(kind: NameKind) -> bool {
    matches!(kind, NameKind::Gpe | NameKind::Location | NameKind::Facility)
}

/// Whether `span` is only a part of the name of a person or an organisation ("Bank of England").
fn inside_other_name(doc: &Document, span: Span) -> bool {
    doc.names.iter().any(|n| {
        matches!(n.kind, NameKind::Person | NameKind::Organisation)
            && n.span.contains(span)
            && n.span.len() > span.len()
    })
}

/// Whether the model takes the first word of `span` for a name, or finds a place there.
fn names_by_syntax(doc: &Document, span: Span) -> bool {
    let token = doc.tokens.get(doc.tokens.partition_point(|t| t.span.end <= span.start));
    token.is_some_and(|t| t.upos == "PROPN") || doc.names.iter().any(|n| is_place(n.kind) && n.span.overlaps(span))
}

/// Whether `span` overlaps one of `places`, which are in order, or lies right beside it.
fn touches(places: &[Span], span: Span) -> bool {
    places.get(places.partition_point(|place| place.end < span.start)).is_some_and(|place| place.start <= span.end)
}

/// Whether a town's name is only the last part of a longer place name that the gazetteer does not know ("Elias" in "Bar Elias").
fn tail_of_other_place(doc: &Document, span: Span, gazetteer: &Gazetteer) -> bool {
    let text = &doc.report.text;
    let longer = doc.names.iter().any(|n| is_place(n.kind) && n.span.contains(span) && n.span.start < span.start);
    longer && gazetteer.lookup(span.of(text)).iter().all(|c| c.resolution <= crate::Resolution::City)
}

/// Which way the clause around `span` looks: the verb above its first word, and what stands with that verb.
fn tense(doc: &Document, span: Span) -> Option<Tense> {
    let at = doc.tokens.partition_point(|t| t.span.end <= span.start);
    let mut token = doc.tokens.get(at)?;
    while token.upos != "VERB" {
        token = &doc.tokens[token.head?];
    }
    let sentence = doc.sentences.get(token.sentence)?;
    let verb = sentence.tokens.clone().find(|&i| doc.tokens[i].span == token.span)?;
    let will = sentence.tokens.clone().any(|i| {
        let t = &doc.tokens[i];
        t.head == Some(verb) && t.upos == "AUX" && matches!(t.lemma.as_str(), "will" | "shall")
    });
    let planned = token.head.is_some_and(|h| token.deprel == "xcomp" && PLANS.contains(&doc.tokens[h].lemma.as_str()));
    (will || planned).then_some(Tense::Future)
}

/// Verbs whose complement is still to come.
const PLANS: &[&str] =
    &["plan", "expect", "schedule", "intend", "due", "set", "aim", "hope", "prepare", "promise", "vow"];

/// Times the stages as they end.
struct Clock<'o> {
    last: Instant,
    observe: &'o mut dyn FnMut(&'static str, Duration),
}

impl Clock<'_> {
    fn lap(&mut self, stage: &'static str) {
        (self.observe)(stage, self.last.elapsed());
        self.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_paragraphs_words_or_characters() {
        assert_eq!(first_part("short", 5), 5);
        assert_eq!(first_part("one two\nthree four", 12), 7);
        assert_eq!(first_part("a\none two three four", 12), 9);
        assert_eq!(first_part("ääää", 5), 4);
        assert_eq!(first_part("a bcdefghijkl", 10), 10);
    }

    #[test]
    fn what_lies_behind_the_limits_is_named_in_a_note_and_has_no_layers() {
        let text = "Police raided homes in Lima on Monday.\nPolice raided nine homes in Cusco on Tuesday.\n";
        for (most_bytes, most_tokens, end) in [(50, 1000, 38), (1000, 10, 53), (1000, 1000, text.len())] {
            let mut report = Report { text: text.to_owned(), ..Report::default() };
            let raw = first_tokens(&mut report, most_bytes, most_tokens);
            let mut clock = Clock { last: Instant::now(), observe: &mut |_, _| () };
            let doc = Coder::english().unwrap().stages(report, &raw, None, &mut clock);
            let ends = [
                doc.tokens.iter().map(|t| t.span.end).max(),
                doc.places.iter().map(|p| p.span.end).max(),
                doc.times.iter().map(|t| t.span.end).max(),
                doc.quantities.iter().map(|q| q.span.end).max(),
            ];
            assert!(ends.into_iter().flatten().all(|at| at <= end), "{ends:?} beyond {end}");
            let cut: Vec<_> = doc.report.notes.iter().map(|note| (note.code, note.span)).collect();
            let expected = Some(("text-cut", Some(Span::new(end, text.len())))).filter(|_| end < text.len());
            assert_eq!(cut, Vec::from_iter(expected));
            assert_eq!(doc.report.text, text);
        }
    }
}
