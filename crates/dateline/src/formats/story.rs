//! A report whose container gives its parts by name: feeds, JSON, tables, mail, agency formats.

use super::html::body::{self, Blocks};
use super::html::date::{Order, date_in};
use super::html::page::tidy;
use super::{Parts, ReadOptions, finish, html, jsonl, mojibake, text};
use crate::{BlockKind, Note, Report, Span};
use jiff::civil::Date;

/// Longest `id` accepted, in bytes: it is repeated on every record of the report.
pub(crate) const MAX_ID_BYTES: usize = 1024;

/// The body of a story.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Text, one paragraph a line.
    Text(String),
    /// Markup: a fragment of an article, or a whole page.
    Html(String),
}

impl Default for Body {
    fn default() -> Self {
        Body::Text(String::new())
    }
}

impl Body {
    /// Bytes of text or markup that are not blank.
    pub(crate) fn len(&self) -> usize {
        match self {
            Body::Text(words) | Body::Html(words) => words.trim().len(),
        }
    }
}

/// The parts of a report, as given.
#[derive(Debug, Default, Clone)]
pub(crate) struct Story {
    /// The given name of the report, empty where there is none.
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) body: Body,
    /// A date in any form.
    pub(crate) published: Option<String>,
    pub(crate) publication: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) author: Option<String>,
    /// A language code such as `en` or `en-GB`.
    pub(crate) language: Option<String>,
    pub(crate) notes: Vec<Note>,
}

impl Story {
    /// The report of the story; the error is the message.
    pub(crate) fn report(self, raw: &[u8], options: &ReadOptions) -> Result<Report, String> {
        if self.id.len() > MAX_ID_BYTES {
            return Err(format!("\"id\" is {} bytes long, expected at most {MAX_ID_BYTES}", self.id.len()));
        }
        let title = self.title.as_deref().map(plain).filter(|title| !title.is_empty());
        let mut repaired = 0;
        let mut repair = |words: String| match mojibake::repaired(&words) {
            Some((words, count)) => {
                repaired += count;
                words
            }
            None => words,
        };
        let title = title.map(&mut repair);
        let mut parts = match self.body {
            Body::Text(words) => Parts { report: from_text(title, &repair(words)), language_hint: None },
            Body::Html(markup) => from_html(title, &repair(markup), self.url.as_deref(), options)?,
        };
        let report = &mut parts.report;
        if repaired > 0 {
            report.notes.push(mojibake::repaired_note(repaired));
        }
        let given = |words: Option<String>| words.map(|words| tidy(&words)).filter(|words| !words.is_empty());
        report.id = self.id;
        report.author = given(self.author).or(report.author.take());
        report.publication = given(self.publication).or(report.publication.take());
        report.url = given(self.url).or(report.url.take());
        report.notes.extend(self.notes);
        if let Some(words) = given(self.published) {
            match day(&words) {
                Some(day) => report.published = Some(day),
                None => report.notes.push(Note {
                    code: "published-unreadable",
                    message: format!(
                        "the day of publication is {:?}, expected a date such as 2017-01-30",
                        jsonl::shortened(&words)
                    ),
                    span: None,
                }),
            }
        }
        parts.language_hint = self.language.as_deref().and_then(language).or(parts.language_hint);
        Ok(finish(parts, raw, options))
    }
}

/// A headline without markup and character references, in one line.
fn plain(title: &str) -> String {
    if title.contains(['<', '&']) {
        let words: Vec<String> = body::fragment(title).into_iter().map(|(_, words)| words).collect();
        return words.join(" ");
    }
    tidy(title)
}

fn from_text(title: Option<String>, words: &str) -> Report {
    let text = text::cleaned(words);
    match title {
        Some(title) => {
            let blocks: Blocks = text.lines().map(|line| (BlockKind::Paragraph, line.to_owned())).collect();
            html::assembled(Some(title), blocks)
        }
        None => {
            let title: Option<Span> = text::first_line_headline(&text);
            Report { blocks: text::blocks(&text, title), title, text, ..Report::default() }
        }
    }
}

/// A whole page is read as one; a fragment holds the article and nothing else.
fn from_html(title: Option<String>, markup: &str, url: Option<&str>, options: &ReadOptions) -> Result<Parts, String> {
    let head: String = markup.trim_start().chars().take(512).collect::<String>().to_ascii_lowercase();
    let page = ["<!doctype html", "<html", "<head", "<body"].iter().any(|opening| head.contains(opening));
    if page {
        let given = ReadOptions { url: url.map(str::to_owned).or_else(|| options.url.clone()), ..options.clone() };
        let parts = html::parts(markup, title.as_deref(), &given);
        return parts.map_err(|problem| problem.message());
    }
    Ok(Parts { report: html::assembled(title, body::fragment(markup)), language_hint: None })
}

/// The two letters of a language code.
fn language(code: &str) -> Option<String> {
    let code = code.split(['-', '_']).next().unwrap_or("").trim().to_ascii_lowercase();
    (code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase())).then_some(code)
}

/// The day in a date of any form: ISO 8601, RFC 2822 ("Wed, 04 Mar 2020 22:10:00 +0100"), seconds or milliseconds since 1970, or with a
/// month's name. Of a time with an offset it is the day at that place.
pub(crate) fn day(words: &str) -> Option<Date> {
    let words = words.trim();
    jsonl::day(words)
        .or_else(|| jiff::fmt::rfc2822::parse(words).ok().map(|time| time.date()))
        .or_else(|| epoch(words))
        .or_else(|| date_in(words, Order::DayFirst))
}

/// The day (UTC) of a number of seconds or milliseconds since 1970.
fn epoch(words: &str) -> Option<Date> {
    let whole = words.split('.').next().unwrap_or("");
    let number: i64 = whole.parse().ok()?;
    let seconds = match whole.len() {
        9 | 10 => number,
        12 | 13 => number / 1000,
        _ => return None,
    };
    let day = jiff::Timestamp::from_second(seconds).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(day).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_forms_of_containers() {
        let wanted = Some(jiff::civil::date(2020, 3, 4));
        for words in [
            "2020-03-04T23:50:00+01:00",
            "2020-03-04 10:00:00",
            "20200304101500",
            "Wed, 04 Mar 2020 23:10:00 -0800",
            "1583316000",
            "1583316000000",
            "4 March 2020",
        ] {
            assert_eq!(day(words), wanted, "{words}");
        }
        assert_eq!(day("soon"), None);
        assert_eq!(day(""), None);
    }

    #[test]
    fn the_headline_is_not_repeated_and_loses_markup() {
        let story = Story {
            title: Some("Police &amp; army <b>raid</b> homes".into()),
            body: Body::Text("Police & army raid homes\n\nPolice raided three homes.\n".into()),
            language: Some("en-GB".into()),
            ..Story::default()
        };
        let report = story.report(b"x", &ReadOptions::default()).unwrap();
        assert_eq!(report.text, "Police & army raid homes\nPolice raided three homes.");
        assert_eq!(report.title.unwrap().of(&report.text), "Police & army raid homes");
    }

    #[test]
    fn odd_dates_leave_a_note() {
        let story = Story {
            body: Body::Html("<p>Police raided homes.".into()),
            published: Some("soon".into()),
            ..Story::default()
        };
        let report = story.report(b"x", &ReadOptions::default()).unwrap();
        assert_eq!(report.notes[0].code, "published-unreadable");
    }
}
