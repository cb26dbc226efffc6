//! A linear pass over markup that keeps it within what tree builders handle in linear time: no deep nesting, no tag
//! with thousands of attributes. Ordinary pages pass unchanged.

use std::borrow::Cow;

/// Deepest nesting kept; articles stay below 60.
const MAX_DEPTH: usize = 128;
/// Deepest nesting of tables kept: each brings up to four levels, and extraction looks into every cell of each.
const MAX_TABLES: usize = 16;
/// Elements after which a page is cut off: the largest pages of news have half of them, and each costs a tree builder some hundred bytes,
/// several times over.
pub(crate) const MAX_ELEMENTS: usize = 40_000;
/// Bytes after which a page is cut off (16 MB).
pub(crate) const MAX_BYTES: usize = 16 << 20;
/// Attributes (counted as blanks in a tag) above which a tag loses them: parsers compare each with each.
const MAX_BLANKS: usize = 2_000;
/// Open elements searched for the one an end tag closes.
const SEARCH: usize = 64;

/// Elements that have no end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that parsers close by themselves, so that leaving out end tags does not nest them.
const SELF_CLOSED: &[&str] =
    &["body", "dd", "dt", "head", "html", "li", "option", "optgroup", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];
/// Elements whose content is not markup.
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noframes"];

/// `html` with tags beyond [`MAX_DEPTH`] left out, their content kept, cut off behind [`MAX_ELEMENTS`]; and whether it was cut off.
pub fn capped(html: &str) -> (Cow<'_, str>, bool) {
    let mut end = html.len().min(MAX_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let (kept, whole) = within(&html[..end]);
    (kept, !whole || end < html.len())
}

/// As [`capped`], and whether all of `html` was gone through.
fn within(html: &str) -> (Cow<'_, str>, bool) {
    let bytes = html.as_bytes();
    let mut capped: Option<String> = None;
    let mut copied = 0;
    let mut open: Vec<&str> = Vec::new();
    let mut dropped = 0usize;
    let mut foreign = 0usize;
    let mut tables = 0usize;
    let mut elements = 0usize;
    let mut end = html.len();
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', bytes.get(at..).unwrap_or_default()) {
        let start = at + offset;
        let Some(tag) = tag(html, start) else {
            at = skip_markup(html, start);
            continue;
        };
        at = tag.end;
        let mut replacement = None;
        if tag.closes {
            if tag.is("svg") || tag.is("math") {
                foreign = foreign.saturating_sub(1);
            }
            let searched = open.len().saturating_sub(SEARCH);
            if dropped > 0 && !tag.is_any(SELF_CLOSED) {
                dropped -= 1;
                replacement = Some(String::new());
            } else if let Some(index) = open[searched..].iter().rposition(|name| tag.is(name)) {
                let closed = open.drain(searched + index..);
                tables -= closed.filter(|name| name.eq_ignore_ascii_case("table")).count();
            }
        } else if !(tag.is_any(VOID) || tag.is_any(SELF_CLOSED) || (foreign > 0 && tag.self_closing)) {
            if tag.is_any(RAW) {
                at = end_of_raw(html, &tag);
            } else if open.len() >= MAX_DEPTH || (tag.is("table") && tables >= MAX_TABLES) {
                dropped += 1;
                replacement = Some(String::new());
            } else {
                open.push(tag.name);
                tables += usize::from(tag.is("table"));
                foreign += usize::from(tag.is("svg") || tag.is("math"));
            }
        }
        elements += usize::from(!tag.closes && replacement.is_none());
        if elements > MAX_ELEMENTS {
            end = start;
            break;
        }
        let too_many =
            || bytes[start..tag.end].iter().filter(|b| b.is_ascii_whitespace() || **b == b'/').count() > MAX_BLANKS;
        if replacement.is_none() && tag.end - start > 2 * MAX_BLANKS && too_many() {
            replacement = Some(format!("<{}{}>", if tag.closes { "/" } else { "" }, tag.name));
        }
        if let Some(replacement) = replacement {
            let capped = capped.get_or_insert_with(|| String::with_capacity(html.len()));
            capped.push_str(&html[copied..start]);
            capped.push_str(&replacement);
            copied = tag.end;
        }
    }
    let kept = match capped {
        None => Cow::Borrowed(&html[..end]),
        Some(mut capped) => {
            capped.push_str(&html[copied.min(end)..end]);
            Cow::Owned(capped)
        }
    };
    (kept, end == html.len())
}

struct Tag<'h> {
    name: &'h str,
    closes: bool,
    self_closing: bool,
    /// One past its `>`.
    end: usize,
}

impl Tag<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn is_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }
}

/// The tag that begins with the `<` at `start`; `None` for comments, declarations and a bare `<`.
fn tag(html: &str, start: usize) -> Option<Tag<'_>> {
    let bytes = html.as_bytes();
    let closes = bytes.get(start + 1) == Some(&b'/');
    let from = start + 1 + usize::from(closes);
    if !bytes.get(from)?.is_ascii_alphabetic() {
        return None;
    }
    let ends_name = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
    let name_end = bytes[from..].iter().position(ends_name).map_or(bytes.len(), |n| from + n);
    let mut at = name_end;
    // Quotes count only where a value may begin, as in the tokenizer: `<p title=don't>` has no quoted value.
    let mut after_equals = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'>' => break,
            b'"' | b'\'' if after_equals => {
                at += memchr::memchr(byte, &bytes[at + 1..]).map_or(bytes.len() - at - 1, |n| n + 1);
                after_equals = false;
            }
            b'=' => after_equals = true,
            b if b.is_ascii_whitespace() => {}
            _ => after_equals = false,
        }
        at += 1;
    }
    let end = (at + 1).min(bytes.len());
    let self_closing = at > start && bytes.get(at - 1) == Some(&b'/');
    Some(Tag { name: html.get(from..name_end)?, closes, self_closing, end })
}

/// Where reading goes on after a `<` that begins no tag: behind a comment, else behind the `<`.
fn skip_markup(html: &str, start: usize) -> usize {
    let rest = &html.as_bytes()[start..];
    if !rest.starts_with(b"<!--") {
        return start + 1;
    }
    memchr::memmem::find(&rest[4..], b"-->").map_or(html.len(), |n| start + 4 + n + 3)
}

/// Where the content of a raw-text element ends: at its end tag.
fn end_of_raw(html: &str, open: &Tag) -> usize {
    let bytes = html.as_bytes();
    let mut at = open.end;
    while let Some(offset) = memchr::memmem::find(bytes.get(at..).unwrap_or_default(), b"</") {
        let name = at + offset + 2;
        if html.get(name..name + open.name.len()).is_some_and(|found| found.eq_ignore_ascii_case(open.name)) {
            return at + offset;
        }
        at = name;
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_pages_pass_unchanged() {
        let page =
            "<html><body><!-- <div> --><div class=\"a>b\"><p>One<p>Two<br><ul><li>x</ul></div><script>'<div>'</script>";
        assert!(matches!(capped(page).0, Cow::Borrowed(_)));
        let list = format!("<ul>{}</ul>", "<li>item".repeat(5_000));
        assert!(matches!(capped(&list).0, Cow::Borrowed(_)));
    }

    #[test]
    fn deep_nesting_is_cut_and_its_text_kept() {
        let page =
            format!("{}<p>Police raided homes.</p>{}<p>Later.</p>", "<div>".repeat(200_000), "</div>".repeat(200_000));
        let (cut, _) = capped(&page);
        assert_eq!(cut.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(cut.matches("</div>").count(), MAX_DEPTH);
        assert!(cut.contains("<p>Police raided homes.</p>") && cut.ends_with("<p>Later.</p>"));
    }

    #[test]
    fn pages_with_more_elements_than_any_are_cut_off() {
        let page = format!("<p>Police raided homes.</p>{}", "<br>".repeat(2 * MAX_ELEMENTS));
        let (cut, is_cut) = capped(&page);
        assert!(is_cut && cut.starts_with("<p>Police raided homes.</p><br>"));
        assert_eq!(cut.matches("<").count(), MAX_ELEMENTS + 1);
        assert!(!capped("<p>Police raided homes.</p>").1);
        assert!(capped(&"é".repeat(MAX_BYTES)).0.len() <= MAX_BYTES);
    }

    #[test]
    fn stray_end_tags_do_not_hide_nesting() {
        let page = "<div></b>".repeat(10_000);
        assert!(capped(&page).0.matches("<div>").count() <= MAX_DEPTH);
    }

    #[test]
    fn tags_with_thousands_of_attributes_lose_them() {
        let attributes: String = (0..10_000).map(|n| format!(" a{n}")).collect();
        assert_eq!(capped(&format!("<p{attributes}>text")).0, "<p>text");
    }
}
