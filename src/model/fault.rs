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
    /// X12: the control numbers of a header and its trailer differ.
    ControlNumbers,
    /// X12: a trailer counts otherwise than what there is.
    TrailerCounts,
    /// X12: a header or a trailer is missing.
    MissingTrailer,
    /// X12: a segment stands where its loop cannot be.
    Hierarchy,
    /// X12: the service lines of a claim are not counted 1, 2, 3.
    LineCounter,
    /// X12: a transaction set that is no 837, or of a version that is not known.
    UnknownVersion,
    /// X12: a segment that cannot be read.
    UnreadableSegment,
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
    /// What is wrong, in words of the program.
    Says(&'static str),
    /// An element that counts, what it says, if that is a number, and what there is.
    Counts(&'static str, Option<u64>, u64),
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
    /// How many physical lines were set aside with it; 0 where the fault is about what surrounds
    /// service lines and none is lost.
    pub lines: u64,
    /// More about it.
    pub detail: FaultDetail,
}

impl Fault {
    /// Whether a record was set aside, and not only something found around the records.
    pub fn is_of_a_record(&self) -> bool {
        self.lines > 0
    }

    /// Whether a service line may be lost with the record: headers and totals are none.
    pub fn may_be_a_line(&self) -> bool {
        self.is_of_a_record()
            && !matches!(self.kind, FaultKind::NotARecord | FaultKind::RepeatedHeader)
    }
}
