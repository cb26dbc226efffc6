//! What people see of an archive: records, incidents and reports as text.

use crate::term::{Role, Style, clean};
use dateline::Incident;
use dateline::archive::{Stats, StoredReport};
use dateline::export::json::{EntityJson, RecordJson};
use dateline::incident::Claimed;
use serde::Serialize;
use std::fmt::Write;

/// `value` as one line of JSON.
pub fn json_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

/// Says on stderr how many there are.
pub fn count(found: usize, what: &str, limit: usize) {
    let more = if limit > 0 && found == limit { ", the limit" } else { "" };
    eprintln!("{found} {what}{}{more}", if found == 1 { "" } else { "s" });
}

/// A record in two lines.
pub fn record(record: &RecordJson, incident: &str, style: &Style) -> String {
    let mut out = format!(
        "{}  {}  {}\n",
        days(&record.date, &record.enddate),
        act(record.event.as_deref().unwrap_or(""), &record.mode, record.quad_code, style),
        joined(&[place(record), status(record), figures(record)])
    );
    let _ = writeln!(out, "    {}", who(record, style));
    let report = clean(record.report.as_deref().unwrap_or(""));
    let id = record.id.as_deref().unwrap_or("");
    let _ = writeln!(out, "    {}", style.dim(&format!("record {id}, report {report}, incident {incident}")));
    out
}

/// An incident in three lines at most.
pub fn incident(incident: &Incident, records: &[RecordJson], style: &Style) -> String {
    let best = best(incident, records);
    let mut out = format!(
        "{}  {}  {}\n",
        days(&incident.date, &incident.enddate),
        act(&incident.event, &incident.mode, best.and_then(|record| record.quad_code), style),
        joined(&[best.map(place).unwrap_or_default(), best.map(status).unwrap_or_default(), told(incident)])
    );
    if let Some(best) = best {
        let _ = writeln!(out, "    {}", who(best, style));
    }
    let kinds: Vec<String> = incident.figures.iter().map(|(kind, claimed)| figure_line(kind, claimed)).collect();
    if !kinds.is_empty() {
        let _ = writeln!(out, "    {}", style.role(Role::Count, &clean(&kinds.join("; "))));
    }
    let _ = writeln!(out, "    {}", style.dim(&incident.id));
    out
}

/// An incident with its origins, figures and the words of each report.
pub fn whole_incident(incident: &Incident, records: &[RecordJson], style: &Style) -> String {
    let mut out = self::incident(incident, records, style);
    if !incident.figures.is_empty() {
        out += "\nHow many, and who says so\n";
    }
    for (kind, claimed) in &incident.figures {
        for claimed in claimed {
            let by = claimed.by.as_deref().unwrap_or("the report");
            let day = claimed.first.as_deref().map(|day| format!(", first on {day}")).unwrap_or_default();
            let line = format!(
                "  {kind:13} {:9} {:?} says {by}{day} ({})",
                bounds(claimed),
                claimed.text,
                list(&claimed.reports)
            );
            let _ = writeln!(out, "{}", clean(&line));
        }
    }
    let _ = writeln!(out, "\nWho tells it: {}", told(incident));
    for origin in &incident.origins {
        for (at, report) in origin.iter().enumerate() {
            let cite = records
                .iter()
                .find(|r| r.report.as_ref() == Some(report))
                .and_then(|r| r.cite_info.clone())
                .unwrap_or_default();
            let mark = if at == 0 { "  " } else { "    copy: " };
            let line =
                [cite.published, cite.publication, cite.title].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "{mark}{}  {}", clean(&line), style.dim(&clean(report)));
        }
    }
    out += "\nIn their words\n";
    for record in records {
        let sources: Vec<&str> = record.attribution.iter().filter_map(|link| link.source.as_deref()).collect();
        let says = if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(" ← ")) };
        let line = format!("{}{says}", record.text.as_deref().unwrap_or("").trim());
        let _ = writeln!(
            out,
            "  {}\n    {}",
            clean(&line),
            style.dim(&clean(&format!(
                "record {}, report {}",
                record.id.as_deref().unwrap_or(""),
                record.report.as_deref().unwrap_or("")
            )))
        );
    }
    out
}

/// A record with every value.
pub fn whole_record(record: &RecordJson, incident: &str, style: &Style) -> String {
    let mut out = self::record(record, incident, style);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {name:12} {}", clean(&value));
        }
    };
    line("who", parties(&record.actor));
    line("whom", parties(&record.recipient));
    let by = record.date_text.as_ref().and_then(|words| words.text.clone()).map(|words| format!("{words:?}"));
    line("when", joined(&[days(&record.date, &record.enddate), by.or(record.date_basis.clone()).unwrap_or_default()]));
    line("where", place(record));
    line("how many", figures(record));
    let sources = record.attribution.iter().map(|link| {
        let cue = link.cue.as_deref().map(|cue| format!(" ({cue})")).unwrap_or_default();
        format!("{}{cue}", link.source.as_deref().unwrap_or(""))
    });
    line("who says so", sources.collect::<Vec<_>>().join(" ← "));
    line("status", joined(&[record.certainty.clone().unwrap_or_default(), record.auxiliary.join(", ")]));
    line("confidence", record.confidence.map(|chance| format!("{chance:.2}")).unwrap_or_default());
    line("words", record.text.clone().unwrap_or_default());
    out
}

/// A report and what is known of it.
pub fn report(report: &StoredReport, style: &Style) -> String {
    let facts = [&report.published, &report.publication, &report.author, &report.url].into_iter().flatten().cloned();
    let mut out = format!("{}\n", style.dim(&clean(&joined(&facts.collect::<Vec<_>>()))));
    for (at, line) in report.text.lines().enumerate() {
        let line = clean(line);
        let _ = writeln!(out, "{}\n", if at == 0 && report.title.is_some() { style.bold(&line) } else { line });
    }
    let about =
        format!("{}, {}, {}, read from {} as {}", report.id, report.outcome, report.coder, report.name, report.format);
    let _ = writeln!(out, "{}", style.dim(&clean(&about)));
    if report.copies.len() > 1 {
        let _ = writeln!(out, "One story: {}", clean(&list(&report.copies)));
    }
    if !report.records.is_empty() {
        let _ = writeln!(out, "Records: {}", list(&report.records));
    }
    out
}

/// How much an archive holds.
pub fn stats(stats: &Stats) -> String {
    let sum = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
    let each = |counts: &std::collections::BTreeMap<String, u64>| {
        let mut counts: Vec<_> = counts.iter().collect();
        counts.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), (*name).clone()));
        counts.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", ")
    };
    let mut out = format!("{} reports: {}\n", sum(&stats.reports), each(&stats.reports));
    if let Some((first, last)) = &stats.published {
        let _ = writeln!(out, "published {first} to {last}");
    }
    let _ = writeln!(out, "{} records: {}", sum(&stats.records), each(&stats.records));
    let _ = writeln!(out, "{} incidents: {}", sum(&stats.incidents), each(&stats.incidents));
    let [one, two, more] = stats.origins;
    let _ = writeln!(out, "told by one origin {one}, by two {two}, by three or more {more}");
    if !stats.outlets.is_empty() {
        let outlets: Vec<String> = stats.outlets.iter().map(|(name, n)| format!("{} {n}", clean(name))).collect();
        let _ = writeln!(out, "outlets: {}", outlets.join(", "));
    }
    let _ = writeln!(out, "{:.1} MB", stats.bytes as f64 / 1e6);
    out
}

fn best<'a>(incident: &Incident, records: &'a [RecordJson]) -> Option<&'a RecordJson> {
    records.iter().find(|record| record.id.as_deref() == Some(incident.best.as_str())).or(records.first())
}

/// "2 reports, 1 origin".
fn told(incident: &Incident) -> String {
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let reports = incident.origins.iter().map(Vec::len).sum();
    format!("{}, {}", plural(reports, "report"), plural(incident.origins.len(), "origin"))
}

fn act(event: &str, mode: &[String], quad: Option<u8>, style: &Style) -> String {
    let mode = if mode.is_empty() { String::new() } else { format!(" {}", mode.join(", ")) };
    style.quad(quad.unwrap_or(0), event) + &mode
}

/// "2017-03-14" or "2017-03-01 to 2017-03-31", padded to the width of a day.
fn days(first: &Option<String>, last: &Option<String>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(day), _) | (None, Some(day)) => day.clone(),
        (None, None) => "no date   ".to_string(),
    }
}

fn place(record: &RecordJson) -> String {
    let Some(place) = &record.event_loc else { return String::new() };
    let name = place.resolved_place.as_deref().or(place.extracted_place.as_deref()).unwrap_or("");
    clean(&joined(&[name.to_string(), place.country_code.clone().unwrap_or_default()]))
}

/// What keeps a record from being a plain fact.
fn status(record: &RecordJson) -> String {
    let certainty = record.certainty.as_deref().filter(|name| *name != "asserted");
    let words: Vec<&str> = record.auxiliary.iter().map(String::as_str).chain(certainty).collect();
    words.join(", ")
}

fn figures(record: &RecordJson) -> String {
    let kinds = record.size.iter().flat_map(|(kind, figures)| {
        figures
            .iter()
            .flat_map(|figures| figures.iter())
            .map(move |figure| format!("{kind} {}", figure.text.as_deref().unwrap_or("")))
    });
    clean(&kinds.collect::<Vec<_>>().join(", "))
}

fn who(record: &RecordJson, style: &Style) -> String {
    let names = |parties: &[EntityJson]| {
        let names: Vec<&str> = parties.iter().filter_map(|party| party.entity_text.as_deref()).collect();
        clean(&names.join("; "))
    };
    let (actor, recipient) = (names(&record.actor), names(&record.recipient));
    let actor = if actor.is_empty() { style.dim("somebody") } else { style.role(Role::Who, &actor) };
    if recipient.is_empty() { actor } else { format!("{actor} → {}", style.role(Role::Whom, &recipient)) }
}

fn parties(parties: &[EntityJson]) -> String {
    let one = |party: &EntityJson| {
        let codes: Vec<&str> = party.code.iter().chain(&party.sector).map(String::as_str).collect();
        let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(" ")) };
        format!("{}{codes}", party.entity_text.as_deref().unwrap_or(""))
    };
    parties.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// "arrested 41 (police) | 55–60 (the centre)": rivals side by side.
fn figure_line(kind: &str, claimed: &[Claimed]) -> String {
    let mut seen = Vec::new();
    for claimed in claimed {
        let by = claimed.by.as_deref().map(|by| format!(" ({by})")).unwrap_or_default();
        let one = bounds(claimed);
        if !seen.iter().any(|(known, _)| *known == one) {
            seen.push((one, by));
        }
    }
    let rivals = seen.len() > 1;
    let each = seen.into_iter().map(|(figure, by)| if rivals { figure + &by } else { figure });
    format!("{kind} {}", each.collect::<Vec<_>>().join(" | "))
}

fn bounds(claimed: &Claimed) -> String {
    match (claimed.min, claimed.max) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least}–{most}"),
        (Some(least), None) => format!("≥ {least}"),
        (None, Some(most)) => format!("≤ {most}"),
        (None, None) => format!("{:?}", claimed.text),
    }
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn list(ids: &[String]) -> String {
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rival_figures_stand_side_by_side_and_equal_ones_once() {
        let claimed = |min, max, by: &str| Claimed { min, max, by: Some(by.to_string()), ..Claimed::default() };
        let rivals = [
            claimed(Some(41), Some(41), "police"),
            claimed(Some(55), Some(60), "a centre"),
            claimed(Some(41), Some(41), "AFP"),
        ];
        assert_eq!(figure_line("arrested", &rivals), "arrested 41 (police) | 55–60 (a centre)");
        assert_eq!(figure_line("dead", &[claimed(Some(12), None, "police")]), "dead ≥ 12");
    }

    #[test]
    fn control_characters_of_a_report_do_not_reach_the_terminal() {
        let record: RecordJson = serde_json::from_value(serde_json::json!({
            "event": "COERCE", "actor": [{"entity_text": "\u{1b}[31mpolice\u{202e}"}], "report": "a\u{7}b"
        }))
        .unwrap();
        let shown = super::record(&record, "i1", &Style { width: 80, color: false });
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
    }
}
