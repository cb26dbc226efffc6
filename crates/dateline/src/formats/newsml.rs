//! NewsML-G2 (IPTC): agency items, alone or in a message, with text as NITF, XHTML or plain. NITF documents alone are read too.

use super::html::charset;
use super::input::{Input, Outside};
use super::story::{Body, Story};
use super::walk::{Found, Founds, reports};
use super::xml::{self, Element};
use super::{Format, limits};
use crate::{Error, Result};
use std::ops::Range;

/// Whether a file begins as one; `head` is in lower case.
pub(crate) fn begins(head: &str) -> bool {
    let names = ["newsmessage", "newsitem", "packageitem", "knowledgeitem", "nitf", "newsml"];
    xml::root(head).is_some_and(|root| names.contains(&xml::local(root)))
}

/// The items of a message.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    let bytes = match input.bytes() {
        Ok(bytes) => bytes,
        Err(error) => return Box::new(std::iter::once(Err(error))),
    };
    let (text, _) = charset::decode_html(&bytes);
    let (mut spans, mut problem) = xml::spans(&text, &["newsItem", "NewsItem"]);
    if spans.is_empty() && problem.is_none() {
        (spans, problem) = xml::spans(&text, &["nitf"]);
    }
    reports(Items { spans: spans.into_iter(), problem, text, outside, count: 0 })
}

struct Items {
    text: String,
    spans: std::vec::IntoIter<Range<usize>>,
    problem: Option<String>,
    outside: Outside,
    count: usize,
}

impl Iterator for Items {
    type Item = Result<Found<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(span) = self.spans.next() else {
                return self.problem.take().map(|message| Err(self.outside.unreadable("", message)));
            };
            self.count += 1;
            let alone = self.count == 1 && self.spans.len() == 0;
            let name =
                if alone { self.outside.name.clone() } else { format!("{}, item {}", self.outside.name, self.count) };
            if span.len() > limits::PART_BYTES {
                return Some(Err(super::input::too_large(&name, limits::PART_BYTES)));
            }
            let source = &self.text[span];
            let item = xml::element(source);
            if is_other_class(&item) {
                tracing::debug!(item = %name, "not text by its class, left out");
                continue;
            }
            let report = story(&item, source).and_then(|story| story.report(source.as_bytes(), &self.outside.options));
            return Some(match report {
                Ok(report) => Ok(Found::item(report, source.as_bytes().to_vec(), Format::NewsMl, name)),
                Err(message) => Err(Error::Unreadable { name, message }),
            });
        }
    }
}

/// Whether the item is a picture, video or the like (`ninat:picture`).
fn is_other_class(item: &Element) -> bool {
    let class = item.find("itemClass").and_then(|class| class.attribute("qcode")).unwrap_or("");
    ["picture", "video", "audio", "graphic", "animation"].contains(&xml::local(class))
}

/// The story of an item; the error is the message.
fn story(item: &Element, source: &str) -> std::result::Result<Story, String> {
    let status = item.find("pubStatus").and_then(|status| status.attribute("qcode")).map(xml::local);
    if let Some(status @ ("withheld" | "canceled")) = status {
        return Err(format!("the agency says the item is {status}; it is left out"));
    }
    let text = |name: &str| item.find(name).and_then(Element::text).map(str::to_owned);
    let named = |name: &str| {
        let element = item.find(name)?;
        let given = element.text_of("name").or(element.attribute("literal")).or(element.text());
        given.or(element.attribute("qcode").map(xml::local)).map(str::to_owned)
    };
    let markup =
        |name: &str| item.find(name).map(|element| element.markup(source)).filter(|markup| !markup.trim().is_empty());
    let body = markup("body.content").or_else(|| markup("body")).or_else(|| markup("inlineXML")).map(Body::Html);
    let body = body.or_else(|| text("inlineData").map(Body::Text));
    let Some(body) = body else {
        return Err("no text found in the item; expected inlineXML or inlineData in its contentSet".to_owned());
    };
    let norm = || item.find("date.issue").and_then(|date| date.attribute("norm")).map(str::to_owned);
    let title = ["headline", "hl1", "title"].iter().find_map(|name| markup(name));
    let content = item.find("contentMeta");
    Ok(Story {
        id: String::new(),
        title,
        body,
        published: ["firstCreated", "contentCreated", "versionCreated"]
            .iter()
            .find_map(|name| text(name))
            .or_else(norm),
        publication: named("provider")
            .or_else(|| named("infoSource"))
            .or_else(|| text("creditline"))
            .or_else(|| text("doc.copyright")),
        url: None,
        author: text("by").or_else(|| text("byline")).or_else(|| named("creator")),
        language: content
            .and_then(|meta| meta.child("language")?.attribute("tag"))
            .or(item.attribute("lang"))
            .map(str::to_owned),
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, texts};
    use crate::formats::{Format, detect};

    fn item(status: &str, content: &str) -> String {
        format!(
            "<newsItem guid=\"urn:town:1\" xml:lang=\"en\"><itemMeta><itemClass qcode=\"ninat:text\"/><provider><name>Town Wire</name>\
                </provider>\
             <versionCreated>2020-03-05T01:00:00Z</versionCreated><firstCreated>2020-03-04T23:10:00-08:00</firstCreated><pubStatus \
             qcode=\"stat:{status}\"/></itemMeta>\
             <contentMeta><headline>Raid &amp; arrests</headline><by>Ada Lee</by></contentMeta><contentSet>{content}</contentSet>\
             </newsItem>"
        )
    }

    #[test]
    fn bodies_of_all_kinds_are_read() {
        let nitf = "<inlineXML contenttype=\"application/nitf+xml\"><nitf xmlns=\"n\"><body><body.head><hedline><hl1>x</hl1></hedline>\
            </body.head><body.content><p>Police raided homes.</p><p>Five were held.</p></body.content></body></nitf></inlineXML>";
        let xhtml = "<inlineXML><h:html xmlns:h=\"x\"><h:head><h:title>x</h:title></h:head><h:body><h:p>Police raided homes.</h:p>\
            <h:p>Five were held.</h:p></h:body></h:html></inlineXML>";
        let plain = "<inlineData>Police raided homes.\nFive were held.</inlineData>";
        for content in [nitf, xhtml, plain] {
            let message = format!(
                "<?xml version=\"1.0\"?><newsMessage xmlns=\"g2\"><header/><itemSet>{}{}</itemSet></newsMessage>",
                item("usable", content),
                item("canceled", content)
            );
            assert_eq!(detect("a.xml", message.as_bytes()), Format::NewsMl);
            let items = all("a.xml", message.as_bytes());
            assert_eq!(texts(&items), ["Raid & arrests\nPolice raided homes.\nFive were held."], "{items:?}");
            assert_eq!(messages(&items), ["a.xml, item 2: the agency says the item is canceled; it is left out"]);
            let report = &items[0].as_ref().unwrap().report;
            assert_eq!(
                (report.published, report.publication.as_deref(), report.author.as_deref()),
                (Some(jiff::civil::date(2020, 3, 4)), Some("Town Wire"), Some("Ada Lee"))
            );
            check_raw(&items);
        }
    }

    #[test]
    fn pictures_are_passed_over_and_damage_is_named() {
        let picture = item("usable", "<remoteContent href=\"a.jpg\"/>").replace("ninat:text", "ninat:picture");
        assert_eq!(messages(&all("a.xml", picture.as_bytes())), ["a.xml: no reports found in this newsml file"]);
        let cut = &item("usable", "<inlineData>x</inlineData>")[..100];
        assert_eq!(messages(&all("a.xml", cut.as_bytes())), ["a.xml: cut off: <newsItem> is not closed"]);
        let nitf = "<nitf><head><title>Raid</title><docdata><date.issue norm=\"20200304T101500Z\"/></docdata></head><body><body.content>\
            <p>Police raided homes.</p></body.content></body></nitf>";
        assert_eq!(texts(&all("a.xml", nitf.as_bytes())), ["Raid\nPolice raided homes."]);
    }
}
