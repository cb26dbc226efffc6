//! PDF documents with a text layer: lines joined into paragraphs, words divided at line ends put together, headers and footers dropped.

use super::input::Input;
use super::story::{Body, Story};
use super::walk::Founds;
use super::{Format, ReadOptions};
use crate::{Error, Report, Result};
use flate2::read::ZlibDecoder;
use std::collections::HashMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// First bytes of a document; some have a few others before.
const MAGIC: &[u8] = b"%PDF-";
/// Bytes before it that are passed over.
const BEFORE: usize = 1024;
/// Most bytes that one stream of a document (not a picture) may unpack to: what draws a page has some 100 kB.
const STREAM_BYTES: u64 = 8 << 20;
/// Most bytes that all such streams of a document may unpack to.
const DOCUMENT_BYTES: u64 = 96 << 20;
/// Deepest nesting of arrays and dictionaries.
const NESTING: usize = 64;
/// Lines at the head and foot of a page that may be headers and footers.
const EDGE_LINES: usize = 3;
/// A line shorter than this share of the page's width may end a paragraph.
const SHORT: f32 = 0.8;

/// Whether a file begins as a document.
pub(crate) fn begins(head: &[u8]) -> bool {
    let head = &head[..head.len().min(BEFORE)];
    let at = memchr::memmem::find(head, MAGIC);
    at.is_some_and(|at| at == 0 || head[..at].iter().any(|b| *b >= 0x80 || *b < 0x20) && !head.starts_with(b"PK"))
}

/// The report of `input`.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    super::one(input, Format::Pdf, report)
}

fn report(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Report> {
    let unreadable = |message: String| Error::Unreadable { name: name.to_owned(), message };
    check(bytes).map_err(|message| unreadable(message.to_owned()))?;
    // Documents are hostile input and the extractor is not ours: a panic in it costs this document, nothing more.
    let pages = catch_unwind(AssertUnwindSafe(|| pdf_extract::extract_text_from_mem_by_pages(bytes)));
    let pages = match pages {
        Ok(Ok(pages)) => pages,
        Ok(Err(error)) => {
            return Err(unreadable(format!(
                "damaged PDF ({}); save it anew or as text",
                error.to_string().to_lowercase()
            )));
        }
        Err(_) => return Err(unreadable("damaged PDF; save it anew or as text".to_owned())),
    };
    let text = paragraphs(&pages);
    if text.is_empty() {
        let message = format!(
            "no text layer found ({} pages, pictures of text?); run text recognition (OCR) on it first",
            pages.len()
        );
        return Err(unreadable(message));
    }
    Story { body: Body::Text(text), ..Story::default() }.report(bytes, options).map_err(unreadable)
}

/// Refuses documents made to fill memory, by unpacking their streams to nowhere; the error is the message.
fn check(bytes: &[u8]) -> std::result::Result<(), &'static str> {
    let mut total = 0;
    let mut at = 0;
    while let Some(offset) = memchr::memmem::find(&bytes[at..], b"stream") {
        let keyword = at + offset;
        at = keyword + 6;
        if bytes[..keyword].ends_with(b"end") {
            continue;
        }
        let data = match &bytes[at..] {
            rest if rest.starts_with(b"\r\n") => &rest[2..],
            rest if rest.starts_with(b"\n") || rest.starts_with(b"\r") => &rest[1..],
            _ => continue,
        };
        let dictionary = &bytes[keyword.saturating_sub(2048)..keyword];
        let dictionary = &dictionary[memchr::memmem::rfind(dictionary, b" obj").unwrap_or(0)..];
        let has = |name: &[u8]| memchr::memmem::find(dictionary, name).is_some();
        if has(b"/Image") && !has(b"/ObjStm") {
            continue;
        }
        let layers = memchr::memmem::find_iter(dictionary, b"FlateDecode").count()
            + memchr::memmem::find_iter(dictionary, b"/Fl ").count();
        let mut stream: Box<dyn Read> = Box::new(data);
        for _ in 0..layers.min(4) {
            stream = Box::new(ZlibDecoder::new(stream));
        }
        let unpacked = match layers {
            0 if has(b"LZWDecode") => lzw_bytes(data),
            0 => 0,
            _ => inflated(&mut stream)?,
        };
        total += unpacked;
        if unpacked > STREAM_BYTES || total > DOCUMENT_BYTES {
            return Err(
                "it unpacks to far more than a document needs, as files made to fill memory do; save it anew or as text",
            );
        }
    }
    if nested(bytes) { Err("its objects are nested too deeply; save it anew or as text") } else { Ok(()) }
}

/// Bytes that a stream unpacks to, counted to just beyond [`STREAM_BYTES`].
fn inflated(stream: &mut dyn Read) -> std::result::Result<u64, &'static str> {
    let mut counted = Counter(stream, 0, 0);
    // A damaged stream gives what it has, as it does in the extractor.
    let _ = io::copy(&mut counted.by_ref().take(STREAM_BYTES + 1), &mut io::sink());
    if counted.2 > NESTING * 100 {
        Err("its objects are nested too deeply; save it anew or as text")
    } else {
        Ok(counted.1)
    }
}

/// Counts the bytes read, and how deep they nest.
struct Counter<'r>(&'r mut dyn Read, u64, usize);

impl Read for Counter<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into)?;
        self.1 += read as u64;
        let run = into[..read]
            .chunk_by(|a, b| a == b)
            .filter(|run| matches!(run[0], b'[' | b'<' | b'('))
            .map(<[u8]>::len)
            .max();
        self.2 = self.2.max(run.unwrap_or(0));
        Ok(read)
    }
}

/// An upper bound of what LZW data unpacks to: each code of nine bits or more stands for at most one byte more than the last.
fn lzw_bytes(data: &[u8]) -> u64 {
    let end = memchr::memmem::find(data, b"endstream").unwrap_or(data.len());
    let codes = end as u64 * 8 / 12;
    // The table is cleared after 4096 codes, so that none is longer.
    codes * 4096 / 2
}

/// Whether arrays and dictionaries outside streams nest too deeply.
fn nested(bytes: &[u8]) -> bool {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'<' if bytes.get(at + 1) == Some(&b'<') => {
                depth += 1;
                at += 1;
            }
            b'>' if bytes.get(at + 1) == Some(&b'>') => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'e' if bytes[at..].starts_with(b"endobj") => depth = 0,
            b's' if bytes[at..].starts_with(b"stream") && !bytes[..at].ends_with(b"end") => {
                depth = 0;
                at += memchr::memmem::find(&bytes[at..], b"endstream").unwrap_or(0);
            }
            _ => {}
        }
        if depth > NESTING {
            return true;
        }
        at += 1;
    }
    false
}

/// The text of all pages, a paragraph a line.
fn paragraphs(pages: &[String]) -> String {
    let pages: Vec<Vec<&str>> = pages.iter().map(|page| page.lines().map(str::trim).collect()).collect();
    let repeated = repeated(&pages);
    let mut text = Text::default();
    for page in &pages {
        let edges = edges(page);
        let kept = |&(index, line): &(usize, &&str)| {
            !(edges.contains(&index) && (repeated.contains_key(&shape(line)) || is_page_number(line)))
        };
        let lines: Vec<&str> = page.iter().enumerate().filter(kept).map(|(_, line)| *line).collect();
        text.page(&lines);
    }
    text.end();
    text.paragraphs.join("\n")
}

/// The indexes of the first and last lines of a page that are not blank.
fn edges(page: &[&str]) -> Vec<usize> {
    let full: Vec<usize> = (0..page.len()).filter(|&index| !page[index].is_empty()).collect();
    full.iter().take(EDGE_LINES).chain(full.iter().rev().take(EDGE_LINES)).copied().collect()
}

/// Lines at the edges of several pages, whatever numbers they have, on at least half of the pages.
fn repeated(pages: &[Vec<&str>]) -> HashMap<String, usize> {
    let mut count = HashMap::new();
    for page in pages {
        let mut shapes: Vec<String> = edges(page).into_iter().map(|index| shape(page[index])).collect();
        shapes.sort_unstable();
        shapes.dedup();
        for shape in shapes {
            *count.entry(shape).or_insert(0) += 1;
        }
    }
    count.retain(|_, pages_with| *pages_with >= 2 && *pages_with * 2 >= pages.len());
    count
}

/// A line with each number as one mark.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    for c in line.chars() {
        match c.is_ascii_digit() {
            true if shape.ends_with('#') => {}
            true => shape.push('#'),
            false => shape.extend(c.to_lowercase()),
        }
    }
    shape
}

/// "12", "- 12 -", "Page 3 of 12".
fn is_page_number(line: &str) -> bool {
    let shape = shape(line);
    let rest = shape.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
    matches!(rest, "#" | "page #" | "page # of #" | "p. #" | "# of #" | "# / #" | "#/#")
}

/// Text as it grows line by line.
#[derive(Default)]
struct Text {
    paragraphs: Vec<String>,
    open: String,
}

impl Text {
    fn page(&mut self, lines: &[&str]) {
        let mut widths: Vec<usize> = lines.iter().map(|line| line.chars().count()).filter(|&width| width > 0).collect();
        widths.sort_unstable();
        let width = widths.get(widths.len() * 9 / 10).copied().unwrap_or(0);
        // Some writers leave a blank line between all lines: then blank lines say nothing.
        let double = lines.windows(2).all(|pair| pair[0].is_empty() || pair[1].is_empty()) && lines.len() > 6;
        let mut first = true;
        for line in lines {
            if line.is_empty() {
                if !double && !first {
                    self.end();
                }
                continue;
            }
            // A paragraph goes on over the page where the page does not end with a sentence.
            if first && (ends_sentence(&self.open) || !line.starts_with(char::is_lowercase)) {
                self.end();
            }
            first = false;
            self.line(line);
            let short = (line.chars().count() as f32) < width as f32 * SHORT;
            if short && ends_sentence(line) {
                self.end();
            }
        }
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let line = words.join(" ");
        let divided =
            self.open.strip_suffix(['-', '\u{2010}', '\u{AD}']).filter(|rest| rest.ends_with(char::is_alphabetic));
        match divided {
            Some(rest) if line.starts_with(char::is_lowercase) => {
                let rest = rest.len();
                self.open.truncate(rest);
            }
            // "Franco-" and "German" keep the hyphen.
            Some(_) => {}
            None if !self.open.is_empty() => self.open.push(' '),
            None => {}
        }
        self.open.push_str(&line);
    }

    fn end(&mut self) {
        if !self.open.is_empty() {
            self.paragraphs.push(std::mem::take(&mut self.open));
        }
    }
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['"', '”', '\'', '’', ')']).ends_with(['.', '!', '?', ':'])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, texts};
    use super::*;
    use std::fmt::Write;

    /// A document with these lines on its pages, compressed or not.
    fn document(pages: &[&[&str]], extra: &[u8]) -> Vec<u8> {
        let mut objects: Vec<Vec<u8>> = vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec()];
        let kids: String = (0..pages.len()).map(|n| format!("{} 0 R ", 4 + 2 * n)).collect();
        objects.push(format!("<</Type/Pages/Count {}/Kids[{kids}]>>", pages.len()).into_bytes());
        objects.push(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec());
        for (n, lines) in pages.iter().enumerate() {
            objects.push(
                format!(
                    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {} 0 R/Resources<</Font<</F 3 0 R>>>>>>",
                    5 + 2 * n
                )
                .into_bytes(),
            );
            let mut content = "BT /F 11 Tf 13 TL 72 720 Td ".to_owned();
            for line in *lines {
                write!(content, "({line}) Tj T* ").unwrap();
            }
            content.push_str("ET");
            let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            io::Write::write_all(&mut packed, content.as_bytes()).unwrap();
            let packed = packed.finish().unwrap();
            objects.push(
                [
                    format!("<</Length {}/Filter/FlateDecode>>stream\n", packed.len()).as_bytes(),
                    &packed,
                    b"\nendstream",
                ]
                .concat(),
            );
        }
        if !extra.is_empty() {
            objects.push(extra.to_vec());
        }
        let mut pdf = b"%PDF-1.4\n".to_vec();
        let mut table = String::new();
        for (n, object) in objects.iter().enumerate() {
            writeln!(table, "{:010} 00000 n ", pdf.len()).unwrap();
            pdf.extend([format!("{} 0 obj\n", n + 1).as_bytes(), object, b"\nendobj\n"].concat());
        }
        let start = pdf.len();
        pdf.extend(
            format!(
                "xref\n0 {}\n0000000000 65535 f \n{table}trailer<</Size {0}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF",
                objects.len() + 1
            )
            .bytes(),
        );
        pdf
    }

    const FIRST: &[&str] = &[
        "Town Post, 4 March 2020",
        "Raid in the old town",
        "",
        "Police raided three homes in the old town on Monday and detain-",
        "ed five people who were said to have links to an armed group, the",
        "governor said.",
        "",
        "Residents of the street said that the police had broken down the",
        "doors and that nobody had been told what the five men were",
        "1",
    ];
    const SECOND: &[&str] = &["Town Post, 4 March 2020", "accused of, a lawyer said.", "2"];

    #[test]
    fn lines_become_paragraphs_and_headers_go() {
        let pdf = document(&[FIRST, SECOND], b"");
        let items = all("raid.pdf", &pdf);
        assert_eq!(
            texts(&items),
            [
                "Raid in the old town\nPolice raided three homes in the old town on Monday and detained five people who were said to \
                    have links to \
              an armed group, the governor said.\nResidents of the street said that the police had broken down the doors and that nobody \
              had been \
              told what the five men were accused of, a lawyer said."
            ],
            "{items:?}"
        );
        check_raw(&items);
    }

    #[test]
    fn documents_without_text_and_damaged_ones_are_named() {
        let pdf = document(&[&[]], b"");
        assert_eq!(
            messages(&all("a.pdf", &pdf)),
            ["a.pdf: no text layer found (1 pages, pictures of text?); run text recognition (OCR) on it first"]
        );
        let pdf = document(&[FIRST, SECOND], b"");
        assert!(messages(&all("a.pdf", &pdf[..pdf.len() / 2]))[0].starts_with("a.pdf: "));
        for at in (20..pdf.len()).step_by(97) {
            let mut broken = pdf.clone();
            broken[at] ^= 0x15;
            let _ = all("a.pdf", &broken);
        }
    }

    #[test]
    fn bombs_are_refused() {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        io::Write::write_all(&mut packed, &vec![b'q'; 100 << 20]).unwrap();
        let packed = packed.finish().unwrap();
        let bomb = [b"<</Filter/FlateDecode/Length 9>>stream\n", packed.as_slice(), b"\nendstream"].concat();
        assert!(messages(&all("a.pdf", &document(&[FIRST], &bomb)))[0].contains("made to fill memory"));
        for opening in ["[", "<</A"] {
            let deep = opening.repeat(100_000);
            assert!(messages(&all("a.pdf", &document(&[FIRST], deep.as_bytes())))[0].contains("nested too deeply"));
        }
    }

    #[test]
    fn numbers_of_pages_are_told_from_figures() {
        for line in ["12", "- 3 -", "Page 3 of 12", "3/12"] {
            assert!(is_page_number(line), "{line}");
        }
        assert!(!is_page_number("12 dead") && !is_page_number("in 2020"));
    }
}
