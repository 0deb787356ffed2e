//! AMT001: an amount of money that is none.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Cents, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That a filled charge, and a filled total of the claim, is an amount of money: `125`,
    /// `125.00`, `$1,250.00`, `(125.00)`, `125.00-`. Amounts are exact: parts of a cent, exponents
    /// and decimal commas are not guessed at. A line has one finding, even if both are malformed.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects the claim. An amount that cannot be read is in no total here either.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,charge,expect
    /// CLM0001,1,99213,125.00,
    /// CLM0001,2,99213,"$1,250.00",
    /// CLM0001,3,99213,"1.250,00",AMT001
    /// CLM0002,1,99213,1e+05,AMT001
    /// CLM0002,2,99213,,
    /// CLM0003,1,99213,12.005,AMT001
    /// ```
    ///
    /// ## How to fix
    /// Export the column as a number with two decimals, a point before them.
    ///
    /// ## Source
    /// X12 837: amounts are decimal numbers with at most two decimals.
    pub static RULE = {
        code: "AMT001", name: "malformed-amount", title: "Amount that is none",
        fix: "export the column as a number with two decimals",
        scope: Line, category: Amount, severity: Error, since: "0.1.0",
        reads: [Charge, ClaimTotal], needs: [], build: build,
    }
}

struct MalformedAmount;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MalformedAmount)))
}

impl LineCheck for MalformedAmount {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let amounts = [line.charge(), line.total()];
        if amounts != [Cell::Missing; 2] {
            out.judge();
            if amounts.contains(&Cell::Malformed) {
                report(line, amounts, out);
            }
        }
    }
}

#[cold]
fn report(line: Line<'_>, amounts: [Cell<Cents>; 2], out: &mut Findings) {
    let (field, subject) = match amounts {
        [Cell::Malformed, Cell::Malformed] => (Field::Charge, "charge and claim_total are"),
        [Cell::Malformed, _] => (Field::Charge, "charge is"),
        _ => (Field::ClaimTotal, "claim_total is"),
    };
    let text = line.text(field).unwrap_or_default();
    let is_of = |known: &[u8]| text.iter().all(|byte| known.contains(byte));
    let has = |wanted: &[u8]| text.iter().any(|byte| wanted.contains(byte));
    let told = if is_of(b"0123456789.+-eE") && has(b"eE") {
        "an amount, but a number with an exponent: export the column with all its digits"
    } else if is_of(b"0123456789.") && has(b".") {
        "a whole number of cents: round it"
    } else if is_of(b"0123456789.,+-") && has(b",") {
        "an amount: put a point before the cents"
    } else {
        "an amount: write it as 125.00"
    };
    out.report(line.row(), Some(field), format_args!("{subject} not {told}"));
}
