//! The condition of a text: capitals throughout, no punctuation, list, transcript, a headline alone. Such text is coded all the
//! same, and a note says that it is coded less well.

use crate::{BlockKind, Note, Report};

/// Letters a text needs before its capitals say anything: "UN" is written so everywhere.
const LEAST_LETTERS: usize = 12;
/// Words a line needs before its lack of punctuation says anything: headlines and captions have none.
const LONG_LINE_WORDS: usize = 40;
/// Words for each mark in a text without punctuation; news has a mark to some ten words, a hurried transcript one to thirty.
const WORDS_A_MARK: usize = 60;
/// Items that make a list, turns that make a transcript.
const LEAST_LINES: usize = 3;
/// Bytes looked at: the condition of a text shows at its beginning.
const SAMPLE_BYTES: usize = 100_000;

/// The notes on the condition of `report`'s text, in a fixed order; none for plain prose.
pub(crate) fn notes(report: &Report) -> Vec<Note> {
    let text = sample(&report.text);
    let mut notes = Vec::new();
    let mut note = |code, message: &str| notes.push(Note { code, message: message.to_owned(), span: None });
    if is_capitals(text) {
        note(
            "all-capitals",
            "the text is in capitals throughout; names and places are told from other words less well",
        );
    }
    if is_unpunctuated(text) {
        note(
            "no-punctuation",
            "the text has next to no punctuation; where sentences end is a guess, and events may be given the parties, places \
             and sources of their neighbours",
        );
    }
    if !item_starts(text).is_empty() {
        note("list", "the text holds a list of items without full stops; each is read by itself");
    }
    if is_transcript(text) {
        note("transcript", "the text is a transcript; who \"I\", \"we\" and \"they\" are is not worked out");
    }
    if is_headline_only(report) {
        note("headline-only", "the text is a headline alone; its events have no more than the headline says");
    }
    notes
}

/// The note on a report whose day of publication is unknown.
pub(crate) fn no_publication_date() -> Note {
    let message =
        "no publication date is known, so \"on Monday\" and the like have no date; give --published to resolve them";
    Note { code: "no-publication-date", message: message.to_owned(), span: None }
}

fn sample(text: &str) -> &str {
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether more than four in five letters of `text` are capitals; not for a few letters.
pub fn is_capitals(text: &str) -> bool {
    let cased = sample(text).chars().filter(|c| c.is_uppercase() || c.is_lowercase());
    let (capitals, all) = cased.fold((0, 0), |(up, all), c| (up + usize::from(c.is_uppercase()), all + 1));
    all >= LEAST_LETTERS && capitals * 5 > all * 4
}

/// Whether `text` has long lines and next to no marks that end sentences or clauses.
pub fn is_unpunctuated(text: &str) -> bool {
    let (mut long, mut words, mut marks) = (false, 0, 0);
    for line in sample(text).lines() {
        let (mut here, mut last) = (0, ' ');
        for word in line.split_whitespace() {
            here += 1;
            last = word.chars().rev().find(|c| !matches!(c, '"' | '”' | '\'' | '’' | ')' | ']')).unwrap_or(' ');
            marks += usize::from(matches!(last, '.' | ',' | '!' | '?' | ';' | ':' | '…'));
        }
        words += here;
        long |= here >= LONG_LINE_WORDS && !matches!(last, '.' | '!' | '?');
    }
    long && marks * WORDS_A_MARK < words
}

/// Whether at least three lines, and two of five, begin with who speaks: "ANCHOR: …", "Q: …".
pub fn is_transcript(text: &str) -> bool {
    let lines: Vec<&str> = sample(text).lines().filter(|line| !line.trim().is_empty()).collect();
    let turns = lines.iter().filter(|line| begins_turn(line)).count();
    turns >= LEAST_LINES && turns * 5 >= lines.len() * 2
}

/// Whether a line begins with a speaker in capitals, or "Q" or "A", and a colon.
fn begins_turn(line: &str) -> bool {
    let Some((speaker, rest)) = line.trim_start().split_once(':') else { return false };
    // "MS. OTIENO (through translator)": the name counts, what stands in brackets may be in any case.
    let name = speaker.split('(').next().unwrap_or("").trim();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = name.chars().all(|c| c.is_uppercase() || matches!(c, ' ' | '.' | ',' | '\'' | '’' | '-' | '/'));
    let spoken = rest.starts_with(char::is_whitespace) && rest.chars().any(char::is_lowercase);
    capitals && spoken && name.len() <= 60 && (letters >= 2 || matches!(name, "Q" | "A"))
}

/// Where the items of a list of headlines begin, in bytes, in order: lines that open with a bullet or a number, and bullets inside
/// lines. Empty where there are fewer than three, or where every second item ends as a sentence does: such a list tells one story,
/// and reads like prose (four own reports of the kind, 2026-11: events .70 read together, .62 read apart).
pub fn item_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut whole = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let first = begins_item(line).then(|| line.len() - line.trim_start().len());
        let inside = line.match_indices([' ', '\t']).map(|(i, _)| i + 1);
        let mut here: Vec<usize> = first.into_iter().chain(inside.filter(|&i| is_bullet_mark(&line[i..]))).collect();
        here.dedup();
        for (n, &start) in here.iter().enumerate() {
            let end = here.get(n + 1).copied().unwrap_or(line.len());
            whole += usize::from(line[start..end].trim_end().ends_with(['.', '!', '?', ';', '"', '”']));
            starts.push(at + start);
        }
        at += line.len();
    }
    if starts.len() >= LEAST_LINES && whole * 2 < starts.len() { starts } else { Vec::new() }
}

/// Whether a line opens with a bullet, a dash and a space, or a number with a bracket or full stop.
pub(crate) fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    let dash = ["- ", "* ", "– ", "+ "].iter().any(|mark| line.starts_with(mark));
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    dash || is_bullet_mark(line) || ((1..=2).contains(&digits) && (rest.starts_with(") ") || rest.starts_with(". ")))
}

/// Whether `rest` begins with a mark that is only ever a bullet, and a space.
fn is_bullet_mark(rest: &str) -> bool {
    let mut chars = rest.chars();
    matches!(chars.next(), Some('•' | '‣' | '◦' | '▪' | '■' | '●' | '►')) && chars.next() == Some(' ')
}

/// Whether the report is its headline and nothing else.
fn is_headline_only(report: &Report) -> bool {
    let body = |kind| kind != BlockKind::Headline;
    report.title.is_some_and(|title| !title.is_empty()) && !report.blocks.iter().any(|block| body(block.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_count_in_longer_texts_only() {
        assert!(is_capitals("POLICE RAID HOMES IN LIMA, 45 HELD"));
        assert!(!is_capitals("UN, EU, NATO"));
        assert!(!is_capitals("UN and EU leaders met NATO commanders in Lima."));
    }

    #[test]
    fn long_lines_without_marks_are_unpunctuated_and_headlines_are_not() {
        let clause = "police raided three homes in the town and took the men away ";
        assert!(is_unpunctuated(&clause.repeat(5)));
        assert!(!is_unpunctuated("Police raid homes in Lima\nArmy shells village"));
        assert!(!is_unpunctuated(&"Police raided three homes, and took the men away. ".repeat(9)));
        assert!(!is_unpunctuated(&format!("{}\n", clause.trim()).repeat(20)), "short lines end by themselves");
    }

    #[test]
    fn turns_make_a_transcript() {
        assert!(is_transcript("ANCHOR: Good evening.\nMS. OTIENO (on phone): They fired.\nANCHOR: Who did?"));
        assert!(is_transcript("Q: Was he held?\nA: He was.\nQ: By whom?"));
        assert!(!is_transcript("LIMA: Police raided homes.\nThe army left.\nThe mayor wept.\nNobody came."));
    }

    #[test]
    fn bullets_and_numbers_begin_items() {
        let text = "Today\n- Police raid homes\n* Army leaves\n3) Mayor weeps\nend";
        let words: Vec<&str> = item_starts(text).iter().map(|&at| text[at..].split(' ').next().unwrap()).collect();
        assert_eq!(words, ["-", "*", "3)"]);
        assert_eq!(item_starts("Today: • one • two • three").len(), 3);
        assert!(item_starts("- Police raid homes.\n- The army left.\n- The mayor wept.").is_empty());
        assert!(item_starts("- Police raid homes\nArmy leaves\n2.5 million flee\n1990 was calm").is_empty());
    }
}
