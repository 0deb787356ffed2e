//! What turns findings into text far from the output that it goes to: in any thread, some thousand
//! findings at a time.

use crate::model::finding::FindingView;
use crate::model::{RuleId, Severity};
use crate::report::Summary;
use crate::report::summary::RuleSummary;

/// The part of a sink that needs nothing but one finding at a time and the summary.
pub trait Render: Send + Sync {
    /// Appends what the report says of a finding.
    fn render(&self, finding: &FindingView<'_>, into: &mut Piece);
}

/// A piece of a report.
#[derive(Debug, Default)]
pub struct Piece {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Findings that are not listed, because a mapping alarm stands for them.
    pub held_back: u64,
}

/// Something that is made once for each rule and severity.
pub struct ByRule<T> {
    known: Vec<[T; Severity::ALL.len()]>,
    unknown: [T; Severity::ALL.len()],
}

impl<T> ByRule<T> {
    /// Makes it for the rules of a run, and for a rule that is none of them.
    pub fn new(summary: &Summary, make: impl Fn(Option<&RuleSummary>, Severity) -> T) -> Self {
        let all = |rule| Severity::ALL.map(|severity| make(rule, severity));
        let last = summary.rules.iter().map(|rule| rule.id.0).max();
        let ids = (0..=last.unwrap_or(0)).map(RuleId);
        Self { known: ids.map(|id| all(summary.rule(id))).collect(), unknown: all(None) }
    }

    /// What was made for a rule and a severity.
    #[inline]
    pub fn get(&self, rule: RuleId, severity: Severity) -> &T {
        let known = self.known.get(usize::from(rule.0)).unwrap_or(&self.unknown);
        // `Severity::ALL` is in the order of the numbers.
        let [info, warning, error] = known;
        match severity {
            Severity::Info => info,
            Severity::Warning => warning,
            Severity::Error => error,
        }
    }
}

/// The name of each input as a report writes it.
pub struct Names(Vec<Vec<u8>>);

impl Names {
    /// The names, written by `write`. The last is that of an input that there is not.
    pub fn new(summary: &Summary, write: impl Fn(&str, &mut Vec<u8>)) -> Self {
        let names = (0..=summary.sources.len()).map(|source| summary.source_name(source as u32));
        let written = names.map(|name| {
            let mut bytes = Vec::new();
            write(name, &mut bytes);
            bytes
        });
        Self(written.collect())
    }

    /// The name of an input.
    #[inline]
    pub fn get(&self, source: u32) -> &[u8] {
        self.0.get(source as usize).or(self.0.last()).map(Vec::as_slice).unwrap_or_default()
    }
}
