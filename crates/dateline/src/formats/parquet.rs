//! Parquet tables with a column with the text (names: `data/formats/fields.toml`), a report a row.

use super::input::{Bytes, Input, Outside};
use super::walk::{Found, Founds, reports};
use super::{Format, fields, json, limits};
use crate::{Error, Result};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use serde_json::Value;
use std::io::Cursor;
use std::sync::Arc;

/// First and last bytes of a file.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// The rows of a table.
pub(crate) fn open(input: Input<'_>) -> Founds<'_> {
    let outside = input.outside();
    let rows = input.bytes().and_then(|bytes| {
        // The reader is not ours, and its input may be damaged in any way.
        let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rows(kept(bytes), &outside)));
        opened.unwrap_or_else(|_| Err(outside.unreadable("", "damaged: its description cannot be read")))
    });
    match rows {
        Ok(rows) => reports(Rows { rows: Some(rows), outside, count: 0 }),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// Bytes that live as long as the reader needs.
fn kept(bytes: Bytes<'_>) -> Bytes<'static> {
    match bytes {
        Bytes::Lent(bytes) => Bytes::owned(bytes.to_vec()),
        Bytes::Shared(all, range) => Bytes::Shared(all, range),
    }
}

/// The rows, of the columns that a report needs.
fn rows(bytes: Bytes<'static>, outside: &Outside) -> Result<RowIter<'static>> {
    let damaged = |error| outside.unreadable("", format!("damaged or cut off: {error}"));
    let reader = SerializedFileReader::new(Chunks(bytes)).map_err(damaged)?;
    let schema = reader.metadata().file_metadata().schema().clone();
    let columns: Vec<Arc<Type>> = schema.get_fields().to_vec();
    if !columns.iter().any(|column| fields::is_text(column.name())) {
        let names: Vec<&str> = columns.iter().take(12).map(|column| column.name()).collect();
        return Err(outside
            .unreadable("", format!("no column with text (columns: {}); {}", names.join(", "), fields::expected())));
    }
    let wanted: Vec<Arc<Type>> = columns.into_iter().filter(|column| fields::is_known(column.name())).collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(wanted).build().map_err(damaged)?;
    RowIter::from_file_into(Box::new(reader)).project(Some(projection)).map_err(damaged)
}

/// The file as the reader asks for it.
struct Chunks(Bytes<'static>);

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

impl ChunkReader for Chunks {
    type T = Cursor<Bytes<'static>>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let rest = self.0.slice(start..usize::MAX);
        match page_bytes(&rest).filter(|&bytes| bytes > limits::ITEM_BYTES as u64) {
            Some(bytes) => Err(ParquetError::General(format!(
                "a page of {} MB, expected at most {}",
                bytes >> 20,
                limits::ITEM_BYTES >> 20
            ))),
            None => Ok(Cursor::new(rest)),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<bytes::Bytes> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let part = self.0.slice(start..start.saturating_add(length));
        match part.len() == length {
            true => Ok(bytes::Bytes::copy_from_slice(&part)),
            false => Err(ParquetError::EOF(format!("{length} bytes wanted, {} found", part.len()))),
        }
    }
}

/// What the page that begins here unpacks to, if one does: the second field of its header, in Thrift's compact form. The reader trusts it
/// and sets so much memory aside.
fn page_bytes(header: &[u8]) -> Option<u64> {
    // Field 1 is the kind of page (0 to 3), field 2 the number; both headings say "the next field, an i32".
    let [0x15, 0x00 | 0x02 | 0x04 | 0x06, 0x15, rest @ ..] = header else { return None };
    let mut bytes = 0u64;
    for (index, &byte) in rest.iter().take(5).enumerate() {
        bytes |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(bytes >> 1);
        }
    }
    None
}

struct Rows {
    rows: Option<RowIter<'static>>,
    outside: Outside,
    count: usize,
}

impl Rows {
    fn report(&self, row: &Row) -> Result<Found<'static>> {
        let name = format!("{}, row {}", self.outside.name, self.count);
        let values = object(row);
        let raw = values.to_string().into_bytes();
        let story = json::object(&raw).and_then(|values| json::story(&values));
        let story = story.and_then(|story| story.report(&raw, &self.outside.options));
        match story {
            Ok(report) => Ok(Found::item(report, raw, Format::Json, name)),
            Err(message) => Err(Error::Unreadable { name, message }),
        }
    }
}

/// A field as JSON; numbers and times as they are written.
fn value(field: &Field) -> Option<Value> {
    Some(match field {
        Field::Null => return None,
        Field::Str(words) => Value::String(words.clone()),
        Field::Bytes(bytes) => Value::String(String::from_utf8_lossy(bytes.data()).into_owned()),
        Field::ListInternal(list) => Value::Array(list.elements().iter().filter_map(value).collect()),
        Field::Group(row) => object(row),
        other => Value::String(other.to_string()),
    })
}

/// The columns of a row that have a value.
fn object(row: &Row) -> Value {
    Value::Object(row.get_column_iter().filter_map(|(name, field)| Some((name.clone(), value(field)?))).collect())
}

impl Iterator for Rows {
    type Item = Result<Found<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut rows = self.rows.take()?;
        self.count += 1;
        let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rows.next()));
        match read {
            Ok(None) => None,
            Ok(Some(Ok(row))) => {
                self.rows = Some(rows);
                Some(self.report(&row))
            }
            Ok(Some(Err(error))) => {
                Some(Err(self.outside.unreadable("", format!("damaged at row {}: {error}", self.count))))
            }
            Err(_) => Some(Err(self.outside.unreadable("", format!("damaged at row {}", self.count)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, check_raw, messages, names, texts};
    use parquet::basic::Compression;
    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use std::sync::Arc;

    fn table(compression: Compression) -> Vec<u8> {
        let schema = "message m { optional binary title (STRING); required binary maintext (STRING); required int32 published (DATE); \
            required int32 tone; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let words = |words: &[&str]| words.iter().map(|word| ByteArray::from(*word)).collect::<Vec<_>>();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&words(&["Raid"]), Some(&[1, 0]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&words(&["Police raided homes.", "Troops left."]), None, None)
            .unwrap();
        column.close().unwrap();
        for values in [[18325, 18326], [1, 2]] {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int32Type>().write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn rows_are_reports() {
        for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(Default::default())] {
            let bytes = table(compression);
            for name in ["news.parquet", "-"] {
                let items = all(name, &bytes);
                assert_eq!(texts(&items), ["Raid\nPolice raided homes.", "Troops left."], "{:?}", messages(&items));
                assert_eq!(names(&items)[1], format!("{name}, row 2"));
                assert_eq!(items[0].as_ref().unwrap().report.published, Some(jiff::civil::date(2020, 3, 4)));
                check_raw(&items);
            }
        }
    }

    #[test]
    fn pages_that_unpack_to_too_much_are_refused() {
        let schema = Arc::new(parse_message_type("message m { required binary text (STRING); }").unwrap());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(Default::default()))
            .set_dictionary_enabled(false);
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[ByteArray::from(vec![b'a'; 70 << 20])], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        let said = messages(&all("a.parquet", &writer.into_inner().unwrap()));
        assert!(said.len() == 1 && said[0].contains("a page of 70 MB"), "{said:?}");
    }

    #[test]
    fn damage_is_named() {
        let bytes = table(Compression::SNAPPY);
        assert!(messages(&all("a.parquet", &bytes[..bytes.len() - 9]))[0].starts_with("a.parquet: damaged"));
        for at in (0..bytes.len()).step_by(7) {
            let mut broken = bytes.clone();
            broken[at] ^= 0x55;
            let _ = all("a.parquet", &broken);
        }
    }
}
