//! From addresses to reports: pages and feeds, and the pages of items of which a feed gives only a link or a summary.

use super::{Answer, Fetcher, Page, Problem, Validators};
use dateline::formats::{self, Format, Item, Items, ReadOptions, detect};
use dateline::{Error, Note, Result};

/// The notes of reports of which the page holds more, and how their messages begin.
const PARTIAL: &[(&str, &str)] = &[("only-link", "only a link"), ("only-summary", "only a summary")];

/// Media types that say more than the bytes and the name.
const MEDIA: &[(&str, Format)] = &[
    ("text/csv", Format::Csv),
    ("text/tab-separated-values", Format::Csv),
    ("text/markdown", Format::Markdown),
    ("message/rfc822", Format::Mail),
    ("application/x-ndjson", Format::Jsonl),
    ("application/jsonl", Format::Jsonl),
];

/// The format of a page: bytes that show one are believed before what the server says, and the name in the address comes last, since it
/// often is that of a program.
pub fn format(page: &Page) -> Format {
    let media = page.media.as_deref().unwrap_or("");
    let named = MEDIA.iter().find(|(name, _)| *name == media).map(|(_, format)| *format);
    match (detect("", &page.bytes), named) {
        (Format::Text, Some(format)) => format,
        (Format::Text, None) if matches!(media, "text/html" | "application/xhtml+xml") => Format::Html,
        (Format::Text, None) => {
            let name = url::Url::parse(&page.address).map(|url| url.path().to_string()).unwrap_or_default();
            detect(&name, &page.bytes)
        }
        (format, _) => format,
    }
}

/// The reports of a page. What holds many (a feed) says itself where each is.
pub fn items(page: Page, options: &ReadOptions) -> Items<'static> {
    let format = format(&page);
    let mut options = options.clone();
    if !format.row().many {
        options.url = options.url.or_else(|| Some(page.address.clone()));
    }
    formats::items_of(&page.address, page.bytes, Some(format), &options)
}

/// The address of the page that holds more than `item`; `None` where the item is whole.
pub fn page_of(item: &Item) -> Option<&str> {
    let partial = |note: &Note| PARTIAL.iter().any(|(code, _)| *code == note.code);
    item.report.url.as_deref().filter(|_| item.report.notes.iter().any(partial))
}

/// `item` with what became of its page in place of the note that it is not whole.
pub fn without_page(mut item: Item, problem: &Problem) -> Item {
    for note in &mut item.report.notes {
        if let Some((_, lacking)) = PARTIAL.iter().find(|(code, _)| *code == note.code) {
            note.message = format!("{lacking}; the page could not be had: {}", problem.message);
        }
    }
    item
}

impl Fetcher {
    /// The reports at `address`, each item of a feed with its page where the feed gives less; pages are got as the reports are taken.
    pub fn items(&self, address: &str, options: &ReadOptions) -> Box<dyn Iterator<Item = Result<Item>>> {
        match self.get(address, &Validators::default()) {
            Ok(Answer::Page(page)) => self.whole_items(items(*page, options), Some(address), options),
            Ok(Answer::Unchanged(_)) => Box::new(std::iter::empty()),
            Err(Problem { message, .. }) => {
                Box::new(std::iter::once(Err(Error::Unreadable { name: address.to_string(), message })))
            }
        }
    }

    /// `items`, each with its page where it is not whole; `typed` is the address the user gave, where he did.
    /// An item whose page cannot be had stays as it is, with a note.
    pub fn whole_items(
        &self,
        items: impl Iterator<Item = Result<Item>> + 'static,
        typed: Option<&str>,
        options: &ReadOptions,
    ) -> Box<dyn Iterator<Item = Result<Item>>> {
        let (fetcher, options, typed) = (self.clone(), options.clone(), typed.map(str::to_owned));
        Box::new(items.map(move |item| {
            let item = item?;
            match page_of(&item).map(|address| fetcher.page_item(address, typed.as_deref(), &item, &options)) {
                None => Ok(item),
                Some(Ok(whole)) => Ok(whole),
                Some(Err(problem)) => Ok(without_page(item, &problem)),
            }
        }))
    }

    /// The report on the page at `address`, with what only `item`, its announcement in a feed, says of its publication.
    ///
    /// # Errors
    /// As [`Fetcher::get_linked`], and where the page holds no report.
    pub fn page_item(
        &self,
        address: &str,
        typed: Option<&str>,
        item: &Item,
        options: &ReadOptions,
    ) -> std::result::Result<Item, Problem> {
        let Answer::Page(page) = self.get_linked(address, typed, &Validators::default())? else {
            return Err(Problem::passing("the server says it has not changed"));
        };
        if format(&page).row().many {
            return Err(Problem::lasting(format!("it is no page ({})", format(&page).name())));
        }
        let mut whole = match items(*page, options).next() {
            Some(Ok(whole)) => whole,
            Some(Err(Error::Unreadable { message, .. })) => return Err(Problem::lasting(message)),
            Some(Err(error)) => return Err(Problem::lasting(error.to_string())),
            None => return Err(Problem::lasting("it holds no report")),
        };
        let (report, said) = (&mut whole.report, &item.report);
        report.published = report.published.or(said.published);
        report.publication = report.publication.take().or_else(|| said.publication.clone());
        report.author = report.author.take().or_else(|| said.author.clone());
        Ok(whole)
    }
}
