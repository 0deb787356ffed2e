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
use std::io::Write;
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

/// Encoded rows by partition: what one batch contributes.
#[derive(Debug)]
pub struct Rows(pub Vec<Vec<u8>>);

impl Default for Rows {
    fn default() -> Self {
        Self(vec![Vec::new(); PARTITIONS])
    }
}

impl Rows {
    /// The bytes of the partition that a key with this hash belongs to.
    #[inline]
    pub fn partition_mut(&mut self, hash: u64) -> &mut Vec<u8> {
        #[allow(clippy::indexing_slicing, reason = "there are as many as `partition_of` can give")]
        &mut self.0[partition_of(hash)]
    }
}

/// Takes rows in any order; gives them back by partition.
pub struct Exchange {
    memory: Vec<Vec<Vec<u8>>>,
    bytes: usize,
    budget: usize,
    directory: PathBuf,
    file: Option<File>,
    written: u64,
    segments: Vec<Vec<(u64, u64)>>,
}

/// When merging rows of equal keys leaves more than this share of them, in percent, it is in vain.
const MERGED_SHARE_MAX: usize = 50;

/// What a piece of a partition costs in memory beside its bytes.
const PIECE_OVERHEAD: usize = 32;

impl Exchange {
    /// An exchange that holds about `budget` bytes in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self {
            memory: vec![Vec::new(); PARTITIONS],
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
        for (memory, mut piece) in self.memory.iter_mut().zip(rows.0) {
            if !piece.is_empty() {
                // A piece that grew has room to spare; over a million pieces that is half of all.
                piece.shrink_to_fit();
                self.bytes += piece.len() + PIECE_OVERHEAD;
                memory.push(piece);
            }
        }
        if self.bytes <= self.budget {
            return Ok(());
        }
        // A claim whose lines are scattered has many rows that merge into one. One partition tells
        // whether that is so here; if not, everything is written out as it is.
        let before: usize = self.memory.first().into_iter().flatten().map(Vec::len).sum();
        let first = self.memory.first_mut().map(std::mem::take).unwrap_or_default();
        let merged = groups::compact(&first.concat())?;
        let pays = merged.len() * 100 <= before * MERGED_SHARE_MAX;
        if let Some(memory) = self.memory.first_mut() {
            *memory = vec![merged];
        }
        if pays {
            for memory in self.memory.iter_mut().skip(1) {
                *memory = vec![groups::compact(&std::mem::take(memory).concat())?];
            }
        }
        self.bytes = self.memory.iter().flatten().map(|piece| piece.len() + PIECE_OVERHEAD).sum();
        if self.bytes * 2 > self.budget { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(temporary_file(&self.directory)?),
        };
        for (memory, segments) in self.memory.iter_mut().zip(&mut self.segments) {
            let start = self.written;
            for piece in memory.drain(..) {
                file.write_all(&piece).map_err(|error| spill_failed(&self.directory, &error))?;
                self.written += piece.len() as u64;
            }
            if self.written > start {
                segments.push((start, self.written - start));
            }
        }
        self.bytes = 0;
        Ok(())
    }

    /// Bytes of all rows of a partition.
    pub fn partition_bytes(&self, partition: usize) -> u64 {
        let memory = self.memory.get(partition).into_iter().flatten().map(|p| p.len() as u64);
        let segments =
            self.segments.get(partition).into_iter().flatten().map(|(_, length)| *length);
        memory.chain(segments).sum()
    }

    /// The rows of a partition, encoded one after the other.
    pub fn partition(&self, partition: usize) -> Result<Vec<u8>> {
        let mut rows = Vec::with_capacity(self.partition_bytes(partition) as usize);
        for (start, length) in self.segments.get(partition).into_iter().flatten() {
            let from = rows.len();
            rows.resize(from + *length as usize, 0);
            if let (Some(file), Some(into)) = (&self.file, rows.get_mut(from..)) {
                let read = file.read_exact_at(into, *start);
                read.map_err(|error| Error::read("temporary data", &error))?;
            }
        }
        self.memory.get(partition).into_iter().flatten().for_each(|p| rows.extend_from_slice(p));
        Ok(rows)
    }
}
