//! Counts: any text gives spans on character boundaries, in order, outside its time expressions, with bounds the right way round.
#![no_main]

use dateline::stages::{quantities::quantities, times::times};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: String| {
    let times = times(&text, &[], None);
    let mut end = 0;
    for count in quantities(&text, &times) {
        assert!(count.span.start >= end && text.get(count.span.start..count.span.end).is_some());
        assert!(times.iter().all(|time| !time.span.overlaps(count.span)));
        assert!(count.min.zip(count.max).is_none_or(|(min, max)| min <= max));
        end = count.span.end;
    }
});
