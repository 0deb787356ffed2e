//! STR007: a record that is not valid in the encoding of the input.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That the bytes of a record are text in the encoding of the input, UTF-8 unless it is named.
    ///
    /// ## Why it matters
    /// Bytes of another encoding turn into other letters or are dropped. A claim number that is
    /// changed on the way joins lines of different claims.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code,note
    /// CLM0001,99213,caf<byte E9>
    /// ```
    ///
    /// ## How to fix
    /// Name the encoding of the export (exports of Windows programs are often windows-1252), or
    /// export as UTF-8.
    ///
    /// ## Source
    /// RFC 3629, section 3: which byte sequences are UTF-8.
    pub static RULE = {
        code: "STR007", name: "invalid-encoding",
        title: "Record that is not valid text",
        fix: "name the encoding of the export or export it as UTF-8",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct InvalidEncoding;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(InvalidEncoding)))
}

impl RecordCheck for InvalidEncoding {
    fn kind(&self) -> FaultKind {
        FaultKind::InvalidEncoding
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        let place = fault.detail.at_byte();
        out.report(
            at,
            None,
            format_args!(
                "the record is not valid text{place}: name the encoding that it was written in"
            ),
        );
    }
}
