//! The day a page was published: what the page states for machines, then what its address says, then what it shows.

use super::metadata::{Article, meta};
use super::page::{Dated, Page};
use jiff::civil::Date;
use regex::{Captures, Regex};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Years a news page can be from; other numbers are something else.
const YEARS: std::ops::RangeInclusive<i16> = 1995..=2100;

/// `<meta>` names for the day of publication.
const PUBLISHED_METAS: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "og:pubdate",
    "article:published",
    "article.published",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dc.issued",
    "dc.date.created",
    "dcterms.created",
    "datepublished",
    "date_published",
    "parsely-pub-date",
    "sailthru.date",
    "publish_date",
    "publish-date",
    "publishdate",
    "publication_date",
    "publication-date",
    "published-date",
    "pub_date",
    "pubdate",
    "ptime",
    "originalpublicationdate",
    "rnews:datepublished",
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "bt:pubdate",
    "vr:published_time",
    "article:publicationdate",
    "displaydate",
    "hdl:datetime",
    "dc.date.publication",
    "last-published",
    "shareaholic:article_published_time",
    "article.created",
];

/// `<meta>` names for a day that is usually that of publication.
const OTHER_METAS: &[&str] = &[
    "date",
    "dc.date",
    "dcterms.date",
    "article:date",
    "date_created",
    "datecreated",
    "creation_date",
    "created",
    "og:question:published_time",
    "gentime",
    "eomportal-lastupdate",
    "buildtime",
    "revision_date",
    "live_date",
    "timestamp",
    "video:release_date",
    "release_date",
];

/// `<meta>` names for the day of the last change.
const MODIFIED_METAS: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "dc.date.modified",
    "dcterms.modified",
    "last-modified",
    "lastmod",
    "lastmodified",
    "modified",
    "modificationdate",
    "shareaholic:article_modified_time",
    "utime",
];

#[derive(Deserialize)]
struct Months {
    months: Vec<Vec<String>>,
}

static MONTHS: LazyLock<HashMap<String, i8>> = LazyLock::new(|| {
    let data: Months = toml::from_str(include_str!("../../../data/lang/months.toml")).expect("months.toml is valid");
    let mut months = HashMap::new();
    for (index, names) in data.months.into_iter().enumerate() {
        for name in names {
            months.entry(name).or_insert(index as i8 + 1);
        }
    }
    months
});

/// Which of two ambiguous numbers comes first on pages of this language and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// 3/12/2020 is 3 December.
    DayFirst,
    /// 3/12/2020 is 12 March.
    MonthFirst,
}

/// The day of publication; `None` where the page shows no date.
pub fn published(page: &Page, articles: &[Article], url: Option<&str>) -> Option<Date> {
    let order = order(page, url);
    let in_meta = |names: &[&str]| names.iter().find_map(|name| date_in(meta(page, &[name])?, order));
    let stated =
        |value: fn(&Article) -> &Option<String>| articles.iter().find_map(|a| date_in(value(a).as_deref()?, order));
    let element =
        |wanted: &dyn Fn(&Dated) -> bool| page.dated.iter().filter(|d| wanted(d)).find_map(|d| element_date(d, order));
    let is_published = |d: &Dated| {
        ["datepublished", "pubdate", "published", "dtpublish", "publish"].iter().any(|mark| d.marks.contains(mark))
    };
    let is_modified = |d: &Dated| ["modified", "updated", "update"].iter().any(|mark| d.marks.contains(mark));
    let address = url.or(page.canonical.as_deref());

    let in_address = address.and_then(date_in_url);
    in_meta(PUBLISHED_METAS)
        .or_else(|| stated(|article| &article.published))
        .map(|day| local_day(day, in_address))
        .or_else(|| element(&|d| !d.aside && d.marks.contains("datepublished")))
        .or(in_address)
        .or_else(|| in_meta(OTHER_METAS))
        .or_else(|| element(&|d| !d.aside && is_published(d) && !is_modified(d)))
        .or_else(|| stated(|article| &article.created))
        .or_else(|| element(&|d| !d.aside && d.tag == "time" && !is_modified(d)))
        .or_else(|| labelled(page, order))
        .or_else(|| element(&|d| !d.aside && !is_modified(d)))
        .or_else(|| in_meta(MODIFIED_METAS))
        .or_else(|| stated(|article| &article.modified))
        .or_else(|| element(&|d| !d.aside))
        .or_else(|| shown(page, order, false))
        .or_else(|| element(&|d| d.tag == "time" || is_published(d)))
        .or_else(|| shown(page, order, true))
        .or_else(|| meta(page, &["og:image", "twitter:image", "og:image:url"]).and_then(date_in_url))
}

/// The newsroom's day where the stated one is a day off: a time in UTC is already tomorrow for a story filed in an
/// American evening, and its address carries the local day.
fn local_day(stated: Date, in_address: Option<Date>) -> Date {
    let day_before = in_address.filter(|day| day.tomorrow().is_ok_and(|next| next == stated));
    day_before.unwrap_or(stated)
}

/// Numeric dates are month first on pages that say they are American (or say nothing and are in English on a .com).
fn order(page: &Page, url: Option<&str>) -> Order {
    let locale = page
        .lang
        .as_deref()
        .or_else(|| meta(page, &["og:locale"]))
        .unwrap_or("")
        .to_ascii_lowercase()
        .replace('_', "-");
    let host = url.or(page.canonical.as_deref()).and_then(|u| u.split('/').nth(2)).unwrap_or("");
    let country = host.rsplit('.').next().unwrap_or("");
    let american =
        locale == "en-us" || (matches!(locale.as_str(), "en" | "") && matches!(country, "com" | "us" | "gov" | "mil"));
    if american { Order::MonthFirst } else { Order::DayFirst }
}

/// The date of an element: its machine-readable values first.
fn element_date(element: &Dated, order: Order) -> Option<Date> {
    element
        .values
        .iter()
        .find_map(|value| timestamp(value).or_else(|| date_in(value, order)))
        .or_else(|| date_in(&element.text, order))
}

/// A visible date that says it is the day of publication.
fn labelled(page: &Page, order: Order) -> Option<Date> {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:published|posted|publi[ée]e?|publicado|pubblicato|ver[öo]ffentlicht|erstellt|erschienen|first published|date de publication|yayınlanma|yayın tarihi|опубликовано|дата публикации|gepubliceerd|publicerad|udgivet|objavljeno|date|datum|fecha|data|tarih|дата)\b\s*(?:on|am|le|el|il|:|\||-|–)?")
            .expect("the label pattern compiles")
    });
    page.lines.iter().filter(|(line, aside)| !aside && line.len() <= 300).find_map(|(line, _)| {
        let label = LABEL.find(line)?;
        let rest = line.get(label.end()..)?;
        let near: String = rest.chars().take(60).collect();
        date_in(&near, order)
    })
}

/// The first full date shown in a short line, as bylines are; text of the article itself names other days.
fn shown(page: &Page, order: Order, aside: bool) -> Option<Date> {
    let lines = || page.lines.iter().filter(|(_, in_aside)| aside || !in_aside);
    lines().filter(|(line, _)| line.len() <= 120).find_map(|(line, _)| date_in(line, order))
}

/// Seconds or milliseconds since 1970.
fn timestamp(value: &str) -> Option<Date> {
    let value = value.trim();
    if !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = match value.len() {
        10 => value.parse::<i64>().ok()?,
        13 => value.parse::<i64>().ok()? / 1000,
        _ => return None,
    };
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    plausible(moment.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// A full date in an address: `/2020/03/12/`, `/2020-03-12-`, `/20200312/`, `/2020/mar/12/`.
pub fn date_in_url(url: &str) -> Option<Date> {
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)[/_.=-]((?:19|20)\d{2})(?:[/_-]([01]?\d|[a-z]{3,9})[/_-]([0-3]?\d)|([01]\d)([0-3]\d))(?:[/_.-]|$)|[/_-]([0-3]\d)[-_]([01]\d)[-_](20\d{2})(?:[/_.-]|$)",
        )
        .expect("the address pattern compiles")
    });
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    FULL.captures_iter(path).find_map(|found| {
        let year = |index: usize| found.get(index)?.as_str().parse::<i16>().ok();
        if let Some(month) = found.get(2) {
            let month = month.as_str().parse().ok().or_else(|| MONTHS.get(&month.as_str().to_lowercase()).copied())?;
            civil(year(1)?, month, number(&found, 3)?)
        } else if found.get(4).is_some() {
            civil(year(1)?, number(&found, 4)?, number(&found, 5)?)
        } else {
            civil(year(8)?, number(&found, 7)?, number(&found, 6)?)
        }
    })
}

/// The first full date in `text`, in whatever form: ISO, numeric, or with a month's name.
///
/// # Example
/// ```
/// use dateline::formats::html::date::{Order, date_in};
/// let day = Some(jiff::civil::date(2020, 3, 12));
/// assert_eq!(date_in("12. März 2020, 08:15 Uhr", Order::DayFirst), day);
/// assert_eq!(date_in("Posted March 12, 2020", Order::MonthFirst), day);
/// ```
pub fn date_in(text: &str, order: Order) -> Option<Date> {
    static ISO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\d])((?:19|20)\d{2})\s?[-/.年년]\s?([01]?\d)\s?[-/.月월]\s?([0-3]?\d)(?:[^\d]|$)|^\s*((?:19|20)\d{2})([01]\d)([0-3]\d)(?:\D|\d{4,6}|$)")
            .expect("the ISO pattern compiles")
    });
    static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:^|[^\d.])([0-3]?\d)(?:\s?([./-])\s?)([01]?\d|[0-3]\d)\s?[./-]\s?((?:19|20)\d{2}|\d{2})(?:[^\d]|$)",
        )
        .expect("the numeric pattern compiles")
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        let word = r"[\p{L}\p{M}]{2,16}(?: الثاني| الأول)?";
        Regex::new(&format!(
            r"(?i)(?:^|[^\d])(\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.|'|’)?[\s\-/.,]{{0,3}}(?:(?:de|of|d’|d'|ta’)\s?)?({word})\.?,?[\s\-/.’']{{0,3}}(?:(?:de|del|of|،)\s?)?((?:19|20)\d{{2}})(?:\D|$)|(?:^|[^\p{{L}}])({word})\.?[\s\-]{{1,3}}(\d{{1,2}})(?:st|nd|rd|th)?\.?[,،]?\s{{0,3}}(?:at \S+ \S+ )?((?:19|20)\d{{2}})(?:\D|$)|(?:^|\D)((?:19|20)\d{{2}})[.,]?[\s\-]({word})\.?[\s\-](\d{{1,2}})(?:\D|$)"
        ))
        .expect("the named pattern compiles")
    });
    let western;
    let text = if text.contains(|c: char| c.is_numeric() && !c.is_ascii()) {
        western = western_digits(text);
        &western
    } else {
        text
    };
    let found = [
        ISO.captures_iter(text).find_map(|c| Some((c.get(0)?.start(), iso(&c)?))),
        NAMED.captures_iter(text).find_map(|c| Some((c.get(0)?.start(), named(&c)?))),
        NUMERIC.captures_iter(text).find_map(|c| Some((c.get(0)?.start(), numeric(&c, order)?))),
    ];
    found.into_iter().flatten().min_by_key(|(start, _)| *start).map(|(_, date)| date)
}

fn iso(found: &Captures) -> Option<Date> {
    let offset = if found.get(1).is_some() { 0 } else { 3 };
    civil(found.get(offset + 1)?.as_str().parse().ok()?, number(found, offset + 2)?, number(found, offset + 3)?)
}

fn numeric(found: &Captures, order: Order) -> Option<Date> {
    let (a, b) = (number(found, 1)?, number(found, 3)?);
    let year: i16 = found.get(4)?.as_str().parse().ok()?;
    let year = if year < 100 { 2000 + year } else { year };
    // Full stops and hyphens are written day first everywhere but in ISO dates.
    let slashes = found.get(2).is_some_and(|m| m.as_str() == "/");
    let (day, month) = if (order == Order::MonthFirst && slashes && a <= 12) || b > 12 { (b, a) } else { (a, b) };
    civil(year, month, day)
}

fn named(found: &Captures) -> Option<Date> {
    let month = |index: usize| {
        let word = found.get(index)?.as_str().to_lowercase();
        MONTHS.get(&word).copied().or_else(|| MONTHS.get(word.trim_start_matches('ו')).copied())
    };
    let year = |index: usize| found.get(index)?.as_str().parse::<i16>().ok();
    if found.get(2).is_some() {
        civil(year(3)?, month(2)?, number(found, 1)?)
    } else if found.get(4).is_some() {
        civil(year(6)?, month(4)?, number(found, 5)?)
    } else {
        civil(year(7)?, month(8)?, number(found, 9)?)
    }
}

fn number(found: &Captures, index: usize) -> Option<i8> {
    found.get(index)?.as_str().parse().ok()
}

fn civil(year: i16, month: i8, day: i8) -> Option<Date> {
    plausible(Date::new(year, month, day).ok()?)
}

fn plausible(date: Date) -> Option<Date> {
    YEARS.contains(&date.year()).then_some(date)
}

/// `text` with Arabic, Persian, Devanagari and Bengali digits as Western ones.
fn western_digits(text: &str) -> String {
    let zeros = ['٠', '۰', '०', '০', '๐'];
    let western = |c: char| {
        let digit = zeros.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|d| *d < 10))?;
        char::from_digit(digit, 10)
    };
    text.chars().map(|c| western(c).unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{metadata::articles, page::page};
    use super::*;
    use jiff::civil::date;

    fn of(html: &str, url: Option<&str>) -> Option<Date> {
        let page = page(html);
        published(&page, &articles(&page), url)
    }

    #[test]
    fn dates_are_read_in_many_forms() {
        let day = Some(date(2020, 3, 4));
        for text in [
            "2020-03-04T23:50:00+01:00",
            "20200304",
            "4 March 2020",
            "March 4th, 2020",
            "4. März 2020",
            "4 de marzo de 2020",
            "4 марта 2020 г.",
            "04.03.2020 12:00",
            "4 Mart 2020",
            "2020年3月4日",
            "٤ مارس ٢٠٢٠",
            "4 mars 2020",
            "2020. március 4.",
            "Wed, 04 Mar 2020 10:00:00 GMT",
            "04-Mar-2020",
        ] {
            assert_eq!(date_in(text, Order::DayFirst), day, "{text}");
        }
        assert_eq!(date_in("3/4/2020", Order::MonthFirst), day);
        assert_eq!(date_in("25/4/2020", Order::MonthFirst), Some(date(2020, 4, 25)));
        for text in ["", "in 2020", "99.99.2020", "version 4.3.20201", "+49 30 1234", "chapter 3"] {
            assert_eq!(date_in(text, Order::DayFirst), None, "{text}");
        }
    }

    #[test]
    fn addresses_need_a_full_date() {
        let day = Some(date(2020, 3, 4));
        assert_eq!(date_in_url("https://town.example/2020/03/04/raid"), day);
        assert_eq!(date_in_url("https://town.example/news-20200304/raid"), day);
        assert_eq!(date_in_url("https://town.example/2020/mar/04/raid"), day);
        assert_eq!(date_in_url("https://town.example/2020/03/raid"), None);
        assert_eq!(date_in_url("https://town.example/story-20203045"), None);
        assert_eq!(date_in_url("https://town.example/2020/43/raid"), None);
    }

    #[test]
    fn publication_wins_over_modification() {
        let html = r#"<head><meta property="article:modified_time" content="2020-05-06"><meta property="article:published_time"
            content="2020-03-04T10:00:00Z"></head>"#;
        assert_eq!(of(html, None), Some(date(2020, 3, 4)));
        let html = r#"<script type="application/ld+json">{"@type":"NewsArticle","dateModified":"2020-05-06","datePublished":"2020-03-04"}</script>"#;
        assert_eq!(of(html, None), Some(date(2020, 3, 4)));
    }

    #[test]
    fn address_tells_the_local_day() {
        let html = r#"<meta property="article:published_time" content="2020-03-05T02:00:00Z">"#;
        assert_eq!(of(html, Some("https://town.example/2020/03/04/raid")), Some(date(2020, 3, 4)));
        assert_eq!(of(html, Some("https://town.example/2020/02/01/raid")), Some(date(2020, 3, 5)));
    }

    #[test]
    fn shown_dates_serve_where_nothing_is_stated() {
        let body = |words: &str| format!("<body><h1>Raid in town</h1><p>{words}</p><p>Police raided homes.</p></body>");
        assert_eq!(of(&body("Posted on 4 March 2020"), None), Some(date(2020, 3, 4)));
        assert_eq!(of(&body("Town Post, 4 March 2020"), None), Some(date(2020, 3, 4)));
        assert_eq!(of("<time datetime=\"2020-03-04\">yesterday</time>", None), Some(date(2020, 3, 4)));
        assert_eq!(of(&body("no date here"), None), None);
    }
}
