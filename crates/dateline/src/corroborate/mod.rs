//! Corroboration: records of one act in several reports become an incident, and reports that copy one story count as one origin.
//!
//! Records are clustered by category, days, place, parties, figures and words ([`pair`], [`cluster`]); lineage is told from shared
//! runs of words and from credits ([`lineage`]); [`incidents`] puts both together. The result is a function of the set of
//! reports: their order, and whether they came at once or one by one, changes nothing.

pub mod claim;
pub mod cluster;
pub mod lineage;
pub mod pair;
pub mod score;

use crate::export::json::RecordJson;
use crate::incident::{Incident, Story};
use claim::Claim;
use lineage::Sketch;
use pair::PairWeights;
use std::collections::{BTreeMap, HashMap};

/// A report and its records, as corroboration needs them.
#[derive(Debug, Clone, Default)]
pub struct Coded {
    /// The report's id.
    pub report: String,
    /// What its text shares with others.
    pub sketch: Sketch,
    /// Its records; each names the report and its publication.
    pub records: Vec<RecordJson>,
}

/// The incidents told by `reports`, in order of their first day, then of their ids. Every record is in exactly one of them.
pub fn incidents(reports: &[Coded]) -> Vec<Incident> {
    let copies = lineage::groups(reports.iter().map(|coded| (coded.report.as_str(), &coded.sketch)));
    let claims: Vec<Claim> = reports.iter().flat_map(|coded| &coded.records).filter_map(Claim::new).collect();
    let stories: HashMap<u64, Story<'_>> = reports
        .iter()
        .flat_map(|coded| coded.records.iter().map(move |record| (coded, record)))
        .map(|(coded, record)| {
            let origin = copies.get(&claim::report_key(&coded.report)).copied().unwrap_or_default();
            (claim::record_key(record), Story { report: &coded.report, origin, record })
        })
        .collect();
    let mut incidents: Vec<Incident> = groups(&claims, &copies)
        .into_iter()
        .map(|group| Incident::new(group.iter().filter_map(|key| stories.get(key)).copied().collect()))
        .collect();
    incidents.sort_by(|a, b| (&a.first, &a.id).cmp(&(&b.first, &b.id)));
    incidents
}

/// Groups of record keys, one an incident. `copies` is what [`lineage::groups`] found.
pub fn groups(claims: &[Claim], copies: &HashMap<u64, u64>) -> Vec<Vec<u64>> {
    let copied = |a: u64, b: u64| a != b && copies.get(&a).is_some_and(|group| copies.get(&b) == Some(group));
    let links = cluster::links(claims, PairWeights::embedded(), &copied);
    let records: BTreeMap<u64, u64> = claims.iter().map(|claim| (claim.record, claim.report)).collect();
    cluster::clusters(&records, &links)
}
