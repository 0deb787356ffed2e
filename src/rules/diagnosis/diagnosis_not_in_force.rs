//! DXC004: a diagnosis code on a day on which it is not in force.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::Date;
use crate::reference::DiagnosisAnswer;
use crate::rules::diagnosis::look_up;

declare_rule! {
    /// ## What it checks
    /// That each diagnosis code is in force on the day of service: codes come and go on 1 October,
    /// and some on 1 April. The editions of ICD-10-CM that were taken in with
    /// `claimlint refdata import` say so. The day is the first of the line, on an institutional
    /// line (with a revenue code) the last. The first and the last day of a code count as in force.
    /// A line has one finding.
    ///
    /// ## Why it matters
    /// Payers answer with CARC 146. After each October the codes of the year before go on being
    /// billed from favorites and templates.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,diagnosis_1,expect
    /// CLM0001,1,99213,2026-03-31,G9A.4,
    /// CLM0002,1,99213,2026-04-01,G9A.4,DXC004
    /// ```
    /// The codes are invented; G9A.4 ended on 2026-03-31. Without an edition nothing is judged.
    ///
    /// ## How to fix
    /// Bill the code of the edition that is in force on the day of service.
    ///
    /// ## Source
    /// ICD-10-CM (CMS and NCHS): editions are in force by the day of service, or of discharge.
    pub static RULE = {
        code: "DXC004", name: "diagnosis-not-in-force", title: "Diagnosis code not in force",
        fix: "bill the code that is in force on the day of service",
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
    let told = match answer {
        DiagnosisAnswer::NotYet(first) => format!("comes into force on {first}, after {on}"),
        DiagnosisAnswer::Ended(last) => format!("was in force until {last}, before {on}"),
        _ => return None,
    };
    Some(format!("{told}: bill the code of the day"))
}
