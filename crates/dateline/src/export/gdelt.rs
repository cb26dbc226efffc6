//! Incidents in the columns of GDELT 1.0 and 2.0 events, and their records in those of GDELT 2.0 mentions: tab-separated, without
//! a header, as GDELT's own files are.
//!
//! Only acts that are said to have happened are written, one row an incident with its first actor and recipient. Empty on purpose:
//! ethnic and religion codes (DESIGN.md, "People and harm"), tone (not measured), the ids of GNS and GNIS features (GeoNames ids
//! are others). `*Geo_CountryCode` is FIPS 10-4, `Actor*CountryCode` alpha-3 as in CAMEO.

use super::json::{EntityJson, PlaceJson, RecordJson};
use super::sheet::{self, number};
use super::{Export, Row};
use crate::codes;
use jiff::civil::Date;
use std::io::{self, Write};

/// GDELT 1.0's columns, in order.
pub const EVENTS_1: [&str; 58] = columns_1();

/// GDELT 2.0's columns, in order: those of 1.0 with an `ADM2Code` after each `ADM1Code`.
pub const EVENTS_2: [&str; 61] = columns_2();

/// The columns of GDELT 2.0's mentions, in order.
pub const MENTIONS: [&str; 16] = [
    "GLOBALEVENTID",
    "EventTimeDate",
    "MentionTimeDate",
    "MentionType",
    "MentionSourceName",
    "MentionIdentifier",
    "SentenceID",
    "Actor1CharOffset",
    "Actor2CharOffset",
    "ActionCharOffset",
    "InRawText",
    "Confidence",
    "MentionDocLen",
    "MentionDocTone",
    "MentionDocTranslationInfo",
    "Extras",
];

/// Columns of GDELT 2.0 that GDELT 1.0 does not have.
const SECOND_DIVISION: &str = "_ADM2Code";

const fn columns_2() -> [&'static str; 61] {
    [
        "GLOBALEVENTID",
        "SQLDATE",
        "MonthYear",
        "Year",
        "FractionDate",
        "Actor1Code",
        "Actor1Name",
        "Actor1CountryCode",
        "Actor1KnownGroupCode",
        "Actor1EthnicCode",
        "Actor1Religion1Code",
        "Actor1Religion2Code",
        "Actor1Type1Code",
        "Actor1Type2Code",
        "Actor1Type3Code",
        "Actor2Code",
        "Actor2Name",
        "Actor2CountryCode",
        "Actor2KnownGroupCode",
        "Actor2EthnicCode",
        "Actor2Religion1Code",
        "Actor2Religion2Code",
        "Actor2Type1Code",
        "Actor2Type2Code",
        "Actor2Type3Code",
        "IsRootEvent",
        "EventCode",
        "EventBaseCode",
        "EventRootCode",
        "QuadClass",
        "GoldsteinScale",
        "NumMentions",
        "NumSources",
        "NumArticles",
        "AvgTone",
        "Actor1Geo_Type",
        "Actor1Geo_FullName",
        "Actor1Geo_CountryCode",
        "Actor1Geo_ADM1Code",
        "Actor1Geo_ADM2Code",
        "Actor1Geo_Lat",
        "Actor1Geo_Long",
        "Actor1Geo_FeatureID",
        "Actor2Geo_Type",
        "Actor2Geo_FullName",
        "Actor2Geo_CountryCode",
        "Actor2Geo_ADM1Code",
        "Actor2Geo_ADM2Code",
        "Actor2Geo_Lat",
        "Actor2Geo_Long",
        "Actor2Geo_FeatureID",
        "ActionGeo_Type",
        "ActionGeo_FullName",
        "ActionGeo_CountryCode",
        "ActionGeo_ADM1Code",
        "ActionGeo_ADM2Code",
        "ActionGeo_Lat",
        "ActionGeo_Long",
        "ActionGeo_FeatureID",
        "DATEADDED",
        "SOURCEURL",
    ]
}

const fn columns_1() -> [&'static str; 58] {
    let all = columns_2();
    let (mut columns, mut from, mut to) = ([""; 58], 0, 0);
    while from < all.len() {
        // The positions of the three `ADM2Code` columns; a test holds them to it.
        if !matches!(from, 39 | 47 | 55) {
            columns[to] = all[from];
            to += 1;
        }
        from += 1;
    }
    columns
}

/// Writes GDELT 1.0 events.
pub struct Events1;

/// Writes GDELT 2.0 events.
pub struct Events2;

/// Writes GDELT 2.0 mentions.
pub struct Mentions;

impl Export for Events1 {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let Some(cells) = event(row, "%Y%m%d") else { return Ok(()) };
        let old = cells.into_iter().zip(EVENTS_2).filter(|(_, name)| !name.ends_with(SECOND_DIVISION));
        out.write_all(sheet::tab(old.map(|(cell, _)| cell)).as_bytes())
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl Export for Events2 {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let Some(cells) = event(row, "%Y%m%d000000") else { return Ok(()) };
        out.write_all(sheet::tab(cells.into_iter()).as_bytes())
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

impl Export for Mentions {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        if event(row, "").is_none() {
            return Ok(());
        }
        row.records.iter().try_for_each(|record| out.write_all(mention(row, record).as_bytes()))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The cells of an event in GDELT 2.0's order; `None` for what GDELT has no row for: no CAMEO code, no day, not happened.
fn event(row: &Row, added: &str) -> Option<Vec<String>> {
    let best = row.best().filter(|_| row.happened())?;
    let code = codes::cameo(best.cameo.as_deref()?)?;
    let date: Date = row.incident.date.as_deref()?.parse().ok()?;
    let first = row.incident.first.as_deref().and_then(|day| day.parse::<Date>().ok()).unwrap_or(date);
    let mentions: usize = row.records.iter().map(|record| record.mentions.len().max(1)).sum();
    let mut sources: Vec<&str> =
        row.records.iter().filter_map(|record| record.cite_info.as_ref()?.publication.as_deref()).collect();
    sources.sort_unstable();
    sources.dedup();
    let articles = row.reports().len();
    let mut cells = vec![
        event_id(&row.incident.id).to_string(),
        date.strftime("%Y%m%d").to_string(),
        date.strftime("%Y%m").to_string(),
        date.year().to_string(),
        fraction(date),
    ];
    cells.extend(actor(best.actor.first()));
    cells.extend(actor(best.recipient.first()));
    let lead = row.records.iter().any(|record| record.text_info.as_ref().is_some_and(|info| info.sentence <= LEAD));
    cells.extend([
        u8::from(lead).to_string(),
        code.code.to_string(),
        code.base().to_string(),
        code.root().to_string(),
        code.quad_class().to_string(),
        code.goldstein.to_string(),
        mentions.to_string(),
        sources.len().max(1).to_string(),
        articles.max(1).to_string(),
        String::new(),
    ]);
    cells.extend(country_geo(best.actor.first()));
    cells.extend(country_geo(best.recipient.first()));
    cells.extend(geo(best.event_loc.as_ref()));
    cells.push(first.strftime(added).to_string());
    cells.push(row.url().unwrap_or_default().to_string());
    Some(cells)
}

/// The last sentence of the headline and lead: GDELT's root events are those of the lead paragraph.
const LEAD: usize = 2;

/// Numbers are small enough for readers that hold them as 64-bit floats.
const ID_BITS: u32 = 53;

/// GDELT's ids are numbers: 53 bits of BLAKE3 over the incident's.
fn event_id(incident: &str) -> u64 {
    let hash = blake3::hash(incident.as_bytes());
    let first: [u8; 8] = std::array::from_fn(|at| hash.as_bytes()[at]);
    u64::from_be_bytes(first) >> (64 - ID_BITS)
}

/// The year and the part of it that is over, as GDELT reckons: (months × 30 + day) / 365.
fn fraction(date: Date) -> String {
    let days = (f64::from(date.month()) - 1.0) * 30.0 + f64::from(date.day());
    format!("{:.4}", f64::from(date.year()) + days / 365.0)
}

/// Code, name, country, group, ethnic, two religions, three types.
fn actor(party: Option<&EntityJson>) -> [String; 10] {
    let mut cells: [String; 10] = Default::default();
    let Some(party) = party else { return cells };
    let types: Vec<&str> = party.sector.iter().filter_map(|sector| cameo_type(sector)).collect();
    let code = party.code.as_deref().unwrap_or_default();
    let international = matches!(code, "IGO" | "UNO" | "EUR" | "NGO" | "ISM" | "IMG" | "MNC");
    let types: Vec<&str> = if international { vec![cameo_group(code)] } else { types };
    let country = if international { "" } else { code };
    cells[0] = format!("{country}{}", types.concat());
    cells[1] = party.identifier_text.as_deref().or(party.entity_text.as_deref()).unwrap_or_default().to_uppercase();
    cells[2] = country.to_string();
    cells[3] = if code == "UNO" { "UNO".to_string() } else { String::new() };
    for (cell, kind) in cells[7..].iter_mut().zip(types) {
        *cell = kind.to_string();
    }
    cells
}

/// CAMEO's role code of a PLOVER sector. MED is the press in CAMEO and medicine in PLOVER (CAMEO: HLH). A sector that says only
/// that a party belongs to a faith has none.
pub fn cameo_type(sector: &str) -> Option<&'static str> {
    Some(match sector {
        "GOV" => "GOV",
        "COP" => "COP",
        "MIL" => "MIL",
        "JUD" => "JUD",
        "LEG" => "LEG",
        "PTY" => "PTY",
        "SPY" => "SPY",
        "REB" => "REB",
        "UAF" | "PRM" => "UAF",
        "CVL" | "SOC" => "CVL",
        "REF" => "REF",
        "OPP" => "OPP",
        "JRN" => "MED",
        "MED" => "HLH",
        "BUS" => "BUS",
        "CRM" => "CRM",
        "EDU" => "EDU",
        "ELI" | "PRE" => "ELI",
        "LAB" => "LAB",
        "AGR" => "AGR",
        _ => return None,
    })
}

/// CAMEO's type of an international body.
fn cameo_group(code: &str) -> &'static str {
    match code {
        "NGO" => "NGO",
        "MNC" => "MNC",
        "ISM" | "IMG" => "IMG",
        _ => "IGO",
    }
}

/// Where a party belongs: its country, as nothing nearer is known. Type 1, name, FIPS code, ADM1 (the country's), no ADM2, no
/// coordinates, and the country's code for its id.
fn country_geo(party: Option<&EntityJson>) -> [String; 8] {
    let country = party.and_then(|party| party.code.as_deref()).and_then(codes::country);
    let Some(country) = country else { return none() };
    let mut cells: [String; 8] = Default::default();
    cells[0] = "1".into();
    cells[1] = country.name.into();
    (cells[2], cells[3], cells[7]) = (country.fips.into(), country.fips.into(), country.fips.into());
    cells
}

/// No place: type 0.
fn none() -> [String; 8] {
    let mut cells: [String; 8] = Default::default();
    cells[0] = "0".into();
    cells
}

/// Where the act was. Types: 1 country, 2 state of the United States, 3 city there, 4 city elsewhere, 5 division elsewhere.
fn geo(place: Option<&PlaceJson>) -> [String; 8] {
    let Some(place) = place.filter(|place| place.resolution.as_deref() != Some("region")) else { return none() };
    let country = place.country_code.as_deref().and_then(codes::country);
    let american = place.country_code.as_deref() == Some("USA");
    let kind = match (place.resolution.as_deref(), american) {
        (Some("country"), _) => "1",
        (Some("province" | "district"), true) => "2",
        (Some("province" | "district"), false) => "5",
        (_, true) => "3",
        (_, false) => "4",
    };
    let name = place.resolved_place.as_deref();
    let names = [name, place.province.as_deref(), country.map(|country| country.name)];
    let mut parts: Vec<&str> = names.into_iter().flatten().collect();
    parts.dedup();
    let fips = country.map(|country| country.fips).unwrap_or_default().to_string();
    let feature = if kind == "1" { fips.clone() } else { String::new() };
    let (lat, lon) = (number(place.lat), number(place.lon));
    [kind.into(), parts.join(", "), fips.clone(), fips, String::new(), lat, lon, feature]
}

/// A record as a mention: type 1 (a web page) where it has an address, else 3 (cited without one).
fn mention(row: &Row, record: &RecordJson) -> String {
    let cite = record.cite_info.clone().unwrap_or_default();
    let day = |text: Option<&str>| text.and_then(|day| day.parse::<Date>().ok());
    let first = day(row.incident.first.as_deref()).or(day(row.incident.date.as_deref()));
    let published = day(cite.published.as_deref()).or(first);
    let stamp = |date: Option<Date>| date.map(|date| date.strftime("%Y%m%d000000").to_string()).unwrap_or_default();
    let offset = |start: Option<usize>| start.map_or("-1".to_string(), |start| start.to_string());
    let report = record.report.clone().unwrap_or_default();
    let cells = [
        event_id(&row.incident.id).to_string(),
        stamp(first),
        stamp(published),
        if cite.url.is_some() { "1" } else { "3" }.to_string(),
        cite.publication.unwrap_or_default(),
        cite.url.unwrap_or(report),
        record.text_info.as_ref().map_or("-1".to_string(), |info| (info.sentence + 1).to_string()),
        offset(record.actor.first().and_then(|party| party.start)),
        offset(record.recipient.first().and_then(|party| party.start)),
        offset(record.mentions.first().and_then(|words| words.start)),
        "1".to_string(),
        (record.confidence.unwrap_or(1.0) * 100.0).round().to_string(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    ];
    sheet::tab(cells.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::sample;
    use jiff::civil::date;

    fn cells(name: &str, change: impl Fn(&mut RecordJson)) -> Vec<String> {
        let out = sample::written(name, change);
        out.trim_end_matches('\n').split('\t').map(str::to_string).collect()
    }

    fn cell(name: &str, change: impl Fn(&mut RecordJson)) -> String {
        let at = EVENTS_2.iter().position(|column| *column == name).unwrap();
        cells("gdelt2:events", change)[at].clone()
    }

    #[test]
    fn both_versions_have_as_many_cells_as_columns() {
        assert_eq!(cells("gdelt1", |_| ()).len(), EVENTS_1.len());
        assert_eq!(cells("gdelt2:events", |_| ()).len(), EVENTS_2.len());
        assert_eq!(cells("gdelt2:mentions", |_| ()).len(), MENTIONS.len());
        assert!(EVENTS_1.iter().all(|name| !name.ends_with(SECOND_DIVISION)));
    }

    #[test]
    fn quad_class_is_gdelts_own() {
        let quad = |cameo: &'static str| cell("QuadClass", move |record| record.cameo = Some(cameo.into()));
        assert_eq!([quad("173"), quad("163"), quad("087"), quad("1053")], ["4", "4", "2", "3"]);
        assert_eq!(cell("GoldsteinScale", |record| record.cameo = Some("112".into())), "-2");
    }

    #[test]
    fn places_have_fips_codes_and_parties_alpha_3() {
        assert_eq!(
            (cell("ActionGeo_CountryCode", |_| ()), cell("Actor1CountryCode", |_| ())),
            ("TU".into(), "TUR".into())
        );
        assert_eq!(cell("ActionGeo_FeatureID", |_| ()), "", "a GeoNames id is no GNS id");
        assert_eq!(cell("Actor1Code", |_| ()), "TURCOP");
    }

    #[test]
    fn the_press_is_med_and_medicine_hlh() {
        assert_eq!((cameo_type("JRN"), cameo_type("MED"), cameo_type("REL")), (Some("MED"), Some("HLH"), None));
    }

    #[test]
    fn ethnic_and_religion_codes_stay_empty() {
        for name in EVENTS_2.iter().filter(|name| name.contains("Ethnic") || name.contains("Religion")) {
            assert_eq!(cell(name, |record| record.recipient[0].sector = vec!["REL".into()]), "");
        }
    }

    #[test]
    fn what_did_not_happen_is_no_row() {
        for word in ["negation", "future", "hypothetical"] {
            assert_eq!(sample::written("gdelt2:events", |record| record.auxiliary = vec![word.into()]), "");
        }
        assert_ne!(sample::written("gdelt2:events", |record| record.auxiliary = vec!["historical".into()]), "");
    }

    #[test]
    fn fraction_date_is_reckoned_as_gdelt_does() {
        assert_eq!(fraction(date(2015, 2, 18)), "2015.1315");
        assert_eq!(fraction(date(2013, 4, 1)), "2013.2493");
    }
}
