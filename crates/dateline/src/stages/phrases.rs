//! Noun phrases around words: from the words a role falls on to the phrase a reader would quote.

use crate::Span;
use crate::document::Document;

/// The word of `first..=last` on which the others depend: the first whose head lies outside.
pub fn head(doc: &Document, first: usize, last: usize) -> usize {
    let nominal = |i: &usize| matches!(doc.tokens[*i].upos, "NOUN" | "PROPN" | "PRON" | "NUM" | "ADJ");
    let outside = |i: &usize| doc.tokens[*i].head.is_none_or(|h| h < first || h > last);
    (first..=last).find(|i| outside(i) && nominal(i)).or_else(|| (first..=last).find(outside)).unwrap_or(last)
}

/// The core of the phrase that `head` heads: its determiner, counts, adjectives, compounds and further names on both sides.
pub fn core(doc: &Document, head: usize) -> (usize, usize) {
    let (mut first, mut last) = (head, head);
    let sentence = doc.tokens[head].sentence;
    let part = |i: usize, into: (usize, usize)| {
        let t = &doc.tokens[i];
        let inner = t.head.is_some_and(|h| h >= into.0 && h <= into.1);
        t.sentence == sentence
            && inner
            && matches!(
                t.deprel,
                "det"
                    | "amod"
                    | "nummod"
                    | "compound"
                    | "flat"
                    | "nmod:poss"
                    | "nmod:desc"
                    | "advmod"
                    | "punct"
                    | "obl:npmod"
                    | "case"
            )
            && (t.deprel != "case" || t.span.of(&doc.report.text).starts_with(['\'', '’']))
            && (t.deprel != "punct" || (t.span.of(&doc.report.text) == "-" && is_glued(doc, i)))
            && (t.deprel != "advmod" || t.head.is_some_and(|h| doc.tokens[h].upos == "NUM"))
    };
    if let Some(title) = (first.saturating_sub(TITLE)..first).find(|&i| begins_title(doc, i, (first, last))) {
        first = title;
    }
    while first > 0 && (part(first - 1, (first, last)) || hidden(doc, first - 1, (first, last))) {
        first -= 1;
    }
    let named = |i: usize, last: usize| {
        let t = &doc.tokens[i];
        t.deprel == "appos" && t.upos == "PROPN" && t.head.is_some_and(|h| h >= first && h <= last)
    };
    while last + 1 < doc.tokens.len()
        && (part(last + 1, (first, last))
            && matches!(doc.tokens[last + 1].deprel, "flat" | "nummod" | "compound" | "nmod:desc")
            || named(last + 1, last) && doc.tokens[last + 1].sentence == sentence)
    {
        last += 1;
    }
    (first, last)
}

/// Whether token `i` and the next stand together without a space: a hyphen, not the dash before an item of a list.
fn is_glued(doc: &Document, i: usize) -> bool {
    doc.tokens.get(i + 1).is_some_and(|next| next.span.start == doc.tokens[i].span.end)
}

/// Words that a title before a name may have: "Secretary of State John Kerry".
const TITLE: usize = 8;

/// Whether a title that belongs to the phrase begins at `i`, and nothing else stands between the two.
fn begins_title(doc: &Document, i: usize, into: (usize, usize)) -> bool {
    let inside = |j: usize| j >= into.0 && j <= into.1;
    let above = |j: usize| std::iter::successors(doc.tokens[j].head, |&h| doc.tokens[h].head).take(TITLE);
    let of_title = |j: usize| {
        let mut at = j;
        for head in above(j) {
            if inside(head) {
                return doc.tokens[at].deprel == "nmod:desc";
            }
            at = head;
        }
        false
    };
    (i..into.0).all(|j| doc.tokens[j].sentence == doc.tokens[into.0].sentence && of_title(j))
}

/// Whether token `i` belongs to a word before the phrase that belongs to the phrase, or is glued to it by a hyphen: "Russian" and
/// "-" in "Russian-speaking people".
fn hidden(doc: &Document, i: usize, into: (usize, usize)) -> bool {
    let [t, next] = [&doc.tokens[i], &doc.tokens[into.0]];
    if t.sentence != next.sentence {
        return false;
    }
    let hyphen = |k: usize| doc.tokens[k].span.of(&doc.report.text) == "-";
    if t.span.end == next.span.start && (hyphen(i) || hyphen(into.0)) {
        return true;
    }
    let Some(head) = t.head else { return false };
    let between = &doc.tokens[head];
    let small =
        matches!(between.deprel, "case" | "mark" | "cc" | "punct") || matches!(t.deprel, "fixed" | "cc" | "punct");
    !small && head < into.0 && head + 4 > into.0 && between.head.is_some_and(|h| h >= into.0 && h <= into.1)
}

/// Whether token `i` is the first part of a hyphenated word.
pub fn before_hyphen(doc: &Document, i: usize) -> bool {
    doc.tokens.get(i + 1).is_some_and(|t| {
        t.span.start == doc.tokens[i].span.end
            && t.span.of(&doc.report.text) == "-"
            && t.sentence == doc.tokens[i].sentence
    })
}

/// Widens a core on the right over "of …" and "from …": "two suspects from the North Caucasus".
pub fn with_origin(doc: &Document, (first, last): (usize, usize)) -> (usize, usize) {
    let next = last + 1;
    let Some(t) = doc.tokens.get(next) else { return (first, last) };
    let opens =
        t.deprel == "case" && matches!(t.lemma.as_str(), "of" | "from") && t.sentence == doc.tokens[last].sentence;
    let Some(noun) =
        t.head.filter(|&n| opens && n > next && doc.tokens[n].head.is_some_and(|h| h >= first && h <= last))
    else {
        return (first, last);
    };
    let (from, to) = core(doc, noun);
    if from == next + 1 { (first, to) } else { (first, last) }
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
