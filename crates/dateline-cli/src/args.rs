//! What the command line accepts.

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::path::PathBuf;
use std::time::Duration;

/// Reads news reports and writes down who did what to whom, where, when and how many, and who says so.
#[derive(Debug, Parser)]
#[command(name = "dateline", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Say on stderr what is being done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours; `auto` follows the terminal and NO_COLOR
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Code a bundled story, offline, and say what to try next
    Demo(DemoArgs),
    /// Write down the events of reports
    Code(CodeArgs),
    /// Write the layers under the records: sentences, names, times, places, who says what, syntax
    Annotate(AnnotateArgs),
    /// Put reports into an archive: code them, and put records of one act together
    Add(AddArgs),
    /// Find records in an archive
    Find(FindArgs),
    /// List the incidents of an archive
    Incidents(IncidentsArgs),
    /// Show one incident, record or report of an archive
    Show(ShowArgs),
    /// Say how much an archive holds
    Stats(StatsArgs),
    /// Look for damage in an archive
    Check(CheckArgs),
    /// Write an archive in a format of the field
    Export(ExportArgs),
    /// Read events of another data set into an archive
    Import(ImportArgs),
    /// Follow feeds: put what they report into an archive as it comes
    Watch(WatchArgs),
    /// Measure accuracy against hand-coded reports or a treebank
    Eval(EvalArgs),
    /// Measure speed on this machine
    Bench(BenchArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `dateline demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Show which stage gave which value
    #[arg(long)]
    pub explain: bool,
    /// Print the story itself instead, ready for `dateline code -`
    #[arg(long)]
    pub story: bool,
}

/// Where reports come from and what is known about them.
#[derive(Debug, Args)]
pub struct Reading {
    /// Files (text, HTML, PDF, JSON, feeds, mail, tables, web archives, zip or tar of these), folders, or - for standard input;
    /// with --fetch also addresses of the web
    #[arg(required = true, value_name = "FILE|DIR|-|URL")]
    pub inputs: Vec<PathBuf>,
    /// Day of publication, against which "last June" is resolved, where the report does not give it
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub published: Option<Date>,
    /// Outlet, where the report does not name it
    #[arg(long, value_name = "NAME")]
    pub publication: Option<String>,
    /// Address of the report
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Code reports in other languages too, as if they were English
    #[arg(long)]
    pub force: bool,
    /// Keep comments, related links and other furniture of pages
    #[arg(long)]
    pub keep_boilerplate: bool,
    /// The web.
    #[command(flatten)]
    pub fetching: Fetching,
}

/// What may be got from the web.
#[derive(Debug, Args)]
pub struct Fetching {
    /// Get inputs that are addresses, and the pages of items of which a feed gives only a link or a summary; slowly, as robots.txt allows
    #[arg(long)]
    pub fetch: bool,
    /// Tell sites whom to ask about these visits: an address or mail
    #[arg(long, value_name = "URL|MAIL")]
    pub contact: Option<String>,
}

/// `dateline watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Lists of feeds (OPML), or addresses of feeds
    #[arg(required = true, value_name = "FEEDS.opml|URL")]
    pub feeds: Vec<PathBuf>,
    /// The archive: one file, made where there is none; what is known of the feeds is kept beside it, in FILE.feeds.json
    #[arg(short, long, value_name = "FILE", default_value = "news.dateline")]
    pub archive: PathBuf,
    /// Ask each feed so often, or more seldom where it asks for that
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "15m")]
    pub every: Duration,
    /// Ask the feeds that are due once, then end
    #[arg(long)]
    pub once: bool,
    /// Code reports in other languages too, as if they were English
    #[arg(long)]
    pub force: bool,
    /// Print what came of each feed as JSON lines
    #[arg(long)]
    pub json: bool,
    /// The web.
    #[command(flatten)]
    pub fetching: Fetching,
}

/// How the work is shared and where its result goes.
#[derive(Debug, Args)]
pub struct Running {
    /// Threads; the output is the same whatever their number [default: one per core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Write here instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `dateline code`.
#[derive(Debug, Args)]
pub struct CodeArgs {
    /// The reports.
    #[command(flatten)]
    pub reading: Reading,
    /// The work.
    #[command(flatten)]
    pub running: Running,
    /// How to write the records
    #[arg(short, long, value_enum, default_value_t = CodeFormat::Table)]
    pub format: CodeFormat,
    /// Show which stage gave which value (table only)
    #[arg(long)]
    pub explain: bool,
    /// Leave out records below this confidence, 0 to 1
    #[arg(long, value_name = "P", value_parser = chance, default_value = "0")]
    pub min_confidence: f32,
}

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CodeFormat {
    /// For people, with the words marked
    Table,
    /// One JSON object a line, all fields
    Jsonl,
    /// One row a record, for spreadsheets
    Csv,
}

/// Which archive.
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// The archive: one file, made where there is none
    #[arg(short, long, value_name = "FILE", default_value = "news.dateline", env = "DATELINE_ARCHIVE")]
    pub archive: PathBuf,
    /// Show private persons by name instead of by role; the reason is written into the archive's log
    #[arg(long, value_name = "REASON")]
    pub unmask: Option<String>,
}

/// `dateline add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: WriteArgs,
    /// The reports.
    #[command(flatten)]
    pub reading: Reading,
    /// Threads; the archive is the same whatever their number [default: one per core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Print what came of each report as JSON lines
    #[arg(long)]
    pub json: bool,
}

/// Which archive to write.
#[derive(Debug, Args)]
pub struct WriteArgs {
    /// The archive: one file, made where there is none
    #[arg(short, long, value_name = "FILE", default_value = "news.dateline", env = "DATELINE_ARCHIVE")]
    pub archive: PathBuf,
}

/// What to find.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Category (COERCE), or several
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    pub event: Vec<String>,
    /// Mode (arrest)
    #[arg(long, value_name = "NAME")]
    pub mode: Option<String>,
    /// Country of the act, alpha-3 (TUR)
    #[arg(short, long, value_name = "CODE")]
    pub country: Option<String>,
    /// Words of the place's name
    #[arg(short, long, value_name = "WORDS")]
    pub place: Option<String>,
    /// Words of a party, or its code
    #[arg(long, value_name = "WORDS")]
    pub party: Option<String>,
    /// Words of a source
    #[arg(long, value_name = "WORDS")]
    pub source: Option<String>,
    /// Acts on or after this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub from: Option<Date>,
    /// Acts on or before this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub to: Option<Date>,
    /// Acts in this rectangle, in degrees
    #[arg(long, value_name = "SOUTH,WEST,NORTH,EAST", value_parser = rectangle, allow_hyphen_values = true)]
    pub within: Option<[f64; 4]>,
    /// Whether it happened
    #[arg(long, value_enum)]
    pub status: Option<Status>,
    /// Of the claim
    #[arg(long, value_enum)]
    pub certainty: Option<Certain>,
    /// Leave out records below this confidence, 0 to 1
    #[arg(long, value_name = "P", value_parser = chance, default_value = "0")]
    pub min_confidence: f32,
    /// Id of a report
    #[arg(long, value_name = "ID")]
    pub report: Option<String>,
    /// Incidents with at least so many independent origins
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub origins: usize,
    /// At most so many; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 0)]
    pub limit: usize,
}

/// Whether an act happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Status {
    Happened,
    Future,
    Hypothetical,
    Negation,
}

impl Status {
    /// As stored.
    pub fn name(self) -> &'static str {
        ["happened", "future", "hypothetical", "negation"][self as usize]
    }
}

/// Certainty of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Certain {
    Asserted,
    Alleged,
    Disputed,
}

impl Certain {
    /// As stored.
    pub fn name(self) -> &'static str {
        ["asserted", "alleged", "disputed"][self as usize]
    }
}

/// `dateline find`.
#[derive(Debug, Args)]
pub struct FindArgs {
    /// Words of the report, "phrases in quotation marks"
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// What to find.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// How to write the records
    #[arg(short, long, value_enum, default_value_t = FindFormat::Table)]
    pub format: FindFormat,
    /// Write here instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How found records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindFormat {
    /// For people
    Table,
    /// One JSON object a line, all fields
    Jsonl,
    /// One row a record, for spreadsheets
    Csv,
}

/// `dateline incidents`.
#[derive(Debug, Args)]
pub struct IncidentsArgs {
    /// Words of a report, "phrases in quotation marks"
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// What to find.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// How to write them
    #[arg(short, long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    /// Write here instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How incidents are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// One JSON object a line
    Jsonl,
}

/// `dateline show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Id of an incident, a record or a report
    #[arg(value_name = "ID")]
    pub id: String,
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Of a report, the bytes it was read from
    #[arg(long, conflicts_with = "json")]
    pub raw: bool,
}

/// `dateline stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `dateline check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// As JSON lines, one a damage; nothing where all is well
    #[arg(long)]
    pub json: bool,
}

/// `dateline export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The format
    #[arg(short, long, value_name = "NAME", long_help = exports())]
    pub format: String,
    /// What to write.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Write here instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `dateline import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file
    pub file: PathBuf,
    /// The format
    #[arg(short, long, value_name = "NAME", long_help = imports())]
    pub format: String,
    /// The archive.
    #[command(flatten)]
    pub archive: WriteArgs,
}

fn exports() -> String {
    let rows = dateline::export::EXPORTS.iter().map(|format| format!("  {:18}{}", format.name, format.writes));
    format!("The format:\n{}", rows.collect::<Vec<_>>().join("\n"))
}

fn imports() -> String {
    let rows = dateline::import::IMPORTS.iter().map(|format| format!("  {:18}{}", format.name, format.reads));
    let last = "  petrarch-actors   a PETRARCH actor dictionary, written as an actor file to standard output";
    format!("The format:\n{}\n{last}", rows.collect::<Vec<_>>().join("\n"))
}

fn rectangle(text: &str) -> Result<[f64; 4], String> {
    let numbers: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let odd = || "expected four numbers, such as 36,26,42,45".to_string();
    let rectangle: [f64; 4] = numbers.try_into().map_err(|_| odd())?;
    let [south, west, north, east] = rectangle;
    (south <= north && west <= east).then_some(rectangle).ok_or_else(odd)
}

/// `dateline annotate`.
#[derive(Debug, Args)]
pub struct AnnotateArgs {
    /// The reports.
    #[command(flatten)]
    pub reading: Reading,
    /// The work.
    #[command(flatten)]
    pub running: Running,
    /// How to write the layers
    #[arg(short, long, value_enum, default_value_t = LayerFormat::Jsonl)]
    pub format: LayerFormat,
    /// The input is CoNLL-U: keep its sentences and tokens
    #[arg(long)]
    pub conllu_input: bool,
}

/// How layers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayerFormat {
    /// One JSON object a report
    Jsonl,
    /// Syntax as CoNLL-U
    Conllu,
}

/// `dateline eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Folder of hand-coded reports, one JSON file each
    #[arg(required_unless_present = "conllu", conflicts_with = "conllu")]
    pub gold: Option<PathBuf>,
    /// Score these records (JSON lines) instead of coding the reports now
    #[arg(long, value_name = "FILE", conflicts_with = "conllu")]
    pub predictions: Option<PathBuf>,
    /// Score the parser against this treebank, from raw text
    #[arg(long, value_name = "GOLD.conllu")]
    pub conllu: Option<PathBuf>,
    /// With --conllu: keep the treebank's sentences and tokens
    #[arg(long, requires = "conllu")]
    pub gold_tokens: bool,
    /// Score incidents instead: against incidents.json in the folder, from the hand-coded events
    #[arg(long, conflicts_with_all = ["conllu", "predictions"])]
    pub incidents: bool,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub json: bool,
    /// List so many missed and invented events
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "conllu")]
    pub errors: usize,
    /// Fail when a figure is below its floor in this file
    #[arg(long, value_name = "FLOORS.toml", requires = "set")]
    pub floors: Option<PathBuf>,
    /// The section of the floors file to use
    #[arg(long, value_name = "NAME")]
    pub set: Option<String>,
    /// Threads [default: one per core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
}

/// `dateline bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Number of reports to generate, half of them short and half long
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub reports: u32,
    /// Threads
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Stop after about so many seconds a set
    #[arg(long, value_name = "S", default_value_t = 20)]
    pub seconds: u64,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub json: bool,
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day such as 2017-01-30".to_string())
}

/// A time such as "15m", of a minute at least.
fn interval(text: &str) -> Result<Duration, String> {
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    let time = time.filter(|time| *time >= Duration::from_secs(60));
    time.ok_or_else(|| "expected a time of a minute or more, such as 15m or 2h".to_string())
}

fn chance(text: &str) -> Result<f32, String> {
    let number = text.parse::<f32>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
