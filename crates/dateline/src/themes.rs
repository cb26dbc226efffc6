//! Themes of a report (CODEBOOK.md, `context`): keywords of `data/themes.toml` and learned word weights, one logistic score each.
//!
//! Held-out micro F1 of the chosen themes on the hand-coded training reports, learned on one half and measured on the other:
//! .62 and .60 (135 and 134 reports, November 2026; keywords alone .61 and .57). `training/data_themes.py` learns the weights
//! and repeats the measurement.

use crate::ontology::THEMES;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

const KEYWORDS: &str = include_str!("../data/themes.toml");
const WEIGHTS: &str = include_str!("../data/themes-weights.tsv");

/// Least score of a chosen theme, and the most themes of one report; fitted with the weights.
const THRESHOLD: f64 = 0.25;
const MOST: usize = 5;
/// Weight of a keyword that says its theme almost by itself; the others weigh 1.
const SURE: f64 = 3.0;
/// Longest keyword phrase, in words.
const LONGEST: usize = 3;

#[derive(Deserialize)]
struct KeywordData {
    sure: String,
    words: String,
}

/// Index of a theme in the order of the data file.
type Theme = usize;

#[derive(Default)]
struct Model {
    names: Vec<&'static str>,
    /// Bias and gain of the keyword score, by theme.
    base: Vec<(f64, f64)>,
    keywords: HashMap<String, Vec<(Theme, f64)>>,
    weights: HashMap<&'static str, Vec<(Theme, f64)>>,
}

/// The scores of all themes for `text`, 0 to 1, in the order of PLOVER's list; empty text scores lowest everywhere.
pub fn scores(text: &str) -> Vec<(&'static str, f64)> {
    let model = model();
    let words: Vec<String> = words(text).collect();
    let keyword = model.keyword_scores(&words);
    let learned = model.learned_scores(&words);
    let logistic = |t: usize| 1.0 / (1.0 + (-(model.base[t].0 + model.base[t].1 * keyword[t] + learned[t])).exp());
    (0..model.names.len()).map(|t| (model.names[t], logistic(t))).collect()
}

/// The themes of a report with their scores, best first, at most five; empty where no theme is likely.
///
/// # Example
/// ```
/// use dateline::themes::themes;
/// let found = themes("The court sentenced the general. The judge read the verdict after a long trial.");
/// assert_eq!(found[0].0, "legal");
/// ```
pub fn themes(text: &str) -> Vec<(&'static str, f64)> {
    let mut all = scores(text);
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(MOST);
    // The best theme may be half as likely: nearly every report has one.
    let keep = all
        .iter()
        .enumerate()
        .take_while(|(rank, (_, score))| *score >= THRESHOLD || (*rank == 0 && *score >= THRESHOLD / 2.0));
    let count = keep.count();
    all.truncate(count);
    all
}

impl Model {
    fn read() -> Model {
        let mut model = Model::default();
        for line in WEIGHTS.lines() {
            let mut cells = line.split('\t');
            let name = cells.next().unwrap_or_default();
            if let Some(word) = name.strip_prefix('=') {
                let pairs = cells.next().unwrap_or_default().split(' ').filter_map(|cell| cell.split_once(':'));
                let pairs = pairs.filter_map(|(theme, weight)| Some((theme.parse().ok()?, weight.parse().ok()?)));
                model.weights.insert(word, pairs.collect());
                continue;
            }
            let mut number = || cells.next().and_then(|cell| cell.parse().ok()).unwrap_or(0.0);
            model.base.push((number(), number()));
            model.names.extend(THEMES.iter().find(|theme| **theme == name));
        }
        let lists: BTreeMap<String, KeywordData> = toml::from_str(KEYWORDS).unwrap_or_default();
        for (name, data) in &lists {
            let Some(theme) = model.names.iter().position(|theme| theme == name) else { continue };
            for (list, weight) in [(&data.sure, SURE), (&data.words, 1.0)] {
                for phrase in list.split(',') {
                    let key = words(phrase).collect::<Vec<_>>().join(" ");
                    model.keywords.entry(key).or_default().push((theme, weight));
                }
            }
        }
        model
    }

    /// ln(1 + weighted keywords per 300 words), by theme; a keyword said again counts by the logarithm.
    fn keyword_scores(&self, words: &[String]) -> Vec<f64> {
        let mut counts: HashMap<&str, f64> = HashMap::new();
        for start in 0..words.len() {
            let mut phrase = String::new();
            for word in words[start..].iter().take(LONGEST) {
                if !phrase.is_empty() {
                    phrase.push(' ');
                }
                phrase.push_str(word);
                if let Some((key, _)) = self.keywords.get_key_value(&phrase) {
                    *counts.entry(key.as_str()).or_default() += 1.0;
                }
            }
        }
        // Added up in one fixed order, so that the same text gives the same last bit.
        let mut counts: Vec<(&str, f64)> = counts.into_iter().collect();
        counts.sort_unstable_by_key(|(key, _)| *key);
        let mut scores = vec![0.0; self.names.len()];
        for (key, count) in counts {
            for (theme, weight) in &self.keywords[key] {
                scores[*theme] += weight * (1.0 + count.ln());
            }
        }
        let length = words.len().max(100) as f64;
        scores.into_iter().map(|score| f64::ln_1p(score * 300.0 / (length + 200.0))).collect()
    }

    /// Sum of the learned weights of the words, each by the logarithm of its count, over the length of that vector.
    fn learned_scores(&self, words: &[String]) -> Vec<f64> {
        let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
        for word in words {
            if let Some((key, _)) = self.weights.get_key_value(word.as_str()) {
                *counts.entry(key).or_default() += 1.0;
            }
        }
        let mut scores = vec![0.0; self.names.len()];
        let mut square = 0.0;
        for (word, count) in &counts {
            let value = 1.0 + count.ln();
            square += value * value;
            for (theme, weight) in &self.weights[word] {
                scores[*theme] += value * weight;
            }
        }
        let norm = square.sqrt().max(1e-9);
        scores.into_iter().map(|score| score / norm).collect()
    }
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(Model::read)
}

/// The stems of the words of a text, in order: letters and digits, hyphens and apostrophes inside.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '\u{2019}');
    let pieces = text.split(move |c| !inside(c));
    let trimmed = pieces.map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric()));
    trimmed.filter(|piece| !piece.is_empty()).map(stem)
}

/// Lower case, no possessive, no plural s: the same rule as `stem` in training/data_themes.py.
fn stem(word: &str) -> String {
    let lower = word.to_lowercase().replace('\u{2019}', "'");
    let word = lower.strip_suffix("'s").unwrap_or(&lower);
    let long = |least: usize| word.chars().count() > least;
    match word.strip_suffix("ies") {
        Some(rest) if long(4) => return format!("{rest}y"),
        _ => {}
    }
    let plural = word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) && long(3);
    if plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_has_keywords_and_a_bias() {
        let model = model();
        assert_eq!(model.names, THEMES);
        for theme in 0..THEMES.len() {
            let count = model.keywords.values().flatten().filter(|(t, _)| *t == theme).count();
            assert!(count >= 8, "{}: {count}", THEMES[theme]);
            assert!(model.base[theme].0 < 0.0, "{}", THEMES[theme]);
        }
    }

    #[test]
    fn strike_over_wages_is_economic_and_outbreak_is_health() {
        let strike =
            themes("Dockers walked out over wages. The union says the economy can bear higher pay, inflation or not.");
        assert_eq!(strike[0].0, "economic");
        let outbreak =
            "The health ministry sent vaccine to the clinic after a cholera outbreak. Nurses fear an epidemic.";
        assert!(themes(outbreak).iter().any(|(theme, _)| *theme == "health"));
    }

    #[test]
    fn text_without_news_has_no_theme() {
        assert_eq!(themes(""), []);
        assert_eq!(themes("\u{2019}'s - ! \u{1F980}"), []);
    }

    #[test]
    fn stems_drop_plural_and_possessive() {
        let stems: Vec<String> = words("The armies\u{2019} soldiers' boss\u{2019}s crisis").collect();
        assert_eq!(stems, ["the", "army", "soldier", "boss", "crisis"]);
    }
}
