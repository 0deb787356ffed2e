//! STR006: a record that contains a NUL byte.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That no record contains a byte of value zero.
    ///
    /// ## Why it matters
    /// Text has no NUL bytes. They come from fixed-width dumps, from text in another encoding or
    /// from a file that was cut off and filled up, and programs in C end the cell there.
    ///
    /// ## Example
    /// ```text
    /// claim_id,procedure_code
    /// CLM0001,99213<NUL>
    /// ```
    ///
    /// ## How to fix
    /// Export the record again as text. If every second byte is NUL, the input is UTF-16: name the
    /// encoding.
    ///
    /// ## Source
    /// RFC 4180, section 2: the characters of its grammar are printable; NUL is none of them.
    pub static RULE = {
        code: "STR006", name: "nul-byte",
        title: "NUL byte in a record",
        fix: "export the record again as text, in the encoding that the run is set to",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct NulByte;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(NulByte)))
}

impl RecordCheck for NulByte {
    fn kind(&self) -> FaultKind {
        FaultKind::NulByte
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        let place = fault.detail.at_byte();
        out.report(
            at,
            None,
            format_args!("the record contains a NUL byte{place}: export it again as text"),
        );
    }
}
