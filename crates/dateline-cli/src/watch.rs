//! `dateline watch`: follows feeds, politely, and puts what they report into an archive.

mod feeds;
mod schedule;
mod visit;

use crate::add::coded;
use crate::args::WatchArgs;
use crate::failure::{Failure, Outcome, complain};
use crate::fetch::Fetcher;
use crate::run::Output;
use crate::term::clean;
use dateline::Coder;
use dateline::archive::Archive;
use dateline::formats::{Item, ReadOptions};
use feeds::Book;
use schedule::{Round, Stop};
use std::path::{Path, PathBuf};
use visit::{Came, Visit, Visitor};

/// Runs `dateline watch`.
pub fn watch(args: &WatchArgs) -> Result<Outcome, Failure> {
    let (listed, problems) = feeds::listed(&args.feeds);
    problems.iter().for_each(|problem| complain(problem));
    if listed.is_empty() {
        return Err(Failure::Message(
            "there are no feeds to follow; give a list of feeds (OPML) or the address of one".into(),
        ));
    }
    let mut book = Book::open(&args.archive, listed)?;
    let mut keeper = Keeper { coder: Coder::english()?, path: args.archive.clone(), archive: None, force: args.force };
    let mut told = Told { output: Output::open(None, &[])?, json: args.json, bad: !problems.is_empty() };
    let stop = Stop::on_signals()?;
    let fetcher = Fetcher::new(args.fetching.contact.as_deref());
    let options = ReadOptions { force: args.force, ..ReadOptions::default() };
    let visitor = Visitor { fetcher, options, pages: args.fetching.fetch, stop: stop.clone() };
    loop {
        let round = Round { visitor: &visitor, every: args.every, once: args.once, stop: &stop };
        let (asked, later) = round.run(&mut book, &mut |item| keeper.keep(item), &mut |visit| told.visit(visit))?;
        keeper.rest();
        if args.once {
            told.end(asked, later)?;
            break;
        }
        if stop.wait(schedule::until_next(&book, args.every)) {
            break;
        }
    }
    told.output.finish()?;
    Ok(if told.bad && args.once { Outcome::Flawed } else { Outcome::Done })
}

/// Codes reports and puts them into the archive, which is held open for one round at a time so that others may write in between.
struct Keeper {
    coder: Coder,
    path: PathBuf,
    archive: Option<Archive>,
    force: bool,
}

impl Keeper {
    /// Keeps one report, unless the archive holds it.
    fn keep(&mut self, item: Item) -> Result<(), Failure> {
        let archive = match &mut self.archive {
            Some(archive) => archive,
            none => none.insert(Archive::write(&self.path)?),
        };
        if archive.holds(&item.report.content_hash)? {
            return Ok(());
        }
        let (entry, said) = coded(&self.coder, item, self.force);
        said.iter().for_each(|message| complain(message));
        archive.put(&[entry])?;
        Ok(())
    }

    fn rest(&mut self) {
        self.archive = None;
    }
}

/// What people or programs are told of each visit.
struct Told {
    output: Output,
    json: bool,
    bad: bool,
}

impl Told {
    fn visit(&mut self, visit: &Visit) -> Result<(), Failure> {
        let name = visit.title.as_deref().unwrap_or(&visit.address);
        for problem in &visit.problems {
            self.bad = true;
            complain(problem);
        }
        let (outcome, message) = match &visit.came {
            Came::Read => ("read", None),
            Came::Unchanged => ("unchanged", None),
            Came::Failed(message) => ("failed", Some(message)),
        };
        self.bad |= message.is_some();
        if self.json {
            let new = visit.taken;
            let event = serde_json::json!({"event": "feed", "feed": visit.address, "outcome": outcome, "new": new, "message": message});
            return self.output.write(&format!("{event}\n"));
        }
        match message {
            Some(message) => complain(&format!("{}: {message}", visit.address)),
            None if visit.taken > 0 => self.output.write(&format!("{}: {} new\n", clean(name), visit.taken))?,
            None => tracing::info!(feed = visit.address, "nothing new"),
        }
        Ok(())
    }

    fn end(&mut self, asked: usize, later: usize) -> Result<(), Failure> {
        let event = serde_json::json!({"event": "done", "asked": asked, "later": later});
        let line = match later {
            0 => format!("{asked} feeds asked"),
            later => format!("{asked} feeds asked, {later} want to be asked later"),
        };
        self.output.write(&if self.json { format!("{event}\n") } else { format!("{line}\n") })
    }
}

/// `path` with more at its end: `news.dateline` is `news.dateline.feeds.json`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
