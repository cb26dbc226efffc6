//! From phrases to TIMEX3 values and intervals, by the day of publication and the time the text speaks of.

use super::calendar as cal;
use super::grammar::{Core, Direction, Edge, Phrase, Relation};
use super::lexicon::{Rule, Unit, lexicon};
use crate::TimeKind;
use crate::stages::numbers::Amount;
use jiff::civil::Date;

/// Which way undated words point: "Monday", "in May".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    /// What has happened.
    Past,
    /// What is to come.
    Future,
}

/// What a phrase comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub kind: TimeKind,
    pub timex: String,
    pub start: Option<Date>,
    pub end: Option<Date>,
}

impl Value {
    fn of(kind: TimeKind, timex: impl Into<String>, interval: Option<(Date, Date)>) -> Self {
        Self { kind, timex: timex.into(), start: interval.map(|i| i.0), end: interval.map(|i| i.1) }
    }

    fn date(timex: impl Into<String>, interval: Option<(Date, Date)>) -> Self {
        Self::of(TimeKind::Date, timex, interval)
    }

    fn day(day: Date) -> Self {
        Self::date(day_value(day), Some((day, day)))
    }

    fn reference(value: &str) -> Self {
        Self::date(value, None)
    }
}

/// The time the text speaks of, as far as it has been read.
pub(super) struct Resolver {
    published: Option<Date>,
    /// The last single day named.
    day: Option<Date>,
    /// The last interval named, and its grain.
    anchor: Option<(Date, Unit)>,
    /// The last quarter named: year, quarter.
    quarter: Option<(i32, u8)>,
}

impl Resolver {
    pub fn new(published: Option<Date>) -> Self {
        Self { published, day: None, anchor: None, quarter: None }
    }

    /// The value of `phrase`; `tense` says which way bare names of days and months point, `None` where nothing tells.
    ///
    /// `said` marks the day of a statement ("police said on Friday"), from which the story does not go on.
    pub fn value(&mut self, phrase: &Phrase, tense: Option<Tense>, said: bool) -> Value {
        let mut value = self.core(&phrase.core, tense, phrase.overnight);
        if let Some(edge) = phrase.edge {
            self.narrow(&mut value, edge);
        }
        if let Core::Period { relation: Relation::This, unit } = phrase.core
            && phrase.edge.is_none()
            && unit != Unit::Day
            && tense != Some(Tense::Future)
        {
            // "this week", said of what has happened, ends with the day of publication.
            if let (Some(published), Some(start)) = (self.published, value.start) {
                value.end = value.end.map(|end| end.min(published).max(start));
            }
        }
        if !said {
            self.remember(&phrase.core, &value);
        }
        if phrase.part.is_some() || phrase.clock.is_some() {
            value = self.time_of_day(phrase, value);
        }
        value
    }

    fn remember(&mut self, core: &Core, value: &Value) {
        if value.kind != TimeKind::Date
            || matches!(core, Core::Reference { .. } | Core::Offset { direction: Direction::Earlier, .. })
        {
            return;
        }
        let (Some(start), Some(end)) = (value.start, value.end) else { return };
        if self.published.is_some_and(|published| start > published) {
            // The story goes on from what has happened, not from what is announced.
            return;
        }
        let grain = match value.timex.as_str() {
            timex if timex.contains("-Q") => Unit::Quarter,
            timex if timex.contains("-W") => Unit::Week,
            timex if timex.len() == 10 => Unit::Day,
            timex if timex.len() == 7 => Unit::Month,
            timex if timex.len() == 4 => Unit::Year,
            _ => return,
        };
        if start == end && grain == Unit::Day {
            self.day = Some(start);
        }
        if matches!(core, Core::Offset { .. } | Core::Quarter { years: -1, .. }) {
            // "a year earlier" is said of the period under report, which stays the one that is spoken of.
        } else if grain == Unit::Quarter {
            self.quarter = Some((i32::from(start.year()), cal::quarter_of(start)));
        } else if matches!(core, Core::Date { .. }) && grain != Unit::Day {
            self.quarter = None;
        }
        self.anchor = Some((start, grain));
    }

    fn core(&self, core: &Core, tense: Option<Tense>, overnight: bool) -> Value {
        match core {
            Core::Date { year, month, day, until } => self.calendar_date(*year, *month, *day, *until, tense),
            Core::Numeric { first, second, year } => self.numeric(*first, *second, *year),
            Core::Month { month, relation } => self.month(*month, Some(*relation), tense),
            Core::MonthOfYear { month, day, years } => match self.published.map(|p| i32::from(p.year()) + years) {
                Some(year) => self.calendar_date(Some(year), Some(*month), *day, None, tense),
                None => {
                    Value::date(day.map_or(format!("XXXX-{month:02}"), |day| format!("XXXX-{month:02}-{day:02}")), None)
                }
            },
            Core::YearEnd => {
                let end = self.published.and_then(|published| cal::date(published.year().into(), 12, 31));
                end.map_or_else(|| Value::date("XXXX-12-31", None), Value::day)
            }
            Core::MonthOfThatYear { month, day } => match self.anchor.map(|(start, _)| i32::from(start.year())) {
                Some(year) => self.calendar_date(Some(year), Some(*month), *day, None, tense),
                None => self.calendar_date(None, Some(*month), *day, None, tense),
            },
            Core::Weekday { weekday, relation } => self.weekday(*weekday, *relation, tense),
            Core::WeekdayOfWeek { weekday, weeks } => {
                let day = self.published.and_then(|p| cal::plus_days(p, weeks * 7)).and_then(cal::week);
                let day = day.and_then(|(monday, _)| cal::plus_days(monday, i64::from(*weekday) - 1));
                day.map_or_else(|| Value::date(format!("XXXX-WXX-{weekday}"), None), Value::day)
            }
            Core::Season { season, year, relation, years } => self.season(season, *year, *relation, *years, tense),
            Core::Quarter { quarter, year, years, latest } => self.quarter(*quarter, *year, *years, *latest, tense),
            Core::Half { half, year, years } => {
                let year = year.or(self.published.map(|p| i32::from(p.year()) + years));
                match year {
                    Some(year) => Value::date(
                        format!("{year:04}-H{half}"),
                        cal::date(year, half * 6 - 5, 1).zip(cal::date(year, half * 6, 1).map(|d| d.last_of_month())),
                    ),
                    None => Value::date(format!("XXXX-H{half}"), None),
                }
            }
            Core::Period { unit, relation } => self.period(*unit, *relation, tense),
            Core::Decade { first, .. } => {
                Value::date(format!("{:03}", first / 10), cal::date(*first, 1, 1).zip(cal::date(first + 9, 12, 31)))
            }
            Core::Century { number } if *number < 0 => Value::date(format!("BC{:02}", -number), None),
            Core::Century { number } => {
                let first = (number - 1) * 100;
                Value::date(
                    format!("{:02}", number - 1),
                    cal::date(first.max(0) + 1, 1, 1).zip(cal::date(first + 100, 12, 31)),
                )
            }
            Core::Day { days } => match self.published.and_then(|p| cal::plus_days(p, *days)) {
                Some(day) => Value::day(day),
                None => Value::date("XXXX-XX-XX", None),
            },
            Core::Offset { amount, unit, direction } => self.offset(amount, *unit, *direction),
            Core::Duration { amount, unit, window } => self.duration(amount, *unit, *window),
            Core::Set { value } => Value::of(TimeKind::Set, value.clone(), None),
            Core::Reference { value } => {
                let now = self.published.filter(|_| *value == "PRESENT_REF");
                Value::date(*value, now.map(|day| (day, day)))
            }
            Core::Holiday { index, year, relation, years } => self.holiday(*index, *year, *relation, *years, tense),
            Core::Nothing => match self.day.filter(|_| !overnight).or(self.published) {
                Some(day) => Value::day(day),
                None => Value::date("XXXX-XX-XX", None),
            },
        }
    }

    fn calendar_date(
        &self,
        year: Option<i32>,
        month: Option<u8>,
        day: Option<u8>,
        until: Option<u8>,
        tense: Option<Tense>,
    ) -> Value {
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => {
                let first = cal::date(year, month, day);
                let last = until.and_then(|until| cal::date(year, month, until)).or(first);
                Value::date(format!("{year:04}-{month:02}-{day:02}"), first.zip(last))
            }
            (Some(year), Some(month), None) => Value::date(format!("{year:04}-{month:02}"), cal::month(year, month)),
            (Some(year), None, _) => Value::date(format!("{year:04}"), cal::year(year)),
            (None, Some(month), Some(day)) => {
                let Some(published) = self.published else {
                    return Value::date(format!("XXXX-{month:02}-{day:02}"), None);
                };
                // The nearest such day: the dates of news lie closer behind than ahead, unless the sentence looks ahead.
                let ahead_days = match tense {
                    Some(Tense::Future) => 330,
                    Some(Tense::Past) => 60,
                    None => 90,
                };
                let latest = cal::plus_days(published, ahead_days).unwrap_or(published);
                let year = i32::from(latest.year());
                let found = [year, year - 1, year - 2, year - 3, year - 4, year - 8].into_iter();
                let found = found.filter_map(|year| cal::date(year, month, day)).find(|date| *date <= latest);
                match found {
                    Some(first) => {
                        self.calendar_date(Some(i32::from(first.year())), Some(month), Some(day), until, tense)
                    }
                    None => Value::date(format!("XXXX-{month:02}-{day:02}"), None),
                }
            }
            (None, Some(month), None) => self.month(month, None, tense),
            (None, None, _) => Value::date("XXXX", None),
        }
    }

    /// Month first, as in the United States, unless that is no date or lies after publication and the other order does not.
    fn numeric(&self, first: u8, second: u8, year: i32) -> Value {
        let month_first = cal::date(year, first, second);
        let day_first = cal::date(year, second, first);
        let in_time = |day: &Option<Date>| day.is_some_and(|day| self.published.is_none_or(|p| day <= p));
        let day = match (month_first, day_first) {
            (month_first, day_first) if !in_time(&month_first) && in_time(&day_first) => day_first,
            (Some(day), _) | (None, Some(day)) => Some(day),
            (None, None) => None,
        };
        day.map_or_else(|| Value::date(format!("{year:04}-XX-XX"), None), Value::day)
    }

    fn month(&self, month: u8, relation: Option<Relation>, tense: Option<Tense>) -> Value {
        let Some(published) = self.published else { return Value::date(format!("XXXX-{month:02}"), None) };
        let (year, now) = (i32::from(published.year()), published.month() as u8);
        let year = match relation {
            // The month just past is "last month"; named, it is that of the year before.
            Some(Relation::Last | Relation::Rolling) => year - i32::from(month >= now || month + 1 == now),
            Some(Relation::Next) => year + i32::from(month <= now),
            Some(_) => year,
            None if tense == Some(Tense::Future) => year + i32::from(month < now),
            None => year - i32::from(month > now),
        };
        Value::date(format!("{year:04}-{month:02}"), cal::month(year, month))
    }

    fn weekday(&self, weekday: u8, relation: Option<Relation>, tense: Option<Tense>) -> Value {
        let unknown = || Value::date(format!("XXXX-WXX-{weekday}"), None);
        let Some(published) = self.published else { return unknown() };
        let day = match relation {
            Some(Relation::Last | Relation::Rolling) => {
                cal::plus_days(published, -1).and_then(|day| cal::weekday_until(day, weekday))
            }
            Some(Relation::Next) => cal::plus_days(published, 1).and_then(|day| cal::weekday_from(day, weekday)),
            Some(Relation::This) => cal::weekday_from(published, weekday),
            Some(Relation::Before) => {
                self.day.and_then(|day| cal::plus_days(day, -1)).and_then(|day| cal::weekday_until(day, weekday))
            }
            Some(Relation::After) => {
                self.day.and_then(|day| cal::plus_days(day, 1)).and_then(|day| cal::weekday_from(day, weekday))
            }
            Some(Relation::Same) => self.day.filter(|day| day.weekday().to_monday_one_offset() as u8 == weekday),
            None if tense == Some(Tense::Future) => cal::weekday_from(published, weekday),
            None => cal::weekday_until(published, weekday),
        };
        day.map_or_else(unknown, Value::day)
    }

    fn season(
        &self,
        season: &str,
        year: Option<i32>,
        relation: Option<Relation>,
        years: Option<i32>,
        tense: Option<Tense>,
    ) -> Value {
        let first_month = match season {
            "SP" => 3,
            "SU" => 6,
            "FA" => 9,
            _ => 12,
        };
        let span = |year: i32| {
            let first = cal::date(if first_month == 12 { year - 1 } else { year }, first_month, 1)?;
            Some((first, cal::plus_months(first, 2)?.last_of_month()))
        };
        let given = year.or_else(|| Some(i32::from(self.published?.year()) + years?));
        let year = given.or_else(|| {
            let published = self.published?;
            let this = i32::from(published.year());
            Some(match relation {
                Some(Relation::Last | Relation::Rolling) => {
                    (this - 1..=this).rev().find(|y| span(*y).is_some_and(|(_, end)| end < published))?
                }
                Some(Relation::Next) => {
                    (this..=this + 1).find(|y| span(*y).is_some_and(|(start, _)| start > published))?
                }
                Some(_) => this,
                None if tense == Some(Tense::Future) => {
                    (this..=this + 1).find(|y| span(*y).is_some_and(|(_, end)| end >= published))?
                }
                None => (this - 1..=this).rev().find(|y| span(*y).is_some_and(|(start, _)| start <= published))?,
            })
        });
        match year {
            Some(year) => Value::date(format!("{year:04}-{season}"), span(year)),
            None => Value::date(format!("XXXX-{season}"), None),
        }
    }

    fn quarter(&self, quarter: Option<u8>, year: Option<i32>, years: i32, latest: bool, tense: Option<Tense>) -> Value {
        let unknown =
            |quarter: Option<u8>| Value::date(quarter.map_or("XXXX-QX".to_owned(), |q| format!("XXXX-Q{q}")), None);
        let value = |year: i32, quarter: u8| Value::date(format!("{year:04}-Q{quarter}"), cal::quarter(year, quarter));
        if let (Some(year), Some(quarter)) = (year, quarter) {
            return value(year, quarter);
        }
        let Some(published) = self.published else { return unknown(quarter) };
        let this = i32::from(published.year());
        let now = cal::quarter_of(published);
        match quarter {
            Some(quarter) => {
                // The last such quarter that has ended, or is under way; an announced one lies ahead.
                let ahead = latest || tense == Some(Tense::Future);
                let year = this + years - i32::from(quarter > now && !ahead);
                value(year, quarter)
            }
            None => {
                let (year, quarter) = self.quarter.filter(|_| !latest || years != 0).unwrap_or(if now == 1 {
                    (this - 1, 4)
                } else {
                    (this, now - 1)
                });
                value(year + years, quarter)
            }
        }
    }

    fn period(&self, unit: Unit, relation: Relation, tense: Option<Tense>) -> Value {
        let steps = match relation {
            Relation::Last | Relation::Rolling | Relation::Before => -1,
            Relation::This | Relation::Same => 0,
            Relation::Next | Relation::After => 1,
        };
        let anchored = matches!(relation, Relation::Before | Relation::Same | Relation::After);
        let from = if anchored {
            let spoken_of = if unit == Unit::Day { self.day } else { self.anchor.map(|(start, _)| start) };
            // "the following day" of a day that the text has not named is unknown.
            spoken_of.or(self.published.filter(|_| relation != Relation::After))
        } else {
            self.published
        };
        let unknown = Value::date(placeholder(unit), None);
        let Some(from) = from else { return unknown };
        if unit == Unit::Weekend {
            let saturday = match relation {
                Relation::Next | Relation::After => cal::weekday_from(from, 6),
                _ if tense == Some(Tense::Future) => cal::weekday_from(from, 6),
                Relation::This if from.weekday().to_monday_one_offset() < 6 && tense.is_none() => {
                    cal::weekday_until(from, 6)
                }
                _ => cal::weekday_until(from, 6),
            };
            let weekend = saturday.and_then(|saturday| Some((saturday, cal::plus_days(saturday, 1)?)));
            return weekend
                .map_or(unknown, |weekend| Value::date(format!("{}-WE", cal::week_value(weekend.0)), Some(weekend)));
        }
        let mut value = self.whole(from, unit, steps).unwrap_or(unknown);
        if relation == Relation::Rolling {
            // "the past year" is the year up to now, though its value is that of the year before.
            let back = match unit {
                Unit::Week => cal::plus_days(from, -7),
                Unit::Month => cal::plus_months(from, -1),
                Unit::Quarter => cal::plus_months(from, -3),
                Unit::Year => cal::plus_months(from, -12),
                Unit::Decade => cal::plus_months(from, -120),
                _ => None,
            };
            if let Some(back) = back {
                (value.start, value.end) = (Some(back), Some(from));
            }
        }
        value
    }

    /// The whole calendar unit that lies `steps` from the one that holds `from`.
    fn whole(&self, from: Date, unit: Unit, steps: i64) -> Option<Value> {
        let steps_in = |scale: i64| steps.checked_mul(scale);
        Some(match unit {
            Unit::Day | Unit::Night => Value::day(cal::plus_days(from, steps)?),
            Unit::Week | Unit::Fortnight => {
                let day = cal::plus_days(from, steps_in(if unit == Unit::Week { 7 } else { 14 })?)?;
                Value::date(cal::week_value(day), cal::week(day))
            }
            Unit::Weekend => Value::date(format!("{}-WE", cal::week_value(cal::plus_days(from, steps_in(7)?)?)), None),
            Unit::Month => {
                let day = cal::plus_months(from, steps)?;
                Value::date(
                    format!("{:04}-{:02}", day.year(), day.month()),
                    cal::month(day.year().into(), day.month() as u8),
                )
            }
            Unit::Quarter => {
                let day = cal::plus_months(from.first_of_month(), steps_in(3)?)?;
                let (year, quarter) = (i32::from(day.year()), cal::quarter_of(day));
                Value::date(format!("{year:04}-Q{quarter}"), cal::quarter(year, quarter))
            }
            Unit::Semester => {
                let day = cal::plus_months(from.first_of_month(), steps_in(6)?)?;
                let half = (day.month() as u8 - 1) / 6 + 1;
                Value::date(format!("{:04}-H{half}", day.year()), None)
            }
            Unit::Year => {
                let year = i32::try_from(i64::from(from.year()).checked_add(steps)?).ok()?;
                let interval = cal::year(year)?;
                Value::date(format!("{year:04}"), Some(interval))
            }
            Unit::Decade => {
                let first = i32::try_from((i64::from(from.year()) / 10).checked_add(steps)?.checked_mul(10)?)
                    .ok()
                    .filter(|y| *y > 0)?;
                Value::date(format!("{:03}", first / 10), cal::date(first, 1, 1).zip(cal::date(first + 9, 12, 31)))
            }
            Unit::Century => {
                let century = i32::try_from((i64::from(from.year()) / 100).checked_add(steps)?)
                    .ok()
                    .filter(|c| (0..100).contains(c))?;
                Value::date(
                    format!("{century:02}"),
                    cal::date(century * 100 + 1, 1, 1).zip(cal::date(century * 100 + 100, 12, 31)),
                )
            }
            Unit::Millennium | Unit::Second | Unit::Minute | Unit::Hour => return None,
        })
    }

    fn offset(&self, amount: &Amount, unit: Unit, direction: Direction) -> Value {
        let forwards = matches!(direction, Direction::Hence | Direction::Later);
        let reference = || Value::reference(if forwards { "FUTURE_REF" } else { "PAST_REF" });
        let anchored = matches!(direction, Direction::Earlier | Direction::Later);
        if amount.vague {
            return if anchored {
                Value::of(TimeKind::Duration, duration_value(amount, unit), None)
            } else {
                reference()
            };
        }
        if matches!(unit, Unit::Second | Unit::Minute | Unit::Hour) {
            let day = if anchored { self.day.or(self.published) } else { self.published };
            let mut value = Value::of(TimeKind::Duration, duration_value(amount, unit), None);
            if amount.value.saturating_mul(if unit == Unit::Hour { 3600 } else { 60 }) <= 6 * 3600 {
                (value.start, value.end) = (day, day);
            }
            return value;
        }
        let quarterly = self.quarter.filter(|_| unit == Unit::Year && amount.value == 1 && !forwards);
        if let Some((year, quarter)) = quarterly {
            return Value::date(format!("{:04}-Q{quarter}", year - 1), cal::quarter(year - 1, quarter));
        }
        let from = match direction {
            Direction::Ago | Direction::Hence => self.published,
            Direction::Earlier | Direction::Later if unit == Unit::Day => self.day.or(self.published),
            Direction::Earlier | Direction::Later => self.anchor.map(|(start, _)| start).or(self.published),
        };
        let Some(from) = from else { return Value::date(placeholder(unit), None) };
        let Ok(count) = i64::try_from(amount.value) else { return reference() };
        let sign = if forwards { 1 } else { -1 };
        if amount.halves > 0 {
            let months = match unit {
                Unit::Year => count.saturating_mul(12).saturating_add(6),
                Unit::Decade => count.saturating_mul(120).saturating_add(60),
                _ => count,
            };
            if matches!(unit, Unit::Year | Unit::Decade) {
                return self.whole(from, Unit::Month, sign * months).unwrap_or_else(reference);
            }
        }
        let (unit, count) = match unit {
            // "two weeks ago" names a day as closely as news does.
            Unit::Week => (Unit::Day, count.saturating_mul(7)),
            Unit::Fortnight => (Unit::Day, count.saturating_mul(14)),
            Unit::Decade => (Unit::Year, count.saturating_mul(10)),
            Unit::Century => (Unit::Year, count.saturating_mul(100)),
            Unit::Millennium => (Unit::Year, count.saturating_mul(1000)),
            unit => (unit, count),
        };
        self.whole(from, unit, sign * count).unwrap_or_else(reference)
    }

    fn duration(&self, amount: &Amount, unit: Unit, window: Option<Relation>) -> Value {
        let mut value = Value::of(TimeKind::Duration, duration_value(amount, unit), None);
        let (Some(published), Some(window)) = (self.published, window) else { return value };
        let Ok(count) = i64::try_from(amount.value) else { return value };
        if amount.vague || amount.halves > 0 || count == 0 {
            return value;
        }
        let sign = if window == Relation::Next { 1 } else { -1 };
        let other = match unit {
            Unit::Hour => cal::plus_days(published, sign * (count.saturating_add(23) / 24)),
            Unit::Day | Unit::Night => cal::plus_days(published, sign * (count - i64::from(sign < 0))),
            Unit::Week => cal::plus_days(published, (sign * 7).saturating_mul(count)),
            Unit::Fortnight => cal::plus_days(published, (sign * 14).saturating_mul(count)),
            Unit::Month => cal::plus_months(published, sign * count),
            Unit::Quarter => cal::plus_months(published, (sign * 3).saturating_mul(count)),
            Unit::Year => cal::plus_months(published, (sign * 12).saturating_mul(count)),
            Unit::Decade => cal::plus_months(published, (sign * 120).saturating_mul(count)),
            _ => None,
        };
        if let Some(other) = other {
            (value.start, value.end) = (Some(other.min(published)), Some(other.max(published)));
        }
        value
    }

    fn holiday(
        &self,
        index: usize,
        year: Option<i32>,
        relation: Option<Relation>,
        years: Option<i32>,
        tense: Option<Tense>,
    ) -> Value {
        let Some((rule, days)) = lexicon().holidays.get(index) else { return Value::date("XXXX", None) };
        let spans = |year: i32| occurrences(rule, *days, year);
        let given = year.or_else(|| Some(i32::from(self.published?.year()) + years?));
        let found = match (given, self.published) {
            (Some(year), _) => spans(year).into_iter().next(),
            (None, Some(published)) => {
                let this = i32::from(published.year());
                let mut all: Vec<_> = (this - 1..=this + 1).flat_map(spans).collect();
                all.sort_unstable();
                all.dedup();
                let last = all.iter().rev().find(|(start, _)| *start <= published).copied();
                let next = all.iter().find(|(_, end)| *end >= published).copied();
                match relation {
                    Some(Relation::Last | Relation::Rolling) => {
                        all.iter().rev().find(|(_, end)| *end < published).copied()
                    }
                    Some(Relation::Next) => next,
                    Some(Relation::This) => {
                        all.iter().rev().find(|(start, _)| i32::from(start.year()) == this).copied()
                    }
                    _ if tense == Some(Tense::Future) => next,
                    _ => last,
                }
            }
            (None, None) => None,
        };
        match (found, rule) {
            (Some(span), Rule::HijriMonth(_)) => {
                Value::date(format!("{:04}-{:02}", span.0.year(), span.0.month()), Some(span))
            }
            (Some(span), _) => Value::date(day_value(span.0), Some(span)),
            (None, Rule::Fixed(month, day)) => Value::date(format!("XXXX-{month:02}-{day:02}"), None),
            (None, _) => Value::date("XXXX-XX-XX", None),
        }
    }

    /// Keeps the part of the interval that "early", "late", "earlier" … leave of it; the value stays that of the whole.
    fn narrow(&self, value: &mut Value, edge: Edge) {
        let (Some(start), Some(end)) = (value.start, value.end) else { return };
        if start == end {
            return;
        }
        let days = i64::from(start.until(end).map_or(0, |span| span.get_days()));
        let at = |tenths: i64| cal::plus_days(start, (days + 1) * tenths / 10).unwrap_or(end).min(end);
        let month = (27..=30).contains(&days);
        let months = |first: i64, last: i64| {
            (cal::plus_months(start, first), cal::plus_months(start, last).and_then(|day| cal::plus_days(day, -1)))
        };
        let week = days == 6;
        let year = (364..=365).contains(&days);
        (value.start, value.end) = match edge {
            Edge::Earlier => (Some(start), Some(self.published.map_or(end, |p| end.min(p).max(start)))),
            Edge::Later => (Some(self.published.map_or(start, |p| start.max(p).min(end))), Some(end)),
            Edge::Start if month => (Some(start), cal::plus_days(start, 9)),
            Edge::Middle if month => (cal::plus_days(start, 10), cal::plus_days(start, 19)),
            Edge::End if month => (cal::plus_days(start, 20), Some(end)),
            Edge::Start if week => (Some(start), cal::plus_days(start, 2)),
            Edge::Middle if week => (cal::plus_days(start, 1), cal::plus_days(start, 3)),
            Edge::End if week => (cal::plus_days(start, 3), Some(end)),
            Edge::Start if year => months(0, 3),
            Edge::Middle if year => months(4, 8),
            Edge::End if year => months(9, 12),
            Edge::Start if days > 3600 => months(0, (days + 1) / 365 * 6),
            Edge::End if days > 3600 => (cal::plus_months(start, (days + 1) / 365 * 6), Some(end)),
            Edge::Start => (Some(start), cal::plus_days(at(4), -1).map(|d| d.max(start))),
            Edge::Middle => (Some(at(3)), Some(at(7))),
            Edge::End => (Some(at(7)), Some(end)),
        };
    }

    fn time_of_day(&self, phrase: &Phrase, value: Value) -> Value {
        let day = match (value.start, value.timex.as_str()) {
            (Some(start), _) if value.start == value.end => day_value(start),
            (_, timex) => timex.to_owned(),
        };
        let timex = match (phrase.clock, phrase.part) {
            (Some(clock), _) => {
                let minute =
                    if clock.hour == 24 { String::new() } else { format!(":{:02}", clock.minute.unwrap_or(0)) };
                let zone = if clock.utc { "Z" } else { "" };
                format!("{day}T{:02}{minute}{zone}", clock.hour)
            }
            (None, Some(part)) => format!("{day}T{part}"),
            (None, None) => day,
        };
        // "overnight" in news is the night before.
        let eve = phrase.core == Core::Nothing && phrase.overnight;
        let start = if eve { value.start.and_then(|day| cal::plus_days(day, -1)) } else { value.start };
        Value { kind: TimeKind::Time, timex, start, end: value.end }
    }
}

/// "2017-03-03".
fn day_value(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

fn placeholder(unit: Unit) -> &'static str {
    match unit {
        Unit::Month => "XXXX-XX",
        Unit::Week | Unit::Fortnight => "XXXX-WXX",
        Unit::Weekend => "XXXX-WXX-WE",
        Unit::Quarter => "XXXX-QX",
        Unit::Semester => "XXXX-HX",
        Unit::Year => "XXXX",
        Unit::Decade => "XXX",
        Unit::Century => "XX",
        Unit::Millennium => "X",
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Night | Unit::Day => "XXXX-XX-XX",
    }
}

/// The TIMEX3 value of a length of time: "P3D", "PT5M", "PXY", "P2Y6M".
pub(super) fn duration_value(amount: &Amount, unit: Unit) -> String {
    let (scale, designator) = match unit {
        Unit::Second => (1, "TS"),
        Unit::Minute => (1, "TM"),
        Unit::Hour => (1, "TH"),
        Unit::Night => (1, "NI"),
        Unit::Day => (1, "D"),
        Unit::Weekend => (1, "WE"),
        Unit::Week => (1, "W"),
        Unit::Fortnight => (2, "W"),
        Unit::Month => (1, "M"),
        Unit::Quarter => (1, "Q"),
        Unit::Semester => (6, "M"),
        Unit::Year => (1, "Y"),
        Unit::Decade => (1, "DE"),
        Unit::Century => (1, "CE"),
        Unit::Millennium => (1, "ML"),
    };
    let (clock, letter) = match designator.strip_prefix('T') {
        Some(letter) => ("T", letter),
        None => ("", designator),
    };
    if amount.vague {
        return format!("P{clock}X{letter}");
    }
    let value = amount.value.saturating_mul(scale);
    match (amount.halves, unit, amount.value) {
        (0, _, _) => format!("P{clock}{value}{letter}"),
        (_, Unit::Year, 0) => "P6M".to_owned(),
        (_, Unit::Year, _) => format!("P{value}Y6M"),
        (_, Unit::Hour, 0) => "PT30M".to_owned(),
        (_, Unit::Hour, _) => format!("PT{value}H30M"),
        (_, Unit::Minute, 0) => "PT30S".to_owned(),
        (_, Unit::Day, 0) => "PT12H".to_owned(),
        (_, Unit::Decade, 0) => "P5Y".to_owned(),
        (_, Unit::Century, 0) => "P50Y".to_owned(),
        _ => format!("P{clock}{value}.5{letter}"),
    }
}

/// The days a named day takes in `year`; a feast of the Islamic calendar may fall twice in one year.
fn occurrences(rule: &Rule, days: i64, year: i32) -> Vec<(Date, Date)> {
    let run = |first: Option<Date>| first.and_then(|first| Some((first, cal::plus_days(first, days - 1)?)));
    let of_hijri = |month: u8, day: u8| {
        let about = ((year - 622) * 33) / 32;
        let starts = (about - 1..=about + 2).filter_map(move |hijri| cal::hijri(hijri, month, day));
        starts.filter(move |start| i32::from(start.year()) == year)
    };
    match rule {
        Rule::Fixed(month, day) => run(cal::date(year, *month, *day)).into_iter().collect(),
        Rule::NthWeekday(month, nth, weekday) => {
            run(cal::nth_weekday(year, *month, *nth, *weekday)).into_iter().collect()
        }
        Rule::Election(month) => {
            let day = cal::nth_weekday(year, *month, 1, 1).and_then(|monday| cal::plus_days(monday, 1));
            run(day).into_iter().collect()
        }
        Rule::Easter(offset) => {
            run(cal::easter(year).and_then(|day| cal::plus_days(day, *offset))).into_iter().collect()
        }
        Rule::OrthodoxEaster(offset) => {
            run(cal::orthodox_easter(year).and_then(|day| cal::plus_days(day, *offset))).into_iter().collect()
        }
        Rule::Hijri(month, day) => of_hijri(*month, *day).filter_map(|day| run(Some(day))).collect(),
        Rule::HijriMonth(month) => {
            let length = if month % 2 == 1 { 29 } else { 28 };
            of_hijri(*month, 1).filter_map(|first| Some((first, cal::plus_days(first, length)?))).collect()
        }
        Rule::Table(name) => {
            let table = lexicon().tables.get(name).map_or(&[][..], Vec::as_slice);
            table.iter().filter(|day| i32::from(day.year()) == year).filter_map(|day| run(Some(*day))).collect()
        }
    }
}
