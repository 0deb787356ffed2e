//! X12007: a segment that cannot be read.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};
use crate::rules::fault_says::says;

declare_rule! {
    /// ## What it checks
    /// That a segment has a name that the 837 knows, is not longer than a record may be, is valid
    /// in the encoding of the input, and ends with its terminator. Such a segment is not read. If
    /// it is a service line or the CLM of one, that line is set aside and counted.
    ///
    /// ## Why it matters
    /// A damaged name hides what the segment says, a lost terminator puts two segments into one,
    /// and bytes that are no text mean that the file was changed on its way.
    ///
    /// ## Example
    /// ```text
    /// LX*1~
    /// S?1*HC:99213*125*UN*1***1~
    /// ```
    ///
    /// ## How to fix
    /// Look at the segment that is named and at the one before it; export the interchange again.
    ///
    /// ## Source
    /// X12.6 (segments); the segments of 004010X096 to X098 and 005010X222 to X224.
    pub static RULE = {
        code: "X12007", name: "unreadable-segment",
        title: "Segment that cannot be read",
        fix: "export the interchange again, as text and without changes by hand",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct UnreadableSegment;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(UnreadableSegment)))
}

impl RecordCheck for UnreadableSegment {
    fn kind(&self) -> FaultKind {
        FaultKind::UnreadableSegment
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Limit(bytes) => out.report(
                at,
                None,
                format_args!("the segment, or what belongs to it, is longer than {bytes} bytes"),
            ),
            FaultDetail::Byte(byte) => out.report(
                at,
                None,
                format_args!("byte {byte} of the input is no text: the segment is not read"),
            ),
            _ => out.report(at, None, format_args!("{}", says(fault, "it cannot be read"))),
        };
    }
}
