//! The stream cut into chunks: each holds whole records, and says where every one of them is.

use std::io;

use crate::input::bytes::{Feed, Found};
use crate::input::count::{LineCounter, line_ends};
use crate::input::pool::Pool;
use crate::input::split::{Marks, Step, step};
use crate::input::swallowed::{Shape, swallowed};
use crate::model::{FaultKind, batch::FaultDetail};

/// A record of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// First byte in the chunk's text.
    pub start: u32,
    /// One past the last byte, line end excluded.
    pub end: u32,
    /// Physical lines between the chunk's first line and the record's.
    pub line: u32,
    /// Physical lines of the record.
    pub lines: u32,
    /// Whether a quoted cell is in it.
    pub quoted: bool,
    /// Why it must be set aside, as far as the split can tell.
    pub fault: Option<(FaultKind, FaultDetail)>,
}

/// Some whole records.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The bytes.
    pub text: Vec<u8>,
    /// The records in them; never blank lines.
    pub records: Vec<Record>,
    /// 1-based number of the first record in its input.
    pub first_record: u64,
    /// 1-based physical line of the first byte.
    pub first_line: u64,
    /// Offset in the input of the first byte.
    pub byte: u64,
    /// The encoding that the text had.
    pub found: Option<Found>,
}

/// How large things may get.
#[derive(Debug, Clone, Copy)]
pub struct ChunkLimits {
    /// Bytes of a chunk, about.
    pub chunk_bytes: usize,
    /// Records of a chunk.
    pub batch_lines_max: usize,
    /// Bytes of a record; a longer one is set aside.
    pub record_bytes_max: usize,
    /// Records of the input; reading stops after them.
    pub records_max: u64,
}

/// Cuts an input into chunks, from the first record after the header on.
pub struct Chunks {
    feed: Feed,
    found: Found,
    marks: Marks,
    shape: Shape,
    limits: ChunkLimits,
    rest: Vec<u8>,
    /// Where the memory of chunks comes from, and should be given back to.
    pub pool: Pool,
    next_record: u64,
    next_line: u64,
    byte: u64,
    /// Blank lines so far.
    pub blank: u64,
    /// Lines of records beyond the first of each, so far.
    pub continuation: u64,
}

/// Where the data begins: what the header left.
pub struct Start {
    /// Bytes that were read and not used.
    pub rest: Vec<u8>,
    /// 1-based physical line of the first of them.
    pub line: u64,
    /// Offset in the input of the first of them.
    pub byte: u64,
}

impl Chunks {
    /// Chunks of what `start` left over and `feed` still gives.
    pub fn new(
        feed: Feed,
        found: Found,
        marks: Marks,
        shape: Shape,
        limits: ChunkLimits,
        start: Start,
    ) -> Self {
        Self {
            feed,
            found,
            marks,
            shape,
            limits,
            rest: start.rest,
            pool: Pool::default(),
            next_record: 1,
            next_line: start.line,
            byte: start.byte,
            blank: 0,
            continuation: 0,
        }
    }

    /// Records so far.
    pub fn records(&self) -> u64 {
        self.next_record - 1
    }

    /// Bytes of the input read so far.
    pub fn bytes_read(&self) -> u64 {
        self.feed.bytes_read
    }

    /// Physical lines of the input that were handed out or passed over, header and all.
    pub fn physical_lines(&self) -> u64 {
        let mut unread = LineCounter::default();
        unread.feed(&self.rest);
        self.feed.lines.lines() - unread.lines()
    }

    /// How many line ends are LF, CR LF and CR.
    pub fn line_end_kinds(&self) -> [u64; 3] {
        self.feed.lines.kinds()
    }

    /// Whether the input ended without a line end.
    pub fn open_end(&self) -> bool {
        self.feed.ended && !self.feed.lines.ends_with_line_end()
    }

    /// Whether reading stopped before the end, at the limit of records.
    pub fn stopped_early(&self) -> bool {
        !self.rest.is_empty() || !self.feed.ended
    }

    /// The next chunk; nothing at the end of the input.
    pub fn take(&mut self) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk {
            first_record: self.next_record,
            first_line: self.next_line,
            byte: self.byte,
            found: Some(self.found),
            ..Chunk::default()
        };
        let mut text = self.pool.take();
        text.append(&mut self.rest);
        let mut pos = 0;
        let mut wanted = self.limits.chunk_bytes.saturating_sub(text.len());
        loop {
            if self.next_record > self.limits.records_max {
                break;
            }
            if wanted > 0 && !self.feed.ended {
                self.feed.fill(&mut text, wanted)?;
            }
            pos = self.split(&text, pos, &mut chunk);
            if !chunk.records.is_empty() || (pos == text.len() && self.feed.ended) {
                break;
            }
            if self.is_overlong(&text, pos) {
                return self.pass_over(text, pos, chunk).map(Some);
            }
            // Nothing but blank lines so far: they need not be kept.
            if pos > 0 {
                self.byte += self.found.length_in_input(text.get(..pos).unwrap_or_default());
                text.drain(..pos);
                pos = 0;
                chunk.byte = self.byte;
                chunk.first_line = self.next_line;
            }
            // One record is longer than the chunk: read as much again, so that no byte is looked
            // at more than a few times.
            wanted = self.limits.chunk_bytes.max(text.len() - pos).max(1);
        }
        self.rest = text.get(pos..).unwrap_or_default().to_vec();
        text.truncate(pos);
        self.byte += self.found.length_in_input(&text);
        let nothing = chunk.records.is_empty();
        chunk.text = text;
        Ok((!nothing).then_some(chunk))
    }

    /// Takes whole records from `pos` on; returns where it stopped.
    fn split(&mut self, text: &[u8], mut pos: usize, chunk: &mut Chunk) -> usize {
        while pos < text.len()
            && chunk.records.len() < self.limits.batch_lines_max
            && self.next_record <= self.limits.records_max
        {
            let max = self.limits.record_bytes_max;
            let next = match step(self.marks, text, pos, self.feed.ended, max) {
                Step::More | Step::Fault { first_line: None, .. } => return pos,
                Step::Blank { next } => {
                    self.blank += 1;
                    self.next_line += 1;
                    next
                }
                Step::Record { end, next, quoted, second_line } => {
                    let body = text.get(pos..end).unwrap_or_default();
                    match second_line.and_then(|_| swallowed(&self.shape, body, true)) {
                        Some(lines) => self.set_aside_swallowed(text, pos, lines, chunk),
                        None => {
                            let lines = 1 + second_line.map_or(0, |_| line_ends(body));
                            self.push(chunk, pos, end, lines, quoted, None);
                            next
                        }
                    }
                }
                Step::Fault { kind, at, first_line: Some((end, next)) } => {
                    let body = text.get(pos..at).unwrap_or_default();
                    let runaway = kind == FaultKind::UnclosedQuote || at < next;
                    let rows = if runaway { None } else { swallowed(&self.shape, body, false) };
                    match rows {
                        Some(lines) => self.set_aside_swallowed(text, pos, lines, chunk),
                        None => {
                            let offset = text.get(..at).unwrap_or_default();
                            let byte = self.byte + self.found.length_in_input(offset);
                            let fault = (kind, FaultDetail::Byte(byte));
                            self.push(chunk, pos, end, 1, false, Some(fault));
                            next
                        }
                    }
                }
            };
            pos = next;
        }
        pos
    }

    /// Sets aside the first physical line of a record that swallowed others; they are read again.
    fn set_aside_swallowed(
        &mut self,
        text: &[u8],
        pos: usize,
        (first, last): (u64, u64),
        chunk: &mut Chunk,
    ) -> usize {
        let end = memchr::memchr2(b'\n', b'\r', text.get(pos..).unwrap_or_default());
        let end = end.map_or(text.len(), |offset| pos + offset);
        let crlf = text.get(end..end + 2) == Some(b"\r\n");
        let detail = FaultDetail::Lines(self.next_line + first, self.next_line + last);
        self.push(chunk, pos, end, 1, false, Some((FaultKind::SwallowedRecords, detail)));
        end + if crlf { 2 } else { 1 }
    }

    fn push(
        &mut self,
        chunk: &mut Chunk,
        start: usize,
        end: usize,
        lines: u64,
        quoted: bool,
        fault: Option<(FaultKind, FaultDetail)>,
    ) {
        chunk.records.push(Record {
            start: start as u32,
            end: end as u32,
            line: (self.next_line - chunk.first_line) as u32,
            lines: lines as u32,
            quoted,
            fault,
        });
        self.next_record += 1;
        self.next_line += lines;
        self.continuation += lines - 1;
    }

    /// Whether the record at `pos` has a first physical line that is longer than a record may be.
    fn is_overlong(&self, text: &[u8], pos: usize) -> bool {
        let max = self.limits.record_bytes_max;
        pos < text.len()
            && matches!(
                step(self.marks, text, pos, self.feed.ended, max),
                Step::Fault { first_line: None, .. }
            )
    }

    /// Sets aside an overlong record as a chunk of its own, passing over it up to its line end
    /// without keeping it.
    fn pass_over(&mut self, text: Vec<u8>, pos: usize, mut chunk: Chunk) -> io::Result<Chunk> {
        let before = text.get(..pos).unwrap_or_default();
        chunk.byte += self.found.length_in_input(before);
        self.byte = chunk.byte;
        chunk.first_line = self.next_line;
        let mut text = text.get(pos..).unwrap_or_default().to_vec();
        loop {
            let end = memchr::memchr2(b'\n', b'\r', &text);
            // A CR at the end of the buffer may have its LF in the next piece.
            let cut = end.filter(|end| end + 1 < text.len() || self.feed.ended);
            if let Some(end) = cut {
                let crlf = text.get(end..end + 2) == Some(b"\r\n");
                let next = end + if crlf { 2 } else { 1 };
                self.byte += self.found.length_in_input(text.get(..next).unwrap_or_default());
                self.rest = text.get(next..).unwrap_or_default().to_vec();
                break;
            }
            if self.feed.ended {
                self.byte += self.found.length_in_input(&text);
                break;
            }
            let kept = end.unwrap_or(text.len());
            self.byte += self.found.length_in_input(text.get(..kept).unwrap_or_default());
            text.drain(..kept);
            self.feed.fill(&mut text, self.limits.chunk_bytes.max(2))?;
        }
        let detail = FaultDetail::Limit(self.limits.record_bytes_max as u64);
        self.push(&mut chunk, 0, 0, 1, false, Some((FaultKind::TooLong, detail)));
        Ok(chunk)
    }
}
