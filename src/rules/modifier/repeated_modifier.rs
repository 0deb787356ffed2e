//! MOD004: a modifier that stands twice on one line.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::modifiers::text;
use crate::model::{Batch, Findings, Line, Modifier};
use crate::rules::modifier::cells::{cell_of, listed, noun};

declare_rule! {
    /// ## What it checks
    /// That no modifier stands twice on a line.
    ///
    /// ## Why it matters
    /// The second one says nothing. Often it stands where another was meant, such as `LT` twice for
    /// both sides, and what was meant is not paid.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,93000,59,59,MOD004
    /// CLM0001,2,71046,59,RT,
    /// CLM0001,3,20610,LT,lt,MOD004
    /// ```
    ///
    /// ## How to fix
    /// Keep it once. Where the service was given twice, bill it by units or with modifier 76 or 77.
    ///
    /// ## Source
    /// ASC X12 837, SV101-3 to SV101-6: each modifier adds to what the code says.
    pub static RULE = {
        code: "MOD004", name: "repeated-modifier",
        title: "Repeated modifier",
        fix: "keep the modifier once, and put in the one that was meant instead of the other",
        scope: Line, category: Modifier, severity: Warning, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4],
        needs: [Modifier1], build: build,
    }
}

struct RepeatedModifier;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(RepeatedModifier)))
}

impl LineCheck for RepeatedModifier {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let modifiers = line.modifiers();
        let all = modifiers.as_slice();
        if all.is_empty() {
            return;
        }
        out.judge();
        let again = |at: usize, one: &Modifier| all.iter().take(at).any(|before| before == one);
        if all.iter().enumerate().any(|(at, one)| again(at, one)) {
            report(line, all, out);
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}

#[cold]
fn report(line: Line<'_>, all: &[Modifier], out: &mut Findings) {
    let mut repeated: Vec<String> = Vec::new();
    let mut field = None;
    for (at, one) in all.iter().enumerate() {
        if all.iter().take(at).any(|before| before == one) {
            field = field.or_else(|| Some(cell_of(line, at)));
            if repeated.iter().all(|known| known != text(one)) {
                repeated.push(text(one).to_owned());
            }
        }
    }
    let verb = if repeated.len() == 1 { "stands" } else { "stand" };
    let names = listed(&repeated);
    let noun = noun(&names);
    out.report(
        line.row(),
        field,
        format_args!("{noun} {names} {verb} on the line more than once: keep one of each"),
    );
}
