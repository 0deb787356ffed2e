//! DAT002: a service that ends before it begins.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Cell, Date, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That the last day of service is not before the first. A line with one date alone has nothing
    /// to compare; a first day that lies in the future is left to DAT003.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects the line. Often the two columns were exchanged, or the year was
    /// mistyped around New Year.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,service_end,expect
    /// CLM0001,1,99213,2026-03-02,2026-03-02,
    /// CLM0002,1,99213,2026-03-02,2026-03-01,DAT002
    /// CLM0003,1,99231,2025-12-30,2026-01-02,
    /// CLM0004,1,99231,2025-12-30,2025-01-02,DAT002
    /// CLM0005,1,99213,2026-03-02,,
    /// ```
    ///
    /// ## How to fix
    /// Look both dates up in the chart, or map the two columns the other way round.
    ///
    /// ## Source
    /// X12 837: a range of dates has its first day first.
    pub static RULE = {
        code: "DAT002", name: "reversed-dates", title: "Service that ends before it begins",
        fix: "look both days of service up",
        scope: Line, category: Date, severity: Error, since: "0.1.0",
        reads: [ServiceDate, ServiceEnd], needs: [ServiceDate, ServiceEnd], build: build,
    }
}

struct ReversedDates {
    as_of: Date,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ReversedDates { as_of: builder.knowledge.as_of })))
}

impl LineCheck for ReversedDates {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let (first, last) = match (line.service_date(), line.service_end()) {
            (Cell::Value(first), Cell::Value(last)) => (first, last),
            (Cell::Missing, _) | (_, Cell::Missing) => return,
            (Cell::Malformed, _) => {
                return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
            }
            (_, Cell::Malformed) => {
                return out.leave_out(line.row(), Why::Lacks(Field::ServiceEnd));
            }
        };
        out.judge();
        // One mistyped year is one finding.
        if last < first && first <= self.as_of {
            out.report(
                line.row(),
                Some(Field::ServiceEnd),
                format_args!(
                    "service_end {last} is before service_date {first}: look both days up"
                ),
            );
        }
    }
}
