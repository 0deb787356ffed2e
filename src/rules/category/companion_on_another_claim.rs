//! CII003: a Category II line whose service is on another claim of the patient's day.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, Detour, GroupCheck, Look};
use crate::model::{Field, Findings, Group, Line, Related};
use crate::rules::category::companions::{COMPANION, Companions};

declare_rule! {
    /// ## What it checks
    /// Whether a Category II line whose claim lacks a Category I code has one on another claim for
    /// the same patient and day. Then this finding takes the place of CII001 or CII002. A service
    /// of several days counts on each of its first 31 days; the Category II line counts by its own
    /// first day.
    ///
    /// ## Why it matters
    /// A claim form has room for some lines only, so billing systems put Category II codes on a
    /// claim of their own. Most payers put the two together again; Medicare wants them on one
    /// claim. So this is worth knowing, no more.
    ///
    /// ## Options
    /// - `fallback` (default `["patient_id", "service_date"]`): the fields that lines must share to
    ///   be put together beyond their claims; an empty list looks no further.
    /// - `window-days` (default 0): days by which the companion's day may differ, at most 31: a
    ///   result is reported on the day it came in.
    /// - `companions`, `exempt-codes`, `group-by`, `exempt-payers`, `quality-codes`: see CII001.
    ///
    /// Set them for CII001 to CII006 alike, under `[rules.CII]`. Without this rule, CII001 and
    /// CII002 judge each claim for itself.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,patient_id,service_date,procedure_code,expect
    /// CLM0001,M0001,2026-03-02,99213,
    /// CLM0002,M0001,2026-03-02,3044F,CII003
    /// CLM0003,M0001,2026-03-09,3044F,CII001
    /// CLM0004,M0002,2026-03-02,3044F,CII001
    /// ```
    ///
    /// ## How to fix
    /// Nothing, if the payer accepts it. Otherwise bill both codes on one claim.
    ///
    /// ## Source
    /// CPT (American Medical Association): Category II codes go with the codes of services;
    /// X12 837P holds at most 50 service lines on a claim.
    pub static RULE = {
        code: "CII003", name: "companion-on-another-claim",
        title: "Category I code on another claim of the day",
        fix: "bill both codes on one claim if the payer wants that",
        scope: Claim, category: CategoryTwo, severity: Info, since: "0.1.0",
        reads: [ClaimId, ProcedureCode, PatientId, ServiceDate, ServiceEnd, Payer],
        needs: [ClaimId, ProcedureCode, PatientId, ServiceDate], build: build,
    }
}

struct CompanionOnAnotherClaim {
    companions: Companions,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let companions = Companions::read(builder.options)?;
    if companions.group_by() != [Field::ClaimId] || companions.fallback().is_empty() {
        let why = "group-by and fallback leave it nothing to look for beyond the group";
        return Ok(Check::Idle(why.to_owned()));
    }
    Ok(Check::Group(Box::new(CompanionOnAnotherClaim { companions })))
}

impl GroupCheck for CompanionOnAnotherClaim {
    fn key(&self) -> &[Field] {
        self.companions.group_by()
    }

    fn look(&self, line: Line<'_>) -> Look {
        self.companions.look(line)
    }

    fn settled_by(&self) -> u8 {
        COMPANION
    }

    fn detour(&self) -> Option<Detour> {
        const { assert!(COMPANION == Detour::FACT) }
        let key = self.companions.fallback().to_vec();
        Some(Detour { key, window_days: self.companions.window_days() })
    }

    fn check(&self, group: &Group<'_>, out: &mut Findings) {
        if group.has(COMPANION) {
            return;
        }
        let wanted = self.companions.wanted();
        for (at, line) in group.kept.iter().enumerate() {
            let Some(witness) = line.elsewhere else { continue };
            let (code, other) = (line.code, witness.code);
            let why = format_args!(
                "no {wanted} code goes with {code} on its claim; {other} is on another one for \
                 the patient and day"
            );
            out.report(at, Some(Field::ProcedureCode), why).related =
                vec![Related { place: witness.place, value: other.to_string() }];
        }
    }
}
