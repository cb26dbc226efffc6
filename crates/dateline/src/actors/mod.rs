//! Who a party is: from a noun phrase to country code, sectors and identifier (CODEBOOK.md, entity `code`, `sector`,
//! `identifier_id`).
//!
//! The knowledge lies in `data/actors/*.toml`: countries and demonyms, role nouns, and dated actors (office holders,
//! organisations, armed groups, agencies, parties, outlets). The reasoning here finds those words in the phrase, picks the
//! head's, and falls back on the report's country. Groups are parties as the report names them; nothing is inferred about
//! the faith or origin of persons.

mod cast;
mod reading;
mod tables;
mod words;

pub use cast::{Cast, country_context};

use crate::{Error, Result};
use jiff::civil::Date;
use reading::Reading;
use std::path::Path;
use std::sync::OnceLock;
use tables::Tables;
use words::words;

/// A noun phrase that names a party.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phrase<'a> {
    /// The words, as they stand in the report.
    pub words: &'a str,
    /// Lemma of the head noun, where syntax gives one; `None` lets the phrase be cut at its first preposition or comma.
    pub head: Option<&'a str>,
    /// Whether the phrase is the name of a place: it then stands for its government.
    pub is_place_name: bool,
}

/// What the report says beside the phrase.
#[derive(Debug, Clone, Copy, Default)]
pub struct PartyContext<'a> {
    /// Day of publication: decides who held an office.
    pub published: Option<Date>,
    /// Home country (alpha-3) of the report or of the nearest named country: for "police" without a country.
    pub country: Option<&'a str>,
    /// Persons and groups the report has introduced; see [`Actors::cast`].
    pub cast: Option<&'a Cast>,
}

/// A party as the record codes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Party {
    /// ISO 3166-1 alpha-3, or IGO, UNO, EUR, NGO, ISM, IMG, MNC; `None` where neither the phrase nor the report tells.
    pub code: Option<String>,
    /// Sectors of the codebook, may be empty.
    pub sector: Vec<&'static str>,
    /// Identifier and name, for known states, organisations and office holders.
    pub identifier: Option<(String, String)>,
    /// Which words gave which value, for `--explain`.
    pub why: String,
}

/// The actor tables.
#[derive(Debug)]
pub struct Actors {
    tables: Tables,
}

/// The tables that come with the program, in the order that decides between equal names.
const EMBEDDED: &[(&str, &str)] = &[
    ("actors/agencies.toml", include_str!("../../data/actors/agencies.toml")),
    ("actors/organisations.toml", include_str!("../../data/actors/organisations.toml")),
    ("actors/armed.toml", include_str!("../../data/actors/armed.toml")),
    ("actors/parties.toml", include_str!("../../data/actors/parties.toml")),
    ("actors/outlets.toml", include_str!("../../data/actors/outlets.toml")),
    ("actors/heads.toml", include_str!("../../data/actors/heads.toml")),
];

/// Only so much of a phrase is read.
const PHRASE_BYTES: usize = 1_000;

/// The first `limit` bytes of `text`, cut at a character.
fn head_of(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Actors {
    /// The tables that come with the program, read once.
    pub fn embedded() -> &'static Actors {
        static ACTORS: OnceLock<Actors> = OnceLock::new();
        // The embedded files are read by a test; a build whose files are damaged never ships.
        ACTORS.get_or_init(|| Self::load(&[]).expect("embedded actor tables are well-formed"))
    }

    /// The embedded tables and the user's files, which come first where names are equal.
    ///
    /// # Errors
    /// A file that cannot be read; a file that does not follow the format at the head of `data/actors/armed.toml`.
    pub fn with_files<P: AsRef<Path>>(paths: &[P]) -> Result<Actors> {
        let mut files = Vec::new();
        for path in paths {
            let name = path.as_ref().display().to_string();
            let text = std::fs::read_to_string(path).map_err(|source| Error::Io { name: name.clone(), source })?;
            files.push((name, text));
        }
        Self::load(&files)
    }

    fn load(files: &[(String, String)]) -> Result<Actors> {
        let mut tables = Tables::new();
        for (name, text) in files {
            tables.add_actors(name, text)?;
        }
        for (name, text) in EMBEDDED {
            tables.add_actors(name, text)?;
        }
        tables.add_lists("actors/words.toml", include_str!("../../data/actors/words.toml"))?;
        tables.add_countries("actors/countries.toml", include_str!("../../data/actors/countries.toml"))?;
        tables.add_roles("actors/roles.toml", include_str!("../../data/actors/roles.toml"))?;
        Ok(Actors { tables })
    }

    /// Codes the party that `phrase` names. A phrase that nothing is known about gets the report's country and no sector.
    pub fn describe(&self, phrase: &Phrase, context: &PartyContext) -> Party {
        // No party's name is longer; what is handed over whole as a "phrase" stays quick.
        let phrase = &Phrase { words: head_of(phrase.words, PHRASE_BYTES), ..*phrase };
        let all = words(phrase.words);
        let reading = Reading::new(&self.tables, &all, phrase, context);
        reading.party()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(words: &str, published: &str, country: Option<&str>) -> Party {
        let context = PartyContext { published: published.parse().ok(), country, cast: None };
        Actors::embedded().describe(&Phrase { words, ..Phrase::default() }, &context)
    }

    fn coded(words: &str) -> (String, Vec<&'static str>) {
        let party = party(words, "2016-05-04", Some("FRA"));
        (party.code.unwrap_or_default(), party.sector)
    }

    #[test]
    fn country_capital_and_seat_act_as_governments() {
        for words in ["Turkey", "Ankara", "the Turkish government"] {
            assert_eq!(coded(words), ("TUR".to_owned(), vec!["GOV"]), "{words}");
        }
        assert_eq!(coded("the Kremlin").0, "RUS");
        assert_eq!(coded("Downing Street").0, "GBR");
        assert_eq!(coded("The White House"), ("USA".to_owned(), vec!["GOV"]));
    }

    #[test]
    fn demonym_gives_the_country_and_noun_the_sector() {
        assert_eq!(coded("Turkish riot police"), ("TUR".to_owned(), vec!["COP"]));
        assert_eq!(coded("three Iraqi soldiers"), ("IRQ".to_owned(), vec!["MIL"]));
        assert_eq!(coded("Kenya's striking teachers").0, "KEN");
        assert_eq!(coded("dozens of Peruvian villagers"), ("PER".to_owned(), vec!["CVL"]));
    }

    #[test]
    fn a_noun_without_country_takes_the_reports() {
        assert_eq!(coded("riot police"), ("FRA".to_owned(), vec!["COP"]));
        assert_eq!(party("riot police", "2016-05-04", None).code, None);
    }

    #[test]
    fn weak_nouns_take_the_sector_of_their_organisation() {
        assert_eq!(coded("the army chief").1, ["MIL"]);
        assert_eq!(coded("the head of the teachers' union").1, ["LAB", "EDU"]);
        assert_eq!(coded("a police spokesman").1, ["COP"]);
        assert_eq!(coded("a Taliban commander").1, ["REB"]);
    }

    #[test]
    fn office_holders_are_known_by_date_with_and_without_diacritics() {
        let erdogan = party("President Recep Tayyip Erdoğan", "2018-01-20", None);
        assert_eq!((erdogan.code.as_deref(), &erdogan.sector[..]), (Some("TUR"), &["GOV"][..]));
        assert_eq!(erdogan.identifier.map(|id| id.0), Some("dl:recep-tayyip-erdogan".to_owned()));
        assert_eq!(party("Mandela", "1992-03-01", Some("ZAF")).sector, ["OPP"]);
        assert_eq!(party("Mandela", "1996-03-01", Some("ZAF")).sector, ["GOV"]);
    }

    #[test]
    fn a_family_name_after_another_given_name_is_somebody_else() {
        assert_eq!(party("Carlos Putin", "2016-05-04", Some("CHL")).identifier, None);
        assert_eq!(party("Mr Putin", "2016-05-04", Some("CHL")).code.as_deref(), Some("RUS"));
    }

    #[test]
    fn groups_change_their_sector_with_their_standing() {
        assert_eq!(party("the Taliban", "2015-09-28", None).sector, ["REB"]);
        assert_eq!(party("the Taliban", "2022-09-28", None).sector, ["GOV"]);
        assert_eq!(coded("Islamic State fighters"), ("IMG".to_owned(), vec!["REB"]));
    }

    #[test]
    fn small_words_are_not_acronyms() {
        assert_eq!(coded("those who is it").0, "FRA");
        assert_eq!(coded("IS").0, "IMG");
        assert_eq!(coded("an unmarked police car"), ("FRA".to_owned(), vec!["COP"]));
    }

    #[test]
    fn a_country_beside_backed_or_pro_is_not_the_partys() {
        assert_eq!(coded("Iran-backed gunmen").0, "FRA");
        assert_eq!(coded("pro-Russian rebels").0, "FRA");
    }

    #[test]
    fn two_countries_joined_have_no_single_code() {
        assert_eq!(party("Chadian and Nigerian soldiers", "2015-03-01", Some("TCD")).code, None);
    }

    #[test]
    fn article_or_number_makes_people_of_a_demonym() {
        assert_eq!(coded("a Romanian").1, ["CVL"]);
        assert_eq!(coded("200 Afghans").1, ["CVL"]);
        assert_eq!(coded("the Russians").1, ["GOV"]);
    }

    #[test]
    fn a_name_introduced_once_is_known_for_the_rest_of_the_report() {
        let actors = Actors::embedded();
        let text = "Governor Ada Brennick sent guards to the mine.\nTomas Orwele, a union leader, was held. Brennick denied it.";
        let context = PartyContext { country: Some("PER"), ..PartyContext::default() };
        let cast = actors.cast(text, &context);
        let describe = |words| {
            actors.describe(&Phrase { words, ..Phrase::default() }, &PartyContext { cast: Some(&cast), ..context })
        };
        assert_eq!(describe("Brennick").sector, ["GOV"]);
        assert_eq!(describe("Mr Orwele").sector, ["LAB"]);
        assert_eq!(describe("Someone Else").sector, ["CVL"]);
    }

    #[test]
    fn personal_names_are_told_from_groups_and_roles() {
        let actors = Actors::embedded();
        assert_eq!(actors.names_in("Tomas Orwele, a union leader"), ["Tomas Orwele"]);
        assert_eq!(actors.names_in("the wife of Mr Orwele"), ["Orwele"]);
        assert_eq!(actors.names_in("teacher Ada Brennick"), ["Ada Brennick"]);
        for group in [
            "Turkish police",
            "two suspects",
            "about 12 migrants",
            "Islamic State",
            "Reuters",
            "Villagers",
            "the Orchard League",
        ] {
            assert!(actors.names_in(group).is_empty(), "{group}");
        }
    }

    #[test]
    fn the_reports_countries_are_ranked() {
        let countries =
            country_context("Nairobi court frees editor\nA Kenyan judge on Monday freed an editor. Uganda protested.");
        assert_eq!(countries[0].0, "KEN");
        assert!(countries.iter().any(|(code, _)| code == "UGA"));
        assert!(country_context("Nothing here names a place").is_empty());
    }

    #[test]
    fn odd_text_never_panics() {
        for words in ["", " ", "'", "’s", "—", "of", "of of", "the", "İ’", "\u{0}", "a\u{301}", "U.", "5,", "…of the…"]
        {
            party(words, "2016-05-04", Some("FRA"));
        }
    }

    #[test]
    fn a_text_of_any_length_is_read_quickly() {
        let long = "Été police of Chad ".repeat(100_000);
        let start = std::time::Instant::now();
        assert_eq!(coded(&long), ("TCD".to_owned(), vec!["COP"]));
        assert_eq!(country_context(&long)[0].0, "TCD");
        Actors::embedded().cast(&long, &PartyContext::default());
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn users_files_are_read_and_their_faults_named() {
        let dir = std::env::temp_dir();
        let path = dir.join(format!("dateline-actors-{}.toml", std::process::id()));
        std::fs::write(
            &path,
            "[[group]]\ncode = \"CHL\"\nsector = [\"LAB\"]\nactors = [\"Orchard Pickers' League; OPL\"]\n",
        )
        .unwrap();
        let actors = Actors::with_files(&[&path]).unwrap();
        let party = actors.describe(&Phrase { words: "the OPL", ..Phrase::default() }, &PartyContext::default());
        assert_eq!((party.code.as_deref(), &party.sector[..]), (Some("CHL"), &["LAB"][..]));
        std::fs::write(&path, "[[group]]\nsector = [\"XYZ\"]\nactors = []\n").unwrap();
        let error = Actors::with_files(&[&path]).unwrap_err().to_string();
        assert!(error.contains("XYZ") && error.contains("expected one of GOV"), "{error}");
        std::fs::remove_file(&path).unwrap();
    }
}
