//! OPML: a list of feeds, which holds no reports itself.

use super::input::Input;
use super::walk::Founds;
use super::xml;

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
