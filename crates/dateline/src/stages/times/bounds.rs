//! What the words around a time expression make of its interval: "since 2012", "by December", "from Monday to Friday".

use super::calendar as cal;
use crate::{Document, Span, Time, TimeKind};
use jiff::civil::Date;

/// First and last day, either of them open.
pub type Interval = (Option<Date>, Option<Date>);

/// The interval of the time expression at `span`, as [`interval`] has it; `None` where there is none.
pub fn interval_at(doc: &Document, span: Span) -> Option<Interval> {
    let index = doc.times.iter().position(|t| t.span.overlaps(span))?;
    Some(interval(&doc.report.text, &doc.times, index, doc.report.published))
}

/// The interval that `times[index]` stands for together with the words around it (CODEBOOK.md, `date`, `enddate`):
/// "since 2012" runs to the day of publication, "by December" from it, "from Monday to Friday" over both days,
/// "within two weeks" from publication on. Without such words, the interval of the expression itself; `(None, None)` where
/// `index` is past the end.
///
/// # Example
/// ```
/// use dateline::stages::times::{interval, times};
/// use jiff::civil::date;
/// let text = "The town has been besieged since August 2013.";
/// let published = Some(date(2014, 2, 3));
/// let found = times(text, &[], published);
/// assert_eq!(interval(text, &found, 0, published), (Some(date(2013, 8, 1)), published));
/// ```
pub fn interval(text: &str, times: &[Time], index: usize, published: Option<Date>) -> Interval {
    let Some(time) = times.get(index) else { return (None, None) };
    let own = (time.start, time.end);
    if let Some(both) = run(text, times, index) {
        return both;
    }
    let before = words_before(text, time.span.start);
    let (second, first) = (before[0], before[1]);
    let begun = published.is_none_or(|published| time.start.is_none_or(|start| start <= published));
    let ahead = published.zip(time.end).is_some_and(|(published, end)| end > published);
    let is = |words: &[&str]| words.iter().any(|word| first.eq_ignore_ascii_case(word));
    let dated = own.0.is_some() || own.1.is_some();
    if is(&["since"]) && dated && begun {
        return (time.start, published);
    }
    if is(&["until", "till", "by", "before"]) && dated {
        let start = published.filter(|_| ahead);
        let edge = time.span.of(text).to_ascii_lowercase();
        let end = if is(&["before"]) && !edge.contains("end of") {
            time.start.and_then(|day| cal::plus_days(day, -1))
        } else {
            time.end
        };
        return match (ahead, is(&["by", "before"])) {
            (true, _) => (start, end),
            // "by 2015", of the past: a whole year or month says when it was over.
            (false, true) if time.start < time.end => (None, end),
            (false, true) => own,
            (false, false) => (None, end),
        };
    }
    if is(&["after"]) && time.kind == TimeKind::Date && ahead {
        return (time.end.and_then(|day| cal::plus_days(day, 1)), None);
    }
    let starting = is(&["from", "starting", "beginning"])
        || is(&["on"]) && ["starting", "beginning"].iter().any(|word| second.eq_ignore_ascii_case(word));
    if starting && dated && ahead {
        return (time.start, None);
    }
    if is(&["within"])
        && time.kind == TimeKind::Duration
        && let Some(published) = published
    {
        return (Some(published), after(published, &time.timex));
    }
    own
}

/// "from X to Y", "between X and Y": the interval that both bound, for either of the two.
fn run(text: &str, times: &[Time], index: usize) -> Option<Interval> {
    let joined = |first: &Time, second: &Time| -> Option<Interval> {
        let between = text.get(first.span.end..second.span.start)?.trim();
        let before = words_before(text, first.span.start)[1];
        let is = |words: &[&str]| words.iter().any(|word| between.eq_ignore_ascii_case(word));
        let framed = before.eq_ignore_ascii_case("from") && is(&["to", "until", "till", "through"])
            || before.eq_ignore_ascii_case("between") && is(&["and"]);
        (framed && first.start? <= second.end?).then_some((first.start, second.end))
    };
    let time = times.get(index)?;
    let with_next = times.get(index + 1).and_then(|next| joined(time, next));
    with_next.or_else(|| index.checked_sub(1).and_then(|previous| joined(times.get(previous)?, time)))
}

/// The two words before byte `at`, in order; empty where there are none.
fn words_before(text: &str, at: usize) -> [&str; 2] {
    // Two words never lie further back than this; the cut keeps the search short in a long line.
    let mut from = at.saturating_sub(48);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut words =
        text.get(from..at).unwrap_or("").rsplit(|c: char| c.is_whitespace()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or("");
    let first = first.trim_start_matches(|c: char| !c.is_alphabetic());
    [words.next().unwrap_or(""), first]
}

/// `day` moved on by a TIMEX3 duration of one number and one unit; `None` for other values.
fn after(day: Date, timex: &str) -> Option<Date> {
    let rest = timex.strip_prefix('P')?;
    let (clock, rest) = rest.strip_prefix('T').map_or((false, rest), |rest| (true, rest));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let count: i64 = rest.get(..digits)?.parse().ok()?;
    match (rest.get(digits..)?, clock) {
        ("H", true) => cal::plus_days(day, count.saturating_add(12) / 24),
        ("M" | "S", true) => Some(day),
        ("D", false) => cal::plus_days(day, count),
        ("W", false) => cal::plus_days(day, count.saturating_mul(7)),
        ("M", false) => cal::plus_months(day, count),
        ("Y", false) => cal::plus_months(day, count.saturating_mul(12)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::stages::times::{interval, times};
    use jiff::civil::{Date, date};

    fn first(text: &str) -> (Option<Date>, Option<Date>) {
        let published = Some(date(2017, 5, 10));
        let found = times(text, &[], published);
        interval(text, &found, 0, published)
    }

    #[test]
    fn prepositions_bound_the_interval() {
        let published = Some(date(2017, 5, 10));
        assert_eq!(first("The road has been shut since March."), (Some(date(2017, 3, 1)), published));
        assert_eq!(first("Talks ran from 3 April to 7 April."), (Some(date(2017, 4, 3)), Some(date(2017, 4, 7))));
        assert_eq!(first("Troops must leave by December."), (published, Some(date(2017, 12, 31))));
        assert_eq!(first("They fought until 2015."), (None, Some(date(2015, 12, 31))));
        assert_eq!(first("The strike will go on from May 15."), (Some(date(2017, 5, 15)), None));
        assert_eq!(first("He must leave within two weeks."), (published, Some(date(2017, 5, 24))));
    }

    #[test]
    fn without_such_words_the_interval_is_the_expressions_own() {
        assert_eq!(first("They met in March."), (Some(date(2017, 3, 1)), Some(date(2017, 3, 31))));
        assert_eq!(interval("", &[], 3, None), (None, None));
    }
}
