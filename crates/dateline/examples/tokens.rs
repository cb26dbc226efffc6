//! Reads one JSON string a line, prints the byte offsets of its tokens: `[[start,end,clitic],…]`. Training reads texts through this,
//! so that the model learns on the tokens it will be given.

use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?).map_err(std::io::Error::other)?;
        let spans: Vec<(usize, usize, bool)> =
            dateline::stages::tokens::tokens(&text).iter().map(|t| (t.span.start, t.span.end, t.clitic)).collect();
        writeln!(out, "{}", serde_json::to_string(&spans)?)?;
    }
    Ok(())
}
