//! Parses against treebanks, as the CoNLL 2018 shared task counts them: words are aligned by their characters, so that parses of
//! raw text can be scored too (Zeman et al. 2018, "CoNLL 2018 Shared Task", section 5).

use super::{Prf, Tally};
use crate::export::conllu::{Newdoc, Tree};
use std::ops::Range;

/// The figures of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct SyntaxScores {
    /// Tokens as they stand in the text.
    pub tokens: Prf,
    /// Sentences with both ends right.
    pub sentences: Prf,
    /// Syntactic words.
    pub words: Prf,
    /// Words with the right universal part of speech.
    pub upos: Prf,
    /// Words with the right lemma, where the gold has one.
    pub lemmas: Prf,
    /// Words that depend on the right word.
    pub uas: Prf,
    /// Words that depend on the right word by the right relation, subtypes aside.
    pub las: Prf,
}

/// Counts to which documents are added.
#[derive(Debug, Clone, Default)]
pub struct SyntaxTally {
    tokens: Tally,
    sentences: Tally,
    words: Tally,
    upos: Tally,
    lemmas: Tally,
    uas: Tally,
    las: Tally,
}

impl SyntaxTally {
    /// Adds one document. Returns whether both have the same characters, white space aside; where they have not, nothing is added.
    pub fn add(&mut self, gold: &Newdoc, system: &[Tree]) -> bool {
        let (gold, system) = (Flat::new(&gold.sentences), Flat::new(system));
        if gold.chars != system.chars {
            return false;
        }
        let count = |correct: usize, gold: usize, system: usize| (correct, system - correct, gold - correct);
        let spans =
            |gold: &[Range<usize>], system: &[Range<usize>]| count(same_spans(gold, system), gold.len(), system.len());
        self.tokens.add(spans(&gold.tokens, &system.tokens));
        self.sentences.add(spans(&gold.sentences, &system.sentences));

        let pairs = align(&gold.words, &system.words);
        let mut gold_of = vec![None; system.words.len()];
        for &(g, s) in &pairs {
            gold_of[s] = Some(g);
        }
        let same_head = |g: &FlatWord, s: &FlatWord| match (g.head, s.head) {
            (None, None) => true,
            (Some(g), Some(s)) => gold_of.get(s).copied().flatten() == Some(g),
            _ => false,
        };
        let correct = |right: &dyn Fn(&FlatWord, &FlatWord) -> bool| {
            let correct = pairs.iter().filter(|&&(g, s)| right(&gold.words[g], &system.words[s])).count();
            count(correct, gold.words.len(), system.words.len())
        };
        self.words.add(correct(&|_, _| true));
        self.upos.add(correct(&|g, s| g.upos == s.upos));
        self.lemmas.add(correct(&|g, s| g.lemma == "_" || g.lemma == s.lemma));
        self.uas.add(correct(&same_head));
        self.las.add(correct(&|g, s| same_head(g, s) && relation(g.deprel) == relation(s.deprel)));
        true
    }

    /// The figures.
    pub fn scores(&self) -> SyntaxScores {
        SyntaxScores {
            tokens: self.tokens.prf(),
            sentences: self.sentences.prf(),
            words: self.words.prf(),
            upos: self.upos.prf(),
            lemmas: self.lemmas.prf(),
            uas: self.uas.prf(),
            las: self.las.prf(),
        }
    }
}

fn relation(deprel: &str) -> &str {
    deprel.split(':').next().unwrap_or(deprel)
}

/// A word with its place among the characters of its document.
struct FlatWord<'t> {
    span: Range<usize>,
    /// Whether its token has several words; its span is then the token's.
    multiword: bool,
    form: String,
    lemma: &'t str,
    upos: &'t str,
    deprel: &'t str,
    head: Option<usize>,
}

/// A document as one run of characters without white space.
#[derive(Default)]
struct Flat<'t> {
    chars: Vec<char>,
    tokens: Vec<Range<usize>>,
    sentences: Vec<Range<usize>>,
    words: Vec<FlatWord<'t>>,
}

impl<'t> Flat<'t> {
    fn new(trees: &'t [Tree]) -> Self {
        let mut flat = Flat::default();
        for tree in trees {
            let (sentence_start, first_word) = (flat.chars.len(), flat.words.len());
            for token in &tree.tokens {
                let start = flat.chars.len();
                flat.chars.extend(token.form.chars().filter(|c| !c.is_whitespace()));
                let span = start..flat.chars.len();
                for word in tree.words.get(token.words.clone()).unwrap_or(&[]) {
                    flat.words.push(FlatWord {
                        span: span.clone(),
                        multiword: token.words.len() > 1,
                        form: word.form.to_lowercase(),
                        lemma: &word.lemma,
                        upos: &word.upos,
                        deprel: &word.deprel,
                        head: word.head.map(|head| first_word + head),
                    });
                }
                flat.tokens.push(span);
            }
            flat.sentences.push(sentence_start..flat.chars.len());
        }
        flat
    }
}

fn same_spans(gold: &[Range<usize>], system: &[Range<usize>]) -> usize {
    let (mut g, mut s, mut same) = (0, 0, 0);
    while g < gold.len() && s < system.len() {
        match gold[g].start.cmp(&system[s].start) {
            std::cmp::Ordering::Greater => s += 1,
            std::cmp::Ordering::Less => g += 1,
            std::cmp::Ordering::Equal => {
                same += usize::from(gold[g].end == system[s].end);
                (g, s) = (g + 1, s + 1);
            }
        }
    }
    same
}

/// Pairs of the words that are the same: by their spans or, in stretches with tokens of several words, by their forms.
fn align(gold: &[FlatWord], system: &[FlatWord]) -> Vec<(usize, usize)> {
    let (mut g, mut s, mut pairs) = (0, 0, Vec::new());
    while g < gold.len() && s < system.len() {
        if gold[g].multiword || system[s].multiword {
            let (first_g, first_s);
            (first_g, first_s, g, s) = multiword_stretch(gold, system, g, s);
            align_forms(gold, system, first_g..g, first_s..s, &mut pairs);
        } else if gold[g].span == system[s].span {
            pairs.push((g, s));
            (g, s) = (g + 1, s + 1);
        } else if gold[g].span.start <= system[s].span.start {
            g += 1;
        } else {
            s += 1;
        }
    }
    pairs
}

/// The smallest stretch around a token of several words that begins and ends with whole tokens on both sides.
fn multiword_stretch(
    gold: &[FlatWord],
    system: &[FlatWord],
    mut g: usize,
    mut s: usize,
) -> (usize, usize, usize, usize) {
    let mut end;
    if gold[g].multiword {
        end = gold[g].span.end;
        if !system[s].multiword && system[s].span.start < gold[g].span.start {
            s += 1;
        }
    } else {
        end = system[s].span.end;
        if !gold[g].multiword && gold[g].span.start < system[s].span.start {
            g += 1;
        }
    }
    let (first_g, first_s) = (g, s);
    let beyond = |words: &[FlatWord], i: usize, end: usize| match words.get(i) {
        None => true,
        Some(word) if word.multiword => word.span.start >= end,
        Some(word) => word.span.end > end,
    };
    while !beyond(gold, g, end) || !beyond(system, s, end) {
        let take_gold = g < gold.len() && (s >= system.len() || gold[g].span.start <= system[s].span.start);
        let word = if take_gold { &gold[g] } else { &system[s] };
        if word.multiword {
            end = end.max(word.span.end);
        }
        if take_gold { g += 1 } else { s += 1 }
    }
    (first_g, first_s, g, s)
}

/// Pairs the longest common subsequence of forms.
fn align_forms(
    gold: &[FlatWord],
    system: &[FlatWord],
    g: Range<usize>,
    s: Range<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let (rows, columns) = (g.len(), s.len());
    let mut longest = vec![vec![0; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            let same = gold[g.start + i].form == system[s.start + j].form;
            let skipped = longest[i + 1][j].max(longest[i][j + 1]);
            longest[i][j] = if same { skipped.max(1 + longest[i + 1][j + 1]) } else { skipped };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < rows && j < columns {
        if gold[g.start + i].form == system[s.start + j].form {
            pairs.push((g.start + i, s.start + j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i][j] == longest[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::conllu::read;

    const GOLD: &str = "1\tPolice\tpolice\tNOUN\t_\t_\t2\tnsubj\t_\t_\n2\traided\traid\tVERB\t_\t_\t0\troot\t_\t_\n\
        3-4\tAli's\t_\t_\t_\t_\t_\t_\t_\t_\n3\tAli\tAli\tPROPN\t_\t_\t5\tnmod:poss\t_\t_\n4\t's\t's\tPART\t_\t_\t3\tcase\t_\t_\n\
        5\thome\thome\tNOUN\t_\t_\t2\tobj\t_\tSpaceAfter=No\n6\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_\n\n";

    fn scores(system: &str) -> SyntaxScores {
        let (gold, system) = (read("gold", GOLD).unwrap(), read("system", system).unwrap());
        let mut tally = SyntaxTally::default();
        assert!(tally.add(&gold[0], &system[0].sentences));
        tally.scores()
    }

    #[test]
    fn the_gold_itself_scores_one() {
        let all = scores(GOLD);
        for prf in [all.tokens, all.sentences, all.words, all.upos, all.lemmas, all.uas, all.las] {
            assert_eq!(prf.f1, 1.0);
        }
    }

    #[test]
    fn a_subtype_is_not_counted_but_a_relation_and_a_head_are() {
        assert_eq!(scores(&GOLD.replace("nmod:poss", "nmod")).las.f1, 1.0);
        let wrong_relation = scores(&GOLD.replace("\tobj\t", "\tobl\t"));
        assert_eq!((wrong_relation.uas.f1, wrong_relation.las.f1), (1.0, 5.0 / 6.0));
        assert_eq!(scores(&GOLD.replace("5\tnmod", "2\tnmod")).uas.f1, 5.0 / 6.0);
    }

    #[test]
    fn words_of_a_token_are_aligned_where_the_system_has_them_apart() {
        let apart = GOLD
            .replace("3-4\tAli's\t_\t_\t_\t_\t_\t_\t_\t_\n", "")
            .replace("nmod:poss\t_\t_", "nmod:poss\t_\tSpaceAfter=No");
        let all = scores(&apart);
        assert_eq!((all.words.f1, all.las.f1), (1.0, 1.0));
        assert_eq!(all.tokens.precision, 4.0 / 6.0);
        assert_eq!(all.tokens.recall, 4.0 / 5.0);
    }

    #[test]
    fn other_characters_are_refused() {
        let (gold, system) = (read("gold", GOLD).unwrap(), read("system", &GOLD.replace("home", "house")).unwrap());
        assert!(!SyntaxTally::default().add(&gold[0], &system[0].sentences));
    }
}
