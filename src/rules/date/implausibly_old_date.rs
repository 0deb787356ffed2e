//! DAT006: a day of service before any claim that is still at hand.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Cell, Date, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That the first day of service is not before the year 2000, or the day that you set.
    ///
    /// ## Why it matters
    /// Such a day is mostly a placeholder (`1900-01-01`, `0001-01-01`) or a year that lost its
    /// century, and no payer takes a claim that old.
    ///
    /// ## Options
    /// - `earliest` (default `"2000-01-01"`): the first day that is plausible.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,expect
    /// CLM0001,1,99213,2026-03-02,
    /// CLM0001,2,99213,1900-01-01,DAT006
    /// CLM0001,3,99213,2000-01-01,
    /// CLM0002,1,99213,0026-03-02,DAT006
    /// ```
    ///
    /// ## How to fix
    /// Look the day up in the chart. Leave the cell empty where there is no date.
    ///
    /// ## Source
    /// Payers take claims for one year, and corrections of them for a few more.
    pub static RULE = {
        code: "DAT006", name: "implausibly-old-date", title: "Implausibly old day of service",
        fix: "look the day of service up",
        scope: Line, category: Date, severity: Warning, since: "0.1.0",
        reads: [ServiceDate], needs: [ServiceDate], build: build,
    }
}

struct ImplausiblyOldDate {
    earliest: Date,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let earliest = builder.options.date("earliest", "2000-01-01")?;
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ImplausiblyOldDate { earliest })))
}

impl LineCheck for ImplausiblyOldDate {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let date = match line.service_date() {
            Cell::Value(date) => date,
            Cell::Missing => return,
            Cell::Malformed => return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate)),
        };
        out.judge();
        if date < self.earliest {
            let earliest = self.earliest;
            out.report(
                line.row(),
                Some(Field::ServiceDate),
                format_args!(
                    "service_date {date} is before {earliest}, too old to be billed: look it up"
                ),
            );
        }
    }
}
