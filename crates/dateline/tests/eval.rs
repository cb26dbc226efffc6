//! The scorer against figures that the reference scorer (Python) gave for the same gold and predictions, `tests/eval/expected.json`.

use dateline::eval::{Field, read_gold, read_predictions, score};
use std::path::Path;

const EXPECTED: &str = include_str!("eval/expected.json");
const PREDICTIONS: &str = include_str!("eval/predictions.jsonl");

fn scores() -> dateline::eval::Scores {
    let gold = read_gold(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval/gold")).unwrap();
    score(&gold, &read_predictions("predictions.jsonl", PREDICTIONS).unwrap())
}

#[test]
fn figures_are_those_of_the_reference_scorer() {
    let expected: serde_json::Value = serde_json::from_str(EXPECTED).unwrap();
    assert_eq!(scores().to_json(), expected);
}

#[test]
fn calibration_error_is_that_of_the_reference_scorer() {
    let printed =
        include_str!("eval/expected.txt").lines().find_map(|line| line.strip_prefix("calibration error (5 bins): "));
    assert_eq!(format!("{:.3}", scores().calibration_error().unwrap()), printed.unwrap());
}

#[test]
fn what_is_missed_and_invented_is_listed_in_the_order_of_the_reports() {
    let printed = include_str!("eval/expected.txt")
        .lines()
        .filter(|line| line.starts_with("missed ") || line.starts_with("invented "));
    let printed: Vec<String> = printed.map(|line| line.split(" [").next().unwrap().to_string()).collect();
    let listed: Vec<String> =
        scores().misses.iter().map(|miss| format!("{} {} {}", miss.what, miss.report, miss.event)).collect();
    assert_eq!(listed, printed);
}

#[test]
fn gold_as_its_own_prediction_is_perfect() {
    let gold = read_gold(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval/gold")).unwrap();
    let mut predictions = dateline::eval::Predictions::new();
    for report in &gold {
        let mut events = report.events.clone();
        events.iter_mut().for_each(|event| event.context = report.context.clone().unwrap_or_default());
        predictions.insert(report.id.clone(), events);
    }
    let scores = score(&gold, &predictions);
    assert!(Field::ALL.iter().all(|&field| scores.field(field).f1 == 1.0));
    assert!((scores.record() - 1.0).abs() < 1e-9);
    assert_eq!(scores.bad_spans, 0);
}

#[test]
fn a_prediction_without_a_report_is_refused_with_its_line() {
    let message = read_predictions("p.jsonl", "\n{\"event\": \"AID\"}\n").unwrap_err().to_string();
    assert_eq!(message, "p.jsonl, line 2: no \"report\", expected the id of a coded report");
}
