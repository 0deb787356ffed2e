//! PTP001: a code that is never paid beside another of the day.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::rules::ncci::pair_lines::{self, Pair, Pairs};

declare_rule! {
    /// ## What it checks
    /// That no two lines of a patient, day and rendering provider hold a pair of codes that the
    /// NCCI edits of that day never allow (indicator 0), on one claim or on several. The finding is
    /// at the line of the code in column two. Where no rendering provider is named, the billing
    /// provider counts. Lines that are void, replaced, mirrored or of no units are no part of it.
    ///
    /// ## Why it matters
    /// The code in column two is part of the other, or excludes it: payers deny it (CARC 236), and
    /// no modifier helps.
    ///
    /// ## Options
    /// - `setting` (default `"by-line"`): whose edits count. `"by-line"`: lines with a revenue code
    ///   are judged by those of outpatient hospitals, all others by those of practitioners.
    ///   `"practitioner"` and `"outpatient"`: all lines by these.
    ///
    /// Set it for PTP001, PTP002 and PTP003 alike, under `[rules.PTP]`.
    ///
    /// ## Example
    /// With edits for practitioners in which 10202 is never paid beside 10201:
    ///
    /// ```csv
    /// claim_id,patient_id,service_date,rendering_npi,procedure_code,modifier_1,units,expect
    /// CLM0001,M1,2026-03-02,1234567893,10201,,1,
    /// CLM0002,M1,2026-03-02,1234567893,10202,59,1,PTP001
    /// CLM0003,M2,2026-03-02,1234567893,10201,,1,
    /// CLM0003,M2,2026-03-03,1234567893,10202,,1,
    /// ```
    ///
    /// ## How to fix
    /// Bill the code that describes the whole service, and remove the other.
    ///
    /// ## Source
    /// NCCI procedure-to-procedure edits (CMS), the edition that covers the day of service; X12
    /// claim adjustment reason code 236.
    pub static RULE = {
        code: "PTP001", name: "pair-never-allowed",
        title: "Code that is never paid beside another of the day",
        fix: "bill the code that describes the whole service, and remove the other",
        scope: Day, category: Ncci, severity: Error, since: "0.1.0",
        reads: [PatientId, ClaimId, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, RenderingNpi, BillingNpi,
            RevenueCode, ClaimFrequency, BillType],
        needs: [PatientId, ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    pair_lines::check(builder, Pairs::Never, say)
}

fn say(pair: &Pair) -> String {
    let (two, beside, since) = (pair.two, pair.beside(), pair.since());
    format!("{two} is never paid beside {beside} (indicator 0{since}): remove one of them")
}
