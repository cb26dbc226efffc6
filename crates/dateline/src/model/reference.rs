//! Comparison with another program's forward pass (PyTorch in f32, from the dequantised weights), for a folder named by
//! `DATELINE_REFERENCE` with `model.bin`, `vocab.txt`, `labels.json`, and
//! - `reference.json`: cases of `words`, `breaks`, `triggers` and the outputs of each head, flattened; `arc` is
//!   `[word][root or head]`, `lab` is `[word][root or head][relation]`;
//! - `pieces.jsonl`: lines of `[word, [piece ids], shape]`.
//!
//! `DATELINE_REFERENCE=folder cargo test --release -p dateline --lib model::reference -- --ignored --nocapture`

use super::encoder::{Begins, Window};
use super::heads::Model;
use super::lanes::Path;
use super::tree::spanning_tree;
use super::wordpiece::{WordPiece, shape};
use serde_json::Value;
use std::path::PathBuf;

fn folder() -> PathBuf {
    std::env::var_os("DATELINE_REFERENCE").expect("DATELINE_REFERENCE names the folder of reference files").into()
}

fn text(file: &str) -> &'static str {
    std::fs::read_to_string(folder().join(file)).expect("the reference file is there").leak()
}

fn numbers(case: &Value, key: &str) -> Vec<f32> {
    let list = case[key].as_array().map_or(&[][..], |list| list);
    list.iter().map(|v| v.as_f64().expect("a number") as f32).collect()
}

/// Root mean square difference, relative to that of `want`.
fn distance(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    let square = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>();
    (square(&mut got.iter().zip(want).map(|(a, b)| a - b)) / square(&mut want.iter().copied())).sqrt()
}

#[test]
#[ignore = "needs a folder of reference files"]
fn outputs_agree_with_the_reference() {
    let cases: Vec<Value> = serde_json::from_str(text("reference.json")).unwrap();
    // Exact activations leave only the rounding of f32; quantised ones add their noise.
    for (path, most) in [(Path::Exact, 1e-4), (Path::best(), 0.1)] {
        let bytes: &'static [u8] = std::fs::read(folder().join("model.bin")).unwrap().leak();
        let model = Model::new(bytes, text("vocab.txt"), text("labels.json")).unwrap().on(path);
        let (mut same, mut all) = (0, 0);
        for case in &cases {
            let mut window = Window::new(&model.pieces, 512);
            for (word, begins) in case["words"].as_array().unwrap().iter().zip(numbers(case, "breaks")) {
                let begins = [Begins::Nothing, Begins::Paragraph, Begins::Title][begins as usize];
                assert!(window.push(&model.pieces, word.as_str().unwrap(), begins));
            }
            let n = window.words();
            let output = &model.words(&[window])[0];
            let triggers = model.triggers(output, &[]);
            let status = model.status(&triggers, &(0..n).collect::<Vec<_>>());
            let asked: Vec<usize> = numbers(case, "triggers").iter().map(|&t| t as usize).collect();
            let roles = model.roles(output, &asked);
            let role_count = model.labels.roles.len();
            let role_scores = (0..asked.len()).flat_map(|t| (0..role_count).map(move |r| (t, r)));
            let outputs = [
                ("vectors", output.words.clone()),
                ("cls", output.cls.clone()),
                ("sent", model.sentence_starts(output)),
                ("tag", model.upos(output).values),
                ("lemma", model.lemma_rules(output).values),
                ("ner", model.ner(output).values),
                ("trig", triggers.scores.values.clone()),
                ("mode", status.iter().flat_map(|s| s.modes.clone()).collect()),
                ("aux", status.iter().flat_map(|s| s.aux.clone()).collect()),
                ("cert", status.iter().flat_map(|s| s.certainty.clone()).collect()),
                ("basis", status.iter().flat_map(|s| s.basis.clone()).collect()),
                ("roles", role_scores.flat_map(|(t, r)| roles.words(t, r).to_vec()).collect()),
                ("themes", model.themes(output)),
            ];
            for (name, got) in outputs {
                let off = distance(&got, &numbers(case, name));
                println!("{path:?}, {n} words, {name}: off by {off:.1e}");
                assert!(off < most, "{name} of {n} words: off by {off}");
            }
            let want = spanning_tree(&numbers(case, "arc"), n);
            let labels = numbers(case, "lab");
            let sentence = std::slice::from_ref(&(0..n)).to_vec();
            for (i, (arc, &head)) in model.parse(output, &sentence)[0].iter().zip(&want).enumerate() {
                let relations = labels.chunks_exact(model.labels.deprel.len()).nth(i * (n + 1) + head);
                let top = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
                let label = relations.and_then(top).is_none_or(|label| label == arc.label);
                same += usize::from(arc.head.map_or(0, |h| h + 1) == head && label);
                all += 1;
            }
        }
        println!("{path:?}: {same} of {all} arcs as in the reference");
        assert!(same * 100 >= all * if path == Path::Exact { 100 } else { 70 });
    }
}

#[test]
#[ignore = "needs a folder of reference files"]
fn word_pieces_agree_with_the_reference() {
    let begin = std::time::Instant::now();
    let pieces = WordPiece::new("vocab.txt", text("vocab.txt")).unwrap();
    println!("vocabulary read in {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    let (mut off, mut shapes, mut all, mut ids) = (0, 0, 0, Vec::new());
    for line in text("pieces.jsonl").lines() {
        let (word, want, wanted): (String, Vec<u32>, u8) = serde_json::from_str(line).unwrap();
        ids.clear();
        pieces.pieces(&word, &mut ids);
        all += 1;
        off += usize::from(ids != want);
        shapes += usize::from(shape(&word) != wanted);
        if ids != want && off < 40 || shape(&word) != wanted && shapes < 40 {
            println!("{word:?} {}: {ids:?}, not {want:?}; {}, not {wanted}", word.escape_unicode(), shape(&word));
        }
    }
    println!("{off} of {all} words with other pieces, {shapes} with another shape");
    // Programs built on other versions of Unicode differ on letters that are new in one of them.
    assert!(off * 1000 <= all && shapes * 100 <= all);
}
