//! GDELT 1.0 and 2.0 events: tab-separated, no header (one is skipped), told apart by the number of columns: 57 or 58, and 61.

use super::table::{self, Cells, Style, day};
use super::{Event, Imported, Rows, party};
use crate::Result;
use crate::codes;
use crate::export::gdelt::{EVENTS_1, EVENTS_2, cameo_type};
use crate::export::json::{CiteInfo, EntityJson, PlaceJson};
use crate::ontology::SECTORS;
use std::io::Read;

/// Reads the rows.
pub fn read<'r>(file: &str, input: &'r mut dyn Read) -> Rows<'r> {
    table::rows(file, input, Style::Tab, &["GLOBALEVENTID", "SQLDATE", "EventCode"], columns, row)
}

fn columns(count: usize) -> Option<&'static [&'static str]> {
    match count {
        57 => Some(&EVENTS_1[..57]),
        58 => Some(&EVENTS_1),
        61 => Some(&EVENTS_2),
        _ => None,
    }
}

fn row(cells: &Cells) -> Result<Imported> {
    let code = cells.need("EventCode")?;
    let known = codes::cameo(&code).ok_or_else(|| cells.odd("EventCode", &code, "a CAMEO code"))?;
    if known.event.is_none() {
        return Err(cells.odd(
            "EventCode",
            &code,
            "an act: statements and appeals are no events in PLOVER; the row is left out",
        ));
    }
    let date_text = cells.need("SQLDATE")?;
    let date = day(&date_text).ok_or_else(|| cells.odd("SQLDATE", &date_text, "a day such as 20240304"))?;
    let id = cells.need("GLOBALEVENTID")?;
    let added = cells.get("DATEADDED").and_then(|added| day(added.get(..8)?));
    let event = Event {
        set: "gdelt",
        id: &id,
        event: known.event,
        mode: known.mode.into_iter().collect(),
        cameo: Some(known.code.to_string()),
        actor: actor(cells, "Actor1"),
        recipient: actor(cells, "Actor2"),
        date: Some(date),
        enddate: None,
        place: place(cells)?,
        cite: CiteInfo {
            url: cells.get("SOURCEURL").map(|url| url.to_string()),
            published: added.map(|day| day.to_string()),
            ..CiteInfo::default()
        },
    };
    event.imported(|_| ()).ok_or_else(|| cells.odd("EventCode", &code, "a category"))
}

/// The party by name, country and roles; religion and ethnic codes are not read.
fn actor(cells: &Cells, role: &str) -> Vec<EntityJson> {
    let Some(name) = cells.get(&format!("{role}Name")) else { return Vec::new() };
    let types = (1..=3).filter_map(|at| cells.get(&format!("{role}Type{at}Code")));
    let mut sector = Vec::new();
    let mut group = None;
    for kind in types {
        match sector_of(&kind) {
            Some(known) => sector.push(known.to_string()),
            None if matches!(&*kind, "IGO" | "NGO" | "IMG" | "MNC") => group = Some(kind.to_string()),
            None => {}
        }
    }
    let code = cells.get(&format!("{role}CountryCode")).map(|code| code.to_string());
    vec![party(&name, code.or(group), sector, None)]
}

/// PLOVER's sector of a CAMEO role code: the first that is written as it.
pub(super) fn sector_of(code: &str) -> Option<&'static str> {
    SECTORS.iter().copied().find(|sector| cameo_type(sector) == Some(code))
}

fn place(cells: &Cells) -> Result<Option<PlaceJson>> {
    let Some(name) = cells.get("ActionGeo_FullName") else { return Ok(None) };
    let resolution = match cells.get("ActionGeo_Type").as_deref() {
        Some("1") => "country",
        Some("2" | "5") => "province",
        _ => "city",
    };
    let fips = cells.get("ActionGeo_CountryCode");
    let country = codes::country_where(|country| !country.fips.is_empty() && fips.as_deref() == Some(country.fips));
    let parts: Vec<&str> = name.split(", ").collect();
    let first = parts.first().map(|part| part.to_string());
    let province = if parts.len() > 2 { Some(parts[1].to_string()) } else { None };
    Ok(Some(PlaceJson {
        city: first.clone().filter(|_| resolution == "city"),
        province: if resolution == "province" { first.clone() } else { province },
        resolved_place: first,
        lat: cells.number("ActionGeo_Lat")?,
        lon: cells.number("ActionGeo_Long")?,
        country_code: country.map(|country| country.code.to_string()),
        resolution: Some(resolution.to_string()),
        ..PlaceJson::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_press_is_no_health_worker() {
        assert_eq!(
            [sector_of("MED"), sector_of("HLH"), sector_of("CVL"), sector_of("XXX")],
            [Some("JRN"), Some("MED"), Some("CVL"), None]
        );
    }

    #[test]
    fn statements_are_left_out_with_their_line() {
        let mut row = vec![""; 61];
        (row[0], row[1], row[26]) = ("7", "20240304", "010");
        let file = row.join("\t") + "\n";
        let mut input = file.as_bytes();
        let message = read("g", &mut input).next().unwrap().unwrap_err().to_string();
        assert!(message.starts_with("g, line 1: EventCode: found \"010\""), "{message}");
    }
}
