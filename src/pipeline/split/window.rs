//! The bytes of an input by their offsets, some at a time.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use crate::error::{Error, Result};
use crate::input::Source;

/// How much of an input is read at once, in bytes.
const WINDOW_BYTES: usize = 1 << 18;

/// Some bytes of an input that are at hand.
pub struct Window {
    name: String,
    file: File,
    bytes: Vec<u8>,
    start: u64,
}

impl Window {
    /// On an input.
    ///
    /// # Errors
    /// It cannot be read again.
    pub fn new(source: &Source) -> Result<Window> {
        let file = source.bytes().map(File::try_clone).transpose();
        let file = file.map_err(|error| Error::read(&source.name, &error))?;
        let missing = || Error::incomplete(format!("{}: cannot be read twice", source.name));
        let (name, file) = (source.name.clone(), file.ok_or_else(missing)?);
        Ok(Window { name, file, bytes: Vec::new(), start: 0 })
    }

    /// Bytes from `at` on: at least one, and none from `end` on, which must lie behind.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn piece(&mut self, at: u64, end: u64) -> Result<&[u8]> {
        let held = self.start..self.start + self.bytes.len() as u64;
        if !held.contains(&at) {
            self.fill(at)?;
        }
        let from = (at - self.start) as usize;
        let wanted = usize::try_from(end - at).unwrap_or(usize::MAX);
        let held = self.bytes.get(from..).unwrap_or_default();
        Ok(held.get(..wanted).unwrap_or(held))
    }

    /// All bytes from `at` to `end`, which must be few.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn all(&mut self, mut at: u64, end: u64) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        while at < end {
            let piece = self.piece(at, end)?;
            all.extend_from_slice(piece);
            at += piece.len() as u64;
        }
        Ok(all)
    }

    fn fill(&mut self, at: u64) -> Result<()> {
        self.bytes.resize(WINDOW_BYTES, 0);
        self.start = at;
        loop {
            match self.file.read_at(&mut self.bytes, at) {
                Ok(0) => return Err(Source::changed(&self.name)),
                Ok(got) => {
                    self.bytes.truncate(got);
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::read(&self.name, &error)),
            }
        }
    }
}
