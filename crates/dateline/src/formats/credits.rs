//! Credits: the agencies and outlets a report names as the origin of its story ("Reuters reports", "H/T: Reuters").
//!
//! Names and patterns live in `data/lang/en/outlets.toml`; here is only how they meet.

use crate::{Block, BlockKind, Credit, Span};
use regex::Regex;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// `data/lang/en/outlets.toml`.
#[derive(Deserialize)]
struct Outlets {
    patterns: Patterns,
    agency: Vec<Outlet>,
    outlet: Vec<Outlet>,
}

/// What stands around a credited name. Patterns before end at the name, patterns after begin right behind it.
#[derive(Deserialize)]
struct Patterns {
    before: Vec<String>,
    after: Vec<String>,
    before_agency: Vec<String>,
    after_agency: Vec<String>,
    /// Capture `name`: an unlisted agency or outlet.
    unlisted: Vec<String>,
}

/// An agency or outlet: the name reports give it in a credit, and its other names.
#[derive(Deserialize)]
struct Outlet {
    name: String,
    #[serde(default)]
    also: Vec<String>,
}

struct Matcher {
    /// Any listed name.
    names: Regex,
    /// Listed name to the name written into the credit, and whether it is an agency.
    known: HashMap<String, (String, bool)>,
    before: Regex,
    after: Regex,
    before_agency: Regex,
    after_agency: Regex,
    unlisted: Vec<Regex>,
}

/// Whether the words name a listed agency or outlet ("the Associated Press").
pub fn is_outlet(words: &str) -> bool {
    MATCHER.names.is_match(words)
}

/// Bytes looked at on each side of a name.
const CONTEXT_BYTES: usize = 80;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let data: Outlets = toml::from_str(include_str!("../../data/lang/en/outlets.toml")).expect("outlets.toml is valid");
    let mut known = HashMap::new();
    for (outlets, agency) in [(&data.agency, true), (&data.outlet, false)] {
        for outlet in outlets {
            for name in std::iter::once(&outlet.name).chain(&outlet.also) {
                known.entry(name.clone()).or_insert_with(|| (outlet.name.clone(), agency));
            }
        }
    }
    let mut names: Vec<&String> = known.keys().collect();
    // The longest name first: "Associated Press" before "AP", and a fixed order for a fixed automaton.
    names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.as_str()));
    let names: Vec<String> = names.into_iter().map(|name| regex::escape(name)).collect();
    let any = |patterns: &[String], prefix: &str, suffix: &str| {
        Regex::new(&format!("{prefix}(?:{}){suffix}", patterns.join("|"))).expect("credit patterns compile")
    };
    let patterns = &data.patterns;
    Matcher {
        names: Regex::new(&format!(r"\b(?:{})\b", names.join("|"))).expect("outlet names compile"),
        before: any(&patterns.before, "", "$"),
        after: any(&patterns.after, "^", ""),
        before_agency: any(&patterns.before_agency, "", "$"),
        after_agency: any(&patterns.after_agency, "^", ""),
        unlisted: patterns.unlisted.iter().map(|p| Regex::new(p).expect("credit patterns compile")).collect(),
        known,
    }
});

/// The credits in `text`, in order of first credit, each outlet once. `blocks` tell datelines and sign-off lines. An
/// unlisted name that is the `publication` itself is its signature and no credit.
///
/// # Example
/// ```
/// use dateline::formats::credits::credits;
/// let text = "Police freed the hostages, Reuters reports.";
/// assert_eq!(credits(text, &[], None)[0].name, "Reuters");
/// ```
pub fn credits(text: &str, blocks: &[Block], publication: Option<&str>) -> Vec<Credit> {
    let mut found: Vec<Credit> = Vec::new();
    let mut listed_before: Option<Span> = None;
    for name in MATCHER.names.find_iter(text) {
        let span = Span::new(name.start(), name.end());
        let Some((outlet, agency)) = MATCHER.known.get(name.as_str()) else { continue };
        let joined = listed_before.is_some_and(|last| is_list_joint(text.get(last.end..span.start).unwrap_or("")));
        if joined || is_credit(text, span, *agency, blocks) {
            listed_before = Some(span);
            found.push(Credit { name: outlet.clone(), span: Some(span) });
        }
    }
    for pattern in &MATCHER.unlisted {
        for name in pattern.captures_iter(text).filter_map(|c| c.name("name")) {
            let span = Span::new(name.start(), name.end());
            let overlaps = |credit: &Credit| credit.span.is_some_and(|other| other.overlaps(span));
            let own = publication.is_some_and(|publication| publication.eq_ignore_ascii_case(name.as_str()));
            if !own && !found.iter().any(overlaps) && !MATCHER.known.contains_key(name.as_str()) {
                found.push(Credit { name: name.as_str().to_owned(), span: Some(span) });
            }
        }
    }
    found.sort_by_key(|credit| credit.span.map(|span| span.start));
    let mut seen = std::collections::HashSet::new();
    found.retain(|credit| seen.insert(credit.name.clone()));
    found
}

/// The agencies a byline names ("Reuters", "Ada Lee, AP"): their story, whatever page it stands on. No span, since the
/// byline is not part of the text.
pub fn byline_credits(author: &str) -> Vec<Credit> {
    let listed = MATCHER.names.find_iter(author).filter_map(|name| MATCHER.known.get(name.as_str()));
    listed.filter(|(_, agency)| *agency).map(|(name, _)| Credit { name: name.clone(), span: None }).collect()
}

/// Whether the words around a listed name credit it.
fn is_credit(text: &str, span: Span, agency: bool, blocks: &[Block]) -> bool {
    let before = before(text, span.start);
    let after = after(text, span.end);
    MATCHER.before.is_match(before)
        || MATCHER.after.is_match(after)
        || (agency && (MATCHER.before_agency.is_match(before) || MATCHER.after_agency.is_match(after)))
        || (agency && is_own_line(before, after))
        || blocks
            .iter()
            .any(|block| block.kind == BlockKind::Dateline && block.span.contains(span) && before.ends_with('('))
}

/// Whether the name stands alone on its line, as a byline or sign-off: "Reuters", "— AP".
fn is_own_line(before: &str, after: &str) -> bool {
    let lead = before.rsplit('\n').next().unwrap_or("");
    let rest = after.split('\n').next().unwrap_or("");
    // A line cut by the context limit is longer than a credit line.
    let blank = |s: &str| s.trim_matches([' ', '—', '–', '-', '(', ')', '.', '/', '*']).is_empty();
    lead.len() < CONTEXT_BYTES / 2 && blank(lead) && blank(rest)
}

/// Whether the words between two names join them to a list: "Reuters and AFP".
fn is_list_joint(words: &str) -> bool {
    matches!(words.trim(), "," | "and" | ", and" | "&" | "/" | ", the" | "and the" | ", and the") && words.len() <= 12
}

/// Up to [`CONTEXT_BYTES`] before `at`.
fn before(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(CONTEXT_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..at).unwrap_or("")
}

/// Up to [`CONTEXT_BYTES`] from `at`.
fn after(text: &str, at: usize) -> &str {
    let mut end = text.len().min(at.saturating_add(CONTEXT_BYTES));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(at..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let blocks = crate::formats::text::blocks(text, None);
        let found = credits(text, &blocks, None);
        for credit in &found {
            assert!(!credit.span.unwrap().of(text).is_empty());
        }
        found.into_iter().map(|credit| credit.name).collect()
    }

    #[test]
    fn common_credits_are_found() {
        for (text, expected) in [
            ("Rebels took the town, Reuters reports.", "Reuters"),
            ("Rebels took the town. H/T: Reuters", "Reuters"),
            ("KYIV (AP) - Rebels took the town.", "AP"),
            ("(Reuters) - Rebels took the town.", "Reuters"),
            ("The Associated Press contributed to this report.", "AP"),
            ("\"We left,\" a soldier told AFP.", "AFP"),
            ("Rebels took the town.\n— Associated Press", "AP"),
            ("Rebels took the town, the BBC reported on Monday.", "BBC"),
            ("Rebels took the town, according to Interfax.", "Interfax"),
            ("A source was quoted by Yonhap as saying so.", "Yonhap"),
            ("Rebels took the town, a Reuters photographer said.", "Reuters"),
            ("Source: Al Jazeera", "Al Jazeera"),
            ("Rebels took the town, SUNA said.", "SUNA"),
        ] {
            assert_eq!(names(text), [expected], "{text}");
        }
    }

    #[test]
    fn lists_name_each_outlet_once() {
        assert_eq!(
            names("With files from Reuters, AFP and the BBC. Reuters reports that two died."),
            ["Reuters", "AFP", "BBC"]
        );
    }

    #[test]
    fn unlisted_agencies_need_to_be_called_agencies() {
        assert_eq!(names("The Ruritanian news agency, Strelnews, reported the raid."), ["Strelnews"]);
        assert_eq!(names("Police left, the Strelpress news agency reported."), ["Strelpress"]);
        assert_eq!(names("Police left, Mr Strel reported."), Vec::<String>::new());
    }

    #[test]
    fn unlisted_outlet_in_its_own_dateline_is_no_credit() {
        let text = "HANOI, Jan 30 (Strel Post) - Talks opened.";
        assert_eq!(credits(text, &[], None)[0].name, "Strel Post");
        assert_eq!(credits(text, &[], Some("Strel Post")), []);
    }

    #[test]
    fn agencies_in_the_byline_are_credited() {
        let names = |author| byline_credits(author).into_iter().map(|credit| credit.name).collect::<Vec<_>>();
        assert_eq!(names("Ada Lee, Associated Press"), ["AP"]);
        assert_eq!(names("Ada Lee"), Vec::<String>::new());
    }

    #[test]
    fn outlets_that_only_occur_are_not_credited() {
        for text in [
            "Gunmen shot a BBC reporter.",
            "He told the Guardian's editor off.",
            "The AP building was hit by a shell.",
            "Reuters shares fell.",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
    }
}
