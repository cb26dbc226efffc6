//! Syntax as CoNLL-U (universaldependencies.org/format.html), written from documents and read from treebanks.

use crate::document::Document;
use crate::report::{Block, BlockKind};
use crate::{Error, Report, Result, Span};
use std::fmt::Write;

/// A document of a treebank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newdoc {
    /// Its id; empty where it has none.
    pub id: String,
    /// Its sentences, in order.
    pub sentences: Vec<Tree>,
}

/// A sentence of a treebank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Its id; empty where it has none.
    pub id: String,
    /// Whether a paragraph begins with it.
    pub starts_paragraph: bool,
    /// Its tokens as they stand in the text: mostly one word each, several for "don't".
    pub tokens: Vec<Surface>,
    /// Its syntactic words.
    pub words: Vec<Word>,
}

/// A token as it stands in the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// The characters.
    pub form: String,
    /// Its words: a half-open range of indices into [`Tree::words`].
    pub words: std::ops::Range<usize>,
    /// Whether the next token follows without a space.
    pub glued: bool,
}

/// A syntactic word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Word form.
    pub form: String,
    /// Dictionary form.
    pub lemma: String,
    /// Universal part of speech.
    pub upos: String,
    /// Index into [`Tree::words`] of the word it depends on; `None` for the root.
    pub head: Option<usize>,
    /// Relation with subtype.
    pub deprel: String,
}

/// `doc` as CoNLL-U, ended by a blank line; a document without sentences gives nothing.
pub fn print(doc: &Document) -> String {
    let mut out = String::new();
    for (index, tree) in trees(doc).iter().enumerate() {
        if index == 0 {
            let _ = writeln!(out, "# newdoc id = {}", one_line(&doc.report.id));
        }
        if tree.starts_paragraph {
            out.push_str("# newpar\n");
        }
        let _ = writeln!(out, "# sent_id = {}", one_line(&tree.id));
        let _ = writeln!(out, "# text = {}", one_line(doc.sentences[index].span.of(&doc.report.text)));
        tree_lines(tree, &mut out);
        out.push('\n');
    }
    out
}

fn tree_lines(tree: &Tree, out: &mut String) {
    for token in &tree.tokens {
        let misc = if token.glued { "SpaceAfter=No" } else { "_" };
        if token.words.len() > 1 {
            let (first, last) = (token.words.start + 1, token.words.end);
            let _ = writeln!(out, "{first}-{last}\t{}\t_\t_\t_\t_\t_\t_\t_\t{misc}", filled(&token.form));
        }
        for index in token.words.clone() {
            let word = &tree.words[index];
            let head = word.head.map_or(0, |head| head + 1);
            let misc = if token.words.len() > 1 { "_" } else { misc };
            let (form, lemma, upos) = (filled(&word.form), filled(&word.lemma), filled(&word.upos));
            let _ = writeln!(
                out,
                "{}\t{form}\t{lemma}\t{upos}\t_\t_\t{head}\t{}\t_\t{misc}",
                index + 1,
                filled(&word.deprel)
            );
        }
    }
}

/// A column must not be empty nor hold a tab or line break; U+FFFD stands where nothing else is left.
fn filled(value: &str) -> String {
    let value = one_line(value);
    if value.trim().is_empty() { "_".to_string() } else { value }
}

fn one_line(value: &str) -> String {
    value.replace(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}', " ")
}

/// The sentences of `doc` as trees, words that share one run of letters ("do|n't", "can|not") as one surface token, as the English
/// treebanks have them.
pub fn trees(doc: &Document) -> Vec<Tree> {
    let text = &doc.report.text;
    let mut last_end = 0;
    let mut trees = Vec::with_capacity(doc.sentences.len());
    for (number, sentence) in doc.sentences.iter().enumerate() {
        let between = text.get(last_end..sentence.span.start).unwrap_or("");
        let tokens = doc.tokens.get(sentence.tokens.clone()).unwrap_or(&[]);
        let next_start = doc.sentences.get(number + 1).map(|next| next.span.start);
        let mut tree = Tree {
            id: format!("{}-{}", doc.report.id, number + 1),
            starts_paragraph: number == 0 || between.contains('\n'),
            ..Tree::default()
        };
        for (index, token) in tokens.iter().enumerate() {
            let form = token.span.of(text);
            let follows = tokens.get(index + 1).map(|next| next.span.start).or(next_start);
            let glued = follows == Some(token.span.end);
            let joins = index > 0
                && tokens[index - 1].span.end == token.span.start
                && shares_letters(tokens[index - 1].span.of(text), form, token.upos);
            match tree.tokens.last_mut().filter(|_| joins) {
                Some(last) => {
                    last.form.push_str(form);
                    last.words.end = index + 1;
                    last.glued = glued;
                }
                None => tree.tokens.push(Surface { form: form.to_string(), words: index..index + 1, glued }),
            }
            tree.words.push(Word {
                form: form.to_string(),
                lemma: token.lemma.clone(),
                upos: token.upos.to_string(),
                head: token.head.and_then(|head| head.checked_sub(sentence.tokens.start)),
                deprel: token.deprel.to_string(),
            });
        }
        last_end = sentence.span.end;
        trees.push(tree);
    }
    trees
}

fn shares_letters(before: &str, form: &str, upos: &str) -> bool {
    let mut chars = form.chars();
    let first = chars.next().unwrap_or(' ');
    let clitic = matches!(first, '\'' | '’' | '`') && (chars.next().is_some_and(char::is_alphabetic) || upos == "PART");
    before.ends_with(char::is_alphabetic) && (first.is_alphabetic() || clitic)
}

/// Reads CoNLL-U; enhanced dependencies, empty nodes and features are left out.
///
/// # Errors
/// [`Error::Data`] with the line number where a line has not ten columns, or where an id or head is not a number of the sentence.
pub fn read(name: &str, text: &str) -> Result<Vec<Newdoc>> {
    let mut docs: Vec<Newdoc> = Vec::new();
    let mut tree = Tree { starts_paragraph: true, ..Tree::default() };
    let mut covered = 0;
    for (number, line) in text.lines().chain([""]).enumerate() {
        let odd = |message: String| Error::Data { name: format!("{name}, line {}", number + 1), message };
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            if !tree.words.is_empty() {
                let words = tree.words.len();
                if tree.words.iter().any(|word| word.head.is_some_and(|head| head >= words)) {
                    return Err(odd(format!("a head lies outside the sentence above, which has {words} words")));
                }
                if docs.is_empty() {
                    docs.push(Newdoc::default());
                }
                docs.last_mut().expect("just filled").sentences.push(std::mem::take(&mut tree));
                covered = 0;
            }
        } else if let Some(comment) = line.strip_prefix('#') {
            let (key, value) =
                comment.split_once('=').map_or((comment.trim(), ""), |(key, value)| (key.trim(), value.trim()));
            match key {
                "newdoc id" | "newdoc" => {
                    docs.push(Newdoc { id: value.to_string(), ..Newdoc::default() });
                    tree.starts_paragraph = true;
                }
                "newpar id" | "newpar" => tree.starts_paragraph = true,
                "sent_id" => tree.id = value.to_string(),
                _ => {}
            }
        } else {
            let columns: Vec<&str> = line.split('\t').collect();
            if columns.len() != 10 {
                return Err(odd(format!("found {} columns, expected ten, separated by tabs", columns.len())));
            }
            let glued = columns[9].split('|').any(|item| item == "SpaceAfter=No");
            let id = columns[0];
            if id.contains('.') {
                continue;
            }
            let number_of = |id: &str| {
                id.parse::<usize>().map_err(|_| odd(format!("found id or head \"{id}\", expected a number")))
            };
            if let Some((first, last)) = id.split_once('-') {
                let words = number_of(first)?.saturating_sub(1)..number_of(last)?;
                covered = words.end;
                tree.tokens.push(Surface { form: columns[1].to_string(), words, glued });
                continue;
            }
            let index = number_of(id)?.saturating_sub(1);
            if index != tree.words.len() {
                return Err(odd(format!("found id {id}, expected {}", tree.words.len() + 1)));
            }
            if index >= covered {
                tree.tokens.push(Surface { form: columns[1].to_string(), words: index..index + 1, glued });
            }
            let head = if columns[6] == "_" { 0 } else { number_of(columns[6])? };
            tree.words.push(Word {
                form: columns[1].to_string(),
                lemma: columns[2].to_string(),
                upos: columns[3].to_string(),
                head: head.checked_sub(1),
                deprel: columns[7].to_string(),
            });
        }
    }
    Ok(docs)
}

/// The running text of a treebank document as a report, and the spans of its words, one list a sentence. Paragraphs are separated
/// by blank lines. Where the words of a token do not spell it ("wanna": "want", "to"), they share its characters by their lengths.
pub fn report(newdoc: &Newdoc) -> (Report, Vec<Vec<Span>>) {
    let mut text = String::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut sentences = Vec::new();
    for tree in &newdoc.sentences {
        if !text.is_empty() && (tree.starts_paragraph || blocks.is_empty()) {
            text.truncate(text.trim_end().len());
            text.push_str("\n\n");
        }
        if tree.starts_paragraph || blocks.is_empty() {
            blocks.push(Block { kind: BlockKind::Paragraph, span: Span::new(text.len(), text.len()) });
        }
        let mut spans = Vec::with_capacity(tree.words.len());
        for token in &tree.tokens {
            let (start, end) = (text.len(), text.len() + token.form.len());
            text.push_str(&token.form);
            let words = tree.words.get(token.words.clone()).unwrap_or(&[]);
            let mut at = start;
            for (index, word) in words.iter().enumerate() {
                let stop =
                    if index + 1 == words.len() { end } else { boundary(&text, (at + word.form.len()).min(end)) };
                spans.push(Span::new(at, stop));
                at = stop;
            }
            if let Some(block) = blocks.last_mut() {
                block.span.end = end;
            }
            if !token.glued {
                text.push(' ');
            }
        }
        sentences.push(spans);
    }
    text.truncate(text.trim_end().len());
    let content_hash = blake3::hash(text.as_bytes()).to_hex().to_string();
    let language = Some("en".to_string());
    (Report { id: newdoc.id.clone(), text, blocks, content_hash, language, ..Report::default() }, sentences)
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Sentence, Token};

    const BANK: &str = "# newdoc id = d1\n# newpar\n# sent_id = d1-1\n# text = They didn't resist.\n\
        1\tThey\tthey\tPRON\t_\t_\t4\tnsubj\t_\t_\n\
        2-3\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_\n\
        2\tdid\tdo\tAUX\t_\t_\t4\taux\t_\t_\n\
        3\tn't\tnot\tPART\t_\t_\t4\tadvmod\t_\t_\n\
        4\tresist\tresist\tVERB\t_\t_\t0\troot\t_\tSpaceAfter=No\n\
        5\t.\t.\tPUNCT\t_\t_\t4\tpunct\t_\t_\n\n";

    /// The document whose words are those of the treebank.
    fn document(newdoc: &Newdoc) -> Document {
        let (report, sentences) = report(newdoc);
        let mut doc = Document { report, ..Document::default() };
        for (number, (tree, spans)) in newdoc.sentences.iter().zip(&sentences).enumerate() {
            let first = doc.tokens.len();
            for (word, &span) in tree.words.iter().zip(spans) {
                let upos =
                    ["PRON", "AUX", "PART", "VERB", "PUNCT"].into_iter().find(|&upos| upos == word.upos).unwrap();
                let deprel =
                    ["nsubj", "aux", "advmod", "root", "punct"].into_iter().find(|&rel| rel == word.deprel).unwrap();
                let head = word.head.map(|head| first + head);
                doc.tokens.push(Token { span, sentence: number, lemma: word.lemma.clone(), upos, head, deprel });
            }
            let span = spans[0].cover(spans[spans.len() - 1]);
            doc.sentences.push(Sentence { span, tokens: first..doc.tokens.len() });
        }
        doc
    }

    #[test]
    fn printing_what_was_read_gives_it_back() {
        let docs = read("bank", BANK).unwrap();
        assert_eq!(print(&document(&docs[0])), BANK);
    }

    #[test]
    fn paragraphs_are_separated_by_a_blank_line() {
        let two = format!("{BANK}{}", BANK.replace("# newdoc id = d1\n", ""));
        let docs = read("bank", &two).unwrap();
        let (report, _) = report(&docs[0]);
        assert_eq!(report.text, "They didn't resist.\n\nThey didn't resist.");
        assert_eq!(report.blocks[1].span.of(&report.text), "They didn't resist.");
    }

    #[test]
    fn words_that_do_not_spell_their_token_share_its_characters() {
        let words = ["want", "to"].map(|form| Word { form: form.into(), ..Word::default() });
        let token = Surface { form: "wanna".into(), words: 0..2, glued: false };
        let tree = Tree { tokens: vec![token], words: words.to_vec(), ..Tree::default() };
        let (report, spans) = report(&Newdoc { sentences: vec![tree], ..Newdoc::default() });
        assert_eq!(spans[0].iter().map(|span| span.of(&report.text)).collect::<Vec<_>>(), ["wann", "a"]);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let message = read("bank.conllu", "1\tThey\n").unwrap_err().to_string();
        assert_eq!(message, "bank.conllu, line 1: found 2 columns, expected ten, separated by tabs");
        assert!(
            read("b", &BANK.replace("\t4\tpunct", "\t9\tpunct"))
                .unwrap_err()
                .to_string()
                .contains("outside the sentence")
        );
    }
}
