//! A batch: a few thousand service lines as columns of cell spans, and what was wrong around them.

use std::sync::Arc;

use crate::model::damage::Tidied;
use crate::model::{Field, Line, Procedure, Vocabulary};

/// Where a piece of text lies in its batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Length in bytes.
    pub len: u32,
}

/// The cells of one field.
#[derive(Debug, Clone, Default)]
pub enum Column {
    /// The input has no column for the field.
    #[default]
    NotMapped,
    /// The input has one, and no enabled rule reads it.
    NotRead,
    /// One span for each line.
    Cells(Vec<Span>),
}

/// Where a record lies in its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which input, in the order given.
    pub source: u32,
    /// 1-based data record of that input.
    pub record: u64,
    /// 1-based physical line on which the record starts.
    pub line: u64,
    /// Offset in bytes of the record from the start of the input.
    pub byte: u64,
}

/// Why a record was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// The record has more or fewer cells than the header.
    Ragged,
    /// A quote stands inside a cell that does not begin with one.
    QuoteInUnquoted,
    /// A closing quote is followed by text.
    TextAfterQuote,
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// A quoted cell holds whole records.
    SwallowedRecords,
    /// The record contains a NUL byte.
    NulByte,
    /// The record is not valid in the encoding of the input.
    InvalidEncoding,
    /// The record is longer than any record may be.
    TooLong,
    /// The record repeats the header.
    RepeatedHeader,
    /// The line is a total, a page mark or an end-of-file mark.
    NotARecord,
}

/// What a fault is about, in numbers; never a value from the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultDetail {
    /// Nothing more to say.
    None,
    /// Cells found and cells expected.
    Width(u32, u32),
    /// Offset in the input of the byte that shows the fault.
    Byte(u64),
    /// First and last physical line of the records that were swallowed.
    Lines(u64, u64),
    /// The bytes that a record may have.
    Limit(u64),
    /// What the line is instead of a record.
    Instead(&'static str),
}

impl FaultDetail {
    /// ` at byte 12 of the input`, to stand in a message; nothing where no byte shows the fault.
    pub fn at_byte(self) -> String {
        match self {
            FaultDetail::Byte(byte) => format!(" at byte {byte} of the input"),
            _ => String::new(),
        }
    }
}

/// A record that was set aside because it cannot be read as a service line without guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub kind: FaultKind,
    /// Where it starts.
    pub place: Place,
    /// How many physical lines were set aside with it.
    pub lines: u64,
    /// More about it.
    pub detail: FaultDetail,
}

impl Fault {
    /// Whether a service line may be lost with the record: headers and totals are none.
    pub fn may_be_a_line(&self) -> bool {
        !matches!(self.kind, FaultKind::NotARecord | FaultKind::RepeatedHeader)
    }
}

/// A line whose two columns for one field say different things; the first was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// The line.
    pub row: u32,
    /// The cell that was not used.
    pub other: Span,
}

/// Some thousand service lines of one input, decoded once.
#[derive(Debug)]
pub struct Batch {
    /// Which input the lines come from.
    pub source: u32,
    /// The bytes of the records, followed by the cells whose quotes had to be resolved.
    pub text: Vec<u8>,
    /// Where each line lies.
    pub places: Vec<Place>,
    /// The cells, by field.
    pub columns: [Column; Field::COUNT],
    /// What each line's procedure-code cell holds.
    pub procedures: Vec<Procedure>,
    /// Lines whose two procedure-code columns differ.
    pub disagreements: Vec<Disagreement>,
    /// Lines with more than one filled column for the procedure code.
    pub doubly_coded: u64,
    /// Records that were set aside, in the order of the input.
    pub faults: Vec<Fault>,
    /// How often procedure-code cells were tidied.
    pub tidied: Tidied,
    /// The words that cells are read with.
    pub vocabulary: Arc<Vocabulary>,
}

impl Batch {
    /// An empty batch of `source`.
    pub fn new(source: u32, vocabulary: Arc<Vocabulary>) -> Self {
        Self {
            source,
            text: Vec::new(),
            places: Vec::new(),
            columns: std::array::from_fn(|_| Column::NotMapped),
            procedures: Vec::new(),
            disagreements: Vec::new(),
            doubly_coded: 0,
            faults: Vec::new(),
            tidied: Tidied::default(),
            vocabulary,
        }
    }

    /// How many service lines there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The service lines, in the order of the input.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        (0..self.places.len()).map(move |row| Line::new(self, row))
    }

    /// The service line `row`, 0-based, which must be below [`Batch::len`].
    pub fn line(&self, row: usize) -> Line<'_> {
        Line::new(self, row)
    }

    /// The text of a span of this batch.
    #[inline]
    pub fn slice(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// The cell of `field` in line `row`, unquoted and otherwise as it stands in the input.
    #[inline]
    pub fn cell(&self, field: Field, row: usize) -> Option<&[u8]> {
        match self.columns.get(field as usize)? {
            Column::Cells(spans) => spans.get(row).map(|span| self.slice(*span)),
            Column::NotMapped => None,
            Column::NotRead => {
                debug_assert!(false, "a rule read {field} without declaring it");
                None
            }
        }
    }
}
