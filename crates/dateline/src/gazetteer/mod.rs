//! Places by name: looking them up, finding them in text, deciding which of several is meant.
//!
//! The data ([`Gazetteer::embedded`]) is GeoNames with hand-written regions and sites, in `data/gazetteer/`;
//! `training/data_gazetteer.py` makes it and `data/SOURCES.md` says from what.

mod find;
mod normal;
mod resolve;
mod table;

pub use find::Toponym;
pub use resolve::{FEATURES, Ranked, ReportContext, WEIGHTS};

use crate::document::{Place, Resolution};
use crate::span::Span;
use std::sync::OnceLock;
use table::{Id, Row, Table};

pub use normal::key;

static BYTES: &[u8] = include_bytes!("../../data/gazetteer/gazetteer.bin");

/// Places and the names that lead to them.
///
/// # Example
/// ```
/// use dateline::gazetteer::Gazetteer;
/// let places = Gazetteer::embedded();
/// assert_eq!(places.country("Burma").unwrap().alpha3, "MMR");
/// assert_eq!(places.demonym("Uzbeks"), Some("UZB"));
/// assert_eq!(places.lookup("Bombay")[0].name, "Mumbai");
/// ```
#[derive(Debug)]
pub struct Gazetteer {
    table: Table,
}

/// A country or dependent territory of ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// ISO 3166-1 alpha-3; "XKX" for Kosovo.
    pub alpha3: &'static str,
    /// ISO 3166-1 alpha-2.
    pub alpha2: &'static str,
    /// Name as English reports write it.
    pub name: &'static str,
    /// Name of the capital; `None` where there is none.
    pub capital: Option<&'static str>,
    /// Latitude of the centre, WGS84 degrees.
    pub lat: f64,
    /// Longitude of the centre, WGS84 degrees.
    pub lon: f64,
}

/// A place that a name may mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    id: Id,
    /// GeoNames id; `None` for hand-written entries and airports.
    pub geonameid: Option<u32>,
    /// Name in the gazetteer.
    pub name: &'static str,
    /// Latitude, WGS84 degrees.
    pub lat: f64,
    /// Longitude, WGS84 degrees.
    pub lon: f64,
    /// Inhabitants; 0 where unknown, an estimate of prominence for regions and sites.
    pub population: u32,
    /// ISO 3166-1 alpha-3; `None` for cross-border regions.
    pub country_code: Option<&'static str>,
    /// GeoNames feature code.
    pub feature_code: &'static str,
    /// What it is.
    pub resolution: Resolution,
    /// Whether the name looked up is another than its usual one.
    pub alternate: bool,
    /// Whether the name looked up is a word for its people or things ("Turkish").
    pub demonym: bool,
    row: Row,
}

/// What a generic word in or beside a name says of the place ("X province", "city of X").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cue {
    Division,
    City,
}

/// Words that follow a name and say it is a division, in key form.
const DIVISION_WORDS: [&str; 22] = [
    "province",
    "governorate",
    "region",
    "oblast",
    "county",
    "state",
    "district",
    "department",
    "prefecture",
    "parish",
    "canton",
    "republic",
    "krai",
    "division",
    "regency",
    "municipality",
    "raion",
    "territory",
    "provinces",
    "emirate",
    "area",
    "shire",
];
/// Words that go before a name in key form and may be left out, with what they say.
const LEADS: [(&str, Option<Cue>); 35] = [
    ("the ", None),
    ("city of ", Some(Cue::City)),
    ("town of ", Some(Cue::City)),
    ("village of ", Some(Cue::City)),
    ("township of ", Some(Cue::City)),
    ("port of ", Some(Cue::City)),
    ("province of ", Some(Cue::Division)),
    ("state of ", Some(Cue::Division)),
    ("region of ", Some(Cue::Division)),
    ("governorate of ", Some(Cue::Division)),
    ("district of ", Some(Cue::Division)),
    ("county of ", Some(Cue::Division)),
    ("republic of ", None),
    ("kingdom of ", None),
    ("greater ", None),
    ("downtown ", Some(Cue::City)),
    ("central ", None),
    ("northern ", None),
    ("southern ", None),
    ("eastern ", None),
    ("western ", None),
    ("northeastern ", None),
    ("northwestern ", None),
    ("southeastern ", None),
    ("southwestern ", None),
    ("north ", None),
    ("south ", None),
    ("east ", None),
    ("west ", None),
    ("upper ", None),
    ("lower ", None),
    ("old town ", Some(Cue::City)),
    ("mount ", None),
    ("old ", None),
    ("metropolitan ", None),
];

/// Words that make a name one of an institution, a site or a stretch of land, in key form: what goes before them or stands
/// after "of" is mostly the place. Streets and embassies are not among them: they bear names of places far away.
const NAMED_AFTER: [&str; 56] = [
    "university",
    "college",
    "school",
    "academy",
    "hospital",
    "clinic",
    "airport",
    "station",
    "metro",
    "port",
    "harbor",
    "harbour",
    "bay",
    "valley",
    "river",
    "lake",
    "island",
    "islands",
    "hills",
    "park",
    "forest",
    "castle",
    "palace",
    "cathedral",
    "prison",
    "jail",
    "base",
    "camp",
    "stadium",
    "arena",
    "racecourse",
    "museum",
    "theatre",
    "theater",
    "library",
    "senate",
    "house",
    "parliament",
    "congress",
    "assembly",
    "legislature",
    "court",
    "bank",
    "chamber",
    "chambers",
    "ministry",
    "government",
    "police",
    "council",
    "cup",
    "festival",
    "township",
    "estate",
    "turf",
    "lga",
    "delta",
];

impl Gazetteer {
    /// The gazetteer carried inside the program; nothing is parsed or copied.
    pub fn embedded() -> &'static Self {
        static GAZETTEER: OnceLock<Gazetteer> = OnceLock::new();
        GAZETTEER.get_or_init(|| Gazetteer { table: Table::new(BYTES) })
    }

    /// The places a name may mean, most populous first; empty where it is unknown.
    ///
    /// Case, marks, apostrophes and hyphens do not matter, save that short forms ("US", "Ill.") count only in capitals or
    /// with a full stop. "The", "city of", "province" and the like are left out where the whole name is unknown, and narrow
    /// the choice to divisions or towns.
    pub fn lookup(&self, name: &str) -> Vec<Candidate> {
        self.lookup_cued(name).0
    }

    fn lookup_cued(&self, name: &str) -> (Vec<Candidate>, Option<Cue>) {
        // No place name is this long, and the key is built before the table says no.
        if name.len() > 160 {
            return (Vec::new(), None);
        }
        let name = name.trim().trim_end_matches("'s").trim_end_matches("’s");
        let whole = key(name);
        let mut found = self.filed(&whole, name);
        let last = whole.rsplit(' ').next().unwrap_or("");
        let cue = DIVISION_WORDS.contains(&last).then_some(Cue::Division);
        if !found.is_empty() {
            // "Hama Province" is filed as such for some divisions and only bare for others.
            return (found, cue);
        }
        if cue.is_some() && whole.len() > last.len() {
            let bare = whole[..whole.len() - last.len()].trim_end();
            let bare = bare.strip_prefix("the ").unwrap_or(bare);
            found = narrowed(self.filed(bare, bare), Cue::Division);
            if !found.is_empty() {
                return (found, cue);
            }
        }
        if let Some(bare) = whole.strip_suffix(" city") {
            found = narrowed(self.filed(bare, bare), Cue::City);
            if !found.is_empty() {
                return (found, Some(Cue::City));
            }
        }
        for (lead, cue) in LEADS {
            if let Some(rest) = whole.strip_prefix(lead) {
                // The words themselves where they can be told apart: "US" is a short form, its key is not.
                let tail = name.splitn(lead.split(' ').count(), ' ').last().filter(|tail| key(tail) == rest);
                let (found, inner) = self.lookup_cued(tail.unwrap_or(rest));
                if !found.is_empty() {
                    let cue = cue.or(inner);
                    return (cue.map_or(found.clone(), |cue| narrowed(found, cue)), cue);
                }
            }
        }
        (self.named_after(name), None)
    }

    /// The place that an institution, a site or a stretch of land is named after, where its own name is unknown: "University
    /// of X" and "X General Hospital" give X, "the X Senate" with a word for a people its country.
    fn named_after(&self, name: &str) -> Vec<Candidate> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let named = |word: &&str| NAMED_AFTER.contains(&key(word).as_str());
        if words.len() < 2 || words.len() > 8 || !words.iter().any(named) {
            return Vec::new();
        }
        let after =
            words.iter().position(|word| matches!(*word, "of" | "at" | "in")).map(|at| words[at + 1..].join(" "));
        let before = (1..words.len()).rev().map(|count| words[..count].join(" "));
        let known = |part: String| Some(self.filed(&key(&part), &part)).filter(|found| !found.is_empty());
        after.into_iter().chain(before).find_map(known).unwrap_or_default()
    }

    /// What is filed under `key`, given the `words` it was made from.
    fn filed(&self, key: &str, words: &str) -> Vec<Candidate> {
        let upper = words.contains('.') || !words.chars().any(char::is_lowercase);
        let all: Vec<_> = self.table.find(key).filter(|(_, flags)| upper || !flags.abbreviation()).collect();
        let short = upper && key.len() <= 5 && all.iter().any(|(_, flags)| flags.abbreviation());
        let demonym = all.iter().any(|(_, flags)| flags.demonym());
        all.into_iter()
            .filter(|(_, flags)| (!short || flags.abbreviation()) && (!demonym || flags.demonym()))
            .map(|(id, flags)| Candidate {
                alternate: flags.alternate(),
                demonym: flags.demonym(),
                ..self.candidate(id)
            })
            .collect()
    }

    fn candidate(&self, id: Id) -> Candidate {
        let mut row = self.table.row(id);
        let feature_code = self.table.code(row);
        if feature_code == "ADM1" {
            // A division lies in itself; hand-written ones stand after all numbered ones and have none.
            row.admin1 = u16::try_from(id as usize + 1 - self.table.countries()).unwrap_or(0);
        }
        Candidate {
            id,
            geonameid: row.geonameid,
            name: self.table.name(row),
            lat: row.lat,
            lon: row.lon,
            population: row.population,
            country_code: row.country.map(|c| self.table.country_codes(c).0),
            feature_code,
            resolution: resolution(feature_code),
            alternate: false,
            demonym: false,
            row,
        }
    }

    /// The country a name means ("Britain", "the United States", "DRC", "TUR"); `None` for other places.
    pub fn country(&self, name: &str) -> Option<Country> {
        let found = self.lookup(name);
        // A country's usual name wins over a former name of another ("Congo").
        let country = found
            .iter()
            .filter(|c| (c.id as usize) < self.table.countries() && !c.demonym)
            .min_by_key(|c| (c.alternate, std::cmp::Reverse(c.population)));
        country.map(|c| self.country_row(c.id)).or_else(|| self.country_by_code(name))
    }

    /// The country of an ISO 3166-1 alpha-3 or alpha-2 code in capitals.
    pub fn country_by_code(&self, code: &str) -> Option<Country> {
        self.countries().find(|c| c.alpha3 == code || c.alpha2 == code)
    }

    /// All countries.
    pub fn countries(&self) -> impl Iterator<Item = Country> + '_ {
        (0..self.table.countries() as Id).map(|id| self.country_row(id))
    }

    fn country_row(&self, id: Id) -> Country {
        let row = self.table.row(id);
        let (alpha3, alpha2) = self.table.country_codes(id as u8);
        let capital = self.table.capital(id as u8).map(|c| self.table.name(self.table.row(c)));
        Country { alpha3, alpha2, name: self.table.name(row), capital, lat: row.lat, lon: row.lon }
    }

    /// The country whose people or things a word is for, as alpha-3 ("Turkish", "Chechen" → Russia); `None` for peoples
    /// without a state ("Kurdish") and other words.
    pub fn demonym(&self, word: &str) -> Option<&'static str> {
        if word.len() > 60 || !word.starts_with(char::is_uppercase) {
            return None;
        }
        let (id, _) = self.table.find(&key(word)).find(|(_, flags)| flags.demonym())?;
        self.table.row(id).country.map(|c| self.table.country_codes(c).0)
    }

    /// The country whose capital the name is ("Ankara" → "TUR"), for a capital that stands for its government.
    /// A name of several capitals gives the most populous.
    pub fn capital_of(&self, name: &str) -> Option<&'static str> {
        self.lookup(name)
            .into_iter()
            .filter(|c| c.row.country.is_some_and(|country| self.table.capital(country) == Some(c.id)))
            .max_by_key(|c| c.population)
            .and_then(|c| c.country_code)
    }

    /// A candidate as the place that the words at `span` name.
    pub fn place(&self, span: Span, candidate: &Candidate) -> Place {
        let row = candidate.row;
        let division = |number: u16, base: usize| {
            (number > 0).then(|| self.table.name(self.table.row((base + number as usize - 1) as Id)).to_string())
        };
        let city = match candidate.resolution {
            Resolution::City => Some(candidate.name.to_string()),
            Resolution::Site => {
                self.table.city_of(candidate.id).map(|id| self.table.name(self.table.row(id)).to_string())
            }
            _ => None,
        };
        let province = match candidate.resolution {
            Resolution::Province => Some(candidate.name.to_string()),
            _ => division(row.admin1, self.table.countries()),
        };
        Place {
            span,
            geonameid: candidate.geonameid,
            name: candidate.name.to_string(),
            lat: candidate.lat,
            lon: candidate.lon,
            country_code: candidate.country_code.map(str::to_string),
            province,
            city,
            feature_code: candidate.feature_code.to_string(),
            resolution: candidate.resolution,
        }
    }
}

/// How precise a feature code is (CODEBOOK.md, `event_loc.resolution`).
fn resolution(code: &str) -> Resolution {
    match code {
        "ADM1" | "ADM1H" => Resolution::Province,
        code if code.starts_with("PCL") => Resolution::Country,
        code if code.starts_with("ADM") => Resolution::District,
        code if code.starts_with("PPL") => Resolution::City,
        "AIRP" | "CMP" | "BDG" | "SQR" | "PRN" | "PAL" | "BLDG" | "CSTM" | "MIL" | "PRK" | "MSQE" | "RLG" => {
            Resolution::Site
        }
        _ => Resolution::Region,
    }
}

/// The candidates a cue allows; all of them where it allows none.
fn narrowed(found: Vec<Candidate>, cue: Cue) -> Vec<Candidate> {
    let fits = |c: &Candidate| fits(c, cue);
    if found.iter().any(fits) { found.into_iter().filter(fits).collect() } else { found }
}

fn fits(candidate: &Candidate, cue: Cue) -> bool {
    match cue {
        Cue::Division => {
            matches!(candidate.resolution, Resolution::Province | Resolution::District | Resolution::Region)
        }
        Cue::City => candidate.resolution == Resolution::City,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(name: &str) -> (&'static str, Option<&'static str>) {
        let found = Gazetteer::embedded().lookup(name);
        found.first().map_or(("", None), |c| (c.name, c.country_code))
    }

    #[test]
    fn former_and_foreign_names_lead_to_the_place() {
        assert_eq!(first("Rangoon").1, Some("MMR"));
        assert_eq!(first("Peking").0, "Beijing");
        assert_eq!(first("Kiev").1, Some("UKR"));
        assert_eq!(first("Aleppo").1, Some("SYR"));
    }

    #[test]
    fn short_forms_count_only_in_capitals() {
        let places = Gazetteer::embedded();
        assert_eq!(places.country("US").map(|c| c.alpha3), Some("USA"));
        assert_eq!(places.country("U.S.").map(|c| c.alpha3), Some("USA"));
        assert_eq!(places.country("us"), None);
        assert_eq!(first("Calif.").0, "California");
    }

    #[test]
    fn generic_words_narrow_the_choice() {
        let places = Gazetteer::embedded();
        assert!(places.lookup("Idlib province").iter().all(|c| c.resolution != Resolution::City));
        assert!(places.lookup("the city of Mosul").iter().all(|c| c.resolution == Resolution::City));
        assert_eq!(places.lookup("the Kremlin")[0].resolution, Resolution::Site);
    }

    #[test]
    fn unknown_institutions_stand_where_they_are_named_after() {
        assert_eq!(first("University of Manitoba").0, "Manitoba");
        assert_eq!(first("Ankara Central Xqzzt Hospital").0, "Ankara");
        assert_eq!(first("Kenyan Senate").1, Some("KEN"));
        assert_eq!(first("Ankara Xqzzt Avenue"), ("", None));
        assert_eq!(first("southwestern U.S.").1, Some("USA"));
    }

    #[test]
    fn words_for_peoples_give_their_country() {
        let places = Gazetteer::embedded();
        assert_eq!(places.demonym("Chechen"), Some("RUS"));
        assert_eq!(places.demonym("Kurdish"), None);
        assert_eq!(places.capital_of("Ankara"), Some("TUR"));
        assert_eq!(places.capital_of("Mosul"), None);
    }

    #[test]
    fn every_country_has_a_centre_and_finds_itself_by_code() {
        let places = Gazetteer::embedded();
        assert!(places.countries().count() >= 245);
        for country in places.countries() {
            assert!(country.lat.abs() <= 90.0 && (country.lat, country.lon) != (0.0, 0.0), "{country:?}");
            assert_eq!(places.country_by_code(country.alpha3), Some(country));
        }
    }

    #[test]
    fn odd_names_find_nothing() {
        let long = "x".repeat(100_000);
        for name in ["", " ", "…", "\u{301}", "'s", "the", long.as_str(), "Ѐ̈"] {
            Gazetteer::embedded().lookup(name);
        }
        assert!(Gazetteer::embedded().lookup(&long).is_empty());
    }
}
