//! COD901: a service that was billed for nothing.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cents, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That a line with a Category I code has a charge above zero. A line without a readable
    /// charge is not judged.
    ///
    /// ## Why it matters
    /// A charge of zero is mostly a fee that was never set up, and the payer pays what was billed.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,charge,expect
    /// CLM0001,1,99213,125.00,
    /// CLM0001,2,93000,0.00,COD901
    /// CLM0001,3,3044F,0.00,
    /// ```
    ///
    /// ## How to fix
    /// Set the fee of the code in the charge master, and export the claim again.
    ///
    /// ## Source
    /// ASC X12 837 professional, segment SV102: the charge of the line.
    pub static RULE = {
        code: "COD901", name: "zero-charge-service", title: "Service billed for nothing",
        fix: "set the fee of the code and export the claim again",
        scope: Line, category: CodeFormat, severity: Warning, since: "0.2.0",
        reads: [ProcedureCode, Charge], needs: [ProcedureCode, Charge], build: build,
    }
}

struct ZeroChargeService;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ZeroChargeService)))
}

impl LineCheck for ZeroChargeService {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((code, class)) = line.procedure().code() else { return };
        let Some(charge) = line.charge().value() else { return };
        if !class.is_category_one() {
            return;
        }
        out.judge();
        if charge == Cents(0) {
            out.report(
                line.row(),
                Some(Field::Charge),
                format_args!("the charge of {code} is zero: look the fee up"),
            );
        }
    }
}
