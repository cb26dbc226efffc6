//! Names brought to the one form under which the gazetteer files them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The key of a name: lower case, no marks, no apostrophes or full stops, other punctuation as one space,
/// "St.", "Mt." and "Ft." in full. Empty for names without letters or digits.
///
/// `training/data_gazetteer.py` files names under the same keys; both change together.
pub fn key(name: &str) -> String {
    let mut flat = String::with_capacity(name.len());
    for c in name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ø' => flat.push('o'),
            'đ' | 'ð' => flat.push('d'),
            'ł' => flat.push('l'),
            'ı' => flat.push('i'),
            'ß' => flat.push_str("ss"),
            'æ' => flat.push_str("ae"),
            'œ' => flat.push_str("oe"),
            'þ' => flat.push_str("th"),
            'ə' => flat.push('e'),
            'ħ' => flat.push('h'),
            '&' => flat.push_str(" and "),
            '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | 'ʿ' | 'ʾ' | '`' | '´' | 'ʹ' | '.' => {}
            c if c.is_alphanumeric() => flat.push(c),
            c if is_combining_mark(c) => {}
            _ => flat.push(' '),
        }
    }
    let mut key = String::with_capacity(flat.len());
    for word in flat.split_ascii_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(match word {
            "st" | "ste" => "saint",
            "mt" => "mount",
            "ft" => "fort",
            word => word,
        });
    }
    key
}

/// Whether a character is a mark on the letter before it.
pub(super) fn is_mark(c: char) -> bool {
    is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn marks_apostrophes_and_hyphens_do_not_matter() {
        assert_eq!(key("Sana’a"), key("Sanaa"));
        assert_eq!(key("Şanlıurfa"), "sanliurfa");
        assert_eq!(key("Deir ez-Zor"), "deir ez zor");
        assert_eq!(key("St. Louis"), "saint louis");
        assert_eq!(key("N.Y."), "ny");
        assert_eq!(key(" — "), "");
    }
}
