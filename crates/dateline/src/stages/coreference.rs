//! Mentions of the same thing by name: the same words, a surname after a full name, an acronym after the words it stands for.

use crate::Span;
use crate::document::{Document, Name, NameKind};

/// Groups of names of one thing, each in order, groups in order of first mention; names mentioned once are left out.
pub fn coreference(doc: &Document) -> Vec<Vec<Span>> {
    let text = &doc.report.text;
    let mut groups: Vec<Vec<&Name>> = Vec::new();
    for name in &doc.names {
        match groups.iter_mut().rev().find(|g| g.iter().any(|other| same(text, other, name))) {
            Some(group) => group.push(name),
            None => groups.push(vec![name]),
        }
    }
    groups.into_iter().filter(|g| g.len() > 1).map(|g| g.iter().map(|n| n.span).collect()).collect()
}

fn same(text: &str, earlier: &Name, later: &Name) -> bool {
    let (a, b) = (plain(earlier.span.of(text)), plain(later.span.of(text)));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    if a == b {
        return true;
    }
    match (earlier.kind, later.kind) {
        (NameKind::Person, NameKind::Person) => a.ends_with(&format!(" {b}")),
        (NameKind::Organisation, NameKind::Organisation) => {
            initials(earlier.span.of(text)) == b || b == first_word_of_party(&a)
        }
        _ => false,
    }
}

/// Lower case, without full stops and a leading article.
fn plain(words: &str) -> String {
    let lower = words.to_lowercase().replace('.', "");
    lower.strip_prefix("the ").unwrap_or(&lower).trim().to_owned()
}

/// "Kurdistan Workers' Party" → "kwp": first letters of the capitalised words.
fn initials(words: &str) -> String {
    let letters: String = words
        .split_whitespace()
        .filter_map(|w| w.chars().next())
        .filter(|c| c.is_uppercase())
        .collect::<String>()
        .to_lowercase();
    if letters.chars().count() >= 2 { letters } else { "\0".to_owned() }
}

/// "Hamas movement" is later "Hamas": the name without the common noun that says what it is.
fn first_word_of_party(words: &str) -> String {
    let (name, noun) = words.rsplit_once(' ').unwrap_or((words, ""));
    if matches!(noun, "movement" | "party" | "group" | "organisation" | "organization" | "agency" | "militia") {
        name.to_owned()
    } else {
        "\0".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Report;

    #[test]
    fn surnames_and_acronyms_join_their_full_names() {
        let text = "Human Rights Watch met Ana Lopez. HRW thanked Lopez.".to_owned();
        let name = |words: &str, kind| {
            let start = text.rfind(words).unwrap();
            Name { span: Span::new(start, start + words.len()), kind }
        };
        let mut names = vec![
            name("Human Rights Watch", NameKind::Organisation),
            name("Ana Lopez", NameKind::Person),
            name("HRW", NameKind::Organisation),
            name("Lopez", NameKind::Person),
        ];
        names.sort_by_key(|n| n.span.start);
        let doc = Document { report: Report { text: text.clone(), ..Report::default() }, names, ..Document::default() };
        let groups: Vec<Vec<&str>> =
            coreference(&doc).iter().map(|g| g.iter().map(|s| s.of(&text)).collect()).collect();
        assert_eq!(groups, [vec!["Human Rights Watch", "HRW"], vec!["Ana Lopez", "Lopez"]]);
    }
}
