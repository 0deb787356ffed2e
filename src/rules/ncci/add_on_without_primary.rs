//! ADD001: an add-on code without any of its primary codes.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check};
use crate::model::Code;
use crate::reference::AddOn;
use crate::rules::listed_codes::ListedCodes;
use crate::rules::ncci::add_on_lines::{self, Company, is_closed};

declare_rule! {
    /// ## What it checks
    /// That an add-on code with a closed list of primary codes (type 1) is billed with one of them:
    /// for the same patient, day and rendering provider, on one claim or on several. Where no
    /// rendering provider is named, the billing provider counts. A primary that is void, replaced,
    /// mirrored or of no units is none; a damaged code counts as the code that it can be repaired
    /// to.
    ///
    /// ## Why it matters
    /// An add-on code is paid only beside the service that it adds to (CARC B15, RARC N122).
    ///
    /// ## Options
    /// - `other-dates` (default `["99292"]`): add-on codes or ranges whose primary may lie on
    ///   another day; they are not judged.
    ///
    /// ## Example
    /// With 10402 as an add-on code whose only primary code is 10401:
    ///
    /// ```csv
    /// claim_id,patient_id,service_date,rendering_npi,procedure_code,units,expect
    /// CLM0001,M1,2026-03-02,1234567893,10401,1,
    /// CLM0002,M1,2026-03-02,1234567893,10402,1,
    /// CLM0003,M2,2026-03-02,1234567893,99213,1,
    /// CLM0003,M2,2026-03-02,1234567893,10402,1,ADD001
    /// ```
    ///
    /// ## How to fix
    /// Bill the primary service, or correct the day or the provider of one of the lines.
    ///
    /// ## Source
    /// NCCI add-on code edits (CMS), the edition that covers the day of service; X12 claim
    /// adjustment reason code B15, remark code N122.
    pub static RULE = {
        code: "ADD001", name: "add-on-without-primary",
        title: "Add-on code without its primary code",
        fix: "bill the primary service, or correct the day or the provider",
        scope: Day, category: Ncci, severity: Error, since: "0.1.0",
        reads: [PatientId, ClaimId, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, RenderingNpi, BillingNpi,
            RevenueCode, ClaimFrequency, BillType],
        needs: [PatientId, ProcedureCode, ServiceDate], build: build,
    }
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let exempt = ListedCodes::read(builder.options, "other-dates", &["99292"])?;
    let is_exempt = move |code: Code| {
        let class = Code::parse(code.as_bytes()).map(|(_, class)| class);
        class.is_some_and(|class| exempt.have(code, class))
    };
    let judge = move |code: Code, add_on: AddOn<'_>, company: &Company<'_>| {
        let is_wrong = is_closed(add_on) && !company.has_primary_of(add_on) && !is_exempt(code);
        is_wrong.then(|| say(code, add_on))
    };
    add_on_lines::check(builder, Box::new(judge))
}

/// Primary codes that a message names.
const NAMED: usize = 3;

fn say(code: Code, add_on: AddOn<'_>) -> String {
    let all: Vec<String> = add_on.primaries().map(|primary| primary.to_string()).collect();
    let named: Vec<&str> = all.iter().take(NAMED).map(String::as_str).collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = named.join(", ");
    format!("no primary code of add-on code {code} ({named}{more}) is billed on the day: bill it")
}
