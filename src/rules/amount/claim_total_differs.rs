//! AMT004: a claim total that is not the sum of its lines.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Cell, Field, Findings, Line, PooledLine, Related, Why};
use crate::rules::netting;

declare_rule! {
    /// ## What it checks
    /// That the total which the lines of a claim name is the sum of their charges, to the cent, and
    /// that they all name the same total. The finding is at the claim's first line, or at the first
    /// line with another total. Lines that were voided, reversed or replaced do not count, nor does
    /// the line of revenue code 0001, which repeats the total. A claim with a charge that cannot be
    /// read is not judged.
    ///
    /// ## Why it matters
    /// A claim that does not balance is rejected before anyone looks at it. Most often a line was
    /// filtered out of the export, or a claim number is used twice.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,procedure_code,charge,claim_total,expect
    /// CLM0001,99213,125.00,165.00,
    /// CLM0001,93000,40.00,165.00,
    /// CLM0002,99213,125.00,165.00,AMT004
    /// ```
    ///
    /// ## How to fix
    /// Look for the line that is missing or was added, and total the claim anew.
    ///
    /// ## Source
    /// ASC X12 837: CLM02 is the sum of the line charges SV102, SV203 or SV302.
    pub static RULE = {
        code: "AMT004", name: "claim-total-differs", title: "Claim total that is not the sum",
        fix: "look for the line that is missing, and total the claim anew",
        scope: Claim, category: Amount, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, Charge, ClaimTotal, Units, RevenueCode,
            ClaimFrequency, BillType],
        needs: [ClaimId, Charge, ClaimTotal], build: build,
    }
}

struct ClaimTotalDiffers;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Pool(Box::new(ClaimTotalDiffers)))
}

impl PoolCheck for ClaimTotalDiffers {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, _line: Line<'_>) -> Want {
        Want::Yes
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        let Some(total) = run.lines().next().map(|line| line.claim_total) else { return true };
        let is_same = run.lines().all(|line| line.claim_total == total);
        match total {
            Cell::Missing => is_same,
            Cell::Malformed => false,
            Cell::Value(total) => is_same && netting::plain_sum(run) == Some(total),
        }
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let is_malformed = |line: &&PooledLine<'_>| line.claim_total == Cell::Malformed;
        if lines.iter().any(is_malformed) {
            return leave_out(lines, Field::ClaimTotal, out);
        }
        let billed = netting::in_force(lines);
        let total = |at: usize| match lines.get(at).map(|line| line.claim_total) {
            Some(Cell::Value(total)) => Some((at, total)),
            _ => None,
        };
        let mut totals = billed.iter().filter_map(total);
        let Some((first, total)) = totals.next() else { return };
        let place = lines.get(first).map(|line| line.place);
        if let Some((at, other)) = totals.find(|(_, other)| *other != total) {
            let why = format_args!("the total is {other} here and {total} on its first line");
            let related = place.map(|place| Related { place, value: total.to_string() });
            out.report(at, Some(Field::ClaimTotal), why).related = related.into_iter().collect();
            return;
        }
        let Some(sum) = netting::sum(lines, &billed) else {
            return leave_out(lines, Field::Charge, out);
        };
        if sum != total {
            let count = billed.len();
            let count = if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
            let why = format_args!("the total is {total}; the {count} of the claim sum to {sum}");
            out.report(first, Some(Field::ClaimTotal), why);
        }
    }
}

/// A claim with an amount that cannot be read is not judged.
fn leave_out(lines: &[&PooledLine<'_>], field: Field, out: &mut Findings) {
    (0..lines.len()).for_each(|at| out.leave_out(at, Why::Lacks(field)));
}
