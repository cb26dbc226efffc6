//! How long a synthetic stream of records takes to become incidents, and what adding one report to an archive costs.
//!
//! usage: cargo bench -p dateline --bench incidents -- [RECORDS…]      (default 100000; 1000000 takes minutes)
//!        cargo bench -p dateline --bench incidents -- --archive REPORTS   (add REPORTS reports of ten records, then one more; find)
//!
//! The stream is skewed as news is: a few countries have most of it, most acts are told once and a few by dozens, 3,000 records a day.

use dateline::archive::{Archive, Entry, Filter, Outcome};
use dateline::corroborate::{claim::Claim, groups};
use dateline::export::json::RecordJson;
use dateline::{Error, Report};
use std::collections::HashMap;
use std::time::Instant;

const EVENTS: [(&str, &str); 8] = [
    ("ASSAULT", "attacked"),
    ("COERCE", "detained"),
    ("PROTEST", "rallied"),
    ("ACCUSE", "accused"),
    ("REQUEST", "urged"),
    ("CONSULT", "met"),
    ("AGREE", "pledged"),
    ("SANCTION", "banned"),
];
const PER_DAY: usize = 3_000;

/// SplitMix64: the same stream on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn chance(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// 0 to `n` - 1, the small ones far more often (Zipf with exponent near one).
    fn skewed(&mut self, n: usize) -> usize {
        (((n as f64).ln() * self.chance()).exp() as usize).min(n) - 1
    }
}

/// An act as all its tellings have it.
struct Act {
    event: usize,
    day: i64,
    country: usize,
    town: usize,
    actor: usize,
    recipient: usize,
    dead: u64,
    words: [usize; 8],
    left: usize,
}

/// An endless stream of records; each report of ten tells ten acts.
struct Stream {
    dice: Dice,
    open: Vec<Act>,
    made: usize,
}

impl Stream {
    fn new() -> Stream {
        Stream { dice: Dice(7), open: Vec::new(), made: 0 }
    }

    fn act(&mut self) -> Act {
        let dice = &mut self.dice;
        let country = dice.skewed(180);
        // Two acts of three are told once, the others by a skewed number of outlets.
        let left = if dice.chance() < 0.66 { 1 } else { 1 + dice.skewed(40) };
        Act {
            event: dice.skewed(EVENTS.len()),
            day: (self.made / PER_DAY) as i64,
            country,
            town: dice.skewed(60),
            actor: dice.skewed(40),
            recipient: dice.skewed(200),
            dead: 1 + dice.skewed(60) as u64,
            words: std::array::from_fn(|_| dice.skewed(20_000)),
            left,
        }
    }

    /// The next record, of report `report`.
    fn record(&mut self, report: &str, id: u64) -> RecordJson {
        if self.open.is_empty() || self.dice.chance() < 0.5 {
            let act = self.act();
            self.open.push(act);
        }
        let at = self.dice.roll() as usize % self.open.len();
        let late = i64::from(self.dice.chance() < 0.2);
        let toll = self.dice.skewed(3) as u64;
        let own: Vec<usize> = (0..6).map(|_| self.dice.skewed(20_000)).collect();
        self.made += 1;
        let act = &mut self.open[at];
        let day = |n: i64| (jiff::civil::date(2020, 1, 1) + jiff::Span::new().days(n)).to_string();
        let (event, verb) = EVENTS[act.event];
        let country: String =
            [b'A' + (act.country / 26) as u8, b'A' + (act.country % 26) as u8, b'X'].map(char::from).iter().collect();
        let (lat, lon) = (
            (act.country % 12) as f64 * 10.0 - 55.0 + (act.town % 8) as f64,
            (act.country / 12) as f64 * 20.0 - 150.0 + (act.town / 8) as f64,
        );
        let words = act.words.iter().chain(&own).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ");
        let record = serde_json::json!({
            "report": report, "id": format!("{id:016x}"), "event": event, "mode": [],
            "mentions": [{"text": verb}],
            "actor": [{"entity_text": format!("army{} of{}", act.actor, act.country), "code": country}],
            "recipient": [{"entity_text": format!("group{} people", act.recipient), "code": country}],
            "date": day(act.day), "enddate": day(act.day), "date_basis": "text",
            "event_loc": {"extracted_place": format!("town{}", act.town), "lat": lat, "lon": lon, "country_code": country, "resolution": "city"},
            "size": {"dead": {"min": act.dead + toll, "max": act.dead + toll}},
            "text": words, "cite_info": {"published": day(act.day + late)},
        });
        act.left -= 1;
        if act.left == 0 || self.open.len() > PER_DAY {
            self.open.swap_remove(at);
        }
        serde_json::from_value(record).expect("a record")
    }
}

fn cluster(records: usize) {
    let mut stream = Stream::new();
    let claims: Vec<Claim> = (0..records)
        .filter_map(|n| {
            Claim::new(&stream.record(&format!("r{}", n / 10), (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        })
        .collect();
    let before = Instant::now();
    let found = groups(&claims, &HashMap::new());
    let seconds = before.elapsed().as_secs_f64();
    println!(
        "{records} records, {} incidents, {} of several reports: {seconds:.1} s, {:.1} µs a record, {} MB at most",
        found.len(),
        found.iter().filter(|group| group.len() > 1).count(),
        seconds * 1e6 / records as f64,
        memory()
    );
}

/// The most memory this process had, in megabytes; 0 where the system does not say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn archive(reports: usize) -> Result<(), Error> {
    let path = std::env::temp_dir().join(format!("dateline-bench-{}.dateline", std::process::id()));
    let mut archive = Archive::write(&path)?;
    let mut stream = Stream::new();
    let mut entry = |number: usize| {
        let id = format!("r{number}");
        let records: Vec<RecordJson> = (0..10)
            .map(|n| stream.record(&id, ((number * 10 + n) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .collect();
        let text: String = records.iter().filter_map(|record| record.text.clone()).collect::<Vec<_>>().join("\n");
        let report = Report {
            content_hash: dateline::archive::content_hash(text.as_bytes()),
            id,
            text: text.clone(),
            ..Report::default()
        };
        let name = report.id.clone();
        Entry { report, raw: text.into_bytes(), name, format: "text".into(), outcome: Outcome::Coded, records }
    };
    let before = Instant::now();
    for start in (0..reports).step_by(100) {
        let entries: Vec<Entry> = (start..(start + 100).min(reports)).map(&mut entry).collect();
        archive.put(&entries)?;
    }
    let seconds = before.elapsed().as_secs_f64();
    println!(
        "{reports} reports added: {seconds:.1} s, {:.2} ms a report, {} MB at most",
        seconds * 1e3 / reports as f64,
        memory()
    );
    let last = entry(reports);
    let before = Instant::now();
    archive.put(&[last])?;
    println!("one more: {:.1} ms", before.elapsed().as_secs_f64() * 1e3);
    let words = |words: &str| Filter { words: Some(words.to_string()), ..Filter::default() };
    for (name, filter) in [
        (
            "category, country and days",
            Filter {
                event: vec!["ASSAULT".into()],
                country: Some("ACX".into()),
                from: Some(jiff::civil::date(2020, 1, 5)),
                to: Some(jiff::civil::date(2020, 1, 9)),
                limit: 100,
                ..Filter::default()
            },
        ),
        ("party", Filter { party: Some("group7".into()), limit: 100, ..Filter::default() }),
        ("place", Filter { place: Some("town31".into()), limit: 100, ..Filter::default() }),
        ("rectangle", Filter { within: Some([20.0, 20.0, 24.0, 24.0]), limit: 100, ..Filter::default() }),
        ("a rare word", Filter { limit: 100, ..words("w15011") }),
        ("a common word", Filter { limit: 100, ..words("w3") }),
    ] {
        for incidents in [false, true] {
            let (before, mut found) = (Instant::now(), 0);
            if incidents {
                archive.incidents(&filter, |_, _| {
                    found += 1;
                    Ok::<(), Error>(())
                })?;
            } else {
                archive.records(&filter, |_, _| {
                    found += 1;
                    Ok::<(), Error>(())
                })?;
            }
            let what = if incidents { "incidents" } else { "records" };
            println!("find {what} by {name}: {found} in {:.1} ms", before.elapsed().as_secs_f64() * 1e3);
        }
    }
    drop(archive);
    for ending in ["", ".lock", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if arguments.first().is_some_and(|first| first == "--archive") {
        return archive(numbers.first().copied().unwrap_or(2_000));
    }
    for records in if numbers.is_empty() { vec![100_000] } else { numbers } {
        cluster(records);
    }
    Ok(())
}
