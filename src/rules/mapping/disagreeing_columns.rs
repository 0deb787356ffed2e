//! MAP002: two columns that stand for the procedure code and say different things.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::cell::trim;
use crate::model::{Batch, Code, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That columns which stand for the procedure code do not contradict each other. An export may
    /// have one for CPT and one for HCPCS: the first that is filled is used, line by line. A line
    /// in which two are filled and differ is a finding.
    ///
    /// ## Why it matters
    /// One of the two codes is not checked, and which one was billed cannot be told. Often one of
    /// the columns holds something else, such as the code before a correction.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,hcpcs,expect
    /// CLM0001,1,99213,,
    /// CLM0001,2,,J1885,
    /// CLM0001,3,93000,93000,
    /// CLM0001,4,99213,99214,MAP002
    /// ```
    ///
    /// ## How to fix
    /// Name the column with the billed code in the mapping; then no other is looked at.
    ///
    /// ## Source
    /// Observed in exports of practice management systems and in public claim layouts.
    pub static RULE = {
        code: "MAP002", name: "disagreeing-columns", title: "Two columns with different codes",
        fix: "name the column that holds the billed code with --map procedure_code=COLUMN",
        scope: Line, category: Mapping, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode], needs: [ProcedureCode], build: build,
    }
}

struct DisagreeingColumns;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(DisagreeingColumns)))
}

impl LineCheck for DisagreeingColumns {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some(other) = line.other_procedure_code() else { return };
        let field = Some(Field::ProcedureCode);
        // Only a code may stand in the message: what else is in that column is not known.
        match Code::parse(&trim(other).to_ascii_uppercase()) {
            Some((code, _)) => out.report(
                line.row(),
                field,
                format_args!(
                    "another column for procedure_code says {code}: the first one was used, \
                     name the right one"
                ),
            ),
            None => out.report(
                line.row(),
                field,
                format_args!(
                    "another column for procedure_code says something else: the first one was \
                     used, name the right one"
                ),
            ),
        };
    }

    /// Nearly every batch has no such line, so only the noted rows are visited.
    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        out.judge_many(batch.doubly_coded);
        let mut last = None;
        for disagreement in &batch.disagreements {
            let row = disagreement.row as usize;
            if last != Some(row) && row < batch.len() {
                self.check(batch.line(row), out);
            }
            last = Some(row);
        }
    }
}
