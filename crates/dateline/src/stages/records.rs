//! Assembles records from the layers: each event with its parties, time, place, figures, sources and status (CODEBOOK.md, "Fields").

use super::events::{self, Event};
use super::weigh::{self, Contest, Filled, Status, Weights};
use super::{phrases, quantities, times};
use crate::actors::{Actors, PartyContext, Phrase};
use crate::document::{Document, Place, Role, Time, Trigger};
use crate::lexicon::Lexicon;
use crate::ontology::Mode;
use crate::record::{
    Attribution, Auxiliary, Certainty, Count, DateBasis, Entity, Figure, Record, SizeKind, SpeechKind, When,
};
use crate::{NameKind, Span};
use std::collections::BTreeMap;

/// The records of `doc`, in order of first mention.
pub fn records(doc: &Document, actors: &Actors, lexicon: &Lexicon, weights: &Weights) -> Vec<Record> {
    let known = PartyContext { published: doc.report.published, ..PartyContext::default() };
    let countries = actors.country_context(&doc.report.text, &known);
    let known = PartyContext { country: countries.first().map(|c| c.0.as_str()), ..known };
    let cast = actors.cast(&doc.report.text, &known);
    let context = PartyContext { cast: Some(&cast), ..known };
    let record = |event: &Event| {
        let triggers: Vec<&Trigger> = event.triggers.iter().map(|&i| &doc.triggers[i]).collect();
        let features = weigh::event_features(doc, lexicon, event.event, &triggers);
        let confidence = weights.event.probability(&features);
        if confidence < weights.event.least {
            return None;
        }
        let contest = Contest::new(doc, lexicon, weights, &triggers);
        let assembly = Assembly { doc, actors, lexicon, weights, event, triggers: &triggers, contest, context };
        Some(assembly.record(confidence))
    };
    events::events(doc, weights).iter().filter_map(record).collect()
}

struct Assembly<'d> {
    doc: &'d Document,
    actors: &'d Actors,
    lexicon: &'d Lexicon,
    weights: &'d Weights,
    event: &'d Event,
    /// The event's triggers, in order.
    triggers: &'d [&'d Trigger],
    contest: Contest<'d>,
    context: PartyContext<'d>,
}

impl Assembly<'_> {
    fn record(&self, confidence: f32) -> Record {
        let doc = self.doc;
        let mentions = events::mentions(doc, self.event);
        let (actor, recipient) = self.both_parties();
        let mode = self.modes();
        let first = self.first_token();
        let mut trace = Vec::new();
        let sure = self.certainty_of_event();
        trace.push((
            "event",
            format!("tagger: {} at {:.2} on \"{}\"", self.event.event.name(), sure, mentions[0].of(&doc.report.text)),
        ));
        let size = self.sizes(&actor, &recipient);
        let when = self.when();
        trace.push((
            "date",
            match (&when.basis, &when.timex) {
                (DateBasis::Text, Some(timex)) => format!("times: {timex}, linked by the tagger"),
                (basis, _) => format!("tagger: {basis:?}, no time words linked").to_lowercase(),
            },
        ));
        let event_loc = self.place();
        if let Some(place) = &event_loc {
            trace.push(("event_loc", format!("gazetteer: {} ({})", place.name, place.feature_code)));
        }
        let cameo = self.lexicon.cameo(self.event.event, &mode, &doc.tokens[first].lemma).to_string();
        trace.push(("cameo", format!("lexicon: {} with \"{}\"", self.event.event.name(), doc.tokens[first].lemma)));
        let (auxiliary, certainty) = self.status();
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
            attribution: self.sources(first),
            auxiliary,
            certainty,
            sentence: doc.tokens[first].sentence,
            confidence: (confidence * 1000.0).round() / 1000.0,
            mentions,
            trace,
        }
    }

    fn first_token(&self) -> usize {
        self.triggers[0].token
    }

    /// Greatest probability that any mention gives the category.
    fn certainty_of_event(&self) -> f32 {
        let index = self.event.event as usize;
        self.triggers.iter().map(|t| t.events[index]).fold(0.0, f32::max)
    }

    /// Mean over the mentions.
    fn mean(&self, of: impl Fn(&crate::document::Trigger) -> f32) -> f32 {
        self.triggers.iter().map(|t| of(t)).sum::<f32>() / self.triggers.len() as f32
    }

    /// Modes of the event's category that hold, likeliest first.
    fn modes(&self) -> Vec<Mode> {
        let table = &self.weights.mode;
        let weighed = weigh::mode_features(self.doc, self.lexicon, self.event.event, self.triggers);
        let likely = weighed.into_iter().map(|(mode, features)| (mode, table.probability(&features)));
        let mut found: Vec<(Mode, f32)> = likely.filter(|(_, p)| *p >= table.least).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found.into_iter().map(|m| m.0).collect()
    }

    /// Distance in sentences, then in words, from the nearest mention; a party is quoted where it stands nearest.
    fn distance(&self, token: usize) -> (usize, usize) {
        let sentence = self.doc.tokens[token].sentence;
        self.triggers
            .iter()
            .map(|t| t.token)
            .map(|t| (self.doc.tokens[t].sentence.abs_diff(sentence), t.abs_diff(token)))
            .min()
            .unwrap_or_default()
    }

    /// Phrases that fill `role`, nearest mention first.
    fn fillers(&self, role: Role) -> Vec<Filled> {
        let mut out = self.contest.fill(role);
        out.sort_by_key(|f| self.distance(f.head));
        out
    }

    /// Phrases that fill `role`, each party once, in the order of the text.
    fn phrases(&self, found: Vec<Filled>) -> Vec<(usize, usize)> {
        let doc = self.doc;
        let mut chosen: Vec<(usize, usize, Vec<String>)> = Vec::new();
        for Filled { head, phrase, .. } in found {
            let (first, last) = phrases::with_origin(doc, phrase);
            if stands_for_others(doc, head, phrase) {
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
        chosen.into_iter().map(|(first, last, _)| (first, last)).collect()
    }

    /// Actors and recipients; a phrase that could be either is the likelier of the two.
    fn both_parties(&self) -> (Vec<Entity>, Vec<Entity>) {
        let (mut actors, mut recipients) = (self.fillers(Role::Actor), self.fillers(Role::Recipient));
        let p_in = |found: &[Filled], head: usize| found.iter().find(|f| f.head == head).map_or(0.0, |f| f.p);
        let rivals: Vec<(usize, f32)> = actors.iter().map(|a| (a.head, p_in(&recipients, a.head))).collect();
        recipients.retain(|r| p_in(&actors, r.head) < r.p);
        actors.retain(|a| rivals.iter().any(|r| r.0 == a.head && r.1 <= a.p));
        (self.entities(actors), self.entities(recipients))
    }

    fn entities(&self, found: Vec<Filled>) -> Vec<Entity> {
        self.phrases(found).into_iter().map(|(first, last)| self.entity(first, last)).collect()
    }

    fn entity(&self, first: usize, last: usize) -> Entity {
        let doc = self.doc;
        let text = &doc.report.text;
        let span = phrases::span(doc, first, last);
        // "at least 45 migrants": the hedge belongs to the count it stands before
        let hedged = doc.quantities.iter().find(|q| q.span.overlaps(span) && q.span.start < span.start);
        let span = hedged.map_or(span, |q| span.cover(q.span));
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

    /// The narrowest place among the likely ones.
    fn place(&self) -> Option<Place> {
        let doc = self.doc;
        let found = self.fillers(Role::Place);
        let likeliest = found.iter().map(|f| f.p).fold(0.0, f32::max);
        found
            .iter()
            .filter(|f| f.p >= likeliest * 0.75)
            .filter_map(|f| doc.places.iter().find(|p| p.span.overlaps(phrases::span(doc, f.phrase.0, f.phrase.1))))
            .min_by_key(|p| (p.resolution, p.span))
            .cloned()
    }

    fn when(&self) -> When {
        let doc = self.doc;
        let [text, published, none] = [0, 1, 2].map(|i| self.mean(|t| t.basis[i]));
        let linked = self
            .fillers(Role::Time)
            .into_iter()
            .filter_map(|f| {
                let span = phrases::span(doc, f.phrase.0, f.phrase.1);
                doc.times.iter().position(|t| t.span.overlaps(span)).map(|i| (&doc.times[i], f.p, i))
            })
            .max_by(|a, b| {
                let dated = |t: &Time| t.start.is_some() || t.end.is_some();
                dated(a.0).cmp(&dated(b.0)).then(a.1.total_cmp(&b.1)).then(b.2.cmp(&a.2))
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

    /// The figures of each kind, a count for the kind that it fits best.
    fn sizes(&self, actor: &[Entity], recipient: &[Entity]) -> BTreeMap<SizeKind, Vec<Figure>> {
        let doc = self.doc;
        let mut best: BTreeMap<Span, (f32, SizeKind)> = BTreeMap::new();
        for kind in SizeKind::ALL {
            for f in self.fillers(Role::Size(kind)) {
                let span = phrases::span(doc, f.phrase.0, f.phrase.1);
                let Some(q) = doc.quantities.iter().find(|q| q.span.overlaps(span)) else { continue };
                if best.get(&q.span).is_none_or(|b| b.0 < f.p) {
                    best.insert(q.span, (f.p, kind));
                }
            }
        }
        let mut out: BTreeMap<SizeKind, Vec<Figure>> = BTreeMap::new();
        for (span, (_, kind)) in best {
            let Some(q) = doc.quantities.iter().find(|q| q.span == span) else { continue };
            let figures = out.entry(kind).or_default();
            if !figures.iter().any(|f| (f.count.min, f.count.max) == (q.min, q.max)) {
                figures.push(Figure { count: Count { min: q.min, max: q.max, span }, by: None });
            }
        }
        if let Some((kind, count)) = self.counted_party(actor, recipient) {
            out.entry(kind).or_insert_with(|| vec![Figure { count, by: None }]);
        }
        out
    }

    /// The count of the party that the act's own word counts: "detained six officials" arrested six, "killed his wife" one.
    fn counted_party(&self, actor: &[Entity], recipient: &[Entity]) -> Option<(SizeKind, Count)> {
        let doc = self.doc;
        let kind = self.triggers.iter().find_map(|t| {
            let token = &doc.tokens[t.token];
            self.lexicon.size_kind(&token.lemma, token.upos)
        })?;
        let [party] = (if kind == SizeKind::Participants { actor } else { recipient }) else { return None };
        let count = party.count.or_else(|| self.one_person(party.span))?;
        (count.min.is_some() || count.max.is_some()).then_some((kind, count))
    }

    /// One, where the phrase is a person's name or a person of somebody's ("his wife").
    fn one_person(&self, span: Span) -> Option<Count> {
        let doc = self.doc;
        let named = doc.names.iter().any(|n| n.kind == NameKind::Person && n.span.overlaps(span));
        let owned = doc.tokens.iter().any(|t| span.contains(t.span) && t.deprel == "nmod:poss" && t.upos == "PRON");
        let singular = doc
            .tokens
            .iter()
            .rev()
            .find(|t| span.contains(t.span) && matches!(t.upos, "NOUN" | "PROPN"))
            .is_some_and(|t| t.upos == "PROPN" || t.lemma.eq_ignore_ascii_case(t.span.of(&doc.report.text)));
        ((named || owned) && singular).then_some(Count { min: Some(1), max: Some(1), span })
    }

    fn sources(&self, trigger: usize) -> Vec<Attribution> {
        let mut found = self.phrases(self.fillers(Role::Source));
        found.sort_by_key(|&(first, last)| (!self.is_outlet(first, last), first));
        found.into_iter().map(|(first, last)| self.attribution(first, last, trigger)).collect()
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

    /// The auxiliaries that hold, and the certainty: of allegation and denial the one that is surer of what is asked for.
    fn status(&self) -> (Vec<Auxiliary>, Certainty) {
        let (mut auxiliaries, mut alleged, mut disputed) = (Vec::new(), None, None);
        for (status, features) in Status::ALL.into_iter().zip(weigh::status_features(self.doc, self.triggers)) {
            let table = self.weights.status(status);
            let p = table.probability(&features);
            let margin = (p >= table.least).then_some(p - table.least);
            match status {
                Status::Auxiliary(auxiliary) => auxiliaries.extend(margin.map(|_| auxiliary)),
                Status::Alleged => alleged = margin,
                Status::Disputed => disputed = margin,
            }
        }
        let certainty = match (alleged, disputed) {
            (None, None) => Certainty::Asserted,
            _ if disputed > alleged => Certainty::Disputed,
            _ => Certainty::Alleged,
        };
        (auxiliaries, certainty)
    }
}

/// Whether a phrase only points at a party named elsewhere: pronouns, and "many", "others" on their own.
fn stands_for_others(doc: &Document, head: usize, (first, last): (usize, usize)) -> bool {
    let token = &doc.tokens[head];
    let pointer = matches!(
        token.lemma.to_lowercase().as_str(),
        "many" | "other" | "others" | "some" | "several" | "all" | "more" | "most" | "dozen" | "hundred"
    );
    let form = token.span.of(&doc.report.text).to_lowercase();
    matches!(token.upos, "PRON" | "DET") && PRONOUNS.contains(&form.as_str()) || pointer && first == last
}

/// Words that only point at a party. The tagger alone is not asked: it now and then takes a noun for a pronoun ("police").
const PRONOUNS: &[&str] = &[
    "i",
    "me",
    "we",
    "us",
    "you",
    "he",
    "him",
    "she",
    "her",
    "it",
    "they",
    "them",
    "himself",
    "herself",
    "itself",
    "themselves",
    "ourselves",
    "who",
    "whom",
    "which",
    "what",
    "that",
    "this",
    "these",
    "those",
    "one",
    "ones",
    "another",
    "other",
    "others",
    "some",
    "many",
    "several",
    "all",
    "both",
    "each",
    "either",
    "neither",
    "any",
    "anyone",
    "anybody",
    "someone",
    "somebody",
    "everyone",
    "everybody",
    "few",
    "more",
    "most",
    "none",
    "such",
    "mine",
    "ours",
    "theirs",
    "his",
    "hers",
    "there",
    "whoever",
    "something",
    "nothing",
    "everything",
    "anything",
];

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
