//! CLM003: lines of several patients under one claim number.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Field, Findings, Line, PooledLine, Related};

declare_rule! {
    /// ## What it checks
    /// That all lines of a claim are for one patient. The finding is at the first line for another
    /// patient than the claim's first line; who the patients are is not shown.
    ///
    /// ## Why it matters
    /// A claim is for one patient. Either the claim number is used again, by another practice or in
    /// another year, or a line was posted to the wrong account: then it tells a payer about the
    /// wrong person.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,patient_id,procedure_code,expect
    /// CLM0001,M0001,99213,
    /// CLM0001,M0001,93000,
    /// CLM0002,M0001,99213,
    /// CLM0002,M0002,93000,CLM003
    /// ```
    ///
    /// ## How to fix
    /// Move the line to the patient's own claim. Where claim numbers are unique only within a file,
    /// set `claims.scope = "file"`.
    ///
    /// ## Source
    /// ASC X12 837: a claim (loop 2300) belongs to one patient (loop 2000B or 2000C).
    pub static RULE = {
        code: "CLM003", name: "several-patients", title: "Claim with several patients",
        fix: "move the line to the patient's own claim",
        scope: Claim, category: Claim, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, PatientId],
        needs: [ClaimId, PatientId], build: build,
    }
}

struct SeveralPatients;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Pool(Box::new(SeveralPatients)))
}

impl PoolCheck for SeveralPatients {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, line: Line<'_>) -> Want {
        if line.text(Field::PatientId).is_some() { Want::Yes } else { Want::No }
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        let mut patients = run.lines().map(|line| line.patient);
        let first = patients.next();
        patients.all(|patient| Some(patient) == first)
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        let Some((first, others)) = lines.split_first() else { return };
        let differs = |line: &&PooledLine<'_>| line.patient != first.patient;
        let Some(at) = others.iter().position(differs) else { return };
        let lines = others.iter().filter(|line| differs(line)).count();
        let why = format_args!(
            "{lines} of {} lines of the claim are for another patient than record {}",
            others.len() + 1,
            first.place.record
        );
        let value = first.procedure().map(|code| code.to_string()).unwrap_or_default();
        out.report(at + 1, Some(Field::PatientId), why).related =
            vec![Related { place: first.place, value }];
    }
}
