//! MOD003: a modifier that is not in force on the day of service.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::modifiers::text;
use crate::model::{Findings, Line, Modifier};
use crate::reference::Answer;
use crate::rules::modifier::cells::{cell_of, listed, noun};
use crate::rules::modifier::in_force;

declare_rule! {
    /// ## What it checks
    /// That every modifier was in force on the day of service: begun already, and not ended. The
    /// days are built in for the modifiers of HCPCS Level II since 2010; a list that you took in
    /// goes before them. The last day is one of a modifier's days.
    ///
    /// ## Why it matters
    /// The day of service decides which modifiers are valid. Payers answer with CARC 182.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,service_date,expect
    /// CLM0001,1,J1885,JG,2024-12-31,
    /// CLM0002,1,J1885,JG,2025-01-01,MOD003
    /// CLM0003,1,99213,93,2021-12-31,MOD003
    /// CLM0004,1,99213,93,2022-01-01,
    /// ```
    ///
    /// ## How to fix
    /// Use the modifier that was in force on the day of service, or leave it out where none took
    /// its place.
    ///
    /// ## Source
    /// HCPCS Level II (CMS), whose file has the first and last day of each modifier, and the lists
    /// that you took in.
    pub static RULE = {
        code: "MOD003", name: "modifier-not-in-force", title: "Modifier not in force",
        fix: "use the modifier that was in force on the day of service",
        scope: Line, category: Modifier, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4, ServiceDate],
        needs: [Modifier1, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let is_wrong = |answer| matches!(answer, Answer::NotYet(_) | Answer::Ended(_));
    in_force::check(builder, is_wrong, report)
}

fn report(line: Line<'_>, wrong: &[(usize, Modifier, Answer)], out: &mut Findings) {
    let told = wrong.iter().map(|(_, modifier, answer)| match answer {
        Answer::NotYet(first) => format!("{} (first day {first})", text(modifier)),
        Answer::Ended(last) => format!("{} (last day {last})", text(modifier)),
        _ => text(modifier).to_owned(),
    });
    let told = listed(&told.collect::<Vec<_>>());
    let field = wrong.first().map(|(at, ..)| cell_of(line, *at));
    let are = if wrong.len() == 1 { "is" } else { "are" };
    let noun = noun(&told);
    out.report(
        line.row(),
        field,
        format_args!("{noun} {told} {are} not in force on the day of service: use one that is"),
    );
}
