//! Reads reports as JSON lines (`id`, `text`, `published`) and prints their counts and time expressions, offsets in code points.

use dateline::span::CodePoints;
use dateline::stages::{
    quantities::quantities,
    times::{interval, times},
};
use std::io::{BufRead, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let report: serde_json::Value = serde_json::from_str(&line?)?;
        let text = report["text"].as_str().unwrap_or_default();
        let published = report["published"].as_str().and_then(|day| day.get(..10)).and_then(|day| day.parse().ok());
        let points = CodePoints::new(text);
        let at = |span: dateline::Span| (points.at(span.start), points.at(span.end), span.of(text));
        let times = times(text, &[], published);
        let counts: Vec<_> = quantities(text, &times).iter().map(|q| (at(q.span), q.min, q.max)).collect();
        let times: Vec<_> = times
            .iter()
            .enumerate()
            .map(|(i, t)| (at(t.span), &t.timex, t.start, t.end, interval(text, &times, i, published)))
            .collect();
        writeln!(out, "{}", serde_json::json!({ "id": report["id"], "quantities": counts, "times": times }))?;
    }
    Ok(())
}
