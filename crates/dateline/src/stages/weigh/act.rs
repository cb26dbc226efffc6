//! What speaks for a mode and for a status of an act: the model, the lexicon, the words around it, its date.

use super::{Features, Status, flag, logit};
use crate::document::{Document, Role, Trigger};
use crate::lexicon::Lexicon;
use crate::ontology::{EventType, Mode};
use crate::record::{Auxiliary, Certainty};
use crate::stages::times;
use crate::status;

/// Days in a year: what ended longer ago is historical (CODEBOOK.md, `auxiliary`).
const YEAR: i32 = 365;

/// What speaks for each mode of the category `event` holding of the event that `triggers` name.
pub fn mode_features(
    doc: &Document,
    lexicon: &Lexicon,
    event: EventType,
    triggers: &[&Trigger],
) -> Vec<(Mode, Features)> {
    let (mut own, mut near) = (Vec::new(), Vec::new());
    for t in triggers {
        own.extend(lexicon.triggers(doc, t.token).iter().filter(|c| c.event == event).filter_map(|c| c.mode));
        let sentence = doc.sentences[doc.tokens[t.token].sentence].tokens.clone();
        let around = sentence.start.max(t.token.saturating_sub(AROUND))..sentence.end.min(t.token + AROUND);
        near.extend(lexicon.modes(doc, event, around).into_iter().map(|m| m.0));
    }
    let best = |of: &dyn Fn(Mode) -> bool| {
        triggers.iter().flat_map(|t| &t.modes).filter(|m| of(m.0)).map(|m| m.1).fold(0.0, f32::max)
    };
    let features = |mode: Mode| -> Features {
        vec![
            ("bias".into(), 1.0),
            ("p".into(), logit(best(&|m| m == mode))),
            ("rival".into(), logit(best(&|m| m != mode && m.event() == event))),
            ("own_word".into(), flag(own.contains(&mode))),
            ("other_word".into(), flag(own.iter().any(|m| *m != mode))),
            ("word_near".into(), flag(near.contains(&mode))),
            ("mentions".into(), (triggers.len().min(6) as f32).ln()),
            (format!("mode:{}:{}", event.name(), mode.name()).into(), 1.0),
        ]
    };
    Mode::all().filter(|mode| mode.event() == event).map(|mode| (mode, features(mode))).collect()
}

/// How many words to either side of a trigger may tell its mode.
const AROUND: usize = 40;

/// What speaks for each status holding of the event that `triggers` name, in the order of [`Status::ALL`].
pub fn status_features(doc: &Document, triggers: &[&Trigger]) -> [Features; 6] {
    let said: Vec<status::Status> = triggers.iter().map(|t| status::status(doc, t.token)).collect();
    Status::ALL.map(|status| one_status(doc, status, triggers, &said))
}

/// What speaks for one status; `said` is what the words around each trigger say.
fn one_status(doc: &Document, status: Status, triggers: &[&Trigger], said: &[status::Status]) -> Features {
    let p = |t: &Trigger| match status {
        Status::Auxiliary(auxiliary) => t.auxiliary[auxiliary as usize],
        Status::Alleged => t.certainty[1],
        Status::Disputed => t.certainty[2],
    };
    let mean = triggers.iter().map(|t| p(t)).sum::<f32>() / triggers.len() as f32;
    let best = triggers.iter().map(|t| p(t)).fold(0.0, f32::max);
    let says = |s: &status::Status, wanted: Status| match wanted {
        Status::Auxiliary(auxiliary) => s.auxiliary.iter().any(|a| a.0 == auxiliary),
        Status::Alleged => s.certainty.0 == Certainty::Alleged,
        Status::Disputed => s.certainty.0 == Certainty::Disputed,
    };
    let share = said.iter().filter(|s| says(s, status)).count() as f32 / said.len() as f32;
    let first = &doc.tokens[triggers[0].token];
    let mut out: Features = vec![
        ("bias".into(), 1.0),
        ("p".into(), logit(mean)),
        ("best".into(), logit(best)),
        ("cue".into(), share),
        ("cue_any".into(), flag(share > 0.0)),
        ("cue_first".into(), flag(says(&said[0], status))),
        ("noun".into(), flag(first.upos == "NOUN")),
        ("mentions".into(), (triggers.len().min(6) as f32).ln()),
        (format!("event:{}", triggers[0].event.name()).into(), 1.0),
    ];
    for other in Status::ALL.into_iter().filter(|o| *o != status) {
        let name = match other {
            Status::Auxiliary(auxiliary) => format!("cue:{auxiliary:?}"),
            other => format!("cue:{other:?}"),
        };
        out.push((name.to_lowercase().into(), flag(said.iter().any(|s| says(s, other)))));
    }
    if let Status::Auxiliary(Auxiliary::Historical | Auxiliary::Future) = status {
        out.push((format!("when:{}", when(doc, triggers)).into(), 1.0));
    }
    out
}

/// When the model's likeliest time words lie, seen from publication.
fn when(doc: &Document, triggers: &[&Trigger]) -> &'static str {
    let Some(published) = doc.report.published else { return "unknown" };
    let fillers = triggers.iter().flat_map(|t| t.roles.iter()).filter(|f| f.role == Role::Time && f.p >= 0.4);
    let Some(filler) = fillers.max_by(|a, b| a.p.total_cmp(&b.p)) else { return "none" };
    let Some((start, end)) = times::interval_at(doc, doc.tokens[filler.token].span) else { return "none" };
    let days = |date: jiff::civil::Date| (date - published).get_days();
    match (start, end) {
        (_, Some(end)) if days(end) < -YEAR => "long_ago",
        (_, Some(end)) if days(end) < 0 => "past",
        (Some(start), _) if days(start) > 0 => "ahead",
        (None, None) => "undated",
        _ => "now",
    }
}
