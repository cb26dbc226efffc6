//! Gathers trigger words into events: the mentions of one act in a report belong together (CODEBOOK.md, "What is coded").

use super::times;
use super::weigh::{self, Weights};
use crate::Span;
use crate::document::{Document, Role, Trigger};
use crate::ontology::EventType;
use jiff::civil::Date;

/// The mentions of one act in a report, as indices into [`Document::triggers`], in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Category.
    pub event: EventType,
    /// Its trigger words.
    pub triggers: Vec<usize>,
}

/// The events of `doc`, in order of first mention: triggers of one category join while the mean probability that they name one
/// event is high enough (average linkage).
pub fn events(doc: &Document, weights: &Weights) -> Vec<Event> {
    let mut events = Vec::new();
    for event in EventType::ALL {
        let members: Vec<usize> = (0..doc.triggers.len()).filter(|&i| doc.triggers[i].event == event).collect();
        events.extend(gather(doc, weights, &members).into_iter().map(|triggers| Event { event, triggers }));
    }
    events.sort_by_key(|e| e.triggers[0]);
    events
}

/// More triggers of one category than this in a report are gathered in runs of so many, to keep long texts quick.
const MOST: usize = 200;

fn gather(doc: &Document, weights: &Weights, members: &[usize]) -> Vec<Vec<usize>> {
    members.chunks(MOST).flat_map(|run| gather_run(doc, weights, run)).collect()
}

fn gather_run(doc: &Document, weights: &Weights, members: &[usize]) -> Vec<Vec<usize>> {
    let n = members.len();
    let mut alike = vec![0.0f32; n * n];
    let days: Vec<Option<(Date, Date)>> = members.iter().map(|&i| own_days(doc, &doc.triggers[i])).collect();
    let disjoint = |i: usize, j: usize| match (days[i], days[j]) {
        (Some(a), Some(b)) => a.1 < b.0 || b.1 < a.0,
        _ => false,
    };
    for j in 0..n {
        for i in 0..j {
            let (a, b) = (&doc.triggers[members[i]], &doc.triggers[members[j]]);
            let p = if one_word(doc, a, b) { 1.0 } else { weights.same.probability(&weigh::same_features(doc, a, b)) };
            alike[i * n + j] = p;
            alike[j * n + i] = p;
        }
    }
    let mut groups: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
    while let Some((x, y)) = nearest(&groups, &alike, n, weights.same.least, &disjoint) {
        let moved = groups.remove(y);
        groups[x].extend(moved);
        groups[x].sort_unstable();
    }
    groups.into_iter().map(|g| g.into_iter().map(|i| members[i]).collect()).collect()
}

/// The two groups that are most alike on average, where that is at least `least` and no two of their triggers are told of `disjoint`
/// days; the first of equals.
fn nearest(
    groups: &[Vec<usize>],
    alike: &[f32],
    n: usize,
    least: f32,
    disjoint: &dyn Fn(usize, usize) -> bool,
) -> Option<(usize, usize)> {
    let mut best: Option<(f32, usize, usize)> = None;
    for y in 0..groups.len() {
        for x in 0..y {
            if groups[x].iter().any(|&i| groups[y].iter().any(|&j| disjoint(i, j))) {
                continue;
            }
            let sum: f32 = groups[x].iter().flat_map(|&i| groups[y].iter().map(move |&j| alike[i * n + j])).sum();
            let mean = sum / (groups[x].len() * groups[y].len()) as f32;
            if mean >= least && best.is_none_or(|b| mean > b.0) {
                best = Some((mean, x, y));
            }
        }
    }
    best.map(|(_, x, y)| (x, y))
}

/// The days on which a trigger's own sentence puts its act, where the model is sure of the time words and both ends are known.
fn own_days(doc: &Document, trigger: &Trigger) -> Option<(Date, Date)> {
    let sentence = doc.tokens[trigger.token].sentence;
    let sure = trigger.roles.iter().filter(|f| f.role == Role::Time && f.p >= 0.5);
    let beside = sure.filter(|f| doc.tokens[f.token].sentence == sentence);
    let filler = beside.max_by(|a, b| a.p.total_cmp(&b.p))?;
    let (start, end) = times::interval_at(doc, doc.tokens[filler.token].span)?;
    Some((start?, end?))
}

/// Whether two neighbouring triggers are one expression: a particle, or a noun with its light verb.
fn one_word(doc: &Document, a: &Trigger, b: &Trigger) -> bool {
    let (a, b) = (a.token.min(b.token), a.token.max(b.token));
    let (x, y) = (&doc.tokens[a], &doc.tokens[b]);
    let linked = y.head == Some(a) || x.head == Some(b);
    let particle = matches!(y.upos, "ADP" | "ADV" | "PART") || matches!(y.deprel, "compound:prt" | "compound" | "obj");
    a + 1 == b && x.sentence == y.sentence && linked && (particle || matches!(x.deprel, "compound" | "amod"))
}

/// Words of the event's mentions, neighbouring trigger words as one mention, in order.
pub fn mentions(doc: &Document, event: &Event) -> Vec<Span> {
    let mut out: Vec<(Span, usize)> = Vec::new();
    for &i in &event.triggers {
        let token = doc.triggers[i].token;
        let span = doc.tokens[token].span;
        match out.last_mut() {
            Some((last, at)) if *at + 1 == token && doc.tokens[*at].sentence == doc.tokens[token].sentence => {
                *last = last.cover(span);
                *at = token;
            }
            _ => out.push((span, token)),
        }
    }
    out.into_iter().map(|(span, _)| span).collect()
}
