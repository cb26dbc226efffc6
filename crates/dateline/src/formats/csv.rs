//! Tables as CSV or TSV with a heading line and a column with the text (names: `data/formats/fields.toml`), a report a row.

use super::html::charset;
use super::input::{Input, Outside};
use super::walk::{Found, Founds, reports};
use super::{Format, fields, limits};
use crate::{Error, Result};
use csv::{ByteRecord, ReaderBuilder};
use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The rows of a table.
pub(crate) fn open(mut input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    let head = match input.head() {
        Ok(head) => head.to_vec(),
        Err(error) => return Box::new(std::iter::once(Err(error))),
    };
    let reader: Box<dyn BufRead + Send> = if charset::utf16(&head).is_some() {
        match input.one() {
            Ok(bytes) => Box::new(Cursor::new(charset::decode_text(&bytes).0.into_bytes())),
            Err(error) => return Box::new(std::iter::once(Err(error))),
        }
    } else {
        input.reader()
    };
    let delimiter = delimiter(&head);
    match Rows::new(reader, delimiter, outside) {
        Ok(rows) => reports(rows),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// What separates the columns: the mark that is most frequent in the heading line.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |mark: u8| line.iter().filter(|&&b| b == mark).count();
    // Of equally frequent ones the last wins, the comma.
    [b'|', b';', b'\t', b','].into_iter().max_by_key(|&mark| count(mark)).unwrap_or(b',')
}

/// A reader that stops where one row grows beyond [`limits::PART_BYTES`], as a quote that is not closed makes it.
struct Capped<R> {
    reader: R,
    left: Arc<AtomicUsize>,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(read), Ordering::Relaxed);
        if left < read {
            return Err(io::Error::other(format!(
                "a row of more than {} MB; is a quote not closed?",
                limits::PART_BYTES >> 20
            )));
        }
        Ok(read)
    }
}

struct Rows<'a> {
    rows: csv::Reader<Capped<Box<dyn BufRead + Send + 'a>>>,
    left: Arc<AtomicUsize>,
    heading: Vec<String>,
    outside: Outside,
    over: bool,
}

impl<'a> Rows<'a> {
    fn new(reader: Box<dyn BufRead + Send + 'a>, delimiter: u8, outside: Outside) -> Result<Self> {
        let left = Arc::new(AtomicUsize::new(limits::PART_BYTES));
        let capped = Capped { reader, left: Arc::clone(&left) };
        let mut rows = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(capped);
        let heading = rows.byte_headers().map_err(|error| outside.unreadable("", format!("damaged: {error}")))?;
        let heading: Vec<String> =
            heading.iter().map(|name| decoded(name).trim_start_matches('\u{FEFF}').to_owned()).collect();
        if !heading.iter().any(|name| fields::is_text(name)) {
            let names: Vec<&str> = heading.iter().take(12).map(String::as_str).collect();
            let message = format!("no column with text (columns: {}); {}", names.join(", "), fields::expected());
            return Err(outside.unreadable("", message));
        }
        Ok(Rows { rows, left, heading, outside, over: false })
    }

    fn report(&self, row: &ByteRecord) -> Result<Found<'static>> {
        let line = row.position().map_or(0, csv::Position::line);
        let name = format!("{}, line {line}", self.outside.name);
        let values: Vec<String> = row.iter().map(decoded).collect();
        let raw = self.raw(&values);
        let pairs = self.heading.iter().map(String::as_str).zip(values);
        let report = fields::story(pairs).and_then(|story| story.report(&raw, &self.outside.options));
        match report {
            Ok(report) => Ok(Found::item(report, raw, Format::Csv, name)),
            Err(message) => Err(Error::Unreadable { name, message }),
        }
    }

    /// The heading and a row as a table of its own, in UTF-8 with commas.
    fn raw(&self, values: &[String]) -> Vec<u8> {
        let mut table = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let written = table.write_record(&self.heading).and_then(|()| table.write_record(values));
        debug_assert!(written.is_ok(), "writing to memory does not fail");
        table.into_inner().unwrap_or_default()
    }
}

fn decoded(field: &[u8]) -> String {
    match std::str::from_utf8(field) {
        Ok(text) => text.to_owned(),
        Err(_) => charset::decode_text(field).0,
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Found<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        self.left.store(limits::PART_BYTES, Ordering::Relaxed);
        let mut row = ByteRecord::new();
        match self.rows.read_byte_record(&mut row) {
            Ok(true) => Some(self.report(&row)),
            Ok(false) => None,
            Err(error) => {
                self.over = true;
                let line = row
                    .position()
                    .or(error.position())
                    .map_or(String::new(), |at| format!(" after line {}", at.line()));
                Some(Err(self.outside.unreadable("", format!("damaged{line}: {error}"))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, names, texts};

    #[test]
    fn rows_are_reports() {
        let table = "ID,Headline,Body,Date,Source,Link\n7,Raid,\"Police raided \"\"three\"\" homes.\nFive were held.\",4 March \
            2020,Post,https://town.example/raid\n\
            8,Clash,Troops clashed.,2020-03-05,Post,\n";
        for (name, table) in [
            ("a.csv", table.to_owned()),
            ("a.csv", format!("\u{FEFF}{table}")),
            ("a.tsv", "id\ttext\n7\tPolice raided homes.\n".into()),
        ] {
            let items = all(name, table.as_bytes());
            let first = &items[0].as_ref().unwrap().report;
            assert_eq!(first.id, "7");
            check_raw(&items);
            if name == "a.csv" {
                assert_eq!(
                    texts(&items),
                    ["Raid\nPolice raided \"three\" homes.\nFive were held.", "Clash\nTroops clashed."]
                );
                assert_eq!(names(&items), ["a.csv, line 2", "a.csv, line 4"]);
                assert_eq!(
                    (first.published, first.publication.as_deref()),
                    (Some(jiff::civil::date(2020, 3, 4)), Some("Post"))
                );
            }
        }
        let latin = b"title;text\nRaid in S\xE3o Paulo;Police raided a caf\xE9 in the old town.\n";
        assert_eq!(texts(&all("a.csv", latin)), ["Raid in São Paulo\nPolice raided a café in the old town."]);
        let wide: Vec<u8> = "text\tid\nPolice raided homes.\t1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(texts(&all("a.csv", &wide)), ["Police raided homes."]);
    }

    #[test]
    fn tables_without_text_and_bad_rows_are_named() {
        let said = messages(&all("a.csv", b"GLOBALEVENTID,SQLDATE\n1,20200304\n"));
        assert_eq!(
            said[0],
            "a.csv: no column with text (columns: GLOBALEVENTID, SQLDATE); expected one named maintext, fulltext, text, body, bodytext, \
                … with the text"
        );
        let items = all("a.csv", b"id,text\n1\n2,Police raided homes.,more,columns\n3,\"not closed");
        assert_eq!(texts(&items), ["Police raided homes.", "not closed"]);
        assert!(messages(&items)[0].starts_with("a.csv, line 2: no text found"), "{:?}", messages(&items));
        let open = [b"id,text\n1,Police raided homes.\n2,\"".to_vec(), vec![b'x'; 70 << 20]].concat();
        let items = all("a.csv", &open);
        assert_eq!(texts(&items).len(), 1);
        assert!(messages(&items)[0].contains("is a quote not closed?"), "{:?}", messages(&items));
    }
}
