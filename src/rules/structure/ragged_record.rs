//! STR001: a record whose cells do not line up with the header.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That a record has as many cells as the header.
    ///
    /// ## Why it matters
    /// One cell too many or too few moves every later value into a neighbour's column. Which one is
    /// lost cannot be told, so the record is set aside and none of its values is checked.
    ///
    /// ## Example
    /// ```text
    /// claim_id,service_line,procedure_code
    /// CLM0001,1,99213
    /// CLM0001,93000
    /// ```
    ///
    /// ## How to fix
    /// Export the record again. Quote cells that contain the delimiter.
    ///
    /// ## Source
    /// RFC 4180, section 2, item 4: each line should have the same number of fields.
    pub static RULE = {
        code: "STR001", name: "ragged-record",
        title: "Record with more or fewer cells than the header",
        fix: "quote cells that contain the delimiter and export the record again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct RaggedRecord;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(RaggedRecord)))
}

impl RecordCheck for RaggedRecord {
    fn kind(&self) -> FaultKind {
        FaultKind::Ragged
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Width(found, expected) => out.report(
                at,
                None,
                format_args!(
                    "the record has {found} {} and the header {expected}: a cell is {}",
                    if found == 1 { "cell" } else { "cells" },
                    if found > expected { "split or added" } else { "cut off or missing" },
                ),
            ),
            _ => out.report(
                at,
                None,
                format_args!("the record and the header differ in their cells"),
            ),
        };
    }
}
