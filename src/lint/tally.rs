//! Exact counts of one input: what was read, what each rule looked at and what it found.

use crate::model::damage::Tidied;
use crate::model::{Cents, Class, Date, RuleId, Severity, Why};
use crate::reference::Kind;

/// What one rule looked at and found in one input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleTally {
    /// Lines (or records) that have what the rule looks at.
    pub judged: u64,
    /// Findings.
    pub found: u64,
    /// Findings by severity: info, warning, error.
    pub severities: [u64; 3],
    /// The charges of the lines it found.
    pub at_risk: Cents,
    /// Findings on lines whose charge cannot be read.
    pub charges_unread: u64,
    /// Lines that the rule wants to judge and that join no group, for want of a key.
    pub ungrouped: u64,
    /// Lines that the rule is about and cannot judge, for want of a readable value.
    pub lacking: u64,
    /// Lines that the rule is about and cannot judge, for no reference data covers their day.
    pub uncovered: u64,
    /// Lines of inputs without a column that the rule needs and that another input has.
    pub unmapped: u64,
    /// Lines that the rule wants to compare, in groups too large for that.
    pub crowded: u64,
    /// What it found and a waiver excuses; not among the findings.
    pub waived: u64,
    /// What it found and the baseline accepts; not among the findings.
    pub accepted: u64,
}

impl RuleTally {
    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &RuleTally) {
        self.judged += other.judged;
        self.found += other.found;
        self.severities.iter_mut().zip(other.severities).for_each(|(sum, more)| *sum += more);
        self.at_risk += other.at_risk;
        self.charges_unread += other.charges_unread;
        self.ungrouped += other.ungrouped;
        self.lacking += other.lacking;
        self.uncovered += other.uncovered;
        self.unmapped += other.unmapped;
        self.crowded += other.crowded;
        self.waived += other.waived;
        self.accepted += other.accepted;
    }
}

/// Lines that reference data of one kind does not cover.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// How many.
    pub lines: u64,
    /// The earliest and the latest of their days.
    pub days: Option<(Date, Date)>,
}

impl Uncovered {
    /// Counts a line of this day.
    pub fn add(&mut self, on: Date) {
        self.merge(&Uncovered { lines: 1, days: Some((on, on)) });
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Uncovered) {
        self.lines += other.lines;
        self.days = match (self.days, other.days) {
            (Some((first, last)), Some((a, b))) => Some((first.min(a), last.max(b))),
            (days, None) | (None, days) => days,
        };
    }
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
    /// The charges of all lines with a finding, each line once.
    pub at_risk: Cents,
    /// Lines with a finding whose charge cannot be read.
    pub charges_unread: u64,
    /// Lines without a claim id.
    pub without_claim: u64,
    /// Which exceptions of the configuration applied to any line, one bit each.
    pub exceptions: u64,
    /// Which waivers of the configuration excused anything, one bit each.
    pub waivers: u64,
    /// Findings by severity: info, warning, error.
    pub severities: [u64; 3],
    /// By rule, in the order of the list of rules.
    pub rules: Vec<RuleTally>,
    /// By kind of reference data, in the order of [`Kind::ALL`].
    pub uncovered: [Uncovered; Kind::ALL.len()],
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

    /// The counts of one rule, to add to.
    pub fn rule_mut(&mut self, id: RuleId) -> &mut RuleTally {
        let at = usize::from(id.0);
        if self.rules.len() <= at {
            self.rules.resize(at + 1, RuleTally::default());
        }
        #[allow(clippy::indexing_slicing, reason = "the list was made long enough above")]
        &mut self.rules[at]
    }

    /// Counts a finding of a rule.
    pub fn count(&mut self, rule: RuleId, severity: Severity) {
        let rule = self.rule_mut(rule);
        rule.found += 1;
        let of_rule = rule.severities.get_mut(severity as usize);
        of_rule.into_iter().for_each(|count| *count += 1);
        let of_all = self.severities.get_mut(severity as usize);
        of_all.into_iter().for_each(|count| *count += 1);
    }

    /// Counts a line that a rule is about and cannot judge. Lines that reference data does not
    /// cover are counted by kind elsewhere: once, however many rules ask.
    pub fn leave_out(&mut self, rule: RuleId, why: Why) {
        let rule = self.rule_mut(rule);
        match why {
            Why::Lacks(_) => rule.lacking += 1,
            Why::NotCovered(..) => rule.uncovered += 1,
        }
    }

    /// Counts a line that reference data of a kind, by its place in [`Kind::ALL`], does not cover.
    pub fn leave_uncovered(&mut self, kind: u8, on: Date) {
        let kind = self.uncovered.get_mut(usize::from(kind));
        kind.into_iter().for_each(|kind| kind.add(on));
    }

    /// Adds the counts of another part of the same input.
    pub fn merge(&mut self, other: &Tally) {
        self.lines += other.lines;
        self.tidied.merge(&other.tidied);
        self.classes.iter_mut().zip(other.classes).for_each(|(sum, more)| *sum += more);
        self.at_risk += other.at_risk;
        self.charges_unread += other.charges_unread;
        self.without_claim += other.without_claim;
        self.exceptions |= other.exceptions;
        self.waivers |= other.waivers;
        self.severities.iter_mut().zip(other.severities).for_each(|(sum, more)| *sum += more);
        self.rules.resize(self.rules.len().max(other.rules.len()), RuleTally::default());
        self.rules.iter_mut().zip(&other.rules).for_each(|(sum, more)| sum.merge(more));
        let uncovered = self.uncovered.iter_mut().zip(&other.uncovered);
        uncovered.for_each(|(sum, more)| sum.merge(more));
    }
}
