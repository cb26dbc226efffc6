//! Prints the features of pairs of records that may be one act, with what the hand-made incidents say of them: what
//! `training/pairs.py` learns the weights of `data/corroborate/pair.toml` from.
//!
//! usage: pairs DIR…   each with coded reports and incidents.json
use dateline::corroborate::{claim, cluster, lineage, pair, score};
use dateline::eval::{Gold, read_gold};
use dateline::export::json::{self, RecordJson};
use dateline::formats::{ReadOptions, Source, read};
use dateline::{Coder, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn main() -> Result<()> {
    let coder = Coder::english()?;
    println!("set\tcoded\tlabel\t{}", pair::FEATURES.join("\t"));
    for folder in std::env::args().skip(1) {
        let folder = Path::new(&folder);
        let (gold, wanted) = (read_gold(folder)?, score::read(&folder.join("incidents.json"))?);
        let mut name = BTreeMap::new();
        for (number, incident) in wanted.iter().enumerate() {
            name.extend(incident.members.iter().map(|m| ((m.report.as_str(), m.event), number)));
            // A decoy is an act of its own.
            name.extend(
                incident.decoys.iter().map(|m| ((m.report.as_str(), m.event), 10_000 + number * 100 + m.event)),
            );
        }
        let hand: Vec<_> = gold.iter().map(score::coded).collect();
        let copies = lineage::groups(hand.iter().map(|coded| (coded.report.as_str(), &coded.sketch)));
        // Hand-coded events without days say too little to be put together by.
        let dated = gold.iter().flat_map(|report| &report.events).any(|event| event.date.is_some());
        for coded in [false, true].into_iter().filter(|coded| *coded || dated) {
            let mut claims = Vec::new();
            for (gold, hand) in gold.iter().zip(&hand) {
                let records = if coded { machine(&coder, gold) } else { hand.records.clone() };
                let ids: Vec<Option<String>> = if coded {
                    score::aligned(gold, &records)
                } else {
                    records.iter().map(|record| record.id.clone()).collect()
                };
                for (event, id) in ids.iter().enumerate() {
                    let record = records.iter().find(|record| id.is_some() && record.id == *id);
                    let label = name.get(&(gold.id.as_str(), event));
                    claims.extend(record.and_then(claim::Claim::new).zip(label.copied()));
                }
            }
            let keys: Vec<BTreeSet<u64>> =
                claims.iter().map(|(claim, _)| cluster::keys(claim).into_iter().collect()).collect();
            for (i, (a, label)) in claims.iter().enumerate() {
                for (j, (b, other)) in claims.iter().enumerate().skip(i + 1) {
                    let same = label == other;
                    let met = !keys[i].is_disjoint(&keys[j]);
                    let copied = a.report != b.report && copies.get(&a.report) == copies.get(&b.report);
                    let possible = pair::PairWeights::embedded().log_odds(a, b, copied).is_some();
                    if same && !(met && possible) {
                        eprintln!("never compared ({}, {possible}): {a:?}\n   {b:?}", folder.display());
                    }
                    if met && possible {
                        let values = pair::features(a, b, copied).map(|value| format!("{value:.3}"));
                        println!(
                            "{}\t{}\t{}\t{}",
                            folder.display(),
                            u8::from(coded),
                            u8::from(same),
                            values.join("\t")
                        );
                    }
                }
            }
        }
    }
    Ok(())
}

/// The report as the coder codes it.
fn machine(coder: &Coder, gold: &Gold) -> Vec<RecordJson> {
    let line = serde_json::json!({"id": gold.id, "text": gold.text, "published": gold.published, "publication": gold.publication}).to_string();
    let options = ReadOptions { force: true, ..ReadOptions::default() };
    let source = Source { name: "gold.jsonl", bytes: line.as_bytes(), hint: None, options: &options };
    let mut records = Vec::new();
    for report in read(source).flatten() {
        let doc = coder.annotate(report);
        records.extend(json::records(&doc, &coder.code(&doc)));
    }
    records
}
