//! POS002: a place of service that is not in force on the day of service.

use std::str::from_utf8;

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::{Field, Findings, Line};
use crate::reference::Answer;
use crate::rules::place::in_force::{self, Said};

declare_rule! {
    /// ## What it checks
    /// That the place of service was in force on the day of service. 10 (a visit at a distance, the
    /// patient at home) came on 2022-01-01, 27 (the street) on 2023-10-01, 66 (PACE) on 2024-08-01.
    /// The days are built in; a list that you took in goes before them. A line with a revenue code
    /// is not checked.
    ///
    /// ## Why it matters
    /// The day of service decides which places are valid. A claim with another comes back with
    /// CARC 16 and RARC M77.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,place_of_service,service_date,expect
    /// CLM0001,1,99213,10,2021-12-31,POS002
    /// CLM0002,1,99213,10,2022-01-01,
    /// CLM0003,1,99213,02,2021-12-31,
    /// ```
    ///
    /// ## How to fix
    /// Enter the place that was in force on the day, or mend the day.
    ///
    /// ## Source
    /// CMS, Place of Service Codes for Professional Claims, with the effective dates.
    pub static RULE = {
        code: "POS002", name: "place-of-service-not-in-force",
        title: "Place of service not in force",
        fix: "enter the place that was in force on the day of service",
        scope: Line, category: Place, severity: Error, since: "0.1.0",
        reads: [PlaceOfService, ServiceDate, RevenueCode], needs: [PlaceOfService, ServiceDate],
        build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    in_force::check(builder, false, report)
}

fn report(line: Line<'_>, said: Said<'_>, out: &mut Findings) {
    let Said::Place(place, answer) = said else { return };
    let place = from_utf8(&place).unwrap_or_default();
    let (row, field) = (line.row(), Some(Field::PlaceOfService));
    let what = "use the place of that day";
    match answer {
        Answer::NotYet(first) => {
            out.report(row, field, format_args!("{place} is in force from {first} on: {what}"));
        }
        Answer::Ended(last) => {
            out.report(row, field, format_args!("{place} was in force until {last}: {what}"));
        }
        _ => {}
    }
}
