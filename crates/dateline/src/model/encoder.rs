//! The encoder: windows of word pieces in, one vector a word and one a window out.
//!
//! BERT, post-layer-norm, with learned embeddings of word shape and of line breaks added to those of piece and
//! position. Windows lie one after another without padding; a window sees nothing but itself.

use super::kernels::{add_norm, attention, gelu};
use super::lanes::Path;
use super::linear::{Linear, Quantised};
use super::weights::{Matrix, Weights};
use super::wordpiece::{WordPiece, shape};
use crate::Result;

/// Pieces encoded in one go: enough to read the weights rarely, few enough to stay in the cache.
const BATCH: usize = 512;
/// Rows that pass through a feed-forward layer together.
const BLOCK: usize = 96;
/// Shape of pieces that do not begin a word.
const INSIDE: u8 = 9;
/// Shapes and breaks the embeddings must have.
const SHAPES: usize = 10;
const BREAKS: usize = 3;

/// What a word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begins {
    /// Nothing: it follows other words of its paragraph.
    #[default]
    Nothing = 0,
    /// A paragraph or line of the report.
    Paragraph = 1,
    /// The title, the report's first line.
    Title = 2,
}

/// A run of words as the encoder takes it: pieces with their shapes and breaks.
#[derive(Debug, Clone)]
pub struct Window {
    ids: Vec<u32>,
    shapes: Vec<u8>,
    breaks: Vec<u8>,
    /// Index of each word's first piece.
    firsts: Vec<u32>,
    end: u32,
    most: usize,
}

impl Window {
    /// An empty window for at most `most` pieces, counting the two that begin and end it.
    pub fn new(pieces: &WordPiece, most: usize) -> Self {
        let begin = vec![pieces.begin()];
        Self { ids: begin, shapes: vec![0], breaks: vec![0], firsts: Vec::new(), end: pieces.end(), most }
    }

    /// Appends a word, or returns false and leaves the window as it is when the word does not fit any more. The first
    /// word always fits.
    pub fn push(&mut self, pieces: &WordPiece, word: &str, begins: Begins) -> bool {
        let first = self.ids.len();
        pieces.pieces(word, &mut self.ids);
        if self.ids.len() + 1 > self.most && !self.firsts.is_empty() {
            self.ids.truncate(first);
            return false;
        }
        self.firsts.push(first as u32);
        self.shapes.push(shape(word));
        self.shapes.resize(self.ids.len(), INSIDE);
        self.breaks.push(begins as u8);
        self.breaks.resize(self.ids.len(), 0);
        true
    }

    /// Drops all words but the first `words`.
    pub fn truncate(&mut self, words: usize) {
        if let Some(&first) = self.firsts.get(words) {
            self.firsts.truncate(words);
            self.ids.truncate(first as usize);
            self.shapes.truncate(first as usize);
            self.breaks.truncate(first as usize);
        }
    }

    /// How many words it holds.
    pub fn words(&self) -> usize {
        self.firsts.len()
    }

    /// How many pieces it holds, with the two that begin and end it.
    pub fn pieces(&self) -> usize {
        self.ids.len() + 1
    }
}

/// The encoder's output for a list of windows.
#[derive(Debug, Clone, Default)]
pub struct Encoded {
    /// Numbers a vector has.
    pub hidden: usize,
    /// For each window its own vector, then one vector a word.
    vectors: Vec<f32>,
    /// Where each window's vectors begin in `vectors`, counted in vectors, and the end.
    starts: Vec<usize>,
}

impl Encoded {
    /// How many windows there are.
    pub fn windows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The vector of window `window`.
    pub fn cls(&self, window: usize) -> &[f32] {
        let at = self.starts[window] * self.hidden;
        &self.vectors[at..at + self.hidden]
    }

    /// The word vectors of window `window`, row after row.
    pub fn words(&self, window: usize) -> &[f32] {
        &self.vectors[(self.starts[window] + 1) * self.hidden..self.starts[window + 1] * self.hidden]
    }
}

/// Buffers of the forward pass, reused from batch to batch.
#[derive(Default)]
pub struct Scratch {
    x: Vec<f32>,
    qkv: Vec<f32>,
    context: Vec<f32>,
    delta: Vec<f32>,
    inner: Vec<f32>,
    attention: Vec<f32>,
    quantised: Quantised,
    wide: Quantised,
}

/// Weight and bias of a layer norm.
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

struct Layer {
    qkv: Linear,
    o: Linear,
    norm1: Norm,
    i: Linear,
    f: Linear,
    norm2: Norm,
}

/// The encoder's weights.
pub struct Encoder {
    word: Matrix,
    position: Vec<f32>,
    shape: Vec<f32>,
    breaks: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
    hidden: usize,
}

impl Encoder {
    /// Reads the encoder's tensors; sizes come from the tensors, heads have 32 numbers each.
    ///
    /// # Errors
    /// [`crate::Error::Data`] when tensors are missing or do not fit each other.
    pub fn new(weights: &Weights) -> Result<Self> {
        let word = weights.matrix("word")?;
        let hidden = word.columns;
        if !hidden.is_multiple_of(32) {
            return Err(weights.damaged(format!("tensor word.q: {hidden} columns found, a multiple of 32 expected")));
        }
        let (shape, position) = weights.floats("pos")?;
        if shape.last() != Some(&hidden) || position.len() < 8 * hidden {
            return Err(weights.damaged(format!("tensor pos: shape {shape:?} found, rows of {hidden} expected")));
        }
        let norm = |name: &str| -> Result<Norm> {
            let weight = weights.vector(&format!("{name}.w"), hidden)?;
            Ok(Norm { weight, bias: weights.vector(&format!("{name}.b"), hidden)? })
        };
        let layer = |n: usize| -> Result<Layer> {
            let linear = |name: &str| Linear::new(weights, &format!("layers.{n}.{name}"));
            let layer = Layer {
                qkv: linear("qkv")?,
                o: linear("o")?,
                norm1: norm(&format!("layers.{n}.l1"))?,
                i: linear("i")?,
                f: linear("f")?,
                norm2: norm(&format!("layers.{n}.l2"))?,
            };
            let found = [&layer.qkv, &layer.o, &layer.i, &layer.f].map(|l| (l.inputs(), l.outputs()));
            let inner = layer.i.outputs();
            let wanted = [(hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden)];
            if found == wanted {
                Ok(layer)
            } else {
                Err(weights.damaged(format!("layer {n}: inputs and outputs {found:?} found, {wanted:?} expected")))
            }
        };
        let count = (0..).take_while(|n| weights.has(&format!("layers.{n}.qkv.q"))).count();
        if count == 0 {
            return Err(weights.damaged("no tensor layers.0.qkv.q; model and program differ".to_owned()));
        }
        Ok(Self {
            position,
            shape: weights.vector("shape", SHAPES * hidden)?,
            breaks: weights.vector("brk", BREAKS * hidden)?,
            norm: norm("ln")?,
            layers: (0..count).map(layer).collect::<Result<_>>()?,
            heads: hidden / 32,
            hidden,
            word,
        })
    }

    /// Numbers a vector has.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// How many positions it knows; later pieces all get the last one.
    pub fn positions(&self) -> usize {
        self.position.len() / self.hidden
    }

    /// How many pieces the vocabulary must have.
    pub fn vocabulary(&self) -> usize {
        self.word.rows
    }

    /// Encodes `windows`. A window's vectors are the same bit for bit whatever it is encoded with.
    pub fn encode(&self, path: Path, windows: &[Window], scratch: &mut Scratch) -> Encoded {
        let mut starts = vec![0];
        for window in windows {
            starts.push(starts[starts.len() - 1] + window.words() + 1);
        }
        let vectors = Vec::with_capacity(starts[windows.len()] * self.hidden);
        let mut encoded = Encoded { hidden: self.hidden, vectors, starts };
        let mut rest = windows;
        while let Some(first) = rest.first() {
            let mut pieces = first.pieces();
            let more = rest[1..].iter().take_while(|window| {
                pieces += window.pieces();
                pieces <= BATCH
            });
            let (batch, later) = rest.split_at(1 + more.count());
            self.batch(path, batch, scratch);
            encoded.vectors.extend_from_slice(&scratch.x);
            rest = later;
        }
        encoded
    }

    /// Leaves the vectors of `windows` in `scratch.x`: the window's, then its words'.
    fn batch(&self, path: Path, windows: &[Window], scratch: &mut Scratch) {
        let hidden = self.hidden;
        self.embed(path, windows, scratch);
        for (n, layer) in self.layers.iter().enumerate() {
            scratch.quantised.fill(path, &scratch.x, hidden);
            let rows = scratch.quantised.rows();
            scratch.qkv.resize(rows * 3 * hidden, 0.0);
            layer.qkv.product(path, &scratch.quantised, 0..rows, &mut scratch.qkv);
            scratch.context.resize(rows * hidden, 0.0);
            let mut from = 0;
            for window in windows {
                let to = from + window.pieces();
                let out = &mut scratch.context[from * hidden..to * hidden];
                attention(
                    path,
                    &scratch.qkv[from * 3 * hidden..to * 3 * hidden],
                    hidden,
                    self.heads,
                    &mut scratch.attention,
                    out,
                );
                from = to;
            }
            if n + 1 == self.layers.len() {
                keep_firsts(windows, hidden, &mut scratch.x);
                keep_firsts(windows, hidden, &mut scratch.context);
            }
            layer.finish(path, hidden, scratch);
        }
    }

    fn embed(&self, path: Path, windows: &[Window], scratch: &mut Scratch) {
        let hidden = self.hidden;
        let rows: usize = windows.iter().map(Window::pieces).sum();
        scratch.x.clear();
        scratch.x.resize(rows * hidden, 0.0);
        let zeros = vec![0.0; hidden];
        let mut x = scratch.x.chunks_exact_mut(hidden);
        for window in windows {
            let ids = window.ids.iter().copied().chain([window.end]);
            let shapes = window.shapes.iter().copied().chain([0]);
            let breaks = window.breaks.iter().copied().chain([0]);
            for (i, (((id, shape), brk), row)) in ids.zip(shapes).zip(breaks).zip(&mut x).enumerate() {
                let position = i.min(self.positions() - 1);
                row.copy_from_slice(&self.position[position * hidden..][..hidden]);
                add(row, &self.shape[usize::from(shape) * hidden..]);
                add(row, &self.breaks[usize::from(brk) * hidden..]);
                self.word.add_row(id as usize, row);
                add_norm(path, row, &zeros, &self.norm.weight, &self.norm.bias);
            }
        }
    }
}

impl Layer {
    /// From the attention's output to the layer's: `scratch.context` and `scratch.x` in, `scratch.x` out.
    fn finish(&self, path: Path, hidden: usize, scratch: &mut Scratch) {
        let Scratch { x, context, delta, inner, quantised, wide, .. } = scratch;
        let norm = |x: &mut [f32], delta: &[f32], norm: &Norm| {
            for (row, delta) in x.chunks_exact_mut(hidden).zip(delta.chunks_exact(hidden)) {
                add_norm(path, row, delta, &norm.weight, &norm.bias);
            }
        };
        for (x, context) in x.chunks_mut(BLOCK * hidden).zip(context.chunks(BLOCK * hidden)) {
            self.o.apply(path, context, quantised, delta);
            norm(x, delta, &self.norm1);
            self.i.apply(path, x, quantised, inner);
            gelu(path, inner);
            self.f.apply(path, inner, wide, delta);
            norm(x, delta, &self.norm2);
        }
    }
}

/// Keeps the rows of each window's first piece and of its words' first pieces: nothing else leaves the last layer.
fn keep_firsts(windows: &[Window], hidden: usize, rows: &mut Vec<f32>) {
    let (mut from, mut to) = (0, 0);
    for window in windows {
        for first in [0].iter().chain(&window.firsts) {
            let at = (from + *first as usize) * hidden;
            rows.copy_within(at..at + hidden, to * hidden);
            to += 1;
        }
        from += window.pieces();
    }
    rows.truncate(to * hidden);
}

fn add(row: &mut [f32], other: &[f32]) {
    for (a, b) in row.iter_mut().zip(other) {
        *a += b;
    }
}
