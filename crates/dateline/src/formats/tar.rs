//! Tar archives (POSIX ustar and pax, GNU), read as a stream: one header after the other, members as they come.

use super::input::{Input, Outside, damaged};
use super::limits;
use super::walk::{Found, Founds};
use super::zip::{Verdict, verdict};
use crate::{Error, Result};
use std::io::{self, BufRead, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a header; members are filled up to a multiple of it.
const BLOCK: usize = 512;
/// Most bytes of a pax header or a long name.
const EXTENSION_BYTES: u64 = 1 << 20;

/// Whether a file begins with a header whose checksum is right.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|header| Header(*header).is_valid())
}

/// The members of a tar archive.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    let shared = Arc::new(Mutex::new(Rest { stream: input.reader(), left: 0, padding: 0 }));
    Box::new(Members { outside, shared, seen: 0, over: false })
}

/// The archive behind the header last read.
struct Rest<'a> {
    stream: Box<dyn BufRead + Send + 'a>,
    /// Bytes of the member that are still to come.
    left: u64,
    /// Bytes between the member and the next header.
    padding: u64,
}

impl Rest<'_> {
    /// Passes over what is left of the member.
    fn skip(&mut self) -> io::Result<()> {
        let wanted = self.left + self.padding;
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut self.stream.by_ref().take(wanted), &mut io::sink())?;
        if skipped < wanted { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// The next header; `None` at the end.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut header = [0; BLOCK];
        let mut read = 0;
        while read < BLOCK {
            match self.stream.read(&mut header[read..])? {
                0 if read == 0 => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => read += n,
            }
        }
        Ok(header.iter().any(|&b| b != 0).then_some(Header(header)))
    }

    /// The content of the member, which is an extension of the header after it.
    fn extension(&mut self) -> io::Result<Vec<u8>> {
        if self.left > EXTENSION_BYTES {
            return Err(io::Error::other(format!("a header of {} bytes", self.left)));
        }
        let mut content = Vec::new();
        let read = self.stream.by_ref().take(self.left).read_to_end(&mut content)?;
        self.left -= read as u64;
        self.skip()?;
        Ok(content)
    }
}

/// The content of a member, read where the archive stands.
struct Content<'a>(Arc<Mutex<Rest<'a>>>);

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = into.len().min(usize::try_from(rest.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let read = rest.stream.read(&mut into[..wanted])?;
        rest.left -= read as u64;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
    }
}

struct Header([u8; BLOCK]);

impl Header {
    /// Whether the checksum is right.
    fn is_valid(&self) -> bool {
        let sum: u64 =
            self.0.iter().enumerate().map(|(i, &b)| if (148..156).contains(&i) { 32 } else { u64::from(b) }).sum();
        number(&self.0[148..156]) == Some(sum) && self.0[0] != 0
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn size(&self) -> Option<u64> {
        number(&self.0[124..136])
    }

    fn name(&self) -> String {
        let name = words(&self.0[..100]);
        let prefix =
            if &self.0[257..262] == b"ustar" && self.0[263] != b' ' { words(&self.0[345..500]) } else { String::new() };
        if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
    }
}

/// A number in octal digits, or in the eight-bit form of GNU tar.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        return field.iter().enumerate().try_fold(0u64, |number, (i, &b)| {
            let byte = if i == 0 { b & 0x7F } else { b };
            number.checked_mul(256)?.checked_add(u64::from(byte))
        });
    }
    let digits = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(digits, 8).ok()
}

/// Text up to the first zero.
fn words(field: &[u8]) -> String {
    String::from_utf8_lossy(field.split(|&b| b == 0).next().unwrap_or_default()).into_owned()
}

/// What the extended headers before a header say of it.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    size: Option<u64>,
}

impl Extended {
    /// Reads a pax header: lines of "length key=value".
    fn pax(&mut self, content: &[u8]) {
        let mut rest = content;
        while let Some(space) = rest.iter().position(|&b| b == b' ') {
            let length = std::str::from_utf8(&rest[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
            let Some(length) = length.filter(|&length| length > space + 1 && length <= rest.len()) else { return };
            let line = String::from_utf8_lossy(&rest[space + 1..length - 1]);
            match line.split_once('=') {
                Some(("path", path)) => self.name = Some(path.to_owned()),
                Some(("size", size)) => self.size = size.parse().ok(),
                _ => {}
            }
            rest = &rest[length..];
        }
    }
}

struct Members<'a> {
    outside: Outside,
    shared: Arc<Mutex<Rest<'a>>>,
    seen: usize,
    over: bool,
}

impl<'a> Members<'a> {
    /// The next member to read; `None` at the end.
    fn member(&mut self) -> Result<Option<Found<'a>>> {
        let mut extended = Extended::default();
        loop {
            let read = {
                let mut rest = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
                rest.skip().and_then(|()| rest.header())
            };
            let Some(header) = read.map_err(|error| self.ended(&error))? else { return Ok(None) };
            self.seen += 1;
            if self.seen > limits::MEMBERS {
                self.over = true;
                return Err(self
                    .outside
                    .unreadable("", format!("more than {} members; the rest is left out", limits::MEMBERS)));
            }
            let (true, Some(size)) = (header.is_valid(), extended.size.or(header.size())) else {
                return Err(self.resume());
            };
            let content = {
                let mut rest = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
                (rest.left, rest.padding) = (size, (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64);
                matches!(header.kind(), b'L' | b'x').then(|| rest.extension())
            };
            if let Some(content) = content {
                let content = content.map_err(|error| self.ended(&error))?;
                match header.kind() {
                    b'L' => extended.name = Some(words(&content)),
                    _ => extended.pax(&content),
                }
                continue;
            }
            let path = std::mem::take(&mut extended).name.unwrap_or_else(|| header.name());
            let link = matches!(header.kind(), b'1' | b'2');
            let file = matches!(header.kind(), b'0' | 0 | b'7');
            match verdict(&path, link) {
                Verdict::Read(path) if file => {
                    let stream = Box::new(Content(Arc::clone(&self.shared)));
                    return Ok(Some(Found::Member(Box::new(Input::stream(&self.outside, &path, stream)))));
                }
                Verdict::Refuse(path, message) => return Err(self.outside.unreadable(&path, message)),
                _ => {}
            }
        }
    }

    /// The archive cannot be read on.
    fn ended(&mut self, error: &io::Error) -> Error {
        self.over = true;
        damaged(&self.outside.name, error)
    }

    /// Finds the next header behind a damaged one.
    fn resume(&mut self) -> Error {
        let mut rest = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let next = rest.stream.fill_buf().map(|buffer| buffer.len() >= BLOCK && begins(buffer));
            if matches!(next, Ok(true)) {
                break;
            }
            (rest.left, rest.padding) = (BLOCK as u64, 0);
            if next.is_err() || rest.skip().is_err() {
                self.over = true;
                break;
            }
        }
        let what = if self.over { "no further one was found" } else { "reading goes on at the next whole one" };
        self.outside.unreadable("", format!("damaged: header {} is none; {what}", self.seen))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Found<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over { None } else { self.member().transpose() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, bomb, gz, messages, names, texts, zst};
    use ::tar::{Builder, EntryType, Header};

    const STORY: &str = "Police raid homes\nPolice raided three homes in the town on Monday.";

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            // Written by hand: the crate refuses names that lead out of the archive.
            match path.len() < 100 {
                true => {
                    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
                    header.set_cksum();
                    tar.append(&header, *content).unwrap();
                }
                false => tar.append_data(&mut header, path, *content).unwrap(),
            }
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn members_are_read_and_named() {
        let long = format!("{}/a.txt", "folder".repeat(30));
        let page = format!("<html><title>Raid</title><article><p>{}</p></article></html>", STORY.repeat(4));
        let tar = packed(&[
            ("./a.txt", STORY.as_bytes()),
            (".hidden.txt", b"x"),
            ("b/c.html", page.as_bytes()),
            (&long, STORY.as_bytes()),
            ("p.png", b"\x89PNG"),
        ]);
        let wanted = ["wire.tar/a.txt", "wire.tar/b/c.html", &format!("wire.tar/{long}")];
        assert_eq!(names(&all("wire.tar", &tar)), wanted);
        assert_eq!(texts(&all("wire.tar", &tar))[0], STORY);
        for again in [gz(&tar), zst(&tar)] {
            assert_eq!(names(&all("wire.tar", &again)), wanted, "compressed");
            assert_eq!(all("-", &again).len(), 3, "told by content");
        }
    }

    #[test]
    fn links_and_paths_that_lead_out_are_refused() {
        let mut tar = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "passwords.txt", "/etc/passwd").unwrap();
        let mut bytes = tar.into_inner().unwrap();
        bytes.truncate(512);
        bytes.extend(packed(&[("../../a.txt", b"x"), ("b.txt", STORY.as_bytes())]));
        let items = all("wire.tar", &bytes);
        assert_eq!(
            messages(&items),
            [
                "wire.tar/passwords.txt: a link, which is not followed; pack the file itself",
                "wire.tar/../../a.txt: its path leads out of the archive; it is left out",
            ]
        );
        assert_eq!(names(&items), ["wire.tar/b.txt"]);
    }

    #[test]
    fn damage_costs_a_member_and_the_rest_is_read() {
        let files: Vec<(String, String)> = (0..9).map(|n| (format!("{n}.txt"), format!("{STORY} {n}"))).collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        let mut tar = packed(&files);
        tar[4 * 1024] = b'X';
        let items = all("wire.tar", &tar);
        assert_eq!(messages(&items), ["wire.tar: damaged: header 5 is none; reading goes on at the next whole one"]);
        assert_eq!(names(&items).len(), 8);
        let cut = all("wire.tar", &packed(&files)[..5 * 1024 + 540]);
        assert_eq!((names(&cut).len(), messages(&cut).len()), (5, 2), "{cut:?}");
        assert!(messages(&cut)[0].ends_with("5.txt: damaged or cut off: it ends in the middle"));
    }

    #[test]
    fn bombs_and_lying_sizes_are_stopped() {
        let big = packed(&[("a.txt", STORY.as_bytes()), ("b.txt", &bomb(100 << 20)), ("c.txt", STORY.as_bytes())]);
        let items = all("wire.tar", &big);
        assert_eq!(messages(&items), ["wire.tar/b.txt: more than 64 MB for one report; it is left out"]);
        assert_eq!(names(&items).len(), 2);
        let items = all("wire.tar.gz", &gz(&big));
        assert!(messages(&items)[0].contains("64 MB") && names(&items).len() <= 2, "{:?}", messages(&items));
        let mut liar = packed(&[("a.txt", STORY.as_bytes())]);
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..5].copy_from_slice(b"b.txt");
        header.set_size(1 << 60);
        header.set_cksum();
        liar.splice(1024.., header.as_bytes().iter().copied());
        let items = all("wire.tar", &liar);
        assert_eq!((names(&items).len(), messages(&items).len()), (1, 2), "{items:?}");
    }
}
