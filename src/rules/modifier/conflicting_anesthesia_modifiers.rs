//! MOD012: two modifiers that say differently who gave the anesthesia.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Findings, Line, Modifier};
use crate::rules::modifier::cells::{cell_of_last, names};

declare_rule! {
    /// ## What it checks
    /// That a line has not more than one of AA, AD, QK, QX, QY and QZ. Each says who gave the
    /// anesthesia and under whose direction; only one can be so.
    ///
    /// ## Why it matters
    /// The modifier decides the share that is paid. Two of them contradict each other, and the line
    /// comes back with CARC 4.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,00142,AA,QS,
    /// CLM0002,1,00142,AA,QX,MOD012
    /// CLM0003,1,00142,QK,,
    /// CLM0004,1,00142,QX,,
    /// ```
    ///
    /// ## How to fix
    /// Keep the one that the record supports. A physician and an anesthetist bill a line each, with
    /// one modifier each.
    ///
    /// ## Source
    /// CMS, Medicare Claims Processing Manual, chapter 12, sections 50 and 140.
    pub static RULE = {
        code: "MOD012", name: "conflicting-anesthesia-modifiers",
        title: "Conflicting anesthesia modifiers",
        fix: "keep the one modifier that says who gave the anesthesia",
        scope: Line, category: Modifier, severity: Error, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [Modifier1], build: build,
    }
}

/// Who gave the anesthesia, and under whose direction.
const PROVIDERS: [Modifier; 6] = [*b"AA", *b"AD", *b"QK", *b"QX", *b"QY", *b"QZ"];

struct ConflictingAnesthesiaModifiers;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ConflictingAnesthesiaModifiers)))
}

impl LineCheck for ConflictingAnesthesiaModifiers {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let modifiers = line.modifiers();
        if modifiers.is_empty() {
            return;
        }
        out.judge();
        if modifiers.as_slice().len() > 1
            && PROVIDERS.iter().filter(|one| modifiers.has(one)).count() > 1
        {
            let named = names(&modifiers, |one| PROVIDERS.contains(one));
            out.report(
                line.row(),
                Some(cell_of_last(line, |one| PROVIDERS.contains(one))),
                format_args!("modifiers {named} contradict each other: keep the one that holds"),
            );
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}
