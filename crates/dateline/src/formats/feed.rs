//! Feeds: RSS 0.9 to 2.0, Atom and JSON Feed. Each item is a report as far as the feed gives its text.

use super::html::body;
use super::html::charset;
use super::input::{Bytes, Input, Outside};
use super::story::{Body, Story};
use super::walk::{Found, Founds, reports};
use super::xml::{self, Element};
use super::{Format, fields, json, limits};
use crate::{Error, Report, Result};
use std::ops::Range;

/// Below so many bytes of text an item without a full body holds a teaser rather than the report.
const TEASER_BYTES: usize = 600;

/// Whether a file begins as a feed does; `head` is in lower case.
pub(crate) fn begins(head: &str) -> bool {
    let root = xml::root(head).map(xml::local);
    matches!(root, Some("rss" | "feed" | "rdf")) || (head.starts_with('{') && head.contains("jsonfeed.org/version"))
}

/// The items of a feed.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    match input.bytes() {
        Err(error) => Box::new(std::iter::once(Err(error))),
        Ok(bytes) if bytes.trim_ascii_start().starts_with(b"{") || bytes.starts_with(b"\xEF\xBB\xBF{") => {
            let walk = json::Walk::new(&bytes);
            Box::new(JsonItems { publication: walk.title.clone(), walk, bytes, outside, count: 0 })
        }
        Ok(bytes) => reports(XmlItems::new(&bytes, outside)),
    }
}

/// The name of item `number` of a feed.
fn item_name(feed: &str, number: usize) -> String {
    format!("{feed}, item {number}")
}

/// What the story of an item lacks is noted; the error is the message.
fn report(mut story: Story, full: bool, raw: &[u8], outside: &Outside) -> std::result::Result<Report, String> {
    match story.body.len() {
        0 if story.url.is_some() => story.notes.push(fields::only_link()),
        0 if story.title.is_none() => return Err("neither text nor link found in the item".to_owned()),
        n if n > 0 && n < TEASER_BYTES && !full && story.url.is_some() => story.notes.push(fields::only_summary()),
        _ => {}
    }
    story.report(raw, &outside.options)
}

struct XmlItems {
    text: String,
    spans: std::vec::IntoIter<Range<usize>>,
    /// What is wrong with the rest of the feed.
    problem: Option<String>,
    publication: Option<String>,
    outside: Outside,
    count: usize,
}

impl XmlItems {
    fn new(bytes: &[u8], outside: Outside) -> Self {
        let (text, _) = charset::decode_html(bytes);
        let (spans, problem) = xml::spans(&text, &["item", "entry"]);
        let publication = title(&text, &spans);
        XmlItems { spans: spans.into_iter(), problem, publication, outside, count: 0, text }
    }
}

/// The feed's own title: what is left of the document when its items are cut out says it.
fn title(text: &str, spans: &[Range<usize>]) -> Option<String> {
    let mut rest = String::new();
    let mut at = 0;
    for span in spans {
        rest.push_str(&text[at..span.start]);
        at = span.end;
    }
    rest.push_str(&text[at..]);
    let feed = xml::element(&rest);
    let channel = feed.child("channel").unwrap_or(&feed);
    channel.text_of("title").map(str::to_owned)
}

impl Iterator for XmlItems {
    type Item = Result<Found<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(span) = self.spans.next() else {
            let message = self.problem.take()?;
            return Some(Err(self.outside.unreadable("", message)));
        };
        self.count += 1;
        let name = item_name(&self.outside.name, self.count);
        if span.len() > limits::PART_BYTES {
            return Some(Err(super::input::too_large(&name, limits::PART_BYTES)));
        }
        let source = &self.text[span];
        let (mut story, full) = item(&xml::element(source), source);
        story.publication = story.publication.or_else(|| self.publication.clone());
        let report = report(story, full, source.as_bytes(), &self.outside);
        Some(match report {
            Ok(report) => Ok(Found::item(report, source.as_bytes().to_vec(), Format::Feed, name)),
            Err(message) => Err(Error::Unreadable { name, message }),
        })
    }
}

/// The story of an `<item>` or `<entry>`, and whether it has the full text.
fn item(item: &Element, source: &str) -> (Story, bool) {
    let full = item
        .child("content:encoded")
        .or_else(|| item.all("content").find(|e| e.name == "content" || e.name == "atom:content"));
    let full = full.filter(|content| content.text().is_some() || !content.children.is_empty());
    let summary = ["description", "summary", "dc:description"].iter().find_map(|name| {
        item.all(name).find(|e| !e.name.starts_with("media:") && (e.text().is_some() || !e.children.is_empty()))
    });
    let plain = |e: &Element| e.attribute("type") == Some("text");
    let body =
        full.or(summary).map(|e| if plain(e) { Body::Text(e.markup(source)) } else { Body::Html(e.markup(source)) });
    let link = item.all("link").filter(|link| matches!(link.attribute("rel"), None | Some("alternate")));
    let href = |link: &Element| link.attribute("href").or(link.text()).map(str::to_owned);
    let guid = || item.text_of("guid").or(item.text_of("id")).filter(|id| id.starts_with("http"));
    let person = |e: &Element| e.text_of("name").or(e.text()).map(str::to_owned);
    let authors = || item.child("dc:creator").or_else(|| item.all("author").find(|e| e.name != "media:author"));
    let date = ["pubDate", "published", "dc:date", "issued", "updated"].iter().find_map(|name| item.text_of(name));
    let text = body.as_ref().is_some_and(|body| !paragraphs(body));
    let story = Story {
        id: String::new(),
        title: item.all("title").find(|e| !e.name.starts_with("media:")).map(|e| e.markup(source)),
        body: body.filter(|_| !text).unwrap_or_default(),
        published: date.map(str::to_owned),
        publication: item.child("source").and_then(|e| e.text_of("title").or(e.text())).map(str::to_owned),
        url: link.into_iter().find_map(href).or_else(|| guid().map(str::to_owned)),
        author: authors().and_then(person),
        language: item.text_of("dc:language").map(str::to_owned),
        notes: Vec::new(),
    };
    (story, full.is_some() && !text)
}

/// Whether a body has any words: a picture and a link back have none.
fn paragraphs(body: &Body) -> bool {
    match body {
        Body::Text(words) => !words.trim().is_empty(),
        Body::Html(markup) => !body::fragment(markup).is_empty(),
    }
}

struct JsonItems<'a> {
    bytes: Bytes<'a>,
    walk: json::Walk,
    publication: Option<String>,
    outside: Outside,
    count: usize,
}

impl<'a> Iterator for JsonItems<'a> {
    type Item = Result<Found<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.walk.next(&self.bytes)?;
        self.count += 1;
        let name = item_name(&self.outside.name, self.count);
        if next.as_ref().is_ok_and(|range| range.len() > limits::PART_BYTES) {
            return Some(Err(super::input::too_large(&name, limits::PART_BYTES)));
        }
        let read = next.and_then(|range| {
            let raw = &self.bytes[range];
            let fields = json::object(raw)?;
            let mut story = json::story(&fields)?;
            // Addresses serve as ids in feeds; what they name is the page.
            story.id.clear();
            story.publication = story.publication.or_else(|| self.publication.clone());
            let full = ["content_html", "content_text"].iter().any(|key| fields.contains_key(*key));
            story.notes.clear();
            Ok(Found::item(report(story, full, raw, &self.outside)?, raw.to_vec(), Format::Feed, name.clone()))
        });
        Some(read.map_err(|message: String| Error::Unreadable { name, message }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, names, texts};
    use crate::formats::{Format, detect};

    const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="c" xmlns:dc="d"><channel>
        <title>Town Post</title>
        <link>https://town.example/</link><image><title>Logo</title></image>
        <item><title>Raid &amp; arrests</title><link>https://town.example/raid</link><pubDate>Wed, 04 Mar 2020 23:10:00 -0800</pubDate>
        <dc:creator>Ada Lee</dc:creator><description>Short.</description><content:encoded><![CDATA[<p>Police raided <b>three</b> homes.</p>
        <script>x()</script><p>Five were held.</p>]]></content:encoded></item>
        <item><title>Clash</title><guid>https://town.example/clash</guid><description>&lt;img src="a"&gt;Troops clashed.</description>
        </item>
        <item><title>Vote</title><link>https://town.example/vote</link><description><![CDATA[<img src="x.jpg">]]></description></item>
        </channel></rss>"#;

    #[test]
    fn rss_items_are_reports() {
        assert_eq!(detect("-", RSS.as_bytes()), Format::Feed);
        let items = all("feed.xml", RSS.as_bytes());
        assert_eq!(
            texts(&items),
            ["Raid & arrests\nPolice raided three homes.\nFive were held.", "Clash\nTroops clashed.", "Vote"]
        );
        assert_eq!(names(&items)[2], "feed.xml, item 3");
        let reports: Vec<_> = items.iter().flatten().map(|item| &item.report).collect();
        assert_eq!(reports[0].published, Some(jiff::civil::date(2020, 3, 4)));
        assert_eq!(
            (reports[0].publication.as_deref(), reports[0].author.as_deref()),
            (Some("Town Post"), Some("Ada Lee"))
        );
        assert_eq!(reports[1].url.as_deref(), Some("https://town.example/clash"));
        let noted = |n: usize, code: &str| reports[n].notes.iter().any(|note| note.code == code);
        assert!(!noted(0, "only-summary") && noted(1, "only-summary") && noted(2, "only-link"));
        let message = &reports[2].notes.iter().find(|note| note.code == "only-link").unwrap().message;
        assert_eq!(message, "only a link; --fetch gets the page");
        check_raw(&items);
    }

    #[test]
    fn atom_and_json_feed_are_read() {
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>Town Post</title><entry>
            <title type="html">Raid &amp;amp; arrests</title>
            <link rel="self" href="https://x.example/"/><link href="https://town.example/raid"/>
            <published>2020-03-04T10:00:00Z</published><updated>2021-01-01</updated>
            <author><name>Ada Lee</name></author><content type="xhtml"><div xmlns="x"><p>Police raided <b>three</b> homes.</p></div>
            </content></entry></feed>"#;
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Town Post","items":[{"id":"https://town.example/raid",
            "url":"https://town.example/raid",
            "title":"Raid & arrests","content_html":"<p>Police raided <b>three</b> homes.</p>","date_published":"2020-03-04T10:00:00Z",
            "authors":[{"name":"Ada Lee"}]}]}"#;
        for feed in [atom, json] {
            let items = all("-", feed.as_bytes());
            assert_eq!(texts(&items), ["Raid & arrests\nPolice raided three homes."], "{items:?}");
            let report = &items[0].as_ref().unwrap().report;
            assert_eq!((report.publication.as_deref(), report.author.as_deref()), (Some("Town Post"), Some("Ada Lee")));
            assert_eq!(
                (report.url.as_deref(), report.published),
                (Some("https://town.example/raid"), Some(jiff::civil::date(2020, 3, 4)))
            );
            assert!(report.id.starts_with('r'));
            check_raw(&items);
        }
    }

    #[test]
    fn a_feed_cut_off_gives_what_it_had() {
        let items = all("feed.rss", &RSS.as_bytes()[..RSS.find("Vote").unwrap()]);
        assert_eq!(
            (texts(&items).len(), messages(&items)),
            (2, vec!["feed.rss: cut off: <item> is not closed".to_owned()])
        );
        assert_eq!(
            messages(&all("feed.rss", b"<rss><channel/></rss>")),
            ["feed.rss: no reports found in this feed file"]
        );
    }

    #[test]
    fn entity_bombs_do_not_grow() {
        let bomb: String =
            (1..30).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
        let feed = format!(
            "<!DOCTYPE rss [<!ENTITY l0 \"lol\">{bomb}]><rss><channel><item><title>A raid</title><description>&l29; Police raided \
                homes.</description></item></channel></rss>"
        );
        assert_eq!(texts(&all("feed.xml", feed.as_bytes())), ["A raid\n&l29; Police raided homes."]);
    }
}
