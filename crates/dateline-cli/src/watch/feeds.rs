//! Which feeds are followed, and what is remembered of each between visits: a JSON file beside the archive.

use super::beside;
use crate::failure::{Failure, reason};
use crate::fetch::Validators;
use crate::fetch::address::is_address;
use dateline::formats::opml::{self, Feed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The version of the file's form.
const VERSION: u32 = 1;

/// What is remembered of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// What tells whether it has changed.
    #[serde(flatten)]
    pub validators: Validators,
    /// When it was last asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// Before this it wants not to be asked: its own wish, or after failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Failures since it was last read.
    #[serde(skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// Marks of the items that were taken: those in the feed now, then the latest others.
    pub seen: Vec<String>,
    /// How often the pages of items failed that are still to be had.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tries: BTreeMap<String, u32>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    version: u32,
    /// By address; those of feeds that are not followed now are kept.
    feeds: BTreeMap<String, Memory>,
}

/// The feeds followed, and what is remembered of all.
#[derive(Debug)]
pub struct Book {
    /// The feeds followed now.
    pub listed: Vec<Feed>,
    path: PathBuf,
    stored: Stored,
    /// Held so that no second watch follows feeds for the same archive.
    _lock: Option<File>,
}

impl Book {
    /// What is remembered beside `archive` of feeds, of which `listed` are followed.
    ///
    /// # Errors
    /// Where the file is damaged or of a newer version, or another watch uses it.
    pub fn open(archive: &Path, listed: Vec<Feed>) -> Result<Book, Failure> {
        let path = beside(archive, ".feeds.json");
        let told = |message: String| Failure::Message(format!("{}: {message}", path.display()));
        let lock = File::options().create(true).truncate(false).write(true).open(beside(archive, ".feeds.lock"));
        let lock = lock.map_err(|error| told(format!("cannot be written: {}", reason(&error))))?;
        if lock.try_lock().is_err() {
            return Err(told("another dateline follows feeds for this archive; wait for it to end".to_string()));
        }
        let stored = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                told(format!("is damaged ({error}); remove it to begin anew, reports already held are not added twice"))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Stored { version: VERSION, ..Stored::default() },
            Err(error) => return Err(told(reason(&error))),
        };
        if stored.version != VERSION {
            let found = stored.version;
            return Err(told(format!(
                "its form is version {found}, this dateline knows version {VERSION}; use a newer dateline"
            )));
        }
        Ok(Book { listed, path, stored, _lock: Some(lock) })
    }

    /// What is remembered of a feed.
    pub fn memory(&self, address: &str) -> Memory {
        self.stored.feeds.get(address).cloned().unwrap_or_default()
    }

    /// Remembers something else of it.
    pub fn remember(&mut self, address: &str, memory: Memory) {
        self.stored.feeds.insert(address.to_string(), memory);
    }

    /// Writes all to the file, which is whole at any moment: the old or the new.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn save(&self) -> Result<(), Failure> {
        let new = beside(&self.path, ".new");
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(&self.stored)?)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().map_err(|error: io::Error| Failure::writing(&self.path.display().to_string(), &error))
    }
}

/// The feeds in `lists`, each once, and what is wrong with lists that cannot be read. An address among them is a feed itself.
pub fn listed(lists: &[PathBuf]) -> (Vec<Feed>, Vec<String>) {
    let (mut feeds, mut problems, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for list in lists {
        let found = match list.to_str().filter(|name| is_address(name)) {
            Some(address) => Ok(vec![Feed { title: None, address: address.to_string() }]),
            None => fs::read(list).map(|bytes| opml::feeds(&bytes)),
        };
        match found {
            Err(error) => problems.push(format!("{}: {}", list.display(), reason(&error))),
            Ok(found) if found.is_empty() => {
                let message = "no feeds found, expected OPML with <outline xmlUrl=\"https://…\">";
                problems.push(format!("{}: {message}", list.display()));
            }
            Ok(found) => feeds.extend(found.into_iter().filter(|feed| seen.insert(feed.address.clone()))),
        }
    }
    (feeds, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_again() {
        let folder = std::env::temp_dir().join(format!("dateline-book-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let archive = folder.join("news.dateline");
        let feed = Feed { title: None, address: "https://town.example/rss".to_string() };
        let mut book = Book::open(&archive, vec![feed.clone()]).unwrap();
        let memory = Memory {
            validators: Validators { etag: Some("\"1\"".to_string()), last_modified: None },
            asked: Some("2024-03-06T10:00:00Z".parse().unwrap()),
            seen: vec!["a".to_string()],
            tries: BTreeMap::from([("b".to_string(), 2)]),
            ..Memory::default()
        };
        book.remember(&feed.address, memory.clone());
        book.save().unwrap();
        let second = Book::open(&archive, Vec::new()).unwrap_err();
        assert!(matches!(second, Failure::Message(message) if message.contains("another dateline follows feeds")));
        drop(book);
        assert_eq!(Book::open(&archive, vec![feed.clone()]).unwrap().memory(&feed.address), memory);
        for (bytes, wanted) in [(&b"{\"version\":"[..], "is damaged"), (b"{\"version\":9,\"feeds\":{}}", "version 9")] {
            fs::write(folder.join("news.dateline.feeds.json"), bytes).unwrap();
            let problem = Book::open(&archive, Vec::new()).unwrap_err();
            assert!(matches!(&problem, Failure::Message(message) if message.contains(wanted)), "{problem:?}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn lists_without_feeds_are_told() {
        let (feeds, problems) =
            listed(&["no/such.opml".into(), "https://town.example/rss".into(), "HTTPS://town.example/b".into()]);
        assert_eq!((feeds.len(), problems), (2, vec!["no/such.opml: no such file or directory".to_string()]));
    }
}
