//! Sixteen f32 lanes in three forms: AVX-512, AVX2 with FMA, and plain arrays.
//!
//! Code written over [`Lanes`] does the same IEEE operations in the same order in every form, so its results agree
//! bit for bit on every machine; only the speed differs. Multiply-adds are fused in all forms, never left to choice.

/// Which form of the kernels runs; chosen once for the machine, see [`Path::best`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Plain Rust, any machine.
    Portable,
    /// x86-64 with AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// x86-64 with AVX-512 (F, BW, DQ, VL) and VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Activations stay f32 and products are summed in f64: the yardstick tests measure the others against.
    #[cfg(test)]
    Exact,
}

impl Path {
    /// The fastest form this machine has.
    pub fn best() -> Self {
        static BEST: std::sync::OnceLock<Path> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::available().into_iter().next_back().unwrap_or(Path::Portable))
    }

    /// All forms this machine has, slowest first.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut paths = vec![Path::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("fma") {
                paths.push(Path::Avx2);
                if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") && has!("avx512vnni") {
                    paths.push(Path::Avx512);
                }
            }
        }
        paths
    }
}

/// How many lanes a [`Lanes`] value has.
pub(crate) const WIDTH: usize = 16;

/// Sixteen f32 lanes.
///
/// # Safety
/// The methods of a form may only run where the machine has its instructions; [`versions!`] sees to that.
pub(crate) trait Lanes: Copy {
    unsafe fn load(from: &[f32; WIDTH]) -> Self;
    unsafe fn store(self, to: &mut [f32; WIDTH]);
    unsafe fn splat(value: f32) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    /// `self * other + term`, rounded once.
    unsafe fn fma(self, other: Self, term: Self) -> Self;
    /// Lane by lane `if self > other { self } else { other }`.
    unsafe fn max(self, other: Self) -> Self;
    /// Lane by lane `if self < other { self } else { other }`.
    unsafe fn min(self, other: Self) -> Self;
    unsafe fn abs(self) -> Self;
    /// Nearest integer, ties to even.
    unsafe fn round(self) -> Self;
    /// `2^self` for whole numbers in -126..=127.
    unsafe fn exp2(self) -> Self;
    /// Nearest integer (ties to even) as a byte, for lanes in 0..=255.
    unsafe fn bytes(self, to: &mut [u8; WIDTH]);
}

/// The plain form.
#[derive(Clone, Copy)]
pub(crate) struct Plain([f32; WIDTH]);

macro_rules! lanewise {
    ($a:expr, $b:expr, $f:expr) => {{
        let mut out = [0.0; WIDTH];
        for i in 0..WIDTH {
            out[i] = $f($a.0[i], $b.0[i]);
        }
        Plain(out)
    }};
}

#[allow(clippy::needless_range_loop)]
impl Lanes for Plain {
    #[inline(always)]
    unsafe fn load(from: &[f32; WIDTH]) -> Self {
        Plain(*from)
    }
    #[inline(always)]
    unsafe fn store(self, to: &mut [f32; WIDTH]) {
        *to = self.0;
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Plain([value; WIDTH])
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        lanewise!(self, other, |a: f32, b: f32| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        lanewise!(self, other, |a: f32, b: f32| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        lanewise!(self, other, |a: f32, b: f32| a * b)
    }
    #[inline(always)]
    unsafe fn fma(self, other: Self, term: Self) -> Self {
        let mut out = [0.0; WIDTH];
        for i in 0..WIDTH {
            out[i] = self.0[i].mul_add(other.0[i], term.0[i]);
        }
        Plain(out)
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        lanewise!(self, other, |a: f32, b: f32| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        lanewise!(self, other, |a: f32, b: f32| if a < b { a } else { b })
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        lanewise!(self, self, |a: f32, _| a.abs())
    }
    #[inline(always)]
    unsafe fn round(self) -> Self {
        lanewise!(self, self, |a: f32, _| a.round_ties_even())
    }
    #[inline(always)]
    unsafe fn exp2(self) -> Self {
        lanewise!(self, self, |a: f32, _| f32::from_bits(((a as i32 + 127) << 23) as u32))
    }
    #[inline(always)]
    unsafe fn bytes(self, to: &mut [u8; WIDTH]) {
        for i in 0..WIDTH {
            to[i] = self.0[i].round_ties_even() as u8;
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    use super::{Lanes, WIDTH};
    use std::arch::x86_64::*;

    /// One 512-bit register.
    #[derive(Clone, Copy)]
    pub(crate) struct Wide(__m512);

    impl Lanes for Wide {
        #[inline(always)]
        unsafe fn load(from: &[f32; WIDTH]) -> Self {
            unsafe { Wide(_mm512_loadu_ps(from.as_ptr())) }
        }
        #[inline(always)]
        unsafe fn store(self, to: &mut [f32; WIDTH]) {
            unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
        }
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            unsafe { Wide(_mm512_set1_ps(value)) }
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            unsafe { Wide(_mm512_add_ps(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn sub(self, other: Self) -> Self {
            unsafe { Wide(_mm512_sub_ps(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn mul(self, other: Self) -> Self {
            unsafe { Wide(_mm512_mul_ps(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn fma(self, other: Self, term: Self) -> Self {
            unsafe { Wide(_mm512_fmadd_ps(self.0, other.0, term.0)) }
        }
        #[inline(always)]
        unsafe fn max(self, other: Self) -> Self {
            unsafe { Wide(_mm512_max_ps(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn min(self, other: Self) -> Self {
            unsafe { Wide(_mm512_min_ps(self.0, other.0)) }
        }
        #[inline(always)]
        unsafe fn abs(self) -> Self {
            unsafe { Wide(_mm512_abs_ps(self.0)) }
        }
        #[inline(always)]
        unsafe fn round(self) -> Self {
            unsafe { Wide(_mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)) }
        }
        #[inline(always)]
        unsafe fn exp2(self) -> Self {
            unsafe {
                let exponent = _mm512_add_epi32(_mm512_cvtps_epi32(self.0), _mm512_set1_epi32(127));
                Wide(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(exponent)))
            }
        }
        #[inline(always)]
        unsafe fn bytes(self, to: &mut [u8; WIDTH]) {
            unsafe {
                _mm_storeu_si128(to.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(self.0)));
            }
        }
    }

    /// Two 256-bit registers.
    #[derive(Clone, Copy)]
    pub(crate) struct Pair(__m256, __m256);

    impl Lanes for Pair {
        #[inline(always)]
        unsafe fn load(from: &[f32; WIDTH]) -> Self {
            unsafe { Pair(_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))) }
        }
        #[inline(always)]
        unsafe fn store(self, to: &mut [f32; WIDTH]) {
            unsafe {
                _mm256_storeu_ps(to.as_mut_ptr(), self.0);
                _mm256_storeu_ps(to.as_mut_ptr().add(8), self.1);
            }
        }
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            unsafe { Pair(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            unsafe { Pair(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
        }
        #[inline(always)]
        unsafe fn sub(self, other: Self) -> Self {
            unsafe { Pair(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
        }
        #[inline(always)]
        unsafe fn mul(self, other: Self) -> Self {
            unsafe { Pair(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
        }
        #[inline(always)]
        unsafe fn fma(self, other: Self, term: Self) -> Self {
            unsafe { Pair(_mm256_fmadd_ps(self.0, other.0, term.0), _mm256_fmadd_ps(self.1, other.1, term.1)) }
        }
        #[inline(always)]
        unsafe fn max(self, other: Self) -> Self {
            unsafe { Pair(_mm256_max_ps(self.0, other.0), _mm256_max_ps(self.1, other.1)) }
        }
        #[inline(always)]
        unsafe fn min(self, other: Self) -> Self {
            unsafe { Pair(_mm256_min_ps(self.0, other.0), _mm256_min_ps(self.1, other.1)) }
        }
        #[inline(always)]
        unsafe fn abs(self) -> Self {
            unsafe {
                let sign = _mm256_set1_ps(-0.0);
                Pair(_mm256_andnot_ps(sign, self.0), _mm256_andnot_ps(sign, self.1))
            }
        }
        #[inline(always)]
        unsafe fn round(self) -> Self {
            unsafe {
                const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
                Pair(_mm256_round_ps::<NEAREST>(self.0), _mm256_round_ps::<NEAREST>(self.1))
            }
        }
        #[inline(always)]
        unsafe fn exp2(self) -> Self {
            unsafe {
                let bias = _mm256_set1_epi32(127);
                let low = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(self.0), bias));
                let high = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(self.1), bias));
                Pair(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high))
            }
        }
        #[inline(always)]
        unsafe fn bytes(self, to: &mut [u8; WIDTH]) {
            unsafe {
                // Packing works within 128-bit halves, so the quarters are put back in order afterwards.
                let words = _mm256_packs_epi32(_mm256_cvtps_epi32(self.0), _mm256_cvtps_epi32(self.1));
                let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
                let bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
                _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
            }
        }
    }
}

/// Defines `fn name(path, ...)` that runs the generic `body::<Form>(...)` compiled for the form `path` names.
macro_rules! versions {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? = $body:ident) => {
        $(#[$meta])*
        $vis fn $name(path: $crate::model::lanes::Path, $($arg: $type),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::model::lanes::{Path, x86};
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
                fn wide($($arg: $type),*) $(-> $ret)? {
                    // SAFETY: this function has the instructions enabled.
                    unsafe { $body::<x86::Wide>($($arg),*) }
                }
                #[target_feature(enable = "avx2,fma")]
                fn pair($($arg: $type),*) $(-> $ret)? {
                    // SAFETY: this function has the instructions enabled.
                    unsafe { $body::<x86::Pair>($($arg),*) }
                }
                match path {
                    // SAFETY: `Path::available` gives these out only where the machine has the instructions.
                    Path::Avx512 => return unsafe { wide($($arg),*) },
                    // SAFETY: as above.
                    Path::Avx2 => return unsafe { pair($($arg),*) },
                    _ => {}
                }
            }
            let _ = path;
            // SAFETY: plain Rust runs everywhere.
            unsafe { $body::<$crate::model::lanes::Plain>($($arg),*) }
        }
    };
}
pub(crate) use versions;
