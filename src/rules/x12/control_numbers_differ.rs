//! X12001: the control numbers of a header and its trailer differ.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};
use crate::rules::fault_says::says;

declare_rule! {
    /// ## What it checks
    /// That a trailer repeats the control number of its header: SE02 that of ST02, GE02 that of
    /// GS06, IEA02 that of ISA13. Zeros in front do not count.
    ///
    /// ## Why it matters
    /// Two numbers mean that parts of two files were put together, or that one was cut: claims may
    /// be missing between them, and receivers refuse the interchange.
    ///
    /// ## Example
    /// ```text
    /// ST*837*0001*005010X222A1~
    /// …
    /// SE*21*0002~
    /// ```
    ///
    /// ## How to fix
    /// Export the interchange again; never correct the number by hand without knowing what is
    /// missing.
    ///
    /// ## Source
    /// X12.5 and X12.6 (interchange, group and transaction set control numbers); 005010X222A1,
    /// appendix B and C.
    pub static RULE = {
        code: "X12001", name: "control-numbers-differ",
        title: "Trailer whose control number is not that of its header",
        fix: "find out which file the trailer belongs to, and export the interchange again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct ControlNumbersDiffer;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(ControlNumbersDiffer)))
}

impl RecordCheck for ControlNumbersDiffer {
    fn kind(&self) -> FaultKind {
        FaultKind::ControlNumbers
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        out.report(
            at,
            None,
            format_args!("{}", says(fault, "the control number is not that of its header")),
        );
    }
}
