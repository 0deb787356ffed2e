//! DAT003: a day of service that has not come yet.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Cell, Date, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That the first day of service is not after the day of the run. That day is today unless
    /// `--as-of` names another, so that a run can be repeated. The last day of service may lie
    /// ahead: rentals are billed for a month that has begun.
    ///
    /// ## Why it matters
    /// A service that was not given yet cannot be billed; payers reject the line. Mostly the year
    /// was mistyped, or a scheduled visit was exported with the others.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,expect
    /// CLM0001,1,99213,2026-03-02,
    /// CLM0001,2,99213,2062-03-02,DAT003
    /// CLM0002,1,99213,9999-12-31,DAT003
    /// CLM0003,1,99213,,
    /// ```
    ///
    /// ## How to fix
    /// Look the day up in the schedule; bill the visit once it has taken place.
    ///
    /// ## Source
    /// X12 837 and the Medicare Claims Processing Manual: dates of service lie on or before the day
    /// on which the claim is received.
    pub static RULE = {
        code: "DAT003", name: "future-date", title: "Service in the future",
        fix: "look the day of service up, and bill the visit once it has taken place",
        scope: Line, category: Date, severity: Error, since: "0.1.0",
        reads: [ServiceDate], needs: [ServiceDate], build: build,
    }
}

struct FutureDate {
    as_of: Date,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(FutureDate { as_of: builder.knowledge.as_of })))
}

impl LineCheck for FutureDate {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let date = match line.service_date() {
            Cell::Value(date) => date,
            Cell::Missing => return,
            Cell::Malformed => return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate)),
        };
        out.judge();
        if date > self.as_of {
            let as_of = self.as_of;
            out.report(
                line.row(),
                Some(Field::ServiceDate),
                format_args!(
                    "service_date {date} is after the day of the run, {as_of}: look it up"
                ),
            );
        }
    }
}
