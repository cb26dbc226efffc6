//! The terminal: what may be printed on it, how wide it is, and in which colours.

use crate::args::When;
use std::io::IsTerminal;
use unicode_width::UnicodeWidthChar;

/// What part a stretch of words plays in an event; each has its colour in summaries and sentences alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The trigger.
    Act,
    /// Who did it.
    Who,
    /// To whom.
    Whom,
    /// Where.
    Where,
    /// When.
    When,
    /// How many.
    Count,
    /// Who says so.
    Source,
}

impl Role {
    /// The word that stands under the marked words where there are no colours.
    pub fn label(self) -> &'static str {
        match self {
            Role::Act => "act",
            Role::Who => "who",
            Role::Whom => "whom",
            Role::Where => "where",
            Role::When => "when",
            Role::Count => "count",
            Role::Source => "source",
        }
    }

    /// SGR parameters (ECMA-48) from the sixteen colours every theme defines.
    fn sgr(self) -> &'static str {
        match self {
            Role::Act => "1;31",
            Role::Who => "36",
            Role::Whom => "33",
            Role::Where => "32",
            Role::When => "35",
            Role::Count => "94",
            Role::Source => "4",
        }
    }
}

/// How to print: width in columns, and whether in colours.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns to fill.
    pub width: usize,
    /// Whether SGR sequences may be used.
    pub color: bool,
}

impl Style {
    /// For standard output, or a file where `to_file`.
    pub fn detect(when: When, to_file: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let terminal = !to_file && std::io::stdout().is_terminal();
        let color = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let columns =
            columns.or_else(|| terminal_size::terminal_size().filter(|_| terminal).map(|size| size.0.0.into()));
        Style { width: columns.unwrap_or(80).clamp(40, 100), color }
    }

    /// `text` in the colour of `role`.
    pub fn role(&self, role: Role, text: &str) -> String {
        self.sgr(role.sgr(), text)
    }

    /// `text` in bold.
    pub fn bold(&self, text: &str) -> String {
        self.sgr("1", text)
    }

    /// `text` fainter than the rest.
    pub fn dim(&self, text: &str) -> String {
        self.sgr("2", text)
    }

    /// The name of a category in the colour of its quad class: cooperation calm, conflict warm.
    pub fn quad(&self, quad_code: u8, text: &str) -> String {
        let parameters = ["1", "1;36", "1;32", "1;33", "1;31"];
        self.sgr(parameters.get(usize::from(quad_code)).unwrap_or(&"1"), text)
    }

    fn sgr(&self, parameters: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{parameters}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// Text of reports and files as it may be shown: control characters, bidirectional overrides and invisible format characters are
/// taken out, so that no report can drive the terminal or hide words; line breaks and tabs become spaces.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(shown).collect()
}

/// The character to show for `c`, `None` where nothing may be shown.
pub fn shown(c: char) -> Option<char> {
    match c {
        '\n' | '\t' | '\r' | '\u{2028}' | '\u{2029}' | '\u{a0}' => Some(' '),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' => None,
        '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Columns that `text` takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// Columns that `c` takes.
pub fn char_columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// `text` cut to `width` columns, with an ellipsis where something is cut.
pub fn fitted(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_string();
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += char_columns(c);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_cannot_drive_the_terminal() {
        assert_eq!(clean("police\x1b[2J\x1b]0;owned\x07 \u{202e}raided\u{9b}31m\na"), "police[2J]0;owned raided31m a");
    }

    #[test]
    fn wide_characters_count_two_columns_and_accents_none() {
        assert_eq!((columns("東京"), columns("e\u{301}")), (4, 1));
        assert_eq!(fitted("東京の警察", 5), "東京…");
        assert_eq!(fitted("police", 6), "police");
    }
}
