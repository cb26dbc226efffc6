//! What Dateline writes: records as JSON lines and CSV, layers as JSON lines, syntax as CoNLL-U.
//!
//! Inside the library spans count bytes; everything written here counts Unicode code points (CODEBOOK.md, "Offsets").

pub mod conllu;
pub mod csv;
pub mod json;
pub mod layers;

use crate::ontology::EventType;
use crate::{CODER, Report, Span};

/// The stable id of a record: 16 hex digits of BLAKE3 over the report's content hash, the category, the first mention, `nth` and
/// the coder's version (CODEBOOK.md, `id`). `nth` tells apart records of one category that share their first mention
/// ("bombings in Homs and Aleppo"): 0 for the first, 1 for the second…
///
/// # Example
/// ```
/// use dateline::{Report, Span, export::record_id, ontology::EventType};
/// let report = Report { content_hash: "00ff".into(), ..Report::default() };
/// let id = record_id(&report, EventType::Coerce, Span::new(7, 13), 0);
/// assert_eq!(id.len(), 16);
/// assert_ne!(id, record_id(&report, EventType::Coerce, Span::new(7, 13), 1));
/// ```
pub fn record_id(report: &Report, event: EventType, first_mention: Span, nth: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    let key = format!(
        "{}\n{}\n{}\n{}\n{nth}\n{CODER}",
        report.content_hash,
        event.name(),
        first_mention.start,
        first_mention.end
    );
    hasher.update(key.as_bytes());
    hasher.finalize().to_hex()[..16].to_string()
}

#[cfg(test)]
pub(crate) mod sample;
