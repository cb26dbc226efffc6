//! The reports behind incidents, for bibliographies: BibTeX (biblatex's `@online`) and CSL-JSON 1.0.2. Each report once.

use super::json::{CiteInfo, RecordJson};
use super::{Export, Row, sheet};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{self, Write};

/// The reports that have been written: their ids.
#[derive(Debug, Default)]
struct Seen(HashSet<String>);

impl Seen {
    /// The records of a row whose report is new.
    fn fresh<'a>(&mut self, row: &Row<'a>) -> Vec<&'a RecordJson> {
        let id = |record: &RecordJson| record.report.clone().unwrap_or_default();
        row.records.iter().copied().filter(|record| self.0.insert(id(record))).collect()
    }
}

/// Writes BibTeX.
#[derive(Debug, Default)]
pub struct Bibtex {
    seen: Seen,
}

impl Export for Bibtex {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        for record in self.seen.fresh(row) {
            out.write_all(entry(record).as_bytes())?;
        }
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Writes CSL-JSON.
#[derive(Debug, Default)]
pub struct Csl {
    seen: Seen,
    written: bool,
}

impl Export for Csl {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        for record in self.seen.fresh(row) {
            out.write_all(if self.written { b",\n" } else { b"\n" })?;
            self.written = true;
            serde_json::to_writer(&mut *out, &item(record)).map_err(io::Error::from)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]\n")
    }
}

/// Outlet, year and hash of the report's id: "anatolianpost2024-5f0c12ab".
fn key(record: &RecordJson, cite: &CiteInfo) -> String {
    let outlet: String =
        cite.publication.iter().flat_map(|name| name.chars()).filter(char::is_ascii_alphanumeric).collect();
    let year = cite.published.as_deref().and_then(|day| day.get(..4)).unwrap_or("nd");
    let hash = blake3::hash(record.report.as_deref().unwrap_or_default().as_bytes()).to_hex();
    let outlet = if outlet.is_empty() { "report".to_string() } else { outlet.to_lowercase() };
    format!("{outlet}{year}-{}", &hash[..8])
}

fn entry(record: &RecordJson) -> String {
    let cite = record.cite_info.clone().unwrap_or_default();
    let mut out = format!("@online{{{},\n", key(record, &cite));
    let fields = [
        // In double braces a name is taken whole and a title keeps its capitals.
        ("author", cite.author.as_deref().map(|author| format!("{{{}}}", tex(author)))),
        ("title", Some(format!("{{{}}}", tex(cite.title.as_deref().unwrap_or("untitled report"))))),
        ("organization", cite.publication.as_deref().map(|name| format!("{{{}}}", tex(name)))),
        ("date", cite.published.clone().filter(|day| day.parse::<Date>().is_ok())),
        ("url", cite.url.as_deref().map(verbatim)),
        ("langid", cite.language.filter(|language| language == "en").map(|_| "english".to_string())),
        ("note", record.report.as_deref().map(|id| format!("report {}", tex(id)))),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            out.push_str(&format!("  {name} = {{{value}}},\n"));
        }
    }
    out.push_str("}\n\n");
    out
}

/// The text with TeX's special characters escaped.
fn tex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in sheet::flat(text).chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            // BibTeX counts braces behind a backslash too.
            '{' => out.push_str("\\textbraceleft{}"),
            '}' => out.push_str("\\textbraceright{}"),
            '%' | '&' | '$' | '#' | '_' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// An address, which biblatex takes as it is, without the braces and blanks that would end it.
fn verbatim(url: &str) -> String {
    let code = |c: char| match c {
        '{' => "%7B".to_string(),
        '}' => "%7D".to_string(),
        '\\' => "%5C".to_string(),
        c if c.is_whitespace() || c.is_control() => "%20".to_string(),
        c => c.to_string(),
    };
    url.chars().map(code).collect()
}

fn item(record: &RecordJson) -> Value {
    let cite = record.cite_info.clone().unwrap_or_default();
    let mut item = json!({"id": key(record, &cite), "type": "article-newspaper"});
    let day = cite.published.as_deref().and_then(|day| day.parse::<Date>().ok());
    let fields = [
        ("title", cite.title.map(Value::from)),
        ("container-title", cite.publication.map(Value::from)),
        ("author", cite.author.map(|author| json!([{"literal": author}]))),
        ("issued", day.map(|day| json!({"date-parts": [[day.year(), day.month(), day.day()]]}))),
        ("URL", cite.url.map(Value::from)),
        ("language", cite.language.map(Value::from)),
        ("note", record.report.as_deref().map(|id| format!("report {id}").into())),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            item[name] = value;
        }
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Masking, sample};

    #[test]
    fn a_report_is_cited_once() {
        let records = [sample::record(|_| ()), sample::record(|record| record.id = Some("r2".into()))];
        let out = String::from_utf8(sample::bytes("bibtex", Masking::Roles, &records)).unwrap();
        assert_eq!(out.matches("@online{anatolianpost2024-").count(), 1);
        let csl: Value = serde_json::from_slice(&sample::bytes("csl-json", Masking::Roles, &records)).unwrap();
        assert_eq!(csl.as_array().unwrap().len(), 1);
        assert_eq!(csl[0]["issued"], json!({"date-parts": [[2024, 3, 5]]}));
    }

    #[test]
    fn no_title_breaks_out_of_its_field() {
        let out = sample::written("bibtex", |record| {
            record.cite_info.as_mut().unwrap().title = Some("50% of }, key = {a_b & $c".into());
        });
        assert!(out.contains(r"title = {{50\% of \textbraceright{}, key = \textbraceleft{}a\_b \& \$c}},"), "{out}");
    }
}
