//! The actor tables: countries, role nouns and dated actors, read from TOML into one look-up by normalised words.

use super::words::{Case, Gap, Word, words};
use crate::ontology::SECTORS;
use crate::{Error, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// What a stretch of words may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A word for a country: index into [`Tables::countries`].
    Country(u16, CountryWord),
    /// A role noun: index into [`Tables::roles`].
    Role(u16),
    /// A dated actor: index into [`Tables::actors`].
    Actor(u32),
}

/// How a country is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountryWord {
    /// "Turkey".
    Name,
    /// "Turkish".
    Adjective,
    /// "Turk", "Turks".
    Person,
    /// "Ankara", "the White House": stands for the government.
    Seat,
    /// "Istanbul": lies in the country, does not stand for it.
    Region,
}

/// A country.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166-1 alpha-3.
    pub code: String,
    /// First name of its row.
    pub name: String,
}

/// A group of role nouns.
#[derive(Debug)]
pub(super) struct Role {
    /// Sectors of whoever bears the role.
    pub sector: Vec<&'static str>,
    /// Whether an organisation beside the noun gives the sector instead.
    pub weak: bool,
}

/// A person in public office, an organisation, an armed group.
#[derive(Debug)]
pub(super) struct Actor {
    pub name: String,
    pub person: bool,
    pub terms: Vec<Term>,
}

/// What an actor is over a stretch of time.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub code: Option<String>,
    pub sector: Vec<&'static str>,
    /// First month, as year × 12 + month.
    pub from: i32,
    /// Last month.
    pub to: i32,
}

/// A meaning and what its words must look like.
#[derive(Debug, Clone, Copy)]
struct Entry {
    meaning: Meaning,
    /// Only in capitals ("IS"), unless the phrase has no capitals at all.
    acronym: bool,
}

/// Words of a phrase found in the tables.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// First word.
    pub first: usize,
    /// One past the last word.
    pub last: usize,
    /// What they may mean, table order.
    pub meanings: Vec<Meaning>,
}

/// FNV-1a: quicker than the standard hasher on words, and the keys are our own or the user's, never an attacker's.
#[derive(Debug, Clone)]
pub(super) struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        WordHasher(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// All tables.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub countries: Vec<Country>,
    pub roles: Vec<Role>,
    pub actors: Vec<Actor>,
    pub lists: Lists,
    entries: HashMap<String, Vec<Entry>, BuildHasherDefault<WordHasher>>,
    longest: HashMap<String, usize, BuildHasherDefault<WordHasher>>,
}

/// The closed lists of `words.toml`, by name.
#[derive(Debug, Default, Deserialize)]
#[allow(missing_docs)]
pub(super) struct Lists {
    #[serde(deserialize_with = "word_set")]
    pub links: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub measures: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub turning: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub surnames: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub elsewhere: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub aid: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub honorifics: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub particles: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub common: HashSet<String>,
    #[serde(deserialize_with = "word_set")]
    pub bodies: HashSet<String>,
}

fn word_set<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<HashSet<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

#[derive(Deserialize)]
struct RoleFile {
    role: Vec<RoleGroup>,
}

#[derive(Deserialize)]
struct RoleGroup {
    sector: Vec<String>,
    #[serde(default)]
    weak: bool,
    nouns: String,
}

#[derive(Deserialize)]
struct ActorFile {
    #[serde(default)]
    group: Vec<ActorGroup>,
}

#[derive(Deserialize)]
struct ActorGroup {
    #[serde(default)]
    kind: Kind,
    code: Option<String>,
    #[serde(default)]
    sector: Vec<String>,
    actors: Vec<String>,
}

#[derive(Deserialize, Default, PartialEq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Organisation,
    Person,
}

/// The first and last month a term without dates spans.
const ALWAYS: (i32, i32) = (i32::MIN, i32::MAX);

impl Tables {
    /// Empty tables with room for about what comes with the program, which saves growing them.
    pub fn new() -> Self {
        let mut tables = Tables::default();
        tables.entries.reserve(20_000);
        tables.longest.reserve(16_000);
        tables
    }

    /// Reads `words.toml`.
    pub fn add_lists(&mut self, file: &str, text: &str) -> Result<()> {
        self.lists = toml::from_str(text).map_err(|e| bad(file, &e.to_string()))?;
        Ok(())
    }

    /// Adds `countries.toml`.
    pub fn add_countries(&mut self, file: &str, text: &str) -> Result<()> {
        let rows: BTreeMap<String, String> = toml::from_str(text).map_err(|e| bad(file, &e.to_string()))?;
        for (code, row) in rows {
            let mut fields = row.split('|').map(str::trim);
            let names = fields.next().unwrap_or_default();
            let index = self.countries.len() as u16;
            let kinds = [CountryWord::Adjective, CountryWord::Person, CountryWord::Seat, CountryWord::Region];
            for name in list(names) {
                self.add(name, Meaning::Country(index, CountryWord::Name));
            }
            for (kind, field) in kinds.into_iter().zip(fields) {
                for name in list(field) {
                    for form in name.split('/') {
                        self.add(form, Meaning::Country(index, kind));
                    }
                }
            }
            let name = list(names).next().unwrap_or_default().to_owned();
            self.countries.push(Country { code, name });
        }
        Ok(())
    }

    /// Adds `roles.toml`.
    pub fn add_roles(&mut self, file: &str, text: &str) -> Result<()> {
        let rows: RoleFile = toml::from_str(text).map_err(|e| bad(file, &e.to_string()))?;
        for group in rows.role {
            let index = self.roles.len() as u16;
            self.roles.push(Role { sector: sectors(file, &group.sector)?, weak: group.weak });
            for noun in list(&group.nouns) {
                self.add(noun, Meaning::Role(index));
            }
        }
        Ok(())
    }

    /// Adds a file of dated actors; its format is described at the head of `data/actors/armed.toml`.
    pub fn add_actors(&mut self, file: &str, text: &str) -> Result<()> {
        let rows: ActorFile = toml::from_str(text).map_err(|e| bad(file, &e.to_string()))?;
        for group in rows.group {
            let sector = sectors(file, &group.sector)?;
            for row in &group.actors {
                let (names, terms) = row.split_once('|').unwrap_or((row, ""));
                let mut actor_terms = Vec::new();
                for term in list(terms) {
                    actor_terms.push(parse_term(file, term, &group.code, &sector)?);
                }
                if actor_terms.is_empty() {
                    let (from, to) = ALWAYS;
                    actor_terms.push(Term { code: group.code.clone(), sector: sector.clone(), from, to });
                }
                let index = self.actors.len() as u32;
                for name in list(names) {
                    self.add(name, Meaning::Actor(index));
                }
                let name = list(names).next().unwrap_or_default().to_owned();
                self.actors.push(Actor { name, person: group.kind == Kind::Person, terms: actor_terms });
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, meaning: Meaning) {
        let mut name_words = words(name);
        if name_words.len() > 1 && name_words[0].norm == "the" {
            name_words.remove(0);
        }
        let Some(first) = name_words.first() else { return };
        match self.longest.get_mut(&first.norm) {
            Some(longest) => *longest = (*longest).max(name_words.len()),
            None => {
                self.longest.insert(first.norm.clone(), name_words.len());
            }
        }
        let acronym = name_words.len() == 1 && first.case == Case::Upper;
        let key = key_of(&name_words);
        let entries = self.entries.entry(key).or_default();
        if !entries.iter().any(|entry| entry.meaning == meaning) {
            entries.push(Entry { meaning, acronym });
        }
    }

    /// The stretches of `phrase` that stand in the tables, longest first from the left, without overlaps.
    pub fn find(&self, phrase: &[Word]) -> Vec<Found> {
        let lower_only = phrase.iter().all(|word| matches!(word.case, Case::Lower | Case::Number));
        let mut found = Vec::new();
        let mut at = 0;
        let mut key = String::new();
        while at < phrase.len() {
            let reach = self.longest.get(&phrase[at].norm).copied().unwrap_or(0).max(1).min(phrase.len() - at);
            let reach = 1 + (1..reach).take_while(|&n| phrase[at + n].gap != Gap::Stop).count();
            let hit = (1..=reach).rev().find_map(|n| {
                let stretch = &phrase[at..at + n];
                self.meanings(stretch, lower_only, &mut key).map(|meanings| Found { first: at, last: at + n, meanings })
            });
            match hit {
                Some(hit) => {
                    at = hit.last;
                    found.push(hit);
                }
                None => at += 1,
            }
        }
        found
    }

    fn meanings(&self, stretch: &[Word], lower_only: bool, key: &mut String) -> Option<Vec<Meaning>> {
        key.clear();
        for (i, word) in stretch.iter().enumerate() {
            if i > 0 {
                key.push(' ');
            }
            key.push_str(&word.norm);
        }
        let last = stretch.last()?;
        let mut meanings = self.admitted(key, stretch, lower_only, false);
        let stem_at = key.len() - last.norm.len();
        for singular in singulars(&last.norm) {
            if !meanings.is_empty() {
                break;
            }
            key.truncate(stem_at);
            key.push_str(&singular);
            meanings = self.admitted(key, stretch, lower_only, true);
        }
        (!meanings.is_empty()).then_some(meanings)
    }

    fn admitted(&self, key: &str, stretch: &[Word], lower_only: bool, plural: bool) -> Vec<Meaning> {
        let Some(entries) = self.entries.get(key) else { return Vec::new() };
        let first = stretch[0].case;
        let admits = |entry: &&Entry| match entry.meaning {
            Meaning::Role(_) => true,
            _ if entry.acronym && !lower_only => {
                first == Case::Upper || (first == Case::Capital && stretch[0].norm.len() > 4)
            }
            _ if entry.acronym && self.lists.common.contains(stretch[0].norm.as_str()) => false,
            Meaning::Country(_, CountryWord::Person) => lower_only || first != Case::Lower,
            Meaning::Country(_, CountryWord::Region) => !plural && first != Case::Lower,
            Meaning::Country(..) => !plural && (lower_only || stretch.iter().any(|word| word.case != Case::Lower)),
            Meaning::Actor(index) => {
                let person = self.actors[index as usize].person;
                (!plural || !person) && (first != Case::Lower || (lower_only && stretch[0].norm.len() > 2))
                    || stretch.len() > 1 && stretch[1..].iter().any(|word| word.case != Case::Lower) && !person
            }
        };
        entries.iter().filter(admits).map(|entry| entry.meaning).collect()
    }
}

fn key_of(name: &[Word]) -> String {
    name.iter().map(|word| word.norm.as_str()).collect::<Vec<_>>().join(" ")
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|item| !item.is_empty())
}

/// "[CODE] SECTOR[+SECTOR] from..to words about the office": every part but the dates may be missing.
fn parse_term(file: &str, term: &str, code: &Option<String>, sector: &[&'static str]) -> Result<Term> {
    let mut parsed = Term { code: code.clone(), sector: sector.to_vec(), from: ALWAYS.0, to: ALWAYS.1 };
    for part in term.split_whitespace() {
        if let Some((from, to)) = part.split_once("..") {
            parsed.from = month(from).unwrap_or(ALWAYS.0);
            parsed.to = month(to).unwrap_or(ALWAYS.1);
            return Ok(parsed);
        } else if part.split('+').all(|name| SECTORS.contains(&name)) {
            parsed.sector = part.split('+').filter_map(known_sector).collect();
        } else if part.len() == 3 && part.bytes().all(|b| b.is_ascii_uppercase()) {
            parsed.code = Some(part.to_owned());
        } else {
            return Err(bad(
                file,
                &format!("{part:?} in the term {term:?}: expected a code, sectors or dates such as 2003-03..2014-08"),
            ));
        }
    }
    Ok(parsed)
}

/// "2003-03" or "2003" as a count of months; `None` where there is no number.
fn month(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month = parts.next().and_then(|m| m.parse().ok()).unwrap_or(1);
    Some(year * 12 + month)
}

fn known_sector(name: &str) -> Option<&'static str> {
    SECTORS.iter().copied().find(|sector| *sector == name)
}

fn sectors(file: &str, names: &[String]) -> Result<Vec<&'static str>> {
    names
        .iter()
        .map(|name| {
            known_sector(name)
                .ok_or_else(|| bad(file, &format!("sector {name:?}: expected one of {}", SECTORS.join(" "))))
        })
        .collect()
}

fn bad(file: &str, problem: &str) -> Error {
    Error::Data { name: file.to_owned(), message: problem.to_owned() }
}

/// Singular forms that the plural `word` may have, likeliest first.
pub(super) fn singulars(word: &str) -> Vec<String> {
    let mut forms = Vec::new();
    if let Some(stem) = word.strip_suffix("men") {
        forms.push(format!("{stem}man"));
    }
    if let Some(stem) = word.strip_suffix("ies") {
        forms.push(format!("{stem}y"));
    }
    if let Some(stem) = word.strip_suffix("wives") {
        forms.push(format!("{stem}wife"));
    }
    if let Some(stem) = word.strip_suffix("ves") {
        forms.push(format!("{stem}f"));
    }
    if let Some(stem) = word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')) {
        forms.push(stem.to_owned());
    }
    if let Some(stem) = word.strip_suffix("es") {
        forms.push(stem.to_owned());
    }
    match word {
        "people" => forms.push("person".to_owned()),
        "children" => forms.push("child".to_owned()),
        "fishermen" => forms.push("fisherman".to_owned()),
        _ => {}
    }
    forms
}
