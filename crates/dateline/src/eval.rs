//! Scoring: records against hand-coded reports (here), parses against treebanks ([`syntax`]).
//!
//! An event is found when a predicted record of the same category has a mention that overlaps a gold mention or, second best, one
//! that begins within 120 characters of a gold mention and shares a party. One prediction finds one gold event; what is left over
//! is wrong. Fields are scored on found events only, as micro F1; `record` is their weighted mean.

pub mod syntax;

use crate::export::json::{EntityJson, PlaceJson, RecordJson, WordsJson};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// A hand-coded report.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Gold {
    /// Its id, which predictions name as `report`.
    pub id: String,
    /// Clean text, the headline first.
    pub text: String,
    /// Day of publication.
    pub published: Option<String>,
    /// Outlet.
    pub publication: Option<String>,
    /// Address.
    pub url: Option<String>,
    /// The events.
    pub events: Vec<RecordJson>,
    /// Themes of the report.
    pub context: Option<Vec<String>>,
}

/// Predicted records by report id.
pub type Predictions = HashMap<String, Vec<RecordJson>>;

/// The hand-coded reports of a folder: its `*.json` files that have a list of events, in order of their names.
///
/// # Errors
/// [`Error::Io`] where folder or file cannot be read, [`Error::Data`] where a file is not a coded report or none is there.
pub fn read_gold(folder: &Path) -> Result<Vec<Gold>> {
    let name = |path: &Path| path.display().to_string();
    let io = |path: &Path, source| Error::Io { name: name(path), source };
    let entries = std::fs::read_dir(folder).map_err(|error| io(folder, error))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut gold = Vec::new();
    for path in paths {
        let odd = |error: serde_json::Error| Error::Data { name: name(&path), message: error.to_string() };
        let text = std::fs::read_to_string(&path).map_err(|error| io(&path, error))?;
        let value: serde_json::Value = serde_json::from_str(&text).map_err(odd)?;
        if value.get("events").is_some_and(serde_json::Value::is_array) {
            gold.push(serde_json::from_value(value).map_err(odd)?);
        }
    }
    if gold.is_empty() {
        let message = "found no coded report, expected *.json files with id, text and a list of events".to_string();
        return Err(Error::Data { name: name(folder), message });
    }
    Ok(gold)
}

/// Predictions from JSON lines, as `dateline code --format jsonl` prints them.
///
/// # Errors
/// [`Error::Data`] with the line number where a line is not a record or names no report.
pub fn read_predictions(name: &str, text: &str) -> Result<Predictions> {
    let mut predictions = Predictions::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let odd = |message: String| Error::Data { name: format!("{name}, line {}", number + 1), message };
        let record: RecordJson = serde_json::from_str(line).map_err(|error| odd(error.to_string()))?;
        let report =
            record.report.clone().ok_or_else(|| odd("no \"report\", expected the id of a coded report".into()))?;
        predictions.entry(report).or_default().push(record);
    }
    Ok(predictions)
}

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Prf {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

impl Prf {
    /// Rounded to four digits, as figures are written.
    pub fn rounded(self) -> Self {
        let Prf { precision, recall, f1 } = self;
        Prf { precision: four_digits(precision), recall: four_digits(recall), f1: four_digits(f1) }
    }
}

/// True positives, false positives and false negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    tp: usize,
    fp: usize,
    fn_: usize,
}

impl Tally {
    fn add(&mut self, (tp, fp, fn_): (usize, usize, usize)) {
        self.tp += tp;
        self.fp += fp;
        self.fn_ += fn_;
    }

    /// Precision and recall are 1 where nothing was predicted or there was nothing to find.
    pub fn prf(&self) -> Prf {
        let share = |of: usize| if of == 0 { 1.0 } else { self.tp as f64 / of as f64 };
        let (precision, recall) = (share(self.tp + self.fp), share(self.tp + self.fn_));
        let sum = precision + recall;
        Prf { precision, recall, f1: if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum } }
    }

    /// How many there were to find.
    pub fn gold(&self) -> usize {
        self.tp + self.fn_
    }
}

/// What is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Field {
    Trigger,
    Event,
    Mode,
    Actor,
    Recipient,
    Code,
    Sector,
    Date,
    EventLoc,
    Size,
    Attribution,
    Auxiliary,
    Certainty,
    Context,
}

impl Field {
    /// All, in the order in which they are printed.
    pub const ALL: [Field; 14] = [
        Field::Trigger,
        Field::Event,
        Field::Mode,
        Field::Actor,
        Field::Recipient,
        Field::Code,
        Field::Sector,
        Field::Date,
        Field::EventLoc,
        Field::Size,
        Field::Attribution,
        Field::Auxiliary,
        Field::Certainty,
        Field::Context,
    ];

    /// The name as printed ("event_loc").
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 14] = [
            "trigger",
            "event",
            "mode",
            "actor",
            "recipient",
            "code",
            "sector",
            "date",
            "event_loc",
            "size",
            "attribution",
            "auxiliary",
            "certainty",
            "context",
        ];
        NAMES[self as usize]
    }

    /// Its weight in the record score; the weights sum to one.
    fn weight(self) -> f64 {
        match self {
            Field::Event => 0.30,
            Field::Actor | Field::Recipient | Field::Date => 0.12,
            Field::EventLoc | Field::Attribution => 0.10,
            Field::Size => 0.08,
            Field::Auxiliary => 0.06,
            _ => 0.0,
        }
    }
}

/// An event that was missed or invented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// "missed" or "invented".
    pub what: &'static str,
    /// Report id.
    pub report: String,
    /// Category.
    pub event: String,
    /// Words of its mentions.
    pub mentions: Vec<String>,
}

/// The figures of one comparison.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    fields: BTreeMap<Field, Tally>,
    /// By category, in alphabetical order.
    pub per_type: BTreeMap<String, Tally>,
    /// What was missed and invented, in order of the reports.
    pub misses: Vec<Miss>,
    /// Number of gold reports.
    pub reports: usize,
    /// Number of gold events, doubtful ones included.
    pub gold_events: usize,
    /// Number of predicted records.
    pub predicted: usize,
    /// Spans of mentions and parties that do not quote the text.
    pub bad_spans: usize,
    confidences: Vec<(f64, bool)>,
}

impl Scores {
    /// The figures of one field.
    pub fn field(&self, field: Field) -> Prf {
        self.fields.get(&field).copied().unwrap_or_default().prf()
    }

    /// The weighted mean of the fields' F1.
    pub fn record(&self) -> f64 {
        Field::ALL.iter().map(|&field| field.weight() * four_digits(self.field(field).f1)).sum()
    }

    /// Expected calibration error over five bins; `None` where no record carries a confidence.
    pub fn calibration_error(&self) -> Option<f64> {
        let all = self.confidences.len() as f64;
        let bin = |confidence: f64| (confidence.min(0.999) * 5.0) as usize;
        let mut bins = [(0.0, 0.0); 5];
        for &(confidence, right) in &self.confidences {
            let bin = &mut bins[bin(confidence).min(4)];
            bin.0 += confidence;
            bin.1 += f64::from(u8::from(right));
        }
        (all > 0.0).then(|| bins.iter().map(|(confidence, right)| (confidence - right).abs() / all).sum())
    }

    /// All figures as one JSON object, rounded to four digits.
    pub fn to_json(&self) -> serde_json::Value {
        let mut out = serde_json::Map::new();
        for field in Field::ALL {
            out.insert(field.name().to_string(), serde_json::json!(self.field(field).rounded()));
        }
        out.insert("record".into(), four_digits(self.record()).into());
        out.insert("reports".into(), self.reports.into());
        out.insert("gold_events".into(), self.gold_events.into());
        out.insert("predicted".into(), self.predicted.into());
        out.insert("spans_that_do_not_quote_the_text".into(), self.bad_spans.into());
        out.into()
    }

    fn add(&mut self, field: Field, counts: (usize, usize, usize)) {
        self.fields.entry(field).or_default().add(counts);
    }
}

fn four_digits(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}

/// Scores `predictions` against `gold`.
pub fn score(gold: &[Gold], predictions: &Predictions) -> Scores {
    let mut scores = Scores {
        reports: gold.len(),
        gold_events: gold.iter().map(|report| report.events.len()).sum(),
        predicted: predictions.values().map(Vec::len).sum(),
        ..Scores::default()
    };
    for report in gold {
        let predicted = predictions.get(&report.id).map_or(&[][..], Vec::as_slice);
        scores.bad_spans += bad_spans(&report.text, predicted);
        score_report(report, predicted, &mut scores);
    }
    scores
}

fn score_report(report: &Gold, predicted: &[RecordJson], scores: &mut Scores) {
    let gold = &report.events;
    let pairs = pair(gold, predicted);
    let found: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
    let used: BTreeSet<usize> = pairs.iter().map(|pair| pair.1).collect();
    // Doubtful in the gold: neither finding nor missing it counts.
    let spare: BTreeSet<usize> = (0..gold.len()).filter(|&i| gold[i].optional).collect();
    let free: BTreeSet<usize> = pairs.iter().filter(|pair| spare.contains(&pair.0)).map(|pair| pair.1).collect();
    let sure = pairs.len() - free.len();
    scores.add(Field::Event, (sure, predicted.len() - free.len() - sure, gold.len() - spare.len() - sure));
    let mentions = |records: &[RecordJson]| records.iter().map(|record| spans(&record.mentions)).collect::<Vec<_>>();
    scores.add(Field::Trigger, match_sets(&mentions(gold), &mentions(predicted), |a, b| any_overlap(a, b) > 0));

    for (i, event) in gold.iter().enumerate().filter(|(i, _)| !spare.contains(i)) {
        let hit = usize::from(found.contains(&i));
        scores.per_type.entry(category(event)).or_default().add((hit, 0, 1 - hit));
        if hit == 0 {
            scores.misses.push(miss("missed", report, event));
        }
    }
    for (j, record) in predicted.iter().enumerate().filter(|(j, _)| !free.contains(j)) {
        let right = used.contains(&j);
        scores.per_type.entry(category(record)).or_default().add((0, usize::from(!right), 0));
        scores.confidences.extend(record.confidence.map(|confidence| (confidence, right)));
        if !right {
            scores.misses.push(miss("invented", report, record));
        }
    }
    for (i, j) in pairs {
        score_fields(&gold[i], &predicted[j], scores);
    }
    let themes: BTreeSet<&String> = predicted.iter().flat_map(|record| &record.context).collect();
    let gold_themes: Vec<&String> = report.context.iter().flatten().collect();
    scores.add(Field::Context, match_sets(&gold_themes, &themes.into_iter().collect::<Vec<_>>(), |a, b| a == b));
}

fn score_fields(gold: &RecordJson, record: &RecordJson, scores: &mut Scores) {
    scores.add(Field::Mode, match_sets(&gold.mode, &record.mode, |a, b| a == b));
    for (field, g, p) in
        [(Field::Actor, &gold.actor, &record.actor), (Field::Recipient, &gold.recipient, &record.recipient)]
    {
        scores.add(field, match_sets(g, p, same_entity));
        scores.add(Field::Code, match_sets(&codes(g), &codes(p), |a, b| a == b));
        scores.add(Field::Sector, match_sets(&sectors(g), &sectors(p), |a, b| a == b));
    }
    if gold.date_basis.as_deref() != Some("none") {
        let interval =
            |record: &RecordJson| (record.date.clone(), record.enddate.clone().or_else(|| record.date.clone()));
        let (g, p) = (interval(gold), interval(record));
        let same = g == p;
        let counts = (same && g.0.is_some(), !same && p.0.is_some(), !same && g.0.is_some());
        scores.add(Field::Date, (counts.0.into(), counts.1.into(), counts.2.into()));
    }
    let place = |record: &RecordJson| record.event_loc.iter().cloned().collect::<Vec<_>>();
    scores.add(Field::EventLoc, match_sets(&place(gold), &place(record), same_place));
    scores.add(Field::Size, match_sets(&figures(gold), &figures(record), |a, b| a == b));
    let sources = |record: &RecordJson| -> Vec<EntityJson> {
        let entity = |link: &crate::export::json::AttributionJson| EntityJson {
            start: link.start,
            end: link.end,
            ..EntityJson::default()
        };
        record.attribution.iter().map(entity).collect()
    };
    scores.add(Field::Attribution, match_sets(&sources(gold), &sources(record), same_entity));
    scores.add(Field::Auxiliary, match_sets(&gold.auxiliary, &record.auxiliary, |a, b| a == b));
    let certainty = |record: &RecordJson| record.certainty.clone().unwrap_or_else(|| "asserted".to_string());
    let same = usize::from(certainty(gold) == certainty(record));
    scores.add(Field::Certainty, (same, 1 - same, 1 - same));
}

/// Pairs gold events with predictions, best first: (gold index, prediction index).
fn pair(gold: &[RecordJson], predicted: &[RecordJson]) -> Vec<(usize, usize)> {
    let parties = |record: &RecordJson| -> Vec<Ends> {
        record.actor.iter().chain(&record.recipient).filter_map(|entity| entity.start.zip(entity.end)).collect()
    };
    let mut candidates: Vec<(f64, usize, usize)> = Vec::new();
    for (i, g) in gold.iter().enumerate() {
        let (gold_mentions, gold_parties) = (spans(&g.mentions), parties(g));
        for (j, p) in predicted.iter().enumerate().filter(|(_, p)| p.event == g.event) {
            let mentions = spans(&p.mentions);
            let shared = any_overlap(&gold_parties, &parties(p));
            let near = || gold_mentions.iter().any(|a| mentions.iter().any(|b| a.0.abs_diff(b.0) <= 120));
            if any_overlap(&gold_mentions, &mentions) > 0 {
                candidates.push((2.0 + 0.1 * shared as f64, i, j));
            } else if shared > 0 && near() {
                candidates.push((1.0 + 0.1 * shared as f64, i, j));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut found, mut used, mut pairs) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (_, i, j) in candidates {
        if !found.contains(&i) && !used.contains(&j) {
            found.insert(i);
            used.insert(j);
            pairs.push((i, j));
        }
    }
    pairs
}

/// True positives, false positives and false negatives when each gold item takes the first unused prediction that is the same.
fn match_sets<T>(gold: &[T], predicted: &[T], same: impl Fn(&T, &T) -> bool) -> (usize, usize, usize) {
    let mut used = vec![false; predicted.len()];
    let mut tp = 0;
    for g in gold {
        if let Some(k) = (0..predicted.len()).find(|&k| !used[k] && same(g, &predicted[k])) {
            used[k] = true;
            tp += 1;
        }
    }
    (tp, predicted.len() - tp, gold.len() - tp)
}

type Ends = (usize, usize);

fn spans(words: &[WordsJson]) -> Vec<Ends> {
    words.iter().filter_map(|words| words.start.zip(words.end)).collect()
}

fn overlap(a: Ends, b: Ends) -> bool {
    a.1.min(b.1) > a.0.max(b.0)
}

/// How many pairs overlap.
fn any_overlap(a: &[Ends], b: &[Ends]) -> usize {
    a.iter().map(|&a| b.iter().filter(|&&b| overlap(a, b)).count()).sum()
}

fn same_entity(gold: &EntityJson, other: &EntityJson) -> bool {
    let ends = |entity: &EntityJson| entity.start.zip(entity.end);
    ends(gold).zip(ends(other)).is_some_and(|(a, b)| overlap(a, b))
        || gold.identifier_id.as_deref().is_some_and(|id| !id.is_empty() && other.identifier_id.as_deref() == Some(id))
}

/// Same country and, below that, near enough for how precisely the gold knows the place.
fn same_place(gold: &PlaceJson, other: &PlaceJson) -> bool {
    let resolution = gold.resolution.as_deref();
    if gold.country_code != other.country_code {
        return false;
    }
    let Some(here) = gold.lat.zip(gold.lon).filter(|_| resolution != Some("country")) else { return true };
    let limit_km = match resolution {
        Some("site" | "city") => 30.0,
        Some("district") => 60.0,
        _ => 250.0,
    };
    other.lat.zip(other.lon).is_some_and(|there| distance_km(here, there) <= limit_km)
}

/// Great-circle distance by the haversine formula, Earth's radius 6,371 km.
fn distance_km((lat1, lon1): (f64, f64), (lat2, lon2): (f64, f64)) -> f64 {
    let cos_degrees = |degrees: f64| degrees.to_radians().cos();
    let half = 0.5 - cos_degrees(lat2 - lat1) / 2.0
        + cos_degrees(lat1) * cos_degrees(lat2) * (1.0 - cos_degrees(lon2 - lon1)) / 2.0;
    12742.0 * half.clamp(0.0, 1.0).sqrt().asin()
}

fn codes(entities: &[EntityJson]) -> Vec<&str> {
    entities.iter().filter_map(|entity| entity.code.as_deref()).filter(|code| !code.is_empty()).collect()
}

fn sectors(entities: &[EntityJson]) -> Vec<&str> {
    entities.iter().flat_map(|entity| &entity.sector).map(String::as_str).collect()
}

fn figures(record: &RecordJson) -> Vec<(&str, Option<u64>, Option<u64>)> {
    let all = record.size.iter().filter_map(|(kind, figures)| Some((kind.as_str(), figures.as_ref()?)));
    all.flat_map(|(kind, figures)| figures.iter().map(move |figure| (kind, figure.min, figure.max))).collect()
}

fn category(record: &RecordJson) -> String {
    record.event.clone().unwrap_or_else(|| "None".to_string())
}

fn miss(what: &'static str, report: &Gold, record: &RecordJson) -> Miss {
    let mentions = record.mentions.iter().filter_map(|words| words.text.clone()).collect();
    Miss { what, report: report.id.clone(), event: category(record), mentions }
}

/// How many mentions and parties say they quote words that do not stand at their place.
fn bad_spans(text: &str, records: &[RecordJson]) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let bad = |start: Option<usize>, end: Option<usize>, words: Option<&String>| {
        let Some(((start, end), words)) = start.zip(end).zip(words) else { return false };
        let there = chars.get(start.min(chars.len())..end.min(chars.len())).unwrap_or(&[]);
        !there.iter().copied().eq(words.chars())
    };
    let in_record = |record: &RecordJson| {
        let mentions = record.mentions.iter().filter(|words| bad(words.start, words.end, words.text.as_ref()));
        let parties = record.actor.iter().chain(&record.recipient);
        mentions.count() + parties.filter(|entity| bad(entity.start, entity.end, entity.entity_text.as_ref())).count()
    };
    records.iter().map(in_record).sum()
}
