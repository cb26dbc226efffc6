//! Plain text: decoding, tidying, the headline and the paragraphs.

use super::html::charset;
use super::input::Input;
use super::walk::Founds;
use super::{Format, Parts, ReadOptions, condition, dateline, finish, mojibake};
use crate::{Block, BlockKind, Note, Report, Result, Span};
use std::borrow::Cow;

/// The report of `input`; see [`report`].
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    super::one(input, Format::Text, report)
}

/// The report in a plain text file. Line endings become `\n`, control characters go, and text wrapped at a fixed
/// width is joined to one line per paragraph.
///
/// # Errors
/// None of its own: empty and binary files are refused before.
pub fn report(_name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Report> {
    let (decoded, note) = charset::decode_text(bytes);
    let repair = mojibake::repaired(&decoded);
    let text = cleaned(repair.as_ref().map_or(decoded.as_str(), |(text, _)| text));
    let title = first_line_headline(&text);
    let mut report = Report { blocks: blocks(&text, title), title, text, ..Default::default() };
    report.notes.extend(note);
    report.notes.extend(repair.map(|(_, count)| mojibake::repaired_note(count)));
    report.published = options.published;
    Ok(finish(Parts { report, language_hint: None }, bytes, options))
}

/// `text` with one paragraph a line, without control characters and blank space around lines.
pub(crate) fn cleaned(text: &str) -> String {
    unwrapped(&tidied(text))
}

/// `text` with `\n` line endings, without control characters and without blank space around lines.
fn tidied(text: &str) -> String {
    const BREAKS: [char; 4] = ['\r', '\u{2028}', '\u{2029}', '\u{0C}'];
    let mut text = Cow::Borrowed(text);
    if text.contains("\r\n") {
        text = Cow::Owned(text.replace("\r\n", "\n"));
    }
    if text.contains(BREAKS) {
        text = Cow::Owned(text.replace(BREAKS, "\n"));
    }
    let mut tidy = String::with_capacity(text.len());
    for line in text.lines() {
        let kept = line.chars().filter(|c| !is_noise(*c)).map(|c| if matches!(c, '\t' | '\u{A0}') { ' ' } else { c });
        tidy.extend(kept.skip_while(|c| c.is_whitespace()));
        let start = tidy.rfind('\n').map_or(0, |at| at + 1);
        tidy.truncate(start + tidy[start..].trim_end().len());
        tidy.push('\n');
    }
    tidy.truncate(tidy.trim_end_matches('\n').len());
    let blank = tidy.len() - tidy.trim_start_matches('\n').len();
    tidy.drain(..blank);
    tidy
}

/// Characters that carry no text: controls, byte order mark, soft hyphen, zero-width space.
pub(crate) fn is_noise(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n') || matches!(c, '\u{FEFF}' | '\u{AD}' | '\u{200B}')
}

/// Joins the lines of each paragraph where the file is wrapped at a fixed width; other text keeps its lines. Blank
/// lines between paragraphs are reduced to one line break.
fn unwrapped(text: &str) -> String {
    let wrapped = is_wrapped(text);
    let mut joined = String::with_capacity(text.len());
    let mut in_paragraph = false;
    for line in text.lines() {
        if line.is_empty() {
            in_paragraph = false;
            continue;
        }
        if !joined.is_empty() {
            joined.push(if wrapped && in_paragraph && !condition::begins_item(line) { ' ' } else { '\n' });
        }
        joined.push_str(line);
        in_paragraph = true;
    }
    joined
}

/// Whether most lines that are followed by another line end in the middle of a sentence near one width.
fn is_wrapped(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().take(400).map(str::trim).collect();
    if !lines.iter().any(|line| line.is_empty()) {
        return false;
    }
    let goes_on = |line: &str| !line.is_empty() && !condition::begins_item(line);
    let pairs: Vec<&str> = lines.windows(2).filter(|w| !w[0].is_empty() && goes_on(w[1])).map(|w| w[0]).collect();
    let broken = |line: &&&str| (40..=100).contains(&line.len()) && !line.ends_with(['.', '!', '?', '"', '”', ':']);
    pairs.len() >= 3 && pairs.iter().filter(broken).count() * 10 >= pairs.len() * 6
}

/// The span of the first line where it is a headline: short, not a paragraph of several sentences, no dateline.
pub(crate) fn first_line_headline(text: &str) -> Option<Span> {
    let start = text.len() - text.trim_start().len();
    let rest = text.get(start..).unwrap_or("");
    let line = rest.lines().next().unwrap_or("").trim_end();
    let after = rest.get(line.len()..).unwrap_or("").trim_start_matches(['\r', ' ', '\t']);
    let alone = after.trim().is_empty();
    // The first line of a wrapped paragraph is no headline.
    let goes_on = after.strip_prefix('\n').is_some_and(|next| !next.lines().next().unwrap_or("").trim().is_empty());
    if goes_on && is_wrapped(text) {
        return None;
    }
    let ends_sentence = line.trim_end_matches(['"', '”', '\'', '’']).ends_with('.');
    let words = line.split_whitespace().take(41).count();
    let too_long = words > 40 || line.len() > 400 || (ends_sentence && (alone || words > 18));
    let list = line.contains('•') && !condition::item_starts(line).is_empty();
    let is_headline = !line.is_empty() && !too_long && !list && dateline::dateline(line).is_none();
    is_headline.then(|| Span::new(start, start + line.len()))
}

/// The headline and the paragraphs: one per line that is not blank; where the text is wrapped at a fixed width, one per run of lines
/// between blank ones.
pub(crate) fn blocks(text: &str, title: Option<Span>) -> Vec<Block> {
    let wrapped = is_wrapped(text);
    let mut blocks: Vec<Block> = Vec::new();
    let mut start = 0;
    let mut in_paragraph = false;
    for line in text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start().len();
        let words = line.trim();
        let span = Span::new(start + lead, start + lead + words.len());
        let headline = title.is_some_and(|title| title.contains(span));
        match blocks.last_mut() {
            _ if words.is_empty() => {}
            Some(block) if in_paragraph && wrapped && !condition::begins_item(line) => {
                block.span = block.span.cover(span)
            }
            _ => blocks.push(Block { kind: if headline { BlockKind::Headline } else { BlockKind::Paragraph }, span }),
        }
        in_paragraph = !words.is_empty() && !headline;
        start += line.len();
    }
    blocks
}

/// A note that bytes had to be replaced when decoding.
pub(crate) fn bytes_replaced(count: usize, charset: &str) -> Note {
    let message = format!("{count} places did not decode as {charset} and read as \u{FFFD}");
    Note { code: "bytes-replaced", message, span: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Report {
        report("a.txt", text, &ReadOptions::default()).unwrap()
    }

    #[test]
    fn first_line_followed_by_more_is_the_headline() {
        let report = read(b"Rebels seize bridge\n\nRebels seized a bridge. \r\nThe army fled.\r\n");
        assert_eq!(report.text, "Rebels seize bridge\nRebels seized a bridge.\nThe army fled.");
        assert_eq!(report.title.unwrap().of(&report.text), "Rebels seize bridge");
        assert_eq!(report.blocks.len(), 3);
    }

    #[test]
    fn one_paragraph_has_no_headline_and_a_lone_headline_is_one() {
        assert_eq!(read(b"Rebels seized a bridge on Monday, the army said. It vowed to retake it.").title, None);
        assert!(read(b"Rebels seize bridge").title.is_some());
        assert_eq!(read(b"KYIV (AP) - Rebels seized a bridge.\nThe army fled.").title, None);
    }

    #[test]
    fn wrapped_lines_are_joined_and_listed_lines_are_not() {
        let wrapped = b"Rebels seize bridge\n\nRebels armed with rifles and grenades seized a bridge\nover the river on Monday and \
            held it through the night\nwhile the army gathered its tanks on the other bank of\nthe river.\n\nThe army fled.";
        let report = read(wrapped);
        assert_eq!(report.blocks.len(), 3, "{}", report.text);
        assert!(report.text.contains("bridge over the river"));
        assert_eq!(read(b"Toll\nFive dead.\nNine hurt.\nTwo missing.").blocks.len(), 4);
    }

    #[test]
    fn controls_go_and_blank_space_is_trimmed() {
        assert_eq!(
            read(b"Raid\x07 in\xC2\xA0town\n\n\tPolice raided\x00 homes.  ").text,
            "Raid in town\nPolice raided homes."
        );
    }

    #[test]
    fn truncated_utf8_keeps_the_text_and_leaves_a_note() {
        let report = read(b"Caf\xC3\xA9 stormed\nPolice stormed a caf\xC3\xA9 in the old town, the caf\xC3");
        assert!(report.text.starts_with("Café stormed\nPolice stormed a café"));
        assert_eq!(report.notes[0].code, "bytes-replaced");
    }

    #[test]
    fn utf16_with_and_without_a_mark_reads_the_same() {
        let text = "Raid in town\nPolice raided three homes in the town.";
        let mut little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&little).text, text);
        little.splice(0..0, [0xFF, 0xFE]);
        assert_eq!(read(&little).text, text);
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&big).text, text);
    }
}
