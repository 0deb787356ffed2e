//! Some whole records of an input, with what the split found out about each.

use crate::input::bytes::Found;
use crate::input::scan::Structure;
use crate::model::{FaultDetail, FaultKind};

/// A record of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// First byte in the chunk's text.
    pub start: u32,
    /// One past the last byte, line end excluded.
    pub end: u32,
    /// Physical lines between the chunk's first line and the record's.
    pub line: u32,
    /// 0 for a plain record, whose separators the chunk's structure has; otherwise one more than
    /// its place in the chunk's list of others.
    pub(in crate::input) other: u32,
}

/// What is to be said of a record that is not plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Other {
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
    /// Where the separators of its plain records are.
    pub structure: Structure,
    /// The records in them; never blank lines.
    pub records: Vec<Record>,
    pub(in crate::input) others: Vec<Other>,
    /// 1-based number of the first record in its input.
    pub first_record: u64,
    /// 1-based physical line of the first byte.
    pub first_line: u64,
    /// Offset in the input of the first byte.
    pub byte: u64,
    /// Of a record too long to be kept, the bytes of its line in the input, line end excluded.
    pub passed_over: u64,
    /// The encoding that the text had.
    pub found: Found,
}

impl Chunk {
    /// What is to be said of a record beyond its place; nothing of a plain one.
    #[inline]
    pub fn other(&self, record: &Record) -> Option<&Other> {
        self.others.get((record.other as usize).checked_sub(1)?)
    }

    /// Whether the records are plain, one on each physical line, and one byte of text stands for
    /// each byte of the input.
    pub fn is_in_a_row(&self) -> bool {
        let last = self.records.last().map_or(0, |record| record.line as usize + 1);
        self.found == Found::Utf8 && self.is_plain() && last == self.records.len()
    }

    /// Whether every record is plain.
    pub fn is_plain(&self) -> bool {
        self.others.is_empty()
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.structure.clear();
        self.records.clear();
        self.others.clear();
        self.passed_over = 0;
    }
}
