//! ninjs (IPTC, News in JSON 1.3, 2.x and 3.x): an agency's item as JSON.

use super::fields;
use super::input::Input;
use super::json::{self, words};
use super::story::{Body, Story};
use super::walk::Founds;
use serde_json::{Map, Value};

/// Whether the beginning of a file is ninjs.
pub(crate) fn begins(head: &str) -> bool {
    head.starts_with(['{', '['])
        && ["\"ninjs\"", "ninjs-schema", "\"body_xhtml\"", "\"pubstatus\""].iter().any(|key| head.contains(key))
}

/// The reports of `input`.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    json::open(input)
}

/// Whether an object is a ninjs item: it has the marks of one, or its bodies or headlines in lists (2.x).
pub(crate) fn is(object: &Map<String, Value>) -> bool {
    ["pubstatus", "pubStatus", "bodies", "headlines", "body_xhtml", "standard"]
        .iter()
        .any(|key| object.contains_key(*key))
        && ["uri", "versioncreated", "versionCreated", "firstCreated", "firstcreated"]
            .iter()
            .any(|key| object.contains_key(*key))
}

/// The story in an item; the error is the message.
pub(crate) fn story(object: &Map<String, Value>) -> Result<Story, String> {
    let status = ["pubstatus", "pubStatus"].iter().find_map(|key| object.get(*key)?.as_str());
    if let Some(status @ ("withheld" | "canceled" | "cancelled")) = status {
        return Err(format!("the agency says the item is {status}; it is left out"));
    }
    let bodies = object.get("bodies").and_then(Value::as_array);
    let body = bodies.and_then(|bodies| bodies.iter().max_by_key(|body| words(body).map_or(0, |words| words.len())));
    let headline =
        object.get("headlines").and_then(Value::as_array).and_then(|headlines| headlines.first()).and_then(words);
    let mut pairs: Vec<(&str, String)> =
        object.iter().filter_map(|(name, value)| Some((name.as_str(), words(value)?))).collect();
    if let Some(words) = body.and_then(words) {
        pairs.push(("text", words));
    }
    pairs.extend(headline.map(|headline| ("headline", headline)));
    let mut story = fields::story(pairs.into_iter())?;
    if let (Body::Text(words), true) = (&story.body, has_markup(object, body)) {
        story.body = Body::Html(words.clone());
    }
    Ok(story)
}

/// Whether the body is markup although it has no paragraphs.
fn has_markup(object: &Map<String, Value>, body: Option<&Value>) -> bool {
    let kind = |body: &Value| {
        ["contentType", "contenttype"].iter().find_map(|key| Some(body.get(*key)?.as_str()?.contains("html")))
    };
    body.map_or(!object.contains_key("body_text"), |body| kind(body).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, texts};
    use crate::formats::{Format, detect};

    #[test]
    fn items_of_both_generations_are_read() {
        let one = r#"{"uri":"urn:town:1","type":"text","versioncreated":"2020-03-04T10:00:00Z","pubstatus":"usable","headline":"Raid",
            "byline":"Ada Lee",
            "copyrightholder":"Town Wire","language":"en","body_xhtml":"<p>Police raided homes.</p><p>Five were held.</p>"}"#;
        let two = r#"{"standard":{"name":"ninjs","version":"2.0"},"uri":"urn:town:2","versionCreated":"2020-03-05T10:00:00Z",
            "headlines":[{"role":"main","value":"Raid"}],"bodies":[{"role":"short","value":"Raid."},{"role":"main",
            "contentType":"text/html",
            "value":"<div>Police raided homes.<br>Five were held.</div>"}],"by":"Ada Lee","infosources":[{"name":"Town Wire"}]}"#;
        for (json, day) in [(one, 4), (two, 5)] {
            assert_eq!(detect("a.json", json.as_bytes()), Format::Ninjs);
            let items = all("a.json", json.as_bytes());
            assert_eq!(texts(&items), ["Raid\nPolice raided homes.\nFive were held."], "{items:?}");
            let report = &items[0].as_ref().unwrap().report;
            assert_eq!(
                (report.published.unwrap().day(), report.publication.as_deref(), report.author.as_deref()),
                (day, Some("Town Wire"), Some("Ada Lee"))
            );
            check_raw(&items);
        }
    }

    #[test]
    fn withheld_items_are_left_out() {
        let items = all("a.json", br#"{"uri":"u","pubstatus":"canceled","body_text":"Police raided homes."}"#);
        assert_eq!(messages(&items), ["a.json: the agency says the item is canceled; it is left out"]);
        assert_eq!(messages(&all("a.json", br#"{"uri":"u","pubstatus":"usable","bodies":[[],{}]}"#)).len(), 1);
    }
}
