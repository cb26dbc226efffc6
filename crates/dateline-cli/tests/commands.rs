//! The commands as a user runs them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn dateline(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.args(args).env_remove("COLUMNS").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> (i32, String, String) {
    told(dateline(args).output().unwrap())
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run_with(args: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = dateline(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that stops before it reads is judged by what it says.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    told(child.wait_with_output().unwrap())
}

/// A folder of this test alone, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const LINE: &str = r#"{"id": "ID", "published": "2024-03-06", "text": "Police raid offices in Tbilisi\nGeorgian police raided the offices of two newspapers in Tbilisi on Tuesday and detained five editors, the interior ministry said."}"#;

#[test]
fn the_demo_codes_a_story_and_says_what_to_try_next() {
    let (code, out, err) = run(&["demo"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("Police raid migrant hostels in Istanbul, dozens held\n"));
    assert!(out.contains("dateline code FILE"));
    assert!(!out.contains('\x1b'), "no colours where the output is no terminal");
    assert!(out.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_demo_story_can_be_coded_from_standard_input() {
    let (_, story, _) = run(&["demo", "--story"]);
    let (code, out, _) = run_with(&["code", "-", "--published", "2024-03-06"], &story);
    assert_eq!(code, 0);
    assert!(out.starts_with("Police raid migrant hostels in Istanbul, dozens held\n"), "{out}");
}

#[test]
fn a_wrong_command_line_ends_with_two() {
    assert_eq!(run(&[]).0, 2);
    let (code, _, err) = run(&["code", "x.txt", "--published", "yesterday"]);
    assert_eq!(code, 2);
    assert!(err.contains("expected a day such as 2017-01-30"), "{err}");
    assert_eq!(run(&["code", "x.txt", "--min-confidence", "2"]).0, 2);
    assert_eq!(run(&["code"]).0, 2);
}

#[test]
fn a_missing_file_is_named_and_the_rest_is_coded() {
    let folder = folder("missing");
    let good = folder.join("good.txt");
    std::fs::write(&good, "Police raid offices in Tbilisi\nGeorgian police raided an office in Tbilisi on Tuesday.\n")
        .unwrap();
    let (code, out, err) = run(&["code", "no-such-file.txt", good.to_str().unwrap(), "--published", "2024-05-01"]);
    assert_eq!(code, 1);
    assert_eq!(err, "dateline: no-such-file.txt: no such file or directory\n");
    assert!(out.starts_with("Police raid offices in Tbilisi\n"), "{out}");
}

#[test]
fn a_bad_line_is_told_by_number_and_the_rest_is_coded() {
    let folder = folder("bad-line");
    let file = folder.join("reports.jsonl");
    let lines = [LINE.replace("ID", "a"), "{\"id\": ".to_string(), LINE.replace("ID", "c")];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (code, out, err) = run(&["annotate", file.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(err.contains('2') && err.lines().count() == 1, "{err}");
    let ids: Vec<String> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["report"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(ids, ["a", "c"]);
}

#[test]
fn folders_give_reports_of_all_formats_and_messages_name_the_item() {
    let folder = folder("formats");
    let story = "Georgian police raided the offices of two newspapers in Tbilisi on Tuesday and detained five editors.";
    let write = |name: &str, content: String| std::fs::write(folder.join(name), content).unwrap();
    write(
        "a.json",
        format!(
            "[{{\"id\":\"a\",\"maintext\":\"{story}\",\"date_publish\":\"2024-03-06\"}},{{\"maintext\":\"{story}\"}},{{}}]"
        ),
    );
    write("b.csv", format!("id,text,date\nb,\"{story}\",2024-03-06\n"));
    write(
        "c.rss",
        format!(
            "<rss><channel><item><description>{story}</description><pubDate>Wed, 06 Mar 2024 10:00:00 GMT</pubDate></item></channel></rss>"
        ),
    );
    write("d.opml", "<opml><body><outline xmlUrl='x'/></body></opml>".into());
    write("e.png", "no report".into());
    let large = format!("{}\n{}", LINE.replace("ID", "f"), " ".repeat(9 << 20));
    write("f.jsonl", large);
    let path = folder.to_str().unwrap();
    let (code, out, err) = run(&["annotate", "--format", "jsonl", path]);
    let ids: Vec<String> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["report"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 5, "{out}{err}");
    assert_eq!([ids[0].as_str(), ids[2].as_str(), ids[4].as_str()], ["a", "b", "f"]);
    assert_eq!(code, 1);
    let said: Vec<&str> = err.lines().map(|line| line.strip_prefix("dateline: ").unwrap_or(line)).collect();
    assert_eq!(said.len(), 3, "{err}");
    assert!(said[0].starts_with(&format!("{path}/a.json, item 2: no publication date is known")), "{err}");
    assert!(said[1].starts_with(&format!("{path}/a.json, item 3: no text found")), "{err}");
    assert_eq!(said[2], format!("{path}/d.opml: a list of 1 feeds and no reports; `dateline watch` reads it"));
}

#[test]
fn output_is_the_same_whatever_the_number_of_threads() {
    let folder = folder("jobs");
    for name in ["b.jsonl", "a.jsonl"] {
        let lines: Vec<String> = (0..20).map(|n| LINE.replace("ID", &format!("{name}-{n}"))).collect();
        std::fs::write(folder.join(name), lines.join("\n")).unwrap();
    }
    std::fs::write(folder.join("c.txt"), "Thousands march in Lima\nThousands of people marched in Lima on Sunday.\n")
        .unwrap();
    let folder = folder.to_str().unwrap();
    for command in [["annotate", "--format", "jsonl"], ["code", "--format", "jsonl"], ["code", "--format", "table"]] {
        let with = |jobs: &str| run(&[&command[..], &["--published", "2024-05-01", "--jobs", jobs, folder]].concat());
        let (code, one, err) = with("1");
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(with("4").1, one);
    }
}

#[test]
fn an_unwritable_output_is_a_clear_message() {
    let (code, _, err) = run_with(&["code", "-", "-o", "/no/such/folder/out.jsonl"], LINE);
    assert_eq!(code, 1);
    assert_eq!(err, "dateline: /no/such/folder/out.jsonl: cannot be written: no such file or directory\n");
}

#[test]
fn an_input_is_never_overwritten() {
    let file = folder("overwrite").join("reports.jsonl");
    std::fs::write(&file, LINE).unwrap();
    let path = file.to_str().unwrap();
    let (code, _, err) = run(&["code", path, "-o", path]);
    assert_eq!(code, 1);
    assert!(err.contains("is one of the inputs"), "{err}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), LINE);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = dateline(&["demo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (code, _, err) = told(child.wait_with_output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn a_report_in_another_language_is_a_note_and_no_record() {
    let text = "Polizei durchsucht Wohnungen in Berlin\nDie Berliner Polizei hat am Dienstag mehrere Wohnungen \
        durchsucht und dabei zwölf Personen festgenommen, wie der Sprecher der Behörde am Abend mitteilte.\n";
    let (code, out, err) = run_with(&["code", "-", "--format", "jsonl", "--published", "2024-05-01"], text);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("--force codes it anyway") && err.lines().count() == 1, "{err}");
}

#[test]
fn colours_come_when_asked_for() {
    let colourful = |args: &[&str], no_color: bool| {
        let mut command = dateline(args);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        told(command.output().unwrap()).1.contains('\x1b')
    };
    assert!(colourful(&["--color", "always", "demo"], false));
    assert!(!colourful(&["--color", "never", "demo"], false));
    assert!(!colourful(&["demo"], true));
}

#[test]
fn csv_has_a_header_even_without_events() {
    let (code, out, _) =
        run_with(&["code", "-", "--format", "csv"], "Weather\nIt rained in the hills and the sun came out again.\n");
    assert_eq!(code, 0);
    assert!(out.starts_with("report,id,event,mode,"), "{out}");
}

#[test]
fn records_quote_the_clean_text_of_the_line() {
    let (code, out, _) = run_with(&["code", "-", "--format", "jsonl"], &LINE.replace("ID", "q"));
    assert_eq!(code, 0);
    let line: serde_json::Value = serde_json::from_str(LINE).unwrap();
    let text: Vec<char> = line["text"].as_str().unwrap().chars().collect();
    assert!(!out.is_empty(), "a raid and arrests are found");
    for record in out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        assert_eq!(record["report"], "q");
        for words in record["mentions"].as_array().unwrap() {
            let ends = words["start"].as_u64().unwrap() as usize..words["end"].as_u64().unwrap() as usize;
            assert_eq!(text[ends].iter().collect::<String>(), words["text"].as_str().unwrap());
        }
    }
}

const TREEBANK: &str = "# newdoc id = d\n# sent_id = d-1\n1\tPolice\tpolice\tNOUN\t_\t_\t2\tnsubj\t_\t_\n\
    2\traided\traid\tVERB\t_\t_\t0\troot\t_\t_\n3\thomes\thome\tNOUN\t_\t_\t2\tobj\t_\tSpaceAfter=No\n\
    4\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_\n\n";

#[test]
fn given_sentences_and_tokens_are_kept() {
    let (code, out, err) = run_with(&["annotate", "-", "--conllu-input", "--format", "conllu"], TREEBANK);
    assert_eq!((code, err.as_str()), (0, ""));
    let forms =
        |text: &str| text.lines().filter_map(|line| line.split('\t').nth(1).map(str::to_string)).collect::<Vec<_>>();
    assert_eq!(forms(&out), forms(TREEBANK));
    assert!(out.contains("# text = Police raided homes."), "{out}");
}

#[test]
fn a_damaged_treebank_is_told_by_line() {
    let (code, _, err) = run_with(&["annotate", "-", "--conllu-input"], "1\tPolice\n");
    assert_eq!(code, 1);
    assert_eq!(err, "dateline: standard input, line 1: found 2 columns, expected ten, separated by tabs\n");
}

#[test]
fn eval_prints_the_figures_of_the_reference_scorer() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dateline/tests/eval");
    let (gold, predictions) = (data.join("gold"), data.join("predictions.jsonl"));
    let args = ["eval", gold.to_str().unwrap(), "--predictions", predictions.to_str().unwrap(), "--errors", "50"];
    let (code, out, _) = run(&args);
    assert_eq!(code, 0);
    let figures = |text: &str| text.lines().filter(|line| !line.contains('[')).map(str::to_string).collect::<Vec<_>>();
    assert_eq!(figures(&out), figures(&std::fs::read_to_string(data.join("expected.txt")).unwrap()));
}

#[test]
fn a_figure_below_its_floor_fails() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dateline/tests/eval");
    let floors = folder("floors").join("floors.toml");
    std::fs::write(&floors, "[low]\nrecord = 0.1\n[high]\nevent = 0.99\n").unwrap();
    let eval = |set: &str| {
        let (gold, predictions) = (data.join("gold"), data.join("predictions.jsonl"));
        let paths = [&gold, &predictions, &floors].map(|path| path.to_str().unwrap());
        run(&["eval", paths[0], "--predictions", paths[1], "--floors", paths[2], "--set", set])
    };
    assert_eq!(eval("low").0, 0);
    let (code, _, err) = eval("high");
    assert_eq!(code, 1);
    assert!(err.contains("event is 0.") && err.contains("below its floor 0.99"), "{err}");
}

#[test]
fn bench_measures_every_stage() {
    let (code, out, _) = run(&["bench", "--reports", "4", "--json"]);
    assert_eq!(code, 0);
    let figures: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(figures["sets"].as_array().unwrap().len(), 2);
    assert!(figures["sets"][0]["words_per_second"].as_f64().unwrap() > 0.0);
}

#[test]
fn completions_and_manual_are_printed() {
    assert!(run(&["completions", "bash"]).1.contains("dateline"));
    assert!(run(&["man"]).1.contains(".TH dateline"));
}

#[test]
fn a_text_too_long_for_a_report_is_coded_to_its_limit_with_a_note() {
    // One word of more than a megabyte: long to read, quick to code.
    let line =
        LINE.replace("ID", "long").replace("ministry said.", &format!("ministry said. {}", "a".repeat(1_100_000)));
    let (code, out, err) = run_with(&["code", "-", "--format", "jsonl", "--force"], &line);
    assert_eq!(code, 0, "{err}");
    assert!(err.starts_with("dateline: long: found 1100") && err.contains("split the file"), "{err}");
    assert!(err.lines().count() == 1 && out.lines().count() > 0, "{out}");
}

#[test]
fn addresses_are_fetched_only_when_asked_for_and_never_inside_the_network() {
    let (code, out, err) = run(&["code", "https://town.example/raid"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "dateline: https://town.example/raid: is on the web; --fetch gets it\n");
    for (address, wanted) in [
        ("http://127.0.0.1/", "127.0.0.1 is not on the public internet; save the page and give the file"),
        ("http://[::ffff:10.0.0.1]/", "is not on the public internet; save the page and give the file"),
        ("http://ada:secret@town.example/", "user name or password are not fetched"),
    ] {
        let (code, _, err) = run(&["code", "--fetch", address]);
        assert_eq!(code, 1);
        assert!(err.starts_with(&format!("dateline: {address}: ")) && err.contains(wanted), "{err}");
    }
}

#[test]
fn watch_needs_feeds_and_tells_which_it_could_not_read() {
    let folder = folder("watch");
    let archive = folder.join("news.dateline").display().to_string();
    let list = folder.join("feeds.opml");
    std::fs::write(&list, "<opml><body/></opml>").unwrap();
    let list = list.display().to_string();
    let (code, _, err) = run(&["watch", &list, "--once", "--archive", &archive]);
    assert_eq!(code, 1);
    assert!(err.contains("feeds.opml: no feeds found") && err.contains("there are no feeds to follow"), "{err}");
    std::fs::write(&list, "<opml><body><outline text='Inside' xmlUrl='http://localhost/rss'/></body></opml>").unwrap();
    let (code, out, err) = run(&["watch", &list, "--once", "--archive", &archive]);
    assert_eq!((code, out.as_str()), (1, "1 feeds asked\n"));
    assert!(
        err.starts_with("dateline: http://localhost/rss: localhost is ") && err.contains("not on the public internet"),
        "{err}"
    );
    // It failed, so it is not asked again at once.
    let (code, out, _) = run(&["watch", &list, "--once", "--json", "--archive", &archive]);
    assert_eq!((code, out.as_str()), (0, "{\"asked\":0,\"event\":\"done\",\"later\":1}\n"));
    assert_eq!(run(&["watch", &list, "--every", "5s"]).0, 2);
}
