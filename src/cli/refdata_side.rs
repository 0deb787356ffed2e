//! Findings that only one of two editions leads to: counted by rule, with examples.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cli::amounts;
use crate::model::{Cents, Finding};
use crate::report::Summary;
use crate::report::escape::money;

/// Findings under one of the editions only. A rule finds a line once, whatever it says of it.
#[derive(Debug, Default)]
pub struct Side {
    /// By the code of the rule.
    pub rules: BTreeMap<&'static str, Count>,
    /// Each line once, whatever rules found it.
    pub total: Count,
    /// The first of them, or all.
    pub examples: Vec<Example>,
    last: Option<Key>,
}

/// How much is concerned.
#[derive(Debug, Default)]
pub struct Count {
    lines: u64,
    claims: BTreeSet<(u32, String)>,
    charges: Cents,
    charges_unread: u64,
}

/// A line with a finding under one of the editions only.
#[derive(Debug)]
pub struct Example {
    file: String,
    record: u64,
    claim_id: Option<String>,
    code: Option<String>,
    rule: &'static str,
    message: String,
    charge: Option<Cents>,
}

/// A finding, for telling whether it is there under both editions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    source: u32,
    rule: u16,
    record: u64,
    byte: u64,
}

impl Key {
    /// Nothing for a finding about a whole input.
    pub fn of(finding: &Finding) -> Option<Key> {
        let place = finding.place;
        let (source, rule) = (place.source, finding.rule.0);
        (place.record > 0).then_some(Key { source, rule, record: place.record, byte: place.byte })
    }
}

impl Side {
    /// How many findings there are: a line counts for each rule.
    pub fn findings(&self) -> u64 {
        self.rules.values().map(|count| count.lines).sum()
    }

    /// Takes in a finding; they come in the order of the lines. Claims are told apart by input
    /// too unless they span inputs, and only the first findings become examples.
    pub fn add(
        &mut self,
        key: Key,
        finding: &Finding,
        summary: &Summary,
        spans_inputs: bool,
        most: usize,
    ) {
        let last = self.last.replace(key);
        let Some(rule) = summary.rule(finding.rule).filter(|_| last != Some(key)) else { return };
        let is_new_line = last.map(|last| (last.source, last.byte)) != Some((key.source, key.byte));
        let source = if spans_inputs { 0 } else { key.source };
        let claim = finding.claim_id.as_ref().map(|claim| (source, claim.clone()));
        if is_new_line {
            self.total.add(claim.clone(), finding.amount);
        }
        self.rules.entry(rule.info.code).or_default().add(claim, finding.amount);
        if self.examples.len() < most {
            self.examples.push(Example {
                file: summary.source_name(key.source).to_owned(),
                record: key.record,
                claim_id: finding.claim_id.clone(),
                code: finding.value.clone(),
                rule: rule.info.code,
                message: finding.message.clone(),
                charge: finding.amount,
            });
        }
    }
}

impl Count {
    fn add(&mut self, claim: Option<(u32, String)>, charge: Option<Cents>) {
        self.lines += 1;
        self.claims.extend(claim);
        match charge {
            Some(charge) => self.charges += charge,
            None => self.charges_unread += 1,
        }
    }

    /// For reading.
    pub fn text(&self) -> String {
        let lines = amounts::counted(self.lines, "line");
        let claims = amounts::counted(self.claims.len() as u64, "claim");
        let unread = match self.charges_unread {
            0 => String::new(),
            lines => format!(" and {} without a readable charge", amounts::counted(lines, "line")),
        };
        format!("{lines}, {claims}, {}{unread}", money(self.charges))
    }

    /// For programs.
    pub fn as_json(&self) -> Value {
        json!({
            "lines": self.lines,
            "claims": self.claims.len(),
            "charges": self.charges.to_string(),
            "charges_unread": self.charges_unread,
        })
    }
}

impl Example {
    /// For reading.
    pub fn text(&self) -> String {
        let claim = self.claim_id.as_deref().map(|claim| format!(", claim {claim}"));
        let code = self.code.as_deref().map(|code| format!(", {code}"));
        format!(
            "{}: record {}{}{}: {}: {}",
            self.file,
            self.record,
            claim.unwrap_or_default(),
            code.unwrap_or_default(),
            self.rule,
            self.message
        )
    }

    /// For programs.
    pub fn as_json(&self) -> Value {
        json!({
            "file": self.file,
            "record": self.record,
            "claim_id": self.claim_id,
            "code": self.code,
            "rule": self.rule,
            "message": self.message,
            "charge": self.charge.map(|charge| charge.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_that_cannot_be_read_are_counted() {
        let mut count = Count::default();
        count.add(None, None);
        count.add(Some((0, "C1".to_owned())), Some(Cents(-105)));
        assert_eq!(count.text(), "2 lines, 1 claim, -$1.05 and 1 line without a readable charge");
    }
}
