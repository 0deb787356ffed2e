//! Samples gathered under each rule, the gravest rule first, then the table and totals.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::{Finding, RuleId};
use crate::report::escape::visible;
use crate::report::full::{extent, whereabouts};
use crate::report::style::{Ink, Style};
use crate::report::summary::RuleSummary;
use crate::report::{Out, Sink, Summary, table};

/// The first findings of each rule as they will be written; memory holds no more of them.
#[derive(Debug)]
pub(super) struct Samples {
    most: u64,
    of_rule: BTreeMap<RuleId, Vec<String>>,
}

impl Samples {
    /// Keeps at most `most` samples of each rule.
    pub(super) fn new(most: u64) -> Self {
        Self { most, of_rule: BTreeMap::new() }
    }

    /// How many samples of each rule are kept.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Keeps the finding as `render` writes it, unless there are enough of its rule or a mapping
    /// alarm stands for it.
    pub(super) fn keep(
        &mut self,
        finding: &Finding,
        summary: &Summary,
        render: impl FnOnce(&Finding) -> String,
    ) {
        if summary.is_alarmed(finding.rule, finding.place.source) {
            return;
        }
        let samples = self.of_rule.entry(finding.rule).or_default();
        if (samples.len() as u64) < self.most {
            samples.push(render(finding));
        }
    }

    /// The samples of a rule.
    pub(super) fn of(&self, rule: &RuleSummary) -> &[String] {
        self.of_rule.get(&rule.id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Writes the samples of each rule under a heading.
pub struct Grouped<'a> {
    out: Out<'a>,
    style: Style,
    samples: Samples,
}

impl<'a> Grouped<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>, style: Style) -> Self {
        Self { out, style, samples: Samples::new(style.samples) }
    }
}

impl Sink for Grouped<'_> {
    fn samples(&self) -> u64 {
        self.samples.most()
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        self.samples.keep(finding, summary, |finding| {
            let place = whereabouts(finding, summary);
            let mut text = format!("  {place}: {}", visible(&finding.message));
            if let Some(suggestion) = &finding.suggestion {
                text.push_str(&format!(" (suggestion: {})", visible(suggestion)));
            }
            text
        });
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        for rule in table::ranked(summary) {
            let samples = self.samples.of(rule);
            let label = format!("{}[{}]", rule.severity.name(), rule.info.code);
            let label = self.style.paint(Ink::Severity(rule.severity), &label);
            let extent = extent(samples.len() as u64, rule.found);
            let mut text = format!("{label}: {} ({extent})\n", visible(rule.info.title));
            for sample in samples {
                text.push_str(sample);
                text.push('\n');
            }
            if !rule.alarmed.is_empty() {
                text.push_str("  a mapping alarm stands for findings of this rule\n");
            }
            let equals = self.style.paint(Ink::Dim, "=");
            text.push_str(&format!("  {equals} fix: {}\n", visible(rule.info.fix)));
            text.push_str(&format!("  {equals} more: claimlint rule {}\n\n", rule.info.code));
            self.out.text(&text)?;
        }
        self.out.text(&table::closing(summary, self.style))?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn memory_holds_no_more_than_the_samples() {
        let summary = canned::summary();
        let mut samples = Samples::new(2);
        for _ in 0..100 {
            samples.keep(&canned::category_two(), &summary, |_| String::new());
        }
        assert_eq!(samples.of_rule.values().map(Vec::len).sum::<usize>(), 2);
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::rendered(Format::Grouped));
    }
}
