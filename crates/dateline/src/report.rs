//! One news report: clean text and what is known of its publication.

use crate::{Note, Span};
use jiff::civil::Date;
use serde::Serialize;
use std::borrow::Cow;

/// A news report as read from its bytes: clean text, frozen, and the facts of its publication.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Name given by the input (the `id` of a JSONL line) or, failing that, derived from the content hash.
    pub id: String,
    /// Clean text: title, newline, body; paragraphs are separated by newlines.
    pub text: String,
    /// The headline's span in `text`; `None` where the report has none.
    pub title: Option<Span>,
    /// Day of publication; relative dates are resolved against it.
    pub published: Option<Date>,
    /// Outlet.
    pub publication: Option<String>,
    /// Byline.
    pub author: Option<String>,
    /// Canonical address.
    pub url: Option<String>,
    /// Language as an ISO 639-1 code; `None` where the text is too short to tell.
    pub language: Option<String>,
    /// Outlets credited for the story ("Reuters reports", "H/T: Reuters"), in order of first credit, no repeats.
    pub via: Vec<Credit>,
    /// Structure of `text`, in order, without overlaps.
    pub blocks: Vec<Block>,
    /// BLAKE3 of the raw bytes, lower-case hex.
    pub content_hash: String,
    /// What a reader should know about how the text was obtained.
    pub notes: Vec<Note>,
}

impl Report {
    /// Whether a line ends in `gap`. Where the text is wrapped at a fixed width, the line breaks inside a paragraph end none.
    pub fn ends_line(&self, gap: Span) -> bool {
        let broken = |span: Span| self.text.get(span.start..span.end).is_some_and(|words| words.contains('\n'));
        broken(gap) && !self.block_at(gap.start).is_some_and(|block| block.span.contains(gap))
    }

    /// The text with a space for each line break inside a paragraph: the same bytes otherwise, at the same offsets.
    pub fn flowing(&self) -> Cow<'_, str> {
        let broken: Vec<Span> =
            self.blocks.iter().map(|b| b.span).filter(|s| s.of(&self.text).contains('\n')).collect();
        if broken.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let mut text = String::with_capacity(self.text.len());
        for span in broken {
            text.push_str(&self.text[text.len()..span.start]);
            text.push_str(&span.of(&self.text).replace('\n', " "));
        }
        text.push_str(&self.text[text.len()..]);
        Cow::Owned(text)
    }

    /// The block that holds the byte before or at `at`.
    fn block_at(&self, at: usize) -> Option<&Block> {
        self.blocks.get(self.blocks.partition_point(|block| block.span.start <= at).checked_sub(1)?)
    }
}

/// An outlet credited for the story (CODEBOOK.md, `cite_info.via`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Name of the outlet as the field writes it ("Reuters").
    pub name: String,
    /// The words that name it in the text, where the credit stands in the text.
    pub span: Option<Span>,
}

/// A stretch of the text and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Where it is.
    pub span: Span,
}

/// What a block of a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockKind {
    /// The headline.
    Headline,
    /// "ISTANBUL, March 3 (Reuters) —": the part of the first paragraph before the news.
    Dateline,
    /// A paragraph of the body.
    Paragraph,
    /// A block quotation.
    Quote,
    /// A picture caption.
    Caption,
}
