//! Records and incidents as CSV (RFC 4180), one row each, safe to open in a spreadsheet.

use super::json::{EntityJson, FigureJson, RecordJson};
use super::sheet::{self, joined, number};
use super::{Export, Row};
use crate::incident::Claimed;
use crate::record::SizeKind;
use std::io::{self, Write};

/// The header row, ended by a newline.
pub fn header() -> String {
    let sizes = SizeKind::ALL.iter().flat_map(|kind| [format!("{}_min", kind.name()), format!("{}_max", kind.name())]);
    let names = BEFORE_SIZE.iter().map(|name| name.to_string()).chain(sizes);
    sheet::comma(names.chain(AFTER_SIZE.iter().map(|name| name.to_string())))
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
    sheet::comma(cells.into_iter())
}

/// Sectors of parties, those of one joined by "+".
pub(super) fn sectors(entities: &[EntityJson]) -> String {
    let sectors: Vec<String> = entities.iter().map(|entity| entity.sector.join("+")).collect();
    joined(sectors.iter().map(|sector| Some(sector.as_str())))
}

/// Writes records, one row each.
pub struct Records;

impl Export for Records {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(header().as_bytes())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        row.records.iter().try_for_each(|record| out.write_all(line(record).as_bytes()))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Writes incidents, one row each. Parties, place and sentence are those of the record that stands for the incident; figures
/// are the span of what is claimed, and in `figures` each claim with who makes it.
pub struct Incidents;

const INCIDENT: &[&str] = &[
    "incident",
    "event",
    "mode",
    "certainty",
    "date",
    "enddate",
    "actor",
    "actor_code",
    "actor_sector",
    "recipient",
    "recipient_code",
    "recipient_sector",
    "place",
    "geonameid",
    "lat",
    "lon",
    "city",
    "province",
    "country_code",
    "resolution",
];

const INCIDENT_END: &[&str] = &[
    "figures",
    "reports",
    "origins",
    "first",
    "last",
    "auxiliary",
    "record",
    "text",
    "title",
    "publication",
    "published",
    "url",
];

impl Export for Incidents {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let sizes =
            SizeKind::ALL.iter().flat_map(|kind| [format!("{}_min", kind.name()), format!("{}_max", kind.name())]);
        let names = INCIDENT.iter().map(|name| name.to_string()).chain(sizes);
        let names = names.chain(INCIDENT_END.iter().map(|name| name.to_string()));
        out.write_all(sheet::comma(names).as_bytes())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let Some(best) = row.best() else { return Ok(()) };
        out.write_all(sheet::comma(incident_cells(row, best).into_iter()).as_bytes())
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn incident_cells(row: &Row, best: &RecordJson) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (incident, place) = (row.incident, best.event_loc.clone().unwrap_or_default());
    let cite = best.cite_info.clone().unwrap_or_default();
    let names = |entities: &[EntityJson]| joined(entities.iter().map(|entity| entity.entity_text.as_deref()));
    let codes = |entities: &[EntityJson]| joined(entities.iter().map(|entity| entity.code.as_deref()));
    let mut cells = vec![
        incident.id.clone(),
        incident.event.clone(),
        incident.mode.join("; "),
        incident.certainty.clone(),
        text(&incident.date),
        text(&incident.enddate),
        names(&best.actor),
        codes(&best.actor),
        sectors(&best.actor),
        names(&best.recipient),
        codes(&best.recipient),
        sectors(&best.recipient),
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
        let (min, max) = reach(incident.figures.get(kind.name()).map_or(&[], Vec::as_slice));
        cells.extend([number(min), number(max)]);
    }
    cells.extend([
        claims(row),
        row.reports().len().to_string(),
        incident.origins.len().to_string(),
        text(&incident.first),
        text(&incident.last),
        best.auxiliary.join("; "),
        incident.best.clone(),
        text(&best.text),
        text(&cite.title),
        text(&cite.publication),
        text(&cite.published),
        text(&cite.url),
    ]);
    cells
}

/// The lowest and the highest number claimed; `None` where a claim leaves that end open and none closes it.
pub(super) fn reach(claimed: &[Claimed]) -> (Option<u64>, Option<u64>) {
    let min = claimed.iter().filter_map(|claim| claim.min.or(claim.max)).min();
    let max = claimed.iter().filter_map(|claim| claim.max.or(claim.min)).max();
    let open = claimed.iter().all(|claim| claim.max.is_none());
    (min.filter(|_| claimed.iter().any(|claim| claim.min.is_some())), max.filter(|_| !open))
}

/// "dead: at least 12 (police), 15 (a doctor); injured: dozens (police)".
fn claims(row: &Row) -> String {
    let one = |claim: &Claimed| match &claim.by {
        Some(by) => format!("{} ({by})", claim.text),
        None => claim.text.clone(),
    };
    let kinds = row.incident.figures.iter().map(|(kind, claimed)| {
        let claims: Vec<String> = claimed.iter().map(one).collect();
        format!("{kind}: {}", claims.join(", "))
    });
    kinds.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{json, sample};
    use crate::incident::Story;

    #[test]
    fn every_row_has_as_many_cells_as_the_header() {
        let (doc, records) = sample::raid();
        for record in json::records(&doc, &records) {
            assert_eq!(cells(&line(&record)).len(), cells(&header()).len());
        }
    }

    #[test]
    fn rival_figures_of_an_incident_stand_in_one_row_with_who_gives_them() {
        let (doc, records) = sample::raid();
        let records = json::records(&doc, &records);
        let incident = crate::Incident::new(vec![Story { report: "raid", origin: 1, record: &records[0] }]);
        let mut out = Vec::new();
        Incidents.begin(&mut out).unwrap();
        Incidents.row(&Row { incident: &incident, records: &[&records[0]] }, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let rows: Vec<Vec<String>> = out.lines().map(cells).collect();
        let cell = |name: &str| rows[1][rows[0].iter().position(|column| column == name).unwrap()].as_str();
        assert_eq!(rows[0].len(), rows[1].len());
        assert_eq!((cell("arrested_min"), cell("arrested_max"), cell("dead_min")), ("12", "12", ""));
        assert_eq!(cell("figures"), "arrested: about 12 (Anatolian Post)");
        assert_eq!((cell("reports"), cell("origins"), cell("certainty")), ("1", "1", "alleged"));
    }

    #[test]
    fn the_span_of_claims_keeps_open_ends() {
        let claim = |min, max| Claimed { min, max, ..Claimed::default() };
        assert_eq!(reach(&[claim(Some(12), None), claim(Some(15), Some(15))]), (Some(12), Some(15)));
        assert_eq!(reach(&[claim(Some(12), None)]), (Some(12), None));
        assert_eq!(reach(&[]), (None, None));
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
