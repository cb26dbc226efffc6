//! Who says what: sources, cues and contents from the model's marks, joined by syntax and nearness (PolNeAR's roles).

use super::encode::Marks;
use crate::Span;
use crate::document::{Document, Saying};
use std::ops::RangeInclusive;

/// From which probability a token lies in a source, a cue or a content. Tuned on PolNeAR's training part, 2026-11.
const LEAST: [f32; 3] = [0.4, 0.4, 0.5];
/// From which probability a token begins a new stretch inside a stretch of the same kind.
const BEGIN: f32 = 0.5;

/// A stretch of tokens of one kind.
type Stretch = RangeInclusive<usize>;

/// The sayings of `doc`, in order of their cues.
pub fn sayings(doc: &Document, marks: &Marks) -> Vec<Saying> {
    let [sources, cues, contents] = [0, 1, 2].map(|kind| stretches(doc, marks, kind));
    let mut out: Vec<Saying> = Vec::new();
    let mut used = vec![false; contents.len()];
    for cue in &cues {
        let content = nearest(doc, cue, &contents, |k| !used[k]);
        let source = nearest(doc, cue, &sources, |_| true);
        if let Some(k) = content {
            used[k] = true;
        }
        out.push(Saying {
            source: source.map(|k| spans(doc, &sources[k])).unwrap_or_default(),
            cue: spans(doc, cue),
            content: content.map(|k| spans(doc, &contents[k])).unwrap_or_default(),
        });
    }
    out.retain(|s| !s.content.is_empty());
    out
}

fn stretches(doc: &Document, marks: &Marks, kind: usize) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (i, p) in marks.attribution.iter().enumerate() {
        let inside = p[kind] >= LEAST[kind];
        let begins = p[3 + kind] >= BEGIN;
        let new_line = i > 0 && doc.report.ends_line(Span::new(doc.tokens[i - 1].span.end, doc.tokens[i].span.start));
        match open {
            Some((a, _)) if inside && !begins && !new_line => open = Some((a, i)),
            other => {
                if let Some((a, b)) = other {
                    out.push(a..=b);
                }
                open = inside.then_some((i, i));
            }
        }
    }
    if let Some((a, b)) = open {
        out.push(a..=b);
    }
    out
}

/// The stretch nearest to the cue in its sentence or the ones beside it, a subject or object of the cue before others.
fn nearest(doc: &Document, cue: &Stretch, all: &[Stretch], free: impl Fn(usize) -> bool) -> Option<usize> {
    let sentence = doc.tokens[*cue.start()].sentence;
    (0..all.len())
        .filter(|&k| free(k))
        .map(|k| {
            let s = &all[k];
            let gap = if s.start() > cue.end() { s.start() - cue.end() } else { cue.start().saturating_sub(*s.end()) };
            let away = doc.tokens[*s.start()]
                .sentence
                .abs_diff(sentence)
                .min(doc.tokens[*s.end()].sentence.abs_diff(sentence));
            let linked = s.clone().any(|i| doc.tokens[i].head.is_some_and(|h| cue.contains(&h)));
            (away, !linked, gap, k)
        })
        .filter(|&(away, ..)| away <= 1)
        .min()
        .map(|(.., k)| k)
}

fn spans(doc: &Document, stretch: &Stretch) -> Vec<Span> {
    vec![doc.tokens[*stretch.start()].span.cover(doc.tokens[*stretch.end()].span)]
}
