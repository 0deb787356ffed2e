//! The findings that a page shows of each rule: the first ones, as text, within a bound.

use std::collections::BTreeMap;

use crate::model::{Finding, RuleId};
use crate::report::Summary;
use crate::report::escape::{cut, money};
use crate::report::full::position;
use crate::report::summary::RuleSummary;

/// How many findings of a rule are shown at most.
pub const EXAMPLES_MAX: u64 = 50;

/// How many characters of a cell, of a name, and of a message are shown.
pub const CELL_COLUMNS: usize = 60;
pub const NAME_COLUMNS: usize = 120;
pub const MESSAGE_COLUMNS: usize = 300;

/// What the tags of an example's row take, in bytes, at most.
const ROW_BYTES: usize = 600;

/// A finding as a row of a table; empty where it has nothing to say.
#[derive(Debug, Clone, Default)]
pub struct Example {
    pub claim: String,
    pub service_line: String,
    pub file: String,
    pub position: String,
    pub date: String,
    pub payer: String,
    pub provider: String,
    pub field: &'static str,
    pub value: String,
    pub message: String,
    pub suggestion: String,
    pub amount: String,
}

impl Example {
    fn of(finding: &Finding, summary: &Summary) -> Self {
        let cell = |text: &Option<String>| cut(text.as_deref().unwrap_or_default(), CELL_COLUMNS);
        let context = &finding.context;
        Self {
            claim: cell(&finding.claim_id),
            service_line: cell(&finding.service_line),
            file: cut(summary.source_name(finding.place.source), NAME_COLUMNS),
            position: cut(&position(finding.place, summary).join(", "), NAME_COLUMNS),
            date: context.day.map_or_else(String::new, |day| day.to_string()),
            payer: cell(&context.payer),
            provider: cell(&context.rendering),
            field: finding.field.map_or("", |field| field.name()),
            value: cell(&finding.value),
            message: cut(&finding.message, MESSAGE_COLUMNS),
            suggestion: cell(&finding.suggestion),
            amount: finding.amount.map_or_else(String::new, money),
        }
    }

    /// The bytes of its row, at most.
    fn bytes(&self) -> usize {
        let Self { claim, service_line, file, position, payer, provider, .. } = self;
        let Self { value, message, suggestion, amount, .. } = self;
        let texts = [claim, service_line, file, position, payer, provider, value, message];
        let texts = texts.into_iter().chain([suggestion, amount]);
        texts.map(|text| escaped(text)).sum::<usize>() + ROW_BYTES
    }
}

/// The bytes of a text once it is escaped, at most: `&#38;` is the longest of references.
fn escaped(text: &str) -> usize {
    let special = text.bytes().filter(|byte| b"&<>\"'".contains(byte)).count();
    text.len() + 4 * special
}

/// The first findings of each rule; memory holds no more of them.
#[derive(Debug, Default)]
pub struct Examples(BTreeMap<RuleId, Vec<Example>>);

impl Examples {
    /// Keeps the finding, unless there are enough of its rule or a mapping alarm stands for it.
    pub fn keep(&mut self, finding: &Finding, summary: &Summary) {
        if summary.is_alarmed(finding.rule, finding.place.source) {
            return;
        }
        let of_rule = self.0.entry(finding.rule).or_default();
        if (of_rule.len() as u64) < EXAMPLES_MAX {
            of_rule.push(Example::of(finding, summary));
        }
    }

    /// The examples of each of the rules that have room in `bytes`: every rule has its first before
    /// any has its second.
    pub fn within(&self, bytes: usize, rules: &[&RuleSummary]) -> Vec<&[Example]> {
        let all = rules.iter().map(|rule| self.0.get(&rule.id).map_or(&[][..], Vec::as_slice));
        let all: Vec<&[Example]> = all.collect();
        let mut shown = vec![0; all.len()];
        let mut room = bytes;
        for at in 0..EXAMPLES_MAX as usize {
            for (examples, shown) in all.iter().zip(&mut shown).filter(|(_, shown)| **shown == at) {
                let Some(example) = examples.get(at) else { continue };
                let Some(left) = room.checked_sub(example.bytes()) else { continue };
                (room, *shown) = (left, at + 1);
            }
        }
        all.iter().zip(shown).map(|(all, shown)| all.get(..shown).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canned;

    #[test]
    fn memory_holds_no_more_than_is_shown() {
        let (summary, mut examples) = (canned::summary(), Examples::default());
        (0..200).for_each(|_| examples.keep(&canned::category_two(), &summary));
        assert_eq!(examples.0.values().map(Vec::len).sum::<usize>() as u64, EXAMPLES_MAX);
    }

    #[test]
    fn room_is_given_in_rounds() {
        let (summary, mut examples) = (canned::summary(), Examples::default());
        for finding in canned::findings() {
            (0..3).for_each(|_| examples.keep(&finding, &summary));
        }
        let rules: Vec<&RuleSummary> =
            summary.rules.iter().filter(|rule| [0, 1].contains(&rule.id.0)).collect();
        let shown =
            |bytes| examples.within(bytes, &rules).iter().map(|e| e.len()).collect::<Vec<_>>();
        let one = |at: u16| examples.0[&RuleId(at)][0].bytes();
        assert_eq!(shown(0), [0, 0]);
        assert_eq!(shown(one(0)), [1, 0]);
        assert_eq!(shown(one(0) + one(1)), [1, 1]);
        assert_eq!(shown(2 * one(0) + one(1)), [2, 1]);
        assert_eq!(shown(1 << 20), [9, 9]);
    }
}
