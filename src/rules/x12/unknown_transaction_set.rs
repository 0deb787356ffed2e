//! X12006: a transaction set that is no 837, or of an unknown version.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};
use crate::rules::fault_says::says;

declare_rule! {
    /// ## What it checks
    /// That every transaction set is an 837 whose version (ST03, or GS08) is one of the guides
    /// that are known: 004010X096 to X098, 005010X222 to X224 and X298 to X300. Another
    /// transaction set is passed over; an 837 of another version is read as one of 005010.
    ///
    /// ## Why it matters
    /// What is passed over is not checked, and what a segment says depends on the version.
    ///
    /// ## Example
    /// ```text
    /// ST*835*0001~
    /// ```
    ///
    /// ## How to fix
    /// Split the file by transaction set. If a version is missing here, it can be added.
    ///
    /// ## Source
    /// X12.6 (ST01, ST03, GS08); the guides adopted under HIPAA, 45 CFR 162.1102.
    pub static RULE = {
        code: "X12006", name: "unknown-transaction-set",
        title: "Transaction set that is no 837 of a known version",
        fix: "send claims in a file of their own, as 837 of version 005010",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct UnknownTransactionSet;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(UnknownTransactionSet)))
}

impl RecordCheck for UnknownTransactionSet {
    fn kind(&self) -> FaultKind {
        FaultKind::UnknownVersion
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        out.report(at, None, format_args!("{}", says(fault, "the transaction set is not known")));
    }
}
