//! When which feed is asked, by several threads; and how all ends when the user says so.

use super::feeds::Book;
use super::visit::{Visit, Visitor};
use crate::failure::{Failure, complain};
use crate::fetch::Problem;
use dateline::formats::Item;
use dateline::formats::opml::Feed;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Feeds asked at the same time; one host still has one request at a time.
const THREADS: usize = 4;
/// How soon a signal is noticed.
const NOTICE: Duration = Duration::from_millis(100);

/// Whether the user has asked for an end.
#[derive(Clone, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Asked for by Ctrl-C or a signal to end; a second one ends at once, which harms neither archive nor memory.
    ///
    /// # Errors
    /// Where signals cannot be caught.
    pub fn on_signals() -> Result<Stop, Failure> {
        let stop = Stop::default();
        let asked = stop.clone();
        ctrlc::set_handler(move || {
            if asked.is_asked() {
                std::process::exit(130);
            }
            asked.ask();
        })
        .map_err(|error| Failure::Message(format!("signals cannot be caught: {error}")))?;
        Ok(stop)
    }

    /// Asks for an end.
    pub fn ask(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Whether an end is asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until an end is asked for; whether it is.
    pub fn wait(&self, time: Duration) -> bool {
        let asked = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(asked, time, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// When `address` is to be asked next; `None` for now. Asked once, a feed's own wish counts, and how often the user wants it does not.
fn due(book: &Book, address: &str, every: Duration, once: bool) -> Option<Timestamp> {
    let memory = book.memory(address);
    let ours = memory.asked.filter(|_| !once).and_then(|asked| asked.checked_add(every).ok());
    ours.max(memory.not_before)
}

/// How long until a feed is to be asked.
pub fn until_next(book: &Book, every: Duration) -> Duration {
    let next = book.listed.iter().map(|feed| due(book, &feed.address, every, false).unwrap_or(Timestamp::MIN)).min();
    let left = next.map(|next| next.duration_since(Timestamp::now()));
    // A clock set back must not put a feed to sleep, nor one set forward keep the processor busy.
    left.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default().clamp(Duration::from_secs(1), every)
}

/// One round through the feeds that are due.
pub struct Round<'r> {
    /// What visits them.
    pub visitor: &'r Visitor,
    /// How often the user wants them asked.
    pub every: Duration,
    /// Whether there is one round only.
    pub once: bool,
    /// Ends it early.
    pub stop: &'r Stop,
}

impl Round<'_> {
    /// Visits the feeds that are due and gives each new item to `take`; what is remembered of a feed is written down when all its items
    /// are taken, so that a crash costs no report. Says how many feeds were asked and how many want to be asked later.
    ///
    /// # Errors
    /// Where what is remembered cannot be written, or `told` cannot tell. Where an item cannot be taken, this is said, and its feed is read
    /// anew in the next round.
    pub fn run(
        &self,
        book: &mut Book,
        take: &mut dyn FnMut(Item) -> Result<(), Failure>,
        told: &mut dyn FnMut(&Visit) -> Result<(), Failure>,
    ) -> Result<(usize, usize), Failure> {
        let now = Timestamp::now();
        let is_due = |feed: &&Feed| due(book, &feed.address, self.every, self.once).is_none_or(|due| due <= now);
        let feeds: VecDeque<_> =
            book.listed.iter().filter(is_due).map(|f| (f.clone(), book.memory(&f.address))).collect();
        let (due, mut asked) = (feeds.len(), 0);
        let feeds = Arc::new(Mutex::new(feeds));
        let (visits, coming) = sync_channel(THREADS);
        for _ in 0..THREADS.min(due) {
            let (feeds, visits, visitor) = (Arc::clone(&feeds), visits.clone(), self.visitor.clone());
            // Not waited for at the end: a visit under way may take long, and nothing of it is kept before it is whole.
            std::thread::spawn(move || {
                while let Some((feed, memory)) = { feeds.lock().unwrap_or_else(PoisonError::into_inner).pop_front() } {
                    let visit = catch_unwind(AssertUnwindSafe(|| visitor.visit(&feed, &memory))).unwrap_or_else(|_| {
                        let message = "stopped at a fault of dateline itself".to_string();
                        let problem = Problem { message, passing: true, wait: None };
                        Visit::failed(&feed, &memory, &problem, Timestamp::now())
                    });
                    if visits.send(visit).is_err() {
                        return;
                    }
                }
            });
        }
        drop(visits);
        while !self.stop.is_asked() {
            let mut visit = match coming.recv_timeout(NOTICE) {
                Ok(visit) => visit,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            asked += 1;
            if let Err(problem) = std::mem::take(&mut visit.items).into_iter().try_for_each(&mut *take) {
                self.not_taken(book, &visit, problem)?;
                continue;
            }
            book.remember(&visit.address, visit.memory.clone());
            if visit.taken > 0 || !visit.memory.tries.is_empty() {
                book.save()?;
            }
            told(&visit)?;
        }
        book.save()?;
        Ok((asked, book.listed.len() - due))
    }

    /// Of a visit whose items could not be kept only its time is remembered. Once, that is the end.
    fn not_taken(&self, book: &mut Book, visit: &Visit, problem: Failure) -> Result<(), Failure> {
        if self.once {
            return Err(problem);
        }
        if let Failure::Message(message) = &problem {
            complain(message);
        }
        let mut memory = book.memory(&visit.address);
        memory.asked = visit.memory.asked;
        book.remember(&visit.address, memory);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
