//! Every export of the same five invented records, against `tests/exports/golden/`. `UPDATE_SNAPSHOTS=1 cargo test -p dateline --test
//! exports` rewrites the files; read the difference before it is committed.

use dateline::export::json::{self, RecordJson};
use dateline::export::{EXPORTS, Masking, Row, formats, open, open_masked};
use dateline::formats::{Format, ReadOptions, Source, read};
use dateline::incident::Story;
use dateline::{Coder, Incident};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A record and the incident it belongs to.
#[derive(serde::Deserialize)]
struct Line {
    incident: String,
    record: RecordJson,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports")
}

fn written(name: &str, masking: Masking) -> Vec<u8> {
    let text = std::fs::read_to_string(folder().join("records.jsonl")).unwrap();
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut incidents: BTreeMap<&str, Vec<&RecordJson>> = BTreeMap::new();
    for line in &lines {
        incidents.entry(&line.incident).or_default().push(&line.record);
    }
    let mut out = Vec::new();
    let mut export = open_masked(name, masking).unwrap();
    export.begin(&mut out).unwrap();
    for records in incidents.values() {
        let story = |(at, record): (usize, &&'_ RecordJson)| (at as u64, record.report.clone().unwrap());
        let ids: Vec<(u64, String)> = records.iter().enumerate().map(story).collect();
        let stories =
            ids.iter().zip(records).map(|((origin, report), record)| Story { report, origin: *origin, record });
        let incident = Incident::new(stories.collect());
        export.row(&Row { incident: &incident, records }, &mut out).unwrap();
    }
    export.end(&mut out).unwrap();
    out
}

#[test]
fn exports_are_as_in_their_golden_files() {
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut changed = Vec::new();
    for format in EXPORTS.iter().filter(|format| format.ending != "parquet") {
        let file = folder().join("golden").join(format!("{}.{}", format.name.replace(':', "-"), format.ending));
        let found = written(format.name, Masking::Roles);
        if update {
            std::fs::write(&file, &found).unwrap();
        } else if std::fs::read(&file).unwrap_or_default() != found {
            changed.push(format!("{}:\n{}", file.display(), String::from_utf8_lossy(&found)));
        }
    }
    assert!(changed.is_empty(), "exports differ; UPDATE_SNAPSHOTS=1 rewrites\n{}", changed.concat());
}

#[test]
fn a_private_teacher_is_named_nowhere_and_a_minister_is() {
    for format in EXPORTS {
        let out = String::from_utf8_lossy(&written(format.name, Masking::Roles)).to_lowercase();
        assert!(!out.contains("karaca") && !out.contains("selin"), "{}", format.name);
    }
    let unmasked = String::from_utf8(written("csv", Masking::None)).unwrap();
    assert!(unmasked.contains("Selin Karaca"));
    assert!(String::from_utf8(written("csv", Masking::Roles)).unwrap().contains("Tessara Vold"));
}

/// The whole way: the name stands in a sentence of another record too, where she is no party.
#[test]
fn the_coder_finds_the_names_that_exports_mask() {
    let text = "Teacher held in Izmir\nTurkish police detained teacher Selin Karaca in Izmir on Monday. President Recep Tayyip \
                Erdogan accused Karaca of treason on Tuesday.\nThousands of students protested in Ankara on Tuesday, and Mr Karaca, her \
                father, was beaten by police.";
    let options = ReadOptions { published: Some(jiff::civil::date(2024, 3, 6)), ..ReadOptions::default() };
    let source = Source { name: "held", bytes: text.as_bytes(), hint: Some(Format::Text), options: &options };
    let coder = Coder::english().unwrap();
    let doc = coder.annotate(read(source).next().unwrap().unwrap());
    let records = json::records(&doc, &coder.code(&doc));
    assert!(records.len() >= 3, "{records:#?}");
    let named: Vec<&String> = records.iter().flat_map(|record| record.persons.iter().flatten()).collect();
    assert!(named.iter().any(|name| name.contains("Karaca")), "{named:?}");
    assert!(!named.iter().any(|name| name.contains("Erdogan")), "{named:?}");
    let mut out = Vec::new();
    let mut export = open("plover-jsonl").unwrap();
    for record in &records {
        let incident = Incident::new(vec![Story { report: "held", origin: 1, record }]);
        export.row(&Row { incident: &incident, records: &[record] }, &mut out).unwrap();
    }
    let out = String::from_utf8(out).unwrap();
    assert!(!out.contains("Karaca") && !out.contains("Selin"), "{out}");
    assert!(out.contains("President Recep Tayyip Erdogan"), "{out}");
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for format in EXPORTS {
        assert_eq!(written(format.name, Masking::Roles), written(format.name, Masking::Roles), "{}", format.name);
    }
}

#[test]
fn names_are_found_alone_and_as_a_family() {
    assert!(open("csv").is_some() && open("nothing").is_none());
    assert_eq!(formats("gdelt2").len(), 2);
    assert_eq!(formats("atom").len(), 1);
    assert!(formats("nothing").is_empty());
}
