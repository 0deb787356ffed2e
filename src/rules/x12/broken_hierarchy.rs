//! X12004: a segment stands where its loop cannot be.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};
use crate::rules::fault_says::says;

declare_rule! {
    /// ## What it checks
    /// That HL segments count from 1, that a subscriber (HL03 22) has the billing provider before
    /// it as its parent and a patient (23) the subscriber; that a claim stands below one of these
    /// and has service lines; and that each LX has its SV1, SV2 or SV3 within a claim. Service
    /// lines and claims that cannot be read for that are set aside and counted.
    ///
    /// ## Why it matters
    /// Who is billed, who bills and which claim a line belongs to follows from the place alone.
    /// With a segment lost, a line may be billed for somebody else.
    ///
    /// ## Example
    /// ```text
    /// CLM*CLM0001*125***11:B:1*Y*A*Y*Y~
    /// HI*ABK:J069~
    /// CLM*CLM0002*90***11:B:1*Y*A*Y*Y~
    /// ```
    ///
    /// ## How to fix
    /// Look at the segments before the one that is named, and export the transaction set again.
    ///
    /// ## Source
    /// 005010X222A1, X223A2 and X224A2: loops 2000A to 2000C, 2300 and 2400.
    pub static RULE = {
        code: "X12004", name: "broken-hierarchy",
        title: "Claim or service line that stands where it cannot",
        fix: "find the HL, CLM, LX or SV segment that is missing, and export the set again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct BrokenHierarchy;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(BrokenHierarchy)))
}

impl RecordCheck for BrokenHierarchy {
    fn kind(&self) -> FaultKind {
        FaultKind::Hierarchy
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        out.report(
            at,
            None,
            format_args!("{}", says(fault, "the segment stands where its loop cannot be")),
        );
    }
}
