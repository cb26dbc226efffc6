//! Single files compressed with gzip or zstd: unpacked as a stream, then read as what is inside.

use super::input::{Input, Outside};
use super::walk::{Found, Founds};
use flate2::bufread::MultiGzDecoder;
use std::path::Path;

/// First bytes of a gzip file.
pub(crate) const GZIP: &[u8] = b"\x1F\x8B";
/// First bytes of a zstd file.
pub(crate) const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD";
/// Largest window of a zstd file, as a power of two: what `zstd --long` uses, 128 MB.
const ZSTD_WINDOW: u32 = 27;

/// What is inside a gzip file, all its members in one.
pub(crate) fn gzip(input: Input<'_>) -> Founds<'_> {
    let mut outside = input.outside();
    outside.file = unpacked_name(&outside.file);
    let stream = outside.metered(MultiGzDecoder::new(input.reader()));
    one(Input::stream(&outside, "", stream))
}

/// What is inside a zstd file.
pub(crate) fn zstd(input: Input<'_>) -> Founds<'_> {
    let mut outside = input.outside();
    outside.file = unpacked_name(&outside.file);
    match unzstd(&outside, input.reader()) {
        Ok(stream) => one(Input::stream(&outside, "", stream)),
        Err(error) => Box::new(std::iter::once(Err(super::input::damaged(&outside.name, &error)))),
    }
}

/// A zstd stream unpacked, its memory limited.
pub(crate) fn unzstd<'a>(
    outside: &Outside,
    packed: Box<dyn std::io::BufRead + Send + 'a>,
) -> std::io::Result<super::input::Stream<'a>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
    decoder.window_log_max(ZSTD_WINDOW)?;
    Ok(outside.metered(decoder))
}

fn one(member: Input<'_>) -> Founds<'_> {
    Box::new(std::iter::once(Ok(Found::Member(Box::new(member)))))
}

/// The name of a file without the ending that says it is compressed.
fn unpacked_name(name: &str) -> String {
    let path = Path::new(name);
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("gz" | "zst") => path.with_extension("").display().to_string(),
        Some("tgz" | "tzst") => path.with_extension("tar").display().to_string(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, bomb, gz, messages, texts, zst};
    use super::*;

    const STORY: &[u8] = b"Police raid homes\nPolice raided three homes in the town on Monday.";

    #[test]
    fn a_compressed_file_is_read_as_what_it_is() {
        for packed in [gz(STORY), zst(STORY)] {
            for name in ["a.txt.gz", "-"] {
                let items = all(name, &packed);
                let item = items[0].as_ref().unwrap();
                assert_eq!((item.name.as_str(), item.raw.as_slice()), (name, STORY));
                assert_eq!(item.report.content_hash, blake3::hash(STORY).to_hex().as_str());
            }
        }
        let lines = b"{\"id\":\"a\",\"text\":\"Troops left.\"}\n{\"id\":\"b\",\"text\":\"Troops came.\"}\n";
        assert_eq!(
            texts(&all("a.jsonl.gz", &[gz(lines), gz(lines)].concat())),
            ["Troops left.", "Troops came."].repeat(2)
        );
    }

    #[test]
    fn what_was_read_before_damage_is_kept() {
        let lines: String =
            (0..20_000).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"Troops left town {}.\"}}\n", n * 7919)).collect();
        for (name, packed) in [("a.jsonl.gz", gz(lines.as_bytes())), ("a.jsonl.zst", zst(lines.as_bytes()))] {
            let items = all(name, &packed[..packed.len() / 2]);
            assert!(items.len() > 100 && items[..items.len() - 1].iter().all(Result::is_ok), "{}", items.len());
            assert!(
                messages(&items)[0].contains("cut off") || messages(&items)[0].contains("damaged"),
                "{:?}",
                messages(&items)
            );
        }
    }

    #[test]
    fn bombs_are_stopped() {
        for packed in [gz(&bomb(200 << 20)), zst(&bomb(200 << 20)), gz(&gz(&bomb(200 << 20)))] {
            let said = messages(&all("a.txt.gz", &packed));
            assert!(said.len() == 1 && (said[0].contains("64 MB") || said[0].contains("250 times")), "{said:?}");
        }
        let mut deep = STORY.to_vec();
        for _ in 0..9 {
            deep = gz(&deep);
        }
        assert_eq!(messages(&all("a.gz", &deep)), ["a.gz: compressed more than 6 times; unpack it"]);
    }

    #[test]
    fn names_lose_the_ending_of_the_compression() {
        let names = ["x/a.txt.gz", "a.TGZ", "a.tar.zst", "plain"].map(unpacked_name);
        assert_eq!(names, ["x/a.txt", "a.tar", "a.tar", "plain"]);
    }
}
