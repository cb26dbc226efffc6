//! JSON lines: one report per line (DESIGN.md, "Machine contract"), read as a stream.

use super::input::Input;
use super::story::MAX_ID_BYTES;
use super::walk::{Found, Founds};
use super::{Format, Parts, ReadOptions, finish, html, json, limits, text};
use crate::{Error, Note, Report, Result, Span};
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::io::{BufRead, Read};

/// Whether the first line of `bytes` is a JSON object that holds no list of reports. Of a line that goes on beyond `bytes`, its beginning
/// tells.
pub(crate) fn looks_like_json_line(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    let whole = line.len() < bytes.len() || bytes.len() < LINE_HEAD_BYTES;
    let object = match whole {
        true => matches!(serde_json::from_slice::<Value>(line), Ok(Value::Object(_))),
        false => line.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"")),
    };
    object && !json::is_list(line)
}

/// A file's first bytes that are as many as this may be the beginning of a longer line.
const LINE_HEAD_BYTES: usize = 8000;

/// The reports of a stream of JSON lines, one item per line that is not blank. `name` is used in messages.
///
/// # Errors
/// An item is [`Error::Unreadable`] with `name:line N` where the line is not the object of the machine contract or longer than
/// [`limits::PART_BYTES`], and where the stream fails, which ends it.
pub fn reports<'o, R: BufRead + Send + 'o>(
    lines: R,
    name: &str,
    options: &'o ReadOptions,
) -> impl Iterator<Item = Result<Report>> + 'o {
    let name = name.to_owned();
    Lines::new(lines, &name).map(move |line| line.and_then(|(number, line)| line_report(&line, &name, number, options)))
}

/// The reports of `input`, line by line.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let (name, options) = (input.name.clone(), input.options.clone());
    let lines = Lines::new(input.reader(), &name);
    Box::new(lines.map(move |line| {
        let (number, line) = line?;
        let report = line_report(&line, &name, number, &options)?;
        Ok(Found::item(report, ended(&line).to_vec(), Format::Jsonl, format!("{name}:line {number}")))
    }))
}

/// Lines that are not blank, with their numbers.
struct Lines<R> {
    lines: R,
    name: String,
    number: usize,
    over: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(lines: R, name: &str) -> Self {
        Lines { lines, name: name.to_owned(), number: 0, over: false }
    }

    /// What is left of a line that is too long is passed over.
    fn too_long(&mut self) -> Error {
        self.over = self.lines.skip_until(b'\n').is_err();
        super::input::too_large(&format!("{}:line {}", self.name, self.number), limits::PART_BYTES)
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<(usize, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        while !self.over {
            line.clear();
            self.number += 1;
            match self.lines.by_ref().take(limits::PART_BYTES as u64 + 1).read_until(b'\n', &mut line) {
                Ok(0) => self.over = true,
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) if line.len() > limits::PART_BYTES => return Some(Err(self.too_long())),
                Ok(_) => return Some(Ok((self.number, line))),
                Err(error) => {
                    self.over = true;
                    return Some(Err(super::input::damaged(&format!("{}:line {}", self.name, self.number), &error)));
                }
            }
        }
        None
    }
}

/// A line without its line break.
fn ended(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The report of line `number`; its content hash covers the line without the line break.
fn line_report(line: &[u8], name: &str, number: usize, options: &ReadOptions) -> Result<Report> {
    let place = format!("{name}:line {number}");
    let line = ended(line);
    let json = if number == 1 { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
    let unreadable = |message: String| Error::Unreadable { name: place.clone(), message };
    let fields = match serde_json::from_slice::<Value>(json) {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => {
            return Err(unreadable(format!(
                "{} found, expected an object with \"id\" and \"text\" or \"html\"",
                kind(&other)
            )));
        }
        Err(error) => return Err(unreadable(format!("not JSON ({error}); expected one object per line"))),
    };
    object_report(&fields, line, &place, options).map_err(unreadable)
}

/// The report in one object; the error is the message.
fn object_report(
    fields: &Map<String, Value>,
    line: &[u8],
    place: &str,
    options: &ReadOptions,
) -> std::result::Result<Report, String> {
    let id = match fields.get("id") {
        Some(Value::Number(number)) => number.to_string(),
        _ => string(fields, "id")?.unwrap_or_default().to_owned(),
    };
    if id.len() > MAX_ID_BYTES {
        return Err(format!("\"id\" is {} bytes long, expected at most {MAX_ID_BYTES}", id.len()));
    }
    let title = string(fields, "title")?.filter(|title| !title.trim().is_empty());
    let published = string(fields, "published")?;
    let (publication, url) = (string(fields, "publication")?, string(fields, "url")?);
    let author = string(fields, "author")?.map(str::to_owned);

    let mut parts = match (string(fields, "text")?, string(fields, "html")?) {
        (Some(body), _) if !body.trim().is_empty() => Parts { report: from_text(title, body), language_hint: None },
        (None, Some(page)) if !page.trim().is_empty() => {
            let given = ReadOptions { url: url.map(str::to_owned).or_else(|| options.url.clone()), ..options.clone() };
            html::parts(page, title, &given).map_err(|problem| problem.message())?
        }
        // Lines of news-please and others.
        (None, None) => {
            let story = json::story(fields);
            let story = story.map_err(|_| "neither \"text\" nor \"html\" found, expected one of them".to_owned())?;
            return story.report(line, options);
        }
        _ => return Err("the report's text is empty".into()),
    };
    let report = &mut parts.report;
    report.id = id;
    report.author = author.or(report.author.take());
    report.publication = publication.map(str::to_owned).or(report.publication.take());
    report.url = url.map(str::to_owned).or(report.url.take());
    if let Some(words) = published {
        match day(words) {
            Some(day) => report.published = Some(day),
            None => report.notes.push(Note {
                code: "published-unreadable",
                message: format!(
                    "{place}: \"published\" is {:?}, expected a date such as 2017-01-30",
                    shortened(words)
                ),
                span: None,
            }),
        }
    }
    Ok(finish(parts, line, options))
}

/// Text, headline and blocks. Without a title the text stays exactly as given, since offsets count in it.
fn from_text(title: Option<&str>, body: &str) -> Report {
    let (text, title) = match title {
        Some(title) => (format!("{title}\n{body}"), Some(Span::new(0, title.len()))),
        None => (body.to_owned(), text::first_line_headline(body)),
    };
    Report { blocks: text::blocks(&text, title), title, text, ..Default::default() }
}

/// The day at the beginning of an ISO date or date-time.
pub(crate) fn day(words: &str) -> Option<Date> {
    let words = words.trim();
    let date = words.get(..10)?;
    let rest_is_time = words.get(10..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', 't', ' ']));
    if rest_is_time { date.parse().ok() } else { None }
}

/// A string field; `None` where it is missing or null; the error names the type found.
fn string<'v>(fields: &'v Map<String, Value>, name: &str) -> std::result::Result<Option<&'v str>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) => Ok(Some(value)),
        Some(other) => Err(format!("\"{name}\" is {}, expected a string", kind(other))),
    }
}

/// What a JSON value is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The first words of a value, for a message.
pub(crate) fn shortened(words: &str) -> String {
    words.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Vec<std::result::Result<Report, String>> {
        reports(lines.as_bytes(), "in.jsonl", &ReadOptions::default()).map(|r| r.map_err(|e| e.to_string())).collect()
    }

    #[test]
    fn text_without_title_is_kept_exactly() {
        let text = "Raid in Óbidos \r\n\r\n  Police raided\u{0} homes.\n";
        let line = serde_json::json!({"id": "a", "text": text, "published": "2017-01-30"}).to_string();
        let report = read(&line).remove(0).unwrap();
        assert_eq!(report.text, text);
        assert_eq!(report.title.unwrap().of(&report.text), "Raid in Óbidos");
        assert_eq!(report.published, Some(jiff::civil::date(2017, 1, 30)));
        assert_eq!(report.content_hash, blake3::hash(line.as_bytes()).to_hex().as_str());
    }

    #[test]
    fn title_stands_before_the_body() {
        let report = read(r#"{"id":7,"title":"Raid","text":"Police raided homes."}"#).remove(0).unwrap();
        assert_eq!((report.id.as_str(), report.text.as_str()), ("7", "Raid\nPolice raided homes."));
        assert_eq!(report.title.unwrap().of(&report.text), "Raid");
    }

    #[test]
    fn bad_lines_are_named_by_number_and_the_rest_is_read() {
        let items = read(
            "{\"id\":\"a\",\"text\":\"Police raided homes.\"}\n\n{oops}\n[1]\n{\"id\":\"b\"}\n{\"id\":\"c\",\"text\":\"Troops left.\"}",
        );
        assert_eq!(items.len(), 5);
        assert!(items[0].is_ok() && items[4].is_ok());
        let message = |i: usize| items[i].as_ref().unwrap_err().clone();
        assert!(message(1).starts_with("in.jsonl:line 3: not JSON ("), "{}", message(1));
        assert_eq!(
            message(2),
            "in.jsonl:line 4: an array found, expected an object with \"id\" and \"text\" or \"html\""
        );
        assert_eq!(message(3), "in.jsonl:line 5: neither \"text\" nor \"html\" found, expected one of them");
    }

    #[test]
    fn wrong_types_and_huge_ids_are_refused() {
        let refusal = |line: &str| read(line).remove(0).unwrap_err();
        assert_eq!(refusal(r#"{"id":"a","text":["x"]}"#), "in.jsonl:line 1: \"text\" is an array, expected a string");
        assert_eq!(refusal(r#"{"id":{},"text":"x"}"#), "in.jsonl:line 1: \"id\" is an object, expected a string");
        assert_eq!(refusal(r#"{"id":"a","text":" "}"#), "in.jsonl:line 1: the report's text is empty");
        let huge = format!(r#"{{"id":"{}","text":"x"}}"#, "i".repeat(1_000_000));
        assert_eq!(refusal(&huge), "in.jsonl:line 1: \"id\" is 1000000 bytes long, expected at most 1024");
    }

    #[test]
    fn invalid_utf8_and_deep_nesting_are_bad_lines() {
        let items: Vec<_> = reports(&b"{\"id\":\"\xFF\"}\n"[..], "x", &ReadOptions::default()).collect();
        assert!(items[0].is_err());
        assert!(read(&"[".repeat(200_000))[0].is_err());
    }

    #[test]
    fn missing_id_comes_from_the_line_and_bad_dates_leave_a_note() {
        let report = read(r#"{"text":"Police raided homes.","published":"last week"}"#).remove(0).unwrap();
        assert!(report.id.starts_with('r') && report.id.len() == 17);
        assert_eq!(report.published, None);
        assert_eq!(report.notes[0].code, "published-unreadable");
    }

    #[test]
    fn html_lines_go_through_extraction() {
        let page = "<html><head><title>Raid</title></head><body><article><h1>Raid in the old town</h1><p>Police raided three homes in the \
            old town on Monday and arrested five people, the governor said.</p><p>Residents of the street said that the police had \
            broken down doors and searched every room of the houses.</p></article></body></html>";
        let line = serde_json::json!({"id": "h", "html": page, "publication": "Town Post"}).to_string();
        let report = read(&line).remove(0).unwrap();
        assert!(report.text.contains("Police raided three homes"));
        assert_eq!(report.publication.as_deref(), Some("Town Post"));
    }
}
