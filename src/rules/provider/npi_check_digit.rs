//! NPI002: an NPI whose last digit does not fit the others.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Findings, Line};
use crate::rules::provider::npi::{FIELDS, Npi, each_line, of_line};

declare_rule! {
    /// ## What it checks
    /// That the last digit of an NPI fits the nine before it: the Luhn sum over 80840 and the NPI
    /// ends in 0. Only well-formed NPIs are judged; others are left to NPI001. A line has one
    /// finding, even if the NPIs of both providers are mistyped.
    ///
    /// ## Why it matters
    /// The digit finds every single mistyped digit and nearly every exchange of two neighbours. No
    /// provider has such a number; payers answer with CARC 207.
    ///
    /// Test files are often made up without the check digit: `--ignore NPI002` leaves them alone.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,rendering_npi,billing_npi,expect
    /// CLM0001,1,99213,1234567893,1588799746,
    /// CLM0001,2,99213,1234567839,1588799746,NPI002
    /// CLM0002,1,99213,,1588799764,NPI002
    /// CLM0003,1,99213,123456789,,NPI001
    /// ```
    ///
    /// ## How to fix
    /// Look the number up in the registry of NPIs: digits were mistyped or exchanged.
    ///
    /// ## Source
    /// CMS, NPI check digit: ISO/IEC 7812, with the prefix 80840 for health providers in the United
    /// States.
    pub static RULE = {
        code: "NPI002", name: "npi-check-digit", title: "NPI with a wrong check digit",
        fix: "look the NPI up: digits were mistyped or exchanged",
        scope: Line, category: Provider, severity: Error, since: "0.1.0",
        reads: [RenderingNpi, BillingNpi], needs: [], build: build,
    }
}

struct NpiCheckDigit;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(NpiCheckDigit)))
}

impl LineCheck for NpiCheckDigit {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        look(line, of_line(line), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        each_line(batch, |line, npis| look(line, npis, out));
    }
}

#[inline]
fn look(line: Line<'_>, npis: [Npi; 2], out: &mut Findings) {
    if npis.iter().any(|npi| matches!(npi, Npi::Sound | Npi::Mistyped)) {
        out.judge();
        if npis.contains(&Npi::Mistyped) {
            report(line, npis, out);
        }
    }
}

#[cold]
fn report(line: Line<'_>, npis: [Npi; 2], out: &mut Findings) {
    let both = FIELDS.into_iter().zip(npis);
    let mut mistyped = both.filter(|(_, npi)| *npi == Npi::Mistyped).map(|(field, _)| field);
    let Some(field) = mistyped.next() else { return };
    let other = mistyped.next().map(|other| format!(" and {other}")).unwrap_or_default();
    let verb = if other.is_empty() { "has" } else { "have" };
    out.report(
        line.row(),
        Some(field),
        format_args!("{field}{other} {verb} a wrong check digit: look the number up"),
    );
}
