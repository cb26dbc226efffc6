//! From tokens to phrases of time: what the words say, before anything is known of the day they were said on.

use super::lexicon::{Meaning, Unit, lexicon};
use crate::stages::numbers::{Amount, Vague, amount, cardinal, year_in_words};
use crate::stages::scan::Scan;

/// Which one, seen from now or from the time the text speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// "last week".
    Last,
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
}

impl Phrase {
    fn new(first: usize, last: usize, core: Core) -> Self {
        Self { first, last, core, part: None, clock: None, edge: None }
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
                Meaning::Holiday(index) if self.scan.capital(i) => return Some(self.holiday(i, last, *index)),
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
                let amount = Amount::vague(Vague::Some);
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
        if let Some((year, end)) = self.year(k).filter(|_| k > i && self.is(i, &["of"])) {
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

    /// "2017-03-03", with the time of day where one follows.
    fn iso(&self, i: usize) -> Option<Phrase> {
        let (year, month) = (self.scan.number(i)?, self.scan.number(i + 2)?);
        if year.digits != 4
            || month.digits != 2
            || !self.is(i + 1, &["-", "/", "."])
            || !self.scan.glued(i + 1)
            || !self.scan.glued(i + 2)
        {
            return None;
        }
        let day = self
            .scan
            .number(i + 4)
            .filter(|n| n.digits == 2 && self.scan.lower(i + 1) == self.scan.lower(i + 3) && self.scan.glued(i + 4));
        let day_value = day.and_then(|n| u8::try_from(n.value).ok());
        if !(1..=12).contains(&month.value)
            || day_value.is_some_and(|d| !(1..=31).contains(&d))
            || day.is_none() && year.value < 1000
        {
            return None;
        }
        if day.is_none()
            && (self.scan.glued(i + 3) && !self.is(i + 3, &[".", ",", ")", ";", ":"])
                || !self.is(i + 1, &["-"])
                || month.value == 0)
        {
            return None;
        }
        // "1998-99" is a pair of years, "1998-02" a month.
        let core = Core::Date {
            year: i32::try_from(year.value).ok(),
            month: Some(month.value as u8),
            day: day_value,
            until: None,
        };
        let mut phrase = Phrase::new(i, if day.is_some() { i + 5 } else { i + 3 }, core);
        if self.is(phrase.last, &["t"])
            && self.scan.glued(phrase.last)
            && let Some((clock, end)) = self.digital(phrase.last + 1)
        {
            (phrase.clock, phrase.last) = (Some(clock), end);
        }
        Some(phrase)
    }

    /// "03/04/2017", "3.4.2017".
    fn numeric(&self, i: usize) -> Option<Phrase> {
        let (first, second, year) = (self.scan.number(i)?, self.scan.number(i + 2)?, self.scan.number(i + 4));
        let separator = self.scan.lower(i + 1);
        let glued = (1..=2).all(|k| self.scan.glued(i + k));
        if first.value == 9 && second.value == 11 && separator == "/" && glued && !(self.is(i + 3, &["/"])) {
            return Some(Phrase::new(
                i,
                i + 3,
                Core::Date { year: Some(2001), month: Some(9), day: Some(11), until: None },
            ));
        }
        let year = year?;
        if !matches!(separator, "/" | "-" | ".")
            || separator != self.scan.lower(i + 3)
            || !glued
            || !self.scan.glued(i + 3)
            || !self.scan.glued(i + 4)
        {
            return None;
        }
        if first.digits > 2
            || second.digits > 2
            || !matches!(year.digits, 2 | 4)
            || first.formatted
            || second.formatted
            || year.formatted
        {
            return None;
        }
        let (first, second) = (first.value as u8, second.value as u8);
        let century = if year.digits == 4 {
            0
        } else if year.value < 50 {
            2000
        } else {
            1900
        };
        let valid = (1..=31).contains(&first) && (1..=31).contains(&second) && (first <= 12 || second <= 12);
        let year = i32::try_from(year.value).ok()? + century;
        valid.then(|| Phrase::new(i, i + 5, Core::Numeric { first, second, year }))
    }

    /// Dates with the name of a month.
    fn calendar(&self, i: usize) -> Option<Phrase> {
        self.day_first(i).or_else(|| self.month_first(i)).or_else(|| self.relative_month(i))
    }

    /// "3 March 2017", "the 3rd of March", "11 and 12 April", "17-18 March".
    fn day_first(&self, i: usize) -> Option<Phrase> {
        let start = i + usize::from(self.is(i, &["the"]));
        let (day, mut k) = self.day(start)?;
        let mut until = None;
        if self.is(k, &["-", "and", "to", "or"])
            && let Some((last, end)) = self.day(k + 1).filter(|(last, _)| *last > day)
        {
            (until, k) = (Some(last), end);
        }
        if self.is(k, &["of"]) {
            k += 1;
        } else if start > i {
            return None;
        }
        if self.is(k, &["-"]) && self.scan.glued(k) {
            k += 1;
        }
        let (month, end) = self.month(k)?;
        let (year, years, end) = self.year_after(end);
        let core = match years {
            Some(years) => Core::MonthOfYear { month, day: Some(day), years },
            None => Core::Date { year, month: Some(month), day: Some(day), until },
        };
        Some(Phrase::new(i, end, core))
    }

    /// "March 3, 2017", "March 3", "March 17-18", "March 2017", "March last year", "March".
    fn month_first(&self, i: usize) -> Option<Phrase> {
        let (month, k) = self.month(i)?;
        let day_at = k + usize::from(self.is(k, &["the"]));
        if let Some((day, mut end)) = self.day(day_at) {
            let mut until = None;
            if self.is(end, &["-", "and", "to", "or"])
                && let Some((last, after)) = self.day(end + 1).filter(|(last, _)| *last > day)
                && self.month(after).is_none()
                && self.unit(after).is_none()
                && (self.is(end, &["-"])
                    || !self.scan.is_word(after)
                    || self.is(after, &["in", "at", "of", "as", "and", "to"]))
            {
                (until, end) = (Some(last), after);
            }
            let (year, years, end) = self.year_after(end);
            let core = match years {
                Some(years) => Core::MonthOfYear { month, day: Some(day), years },
                None => Core::Date { year, month: Some(month), day: Some(day), until },
            };
            return Some(Phrase::new(i, end, core));
        }
        let (year, years, end) = self.year_after(k);
        if let Some(years) = years {
            return Some(Phrase::new(i, end, Core::MonthOfYear { month, day: None, years }));
        }
        if year.is_none() && !self.bare_month_allowed(i, k) {
            return None;
        }
        Some(Phrase::new(i, end, Core::Date { year, month: Some(month), day: None, until: None }))
    }

    /// Whether the month's name alone can be a time here: "in May", but not "May said" or "Theresa May".
    fn bare_month_allowed(&self, i: usize, end: usize) -> bool {
        if !self.scan.capital(i) || self.is_name(i, end) {
            return false;
        }
        let ambiguous = self.is(i, &["may", "march", "august", "april", "june"]);
        let before = self.scan.before(i);
        if ambiguous && i > 0 && self.scan.capital(i - 1) && !TIME_PREPOSITIONS.contains(&before) {
            return false;
        }
        let named = self.scan.capital(end)
            && self.scan.is_word(end)
            && self.scan.lower(end).len() > 1
            && self.is(i, &["april", "june", "august"]);
        if named && before != "in" {
            return false;
        }
        !self.is(i, &["may", "march"])
            || TIME_PREPOSITIONS.contains(&before) && !self.is(end, &["said", "says", "told"])
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

    /// "last June", "this September".
    fn relative_month(&self, i: usize) -> Option<Phrase> {
        let (relation, k) = self.relation(i).filter(|_| !self.is(i, &["the", "that"]))?;
        let (month, end) = self.month(k)?;
        Some(match self.day(end) {
            Some((day, after)) if self.scan.number(end).is_some_and(|n| n.digits <= 2) => {
                let core = Core::Date { year: None, month: Some(month), day: Some(day), until: None };
                Phrase::new(i, after, core)
            }
            _ => Phrase::new(i, end, Core::Month { month, relation }),
        })
    }

    /// "Wednesday", "last Friday", "Saturday, April 25", "Friday last week", "next Tuesday".
    fn weekday(&self, i: usize) -> Option<Phrase> {
        let relation = self.relation(i).filter(|_| !self.is(i, &["that"]));
        let k = relation.map_or(i, |(_, k)| k);
        let entry = self.scan.entry(k)?;
        if entry.weekday == 0 {
            return self.short_weekday(i, k);
        }
        let lower_case_dated =
            self.scan.is(i.wrapping_sub(1), &["on", "last", "next", "by", "since", "until", "late", "early"]);
        if entry.plural
            && self.scan.lower(k).ends_with("days")
            && self.scan.lower(k) != "days"
            && self.scan.lower(k).ends_with('s')
        {
            // "Fridays" is a set.
            return None;
        }
        if !self.scan.capital(k) && !lower_case_dated && relation.is_none() || self.is_name(k, k + 1) {
            return None;
        }
        let relation = relation.map(|(relation, _)| relation);
        let mut phrase = Phrase::new(i, k + 1, Core::Weekday { weekday: entry.weekday, relation });
        self.weekday_date(&mut phrase);
        if phrase.last == k + 1 {
            self.part_after(&mut phrase);
            if let Some((weeks, end)) = self.week_after(phrase.last) {
                phrase.core = Core::WeekdayOfWeek { weekday: entry.weekday, weeks };
                phrase.last = end;
            }
            self.weekday_date(&mut phrase);
        }
        Some(phrase)
    }

    /// The date in apposition to a weekday: "Saturday, April 25", "Monday 19 December", "Thursday (3 March)".
    fn weekday_date(&self, phrase: &mut Phrase) {
        let bracket = self.is(phrase.last, &["("]);
        let k = phrase.last + usize::from(self.is(phrase.last, &[",", "("]));
        let k = if self.is(k, &["the"]) { k + 1 } else { k };
        if let Some(date) = self.day_first(k).or_else(|| self.month_first(k))
            && matches!(date.core, Core::Date { day: Some(_), .. } | Core::MonthOfYear { day: Some(_), .. })
            && (!bracket || self.is(date.last, &[")"]))
        {
            phrase.core = date.core;
            phrase.last = date.last + usize::from(bracket);
        }
    }

    /// "Mon.", "Tues, 3 March".
    fn short_weekday(&self, i: usize, k: usize) -> Option<Phrase> {
        let entry = self.scan.entry(k)?;
        if entry.weekday_abbreviation == 0 || !self.scan.capital(k) {
            return None;
        }
        let dotted = self.is(k + 1, &["."]) && self.scan.glued(k + 1);
        let mut phrase = Phrase::new(
            i,
            k + 1 + usize::from(dotted),
            Core::Weekday { weekday: entry.weekday_abbreviation, relation: None },
        );
        let bare = phrase.last;
        self.weekday_date(&mut phrase);
        let dated = phrase.last > bare;
        let sure = dotted && (!self.is(k, &["sun", "sat"]) || self.scan.before(k) == "on") && !self.scan.capital(bare);
        (dated || sure).then_some(phrase)
    }

    /// "last week", "next week" after a weekday.
    fn week_after(&self, i: usize) -> Option<(i64, usize)> {
        let k = i + usize::from(self.is(i, &["of"]));
        let weeks = match self.scan.lower(k) {
            "last" => -1,
            "this" => 0,
            "next" => 1,
            _ => return None,
        };
        self.is(k + 1, &["week"]).then_some((weeks, k + 2))
    }

    /// Quarters, halves and fiscal years.
    fn fiscal(&self, i: usize) -> Option<Phrase> {
        let mut k = i + usize::from(self.is(i, &["the", "its", "this", "last", "next"]) && !self.is(i, &["its"]));
        let relative = match self.scan.lower(i) {
            "last" => -1,
            "next" => 1,
            _ => 0,
        };
        let mut years = 0;
        let (mut latest, mut current) = (false, self.is(i, &["this"]));
        if self.is(k, &["fy"]) && self.scan.number(k + 1).is_some() {
            let (year, end) = self.fiscal_year(k + 1)?;
            return Some(Phrase::new(i, end, Core::Date { year: Some(year), month: None, day: None, until: None }));
        }
        if self.is(k, &["q"]) && self.scan.glued(k + 1) {
            let quarter = self.scan.number(k + 1).filter(|n| (1..=4).contains(&n.value) && n.digits == 1)?;
            let (year, _, end) = self.year_after(k + 2);
            return Some(Phrase::new(
                i,
                end,
                Core::Quarter { quarter: Some(quarter.value as u8), year, years, latest },
            ));
        }
        loop {
            match self.scan.lower(k) {
                "fiscal" | "comparable" | "full" | "corresponding" => k += 1,
                "latest" | "recent" | "most" => (latest, k) = (true, k + 1),
                "current" => (current, k) = (true, k + 1),
                "year" if self.is(k + 1, &["-"]) && self.is(k + 2, &["ago", "earlier"]) => (years, k) = (-1, k + 3),
                _ => break,
            }
        }
        let modified = k > i + usize::from(self.is(i, &["the", "this", "last", "next"]));
        if modified && self.is(i, &["the"]) && self.is(k - 1, &["full"]) && self.is(k, &["year"]) {
            return Some(Phrase::new(i, k + 1, Core::Period { unit: Unit::Year, relation: Relation::This }));
        }
        if modified && self.is(k.saturating_sub(1), &["fiscal"]) {
            let year_word = usize::from(self.is(k, &["year"]));
            if let Some((year, end)) = self.year(k + year_word) {
                return Some(Phrase::new(i, end, Core::Date { year: Some(year), month: None, day: None, until: None }));
            }
            if year_word == 1 {
                let relation = [Relation::Last, Relation::This, Relation::Next][(relative + 1) as usize];
                let core = if self.is(k + 1, &["ended", "ending"]) {
                    year_long()
                } else {
                    Core::Period { unit: Unit::Year, relation }
                };
                return Some(Phrase::new(i, k + 1, core));
            }
        }
        if let Some((number, end)) = self.ordinal(k).filter(|(n, _)| *n <= 4) {
            let end = self.hyphen(end);
            if self.unit(end) == Some(Unit::Quarter) && !self.plural(end) {
                let (year, of_years, last) = self.year_after(end + 1);
                let years = of_years.unwrap_or(years);
                return Some(Phrase::new(
                    i,
                    last,
                    Core::Quarter { quarter: Some(number), year, years, latest: of_years.is_some() },
                ));
            }
            if number <= 2 && self.is(end, &["half"]) {
                let (year, years, last) = self.year_after(end + 1);
                if year.is_some() || years.is_some() {
                    return Some(Phrase::new(i, last, Core::Half { half: number, year, years: years.unwrap_or(0) }));
                }
            }
            return None;
        }
        if (self.unit(k) == Some(Unit::Quarter) || self.is(k, &["period"]) && (years != 0 || latest)) && !self.plural(k)
        {
            let bare_the = self.is(i, &["the"]) && k == i + 1;
            if self.is(k + 1, &["of"]) || self.is(k + 1, &["-"]) || k == i {
                return None;
            }
            if bare_the || modified || self.is(i, &["this", "last", "next"]) {
                let core = Core::Quarter {
                    quarter: None,
                    year: None,
                    years,
                    latest: latest || relative != 0 || self.is(i, &["this"]),
                };
                let core = if relative != 0 || current {
                    let relation = [Relation::Last, Relation::This, Relation::Next][(relative + 1) as usize];
                    Core::Period { unit: Unit::Quarter, relation }
                } else {
                    core
                };
                return Some(Phrase::new(i, k + 1, core));
            }
        }
        // "year-ago results", "year-earlier".
        (years != 0 && self.is(k - 1, &["ago", "earlier"])).then(|| {
            let core = Core::Offset { amount: Amount::exact(1), unit: Unit::Year, direction: Direction::Earlier };
            Phrase::new(i + usize::from(self.is(i, &["the"])), k, core)
        })
    }

    fn fiscal_year(&self, i: usize) -> Option<(i32, usize)> {
        let number = self.scan.number(i)?;
        match number.digits {
            2 => Some((2000 + number.value as i32 - if number.value > 50 { 100 } else { 0 }, i + 1)),
            4 => self.year(i),
            _ => None,
        }
    }

    /// "last spring", "the summer of 2014", "summer 2016", "this fall".
    fn season(&self, i: usize) -> Option<Phrase> {
        let relation = self.relation(i);
        let mut k = relation.map_or(i, |(_, k)| k);
        let the = relation.is_none() && self.is(i, &["the"]);
        k += usize::from(the);
        let edge = match self.scan.lower(k) {
            "early" => Some(Edge::Start),
            "mid" => Some(Edge::Middle),
            "late" => Some(Edge::End),
            _ => None,
        };
        if edge.is_some() {
            k = self.hyphen(k + 1);
        }
        let entry = self.scan.entry(k)?;
        let season = entry.season.as_deref().filter(|_| !entry.plural)?;
        let (year, years, end) = self.year_after(k + 1);
        let named = relation.is_some() || year.is_some() || years.is_some();
        let prepositional = self.is(i.wrapping_sub(1), &["in", "by", "during", "until", "since", "this", "over"])
            && !self.is(k, &["fall", "spring"]);
        let by_article = the
            && !self.is(end, &["of", "in", "from"])
            && self.is(i.wrapping_sub(1), &["in", "by", "during", "until", "since", "over", "for", "before", "after"]);
        if !(named || prepositional || by_article || edge.is_some()) || self.is_name(k, k + 1) && year.is_none() {
            return None;
        }
        if relation.is_none() && self.is(end, &["-"]) && self.scan.glued(end) {
            return None;
        }
        let core = Core::Season { season, year, relation: relation.map(|(r, _)| r), years };
        let mut phrase = Phrase::new(i, end, core);
        phrase.edge = edge;
        Some(phrase)
    }

    /// "the 1990s", "the early 1980s", "the nineties", "the 20th century", "the '90s".
    fn decade(&self, i: usize) -> Option<Phrase> {
        let the = usize::from(self.is(i, &["the"]));
        let mut k = i + the;
        let edge = match self.scan.lower(k) {
            "early" => Some(Edge::Start),
            "mid" => Some(Edge::Middle),
            "late" => Some(Edge::End),
            _ => None,
        };
        if edge.is_some() {
            k = self.hyphen(k + 1);
        }
        let mut phrase =
            if let Some((number, end)) = self.ordinal(k).filter(|(_, end)| self.is(self.hyphen(*end), &["century"])) {
                let mut end = self.hyphen(end) + 1;
                let mut number = i32::from(number);
                if self.is(end, &["bc", "bce"]) {
                    (number, end) = (-number, end + 1);
                }
                Phrase::new(i, end, Core::Century { number })
            } else {
                let quoted = usize::from(self.is(k, &["'"]));
                let number = self.scan.number(k + quoted)?;
                let end = k + quoted + 1;
                let end = if self.is(end, &["'"]) && self.is(end + 1, &["s"]) && self.scan.glued(end + 1) {
                    end + 1
                } else {
                    end
                };
                if !self.is(end, &["s"]) || !self.scan.glued(end) || number.formatted || number.value % 10 != 0 {
                    return None;
                }
                match number.digits {
                    4 if (1000..=2190).contains(&number.value) => {
                        Phrase::new(i, end + 1, Core::Decade { first: number.value as i32, full: true })
                    }
                    2 if quoted == 1 || the == 1 => {
                        Phrase::new(i, end + 1, Core::Decade { first: 1900 + number.value as i32, full: true })
                    }
                    _ => return None,
                }
            };
        phrase.edge = edge;
        Some(phrase)
    }

    /// "last week", "this year", "the previous month", "that day", "the weekend", "the year".
    fn period(&self, i: usize) -> Option<Phrase> {
        if let Some((relation, k)) = self.relation(i) {
            let unit = self.unit(k).filter(|_| !self.plural(k));
            if let Some(part) = self.scan.entry(k).and_then(|entry| entry.part.as_deref()).filter(|_| !self.plural(k)) {
                return Some(self.part_of(i, k, relation, part));
            }
            let unit = unit?;
            if unit == Unit::Second || matches!(unit, Unit::Minute | Unit::Hour) && relation != Relation::Last {
                return None;
            }
            if matches!(unit, Unit::Minute | Unit::Hour) {
                return None;
            }
            let mut last = k + 1;
            if relation == Relation::Same && unit != Unit::Day && self.is(i, &["that"]) && self.is(last, &["the", "a"])
            {
                return None;
            }
            if self.is(last, &["or"]) && self.is(last + 1, &["so"]) {
                last += 2;
            }
            if self.is(last, &["'"]) && self.is(last + 1, &["old", "olds"])
                || self.is(last, &["-"]) && self.is(last + 1, &["old", "long"])
            {
                return None;
            }
            return Some(Phrase::new(i, last, Core::Period { unit, relation }));
        }
        let the = self.is(i, &["the"]);
        let k = i + usize::from(the);
        let unit = self.unit(k).filter(|_| !self.plural(k));
        match unit {
            Some(Unit::Weekend) if the => {
                Some(Phrase::new(i, k + 1, Core::Period { unit: Unit::Weekend, relation: Relation::This }))
            }
            Some(unit @ (Unit::Week | Unit::Month | Unit::Day | Unit::Year))
                if the && self.is(k + 1, &["before", "after"]) && !self.clause_after(k + 2) =>
            {
                let relation = if self.is(k + 1, &["before"]) { Relation::Before } else { Relation::After };
                Some(Phrase::new(i, k + 2, Core::Period { unit, relation }))
            }
            Some(Unit::Year) if the && self.is(k + 1, &["ago"]) => None,
            Some(Unit::Year) if the => {
                if let Some((year, end)) = self.year(k + 1) {
                    return Some(Phrase::new(
                        i,
                        end,
                        Core::Date { year: Some(year), month: None, day: None, until: None },
                    ));
                }
                if let Some((value, end)) = cardinal(self.scan, k + 1).filter(|(value, _)| (2000..2100).contains(value))
                {
                    let core = Core::Date { year: Some(value as i32), month: None, day: None, until: None };
                    return Some(Phrase::new(i, end, core));
                }
                if self.is(k + 1, &["ended", "ending"]) {
                    return Some(Phrase::new(i, k + 1, year_long()));
                }
                let framed = self.is(i.wrapping_sub(1), &["for", "in", "of", "during", "throughout", "by"]);
                (framed && !self.is(k + 1, &["of", "that", "-", "to", "'", "in"]))
                    .then(|| Phrase::new(i, k + 1, Core::Period { unit: Unit::Year, relation: Relation::This }))
            }
            Some(Unit::Day | Unit::Month | Unit::Week)
                if the
                    && i > 0
                    && self.is(i - 1, &["in", "of"])
                    && i > 1
                    && self.is(i - 2, &["earlier", "later", "end", "start", "beginning"]) =>
            {
                Some(Phrase::new(i, k + 1, Core::Period { unit: unit?, relation: Relation::This }))
            }
            Some(Unit::Year) if self.is(k + 1, &["-"]) && self.is(k + 2, &["end"]) => {
                let mut phrase = Phrase::new(i, k + 3, Core::Period { unit: Unit::Year, relation: Relation::This });
                phrase.edge = Some(Edge::End);
                Some(phrase)
            }
            _ => None,
        }
    }

    /// Whether a clause or noun follows that "before" or "after" governs.
    fn clause_after(&self, i: usize) -> bool {
        self.scan.is_word(i)
            && !self.is(
                i,
                &[
                    "in", "at", "on", "by", "and", "but", "when", "as", "for", "with", "to", "from", "near", "that",
                    "police", "said", "was", "were",
                ],
            )
    }

    /// "this morning", "last night", "the same evening", "that night".
    fn part_of(&self, i: usize, k: usize, relation: Relation, part: &'static str) -> Phrase {
        let core = match relation {
            Relation::Last if part == "NI" => Core::Day { days: -1 },
            Relation::Last => Core::Day { days: -1 },
            Relation::This => Core::Day { days: 0 },
            Relation::Next | Relation::After => Core::Period { unit: Unit::Day, relation: Relation::After },
            Relation::Before => Core::Period { unit: Unit::Day, relation: Relation::Before },
            Relation::Same => Core::Period { unit: Unit::Day, relation: Relation::Same },
        };
        let mut phrase = Phrase::new(i, k + 1, core);
        phrase.part = Some(part);
        phrase
    }

    /// "today", "yesterday", "tomorrow", "tonight", "the day before yesterday".
    fn day_word(&self, i: usize) -> Option<Phrase> {
        if self.is(i, &["the"])
            && self.is(i + 1, &["day"])
            && self.is(i + 2, &["before", "after"])
            && self.is(i + 3, &["yesterday", "tomorrow"])
        {
            return Some(Phrase::new(i, i + 4, Core::Day { days: if self.is(i + 2, &["before"]) { -2 } else { 2 } }));
        }
        let days = match self.scan.lower(i) {
            "today" | "tonight" => 0,
            "yesterday" => -1,
            "tomorrow" => 1,
            _ => return None,
        };
        if self.is(i.wrapping_sub(1), &["usa"]) {
            return None;
        }
        let mut phrase = Phrase::new(i, i + 1, Core::Day { days });
        if self.is(i, &["tonight"]) {
            phrase.part = Some("NI");
        }
        Some(phrase)
    }

    /// A year alone, where nothing suggests that it counts something.
    fn bare_year(&self, i: usize) -> Option<Phrase> {
        let (year, mut end) = self.year(i)?;
        let before = self.scan.before(i);
        let after = self.scan.lower(end);
        let prepositional = TIME_PREPOSITIONS.contains(&before);
        if !prepositional && i > 0 && self.scan.is_word(i - 1) && self.scan.capital(i - 1) {
            return None;
        }
        if !prepositional && !(1900..=2050).contains(&year) {
            return None;
        }
        let in_words = self.scan.number(i).is_none();
        if i > 0 && self.scan.number(i - 1).is_some() && !self.scan.is_break(i - 1)
            || self.is(end, &["-"]) && self.scan.glued(end) && self.scan.is_word(end + 1) && !in_words
        {
            return None;
        }
        let counting = [
            "about",
            "some",
            "around",
            "nearly",
            "almost",
            "than",
            "least",
            "over",
            "only",
            "roughly",
            "approximately",
            "additional",
            "another",
        ]
        .contains(&before);
        let counted = self.scan.is_word(end)
            && !self.scan.capital(end)
            && !self.scan.is_break(end)
            && (after.ends_with('s')
                && !matches!(after, "was" | "is" | "has" | "as" | "results" | "elections" | "his" | "its")
                || matches!(
                    after,
                    "people"
                        | "men"
                        | "women"
                        | "percent"
                        | "troops"
                        | "children"
                        | "million"
                        | "km"
                        | "feet"
                        | "euros"
                        | "police"
                ));
        if counting && (counted || before != "around" && before != "about")
            || counted && !matches!(before, "in" | "since" | "of")
            || counted && before == "of"
        {
            return None;
        }
        if self.is(end, &["ad", "ce"]) {
            end += 1;
        }
        Some(Phrase::new(i, end, Core::Date { year: Some(year), month: None, day: None, until: None }))
    }

    /// A part of the day after a date: "Saturday night", "March 3 in the morning", and a time of day: "Wednesday at 10 p.m.".
    fn part_after(&self, phrase: &mut Phrase) {
        let daily = matches!(
            phrase.core,
            Core::Weekday { .. }
                | Core::Date { day: Some(_), .. }
                | Core::Day { .. }
                | Core::Holiday { .. }
                | Core::Numeric { .. }
                | Core::WeekdayOfWeek { .. }
        );
        if !daily || phrase.part.is_some() || phrase.clock.is_some() {
            return;
        }
        let k = phrase.last;
        let k = if self.is(k, &["early", "late", "mid"]) && self.part(self.hyphen(k + 1)).is_some() {
            self.hyphen(k + 1)
        } else {
            k
        };
        if let Some(part) = self.part(k) {
            phrase.part = Some(part);
            phrase.last = k + 1;
            return;
        }
        let k = phrase.last + usize::from(self.is(phrase.last, &["at", ","]));
        if let Some((clock, end)) = self.clock(k) {
            phrase.clock = Some(clock);
            phrase.last = end;
        }
    }

    fn part(&self, i: usize) -> Option<&'static str> {
        let entry = self.scan.entry(i)?;
        entry.part.as_deref().filter(|_| !entry.plural || entry.unit.is_none())
    }

    /// Times of day, with the date they belong to: "10 p.m. Wednesday", "noon on Saturday", "the night of 9 August".
    fn clocked(&self, i: usize) -> Option<Phrase> {
        let hedge = usize::from(
            self.is(i, &["about", "around", "shortly", "just", "nearly", "almost", "approximately", "roughly"]),
        );
        let mut k = i + hedge;
        if hedge == 1 && self.is(k, &["before", "after"]) {
            k += 1;
        }
        if let Some((clock, end)) = self.clock(k) {
            let mut phrase = Phrase::new(i, end, Core::Nothing);
            phrase.clock = Some(clock);
            self.date_after(&mut phrase);
            return Some(phrase);
        }
        let k = i + usize::from(self.is(i, &["the"]));
        let early = usize::from(self.is(k, &["early", "late", "small"]));
        if early == 1 && k > i && self.is(k + 1, &["hours"]) && self.is(k + 2, &["of"]) {
            let mut phrase = Phrase::new(i, k + 2, Core::Nothing);
            phrase.part = Some(if self.is(k, &["late"]) { "NI" } else { "MO" });
            self.date_after(&mut phrase);
            return (phrase.core != Core::Nothing).then_some(phrase);
        }
        if self.is(k, &["mid"]) || early == 1 {
            let at = self.hyphen(k + 1);
            let part = self.part(at).filter(|_| !self.plural(at))?;
            return self.bare_part(i, at, part);
        }
        let part = self.part(k)?;
        self.bare_part(i, k, part)
    }

    /// "the afternoon", "overnight", "dawn on Sunday", "the night of August 9".
    fn bare_part(&self, i: usize, k: usize, part: &'static str) -> Option<Phrase> {
        if self.plural(k) {
            return None;
        }
        let mut phrase = Phrase::new(i, k + 1, Core::Nothing);
        phrase.part = Some(part);
        self.date_after(&mut phrase);
        if phrase.core != Core::Nothing {
            return Some(phrase);
        }
        let article = self.is(i, &["the"])
            && self.is(i.wrapping_sub(1), &["in", "during", "on"])
            && !self.is(k + 1, &["of", "-"]);
        let alone = self.is(k, &["overnight"]) && !self.is(k + 1, &["-"])
            || self.is(i.wrapping_sub(1), &["at", "by", "before", "after", "until"]) && k == i;
        (article || alone).then_some(phrase)
    }

    /// Takes the date that follows a time of day: ", Nov. 6", "on Monday", "of 9 August", "Wednesday".
    fn date_after(&self, phrase: &mut Phrase) {
        let mut k = phrase.last;
        if self.is(k, &[",", "on", "of"]) {
            k += 1;
        }
        if self.is(k, &["on"]) {
            k += 1;
        }
        if self.is(k, &["the"]) && !self.is(k + 1, &["same", "previous", "following", "next"]) {
            return;
        }
        if self.is(phrase.last, &[","]) && self.relation(k).is_some() {
            return;
        }
        let date = self
            .iso(k)
            .or_else(|| self.numeric(k))
            .or_else(|| self.calendar(k))
            .or_else(|| self.weekday(k))
            .or_else(|| self.day_word(k))
            .or_else(|| self.fixed(k).filter(|date| matches!(date.core, Core::Holiday { .. })));
        if let Some(date) = date
            && matches!(
                date.core,
                Core::Date { day: Some(_), .. }
                    | Core::MonthOfYear { day: Some(_), .. }
                    | Core::Weekday { .. }
                    | Core::Day { .. }
                    | Core::Numeric { .. }
                    | Core::Holiday { .. }
                    | Core::WeekdayOfWeek { .. }
            )
        {
            phrase.core = date.core;
            phrase.last = date.last;
            if phrase.part.is_none() && phrase.clock.is_none() {
                phrase.part = date.part;
            }
        }
    }

    /// A time of day by itself: "5 p.m.", "5:30 pm EST", "04:30 GMT", "noon", "5 o'clock", "1630 GMT".
    fn clock(&self, i: usize) -> Option<(Clock, usize)> {
        let at = |hour, minute| Clock { hour, minute, utc: false };
        let (mut clock, mut end) = match self.scan.lower(i) {
            "noon" | "midday" => (at(12, Some(0)), i + 1),
            "midnight" => (at(24, None), i + 1),
            _ => self.half_day(i).or_else(|| self.digital(i)).or_else(|| self.military(i))?,
        };
        if self.is(end, &["local"]) && self.is(end + 1, &["time"]) {
            end += 2;
        }
        if self.zone(end) {
            clock.utc = self.is(end, &["gmt", "utc", "z"]);
            end += 1;
        }
        Some((clock, end))
    }

    fn zone(&self, i: usize) -> bool {
        self.scan.capital(i)
            && self.is(
                i,
                &[
                    "gmt", "utc", "z", "est", "edt", "pst", "pdt", "cst", "cdt", "bst", "cet", "cest", "eet", "ist",
                    "jst", "aest", "msk",
                ],
            )
    }

    /// "5 p.m.", "5:30pm", "11.30pm", "5 o'clock".
    fn half_day(&self, i: usize) -> Option<(Clock, usize)> {
        let (hour, mut end) = match self.scan.number(i) {
            Some(number) => (number.value, i + 1),
            None => (self.scan.entry(i)?.cardinal?, i + 1),
        };
        let mut minute =
            self.scan.number(i).and_then(|n| (n.formatted && n.micro > 0).then_some((n.micro / 10_000) as u8));
        if self.is(end, &[":"])
            && self.scan.glued(end)
            && let Some(minutes) = self.scan.number(end + 1)
        {
            (minute, end) = (u8::try_from(minutes.value).ok(), end + 2);
        }
        if !(1..=12).contains(&hour) || minute.is_some_and(|m| m > 59) {
            return None;
        }
        let mut hour = hour as u8;
        if self.is(end, &["o"]) && self.is(end + 1, &["'"]) && self.is(end + 2, &["clock"]) {
            return Some((Clock { hour, minute, utc: false }, end + 3));
        }
        end = self.hyphen(end);
        let (afternoon, end) = match self.scan.lower(end) {
            "pm" => (true, end + 1),
            "am" if self.scan.number(i).is_some() => (false, end + 1),
            letter @ ("p" | "a") if self.is(end + 1, &["."]) && self.is(end + 2, &["m"]) => {
                (letter == "p", end + 3 + usize::from(self.is(end + 3, &["."]) && self.scan.glued(end + 3)))
            }
            _ => return None,
        };
        hour = hour % 12 + if afternoon { 12 } else { 0 };
        Some((Clock { hour, minute, utc: false }, end))
    }

    /// "17:30", "04:30".
    fn digital(&self, i: usize) -> Option<(Clock, usize)> {
        let (hour, minute) = (self.scan.number(i)?, self.scan.number(i + 2)?);
        let shaped = self.is(i + 1, &[":"])
            && self.scan.glued(i + 1)
            && self.scan.glued(i + 2)
            && hour.digits <= 2
            && minute.digits == 2;
        if !shaped || hour.value > 24 || minute.value > 59 || hour.formatted || minute.formatted {
            return None;
        }
        let mut end = i + 3;
        if self.is(end, &[":"]) && self.scan.glued(end) && self.scan.number(end + 1).is_some_and(|n| n.digits == 2) {
            end += 2;
        }
        Some((Clock { hour: hour.value as u8, minute: Some(minute.value as u8), utc: false }, end))
    }

    /// "1630 GMT", "0430 hours".
    fn military(&self, i: usize) -> Option<(Clock, usize)> {
        let number = self.scan.number(i).filter(|n| n.digits == 4 && !n.formatted)?;
        let (hour, minute) = (number.value / 100, number.value % 100);
        let hours = self.is(i + 1, &["hours", "hrs"]) && number.value < 2400;
        if hour > 24 || minute > 59 || !(self.zone(i + 1) || hours) {
            return None;
        }
        Some((Clock { hour: hour as u8, minute: Some(minute as u8), utc: false }, i + 1 + usize::from(hours)))
    }

    /// Lengths and offsets: "three days", "two years ago", "the past two weeks", "a day earlier", "weeks".
    fn counted(&self, i: usize) -> Option<Phrase> {
        let k = self.hedge(i);
        let the = usize::from(self.is(k, &["the"]));
        let k0 = k + the;
        let (window, k1) = match self.scan.lower(k0) {
            "last" | "past" | "previous" | "preceding" => (Some(Relation::Last), k0 + 1),
            "next" | "coming" | "following" => (Some(Relation::Next), k0 + 1),
            "first" | "final" | "entire" | "full" | "opening" if the == 1 => (None, k0 + 1),
            _ => (None, k0),
        };
        let (amount, k2) = self.amount(k1, window.is_some() || the == 1)?;
        let mut k3 = self.hyphen(k2);
        let hyphenated = k3 > k2;
        while self.is(
            k3,
            &[
                "more",
                "full",
                "consecutive",
                "straight",
                "additional",
                "long",
                "business",
                "working",
                "calendar",
                "whole",
                "entire",
                "successive",
                "other",
                "solid",
                "short",
                "further",
                "extra",
                "fiscal",
            ],
        ) && k3 < k2 + 2
        {
            k3 += 1;
        }
        let unit = self.unit(k3).or_else(|| {
            self.scan.entry(k3).filter(|entry| entry.unit_abbreviation && self.scan.number(k1).is_some())?.unit
        })?;
        let mut last = k3 + 1;
        if self.is(k1, &["one"])
            && unit == Unit::Day
            && !self.is(last, &["ago", "earlier", "later", "before", "after", "-"])
            && window.is_none()
            && !hyphenated
            && the == 0
        {
            let future = !self.is(i.wrapping_sub(1), &["for", "in", "within", "after", "than"]);
            if future {
                return Some(Phrase::new(i, last, Core::Reference { value: "FUTURE_REF" }));
            }
        }
        if unit == Unit::Second && amount.words == "a" || unit == Unit::Quarter && amount.words == "a" {
            return None;
        }
        // "a quarter of the votes", "three quarters of".
        if unit == Unit::Quarter && self.is(last, &["of"]) {
            return None;
        }
        let mut amount = amount;
        if self.is(last, &["and"]) && self.is(last + 1, &["a"]) && self.is(last + 2, &["half"]) {
            (amount.halves, last) = (amount.halves + 1, last + 3);
        }
        if self.is(last, &["or"]) && self.is(last + 1, &["so", "more", "less"]) {
            last += 2;
        } else if self.is(last, &["or", "to"]) && amount.words == "a" && self.is(last + 1, &["two", "three"]) {
            last += 2;
        }
        let possessive =
            if self.is(last, &["'"]) && self.is(last + 1, &["old", "olds"]) { last + 1 } else { self.hyphen(last) };
        if self.is(possessive, &["old", "olds"]) {
            // An age is a length of life, not a time of the story.
            return None;
        }
        if let Some((direction, end)) = self.direction(last, window.is_some()) {
            return Some(Phrase::new(i, end, Core::Offset { amount, unit, direction }));
        }
        if amount.words == "a" && the == 0 && window.is_none() && self.rate_before(i) {
            return Some(Phrase::new(i, last, Core::Set { value: super::resolve::duration_value(&amount, unit) }));
        }
        if amount.words == "a"
            && (self.is(k3 - 1, &["fiscal", "calendar"])
                || self.is(last, &["-"]) && self.is(last + 1, &["ago", "earlier"]))
        {
            return None;
        }
        if self.is(last, &["or"]) && self.plural(last + 1) && self.unit(last + 1).is_some() && amount.vague.is_some() {
            last += 2;
        }
        // "the two-year term": the article belongs to the noun.
        let first = if hyphenated && the == 1 && window.is_none() { k0 } else { i };
        let first = if window.is_some()
            && self.is(first.wrapping_sub(1), &["of"])
            && first > 1
            && self.is(first - 2, &["each"])
        {
            first - 2
        } else {
            first
        };
        if self.is(last, &["-"]) && self.is(last + 1, &["long"]) {
            last += 2;
        }
        if unit == Unit::Night && hyphenated && self.is(last, &["stand"]) {
            return None;
        }
        Some(Phrase::new(first, last, Core::Duration { amount, unit, window }))
    }

    /// "$3 a day", "20% a year", "twice a week": a rate, not a length.
    fn rate_before(&self, i: usize) -> bool {
        i > 0
            && (self.scan.number(i - 1).is_some()
                || self.is(
                    i - 1,
                    &[
                        "%", "percent", "times", "once", "twice", "million", "billion", "trillion", "thousand",
                        "hundred", "cents", "dollars", "tons", "barrels", "km", "mph", "people", "tonnes", "euros",
                        "cent",
                    ],
                ))
    }

    /// Skips "about", "more than", "at least", "up to", "no more than", "less than".
    fn hedge(&self, i: usize) -> usize {
        if self.is(i, &["no"]) && self.is(i + 1, &["more", "less", "fewer"]) && self.is(i + 2, &["than"]) {
            return i + 3;
        }
        if self.is(i, &["more", "less", "fewer"]) && self.is(i + 1, &["than"])
            || self.is(i, &["at"]) && self.is(i + 1, &["least", "most"])
            || self.is(i, &["up"]) && self.is(i + 1, &["to"])
        {
            return i + 2;
        }
        i + usize::from(self.is(i, HEDGES))
    }

    /// "three", "a", "several", "a few", "a couple of", "half a", "2 1/2", or nothing before a bare plural.
    fn amount(&self, i: usize, determined: bool) -> Option<(Amount, usize)> {
        if let Some(found) = amount(self.scan, i) {
            return Some(found);
        }
        let bare_plural = self.unit(i).is_some_and(|unit| {
            unit != Unit::Second && unit != Unit::Weekend && unit != Unit::Night && unit != Unit::Quarter
        }) && self.plural(i);
        let framed = determined
            || self.is(
                i.wrapping_sub(1),
                &[
                    "for", "in", "within", "over", "after", "of", "took", "take", "takes", "lasted", "spent", "the",
                    "or",
                ],
            )
            || self.direction(i + 1, false).is_some();
        let possible = bare_plural && framed && !self.is(i + 1, &["of"]) | determined;
        possible.then(|| (Amount::vague(Vague::Some), i))
    }

    fn direction(&self, i: usize, window: bool) -> Option<(Direction, usize)> {
        if window {
            return None;
        }
        match self.scan.lower(i) {
            "ago" => Some((Direction::Ago, i + 1)),
            "earlier" | "previously" => Some((Direction::Earlier, i + 1)),
            "before" if !self.clause_after(i + 1) => Some((Direction::Earlier, i + 1)),
            "later" => Some((Direction::Later, i + 1)),
            "afterward" | "afterwards" => Some((Direction::Later, i + 1)),
            "after" if !self.clause_after(i + 1) && self.scan.is_word(i + 1) => Some((Direction::Later, i + 1)),
            "from" if self.is(i + 1, &["now"]) => Some((Direction::Hence, i + 2)),
            "hence" => Some((Direction::Hence, i + 1)),
            _ => None,
        }
    }

    /// Recurring times: "every Friday", "each year", "Fridays", "twice a week", "daily".
    fn repeated(&self, i: usize) -> Option<Phrase> {
        let set = |last, value: String| Some(Phrase::new(i, last, Core::Set { value }));
        if self.is(i, &["every", "each"]) {
            let mut k = i + 1;
            let mut count = 1;
            if self.is(k, &["other"]) {
                (count, k) = (2, k + 1);
            } else if let Some((amount, end)) = amount(self.scan, k) {
                (count, k) = (amount.value, end);
            }
            let entry = self.scan.entry(k);
            if let Some(value) = entry.and_then(|_| self.recurring(k)) {
                let mut last = k + 1;
                let mut value = value;
                if let Some(part) = self.part(last).filter(|_| value.starts_with("XXXX-WXX")) {
                    (value, last) = (format!("{value}T{part}"), last + 1);
                }
                return set(last, value);
            }
            if let Some(part) = self.part(k).filter(|part| *part != "NI" || count == 1) {
                return set(k + 1, format!("XXXX-XX-XXT{part}"));
            }
            let unit = self.unit(k)?;
            return set(k + 1, super::resolve::duration_value(&Amount::exact(count), unit));
        }
        let entry = self.scan.entry(i);
        if let Some(entry) = entry {
            if entry.weekday > 0 && entry.plural && self.scan.capital(i) && self.scan.lower(i).ends_with("days") {
                return set(i + 1, format!("XXXX-WXX-{}", entry.weekday));
            }
            if let Some(value) = entry.frequency.as_deref() {
                let adverb = !self.scan.is_word(i + 1)
                    || self.is(i + 1, &["in", "to", "for", "on", "by", "and", "at", "from", "since", "as", "with"]);
                let hyphen = self.is(i + 1, &["-"]) || self.scan.glued(i) && self.scan.before(i) == "-";
                return (adverb && !hyphen && !self.rate_before(i))
                    .then(|| Phrase::new(i, i + 1, Core::Set { value: value.to_owned() }));
            }
        }
        let (_, k) = match self.scan.lower(i) {
            "once" | "twice" => (1, i + 1),
            _ => amount(self.scan, i).filter(|(_, k)| self.is(*k, &["times"])).map(|(n, k)| (n.value, k + 1))?,
        };
        let per = self.is(k, &["a", "an", "per", "each", "every"]);
        let unit = self.unit(k + 1).filter(|_| per)?;
        set(k + 2, super::resolve::duration_value(&Amount::exact(1), unit))
    }

    /// "Friday", "July", "summer" after "every".
    fn recurring(&self, i: usize) -> Option<String> {
        let entry = self.scan.entry(i)?;
        if entry.weekday > 0 && self.scan.capital(i) {
            return Some(format!("XXXX-WXX-{}", entry.weekday));
        }
        if entry.month > 0 && self.scan.capital(i) {
            return Some(format!("XXXX-{:02}", entry.month));
        }
        entry.season.as_deref().map(|season| format!("XXXX-{season}"))
    }
}
