//! MUE001: more units on a line than are likely.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Cell, Cents, Field, Findings, Line, Procedure, Units, Why};
use crate::rules::ncci::limits::{Found, Lately, Limits, of_a_day};

declare_rule! {
    /// ## What it checks
    /// That a line has no more units than the medically unlikely edit of its code allows, where the
    /// edit is one by line (indicator 1). 0 is a limit too. The units of a line over several days
    /// are divided by its days and rounded. Minutes are no units; where no column says what the
    /// units are, those of anesthesia are taken for minutes. A code without an edit is not judged:
    /// not all edits are published.
    ///
    /// ## Why it matters
    /// Payers deny the line (CARC 151, RARC N362). Often the units are a slip: minutes, milligrams
    /// or a count of another code.
    ///
    /// ## Options
    /// - `setting` (default `"by-line"`): whose edits count. `"by-line"`: lines with a revenue code
    ///   are judged by those of outpatient hospitals, all others by those of practitioners.
    ///   `"practitioner"`, `"outpatient"` and `"dme"`: all lines by these.
    ///
    /// Set it for MUE001, MUE002 and MUE003 alike, under `[rules.MUE]`.
    ///
    /// ## Example
    /// With a limit for practitioners of 2 units by line for 10301:
    ///
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,service_end,units,expect
    /// CLM0001,1,10301,2026-03-02,2026-03-02,2,
    /// CLM0001,2,10301,2026-03-02,2026-03-02,3,MUE001
    /// CLM0002,1,10301,2026-03-02,2026-03-03,4,
    /// ```
    ///
    /// ## How to fix
    /// Look the units up in the record. Services that were given again are lines of their own, with
    /// the modifier that says why.
    ///
    /// ## Source
    /// NCCI medically unlikely edits (CMS), the edition that covers the day of service; X12 claim
    /// adjustment reason code 151, remark code N362.
    pub static RULE = {
        code: "MUE001", name: "units-over-line-limit",
        title: "More units on a line than its code allows",
        fix: "look the units up, and bill services that were given again as lines of their own",
        scope: Line, category: Ncci, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, ServiceDate, ServiceEnd, Units, UnitType, Charge, RevenueCode,
            ClaimFrequency, BillType],
        needs: [ProcedureCode, ServiceDate, Units], build: build,
    }
}

/// The indicator of an edit by line.
const BY_LINE: u8 = 1;

struct UnitsOverLineLimit(Limits);

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let limits = Limits::read(builder)?;
    Ok(match limits {
        Some(limits) => Check::Line(Box::new(UnitsOverLineLimit(limits))),
        None => Check::Unready(Limits::unready()),
    })
}

impl UnitsOverLineLimit {
    #[inline]
    fn judge(&self, line: Line<'_>, lately: &mut Lately, out: &mut Findings) {
        let Procedure::Coded(code, _) = line.procedure() else { return };
        if line.units() == Cell::Value(Units(0)) {
            return;
        }
        let Some(days) = line.service_days() else {
            return out.leave_out(line.row(), Why::Lacks(Field::ServiceDate));
        };
        let question = (self.0.setting_of(line.is_institutional()), code, days.0);
        let limit = match self.0.find(question, BY_LINE, lately) {
            Found::Limit(limit) => limit,
            Found::None => return,
            Found::NotCovered(kind) => {
                return out.leave_out(line.row(), Why::NotCovered(kind, days.0));
            }
        };
        if line.is_in_minutes() || takes_back(line) {
            return;
        }
        let Cell::Value(units) = line.units() else {
            return out.leave_out(line.row(), Why::Lacks(Field::Units));
        };
        out.judge();
        let daily = of_a_day(units, days);
        if daily.0 > i64::from(limit) * Units::ONE.0 {
            let a_day = if days.0 == days.1 { "" } else { " a day" };
            let why = format_args!(
                "units of {code} are {daily}{a_day}, and the limit by line is {limit} \
                 (indicator 1): look them up"
            );
            out.report(line.row(), Some(Field::Units), why);
        }
    }
}

/// Whether the line takes back what another one billed.
fn takes_back(line: Line<'_>) -> bool {
    let negative = matches!(line.charge(), Cell::Value(Cents(cents)) if cents < 0)
        || matches!(line.units(), Cell::Value(Units(units)) if units < 0);
    negative || line.frequency() == b'8'
}

impl LineCheck for UnitsOverLineLimit {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        self.judge(line, &mut Lately::none(), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        let mut lately = Lately::default();
        batch.lines().for_each(|line| self.judge(line, &mut lately, out));
    }
}
