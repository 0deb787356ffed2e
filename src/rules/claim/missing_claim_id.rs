//! CLM001: a service line that belongs to no claim.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That every service line has a claim number.
    ///
    /// ## Why it matters
    /// Lines belong to a claim by its number alone. A line without one cannot be billed, and the
    /// rules for claims cannot see it: a Category II line may look alone because the visit beside
    /// it lost its number.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// ,2,3044F,CLM001
    /// NULL,3,93000,CLM001
    /// ```
    ///
    /// ## How to fix
    /// Export the claim number on every line. Some reports print it on the first line of a claim
    /// only: switch repeated values on there.
    ///
    /// ## Source
    /// ASC X12 837, segment CLM01: every claim carries the submitter's claim number.
    pub static RULE = {
        code: "CLM001", name: "missing-claim-id", title: "Missing claim id",
        fix: "export the claim number on every line",
        scope: Line, category: Claim, severity: Error, since: "0.1.0",
        reads: [ClaimId], needs: [ClaimId], build: build,
    }
}

struct MissingClaimId;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MissingClaimId)))
}

impl LineCheck for MissingClaimId {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        out.judge();
        if line.claim_id().is_none() {
            out.report(
                line.row(),
                Some(Field::ClaimId),
                format_args!("the line has no claim_id: it joins no claim, export its number"),
            );
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let missing = batch.without_claim().iter().map(|row| *row as usize);
        out.judge_many((batch.len() - missing.len()) as u64);
        missing.for_each(|row| self.check(batch.line(row), out));
    }
}
