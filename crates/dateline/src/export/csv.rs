//! Records as CSV (RFC 4180), one row a record, safe to open in a spreadsheet.

use super::json::{EntityJson, FigureJson, RecordJson};
use crate::record::SizeKind;

/// The header row, ended by a newline.
pub fn header() -> String {
    let sizes = SizeKind::ALL.iter().flat_map(|kind| [format!("{}_min", kind.name()), format!("{}_max", kind.name())]);
    let names = BEFORE_SIZE.iter().map(|name| name.to_string()).chain(sizes);
    row(names.chain(AFTER_SIZE.iter().map(|name| name.to_string())))
}

const BEFORE_SIZE: &[&str] = &[
    "report",
    "id",
    "event",
    "mode",
    "quad_code",
    "cameo",
    "event_scale",
    "mentions",
    "actor",
    "actor_code",
    "actor_sector",
    "recipient",
    "recipient_code",
    "recipient_sector",
    "date",
    "enddate",
    "date_basis",
    "date_text",
    "place",
    "geonameid",
    "lat",
    "lon",
    "city",
    "province",
    "country_code",
    "resolution",
];

const AFTER_SIZE: &[&str] = &[
    "attribution",
    "auxiliary",
    "certainty",
    "confidence",
    "text",
    "title",
    "publication",
    "published",
    "url",
    "context",
    "coder",
];

/// One row, ended by a newline. Values of a list are joined by "; "; of rival figures the first stated stands in the row, the
/// others are in the JSON. A cell that a spreadsheet would take for a formula starts with an apostrophe (OWASP, "CSV Injection").
pub fn line(record: &RecordJson) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let place = record.event_loc.clone().unwrap_or_default();
    let cite = record.cite_info.clone().unwrap_or_default();
    let mut cells = vec![
        text(&record.report),
        text(&record.id),
        text(&record.event),
        record.mode.join("; "),
        number(record.quad_code),
        text(&record.cameo),
        number(record.event_scale),
        joined(record.mentions.iter().map(|words| words.text.as_deref())),
        joined(record.actor.iter().map(|entity| entity.entity_text.as_deref())),
        joined(record.actor.iter().map(|entity| entity.code.as_deref())),
        sectors(&record.actor),
        joined(record.recipient.iter().map(|entity| entity.entity_text.as_deref())),
        joined(record.recipient.iter().map(|entity| entity.code.as_deref())),
        sectors(&record.recipient),
        text(&record.date),
        text(&record.enddate),
        text(&record.date_basis),
        record.date_text.as_ref().and_then(|words| words.text.clone()).unwrap_or_default(),
        text(&place.resolved_place),
        number(place.geonameid),
        number(place.lat),
        number(place.lon),
        text(&place.city),
        text(&place.province),
        text(&place.country_code),
        text(&place.resolution),
    ];
    for kind in SizeKind::ALL {
        let figures = record.size.get(kind.name()).and_then(Option::as_ref);
        let first: Option<&FigureJson> = figures.and_then(|figures| figures.iter().next());
        cells.push(number(first.and_then(|figure| figure.min)));
        cells.push(number(first.and_then(|figure| figure.max)));
    }
    cells.extend([
        joined(record.attribution.iter().map(|link| link.source.as_deref())),
        record.auxiliary.join("; "),
        text(&record.certainty),
        number(record.confidence),
        text(&record.text),
        text(&cite.title),
        text(&cite.publication),
        text(&cite.published),
        text(&cite.url),
        record.context.join("; "),
        text(&record.coder),
    ]);
    row(cells.into_iter())
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// One place for each entity, empty where it has no such value, so that codes and names stay side by side.
fn joined<'a>(values: impl Iterator<Item = Option<&'a str>>) -> String {
    let values: Vec<&str> = values.map(Option::unwrap_or_default).collect();
    if values.iter().all(|value| value.is_empty()) { String::new() } else { values.join("; ") }
}

fn sectors(entities: &[EntityJson]) -> String {
    let sectors: Vec<String> = entities.iter().map(|entity| entity.sector.join("+")).collect();
    joined(sectors.iter().map(|sector| Some(sector.as_str())))
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|value| cell(&value)).collect();
    cells.join(",") + "\n"
}

fn cell(value: &str) -> String {
    let formula =
        value.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) && value.parse::<f64>().is_err();
    let value = if formula { format!("'{value}") } else { value.to_string() };
    if value.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{json, sample};

    #[test]
    fn every_row_has_as_many_cells_as_the_header() {
        let (doc, records) = sample::raid();
        for record in json::records(&doc, &records) {
            assert_eq!(cells(&line(&record)).len(), cells(&header()).len());
        }
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_left() {
        assert_eq!(cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell("-7.0"), "-7.0");
        assert_eq!(cell("police, army"), "\"police, army\"");
    }

    #[test]
    fn a_quoted_line_break_stays_in_its_cell() {
        assert_eq!(cells(&row(["a\nb".to_string(), "c".to_string()].into_iter())), ["a\nb", "c"]);
    }

    /// A reader for one row, independent of the writer.
    fn cells(row: &str) -> Vec<String> {
        let (mut cells, mut quoted) = (vec![String::new()], false);
        let mut chars = row.trim_end_matches('\n').chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cells.last_mut().unwrap().push(chars.next().unwrap()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        cells
    }
}
