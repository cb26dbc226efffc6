//! The row-wise arithmetic of the encoder: quantisation, GELU, layer norm, attention.
//!
//! Everything here gives the same bits on every [`Path`](super::lanes::Path) and depends on nothing but its own row or window, so a
//! sentence's numbers cannot depend on what it is batched with.

use super::lanes::{Lanes, WIDTH, versions};

/// Query rows worked on at once in attention.
const ROWS: usize = 6;

/// How a row of bytes stands for numbers: `value ≈ (byte - zero) * scale`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Grid {
    /// One step; 0 for a row of zeros.
    pub scale: f32,
    /// The byte that stands for 0, 0..=255.
    pub zero: i32,
}

versions! {
    /// Quantises `row` to bytes on the finest grid that spans its least and greatest value and holds 0 exactly. What
    /// comes out of GELU is almost all above zero: a grid around zero would waste half its steps. Bytes of `out` past
    /// the row are 0.
    pub fn quantise(row: &[f32], out: &mut [u8]) -> Grid = quantise_row
}

versions! {
    /// GELU in its erf form, in place; absolute error below 1e-6 (measured over -30..=30).
    pub fn gelu(values: &mut [f32]) = gelu_values
}

versions! {
    /// `row = layer_norm(row + delta) * weight + bias`, eps 1e-12; all four of one length, a multiple of 16.
    pub fn add_norm(row: &mut [f32], delta: &[f32], weight: &[f32], bias: &[f32]) = add_norm_row
}

versions! {
    /// Multi-head attention inside one window. `qkv` holds rows of query, key and value (`3 * hidden` each), `out` gets
    /// one row of `hidden` a piece; `heads` divides `hidden` into multiples of 16. `work` is scratch.
    pub fn attention(qkv: &[f32], hidden: usize, heads: usize, work: &mut Vec<f32>, out: &mut [f32]) = attend
}

/// `e^x` of one number, with the arithmetic of the lanes; 0 below -87, so never a denormal.
pub fn exp(x: f32) -> f32 {
    let mut out = [0.0; WIDTH];
    // SAFETY: plain Rust runs everywhere.
    unsafe { exp_lanes(<super::lanes::Plain as Lanes>::splat(x)).store(&mut out) };
    out[0]
}

/// `1 / (1 + e^-x)`.
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Turns scores into probabilities that sum to 1; nothing happens to an empty row.
pub fn softmax(row: &mut [f32]) {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for v in row.iter_mut() {
        *v = exp(*v - max);
        sum += *v;
    }
    for v in row {
        *v /= sum;
    }
}

/// Dot product with a fixed order of additions; the shorter length counts.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; WIDTH];
    let (a16, a_rest) = a.as_chunks::<WIDTH>();
    let (b16, b_rest) = b.as_chunks::<WIDTH>();
    for (x, y) in a16.iter().zip(b16) {
        for i in 0..WIDTH {
            sums[i] += x[i] * y[i];
        }
    }
    a_rest.iter().zip(b_rest).fold(total(&sums), |sum, (x, y)| sum + x * y)
}

/// The sum of sixteen lanes, always in the same order.
#[inline(always)]
fn total(lanes: &[f32; WIDTH]) -> f32 {
    let mut a = *lanes;
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            a[i] += a[i + half];
        }
    }
    a[0]
}

#[inline(always)]
unsafe fn total_of<L: Lanes>(lanes: L) -> f32 {
    let mut out = [0.0; WIDTH];
    unsafe { lanes.store(&mut out) };
    total(&out)
}

/// The greatest of sixteen lanes.
#[inline(always)]
unsafe fn greatest<L: Lanes>(lanes: L) -> f32 {
    let mut out = [0.0; WIDTH];
    unsafe { lanes.store(&mut out) };
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            out[i] = if out[i] > out[i + half] { out[i] } else { out[i + half] };
        }
    }
    out[0]
}

/// The lanes of a rest shorter than sixteen, filled up with zeros.
#[inline(always)]
fn padded(rest: &[f32]) -> [f32; WIDTH] {
    let mut out = [0.0; WIDTH];
    out[..rest.len()].copy_from_slice(rest);
    out
}

/// `e^x` to about 1e-7 relative: Cody-Waite reduction, the polynomial of Cephes' `expf`.
#[inline(always)]
unsafe fn exp_lanes<L: Lanes>(x: L) -> L {
    unsafe {
        let x = x.max(L::splat(-87.0)).min(L::splat(88.0));
        let n = x.mul(L::splat(std::f32::consts::LOG2_E)).round();
        let r = n.fma(L::splat(-0.693_359_4), x);
        let r = n.fma(L::splat(2.121_944_4e-4), r);
        let mut p = L::splat(1.987_569_1e-4);
        for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
            p = p.fma(r, L::splat(c));
        }
        p.fma(r.mul(r), r).add(L::splat(1.0)).mul(n.exp2())
    }
}

#[inline(always)]
unsafe fn quantise_row<L: Lanes>(row: &[f32], out: &mut [u8]) -> Grid {
    unsafe {
        let (chunks, rest) = row.as_chunks::<WIDTH>();
        let last = padded(rest);
        let mut most = L::load(&last).max(L::splat(0.0));
        let mut least = L::load(&last).min(L::splat(0.0));
        for chunk in chunks {
            most = L::load(chunk).max(most);
            least = L::load(chunk).min(least);
        }
        let most = greatest(most);
        let least = -greatest(L::splat(0.0).sub(least));
        let span = most - least;
        if !(span > f32::MIN_POSITIVE * 256.0 && span.is_finite()) {
            out.fill(0);
            return Grid::default();
        }
        let inverse = 255.0 / span;
        let zero = (-least * inverse).round_ties_even();
        let (factor, offset) = (L::splat(inverse), L::splat(zero));
        let bytes = |from: &[f32; WIDTH], to: &mut [u8; WIDTH]| {
            L::load(from).fma(factor, offset).max(L::splat(0.0)).min(L::splat(255.0)).bytes(to);
        };
        let (out_chunks, out_rest) = out[..row.len()].as_chunks_mut::<WIDTH>();
        for (chunk, to) in chunks.iter().zip(out_chunks) {
            bytes(chunk, to);
        }
        let mut end = [0; WIDTH];
        bytes(&last, &mut end);
        out_rest.copy_from_slice(&end[..rest.len()]);
        out[row.len()..].fill(0);
        Grid { scale: span / 255.0, zero: zero as i32 }
    }
}

/// GELU's tail as a polynomial: with `a = |x|`, `gelu(x) = max(x, 0) - a * e^(-a²/2) * g(a)`, where
/// `g(a) = e^(a²/2) * (1 - Φ(a))`. Coefficients: weighted minimax fit of `g` on 0..=6, degree 9, weight `a * e^(-a²/2)`.
const TAIL: [f32; 10] = [
    -3.199_938_9e-6,
    7.470_381_4e-5,
    -7.632_367e-4,
    4.584_224_4e-3,
    -1.849_56e-2,
    5.485_097_7e-2,
    -1.283_847_5e-1,
    2.483_972_5e-1,
    -3.986_654_6e-1,
    4.999_835_2e-1,
];

#[inline(always)]
unsafe fn gelu_lanes<L: Lanes>(x: L) -> L {
    unsafe {
        let a = x.abs();
        let e = exp_lanes(a.mul(a).mul(L::splat(-0.5)));
        let b = a.min(L::splat(6.0));
        let mut g = L::splat(TAIL[0]);
        for c in &TAIL[1..] {
            g = g.fma(b, L::splat(*c));
        }
        // Past 13 the exponential stops falling (it never goes denormal), so the factor before it must not grow.
        x.max(L::splat(0.0)).sub(a.min(L::splat(13.0)).mul(e).mul(g))
    }
}

#[inline(always)]
unsafe fn gelu_values<L: Lanes>(values: &mut [f32]) {
    unsafe {
        let (chunks, rest) = values.as_chunks_mut::<WIDTH>();
        for chunk in chunks {
            gelu_lanes(L::load(chunk)).store(chunk);
        }
        let mut last = padded(rest);
        gelu_lanes(L::load(&last)).store(&mut last);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

#[inline(always)]
unsafe fn add_norm_row<L: Lanes>(row: &mut [f32], delta: &[f32], weight: &[f32], bias: &[f32]) {
    unsafe {
        let count = row.len() as f32;
        let (row, _) = row.as_chunks_mut::<WIDTH>();
        let mut sum = L::splat(0.0);
        for (r, d) in row.iter_mut().zip(delta.as_chunks::<WIDTH>().0) {
            let v = L::load(r).add(L::load(d));
            v.store(r);
            sum = sum.add(v);
        }
        let mean = L::splat(total_of(sum) / count);
        let mut squares = L::splat(0.0);
        for r in row.iter() {
            let v = L::load(r).sub(mean);
            squares = v.fma(v, squares);
        }
        let inverse = L::splat(1.0 / (total_of(squares) / count + 1e-12).sqrt());
        let parameters = weight.as_chunks::<WIDTH>().0.iter().zip(bias.as_chunks::<WIDTH>().0);
        for (r, (w, b)) in row.iter_mut().zip(parameters) {
            L::load(r).sub(mean).mul(inverse).fma(L::load(w), L::load(b)).store(r);
        }
    }
}

#[inline(always)]
unsafe fn attend<L: Lanes>(qkv: &[f32], hidden: usize, heads: usize, work: &mut Vec<f32>, out: &mut [f32]) {
    let pieces = qkv.len() / (3 * hidden);
    let size = hidden / heads;
    let wide = pieces.next_multiple_of(WIDTH);
    // Keys of one head, transposed and padded; then the scores of ROWS queries; then the head's values, packed.
    work.resize((size + ROWS) * wide + pieces * size, 0.0);
    let (keys, rest) = work.split_at_mut(size * wide);
    let (scores, values) = rest.split_at_mut(ROWS * wide);
    let scale = 1.0 / (size as f32).sqrt();
    for head in 0..heads {
        for (j, row) in qkv.chunks_exact(3 * hidden).enumerate() {
            let key = &row[hidden + head * size..][..size];
            for (d, &k) in key.iter().enumerate() {
                keys[d * wide + j] = k * scale;
            }
            values[j * size..][..size].copy_from_slice(&row[2 * hidden + head * size..][..size]);
        }
        for d in 0..size {
            keys[d * wide + pieces..(d + 1) * wide].fill(0.0);
        }
        let mut first = 0;
        while first < pieces {
            let query = &qkv[first * 3 * hidden + head * size..];
            let to = &mut out[first * hidden + head * size..];
            let block = Block { pieces, wide, size, hidden };
            // SAFETY: the caller has the instructions of `L`.
            unsafe {
                if pieces - first >= ROWS {
                    block.rows::<L, ROWS>(query, keys, values, scores, to);
                    first += ROWS;
                } else {
                    block.rows::<L, 1>(query, keys, values, scores, to);
                    first += 1;
                }
            }
        }
    }
}

/// The sizes of one head's attention in one window. Loops over the registers of a tile count instead of iterating: with
/// iterators the compiler kept the sums in memory, at a third of the speed.
struct Block {
    pieces: usize,
    wide: usize,
    size: usize,
    hidden: usize,
}

#[allow(clippy::needless_range_loop)]
impl Block {
    /// Attention of `N` consecutive queries: `query` and `to` begin at the head's part of the first one's row.
    #[inline(always)]
    unsafe fn rows<L: Lanes, const N: usize>(
        &self,
        query: &[f32],
        keys: &[f32],
        values: &[f32],
        scores: &mut [f32],
        to: &mut [f32],
    ) {
        unsafe {
            let groups = self.wide / WIDTH;
            let mut group = 0;
            while group < groups {
                if groups - group >= 4 {
                    self.products::<L, N, 4>(query, keys, scores, group);
                    group += 4;
                } else {
                    self.products::<L, N, 1>(query, keys, scores, group);
                    group += 1;
                }
            }
            let mut inverse = [0.0; N];
            for (n, inverse) in inverse.iter_mut().enumerate() {
                let row = &mut scores[n * self.wide..(n + 1) * self.wide];
                row[self.pieces..].fill(f32::NEG_INFINITY);
                let (row, _) = row.as_chunks_mut::<WIDTH>();
                let mut most = L::splat(f32::NEG_INFINITY);
                for r in row.iter() {
                    most = L::load(r).max(most);
                }
                let most = L::splat(greatest(most));
                let mut sum = L::splat(0.0);
                for (i, r) in row.iter_mut().enumerate() {
                    exp_lanes(L::load(r).sub(most)).store(r);
                    if (i + 1) * WIDTH > self.pieces {
                        r[self.pieces - i * WIDTH..].fill(0.0);
                    }
                    sum = sum.add(L::load(r));
                }
                *inverse = 1.0 / total_of(sum);
            }
            for at in (0..self.size).step_by(2 * WIDTH) {
                if self.size - at >= 2 * WIDTH {
                    self.mixtures::<L, N, 2>(values, scores, &inverse, at, to);
                } else {
                    self.mixtures::<L, N, 1>(values, scores, &inverse, at, to);
                }
            }
        }
    }

    /// Scores of `N` queries against `G` groups of sixteen keys.
    #[inline(always)]
    unsafe fn products<L: Lanes, const N: usize, const G: usize>(
        &self,
        query: &[f32],
        keys: &[f32],
        scores: &mut [f32],
        group: usize,
    ) {
        unsafe {
            let mut sums = [[L::splat(0.0); G]; N];
            // One check for all the reads below.
            assert!(query.len() >= (N - 1) * 3 * self.hidden + self.size && keys.len() >= self.size * self.wide);
            for d in 0..self.size {
                let line = keys.as_ptr().add(d * self.wide + group * WIDTH);
                let mut key = [L::splat(0.0); G];
                for g in 0..G {
                    key[g] = L::load(&*line.add(g * WIDTH).cast());
                }
                for n in 0..N {
                    let q = L::splat(*query.get_unchecked(n * 3 * self.hidden + d));
                    for g in 0..G {
                        sums[n][g] = q.fma(key[g], sums[n][g]);
                    }
                }
            }
            for n in 0..N {
                let (row, _) = scores[n * self.wide + group * WIDTH..][..G * WIDTH].as_chunks_mut::<WIDTH>();
                for g in 0..G {
                    sums[n][g].store(&mut row[g]);
                }
            }
        }
    }

    /// `G` groups of sixteen output values of `N` queries, from column `at` on.
    #[inline(always)]
    unsafe fn mixtures<L: Lanes, const N: usize, const G: usize>(
        &self,
        values: &[f32],
        scores: &[f32],
        inverse: &[f32; N],
        at: usize,
        to: &mut [f32],
    ) {
        unsafe {
            let mut sums = [[L::splat(0.0); G]; N];
            // One check for all the reads below.
            assert!(
                values.len() >= self.pieces * self.size && scores.len() >= N * self.wide && self.wide >= self.pieces
            );
            for j in 0..self.pieces {
                let line = values.as_ptr().add(j * self.size + at);
                let mut value = [L::splat(0.0); G];
                for g in 0..G {
                    value[g] = L::load(&*line.add(g * WIDTH).cast());
                }
                for n in 0..N {
                    let p = L::splat(*scores.get_unchecked(n * self.wide + j));
                    for g in 0..G {
                        sums[n][g] = p.fma(value[g], sums[n][g]);
                    }
                }
            }
            for n in 0..N {
                let (row, _) = to[n * self.hidden + at..][..G * WIDTH].as_chunks_mut::<WIDTH>();
                for g in 0..G {
                    sums[n][g].mul(L::splat(inverse[n])).store(&mut row[g]);
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::lanes::Path;

    /// Random numbers, the same on every run.
    pub(crate) struct Random(pub(crate) u64);

    impl Random {
        pub(crate) fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) ^ (self.0 >> 17 & 0xFFFF)
        }

        /// Between -1 and 1.
        pub(crate) fn float(&mut self) -> f32 {
            (self.next() % 2_000_001) as f32 / 1_000_000.0 - 1.0
        }

        pub(crate) fn floats(&mut self, count: usize, size: f32) -> Vec<f32> {
            (0..count).map(|_| self.float() * size).collect()
        }
    }

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|v| v.to_bits()).collect()
    }

    #[test]
    fn exp_agrees_with_the_real_one() {
        for i in -8700..=8800 {
            let x = i as f32 / 100.0;
            let (got, want) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((got - want).abs() <= 3e-7 * want, "exp({x}) = {got}, not {want}");
        }
        assert!(exp(-1000.0) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
    }

    /// erf by its series, in f64.
    fn erf(x: f64) -> f64 {
        if x.abs() > 5.5 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn gelu_is_the_erf_form_to_a_millionth() {
        let inputs: Vec<f32> = (-6000..=6001).map(|i| i as f32 / 1000.0).chain([-30.0, 30.0, 1e4, -1e4]).collect();
        for path in Path::available() {
            let mut values = inputs.clone();
            gelu(path, &mut values);
            for (&x, &got) in inputs.iter().zip(&values) {
                let x = f64::from(x);
                let want = 0.5 * x * (1.0 + erf(x / 2f64.sqrt()));
                assert!((f64::from(got) - want).abs() < 1e-6 + 1e-7 * want.abs(), "gelu({x}) = {got}, not {want}");
            }
        }
    }

    #[test]
    fn all_paths_give_the_same_bits() {
        let mut random = Random(7);
        for length in [1, 5, 16, 17, 48, 129] {
            let row = random.floats(length, 9.0);
            let outputs: Vec<_> = Path::available()
                .into_iter()
                .map(|path| {
                    let mut bytes = vec![0; length + 3];
                    let grid = quantise(path, &row, &mut bytes);
                    let mut curved = row.clone();
                    gelu(path, &mut curved);
                    (bytes, grid.scale.to_bits(), grid.zero, bits(&curved))
                })
                .collect();
            assert!(outputs.iter().all(|o| *o == outputs[0]), "length {length}");
        }
        let [row, delta, weight] = [(); 3].map(|()| random.floats(96, 2.0));
        let outputs: Vec<_> = Path::available()
            .into_iter()
            .map(|path| {
                let mut row = row.clone();
                add_norm(path, &mut row, &delta, &weight, &delta);
                bits(&row)
            })
            .collect();
        assert!(outputs.iter().all(|o| *o == outputs[0]));
        for pieces in [1, 2, 6, 15, 16, 17, 70, 131] {
            let qkv = random.floats(pieces * 3 * 96, 2.0);
            let outputs: Vec<_> = Path::available()
                .into_iter()
                .map(|path| {
                    let mut out = vec![0.0; pieces * 96];
                    attention(path, &qkv, 96, 2, &mut Vec::new(), &mut out);
                    bits(&out)
                })
                .collect();
            assert!(outputs.iter().all(|o| *o == outputs[0]), "{pieces} pieces");
        }
    }

    #[test]
    fn quantised_rows_come_back_within_a_step() {
        let mut random = Random(3);
        let row = random.floats(100, 5.0);
        for path in Path::available() {
            let mut bytes = vec![0; 104];
            let grid = quantise(path, &row, &mut bytes);
            for (&v, &b) in row.iter().zip(&bytes) {
                assert!((v - (i32::from(b) - grid.zero) as f32 * grid.scale).abs() <= grid.scale * 1.001);
            }
            assert_eq!(bytes[100..], [0; 4]);
            assert_eq!(quantise(path, &[0.0; 20], &mut bytes[..20]), Grid::default());
            let positive = quantise(path, &[0.0, 1.0, 2.0, 3.0], &mut bytes[..4]);
            assert_eq!((positive.zero, &bytes[..4]), (0, &[0, 85, 170, 255][..]));
        }
    }

    #[test]
    fn attention_is_the_textbook_formula() {
        let mut random = Random(11);
        let (hidden, heads, size) = (64, 2, 32);
        for pieces in [1, 3, 16, 23, 65] {
            let qkv = random.floats(pieces * 3 * hidden, 1.5);
            for path in Path::available() {
                let mut out = vec![0.0; pieces * hidden];
                attention(path, &qkv, hidden, heads, &mut Vec::new(), &mut out);
                for (i, c) in (0..pieces).flat_map(|i| (0..hidden).map(move |c| (i, c))) {
                    let head = c / size * size;
                    let at =
                        |piece: usize, part: usize, d: usize| f64::from(qkv[piece * 3 * hidden + part * hidden + d]);
                    let weights: Vec<f64> = (0..pieces)
                        .map(|j| (head..head + size).map(|d| at(i, 0, d) * at(j, 1, d)).sum::<f64>() / 32f64.sqrt())
                        .map(f64::exp)
                        .collect();
                    let want = (0..pieces).map(|j| weights[j] * at(j, 2, c)).sum::<f64>() / weights.iter().sum::<f64>();
                    assert!((f64::from(out[i * hidden + c]) - want).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn layer_norm_has_mean_zero_and_variance_one() {
        let mut row: Vec<f32> = (0..48).map(|i| (i * i) as f32).collect();
        add_norm(Path::best(), &mut row, &[1.0; 48], &[1.0; 48], &[0.0; 48]);
        assert!(row.iter().sum::<f32>().abs() < 1e-4);
        assert!((row.iter().map(|v| v * v).sum::<f32>() / 48.0 - 1.0).abs() < 1e-4);
    }
}
