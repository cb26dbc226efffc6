//! The layers under the records as JSON (DESIGN.md, "Machine contract", `dateline annotate`).

use super::json::{Edge, WordsJson};
use crate::document::Document;
use crate::{NameKind, Span};
use serde::Serialize;

#[derive(Serialize)]
struct Layers {
    report: String,
    title: Option<String>,
    text: String,
    published: Option<String>,
    publication: Option<String>,
    author: Option<String>,
    url: Option<String>,
    via: Vec<String>,
    via_text: Vec<Option<WordsJson>>,
    language: Option<String>,
    sentences: Vec<Ends>,
    names: Vec<NameJson>,
    times: Vec<TimeJson>,
    quantities: Vec<QuantityJson>,
    places: Vec<PlaceJson>,
    attributions: Vec<SayingJson>,
    coreference: Vec<Vec<Ends>>,
    context: Vec<&'static str>,
}

#[derive(Serialize)]
struct Ends {
    start: usize,
    end: usize,
}

#[derive(Serialize)]
struct NameJson {
    #[serde(flatten)]
    words: WordsJson,
    r#type: NameKind,
}

#[derive(Serialize)]
struct TimeJson {
    #[serde(flatten)]
    words: WordsJson,
    r#type: crate::TimeKind,
    timex: String,
    date: Option<String>,
    enddate: Option<String>,
}

#[derive(Serialize)]
struct QuantityJson {
    #[serde(flatten)]
    words: WordsJson,
    min: Option<u64>,
    max: Option<u64>,
}

#[derive(Serialize)]
struct PlaceJson {
    #[serde(flatten)]
    words: WordsJson,
    geonameid: Option<u32>,
    name: String,
    lat: f64,
    lon: f64,
    city: Option<String>,
    province: Option<String>,
    country_code: Option<String>,
    feature_code: String,
    resolution: crate::Resolution,
}

#[derive(Serialize)]
struct SayingJson {
    source: Vec<Ends>,
    cue: Vec<Ends>,
    content: Vec<Ends>,
}

/// The layers of `doc` as one line of JSON, ended by a newline.
pub fn line(doc: &Document) -> String {
    let edge = Edge::new(doc);
    let report = &doc.report;
    let ends = |span: Span| {
        let (start, end) = edge.ends(span);
        Ends { start, end }
    };
    let all = |spans: &[Span]| -> Vec<Ends> { spans.iter().map(|&span| ends(span)).collect() };
    let layers = Layers {
        report: report.id.clone(),
        title: report.title.map(|span| span.of(&report.text).to_string()),
        text: report.text.clone(),
        published: report.published.map(|date| date.to_string()),
        publication: report.publication.clone(),
        author: report.author.clone(),
        url: report.url.clone(),
        via: report.via.iter().map(|credit| credit.name.clone()).collect(),
        via_text: report.via.iter().map(|credit| credit.span.map(|span| edge.words(span))).collect(),
        language: report.language.clone(),
        sentences: doc.sentences.iter().map(|sentence| ends(sentence.span)).collect(),
        names: doc.names.iter().map(|name| NameJson { words: edge.words(name.span), r#type: name.kind }).collect(),
        times: doc
            .times
            .iter()
            .map(|time| TimeJson {
                words: edge.words(time.span),
                r#type: time.kind,
                timex: time.timex.clone(),
                date: time.start.map(|date| date.to_string()),
                enddate: time.end.map(|date| date.to_string()),
            })
            .collect(),
        quantities: doc
            .quantities
            .iter()
            .map(|count| QuantityJson { words: edge.words(count.span), min: count.min, max: count.max })
            .collect(),
        places: doc
            .places
            .iter()
            .map(|place| PlaceJson {
                words: edge.words(place.span),
                geonameid: place.geonameid,
                name: place.name.clone(),
                lat: place.lat,
                lon: place.lon,
                city: place.city.clone(),
                province: place.province.clone(),
                country_code: place.country_code.clone(),
                feature_code: place.feature_code.clone(),
                resolution: place.resolution,
            })
            .collect(),
        attributions: doc
            .attributions
            .iter()
            .map(|saying| SayingJson {
                source: all(&saying.source),
                cue: all(&saying.cue),
                content: all(&saying.content),
            })
            .collect(),
        coreference: doc.coreference.iter().map(|mentions| all(mentions)).collect(),
        context: doc.themes.clone(),
    };
    serde_json::to_string(&layers).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use crate::export::sample;

    #[test]
    fn layers_keep_the_names_of_the_machine_contract() {
        let (doc, _) = sample::raid();
        let line: serde_json::Value = serde_json::from_str(&super::line(&doc)).unwrap();
        let fields = ["report", "title", "text", "published", "publication", "via", "language", "sentences", "names"];
        for field in fields.iter().chain(&["times", "places", "attributions", "coreference"]) {
            assert!(line.get(field).is_some(), "{field} is missing");
        }
        assert_eq!(line["times"][0]["type"], "DATE");
        assert_eq!(line["names"][0]["type"], "group");
        let said = line["attributions"][0]["cue"][0]["start"].as_u64().unwrap() as usize;
        assert_eq!(line["text"].as_str().unwrap().chars().skip(said).take(4).collect::<String>(), "said");
    }
}
