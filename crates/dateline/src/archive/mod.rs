//! The archive: one SQLite file with the bytes of every report, its records and the incidents they make.
//!
//! Bytes and records are kept; all else is derived from them and kept in step within the same transaction, so that a crash at any
//! moment leaves whole reports and right incidents. One writer at a time holds a lock beside the file; readers never wait.

mod audit;
mod check;
mod corroborate;
mod put;
mod query;

pub use check::Damage;
pub use put::{Entry, Outcome, Put};
pub use query::{Filter, Found, Stats, StoredReport};

use crate::{Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Marks an SQLite file as an archive of ours ("DLNE").
const APPLICATION: i32 = 0x444C_4E45;

/// One entry for each version of the schema: what turns the version before into it.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// An open archive.
#[derive(Debug)]
pub struct Archive {
    connection: Connection,
    path: PathBuf,
    /// Held while this archive may write.
    _lock: Option<File>,
}

impl Archive {
    /// Opens the archive at `path` for reading.
    ///
    /// # Errors
    /// [`Error::Data`] where it is missing, is no archive, or was written by a newer version.
    pub fn read(path: &Path) -> Result<Archive> {
        if !path.exists() {
            let message = "there is no archive; `dateline add --archive` makes one".to_string();
            return Err(Error::Data { name: path.display().to_string(), message });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| failed(path, &error))?;
        let archive = Archive { connection, path: path.to_owned(), _lock: None };
        let version = archive.version()?;
        if version < MIGRATIONS.len() {
            let message = format!(
                "its form is version {version}, this dateline reads version {}; `dateline add` with any report brings it up to date",
                MIGRATIONS.len()
            );
            return Err(Error::Data { name: path.display().to_string(), message });
        }
        Ok(archive)
    }

    /// Opens the archive at `path` for writing; makes it where there is none, and brings an older one up to date after copying it to
    /// `PATH.vN.backup`.
    ///
    /// # Errors
    /// [`Error::Data`] where the file is no archive, was written by a newer version, or another process writes to it;
    /// [`Error::Io`] where it cannot be written.
    pub fn write(path: &Path) -> Result<Archive> {
        let lock = lock(path)?;
        let connection = Connection::open(path).map_err(|error| failed(path, &error))?;
        let mut archive = Archive { connection, path: path.to_owned(), _lock: Some(lock) };
        archive.sql(|connection| {
            connection.busy_timeout(std::time::Duration::from_secs(10))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "foreign_keys", true)
        })?;
        archive.migrate()?;
        Ok(archive)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line into the audit log.
    ///
    /// # Errors
    /// As writing the archive.
    pub fn log(&mut self, what: &str, detail: &serde_json::Value) -> Result<()> {
        self.sql_mut(|connection| {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            audit::append(&transaction, what, detail)?;
            transaction.commit()
        })
    }

    fn version(&self) -> Result<usize> {
        let (application, version, tables) = self.sql(|connection| {
            let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
            let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((number("application_id")?, number("user_version")?, tables))
        })?;
        let odd = |message: String| Error::Data { name: self.path.display().to_string(), message };
        if application != APPLICATION && !(application == 0 && tables == 0) {
            return Err(odd("this SQLite file is no dateline archive; give another name for --archive".to_string()));
        }
        let version = usize::try_from(version).unwrap_or(0);
        if version > MIGRATIONS.len() {
            let known = MIGRATIONS.len();
            return Err(odd(format!(
                "its form is version {version}, this dateline knows up to {known}; use a newer dateline"
            )));
        }
        Ok(version)
    }

    fn migrate(&mut self) -> Result<()> {
        let version = self.version()?;
        if version == MIGRATIONS.len() {
            return Ok(());
        }
        if version > 0 {
            let backup = self.path.with_extension(format!("v{version}.backup"));
            let backup = backup.display().to_string();
            self.sql(|connection| connection.execute("VACUUM INTO ?1", [&backup]).map(|_| ()))?;
        }
        self.sql_mut(|connection| {
            let transaction = connection.transaction()?;
            for script in &MIGRATIONS[version..] {
                transaction.execute_batch(script)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i32)?;
            audit::append(
                &transaction,
                "made",
                &serde_json::json!({"version": MIGRATIONS.len(), "coder": crate::CODER}),
            )?;
            transaction.commit()
        })
    }

    fn sql<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.connection).map_err(|error| failed(&self.path, &error))
    }

    fn sql_mut<T>(&mut self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&mut self.connection).map_err(|error| failed(&self.path, &error))
    }
}

/// The hash by which the archive knows bytes: BLAKE3, hex.
pub fn content_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// What SQLite says, in words that name the file and the way out.
fn failed(path: &Path, error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let name = path.display().to_string();
    let message = match error.sqlite_error_code() {
        Some(Code::NotADatabase) => {
            "this is no archive (not an SQLite file); give another name for --archive".to_string()
        }
        Some(Code::DiskFull) => {
            "the disk is full; what was added before is safe, free some space and run the same command again"
                .to_string()
        }
        Some(Code::CannotOpen) => "cannot be opened; does its folder exist, and may you write there?".to_string(),
        Some(Code::ReadOnly | Code::PermissionDenied) => {
            "may not be written; choose a place you may write to".to_string()
        }
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
            "another program is writing to it; wait for it to end".to_string()
        }
        Some(Code::DatabaseCorrupt) => {
            "is damaged; `dateline check` says where, a backup or `dateline export` saves what is whole".to_string()
        }
        Some(Code::SystemIoFailure) => format!("could not be read or written: {error}; what was added before is safe"),
        _ => error.to_string(),
    };
    Error::Data { name, message }
}

/// The lock of the one writer: it ends with the process, however that ends.
fn lock(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let file = File::options().create(true).truncate(false).write(true).open(&name);
    let file = file.map_err(|source| Error::Io { name: path.display().to_string(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let message = "another dateline is writing to this archive; wait for it to end".to_string();
            Err(Error::Data { name: path.display().to_string(), message })
        }
        Err(std::fs::TryLockError::Error(source)) => Err(Error::Io { name: path.display().to_string(), source }),
    }
}

/// A key as SQLite stores it: the same 64 bits, signed.
fn signed(key: u64) -> i64 {
    i64::from_ne_bytes(key.to_ne_bytes())
}

fn unsigned(key: i64) -> u64 {
    u64::from_ne_bytes(key.to_ne_bytes())
}

#[cfg(test)]
mod tests;
