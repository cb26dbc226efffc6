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

/// The features of the pair, most of them 0 or 1, symmetric in `a` and `b`.
pub fn features(a: &Claim, b: &Claim, copied: bool) -> [f32; FEATURES.len()] {
    let mut values = [0.0; FEATURES.len()];
    let mut set = |name: &str, value: f32| {
        if let Some(at) = FEATURES.iter().position(|feature| *feature == name) {
            values[at] = value;
        }
    };
    set("bias", 1.0);
    set(place(&a.place, &b.place), 1.0);
    set("place_words", shared(&a.place.words, &b.place.words));
    let days = days(a, b);
    set(days, 1.0);
    set("both_stated_same_days", f32::from(u8::from(days == "same_days" && a.stated && b.stated)));
    parties(&a.actors, &b.actors, ["actor_same_code", "actor_other_code", "actor_words", "actor_unknown"], &mut set);
    let names = ["recipient_same_code", "recipient_other_code", "recipient_words", "recipient_unknown"];
    parties(&a.recipients, &b.recipients, names, &mut set);
    if let Some(name) = figures(a, b) {
        set(name, 1.0);
    }
    set("trigger_words", shared(&a.triggers, &b.triggers));
    if !a.modes.is_empty() && !b.modes.is_empty() {
        let share = a.modes.iter().any(|mode| b.modes.contains(mode));
        set(if share { "mode_shared" } else { "mode_disjoint" }, 1.0);
    }
    let alike = jaccard(&a.words, &b.words);
    set("sentence_words", alike.min(0.5));
    set("sentence_near_copy", f32::from(u8::from(alike > 0.5)));
    set("reality_differs", f32::from(u8::from(a.unreal != b.unreal)));
    set("same_report", f32::from(u8::from(a.report == b.report)));
    set("copied_report", f32::from(u8::from(copied)));
    values
}

fn place(a: &Spot, b: &Spot) -> &'static str {
    if a.level == Level::None || b.level == Level::None {
        return "place_unknown";
    }
    let km = distance(a, b);
    if a.level == Level::Town && b.level == Level::Town {
        return match km {
            _ if a.id == b.id && a.id != 0 => "same_town",
            km if km <= 15.0 => "same_town",
            km if km <= 50.0 => "near_town",
            _ => "other_place",
        };
    }
    if a.level == b.level {
        return if (a.id == b.id && a.id != 0) || km < 1.0 { "same_coarse_place" } else { "other_place" };
    }
    let near_enough = a.level.min(b.level) == Level::Country || km <= 400.0;
    if near_enough && (a.country == b.country || [a.country, b.country].contains(&[0; 3])) {
        "place_contained"
    } else {
        "other_place"
    }
}

/// Kilometres on the sphere.
fn distance(a: &Spot, b: &Spot) -> f32 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half = |x: f32| (x / 2.0).sin().powi(2);
    let chord = half(lat_b - lat_a) + lat_a.cos() * lat_b.cos() * half((b.lon - a.lon).to_radians());
    12_742.0 * chord.sqrt().min(1.0).asin()
}

fn days(a: &Claim, b: &Claim) -> &'static str {
    let (Some(x), Some(y)) = (a.days, b.days) else { return "days_unknown" };
    let gap = (y.0 - x.1).max(x.0 - y.1);
    let (long, short) = ((x.1 - x.0).max(y.1 - y.0), (x.1 - x.0).min(y.1 - y.0));
    match gap {
        _ if x == y && long <= 3 => "same_days",
        gap if gap <= 0 && long <= 7 => "days_overlap",
        gap if gap <= 0 && short == long => "days_overlap",
        gap if gap <= 0 => "days_contained",
        1 if long <= 7 => "day_between",
        _ => "same_month_apart",
    }
}

fn parties(
    a: &[Party],
    b: &[Party],
    [same, other, words, unknown]: [&'static str; 4],
    set: &mut impl FnMut(&str, f32),
) {
    if a.is_empty() || b.is_empty() {
        return set(unknown, 1.0);
    }
    let pairs = || a.iter().flat_map(|x| b.iter().map(move |y| (x, y)));
    let coded = pairs().any(|(x, y)| x.code != [0; 3] && y.code != [0; 3]);
    if pairs().any(|(x, y)| x.code != [0; 3] && x.code == y.code) {
        set(same, 1.0);
    } else if coded {
        set(other, 1.0);
    }
    set(words, pairs().map(|(x, y)| shared(&x.words, &y.words)).fold(0.0, f32::max));
}

/// How the figures of a kind that both have compare: the best kind counts, then the worst.
fn figures(a: &Claim, b: &Claim) -> Option<&'static str> {
    let (mut compatible, mut conflict) = (false, false);
    for &(kind, least, most) in &a.sizes {
        for &(_, other_least, other_most) in b.sizes.iter().filter(|figure| figure.0 == kind) {
            if least == other_least && most == other_most {
                return Some("figure_equal");
            }
            // A toll grows from report to report; one that is a multiple is another toll.
            let (low, high) = (least.min(other_least).max(1), least.max(other_least));
            let meet = least <= other_most && other_least <= most;
            if meet || high <= low.saturating_mul(2) || high - low <= 3 { compatible = true } else { conflict = true }
        }
    }
    if compatible { Some("figure_compatible") } else { conflict.then_some("figure_conflict") }
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
