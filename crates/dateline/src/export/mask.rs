//! Private persons are shown by role in what leaves the archive (CODEBOOK.md, "People"; DESIGN.md, "People and harm").
//!
//! A person is public who holds an office as the report or the actor tables say, and private otherwise: who is unknown is private.
//! The coder looks for the names of private persons in the whole report ([`private_persons`]), so that a name is masked where it
//! only stands in a sentence too; where nobody looked (imports), the parties and sources themselves tell their names. A masked
//! name is gone in full and in its parts, from addresses and report ids as well; parties and sources become their role ("a
//! teacher") or "a person", running text has "[a person]" in its place.

use super::json::{EntityJson, Figures, RecordJson};
use super::{Export, Row};
use crate::actors::{Actors, PartyContext, Phrase};
use crate::{Document, Incident, NameKind};
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// How private persons are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Masking {
    /// By role: "a teacher", "a person".
    #[default]
    Roles,
    /// By name, as the reports have them: for the archive's owner, with a reason.
    None,
}

/// An export that gets every row masked.
pub(super) struct Masked(pub(super) Box<dyn Export>);

impl Export for Masked {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.begin(out)
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        match masked(row) {
            Some((incident, records)) => {
                let records: Vec<&RecordJson> = records.iter().collect();
                self.0.row(&Row { incident: &incident, records: &records }, out)
            }
            None => self.0.row(row, out),
        }
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.end(out)
    }
}

/// The incident and its records with private persons shown by role; `None` where they name none. For the desk and the API, which
/// write no export format.
pub fn masked(row: &Row) -> Option<(Incident, Vec<RecordJson>)> {
    let names = Names::of(row);
    if names.is_empty() {
        return None;
    }
    let mut incident = row.incident.clone();
    names.mask_incident(&mut incident);
    let mut records: Vec<RecordJson> = row.records.iter().map(|&record| record.clone()).collect();
    records.iter_mut().for_each(|record| names.mask_record(record));
    Some((incident, records))
}

/// The names of private persons in a report: those that the model takes for persons, and parties and sources written like one,
/// without those who hold an office and without the author.
pub(super) fn private_persons(doc: &Document, records: &[RecordJson]) -> Vec<String> {
    let text = &doc.report.text;
    let mut names: BTreeSet<String> = doc
        .names
        .iter()
        .filter(|name| name.kind == NameKind::Person)
        .map(|name| name.span.of(text).split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let otherwise: HashSet<&str> =
        doc.names.iter().filter(|name| name.kind != NameKind::Person).map(|name| name.span.of(text)).collect();
    for phrase in records.iter().flat_map(phrases) {
        let written = Actors::embedded().names_in(phrase).into_iter().filter(|name| !otherwise.contains(name));
        let unknown = |name: &&str| !otherwise.iter().any(|other| name.contains(other) || other.contains(name));
        names.extend(written.filter(unknown).map(str::to_string));
    }
    if names.is_empty() {
        return Vec::new();
    }
    let actors = Actors::embedded();
    let context = PartyContext { published: doc.report.published, ..PartyContext::default() };
    let cast = actors.cast(text, &context);
    let context = PartyContext { cast: Some(&cast), ..context };
    let in_office = offices(records);
    let author = keys(doc.report.author.as_deref().unwrap_or_default());
    names.retain(|name| {
        let party = actors.describe(&Phrase { words: name, ..Phrase::default() }, &context);
        let name = keys(name);
        let public = party.identifier.is_some() || holds_office(&party.sector);
        !(name.is_empty() || public || in_office.iter().any(|phrase| holds(phrase, &name)) || holds(&author, &name))
    });
    names.into_iter().collect()
}

/// Those of `names` that stand in `record`, in full or in part.
pub(super) fn named_in(record: &RecordJson, names: &[String]) -> Vec<String> {
    if names.is_empty() {
        return Vec::new();
    }
    let written = serde_json::to_string(record).unwrap_or_default().replace("\\n", " ").replace("\\t", " ");
    let said: HashSet<String> = keys(&written).into_iter().collect();
    names.iter().filter(|name| keys(name).iter().any(|key| said.contains(key))).cloned().collect()
}

/// Parties and sources of a record, in their words.
fn phrases(record: &RecordJson) -> impl Iterator<Item = &str> {
    let figures = record.size.values().flatten().flat_map(Figures::iter);
    let parties = record.actor.iter().chain(&record.recipient).filter_map(|party| party.entity_text.as_deref());
    let sources = record.attribution.iter().filter_map(|link| link.source.as_deref());
    parties.chain(sources).chain(figures.filter_map(|figure| figure.by.as_deref()))
}

/// Sectors whose persons act for the public. An opposition figure counts when a party member, a lawyer or a fighter does not.
fn holds_office<S: AsRef<str>>(sectors: &[S]) -> bool {
    let any = |names: &[&str]| sectors.iter().any(|sector| names.contains(&sector.as_ref()));
    any(&["GOV", "COP", "MIL", "JUD", "LEG", "SPY", "PTY"]) && !any(&["CVL", "REF", "CRM", "UAF"])
}

/// The folded words of the parties in office.
fn offices(records: &[RecordJson]) -> Vec<Vec<String>> {
    let parties = records.iter().flat_map(|record| record.actor.iter().chain(&record.recipient));
    let public = parties.filter(|party| holds_office(&party.sector));
    public.filter_map(|party| party.entity_text.as_deref()).map(keys).collect()
}

/// Whether `words` has `part` in it, as a stretch.
fn holds(words: &[String], part: &[String]) -> bool {
    !part.is_empty() && words.windows(part.len()).any(|stretch| stretch == part)
}

/// A word of a text, folded: lower case, without diacritics.
struct Token {
    range: Range<usize>,
    key: String,
    /// Written as names are: its first letter is no small one.
    capital: bool,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    for (at, c) in text.char_indices() {
        let mark = unicode_normalization::char::is_combining_mark(c);
        if !(c.is_alphanumeric() || mark) {
            continue;
        }
        let end = at + c.len_utf8();
        match found.last_mut().filter(|token| token.range.end == at) {
            Some(token) => token.range.end = end,
            None => found.push(Token { range: at..end, key: String::new(), capital: !c.is_lowercase() }),
        }
    }
    for token in &mut found {
        token.key = folded(&text[token.range.clone()]);
    }
    found
}

fn folded(word: &str) -> String {
    let plain = |c: &char| !unicode_normalization::char::is_combining_mark(*c);
    let lower: String = word.nfkd().filter(plain).flat_map(char::to_lowercase).filter(plain).collect();
    let mut key = String::with_capacity(lower.len());
    for c in lower.chars() {
        match c {
            'ı' => key.push('i'),
            'ø' => key.push('o'),
            'ł' => key.push('l'),
            'đ' | 'ð' => key.push('d'),
            'ß' => key.push_str("ss"),
            'æ' => key.push_str("ae"),
            'œ' => key.push_str("oe"),
            'þ' => key.push_str("th"),
            c => key.push(c),
        }
    }
    key
}

fn keys(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.key).collect()
}

/// Words that are parts of names and much else: alone they are left.
const COMMON: &[&str] = &[
    "he",
    "an",
    "no",
    "so",
    "al",
    "de",
    "la",
    "el",
    "in",
    "on",
    "at",
    "by",
    "of",
    "to",
    "we",
    "it",
    "is",
    "am",
    "or",
    "as",
    "if",
    "do",
    "go",
    "my",
    "us",
    "up",
    "be",
    "me",
    "mr",
    "mrs",
    "ms",
    "dr",
    "jr",
    "sr",
    "st",
    "the",
    "and",
    "will",
    "may",
    "can",
    "for",
    "who",
    "his",
    "her",
    "she",
    "they",
    "our",
    "bin",
    "ibn",
    "abu",
    "van",
    "der",
    "von",
    "dos",
    "del",
    "las",
    "los",
    "april",
    "june",
    "august",
    "monday",
    "friday",
    "sunday",
    "general",
    "sir",
    "king",
    "prince",
    "princess",
    "sheikh",
    "imam",
    "bishop",
    "judge",
    "major",
    "colonel",
    "captain",
    "president",
    "minister",
    "person",
];

/// What stands for a name in running text.
pub(super) const MASK: &str = "[a person]";

/// The names to be masked in a row.
struct Names {
    /// Folded words of whole names, the longest first.
    whole: Vec<Vec<String>>,
    /// As written, for scripts that put no blanks between words.
    written: Vec<String>,
    /// Folded words that name a person alone ("Demir").
    parts: HashSet<String>,
}

impl Names {
    fn of(row: &Row) -> Names {
        let mut names: BTreeSet<String> =
            row.records.iter().flat_map(|record| record.persons.iter().flatten().cloned()).collect();
        for record in row.records.iter().filter(|record| record.persons.is_none()) {
            names.extend(told(record));
        }
        let offices: Vec<Vec<String>> =
            row.records.iter().flat_map(|record| offices(std::slice::from_ref(*record))).collect();
        let authors: Vec<Vec<String>> =
            row.records.iter().filter_map(|record| record.cite_info.as_ref()?.author.as_deref()).map(keys).collect();
        names.retain(|name| {
            let name = keys(name);
            !name.is_empty() && !offices.iter().chain(&authors).any(|phrase| holds(phrase, &name))
        });
        let places: HashSet<String> = row.records.iter().flat_map(|record| places(record)).collect();
        let mut whole: Vec<Vec<String>> = names.iter().map(|name| keys(name)).collect();
        whole.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let parts = names.iter().flat_map(|name| parts(name)).filter(|part| !places.contains(part)).collect();
        let written =
            names.into_iter().filter(|name| !name.chars().any(|c| c.is_lowercase() || c.is_uppercase())).collect();
        Names { whole, written, parts }
    }

    fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    fn mask_record(&self, record: &mut RecordJson) {
        for party in record.actor.iter_mut().chain(&mut record.recipient) {
            self.mask_party(party);
        }
        for words in record.mentions.iter_mut().chain(&mut record.date_text) {
            self.mask_text(&mut words.text);
        }
        if let Some(place) = &mut record.event_loc {
            for name in [&mut place.extracted_place, &mut place.resolved_place, &mut place.city, &mut place.province] {
                self.mask_text(name);
            }
        }
        for figures in record.size.values_mut().flatten() {
            let each: Vec<_> = match figures {
                Figures::One(figure) => vec![figure],
                Figures::Many(many) => many.iter_mut().flatten().collect(),
            };
            for figure in each {
                self.mask_text(&mut figure.text);
                if self.mask_phrase(&mut figure.by, &[]) {
                    (figure.by_start, figure.by_end) = (None, None);
                }
            }
        }
        for link in &mut record.attribution {
            if self.mask_phrase(&mut link.source, &[]) {
                (link.start, link.end) = (None, None);
            }
            self.mask_text(&mut link.cue);
        }
        self.mask_text(&mut record.text);
        if let Some(cite) = &mut record.cite_info {
            self.mask_text(&mut cite.title);
            cite.url = cite.url.take().and_then(|url| self.address(&url));
            for words in cite.via_text.iter_mut().flatten() {
                self.mask_text(&mut words.text);
            }
        }
        record.report = record.report.take().map(|id| self.id(&id));
        record.persons = None;
    }

    fn mask_party(&self, party: &mut EntityJson) {
        let identifier = party.identifier_text.as_deref().unwrap_or_default();
        let slug = party.identifier_id.as_deref().unwrap_or_default();
        if !self.found(identifier).is_empty() || self.tells(slug) {
            (party.identifier_id, party.identifier_text) = (None, None);
        }
        let sectors: Vec<&str> = party.sector.iter().map(String::as_str).collect();
        if self.mask_phrase(&mut party.entity_text, &sectors) {
            (party.start, party.end) = (None, None);
        }
        if let Some(count) = &mut party.count {
            self.mask_text(&mut count.text);
        }
    }

    fn mask_incident(&self, incident: &mut Incident) {
        for claimed in incident.figures.values_mut().flatten() {
            let mut text = Some(std::mem::take(&mut claimed.text));
            self.mask_text(&mut text);
            claimed.text = text.unwrap_or_default();
            self.mask_phrase(&mut claimed.by, &[]);
            claimed.reports.iter_mut().for_each(|id| *id = self.id(id));
        }
        incident.members.iter_mut().for_each(|member| member.report = self.id(&member.report));
        incident.origins.iter_mut().flatten().for_each(|id| *id = self.id(id));
    }

    /// Where `text` names one of the persons, in order.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let all = tokens(text);
        let public = Actors::embedded().public_figures(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < all.len() {
            let whole = self.whole.iter().find(|name| self.stands(name, &all[at..], text)).map(Vec::len);
            let range = &all[at].range;
            let protected = || public.iter().any(|figure| figure.start <= range.start && range.end <= figure.end);
            let part = || all[at].capital && self.parts.contains(&all[at].key) && !protected();
            let Some(count) = whole.or_else(|| part().then_some(1)) else {
                at += 1;
                continue;
            };
            let range = range.start..all[at + count - 1].range.end;
            match found
                .last_mut()
                .filter(|last| text[last.end..range.start].trim_matches(['-', '.', ' ', '\u{a0}']).is_empty())
            {
                Some(last) => last.end = range.end,
                None => found.push(range),
            }
            at += count;
        }
        for name in &self.written {
            found.extend(text.match_indices(name.as_str()).map(|(start, words)| start..start + words.len()));
        }
        found.sort_by_key(|range| range.start);
        found.dedup_by(|next, last| {
            next.start < last.end && {
                last.end = last.end.max(next.end);
                true
            }
        });
        found
    }

    /// Whether `name` is what `all` begins with, its words no further apart than in "Demir, A."; one word alone must be written as
    /// names are.
    fn stands(&self, name: &[String], all: &[Token], text: &str) -> bool {
        let words = all.get(..name.len()).filter(|words| words.iter().zip(name).all(|(word, key)| word.key == *key));
        words.is_some_and(|words| {
            let near = |pair: &[Token]| text[pair[0].range.end..pair[1].range.start].chars().count() <= 3;
            words.windows(2).all(near) && (words.len() > 1 || words[0].capital)
        })
    }

    /// Puts "[a person]" for every name; says whether there was one.
    fn mask_text(&self, text: &mut Option<String>) -> bool {
        let Some(words) = text else { return false };
        let found = self.found(words);
        for range in found.iter().rev() {
            words.replace_range(range.clone(), MASK);
        }
        !found.is_empty()
    }

    /// Makes a party or source its role; says whether it had a name.
    fn mask_phrase(&self, phrase: &mut Option<String>, sectors: &[&str]) -> bool {
        let Some(words) = phrase else { return false };
        let found = self.found(words);
        if !found.is_empty() {
            *words = role(words, &found, sectors);
        }
        !found.is_empty()
    }

    /// Whether an address or an id spells a name, in whatever case and with whatever between its words.
    fn tells(&self, id: &str) -> bool {
        let all = keys(id);
        let joined = all.concat();
        let whole = |name: &Vec<String>| holds(&all, name) || name.len() > 1 && joined.contains(&name.concat());
        self.whole.iter().any(whole)
            || all.iter().any(|key| key.chars().count() > 3 && self.parts.contains(key))
            || self.written.iter().any(|name| id.contains(name.as_str()))
            || id.contains('%') && self.tells(&unescaped(id))
    }

    /// The address, only its site where the rest spells a name, nothing where the site does.
    fn address(&self, url: &str) -> Option<String> {
        if !self.tells(url) {
            return Some(url.to_string());
        }
        let (scheme, rest) = url.split_once("://")?;
        let site = format!("{scheme}://{}/", rest.split(['/', '?', '#']).next()?);
        (!self.tells(&site)).then_some(site)
    }

    /// The report's id, or one made of its hash where it spells a name.
    fn id(&self, id: &str) -> String {
        if self.tells(id) { format!("r-{}", &blake3::hash(id.as_bytes()).to_hex()[..16]) } else { id.to_string() }
    }
}

/// The text with its percent escapes resolved; no escape is left, so that it is not asked for twice.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: u8| (byte as char).to_digit(16);
        match tail {
            [a, b, after @ ..] if *first == b'%' && hex(*a).is_some() && hex(*b).is_some() => {
                bytes.push((hex(*a).unwrap_or(0) * 16 + hex(*b).unwrap_or(0)) as u8);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace('%', " ")
}

/// The private names that a record's own parties and sources tell, where no coder has looked.
fn told(record: &RecordJson) -> Vec<String> {
    let actors = Actors::embedded();
    let published = record.cite_info.as_ref().and_then(|cite| cite.published.as_deref()?.parse().ok());
    let context = PartyContext { published, ..PartyContext::default() };
    let private = |phrase: &&str| {
        let party = actors.describe(&Phrase { words: phrase, ..Phrase::default() }, &context);
        party.identifier.is_none() && !holds_office(&party.sector)
    };
    phrases(record).filter(private).flat_map(|phrase| actors.names_in(phrase)).map(str::to_string).collect()
}

/// The folded words of a name that stand for the person alone.
fn parts(name: &str) -> Vec<String> {
    let actors = Actors::embedded();
    let words = tokens(name).into_iter().filter(|token| token.capital && token.key.chars().count() > 1);
    let words = words.filter(|token| !COMMON.contains(&token.key.as_str()) && !token.key.chars().all(char::is_numeric));
    words
        .filter(|token| !actors.is_country_or_organisation(&name[token.range.clone()]))
        .map(|token| token.key)
        .collect()
}

/// The folded words of the places of a record: "London" stays where Jack London is masked.
fn places(record: &RecordJson) -> Vec<String> {
    let Some(place) = &record.event_loc else { return Vec::new() };
    let names = [&place.resolved_place, &place.city, &place.province];
    names.into_iter().flatten().flat_map(|name| keys(name)).collect()
}

/// Words behind which a name cannot simply be left out.
const LINKS: &[&str] =
    &["of", "for", "by", "to", "with", "from", "and", "named", "called", "against", "between", "or", "including"];

/// What remains of a phrase without its names, as a role: "teacher Ada Brennick" is "a teacher", "the wife of Ada Brennick" "the
/// wife of a person"; a bare name is its sector's role.
fn role(phrase: &str, names: &[Range<usize>], sectors: &[&str]) -> String {
    let mut kept = String::new();
    let mut from = 0;
    for name in names {
        kept.push_str(&phrase[from..name.start]);
        let before = kept.split_whitespace().next_back().map(folded).unwrap_or_default();
        let after = &phrase[name.end..];
        if LINKS.contains(&before.as_str()) || after.starts_with(['\'', '’', '-']) {
            kept.push_str("a person");
        }
        from = name.end;
    }
    kept.push_str(&phrase[from..]);
    let words: Vec<&str> = kept.split_whitespace().collect();
    let kept = words.join(" ").replace(" ,", ",");
    let kept = kept.trim_matches([',', '(', ')', ';', ':', '-', ' ', '"', '“', '”']);
    let noun = |word: &&str| {
        word.chars().count() > 2 && word.chars().all(|c| c.is_lowercase() || c == '-' || c == '\'' || c == '’')
    };
    let filler = |word: &&str| LINKS.contains(word) || matches!(*word, "the" | "who" | "his" | "her" | "their");
    if !kept.split_whitespace().any(|word| noun(&word.trim_matches(',')) && !filler(&word.trim_matches(','))) {
        return sector_role(sectors).to_string();
    }
    let first = kept.split_whitespace().next().unwrap_or_default();
    let lower = first.starts_with(char::is_lowercase);
    let bare = lower
        && !matches!(
            first,
            "a" | "an" | "the" | "his" | "her" | "their" | "its" | "two" | "three" | "several" | "some"
        );
    match first.chars().next() {
        Some('a' | 'e' | 'i' | 'o' | 'u') if bare => format!("an {kept}"),
        _ if bare => format!("a {kept}"),
        _ => kept.to_string(),
    }
}

/// The role that a sector implies; none that would tell a faith, a crime or a view.
fn sector_role(sectors: &[&str]) -> &'static str {
    let role = |sector: &&str| match *sector {
        "JRN" => Some("a journalist"),
        "BUS" => Some("a business person"),
        "MED" => Some("a health worker"),
        "AGR" => Some("a farmer"),
        "REF" => Some("a refugee"),
        _ => None,
    };
    sectors.iter().find_map(role).unwrap_or("a person")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{EXPORTS, sample};
    use proptest::prelude::*;

    fn phrase(text: &str, name: &str, sectors: &[&str]) -> String {
        let record = RecordJson { persons: Some(vec![name.into()]), ..RecordJson::default() };
        let names = Names::of(&Row { incident: &Incident::default(), records: &[&record] });
        let mut text = Some(text.to_string());
        names.mask_phrase(&mut text, sectors);
        text.unwrap()
    }

    fn text(text: &str, names: &[&str]) -> String {
        let record =
            RecordJson { persons: Some(names.iter().map(|name| name.to_string()).collect()), ..RecordJson::default() };
        let names = Names::of(&Row { incident: &Incident::default(), records: &[&record] });
        let mut text = Some(text.to_string());
        names.mask_text(&mut text);
        text.unwrap()
    }

    #[test]
    fn parties_become_their_role() {
        assert_eq!(phrase("teacher Ada Brennick", "Ada Brennick", &["EDU"]), "a teacher");
        assert_eq!(phrase("Ada Brennick, a 34-year-old nurse", "Ada Brennick", &["MED"]), "a 34-year-old nurse");
        assert_eq!(phrase("the wife of Ada Brennick", "Ada Brennick", &["CVL"]), "the wife of a person");
        assert_eq!(phrase("Brennick's brother", "Ada Brennick", &["CVL"]), "a person's brother");
        assert_eq!(phrase("Mr Brennick", "Ada Brennick", &["CVL"]), "a person");
        assert_eq!(phrase("Ada Brennick", "Ada Brennick", &["JRN"]), "a journalist");
        assert_eq!(phrase("Ada Brennick", "Ada Brennick", &["REL"]), "a person");
    }

    #[test]
    fn names_go_in_full_in_part_and_without_diacritics() {
        let masked = text("Ayse Demir was held. DEMIR, born in Izmir, is a demir merchant.", &["Ayşe Demir"]);
        assert_eq!(masked, "[a person] was held. [a person], born in Izmir, is a demir merchant.");
        assert_eq!(text("Will Rose will rise.", &["Will Rose"]), "[a person] will rise.");
        assert_eq!(text("Jordan held Mary Jordan.", &["Mary Jordan"]), "Jordan held [a person].");
        assert_eq!(text("警方拘留了王小明。", &["王小明"]), "警方拘留了[a person]。");
    }

    #[test]
    fn public_figures_of_the_same_name_stay() {
        assert_eq!(text("Rashid Ghani wrote to Ashraf Ghani.", &["Rashid Ghani"]), "[a person] wrote to Ashraf Ghani.");
    }

    #[test]
    fn addresses_and_ids_do_not_spell_the_name() {
        let record = RecordJson { persons: Some(vec!["Ayşe Demir".into()]), ..RecordJson::default() };
        let names = Names::of(&Row { incident: &Incident::default(), records: &[&record] });
        assert_eq!(
            names.address("https://post.example/2024/ayse-demir-held").as_deref(),
            Some("https://post.example/")
        );
        assert_eq!(names.address("https://post.example/ay%C5%9Fe_demir").as_deref(), Some("https://post.example/"));
        assert_eq!(names.address("https://aysedemir.example/x"), None);
        assert_eq!(names.address("https://post.example/raids").as_deref(), Some("https://post.example/raids"));
        assert!(names.id("held/AyseDemir.html").starts_with("r-"));
    }

    #[test]
    fn who_holds_an_office_is_named() {
        let governor = |sector: &str| {
            sample::written("csv", |record| {
                record.persons = Some(vec!["Ada Brennick".into()]);
                record.actor[0].entity_text = Some("Governor Ada Brennick".into());
                record.actor[0].sector = vec![sector.into()];
            })
        };
        assert!(governor("GOV").contains("Ada Brennick"));
        assert!(!governor("CVL").contains("Brennick"));
    }

    #[test]
    fn imported_parties_are_masked_by_the_way_they_are_written() {
        let out = sample::written("csv", |record| {
            record.persons = None;
            record.recipient[0].entity_text = Some("Tomas Orwele".into());
            record.text = Some("Turkish police detained Tomas Orwele.".into());
        });
        assert!(!out.contains("Orwele") && out.contains("Turkish police"), "{out}");
    }

    #[test]
    fn groups_named_in_imports_stay() {
        let out = sample::written("csv", |record| {
            record.persons = None;
            record.actor[0].entity_text = Some("Hill Liberation Front".into());
            record.actor[0].sector = vec!["REB".into()];
        });
        assert!(out.contains("Hill Liberation Front"), "{out}");
    }

    #[test]
    fn the_owner_may_unmask() {
        let record = sample::record(|record| {
            record.persons = Some(vec!["Tomas Orwele".into()]);
            record.recipient[0].entity_text = Some("Tomas Orwele".into());
        });
        let out = String::from_utf8(sample::bytes("csv", Masking::None, &[record])).unwrap();
        assert!(out.contains("Tomas Orwele"));
    }

    /// Puts a name into every field of a record that carries words of the report.
    fn fill(record: &mut RecordJson, name: &str, role: &str) {
        let family = name.split_whitespace().next_back().unwrap_or(name);
        record.persons = Some(vec![name.to_string()]);
        record.report = Some(format!("reports/{}.html", name.to_lowercase().replace(' ', "-")));
        record.recipient[0].entity_text = Some(format!("{role} {name}"));
        record.recipient[0].identifier_id = Some(format!("dl:{}", name.to_lowercase().replace(' ', "-")));
        record.recipient[0].identifier_text = Some(name.to_string());
        record.text = Some(format!("Police held {name} on Monday; {family}'s lawyer said {family} was ill."));
        record.mentions[0].text = Some(format!("held {family}"));
        record.attribution[0].source = Some(format!("{role} {name}"));
        if let Some(Figures::Many(figures)) = record.size.get_mut("arrested").unwrap() {
            figures[0].as_mut().unwrap().by = Some(name.to_string());
            figures[0].as_mut().unwrap().text = Some(format!("{family} and 11 more"));
        }
        record.event_loc.as_mut().unwrap().extracted_place = Some(format!("the house of {family}"));
        let cite = record.cite_info.as_mut().unwrap();
        cite.title = Some(format!("{} held in İzmir", name.to_uppercase()));
        cite.url = Some(format!("https://post.example/{}", name.replace(' ', "+")));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_masked_name_survives_in_any_export(
            given in "[A-Z][bcdfghjklmnpqrstvwxzşğñé]{4,8}",
            family in "[A-Z][bcdfghjklmnpqrstvwxzşğñé]{4,8}",
            role in prop_oneof!["teacher", "a farmer called", "=cmd|", ""],
        ) {
            let name = format!("{given} {family}");
            let record = sample::record(|record| fill(record, &name, &role));
            for format in EXPORTS {
                let bytes = sample::bytes(format.name, Masking::Roles, std::slice::from_ref(&record));
                let out = folded(&String::from_utf8_lossy(&bytes));
                for word in [&given, &family] {
                    prop_assert!(!out.contains(&folded(word)), "{} in {}: {}", word, format.name, out);
                }
            }
        }
    }
}
