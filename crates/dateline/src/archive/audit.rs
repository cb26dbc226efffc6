//! The log of what was done to the archive: every line is sealed with a hash over itself and the line before.

use rusqlite::{Connection, OptionalExtension};

/// Adds a line.
pub(super) fn append(connection: &Connection, what: &str, detail: &serde_json::Value) -> rusqlite::Result<()> {
    let last: Option<(i64, String)> = connection
        .query_row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (seq, before) = last.map_or((1, String::new()), |(seq, hash)| (seq + 1, hash));
    let (at, detail) = (jiff::Timestamp::now().to_string(), detail.to_string());
    let hash = seal(&before, seq, &at, what, &detail);
    connection.execute("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5)", (seq, at, what, detail, hash)).map(|_| ())
}

/// The number of the first line that was changed, or whose predecessor is missing.
pub(super) fn broken(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare("SELECT seq, at, what, detail, hash FROM audit ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let (mut before, mut expected) = (String::new(), 1);
    while let Some(row) = rows.next()? {
        let (seq, hash): (i64, String) = (row.get(0)?, row.get(4)?);
        let whole = seal(&before, seq, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?, &row.get::<_, String>(3)?);
        if seq != expected || hash != whole {
            return Ok(Some(expected));
        }
        (before, expected) = (hash, seq + 1);
    }
    Ok(None)
}

fn seal(before: &str, seq: i64, at: &str, what: &str, detail: &str) -> String {
    let line = serde_json::json!([before, seq, at, what, detail]).to_string();
    blake3::hash(line.as_bytes()).to_hex().to_string()
}
