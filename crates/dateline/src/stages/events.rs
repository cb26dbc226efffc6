//! Gathers trigger words into events: the mentions of one act in a report belong together (CODEBOOK.md, "What is coded").

use crate::Span;
use crate::document::{Document, Filler, Role, Trigger};
use crate::ontology::EventType;
use std::collections::BTreeMap;

/// The mentions of one act in a report, as indices into [`Document::triggers`], in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Category.
    pub event: EventType,
    /// Its trigger words.
    pub triggers: Vec<usize>,
}

/// Two triggers are one event from this probability on; tuned on the held-out coded reports of training, 2026-11.
const SAME: f32 = 0.5;

/// The events of `doc`, in order of first mention.
pub fn events(doc: &Document) -> Vec<Event> {
    let n = doc.triggers.len();
    let mut group: Vec<usize> = (0..n).collect();
    for (i, j) in pairs(doc) {
        join(&mut group, i, j);
    }
    let mut by_root: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for i in 0..n {
        by_root.entry(root(&group, i)).or_default().push(i);
    }
    let mut events: Vec<Event> =
        by_root.into_values().map(|triggers| Event { event: doc.triggers[triggers[0]].event, triggers }).collect();
    events.sort_by_key(|e| e.triggers[0]);
    events
}

fn root(group: &[usize], mut i: usize) -> usize {
    while group[i] != i {
        i = group[i];
    }
    i
}

fn join(group: &mut [usize], i: usize, j: usize) {
    let (a, b) = (root(group, i), root(group, j));
    group[a.max(b)] = a.min(b);
}

/// Pairs of triggers that name the same event.
fn pairs(doc: &Document) -> Vec<(usize, usize)> {
    let at: BTreeMap<usize, usize> = doc.triggers.iter().enumerate().map(|(i, t)| (t.token, i)).collect();
    let mut out = Vec::new();
    for (i, t) in doc.triggers.iter().enumerate() {
        // words of one multiword trigger: "cracking down", "opened fire"
        if let Some(&j) = at.get(&(t.token + 1)) {
            let next = &doc.triggers[j];
            if next.event == t.event
                && doc.tokens[t.token].sentence == doc.tokens[next.token].sentence
                && one_word(doc, t, next)
            {
                out.push((i, j));
            }
        }
        for &(token, p) in &t.same {
            let Some(&j) = at.get(&token) else { continue };
            let other = &doc.triggers[j];
            let back = other.same.iter().find(|s| s.0 == t.token).map_or(p, |s| s.1);
            if i < j && other.event == t.event && (p + back) / 2.0 >= SAME {
                out.push((i, j));
            }
        }
    }
    out.extend(distant_pairs(doc));
    out
}

/// Whether two neighbouring triggers are one expression: a particle, or a noun with its light verb.
fn one_word(doc: &Document, a: &Trigger, b: &Trigger) -> bool {
    let (x, y) = (&doc.tokens[a.token], &doc.tokens[b.token]);
    let linked = y.head == Some(a.token) || x.head == Some(b.token);
    let particle = matches!(y.upos, "ADP" | "ADV" | "PART");
    let inner = matches!(y.deprel, "compound:prt" | "compound" | "obj") || matches!(x.deprel, "compound" | "amod");
    linked && (particle || inner)
}

/// Mentions too far apart for the model to have seen them together: the same word for the act and the same party in a role.
fn distant_pairs(doc: &Document) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (j, b) in doc.triggers.iter().enumerate() {
        for (i, a) in doc.triggers[..j].iter().enumerate() {
            let unseen = !a.same.iter().any(|s| s.0 == b.token);
            if unseen
                && a.event == b.event
                && doc.tokens[a.token].lemma == doc.tokens[b.token].lemma
                && shared_party(doc, a, b)
            {
                out.push((i, j));
            }
        }
    }
    out
}

fn shared_party(doc: &Document, a: &Trigger, b: &Trigger) -> bool {
    let heads = |t: &Trigger, role: Role| -> Vec<&str> {
        t.roles
            .iter()
            .filter(|f| f.role == role && f.p >= 0.5 && matches!(doc.tokens[f.token].upos, "NOUN" | "PROPN"))
            .map(|f| doc.tokens[f.token].lemma.as_str())
            .collect()
    };
    let meets = |role| {
        let (x, y) = (heads(a, role), heads(b, role));
        (x.is_empty() && y.is_empty()) || x.iter().any(|w| y.contains(w))
    };
    let some = |role| !heads(a, role).is_empty();
    (some(Role::Actor) || some(Role::Recipient)) && meets(Role::Actor) && meets(Role::Recipient)
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

/// Probability of each word in each role of the event: the greatest that any of its mentions gives.
pub fn fillers(doc: &Document, event: &Event) -> Vec<Filler> {
    let mut best: BTreeMap<(Role, usize), f32> = BTreeMap::new();
    for &i in &event.triggers {
        for f in &doc.triggers[i].roles {
            let p = best.entry((f.role, f.token)).or_insert(0.0);
            *p = p.max(f.p);
        }
    }
    best.into_iter().map(|((role, token), p)| Filler { role, token, p }).collect()
}

/// A run of neighbouring words in one role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// Greatest probability in the run.
    pub p: f32,
}

/// Runs of words in `role` with at least probability `least`; a single doubtful word between two sure ones does not part them.
pub fn runs(doc: &Document, fillers: &[Filler], role: Role, least: f32) -> Vec<Run> {
    let p_of = |token: usize| fillers.iter().find(|f| f.role == role && f.token == token).map_or(0.0, |f| f.p);
    let mut out: Vec<Run> = Vec::new();
    for f in fillers.iter().filter(|f| f.role == role && f.p >= least) {
        let sentence = doc.tokens[f.token].sentence;
        match out.last_mut() {
            Some(run)
                if doc.tokens[run.last].sentence == sentence
                    && (run.last + 1 == f.token || run.last + 2 == f.token && p_of(run.last + 1) >= least * 0.5) =>
            {
                run.last = f.token;
                run.p = run.p.max(f.p);
            }
            _ => out.push(Run { first: f.token, last: f.token, p: f.p }),
        }
    }
    out
}
