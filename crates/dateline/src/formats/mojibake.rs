//! Mojibake: UTF-8 that was once read as windows-1252 and written out again, "â€™" for "’".

use crate::{Note, Span};

/// Times the damage may have been done one over the other.
const LAYERS: usize = 2;

/// `text` with its mojibake undone, and how many places were; `None` where there is none.
///
/// For readers that make the text themselves. A text whose offsets others count in is never changed: [`places`] finds the damage.
pub(crate) fn repaired(text: &str) -> Option<(String, usize)> {
    let mut count = 0;
    let mut repaired: Option<String> = None;
    for _ in 0..LAYERS {
        let now = repaired.as_deref().unwrap_or(text);
        let found = places(now);
        let mut next = String::with_capacity(now.len());
        let mut end = 0;
        for place in &found {
            next.push_str(&now[end..place.start]);
            match decoded(place.of(now)) {
                Some(c) => {
                    next.push(c);
                    count += 1;
                }
                None => next.push_str(place.of(now)),
            }
            end = place.end;
        }
        if found.is_empty() || (end == 0 && next.is_empty()) {
            break;
        }
        next.push_str(&now[end..]);
        if next == now {
            break;
        }
        repaired = Some(next);
    }
    repaired.map(|text| (text, count))
}

/// Where `text` holds mojibake, in order: each span is what one character became. Empty where the signs are too few or such
/// letters stand in it by right ("Ã" in Portuguese, "„SPÄ“" in German).
pub fn places(text: &str) -> Vec<Span> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (mut foreign, mut covered, mut sure) = (0usize, 0usize, false);
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii() {
            continue;
        }
        foreign += 1;
        if at < skip {
            continue;
        }
        if let Some((length, certain)) = sequence(&text[at..]) {
            let span = Span::new(at, at + length);
            covered += span.of(text).chars().filter(|c| !c.is_ascii()).count();
            sure |= certain;
            skip = span.end;
            found.push(span);
        }
    }
    // Two letters can meet by chance; three that make a dash or a quotation mark cannot.
    if sure || (found.len() >= 2 && covered * 2 >= foreign) { found } else { Vec::new() }
}

/// The bytes of mojibake at the start of `rest`, and whether nothing else can be meant.
fn sequence(rest: &str) -> Option<(usize, bool)> {
    let mut chars = rest.char_indices();
    let lead = byte(chars.next()?.1)?;
    let more = match lead {
        0xC2..=0xC5 => 1,
        0xE2 => 2,
        _ => return None,
    };
    let mut bytes = vec![lead];
    let mut end = 0;
    for (at, c) in chars.take(more) {
        match byte(c).filter(|b| (0x80..0xC0).contains(b)) {
            Some(b) => bytes.push(b),
            // "â€" whose last byte has no character in windows-1252 and was lost
            None if bytes == [0xE2, 0x80] => return Some((at, true)),
            None => return None,
        }
        end = at + c.len_utf8();
    }
    if bytes == [0xE2, 0x80] {
        return Some((rest.len(), true));
    }
    let c = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    let plausible =
        matches!(c, '\u{80}'..='\u{17F}' | '\u{2010}'..='\u{206F}' | '\u{20A0}'..='\u{20CF}' | '\u{2100}'..='\u{214F}');
    plausible.then_some((end, more == 2))
}

/// The character that the mojibake `words` stands for; `None` where a byte of it was lost.
fn decoded(words: &str) -> Option<char> {
    let bytes: Option<Vec<u8>> = words.chars().map(byte).collect();
    let mut chars = std::str::from_utf8(&bytes?).ok()?.chars().collect::<Vec<_>>().into_iter();
    chars.next().filter(|_| chars.next().is_none())
}

/// The byte that windows-1252 reads as `c`; `None` for ASCII and for characters it does not have.
fn byte(c: char) -> Option<u8> {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    match c {
        '\u{80}'..='\u{FF}' => u8::try_from(u32::from(c)).ok(),
        c => HIGH.chars().position(|high| high == c && !c.is_ascii()).map(|at| 0x80 + at as u8),
    }
}

/// Says that mojibake was undone.
pub(crate) fn repaired_note(count: usize) -> Note {
    let message = format!("{count} places of UTF-8 read as windows-1252 (\"â€™\" for \"’\") were put right");
    Note { code: "mojibake-repaired", message, span: None }
}

/// Says that the text holds mojibake and keeps it; nothing where it holds none.
pub(crate) fn note(text: &str) -> Option<Note> {
    let found = places(text);
    let first = *found.first()?;
    let message = format!(
        "{} places of UTF-8 read as windows-1252, such as {:?}; the text is kept as it is, and no place is looked up for a name \
         with such letters; put the encoding right before coding",
        found.len(),
        first.of(text)
    );
    Some(Note { code: "mojibake", message, span: Some(first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damaged(text: &str) -> String {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    #[test]
    fn damage_is_found_and_undone_once_and_twice() {
        let text = "Police raided a café in São Paulo – “they broke the door”, the mayor’s aide said.";
        let once = damaged(text);
        assert_eq!(repaired(&once).unwrap(), (text.to_owned(), 6));
        assert_eq!(repaired(&damaged(&once)).unwrap().0, text);
        assert!(places(&once).iter().all(|place| !place.of(&once).is_ascii()));
    }

    #[test]
    fn letters_that_stand_by_right_are_left() {
        for text in ["SÃO PAULO É “AMANHÔ", "„MENÜ“ und „SPÄ“", "Café Zürich’s “CAFÉ”", "Łódź – Kraków", "plain", ""]
        {
            assert_eq!(places(text), [], "{text}");
            assert_eq!(repaired(text), None);
        }
    }

    #[test]
    fn lost_bytes_are_found_and_left() {
        let text = "He saidâ€ that Goma fell";
        assert_eq!(places(text).len(), 1);
        assert_eq!(repaired(text), None);
        assert_eq!(places("endâ€").len(), 1);
        assert_eq!(note(text).unwrap().span.unwrap().of(text), "â€");
    }
}
