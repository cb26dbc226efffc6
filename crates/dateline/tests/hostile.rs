//! Files made to fill memory: each is stopped with a message or read as far as it goes, and the process stays below 500 MB.

use dateline::formats::{Item, ReadOptions, Source, items};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};

/// What the process may have held at its worst, in kB.
const MEMORY_KB: u64 = 500_000;

const STORY: &str = "Police raid homes\nPolice raided three homes in the town on Monday.";

/// So much of one letter, packed, without being held.
fn gz_bomb(bytes: u64) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    io::copy(&mut io::repeat(b'a').take(bytes), &mut packed).unwrap();
    packed.finish().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zstd_bomb(bytes: u64) -> Vec<u8> {
    let mut packed = zstd::Encoder::new(Vec::new(), 1).unwrap();
    io::copy(&mut io::repeat(b'a').take(bytes), &mut packed).unwrap();
    packed.finish().unwrap()
}

/// What writes the content of a member.
type Content<'c> = &'c dyn Fn(&mut dyn Write);

/// A zip file whose members are written by these.
fn zip_of(members: &[(&str, Content)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let deflate = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (path, write) in members {
        zip.start_file(*path, deflate).unwrap();
        write(&mut zip);
    }
    zip.finish().unwrap().into_inner()
}

fn flood(bytes: u64) -> impl Fn(&mut dyn Write) {
    move |to| {
        io::copy(&mut io::repeat(b'a').take(bytes), to).unwrap();
    }
}

fn read(name: &str, bytes: &[u8]) -> (Vec<Item>, Vec<String>) {
    let (mut good, mut said) = (Vec::new(), Vec::new());
    for item in items(Source { name, bytes, hint: None, options: &ReadOptions::default() }) {
        match item {
            Ok(item) => good.push(item),
            Err(error) => said.push(error.to_string()),
        }
    }
    (good, said)
}

/// Fails where the process has held more than it may; says nothing on systems without `/proc`.
fn stays_small(what: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    assert!(peak.is_none_or(|kb| kb < MEMORY_KB), "{what}: {} MB held", peak.unwrap_or_default() / 1000);
}

/// What it is, its name, and what makes it when its turn comes.
type Case = (&'static str, &'static str, Box<dyn Fn() -> Vec<u8>>);

/// One test, so that what it holds is not that of another.
#[test]
fn hostile_files_are_stopped_in_little_memory() {
    let nested = || zip_of(&[("a.zip", &|to| to.write_all(&zip_of(&[("a.txt", &flood(2 << 30))])).unwrap())]);
    let story = |to: &mut dyn Write| to.write_all(STORY.as_bytes()).unwrap();
    let cases: Vec<Case> = vec![
        ("gzip of 1 GB", "a.txt.gz", Box::new(move || gz_bomb(1 << 30))),
        ("gzip in gzip", "a.txt.gz", Box::new(move || gz(&gz_bomb(1 << 30)))),
        ("zstd of 1 GB", "a.jsonl.zst", Box::new(move || zstd_bomb(1 << 30))),
        ("gzipped table", "a.csv.gz", Box::new(move || gz(&[b"id,text\n1,\"".to_vec(), vec![b'x'; 1 << 20]].concat()))),
        ("zip of 1 GB", "a.zip", Box::new(move || zip_of(&[("a.txt", &flood(1 << 30)), ("b.txt", &story)]))),
        ("zip in zip", "a.zip", Box::new(nested)),
        ("gzipped tar header", "a.tar.gz", Box::new(move || gz_bomb(1 << 30))),
        (
            "gzipped web archive",
            "a.warc.gz",
            Box::new(move || {
                gz(&[
                    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: text/html\r\nContent-Length: 900000000\r\n\r\n"
                        .to_vec(),
                    gz_bomb(1 << 28),
                ]
                .concat())
            }),
        ),
        ("page of 3 million tags", "a.html", Box::new(move || "<p>".repeat(3_000_000).into_bytes())),
        (
            "page of 60 MB",
            "a.html",
            Box::new(move || {
                format!(
                    "<article>{}</article>",
                    "<p>Police raided three homes in the town on Monday.</p>".repeat(1_100_000)
                )
                .into_bytes()
            }),
        ),
        ("nested tables", "a.html", Box::new(move || "<table><tr><td>".repeat(200_000).into_bytes())),
        (
            "wide column",
            "a.html",
            Box::new(move || {
                format!("<article><table><tr><td colspan=9007199254740991 rowspan=9007199254740991>x</td><td>y</td></tr></table>\
                    <p>{STORY}</p></article>").into_bytes()
            }),
        ),
        (
            "json of one letter",
            "a.json",
            Box::new(move || [b"[{\"text\":\"".to_vec(), vec![b'x'; 60 << 20], b"\"}]".to_vec()].concat()),
        ),
        (
            "json of lists",
            "a.json",
            Box::new(move || format!("[{{\"text\":[{}0]}}]", "0,".repeat(10 << 20)).into_bytes()),
        ),
        (
            "feed of one item",
            "a.rss",
            Box::new(move || {
                format!("<rss><item><description>{}</description></item></rss>", "&lt;p>".repeat(2_000_000))
                    .into_bytes()
            }),
        ),
        ("markdown", "a.md", Box::new(move || "> - * [".repeat(1_000_000).into_bytes())),
        (
            "mail",
            "a.eml",
            Box::new(move || {
                format!("From: a@b\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n{}", "<p>x".repeat(3_000_000))
                    .into_bytes()
            }),
        ),
        ("text of 60 MB", "a.txt", Box::new(move || vec![b'a'; 60 << 20])),
    ];
    let only = std::env::var("HOSTILE").unwrap_or_default();
    for (what, name, make) in cases.into_iter().filter(|(what, ..)| what.contains(&only)) {
        let bytes = make();
        let start = std::time::Instant::now();
        let (good, said) = read(name, &bytes);
        println!("{what}: {} read, {said:?}, {:?}", good.len(), start.elapsed());
        drop((good, bytes));
        stays_small(what);
    }
}
