//! STR002: a quote inside a cell that does not begin with one.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That a cell that does not begin with a quote contains none.
    ///
    /// ## Why it matters
    /// Readers disagree about such a quote: some take it as text, some as the start of a quoted
    /// part that may run on over many lines. claimlint does not guess.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code,note
    /// CLM0001,99213,cast 5" wide
    /// ```
    ///
    /// ## How to fix
    /// Quote the whole cell and double the quotes in it: "cast 5"" wide". Where quotes are ordinary
    /// characters in the export, switch quoting off.
    ///
    /// ## Source
    /// RFC 4180, section 2, item 5: fields that are not enclosed in quotes may not contain them.
    pub static RULE = {
        code: "STR002", name: "quote-in-unquoted-field",
        title: "Quote inside an unquoted cell",
        fix: "quote the whole cell and double the quotes in it",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct QuoteInUnquotedField;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(QuoteInUnquotedField)))
}

impl RecordCheck for QuoteInUnquotedField {
    fn kind(&self) -> FaultKind {
        FaultKind::QuoteInUnquoted
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        let place = fault.detail.at_byte();
        out.report(
            at,
            None,
            format_args!(
                "an unquoted cell contains a quote{place}: \
                 quote the cell and double the quotes in it"
            ),
        );
    }
}
