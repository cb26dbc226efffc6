//! Toponyms of reports, resolved: for scoring against gold sets.
//!
//! `cargo run --example geo -- [--find | --populous | --features] REPORTS.jsonl` reads one report per line
//! (`{"id","text"[,"url","toponyms":[{"start","end"}]]}`, offsets in code points) and prints one line per report.
//! Plain: the given toponyms with coordinates. `--find`: toponyms it finds itself. `--populous`: the most populous bearer of
//! each name. `--features`: the candidates of each toponym with their features, for tuning the weights.

use dateline::gazetteer::{Gazetteer, ReportContext, Toponym};
use dateline::span::{CodePoints, Span};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mode = arguments.iter().find_map(|a| a.strip_prefix("--")).unwrap_or("");
    let file = arguments.iter().find(|a| !a.starts_with("--")).ok_or("no file given; expected REPORTS.jsonl")?;
    let places = Gazetteer::embedded();
    for line in std::fs::read_to_string(file)?.lines() {
        let report: Value = serde_json::from_str(line)?;
        let text = report["text"].as_str().unwrap_or("");
        let points = CodePoints::new(text);
        let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        bytes.push(text.len());
        let gold = report["toponyms"].as_array().cloned().unwrap_or_default();
        let given = gold.iter().filter_map(|t| {
            let at = |field: &str| t[field].as_u64().and_then(|n| bytes.get(n as usize)).copied();
            Some(Toponym { span: Span::new(at("start")?, at("end")?), hint: None })
        });
        let toponyms: Vec<Toponym> = if mode == "find" { places.toponyms(text) } else { given.collect() };
        let context = ReportContext { dateline: None, publication: None, url: report["url"].as_str() };
        let offsets = |span: Span| (points.at(span.start), points.at(span.end));
        let rows: Vec<Value> = match mode {
            "features" => places
                .ranked(text, &toponyms, &context)
                .into_iter()
                .zip(&gold)
                .map(|(ranked, gold)| {
                    let candidates: Vec<Value> = ranked
                        .iter()
                        .map(|r| {
                            let c = r.candidate;
                            json!({"name": c.name, "country": c.country_code, "code": c.feature_code, "lat": c.lat, "lon": c.lon,
                                   "geonameid": c.geonameid, "share": r.share, "features": r.features})
                        })
                        .collect();
                    json!({"gold": gold, "candidates": candidates})
                })
                .collect(),
            "populous" => toponyms
                .iter()
                .filter_map(|t| {
                    let best = places.lookup(t.span.of(text)).into_iter().max_by_key(|c| c.population)?;
                    let (start, end) = offsets(t.span);
                    Some(json!({"start": start, "end": end, "lat": best.lat, "lon": best.lon, "geonameid": best.geonameid}))
                })
                .collect(),
            _ => places
                .resolve(text, &toponyms, &context)
                .into_iter()
                .flatten()
                .map(|p| {
                    let (start, end) = offsets(p.span);
                    json!({"start": start, "end": end, "lat": p.lat, "lon": p.lon, "geonameid": p.geonameid, "name": p.name})
                })
                .collect(),
        };
        println!("{}", json!({"id": report["id"], "toponyms": rows}));
    }
    Ok(())
}
