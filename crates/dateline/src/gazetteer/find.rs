//! Place names found by capital letters and the gazetteer alone, where no tagger has been over the text.

use super::{Candidate, Gazetteer, key};
use crate::document::{NameKind, Resolution};
use crate::span::Span;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Words of the text that name a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Toponym {
    /// The words.
    pub span: Span,
    /// What kind of name they are, where a tagger said so.
    pub hint: Option<NameKind>,
}

/// Words that no place name of the gazetteer goes beyond.
const LONGEST: usize = 6;
/// A lone name of no more inhabitants than this is more often something else.
const SMALLEST: u32 = 3_000;

/// Words inside place names that stand in small letters.
const JOINTS: [&str; 14] = ["of", "the", "and", "al", "el", "de", "del", "la", "le", "du", "sur", "upon", "am", "ez"];
/// After a name, these make it part of an organisation or product: "Boston Globe", "Bank of England".
const INSTITUTIONS: [&str; 44] = [
    "times",
    "post",
    "news",
    "herald",
    "globe",
    "tribune",
    "gazette",
    "journal",
    "press",
    "university",
    "college",
    "institute",
    "bank",
    "united",
    "city council",
    "fc",
    "club",
    "league",
    "airlines",
    "airways",
    "hospital",
    "school",
    "church",
    "foundation",
    "corp",
    "inc",
    "company",
    "group",
    "agreement",
    "treaty",
    "accord",
    "accords",
    "protocol",
    "declaration",
    "convention",
    "review",
    "museum",
    "academy",
    "stadium",
    "symphony",
    "avenue",
    "street",
    "road",
    "drive",
];

struct Stops {
    common: HashSet<&'static str>,
    people: HashSet<&'static str>,
}

fn stops() -> &'static Stops {
    static STOPS: OnceLock<Stops> = OnceLock::new();
    STOPS.get_or_init(|| {
        let text = include_str!("../../data/gazetteer/stop.txt");
        let (common, people) = text.split_once("\n%\n").unwrap_or((text, ""));
        let words = |part: &'static str| {
            part.lines().filter(|l| !l.starts_with('#')).flat_map(str::split_ascii_whitespace).collect()
        };
        Stops { common: words(common), people: words(people) }
    })
}

/// A word of the text: letters and digits with inner hyphens, apostrophes and the full stops of short forms.
#[derive(Clone, Copy)]
struct Word {
    span: Span,
    capital: bool,
    /// Whether the word can begin a sentence, where a capital says nothing.
    opens: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut opens = true;
    while let Some(&(start, c)) = chars.peek() {
        if !c.is_alphanumeric() {
            opens |= matches!(c, '.' | '!' | '?' | '\n' | '“' | '"' | ':');
            chars.next();
            continue;
        }
        let mut end = start;
        while let Some(&(at, c)) = chars.peek() {
            let next = || text[at + c.len_utf8()..].chars().next();
            let inner = match c {
                '-' | '‑' => next().is_some_and(char::is_alphanumeric),
                '\'' | '’' => next().is_some_and(char::is_alphabetic) && !ends_possessive(&text[at + c.len_utf8()..]),
                // "U.S.", "N.Y.", "Calif." keep theirs; a long word's full stop ends its sentence.
                '.' => at - start <= 5 && text[start..].starts_with(char::is_uppercase) && short_form(&text[start..at]),
                c => c.is_alphanumeric() || super::normal::is_mark(c),
            };
            if !inner {
                break;
            }
            end = at + c.len_utf8();
            chars.next();
        }
        if end == start {
            end = start + c.len_utf8();
            chars.next();
        }
        let span = Span::new(start, end);
        // "al-Hasakah", "ez-Zor": an article joined to its name.
        let joined = span
            .of(text)
            .split_once(['-', '‑'])
            .is_some_and(|(article, name)| article.len() <= 3 && name.starts_with(char::is_uppercase));
        words.push(Word { span, capital: c.is_uppercase() || joined, opens });
        opens = false;
    }
    words
}

/// Whether a word of two letters or more is written in capitals.
fn is_capitals(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

/// Whether what follows an apostrophe is only the s of a possessive.
fn ends_possessive(rest: &str) -> bool {
    let mut rest = rest.chars();
    rest.next() == Some('s') && !rest.next().is_some_and(char::is_alphanumeric)
}

/// Whether `word` with a full stop is a short form of a place: one letter, letters with stops, or a filed one.
fn short_form(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters == 1
        || word.contains('.') && word.chars().rev().take_while(|&c| c != '.').count() <= 2
        || matches!(word, "St" | "Ste" | "Mt" | "Ft")
        || (letters <= 5 && Gazetteer::embedded().table.find(&key(word)).any(|(_, flags)| flags.abbreviation()))
}

impl Gazetteer {
    /// The place names of a text, in order, without overlaps; words for peoples ("Turkish") are left out.
    ///
    /// Longest known name first; names inside organisations ("Bank of England", "Boston Globe") and of people
    /// ("Paris Hilton") are left out as far as the words beside them tell.
    pub fn toponyms(&self, text: &str) -> Vec<Toponym> {
        self.spans(text, false).into_iter().map(|span| Toponym { span, hint: None }).collect()
    }

    /// As [`Self::toponyms`], with words for peoples.
    pub(super) fn place_words(&self, text: &str) -> Vec<Span> {
        self.spans(text, true)
    }

    fn spans(&self, text: &str, peoples: bool) -> Vec<Span> {
        let words = words(text);
        let mut spans = Vec::new();
        let mut at = 0;
        while at < words.len() {
            at += match self.longest(text, &words, at) {
                Some((count, found)) => {
                    let span = Span::new(words[at].span.start, words[at + count - 1].span.end);
                    if peoples && found[0].demonym
                        || !found[0].demonym && self.plausible(text, &words, at, count, &found)
                    {
                        spans.push(span);
                    }
                    count
                }
                None => 1,
            };
        }
        spans
    }

    /// The longest known name that starts at a word, as a number of words.
    fn longest(&self, text: &str, words: &[Word], at: usize) -> Option<(usize, Vec<Candidate>)> {
        if !words[at].capital {
            return None;
        }
        let mut reach = 1;
        while reach < LONGEST && at + reach < words.len() {
            let (last, next) = (words[at + reach - 1], words[at + reach]);
            let gap = text.get(last.span.end..next.span.start).unwrap_or("\n");
            if gap != " " || !(next.capital || JOINTS.contains(&next.span.of(text))) {
                break;
            }
            reach += 1;
        }
        (1..=reach).rev().filter(|&count| words[at + count - 1].capital).find_map(|count| {
            let span = Span::new(words[at].span.start, words[at + count - 1].span.end);
            let found = self.filed(&key(span.of(text)), span.of(text));
            (!found.is_empty()).then_some((count, found))
        })
    }

    /// Whether a known name names a place here.
    fn plausible(&self, text: &str, words: &[Word], at: usize, count: usize, found: &[Candidate]) -> bool {
        let span = Span::new(words[at].span.start, words[at + count - 1].span.end);
        let name = key(span.of(text));
        let beside = |n: usize, m: usize| text.get(words[n].span.end..words[m].span.start) == Some(" ");
        let before = at.checked_sub(1).filter(|&n| beside(n, at)).map(|n| words[n]);
        let after = words.get(at + count).filter(|_| beside(at + count - 1, at + count)).copied();
        let placed = before.is_some_and(|w| {
            matches!(
                w.span.of(text),
                "in" | "In"
                    | "at"
                    | "from"
                    | "From"
                    | "near"
                    | "Near"
                    | "to"
                    | "outside"
                    | "around"
                    | "across"
                    | "toward"
            )
        });
        let large = found.iter().any(|c| {
            matches!(c.resolution, Resolution::Country | Resolution::Province | Resolution::Region) && !c.alternate
        });
        let people = found.iter().map(|c| c.population).max().unwrap_or(0);
        let follower = after.filter(|w| w.capital).map(|w| key(w.span.of(text)));
        if follower.as_deref().is_some_and(|w| INSTITUTIONS.contains(&w)) {
            return false;
        }
        if count == 1 {
            let stops = stops();
            // "US" among small letters is a short form; in "TELL US MORE" it is the pronoun.
            let capitals = |word: Option<Word>| word.is_some_and(|w| is_capitals(w.span.of(text)));
            let short = is_capitals(span.of(text)) && !capitals(before) && !capitals(after);
            let common = stops.common.contains(name.as_str()) && !span.of(text).contains('.');
            if common && !(short && found[0].resolution == Resolution::Country) || name.len() < 2 {
                return false;
            }
            // "D.C.", "Ill.", "TX": a short form of a division needs the place it stands for before it.
            if name.len() <= 2 && found[0].resolution == Resolution::Province {
                return text.get(..span.start).is_some_and(|t| t.ends_with(", "))
                    || span.of(text).matches('.').count() > 1;
            }
            let qualified = text.get(span.end..).is_some_and(|rest| {
                rest.strip_prefix(", ").is_some_and(|rest| {
                    let next = rest.split([',', '.', ' ', '\n']).next().unwrap_or("");
                    next.starts_with(char::is_uppercase)
                        && self.filed(&key(next), &format!("{next}.")).iter().any(|c| {
                            c.resolution >= Resolution::Province && found.iter().any(|f| f.row.country == c.row.country)
                        })
                })
            });
            if stops.people.contains(name.as_str()) && !large {
                return (placed || qualified) && follower.is_none();
            }
            if qualified {
                return true;
            }
            // A capital at the start of a sentence says nothing.
            let smallest = if words[at].opens { 5 * SMALLEST } else { SMALLEST };
            if people < smallest && !large && !placed {
                return false;
            }
        }
        // "Bank of England", "University of Texas": named after the place, not the place.
        if before.is_some_and(|w| w.span.of(text) == "of") && at >= 2 && words[at - 2].capital {
            let head = key(words[at - 2].span.of(text));
            if INSTITUTIONS.contains(&head.as_str())
                || matches!(head.as_str(), "archbishop" | "bishop" | "duke" | "earl")
            {
                return false;
            }
        }
        if !large {
            // Between capitals a town's name is mostly part of a person's.
            let surname = before.is_some_and(|w| {
                w.capital
                    && !w.opens
                    && !stops().common.contains(key(w.span.of(text)).as_str())
                    && self.demonym(w.span.of(text)).is_none()
            });
            let first_name = follower.as_deref().is_some_and(|w| {
                stops().people.contains(w) || (!stops().common.contains(w) && people < 200_000 && !self.table.has(w))
            });
            if surname || first_name {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        Gazetteer::embedded().toponyms(text).into_iter().map(|t| t.span.of(text)).collect()
    }

    #[test]
    fn the_longest_name_is_taken() {
        assert_eq!(found("Troops left New South Wales for South Sudan."), ["New South Wales", "South Sudan"]);
        assert_eq!(found("A bomb went off in Deir ez-Zor and in the Gaza Strip."), ["Deir ez-Zor", "Gaza Strip"]);
    }

    #[test]
    fn institutions_people_and_common_words_are_left() {
        assert_eq!(found("The Bank of England spoke to the Boston Globe."), Vec::<&str>::new());
        assert_eq!(found("Singer Paris Hilton was Reading on Monday."), Vec::<&str>::new());
        assert_eq!(found("Turkish and Kurdish officers met."), Vec::<&str>::new());
    }

    #[test]
    fn states_after_a_comma_are_found_in_short_form() {
        assert_eq!(found("He drove from Cairo, Ill., to Albany, N.Y. on Friday."), ["Cairo", "Ill.", "Albany", "N.Y."]);
        assert_eq!(found("Give us a hint, in short."), Vec::<&str>::new());
    }

    #[test]
    fn us_is_a_country_among_small_letters_only() {
        assert_eq!(found("A spokesman for the US army spoke."), ["US"]);
        assert_eq!(found("PLEASE GIVE US MORE"), Vec::<&str>::new());
    }

    #[test]
    fn odd_text_is_survived() {
        for text in ["", "’", "A.", "É", "U.S.", "São", "İ.İ.İ", "-A-’B’.", "𝔸 Paris\u{301}s"] {
            for toponym in Gazetteer::embedded().toponyms(text) {
                assert!(text.get(toponym.span.start..toponym.span.end).is_some());
            }
        }
    }
}
