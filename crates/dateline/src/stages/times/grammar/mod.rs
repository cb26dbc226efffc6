//! From tokens to phrases of time: what the words say, before anything is known of the day they were said on.

mod clock;
mod dates;
mod lengths;
mod periods;

use super::lexicon::{Meaning, Unit, lexicon};
use crate::stages::numbers::{Amount, amount, cardinal, year_in_words};
use crate::stages::scan::Scan;

/// Which one, seen from now or from the time the text speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// "last week".
    Last,
    /// "the past week": the week up to now.
    Rolling,
    /// "this week".
    This,
    /// "next week".
    Next,
    /// "the week before": from the time the text speaks of.
    Before,
    /// "the same week", "that week".
    Same,
    /// "the following week".
    After,
}

/// Which part of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    Middle,
    End,
    /// "earlier this week": up to now.
    Earlier,
    /// "later this week": from now on.
    Later,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub hour: u8,
    pub minute: Option<u8>,
    pub utc: bool,
}

/// Where an offset counts from, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// "ago".
    Ago,
    /// "from now".
    Hence,
    /// "earlier", from the time the text speaks of.
    Earlier,
    /// "later", from the time the text speaks of.
    Later,
}

/// What a phrase of time says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Core {
    /// A date with what is given of it; `until` is the last day of a run of days in one month.
    Date {
        year: Option<i32>,
        month: Option<u8>,
        day: Option<u8>,
        until: Option<u8>,
    },
    /// "03/04/2017": either part may be the month.
    Numeric {
        first: u8,
        second: u8,
        year: i32,
    },
    /// A month seen from now ("last June") or from its year ("June last year").
    Month {
        month: u8,
        relation: Relation,
    },
    /// "year-end".
    YearEnd,
    /// "October of that year".
    MonthOfThatYear {
        month: u8,
        day: Option<u8>,
    },
    MonthOfYear {
        month: u8,
        day: Option<u8>,
        years: i32,
    },
    Weekday {
        weekday: u8,
        relation: Option<Relation>,
    },
    /// A weekday of a named week: "Friday last week".
    WeekdayOfWeek {
        weekday: u8,
        weeks: i64,
    },
    Season {
        season: &'static str,
        year: Option<i32>,
        relation: Option<Relation>,
        years: Option<i32>,
    },
    Quarter {
        quarter: Option<u8>,
        year: Option<i32>,
        years: i32,
        latest: bool,
    },
    Half {
        half: u8,
        year: Option<i32>,
        years: i32,
    },
    Period {
        unit: Unit,
        relation: Relation,
    },
    Decade {
        first: i32,
        full: bool,
    },
    Century {
        number: i32,
    },
    Day {
        days: i64,
    },
    Offset {
        amount: Amount,
        unit: Unit,
        direction: Direction,
    },
    Duration {
        amount: Amount,
        unit: Unit,
        window: Option<Relation>,
    },
    Set {
        value: String,
    },
    Reference {
        value: &'static str,
    },
    Holiday {
        index: usize,
        year: Option<i32>,
        relation: Option<Relation>,
        years: Option<i32>,
    },
    /// Only a time or part of day: "at 5 p.m.", "this morning".
    Nothing,
}

/// A phrase and the tokens it takes.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    pub first: usize,
    pub last: usize,
    pub core: Core,
    pub part: Option<&'static str>,
    pub clock: Option<Clock>,
    pub edge: Option<Edge>,
    /// "overnight" by itself.
    pub overnight: bool,
}

impl Phrase {
    fn new(first: usize, last: usize, core: Core) -> Self {
        Self { first, last, core, part: None, clock: None, edge: None, overnight: false }
    }
}

/// Words after which a bare "May", "March" or year is a time.
const TIME_PREPOSITIONS: &[&str] = &[
    "in",
    "since",
    "until",
    "till",
    "by",
    "from",
    "to",
    "through",
    "during",
    "between",
    "before",
    "after",
    "last",
    "next",
    "this",
    "early",
    "late",
    "mid",
    "of",
    "around",
    "about",
    "throughout",
    "and",
    "or",
    "each",
    "every",
    "for",
    "circa",
    "starting",
    "ending",
    "-",
    "(",
    "into",
    "as",
];

/// Words that hedge a length of time and belong to its span.
const HEDGES: &[&str] = &["about", "around", "nearly", "almost", "roughly", "approximately", "some"];

/// "the year ended Aug. 31": a length.
fn year_long() -> Core {
    Core::Duration { amount: Amount::exact(1), unit: Unit::Year, window: None }
}

/// Reads phrases from one scan.
pub(super) struct Grammar<'s, 't> {
    pub scan: &'s Scan<'t>,
}

impl Grammar<'_, '_> {
    /// The longest phrase that begins at token `i`.
    pub fn phrase(&self, i: usize) -> Option<Phrase> {
        let opens = self.scan.number(i).is_some() || self.scan.entry(i).is_some_and(|entry| entry.opens);
        if !opens {
            return None;
        }
        let mut best: Option<Phrase> = None;
        for found in
            [self.fixed(i), self.clocked(i), self.dated(i), self.counted(i), self.repeated(i)].into_iter().flatten()
        {
            if best.as_ref().is_none_or(|best| found.last > best.last) {
                best = Some(found);
            }
        }
        best
    }

    fn is(&self, i: usize, words: &[&str]) -> bool {
        self.scan.is(i, words)
    }

    fn unit(&self, i: usize) -> Option<Unit> {
        self.scan.entry(i).filter(|entry| !entry.unit_abbreviation)?.unit
    }

    fn plural(&self, i: usize) -> bool {
        self.scan.entry(i).is_some_and(|entry| entry.plural)
    }

    /// Skips one hyphen.
    fn hyphen(&self, i: usize) -> usize {
        i + usize::from(self.is(i, &["-"]))
    }

    /// Phrases and words that stand for a time as they are: holidays, "now", "the future".
    fn fixed(&self, i: usize) -> Option<Phrase> {
        let entry = self.scan.entry(i)?;
        for (tokens, meaning) in &entry.phrases {
            if (1..tokens.len()).any(|k| self.scan.lower(i + k) != &*tokens[k]) {
                continue;
            }
            let last = i + tokens.len();
            match meaning {
                Meaning::Reference(value) if self.reference_allowed(i, last) => {
                    return Some(Phrase::new(i, last, Core::Reference { value }));
                }
                Meaning::Holiday(index) if self.scan.capital(i) && !self.is_name(i, last) => {
                    return Some(self.holiday(i, last, *index));
                }
                _ => {}
            }
        }
        if self.is(i, &["coming"]) && self.plural(i + 1) && self.unit(i + 1).is_some() {
            return Some(Phrase::new(i, i + 2, Core::Reference { value: "FUTURE_REF" }));
        }
        let value = entry.reference.as_deref()?;
        let participle = self.scan.lower(i + 1).ends_with("ed") && self.is(i, &["previously"]);
        if participle || self.is(i, &["soon"]) && (self.scan.before(i) == "as" || self.is(i + 1, &["after"])) {
            return None;
        }
        // "the recent killings" names an act, "recent" its time.
        if self.scan.glued(i) && self.scan.before(i) == "-" || self.is(i + 1, &["-"]) && self.scan.glued(i + 1) {
            return None;
        }
        let mut last = i + 1;
        if matches!(self.scan.lower(i), "current" | "recent") {
            // "recent years" is one phrase; "current account" is none.
            if let Some(unit) = self.unit(last).filter(|_| self.plural(last)) {
                let amount = Amount::vague();
                return Some(Phrase::new(i, last + 1, Core::Duration { amount, unit, window: Some(Relation::Last) }));
            }
        }
        if self.is(i, &["now"]) && self.is(i + 1, &["defunct", "famous"]) {
            last = i + 1;
        }
        Some(Phrase::new(i, last, Core::Reference { value }))
    }

    /// "the past" alone is a time; "the past two years" and "this time around" are not.
    fn reference_allowed(&self, i: usize, last: usize) -> bool {
        let counted =
            self.unit(last).is_some() || amount(self.scan, last).is_some() || self.is(last, &["few", "several"]);
        match self.scan.lower(last - 1) {
            "past" | "future" => {
                !counted
                    && !self.scan.is_word(last)
                        | self
                            .is(last, &["and", "or", "is", "was", "to", "in", "as", "when", "that", "but", "of", "for"])
            }
            "time" if self.scan.lower(i) == "the" => self.scan.before(i) == "at" && !self.is(last, &["of"]),
            "time" => self.scan.before(i) == "at",
            _ => true,
        }
    }

    fn holiday(&self, i: usize, last: usize, index: usize) -> Phrase {
        let (year, years, end) = self.year_after(last);
        let relation = match self.scan.before(i) {
            "last" => Some(Relation::Last),
            "next" => Some(Relation::Next),
            "this" => Some(Relation::This),
            _ => None,
        };
        let first = if relation.is_some() { i - 1 } else { i };
        let mut phrase = Phrase::new(first, end, Core::Holiday { index, year, relation, years });
        self.part_after(&mut phrase);
        phrase
    }

    /// A year after a month, season or holiday: "2016", ", 2016", "of 2016", "last year", "of that year".
    fn year_after(&self, i: usize) -> (Option<i32>, Option<i32>, usize) {
        let after_comma = i + usize::from(self.is(i, &[","]));
        if let Some((year, end)) = self.year(after_comma).filter(|_| !self.is(after_comma + 1, &["-"])) {
            return (Some(year), None, end);
        }
        let mut k = i + usize::from(self.is(i, &["of", "in"]));
        if let Some((year, end)) = self.year(k).filter(|_| k > i) {
            return (Some(year), None, end);
        }
        let years = match self.scan.lower(k) {
            "last" => -1,
            "this" => 0,
            "next" => 1,
            "the" if self.is(k + 1, &["previous"]) => {
                k += 1;
                -1
            }
            "the" if self.is(k + 1, &["following"]) => {
                k += 1;
                1
            }
            _ => return (None, None, i),
        };
        if self.is(k + 1, &["year"]) { (None, Some(years), k + 2) } else { (None, None, i) }
    }

    /// "of that year", "the same year", "that year" after a month.
    fn that_year(&self, i: usize) -> Option<usize> {
        let k = i + usize::from(self.is(i, &["of", "in"]));
        let same =
            self.is(k, &["the"]) && self.is(k + 1, &["same"]) || self.is(k, &["that"]) && self.is(k + 1, &["same"]);
        let k = if same {
            k + 2
        } else if self.is(k, &["that"]) {
            k + 1
        } else {
            return None;
        };
        self.is(k, &["year"]).then_some(k + 1)
    }

    /// Four digits that can be a year, or a year in words.
    fn year(&self, i: usize) -> Option<(i32, usize)> {
        if let Some(found) = year_in_words(self.scan, i) {
            return Some(found);
        }
        let number = self.scan.number(i)?;
        if number.digits != 4 || number.formatted || !(1000..=2199).contains(&number.value) {
            return None;
        }
        if self.scan.is_word(i + 1) && self.scan.glued(i + 1) || self.is(i + 1, &["%", "°"]) {
            return None;
        }
        (!self.measured_before(i)).then_some((number.value as i32, i + 1))
    }

    /// "$2000", "No. 1987", "Boeing-1999".
    fn measured_before(&self, i: usize) -> bool {
        self.is(i.wrapping_sub(1), &["$", "£", "€", "#", "no", "flight", "route", "/", ".", ":", "№"])
            && i > 0
            && (self.scan.glued(i) || self.scan.is_word(i - 1))
    }

    /// A day of the month in digits ("3", "3rd") or an ordinal word.
    fn day(&self, i: usize) -> Option<(u8, usize)> {
        if let Some(number) = self.scan.number(i) {
            if number.formatted || !(1..=31).contains(&number.value) || number.digits > 2 {
                return None;
            }
            let suffix = self.is(i + 1, &["st", "nd", "rd", "th"]) && self.scan.glued(i + 1);
            let joined = self.is(i + 1, &["/", ":"]) && self.scan.glued(i + 2) && self.scan.number(i + 2).is_some();
            if !suffix && self.scan.glued(i + 1) && (self.scan.is_word(i + 1) || self.is(i + 1, &["%"]) || joined) {
                return None;
            }
            return Some((number.value as u8, i + 1 + usize::from(suffix)));
        }
        self.ordinal(i)
    }

    /// "third", "twenty-third", "21st".
    fn ordinal(&self, i: usize) -> Option<(u8, usize)> {
        if let Some(entry) = self.scan.entry(i) {
            if entry.ordinal > 0 {
                return Some((entry.ordinal, i + 1));
            }
            let tens = entry.cardinal.filter(|n| matches!(n, 20 | 30))?;
            let k = self.hyphen(i + 1);
            let ones = self.scan.entry(k)?.ordinal;
            return (1..=9).contains(&ones).then_some((tens as u8 + ones, k + 1));
        }
        let number = self.scan.number(i)?;
        let suffix = self.is(i + 1, &["st", "nd", "rd", "th"]) && self.scan.glued(i + 1);
        (suffix && number.value <= 99 && !number.formatted).then_some((number.value as u8, i + 2))
    }

    /// The name of a month, with the full stop of an abbreviation.
    fn month(&self, i: usize) -> Option<(u8, usize)> {
        let entry = self.scan.entry(i)?;
        if entry.month > 0 {
            let dated = self.day_number(i + 1) || i > 0 && self.day_number_before(i);
            return (self.scan.capital(i) || dated).then_some((entry.month, i + 1));
        }
        if entry.month_abbreviation == 0 || !self.scan.capital(i) {
            return None;
        }
        let dotted = self.is(i + 1, &["."]) && self.scan.glued(i + 1);
        let end = i + 1 + usize::from(dotted);
        let dated = self.scan.number(end).is_some() || i > 0 && self.day_number_before(i);
        (dated || dotted).then_some((entry.month_abbreviation, end))
    }

    fn day_number(&self, i: usize) -> bool {
        self.scan.number(i).is_some_and(|n| !n.formatted && (1..=31).contains(&n.value) || n.digits == 4)
    }

    fn day_number_before(&self, i: usize) -> bool {
        let k = i - 1;
        let k = if self.is(k, &["st", "nd", "rd", "th", "of"]) && k > 0 { k - 1 } else { k };
        self.scan.number(k).is_some_and(|n| !n.formatted && (1..=31).contains(&n.value))
    }

    /// Dates, weekdays, seasons, quarters and periods, with what may stand around them.
    fn dated(&self, i: usize) -> Option<Phrase> {
        let (edge, start) = self.edge(i);
        let mut phrase = self.plain_date(start)?;
        if edge.is_some() {
            phrase.first = i;
            phrase.edge = edge;
        }
        Some(phrase)
    }

    /// "early", "mid-", "the beginning of", "later": the part of the period that follows.
    fn edge(&self, i: usize) -> (Option<Edge>, usize) {
        let k = i + usize::from(self.is(i, &["the"]));
        let (edge, mut k) = match self.scan.lower(k) {
            "early" => (Edge::Start, k + 1),
            "mid" => (Edge::Middle, self.hyphen(k + 1)),
            "late" => (Edge::End, k + 1),
            "earlier" if k == i => (Edge::Earlier, k + 1),
            "later" if k == i => (Edge::Later, k + 1),
            "beginning" | "start" if self.is(k + 1, &["of"]) => (Edge::Start, k + 2),
            "middle" if self.is(k + 1, &["of"]) => (Edge::Middle, k + 2),
            "end" if self.is(k + 1, &["of"]) => (Edge::End, k + 2),
            _ => return (None, i),
        };
        if matches!(edge, Edge::Earlier | Edge::Later) && self.is(k, &["in", "on"])
            || self.is(k, &["on", "in"]) && edge != Edge::Middle
        {
            k += 1;
        }
        (Some(edge), k)
    }

    fn plain_date(&self, i: usize) -> Option<Phrase> {
        let found = self
            .iso(i)
            .or_else(|| self.numeric(i))
            .or_else(|| self.calendar(i))
            .or_else(|| self.weekday(i))
            .or_else(|| self.fiscal(i))
            .or_else(|| self.season(i))
            .or_else(|| self.decade(i))
            .or_else(|| self.period(i))
            .or_else(|| self.day_word(i))
            .or_else(|| self.bare_year(i));
        let mut phrase = found?;
        self.part_after(&mut phrase);
        Some(phrase)
    }

    /// Part of a name of something else: "Friday prayers", "Black Friday", "the Sunday Times".
    fn is_name(&self, i: usize, end: usize) -> bool {
        let lexicon = lexicon();
        let after = self.scan.lower(end);
        let capital_or_prayer = self.scan.capital(end) || after.starts_with("prayer") || after == "sermon";
        if capital_or_prayer && lexicon.name_after.iter().any(|word| **word == *after) {
            return true;
        }
        let before = self.scan.before(i);
        i > 0 && self.scan.capital(i - 1) && lexicon.name_before.iter().any(|word| **word == *before)
    }

    fn relation(&self, i: usize) -> Option<(Relation, usize)> {
        let the = usize::from(self.is(i, &["the"]));
        let k = i + the;
        let relation = match self.scan.lower(k) {
            "last" | "past" if the == 1 => Relation::Rolling,
            "last" | "past" => Relation::Last,
            "previous" | "preceding" | "prior" if the == 1 => Relation::Before,
            "previous" => Relation::Last,
            "this" if the == 0 && self.is(k + 1, &["coming", "past", "current", "same"]) => {
                let relation = match self.scan.lower(k + 1) {
                    "coming" => Relation::Next,
                    "past" => Relation::Last,
                    "same" => Relation::Same,
                    _ => Relation::This,
                };
                return Some((relation, k + 2));
            }
            "this" if the == 0 => Relation::This,
            "current" => Relation::This,
            "next" | "coming" | "upcoming" => Relation::Next,
            "following" | "ensuing" if the == 1 => Relation::After,
            "same" if the == 1 => Relation::Same,
            "that" if the == 0 => return Some((Relation::Same, k + 1 + usize::from(self.is(k + 1, &["same"])))),
            _ => return None,
        };
        Some((relation, k + 1))
    }
}
