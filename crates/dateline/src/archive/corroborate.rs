//! Keeping incidents in step with records: only what a new report touches is worked out again, with the same result as if all had
//! been put together at once.

use super::{signed, unsigned};
use crate::corroborate::claim::Claim;
use crate::corroborate::cluster::{self, Link};
use crate::corroborate::lineage::Sketch;
use crate::corroborate::pair::PairWeights;
use crate::export::json::RecordJson;
use crate::incident::{Incident, Story};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was put and taken since the incidents were last right.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// New reports: number, key, sketch.
    pub(super) reports: Vec<(i64, i64, Sketch)>,
    /// Keys of new records.
    pub(super) records: Vec<i64>,
    /// Keys of records that are no more.
    pub(super) gone: Vec<i64>,
}

/// Brings lineage, links and incidents up to date.
pub(super) fn update(connection: &Connection, changed: &Changed) -> rusqlite::Result<()> {
    let mut touched: BTreeSet<i64> = changed.records.iter().copied().collect();
    // Records of reports that turn out to be copies are compared anew: that their reports are copies counts.
    for (number, key, sketch) in &changed.reports {
        for report in add_to_lineage(connection, *number, *key, sketch)? {
            touched.extend(keys(
                connection.prepare_cached(
                    "SELECT record.key FROM record JOIN report ON report.number = record.report WHERE report.key = ?1",
                )?,
                report,
            )?);
        }
    }
    let mut parts: BTreeSet<i64> = touched.clone();
    for &key in &changed.gone {
        parts.extend(neighbours(connection, key)?);
        parts.extend(companions(connection, key)?);
        connection
            .prepare_cached("DELETE FROM incident WHERE id = (SELECT incident FROM member WHERE record = ?1)")?
            .execute([key])?;
        for sql in
            ["DELETE FROM block WHERE record = ?1", "DELETE FROM link WHERE a = ?1", "DELETE FROM link WHERE b = ?1"]
        {
            connection.prepare_cached(sql)?.execute([key])?;
        }
        connection.prepare_cached("DELETE FROM member WHERE record = ?1")?.execute([key])?;
        parts.remove(&key);
    }
    let mut claims = Claims::default();
    for &key in &touched {
        parts.extend(companions(connection, key)?);
        parts.extend(compare(connection, key, &mut claims)?);
    }
    regroup(connection, parts, &changed.gone)
}

fn keys(mut statement: CachedStatement<'_>, of: i64) -> rusqlite::Result<Vec<i64>> {
    statement.query_map([of], |row: &Row<'_>| row.get(0))?.collect()
}

/// Puts a report into the lineage; gives the keys of all reports of its story where the story grew.
fn add_to_lineage(connection: &Connection, number: i64, key: i64, sketch: &Sketch) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO sketch VALUES (?1, ?2)")?
        .execute(params![number, sketch.to_bytes()])?;
    let mut others = BTreeSet::new();
    for &hash in sketch.posted() {
        others.extend(keys(connection.prepare_cached("SELECT report FROM post WHERE hash = ?1")?, i64::from(hash))?);
        connection.prepare_cached("INSERT OR IGNORE INTO post VALUES (?1, ?2)")?.execute(params![hash, number])?;
    }
    others.remove(&number);
    let mut stories = BTreeSet::new();
    for other in others {
        let (their_key, bytes): (i64, Vec<u8>) = connection
            .prepare_cached(
                "SELECT report.key, hashes FROM sketch JOIN report ON report.number = sketch.report WHERE report = ?1",
            )?
            .query_row([other], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let story: i64 = connection
            .prepare_cached("SELECT story FROM copies WHERE report = ?1")?
            .query_row([their_key], |row| row.get(0))
            .optional()?
            .unwrap_or(their_key);
        if !stories.contains(&story) && sketch.copies(&Sketch::from_bytes(&bytes)) {
            stories.insert(story);
        }
    }
    let mut reports = vec![key];
    for &story in &stories {
        reports.extend(keys(connection.prepare_cached("SELECT report FROM copies WHERE story = ?1")?, story)?);
    }
    let story = reports.iter().map(|&key| unsigned(key)).min().map_or(key, signed);
    for &report in &reports {
        connection.prepare_cached("INSERT OR REPLACE INTO copies VALUES (?1, ?2)")?.execute(params![report, story])?;
    }
    Ok(if stories.is_empty() { Vec::new() } else { reports })
}

/// Claims by record key, and the story of each one's report; read once.
#[derive(Debug, Default)]
struct Claims {
    known: HashMap<i64, Option<(Claim, i64)>>,
}

impl Claims {
    fn get(&mut self, connection: &Connection, key: i64) -> rusqlite::Result<Option<&(Claim, i64)>> {
        if let Entry::Vacant(place) = self.known.entry(key) {
            let row: Option<(String, i64)> = connection
                .prepare_cached(
                    "SELECT json, copies.story FROM record JOIN report ON report.number = record.report \
                     JOIN copies ON copies.report = report.key WHERE record.key = ?1",
                )?
                .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let claim = row.and_then(|(json, story)| Some((Claim::new(&serde_json::from_str(&json).ok()?)?, story)));
            place.insert(claim);
        }
        Ok(self.known.get(&key).and_then(Option::as_ref))
    }
}

/// Compares a record with all that share a key with it; gives those it was or is linked to.
fn compare(connection: &Connection, key: i64, claims: &mut Claims) -> rusqlite::Result<Vec<i64>> {
    let mut near = neighbours(connection, key)?;
    connection.prepare_cached("DELETE FROM link WHERE a = ?1")?.execute([key])?;
    connection.prepare_cached("DELETE FROM link WHERE b = ?1")?.execute([key])?;
    let Some((claim, story)) = claims.get(connection, key)?.cloned() else { return Ok(near) };
    let mut others = BTreeSet::new();
    for block in cluster::keys(&claim) {
        let block = signed(block);
        others.extend(keys(connection.prepare_cached("SELECT record FROM block WHERE key = ?1")?, block)?);
        connection.prepare_cached("INSERT OR IGNORE INTO block VALUES (?1, ?2)")?.execute(params![block, key])?;
    }
    others.remove(&key);
    for other in others {
        let Some((theirs, their_story)) = claims.get(connection, other)? else { continue };
        let copied = claim.report != theirs.report && story == *their_story;
        if let Some(link) = cluster::link(&claim, theirs, PairWeights::embedded(), &|_, _| copied) {
            connection.prepare_cached("INSERT OR REPLACE INTO link VALUES (?1, ?2, ?3)")?.execute(params![
                signed(link.a),
                signed(link.b),
                f64::from(link.odds)
            ])?;
            near.push(other);
        }
    }
    Ok(near)
}

/// The records that a record is linked to.
fn neighbours(connection: &Connection, key: i64) -> rusqlite::Result<Vec<i64>> {
    let mut near = keys(connection.prepare_cached("SELECT b FROM link WHERE a = ?1")?, key)?;
    near.extend(keys(connection.prepare_cached("SELECT a FROM link WHERE b = ?1")?, key)?);
    Ok(near)
}

/// The other records of a record's incident.
fn companions(connection: &Connection, key: i64) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT m.record FROM member n JOIN member m ON m.incident = n.incident WHERE n.record = ?1";
    keys(connection.prepare_cached(sql)?, key)
}

/// Puts the records connected with `records` into incidents anew.
fn regroup(connection: &Connection, records: BTreeSet<i64>, gone: &[i64]) -> rusqlite::Result<()> {
    let gone: BTreeSet<i64> = gone.iter().copied().collect();
    let mut part: BTreeSet<i64> = records.into_iter().filter(|key| !gone.contains(key)).collect();
    let mut waiting: Vec<i64> = part.iter().copied().collect();
    let mut links: BTreeMap<(u64, u64), f32> = BTreeMap::new();
    while let Some(key) = waiting.pop() {
        let mut statement = connection.prepare_cached(
            "SELECT a, b, odds FROM link WHERE a = ?1 UNION ALL SELECT a, b, odds FROM link WHERE b = ?1",
        )?;
        let mut rows = statement.query([key])?;
        while let Some(row) = rows.next()? {
            let (a, b, odds): (i64, i64, f64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            links.insert((unsigned(a), unsigned(b)), odds as f32);
            waiting.extend([a, b].into_iter().filter(|other| part.insert(*other)));
        }
    }
    let mut stories: BTreeMap<u64, (String, u64, u64, RecordJson)> = BTreeMap::new();
    for &key in &part {
        let row = connection
            .prepare_cached(
                "SELECT report.id, report.key, copies.story, json FROM record JOIN report ON report.number = record.report \
                 JOIN copies ON copies.report = report.key WHERE record.key = ?1",
            )?
            .query_row([key], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?)))
            .optional()?;
        if let Some((id, report, story, json)) = row {
            let record = serde_json::from_str(&json).unwrap_or_default();
            stories.insert(unsigned(key), (id, unsigned(report), unsigned(story), record));
        }
        let old: Option<String> = connection
            .prepare_cached("SELECT incident FROM member WHERE record = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        if let Some(old) = old {
            connection.prepare_cached("DELETE FROM incident WHERE id = ?1")?.execute([old])?;
        }
    }
    let links: Vec<Link> = links.into_iter().map(|((a, b), odds)| Link { a, b, odds }).collect();
    let reports: BTreeMap<u64, u64> = stories.iter().map(|(&key, (_, report, _, _))| (key, *report)).collect();
    for group in cluster::clusters(&reports, &links) {
        let told = group.iter().filter_map(|key| stories.get(key)).map(|(id, _, story, record)| Story {
            report: id,
            origin: *story,
            record,
        });
        let incident = Incident::new(told.collect());
        write(connection, &incident, &group)?;
    }
    Ok(())
}

fn write(connection: &Connection, incident: &Incident, records: &[u64]) -> rusqlite::Result<()> {
    let reports: usize = incident.origins.iter().map(Vec::len).sum();
    connection.prepare_cached("INSERT OR REPLACE INTO incident VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
        params![
            incident.id,
            incident.event,
            incident.date,
            incident.enddate,
            incident.first,
            incident.last,
            reports as i64,
            incident.origins.len() as i64,
            serde_json::to_string(incident).unwrap_or_default(),
        ],
    )?;
    for &record in records {
        connection
            .prepare_cached("INSERT OR REPLACE INTO member VALUES (?1, ?2)")?
            .execute(params![signed(record), incident.id])?;
    }
    Ok(())
}
