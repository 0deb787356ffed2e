//! UNT001: a service without a count.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Cents, Field, Findings, Line, Procedure, Units};

declare_rule! {
    /// ## What it checks
    /// That a line with a procedure code says how many times the service was given: a number above
    /// zero. Lines without a code (room and board, rate codes of stays) are not judged. Negative
    /// units are right where they take something back: beside a negative charge, or on a claim that
    /// voids another.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects a line without units, and a payer counts zero as not given. Payers
    /// answer with CARC 16.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,units,charge,expect
    /// CLM0001,1,99213,1,125.00,
    /// CLM0001,2,85025,,12.00,UNT001
    /// CLM0001,3,85025,0,12.00,UNT001
    /// CLM0002,1,J1885,0.5,7.50,
    /// CLM0002,2,85025,one,12.00,UNT001
    /// ```
    ///
    /// ## How to fix
    /// Enter how many times the service was given. A service that was not given does not belong on
    /// the claim.
    ///
    /// ## Source
    /// X12 837: the count of services is required on every line with a procedure.
    pub static RULE = {
        code: "UNT001", name: "missing-units", title: "Service without units",
        fix: "enter how many times the service was given",
        scope: Line, category: Amount, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, Units, Charge, ClaimFrequency, BillType],
        needs: [ProcedureCode, Units], build: build,
    }
}

struct MissingUnits;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MissingUnits)))
}

impl LineCheck for MissingUnits {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        if matches!(line.procedure(), Procedure::Coded(..) | Procedure::Damaged(..)) {
            out.judge();
            if !matches!(line.units(), Cell::Value(units) if units > Units::default()) {
                report(line, out);
            }
        }
    }
}

#[cold]
fn report(line: Line<'_>, out: &mut Findings) {
    let takes_back = || {
        matches!(line.charge(), Cell::Value(charge) if charge < Cents::default())
            || line.frequency() == b'8'
    };
    let told = match line.units() {
        Cell::Missing => "there are no units: enter how many times the service was given",
        Cell::Malformed => "units is no number: enter how many times the service was given",
        Cell::Value(Units(0)) => "units is zero: a service that was not given is not billed",
        Cell::Value(_) if takes_back() => return,
        Cell::Value(_) => "units is negative on a line that takes nothing back: drop the sign",
    };
    out.report(line.row(), Some(Field::Units), format_args!("{told}"));
}
