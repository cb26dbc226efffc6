//! Incidents as HURIDOCS Events Standard Formats: five comma-separated sheets that refer to each other by id.
//!
//! - **events**: an incident.
//! - **acts**: what was done to one victim, a person or a group: one row an incident and recipient.
//! - **involvement**: who did it: one row an act and actor; an act may have none.
//! - **persons**: victims and perpetrators, groups with their number. Names of private persons are masked as everywhere; faith,
//!   ethnic background, sex and age are not filled from texts, and so have no columns.
//! - **information**: who says so: one row an incident and report, and one for every source that the report names.
//!
//! Codes are those of the micro-thesauri: 4 types of acts, 7 counting units, 16 types of source material, 18 degrees of involvement,
//! 19 source's connection to the information, 28 attribution, 48 types of dates. Codes that claim a violation in law ("illegal search")
//! are not set: a report of a raid does not say that it was illegal.

use super::json::{EntityJson, RecordJson};
use super::sheet::{self, number};
use super::{Export, Row};
use std::io::{self, Write};

/// Which sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// Something with a beginning and an end.
    Events,
    /// What was done to whom.
    Acts,
    /// Who did it.
    Involvement,
    /// Victims and perpetrators.
    Persons,
    /// Who says so.
    Information,
}

impl Sheet {
    /// Its columns, in order.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Sheet::Events => EVENTS,
            Sheet::Acts => ACTS,
            Sheet::Involvement => INVOLVEMENT,
            Sheet::Persons => PERSONS,
            Sheet::Information => INFORMATION,
        }
    }
}

const EVENTS: &[&str] = &[
    "event_record_number",
    "event_title",
    "confidentiality",
    "initial_date",
    "initial_date_type",
    "final_date",
    "final_date_type",
    "event_description",
    "remarks",
    "geographical_term",
    "local_geographical_area",
    "latitude",
    "longitude",
    "supporting_documents",
    "monitoring_status",
];

const ACTS: &[&str] = &[
    "act_record_number",
    "event",
    "victim",
    "type_of_act",
    "type_of_act_term",
    "initial_date",
    "initial_date_type",
    "final_date",
    "final_date_type",
    "exact_location",
    "method_of_violence",
    "attribution",
    "remarks",
];

const INVOLVEMENT: &[&str] = &["involvement_record_number", "act", "perpetrator", "degree_of_involvement", "remarks"];

const PERSONS: &[&str] = &[
    "person_record_number",
    "counting_unit",
    "person_name",
    "group_description",
    "number_of_persons_in_group",
    "remarks",
];

const INFORMATION: &[&str] = &[
    "information_record_number",
    "event",
    "source",
    "source_connection_to_information",
    "language",
    "date_of_source_material",
    "type_of_source_material",
    "supporting_documents",
    "remarks",
];

/// Writes one of the sheets.
pub struct Writer(pub Sheet);

impl Export for Writer {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(sheet::comma(self.0.columns().iter().map(|name| name.to_string())).as_bytes())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let Some(best) = row.best().filter(|_| row.happened()) else { return Ok(()) };
        let rows = match self.0 {
            Sheet::Events => vec![event(row, best)],
            Sheet::Acts => acts(row, best),
            Sheet::Involvement => involvement(row, best),
            Sheet::Persons => persons(row, best),
            Sheet::Information => information(row),
        };
        rows.into_iter().try_for_each(|cells| out.write_all(sheet::comma(cells.into_iter()).as_bytes()))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// First and last day, each with its type (list 48): blank where the day is exact, "Unknown day" where the span is a month and
/// more, "Estimate" where it is shorter.
fn days(row: &Row) -> [String; 4] {
    let (first, last) = (row.incident.date.clone(), row.incident.enddate.clone());
    let parse = |day: &Option<String>| day.as_deref().and_then(|day| day.parse::<jiff::civil::Date>().ok());
    let length = parse(&first).zip(parse(&last)).and_then(|(first, last)| first.until(last).ok());
    let kind = match length.map_or(0, |length| length.get_days()) {
        0 => "",
        1..=26 => "010000000000",
        27..=92 => "020000000000",
        _ => "030000000000",
    };
    [first.unwrap_or_default(), kind.to_string(), last.unwrap_or_default(), kind.to_string()]
}

fn event(row: &Row, best: &RecordJson) -> Vec<String> {
    let place = best.event_loc.clone().unwrap_or_default();
    let cite = best.cite_info.clone().unwrap_or_default();
    let [first, first_kind, last, last_kind] = days(row);
    let documents: Vec<&str> = row.reports();
    vec![
        row.incident.id.clone(),
        cite.title.unwrap_or_else(|| row.incident.event.clone()),
        String::new(),
        first,
        first_kind,
        last,
        last_kind,
        best.text.clone().unwrap_or_default(),
        remarks(row),
        place
            .country_code
            .as_deref()
            .and_then(crate::codes::country)
            .map(|country| country.name)
            .unwrap_or_default()
            .into(),
        place.resolved_place.unwrap_or_default(),
        number(place.lat),
        number(place.lon),
        documents.join("; "),
        String::new(),
    ]
}

/// What the sheets have no column for: category, modes, certainty, rival figures.
fn remarks(row: &Row) -> String {
    let incident = row.incident;
    let mut remarks = format!("{} {}; {}", incident.event, incident.mode.join(" "), incident.certainty);
    for (kind, claims) in &incident.figures {
        for claim in claims {
            let by = claim.by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
            remarks.push_str(&format!("; {kind}: {}{by}", claim.text));
        }
    }
    remarks
}

/// The parties of the best record as persons: role, place in the list, party.
fn parties(best: &RecordJson) -> impl Iterator<Item = (&'static str, usize, &EntityJson)> {
    let actors = best.actor.iter().enumerate().map(|(at, party)| ("a", at, party));
    actors.chain(best.recipient.iter().enumerate().map(|(at, party)| ("r", at, party)))
}

fn person_id(row: &Row, role: &str, at: usize) -> String {
    format!("{}-{role}{}", row.incident.id, at + 1)
}

fn act_id(row: &Row, at: usize) -> String {
    format!("{}-act{}", row.incident.id, at + 1)
}

/// One act for each victim, and one without where none is named.
fn acts(row: &Row, best: &RecordJson) -> Vec<Vec<String>> {
    let Some((code, term)) = type_of_act(row) else { return Vec::new() };
    let place = best.event_loc.as_ref().and_then(|place| place.resolved_place.clone()).unwrap_or_default();
    let method = row.incident.mode.iter().find_map(|mode| method(mode)).unwrap_or_default();
    // List 28: officials deny the act. Which side denies is in the report, so that only the plain term is set.
    let attribution = if row.incident.certainty == "disputed" { "010200000000" } else { "" };
    let state =
        best.actor.iter().any(|party| party.sector.iter().any(|s| matches!(s.as_str(), "GOV" | "COP" | "MIL" | "SPY")));
    (0..best.recipient.len().max(1))
        .map(|at| {
            let victim = if best.recipient.is_empty() { String::new() } else { person_id(row, "r", at) };
            let mut cells = vec![act_id(row, at), row.incident.id.clone(), victim, code.to_string(), term.to_string()];
            cells.extend(days(row));
            let attribution = if state { attribution } else { "" };
            cells.extend([place.clone(), method.to_string(), attribution.to_string(), row.incident.certainty.clone()]);
            cells
        })
        .collect()
}

fn involvement(row: &Row, best: &RecordJson) -> Vec<Vec<String>> {
    if type_of_act(row).is_none() {
        return Vec::new();
    }
    // List 18: directly carried out the act; suspected of involvement where the report only alleges it.
    let degree = if row.incident.certainty == "asserted" { "010100000000" } else { "010600000000" };
    let mut rows = Vec::new();
    for act in 0..best.recipient.len().max(1) {
        for actor in 0..best.actor.len() {
            rows.push(vec![
                format!("{}-{}", act_id(row, act), actor + 1),
                act_id(row, act),
                person_id(row, "a", actor),
                degree.to_string(),
                row.incident.certainty.clone(),
            ]);
        }
    }
    rows
}

fn persons(row: &Row, best: &RecordJson) -> Vec<Vec<String>> {
    if type_of_act(row).is_none() {
        return Vec::new();
    }
    parties(best)
        .map(|(role, at, party)| {
            let count = party.count.as_ref().and_then(|count| count.min.or(count.max));
            let text = party.entity_text.clone().unwrap_or_default();
            // A public person or body by its name, everybody else by description; list 7: individual, or group.
            let name = party.identifier_text.clone().unwrap_or_default();
            let unit = unit(&text, count);
            let sectors = party.sector.join(" ");
            vec![person_id(row, role, at), unit.to_string(), name, text, number(count), sectors]
        })
        .collect()
}

/// The counting unit (list 7) of a party: an individual ("a teacher"), a group or body, or neither where a name may be either.
fn unit(phrase: &str, count: Option<u64>) -> &'static str {
    let article = ["a ", "an ", "A ", "An "].iter().any(|article| phrase.starts_with(article));
    let group = ["group", "crowd", "number", "dozen", "team", "couple"].iter().any(|word| phrase.contains(word));
    let name = phrase.split_whitespace().next_back().is_some_and(|word| word.starts_with(char::is_uppercase));
    match count {
        Some(1) => "010000000000",
        Some(_) => "030000000000",
        None if article && !group => "010000000000",
        None if name => "",
        None => "030000000000",
    }
}

/// The report itself (list 19: reporter), and the sources it names (third party).
fn information(row: &Row) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (at, record) in row.records.iter().enumerate() {
        let cite = record.cite_info.clone().unwrap_or_default();
        let outlet = cite.publication.clone().unwrap_or_default();
        let sources =
            record.attribution.iter().filter_map(|link| link.source.clone()).map(|source| (source, "030000000000"));
        for (nth, (source, connection)) in std::iter::once((outlet, "030100000000")).chain(sources).enumerate() {
            rows.push(vec![
                format!("{}-i{}.{}", row.incident.id, at + 1, nth),
                row.incident.id.clone(),
                source,
                connection.to_string(),
                cite.language.clone().unwrap_or_default(),
                cite.published.clone().unwrap_or_default(),
                "140523191601".to_string(),
                cite.url.clone().or(record.report.clone()).unwrap_or_default(),
                cite.title.clone().unwrap_or_default(),
            ]);
        }
    }
    rows
}

/// The type of act (list 4) of the incident's first mode that has one; a code of its own where the list has none that claims no
/// violation; `None` for acts that are nobody's suffering (meetings, statements).
fn type_of_act(row: &Row) -> Option<(&'static str, &'static str)> {
    let dead = row.incident.figures.get("dead").is_some_and(|claims| claims.iter().any(|claim| claim.min != Some(0)));
    if row.incident.event == "ASSAULT" && dead {
        return Some(("010100000000", "Direct actions which violate the right to life"));
    }
    let known = row.incident.mode.iter().find_map(|mode| {
        Some(match (row.incident.event.as_str(), mode.as_str()) {
            ("COERCE", "arrest") => ("030101000000", "Arrest"),
            ("COERCE", "deport") => ("330101000000", "Expulsion; deportation"),
            ("COERCE", "curfew") => ("030108000000", "Curfew"),
            ("COERCE", "censor") => ("100101000000", "Censorship"),
            ("COERCE", "seize") => ("", "Search or seizure"),
            ("ASSAULT", "abduct") => ("030104000000", "Abduction; kidnapping"),
            ("ASSAULT", "sexual") => ("020102000000", "Sexual violations"),
            ("ASSAULT", "destroy") => ("130103000000", "Destruction"),
            ("ASSAULT", "targeted") => ("010101000000", "Deliberate killings of specific individuals"),
            ("ASSAULT", "beat" | "crowd-control" | "primitive") => {
                ("020101000000", "Physical assaults, including domestic violence")
            }
            _ => return None,
        })
    });
    let general = match row.incident.event.as_str() {
        "ASSAULT" => Some(("020100000000", "Direct violations against personal integrity")),
        "COERCE" => Some(("", "Coercion")),
        "SANCTION" => Some(("", "Sanction")),
        _ => None,
    };
    known.or(general)
}

/// Methods of violence (list 5).
fn method(mode: &str) -> Option<&'static str> {
    Some(match mode {
        "beat" => "030100000000",
        "crowd-control" => "040100000000",
        "firearms" => "040200000000",
        "explosives" | "suicide-attack" | "aerial" | "drone" | "heavy-weapons" => "040300000000",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{formats, sample};

    fn rows(name: &str, change: impl Fn(&mut RecordJson)) -> Vec<Vec<String>> {
        let out = sample::written(name, change);
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(out.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
    }

    #[test]
    fn sheets_refer_to_each_other() {
        let (events, acts) = (rows("huridocs:events", |_| ()), rows("huridocs:acts", |_| ()));
        let (involved, persons) = (rows("huridocs:involvement", |_| ()), rows("huridocs:persons", |_| ()));
        assert_eq!((events.len(), acts.len(), involved.len(), persons.len()), (2, 2, 2, 3));
        assert_eq!(acts[1][1], events[1][0]);
        assert_eq!(involved[1][1], acts[1][0]);
        assert_eq!([&involved[1][2], &acts[1][2]], [&persons[1][0], &persons[2][0]]);
        assert_eq!(persons[2][4], "12");
        assert_eq!(formats("huridocs").len(), 5);
    }

    #[test]
    fn a_raid_is_not_called_illegal() {
        let acts = rows("huridocs:acts", |record| record.mode = vec!["seize".into()]);
        assert_eq!((acts[1][3].as_str(), acts[1][4].as_str()), ("", "Search or seizure"));
        let acts = rows("huridocs:acts", |record| record.mode = vec!["deport".into()]);
        assert_eq!(acts[1][3], "330101000000");
    }

    #[test]
    fn an_unknown_perpetrator_is_no_row() {
        assert_eq!(rows("huridocs:involvement", |record| record.actor.clear()).len(), 1);
        assert_eq!(rows("huridocs:acts", |record| record.actor.clear()).len(), 2);
    }

    #[test]
    fn one_person_is_an_individual() {
        assert_eq!([unit("a teacher", None), unit("police", Some(1))], ["010000000000"; 2]);
        assert_eq!(
            [unit("Turkish police", None), unit("a group of men", None), unit("men", Some(4))],
            ["030000000000"; 3]
        );
        assert_eq!(unit("Foreign Minister Tessara Vold", None), "");
    }

    #[test]
    fn no_sheet_has_a_column_for_faith_or_origin() {
        for sheet in [Sheet::Events, Sheet::Acts, Sheet::Involvement, Sheet::Persons, Sheet::Information] {
            assert!(sheet.columns().iter().all(|name| !["religion", "ethnic_background", "sex", "age"].contains(name)));
        }
    }
}
