//! Why records are rejected: the codes of the rules that found an error in each.

use std::collections::VecDeque;

use crate::error::Result;
use crate::exchange::found::slices::Slices;
use crate::model::{RuleId, Severity};
use crate::pipeline::plan::Plan;

/// All findings of a run in order, asked for record by record.
pub struct Reasons<'s> {
    plan: &'s Plan,
    slices: Slices<'s>,
    /// Those of the slice in hand: input, record, rule.
    found: VecDeque<(u32, u64, RuleId)>,
}

impl<'s> Reasons<'s> {
    /// Of the findings of a run.
    pub fn new(plan: &'s Plan, slices: Slices<'s>) -> Self {
        Self { plan, slices, found: VecDeque::new() }
    }

    /// The codes of the errors in a record, with a blank between two; of one that was set aside,
    /// the code that says why. Records must be asked for in their order.
    pub fn of(&mut self, source: u32, record: u64) -> Result<String> {
        let mut codes: Vec<&str> = Vec::new();
        while let Some((at, rule)) = self.next()? {
            if at > (source, record) {
                break;
            }
            self.found.pop_front();
            let code = self.plan.registry.get(rule).map_or("", |rule| rule.info.code);
            if at == (source, record) && !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes.join(" "))
    }

    fn next(&mut self) -> Result<Option<((u32, u64), RuleId)>> {
        while self.found.is_empty() {
            let Some(slice) = self.slices.next_slice()? else { return Ok(None) };
            let (plan, found) = (self.plan, &mut self.found);
            slice.for_each(|finding| {
                let view = &finding.view;
                let is_of_records = plan.checks.records.iter().any(|check| check.id == view.rule);
                if view.severity == Severity::Error || is_of_records {
                    found.push_back((view.place.source, view.place.record, view.rule));
                }
                Ok(())
            })?;
        }
        Ok(self.found.front().map(|(source, record, rule)| ((*source, *record), *rule)))
    }
}
