use super::*;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    published: Option<Date>,
    text: String,
    /// Words, value, and the interval as "first/last" or one day, where there is one.
    times: Vec<Vec<String>>,
}

fn cases() -> Vec<Case> {
    let file: File = toml::from_str(include_str!("../../../data/lang/en/times_cases.toml")).unwrap();
    file.case
}

/// The times of a case as the data file writes them.
fn written(text: &str, published: Option<Date>) -> Vec<Vec<String>> {
    let day = |date: Option<Date>| date.map_or(String::new(), |date| date.to_string());
    let row = |time: Time| {
        let mut row = vec![time.span.of(text).to_owned(), time.timex];
        match (time.start, time.end) {
            (None, None) => {}
            (start, end) if start == end => row.push(day(start)),
            (start, end) => row.push(format!("{}/{}", day(start), day(end))),
        }
        row
    };
    times(text, &[], published).into_iter().map(row).collect()
}

#[test]
fn every_case_of_the_data_file_holds() {
    let wrong: Vec<_> = cases()
        .into_iter()
        .map(|case| (written(&case.text, case.published), case))
        .filter(|(found, case)| *found != case.times)
        .map(|(found, case)| format!("{}\n  expected {:?}\n  found    {found:?}", case.text, case.times))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_a_publication_date_relative_words_have_no_dates() {
    for text in [
        "He fled yesterday.",
        "It fell last week.",
        "They met on Friday.",
        "It ends in March.",
        "He died two years ago.",
    ] {
        let found = times(text, &[], None);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((found[0].start, found[0].end), (None, None), "{text}");
    }
}

#[test]
fn the_callers_tense_decides_over_the_words_nearby() {
    let published = Some(jiff::civil::date(2017, 3, 8));
    let text = "Judges hear the case Friday.";
    assert_eq!(times_in_tense(text, &[], published, |_| Some(Tense::Future))[0].timex, "2017-03-10");
    assert_eq!(times_in_tense(text, &[], published, |_| Some(Tense::Past))[0].timex, "2017-03-03");
}

#[test]
fn an_expression_does_not_cross_a_sentence() {
    let text = "It was in May\n2016 brought peace";
    let sentences = [Span::new(0, 13), Span::new(14, text.len())];
    let found = times(text, &sentences, None);
    assert!(found.iter().all(|time| time.span.end <= 13 || time.span.start >= 14), "{found:?}");
}

#[test]
fn numbers_too_great_for_the_calendar_do_no_harm() {
    let published = Some(jiff::civil::date(9999, 12, 30));
    for text in [
        "in 99999",
        "900000 years ago",
        "99999999999999999999 weeks ago",
        "the next 18446744073709551615 days",
        "5,000,000 decades later",
        "in 9999",
        "tomorrow and the day after tomorrow",
        "next week",
        "next century",
        "the next millennium",
        "Easter 1",
        "the 0s",
        "the 99th century",
        "on 31 February 2017",
        "00/00/0000",
        "2017-13-45",
        "25:99",
        "next December",
        "99 o'clock",
    ] {
        times(text, &[], published);
        times(text, &[], Some(jiff::civil::date(1, 1, 1)));
    }
}

/// Scraps of time, number and odd text: random characters alone would form no expression.
fn scraps() -> impl Strategy<Value = String> {
    let words: Vec<String> =
        cases().iter().flat_map(|case| case.text.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect();
    let scrap = prop_oneof![
        6 => proptest::sample::select(words),
        1 => "\\PC{0,4}",
        1 => "[0-9]{1,21}",
        1 => "[-–.,:/'’\\n\\t %$(]{1,3}",
    ];
    (proptest::collection::vec(scrap, 0..24), prop_oneof![Just(" "), Just("")])
        .prop_map(|(scraps, gap)| scraps.join(gap))
}

proptest! {
    #[test]
    fn any_text_survives(text in scraps(), days in 0i32..3_000_000) {
        let published = jiff::civil::date(1, 1, 1).checked_add(jiff::Span::new().days(days)).ok();
        let found = times(&text, &[], published);
        let mut end = 0;
        for (i, time) in found.iter().enumerate() {
            prop_assert!(time.span.start >= end && time.span.start < time.span.end, "{time:?}");
            prop_assert!(text.get(time.span.start..time.span.end).is_some(), "{time:?}");
            prop_assert!(time.start.zip(time.end).is_none_or(|(start, end)| start <= end), "{time:?}");
            interval(&text, &found, i, published);
            end = time.span.end;
        }
        prop_assert_eq!(&found, &times(&text, &[], published));
        let counts = crate::stages::quantities::quantities(&text, &found);
        let mut end = 0;
        for count in &counts {
            prop_assert!(count.span.start >= end && text.get(count.span.start..count.span.end).is_some(), "{count:?}");
            prop_assert!(found.iter().all(|time| !time.span.overlaps(count.span)), "{count:?}");
            prop_assert!(count.min.zip(count.max).is_none_or(|(min, max)| min <= max), "{count:?}");
            end = count.span.end;
        }
        prop_assert_eq!(counts, crate::stages::quantities::quantities(&text, &found));
    }
}
