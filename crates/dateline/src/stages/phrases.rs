//! Noun phrases around words: from the words a role falls on to the phrase a reader would quote.

use super::events::Run;
use crate::Span;
use crate::document::Document;

/// The word of `first..=last` on which the others depend: the first whose head lies outside.
pub fn head(doc: &Document, first: usize, last: usize) -> usize {
    let nominal = |i: &usize| matches!(doc.tokens[*i].upos, "NOUN" | "PROPN" | "PRON" | "NUM" | "ADJ");
    let outside = |i: &usize| doc.tokens[*i].head.is_none_or(|h| h < first || h > last);
    (first..=last).find(|i| outside(i) && nominal(i)).or_else(|| (first..=last).find(outside)).unwrap_or(last)
}

/// The noun phrase of a run: trimmed of marks, prepositions and a possessive 's, widened over determiner, count and modifiers on
/// the left (CODEBOOK.md: "with determiner and count, without relative clause or possessive 's").
pub fn noun_phrase(doc: &Document, run: &Run) -> (usize, usize) {
    let (mut first, mut last) = (run.first, run.last);
    let loose = |i: usize| {
        let t = &doc.tokens[i];
        matches!(t.upos, "PUNCT" | "ADP" | "CCONJ" | "SCONJ" | "PART" | "AUX") || t.deprel == "case"
    };
    while first < last && loose(first) {
        first += 1;
    }
    while last > first && loose(last) {
        last -= 1;
    }
    let head = head(doc, first, last);
    while let Some(before) = first.checked_sub(1) {
        let t = &doc.tokens[before];
        let modifier =
            matches!(t.deprel, "det" | "amod" | "nummod" | "compound" | "flat" | "nmod:poss" | "advmod" | "nmod:desc");
        let into =
            t.head.is_some_and(|h| h >= first && h <= last && (h == head || doc.tokens[h].sentence == t.sentence));
        let quantity = t.deprel != "advmod" || t.head.is_some_and(|h| doc.tokens[h].upos == "NUM");
        // the hyphen and the halves of "Russian - speaking"
        let hyphen = t.span.of(&doc.report.text) == "-" && t.head.is_some_and(|h| h >= first && h <= last);
        if t.sentence != doc.tokens[first].sentence || !((modifier && into && quantity) || hyphen) {
            break;
        }
        first = before;
    }
    (first, last)
}

/// Span of tokens `first..=last`.
pub fn span(doc: &Document, first: usize, last: usize) -> Span {
    doc.tokens[first].span.cover(doc.tokens[last].span)
}

/// Lower-case content lemmas of a phrase, to tell whether two phrases name the same party.
pub fn content(doc: &Document, first: usize, last: usize) -> Vec<String> {
    (first..=last)
        .filter(|&i| matches!(doc.tokens[i].upos, "NOUN" | "PROPN" | "ADJ"))
        .map(|i| doc.tokens[i].lemma.to_lowercase())
        .collect()
}
