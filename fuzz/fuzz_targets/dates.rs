//! Time expressions: any text with any day of publication gives spans on character boundaries, in order, without overlaps.
#![no_main]

use dateline::stages::times::{interval, times};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (i16, u8, u8, String)| {
    let (year, month, day, text) = input;
    let published = jiff::civil::Date::new(year, (month % 14) as i8, (day % 33) as i8).ok();
    let found = times(&text, &[], published);
    let mut end = 0;
    for (i, time) in found.iter().enumerate() {
        assert!(time.span.start >= end && time.span.start < time.span.end);
        assert!(text.get(time.span.start..time.span.end).is_some());
        interval(&text, &found, i, published);
        end = time.span.end;
    }
});
