//! `dateline eval`.

use crate::annotate::given_tokens;
use crate::args::EvalArgs;
use crate::failure::{Failure, Outcome, complain, reason};
use crate::parallel;
use crate::run::{self, Output};
use crate::term::clean;
use dateline::corroborate::claim::report_key;
use dateline::corroborate::score::{self, GoldIncident, GoldMember};
use dateline::corroborate::{self, Coded, lineage};
use dateline::eval::syntax::{SyntaxScores, SyntaxTally};
use dateline::eval::{Field, Gold, Predictions, Prf, Scores, read_gold, read_predictions};
use dateline::export::conllu::{self, Newdoc, Tree};
use dateline::export::json;
use dateline::formats::ReadOptions;
use dateline::{Coder, Document};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Runs `dateline eval`.
pub fn eval(args: &EvalArgs) -> Result<Outcome, Failure> {
    let (figures, text) = match (&args.conllu, &args.gold) {
        (Some(path), _) => syntax(path, args)?,
        (None, Some(folder)) if args.incidents => incidents(folder, args)?,
        (None, Some(folder)) => records(folder, args)?,
        (None, None) => {
            return Err(Failure::Message("nothing to score: name a folder or --conllu GOLD.conllu".to_string()));
        }
    };
    let mut output = Output::open(None, &[])?;
    output.write(&if args.json { format!("{figures}\n") } else { text })?;
    output.finish()?;
    match args.floors.as_deref().zip(args.set.as_deref()) {
        Some((path, set)) => floors(path, set, &figures),
        None => Ok(Outcome::Done),
    }
}

fn records(folder: &Path, args: &EvalArgs) -> Result<(serde_json::Value, String), Failure> {
    let gold = read_gold(folder)?;
    let predictions = match &args.predictions {
        Some(path) => read_predictions(&path.display().to_string(), &read(path)?)?,
        None => predict(&gold, parallel::jobs(args.jobs))?,
    };
    let scores = dateline::eval::score(&gold, &predictions);
    Ok((scores.to_json(), record_text(&scores, args.errors)))
}

/// Puts the events of a folder together, hand-coded or coded now, and compares with its hand-made incidents.
fn incidents(folder: &Path, args: &EvalArgs) -> Result<(serde_json::Value, String), Failure> {
    let gold = read_gold(folder)?;
    let wanted = score::read(&folder.join("incidents.json"))?;
    let by_hand: Vec<Coded> = gold.iter().map(score::coded).collect();
    let predictions = predict(&gold, parallel::jobs(args.jobs))?;
    let by_machine: Vec<Coded> = by_hand
        .iter()
        .map(|coded| Coded { records: predictions.get(&coded.report).cloned().unwrap_or_default(), ..coded.clone() })
        .collect();
    let aligned: BTreeMap<&str, Vec<Option<String>>> = gold
        .iter()
        .zip(&by_machine)
        .map(|(gold, coded)| (gold.id.as_str(), score::aligned(gold, &coded.records)))
        .collect();
    let found = |member: &GoldMember| aligned.get(member.report.as_str())?.get(member.event)?.clone();
    let hand = |member: &GoldMember| Some(score::event_id(&member.report, member.event));
    let (hand_figures, mut text) = compared(&gold, &wanted, &by_hand, &hand, "hand-coded events");
    let (mut figures, machine) = compared(&gold, &wanted, &by_machine, &found, "events as coded now");
    text += &machine;

    figures["hand_coded"] = hand_figures;
    Ok((figures, text))
}

fn compared(
    gold: &[Gold],
    wanted: &[GoldIncident],
    coded: &[Coded],
    record: &dyn Fn(&GoldMember) -> Option<String>,
    what: &str,
) -> (serde_json::Value, String) {
    let found = corroborate::incidents(coded);
    let copies = lineage::groups(coded.iter().map(|coded| (coded.report.as_str(), &coded.sketch)));
    let group = |id: &str| copies.get(&report_key(id));
    let scores = score::score(wanted, gold, &found, record, &|a, b| group(a) == group(b));
    let members = wanted.iter().flat_map(|incident| &incident.members);
    let (known, all) = members.fold((0, 0), |(known, all), m| (known + usize::from(record(m).is_some()), all + 1));
    let mut text =
        format!("{what}: {} reports, {} incidents, {known} of {all} members found\n", gold.len(), wanted.len());
    figure_line("B3", scores.b_cubed, &mut text);
    figure_line("wire", scores.wire, &mut text);
    let _ = writeln!(text, "decoys kept apart: {} of {}", scores.decoys_apart.0, scores.decoys_apart.1);
    let _ = writeln!(text, "disputes shown: {} of {}", scores.disputes_shown.0, scores.disputes_shown.1);
    (serde_json::to_value(&scores).unwrap_or_default(), text)
}

/// Codes the gold reports, as `dateline code reports.jsonl` would.
fn predict(gold: &[Gold], jobs: usize) -> Result<Predictions, Failure> {
    let coder = Coder::english()?;
    let options = ReadOptions { force: true, ..ReadOptions::default() };
    let work = |report: &Gold| -> dateline::Result<(String, Vec<json::RecordJson>)> {
        let line = serde_json::json!({
            "id": report.id, "text": report.text, "published": report.published,
            "publication": report.publication, "url": report.url,
        });
        let mut records = Vec::new();
        for read in run::read("gold.jsonl", line.to_string().as_bytes(), &options) {
            let doc = coder.annotate(read?);
            records.extend(json::records(&doc, &coder.code(&doc)));
        }
        Ok((report.id.clone(), records))
    };
    let mut predictions = Predictions::new();
    parallel::ordered(jobs, gold.iter(), work, |records| {
        let (report, records) = records?;
        predictions.insert(report, records);
        Ok::<(), dateline::Error>(())
    })?;
    Ok(predictions)
}

fn record_text(scores: &Scores, errors: usize) -> String {
    let mut out = format!(
        "{} reports, {} gold events, {} predicted, {} spans that do not quote the text\n",
        scores.reports, scores.gold_events, scores.predicted, scores.bad_spans
    );
    for field in Field::ALL {
        figure_line(field.name(), scores.field(field), &mut out);
    }
    for (category, tally) in &scores.per_type {
        let Prf { precision, recall, f1 } = tally.prf();
        let _ = writeln!(out, "  {category:10} P {precision:.2} R {recall:.2} F1 {f1:.2}  n={}", tally.gold());
    }
    if let Some(error) = scores.calibration_error() {
        let _ = writeln!(out, "calibration error (5 bins): {error:.3}");
    }
    for miss in scores.misses.iter().take(errors) {
        let line = format!("{} {} {} {:?}", miss.what, miss.report, miss.event, miss.mentions);
        let _ = writeln!(out, "{}", clean(&line));
    }
    let _ = writeln!(out, "record {:.4}", scores.record());
    out
}

fn figure_line(name: &str, prf: Prf, out: &mut String) {
    let Prf { precision, recall, f1 } = prf.rounded();
    let _ = writeln!(out, "{name:12} P {precision:.3}  R {recall:.3}  F1 {f1:.3}");
}

fn syntax(path: &Path, args: &EvalArgs) -> Result<(serde_json::Value, String), Failure> {
    let name = path.display().to_string();
    let gold = conllu::read(&name, &read(path)?)?;
    let coder = Coder::english()?;
    let work = |newdoc: &Newdoc| -> Vec<Tree> {
        if args.gold_tokens {
            return with_syntax(newdoc, &given_tokens(&coder, newdoc));
        }
        conllu::trees(&coder.annotate(conllu::report(newdoc).0))
    };
    let (mut tally, mut docs) = (SyntaxTally::default(), gold.iter());
    parallel::ordered(parallel::jobs(args.jobs), gold.iter(), work, |trees| {
        let newdoc = docs.next().expect("as many results as documents");
        if tally.add(newdoc, &trees) {
            return Ok(());
        }
        let message = format!("{name}, document {}: the parse has not the characters of the treebank", newdoc.id);
        Err(Failure::Message(message))
    })?;
    let scores = tally.scores();
    let mut text =
        format!("{} documents, {} sentences\n", gold.len(), gold.iter().map(|doc| doc.sentences.len()).sum::<usize>());
    for (name, prf) in named(&scores) {
        figure_line(name, prf, &mut text);
    }
    Ok((serde_json::to_value(scores).unwrap_or_default(), text))
}

fn named(scores: &SyntaxScores) -> [(&'static str, Prf); 7] {
    let SyntaxScores { tokens, sentences, words, upos, lemmas, uas, las } = *scores;
    [
        ("tokens", tokens),
        ("sentences", sentences),
        ("words", words),
        ("upos", upos),
        ("lemmas", lemmas),
        ("uas", uas),
        ("las", las),
    ]
}

/// The trees of `newdoc` with the syntax of `doc`, which has the same words.
fn with_syntax(newdoc: &Newdoc, doc: &Document) -> Vec<Tree> {
    let mut trees = newdoc.sentences.clone();
    for (tree, sentence) in trees.iter_mut().zip(&doc.sentences) {
        for (word, token) in tree.words.iter_mut().zip(doc.tokens.get(sentence.tokens.clone()).unwrap_or(&[])) {
            word.upos = token.upos.to_string();
            word.lemma = token.lemma.clone();
            word.deprel = token.deprel.to_string();
            word.head = token.head.and_then(|head| head.checked_sub(sentence.tokens.start));
        }
    }
    trees
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::Message(format!("{}: {}", path.display(), reason(&error))))
}

/// Compares `figures` with the floors of section `set`: `name = least value`, a name being "record" or a field, whose F1 counts.
fn floors(path: &Path, set: &str, figures: &serde_json::Value) -> Result<Outcome, Failure> {
    let odd = |message: String| Failure::Message(format!("{}: {message}", path.display()));
    let sections: BTreeMap<String, toml::Table> =
        toml::from_str(&read(path)?).map_err(|error| odd(error.to_string()))?;
    let floors = sections.get(set).ok_or_else(|| odd(format!("found no section [{set}]")))?;
    let mut outcome = Outcome::Done;
    for (name, floor) in floors.iter().filter(|(_, floor)| !floor.is_str()) {
        let floor = floor.as_float().or_else(|| floor.as_integer().map(|floor| floor as f64));
        let figure = figures[name].as_f64().or_else(|| figures[name]["f1"].as_f64());
        let (Some(floor), Some(figure)) = (floor, figure) else {
            return Err(odd(format!("[{set}] {name}: expected the name of a figure and a number")));
        };
        if figure < floor {
            complain(&format!("{set}: {name} is {figure:.4}, below its floor {floor}"));
            outcome = Outcome::Flawed;
        }
    }
    Ok(outcome)
}
