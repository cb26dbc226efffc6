//! From bytes to [`Report`]s: one file per input format and one table.
//!
//! To add a format: a variant of [`Format`], a row in [`FORMATS`], a file that turns bytes into [`Parts`].

pub mod condition;
pub mod credits;
pub use credits::is_outlet;
pub mod dateline;
pub mod html;
pub mod jsonl;
pub mod language;
pub mod mojibake;
pub mod text;

use crate::{Block, BlockKind, Error, Note, Report, Result, Span};
use jiff::civil::Date;
use std::path::Path;

/// An input format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text; the first line is the headline where it looks like one.
    Text,
    /// A web page holding one report.
    Html,
    /// One report per line, as JSON (DESIGN.md, "Machine contract").
    Jsonl,
}

/// The table of formats: name on the command line, file name endings.
pub const FORMATS: &[(Format, &str, &[&str])] = &[
    (Format::Text, "text", &["txt", "text", "md"]),
    (Format::Html, "html", &["html", "htm", "xhtml", "shtml"]),
    (Format::Jsonl, "jsonl", &["jsonl", "ndjson"]),
];

impl Format {
    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|(format, ..)| *format == self).map_or("", |(_, name, _)| name)
    }

    /// The format of that name; `None` for any other word.
    pub fn named(name: &str) -> Option<Self> {
        FORMATS.iter().find(|(_, known, _)| *known == name).map(|(format, ..)| *format)
    }
}

/// What the caller knows of the reports, and how they are to be read. Values given here win over the page's own.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Day of publication.
    pub published: Option<Date>,
    /// Outlet.
    pub publication: Option<String>,
    /// Address of the report.
    pub url: Option<String>,
    /// Code the report although its language is not English: leaves out the note that says it would not be coded.
    pub force: bool,
    /// Keep navigation, comments and other furniture of a web page.
    pub keep_boilerplate: bool,
}

/// Bytes to be read, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// File name or address, used in messages and to guess the format.
    pub name: &'a str,
    /// The bytes as they came.
    pub bytes: &'a [u8],
    /// The format where the caller knows it; `None` to guess from name and bytes.
    pub hint: Option<Format>,
    /// What the caller knows.
    pub options: &'a ReadOptions,
}

/// The format of `bytes`: by the ending of `name`, else by how the content begins. Unknown content is text.
///
/// # Example
/// ```
/// use dateline::formats::{Format, detect};
/// assert_eq!(detect("page", b"<!DOCTYPE html><p>Troops crossed the border."), Format::Html);
/// ```
pub fn detect(name: &str, bytes: &[u8]) -> Format {
    let ending = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    if let Some((format, ..)) = FORMATS.iter().find(|(.., endings)| endings.contains(&ending.as_str())) {
        return *format;
    }
    let head = html::charset::ascii_head(bytes);
    let head = head.trim_start();
    if looks_like_html(head) {
        Format::Html
    } else if head.starts_with('{') && jsonl::looks_like_json_line(bytes) {
        Format::Jsonl
    } else {
        Format::Text
    }
}

/// Whether the lower-cased beginning of a file opens with markup.
fn looks_like_html(head: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<article",
        "<!--",
        "<?xml",
        "<meta",
        "<title",
        "<div",
        "<p>",
        "<h1",
        "<script",
        "<main",
        "<section",
    ];
    OPENINGS.iter().any(|opening| head.starts_with(opening))
}

/// Reads all reports of a source, in order. JSON lines yield one item per line; the others exactly one.
///
/// # Errors
/// Each item is [`Error::Unreadable`] where its bytes hold no report: empty or binary input, a page without an
/// article, a line that is not the JSON object of the machine contract. Items after a bad line are still read.
pub fn read<'a>(source: Source<'a>) -> Box<dyn Iterator<Item = Result<Report>> + 'a> {
    if let Err(error) = refuse_unreadable(source.name, source.bytes) {
        return Box::new(std::iter::once(Err(error)));
    }
    match source.hint.unwrap_or_else(|| detect(source.name, source.bytes)) {
        Format::Text => Box::new(std::iter::once_with(move || text::report(source.name, source.bytes, source.options))),
        Format::Html => Box::new(std::iter::once_with(move || html::report(source.name, source.bytes, source.options))),
        Format::Jsonl => Box::new(jsonl::reports(source.bytes, source.name, source.options)),
    }
}

/// Reads all reports of the file at `path`.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read; otherwise as [`read`], per item.
pub fn read_file(path: &Path, hint: Option<Format>, options: &ReadOptions) -> Result<Vec<Result<Report>>> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Error::Io { name: name.clone(), source })?;
    Ok(read(Source { name: &name, bytes: &bytes, hint, options }).collect())
}

/// First bytes of kinds of file that hold no text, and what to call them.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF media file (WebP, WAV or AVI)"),
    (b"\x7FELF", "an ELF program"),
    (b"MZ\x90", "a Windows program"),
    (b"\x1F\x8B", "gzip-compressed data; unpack it with gunzip"),
    (b"BZh", "bzip2-compressed data; unpack it with bunzip2"),
    (b"\xFD7zXZ", "xz-compressed data; unpack it with unxz"),
    (b"\x28\xB5\x2F\xFD", "zstd-compressed data; unpack it with unzstd"),
    (b"PK\x03\x04", "a ZIP archive or an office document; unpack it or save it as text"),
    (b"%PDF", "a PDF document; convert it to text first"),
    (b"\xD0\xCF\x11\xE0", "an old office document; save it as text"),
    (b"SQLite format 3", "an SQLite database"),
    (b"OggS", "an Ogg media file"),
    (b"ID3", "an MP3 recording"),
];

/// Refuses empty and binary input with a message that says what it seems to be.
fn refuse_unreadable(name: &str, bytes: &[u8]) -> Result<()> {
    let refuse = |message: String| Err(Error::Unreadable { name: name.to_owned(), message });
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
    if bytes.iter().all(blank) {
        let found =
            if bytes.is_empty() { "the file is empty".into() } else { format!("{} bytes of blank space", bytes.len()) };
        return refuse(format!("{found}; expected a news report as text, HTML or JSON lines"));
    }
    if let Some((_, kind)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return refuse(format!("this seems to be {kind}; expected text, HTML or JSON lines"));
    }
    let head = &bytes[..bytes.len().min(8192)];
    let control =
        head.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A | 0x1B)).count();
    if html::charset::utf16(bytes).is_none() && control * 20 > head.len() {
        return refuse(format!(
            "this seems to be binary data ({control} control bytes in the first {}); expected text, HTML or JSON lines",
            head.len()
        ));
    }
    Ok(())
}

/// What a format found in its bytes, before the steps that all formats share.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Text, headline and blocks, the publication facts the input itself states.
    pub(crate) report: Report,
    /// Language the input declares, used where its text is too short to tell.
    pub(crate) language_hint: Option<String>,
}

/// The steps all formats share: hash and id, the caller's facts, dateline, credits, language, the condition of the text.
pub(crate) fn finish(parts: Parts, raw: &[u8], options: &ReadOptions) -> Report {
    let mut report = parts.report;
    report.content_hash = blake3::hash(raw).to_hex().to_string();
    if report.id.is_empty() {
        report.id = format!("r{}", report.content_hash.get(..16).unwrap_or_default());
    }
    report.published = report.published.or(options.published);
    report.publication = report.publication.or_else(|| options.publication.clone());
    report.url = report.url.or_else(|| options.url.clone());
    mark_dateline(&mut report);
    report.via = credits::credits(&report.text, &report.blocks, report.publication.as_deref());
    for credit in report.author.as_deref().map(credits::byline_credits).unwrap_or_default() {
        if !report.via.iter().any(|known| known.name == credit.name) {
            report.via.push(credit);
        }
    }
    report.language = language::of(&report.text).map(str::to_owned).or(parts.language_hint);
    if let (Some(language), false) = (report.language.as_deref().filter(|l| *l != "en"), options.force) {
        let message =
            format!("the text seems to be {}, not English; --force codes it anyway", language::name(language));
        report.notes.push(Note { code: "not-english", message, span: None });
    }
    report.notes.extend(mojibake::note(&report.text));
    let notes = condition::notes(&report);
    report.notes.extend(notes);
    if report.published.is_none() && !report.notes.iter().any(|note| note.code == "dateline-date") {
        report.notes.push(condition::no_publication_date());
    }
    report
}

/// Splits the dateline off the first paragraph's block; where the day of publication is unknown, a dated dateline
/// is offered as a note, since it often lacks the year.
fn mark_dateline(report: &mut Report) {
    // "ANCHOR: Good evening" has the form of a dateline.
    if condition::is_transcript(&report.text) {
        return;
    }
    let Some(index) = report.blocks.iter().position(|block| block.kind == BlockKind::Paragraph) else { return };
    let paragraph = report.blocks[index].span;
    let Some(found) = dateline::dateline(paragraph.of(&report.text)) else { return };
    let shift = |span: Span| Span::new(span.start + paragraph.start, span.end + paragraph.start);
    let span = shift(found.span);
    let rest = paragraph.of(&report.text).get(found.span.end..).unwrap_or("");
    let start = span.end + (rest.len() - rest.trim_start().len());
    report.blocks[index] = Block { kind: BlockKind::Dateline, span };
    if start < paragraph.end {
        let rest = Block { kind: BlockKind::Paragraph, span: Span::new(start, paragraph.end) };
        report.blocks.insert(index + 1, rest);
    }
    if let (None, Some(date)) = (report.published, found.date) {
        let date = shift(date);
        let message = format!(
            "no publication date is known; the dateline says {:?}: give --published to resolve dates",
            date.of(&report.text)
        );
        report.notes.push(Note { code: "dateline-date", message, span: Some(date) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(name: &str, bytes: &[u8]) -> Result<Report> {
        read(Source { name, bytes, hint: None, options: &ReadOptions::default() }).next().expect("one item")
    }

    fn refusal(name: &str, bytes: &[u8]) -> String {
        first(name, bytes).expect_err("should be refused").to_string()
    }

    #[test]
    fn format_follows_the_name_then_the_content() {
        assert_eq!(detect("a.htm", b"plain"), Format::Html);
        assert_eq!(detect("a", b"\xEF\xBB\xBF\n<!DOCTYPE HTML>"), Format::Html);
        assert_eq!(detect("-", b"{\"id\":\"1\",\"text\":\"x\"}\n"), Format::Jsonl);
        assert_eq!(detect("-", b"{braces} are text"), Format::Text);
        assert_eq!(Format::named(Format::Jsonl.name()), Some(Format::Jsonl));
    }

    #[test]
    fn empty_input_is_refused() {
        assert_eq!(
            refusal("a.txt", b""),
            "a.txt: the file is empty; expected a news report as text, HTML or JSON lines"
        );
        assert_eq!(
            refusal("a.html", b" \n\t "),
            "a.html: 4 bytes of blank space; expected a news report as text, HTML or JSON lines"
        );
    }

    #[test]
    fn binary_input_is_named_for_what_it_seems_to_be() {
        assert!(refusal("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("a PNG picture"));
        assert!(refusal("a", b"\x7FELF\x02\x01\x01\0\0\0").contains("an ELF program"));
        assert!(refusal("a.html", b"\x1F\x8B\x08\0\0\0\0\0").contains("gunzip"));
        let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(refusal("a.bin", &noise).contains("binary data"), "{}", refusal("a.bin", &noise));
    }

    #[test]
    fn missing_file_is_an_io_error_with_its_name() {
        let error = read_file(Path::new("no/such/report.html"), None, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Io { .. }));
        assert!(error.to_string().starts_with("no/such/report.html: "));
    }

    #[test]
    fn id_is_stable_and_comes_from_the_raw_bytes() {
        let a = first("a.txt", b"Police raid homes\nPolice raided three homes.").unwrap();
        let b = first("b.txt", b"Police raid homes\nPolice raided three homes.").unwrap();
        assert_eq!(a.id, b.id);
        assert_eq!(a.id, format!("r{}", &a.content_hash[..16]));
        assert_eq!(a.content_hash, blake3::hash(b"Police raid homes\nPolice raided three homes.").to_hex().as_str());
    }

    #[test]
    fn dateline_becomes_a_block_and_its_date_only_a_note() {
        let report =
            first("a.txt", b"Troops cross river\nGENEVA, March 3 (Reuters) - Troops crossed the river.").unwrap();
        let words: Vec<_> = report.blocks.iter().map(|b| (b.kind, b.span.of(&report.text))).collect();
        assert_eq!(
            words,
            [
                (BlockKind::Headline, "Troops cross river"),
                (BlockKind::Dateline, "GENEVA, March 3 (Reuters) -"),
                (BlockKind::Paragraph, "Troops crossed the river."),
            ]
        );
        assert_eq!(report.published, None);
        assert_eq!(report.notes[0].code, "dateline-date");
        assert_eq!(report.notes[0].span.unwrap().of(&report.text), "March 3");
        assert_eq!(report.via[0].name, "Reuters");
    }

    #[test]
    fn one_line_of_fifty_megabytes_is_read() {
        let bytes = "Troops crossed the river near the town on Monday. ".repeat(1_000_000);
        let report = first("long.txt", bytes.as_bytes()).unwrap();
        assert_eq!(report.title, None);
        assert_eq!(report.text.len(), bytes.trim_end().len());
    }

    #[test]
    fn other_languages_are_named_and_force_silences_the_note() {
        let text = "Полиция провела обыски\nПолиция провела обыски в трёх домах на окраине города и задержала сорок пять человек.";
        let report = first("a.txt", text.as_bytes()).unwrap();
        assert_eq!(report.language.as_deref(), Some("ru"));
        assert_eq!(report.notes[0].code, "not-english");
        assert_eq!(report.notes[0].message, "the text seems to be Russian, not English; --force codes it anyway");
        let options = ReadOptions { force: true, ..Default::default() };
        let source = Source { name: "a.txt", bytes: text.as_bytes(), hint: None, options: &options };
        let forced = read(source).next().unwrap().unwrap();
        assert!(forced.notes.iter().all(|note| note.code != "not-english"), "{:?}", forced.notes);
    }

    /// A page, a JSON line and a text to damage.
    const SEEDS: &[(Format, &str)] = &[
        (
            Format::Html,
            "<!DOCTYPE html><html lang=\"en-GB\"><head><meta charset=utf-8><title>Raid in Óbidos | Post</title><meta \
             property=\"og:site_name\" content=\"Post\"><script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\
             \"datePublished\":\"2020-03-04T01:00:00Z\",\"author\":[{\"name\":\"Ada\"}]}</script></head><body><nav><a href=/>Home</a></nav>\
             <article><h1>Raid in Óbidos</h1><time datetime=\"2020-03-04\">4 März 2020</time><p>ÓBIDOS, March 4 (Reuters) — Police \
             raided “three” homes.</p><blockquote>We saw nothing, he told AFP.</blockquote><ul><li>One</li></ul></article></body></html>",
        ),
        (
            Format::Jsonl,
            "{\"id\":\"a\",\"title\":\"Raid\",\"text\":\"KYIV (AP) - Police raided homes.\\nÓbidos\",\"published\":\"2017-01-30\"}\n{\"html\":\"<p>x\"}\n",
        ),
        (
            Format::Text,
            "Raid in Óbidos\r\n\r\nÓBIDOS, 4 March — Police raided homes, Reuters and AFP reported.\n— AP\n",
        ),
    ];

    /// Everything a reader of the report may rely on.
    fn check(report: &Report) {
        let whole = Span::new(0, report.text.len());
        let mut end = 0;
        for block in &report.blocks {
            assert!(block.span.start >= end && whole.contains(block.span), "blocks are in order and fit");
            assert!(!block.span.of(&report.text).is_empty());
            end = block.span.end;
        }
        for credit in &report.via {
            assert!(credit.span.is_none_or(|span| !span.of(&report.text).is_empty()));
        }
        assert!(report.title.is_none_or(|title| !title.of(&report.text).is_empty()));
        assert!(!report.id.is_empty() && report.content_hash.len() == 64);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]
        #[test]
        fn damaged_input_survives(seed in 0..SEEDS.len(), edits in proptest::collection::vec((0usize..2000, 0u8..4, proptest::num::u8::ANY), 0..12)) {
            let (format, text) = SEEDS[seed];
            let mut bytes = text.as_bytes().to_vec();
            for (at, edit, byte) in edits {
                let at = at % bytes.len().max(1);
                match edit {
                    0 if !bytes.is_empty() => bytes[at] = byte,
                    1 => bytes.insert(at.min(bytes.len()), byte),
                    2 => bytes.truncate(bytes.len().saturating_sub(at / 8)),
                    _ => {
                        let piece = bytes[at.min(bytes.len())..].to_vec();
                        bytes.splice(at.min(bytes.len())..at.min(bytes.len()), piece.into_iter().take(usize::from(byte)));
                    }
                }
            }
            let options = ReadOptions::default();
            let source = Source { name: "damaged", bytes: &bytes, hint: Some(format), options: &options };
            for report in read(source).flatten() {
                check(&report);
            }
        }
    }
}
