//! COD012: a procedure code that was out of force before the day of service.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::{Code, Field, Findings, Line};
use crate::reference::Answer;
use crate::rules::code::in_force;

declare_rule! {
    /// ## What it checks
    /// That the procedure code was still in force on the day of service, by the lists of codes that
    /// you took in. The last day of a code is one of its days. A code is judged only by a complete
    /// list that has codes of its class.
    ///
    /// ## Why it matters
    /// Codes end at the turn of the year or of a quarter, and charge tickets keep them. Payers
    /// answer with CARC 181.
    ///
    /// ## Example
    /// With a list of procedure codes for 2025 that has 10103 up to June:
    ///
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,expect
    /// CLM0001,1,10103,2025-06-30,
    /// CLM0002,1,10103,2025-07-01,COD012
    /// ```
    ///
    /// ## How to fix
    /// Bill the code that took its place, and take the old one off the charge ticket.
    ///
    /// ## Source
    /// HCPCS Level II (CMS), whose file has the last day of each code, and the lists that you took
    /// in.
    pub static RULE = {
        code: "COD012", name: "ended-procedure-code", title: "Ended procedure code",
        fix: "bill the code that took its place",
        scope: Line, category: CodeValidity, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, ServiceDate], needs: [ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    in_force::check(builder, report)
}

fn report(line: Line<'_>, code: Code, answer: Answer, out: &mut Findings) {
    if let Answer::Ended(last) = answer {
        out.report(
            line.row(),
            Some(Field::ProcedureCode),
            format_args!("{code} was in force until {last}: use the code that took its place"),
        );
    }
}
