//! Chance from a seed: splitmix64, small enough to start anew for every line.

/// A stream of numbers that depends on nothing but what it was made from.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream number `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed ^ 0x5EED_C1A1_3117_0001).wrapping_add(stream)))
    }

    /// The next number of 64 bits.
    #[inline]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `limit`, which must fit 32 bits and not be 0 unless 0 may be returned.
    #[inline]
    pub fn below(&mut self, limit: u64) -> u64 {
        debug_assert!(limit <= 1 << 32);
        ((self.next() >> 32) * limit) >> 32
    }

    /// Whether something happens that happens `share` times in ten thousand.
    #[inline]
    pub fn happens(&mut self, share: u32) -> bool {
        self.below(10_000) < u64::from(share)
    }

    /// One of `choices`.
    #[inline]
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// The finishing step of splitmix64: every bit of the result depends on every bit of the input.
#[inline]
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
