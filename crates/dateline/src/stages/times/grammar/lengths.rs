//! Lengths, offsets and recurring times: "three days", "two years ago", "every Friday".

use super::*;

impl Grammar<'_, '_> {
    /// Whether a clause or noun follows that "before" or "after" governs.
    pub(super) fn clause_after(&self, i: usize) -> bool {
        self.scan.is_word(i)
            && !self.is(
                i,
                &[
                    "in", "at", "on", "by", "and", "but", "when", "as", "for", "with", "to", "from", "near", "that",
                    "police", "said", "was", "were",
                ],
            )
    }

    /// Lengths and offsets: "three days", "two years ago", "the past two weeks", "a day earlier", "weeks".
    pub(super) fn counted(&self, i: usize) -> Option<Phrase> {
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
        // "a second man", "a quarter of the votes", "three quarters of".
        let fraction = unit == Unit::Quarter && self.is(last, &["of"]);
        if fraction || matches!(unit, Unit::Second | Unit::Quarter) && amount.article {
            return None;
        }
        let mut amount = amount;
        if self.is(last, &["and"]) && self.is(last + 1, &["a"]) && self.is(last + 2, &["half"]) {
            (amount.halves, last) = (amount.halves + 1, last + 3);
        }
        let or_so = self.is(last, &["or"]) && self.is(last + 1, &["so", "more", "less"]);
        let or_two = self.is(last, &["or", "to"]) && amount.article && self.is(last + 1, &["two", "three"]);
        if or_so || or_two {
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
        if amount.article && the == 0 && window.is_none() && self.rate_before(i) {
            return Some(Phrase::new(
                i,
                last,
                Core::Set { value: crate::stages::times::resolve::duration_value(&amount, unit) },
            ));
        }
        if amount.article
            && (self.is(k3 - 1, &["fiscal", "calendar"])
                || self.is(last, &["-"]) && self.is(last + 1, &["ago", "earlier"]))
        {
            return None;
        }
        if self.is(last, &["or"]) && self.plural(last + 1) && self.unit(last + 1).is_some() && amount.vague {
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
    pub(super) fn rate_before(&self, i: usize) -> bool {
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
    pub(super) fn hedge(&self, i: usize) -> usize {
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
    pub(super) fn amount(&self, i: usize, determined: bool) -> Option<(Amount, usize)> {
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
        possible.then(|| (Amount::vague(), i))
    }

    pub(super) fn direction(&self, i: usize, window: bool) -> Option<(Direction, usize)> {
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
    pub(super) fn repeated(&self, i: usize) -> Option<Phrase> {
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
            return set(k + 1, crate::stages::times::resolve::duration_value(&Amount::exact(count), unit));
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
        set(k + 2, crate::stages::times::resolve::duration_value(&Amount::exact(1), unit))
    }

    /// "Friday", "July", "summer" after "every".
    pub(super) fn recurring(&self, i: usize) -> Option<String> {
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
