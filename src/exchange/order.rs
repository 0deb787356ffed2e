//! Entries into an order: sorted in memory, in runs on disk when many. Findings of claims come into
//! the order of the report this way, and claims into that of a worklist.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::exchange::found::{self, known};
use crate::exchange::spool::{spill_failed, temporary_file};
use crate::exchange::wire::broken;

/// How encoded entries of a kind tell where they belong. Between entries of one place their bytes
/// decide.
pub trait InOrder {
    /// The place of an entry.
    type Place: Ord + Copy;

    /// The place of this one.
    fn place(encoded: &[u8]) -> Result<Self::Place>;
}

/// Findings that stand alone, in the order of the report.
#[derive(Debug)]
pub struct Reported;

impl InOrder for Reported {
    type Place = found::Order;

    #[inline]
    fn place(encoded: &[u8]) -> Result<found::Order> {
        known(encoded).map(|known| known.order)
    }
}

/// Takes encoded entries in any order and gives them back in theirs.
pub struct Sorter<K: InOrder = Reported> {
    memory: Arena<K::Place>,
    budget: usize,
    directory: PathBuf,
    file: Option<Arc<File>>,
    written: u64,
    runs: Vec<(u64, u64)>,
}

/// Entries in memory: their bytes one after the other, and for each its place in the order and in
/// the bytes.
#[derive(Debug)]
struct Arena<P> {
    bytes: Vec<u8>,
    entries: Vec<(P, Range<usize>)>,
}

impl<P: Ord> Arena<P> {
    fn entry(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// What the entries take, indexes included.
    fn len(&self) -> usize {
        self.bytes.len() + self.entries.len() * size_of::<(P, Range<usize>)>()
    }

    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        // The bytes decide, for example, between findings of one rule on one line.
        entries.sort_unstable_by(|(one, at), (other, there)| {
            one.cmp(other).then_with(|| self.entry(at).cmp(self.entry(there)))
        });
        self.entries = entries;
    }
}

impl<K: InOrder> Sorter<K> {
    /// A sorter that holds about `budget` bytes in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self {
            memory: Arena { bytes: Vec::new(), entries: Vec::new() },
            budget,
            directory: directory.to_owned(),
            file: None,
            written: 0,
            runs: Vec::new(),
        }
    }

    /// Takes one entry.
    pub fn put(&mut self, encoded: Vec<u8>) -> Result<()> {
        self.put_slice(&encoded)
    }

    /// The same of bytes that are kept elsewhere.
    pub fn put_slice(&mut self, encoded: &[u8]) -> Result<()> {
        let start = self.memory.bytes.len();
        self.memory.bytes.extend_from_slice(encoded);
        self.memory.entries.push((K::place(encoded)?, start..self.memory.bytes.len()));
        if self.memory.len() > self.budget { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<()> {
        self.memory.sort();
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(Arc::new(temporary_file(&self.directory)?)),
        };
        let mut writer = BufWriter::with_capacity(1 << 16, &**file);
        let failed = |error| spill_failed(&self.directory, &error);
        let mut written = 0;
        for (_, range) in &self.memory.entries {
            let encoded = self.memory.entry(range);
            writer.write_all(&(encoded.len() as u32).to_le_bytes()).map_err(failed)?;
            writer.write_all(encoded).map_err(failed)?;
            written += LENGTH_BYTES as u64 + encoded.len() as u64;
        }
        writer.flush().map_err(failed)?;
        drop(writer);
        self.runs.push((self.written, written));
        self.written += written;
        self.memory.bytes.clear();
        self.memory.entries.clear();
        Ok(())
    }

    /// Everything that was put, to be read in order.
    pub fn finish(mut self) -> Ordered<K> {
        self.memory.sort();
        // Many runs share the budget for read buffers.
        let buffer = (self.budget / (self.runs.len() + 1)).clamp(256, 1 << 16);
        Ordered { memory: self.memory, file: self.file, runs: self.runs, buffer }
    }
}

/// Entries in sorted runs, which can be read in order as often as is needed.
pub struct Ordered<K: InOrder = Reported> {
    memory: Arena<K::Place>,
    file: Option<Arc<File>>,
    runs: Vec<(u64, u64)>,
    buffer: usize,
}

impl<K: InOrder> Ordered<K> {
    /// The entries in order, from the first on.
    pub fn read(&self) -> Result<Sorted<'_, K>> {
        let mut runs = Vec::new();
        for (start, length) in &self.runs {
            let Some(file) = &self.file else { break };
            let run = Run { file: Arc::clone(file), at: *start, end: start + length };
            runs.push(BufReader::with_capacity(self.buffer, run));
        }
        let memory = self.memory.entries.iter();
        let mut sorted = Sorted { arena: &self.memory, memory, runs, heads: BinaryHeap::new() };
        for run in 0..sorted.runs.len() {
            sorted.advance(run, Vec::new())?;
        }
        Ok(sorted)
    }
}

/// A part of a file that is read on its own.
struct Run {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Run {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let Some(wanted) = buffer.get_mut(..left).filter(|wanted| !wanted.is_empty()) else {
            return Ok(0);
        };
        let got = self.file.read_at(wanted, self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// The bytes of an entry's length, which stands before it in a run.
const LENGTH_BYTES: usize = size_of::<u32>();

/// The next entry of a run: its place, its bytes, and the run. The heap gives the first.
type Head<P> = Reverse<(P, Vec<u8>, usize)>;

/// Entries in their order.
pub struct Sorted<'o, K: InOrder = Reported> {
    arena: &'o Arena<K::Place>,
    memory: std::slice::Iter<'o, (K::Place, Range<usize>)>,
    runs: Vec<BufReader<Run>>,
    /// The next entry of each run.
    heads: BinaryHeap<Head<K::Place>>,
}

impl<K: InOrder> Sorted<'_, K> {
    /// Puts the next entry, still encoded, into `into`; nothing at the end.
    pub fn take(&mut self, into: &mut Vec<u8>) -> Result<Option<K::Place>> {
        let held = self.memory.as_slice().first();
        let from_run = match (self.heads.peek(), held) {
            (Some(Reverse((order, entry, _))), Some((held, range))) => {
                (order, entry.as_slice()) < (held, self.arena.entry(range))
            }
            (head, _) => head.is_some(),
        };
        if from_run {
            let Some(Reverse((order, entry, run))) = self.heads.pop() else { return Ok(None) };
            let spare = std::mem::replace(into, entry);
            self.advance(run, spare)?;
            return Ok(Some(order));
        }
        let Some((order, range)) = self.memory.next() else { return Ok(None) };
        into.clear();
        into.extend_from_slice(self.arena.entry(range));
        Ok(Some(*order))
    }

    /// Reads the next entry of a run into `entry` and queues it.
    fn advance(&mut self, run: usize, mut entry: Vec<u8>) -> Result<()> {
        let Some(reader) = self.runs.get_mut(run) else { return Ok(()) };
        let failed = |error| Error::read("temporary data", &error);
        if reader.fill_buf().map_err(failed)?.is_empty() {
            return Ok(());
        }
        let mut length = [0; LENGTH_BYTES];
        reader.read_exact(&mut length).map_err(failed)?;
        let length = u64::from(u32::from_le_bytes(length));
        entry.clear();
        let got = reader.take(length).read_to_end(&mut entry).map_err(failed)?;
        if got as u64 != length {
            return Err(broken());
        }
        self.heads.push(Reverse((K::place(&entry)?, entry, run)));
        Ok(())
    }
}
