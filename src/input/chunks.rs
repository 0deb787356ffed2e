//! The stream cut into chunks: each holds whole records, and says where every one of them is.

use std::io;

use crate::input::bytes::{Feed, Found};
use crate::input::chunk::{Chunk, Other, Record};
use crate::input::count::{LineCounter, line_ends};
use crate::input::pool::Pool;
use crate::input::scan::Bounds;
use crate::input::split::{Marks, Step, step};
use crate::input::swallowed::{Shape, swallowed};
use crate::model::{FaultDetail, FaultKind};

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
    pub pool: Pool<Chunk>,
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

    /// Bytes of the input up to here. What was read ahead of the limit of records does not count:
    /// how much that is depends on the size of buffers.
    pub fn bytes_read(&self) -> u64 {
        if self.stopped_early() { self.byte } else { self.feed.bytes_read }
    }

    /// Physical lines of the input that were handed out or passed over, header and all.
    pub fn physical_lines(&self) -> u64 {
        let mut unread = LineCounter::default();
        unread.feed(&self.rest);
        self.feed.lines.lines() - unread.lines()
    }

    /// How many line ends are LF, CR LF and CR.
    pub fn line_end_kinds(&self) -> [u64; 3] {
        let mut unread = LineCounter::default();
        unread.feed(&self.rest);
        let mut kinds = self.feed.lines.kinds();
        kinds.iter_mut().zip(unread.kinds()).for_each(|(all, unread)| *all -= unread);
        kinds
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
        let mut chunk = self.pool.take();
        chunk.first_record = self.next_record;
        chunk.first_line = self.next_line;
        chunk.byte = self.byte;
        chunk.found = self.found;
        let mut text = std::mem::take(&mut chunk.text);
        text.extend_from_slice(&self.rest);
        self.rest.clear();
        let mut pos = 0;
        let mut is_split = false;
        let mut wanted = self.limits.chunk_bytes.saturating_sub(text.len());
        loop {
            if self.next_record > self.limits.records_max {
                if text.is_empty() && !self.feed.ended {
                    // Whether the input ends here as well.
                    self.feed.fill(&mut text, 1)?;
                }
                break;
            }
            // What was read before a failure comes first.
            let has_more = !self.feed.ended && (is_split || !self.feed.is_failing());
            if wanted > 0 && has_more {
                self.feed.fill(&mut text, wanted)?;
            }
            pos = self.split(&text, pos, &mut chunk);
            is_split = true;
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
        self.rest.extend_from_slice(text.get(pos..).unwrap_or_default());
        text.truncate(pos);
        self.byte += self.found.length_in_input(&text);
        let nothing = chunk.records.is_empty();
        chunk.text = text;
        Ok((!nothing).then_some(chunk))
    }

    /// Takes whole records from `pos` on; returns where it stopped.
    fn split(&mut self, text: &[u8], mut pos: usize, chunk: &mut Chunk) -> usize {
        loop {
            if pos < text.len() && !self.is_full(chunk) {
                pos = self.split_plain(text, pos, chunk);
            }
            if pos == text.len() || self.is_full(chunk) {
                return pos;
            }
            match self.split_other(text, pos, chunk) {
                Some(next) => pos = next,
                None => return pos,
            }
        }
    }

    fn is_full(&self, chunk: &Chunk) -> bool {
        chunk.records.len() >= self.limits.batch_lines_max
            || self.next_record > self.limits.records_max
    }

    /// Takes plain records, as many as follow each other; returns where it stopped.
    fn split_plain(&mut self, text: &[u8], pos: usize, chunk: &mut Chunk) -> usize {
        let left = self.limits.records_max - (self.next_record - 1);
        let room = self.limits.batch_lines_max - chunk.records.len();
        let bounds = Bounds {
            records: usize::try_from(left).map_or(room, |left| left.min(room)),
            record_bytes: self.limits.record_bytes_max,
        };
        let before = chunk.records.len();
        let mut line = (self.next_line - chunk.first_line) as u32;
        let Chunk { records, structure, .. } = chunk;
        let stopped = structure.scan(self.marks, text, pos, bounds, |start, feed| {
            // A CR before the LF belongs to the line end; the scan let no other pass.
            let returned = feed > start && text.get(feed - 1) == Some(&b'\r');
            let end = feed - usize::from(returned);
            records.push(Record { start: start as u32, end: end as u32, line, other: 0 });
            line += 1;
        });
        let taken = (chunk.records.len() - before) as u64;
        self.next_record += taken;
        self.next_line += taken;
        stopped
    }

    /// Takes one record, or passes over one blank line; nothing when more of the input is needed.
    fn split_other(&mut self, text: &[u8], pos: usize, chunk: &mut Chunk) -> Option<usize> {
        let max = self.limits.record_bytes_max;
        match step(self.marks, text, pos, self.feed.ended, max) {
            Step::More | Step::Fault { first_line: None, .. } => None,
            Step::Blank { next } => {
                self.blank += 1;
                self.next_line += 1;
                Some(next)
            }
            Step::Record { end, next, quoted, second_line } => {
                let body = text.get(pos..end).unwrap_or_default();
                match second_line.and_then(|_| swallowed(&self.shape, body, true)) {
                    Some(lines) => Some(self.set_aside_swallowed(text, pos, lines, chunk)),
                    None => {
                        let lines = 1 + second_line.map_or(0, |_| line_ends(body));
                        self.push(
                            chunk,
                            (pos, end),
                            Other { lines: lines as u32, quoted, fault: None },
                        );
                        Some(next)
                    }
                }
            }
            Step::Fault { kind, at, first_line: Some((end, next)) } => {
                let body = text.get(pos..at).unwrap_or_default();
                let runaway = kind == FaultKind::UnclosedQuote || at < next;
                let rows = if runaway { None } else { swallowed(&self.shape, body, false) };
                match rows {
                    Some(lines) => Some(self.set_aside_swallowed(text, pos, lines, chunk)),
                    None => {
                        let offset = text.get(..at).unwrap_or_default();
                        let byte = self.byte + self.found.length_in_input(offset);
                        let fault = (kind, FaultDetail::Byte(byte));
                        self.set_aside(chunk, (pos, end), fault);
                        Some(next)
                    }
                }
            }
        }
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
        self.set_aside(chunk, (pos, end), (FaultKind::SwallowedRecords, detail));
        end + if crlf { 2 } else { 1 }
    }

    /// Sets aside one physical line.
    fn set_aside(
        &mut self,
        chunk: &mut Chunk,
        bounds: (usize, usize),
        fault: (FaultKind, FaultDetail),
    ) {
        self.push(chunk, bounds, Other { lines: 1, quoted: false, fault: Some(fault) });
    }

    fn push(&mut self, chunk: &mut Chunk, (start, end): (usize, usize), other: Other) {
        chunk.others.push(other);
        chunk.records.push(Record {
            start: start as u32,
            end: end as u32,
            line: (self.next_line - chunk.first_line) as u32,
            other: chunk.others.len() as u32,
        });
        self.next_record += 1;
        self.next_line += u64::from(other.lines);
        self.continuation += u64::from(other.lines - 1);
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
                let line = text.get(..end).unwrap_or_default();
                chunk.passed_over = self.byte + self.found.length_in_input(line) - chunk.byte;
                self.byte += self.found.length_in_input(text.get(..next).unwrap_or_default());
                self.rest = text.get(next..).unwrap_or_default().to_vec();
                break;
            }
            if self.feed.ended {
                self.byte += self.found.length_in_input(&text);
                chunk.passed_over = self.byte - chunk.byte;
                break;
            }
            let kept = end.unwrap_or(text.len());
            self.byte += self.found.length_in_input(text.get(..kept).unwrap_or_default());
            text.drain(..kept);
            self.feed.fill(&mut text, self.limits.chunk_bytes.max(2))?;
        }
        let detail = FaultDetail::Limit(self.limits.record_bytes_max as u64);
        self.set_aside(&mut chunk, (0, 0), (FaultKind::TooLong, detail));
        Ok(chunk)
    }
}
