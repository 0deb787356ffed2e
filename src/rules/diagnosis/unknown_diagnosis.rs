//! DXC002: a diagnosis code that ICD-10-CM never had.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::Date;
use crate::reference::DiagnosisAnswer;
use crate::rules::diagnosis::look_up;

declare_rule! {
    /// ## What it checks
    /// That each well-formed diagnosis code is one of ICD-10-CM, by the editions that were taken in
    /// with `claimlint refdata import`. The day is the first of the line, on an institutional line
    /// (with a revenue code) the last. Days before 2015-10-01, and days that no edition covers, are
    /// not judged. A code that was in force on other days is left to DXC004, one that is too short
    /// to DXC003. A line has one finding.
    ///
    /// ## Why it matters
    /// Payers answer with CARC 146 and deny the lines that point to the diagnosis.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,diagnosis_1,expect
    /// CLM0001,1,99213,2026-03-02,G9A.1,
    /// CLM0002,1,99213,2026-03-02,G9A.9,DXC002
    /// ```
    /// The codes are invented; the edition has G9A.1 and no G9A.9. Without an edition nothing is
    /// judged.
    ///
    /// ## How to fix
    /// Look the diagnosis up. A letter O for a zero, or an exchange of two digits, is the most
    /// frequent cause.
    ///
    /// ## Source
    /// ICD-10-CM (CMS and NCHS), one edition for each fiscal year from 1 October on.
    pub static RULE = {
        code: "DXC002", name: "unknown-diagnosis", title: "Diagnosis code that does not exist",
        fix: "look the diagnosis up",
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

fn tell(answer: DiagnosisAnswer, on: Date) -> Option<String> {
    let is_unknown = answer == DiagnosisAnswer::Unknown;
    is_unknown.then(|| format!("is no code of ICD-10-CM on {on}: look the diagnosis up"))
}
