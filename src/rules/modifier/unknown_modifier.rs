//! MOD002: a modifier that no list has.

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
    /// That every modifier is one of CPT or HCPCS Level II, whenever it was in force. The list is
    /// built in, and one that you took in goes before it; `extra-modifiers` in the configuration
    /// adds your own.
    ///
    /// On ambulance codes (`A0` and three digits) two letters of D, E, G, H, I, J, N, P, R, S and X
    /// say where the ambulance set out and where it went. They are in no list and are right there.
    ///
    /// ## Why it matters
    /// The claim comes back with CARC 4. Most unknown modifiers are slips: letters for digits, or a
    /// value of another column.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,service_date,expect
    /// CLM0001,1,93000,59,2026-03-02,
    /// CLM0001,2,71046,5S,2026-03-02,MOD002
    /// CLM0002,1,A0429,RH,2026-03-02,
    /// CLM0003,1,99213,RH,2026-03-02,MOD002
    /// ```
    ///
    /// ## How to fix
    /// Look the modifier up in the chart or the charge ticket and enter it.
    ///
    /// ## Source
    /// The modifiers of CPT (American Medical Association) and of HCPCS Level II (CMS); CMS,
    /// Medicare Claims Processing Manual, chapter 15, for ambulances.
    pub static RULE = {
        code: "MOD002", name: "unknown-modifier", title: "Unknown modifier",
        fix: "look the modifier up in the chart or charge ticket",
        scope: Line, category: Modifier, severity: Error, since: "0.1.0",
        reads: [ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4, ServiceDate],
        needs: [Modifier1, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    in_force::check(builder, |answer| answer == Answer::Unknown, report)
}

fn report(line: Line<'_>, wrong: &[(usize, Modifier, Answer)], out: &mut Findings) {
    let names: Vec<String> = wrong.iter().map(|(_, one, _)| text(one).to_owned()).collect();
    let field = wrong.first().map(|(at, ..)| cell_of(line, *at));
    let are = if wrong.len() == 1 { "is" } else { "are" };
    let names = listed(&names);
    let noun = noun(&names);
    out.report(
        line.row(),
        field,
        format_args!("{noun} {names} {are} in no list of modifiers: look up what was meant"),
    );
}
