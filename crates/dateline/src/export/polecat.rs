//! Records in the columns of POLECAT: tab-separated with a header, missing values the word "None", lists joined by "; ". UTF-8,
//! though POLECAT's own files have been read as ISO 8859-1. The columns that list the persons and organisations of a story are
//! always "None": Dateline compiles no lists of people (DESIGN.md, "People and harm").

use super::json::{EntityJson, RecordJson};
use super::sheet;
use super::{Export, Row};
use crate::codes;
use std::io::{self, Write};

/// The columns, in order.
pub const COLUMNS: [&str; 40] = [
    "Event ID",
    "Event Date",
    "Event Type",
    "Event Mode",
    "Intensity",
    "Quad Code",
    "Contexts",
    "Actor Name",
    "Actor Country",
    "Actor COW",
    "Primary Actor Sector",
    "Actor Sectors",
    "Actor Title",
    "Actor Name Raw",
    "Wikipedia Actor ID",
    "Recipient Name",
    "Recipient Country",
    "Recipient COW",
    "Primary Recipient Sector",
    "Recipient Sectors",
    "Recipient Title",
    "Recipient Name Raw",
    "Wikipedia Recipient ID",
    "Placename",
    "City",
    "District",
    "Province",
    "Country",
    "Latitude",
    "Longitude",
    "GeoNames ID",
    "Raw Placename",
    "Feature Type",
    "Source",
    "Publication Date",
    "Story People",
    "Story Organizations",
    "Story Locations",
    "Language",
    "Version",
];

/// Writes records.
pub struct Records;

impl Export for Records {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(sheet::tab(COLUMNS.iter().map(|name| name.to_string())).as_bytes())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let happened = row.records.iter().filter(|record| super::happened(record));
        happened.into_iter().try_for_each(|record| out.write_all(line(record).as_bytes()))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn line(record: &RecordJson) -> String {
    let place = record.event_loc.clone().unwrap_or_default();
    let cite = record.cite_info.clone().unwrap_or_default();
    let district = (place.resolution.as_deref() == Some("district")).then(|| place.resolved_place.clone()).flatten();
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let mut cells = vec![
        record.id.clone(),
        record.date.clone(),
        record.event.clone(),
        list(record.mode.iter().map(String::as_str)),
        number(record.event_scale),
        record.quad_code.map(|quad| quad.to_string()),
        list(record.context.iter().map(String::as_str)),
    ];
    cells.extend(party(&record.actor));
    cells.extend(party(&record.recipient));
    cells.extend([
        place.resolved_place.clone(),
        place.city,
        district,
        place.province,
        place.country_code,
        number(place.lat),
        number(place.lon),
        place.geonameid.map(|id| id.to_string()),
        place.extracted_place,
        place.feature_code,
        cite.publication,
        cite.published,
        None,
        None,
        place.resolved_place,
        cite.language,
        record.coder.clone(),
    ]);
    sheet::tab(cells.into_iter().map(|cell| cell.filter(|text| !text.is_empty()).unwrap_or("None".to_string())))
}

/// Name, country, COW number, primary sector, sectors, title, raw name, Wikipedia id (not known) of the parties of a role.
fn party(parties: &[EntityJson]) -> [Option<String>; 8] {
    let names = parties.iter().filter_map(|party| party.identifier_text.as_deref().or(party.entity_text.as_deref()));
    let cow = |party: &EntityJson| Some(codes::country(party.code.as_deref()?)?.cow).filter(|cow| !cow.is_empty());
    let sectors = parties.iter().flat_map(|party| party.sector.iter().map(String::as_str));
    [
        list(names),
        list(parties.iter().filter_map(|party| party.code.as_deref())),
        list(parties.iter().filter_map(cow)),
        parties.iter().find_map(|party| party.sector.first().cloned()),
        list(unique(sectors)),
        None,
        list(parties.iter().filter_map(|party| party.entity_text.as_deref())),
        None,
    ]
}

fn unique<'a>(values: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut seen = std::collections::HashSet::new();
    values.filter(move |value| seen.insert(*value))
}

/// The values joined by "; "; a semicolon inside a value becomes a comma. `None` where there are none.
fn list<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    let values: Vec<String> = values.map(|value| value.replace(';', ",")).collect();
    (!values.is_empty()).then(|| values.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::sample;

    #[test]
    fn missing_values_are_the_word_none() {
        let out = sample::written("polecat", |record| record.recipient.clear());
        let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!((rows[0].len(), rows[1].len()), (40, 40));
        let cell = |name: &str| rows[1][COLUMNS.iter().position(|column| *column == name).unwrap()];
        assert_eq!((cell("Recipient Name"), cell("Story People"), cell("Actor Title")), ("None", "None", "None"));
        assert_eq!((cell("Actor COW"), cell("Event Mode"), cell("Quad Code")), ("640", "arrest", "4"));
    }
}
