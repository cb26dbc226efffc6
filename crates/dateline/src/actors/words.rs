//! Words as the actor tables compare them: lower case, without diacritics, full stops and possessive endings.

/// One word of a phrase, ready for look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case, without diacritics and full stops.
    pub norm: String,
    /// Byte range in the phrase, without a possessive ending.
    pub start: usize,
    /// End of that range.
    pub end: usize,
    /// How it is written.
    pub case: Case,
    /// Whether a possessive ending follows ("Turkey's").
    pub possessive: bool,
    /// What stands between this word and the one before.
    pub gap: Gap,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// "police".
    Lower,
    /// "Police".
    Capital,
    /// "FBI", "U.S.".
    Upper,
    /// "1,500", "24-year-old" up to its first hyphen.
    Number,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Blanks.
    Blank,
    /// A hyphen or dash without blanks.
    Hyphen,
    /// A comma, bracket, dash or the end of a sentence.
    Stop,
}

/// The words of `text`, in order. Anything that is neither letter nor digit separates words.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    each_word(text, |word| found.push(word));
    found
}

/// Calls `each` with the words of `text`, in order.
pub(super) fn each_word(text: &str, mut each: impl FnMut(Word)) {
    let mut gap = Gap::Blank;
    let mut chars = text.char_indices().peekable();
    let mut blank_seen = true;
    let mut pending: Option<Word> = None;
    while let Some((at, first)) = chars.next() {
        if !(first.is_alphanumeric() || first == '&') {
            gap = match (first, gap, blank_seen) {
                (c, g, _) if c.is_whitespace() => {
                    blank_seen = true;
                    if c == '\n' { Gap::Stop } else { g }
                }
                (',' | ';' | ':' | '(' | ')' | '!' | '?' | '[' | ']' | '\u{2014}' | '.', _, _) => Gap::Stop,
                ('-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '/', Gap::Blank, false) => Gap::Hyphen,
                ('-' | '\u{2013}', _, true) => Gap::Stop,
                (_, g, _) => g,
            };
            continue;
        }
        let mut end = at + first.len_utf8();
        while let Some(&(next_at, next)) = chars.peek() {
            let joined = next.is_alphanumeric()
                || next == '&'
                || (is_apostrophe(next)
                    && text[next_at + next.len_utf8()..].chars().next().is_some_and(char::is_alphabetic))
                || (next == '.' && dot_inside(&text[at..next_at], &text[next_at + 1..]))
                || (next == ','
                    && text[..next_at].ends_with(|c: char| c.is_ascii_digit())
                    && text[next_at + 1..].starts_with(|c: char| c.is_ascii_digit()));
            if !joined {
                break;
            }
            chars.next();
            end = next_at + next.len_utf8();
        }
        let raw = &text[at..end];
        let (core, mut possessive) = strip_possessive(raw);
        // "Students' union": the apostrophe stands alone after the s.
        if let Some(&(_, next)) = chars.peek() {
            possessive |= is_apostrophe(next) && core.ends_with('s');
        }
        if let Some(word) = pending.take() {
            each(word);
        }
        pending =
            Some(Word { norm: normalise(core), start: at, end: at + core.len(), case: case_of(core), possessive, gap });
        gap = Gap::Blank;
        blank_seen = false;
    }
    if let Some(word) = pending {
        each(word);
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{02bc}')
}

/// A full stop belongs to the word in "U.S." and "Gen. Smith" does not lose its sentence: single letters, and titles.
fn dot_inside(before: &str, after: &str) -> bool {
    let last = before.rsplit('.').next().unwrap_or(before);
    let single = last.chars().count() == 1 && last.chars().all(char::is_alphabetic);
    (single && (before.contains('.') || after.starts_with(char::is_alphabetic)))
        || matches!(
            before,
            "Mr" | "Mrs"
                | "Ms"
                | "Dr"
                | "Gen"
                | "Col"
                | "Lt"
                | "Sgt"
                | "Sen"
                | "Rep"
                | "Gov"
                | "Rev"
                | "St"
                | "Capt"
                | "Maj"
                | "Brig"
                | "Adm"
                | "Cmdr"
                | "Messrs"
                | "Jr"
                | "Sr"
                | "Atty"
                | "Prof"
                | "Hon"
        )
}

fn strip_possessive(raw: &str) -> (&str, bool) {
    for ending in ["'s", "\u{2019}s", "'S", "\u{2019}S"] {
        if let Some(core) = raw.strip_suffix(ending).filter(|core| !core.is_empty()) {
            return (core, true);
        }
    }
    (raw, false)
}

fn case_of(raw: &str) -> Case {
    let mut letters = raw.chars().filter(|c| c.is_alphabetic());
    match (raw.chars().next(), letters.next()) {
        (Some(first), _) if first.is_numeric() => Case::Number,
        (_, Some(first)) if first.is_uppercase() => {
            let rest: Vec<char> = letters.collect();
            if !rest.is_empty() && rest.iter().filter(|c| c.is_lowercase()).count() * 3 <= rest.len() {
                Case::Upper
            } else {
                Case::Capital
            }
        }
        _ => Case::Lower,
    }
}

/// Lower case, without diacritics, apostrophes and full stops; "US" and "U.S." become "usa" so that the pronoun stays apart.
pub(super) fn normalise(raw: &str) -> String {
    if matches!(raw, "US" | "U.S." | "U.S" | "USA" | "U.S.A." | "U.S.A") {
        return "usa".to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() || c == '&' {
                out.push(c.to_ascii_lowercase());
            }
        } else if c.is_alphanumeric() {
            for lower in c.to_lowercase() {
                push_plain(&mut out, lower);
            }
        }
    }
    out
}

/// The Latin letter under a diacritic; other letters stay.
fn push_plain(out: &mut String, c: char) {
    let plain = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' | 'ắ' | 'ằ' | 'ẳ' | 'ẵ' | 'ặ' => {
            "a"
        }
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' | 'ə' => {
            "e"
        }
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => "i",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö'
        | 'ø'
        | 'ō'
        | 'ŏ'
        | 'ő'
        | 'ơ'
        | 'ọ'
        | 'ỏ'
        | 'ố'
        | 'ồ'
        | 'ổ'
        | 'ỗ'
        | 'ộ'
        | 'ớ'
        | 'ờ'
        | 'ở'
        | 'ỡ'
        | 'ợ' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ' | 'ủ' | 'ứ' | 'ừ' | 'ử' | 'ữ' | 'ự' => {
            "u"
        }
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' | 'ỵ' | 'ỷ' | 'ỹ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        // The dot that lower-casing leaves over Turkish İ.
        '\u{307}' => "",
        other => {
            out.push(other);
            return;
        }
    };
    out.push_str(plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norms(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.norm).collect()
    }

    #[test]
    fn diacritics_full_stops_and_possessives_fall_away() {
        assert_eq!(norms("Türkiye's President Erdoğan"), ["turkiye", "president", "erdogan"]);
        assert_eq!(norms("U.S. troops, the U.N. envoy"), ["usa", "troops", "the", "un", "envoy"]);
    }

    #[test]
    fn spans_are_the_words_without_the_possessive() {
        let text = "Chad’s 1,500 men";
        let found = words(text);
        assert_eq!(&text[found[0].start..found[0].end], "Chad");
        assert!(found[0].possessive);
        assert_eq!((found[1].norm.as_str(), found[1].case), ("1500", Case::Number));
    }

    #[test]
    fn the_pronoun_is_not_the_country() {
        assert_eq!(norms("they told us about US aid"), ["they", "told", "us", "about", "usa", "aid"]);
    }

    #[test]
    fn commas_and_line_ends_stop_hyphens_join() {
        let gaps: Vec<Gap> = words("Iran-backed men, both\ndead").into_iter().map(|word| word.gap).collect();
        assert_eq!(gaps, [Gap::Blank, Gap::Hyphen, Gap::Blank, Gap::Stop, Gap::Stop]);
    }
}
