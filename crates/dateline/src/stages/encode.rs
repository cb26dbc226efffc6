//! Runs the model over a report: windows of tokens in; sentences, syntax, names and event triggers out.

use super::tokens::RawToken;
use crate::document::{Document, Filler, Name, NameKind, Role, Sentence, Token, Trigger};
use crate::model::{Model, WordVectors};
use crate::ontology::{EventType, Mode};
use crate::record::SizeKind;
use crate::{BlockKind, Span};
use std::ops::Range;

/// Word pieces a window may hold with its two marks, as in training (`training/data.py`).
const MAX_PIECES: usize = 320;

/// A word is a trigger from this probability of "some event" on. Tuned on the coded reports held out of training, 2026-11.
const TRIGGER: f32 = 0.42;

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

/// One window: a run of tokens, and whether its sentences are given.
struct Piece {
    tokens: Range<usize>,
}

/// Fills the sentences, tokens, names, triggers and themes of `doc`. With `given`, sentence boundaries are taken from it (the
/// first token of each sentence); else they are found: every line begins one, the model says where further ones begin.
pub fn encode(model: &'static Model, doc: &mut Document, raw: &[RawToken], given: Option<&[usize]>) -> Marks {
    let text = doc.report.text.as_str();
    let breaks = breaks(doc, raw);
    let pieces: Vec<Vec<u32>> = raw.iter().map(|t| model.pieces(t.span.of(text))).collect();
    let ranges = windows(text, raw, &breaks, &pieces, given);
    let mut marks = Marks { attribution: vec![[0.0; 6]; raw.len()], themes: Vec::new() };
    let mut tokens: Vec<Token> = Vec::with_capacity(raw.len());
    let mut sentences = Vec::new();
    let mut tags: Vec<u8> = Vec::with_capacity(raw.len());
    let mut triggers = Vec::new();
    for batch in ranges.chunks(4) {
        let inputs: Vec<_> = batch
            .iter()
            .map(|w| {
                let range = w.tokens.clone();
                model.window(range.map(|i| (raw[i].span.of(text), pieces[i].as_slice(), breaks[i])))
            })
            .collect();
        for (window, vectors) in batch.iter().zip(model.encode(&inputs)) {
            let range = window.tokens.clone();
            let starts = match given {
                Some(given) => range.clone().map(|i| given.binary_search(&i).is_ok()).collect(),
                None => sentence_starts(model, &vectors, &breaks[range.clone()]),
            };
            syntax(model, &vectors, text, &raw[range.clone()], &starts, &mut sentences, &mut tokens);
            tags.extend(model.ner(&vectors));
            triggers.extend(find_triggers(model, &vectors, range.start));
            for (i, att) in model.attribution(&vectors).into_iter().enumerate() {
                marks.attribution[range.start + i] = att;
            }
            merge_themes(&mut marks.themes, &model.themes(&vectors));
        }
    }
    let names = names(&tags, raw, &model.labels().ner);
    doc.sentences = sentences;
    doc.tokens = tokens;
    doc.names = names;
    doc.triggers = triggers;
    doc.themes = marks.themes.iter().filter(|t| t.1 >= THEME).map(|t| t.0).collect();
    marks
}

/// 2 on the first token of the headline, 1 on the first token of any other line, else 0.
fn breaks(doc: &Document, raw: &[RawToken]) -> Vec<u8> {
    let text = doc.report.text.as_str();
    let headline = doc.report.blocks.iter().find(|b| b.kind == BlockKind::Headline).map(|b| b.span).or(doc.report.title);
    let mut last = 0;
    raw.iter()
        .enumerate()
        .map(|(i, t)| {
            let new_line = i == 0 || text[last..t.span.start].contains('\n');
            last = t.span.end;
            match (new_line, i == 0 && headline.is_some_and(|h| h.overlaps(t.span))) {
                (_, true) => 2,
                (true, _) => 1,
                _ => 0,
            }
        })
        .collect()
}

/// Packs whole lines (or given sentences) into windows; a line too long for a window is cut after a sentence-final mark where there is one.
fn windows(text: &str, raw: &[RawToken], breaks: &[u8], pieces: &[Vec<u32>], given: Option<&[usize]>) -> Vec<Piece> {
    let unit_starts: Vec<usize> = match given {
        Some(given) => given.to_vec(),
        None => (0..raw.len()).filter(|&i| breaks[i] > 0).collect(),
    };
    let mut out: Vec<Piece> = Vec::new();
    let mut open: Option<(Range<usize>, usize)> = None;
    for (k, &start) in unit_starts.iter().enumerate() {
        let end = unit_starts.get(k + 1).copied().unwrap_or(raw.len());
        let mut from = start;
        let mut size: usize = (from..end).map(|i| pieces[i].len()).sum();
        while size + 2 > MAX_PIECES {
            if let Some((tokens, _)) = open.take() {
                out.push(Piece { tokens });
            }
            let cut = cut_point(text, raw, pieces, from, end);
            size -= (from..cut).map(|i| pieces[i].len()).sum::<usize>();
            out.push(Piece { tokens: from..cut });
            from = cut;
        }
        if from == end {
            continue;
        }
        open = match open {
            Some((tokens, n)) if n + size <= MAX_PIECES => Some((tokens.start..end, n + size)),
            other => {
                if let Some((tokens, _)) = other {
                    out.push(Piece { tokens });
                }
                Some((from..end, 2 + size))
            }
        };
    }
    if let Some((tokens, _)) = open {
        out.push(Piece { tokens });
    }
    out
}

fn cut_point(text: &str, raw: &[RawToken], pieces: &[Vec<u32>], from: usize, end: usize) -> usize {
    let (mut n, mut last, mut stop) = (2, from, None);
    while last < end && n + pieces[last].len() <= MAX_PIECES {
        n += pieces[last].len();
        last += 1;
        if matches!(raw[last - 1].span.of(text), "." | "!" | "?" | ".”" | ";") {
            stop = Some(last);
        }
    }
    stop.filter(|&s| s > from + (last - from) / 2).unwrap_or(last).max(from + 1)
}

fn sentence_starts(model: &Model, vectors: &WordVectors, breaks: &[u8]) -> Vec<bool> {
    model.sentence_starts(vectors).into_iter().enumerate().map(|(i, p)| i == 0 || breaks[i] > 0 || p >= 0.5).collect()
}

/// Parses each sentence of a window and appends its tokens.
fn syntax(
    model: &'static Model,
    vectors: &WordVectors,
    text: &str,
    raw: &[RawToken],
    starts: &[bool],
    sentences: &mut Vec<Sentence>,
    tokens: &mut Vec<Token>,
) {
    let base = tokens.len();
    let upos = model.upos(vectors);
    let lemma = model.lemma_rules(vectors);
    let mut from = 0;
    while from < raw.len() {
        let to = (from + 1..raw.len()).find(|&i| starts[i]).unwrap_or(raw.len());
        let arcs = model.parse(vectors, from..to);
        let index = sentences.len();
        for (k, (head, rel)) in (from..to).zip(arcs) {
            let form = raw[k].span.of(text);
            tokens.push(Token {
                span: raw[k].span,
                sentence: index,
                lemma: apply_rule(form, model.labels().lemma[lemma[k] as usize]),
                upos: model.labels().upos[upos[k] as usize],
                head: head.map(|h| base + from + h),
                deprel: model.labels().deprel[rel as usize],
            });
        }
        sentences.push(Sentence {
            span: raw[from].span.cover(raw[to - 1].span),
            tokens: base + from..base + to,
        });
        from = to;
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
fn names(tags: &[u8], raw: &[RawToken], labels: &[&str]) -> Vec<Name> {
    let mut out: Vec<Name> = Vec::new();
    let mut open: Option<(&str, Span)> = None;
    for (token, &tag) in raw.iter().zip(tags) {
        let (bio, kind) = labels[tag as usize].split_once('-').unwrap_or(("O", ""));
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
fn find_triggers(model: &'static Model, vectors: &WordVectors, base: usize) -> Vec<Trigger> {
    let scores = model.triggers(vectors);
    let hits: Vec<usize> = (0..scores.events.len()).filter(|&i| 1.0 - scores.events[i][0] >= TRIGGER).collect();
    if hits.is_empty() {
        return Vec::new();
    }
    let status = model.status(&scores, &hits);
    let links = model.roles(vectors, &hits);
    let roles = roles(&model.labels().roles);
    let modes: Vec<Option<Mode>> = model.labels().modes.iter().map(|m| mode(m)).collect();
    hits.iter()
        .enumerate()
        .map(|(k, &i)| {
            let events: [f32; 16] = std::array::from_fn(|e| scores.events[i][e + 1]);
            let best = (0..16).max_by(|&a, &b| events[a].total_cmp(&events[b])).unwrap_or(0);
            let mut fillers = Vec::new();
            let mut same = Vec::new();
            for (r, role) in roles.iter().enumerate() {
                for (w, &p) in links.row(k, r).iter().enumerate() {
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
                modes: modes.iter().zip(&status[k].modes).filter_map(|(m, &p)| m.filter(|_| p >= 0.02).map(|m| (m, p))).collect(),
                auxiliary: status[k].auxiliary,
                certainty: status[k].certainty,
                basis: status[k].basis,
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

fn merge_themes(all: &mut Vec<(&'static str, f32)>, window: &[(&'static str, f32)]) {
    for &(theme, p) in window {
        match all.iter_mut().find(|t| t.0 == theme) {
            Some(t) => t.1 = t.1.max(p),
            None => all.push((theme, p)),
        }
    }
}
