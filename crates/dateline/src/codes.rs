//! Codes of other data sets: countries (ISO, FIPS, Correlates of War) and CAMEO, for what is exported and imported.

use crate::ontology::{EventType, Mode};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A country as other data sets code it: a row of `data/codes/countries.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountryCodes {
    /// ISO 3166-1 alpha-3; "XKX" for Kosovo.
    pub code: &'static str,
    /// ISO 3166-1 alpha-2.
    pub alpha2: &'static str,
    /// ISO 3166-1 numeric, three digits; empty for Kosovo.
    pub numeric: &'static str,
    /// FIPS 10-4, as GDELT's `*Geo_CountryCode` has it; empty where there is none.
    pub fips: &'static str,
    /// Correlates of War state number; empty where the territory is no state of that list.
    pub cow: &'static str,
    /// English name.
    pub name: &'static str,
    /// Region of the world, in the division that event data sets use.
    pub region: &'static str,
}

/// A CAMEO code: a row of `data/codes/cameo.csv`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cameo {
    /// The code ("173"), two to four digits, with its leading zero.
    pub code: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Goldstein score as GDELT has it; a code that GDELT's table leaves out takes that of the next shorter code.
    pub goldstein: f64,
    /// PLOVER's category; `None` for statements and appeals (roots 01 and 02), which PLOVER drops.
    pub event: Option<EventType>,
    /// PLOVER's mode, where the code implies one.
    pub mode: Option<Mode>,
    /// PLOVER's contexts.
    pub context: &'static str,
}

impl Cameo {
    /// The two digits that the code starts with ("17" of "173").
    pub fn root(&self) -> &'static str {
        &self.code[..2]
    }

    /// The code up to three digits ("174" of "1741"): GDELT's `EventBaseCode`.
    pub fn base(&self) -> &'static str {
        &self.code[..self.code.len().min(3)]
    }

    /// GDELT's `QuadClass`, which goes by the root: 01-05 verbal cooperation (1), 06-08 material cooperation (2), 09-13 verbal
    /// conflict (3), 14-20 material conflict (4). It is not PLOVER's: 0256 is 1 here and REQUEST there, 3.
    pub fn quad_class(&self) -> u8 {
        match self.root() {
            "01" | "02" | "03" | "04" | "05" => 1,
            "06" | "07" | "08" => 2,
            "09" | "10" | "11" | "12" | "13" => 3,
            _ => 4,
        }
    }
}

/// The country of that alpha-3 code.
pub fn country(code: &str) -> Option<&'static CountryCodes> {
    let countries = countries();
    countries.binary_search_by_key(&code, |country| country.code).ok().map(|at| &countries[at])
}

/// The country that `test` picks first, in the order of alpha-3 codes.
pub fn country_where(test: impl Fn(&CountryCodes) -> bool) -> Option<&'static CountryCodes> {
    countries().iter().find(|country| test(country))
}

/// The CAMEO code as written, or with the leading zero that spreadsheets drop ("42" is 042, "14" is 14).
pub fn cameo(code: &str) -> Option<&'static Cameo> {
    let table = cameo_table();
    table.get(code).or_else(|| table.get(format!("0{code}").as_str()))
}

fn countries() -> &'static [CountryCodes] {
    static COUNTRIES: OnceLock<Vec<CountryCodes>> = OnceLock::new();
    COUNTRIES.get_or_init(|| {
        let rows = include_str!("../data/codes/countries.csv").lines().skip(1);
        rows.filter_map(|row| {
            let cells: Vec<&'static str> = row.split(',').collect();
            let [code, alpha2, numeric, fips, cow, name, region] = cells[..] else { return None };
            Some(CountryCodes { code, alpha2, numeric, fips, cow, name, region })
        })
        .collect()
    })
}

fn cameo_table() -> &'static HashMap<&'static str, Cameo> {
    static CODES: OnceLock<HashMap<&'static str, Cameo>> = OnceLock::new();
    CODES.get_or_init(|| {
        let rows: Vec<[&'static str; 6]> =
            include_str!("../data/codes/cameo.csv").lines().skip(1).map(fields).collect();
        let scores: HashMap<&str, f64> = rows.iter().filter_map(|row| Some((row[0], row[2].parse().ok()?))).collect();
        rows.iter()
            .map(|&[code, label, _, event, mode, context]| {
                let goldstein = (2..=code.len()).rev().find_map(|end| scores.get(&code[..end])).copied();
                let event = EventType::from_name(event);
                let mode = event.and_then(|event| Mode::of(event, mode));
                (code, Cameo { code, label, goldstein: goldstein.unwrap_or_default(), event, mode, context })
            })
            .collect()
    })
}

/// The six cells of a row, of which only the second may stand in quotation marks.
fn fields(row: &'static str) -> [&'static str; 6] {
    let (code, rest) = row.split_once(',').unwrap_or((row, ""));
    let (label, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",").unwrap_or((quoted, "")),
        None => rest.split_once(',').unwrap_or((rest, "")),
    };
    let mut cells = rest.split(',');
    let mut next = || cells.next().unwrap_or_default();
    [code, label, next(), next(), next(), next()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_both_tables_is_read() {
        assert_eq!(countries().len(), include_str!("../data/codes/countries.csv").lines().count() - 1);
        assert_eq!(cameo_table().len(), include_str!("../data/codes/cameo.csv").lines().count() - 1);
        assert!(countries().is_sorted_by_key(|country| country.code));
        for row in include_str!("../data/codes/cameo.csv").lines().skip(1).map(fields) {
            assert!(row[3].is_empty() || EventType::from_name(row[3]).is_some(), "{row:?}");
            let known = EventType::from_name(row[3]).and_then(|event| Mode::of(event, row[4]));
            assert!(row[4].is_empty() || known.is_some(), "{row:?}: a mode that PLOVER's manual does not have");
        }
    }

    #[test]
    fn countries_differ_between_iso_and_fips() {
        let [turkey, russia] = ["TUR", "RUS"].map(|code| country(code).unwrap());
        assert_eq!((turkey.fips, turkey.numeric, turkey.cow), ("TU", "792", "640"));
        assert_eq!((russia.fips, russia.alpha2), ("RS", "RU"));
        assert_eq!(country_where(|country| country.fips == "RS").unwrap().code, "RUS");
        assert_eq!(country("XYZ"), None);
    }

    #[test]
    fn goldstein_scores_are_gdelts_and_no_code_is_without() {
        assert_eq!(cameo("016").unwrap().goldstein, -2.0);
        assert_eq!(cameo("163").unwrap().goldstein, -8.0);
        assert_eq!(cameo("1952").unwrap().goldstein, -10.0);
        assert_eq!(cameo("1213").unwrap().goldstein, -4.0);
    }

    #[test]
    fn quad_classes_go_by_the_root() {
        let quads = ["010", "057", "060", "0874", "090", "139", "140", "160", "2042"];
        assert_eq!(quads.map(|code| cameo(code).unwrap().quad_class()), [1, 1, 2, 2, 3, 3, 4, 4, 4]);
    }

    #[test]
    fn root_20_is_assault_and_statements_are_nothing() {
        assert_eq!(cameo("20").unwrap().event, Some(EventType::Assault));
        assert_eq!(cameo("010").unwrap().event, None);
        assert_eq!(cameo("42").unwrap().code, "042");
    }
}
