//! The commands around an archive, as a user runs them.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

fn dateline(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dateline"))
        .args(args)
        .env_remove("DATELINE_ARCHIVE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// A folder of this test alone, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("archive").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Reports as JSON lines: two outlets on one raid with rival figures, a copy of the first, an attack elsewhere, a match.
const REPORTS: [(&str, &str, &str, &str); 5] = [
    (
        "wire",
        "2017-03-14",
        "Reuters",
        "Police detain 41 migrants in Istanbul raid\\nISTANBUL, March 14 (Reuters) - Turkish police raided a hostel in Istanbul's Zeytinburnu \
         district on Tuesday and detained 41 migrants, officials said. The street was closed for six hours while officers carried boxes of \
         papers to their cars, and the hostel's owner was questioned at the station.",
    ),
    (
        "copy",
        "2017-03-15",
        "Coast Standard",
        "Migrants held in Istanbul\\nTurkish police raided a hostel in Istanbul's Zeytinburnu district on Tuesday and detained 41 migrants, \
         officials said. The street was closed for six hours while officers carried boxes of papers to their cars.",
    ),
    (
        "rival",
        "2017-03-15",
        "Bosphorus Rights Watch",
        "At least 55 held, group says\\nTurkish police detained at least 55 migrants in a raid in Zeytinburnu, Istanbul, on March 14, a lawyer \
         told this group. Women and children were among them.",
    ),
    (
        "attack",
        "2017-03-20",
        "Radio Sahel",
        "Gunmen kill three in Gao\\nGunmen killed three soldiers in Gao in northern Mali on Monday, the army said.",
    ),
    (
        "match",
        "2017-03-20",
        "Sports Daily",
        "Rovers win late\\nRovers beat Athletic 2-1 on Sunday after a late goal, and the coach was pleased with the second half.",
    ),
];

fn lines(which: &[usize]) -> String {
    which
        .iter()
        .map(|&at| {
            let (id, published, publication, text) = REPORTS[at];
            format!("{{\"id\":\"{id}\",\"published\":\"{published}\",\"publication\":\"{publication}\",\"text\":\"{text}\"}}\n")
        })
        .collect()
}

/// An archive of [`REPORTS`] in `folder`.
fn archive(folder: &Path) -> String {
    let (reports, archive) = (folder.join("reports.jsonl"), folder.join("news.dateline"));
    std::fs::write(&reports, lines(&[0, 1, 2, 3, 4])).unwrap();
    let archive = archive.to_str().unwrap().to_string();
    let (code, _, err) = dateline(&["add", reports.to_str().unwrap(), "--archive", &archive]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("4 coded, 1 no event"), "{err}");
    archive
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn reports_go_in_and_incidents_come_out() {
    let folder = folder("story");
    let archive = archive(&folder);
    let (code, out, _) = dateline(&["incidents", "--archive", &archive, "--format", "jsonl", "--mode", "arrest"]);
    assert_eq!(code, 0);
    let incidents = json_lines(&out);
    let arrests =
        incidents.iter().find(|i| i["members"].as_array().unwrap().len() >= 3).expect("three tell of the arrests");
    assert_eq!(arrests["origins"], serde_json::json!([["wire", "copy"], ["rival"]]));
    assert_eq!(arrests["figures"]["arrested"].as_array().unwrap().len(), 2, "{arrests}");
    assert_eq!((&arrests["first"], &arrests["last"]), (&Value::from("2017-03-14"), &Value::from("2017-03-15")));

    let id = arrests["incident"].as_str().unwrap();
    let (_, shown, _) = dateline(&["show", id, "--archive", &archive]);
    assert!(shown.contains("copy: 2017-03-15, Coast Standard") && shown.contains("3 reports, 2 origins"), "{shown}");
    let (_, found, _) = dateline(&["find", "soldiers", "--archive", &archive, "--country", "mli", "--format", "jsonl"]);
    assert_eq!(json_lines(&found).len(), 1);
    assert_eq!(json_lines(&found)[0]["report"], "attack");
    let (_, none, _) = dateline(&["find", "--archive", &archive, "--from", "2017-03-21", "--format", "jsonl"]);
    assert_eq!(none, "");
    let (_, stats, _) = dateline(&["stats", "--archive", &archive, "--json"]);
    assert_eq!(json_lines(&stats)[0]["reports"], serde_json::json!({"coded": 4, "no event": 1}));
    let (code, said, _) = dateline(&["check", "--archive", &archive]);
    assert!(code == 0 && said.ends_with("no damage found\n"), "{said}");
}

#[test]
fn adding_again_adds_nothing_and_says_so() {
    let folder = folder("again");
    let archive = archive(&folder);
    let reports = folder.join("reports.jsonl");
    let (code, out, _) = dateline(&["add", reports.to_str().unwrap(), "--archive", &archive, "--json"]);
    let events = json_lines(&out);
    assert_eq!((code, events.len()), (0, 6));
    assert_eq!(events[5]["counts"], serde_json::json!({"duplicate": 5}));
}

#[test]
fn order_and_threads_change_no_byte_of_an_export() {
    let folder = folder("order");
    let mut exports = Vec::new();
    for (number, (order, jobs)) in
        [([0, 1, 2, 3, 4], "1"), ([4, 2, 0, 3, 1], "2"), ([3, 1, 4, 0, 2], "8")].into_iter().enumerate()
    {
        let (reports, archive) = (folder.join(format!("{number}.jsonl")), folder.join(format!("{number}.dateline")));
        std::fs::write(&reports, lines(&order)).unwrap();
        let (reports, archive) = (reports.to_str().unwrap(), archive.to_str().unwrap());
        assert_eq!(dateline(&["add", reports, "--archive", archive, "--jobs", jobs]).0, 0);
        let export = |format| dateline(&["export", "--archive", archive, "--format", format]).1;
        exports.push([export("csv"), export("geojson"), export("csv-incidents")].concat());
    }
    assert!(exports[0].lines().count() > 8);
    assert_eq!(exports[0], exports[1]);
    assert_eq!(exports[0], exports[2]);
}

/// Kills `add` at so many moments (`DATELINE_KILLS`, 3 unless set): the archive is whole after each, and in the end the same as one
/// that was never disturbed.
#[test]
fn killing_add_leaves_whole_reports() {
    let folder = folder("killed");
    let undisturbed = archive(&folder);
    let (reports, archive) = (folder.join("reports.jsonl"), folder.join("killed.dateline"));
    let (reports, archive) = (reports.to_str().unwrap(), archive.to_str().unwrap());
    let kills: u64 = std::env::var("DATELINE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    for round in 0..kills {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dateline"))
            .args(["add", reports, "--archive", archive, "--jobs", "1"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + round * 7919 % 1500));
        let _ = child.kill();
        let _ = child.wait();
        if Path::new(archive).exists() {
            let (code, said, err) = dateline(&["check", "--archive", archive]);
            // Killed before the first byte of the schema, it is an empty file that the next run fills.
            assert!(code == 0 || err.contains("version 0"), "round {round}: {said}{err}");
        }
    }
    assert_eq!(dateline(&["add", reports, "--archive", archive]).0, 0);
    let export = |archive| dateline(&["export", "--archive", archive, "--format", "csv"]).1;
    assert_eq!(export(archive), export(&undisturbed));
    let (code, said, _) = dateline(&["check", "--archive", archive]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn names_of_private_persons_need_a_reason_which_is_logged() {
    let folder = folder("names");
    let (reports, archive) = (folder.join("r.txt"), folder.join("a.dateline"));
    let text = "Farmer held in Gaziantep\nPolice detained Mehmet Yalcin, a farmer, in Gaziantep on Monday, his brother said.\n";
    std::fs::write(&reports, text).unwrap();
    let archive = archive.to_str().unwrap();
    dateline(&["add", reports.to_str().unwrap(), "--archive", archive, "--published", "2019-05-07"]);
    let find = |more: &[&str]| dateline(&[&["find", "--archive", archive, "--format", "jsonl"], more].concat());
    let (_, masked, _) = find(&[]);
    assert!(!masked.is_empty() && !masked.contains("Yalcin") && !masked.contains("Mehmet"), "{masked}");
    let (code, _, err) = find(&["--unmask", " "]);
    assert!(code == 1 && err.contains("the reason"), "{err}");
    let (_, named, _) = find(&["--unmask", "checking a complaint"]);
    assert!(named.contains("Yalcin"), "{named}");
    assert!(!named.contains("\"persons\""), "no list of names is written");
    assert_eq!(dateline(&["check", "--archive", archive]).0, 0);
}

#[test]
fn events_of_another_data_set_join_the_archive() {
    let folder = folder("import");
    let archive = archive(&folder);
    let exported = folder.join("gdelt.tsv");
    let path = exported.to_str().unwrap();
    assert_eq!(dateline(&["export", "--archive", &archive, "--format", "gdelt1", "--output", path]).0, 0);
    let other = folder.join("other.dateline");
    let other = other.to_str().unwrap();
    let (code, _, err) = dateline(&["import", path, "--format", "gdelt", "--archive", other]);
    assert_eq!(code, 0, "{err}");
    let events = std::fs::read_to_string(path).unwrap().lines().count();
    assert!(err.contains("events read"), "{err}");
    let (_, found, _) = dateline(&["find", "--archive", other, "--format", "jsonl"]);
    assert!(found.lines().count() >= events - 1 && events > 1, "{events} {found}");
    assert_eq!(dateline(&["check", "--archive", other]).0, 0);
}

#[test]
fn what_is_wrong_is_named_with_the_way_out() {
    let folder = folder("wrong");
    let archive = archive(&folder);
    let text = folder.join("reports.jsonl");
    for (args, said) in [
        (vec!["find", "--archive", "no.dateline"], "there is no archive; `dateline add"),
        (vec!["find", "--archive", text.to_str().unwrap()], "not an SQLite file"),
        (vec!["show", "nothing", "--archive", &archive], "no incident, record or report"),
        (vec!["export", "--archive", &archive, "--format", "doc"], "expected one of csv"),
        (vec!["import", text.to_str().unwrap(), "--archive", &archive, "--format", "doc"], "expected one of acled"),
        (vec!["import", "none.csv", "--archive", &archive, "--format", "acled"], "none.csv: "),
        (vec!["add", "none.txt", "--archive", &archive], "none.txt: "),
    ] {
        let (code, _, err) = dateline(&args);
        assert!(code == 1 && err.contains(said), "{args:?}: {code} {err}");
    }
    let (code, _, err) = dateline(&["find", "--archive", &archive, "--within", "1,2,3"]);
    assert!(code == 2 && err.contains("expected four numbers"), "{err}");
}
