//! `dateline code` and `dateline demo`.

use crate::args::{CodeArgs, CodeFormat, DemoArgs, When};
use crate::failure::{Failure, Outcome};
use crate::run::{self, Output, Written};
use crate::table;
use crate::term::Style;
use dateline::export::{csv, json};
use dateline::formats::ReadOptions;
use dateline::{Coder, Report};

/// An invented story, with an invented agency.
const STORY: &str = include_str!("../data/istanbul.txt");

/// Runs `dateline code`.
pub fn code(args: &CodeArgs, color: When) -> Result<Outcome, Failure> {
    let coder = Coder::english()?;
    let style = Style::detect(color, args.running.output.is_some());
    let work = |report: Report| {
        let doc = coder.annotate(report);
        let mut records = coder.code(&doc);
        records.retain(|record| record.confidence >= args.min_confidence);
        let out = match args.format {
            CodeFormat::Table => table::report(&doc, &records, &style, args.explain),
            CodeFormat::Jsonl => json::lines(&doc, &records),
            CodeFormat::Csv => json::records(&doc, &records).iter().map(csv::line).collect(),
        };
        Written { out, said: run::notes(&doc.report), reports: 1, records: records.len(), ..Written::default() }
    };
    let before = if args.format == CodeFormat::Csv { csv::header() } else { String::new() };
    let after = |total: &Written| match args.format {
        CodeFormat::Table if total.reports > 1 => table::summary(total.reports, total.records, &style),
        _ => String::new(),
    };
    run::reports(&args.reading, &args.running, &before, after, work)
}

/// Runs `dateline demo`.
pub fn demo(args: &DemoArgs, color: When) -> Result<Outcome, Failure> {
    let mut output = Output::open(None, &[])?;
    if args.story {
        output.write(STORY)?;
        return output.finish().map(|()| Outcome::Done);
    }
    let style = Style::detect(color, false);
    let coder = Coder::english()?;
    let options = ReadOptions {
        published: Some(jiff::civil::date(2024, 3, 6)),
        publication: Some("Marmara Wire".to_string()),
        ..ReadOptions::default()
    };
    for report in run::read("istanbul.txt", STORY.as_bytes(), &options) {
        let doc = coder.annotate(report?);
        let records = coder.code(&doc);
        output.write(&table::report(&doc, &records, &style, args.explain))?;
    }
    let next = [
        ("An invented story, coded on this machine. Try next:", ""),
        ("  dateline demo --explain", "which stage gave which value"),
        ("  dateline code FILE --published 2024-03-06", "a report: text or web page"),
        ("  dateline code DIR --format csv -o events.csv", "a folder, for a spreadsheet"),
        ("  dateline code --help", "everything else"),
    ];
    for (command, what) in next {
        let line = if what.is_empty() { command.to_string() } else { format!("{command:<48}{}", style.dim(what)) };
        output.write(&(line + "\n"))?;
    }
    output.finish().map(|()| Outcome::Done)
}
