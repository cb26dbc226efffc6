//! The report plus its layers, one per stage, each filled once and never changed later.

use crate::ontology::{EventType, Mode};
use crate::record::SizeKind;
use crate::{Report, Span};
use jiff::civil::Date;
use serde::Serialize;

/// A report and everything the stages have found in it so far.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The report.
    pub report: Report,
    /// Sentences, in order.
    pub sentences: Vec<Sentence>,
    /// Tokens of all sentences, in order.
    pub tokens: Vec<Token>,
    /// Named things, in order, without overlaps.
    pub names: Vec<Name>,
    /// Time expressions, in order.
    pub times: Vec<Time>,
    /// Counts of people or things, in order.
    pub quantities: Vec<Quantity>,
    /// Named places with their coordinates, in order.
    pub places: Vec<Place>,
    /// Who says what: source, cue and content, in order of the cue.
    pub attributions: Vec<Saying>,
    /// Mentions of the same thing, each list in order.
    pub coreference: Vec<Vec<Span>>,
    /// Themes of the report, from [`crate::ontology::THEMES`] (CODEBOOK.md, `context`).
    pub themes: Vec<&'static str>,
    /// Words that name an event, in order, with what the model makes of each.
    pub triggers: Vec<Trigger>,
}

/// A word that names an event, and the model's probabilities about it; the reasoning stages turn these into records.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Index into [`Document::tokens`].
    pub token: usize,
    /// Most probable category.
    pub event: EventType,
    /// Probability of each category, in the order of [`EventType::ALL`]; what is missing to 1 is "no event".
    pub events: [f32; 16],
    /// Modes of the category with their probabilities, where at least 0.02.
    pub modes: Vec<(Mode, f32)>,
    /// Probabilities of historical, future, hypothetical, negation.
    pub auxiliary: [f32; 4],
    /// Probabilities of asserted, alleged, disputed.
    pub certainty: [f32; 3],
    /// Probabilities that the date rests on text, publication date, nothing.
    pub basis: [f32; 3],
    /// Words that fill a role, with their probabilities, where at least 0.05.
    pub roles: Vec<Filler>,
    /// Other trigger tokens of the same window with the probability that they name the same event.
    pub same: Vec<(usize, f32)>,
}

/// A word in a role of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Filler {
    /// Which role.
    pub role: Role,
    /// Index into [`Document::tokens`].
    pub token: usize,
    /// Probability.
    pub p: f32,
}

/// Roles that link words to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Who did it.
    Actor,
    /// To whom.
    Recipient,
    /// Where.
    Place,
    /// When.
    Time,
    /// Who says so.
    Source,
    /// How many, of a kind.
    Size(SizeKind),
}

/// Something said, and by whom (PolNeAR's source, cue and content); each part may be discontinuous or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saying {
    /// The words that name who says it.
    pub source: Vec<Span>,
    /// The words that show that something is said ("said", "according to").
    pub cue: Vec<Span>,
    /// What is said.
    pub content: Vec<Span>,
}

/// A sentence: its span and its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Where it is.
    pub span: Span,
    /// Half-open range of indices into [`Document::tokens`].
    pub tokens: std::ops::Range<usize>,
}

/// A word or mark, with its syntax (Universal Dependencies v2).
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Where it is.
    pub span: Span,
    /// Index of its sentence.
    pub sentence: usize,
    /// Dictionary form.
    pub lemma: String,
    /// Universal part of speech ("VERB").
    pub upos: &'static str,
    /// Index into [`Document::tokens`] of the word it depends on; `None` for the root of a sentence.
    pub head: Option<usize>,
    /// Universal dependency relation with subtype ("nsubj:pass").
    pub deprel: &'static str,
}

/// What kind of thing a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// A person.
    Person,
    /// An organisation, armed group, agency, party, outlet.
    Organisation,
    /// A place with a government: country, province, city.
    Gpe,
    /// Any other place: river, region, sea, mountain.
    Location,
    /// A building or other structure: airport, bridge, prison.
    Facility,
    /// A nationality, faith or other group named as such ("Turkish", "Kurds").
    Group,
    /// Any other name: event, product, law, weapon.
    Other,
}

/// A name in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Where it is.
    pub span: Span,
    /// What it names.
    pub kind: NameKind,
}

/// TIMEX3 type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TimeKind {
    /// A calendar date or longer period.
    Date,
    /// A time of day.
    Time,
    /// A length of time.
    Duration,
    /// A recurring time.
    Set,
}

/// A time expression (TimeML 1.2.1, TIMEX3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// Where it is.
    pub span: Span,
    /// TIMEX3 type.
    pub kind: TimeKind,
    /// TIMEX3 value ("2016-06", "P3D", "PRESENT_REF"); placeholders such as "XXXX-WXX-3" where there is nothing to resolve against.
    pub timex: String,
    /// First day of the interval, where the value denotes one.
    pub start: Option<Date>,
    /// Last day of the interval, where the value denotes one; `start` and `end` may each be open.
    pub end: Option<Date>,
}

/// A count as the report states it (CODEBOOK.md, entity `count`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// Where it is, with its modifier ("at least 45", "dozens", "a").
    pub span: Span,
    /// Least value; `None` where the words give no lower bound.
    pub min: Option<u64>,
    /// Greatest value; `None` where the words give no upper bound.
    pub max: Option<u64>,
}

/// How precisely a place is known (CODEBOOK.md, `event_loc.resolution`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// A building, airport, camp, crossing.
    Site,
    /// A town, city or village.
    City,
    /// Second-level administrative area.
    District,
    /// First-level administrative area.
    Province,
    /// A country.
    Country,
    /// A region that crosses borders or has none of its own.
    Region,
}

/// A named place resolved to the gazetteer.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The words that name it.
    pub span: Span,
    /// GeoNames id; `None` for hand-written entries that have none.
    pub geonameid: Option<u32>,
    /// Name in the gazetteer.
    pub name: String,
    /// Latitude, WGS84 degrees.
    pub lat: f64,
    /// Longitude, WGS84 degrees.
    pub lon: f64,
    /// ISO 3166-1 alpha-3; `None` for cross-border regions.
    pub country_code: Option<String>,
    /// First-level administrative area.
    pub province: Option<String>,
    /// City, for sites and cities.
    pub city: Option<String>,
    /// GeoNames feature code ("PPLC", "AIRP", "ADM1", "PCLI").
    pub feature_code: String,
    /// How precise it is.
    pub resolution: Resolution,
}
