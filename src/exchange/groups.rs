//! A partition into groups: rows with equal keys side by side, merged.
//!
//! The slow twin is a map from key to row, in the tests below.

use crate::error::Result;
use crate::exchange::rows::{self, Row};
use crate::exchange::wire::{Take, broken};

/// Calls `group` with each key of a partition and what is known of its lines, in the order of hash
/// and key.
pub fn for_each(
    partition: &[u8],
    mut group: impl FnMut(&[u8], &mut Row) -> Result<()>,
) -> Result<()> {
    let mut index = index(partition)?;
    for same_hash in index.chunk_by_mut(|a, b| a.0 == b.0) {
        let mut rows = Vec::with_capacity(same_hash.len());
        for (_, at) in same_hash.iter() {
            let encoded = partition.get(*at as usize..).unwrap_or_default();
            rows.push(rows::take_encoded(&mut Take(encoded))?);
        }
        // Different keys with one hash are next to impossible, and must still be told apart.
        rows.sort_by(|a, b| a.key.cmp(b.key));
        for same_key in rows.chunk_by(|a, b| a.key == b.key) {
            let Some((first, others)) = same_key.split_first() else { continue };
            let mut merged = rows::decode(first.body)?;
            for other in others {
                merged.merge(rows::decode(other.body)?);
            }
            merged.sort();
            group(first.key, &mut merged)?;
        }
    }
    Ok(())
}

/// A row of plain claims is about this long; only the memory that is asked for depends on it.
const ROW_BYTES_USUAL: usize = 24;

/// The hash and the place of each row, in the order of the hashes.
fn index(partition: &[u8]) -> Result<Vec<(u64, u32)>> {
    let mut take = Take(partition);
    let mut index = Vec::with_capacity(partition.len() / ROW_BYTES_USUAL + 1);
    while !take.0.is_empty() {
        let at = u32::try_from(partition.len() - take.0.len()).map_err(|_| broken())?;
        index.push((rows::take_encoded(&mut take)?.hash, at));
    }
    index.sort_unstable();
    Ok(index)
}

/// The same partition with one row for each key.
pub fn compact(partition: &[u8]) -> Result<Vec<u8>> {
    let mut compacted = Vec::new();
    for_each(partition, |key, row| {
        rows::encode(rows::hash_key(key), key, row, &mut compacted);
        Ok(())
    })?;
    compacted.shrink_to_fit();
    Ok(compacted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::exchange::{Exchange, PARTITIONS, RowsBuilder};
    use crate::model::batch::Place;
    use crate::model::group::Witness;
    use crate::model::{Cents, Code, KeptLine, Snippet};

    fn place(record: u64) -> Place {
        Place { source: 0, record, line: record + 1, byte: record * 10 }
    }

    fn row(record: u64) -> Row {
        let (code, _) = Code::parse(b"3044F").unwrap();
        let kept = KeptLine {
            place: place(record),
            keepers: 3,
            already_found: record.is_multiple_of(2),
            overrides: 1,
            code,
            value: b"3044f ".to_vec(),
            claim_id: None,
            service_line: Some(b"1".to_vec()),
            amount: Some(Cents(-500)),
            snippet: record.is_multiple_of(3).then(Snippet::default),
        };
        Row {
            lines: 1 + record % 3,
            facts: 1 << (record % 8),
            hits: if record.is_multiple_of(5) { 1 << 100 } else { 0 },
            witnesses: vec![((record % 2) as u8, Witness { place: place(record), code })],
            kept: if record.is_multiple_of(4) { vec![kept] } else { Vec::new() },
        }
    }

    /// What an exchange means: a map.
    fn slow(rows: &[(String, Row)]) -> BTreeMap<Vec<u8>, Row> {
        let mut map: BTreeMap<Vec<u8>, Row> = BTreeMap::new();
        for (key, row) in rows {
            let into = map.entry(key.clone().into_bytes()).or_default();
            into.merge(row.clone());
            into.sort();
        }
        map
    }

    fn through_exchange(rows: &[(String, Row)], budget: usize) -> BTreeMap<Vec<u8>, Row> {
        let mut exchange = Exchange::new(budget, &std::env::temp_dir());
        for part in rows.chunks(7) {
            let mut batch = RowsBuilder::default();
            for (key, row) in part {
                let hash = rows::hash_key(key.as_bytes());
                rows::encode(hash, key.as_bytes(), row, batch.partition_mut(hash));
            }
            exchange.put(batch.finish()).unwrap();
        }
        let mut map = BTreeMap::new();
        for partition in 0..PARTITIONS {
            let mut bytes = Vec::new();
            exchange
                .pieces(partition, |piece| {
                    bytes.extend_from_slice(piece);
                    Ok(())
                })
                .unwrap();
            for_each(&bytes, |key, row| {
                assert_eq!(map.insert(key.to_vec(), row.clone()), None, "a key came twice");
                Ok(())
            })
            .unwrap();
        }
        map
    }

    #[test]
    fn any_budget_and_any_order_give_the_map() {
        for keys in [1, 5, 400] {
            let mut rows: Vec<(String, Row)> =
                (0..1000).map(|n| (format!("C{}", n * 7919 % keys), row(n))).collect();
            let want = slow(&rows);
            for budget in [0, 500, 20_000, usize::MAX / 4] {
                assert_eq!(through_exchange(&rows, budget), want, "{keys} keys, budget {budget}");
            }
            rows.reverse();
            assert_eq!(through_exchange(&rows, 500), want);
        }
    }
}
