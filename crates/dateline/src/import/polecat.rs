//! POLECAT events: the word "None" is no value, lists are joined by "; ", bytes that are no UTF-8 are read as Western European. The
//! columns that list the persons of a story are not read.

use super::table::{self, Cells, Style, day};
use super::{Event, Imported, Rows, party};
use crate::Result;
use crate::codes;
use crate::export::json::{CiteInfo, EntityJson, PlaceJson};
use crate::ontology::{EventType, Mode, SECTORS, THEMES};
use std::io::Read;

/// Reads the rows.
pub fn read<'r>(file: &str, input: &'r mut dyn Read) -> Rows<'r> {
    table::rows(file, input, Style::Tab, &["Event ID", "Event Date", "Event Type"], |_| None, row)
}

fn get(cells: &Cells, name: &str) -> Option<String> {
    cells.get(name).filter(|text| text != "None").map(|text| text.into_owned())
}

fn list(cells: &Cells, name: &str) -> Vec<String> {
    let text = get(cells, name).unwrap_or_default();
    text.split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_string).collect()
}

fn row(cells: &Cells) -> Result<Imported> {
    let name = cells.need("Event Type")?;
    let event = EventType::from_name(&name.to_uppercase());
    let event = event.ok_or_else(|| cells.odd("Event Type", &name, "one of the sixteen categories"))?;
    let mode = list(cells, "Event Mode").iter().filter_map(|mode| Mode::of(event, &mode.to_lowercase())).collect();
    let date = match get(cells, "Event Date") {
        Some(text) => Some(day(&text).ok_or_else(|| cells.odd("Event Date", &text, "a day such as 2024-03-04"))?),
        None => None,
    };
    let id = cells.need("Event ID")?;
    let event = Event {
        set: "polecat",
        id: &id,
        event: Some(event),
        mode,
        cameo: None,
        actor: side(cells, "Actor"),
        recipient: side(cells, "Recipient"),
        date,
        enddate: None,
        place: place(cells)?,
        cite: CiteInfo {
            publication: get(cells, "Source"),
            published: get(cells, "Publication Date").and_then(|text| day(&text)).map(|day| day.to_string()),
            language: get(cells, "Language"),
            ..CiteInfo::default()
        },
    };
    let mut context = list(cells, "Contexts");
    context.retain(|theme| THEMES.contains(&theme.as_str()));
    event.imported(|record| record.context = context).ok_or_else(|| cells.odd("Event Type", &name, "a category"))
}

/// Names with their countries side by side; a single country is that of all. The sectors of several parties cannot be told apart
/// and are looked up.
fn side(cells: &Cells, role: &str) -> Vec<EntityJson> {
    let names = list(cells, &format!("{role} Name"));
    let countries = list(cells, &format!("{role} Country"));
    let mut sectors = list(cells, &format!("{role} Sectors"));
    sectors.retain(|sector| SECTORS.contains(&sector.as_str()));
    let code = |at: usize| if countries.len() == names.len() { countries.get(at) } else { countries.first() };
    let told = |_: usize| if names.len() == 1 { sectors.clone() } else { Vec::new() };
    names.iter().enumerate().map(|(at, name)| party(name, code(at).cloned(), told(at), None)).collect()
}

fn place(cells: &Cells) -> Result<Option<PlaceJson>> {
    let Some(name) = get(cells, "Placename") else { return Ok(None) };
    let number = |name: &str| -> Result<Option<f64>> {
        let text = get(cells, name);
        text.map(|text| text.parse().map_err(|_| cells.odd(name, &text, "a number"))).transpose()
    };
    let [city, district, province, country] = ["City", "District", "Province", "Country"].map(|name| get(cells, name));
    let resolution = match (&city, &district, &province) {
        (Some(_), ..) => "city",
        (_, Some(_), _) => "district",
        (_, _, Some(_)) => "province",
        _ => "country",
    };
    let known = |text: &str| codes::country(text).or_else(|| codes::country_where(|country| country.name == text));
    Ok(Some(PlaceJson {
        extracted_place: get(cells, "Raw Placename"),
        resolved_place: Some(name),
        geonameid: get(cells, "GeoNames ID").and_then(|id| id.parse().ok()),
        lat: number("Latitude")?,
        lon: number("Longitude")?,
        city,
        province,
        country_code: country.as_deref().and_then(known).map(|country| country.code.to_string()),
        feature_code: get(cells, "Feature Type"),
        resolution: Some(resolution.to_string()),
        ..PlaceJson::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_no_value_and_extra_columns_do_no_harm() {
        let file =
            b"Event ID\tEvent Date\tEvent Type\tEvent Mode\tEvent Intensity\tActor Name\tPlacename\tStory People\n\
            e1\t2024-03-04\tPROTEST\tdemo; strike\t-5\tNone\tBogot\xe1\tAda Brennick\n";
        let mut input = &file[..];
        let record = read("p", &mut input).next().unwrap().unwrap().record;
        assert!(record.actor.is_empty());
        assert_eq!(record.mode, ["demo", "strike"]);
        assert_eq!(record.event_loc.as_ref().unwrap().resolved_place.as_deref(), Some("Bogotá"));
        assert!(!serde_json::to_string(&record).unwrap().contains("Brennick"));
    }
}
