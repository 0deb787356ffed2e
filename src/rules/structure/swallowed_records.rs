//! STR005: a quoted cell that holds what read as records of their own.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That no quoted cell holds line breaks with whole records between them, each as wide as the
    /// header.
    ///
    /// ## Why it matters
    /// Two stray quotes some lines apart make one legal cell of everything between them. A reader
    /// that follows the letter loses those service lines without a word.
    ///
    /// ## Example
    /// ```text
    /// claim_id,service_line,procedure_code,note
    /// CLM0001,1,99213,"cast
    /// CLM0002,1,99214,
    /// CLM0003,1,3044F,
    /// CLM0004,1,99215,of 5"
    /// ```
    ///
    /// ## How to fix
    /// Remove the two stray quotes, or double them inside a quoted cell, and check the input again.
    ///
    /// ## Source
    /// RFC 4180, section 2, items 6 and 7: line breaks are allowed only inside quotes, and quotes
    /// in a quoted field are written twice.
    pub static RULE = {
        code: "STR005", name: "swallowed-records",
        title: "Quoted cell that holds whole records",
        fix: "remove the stray quotes at both ends of these lines and check the input again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct SwallowedRecords;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(SwallowedRecords)))
}

impl RecordCheck for SwallowedRecords {
    fn kind(&self) -> FaultKind {
        FaultKind::SwallowedRecords
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Lines(first, last) => out.report(
                at,
                None,
                format_args!(
                    "one quoted cell holds {}, which reads like records of its own: a stray quote \
                     stands at each end",
                    Lines(first, last)
                ),
            ),
            _ => out.report(
                at,
                None,
                format_args!("one quoted cell holds lines that read like records of their own"),
            ),
        };
    }
}

/// Physical lines as a message names them.
struct Lines(u64, u64);

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Lines(first, last) if first == last => write!(f, "line {first}"),
            Lines(first, last) => write!(f, "lines {first} to {last}"),
        }
    }
}
