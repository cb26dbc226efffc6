//! The parts of a report by the names that JSON objects and tables give them (`data/formats/fields.toml`).

use super::story::{Body, Story};
use crate::Note;
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Names {
    id: Vec<String>,
    text: Vec<String>,
    html: Vec<String>,
    summary: Vec<String>,
    title: Vec<String>,
    published: Vec<String>,
    publication: Vec<String>,
    url: Vec<String>,
    author: Vec<String>,
    language: Vec<String>,
}

static NAMES: LazyLock<Names> =
    LazyLock::new(|| toml::from_str(include_str!("../../data/formats/fields.toml")).expect("fields.toml is valid"));

/// Most field names listed in a message.
const LISTED: usize = 12;

/// Whether a field of this name holds the text of a report.
pub(crate) fn is_text(name: &str) -> bool {
    let name = normal(name);
    [&NAMES.text, &NAMES.html, &NAMES.summary].iter().any(|names| names.contains(&name))
}

/// Whether a field of this name holds anything of a report.
pub(crate) fn is_known(name: &str) -> bool {
    let known =
        [&NAMES.id, &NAMES.title, &NAMES.published, &NAMES.publication, &NAMES.url, &NAMES.author, &NAMES.language];
    let normal = normal(name);
    is_text(name) || known.iter().any(|names| names.contains(&normal))
}

/// A field's name as names are compared.
fn normal(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What is expected of fields.
pub(crate) fn expected() -> String {
    format!("expected one named {}, … with the text", NAMES.text[..5].join(", "))
}

/// The story in named values; the error is the message.
pub(crate) fn story<'v>(pairs: impl Iterator<Item = (&'v str, String)>) -> Result<Story, String> {
    let pairs: Vec<(String, &str, String)> = pairs.map(|(name, value)| (normal(name), name, value)).collect();
    let value = |names: &[String]| {
        names.iter().find_map(|name| pairs.iter().find(|(known, _, value)| known == name && !value.trim().is_empty()))
    };
    let text = |names: &[String]| value(names).map(|(.., value)| value.clone());
    let body = text(&NAMES.text).map(text_or_markup).or_else(|| text(&NAMES.html).map(Body::Html));
    let summary = || text(&NAMES.summary).map(text_or_markup);
    let url = text(&NAMES.url).filter(|url| url.contains("://"));
    let title = text(&NAMES.title);
    let mut notes = Vec::new();
    let body = match body.or_else(|| summary().inspect(|_| notes.push(only_summary()))) {
        Some(body) => body,
        None if url.is_some() && title.is_some() => {
            notes.push(only_link());
            Body::default()
        }
        None => {
            let names: Vec<&str> = pairs.iter().take(LISTED).map(|(_, name, _)| *name).collect();
            return Err(format!("no text found (fields: {}); {}", names.join(", "), expected()));
        }
    };
    Ok(Story {
        id: text(&NAMES.id).unwrap_or_default(),
        title,
        body,
        published: text(&NAMES.published),
        publication: text(&NAMES.publication),
        url,
        author: text(&NAMES.author),
        language: text(&NAMES.language),
        notes,
    })
}

/// Text, or markup where it has paragraphs as markup has.
fn text_or_markup(words: String) -> Body {
    let markup = ["<p>", "<p ", "</p>", "<br", "<div"].iter().any(|tag| words.contains(tag));
    if markup { Body::Html(words) } else { Body::Text(words) }
}

/// The note on a report of which only its address is at hand.
pub(crate) fn only_link() -> Note {
    let message = "only a link; --fetch gets the page".to_owned();
    Note { code: "only-link", message, span: None }
}

/// The note on a report of which only a summary is at hand.
pub(crate) fn only_summary() -> Note {
    let message = "only a summary; --fetch gets the page".to_owned();
    Note { code: "only-summary", message, span: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Story, String> {
        story(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())))
    }

    #[test]
    fn names_are_compared_without_case_and_marks() {
        let found =
            read(&[("Date Published", "2020-03-04"), ("Full_Text", "Police raided homes."), ("source.name", "Post")])
                .unwrap();
        assert_eq!((found.published.as_deref(), found.publication.as_deref()), (Some("2020-03-04"), Some("Post")));
        assert!(matches!(found.body, Body::Text(_)));
        assert!(is_text("Main-Text") && !is_text("texture"));
    }

    #[test]
    fn a_link_or_a_summary_alone_is_noted() {
        let link = read(&[("title", "Raid"), ("url", "https://town.example/raid")]).unwrap();
        assert_eq!(link.notes[0].code, "only-link");
        let summary = read(&[("title", "Raid"), ("description", "<p>Police raided homes.</p>")]).unwrap();
        assert_eq!(summary.notes[0].code, "only-summary");
        assert!(matches!(summary.body, Body::Html(_)));
        assert_eq!(
            read(&[("a", "x"), ("text", " ")]).unwrap_err(),
            format!("no text found (fields: a, text); {}", expected())
        );
    }
}
