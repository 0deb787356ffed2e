//! DAT004: a service before the patient was born.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::finding::Why;
use crate::model::{Cell, Field, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That the first day of service is not before the patient's date of birth. The day of birth
    /// itself is right: newborns are seen on it. The message never says the date of birth.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects the claim: the patient cannot be the one whom the payer knows. Often
    /// the birth date is the day of registration, or the services are those of the mother.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,patient_id,patient_birth_date,procedure_code,service_date,expect
    /// CLM0001,1,M000001,1980-05-04,99213,2026-03-02,
    /// CLM0002,1,M000004,2026-05-04,99213,2026-03-02,DAT004
    /// CLM0003,1,M000002,2026-03-02,99460,2026-03-02,
    /// CLM0004,1,M000003,,99213,2026-03-02,
    /// ```
    ///
    /// ## How to fix
    /// Look both dates up. A service given to the mother belongs on the mother's claim.
    ///
    /// ## Source
    /// X12 837: the patient's date of birth is not after any service.
    pub static RULE = {
        code: "DAT004", name: "service-before-birth", title: "Service before the patient's birth",
        fix: "look the day of service and the date of birth up",
        scope: Line, category: Date, severity: Error, since: "0.1.0",
        reads: [ServiceDate, PatientBirthDate], needs: [ServiceDate, PatientBirthDate],
        build: build,
    }
}

struct ServiceBeforeBirth;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ServiceBeforeBirth)))
}

impl LineCheck for ServiceBeforeBirth {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let (day, born) = match (line.service_date(), line.birth_date()) {
            (Cell::Value(day), Cell::Value(born)) => (day, born),
            (Cell::Missing, _) | (_, Cell::Missing) => return,
            (Cell::Malformed, _) => {
                return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
            }
            (_, Cell::Malformed) => {
                return out.leave_out(line.row(), Why::Lacks(Field::PatientBirthDate));
            }
        };
        out.judge();
        if day < born {
            out.report(
                line.row(),
                Some(Field::ServiceDate),
                format_args!(
                    "service_date {day} is before the patient's date of birth: look both dates up"
                ),
            );
        }
    }
}
