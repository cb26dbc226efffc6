//! A small document with all its layers, for the tests of this folder.

use super::json::{self, RecordJson};
use crate::document::*;
use crate::record::Record;
use crate::report::Credit;
use crate::{Report, Span};
use serde_json::json;

const TEXT: &str =
    "Raids in İzmir\nTurkish police detained about 12 “irregular” migrants in İzmir on Monday, Anatolian Post said.";

fn span(words: &str) -> Span {
    let start = TEXT.rfind(words).unwrap();
    Span::new(start, start + words.len())
}

/// The words as JSON, counted in code points by other means than [`crate::span::CodePoints`].
fn words(words: &str) -> serde_json::Value {
    let start = TEXT[..span(words).start].chars().count();
    json!({"start": start, "end": start + words.chars().count(), "text": words})
}

/// One report with one event: police detain migrants.
pub(crate) fn raid() -> (Document, Vec<Record>) {
    let report = Report {
        id: "raid".into(),
        text: TEXT.into(),
        title: Some(Span::new(0, TEXT.find('\n').unwrap())),
        published: "2024-03-05".parse().ok(),
        publication: Some("Anatolian Post".into()),
        language: Some("en".into()),
        content_hash: "ab".repeat(32),
        via: vec![Credit { name: "Anatolian Post".into(), span: Some(span("Anatolian Post")) }],
        ..Report::default()
    };
    let place = Place {
        span: span("İzmir"),
        geonameid: Some(311046),
        name: "İzmir".into(),
        lat: 38.41,
        lon: 27.14,
        country_code: Some("TUR".into()),
        province: Some("İzmir".into()),
        city: Some("İzmir".into()),
        feature_code: "PPLA".into(),
        resolution: Resolution::City,
    };
    let time = Time {
        span: span("Monday"),
        kind: TimeKind::Date,
        timex: "2024-03-04".into(),
        start: "2024-03-04".parse().ok(),
        end: "2024-03-04".parse().ok(),
    };
    let body = TEXT.find('\n').unwrap() + 1;
    let doc = Document {
        sentences: vec![
            Sentence { span: Span::new(0, body - 1), tokens: 0..0 },
            Sentence { span: Span::new(body, TEXT.len()), tokens: 0..0 },
        ],
        names: vec![Name { span: span("Turkish"), kind: NameKind::Group }],
        times: vec![time],
        places: vec![place],
        attributions: vec![Saying { source: vec![span("Anatolian Post")], cue: vec![span("said")], content: vec![] }],
        themes: vec!["migration"],
        report,
        ..Document::default()
    };
    let (count, place, said) = (words("about 12"), words("İzmir"), words("said"));
    let source = words("Anatolian Post");
    let party = |text: &str, code: &str, sector: &str, count: serde_json::Value| {
        let words = words(text);
        json!({"entity_text": text, "start": words["start"], "end": words["end"], "code": code, "sector": [sector], "count": count})
    };
    let figure = |by: Option<&serde_json::Value>| {
        let mut figure =
            json!({"min": 12, "max": 12, "text": "about 12", "start": count["start"], "end": count["end"]});
        if let Some(by) = by {
            figure["by"] = by["text"].clone();
            figure["by_start"] = by["start"].clone();
            figure["by_end"] = by["end"].clone();
        }
        figure
    };
    let record: RecordJson = serde_json::from_value(json!({
        "report": "raid", "id": "r1", "event": "COERCE", "mode": ["arrest"], "cameo": "173",
        "mentions": [words("detained"), {"start": 0, "end": 5, "text": "Raids"}],
        "actor": [party("Turkish police", "TUR", "COP", json!(null))],
        "recipient": [party("about 12 “irregular” migrants", "TUR", "CVL", figure(None))],
        "date": "2024-03-04", "enddate": "2024-03-04", "date_basis": "text", "date_text": words("Monday"), "timex": "2024-03-04",
        "event_loc": {"extracted_place": "İzmir", "start": place["start"], "end": place["end"], "resolved_place": "İzmir",
            "geonameid": 311046, "lat": 38.41, "lon": 27.14, "city": "İzmir", "province": "İzmir", "country_code": "TUR",
            "feature_code": "PPLA", "resolution": "city"},
        "size": {"arrested": [figure(Some(&source)), figure(None)]},
        "attribution": [{"source": "Anatolian Post", "start": source["start"], "end": source["end"], "cue": "said",
            "cue_start": said["start"], "cue_end": said["end"], "kind": "indirect"}],
        "certainty": "alleged", "text_info": {"sentence": 1, "start": 0, "end": 0}, "confidence": 0.8125,
    }))
    .unwrap();
    let record = json::parse(TEXT, &record).unwrap();
    (doc, vec![record])
}

/// The record of [`raid`] after `change`, as its JSON.
pub(crate) fn record(change: impl Fn(&mut RecordJson)) -> RecordJson {
    let (doc, records) = raid();
    let mut record = json::records(&doc, &records).remove(0);
    record.cite_info.as_mut().unwrap().url = Some("https://post.example/raids-in-izmir".into());
    change(&mut record);
    record
}

/// The record of [`raid`] after `change`, as an incident of its own, in the export `name`.
pub(crate) fn written(name: &str, change: impl Fn(&mut RecordJson)) -> String {
    String::from_utf8(bytes(name, super::Masking::Roles, &[record(change)])).unwrap()
}

/// `records` as one incident in the export `name`.
pub(crate) fn bytes(name: &str, masking: super::Masking, records: &[RecordJson]) -> Vec<u8> {
    let stories = records.iter().map(|record| {
        let report = record.report.as_deref().unwrap_or_default();
        crate::incident::Story { report, origin: 1, record }
    });
    let incident = crate::Incident::new(stories.collect());
    let records: Vec<&RecordJson> = records.iter().collect();
    let (mut out, mut export) = (Vec::new(), super::open_masked(name, masking).unwrap());
    export.begin(&mut out).unwrap();
    export.row(&super::Row { incident: &incident, records: &records }, &mut out).unwrap();
    export.end(&mut out).unwrap();
    out
}
