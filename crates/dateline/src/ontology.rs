//! The event ontology: categories, modes, quad classes, scores and themes (PLOVER 2.0; CODEBOOK.md, "The sixteen categories").

use serde::{Deserialize, Serialize, Serializer};

/// The sixteen event categories of PLOVER 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EventType {
    /// Promise, offer or agree to cooperate.
    Agree,
    /// Meet, visit, host, phone, negotiate, mediate.
    Consult,
    /// Back, praise, recognise; sign or ratify an agreement.
    Support,
    /// Yield in words.
    Concede,
    /// Material exchange that serves both sides.
    Cooperate,
    /// Material help to the recipient.
    Aid,
    /// Yield in deed.
    Retreat,
    /// Ask, demand, order, appeal.
    Request,
    /// Criticise, allege, charge, investigate.
    Accuse,
    /// Refuse, veto, decline, deny entry, defy.
    Reject,
    /// Threaten, or warn with consequences.
    Threaten,
    /// Civilians demonstrate, strike, riot, boycott, block.
    Protest,
    /// Cut or reduce relations; convict.
    Sanction,
    /// Move or ready forces without using them.
    Mobilize,
    /// Repress without physical violence.
    Coerce,
    /// Use physical violence.
    Assault,
}

impl EventType {
    /// All sixteen, in the order of PLOVER's manual.
    pub const ALL: [EventType; 16] = [
        EventType::Agree,
        EventType::Consult,
        EventType::Support,
        EventType::Concede,
        EventType::Cooperate,
        EventType::Aid,
        EventType::Retreat,
        EventType::Request,
        EventType::Accuse,
        EventType::Reject,
        EventType::Threaten,
        EventType::Protest,
        EventType::Sanction,
        EventType::Mobilize,
        EventType::Coerce,
        EventType::Assault,
    ];

    /// The name as written in records ("COERCE").
    pub fn name(self) -> &'static str {
        match self {
            EventType::Agree => "AGREE",
            EventType::Consult => "CONSULT",
            EventType::Support => "SUPPORT",
            EventType::Concede => "CONCEDE",
            EventType::Cooperate => "COOPERATE",
            EventType::Aid => "AID",
            EventType::Retreat => "RETREAT",
            EventType::Request => "REQUEST",
            EventType::Accuse => "ACCUSE",
            EventType::Reject => "REJECT",
            EventType::Threaten => "THREATEN",
            EventType::Protest => "PROTEST",
            EventType::Sanction => "SANCTION",
            EventType::Mobilize => "MOBILIZE",
            EventType::Coerce => "COERCE",
            EventType::Assault => "ASSAULT",
        }
    }

    /// The category of that name; `None` where there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Quad class: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict.
    pub fn quad_code(self) -> u8 {
        use EventType::*;
        match self {
            Agree | Consult | Support | Concede => 1,
            Cooperate | Aid | Retreat => 2,
            Request | Accuse | Reject | Threaten => 3,
            Protest | Sanction | Mobilize | Coerce | Assault => 4,
        }
    }

    /// PLOVER's conflict-cooperation score of the category without a mode, −10 to +10. ACCUSE carries the minus sign that the
    /// manual's table drops by a slip.
    pub fn scale(self) -> f32 {
        use EventType::*;
        match self {
            Agree => 2.5,
            Consult => 2.5,
            Support => 5.0,
            Concede => 4.5,
            Cooperate => 9.5,
            Aid => 10.0,
            Retreat => 6.5,
            Request => 0.0,
            Accuse => -3.0,
            Reject => -2.0,
            Threaten => -3.5,
            Protest => -5.0,
            Sanction => -6.0,
            Mobilize => -5.5,
            Coerce => -7.0,
            Assault => -9.0,
        }
    }
}

/// A mode of an event ("raid" is COERCE, seize): an entry of [`MODES`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mode(u8);

impl Mode {
    /// The mode of that name under `event`; `None` where PLOVER has none.
    pub fn of(event: EventType, name: &str) -> Option<Self> {
        MODES.iter().position(|m| m.0 == event && m.1 == name).map(|i| Mode(i as u8))
    }

    /// All modes of all categories.
    pub fn all() -> impl Iterator<Item = Mode> {
        (0..MODES.len()).map(|i| Mode(i as u8))
    }

    /// The category it belongs to.
    pub fn event(self) -> EventType {
        MODES[self.0 as usize].0
    }

    /// The name as written in records ("seize").
    pub fn name(self) -> &'static str {
        MODES[self.0 as usize].1
    }

    /// PLOVER's score of category and mode, −10 to +10.
    pub fn scale(self) -> f32 {
        MODES[self.0 as usize].2
    }
}

impl std::fmt::Debug for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.event().name(), self.name())
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// PLOVER 2.0's modes with their scores. PROTEST vandalize has no score in the manual and takes its category's. SANCTION arrest
/// is no mode of the manual's: a conviction to prison takes it beside convict (CODEBOOK.md, SANCTION), with the score of
/// COERCE arrest.
pub const MODES: &[(EventType, &str, f32)] = &[
    (EventType::Consult, "visit", 4.0),
    (EventType::Consult, "third-party", 1.0),
    (EventType::Consult, "multilateral", 4.0),
    (EventType::Consult, "phone", 1.5),
    (EventType::Retreat, "withdraw", 8.0),
    (EventType::Retreat, "release", 6.5),
    (EventType::Retreat, "disarm", 10.0),
    (EventType::Retreat, "ceasefire", 7.5),
    (EventType::Retreat, "access", 6.5),
    (EventType::Retreat, "resign", 4.5),
    (EventType::Request, "assist", 0.5),
    (EventType::Request, "change", -1.0),
    (EventType::Request, "yield", -1.0),
    (EventType::Request, "meet", 0.0),
    (EventType::Reject, "assist", -1.5),
    (EventType::Reject, "change", -2.0),
    (EventType::Reject, "yield", -2.0),
    (EventType::Reject, "meet", -2.0),
    (EventType::Accuse, "disapprove", -2.0),
    (EventType::Accuse, "investigate", -3.5),
    (EventType::Accuse, "allege", -3.5),
    (EventType::Threaten, "restrict", -3.0),
    (EventType::Threaten, "arrest", -3.5),
    (EventType::Threaten, "relations", -3.5),
    (EventType::Threaten, "expel", -3.5),
    (EventType::Threaten, "territory", -4.0),
    (EventType::Threaten, "violence", -3.5),
    (EventType::Protest, "demo", -5.0),
    (EventType::Protest, "riot", -7.0),
    (EventType::Protest, "strike", -5.0),
    (EventType::Protest, "hunger", -4.5),
    (EventType::Protest, "boycott", -4.5),
    (EventType::Protest, "obstruct", -4.5),
    (EventType::Protest, "vandalize", -5.0),
    (EventType::Sanction, "convict", -6.0),
    (EventType::Sanction, "expel", -5.5),
    (EventType::Sanction, "withdraw", -6.0),
    (EventType::Sanction, "discontinue", -6.0),
    (EventType::Sanction, "arrest", -7.0),
    (EventType::Mobilize, "troops", -6.5),
    (EventType::Mobilize, "weapons", -6.5),
    (EventType::Mobilize, "police", -5.5),
    (EventType::Mobilize, "militia", -6.0),
    (EventType::Coerce, "seize", -7.0),
    (EventType::Coerce, "restrict", -7.0),
    (EventType::Coerce, "censor", -6.5),
    (EventType::Coerce, "curfew", -6.5),
    (EventType::Coerce, "martial-law", -7.5),
    (EventType::Coerce, "arrest", -7.0),
    (EventType::Coerce, "deport", -7.0),
    (EventType::Coerce, "withhold", -7.0),
    (EventType::Coerce, "misinformation", -6.5),
    (EventType::Coerce, "cyber", -7.0),
    (EventType::Assault, "abduct", -8.5),
    (EventType::Assault, "beat", -7.5),
    (EventType::Assault, "torture", -8.5),
    (EventType::Assault, "sexual", -8.5),
    (EventType::Assault, "targeted", -9.5),
    (EventType::Assault, "destroy", -8.5),
    (EventType::Assault, "primitive", -8.0),
    (EventType::Assault, "firearms", -9.0),
    (EventType::Assault, "explosives", -9.0),
    (EventType::Assault, "suicide-attack", -9.5),
    (EventType::Assault, "aerial", -9.5),
    (EventType::Assault, "drone", -9.5),
    (EventType::Assault, "heavy-weapons", -9.5),
    (EventType::Assault, "crowd-control", -7.5),
    (EventType::Assault, "unconventional", -10.0),
];

/// Themes of a report (CODEBOOK.md, `context`).
pub const THEMES: &[&str] = &[
    "military",
    "intelligence",
    "executive",
    "legislative",
    "election",
    "political_institutions",
    "pro_democracy",
    "pro_autocracy",
    "economic",
    "legal",
    "reparations",
    "human_rights",
    "rights_freedoms",
    "repression",
    "human_security",
    "gender",
    "lgbt",
    "religion_ethnicity",
    "inequality",
    "diplomatic",
    "territory",
    "peacekeeping",
    "health",
    "asylum",
    "migration",
    "disasters",
    "natural_resource",
    "environment",
    "technology",
    "terrorism",
    "cbrn",
    "cyber",
    "misinformation",
    "crime",
    "corruption",
    "illegal_drugs",
    "trafficking",
];

/// Sectors of a party (CODEBOOK.md, entity `sector`).
pub const SECTORS: &[&str] = &[
    "GOV", "COP", "MIL", "JUD", "LEG", "PTY", "SPY", "PRM", "REB", "UAF", "CVL", "REF", "REL", "OPP", "JRN", "BUS",
    "CRM", "EDU", "ELI", "LAB", "MED", "AGR", "SOC", "PRE", "UNK",
];
