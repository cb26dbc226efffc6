//! Putting coded reports into the archive.

use super::{Archive, audit, corroborate, signed};
use crate::corroborate::claim::{record_key, report_key};
use crate::corroborate::lineage::Sketch;
use crate::export::json::RecordJson;
use crate::{CODER, Report, Result};
use rusqlite::{Connection, OptionalExtension, params};

/// Zstandard level: texts shrink to a third, in a fraction of the time of coding them.
const LEVEL: i32 = 3;

/// A report to be put into the archive, with its records.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The report.
    pub report: Report,
    /// The bytes it was read from.
    pub raw: Vec<u8>,
    /// File, address or member of an archive.
    pub name: String,
    /// The format's name.
    pub format: String,
    /// What came of coding it.
    pub outcome: Outcome,
    /// Its records.
    pub records: Vec<RecordJson>,
}

/// What came of coding a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It tells events.
    Coded,
    /// It tells none.
    NoEvent,
    /// It is in another language.
    NotEnglish,
    /// The coder failed on it.
    Failed,
    /// It is an event of another data set, without text.
    Imported,
}

impl Outcome {
    /// The name as stored and shown.
    pub fn name(self) -> &'static str {
        ["coded", "no event", "not English", "failed", "imported"][self as usize]
    }
}

/// What putting a report did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is new; the id it goes by in the archive.
    Added(String),
    /// Its bytes were there already, coded by this version.
    Duplicate,
    /// Its bytes were there, coded by another version; the records are now those of this one.
    Recoded(String),
}

impl Archive {
    /// Whether a report of these bytes is there, coded by this version of the coder.
    ///
    /// # Errors
    /// As reading the archive.
    pub fn holds(&self, content_hash: &str) -> Result<bool> {
        self.sql(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT 1 FROM report WHERE hash = ?1 AND coder = ?2 LIMIT 1")?;
            statement.exists((content_hash, CODER))
        })
    }

    /// Puts `entries` into the archive, with the incidents they change, all or none of them.
    ///
    /// # Errors
    /// [`crate::Error::Data`] where the archive cannot be written; nothing of these entries is then in it.
    pub fn put(&mut self, entries: &[Entry]) -> Result<Vec<Put>> {
        self.sql_mut(|connection| {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let mut done = Vec::with_capacity(entries.len());
            let mut changed = corroborate::Changed::default();
            for entry in entries {
                done.push(put(&transaction, entry, &mut changed)?);
            }
            corroborate::update(&transaction, &changed)?;
            let added = done.iter().filter(|put| **put != Put::Duplicate).count();
            if added > 0 {
                audit::append(&transaction, "added", &serde_json::json!({"reports": added, "coder": CODER}))?;
            }
            transaction.commit()?;
            Ok(done)
        })
    }
}

fn put(connection: &Connection, entry: &Entry, changed: &mut corroborate::Changed) -> rusqlite::Result<Put> {
    let report = &entry.report;
    let known: Option<(i64, String, String)> = connection
        .prepare_cached("SELECT number, id, coder FROM report WHERE hash = ?1")?
        .query_row([&report.content_hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if let Some((number, id, coder)) = known {
        if coder == CODER {
            return Ok(Put::Duplicate);
        }
        forget_records(connection, number, changed)?;
        let sql = "UPDATE report SET coder = ?2, outcome = ?3, notes = ?4 WHERE number = ?1";
        connection.prepare_cached(sql)?.execute(params![number, CODER, entry.outcome.name(), notes(report)])?;
        put_records(connection, number, &id, entry, changed)?;
        return Ok(Put::Recoded(id));
    }
    let id = free_id(connection, report)?;
    let hash = &report.content_hash;
    connection.prepare_cached("INSERT OR IGNORE INTO raw VALUES (?1, ?2, ?3)")?.execute(params![
        hash,
        i64::try_from(entry.raw.len()).unwrap_or(i64::MAX),
        packed(&entry.raw)
    ])?;
    let via: Vec<&str> = report.via.iter().map(|credit| credit.name.as_str()).collect();
    connection
        .prepare_cached(
            "INSERT INTO report (id, key, hash, name, format, outcome, coder, title, publication, author, url, published, language, \
             via, notes, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            id,
            signed(report_key(&id)),
            hash,
            entry.name,
            entry.format,
            entry.outcome.name(),
            CODER,
            report.title.map(|span| span.of(&report.text)),
            report.publication,
            report.author,
            report.url,
            report.published.map(|date| date.to_string()),
            report.language,
            serde_json::json!(via).to_string(),
            notes(report),
            packed(report.text.as_bytes()),
        ])?;
    let number = connection.last_insert_rowid();
    let title = report.title.map_or("", |span| span.of(&report.text));
    connection
        .prepare_cached("INSERT INTO report_words (rowid, title, body) VALUES (?1, ?2, ?3)")?
        .execute(params![number, title, report.text])?;
    put_records(connection, number, &id, entry, changed)?;
    changed.reports.push((number, signed(report_key(&id)), Sketch::new(&report.text)));
    Ok(Put::Added(id))
}

/// The report's own id; where another report goes by it (two files that number their reports alike), with the first digits of its
/// hash.
fn free_id(connection: &Connection, report: &Report) -> rusqlite::Result<String> {
    let taken = connection.prepare_cached("SELECT 1 FROM report WHERE id = ?1")?.exists([&report.id])?;
    Ok(if taken { format!("{}@{}", report.id, &report.content_hash[..12]) } else { report.id.clone() })
}

fn put_records(
    connection: &Connection,
    number: i64,
    id: &str,
    entry: &Entry,
    changed: &mut corroborate::Changed,
) -> rusqlite::Result<()> {
    for record in &entry.records {
        let record = RecordJson { report: Some(id.to_string()), ..record.clone() };
        put_record(connection, number, &record)?;
        changed.records.push(signed(record_key(&record)));
    }
    Ok(())
}

fn put_record(connection: &Connection, number: i64, record: &RecordJson) -> rusqlite::Result<()> {
    let key = signed(record_key(record));
    let place = record.event_loc.as_ref();
    let of_parties = || record.recipient.iter().chain(&record.actor).find_map(|party| party.code.clone());
    let status = record.auxiliary.iter().find(|name| *name != "historical").map_or("happened", String::as_str);
    connection
        .prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?
        .execute(params![
        key,
        record.id,
        number,
        record.event,
        record.date,
        record.enddate.as_ref().or(record.date.as_ref()),
        place.and_then(|place| place.country_code.clone()).or_else(of_parties),
        record.certainty.as_deref().unwrap_or("asserted"),
        status,
        record.confidence.unwrap_or(1.0),
        serde_json::to_string(record).unwrap_or_default(),
    ])?;
    let joined = |words: Vec<&str>| words.join(" | ");
    let parties = record.actor.iter().chain(&record.recipient);
    let parties = parties.flat_map(|party| [party.entity_text.as_deref(), party.code.as_deref()]).flatten().collect();
    let places = place.iter().flat_map(|place| {
        [&place.extracted_place, &place.resolved_place, &place.city, &place.province]
            .into_iter()
            .filter_map(Option::as_deref)
    });
    let sources = record.attribution.iter().filter_map(|link| link.source.as_deref()).collect();
    connection
        .prepare_cached("INSERT OR REPLACE INTO record_words (rowid, party, place, source) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![key, joined(parties), joined(places.collect()), joined(sources)])?;
    if let Some((lat, lon)) = place.and_then(|place| place.lat.zip(place.lon)) {
        connection
            .prepare_cached("INSERT OR REPLACE INTO record_place VALUES (?1, ?2, ?2, ?3, ?3)")?
            .execute(params![key, lat, lon])?;
    }
    Ok(())
}

/// Takes away the records of a report, which are about to be coded anew.
fn forget_records(connection: &Connection, number: i64, changed: &mut corroborate::Changed) -> rusqlite::Result<()> {
    let keys: Vec<i64> = connection
        .prepare_cached("SELECT key FROM record WHERE report = ?1")?
        .query_map([number], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for key in keys {
        connection.prepare_cached("DELETE FROM record_place WHERE key = ?1")?.execute([key])?;
        connection.prepare_cached("DELETE FROM record_words WHERE rowid = ?1")?.execute([key])?;
        connection.prepare_cached("DELETE FROM record WHERE key = ?1")?.execute([key])?;
        changed.gone.push(key);
    }
    Ok(())
}

fn notes(report: &Report) -> String {
    serde_json::to_string(&report.notes).unwrap_or_default()
}

/// `bytes`, compressed. Compression into memory does not fail; were it to, the bytes themselves are stored, which
/// [`unpacked`] knows.
pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, LEVEL).unwrap_or_else(|_| bytes.to_vec())
}

/// What [`packed`] packed.
pub(super) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    zstd::stream::decode_all(bytes).ok()
}
