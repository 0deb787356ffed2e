//! NPI001: a provider's number that is no NPI.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::{Batch, Findings, Line};
use crate::rules::provider::npi::{FIELDS, Npi, each_line, of_line};

declare_rule! {
    /// ## What it checks
    /// That a filled NPI, of the rendering or the billing provider, is ten digits and begins with 1
    /// or 2. Empty cells are none; the check digit is left to NPI002. A line has one finding, even
    /// if both are malformed.
    ///
    /// ## Why it matters
    /// Payers answer with CARC 207. A spreadsheet that takes the numbers for amounts spoils a whole
    /// column: `1234567893.0`, `1.23457E+09`.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,rendering_npi,billing_npi,expect
    /// CLM0001,1,99213,1234567893,1588799746,
    /// CLM0001,2,99213,1234567893.0,1588799746,NPI001
    /// CLM0002,1,99213,,1588799746,
    /// CLM0002,2,99213,1234567893,158879974,NPI001
    /// CLM0003,1,99213,9999999999,,NPI001
    /// ```
    ///
    /// ## How to fix
    /// Export the column as text. Look the number up in the registry of NPIs.
    ///
    /// ## Source
    /// CMS, NPI final rule (45 CFR 162.406): ten digits; those in use begin with 1 or 2.
    pub static RULE = {
        code: "NPI001", name: "malformed-npi", title: "Malformed NPI",
        fix: "export the column as text, or look the NPI up",
        scope: Line, category: Provider, severity: Error, since: "0.1.0",
        reads: [RenderingNpi, BillingNpi], needs: [], build: build,
    }
}

struct MalformedNpi;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MalformedNpi)))
}

impl LineCheck for MalformedNpi {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        look(line, of_line(line), out);
    }

    fn check_batch(&self, batch: &Batch, out: &mut Findings) {
        each_line(batch, |line, npis| look(line, npis, out));
    }
}

#[inline]
fn look(line: Line<'_>, npis: [Npi; 2], out: &mut Findings) {
    if npis != [Npi::Missing; 2] {
        out.judge();
        if npis.iter().any(|npi| matches!(npi, Npi::Malformed(_))) {
            report(line, npis, out);
        }
    }
}

#[cold]
fn report(line: Line<'_>, npis: [Npi; 2], out: &mut Findings) {
    let mut malformed = FIELDS.into_iter().zip(npis).filter_map(|(field, npi)| match npi {
        Npi::Malformed(why) => Some((field, why)),
        _ => None,
    });
    let Some((field, why)) = malformed.next() else { return };
    match malformed.next() {
        None => out.report(line.row(), Some(field), format_args!("{field} is no NPI: {why}")),
        Some((other, _)) => out.report(
            line.row(),
            Some(field),
            format_args!("{field} is no NPI, nor is {other}: {why}"),
        ),
    };
}
