//! Dateline reads news reports and writes down who did what to whom, where, when and how many, and who says so;
//! every value points at the words it came from.
//!
//! One path, top to bottom: bytes are read into a [`Report`], annotated into a [`Document`], coded into records.

pub mod document;
pub mod error;
pub mod gazetteer;
pub mod ontology;
pub mod record;
pub mod report;
pub mod span;

pub use document::{Document, Name, NameKind, Place, Quantity, Resolution, Sentence, Time, TimeKind, Token};
pub use error::{Error, Note, Result};
pub use record::Record;
pub use report::{Block, BlockKind, Credit, Report};
pub use span::Span;
