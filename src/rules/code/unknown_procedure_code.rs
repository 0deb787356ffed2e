//! COD010: a procedure code that no list has.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::{Code, Field, Findings, Line};
use crate::reference::Answer;
use crate::rules::code::in_force;

declare_rule! {
    /// ## What it checks
    /// That the procedure code is in a list of codes for the day of service. The lists are the ones
    /// that you took in: HCPCS Level II, or procedure codes of any kind. A code is judged only by a
    /// complete list that has codes of its class: a file of HCPCS Level II accuses no CPT code.
    ///
    /// Codes outside the ranges of their category are left to CAT001 and CAT002, damaged ones to
    /// COD003, and those that a list has for other days to COD011 and COD012.
    ///
    /// ## Why it matters
    /// A code that was never published is a slip of the pen or one of your own. Payers answer with
    /// CARC 181.
    ///
    /// ## Example
    /// With a list of procedure codes for 2025 that has 10101 and not 10104:
    ///
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,expect
    /// CLM0001,1,10101,2025-03-03,
    /// CLM0001,2,10104,2025-03-03,COD010
    /// CLM0001,3,10104,2023-03-03,
    /// ```
    /// No list covers 2023, so nobody is accused.
    ///
    /// ## How to fix
    /// Look the code up in the chart or the charge ticket. Where the code is right, the list is
    /// not complete: take a newer one in.
    ///
    /// ## Source
    /// HCPCS Level II (CMS) and the lists that you took in.
    pub static RULE = {
        code: "COD010", name: "unknown-procedure-code", title: "Unknown procedure code",
        fix: "look the code up in the chart or charge ticket, or take in a newer list of codes",
        scope: Line, category: CodeValidity, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, ServiceDate], needs: [ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    in_force::check(builder, report)
}

fn report(line: Line<'_>, code: Code, answer: Answer, out: &mut Findings) {
    if answer == Answer::Unknown {
        out.report(
            line.row(),
            Some(Field::ProcedureCode),
            format_args!("{code} is in no list of procedure codes: look the code up"),
        );
    }
}
