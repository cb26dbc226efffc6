//! Quarters, seasons, decades, weeks and other periods: "the third quarter", "last spring", "the early 1980s".

use super::*;

impl Grammar<'_, '_> {
    /// Quarters, halves and fiscal years.
    pub(super) fn fiscal(&self, i: usize) -> Option<Phrase> {
        let mut k = i + usize::from(self.is(i, &["the", "its", "this", "last", "next"]) && !self.is(i, &["its"]));
        let relative = match self.scan.lower(i) {
            "last" => -1,
            "next" => 1,
            _ => 0,
        };
        if self.is(i, &["fiscal"]) && self.scan.before(i) == "a" {
            return None;
        }
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
                // "the third-quarter loss": the article belongs to the noun.
                let adjective = self.is(end - 1, &["-"]) && year.is_none() && of_years.is_none();
                let fiscal = usize::from(k > 0 && self.is(k - 1, &["fiscal"]));
                let first = if adjective { k - fiscal } else { i };
                let core = Core::Quarter { quarter: Some(number), year, years, latest: of_years.is_some() };
                return Some(Phrase::new(first, last, core));
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

    pub(super) fn fiscal_year(&self, i: usize) -> Option<(i32, usize)> {
        let number = self.scan.number(i)?;
        match number.digits {
            2 => Some((2000 + number.value as i32 - if number.value > 50 { 100 } else { 0 }, i + 1)),
            4 => self.year(i),
            _ => None,
        }
    }

    /// "last spring", "the summer of 2014", "summer 2016", "this fall".
    pub(super) fn season(&self, i: usize) -> Option<Phrase> {
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
        let after_edge = self.is(i.wrapping_sub(1), &["early", "late", "mid"]);
        let by_article = the
            && !self.is(end, &["of", "in", "from"])
            && self.is(i.wrapping_sub(1), &["in", "by", "during", "until", "since", "over", "for", "before", "after"]);
        if !(named || prepositional || by_article || edge.is_some() || after_edge)
            || self.is_name(k, k + 1) && year.is_none()
        {
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
    pub(super) fn decade(&self, i: usize) -> Option<Phrase> {
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
    pub(super) fn period(&self, i: usize) -> Option<Phrase> {
        if let Some((relation, k)) = self.relation(i) {
            let unit = self.unit(k).filter(|_| !self.plural(k));
            if let Some(part) = self.scan.entry(k).and_then(|entry| entry.part.as_deref()).filter(|_| !self.plural(k)) {
                return Some(self.part_of(i, k, relation, part));
            }
            let unit = unit?;
            let quoted = self.scan.capital(k) && self.is(i.wrapping_sub(1), &["\"", "“", "'"]);
            if quoted
                || unit == Unit::Second
                || matches!(unit, Unit::Minute | Unit::Hour) && !matches!(relation, Relation::Last | Relation::Rolling)
            {
                return None;
            }
            if matches!(unit, Unit::Minute | Unit::Hour) {
                return None;
            }
            let mut last = k + 1;
            if relation == Relation::Same
                && unit != Unit::Day
                && self.is(i, &["that"])
                && !self.scan.capital(i)
                && self.is(last, &["the", "a"])
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
                Some(Phrase::new(i, k + 3, Core::YearEnd))
            }
            _ => None,
        }
    }
}
