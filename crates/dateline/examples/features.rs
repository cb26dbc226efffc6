//! Prints, for each coded report given, the features that the reasoning stages weigh, for `training/calibrate.py`.
//!
//! usage: features MODEL_DIR [WEIGHTS.toml] < reports.jsonl

use dateline::document::Role;
use dateline::formats::{ReadOptions, Source, read};
use dateline::lexicon::Lexicon;
use dateline::model::Model;
use dateline::record::SizeKind;
use dateline::span::CodePoints;
use dateline::stages::weigh::{self, Contest, Features, Filled, Weights};
use dateline::stages::{events, phrases};
use dateline::{Coder, Document, Span};
use serde_json::{Map, Value, json};
use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: features MODEL_DIR [WEIGHTS.toml] < reports.jsonl")?;
    let file = |name: &str| std::fs::read(format!("{folder}/{name}"));
    let text = |name: &str| std::fs::read_to_string(format!("{folder}/{name}"));
    let model = Model::new(file("model.bin")?.leak(), text("vocab.txt")?.leak(), text("labels.json")?.leak())?;
    let weights: &'static Weights = match std::env::args().nth(2) {
        Some(path) => Box::leak(Box::new(Weights::read(&path, &std::fs::read_to_string(&path)?)?)),
        None => Weights::embedded(),
    };
    let coder = Coder::with_model(Box::leak(Box::new(model))).with_weights(weights);
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input)?;
    let options = ReadOptions { force: true, ..ReadOptions::default() };
    let source = Source { name: "stdin.jsonl", bytes: &input, hint: None, options: &options };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for report in read(source) {
        let doc = coder.annotate(report?);
        writeln!(out, "{}", line(&doc, weights))?;
    }
    Ok(())
}

fn line(doc: &Document, weights: &Weights) -> Value {
    let points = CodePoints::new(&doc.report.text);
    let at = |span: Span| json!([points.at(span.start), points.at(span.end)]);
    let lexicon = Lexicon::embedded();
    let triggers: Vec<Value> = doc
        .triggers
        .iter()
        .map(|t| json!({"span": at(doc.tokens[t.token].span), "event": t.event.name(), "p": t.events, "aux": t.auxiliary, "cert": t.certainty, "basis": t.basis}))
        .collect();
    let mut pairs = Vec::new();
    let mut links = Vec::new();
    for (j, b) in doc.triggers.iter().enumerate() {
        for (i, a) in doc.triggers[..j].iter().enumerate().filter(|(_, a)| a.event == b.event) {
            pairs.push(json!([i, j, object(weigh::same_features(doc, a, b))]));
        }
        for role in roles() {
            for (head, phrase) in weigh::candidates(doc, b, role) {
                let features = object(weigh::link_features(doc, lexicon, b, role, head, phrase));
                links.push(json!([name(role), j, at(phrases::span(doc, phrase.0, phrase.1)), features]));
            }
        }
    }
    let events: Vec<Value> = events::events(doc, weights)
        .iter()
        .map(|e| {
            let triggers: Vec<_> = e.triggers.iter().map(|&i| &doc.triggers[i]).collect();
            let status = weigh::status_features(doc, &triggers).map(object);
            let modes: Map<String, Value> = weigh::mode_features(doc, lexicon, e.event, &triggers)
                .into_iter()
                .map(|(mode, features)| (mode.name().to_owned(), object(features)))
                .collect();
            let event = object(weigh::event_features(doc, lexicon, e.event, &triggers));
            let contest = Contest::new(doc, lexicon, weights, &triggers);
            let fills: Vec<Value> = roles().flat_map(|role| fills(doc, &at, &contest, role)).collect();
            json!([e.event.name(), e.triggers, event, status, modes, fills])
        })
        .collect();
    json!({"report": doc.report.id, "triggers": triggers, "pairs": pairs, "links": links, "events": events})
}

fn roles() -> impl Iterator<Item = Role> {
    [Role::Actor, Role::Recipient, Role::Source, Role::Place, Role::Time]
        .into_iter()
        .chain(SizeKind::ALL.map(Role::Size))
}

fn name(role: Role) -> String {
    match role {
        Role::Size(kind) => format!("size:{}", kind.name()),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// The contenders for a role of an event: role, span, features.
fn fills(doc: &Document, at: &dyn Fn(Span) -> Value, contest: &Contest, role: Role) -> Vec<Value> {
    let row = |(filled, features): (Filled, Features)| {
        json!([name(role), at(phrases::span(doc, filled.phrase.0, filled.phrase.1)), object(features)])
    };
    contest.weighed(role).into_iter().map(row).collect()
}

fn object(features: Features) -> Value {
    Value::Object(
        features.into_iter().filter(|f| f.1 != 0.0).map(|(k, v)| (k.into_owned(), v.into())).collect::<Map<_, _>>(),
    )
}
