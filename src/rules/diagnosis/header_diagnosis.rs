//! DXC003: a diagnosis code that has longer codes under it.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::Date;
use crate::reference::DiagnosisAnswer;
use crate::rules::diagnosis::look_up;

declare_rule! {
    /// ## What it checks
    /// That no diagnosis code is a header: one that only stands for the longer codes under it. A
    /// short code with nothing under it is right. The editions of ICD-10-CM that were taken in
    /// with `claimlint refdata import` say so, by the first day of the line, or the last of an
    /// institutional one (with a revenue code). A line has one finding.
    ///
    /// ## Why it matters
    /// Payers deny a diagnosis that is not coded to the last character: CARC 146. The seventh
    /// character of injuries is forgotten most often.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,diagnosis_1,expect
    /// CLM0001,1,99213,2026-03-02,S9Z.X01A,
    /// CLM0002,1,99213,2026-03-02,S9Z,DXC003
    /// ```
    /// The codes are invented; the edition has S9Z.X01A under S9Z. Without an edition nothing is
    /// judged.
    ///
    /// ## How to fix
    /// Choose the code under it that the chart supports.
    ///
    /// ## Source
    /// ICD-10-CM Official Guidelines, section I.B.2: codes are billed with all their characters.
    /// The order file of CMS marks headers with 0.
    pub static RULE = {
        code: "DXC003", name: "header-diagnosis", title: "Diagnosis code that is not complete",
        fix: "choose the longer code under it that the chart supports",
        scope: Line, category: Diagnosis, severity: Error, since: "0.1.0",
        reads: [
            Diagnosis, Diagnosis2, Diagnosis3, Diagnosis4, Diagnosis5, Diagnosis6, Diagnosis7,
            Diagnosis8, Diagnosis9, Diagnosis10, Diagnosis11, Diagnosis12, ServiceDate, ServiceEnd,
            RevenueCode,
        ],
        needs: [Diagnosis, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    look_up::build(builder, tell)
}

fn tell(answer: DiagnosisAnswer, _: Date) -> Option<String> {
    let is_header = answer == DiagnosisAnswer::Header;
    is_header.then(|| "has longer codes under it: bill one of them".to_owned())
}
