//! MOD007: both components of a service on one line.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Findings, Line, Modifier};
use crate::rules::modifier::cells::beside;

declare_rule! {
    /// ## What it checks
    /// That a line does not have modifier 26 (professional component) and TC (technical component)
    /// at once.
    ///
    /// ## Why it matters
    /// Each of the two says that the other is billed by somebody else. Payers answer with CARC 4.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,71046,26,,
    /// CLM0002,1,71046,TC,,
    /// CLM0003,1,71046,26,TC,MOD007
    /// ```
    ///
    /// ## How to fix
    /// Bill the whole service without either, or the component that was given with its modifier
    /// alone.
    ///
    /// ## Source
    /// CPT (American Medical Association), modifier 26; HCPCS Level II (CMS), modifier TC.
    pub static RULE = {
        code: "MOD007", name: "professional-and-technical-component",
        title: "Professional and technical component",
        fix: "keep the component that was given, or neither for the whole service",
        scope: Line, category: Modifier, severity: Error, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [Modifier1], build: build,
    }
}

/// What does not go with modifier 26.
const OTHERS: [Modifier; 1] = [*b"TC"];

struct ProfessionalAndTechnicalComponent;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ProfessionalAndTechnicalComponent)))
}

impl LineCheck for ProfessionalAndTechnicalComponent {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((field, named)) = beside(line, b"26", &OTHERS, out) else { return };
        out.report(
            line.row(),
            Some(field),
            format_args!("modifiers 26 and {named} on one line: keep the component that was given"),
        );
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}
