//! Days, months and years: "3 March 2017", "last June", "Friday last week".

use super::*;

impl Grammar<'_, '_> {
    /// "2017-03-03", with the time of day where one follows.
    pub(super) fn iso(&self, i: usize) -> Option<Phrase> {
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
    pub(super) fn numeric(&self, i: usize) -> Option<Phrase> {
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
    pub(super) fn calendar(&self, i: usize) -> Option<Phrase> {
        self.day_first(i).or_else(|| self.month_first(i)).or_else(|| self.relative_month(i))
    }

    /// "3 March 2017", "the 3rd of March", "11 and 12 April", "17-18 March".
    pub(super) fn day_first(&self, i: usize) -> Option<Phrase> {
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
        if let Some(end) = self.that_year(end) {
            return Some(Phrase::new(i, end, Core::MonthOfThatYear { month, day: Some(day) }));
        }
        let (year, years, end) = self.year_after(end);
        let core = match years {
            Some(years) => Core::MonthOfYear { month, day: Some(day), years },
            None => Core::Date { year, month: Some(month), day: Some(day), until },
        };
        Some(Phrase::new(i, end, core))
    }

    /// "March 3, 2017", "March 3", "March 17-18", "March 2017", "March last year", "March".
    pub(super) fn month_first(&self, i: usize) -> Option<Phrase> {
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
            if let Some(end) = self.that_year(end) {
                return Some(Phrase::new(i, end, Core::MonthOfThatYear { month, day: Some(day) }));
            }
            let (year, years, end) = self.year_after(end);
            // "the Sept. 11 attacks" names that of 2001.
            let named =
                (month, day) == (9, 11) && self.is(end, &["attack", "attacks", "terrorist", "terror", "hijackers"]);
            let year = year.or(named.then_some(2001));
            let core = match years {
                Some(years) => Core::MonthOfYear { month, day: Some(day), years },
                None => Core::Date { year, month: Some(month), day: Some(day), until },
            };
            return Some(Phrase::new(i, end, core));
        }
        let (year, years, end) = self.year_after(k);
        if let Some(end) = self.that_year(k) {
            return Some(Phrase::new(i, end, Core::MonthOfThatYear { month, day: None }));
        }
        if let Some(years) = years {
            return Some(Phrase::new(i, end, Core::MonthOfYear { month, day: None, years }));
        }
        if year.is_none() && !self.bare_month_allowed(i, k) {
            return None;
        }
        Some(Phrase::new(i, end, Core::Date { year, month: Some(month), day: None, until: None }))
    }

    /// Whether the month's name alone can be a time here: "in May", but not "May said" or "Theresa May".
    pub(super) fn bare_month_allowed(&self, i: usize, end: usize) -> bool {
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

    /// "last June", "this September".
    pub(super) fn relative_month(&self, i: usize) -> Option<Phrase> {
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
    pub(super) fn weekday(&self, i: usize) -> Option<Phrase> {
        let relation = self.relation(i).filter(|_| !self.is(i, &["that"]));
        let k = relation.map_or(i, |(_, k)| k);
        let entry = self.scan.entry(k)?;
        if entry.weekday == 0 {
            return self.short_weekday(i, k);
        }

        if entry.plural
            && self.scan.lower(k).ends_with("days")
            && self.scan.lower(k) != "days"
            && self.scan.lower(k).ends_with('s')
        {
            // "Fridays" is a set.
            return None;
        }
        if self.is_name(k, k + 1) {
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
    pub(super) fn weekday_date(&self, phrase: &mut Phrase) {
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
    pub(super) fn short_weekday(&self, i: usize, k: usize) -> Option<Phrase> {
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
    pub(super) fn week_after(&self, i: usize) -> Option<(i64, usize)> {
        let k = i + usize::from(self.is(i, &["of"]));
        let weeks = match self.scan.lower(k) {
            "last" => -1,
            "this" => 0,
            "next" => 1,
            _ => return None,
        };
        self.is(k + 1, &["week"]).then_some((weeks, k + 2))
    }

    /// "today", "yesterday", "tomorrow", "tonight", "the day before yesterday".
    pub(super) fn day_word(&self, i: usize) -> Option<Phrase> {
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
    pub(super) fn bare_year(&self, i: usize) -> Option<Phrase> {
        let (year, mut end) = self.year(i)?;
        let before = self.scan.before(i);
        let after = self.scan.lower(end);
        let prepositional = TIME_PREPOSITIONS.contains(&before);
        let opens_sentence = i < 2 || self.scan.is_break(i - 2) || self.is(i - 2, &[".", "\"", "”", "“", "?", "!"]);
        if !prepositional && i > 0 && self.scan.is_word(i - 1) && self.scan.capital(i - 1) && !opens_sentence {
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
            || counted && !matches!(before, "in" | "since" | "of" | "the" | "its" | "his" | "her" | "their" | "s")
            || counted && before == "of"
        {
            return None;
        }
        if self.is(end, &["ad", "ce"]) {
            end += 1;
        }
        Some(Phrase::new(i, end, Core::Date { year: Some(year), month: None, day: None, until: None }))
    }
}
