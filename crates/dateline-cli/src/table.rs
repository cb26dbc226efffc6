//! Records for people: each event in a few lines, and the sentence it comes from with the words marked by role.

use crate::term::{Role, Style, char_columns, columns, fitted, shown};
use dateline::export::json::{auxiliary_name, certainty_name};
use dateline::record::{DateBasis, Entity, Figure, When};
use dateline::{Document, Record, Span};

/// Sentences longer than this are shown from the trigger's line on.
const SENTENCE_LINES: usize = 8;

/// So many bytes before and after the trigger are looked at: a "sentence" may be a file of fifty megabytes without a full stop.
const AROUND_BYTES: usize = 2000;

/// Columns of the longest name or title that is shown whole.
const LONG_NAME: usize = 200;

/// One report with its events, ended by a blank line.
pub fn report(doc: &Document, records: &[Record], style: &Style, explain: bool) -> String {
    let mut out = heading(doc, records.len(), style);
    for record in records {
        out.push('\n');
        out.push_str(&Event { doc, record, style }.lines(explain));
    }
    out.push('\n');
    out
}

fn heading(doc: &Document, events: usize, style: &Style) -> String {
    let report = &doc.report;
    let title = report.title.map(|span| span.of(&report.text)).filter(|title| !title.trim().is_empty());
    let mut facts: Vec<String> = report.publication.clone().into_iter().collect();
    let credits = report.via.iter().map(|credit| credit.name.as_str());
    let credits: Vec<&str> = credits.filter(|name| Some(*name) != report.publication.as_deref()).collect();
    if !credits.is_empty() {
        facts.push(format!("via {}", credits.join(", ")));
    }
    facts.extend(report.published.map(|date| date.to_string()));
    facts.push(match events {
        0 => "no events found".to_string(),
        1 => "1 event".to_string(),
        n => format!("{n} events"),
    });
    let mut out = lines(&[(&fitted(title.unwrap_or(&report.id), LONG_NAME), Paint::Bold)], 0, style);
    out += &lines(&[(&facts.join(" · "), Paint::Dim)], 0, style);
    out + &style.dim(&"─".repeat(style.width)) + "\n"
}

/// How a character is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain,
    Dim,
    Bold,
    Role(Role),
    /// A category, by its quad class.
    Quad(u8),
}

/// One event of a report.
struct Event<'a> {
    doc: &'a Document,
    record: &'a Record,
    style: &'a Style,
}

impl Event<'_> {
    fn lines(&self, explain: bool) -> String {
        let record = self.record;
        let modes: Vec<&str> = record.mode.iter().map(|mode| mode.name()).collect();
        let category = [(record.event.name(), Paint::Quad(record.quad_code())), (" ", Paint::Plain)];
        let modes = modes.join(", ");
        let mut out = lines(&[category[0], category[1], (modes.as_str(), Paint::Plain)], 0, self.style);
        out += &self.pieces(self.parties());
        out += &self.pieces(self.circumstances());
        out += &self.pieces(self.standing());
        out += &self.sentence();
        if explain && !record.trace.is_empty() {
            out.push('\n');
            for (field, reason) in &record.trace {
                let field = format!("{field} ← ");
                out += &lines(&[(field.as_str(), Paint::Plain), (reason, Paint::Dim)], 4, self.style);
            }
        }
        out
    }

    fn pieces(&self, pieces: Vec<(String, Paint)>) -> String {
        let pieces: Vec<(&str, Paint)> = pieces.iter().map(|(text, paint)| (text.as_str(), *paint)).collect();
        if pieces.is_empty() { String::new() } else { lines(&pieces, 2, self.style) }
    }

    fn words(&self, span: Span) -> String {
        fitted(span.of(&self.doc.report.text), LONG_NAME)
    }

    /// "Turkish police (TUR COP) → 45 migrants (REF)".
    fn parties(&self) -> Vec<(String, Paint)> {
        let mut out = Vec::new();
        let mut add = |entities: &[Entity], role: Role| {
            for (index, entity) in entities.iter().enumerate() {
                if index > 0 {
                    out.push((", ".to_string(), Paint::Plain));
                }
                out.push((self.words(entity.span), Paint::Role(role)));
                let codes: Vec<&str> =
                    entity.code.as_deref().into_iter().chain(entity.sector.iter().copied()).collect();
                if !codes.is_empty() {
                    out.push((format!(" ({})", codes.join(" ")), Paint::Dim));
                }
            }
            if entities.is_empty() && role == Role::Who {
                out.push(("someone".to_string(), Paint::Dim));
            }
            if role == Role::Who && !self.record.recipient.is_empty() {
                out.push((" → ".to_string(), Paint::Plain));
            }
        };
        if self.record.actor.is_empty() && self.record.recipient.is_empty() {
            return Vec::new();
        }
        add(&self.record.actor, Role::Who);
        add(&self.record.recipient, Role::Whom);
        out
    }

    /// "Istanbul, TUR · 2024-03-05 (Tuesday) · 45 or more arrested".
    fn circumstances(&self) -> Vec<(String, Paint)> {
        let mut parts: Vec<Vec<(String, Paint)>> = Vec::new();
        if let Some(place) = &self.record.event_loc {
            let name = if place.name.is_empty() { self.words(place.span) } else { place.name.clone() };
            let country = place.country_code.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
            parts.push(vec![(name, Paint::Role(Role::Where)), (country, Paint::Plain)]);
        }
        parts.extend(self.when(&self.record.when));
        for (kind, figures) in &self.record.size {
            for figure in figures {
                let mut part = vec![(format!("{} {}", number(figure), kind.name()), Paint::Role(Role::Count))];
                part.extend(figure.by.map(|by| (format!(" says {}", mid_sentence(&self.words(by))), Paint::Dim)));
                parts.push(part);
            }
        }
        parts.join(&(" · ".to_string(), Paint::Plain))
    }

    fn when(&self, when: &When) -> Option<Vec<(String, Paint)>> {
        let open = |date: Option<jiff::civil::Date>| date.map_or("…".to_string(), |date| date.to_string());
        let words = when.span.map(|span| self.words(span));
        let days = match (when.date, when.enddate) {
            (None, None) => words.clone()?,
            (first, last) if first == last => open(first),
            (first, last) => format!("{} to {}", open(first), open(last)),
        };
        let basis = match (when.basis, words) {
            (DateBasis::Published, _) => " (day of publication)".to_string(),
            (_, Some(words)) if words != days => format!(" ({words})"),
            _ => String::new(),
        };
        Some(vec![(days, Paint::Role(Role::When)), (basis, Paint::Dim)])
    }

    /// "said by Reuters, citing a police official · alleged · confidence 0.81".
    fn standing(&self) -> Vec<(String, Paint)> {
        let record = self.record;
        let mut out = vec![];
        for (index, link) in record.attribution.iter().enumerate() {
            out.push(((if index == 0 { "said by " } else { ", citing " }).to_string(), Paint::Plain));
            out.push((mid_sentence(&self.words(link.source)), Paint::Role(Role::Source)));
        }
        if record.attribution.is_empty() {
            out.push(("stated by the report".to_string(), Paint::Plain));
        }
        out.push((format!(" · {}", certainty_name(record.certainty)), Paint::Plain));
        for &auxiliary in &record.auxiliary {
            out.push((format!(", {}", auxiliary_name(auxiliary)), Paint::Plain));
        }
        out.push((format!(" · confidence {:.2}", record.confidence), Paint::Dim));
        out
    }

    /// The sentence of the first mention, its words marked by colour or, without colours, by their roles under them.
    fn sentence(&self) -> String {
        let Some(sentence) = self.doc.sentences.get(self.record.sentence) else { return String::new() };
        let text = &self.doc.report.text;
        let shown_span = self.around(sentence.span);
        let mut roles: Vec<Option<Role>> = vec![None; shown_span.len()];
        for (span, role) in self.marks() {
            let start = span.start.max(shown_span.start).saturating_sub(shown_span.start);
            let end = span.end.min(shown_span.end).saturating_sub(shown_span.start);
            if let Some(roles) = roles.get_mut(start..end) {
                roles.fill(Some(role));
            }
        }
        let chars = shown_span.of(text).char_indices();
        let paint = |byte: usize| roles[byte].map_or(Paint::Plain, Paint::Role);
        let cells: Vec<Cell> = chars.filter_map(|(byte, c)| Some((shown(c)?, paint(byte)))).collect();
        let lines = wrapped(&cells, self.style.width.saturating_sub(4));
        let act = lines.iter().position(|line| line.iter().any(|cell| cell.1 == Paint::Role(Role::Act))).unwrap_or(0);
        let first = if act < SENTENCE_LINES { 0 } else { act };
        let mut out = String::from("\n");
        for (number, line) in lines.iter().enumerate().skip(first).take(SENTENCE_LINES) {
            let cut = number + 1 == first + SENTENCE_LINES && number + 1 < lines.len();
            let (before, after) =
                (if number == first && first > 0 { "…   " } else { "    " }, if cut { "…" } else { "" });
            out += &format!("{before}{}{after}\n", painted(line, self.style));
            if !self.style.color {
                out += &under(line);
            }
        }
        out
    }

    /// The part of `sentence` within reach of the first mention.
    fn around(&self, sentence: Span) -> Span {
        let text = &self.doc.report.text;
        let act = self.record.mentions.first().copied().filter(|act| sentence.contains(*act)).unwrap_or(sentence);
        let (mut start, mut end) = (act.start.saturating_sub(AROUND_BYTES), act.start.saturating_add(AROUND_BYTES));
        (start, end) = (start.max(sentence.start), end.min(sentence.end).min(text.len()));
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Span::new(start.min(end), end)
    }

    /// What to mark; of words with several roles the last mark stays.
    fn marks(&self) -> Vec<(Span, Role)> {
        let record = self.record;
        let mut marks = Vec::new();
        marks.extend(
            record
                .attribution
                .iter()
                .flat_map(|link| [Some(link.source), link.cue])
                .flatten()
                .map(|span| (span, Role::Source)),
        );
        marks.extend(record.recipient.iter().map(|entity| (entity.span, Role::Whom)));
        marks.extend(record.actor.iter().map(|entity| (entity.span, Role::Who)));
        marks.extend(record.event_loc.iter().map(|place| (place.span, Role::Where)));
        marks.extend(record.when.span.map(|span| (span, Role::When)));
        marks.extend(record.size.values().flatten().map(|figure| (figure.count.span, Role::Count)));
        marks.extend(record.mentions.iter().map(|&span| (span, Role::Act)));
        marks
    }
}

/// The words as they stand within a sentence: "A police official" begins small, "Reuters" does not.
fn mid_sentence(words: &str) -> String {
    let article = ["A ", "An ", "The "].into_iter().find(|article| words.starts_with(article));
    article.map_or_else(|| words.to_string(), |article| article.to_lowercase() + &words[article.len()..])
}

/// "45", "45 or more", "up to 45", "24–99".
fn number(figure: &Figure) -> String {
    match (figure.count.min, figure.count.max) {
        (Some(min), Some(max)) if min == max => min.to_string(),
        (Some(min), Some(max)) => format!("{min}–{max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => "many".to_string(),
    }
}

type Cell = (char, Paint);

/// The pieces as lines of `style.width` columns behind `indent` spaces, continued two spaces further in.
fn lines(pieces: &[(&str, Paint)], indent: usize, style: &Style) -> String {
    let cells: Vec<Cell> =
        pieces.iter().flat_map(|(text, paint)| text.chars().filter_map(shown).map(|c| (c, *paint))).collect();
    let mut out = String::new();
    for (number, line) in wrapped(&cells, style.width.saturating_sub(indent + 2)).iter().enumerate() {
        let indent = if number == 0 { indent } else { indent + 2 };
        out += &format!("{}{}\n", " ".repeat(indent), painted(line, style));
    }
    out
}

/// Breaks `cells` at spaces into lines of at most `width` columns; runs of spaces become one.
fn wrapped(cells: &[Cell], width: usize) -> Vec<Vec<Cell>> {
    let mut lines: Vec<Vec<Cell>> = vec![Vec::new()];
    let (mut used, mut space) = (0, None);
    for word in cells.split_inclusive(|cell| cell.0 == ' ') {
        let (word, after) = match word.split_last() {
            Some((last, word)) if last.0 == ' ' => (word, Some(*last)),
            _ => (word, None),
        };
        let word_columns: usize = word.iter().map(|cell| char_columns(cell.0)).sum();
        if word.is_empty() {
            space = space.or(after);
            continue;
        }
        if used > 0 && used + usize::from(space.is_some()) + word_columns > width {
            lines.push(Vec::new());
            used = 0;
        } else if let Some(space) = space.filter(|_| used > 0) {
            lines.last_mut().expect("never empty").push(space);
            used += 1;
        }
        for &cell in word {
            let columns = char_columns(cell.0);
            if used + columns > width && used > 0 {
                lines.push(Vec::new());
                used = 0;
            }
            lines.last_mut().expect("never empty").push(cell);
            used += columns;
        }
        space = after;
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Runs of cells with one paint, as text.
fn runs(line: &[Cell]) -> impl Iterator<Item = (String, Paint)> {
    line.chunk_by(|a, b| a.1 == b.1).map(|run| (run.iter().map(|cell| cell.0).collect(), run[0].1))
}

fn painted(line: &[Cell], style: &Style) -> String {
    let paint = |(text, paint): (String, Paint)| match paint {
        Paint::Plain => text,
        Paint::Dim => style.dim(&text),
        Paint::Bold => style.bold(&text),
        Paint::Role(role) => style.role(role, &text),
        Paint::Quad(quad) => style.quad(quad, &text),
    };
    runs(line).map(paint).collect()
}

/// The line that names the roles of the words above it; empty where there are none.
fn under(line: &[Cell]) -> String {
    let mut out = String::from("    ");
    for (text, paint) in runs(line) {
        match paint {
            Paint::Role(role) => out += &format!("{:-<1$}", fit(role, columns(&text)), columns(&text)),
            _ => out += &" ".repeat(columns(&text)),
        }
    }
    let out = out.trim_end();
    if out.is_empty() { String::new() } else { format!("{out}\n") }
}

/// The label of `role` as far as it fits; a count, often a bare number, has a sign of one column.
fn fit(role: Role, width: usize) -> &'static str {
    let label = role.label();
    if width < label.len() && role == Role::Count { "#" } else { label.get(..width.min(label.len())).unwrap_or("") }
}

/// The last line of a table over several reports.
pub fn summary(reports: usize, events: usize, style: &Style) -> String {
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    style.dim(&fitted(&format!("{}, {}", plural(reports, "report"), plural(events, "event")), style.width)) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use dateline::export::json::{self, RecordJson};
    use dateline::{Report, Sentence};

    /// The document of a text, one sentence a line, and its events, hand-coded with offsets in code points.
    fn coded(text: &str, events: Vec<RecordJson>) -> (Document, Vec<Record>) {
        let mut doc = Document::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            doc.sentences.push(Sentence { span: Span::new(start, start + line.trim_end().len()), tokens: 0..0 });
            start += line.len();
        }
        let title = doc.sentences.first().map(|sentence| sentence.span);
        doc.report = Report { id: "r1".into(), text: text.into(), title, ..Report::default() };
        let mut records: Vec<Record> = events.iter().map(|event| json::parse(text, event).unwrap()).collect();
        for record in &mut records {
            let holds = |sentence: &Sentence| sentence.span.contains(record.mentions[0]);
            record.sentence = doc.sentences.iter().position(holds).unwrap();
            record.trace.push(("date", "times: \"Tuesday\" before the day of publication".to_string()));
        }
        (doc, records)
    }

    /// A mention, or another span, of `text`.
    fn words(text: &str, words: &str) -> serde_json::Value {
        let start = text[..text.find(words).unwrap()].chars().count();
        serde_json::json!({"start": start, "end": start + words.chars().count(), "text": words})
    }

    fn event(value: serde_json::Value) -> Vec<RecordJson> {
        vec![serde_json::from_value(value).unwrap()]
    }

    #[test]
    fn the_story_of_the_demo_reads_well() {
        let gold: serde_json::Value = serde_json::from_str(include_str!("../tests/golden/istanbul.json")).unwrap();
        let events: Vec<RecordJson> = serde_json::from_value(gold["events"].clone()).unwrap();
        let (mut doc, records) = coded(gold["text"].as_str().unwrap(), events);
        doc.report.publication = Some("Marmara Wire".into());
        doc.report.published = "2024-03-06".parse().ok();
        let table = report(&doc, &records, &Style { width: 80, color: false }, true);
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/table.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(golden, &table).unwrap();
        }
        assert_eq!(table, std::fs::read_to_string(golden).unwrap(), "UPDATE_GOLDEN=1 writes what is printed now");
        assert!(table.lines().all(|line| columns(line) <= 80));
    }

    #[test]
    fn marks_stand_under_wide_words() {
        let text = "警察 raided 東京の market";
        let mentions = [words(text, "raided")];
        let place = serde_json::json!({"extracted_place": "東京", "start": 10, "end": 12, "resolution": "city"});
        let (doc, records) =
            coded(text, event(serde_json::json!({"event": "COERCE", "mentions": mentions, "event_loc": place})));
        let table = report(&doc, &records, &Style { width: 80, color: false }, false);
        assert!(table.contains("    警察 raided 東京の market\n         act--- wher\n"), "{table}");
    }

    #[test]
    fn hostile_words_print_nothing_but_words() {
        let text = "Title \x1b[31m\x07\nPolice \x1b[2J\u{202e}raided homes";
        let (doc, records) =
            coded(text, event(serde_json::json!({"event": "COERCE", "mentions": [words(text, "raided")]})));
        let table = report(&doc, &records, &Style { width: 80, color: false }, true);
        assert!(!table.chars().any(|c| c.is_control() && c != '\n') && !table.contains('\u{202e}'), "{table:?}");
        assert!(table.contains("    Police [2Jraided homes\n              act---\n"), "{table}");
    }

    #[test]
    fn colours_take_the_place_of_marks() {
        let text = "Police raided homes";
        let (doc, records) =
            coded(text, event(serde_json::json!({"event": "COERCE", "mentions": [words(text, "raided")]})));
        let table = report(&doc, &records, &Style { width: 80, color: true }, false);
        assert!(table.contains("    Police \x1b[1;31mraided\x1b[0m homes\n"), "{table:?}");
        assert!(!table.contains("act"));
    }

    #[test]
    fn a_sentence_of_fifty_megabytes_takes_no_time_per_event() {
        let text = format!("{}raided {}", "слово ".repeat(2_000_000), "words ".repeat(2_000_000));
        let mut doc = Document { report: Report { text, ..Report::default() }, ..Document::default() };
        let whole = Span::new(0, doc.report.text.len());
        doc.sentences.push(Sentence { span: whole, tokens: 0..0 });
        let (_, mut records) =
            coded("raided", event(serde_json::json!({"event": "COERCE", "mentions": [words("raided", "raided")]})));
        records[0].mentions = vec![Span::new(22_000_000, 22_000_006)];
        let event = Event { doc: &doc, record: &records[0], style: &Style { width: 80, color: false } };
        let started = std::time::Instant::now();
        for _ in 0..100 {
            assert!(event.lines(false).contains("raided"));
        }
        assert!(started.elapsed().as_secs() < 5);
    }

    #[test]
    fn a_sentence_of_a_thousand_words_is_shown_around_its_trigger() {
        let text = format!("{}raided {}", "long ".repeat(500), "words ".repeat(500));
        let mentions = [words(&text, "raided")];
        let (doc, records) = coded(&text, event(serde_json::json!({"event": "COERCE", "mentions": mentions})));
        let table = Event { doc: &doc, record: &records[0], style: &Style { width: 80, color: false } }.lines(false);
        assert!(table.lines().count() < 16 && table.contains("raided") && table.contains("…   "), "{table}");
    }
}
