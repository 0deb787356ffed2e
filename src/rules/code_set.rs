//! Sets of codes from the data files of `rules/`: which code is unlisted, which is a visit.

use serde::Deserialize;

use crate::error::Result;
use crate::model::{Class, Code};
use crate::rules::code_range::CodeRange;

/// Codes of any class, prepared for a look-up per line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeSet {
    /// By class and first code; no two hold the same code.
    ranges: Vec<CodeRange>,
    /// A bit for each number that any of the codes has: few codes need to be searched for.
    numbers: Vec<u64>,
}

/// The sets of `rules/code_sets.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CodeSets {
    /// Codes for services that no other code is there for.
    pub unlisted: CodeSet,
    /// Codes of evaluations, which may be given beside another service.
    pub evaluations: CodeSet,
    /// Where the services of some codes are given.
    pub places: Vec<PlacesOfCodes>,
}

/// The places at which the services of some codes are given: those of `only`, or all but `never`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacesOfCodes {
    /// The codes.
    pub codes: CodeSet,
    /// The only places that fit; any if there is none here.
    #[serde(default)]
    pub only: Vec<String>,
    /// Places that do not fit.
    #[serde(default)]
    pub never: Vec<String>,
}

impl CodeSet {
    /// The codes of some ranges.
    pub fn of(mut ranges: Vec<CodeRange>) -> CodeSet {
        ranges.sort_by_key(|range| (range.class, range.first));
        ranges.dedup_by(|next, range| {
            let overlap = next.class == range.class && next.first <= range.last;
            if overlap {
                range.last = range.last.max(next.last);
            }
            overlap
        });
        let mut numbers = Vec::new();
        for range in &ranges {
            for number in range.first.number() as usize..=range.last.number() as usize {
                numbers.resize(numbers.len().max(number / 64 + 1), 0);
                numbers
                    .get_mut(number / 64)
                    .into_iter()
                    .for_each(|word| *word |= 1 << (number % 64));
            }
        }
        CodeSet { ranges, numbers }
    }

    /// The codes of all these sets.
    pub fn of_all<'s>(sets: impl Iterator<Item = &'s CodeSet>) -> CodeSet {
        CodeSet::of(sets.flat_map(|set| set.ranges.iter().copied()).collect())
    }

    /// Whether `code`, which is of class `class`, is among them.
    #[inline]
    pub fn contains(&self, code: Code, class: Class) -> bool {
        let number = code.number();
        let word = self.numbers.get(number as usize / 64).copied().unwrap_or(0);
        word & (1 << (number % 64)) != 0 && self.has(code, class)
    }

    fn has(&self, code: Code, class: Class) -> bool {
        let after =
            self.ranges.partition_point(|range| (range.class, range.first) <= (class, code));
        let range = after.checked_sub(1).and_then(|at| self.ranges.get(at));
        range.is_some_and(|range| range.contains(code, class))
    }
}

impl<'de> Deserialize<'de> for CodeSet {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let ranges = texts.iter().map(|text| CodeRange::parse(text));
        let ranges = ranges.collect::<Result<Vec<_>>>();
        ranges.map(CodeSet::of).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::embedded;

    fn has(set: &CodeSet, code: &str) -> bool {
        let (code, class) = Code::parse(code.as_bytes()).unwrap();
        set.contains(code, class)
    }

    #[test]
    fn a_set_holds_what_any_of_its_ranges_holds() {
        let texts = ["99213", "10004-10021", "10010-10030", "10012", "0500F-0503F", "G0438"];
        let ranges: Vec<CodeRange> =
            texts.iter().map(|text| CodeRange::parse(text).unwrap()).collect();
        let set = CodeSet::of(ranges.clone());
        let numbers = (0..100_000).map(|number| format!("{number:05}"));
        let others = (0..10_000).flat_map(|n| [format!("{n:04}F"), format!("G{n:04}")]);
        for code in numbers.chain(others) {
            let (parsed, class) = Code::parse(code.as_bytes()).unwrap();
            let want = ranges.iter().any(|range| range.contains(parsed, class));
            assert_eq!(has(&set, &code), want, "{code}");
        }
    }

    #[test]
    fn the_built_in_sets_are_read() {
        let sets = embedded::code_sets().unwrap();
        for code in ["15999", "23929", "64999", "99600", "E1399", "J3490", "Q4100"] {
            assert!(has(&sets.unlisted, code), "{code}");
        }
        for code in ["99199", "01999", "99499"] {
            assert!(has(&sets.unlisted, code), "{code}");
        }
        for code in ["99299", "43299", "64998", "J3491"] {
            assert!(!has(&sets.unlisted, code), "{code}");
        }
        assert!(has(&sets.evaluations, "99213") && !has(&sets.evaluations, "93000"));
        for fit in &sets.places {
            assert!(fit.only.is_empty() != fit.never.is_empty());
            assert!(fit.only.iter().chain(&fit.never).all(|place| place.len() == 2));
        }
    }
}
