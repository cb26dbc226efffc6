//! One walk over a page's tree that gathers what metadata, date and body need.

use scraper::{Html, Node};

/// What a page says about itself, in page order.
#[derive(Debug, Default)]
pub struct Page {
    /// `<meta>` by lower-cased `property`, `name` or `itemprop`.
    pub metas: Vec<(String, String)>,
    /// Contents of JSON-LD scripts.
    pub json_ld: Vec<String>,
    /// Elements that may hold a date.
    pub dated: Vec<Dated>,
    /// Texts of elements that name an author.
    pub authors: Vec<String>,
    /// Content of `<title>`.
    pub title: Option<String>,
    /// The `<h1>` headings.
    pub h1: Vec<String>,
    /// `<link rel="canonical">`.
    pub canonical: Option<String>,
    /// `<html lang>`.
    pub lang: Option<String>,
    /// Visible text, one item per block element; true where it stands in navigation, a footer, comments or teasers.
    pub lines: Vec<(String, bool)>,
}

/// An element that may hold a date.
#[derive(Debug, Default)]
pub struct Dated {
    /// Element name.
    pub tag: String,
    /// Its `class`, `id` and `itemprop`, lower case.
    pub marks: String,
    /// `datetime`, `content`, `title`, `data-…` values that hold digits.
    pub values: Vec<String>,
    /// Its text, shortened.
    pub text: String,
    /// In navigation, a footer, comments or teasers of other stories.
    pub aside: bool,
}

/// Longest text kept of a dated element, in bytes; longer ones are the article itself.
const MAX_DATED_BYTES: usize = 200;

/// Elements after which visible text starts a new line.
const BLOCKS: &[&str] = &[
    "address",
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
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

/// Parts of `class` and `id` of containers that hold other stories, comments or navigation.
const ASIDES: &[&str] = &[
    "comment",
    "related",
    "sidebar",
    "recommend",
    "teaser",
    "footer",
    "widget",
    "most-read",
    "mostread",
    "trending",
    "latest",
    "popular",
    "newsletter",
    "promo",
    "disqus",
    "breadcrumb",
    "menu",
];

/// Parts of `class`, `id` and `itemprop` of elements that hold a date.
const DATE_MARKS: &[&str] = &[
    "date",
    "datum",
    "time",
    "publish",
    "posted",
    "fecha",
    "byline",
    "dateline",
    "timestamp",
    "meta",
    "entry-info",
    "created",
    "updated",
    "modified",
    "submitted",
    "pubdate",
    "data-",
    "veroeffent",
    "erschienen",
    "tarih",
    "zeit",
    "info",
    "day",
    "stand",
];

/// Gathers a page. The walk keeps its own stack, so that nesting costs no call depth.
pub fn page(html: &str) -> Page {
    let tree = Html::parse_document(html).tree;
    let mut page = Page::default();
    let mut line = String::new();
    // Entering pushes the element's children behind a marker for leaving it.
    let mut stack = vec![(tree.root(), false, false)];
    let mut open: Vec<OpenElement> = Vec::new();
    while let Some((node, leaving, aside)) = stack.pop() {
        if leaving {
            leave(&mut page, &mut line, &mut open, node.value());
            continue;
        }
        match node.value() {
            Node::Text(text) => {
                line.push_str(text);
                for element in open.iter_mut().rev().take(4) {
                    element.push(text);
                }
                continue;
            }
            Node::Element(element) => {
                let name = element.name();
                let content: String = match name {
                    "script" | "style" | "noscript" | "template" | "svg" | "select" | "iframe" | "textarea" => {
                        if element.attr("type").is_some_and(|t| t.eq_ignore_ascii_case("application/ld+json")) {
                            page.json_ld.push(texts(node));
                        }
                        continue;
                    }
                    "title" => {
                        page.title.get_or_insert_with(|| tidy(&texts(node)));
                        continue;
                    }
                    "meta" => {
                        let key =
                            ["property", "name", "itemprop", "http-equiv"].iter().find_map(|key| element.attr(key));
                        if let (Some(key), Some(value)) = (key, element.attr("content")) {
                            page.metas.push((key.trim().to_ascii_lowercase(), tidy(value)));
                        }
                        continue;
                    }
                    "link" => {
                        if element.attr("rel") == Some("canonical") && page.canonical.is_none() {
                            page.canonical = element.attr("href").map(|href| href.trim().to_owned());
                        }
                        continue;
                    }
                    "html" => {
                        page.lang = element.attr("lang").or(element.attr("xml:lang")).map(str::to_owned);
                        String::new()
                    }
                    _ => ["class", "id", "itemprop", "rel"]
                        .iter()
                        .filter_map(|key| element.attr(key))
                        .collect::<Vec<_>>()
                        .join(" "),
                };
                let marks = content.to_ascii_lowercase();
                let article = matches!(name, "html" | "body" | "main" | "article");
                let aside = aside
                    || matches!(name, "aside" | "footer" | "nav")
                    || (!article && ASIDES.iter().any(|mark| marks.contains(mark)));
                if BLOCKS.contains(&name) {
                    end_line(&mut page, &mut line, aside);
                }
                let dated = matches!(name, "time" | "abbr") || DATE_MARKS.iter().any(|mark| marks.contains(mark));
                let author = ["author", "byline"].iter().any(|mark| marks.contains(mark));
                let heading = name == "h1";
                let values = if dated { values(element) } else { Vec::new() };
                open.push(OpenElement {
                    dated,
                    author,
                    heading,
                    name: name.to_owned(),
                    marks,
                    values,
                    text: String::new(),
                    aside,
                });
                stack.push((node, true, aside));
                let first = stack.len();
                stack.extend(node.children().map(|child| (child, false, aside)));
                stack[first..].reverse();
            }
            _ => {
                let first = stack.len();
                stack.extend(node.children().map(|child| (child, false, aside)));
                stack[first..].reverse();
            }
        }
    }
    end_line(&mut page, &mut line, false);
    page
}

/// An element on the path from the root to where the walk is.
struct OpenElement {
    dated: bool,
    author: bool,
    heading: bool,
    name: String,
    marks: String,
    values: Vec<String>,
    text: String,
    aside: bool,
}

impl OpenElement {
    /// Keeps the beginning of the text of elements that need it.
    fn push(&mut self, text: &str) {
        if (self.dated || self.author || self.heading) && self.text.len() < 2 * MAX_DATED_BYTES {
            self.text.push_str(text);
            self.text.push(' ');
        }
    }
}

/// Files an element when its end is reached.
fn leave(page: &mut Page, line: &mut String, open: &mut Vec<OpenElement>, node: &Node) {
    let Some(element) = open.pop() else { return };
    if node.as_element().is_some_and(|e| BLOCKS.contains(&e.name())) {
        end_line(page, line, element.aside);
    }
    let text = tidy(&element.text);
    if element.heading && !text.is_empty() {
        page.h1.push(text.clone());
    }
    if element.author && !text.is_empty() && text.len() <= MAX_DATED_BYTES && !element.aside {
        page.authors.push(text.clone());
    }
    let has_digit = |s: &str| s.chars().any(char::is_numeric);
    if element.dated && (!element.values.is_empty() || (text.len() <= MAX_DATED_BYTES && has_digit(&text))) {
        let text = if text.len() <= MAX_DATED_BYTES { text } else { String::new() };
        page.dated.push(Dated {
            tag: element.name,
            marks: element.marks,
            values: element.values,
            text,
            aside: element.aside,
        });
    }
}

/// Attribute values of a dated element that hold a number.
fn values(element: &scraper::node::Element) -> Vec<String> {
    element
        .attrs()
        .filter(|(key, _)| {
            matches!(
                *key,
                "datetime"
                    | "content"
                    | "title"
                    | "data-date"
                    | "data-time"
                    | "data-utime"
                    | "data-timestamp"
                    | "data-datetime"
                    | "data-published"
                    | "unixtime"
                    | "data-livestamp"
                    | "data-original-title"
            )
        })
        .filter(|(_, value)| value.len() <= MAX_DATED_BYTES && value.chars().any(char::is_numeric))
        .map(|(_, value)| value.to_owned())
        .collect()
}

fn end_line(page: &mut Page, line: &mut String, aside: bool) {
    let words = tidy(line);
    line.clear();
    if !words.is_empty() {
        page.lines.push((words, aside));
    }
}

/// The text directly inside a node.
fn texts(node: ego_tree::NodeRef<'_, Node>) -> String {
    node.children().filter_map(|child| child.value().as_text().map(|text| text.to_string())).collect()
}

/// `text` with blank space runs reduced to one space and invisible characters left out.
pub fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace()).filter(|word| !word.is_empty()) {
        if !tidy.is_empty() && !tidy.ends_with(' ') {
            tidy.push(' ');
        }
        tidy.extend(word.chars().filter(|c| !crate::formats::text::is_noise(*c)));
    }
    tidy.trim_end().to_owned()
}
