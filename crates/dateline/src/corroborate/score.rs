//! Scoring incidents against hand-made ones: B³ of the records named there, pairs of copies, figures shown.

use super::Coded;
use super::claim::long_hash;
use super::lineage::Sketch;
use crate::eval::{Gold, Prf};
use crate::export::json::{CiteInfo, RecordJson, WordsJson};
use crate::incident::Incident;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// A hand-made incident; its members are events of coded reports, by number.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct GoldIncident {
    pub incident: String,
    pub members: Vec<GoldMember>,
    /// Lists of reports that copy one story.
    pub wire: Vec<Vec<String>>,
    /// Figures in dispute by kind: the words of each.
    pub disputed: BTreeMap<String, Vec<String>>,
    /// Records that look like members and are none.
    pub decoys: Vec<GoldMember>,
}

/// An event of a coded report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct GoldMember {
    pub report: String,
    pub event: usize,
}

/// How incidents compare with hand-made ones.
#[derive(Debug, Clone, Serialize)]
pub struct IncidentScores {
    /// B³ over the members and decoys of the hand-made incidents.
    pub b_cubed: Prf,
    /// Pairs of reports that copy one story, over all pairs of reports.
    pub wire: Prf,
    /// Decoys that share no incident with the members they resemble, and how many there are.
    pub decoys_apart: (usize, usize),
    /// Kinds of disputed figures of which every figure is shown, and how many there are.
    pub disputes_shown: (usize, usize),
}

/// Reads a file of hand-made incidents.
///
/// # Errors
/// [`Error::Io`] and [`Error::Data`] where it cannot be read.
pub fn read(path: &Path) -> Result<Vec<GoldIncident>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| Error::Io { name: name.clone(), source })?;
    serde_json::from_str(&text).map_err(|error| Error::Data { name, message: error.to_string() })
}

/// The id that an event of a hand-coded report goes by.
pub fn event_id(report: &str, event: usize) -> String {
    format!("{:016x}", long_hash(&format!("{report}\n{event}")))
}

/// A hand-coded report as if it had been coded.
pub fn coded(gold: &Gold) -> Coded {
    let letters: Vec<char> = gold.text.chars().collect();
    let sentence = |start: usize| -> String {
        let is_end = |at: &usize| {
            letters[*at] == '\n' || (letters[*at] == '.' && letters.get(*at + 1).is_none_or(|c| c.is_whitespace()))
        };
        let start = start.min(letters.len());
        let from = (0..start).rev().find(is_end).map_or(0, |at| at + 1);
        let to = (start..letters.len()).find(is_end).unwrap_or(letters.len());
        letters[from..to].iter().collect()
    };
    let records = gold.events.iter().enumerate().map(|(number, event)| {
        let start = event.mentions.first().and_then(|words| words.start).unwrap_or_default();
        RecordJson {
            report: Some(gold.id.clone()),
            id: Some(event_id(&gold.id, number)),
            text: event.text.clone().or_else(|| Some(sentence(start))),
            cite_info: Some(CiteInfo {
                published: gold.published.clone(),
                publication: gold.publication.clone(),
                ..event.cite_info.clone().unwrap_or_default()
            }),
            ..event.clone()
        }
    });
    Coded { report: gold.id.clone(), sketch: Sketch::new(&gold.text), records: records.collect() }
}

/// The coded records that are the events of `gold`, by number: of the same category, with most mentions in common; each is taken once.
pub fn aligned(gold: &Gold, records: &[RecordJson]) -> Vec<Option<String>> {
    let ends = |words: &WordsJson| words.start.zip(words.end);
    let common = |event: &RecordJson, record: &RecordJson| {
        let meets =
            |&(start, end): &(usize, usize)| record.mentions.iter().filter_map(ends).any(|(s, e)| s < end && start < e);
        if event.event == record.event { event.mentions.iter().filter_map(ends).filter(meets).count() } else { 0 }
    };
    let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
    for (number, event) in gold.events.iter().enumerate() {
        pairs.extend(
            records
                .iter()
                .enumerate()
                .map(|(at, record)| (common(event, record), number, at))
                .filter(|pair| pair.0 > 0),
        );
    }
    pairs.sort_by_key(|&(common, number, at)| (std::cmp::Reverse(common), number, at));
    let mut aligned = vec![None; gold.events.len()];
    let mut taken = BTreeSet::new();
    for (_, number, at) in pairs {
        if aligned[number].is_none() && taken.insert(at) {
            aligned[number] = records[at].id.clone();
        }
    }
    aligned
}

/// Scores `found`, the incidents of `reports`; `record` gives the id of the record of an event of a hand-coded report. Events of which
/// no record was found are left out: how many those are is what `dateline eval` says.
/// `copies` tells whether two reports are copies.
pub fn score(
    gold: &[GoldIncident],
    reports: &[Gold],
    found: &[Incident],
    record: &dyn Fn(&GoldMember) -> Option<String>,
    copies: &dyn Fn(&str, &str) -> bool,
) -> IncidentScores {
    let incident_of: HashMap<&str, usize> = found
        .iter()
        .enumerate()
        .flat_map(|(number, incident)| incident.members.iter().map(move |member| (member.record.as_str(), number)))
        .collect();
    let known: Vec<GoldIncident> = gold
        .iter()
        .map(|incident| {
            let known = |members: &[GoldMember]| members.iter().filter(|m| record(m).is_some()).cloned().collect();
            GoldIncident { members: known(&incident.members), decoys: known(&incident.decoys), ..incident.clone() }
        })
        .collect();
    let gold = &known[..];
    // Items: every member and every decoy; a decoy that is a member of another incident is that.
    let mut truth: BTreeMap<&GoldMember, usize> = BTreeMap::new();
    for (number, incident) in gold.iter().enumerate() {
        truth.extend(incident.members.iter().map(|member| (member, number)));
    }
    let mut alone = gold.len();
    for decoy in gold.iter().flat_map(|incident| &incident.decoys) {
        truth.entry(decoy).or_insert_with(|| {
            alone += 1;
            alone
        });
    }
    let where_found: HashMap<&GoldMember, usize> = truth
        .keys()
        .enumerate()
        .map(|(number, item)| {
            let id = record(item);
            (*item, id.and_then(|id| incident_of.get(id.as_str()).copied()).unwrap_or(found.len() + number))
        })
        .collect();
    let (mut precision, mut recall) = (0.0, 0.0);
    for (item, group) in &truth {
        let mine = where_found[item];
        let same_found = truth.keys().filter(|other| where_found[*other] == mine).count();
        let same_gold = truth.values().filter(|other| *other == group).count();
        let both = truth.iter().filter(|(other, g)| where_found[*other] == mine && *g == group).count();
        precision += both as f64 / same_found as f64;
        recall += both as f64 / same_gold as f64;
    }
    let items = truth.len().max(1) as f64;
    let apart = gold.iter().flat_map(|incident| incident.decoys.iter().map(move |decoy| (incident, decoy)));
    let apart: Vec<bool> = apart
        .map(|(incident, decoy)| {
            incident.members.iter().all(|member| where_found.get(member) != where_found.get(decoy))
        })
        .collect();
    IncidentScores {
        b_cubed: prf(precision / items, recall / items),
        wire: wire(gold, reports, copies),
        decoys_apart: (apart.iter().filter(|apart| **apart).count(), apart.len()),
        disputes_shown: disputes(gold, found, &where_found),
    }
}

fn prf(precision: f64, recall: f64) -> Prf {
    let sum = precision + recall;
    Prf { precision, recall, f1: if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum } }.rounded()
}

fn wire(gold: &[GoldIncident], reports: &[Gold], copies: &dyn Fn(&str, &str) -> bool) -> Prf {
    let mut truth: BTreeSet<(&str, &str)> = BTreeSet::new();
    for group in gold.iter().flat_map(|incident| &incident.wire) {
        for (at, a) in group.iter().enumerate() {
            truth.extend(group[at + 1..].iter().map(|b| (a.min(b).as_str(), a.max(b).as_str())));
        }
    }
    let mut ids: Vec<&str> = reports.iter().map(|report| report.id.as_str()).collect();
    ids.sort_unstable();
    let pairs = ids.iter().enumerate().flat_map(|(at, a)| ids[at + 1..].iter().map(move |b| (*a, *b)));
    let found: BTreeSet<(&str, &str)> = pairs.filter(|(a, b)| copies(a, b)).collect();
    let both = truth.intersection(&found).count() as f64;
    let share = |of: usize| if of == 0 { 1.0 } else { both / of as f64 };
    prf(share(found.len()), share(truth.len()))
}

fn disputes(gold: &[GoldIncident], found: &[Incident], where_found: &HashMap<&GoldMember, usize>) -> (usize, usize) {
    let (mut shown, mut all) = (0, 0);
    for incident in gold {
        let groups: BTreeSet<usize> = incident.members.iter().filter_map(|m| where_found.get(m).copied()).collect();
        for (kind, words) in &incident.disputed {
            all += 1;
            let claimed: Vec<_> = groups
                .iter()
                .filter_map(|group| found.get(*group)?.figures.get(kind))
                .flatten()
                .map(|c| &c.text)
                .collect();
            let has =
                |word: &String| claimed.iter().any(|text| word.contains(text.as_str()) || text.contains(word.as_str()));
            shown += usize::from(words.iter().all(has));
        }
    }
    (shown, all)
}
