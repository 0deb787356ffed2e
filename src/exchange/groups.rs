//! Rows with equal keys, merged: what is known of each group of a partition.
//!
//! Keys are found by their hash and then compared, so two keys of one hash are told apart. The
//! slow twin is a map from key to row, in the tests below.

use crate::error::Result;
use crate::exchange::rows::{self, Encoded, Row, add_witness};
use crate::exchange::wire::broken;
use crate::model::Code;
use crate::model::group::{CodeCounts, Witness};

/// What is known of the groups of a partition, in the order in which their keys first came.
#[derive(Debug, Default)]
pub struct Groups {
    /// Where the hash says, or after it: one more than the place of a group in `entries`, and above
    /// it the upper half of its hash, so that others need not be looked at. Zero where none is.
    slots: Vec<u64>,
    entries: Vec<Entry>,
    /// The keys, one after the other.
    keys: Vec<u8>,
    more: Vec<More>,
    /// About what `more` costs, in bytes.
    more_bytes: usize,
}

/// A group. Nearly all of them are known by this alone.
#[derive(Debug)]
struct Entry {
    hash: u64,
    lines: u64,
    facts: u64,
    /// Where its key ends; it starts where that of the last entry ends.
    key_end: u32,
    /// One more than the place in `more`; zero where there is none.
    more: u32,
}

/// What is known of some groups only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct More {
    /// Rules with a finding on any of the lines, one bit each.
    pub hits: u128,
    /// The first witness of each rule for claims that has one.
    pub witnesses: Vec<(u8, Witness)>,
    /// The codes that each rule for claims keeps.
    pub codes: Vec<(u8, CodeCounts)>,
}

/// What a group costs: its entry and its slots.
const ENTRY_BYTES: usize = size_of::<Entry>() + 2 * size_of::<u64>();
/// About what the rest of a group costs, and each code.
const MORE_BYTES: usize = size_of::<More>() + 128;
const CODE_BYTES: usize = 32;

impl Groups {
    /// How many groups.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// About what they cost in memory, in bytes.
    #[inline]
    pub fn cost(&self) -> usize {
        self.entries.len() * ENTRY_BYTES + self.keys.len() + self.more_bytes
    }

    /// Adds what a row says of its key.
    #[inline]
    pub fn add(&mut self, row: &Encoded<'_>) -> Result<()> {
        let at = self.place(row.hash, row.key)?;
        if row.tail.is_some() {
            return self.add_more(at, row.row()?);
        }
        if let Some(entry) = self.entries.get_mut(at) {
            entry.lines += u64::from(row.lines);
            entry.facts |= u64::from(row.facts);
        }
        Ok(())
    }

    fn add_more(&mut self, at: usize, row: Row) -> Result<()> {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.lines += row.lines;
            entry.facts |= row.facts;
        }
        if row.hits != 0 || !row.witnesses.is_empty() {
            let more = self.more_mut(at)?;
            more.hits |= row.hits;
            for (check, witness) in row.witnesses {
                add_witness(&mut more.witnesses, check, witness);
            }
        }
        Ok(())
    }

    /// The group with this key, a new one if there is none.
    #[inline]
    fn place(&mut self, hash: u64, key: &[u8]) -> Result<usize> {
        if self.slots.len() * 3 <= self.entries.len() * 4 {
            self.grow();
        }
        let slot = match self.seek(hash, key) {
            Ok(at) => return Ok(at),
            Err(slot) => slot,
        };
        self.keys.extend_from_slice(key);
        let key_end = u32::try_from(self.keys.len()).map_err(|_| broken())?;
        self.entries.push(Entry { hash, lines: 0, facts: 0, key_end, more: 0 });
        let number = u32::try_from(self.entries.len()).map_err(|_| broken())?;
        self.slots.get_mut(slot).into_iter().for_each(|free| *free = tagged(hash, number));
        Ok(self.entries.len() - 1)
    }

    /// The place of the group with this key, or the free slot where it is to be noted. There must
    /// be slots, and a free one among them.
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "the mask keeps slots below their number")]
    fn seek(&self, hash: u64, key: &[u8]) -> std::result::Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let known = self.slots[slot];
            if known == 0 {
                return Err(slot);
            }
            if (known ^ hash) >> u32::BITS == 0 {
                let at = known as u32 as usize - 1;
                let is = self.entries.get(at).is_some_and(|entry| entry.hash == hash);
                if is && self.key(at) == key {
                    return Ok(at);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Doubles the slots.
    #[cold]
    fn grow(&mut self) {
        let slots = (2 * self.slots.len()).max(256);
        let mask = slots - 1;
        self.slots.clear();
        self.slots.resize(slots, 0);
        for (entry, number) in self.entries.iter().zip(1..) {
            let mut slot = entry.hash as usize & mask;
            while self.slots.get(slot).is_some_and(|known| *known != 0) {
                slot = (slot + 1) & mask;
            }
            let free = self.slots.get_mut(slot);
            free.into_iter().for_each(|free| *free = tagged(entry.hash, number));
        }
    }

    /// The place of the group that a row belongs to, if it is known.
    pub fn find(&self, row: &Encoded<'_>) -> Option<usize> {
        if self.slots.is_empty() { None } else { self.seek(row.hash, row.key).ok() }
    }

    /// The key of a group.
    pub fn key(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = start.map_or(0, |entry| entry.key_end as usize);
        let end = self.entries.get(at).map_or(start, |entry| entry.key_end as usize);
        self.keys.get(start..end).unwrap_or_default()
    }

    /// How many lines a group has, and their facts, four bits for each rule for claims.
    pub fn lines_and_facts(&self, at: usize) -> (u64, u64) {
        self.entries.get(at).map_or((0, 0), |entry| (entry.lines, entry.facts))
    }

    /// What else is known of a group.
    pub fn more(&self, at: usize) -> Option<&More> {
        let more = self.entries.get(at)?.more as usize;
        self.more.get(more.checked_sub(1)?)
    }

    fn more_mut(&mut self, at: usize) -> Result<&mut More> {
        let entry = self.entries.get_mut(at).ok_or_else(broken)?;
        if entry.more == 0 {
            self.more.push(More::default());
            self.more_bytes += MORE_BYTES;
            entry.more = u32::try_from(self.more.len()).map_err(|_| broken())?;
        }
        self.more.get_mut(entry.more as usize - 1).ok_or_else(broken)
    }

    /// Notes that rules, one bit each, found something in a group.
    pub fn add_hits(&mut self, at: usize, hits: u128) -> Result<()> {
        if hits != 0 {
            self.more_mut(at)?.hits |= hits;
        }
        Ok(())
    }

    /// Counts the code of a line of a group that the rules for claims in `keepers`, one bit each,
    /// keep.
    pub fn add_code(&mut self, at: usize, code: Code, mut keepers: u32) -> Result<()> {
        let more = self.more_mut(at)?;
        let mut added = 0;
        while keepers != 0 {
            let check = keepers.trailing_zeros() as u8;
            keepers &= keepers - 1;
            let counts = match more.codes.iter().position(|(known, _)| *known == check) {
                Some(at) => at,
                None => {
                    more.codes.push((check, CodeCounts::default()));
                    more.codes.len() - 1
                }
            };
            let Some((_, counts)) = more.codes.get_mut(counts) else { continue };
            let before = counts.len();
            counts.add(code);
            added += (counts.len() - before) * CODE_BYTES;
        }
        self.more_bytes += added;
        Ok(())
    }

    /// The rules that found something in a group, one bit each, for the groups of which more is
    /// known; all others have none.
    pub fn hits(&self) -> impl Iterator<Item = u128> {
        self.more.iter().map(|more| more.hits)
    }

    /// Appends one row for each group. Codes of kept lines are not part of it.
    pub fn encode(&self, into: &mut Vec<u8>) {
        for (at, entry) in self.entries.iter().enumerate() {
            let mut row = Row { lines: entry.lines, facts: entry.facts, ..Row::default() };
            if let Some(more) = self.more(at) {
                row.hits = more.hits;
                row.witnesses.clone_from(&more.witnesses);
            }
            rows::encode(entry.hash, self.key(at), &row, into);
        }
    }
}

/// The number of a group, below the upper half of its hash.
#[inline]
fn tagged(hash: u64, number: u32) -> u64 {
    hash >> u32::BITS << u32::BITS | u64::from(number)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::exchange::rows::{EncodedRows, hash_key};
    use crate::exchange::{Exchange, Lane, PARTITIONS, RowsBuilder};
    use crate::model::batch::Place;
    use crate::model::{Cents, KeptLine, Snippet};

    fn place(record: u64) -> Place {
        Place { source: 0, record, line: record + 1, byte: record * 10 }
    }

    fn code(record: u64) -> Code {
        Code::parse(format!("{:04}F", record % 3000).as_bytes()).unwrap().0
    }

    fn row(record: u64) -> Row {
        let witness = Witness { place: place(record), code: code(record) };
        Row {
            lines: if record.is_multiple_of(9) { record * 1000 } else { record % 3 },
            facts: 1 << (record % if record.is_multiple_of(11) { 64 } else { 8 }),
            hits: if record.is_multiple_of(5) { 1 << (record % 128) } else { 0 },
            witnesses: match record % 4 {
                0 => vec![((record % 2) as u8, witness)],
                _ => Vec::new(),
            },
        }
    }

    fn kept(record: u64, value: &str) -> Option<KeptLine<'_>> {
        let line = KeptLine {
            place: place(record),
            keepers: 1 + (record % 3) as u32,
            already_found: record.is_multiple_of(2),
            overrides: record << 31,
            code: code(record),
            value: value.as_bytes(),
            claim_key: record.is_multiple_of(7).then_some(b"C"),
            service_line: Some(b"1"),
            amount: Some(Cents(-500)),
            elsewhere: record
                .is_multiple_of(5)
                .then(|| Witness { place: place(record + 1), code: code(record) }),
            context: crate::model::Context {
                payer: record.is_multiple_of(3).then_some(b"P"),
                ..Default::default()
            },
            snippet: record.is_multiple_of(3).then(Snippet::default),
        };
        record.is_multiple_of(2).then_some(line)
    }

    /// A group, written plainly: lines and facts, the rest, and the records of its kept lines.
    type Plain = ((u64, u64), More, Vec<u64>);

    /// What an exchange means: a map.
    fn slow(rows: &[(String, u64)]) -> BTreeMap<Vec<u8>, Plain> {
        let mut map: BTreeMap<Vec<u8>, Plain> = BTreeMap::new();
        for (key, record) in rows {
            let ((lines, facts), more, lines_kept) =
                map.entry(key.clone().into_bytes()).or_default();
            let row = row(*record);
            *lines += row.lines;
            *facts |= row.facts;
            more.hits |= row.hits;
            for (check, witness) in row.witnesses {
                match more.witnesses.iter_mut().find(|(known, _)| *known == check) {
                    Some((_, first)) if first.place > witness.place => *first = witness,
                    Some(_) => {}
                    None => more.witnesses.push((check, witness)),
                }
            }
            if let Some(kept) = kept(*record, "3044f ") {
                lines_kept.push(kept.place.record);
                for check in (0..2).filter(|check| kept.keepers & (1 << check) != 0) {
                    let at = more.codes.iter().position(|(known, _)| *known == check);
                    let at = at.unwrap_or_else(|| {
                        more.codes.push((check, CodeCounts::default()));
                        more.codes.len() - 1
                    });
                    more.codes[at].1.add(kept.code);
                }
            }
        }
        for (_, more, lines_kept) in map.values_mut() {
            more.witnesses.sort_by_key(|(check, _)| *check);
            more.codes.sort_by_key(|(check, _)| *check);
            lines_kept.sort_unstable();
        }
        map
    }

    fn exchange(rows: &[(String, u64)], budget: usize, value: &str) -> Exchange {
        let mut exchange = Exchange::new(budget, &std::env::temp_dir());
        for part in rows.chunks(7) {
            let mut batch = RowsBuilder::default();
            for (key, record) in part {
                let hash = hash_key(key.as_bytes());
                batch.put(hash, key.as_bytes(), &row(*record));
                if let Some(line) = kept(*record, value) {
                    batch.put_kept(hash, key.as_bytes(), &line);
                }
            }
            exchange.put(batch.finish()).unwrap();
        }
        exchange
    }

    /// Adds the groups of all partitions, splitting each `splits` times.
    fn collect(
        mut exchange: Exchange,
        splits: u32,
        value: &str,
        map: &mut BTreeMap<Vec<u8>, Plain>,
    ) {
        exchange.prepare_split().unwrap();
        for partition in 0..PARTITIONS {
            if splits > 0 && exchange.can_split() {
                collect(exchange.split(partition).unwrap(), splits - 1, value, map);
                continue;
            }
            let mut groups = Groups::default();
            let mut lines: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
            for lane in [Lane::Facts(partition), Lane::Kept(partition)] {
                let each = |rows: EncodedRows<'_>| {
                    for row in rows {
                        if lane == Lane::Facts(partition) {
                            groups.add(&row)?;
                            continue;
                        }
                        let at = groups.find(&row).unwrap();
                        let (code, keepers) = row.kept_code()?;
                        groups.add_code(at, code, keepers)?;
                        let line = row.kept()?;
                        let record = line.place.record;
                        assert_eq!(Some(line), kept(record, value));
                        lines.entry(at).or_default().push(record);
                    }
                    Ok(true)
                };
                exchange.pieces(lane, each).unwrap();
            }
            for at in 0..groups.len() {
                let mut more = groups.more(at).cloned().unwrap_or_default();
                more.witnesses.sort_by_key(|(check, _)| *check);
                more.codes.sort_by_key(|(check, _)| *check);
                let mut kept = lines.remove(&at).unwrap_or_default();
                kept.sort_unstable();
                let group = (groups.lines_and_facts(at), more, kept);
                let before = map.insert(groups.key(at).to_vec(), group);
                assert_eq!(before, None, "a key came twice");
            }
        }
    }

    fn collected(exchange: Exchange, splits: u32, value: &str) -> BTreeMap<Vec<u8>, Plain> {
        let mut map = BTreeMap::new();
        collect(exchange, splits, value, &mut map);
        map
    }

    #[test]
    fn any_budget_any_order_and_any_split_give_the_map() {
        for keys in [1, 5, 400] {
            let key = |n: u64| format!("C{}", n * 7919 % keys);
            let mut rows: Vec<(String, u64)> = (0..1000).map(|n| (key(n), n)).collect();
            let want = slow(&rows);
            for budget in [0, 3_000, 40_000, usize::MAX / 4] {
                let got = collected(exchange(&rows, budget, "3044f "), 0, "3044f ");
                assert_eq!(got, want, "{keys} keys, budget {budget}");
            }
            rows.reverse();
            for (budget, splits) in [(3_000, 0), (0, 1), (usize::MAX / 4, 1)] {
                let got = collected(exchange(&rows, budget, "3044f "), splits, "3044f ");
                assert_eq!(got, want, "{keys} keys, budget {budget}, split {splits} times");
            }
        }
    }

    #[test]
    fn rows_longer_than_a_block_and_keys_longer_than_a_byte_counts() {
        let value = "x".repeat(150_000);
        let key = |n: u64| format!("{}{}", "K".repeat(n as usize * 60), n % 5);
        let rows: Vec<(String, u64)> = (0..12).map(|n| (key(n), n)).collect();
        for (budget, splits) in [(0, 0), (0, 1), (usize::MAX / 4, 1)] {
            let got = collected(exchange(&rows, budget, &value), splits, &value);
            assert_eq!(got, slow(&rows), "budget {budget}, split {splits} times");
        }
    }

    #[test]
    fn keys_of_one_hash_are_told_apart() {
        let mut bytes = Vec::new();
        for n in 0..300_u64 {
            let key = (n % 3).to_string();
            rows::encode(42, key.as_bytes(), &Row { lines: 1, ..Row::default() }, &mut bytes);
        }
        let mut groups = Groups::default();
        for row in EncodedRows(&bytes) {
            groups.add(&row).unwrap();
            assert!(groups.find(&row).is_some());
        }
        let known = |at| (groups.key(at), groups.lines_and_facts(at));
        let got: Vec<_> = (0..groups.len()).map(known).collect();
        assert_eq!(got, [(&b"0"[..], (100, 0)), (b"1", (100, 0)), (b"2", (100, 0))]);
    }

    #[test]
    fn a_row_that_is_not_whole_is_left() {
        let mut bytes = Vec::new();
        rows::encode(1, b"key", &row(1), &mut bytes);
        let plain = bytes.len();
        rows::encode(2, &b"K".repeat(300), &row(0), &mut bytes);
        for cut in 0..bytes.len() {
            let mut rows = EncodedRows(&bytes[..cut]);
            let whole = rows.by_ref().count();
            assert_eq!(whole, usize::from(cut >= plain), "cut at {cut}");
            assert_eq!(rows.0.len(), if whole == 1 { cut - plain } else { cut });
        }
    }
}
