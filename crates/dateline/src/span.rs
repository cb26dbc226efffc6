//! Half-open byte ranges into a report's text, and their conversion to code points at the edge.

use serde::Serialize;

/// A half-open byte range `start..end` into [`crate::Report::text`], both ends on character boundaries.
///
/// # Example
/// ```
/// use dateline::Span;
/// let text = "Police raided homes";
/// assert_eq!(Span::new(7, 13).of(text), "raided");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "span {start}..{end} runs backwards");
        Self { start, end }
    }

    /// The words of the span, or the empty string where it does not fit `text`.
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether the two spans share at least one byte.
    pub fn overlaps(&self, other: Span) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Whether `other` lies wholly inside this span.
    pub fn contains(&self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both.
    pub fn cover(&self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// Converts byte offsets of one text to code point offsets (CODEBOOK.md, "Offsets count Unicode code points").
///
/// # Example
/// ```
/// use dateline::span::CodePoints;
/// let points = CodePoints::new("Óbidos fell");
/// assert_eq!(points.at(2), 1); // "Ó" takes two bytes
/// ```
pub struct CodePoints {
    /// Code points before every 64th byte; `None` where the text is ASCII and both counts agree.
    marks: Option<Vec<u32>>,
    text: Box<[u8]>,
    /// Bytes of the text.
    len: usize,
}

const STRIDE: usize = 64;

impl CodePoints {
    /// Indexes `text`.
    pub fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self { marks: None, text: Box::default(), len: text.len() };
        }
        let bytes = text.as_bytes();
        let mut marks = Vec::with_capacity(bytes.len() / STRIDE + 1);
        let mut count = 0u32;
        for chunk in bytes.chunks(STRIDE) {
            marks.push(count);
            count += chunk.iter().filter(|&&b| starts_char(b)).count() as u32;
        }
        Self { marks: Some(marks), text: bytes.into(), len: text.len() }
    }

    /// The number of code points before byte `offset`; offsets past the end count the whole text.
    pub fn at(&self, offset: usize) -> usize {
        let offset = offset.min(self.len);
        let Some(marks) = &self.marks else { return offset };
        let mark = (offset / STRIDE).min(marks.len() - 1);
        marks[mark] as usize + self.text[mark * STRIDE..offset].iter().filter(|&&b| starts_char(b)).count()
    }
}

/// Whether a UTF-8 byte begins a character (is not a continuation byte).
fn starts_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_agree_with_counting() {
        let text = "Полиция задержала 45 человек — said Reuters. ".repeat(20);
        let points = CodePoints::new(&text);
        for (count, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(points.at(byte), count);
        }
        assert_eq!(points.at(text.len()), text.chars().count());
    }

    #[test]
    fn offsets_past_the_end_count_the_whole_text() {
        assert_eq!(CodePoints::new("raid").at(9), 4);
        assert_eq!(CodePoints::new("Óbidos").at(9), 6);
        assert_eq!(CodePoints::new("").at(1), 0);
    }

    #[test]
    fn an_empty_span_shares_no_byte_with_another() {
        assert!(!Span::new(5, 5).overlaps(Span::new(0, 10)));
        assert!(Span::new(0, 6).overlaps(Span::new(5, 9)));
        assert!(!Span::new(0, 5).overlaps(Span::new(5, 9)));
    }

    proptest::proptest! {
        #[test]
        fn any_offsets_into_any_text_quote_it_or_nothing(text in "(?s).{0,200}", a in 0usize..900, b in 0usize..900) {
            let points = CodePoints::new(&text);
            for (count, (byte, _)) in text.char_indices().enumerate() {
                proptest::prop_assert_eq!(points.at(byte), count);
            }
            let (span, other) = (Span::new(a.min(b), a.max(b)), Span::new(a / 2, a));
            let words = span.of(&text);
            if !words.is_empty() {
                proptest::prop_assert_eq!(words.len(), span.len());
                proptest::prop_assert_eq!(words.chars().count(), points.at(span.end) - points.at(span.start));
            }
            proptest::prop_assert!(span.cover(other).contains(span) && span.cover(other).contains(other));
            proptest::prop_assert_eq!(span.overlaps(other), other.overlaps(span));
        }
    }
}
