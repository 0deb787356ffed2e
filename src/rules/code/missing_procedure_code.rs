//! COD001: a service line without a procedure code.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Field, Findings, Line, Procedure};

declare_rule! {
    /// ## What it checks
    /// That a service line has a procedure code. An institutional line, one with a revenue code,
    /// needs none.
    ///
    /// ## Why it matters
    /// A professional line is paid by its procedure code. Without one it is rejected, and nothing
    /// else about the line can be judged.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,revenue_code,expect
    /// CLM0001,1,99213,,
    /// CLM0001,2,,,COD001
    /// CLM0002,1,N/A,,COD001
    /// CLM0003,1,,0250,
    /// ```
    ///
    /// ## How to fix
    /// Enter the code of the service, or take out the line when it is a payment or an adjustment
    /// that was exported among the charges.
    ///
    /// ## Source
    /// ASC X12 837 professional, segment SV101-2, is required; 837 institutional, SV202, depends on
    /// the revenue code.
    pub static RULE = {
        code: "COD001", name: "missing-procedure-code", title: "Missing procedure code",
        fix: "enter the code of the service, or remove the line if no service was given",
        scope: Line, category: CodeFormat, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, RevenueCode], needs: [ProcedureCode], build: build,
    }
}

struct MissingProcedureCode;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MissingProcedureCode)))
}

impl LineCheck for MissingProcedureCode {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let missing = line.procedure() == Procedure::Missing;
        if missing && line.is_institutional() {
            return;
        }
        out.judge();
        if missing {
            out.report(
                line.row(),
                Some(Field::ProcedureCode),
                format_args!(
                    "the line has neither a procedure_code nor a revenue_code: \
                     enter the code of the service"
                ),
            );
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let uncoded = batch.uncoded().iter().map(|row| *row as usize);
        out.judge_many((batch.len() - uncoded.len()) as u64);
        uncoded.for_each(|row| self.check(batch.line(row), out));
    }
}
