//! Calendar arithmetic that never leaves the years 1 to 9999.

use jiff::{Span, ToSpan, civil::Date, civil::Weekday};

/// The date, where there is such a day.
pub(super) fn date(year: i32, month: u8, day: u8) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|y| (1..=9999).contains(y))?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `from` moved by `days`.
pub(super) fn plus_days(from: Date, days: i64) -> Option<Date> {
    in_range(from.checked_add(Span::new().try_days(days).ok()?).ok()?)
}

/// `from` moved by `months`, kept inside the shorter month.
pub(super) fn plus_months(from: Date, months: i64) -> Option<Date> {
    in_range(from.checked_add(Span::new().try_months(months).ok()?).ok()?)
}

fn in_range(date: Date) -> Option<Date> {
    (date.year() >= 1).then_some(date)
}

/// First and last day of the month.
pub(super) fn month(year: i32, month: u8) -> Option<(Date, Date)> {
    let first = date(year, month, 1)?;
    Some((first, first.last_of_month()))
}

/// First and last day of the year.
pub(super) fn year(year: i32) -> Option<(Date, Date)> {
    Some((date(year, 1, 1)?, date(year, 12, 31)?))
}

/// Monday and Sunday of the ISO week that holds `day`.
pub(super) fn week(day: Date) -> Option<(Date, Date)> {
    let monday = plus_days(day, -i64::from(day.weekday().to_monday_zero_offset()))?;
    Some((monday, plus_days(monday, 6)?))
}

/// First and last day of the quarter 1 to 4.
pub(super) fn quarter(year: i32, quarter: u8) -> Option<(Date, Date)> {
    let first = date(year, quarter.checked_mul(3)?.checked_sub(2)?, 1)?;
    Some((first, date(year, quarter * 3, 1)?.last_of_month()))
}

/// The quarter that holds `day`.
pub(super) fn quarter_of(day: Date) -> u8 {
    (day.month() as u8 - 1) / 3 + 1
}

/// The nearest day with this weekday (1 Monday to 7 Sunday) up to and including `day`.
pub(super) fn weekday_until(day: Date, weekday: u8) -> Option<Date> {
    let back = (day.weekday().to_monday_one_offset() as i64 - i64::from(weekday)).rem_euclid(7);
    plus_days(day, -back)
}

/// The nearest day with this weekday from `day` on, `day` included.
pub(super) fn weekday_from(day: Date, weekday: u8) -> Option<Date> {
    let ahead = (i64::from(weekday) - day.weekday().to_monday_one_offset() as i64).rem_euclid(7);
    plus_days(day, ahead)
}

/// "2016-W23".
pub(super) fn week_value(day: Date) -> String {
    let week = day.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// The n-th such weekday of the month; −1 is the last.
pub(super) fn nth_weekday(year: i32, month: u8, nth: i8, weekday: u8) -> Option<Date> {
    let weekday = Weekday::from_monday_one_offset(weekday as i8).ok()?;
    date(year, month, 1)?.nth_weekday_of_month(nth, weekday).ok()
}

/// Western Easter Sunday (Meeus/Jones/Butcher).
pub(super) fn easter(year: i32) -> Option<Date> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
    date(year, (n / 31) as u8, (n % 31 + 1) as u8)
}

/// Orthodox Easter Sunday in the Gregorian calendar (Meeus, Julian algorithm; 13 days apart from 1900 to 2099).
pub(super) fn orthodox_easter(year: i32) -> Option<Date> {
    let (a, b, c) = (year % 4, year % 7, year % 19);
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let n = d + e + 114;
    let julian = date(year, (n / 31) as u8, (n % 31 + 1) as u8)?;
    plus_days(julian, i64::from(year / 100 - year / 400 - 2))
}

/// First day of the month of the tabular Islamic calendar (civil epoch); observation may differ by a day.
pub(super) fn hijri(year: i32, month: u8, day: u8) -> Option<Date> {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let days = day + (59 * (month - 1) + 1) / 2 + (year - 1) * 354 + (3 + 11 * year) / 30 - 1;
    // 1 Muharram 1 is 16 July 622 Julian, 19 July Gregorian.
    let epoch = date(622, 7, 19)?;
    epoch.checked_add(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feasts_fall_on_their_known_days() {
        assert_eq!(easter(2016), date(2016, 3, 27));
        assert_eq!(easter(2024), date(2024, 3, 31));
        assert_eq!(orthodox_easter(2016), date(2016, 5, 1));
        assert_eq!(orthodox_easter(2023), date(2023, 4, 16));
        // Ramadan 1444 began on 23 March 2023; the tabular calendar agrees.
        assert_eq!(hijri(1444, 9, 1), date(2023, 3, 23));
        assert_eq!(nth_weekday(2023, 11, 4, 4), date(2023, 11, 23));
    }

    #[test]
    fn arithmetic_past_the_ends_of_the_calendar_is_none() {
        assert_eq!(date(99_999, 1, 1), None);
        assert_eq!(plus_days(date(9999, 12, 31).unwrap(), 1), None);
        assert_eq!(plus_months(date(1, 1, 1).unwrap(), -1), None);
        assert_eq!(plus_days(date(2000, 1, 1).unwrap(), i64::MAX), None);
    }
}
