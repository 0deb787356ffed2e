//! Lanes: how rows are spread by the hash of their key.
//!
//! Each partition has two lanes, one for what is known of lines and one for kept lines, so that the
//! first can be merged while the second waits.

use crate::exchange::rows::{self, Row};
use crate::model::KeptLine;

/// Into how many partitions keys are spread.
pub const PARTITIONS: usize = 256;

/// Bits of the hash that tell a partition.
const PARTITION_BITS: u32 = PARTITIONS.trailing_zeros();

/// How often a partition can be split again by further bits of the hash.
pub const LEVEL_MAX: u32 = u64::BITS / PARTITION_BITS - 1;

/// Two for each partition.
pub const LANES: usize = 2 * PARTITIONS;

/// A sequence of rows that are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// What is known of the lines of a partition.
    Facts(usize),
    /// The kept lines of a partition.
    Kept(usize),
}

impl Lane {
    /// The lane's place among [`LANES`].
    #[inline]
    pub fn index(self) -> usize {
        match self {
            Lane::Facts(partition) => partition,
            Lane::Kept(partition) => PARTITIONS + partition,
        }
    }
}

/// The partition of a key whose hash this is, when partitions were split `level` times.
#[inline]
pub fn partition_of(hash: u64, level: u32) -> usize {
    ((hash << (level * PARTITION_BITS)) >> (u64::BITS - PARTITION_BITS)) as usize
}

/// Collects encoded rows by lane.
#[derive(Debug, Default)]
pub struct RowsBuilder {
    level: u32,
    bytes: Vec<u8>,
    /// The length in bytes and the lane of each row.
    rows: Vec<(u32, u16)>,
}

impl RowsBuilder {
    /// Collects rows by partitions that were split `level` times.
    pub fn new(level: u32) -> Self {
        Self { level, ..Self::default() }
    }

    /// Adds what is known of lines with the key, whose hash is `hash`.
    #[inline]
    pub fn put(&mut self, hash: u64, key: &[u8], row: &Row) {
        let start = self.bytes.len();
        rows::encode(hash, key, row, &mut self.bytes);
        self.note(start, Lane::Facts(partition_of(hash, self.level)));
    }

    /// Adds a kept line with the key, whose hash is `hash`.
    pub fn put_kept(&mut self, hash: u64, key: &[u8], line: &KeptLine<'_>) {
        let start = self.bytes.len();
        rows::encode_kept(hash, key, line, &mut self.bytes);
        self.note(start, Lane::Kept(partition_of(hash, self.level)));
    }

    /// Adds lines that are to be compared, encoded one after the other, with the key, whose hash is
    /// `hash`. They take the place of kept lines, in an exchange that has no others.
    pub fn put_pooled(&mut self, hash: u64, key: &[u8], lines: &[u8]) {
        let start = self.bytes.len();
        rows::encode_tail(hash, key, lines, &mut self.bytes);
        self.note(start, Lane::Kept(partition_of(hash, self.level)));
    }

    /// Adds a row of either kind as it was encoded.
    pub fn put_encoded(&mut self, row: &rows::Encoded<'_>, kind: fn(usize) -> Lane) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(row.whole);
        self.note(start, kind(partition_of(row.hash, self.level)));
    }

    /// Bytes of the rows so far.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn note(&mut self, start: usize, lane: Lane) {
        // A row is not much longer than a record, and there are fewer lanes than two bytes count.
        self.rows.push(((self.bytes.len() - start) as u32, lane.index() as u16));
    }

    /// Takes out the rows, in one piece of memory, lane after lane: thousands of batches wait in
    /// the exchange, and as many small pieces would never fit together again.
    pub fn finish(&mut self) -> Rows {
        let mut ends = [0_usize; LANES];
        for (length, lane) in &self.rows {
            ends.get_mut(usize::from(*lane)).into_iter().for_each(|end| *end += *length as usize);
        }
        let mut start = 0;
        for end in &mut ends {
            // From here on, where the next row of the lane goes; in the end, where the lane ends.
            (*end, start) = (start, start + *end);
        }
        let mut bytes = vec![0; self.bytes.len()];
        let mut rest = self.bytes.as_slice();
        for (length, lane) in &self.rows {
            let Some((row, after)) = rest.split_at_checked(*length as usize) else { break };
            rest = after;
            let Some(at) = ends.get_mut(usize::from(*lane)) else { continue };
            let end = *at + row.len();
            if let Some(to) = bytes.get_mut(*at..end) {
                to.copy_from_slice(row);
            }
            *at = end;
        }
        self.bytes.clear();
        self.rows.clear();
        Rows { ends: ends.to_vec(), bytes }
    }
}

/// Encoded rows, lane after lane: what one batch contributes.
#[derive(Debug, Default)]
pub struct Rows {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What the rows of a batch cost in memory beside their bytes.
const ROWS_OVERHEAD: usize = 64 + LANES * size_of::<usize>();

impl Rows {
    /// All rows of several batches.
    pub fn gathered(all: &[Rows]) -> Rows {
        let bytes = all.iter().map(|rows| rows.bytes.len()).sum();
        let mut gathered =
            Rows { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(LANES) };
        for lane in 0..LANES {
            gathered.push_lane(|bytes| all.iter().for_each(|rows| bytes.extend(rows.lane(lane))));
        }
        gathered
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What the rows cost in memory, in bytes.
    pub fn cost(&self) -> usize {
        self.bytes.len() + ROWS_OVERHEAD
    }

    /// The rows of a lane.
    pub fn lane(&self, lane: usize) -> &[u8] {
        let start = lane.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or(0);
        let end = self.ends.get(lane).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Ends the next lane after what `fill` appends to it.
    pub fn push_lane(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        fill(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Gives back the memory that is not needed.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }
}
