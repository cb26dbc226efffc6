//! Web archives: WARC 1.0 and 1.1 (ISO 28500), plain or gzipped member by member, as CC-NEWS is. Each response with a web page is a report.
//!
//! The address is `WARC-Target-URI`. `WARC-Date` is the day of the capture, which may be years after that of publication: it is offered
//! as a note where the page gives no date, and never taken for one. Redirects, errors, pictures and records of other kinds
//! (`request`, `revisit`, `metadata`) are passed over.

use super::input::{Bytes, Input, Outside, Stream, damaged};
use super::walk::{Found, Founds, reports};
use super::{Format, html, limits, packed};
use crate::{Error, Note, Report, Result};
use flate2::bufread::{DeflateDecoder, GzDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Most lines of a header.
const HEADER_LINES: usize = 500;
/// Bytes looked at behind a record.
const AHEAD_BYTES: u64 = 16;
/// How every record begins.
const BEGINNING: &[u8] = b"WARC/";

/// Whether a file begins with a record, gzipped or not.
pub(crate) fn begins(head: &[u8]) -> bool {
    let mut first = [0; BEGINNING.len()];
    head.starts_with(BEGINNING)
        || (head.starts_with(packed::GZIP)
            && GzDecoder::new(head).read_exact(&mut first).is_ok()
            && first == *BEGINNING)
}

/// The pages of a web archive.
pub(crate) fn open(mut input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    let gzipped = match input.head() {
        Ok(head) => head.starts_with(packed::GZIP),
        Err(error) => return Box::new(std::iter::once(Err(error))),
    };
    let source = match (gzipped, input.split()) {
        (true, Ok(bytes)) => Source::Members(Box::new(Members::new(bytes, &outside))),
        (true, Err(stream)) => Source::Stream(outside.metered(MultiGzDecoder::new(stream))),
        (false, Ok(bytes)) => Source::Stream(Box::new(Cursor::new(bytes))),
        (false, Err(stream)) => Source::Stream(Box::new(stream)),
    };
    reports(Records {
        stream: Again { stream: BufReader::with_capacity(1 << 16, source), again: Cursor::default() },
        outside,
        number: 0,
        over: false,
    })
}

/// Where records come from.
enum Source<'a> {
    Stream(Stream<'a>),
    /// Gzip members at hand, so that reading can go on behind a damaged one.
    Members(Box<Members<'a>>),
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Stream(stream) => stream.read(into),
            Source::Members(members) => members.read(into),
        }
    }
}

/// Gzip members one after the other, unpacked.
struct Members<'a> {
    bytes: Bytes<'a>,
    /// Where the member being read begins.
    start: usize,
    member: Option<GzDecoder<Cursor<Bytes<'a>>>>,
    /// What stopped the reading of this member, which stays stopped.
    stopped: Option<io::ErrorKind>,
    outside: Outside,
}

impl<'a> Members<'a> {
    fn new(bytes: Bytes<'a>, outside: &Outside) -> Self {
        let mut members = Members { bytes, start: 0, member: None, stopped: None, outside: outside.clone() };
        members.begin(0);
        members
    }

    fn begin(&mut self, start: usize) {
        self.start = start;
        self.stopped = None;
        let rest = self.bytes.slice(start..self.bytes.len());
        self.member = rest.starts_with(packed::GZIP).then(|| GzDecoder::new(Cursor::new(rest)));
    }

    /// Goes to the next member behind a damaged one that begins with a record; false where there is none.
    fn resume(&mut self) -> bool {
        let mut at = self.start + 1;
        while let Some(offset) = memchr::memmem::find(self.bytes.get(at..).unwrap_or_default(), b"\x1F\x8B\x08") {
            at += offset;
            if begins(&self.bytes[at..]) {
                self.begin(at);
                return true;
            }
            at += 1;
        }
        self.member = None;
        self.stopped = None;
        false
    }
}

impl Read for Members<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.stopped {
            return Err(kind.into());
        }
        while let Some(member) = &mut self.member {
            match member.read(into).inspect_err(|error| self.stopped = Some(error.kind()))? {
                0 if !into.is_empty() => {
                    let next = self.start + usize::try_from(member.get_ref().position()).unwrap_or(usize::MAX);
                    self.begin(next);
                }
                read => {
                    self.outside.budget.spend(read)?;
                    return Ok(read);
                }
            }
        }
        Ok(0)
    }
}

/// A stream that can be given back what was read of it.
struct Again<'a> {
    stream: BufReader<Source<'a>>,
    again: Cursor<Vec<u8>>,
}

impl Read for Again<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let read = ready.len().min(into.len());
        into[..read].copy_from_slice(&ready[..read]);
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Again<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if (self.again.position() as usize) < self.again.get_ref().len() {
            self.again.fill_buf()
        } else {
            self.stream.fill_buf()
        }
    }

    fn consume(&mut self, read: usize) {
        if (self.again.position() as usize) < self.again.get_ref().len() {
            self.again.consume(read)
        } else {
            self.stream.consume(read)
        }
    }
}

impl Again<'_> {
    /// Puts `bytes` before what is still to be read.
    fn give_back(&mut self, mut bytes: Vec<u8>) {
        let rest = self.again.position() as usize;
        bytes.extend_from_slice(self.again.get_ref().get(rest..).unwrap_or_default());
        self.again = Cursor::new(bytes);
    }

    /// A line with its end, cut at [`limits::NAME_BYTES`]; empty at the end of the stream.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.by_ref().take(limits::NAME_BYTES as u64).read_until(b'\n', &mut line)?;
        Ok(line)
    }

    /// Reads on to a line that begins a record, and gives it back; false at the end.
    fn find_record(&mut self) -> io::Result<bool> {
        let mut begins_line = true;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(false);
            }
            if begins_line && is_version(&line) {
                self.give_back(line);
                return Ok(true);
            }
            begins_line = line.ends_with(b"\n");
        }
    }
}

/// Whether a line is the first of a record.
fn is_version(line: &[u8]) -> bool {
    line.starts_with(b"WARC/0.") || line.starts_with(b"WARC/1.")
}

/// The header of a record.
#[derive(Debug, Default)]
struct Header(Vec<(String, String)>);

impl Header {
    /// Reads the lines after the first up to a blank one.
    fn read(stream: &mut impl FnMut() -> io::Result<Vec<u8>>) -> io::Result<Self> {
        let mut header = Header::default();
        for _ in 0..HEADER_LINES {
            let line = stream()?;
            let text = String::from_utf8_lossy(&line);
            if text.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if text.trim().is_empty() {
                return Ok(header);
            }
            match (text.starts_with([' ', '\t']), header.0.last_mut()) {
                (true, Some((_, value))) => *value = format!("{value} {}", text.trim()),
                _ => {
                    let (name, value) = text.split_once(':').unwrap_or((&text, ""));
                    header.0.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
            }
        }
        Err(io::Error::other(format!("a header of more than {HEADER_LINES} lines")))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

struct Records<'a> {
    stream: Again<'a>,
    outside: Outside,
    number: usize,
    over: bool,
}

impl Records<'_> {
    fn name(&self) -> String {
        format!("{}, record {}", self.outside.name, self.number)
    }

    fn unreadable(&self, message: impl Into<String>) -> Error {
        Error::Unreadable { name: self.name(), message: message.into() }
    }

    /// The next record's page; `None` for a record that holds none, an error for one that cannot be read.
    fn record(&mut self) -> Result<Option<Found<'static>>> {
        match self.header() {
            Ok(Some((header, length))) => self.block(&header, length),
            Ok(None) => {
                self.over = true;
                Ok(None)
            }
            Err(Stop::Io(error)) => Err(self.resume(&error)),
            Err(Stop::Bad(message)) => {
                let _ = self.stream.line();
                Err(self.go_on(&message))
            }
        }
    }

    /// The header of the next record and the length of its block; `None` at the end.
    fn header(&mut self) -> std::result::Result<Option<(Header, u64)>, Stop> {
        let first = loop {
            let line = self.stream.line().inspect_err(|_| self.number += 1)?;
            if line.is_empty() {
                return Ok(None);
            }
            if !line.trim_ascii().is_empty() {
                break line;
            }
        };
        self.number += 1;
        if !is_version(&first) {
            let words: String = String::from_utf8_lossy(&first).trim().chars().take(40).collect();
            return Err(Stop::Bad(format!("{words:?} found, expected WARC/1.0 or WARC/1.1")));
        }
        let header = Header::read(&mut || self.stream.line())?;
        let length = header.get("content-length").unwrap_or("no number");
        match length.parse() {
            Ok(length) => Ok(Some((header, length))),
            Err(_) => {
                Err(Stop::Bad(format!("Content-Length is {:?}, expected a number", super::jsonl::shortened(length))))
            }
        }
    }

    /// The page in a record's block.
    fn block(&mut self, header: &Header, length: u64) -> Result<Option<Found<'static>>> {
        let kind = header.get("warc-type").unwrap_or("").to_ascii_lowercase();
        let stored = header.get("content-type").unwrap_or("").to_ascii_lowercase();
        let http = kind == "response" && stored.starts_with("application/http");
        let wanted = http || (matches!(kind.as_str(), "response" | "resource") && is_page(&stored));
        if length > limits::ITEM_BYTES as u64 {
            // Skipping so much would trust the length; the next record is looked for instead.
            let error = super::input::too_large(&self.name(), limits::ITEM_BYTES);
            self.over = !self.stream.find_record().unwrap_or(false);
            return if wanted { Err(error) } else { Ok(None) };
        }
        let mut block = Vec::new();
        if let Err(error) = self.stream.by_ref().take(length).read_to_end(&mut block) {
            return Err(self.resume(&error));
        }
        if (block.len() as u64) < length || !self.ends(&block) {
            let short = (block.len() as u64) < length;
            self.stream.give_back(block);
            // The record's own page goes with it: where it ends is not known.
            return Err(if short && !self.has_record_ahead() { self.cut_off() } else { self.lie(length) });
        }
        if wanted { self.page(header, &block, http) } else { Ok(None) }
    }

    /// Whether a record with this block ends here: blank lines and the next record or the end of the archive come next. Other things
    /// behind the blank lines are noise, unless the block holds the beginning of a record, which its length should not have covered.
    fn ends(&mut self, block: &[u8]) -> bool {
        let mut next = Vec::new();
        let read = self.stream.by_ref().take(AHEAD_BYTES).read_to_end(&mut next);
        let rest = next.trim_ascii_start();
        let noise = next.starts_with(b"\r\n\r\n") && memchr::memmem::find(block, b"\nWARC/1.").is_none();
        let ends = rest.starts_with(BEGINNING) || rest.is_empty() && (next.len() as u64) < AHEAD_BYTES;
        self.stream.give_back(next);
        ends || noise || read.is_err()
    }

    fn has_record_ahead(&self) -> bool {
        let rest = self.stream.again.get_ref();
        memchr::memmem::find(rest, b"\nWARC/1.").is_some()
    }

    fn cut_off(&mut self) -> Error {
        self.over = true;
        self.unreadable("damaged or cut off: it ends in the middle")
    }

    fn lie(&mut self, length: u64) -> Error {
        self.go_on(&format!("Content-Length is {length}, but the record does not end there"))
    }

    /// Finds the next record behind a bad one.
    fn go_on(&mut self, message: &str) -> Error {
        let error = self.unreadable(format!("damaged: {message}; reading goes on at the next record"));
        if !self.stream.find_record().unwrap_or(false) {
            self.over = true;
        }
        error
    }

    /// Goes on behind a gzip member that cannot be unpacked, or ends.
    fn resume(&mut self, error: &io::Error) -> Error {
        let said = damaged(&self.name(), error);
        let spent = self.outside.budget.is_spent();
        self.stream.again = Cursor::default();
        let left = self.stream.stream.buffer().len();
        self.stream.stream.consume(left);
        let resumed = match self.stream.stream.get_mut() {
            Source::Members(members) => !spent && members.resume(),
            Source::Stream(_) => false,
        };
        self.over = !resumed;
        said
    }

    /// The report on a page.
    fn page(&self, header: &Header, block: &[u8], http: bool) -> Result<Option<Found<'static>>> {
        let body = match http {
            true => match http_body(block, &self.outside).map_err(|message| self.unreadable(message))? {
                Some(body) => body,
                None => return Ok(None),
            },
            false => block.to_vec(),
        };
        if body.trim_ascii().is_empty() {
            return Ok(None);
        }
        let address = header.get("warc-target-uri").map(|uri| uri.trim_matches(['<', '>']).to_owned());
        let mut options = self.outside.options.clone();
        options.url = address.or(options.url);
        let name = self.name();
        let mut report = html::report(&name, &body, &options)?;
        note_capture(&mut report, header.get("warc-date"));
        Ok(Some(Found::item(report, body, Format::Html, name)))
    }
}

/// Offers the day of the capture where the day of publication is unknown.
fn note_capture(report: &mut Report, date: Option<&str>) {
    let Some(day) = date.and_then(super::jsonl::day).filter(|_| report.published.is_none()) else { return };
    report.notes.retain(|note| note.code != "no-publication-date");
    let message =
        format!("no publication date is known; the page was captured on {day}: give --published to resolve dates");
    report.notes.push(Note { code: "capture-date", message, span: None });
}

/// Why a header cannot be read.
enum Stop {
    Io(io::Error),
    Bad(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Found<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            if let Some(found) = self.record().transpose() {
                return Some(found);
            }
        }
        None
    }
}

/// Whether a media type is that of a web page.
fn is_page(kind: &str) -> bool {
    kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")
}

/// The page in an HTTP response, its transfer and content encodings undone; `None` where it is no page or no success.
fn http_body(block: &[u8], outside: &Outside) -> std::result::Result<Option<Vec<u8>>, String> {
    let mut lines = Cursor::new(block);
    let mut line = || {
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line).map(|_| line)
    };
    let status = line().unwrap_or_default();
    let status = String::from_utf8_lossy(&status).into_owned();
    let Ok(header) = Header::read(&mut line) else { return Err("damaged: the HTTP header has no end".to_owned()) };
    let success = status.split_whitespace().nth(1).is_some_and(|code| code.len() == 3 && code.starts_with('2'));
    if !success || !is_page(&header.get("content-type").unwrap_or("").to_ascii_lowercase()) {
        return Ok(None);
    }
    let body = &block[lines.position() as usize..];
    let chunked = header.get("transfer-encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    // Crawlers often undo the encodings and keep the header.
    let body = if chunked { unchunked(body).unwrap_or_else(|| body.to_vec()) } else { body.to_vec() };
    let coding = header.get("content-encoding").unwrap_or("").to_ascii_lowercase();
    let stream: Stream = match coding.as_str() {
        _ if body.starts_with(packed::GZIP) => outside.metered(MultiGzDecoder::new(Cursor::new(body))),
        "zstd" if body.starts_with(packed::ZSTD) => {
            packed::unzstd(outside, Box::new(Cursor::new(body))).map_err(|error| format!("damaged: {error}"))?
        }
        "deflate" if body.first() == Some(&0x78) => outside.metered(ZlibDecoder::new(Cursor::new(body))),
        "deflate" if !looks_like_text(&body) => outside.metered(DeflateDecoder::new(Cursor::new(body))),
        "br" if !looks_like_text(&body) => {
            return Err("the page is compressed with brotli; expected gzip, deflate, zstd or none".to_owned());
        }
        _ => return Ok(Some(body)),
    };
    let mut unpacked = Vec::new();
    let read = stream.take(limits::ITEM_BYTES as u64 + 1).read_to_end(&mut unpacked);
    if unpacked.len() > limits::ITEM_BYTES {
        return Err(format!("more than {} MB for one report; it is left out", limits::ITEM_BYTES >> 20));
    }
    // A body cut off by the crawler's own limit is read as far as it goes.
    match read {
        Err(error) if unpacked.is_empty() || error.kind() == io::ErrorKind::Other => Err(format!("damaged: {error}")),
        _ => Ok(Some(unpacked)),
    }
}

/// Whether bytes are markup already.
fn looks_like_text(body: &[u8]) -> bool {
    body.iter().take(64).all(|&b| b >= 0x20 || b.is_ascii_whitespace()) && body.contains(&b'<')
}

/// A body without the sizes of its chunks; `None` where it has none.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    let mut rest = body;
    loop {
        let end = memchr::memchr(b'\n', rest.get(..rest.len().min(128))?)?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.trim().split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 1..];
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(&rest[..size.min(rest.len())]);
        if size >= rest.len() {
            return Some(whole);
        }
        rest = &rest[size..];
        rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, bomb, check_raw, gz, messages, names};
    use super::super::{Format, detect};

    fn page(words: &str) -> String {
        format!(
            "<html><head><title>Raid in {words} town</title></head><body><article><h1>Raid in {words} town</h1><p>Police raided three \
                homes in \
             the {words} town on Monday and arrested five people, the governor said.</p><p>Residents of the street said that the police \
             had broken down doors and searched every room of the houses.</p></article></body></html>"
        )
    }

    fn record(kind: &str, uri: &str, block: &[u8], length: usize) -> Vec<u8> {
        let header = format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2020-03-04T10:00:00Z\r\nWARC-Target-URI: {uri}\r\n\
             Content-Type: application/http; msgtype={kind}\r\nContent-Length: {length}\r\n\r\n"
        );
        [header.as_bytes(), block, b"\r\n\r\n"].concat()
    }

    fn response(uri: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let block = [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n").as_bytes(), body].concat();
        record("response", uri, &block, block.len())
    }

    /// Five pages among other records.
    fn records() -> Vec<Vec<u8>> {
        let mut records = vec![record("warcinfo", "", b"software: x", 11)];
        for n in 0..5 {
            let uri = format!("https://town.example/{n}");
            records.push(record("request", &uri, b"GET / HTTP/1.1\r\n\r\n", 18));
            records.push(response(&uri, "", page(&format!("{n}th")).as_bytes()));
        }
        let picture = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG";
        records.push(record("response", "p", picture, picture.len()));
        let gone = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>Nothing here.";
        records.push(record("response", "g", gone, gone.len()));
        records.push(record("revisit", "r", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", 44));
        records
    }

    #[test]
    fn pages_are_read_plain_and_gzipped() {
        let plain = records().concat();
        let members: Vec<u8> = records().iter().flat_map(|record| gz(record)).collect();
        for (name, bytes) in [("news.warc", plain.clone()), ("news.warc.gz", members), ("-", gz(&plain))] {
            assert_eq!(detect(name, &bytes), Format::Warc);
            let items = all(name, &bytes);
            assert_eq!(
                names(&items),
                [3, 5, 7, 9, 11].map(|n| format!("{name}, record {n}")),
                "{:?}",
                messages(&items)
            );
            assert_eq!(messages(&items), Vec::<String>::new());
            let report = &items[1].as_ref().unwrap().report;
            assert_eq!(report.url.as_deref(), Some("https://town.example/1"));
            assert_eq!((report.published, report.title.unwrap().of(&report.text)), (None, "Raid in 1th town"));
            let codes: Vec<_> = report.notes.iter().map(|note| note.code).collect();
            assert_eq!(codes, ["capture-date"]);
            check_raw(&items);
        }
    }

    #[test]
    fn encodings_of_the_response_are_undone() {
        let body = page("old");
        let chunked = format!("{:x}\r\n{}\r\n5;a=b\r\n     \r\n0\r\n\r\n", body.len(), body);
        let unpacked = [
            response("u", "Transfer-Encoding: chunked\r\n", chunked.as_bytes()),
            response("u", "Content-Encoding: gzip\r\n", &gz(body.as_bytes())),
            response("u", "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", body.as_bytes()),
        ];
        for archive in unpacked {
            let items = all("a.warc", &archive);
            assert!(items[0].as_ref().unwrap().raw.starts_with(body.as_bytes()), "{items:?}");
        }
        let said = messages(&all("a.warc", &response("u", "Content-Encoding: br\r\n", b"\x8b\x02\x80x")));
        assert!(said[0].contains("brotli"), "{said:?}");
    }

    #[test]
    fn a_damaged_member_costs_its_record_only() {
        let packed: Vec<Vec<u8>> = records().iter().map(|record| gz(record)).collect();
        let mut damaged = packed.clone();
        damaged[4][30..60].fill(0xAA);
        damaged[8].truncate(100);
        let items = all("news.warc.gz", &damaged.concat());
        assert_eq!(names(&items).len(), 3, "{:?}", messages(&items));
        assert_eq!(messages(&items).len(), 2, "{:?}", messages(&items));
        let whole = packed.concat();
        let cut = all("news.warc.gz", &whole[..whole.len() * 6 / 10]);
        assert!(names(&cut).len() >= 2 && messages(&cut).len() == 1, "{:?}", messages(&cut));
        assert!(messages(&cut)[0].ends_with("damaged or cut off: it ends in the middle"), "{:?}", messages(&cut));
    }

    #[test]
    fn lying_lengths_are_seen_through() {
        for wrong in [10usize, 3_000, 1 << 40] {
            let mut archive = records();
            let block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Short page of a liar that says nothing.";
            archive[4] = record("response", "liar", block, wrong);
            let items = all("news.warc", &archive.concat());
            let said = messages(&items);
            assert!(said.iter().any(|message| message.contains("record 5: ")), "{wrong}: {said:?}");
            assert_eq!(names(&items).len(), 4, "{wrong}: {said:?}");
        }
        let noise = [&records()[2], &b"noise\r\nmore\r\n\r\n"[..], &records()[4]].concat();
        let items = all("news.warc", &noise);
        assert_eq!((names(&items).len(), messages(&items).len()), (2, 1), "{:?}", messages(&items));
        assert_eq!(messages(&all("a.warc", b"WARC/1.0\r\nContent-Length: x\r\n\r\n")).len(), 1);
    }

    #[test]
    fn bombs_in_responses_are_stopped() {
        let archive =
            [response("bomb", "Content-Encoding: gzip\r\n", &gz(&bomb(300 << 20))), records()[2].clone()].concat();
        let items = all("news.warc", &archive);
        assert!(
            messages(&items)[0].contains("64 MB") || messages(&items)[0].contains("250 times"),
            "{:?}",
            messages(&items)
        );
        let items = all(
            "news.warc.gz",
            &gz(&[record("response", "b", &bomb(300 << 20), 300 << 20), records()[2].clone()].concat()),
        );
        assert_eq!(messages(&items).len(), 1, "{:?}", messages(&items));
    }
}
