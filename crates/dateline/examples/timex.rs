//! Reads reports as JSON lines (`text`, `dct`) and prints their time expressions in the form that TIMEX3 scorers read
//! (offsets in code points): `timex < reports.jsonl > found.jsonl`.

use dateline::span::CodePoints;
use dateline::stages::times::times;
use std::io::{BufRead, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let report: serde_json::Value = serde_json::from_str(&line?)?;
        let text = report["text"].as_str().unwrap_or_default();
        let published = report["dct"].as_str().and_then(|dct| dct.get(..10)).and_then(|day| day.parse().ok());
        let points = CodePoints::new(text);
        let found: Vec<_> = times(text, &[], published)
            .into_iter()
            .map(|time| {
                serde_json::json!({
                    "start": points.at(time.span.start), "end": points.at(time.span.end), "text": time.span.of(text),
                    "type": time.kind, "value": time.timex, "from": time.start, "to": time.end,
                })
            })
            .collect();
        writeln!(out, "{}", serde_json::json!({ "id": report["id"], "timexes": found }))?;
    }
    Ok(())
}
