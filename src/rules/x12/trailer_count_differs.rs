//! X12002: a trailer counts otherwise than what there is.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, RecordCheck};
use crate::model::{Fault, FaultDetail, FaultKind, Findings};

declare_rule! {
    /// ## What it checks
    /// That SE01 is the number of segments of its transaction set, ST and SE included, GE01 the
    /// number of transaction sets of its group, and IEA01 the number of groups of its interchange.
    ///
    /// ## Why it matters
    /// A count that is too high is the only trace of segments that got lost: of service lines, or
    /// whole claims.
    ///
    /// ## Example
    /// ```text
    /// ST*837*0001*005010X222A1~
    /// … 19 segments …
    /// SE*25*0001~
    /// ```
    ///
    /// ## How to fix
    /// Look for what is missing or doubled, and export the interchange again.
    ///
    /// ## Source
    /// X12.6 (SE01, GE01) and X12.5 (IEA01); 005010X222A1, appendix C.
    pub static RULE = {
        code: "X12002", name: "trailer-count-differs",
        title: "Trailer that counts otherwise than what there is",
        fix: "find the segments that were lost or added, and export the interchange again",
        scope: Record, category: Structure, severity: Error, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct TrailerCountDiffers;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Record(Box::new(TrailerCountDiffers)))
}

impl RecordCheck for TrailerCountDiffers {
    fn kind(&self) -> FaultKind {
        FaultKind::TrailerCounts
    }

    fn check(&self, at: usize, fault: &Fault, out: &mut Findings) {
        match fault.detail {
            FaultDetail::Counts(name, Some(said), counted) => out.report(
                at,
                None,
                format_args!(
                    "element {name} says {said} and there are {counted}: something got lost"
                ),
            ),
            FaultDetail::Counts(name, None, counted) => out.report(
                at,
                None,
                format_args!("element {name} is no number, and there are {counted}"),
            ),
            _ => out.report(at, None, format_args!("the trailer counts otherwise")),
        };
    }
}
