//! Web pages: characters, the article's text, and what the page says of its publication.

pub mod body;
pub mod charset;
pub mod date;
pub mod metadata;
pub mod nesting;
pub mod page;

use super::input::Input;
use super::walk::Founds;
use super::{Format, Parts, ReadOptions, finish, mojibake};
use crate::{Block, BlockKind, Error, Note, Report, Result, Span};

/// The report of `input`; see [`report`].
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    super::one(input, Format::Html, report)
}

/// The report on a web page.
///
/// # Errors
/// [`Error::Unreadable`] where the page holds no article; with `keep_boilerplate`, only where it shows no text at all.
pub fn report(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Report> {
    // What lies beyond is not even decoded; `parts` sees that there was more.
    let (html, note) = charset::decode_html(&bytes[..bytes.len().min(nesting::MAX_BYTES + 1)]);
    let unreadable = |problem: NoArticle| Error::Unreadable { name: name.to_owned(), message: problem.message() };
    let repair = mojibake::repaired(&html);
    let html = repair.as_ref().map_or(html.as_str(), |(html, _)| html);
    let mut parts = parts(html, None, options).map_err(unreadable)?;
    parts.report.notes.extend(note);
    parts.report.notes.extend(repair.as_ref().map(|(_, count)| mojibake::repaired_note(*count)));
    Ok(finish(parts, bytes, options))
}

/// A page without an article.
pub(crate) struct NoArticle {
    /// Lines of visible text on it.
    blocks: usize,
    /// Whether the furniture was wanted as well.
    kept_boilerplate: bool,
}

impl NoArticle {
    /// What was found and the way out.
    pub(crate) fn message(&self) -> String {
        match (self.blocks, self.kept_boilerplate) {
            (0, _) => "no article text found: the page shows no text at all (it may need a browser's scripts)".into(),
            (_, true) => "no article text found".into(),
            (1, _) => "no article text found (1 block, navigation); try --keep-boilerplate".into(),
            (n, _) => format!("no article text found ({n} blocks, all navigation); try --keep-boilerplate"),
        }
    }
}

/// Text, blocks and publication facts of a decoded page. `title` is the headline where the caller knows it.
pub(crate) fn parts(html: &str, title: Option<&str>, options: &ReadOptions) -> std::result::Result<Parts, NoArticle> {
    let (html, cut) = nesting::capped(html);
    let page = page::page(&html);
    let articles = metadata::articles(&page);
    let address = options.url.clone().or_else(|| metadata::address(&page));
    let blocks = match options.keep_boilerplate {
        true => body::everything(&page),
        false => body::article(&html, &page, address.as_deref()),
    };
    if blocks.is_empty() {
        return Err(NoArticle { blocks: page.lines.len(), kept_boilerplate: options.keep_boilerplate });
    }
    let outlet = metadata::outlet(&page, &articles);
    let title = title.map(page::tidy).or_else(|| metadata::title(&page, &articles, outlet.as_deref()));
    let mut report = assembled(title.filter(|title| !title.is_empty()), blocks);
    report.published = options.published.or_else(|| date::published(&page, &articles, address.as_deref()));
    report.publication = options.publication.clone().or(outlet);
    report.author = metadata::author(&page, &articles);
    report.url = address;
    report.notes.extend(cut.then(|| {
        let message =
            format!("the page has more than {} elements or 16 MB; it is read up to there", nesting::MAX_ELEMENTS);
        Note { code: "page-cut", message, span: None }
    }));
    let declared = page.lang.as_deref().and_then(|lang| lang.split(['-', '_']).next()).map(str::to_ascii_lowercase);
    let language_hint = declared.filter(|lang| lang.len() == 2 && lang.bytes().all(|b| b.is_ascii_lowercase()));
    Ok(Parts { report, language_hint })
}

/// Title, newline, paragraphs by newline; a headline repeated at the top of the body is not repeated in the text.
pub(crate) fn assembled(title: Option<String>, blocks: body::Blocks) -> Report {
    let mut report = Report::default();
    let push = |report: &mut Report, kind: BlockKind, words: &str| {
        if !report.text.is_empty() {
            report.text.push('\n');
        }
        let start = report.text.len();
        report.text.push_str(words);
        let span = Span::new(start, report.text.len());
        report.blocks.push(Block { kind, span });
        span
    };
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let title_letters = title.as_deref().map(letters);
    if let Some(title) = &title {
        report.title = Some(push(&mut report, BlockKind::Headline, title));
    }
    for (index, (kind, words)) in blocks.iter().enumerate() {
        if index < 3 && title_letters.as_ref().is_some_and(|title| *title == letters(words)) {
            continue;
        }
        push(&mut report, *kind, words);
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "<p>Police raided three homes in the old town on Monday and arrested five people, the governor said.</p>\
        <p>Residents of the street said that the police had broken down doors and searched every room of the houses.</p>\
        <p>A lawyer for two of the men said they had not been told what they were accused of, and asked for their release.</p>";

    fn read(html: &str) -> Result<Report> {
        report("a.html", html.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn article_keeps_its_paragraphs_and_loses_furniture() {
        let html = format!(
            "<html lang=en><head><title>Police raid homes in old town | Town Post</title><meta property='og:site_name' content='Town Post'>\
            <meta property='article:published_time' content='2020-03-04T01:00:00Z'></head><body><nav><a href=/>Home</a> <a \
            href=/w>World</a></nav>\
            <article><h1>Police raid homes in old town</h1>{STORY}</article><aside><h3>Related</h3><a href=/x>Ten cakes to bake this \
            weekend</a></aside><div class=comments><p>I do not believe a word of this story at all, says a commenter here.</p></div>\
            <footer>Copyright Town Post</footer></body></html>"
        );
        let report = read(&html).unwrap();
        assert_eq!(report.title.unwrap().of(&report.text), "Police raid homes in old town");
        assert_eq!(report.blocks.len(), 4, "{}", report.text);
        assert!(
            !report.text.contains("cakes") && !report.text.contains("commenter") && !report.text.contains("Copyright")
        );
        assert_eq!(report.publication.as_deref(), Some("Town Post"));
        assert_eq!(report.published, Some(jiff::civil::date(2020, 3, 4)));
        assert_eq!(report.language.as_deref(), Some("en"));
    }

    #[test]
    fn page_of_links_has_no_article() {
        let html = "<html><body><nav><a href=/>Home</a></nav><ul><li><a href=/w>World</a></li><li><a href=/s>Sport</a></li></ul></body>\
            </html>";
        let error = read(html).unwrap_err().to_string();
        assert_eq!(error, "a.html: no article text found (3 blocks, all navigation); try --keep-boilerplate");
        let options = ReadOptions { keep_boilerplate: true, ..Default::default() };
        assert_eq!(report("a.html", html.as_bytes(), &options).unwrap().text, "Home\nWorld\nSport");
    }

    #[test]
    fn hostile_pages_are_read_in_time() {
        let nested = format!("{}{STORY}{}", "<div>".repeat(200_000), "</div>".repeat(200_000));
        assert!(read(&nested).unwrap().text.contains("Police raided three homes"));
        let inline = format!("{}{STORY}", "<b><i><font color=red>".repeat(60_000));
        assert!(read(&inline).unwrap().text.contains("Police raided three homes"));
        let _ = read(&"<table><tr><td>".repeat(50_000));
        let _ = read(&"<p>".repeat(200_000));
        let _ = read(&"<".repeat(1_000_000));
    }

    #[test]
    fn lying_charset_is_seen_through_and_noted() {
        let html = format!(
            "<meta charset=windows-1251><title>Café raided in the town</title><article>{STORY}<p>It was the Café Zürich, known for its \
                owner’s views.</p></article>"
        );
        let report = read(&html).unwrap();
        assert!(report.text.contains("Café Zürich"));
        assert!(report.notes.iter().any(|note| note.code == "charset-mismatch"));
    }
}
