//! DXC001: a diagnosis cell that holds no code of the edition in use.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Diagnosis, Field, Findings, Line};
use crate::rules::diagnosis::codes::{day, filled, is_of_ten};

declare_rule! {
    /// ## What it checks
    /// That each of the twelve diagnosis cells, where it is filled, holds one code in the shape of
    /// the edition in use on the day of service. From 2015-10-01 on that is ICD-10-CM: a letter, a
    /// digit (rarely a letter), a digit or letter, and up to four more after a dot that may be left
    /// out. Before that day it is ICD-9-CM: three digits, V and two, or E and three, and up to two
    /// more. Lower case and a dot at the end are no defects. The day is the first of the line, on
    /// an institutional line (with a revenue code) the last. Without a readable day both editions
    /// are right. A line has one finding.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects the claim, all of its lines. Payers answer with CARC 146.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,diagnosis_1,diagnosis_2,expect
    /// CLM0001,1,99213,2026-03-02,E11.9,I10,
    /// CLM0002,1,99213,2026-03-02,E11.9,"I10,E78.5",DXC001
    /// CLM0003,1,99213,2026-03-02,e119,C4A.9,
    /// CLM0004,1,99213,2026-03-02,250.00,,DXC001
    /// CLM0005,1,99213,2015-09-30,250.00,V20.2,
    /// ```
    ///
    /// ## How to fix
    /// Look the diagnosis up and enter one code a cell. Codes of the edition before were not
    /// translated: bill the code that is in force on the day of service.
    ///
    /// ## Source
    /// ICD-10-CM and ICD-9-CM (CMS and NCHS): shapes of the codes, and the change on 2015-10-01.
    pub static RULE = {
        code: "DXC001", name: "malformed-diagnosis", title: "Malformed diagnosis code",
        fix: "enter one code of the edition that is in use on the day of service",
        scope: Line, category: Diagnosis, severity: Error, since: "0.1.0",
        reads: [
            Diagnosis, Diagnosis2, Diagnosis3, Diagnosis4, Diagnosis5, Diagnosis6, Diagnosis7,
            Diagnosis8, Diagnosis9, Diagnosis10, Diagnosis11, Diagnosis12, ServiceDate, ServiceEnd,
            RevenueCode,
        ],
        needs: [Diagnosis], build: build,
    }
}

struct MalformedDiagnosis;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MalformedDiagnosis)))
}

/// The edition in use, where the day is known.
fn is_right(cell: Cell<Diagnosis>, is_ten: Option<bool>) -> bool {
    cell.value().is_some_and(|code| match is_ten {
        Some(true) => code.fits_ten,
        Some(false) => code.fits_nine,
        None => true,
    })
}

impl LineCheck for MalformedDiagnosis {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let mut cells = filled(line).peekable();
        if cells.peek().is_none() {
            return;
        }
        out.judge();
        let is_ten = day(line).map(is_of_ten);
        let mut malformed = cells.filter(|(_, cell)| !is_right(*cell, is_ten));
        if let Some((field, cell)) = malformed.next() {
            report(line, (field, cell), malformed.count(), is_ten, out);
        }
    }
}

#[cold]
fn report(
    line: Line<'_>,
    (field, cell): (Field, Cell<Diagnosis>),
    more: usize,
    is_ten: Option<bool>,
    out: &mut Findings,
) {
    let (told, advice) = match (is_ten, cell != Cell::Malformed) {
        (Some(true), true) => {
            ("is of ICD-9-CM, on a day from 2015-10-01 on", "bill the code of ICD-10-CM")
        }
        (Some(false), true) => {
            ("is of ICD-10-CM, on a day before 2015-10-01", "bill the code of ICD-9-CM")
        }
        _ => ("is no diagnosis code", "enter one code a cell"),
    };
    let more = if more > 0 { format!(", and {more} more of the line") } else { String::new() };
    out.report(line.row(), Some(field), format_args!("{field} {told}{more}: {advice}"));
}
