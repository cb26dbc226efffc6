//! Records as W3C Web Annotations (JSON-LD, Recommendation of 2017): one annotation a record, which classifies the words it rests on.
//!
//! Every stretch of words is a target with two selectors for the same segment: the quote, with what stands before and behind it
//! in its sentence, and the position in Unicode code points. Positions count in the clean text, so that the target is that text,
//! by the hash of its content, obtained `via` the address. Whoever anchors must find both agree, or leave the annotation an
//! orphan. Words that name a private person have no target.

use super::json::RecordJson;
use super::{Export, Row, mask};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes an annotation page.
#[derive(Debug, Default)]
pub struct Annotations {
    written: bool,
}

/// Code points of the sentence on each side of a quote.
const AROUND: usize = 32;

impl Export for Annotations {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"@context\":\"http://www.w3.org/ns/anno.jsonld\",\"id\":\"urn:dateline:annotations\",")?;
        out.write_all(b"\"type\":\"AnnotationPage\",\"items\":[")
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        for record in row.records {
            let Some(annotation) = annotation(record, &row.incident.id) else { continue };
            out.write_all(if self.written { b",\n" } else { b"\n" })?;
            self.written = true;
            serde_json::to_writer(&mut *out, &annotation).map_err(io::Error::from)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}

/// The annotation of a record; `None` where it rests on no words (imports).
fn annotation(record: &RecordJson, incident: &str) -> Option<Value> {
    let targets = targets(record);
    if targets.is_empty() {
        return None;
    }
    let event = record.event.as_deref().unwrap_or_default();
    let tags = std::iter::once(event).chain(record.mode.iter().map(String::as_str));
    let mut body: Vec<Value> = tags.map(|tag| text_body(tag, "classifying")).collect();
    let certainty = record.certainty.iter().map(String::as_str).chain(record.auxiliary.iter().map(String::as_str));
    body.extend(certainty.map(|tag| text_body(tag, "assessing")));
    Some(json!({
        "id": format!("urn:dateline:record:{}", record.id.as_deref().unwrap_or_default()),
        "type": "Annotation",
        "motivation": "classifying",
        "generator": {"type": "Software", "name": record.coder},
        "body": body,
        "target": targets,
        "partOf": format!("urn:dateline:incident:{incident}"),
    }))
}

fn text_body(value: &str, purpose: &str) -> Value {
    json!({"type": "TextualBody", "value": value, "format": "text/plain", "purpose": purpose})
}

/// The words of mentions, parties, place and date, each once.
fn targets(record: &RecordJson) -> Vec<Value> {
    let mentions = record.mentions.iter().map(|words| ("mention", &words.text, words.start, words.end));
    let actors = record.actor.iter().map(|party| ("actor", &party.entity_text, party.start, party.end));
    let recipients = record.recipient.iter().map(|party| ("recipient", &party.entity_text, party.start, party.end));
    let place = record.event_loc.iter().map(|place| ("place", &place.extracted_place, place.start, place.end));
    let date = record.date_text.iter().map(|words| ("date", &words.text, words.start, words.end));
    let all = mentions.chain(actors).chain(recipients).chain(place).chain(date);
    all.filter_map(|(role, exact, start, end)| target(record, role, exact.as_deref()?, start?, end?)).collect()
}

/// A target; `None` where the words are no longer those of the report.
fn target(record: &RecordJson, role: &str, exact: &str, start: usize, end: usize) -> Option<Value> {
    if exact.chars().count() != end.checked_sub(start)? {
        return None;
    }
    let cite = record.cite_info.clone().unwrap_or_default();
    let hash = cite.content_hash.unwrap_or_default();
    let mut source = json!({"id": format!("urn:dateline:text:{hash}"), "type": "Text", "format": "text/plain"});
    if let Some(language) = cite.language {
        source["language"] = json!(language);
    }
    if let Some(url) = cite.url {
        source["via"] = json!(url);
    }
    let mut quote = json!({"type": "TextQuoteSelector", "exact": exact});
    if let Some((prefix, suffix)) = around(record, exact, start) {
        quote["prefix"] = json!(prefix);
        quote["suffix"] = json!(suffix);
    }
    let position = json!({"type": "TextPositionSelector", "start": start, "end": end});
    Some(json!({"type": "SpecificResource", "label": role, "source": source, "selector": [quote, position]}))
}

/// What stands before and behind the words in the sentence of the first mention, where that is where they stand and no name in it
/// is masked.
fn around(record: &RecordJson, exact: &str, start: usize) -> Option<(String, String)> {
    let sentence = record.text.as_deref().filter(|text| !text.contains(mask::MASK))?;
    let sentence: Vec<char> = sentence.chars().collect();
    let at = start.checked_sub(record.text_info.as_ref()?.start)?;
    let exact: Vec<char> = exact.chars().collect();
    let end = at + exact.len();
    if sentence.get(at..end)? != exact.as_slice() {
        return None;
    }
    let prefix = sentence[at.saturating_sub(AROUND)..at].iter().collect();
    let suffix = sentence[end..sentence.len().min(end + AROUND)].iter().collect();
    Some((prefix, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::sample;

    fn items(change: impl Fn(&mut RecordJson)) -> Vec<Value> {
        let page: Value = serde_json::from_str(&sample::written("web-annotation", change)).unwrap();
        assert_eq!(page["@context"], "http://www.w3.org/ns/anno.jsonld");
        page["items"].as_array().unwrap().clone()
    }

    #[test]
    fn selectors_quote_the_text_at_their_code_points() {
        let (doc, _) = sample::raid();
        let text: Vec<char> = doc.report.text.chars().collect();
        let items = items(|_| ());
        let targets = items[0]["target"].as_array().unwrap();
        assert_eq!(targets.len(), 6);
        for target in targets {
            let (quote, position) = (&target["selector"][0], &target["selector"][1]);
            let at = |end: &str| position[end].as_u64().unwrap() as usize;
            let there: String = text[at("start")..at("end")].iter().collect();
            assert_eq!(quote["exact"], there);
            if let Some(prefix) = quote["prefix"].as_str() {
                let before: String = text[..at("start")].iter().collect();
                assert!(before.ends_with(prefix), "{prefix}");
                let behind: String = text[at("end")..].iter().collect();
                assert!(behind.starts_with(quote["suffix"].as_str().unwrap()));
            }
        }
    }

    #[test]
    fn masked_words_have_no_target() {
        let items = items(|record| {
            record.persons = Some(vec!["Tomas Orwele".into()]);
            record.recipient[0].entity_text = Some("Tomas Orwele".into());
        });
        assert_eq!(items[0]["target"].as_array().unwrap().len(), 5);
    }

    #[test]
    fn records_without_words_are_left_out() {
        assert!(items(|record| *record = RecordJson { id: Some("x".into()), ..RecordJson::default() }).is_empty());
    }
}
