use super::*;
use crate::corroborate::{self, Coded, lineage::Sketch};
use crate::export::json::RecordJson;
use crate::formats::{Format, ReadOptions, Source, read};
use jiff::civil::date;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("dateline-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn archive(&self) -> PathBuf {
        self.0.join("news.dateline")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A report that tells of so many people held in Varna, and its one record, coded by hand.
fn entry(id: &str, day: i8, held: u64, body: &str) -> Entry {
    let text = format!("Police hold {held}\nPolice held {held} migrants in Varna. {body}");
    let line =
        serde_json::json!({"id": id, "text": text, "published": format!("2021-02-{day:02}"), "publication": "Post"})
            .to_string();
    let options = ReadOptions::default();
    let source = Source { name: "t.jsonl", bytes: line.as_bytes(), hint: Some(Format::Jsonl), options: &options };
    let report = read(source).next().unwrap().unwrap();
    let at = text.find("held").unwrap();
    let digits = held.to_string();
    let number = text.find("held ").unwrap() + 5;
    let record: RecordJson = serde_json::from_value(serde_json::json!({
        "id": crate::export::record_id(&report, crate::ontology::EventType::Coerce, crate::Span::new(at, at + 4), 0),
        "report": id, "event": "COERCE", "mode": ["arrest"],
        "mentions": [{"start": at, "end": at + 4, "text": "held"}],
        "actor": [{"entity_text": "Police", "start": 0, "end": 6, "code": "BGR", "sector": ["COP"]}],
        "recipient": [{"entity_text": format!("{held} migrants"), "start": number, "end": number + digits.len() + 9}],
        "date": format!("2021-02-{day:02}"), "enddate": format!("2021-02-{day:02}"), "date_basis": "published",
        "event_loc": {"extracted_place": "Varna", "start": text.find("Varna").unwrap(), "end": text.find("Varna").unwrap() + 5,
                      "lat": 43.2, "lon": 27.9, "country_code": "BGR", "resolution": "city", "feature_code": "PPL"},
        "size": {"arrested": {"min": held, "max": held, "text": digits, "start": number, "end": number + digits.len()}},
        "text": format!("Police held {held} migrants in Varna."), "certainty": "asserted", "confidence": 0.9,
        "cite_info": {"published": format!("2021-02-{day:02}"), "publication": "Post"}
    }))
    .unwrap();
    Entry {
        report,
        raw: line.into_bytes(),
        name: "t.jsonl".into(),
        format: "jsonl".into(),
        outcome: Outcome::Coded,
        records: vec![record],
    }
}

/// Two tellings of one act with rival figures, a copy of the first, and another act weeks later.
fn story() -> Vec<Entry> {
    let wire =
        "The ferry lay at the quay for six hours while dogs searched its hold and the crew waited on deck in the rain.";
    vec![
        entry("a", 16, 41, wire),
        entry("b", 17, 41, &format!("{wire} The harbour was shut.")),
        entry("c", 17, 55, "A rights group gave another number and said that women were among them."),
        entry("d", 27, 12, "It was the second such operation of the month."),
    ]
}

fn all(archive: &Archive) -> Vec<String> {
    let mut found = Vec::new();
    let each = |incident: crate::Incident, records: Vec<RecordJson>| {
        found.push(format!("{} {}", serde_json::to_string(&incident).unwrap(), records.len()));
        Ok::<(), crate::Error>(())
    };
    archive.incidents(&Filter::default(), each).unwrap();
    found
}

#[test]
fn one_act_is_one_incident_with_its_origins_and_rival_figures() {
    let folder = Folder::new("story");
    let mut archive = Archive::write(&folder.archive()).unwrap();
    archive.put(&story()).unwrap();
    let mut incidents = Vec::new();
    let each = |incident: crate::Incident, _| {
        incidents.push(incident);
        Ok::<(), crate::Error>(())
    };
    archive.incidents(&Filter::default(), each).unwrap();
    assert_eq!(incidents.len(), 2, "{incidents:#?}");
    assert_eq!(incidents[0].origins, [vec!["a".to_string(), "b".into()], vec!["c".into()]]);
    assert_eq!(incidents[0].disputed().count(), 1);
    assert_eq!(archive.check().unwrap(), []);
    assert_eq!(archive.report("a").unwrap().unwrap().copies, ["a", "b"]);
    assert_eq!(archive.raw("a").unwrap().unwrap(), story()[0].raw);
}

#[test]
fn order_and_portions_change_nothing() {
    let mut results = Vec::new();
    for (number, order) in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]].into_iter().enumerate() {
        let folder = Folder::new(&format!("order{number}"));
        let mut archive = Archive::write(&folder.archive()).unwrap();
        for entry in order.map(|at| story()[at].clone()).chunks(number + 1) {
            archive.put(entry).unwrap();
        }
        assert_eq!(archive.check().unwrap(), []);
        results.push(all(&archive));
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
    let coded: Vec<Coded> = story()
        .iter()
        .map(|e| Coded { report: e.report.id.clone(), sketch: Sketch::new(&e.report.text), records: e.records.clone() })
        .collect();
    let at_once: Vec<String> = corroborate::incidents(&coded)
        .iter()
        .map(|incident| format!("{} {}", serde_json::to_string(incident).unwrap(), incident.members.len()))
        .collect();
    assert_eq!(results[0], at_once);
}

#[test]
fn what_is_there_is_not_added_twice_and_ids_that_collide_are_told_apart() {
    let folder = Folder::new("twice");
    let mut archive = Archive::write(&folder.archive()).unwrap();
    let first = archive.put(&story()).unwrap();
    assert_eq!(first[0], Put::Added("a".into()));
    assert!(archive.put(&story()).unwrap().iter().all(|put| *put == Put::Duplicate));
    assert!(archive.holds(&story()[0].report.content_hash).unwrap());
    let other = entry("a", 20, 7, "Another outlet numbers its reports alike.");
    let put = archive.put(std::slice::from_ref(&other)).unwrap();
    assert_eq!(put, [Put::Added(format!("a@{}", &other.report.content_hash[..12]))]);
    assert_eq!(archive.check().unwrap(), []);
}

#[test]
fn filters_find_what_they_name() {
    let folder = Folder::new("filters");
    let mut archive = Archive::write(&folder.archive()).unwrap();
    archive.put(&story()).unwrap();
    let count = |filter: Filter| {
        let mut n = 0;
        let each = |_, _| {
            n += 1;
            Ok::<(), crate::Error>(())
        };
        archive.records(&filter, each).unwrap();
        n
    };
    let text = |text: &str| Some(text.to_string());
    assert_eq!(count(Filter::default()), 4);
    assert_eq!(count(Filter { words: text("\"rights group\" women"), ..Filter::default() }), 1);
    assert_eq!(count(Filter { words: text("NEAR( OR \"*"), ..Filter::default() }), 0);
    assert_eq!(count(Filter { party: text("migrants"), ..Filter::default() }), 4);
    assert_eq!(count(Filter { party: text("Varna"), ..Filter::default() }), 0);
    assert_eq!(count(Filter { place: text("varna"), from: Some(date(2021, 2, 20)), ..Filter::default() }), 1);
    assert_eq!(count(Filter { event: vec!["ASSAULT".into()], ..Filter::default() }), 0);
    assert_eq!(
        count(Filter { mode: text("arrest"), country: text("BGR"), to: Some(date(2021, 2, 16)), ..Filter::default() }),
        1
    );
    assert_eq!(count(Filter { within: Some([40.0, 20.0, 45.0, 30.0]), limit: 3, ..Filter::default() }), 3);
    assert_eq!(count(Filter { min_confidence: 0.95, ..Filter::default() }), 0);
}

#[test]
fn damage_is_found() {
    let folder = Folder::new("damage");
    let mut archive = Archive::write(&folder.archive()).unwrap();
    archive.put(&story()).unwrap();
    for (sql, word) in [
        (
            "UPDATE record SET json = replace(json, '\"held\"', '\"hold\"') WHERE rowid = (SELECT min(key) FROM record)",
            "expected the words",
        ),
        ("UPDATE audit SET what = 'nothing' WHERE seq = 1", "line 1"),
        ("DELETE FROM incident WHERE id = (SELECT max(id) FROM incident)", "missing"),
        ("DELETE FROM sketch WHERE report = 1", "half there"),
    ] {
        archive.connection.execute(sql, []).unwrap();
        let found = archive.check().unwrap();
        assert!(found.iter().any(|damage| damage.message.contains(word)), "{sql}: {found:?}");
    }
}

#[test]
fn other_files_are_refused_with_the_way_out() {
    let folder = Folder::new("other");
    let path = folder.archive();
    assert!(Archive::read(&path).unwrap_err().to_string().contains("dateline add"));
    std::fs::write(&path, "this is a text of some length, and no archive at all").unwrap();
    assert!(Archive::write(&path).unwrap_err().to_string().contains("another name"));
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
    assert!(Archive::write(&path).unwrap_err().to_string().contains("no dateline archive"));
    std::fs::remove_file(&path).unwrap();
    let _first = Archive::write(&path).unwrap();
    assert!(Archive::write(&path).unwrap_err().to_string().contains("another dateline is writing"));
    Archive::read(&path).unwrap();
}

#[test]
fn an_archive_of_a_newer_version_is_left_alone() {
    let folder = Folder::new("newer");
    drop(Archive::write(&folder.archive()).unwrap());
    Connection::open(folder.archive()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(Archive::write(&folder.archive()).unwrap_err().to_string().contains("newer dateline"));
}
