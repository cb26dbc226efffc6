//! The dateline: "ISTANBUL, March 3 (Reuters) —", the part of the first paragraph before the news.

use crate::Span;
use regex::Regex;
use std::sync::LazyLock;

/// A dateline at the beginning of a paragraph; spans count from the paragraph's first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dateline {
    /// From the place (or agency) to the dash or colon, inclusive.
    pub span: Span,
    /// The date as written, often without a year.
    pub date: Option<Span>,
    /// The agency named in brackets.
    pub agency: Option<Span>,
}

/// Longest beginning of a paragraph looked at, in bytes; datelines are shorter.
const MAX_BYTES: usize = 160;

/// Words in capitals that open a paragraph like a place does, and are none.
const NOT_PLACES: &[&str] = &[
    "ANALYSIS",
    "BREAKING",
    "CORRECTION",
    "EDITORIAL",
    "EXCLUSIVE",
    "EXPLAINER",
    "FACTBOX",
    "FILE",
    "LIVE",
    "NEWS",
    "NOTE",
    "OPINION",
    "PHOTO",
    "PHOTOS",
    "READ",
    "TIMELINE",
    "UPDATE",
    "UPDATED",
    "URGENT",
    "VIDEO",
    "WARNING",
    "WATCH",
];

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let month = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?";
    let weekday = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?";
    let date =
        format!(r"(?P<date>{weekday}(?i:{month} \d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)? {month})(?:,? \d{{4}}| \d{{2}})?)");
    let capitals = r"\p{Lu}[\p{Lu}\p{M}'’.\-]+(?:[ /]\p{Lu}[\p{Lu}\p{M}'’.\-]*){0,4}";
    let title_case = r"\p{Lu}[\p{L}'’.\-]+(?: (?:\p{Lu}|de |el |al-)[\p{L}'’.\-]+){0,3}";
    let region = format!("(?:, {title_case}){{0,2}}");
    let agency = r"\((?P<agency>\p{L}[\p{L}\p{N} .,/'’&\-]{1,40})\)";
    let dash = r"(?:\s*[–—]\s*|\s*--+\s*|\s*_+\s+|\s+-\s+|\)?-\s+)";
    // A group's name can stand only once in a pattern, so each form names its own.
    let (date2, agency2, agency3) = (renamed(&date, "2"), renamed(agency, "2"), renamed(agency, "3"));
    let forms = [
        format!(r"(?P<caps>{capitals}){region}(?:,? {date})?,?(?:\s*{agency})?(?:{dash}|:\s+)"),
        format!(
            r"(?P<plain>{title_case})(?P<region>{region})(?P<dated>,? {date2})?,?(?P<credited>\s*{agency2})?{dash}"
        ),
        format!(r"{agency3}{dash}"),
    ];
    Regex::new(&format!("^(?:{})", forms.join("|"))).expect("the dateline pattern compiles")
});

/// `pattern` with a suffix on the names of its groups.
fn renamed(pattern: &str, suffix: &str) -> String {
    pattern.replace("?P<date>", &format!("?P<date{suffix}>")).replace("?P<agency>", &format!("?P<agency{suffix}>"))
}

/// The dateline at the beginning of `paragraph`; `None` where it opens with the news itself.
///
/// # Example
/// ```
/// use dateline::formats::dateline::dateline;
/// let paragraph = "KYIV (AP) - Shells hit a school.";
/// assert_eq!(dateline(paragraph).unwrap().span.of(paragraph), "KYIV (AP) -");
/// ```
pub fn dateline(paragraph: &str) -> Option<Dateline> {
    let mut end = paragraph.len().min(MAX_BYTES);
    while !paragraph.is_char_boundary(end) {
        end -= 1;
    }
    let head = paragraph.get(..end)?;
    let found = PATTERN.captures(head)?;
    let whole = found.get(0)?;
    if let Some(place) = found.name("caps") {
        let first = place.as_str().split([' ', '/', '-']).next().unwrap_or("");
        let letters = place.as_str().chars().filter(|c| c.is_alphabetic()).count();
        let by_colon = whole.as_str().trim_end().ends_with(':') && found.name("agency").is_none();
        if NOT_PLACES.contains(&first) || letters < 3 || (by_colon && letters < 5) {
            return None;
        }
    }
    if let Some(place) = found.name("plain") {
        // A capitalised name before a dash opens many sentences; a region, a date or an agency makes it a dateline.
        let region = found.name("region").is_some_and(|m| !m.is_empty());
        let backed = found.name("dated").is_some() || found.name("credited").is_some();
        let next = paragraph.get(whole.end()..)?.chars().next()?;
        let news_follows = next.is_uppercase() || next.is_numeric() || matches!(next, '"' | '“' | '\'' | '‘');
        let long_dash = whole.as_str().contains(['–', '—']);
        let one_place = place.as_str().split(' ').count() <= 2 && long_dash;
        if !news_follows || !(backed || region || one_place) {
            return None;
        }
    }
    let named = |names: &[&str]| names.iter().find_map(|name| found.name(name)).map(|m| Span::new(m.start(), m.end()));
    let span = Span::new(0, whole.as_str().trim_end().len());
    let news = paragraph.get(whole.end()..).unwrap_or("");
    if news.trim().is_empty() && end == paragraph.len() && named(&["agency", "agency2", "agency3"]).is_none() {
        return None;
    }
    Some(Dateline { span, date: named(&["date", "date2"]), agency: named(&["agency", "agency2", "agency3"]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(paragraph: &str) -> Option<(&str, &str, &str)> {
        let found = dateline(paragraph)?;
        let words = |span: Option<Span>| span.map_or("", |span| span.of(paragraph));
        Some((found.span.of(paragraph), words(found.date), words(found.agency)))
    }

    #[test]
    fn place_date_and_agency_are_read() {
        assert_eq!(
            parts("ISTANBUL, March 3 (Reuters) — Police raided homes."),
            Some(("ISTANBUL, March 3 (Reuters) —", "March 3", "Reuters"))
        );
        assert_eq!(parts("KYIV (AP) - Shells fell."), Some(("KYIV (AP) -", "", "AP")));
        assert_eq!(
            parts("GENEVA/NEW YORK, 4 June 2019 – Talks opened."),
            Some(("GENEVA/NEW YORK, 4 June 2019 –", "4 June 2019", ""))
        );
        assert_eq!(
            parts("OUAGADOUGOU, July 29 (Reuters) - Gunmen fled."),
            Some(("OUAGADOUGOU, July 29 (Reuters) -", "July 29", "Reuters"))
        );
        assert_eq!(parts("THE HAGUE, Netherlands (AP)_ Judges met."), Some(("THE HAGUE, Netherlands (AP)_", "", "AP")));
        assert_eq!(parts("(Reuters) - Gunmen fled."), Some(("(Reuters) -", "", "Reuters")));
    }

    #[test]
    fn places_in_ordinary_case_need_more_than_a_dash() {
        assert_eq!(parts("Mogadishu, Somalia — Gunmen fled."), Some(("Mogadishu, Somalia —", "", "")));
        assert_eq!(parts("Sanaa — Gunmen fled."), Some(("Sanaa —", "", "")));
        assert_eq!(parts("Gunmen — some of them masked — fled."), None);
        assert_eq!(parts("Hamas - the group that runs Gaza - agreed."), None);
    }

    #[test]
    fn other_openings_are_no_datelines() {
        for paragraph in [
            "UPDATE: Troops left.",
            "BREAKING NEWS - Troops left.",
            "US: Troops left.",
            "NATO troops left Kabul.",
            "AL-SHABAAB fled.",
            "",
            "—",
        ] {
            assert_eq!(parts(paragraph), None, "{paragraph}");
        }
    }
}
