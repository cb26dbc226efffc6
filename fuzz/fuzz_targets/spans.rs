//! Spans and code points: any text with any two offsets gives words or nothing, and offsets that agree with counting.
#![no_main]

use dateline::Span;
use dateline::span::CodePoints;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (String, u16, u16)| {
    let (text, a, b) = input;
    let points = CodePoints::new(&text);
    for (count, (byte, _)) in text.char_indices().enumerate() {
        assert_eq!(points.at(byte), count);
    }
    let chars = text.chars().count();
    assert_eq!((points.at(text.len()), points.at(usize::MAX)), (chars, chars));
    let (a, b) = (usize::from(a.min(b)), usize::from(a.max(b)));
    let span = Span::new(a, b);
    let words = span.of(&text);
    assert!(words.is_empty() || words.len() == span.len());
    if !words.is_empty() {
        assert_eq!(words.chars().count(), points.at(b) - points.at(a));
    }
    let other = Span::new(a / 2, b / 2);
    let cover = span.cover(other);
    assert!(cover.contains(span) && cover.contains(other));
    assert!(!span.overlaps(other) || !span.is_empty() && !other.is_empty());
    assert_eq!(span.overlaps(other), other.overlaps(span));
});
