//! Reads one JSON string a line, prints what the released model makes of its tokens:
//! `[[start,end,upos,lemma,head,deprel,begins a sentence,name,hints],…]`, offsets in bytes, `head` an index into the list or null. Training
//! learns syntax on news from this, as treebanks hold hardly any (self-training), and reads the lexicon through it. With `--hints`
//! it prints the names of all hints.

use dateline::Span;
use dateline::document::{Document, NameKind};
use dateline::formats::{self, ReadOptions, Source};
use dateline::lexicon::Lexicon;
use dateline::stages::hints::{hints, names};
use std::io::{BufRead, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).as_deref() == Some("--hints") {
        println!("{}", serde_json::to_string(&names())?);
        return Ok(());
    }
    let coder = dateline::Coder::english()?;
    let options = ReadOptions { force: true, ..ReadOptions::default() };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let report = serde_json::json!({ "id": "x", "text": text }).to_string();
        let source = Source { name: "x.jsonl", bytes: report.as_bytes(), hint: None, options: &options };
        let Some(report) = formats::read(source).next() else { continue };
        let doc = coder.annotate(report?);
        let rows: Vec<_> = doc
            .tokens
            .iter()
            .enumerate()
            .map(|(i, t)| {
                let first = doc.sentences[t.sentence].tokens.start == i;
                (
                    t.span.start,
                    t.span.end,
                    t.upos,
                    t.lemma.as_str(),
                    t.head,
                    t.deprel,
                    first,
                    name_label(&doc, t.span),
                    hints(&doc, Lexicon::embedded(), i),
                )
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string(&rows)?)?;
    }
    Ok(())
}

/// The token's part in a name, as the model's labels have it: "B-PER", "I-PER", "O".
fn name_label(doc: &Document, token: Span) -> String {
    let Some(name) = doc.names.iter().find(|n| n.span.overlaps(token)) else { return "O".to_owned() };
    let kind = match name.kind {
        NameKind::Person => "PER",
        NameKind::Organisation => "ORG",
        NameKind::Gpe => "LOC",
        NameKind::Group => "GRP",
        _ => "MISC",
    };
    format!("{}-{kind}", if name.span.start == token.start { "B" } else { "I" })
}
