//! Records and incidents as Parquet, typed: days are DATE, counts INT64, scores and coordinates DOUBLE, several values a LIST of
//! STRING. Row groups of 10,000 rows, uncompressed; the same rows give the same bytes.

use super::json::{EntityJson, RecordJson};
use super::{Export, Row, csv};
use crate::record::SizeKind;
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;
use jiff::civil::{Date, date};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// A value of a column.
enum Cell {
    Text(Option<String>),
    Count(Option<u64>),
    Score(Option<f64>),
    Day(Option<String>),
    List(Vec<String>),
}

/// Rows of a row group.
const GROUP: usize = 10_000;

/// A file in the writing.
#[derive(Default)]
struct File {
    writer: Option<SerializedFileWriter<Shared>>,
    shared: Shared,
    rows: Vec<Vec<(String, Cell)>>,
}

/// What the writer has written and the output has not yet got: the writer wants to own its output.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl File {
    fn begin(&mut self, columns: &[(String, Cell)]) -> io::Result<()> {
        let fields: Vec<String> = columns.iter().map(|(name, cell)| field(name, cell)).collect();
        let schema = parse_message_type(&format!("message dateline {{ {} }}", fields.join(" "))).map_err(odd)?;
        let writer = SerializedFileWriter::new(self.shared.clone(), Arc::new(schema), Arc::default()).map_err(odd)?;
        self.writer = Some(writer);
        Ok(())
    }

    fn add(&mut self, row: Vec<(String, Cell)>, out: &mut dyn Write) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() >= GROUP { self.flush(out) } else { Ok(()) }
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if let (Some(writer), Some(first)) = (&mut self.writer, rows.first()) {
            let mut group = writer.next_row_group().map_err(odd)?;
            for at in 0..first.len() {
                write_column(&mut group, rows.iter().map(|row| &row[at].1)).map_err(odd)?;
            }
            group.close().map_err(odd)?;
        }
        let bytes = std::mem::take(&mut *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner));
        out.write_all(&bytes)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.flush(out)?;
        if let Some(writer) = self.writer.take() {
            writer.close().map_err(odd)?;
        }
        self.flush(out)
    }
}

fn odd(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

/// A column in Parquet's schema language.
fn field(name: &str, cell: &Cell) -> String {
    match cell {
        Cell::Text(_) => format!("optional binary {name} (STRING);"),
        Cell::Count(_) => format!("optional int64 {name};"),
        Cell::Score(_) => format!("optional double {name};"),
        Cell::Day(_) => format!("optional int32 {name} (DATE);"),
        Cell::List(_) => {
            format!("required group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }}")
        }
    }
}

/// Writes the values of one column: a definition level of 1 where there is a value, repetition 1 where it goes on a list.
fn write_column<'c>(
    group: &mut SerializedRowGroupWriter<'_, Shared>,
    cells: impl Iterator<Item = &'c Cell>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let (mut texts, mut counts, mut scores, mut days) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut defined, mut repeated) = (Vec::new(), Vec::new());
    let mut kind = 0;
    for cell in cells {
        let present = match cell {
            Cell::Text(text) => keep(&mut texts, text.as_deref().map(ByteArray::from)),
            Cell::Count(count) => {
                kind = 1;
                keep(&mut counts, count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
            }
            Cell::Score(score) => {
                kind = 2;
                keep(&mut scores, *score)
            }
            Cell::Day(day) => {
                kind = 3;
                keep(&mut days, day.as_deref().and_then(day_number))
            }
            Cell::List(list) => {
                kind = 4;
                texts.extend(list.iter().map(|text| ByteArray::from(text.as_str())));
                repeated.extend((0..list.len().max(1)).map(|at| i16::from(at > 0)));
                defined.extend((1..list.len()).map(|_| 1));
                !list.is_empty()
            }
        };
        defined.push(i16::from(present));
    }
    match kind {
        1 => column.typed::<Int64Type>().write_batch(&counts, Some(&defined), None)?,
        2 => column.typed::<DoubleType>().write_batch(&scores, Some(&defined), None)?,
        3 => column.typed::<Int32Type>().write_batch(&days, Some(&defined), None)?,
        4 => column.typed::<ByteArrayType>().write_batch(&texts, Some(&defined), Some(&repeated))?,
        _ => column.typed::<ByteArrayType>().write_batch(&texts, Some(&defined), None)?,
    };
    column.close()
}

fn keep<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let present = value.is_some();
    values.extend(value);
    present
}

/// Days since 1970.
fn day_number(day: &str) -> Option<i32> {
    let day: Date = day.parse().ok()?;
    Some(date(1970, 1, 1).until(day).ok()?.get_days())
}

/// Writes records.
#[derive(Default)]
pub struct Records {
    file: File,
}

impl Export for Records {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        self.file.begin(&record(&RecordJson::default(), ""))
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        row.records.iter().try_for_each(|json| self.file.add(record(json, &row.incident.id), out))
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.file.end(out)
    }
}

/// Writes incidents: figures as the span of what is claimed; parties, place and words as the best record has them.
#[derive(Default)]
pub struct Incidents {
    file: File,
}

impl Export for Incidents {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        let incident = crate::Incident::default();
        self.file.begin(&incident_columns(&Row { incident: &incident, records: &[] }))
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        self.file.add(incident_columns(row), out)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.file.end(out)
    }
}

/// The columns of a record, by name.
fn record(json: &RecordJson, incident: &str) -> Vec<(String, Cell)> {
    let mut columns = vec![
        ("report".to_string(), Cell::Text(json.report.clone())),
        ("id".to_string(), Cell::Text(json.id.clone())),
        ("incident".to_string(), Cell::Text(Some(incident.to_string()))),
    ];
    let mut add = |name: &str, cell: Cell| columns.push((name.to_string(), cell));
    add("event", Cell::Text(json.event.clone()));
    add("mode", Cell::List(json.mode.clone()));
    add("quad_code", Cell::Count(json.quad_code.map(u64::from)));
    add("cameo", Cell::Text(json.cameo.clone()));
    add("event_scale", Cell::Score(json.event_scale));
    add("mentions", Cell::List(json.mentions.iter().filter_map(|words| words.text.clone()).collect()));
    for (name, cell) in said(json) {
        add(&name, cell);
    }
    add("date_basis", Cell::Text(json.date_basis.clone()));
    for kind in SizeKind::ALL {
        let first = json.size.get(kind.name()).and_then(Option::as_ref).and_then(|figures| figures.iter().next());
        add(&format!("{}_min", kind.name()), Cell::Count(first.and_then(|figure| figure.min)));
        add(&format!("{}_max", kind.name()), Cell::Count(first.and_then(|figure| figure.max)));
    }
    add("attribution", Cell::List(json.attribution.iter().filter_map(|link| link.source.clone()).collect()));
    add("certainty", Cell::Text(json.certainty.clone()));
    add("confidence", Cell::Score(json.confidence));
    add("context", Cell::List(json.context.clone()));
    add("coder", Cell::Text(json.coder.clone()));
    columns
}

/// The columns of an incident, by name.
fn incident_columns(row: &Row) -> Vec<(String, Cell)> {
    let incident = row.incident;
    let empty = RecordJson::default();
    let best = RecordJson {
        date: incident.date.clone(),
        enddate: incident.enddate.clone(),
        ..row.best().unwrap_or(&empty).clone()
    };
    let mut columns = vec![("incident".to_string(), Cell::Text(Some(incident.id.clone())))];
    let mut add = |name: &str, cell: Cell| columns.push((name.to_string(), cell));
    add("event", Cell::Text(Some(incident.event.clone())));
    add("mode", Cell::List(incident.mode.clone()));
    add("certainty", Cell::Text(Some(incident.certainty.clone())));
    for (name, cell) in said(&best) {
        add(&name, cell);
    }
    for kind in SizeKind::ALL {
        let (min, max) = csv::reach(incident.figures.get(kind.name()).map_or(&[], Vec::as_slice));
        add(&format!("{}_min", kind.name()), Cell::Count(min));
        add(&format!("{}_max", kind.name()), Cell::Count(max));
    }
    add("reports", Cell::List(row.reports().into_iter().map(str::to_string).collect()));
    add("origins", Cell::Count(Some(incident.origins.len() as u64)));
    add("first", Cell::Day(incident.first.clone()));
    add("last", Cell::Day(incident.last.clone()));
    add("record", Cell::Text(Some(incident.best.clone())));
    columns
}

/// What records and incidents share: parties, days, place, words, report.
fn said(json: &RecordJson) -> Vec<(String, Cell)> {
    let place = json.event_loc.clone().unwrap_or_default();
    let cite = json.cite_info.clone().unwrap_or_default();
    let mut columns = Vec::new();
    for (role, parties) in [("actor", &json.actor), ("recipient", &json.recipient)] {
        columns.extend(parties_of(role, parties));
    }
    let more = [
        ("date", Cell::Day(json.date.clone())),
        ("enddate", Cell::Day(json.enddate.clone())),
        ("place", Cell::Text(place.resolved_place)),
        ("geonameid", Cell::Count(place.geonameid.map(u64::from))),
        ("lat", Cell::Score(place.lat)),
        ("lon", Cell::Score(place.lon)),
        ("city", Cell::Text(place.city)),
        ("province", Cell::Text(place.province)),
        ("country_code", Cell::Text(place.country_code)),
        ("resolution", Cell::Text(place.resolution)),
        ("auxiliary", Cell::List(json.auxiliary.clone())),
        ("text", Cell::Text(json.text.clone())),
        ("title", Cell::Text(cite.title)),
        ("publication", Cell::Text(cite.publication)),
        ("published", Cell::Day(cite.published)),
        ("url", Cell::Text(cite.url)),
    ];
    columns.extend(more.map(|(name, cell)| (name.to_string(), cell)));
    columns
}

/// Names, codes and sectors side by side: lists of the same length.
fn parties_of(role: &str, parties: &[EntityJson]) -> [(String, Cell); 3] {
    let list = |value: fn(&EntityJson) -> String| Cell::List(parties.iter().map(value).collect());
    [
        (role.to_string(), list(|party| party.entity_text.clone().unwrap_or_default())),
        (format!("{role}_code"), list(|party| party.code.clone().unwrap_or_default())),
        (format!("{role}_sector"), list(|party| party.sector.join("+"))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Masking, sample};
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use serde_json::{Value, json};

    fn rows(name: &str, records: &[RecordJson]) -> Vec<Value> {
        let path = std::env::temp_dir().join(format!("dateline-{name}-{}.parquet", std::process::id()));
        std::fs::write(&path, sample::bytes(name, Masking::Roles, records)).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        let rows: Vec<Value> = rows
            .map(|row| {
                let columns = row.unwrap();
                let pairs = columns.get_column_iter().map(|(name, field)| (name.clone(), json!(field.to_string())));
                Value::Object(pairs.collect())
            })
            .collect();
        std::fs::remove_file(&path).unwrap();
        rows
    }

    #[test]
    fn what_is_written_is_read_with_its_types() {
        let bare = RecordJson { id: Some("bare".into()), ..RecordJson::default() };
        let rows = rows("parquet", &[sample::record(|record| record.context.push("legal".into())), bare]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["date"], "2024-03-04");
        assert_eq!(rows[0]["context"], "[\"migration\", \"legal\"]");
        assert_eq!((&rows[0]["arrested_min"], &rows[0]["lat"]), (&json!("12"), &json!("38.41")));
        assert_eq!((&rows[1]["date"], &rows[1]["context"]), (&json!("null"), &json!("[]")));
    }

    #[test]
    fn incidents_have_their_claims_spanned() {
        let rows = rows("parquet-incidents", &[sample::record(|_| ())]);
        assert_eq!((&rows[0]["origins"], &rows[0]["arrested_max"]), (&json!("1"), &json!("12")));
        assert_eq!(rows[0]["reports"], "[\"raid\"]");
    }
}
