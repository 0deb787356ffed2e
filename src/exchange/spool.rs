//! Bytes in order: in memory up to a budget, then in a temporary file that has no name.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::exchange::wire::broken;

/// Opens a temporary file that vanishes with the process, whatever happens to it.
pub fn temporary_file(directory: &Path) -> Result<File> {
    tempfile::tempfile_in(directory).map_err(|error| {
        Error::incomplete(format!("{}: cannot make a temporary file: {error}", directory.display()))
            .with_help("name another directory with --temp-dir, or raise --memory-limit")
    })
}

/// Says that temporary data could not be kept.
pub fn spill_failed(directory: &Path, error: &std::io::Error) -> Error {
    Error::incomplete(format!("{}: cannot write temporary data: {error}", directory.display()))
        .with_help("make room, name another directory with --temp-dir, or raise --memory-limit")
}

/// Takes pieces of bytes and gives them back in the same order.
pub struct Spool {
    memory: Vec<u8>,
    budget: usize,
    directory: PathBuf,
    file: Option<File>,
}

impl Spool {
    /// A spool that holds up to `budget` bytes in memory.
    pub fn new(budget: usize, directory: &Path) -> Self {
        Self { memory: Vec::new(), budget, directory: directory.to_owned(), file: None }
    }

    /// Appends entries that stand one after the other, each with its length before it.
    pub fn put(&mut self, piece: &[u8]) -> Result<()> {
        if self.memory.len() + piece.len() > self.budget && !self.memory.is_empty() {
            self.spill()?;
        }
        self.memory.extend_from_slice(piece);
        Ok(())
    }

    fn spill(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(temporary_file(&self.directory)?),
        };
        let written = file.write_all(&self.memory);
        written.map_err(|error| spill_failed(&self.directory, &error))?;
        self.memory.clear();
        Ok(())
    }

    /// Everything that was put, to be read once.
    pub fn read(mut self) -> Result<Entries> {
        let Some(mut file) = self.file.take() else {
            return Ok(Entries { reader: Box::new(std::io::Cursor::new(self.memory)) });
        };
        let rewound = file.seek(SeekFrom::Start(0));
        rewound.map_err(|error| spill_failed(&self.directory, &error))?;
        let tail = std::io::Cursor::new(self.memory);
        let reader = BufReader::with_capacity(1 << 16, file).chain(tail);
        Ok(Entries { reader: Box::new(reader) })
    }
}

/// Entries that were put with their length before them, one after the other.
pub struct Entries {
    reader: Box<dyn Read + Send>,
}

impl Entries {
    /// Entries of anything that can be read.
    pub fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader }
    }

    /// Reads the next entry into `entry`; false at the end.
    pub fn take(&mut self, entry: &mut Vec<u8>) -> Result<bool> {
        let mut length = 0_u64;
        let mut shift = 0;
        loop {
            let mut byte = [0];
            match self.reader.read(&mut byte) {
                Ok(0) if shift == 0 => return Ok(false),
                Ok(1) => {}
                Ok(_) => return Err(broken()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::read("temporary data", &error)),
            }
            length |= u64::from(byte[0] & 0x7f).checked_shl(shift).ok_or_else(broken)?;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        entry.clear();
        let read = (&mut self.reader).take(length).read_to_end(entry);
        match read {
            Ok(got) if got as u64 == length => Ok(true),
            Ok(_) => Err(broken()),
            Err(error) => Err(Error::read("temporary data", &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::wire::Put;

    #[test]
    fn every_budget_gives_the_entries_back_in_order() {
        for budget in [0, 1, 7, 100, 1 << 20] {
            let mut spool = Spool::new(budget, &std::env::temp_dir());
            for number in 0..200_u32 {
                let mut entry = Vec::new();
                entry.put_bytes("x".repeat(number as usize).as_bytes());
                spool.put(&entry).unwrap();
            }
            assert_eq!(spool.file.is_some(), budget <= 100, "budget {budget}");
            let mut entries = spool.read().unwrap();
            let mut entry = Vec::new();
            for number in 0..200 {
                assert!(entries.take(&mut entry).unwrap());
                assert_eq!(entry.len(), number);
            }
            assert!(!entries.take(&mut entry).unwrap());
        }
    }
}
