//! Which phrases fill a role of an event. Each trigger weighs its candidates on its own ([`super::link_features`]); then the
//! candidates of all its triggers are weighed against each other, as most events have one actor, one place, one time.

use super::{Features, Weights, candidates, flag, link_features, logit};
use crate::document::{Document, Role, Trigger};
use crate::lexicon::Lexicon;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A phrase that may fill a role of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// Its head token.
    pub head: usize,
    /// Its first and last token.
    pub phrase: (usize, usize),
    /// What the triggers say: the greatest probability of any, and their mean.
    pub by_trigger: (f32, f32),
    /// How many triggers considered it.
    pub considered: usize,
    /// Probability that it fills the role of the event.
    pub p: f32,
}

/// The contenders for the roles of one event. Those for actor and recipient are rivals, and are worked out once for both.
pub struct Contest<'d> {
    doc: &'d Document,
    lexicon: &'d Lexicon,
    weights: &'d Weights,
    triggers: &'d [&'d Trigger],
    actors: Vec<Filled>,
    recipients: Vec<Filled>,
}

impl<'d> Contest<'d> {
    /// The contest for the roles of the event that `triggers` name.
    pub fn new(doc: &'d Document, lexicon: &'d Lexicon, weights: &'d Weights, triggers: &'d [&'d Trigger]) -> Self {
        let found = |role| contenders(doc, lexicon, weights, triggers, role);
        let (actors, recipients) = (found(Role::Actor), found(Role::Recipient));
        Self { doc, lexicon, weights, triggers, actors, recipients }
    }

    /// The contenders for `role` in the order of the text, each with what speaks for it.
    pub fn weighed(&self, role: Role) -> Vec<(Filled, Features)> {
        let all = match role {
            Role::Actor => Cow::Borrowed(&self.actors),
            Role::Recipient => Cow::Borrowed(&self.recipients),
            _ => Cow::Owned(contenders(self.doc, self.lexicon, self.weights, self.triggers, role)),
        };
        let rivals: &[Filled] = match role {
            Role::Actor | Role::Source => &self.recipients,
            Role::Recipient => &self.actors,
            _ => &[],
        };
        let features = |k| fill_features(self.doc, self.triggers, role, &all, rivals, k);
        (0..all.len()).map(|k| (all[k].clone(), features(k))).collect()
    }

    /// The phrases that fill `role`, in the order of the text.
    pub fn fill(&self, role: Role) -> Vec<Filled> {
        let table = self.weights.event_role(role);
        self.weighed(role)
            .into_iter()
            .map(|(filled, features)| Filled { p: table.probability(&features), ..filled })
            .filter(|f| f.p >= table.least)
            .collect()
    }
}

/// The candidates of an event for `role` with what its triggers say of each, in the order of the text; `p` is not yet known.
fn contenders(doc: &Document, lexicon: &Lexicon, weights: &Weights, triggers: &[&Trigger], role: Role) -> Vec<Filled> {
    let table = weights.role(role);
    let mut found: BTreeMap<usize, Filled> = BTreeMap::new();
    for trigger in triggers {
        for (head, phrase) in candidates(doc, trigger, role) {
            let p = table.probability(&link_features(doc, lexicon, trigger, role, head, phrase));
            let new = || Filled { head, phrase, by_trigger: (0.0, 0.0), considered: 0, p: 0.0 };
            let filled = found.entry(head).or_insert_with(new);
            if p > filled.by_trigger.0 {
                filled.by_trigger.0 = p;
                filled.phrase = phrase;
            }
            filled.by_trigger.1 += p;
            filled.considered += 1;
        }
    }
    let mut found: Vec<Filled> = found.into_values().collect();
    found.iter_mut().for_each(|f| f.by_trigger.1 /= triggers.len() as f32);
    found
}

/// What speaks for the `k`th of the contenders `all` filling `role` of the event; `rivals` are the contenders for the other side of
/// the act, or none.
fn fill_features(
    doc: &Document,
    triggers: &[&Trigger],
    role: Role,
    all: &[Filled],
    rivals: &[Filled],
    k: usize,
) -> Features {
    let me = &all[k];
    let others = || all.iter().enumerate().filter(|(i, _)| *i != k).map(|(_, f)| f);
    let best_other = others().map(|f| f.by_trigger.0).fold(0.0, f32::max);
    let rival = rivals.iter().find(|f| f.head == me.head).map_or(0.0, |f| f.by_trigger.0);
    let best_rival = rivals.iter().filter(|f| f.head != me.head).map(|f| f.by_trigger.0).fold(0.0, f32::max);
    let expected: f32 = others().map(|f| f.by_trigger.0).sum();
    let head = &doc.tokens[me.head];
    let joined = |f: &Filled| {
        let other = &doc.tokens[f.head];
        head.deprel == "conj" && head.head == Some(f.head) || other.deprel == "conj" && other.head == Some(me.head)
    };
    let coordinated = others().filter(|f| joined(f)).map(|f| f.by_trigger.0).fold(0.0, f32::max);
    // "officials in Pristina": the noun below another contender is mostly part of it
    let above = head.head.filter(|_| head.deprel.starts_with("nmod"));
    let under = others().filter(|f| Some(f.head) == above).map(|f| f.by_trigger.0).fold(0.0, f32::max);
    let words = |f: &Filled| crate::stages::phrases::span(doc, f.phrase.0, f.phrase.1).of(&doc.report.text);
    let namesake = others().filter(|f| words(f).eq_ignore_ascii_case(words(me)));
    let namesake = namesake.map(|f| f.by_trigger.0).fold(0.0, f32::max);
    let apart = triggers.iter().map(|t| doc.tokens[t.token].sentence.abs_diff(head.sentence)).min().unwrap_or(0);
    let mut out: Features = vec![
        ("bias".into(), 1.0),
        ("p".into(), logit(me.by_trigger.0)),
        ("mean".into(), logit(me.by_trigger.1)),
        ("triggers".into(), (triggers.len().min(6) as f32).ln()),
        ("considered".into(), me.considered as f32 / triggers.len() as f32),
        ("best".into(), flag(me.by_trigger.0 > best_other)),
        ("gap".into(), logit(me.by_trigger.0) - logit(best_other)),
        ("expected".into(), expected.min(4.0)),
        ("coordinated".into(), coordinated),
        ("rival".into(), logit(rival)),
        ("rival_gap".into(), logit(me.by_trigger.0) - logit(rival)),
        ("best_rival".into(), logit(best_rival)),
        ("under".into(), under),
        ("under_gap".into(), if under > 0.0 { logit(me.by_trigger.0) - logit(under) } else { 0.0 }),
        ("namesake".into(), logit(namesake)),
        ("apart".into(), apart.min(6) as f32 / 6.0),
        ("name".into(), flag(head.upos == "PROPN")),
        ("alone".into(), flag(all.len() == 1)),
    ];
    if let Role::Size(kind) = role {
        out.push((format!("kind:{}", kind.name()).into(), 1.0));
    } else {
        out.push((format!("event:{}", triggers[0].event.name()).into(), 1.0));
    }
    out
}
