//! What rules reported of a batch, counted, and encoded in the order of the records.

use std::borrow::Cow;

use crate::exchange::found::FindingParts;
use crate::exchange::found::blocks::BlockWriter;
use crate::lint::Tally;
use crate::model::finding::Reported;
use crate::model::{Batch, Cents, Context, Field, Findings, Line, RuleId, Severity, Snippet};
use crate::pipeline::hits::{self, NOT_CLEAN};
use crate::pipeline::plan::Plan;
use crate::report::fingerprint;

/// The charge of a line as findings carry it.
pub fn amount(line: Line<'_>) -> Option<Cents> {
    line.charge().value()
}

/// The cell that was reported, as far as fingerprints know it.
fn shown<'l>(reported: &Reported, line: Line<'l>) -> Option<Cow<'l, [u8]>> {
    reported.field.filter(|field| !field.is_private()).map(|field| line.shown(field))
}

/// Encodes what the rules reported of a batch, counting it.
pub struct Writer<'p> {
    plan: &'p Plan,
    batch: &'p Batch,
    exceptions: u64,
    samples: u64,
    tally: Tally,
    findings: BlockWriter,
    /// Findings of lines that were encoded so far, by rule.
    found: Vec<u64>,
    /// Findings that were encoded so far, by rule and severity.
    encoded: Vec<[u64; Severity::ALL.len()]>,
    hits: &'p mut Vec<u128>,
    named: u64,
}

/// What is left of a batch when its findings are encoded.
pub struct Encoded {
    /// The counts, those of the findings included.
    pub tally: Tally,
    /// The findings that a report may show, in the order of the records, in blocks.
    pub findings: Vec<u8>,
    /// Records that may be service lines and are named by a finding.
    pub named: u64,
}

impl<'p> Writer<'p> {
    /// A writer for a batch of an input to which these exceptions apply; it adds to `tally`. All
    /// findings are counted, and the first `samples` of each rule and severity are encoded: since a
    /// mapping alarm stands for all or none of a rule's findings in an input, a report that shows
    /// no more than these of the whole run needs no more of a batch. Which rules found something in
    /// each line is put into `hits`, one bit each; it stays empty if none did in any.
    pub fn new(
        plan: &'p Plan,
        batch: &'p Batch,
        exceptions: u64,
        samples: u64,
        tally: Tally,
        hits: &'p mut Vec<u128>,
    ) -> Self {
        Writer {
            plan,
            batch,
            exceptions,
            samples,
            tally,
            findings: BlockWriter::default(),
            found: vec![0; plan.registry.len()],
            encoded: vec![[0; Severity::ALL.len()]; plan.registry.len()],
            hits,
            named: 0,
        }
    }

    /// Encodes the findings of lines and of set-aside records in the order of the records.
    pub fn write(mut self, lines: &Findings, faults: &Findings) -> Encoded {
        self.merge(lines, faults);
        let Writer { tally, findings, named, .. } = self;
        Encoded { tally, findings: findings.finish(), named }
    }

    fn merge(&mut self, lines: &Findings, faults: &Findings) {
        let mut line_reports = lines.reported().iter().peekable();
        let mut fault_reports = faults.reported().iter().peekable();
        loop {
            let next_line = line_reports.peek().map(|r| self.batch.line(r.at).place().record);
            let next_fault = fault_reports
                .peek()
                .and_then(|r| self.batch.faults.get(r.at))
                .map(|fault| fault.place.record);
            match (next_line, next_fault) {
                (None, None) => return,
                (Some(line), Some(fault)) if fault < line => {
                    self.faults(fault_reports.next(), faults);
                }
                (None, Some(_)) => self.faults(fault_reports.next(), faults),
                (Some(_), _) => self.line(line_reports.next(), lines),
            }
        }
    }

    fn faults(&mut self, reported: Option<&Reported>, from: &Findings) {
        let Some(reported) = reported else { return };
        let Some(fault) = self.batch.faults.get(reported.at) else { return };
        let exceptions = self.plan.checks.policy.exceptions_without_line(self.exceptions);
        let Some(severity) = self.plan.checks.policy.severity(reported.rule, exceptions) else {
            return;
        };
        self.named += u64::from(fault.may_be_a_line());
        if let Some(excuse) = self.plan.excuses.without_line(reported.rule, self.exceptions) {
            excuse.count(reported.rule, &mut self.tally);
            return;
        }
        self.tally.count(reported.rule, severity);
        if !self.is_sample(reported.rule, severity) {
            return;
        }
        let parts = FindingParts {
            rule: reported.rule,
            severity,
            charge_counted: true,
            place: fault.place,
            claim_id: None,
            service_line: None,
            field: reported.field,
            value: None,
            message: from.message(reported),
            suggestion: None,
            related: &reported.related,
            amount: None,
            context: Context::default(),
            snippet: None,
        };
        self.findings.put(&parts);
    }

    fn line(&mut self, reported: Option<&Reported>, from: &Findings) {
        let Some(reported) = reported else { return };
        let line = self.batch.line(reported.at);
        let policy = &self.plan.checks.policy;
        let exceptions = self.plan.exceptions_of_line(line, self.exceptions);
        let Some(severity) = policy.severity(reported.rule, exceptions) else { return };
        if self.is_excused(reported, line, exceptions) {
            return;
        }
        let amount = amount(line);
        self.count(reported, severity, amount);
        if !self.is_sample(reported.rule, severity) {
            return;
        }
        let snippet = self.snippet(reported.rule, line);
        let value = reported.field.and_then(|field| match field.is_private() {
            true => self.plan.phi.shown(field, line.raw(field)).map(Cow::Owned),
            false => Some(line.shown(field)),
        });
        let suggestion = reported.suggestion.as_ref().map(|code| code.as_bytes().as_slice());
        let parts = FindingParts {
            rule: reported.rule,
            severity,
            charge_counted: true,
            place: line.place(),
            claim_id: line.claim_id(),
            service_line: line.text(Field::ServiceLine),
            field: reported.field,
            value: value.as_deref(),
            message: from.message(reported),
            suggestion,
            related: &reported.related,
            amount,
            context: self.plan.context_of(line),
            snippet: snippet.as_ref(),
        };
        self.findings.put(&parts);
    }

    /// Whether a waiver or the baseline excuses what was reported of a line; counted, if so.
    fn is_excused(&mut self, reported: &Reported, line: Line<'_>, exceptions: u64) -> bool {
        let excuses = &self.plan.excuses;
        let accepted = || {
            let value = shown(reported, line);
            let (claim, service_line) = (line.claim_id(), line.text(Field::ServiceLine));
            let code = self.plan.registry.get(reported.rule)?.info.code;
            fingerprint::number(code, claim, service_line, reported.field, value.as_deref())
        };
        let excuse = excuses.find(reported.rule, exceptions, accepted);
        let Some(excuse) = excuse else { return false };
        excuse.count(reported.rule, &mut self.tally);
        self.hits.resize(self.batch.len(), 0);
        self.hits.get_mut(reported.at).into_iter().for_each(|hits| *hits |= NOT_CLEAN);
        true
    }

    fn count(&mut self, reported: &Reported, severity: Severity, amount: Option<Cents>) {
        if self.hits.is_empty() {
            self.hits.resize(self.batch.len(), 0);
        }
        self.tally.count(reported.rule, severity);
        let bits = hits::of(self.plan, reported.rule, severity);
        let first = self.hits.get_mut(reported.at).is_some_and(|hits| {
            let first = *hits & !NOT_CLEAN == 0;
            *hits |= bits;
            first
        });
        if first {
            add_amount(&mut self.tally.at_risk, &mut self.tally.charges_unread, amount);
        }
        let rule = self.tally.rule_mut(reported.rule);
        add_amount(&mut rule.at_risk, &mut rule.charges_unread, amount);
    }

    /// Whether the next finding of a rule and severity is one that a report may show.
    fn is_sample(&mut self, rule: RuleId, severity: Severity) -> bool {
        let encoded = self.encoded.get_mut(usize::from(rule.0));
        encoded.and_then(|encoded| encoded.get_mut(severity as usize)).is_none_or(|encoded| {
            *encoded += 1;
            *encoded <= self.samples
        })
    }

    /// The key columns of the line, while a report may still show them: the first of each rule in
    /// a chunk are among the first of the run, or are not needed.
    fn snippet(&mut self, rule: RuleId, line: Line<'_>) -> Option<Snippet> {
        let found = self.found.get_mut(usize::from(rule.0))?;
        *found += 1;
        (*found <= self.plan.snippets).then(|| Snippet::of(line))
    }
}

/// Adds a charge to a sum, or to the count of charges that cannot be read.
pub fn add_amount(sum: &mut Cents, unread: &mut u64, amount: Option<Cents>) {
    match amount {
        Some(amount) => *sum += amount,
        None => *unread += 1,
    }
}
