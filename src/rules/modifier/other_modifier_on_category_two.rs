//! MOD006: a Category II code with a modifier that is not for it, or with two.

use std::sync::Arc;

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Class, Findings, Line, Modifier, Modifiers, Vocabulary};
use crate::rules::modifier::cells::{PERFORMANCE, cell_of_last, names, noun};

declare_rule! {
    /// ## What it checks
    /// That a Category II code has no modifier but one of 1P, 2P, 3P and 8P, and not more than one
    /// of these: they give reasons that exclude each other. Unknown modifiers are left to MOD002. A
    /// damaged code counts as the code it can be repaired to.
    ///
    /// ## Why it matters
    /// A modifier for services changes nothing on a code that is not paid, and two reasons at once
    /// give none: the measure is not credited.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,99213,25,,
    /// CLM0001,2,3044F,8P,,
    /// CLM0001,3,1036F,59,,MOD006
    /// CLM0001,4,4004F,1P,2P,MOD006
    /// ```
    ///
    /// ## How to fix
    /// Leave the one performance modifier that the chart supports, and no other.
    ///
    /// ## Source
    /// CPT (American Medical Association), Category II modifiers.
    pub static RULE = {
        code: "MOD006", name: "other-modifier-on-category-two",
        title: "Other modifier on a Category II code",
        fix: "leave one performance modifier at most on the line, and no other",
        scope: Line, category: Modifier, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [ProcedureCode, Modifier1], build: build,
    }
}

struct OtherModifierOnCategoryTwo {
    vocabulary: Arc<Vocabulary>,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let vocabulary = Arc::clone(&builder.knowledge.vocabulary);
    Ok(Check::Line(Box::new(OtherModifierOnCategoryTwo { vocabulary })))
}

impl LineCheck for OtherModifierOnCategoryTwo {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((_, Class::CategoryTwo)) = line.procedure().code() else { return };
        let modifiers = line.modifiers();
        if modifiers.is_empty() {
            return;
        }
        out.judge();
        let is_other =
            |one: &Modifier| !PERFORMANCE.contains(one) && self.vocabulary.modifiers.contains(one);
        if modifiers.as_slice().iter().any(is_other) {
            let others = names(&modifiers, is_other);
            let noun = noun(&others);
            out.report(
                line.row(),
                Some(cell_of_last(line, is_other)),
                format_args!("{noun} {others} on a Category II code: only 1P, 2P, 3P or 8P fit"),
            );
        } else if has_two(&modifiers) {
            let is = |one: &Modifier| PERFORMANCE.contains(one);
            let named = names(&modifiers, is);
            out.report(
                line.row(),
                Some(cell_of_last(line, is)),
                format_args!("modifiers {named} exclude each other: keep the one that holds"),
            );
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}

/// Whether there are two different performance modifiers.
fn has_two(modifiers: &Modifiers) -> bool {
    PERFORMANCE.iter().filter(|one| modifiers.has(one)).count() > 1
}
