//! `dateline bench`: speed on text made from templates, start-up time and memory.

use crate::args::BenchArgs;
use crate::failure::{Failure, Outcome};
use crate::parallel;
use crate::run::{self, Output};
use dateline::Coder;
use dateline::formats::ReadOptions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Words and sentence patterns of the generated reports.
const TEMPLATES: &str = include_str!("../data/bench.toml");

/// Sentences in a short and in a long report.
const SHORT: usize = 6;
const LONG: usize = 60;

/// Figures of a whole run.
#[derive(Debug, Serialize)]
struct Figures {
    jobs: u16,
    start_to_first_record_ms: f64,
    sets: Vec<Set>,
    /// Most memory the process ever held; `None` where the system does not say.
    peak_memory_mb: Option<f64>,
}

/// Figures of one set of reports.
#[derive(Debug, Serialize)]
struct Set {
    name: &'static str,
    reports: usize,
    words: usize,
    megabytes: f64,
    records: usize,
    words_per_second: f64,
    megabytes_per_second: f64,
    /// Words per second and thread of each stage, in the order in which they run.
    stages: Vec<Stage>,
}

#[derive(Debug, Serialize)]
struct Stage {
    name: &'static str,
    words_per_second: f64,
    share: f64,
}

/// Runs `dateline bench`.
pub fn bench(args: &BenchArgs) -> Result<Outcome, Failure> {
    let templates = Templates::load()?;
    let started = Instant::now();
    let coder = Coder::english()?;
    let first = templates.report(0, SHORT);
    run_one(&coder, &first)?;
    let start = started.elapsed();
    let half = args.reports as usize / 2;
    let sets = [("short", SHORT, args.reports as usize - half), ("long", LONG, half)];
    let mut measured = Vec::new();
    for (name, sentences, reports) in sets.into_iter().filter(|set| set.2 > 0) {
        let texts = (0..reports as u64).map(|seed| templates.report(seed, sentences));
        measured.push(measure(name, texts, &coder, args)?);
    }
    let figures = Figures {
        jobs: args.jobs,
        start_to_first_record_ms: start.as_secs_f64() * 1e3,
        sets: measured,
        peak_memory_mb: peak_memory_mb(),
    };
    let mut output = Output::open(None, &[])?;
    let json = serde_json::to_string(&figures).map_err(|error| Failure::Message(error.to_string()))?;
    output.write(&if args.json { json + "\n" } else { text(&figures) })?;
    output.finish().map(|()| Outcome::Done)
}

/// What one report took.
#[derive(Default)]
struct Took {
    words: usize,
    bytes: usize,
    records: usize,
    stages: Vec<(&'static str, Duration)>,
}

fn run_one(coder: &Coder, text: &str) -> Result<Took, Failure> {
    let options = ReadOptions { published: Some(jiff::civil::date(2024, 3, 6)), ..ReadOptions::default() };
    let mut took = Took { words: text.split_whitespace().count(), bytes: text.len(), ..Took::default() };
    let mut clock = Instant::now();
    let mut reports = run::read("bench.txt", text.as_bytes(), &options);
    while let Some(report) = reports.next().transpose()? {
        took.stages.push(("read", clock.elapsed()));
        let doc = coder.annotate_observed(report, &mut |stage, time| took.stages.push((stage, time)));
        clock = Instant::now();
        took.records += coder.code(&doc).len();
        took.stages.push(("records", clock.elapsed()));
        clock = Instant::now();
    }
    Ok(took)
}

fn measure(
    name: &'static str,
    texts: impl Iterator<Item = String>,
    coder: &Coder,
    args: &BenchArgs,
) -> Result<Set, Failure> {
    let started = Instant::now();
    let limit = Duration::from_secs(args.seconds);
    let texts = texts.take_while(|_| started.elapsed() < limit);
    let (mut total, mut reports) = (Took::default(), 0);
    let mut stages: Vec<(&'static str, Duration)> = Vec::new();
    parallel::ordered(
        args.jobs.into(),
        texts,
        |text| run_one(coder, &text),
        |took| {
            let took = took?;
            reports += 1;
            total.words += took.words;
            total.bytes += took.bytes;
            total.records += took.records;
            for (stage, time) in took.stages {
                match stages.iter_mut().find(|(name, _)| *name == stage) {
                    Some((_, sum)) => *sum += time,
                    None => stages.push((stage, time)),
                }
            }
            Ok::<(), Failure>(())
        },
    )?;
    let seconds = started.elapsed().as_secs_f64();
    let all: Duration = stages.iter().map(|(_, time)| *time).sum();
    let words = total.words as f64;
    let stage = |(name, time): (&'static str, Duration)| Stage {
        name,
        words_per_second: words / time.as_secs_f64().max(1e-9),
        share: time.as_secs_f64() / all.as_secs_f64().max(1e-9),
    };
    Ok(Set {
        name,
        reports,
        words: total.words,
        megabytes: total.bytes as f64 / 1e6,
        records: total.records,
        words_per_second: words / seconds,
        megabytes_per_second: total.bytes as f64 / 1e6 / seconds,
        stages: stages.into_iter().map(stage).collect(),
    })
}

fn text(figures: &Figures) -> String {
    let mut out = String::new();
    let threads = if figures.jobs == 1 { "one thread".to_string() } else { format!("{} threads", figures.jobs) };
    for set in &figures.sets {
        let Set { name, reports, words, records, words_per_second, megabytes_per_second, .. } = set;
        let _ = writeln!(out, "{name}: {reports} reports, {words} words, {records} records, {threads}");
        let _ = writeln!(out, "  {:16}{words_per_second:>12.0} words/s  {megabytes_per_second:.2} MB/s", "in all");
        for Stage { name, words_per_second, share } in &set.stages {
            let _ = writeln!(out, "  {name:16}{words_per_second:>12.0} words/s  {:>5.1} %", share * 100.0);
        }
    }
    let _ = writeln!(out, "start to first records: {:.0} ms", figures.start_to_first_record_ms);
    if let Some(memory) = figures.peak_memory_mb {
        let _ = writeln!(out, "peak memory: {memory:.0} MB");
    }
    out
}

/// The high-water mark of resident memory, from the kernel's account of this process (proc(5), VmHWM).
fn peak_memory_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

/// Sentence patterns with slots such as `{police}`, and the words that fill them.
#[derive(Debug, Deserialize)]
struct Templates {
    headlines: Vec<String>,
    sentences: Vec<String>,
    slots: BTreeMap<String, Vec<String>>,
}

impl Templates {
    fn load() -> Result<Self, Failure> {
        toml::from_str(TEMPLATES).map_err(|error| Failure::Message(format!("bench.toml: {error}")))
    }

    /// Report number `seed`: the same for the same number, and hardly ever the same for two.
    fn report(&self, seed: u64, sentences: usize) -> String {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ sentences as u64);
        let mut out = self.filled(dice.pick(&self.headlines), &mut dice) + "\n";
        for number in 0..sentences {
            out += &self.filled(dice.pick(&self.sentences), &mut dice);
            out += if number % 3 == 2 { "\n\n" } else { " " };
        }
        out
    }

    fn filled(&self, pattern: &str, dice: &mut Dice) -> String {
        let (mut out, mut rest) = (String::new(), pattern);
        while let Some((before, (slot, after))) = rest.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?)))
        {
            out += before;
            match self.slots.get(slot) {
                Some(words) => out += dice.pick(words),
                None => out += &(2 + dice.next() % 200).to_string(),
            }
            rest = after;
        }
        out + rest
    }
}

/// A small generator of pseudo-random numbers (SplitMix64), so that the text needs no crate and is the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn pick<'w>(&mut self, words: &'w [String]) -> &'w str {
        let index = self.next() % words.len().max(1) as u64;
        words.get(index as usize).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_reports_are_varied_and_repeatable() {
        let templates = Templates::load().unwrap();
        let texts: std::collections::BTreeSet<String> = (0..500).map(|seed| templates.report(seed, SHORT)).collect();
        assert_eq!(texts.len(), 500);
        assert_eq!(templates.report(7, LONG), templates.report(7, LONG));
        assert!(texts.iter().all(|text| !text.contains(['{', '}'])));
    }

    #[test]
    fn every_slot_but_numbers_has_words() {
        let templates = Templates::load().unwrap();
        for pattern in templates.headlines.iter().chain(&templates.sentences) {
            for slot in pattern.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(slot == "n" || templates.slots.get(slot).is_some_and(|words| words.len() > 3), "{{{slot}}}");
            }
        }
    }
}
