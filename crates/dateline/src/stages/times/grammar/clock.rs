//! Times of day, with the date they belong to: "5 p.m. on Sunday", "Saturday night", "the early hours of Tuesday".

use super::*;

impl Grammar<'_, '_> {
    /// "this morning", "last night", "the same evening", "that night".
    pub(super) fn part_of(&self, i: usize, k: usize, relation: Relation, part: &'static str) -> Phrase {
        let core = match relation {
            Relation::Last if part == "NI" => Core::Day { days: -1 },
            Relation::Last | Relation::Rolling => Core::Day { days: -1 },
            Relation::This => Core::Day { days: 0 },
            Relation::Next | Relation::After => Core::Period { unit: Unit::Day, relation: Relation::After },
            Relation::Before => Core::Period { unit: Unit::Day, relation: Relation::Before },
            Relation::Same => Core::Period { unit: Unit::Day, relation: Relation::Same },
        };
        let mut phrase = Phrase::new(i, k + 1, core);
        phrase.part = Some(part);
        phrase
    }

    /// A part of the day after a date: "Saturday night", "March 3 in the morning", and a time of day: "Wednesday at 10 p.m.".
    pub(super) fn part_after(&self, phrase: &mut Phrase) {
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

    pub(super) fn part(&self, i: usize) -> Option<&'static str> {
        let entry = self.scan.entry(i)?;
        entry.part.as_deref().filter(|_| !entry.plural || entry.unit.is_none())
    }

    /// Times of day, with the date they belong to: "10 p.m. Wednesday", "noon on Saturday", "the night of 9 August".
    pub(super) fn clocked(&self, i: usize) -> Option<Phrase> {
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
    pub(super) fn bare_part(&self, i: usize, k: usize, part: &'static str) -> Option<Phrase> {
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
        phrase.overnight = self.is(k, &["overnight"]);
        (article || alone).then_some(phrase)
    }

    /// Takes the date that follows a time of day: ", Nov. 6", "on Monday", "of 9 August", "Wednesday".
    pub(super) fn date_after(&self, phrase: &mut Phrase) {
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
    pub(super) fn clock(&self, i: usize) -> Option<(Clock, usize)> {
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

    pub(super) fn zone(&self, i: usize) -> bool {
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
    pub(super) fn half_day(&self, i: usize) -> Option<(Clock, usize)> {
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
    pub(super) fn digital(&self, i: usize) -> Option<(Clock, usize)> {
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
    pub(super) fn military(&self, i: usize) -> Option<(Clock, usize)> {
        let number = self.scan.number(i).filter(|n| n.digits == 4 && !n.formatted)?;
        let (hour, minute) = (number.value / 100, number.value % 100);
        let hours = self.is(i + 1, &["hours", "hrs"]) && number.value < 2400;
        if hour > 24 || minute > 59 || !(self.zone(i + 1) || hours) {
            return None;
        }
        Some((Clock { hour: hour as u8, minute: Some(minute as u8), utc: false }, i + 1 + usize::from(hours)))
    }
}
