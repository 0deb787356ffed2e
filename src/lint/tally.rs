//! Exact counts of one input: what was read, what each rule looked at and what it found.

use crate::model::damage::Tidied;
use crate::model::{Class, RuleId};

/// What one rule looked at and found in one input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleTally {
    /// Lines (or records) that have what the rule looks at.
    pub judged: u64,
    /// Findings.
    pub found: u64,
}

/// The counts of one input. They merge in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Service lines that were checked.
    pub lines: u64,
    /// By class of code: see [`Tally::class_index`].
    pub classes: [u64; Class::ALL.len() + 3],
    /// How often procedure codes were tidied.
    pub tidied: Tidied,
    /// By rule, in the order of the list of rules.
    pub rules: Vec<RuleTally>,
}

impl Tally {
    /// Empty counts for `rules` rules.
    pub fn new(rules: usize) -> Self {
        Self { rules: vec![RuleTally::default(); rules], ..Self::default() }
    }

    /// Where the count of a class stands; after the classes come damaged, malformed and missing.
    pub fn class_index(class: Class) -> usize {
        class as usize
    }

    /// Where the count of damaged codes stands.
    pub const DAMAGED: usize = Class::ALL.len();
    /// Where the count of malformed codes stands.
    pub const MALFORMED: usize = Class::ALL.len() + 1;
    /// Where the count of missing codes stands.
    pub const MISSING: usize = Class::ALL.len() + 2;

    /// The counts of one rule.
    pub fn rule(&self, id: RuleId) -> RuleTally {
        self.rules.get(usize::from(id.0)).copied().unwrap_or_default()
    }

    /// Adds to the counts of one rule.
    pub fn add(&mut self, id: RuleId, judged: u64, found: u64) {
        if let Some(rule) = self.rules.get_mut(usize::from(id.0)) {
            rule.judged += judged;
            rule.found += found;
        }
    }

    /// Adds the counts of another part of the same input.
    pub fn merge(&mut self, other: &Tally) {
        self.lines += other.lines;
        self.tidied.merge(&other.tidied);
        self.classes.iter_mut().zip(other.classes).for_each(|(sum, more)| *sum += more);
        self.rules.resize(self.rules.len().max(other.rules.len()), RuleTally::default());
        for (sum, more) in self.rules.iter_mut().zip(&other.rules) {
            sum.judged += more.judged;
            sum.found += more.found;
        }
    }
}
