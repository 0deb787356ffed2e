//! Claims, and lines that belong to none, by 128 bits each: what a run remembers of those that it
//! rejects, however many they are.

use std::io::Read;
use std::path::Path;

use xxhash_rust::xxh3::{xxh3_128, xxh3_128_with_seed};

use crate::error::{Error, Result};
use crate::exchange::spool::Spool;

/// What a claim is remembered by: a hash of its key. That two claims of a run share one is next to
/// impossible, and whoever splits a run counts lines in two ways, so it would not go unseen.
pub fn of_claim(key: &[u8]) -> u128 {
    xxh3_128(key)
}

/// What a record that belongs to no claim is remembered by.
pub fn of_record(source: u32, record: u64) -> u128 {
    let mut key = [0; 12];
    let (first, second) = key.split_at_mut(4);
    first.copy_from_slice(&source.to_le_bytes());
    second.copy_from_slice(&record.to_le_bytes());
    // Another seed than that of claims, whose numbers may be any bytes.
    xxh3_128_with_seed(&key, 1)
}

/// Units in any order: in memory up to a budget, then in a temporary file.
pub struct Units {
    spool: Spool,
    /// How many were put.
    pub count: u64,
}

const UNIT_BYTES: usize = size_of::<u128>();

impl Units {
    /// None yet; up to `budget` bytes are held in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self { spool: Spool::new(budget, directory), count: 0 }
    }

    /// Adds some.
    pub fn put(&mut self, units: &[u128]) -> Result<()> {
        self.count += units.len() as u64;
        units.iter().try_for_each(|unit| self.spool.put(&unit.to_le_bytes()))
    }

    /// How many times `budget` bytes it takes to look through all of them; at least one.
    pub fn rounds(&self, budget: usize) -> u64 {
        self.count.div_ceil(in_a_round(budget) as u64).max(1)
    }

    /// Begins to give them back, as many at a time as may be known in `budget` bytes.
    pub fn read(&self, budget: usize) -> Result<Rounds<'_>> {
        Ok(Rounds { reader: self.spool.read()?, most: in_a_round(budget) })
    }
}

/// How many units can be known in so many bytes: each takes its own and its part of the index.
fn in_a_round(budget: usize) -> usize {
    (budget / (UNIT_BYTES + 1)).clamp(1, u32::MAX as usize)
}

/// Gives units back, some at a time.
pub struct Rounds<'u> {
    reader: Box<dyn Read + Send + 'u>,
    most: usize,
}

impl Rounds<'_> {
    /// The next units, to be looked up in; none when all were given.
    pub fn next_lookup(&mut self) -> Result<Lookup> {
        let mut units = Vec::new();
        let mut unit = [0; UNIT_BYTES];
        while units.len() < self.most {
            match self.reader.read_exact(&mut unit) {
                Ok(()) => units.push(u128::from_le_bytes(unit)),
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(Error::read("temporary data", &error)),
            }
        }
        Ok(Lookup::new(units))
    }
}

/// Units in order, with an index by their first bits.
#[derive(Debug, Default)]
pub struct Lookup {
    units: Vec<u128>,
    /// Where the units begin whose first bits are this number, and one place more for the end.
    starts: Vec<u32>,
    shift: u32,
}

/// About how many units share their first bits.
const SHARED: usize = 8;

impl Lookup {
    fn new(mut units: Vec<u128>) -> Self {
        units.sort_unstable();
        let bits = (units.len() / SHARED).checked_ilog2().unwrap_or(0);
        let shift = u128::BITS - bits;
        let first_bits = |unit: u128| unit.checked_shr(shift).unwrap_or(0) as usize;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, unit) in units.iter().enumerate() {
            let reached = first_bits(*unit) + 1;
            if reached > starts.len() {
                starts.resize(reached, at as u32);
            }
        }
        starts.resize((1 << bits) + 1, units.len() as u32);
        Self { units, starts, shift }
    }

    /// Whether a unit is among them.
    pub fn contains(&self, unit: u128) -> bool {
        let bits = unit.checked_shr(self.shift).unwrap_or(0) as usize;
        let Some([from, to]) = self.starts.get(bits..).and_then(<[u32]>::first_chunk) else {
            return false;
        };
        let near = self.units.get(*from as usize..*to as usize).unwrap_or_default();
        near.binary_search(&unit).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_was_put_is_found_in_one_of_the_rounds_and_nothing_else() {
        for (count, memory, budget) in
            [(0, 0, 0), (1, 0, 1), (7, 100, 40), (5_000, 64, 4_000), (5_000, 1 << 20, 1 << 20)]
        {
            let mut units = Units::new(memory, &std::env::temp_dir());
            let put: Vec<u128> = (0..count).map(|at| of_record(at % 3, u64::from(at))).collect();
            put.chunks(11).for_each(|some| units.put(some).unwrap());
            let plain: BTreeSet<u128> = put.into_iter().collect();
            let (mut rounds, number) = (units.read(budget).unwrap(), units.rounds(budget));
            let lookups: Vec<Lookup> = (0..number).map(|_| rounds.next_lookup().unwrap()).collect();
            assert!(rounds.next_lookup().unwrap().units.is_empty());
            for at in 0..2 * count {
                for unit in [of_record(at % 3, u64::from(at)), of_claim(&at.to_le_bytes())] {
                    let found = lookups.iter().any(|lookup| lookup.contains(unit));
                    assert_eq!(found, plain.contains(&unit), "{at} of {count}");
                }
            }
        }
    }

    #[test]
    fn first_bits_that_no_unit_has_are_no_trouble() {
        let low: Vec<u128> = (0..100).collect();
        let high: Vec<u128> = low.iter().map(|unit| u128::MAX - unit).collect();
        for units in [low, high] {
            let lookup = Lookup::new(units.clone());
            assert!(units.iter().all(|unit| lookup.contains(*unit)));
            assert!(!lookup.contains(1 << 100) && !lookup.contains(1 << 127));
        }
    }
}
