//! Runs the model over a report: windows of tokens in; sentences, syntax, names and event triggers out.

use super::tokens::RawToken;
use super::{hints, lemmas};
use crate::Span;
use crate::document::{Document, Filler, Name, NameKind, Role, Sentence, Token, Trigger};
use crate::formats::condition;
use crate::lexicon::Lexicon;
use crate::model::encoder::{Begins, Window};
use crate::model::heads::{Model, WINDOW_PIECES, WindowOutput};
use crate::ontology::{EventType, Mode};
use crate::record::SizeKind;
use std::borrow::Cow;
use std::ops::Range;

/// A word is a trigger from this probability of "some event" on. Tuned on the coded reports held out of training, 2026-11.
const TRIGGER: f32 = 0.15;

/// A theme holds from this probability on, tuned likewise.
const THEME: f32 = 0.35;

/// What the model makes of a report beyond the layers it fills itself.
#[derive(Debug, Default)]
pub struct Marks {
    /// Probability that each token lies in a source, a cue, a content; and that it begins one.
    pub attribution: Vec<[f32; 6]>,
    /// Themes with their probabilities: the greatest of any window.
    pub themes: Vec<(&'static str, f32)>,
}

/// Windows that are encoded together; bounds the memory of a long report.
const BATCH: usize = 8;

/// Fills the sentences, tokens, names, triggers and themes of `doc`. With `given`, sentence boundaries are taken from it (the
/// first token of each sentence); else they are found: every line begins one, the model says where further ones begin.
///
/// A report is read once, in windows of whole lines as wide as the model takes, as the parties of an event often stand lines away
/// from it. With given sentences, syntax is read apart, in smaller windows.
pub fn encode(
    model: &'static Model,
    lexicon: &Lexicon,
    doc: &mut Document,
    raw: &[RawToken],
    given: Option<&[usize]>,
) -> Marks {
    let bullets = condition::item_starts(&doc.report.text);
    let begins = begins(doc, raw, &bullets);
    let mut reading = Reading {
        model,
        lexicon,
        raw,
        tags: Vec::with_capacity(raw.len()),
        marks: Marks { attribution: vec![[0.0; 6]; raw.len()], themes: Vec::new() },
    };
    doc.tokens.reserve(raw.len());
    if let Some(given) = given {
        let windows = sentence_windows(model, &doc.report.text, raw, &begins, given);
        each(model, &windows, |range, vectors| {
            let starts = range.clone().map(|i| i == range.start || given.binary_search(&i).is_ok()).collect::<Vec<_>>();
            reading.syntax(doc, range, vectors, &starts);
        });
    }
    let windows = windows(model, &doc.report.text, raw, &begins, &bullets);
    each(model, &windows, |range, vectors| {
        if given.is_none() {
            let starts = sentence_starts(model, vectors, &begins[range.clone()]);
            reading.syntax(doc, range, vectors, &starts);
        }
        reading.events(doc, range, vectors);
    });
    doc.names = names(&reading.tags, raw, &model.labels.ner);
    doc.themes = reading.marks.themes.iter().filter(|t| t.1 >= THEME).map(|t| t.0).collect();
    reading.marks
}

/// The windows of a report: whole lines, as many as fit. The items of a list of headlines are read apart, each in windows of its own: they are
/// about different events, and what stands next to an item says nothing of its parties.
fn windows(
    model: &Model,
    text: &str,
    raw: &[RawToken],
    begins: &[Begins],
    bullets: &[usize],
) -> Vec<(Range<usize>, Window)> {
    let bounds: Vec<usize> = [0].into_iter().chain(apart(raw, begins, bullets)).chain([raw.len()]).collect();
    let capitals = condition::is_capitals(text);
    let part = |bound: &[usize]| {
        let (start, end) = (bound[0], bound[1]);
        let words: Vec<Cow<str>> = raw[start..end].iter().map(|t| word(t.span.of(text), capitals)).collect();
        let windows = model.windows(words.iter().map(|word| word.as_ref()).zip(begins[start..end].iter().copied()));
        windows.into_iter().map(|(range, window)| (range.start + start..range.end + start, window)).collect::<Vec<_>>()
    };
    bounds.windows(2).flat_map(part).collect()
}

/// A word as the encoder reads it. Capitals throughout a text say nothing of its words, and the encoder takes each for a short form
/// ("UN"): it reads them in lower case. On the development reports in capitals, 2026-11: record .705 as they are, .721 so (.720 as
/// written); places .560 and .651 (.656), part of it from `Coder::places`.
fn word(word: &str, capitals: bool) -> Cow<'_, str> {
    if capitals { Cow::Owned(word.to_lowercase()) } else { Cow::Borrowed(word) }
}

/// The tokens that begin an item of a list (`bullets`: where items begin), or the first line after one.
fn apart(raw: &[RawToken], begins: &[Begins], bullets: &[usize]) -> Vec<usize> {
    let mut in_item = raw.first().is_some_and(|t| bullets.contains(&t.span.start));
    let lines = (1..raw.len()).filter(|&i| begins[i] != Begins::Nothing);
    lines
        .filter(|&i| {
            let item = bullets.binary_search(&raw[i].span.start).is_ok();
            std::mem::replace(&mut in_item, item) || item
        })
        .collect()
}

/// Encodes windows and hands them on one by one, with the range of tokens each holds.
fn each(model: &Model, windows: &[(Range<usize>, Window)], mut read: impl FnMut(&Range<usize>, &WindowOutput)) {
    for batch in windows.chunks(BATCH) {
        let inputs: Vec<Window> = batch.iter().map(|w| w.1.clone()).collect();
        for ((range, _), vectors) in batch.iter().zip(model.words(&inputs)) {
            read(range, &vectors);
        }
    }
}

/// What is read off window after window.
struct Reading<'t> {
    model: &'static Model,
    lexicon: &'t Lexicon,
    raw: &'t [RawToken],
    /// Name label of each token so far.
    tags: Vec<usize>,
    marks: Marks,
}

impl Reading<'_> {
    /// Parses each sentence of a window and appends its tokens; `starts` says which tokens begin one.
    fn syntax(&mut self, doc: &mut Document, range: &Range<usize>, vectors: &WindowOutput, starts: &[bool]) {
        let (labels, raw) = (&self.model.labels, &self.raw[range.clone()]);
        let base = doc.tokens.len();
        let upos = self.model.upos(vectors).best();
        let lemma = self.model.lemma_rules(vectors).best();
        let bounds: Vec<usize> = (0..raw.len()).filter(|&i| starts[i]).chain([raw.len()]).collect();
        let ranges: Vec<Range<usize>> = bounds.windows(2).map(|b| b[0]..b[1]).collect();
        for (range, arcs) in ranges.iter().zip(self.model.parse(vectors, &ranges)) {
            for (k, arc) in range.clone().zip(arcs) {
                let form = raw[k].span.of(&doc.report.text);
                doc.tokens.push(Token {
                    span: raw[k].span,
                    sentence: doc.sentences.len(),
                    lemma: lemmas::lemma(form, labels.upos[upos[k]], apply_rule(form, labels.lemma[lemma[k]])),
                    upos: labels.upos[upos[k]],
                    head: arc.head.map(|h| base + h),
                    deprel: labels.deprel[arc.label],
                });
            }
            doc.sentences.push(Sentence {
                span: raw[range.start].span.cover(raw[range.end - 1].span),
                tokens: base + range.start..base + range.end,
            });
        }
        self.tags.extend(self.model.ner(vectors).best());
    }

    /// Triggers and themes of a window whose tokens are known, and the marks of attributions.
    fn events(&mut self, doc: &mut Document, range: &Range<usize>, vectors: &WindowOutput) {
        let hints = window_hints(self.model, self.lexicon, doc, range);
        doc.triggers.extend(find_triggers(self.model, vectors, &hints, range.start));
        let marks = self.marks.attribution[range.clone()].iter_mut();
        for (mark, row) in marks.zip(self.model.attribution(vectors).rows()) {
            mark.copy_from_slice(&row[..6]);
        }
        let themes = self.model.labels.themes.iter().copied();
        merge_themes(&mut self.marks.themes, themes.zip(self.model.themes(vectors)));
    }
}

/// What each token begins: the headline, another line, or nothing.
fn begins(doc: &Document, raw: &[RawToken], bullets: &[usize]) -> Vec<Begins> {
    let mut last = 0;
    raw.iter()
        .enumerate()
        .map(|(i, t)| {
            let bullet = bullets.binary_search(&t.span.start).is_ok();
            let new_line = i == 0 || bullet || doc.report.ends_line(Span::new(last, t.span.start));
            last = t.span.end;
            match (new_line, i == 0 && doc.report.title.is_some_and(|h| h.overlaps(t.span))) {
                (_, true) => Begins::Title,
                (true, _) => Begins::Paragraph,
                _ => Begins::Nothing,
            }
        })
        .collect()
}

/// Pieces of a window of given sentences, where sentences are no longer: the parser does best on a few sentences together (LAS with
/// windows of 96, 128, 200, 320 pieces: EWT dev .892, .891, .888, .889; GUM dev .886, .894, .893, .892).
const SENTENCES_PIECES: usize = 128;

/// Packs given sentences into windows; a sentence too long for any window is cut where it is full.
fn sentence_windows(
    model: &Model,
    text: &str,
    raw: &[RawToken],
    begins: &[Begins],
    given: &[usize],
) -> Vec<(Range<usize>, Window)> {
    let mut out: Vec<(Range<usize>, Window)> = Vec::new();
    let mut start = 0;
    while start < raw.len() {
        let fill = |most: usize| {
            let mut window = Window::new(&model.pieces, most);
            let words = raw[start..].iter().zip(&begins[start..]);
            let full = start + words.take_while(|(t, b)| window.push(&model.pieces, t.span.of(text), **b)).count();
            let next = given.partition_point(|&g| g <= full);
            let sentence = given[..next].last().copied().filter(|&g| g > start && full < raw.len());
            (window, full, sentence)
        };
        let (mut window, mut full, mut sentence) = fill(SENTENCES_PIECES);
        if sentence.is_none() && full < raw.len() {
            (window, full, sentence) = fill(WINDOW_PIECES);
            // one long sentence alone: those after it would only be cut
            sentence =
                given[given.partition_point(|&g| g <= start)..].first().copied().filter(|&g| g <= full).or(sentence);
        }
        let end = sentence.unwrap_or(full);
        window.truncate(end - start);
        out.push((start..end, window));
        start = end;
    }
    out
}

fn sentence_starts(model: &Model, vectors: &WindowOutput, begins: &[Begins]) -> Vec<bool> {
    let starts = model.sentence_starts(vectors).into_iter().enumerate();
    starts.map(|(i, p)| i == 0 || begins[i] != Begins::Nothing || p >= 0.5).collect()
}

/// Makes the lemma from the form: `l` or `k` (lower or keep case), letters cut off the end, letters added; `=x` for x as it is.
fn apply_rule(form: &str, rule: &str) -> String {
    if let Some(whole) = rule.strip_prefix('=') {
        return whole.to_owned();
    }
    let base = if rule.starts_with('l') { form.to_lowercase() } else { form.to_owned() };
    let digits = rule[1..].bytes().take_while(u8::is_ascii_digit).count();
    let cut: usize = rule[1..1 + digits].parse().unwrap_or(0);
    let keep = base.chars().count().saturating_sub(cut);
    base.chars().take(keep).chain(rule[1 + digits..].chars()).collect()
}

/// Names from BIO tags.
fn names(tags: &[usize], raw: &[RawToken], labels: &[&str]) -> Vec<Name> {
    let mut out: Vec<Name> = Vec::new();
    let mut open: Option<(&str, Span)> = None;
    for (token, &tag) in raw.iter().zip(tags) {
        let (bio, kind) = labels[tag].split_once('-').unwrap_or(("O", ""));
        open = match (open, bio) {
            (Some((k, span)), "I") if k == kind => Some((k, span.cover(token.span))),
            (other, _) => {
                if let Some((k, span)) = other {
                    out.push(Name { span, kind: name_kind(k) });
                }
                (bio != "O").then_some((kind, token.span))
            }
        };
    }
    if let Some((k, span)) = open {
        out.push(Name { span, kind: name_kind(k) });
    }
    out
}

fn name_kind(label: &str) -> NameKind {
    match label {
        "PER" => NameKind::Person,
        "ORG" => NameKind::Organisation,
        "LOC" => NameKind::Gpe,
        "GRP" => NameKind::Group,
        _ => NameKind::Other,
    }
}

/// The hints of a window's words, as (word, hint) pairs.
fn window_hints(model: &Model, lexicon: &Lexicon, doc: &Document, range: &Range<usize>) -> Vec<(usize, usize)> {
    let of = |i: usize| hints::hints(doc, lexicon, i).into_iter().filter_map(move |name| Some((i, model.hint(&name)?)));
    range.clone().flat_map(of).map(|(i, hint)| (i - range.start, hint)).collect()
}

/// Words that name an event, with all that later stages need to reason about them.
fn find_triggers(model: &'static Model, vectors: &WindowOutput, hints: &[(usize, usize)], base: usize) -> Vec<Trigger> {
    let scores = model.triggers(vectors, hints);
    let hits: Vec<usize> =
        scores.scores.rows().enumerate().filter(|(_, row)| 1.0 - row[0] >= TRIGGER).map(|(i, _)| i).collect();
    if hits.is_empty() {
        return Vec::new();
    }
    let status = model.status(&scores, &hits);
    let links = model.roles(vectors, &hits);
    let roles = roles(&model.labels.roles);
    let modes: Vec<Option<Mode>> = model.labels.modes.iter().map(|m| mode(m)).collect();
    hits.iter()
        .enumerate()
        .map(|(k, &i)| {
            let events: [f32; 16] = std::array::from_fn(|e| scores.scores.row(i)[e + 1]);
            let best = (0..16).max_by(|&a, &b| events[a].total_cmp(&events[b])).unwrap_or(0);
            let mut fillers = Vec::new();
            let mut same = Vec::new();
            for (r, role) in roles.iter().enumerate() {
                for (w, &p) in links.words(k, r).iter().enumerate() {
                    match role {
                        Some(role) if p >= 0.05 => fillers.push(Filler { role: *role, token: base + w, p }),
                        None if p >= 0.05 && w != i && hits.binary_search(&w).is_ok() => same.push((base + w, p)),
                        _ => {}
                    }
                }
            }
            // a pair that was seen together and found unlike is told apart from one never seen together
            for &other in &hits {
                if other != i && !same.iter().any(|s| s.0 == base + other) {
                    same.push((base + other, 0.0));
                }
            }
            Trigger {
                token: base + i,
                event: EventType::ALL[best],
                events,
                modes: modes
                    .iter()
                    .zip(&status[k].modes)
                    .filter_map(|(m, &p)| m.filter(|_| p >= 0.02).map(|m| (m, p)))
                    .collect(),
                auxiliary: std::array::from_fn(|a| status[k].aux[a]),
                certainty: std::array::from_fn(|c| status[k].certainty[c]),
                basis: std::array::from_fn(|b| status[k].basis[b]),
                roles: fillers,
                same,
            }
        })
        .collect()
}

/// The model's role labels as roles; `None` is "same event".
fn roles(labels: &[&str]) -> Vec<Option<Role>> {
    labels
        .iter()
        .map(|label| match *label {
            "actor" => Some(Role::Actor),
            "recipient" => Some(Role::Recipient),
            "place" => Some(Role::Place),
            "time" => Some(Role::Time),
            "source" => Some(Role::Source),
            other => SizeKind::ALL.into_iter().find(|k| k.name() == other).map(Role::Size),
        })
        .collect()
}

/// "COERCE:seize" as a mode.
fn mode(label: &str) -> Option<Mode> {
    let (event, name) = label.split_once(':')?;
    Mode::of(EventType::from_name(event)?, name)
}

fn merge_themes(all: &mut Vec<(&'static str, f32)>, window: impl Iterator<Item = (&'static str, f32)>) {
    for (theme, p) in window {
        match all.iter_mut().find(|t| t.0 == theme) {
            Some(t) => t.1 = t.1.max(p),
            None => all.push((theme, p)),
        }
    }
}
