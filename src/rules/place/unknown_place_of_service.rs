//! POS001: a place of service that is none.

use std::str::from_utf8;

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::{Field, Findings, Line};
use crate::reference::Answer;
use crate::rules::place::in_force::{self, Said};

declare_rule! {
    /// ## What it checks
    /// That the place of service is one of the two-digit codes of CMS, whenever it was in force.
    /// The codes are built in; a list that you took in goes before them. A line with a revenue code
    /// needs no place of service and is not checked, nor is an empty cell.
    ///
    /// ## Why it matters
    /// The place decides whether the higher or the lower rate is paid. A claim with an unknown one
    /// comes back with CARC 16 and RARC M77.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,place_of_service,service_date,expect
    /// CLM0001,1,99213,11,2026-03-02,
    /// CLM0002,1,99213,30,2026-03-02,POS001
    /// CLM0003,1,99213,2,2026-03-02,POS001
    /// CLM0004,1,99213,11.0,2026-03-02,POS001
    /// ```
    ///
    /// ## How to fix
    /// Enter the two digits. Where a zero was lost or a fraction added, export the column as text.
    ///
    /// ## Source
    /// CMS, Place of Service Codes for Professional Claims.
    pub static RULE = {
        code: "POS001", name: "unknown-place-of-service", title: "Unknown place of service",
        fix: "enter the two digits of the place, exported as text",
        scope: Line, category: Place, severity: Error, since: "0.1.0",
        reads: [PlaceOfService, ServiceDate, RevenueCode], needs: [PlaceOfService], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    in_force::check(builder, true, report)
}

fn report(line: Line<'_>, said: Said<'_>, out: &mut Findings) {
    let (row, field) = (line.row(), Some(Field::PlaceOfService));
    match said {
        Said::Place(place, Answer::Unknown) => {
            let place = from_utf8(&place).unwrap_or_default();
            let what = "is no place of service: look up where the service was given";
            out.report(row, field, format_args!("{place} {what}"));
        }
        Said::Place(..) => {}
        Said::Malformed(cell) => {
            let (whole, is_decimal) = without_fraction(cell);
            match from_utf8(whole) {
                Ok(digit) if whole.len() == 1 => {
                    let what = "place_of_service has lost its zero";
                    out.report(row, field, format_args!("{what}: write 0{digit}"));
                }
                Ok(digits) if is_decimal && whole.len() == 2 => {
                    let what = "place_of_service was written as a decimal number";
                    out.report(row, field, format_args!("{what}: write {digits}"));
                }
                _ => {
                    let what = "place_of_service does not have two digits";
                    out.report(row, field, format_args!("{what}: enter those of the place"));
                }
            }
        }
    }
}

/// The digits before `.0`, and whether there was one; nothing where there are other characters.
fn without_fraction(cell: &[u8]) -> (&[u8], bool) {
    let whole = cell.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, rest) = cell.split_at_checked(whole).unwrap_or_default();
    match rest {
        [] => (whole, false),
        [b'.', b'0', zeros @ ..] if zeros.iter().all(|byte| *byte == b'0') => (whole, true),
        _ => (&[], false),
    }
}
