//! CII004: a Category II line whose service is on another day of its claim.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Date, Field, Findings, Line, PooledLine, Related, Why};
use crate::rules::category::companions::{COMPANION, Companions};
use crate::rules::netting;

declare_rule! {
    /// ## What it checks
    /// That a Category II line of a claim with a Category I code has one on its own day. A line of
    /// several days covers each of them. A claim without any Category I code is left to CII001 to
    /// CII003.
    ///
    /// ## Why it matters
    /// Medicare credits a measure where code and service have one date. Results are rightly dated
    /// by the day on which they came in, so this is worth knowing, no more.
    ///
    /// ## Options
    /// - `window-days` (default 0): days by which the two may differ, at most 31.
    /// - `companions`, `exempt-codes`, `group-by`, `quality-codes`: see CII001.
    ///
    /// Set them for CII001 to CII006 alike, under `[rules.CII]`.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_date,procedure_code,expect
    /// CLM0001,2026-03-02,99213,
    /// CLM0001,2026-03-02,1036F,
    /// CLM0001,2026-03-05,3044F,CII004
    /// CLM0002,2026-03-05,3044F,CII001
    /// ```
    ///
    /// ## How to fix
    /// Look whether the date is that of the visit. Where results are dated by the day they came in,
    /// set `window-days`.
    ///
    /// ## Source
    /// Medicare Part B claims-based quality reporting (CMS): the quality code has the date of
    /// service of the visit or procedure that it goes with.
    pub static RULE = {
        code: "CII004", name: "companion-on-another-date",
        title: "Category I code on another date",
        fix: "look whether the date is that of the visit",
        scope: Claim, category: CategoryTwo, severity: Info, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, ServiceDate, ServiceEnd, Payer,
            ClaimFrequency, BillType, Charge, Units],
        needs: [ClaimId, ProcedureCode, ServiceDate], build: build,
    }
}

struct CompanionOnAnotherDate {
    companions: Companions,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let companions = Companions::read(builder.options)?;
    Ok(Check::Pool(Box::new(CompanionOnAnotherDate { companions })))
}

impl CompanionOnAnotherDate {
    fn is_companion(&self, line: &PooledLine<'_>) -> bool {
        let look = line.code.map(|(code, class)| self.companions.look_at_code(code, class));
        look.is_some_and(|look| look.facts() & COMPANION != 0)
    }
}

impl PoolCheck for CompanionOnAnotherDate {
    fn key(&self) -> &[Field] {
        self.companions.group_by()
    }

    fn want(&self, line: Line<'_>) -> Want {
        let look = self.companions.look(line);
        let is_companion = look.facts() & COMPANION != 0;
        match line.service_date().value() {
            Some(_) if look.keeps() || is_companion => Want::Yes,
            None if look.keeps() => Want::LeftOut(Why::Lacks(Field::ServiceDate)),
            _ => Want::No,
        }
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        let mut days = run.lines().map(|line| line.days);
        let first = days.next();
        days.all(|days| Some(days) == first) || run.lines().all(|line| self.is_companion(line))
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let all_companions = lines.iter().all(|line| self.is_companion(line));
        if all_companions || lines.len() < 2 {
            return;
        }
        let billed = netting::in_force(lines);
        let lines_of = |is: bool| {
            let of = billed.iter().filter_map(|at| Some((at, *lines.get(at)?)));
            of.filter(move |(_, line)| self.is_companion(line) == is)
        };
        for (at, line) in lines_of(false) {
            let Some(((first, _), code)) = line.days.zip(line.procedure()) else { continue };
            let distance = |other: &PooledLine<'_>| other.days.map(|days| apart(first, days));
            let nearest = lines_of(true).filter_map(|(_, other)| Some((distance(other)?, other)));
            let Some((days, other)) = nearest.min_by_key(|(days, other)| (*days, other.place))
            else {
                continue;
            };
            if days > i32::from(self.companions.window_days()) {
                let Some(service) = other.procedure() else { continue };
                let count = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
                let wanted = self.companions.wanted();
                let why = format_args!(
                    "the nearest {wanted} code to {code} on the claim, {service}, is {count} away"
                );
                out.report(at, Some(Field::ServiceDate), why).related =
                    vec![Related { place: other.place, value: service.to_string() }];
            }
        }
    }
}

/// Days between a day and the nearest of others.
fn apart(day: Date, (first, last): (Date, Date)) -> i32 {
    (first.days() - day.days()).max(day.days() - last.days()).max(0)
}
