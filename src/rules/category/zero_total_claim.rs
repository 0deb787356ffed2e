//! CII006: a claim with Category II codes whose charges add up to nothing.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Cents, Field, Findings, Line, PooledLine, Why};
use crate::rules::category::companions::Companions;
use crate::rules::netting;

declare_rule! {
    /// ## What it checks
    /// That the charges of a claim with a Category II line add up to more than nothing. The finding
    /// is at the claim's first Category II line. A claim with a charge that cannot be read is not
    /// judged; what is voided, reversed or replaced does not count.
    ///
    /// ## Why it matters
    /// Clearinghouses reject a claim for payment whose total is zero, so a claim of nothing but
    /// Category II lines at $0.00 never arrives. With $0.01 on a line it does.
    ///
    /// ## Options
    /// - `exempt-codes`, `exempt-payers`, `quality-codes`: see CII001. Switch the rule off for
    ///   encounter files, whose totals may be zero.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,procedure_code,charge,expect
    /// CLM0001,99213,125.00,
    /// CLM0001,3044F,0.00,
    /// CLM0002,3044F,0.00,CII001 CII006
    /// CLM0002,1036F,0.00,CII001
    /// CLM0003,3044F,0.01,CII001
    /// ```
    ///
    /// ## How to fix
    /// Bill the service on the same claim, or charge $0.01 where the payer takes Category II codes
    /// alone.
    ///
    /// ## Source
    /// X12 837, BHT06 CH (chargeable): clearinghouse edits on a zero total, CLM02.
    pub static RULE = {
        code: "CII006", name: "zero-total-claim", title: "Claim with a total of nothing",
        fix: "bill the service on the same claim, or charge $0.01",
        scope: Claim, category: CategoryTwo, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, Charge, Payer, ClaimFrequency, BillType,
            RevenueCode],
        needs: [ClaimId, ProcedureCode, Charge], build: build,
    }
}

struct ZeroTotalClaim {
    companions: Companions,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let companions = Companions::read(builder.options)?;
    Ok(Check::Pool(Box::new(ZeroTotalClaim { companions })))
}

impl PoolCheck for ZeroTotalClaim {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, line: Line<'_>) -> Want {
        // Lines without a code have charges too.
        let charged = line.charge().value().is_none_or(|charge| charge.0 != 0);
        if charged || self.companions.look(line).keeps() { Want::Yes } else { Want::No }
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        let is_measure = |line: &PooledLine<'_>| {
            line.code.is_some_and(|(code, class)| self.companions.look_at_code(code, class).keeps())
        };
        !run.lines().any(is_measure)
            || netting::plain_sum(run).is_some_and(|Cents(cents)| cents != 0)
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let billed = netting::in_force(lines);
        let is_measure = |at: &usize| {
            let code = lines.get(*at).and_then(|line| line.code);
            code.is_some_and(|(code, class)| self.companions.look_at_code(code, class).keeps())
        };
        let Some(measure) = billed.iter().find(is_measure) else { return };
        match netting::sum(lines, &billed) {
            Some(Cents(0)) => {
                let why = format_args!("the charges of the claim add up to $0.00");
                out.report(measure, Some(Field::Charge), why);
            }
            Some(_) => {}
            None => {
                (0..lines.len()).for_each(|at| out.leave_out(at, Why::Lacks(Field::Charge)));
            }
        }
    }
}
