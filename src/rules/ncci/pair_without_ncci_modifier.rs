//! PTP002: a code that is paid beside another of the day with a modifier only, and without one.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::rules::ncci::pair_lines::{self, Pair, Pairs};

declare_rule! {
    /// ## What it checks
    /// That two lines of a patient, day and rendering provider whose codes are a pair of indicator
    /// 1 in the NCCI edits of that day have an NCCI modifier on one of them: 24, 25, 27, 57, 58,
    /// 59, 78, 79, 91, LT, RT, E1 to E4, FA, F1 to F9, TA, T1 to T9, LC, LD, LM, RC, RI, XE, XP, XS
    /// or XU. Modifiers 76 and 77 are none. The finding is at the line of the code in column two.
    /// Lines that are void, replaced, mirrored or of no units are no part of it.
    ///
    /// ## Why it matters
    /// Without such a modifier the code in column two is taken for a part of the other service and
    /// denied (CARC 236).
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
    /// CLM0002,M1,2026-03-02,1234567893,10203,76,1,PTP002
    /// CLM0003,M2,2026-03-02,1234567893,10201,,1,
    /// CLM0003,M2,2026-03-02,1234567893,10203,XS,1,PTP003
    /// ```
    ///
    /// ## How to fix
    /// If the services were distinct and the record shows it, say so with the modifier. Otherwise
    /// remove the line.
    ///
    /// ## Source
    /// NCCI procedure-to-procedure edits and the NCCI Policy Manual (CMS), which names the
    /// modifiers and takes them on either line; X12 claim adjustment reason code 236.
    pub static RULE = {
        code: "PTP002", name: "pair-without-ncci-modifier",
        title: "Code that is paid beside another of the day with a modifier only",
        fix: "say with an NCCI modifier that the services were distinct, or remove the line",
        scope: Day, category: Ncci, severity: Error, since: "0.1.0",
        reads: [PatientId, ClaimId, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, RenderingNpi, BillingNpi,
            RevenueCode, ClaimFrequency, BillType],
        needs: [PatientId, ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    pair_lines::check(builder, Pairs::WithoutModifier, say)
}

fn say(pair: &Pair) -> String {
    let (two, beside, since) = (pair.two, pair.beside(), pair.since());
    format!(
        "{two} is paid beside {beside} with an NCCI modifier only (indicator 1{since}): add it if \
         the services were distinct"
    )
}
