//! Matrix products with int8 weights: one scale a weight row, one grid an activation row, sums exact in i32.

use super::kernels::{Grid, quantise};
use super::lanes::Path;
use super::weights::{Matrix, Weights};
use crate::Result;

/// Outputs a packed panel holds.
const PANEL: usize = 32;
/// Activation rows a tile covers; with two registers of outputs a row this fills 24 of AVX-512's 32 registers.
#[cfg(target_arch = "x86_64")]
const TILE: usize = 12;

/// A matrix with its bias: `y = W x + b`.
pub struct Linear {
    matrix: Matrix,
    /// All three are as long as the packed rows (a multiple of [`PANEL`]).
    bias: Vec<f32>,
    scales: Vec<f32>,
    /// Sum of each weight row: times the activations' zero byte, it is what that offset adds to the output.
    sums: Vec<i32>,
    /// `[panel][four inputs][output of the panel][input of the four]`, for AVX-512 VNNI; empty on other machines.
    packed: Vec<u8>,
}

/// Buffers of matrix products, reused from one to the next.
#[derive(Default)]
pub struct Quantised {
    bytes: Vec<u8>,
    grids: Vec<Grid>,
    #[cfg(test)]
    floats: Vec<f32>,
}

impl Quantised {
    /// Quantises `x`, rows of `columns` numbers, for [`Linear::product`].
    pub fn fill(&mut self, path: Path, x: &[f32], columns: usize) {
        let stride = stride(columns);
        let rows = x.len() / columns;
        #[cfg(test)]
        {
            self.floats = x.to_vec();
        }
        self.bytes.resize(rows * stride, 0);
        self.grids.clear();
        let rows = x.chunks_exact(columns).zip(self.bytes.chunks_exact_mut(stride));
        self.grids.extend(rows.map(|(row, to)| quantise(path, row, to)));
    }

    /// How many rows it holds.
    pub fn rows(&self) -> usize {
        self.grids.len()
    }
}

/// Bytes from one quantised row to the next: whole groups of four inputs.
fn stride(columns: usize) -> usize {
    columns.next_multiple_of(4)
}

impl Linear {
    /// The matrix `name` with its bias `name.b`, or a bias of zeros where the file has none.
    ///
    /// # Errors
    /// [`crate::Error::Data`] when tensors are missing or do not fit each other.
    pub fn new(weights: &Weights, name: &str) -> Result<Self> {
        let matrix = weights.matrix(name)?;
        let key = format!("{name}.b");
        let bias = if weights.has(&key) { weights.vector(&key, matrix.rows)? } else { vec![0.0; matrix.rows] };
        Ok(Self::from_parts(matrix, bias))
    }

    fn from_parts(matrix: Matrix, mut bias: Vec<f32>) -> Self {
        let padded = matrix.rows.next_multiple_of(PANEL);
        let mut scales = matrix.scales.clone();
        scales.resize(padded, 0.0);
        bias.resize(padded, 0.0);
        let sum = |row: &[u8]| row.iter().map(|&w| i32::from(w as i8)).sum::<i32>();
        let mut sums: Vec<i32> = matrix.values.chunks_exact(matrix.columns).map(sum).collect();
        sums.resize(padded, 0);
        #[cfg(target_arch = "x86_64")]
        let packed = if Path::best() == Path::Avx512 { pack(&matrix) } else { Vec::new() };
        #[cfg(not(target_arch = "x86_64"))]
        let packed = Vec::new();
        Self { matrix, bias, scales, sums, packed }
    }

    /// The matrix without the bias.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// How many outputs it has.
    pub fn outputs(&self) -> usize {
        self.matrix.rows
    }

    /// How many inputs it takes.
    pub fn inputs(&self) -> usize {
        self.matrix.columns
    }

    /// Applies it to each row of `x` (`inputs` numbers each); `out` becomes as many rows of `outputs` numbers.
    pub fn apply(&self, path: Path, x: &[f32], work: &mut Quantised, out: &mut Vec<f32>) {
        work.fill(path, x, self.inputs());
        out.resize(work.rows() * self.outputs(), 0.0);
        self.product(path, work, 0..work.rows(), out);
    }

    /// Applies it to `rows` of `x`, into `out` (`outputs` numbers a row).
    pub fn product(&self, path: Path, x: &Quantised, rows: std::ops::Range<usize>, out: &mut [f32]) {
        assert!(rows.end <= x.rows() && out.len() >= rows.len() * self.outputs());
        assert_eq!(x.bytes.len(), x.rows() * stride(self.inputs()), "activations of another width");
        #[cfg(test)]
        if path == Path::Exact {
            return self.exact(&x.floats[rows.start * self.inputs()..rows.end * self.inputs()], out);
        }
        let stride = stride(self.inputs());
        let bytes = &x.bytes[rows.start * stride..rows.end * stride];
        let grids = &x.grids[rows];
        match path {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Path::available` gives this out only where the machine has the instructions; sizes are as asserted.
            Path::Avx512 => unsafe { self.product_avx512(bytes, grids, out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Path::Avx2 => unsafe { self.product_avx2(bytes, grids, out) },
            _ => self.product_portable(bytes, grids, out),
        }
    }

    /// The output from its exact sum; every path does just this, in this order.
    #[inline(always)]
    fn finish(&self, sum: i32, output: usize, grid: Grid) -> f32 {
        (sum - grid.zero * self.sums[output]) as f32 * grid.scale * self.scales[output] + self.bias[output]
    }

    fn product_portable(&self, bytes: &[u8], grids: &[Grid], out: &mut [f32]) {
        let columns = self.inputs();
        for ((x, &grid), to) in bytes.chunks_exact(stride(columns)).zip(grids).zip(out.chunks_exact_mut(self.outputs()))
        {
            for (n, (w, to)) in self.matrix.values.chunks_exact(columns).zip(to).enumerate() {
                let sum = x.iter().zip(w).map(|(&x, &w)| i32::from(i16::from(x)) * i32::from(i16::from(w as i8))).sum();
                *to = self.finish(sum, n, grid);
            }
        }
    }

    #[cfg(test)]
    fn exact(&self, x: &[f32], out: &mut [f32]) {
        for (x, to) in x.chunks_exact(self.inputs()).zip(out.chunks_exact_mut(self.outputs())) {
            for (n, (w, to)) in self.matrix.values.chunks_exact(self.inputs()).zip(to).enumerate() {
                let sum: f64 = x.iter().zip(w).map(|(&x, &w)| f64::from(x) * f64::from(w as i8)).sum();
                *to = (sum * f64::from(self.scales[n]) + f64::from(self.bias[n])) as f32;
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn pack(matrix: &Matrix) -> Vec<u8> {
    let groups = matrix.columns.div_ceil(4);
    let mut packed = vec![0u8; matrix.rows.next_multiple_of(PANEL) * groups * 4];
    let panels = matrix.values.chunks(PANEL * matrix.columns).zip(packed.chunks_exact_mut(PANEL * groups * 4));
    for (rows, panel) in panels {
        for (n, row) in rows.chunks_exact(matrix.columns).enumerate() {
            let (fours, rest) = row.as_chunks::<4>();
            for (four, to) in fours.iter().zip(panel.chunks_exact_mut(PANEL * 4)) {
                to[n * 4..n * 4 + 4].copy_from_slice(four);
            }
            if !rest.is_empty() {
                let from = (groups - 1) * PANEL * 4 + n * 4;
                panel[from..from + rest.len()].copy_from_slice(rest);
            }
        }
    }
    packed
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Grid, Linear, PANEL, TILE, stride};
    use std::arch::x86_64::*;

    impl Linear {
        #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
        pub(super) unsafe fn product_avx512(&self, bytes: &[u8], grids: &[Grid], out: &mut [f32]) {
            let outputs = self.outputs();
            let groups = self.inputs().div_ceil(4);
            for (p, panel) in self.packed.chunks_exact(PANEL * groups * 4).enumerate() {
                let mut row = 0;
                while row < grids.len() {
                    let x = &bytes[row * groups * 4..];
                    let to = &mut out[row * outputs..];
                    let grids = &grids[row..];
                    // SAFETY: `x`, `grids` and `to` hold at least as many rows as the tile has.
                    row += unsafe {
                        match grids.len() {
                            TILE.. => self.tile::<TILE>(p, panel, x, grids, to),
                            8.. => self.tile::<8>(p, panel, x, grids, to),
                            4.. => self.tile::<4>(p, panel, x, grids, to),
                            2.. => self.tile::<2>(p, panel, x, grids, to),
                            _ => self.tile::<1>(p, panel, x, grids, to),
                        }
                    };
                }
            }
        }

        /// `ROWS` rows against one panel; returns `ROWS`.
        #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
        #[inline]
        #[allow(clippy::needless_range_loop)]
        unsafe fn tile<const ROWS: usize>(
            &self,
            p: usize,
            panel: &[u8],
            x: &[u8],
            grids: &[Grid],
            out: &mut [f32],
        ) -> usize {
            let groups = self.inputs().div_ceil(4);
            let outputs = self.outputs();
            let first = p * PANEL;
            // SAFETY: `panel` holds `groups` groups of `PANEL` outputs, `x` at least `ROWS` rows of `groups` groups; the
            // masks keep the last panel's stores inside `out`.
            unsafe {
                let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
                for group in 0..groups {
                    let w = panel.as_ptr().add(group * PANEL * 4);
                    let w0 = _mm512_loadu_si512(w.cast());
                    let w1 = _mm512_loadu_si512(w.add(64).cast());
                    for r in 0..ROWS {
                        let four = x.as_ptr().add((r * groups + group) * 4).cast::<i32>().read_unaligned();
                        let four = _mm512_set1_epi32(four);
                        sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], four, w0);
                        sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], four, w1);
                    }
                }
                for half in 0..2 {
                    let from = first + half * 16;
                    if from >= outputs {
                        break;
                    }
                    let mask = if outputs - from >= 16 { u16::MAX } else { (1u16 << (outputs - from)) - 1 };
                    let scale = _mm512_loadu_ps(self.scales[from..from + 16].as_ptr());
                    let bias = _mm512_loadu_ps(self.bias[from..from + 16].as_ptr());
                    let rows = _mm512_loadu_si512(self.sums[from..from + 16].as_ptr().cast());
                    for r in 0..ROWS {
                        let extra = _mm512_mullo_epi32(_mm512_set1_epi32(grids[r].zero), rows);
                        let sum = _mm512_sub_epi32(sums[r][half], extra);
                        let y = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(grids[r].scale));
                        let y = _mm512_add_ps(_mm512_mul_ps(y, scale), bias);
                        _mm512_mask_storeu_ps(out.as_mut_ptr().add(r * outputs + from), mask, y);
                    }
                }
            }
            ROWS
        }

        #[target_feature(enable = "avx2")]
        pub(super) unsafe fn product_avx2(&self, bytes: &[u8], grids: &[Grid], out: &mut [f32]) {
            let (columns, outputs) = (self.inputs(), self.outputs());
            // Four weight rows stay in the first-level cache while all activation rows pass over them.
            for n in (0..outputs).step_by(4) {
                let wide = (outputs - n).min(4);
                let mut row = 0;
                while row < grids.len() {
                    let high = (grids.len() - row).min(2);
                    let x = &bytes[row * stride(columns)..];
                    let w = &self.matrix.values[n * columns..];
                    // SAFETY: `x` holds `high` rows and `w` holds `wide` rows.
                    let sums = unsafe {
                        match (high, wide) {
                            (2, 4) => dots::<2, 4>(x, w, columns),
                            (_, 4) => widen(dots::<1, 4>(x, w, columns)),
                            _ => {
                                let mut sums = [[0; 4]; 2];
                                for (r, sums) in sums.iter_mut().enumerate().take(high) {
                                    for (o, sum) in sums.iter_mut().enumerate().take(wide) {
                                        let (x, w) = (&x[r * stride(columns)..], &w[o * columns..]);
                                        *sum = dots::<1, 1>(x, w, columns)[0][0];
                                    }
                                }
                                sums
                            }
                        }
                    };
                    for r in 0..high {
                        for o in 0..wide {
                            out[(row + r) * outputs + n + o] = self.finish(sums[r][o], n + o, grids[row + r]);
                        }
                    }
                    row += high;
                }
            }
        }
    }

    fn widen(sums: [[i32; 4]; 1]) -> [[i32; 4]; 2] {
        [sums[0], [0; 4]]
    }

    /// (Loops count instead of iterating: the compiler keeps the sums in registers only then.)
    /// Sums of products of `R` activation rows with `N` weight rows. Both sides are widened to 16 bits first: the
    /// instruction that multiplies bytes directly clips sums of two at 32,767, which products of 255 * 127 exceed.
    #[target_feature(enable = "avx2")]
    #[inline]
    #[allow(clippy::needless_range_loop)]
    unsafe fn dots<const R: usize, const N: usize>(x: &[u8], w: &[u8], columns: usize) -> [[i32; N]; R] {
        let stride = stride(columns);
        debug_assert!(x.len() >= (R - 1) * stride + columns && w.len() >= N * columns);
        let mut out = [[0; N]; R];
        let whole = columns / 16 * 16;
        // SAFETY: all reads lie below `columns` of rows that the slices hold.
        unsafe {
            let mut sums = [[_mm256_setzero_si256(); N]; R];
            for k in (0..whole).step_by(16) {
                let mut weights = [_mm256_setzero_si256(); N];
                for n in 0..N {
                    weights[n] = _mm256_cvtepi8_epi16(_mm_loadu_si128(w.as_ptr().add(n * columns + k).cast()));
                }
                for r in 0..R {
                    let x = _mm256_cvtepu8_epi16(_mm_loadu_si128(x.as_ptr().add(r * stride + k).cast()));
                    for n in 0..N {
                        sums[r][n] = _mm256_add_epi32(sums[r][n], _mm256_madd_epi16(x, weights[n]));
                    }
                }
            }
            for r in 0..R {
                for n in 0..N {
                    let sum = sums[r][n];
                    let four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
                    let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
                    out[r][n] = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two)));
                }
            }
        }
        for r in 0..R {
            for n in 0..N {
                for k in whole..columns {
                    out[r][n] += i32::from(x[r * stride + k]) * i32::from(w[n * columns + k] as i8);
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kernels::tests::Random;

    fn random(rows: usize, columns: usize, seed: u64) -> Linear {
        let mut random = Random(seed);
        let values = (0..rows * columns).map(|_| (random.next() % 255) as u8).map(|v| v.wrapping_sub(127)).collect();
        let matrix = Matrix { rows, columns, values: Vec::leak(values), scales: random.floats(rows, 0.01) };
        Linear::from_parts(matrix, random.floats(rows, 1.0))
    }

    #[test]
    fn all_paths_give_the_same_bits_for_any_size() {
        let sizes = [
            (17, 385, 1),
            (129, 64, 13),
            (385, 17, 25),
            (1, 1, 2),
            (33, 130, 7),
            (64, 96, 12),
            (31, 48, 11),
            (4, 3, 3),
        ];
        for (outputs, inputs, rows) in sizes {
            let linear = random(outputs, inputs, 5);
            let x = Random(9).floats(rows * inputs, 3.0);
            let results: Vec<Vec<u32>> = Path::available()
                .into_iter()
                .map(|path| {
                    let mut out = Vec::new();
                    linear.apply(path, &x, &mut Quantised::default(), &mut out);
                    out.iter().map(|v| v.to_bits()).collect()
                })
                .collect();
            assert_eq!(results[0].len(), rows * outputs);
            assert!(results.iter().all(|r| *r == results[0]), "{outputs} x {inputs}, {rows} rows");
        }
    }

    #[test]
    fn products_are_right_to_the_rounding_of_the_activations() {
        let linear = random(40, 200, 8);
        let x = Random(2).floats(9 * 200, 1.0);
        let (mut exact, mut out) = (Vec::new(), Vec::new());
        linear.apply(Path::Exact, &x, &mut Quantised::default(), &mut exact);
        linear.apply(Path::best(), &x, &mut Quantised::default(), &mut out);
        for (a, b) in exact.iter().zip(&out) {
            // 200 products, each off by at most half a step of 1/127 times a weight of at most 1.27.
            assert!((a - b).abs() < 0.3, "{a} and {b}");
        }
        let off = exact.iter().zip(&out).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
        assert!(off / exact.iter().map(|a| a * a).sum::<f32>() < 1e-4);
    }

    #[test]
    fn extreme_values_do_not_overflow_or_clip() {
        let matrix = Matrix {
            rows: 2,
            columns: 1536,
            values: Vec::leak([vec![127; 1536], vec![129; 1536]].concat()),
            scales: vec![1.0; 2],
        };
        let linear = Linear::from_parts(matrix, vec![0.0; 2]);
        for path in Path::available() {
            let mut out = Vec::new();
            linear.apply(path, &[127.0; 1536], &mut Quantised::default(), &mut out);
            assert_eq!(out, [(1536 * 127 * 127) as f32, (-1536 * 127 * 127) as f32]);
            linear.apply(path, &[f32::NAN; 1536], &mut Quantised::default(), &mut out);
        }
    }

    #[test]
    fn a_row_does_not_know_its_neighbours() {
        let linear = random(50, 70, 1);
        let x = Random(4).floats(30 * 70, 1.0);
        let (mut all, mut one) = (Vec::new(), Vec::new());
        linear.apply(Path::best(), &x, &mut Quantised::default(), &mut all);
        for (x, together) in x.chunks(70).zip(all.chunks(50)) {
            linear.apply(Path::best(), x, &mut Quantised::default(), &mut one);
            assert_eq!(one, together);
        }
    }
}
