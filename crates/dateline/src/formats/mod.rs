//! From bytes to [`Report`]s: one file per input format and one table.
//!
//! To add a format: a variant of [`Format`], a row in [`FORMATS`], a file that turns bytes into reports or, for an archive, into members.

pub mod condition;
pub mod credits;
mod csv;
pub mod dateline;
mod feed;
mod fields;
pub mod html;
mod input;
mod json;
pub mod jsonl;
pub mod language;
pub mod limits;
mod mail;
mod markdown;
mod mhtml;
pub mod mojibake;
mod newsml;
mod ninjs;
pub mod opml;
mod packed;
mod parquet;
mod pdf;
mod story;
mod tar;
pub mod text;
mod wacz;
mod walk;
mod warc;
mod xml;
mod zip;

use crate::{Block, BlockKind, Error, Note, Report, Result, Span};
pub use credits::is_outlet;
use input::{Bytes, Input};
use jiff::civil::Date;
use std::path::Path;
pub use walk::Items;
use walk::{Found, Founds};

/// An input format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text; the first line is the headline where it looks like one.
    Text,
    /// A web page holding one report.
    Html,
    /// One report per line, as JSON (DESIGN.md, "Machine contract").
    Jsonl,
    /// News as JSON: an object, an array of objects or a list inside an object (news-please, NGEC, NewsAPI, GDELT article lists).
    Json,
    /// Agency items as JSON (IPTC ninjs).
    Ninjs,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A list of feeds, which holds no reports.
    Opml,
    /// Markdown, with or without front matter.
    Markdown,
    /// A mail message, such as a newsletter.
    Mail,
    /// A web page as a browser saves it, in one file.
    Mhtml,
    /// A PDF document with a text layer.
    Pdf,
    /// Agency items as XML (IPTC NewsML-G2, NITF).
    NewsMl,
    /// A table with a column with the text.
    Csv,
    /// A table with a column with the text.
    Parquet,
    /// A web archive, gzipped or not.
    Warc,
    /// A web archive with its indexes, zipped.
    Wacz,
    /// A zip archive of files of any format.
    Zip,
    /// A tar archive of files of any format.
    Tar,
    /// One file, compressed with gzip.
    Gzip,
    /// One file, compressed with zstd.
    Zstd,
}

/// A row of the table of formats.
pub struct FormatRow {
    /// The format.
    pub format: Format,
    /// Its name on the command line and in messages.
    pub name: &'static str,
    /// Endings of file names, lower case, without the leading dot.
    pub endings: &'static [&'static str],
    /// Whether a file may hold many reports.
    pub many: bool,
    /// Whether the beginning of a file shows this format.
    shows: fn(&Head) -> bool,
    /// Reads it.
    open: for<'a> fn(Input<'a>) -> Founds<'a>,
}

/// The table of formats. Where content has to tell, the first row that recognises it counts.
pub const FORMATS: &[FormatRow] = &[
    row(Format::Wacz, "wacz", &["wacz"], true, |head| wacz::begins(head.bytes), wacz::open),
    row(Format::Zip, "zip", &["zip"], true, |head| zip::begins(head.bytes), zip::open),
    row(Format::Tar, "tar", &["tar"], true, |head| tar::begins(head.bytes), tar::open),
    row(Format::Warc, "warc", &["warc", "warc.gz"], true, |head| warc::begins(head.bytes), warc::open),
    row(Format::Gzip, "gzip", &["gz", "tgz"], true, |head| head.bytes.starts_with(packed::GZIP), packed::gzip),
    row(Format::Zstd, "zstd", &["zst", "tzst"], true, |head| head.bytes.starts_with(packed::ZSTD), packed::zstd),
    row(Format::Pdf, "pdf", &["pdf"], false, |head| pdf::begins(head.bytes), pdf::open),
    row(Format::Parquet, "parquet", &["parquet"], true, |head| head.bytes.starts_with(parquet::MAGIC), parquet::open),
    row(Format::Opml, "opml", &["opml"], false, |head| opml::begins(&head.text), opml::open),
    row(Format::Feed, "feed", &["rss", "atom", "xml"], true, |head| feed::begins(&head.text), feed::open),
    row(Format::NewsMl, "newsml", &["newsml", "nitf"], true, |head| newsml::begins(&head.text), newsml::open),
    row(Format::Mhtml, "mhtml", &["mhtml", "mht"], false, |head| mhtml::begins(&head.text), mhtml::open),
    row(Format::Mail, "mail", &["eml"], false, |head| mail::begins(&head.text), mail::open),
    row(Format::Markdown, "markdown", &["md", "markdown"], false, |head| markdown::begins(&head.text), markdown::open),
    row(
        Format::Html,
        "html",
        &["html", "htm", "xhtml", "shtml"],
        false,
        |head| looks_like_html(&head.text),
        html::open,
    ),
    row(Format::Ninjs, "ninjs", &["ninjs"], true, |head| ninjs::begins(&head.text), ninjs::open),
    row(
        Format::Jsonl,
        "jsonl",
        &["jsonl", "ndjson"],
        true,
        |head| jsonl::looks_like_json_line(head.bytes),
        jsonl::open,
    ),
    row(Format::Json, "json", &["json"], true, |head| json::begins(&head.text), json::open),
    row(Format::Csv, "csv", &["csv", "tsv"], true, |_| false, csv::open),
    row(Format::Text, "text", &["txt", "text"], false, |_| true, text::open),
];

const fn row(
    format: Format,
    name: &'static str,
    endings: &'static [&'static str],
    many: bool,
    shows: fn(&Head) -> bool,
    open: for<'a> fn(Input<'a>) -> Founds<'a>,
) -> FormatRow {
    FormatRow { format, name, endings, many, shows, open }
}

impl Format {
    /// The row of the format.
    pub fn row(self) -> &'static FormatRow {
        FORMATS.iter().find(|row| row.format == self).expect("every format has a row")
    }

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The format of that name; `None` for any other word.
    pub fn named(name: &str) -> Option<Self> {
        FORMATS.iter().find(|row| row.name == name).map(|row| row.format)
    }

    /// Whether its bytes cannot be taken for text, so that content alone tells it.
    fn is_packed(self) -> bool {
        matches!(
            self,
            Format::Wacz
                | Format::Zip
                | Format::Tar
                | Format::Warc
                | Format::Gzip
                | Format::Zstd
                | Format::Pdf
                | Format::Parquet
        )
    }

    /// Whether it holds files of other formats.
    fn is_archive(self) -> bool {
        matches!(self, Format::Wacz | Format::Zip | Format::Tar)
    }

    /// The format whose files have names like this; of several endings that fit, the longest counts. `None` for any other name.
    ///
    /// # Example
    /// ```
    /// use dateline::formats::Format;
    /// assert_eq!(Format::of_file("wire/2024.TAR.GZ"), Some(Format::Gzip));
    /// assert_eq!(Format::of_file("wire/picture.png"), None);
    /// ```
    pub fn of_file(name: &str) -> Option<Self> {
        let name = Path::new(name).file_name()?.to_str()?.to_ascii_lowercase();
        let fits = |ending: &&&str| name.strip_suffix(**ending).is_some_and(|stem| stem.ends_with('.'));
        let longest = |row: &FormatRow| row.endings.iter().filter(fits).map(|ending| ending.len()).max();
        let fitting = FORMATS.iter().filter_map(|row| Some((longest(row)?, row.format)));
        fitting.max_by_key(|(length, _)| *length).map(|(_, format)| format)
    }
}

/// The beginning of a file.
struct Head<'h> {
    bytes: &'h [u8],
    /// Its ASCII, in lower case, without blank space before it.
    text: String,
}

/// Bytes of text looked at to tell a format.
const HEAD_BYTES: usize = 4096;

impl<'h> Head<'h> {
    fn of(bytes: &'h [u8]) -> Self {
        let ascii = bytes.iter().take(HEAD_BYTES).filter(|b| b.is_ascii() && **b != 0);
        let text: String = ascii.map(|b| b.to_ascii_lowercase() as char).collect();
        Head { bytes, text: text.trim_start().to_owned() }
    }
}

/// One report as it was read, and the bytes it came from.
#[derive(Debug)]
pub struct Item {
    /// The report.
    pub report: Report,
    /// Its bytes: the file, the page in a web archive, the `<item>` of a feed, the line of JSON, the row of a table with the heading
    /// line. Read as `format` they give the same text again; what the archive around them knew (address, day) stands in the report only.
    pub raw: Vec<u8>,
    /// The format of `raw`.
    pub format: Format,
    /// How messages name it: `feeds.zip/inner/page.html`, `news.warc.gz, record 17`.
    pub name: String,
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
/// Archives and compressed files are told by their content alone, since they cannot be read as anything else; so are `.xml` and `.json`,
/// which say too little.
///
/// # Example
/// ```
/// use dateline::formats::{Format, detect};
/// assert_eq!(detect("page", b"<!DOCTYPE html><p>Troops crossed the border."), Format::Html);
/// ```
pub fn detect(name: &str, bytes: &[u8]) -> Format {
    let head = Head::of(bytes);
    let shown = || FORMATS.iter().find(|row| (row.shows)(&head)).map_or(Format::Text, |row| row.format);
    let bare = BARE_ENDINGS.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending));
    match Format::of_file(name) {
        Some(Format::Wacz) if shown() == Format::Zip => Format::Wacz,
        Some(format) if format.is_packed() => shown(),
        Some(format) => match shown() {
            Format::Text => format,
            found if found.is_packed() || bare => found,
            _ => format,
        },
        None => shown(),
    }
}

/// Endings that say how a file is written and not what it holds.
const BARE_ENDINGS: &[&str] = &[".xml", ".json"];

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

/// Reads all reports of a source with their bytes, in order, archives included, as a stream: of an archive, one report at a time is held.
///
/// # Errors
/// Each item is [`Error::Unreadable`] where its bytes hold no report: empty or binary input, a page without an
/// article, a line that is not the JSON object of the machine contract, a damaged member of an archive, or one beyond [`limits`]. Items
/// after a bad one are still read, and those before it are kept.
pub fn items<'a>(source: Source<'a>) -> Items<'a> {
    Items::new(Input::new(source.name, Bytes::Lent(source.bytes), source.hint, source.options))
}

/// As [`items`], of bytes that the iterator keeps, such as a file mapped into memory.
pub fn items_of(
    name: &str,
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    hint: Option<Format>,
    options: &ReadOptions,
) -> Items<'static> {
    Items::new(Input::new(name, Bytes::owned(bytes), hint, options))
}

/// Reads all reports of a source, in order, as [`items`] does.
///
/// # Errors
/// As [`items`].
pub fn read<'a>(source: Source<'a>) -> Box<dyn Iterator<Item = Result<Report>> + Send + 'a> {
    Box::new(items(source).map(|item| item.map(|item| item.report)))
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

/// The one report of `input`, read by `report` from its name, bytes and options.
fn one<'a>(
    input: Input<'a>,
    format: Format,
    report: impl FnOnce(&str, &[u8], &ReadOptions) -> Result<Report> + Send + 'a,
) -> Founds<'a> {
    Box::new(std::iter::once_with(move || {
        let (name, options) = (input.name.clone(), input.options.clone());
        let bytes = input.one()?;
        let report = report(&name, &bytes, &options)?;
        Ok(Found::item(report, bytes.to_vec(), format, name))
    }))
}

/// First bytes of kinds of file that hold no text, and what to call them.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF media file (WebP, WAV or AVI)"),
    (b"\x7FELF", "an ELF program"),
    (b"MZ\x90", "a Windows program"),
    (b"BZh", "bzip2-compressed data; unpack it with bunzip2"),
    (b"\xFD7zXZ", "xz-compressed data; unpack it with unxz"),
    (b"\xD0\xCF\x11\xE0", "an old office document; save it as text"),
    (b"SQLite format 3", "an SQLite database"),
    (b"OggS", "an Ogg media file"),
    (b"ID3", "an MP3 recording"),
];

/// What is expected of any input.
const EXPECTED: &str = "expected a news report as text, HTML, JSON, PDF, mail, feed or table, or an archive of these";

/// Refuses empty and binary input with a message that says what it seems to be.
fn refuse_unreadable(input: &mut Input) -> Result<()> {
    let name = input.name.clone();
    let refuse = |message: String| Err(Error::Unreadable { name, message });
    let head = input.head()?;
    let signature = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature));
    let control =
        head.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A | 0x1B)).count();
    let binary = html::charset::utf16(head).is_none() && control * 20 > head.len();
    let length = head.len();
    if let Some(blank_bytes) = input.blank() {
        let found =
            if blank_bytes == 0 { "the file is empty".into() } else { format!("{blank_bytes} bytes of blank space") };
        return refuse(format!("{found}; {EXPECTED}"));
    }
    if let Some((_, kind)) = signature {
        return refuse(format!("this seems to be {kind}; {EXPECTED}"));
    }
    if binary {
        return refuse(format!(
            "this seems to be binary data ({control} control bytes in the first {length}); {EXPECTED}"
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
pub(crate) mod tests {
    use super::*;
    use std::io::Write;

    fn first(name: &str, bytes: &[u8]) -> Result<Report> {
        read(Source { name, bytes, hint: None, options: &ReadOptions::default() }).next().expect("one item")
    }

    /// All items of a source.
    pub(crate) fn all(name: &str, bytes: &[u8]) -> Vec<Result<Item>> {
        items(Source { name, bytes, hint: None, options: &ReadOptions::default() }).collect()
    }

    pub(crate) fn names(items: &[Result<Item>]) -> Vec<String> {
        items.iter().flatten().map(|item| item.name.clone()).collect()
    }

    pub(crate) fn texts(items: &[Result<Item>]) -> Vec<&str> {
        items.iter().flatten().map(|item| item.report.text.as_str()).collect()
    }

    pub(crate) fn messages(items: &[Result<Item>]) -> Vec<String> {
        items.iter().filter_map(|item| item.as_ref().err().map(Error::to_string)).collect()
    }

    /// The bytes of each item give its text and id again.
    pub(crate) fn check_raw(items: &[Result<Item>]) {
        for item in items.iter().flatten() {
            let source =
                Source { name: "again", bytes: &item.raw, hint: Some(item.format), options: &ReadOptions::default() };
            let again: Vec<_> = super::items(source).collect::<Result<_>>().unwrap();
            assert_eq!(again.len(), 1, "{}", item.name);
            assert_eq!(
                (&again[0].report.text, &again[0].report.id),
                (&item.report.text, &item.report.id),
                "{}",
                item.name
            );
            assert_eq!(item.report.content_hash, blake3::hash(&item.raw).to_hex().as_str(), "{}", item.name);
            check(&item.report);
        }
    }

    pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    pub(crate) fn zst(bytes: &[u8]) -> Vec<u8> {
        ::zstd::encode_all(bytes, 1).unwrap()
    }

    pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let deflate = ::zip::write::SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Deflated);
        for (path, bytes) in files {
            zip.start_file(*path, deflate).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// As much text as is said, all of it one letter.
    pub(crate) fn bomb(bytes: usize) -> Vec<u8> {
        vec![b'a'; bytes]
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
        assert_eq!(refusal("a.txt", b""), format!("a.txt: the file is empty; {EXPECTED}"));
        assert_eq!(refusal("a.html", b" \n\t "), format!("a.html: 4 bytes of blank space; {EXPECTED}"));
    }

    #[test]
    fn binary_input_is_named_for_what_it_seems_to_be() {
        assert!(refusal("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("a PNG picture"));
        assert!(refusal("a", b"\x7FELF\x02\x01\x01\0\0\0").contains("an ELF program"));
        assert_eq!(refusal("a.html", b"\x1F\x8B\x08\0\0\0\0\0"), "a.html: damaged or cut off: it ends in the middle");
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
            "{\"id\":\"a\",\"title\":\"Raid\",\"text\":\"KYIV (AP) - Police raided homes.\\nÓbidos\",\"published\":\"2017-01-30\"}\n\
                {\"html\":\"<p>x\"}\n",
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
