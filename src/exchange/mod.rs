//! Lines into claims, in bounded memory: rows go to partitions by the hash of their key; past the
//! budget, partitions go to temporary files; at the end each is sorted and cut into groups.
//!
//! What comes out does not depend on the budget, the number of threads or the order of the lines.

pub mod found;
pub mod groups;
pub mod order;
pub mod rows;
pub mod spool;
pub mod wire;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::exchange::spool::{spill_failed, temporary_file};

/// Into how many partitions keys are spread.
pub const PARTITIONS: usize = 64;

/// The partition of a key.
#[inline]
pub fn partition_of(hash: u64) -> usize {
    (hash >> (u64::BITS - PARTITIONS.trailing_zeros())) as usize
}

/// Collects encoded rows by partition.
#[derive(Debug)]
pub struct RowsBuilder(Vec<Vec<u8>>);

impl Default for RowsBuilder {
    fn default() -> Self {
        Self(vec![Vec::new(); PARTITIONS])
    }
}

impl RowsBuilder {
    /// The bytes of the partition that a key with this hash belongs to.
    #[inline]
    pub fn partition_mut(&mut self, hash: u64) -> &mut Vec<u8> {
        #[allow(clippy::indexing_slicing, reason = "there are as many as `partition_of` can give")]
        &mut self.0[partition_of(hash)]
    }

    /// The rows in one piece of memory: thousands of batches wait in the exchange, and as many
    /// small pieces from as many threads would never fit together again.
    pub fn finish(self) -> Rows {
        let bytes: Vec<u8> = self.0.concat();
        let mut end = 0;
        let ends = self.0.iter().map(|partition| {
            end += partition.len();
            end
        });
        Rows { ends: ends.collect(), bytes }
    }
}

/// Encoded rows, partition after partition: what one batch contributes.
#[derive(Debug, Default)]
pub struct Rows {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Rows {
    fn partition(&self, partition: usize) -> &[u8] {
        let start = partition.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or(0);
        let end = self.ends.get(partition).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// Takes rows in any order; gives them back by partition.
pub struct Exchange {
    memory: Vec<Rows>,
    bytes: usize,
    budget: usize,
    directory: PathBuf,
    file: Option<File>,
    written: u64,
    segments: Vec<Vec<(u64, u64)>>,
}

/// When merging rows of equal keys leaves more than this share of them, in percent, it is in vain.
const MERGED_SHARE_MAX: usize = 50;

/// What the rows of a batch cost in memory beside their bytes.
const ROWS_OVERHEAD: usize = 64 + PARTITIONS * size_of::<usize>();

impl Exchange {
    /// An exchange that holds about `budget` bytes in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self {
            memory: Vec::new(),
            bytes: 0,
            budget,
            directory: directory.to_owned(),
            file: None,
            written: 0,
            segments: vec![Vec::new(); PARTITIONS],
        }
    }

    /// Takes the rows of a batch.
    pub fn put(&mut self, rows: Rows) -> Result<()> {
        if rows.bytes.is_empty() {
            return Ok(());
        }
        self.bytes += rows.bytes.len() + ROWS_OVERHEAD;
        self.memory.push(rows);
        if self.bytes <= self.budget {
            return Ok(());
        }
        // A claim whose lines are scattered has many rows that merge into one. One partition tells
        // whether that is so here; if not, everything is written out as it is.
        let first = self.in_memory(0);
        let merged = groups::compact(&first)?;
        if merged.len() * 100 <= first.len() * MERGED_SHARE_MAX {
            self.compact()?;
        }
        if self.bytes * 2 > self.budget { self.spill() } else { Ok(()) }
    }

    /// Merges the rows of equal keys that are in memory.
    fn compact(&mut self) -> Result<()> {
        let mut merged = Rows::default();
        for partition in 0..PARTITIONS {
            merged.bytes.extend_from_slice(&groups::compact(&self.in_memory(partition))?);
            merged.ends.push(merged.bytes.len());
        }
        merged.bytes.shrink_to_fit();
        self.bytes = merged.bytes.len() + ROWS_OVERHEAD;
        self.memory = vec![merged];
        Ok(())
    }

    fn in_memory(&self, partition: usize) -> Vec<u8> {
        let pieces = self.memory.iter().map(|rows| rows.partition(partition));
        pieces.collect::<Vec<_>>().concat()
    }

    fn spill(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(temporary_file(&self.directory)?),
        };
        for (partition, segments) in self.segments.iter_mut().enumerate() {
            let start = self.written;
            let mut writer = BufWriter::with_capacity(1 << 16, &*file);
            for rows in &self.memory {
                let piece = rows.partition(partition);
                writer.write_all(piece).map_err(|error| spill_failed(&self.directory, &error))?;
                self.written += piece.len() as u64;
            }
            writer.flush().map_err(|error| spill_failed(&self.directory, &error))?;
            if self.written > start {
                segments.push((start, self.written - start));
            }
        }
        self.memory = Vec::new();
        self.bytes = 0;
        Ok(())
    }

    /// Bytes of all rows of a partition.
    pub fn partition_bytes(&self, partition: usize) -> u64 {
        let memory = self.memory.iter().map(|rows| rows.partition(partition).len() as u64);
        let segments =
            self.segments.get(partition).into_iter().flatten().map(|(_, length)| *length);
        memory.chain(segments).sum()
    }

    /// Calls `piece` with the rows of a partition, some at a time; each piece holds whole rows.
    pub fn pieces(
        &self,
        partition: usize,
        mut piece: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut buffer = Vec::new();
        for (start, length) in self.segments.get(partition).into_iter().flatten() {
            buffer.resize(*length as usize, 0);
            if let Some(file) = &self.file {
                let read = file.read_exact_at(&mut buffer, *start);
                read.map_err(|error| Error::read("temporary data", &error))?;
            }
            piece(&buffer)?;
        }
        self.memory.iter().try_for_each(|rows| piece(rows.partition(partition)))
    }
}
