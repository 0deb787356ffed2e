//! CLM004: more lines than a claim form holds.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Field, Findings, Line, PooledLine};
use crate::rules::netting;

declare_rule! {
    /// ## What it checks
    /// That a claim has at most as many lines as its form holds: 50 on a professional or dental
    /// claim, 999 on an institutional one (one with revenue codes). The finding is at the first
    /// line too many, or at the claim's first line where there are more than 16,384. Lines that
    /// were voided, reversed or replaced do not count.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects the claim, or splits it: then Category II codes lose the service
    /// that they go with. Thousands of lines mean that the claim number is a placeholder.
    ///
    /// ## Options
    /// - `professional` (default 50), `institutional` (default 999): lines that a form holds.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0001,2,93000,
    /// ```
    ///
    /// ## How to fix
    /// Split the claim, each part with the services that its codes go with.
    ///
    /// ## Source
    /// ASC X12 837: loop 2400 repeats 50 times on a professional or dental claim, 999 times on an
    /// institutional one.
    pub static RULE = {
        code: "CLM004", name: "more-lines-than-the-form-holds",
        title: "More lines than the form holds",
        fix: "split the claim",
        scope: Claim, category: Claim, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, RevenueCode, Charge, Units, ClaimFrequency,
            BillType],
        needs: [ClaimId], build: build,
    }
}

struct MoreLinesThanTheFormHolds {
    professional: usize,
    institutional: usize,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    let professional = builder.options.count("professional", 50)?;
    let institutional = builder.options.count("institutional", 999)?;
    builder.options.finish()?;
    let lines = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let (professional, institutional) = (lines(professional), lines(institutional));
    Ok(Check::Pool(Box::new(MoreLinesThanTheFormHolds { professional, institutional })))
}

impl MoreLinesThanTheFormHolds {
    fn most(&self, line: &PooledLine<'_>) -> (usize, &'static str) {
        match line.revenue.is_some() {
            true => (self.institutional, "institutional"),
            false => (self.professional, "professional"),
        }
    }
}

impl PoolCheck for MoreLinesThanTheFormHolds {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, _line: Line<'_>) -> Want {
        Want::Yes
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        let first = run.lines().next();
        first.is_none_or(|first| run.lines().count() <= self.most(first).0)
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let Some(first) = lines.first() else { return };
        let (most, form) = self.most(first);
        if lines.len() <= most {
            return;
        }
        let billed = netting::in_force(lines);
        if let Some(at) = billed.get(most) {
            let count = billed.len();
            let why = format_args!("the claim has {count} lines; the {form} form holds {most}");
            out.report(at, Some(Field::ClaimId), why);
        }
    }

    fn check_large(&self, first: &PooledLine<'_>, lines: u64, out: &mut Findings) -> bool {
        let (most, form) = self.most(first);
        if lines > most as u64 {
            let why = format_args!("the claim has {lines} lines; the {form} form holds {most}");
            out.report(0, Some(Field::ClaimId), why);
        }
        true
    }
}
