//! One chunk: decoded, every rule for lines run over it, its findings encoded, its runs folded.

use crate::error::Result;
use crate::exchange::found::{FindingParts, encode};
use crate::exchange::rows::{self, Row, hash_key};
use crate::exchange::{Rows, RowsBuilder};
use crate::input::Chunk;
use crate::input::decode::Decoder;
use crate::input::pool::Pool;
use crate::lint::Tally;
use crate::lint::checks::count_classes;
use crate::model::finding::Reported;
use crate::model::group::Witness;
use crate::model::{Batch, Cell, Cents, Field, Findings, KeptLine, Line, RuleId, Snippet};
use crate::pipeline::plan::{NOT_JUDGED, Plan, Stream};

/// What a chunk leaves behind.
pub struct Checked {
    /// Which input.
    pub source: u32,
    /// Its findings, encoded, in order.
    pub findings: Vec<u8>,
    /// What rules for claims need of it, by stream.
    pub rows: Vec<Rows>,
    /// Its counts.
    pub tally: Tally,
    /// Records that were set aside.
    pub rejected: u64,
    /// Those of them that may be service lines.
    pub unreadable: u64,
    /// Those of them that no finding names, because the rule for them does not run here.
    pub unnamed: u64,
    /// Bytes of its text.
    pub bytes: u64,
}

/// Checks a chunk of an input to which these exceptions apply.
pub fn check(
    plan: &Plan,
    decoder: &Decoder,
    buffers: &Pool,
    exceptions: u32,
    chunk: Chunk,
) -> Result<Checked> {
    let bytes = chunk.text.len() as u64;
    let batch = decoder.decode(chunk);
    let mut tally = Tally::new(plan.registry.len());
    count_classes(&batch, &mut tally);
    let mut lines = Findings::default();
    plan.checks.lines(&batch, &mut lines, &mut tally);
    let mut faults = Findings::default();
    plan.checks.records(&batch, &mut faults, &mut tally);
    let mut writer = Writer {
        plan,
        batch: &batch,
        exceptions,
        tally,
        findings: Vec::new(),
        scratch: Vec::new(),
        shown: vec![0; plan.registry.len()],
        hits: Vec::new(),
        named: 0,
    };
    writer.write(&lines, &faults);
    let Writer { mut tally, findings, hits, named, .. } = writer;
    let fold = Fold { plan, batch: &batch, hits: &hits, exceptions };
    let rows = plan.streams.iter().map(|stream| fold.stream(stream, &mut tally)).collect();
    if !plan.exceptions.is_empty() {
        let policy = &plan.checks.policy;
        let applied = batch.lines().map(|line| policy.exceptions_of(line, exceptions));
        tally.exceptions = applied.fold(0, |all, bits| all | bits);
    }
    let rejected = batch.faults.len() as u64;
    let unreadable = batch.faults.iter().filter(|fault| fault.may_be_a_line()).count() as u64;
    let unnamed = unreadable.saturating_sub(named);
    let source = batch.source;
    buffers.give(batch.text);
    Ok(Checked { source, findings, rows, tally, rejected, unreadable, unnamed, bytes })
}

/// The charge of a line as findings carry it.
pub fn amount(line: Line<'_>) -> Option<Cents> {
    line.charge().value()
}

struct Writer<'p> {
    plan: &'p Plan,
    batch: &'p Batch,
    exceptions: u32,
    tally: Tally,
    findings: Vec<u8>,
    scratch: Vec<u8>,
    shown: Vec<u64>,
    hits: Vec<u128>,
    /// Records that may be service lines and are named by a finding.
    named: u64,
}

impl Writer<'_> {
    /// Encodes the findings of lines and of set-aside records in the order of the records.
    fn write(&mut self, lines: &Findings, faults: &Findings) {
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
        self.tally.rule_mut(reported.rule).found += 1;
        count_severity(&mut self.tally, severity);
        self.named += u64::from(fault.may_be_a_line());
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
            snippet: None,
        };
        encode(&parts, &mut self.scratch, &mut self.findings);
    }

    fn line(&mut self, reported: Option<&Reported>, from: &Findings) {
        let Some(reported) = reported else { return };
        let line = self.batch.line(reported.at);
        let policy = &self.plan.checks.policy;
        let exceptions = policy.exceptions_of(line, self.exceptions);
        let Some(severity) = policy.severity(reported.rule, exceptions) else { return };
        let amount = amount(line);
        self.count(reported, severity, amount);
        let snippet = self.snippet(reported.rule, line);
        let value = reported.field.filter(|field| !field.is_private()).map(|f| line.shown(f));
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
            snippet: snippet.as_ref(),
        };
        encode(&parts, &mut self.scratch, &mut self.findings);
    }

    fn count(
        &mut self,
        reported: &Reported,
        severity: crate::model::Severity,
        amount: Option<Cents>,
    ) {
        if self.hits.is_empty() {
            self.hits = vec![0; self.batch.len()];
        }
        count_severity(&mut self.tally, severity);
        let first = self.hits.get_mut(reported.at).is_some_and(|hits| {
            let first = *hits == 0;
            *hits |= 1 << reported.rule.0;
            first
        });
        if first {
            add_amount(&mut self.tally.at_risk, &mut self.tally.charges_unread, amount);
        }
        let rule = self.tally.rule_mut(reported.rule);
        rule.found += 1;
        add_amount(&mut rule.at_risk, &mut rule.charges_unread, amount);
    }

    /// The key columns of the line, while a report may still show them: the first of each rule in
    /// a chunk are among the first of the run, or are not needed.
    fn snippet(&mut self, rule: RuleId, line: Line<'_>) -> Option<Snippet> {
        let shown = self.shown.get_mut(usize::from(rule.0))?;
        *shown += 1;
        (*shown <= self.plan.snippets).then(|| Snippet::of(line))
    }
}

/// Counts a finding by its severity.
pub fn count_severity(tally: &mut Tally, severity: crate::model::Severity) {
    if let Some(count) = tally.severities.get_mut(severity as usize) {
        *count += 1;
    }
}

/// Adds a charge to a sum, or to the count of charges that cannot be read.
pub fn add_amount(sum: &mut Cents, unread: &mut u64, amount: Option<Cents>) {
    match amount {
        Some(amount) => *sum += amount,
        None => *unread += 1,
    }
}

/// Folds adjacent lines with one key into rows.
struct Fold<'p> {
    plan: &'p Plan,
    batch: &'p Batch,
    hits: &'p [u128],
    exceptions: u32,
}

impl Fold<'_> {
    fn stream(&self, stream: &Stream, tally: &mut Tally) -> Rows {
        let mut rows = RowsBuilder::default();
        let (mut key, mut last) = (Vec::new(), Vec::new());
        let mut row = Row::default();
        for line in self.batch.lines() {
            key.clear();
            if !self.key(stream, line, &mut key) {
                self.count_ungrouped(stream, line, tally);
                continue;
            }
            if key != last {
                flush(&last, &row, &mut rows);
                row = Row::default();
                std::mem::swap(&mut key, &mut last);
            }
            self.fold(stream, line, &mut row);
        }
        flush(&last, &row, &mut rows);
        rows.finish()
    }

    /// Counts a line without a key for the rules that would have judged it.
    #[cold]
    fn count_ungrouped(&self, stream: &Stream, line: Line<'_>, tally: &mut Tally) {
        tally.without_claim += u64::from(stream.is_by_claim());
        let checks = stream.checks.iter().filter_map(|at| self.plan.checks.groups.get(*at));
        for prepared in checks.filter(|prepared| prepared.check.look(line).keep) {
            tally.rule_mut(prepared.id).ungrouped += 1;
        }
    }

    /// Marks the claim of a line that another grouping leaves out: it cannot be called clean.
    #[inline]
    fn not_judged(&self, stream: &Stream, line: Line<'_>) -> u128 {
        if !stream.is_by_claim() || self.plan.streams.len() == 1 {
            return 0;
        }
        let mut others = self.plan.streams.iter().filter(|other| !other.is_by_claim());
        let left_out = |other: &Stream| {
            let wanted = |at: &usize| {
                let prepared = self.plan.checks.groups.get(*at);
                prepared.is_some_and(|prepared| prepared.check.look(line).keep)
            };
            other.checks.iter().any(wanted) && !self.key(other, line, &mut Vec::new())
        };
        if others.any(left_out) { NOT_JUDGED } else { 0 }
    }

    /// Writes the line's key; false when it has none.
    fn key(&self, stream: &Stream, line: Line<'_>, key: &mut Vec<u8>) -> bool {
        if !self.plan.claims_span_inputs {
            key.extend_from_slice(&line.place().source.to_le_bytes());
        }
        match stream.key.as_slice() {
            [Field::ClaimId] => match line.claim_id() {
                Some(claim) => key.extend_from_slice(claim),
                None => return false,
            },
            fields => {
                for field in fields {
                    if !part(*field, line, key) {
                        return false;
                    }
                }
            }
        }
        true
    }

    #[inline]
    fn fold(&self, stream: &Stream, line: Line<'_>, row: &mut Row) {
        row.lines += 1;
        let hits = self.hits.get(line.row()).copied().unwrap_or_default();
        row.hits |= hits | self.not_judged(stream, line);
        let mut keepers = 0;
        for at in &stream.checks {
            let Some(prepared) = self.plan.checks.groups.get(*at) else { continue };
            let look = prepared.check.look(line);
            row.facts |= u64::from(look.facts & 0xF) << (4 * at);
            keepers |= u32::from(look.keep) << at;
            let witness = look.witness.then(|| line.procedure().code()).flatten();
            if let Some((code, _)) = witness {
                row.add_witness(*at as u8, Witness { place: line.place(), code });
            }
        }
        if keepers != 0 {
            row.kept.extend(self.keep(stream, line, keepers, hits != 0));
        }
    }

    fn keep(
        &self,
        stream: &Stream,
        line: Line<'_>,
        keepers: u32,
        already_found: bool,
    ) -> Option<KeptLine> {
        let (code, _) = line.procedure().code()?;
        // Without a prefix the key of a claim is its id, which need not travel twice.
        let in_key = stream.is_by_claim() && self.plan.claims_span_inputs;
        let claim_id = line.claim_id().filter(|_| !in_key).map(<[u8]>::to_vec);
        Some(KeptLine {
            place: line.place(),
            keepers,
            already_found,
            overrides: self.plan.checks.policy.exceptions_of(line, self.exceptions),
            code,
            value: line.raw(Field::ProcedureCode).to_vec(),
            claim_id,
            service_line: line.text(Field::ServiceLine).map(<[u8]>::to_vec),
            amount: match line.charge() {
                Cell::Value(amount) => Some(amount),
                Cell::Missing | Cell::Malformed => None,
            },
            snippet: (self.plan.snippets > 0).then(|| Snippet::of(line)),
        })
    }
}

/// Appends one field of a key, with its length; dates by the day they mean.
fn part(field: Field, line: Line<'_>, key: &mut Vec<u8>) -> bool {
    let dated;
    let text = match field {
        Field::ServiceDate => match line.service_date().value() {
            Some(date) => {
                dated = date.to_string();
                dated.as_bytes()
            }
            None => return false,
        },
        field => match line.text(field) {
            Some(text) => text,
            None => return false,
        },
    };
    key.extend_from_slice(&(text.len() as u32).to_le_bytes());
    key.extend_from_slice(text);
    true
}

fn flush(key: &[u8], row: &Row, rows: &mut RowsBuilder) {
    if row.lines > 0 {
        let hash = hash_key(key);
        rows::encode(hash, key, row, rows.partition_mut(hash));
    }
}
