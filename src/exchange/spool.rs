//! Bytes in order: in memory up to a budget, then in a temporary file that has no name.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

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

    /// Appends bytes.
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

    /// Everything that was put, from its beginning. One reader at a time: they share a file.
    pub fn read(&self) -> Result<Box<dyn Read + Send + '_>> {
        let tail = Cursor::new(self.memory.as_slice());
        let Some(mut file) = self.file.as_ref() else {
            return Ok(Box::new(tail));
        };
        let rewound = file.seek(SeekFrom::Start(0));
        rewound.map_err(|error| spill_failed(&self.directory, &error))?;
        Ok(Box::new(BufReader::with_capacity(READ_BYTES, file).chain(tail)))
    }
}

/// How much is read back from a file at once, in bytes.
const READ_BYTES: usize = 1 << 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_budget_gives_the_bytes_back_in_order() {
        for budget in [0, 1, 7, 100, 1 << 20] {
            let mut spool = Spool::new(budget, &std::env::temp_dir());
            let mut want = Vec::new();
            for number in 0..200_u8 {
                let piece = vec![number; usize::from(number)];
                want.extend_from_slice(&piece);
                spool.put(&piece).unwrap();
            }
            assert_eq!(spool.file.is_some(), budget <= 100, "budget {budget}");
            let mut got = Vec::new();
            spool.read().unwrap().read_to_end(&mut got).unwrap();
            assert_eq!(got, want);
        }
    }
}
