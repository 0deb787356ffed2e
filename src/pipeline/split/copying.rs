//! The bytes of an input, copied to where its records belong.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use crate::error::{Error, Result};
use crate::input::Source;
use crate::input::bytes::Found;
use crate::input::header::Dialect;
use crate::pipeline::split::pass::{Piece, Pieces};
use crate::pipeline::split::reasons::Reasons;
use crate::pipeline::split::targets::Pair;
use crate::pipeline::split::text::{self, REASONS_COLUMN};
use crate::report::summary::SplitPart;

/// How much of an input is read at once, in bytes.
const WINDOW_BYTES: u64 = 1 << 18;

/// What was copied of an input.
#[derive(Debug, Default)]
pub struct Done {
    /// Bytes before the first record.
    pub head_bytes: u64,
    /// Records that are not rejected, and their bytes in the input.
    pub clean: SplitPart,
    /// Records that are, and their bytes in the input.
    pub rejected: SplitPart,
    /// Those of them that are lines of claims.
    pub rejected_lines_of_claims: u64,
}

/// Copies an input. What stands between two records, such as blank lines, goes with the first of
/// them; what stands before all of them counts as clean.
pub struct Copying<'c, 'o, 's> {
    name: String,
    dialect: Dialect,
    file: File,
    source: u32,
    pair: &'c mut Pair<'o>,
    reasons: Option<&'c mut Reasons<'s>>,
    /// The bytes of the input in hand, and where they begin.
    window: Vec<u8>,
    window_start: u64,
    head: Vec<u8>,
    /// How far the input was copied.
    at: u64,
    is_rejected: bool,
    done: Done,
}

impl<'c, 'o, 's> Copying<'c, 'o, 's> {
    /// Begins to copy the input with this number.
    ///
    /// # Errors
    /// It cannot be read again.
    pub fn new(
        source: &Source,
        pair: &'c mut Pair<'o>,
        reasons: Option<&'c mut Reasons<'s>>,
        number: u32,
    ) -> Result<Self> {
        let head = text::head(source)?;
        let file = source.bytes().map(File::try_clone).transpose();
        let file = file.map_err(|error| Error::read(&source.name, &error))?;
        let missing = || Error::incomplete(format!("{}: cannot be read twice", source.name));
        Ok(Copying {
            name: source.name.clone(),
            dialect: text::dialect(source)?,
            file: file.ok_or_else(missing)?,
            source: number,
            pair,
            reasons,
            window: Vec::new(),
            window_start: 0,
            at: head.len() as u64,
            done: Done { head_bytes: head.len() as u64, ..Done::default() },
            head,
            is_rejected: false,
        })
    }

    /// Writes what stands before the first record to both parts, unless they have it already.
    pub fn head(&mut self, is_first: bool) -> Result<()> {
        if !is_first {
            return Ok(());
        }
        if let Some(out) = self.pair.part(false) {
            out.bytes(&self.head)?;
        }
        let Some(out) = self.pair.part(true) else { return Ok(()) };
        if self.reasons.is_none() {
            return out.bytes(&self.head);
        }
        let end = text::ascii(self.dialect.found, text::line_end(self.dialect.found, &self.head));
        let header = self.head.strip_suffix(end.as_slice()).unwrap_or(&self.head);
        out.bytes(header)?;
        out.bytes(&text::cell(self.dialect, REASONS_COLUMN))?;
        out.bytes(&end)
    }

    /// Copies up to and into the records of a chunk.
    pub fn take(&mut self, pieces: &Pieces) -> Result<()> {
        self.done.clean.lines += pieces.clean;
        self.done.rejected.lines += pieces.rejected;
        self.done.rejected_lines_of_claims += pieces.rejected_lines_of_claims;
        for Piece { start, end, record, is_rejected } in pieces.pieces.iter().copied() {
            self.copy_to(start)?;
            self.is_rejected = is_rejected;
            if let Some(reasons) = self.reasons.as_mut().filter(|_| is_rejected) {
                let codes = reasons.of(self.source, record)?;
                self.copy_to(end)?;
                self.add(&text::cell(self.dialect, &codes))?;
            }
        }
        Ok(())
    }

    /// Copies the rest of an input of `bytes` bytes. A last line without a line end gets that of
    /// the header: the other part, or another input, may be put behind it.
    pub fn finish(mut self, bytes: u64) -> Result<Done> {
        self.copy_to(bytes)?;
        let found = self.dialect.found;
        let has_records = self.done.clean.lines + self.done.rejected.lines > 0;
        let is_whole = match found {
            Found::Utf8 | Found::Windows1252 => true,
            Found::Utf16Le | Found::Utf16Be => bytes.is_multiple_of(2),
        };
        if has_records && is_whole && text::line_end(found, self.tail()?).is_empty() {
            let end = match text::line_end(found, &self.head) {
                [] => b"\n",
                end => end,
            };
            self.add(&text::ascii(found, end))?;
        }
        Ok(self.done)
    }

    /// The last bytes that were copied.
    fn tail(&mut self) -> Result<&[u8]> {
        let start = self.at.saturating_sub(4);
        self.window.resize((self.at - start) as usize, 0);
        self.window_start = start;
        let read = self.file.read_exact_at(&mut self.window, start);
        read.map_err(|error| Error::read(&self.name, &error))?;
        Ok(&self.window)
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.pair.part(self.is_rejected).map_or(Ok(()), |out| out.bytes(bytes))
    }

    fn copy_to(&mut self, end: u64) -> Result<()> {
        while self.at < end {
            let from = self.at.checked_sub(self.window_start).map(|from| from as usize);
            let held = from.and_then(|from| self.window.get(from..)).unwrap_or_default();
            if held.is_empty() {
                self.fill()?;
                continue;
            }
            let wanted = usize::try_from(end - self.at).unwrap_or(usize::MAX);
            let piece = held.get(..wanted).unwrap_or(held);
            if let Some(out) = self.pair.part(self.is_rejected) {
                out.bytes(piece)?;
            }
            let part =
                if self.is_rejected { &mut self.done.rejected } else { &mut self.done.clean };
            part.bytes += piece.len() as u64;
            self.at += piece.len() as u64;
        }
        Ok(())
    }

    /// Reads on from where copying is.
    fn fill(&mut self) -> Result<()> {
        self.window.resize(WINDOW_BYTES as usize, 0);
        self.window_start = self.at;
        loop {
            match self.file.read_at(&mut self.window, self.at) {
                Ok(0) => return Err(Source::changed(&self.name)),
                Ok(got) => {
                    self.window.truncate(got);
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::read(&self.name, &error)),
            }
        }
    }
}
