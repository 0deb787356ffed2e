//! MOD005: a performance modifier on a code that reports no measure.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Class, Findings, Line};
use crate::rules::modifier::cells::{PERFORMANCE, cell_of_last, names, noun};

declare_rule! {
    /// ## What it checks
    /// That the performance modifiers 1P, 2P, 3P and 8P stand on Category II codes alone. A damaged
    /// code counts as the code it can be repaired to; a line without a readable code is not judged.
    ///
    /// ## Why it matters
    /// These modifiers say why a measure was not met. On the code of a service they mean nothing,
    /// and the line comes back with CARC 4.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,expect
    /// CLM0001,1,99213,1P,MOD005
    /// CLM0001,2,3044F,8P,
    /// CLM0001,3,G8510,8P,MOD005
    /// ```
    ///
    /// ## How to fix
    /// Move the modifier to the line with the Category II code, or remove it.
    ///
    /// ## Source
    /// CPT (American Medical Association): Category II modifiers are reported with Category II
    /// codes only, not with Category I or Category III codes.
    pub static RULE = {
        code: "MOD005", name: "performance-modifier-on-another-code",
        title: "Performance modifier on another code",
        fix: "move the modifier to the Category II code of the measure, or remove it",
        scope: Line, category: Modifier, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [ProcedureCode, Modifier1], build: build,
    }
}

struct PerformanceModifierOnAnotherCode;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(PerformanceModifierOnAnotherCode)))
}

impl LineCheck for PerformanceModifierOnAnotherCode {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let modifiers = line.modifiers();
        if modifiers.is_empty() {
            return;
        }
        let Some((code, class)) = line.procedure().code() else { return };
        out.judge();
        if class == Class::CategoryTwo || !modifiers.has_any(&PERFORMANCE) {
            return;
        }
        let is = |one: &_| PERFORMANCE.contains(one);
        let named = names(&modifiers, is);
        let noun = noun(&named);
        out.report(
            line.row(),
            Some(cell_of_last(line, is)),
            format_args!(
                "{noun} {named} on {code}, which is no Category II code: move it to the measure"
            ),
        );
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}
