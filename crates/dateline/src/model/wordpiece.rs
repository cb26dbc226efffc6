//! WordPiece: a word becomes the pieces of a fixed vocabulary, exactly as BERT's uncased tokenizer cuts it; and the
//! shape of its letters, which lower-casing loses.

use crate::{Error, Result};
use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;

/// Pieces a word may have; the rest of a longer word is left out.
pub const MOST_PIECES: usize = 12;
/// A run of letters longer than this many characters is unknown as a whole (as in BERT).
const LONGEST_RUN: usize = 100;
/// Bytes a piece of the vocabulary may have (BERT's longest has 18).
const LONGEST_PIECE: usize = 64;

/// The vocabulary: a hash table over the lines of the vocabulary file.
pub struct WordPiece {
    text: &'static str,
    /// Start and end of each piece in `text`; the id is the index.
    lines: Vec<(u32, u32)>,
    /// Piece id plus one by hash, open addressing; 0 is empty.
    slots: Vec<u32>,
    /// Bytes of the longest piece.
    longest: usize,
    unknown: u32,
    begin: u32,
    end: u32,
}

/// FNV-1a, a byte at a time, so that one pass gives the hashes of all prefixes.
const SEED: u64 = 0xCBF2_9CE4_8422_2325;
const CONTINUED: u64 = step(step(SEED, b'#'), b'#');

const fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01B3)
}

impl WordPiece {
    /// Reads a vocabulary, one piece a line, continuations marked by "##"; `name` is what messages call the file.
    ///
    /// # Errors
    /// [`Error::Data`] when "[UNK]", "[CLS]" or "[SEP]" is missing or a line is too long to be a piece.
    pub fn new(name: &str, text: &'static str) -> Result<Self> {
        let mut lines = Vec::with_capacity(text.len() / 7);
        let mut start = 0;
        for line in text.split_terminator('\n') {
            let piece = line.strip_suffix('\r').unwrap_or(line);
            lines.push((start as u32, (start + piece.len()) as u32));
            start += line.len() + 1;
        }
        let longest = lines.iter().map(|&(from, to)| (to - from) as usize).max().unwrap_or(0);
        if longest > LONGEST_PIECE {
            let message = format!("a line of {longest} bytes found, pieces of at most {LONGEST_PIECE} expected");
            return Err(Error::Data { name: name.to_owned(), message });
        }
        let slots = vec![0; (lines.len() * 2).next_power_of_two()];
        let mut pieces = Self { text, lines, slots, longest, unknown: 0, begin: 0, end: 0 };
        for id in 0..pieces.lines.len() {
            let piece = pieces.piece(id as u32).as_bytes();
            if !piece.is_empty() {
                let slot = pieces.slot(piece.iter().fold(SEED, |h, &b| step(h, b)), |other| other == piece);
                pieces.slots[slot] = id as u32 + 1;
            }
        }
        let special = |piece: &str| {
            let found = pieces.find(piece.bytes().fold(SEED, step), |p| p == piece.as_bytes());
            found.ok_or_else(|| Error::Data {
                name: name.to_owned(),
                message: format!(
                    "piece {piece} not found among {} lines; a BERT vocabulary is expected",
                    pieces.lines.len()
                ),
            })
        };
        let (unknown, begin, end) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        Ok(Self { unknown, begin, end, ..pieces })
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none; never the case, as some pieces must exist.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The piece with this id, or nothing for an id there is not.
    pub fn piece(&self, id: u32) -> &'static str {
        self.lines.get(id as usize).and_then(|&(from, to)| self.text.get(from as usize..to as usize)).unwrap_or("")
    }

    /// The id that begins a window ("[CLS]").
    pub fn begin(&self) -> u32 {
        self.begin
    }

    /// The id that ends a window ("[SEP]").
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Appends the ids of `word`'s pieces to `ids`: at least one ("[UNK]" where nothing is left of the word), at most
    /// [`MOST_PIECES`]. Words such as "[SEP]" are text like any other, never the special id.
    pub fn pieces(&self, word: &str, ids: &mut Vec<u32>) {
        let first = ids.len();
        let mut lower = [0; 32];
        match lower.get_mut(..word.len()) {
            Some(lower) if word.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                lower.copy_from_slice(word.as_bytes());
                lower.make_ascii_lowercase();
                self.run(lower, ids);
            }
            _ => self.any_pieces(word, first, ids),
        }
        if ids.len() == first {
            ids.push(self.unknown);
        }
        ids.truncate(first + MOST_PIECES);
    }

    /// The same for any text: cleaned, accents off, lower case, cut at spaces, marks and ideographs.
    fn any_pieces(&self, word: &str, first: usize, ids: &mut Vec<u32>) {
        let spaced = word.chars().filter(|&c| !is_dropped(c)).flat_map(|c| {
            let pad = is_ideograph(c).then_some(' ');
            pad.into_iter().chain(Some(if c.is_whitespace() { ' ' } else { c })).chain(pad)
        });
        let lower = spaced.nfd().filter(|c| !c.is_mark_nonspacing()).flat_map(char::to_lowercase);
        let (mut run, mut length) = (String::new(), 0);
        let flush = |run: &mut String, length: &mut usize, ids: &mut Vec<u32>| {
            match *length {
                0 => {}
                1..=LONGEST_RUN => self.run(run.as_bytes(), ids),
                _ => ids.push(self.unknown),
            }
            run.clear();
            *length = 0;
        };
        for c in lower {
            if ids.len() >= first + MOST_PIECES {
                return;
            }
            if c.is_whitespace() {
                flush(&mut run, &mut length, ids);
            } else if c.is_ascii_punctuation() || c.is_punctuation() {
                flush(&mut run, &mut length, ids);
                run.push(c);
                length = 1;
                flush(&mut run, &mut length, ids);
            } else {
                if length <= LONGEST_RUN {
                    run.push(c);
                }
                length += 1;
            }
        }
        flush(&mut run, &mut length, ids);
    }

    /// Longest match first; the whole run is unknown when some of it cannot be matched.
    fn run(&self, run: &[u8], ids: &mut Vec<u32>) {
        let first = ids.len();
        let mut start = 0;
        while start < run.len() {
            let (seed, prefix): (_, &[u8]) = if start == 0 { (SEED, b"") } else { (CONTINUED, b"##") };
            let rest = &run[start..run.len().min(start + self.longest)];
            let mut hashes = [0; LONGEST_PIECE];
            let mut hash = seed;
            for (to, &b) in hashes.iter_mut().zip(rest) {
                hash = step(hash, b);
                *to = hash;
            }
            let found = (1..=rest.len()).rev().find_map(|length| {
                let same = |piece: &[u8]| piece.strip_prefix(prefix) == Some(&rest[..length]);
                self.find(hashes[length - 1], same).map(|id| (id, length))
            });
            let Some((id, length)) = found else {
                ids.truncate(first);
                ids.push(self.unknown);
                return;
            };
            ids.push(id);
            start += length;
        }
    }

    fn find(&self, hash: u64, same: impl Fn(&[u8]) -> bool) -> Option<u32> {
        self.slots[self.slot(hash, same)].checked_sub(1)
    }

    /// The slot of the piece with this hash for which `same` holds, or the empty slot where it would go.
    fn slot(&self, hash: u64, same: impl Fn(&[u8]) -> bool) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (hash ^ (hash >> 29)) as usize & mask;
        loop {
            match self.slots[at].checked_sub(1) {
                Some(id) if !same(self.piece(id).as_bytes()) => at = (at + 1) & mask,
                _ => return at,
            }
        }
    }
}

/// What BERT's cleaning leaves out: NUL, the replacement character, control and format characters.
fn is_dropped(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r') && (matches!(c, '\0' | '\u{FFFD}') || c.is_other())
}

/// The ranges BERT sets apart as words of their own ("CJK Unified Ideographs" and compatibility blocks).
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2A6DF}' | '\u{2A700}'..='\u{2B73F}'
        | '\u{2B740}'..='\u{2B81F}' | '\u{2B920}'..='\u{2CEAF}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

/// The shape of a word's letters, 1 to 8: 1 lower case ("raid"), 2 capitals ("UN"), 3 one capital ("A"), 4 capitalised
/// ("Istanbul"), 5 begins with a capital ("McDonald"), 6 has a digit ("45th" is 1: digits have no case), 7 other letters,
/// 8 no letters. Case and digits as Python's `str.islower`, `isupper`, `isdigit` and `isalpha` tell them.
pub fn shape(word: &str) -> u8 {
    let lower = |text: &str| text.chars().any(char::is_lowercase) && !text.chars().any(is_upper_or_title);
    let mut chars = word.chars();
    let first = chars.next();
    let rest = chars.as_str();
    let capital = first.is_some_and(char::is_uppercase);
    if lower(word) {
        1
    } else if word.chars().any(char::is_uppercase) && !word.chars().any(|c| c.is_lowercase() || c.is_letter_titlecase())
    {
        if rest.is_empty() { 3 } else { 2 }
    } else if capital && lower(rest) {
        4
    } else if capital {
        5
    } else if word.chars().any(is_digit) {
        6
    } else if word.chars().any(UnicodeCategories::is_letter) {
        7
    } else {
        8
    }
}

fn is_upper_or_title(c: char) -> bool {
    c.is_uppercase() || c.is_letter_titlecase()
}

/// Decimal digits, and the superscripts, subscripts and circled digits of Unicode's Numeric_Type=Digit.
fn is_digit(c: char) -> bool {
    c.is_number_decimal_digit()
        || matches!(c, '²' | '³' | '¹' | '\u{1369}'..='\u{1371}' | '\u{19DA}' | '⁰' | '⁴'..='⁹' | '₀'..='₉' | '①'..='⑨'
            | '⑴'..='⑼' | '⒈'..='⒐' | '⓪' | '⓵'..='⓽' | '⓿' | '❶'..='❾' | '➀'..='➈' | '➊'..='➒'
            | '\u{10A40}'..='\u{10A43}' | '\u{10E60}'..='\u{10E68}' | '\u{11052}'..='\u{1105A}' | '\u{1F100}'..='\u{1F10A}')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\npolice\nraid\n##ed\n##s\nhome\nistanbul\ntur\n##k\n##ish\n-\n.\nmalmo\n京\n都\na\n##a\nσας\n45\n##th\n[\n]\nsep\nb\nc\n##b";

    fn cut(word: &str) -> String {
        let pieces = WordPiece::new("vocab", VOCABULARY).unwrap();
        let mut ids = Vec::new();
        pieces.pieces(word, &mut ids);
        ids.iter().map(|&id| pieces.piece(id)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn longest_match_comes_first() {
        assert_eq!(cut("raided"), "raid ##ed");
        assert_eq!(cut("TURKISH"), "tur ##k ##ish");
        assert_eq!(cut("raidz"), "[UNK]");
        assert_eq!(cut("45th"), "45 ##th");
    }

    #[test]
    fn marks_accents_and_ideographs_are_cut_as_bert_does() {
        assert_eq!(cut("Malmö-raid."), "malmo - raid .");
        assert_eq!(cut("Mal\u{ad}mo"), "malmo");
        assert_eq!(cut("İstanbul"), "istanbul");
        assert_eq!(cut("京都a"), "京 都 a");
        assert_eq!(cut("home\u{a0}raid"), "home raid");
        assert_eq!(cut("[SEP]"), "[ sep ]");
    }

    #[test]
    fn odd_words_are_unknown_not_lost() {
        for word in ["", "\u{0}", "\u{301}", "\u{FFFD}", "🙂", &"b".repeat(1000)[..0]] {
            assert_eq!(cut(word), "[UNK]", "{word:?}");
        }
        assert_eq!(cut(&"é".repeat(101)), "[UNK]");
        assert_eq!(cut(&"a".repeat(101)), "[UNK]");
        assert_eq!(cut(&"a".repeat(100)), ["a"].iter().chain(&["##a"; 11]).copied().collect::<Vec<_>>().join(" "));
        assert_eq!(cut(&"-".repeat(1_000_000)), ["-"; 12].join(" "));
    }

    #[test]
    fn vocabulary_without_special_pieces_is_an_error() {
        let message = WordPiece::new("vocab.txt", "a\nb").err().unwrap().to_string();
        assert_eq!(message, "vocab.txt: piece [UNK] not found among 2 lines; a BERT vocabulary is expected");
    }

    #[test]
    fn shapes_follow_case_and_digits() {
        let shapes = [("raid", 1), ("45th", 1), ("UN", 2), ("U.N.", 2), ("A", 3), ("Istanbul", 4), ("McDonald", 5)];
        let others = [
            ("G7x", 4),
            ("45", 6),
            ("m²", 1),
            ("²", 6),
            ("京", 7),
            ("--", 8),
            ("", 8),
            ("İ", 3),
            ("eXit", 7),
            ("ǅ", 7),
        ];
        for (word, want) in shapes.into_iter().chain(others) {
            assert_eq!(shape(word), want, "{word}");
        }
    }
}
