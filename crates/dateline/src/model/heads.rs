//! The whole model: word pieces, encoder, and the heads that read sentences, syntax, names and events off its vectors.

use super::encoder::{Begins, Encoder, Scratch, Window};
use super::kernels::{combine, dot, gelu, sigmoid, softmax};
use super::lanes::Path;
use super::linear::{Linear, Quantised};
use super::tree::spanning_tree;
use super::weights::{Matrix, Weights};
use super::wordpiece::WordPiece;
use crate::{Error, Result};
use serde::Deserialize;
use std::ops::Range;

/// Pieces a window has at most, as in training.
pub const WINDOW_PIECES: usize = 320;
/// Head vectors whose label scores are worked out at once; bounds the memory of [`Model::parse`].
const LABEL_BLOCK: usize = 32;

/// The names of what the heads choose between, in the order of their outputs.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Universal parts of speech.
    pub upos: Vec<&'static str>,
    /// Universal dependency relations.
    pub deprel: Vec<&'static str>,
    /// Lemma edit rules.
    pub lemma: Vec<&'static str>,
    /// BIO labels of names.
    pub ner: Vec<&'static str>,
    /// Argument roles; the last, "same", links triggers of one event.
    pub roles: Vec<&'static str>,
    /// Event modes.
    pub modes: Vec<&'static str>,
    /// Themes of a report.
    pub themes: Vec<&'static str>,
    /// Every list of the label file by its key, those above included.
    pub all: Vec<(&'static str, Vec<&'static str>)>,
}

/// The encoder's output for one window.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowOutput {
    /// The window's own vector.
    pub cls: Vec<f32>,
    /// The word vectors, row after row.
    pub words: Vec<f32>,
}

/// A word's place in the tree of its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arc {
    /// Index of the head word in the window; `None` for the root of the sentence.
    pub head: Option<usize>,
    /// Index into [`Labels::deprel`].
    pub label: usize,
}

/// A table of scores: `columns` numbers a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Numbers a row has.
    pub columns: usize,
    /// All rows, one after another.
    pub values: Vec<f32>,
}

impl Table {
    /// Row `row`; empty past the end.
    pub fn row(&self, row: usize) -> &[f32] {
        self.values.get(row * self.columns..(row + 1) * self.columns).unwrap_or(&[])
    }

    /// All rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// The index of the greatest score of each row, the first of equals.
    pub fn best(&self) -> Vec<usize> {
        self.rows().map(greatest).collect()
    }

    fn map_rows(mut self, f: impl Fn(&mut [f32])) -> Self {
        self.values.chunks_exact_mut(self.columns.max(1)).for_each(f);
        self
    }
}

/// What the trigger head says of each word.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Triggers {
    /// Probabilities per word: column 0 no trigger, then the categories.
    pub scores: Table,
    /// The head's inner vector per word, which [`Model::status`] reads.
    pub hidden: Table,
}

/// Probabilities of one trigger's modes and status.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// One per mode, each on its own.
    pub modes: Vec<f32>,
    /// One per auxiliary (negation, future, hypothetical, historical), each on its own.
    pub aux: Vec<f32>,
    /// Certainty levels; they sum to 1.
    pub certainty: Vec<f32>,
    /// Bases of the statement; they sum to 1.
    pub basis: Vec<f32>,
}

/// Role probabilities of some triggers against all words of their window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roles {
    roles: usize,
    words: usize,
    values: Vec<f32>,
}

impl Roles {
    /// The probabilities that the window's words carry role `role` of the `trigger`th trigger asked about.
    pub fn words(&self, trigger: usize, role: usize) -> &[f32] {
        let at = (trigger * self.roles + role) * self.words;
        self.values.get(at..at + self.words).unwrap_or(&[])
    }
}

/// `score[r] = [x;1]ᵀ M[r] [y;1]` (or `[x;1]ᵀ M y`): a stack of matrices, rows flattened.
struct Biaffine {
    /// Matrices in the stack.
    count: usize,
    /// Rows of one matrix: inputs on the left, one for the constant included.
    left: usize,
    rows: Linear,
}

impl Biaffine {
    fn new(weights: &Weights, name: &str, left: usize, right: usize) -> Result<Self> {
        let rows = Linear::new(weights, name)?;
        if rows.inputs() != right || rows.outputs() == 0 || !rows.outputs().is_multiple_of(left) {
            return Err(weights.damaged(format!(
                "tensor {name}.q: {} x {} found, a multiple of {left} x {right} expected",
                rows.outputs(),
                rows.inputs()
            )));
        }
        Ok(Self { count: rows.outputs() / left, left, rows })
    }
}

/// A matrix as numbers, row after row.
fn numbers(matrix: &Matrix) -> Vec<f32> {
    let mut out = vec![0.0; matrix.rows * matrix.columns];
    out.chunks_exact_mut(matrix.columns).enumerate().for_each(|(row, out)| matrix.add_row(row, out));
    out
}

/// The model of one language.
pub struct Model {
    /// The names of the heads' outputs.
    pub labels: Labels,
    /// The vocabulary.
    pub pieces: WordPiece,
    encoder: Encoder,
    path: Path,
    sent: Linear,
    tag: Linear,
    lemma: Linear,
    ner: Linear,
    arc_word: Linear,
    arc_head: Linear,
    arcs: Biaffine,
    label_word: Linear,
    label_head: Linear,
    arc_labels: Biaffine,
    trigger1: Linear,
    /// What each hint of [`Model::hint`] adds to the first trigger layer, row after row; no rows in a model without hints.
    hints: Vec<f32>,
    trigger2: Linear,
    mode: Linear,
    aux: Linear,
    cert: Linear,
    basis: Linear,
    role_trigger: Linear,
    role_word: Linear,
    /// One matrix a role, as numbers: each trigger needs them all, each word only the result.
    roles: Vec<f32>,
    att: Linear,
    ctx: Linear,
}

impl Model {
    /// Builds a model from its three files: `model.bin`, `vocab.txt`, `labels.json`.
    ///
    /// # Errors
    /// [`Error::Data`] when a file is damaged or the three do not fit each other; the message says which and how.
    pub fn new(weights: &'static [u8], vocabulary: &'static str, labels: &str) -> Result<Self> {
        let weights = Weights::new("model.bin", weights)?;
        let pieces = WordPiece::new("vocab.txt", vocabulary)?;
        let labels = Labels::new("labels.json", labels)?;
        let encoder = Encoder::new(&weights)?;
        let hidden = encoder.hidden();
        if encoder.vocabulary() < pieces.len() {
            let (rows, lines) = (encoder.vocabulary(), pieces.len());
            return Err(weights.damaged(format!("tensor word.q: {rows} rows found for the {lines} lines of vocab.txt")));
        }
        let linear = |name: &str, inputs: usize, outputs: Option<usize>| -> Result<Linear> {
            let found = Linear::new(&weights, name)?;
            if found.inputs() != inputs || outputs.is_some_and(|n| n != found.outputs()) {
                let wanted = outputs.map_or("any".to_owned(), |n| n.to_string());
                let (rows, columns) = (found.outputs(), found.inputs());
                return Err(
                    weights.damaged(format!("tensor {name}.q: {rows} x {columns} found, {wanted} x {inputs} expected"))
                );
            }
            Ok(found)
        };
        let word = |name: &str, outputs: Option<usize>| linear(name, hidden, outputs);
        let arc_word = word("ad", None)?;
        let arc_head = word("ah", None)?;
        let arcs = Biaffine::new(&weights, "U", arc_word.outputs() + 1, arc_head.outputs())?;
        let label_word = word("ld", None)?;
        let label_head = word("lh", None)?;
        let arc_labels = Biaffine::new(&weights, "V", label_word.outputs() + 1, label_head.outputs() + 1)?;
        let trigger1 = word("trig1", None)?;
        let inner = trigger1.outputs();
        let hints = match labels.list("hints") {
            [] => Vec::new(),
            names => {
                let rows = Linear::new(&weights, "hint")?;
                if (rows.outputs(), rows.inputs()) != (names.len(), inner) {
                    return Err(weights.damaged(format!(
                        "tensor hint.q: {} x {} found, {} x {inner} expected",
                        rows.outputs(),
                        rows.inputs(),
                        names.len()
                    )));
                }
                numbers(rows.matrix())
            }
        };
        let role_trigger = word("argt", None)?;
        let role_word = word("arga", None)?;
        let roles = Biaffine::new(&weights, "A", role_trigger.outputs() + 1, role_word.outputs() + 1)?;
        for (name, found, wanted) in
            [("U", arcs.count, 1), ("V", arc_labels.count, labels.deprel.len()), ("A", roles.count, labels.roles.len())]
        {
            if found != wanted {
                return Err(weights.damaged(format!("tensor {name}.q: {found} matrices found, {wanted} expected")));
            }
        }
        Ok(Self {
            path: Path::best(),
            sent: word("sent", Some(2))?,
            tag: word("tag", Some(labels.upos.len()))?,
            lemma: word("lemma", Some(labels.lemma.len()))?,
            ner: word("ner", Some(labels.ner.len()))?,
            att: word("att", Some(6))?,
            ctx: word("ctx", Some(labels.themes.len()))?,
            trigger2: linear("trig2", inner, None)?,
            mode: linear("mode", inner, Some(labels.modes.len()))?,
            aux: linear("aux", inner, None)?,
            cert: linear("cert", inner, None)?,
            basis: linear("basis", inner, None)?,
            labels,
            pieces,
            encoder,
            arc_word,
            arc_head,
            arcs,
            label_word,
            label_head,
            arc_labels,
            trigger1,
            hints,
            role_trigger,
            role_word,
            roles: numbers(roles.rows.matrix()),
        })
    }

    /// The same model on another path.
    #[cfg(test)]
    pub(crate) fn on(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// Numbers a vector has.
    pub fn hidden(&self) -> usize {
        self.encoder.hidden()
    }

    /// Cuts a report's words into windows: runs of whole paragraphs of at most [`WINDOW_PIECES`] pieces, each with the
    /// range of words it holds. A paragraph that is longer alone is cut after the last word ending in ".", "!" or "?"
    /// of each window's second half, or else where the window is full. No words, no windows.
    pub fn windows<'t>(&self, words: impl IntoIterator<Item = (&'t str, Begins)>) -> Vec<(Range<usize>, Window)> {
        let words: Vec<(&str, Begins)> = words.into_iter().collect();
        let most = WINDOW_PIECES.min(self.encoder.positions());
        let mut windows = Vec::new();
        let mut start = 0;
        while start < words.len() {
            let mut window = Window::new(&self.pieces, most);
            let fitting = words[start..].iter().take_while(|(word, begins)| window.push(&self.pieces, word, *begins));
            let full = start + fitting.count();
            let mut end = full;
            if full < words.len() {
                end = self.cut(&words, start, full);
                window.truncate(end - start);
            }
            windows.push((start..end, window));
            start = end;
        }
        windows
    }

    /// Where the window that could hold the words `start..full` should end.
    fn cut(&self, words: &[(&str, Begins)], start: usize, full: usize) -> usize {
        if let Some(paragraph) = (start + 1..=full).rev().find(|&i| words[i].1 != Begins::Nothing) {
            return paragraph;
        }
        let ends = |i: &usize| words[i - 1].0.ends_with(['.', '!', '?']);
        (start + (full - start).div_ceil(2)..=full).rev().filter(|&i| i > start).find(ends).unwrap_or(full)
    }

    /// Encodes windows. Each output is the same bit for bit in any company and order.
    pub fn words(&self, windows: &[Window]) -> Vec<WindowOutput> {
        let encoded = self.encoder.encode(self.path, windows, &mut Scratch::default());
        let output = |i| WindowOutput { cls: encoded.cls(i).to_vec(), words: encoded.words(i).to_vec() };
        (0..windows.len()).map(output).collect()
    }

    /// For each word the probability that it begins a sentence.
    pub fn sentence_starts(&self, window: &WindowOutput) -> Vec<f32> {
        self.apply(&self.sent, &window.words).map_rows(|row| softmax(self.path, row)).rows().map(|row| row[1]).collect()
    }

    /// For each word the scores of the parts of speech ([`Labels::upos`]).
    pub fn upos(&self, window: &WindowOutput) -> Table {
        self.apply(&self.tag, &window.words)
    }

    /// For each word the scores of the lemma rules ([`Labels::lemma`]).
    pub fn lemma_rules(&self, window: &WindowOutput) -> Table {
        self.apply(&self.lemma, &window.words)
    }

    /// For each word the scores of the name labels ([`Labels::ner`]).
    pub fn ner(&self, window: &WindowOutput) -> Table {
        self.apply(&self.ner, &window.words)
    }

    /// The dependency tree of each of the given sentences (ranges of the window's words), one arc per word, in order.
    /// Ranges are cut to the window; heads stay inside their sentence.
    pub fn parse(&self, window: &WindowOutput, sentences: &[Range<usize>]) -> Vec<Vec<Arc>> {
        let words = window.words.len() / self.hidden();
        let rooted: Vec<f32> = window.cls.iter().chain(&window.words).copied().collect();
        let dependents = self.curved(&self.arc_word, &window.words);
        let heads = self.curved(&self.arc_head, &rooted);
        // One row a possible head, `[U h_j]`; a word's score against it is one dot product.
        let reach = self.apply(&self.arcs.rows, &heads.values);
        let label_dependents = self.curved(&self.label_word, &window.words);
        let label_heads = self.curved(&self.label_head, &rooted);
        let mut work = LabelWork::default();
        let parse = |range: &Range<usize>| {
            let range = range.start.min(words)..range.end.clamp(range.start.min(words), words);
            let n = range.len();
            let mut scores = Vec::with_capacity(n * (n + 1));
            for i in range.clone() {
                for j in std::iter::once(0).chain(range.clone().map(|j| j + 1)) {
                    scores.push(dot_one(dependents.row(i), reach.row(j)));
                }
            }
            let heads = spanning_tree(&scores, n);
            let heads: Vec<Option<usize>> = heads.iter().map(|&j| j.checked_sub(1).map(|j| range.start + j)).collect();
            let labels = self.arc_labels(range.start, &heads, &label_dependents, &label_heads, &mut work);
            heads.into_iter().zip(labels).map(|(head, label)| Arc { head, label }).collect()
        };
        sentences.iter().map(parse).collect()
    }

    /// The relation of each word of a sentence that begins at `start` to its head.
    fn arc_labels(
        &self,
        start: usize,
        heads: &[Option<usize>],
        dependents: &Table,
        label_heads: &Table,
        work: &mut LabelWork,
    ) -> Vec<usize> {
        // Words that share a head share the costly half of the product.
        let row = |head: &Option<usize>| head.map_or(0, |h| h + 1);
        let mut rows: Vec<usize> = heads.iter().map(row).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut labels = vec![0; heads.len()];
        for block in rows.chunks(LABEL_BLOCK) {
            work.x.clear();
            for &row in block {
                work.x.extend_from_slice(label_heads.row(row));
                work.x.push(1.0);
            }
            self.arc_labels.rows.apply(self.path, &work.x, &mut work.quantised, &mut work.products);
            for (n, head) in heads.iter().enumerate() {
                let Ok(at) = block.binary_search(&row(head)) else { continue };
                let products = &work.products[at * self.arc_labels.rows.outputs()..];
                let scores = products.chunks_exact(self.arc_labels.left).take(self.arc_labels.count);
                let scores: Vec<f32> = scores.map(|line| dot_one(dependents.row(start + n), line)).collect();
                labels[n] = greatest(&scores);
            }
        }
        labels
    }

    /// The number of the hint of that name for [`Model::triggers`]; `None` where the model was not trained with it.
    pub fn hint(&self, name: &str) -> Option<usize> {
        self.labels.list("hints").iter().position(|n| *n == name)
    }

    /// For each word the probabilities of being a trigger of each category, and what [`Model::status`] needs. `hints` are
    /// (word, hint) pairs.
    pub fn triggers(&self, window: &WindowOutput, hints: &[(usize, usize)]) -> Triggers {
        let mut hidden = self.apply(&self.trigger1, &window.words);
        let columns = hidden.columns;
        for &(word, hint) in hints {
            let added = self.hints.get(hint * columns..(hint + 1) * columns);
            let row = hidden.values.get_mut(word * columns..(word + 1) * columns);
            if let (Some(row), Some(added)) = (row, added) {
                row.iter_mut().zip(added).for_each(|(x, a)| *x += a);
            }
        }
        gelu(self.path, &mut hidden.values);
        Triggers { scores: self.apply(&self.trigger2, &hidden.values).map_rows(|row| softmax(self.path, row)), hidden }
    }

    /// Modes, auxiliaries, certainty and basis of the triggers at the given words; words past the end are left out.
    pub fn status(&self, triggers: &Triggers, words: &[usize]) -> Vec<Status> {
        let rows: Vec<f32> = words.iter().flat_map(|&w| triggers.hidden.row(w)).copied().collect();
        let each = |head: &Linear| self.apply(head, &rows).map_rows(|row| sigmoid(self.path, row));
        let one = |head: &Linear| self.apply(head, &rows).map_rows(|row| softmax(self.path, row));
        let (modes, aux, certainty, basis) = (each(&self.mode), each(&self.aux), one(&self.cert), one(&self.basis));
        let status = |i| Status {
            modes: modes.row(i).to_vec(),
            aux: aux.row(i).to_vec(),
            certainty: certainty.row(i).to_vec(),
            basis: basis.row(i).to_vec(),
        };
        (0..rows.len() / triggers.hidden.columns.max(1)).map(status).collect()
    }

    /// Role probabilities of the triggers at the given words against every word of the window; a trigger past the end
    /// scores nothing.
    pub fn roles(&self, window: &WindowOutput, triggers: &[usize]) -> Roles {
        let hidden = self.hidden();
        let words = window.words.len() / hidden;
        let mut roles = Roles { roles: self.labels.roles.len(), words, values: Vec::new() };
        let arguments = self.curved(&self.role_word, &window.words);
        let columns = arguments.columns + 1;
        // One row a dimension, so that the words lie side by side; the last is the constant.
        let mut table = vec![1.0; columns * words];
        for (w, row) in arguments.rows().enumerate() {
            for (d, &v) in row.iter().enumerate() {
                table[d * words + w] = v;
            }
        }
        let (mut line, mut scores) = (vec![0.0; columns], vec![0.0; words]);
        for &trigger in triggers {
            let Some(vector) = window.words.get(trigger * hidden..(trigger + 1) * hidden) else {
                roles.values.resize(roles.values.len() + roles.roles * words, 0.0);
                continue;
            };
            let mut left = self.curved(&self.role_trigger, vector).values;
            left.push(1.0);
            for matrix in self.roles.chunks_exact(left.len() * columns) {
                combine(self.path, &left, matrix, &mut line);
                combine(self.path, &line, &table, &mut scores);
                sigmoid(self.path, &mut scores);
                roles.values.extend_from_slice(&scores);
            }
        }
        roles
    }

    /// The probabilities of a window's themes ([`Labels::themes`]).
    pub fn themes(&self, window: &WindowOutput) -> Vec<f32> {
        self.apply(&self.ctx, &window.cls).map_rows(|row| sigmoid(self.path, row)).values
    }

    /// For each word the probabilities that it lies in the source, the cue, the content of an attribution, and that it
    /// begins one of these.
    pub fn attribution(&self, window: &WindowOutput) -> Table {
        self.apply(&self.att, &window.words).map_rows(|row| sigmoid(self.path, row))
    }

    fn apply(&self, head: &Linear, x: &[f32]) -> Table {
        let mut values = Vec::new();
        head.apply(self.path, x, &mut Quantised::default(), &mut values);
        Table { columns: head.outputs(), values }
    }

    fn curved(&self, head: &Linear, x: &[f32]) -> Table {
        let mut table = self.apply(head, x);
        gelu(self.path, &mut table.values);
        table
    }
}

/// Buffers of [`Model::arc_labels`].
#[derive(Default)]
struct LabelWork {
    x: Vec<f32>,
    quantised: Quantised,
    products: Vec<f32>,
}

/// `[x;1] · y`.
fn dot_one(x: &[f32], y: &[f32]) -> f32 {
    dot(x, y) + y.get(x.len()).copied().unwrap_or(0.0)
}

/// The index of the greatest, the first of equals; 0 for none.
fn greatest(row: &[f32]) -> usize {
    let better = |best: usize, (i, v): (usize, &f32)| if *v > row[best] { i } else { best };
    row.iter().enumerate().fold(0, better)
}

impl Labels {
    /// Reads the label file: an object of lists of strings.
    ///
    /// # Errors
    /// [`Error::Data`] when it is not such an object or one of the lists the heads need is missing.
    pub fn new(name: &str, json: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Entry {
            List(Vec<String>),
            Other(serde::de::IgnoredAny),
        }
        let damaged = |message: String| Error::Data { name: name.to_owned(), message };
        let raw: std::collections::BTreeMap<String, Entry> =
            serde_json::from_str(json).map_err(|e| damaged(format!("an object of lists of labels expected ({e})")))?;
        // Labels live as long as the program, like the model itself, so that tokens can hold them for free.
        let keep = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let all: Vec<(&'static str, Vec<&'static str>)> = raw
            .into_iter()
            .filter_map(|(key, entry)| match entry {
                Entry::List(list) => Some((keep(key), list.into_iter().map(keep).collect())),
                Entry::Other(_) => None,
            })
            .collect();
        let list = |key: &str| {
            let found = all.iter().find(|(k, _)| *k == key).map(|(_, list)| list.clone());
            found.ok_or_else(|| damaged(format!("no list \"{key}\" found; model and program differ")))
        };
        Ok(Self {
            upos: list("upos")?,
            deprel: list("deprel")?,
            lemma: list("lemma")?,
            ner: list("ner")?,
            roles: list("roles")?,
            modes: list("modes")?,
            themes: list("themes")?,
            all,
        })
    }

    /// Any list of the label file by its key; empty where there is none.
    pub fn list(&self, key: &str) -> &[&'static str] {
        self.all.iter().find(|(k, _)| *k == key).map_or(&[], |(_, list)| list)
    }
}
