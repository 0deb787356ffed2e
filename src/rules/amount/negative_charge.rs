//! AMT002: a charge below zero on an original claim.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Cents, Class, Field, Findings, Line, Procedure, Units};

declare_rule! {
    /// ## What it checks
    /// That no charge of an original claim is negative. A claim is original when its frequency is 1
    /// or not given; what corrects or voids another may take charges back. Lines with a Category II
    /// code are left to CII005.
    ///
    /// ## Why it matters
    /// Payers reject negative charges. Such lines are mostly payments, write-offs or corrections of
    /// the ledger that were exported together with the services.
    ///
    /// ## Options
    /// - `allow-reversals` (default `false`): whether a line whose units are negative too is right.
    ///   Set it where the export takes a line back by a second line with the signs turned.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,charge,claim_frequency,expect
    /// CLM0001,1,99213,125.00,1,
    /// CLM0001,2,99213,-125.00,1,AMT002
    /// CLM0002,1,99213,-125.00,8,
    /// CLM0003,1,99213,(12.00),,AMT002
    /// CLM0003,2,99213,125.00,,
    /// ```
    ///
    /// ## How to fix
    /// Leave payments and write-offs out of the export. Correct a billed claim by one that replaces
    /// or voids it.
    ///
    /// ## Source
    /// X12 837: a charge is zero or more; a claim is taken back by its frequency code.
    pub static RULE = {
        code: "AMT002", name: "negative-charge", title: "Negative charge on an original claim",
        fix: "leave payments and corrections of the ledger out of the export",
        scope: Line, category: Amount, severity: Error, since: "0.1.0",
        reads: [Charge, Units, ProcedureCode, ClaimFrequency, BillType], needs: [Charge],
        build: build,
    }
}

struct NegativeCharge {
    allows_reversals: bool,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let allows_reversals = builder.options.flag("allow-reversals", false)?;
    builder.options.finish()?;
    Ok(Check::Line(Box::new(NegativeCharge { allows_reversals })))
}

impl LineCheck for NegativeCharge {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Cell::Value(charge) = line.charge() else { return };
        if is_category_two(line.procedure()) {
            return;
        }
        out.judge();
        if charge < Cents::default() {
            self.report(line, charge, out);
        }
    }
}

fn is_category_two(procedure: Procedure) -> bool {
    matches!(
        procedure,
        Procedure::Coded(_, Class::CategoryTwo) | Procedure::Damaged(_, Class::CategoryTwo, _)
    )
}

impl NegativeCharge {
    #[cold]
    fn report(&self, line: Line<'_>, charge: Cents, out: &mut Findings) {
        let is_reversal = || matches!(line.units(), Cell::Value(units) if units < Units::default());
        if !line.is_original() || (self.allows_reversals && is_reversal()) {
            return;
        }
        out.report(
            line.row(),
            Some(Field::Charge),
            format_args!(
                "a charge of {charge} on an original claim: take it back by a claim that replaces \
                 or voids"
            ),
        );
    }
}
