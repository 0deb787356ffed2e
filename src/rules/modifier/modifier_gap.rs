//! MOD011: an empty modifier cell before a filled one.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That the modifier columns are filled from the first on, without an empty one before a filled
    /// one.
    ///
    /// ## Why it matters
    /// The first modifier decides the price, and some programs stop reading at the first empty one.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,modifier_3,expect
    /// CLM0001,1,93000,26,59,,
    /// CLM0001,2,71046,26,,59,MOD011
    /// CLM0001,3,20610,,RT,,MOD011
    /// ```
    ///
    /// ## How to fix
    /// Move the modifiers forward. Where the first column is empty in every line, another column is
    /// mapped than the one you mean.
    ///
    /// ## Source
    /// ASC X12 837, SV101-3 to SV101-6: the modifiers of a line follow one another.
    pub static RULE = {
        code: "MOD011", name: "modifier-gap",
        title: "Gap between modifiers",
        fix: "move the modifiers forward so that no column between them is empty",
        scope: Line, category: Modifier, severity: Info, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [Modifier1], build: build,
    }
}

struct ModifierGap;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ModifierGap)))
}

impl LineCheck for ModifierGap {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let modifiers = line.modifiers();
        if modifiers.is_empty() && modifiers.malformed == 0 {
            return;
        }
        out.judge();
        if modifiers.has_gap {
            report(line, out);
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}

#[cold]
fn report(line: Line<'_>, out: &mut Findings) {
    let is_filled = |field: &Field| line.text(*field).is_some();
    let columns: Vec<Field> = Field::MODIFIERS.into_iter().filter(|f| line.has(*f)).collect();
    let Some(empty) = columns.iter().position(|field| !is_filled(field)) else { return };
    let filled = columns.iter().skip(empty).find(|field| is_filled(field)).copied();
    let (Some(empty), Some(filled)) = (columns.get(empty), filled) else { return };
    out.report(
        line.row(),
        Some(filled),
        format_args!("{filled} is filled and {empty} before it is not: move the modifiers forward"),
    );
}
