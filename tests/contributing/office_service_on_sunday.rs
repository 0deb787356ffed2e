//! DAT901: a service in the office on a Sunday.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Field, Findings, Line, Why};

declare_rule! {
    /// ## What it checks
    /// That no service in the office (place of service 11) is dated on a Sunday. A line without a
    /// readable date is not judged.
    ///
    /// ## Why it matters
    /// The office is closed then, so the date is mostly a slip. A payer that compares it with the
    /// chart takes the payment back.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,place_of_service,expect
    /// CLM0001,1,99213,2026-03-02,11,
    /// CLM0001,2,93000,2026-03-01,11,DAT901
    /// CLM0002,1,99283,2026-03-01,23,
    /// ```
    ///
    /// ## How to fix
    /// Look the day up in the schedule, and correct the date of service.
    ///
    /// ## Source
    /// The opening hours of the office.
    pub static RULE = {
        code: "DAT901", name: "office-service-on-sunday",
        title: "Service in the office on a Sunday",
        fix: "look the day up in the schedule and correct the date",
        scope: Line, category: Date, severity: Warning, since: "0.2.0",
        reads: [PlaceOfService, ServiceDate], needs: [PlaceOfService, ServiceDate], build: build,
    }
}

struct OfficeServiceOnSunday;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(OfficeServiceOnSunday)))
}

impl LineCheck for OfficeServiceOnSunday {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        if line.text(Field::PlaceOfService) != Some(b"11") {
            return;
        }
        let Some(day) = line.service_date().value() else {
            out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
            return;
        };
        out.judge();
        // Day 0 was a Thursday.
        if day.days().rem_euclid(7) == 3 {
            out.report(
                line.row(),
                Some(Field::ServiceDate),
                format_args!("{day} was a Sunday: look the day up in the schedule"),
            );
        }
    }
}
