//! What a compiled edition says of itself.

use std::path::PathBuf;

use crate::model::Date;
use crate::reference::Kind;
use crate::reference::rows::SourceFile;

/// What a compiled edition says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionInfo {
    /// What it holds.
    pub kind: Kind,
    /// What it is called among editions of its kind.
    pub name: String,
    /// The service dates that it answers for, both ends included.
    pub covers: (Date, Date),
    /// Whether a code that is not in it does not exist.
    pub is_complete: bool,
    /// What it was made of.
    pub sources: Vec<SourceFile>,
    /// The data rows of all sources.
    pub rows: u64,
    /// The rows that are left when equal ones are kept once.
    pub entries: u64,
    /// The entries with a last day.
    pub ended: u64,
    /// The file that it was read from; empty for one that was made in memory.
    pub path: PathBuf,
}

impl EditionInfo {
    /// Whether it answers for the day.
    pub fn covers(&self, on: Date) -> bool {
        self.covers.0 <= on && on <= self.covers.1
    }

    /// The order of editions of a kind: the newest is the last.
    pub(super) fn age(&self) -> (Date, Date, &str) {
        (self.covers.1, self.covers.0, &self.name)
    }
}
