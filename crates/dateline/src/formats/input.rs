//! What a format reads from: bytes at hand, or a stream that comes out of an archive and is never held as a whole.

use super::{Format, ReadOptions, limits};
use crate::{Error, Result};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes looked at to tell the format of a stream.
const HEAD_BYTES: usize = 8192;
/// Buffer of a reader, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// Bytes that can be read at any place: lent by the caller, or shared among the members of an archive.
#[derive(Clone)]
pub(crate) enum Bytes<'a> {
    /// Lent by the caller.
    Lent(&'a [u8]),
    /// Kept alive by whoever still reads them.
    Shared(Arc<dyn AsRef<[u8]> + Send + Sync>, Range<usize>),
}

impl Bytes<'_> {
    /// Bytes that nobody else holds.
    pub(crate) fn owned(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        let length = bytes.as_ref().len();
        Bytes::Shared(Arc::new(bytes), 0..length)
    }

    /// A part, without a copy; what of `range` lies outside is left out.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            Bytes::Lent(bytes) => Bytes::Lent(&bytes[start..end]),
            Bytes::Shared(all, part) => Bytes::Shared(Arc::clone(all), part.start + start..part.start + end),
        }
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Lent(bytes) => bytes,
            Bytes::Shared(all, part) => &(**all).as_ref()[part.clone()],
        }
    }
}

impl AsRef<[u8]> for Bytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// A stream out of an archive.
pub(crate) type Stream<'a> = Box<dyn Read + Send + 'a>;

enum Data<'a> {
    Bytes(Bytes<'a>),
    /// A stream, and what was read of it already.
    Stream(Vec<u8>, Stream<'a>),
}

/// One file or member of an archive, not yet read.
pub(crate) struct Input<'a> {
    /// How messages name it: `feeds.zip/inner/page.html`.
    pub(crate) name: String,
    /// The file name its format is told by: without `.gz` where that is unpacked.
    pub(crate) file: String,
    /// The format, where it is known.
    pub(crate) hint: Option<Format>,
    /// What is known of its reports.
    pub(crate) options: ReadOptions,
    /// What may still be unpacked.
    pub(crate) budget: Budget,
    data: Data<'a>,
}

impl<'a> Input<'a> {
    /// A file at hand.
    pub(crate) fn new(name: &str, bytes: Bytes<'a>, hint: Option<Format>, options: &ReadOptions) -> Self {
        let budget = Budget::of(bytes.len());
        let (name, file) = (name.to_owned(), name.to_owned());
        Input { name, file, hint, options: options.clone(), budget, data: Data::Bytes(bytes) }
    }

    /// A member of this archive at hand; `path` is its path in the archive.
    pub(crate) fn member<'m>(from: &Outside, path: &str, bytes: Bytes<'m>) -> Input<'m> {
        from.input(path, Data::Bytes(bytes))
    }

    /// A member of this archive that is read as a stream; what is read counts against what may be unpacked.
    pub(crate) fn stream<'m>(from: &Outside, path: &str, stream: Stream<'m>) -> Input<'m> {
        from.input(path, Data::Stream(Vec::new(), stream))
    }

    /// What members need to know of the archive they come from.
    pub(crate) fn outside(&self) -> Outside {
        let Input { name, file, options, budget, .. } = self;
        Outside { name: name.clone(), file: file.clone(), options: options.clone(), budget: budget.clone() }
    }

    /// The first bytes, up to 8 kB; the reading that follows still begins with them.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where not even the beginning can be unpacked.
    pub(crate) fn head(&mut self) -> Result<&[u8]> {
        if let Data::Stream(head, stream) = &mut self.data {
            let wanted = HEAD_BYTES.saturating_sub(head.len()) as u64;
            let read = stream.take(wanted).read_to_end(head);
            if let (Err(error), true) = (read, head.is_empty()) {
                return Err(self.damaged(&error));
            }
        }
        Ok(match &self.data {
            Data::Bytes(bytes) => &bytes[..bytes.len().min(HEAD_BYTES)],
            Data::Stream(head, _) => head,
        })
    }

    /// Whether nothing but blank space and zeros is to be read, and how much of it; streams are judged by their beginning.
    pub(crate) fn blank(&self) -> Option<usize> {
        let known: &[u8] = match &self.data {
            Data::Bytes(bytes) => bytes,
            Data::Stream(head, _) => head,
        };
        let whole = matches!(self.data, Data::Bytes(_)) || known.len() < HEAD_BYTES;
        (whole && known.iter().all(|b| b.is_ascii_whitespace() || *b == 0)).then_some(known.len())
    }

    /// All bytes, at hand or unpacked; at most [`limits::ITEM_BYTES`] are unpacked.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where it is larger or its archive is damaged.
    pub(crate) fn bytes(self) -> Result<Bytes<'a>> {
        match self.data {
            Data::Bytes(bytes) => Ok(bytes),
            Data::Stream(head, stream) => {
                let mut bytes = Vec::new();
                let limited =
                    Cursor::new(head).chain(stream).take(limits::ITEM_BYTES as u64 + 1).read_to_end(&mut bytes);
                limited.map_err(|error| damaged(&self.name, &error))?;
                if bytes.len() > limits::ITEM_BYTES {
                    return Err(too_large(&self.name, limits::ITEM_BYTES));
                }
                Ok(Bytes::owned(bytes))
            }
        }
    }

    /// All bytes of one report.
    ///
    /// # Errors
    /// As [`Input::bytes`], and where a file at hand is larger than [`limits::ITEM_BYTES`].
    pub(crate) fn one(self) -> Result<Bytes<'a>> {
        let name = self.name.clone();
        self.bytes().and_then(|bytes| {
            if bytes.len() > limits::ITEM_BYTES { Err(too_large(&name, limits::ITEM_BYTES)) } else { Ok(bytes) }
        })
    }

    /// The bytes as a stream.
    pub(crate) fn reader(self) -> Box<dyn BufRead + Send + 'a> {
        match self.data {
            Data::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Data::Stream(head, stream) => {
                Box::new(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(head).chain(stream)))
            }
        }
    }

    /// The bytes where they are at hand, else the stream.
    pub(crate) fn split(self) -> std::result::Result<Bytes<'a>, Box<dyn BufRead + Send + 'a>> {
        match self.data {
            Data::Bytes(bytes) => Ok(bytes),
            Data::Stream(..) => Err(self.reader()),
        }
    }

    fn damaged(&self, error: &io::Error) -> Error {
        damaged(&self.name, error)
    }
}

/// What the members of an archive take over from it.
#[derive(Clone)]
pub(crate) struct Outside {
    /// How messages name the archive.
    pub(crate) name: String,
    /// Its file name.
    pub(crate) file: String,
    /// What is known of its reports.
    pub(crate) options: ReadOptions,
    /// What may still be unpacked.
    pub(crate) budget: Budget,
}

impl Outside {
    /// `stream`, counted against what may be unpacked.
    pub(crate) fn metered<'a>(&self, stream: impl Read + Send + 'a) -> Stream<'a> {
        Box::new(Metered { stream, budget: self.budget.clone() })
    }

    fn input<'m>(&self, path: &str, data: Data<'m>) -> Input<'m> {
        let name = if path.is_empty() { self.name.clone() } else { format!("{}/{path}", self.name) };
        let file = if path.is_empty() { self.file.clone() } else { path.to_owned() };
        Input { name, file, hint: None, options: self.options.clone(), budget: self.budget.clone(), data }
    }

    /// An error about the archive or one of its members.
    pub(crate) fn unreadable(&self, path: &str, message: impl Into<String>) -> Error {
        let name = if path.is_empty() { self.name.clone() } else { format!("{}/{path}", self.name) };
        Error::Unreadable { name, message: message.into() }
    }
}

/// What may still be unpacked from one source, shared by all its members.
#[derive(Clone)]
pub(crate) struct Budget(Arc<AtomicU64>);

impl Budget {
    /// For a source of so many bytes.
    fn of(bytes: usize) -> Self {
        Budget(Arc::new(AtomicU64::new((bytes as u64).saturating_mul(limits::RATIO) + limits::ITEM_BYTES as u64)))
    }

    /// Whether all is used up.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Takes `bytes` from it; an error where they are more than are left.
    pub(crate) fn spend(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(bytes as u64);
        self.0.store(left, Ordering::Relaxed);
        if left == 0 { Err(io::Error::other(limits::unpacked_message())) } else { Ok(()) }
    }
}

struct Metered<R> {
    stream: R,
    budget: Budget,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(into)?;
        if read > 0 {
            self.budget.spend(read)?;
        }
        Ok(read)
    }
}

/// What stopped the reading of a member.
pub(crate) fn damaged(name: &str, error: &io::Error) -> Error {
    let message = match error.kind() {
        io::ErrorKind::UnexpectedEof => "damaged or cut off: it ends in the middle".to_owned(),
        io::ErrorKind::Other => error.to_string(),
        _ => format!("damaged: {error}"),
    };
    Error::Unreadable { name: name.to_owned(), message }
}

/// One report that is larger than any.
pub(crate) fn too_large(name: &str, limit_bytes: usize) -> Error {
    let message = format!("more than {} MB for one report; it is left out", limit_bytes >> 20);
    Error::Unreadable { name: name.to_owned(), message }
}
