//! COD002: a procedure-code cell that holds no code, and none that it could be repaired to.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::likeness::likeness;
use crate::model::{Batch, Field, Findings, Line, Procedure, Why};

declare_rule! {
    /// ## What it checks
    /// That the value in the procedure-code column has the shape of a code: five digits (Category
    /// I), four digits and `A`, `M` or `U` (Category I), `F` (Category II) or `T` (Category III), a
    /// letter and four digits (HCPCS Level II, or CDT with `D`). Blanks at the ends and lower case
    /// are no defects. A value that known damage explains in exactly one way is left to COD003.
    ///
    /// A HIPPS rate code on a line with revenue code 0022, 0023 or 0024 is left alone.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects the claim. What the value should have been cannot be told from the
    /// value alone, so nothing is guessed; the message says what it looks like where that is known.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0001,2,9921,COD002
    /// CLM0001,3,E11.9,COD002
    /// CLM0001,4,99213/99214,COD002
    /// CLM0001,5,LO438,COD002
    /// CLM0002,1, g0439 ,
    /// ```
    /// `LO438` could be `L0438` or `10438`: two repairs are none.
    ///
    /// ## How to fix
    /// Look the code up in the chart or the charge ticket and enter it. Values of another code
    /// system in many lines mean that the wrong column is mapped.
    ///
    /// ## Source
    /// CPT (American Medical Association), HCPCS Level II (CMS) and CDT (American Dental
    /// Association): every code has five characters in one of these shapes.
    pub static RULE = {
        code: "COD002", name: "malformed-procedure-code", title: "Malformed procedure code",
        fix: "enter the five-character code from the chart or charge ticket",
        scope: Line, category: CodeFormat, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, RevenueCode], needs: [ProcedureCode], build: build,
    }
}

struct MalformedProcedureCode;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MalformedProcedureCode)))
}

impl LineCheck for MalformedProcedureCode {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        match line.procedure() {
            Procedure::Missing => {}
            Procedure::Malformed | Procedure::Foreign if line.holds_hipps() => {}
            Procedure::Foreign => {
                out.leave_out(line.row(), Why::Lacks(Field::ProcedureCode));
            }
            Procedure::Malformed => {
                out.judge();
                report(line, out);
            }
            Procedure::Coded(..) | Procedure::Damaged(..) => out.judge(),
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let uncoded = batch.uncoded().iter().map(|row| *row as usize);
        out.judge_many((batch.len() - uncoded.len()) as u64);
        uncoded.for_each(|row| self.check(batch.line(row), out));
    }
}

#[cold]
fn report(line: Line<'_>, out: &mut Findings) {
    let value = line.text(Field::ProcedureCode).unwrap_or_default().to_ascii_uppercase();
    let likeness = likeness(&value).unwrap_or("no single repair makes it one");
    out.report(
        line.row(),
        Some(Field::ProcedureCode),
        format_args!("procedure_code has no CPT, HCPCS Level II or CDT format: {likeness}"),
    );
}
