//! Weighs what the model thinks against syntax, lexicon and position: whether two triggers name one event, whether a word fills a
//! role, whether an event is one. Each question is a small logistic model over named features; the weights are data
//! (`data/lang/en/weights.toml`, fitted by `training/calibrate.py` on coded reports that the encoder was not trained on).

mod act;
mod fill;

pub use act::{mode_features, status_features};
pub use fill::{Contest, Filled};

use crate::document::{Document, Role, Trigger};
use crate::lexicon::{Lexicon, Strength};
use crate::ontology::EventType;
use crate::record::{Auxiliary, SizeKind};
use crate::{BlockKind, Error, NameKind, Result, Span};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Named numbers that speak for or against something; a name that a table does not know counts nothing.
pub type Features = Vec<(Cow<'static, str>, f32)>;

/// A logistic model over named features.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// From which probability the answer is yes.
    pub least: f32,
    weights: HashMap<String, f32>,
}

impl Table {
    /// The probability that these features stand for yes.
    pub fn probability(&self, features: &Features) -> f32 {
        let z: f32 =
            features.iter().filter_map(|(name, value)| self.weights.get(name.as_ref()).map(|w| w * value)).sum();
        1.0 / (1.0 + (-z).exp())
    }
}

/// All tables.
#[derive(Debug, Clone, Deserialize)]
pub struct Weights {
    /// Two triggers name one event.
    pub same: Table,
    /// An event that the model found is one, and of the category it says.
    pub event: Table,
    /// A noun is the head of an actor.
    pub actor: Table,
    /// A noun is the head of a recipient.
    pub recipient: Table,
    /// A noun is the head of a source.
    pub source: Table,
    /// A named place is where the event took place.
    pub place: Table,
    /// A time expression is when it took place.
    pub time: Table,
    /// A count is a figure of the event, of a given kind.
    pub size: Table,
    /// A phrase is an actor of the event, after what its triggers say; likewise below.
    pub actors: Table,
    /// A recipient.
    pub recipients: Table,
    /// A source.
    pub sources: Table,
    /// Its place.
    pub places: Table,
    /// Its time.
    pub times: Table,
    /// A figure of it, of a given kind.
    pub sizes: Table,
    /// A mode of its category holds of the event.
    pub mode: Table,
    /// The event ended over a year before publication.
    pub historical: Table,
    /// It will happen or is planned.
    pub future: Table,
    /// It would, may or is feared to happen.
    pub hypothetical: Table,
    /// It is said not to have happened.
    pub negation: Table,
    /// That this party did this act is alleged.
    pub alleged: Table,
    /// It is disputed.
    pub disputed: Table,
}

impl Weights {
    /// The weights in this binary.
    pub fn embedded() -> &'static Weights {
        static WEIGHTS: OnceLock<Weights> = OnceLock::new();
        WEIGHTS.get_or_init(|| {
            Self::read("weights.toml", include_str!("../../../data/lang/en/weights.toml"))
                .unwrap_or_else(|e| panic!("embedded data: {e}"))
        })
    }

    /// Reads a weights file.
    ///
    /// # Errors
    /// [`Error::Data`] where it is not TOML of this form.
    pub fn read(name: &str, text: &str) -> Result<Weights> {
        toml::from_str(text).map_err(|e| Error::Data { name: name.to_owned(), message: e.to_string() })
    }

    /// The table of a role of one trigger.
    pub fn role(&self, role: Role) -> &Table {
        match role {
            Role::Actor => &self.actor,
            Role::Recipient => &self.recipient,
            Role::Source => &self.source,
            Role::Place => &self.place,
            Role::Time => &self.time,
            Role::Size(_) => &self.size,
        }
    }

    /// The table of a role of the event as a whole.
    pub fn event_role(&self, role: Role) -> &Table {
        match role {
            Role::Actor => &self.actors,
            Role::Recipient => &self.recipients,
            Role::Source => &self.sources,
            Role::Place => &self.places,
            Role::Time => &self.times,
            Role::Size(_) => &self.sizes,
        }
    }

    /// The table of a status.
    pub fn status(&self, status: Status) -> &Table {
        match status {
            Status::Auxiliary(Auxiliary::Historical) => &self.historical,
            Status::Auxiliary(Auxiliary::Future) => &self.future,
            Status::Auxiliary(Auxiliary::Hypothetical) => &self.hypothetical,
            Status::Auxiliary(Auxiliary::Negation) => &self.negation,
            Status::Alleged => &self.alleged,
            Status::Disputed => &self.disputed,
        }
    }
}

/// A status that an act may have; several may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// One of the auxiliaries.
    Auxiliary(Auxiliary),
    /// Its certainty is not "asserted" but this.
    Alleged,
    /// Its certainty is not "asserted" but this.
    Disputed,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 6] = [
        Status::Auxiliary(Auxiliary::Historical),
        Status::Auxiliary(Auxiliary::Future),
        Status::Auxiliary(Auxiliary::Hypothetical),
        Status::Auxiliary(Auxiliary::Negation),
        Status::Alleged,
        Status::Disputed,
    ];
}

/// Log odds, bounded.
fn logit(p: f32) -> f32 {
    let p = p.clamp(0.002, 0.998);
    (p / (1.0 - p)).ln()
}

fn flag(yes: bool) -> f32 {
    if yes { 1.0 } else { 0.0 }
}

/// What speaks for two triggers naming one event.
pub fn same_features(doc: &Document, a: &Trigger, b: &Trigger) -> Features {
    let (x, y) = (&doc.tokens[a.token], &doc.tokens[b.token]);
    let link = |t: &Trigger, to: usize| t.same.iter().find(|s| s.0 == to).map(|s| s.1);
    let (ab, ba) = (link(a, b.token), link(b, a.token));
    let seen = ab.is_some() || ba.is_some();
    let p = (ab.unwrap_or(0.0) + ba.unwrap_or(0.0)) / 2.0;
    let (l, m) = (x.lemma.to_lowercase(), y.lemma.to_lowercase());
    let stem = l.chars().take(4).eq(m.chars().take(4));
    let apart = x.sentence.abs_diff(y.sentence);
    let head = x.sentence == 0 || y.sentence == 0;
    let nouns = flag(x.upos == "NOUN") + flag(y.upos == "NOUN");
    let mut out: Features = vec![
        ("bias".into(), 1.0),
        ("seen".into(), flag(seen)),
        ("p".into(), if seen { logit(p) } else { 0.0 }),
        ("lemma".into(), flag(l == m)),
        ("stem".into(), flag(stem)),
        ("same_sentence".into(), flag(apart == 0)),
        ("apart".into(), apart.min(8) as f32 / 8.0),
        ("nouns".into(), nouns),
        ("headline".into(), flag(head)),
        ("headline_lemma".into(), flag(head && l == m)),
        ("near".into(), flag(a.token.abs_diff(b.token) <= 3)),
        ("mode".into(), agreement(&mode_set(a), &mode_set(b))),
    ];
    for role in [Role::Actor, Role::Recipient, Role::Place, Role::Time] {
        out.push((format!("lemmas:{role:?}").into(), agreement(&lemmas(doc, a, role), &lemmas(doc, b, role))));
    }
    for role in [Role::Actor, Role::Recipient, Role::Place, Role::Time] {
        out.push((format!("words:{role:?}").into(), shared_words(a, b, role)));
    }
    out
}

/// 1 where the sets meet, −1 where both hold something and they do not, else 0.
fn agreement<T: PartialEq>(a: &[T], b: &[T]) -> f32 {
    if a.iter().any(|x| b.contains(x)) {
        1.0
    } else if a.is_empty() || b.is_empty() {
        0.0
    } else {
        -1.0
    }
}

fn mode_set(t: &Trigger) -> Vec<crate::ontology::Mode> {
    t.modes.iter().filter(|m| m.1 > 0.4).map(|m| m.0).collect()
}

fn lemmas(doc: &Document, t: &Trigger, role: Role) -> Vec<String> {
    t.roles
        .iter()
        .filter(|f| f.role == role && f.p > 0.4 && matches!(doc.tokens[f.token].upos, "NOUN" | "PROPN"))
        .map(|f| doc.tokens[f.token].lemma.to_lowercase())
        .collect()
}

/// How much of the smaller role's probability falls on the same words.
fn shared_words(a: &Trigger, b: &Trigger, role: Role) -> f32 {
    let of = |t: &Trigger| -> Vec<(usize, f32)> {
        t.roles.iter().filter(|f| f.role == role).map(|f| (f.token, f.p)).collect()
    };
    let (x, y) = (of(a), of(b));
    let total = |v: &[(usize, f32)]| v.iter().map(|f| f.1).sum::<f32>();
    let least = total(&x).min(total(&y));
    let shared: f32 = x.iter().filter_map(|(t, p)| y.iter().find(|f| f.0 == *t).map(|f| p.min(f.1))).sum();
    if least > 0.5 { shared / least } else { 0.0 }
}

/// What speaks for an event being one: `triggers` are the words that name it.
pub fn event_features(doc: &Document, lexicon: &Lexicon, event: EventType, triggers: &[&Trigger]) -> Features {
    let best = |of: &dyn Fn(&Trigger) -> f32| triggers.iter().map(|t| of(t)).fold(0.0f32, f32::max);
    let p = best(&|t| t.events[event as usize]);
    let any = best(&|t| t.events.iter().sum());
    let first = &doc.tokens[triggers[0].token];
    let mut mine = None;
    let mut other = None;
    for t in triggers {
        for c in lexicon.triggers(doc, t.token) {
            let slot = if c.event == event { &mut mine } else { &mut other };
            *slot = (*slot).max(Some(c.strength));
        }
    }
    // a report that tells no other event, on no theme of politics, is likelier to use the words of war for something else
    let mine_too = |t: &Trigger| triggers.iter().any(|m| m.token == t.token);
    let others: Vec<f32> =
        doc.triggers.iter().filter(|t| !mine_too(t)).map(|t| t.events.iter().sum::<f32>().min(1.0)).collect();
    let has = |role| flag(triggers.iter().any(|t| t.roles.iter().any(|f| f.role == role && f.p > 0.4)));
    vec![
        ("bias".into(), 1.0),
        ("p".into(), logit(p)),
        ("any".into(), logit(any.min(1.0))),
        ("mentions".into(), (triggers.len().min(6) as f32).ln()),
        ("headline".into(), flag(triggers.iter().any(|t| doc.tokens[t.token].sentence == 0))),
        ("noun".into(), flag(first.upos == "NOUN")),
        ("verb".into(), flag(first.upos == "VERB")),
        (strength("lexicon", mine).into(), 1.0),
        (strength("lexicon_other", other).into(), 1.0),
        ("actor".into(), has(Role::Actor)),
        ("recipient".into(), has(Role::Recipient)),
        ("place".into(), has(Role::Place)),
        ("others".into(), (1.0 + others.iter().sum::<f32>()).ln()),
        ("best_other".into(), logit(others.iter().copied().fold(0.0, f32::max))),
        ("alone".into(), flag(others.is_empty())),
        ("themes".into(), doc.themes.len().min(4) as f32 / 4.0),
        ("no_theme".into(), flag(doc.themes.is_empty())),
        (format!("event:{}", event.name()).into(), 1.0),
    ]
}

fn strength(name: &str, found: Option<Strength>) -> String {
    match found {
        None => format!("{name}:none"),
        Some(s) => format!("{name}:{s:?}").to_lowercase(),
    }
}

/// What speaks for `token`, the head of a phrase over tokens `first..=last`, filling `role` of `trigger`.
pub fn link_features(
    doc: &Document,
    lexicon: &Lexicon,
    trigger: &Trigger,
    role: Role,
    token: usize,
    (first, last): (usize, usize),
) -> Features {
    let t = &doc.tokens[trigger.token];
    let w = &doc.tokens[token];
    let p = |of: &dyn Fn(Role) -> bool| {
        trigger
            .roles
            .iter()
            .filter(|f| of(f.role) && f.token >= first && f.token <= last)
            .map(|f| f.p)
            .fold(0.0f32, f32::max)
    };
    let own = p(&|r| r == role);
    let rival = p(&|r| r != role && matches!(r, Role::Actor | Role::Recipient | Role::Source));
    let ahead = w.sentence as i64 - t.sentence as i64;
    let group = ["verbal", "material"][usize::from(matches!(trigger.event.quad_code(), 2 | 4))];
    let path = path(doc, trigger.token, token);
    let mut out: Features = vec![
        ("bias".into(), 1.0),
        ("p".into(), logit(own)),
        ("rival".into(), logit(rival)),
        ("propn".into(), flag(w.upos == "PROPN")),
        ("odd".into(), flag(!matches!(w.upos, "PROPN" | "NOUN"))),
        ("distance".into(), (1.0 + token.abs_diff(trigger.token) as f32).ln()),
        ("same_sentence".into(), flag(ahead == 0)),
        ("before".into(), flag(ahead < 0)),
        ("apart".into(), ahead.unsigned_abs().min(6) as f32 / 6.0),
        ("headline".into(), flag(w.sentence == 0)),
        ("verb".into(), flag(t.upos == "VERB")),
        ("instrument".into(), flag(w.upos == "NOUN" && link_words().instruments.contains(&w.lemma.to_lowercase()))),
        (format!("group:{group}").into(), 1.0),
        (format!("case:{}", case(doc, first, token)).into(), 1.0),
    ];
    if ahead == 0 {
        out.push((format!("path:{}:{path}", if t.upos == "VERB" { "v" } else { "n" }).into(), 1.0));
        out.push((format!("path:{path}").into(), 1.0));
    }
    match role {
        Role::Actor | Role::Recipient => slot_features(doc, lexicon, trigger, role, token, &mut out),
        Role::Source => source_features(doc, trigger, token, (first, last), &mut out),
        Role::Size(kind) => size_features(doc, lexicon, trigger, kind, token, &mut out),
        Role::Place => place_features(doc, trigger, (first, last), &mut out),
        Role::Time => {}
    }
    out
}

/// How the report speaks of the place beyond this mention.
fn place_features(doc: &Document, trigger: &Trigger, (first, last): (usize, usize), out: &mut Features) {
    let span = crate::stages::phrases::span(doc, first, last);
    let Some(place) = doc.places.iter().find(|p| p.span.overlaps(span)) else { return };
    let same = doc.places.iter().filter(|p| p.name == place.name && p.country_code == place.country_code).count();
    let dateline = doc.report.blocks.iter().any(|b| b.kind == BlockKind::Dateline && b.span.contains(place.span));
    let organisation = doc
        .names
        .iter()
        .any(|n| n.kind == NameKind::Organisation && n.span.contains(place.span) && n.span != place.span);
    out.push((format!("resolution:{:?}", place.resolution).to_lowercase().into(), 1.0));
    out.push(("share".into(), same as f32 / doc.places.len() as f32));
    out.push(("first_place".into(), flag(doc.places[0].name == place.name)));
    out.push(("dateline".into(), flag(dateline)));
    out.push(("in_organisation".into(), flag(organisation)));
    let act = &doc.tokens[trigger.token];
    let sentence = doc.sentences[act.sentence].span;
    let beside = |p: &&crate::Place| sentence.contains(p.span);
    let own = doc.places.iter().filter(beside).count();
    out.push(("sentence_has_place".into(), flag(own > 0)));
    out.push(("elsewhere_though_sentence_has".into(), flag(own > 0 && !sentence.contains(place.span))));
    let latest = doc.places.iter().rev().find(|p| p.span.end <= act.span.start);
    out.push(("latest".into(), flag(latest.is_some_and(|p| p.name == place.name))));
    let narrower = doc.places.iter().filter(beside).any(|p| p.resolution < place.resolution);
    out.push(("narrower_beside".into(), flag(narrower)));
}

/// Whether the lexicon's frame of the trigger word puts the word in this slot, or in the other.
fn slot_features(doc: &Document, lexicon: &Lexicon, trigger: &Trigger, role: Role, token: usize, out: &mut Features) {
    let (mut mine, mut other) = (false, false);
    for c in lexicon.triggers(doc, trigger.token).iter().filter(|c| c.event == trigger.event) {
        let (actors, recipients) = lexicon.parties(doc, c);
        let (own, rival) = if role == Role::Actor { (actors, recipients) } else { (recipients, actors) };
        mine |= own.contains(&token);
        other |= rival.contains(&token);
    }
    out.push(("slot".into(), flag(mine)));
    out.push(("other_slot".into(), flag(other)));
}

/// `data/lang/en/links.toml`.
struct LinkWords {
    says: HashSet<String>,
    cites: HashSet<String>,
    papers: HashSet<String>,
    instruments: HashSet<String>,
}

fn link_words() -> &'static LinkWords {
    #[derive(Deserialize)]
    struct Lists {
        says: String,
        cites: String,
        papers: String,
        instruments: String,
    }
    static WORDS: OnceLock<LinkWords> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lists: Lists = toml::from_str(include_str!("../../../data/lang/en/links.toml"))
            .unwrap_or_else(|e| panic!("embedded data: links.toml: {e}"));
        let set = |list: &str| list.split_whitespace().map(str::to_owned).collect();
        LinkWords {
            says: set(&lists.says),
            cites: set(&lists.cites),
            papers: set(&lists.papers),
            instruments: set(&lists.instruments),
        }
    })
}

fn source_features(doc: &Document, trigger: &Trigger, token: usize, (first, last): (usize, usize), out: &mut Features) {
    let w = &doc.tokens[token];
    let text = &doc.report.text;
    let words = link_words();
    let governor = w.head.map(|h| doc.tokens[h].lemma.to_lowercase()).unwrap_or_default();
    let says = words.says.contains(&governor);
    let cites = words.cites.contains(&governor);
    let subject = w.deprel.starts_with("nsubj");
    let object = matches!(w.deprel, "obj" | "iobj");
    let according = first >= 2
        && doc.tokens[first - 1].span.of(text).eq_ignore_ascii_case("to")
        && doc.tokens[first - 2].span.of(text).eq_ignore_ascii_case("according");
    let phrase = crate::stages::phrases::span(doc, first, last);
    let credited = doc.report.via.iter().any(|credit| w.span.of(text).contains(credit.name.as_str()));
    // what the marks of the attributions say: whose words the act stands in
    let act = doc.tokens[trigger.token].span;
    let covers = |spans: &[Span], span: Span| spans.iter().any(|s| s.overlaps(span));
    let told = doc.attributions.iter().filter(|a| covers(&a.content, act));
    let speaker = told.clone().any(|a| covers(&a.source, phrase));
    let speaks = doc.attributions.iter().any(|a| covers(&a.source, phrase));
    for (name, yes) in [
        ("says", says),
        ("says_subject", says && subject),
        ("listener", governor == "tell" && object),
        ("cites_subject", cites && subject),
        ("cited", cites && object),
        ("paper_by", words.papers.contains(&governor) && w.deprel.starts_with("nmod")),
        ("according", according),
        ("credited", credited),
        ("outlet", crate::formats::is_outlet(phrase.of(text))),
        ("speaker", speaker),
        ("speaks_elsewhere", speaks && !speaker),
        ("told", told.count() > 0),
    ] {
        out.push((name.into(), flag(yes)));
    }
}

fn size_features(
    doc: &Document,
    lexicon: &Lexicon,
    trigger: &Trigger,
    kind: SizeKind,
    token: usize,
    out: &mut Features,
) {
    let counted = |i: usize| lexicon.size_kind(&doc.tokens[i].lemma, doc.tokens[i].upos);
    let mut above = None;
    let mut at = token;
    for _ in 0..3 {
        above = above.or_else(|| counted(at));
        let Some(head) = doc.tokens[at].head else { break };
        at = head;
    }
    above = above.or_else(|| counted(at));
    out.push(("counts".into(), flag(above == Some(kind))));
    out.push(("counts_other".into(), flag(above.is_some_and(|k| k != kind))));
    out.push(("trigger_counts".into(), flag(counted(trigger.token) == Some(kind))));
    out.push((format!("kind:{}", kind.name()).into(), 1.0));
}

/// Prepositions told apart; others are "other".
const CASES: &[&str] = &[
    "by", "of", "against", "on", "from", "to", "with", "for", "in", "between", "at", "near", "during", "since",
    "after", "before", "until",
];

/// The preposition before a phrase.
fn case(doc: &Document, first: usize, head: usize) -> &'static str {
    let back = first.saturating_sub(3);
    let found = (back..head).rev().find(|&i| doc.tokens[i].head == Some(head) && doc.tokens[i].deprel == "case");
    match found.map(|i| doc.tokens[i].lemma.to_lowercase()) {
        Some(lemma) => CASES.iter().find(|c| **c == lemma).copied().unwrap_or("other"),
        None => "none",
    }
}

/// How syntax leads from the trigger to a word of its sentence.
fn path(doc: &Document, trigger: usize, word: usize) -> String {
    let rel = |i: usize| doc.tokens[i].deprel;
    let short = |i: usize| rel(i).split(':').next().unwrap_or("");
    let head = |i: usize| doc.tokens[i].head;
    if word == trigger {
        return "self".to_owned();
    }
    if head(word) == Some(trigger) {
        return match short(word) {
            "obl" | "nmod" => format!("{}:{}", rel(word), case(doc, word.saturating_sub(4), word)),
            _ => rel(word).to_owned(),
        };
    }
    if head(trigger) == Some(word) {
        return format!("up:{}", rel(trigger));
    }
    if let Some(h) = head(word) {
        if head(h) == Some(trigger) && short(word) == "conj" {
            return format!("conj:{}", short(h));
        }
        if head(trigger) == Some(h) {
            return format!("gov:{}:{}", short(trigger), short(word));
        }
        if head(trigger).and_then(head) == Some(h) {
            return format!("gov2:{}", short(word));
        }
    }
    let above = |from: usize, to: usize| std::iter::successors(head(from), |&i| head(i)).take(20).any(|i| i == to);
    if above(word, trigger) {
        "below".to_owned()
    } else if above(trigger, word) {
        "above".to_owned()
    } else {
        "side".to_owned()
    }
}

/// Words that may fill a role of `trigger`: each the head of its phrase, with the phrase.
pub fn candidates(doc: &Document, trigger: &Trigger, role: Role) -> Vec<(usize, (usize, usize))> {
    let tokens_of = |span: Span| -> Option<(usize, usize)> {
        let first = doc.tokens.partition_point(|t| t.span.end <= span.start);
        let last = doc.tokens.partition_point(|t| t.span.start < span.end).checked_sub(1)?;
        (first <= last).then_some((first, last))
    };
    let spans: Vec<Span> = match role {
        Role::Place => doc.places.iter().map(|p| p.span).collect(),
        Role::Time => doc.times.iter().map(|t| t.span).collect(),
        Role::Size(_) => doc.quantities.iter().map(|q| q.span).collect(),
        Role::Actor | Role::Recipient | Role::Source => return nouns(doc, trigger, role),
    };
    let sentence = doc.tokens[trigger.token].sentence;
    let near = |&(head, (first, last)): &(usize, (usize, usize))| {
        doc.tokens[head].sentence.abs_diff(sentence) <= 1
            || trigger.roles.iter().any(|f| f.role == role && f.token >= first && f.token <= last)
    };
    let phrase = |(first, last): (usize, usize)| {
        let head = crate::stages::phrases::head(doc, first, last);
        // a count is judged with the noun it counts
        let noun =
            doc.tokens[head].head.filter(|_| matches!(role, Role::Size(_)) && doc.tokens[head].deprel == "nummod");
        (noun.unwrap_or(head), (first, noun.map_or(last, |n| n.max(last))))
    };
    spans.into_iter().filter_map(tokens_of).map(phrase).filter(near).collect()
}

/// Least probability for a word of another sentence to be considered.
const FAR: f32 = 0.05;

fn nouns(doc: &Document, trigger: &Trigger, role: Role) -> Vec<(usize, (usize, usize))> {
    let sentence = doc.sentences[doc.tokens[trigger.token].sentence].tokens.clone();
    let likely = trigger.roles.iter().filter(|f| f.role == role && f.p >= FAR).map(|f| f.token);
    let mut tokens: Vec<usize> = sentence.chain(likely).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let nominal = |i: usize| matches!(doc.tokens[i].upos, "NOUN" | "PROPN");
    let heads = |&i: &usize| {
        let t = &doc.tokens[i];
        // titles belong to the name they stand before, appositions to the noun they explain
        let part = matches!(t.deprel, "compound" | "flat" | "nmod:desc" | "appos");
        let noun = matches!(t.upos, "NOUN" | "PROPN") && !(part && t.head.is_some_and(nominal));
        let other = matches!(t.upos, "PRON" | "NUM" | "ADJ")
            && trigger.roles.iter().any(|f| f.role == role && f.token == i && f.p >= 0.3)
            && !matches!(t.deprel, "amod" | "nummod");
        (noun || other) && i != trigger.token && !crate::stages::phrases::before_hyphen(doc, i)
    };
    tokens.into_iter().filter(heads).map(|i| (i, crate::stages::phrases::core(doc, i))).collect()
}
