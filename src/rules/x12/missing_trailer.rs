//! X12003: a header or a trailer is missing.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultKind, Findings};
use crate::rules::fault_says::says;

declare_rule! {
    /// ## What it checks
    /// That every interchange, group and transaction set that is opened is closed (IEA, GE, SE)
    /// and the other way round, and that nothing stands between them.
    ///
    /// ## Why it matters
    /// A file that was cut off ends without its trailers. What came after the cut is lost, and
    /// what there is may look whole.
    ///
    /// ## Example
    /// ```text
    /// ST*837*0001*005010X222A1~
    /// BHT*0019*00*1*20261031*1200*CH~
    /// GE*1*1~
    /// ```
    ///
    /// ## How to fix
    /// Export the interchange again. Claims that are read are checked all the same.
    ///
    /// ## Source
    /// X12.5 (ISA and IEA) and X12.6 (GS, ST, SE, GE); 005010X222A1, appendix B and C.
    pub static RULE = {
        code: "X12003", name: "missing-trailer",
        title: "Header or trailer that is missing",
        fix: "export the interchange again: what comes after the break is lost",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct MissingTrailer;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(MissingTrailer)))
}

impl RecordCheck for MissingTrailer {
    fn kind(&self) -> FaultKind {
        FaultKind::MissingTrailer
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        out.report(at, None, format_args!("{}", says(fault, "a header or a trailer is missing")));
    }
}
