//! Headline, byline, outlet and address of a page, from JSON-LD, `<meta>` and the page itself.

use super::page::{Page, tidy};
use serde_json::Value;

/// One article-like object of a page's JSON-LD.
#[derive(Debug, Default, Clone)]
pub struct Article {
    /// `headline`.
    pub headline: Option<String>,
    /// Names of `author`, joined.
    pub author: Option<String>,
    /// `publisher.name`.
    pub publisher: Option<String>,
    /// `datePublished`.
    pub published: Option<String>,
    /// `dateCreated`, `uploadDate`.
    pub created: Option<String>,
    /// `dateModified`.
    pub modified: Option<String>,
    /// Whether its type is an article and not a page, video or review.
    pub is_article: bool,
}

/// The objects of a page's JSON-LD that say something about an article, articles first.
pub fn articles(page: &Page) -> Vec<Article> {
    let mut articles = Vec::new();
    for script in &page.json_ld {
        let script = script.trim().trim_start_matches("<!--").trim_end_matches("-->").trim().trim_end_matches(';');
        // Line breaks inside strings are a common fault of generated JSON-LD.
        let parsed =
            serde_json::from_str(script).or_else(|_| serde_json::from_str(&script.replace(['\n', '\r', '\t'], " ")));
        if let Ok(value) = parsed {
            collect(&value, 0, &mut articles);
        }
    }
    articles.sort_by_key(|article: &Article| !article.is_article);
    articles
}

fn collect(value: &Value, depth: usize, articles: &mut Vec<Article>) {
    if depth > 6 || articles.len() > 50 {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth + 1, articles)),
        Value::Object(fields) => {
            let kind = words(fields.get("@type")).unwrap_or_default();
            let text = |name: &str| fields.get(name).and_then(Value::as_str).map(tidy).filter(|s| !s.is_empty());
            let article = Article {
                headline: text("headline").map(|headline| unescaped(&headline)),
                author: words(fields.get("author")),
                publisher: words(fields.get("publisher")),
                published: text("datePublished"),
                created: text("dateCreated").or_else(|| text("uploadDate")),
                modified: text("dateModified"),
                is_article: ["Article", "Posting", "Report"].iter().any(|part| kind.contains(part)),
            };
            if article.is_article || article.published.is_some() || article.modified.is_some() {
                articles.push(article);
            }
            for name in ["@graph", "mainEntity", "mainEntityOfPage", "hasPart"] {
                if let Some(inner) = fields.get(name) {
                    collect(inner, depth + 1, articles);
                }
            }
        }
        _ => {}
    }
}

/// `text` with character references read, which generators of JSON-LD leave in.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let words: String = scraper::Html::parse_fragment(&text.replace('<', "&lt;")).root_element().text().collect();
    tidy(&words)
}

/// The text of a JSON-LD value: itself, its `name`, or those of its items joined by commas.
fn words(value: Option<&Value>) -> Option<String> {
    let joined = match value? {
        Value::String(text) => tidy(text),
        Value::Object(fields) => tidy(fields.get("name")?.as_str()?),
        Value::Array(items) => {
            let names: Vec<String> = items.iter().take(8).filter_map(|item| words(Some(item))).collect();
            names.join(", ")
        }
        _ => return None,
    };
    Some(joined).filter(|joined| !joined.is_empty())
}

/// The first `<meta>` with one of these names, in the order of the names.
pub fn meta<'p>(page: &'p Page, names: &[&str]) -> Option<&'p str> {
    names
        .iter()
        .find_map(|name| page.metas.iter().find(|(key, value)| key == name && !value.is_empty()))
        .map(|(_, v)| v.as_str())
}

/// The headline: `<h1>` where the page has one and it agrees with what the page says elsewhere, else `og:title` and
/// its like, else `<title>` without the outlet's name.
pub fn title(page: &Page, articles: &[Article], outlet: Option<&str>) -> Option<String> {
    let stated = articles.iter().find_map(|a| a.headline.clone()).or_else(|| {
        meta(page, &["og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title"])
            .map(|t| without_outlet(t, outlet))
    });
    let whole = page.title.clone().unwrap_or_default();
    let close = |h1: &&String| {
        let h1 = h1.to_lowercase();
        whole.to_lowercase().contains(&h1) || stated.as_ref().is_some_and(|s| s.to_lowercase().contains(&h1))
    };
    page.h1
        .iter()
        .filter(|h1| h1.split_whitespace().count() > 2)
        .find(close)
        .cloned()
        .or(stated)
        .or_else(|| page.h1.iter().find(|h1| h1.split_whitespace().count() > 2).cloned())
        .or_else(|| Some(without_outlet(&whole, outlet)))
        .filter(|title| !title.is_empty())
}

/// A page title without " | Outlet" or " - Outlet" at its end.
fn without_outlet(title: &str, outlet: Option<&str>) -> String {
    for separator in [" | ", " – ", " — ", " - ", " :: ", " · ", " » "] {
        if let Some((headline, tail)) = title.rsplit_once(separator) {
            let names_outlet = outlet.is_some_and(|outlet| {
                tail.to_lowercase().contains(&outlet.to_lowercase())
                    || outlet.to_lowercase().contains(&tail.to_lowercase())
            });
            let short = separator == " | " && tail.split_whitespace().count() <= 4;
            if headline.split_whitespace().count() > 2 && (names_outlet || short) {
                return without_outlet(headline, outlet);
            }
        }
    }
    title.to_owned()
}

/// The outlet: `og:site_name`, the JSON-LD publisher, or similar `<meta>`s; `None` where the page names none.
pub fn outlet(page: &Page, articles: &[Article]) -> Option<String> {
    let site = meta(page, &["og:site_name"]).filter(|site| !site.starts_with("http")).map(str::to_owned);
    site.or_else(|| articles.iter().find_map(|article| article.publisher.clone()))
        .or_else(|| {
            meta(page, &["publisher", "dc.publisher", "dcterms.publisher", "application-name", "al:ios:app_name"])
                .map(str::to_owned)
        })
        .filter(|name| name.len() <= 100)
}

/// The byline, without "By": JSON-LD author, `<meta name=author>`, or an element marked as byline.
pub fn author(page: &Page, articles: &[Article]) -> Option<String> {
    let plausible = |name: &String| {
        !name.is_empty() && name.len() <= 120 && !name.contains("://") && name.chars().any(char::is_alphabetic)
    };
    let stated = articles.iter().find_map(|article| article.author.clone());
    stated
        .map(|name| without_by(&name))
        .filter(plausible)
        .or_else(|| {
            let names = [
                "author",
                "article:author",
                "dc.creator",
                "dcterms.creator",
                "parsely-author",
                "sailthru.author",
                "byl",
            ];
            meta(page, &names).map(without_by).filter(plausible)
        })
        .or_else(|| {
            page.authors
                .iter()
                .map(|text| without_by(text))
                .find(|name| plausible(name) && name.split_whitespace().count() <= 8)
        })
}

/// A byline without its leading "By" or "Written by".
fn without_by(byline: &str) -> String {
    let byline = byline.trim();
    for lead in ["by ", "written by ", "von ", "par ", "por "] {
        if byline.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead)) {
            return byline[lead.len()..].trim().to_owned();
        }
    }
    byline.to_owned()
}

/// The canonical address, where the page gives an absolute one.
pub fn address(page: &Page) -> Option<String> {
    let absolute = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
    page.canonical.as_deref().filter(absolute).or_else(|| meta(page, &["og:url"]).filter(absolute)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::page::page;
    use super::*;

    #[test]
    fn json_ld_wins_over_meta() {
        let page = page(
            r#"<html><head><title>Raid in the old town | Town Post</title><meta property="og:site_name" content="Town Post">
            <link rel="canonical" href="https://town.example/raid"><script type="application/ld+json">
            {"@graph":[{"@type":"NewsArticle","headline":"Raid in the old town","author":[{"name":"Ada Lee"},{"name":"Bo Ray"}],
            "datePublished":"2020-01-02"}]}</script></head><body><h1>Raid in the old town</h1></body></html>"#,
        );
        let articles = articles(&page);
        assert_eq!(title(&page, &articles, Some("Town Post")).unwrap(), "Raid in the old town");
        assert_eq!(author(&page, &articles).unwrap(), "Ada Lee, Bo Ray");
        assert_eq!(outlet(&page, &articles).unwrap(), "Town Post");
        assert_eq!(address(&page).unwrap(), "https://town.example/raid");
    }

    #[test]
    fn page_title_loses_the_outlet_only() {
        assert_eq!(
            without_outlet("Army - rebels clash again | Town Post", Some("Town Post")),
            "Army - rebels clash again"
        );
        assert_eq!(without_outlet("Nine dead in clash - Town Post", Some("Town Post")), "Nine dead in clash");
        assert_eq!(
            without_outlet("Nine dead in clash - army blamed", Some("Town Post")),
            "Nine dead in clash - army blamed"
        );
    }

    #[test]
    fn character_references_in_headlines_are_read() {
        assert_eq!(unescaped("Raid &#8211; five held &amp; freed &lt;b"), "Raid – five held & freed <b");
    }

    #[test]
    fn byline_elements_serve_where_nothing_is_stated() {
        let page = page(r#"<body><div class="byline">By Ada Lee</div><p>Police raided homes.</p></body>"#);
        assert_eq!(author(&page, &[]).unwrap(), "Ada Lee");
    }
}
