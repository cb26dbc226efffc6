//! Records in the columns of ICEWS: tab-separated with a header, countries by name, CAMEO codes with their labels. Intensity is the
//! Goldstein score of GDELT's table. One row a record that is said to have happened, with its first actor and recipient.

use super::json::{EntityJson, RecordJson};
use super::sheet::{self, number};
use super::{Export, Row};
use crate::codes;
use std::io::{self, Write};

/// The columns, in order.
pub const COLUMNS: [&str; 20] = [
    "Event ID",
    "Event Date",
    "Source Name",
    "Source Sectors",
    "Source Country",
    "Event Text",
    "CAMEO Code",
    "Intensity",
    "Target Name",
    "Target Sectors",
    "Target Country",
    "Story ID",
    "Sentence Number",
    "Publisher",
    "City",
    "District",
    "Province",
    "Country",
    "Latitude",
    "Longitude",
];

/// Writes records.
pub struct Records;

impl Export for Records {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(sheet::tab(COLUMNS.iter().map(|name| name.to_string())).as_bytes())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        for record in row.records.iter().filter(|record| super::happened(record)) {
            if let Some(line) = line(record) {
                out.write_all(line.as_bytes())?;
            }
        }
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// A row; `None` without a CAMEO code or a day.
fn line(record: &RecordJson) -> Option<String> {
    let code = codes::cameo(record.cameo.as_deref()?)?;
    let place = record.event_loc.clone().unwrap_or_default();
    let (source, target) = (party(record.actor.first()), party(record.recipient.first()));
    let [source_name, source_sectors, source_country] = source;
    let [target_name, target_sectors, target_country] = target;
    let district = (place.resolution.as_deref() == Some("district")).then(|| place.resolved_place.clone()).flatten();
    Some(sheet::tab(
        [
            record.id.clone().unwrap_or_default(),
            record.date.clone().or_else(|| record.enddate.clone())?,
            source_name,
            source_sectors,
            source_country,
            code.label.to_string(),
            code.code.to_string(),
            format!("{:.1}", code.goldstein),
            target_name,
            target_sectors,
            target_country,
            record.report.clone().unwrap_or_default(),
            record.text_info.as_ref().map(|info| (info.sentence + 1).to_string()).unwrap_or_default(),
            record.cite_info.as_ref().and_then(|cite| cite.publication.clone()).unwrap_or_default(),
            place.city.unwrap_or_default(),
            district.unwrap_or_default(),
            place.province.unwrap_or_default(),
            country_name(place.country_code.as_deref()),
            number(place.lat),
            number(place.lon),
        ]
        .into_iter(),
    ))
}

/// Name, sectors in ICEWS's words, country by name.
fn party(party: Option<&EntityJson>) -> [String; 3] {
    let Some(party) = party else { return Default::default() };
    let name = party.identifier_text.as_deref().or(party.entity_text.as_deref()).unwrap_or_default();
    let sectors: Vec<&str> = party.sector.iter().filter_map(|sector| sector_name(sector)).collect();
    [name.to_string(), sectors.join(","), country_name(party.code.as_deref())]
}

fn country_name(code: Option<&str>) -> String {
    code.and_then(codes::country).map(|country| country.name.to_string()).unwrap_or_default()
}

/// Sectors as ICEWS words them, each a name of its own hierarchy; a faith is none of them here.
pub const SECTORS: &[(&str, &str)] = &[
    ("GOV", "Government"),
    ("COP", "Police"),
    ("MIL", "Military"),
    ("JUD", "Judicial"),
    ("LEG", "Legislative / Parliamentary"),
    ("PTY", "Parties"),
    ("SPY", "Intelligence"),
    ("PRM", "Paramilitary"),
    ("REB", "Rebel"),
    ("UAF", "Unidentified Forces"),
    ("CVL", "General Population / Civilian / Social"),
    ("REF", "Refugees / Displaced"),
    ("OPP", "Dissident"),
    ("JRN", "News"),
    ("BUS", "Business"),
    ("CRM", "Criminals / Gangs"),
    ("EDU", "Education"),
    ("ELI", "Elite"),
    ("LAB", "Labor"),
    ("MED", "Medical / Health"),
    ("AGR", "Agricultural"),
    ("SOC", "Social"),
];

fn sector_name(sector: &str) -> Option<&'static str> {
    SECTORS.iter().find(|(code, _)| *code == sector).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use crate::export::sample;

    #[test]
    fn a_row_has_the_cells_of_the_header() {
        let out = sample::written("icews", |record| record.actor[0].entity_text = Some("Turkish\tpolice\n".into()));
        let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!((rows.len(), rows[0].len(), rows[1].len()), (2, 20, 20));
        assert_eq!(
            rows[1][2..8],
            ["Turkish police ", "Police", "Turkey", "Arrest, detain, or charge with legal action", "173", "-5.0"]
        );
    }
}
