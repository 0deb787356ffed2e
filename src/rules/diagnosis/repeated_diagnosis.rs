//! DXC007: one diagnosis in two cells of a line.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Field, Findings, Line};
use crate::rules::diagnosis::codes::filled;

declare_rule! {
    /// ## What it checks
    /// That no two of the twelve diagnosis cells of a line hold the same code, with or without the
    /// dot and whatever the case. A longer code under a shorter one is another diagnosis. Malformed
    /// codes are left to DXC001. A line has one finding.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects a claim that lists a diagnosis twice, and the second one takes the
    /// place of one that matters.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,diagnosis_1,diagnosis_2,diagnosis_3,expect
    /// CLM0001,1,99213,2026-03-02,E11.9,I10,E78.5,
    /// CLM0002,1,99213,2026-03-02,E11.9,I10,e119,DXC007
    /// CLM0003,1,99213,2026-03-02,E11.9,E11.90,,
    /// ```
    ///
    /// ## How to fix
    /// Drop the second one and set the pointers of the lines anew.
    ///
    /// ## Source
    /// ICD-10-CM Official Guidelines, section I.B.12: each code is reported once for an encounter.
    pub static RULE = {
        code: "DXC007", name: "repeated-diagnosis", title: "Diagnosis listed twice",
        fix: "drop the second one and set the pointers anew",
        scope: Line, category: Diagnosis, severity: Warning, since: "0.1.0",
        reads: [
            Diagnosis, Diagnosis2, Diagnosis3, Diagnosis4, Diagnosis5, Diagnosis6, Diagnosis7,
            Diagnosis8, Diagnosis9, Diagnosis10, Diagnosis11, Diagnosis12,
        ],
        needs: [Diagnosis, Diagnosis2], build: build,
    }
}

struct RepeatedDiagnosis;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(RepeatedDiagnosis)))
}

impl LineCheck for RepeatedDiagnosis {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let mut seen = [(0, Field::Diagnosis); Field::DIAGNOSES.len()];
        let mut count = 0;
        for (field, cell) in filled(line) {
            let Cell::Value(code) = cell else { continue };
            let known = seen.iter().take(count).find(|(key, _)| *key == code.key());
            if let Some((_, before)) = known {
                out.judge();
                let told = format_args!("{field} repeats {before}: drop it and set pointers anew");
                out.report(line.row(), Some(field), told);
                return;
            }
            seen.get_mut(count).into_iter().for_each(|free| *free = (code.key(), field));
            count += 1;
        }
        if count > 1 {
            out.judge();
        }
    }
}
