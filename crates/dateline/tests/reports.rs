//! Whole reports, of our own words: `tests/reports/NAME/report.txt` with what is known of its publication in `meta.toml`, and the
//! records that come out, as underlined text, in `records.txt`. `UPDATE_SNAPSHOTS=1 cargo test -p dateline --test reports` rewrites
//! the records; read the difference before it is committed.

use dateline::export::json::{auxiliary_name, basis_name, certainty_name};
use dateline::formats::{Format, ReadOptions, Source, read};
use dateline::record::{Count, Entity, Record};
use dateline::{Coder, Document, Span};
use std::fmt::Write;
use std::path::Path;

/// What is known of a report's publication.
#[derive(serde::Deserialize)]
struct Meta {
    published: Option<jiff::civil::Date>,
    publication: Option<String>,
}

#[test]
fn reports_yield_the_records_of_their_snapshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 3);
    let coder = Coder::english().unwrap();
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut changed = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let meta: Meta = toml::from_str(&std::fs::read_to_string(case.join("meta.toml")).unwrap()).unwrap();
        let options =
            ReadOptions { published: meta.published, publication: meta.publication, ..ReadOptions::default() };
        let bytes = std::fs::read(case.join("report.txt")).unwrap();
        let source = Source { name: &name, bytes: &bytes, hint: Some(Format::Text), options: &options };
        let doc = coder.annotate(read(source).next().unwrap().unwrap());
        let found = rendered(&doc, &coder.code(&doc));
        let file = case.join("records.txt");
        if update {
            std::fs::write(&file, &found).unwrap();
        } else if std::fs::read_to_string(&file).unwrap_or_default() != found {
            changed.push(format!("{}:\n{found}", file.display()));
        }
    }
    assert!(
        changed.is_empty(),
        "records differ from their snapshots; UPDATE_SNAPSHOTS=1 rewrites\n{}",
        changed.concat()
    );
}

/// The records, each with its sentence and the words marked underneath.
fn rendered(doc: &Document, records: &[Record]) -> String {
    let mut out = String::new();
    for record in records {
        heading(&mut out, record);
        for (name, entities) in [("actor", &record.actor), ("recipient", &record.recipient)] {
            for entity in entities {
                party(&mut out, doc, name, entity);
            }
        }
        let when = &record.when;
        let day = |date: Option<jiff::civil::Date>| date.map_or("?".to_owned(), |date| date.to_string());
        let timex = when.timex.as_deref().unwrap_or("-");
        let _ =
            writeln!(out, "  when {} to {}, {} {timex}", day(when.date), day(when.enddate), basis_name(when.basis),);
        if let Some(place) = &record.event_loc {
            let country = place.country_code.as_deref().unwrap_or("-");
            let _ = writeln!(out, "  where {} {country} {:?}", place.name, place.resolution);
        }
        for (kind, figures) in &record.size {
            for figure in figures {
                let _ = writeln!(out, "  size {} {}", kind.name(), count(doc, &figure.count));
            }
        }
        for link in &record.attribution {
            let cue = link.cue.map_or("-", |cue| cue.of(&doc.report.text));
            let _ = writeln!(out, "  source {:?}, cue {cue:?}, {:?}", link.source.of(&doc.report.text), link.kind);
        }
        underlined(&mut out, doc, record);
        out.push('\n');
    }
    out
}

fn heading(out: &mut String, record: &Record) {
    let modes = record.mode.iter().map(|mode| format!(" {}", mode.name())).collect::<String>();
    let auxiliary = record.auxiliary.iter().map(|auxiliary| format!(" · {}", auxiliary_name(*auxiliary)));
    let (event, certainty) = (record.event.name(), certainty_name(record.certainty));
    let _ = writeln!(out, "{event}{modes} · {} · {certainty}{}", record.cameo, auxiliary.collect::<String>());
}

fn party(out: &mut String, doc: &Document, name: &str, entity: &Entity) {
    let codes = entity.code.as_deref().into_iter().chain(entity.sector.iter().copied());
    let codes: String = codes.map(|code| format!(" {code}")).collect();
    let number = entity.count.iter().map(|number| format!(", {}", count(doc, number))).collect::<String>();
    let _ = writeln!(out, "  {name} {:?}{codes}{number}", entity.span.of(&doc.report.text));
}

/// "14 to ? (at least 14)".
fn count(doc: &Document, count: &Count) -> String {
    let bound = |bound: Option<u64>| bound.map_or("?".to_owned(), |n| n.to_string());
    format!("{} to {} ({})", bound(count.min), bound(count.max), count.span.of(&doc.report.text))
}

/// The paragraph of each mention with marks under the words: `m` mention, `a` actor, `r` recipient, `w` when, `l` where, `s` source.
fn underlined(out: &mut String, doc: &Document, record: &Record) {
    let text = &doc.report.text;
    let mut marks: Vec<(Span, char)> = Vec::new();
    marks.extend(record.attribution.iter().map(|link| (link.source, 's')));
    marks.extend(record.event_loc.iter().map(|place| (place.span, 'l')));
    marks.extend(record.when.span.map(|span| (span, 'w')));
    marks.extend(record.recipient.iter().map(|entity| (entity.span, 'r')));
    marks.extend(record.actor.iter().map(|entity| (entity.span, 'a')));
    marks.extend(record.mentions.iter().map(|&span| (span, 'm')));
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let place = Span::new(start, start + line.trim_end().len());
        start += line.len();
        if !record.mentions.iter().any(|mention| mention.overlaps(place)) {
            continue;
        }
        let under: String = line.trim_end().char_indices().map(|(at, _)| mark(&marks, place.start + at)).collect();
        let _ = writeln!(out, "    {}\n    {}", line.trim_end(), under.trim_end());
    }
}

/// The mark under the character at byte `at`: the last of those that cover it.
fn mark(marks: &[(Span, char)], at: usize) -> char {
    let here = Span::new(at, at + 1);
    marks.iter().rev().find(|(span, _)| span.contains(here)).map_or(' ', |(_, mark)| *mark)
}
