//! STR004: a quote that is opened and never closed.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That every quoted cell ends before the input does.
    ///
    /// ## Why it matters
    /// An open quote makes one cell of all that follows it, up to the end of the input. Where the
    /// cell was meant to end cannot be told: what is set aside with the record is not checked.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code,note
    /// CLM0001,99213,routine
    /// CLM0002,99214,"seen in clinic
    /// ```
    ///
    /// ## How to fix
    /// Close the quote, or remove it, and check the input again.
    ///
    /// ## Source
    /// RFC 4180, section 2, item 5: a quoted field begins and ends with a quote.
    pub static RULE = {
        code: "STR004", name: "unclosed-quote",
        title: "Quote that is never closed",
        fix: "close or remove the quote and check the input again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct UnclosedQuote;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(UnclosedQuote)))
}

impl RecordCheck for UnclosedQuote {
    fn kind(&self) -> FaultKind {
        FaultKind::UnclosedQuote
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Byte(byte) => out.report(
                at,
                None,
                format_args!(
                    "the quote at byte {byte} of the input is never closed: close or remove it"
                ),
            ),
            _ => out.report(at, None, format_args!("a quote is never closed: close or remove it")),
        };
    }
}
