//! WACZ: a zip file with the web archives of a crawl under `archive/`; its indexes and lists of pages are passed over.

use super::input::Input;
use super::walk::Founds;
use super::zip::Members;

/// Whether a file begins as one: its first members are those of the format, or it is a zip file named so.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
        && [&b"datapackage.json"[..], b"archive/", b"indexes/", b"pages/pages.jsonl"]
            .iter()
            .any(|name| head[30.min(head.len())..].starts_with(name))
}

/// The web archives inside.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let archive = |path: &str| path.starts_with("archive/") && (path.ends_with(".warc") || path.ends_with(".warc.gz"));
    match Members::open(input, archive) {
        Ok(members) => Box::new(members),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, gz, messages, names, zipped};

    #[test]
    fn the_archives_inside_are_read() {
        let block = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Raid in town</title><article><p>Police raided three homes \
            in the \
            town on Monday and arrested five people, the governor said.</p></article>";
        let warc = format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://town.example/\r\nContent-Type: application/http\r\n\
                Content-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        );
        let wacz = zipped(&[
            ("datapackage.json", b"{}"),
            ("pages/pages.jsonl", b"{\"text\":\"x\"}"),
            ("archive/data.warc.gz", &gz(warc.as_bytes())),
        ]);
        for name in ["crawl.wacz", "crawl.zip"] {
            let items = all(name, &wacz);
            assert_eq!(names(&items), [format!("{name}/archive/data.warc.gz, record 1")], "{:?}", messages(&items));
        }
        assert_eq!(messages(&all("crawl.wacz", &wacz[..200])).len(), 1);
    }
}
