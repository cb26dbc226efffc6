//! Assembles records from the layers: each event with its parties, time, place, figures, sources and status (CODEBOOK.md, "Fields").

use super::events::{self, Event, Run};
use super::{phrases, quantities, times};
use crate::actors::{Actors, PartyContext, Phrase};
use crate::document::{Document, Filler, Place, Role, Time};
use crate::lexicon::Lexicon;
use crate::ontology::Mode;
use crate::record::{
    Attribution, Auxiliary, Certainty, Count, DateBasis, Entity, Figure, Record, SizeKind, SpeechKind, When,
};
use crate::{NameKind, Resolution, Span};
use std::collections::BTreeMap;

/// From which probability a word fills a role. Tuned on the coded reports held out of training, 2026-11 (`dateline eval`).
mod least {
    pub const PARTY: f32 = 0.40;
    pub const PLACE: f32 = 0.45;
    pub const TIME: f32 = 0.40;
    pub const SOURCE: f32 = 0.45;
    pub const SIZE: f32 = 0.40;
    pub const MODE: f32 = 0.40;
    pub const STATUS: f32 = 0.50;
}

/// The records of `doc`, in order of first mention.
pub fn records(doc: &Document, actors: &Actors, lexicon: &Lexicon) -> Vec<Record> {
    let known = PartyContext { published: doc.report.published, ..PartyContext::default() };
    let countries = actors.country_context(&doc.report.text, &known);
    let known = PartyContext { country: countries.first().map(|c| c.0.as_str()), ..known };
    let cast = actors.cast(&doc.report.text, &known);
    let context = PartyContext { cast: Some(&cast), ..known };
    events::events(doc).iter().map(|event| Assembly { doc, actors, lexicon, event, context }.record()).collect()
}

struct Assembly<'d> {
    doc: &'d Document,
    actors: &'d Actors,
    lexicon: &'d Lexicon,
    event: &'d Event,
    context: PartyContext<'d>,
}

impl Assembly<'_> {
    fn record(&self) -> Record {
        let doc = self.doc;
        let fillers = events::fillers(doc, self.event);
        let mentions = events::mentions(doc, self.event);
        let actor = self.parties(&fillers, Role::Actor);
        let recipient = self.parties(&fillers, Role::Recipient);
        let mode = self.modes();
        let first = self.first_token();
        let mut trace = Vec::new();
        let sure = self.certainty_of_event();
        trace.push((
            "event",
            format!("tagger: {} at {:.2} on \"{}\"", self.event.event.name(), sure, mentions[0].of(&doc.report.text)),
        ));
        let size = self.sizes(&fillers);
        let when = self.when(&fillers);
        trace.push((
            "date",
            match (&when.basis, &when.timex) {
                (DateBasis::Text, Some(timex)) => format!("times: {timex}, linked by the tagger"),
                (basis, _) => format!("tagger: {basis:?}, no time words linked").to_lowercase(),
            },
        ));
        let event_loc = self.place(&fillers);
        if let Some(place) = &event_loc {
            trace.push(("event_loc", format!("gazetteer: {} ({})", place.name, place.feature_code)));
        }
        let cameo = self.lexicon.cameo(self.event.event, &mode, &doc.tokens[first].lemma).to_string();
        trace.push(("cameo", format!("lexicon: {} with \"{}\"", self.event.event.name(), doc.tokens[first].lemma)));
        Record {
            id: crate::export::record_id(&doc.report, self.event.event, mentions[0], 0),
            event: self.event.event,
            mode,
            cameo,
            actor,
            recipient,
            when,
            event_loc,
            size,
            attribution: self.sources(&fillers, first),
            auxiliary: self.auxiliary(),
            certainty: self.certainty(),
            sentence: doc.tokens[first].sentence,
            confidence: confidence(sure, self.event.triggers.len()),
            mentions,
            trace,
        }
    }

    fn first_token(&self) -> usize {
        self.doc.triggers[self.event.triggers[0]].token
    }

    /// Greatest probability that any mention gives the category.
    fn certainty_of_event(&self) -> f32 {
        let index = self.event.event as usize;
        self.event.triggers.iter().map(|&i| self.doc.triggers[i].events[index]).fold(0.0, f32::max)
    }

    /// Mean over the mentions.
    fn mean(&self, of: impl Fn(&crate::document::Trigger) -> f32) -> f32 {
        self.event.triggers.iter().map(|&i| of(&self.doc.triggers[i])).sum::<f32>() / self.event.triggers.len() as f32
    }

    fn modes(&self) -> Vec<Mode> {
        let mut best: BTreeMap<Mode, f32> = BTreeMap::new();
        for &i in &self.event.triggers {
            for &(mode, p) in &self.doc.triggers[i].modes {
                let b = best.entry(mode).or_insert(0.0);
                *b = b.max(p);
            }
        }
        let mut modes: Vec<(Mode, f32)> =
            best.into_iter().filter(|(mode, p)| *p >= least::MODE && mode.event() == self.event.event).collect();
        modes.sort_by(|a, b| b.1.total_cmp(&a.1));
        modes.into_iter().map(|m| m.0).collect()
    }

    /// Distance in sentences, then in words, from the nearest mention; a party is quoted where it stands nearest.
    fn distance(&self, token: usize) -> (usize, usize) {
        let sentence = self.doc.tokens[token].sentence;
        self.event
            .triggers
            .iter()
            .map(|&i| self.doc.triggers[i].token)
            .map(|t| (self.doc.tokens[t].sentence.abs_diff(sentence), t.abs_diff(token)))
            .min()
            .unwrap_or_default()
    }

    fn parties(&self, fillers: &[Filler], role: Role) -> Vec<Entity> {
        let doc = self.doc;
        let mut chosen: Vec<(usize, usize, Vec<String>)> = Vec::new();
        let mut runs = events::runs(doc, fillers, role, least::PARTY);
        runs.sort_by_key(|run| self.distance(run.first));
        for run in runs {
            let (first, last) = phrases::noun_phrase(doc, &run);
            let head = phrases::head(doc, first, last);
            let pronoun = (first..=last).all(|i| matches!(doc.tokens[i].upos, "PRON" | "DET" | "PUNCT" | "ADP"));
            if pronoun || !doc.tokens[head].span.of(&doc.report.text).chars().any(char::is_alphanumeric) {
                continue;
            }
            let content = phrases::content(doc, first, last);
            let repeated = chosen.iter().any(|(a, b, other)| {
                (*a <= last && first <= *b) || same_party(doc, (*a, *b, other), (first, last, &content))
            });
            if !repeated {
                chosen.push((first, last, content));
            }
        }
        chosen.sort_by_key(|c| c.0);
        chosen.into_iter().map(|(first, last, _)| self.entity(first, last)).collect()
    }

    fn entity(&self, first: usize, last: usize) -> Entity {
        let doc = self.doc;
        let text = &doc.report.text;
        let span = phrases::span(doc, first, last);
        let head = phrases::head(doc, first, last);
        let is_place_name = doc.names.iter().any(|n| {
            n.span.contains(doc.tokens[head].span)
                && matches!(n.kind, NameKind::Gpe | NameKind::Location | NameKind::Facility)
        });
        let phrase = Phrase { words: span.of(text), head: Some(&doc.tokens[head].lemma), is_place_name };
        let party = self.actors.describe(&phrase, &self.context);
        let count = doc
            .quantities
            .iter()
            .find(|q| span.contains(q.span) || span.overlaps(q.span))
            .map(|q| Count { min: q.min, max: q.max, span: q.span })
            .or_else(|| article(doc, span));
        Entity { span, code: party.code, sector: party.sector, identifier: party.identifier, count }
    }

    fn place(&self, fillers: &[Filler]) -> Option<Place> {
        let doc = self.doc;
        let weight = |span: Span| -> f32 {
            fillers
                .iter()
                .filter(|f| f.role == Role::Place && span.overlaps(doc.tokens[f.token].span))
                .map(|f| f.p)
                .fold(0.0, f32::max)
        };
        let best =
            doc.places.iter().map(|place| (place, weight(place.span))).filter(|(_, p)| *p >= least::PLACE).max_by(
                |a, b| {
                    let key = |(place, p): &(&Place, f32)| (*p * 4.0).round() - place.resolution as i32 as f32 * 0.5;
                    key(a).total_cmp(&key(b)).then(b.0.span.start.cmp(&a.0.span.start))
                },
            );
        if let Some((place, _)) = best {
            return Some(place.clone());
        }
        let run =
            events::runs(doc, fillers, Role::Place, least::PLACE).into_iter().max_by(|a, b| a.p.total_cmp(&b.p))?;
        self.mentioned_place(&run)
    }

    /// "the city", "the province": the last place of that kind named before.
    fn mentioned_place(&self, run: &Run) -> Option<Place> {
        let doc = self.doc;
        let (first, last) = phrases::noun_phrase(doc, run);
        let head = &doc.tokens[phrases::head(doc, first, last)];
        let kind = match head.lemma.as_str() {
            "city" | "town" | "village" | "capital" => Resolution::City,
            "district" | "county" => Resolution::District,
            "province" | "state" | "governorate" | "region" => Resolution::Province,
            "country" | "nation" | "kingdom" | "republic" => Resolution::Country,
            _ => return None,
        };
        let span = phrases::span(doc, first, last);
        let named = doc.places.iter().rev().find(|p| p.span.end <= span.start && p.resolution == kind)?;
        Some(Place { span, ..named.clone() })
    }

    fn when(&self, fillers: &[Filler]) -> When {
        let doc = self.doc;
        let weight = |time: &Time| -> f32 {
            fillers
                .iter()
                .filter(|f| f.role == Role::Time && time.span.overlaps(doc.tokens[f.token].span))
                .map(|f| f.p)
                .fold(0.0, f32::max)
        };
        let [text, published, none] = [0, 1, 2].map(|i| self.mean(|t| t.basis[i]));
        let needed = if text > 0.5 { least::TIME * 0.5 } else { least::TIME };
        let linked = doc
            .times
            .iter()
            .enumerate()
            .map(|(i, time)| (time, weight(time), i))
            .filter(|(_, p, _)| *p >= needed)
            .max_by(|a, b| {
                let dated = |t: &Time| t.start.is_some() || t.end.is_some();
                dated(a.0)
                    .cmp(&dated(b.0))
                    .then((a.1 * 10.0).round().total_cmp(&(b.1 * 10.0).round()))
                    .then(b.0.span.start.cmp(&a.0.span.start))
            });
        if let Some((time, _, index)) = linked {
            let (date, enddate) = times::interval(&doc.report.text, &doc.times, index, doc.report.published);
            return When {
                date,
                enddate,
                basis: DateBasis::Text,
                span: Some(time.span),
                timex: Some(time.timex.clone()),
            };
        }
        if published >= none || text > none && text > 0.5 {
            let day = doc.report.published;
            return When { date: day, enddate: day, basis: DateBasis::Published, span: None, timex: None };
        }
        When { date: None, enddate: None, basis: DateBasis::None, span: None, timex: None }
    }

    fn sizes(&self, fillers: &[Filler]) -> BTreeMap<SizeKind, Vec<Figure>> {
        let mut out = BTreeMap::new();
        for kind in SizeKind::ALL {
            let mut figures: Vec<Figure> = Vec::new();
            for run in events::runs(self.doc, fillers, Role::Size(kind), least::SIZE) {
                let Some(count) = self.figure(&run) else { continue };
                if !figures.iter().any(|f| (f.count.min, f.count.max) == (count.min, count.max)) {
                    figures.push(Figure { count, by: None });
                }
            }
            if !figures.is_empty() {
                out.insert(kind, figures);
            }
        }
        out
    }

    /// The count that a run of words states: its own figure, or one person where it names one.
    fn figure(&self, run: &Run) -> Option<Count> {
        let doc = self.doc;
        let (first, last) = phrases::noun_phrase(doc, run);
        let span = phrases::span(doc, first, last);
        if let Some(q) = doc.quantities.iter().find(|q| q.span.overlaps(span)) {
            return Some(Count { min: q.min, max: q.max, span: q.span.cover(span) });
        }
        article(doc, span).map(|count| Count { span, ..count }).or_else(|| {
            let token = &doc.tokens[phrases::head(doc, first, last)];
            let one = token.upos == "PROPN"
                || token.upos == "NOUN" && token.lemma == token.span.of(&doc.report.text).to_lowercase();
            one.then_some(Count { min: Some(1), max: Some(1), span })
        })
    }

    fn sources(&self, fillers: &[Filler], trigger: usize) -> Vec<Attribution> {
        let doc = self.doc;
        let mut found: Vec<(usize, usize, Vec<String>)> = Vec::new();
        let mut runs = events::runs(doc, fillers, Role::Source, least::SOURCE);
        runs.sort_by_key(|run| self.distance(run.first));
        for run in runs {
            let (first, last) = phrases::noun_phrase(doc, &run);
            if (first..=last).all(|i| matches!(doc.tokens[i].upos, "PRON" | "DET" | "PUNCT" | "ADP")) {
                continue;
            }
            let content = phrases::content(doc, first, last);
            if !found.iter().any(|(a, b, other)| same_party(doc, (*a, *b, other), (first, last, &content))) {
                found.push((first, last, content));
            }
        }
        found.sort_by_key(|&(first, last, _)| (!self.is_outlet(first, last), first));
        found.into_iter().map(|(first, last, _)| self.attribution(first, last, trigger)).collect()
    }

    fn is_outlet(&self, first: usize, last: usize) -> bool {
        let words = phrases::span(self.doc, first, last);
        self.doc.report.via.iter().any(|credit| words.of(&self.doc.report.text).contains(credit.name.as_str()))
            || self.entity(first, last).sector.contains(&"JRN")
    }

    fn attribution(&self, first: usize, last: usize, trigger: usize) -> Attribution {
        let doc = self.doc;
        let source = phrases::span(doc, first, last);
        let head = phrases::head(doc, first, last);
        let kind = if is_document(&doc.tokens[head].lemma) {
            SpeechKind::Document
        } else if in_quotes(doc, doc.tokens[trigger].span) {
            SpeechKind::Direct
        } else {
            SpeechKind::Indirect
        };
        Attribution { source, cue: cue(doc, first, head), kind }
    }

    fn auxiliary(&self) -> Vec<Auxiliary> {
        let all = [Auxiliary::Historical, Auxiliary::Future, Auxiliary::Hypothetical, Auxiliary::Negation];
        all.into_iter()
            .enumerate()
            .filter(|(i, _)| self.mean(|t| t.auxiliary[*i]) >= least::STATUS)
            .map(|(_, a)| a)
            .collect()
    }

    fn certainty(&self) -> Certainty {
        let [asserted, alleged, disputed] = [0, 1, 2].map(|i| self.mean(|t| t.certainty[i]));
        if asserted >= alleged && asserted >= disputed {
            Certainty::Asserted
        } else if alleged >= disputed {
            Certainty::Alleged
        } else {
            Certainty::Disputed
        }
    }
}

/// Whether two phrases name the same party: the same head word, and no word of the shorter missing from the longer.
fn same_party(doc: &Document, a: (usize, usize, &[String]), b: (usize, usize, &[String])) -> bool {
    let head = |x: (usize, usize, &[String])| doc.tokens[phrases::head(doc, x.0, x.1)].lemma.to_lowercase();
    let (short, long) = if a.2.len() <= b.2.len() { (a.2, b.2) } else { (b.2, a.2) };
    !short.is_empty() && head(a) == head(b) && short.iter().all(|w| long.contains(w))
        || !short.is_empty() && short == long
}

/// One, where the phrase begins with "a", "an", "one", "another".
fn article(doc: &Document, phrase: Span) -> Option<Count> {
    quantities::article_count(&doc.report.text, phrase).map(|q| Count { min: q.min, max: q.max, span: q.span })
}

fn is_document(lemma: &str) -> bool {
    matches!(
        lemma,
        "report"
            | "statement"
            | "document"
            | "communique"
            | "communiqué"
            | "press release"
            | "release"
            | "letter"
            | "indictment"
            | "survey"
            | "study"
            | "order"
            | "decree"
            | "affidavit"
            | "complaint"
            | "filing"
            | "memo"
            | "transcript"
            | "record"
            | "file"
            | "video"
            | "declaration"
    )
}

/// The words that show that the source speaks: "according to", or the verb of which it is the subject.
fn cue(doc: &Document, first: usize, head: usize) -> Option<Span> {
    let text = &doc.report.text;
    let before = |back: usize| first.checked_sub(back).map(|i| doc.tokens[i].span);
    if let (Some(a), Some(to)) = (before(2), before(1))
        && a.of(text).eq_ignore_ascii_case("according")
        && to.of(text).eq_ignore_ascii_case("to")
    {
        return Some(a.cover(to));
    }
    let governor = doc.tokens[head].head?;
    let subject = doc.tokens[head].deprel.starts_with("nsubj") || doc.tokens[head].deprel.starts_with("obl");
    (subject && doc.tokens[governor].upos == "VERB").then_some(doc.tokens[governor].span)
}

/// Whether `span` stands between quotation marks within its paragraph.
fn in_quotes(doc: &Document, span: Span) -> bool {
    let text = &doc.report.text;
    let paragraph = text[..span.start].rfind('\n').map_or(0, |i| i + 1);
    let mut open = false;
    for c in text[paragraph..span.start].chars() {
        match c {
            '“' | '«' | '„' => open = true,
            '”' | '»' => open = false,
            '"' => open = !open,
            _ => {}
        }
    }
    open
}

/// Chance that the record is right, from the tagger's probability and how often the act is mentioned.
fn confidence(p: f32, mentions: usize) -> f32 {
    let logit = (p.clamp(0.001, 0.999) / (1.0 - p.clamp(0.001, 0.999))).ln();
    let z =
        calibration::INTERCEPT + calibration::LOGIT * logit + calibration::MENTIONS * (mentions.min(5) as f32 - 1.0);
    ((1.0 / (1.0 + (-z).exp())) * 1000.0).round() / 1000.0
}

/// Logistic calibration, fitted on the coded reports held out of training (training/calibrate.py).
mod calibration {
    pub const INTERCEPT: f32 = 0.0;
    pub const LOGIT: f32 = 0.6;
    pub const MENTIONS: f32 = 0.2;
}
