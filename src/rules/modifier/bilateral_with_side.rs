//! MOD008: a bilateral service on one side.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Findings, Line, Modifier};
use crate::rules::modifier::cells::beside;

declare_rule! {
    /// ## What it checks
    /// That a line with modifier 50 (bilateral procedure) has neither LT nor RT.
    ///
    /// ## Why it matters
    /// Modifier 50 is for both sides, LT and RT are for one. Which of them is paid, or whether the
    /// line comes back with CARC 4, is the payer's guess.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,20610,50,,
    /// CLM0002,1,20610,50,RT,MOD008
    /// CLM0003,1,20610,LT,,
    /// CLM0003,2,20610,RT,,
    /// ```
    ///
    /// ## How to fix
    /// Keep 50 alone where both sides were treated; keep the side alone where one was.
    ///
    /// ## Source
    /// CPT (American Medical Association), modifier 50; CMS, Medicare Claims Processing Manual,
    /// chapter 12, section 40.7.
    pub static RULE = {
        code: "MOD008", name: "bilateral-with-side",
        title: "Bilateral service with a side",
        fix: "keep modifier 50 for both sides, or the side for one",
        scope: Line, category: Modifier, severity: Warning, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [Modifier1], build: build,
    }
}

/// The sides of the body.
const OTHERS: [Modifier; 2] = [*b"LT", *b"RT"];

struct BilateralWithSide;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(BilateralWithSide)))
}

impl LineCheck for BilateralWithSide {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((field, named)) = beside(line, b"50", &OTHERS, out) else { return };
        out.report(
            line.row(),
            Some(field),
            format_args!("modifier 50 is for both sides, {named} for one: keep what was done"),
        );
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}
