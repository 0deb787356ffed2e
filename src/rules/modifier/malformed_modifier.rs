//! MOD001: a modifier cell that holds no modifier.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Field, Findings, Line};
use crate::rules::modifier::cells::listed;

declare_rule! {
    /// ## What it checks
    /// That a modifier cell holds modifiers: two letters or digits each, several of them with a
    /// blank, a comma or the like between them. Lower case and blanks at the ends are no defects.
    /// Modifiers without anything between them, such as `2559`, are read where all are known.
    ///
    /// ## Why it matters
    /// A modifier changes what is paid. One that cannot be read is lost, or the claim comes back
    /// with CARC 4.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,modifier_2,expect
    /// CLM0001,1,99213,25,,
    /// CLM0001,2,99214,25.0,,MOD001
    /// CLM0001,3,93000,26,9,MOD001
    /// CLM0001,4,71046,"26,59",,
    /// ```
    ///
    /// ## How to fix
    /// Write two letters or digits in each modifier column. Export the columns as text, so that a
    /// spreadsheet does not make numbers of them.
    ///
    /// ## Source
    /// ASC X12 837, SV101-3 to SV101-6: a modifier has exactly two characters.
    pub static RULE = {
        code: "MOD001", name: "malformed-modifier", title: "Malformed modifier",
        fix: "write two letters or digits in each modifier column, exported as text",
        scope: Line, category: Modifier, severity: Error, since: "0.1.0",
        reads: [Modifier1, Modifier2, Modifier3, Modifier4], needs: [Modifier1], build: build,
    }
}

struct MalformedModifier;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MalformedModifier)))
}

impl LineCheck for MalformedModifier {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let modifiers = line.modifiers();
        if modifiers.is_empty() && modifiers.malformed == 0 {
            return;
        }
        out.judge();
        if modifiers.malformed != 0 {
            report(line, modifiers.malformed, out);
        }
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        batch.modified().for_each(|line| self.check(line, out));
    }
}

#[cold]
fn report(line: Line<'_>, malformed: u8, out: &mut Findings) {
    let fields = Field::MODIFIERS.into_iter().enumerate();
    let fields = fields.filter(|(at, _)| malformed & (1 << at) != 0).map(|(_, field)| field);
    let fields: Vec<Field> = fields.collect();
    let names: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
    let (names, first) = (listed(&names), fields.first().copied());
    let cell = first.and_then(|field| line.text(field)).unwrap_or_default();
    let row = line.row();
    let hold = if fields.len() == 1 { "holds" } else { "hold" };
    if is_decimal(cell) {
        let what = "a decimal number: export the column as text";
        out.report(row, first, format_args!("{names} {hold} {what}"));
    } else {
        let what = "no modifier: write two letters or digits";
        out.report(row, first, format_args!("{names} {hold} {what}"));
    }
}

/// `25.0`: what a program makes of a modifier that it takes for a number.
fn is_decimal(cell: &[u8]) -> bool {
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let mut parts = cell.split(|byte| *byte == b'.');
    let (whole, fraction) = (parts.next(), parts.next());
    whole.is_some_and(digits) && fraction.is_some_and(digits) && parts.next().is_none()
}
