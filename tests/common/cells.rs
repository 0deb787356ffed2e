//! A reader of whole tables over the splitter: every cell of every record, and every fault.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test target uses a part of it")]

use std::io::Cursor;

use claimlint::input::bytes::{Feed, Found};
use claimlint::input::chunk::{Chunk, Other};
use claimlint::input::chunks::{ChunkLimits, Chunks, Start};
use claimlint::input::fields::{plain_cells, quoted_cells, unquote};
use claimlint::input::settings::Encoding;
use claimlint::input::split::Marks;
use claimlint::input::swallowed::Shape;
use claimlint::model::{FaultDetail, FaultKind};

/// The cells of a record, or why there are none.
pub type Cells = Result<Vec<Vec<u8>>, (FaultKind, FaultDetail)>;

/// A record as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number, from 1.
    pub record: u64,
    /// Its first physical line, from 1.
    pub line: u64,
    /// How many physical lines it has.
    pub lines: u64,
    /// The offset of its first byte.
    pub byte: u64,
    /// What is in it.
    pub cells: Cells,
}

/// A table as it was read; the first record is no header.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The records and faults, in order.
    pub rows: Vec<Row>,
    /// Physical lines.
    pub physical: u64,
    /// Blank lines.
    pub blank: u64,
    /// Lines of records beyond the first of each.
    pub continuation: u64,
}

impl Table {
    /// Whether every physical line is accounted for.
    pub fn adds_up(&self) -> bool {
        self.physical == self.rows.len() as u64 + self.blank + self.continuation
    }

    /// The cells of all records that were read.
    pub fn accepted(&self) -> Vec<Vec<Vec<u8>>> {
        self.rows.iter().filter_map(|row| row.cells.clone().ok()).collect()
    }

    /// The faults, with their lines.
    pub fn faults(&self) -> Vec<(u64, FaultKind)> {
        let fault = |row: &Row| Some((row.line, row.cells.as_ref().err()?.0));
        self.rows.iter().filter_map(fault).collect()
    }
}

/// How a table is read.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Between two cells.
    pub delimiter: u8,
    /// Whether `"` quotes.
    pub quoting: bool,
    /// The cells that a record should have; with 1, nothing counts as swallowed.
    pub width: usize,
    /// The columns of the claim id and the procedure code, where there are any.
    pub columns: [Option<usize>; 2],
    /// Bytes of a chunk.
    pub chunk_bytes: usize,
    /// Records of a chunk.
    pub batch_lines: usize,
    /// Bytes of a record.
    pub record_bytes_max: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quoting: true,
            width: 1,
            columns: [None; 2],
            chunk_bytes: 1 << 16,
            batch_lines: 1 << 14,
            record_bytes_max: 1 << 20,
        }
    }
}

impl Reader {
    /// Reads all of a table.
    pub fn read(&self, bytes: &[u8]) -> Table {
        let (found, mark) = Found::of(bytes, Encoding::Auto);
        let body = Cursor::new(bytes[mark..].to_vec());
        let feed = Feed::new(Box::new(body), found, &[], 0);
        let [claim_id, procedure_code] = self.columns;
        let shape =
            Shape { width: self.width, delimiter: self.delimiter, claim_id, procedure_code };
        let limits = ChunkLimits {
            chunk_bytes: self.chunk_bytes,
            batch_lines_max: self.batch_lines,
            record_bytes_max: self.record_bytes_max,
            records_max: u64::MAX,
        };
        let marks = Marks { delimiter: self.delimiter, quoting: self.quoting };
        let start = Start { rest: Vec::new(), line: 1, byte: mark as u64 };
        let mut chunks = Chunks::new(feed, found, marks, shape, limits, start);
        let mut rows = Vec::new();
        while let Some(chunk) = chunks.take().expect("memory can be read") {
            assert!(!chunk.records.is_empty() && chunk.records.len() <= self.batch_lines);
            self.take(chunk, &mut rows);
        }
        assert!(!chunks.stopped_early());
        let (blank, continuation) = (chunks.blank, chunks.continuation);
        Table { rows, physical: chunks.physical_lines(), blank, continuation }
    }

    fn take(&self, mut chunk: Chunk, rows: &mut Vec<Row>) {
        let mut text = std::mem::take(&mut chunk.text);
        let mut separators = Vec::new();
        let count = chunk.structure.flatten(&mut separators);
        let mut separators = separators[..count].iter();
        for (index, record) in chunk.records.iter().enumerate() {
            let (start, end) = (record.start as usize, record.end as usize);
            let other = chunk.other(record);
            let cells = match other {
                Some(Other { fault: Some(fault), .. }) => Err(*fault),
                Some(other) => Ok(cells(&mut text, start, end, self.delimiter, other.quoted)),
                None => {
                    let quoted = self.quoting && text[start..end].contains(&b'"');
                    let cells = cells(&mut text, start, end, self.delimiter, quoted);
                    let found: Vec<u32> = separators.by_ref().take(cells.len()).copied().collect();
                    self.compare(&text, (start, end), quoted, &found);
                    Ok(cells)
                }
            };
            rows.push(Row {
                record: chunk.first_record + index as u64,
                line: chunk.first_line + u64::from(record.line),
                lines: other.map_or(1, |other| u64::from(other.lines)),
                byte: chunk.byte + chunk.found.length_in_input(&text[..start]),
                cells,
            });
        }
        assert_eq!(separators.next(), None, "separators outside of plain records");
    }

    /// The scan's separators of a plain record are those that cutting it slowly finds.
    fn compare(&self, text: &[u8], (start, end): (usize, usize), quoted: bool, found: &[u32]) {
        let mut want = Vec::new();
        let note = |_, _, to: usize| want.push((start + to) as u32);
        match quoted {
            true => quoted_cells(&text[start..end], self.delimiter, note),
            false => plain_cells(&text[start..end], self.delimiter, note),
        };
        let returned = text.get(end) == Some(&b'\r');
        *want.last_mut().expect("a record has a cell") += u32::from(returned);
        assert_eq!(found, want);
        assert_eq!(text.get(*found.last().expect("it has one") as usize), Some(&b'\n'));
    }
}

fn cells(
    text: &mut Vec<u8>,
    start: usize,
    end: usize,
    delimiter: u8,
    quoted: bool,
) -> Vec<Vec<u8>> {
    let mut bounds = Vec::new();
    let note = |_, from: usize, to: usize| bounds.push((start + from, start + to));
    let width = match quoted {
        true => quoted_cells(&text[start..end], delimiter, note),
        false => plain_cells(&text[start..end], delimiter, note),
    };
    assert_eq!(width, bounds.len());
    let cell = |(from, to): (usize, usize)| match quoted {
        true => {
            let span = unquote(text, from, to);
            text[span.start as usize..][..span.len as usize].to_vec()
        }
        false => text[from..to].to_vec(),
    };
    bounds.into_iter().map(cell).collect()
}
