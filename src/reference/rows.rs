//! Rows of reference data as they are taken in: what a published file says, decoded, and nothing of
//! how it is looked up.

use crate::model::Date;
use crate::reference::Kind;

/// Days from a first to a last, both inclusive. An open end is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    /// The first day; `None` where it lies before anything that is known.
    pub first: Option<Date>,
    /// The last day; `None` where no end is known.
    pub last: Option<Date>,
}

/// A code and the days on which it is in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeRow {
    /// The code: 1 to 10 upper-case ASCII letters or digits. Procedure codes have 5, modifiers and
    /// places of service 2, ICD-10-CM codes 3 to 7 (without the dot), taxonomy codes 10. Rows of
    /// PPRRVU have the procedure code and, where there is one, its modifier: `7101026`.
    pub code: String,
    /// When it is in force. Both open where the file says nothing: then it is in force on every day
    /// that the edition covers.
    pub days: Days,
    /// What else the file says of the code, by kind:
    /// - HCPCS: the pricing indicator (2 bytes, as `b"00"`).
    /// - ICD-10-CM: `b"1"` billable, `b"0"` a header.
    /// - PPRRVU: status, PC/TC indicator, global days (3), multiple procedure, bilateral,
    ///   assistant: 8 bytes, blank where the file is.
    /// - otherwise empty.
    pub attributes: Vec<u8>,
}

/// An NCCI edit of a pair of procedure codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairRow {
    /// The code that is paid.
    pub column_one: [u8; 5],
    /// The code that is denied beside it.
    pub column_two: [u8; 5],
    /// When the edit is in force.
    pub days: Days,
    /// 0 never allowed, 1 allowed with an NCCI modifier, 9 not applicable.
    pub indicator: u8,
}

/// A medically unlikely edit: the most units of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LimitRow {
    /// The procedure code.
    pub code: [u8; 5],
    /// The most units; 0 is a limit too.
    pub units: u32,
    /// The adjudication indicator: 1 by line, 2 by day (policy), 3 by day (clinical).
    pub indicator: u8,
}

/// An add-on code and one of its primary codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddOnRow {
    /// The add-on code.
    pub add_on: [u8; 5],
    /// A primary code; `None` where contractors define them (`CCCCC`).
    pub primary: Option<[u8; 5]>,
    /// 1: the list of primaries is closed. 2: there is none. 3: it is open.
    pub kind: u8,
    /// When the edit is in force.
    pub days: Days,
}

/// The rows of one edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Codes of any kind.
    Codes(Vec<CodeRow>),
    /// Pairs.
    Pairs(Vec<PairRow>),
    /// Limits.
    Limits(Vec<LimitRow>),
    /// Add-on codes.
    AddOns(Vec<AddOnRow>),
}

/// A published file that an edition was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name, without its folder.
    pub name: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Its data rows, each of which was taken in.
    pub rows: u64,
}

/// An edition before it is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// What it holds.
    pub kind: Kind,
    /// What it is called among editions of its kind: `2026-Q3`, `FY2024`, `2025-10`. Letters,
    /// digits, `-`, `_` and `.`; editions of a kind are ordered by the days that they cover first.
    pub name: String,
    /// The service dates that it can answer for, both ends known.
    pub covers: (Date, Date),
    /// Whether a code that is not in it does not exist. PPRRVU lists only some of the codes there
    /// are, so it is never evidence against one.
    pub is_complete: bool,
    /// What it was made of.
    pub sources: Vec<SourceFile>,
    /// The rows.
    pub rows: Rows,
}
