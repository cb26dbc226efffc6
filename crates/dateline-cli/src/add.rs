//! `dateline add`: reports into an archive, and what came of each.

use crate::args::AddArgs;
use crate::failure::{Failure, Outcome, complain};
use crate::input;
use crate::parallel;
use crate::run::{self, Output};
use dateline::archive::{self, Archive, Entry, Put};
use dateline::export::json;
use dateline::formats::Item;
use dateline::{CODER, Coder};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// So many reports are put into the archive at once, or as many as were coded in so much time: what a crash can cost.
const PORTION: usize = 32;
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of one item before the archive is asked to take it.
enum Piece {
    /// A new report.
    New(Box<Item>),
    /// A report the archive holds.
    Known(String),
    /// What could not be read.
    Bad(String),
}

/// What came of it.
enum Done {
    Coded(Box<Entry>, Vec<String>),
    Known(String),
    Bad(String),
}

/// Runs `dateline add`.
pub fn add(args: &AddArgs) -> Result<Outcome, Failure> {
    let coder = Coder::english()?;
    let archive = RefCell::new(Archive::write(&args.archive.archive)?);
    let options = run::read_options(&args.reading);
    let fetcher = run::fetcher(&args.reading.fetching);
    let inputs = input::expand(&args.reading.inputs);
    let mut tally = Tally::new(inputs.len(), args.json)?;
    let bar = tally.bar.clone();
    let pieces = inputs.into_iter().flat_map(|input| {
        bar.inc(1);
        let (items, message) = match input.and_then(|input| run::open(&input, fetcher.as_ref(), &options)) {
            Ok(items) => (Some(items), None),
            Err(message) => (None, Some(Piece::Bad(message))),
        };
        items.into_iter().flatten().map(|item| piece(item, &archive)).chain(message)
    });
    let work = |piece: Piece| match piece {
        Piece::Bad(message) => Done::Bad(message),
        Piece::Known(id) => Done::Known(id),
        Piece::New(item) => {
            let (entry, said) = coded(&coder, *item, args.reading.force);
            Done::Coded(Box::new(entry), said)
        }
    };
    let (mut waiting, mut since) = (Vec::new(), Instant::now());
    parallel::ordered(parallel::jobs(args.jobs), pieces, work, |done| {
        match done {
            Done::Bad(message) => tally.unreadable(&message)?,
            Done::Known(id) => tally.count("duplicate", &id, 0)?,
            Done::Coded(entry, said) => {
                said.iter().for_each(|message| tally.say(message));
                waiting.push(*entry);
            }
        }
        if waiting.len() >= PORTION || since.elapsed() >= PATIENCE {
            store(&mut archive.borrow_mut(), &mut waiting, &mut tally)?;
            since = Instant::now();
        }
        Ok::<(), Failure>(())
    })?;
    store(&mut archive.borrow_mut(), &mut waiting, &mut tally)?;
    tally.finish()
}

fn piece(item: dateline::Result<Item>, archive: &RefCell<Archive>) -> Piece {
    match item {
        Err(error) => Piece::Bad(error.to_string()),
        Ok(item) => match archive.borrow().holds(&item.report.content_hash) {
            Ok(true) => Piece::Known(item.report.id),
            Ok(false) => Piece::New(Box::new(item)),
            Err(error) => Piece::Bad(error.to_string()),
        },
    }
}

/// The report of `item`, coded, ready for an archive; and what to say about it. A report in another language is kept uncoded, and so
/// is one that the coder fails on.
pub fn coded(coder: &Coder, item: Item, force: bool) -> (Entry, Vec<String>) {
    let mut said = run::notes(&item.report);
    let english = item.report.language.as_deref().is_none_or(|language| language == "en");
    let (outcome, records) = if !english && !force {
        (archive::Outcome::NotEnglish, Vec::new())
    } else {
        let report = item.report.clone();
        let records = catch_unwind(AssertUnwindSafe(|| {
            let doc = coder.annotate(report);
            json::records(&doc, &coder.code(&doc))
        }));
        match records {
            Ok(records) if records.is_empty() => (archive::Outcome::NoEvent, records),
            Ok(records) => (archive::Outcome::Coded, records),
            Err(_) => {
                said.push(format!(
                    "{}: stopped at a fault of dateline itself; it is kept without records",
                    item.report.id
                ));
                (archive::Outcome::Failed, Vec::new())
            }
        }
    };
    let Item { report, raw, format, name } = item;
    (Entry { report, raw, name, format: format.name().to_string(), outcome, records }, said)
}

/// Puts what waits into the archive and counts it.
fn store(archive: &mut Archive, waiting: &mut Vec<Entry>, tally: &mut Tally) -> Result<(), Failure> {
    let entries = std::mem::take(waiting);
    if entries.is_empty() {
        return Ok(());
    }
    for (put, entry) in archive.put(&entries)?.into_iter().zip(&entries) {
        match put {
            Put::Added(id) | Put::Recoded(id) => tally.count(entry.outcome.name(), &id, entry.records.len())?,
            Put::Duplicate => tally.count("duplicate", &entry.report.id, 0)?,
        }
    }
    Ok(())
}

/// Counts by outcome, shown as the work goes on.
struct Tally {
    counts: BTreeMap<String, usize>,
    records: usize,
    started: Instant,
    bar: ProgressBar,
    /// Where JSON events go.
    json: Option<Output>,
}

impl Tally {
    fn new(inputs: usize, json: bool) -> Result<Tally, Failure> {
        let bar = if json || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::with_draw_target(Some(inputs as u64), ProgressDrawTarget::stderr())
        };
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} inputs, {eta} left; {wide_msg}");
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let json = json.then(|| Output::open(None, &[])).transpose()?;
        Ok(Tally { counts: BTreeMap::new(), records: 0, started: Instant::now(), bar, json })
    }

    fn count(&mut self, outcome: &str, report: &str, records: usize) -> Result<(), Failure> {
        *self.counts.entry(outcome.to_string()).or_default() += 1;
        self.records += records;
        self.bar.set_message(self.line());
        self.event(&serde_json::json!({"event": "report", "report": report, "outcome": outcome, "records": records}))
    }

    fn unreadable(&mut self, message: &str) -> Result<(), Failure> {
        *self.counts.entry("unreadable".to_string()).or_default() += 1;
        self.say(message);
        self.event(&serde_json::json!({"event": "unreadable", "message": message}))
    }

    fn event(&mut self, event: &serde_json::Value) -> Result<(), Failure> {
        self.json.as_mut().map_or(Ok(()), |output| output.write(&format!("{event}\n")))
    }

    fn say(&self, message: &str) {
        self.bar.suspend(|| complain(message));
    }

    /// "12 coded, 3 no event, 4 duplicate; 5.2 reports/s".
    fn line(&self) -> String {
        let counts: Vec<String> = self.counts.iter().map(|(outcome, n)| format!("{n} {outcome}")).collect();
        let reports: usize = self.counts.values().sum();
        let rate = reports as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        format!("{}; {rate:.1} reports/s", counts.join(", "))
    }

    fn finish(mut self) -> Result<Outcome, Failure> {
        self.bar.finish_and_clear();
        let done = serde_json::json!({"event": "done", "counts": self.counts, "records": self.records, "coder": CODER});
        self.event(&done)?;
        let unreadable = self.counts.contains_key("unreadable") || self.counts.contains_key("failed");
        match self.json.take() {
            Some(output) => output.finish()?,
            None => eprintln!("{}, {} records", self.line(), self.records),
        }
        Ok(if unreadable { Outcome::Flawed } else { Outcome::Done })
    }
}
