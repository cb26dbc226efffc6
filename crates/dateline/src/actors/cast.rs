//! What a report says of its own persons and countries: introductions ("Governor Ada Brennick") and the countries it speaks of.

use super::reading::term_at;
use super::tables::{CountryWord, Meaning};
use super::words::{Case, Gap, Word, words};
use super::{Actors, Party, PartyContext, Phrase, head_of};
use std::collections::HashMap;

/// Only so much of a report is read for its cast: introductions stand early, and a report of any length stays quick.
const CAST_BYTES: usize = 200_000;

/// Persons and groups that a report has introduced with a role, by name.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    by_name: HashMap<String, Party>,
}

impl Cast {
    /// Number of names known.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether the report introduces nobody.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The introduction of the name that `run` is or ends in.
    pub(super) fn find(&self, run: &[Word]) -> Option<&Party> {
        let full = joined(run);
        self.by_name.get(&full).or_else(|| run.last().and_then(|last| self.by_name.get(&last.norm)))
    }

    fn learn(&mut self, run: &[Word], party: &Party) {
        for key in [joined(run), run.last().map(|word| word.norm.clone()).unwrap_or_default()] {
            let known = self.by_name.entry(key).or_insert_with(|| party.clone());
            if known.sector.is_empty() {
                *known = party.clone();
            }
        }
    }
}

fn joined(run: &[Word]) -> String {
    run.iter().map(|word| word.norm.as_str()).collect::<Vec<_>>().join(" ")
}

impl Actors {
    /// Reads who is introduced in a report: a role before a name ("Governor Ada Brennick"), or after it and a comma
    /// ("Ada Brennick, the governor"). Reads the first 200,000 bytes.
    pub fn cast(&self, text: &str, context: &PartyContext) -> Cast {
        let text = head_of(text, CAST_BYTES);
        let all = words(text);
        let mut cast = Cast::default();
        let known = self.tables.find(&all);
        let mut covered = vec![false; all.len()];
        for stretch in &known {
            // A single known name ("May") may be part of an unknown one; roles and countries are not.
            covered[stretch.first..stretch.last].fill(true);
        }
        let mut at = 0;
        while at < all.len() {
            let run = (at..all.len())
                .take_while(|&i| {
                    !covered[i]
                        && matches!(all[i].case, Case::Capital | Case::Upper)
                        && (i == at || all[i].gap != Gap::Stop && !all[i - 1].possessive)
                })
                .count();
            if run == 0 {
                at += 1;
                continue;
            }
            let name = &all[at..at + run];
            let (first, last) = introduction(&all, &covered, at, run);
            if (first, last) != (at, at + run)
                && let Some(words) = text.get(all[first].start..all[last - 1].end)
            {
                let party =
                    self.describe(&Phrase { words, ..Phrase::default() }, &PartyContext { cast: None, ..*context });
                if !party.why.starts_with("people") && !party.why.starts_with("no word") && name.len() < 5 {
                    cast.learn(name, &party);
                }
            }
            at += run;
        }
        cast
    }

    /// The countries a report speaks of, weightiest first; weights are shares that add up to 1. Names, adjectives, capitals
    /// and known actors count; the headline and the lead count more. Empty where none is named. Reads the first 200,000 bytes.
    pub fn country_context(&self, text: &str, context: &PartyContext) -> Vec<(String, f32)> {
        let all = words(head_of(text, CAST_BYTES));
        let mut weights: HashMap<&str, f32> = HashMap::new();
        for stretch in self.tables.find(&all) {
            // Words fade with their distance from the headline.
            let fade = 1.0 + 2.0 * (-(stretch.first as f32) / 60.0).exp();
            let Some(meaning) = stretch.meanings.iter().find(|meaning| !matches!(meaning, Meaning::Role(_))) else {
                continue;
            };
            let (code, weight) = match *meaning {
                Meaning::Country(index, kind) => {
                    let weight = if kind == CountryWord::Region { 0.8 } else { 1.0 };
                    (self.tables.countries[index as usize].code.as_str(), weight)
                }
                Meaning::Actor(index) => {
                    let actor = &self.tables.actors[index as usize];
                    let (term, in_term) = term_at(actor, context.published);
                    match term.code.as_deref() {
                        Some(code)
                            if in_term && !matches!(code, "IGO" | "UNO" | "EUR" | "NGO" | "ISM" | "IMG" | "MNC") =>
                        {
                            (code, 0.5)
                        }
                        _ => continue,
                    }
                }
                Meaning::Role(_) => continue,
            };
            *weights.entry(code).or_default() += weight * fade;
        }
        let sum: f32 = weights.values().sum();
        let mut ranked: Vec<(String, f32)> =
            weights.into_iter().map(|(code, weight)| (code.to_owned(), weight / sum)).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked
    }
}

impl Actors {
    /// The personal names in `phrase`, as far as its writing tells: two and more capitalised words that the tables do not know, or
    /// one behind an honorific ("Mr Orwele"). A whole phrase in capitals of two to four words counts too when its last word is not
    /// known. What ends like the name of a body ("Orchard League") is none. Empty for groups and roles ("two suspects", "Turkish police").
    pub fn names_in<'p>(&self, phrase: &'p str) -> Vec<&'p str> {
        let phrase = head_of(phrase, super::PHRASE_BYTES);
        let all = words(phrase);
        let mut covered = vec![false; all.len()];
        for stretch in self.tables.find(&all) {
            covered[stretch.first..stretch.last].fill(true);
        }
        let honorific = |word: &Word| self.tables.lists.honorifics.contains(word.norm.as_str());
        let particle = |word: &Word| self.tables.lists.particles.contains(word.norm.as_str());
        let body = |word: &Word| self.tables.lists.bodies.contains(word.norm.as_str());
        let cut = |first: usize, last: usize| {
            phrase.get(all[first].start..all[last - 1].end).filter(|_| !body(&all[last - 1]))
        };
        let mut names = Vec::new();
        let mut at = 0;
        while at < all.len() {
            let part = |i: &usize| {
                let written =
                    matches!(all[*i].case, Case::Capital | Case::Upper) && !covered[*i] && !honorific(&all[*i]);
                let joined = *i == at || all[*i].gap != Gap::Stop && !all[*i - 1].possessive;
                let between = *i > at && particle(&all[*i]);
                joined && (written || between)
            };
            let run = (at..all.len()).take_while(part).count();
            let titled = at > 0 && honorific(&all[at - 1]) && !matches!(all[at - 1].norm.as_str(), "the" | "a");
            if run > 1 || run == 1 && titled {
                names.extend(cut(at, at + run));
            }
            at += run.max(1);
        }
        let capital = |word: &Word| word.case == Case::Capital || particle(word);
        if names.is_empty() && (2..=4).contains(&all.len()) && all.iter().all(capital) && covered.last() == Some(&false)
        {
            names.extend(cut(0, all.len()));
        }
        names
    }

    /// Whether the tables know `name` for a country, its people or an organisation. Such a word alone says nothing about a private
    /// person who bears it too ("Jordan").
    pub fn is_country_or_organisation(&self, name: &str) -> bool {
        let all = words(name);
        self.tables.find(&all).iter().any(|stretch| {
            stretch.meanings.iter().any(|meaning| match *meaning {
                Meaning::Country(..) => true,
                Meaning::Actor(index) => !self.tables.actors[index as usize].person,
                Meaning::Role(_) => false,
            })
        })
    }

    /// Where `text` has the name, of two words and more, of a person in the tables: office holders and other public figures.
    pub fn public_figures(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let text = head_of(text, CAST_BYTES);
        let all = words(text);
        let person =
            |meaning: &Meaning| matches!(*meaning, Meaning::Actor(index) if self.tables.actors[index as usize].person);
        let found = self.tables.find(&all).into_iter().filter(|found| found.last - found.first > 1);
        let found = found.filter(|found| found.meanings.iter().any(person));
        found.map(|found| all[found.first].start..all[found.last - 1].end).collect()
    }
}

/// The countries a report speaks of (alpha-3), weightiest first, by the embedded tables; see [`Actors::country_context`].
pub fn country_context(text: &str) -> Vec<(String, f32)> {
    Actors::embedded().country_context(text, &PartyContext::default())
}

/// The words from the role that introduces the name `at..at + run` to the name, or to the role behind its comma.
fn introduction(all: &[Word], covered: &[bool], at: usize, run: usize) -> (usize, usize) {
    let mut first = at;
    let mut steps = 0;
    while first > 0 && all[first].gap != Gap::Stop && steps < 6 {
        let before = first - 1;
        let joins = covered[before]
            || (steps > 0 && matches!(all[before].norm.as_str(), "of" | "for" | "and" | "the" | "former" | "then"));
        if !joins {
            break;
        }
        first = before;
        steps += 1;
    }
    if first < at && covered[first..at].iter().any(|&c| c) {
        return (first, at + run);
    }
    let mut last = at + run;
    if last < all.len() && all[last].gap == Gap::Stop {
        let begin = last;
        while last < all.len() && last - begin < 8 && (last == begin || all[last].gap != Gap::Stop) {
            last += 1;
        }
        let opens = matches!(all[begin].norm.as_str(), "the" | "a" | "an" | "his" | "her" | "its" | "their" | "who")
            || covered[begin] && all[begin].case == Case::Lower;
        if opens && covered[begin..last].iter().any(|&c| c) {
            return (at, last);
        }
    }
    (at, at + run)
}
