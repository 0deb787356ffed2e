//! MUE002: more units of a day than are possible, by policy.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::rules::ncci::day_limits;

declare_rule! {
    /// ## What it checks
    /// That a patient got no more units of a code from a provider on a day than the medically
    /// unlikely edit of the code allows, where the edit is one by day and by policy (indicator 2).
    /// Units are summed over lines and claims of the patient, first day and rendering provider,
    /// whatever their modifiers; every line of the code is a finding. 0 is a limit too. Units of a
    /// line over several days are divided by its days and rounded. Minutes are no units. Lines that
    /// are void, replaced or mirrored are no part of it. A code without an edit is not judged: not
    /// all are published.
    ///
    /// ## Why it matters
    /// The limit follows from anatomy, from the code's own words or from policy, so nothing lifts
    /// it: payers deny all units of the day (CARC 151, RARC N362).
    ///
    /// ## Options
    /// - `setting` (default `"by-line"`): whose edits count. `"by-line"`: lines with a revenue code
    ///   are judged by those of outpatient hospitals, all others by those of practitioners.
    ///   `"practitioner"`, `"outpatient"` and `"dme"`: all lines by these.
    ///
    /// Set it for MUE001, MUE002 and MUE003 alike, under `[rules.MUE]`.
    ///
    /// ## Example
    /// With a limit for practitioners of 2 units by day for 10302:
    ///
    /// ```csv
    /// claim_id,patient_id,service_date,rendering_npi,procedure_code,modifier_1,units,expect
    /// CLM0001,M1,2026-03-02,1234567893,10302,,2,MUE002
    /// CLM0002,M1,2026-03-02,1234567893,10302,59,1,MUE002
    /// CLM0003,M2,2026-03-02,1234567893,10302,,1,
    /// CLM0003,M2,2026-03-02,1234567893,10302,59,1,
    /// ```
    ///
    /// ## How to fix
    /// Look the units up in the record, and correct or remove lines.
    ///
    /// ## Source
    /// NCCI medically unlikely edits (CMS), the edition that covers the day of service; X12 claim
    /// adjustment reason code 151, remark code N362.
    pub static RULE = {
        code: "MUE002", name: "units-over-day-limit-by-policy",
        title: "More units of a day than policy allows",
        fix: "look the units up, and correct or remove lines",
        scope: Day, category: Ncci, severity: Error, since: "0.1.0",
        reads: [PatientId, ClaimId, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, UnitType, Charge, PlaceOfService, RenderingNpi,
            BillingNpi, RevenueCode, ClaimFrequency, BillType],
        needs: [PatientId, ProcedureCode, ServiceDate, Units], build: build,
    }
}

/// The indicator of these edits.
const INDICATOR: u8 = 2;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    day_limits::check(builder, INDICATOR, "policy")
}
