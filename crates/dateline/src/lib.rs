//! Dateline reads news reports and writes down who did what to whom, where, when and how many, and who says so;
//! every value points at the words it came from.
//!
//! One path, top to bottom: bytes are read into a [`Report`], annotated into a [`Document`], coded into records, and
//! records of one act in several reports are put together as an [`Incident`].

pub mod actors;
pub mod archive;
pub mod coder;
pub mod codes;
pub mod corroborate;
pub mod document;
pub mod error;
pub mod eval;
pub mod export;
pub mod formats;
pub mod gazetteer;
pub mod import;
pub mod incident;
pub mod lexicon;
pub mod model;
pub mod ontology;
pub mod record;
pub mod report;
pub mod span;
pub mod stages;
pub mod status;
pub mod themes;

pub use coder::{CODER, Coder};
pub use document::{Document, Name, NameKind, Place, Quantity, Resolution, Saying, Sentence, Time, TimeKind, Token};
pub use error::{Error, Note, Result};
pub use incident::Incident;
pub use record::Record;
pub use report::{Block, BlockKind, Credit, Report};
pub use span::Span;
