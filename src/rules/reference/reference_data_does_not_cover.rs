//! REF001: service dates that the loaded reference data does not cover.

use std::sync::Arc;

use crate::declare_rule;
use crate::error::Result;
use crate::lint::tally::Uncovered;
use crate::lint::{Builder, Check, RunCheck, Tally};
use crate::model::{Findings, RuleId, RuleInfo};
use crate::reference::{Kind, Reference};

declare_rule! {
    /// ## What it checks
    /// That every line which a rule looks up in reference data has a service date that the data
    /// covers. There is one finding for each kind of data, with the days that are covered, the days
    /// that are asked for, and the number of lines. None of those lines is accused of anything.
    ///
    /// ## Why it matters
    /// Codes and edits change every quarter. A list of the wrong year would accuse thousands of
    /// right codes, so claimlint asks it nothing, and says how many lines were left out.
    ///
    /// ## Example
    /// ```text
    /// warning[REF001]: modifiers covers 1900-01-01 to 2026-12-31; 12 lines from 2027-01-04 to
    /// 2027-01-29 were not looked up
    /// ```
    ///
    /// ## How to fix
    /// Take in the edition for those dates: `claimlint refdata import FILE`. `claimlint refdata
    /// list` shows what there is.
    ///
    /// ## Source
    /// CMS publishes HCPCS Level II and the NCCI edits each quarter, ICD-10-CM for each fiscal year
    /// from October 1.
    pub static RULE = {
        code: "REF001", name: "reference-data-does-not-cover",
        title: "Dates that the reference data does not cover",
        fix: "take in the edition for those dates with claimlint refdata import",
        scope: Run, category: Reference, severity: Warning, since: "0.1.0",
        reads: [], needs: [], build: build,
    }
}

struct ReferenceDataDoesNotCover {
    reference: Arc<Reference>,
}

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    let reference = Arc::clone(&builder.knowledge.reference);
    Ok(Check::Run(Box::new(ReferenceDataDoesNotCover { reference })))
}

impl RunCheck for ReferenceDataDoesNotCover {
    fn check(&self, tallies: &[Tally], _rules: &[&RuleInfo], out: &mut Findings) {
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let of_kind = |tally: &Tally| tally.uncovered.get(at).copied().unwrap_or_default();
            let mut all = Uncovered::default();
            tallies.iter().for_each(|tally| all.merge(&of_kind(tally)));
            let Some((first, last)) = all.days else { continue };
            let input = tallies.iter().position(|tally| of_kind(tally).lines > 0).unwrap_or(0);
            let covered: Vec<String> = self
                .reference
                .coverage(kind)
                .iter()
                .map(|(from, to)| format!("{from} to {to}"))
                .collect();
            let covered = match covered.is_empty() {
                true => "nothing".to_owned(),
                false => covered.join(" and "),
            };
            let lines = match all.lines {
                1 => "1 line".to_owned(),
                many => format!("{many} lines"),
            };
            let (name, were) = (kind.name(), if all.lines == 1 { "was" } else { "were" });
            let days = match first == last {
                true => format!("on {first}"),
                false => format!("from {first} to {last}"),
            };
            let why = format_args!("{name} covers {covered}; {lines} {days} {were} not looked up");
            out.report(input, None, why);
        }
    }

    fn alarmed(&self, _tallies: &[Tally], _rules: &[&RuleInfo]) -> Vec<(usize, RuleId)> {
        Vec::new()
    }
}
