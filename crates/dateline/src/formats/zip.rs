//! Zip archives: the directory at their end says where members lie, each is unpacked as a stream.

use super::input::{Bytes, Input, Outside, damaged};
use super::walk::{Found, Founds};
use super::{Format, limits, packed};
use crate::{Error, Result};
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::io::{self, Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// What to do with a member of an archive, by its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Read it; the path is fit for messages.
    Read(String),
    /// Leave it out: no report by its name.
    Skip,
    /// Leave it out and say why.
    Refuse(String, &'static str),
}

/// As in folders, hidden files and those without the ending of a format are left out. Nothing is ever written to the paths.
pub(crate) fn verdict(path: &str, link: bool) -> Verdict {
    let path = path.trim_start_matches("./").trim_start_matches('/').replace('\\', "/");
    let clean: String =
        path.chars().take(limits::NAME_BYTES / 4).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    let parts: Vec<&str> = path.split('/').collect();
    let hidden =
        parts.iter().any(|part| part.starts_with('.') && *part != "." && *part != "..") || parts[0] == "__MACOSX";
    if hidden || path.ends_with('/') || Format::of_file(&path).is_none() {
        tracing::debug!(member = %clean, "not a report by its name, left out");
        return Verdict::Skip;
    }
    if parts.contains(&"..") {
        return Verdict::Refuse(clean, "its path leads out of the archive; it is left out");
    }
    if link {
        return Verdict::Refuse(clean, "a link, which is not followed; pack the file itself");
    }
    Verdict::Read(clean)
}

/// Whether a file begins with a member, or is an archive without any.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// The members of a zip archive.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    match Members::open(input, |path| verdict(path, false) != Verdict::Skip) {
        Ok(members) => Box::new(members),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// The members of an archive whose names are wanted.
pub(crate) struct Members<'a> {
    archive: ZipArchive<Cursor<Bytes<'a>>>,
    bytes: Bytes<'a>,
    outside: Outside,
    wanted: fn(&str) -> bool,
    next: usize,
}

impl<'a> Members<'a> {
    pub(crate) fn open(input: Input<'a>, wanted: fn(&str) -> bool) -> Result<Self> {
        let outside = input.outside();
        let bytes = input.bytes()?;
        let archive = ZipArchive::new(Cursor::new(bytes.clone()))
            .map_err(|error| outside.unreadable("", format!("damaged or cut off: {error}")))?;
        if archive.index_for_name("[Content_Types].xml").is_some() {
            return Err(outside.unreadable("", "an office document; save it as text or PDF"));
        }
        Ok(Members { archive, bytes, outside, wanted, next: 0 })
    }

    /// What is to be read of member `index`; `None` where it is left out.
    fn member(&mut self, index: usize) -> Result<Option<Found<'a>>> {
        let outside = &self.outside;
        let file = self
            .archive
            .by_index_raw(index)
            .map_err(|error| outside.unreadable("", format!("damaged: member {}: {error}", index + 1)))?;
        let name =
            file.name().map_err(|error| outside.unreadable("", format!("damaged: member {}: {error}", index + 1)))?;
        if file.is_dir() || !(self.wanted)(&name) {
            return Ok(None);
        }
        let path = match verdict(&name, file.is_symlink()) {
            Verdict::Read(path) => path,
            Verdict::Skip => return Ok(None),
            Verdict::Refuse(path, message) => return Err(outside.unreadable(&path, message)),
        };
        if file.encrypted() {
            return Err(outside.unreadable(&path, "encrypted; unpack it with its password"));
        }
        let start = file.data_start().and_then(|start| usize::try_from(start).ok()).unwrap_or(usize::MAX);
        let length = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
        let content = self.bytes.slice(start..start.saturating_add(length));
        if content.len() < length {
            return Err(outside.unreadable(&path, "damaged or cut off: it ends in the middle"));
        }
        let (method, crc32) = (file.compression(), file.crc32());
        let checked = |stream: Box<dyn Read + Send + 'a>| Box::new(Checked { stream, crc: Crc::new(), wanted: crc32 });
        Ok(Some(Found::Member(Box::new(match method {
            CompressionMethod::Stored => {
                outside.budget.spend(length).map_err(|error| damaged(&outside.name, &error))?;
                Input::member(outside, &path, content)
            }
            CompressionMethod::Deflated => {
                let stream = outside.metered(DeflateDecoder::new(Cursor::new(content)));
                Input::stream(outside, &path, checked(stream))
            }
            method if method == CompressionMethod::ZSTD => {
                let stream = packed::unzstd(outside, Box::new(Cursor::new(content)));
                let stream = stream.map_err(|error| outside.unreadable(&path, format!("damaged: {error}")))?;
                Input::stream(outside, &path, checked(stream))
            }
            method => {
                let message = format!("packed with {method}; expected deflate, zstd or stored: unpack it");
                return Err(outside.unreadable(&path, message));
            }
        }))))
    }

    fn too_many(&self) -> Error {
        self.outside.unreadable("", format!("more than {} members; the rest is left out", limits::MEMBERS))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Found<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.archive.len() {
            let index = self.next;
            self.next += 1;
            if index == limits::MEMBERS {
                self.next = usize::MAX;
                return Some(Err(self.too_many()));
            }
            if let Some(found) = self.member(index).transpose() {
                return Some(found);
            }
        }
        None
    }
}

/// A stream whose checksum is looked at when it ends.
struct Checked<'a> {
    stream: Box<dyn Read + Send + 'a>,
    crc: Crc,
    wanted: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(into)?;
        self.crc.update(&into[..read]);
        if read == 0 && !into.is_empty() && self.crc.sum() != self.wanted {
            return Err(io::Error::other("damaged: its checksum is not the one given"));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, bomb, messages, names, texts, zipped};
    use super::*;

    const STORY: &str = "Police raid homes\nPolice raided three homes in the town on Monday.";

    #[test]
    fn members_are_read_and_named() {
        let zip = zipped(&[
            ("inner/a.txt", STORY.as_bytes()),
            ("__MACOSX/a.txt", b"x"),
            ("logo.png", b"\x89PNG"),
            ("b.txt", STORY.as_bytes()),
        ]);
        for name in ["feeds.zip", "-"] {
            let items = all(name, &zip);
            assert_eq!(names(&items), [format!("{name}/inner/a.txt"), format!("{name}/b.txt")]);
            assert_eq!(texts(&items), [STORY, STORY]);
        }
    }

    #[test]
    fn archives_in_archives_are_read_three_deep() {
        let story = zipped(&[("a.txt", STORY.as_bytes())]);
        let two = zipped(&[("one.zip", &story)]);
        let three = zipped(&[("two.zip", &two)]);
        let four = zipped(&[("three.zip", &three), ("b.txt", STORY.as_bytes())]);
        assert_eq!(names(&all("x.zip", &three)), ["x.zip/two.zip/one.zip/a.txt"]);
        let items = all("x.zip", &four);
        assert_eq!(names(&items), ["x.zip/b.txt"]);
        assert_eq!(
            messages(&items),
            ["x.zip/three.zip/two.zip/one.zip: the zip archive lies more than 3 archives deep; unpack it"]
        );
    }

    #[test]
    fn hostile_members_are_refused_and_the_rest_is_read() {
        let zip = zipped(&[("../../a.txt", b"x"), ("b.txt", &bomb(100 << 20)), ("c.txt", STORY.as_bytes())]);
        let items = all("x.zip", &zip);
        let said = messages(&items);
        assert_eq!(said[0], "x.zip/../../a.txt: its path leads out of the archive; it is left out");
        assert!(said[1].contains("more than"), "{said:?}");
        let nested = zipped(&[("a.zip", &zipped(&[("a.zip", &zipped(&[("a.txt", &bomb(900 << 20))]))]))]);
        let said = messages(&all("x.zip", &nested));
        assert!(said.len() == 1 && said[0].contains("more than"), "{said:?}");
    }

    #[test]
    fn damaged_archives_are_named() {
        let zip = zipped(&[("a.txt", STORY.repeat(50).as_bytes()), ("b.txt", STORY.as_bytes())]);
        assert!(messages(&all("x.zip", &zip[..zip.len() / 2]))[0].starts_with("x.zip: damaged or cut off: "));
        let mut broken = zip.clone();
        broken[45] ^= 0xFF;
        broken[50] ^= 0xFF;
        let items = all("x.zip", &broken);
        assert_eq!((names(&items), messages(&items).len()), (vec!["x.zip/b.txt".to_owned()], 1), "{items:?}");
        assert_eq!(messages(&all("x.zip", &zipped(&[]))), ["x.zip: no reports found in this zip file"]);
        assert_eq!(
            messages(&all("a.docx", &zipped(&[("[Content_Types].xml", b"<x/>")]))),
            ["a.docx: an office document; save it as text or PDF"]
        );
    }

    #[test]
    fn names_decide_what_is_read() {
        assert_eq!(verdict("./a/b.html", false), Verdict::Read("a/b.html".into()));
        assert_eq!(verdict("/abs\\b.html", false), Verdict::Read("abs/b.html".into()));
        assert_eq!(verdict("a/.git/b.txt", false), Verdict::Skip);
        assert_eq!(verdict("a/", false), Verdict::Skip);
        assert!(matches!(verdict("a\u{1b}.txt", true), Verdict::Refuse(name, _) if name == "a\u{FFFD}.txt"));
    }
}
