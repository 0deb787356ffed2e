//! COD003: a procedure-code cell that damage of a known kind made of exactly one code.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::damage::Damage;
use crate::model::{Batch, Code, Field, Findings, Line, Procedure};

declare_rule! {
    /// ## What it checks
    /// That a procedure code was not spoiled on its way into the export. Known damage: a decimal
    /// number, lost leading zeros, padding with zeros, a spreadsheet's text guard, the name of the
    /// code set before the code, modifiers in the code's cell, letters in place of digits. The rule
    /// speaks when the damage leads back to exactly one code, and suggests that code.
    ///
    /// ## Why it matters
    /// The cell as it stands is rejected. The code is plain to see, so this is mended at the export
    /// and not in the chart. Rules for claims go by the suggested code: one defect, one finding.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0001,2,99213.0,COD003
    /// CLM0001,3,99214-25,COD003
    /// CLM0001,4,142,COD003
    /// CLM0001,5,HC:J1885,COD003
    /// CLM0001,6,O500F,COD003
    /// CLM0001,7,0500F,
    /// ```
    ///
    /// ## How to fix
    /// Take the suggested code. Export the column as text, and modifiers in columns of their own.
    ///
    /// ## Source
    /// Observed in exports of spreadsheets, statistics programs and practice management systems;
    /// each kind of damage is kept only where a single code can have been meant.
    pub static RULE = {
        code: "COD003", name: "damaged-procedure-code", title: "Damaged procedure code",
        fix: "take the suggested code, and export the column as text",
        scope: Line, category: CodeFormat, severity: Error, since: "0.1.0",
        reads: [ProcedureCode], needs: [ProcedureCode], build: build,
    }
}

struct DamagedProcedureCode;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(DamagedProcedureCode)))
}

impl LineCheck for DamagedProcedureCode {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        match line.procedure() {
            Procedure::Missing => {}
            Procedure::Damaged(code, _, damage) => {
                out.judge();
                report(line, code, damage, out);
            }
            Procedure::Foreign => {}
            Procedure::Coded(..) | Procedure::Malformed => out.judge(),
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let uncoded = batch.uncoded().iter().map(|row| *row as usize);
        out.judge_many((batch.len() - uncoded.len()) as u64);
        uncoded.for_each(|row| self.check(batch.line(row), out));
    }
}

#[cold]
fn report(line: Line<'_>, code: Code, damage: Damage, out: &mut Findings) {
    let what = damage.describe();
    let reported = out.report(
        line.row(),
        Some(Field::ProcedureCode),
        format_args!("the code {what}: write {code}, the one code that it can be repaired to"),
    );
    reported.suggestion = Some(code);
}
