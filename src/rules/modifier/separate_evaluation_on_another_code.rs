//! MOD010: modifier 25 on a code that is no evaluation.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Class, Findings, Line};
use crate::rules::code_set::CodeSet;
use crate::rules::embedded;
use crate::rules::modifier::cells::cell_of_last;

declare_rule! {
    /// ## What it checks
    /// That modifier 25 stands on an evaluation: a code of Evaluation and Management, or one that
    /// is paid as such, like eye examinations, psychiatric evaluations and preventive visits. The
    /// codes are data: see `evaluations` in `rules/code_sets.toml`. A damaged code counts as the
    /// code it can be repaired to. A Category II code is left to MOD006.
    ///
    /// ## Why it matters
    /// Modifier 25 says that an evaluation was given beside another service. On that other service
    /// it means nothing: the visit is bundled, and the line comes back with CARC 4.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,expect
    /// CLM0001,1,99213,25,
    /// CLM0001,2,11042,25,MOD010
    /// CLM0002,1,92014,25,
    /// CLM0003,1,G0439,25,
    /// ```
    ///
    /// ## How to fix
    /// Put 25 on the line of the visit. For a procedure that is distinct from another use 59 or one
    /// of XE, XP, XS and XU.
    ///
    /// ## Source
    /// CPT (American Medical Association), modifier 25; CMS, NCCI Policy Manual, chapter 1.
    pub static RULE = {
        code: "MOD010", name: "separate-evaluation-on-another-code",
        title: "Separate evaluation on another code",
        fix: "move modifier 25 to the visit, or use 59 for a distinct procedure",
        scope: Line, category: Modifier, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [ProcedureCode, Modifier1], build: build,
    }
}

struct SeparateEvaluationOnAnotherCode {
    evaluations: CodeSet,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let evaluations = embedded::code_sets()?.evaluations;
    Ok(Check::Line(Box::new(SeparateEvaluationOnAnotherCode { evaluations })))
}

impl LineCheck for SeparateEvaluationOnAnotherCode {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let modifiers = line.modifiers();
        if modifiers.is_empty() {
            return;
        }
        let Some((code, class)) = line.procedure().code() else { return };
        if class == Class::CategoryTwo {
            return;
        }
        out.judge();
        if modifiers.has(b"25") && !self.evaluations.contains(code, class) {
            out.report(
                line.row(),
                Some(cell_of_last(line, |one| one == b"25")),
                format_args!("modifier 25 on {code}, which is no evaluation: move it to the visit"),
            );
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}
