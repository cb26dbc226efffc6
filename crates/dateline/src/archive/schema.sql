-- Version 1. Bytes and records are the archive; everything under "derived" can be made again from them (`dateline check --repair`).
CREATE TABLE raw (
    hash TEXT PRIMARY KEY,              -- BLAKE3 of the bytes, hex
    size INTEGER NOT NULL,              -- of the bytes as they came
    bytes BLOB NOT NULL                 -- zstd
) WITHOUT ROWID;
CREATE TABLE report (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key INTEGER NOT NULL UNIQUE,        -- corroborate::claim::report_key(id)
    hash TEXT NOT NULL REFERENCES raw(hash),
    name TEXT NOT NULL,                 -- file, address or member of an archive
    format TEXT NOT NULL,
    outcome TEXT NOT NULL,              -- coded, no-event, not-english, failed
    coder TEXT NOT NULL,
    title TEXT, publication TEXT, author TEXT, url TEXT, published TEXT, language TEXT,
    via TEXT NOT NULL,                  -- JSON list of names
    notes TEXT NOT NULL,                -- JSON list
    text BLOB NOT NULL                  -- zstd
);
CREATE INDEX report_hash ON report(hash);
CREATE INDEX report_published ON report(published);
CREATE TABLE record (
    key INTEGER PRIMARY KEY,            -- the id as a number
    id TEXT NOT NULL UNIQUE,
    report INTEGER NOT NULL REFERENCES report(number),
    event TEXT NOT NULL,
    date TEXT, enddate TEXT,
    country TEXT,
    certainty TEXT NOT NULL,
    status TEXT NOT NULL,               -- happened, or future, hypothetical, negation
    confidence REAL NOT NULL,
    json TEXT NOT NULL                  -- as `dateline code --format jsonl` writes it
);
CREATE INDEX record_report ON record(report);
CREATE INDEX record_event_date ON record(event, date);
CREATE INDEX record_country_date ON record(country, date);
CREATE INDEX record_date ON record(date);
-- What people changed: only ever appended to, and applied again after every re-coding.
CREATE TABLE correction (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    report TEXT NOT NULL,               -- id
    event TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, -- the record by its first mention, whatever its id is now
    field TEXT NOT NULL,
    value TEXT NOT NULL,                -- JSON; null takes the record away
    reason TEXT NOT NULL
);
CREATE INDEX correction_report ON correction(report);
-- Who did what, each line sealed with the hash of the one before.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
-- Derived.
CREATE VIRTUAL TABLE report_words USING fts5(title, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE record_words USING fts5(party, place, source, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE record_place USING rtree(key, south, north, west, east);
CREATE TABLE sketch (report INTEGER PRIMARY KEY REFERENCES report(number), hashes BLOB NOT NULL);
CREATE TABLE post (hash INTEGER NOT NULL, report INTEGER NOT NULL, PRIMARY KEY (hash, report)) WITHOUT ROWID;
CREATE TABLE copies (report INTEGER PRIMARY KEY, story INTEGER NOT NULL); -- report keys; the story is the smallest of them
CREATE INDEX copies_story ON copies(story);
CREATE TABLE block (key INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (key, record)) WITHOUT ROWID;
CREATE TABLE link (a INTEGER NOT NULL, b INTEGER NOT NULL, odds REAL NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX link_b ON link(b);
CREATE TABLE incident (
    id TEXT PRIMARY KEY,
    event TEXT NOT NULL,
    date TEXT, enddate TEXT, first TEXT, last TEXT,
    reports INTEGER NOT NULL,
    origins INTEGER NOT NULL,
    json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incident_date ON incident(date);
CREATE TABLE member (record INTEGER PRIMARY KEY, incident TEXT NOT NULL);
CREATE INDEX member_incident ON member(incident);
