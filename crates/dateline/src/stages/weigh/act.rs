//! What speaks for a mode and for a status of an act: the model, the lexicon, the words around it, its date.

use super::{Features, Status, flag, logit};
use crate::document::{Document, Role, Trigger};
use crate::lexicon::Lexicon;
use crate::ontology::Mode;
use crate::record::{Auxiliary, Certainty};
use crate::stages::times;
use crate::status;

/// Days in a year: what ended longer ago is historical (CODEBOOK.md, `auxiliary`).
const YEAR: i32 = 365;

/// What speaks for `mode` holding of the event that `triggers` name.
pub fn mode_features(doc: &Document, lexicon: &Lexicon, mode: Mode, triggers: &[&Trigger]) -> Features {
    let p = |t: &Trigger| t.modes.iter().find(|m| m.0 == mode).map_or(0.0, |m| m.1);
    let best = triggers.iter().map(|t| p(t)).fold(0.0, f32::max);
    let rival = triggers.iter().flat_map(|t| t.modes.iter().filter(|m| m.0 != mode && m.0.event() == mode.event()));
    let rival = rival.map(|m| m.1).fold(0.0, f32::max);
    let (mut own, mut other, mut near) = (false, false, false);
    for t in triggers {
        for c in lexicon.triggers(doc, t.token).iter().filter(|c| c.event == mode.event()) {
            own |= c.mode == Some(mode);
            other |= c.mode.is_some_and(|m| m != mode);
        }
        let sentence = doc.sentences[doc.tokens[t.token].sentence].tokens.clone();
        let around = sentence.start.max(t.token.saturating_sub(AROUND))..sentence.end.min(t.token + AROUND);
        near |= lexicon.modes(doc, mode.event(), around).iter().any(|m| m.0 == mode);
    }
    vec![
        ("bias".into(), 1.0),
        ("p".into(), logit(best)),
        ("rival".into(), logit(rival)),
        ("own_word".into(), flag(own)),
        ("other_word".into(), flag(other)),
        ("word_near".into(), flag(near)),
        ("mentions".into(), (triggers.len().min(6) as f32).ln()),
        (format!("mode:{}:{}", mode.event().name(), mode.name()).into(), 1.0),
    ]
}

/// How many words to either side of a trigger may tell its mode.
const AROUND: usize = 40;

/// What speaks for `status` holding of the event that `triggers` name.
pub fn status_features(doc: &Document, status: Status, triggers: &[&Trigger]) -> Features {
    let p = |t: &Trigger| match status {
        Status::Auxiliary(auxiliary) => t.auxiliary[auxiliary as usize],
        Status::Alleged => t.certainty[1],
        Status::Disputed => t.certainty[2],
    };
    let mean = triggers.iter().map(|t| p(t)).sum::<f32>() / triggers.len() as f32;
    let best = triggers.iter().map(|t| p(t)).fold(0.0, f32::max);
    let said: Vec<status::Status> = triggers.iter().map(|t| status::status(doc, t.token)).collect();
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
    let span = doc.tokens[filler.token].span;
    let Some(index) = doc.times.iter().position(|t| t.span.overlaps(span)) else { return "none" };
    let (start, end) = times::interval(&doc.report.text, &doc.times, index, Some(published));
    let days = |date: jiff::civil::Date| (date - published).get_days();
    match (start, end) {
        (_, Some(end)) if days(end) < -YEAR => "long_ago",
        (_, Some(end)) if days(end) < 0 => "past",
        (Some(start), _) if days(start) > 0 => "ahead",
        (None, None) => "undated",
        _ => "now",
    }
}
