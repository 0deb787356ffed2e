//! DUP001: a service line that says the same as another of its claim.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Field, Findings, Line, Modifier, PooledLine, Procedure, Related, Why};
use crate::rules::listed_codes::ListedCodes;
use crate::rules::netting;

declare_rule! {
    /// ## What it checks
    /// That no two lines of a claim say the same: days, procedure code, modifiers in any order,
    /// units, charge, place, rendering provider and revenue code. Every line after the first is a
    /// finding. Voids, replacements and mirrored negative lines are netted first. A line with
    /// modifier 59, 76, 77, 91, XE, XP, XS or XU says itself that it is a repetition.
    ///
    /// ## Why it matters
    /// The second line is denied as a duplicate (CARC 18), or paid and taken back in an audit.
    ///
    /// ## Options
    /// - `exempt-codes` (default `["J0000-J9999"]`): codes or ranges whose lines may repeat: drugs
    ///   are billed by the vial.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,modifier_1,service_date,charge,expect
    /// CLM0001,1,97110,,2026-03-02,40.00,
    /// CLM0001,2,97110,,2026-03-02,40.00,DUP001
    /// CLM0002,1,97110,,2026-03-02,40.00,
    /// CLM0002,2,97110,,2026-03-03,40.00,
    /// CLM0002,3,97110,76,2026-03-03,40.00,
    /// ```
    ///
    /// ## How to fix
    /// Remove the line, bill the services as units of one line, or say with a modifier why the
    /// service was repeated.
    ///
    /// ## Source
    /// X12 claim adjustment reason code 18, exact duplicate claim or service; the CPT (American
    /// Medical Association) modifiers for repeated and distinct services.
    pub static RULE = {
        code: "DUP001", name: "repeated-line",
        title: "Service line that repeats another",
        fix: "remove the line, or say with a modifier why the service was repeated",
        scope: Claim, category: Duplicate, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, Modifier1, Modifier2, Modifier3, Modifier4,
            ServiceDate, ServiceEnd, Units, Charge, PlaceOfService, RenderingNpi, BillingNpi,
            RevenueCode, ClaimFrequency, BillType],
        needs: [ClaimId, ProcedureCode, ServiceDate], build: build,
    }
}

/// Modifiers that say that a service was repeated or is another one.
const REPEATED: [Modifier; 8] = [*b"59", *b"76", *b"77", *b"91", *b"XE", *b"XP", *b"XS", *b"XU"];

struct RepeatedLine {
    exempt: ListedCodes,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let exempt = ListedCodes::read(builder.options, "exempt-codes", &["J0000-J9999"])?;
    builder.options.finish()?;
    Ok(Check::Pool(Box::new(RepeatedLine { exempt })))
}

impl PoolCheck for RepeatedLine {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, line: Line<'_>) -> Want {
        let Procedure::Coded(code, class) = line.procedure() else { return Want::No };
        if line.modifiers().has_any(&REPEATED) || self.exempt.have(code, class) {
            return Want::No;
        }
        match line.service_date().value() {
            Some(_) => Want::Yes,
            None => Want::LeftOut(Why::Lacks(Field::ServiceDate)),
        }
    }

    fn compares_services(&self) -> bool {
        true
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        let mut lines = run.lines();
        let mut is_alone = true;
        while let Some(line) = lines.next() {
            let mut others = lines.clone();
            if others.any(|other| other.service == line.service) {
                return false;
            }
            is_alone &= lines.clone().next().is_none();
            if !is_alone && line.unreadable().is_some() {
                return false;
            }
        }
        true
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        if lines.len() < 2 {
            return;
        }
        for (at, line) in lines.iter().enumerate() {
            if let Some(field) = line.unreadable() {
                out.leave_out(at, Why::Lacks(field));
            }
        }
        let billed = netting::in_force(lines);
        let service = |at: usize| {
            lines.get(at).filter(|line| line.unreadable().is_none()).map(|line| line.service)
        };
        let mut services: Vec<(Option<u64>, usize)> =
            billed.iter().map(|at| (service(at), at)).filter(|(is, _)| is.is_some()).collect();
        services.sort_unstable();
        for same in services.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(((_, first), others)) = same.split_first() else { continue };
            for (_, at) in others {
                report(lines, *first, *at, out);
            }
        }
    }
}

#[cold]
fn report(lines: &[&PooledLine<'_>], first: usize, at: usize, out: &mut Findings) {
    let (Some(first), Some(line)) = (lines.get(first), lines.get(at)) else { return };
    let Some(code) = line.procedure() else { return };
    let other = match first.service_line {
        Some(number) => format!("line {}", String::from_utf8_lossy(number)),
        None => format!("record {}", first.place.record),
    };
    let why = format_args!("{code} on the same day in the same way as {other} of the claim");
    out.report(at, Some(Field::ProcedureCode), why).related =
        vec![Related { place: first.place, value: code.to_string() }];
}
