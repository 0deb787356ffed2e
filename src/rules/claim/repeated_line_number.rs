//! CLM002: two lines of a claim with one line number.

use std::collections::BTreeMap;

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, PoolCheck, Run, Want};
use crate::model::{Field, Findings, Line, PooledLine, Related};
use crate::rules::netting;

declare_rule! {
    /// ## What it checks
    /// That no two lines of a claim have the same line number. Every line after the first is a
    /// finding. Lines that were voided, reversed or replaced do not count. Leading zeros do not
    /// matter.
    ///
    /// ## Why it matters
    /// Payers answer by line number: a payment or a denial for line 2 cannot be posted where there
    /// are two of them. Often two claims were merged under one number.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,expect
    /// CLM0001,1,99213,
    /// CLM0001,2,93000,
    /// CLM0001,2,85025,CLM002
    /// CLM0002,1,99213,
    /// ```
    ///
    /// ## How to fix
    /// Number the lines of the claim anew, or give the second claim its own number.
    ///
    /// ## Source
    /// ASC X12 837, segment LX01: the line counter starts at 1 and grows by 1 within a claim.
    pub static RULE = {
        code: "CLM002", name: "repeated-line-number", title: "Line number that occurs twice",
        fix: "number the lines of the claim anew",
        scope: Claim, category: Claim, severity: Error, since: "0.1.0",
        reads: [ClaimId, ServiceLine, ProcedureCode, Charge, Units, ClaimFrequency, BillType],
        needs: [ClaimId, ServiceLine], build: build,
    }
}

struct RepeatedLineNumber;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Pool(Box::new(RepeatedLineNumber)))
}

impl PoolCheck for RepeatedLineNumber {
    fn key(&self) -> &[Field] {
        &[Field::ClaimId]
    }

    fn want(&self, line: Line<'_>) -> Want {
        if line.text(Field::ServiceLine).is_some() { Want::Yes } else { Want::No }
    }

    fn is_calm(&self, run: Run<'_, '_>) -> bool {
        // Nearly every claim numbers its lines in order.
        let mut before = 0;
        run.lines().filter_map(|line| line.service_line).all(|number| {
            let is_next = number.len() <= 9
                && number.iter().all(u8::is_ascii_digit)
                && before < value(number);
            before = value(number);
            is_next
        })
    }

    fn check(&self, lines: &[&PooledLine<'_>], out: &mut Findings) {
        if lines.len() < 2 {
            return;
        }
        let mut numbers: BTreeMap<&[u8], &PooledLine<'_>> = BTreeMap::new();
        for at in netting::in_force(lines).iter() {
            let Some(line) = lines.get(at) else { continue };
            let Some(number) = line.service_line else { continue };
            let zeros = number.iter().take_while(|digit| **digit == b'0').count();
            let number = number.get(zeros..).unwrap_or_default();
            let Some(first) = numbers.get(number) else {
                numbers.insert(number, line);
                continue;
            };
            let record = first.place.record;
            let why = format_args!("record {record} of the claim has the same line number");
            let value = first.procedure().map(|code| code.to_string()).unwrap_or_default();
            out.report(at, Some(Field::ServiceLine), why).related =
                vec![Related { place: first.place, value }];
        }
    }
}

/// The value of some digits.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |value, digit| {
        value.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')))
    })
}
