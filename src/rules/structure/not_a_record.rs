//! STR010: a total, a page mark or an end mark among the records.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That a line is a service line, and not a total, a page mark, a row of empty cells or an end-
    /// of-file mark.
    ///
    /// ## Why it matters
    /// Report writers put totals and marks among the data. Taken as service lines they would belong
    /// to a claim called "Grand Total" and lack a procedure code.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code,charge
    /// CLM0001,99213,125.00
    /// Grand Total,,125.00
    /// ```
    ///
    /// ## How to fix
    /// Export the data and not the report, or remove totals and marks. The beginnings that mark
    /// such a line are data: see `rules/words.toml`.
    ///
    /// ## Source
    /// Observed in exports of report writers; a Ctrl-Z (byte 1A) at the end is the end-of-file mark
    /// of CP/M and DOS.
    pub static RULE = {
        code: "STR010", name: "not-a-record",
        title: "Line that is not a service line",
        fix: "export the data without totals, page marks and empty rows",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct NotARecord;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(NotARecord)))
}

impl RecordCheck for NotARecord {
    fn kind(&self) -> FaultKind {
        FaultKind::NotARecord
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Instead(what) => out.report(
                at,
                None,
                format_args!("the line is {what}, not a service line: remove it from the export"),
            ),
            _ => out.report(
                at,
                None,
                format_args!("the line is not a service line: remove it from the export"),
            ),
        };
    }
}
