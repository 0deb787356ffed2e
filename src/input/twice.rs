//! Inputs that are read more than once: files again, pipes from a copy.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use crate::error::{Error, Result};
use crate::input::settings::InputSettings;
use crate::input::source::{Limits, Source};

impl Source {
    /// An input over the copy that was made of it.
    ///
    /// # Errors
    /// As for [`Source::open`].
    pub fn from_copy(
        name: &str,
        copy: &File,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<Source> {
        let again = || {
            let mut file = copy.try_clone()?;
            file.rewind()?;
            Ok((file.try_clone()?, file))
        };
        let (file, copy) = again().map_err(|error| Error::read(name, &error))?;
        let mut source = Self::from_reader(name, Box::new(file), settings, limits)?;
        source.copy = Some(copy);
        Ok(source)
    }

    /// The file in which the bytes of the input stand at their offsets, where there is one.
    pub fn bytes(&self) -> Option<&File> {
        self.copy.as_ref().or(self.opened.plain())
    }

    /// A handle to the copy of the input, where one is made.
    ///
    /// # Errors
    /// No further file can be opened.
    pub fn copy(&self) -> Result<Option<File>> {
        let copy = self.copy.as_ref().map(File::try_clone).transpose();
        copy.map_err(|error| Error::read(&self.name, &error))
    }
}

/// Reads, and keeps what was read.
pub struct Copied {
    reader: Box<dyn Read + Send>,
    into: File,
}

impl Copied {
    /// Reads from `reader` and keeps what was read in `copy`.
    pub fn of(reader: Box<dyn Read + Send>, copy: &File) -> Result<Box<dyn Read + Send>> {
        let into = copy.try_clone();
        let into = into.map_err(|e| Error::incomplete(format!("cannot keep a copy: {e}")))?;
        Ok(Box::new(Copied { reader, into }))
    }
}

impl Read for Copied {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(buffer)?;
        let written = self.into.write_all(buffer.get(..got).unwrap_or_default());
        written.map_err(|error| io::Error::other(format!("cannot keep a copy: {error}")))?;
        Ok(got)
    }
}
