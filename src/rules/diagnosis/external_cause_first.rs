//! DXC006: the cause of an injury in the place of the injury.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Cell, Field, Findings, Line};
use crate::rules::diagnosis::codes::{day, filled, is_of_ten};

declare_rule! {
    /// ## What it checks
    /// That the first diagnosis is no external cause: V00 to Y99 of ICD-10-CM, or E000 to E999 of
    /// ICD-9-CM on days before 2015-10-01. The V codes of ICD-9-CM are reasons for a visit and
    /// right, and so are external causes in any other place.
    ///
    /// ## Why it matters
    /// An external cause says how an injury came about, not what is treated. Payers reject the
    /// claim: CARC 146.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,diagnosis_1,diagnosis_2,expect
    /// CLM0001,1,99213,2026-03-02,S60.021A,W22.8XXA,
    /// CLM0002,1,99213,2026-03-02,W22.8XXA,S60.021A,DXC006
    /// CLM0003,1,99213,2026-03-02,Z00.00,,
    /// CLM0004,1,99213,2015-03-02,V20.2,,
    /// ```
    ///
    /// ## How to fix
    /// List the injury first and its cause after it.
    ///
    /// ## Source
    /// ICD-10-CM Official Guidelines, section I.C.20: external causes are never listed first.
    pub static RULE = {
        code: "DXC006", name: "external-cause-first", title: "External cause as first diagnosis",
        fix: "list the injury first and its cause after it",
        scope: Line, category: Diagnosis, severity: Error, since: "0.1.0",
        reads: [Diagnosis, ServiceDate, ServiceEnd, RevenueCode], needs: [Diagnosis, ServiceDate],
        build: build,
    }
}

struct ExternalCauseFirst;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ExternalCauseFirst)))
}

impl LineCheck for ExternalCauseFirst {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let Some((Field::Diagnosis, Cell::Value(code))) = filled(line).next() else { return };
        let of_nine = code.fits_nine && code.begins_with(b'E'..=b'E');
        let of_ten = code.fits_ten && code.begins_with(b'V'..=b'Y');
        let is_cause = match day(line).map(is_of_ten) {
            Some(is_ten) => (is_ten && of_ten) || (!is_ten && of_nine),
            None if of_nine || of_ten => {
                return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
            }
            None => false,
        };
        out.judge();
        if is_cause {
            out.report(
                line.row(),
                Some(Field::Diagnosis),
                format_args!("the first diagnosis is an external cause: list the injury before it"),
            );
        }
    }
}
