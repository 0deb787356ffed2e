//! A rule as the user wrote it, and what may be wrong with that.

use crate::model::Date;

/// What a rule in SQL looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlScope {
    /// One service line.
    Line,
    /// The lines of a claim.
    Claim,
    /// The lines of a patient on a day.
    PatientDay,
}

/// A rule as it is written: what is needed to compile it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it looks at.
    pub scope: SqlScope,
    /// Where it finds something: a boolean expression.
    pub fails_when: String,
    /// Where it looks at all, if not everywhere.
    pub applies_when: Option<String>,
    /// Of a failing claim or day, the lines that are reported: a boolean expression over a line.
    /// The first line if there is none.
    pub lines_when: Option<String>,
    /// What is wrong, with expressions in braces.
    pub message: String,
    /// The names of the fields to point at.
    pub fields: Vec<String>,
    /// The days of service on which it holds, both inclusive.
    pub effective: (Option<Date>, Option<Date>),
    /// The payers whose lines it looks at, compared without case; empty for all.
    pub payers: Vec<String>,
}

/// What is wrong with a rule as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The key whose value is wrong, as in the file: `fails-when`.
    pub key: &'static str,
    /// The byte of the value at which it is wrong.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}
