//! COD011: a procedure code that came into force after the day of service.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::{Code, Field, Findings, Line};
use crate::reference::Answer;
use crate::rules::code::in_force;

declare_rule! {
    /// ## What it checks
    /// That the procedure code was in force already on the day of service, by the lists of codes
    /// that you took in. A code is judged only by a complete list that has codes of its class.
    ///
    /// ## Why it matters
    /// The day of service decides which codes are valid, not the day of the bill. Since 2005 there
    /// is no time of grace around the turn of the year. Payers answer with CARC 181.
    ///
    /// ## Example
    /// With a list of procedure codes for 2025 that has 10102 from July on:
    ///
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,expect
    /// CLM0001,1,10102,2025-06-30,COD011
    /// CLM0002,1,10102,2025-07-01,
    /// ```
    ///
    /// ## How to fix
    /// Bill the code that was in force on the day of service, or mend the day.
    ///
    /// ## Source
    /// HCPCS Level II (CMS), whose file has the first day of each code, and the lists that you
    /// took in.
    pub static RULE = {
        code: "COD011", name: "procedure-code-not-yet-in-force",
        title: "Procedure code not yet in force",
        fix: "bill the code that was in force on the day of service",
        scope: Line, category: CodeValidity, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, ServiceDate], needs: [ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    in_force::check(builder, report)
}

fn report(line: Line<'_>, code: Code, answer: Answer, out: &mut Findings) {
    if let Answer::NotYet(first) = answer {
        out.report(
            line.row(),
            Some(Field::ProcedureCode),
            format_args!("{code} is in force from {first} on: use the code of the day of service"),
        );
    }
}
