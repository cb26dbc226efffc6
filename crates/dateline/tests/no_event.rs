//! Reports without a political event, full of the words of war and politics in other senses (`eval/no_event/`): how many records the
//! coder invents. The floor stands in `eval/floors.toml`.

use dateline::Coder;
use dateline::formats::{ReadOptions, Source, read};
use std::path::Path;

#[test]
fn reports_without_an_event_yield_hardly_any_record() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let bytes = std::fs::read(root.join("eval/no_event/reports.jsonl")).expect("eval/no_event/reports.jsonl");
    let floors = std::fs::read_to_string(root.join("eval/floors.toml")).expect("eval/floors.toml");
    let floors: toml::Table = floors.parse().expect("floors.toml");
    let most = floors["no_event"]["most_records_per_report"].as_float().expect("a number");

    let coder = Coder::english().expect("model");
    let options = ReadOptions::default();
    let source = Source { name: "reports.jsonl", bytes: &bytes, hint: None, options: &options };
    let (mut reports, mut found) = (0, Vec::new());
    for report in read(source) {
        let doc = coder.annotate(report.expect("a report"));
        reports += 1;
        for r in coder.code(&doc) {
            found.push(format!("{} {} \"{}\"", doc.report.id, r.event.name(), r.mentions[0].of(&doc.report.text)));
        }
    }
    assert_eq!(reports, 50);
    let rate = found.len() as f64 / reports as f64;
    assert!(rate <= most, "{rate:.2} records a report, at most {most:.2} expected:\n{}", found.join("\n"));
}
