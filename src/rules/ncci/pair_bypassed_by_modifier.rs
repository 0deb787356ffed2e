//! PTP003: a code that is paid beside another of the day because of a modifier.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::modifiers;
use crate::rules::ncci::pair_lines::{self, Pair, Pairs};

declare_rule! {
    /// ## What it checks
    /// Which lines a modifier lets through: two lines of a patient, day and rendering provider
    /// whose codes are a pair of indicator 1 in the NCCI edits of that day, with an NCCI modifier
    /// on one of them. The finding is at the line of the code in column two. Nothing is wrong with
    /// it; every preset leaves the rule off, and `--extend-select PTP003` brings it in.
    ///
    /// ## Why it matters
    /// Payers and auditors look at these modifiers, 59 most of all: what was paid because of one is
    /// taken back where the record shows no distinct service.
    ///
    /// ## Options
    /// - `setting` (default `"by-line"`): whose edits count. `"by-line"`: lines with a revenue code
    ///   are judged by those of outpatient hospitals, all others by those of practitioners.
    ///   `"practitioner"` and `"outpatient"`: all lines by these.
    ///
    /// Set it for PTP001, PTP002 and PTP003 alike, under `[rules.PTP]`.
    ///
    /// ## Example
    /// With edits for practitioners in which 10203 is paid beside 10201 with a modifier:
    ///
    /// ```csv
    /// claim_id,patient_id,service_date,rendering_npi,procedure_code,modifier_1,units,expect
    /// CLM0001,M1,2026-03-02,1234567893,10201,,1,
    /// CLM0002,M1,2026-03-02,1234567893,10203,59,1,PTP003
    /// CLM0003,M2,2026-03-02,1234567893,10201,,1,
    /// CLM0003,M2,2026-03-02,1234567893,10203,,1,PTP002
    /// ```
    ///
    /// ## How to fix
    /// See that the record shows distinct services.
    ///
    /// ## Source
    /// NCCI procedure-to-procedure edits and the NCCI Policy Manual (CMS).
    pub static RULE = {
        code: "PTP003", name: "pair-bypassed-by-modifier",
        title: "Code that a modifier lets through beside another of the day",
        fix: "see that the record shows distinct services",
        scope: Day, category: Ncci, severity: Info, since: "0.1.0",
        reads: [PatientId, ClaimId, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, RenderingNpi, BillingNpi,
            RevenueCode, ClaimFrequency, BillType],
        needs: [PatientId, ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    pair_lines::check(builder, Pairs::WithModifier, say)
}

fn say(pair: &Pair) -> String {
    let (two, beside, since) = (pair.two, pair.beside(), pair.since());
    let modifier = pair.modifier.as_ref().map_or("", modifiers::text);
    format!(
        "{two} passes beside {beside} by modifier {modifier} (indicator 1{since}): see that the \
         record shows distinct services"
    )
}
