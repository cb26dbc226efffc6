//! A light cut of the text into words, numbers and marks for the stages that read times and counts from text alone.
//! It keeps no strings: a token is a byte range, and the lower-cased copy of the text has the same offsets.

use super::times::lexicon::{Entry, lexicon};
use crate::Span;

/// What a token is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Letters; with its entry in the lexicon of times.
    Word(Option<&'static Entry>),
    /// Digits, with commas between thousands and one decimal point.
    Number(Number),
    /// One other character that is not white space.
    Mark,
    /// The end of a sentence or paragraph.
    Break,
}

/// A number in digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// Whole part; saturates.
    pub value: u64,
    /// Millionths.
    pub micro: u32,
    /// How many digits the whole part has, commas not counted.
    pub digits: u8,
    /// Whether it is written with commas or a decimal point.
    pub formatted: bool,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

/// Which words can be in a list at all, by length and first two letters: most words of a text are in none, and asking here
/// costs a tenth of a look-up.
#[derive(Debug)]
pub(crate) struct Sieve([[u32; 26]; Sieve::LONGEST + 1]);

impl Sieve {
    /// Words longer than this are always let through.
    const LONGEST: usize = 14;

    /// A sieve that lets `words` through.
    pub fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut sieve = Self([[0; 26]; Self::LONGEST + 1]);
        for word in words {
            if let Some((length, first, second)) = Self::place(word) {
                sieve.0[length][first] |= second;
            }
        }
        sieve
    }

    /// Whether the lower-case `word` may be in the list.
    pub fn passes(&self, word: &str) -> bool {
        Self::place(word).is_none_or(|(length, first, second)| self.0[length][first] & second != 0)
    }

    fn place(word: &str) -> Option<(usize, usize, u32)> {
        let bytes = word.as_bytes();
        let letter = |byte: u8| byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'));
        let first = letter(*bytes.first()?)?;
        let second = bytes.get(1).map_or(Some(31), |byte| letter(*byte))?;
        (bytes.len() <= Self::LONGEST).then_some((bytes.len(), first, 1 << second))
    }
}

/// The tokens of a text.
pub(crate) struct Scan<'t> {
    pub text: &'t str,
    lower: String,
    tokens: Vec<Token>,
}

impl<'t> Scan<'t> {
    /// Cuts `text`; `sentences` bound expressions, an empty slice leaves blank lines as the only bounds.
    pub fn new(text: &'t str, sentences: &[Span]) -> Self {
        let lower = text.to_ascii_lowercase();
        let mut scan = Self { text, lower, tokens: Vec::with_capacity(text.len() / 5) };
        // The lexicon cuts its own phrases with this scanner before it exists.
        scan.cut(sentences);
        scan
    }

    fn cut(&mut self, sentences: &[Span]) {
        let bytes = self.text.as_bytes();
        let mut ends = sentences.iter().map(|s| s.end).filter(|&end| end < bytes.len()).peekable();
        let mut at = 0;
        while at < bytes.len() {
            if ends.peek().is_some_and(|&end| end <= at) {
                while ends.next_if(|&end| end <= at).is_some() {}
                self.push_break(at);
            }
            let start = at;
            let byte = bytes[at];
            if byte.is_ascii_alphabetic() {
                at += bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
                let end = self.letters(at);
                self.tokens.push(Token { start, end, kind: Kind::Word(None) });
                at = end;
            } else if byte.is_ascii_digit() {
                let (end, number) = number(bytes, at);
                self.tokens.push(Token { start, end, kind: Kind::Number(number) });
                at = end;
            } else if byte == b'\n' {
                at += 1;
                let blank = bytes[at..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
                if bytes.get(at + blank) == Some(&b'\n') {
                    self.push_break(at);
                }
            } else if byte.is_ascii() {
                at += 1;
                if !byte.is_ascii_whitespace() && !byte.is_ascii_control() {
                    self.tokens.push(Token { start, end: at, kind: Kind::Mark });
                }
            } else {
                let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                at += c.len_utf8();
                if c.is_alphabetic() {
                    let end = self.letters(at);
                    self.tokens.push(Token { start, end, kind: Kind::Word(None) });
                    at = end;
                } else if !c.is_whitespace() {
                    self.tokens.push(Token { start, end: at, kind: Kind::Mark });
                }
            }
        }
    }

    /// Looks every word up in the lexicon of times.
    pub fn with_entries(mut self) -> Self {
        let lexicon = lexicon();
        for token in &mut self.tokens {
            if let Kind::Word(entry) = &mut token.kind {
                *entry = lexicon.get(&self.lower[token.start..token.end]);
            }
        }
        self
    }

    fn push_break(&mut self, at: usize) {
        self.tokens.push(Token { start: at, end: at, kind: Kind::Break });
    }

    /// The end of the run of letters that goes on at `at`.
    fn letters(&self, mut at: usize) -> usize {
        while let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| c.is_alphabetic()) {
            at += c.len_utf8();
        }
        at
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token; `None` past the end.
    pub fn get(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i)
    }

    /// The lower-cased words of token `i`; empty past the end and for breaks. Typographic apostrophes and dashes read as plain ones.
    #[inline]
    pub fn lower(&self, i: usize) -> &str {
        let Some(token) = self.tokens.get(i) else { return "" };
        let word = &self.lower[token.start..token.end];
        // Typographic marks take three bytes that begin so; this is asked for every word of a text.
        if word.len() != 3 || word.as_bytes()[0] != 0xE2 {
            return word;
        }
        match word {
            "’" | "‘" => "'",
            "–" | "—" | "‑" | "−" => "-",
            word => word,
        }
    }

    /// Whether token `i` is one of `words`, all in lower case.
    #[inline]
    pub fn is(&self, i: usize, words: &[&str]) -> bool {
        words.contains(&self.lower(i))
    }

    /// The lexicon's entry of word `i`.
    pub fn entry(&self, i: usize) -> Option<&'static Entry> {
        match self.tokens.get(i)?.kind {
            Kind::Word(entry) => entry,
            _ => None,
        }
    }

    /// Whether token `i` is made of letters.
    pub fn is_word(&self, i: usize) -> bool {
        matches!(self.tokens.get(i).map(|t| t.kind), Some(Kind::Word(_)))
    }

    /// The number in digits at `i`.
    pub fn number(&self, i: usize) -> Option<Number> {
        match self.tokens.get(i)?.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether token `i` begins with a capital letter.
    pub fn capital(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| self.text[t.start..].starts_with(char::is_uppercase))
    }

    /// Whether nothing stands between token `i` and the one before it.
    pub fn glued(&self, i: usize) -> bool {
        i > 0 && i < self.len() && self.tokens[i - 1].end == self.tokens[i].start && !self.is_break(i - 1)
    }

    /// Whether a sentence ends at `i`.
    pub fn is_break(&self, i: usize) -> bool {
        matches!(self.tokens.get(i).map(|t| t.kind), Some(Kind::Break) | None)
    }

    /// The words before token `i`; empty at the start.
    pub fn before(&self, i: usize) -> &str {
        if i == 0 { "" } else { self.lower(i - 1) }
    }

    /// The bytes from the start of token `first` to the end of token `last - 1`.
    pub fn span(&self, first: usize, last: usize) -> Span {
        Span::new(self.tokens[first].start, self.tokens[last - 1].end)
    }
}

/// Reads digits, commas before groups of three, and one decimal part.
fn number(bytes: &[u8], start: usize) -> (usize, Number) {
    let mut at = start;
    let mut number = Number { value: 0, micro: 0, digits: 0, formatted: false };
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    loop {
        while digit(at) {
            number.value = number.value.saturating_mul(10).saturating_add(u64::from(bytes[at] - b'0'));
            number.digits = number.digits.saturating_add(1);
            at += 1;
        }
        let group = bytes.get(at) == Some(&b',') && (1..=3).all(|k| digit(at + k)) && !digit(at + 4);
        if !group || (!number.formatted && number.digits > 3) {
            break;
        }
        number.formatted = true;
        at += 1;
    }
    // "5.30" is a decimal, "5." the end of a sentence, "1.2.2017" a date.
    if bytes.get(at) == Some(&b'.') && digit(at + 1) {
        let end = at + 1 + bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        let dotted_on = bytes.get(end) == Some(&b'.') && digit(end + 1);
        let dotted_before = start > 1 && bytes[start - 1] == b'.' && bytes[start - 2].is_ascii_digit();
        if !dotted_on && !dotted_before {
            let digits = bytes[at + 1..end].iter().chain(std::iter::repeat(&b'0')).take(6);
            number.micro = digits.fold(0, |sum, d| sum * 10 + u32::from(d - b'0'));
            number.formatted = true;
            at = end;
        }
    }
    (at, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_commas_and_decimals_but_not_full_stops() {
        let text = "1,200 men, 1.5 million in 2016. On 3.4.2017, 12,34";
        let scan = Scan::new(text, &[]);
        let numbers: Vec<_> = (0..scan.len()).filter_map(|i| scan.number(i)).map(|n| (n.value, n.micro)).collect();
        assert_eq!(numbers, [(1200, 0), (1, 500_000), (2016, 0), (3, 0), (4, 0), (2017, 0), (12, 0), (34, 0)]);
    }
}
