//! XML as feeds and agencies write it: elements by their local names, read leniently. Entities that a document declares itself are
//! never expanded, so that none can grow.

use super::limits;
use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::ops::Range;

/// Most elements kept of one item; an article has some hundred.
const ELEMENTS: usize = 200_000;

/// An element and what is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Its name with the prefix: `content:encoded`.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// The text directly inside.
    text: String,
    /// Where what it holds stands in the source.
    inner: Range<usize>,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Its name without the prefix.
    pub(crate) fn local(&self) -> &str {
        local(&self.name)
    }

    /// An attribute, whatever its prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| local(key) == name).map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(name))
    }

    /// The children of that name.
    pub(crate) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// Whether it has that name; a name with a colon is compared with the prefix, another without.
    fn is(&self, name: &str) -> bool {
        if name.contains(':') { self.name == name } else { self.local() == name }
    }

    /// The first element of that name at any depth, in document order.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        let mut stack: Vec<&Element> = vec![self];
        while let Some(element) = stack.pop() {
            if element.local() == name {
                return Some(element);
            }
            stack.extend(element.children.iter().rev());
        }
        None
    }

    /// The text directly inside, without blank space around; `None` where there is none.
    pub(crate) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The text of the first child of that name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.children.iter().filter(|child| child.is(name)).find_map(Element::text)
    }

    /// What is inside as markup for a reader of HTML: as it stands in `source` where it holds elements, else its text.
    pub(crate) fn markup(&self, source: &str) -> String {
        match self.children.is_empty() {
            true => self.text.clone(),
            false => unprefixed(source.get(self.inner.clone()).unwrap_or("")),
        }
    }
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Markup whose tags have no prefixes: `xhtml:p` is `p`.
fn unprefixed(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let name = at + 1 + usize::from(rest[at + 1..].starts_with('/'));
        out.push_str(&rest[..name]);
        rest = &rest[name..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
        if rest[end..].starts_with(':') && end > 0 {
            rest = &rest[end + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// The name of the root element in the beginning of a document, with its prefix; `None` where it is no XML.
pub(crate) fn root(head: &str) -> Option<&str> {
    let mut rest = head.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => rest.find("?>")? + 2,
            _ if rest.starts_with("<!--") => rest.find("-->")? + 3,
            _ if rest.starts_with("<!") => rest.find('>')? + 1,
            _ => break,
        };
        rest = rest[end..].trim_start_matches(|c: char| c.is_whitespace() || c == ']' || c == '>');
    }
    let rest = rest.strip_prefix('<')?;
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| name.starts_with(|c: char| c.is_alphabetic()))
}

fn reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// Where the elements named `names` (local names) stand that lie in no other such, and what is wrong with the document, where its end
/// cannot be read. Elements that are not closed are left out.
pub(crate) fn spans(xml: &str, names: &[&str]) -> (Vec<Range<usize>>, Option<String>) {
    let mut reader = reader(xml);
    let mut found = Vec::new();
    // Start of the element being read, its name, and how many of its name are open.
    let mut open: Option<(usize, String, usize)> = None;
    loop {
        let start = reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Start(tag)) => match &mut open {
                Some((_, name, depth)) if tag.name().as_ref() == name.as_str() => *depth += 1,
                Some(_) => {}
                None if names.contains(&tag.local_name().as_ref()) => {
                    open = Some((start, tag.name().as_ref().to_owned(), 1));
                }
                None => {}
            },
            Ok(Event::End(tag)) => {
                if let Some((from, name, depth)) = &mut open {
                    *depth -= usize::from(tag.name().as_ref() == name.as_str());
                    if *depth == 0 {
                        found.push(*from..reader.buffer_position() as usize);
                        open = None;
                    }
                }
            }
            Ok(Event::Eof) => return (found, open.map(|(_, name, _)| format!("cut off: <{name}> is not closed"))),
            Ok(_) => {}
            Err(error) => return (found, Some(format!("damaged XML: {error}"))),
        }
    }
}

/// The root element of a document or a part of one. What is not closed ends with the document; the rest of damaged XML is left out.
pub(crate) fn element(xml: &str) -> Element {
    let mut reader = reader(xml);
    let mut open = vec![Element::default()];
    let mut count = 0;
    // Elements too deep or too many to be kept.
    let mut dropped = 0usize;
    loop {
        let start = reader.buffer_position() as usize;
        let Ok(event) = reader.read_event() else { break };
        let end = reader.buffer_position() as usize;
        let depth = open.len();
        let Some(top) = open.last_mut() else { break };
        match event {
            Event::Start(_) if dropped > 0 || depth > limits::NESTING || count >= ELEMENTS => dropped += 1,
            Event::Start(tag) => {
                count += 1;
                let element = started(&tag);
                open.push(Element { inner: end..xml.len(), ..element });
            }
            Event::Empty(tag) if count < ELEMENTS => {
                count += 1;
                let element = started(&tag);
                top.children.push(element);
            }
            Event::End(_) if dropped > 0 => dropped -= 1,
            Event::End(tag) => {
                // An end tag that fits no open element is passed over.
                if let Some(index) = open.iter().rposition(|element| element.name == tag.name().as_ref()) {
                    open[index].inner.end = start;
                    close(&mut open, index);
                }
            }
            Event::Text(text) => top.text.push_str(&text.into_inner()),
            Event::CData(text) => top.text.push_str(&text.into_inner()),
            Event::GeneralRef(reference) => top.text.push_str(&referred(&reference)),
            Event::Eof => break,
            _ => {}
        }
    }
    close(&mut open, 1);
    open.pop()
        .and_then(|mut document| (!document.children.is_empty()).then(|| document.children.remove(0)))
        .unwrap_or_default()
}

/// Closes the open elements from `index` on.
fn close(open: &mut Vec<Element>, index: usize) {
    while open.len() > index.max(1) {
        let (Some(element), Some(parent)) = (open.pop(), open.last_mut()) else { return };
        parent.children.push(element);
    }
}

fn started(tag: &BytesStart) -> Element {
    let mut attributes = Vec::new();
    for attribute in tag.attributes().with_checks(false).flatten().take(64) {
        let value = unescaped(&attribute.value);
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Element { name: tag.name().as_ref().to_owned(), attributes, ..Element::default() }
}

/// An attribute's value with its references read.
fn unescaped(value: &str) -> String {
    quick_xml::escape::unescape_with(value, resolve_html5_entity)
        .map_or_else(|_| value.to_owned(), |value| value.into_owned())
}

/// The character a reference stands for; one that is not known stays as it is.
fn referred(reference: &BytesRef) -> String {
    let known = match reference.resolve_char_ref() {
        Ok(Some(c)) => Some(c.to_string()),
        _ => resolve_html5_entity(reference).map(str::to_owned),
    };
    known.unwrap_or_else(|| format!("&{};", &**reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_text_attributes_and_order() {
        let item = element(
            "<item a:id='1 &amp; 2'><title>A &#38; B&nbsp;C</title><x:link href='u'/><d><![CDATA[<p>Hi & bye]]></d></item>",
        );
        assert_eq!((item.local(), item.attribute("id")), ("item", Some("1 & 2")));
        assert_eq!(item.text_of("title"), Some("A & B\u{A0}C"));
        assert_eq!(item.child("x:link").unwrap().attribute("href"), Some("u"));
        assert_eq!(item.text_of("d"), Some("<p>Hi & bye"));
    }

    #[test]
    fn declared_entities_are_not_expanded() {
        let bomb: String =
            (1..20).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
        let xml = format!(
            "<!DOCTYPE x [<!ENTITY l0 \"lol\">{bomb}<!ENTITY f SYSTEM \"file:///etc/passwd\">]><x><t>&l19;&f;</t></x>"
        );
        assert_eq!(element(&xml).text_of("t"), Some("&l19;&f;"));
    }

    #[test]
    fn damage_leaves_what_was_read() {
        let xml = "<r><item><b>one</item><item>AT&T <i>two</i></item><item>thr";
        let (found, message) = spans(xml, &["item"]);
        assert_eq!(found.len(), 2);
        assert_eq!(message.unwrap(), "cut off: <item> is not closed");
        assert_eq!(element(&xml[found[0].clone()]).text_of("b"), Some("one"));
        assert_eq!(element(&xml[found[1].clone()]).text(), Some("AT&T"));
        let deep = format!("{}x{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
        assert_eq!(element(&deep).local(), "a");
        assert_eq!(element("no xml").local(), "");
    }

    #[test]
    fn markup_loses_prefixes() {
        let xml = "<c><h:body>\n<h:p class=\"a:b\">One: two</h:p></h:body></c>";
        assert_eq!(element(xml).child("body").unwrap().markup(xml).trim(), "<p class=\"a:b\">One: two</p>");
    }

    #[test]
    fn the_root_is_found_behind_the_prolog() {
        assert_eq!(root("<?xml version='1.0'?>\n<!-- a --><!DOCTYPE rss><rss version='2.0'>"), Some("rss"));
        assert_eq!(root("<rdf:RDF xmlns"), Some("rdf:RDF"));
        assert_eq!(root("text"), None);
    }
}
