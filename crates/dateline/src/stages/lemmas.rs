//! Dictionary forms. The model picks an edit rule per word, which fails on verbs that its treebanks hardly show ("detained" →
//! "detai"); so verbs and plural nouns are looked up, and the model's guess stands where the list and the rules know nothing.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// `data/lang/en/lemmas.txt`.
struct Lemmas {
    verbs: HashSet<&'static str>,
    irregular_verbs: HashMap<&'static str, &'static str>,
    irregular_nouns: HashMap<&'static str, &'static str>,
}

fn lemmas() -> &'static Lemmas {
    static LEMMAS: OnceLock<Lemmas> = OnceLock::new();
    LEMMAS.get_or_init(|| {
        let mut parts = include_str!("../../data/lang/en/lemmas.txt").split("\n%\n").skip(1);
        let mut words = || parts.next().unwrap_or_default().split_whitespace();
        let verbs = words().collect();
        let irregular_verbs = words().filter_map(|w| w.split_once(':')).collect();
        let irregular_nouns = words().filter_map(|w| w.split_once(':')).collect();
        Lemmas { verbs, irregular_verbs, irregular_nouns }
    })
}

/// The dictionary form of `form`, tagged `upos`, for which the model proposes `guess`.
///
/// ```
/// use dateline::stages::lemmas::lemma;
/// assert_eq!(lemma("detained", "VERB", "detai".into()), "detain");
/// assert_eq!(lemma("Denied", "VERB", "Denied".into()), "deny");
/// assert_eq!(lemma("Gunmen", "NOUN", "gunmen".into()), "gunman");
/// assert_eq!(lemma("Ankara", "PROPN", "Ankara".into()), "Ankara");
/// ```
pub fn lemma(form: &str, upos: &str, guess: String) -> String {
    match upos {
        "VERB" => verb(&form.to_lowercase(), &guess).unwrap_or(guess),
        "NOUN" => noun(&form.to_lowercase(), &guess).unwrap_or(guess),
        _ => guess,
    }
}

fn verb(form: &str, guess: &str) -> Option<String> {
    let known = lemmas();
    if let Some(base) = known.irregular_verbs.get(form) {
        return Some((*base).to_owned());
    }
    // "seed", "bring": a base that only looks inflected
    if known.verbs.contains(form) {
        return Some(form.to_owned());
    }
    let bases = bases(form);
    let best = bases.iter().find(|base| known.verbs.contains(base.as_str()));
    if let Some(best) = best {
        return Some(best.clone());
    }
    if bases.is_empty() {
        // an unlisted word without an ending is a base
        return form.chars().all(char::is_alphabetic).then(|| form.to_owned());
    }
    // not listed: the model's guess where it is one of the possible bases, else the likeliest by spelling
    let guess = guess.to_lowercase();
    if bases.contains(&guess) { Some(guess) } else { spelled(form, &bases) }
}

/// The bases that regular inflection allows, doubled consonants undone first.
fn bases(form: &str) -> Vec<String> {
    let mut out = Vec::new();
    for end in ["ied", "ies"] {
        if let Some(stem) = form.strip_suffix(end).filter(|s| s.len() > 1) {
            out.push(format!("{stem}y"));
        }
    }
    for end in ["ed", "ing", "es"] {
        let Some(stem) = form.strip_suffix(end).filter(|s| s.len() > 1) else { continue };
        let last = stem.chars().next_back().unwrap_or(' ');
        let short = &stem[..stem.len() - last.len_utf8()];
        if short.ends_with(last) && !matches!(last, 'a' | 'e' | 'i' | 'o' | 'u') {
            out.push(short.to_owned());
        }
        out.push(stem.to_owned());
        out.push(format!("{stem}e"));
    }
    if let Some(stem) = form.strip_suffix('s').filter(|s| s.len() > 1 && !s.ends_with('s')) {
        out.push(stem.to_owned());
    }
    out
}

/// The likeliest base of an unlisted verb: a final e where English spelling needs one ("-ize", "-ate", "-ce", "-ve"), none elsewhere.
fn spelled(form: &str, bases: &[String]) -> Option<String> {
    if form.ends_with("ied") || form.ends_with("ies") {
        return bases.first().cloned();
    }
    let needs_e = |stem: &str| {
        ["iz", "yz", "at", "c", "v", "u", "dg", "rs", "ns", "iev"].iter().any(|end| stem.ends_with(end))
            && !stem.ends_with("eat")
            && !stem.ends_with("oat")
    };
    let stem = ["ed", "ing"].iter().find_map(|end| form.strip_suffix(end));
    match stem {
        Some(stem) if needs_e(stem) => Some(format!("{stem}e")),
        Some(_) => bases.first().cloned(),
        None => form.strip_suffix('s').map(str::to_owned),
    }
}

fn noun(form: &str, guess: &str) -> Option<String> {
    if let Some(base) = lemmas().irregular_nouns.get(form) {
        return Some((*base).to_owned());
    }
    let guess = guess.to_lowercase();
    // "news", "politics": what the model leaves as it is
    if guess == form || !form.chars().all(char::is_alphabetic) {
        return None;
    }
    let plural = form.strip_suffix('s').filter(|s| s.len() > 1 && !s.ends_with('s'))?;
    let sibilant = ["ches", "shes", "sses", "xes", "zzes"].iter().any(|end| form.ends_with(end));
    Some(match form.strip_suffix("ies").filter(|s| s.len() > 1) {
        Some(stem) => format!("{stem}y"),
        None if sibilant => form[..form.len() - 2].to_owned(),
        None => plural.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_brought_to_their_base_whatever_the_model_says() {
        for (form, base) in [
            ("seized", "seize"),
            ("clashed", "clash"),
            ("banned", "ban"),
            ("expelled", "expel"),
            ("killed", "kill"),
            ("shelling", "shell"),
            ("denies", "deny"),
            ("rallied", "rally"),
            ("took", "take"),
            ("fled", "flee"),
            ("bring", "bring"),
            ("privatized", "privatize"),
            ("dying", "die"),
            ("discusses", "discuss"),
        ] {
            assert_eq!(lemma(form, "VERB", "x".to_owned()), base, "{form}");
        }
    }

    #[test]
    fn plurals_lose_their_ending_and_other_words_keep_the_guess() {
        for (form, guess, base) in [
            ("protesters", "protester", "protester"),
            ("countries", "countri", "country"),
            ("news", "news", "news"),
            ("crises", "crise", "crisis"),
            ("churches", "church", "church"),
        ] {
            assert_eq!(lemma(form, "NOUN", guess.to_owned()), base, "{form}");
        }
        assert_eq!(lemma("better", "ADJ", "good".to_owned()), "good");
    }

    #[test]
    fn odd_words_are_survived() {
        for form in ["", "s", "ed", "ies", "é", "ßed", "’s", "x-ed", "ΑΣ", "ing"] {
            for upos in ["VERB", "NOUN"] {
                lemma(form, upos, form.to_owned());
            }
        }
    }
}
