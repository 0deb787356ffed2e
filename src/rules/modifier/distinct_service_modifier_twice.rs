//! MOD009: a service that is called distinct in two ways.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Findings, Line, Modifier};
use crate::rules::modifier::cells::beside;

declare_rule! {
    /// ## What it checks
    /// That a line with modifier 59 (distinct procedural service) has none of XE, XP, XS and XU,
    /// which say the same more exactly.
    ///
    /// ## Why it matters
    /// The four were made to be used instead of 59. With both on a line some payers send it back.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,11042,59,,
    /// CLM0002,1,11042,XS,,
    /// CLM0003,1,11042,59,XS,MOD009
    /// ```
    ///
    /// ## How to fix
    /// Keep the one that says why the service is distinct; use 59 only where none of the four fits.
    ///
    /// ## Source
    /// CMS, MLN1783722, Proper Use of Modifiers 59, XE, XP, XS, and XU.
    pub static RULE = {
        code: "MOD009", name: "distinct-service-modifier-twice",
        title: "Distinct service said twice",
        fix: "keep the modifier that says why the service is distinct, without 59",
        scope: Line, category: Modifier, severity: Warning, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [Modifier1], build: build,
    }
}

/// What says more exactly that a service is distinct.
const OTHERS: [Modifier; 4] = [*b"XE", *b"XP", *b"XS", *b"XU"];

struct DistinctServiceModifierTwice;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(DistinctServiceModifierTwice)))
}

impl LineCheck for DistinctServiceModifierTwice {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((field, named)) = beside(line, b"59", &OTHERS, out) else { return };
        out.report(
            line.row(),
            Some(field),
            format_args!("modifier 59 adds nothing to {named}: keep one of them"),
        );
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}
