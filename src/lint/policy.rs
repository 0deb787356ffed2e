//! How much a finding weighs: the rule's severity, and exceptions by input and payer.

use std::collections::BTreeMap;

use crate::model::{Field, Line, RuleId, Severity};

/// More exceptions than this have no bit to be remembered by.
pub const EXCEPTIONS_MAX: usize = 32;

/// An exception for some payers.
#[derive(Debug, Clone, Default)]
pub struct Exception {
    /// Upper-cased payers, one of which a line must name; empty for any line.
    pub payers: Vec<Vec<u8>>,
    /// What changes: a severity, or `None` for no findings.
    pub changes: BTreeMap<RuleId, Option<Severity>>,
}

/// How much findings weigh.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The severity of each rule, by its place in the list of rules.
    pub severities: Vec<Severity>,
    /// Exceptions, the later ones winning.
    pub exceptions: Vec<Exception>,
    /// Findings that weigh less are none.
    pub least: Severity,
}

impl Default for Policy {
    fn default() -> Self {
        Self { severities: Vec::new(), exceptions: Vec::new(), least: Severity::Info }
    }
}

impl Policy {
    /// Which exceptions apply to a line, one bit each. `of_input` says which apply to its input.
    pub fn exceptions_of(&self, line: Line<'_>, of_input: u64) -> u64 {
        let mut bits = 0;
        for (at, exception) in self.exceptions.iter().enumerate() {
            if of_input & (1 << at) == 0 {
                continue;
            }
            let applies = exception.payers.is_empty()
                || line.text(Field::Payer).is_some_and(|payer| {
                    exception.payers.iter().any(|known| known.eq_ignore_ascii_case(payer))
                });
            bits |= u64::from(applies) << at;
        }
        bits
    }

    /// Which exceptions apply to something that is no line: those that name no payer.
    pub fn exceptions_without_line(&self, of_input: u64) -> u64 {
        let mut bits = 0;
        for (at, exception) in self.exceptions.iter().enumerate() {
            bits |= u64::from(exception.payers.is_empty()) << at;
        }
        bits & of_input
    }

    /// How much a finding of `rule` weighs where these exceptions apply; nothing when it is none.
    pub fn severity(&self, rule: RuleId, exceptions: u64) -> Option<Severity> {
        let mut severity = self.severities.get(usize::from(rule.0)).copied();
        for (at, exception) in self.exceptions.iter().enumerate() {
            if exceptions & (1 << at) != 0 {
                severity = exception.changes.get(&rule).copied().unwrap_or(severity);
            }
        }
        severity.filter(|severity| *severity >= self.least)
    }
}
