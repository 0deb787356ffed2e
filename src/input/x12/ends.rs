//! Where segments end, found ahead for all of a portion: 64 bytes at a time.

#[cfg(target_arch = "x86_64")]
use crate::input::masks::{Avx2, Vbmi2};
use crate::input::masks::{BLOCK, Level, Words};

/// The terminators in a text that grows, from some place on.
#[derive(Debug, Default)]
pub struct Ends {
    places: Vec<u32>,
    /// How many of the places were passed.
    passed: usize,
    /// How much of the text was searched.
    searched: usize,
    terminator: u8,
}

impl Ends {
    /// Forgets what was found, and looks for `terminator` from `pos` of the text on.
    pub fn begin(&mut self, terminator: u8, pos: usize) {
        self.places.clear();
        self.passed = 0;
        self.searched = pos;
        self.terminator = terminator;
    }

    /// Forgets what lies at `length` of the text and after it, which is no longer there.
    pub fn truncate(&mut self, length: usize) {
        self.places.truncate(self.places.partition_point(|place| (*place as usize) < length));
        self.passed = self.passed.min(self.places.len());
        self.searched = self.searched.min(length);
    }

    /// Searches what the text has had added.
    pub fn search(&mut self, text: &[u8]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = Vbmi2::detect() {
            return level.run(|| self.search_at(level, text));
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = Avx2::detect() {
            return level.run(|| self.search_at(level, text));
        }
        self.search_at(Words, text);
    }

    /// The same with the instructions of a level.
    #[inline(always)]
    fn search_at(&mut self, level: impl Level, text: &[u8]) {
        let (blocks, rest) = text.get(self.searched..).unwrap_or_default().as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        let mut places = [0; BLOCK];
        let all = !0_u64;
        let of_last = !all.checked_shl(rest.len() as u32).unwrap_or(0);
        let blocks = blocks.iter().map(|block| (block, all)).chain([(&last, of_last)]);
        for (base, (block, is_text)) in (self.searched as u32..).step_by(BLOCK).zip(blocks) {
            let bits = level.masks(block, self.terminator).delimiters & is_text;
            level.places(bits, base, &mut places);
            let found = places.get(..bits.count_ones() as usize).unwrap_or_default();
            self.places.extend_from_slice(found);
        }
        self.searched = text.len();
    }

    /// The first terminator at `pos` or after it, as far as was searched.
    pub fn at_or_after(&mut self, pos: usize) -> Option<usize> {
        while let Some(place) = self.places.get(self.passed) {
            if *place as usize >= pos {
                return Some(*place as usize);
            }
            self.passed += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn ends_are_those_byte_by_byte(
            picks in proptest::collection::vec(0_usize..6, 0..400),
            steps in proptest::collection::vec(1_usize..150, 1..9),
            terminator in proptest::sample::select(&b"~\n\0"[..]),
            start in 0_usize..100,
        ) {
            let text: Vec<u8> = picks.iter().map(|pick| b"~\n\0ab\xff"[*pick]).collect();
            let start = start.min(text.len());
            let ends = (start..text.len()).filter(|at| text[*at] == terminator);
            let want: Vec<u32> = ends.map(|at| at as u32).collect();
            let search = |ends: &mut Ends, text: &[u8], level: usize| match level {
                #[cfg(target_arch = "x86_64")]
                1 if Avx2::detect().is_some() => {
                    let level = Avx2::detect().unwrap();
                    level.run(|| ends.search_at(level, text));
                }
                2 => ends.search(text),
                _ => ends.search_at(Words, text),
            };
            for level in 0..3 {
                let mut ends = Ends::default();
                ends.begin(terminator, start);
                let mut length = start;
                for step in &steps {
                    length = (length + step).min(text.len());
                    search(&mut ends, &text[..length], level);
                }
                // What was cut off is found again.
                ends.truncate(start + (length - start) / 2);
                search(&mut ends, &text, level);
                proptest::prop_assert_eq!(&ends.places, &want);
                for pos in start..=text.len() {
                    let next = want.iter().map(|at| *at as usize).find(|at| *at >= pos);
                    proptest::prop_assert_eq!(ends.at_or_after(pos), next);
                }
            }
        }
    }
}
