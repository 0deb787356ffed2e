//! The sections of a category, prepared for a look-up per line: one bit for each code number.

use crate::lint::knowledge::Sections;
use crate::model::Code;

/// Code numbers have at most five digits.
const NUMBERS: usize = 100_000;

/// The sections of one category.
#[derive(Debug)]
pub struct SectionSet {
    bits: Vec<u64>,
    /// First number, last number and section name of every range.
    ranges: Vec<(u32, u32, String)>,
    /// What a code of the category ends in after its number.
    suffix: &'static str,
}

impl SectionSet {
    /// Prepares `sections`, whose codes are a number followed by `suffix`.
    pub fn new(sections: &Sections, suffix: &'static str) -> Self {
        let mut bits = vec![0_u64; NUMBERS.div_ceil(64)];
        let mut ranges = Vec::new();
        for section in &sections.0 {
            for &(first, last) in &section.ranges {
                for number in first..=last.min(NUMBERS as u32 - 1) {
                    if let Some(word) = bits.get_mut(number as usize / 64) {
                        *word |= 1 << (number % 64);
                    }
                }
                ranges.push((first, last, section.name.clone()));
            }
        }
        Self { bits, ranges, suffix }
    }

    /// Whether `code` lies in any section. Means what [`Sections::contain`] means.
    #[inline]
    pub fn contain(&self, code: Code) -> bool {
        let number = code.number();
        let word = self.bits.get(number as usize / 64).copied().unwrap_or(0);
        word & (1 << (number % 64)) != 0
    }

    /// The ranges on both sides of a code that lies in none, for a message.
    pub fn neighbours(&self, code: Code) -> String {
        let number = code.number();
        let below = self.ranges.iter().filter(|(_, last, _)| *last < number);
        let above = self.ranges.iter().filter(|(first, _, _)| *first > number);
        let below = below.max_by_key(|(_, last, _)| *last);
        let above = above.min_by_key(|(first, _, _)| *first);
        let below = below.map(|(_, last, name)| format!("{name} ends at {}", self.written(*last)));
        let above =
            above.map(|(first, _, name)| format!("{name} begins at {}", self.written(*first)));
        let sides: Vec<String> = below.into_iter().chain(above).collect();
        sides.join(", ")
    }

    fn written(&self, number: u32) -> String {
        format!("{number:0width$}{}", self.suffix, width = 5 - self.suffix.len())
    }
}
