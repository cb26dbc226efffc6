//! ICEWS events. Their id is unique only together with their date.

use super::table::{self, Cells, Style, day};
use super::{Event, Imported, Rows, party};
use crate::Result;
use crate::codes;
use crate::export::icews::SECTORS;
use crate::export::json::{CiteInfo, EntityJson, PlaceJson};
use std::io::Read;

/// Reads the rows.
pub fn read<'r>(file: &str, input: &'r mut dyn Read) -> Rows<'r> {
    table::rows(file, input, Style::Tab, &["Event ID", "Event Date", "CAMEO Code"], |_| None, row)
}

fn row(cells: &Cells) -> Result<Imported> {
    let code = cells.need("CAMEO Code")?;
    let known = codes::cameo(&code).ok_or_else(|| cells.odd("CAMEO Code", &code, "a CAMEO code"))?;
    if known.event.is_none() {
        return Err(cells.odd(
            "CAMEO Code",
            &code,
            "an act: statements and appeals are no events in PLOVER; the row is left out",
        ));
    }
    let date_text = cells.need("Event Date")?;
    let date = day(&date_text).ok_or_else(|| cells.odd("Event Date", &date_text, "a day such as 2024-03-04"))?;
    let id = cells.need("Event ID")?;
    let event = Event {
        set: "icews",
        id: &id,
        event: known.event,
        mode: known.mode.into_iter().collect(),
        cameo: Some(known.code.to_string()),
        actor: side(cells, "Source"),
        recipient: side(cells, "Target"),
        date: Some(date),
        enddate: None,
        place: place(cells)?,
        cite: CiteInfo { publication: cells.get("Publisher").map(|name| name.to_string()), ..CiteInfo::default() },
    };
    event.imported(|_| ()).ok_or_else(|| cells.odd("CAMEO Code", &code, "a category"))
}

fn country(name: Option<&str>) -> Option<&'static str> {
    codes::country_where(|country| name == Some(country.name)).map(|country| country.code)
}

fn side(cells: &Cells, role: &str) -> Vec<EntityJson> {
    let Some(name) = cells.get(&format!("{role} Name")) else { return Vec::new() };
    let named = cells.get(&format!("{role} Sectors")).unwrap_or_default();
    let words: Vec<&str> = named.split(',').map(str::trim).collect();
    let sectors = SECTORS.iter().filter(|(_, word)| words.contains(word)).map(|(sector, _)| sector.to_string());
    let home = cells.get(&format!("{role} Country"));
    let code = country(home.as_deref()).map(str::to_string);
    vec![party(&name, code, sectors.collect(), None)]
}

fn place(cells: &Cells) -> Result<Option<PlaceJson>> {
    let [city, district, province, home] =
        ["City", "District", "Province", "Country"].map(|name| cells.get(name).map(|text| text.to_string()));
    let (name, resolution) = match (&city, &district, &province, &home) {
        (Some(name), ..) => (name, "city"),
        (_, Some(name), ..) => (name, "district"),
        (_, _, Some(name), _) => (name, "province"),
        (_, _, _, Some(name)) => (name, "country"),
        _ => return Ok(None),
    };
    Ok(Some(PlaceJson {
        resolved_place: Some(name.clone()),
        resolution: Some(resolution.to_string()),
        lat: cells.number("Latitude")?,
        lon: cells.number("Longitude")?,
        country_code: country(home.as_deref()).map(str::to_string),
        city,
        province,
        ..PlaceJson::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_on_two_days_is_two_events() {
        let file = "Event ID\tEvent Date\tCAMEO Code\n9\t2024-03-04\t42\n9\t2024-03-05\t042\n";
        let mut input = file.as_bytes();
        let rows: Vec<Imported> = read("i", &mut input).map(|row| row.unwrap()).collect();
        assert_ne!(rows[0].record.id, rows[1].record.id);
        assert_eq!((rows[0].record.event.as_deref(), rows[0].record.mode[0].as_str()), (Some("CONSULT"), "visit"));
    }
}
