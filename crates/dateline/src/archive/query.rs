//! Finding records, incidents and reports.

use super::put::unpacked;
use super::{Archive, failed};
use crate::export::json::RecordJson;
use crate::incident::Incident;
use crate::{Error, Result};
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};
use std::collections::BTreeMap;

/// What records, and incidents that have such records, are asked for. What is empty or `None` asks for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Words of the report: all of them, "phrases" in quotation marks.
    pub words: Option<String>,
    /// Categories, any of them.
    pub event: Vec<String>,
    /// A mode.
    pub mode: Option<String>,
    /// ISO 3166-1 alpha-3 code of the country of the act, or of a party where no place is known.
    pub country: Option<String>,
    /// Words of the place's name.
    pub place: Option<String>,
    /// Words of a party's name, or its code.
    pub party: Option<String>,
    /// Words of a source.
    pub source: Option<String>,
    /// Acts on or after this day.
    pub from: Option<Date>,
    /// Acts on or before this day.
    pub to: Option<Date>,
    /// South, west, north, east, in degrees.
    pub within: Option<[f64; 4]>,
    /// happened, future, hypothetical or negation.
    pub status: Option<String>,
    /// asserted, alleged or disputed.
    pub certainty: Option<String>,
    /// Least confidence.
    pub min_confidence: f64,
    /// The id of a report.
    pub report: Option<String>,
    /// At least so many independent origins; for incidents only.
    pub origins: usize,
    /// At most so many; 0 for all.
    pub limit: usize,
}

/// What an id names.
#[derive(Debug, Clone)]
pub enum Found {
    /// An incident and its records.
    Incident(Box<Incident>, Vec<RecordJson>),
    /// A record and the id of its incident.
    Record(Box<RecordJson>, String),
    /// A report.
    Report(Box<StoredReport>),
}

/// A report as stored.
#[derive(Debug, Clone, Default, serde::Serialize)]
#[allow(missing_docs)]
pub struct StoredReport {
    pub id: String,
    pub name: String,
    pub format: String,
    pub outcome: String,
    pub title: Option<String>,
    pub publication: Option<String>,
    pub author: Option<String>,
    pub url: Option<String>,
    pub published: Option<String>,
    pub language: Option<String>,
    pub hash: String,
    pub coder: String,
    pub text: String,
    /// Ids of the reports that copy the same story, this one included.
    pub copies: Vec<String>,
    /// Ids of its records.
    pub records: Vec<String>,
}

/// How much an archive holds.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Stats {
    /// Reports by outcome.
    pub reports: BTreeMap<String, u64>,
    /// Records by category.
    pub records: BTreeMap<String, u64>,
    /// Incidents by category.
    pub incidents: BTreeMap<String, u64>,
    /// Incidents by number of independent origins: one, two, three or more.
    pub origins: [u64; 3],
    /// First and last day of publication.
    pub published: Option<(String, String)>,
    /// Reports by outlet, the most frequent twenty.
    pub outlets: Vec<(String, u64)>,
    /// Bytes of the file.
    pub bytes: u64,
}

/// A `WHERE` clause and its values.
struct Clause {
    sql: String,
    values: Vec<Value>,
}

impl Filter {
    fn clause(&self) -> Clause {
        let (mut parts, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
        let mut ask = |sql: &str, value: Value| {
            values.push(value);
            parts.push(sql.replace('?', &format!("?{}", values.len())));
        };
        let words = |text: &Option<String>| text.as_deref().map(matching).filter(|words| !words.is_empty());
        if let Some(words) = words(&self.words) {
            ask("record.report IN (SELECT rowid FROM report_words WHERE report_words MATCH ?)", words.into());
        }
        for (column, text) in [("party", &self.party), ("place", &self.place), ("source", &self.source)] {
            if let Some(words) = words(text) {
                let query = format!("{{{column}}} : ({words})");
                ask("record.key IN (SELECT rowid FROM record_words WHERE record_words MATCH ?)", query.into());
            }
        }
        if !self.event.is_empty() {
            let list = serde_json::json!(self.event).to_string();
            ask("record.event IN (SELECT value FROM json_each(?))", list.into());
        }
        if let Some(mode) = &self.mode {
            ask("EXISTS (SELECT 1 FROM json_each(record.json, '$.mode') WHERE value = ?)", mode.clone().into());
        }
        let same = [
            ("record.country = ?", &self.country),
            ("record.status = ?", &self.status),
            ("record.certainty = ?", &self.certainty),
            ("record.report = (SELECT number FROM report WHERE id = ?)", &self.report),
        ];
        for (sql, value) in same {
            if let Some(value) = value {
                ask(sql, value.clone().into());
            }
        }
        if let Some(from) = self.from {
            ask("record.enddate >= ?", from.to_string().into());
        }
        if let Some(to) = self.to {
            ask("record.date <= ?", to.to_string().into());
        }
        if self.min_confidence > 0.0 {
            ask("record.confidence >= ?", self.min_confidence.into());
        }
        if let Some([south, west, north, east]) = self.within {
            let sql = format!(
                "record.key IN (SELECT key FROM record_place WHERE south >= {south} AND north <= {north} AND west >= ? AND east <= {east})"
            );
            ask(&sql, west.into());
        }
        Clause { sql: if parts.is_empty() { "1".to_string() } else { parts.join(" AND ") }, values }
    }

    fn limit(&self) -> String {
        if self.limit == 0 { String::new() } else { format!(" LIMIT {}", self.limit) }
    }
}

/// People's words as an FTS5 query: every word must be there, words in quotation marks side by side. Nothing they write is taken
/// for an operator.
fn matching(text: &str) -> String {
    let quoted = |part: &str| format!("\"{}\"", part.replace('"', " "));
    let mut parts = Vec::new();
    for (number, part) in text.split('"').enumerate() {
        if number % 2 == 1 && part.chars().any(char::is_alphanumeric) {
            parts.push(quoted(part));
        } else if number % 2 == 0 {
            parts.extend(part.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).map(quoted));
        }
    }
    parts.join(" ")
}

impl Archive {
    /// Calls `each` with every record that `filter` asks for and the id of its incident, by day and id.
    ///
    /// # Errors
    /// As reading the archive; and whatever `each` gives.
    pub fn records<E: From<Error>>(
        &self,
        filter: &Filter,
        mut each: impl FnMut(RecordJson, String) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let Clause { sql, values } = filter.clause();
        let sql = format!(
            "SELECT record.json, member.incident FROM record JOIN member ON member.record = record.key WHERE {sql} \
             ORDER BY record.date, record.id{}",
            filter.limit()
        );
        let odd = |error: rusqlite::Error| E::from(failed(self.path(), &error));
        let mut statement = self.connection.prepare(&sql).map_err(odd)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(odd)?;
        while let Some(row) = rows.next().map_err(odd)? {
            let (json, incident): (String, String) = (row.get(0).map_err(odd)?, row.get(1).map_err(odd)?);
            each(self.parsed(&json)?, incident)?;
        }
        Ok(())
    }

    /// Calls `each` with every incident that has a record such as `filter` asks for, and all its records, by day and id.
    ///
    /// # Errors
    /// As [`Archive::records`].
    pub fn incidents<E: From<Error>>(
        &self,
        filter: &Filter,
        mut each: impl FnMut(Incident, Vec<RecordJson>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let Clause { sql, values } = filter.clause();
        let chosen = match sql.as_str() {
            "1" => String::new(),
            sql => format!(
                "id IN (SELECT incident FROM record JOIN member ON member.record = record.key WHERE {sql}) AND "
            ),
        };
        let sql = format!(
            "SELECT id, json FROM incident WHERE {chosen} origins >= {} ORDER BY date IS NULL, date, id{}",
            filter.origins,
            filter.limit()
        );
        let odd = |error: rusqlite::Error| E::from(failed(self.path(), &error));
        let mut statement = self.connection.prepare(&sql).map_err(odd)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(odd)?;
        while let Some(row) = rows.next().map_err(odd)? {
            let (id, json): (String, String) = (row.get(0).map_err(odd)?, row.get(1).map_err(odd)?);
            each(self.parsed(&json)?, self.members(&id)?)?;
        }
        Ok(())
    }

    /// The records of an incident, first published first.
    fn members(&self, incident: &str) -> Result<Vec<RecordJson>> {
        let jsons: Vec<String> = self.sql(|connection| {
            connection
                .prepare_cached(
                    "SELECT record.json FROM member JOIN record ON record.key = member.record JOIN report ON report.number = record.report \
                     WHERE incident = ?1 ORDER BY report.published IS NULL, report.published, report.id, record.id",
                )?
                .query_map([incident], |row| row.get(0))?
                .collect()
        })?;
        jsons.iter().map(|json| self.parsed(json)).collect()
    }

    /// What `id` names: an incident, a record or a report; `None` where it names nothing.
    ///
    /// # Errors
    /// As reading the archive.
    pub fn show(&self, id: &str) -> Result<Option<Found>> {
        let one = |sql: &str| self.sql(|c| c.prepare(sql)?.query_row([id], |row| row.get::<_, String>(0)).optional());
        if let Some(json) = one("SELECT json FROM incident WHERE id = ?1")? {
            return Ok(Some(Found::Incident(Box::new(self.parsed(&json)?), self.members(id)?)));
        }
        if let Some(json) = one("SELECT json FROM record WHERE id = ?1")? {
            let incident =
                one("SELECT incident FROM member JOIN record ON record.key = member.record WHERE record.id = ?1")?;
            return Ok(Some(Found::Record(Box::new(self.parsed(&json)?), incident.unwrap_or_default())));
        }
        Ok(self.report(id)?.map(|report| Found::Report(Box::new(report))))
    }

    /// The report of that id.
    ///
    /// # Errors
    /// As reading the archive.
    pub fn report(&self, id: &str) -> Result<Option<StoredReport>> {
        self.sql(|connection| {
            let list = |sql: &str| -> rusqlite::Result<Vec<String>> {
                connection.prepare_cached(sql)?.query_map([id], |row| row.get(0))?.collect()
            };
            let sql = "SELECT id, name, format, outcome, title, publication, author, url, published, language, hash, coder, text \
                       FROM report WHERE id = ?1";
            let copies = "SELECT r.id FROM report JOIN copies ON copies.report = report.key JOIN copies c ON c.story = copies.story \
                          JOIN report r ON r.key = c.report WHERE report.id = ?1 ORDER BY r.published, r.id";
            let records = "SELECT record.id FROM record JOIN report ON report.number = record.report WHERE report.id = ?1 ORDER BY record.id";
            connection
                .prepare_cached(sql)?
                .query_row([id], |row| {
                    Ok(StoredReport {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        format: row.get(2)?,
                        outcome: row.get(3)?,
                        title: row.get(4)?,
                        publication: row.get(5)?,
                        author: row.get(6)?,
                        url: row.get(7)?,
                        published: row.get(8)?,
                        language: row.get(9)?,
                        hash: row.get(10)?,
                        coder: row.get(11)?,
                        text: unpacked(&row.get::<_, Vec<u8>>(12)?)
                            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                            .unwrap_or_default(),
                        copies: list(copies)?,
                        records: list(records)?,
                    })
                })
                .optional()
        })
    }

    /// The bytes a report was read from.
    ///
    /// # Errors
    /// As reading the archive.
    pub fn raw(&self, report: &str) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM raw JOIN report ON report.hash = raw.hash WHERE report.id = ?1";
        let packed = self.sql(|c| c.prepare(sql)?.query_row([report], |row| row.get::<_, Vec<u8>>(0)).optional())?;
        Ok(packed.and_then(|bytes| unpacked(&bytes)))
    }

    /// How much the archive holds.
    ///
    /// # Errors
    /// As reading the archive.
    pub fn stats(&self) -> Result<Stats> {
        self.sql(|connection| {
            let counts = |sql: &str| -> rusqlite::Result<Vec<(String, u64)>> {
                connection
                    .prepare(sql)?
                    .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
                    .collect()
            };
            let by = |sql: &str| counts(sql).map(|pairs| pairs.into_iter().collect::<BTreeMap<_, _>>());
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
            let origins = |range: &str| number(&format!("SELECT count(*) FROM incident WHERE origins {range}"));
            let published = "SELECT min(published), max(published) FROM report";
            let published: (Option<String>, Option<String>) =
                connection.query_row(published, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(Stats {
                reports: by("SELECT outcome, count(*) FROM report GROUP BY outcome")?,
                records: by("SELECT event, count(*) FROM record GROUP BY event")?,
                incidents: by("SELECT event, count(*) FROM incident GROUP BY event")?,
                origins: [origins("< 2")?, origins("= 2")?, origins("> 2")?],
                published: published.0.zip(published.1),
                outlets: counts(
                    "SELECT publication, count(*) AS n FROM report WHERE publication IS NOT NULL GROUP BY publication \
                     ORDER BY n DESC, publication LIMIT 20",
                )?,
                bytes: number("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")?,
            })
        })
    }

    fn parsed<T: serde::de::DeserializeOwned>(&self, json: &str) -> Result<T> {
        serde_json::from_str(json).map_err(|error| {
            let message = format!("holds a record that cannot be read ({error}); `dateline check` says where");
            Error::Data { name: self.path().display().to_string(), message }
        })
    }
}
