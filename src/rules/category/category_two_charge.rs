//! CII005: a Category II line with more than a token charge, or with none.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Batch, Cell, Cents, Class, Field, Findings, Line, Procedure};

/// Options of CII001 and CII002, which may stand in a table for the whole family.
const OF_THE_FAMILY: [&str; 7] = [
    "companions",
    "exempt-codes",
    "group-by",
    "fallback",
    "window-days",
    "exempt-payers",
    "quality-codes",
];

declare_rule! {
    /// ## What it checks
    /// That a Category II line has a charge of 0.00, or of 0.01 where the program cannot write
    /// zero. An empty charge is a finding, and so is a negative one on an original claim; on one
    /// that corrects or voids another it is right. A charge that is no amount is left to AMT001.
    ///
    /// ## Why it matters
    /// Category II codes report, they have no price. A higher charge is denied and ends up in the
    /// patient's bill or in a write-off, and a line without a charge is rejected.
    ///
    /// ## Options
    /// - `max-charge` (default `1`): the highest right charge, in cents.
    ///
    /// `companions`, `exempt-codes` and `group-by` are options of CII001 and CII002; they may stand
    /// in `[rules.CII]` and change nothing here.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,charge,expect
    /// CLM0001,1,99213,125.00,
    /// CLM0001,2,3044F,0.00,
    /// CLM0001,3,1036F,0.01,
    /// CLM0001,4,4004F,15.00,CII005
    /// CLM0001,5,0509F,,CII005
    /// ```
    ///
    /// ## How to fix
    /// Set the charge of the code to 0.00 in the fee schedule, or to 0.01 for payers that want one.
    ///
    /// ## Source
    /// CMS, claims-based reporting of quality: the charge is 0.00, or 0.01 where the software needs
    /// one, and never empty.
    pub static RULE = {
        code: "CII005", name: "category-two-charge", title: "Category II code with a charge",
        fix: "set the charge to 0.00, or to 0.01 for payers that want one",
        scope: Line, category: CategoryTwo, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, Charge, ClaimFrequency, BillType], needs: [ProcedureCode, Charge],
        build: build,
    }
}

struct CategoryTwoCharge {
    highest: Cents,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let highest = Cents(i128::from(builder.options.number("max-charge", 1)?));
    builder.options.leave(&OF_THE_FAMILY);
    builder.options.finish()?;
    Ok(Check::Line(Box::new(CategoryTwoCharge { highest })))
}

impl LineCheck for CategoryTwoCharge {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let (Procedure::Coded(code, Class::CategoryTwo)
        | Procedure::Damaged(code, Class::CategoryTwo, _)) = line.procedure()
        else {
            return;
        };
        let (row, field) = (line.row(), Some(Field::Charge));
        let charge = match line.charge() {
            Cell::Value(charge) => charge,
            Cell::Malformed => return out.leave_out(row, Why::Lacks(Field::Charge)),
            Cell::Missing => {
                out.judge();
                let advice = "set it to 0.00, or to 0.01 for payers that want one";
                out.report(row, field, format_args!("{code} has no charge: {advice}"));
                return;
            }
        };
        out.judge();
        if charge > self.highest {
            let highest = self.highest;
            out.report(
                row,
                field,
                format_args!(
                    "{code} has a charge of {charge}, more than {highest}: set it to 0.00"
                ),
            );
        } else if charge < Cents::default() && line.is_original() {
            out.report(
                row,
                field,
                format_args!(
                    "{code} has a charge of {charge} on an original claim: set it to 0.00"
                ),
            );
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        for (row, procedure) in batch.procedures().iter().enumerate() {
            let class = match procedure {
                Procedure::Coded(_, class) | Procedure::Damaged(_, class, _) => *class,
                Procedure::Malformed | Procedure::Missing | Procedure::Foreign => continue,
            };
            if class == Class::CategoryTwo {
                self.check(batch.line(row), out);
            }
        }
    }
}
