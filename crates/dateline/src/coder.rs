//! The coder: a report becomes a document, a document becomes records.

use crate::{Document, Record, Report, Result, Span};
use std::time::Duration;

/// Name and version of this coder, as written in every record (CODEBOOK.md, `coder`).
pub const CODER: &str = concat!("dateline ", env!("CARGO_PKG_VERSION"));

/// Everything needed to code reports in one language: model, gazetteer and lexicons, loaded once and shared by all threads.
pub struct Coder;

impl Coder {
    /// The English coder, from the data in this binary.
    ///
    /// # Errors
    /// [`crate::Error::Data`] where embedded data is damaged.
    pub fn english() -> Result<Coder> {
        Ok(Coder)
    }

    /// Runs all stages over `report`.
    pub fn annotate(&self, report: Report) -> Document {
        self.annotate_observed(report, &mut |_, _| ())
    }

    /// As [`Coder::annotate`], calling `observe` with the name of each stage and the time it took, in order.
    pub fn annotate_observed(&self, report: Report, observe: &mut dyn FnMut(&'static str, Duration)) -> Document {
        let _ = observe;
        Document { report, ..Document::default() }
    }

    /// As [`Coder::annotate`], with sentences and tokens given (one list of token spans a sentence) instead of found.
    pub fn annotate_tokens(&self, report: Report, sentences: &[Vec<Span>]) -> Document {
        let _ = sentences;
        Document { report, ..Document::default() }
    }

    /// The records of `doc`, in order of first mention.
    pub fn code(&self, doc: &Document) -> Vec<Record> {
        let _ = doc;
        Vec::new()
    }
}
