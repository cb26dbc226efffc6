//! robots.txt, as RFC 9309 has it, with the `Crawl-delay` line that many sites add.

use std::time::Duration;

/// The name by which sites address us, and the beginning of our user agent.
pub const PRODUCT: &str = "dateline";

/// What a site asks of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Robots {
    /// Patterns of paths, and whether they may be fetched.
    rules: Vec<(bool, String)>,
    /// Time to leave between two pages.
    pub delay: Option<Duration>,
}

/// The rules for one name, while they are collected.
#[derive(Default)]
struct Group {
    seen: bool,
    rules: Vec<(bool, String)>,
    delay: Option<Duration>,
}

impl Robots {
    /// Everything may be fetched: there is no robots.txt.
    pub fn open() -> Self {
        Robots { rules: Vec::new(), delay: None }
    }

    /// The rules for us in a robots.txt: those under our name, else those for all. Lines that are no rules are passed over.
    pub fn parse(text: &str) -> Self {
        let (mut ours, mut all) = (Group::default(), Group::default());
        // Whom the lines being read are for: us, all; and whether a rule ended the list of names.
        let (mut us, mut any, mut named) = (false, false, false);
        for line in text.trim_start_matches('\u{FEFF}').lines() {
            let line = line.split('#').next().unwrap_or("");
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !named {
                    (us, any, named) = (false, false, true);
                }
                let name = value.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or("");
                us |= name.eq_ignore_ascii_case(PRODUCT);
                any |= name == "*";
                ours.seen |= us;
                continue;
            }
            let rule = match key.as_str() {
                "allow" | "disallow" if value.is_empty() => None,
                "allow" | "disallow" => Some((key == "allow", normal(value))),
                "crawl-delay" => None,
                _ => continue, // Sitemap and the like belong to no group.
            };
            named = false;
            let delay = (key == "crawl-delay").then(|| value.parse::<f64>().ok()).flatten();
            let delay = delay.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            for group in
                [(us, &mut ours), (any, &mut all)].into_iter().filter(|(for_it, _)| *for_it).map(|(_, group)| group)
            {
                group.rules.extend(rule.clone());
                group.delay = delay.or(group.delay);
            }
        }
        let group = if ours.seen { ours } else { all };
        Robots { rules: group.rules, delay: group.delay }
    }

    /// Whether a path with its query may be fetched: the longest rule that fits counts, of two equally long the one that allows.
    pub fn allows(&self, path: &str) -> bool {
        let path = normal(path);
        if path == "/robots.txt" {
            return true;
        }
        let fitting = self.rules.iter().filter(|(_, pattern)| fits(pattern, &path));
        fitting.map(|(allow, pattern)| (pattern.len(), *allow)).max().is_none_or(|(_, allow)| allow)
    }
}

/// Whether a pattern fits the beginning of `path`: `*` stands for any characters, `$` at the end for the end of the path. Takes time in
/// proportion to both lengths.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut pieces = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or("")) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return !whole || rest.is_empty() };
    for piece in between {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    if whole { rest.ends_with(last) } else { rest.contains(last) }
}

/// A path in one spelling: letters, digits and `-._~` bare, all else that is escaped with capital digits, non-ASCII escaped.
fn normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        at += if escaped.is_some() { 3 } else { 1 };
        match escaped.unwrap_or(byte) {
            bare if bare.is_ascii_alphanumeric() || b"-._~".contains(&bare) => out.push(char::from(bare)),
            other if escaped.is_none() && other.is_ascii() => out.push(char::from(other)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_under_our_name_count_else_those_for_all() {
        let text = "Sitemap: https://town.example/s.xml\nUser-agent: *\nDisallow: /\n\nuser-agent: Other\n\
                    User-Agent: DateLine/2 # us\nDisallow: /private\n\
                    Crawl-delay: 2.5\nuser-agent: third\nDisallow: /third\n\nUser-agent: dateline\nDisallow: /more\n";
        let robots = Robots::parse(text);
        assert!(robots.allows("/news") && robots.allows("/third"));
        assert!(!robots.allows("/private/x") && !robots.allows("/more"));
        assert_eq!(robots.delay, Some(Duration::from_millis(2500)));
        assert!(!Robots::parse("User-agent: *\nDisallow: /\n").allows("/news"));
        assert!(Robots::parse("User-agent: datelines\nDisallow: /\n").allows("/news"));
    }

    #[test]
    fn the_longest_rule_counts_and_allow_wins() {
        let robots = Robots::parse("User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /c\nAllow: /c\nDisallow:\n");
        assert!(!robots.allows("/a/x") && robots.allows("/a/b/c") && robots.allows("/c") && robots.allows("/"));
        let closed = Robots::parse("User-agent: *\nDisallow: /");
        assert!(!closed.allows("/x") && closed.allows("/robots.txt") && Robots::open().allows("/x"));
    }

    #[test]
    fn patterns_have_stars_and_an_end() {
        for (pattern, path, fit) in [
            ("/*.pdf$", "/a/b.pdf", true),
            ("/*.pdf$", "/a/b.pdf?x", false),
            ("/*.pdf", "/a/b.pdf?x", true),
            ("/a$", "/a", true),
            ("/a$", "/ab", false),
            ("/a*b*c", "/a1c2b3", false),
            ("/a*b*c", "/a1b2c3", true),
            ("/*", "/", true),
            ("*", "/x", true),
            ("/ab*ab$", "/ab", false),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }

    #[test]
    fn escapes_are_compared_in_one_spelling() {
        let robots = Robots::parse("User-agent: *\nDisallow: /ciudad/óbidos\nDisallow: /%61b\nDisallow: /x%2fy");
        assert!(
            !robots.allows("/ciudad/%c3%b3bidos")
                && !robots.allows("/ab")
                && !robots.allows("/x%2Fy")
                && robots.allows("/x/y")
        );
    }

    #[test]
    fn odd_files_are_read() {
        for text in [
            "",
            "\u{FEFF}user-agent:*\r\ndisallow:/a",
            "disallow: /\nallow",
            "crawl-delay: -1",
            "Crawl-delay: NaN\nuser-agent: é%\n%%%",
            "<html>: no",
        ] {
            assert!(Robots::parse(text).allows("/%"), "{text}");
        }
        assert!(!Robots::parse("\u{FEFF}user-agent:*\r\ndisallow:/a").allows("/a"));
        let long = format!("User-agent: *\nDisallow: /{}", "*a".repeat(200_000));
        assert!(Robots::parse(&long).allows(&format!("/{}", "a".repeat(8000))));
    }
}
