//! Records as JSON (CODEBOOK.md, "Fields"; DESIGN.md, "Machine contract"): written for programs, and read back for scoring.

use crate::document::{Document, Place, Resolution};
use crate::ontology::{EventType, Mode, SECTORS};
use crate::record::{
    Attribution, Auxiliary, Certainty, Count, DateBasis, Entity, Figure, Record, SizeKind, SpeechKind, When,
};
use crate::span::CodePoints;
use crate::{CODER, Error, Result, Span};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// A record as JSON. Hand-coded (gold) events have the same form with fewer fields, so that every field may be missing or null
/// when read; what is written carries them all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the fields are those of CODEBOOK.md
pub struct RecordJson {
    pub report: Option<String>,
    pub id: Option<String>,
    pub event: Option<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub mode: Vec<String>,
    pub quad_code: Option<u8>,
    pub cameo: Option<String>,
    pub event_scale: Option<f64>,
    #[serde(deserialize_with = "null_as_default")]
    pub context: Vec<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub mentions: Vec<WordsJson>,
    #[serde(deserialize_with = "null_as_default")]
    pub actor: Vec<EntityJson>,
    #[serde(deserialize_with = "null_as_default")]
    pub recipient: Vec<EntityJson>,
    pub date: Option<String>,
    pub enddate: Option<String>,
    pub date_basis: Option<String>,
    pub date_text: Option<WordsJson>,
    pub timex: Option<String>,
    pub event_loc: Option<PlaceJson>,
    #[serde(deserialize_with = "null_as_default")]
    pub size: BTreeMap<String, Option<Figures>>,
    #[serde(deserialize_with = "null_as_default")]
    pub attribution: Vec<AttributionJson>,
    #[serde(deserialize_with = "null_as_default")]
    pub auxiliary: Vec<String>,
    pub certainty: Option<String>,
    pub text: Option<String>,
    pub text_info: Option<TextInfo>,
    pub cite_info: Option<CiteInfo>,
    pub confidence: Option<f64>,
    pub coder: Option<String>,
    /// Private persons whose names, or parts of them, stand in this record: what exports mask ([`super::mask`]). Missing where
    /// nobody looked (gold, imports). Never part of an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons: Option<Vec<String>>,
    /// Gold only: doubtful in the gold, so that neither finding nor missing it counts.
    #[serde(skip_serializing)]
    pub optional: bool,
}

/// Words of the report with their place in it, in code points.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct WordsJson {
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub text: Option<String>,
}

/// A party.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct EntityJson {
    pub entity_text: Option<String>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub code: Option<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub sector: Vec<String>,
    pub identifier_id: Option<String>,
    pub identifier_text: Option<String>,
    pub count: Option<FigureJson>,
}

/// A number of people: at least `min`, at most `max`, the words, and who gives it where figures differ.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct FigureJson {
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub text: Option<String>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_end: Option<usize>,
}

/// One figure, or several that differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figures {
    /// The only one.
    One(FigureJson),
    /// In the order in which the report states them.
    Many(Vec<Option<FigureJson>>),
}

impl Figures {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &FigureJson> {
        let (one, many) = match self {
            Figures::One(figure) => (Some(figure), [].as_slice()),
            Figures::Many(figures) => (None, figures.as_slice()),
        };
        one.into_iter().chain(many.iter().flatten())
    }
}

/// Where the act took place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct PlaceJson {
    pub extracted_place: Option<String>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    #[serde(alias = "name")]
    pub resolved_place: Option<String>,
    pub geonameid: Option<u32>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub city: Option<String>,
    pub province: Option<String>,
    pub country_code: Option<String>,
    pub feature_code: Option<String>,
    pub resolution: Option<String>,
}

/// One link of the chain of who says so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct AttributionJson {
    pub source: Option<String>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub cue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cue_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cue_end: Option<usize>,
    pub kind: Option<String>,
}

/// The sentence of the first mention: its index and place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct TextInfo {
    pub sentence: usize,
    pub start: usize,
    pub end: usize,
}

/// Where the report was published.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct CiteInfo {
    pub title: Option<String>,
    pub url: Option<String>,
    pub publication: Option<String>,
    pub author: Option<String>,
    pub published: Option<String>,
    pub language: Option<String>,
    pub content_hash: Option<String>,
    /// Outlets credited for the story.
    pub via: Vec<String>,
    /// The words that name them in the text; null where the credit stands elsewhere.
    pub via_text: Vec<Option<WordsJson>>,
}

/// Reads a missing or null value as the type's default.
fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// `records` of `doc` in their JSON form, in the same order.
pub fn records(doc: &Document, records: &[Record]) -> Vec<RecordJson> {
    let edge = Edge::new(doc);
    let mut written: Vec<RecordJson> = records.iter().map(|record| edge.record(record)).collect();
    let private = super::mask::private_persons(doc, &written);
    for record in &mut written {
        record.persons = Some(super::mask::named_in(record, &private));
    }
    written
}

/// `records` of `doc` as JSON lines, each ended by a newline; empty where there are none.
pub fn lines(doc: &Document, records: &[Record]) -> String {
    let mut out = String::new();
    // Names of private persons help the archive to mask them, and are nobody else's business as a list.
    for record in self::records(doc, records).into_iter().map(|record| RecordJson { persons: None, ..record }) {
        out.push_str(&serde_json::to_string(&record).unwrap_or_default());
        out.push('\n');
    }
    out
}

/// The edge between byte spans inside and code points outside, for one document.
pub(crate) struct Edge<'d> {
    doc: &'d Document,
    points: CodePoints,
}

impl<'d> Edge<'d> {
    pub(crate) fn new(doc: &'d Document) -> Self {
        Edge { doc, points: CodePoints::new(&doc.report.text) }
    }

    fn quote(&self, span: Span) -> String {
        span.of(&self.doc.report.text).to_string()
    }

    pub(crate) fn ends(&self, span: Span) -> (usize, usize) {
        (self.points.at(span.start), self.points.at(span.end))
    }

    pub(crate) fn words(&self, span: Span) -> WordsJson {
        let (start, end) = self.ends(span);
        WordsJson { start: Some(start), end: Some(end), text: Some(self.quote(span)) }
    }

    fn record(&self, record: &Record) -> RecordJson {
        let sentence = self.doc.sentences.get(record.sentence);
        RecordJson {
            report: Some(self.doc.report.id.clone()),
            id: Some(record.id.clone()),
            event: Some(record.event.name().to_string()),
            mode: record.mode.iter().map(|mode| mode.name().to_string()).collect(),
            quad_code: Some(record.quad_code()),
            cameo: (!record.cameo.is_empty()).then(|| record.cameo.clone()),
            event_scale: Some(record.event_scale().into()),
            context: self.doc.themes.iter().map(|theme| theme.to_string()).collect(),
            mentions: record.mentions.iter().map(|&span| self.words(span)).collect(),
            actor: record.actor.iter().map(|entity| self.entity(entity)).collect(),
            recipient: record.recipient.iter().map(|entity| self.entity(entity)).collect(),
            date: record.when.date.map(|date| date.to_string()),
            enddate: record.when.enddate.map(|date| date.to_string()),
            date_basis: Some(basis_name(record.when.basis).to_string()),
            date_text: record.when.span.map(|span| self.words(span)),
            timex: record.when.timex.clone(),
            event_loc: record.event_loc.as_ref().map(|place| self.place(place)),
            size: record.size.iter().filter_map(|(kind, figures)| self.figures(*kind, figures)).collect(),
            attribution: record.attribution.iter().map(|link| self.attribution(link)).collect(),
            auxiliary: record.auxiliary.iter().map(|&auxiliary| auxiliary_name(auxiliary).to_string()).collect(),
            certainty: Some(certainty_name(record.certainty).to_string()),
            text: sentence.map(|sentence| self.quote(sentence.span)),
            text_info: sentence.map(|sentence| {
                let (start, end) = self.ends(sentence.span);
                TextInfo { sentence: record.sentence, start, end }
            }),
            cite_info: Some(self.cite_info()),
            confidence: Some(four_digits(record.confidence)),
            coder: Some(CODER.to_string()),
            persons: None,
            optional: false,
        }
    }

    fn entity(&self, entity: &Entity) -> EntityJson {
        let (start, end) = self.ends(entity.span);
        let (identifier_id, identifier_text) = entity.identifier.clone().unzip();
        EntityJson {
            entity_text: Some(self.quote(entity.span)),
            start: Some(start),
            end: Some(end),
            code: entity.code.clone(),
            sector: entity.sector.iter().map(|sector| sector.to_string()).collect(),
            identifier_id,
            identifier_text,
            count: entity.count.map(|count| self.count(count)),
        }
    }

    fn count(&self, count: Count) -> FigureJson {
        let (start, end) = self.ends(count.span);
        FigureJson {
            min: count.min,
            max: count.max,
            text: Some(self.quote(count.span)),
            start: Some(start),
            end: Some(end),
            ..FigureJson::default()
        }
    }

    fn figures(&self, kind: SizeKind, figures: &[Figure]) -> Option<(String, Option<Figures>)> {
        let mut figures: Vec<FigureJson> = figures
            .iter()
            .map(|figure| {
                let by = figure.by.map(|span| self.ends(span));
                FigureJson {
                    by: figure.by.map(|span| self.quote(span)),
                    by_start: by.map(|by| by.0),
                    by_end: by.map(|by| by.1),
                    ..self.count(figure.count)
                }
            })
            .collect();
        let figures = match figures.len() {
            0 => return None,
            1 => Figures::One(figures.remove(0)),
            _ => Figures::Many(figures.into_iter().map(Some).collect()),
        };
        Some((kind.name().to_string(), Some(figures)))
    }

    fn place(&self, place: &Place) -> PlaceJson {
        let (start, end) = self.ends(place.span);
        PlaceJson {
            extracted_place: Some(self.quote(place.span)),
            start: Some(start),
            end: Some(end),
            resolved_place: Some(place.name.clone()),
            geonameid: place.geonameid,
            lat: Some(place.lat),
            lon: Some(place.lon),
            city: place.city.clone(),
            province: place.province.clone(),
            country_code: place.country_code.clone(),
            feature_code: Some(place.feature_code.clone()),
            resolution: Some(resolution_name(place.resolution).to_string()),
        }
    }

    fn attribution(&self, link: &Attribution) -> AttributionJson {
        let (start, end) = self.ends(link.source);
        let cue = link.cue.map(|span| self.ends(span));
        AttributionJson {
            source: Some(self.quote(link.source)),
            start: Some(start),
            end: Some(end),
            cue: link.cue.map(|span| self.quote(span)),
            cue_start: cue.map(|cue| cue.0),
            cue_end: cue.map(|cue| cue.1),
            kind: Some(kind_name(link.kind).to_string()),
        }
    }

    fn cite_info(&self) -> CiteInfo {
        let report = &self.doc.report;
        CiteInfo {
            title: report.title.map(|span| self.quote(span)),
            url: report.url.clone(),
            publication: report.publication.clone(),
            author: report.author.clone(),
            published: report.published.map(|date| date.to_string()),
            language: report.language.clone(),
            content_hash: Some(report.content_hash.clone()),
            via: report.via.iter().map(|credit| credit.name.clone()).collect(),
            via_text: report.via.iter().map(|credit| credit.span.map(|span| self.words(span))).collect(),
        }
    }
}

/// A chance to four digits: more would only show the noise of 32-bit arithmetic.
fn four_digits(chance: f32) -> f64 {
    (f64::from(chance) * 1e4).round() / 1e4
}

/// Reads one record's JSON back into spans of `text`: what [`records`] writes, or a hand-coded event. The trace is not written and
/// so stays empty.
///
/// # Errors
/// [`Error::Data`] where the category or another coded value is unknown, where a span does not fit `text`, or where it does not
/// quote the words it says it quotes.
pub fn parse(text: &str, json: &RecordJson) -> Result<Record> {
    let back = Back::new(text, json.id.as_deref().unwrap_or("record"));
    let event = json.event.as_deref().unwrap_or("");
    let event = EventType::from_name(event).ok_or_else(|| back.odd("event", event, "one of the sixteen categories"))?;
    let mode = json
        .mode
        .iter()
        .map(|name| Mode::of(event, name).ok_or_else(|| back.odd("mode", name, "a mode of the category")));
    let mentions = json.mentions.iter().map(|words| back.words(words));
    Ok(Record {
        id: json.id.clone().unwrap_or_default(),
        event,
        mode: mode.collect::<Result<_>>()?,
        cameo: json.cameo.clone().unwrap_or_default(),
        mentions: mentions.collect::<Result<_>>()?,
        actor: json.actor.iter().map(|entity| back.entity(entity)).collect::<Result<_>>()?,
        recipient: json.recipient.iter().map(|entity| back.entity(entity)).collect::<Result<_>>()?,
        when: When {
            date: json.date.as_deref().map(|date| back.date("date", date)).transpose()?,
            enddate: json.enddate.as_deref().map(|date| back.date("enddate", date)).transpose()?,
            basis: back.value("date_basis", json.date_basis.as_deref().unwrap_or("none"), &BASES, basis_name)?,
            span: json.date_text.as_ref().map(|words| back.words(words)).transpose()?,
            timex: json.timex.clone(),
        },
        event_loc: json.event_loc.as_ref().map(|place| back.place(place)).transpose()?,
        size: json.size.iter().map(|(kind, figures)| back.figures(kind, figures)).collect::<Result<_>>()?,
        attribution: json.attribution.iter().map(|link| back.attribution(link)).collect::<Result<_>>()?,
        auxiliary: json
            .auxiliary
            .iter()
            .map(|name| back.value("auxiliary", name, &AUXILIARIES, auxiliary_name))
            .collect::<Result<_>>()?,
        certainty: back.value(
            "certainty",
            json.certainty.as_deref().unwrap_or("asserted"),
            &CERTAINTIES,
            certainty_name,
        )?,
        sentence: json.text_info.as_ref().map_or(0, |info| info.sentence),
        confidence: json.confidence.unwrap_or(1.0) as f32,
        trace: Vec::new(),
    })
}

/// The way back from code points to byte spans, for one text.
struct Back<'t> {
    text: &'t str,
    name: &'t str,
    /// Byte offset of every code point, and of the end.
    bytes: Vec<usize>,
}

impl<'t> Back<'t> {
    fn new(text: &'t str, name: &'t str) -> Self {
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        Back { text, name, bytes }
    }

    fn odd(&self, field: &str, found: &str, expected: &str) -> Error {
        Error::Data { name: self.name.to_string(), message: format!("{field}: found \"{found}\", expected {expected}") }
    }

    fn span(&self, start: Option<usize>, end: Option<usize>, quoted: Option<&str>) -> Result<Span> {
        let found = format!("{start:?}..{end:?}");
        let ends = start.zip(end).filter(|(start, end)| start <= end);
        let ends = ends.and_then(|(start, end)| Some((*self.bytes.get(start)?, *self.bytes.get(end)?)));
        let (start, end) = ends.ok_or_else(|| self.odd("span", &found, "code points within the report's text"))?;
        let span = Span::new(start, end);
        match quoted {
            Some(words) if words != span.of(self.text) => Err(self.odd("span", words, "the words at that place")),
            _ => Ok(span),
        }
    }

    fn words(&self, words: &WordsJson) -> Result<Span> {
        self.span(words.start, words.end, words.text.as_deref())
    }

    fn date(&self, field: &str, date: &str) -> Result<Date> {
        date.parse().map_err(|_| self.odd(field, date, "a day such as 2017-01-30"))
    }

    fn value<T: Copy>(&self, field: &str, found: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T> {
        let names: Vec<&str> = all.iter().map(|&value| name(value)).collect();
        let value = all.iter().copied().find(|&value| name(value) == found);
        value.ok_or_else(|| self.odd(field, found, &names.join(", ")))
    }

    fn entity(&self, entity: &EntityJson) -> Result<Entity> {
        let sector = entity.sector.iter().map(|name| self.value("sector", name, SECTORS, |sector| sector));
        Ok(Entity {
            span: self.span(entity.start, entity.end, entity.entity_text.as_deref())?,
            code: entity.code.clone(),
            sector: sector.collect::<Result<_>>()?,
            identifier: entity.identifier_id.clone().zip(entity.identifier_text.clone()),
            count: entity.count.as_ref().map(|count| self.count(count, entity.start)).transpose()?,
        })
    }

    /// Hand-coded counts of parties have words but no offsets; those are looked for from `near` on.
    fn count(&self, count: &FigureJson, near: Option<usize>) -> Result<Count> {
        let words = count.text.as_deref();
        let span = match (count.start, words, near.and_then(|near| self.bytes.get(near))) {
            (None, Some(words), Some(&near)) => {
                let at = self.text[near..].find(words).map(|at| near + at);
                let at = at.ok_or_else(|| self.odd("count", words, "words of the report"))?;
                Span::new(at, at + words.len())
            }
            _ => self.span(count.start, count.end, words)?,
        };
        Ok(Count { min: count.min, max: count.max, span })
    }

    fn figures(&self, kind: &str, figures: &Option<Figures>) -> Result<(SizeKind, Vec<Figure>)> {
        let kind = self.value("size", kind, &SizeKind::ALL, SizeKind::name)?;
        let figures = figures.iter().flat_map(Figures::iter).map(|figure| {
            let by = figure.by_start.map(|start| self.span(Some(start), figure.by_end, figure.by.as_deref()));
            Ok(Figure { count: self.count(figure, figure.start)?, by: by.transpose()? })
        });
        Ok((kind, figures.collect::<Result<_>>()?))
    }

    fn place(&self, place: &PlaceJson) -> Result<Place> {
        Ok(Place {
            span: self.span(place.start, place.end, place.extracted_place.as_deref())?,
            geonameid: place.geonameid,
            name: place.resolved_place.clone().unwrap_or_default(),
            lat: place.lat.unwrap_or(f64::NAN),
            lon: place.lon.unwrap_or(f64::NAN),
            country_code: place.country_code.clone(),
            province: place.province.clone(),
            city: place.city.clone(),
            feature_code: place.feature_code.clone().unwrap_or_default(),
            resolution: self.value(
                "resolution",
                place.resolution.as_deref().unwrap_or("region"),
                &RESOLUTIONS,
                resolution_name,
            )?,
        })
    }

    fn attribution(&self, link: &AttributionJson) -> Result<Attribution> {
        let cue = link.cue_start.map(|start| self.span(Some(start), link.cue_end, link.cue.as_deref()));
        Ok(Attribution {
            source: self.span(link.start, link.end, link.source.as_deref())?,
            cue: cue.transpose()?,
            kind: self.value("kind", link.kind.as_deref().unwrap_or("indirect"), &KINDS, kind_name)?,
        })
    }
}

const BASES: [DateBasis; 3] = [DateBasis::Text, DateBasis::Published, DateBasis::None];
const AUXILIARIES: [Auxiliary; 4] =
    [Auxiliary::Historical, Auxiliary::Future, Auxiliary::Hypothetical, Auxiliary::Negation];
const CERTAINTIES: [Certainty; 3] = [Certainty::Asserted, Certainty::Alleged, Certainty::Disputed];
const KINDS: [SpeechKind; 3] = [SpeechKind::Direct, SpeechKind::Indirect, SpeechKind::Document];
const RESOLUTIONS: [Resolution; 6] = [
    Resolution::Site,
    Resolution::City,
    Resolution::District,
    Resolution::Province,
    Resolution::Country,
    Resolution::Region,
];

/// The name as written in records ("text").
pub fn basis_name(basis: DateBasis) -> &'static str {
    match basis {
        DateBasis::Text => "text",
        DateBasis::Published => "published",
        DateBasis::None => "none",
    }
}

/// The name as written in records ("negation").
pub fn auxiliary_name(auxiliary: Auxiliary) -> &'static str {
    match auxiliary {
        Auxiliary::Historical => "historical",
        Auxiliary::Future => "future",
        Auxiliary::Hypothetical => "hypothetical",
        Auxiliary::Negation => "negation",
    }
}

/// The name as written in records ("alleged").
pub fn certainty_name(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Asserted => "asserted",
        Certainty::Alleged => "alleged",
        Certainty::Disputed => "disputed",
    }
}

/// The name as written in records ("indirect").
pub fn kind_name(kind: SpeechKind) -> &'static str {
    match kind {
        SpeechKind::Direct => "direct",
        SpeechKind::Indirect => "indirect",
        SpeechKind::Document => "document",
    }
}

/// The name as written in records ("province").
pub fn resolution_name(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Site => "site",
        Resolution::City => "city",
        Resolution::District => "district",
        Resolution::Province => "province",
        Resolution::Country => "country",
        Resolution::Region => "region",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Report;
    use crate::document::Sentence;
    use crate::export::sample;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let (doc, records) = sample::raid();
        for (record, line) in records.iter().zip(lines(&doc, &records).lines()) {
            let json: RecordJson = serde_json::from_str(line).unwrap();
            assert_eq!(&parse(&doc.report.text, &json).unwrap(), record);
        }
    }

    #[test]
    fn one_figure_stands_alone_and_rival_figures_in_a_list() {
        let (doc, mut records) = sample::raid();
        let size = |records: &[Record]| {
            serde_json::to_value(&super::records(&doc, records)[0].size).unwrap()["arrested"].clone()
        };
        assert_eq!(size(&records).as_array().unwrap().len(), 2);
        records[0].size.get_mut(&SizeKind::Arrested).unwrap().truncate(1);
        assert_eq!(size(&records)["by"], "Anatolian Post");
    }

    #[test]
    fn words_that_are_not_at_their_place_are_refused() {
        let (doc, records) = sample::raid();
        let mut json = super::records(&doc, &records).remove(0);
        json.mentions[0].start = Some(16);
        assert!(parse(&doc.report.text, &json).unwrap_err().to_string().contains("expected the words at that place"));
        json.mentions[0].end = Some(1_000_000);
        assert!(parse(&doc.report.text, &json).unwrap_err().to_string().contains("code points within"));
    }

    /// Every object with `start` and `end` in `value`, with its words where it has any.
    fn quotes(value: &serde_json::Value, out: &mut Vec<(u64, u64, Option<String>)>) {
        if let (Some(start), Some(end)) = (value["start"].as_u64(), value["end"].as_u64()) {
            let words = ["text", "entity_text", "extracted_place", "source"].iter().find_map(|key| value[key].as_str());
            out.push((start, end, words.map(str::to_string)));
        }
        match value {
            serde_json::Value::Array(items) => items.iter().for_each(|item| quotes(item, out)),
            serde_json::Value::Object(fields) => fields.values().for_each(|field| quotes(field, out)),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn every_span_quotes_the_text(text in "(\\PC|\\n){1,80}", cuts in proptest::collection::vec(0usize..400, 14)) {
            let bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
            let mut spans = cuts.chunks(2).map(|pair| {
                let (a, b) = (bytes[pair[0] % bytes.len()], bytes[pair[1] % bytes.len()]);
                Span::new(a.min(b), a.max(b))
            });
            let mut next = || spans.next().unwrap();
            let (sample_doc, mut records) = sample::raid();
            let record = &mut records[0];
            record.mentions = vec![next()];
            record.actor[0].span = next();
            record.recipient.clear();
            record.when.span = Some(next());
            record.event_loc.as_mut().unwrap().span = next();
            record.size.get_mut(&SizeKind::Arrested).unwrap().truncate(1);
            record.size.get_mut(&SizeKind::Arrested).unwrap()[0] = Figure { count: Count { min: None, max: None, span: next() }, by: None };
            record.attribution = vec![Attribution { source: next(), cue: None, kind: SpeechKind::Direct }];
            let whole = Span::new(0, text.len());
            let doc = Document {
                report: Report { text: text.clone(), ..sample_doc.report },
                sentences: vec![Sentence { span: next(), tokens: 0..0 }, Sentence { span: whole, tokens: 0..0 }],
                ..Document::default()
            };
            let doc = Document { report: Report { title: None, via: Vec::new(), ..doc.report }, ..doc };
            let value = serde_json::to_value(&super::records(&doc, &records)[0]).unwrap();
            let chars: Vec<char> = text.chars().collect();
            let mut found = Vec::new();
            quotes(&value, &mut found);
            prop_assert!(found.len() >= 7);
            for (start, end, words) in found {
                let there: String = chars[start as usize..end as usize].iter().collect();
                if let Some(words) = words {
                    prop_assert_eq!(words, there);
                }
            }
        }
    }
}
