//! Mail (RFC 5322, MIME): a newsletter or a forwarded report, one message a file.

use super::html;
use super::input::Input;
use super::story::{Body, Story};
use super::walk::Founds;
use super::{Format, ReadOptions, limits};
use crate::{Error, Report, Result};
use mail_parser::{Message, MessageParser, PartType};
use regex::bytes::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Headers of which a file of mail has two among its first lines.
const HEADERS: &[&str] = &[
    "from:",
    "date:",
    "subject:",
    "received:",
    "mime-version:",
    "message-id:",
    "return-path:",
    "delivered-to:",
    "to:",
    "content-type:",
    "dkim-signature:",
    "list-id:",
    "snapshot-content-location:",
];

/// Whether a file begins as mail does; `head` is in lower case.
pub(crate) fn begins(head: &str) -> bool {
    let first = head.lines().next().unwrap_or("");
    let headers = head.lines().take_while(|line| !line.trim().is_empty());
    HEADERS.iter().any(|name| first.starts_with(name))
        && headers.filter(|line| HEADERS.iter().any(|name| line.starts_with(name))).count() >= 2
}

/// The report of `input`.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    super::one(input, Format::Mail, report)
}

fn report(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Report> {
    let unreadable = |message: String| Error::Unreadable { name: name.to_owned(), message };
    let closed = closed(bytes);
    let message = parsed(&closed).ok_or_else(|| {
        unreadable("no mail found; expected headers such as From and Subject, then the text".to_owned())
    })?;
    let title = message.subject().map(without_marks);
    let sender = message.from().and_then(|from| from.first());
    let publication = sender.and_then(|sender| sender.name().or_else(|| sender.address()?.split('@').nth(1)));
    let story = Story {
        title,
        published: header(&message, "Date"),
        publication: publication.map(str::to_owned),
        url: header(&message, "Archived-At")
            .map(|url| url.trim_matches(['<', '>']).to_owned())
            .filter(|url| url.contains("://")),
        language: header(&message, "Content-Language"),
        ..Story::default()
    };
    let bodies = bodies(&message, options);
    if bodies.is_empty() {
        return Err(unreadable("the message has no text; expected a part with text or HTML".to_owned()));
    }
    let mut said = String::new();
    for body in bodies {
        let story = Story { body, ..story.clone() };
        match story.report(bytes, options) {
            Ok(report) => return Ok(report),
            Err(message) => said = message,
        }
    }
    Err(unreadable(said))
}

/// A message whose parts end: of one that is cut off, the last part would be lost.
pub(crate) fn closed(bytes: &[u8]) -> Cow<'_, [u8]> {
    static BOUNDARY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i-u)boundary\s*=\s*"?([^"\s;]{1,70})"#).expect("the boundary pattern compiles")
    });
    let head = &bytes[..bytes.len().min(limits::NAME_BYTES)];
    let Some(boundary) = BOUNDARY.captures(head).and_then(|found| found.get(1)) else { return Cow::Borrowed(bytes) };
    let end = [b"--", boundary.as_bytes(), b"--"].concat();
    match memchr::memmem::rfind(bytes, &end) {
        Some(_) => Cow::Borrowed(bytes),
        None => Cow::Owned([bytes, b"\r\n", &end, b"\r\n"].concat()),
    }
}

/// A message; `None` where the bytes have no headers.
pub(crate) fn parsed(bytes: &[u8]) -> Option<Message<'_>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    MessageParser::default().parse(bytes).filter(|message| !message.headers().is_empty())
}

/// A header in one line.
pub(crate) fn header(message: &Message, name: &str) -> Option<String> {
    let value = message.header_raw(name)?.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(value).filter(|value| !value.is_empty())
}

/// The first HTML part of a message, decoded.
pub(crate) fn page<'m>(message: &'m Message<'_>) -> Option<&'m str> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Html(html) if !html.trim().is_empty() => Some(html.as_ref()),
        _ => None,
    })
}

/// What may be the body, best first: the HTML part, whose furniture can be told from text, and the text part.
fn bodies(message: &Message, options: &ReadOptions) -> Vec<Body> {
    let mut bodies = Vec::new();
    if let Some(html) = page(message) {
        // Newsletters are tables of stories: where extraction finds little of what is shown, all of it is taken.
        let shown: usize = html::body::fragment(html).iter().map(|(_, words)| words.len()).sum();
        let found = html::parts(html, None, options).map_or(0, |parts| parts.report.text.len());
        let whole = found * 2 >= shown;
        bodies.push(Body::Html(if whole {
            format!("<html>{html}")
        } else {
            html.replace("<!DOCTYPE", "<!").replace("<html", "<div")
        }));
    }
    let text = message.parts.iter().find_map(|part| match &part.body {
        PartType::Text(text) if !text.trim().is_empty() => Some(text.to_string()),
        _ => None,
    });
    bodies.extend(text.map(Body::Text));
    bodies
}

/// A subject without "Fwd:" and the like.
fn without_marks(subject: &str) -> String {
    let mut subject = subject.trim();
    while let Some((mark, rest)) = subject.split_once(':') {
        if !["fwd", "fw", "re", "aw", "wg"].contains(&mark.trim().to_ascii_lowercase().as_str()) {
            break;
        }
        subject = rest.trim();
    }
    subject.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, texts};
    use crate::formats::{Format, detect};

    const HEAD: &str = "From: =?utf-8?Q?Town_P=C3=B6st?= <news@town.example>\r\nTo: a@b.example\r\nSubject: Fwd: \
        =?utf-8?B?UmFpZCBpbiB0b3du?=\r\n\
        Date: Wed, 04 Mar 2020 23:10:00 -0800\r\nArchived-At: <https://town.example/raid>\r\nMIME-Version: 1.0\r\n";

    #[test]
    fn headers_and_text_are_read() {
        let mail = format!(
            "{HEAD}Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nPolice raided a \
                caf=E9 in the t=\r\nown.\r\n\r\nFive were held.\r\n"
        );
        assert_eq!(detect("-", mail.as_bytes()), Format::Mail);
        let items = all("raid.eml", mail.as_bytes());
        assert_eq!(texts(&items), ["Raid in town\nPolice raided a café in the town.\nFive were held."]);
        let report = &items[0].as_ref().unwrap().report;
        assert_eq!(
            (report.published, report.publication.as_deref()),
            (Some(jiff::civil::date(2020, 3, 4)), Some("Town Pöst"))
        );
        assert_eq!(report.url.as_deref(), Some("https://town.example/raid"));
        check_raw(&items);
    }

    #[test]
    fn the_html_part_is_read_and_the_text_part_where_there_is_none() {
        let html = "<html><head><style>p{}</style></head><body><table><tr><td><p>Police raided three homes in the old town on Monday and \
            arrested five \
            people, the governor said.</p></td></tr><tr><td><p>Troops left the north of the country after a truce, the army said on \
            Tuesday.</p></td></tr></table></body></html>";
        let mail = |html: &str| {
            format!(
                "{HEAD}Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nPlain words.\r\n\
                    --x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--x--\r\n"
            )
        };
        let items = all("raid.eml", mail(html).as_bytes());
        assert!(
            texts(&items)[0].contains("Police raided three homes")
                && texts(&items)[0].contains("Troops left the north"),
            "{items:?}"
        );
        assert_eq!(texts(&all("raid.eml", mail("").as_bytes())), ["Raid in town\nPlain words."]);
        let cut = mail(html);
        let cut = all("raid.eml", &cut.as_bytes()[..cut.len() - 150]);
        assert!(texts(&cut)[0].contains("Police raided three homes"), "{cut:?}");
    }

    #[test]
    fn messages_without_text_are_named() {
        let said = messages(&all(
            "raid.eml",
            format!("{HEAD}Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n")
                .as_bytes(),
        ));
        assert_eq!(said, ["raid.eml: the message has no text; expected a part with text or HTML"]);
    }

    #[test]
    fn nesting_is_survived() {
        let nested: String =
            (0..20_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
        let _ = all("raid.eml", format!("{HEAD}{nested}").as_bytes());
        let _ = all("raid.eml", format!("{HEAD}{}", "Content-Type: message/rfc822\r\n\r\n".repeat(20_000)).as_bytes());
    }
}
