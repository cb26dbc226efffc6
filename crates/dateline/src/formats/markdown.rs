//! Markdown (CommonMark), with front matter in YAML or TOML for headline, day, author, address and outlet.

use super::html::charset;
use super::input::Input;
use super::story::{Body, Story};
use super::walk::Founds;
use super::{Format, ReadOptions, fields};
use crate::{Error, Report, Result};
use pulldown_cmark::{Options, Parser, html};

/// Whether a file begins with front matter; other Markdown is told by its name alone. `head` is in lower case.
pub(crate) fn begins(head: &str) -> bool {
    front_matter(head).is_some_and(|(front, _, _)| front.lines().any(|line| line.starts_with("title")))
}

/// The report of `input`.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    super::one(input, Format::Markdown, report)
}

fn report(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Report> {
    let (text, note) = charset::decode_text(bytes);
    let text = text.replace("\r\n", "\n");
    let (front, body) = match front_matter(&text) {
        Some((front, body, mark)) => (values(front, mark), body),
        None => (Vec::new(), text.as_str()),
    };
    let mut markup = String::with_capacity(body.len() * 2);
    html::push_html(
        &mut markup,
        Parser::new_ext(body, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH),
    );
    let given =
        front.iter().map(|(name, value)| (name.as_str(), value.clone())).filter(|(name, _)| !fields::is_text(name));
    let fields = given.chain(std::iter::once(("html", markup)));
    let unreadable = |message| Error::Unreadable { name: name.to_owned(), message };
    let mut story = match fields::story(fields) {
        Ok(story) => story,
        Err(_) => return Err(unreadable("no text found".to_owned())),
    };
    story.id.clear();
    story.title = story.title.or_else(|| first_heading(body));
    story.notes.extend(note);
    // A page of nothing but markup that shows nothing.
    let shows = |body: &Body| matches!(body, Body::Html(markup) if !super::html::body::fragment(markup).is_empty());
    if story.title.is_none() && !shows(&story.body) {
        return Err(unreadable("no text found".to_owned()));
    }
    Story::report(story, bytes, options).map_err(unreadable)
}

/// Front matter, what follows it, and its mark (`---` or `+++`); `None` where there is none.
fn front_matter(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mark = ["---\n", "+++\n", "---\r\n"].into_iter().find(|mark| text.starts_with(mark))?;
    let rest = &text[mark.len()..];
    let mark = &mark[..3];
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == mark || (mark == "---" && line.trim_end() == "...") {
            return Some((&rest[..at], &rest[at + line.len()..], mark));
        }
        at += line.len();
    }
    None
}

/// The values of front matter. Of YAML, scalars and lists of scalars are read, which is what front matter has.
fn values(front: &str, mark: &str) -> Vec<(String, String)> {
    if mark == "+++" {
        let table = front.parse::<toml::Table>().unwrap_or_default();
        let words = |value: &toml::Value| match value {
            toml::Value::String(words) => Some(words.clone()),
            toml::Value::Array(items) => {
                Some(items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(", "))
            }
            toml::Value::Datetime(time) => Some(time.to_string()),
            _ => None,
        };
        return table.iter().filter_map(|(name, value)| Some((name.clone(), words(value)?))).collect();
    }
    let mut values: Vec<(String, String)> = Vec::new();
    for line in front.lines() {
        let item = line.trim_start().strip_prefix("- ");
        match (item, line.split_once(':'), values.last_mut()) {
            (Some(item), _, Some((_, value))) => {
                let comma = if value.is_empty() { "" } else { ", " };
                *value = format!("{value}{comma}{}", unquoted(item));
            }
            (None, Some((name, value)), _) if !line.starts_with([' ', '\t', '#']) => {
                let value = value.trim().trim_start_matches('[').trim_end_matches(']');
                values.push((name.trim().to_owned(), unquoted(value)));
            }
            // The rest of a folded scalar.
            (None, _, Some((_, value))) if line.starts_with([' ', '\t']) => {
                let value_before = std::mem::take(value);
                *value =
                    format!("{} {}", value_before.trim_matches(['>', '|', '-', ' ']), line.trim()).trim().to_owned();
            }
            _ => {}
        }
    }
    values
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    let quoted = |mark: char| value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value).to_owned()
}

/// The text of the first line where it is a heading of the first level.
fn first_heading(body: &str) -> Option<String> {
    let mut lines = body.lines().skip_while(|line| line.trim().is_empty());
    let first = lines.next()?;
    let under = lines.next().is_some_and(|line| line.len() > 2 && line.trim_end().chars().all(|c| c == '='));
    let heading = first.strip_prefix("# ").or(under.then_some(first))?;
    let mut markup = String::new();
    html::push_html(&mut markup, Parser::new(heading));
    Some(markup)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, texts};
    use crate::BlockKind;

    const BODY: &str = "Police raided *three* homes in\nthe [old town](https://x.example).\n\n> We saw nothing.\n\n- Five held\n- Two \
        freed\n";

    #[test]
    fn front_matter_gives_the_facts() {
        let yaml = format!(
            "---\ntitle: \"Raid: five held\"\ndate: 2020-03-04T10:00:00Z\nauthors:\n  - Ada Lee\n  - Bo Ray\nlink: \
                https://town.example/raid\nsource: Town Post\n---\n\n# Raid: five held\n\n{BODY}"
        );
        let toml = format!(
            "+++\ntitle = \"Raid: five held\"\ndate = 2020-03-04\nauthor = \"Ada Lee, Bo Ray\"\nurl = \"https://town.example/raid\"\n\
                publication = \"Town Post\"\n+++\n{BODY}"
        );
        for text in [yaml.clone(), toml, yaml.replace('\n', "\r\n")] {
            let items = all("raid.md", text.as_bytes());
            let wanted =
                "Raid: five held\nPolice raided three homes in the old town.\nWe saw nothing.\nFive held\nTwo freed";
            assert_eq!(texts(&items), [wanted]);
            let report = &items[0].as_ref().unwrap().report;
            assert_eq!(
                (report.published, report.author.as_deref()),
                (Some(jiff::civil::date(2020, 3, 4)), Some("Ada Lee, Bo Ray"))
            );
            assert_eq!(
                (report.url.as_deref(), report.publication.as_deref()),
                (Some("https://town.example/raid"), Some("Town Post"))
            );
            assert_eq!(report.blocks[2].kind, BlockKind::Quote);
            check_raw(&items);
        }
    }

    #[test]
    fn a_heading_is_the_headline() {
        for text in [format!("# Raid in *town*\n\n{BODY}"), format!("Raid in town\n====\n\n{BODY}")] {
            let items = all("raid.md", text.as_bytes());
            let report = &items[0].as_ref().unwrap().report;
            assert_eq!(report.title.map(|title| title.of(&report.text)), Some("Raid in town"));
            assert_eq!(report.text.matches("Raid in town").count(), 1);
        }
        assert_eq!(messages(&all("a.md", b"---\ntitle: \n---\n")), ["a.md: no text found"]);
        assert_eq!(texts(&all("a.md", b"---\nnot closed\n")).len(), 1);
    }

    #[test]
    fn nesting_is_survived() {
        for mark in ["> ", "- ", "[", "*a", "<div>", "\\"] {
            let _ = all("a.md", mark.repeat(60_000).as_bytes());
        }
    }
}
