//! The commands that read an archive: `find`, `incidents`, `show`, `stats`, `check`, `export`; and `import`.

use crate::args::{
    ArchiveArgs, CheckArgs, ExportArgs, FilterArgs, FindArgs, FindFormat, ImportArgs, IncidentsArgs, ListFormat,
    ShowArgs, StatsArgs, When,
};
use crate::failure::{Failure, Outcome, complain, reason};
use crate::listing;
use crate::run::Output;
use crate::term::Style;
use dateline::archive::{self, Archive, Entry, Filter, Found};
use dateline::export::json::RecordJson;
use dateline::export::{self, EXPORTS, Masking, Row, csv, mask};
use dateline::import::{self, IMPORTS};
use dateline::{Incident, Report};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

/// Runs `dateline find`.
pub fn find(args: &FindArgs, color: When) -> Result<Outcome, Failure> {
    let archive = open(&args.archive)?;
    let masking = masking(&args.archive)?;
    let filter = filter(&args.filter, args.words.join(" "));
    let style = Style::detect(color, args.output.is_some());
    let mut output = Output::open(args.output.as_deref(), &[])?;
    if args.format == FindFormat::Csv {
        output.write(&csv::header())?;
    }
    let mut found = 0;
    archive.records(&filter, |record, incident| {
        found += 1;
        let record = shown(&archive, record, &incident, masking)?;
        output.write(&match args.format {
            FindFormat::Table => listing::record(&record, &incident, &style),
            FindFormat::Jsonl => listing::json_line(&RecordJson { persons: None, ..record }),
            FindFormat::Csv => csv::line(&record),
        })
    })?;
    output.finish()?;
    if args.format == FindFormat::Table {
        listing::count(found, "record", args.filter.limit);
    }
    Ok(Outcome::Done)
}

/// Runs `dateline incidents`.
pub fn incidents(args: &IncidentsArgs, color: When) -> Result<Outcome, Failure> {
    let archive = open(&args.archive)?;
    let masking = masking(&args.archive)?;
    let filter = filter(&args.filter, args.words.join(" "));
    let style = Style::detect(color, args.output.is_some());
    let mut output = Output::open(args.output.as_deref(), &[])?;
    let mut found = 0;
    archive.incidents(&filter, |incident, records| {
        found += 1;
        let (incident, records) = masked(incident, records, masking);
        output.write(&match args.format {
            ListFormat::Table => listing::incident(&incident, &records, &style),
            ListFormat::Jsonl => listing::json_line(&incident),
        })
    })?;
    output.finish()?;
    if args.format == ListFormat::Table {
        listing::count(found, "incident", args.filter.limit);
    }
    Ok(Outcome::Done)
}

/// Runs `dateline show`.
pub fn show(args: &ShowArgs, color: When) -> Result<Outcome, Failure> {
    let archive = open(&args.archive)?;
    let masking = masking(&args.archive)?;
    let style = Style::detect(color, false);
    let name = archive.path().display().to_string();
    let missing = || Failure::Message(format!("{name}: holds no incident, record or report with the id {:?}", args.id));
    let mut output = Output::open(None, &[])?;
    if args.raw {
        let bytes = archive.raw(&args.id)?.ok_or_else(missing)?;
        output.write_bytes(&bytes)?;
        output.finish()?;
        return Ok(Outcome::Done);
    }
    let text = match archive.show(&args.id)?.ok_or_else(missing)? {
        Found::Incident(incident, records) => {
            let (incident, records) = masked(*incident, records, masking);
            if args.json {
                let records: Vec<RecordJson> = records.into_iter().map(|r| RecordJson { persons: None, ..r }).collect();
                listing::json_line(&serde_json::json!({"incident": incident, "records": records}))
            } else {
                listing::whole_incident(&incident, &records, &style)
            }
        }
        Found::Record(record, incident) => {
            let record = RecordJson { persons: None, ..shown(&archive, *record, &incident, masking)? };
            if args.json { listing::json_line(&record) } else { listing::whole_record(&record, &incident, &style) }
        }
        Found::Report(report) if args.json => listing::json_line(&report),
        Found::Report(report) => listing::report(&report, &style),
    };
    output.write(&text)?;
    output.finish()?;
    Ok(Outcome::Done)
}

/// Runs `dateline stats`.
pub fn stats(args: &StatsArgs) -> Result<Outcome, Failure> {
    let stats = open(&args.archive)?.stats()?;
    let mut output = Output::open(None, &[])?;
    output.write(&if args.json { listing::json_line(&stats) } else { listing::stats(&stats) })?;
    output.finish()?;
    Ok(Outcome::Done)
}

/// Runs `dateline check`.
pub fn check(args: &CheckArgs) -> Result<Outcome, Failure> {
    let archive = open(&args.archive)?;
    let damage = archive.check()?;
    let mut output = Output::open(None, &[])?;
    for found in &damage {
        output.write(&if args.json {
            listing::json_line(found)
        } else {
            format!("{}: {}\n", crate::term::clean(&found.what), crate::term::clean(&found.message))
        })?;
    }
    if damage.is_empty() && !args.json {
        output.write(&format!("{}: no damage found\n", archive.path().display()))?;
    }
    output.finish()?;
    Ok(if damage.is_empty() { Outcome::Done } else { Outcome::Flawed })
}

/// Runs `dateline export`.
pub fn export(args: &ExportArgs) -> Result<Outcome, Failure> {
    let unknown = || {
        let names: Vec<&str> = EXPORTS.iter().map(|format| format.name).collect();
        Failure::Message(format!("--format {:?} is not known; expected one of {}", args.format, names.join(", ")))
    };
    let archive = open(&args.archive)?;
    let masking = masking(&args.archive)?;
    let filter = filter(&args.filter, String::new());
    let mut export = export::open_masked(&args.format, masking).ok_or_else(unknown)?;
    let name = args.output.as_ref().map_or("standard output".to_string(), |path| path.display().to_string());
    let odd = |error: std::io::Error| Failure::writing(&name, &error);
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(odd)?)),
        None => Box::new(BufWriter::new(std::io::stdout())),
    };
    export.begin(&mut out).map_err(odd)?;
    archive.incidents(&filter, |incident, records| {
        let records: Vec<&RecordJson> = records.iter().collect();
        export.row(&Row { incident: &incident, records: &records }, &mut out).map_err(odd)
    })?;
    export.end(&mut out).map_err(odd)?;
    out.flush().map_err(odd)?;
    Ok(Outcome::Done)
}

/// Runs `dateline import`.
pub fn import(args: &ImportArgs) -> Result<Outcome, Failure> {
    let name = args.file.display().to_string();
    let file = File::open(&args.file).map_err(|error| Failure::Message(format!("{name}: {}", reason(&error))))?;
    if args.format == "petrarch-actors" {
        return actors(&name, file);
    }
    let mut input = BufReader::new(file);
    let rows = import::read(&args.format, &name, &mut input).ok_or_else(|| {
        let names: Vec<&str> = IMPORTS.iter().map(|format| format.name).chain(["petrarch-actors"]).collect();
        Failure::Message(format!("--format {:?} is not known; expected one of {}", args.format, names.join(", ")))
    })?;
    let mut archive = Archive::write(&args.archive.archive)?;
    let (mut outcome, mut waiting, mut done) = (Outcome::Done, Vec::new(), 0usize);
    for row in rows {
        match row {
            Err(error) => {
                complain(&error.to_string());
                outcome = Outcome::Flawed;
            }
            Ok(imported) => {
                waiting.push(entry(imported.record, &args.format));
                done += 1;
            }
        }
        if waiting.len() >= 500 {
            archive.put(&std::mem::take(&mut waiting))?;
        }
    }
    archive.put(&waiting)?;
    eprintln!("{done} events read from {name}");
    Ok(outcome)
}

/// A PETRARCH dictionary as an actor file, on standard output.
fn actors(name: &str, mut file: File) -> Result<Outcome, Failure> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text)
        .map_err(|error| Failure::Message(format!("{name}: {}", reason(&error))))?;
    let (actors, errors) = import::petrarch::actors(name, &text);
    let mut output = Output::open(None, &[])?;
    output.write(&actors)?;
    output.finish()?;
    errors.iter().for_each(|error| complain(&error.to_string()));
    Ok(if errors.is_empty() { Outcome::Done } else { Outcome::Flawed })
}

/// An event of another data set as a report without text.
fn entry(record: RecordJson, format: &str) -> Entry {
    let raw = listing::json_line(&record);
    let hash = dateline::archive::content_hash(raw.as_bytes());
    let cite = record.cite_info.clone().unwrap_or_default();
    let report = Report {
        id: record.report.clone().unwrap_or_else(|| format!("{format}:{}", &hash[..16])),
        published: cite.published.as_deref().and_then(|day| day.parse().ok()),
        publication: cite.publication,
        url: cite.url,
        content_hash: hash,
        ..Report::default()
    };
    let outcome = archive::Outcome::Imported;
    Entry {
        name: report.id.clone(),
        report,
        raw: raw.into_bytes(),
        format: format.to_string(),
        outcome,
        records: vec![record],
    }
}

fn open(args: &ArchiveArgs) -> Result<Archive, Failure> {
    Ok(Archive::read(&args.archive)?)
}

/// By role, unless a reason was given, which is written down first.
fn masking(args: &ArchiveArgs) -> Result<Masking, Failure> {
    let Some(why) = &args.unmask else { return Ok(Masking::Roles) };
    if why.trim().is_empty() {
        return Err(Failure::Message("--unmask: expected the reason for showing private persons by name".to_string()));
    }
    Archive::write(&args.archive)?.log("unmasked", &serde_json::json!({"reason": why}))?;
    Ok(Masking::None)
}

fn masked(incident: Incident, records: Vec<RecordJson>, masking: Masking) -> (Incident, Vec<RecordJson>) {
    let shown: Vec<&RecordJson> = records.iter().collect();
    let hidden = match masking {
        Masking::Roles => mask::masked(&Row { incident: &incident, records: &shown }),
        Masking::None => None,
    };
    hidden.unwrap_or((incident, records))
}

/// A record as it may be shown.
fn shown(_archive: &Archive, record: RecordJson, incident: &str, masking: Masking) -> Result<RecordJson, Failure> {
    let incident =
        Incident { id: incident.to_string(), best: record.id.clone().unwrap_or_default(), ..Incident::default() };
    let (_, mut records) = masked(incident, vec![record], masking);
    Ok(records.pop().unwrap_or_default())
}

fn filter(args: &FilterArgs, words: String) -> Filter {
    Filter {
        words: (!words.trim().is_empty()).then_some(words),
        event: args.event.iter().map(|name| name.to_uppercase()).collect(),
        mode: args.mode.clone(),
        country: args.country.as_ref().map(|code| code.to_uppercase()),
        place: args.place.clone(),
        party: args.party.clone(),
        source: args.source.clone(),
        from: args.from,
        to: args.to,
        within: args.within,
        status: args.status.map(|status| status.name().to_string()),
        certainty: args.certainty.map(|certainty| certainty.name().to_string()),
        min_confidence: f64::from(args.min_confidence),
        report: args.report.clone(),
        origins: args.origins,
        limit: args.limit,
    }
}
