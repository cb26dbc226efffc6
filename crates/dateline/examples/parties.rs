//! Measures the coding of parties on hand-coded reports: micro F1 of `code` and `sector`, each party's phrase alone as input.
//!
//! `cargo run --release --example parties -- GOLD_DIR [--errors]`: GOLD_DIR holds one JSON report per file with `text`,
//! `published` and `events` (CODEBOOK.md). Half of the reports, by hash of their id, is for fitting; the other is the test.

use dateline::actors::{Actors, PartyContext, Phrase};
use serde_json::Value;
use std::collections::HashSet;
use std::time::Instant;

#[derive(Default)]
struct Tally {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Tally {
    fn add(&mut self, wanted: &[&str], found: &[&str]) {
        self.right += wanted.iter().filter(|value| found.contains(value)).count();
        self.found += found.len();
        self.wanted += wanted.len();
    }

    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.found + self.wanted).max(1) as f64
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: parties GOLD_DIR [--errors]")?;
    let errors = std::env::args().any(|arg| arg == "--errors");
    let start = Instant::now();
    let actors = Actors::embedded();
    println!("tables read in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut paths: Vec<_> = std::fs::read_dir(&dir)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let (mut parties, mut seconds) = (0, 0.0);
    // [with the report's introductions, phrase alone][fit, test]
    let mut code: [[Tally; 2]; 2] = Default::default();
    let mut sector: [[Tally; 2]; 2] = Default::default();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ext| ext == "json")) {
        let gold: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        let id = gold["id"].as_str().unwrap_or_default();
        let half = usize::from(blake3::hash(id.as_bytes()).as_bytes()[0] & 1);
        let text = gold["text"].as_str().unwrap_or_default();
        let published = gold["published"].as_str().and_then(|date| date.parse().ok());
        let dated = PartyContext { published, ..Default::default() };
        let countries = actors.country_context(text, &dated);
        let context = PartyContext { country: countries.first().map(|c| c.0.as_str()), ..dated };
        let cast = actors.cast(text, &context);
        let mut seen = HashSet::new();
        for event in gold["events"].as_array().into_iter().flatten() {
            for entity in ["actor", "recipient"].iter().flat_map(|role| event[role].as_array().into_iter().flatten()) {
                let words = entity["entity_text"].as_str().unwrap_or_default();
                let want_code: Vec<&str> = entity["code"].as_str().into_iter().collect();
                let want_sector: Vec<&str> =
                    entity["sector"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                for (mode, cast) in [Some(&cast), None].into_iter().enumerate() {
                    let start = Instant::now();
                    let party =
                        actors.describe(&Phrase { words, ..Default::default() }, &PartyContext { cast, ..context });
                    seconds += start.elapsed().as_secs_f64();
                    parties += 1;
                    let got_code: Vec<&str> = party.code.as_deref().into_iter().collect();
                    code[mode][half].add(&want_code, &got_code);
                    sector[mode][half].add(&want_sector, &party.sector);
                    let wrong = want_code != got_code
                        || !(want_sector.iter().all(|s| party.sector.contains(s))
                            && want_sector.len() == party.sector.len());
                    if errors && mode == 0 && half == 0 && wrong && seen.insert(words.to_owned()) {
                        println!(
                            "{id}\t{words}\t{}\t{}\tgot {}\t{}\t({})",
                            want_code.join("+"),
                            want_sector.join("+"),
                            got_code.join("+"),
                            party.sector.join("+"),
                            party.why
                        );
                    }
                }
            }
        }
    }
    for (mode, name) in ["with the report's introductions", "phrase alone"].into_iter().enumerate() {
        for (half, part) in ["fit", "test"].into_iter().enumerate() {
            println!(
                "{name}, {part}: code F1 {:.3}, sector F1 {:.3} ({} parties)",
                code[mode][half].f1(),
                sector[mode][half].f1(),
                code[mode][half].wanted
            );
        }
    }
    println!("{:.1} µs a party", seconds / f64::from(parties.max(1)) * 1e6);
    Ok(())
}
