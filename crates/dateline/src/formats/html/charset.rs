//! Character encoding: byte order mark, declaration, then the bytes themselves where the declaration is missing or lies.

use crate::Note;
use crate::formats::text::bytes_replaced;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use regex::bytes::Regex;
use std::sync::LazyLock;

/// Bytes searched for a declaration. The standard says 1024; pages in the wild put scripts before it.
const DECLARATION_BYTES: usize = 16_384;
/// Bytes given to the detector; its answer is stable long before.
const DETECTION_BYTES: usize = 1_000_000;

static DECLARATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)(?:<meta[^>]{0,300}?charset|<\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})"#)
        .expect("the charset pattern compiles")
});

/// A page's characters, and a note where its bytes did not fit its declaration.
pub fn decode_html(bytes: &[u8]) -> (String, Option<Note>) {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let label = DECLARATION.captures(head).and_then(|found| found.get(1));
    // A declaration that can be read byte by byte cannot be true of UTF-16.
    let declared = label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .map(|encoding| if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding });
    decode(bytes, declared)
}

/// A text file's characters, and a note where some bytes did not decode.
pub fn decode_text(bytes: &[u8]) -> (String, Option<Note>) {
    decode(bytes, None)
}

fn decode(bytes: &[u8], declared: Option<&'static Encoding>) -> (String, Option<Note>) {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(bytes) {
        return decoded(&bytes[mark_bytes..], encoding, None);
    }
    if let Some(encoding) = utf16(bytes) {
        return decoded(bytes, encoding, None);
    }
    let encoding = match valid_utf8(bytes) {
        // Several bytes that happen to form UTF-8 are UTF-8, whatever the page declares.
        Utf8::Valid => UTF_8,
        Utf8::Ascii => declared.unwrap_or(UTF_8),
        Utf8::MostlyValid if declared.is_none_or(|d| d == UTF_8) => UTF_8,
        _ => match declared {
            Some(encoding) if encoding != UTF_8 && !encoding.decode_without_bom_handling(bytes).1 => encoding,
            _ => detected(bytes),
        },
    };
    decoded(bytes, encoding, declared)
}

fn decoded(bytes: &[u8], encoding: &'static Encoding, declared: Option<&'static Encoding>) -> (String, Option<Note>) {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let text = text.into_owned();
    if had_errors {
        let count = text.matches('\u{FFFD}').count();
        return (text, Some(bytes_replaced(count, encoding.name())));
    }
    let note = declared.filter(|declared| *declared != encoding).map(|declared| Note {
        code: "charset-mismatch",
        message: format!("declared as {} but its bytes are {}; read as {1}", declared.name(), encoding.name()),
        span: None,
    });
    (text, note)
}

enum Utf8 {
    Ascii,
    Valid,
    /// More sequences are valid than broken: UTF-8 that was cut or spliced.
    MostlyValid,
    Invalid,
}

fn valid_utf8(bytes: &[u8]) -> Utf8 {
    if bytes.is_ascii() {
        return Utf8::Ascii;
    }
    let (mut broken, mut valid) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // A file cut in the middle of its last character is still UTF-8.
    let cut = std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none());
    match (broken, valid) {
        (0, _) => Utf8::Valid,
        (1, valid) if cut && valid > 0 => Utf8::MostlyValid,
        (broken, valid) if broken * 4 <= valid => Utf8::MostlyValid,
        _ => Utf8::Invalid,
    }
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    let sample = &bytes[..bytes.len().min(DETECTION_BYTES)];
    detector.feed(sample, sample.len() == bytes.len());
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    if guess == UTF_8 { WINDOWS_1252 } else { guess }
}

/// UTF-16 without a byte order mark: every other byte of Western text is zero.
pub(crate) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.starts_with(b"\xFF\xFE") {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return Some(UTF_16BE);
    }
    let head = &bytes[..bytes.len().min(1024)];
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    if pairs < 4 {
        None
    } else if odd * 10 >= pairs * 7 && even * 20 <= pairs {
        Some(UTF_16LE)
    } else if even * 10 >= pairs * 7 && odd * 20 <= pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(charset: &str, words: &[u8]) -> Vec<u8> {
        [b"<html><head><meta charset=\"", charset.as_bytes(), b"\"></head><p>", words, b"</p>"].concat()
    }

    #[test]
    fn declared_charset_is_used() {
        let (text, note) = decode_html(&page("windows-1251", b"\xCF\xEE\xEB\xE8\xF6\xE8\xFF"));
        assert!(text.contains("Полиция"));
        assert_eq!(note, None);
    }

    #[test]
    fn lying_declarations_are_found_out() {
        let words = "Полиция задержала в городе сорок пять человек".as_bytes();
        let (text, note) = decode_html(&page("iso-8859-1", words));
        assert!(text.contains("Полиция"));
        assert_eq!(note.unwrap().message, "declared as windows-1252 but its bytes are UTF-8; read as UTF-8");
        let (cyrillic, ..) =
            encoding_rs::WINDOWS_1251.encode("Полиция задержала в городе сорок пять человек, сообщили власти");
        let (text, note) = decode_html(&page("utf-8", &cyrillic));
        assert!(text.contains("Полиция задержала"), "{text}");
        assert_eq!(note.unwrap().code, "charset-mismatch");
    }

    #[test]
    fn truncated_utf8_stays_utf8() {
        let mut bytes = page("utf-8", "Полиция".as_bytes());
        bytes.extend_from_slice(b"\xD0");
        let (text, note) = decode_html(&bytes);
        assert!(text.contains("Полиция"));
        assert_eq!(note.unwrap().code, "bytes-replaced");
    }
}
