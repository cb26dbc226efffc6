//! One visit to one feed: what is new in it, with its pages where they are wanted, and what to remember.

use super::feeds::Memory;
use super::schedule::Stop;
use crate::fetch::pages::{format, items, page_of, without_page};
use crate::fetch::{Answer, Fetcher, Problem, Validators};
use dateline::formats::opml::Feed;
use dateline::formats::{Format, Item, ReadOptions};
use jiff::Timestamp;
use std::collections::HashSet;
use std::time::Duration;

/// Marks kept of items that stand in the feed no more: feeds drop items and show them again.
const OLDER: usize = 200;
/// So often the page of an item is tried, at different visits; then what the feed gives is taken.
const TRIES: u32 = 3;
/// A feed is asked at least so often, whatever it wishes and however often it failed.
const SELDOM: Duration = Duration::from_secs(24 * 3600);
/// The first pause after a failure; it doubles with each.
const BACK_OFF: Duration = Duration::from_secs(15 * 60);

/// What a feed may be written in; an archive or a page in its place is not read.
const FEEDS: &[Format] = &[Format::Feed, Format::Json, Format::Jsonl, Format::Ninjs, Format::NewsMl];

/// What visits feeds.
#[derive(Clone)]
pub struct Visitor {
    /// Gets them.
    pub fetcher: Fetcher,
    /// How reports are read.
    pub options: ReadOptions,
    /// Whether pages are got.
    pub pages: bool,
    /// Ends a visit early.
    pub stop: Stop,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// The feed was read.
    Read,
    /// It is as it was.
    Unchanged,
    /// It could not be read; the message says why.
    Failed(String),
}

/// A visit.
#[derive(Debug)]
pub struct Visit {
    /// Where the feed is.
    pub address: String,
    /// Its name in the list.
    pub title: Option<String>,
    /// How it ended.
    pub came: Came,
    /// What is new.
    pub items: Vec<Item>,
    /// Number of them.
    pub taken: usize,
    /// Items that cannot be read.
    pub problems: Vec<String>,
    /// What to remember when the items are kept.
    pub memory: Memory,
}

impl Visit {
    fn new(feed: &Feed, memory: Memory, came: Came) -> Self {
        let Feed { title, address } = feed.clone();
        Visit { address, title, came, items: Vec::new(), taken: 0, problems: Vec::new(), memory }
    }

    /// A visit that failed at `now`.
    pub fn failed(feed: &Feed, memory: &Memory, problem: &Problem, now: Timestamp) -> Self {
        let failures = memory.failures.saturating_add(1);
        let doubled = BACK_OFF.saturating_mul(1 << (failures - 1).min(16));
        let pause = doubled.max(problem.wait.unwrap_or_default());
        let memory = Memory { asked: Some(now), failures, not_before: later(now, pause), ..memory.clone() };
        Visit::new(feed, memory, Came::Failed(problem.message.clone()))
    }
}

/// The moment a pause after `now`, which is a day at most.
fn later(now: Timestamp, pause: Duration) -> Option<Timestamp> {
    now.checked_add(pause.min(SELDOM)).ok()
}

impl Visitor {
    /// Visits `feed`, of which `memory` is known.
    pub fn visit(&self, feed: &Feed, memory: &Memory) -> Visit {
        // Pages still to be had are named by the feed only: then it is read although it may not have changed.
        let known = if memory.tries.is_empty() { memory.validators.clone() } else { Validators::default() };
        let answer = self.fetcher.get(&feed.address, &known);
        let now = Timestamp::now();
        match answer {
            Err(problem) => Visit::failed(feed, memory, &problem, now),
            Ok(Answer::Unchanged(fresh)) => {
                let not_before = fresh.and_then(|fresh| later(now, fresh));
                let memory = Memory { asked: Some(now), failures: 0, not_before, ..memory.clone() };
                Visit::new(feed, memory, Came::Unchanged)
            }
            Ok(Answer::Page(page)) if !FEEDS.contains(&format(&page)) => {
                let message = format!("expected a feed, found {}", format(&page).name());
                Visit::failed(feed, memory, &Problem { message, passing: true, wait: None }, now)
            }
            Ok(Answer::Page(page)) => {
                let wish = page.fresh.max(time_to_live(&page.bytes));
                let next = Memory {
                    validators: page.validators.clone(),
                    asked: Some(now),
                    not_before: wish.and_then(|wish| later(now, wish)),
                    ..Memory::default()
                };
                let mut visit = Visit::new(feed, next, Came::Read);
                let mut marks = Marks { before: memory.seen.iter().map(String::as_str).collect(), now: HashSet::new() };
                for item in items(*page, &self.options) {
                    if self.stop.is_asked() {
                        visit.memory.validators = Validators::default();
                        break;
                    }
                    match item {
                        Ok(item) => self.take(item, memory, &mut marks, &mut visit),
                        Err(error) => {
                            let message = error.to_string();
                            if marks.fresh(&mark(&message), &mut visit) {
                                visit.problems.push(message);
                            }
                        }
                    }
                }
                let older = memory.seen.iter().filter(|mark| !marks.now.contains(*mark)).take(OLDER);
                visit.memory.seen.extend(older.cloned());
                visit.taken = visit.items.len();
                visit
            }
        }
    }

    /// Takes `item` where it is new, its page where that is wanted and can be had.
    fn take(&self, item: Item, memory: &Memory, marks: &mut Marks, visit: &mut Visit) {
        let address = page_of(&item).filter(|_| self.pages).map(str::to_owned);
        let mark = mark(address.as_deref().unwrap_or(&item.report.content_hash));
        if !marks.fresh(&mark, visit) {
            return;
        }
        let Some(address) = address else { return visit.items.push(item) };
        let problem = match self.fetcher.page_item(&address, Some(&visit.address), &item, &self.options) {
            Ok(whole) => return visit.items.push(whole),
            Err(problem) => problem,
        };
        let tries = memory.tries.get(&mark).map_or(1, |tries| tries + 1);
        if problem.passing && tries < TRIES {
            tracing::info!(page = address, problem = problem.message, "to be tried again");
            visit.memory.seen.retain(|seen| *seen != mark);
            visit.memory.tries.insert(mark, tries);
        } else {
            visit.items.push(without_page(item, &problem));
        }
    }
}

/// The marks of items: those of former visits and those in the feed now.
struct Marks<'m> {
    before: HashSet<&'m str>,
    now: HashSet<String>,
}

impl Marks<'_> {
    /// Remembers `mark`; whether it was not known.
    fn fresh(&mut self, mark: &str, visit: &mut Visit) -> bool {
        if !self.now.insert(mark.to_string()) {
            return false;
        }
        visit.memory.seen.push(mark.to_string());
        !self.before.contains(mark)
    }
}

/// A short name for what `name` names.
fn mark(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex()[..16].to_string()
}

/// For how long a feed says it is good: `<ttl>`, in minutes (RSS 2.0), before its first item.
fn time_to_live(feed: &[u8]) -> Option<Duration> {
    let head = String::from_utf8_lossy(&feed[..feed.len().min(16 << 10)]);
    let head = head.split("<item").next().unwrap_or("");
    let minutes: u64 = head.split_once("<ttl>")?.1.split('<').next()?.trim().parse().ok()?;
    Some(Duration::from_secs(minutes.saturating_mul(60)))
}
