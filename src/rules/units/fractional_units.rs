//! UNT002: a part of a service where only whole ones are counted.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Cell, Class, Code, Field, Findings, Line, Procedure};
use crate::rules::listed_codes::ListedCodes;

/// Codes that are counted in parts: mileage, radiopharmaceuticals, drugs of hospitals, drugs,
/// temporary codes of drugs and contrast, anesthesia.
const COUNTED_IN_PARTS: [&str; 14] = [
    "A0021",
    "A0080-A0090",
    "A0160",
    "A0380",
    "A0390",
    "A0425",
    "A0435-A0436",
    "A9500-A9800",
    "C9000-C9399",
    "J0000-J9999",
    "Q0000-Q9999",
    "S0209",
    "S0215",
    "00100-01999",
];

declare_rule! {
    /// ## What it checks
    /// That units are a whole number. `1.0` is one. Parts are right for drugs, biologicals and
    /// radiopharmaceuticals, mileage and anesthesia, and where the units are minutes. Units that
    /// are no number, or not above zero, are left to UNT001.
    ///
    /// ## Why it matters
    /// Payers round or reject parts of a service. Often minutes or hours were divided by the length
    /// of a unit, or two columns were exchanged.
    ///
    /// ## Options
    /// - `exempt-codes` (default `["A0021", "A0080-A0090", "A0160", "A0380", "A0390", "A0425",
    ///   "A0435-A0436", "A9500-A9800", "C9000-C9399", "J0000-J9999", "Q0000-Q9999", "S0209",
    ///   "S0215", "00100-01999"]`): codes and ranges that may be billed in parts.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,units,expect
    /// CLM0001,1,97110,2,
    /// CLM0001,2,97110,1.5,UNT002
    /// CLM0001,3,97110,2.0,
    /// CLM0002,1,J1885,0.5,
    /// CLM0002,2,A0425,12.4,
    /// ```
    ///
    /// ## How to fix
    /// Count whole services: timed ones by the rule for parts of their unit.
    ///
    /// ## Source
    /// Medicare Claims Processing Manual: units of services are whole; mileage has tenths.
    pub static RULE = {
        code: "UNT002", name: "fractional-units", title: "Part of a service that is counted whole",
        fix: "count whole services",
        scope: Line, category: Amount, severity: Warning, since: "0.1.0",
        reads: [ProcedureCode, Units, UnitType], needs: [ProcedureCode, Units], build: build,
    }
}

struct FractionalUnits {
    in_parts: ListedCodes,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let in_parts = ListedCodes::read(builder.options, "exempt-codes", &COUNTED_IN_PARTS)?;
    builder.options.finish()?;
    Ok(Check::Line(Box::new(FractionalUnits { in_parts })))
}

impl LineCheck for FractionalUnits {
    #[inline]
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let (Procedure::Coded(code, class) | Procedure::Damaged(code, class, _)) = line.procedure()
        else {
            return;
        };
        let Cell::Value(units) = line.units() else { return };
        if units.0 <= 0 {
            return;
        }
        out.judge();
        if !units.is_whole() {
            self.report(line, code, class, out);
        }
    }
}

impl FractionalUnits {
    #[cold]
    fn report(&self, line: Line<'_>, code: Code, class: Class, out: &mut Findings) {
        let Cell::Value(units) = line.units() else { return };
        if !self.in_parts.have(code, class) && !line.is_in_minutes() {
            out.report(
                line.row(),
                Some(Field::Units),
                format_args!("{units} units of {code}, which is counted whole: count it again"),
            );
        }
    }
}
