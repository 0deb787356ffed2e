//! Findings of claims into the order of the report: sorted in memory, in runs on disk when many.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Result;
use crate::exchange::found::{Order, order};
use crate::exchange::spool::{Entries, spill_failed, temporary_file};
use crate::exchange::wire::Put;

/// Takes encoded findings in any order and gives them back in the order of the report.
pub struct Sorter {
    waiting: Vec<(Order, Vec<u8>)>,
    bytes: usize,
    budget: usize,
    directory: PathBuf,
    file: Option<Arc<File>>,
    written: u64,
    runs: Vec<(u64, u64)>,
}

/// What an entry costs in memory beside its bytes.
const OVERHEAD: usize = 64;

impl Sorter {
    /// A sorter that holds about `budget` bytes in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self {
            waiting: Vec::new(),
            bytes: 0,
            budget,
            directory: directory.to_owned(),
            file: None,
            written: 0,
            runs: Vec::new(),
        }
    }

    /// Takes one encoded finding, its length taken off.
    pub fn put(&mut self, encoded: Vec<u8>) -> Result<()> {
        self.bytes += encoded.len() + OVERHEAD;
        self.waiting.push((order(&encoded)?, encoded));
        if self.bytes > self.budget { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<()> {
        self.waiting.sort();
        let mut run = Vec::with_capacity(self.bytes);
        for (_, encoded) in self.waiting.drain(..) {
            run.put_bytes(&encoded);
        }
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(Arc::new(temporary_file(&self.directory)?)),
        };
        let mut writer: &File = file;
        let wrote = writer.write_all(&run);
        wrote.map_err(|error| spill_failed(&self.directory, &error))?;
        self.runs.push((self.written, run.len() as u64));
        self.written += run.len() as u64;
        self.bytes = 0;
        Ok(())
    }

    /// Everything that was put, to be read in order.
    pub fn finish(mut self) -> Ordered {
        self.waiting.sort();
        let mut last = Vec::with_capacity(self.bytes);
        for (_, encoded) in self.waiting.drain(..) {
            last.put_bytes(&encoded);
        }
        // Many runs share the budget for read buffers.
        let buffer = (self.budget / (self.runs.len() + 1)).clamp(256, 1 << 16);
        Ordered { last: last.into(), file: self.file, runs: self.runs, buffer }
    }
}

/// Findings in sorted runs, which can be read in order as often as is needed.
pub struct Ordered {
    last: Arc<[u8]>,
    file: Option<Arc<File>>,
    runs: Vec<(u64, u64)>,
    buffer: usize,
}

impl Ordered {
    /// The findings in order, from the first on.
    pub fn read(&self) -> Result<Sorted> {
        let last = std::io::Cursor::new(Arc::clone(&self.last));
        let mut sources = vec![Entries::new(Box::new(last))];
        for (start, length) in &self.runs {
            let Some(file) = &self.file else { break };
            let run = Run { file: Arc::clone(file), at: *start, end: start + length };
            let reader = std::io::BufReader::with_capacity(self.buffer, run);
            sources.push(Entries::new(Box::new(reader)));
        }
        let mut sorted = Sorted { sources, heads: BinaryHeap::new() };
        for index in 0..sorted.sources.len() {
            sorted.advance(index)?;
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

/// Findings in the order of the report.
pub struct Sorted {
    sources: Vec<Entries>,
    heads: BinaryHeap<Reverse<(Order, Vec<u8>, usize)>>,
}

impl Sorted {
    /// The next finding, still encoded; nothing at the end.
    pub fn take(&mut self) -> Result<Option<(Order, Vec<u8>)>> {
        let Some(Reverse((order, encoded, source))) = self.heads.pop() else { return Ok(None) };
        self.advance(source)?;
        Ok(Some((order, encoded)))
    }

    fn advance(&mut self, index: usize) -> Result<()> {
        let Some(source) = self.sources.get_mut(index) else { return Ok(()) };
        let mut entry = Vec::new();
        if source.take(&mut entry)? {
            self.heads.push(Reverse((order(&entry)?, entry, index)));
        }
        Ok(())
    }
}
