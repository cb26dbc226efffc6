//! What other projects have coded, read into incidents without text: so that users can move with their data, and set it beside
//! Dateline's. Every row becomes a record without spans and an incident of that one record; corroboration may join them with others.
//!
//! A row that cannot be read is an error with its line, and the next row is read. What a row leaves out stays null, what it
//! cannot tell (0 fatalities: none, or not known) is not made up.

pub mod acled;
pub mod gdelt;
pub mod icews;
pub mod petrarch;
pub mod polecat;
mod table;

use crate::export::json::{CiteInfo, EntityJson, PlaceJson, RecordJson};
use crate::incident::Story;
use crate::ontology::{EventType, Mode};
use crate::{Error, Incident, Result};
use std::io::Read;

/// A row of another data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The incident: the record alone.
    pub incident: Incident,
    /// The record, without spans. Its `report` is the data set's name and the row's id ("gdelt:1234").
    pub record: RecordJson,
}

/// The rows of a file, one after the other.
pub type Rows<'r> = Box<dyn Iterator<Item = Result<Imported>> + 'r>;

/// A row of [`IMPORTS`].
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name it is asked for by.
    pub name: &'static str,
    /// What it reads, for `--help`.
    pub reads: &'static str,
    read: for<'r> fn(&str, &'r mut dyn Read) -> Rows<'r>,
}

/// The data sets that can be read.
pub const IMPORTS: &[Format] = &[
    Format { name: "acled", reads: "ACLED's CSV export", read: acled::read },
    Format { name: "gdelt", reads: "GDELT 1.0 and 2.0 events, tab-separated", read: gdelt::read },
    Format { name: "icews", reads: "ICEWS events, tab-separated with a header", read: icews::read },
    Format { name: "polecat", reads: "POLECAT events, tab-separated with a header", read: polecat::read },
];

/// Reads `input`, the contents of `file`, as the data set `name`; `None` where there is none of that name. Nothing is held but the
/// row in the reading.
pub fn read<'r>(name: &str, file: &str, input: &'r mut dyn Read) -> Option<Rows<'r>> {
    let format = IMPORTS.iter().find(|format| format.name == name)?;
    Some((format.read)(file, input))
}

/// What all data sets say of an event, in Dateline's terms.
#[derive(Debug, Default)]
struct Event<'t> {
    set: &'static str,
    id: &'t str,
    event: Option<EventType>,
    mode: Vec<Mode>,
    cameo: Option<String>,
    actor: Vec<EntityJson>,
    recipient: Vec<EntityJson>,
    date: Option<jiff::civil::Date>,
    enddate: Option<jiff::civil::Date>,
    place: Option<PlaceJson>,
    cite: CiteInfo,
}

impl Event<'_> {
    /// The record and the incident. The same row always has the same id.
    fn imported(self, more: impl FnOnce(&mut RecordJson)) -> Option<Imported> {
        let event = self.event?;
        let key = format!("{}\n{}\n{:?}", self.set, self.id, self.date);
        let scale = self.mode.first().map_or(event.scale(), |mode| mode.scale());
        let mut record = RecordJson {
            report: Some(format!("{}:{}", self.set, self.id)),
            id: Some(blake3::hash(key.as_bytes()).to_hex()[..16].to_string()),
            event: Some(event.name().to_string()),
            mode: self.mode.iter().map(|mode| mode.name().to_string()).collect(),
            quad_code: Some(event.quad_code()),
            cameo: self.cameo,
            event_scale: Some(scale.into()),
            actor: self.actor,
            recipient: self.recipient,
            date: self.date.map(|date| date.to_string()),
            enddate: self.enddate.or(self.date).map(|date| date.to_string()),
            date_basis: Some(if self.date.is_some() { "text" } else { "none" }.to_string()),
            event_loc: self.place,
            certainty: Some("asserted".to_string()),
            cite_info: Some(self.cite),
            coder: Some(format!("imported from {}", self.set)),
            ..RecordJson::default()
        };
        more(&mut record);
        let report = record.report.clone().unwrap_or_default();
        let origin = u64::from_str_radix(record.id.as_deref().unwrap_or("0"), 16).unwrap_or_default();
        let incident = Incident::new(vec![Story { report: &report, origin, record: &record }]);
        Some(Imported { incident, record })
    }
}

/// What is wrong with a row.
fn fault(file: &str, line: u64, message: impl Into<String>) -> Error {
    Error::Data { name: format!("{file}, line {line}"), message: message.into() }
}

/// A party by its name, coded by the actor tables where the row itself does not say.
fn party(name: &str, code: Option<String>, sector: Vec<String>, country: Option<&str>) -> EntityJson {
    let actors = crate::actors::Actors::embedded();
    let phrase = crate::actors::Phrase { words: name, ..Default::default() };
    let known = actors.describe(&phrase, &crate::actors::PartyContext { country, ..Default::default() });
    let told = |sector: Vec<&'static str>| sector.into_iter().map(str::to_string).collect();
    EntityJson {
        entity_text: Some(name.to_string()),
        code: code.or(known.code),
        sector: if sector.is_empty() { told(known.sector) } else { sector },
        ..EntityJson::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{EXPORTS, Masking, sample};

    fn back(export: &str, import: &str) -> RecordJson {
        assert!(EXPORTS.iter().any(|format| format.name == export));
        let record = sample::record(|record| record.size.clear());
        let bytes = sample::bytes(export, Masking::Roles, &[record]);
        let mut input = bytes.as_slice();
        let mut rows = read(import, "events", &mut input).unwrap();
        let row = rows.next().unwrap().unwrap();
        assert!(rows.next().is_none());
        assert_eq!(row.incident.members.len(), 1);
        row.record
    }

    #[test]
    fn what_is_exported_can_be_imported() {
        for (export, import) in [
            ("gdelt1", "gdelt"),
            ("gdelt2:events", "gdelt"),
            ("icews", "icews"),
            ("polecat", "polecat"),
            ("acled-like", "acled"),
        ] {
            let record = back(export, import);
            let event =
                (record.event.as_deref(), record.mode.as_slice(), record.date.as_deref(), record.enddate.as_deref());
            let day = Some("2024-03-04");
            assert_eq!(event, (Some("COERCE"), &["arrest".to_string()][..], day, day), "{export}");
            let place = record.event_loc.unwrap();
            assert_eq!(
                (place.resolved_place.as_deref(), place.lat, place.lon),
                (Some("İzmir"), Some(38.41), Some(27.14)),
                "{export}"
            );
            assert_eq!(
                (place.country_code.as_deref(), place.resolution.as_deref()),
                (Some("TUR"), Some("city")),
                "{export}"
            );
            assert_eq!(
                (record.actor[0].code.as_deref(), record.actor[0].sector.as_slice()),
                (Some("TUR"), &["COP".to_string()][..]),
                "{export}"
            );
            assert_eq!(record.recipient[0].sector, ["CVL"], "{export}");
            assert!(record.mentions.is_empty() && record.text.is_none());
        }
    }

    #[test]
    fn a_bad_row_is_an_error_with_its_line_and_the_next_is_read() {
        let good = String::from_utf8(sample::bytes("icews", Masking::Roles, &[sample::record(|_| ())])).unwrap();
        let (header, row) = good.split_once('\n').unwrap();
        let file = format!("{header}\nshort row\n{row}");
        let mut input = file.as_bytes();
        let rows: Vec<Result<Imported>> = read("icews", "events.tsv", &mut input).unwrap().collect();
        let message = rows[0].as_ref().unwrap_err().to_string();
        assert!(message.starts_with("events.tsv, line 2: found 1 cells, expected 20"), "{message}");
        assert!(rows[1].is_ok());
    }

    #[test]
    fn rows_have_the_same_id_each_time() {
        assert_eq!(back("polecat", "polecat").id, back("polecat", "polecat").id);
    }
}
