//! Words of time and number, read once from `data/lang/en/times.toml`.

use crate::stages::scan::{Scan, Sieve};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// A calendar or clock unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Night,
    Day,
    Weekend,
    Week,
    Fortnight,
    Month,
    Quarter,
    Semester,
    Year,
    Decade,
    Century,
    Millennium,
}

impl Unit {
    /// Designator in a TIMEX3 duration, with the T of the clock where it has one.
    fn parse(designator: &str) -> Option<Self> {
        Some(match designator {
            "TS" => Self::Second,
            "TM" => Self::Minute,
            "TH" => Self::Hour,
            "NI" => Self::Night,
            "D" => Self::Day,
            "WE" => Self::Weekend,
            "W" => Self::Week,
            "F" => Self::Fortnight,
            "M" => Self::Month,
            "Q" => Self::Quarter,
            "S" => Self::Semester,
            "Y" => Self::Year,
            "E" => Self::Decade,
            "C" => Self::Century,
            "L" => Self::Millennium,
            _ => return None,
        })
    }
}

/// What a word, or a phrase that begins with it, may be.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub month: u8,
    pub month_abbreviation: u8,
    pub weekday: u8,
    pub weekday_abbreviation: u8,
    pub season: Option<Box<str>>,
    pub part: Option<Box<str>>,
    pub unit: Option<Unit>,
    pub unit_abbreviation: bool,
    pub plural: bool,
    pub cardinal: Option<u64>,
    pub scale: u64,
    pub ordinal: u8,
    pub reference: Option<Box<str>>,
    pub frequency: Option<Box<str>>,
    /// Phrases that begin with this word, longest first: their tokens and what they stand for.
    pub phrases: Vec<(Vec<Box<str>>, Meaning)>,
    /// Whether a time expression may begin here.
    pub opens: bool,
}

/// What a phrase of several words stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    Reference(Box<str>),
    /// Index into [`Lexicon::holidays`].
    Holiday(usize),
}

/// When a named day falls in a year.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    Fixed(u8, u8),
    NthWeekday(u8, i8, u8),
    /// The Tuesday after the first Monday of the month.
    Election(u8),
    Easter(i64),
    OrthodoxEaster(i64),
    Hijri(u8, u8),
    HijriMonth(u8),
    Table(Box<str>),
}

/// All words, and the tables that rules point to.
#[derive(Debug)]
pub(crate) struct Lexicon {
    words: HashMap<Box<str>, Entry>,
    sieve: Sieve,
    pub holidays: Vec<(Rule, i64)>,
    pub tables: HashMap<Box<str>, Vec<jiff::civil::Date>>,
    /// Words that show that an expression near them lies ahead.
    pub future: HashSet<Box<str>>,
    /// Words that show that it lies behind.
    pub past: HashSet<Box<str>>,
    pub name_after: Vec<Box<str>>,
    pub name_before: Vec<Box<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    months: HashMap<Box<str>, u8>,
    month_abbreviations: HashMap<Box<str>, u8>,
    weekdays: HashMap<Box<str>, u8>,
    weekday_abbreviations: HashMap<Box<str>, u8>,
    seasons: HashMap<Box<str>, Box<str>>,
    parts: HashMap<Box<str>, Box<str>>,
    units: HashMap<Box<str>, (Box<str>, Box<str>)>,
    unit_abbreviations: HashMap<Box<str>, Box<str>>,
    cardinals: HashMap<Box<str>, u64>,
    scales: HashMap<Box<str>, u64>,
    ordinals: HashMap<Box<str>, u8>,
    references: HashMap<Box<str>, Box<str>>,
    phrases: HashMap<Box<str>, Box<str>>,
    frequencies: HashMap<Box<str>, Box<str>>,
    names: Names,
    tense: TenseWords,
    openers: Vec<Box<str>>,
    holidays: HashMap<Box<str>, HolidayRow>,
    tables: HashMap<Box<str>, Vec<jiff::civil::Date>>,
}

#[derive(Deserialize)]
struct TenseWords {
    future: Vec<Box<str>>,
    past: Vec<Box<str>>,
}

#[derive(Deserialize)]
struct Names {
    after: Vec<Box<str>>,
    before: Vec<Box<str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum HolidayRow {
    Days(Box<str>, i64),
    Day((Box<str>,)),
}

/// The English lexicon.
pub(crate) fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let file = toml::from_str(include_str!("../../../data/lang/en/times.toml"));
        // The file is part of the program and the tests read it, so a user never meets this.
        Lexicon::new(file.expect("data/lang/en/times.toml has the form of `File`"))
    })
}

impl Lexicon {
    /// What the lower-case word may be; `None` for any other word.
    pub fn get(&self, word: &str) -> Option<&Entry> {
        if self.sieve.passes(word) { self.words.get(word) } else { None }
    }

    fn new(file: File) -> Self {
        let mut words: HashMap<Box<str>, Entry> = HashMap::with_capacity(512);
        let mut set = |word: &str, change: &mut dyn FnMut(&mut Entry)| {
            let entry = words.entry(word.into()).or_default();
            entry.opens = true;
            change(entry);
        };
        for (word, n) in &file.months {
            set(word, &mut |entry| entry.month = *n);
        }
        for (word, n) in &file.month_abbreviations {
            set(word, &mut |entry| entry.month_abbreviation = *n);
        }
        for (word, n) in &file.weekdays {
            set(word, &mut |entry| (entry.weekday, entry.plural) = (*n, word.ends_with("days")));
        }
        for (word, n) in &file.weekday_abbreviations {
            set(word, &mut |entry| entry.weekday_abbreviation = *n);
        }
        for (word, value) in &file.seasons {
            set(word, &mut |entry| (entry.season, entry.plural) = (Some(value.clone()), word.ends_with('s')));
        }
        for (word, value) in &file.parts {
            set(word, &mut |entry| entry.part = Some(value.clone()));
        }
        for (word, (plural, designator)) in &file.units {
            let unit = Unit::parse(designator);
            set(word, &mut |entry| entry.unit = unit);
            set(plural, &mut |entry| (entry.unit, entry.plural) = (unit, true));
        }
        for (word, designator) in &file.unit_abbreviations {
            set(word, &mut |entry| {
                (entry.unit, entry.unit_abbreviation, entry.opens) = (Unit::parse(designator), true, entry.opens)
            });
        }
        for (word, n) in &file.cardinals {
            set(word, &mut |entry| entry.cardinal = Some(*n));
        }
        for (word, n) in &file.scales {
            set(word, &mut |entry| entry.scale = *n);
        }
        for (word, n) in &file.ordinals {
            set(word, &mut |entry| entry.ordinal = *n);
        }
        for (word, value) in &file.references {
            set(word, &mut |entry| entry.reference = Some(value.clone()));
        }
        for (word, value) in &file.frequencies {
            set(word, &mut |entry| entry.frequency = Some(value.clone()));
        }
        for word in &file.openers {
            set(word, &mut |_| {});
        }
        let mut holidays = Vec::new();
        let phrases = file.phrases.iter().map(|(words, value)| (words, Meaning::Reference(value.clone())));
        let mut all: Vec<_> = phrases.collect();
        for (words, row) in &file.holidays {
            let (rule, days) = match row {
                HolidayRow::Days(rule, days) => (rule, *days),
                HolidayRow::Day((rule,)) => (rule, 1),
            };
            if let Some(rule) = Rule::parse(rule) {
                all.push((words, Meaning::Holiday(holidays.len())));
                holidays.push((rule, days));
            }
        }
        for (words, meaning) in all {
            let scan = Scan::new(words, &[]);
            let tokens: Vec<Box<str>> = (0..scan.len()).map(|i| scan.lower(i).into()).collect();
            if let Some(first) = tokens.first().cloned() {
                set(&first, &mut |entry| {
                    entry.phrases.push((tokens.clone(), meaning.clone()));
                    entry.phrases.sort_by_key(|(tokens, _)| std::cmp::Reverse(tokens.len()));
                });
            }
        }
        let sieve = Sieve::new(words.keys().map(|word| &**word));
        Self {
            words,
            sieve,
            holidays,
            tables: file.tables,
            future: file.tense.future.into_iter().collect(),
            past: file.tense.past.into_iter().collect(),
            name_after: file.names.after,
            name_before: file.names.before,
        }
    }
}

impl Rule {
    /// Reads the rule as written in the data file; `None` where it has none of the forms named there.
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split([' ', '-'].as_slice()).filter(|f| !f.is_empty());
        if text.as_bytes().get(2) == Some(&b'-') {
            return Some(Self::Fixed(fields.next()?.parse().ok()?, fields.next()?.parse().ok()?));
        }
        let mut fields = text.split(' ');
        let first = fields.next()?;
        let (second, third) = (fields.next()?, fields.next());
        Some(match first {
            "easter" => Self::Easter(second.parse().ok()?),
            "orthodox" => Self::OrthodoxEaster(second.parse().ok()?),
            "hijri" => match third {
                Some(day) => Self::Hijri(second.parse().ok()?, day.parse().ok()?),
                None => Self::HijriMonth(second.parse().ok()?),
            },
            "table" => Self::Table(second.into()),
            month if second == "election" => Self::Election(month.parse().ok()?),
            month => Self::NthWeekday(month.parse().ok()?, second.parse().ok()?, third?.parse().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_holiday_has_a_rule_and_every_rule_its_table() {
        let file: File = toml::from_str(include_str!("../../../data/lang/en/times.toml")).unwrap();
        let lexicon = lexicon();
        assert_eq!(lexicon.holidays.len(), file.holidays.len());
        for (rule, _) in &lexicon.holidays {
            if let Rule::Table(name) = rule {
                assert!(lexicon.tables.contains_key(name), "no table {name}");
            }
        }
    }
}
