//! Whether two records tell of one act: features of the pair, weighed by a logistic model whose weights are data.

use super::claim::{Claim, Level, Party, Spot};
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The features of a pair, in the order of [`Pair::features`]; their weights stand under these names in
/// `data/corroborate/pair.toml`.
pub const FEATURES: [&str; 34] = [
    "bias",
    "same_town",
    "near_town",
    "place_contained",
    "same_coarse_place",
    "other_place",
    "place_unknown",
    "place_words",
    "same_days",
    "days_overlap",
    "day_between",
    "days_contained",
    "days_unknown",
    "same_month_apart",
    "actor_same_code",
    "actor_other_code",
    "actor_words",
    "actor_unknown",
    "recipient_same_code",
    "recipient_other_code",
    "recipient_words",
    "recipient_unknown",
    "figure_equal",
    "figure_compatible",
    "figure_conflict",
    "trigger_words",
    "mode_shared",
    "mode_disjoint",
    "sentence_words",
    "sentence_near_copy",
    "reality_differs",
    "same_report",
    "copied_report",
    "both_stated_same_days",
];

/// The weights of the features and the threshold of the sum.
#[derive(Debug)]
pub struct PairWeights {
    weights: [f32; FEATURES.len()],
}

impl PairWeights {
    /// Those in this binary.
    pub fn embedded() -> &'static PairWeights {
        static WEIGHTS: OnceLock<PairWeights> = OnceLock::new();
        WEIGHTS.get_or_init(|| {
            let text = include_str!("../../data/corroborate/pair.toml");
            PairWeights::parse("pair.toml", text).expect("embedded data is checked by a test")
        })
    }

    /// Reads `feature = weight` lines.
    ///
    /// # Errors
    /// [`Error::Data`] where a feature is unknown or missing.
    pub fn parse(name: &str, text: &str) -> Result<PairWeights> {
        let odd = |message: String| Error::Data { name: name.to_string(), message };
        let table: BTreeMap<String, f32> = toml::from_str(text).map_err(|error| odd(error.to_string()))?;
        if let Some(unknown) = table.keys().find(|key| !FEATURES.contains(&key.as_str())) {
            return Err(odd(format!("found the weight of {unknown:?}, which is no feature of a pair")));
        }
        let mut weights = [0.0; FEATURES.len()];
        for (weight, feature) in weights.iter_mut().zip(FEATURES) {
            *weight = *table.get(feature).ok_or_else(|| odd(format!("found no weight of {feature:?}")))?;
        }
        Ok(PairWeights { weights })
    }

    /// The log-odds that `a` and `b` tell of one act; `copied` where their reports are copies of one story. `None` where they
    /// cannot, whatever else they share.
    pub fn log_odds(&self, a: &Claim, b: &Claim, copied: bool) -> Option<f32> {
        if a.event != b.event || far_apart(a, b) {
            return None;
        }
        Some(features(a, b, copied).iter().zip(&self.weights).map(|(feature, weight)| feature * weight).sum())
    }
}

/// Days that rule out one act: both known to within a week, and further apart than reports err.
fn far_apart(a: &Claim, b: &Claim) -> bool {
    let (Some(a), Some(b)) = (a.days, b.days) else { return false };
    let gap = (b.0 - a.1).max(a.0 - b.1);
    gap > if a.1 - a.0 <= 7 && b.1 - b.0 <= 7 { 3 } else { 31 }
}

/// Where a feature stands in [`FEATURES`]; a name that is not there stops the build.
const fn at(name: &str) -> usize {
    let mut number = 0;
    while number < FEATURES.len() {
        let (a, b) = (FEATURES[number].as_bytes(), name.as_bytes());
        let mut same = a.len() == b.len();
        let mut byte = 0;
        while same && byte < a.len() {
            same = a[byte] == b[byte];
            byte += 1;
        }
        if same {
            return number;
        }
        number += 1;
    }
    panic!("no such feature")
}

const SAME_DAYS: usize = at("same_days");

/// The features of the pair, most of them 0 or 1, symmetric in `a` and `b`.
pub fn features(a: &Claim, b: &Claim, copied: bool) -> [f32; FEATURES.len()] {
    let one = |condition: bool| f32::from(u8::from(condition));
    let mut values = [0.0; FEATURES.len()];
    values[const { at("bias") }] = 1.0;
    values[place(&a.place, &b.place)] = 1.0;
    values[const { at("place_words") }] = shared(&a.place.words, &b.place.words);
    let days = days(a, b);
    values[days] = 1.0;
    values[const { at("both_stated_same_days") }] = one(days == SAME_DAYS && a.stated && b.stated);
    parties(&a.actors, &b.actors, const { at("actor_same_code") }, &mut values);
    parties(&a.recipients, &b.recipients, const { at("recipient_same_code") }, &mut values);
    if let Some(figures) = figures(a, b) {
        values[figures] = 1.0;
    }
    values[const { at("trigger_words") }] = shared(&a.triggers, &b.triggers);
    if !a.modes.is_empty() && !b.modes.is_empty() {
        let share = a.modes.iter().any(|mode| b.modes.contains(mode));
        values[if share { const { at("mode_shared") } } else { const { at("mode_disjoint") } }] = 1.0;
    }
    let alike = jaccard(&a.words, &b.words);
    values[const { at("sentence_words") }] = alike.min(0.5);
    values[const { at("sentence_near_copy") }] = one(alike > 0.5);
    values[const { at("reality_differs") }] = one(a.unreal != b.unreal);
    values[const { at("same_report") }] = one(a.report == b.report);
    values[const { at("copied_report") }] = one(copied);
    values
}

fn place(a: &Spot, b: &Spot) -> usize {
    const OTHER: usize = at("other_place");
    if a.level == Level::None || b.level == Level::None {
        return const { at("place_unknown") };
    }
    let same = a.id == b.id && a.id != 0;
    if same && a.level == Level::Town && b.level == Level::Town {
        return const { at("same_town") };
    }
    let km = distance(a, b);
    if a.level == Level::Town && b.level == Level::Town {
        return match km {
            km if km <= 15.0 => const { at("same_town") },
            km if km <= 50.0 => const { at("near_town") },
            _ => OTHER,
        };
    }
    if a.level == b.level {
        return if same || km < 1.0 { const { at("same_coarse_place") } } else { OTHER };
    }
    let near_enough = a.level.min(b.level) == Level::Country || km <= 400.0;
    let countries = a.country == b.country || [a.country, b.country].contains(&[0; 3]);
    if near_enough && countries { const { at("place_contained") } } else { OTHER }
}

/// Kilometres on the sphere.
fn distance(a: &Spot, b: &Spot) -> f32 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half = |x: f32| (x / 2.0).sin().powi(2);
    let chord = half(lat_b - lat_a) + lat_a.cos() * lat_b.cos() * half((b.lon - a.lon).to_radians());
    12_742.0 * chord.sqrt().min(1.0).asin()
}

fn days(a: &Claim, b: &Claim) -> usize {
    let (Some(x), Some(y)) = (a.days, b.days) else { return const { at("days_unknown") } };
    let gap = (y.0 - x.1).max(x.0 - y.1);
    let (long, short) = ((x.1 - x.0).max(y.1 - y.0), (x.1 - x.0).min(y.1 - y.0));
    match gap {
        _ if x == y && long <= 3 => SAME_DAYS,
        gap if gap <= 0 && (long <= 7 || short == long) => const { at("days_overlap") },
        gap if gap <= 0 => const { at("days_contained") },
        1 if long <= 7 => const { at("day_between") },
        _ => const { at("same_month_apart") },
    }
}

/// The four features of a role from `first` on: same code, other code, words, unknown.
fn parties(a: &[Party], b: &[Party], first: usize, values: &mut [f32; FEATURES.len()]) {
    if a.is_empty() || b.is_empty() {
        values[first + 3] = 1.0;
        return;
    }
    let (mut coded, mut same, mut words) = (false, false, 0.0f32);
    for (x, y) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))) {
        let both = x.code != [0; 3] && y.code != [0; 3];
        coded |= both;
        same |= both && x.code == y.code;
        words = words.max(shared(&x.words, &y.words));
    }
    values[first] = f32::from(u8::from(same));
    values[first + 1] = f32::from(u8::from(coded && !same));
    values[first + 2] = words;
}

/// How the figures of a kind that both have compare: the best kind counts, then the worst.
fn figures(a: &Claim, b: &Claim) -> Option<usize> {
    let (mut compatible, mut conflict) = (false, false);
    for &(kind, least, most) in &a.sizes {
        for &(_, other_least, other_most) in b.sizes.iter().filter(|figure| figure.0 == kind) {
            if least == other_least && most == other_most {
                return Some(const { at("figure_equal") });
            }
            // A toll grows from report to report; one that is a multiple is another toll.
            let (low, high) = (least.min(other_least).max(1), least.max(other_least));
            let meet = least <= other_most && other_least <= most;
            if meet || high <= low.saturating_mul(2) || high - low <= 3 { compatible = true } else { conflict = true }
        }
    }
    if compatible {
        Some(const { at("figure_compatible") })
    } else {
        conflict.then_some(const { at("figure_conflict") })
    }
}

/// Share of the shorter list that is in the other.
fn shared(a: &[u32], b: &[u32]) -> f32 {
    let least = a.len().min(b.len());
    if least == 0 { 0.0 } else { common(a, b) as f32 / least as f32 }
}

fn jaccard(a: &[u32], b: &[u32]) -> f32 {
    let both = common(a, b);
    let all = a.len() + b.len() - both;
    if all == 0 { 0.0 } else { both as f32 / all as f32 }
}

/// How many numbers two sorted lists share.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        both += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(more: &str) -> Claim {
        let text = format!(
            r#"{{"report":"r","event":"ASSAULT","mentions":[{{"start":1,"end":2,"text":"bombing"}}],
                "text":"A bombing at the market killed nine",{more}}}"#
        );
        Claim::new(&serde_json::from_str(&text).unwrap()).unwrap()
    }

    #[test]
    fn features_are_symmetric_and_their_names_known() {
        let a = claim(
            r#""date":"2021-02-17","size":{"dead":{"min":9,"max":9}},"actor":[{"entity_text":"Turkish police","code":"TUR"}]"#,
        );
        let b = claim(
            r#""date":"2021-02-18","size":{"dead":{"min":12,"max":null}},"actor":[{"entity_text":"police","code":"TUR"}]"#,
        );
        assert_eq!(features(&a, &b, true), features(&b, &a, true));
        let on = |name: &str| features(&a, &b, true)[FEATURES.iter().position(|f| *f == name).unwrap()];
        assert_eq!((on("day_between"), on("actor_same_code"), on("figure_compatible")), (1.0, 1.0, 1.0));
        assert_eq!((on("copied_report"), on("trigger_words"), on("place_unknown")), (1.0, 1.0, 1.0));
    }

    #[test]
    fn acts_weeks_apart_are_never_one() {
        let a = claim(r#""date":"2021-02-17","enddate":"2021-02-17""#);
        let b = claim(r#""date":"2021-02-26","enddate":"2021-02-26""#);
        assert_eq!(PairWeights::embedded().log_odds(&a, &b, true), None);
    }

    #[test]
    fn a_missing_or_unknown_weight_is_named() {
        let said = |text: &str| PairWeights::parse("w.toml", text).unwrap_err().to_string();
        assert_eq!(said("bais = 1.0"), "w.toml: found the weight of \"bais\", which is no feature of a pair");
        assert_eq!(said("bias = 1.0"), "w.toml: found no weight of \"same_town\"");
    }

    #[test]
    fn the_distance_of_istanbul_and_ankara_is_350_km() {
        let spot = |lat, lon| Spot { lat, lon, ..Spot::default() };
        assert!((distance(&spot(41.01, 28.95), &spot(39.92, 32.85)) - 350.0).abs() < 10.0);
    }
}
