//! News as JSON: an object, an array of objects or objects one after the other, as news-please, NGEC, NewsAPI and GDELT's article lists
//! write them, each read when its turn comes.

use super::input::{Bytes, Input, Outside};
use super::story::Story;
use super::walk::{Found, Founds};
use super::{Format, fields, limits, ninjs};
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::ops::Range;

/// Keys under which an object keeps its list of reports.
const LISTS: &[&str] = &["articles", "items", "results", "data", "docs", "documents", "stories", "reports"];
/// Most characters of a joined value; longer lists of names are cut.
const NAMES_JOINED: usize = 8;

/// Whether a file begins as JSON does.
pub(crate) fn begins(head: &str) -> bool {
    let opens = |c| head.strip_prefix(c).is_some_and(|rest| rest.trim_start().starts_with(['{', '"', '[', ']', '}']));
    opens('{') || opens('[')
}

/// The reports of `input`.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    match input.bytes() {
        Err(error) => Box::new(std::iter::once(Err(error))),
        Ok(bytes) => Box::new(Objects { walk: Walk::new(&bytes), bytes, outside, count: 0 }),
    }
}

/// The objects of a file, one at a time.
struct Objects<'a> {
    bytes: Bytes<'a>,
    outside: Outside,
    walk: Walk,
    count: usize,
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<Found<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.walk.next(&self.bytes)?;
        self.count += 1;
        let alone = self.count == 1 && self.walk.next.is_none();
        let name =
            if alone { self.outside.name.clone() } else { format!("{}, item {}", self.outside.name, self.count) };
        let unreadable = |message: String| Error::Unreadable { name: name.clone(), message };
        Some(match next {
            Err(message) => Err(unreadable(message)),
            Ok(range) if range.len() > limits::PART_BYTES => Err(super::input::too_large(&name, limits::PART_BYTES)),
            Ok(range) => {
                let raw = &self.bytes[range];
                let report = object(raw).and_then(|fields| story(&fields)?.report(raw, &self.outside.options));
                report.map(|report| Found::item(report, raw.to_vec(), Format::Json, name.clone())).map_err(unreadable)
            }
        })
    }
}

/// One object parsed.
pub(crate) fn object(raw: &[u8]) -> std::result::Result<Map<String, Value>, String> {
    match serde_json::from_slice::<Value>(raw) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => {
            Err(format!("{} found, expected an object with the text and title of a report", super::jsonl::kind(&other)))
        }
        Err(error) => Err(format!("not JSON ({error})")),
    }
}

/// The story in an object, ninjs or other.
pub(crate) fn story(object: &Map<String, Value>) -> std::result::Result<Story, String> {
    if ninjs::is(object) {
        return ninjs::story(object);
    }
    let nested = |name: &str, value: &Value| {
        value.as_object().and_then(|inner| Some((format!("{name}.name"), words(inner.get("name")?)?)))
    };
    let inner: Vec<(String, String)> = object.iter().filter_map(|(name, value)| nested(name, value)).collect();
    let plain = object.iter().filter_map(|(name, value)| Some((name.as_str(), words(value)?)));
    fields::story(plain.chain(inner.iter().map(|(name, value)| (name.as_str(), value.clone()))))
}

/// A value as text: strings, numbers, the `name` or `value` of an object, the items of a list (long ones as paragraphs, names with commas).
pub(crate) fn words(value: &Value) -> Option<String> {
    let words = match value {
        Value::String(words) => words.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(fields) => ["name", "value", "text", "rendered", "#text", "$date"]
            .iter()
            .find_map(|key| fields.get(*key)?.as_str())?
            .to_owned(),
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().filter_map(|item| if item.is_array() { None } else { words(item) }).collect();
            match items.iter().any(|item| item.len() > 100) {
                true => items.join("\n"),
                false => items[..items.len().min(NAMES_JOINED)].join(", "),
            }
        }
        _ => return None,
    };
    Some(words).filter(|words| !words.trim().is_empty())
}

/// Where the objects of a file stand, found one after the other without reading them.
pub(crate) struct Walk {
    /// Where the next value begins; `None` at the end.
    next: Option<usize>,
    /// The text of a list's `title`, given beside it.
    pub(crate) title: Option<String>,
}

impl Walk {
    /// Stands before the first object: inside the outermost list, or the one that an object keeps under one of [`LISTS`].
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let start = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let start = blank(bytes, start);
        let (mut next, mut title) = (start, None);
        if bytes.get(start) == Some(&b'[') {
            next = blank(bytes, start + 1);
        } else if let Some((at, name)) = list(bytes, start) {
            (next, title) = (at, name);
        }
        Walk { next: Some(next).filter(|&at| at < bytes.len()), title }
    }

    /// The next value, or what is wrong with it, which ends the walk.
    pub(crate) fn next(&mut self, bytes: &[u8]) -> Option<std::result::Result<Range<usize>, String>> {
        let start = self.next.take()?;
        if matches!(bytes.get(start), Some(b']' | b'}')) {
            return None;
        }
        let Some(end) = value_end(bytes, start) else {
            return Some(Err("damaged or cut off: the JSON of this item has no end".to_owned()));
        };
        let mut at = blank(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = blank(bytes, at + 1);
        }
        self.next = Some(at).filter(|&at| at < bytes.len() && !matches!(bytes[at], b']' | b'}'));
        Some(Ok(start..end))
    }
}

/// Whether an object, or the beginning of one, keeps reports in a list.
pub(crate) fn is_list(bytes: &[u8]) -> bool {
    list(bytes, 0).is_some()
}

/// Where the list of reports inside the object at `start` begins, and the object's title.
fn list(bytes: &[u8], start: usize) -> Option<(usize, Option<String>)> {
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let (mut at, mut title, mut found) = (blank(bytes, start + 1), None, None);
    while bytes.get(at) == Some(&b'"') {
        let Some(key_end) = value_end(bytes, at) else { break };
        let Ok(key) = serde_json::from_slice::<String>(&bytes[at..key_end]) else { break };
        let value = blank(bytes, blank(bytes, key_end) + 1);
        if fields::is_text(&key) && key != "description" && bytes.get(value) == Some(&b'"') {
            return None;
        }
        let inside = blank(bytes, value + 1);
        if LISTS.contains(&key.as_str())
            && bytes.get(value) == Some(&b'[')
            && matches!(bytes.get(inside), Some(b'{' | b']'))
        {
            found = Some(inside);
        }
        let Some(end) = value_end(bytes, value) else { break };
        if key == "title" {
            title = serde_json::from_slice::<String>(&bytes[value..end]).ok();
        }
        at = blank(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = blank(bytes, at + 1);
        }
    }
    found.map(|at| (at, title))
}

/// The first byte from `at` on that is not blank.
fn blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// One past the value that begins at `at`; `None` where it has no end.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = at;
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at += 1;
                loop {
                    let offset = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
                    at += offset + 1;
                    if bytes[at - 1] == b'"' {
                        break;
                    }
                    at += 1;
                }
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            _ if depth == 0 => {
                let rest = &bytes[at..];
                let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b']' | b'}' | b'{' | b'[' | b'"');
                return Some(at + rest.iter().position(ends).unwrap_or(rest.len()).max(1));
            }
            _ => {
                let ends = |b: &u8| matches!(b, b'"' | b'{' | b'[' | b'}' | b']');
                at += bytes[at..].iter().position(ends)?;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, names, texts};

    #[test]
    fn objects_of_several_makers_are_read() {
        let json = r#"[
            {"maintext":"Police raided homes.","title":"Raid","date_publish":"2020-03-04 10:00:00","source_domain":"town.example",
            "authors":["Ada Lee","Bo Ray"],"url":"https://town.example/raid","language":"en"},
            {"event_text":"Troops left.","pub_date":"2020-03-05","id":7,"publisher":"Post"},
            {"source":{"id":null,"name":"Town Post"},"title":"Raid","publishedAt":"2020-03-06T01:00:00Z",
            "content":"<p>Police raided <b>three</b> homes.</p>"},
            {"title":"Raid","url":"https://town.example/raid","seendate":"20200307T101500Z","domain":"town.example"}
        ]"#;
        let items = all("news.json", json.as_bytes());
        assert_eq!(
            texts(&items),
            ["Raid\nPolice raided homes.", "Troops left.", "Raid\nPolice raided three homes.", "Raid"]
        );
        let reports: Vec<_> = items.iter().flatten().map(|item| &item.report).collect();
        assert_eq!(reports.iter().map(|r| r.published.unwrap().day()).collect::<Vec<_>>(), [4, 5, 6, 7]);
        assert_eq!(
            reports.iter().map(|r| r.publication.as_deref().unwrap()).collect::<Vec<_>>(),
            ["town.example", "Post", "Town Post", "town.example"]
        );
        assert_eq!(reports[0].author.as_deref(), Some("Ada Lee, Bo Ray"));
        assert_eq!((reports[1].id.as_str(), names(&items)[1].as_str()), ("7", "news.json, item 2"));
        assert!(reports[3].notes.iter().any(|note| note.code == "only-link"));
        check_raw(&items);
    }

    #[test]
    fn lists_inside_objects_and_single_objects_are_read() {
        let items = all(
            "news.json",
            br#"{"status":"ok","articles":[{"title":"Raid","content":"Police raided homes."}],"n":1}"#,
        );
        assert_eq!((texts(&items), names(&items)), (vec!["Raid\nPolice raided homes."], vec!["news.json".to_owned()]));
        let pretty = b"\xEF\xBB\xBF{\n  \"title\": \"Raid\",\n  \"text\": \"Police raided homes.\",\n  \"items\": [{\"a\": 1}]\n}\n";
        assert_eq!(texts(&all("-", pretty)), ["Raid\nPolice raided homes."]);
        let lines = b"{\"maintext\":\"Police raided homes.\"}\n{\"maintext\":\"Troops left.\"}\n";
        assert_eq!(texts(&all("news.json", lines)).len(), 2);
        assert_eq!(texts(&all("news.jsonl", lines)).len(), 2);
    }

    #[test]
    fn bad_items_are_named_and_the_rest_is_read() {
        let items = all(
            "news.json",
            br#"[{"text":"Police raided homes."}, 7, {"a":1}, {"text" "x"}, {"text":"Troops left."}, {"text":"cut"#,
        );
        assert_eq!(texts(&items).len(), 2);
        let said = messages(&items);
        assert_eq!(
            said[0],
            "news.json, item 2: a number found, expected an object with the text and title of a report"
        );
        assert!(said[1].starts_with("news.json, item 3: no text found (fields: a); expected"), "{said:?}");
        assert!(said[2].starts_with("news.json, item 4: not JSON ("), "{said:?}");
        assert_eq!(said[3], "news.json, item 6: damaged or cut off: the JSON of this item has no end");
    }

    #[test]
    fn nesting_is_survived() {
        for opening in ["[", "{\"a\":", "[{\"text\":["] {
            assert!(all("news.json", opening.repeat(200_000).as_bytes()).iter().all(Result::is_err));
        }
        let deep = format!("[{}1{}]", "[".repeat(100_000), "]".repeat(100_000));
        assert!(all("news.json", deep.as_bytes()).iter().all(Result::is_err));
    }
}
