//! The bytes of an input, copied to where its records belong.

use crate::error::Result;
use crate::input::Source;
use crate::input::bytes::Found;
use crate::input::header::Dialect;
use crate::pipeline::split::pass::{Piece, Pieces};
use crate::pipeline::split::reasons::Reasons;
use crate::pipeline::split::targets::Pair;
use crate::pipeline::split::text::{self, REASONS_COLUMN};
use crate::pipeline::split::window::Window;
use crate::report::summary::SplitPart;

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

impl Done {
    /// Records of both parts.
    pub fn lines(&self) -> u64 {
        self.clean.lines + self.rejected.lines
    }
}

/// Copies an input. What stands between two records, such as blank lines, goes with the first of
/// them; what stands before all of them counts as clean.
pub struct Copying<'c, 'o, 's> {
    dialect: Dialect,
    source: u32,
    pair: &'c mut Pair<'o>,
    reasons: Option<&'c mut Reasons<'s>>,
    window: Window,
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
        Ok(Copying {
            dialect: text::dialect(source)?,
            source: number,
            pair,
            reasons,
            window: Window::new(source)?,
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
        let tail = self.window.all(self.at.saturating_sub(4), self.at)?;
        if has_records && is_whole && text::line_end(found, &tail).is_empty() {
            let end = match text::line_end(found, &self.head) {
                [] => b"\n",
                end => end,
            };
            self.add(&text::ascii(found, end))?;
        }
        Ok(self.done)
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.pair.part(self.is_rejected).map_or(Ok(()), |out| out.bytes(bytes))
    }

    fn copy_to(&mut self, end: u64) -> Result<()> {
        while self.at < end {
            let piece = self.window.piece(self.at, end)?;
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
}
