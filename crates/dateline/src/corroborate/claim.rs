//! What corroboration looks at in a record: days, place, parties, figures and words, small enough to hold a million of them.

use crate::export::json::{EntityJson, RecordJson};
use crate::ontology::EventType;
use crate::record::SizeKind;
use jiff::civil::Date;

/// A record as the clusterer sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The record's id: 16 hex digits as a number, so that the order of claims is that of their ids.
    pub record: u64,
    /// The report's number, as [`report_key`] makes it.
    pub report: u64,
    /// Category.
    pub event: EventType,
    /// Modes, hashed.
    pub modes: Box<[u32]>,
    /// First and last day of the act, in days since 1970.
    pub days: Option<(i32, i32)>,
    /// Whether the report itself states the day, and it is not that of publication.
    pub stated: bool,
    /// Day of publication.
    pub published: Option<i32>,
    /// Where.
    pub place: Spot,
    /// Who.
    pub actors: Box<[Party]>,
    /// To whom.
    pub recipients: Box<[Party]>,
    /// Kind, least, greatest.
    pub sizes: Box<[(u8, u32, u32)]>,
    /// Stems of the trigger words, sorted.
    pub triggers: Box<[u32]>,
    /// Stems of the content words of the sentence, sorted.
    pub words: Box<[u32]>,
    /// Future, hypothetical or negated.
    pub unreal: bool,
}

/// A place as far as it matters for telling acts apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spot {
    /// Gazetteer id; 0 for none.
    pub id: u32,
    /// Degrees.
    pub lat: f32,
    /// Degrees.
    pub lon: f32,
    /// ISO 3166-1 alpha-3; zeros for none.
    pub country: [u8; 3],
    /// How narrow it is.
    pub level: Level,
    /// Stems of its words in the report.
    pub words: Box<[u32]>,
}

/// How narrow a place is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No place, or one without coordinates.
    #[default]
    None,
    /// A country or a region of several.
    Country,
    /// A province.
    Division,
    /// A town, a quarter, a building.
    Town,
}

/// A party as far as it matters for telling acts apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Party {
    /// Its code; zeros for none.
    pub code: [u8; 3],
    /// Its sectors, hashed.
    pub sectors: Box<[u32]>,
    /// Stems of its content words.
    pub words: Box<[u32]>,
}

impl Claim {
    /// The claim of a record as written or hand-coded; `None` where its category is unknown. A record without an id (hand-coded)
    /// gets one of its report, category and first mention.
    pub fn new(json: &RecordJson) -> Option<Claim> {
        let event = EventType::from_name(json.event.as_deref()?)?;
        let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok()).map(day_number);
        let first = day(&json.date);
        let last = day(&json.enddate).or(first);
        let published = day(&json.cite_info.as_ref().and_then(|cite| cite.published.clone()));
        let report = json.report.as_deref().unwrap_or("");
        let mut triggers: Vec<u32> =
            json.mentions.iter().flat_map(|m| stems(m.text.as_deref().unwrap_or(""))).collect();
        tidy(&mut triggers);
        let mut words: Vec<u32> = stems(json.text.as_deref().unwrap_or("")).collect();
        tidy(&mut words);
        let sizes = json.size.iter().flat_map(|(kind, figures)| {
            let kind = SizeKind::ALL.iter().position(|known| known.name() == kind);
            figures.iter().flat_map(|figures| figures.iter()).filter_map(move |figure| {
                let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
                let (least, most) = (figure.min.map_or(0, narrow), figure.max.map_or(u32::MAX, narrow));
                Some((u8::try_from(kind?).ok()?, least, most))
            })
        });
        let hashed = |names: &[String]| names.iter().map(|name| hash(name)).collect::<Box<[u32]>>();
        Some(Claim {
            record: record_key(json),
            report: report_key(report),
            event,
            modes: hashed(&json.mode),
            days: first.or(last).zip(last.or(first)).map(|(a, b)| (a.min(b), a.max(b))),
            stated: json.date_basis.as_deref() == Some("text"),
            published,
            place: spot(json),
            actors: json.actor.iter().map(party).collect(),
            recipients: json.recipient.iter().map(party).collect(),
            sizes: sizes.collect(),
            triggers: triggers.into(),
            words: words.into(),
            unreal: json.auxiliary.iter().any(|name| name != "historical"),
        })
    }

    /// The stems that tell this claim from others of the same kind: those of its recipients, else of its actors.
    pub(super) fn heads(&self) -> impl Iterator<Item = u32> {
        let parties = if self.recipients.iter().any(|p| !p.words.is_empty()) { &self.recipients } else { &self.actors };
        parties.iter().flat_map(|party| party.words.iter().copied())
    }

    /// The countries of the act: of its place and of its parties; all zeros where none is known.
    pub(super) fn countries(&self) -> Vec<[u8; 3]> {
        let parties = [&self.recipients, &self.actors];
        let first =
            parties.into_iter().filter_map(|parties| parties.iter().map(|p| p.code).find(|code| *code != [0; 3]));
        let mut countries: Vec<[u8; 3]> =
            Some(self.place.country).filter(|c| *c != [0; 3]).into_iter().chain(first).collect();
        countries.sort_unstable();
        countries.dedup();
        if countries.is_empty() { vec![[0; 3]] } else { countries }
    }
}

/// A record's id as a number.
pub(crate) fn record_key(json: &RecordJson) -> u64 {
    let id = json.id.as_deref().unwrap_or("");
    u64::from_str_radix(id, 16).ok().filter(|_| id.len() == 16).unwrap_or_else(|| {
        let first = json.mentions.first().cloned().unwrap_or_default();
        let report = json.report.as_deref().unwrap_or("");
        long_hash(&format!("{report}\n{id}\n{:?}\n{:?}\n{:?}", json.event, first.start, first.end))
    })
}

/// A report's id as a number.
pub fn report_key(id: &str) -> u64 {
    long_hash(id)
}

/// Days since 1970.
pub(super) fn day_number(date: Date) -> i32 {
    let days = jiff::civil::date(1970, 1, 1).until(date).map(|span| span.get_days());
    days.unwrap_or_default()
}

fn spot(json: &RecordJson) -> Spot {
    let Some(place) = &json.event_loc else { return Spot::default() };
    let mut words: Vec<u32> = stems(place.extracted_place.as_deref().unwrap_or("")).collect();
    tidy(&mut words);
    let level = match (place.lat, place.resolution.as_deref(), place.feature_code.as_deref()) {
        (None, ..) => Level::None,
        (_, Some("country" | "region"), _) => Level::Country,
        (_, Some("province"), _) => Level::Division,
        (_, Some(_), _) => Level::Town,
        (_, None, Some(code)) if code.starts_with("PCL") => Level::Country,
        (_, None, Some(code)) if code.starts_with("ADM") || code.starts_with("RGN") => Level::Division,
        _ => Level::Town,
    };
    Spot {
        id: place.geonameid.unwrap_or_default(),
        lat: place.lat.unwrap_or_default() as f32,
        lon: place.lon.unwrap_or_default() as f32,
        country: code(place.country_code.as_deref()),
        level,
        words: words.into(),
    }
}

fn party(entity: &EntityJson) -> Party {
    let mut words: Vec<u32> = stems(entity.entity_text.as_deref().unwrap_or("")).collect();
    tidy(&mut words);
    let sectors = entity.sector.iter().map(|sector| hash(sector)).collect();
    Party { code: code(entity.code.as_deref()), sectors, words: words.into() }
}

fn code(text: Option<&str>) -> [u8; 3] {
    text.and_then(|text| text.as_bytes().get(..3)).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
}

fn tidy(stems: &mut Vec<u32>) {
    stems.sort_unstable();
    stems.dedup();
}

/// Words that say nothing about which act is told.
const EMPTY: &[&str] = &[
    "the",
    "and",
    "for",
    "with",
    "from",
    "that",
    "this",
    "have",
    "has",
    "had",
    "was",
    "were",
    "been",
    "are",
    "its",
    "their",
    "his",
    "her",
    "who",
    "which",
    "after",
    "before",
    "when",
    "while",
    "also",
    "said",
    "say",
    "says",
    "told",
    "according",
    "would",
    "could",
    "will",
    "may",
    "might",
    "not",
    "but",
    "into",
    "over",
    "more",
    "than",
    "least",
    "about",
    "some",
    "other",
    "another",
    "people",
    "they",
    "them",
    "there",
    "on",
    "in",
    "at",
    "of",
    "to",
    "by",
    "as",
    "an",
    "a",
    "is",
    "it",
    "he",
    "she",
    "or",
    "be",
    "no",
    "up",
    "out",
    "two",
    "three",
    "one",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "new",
    "former",
    "all",
    "any",
    "during",
    "against",
    "between",
    "under",
    "i",
    "we",
    "you",
];

/// Hashed stems of the content words of `text`, in order.
pub(super) fn stems(text: &str) -> impl Iterator<Item = u32> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).filter_map(|word| {
        let lower = word.to_lowercase();
        (!EMPTY.contains(&lower.as_str())).then(|| hash(stem(&lower)))
    })
}

/// A rough stem: enough for "deported" to meet "deportation", cheap enough for every word of an archive.
fn stem(word: &str) -> &str {
    let mut word = word;
    for ending in ["ations", "ation", "ions", "ings", "ion", "ing", "ers", "ed", "es", "er", "s", "e"] {
        if let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.chars().count() >= 4) {
            word = rest;
            break;
        }
    }
    word.char_indices().nth(7).map_or(word, |(at, _)| &word[..at])
}

/// FNV-1a, 32 bits: the same on every machine.
pub(super) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The first eight bytes of BLAKE3.
pub(super) fn long_hash(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_act_share_a_stem() {
        for group in
            [&["deported", "deportation", "deports", "deporting"][..], &["attack", "attacks", "attacked", "attacker"]]
        {
            let stems: Vec<_> = group.iter().map(|word| stem(word)).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{stems:?}");
        }
        assert_eq!(stem("bus"), "bus");
        assert_eq!(stems("The police told them").count(), 1);
    }

    #[test]
    fn a_hand_coded_event_without_an_id_has_a_key_of_its_own() {
        let event = |start| {
            let text = format!(
                r#"{{"report":"r1","event":"COERCE","mentions":[{{"start":{start},"end":9,"text":"held"}}],"date":"2017-01-30"}}"#
            );
            Claim::new(&serde_json::from_str(&text).unwrap()).unwrap()
        };
        assert_ne!(event(3).record, event(5).record);
        assert_eq!(event(3).days, Some((17196, 17196)));
    }
}
