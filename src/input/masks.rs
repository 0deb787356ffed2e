//! Which bytes of a block of 64 matter to the splitter, one bit for each byte.
//!
//! The one door to vector instructions, and the only file with `unsafe` in it. A [`Level`] is a set
//! of instructions; a value of one that not every processor has exists only where the processor was
//! found to have it. Each level is compared with the slow twin, byte by byte, in the tests.

#![allow(unsafe_code, reason = "vector instructions; every use says why it is sound")]

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// The bytes of a block that matter, one bit each, the first byte in the lowest bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Masks {
    /// The delimiter.
    pub delimiters: u64,
    /// LF.
    pub feeds: u64,
    /// CR.
    pub returns: u64,
    /// `"`.
    pub quotes: u64,
    /// Whether a byte is NUL or no ASCII; not where.
    pub odd: bool,
}

/// A way to make masks, and to make places of them.
pub trait Level: Copy {
    /// The masks of a block. Cheap only inside [`Level::run`].
    fn masks(self, block: &[u8; BLOCK], delimiter: u8) -> Masks;

    /// Writes the places of the bits that are set, in order; `base` is that of the first bit. What
    /// stands after them means nothing. Cheap only inside [`Level::run`].
    #[inline(always)]
    fn places(self, bits: u64, base: u32, into: &mut [u32; BLOCK]) {
        words::places(bits, base, into);
    }

    /// Runs `work`, compiled for the instructions of this level.
    fn run<R>(self, work: impl FnOnce() -> R) -> R;
}

/// 32 bytes at a time: processors with AVX2 (most since 2013).
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub struct Avx2(());

/// Places 16 at a time, without a look at each bit, and masks as with AVX2, since wider ones are
/// not faster: processors with AVX-512 VBMI2 (Intel since 2019, AMD since 2022).
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub struct Vbmi2(Avx2);

/// 8 bytes at a time, in ordinary registers: every processor.
#[derive(Debug, Clone, Copy)]
pub struct Words;

impl Level for Words {
    #[inline(always)]
    fn masks(self, block: &[u8; BLOCK], delimiter: u8) -> Masks {
        words::masks(block, delimiter)
    }

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    /// The level, if this processor has it.
    #[inline]
    pub fn detect() -> Option<Avx2> {
        let detected = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt");
        detected.then_some(Avx2(()))
    }
}

#[cfg(target_arch = "x86_64")]
impl Level for Avx2 {
    #[inline(always)]
    fn masks(self, block: &[u8; BLOCK], delimiter: u8) -> Masks {
        // SAFETY: a value of `Avx2` is made by `detect` alone, where the processor has AVX2.
        unsafe { vector::masks(block, delimiter) }
    }

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        // SAFETY: a value of `Avx2` is made by `detect` alone, where the processor has all three.
        unsafe { vector::run(work) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Vbmi2 {
    /// The level, if this processor has it.
    #[inline]
    pub fn detect() -> Option<Vbmi2> {
        let level = Avx2::detect().map(Vbmi2);
        level.filter(|_| {
            is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vbmi2")
        })
    }
}

#[cfg(target_arch = "x86_64")]
impl Level for Vbmi2 {
    #[inline(always)]
    fn masks(self, block: &[u8; BLOCK], delimiter: u8) -> Masks {
        self.0.masks(block, delimiter)
    }

    #[inline(always)]
    fn places(self, bits: u64, base: u32, into: &mut [u32; BLOCK]) {
        // SAFETY: a value of `Vbmi2` is made by `detect` alone, where the processor has both.
        unsafe { vector::places(bits, base, into) }
    }

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        // SAFETY: a value of `Vbmi2` is made by `detect` alone, where the processor has all five.
        unsafe { vector::run_wide(work) }
    }
}

#[cfg(target_arch = "x86_64")]
mod vector {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm512_add_epi32,
        _mm512_castsi512_si128, _mm512_cvtepu8_epi32, _mm512_loadu_si512,
        _mm512_maskz_compress_epi8, _mm512_set1_epi32, _mm512_shuffle_i32x4, _mm512_storeu_si512,
    };

    use super::{BLOCK, Masks};

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    #[target_feature(enable = "avx2,bmi1,popcnt,avx512f,avx512vbmi2")]
    pub fn run_wide<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    /// The numbers of the bytes of a block.
    const NUMBERS: [u8; BLOCK] = {
        let mut numbers = [0; BLOCK];
        let mut at = 0;
        while at < BLOCK {
            #[allow(clippy::indexing_slicing, reason = "the loop ends at the length")]
            {
                numbers[at] = at as u8;
            }
            at += 1;
        }
        numbers
    };

    #[inline]
    #[target_feature(enable = "popcnt,avx512f,avx512vbmi2")]
    pub fn places(bits: u64, base: u32, into: &mut [u32; BLOCK]) {
        let base = _mm512_set1_epi32(base.cast_signed());
        // SAFETY: 64 bytes at the start of 64; any alignment will do.
        let numbers = unsafe { _mm512_loadu_si512(NUMBERS.as_ptr().cast()) };
        let mut set = _mm512_maskz_compress_epi8(bits, numbers);
        let pieces = (bits.count_ones() as usize).div_ceil(16);
        for sixteen in into.as_chunks_mut::<16>().0.iter_mut().take(pieces) {
            let places = _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(set)), base);
            // SAFETY: 16 numbers of 32 bits are 64 bytes; any alignment will do.
            unsafe { _mm512_storeu_si512(sixteen.as_mut_ptr().cast(), places) };
            // The next sixteen.
            set = _mm512_shuffle_i32x4::<0b11_11_10_01>(set, set);
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn masks(block: &[u8; BLOCK], delimiter: u8) -> Masks {
        let first: *const __m256i = block.as_ptr().cast();
        // SAFETY: 32 bytes at the start of 64, then the 32 after them; any alignment will do.
        let (a, b) = unsafe { (_mm256_loadu_si256(first), _mm256_loadu_si256(first.add(1))) };
        let low = _mm256_cmpeq_epi8(_mm256_min_epu8(a, b), _mm256_setzero_si256());
        let odd = _mm256_movemask_epi8(_mm256_or_si256(low, _mm256_or_si256(a, b)));
        Masks {
            delimiters: equal(a, b, delimiter),
            feeds: equal(a, b, b'\n'),
            returns: equal(a, b, b'\r'),
            quotes: equal(a, b, b'"'),
            odd: odd != 0,
        }
    }

    /// The bytes that equal `wanted`.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn equal(a: __m256i, b: __m256i, wanted: u8) -> u64 {
        let wanted = _mm256_set1_epi8(wanted.cast_signed());
        let bits =
            |part| u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(part, wanted)).cast_unsigned());
        bits(a) | bits(b) << 32
    }
}

mod words {
    use super::{BLOCK, Masks};

    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

    #[inline(always)]
    pub fn masks(block: &[u8; BLOCK], delimiter: u8) -> Masks {
        let mut masks = Masks::default();
        for (at, word) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let shift = 8 * at;
            masks.delimiters |= equal(word, delimiter) << shift;
            masks.feeds |= equal(word, b'\n') << shift;
            masks.returns |= equal(word, b'\r') << shift;
            masks.quotes |= equal(word, b'"') << shift;
            masks.odd |= word & !LOW != 0 || equal(word, 0) != 0;
        }
        masks
    }

    #[inline(always)]
    pub fn places(mut bits: u64, base: u32, into: &mut [u32; BLOCK]) {
        // Eight at a time, whether there are so many or not: a branch for each would cost more.
        let pieces = (bits.count_ones() as usize).div_ceil(8);
        for eight in into.as_chunks_mut::<8>().0.iter_mut().take(pieces) {
            for place in eight {
                *place = base.wrapping_add(bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
        }
    }

    /// The bytes of a word that equal `wanted`, one bit each.
    #[inline(always)]
    fn equal(word: u64, wanted: u8) -> u64 {
        let differs = word ^ u64::from_ne_bytes([wanted; 8]);
        // The high bit of each byte that is zero, exactly; then the eight bits side by side.
        let high = !(((differs & LOW) + LOW) | differs | LOW);
        ((high >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What masks mean.
    fn slow(block: &[u8; BLOCK], delimiter: u8) -> Masks {
        let bits = |wanted: u8| {
            let equal = |(at, byte): (usize, &u8)| u64::from(*byte == wanted) << at;
            block.iter().enumerate().map(equal).sum()
        };
        Masks {
            delimiters: bits(delimiter),
            feeds: bits(b'\n'),
            returns: bits(b'\r'),
            quotes: bits(b'"'),
            odd: block.iter().any(|byte| *byte == 0 || !byte.is_ascii()),
        }
    }

    proptest::proptest! {
        #[test]
        fn every_way_gives_the_masks_byte_by_byte(
            picks in proptest::collection::vec(0_usize..12, BLOCK),
            rare in 0_usize..40,
            delimiter in proptest::sample::select(&b",;|\t"[..]),
        ) {
            // With few NULs and high bytes, so that both values of `odd` are met.
            let alphabet = b"a1,;|\t\"\n\r\x0b\x00\xff";
            let mut block = [0; BLOCK];
            for (at, (byte, pick)) in block.iter_mut().zip(&picks).enumerate() {
                let odd = *pick >= 10 && at != rare;
                *byte = alphabet[if odd { 0 } else { *pick }];
            }
            let want = slow(&block, delimiter);
            proptest::prop_assert_eq!(Words.masks(&block, delimiter), want);
            #[cfg(target_arch = "x86_64")]
            if let Some(level) = Avx2::detect() {
                let got = level.run(|| level.masks(&block, delimiter));
                proptest::prop_assert_eq!(got, want);
            }
            #[cfg(target_arch = "x86_64")]
            if let Some(level) = Vbmi2::detect() {
                let got = level.run(|| level.masks(&block, delimiter));
                proptest::prop_assert_eq!(got, want);
            }
        }

        #[test]
        fn every_way_gives_the_places_bit_by_bit(
            one in proptest::num::u64::ANY,
            other in proptest::num::u64::ANY,
            kind in 0..5,
            base in 0..u32::MAX - 64,
        ) {
            // Few bits, some and many.
            let bits = [one, one & other, one | other, 0, !0][kind as usize];
            let want: Vec<u32> =
                (0..64).filter(|at| bits & (1 << at) != 0).map(|at| base + at).collect();
            let mut got = [0; BLOCK];
            Words.places(bits, base, &mut got);
            proptest::prop_assert_eq!(&got[..want.len()], &want);
            #[cfg(target_arch = "x86_64")]
            if let Some(level) = Avx2::detect() {
                level.run(|| level.places(bits, base, &mut got));
                proptest::prop_assert_eq!(&got[..want.len()], &want);
            }
            #[cfg(target_arch = "x86_64")]
            if let Some(level) = Vbmi2::detect() {
                let mut got = [0; BLOCK];
                level.run(|| level.places(bits, base, &mut got));
                proptest::prop_assert_eq!(&got[..want.len()], &want);
            }
        }
    }
}
