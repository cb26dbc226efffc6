//! The article's own text: extraction by `trafilatura`, then its markup turned into blocks.

use super::nesting;
use super::page::{Page, tidy};
use crate::BlockKind;
use scraper::{Html, Node};

/// Paragraphs in page order and what each is.
pub type Blocks = Vec<(BlockKind, String)>;

/// Pages above this size are no articles as sites publish them; copying their tree several times for extraction would
/// take minutes, so their own lines serve.
const MAX_EXTRACTED_BYTES: usize = 8_000_000;

/// Shortest line, in characters, that can be a sentence of an article rather than a link of a menu.
const SENTENCE_CHARS: usize = 40;

/// Elements whose content is not shown.
const HIDDEN: &[&str] = &["script", "style", "noscript", "template", "svg", "iframe", "textarea", "select"];

/// Elements whose beginning and end end a paragraph.
const BREAKS: &[&str] = &[
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// The article's blocks; empty where the page holds no article.
///
/// Extraction is `trafilatura` with its fallback to readability, the best of those compared (ARCHITECTURE.md). Where
/// it gives nothing, the page's own lines outside navigation serve.
pub fn article(html: &str, page: &Page, url: Option<&str>) -> Blocks {
    let mut blocks = if html.len() <= MAX_EXTRACTED_BYTES { extracted(html, url) } else { Blocks::new() };
    if !has_sentence(&blocks) {
        let lines = page.lines.iter().filter(|(line, aside)| !aside && is_sentence(line));
        blocks = lines.map(|(line, _)| (BlockKind::Paragraph, line.clone())).collect();
    }
    blocks
}

/// All visible text, for pages whose article the extraction misses.
pub fn everything(page: &Page) -> Blocks {
    page.lines.iter().map(|(line, _)| (BlockKind::Paragraph, line.clone())).collect()
}

/// The blocks of markup that is the article itself, as feeds and agencies give it; scripts and the like are left out.
pub fn fragment(html: &str) -> Blocks {
    blocks(&nesting::capped(html).0)
}

/// Whether a line reads like a sentence: long and punctuated, or closed by a full stop. Menus and lists of links are
/// neither.
fn is_sentence(line: &str) -> bool {
    let long = line.chars().count() >= SENTENCE_CHARS
        && line.contains(['.', '!', '?', '。', '؟', '।', ',', '،', ':', '”', '"']);
    let closed = line.ends_with(['.', '!', '?', '。', '؟', '।', '”', '"']) && line.split_whitespace().nth(3).is_some();
    long || closed
}

fn has_sentence(blocks: &Blocks) -> bool {
    blocks.iter().any(|(_, text)| is_sentence(text))
}

fn extracted(html: &str, url: Option<&str>) -> Blocks {
    let mut options = trafilatura::Options::default()
        .with_fallback(true)
        .with_exclude_comments(true)
        .with_html_date_mode(trafilatura::HtmlDateMode::Disabled);
    options.original_url = url.and_then(|url| url::Url::parse(url).ok());
    // Pages are hostile input and the extractor is not ours: a panic in it costs this page's extraction, nothing more.
    let result = std::panic::catch_unwind(|| trafilatura::extract(html, &options));
    match result {
        Ok(Ok(result)) => blocks(&result.content_html),
        _ => Blocks::new(),
    }
}

/// The paragraphs of extracted markup.
fn blocks(html: &str) -> Blocks {
    let tree = Html::parse_fragment(html).tree;
    let mut blocks = Blocks::new();
    let mut text = String::new();
    let mut stack = vec![(tree.root(), false, BlockKind::Paragraph)];
    while let Some((node, leaving, kind)) = stack.pop() {
        let name = node.value().as_element().map_or("", |element| element.name());
        let kind = match name {
            "blockquote" => BlockKind::Quote,
            "figcaption" => BlockKind::Caption,
            _ => kind,
        };
        if BREAKS.contains(&name) {
            let words = tidy(&text);
            text.clear();
            if !words.is_empty() {
                // On entering, what stands before belongs to the surrounding element.
                let of = if leaving { kind } else { blocks_kind(&node, kind) };
                blocks.push((of, words));
            }
        }
        if leaving || HIDDEN.contains(&name) {
            continue;
        }
        if let Node::Text(words) = node.value() {
            text.push_str(words);
        }
        stack.push((node, true, kind));
        let first = stack.len();
        stack.extend(node.children().map(|child| (child, false, kind)));
        stack[first..].reverse();
    }
    let words = tidy(&text);
    if !words.is_empty() {
        blocks.push((BlockKind::Paragraph, words));
    }
    blocks
}

/// The kind of text that stands right before `node`: that of the elements around it.
fn blocks_kind(node: &ego_tree::NodeRef<'_, Node>, inner: BlockKind) -> BlockKind {
    let around = node.parent().and_then(|parent| parent.value().as_element().map(|e| e.name().to_owned()));
    match around.as_deref() {
        Some("blockquote") => BlockKind::Quote,
        Some("figcaption") => BlockKind::Caption,
        _ if matches!(inner, BlockKind::Quote | BlockKind::Caption) => BlockKind::Paragraph,
        _ => inner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_quotes_and_captions_are_kept_apart() {
        let html = "<p>Police raided <b>three</b> homes.</p><blockquote><p>We saw nothing.</p></blockquote><ul><li>One</li><li>Two</li></ul>\
            <figure><figcaption>A street</figcaption></figure>tail";
        let found = blocks(html);
        assert_eq!(
            found,
            [
                (BlockKind::Paragraph, "Police raided three homes.".to_owned()),
                (BlockKind::Quote, "We saw nothing.".to_owned()),
                (BlockKind::Paragraph, "One".to_owned()),
                (BlockKind::Paragraph, "Two".to_owned()),
                (BlockKind::Caption, "A street".to_owned()),
                (BlockKind::Paragraph, "tail".to_owned()),
            ]
        );
    }
}
