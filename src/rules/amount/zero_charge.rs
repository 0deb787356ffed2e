//! AMT003: a service for nothing, or for a cent.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Cents, Class, Code, Field, Findings, Line, Procedure};
use crate::rules::listed_codes::ListedCodes;
use crate::rules::quality_codes::is_quality_code;

/// Codes that are billed without a charge by design: the visit after an operation that its fee
/// includes, vaccines against COVID-19 that the state paid for.
const FREE: [&str; 2] = ["99024", "91300-91322"];

/// Modifiers of what somebody else has paid for: vaccines of the state, devices given for free.
const PAID_BY_OTHERS: [[u8; 2]; 2] = [*b"SL", *b"FB"];

/// Nothing, and the cent of programs that cannot write nothing.
const TOKEN: [Cents; 2] = [Cents(0), Cents(1)];

declare_rule! {
    /// ## What it checks
    /// That the charge of a service is not 0.00 or 0.01. Such charges are right for Category II
    /// codes and for the quality codes of HCPCS (G8000 to G8999, G9188 to G9999 and M0001 to M1999
    /// but for the services among them), for supplies with modifier SL or FB that somebody else
    /// paid for, and on institutional lines (with a revenue code), whose charge may be in another
    /// line. Lines without a well-formed code are not judged, empty charges are none.
    ///
    /// ## Why it matters
    /// The service is not paid, and some payers reject the line. Mostly the fee schedule has no
    /// price for the code.
    ///
    /// ## Options
    /// - `exempt-codes` (default `["99024", "91300-91322"]`): codes and ranges that are billed
    ///   without a charge by design.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,charge,expect
    /// CLM0001,1,99213,125.00,
    /// CLM0001,2,3044F,0.00,
    /// CLM0001,3,85025,0.01,AMT003
    /// CLM0001,4,G8510,0.01,
    /// CLM0002,1,99213,0.00,AMT003
    /// CLM0003,1,99024,0.00,
    /// ```
    ///
    /// ## How to fix
    /// Enter the fee of the service. Exempt codes that you bill without a charge on purpose, and
    /// switch the rule off for payers that pay by the head.
    ///
    /// ## Source
    /// Category II codes and quality codes are billed at 0.00 or 0.01 (CMS, claims-based
    /// reporting); charges of services are the provider's own.
    pub static RULE = {
        code: "AMT003", name: "zero-charge", title: "Service without a charge",
        fix: "enter the fee of the service",
        scope: Line, category: Amount, severity: Warning, since: "0.1.0",
        reads: [
            ProcedureCode, Charge, RevenueCode, Modifier1, Modifier2, Modifier3, Modifier4,
        ],
        needs: [ProcedureCode, Charge], build: build,
    }
}

struct ZeroCharge {
    free: ListedCodes,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let free = ListedCodes::read(builder.options, "exempt-codes", &FREE)?;
    builder.options.finish()?;
    Ok(Check::Line(Box::new(ZeroCharge { free })))
}

impl LineCheck for ZeroCharge {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let (Procedure::Coded(code, class) | Procedure::Damaged(code, class, _)) = line.procedure()
        else {
            return;
        };
        let Cell::Value(charge) = line.charge() else { return };
        if class == Class::CategoryTwo {
            return;
        }
        if TOKEN.contains(&charge) {
            self.report(line, (code, class), charge, out);
        } else {
            out.judge();
        }
    }
}

impl ZeroCharge {
    #[cold]
    fn report(
        &self,
        line: Line<'_>,
        (code, class): (Code, Class),
        charge: Cents,
        out: &mut Findings,
    ) {
        if line.is_institutional() || is_quality_code(code, class) || self.free.have(code, class) {
            return;
        }
        out.judge();
        if !line.modifiers().has_any(&PAID_BY_OTHERS) {
            out.report(
                line.row(),
                Some(Field::Charge),
                format_args!("{code} has a charge of {charge}: enter the fee of the service"),
            );
        }
    }
}
