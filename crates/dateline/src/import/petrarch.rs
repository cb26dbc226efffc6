//! Actor dictionaries in PETRARCH's format, as actor files of Dateline's own (`data/actors/armed.toml` describes those).
//!
//! A dictionary has an actor a block: a name with underscores for blanks, other names on lines with "+", and codes in brackets,
//! each with dates where it is limited ("[AFGGOV 20010101-20051231]", "[AFGELI >060101]"). A code is a country and CAMEO roles, three
//! letters each; roles become PLOVER's sectors (MED, the press, is JRN; HLH is MED).

use super::fault;
use super::gdelt::sector_of;
use crate::Error;
use crate::codes;
use std::collections::BTreeMap;

/// An actor in the reading.
#[derive(Debug, Default)]
struct Actor {
    names: Vec<String>,
    terms: Vec<Term>,
}

/// What an actor is, and when: `dates` is empty for always, else "2001-01..2005-12" with either end open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Term {
    code: String,
    sectors: Vec<&'static str>,
    dates: String,
}

/// The dictionary `text` of `file` as an actor file in TOML, and what could not be read, by line.
///
/// # Example
/// ```
/// use dateline::import::petrarch::actors;
/// let (toml, errors) = actors("x.actors", "ADA_BRENNICK_ ;a comment\n+A_BRENNICK_\n\t[CHLGOV 20010101-20051231]\n");
/// assert!(toml.contains("Ada Brennick; A Brennick | CHL GOV 2001-01..2005-12") && errors.is_empty());
/// ```
pub fn actors(file: &str, text: &str) -> (String, Vec<Error>) {
    let (mut actors, mut errors): (Vec<Actor>, Vec<Error>) = (Vec::new(), Vec::new());
    for (line, row) in (1..).zip(text.lines()) {
        let row = row.split(['#', ';']).next().unwrap_or_default().trim();
        if row.is_empty() || row.starts_with("<!--") {
            continue;
        }
        let (name, codes) = row.split_once('[').map_or((row, None), |(name, codes)| (name.trim(), Some(codes)));
        match (name.strip_prefix('+'), actors.last_mut()) {
            _ if name.is_empty() => {}
            (Some(other), Some(actor)) => actor.names.extend(readable(other)),
            (Some(_), None) => {
                errors.push(fault(file, line, format!("found \"{row}\", expected an actor before its other names")))
            }
            (None, _) => actors.push(Actor { names: readable(name).into_iter().collect(), terms: Vec::new() }),
        }
        for code in codes.into_iter().flat_map(|codes| codes.split('[')) {
            match (term(code.trim().trim_end_matches(']').trim()), actors.last_mut()) {
                (Ok(term), Some(actor)) => actor.terms.push(term),
                (Ok(_), None) => {
                    errors.push(fault(file, line, format!("found \"{row}\", expected an actor before its codes")))
                }
                (Err(message), _) => errors.push(fault(file, line, message)),
            }
        }
    }
    (toml(actors), errors)
}

/// "ADA_BRENNICK_" as "Ada Brennick"; short words and those without a vowel are acronyms and stay.
fn readable(name: &str) -> Option<String> {
    let words = name.split(['_', ' ']).filter(|word| !word.is_empty()).map(|word| {
        let word: String = word.chars().filter(|c| !matches!(c, '|' | ';' | '"')).collect();
        let vowel = word.contains(|c: char| "AEIOUYaeiouy".contains(c));
        let acronym = word.chars().count() < 4 && !name.trim_end_matches('_').contains('_') || !vowel;
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if !acronym => first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect(),
            _ => word,
        }
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// "AFGGOV 20010101-20051231".
fn term(text: &str) -> Result<Term, String> {
    let (code, dates) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if code.is_empty()
        || !code.is_ascii()
        || !code.len().is_multiple_of(3)
        || !code.bytes().all(|b| b.is_ascii_uppercase())
    {
        return Err(format!(
            "found the code \"{code}\", expected groups of three capitals such as AFGGOV; the code is left out"
        ));
    }
    let groups: Vec<&str> = (0..code.len()).step_by(3).map(|at| &code[at..at + 3]).collect();
    let bodies = ["IGO", "UNO", "EUR", "NGO", "ISM", "IMG", "MNC"];
    let home = groups.iter().rev().find(|group| bodies.contains(group));
    let home = home.or_else(|| groups.first().filter(|group| codes::country(group).is_some()));
    let mut sectors: Vec<&'static str> = Vec::new();
    for sector in groups.iter().filter_map(|group| sector_of(group)) {
        if !sectors.contains(&sector) {
            sectors.push(sector);
        }
    }
    // A country alone is its government.
    if groups.len() == 1 && codes::country(groups[0]).is_some() {
        sectors.push("GOV");
    }
    if home.is_none() && sectors.is_empty() {
        return Err(format!("found the code \"{code}\", expected a country or a role of CAMEO; the code is left out"));
    }
    Ok(Term { code: home.map(|home| home.to_string()).unwrap_or_default(), sectors, dates: span(dates.trim())? })
}

/// "20010101-20051231", "<020511", ">990101" as months.
fn span(dates: &str) -> Result<String, String> {
    let odd = || {
        format!(
            "found the dates \"{dates}\", expected such as 20010101-20051231, <20020511 or >990101; the code is left out"
        )
    };
    let month = |text: &str| month(text).ok_or_else(odd);
    Ok(match (dates.strip_prefix('<'), dates.strip_prefix('>'), dates.split_once('-')) {
        _ if dates.is_empty() => String::new(),
        (Some(end), ..) => format!("..{}", month(end)?),
        (_, Some(start), _) => format!("{}..", month(start)?),
        (.., Some((start, end))) => format!("{}..{}", month(start)?, month(end)?),
        _ => return Err(odd()),
    })
}

/// "20010101" or "010101" as "2001-01"; two-digit years from 30 on are of the last century, as in PETRARCH.
fn month(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        8 | 6 if text.len() == 8 => Some(format!("{}-{}", &text[..4], &text[4..6])),
        6 => {
            let century = if text[..2].parse::<u8>().ok()? < 30 { "20" } else { "19" };
            Some(format!("{century}{}-{}", &text[..2], &text[2..4]))
        }
        4 => Some(format!("{text}-01")),
        _ => None,
    }
}

/// The actors by code and sector where that never changes, the others with their terms; undated terms first, as the later of two
/// that fit counts.
fn toml(actors: Vec<Actor>) -> String {
    let mut groups: BTreeMap<(String, Vec<&'static str>), Vec<String>> = BTreeMap::new();
    for mut actor in actors.into_iter().filter(|actor| !actor.names.is_empty() && !actor.terms.is_empty()) {
        let names = actor.names.join("; ");
        match &actor.terms[..] {
            [only] if only.dates.is_empty() => {
                groups.entry((only.code.clone(), only.sectors.clone())).or_default().push(names)
            }
            _ => {
                actor.terms.sort_by_key(|term| !term.dates.is_empty());
                let terms = actor.terms.iter().map(|term| {
                    let sectors = term.sectors.join("+");
                    let parts = [term.code.as_str(), &sectors, &term.dates].into_iter().filter(|part| !part.is_empty());
                    parts.collect::<Vec<_>>().join(" ")
                });
                let row = format!("{names} | {}", terms.collect::<Vec<_>>().join("; "));
                groups.entry(Default::default()).or_default().push(row);
            }
        }
    }
    let mut out = String::from("# Imported from a PETRARCH actor dictionary.\n");
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    for ((code, sectors), rows) in groups {
        out.push_str("\n[[group]]\n");
        if !code.is_empty() {
            out.push_str(&format!("code = {}\n", quoted(&code)));
        }
        let sectors: Vec<String> = sectors.iter().map(|sector| quoted(sector)).collect();
        out.push_str(&format!("sector = [{}]\nactors = [\n", sectors.join(", ")));
        for row in rows {
            out.push_str(&format!("  {},\n", quoted(&row)));
        }
        out.push_str("]\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::{Actors, PartyContext, Phrase};

    #[test]
    fn an_imported_dictionary_codes_parties_by_date() {
        let dictionary = "# invented\nTESSARA_BRENNICK_ ; a politician\n+T_BRENNICK_\n\t[CHLOPP <20100101]\n\t[CHLGOV 20100102-20141231]\n\
                          \t[CHLELI >20150101]\nORCHARD_LEAGUE_ [CHLLAB]\nQVX_ [PERMED]\n";
        let (toml, errors) = actors("x", dictionary);
        assert!(errors.is_empty(), "{errors:?}");
        let path = std::env::temp_dir().join(format!("dateline-petrarch-{}.toml", std::process::id()));
        std::fs::write(&path, &toml).unwrap();
        let tables = Actors::with_files(&[&path]).unwrap();
        std::fs::remove_file(&path).unwrap();
        let sector = |words: &str, day: &str| {
            let context = PartyContext { published: day.parse().ok(), ..PartyContext::default() };
            let party = tables.describe(&Phrase { words, ..Phrase::default() }, &context);
            (party.code.unwrap_or_default(), party.sector)
        };
        assert_eq!(sector("Tessara Brennick", "2008-06-01"), ("CHL".into(), vec!["OPP"]));
        assert_eq!(sector("Tessara Brennick", "2012-06-01"), ("CHL".into(), vec!["GOV"]));
        assert_eq!(sector("Tessara Brennick", "2020-06-01"), ("CHL".into(), vec!["ELI"]));
        assert_eq!(sector("the Orchard League", "2020-06-01"), ("CHL".into(), vec!["LAB"]));
        assert_eq!(sector("QVX", "2020-06-01"), ("PER".into(), vec!["JRN"]));
    }

    #[test]
    fn faults_have_their_line_and_the_rest_is_read() {
        let (toml, errors) = actors("x", "+NOBODY_\nA_PARTY_ [CHLGOV 2001]\n\t[chl]\n\t[CHLOPP]\n");
        let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(messages.len(), 3);
        assert!(
            messages[0].starts_with("x, line 1: ")
                && messages[1].starts_with("x, line 2: ")
                && messages[2].starts_with("x, line 3: ")
        );
        assert!(toml.contains("A Party"), "{toml}");
    }
}
