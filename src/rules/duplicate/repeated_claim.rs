//! DUP002: a claim that says the same as another one.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Field, Findings, Line, PooledLine, Related, Why, claim};
use crate::rules::netting::{self, Billed};

declare_rule! {
    /// ## What it checks
    /// That no two original claims say the same: the patient, the billing provider and all lines
    /// with their days, codes, modifiers, units, charges and places. Every claim after the first is
    /// a finding, at its first line. A void claim, or one that is all negative, takes back one
    /// original; replacements are not compared.
    ///
    /// ## Why it matters
    /// The second claim is denied as a duplicate (CARC 18), or paid and taken back in an audit.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,patient_id,service_date,procedure_code,charge,expect
    /// CLM0001,M0001,2026-03-02,99213,125.00,
    /// CLM0001,M0001,2026-03-02,93000,40.00,
    /// CLM0002,M0001,2026-03-02,93000,40.00,DUP002
    /// CLM0002,M0001,2026-03-02,99213,125.00,
    /// CLM0003,M0001,2026-03-02,99213,125.00,
    /// ```
    ///
    /// ## How to fix
    /// Hold the claim back. To correct one that was filed, send a replacement (frequency 7) with
    /// the payer's number of the original.
    ///
    /// ## Source
    /// X12 claim adjustment reason code 18; claim frequency codes (NUBC) 1, 7 and 8.
    pub static RULE = {
        code: "DUP002", name: "repeated-claim", title: "Claim that repeats another",
        fix: "hold the claim back, or send it as a replacement",
        scope: Claim, category: Duplicate, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, PatientId, RenderingNpi,
            BillingNpi, RevenueCode, ClaimFrequency, BillType],
        needs: [ClaimId, ProcedureCode, ServiceDate, PatientId], build: build,
    }
}

struct RepeatedClaim;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Pool(Box::new(RepeatedClaim)))
}

/// The first field that keeps a claim from being compared.
fn unreadable(lines: &[&PooledLine<'_>]) -> Option<Field> {
    lines.iter().find_map(|line| unreadable_line(line))
}

fn unreadable_line(line: &PooledLine<'_>) -> Option<Field> {
    match line.patient {
        0 => Some(Field::PatientId),
        _ => line.unreadable(),
    }
}

impl PoolCheck for RepeatedClaim {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, line: Line<'_>) -> Want {
        // Every line of a claim counts, those that cannot be read too: then it is not compared.
        if line.claim_id().is_some() { Want::Yes } else { Want::No }
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        run.lines().all(|line| unreadable_line(line).is_none())
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        if let Some(field) = unreadable(lines) {
            (0..lines.len()).for_each(|at| out.leave_out(at, Why::Lacks(field)));
        }
    }

    fn compares_services(&self) -> bool {
        true
    }

    fn compares_groups(&self) -> bool {
        true
    }

    fn group_key(&self, lines: &[&PooledLine<'_>], key: &mut Vec<u8>) -> bool {
        let Some(first) = lines.first() else { return false };
        if unreadable(lines).is_some() {
            return false;
        }
        let is_void = lines.iter().all(|line| line.is_reversal());
        let is_original =
            |at: usize| lines.get(at).is_some_and(|line| !matches!(line.frequency, b'7' | b'8'));
        let which = if is_void { Billed::All(lines.len()) } else { netting::in_force(lines) };
        // A claim of which a part was taken back is another one than the original; its first line
        // must stand for the rest.
        if which.get(0) != Some(0) || !(is_void || which.iter().all(is_original)) {
            return false;
        }
        key.extend_from_slice(&first.patient.to_le_bytes());
        key.extend_from_slice(&first.billing.to_le_bytes());
        let start = key.len();
        for line in which.iter().filter_map(|at| lines.get(at)) {
            key.extend_from_slice(&line.service.to_le_bytes());
        }
        if let Some(services) = key.get_mut(start..) {
            services.as_chunks_mut::<8>().0.sort_unstable();
        }
        true
    }

    fn check_groups(&self, firsts: &[&PooledLine<'_>], out: &mut Findings) {
        let voids = firsts.iter().filter(|first| first.is_reversal()).count();
        let originals = firsts.iter().enumerate().filter(|(_, first)| !first.is_reversal());
        let mut billed = originals.skip(voids);
        let Some((_, kept)) = billed.next() else { return };
        for (at, first) in billed {
            let Some(code) = first.procedure() else { continue };
            let claim = claim::number(kept.claim_key.unwrap_or_default());
            let claim = String::from_utf8_lossy(claim);
            let why = format_args!("the claim says the same as claim {claim}: {code} and the rest");
            let value = kept.procedure().map(|code| code.to_string()).unwrap_or_default();
            out.report(at, Some(Field::ClaimId), why).related =
                vec![Related { place: kept.place, value }];
        }
    }
}
