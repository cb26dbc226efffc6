//! What Dateline writes. Of one report: records as JSON lines and CSV, layers as JSON lines, syntax as CoNLL-U. Of an archive:
//! the formats of [`EXPORTS`], one file each.
//!
//! Inside the library spans count bytes; everything written here counts Unicode code points (CODEBOOK.md, "Offsets").

pub mod acled;
pub mod atom;
pub mod bibliography;
pub mod conllu;
pub mod csv;
pub mod gdelt;
pub mod geojson;
pub mod huridocs;
pub mod icews;
pub mod json;
pub mod layers;
pub mod mask;
pub mod parquet;
pub mod plover;
pub mod polecat;
mod sheet;
pub mod web_annotation;

pub use mask::Masking;
pub(crate) use sheet::unescaped;

use crate::Incident;
use crate::ontology::EventType;
use crate::{CODER, Report, Span};
use huridocs::{Sheet, Writer};
use json::RecordJson;
use std::collections::HashSet;
use std::io::{self, Write};

/// An incident and its records: what an export gets to write, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its records, in the order of its members; at least one.
    pub records: &'a [&'a RecordJson],
}

impl<'a> Row<'a> {
    /// The record that stands for the incident ([`Incident::best`]), else the first.
    pub fn best(&self) -> Option<&'a RecordJson> {
        let best = |record: &&&RecordJson| record.id.as_deref() == Some(self.incident.best.as_str());
        self.records.iter().find(best).or(self.records.first()).copied()
    }

    /// Whether the act is said to have happened: not denied, planned or supposed by the record that stands for the incident.
    /// Formats that know only acts leave the others out.
    pub fn happened(&self) -> bool {
        self.best().is_some_and(happened)
    }

    /// The reports, each once, in the order of the records.
    fn reports(&self) -> Vec<&'a str> {
        let mut seen = HashSet::new();
        self.records.iter().filter_map(|record| record.report.as_deref()).filter(|id| seen.insert(*id)).collect()
    }

    /// The first address of any of the reports, that of the best record before others.
    fn url(&self) -> Option<&'a str> {
        let url = |record: &'a RecordJson| record.cite_info.as_ref()?.url.as_deref();
        self.best().and_then(url).or_else(|| self.records.iter().find_map(|record| url(record)))
    }
}

/// Whether `record` says that the act happened.
fn happened(record: &RecordJson) -> bool {
    !record.auxiliary.iter().any(|name| matches!(name.as_str(), "negation" | "future" | "hypothetical"))
}

/// A format in the writing: `begin` once, `row` for every incident, `end` once. Nothing is kept of a row but what the format
/// itself must remember, so that archives of any size stream through.
pub trait Export {
    /// Writes what stands before the first row.
    ///
    /// # Errors
    /// Those of `out`.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Writes an incident and its records.
    ///
    /// # Errors
    /// Those of `out`.
    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands behind the last row.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// What one entry (row, line, feature) of a format is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// An event in one report.
    Record,
    /// An act, whatever the number of reports.
    Incident,
    /// A report.
    Report,
}

/// A row of [`EXPORTS`].
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name it is asked for by. Sheets that belong together share the part before the colon ("huridocs:acts").
    pub name: &'static str,
    /// File ending, without the dot.
    pub ending: &'static str,
    /// What one entry is.
    pub unit: Unit,
    /// What it writes, for `--help`.
    pub writes: &'static str,
    new: fn() -> Box<dyn Export>,
}

/// The formats an archive can be written in.
pub const EXPORTS: &[Format] = &[
    format("csv", "csv", Unit::Record, "records for a spreadsheet", || Box::new(csv::Records)),
    format("csv-incidents", "csv", Unit::Incident, "incidents for a spreadsheet, rival figures side by side", || {
        Box::new(csv::Incidents)
    }),
    format("geojson", "geojson", Unit::Incident, "incidents for maps (RFC 7946)", || {
        Box::<geojson::Incidents>::default()
    }),
    format("geojson-records", "geojson", Unit::Record, "records for maps (RFC 7946)", || {
        Box::<geojson::Records>::default()
    }),
    format("plover-jsonl", "jsonl", Unit::Record, "records in PLOVER 2.0's fields", || Box::new(plover::Records)),
    format("acled-like", "csv", Unit::Incident, "incidents in ACLED's columns, by its rules; not ACLED data", || {
        Box::new(acled::Incidents)
    }),
    format("gdelt1", "tsv", Unit::Incident, "incidents in GDELT 1.0's columns", || Box::new(gdelt::Events1)),
    format("gdelt2:events", "tsv", Unit::Incident, "incidents in GDELT 2.0's columns", || Box::new(gdelt::Events2)),
    format("gdelt2:mentions", "tsv", Unit::Record, "their records in GDELT 2.0's mentions", || {
        Box::new(gdelt::Mentions)
    }),
    format("icews", "tsv", Unit::Record, "records in ICEWS's columns", || Box::new(icews::Records)),
    format("polecat", "tsv", Unit::Record, "records in POLECAT's columns", || Box::new(polecat::Records)),
    format("web-annotation", "jsonld", Unit::Record, "records as W3C Web Annotations on their reports", || {
        Box::<web_annotation::Annotations>::default()
    }),
    format("atom", "atom", Unit::Incident, "incidents as a feed (RFC 4287)", || Box::<atom::Incidents>::default()),
    format("bibtex", "bib", Unit::Report, "the reports, for LaTeX", || Box::<bibliography::Bibtex>::default()),
    format("csl-json", "json", Unit::Report, "the reports, for reference managers", || {
        Box::<bibliography::Csl>::default()
    }),
    format("huridocs:events", "csv", Unit::Incident, "HURIDOCS events", || Box::new(Writer(Sheet::Events))),
    format("huridocs:acts", "csv", Unit::Incident, "HURIDOCS acts, one a victim", || Box::new(Writer(Sheet::Acts))),
    format("huridocs:involvement", "csv", Unit::Incident, "HURIDOCS involvement, one a perpetrator", || {
        Box::new(Writer(Sheet::Involvement))
    }),
    format("huridocs:persons", "csv", Unit::Incident, "HURIDOCS persons and groups", || {
        Box::new(Writer(Sheet::Persons))
    }),
    format("huridocs:information", "csv", Unit::Record, "HURIDOCS information, one a source", || {
        Box::new(Writer(Sheet::Information))
    }),
    format("parquet", "parquet", Unit::Record, "records, typed", || Box::<parquet::Records>::default()),
    format("parquet-incidents", "parquet", Unit::Incident, "incidents, typed", || Box::<parquet::Incidents>::default()),
];

const fn format(
    name: &'static str,
    ending: &'static str,
    unit: Unit,
    writes: &'static str,
    new: fn() -> Box<dyn Export>,
) -> Format {
    Format { name, ending, unit, writes, new }
}

/// The formats of that name: one, or all sheets of a format that has several ("huridocs"); empty where there is none.
pub fn formats(name: &str) -> Vec<&'static Format> {
    let same =
        |format: &&Format| format.name == name || format.name.split_once(':').is_some_and(|(all, _)| all == name);
    EXPORTS.iter().filter(same).collect()
}

/// Starts writing the format of that name, with private persons shown by role; `None` where there is none.
pub fn open(name: &str) -> Option<Box<dyn Export>> {
    open_masked(name, Masking::Roles)
}

/// As [`open`], with private persons as `masking` says. What is written with [`Masking::None`] names them: the archive's owner
/// decides that, with a reason.
pub fn open_masked(name: &str, masking: Masking) -> Option<Box<dyn Export>> {
    let format = EXPORTS.iter().find(|format| format.name == name)?;
    let export = (format.new)();
    Some(match masking {
        Masking::Roles => Box::new(mask::Masked(export)),
        Masking::None => export,
    })
}

/// The stable id of a record: 16 hex digits of BLAKE3 over the report's content hash, the category, the first mention, `nth` and
/// the coder's version (CODEBOOK.md, `id`). `nth` tells apart records of one category that share their first mention
/// ("bombings in Homs and Aleppo"): 0 for the first, 1 for the second…
///
/// # Example
/// ```
/// use dateline::{Report, Span, export::record_id, ontology::EventType};
/// let report = Report { content_hash: "00ff".into(), ..Report::default() };
/// let id = record_id(&report, EventType::Coerce, Span::new(7, 13), 0);
/// assert_eq!(id.len(), 16);
/// assert_ne!(id, record_id(&report, EventType::Coerce, Span::new(7, 13), 1));
/// ```
pub fn record_id(report: &Report, event: EventType, first_mention: Span, nth: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    let key = format!(
        "{}\n{}\n{}\n{}\n{nth}\n{CODER}",
        report.content_hash,
        event.name(),
        first_mention.start,
        first_mention.end
    );
    hasher.update(key.as_bytes());
    hasher.finalize().to_hex()[..16].to_string()
}

#[cfg(test)]
pub(crate) mod sample;
