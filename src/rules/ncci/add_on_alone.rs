//! ADD002: an add-on code without any service beside it.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::Code;
use crate::reference::AddOn;
use crate::rules::ncci::add_on_lines::{self, Company, is_closed};

declare_rule! {
    /// ## What it checks
    /// That an add-on code whose primary codes are not listed, or not all (types 2 and 3), is
    /// billed with some service that is no add-on: for the same patient, day and rendering
    /// provider, on one claim or on several. A listed primary will do, even if it is an add-on code
    /// itself. Category II codes are no services. Lines that are void, replaced, mirrored or of no
    /// units are none.
    ///
    /// ## Why it matters
    /// An add-on code is paid only beside the service that it adds to (CARC B15, RARC N122). Which
    /// services these are, the payer says; without any the line is denied by all of them.
    ///
    /// ## Example
    /// With 10403 as an add-on code without listed primary codes:
    ///
    /// ```csv
    /// claim_id,patient_id,service_date,rendering_npi,procedure_code,units,expect
    /// CLM0001,M1,2026-03-02,1234567893,10403,1,
    /// CLM0001,M1,2026-03-02,1234567893,99213,1,
    /// CLM0002,M2,2026-03-02,1234567893,10403,1,ADD002
    /// ```
    ///
    /// ## How to fix
    /// Bill the primary service, or correct the day or the provider of one of the lines.
    ///
    /// ## Source
    /// NCCI add-on code edits (CMS), the edition that covers the day of service; X12 claim
    /// adjustment reason code B15, remark code N122.
    pub static RULE = {
        code: "ADD002", name: "add-on-alone",
        title: "Add-on code without any service",
        fix: "bill the primary service, or correct the day or the provider",
        scope: Day, category: Ncci, severity: Warning, since: "0.1.0",
        reads: [PatientId, ClaimId, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, RenderingNpi, BillingNpi,
            RevenueCode, ClaimFrequency, BillType],
        needs: [PatientId, ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    add_on_lines::check(builder, Box::new(judge))
}

fn judge(code: Code, add_on: AddOn<'_>, company: &Company<'_>) -> Option<String> {
    let is_alone = !is_closed(add_on) && !company.has_primary_of(add_on) && !company.has_service();
    is_alone.then(|| {
        format!("no service is billed on the day beside add-on code {code}: bill the primary one")
    })
}
