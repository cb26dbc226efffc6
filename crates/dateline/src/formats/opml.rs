//! OPML: a list of feeds, which holds no reports itself.

use super::input::Input;
use super::walk::Founds;
use super::xml::{self, Element};
use std::collections::BTreeSet;

/// A feed in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its name in the list.
    pub title: Option<String>,
    /// Where it is.
    pub address: String,
}

/// The feeds of a list (OPML 2.0, "subscription lists"), in order, each address once; empty where it holds none or is no list.
///
/// # Example
/// ```
/// let list = br#"<opml><body><outline text="News"><outline text="Post" xmlUrl="https://post.example/rss"/></outline></body></opml>"#;
/// assert_eq!(dateline::formats::opml::feeds(list)[0].address, "https://post.example/rss");
/// ```
pub fn feeds(bytes: &[u8]) -> Vec<Feed> {
    let (text, _) = super::html::charset::decode_html(bytes);
    let (mut feeds, mut seen) = (Vec::new(), BTreeSet::new());
    let root = xml::element(&text);
    let mut stack = vec![&root];
    while let Some(element) = stack.pop() {
        stack.extend(element.children.iter().rev());
        if let Some(feed) = feed(element).filter(|feed| seen.insert(feed.address.clone())) {
            feeds.push(feed);
        }
    }
    feeds
}

fn feed(outline: &Element) -> Option<Feed> {
    let given = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| outline.attribute(name));
        values.find_map(|value| Some(value.trim().to_owned()).filter(|value| !value.is_empty()))
    };
    let address = given(&["xmlUrl", "xmlurl", "xmlURL"]).filter(|_| outline.local() == "outline")?;
    Some(Feed { title: given(&["title", "text"]), address })
}

/// Whether a file begins as a list of feeds does.
pub(crate) fn begins(head: &str) -> bool {
    xml::root(head) == Some("opml")
}

/// Says what it is and which command reads it.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    let bytes = match input.one() {
        Ok(bytes) => bytes,
        Err(error) => return Box::new(std::iter::once(Err(error))),
    };
    let (text, _) = super::html::charset::decode_html(&bytes);
    let feeds = text.to_ascii_lowercase().matches("xmlurl").count();
    let message = format!("a list of {feeds} feeds and no reports; `dateline watch` reads it");
    Box::new(std::iter::once(Err(outside.unreadable("", message))))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, messages};

    #[test]
    fn feeds_are_listed_once_in_order_at_any_depth() {
        let list = br#"<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
            <outline text="Region">
            <outline text="T&amp;P" title="Town Post" xmlUrl=" https://a.example/rss?a=1&amp;b=2 "/><outline text="no feed"/></outline>
            <outline type="rss" xmlurl="https://b.example/"/><outline xmlUrl="https://b.example/"/><outline xmlUrl=""/></body></opml>"#;
        let feeds = super::feeds(list);
        let addresses: Vec<_> = feeds.iter().map(|feed| feed.address.as_str()).collect();
        assert_eq!(addresses, ["https://a.example/rss?a=1&b=2", "https://b.example/"]);
        assert_eq!((feeds[0].title.as_deref(), feeds[1].title.as_deref()), (Some("Town Post"), None));
        assert!(super::feeds(b"no list").is_empty() && super::feeds(b"<opml><outline xmlUrl='").is_empty());
    }

    #[test]
    fn the_command_for_lists_of_feeds_is_named() {
        let opml = br#"<?xml version="1.0"?><opml version="2.0"><body><outline xmlUrl="https://a.example/rss"/><outline xmlUrl="b"/>
            </body></opml>"#;
        for name in ["feeds.opml", "feeds.xml", "-"] {
            assert_eq!(
                messages(&all(name, opml)),
                [format!("{name}: a list of 2 feeds and no reports; `dateline watch` reads it")]
            );
        }
    }
}
