//! The path that `code` and `annotate` share: inputs are read, worked on by several threads, and written in order.

use crate::args::{Fetching, Reading, Running};
use crate::failure::{Failure, Outcome, complain, reason};
use crate::fetch::Fetcher;
use crate::input::{self, Input};
use crate::parallel;
use crate::term::clean;
use dateline::Report;
use dateline::formats::{self, Format, ReadOptions, Source};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// From so many inputs on a progress bar is shown.
const MANY: usize = 4;

/// What came of one report or one file.
#[derive(Debug, Default)]
pub struct Written {
    /// What to write to the output.
    pub out: String,
    /// What to say on stderr.
    pub said: Vec<String>,
    /// Whether something in the input was bad.
    pub bad: bool,
    /// Number of reports.
    pub reports: usize,
    /// Number of records.
    pub records: usize,
}

impl Written {
    /// Nothing but a complaint.
    pub fn bad(message: String) -> Self {
        Written { said: vec![message], bad: true, ..Written::default() }
    }

    /// Appends what came of the next report.
    pub fn add(&mut self, other: Written) {
        self.out += &other.out;
        self.said.extend(other.said);
        self.bad |= other.bad;
        self.reports += other.reports;
        self.records += other.records;
    }
}

/// A piece of work.
enum Piece {
    /// A file with one report, read by the thread that works on it.
    File(Input),
    /// A report of a file with many, already read, and how messages name it.
    Report(String, Box<Report>),
    /// What could not be read.
    Bad(String),
}

/// Reads the inputs, applies `work` to each report and writes the results in the order of the inputs.
pub fn reports(
    reading: &Reading,
    running: &Running,
    before: &str,
    after: impl FnOnce(&Written) -> String,
    work: impl Fn(Report) -> Written + Sync,
) -> Result<Outcome, Failure> {
    let options = read_options(reading);
    let fetcher = fetcher(&reading.fetching);
    let pieces = |input: Input| -> Box<dyn Iterator<Item = Piece>> {
        match input {
            Input::File(ref path) if !holds_many(path) => Box::new(std::iter::once(Piece::File(input))),
            input => match open(&input, fetcher.as_ref(), &options) {
                Err(message) => Box::new(std::iter::once(Piece::Bad(message))),
                Ok(items) => Box::new(items.map(piece)),
            },
        }
    };
    let one = |report: Report| guarded(report, reading.force, &work);
    let work = |piece: Piece| match piece {
        Piece::Bad(message) => Written::bad(message),
        Piece::Report(name, report) => {
            let id = report.id.clone();
            let derived = report.content_hash.get(..16).is_some_and(|hash| id.strip_prefix('r') == Some(hash));
            let mut written = one(*report);
            // An id that nobody gave says nothing of where in an archive the report is.
            if derived {
                named(&mut written.said, &id, &name);
            }
            written
        }
        Piece::File(input) => {
            let bytes = match input.bytes() {
                Err(message) => return Written::bad(message),
                Ok(bytes) => bytes,
            };
            let mut all = Written::default();
            for report in read(&input.name(), bytes.as_ref(), &options) {
                all.add(report.map_or_else(|error| Written::bad(error.to_string()), one));
            }
            all
        }
    };
    inputs(reading, running, before, after, pieces, work)
}

/// What gets pages, where that is allowed.
pub fn fetcher(fetching: &Fetching) -> Option<Fetcher> {
    fetching.fetch.then(|| Fetcher::new(fetching.contact.as_deref()))
}

/// The reports of `input` with their bytes. With a fetcher, addresses are got, and the pages of items that hold only a link or a summary;
/// without, an address is an error that says so.
pub fn open(
    input: &Input,
    fetcher: Option<&Fetcher>,
    options: &ReadOptions,
) -> Result<Box<dyn Iterator<Item = dateline::Result<formats::Item>>>, String> {
    match (input, fetcher) {
        (Input::Address(address), Some(fetcher)) => Ok(fetcher.items(address, options)),
        (input, fetcher) => {
            let items = formats::items_of(&input.name(), input.bytes()?, None, options);
            Ok(match fetcher {
                Some(fetcher) => fetcher.whole_items(items, None, options),
                None => Box::new(items),
            })
        }
    }
}

fn piece(item: dateline::Result<formats::Item>) -> Piece {
    item.map_or_else(|error| Piece::Bad(error.to_string()), |item| Piece::Report(item.name, Box::new(item.report)))
}

/// Messages about `id` with `name` instead.
fn named(said: &mut [String], id: &str, name: &str) {
    for message in said {
        if let Some(rest) = message.strip_prefix(id).filter(|rest| rest.starts_with(": ")) {
            *message = format!("{name}{rest}");
        }
    }
}

/// Whether a file holds many reports, so that it is worth sharing them out as they are read.
fn holds_many(path: &Path) -> bool {
    Format::of_file(&path.display().to_string()).is_none_or(|format| format.row().many)
}

/// The reports in `bytes`, their format told by name and content.
pub fn read<'a>(
    name: &'a str,
    bytes: &'a [u8],
    options: &'a ReadOptions,
) -> Box<dyn Iterator<Item = dateline::Result<Report>> + 'a> {
    formats::read(Source { name, bytes, hint: None, options })
}

/// What the command line says about the reports.
pub fn read_options(reading: &Reading) -> ReadOptions {
    ReadOptions {
        published: reading.published,
        publication: reading.publication.clone(),
        url: reading.url.clone(),
        force: reading.force,
        keep_boilerplate: reading.keep_boilerplate,
    }
}

/// Applies `work` to a report in English (or any with `force`), and turns a crash into a complaint about this report, so that the
/// others are still done. The notes of a report that `work` never ends with are said here, the others by `work`.
fn guarded(report: Report, force: bool, work: &(impl Fn(Report) -> Written + Sync)) -> Written {
    let id = report.id.clone();
    let mut said = notes(&report);
    if let Some(language) = report.language.as_deref().filter(|&language| language != "en" && !force) {
        if !report.notes.iter().any(|note| note.code == "not-english") {
            said.push(format!("{id}: written in \"{language}\", only English is coded; --force codes it anyway"));
        }
        return Written { said, ..Written::default() };
    }
    catch_unwind(AssertUnwindSafe(|| work(report))).unwrap_or_else(|_| {
        said.push(format!("{id}: stopped at a fault of dateline itself; the report is left out"));
        Written { said, bad: true, ..Written::default() }
    })
}

/// What to say on stderr about `report`.
pub fn notes(report: &Report) -> Vec<String> {
    report.notes.iter().map(|note| format!("{}: {}", report.id, note.message)).collect()
}

/// As [`reports`], for inputs of any kind: `pieces` splits an input into pieces of work, which are taken as they are needed.
pub fn inputs<T: Send, P: Iterator<Item = T>>(
    reading: &Reading,
    running: &Running,
    before: &str,
    after: impl FnOnce(&Written) -> String,
    pieces: impl Fn(Input) -> P,
    work: impl Fn(T) -> Written + Sync,
) -> Result<Outcome, Failure> {
    let inputs = input::expand(&reading.inputs);
    let mut output = Output::open(running.output.as_deref(), &inputs)?;
    let bar = progress(inputs.len(), running.output.is_some());
    output.write(before)?;
    let mut total = Written::default();
    let mut bad_inputs = Vec::new();
    // A message about an input that cannot even be listed keeps its place among the others.
    let items = inputs.into_iter().map(|input| {
        bar.inc(1);
        match input {
            Ok(input) => (Some(pieces(input)), None),
            Err(message) => (None, Some(message)),
        }
    });
    let items = items.flat_map(|(pieces, message)| pieces.into_iter().flatten().map(Ok).chain(message.map(Err)));
    let work = |item: Result<T, String>| item.map_or_else(Written::bad, &work);
    parallel::ordered(parallel::jobs(running.jobs), items, work, |written| {
        output.write(&written.out)?;
        for message in &written.said {
            bar.suspend(|| complain(message));
        }
        bad_inputs.push(written.bad);
        total.reports += written.reports;
        total.records += written.records;
        Ok::<(), Failure>(())
    })?;
    bar.finish_and_clear();
    output.write(&after(&total))?;
    output.finish()?;
    Ok(if bad_inputs.contains(&true) { Outcome::Flawed } else { Outcome::Done })
}

/// A bar on stderr, where it is a terminal and nothing else is being printed on it.
fn progress(inputs: usize, to_file: bool) -> ProgressBar {
    let free = to_file || !io::stdout().is_terminal();
    if inputs < MANY || !free || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(inputs as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} files, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Where results go.
pub struct Output {
    name: String,
    to: Box<dyn Write>,
}

impl Output {
    /// Standard output, or `path`, which must not be one of the inputs.
    pub fn open(path: Option<&Path>, inputs: &[Result<Input, String>]) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Output { name: "standard output".to_string(), to: Box::new(BufWriter::new(io::stdout())) });
        };
        let name = path.display().to_string();
        let same = |input: &Input| match input {
            Input::File(file) => file.canonicalize().ok().zip(path.canonicalize().ok()).is_some_and(|(a, b)| a == b),
            Input::Stdin | Input::Address(_) => false,
        };
        if inputs.iter().flatten().any(same) {
            return Err(Failure::Message(format!("{}: is one of the inputs, writing would destroy it", clean(&name))));
        }
        match File::create(path) {
            Ok(file) => Ok(Output { name, to: Box::new(BufWriter::new(file)) }),
            Err(error) => Err(Failure::Message(format!("{name}: cannot be written: {}", reason(&error)))),
        }
    }

    /// Writes `text`.
    pub fn write(&mut self, text: &str) -> Result<(), Failure> {
        // Flushed per report, so that a reader at the other end of a pipe sees each as it is done.
        let written = self.to.write_all(text.as_bytes());
        let written = if text.is_empty() { written } else { written.and_then(|()| self.to.flush()) };
        written.map_err(|error| Failure::writing(&self.name, &error))
    }

    /// Writes `bytes` as they are.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.to.write_all(bytes).map_err(|error| Failure::writing(&self.name, &error))
    }

    /// Writes what is still held back.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(|error| Failure::writing(&self.name, &error))
    }
}
