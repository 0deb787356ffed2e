//! X12005: service lines are not counted 1, 2, 3.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};
use crate::rules::fault_says::says;

declare_rule! {
    /// ## What it checks
    /// That LX01 is 1 for the first service line of a claim and one more for each that follows.
    ///
    /// ## Why it matters
    /// A gap is the trace of a line that got lost; a second 1 that of a claim whose CLM did, so
    /// that its lines seem to belong to the claim before.
    ///
    /// ## Example
    /// ```text
    /// LX*1~
    /// SV1*HC:99213*125*UN*1***1~
    /// LX*3~
    /// SV1*HC:81002*25*UN*1***1~
    /// ```
    ///
    /// ## How to fix
    /// Compare the claim with the chart or charge ticket, and export it again.
    ///
    /// ## Source
    /// 005010X222A1, X223A2 and X224A2, loop 2400: LX01 begins with 1 and is incremented by one.
    pub static RULE = {
        code: "X12005", name: "line-counter-out-of-order",
        title: "Service lines that are not counted 1, 2, 3",
        fix: "find the line that is missing or doubled, and export the claim again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct LineCounterOutOfOrder;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(LineCounterOutOfOrder)))
}

impl RecordCheck for LineCounterOutOfOrder {
    fn kind(&self) -> FaultKind {
        FaultKind::LineCounter
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Counts(name, Some(said), next) => out.report(
                at,
                None,
                format_args!("element {name} is {said} where {next} must come: is a line missing?"),
            ),
            FaultDetail::Counts(name, None, next) => out.report(
                at,
                None,
                format_args!("element {name} is no number where {next} must come"),
            ),
            _ => out.report(at, None, format_args!("{}", says(fault, "the line has no counter"))),
        };
    }
}
