//! STR009: a record that repeats the header.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That no record after the header says the same as the header.
    ///
    /// ## Why it matters
    /// Report writers repeat the header on each page, and files that were joined bring their own.
    /// Taken as a service line it would be one of a claim called "claim_id".
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code
    /// CLM0001,99213
    /// claim_id,procedure_code
    /// CLM0002,99214
    /// ```
    ///
    /// ## How to fix
    /// Export without page headers, and check joined files one by one.
    ///
    /// ## Source
    /// Observed in exports of report writers and in joined files; RFC 4180, section 2, item 3
    /// allows one header, as the first line.
    pub static RULE = {
        code: "STR009", name: "repeated-header",
        title: "Header repeated among the records",
        fix: "remove the repeated header, or check files one by one instead of joining them",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct RepeatedHeader;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(RepeatedHeader)))
}

impl RecordCheck for RepeatedHeader {
    fn kind(&self) -> FaultKind {
        FaultKind::RepeatedHeader
    }

    fn check(&self, at: usize, _fault: &Fault, out: &mut Findings) {
        out.report(
            at,
            None,
            format_args!("the record repeats the header: pages or files were joined, remove it"),
        );
    }
}
