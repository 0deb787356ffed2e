//! A record that was set aside: why, where, and what shows it.

use crate::model::batch::Place;

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
