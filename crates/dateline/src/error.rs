//! What stops the work, as opposed to odd text, which only leaves a [`Note`].

use crate::Span;
use serde::Serialize;

/// What stops the work: unreadable input, damaged data, bad configuration. Odd text never does.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input holds nothing that can be read as a report; the message says what was found and the way out.
    #[error("{name}: {message}")]
    Unreadable {
        /// The file, line or address the input came from.
        name: String,
        /// What was found, what was expected, and the way out.
        message: String,
    },
    /// Embedded or user-supplied data does not have the form it should have.
    #[error("{name}: {message}")]
    Data {
        /// The data file.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// The file could not be read or written.
    #[error("{name}: {source}")]
    Io {
        /// The file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Something worth knowing about a report that could still be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Short stable name, such as `not-english` or `bytes-replaced`.
    pub code: &'static str,
    /// The sentence shown to people.
    pub message: String,
    /// The words it is about, where it is about words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}
