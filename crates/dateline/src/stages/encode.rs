//! Runs the model over a report: windows of tokens in; sentences, syntax, names and event triggers out.

use super::tokens::RawToken;
use crate::Span;
use crate::document::{Document, Filler, Name, NameKind, Role, Sentence, Token, Trigger};
use crate::model::encoder::{Begins, Window};
use crate::model::heads::{Model, WINDOW_PIECES, WindowOutput};
use crate::ontology::{EventType, Mode};
use crate::record::SizeKind;
use std::ops::Range;

/// A word is a trigger from this probability of "some event" on. Tuned on the coded reports held out of training, 2026-11.
const TRIGGER: f32 = 0.3;

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
/// The report is read twice: line by line for syntax and names, and in wide windows for events, whose parties often stand
/// lines away. In wide windows of news the present model's syntax is poor, as no treebank looks like them.
pub fn encode(model: &'static Model, doc: &mut Document, raw: &[RawToken], given: Option<&[usize]>) -> Marks {
    let begins = begins(doc, raw);
    read_syntax(model, doc, raw, &begins, given);
    read_events(model, doc, raw, &begins)
}

/// Sentences, tokens and names.
fn read_syntax(
    model: &'static Model,
    doc: &mut Document,
    raw: &[RawToken],
    begins: &[Begins],
    given: Option<&[usize]>,
) {
    let text = doc.report.text.as_str();
    let windows = match given {
        Some(given) => sentence_windows(model, text, raw, begins, given),
        None => line_windows(model, text, raw, begins),
    };
    let mut syntax = Syntax { model, text, tokens: Vec::with_capacity(raw.len()), sentences: Vec::new() };
    let mut tags: Vec<usize> = Vec::with_capacity(raw.len());
    for batch in windows.chunks(BATCH) {
        let inputs: Vec<Window> = batch.iter().map(|w| w.1.clone()).collect();
        for ((range, _), vectors) in batch.iter().zip(model.words(&inputs)) {
            let starts: Vec<bool> = match given {
                Some(given) => range.clone().map(|i| i == range.start || given.binary_search(&i).is_ok()).collect(),
                None => sentence_starts(model, &vectors, &begins[range.clone()]),
            };
            syntax.window(&vectors, &raw[range.clone()], &starts);
            tags.extend(model.ner(&vectors).best());
        }
    }
    let Syntax { tokens, sentences, .. } = syntax;
    doc.names = names(&tags, raw, &model.labels.ner);
    doc.sentences = sentences;
    doc.tokens = tokens;
}

/// Triggers and themes, and the marks of attributions.
fn read_events(model: &'static Model, doc: &mut Document, raw: &[RawToken], begins: &[Begins]) -> Marks {
    let text = doc.report.text.as_str();
    let windows = model.windows(raw.iter().zip(begins).map(|(t, b)| (t.span.of(text), *b)));
    let mut marks = Marks { attribution: vec![[0.0; 6]; raw.len()], themes: Vec::new() };
    let mut triggers = Vec::new();
    for batch in windows.chunks(BATCH) {
        let inputs: Vec<Window> = batch.iter().map(|w| w.1.clone()).collect();
        for ((range, _), vectors) in batch.iter().zip(model.words(&inputs)) {
            triggers.extend(find_triggers(model, &vectors, range.start));
            for (att, row) in marks.attribution[range.clone()].iter_mut().zip(model.attribution(&vectors).rows()) {
                att.copy_from_slice(&row[..6]);
            }
            merge_themes(&mut marks.themes, model.labels.themes.iter().copied().zip(model.themes(&vectors)));
        }
    }
    doc.themes = marks.themes.iter().filter(|t| t.1 >= THEME).map(|t| t.0).collect();
    doc.triggers = triggers;
    marks
}

/// One window a line, more where a line is too long for one.
fn line_windows(model: &Model, text: &str, raw: &[RawToken], begins: &[Begins]) -> Vec<(Range<usize>, Window)> {
    let mut out = Vec::new();
    let mut start = 0;
    while start < raw.len() {
        let end = (start + 1..raw.len()).find(|&i| begins[i] != Begins::Nothing).unwrap_or(raw.len());
        let line = raw[start..end].iter().zip(&begins[start..end]).map(|(t, b)| (t.span.of(text), *b));
        out.extend(model.windows(line).into_iter().map(|(r, w)| (r.start + start..r.end + start, w)));
        start = end;
    }
    out
}

/// What each token begins: the headline, another line, or nothing.
fn begins(doc: &Document, raw: &[RawToken]) -> Vec<Begins> {
    let text = doc.report.text.as_str();
    let mut last = 0;
    raw.iter()
        .enumerate()
        .map(|(i, t)| {
            let new_line = i == 0 || text[last..t.span.start].contains('\n');
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

/// Gathers the sentences and tokens of window after window.
struct Syntax<'t> {
    model: &'static Model,
    text: &'t str,
    tokens: Vec<Token>,
    sentences: Vec<Sentence>,
}

impl Syntax<'_> {
    /// Parses each sentence of a window and appends its tokens; `starts` says which tokens begin one.
    fn window(&mut self, vectors: &WindowOutput, raw: &[RawToken], starts: &[bool]) {
        let labels = &self.model.labels;
        let base = self.tokens.len();
        let upos = self.model.upos(vectors).best();
        let lemma = self.model.lemma_rules(vectors).best();
        let bounds: Vec<usize> = (0..raw.len()).filter(|&i| starts[i]).chain([raw.len()]).collect();
        let ranges: Vec<Range<usize>> = bounds.windows(2).map(|b| b[0]..b[1]).collect();
        for (range, arcs) in ranges.iter().zip(self.model.parse(vectors, &ranges)) {
            for (k, arc) in range.clone().zip(arcs) {
                self.tokens.push(Token {
                    span: raw[k].span,
                    sentence: self.sentences.len(),
                    lemma: apply_rule(raw[k].span.of(self.text), labels.lemma[lemma[k]]),
                    upos: labels.upos[upos[k]],
                    head: arc.head.map(|h| base + h),
                    deprel: labels.deprel[arc.label],
                });
            }
            self.sentences.push(Sentence {
                span: raw[range.start].span.cover(raw[range.end - 1].span),
                tokens: base + range.start..base + range.end,
            });
        }
    }
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

/// Words that name an event, with all that later stages need to reason about them.
fn find_triggers(model: &'static Model, vectors: &WindowOutput, base: usize) -> Vec<Trigger> {
    let scores = model.triggers(vectors);
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
