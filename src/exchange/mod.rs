//! Lines into claims, in bounded memory: rows go to partitions by the hash of their key; past the
//! budget, partitions go to a temporary file; at the end the rows of each are merged into groups.
//!
//! What comes out does not depend on the budget, the number of threads or the order of the lines.

pub mod claimed;
pub mod found;
pub mod groups;
pub mod lanes;
pub mod order;
pub mod pooled;
pub mod rows;
pub mod spool;
pub mod units;
pub mod wire;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::exchange::groups::Groups;
use crate::exchange::lanes::{LANES, LEVEL_MAX};
use crate::exchange::rows::EncodedRows;
use crate::exchange::spool::{spill_failed, temporary_file};
use crate::exchange::wire::broken;

pub use lanes::{Lane, PARTITIONS, Rows, RowsBuilder};

/// Takes rows in any order; gives them back by lane.
pub struct Exchange {
    level: u32,
    memory: Vec<Rows>,
    /// How many of them, from the first on, are as long as they shall be.
    gathered: usize,
    bytes: usize,
    budget: usize,
    directory: PathBuf,
    file: Option<File>,
    written: u64,
    /// Where the rows of each lane lie in the file: start and length in bytes.
    segments: Vec<Vec<(u64, u64)>>,
}

/// Rows of batches are put together from this many bytes on.
const GATHERED_BYTES: usize = 1 << 20;

/// When merging rows of equal keys leaves more than this share of them, in percent, it is in vain.
const MERGED_SHARE_MAX: usize = 50;

/// Bytes of a lane that are read from the file at once, if no row is longer.
const BLOCK_BYTES: usize = 1 << 16;

impl Exchange {
    /// An exchange that holds about `budget` bytes in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self {
            level: 0,
            memory: Vec::new(),
            gathered: 0,
            bytes: 0,
            budget,
            directory: directory.to_owned(),
            file: None,
            written: 0,
            segments: vec![Vec::new(); LANES],
        }
    }

    /// Takes the rows of a batch.
    pub fn put(&mut self, rows: Rows) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.bytes += rows.cost();
        self.memory.push(rows);
        if self.bytes <= self.budget {
            self.gather();
            return Ok(());
        }
        // A claim whose lines are scattered has many rows that merge into one. One partition tells
        // whether that is so here; if not, everything is written out as it is.
        let (before, merged) = self.merged(Lane::Facts(0))?;
        if before > 0 && merged.len() * 100 <= before * MERGED_SHARE_MAX {
            self.compact()?;
        }
        if self.bytes * 2 > self.budget { self.spill() } else { Ok(()) }
    }

    /// Puts the rows of the last batches together, once there are enough of them: what is read back
    /// lane by lane should not lie in thousands of places.
    fn gather(&mut self) {
        let Some(last) = self.memory.get(self.gathered..) else { return };
        let costs: usize = last.iter().map(Rows::cost).sum();
        if costs < GATHERED_BYTES {
            return;
        }
        let gathered = Rows::gathered(last);
        self.bytes = self.bytes - costs + gathered.cost();
        self.memory.truncate(self.gathered);
        self.memory.push(gathered);
        self.gathered = self.memory.len();
    }

    /// One row for each key of a lane that is in memory, and the bytes that they had before.
    fn merged(&self, lane: Lane) -> Result<(usize, Vec<u8>)> {
        let (mut groups, mut before) = (Groups::default(), 0);
        for rows in &self.memory {
            let piece = rows.lane(lane.index());
            before += piece.len();
            EncodedRows(piece).try_for_each(|row| groups.add(&row))?;
        }
        let mut merged = Vec::new();
        groups.encode(&mut merged);
        Ok((before, merged))
    }

    /// Merges the rows of equal keys that are in memory.
    fn compact(&mut self) -> Result<()> {
        let mut compacted = Rows::default();
        for partition in 0..PARTITIONS {
            let (_, merged) = self.merged(Lane::Facts(partition))?;
            compacted.push_lane(|bytes| bytes.extend_from_slice(&merged));
        }
        for partition in 0..PARTITIONS {
            let lane = Lane::Kept(partition).index();
            let pieces = self.memory.iter().map(|rows| rows.lane(lane));
            compacted.push_lane(|bytes| pieces.for_each(|piece| bytes.extend_from_slice(piece)));
        }
        compacted.shrink();
        self.bytes = compacted.cost();
        self.memory = vec![compacted];
        self.gathered = 1;
        Ok(())
    }

    fn spill(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(temporary_file(&self.directory)?),
        };
        let mut writer = BufWriter::with_capacity(BLOCK_BYTES, &*file);
        for (lane, segments) in self.segments.iter_mut().enumerate() {
            let start = self.written;
            for rows in &self.memory {
                let piece = rows.lane(lane);
                writer.write_all(piece).map_err(|error| spill_failed(&self.directory, &error))?;
                self.written += piece.len() as u64;
            }
            if self.written > start {
                segments.push((start, self.written - start));
            }
        }
        writer.flush().map_err(|error| spill_failed(&self.directory, &error))?;
        self.memory = Vec::new();
        self.gathered = 0;
        self.bytes = 0;
        Ok(())
    }

    /// Bytes of all rows of a lane.
    pub fn lane_bytes(&self, lane: Lane) -> u64 {
        let memory = self.memory.iter().map(|rows| rows.lane(lane.index()).len() as u64);
        let segments = self.segments.get(lane.index()).into_iter().flatten();
        memory.chain(segments.map(|(_, length)| *length)).sum()
    }

    /// Calls `each` with the rows of a lane, some at a time, until it says `false`. However many
    /// rows there are, little of them is in memory beside what the exchange holds anyway.
    pub fn pieces(
        &self,
        lane: Lane,
        mut each: impl FnMut(EncodedRows<'_>) -> Result<bool>,
    ) -> Result<()> {
        let mut block = Block::default();
        for (start, length) in self.segments.get(lane.index()).into_iter().flatten() {
            let Some(file) = &self.file else { break };
            if !block.segment(file, *start, *length, &mut each)? {
                return Ok(());
            }
        }
        for rows in &self.memory {
            if !each(EncodedRows(rows.lane(lane.index())))? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether there are further bits of the hash to split partitions by.
    pub fn can_split(&self) -> bool {
        self.level < LEVEL_MAX
    }

    /// Makes room for what [`Exchange::split`] takes, where rows do not fit in memory anyway.
    pub fn prepare_split(&mut self) -> Result<()> {
        if self.file.is_some() && self.bytes > 0 { self.spill() } else { Ok(()) }
    }

    /// The rows of a partition in an exchange of their own, spread by further bits of the hash.
    pub fn split(&self, partition: usize) -> Result<Exchange> {
        let level = self.level + 1;
        let mut finer = Exchange { level, ..Exchange::new(self.budget, &self.directory) };
        for kind in [Lane::Facts, Lane::Kept] {
            self.pieces(kind(partition), |rows| {
                let mut builder = RowsBuilder::new(level);
                for row in rows {
                    builder.put_encoded(&row, kind);
                    if builder.bytes() >= BLOCK_BYTES {
                        finer.put(builder.finish())?;
                    }
                }
                finer.put(builder.finish())?;
                Ok(true)
            })?;
        }
        Ok(finer)
    }
}

/// Reads rows from a file a block at a time.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
}

impl Block {
    /// Calls `each` with the rows of a part of the file, until it says `false`.
    fn segment(
        &mut self,
        file: &File,
        mut start: u64,
        mut length: u64,
        each: &mut impl FnMut(EncodedRows<'_>) -> Result<bool>,
    ) -> Result<bool> {
        let mut wanted = BLOCK_BYTES;
        while length > 0 {
            let block = usize::try_from(length).unwrap_or(usize::MAX).min(wanted);
            self.bytes.resize(block, 0);
            let read = file.read_exact_at(&mut self.bytes, start);
            read.map_err(|error| Error::read("temporary data", &error))?;
            // What is left of the block is the beginning of a row, which is read again.
            let mut whole = EncodedRows(&self.bytes);
            whole.by_ref().for_each(drop);
            let taken = block - whole.0.len();
            if taken == 0 {
                if length <= block as u64 {
                    return Err(broken());
                }
                wanted = block * 2;
                continue;
            }
            if !each(EncodedRows(self.bytes.get(..taken).unwrap_or_default()))? {
                return Ok(false);
            }
            start += taken as u64;
            length -= taken as u64;
            wanted = BLOCK_BYTES;
        }
        Ok(true)
    }
}
