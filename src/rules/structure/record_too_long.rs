//! STR008: a record that is longer than any record may be.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That a record is not longer than the limit of the run.
    ///
    /// ## Why it matters
    /// A record of megabytes is a quote that was never closed, a binary file or a missing line
    /// break. Reading on would fill the memory with one cell.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code,note
    /// CLM0001,99213,"a note that goes on for more than two mebibytes …
    /// ```
    ///
    /// ## How to fix
    /// Look at the start of the record for an open quote, and at the input for its line ends.
    ///
    /// ## Source
    /// A limit of claimlint, so that one damaged record cannot exhaust the memory of the run.
    pub static RULE = {
        code: "STR008", name: "record-too-long",
        title: "Record longer than any record may be",
        fix: "look for an open quote at the start of the record and export it again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct RecordTooLong;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(RecordTooLong)))
}

impl RecordCheck for RecordTooLong {
    fn kind(&self) -> FaultKind {
        FaultKind::TooLong
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Limit(bytes) => out.report(
                at,
                None,
                format_args!(
                    "the record is longer than {bytes} bytes, the most that a record may have: \
                     look for an open quote at its start"
                ),
            ),
            _ => out.report(at, None, format_args!("the record is longer than a record may be")),
        };
    }
}
