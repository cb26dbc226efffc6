//! Cuts text into tokens after the English guidelines of Universal Dependencies: punctuation stands alone, contractions and
//! possessives are cut ("did|n't", "Turkey|'s"), hyphenated words are cut at the hyphen save after prefixes ("re-elected").

use crate::Span;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// A token before syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawToken {
    /// Where it is.
    pub span: Span,
    /// Whether it was cut from the token before it inside one written word ("n't" in "didn't"): UD's multiword tokens.
    pub clitic: bool,
}

#[derive(Deserialize)]
struct File {
    abbreviations: String,
    prefixes: String,
    cuts: HashMap<String, usize>,
}

struct Lists {
    abbreviations: HashSet<String>,
    prefixes: HashSet<String>,
    cuts: HashMap<String, usize>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let file: File =
            toml::from_str(include_str!("../../data/lang/en/tokens.toml")).expect("embedded data, covered by tests");
        let words = |s: String| s.split_whitespace().map(str::to_owned).collect();
        Lists { abbreviations: words(file.abbreviations), prefixes: words(file.prefixes), cuts: file.cuts }
    })
}

/// The tokens of `text`, in order; white space belongs to none.
///
/// # Example
/// ```
/// let text = "Police didn't re-arrest them, Mr. Kaya said.";
/// let words: Vec<&str> = dateline::stages::tokens::tokens(text).iter().map(|t| t.span.of(text)).collect();
/// assert_eq!(words, ["Police", "did", "n't", "re-arrest", "them", ",", "Mr.", "Kaya", "said", "."]);
/// ```
pub fn tokens(text: &str) -> Vec<RawToken> {
    let mut cutter = Cutter { text, out: Vec::with_capacity(text.len() / 5) };
    let mut start = None;
    for (i, c) in text.char_indices() {
        if c.is_whitespace() || c.is_control() || c == '\u{feff}' || c == '\u{200b}' {
            if let Some(s) = start.take() {
                cutter.chunk(s, i);
            }
        } else if start.is_none() {
            start = Some(i);
        }
    }
    if let Some(s) = start {
        cutter.chunk(s, text.len());
    }
    cutter.out
}

/// A stretch without white space longer than this is no prose; it is cut blindly so that work stays linear.
const LONGEST_CHUNK: usize = 2048;

struct Cutter<'t> {
    text: &'t str,
    out: Vec<RawToken>,
}

impl Cutter<'_> {
    fn push(&mut self, start: usize, end: usize, clitic: bool) {
        if start < end {
            self.out.push(RawToken { span: Span::new(start, end), clitic });
        }
    }

    /// Cuts one stretch without white space: marks off both ends, then the inside.
    fn chunk(&mut self, mut start: usize, end: usize) {
        while end - start > LONGEST_CHUNK {
            let mut cut = start + LONGEST_CHUNK;
            while !self.text.is_char_boundary(cut) {
                cut += 1;
            }
            self.bounded(start, cut.min(end));
            start = cut.min(end);
        }
        self.bounded(start, end);
    }

    fn bounded(&mut self, start: usize, end: usize) {
        let start = self.leading(start, end);
        let (inner_end, mut tail) = self.trailing(start, end);
        self.inside(start, inner_end);
        tail.reverse();
        for span in tail {
            self.push(span.start, span.end, false);
        }
    }

    /// Emits the marks before the first word and returns where the word starts.
    fn leading(&mut self, mut start: usize, end: usize) -> usize {
        loop {
            let rest = &self.text[start..end];
            let Some(c) = rest.chars().next() else { return end };
            let keeps = c.is_alphanumeric()
                || is_clitic(rest)
                || matches!(c, '#' | '@' | '_' | '.' | '-' | '+' | '&' | '=')
                    && rest[c.len_utf8()..].starts_with(char::is_alphanumeric)
                    && (c != '-' || rest[1..].starts_with(|d: char| d.is_ascii_digit()))
                    && (c != '.' || rest[1..].starts_with(|d: char| d.is_ascii_digit()))
                || is_emoticon(rest);
            if keeps {
                return start;
            }
            let run = run_length(rest, c);
            self.push(start, start + run, false);
            start += run;
        }
    }

    /// Finds the marks after the last word: where the word ends, and the marks from last to first.
    fn trailing(&self, start: usize, mut end: usize) -> (usize, Vec<Span>) {
        let mut tail = Vec::new();
        while start < end {
            let word = &self.text[start..end];
            let c = word.chars().next_back().expect("not empty");
            if c.is_alphanumeric() || is_emoticon(word) || is_url(word) && matches!(c, '/' | '_' | '=' | '#') {
                break;
            }
            if c == '.' && self.keeps_stop(word)
                || c == '+' && word.len() <= 4 && word.starts_with(|d: char| d.is_alphanumeric())
            {
                break;
            }
            if is_elision(word) {
                break;
            }
            let run = trailing_run(word, c);
            tail.push(Span::new(end - run, end));
            end -= run;
        }
        (end, tail)
    }

    /// Whether the full stop at the end of `word` belongs to it: abbreviations and initials.
    fn keeps_stop(&self, word: &str) -> bool {
        if word.ends_with("..") || is_url(word) {
            return false;
        }
        let body = &word[..word.len() - 1];
        let last = body.rsplit(['-', '/', '(', '"', '“', '.', '\'', '’', '—']).next().unwrap_or(body);
        let initial = last.chars().count() == 1 && last.chars().all(|c| c.is_alphabetic() && c.is_uppercase());
        let dotted =
            body.contains('.') && body.split('.').all(|p| p.chars().count() <= 2 && p.chars().all(char::is_alphabetic));
        let after_cut = &word[word.len() - last.len() - 1..];
        initial && (dotted || body == last || last.len() < body.len())
            || dotted
            || lists().abbreviations.contains(after_cut.to_lowercase().as_str())
            || lists().abbreviations.contains(word.to_lowercase().as_str())
    }

    /// Cuts a stretch that starts and ends with a word.
    fn inside(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        if is_url(word) || is_number_like(word) || is_emoticon(word) {
            return self.push(start, end, false);
        }
        let mut from = start;
        let chars: Vec<(usize, char)> = word.char_indices().collect();
        let mut k = 0;
        while k < chars.len() {
            let (i, c) = chars[k];
            let at = start + i;
            let before = k.checked_sub(1).map(|b| chars[b].1);
            let after = chars.get(k + 1).map(|a| a.1);
            if at >= from && self.cuts_at(c, before, after, &self.text[from..at], &self.text[at + c.len_utf8()..end]) {
                self.words(from, at);
                let run = run_length(&self.text[at..end], c);
                self.push(at, at + run, false);
                from = at + run;
                while k < chars.len() && start + chars[k].0 < from {
                    k += 1;
                }
                continue;
            }
            k += 1;
        }
        self.words(from, end);
    }

    /// Whether the mark `c` inside a written word stands alone.
    fn cuts_at(&self, c: char, before: Option<char>, after: Option<char>, left: &str, right: &str) -> bool {
        let digit = |d: Option<char>| d.is_some_and(|d| d.is_ascii_digit());
        let letter = |d: Option<char>| d.is_some_and(char::is_alphabetic);
        match c {
            '-' => {
                let minus = left.is_empty() && digit(after);
                !(minus || self.keeps_hyphen(left, right))
            }
            '/' => !(digit(before) && digit(after)) && left.len() + right.len() > 2,
            '–' | '—' | '…' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '“' | '”' | '«' | '»' | '?' | '!' | ';'
            | '|' | '<' | '>' | '~' | '\\' | '=' | '•' => true,
            ',' => !(digit(before) && digit(after)),
            ':' => !(digit(before) && digit(after)),
            '$' | '£' | '€' | '%' => true,
            '.' => {
                after == Some('.')
                    || letter(before)
                        && letter(after)
                        && left.chars().count() > 3
                        && right.starts_with(char::is_uppercase)
                        && right.len() > 3
            }
            '*' => !left.is_empty() && letter(before) && !letter(after),
            _ => false,
        }
    }

    fn keeps_hyphen(&self, left: &str, right: &str) -> bool {
        if left.is_empty() || right.is_empty() {
            return false;
        }
        let first = left.rsplit(['-', '/']).next().unwrap_or(left);
        lists().prefixes.contains(first.to_lowercase().as_str())
            && right.chars().next().is_some_and(char::is_alphanumeric)
    }

    /// Cuts contractions and possessives off a word, and units off a number.
    fn words(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        if word.is_empty() {
            return;
        }
        if let Some(cut) = clitic_start(word).filter(|&cut| cut > 0) {
            self.words(start, start + cut);
            return self.push(start + cut, end, true);
        }
        if let Some(&cut) = lists().cuts.get(word.to_lowercase().as_str()) {
            self.push(start, start + cut, false);
            return self.push(start + cut, end, true);
        }
        if let Some(cut) = unit_start(word) {
            self.push(start, start + cut, false);
            return self.push(start + cut, end, false);
        }
        self.push(start, end, false);
    }
}

/// Bytes of the run of `c` at the start of `text` that is one mark: "...", "!!!", "--"; brackets and quotes stand alone, but for "''".
fn run_length(text: &str, c: char) -> usize {
    let same = |d: char| match c {
        '!' | '?' => matches!(d, '!' | '?'),
        '.' | '-' | '*' | '=' | '_' | '~' | '<' | '>' | '#' | '+' | '`' | '\'' | '…' => d == c,
        _ => false,
    };
    let more: usize = text.chars().skip(1).take_while(|&d| same(d)).map(char::len_utf8).sum();
    c.len_utf8() + more
}

fn trailing_run(text: &str, c: char) -> usize {
    let same = |d: char| match c {
        '!' | '?' => matches!(d, '!' | '?'),
        '.' | '-' | '*' | '=' | '_' | '~' | '<' | '>' | '#' | '+' | '\'' | '…' => d == c,
        _ => false,
    };
    let more: usize = text.chars().rev().skip(1).take_while(|&d| same(d)).map(char::len_utf8).sum();
    c.len_utf8() + more
}

const CLITICS: &[&str] = &["'s", "’s", "'re", "’re", "'ve", "’ve", "'ll", "’ll", "'m", "’m", "'d", "’d", "n't", "n’t"];

/// Where the clitic at the end of `word` starts.
fn clitic_start(word: &str) -> Option<usize> {
    let n = word.len();
    let found = CLITICS
        .iter()
        .find(|c| n > c.len() && word.is_char_boundary(n - c.len()) && word[n - c.len()..].eq_ignore_ascii_case(c))?;
    let cut = n - found.len();
    // "1990's" and "O's" are cut too; a word that is nothing but the clitic is not.
    (cut > 0).then_some(cut)
}

fn is_clitic(text: &str) -> bool {
    CLITICS.iter().any(|c| text.len() == c.len() && text.eq_ignore_ascii_case(c))
}

/// "'em": an apostrophe that stands for letters left out.
fn is_elision(word: &str) -> bool {
    matches!(word, "'em" | "’em")
}

/// Where the unit starts in "5pm", "10km", "5th" is not cut.
fn unit_start(word: &str) -> Option<usize> {
    let cut = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ':')))?;
    if cut == 0 {
        return None;
    }
    let unit = word[cut..].to_lowercase();
    const UNITS: &[&str] = &[
        "am", "pm", "a.m.", "p.m.", "km", "kg", "mm", "cm", "m", "mg", "ml", "kb", "mb", "gb", "mph", "mw", "lbs",
        "lb", "ft", "hr", "hrs", "min", "bn", "mn", "gmt",
    ];
    UNITS.contains(&unit.as_str()).then_some(cut)
}

fn is_number_like(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let hyphens = word.bytes().filter(|&b| b == b'-').count();
    let plain = word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b':' | b'/' | b'-' | b'+'));
    // telephone numbers and dates keep their hyphens; "1990-95" and "3-2" are ranges and scores
    plain && (hyphens == 0 || hyphens >= 2 || digits == 7 && word.find('-') == Some(3))
}

fn is_url(word: &str) -> bool {
    if word.len() < 5 || !word.is_ascii() {
        return false;
    }
    let at = word.find('@');
    word.contains("://")
        || word.starts_with("www.")
        || word.starts_with("WWW.")
        || word.starts_with("mailto:")
        || at.is_some_and(|at| at > 0 && at + 1 < word.len() && !word[..at].contains(['(', '"', ',']))
        || is_domain(word)
}

/// "example.com", "report.doc": a name with an ending of the web or of files.
fn is_domain(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "com", "org", "net", "gov", "edu", "info", "co.uk", "doc", "xls", "pdf", "html", "htm", "txt", "jpg", "php",
        "tv", "mil", "int",
    ];
    let lower = word.to_ascii_lowercase();
    let host = lower.split('/').next().unwrap_or(&lower);
    host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        && ENDINGS
            .iter()
            .any(|e| host.len() > e.len() + 1 && host.ends_with(e) && host.as_bytes()[host.len() - e.len() - 1] == b'.')
}

fn is_emoticon(word: &str) -> bool {
    matches!(
        word,
        ":)" | ":-)"
            | ";)"
            | ";-)"
            | ":("
            | ":-("
            | ":D"
            | ":-D"
            | ":P"
            | ":p"
            | ":-P"
            | "=)"
            | "^_^"
            | "<3"
            | ":/"
            | ":-/"
            | ":o"
            | ":O"
            | "(:"
            | "XD"
            | "=D"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|t| t.span.of(text)).collect()
    }

    #[test]
    fn marks_stand_alone() {
        assert_eq!(
            cut("“Our men,” he said (twice)."),
            ["“", "Our", "men", ",", "”", "he", "said", "(", "twice", ")", "."]
        );
        assert_eq!(cut("ISTANBUL—Police ..."), ["ISTANBUL", "—", "Police", "..."]);
    }

    #[test]
    fn abbreviations_keep_their_stop() {
        assert_eq!(
            cut("The U.S. and Gen. J. Cole left Feb. 3."),
            ["The", "U.S.", "and", "Gen.", "J.", "Cole", "left", "Feb.", "3", "."]
        );
    }

    #[test]
    fn possessives_and_contractions_are_cut() {
        assert_eq!(cut("Turkey’s army can't cannot"), ["Turkey", "’s", "army", "ca", "n't", "can", "not"]);
        assert_eq!(cut("the soldiers' camp"), ["the", "soldiers", "'", "camp"]);
    }

    #[test]
    fn hyphens_cut_save_after_prefixes() {
        assert_eq!(
            cut("Russian-speaking anti-war al-Shabaab"),
            ["Russian", "-", "speaking", "anti-war", "al", "-", "Shabaab"]
        );
    }

    #[test]
    fn numbers_stay_whole() {
        assert_eq!(
            cut("$1,200.50 at 5:30pm on 11/28/2000, 40%"),
            ["$", "1,200.50", "at", "5:30", "pm", "on", "11/28/2000", ",", "40", "%"]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_covered(text in "\\PC{0,80}|[a-zA-Z0-9 .,'’\\-/:@#$()\"]{0,80}") {
            let mut last = 0;
            for token in tokens(&text) {
                proptest::prop_assert!(token.span.start >= last && !token.span.is_empty());
                proptest::prop_assert!(text.is_char_boundary(token.span.start) && text.is_char_boundary(token.span.end));
                let gap = &text[last..token.span.start];
                let blank = gap.chars().all(|c| c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'));
                proptest::prop_assert!(blank, "characters lost between tokens");
                last = token.span.end;
            }
        }
    }
}
