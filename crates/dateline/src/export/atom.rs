//! Incidents as an Atom feed (RFC 4287), with GeoRSS points. Ids are stable, so that a reader shows an incident again only when it
//! has changed; the feed's own `updated` is the day of the last report, never the clock's, and stands behind the entries.

use super::{Export, Row, sheet};
use crate::CODER;
use std::io::{self, Write};

/// Writes a feed.
#[derive(Debug, Default)]
pub struct Incidents {
    last: Option<String>,
}

impl Export for Incidents {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" \
              xmlns:georss=\"http://www.georss.org/georss\">\n<id>urn:dateline:incidents</id>\n<title>Incidents</title>\n",
        )?;
        writeln!(out, "<author><name>{}</name></author>", xml(CODER))
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let Some(best) = row.best() else { return Ok(()) };
        let incident = row.incident;
        let updated = incident.last.clone().or(incident.date.clone());
        self.last = self.last.take().max(updated.clone());
        writeln!(out, "<entry>\n<id>urn:dateline:incident:{}</id>", xml(&incident.id))?;
        writeln!(out, "<title>{}</title>\n<updated>{}</updated>", xml(&title(row)), stamp(updated.as_deref()))?;
        if let Some(first) = &incident.first {
            writeln!(out, "<published>{}</published>", stamp(Some(first)))?;
        }
        writeln!(out, "<category term=\"{}\"/>", xml(&incident.event))?;
        for mode in &incident.mode {
            writeln!(out, "<category term=\"{}\"/>", xml(&format!("{} {mode}", incident.event)))?;
        }
        let urls = row.records.iter().filter_map(|record| record.cite_info.as_ref()?.url.as_deref());
        let mut seen = std::collections::BTreeSet::new();
        for url in row.url().into_iter().chain(urls).filter(|url| is_web(url)) {
            if seen.insert(url) {
                let rel = if seen.len() == 1 { "alternate" } else { "related" };
                writeln!(out, "<link rel=\"{rel}\" href=\"{}\"/>", xml(url))?;
            }
        }
        writeln!(out, "<summary>{}</summary>", xml(&summary(row)))?;
        let place = best.event_loc.as_ref();
        if let Some((lat, lon)) =
            place.and_then(|place| place.lat.zip(place.lon)).filter(|(lat, lon)| !(lat + lon).is_nan())
        {
            writeln!(out, "<georss:point>{lat} {lon}</georss:point>")?;
        }
        out.write_all(b"</entry>\n")
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<updated>{}</updated>\n</feed>", stamp(self.last.as_deref()))
    }
}

/// Addresses of other kinds ("javascript:") are no links.
fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// "COERCE arrest in İzmir, 2024-03-04".
fn title(row: &Row) -> String {
    let incident = row.incident;
    let act = std::iter::once(incident.event.as_str()).chain(incident.mode.iter().map(String::as_str));
    let place = row.best().and_then(|best| best.event_loc.as_ref()?.resolved_place.clone());
    let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
    let date = incident.date.as_ref().map(|date| format!(", {date}")).unwrap_or_default();
    format!("{}{place}{date}", act.collect::<Vec<_>>().join(" "))
}

/// The sentence of the best record, what is not certain about it, and how many say so.
fn summary(row: &Row) -> String {
    let incident = row.incident;
    let text = row.best().and_then(|best| best.text.as_deref()).unwrap_or_default();
    let auxiliary = row.best().map(|best| best.auxiliary.join(", ")).unwrap_or_default();
    let doubts =
        [incident.certainty.as_str(), &auxiliary].into_iter().filter(|word| !word.is_empty() && *word != "asserted");
    let doubts: Vec<&str> = doubts.collect();
    let doubts = if doubts.is_empty() { String::new() } else { format!(" [{}]", doubts.join("; ")) };
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let (reports, origins) = (row.reports().len(), incident.origins.len());
    format!("{text}{doubts} ({}, {})", count(reports, "report"), count(origins, "independent origin"))
}

/// Midnight, UTC, of a day; of 1970 where there is none.
fn stamp(day: Option<&str>) -> String {
    let day = day.filter(|day| day.parse::<jiff::civil::Date>().is_ok()).unwrap_or("1970-01-01");
    format!("{day}T00:00:00Z")
}

/// The text with what XML gives meaning to escaped, and without what XML 1.0 cannot hold.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in sheet::flat(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {

    use crate::export::sample;

    #[test]
    fn an_entry_says_what_where_when_and_how_many_say_so() {
        let out = sample::written("atom", |_| ());
        assert!(out.contains("<title>COERCE arrest in İzmir, 2024-03-04</title>"), "{out}");
        assert!(out.contains("[alleged] (1 report, 1 independent origin)"), "{out}");
        assert!(out.contains("<georss:point>38.41 27.14</georss:point>"), "{out}");
        assert!(out.ends_with("<updated>2024-03-05T00:00:00Z</updated>\n</feed>\n"), "{out}");
    }

    #[test]
    fn marks_are_escaped_and_odd_addresses_are_no_links() {
        let out = sample::written("atom", |record| {
            record.text = Some("a < b & \u{1}c".into());
            record.cite_info.as_mut().unwrap().url = Some("javascript:alert(1)".into());
        });
        assert!(out.contains("a &lt; b &amp;  c") && !out.contains("javascript"), "{out}");
    }
}
