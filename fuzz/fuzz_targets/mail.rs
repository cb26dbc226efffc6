//! Any bytes read as Mail: no panic, and every span of a report quotes its text.
#![no_main]

use dateline::Span;
use dateline::formats::{Format, ReadOptions, Source, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions::default();
    let source = Source { name: "fuzz", bytes, hint: Some(Format::Mail), options: &options };
    for report in read(source).flatten() {
        let whole = Span::new(0, report.text.len());
        assert!(
            report.blocks.iter().all(|block| whole.contains(block.span) && !block.span.of(&report.text).is_empty())
        );
        assert!(report.via.iter().all(|credit| credit.span.is_none_or(|span| !span.of(&report.text).is_empty())));
    }
});
