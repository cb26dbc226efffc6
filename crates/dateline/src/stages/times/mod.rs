//! Time expressions and the days they name (TimeML 1.2.1, TIMEX3; CODEBOOK.md, `date`, `timex`).

mod bounds;
mod calendar;
mod grammar;
pub(crate) mod lexicon;
mod resolve;

use super::scan::Scan;
use crate::{Span, Time};
pub use bounds::{Interval, interval, interval_at};
use grammar::{Core, Grammar};
use jiff::civil::Date;
use resolve::Resolver;
pub use resolve::Tense;

/// Finds the time expressions of `text` and resolves them against the day of publication.
///
/// `sentences` bound expressions; where it is empty, blank lines do. Bare names of days and months look back, as news does,
/// unless the words nearby look ahead ("will", "scheduled", "is to"). Spans are in order and do not overlap. Without a day of
/// publication relative words keep their span, their `timex` is a placeholder such as "XXXX-WXX-3", and their dates are `None`.
///
/// # Example
/// ```
/// use dateline::stages::times::times;
/// use jiff::civil::date;
/// let found = times("Police raided the club last June.", &[], Some(date(2017, 1, 2)));
/// assert_eq!(found[0].timex, "2016-06");
/// assert_eq!((found[0].start, found[0].end), (Some(date(2016, 6, 1)), Some(date(2016, 6, 30))));
/// ```
pub fn times(text: &str, sentences: &[Span], published: Option<Date>) -> Vec<Time> {
    times_in_tense(text, sentences, published, |_| None)
}

/// As [`times`], where the caller knows which way the clause around a span looks; `tense` gives `None` where it cannot tell, and
/// the words nearby decide.
pub fn times_in_tense(
    text: &str,
    sentences: &[Span],
    published: Option<Date>,
    tense: impl Fn(Span) -> Option<Tense>,
) -> Vec<Time> {
    let scan = Scan::new(text, sentences).with_entries();
    let grammar = Grammar { scan: &scan };
    let mut resolver = Resolver::new(published);
    let mut found = Vec::new();
    let mut i = 0;
    while i < scan.len() {
        let Some(phrase) = grammar.phrase(i).filter(|phrase| phrase.last > i) else {
            i += 1;
            continue;
        };
        let span = scan.span(phrase.first, phrase.last);
        let points = matches!(
            phrase.core,
            Core::Weekday { .. }
                | Core::Date { year: None, .. }
                | Core::Season { .. }
                | Core::Quarter { .. }
                | Core::Period { .. }
                | Core::Holiday { .. }
        );
        let direction =
            if points { tense(span).or_else(|| tense_of_words(&scan, phrase.first, phrase.last)) } else { None };
        let of_saying = matches!(phrase.core, Core::Weekday { .. } | Core::Day { .. }) && said(&scan, phrase.first);
        let value = resolver.value(&phrase, direction, of_saying);
        found.push(Time { span, kind: value.kind, timex: value.timex, start: value.start, end: value.end });
        i = phrase.last;
    }
    found
}

/// How many tokens before an expression a word that looks ahead still governs it; tuned on half of TimeBank, November 2026.
const REACH: usize = 14;

/// Which way the words around the expression look.
fn tense_of_words(scan: &Scan, first: usize, last: usize) -> Option<Tense> {
    let lexicon = lexicon::lexicon();
    for k in (first.saturating_sub(REACH)..first).rev() {
        if sentence_ends(scan, k) {
            break;
        }
        let word = scan.lower(k);
        if word == "for" && k + 1 == first && scan.entry(first).is_some_and(|entry| entry.weekday > 0) {
            // "a march called for Friday".
            return Some(Tense::Future);
        }
        if matches!(word, "by" | "until" | "till") {
            // "must leave by Friday", but "had left by Friday".
            if k + 1 == first {
                let pluperfect = (1..=8).any(|back| k >= back && scan.is(k - back, &["had"]));
                return Some(if pluperfect { Tense::Past } else { Tense::Future });
            }
            continue;
        }
        if matches!(word, "is" | "are" | "was" | "were" | "set") && scan.is(k + 1, &["to"]) {
            return Some(Tense::Future);
        }
        if matches!(word, "plan" | "plans" | "deadline")
            && scan.is(k.wrapping_sub(1), &["the", "a", "its", "his", "her", "their", "this", "that", "of"])
        {
            continue;
        }
        if lexicon.future.contains(word) && (word != "may" || !scan.capital(k)) {
            let pluperfect = (1..=3).any(|back| scan.is(k.wrapping_sub(back), &["had"]));
            return Some(if pluperfect { Tense::Past } else { Tense::Future });
        }
        if k > 0 && scan.is(k - 1, &["be"]) && (word.ends_with("ed") || lexicon.past.contains(word)) {
            // "guidelines to be published in November".
            return Some(Tense::Future);
        }
        if k > 0 && scan.is(k - 1, &["to"]) {
            continue;
        }
        let participle = scan.is_word(k) && word.len() > 4 && word.ends_with("ed") && word != "united";
        if participle || lexicon.past.contains(word) {
            return Some(Tense::Past);
        }
    }
    for k in last..last + 6 {
        if sentence_ends(scan, k)
            || scan.is(k, &[",", "and"])
            || scan.lower(k).ends_with("ed")
            || lexicon.past.contains(scan.lower(k))
        {
            break;
        }
        if scan.is(k, &["will", "shall", "ll", "may"]) && !scan.capital(k) {
            return Some(Tense::Future);
        }
    }
    None
}

/// Whether the expression at `first` dates a statement: "police said on Friday".
fn said(scan: &Scan, first: usize) -> bool {
    let k = if scan.is(first.wrapping_sub(1), &["on", "late", "early"]) { first.wrapping_sub(1) } else { first };
    scan.is(k.wrapping_sub(1), &["said", "told", "announced", "reported", "reporters", "statement"])
}

/// Whether a sentence ends with token `k`: a full stop that no abbreviation explains, before a capital.
fn sentence_ends(scan: &Scan, k: usize) -> bool {
    let stop = scan.is(k, &[".", "?", "!", ";"]) && !scan.glued(k + 1) && scan.capital(k + 1);
    scan.is_break(k) || stop && (k == 0 || scan.lower(k - 1).len() > 4 || !scan.capital(k - 1))
}

#[cfg(test)]
mod tests;
