//! One event in one report, with the words every value came from (CODEBOOK.md, "Fields").

use crate::ontology::{EventType, Mode};
use crate::span::Span;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// Words of the report: a byte span. Written out as code points with the words themselves.
pub type Words = Span;

/// One event in one report.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Stable: the same report bytes and coder version give the same id.
    pub id: String,
    /// Category.
    pub event: EventType,
    /// Modes, may be empty.
    pub mode: Vec<Mode>,
    /// Closest CAMEO code ("1823").
    pub cameo: String,
    /// Trigger words, first mention first.
    pub mentions: Vec<Words>,
    /// Who did it.
    pub actor: Vec<Entity>,
    /// To whom.
    pub recipient: Vec<Entity>,
    /// When.
    pub when: When,
    /// Where.
    pub event_loc: Option<crate::Place>,
    /// How many, by what happened to them.
    pub size: BTreeMap<SizeKind, Vec<Figure>>,
    /// Who says so, outermost first.
    pub attribution: Vec<Attribution>,
    /// Whether it has happened at all.
    pub auxiliary: Vec<Auxiliary>,
    /// Of the claim that this party did this act.
    pub certainty: Certainty,
    /// Index of the sentence of the first mention.
    pub sentence: usize,
    /// Calibrated chance that the record is right, 0 to 1.
    pub confidence: f32,
    /// Which stage gave which value, for `--explain`: (field, stage and reason).
    pub trace: Vec<(&'static str, String)>,
}

/// A party to an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// The noun phrase that names it.
    pub span: Words,
    /// ISO 3166-1 alpha-3, or IGO, UNO, EUR, NGO, ISM, IMG, MNC.
    pub code: Option<String>,
    /// Sector codes of the codebook.
    pub sector: Vec<&'static str>,
    /// Knowledge-base id and name.
    pub identifier: Option<(String, String)>,
    /// How many they are.
    pub count: Option<Count>,
}

/// A count as the report states it: at least `min`, at most `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Least value.
    pub min: Option<u64>,
    /// Greatest value.
    pub max: Option<u64>,
    /// The words.
    pub span: Words,
}

/// The interval in which the act took place.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// First day.
    pub date: Option<Date>,
    /// Last day.
    pub enddate: Option<Date>,
    /// What the interval rests on.
    pub basis: DateBasis,
    /// The time words.
    pub span: Option<Words>,
    /// TIMEX3 value of the words.
    pub timex: Option<String>,
}

/// What a date rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DateBasis {
    /// Time words of the report.
    Text,
    /// News without time words: the publication date.
    Published,
    /// Background without date.
    None,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SizeKind {
    Dead,
    Injured,
    Arrested,
    Deported,
    Displaced,
    Participants,
    Abducted,
    Released,
    Troops,
}

impl SizeKind {
    /// All kinds.
    pub const ALL: [SizeKind; 9] = [
        SizeKind::Dead,
        SizeKind::Injured,
        SizeKind::Arrested,
        SizeKind::Deported,
        SizeKind::Displaced,
        SizeKind::Participants,
        SizeKind::Abducted,
        SizeKind::Released,
        SizeKind::Troops,
    ];

    /// The name as written in records ("dead").
    pub fn name(self) -> &'static str {
        ["dead", "injured", "arrested", "deported", "displaced", "participants", "abducted", "released", "troops"]
            [self as usize]
    }
}

/// A figure and who gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The figure and its words.
    pub count: Count,
    /// Who gives it, where figures differ.
    pub by: Option<Words>,
}

/// One link of the chain of who says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The source's words.
    pub source: Words,
    /// The cue's words ("according to", "said"), where there are any.
    pub cue: Option<Words>,
    /// How it is said.
    pub kind: SpeechKind,
}

/// How a source is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpeechKind {
    /// In its own words, between quotation marks.
    Direct,
    /// Reported.
    Indirect,
    /// By a document: a report, a statement, a law.
    Document,
}

/// Ways in which an event may not (yet) be a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Auxiliary {
    /// Ended over a year before publication.
    Historical,
    /// Will happen or is planned.
    Future,
    /// If, would, may, feared.
    Hypothetical,
    /// Said not to have happened.
    Negation,
}

/// Certainty of the claim that this party did this act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The outlet, witnesses through it, or officials about their own side's acts say so.
    Asserted,
    /// "Suspected", "reportedly", "charged with", or stated only by an adversary.
    Alleged,
    /// The report carries a denial.
    Disputed,
}

impl Record {
    /// Quad class of the category.
    pub fn quad_code(&self) -> u8 {
        self.event.quad_code()
    }

    /// PLOVER's score: of the first mode where there is one, else of the category.
    pub fn event_scale(&self) -> f32 {
        self.mode.first().map_or(self.event.scale(), |mode| mode.scale())
    }
}
