//! Finding damage: what the file says against what its bytes say.

use super::put::unpacked;
use super::{Archive, audit, unsigned};
use crate::Result;
use crate::corroborate::{self, Coded, claim::record_key, lineage::Sketch};
use crate::export::json::{RecordJson, parse};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Damage {
    /// The report, record, incident or table.
    pub what: String,
    /// What is wrong with it.
    pub message: String,
}

impl Archive {
    /// Looks for damage in every part of the archive: the file, the bytes of reports, the words that records quote, incidents, the
    /// audit log. Empty where all is well.
    ///
    /// # Errors
    /// As reading the archive; damage that can be told is no error.
    pub fn check(&self) -> Result<Vec<Damage>> {
        let mut damage = Vec::new();
        let mut say = |what: &str, message: String| damage.push(Damage { what: what.to_string(), message });
        self.sql(|connection| {
            let lines: Vec<String> = connection
                .prepare("PRAGMA integrity_check")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            lines.iter().filter(|line| *line != "ok").for_each(|line| say("file", line.clone()));
            bytes(connection, &mut say)?;
            let coded = reports(connection, &mut say)?;
            incidents(connection, &coded, &mut say)?;
            if let Some(seq) = audit::broken(connection)? {
                say("audit", format!("line {seq} is missing or was changed after it was written"));
            }
            Ok(())
        })?;
        Ok(damage)
    }
}

/// The bytes as they came, against their hashes.
fn bytes(connection: &Connection, say: &mut impl FnMut(&str, String)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT hash, bytes FROM raw")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (hash, packed): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
        match unpacked(&packed) {
            None => say(&hash, "its bytes cannot be unpacked".to_string()),
            Some(bytes) if blake3::hash(&bytes).to_hex().as_str() != hash => {
                say(&hash, "its bytes are not those that were stored".to_string());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Texts against what their records quote; gives all reports for the comparison of incidents.
fn reports(connection: &Connection, say: &mut impl FnMut(&str, String)) -> rusqlite::Result<Vec<Coded>> {
    let mut coded = Vec::new();
    let mut statement = connection.prepare(
        "SELECT number, report.id, text, (SELECT count(*) FROM raw WHERE raw.hash = report.hash), \
         (SELECT count(*) FROM sketch WHERE sketch.report = report.number) FROM report ORDER BY number",
    )?;
    let mut records = connection.prepare("SELECT id, key, json FROM record WHERE report = ?1 ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, id, packed): (i64, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if row.get::<_, i64>(3)? == 0 {
            say(&id, "the bytes it was read from are missing".to_string());
        }
        if row.get::<_, i64>(4)? == 0 {
            say(&id, "it is half there: its lineage is missing".to_string());
        }
        let Some(text) = unpacked(&packed).and_then(|bytes| String::from_utf8(bytes).ok()) else {
            say(&id, "its text cannot be unpacked".to_string());
            continue;
        };
        let mut of_report = Vec::new();
        let mut found = records.query([number])?;
        while let Some(row) = found.next()? {
            let (id, key, json): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            match serde_json::from_str::<RecordJson>(&json) {
                Err(error) => say(&id, format!("the record cannot be read: {error}")),
                Ok(record) => {
                    // An event of another data set has no text, and so no words to quote.
                    if let Some(error) = parse(&text, &record).err().filter(|_| !text.is_empty()) {
                        say(&id, error.to_string().trim_start_matches(&format!("{id}: ")).to_string());
                    }
                    if record_key(&record) != unsigned(key) || record.id.as_deref() != Some(id.as_str()) {
                        say(&id, "the record stands under another id".to_string());
                    }
                    of_report.push(record);
                }
            }
        }
        coded.push(Coded { report: id, sketch: Sketch::new(&text), records: of_report });
    }
    Ok(coded)
}

/// Incidents as stored against incidents made anew from all records.
fn incidents(connection: &Connection, coded: &[Coded], say: &mut impl FnMut(&str, String)) -> rusqlite::Result<()> {
    let made: BTreeMap<String, String> = corroborate::incidents(coded)
        .into_iter()
        .map(|incident| (incident.id.clone(), serde_json::to_string(&incident).unwrap_or_default()))
        .collect();
    let mut stored = BTreeMap::new();
    let mut statement = connection.prepare("SELECT id, json FROM incident")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        stored.insert(row.get::<_, String>(0)?, row.get::<_, String>(1)?);
    }
    for id in made.keys().chain(stored.keys().filter(|id| !made.contains_key(*id))) {
        match (made.get(id), stored.get(id)) {
            (Some(made), Some(stored)) if made == stored => {}
            (Some(_), Some(_)) => say(id, "the incident is not what its records say".to_string()),
            (Some(_), None) => say(id, "the incident is missing".to_string()),
            _ => say(id, "the incident has no records".to_string()),
        }
    }
    let homeless: i64 = connection.query_row(
        "SELECT count(*) FROM record LEFT JOIN member ON member.record = record.key LEFT JOIN incident ON incident.id = member.incident \
         WHERE incident.id IS NULL",
        [],
        |row| row.get(0),
    )?;
    if homeless > 0 {
        say("member", format!("{homeless} records are in no incident"));
    }
    Ok(())
}
