//! STR003: text between a closing quote and the next delimiter.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That a closing quote is followed by a delimiter or by the end of the record.
    ///
    /// ## Why it matters
    /// The text behind the quote belongs to the cell, or the quote was meant as text and should
    /// have been doubled. The two readings put cell ends in different places.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code,note
    /// CLM0001,99213,"wound "deep" cleaned"
    /// ```
    ///
    /// ## How to fix
    /// Double every quote inside a quoted cell: "wound ""deep"" cleaned".
    ///
    /// ## Source
    /// RFC 4180, section 2, item 7: a quote inside a quoted field is written twice.
    pub static RULE = {
        code: "STR003", name: "text-after-closing-quote",
        title: "Text after a closing quote",
        fix: "double every quote inside a quoted cell",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct TextAfterClosingQuote;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(TextAfterClosingQuote)))
}

impl RecordCheck for TextAfterClosingQuote {
    fn kind(&self) -> FaultKind {
        FaultKind::TextAfterQuote
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        let place = fault.detail.at_byte();
        out.report(
            at,
            None,
            format_args!(
                "a closing quote is followed by text{place}: \
                 double every quote inside a quoted cell"
            ),
        );
    }
}
