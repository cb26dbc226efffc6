//! MHTML (RFC 2557): a web page as a browser saves it, in one file.

use super::html;
use super::input::Input;
use super::mail;
use super::walk::Founds;
use super::{Format, ReadOptions, finish};
use crate::{Error, Report, Result};

/// Whether a file begins as one; `head` is in lower case.
pub(crate) fn begins(head: &str) -> bool {
    mail::begins(head) && (head.contains("snapshot-content-location:") || head.contains("multipart/related"))
}

/// The report of `input`.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    super::one(input, Format::Mhtml, report)
}

fn report(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Report> {
    let unreadable = |message: String| Error::Unreadable { name: name.to_owned(), message };
    let closed = mail::closed(bytes);
    let message = mail::parsed(&closed);
    let Some((message, page)) = message.as_ref().and_then(|message| Some((message, mail::page(message)?))) else {
        return Err(unreadable("no page found; expected a part with HTML".to_owned()));
    };
    let saved =
        ["Snapshot-Content-Location", "Content-Location"].iter().find_map(|header| mail::header(message, header));
    let address = saved.filter(|url| url.starts_with("http"));
    let options = ReadOptions { url: options.url.clone().or(address), ..options.clone() };
    let parts = html::parts(page, None, &options).map_err(|problem| unreadable(problem.message()))?;
    Ok(finish(parts, bytes, &options))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages};
    use crate::formats::{Format, detect};

    #[test]
    fn the_page_and_its_address_are_read() {
        let mhtml = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://town.example/raid\r\nSubject: Raid\r\nMIME-Version: \
            1.0\r\n\
            Content-Type: multipart/related; type=\"text/html\"; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/html\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\
            Content-Location: https://town.example/raid\r\n\r\n<html><head><meta charset=3D\"utf-8\"><title>Raid in the old town</title>\
            </head><body><article><p>Police raided a caf=C3=A9 in the old town =\r\non Monday and \
            arrested five people, the governor said.</p></article></body></html>\r\n--x\r\nContent-Type: image/png\r\n\
            Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n";
        assert_eq!(detect("-", mhtml.as_bytes()), Format::Mhtml);
        for name in ["raid.mhtml", "raid.mht"] {
            let items = all(name, mhtml.as_bytes());
            let report = &items[0].as_ref().unwrap().report;
            assert!(report.text.contains("raided a café in the old town on Monday"), "{}", report.text);
            assert_eq!(report.url.as_deref(), Some("https://town.example/raid"));
            check_raw(&items);
        }
        assert_eq!(
            messages(&all("raid.mhtml", &mhtml.as_bytes()[..300])),
            ["raid.mhtml: no page found; expected a part with HTML"]
        );
    }
}
