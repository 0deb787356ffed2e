//! The rows of a partition of lines that are compared, copied into memory and put in order of key.

use crate::error::Result;
use crate::exchange::{Exchange, Lane};

/// Rows of a partition.
#[derive(Default)]
pub struct Held {
    bytes: Vec<u8>,
    rows: Vec<HeldRow>,
}

/// Where a row lies among the bytes.
#[derive(Clone, Copy)]
pub struct HeldRow {
    hash: u64,
    start: usize,
    key_end: usize,
    end: usize,
}

impl Held {
    /// Takes the rows of a lane, those of one key only if it is given.
    pub fn take(exchange: &Exchange, lane: Lane, only: Option<&[u8]>) -> Result<Held> {
        let mut held = Held::default();
        exchange.pieces(lane, |rows| {
            for row in rows.filter(|row| only.is_none_or(|key| row.key == key)) {
                let start = held.bytes.len();
                held.bytes.extend_from_slice(row.key);
                let key_end = held.bytes.len();
                held.bytes.extend_from_slice(row.tail.unwrap_or_default());
                held.rows.push(HeldRow { hash: row.hash, start, key_end, end: held.bytes.len() });
            }
            Ok(true)
        })?;
        let mut rows = std::mem::take(&mut held.rows);
        rows.sort_unstable_by(|one, other| {
            (one.hash, held.key(one), one.start).cmp(&(other.hash, held.key(other), other.start))
        });
        held.rows = rows;
        Ok(held)
    }

    /// The rows, those of each key together.
    pub fn groups(&self) -> impl Iterator<Item = &[HeldRow]> {
        self.rows.chunk_by(|one, other| one.hash == other.hash && self.key(one) == self.key(other))
    }

    /// The key of a row.
    pub fn key(&self, row: &HeldRow) -> &[u8] {
        self.bytes.get(row.start..row.key_end).unwrap_or_default()
    }

    /// The lines of a row, encoded one after the other.
    pub fn lines(&self, row: &HeldRow) -> &[u8] {
        self.bytes.get(row.key_end..row.end).unwrap_or_default()
    }
}
