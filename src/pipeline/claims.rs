//! One partition: cut into claims (or other groups), each judged by the rules for claims.

use crate::error::Result;
use crate::exchange::found::{FindingParts, encode_alone};
use crate::exchange::rows::{self, Encoded, Row, hash_key};
use crate::exchange::wire::Take;
use crate::exchange::{Exchange, Rows, RowsBuilder, groups};
use crate::lint::Tally;
use crate::model::{Field, Findings, Group, KeptLine, RuleId};
use crate::pipeline::findings::{add_amount, count_severity};
use crate::pipeline::plan::{Plan, Stream};

/// A share of the work that a stream's groups are: one partition, or a part of a large one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The partition.
    pub partition: usize,
    /// Which part of it.
    pub part: u64,
    /// Into how many parts it is split, by the next bits of the hash.
    pub parts: u64,
}

/// What the groups of a share turned out to be.
pub struct Judged {
    /// Findings, encoded one by one.
    pub findings: Vec<Vec<u8>>,
    /// Counts by input.
    pub tallies: Vec<Tally>,
    /// Groups.
    pub groups: u64,
    /// Groups without a finding of any rule.
    pub clean: u64,
    /// Groups with a finding, by rule.
    pub groups_by_rule: Vec<u64>,
    /// What claims must know of findings that came of another grouping.
    pub hits: Option<Rows>,
}

/// The rows of a share.
pub fn load(exchange: &Exchange, share: Share) -> Result<Vec<u8>> {
    let mut kept = Vec::with_capacity((bytes(exchange, share) + 1024) as usize);
    exchange.pieces(share.partition, |piece| {
        if share.parts == 1 {
            kept.extend_from_slice(piece);
            return Ok(());
        }
        let mut take = Take(piece);
        while !take.0.is_empty() {
            let Encoded { hash, whole, .. } = rows::take_encoded(&mut take)?;
            if (hash >> 8) % share.parts == share.part {
                kept.extend_from_slice(whole);
            }
        }
        Ok(())
    })?;
    Ok(kept)
}

/// About how many bytes the rows of a share are.
fn bytes(exchange: &Exchange, share: Share) -> u64 {
    exchange.partition_bytes(share.partition) / share.parts
}

/// Judges the groups of a share of a stream over `sources` inputs.
pub fn judge(plan: &Plan, stream: &Stream, sources: usize, rows: &[u8]) -> Result<Judged> {
    let is_claim = stream.is_by_claim();
    let mut judge = Judge {
        plan,
        stream,
        is_claim,
        out: Findings::default(),
        judged: Judged {
            findings: Vec::new(),
            tallies: vec![Tally::new(plan.registry.len()); sources],
            groups: 0,
            clean: 0,
            groups_by_rule: vec![0; plan.registry.len()],
            hits: None,
        },
        hits: (!is_claim).then(RowsBuilder::default),
    };
    groups::for_each(rows, |key, row| {
        judge.group(key, row);
        Ok(())
    })?;
    let hits = judge.hits.map(RowsBuilder::finish);
    Ok(Judged { hits, ..judge.judged })
}

struct Judge<'p> {
    plan: &'p Plan,
    stream: &'p Stream,
    is_claim: bool,
    out: Findings,
    judged: Judged,
    hits: Option<RowsBuilder>,
}

impl Judge<'_> {
    fn group(&mut self, key: &[u8], row: &Row) {
        let mut hits = row.hits;
        if !row.kept.is_empty() {
            hits |= self.check(key, row);
        }
        // A row without lines brings findings of another grouping to a claim.
        self.judged.groups += 1;
        self.judged.clean += u64::from(hits == 0);
        for (at, groups) in self.judged.groups_by_rule.iter_mut().enumerate() {
            *groups += u64::from(hits & (1 << at) != 0);
        }
    }

    /// Runs the rules over a group; returns which of them found something.
    fn check(&mut self, key: &[u8], row: &Row) -> u128 {
        let mut hits = 0;
        for at in &self.stream.checks {
            let Some(prepared) = self.plan.checks.groups.get(*at) else { continue };
            let asked = |line: &&KeptLine| line.keepers & (1 << at) != 0;
            let lines: Vec<KeptLine> = row.kept.iter().filter(asked).cloned().collect();
            if lines.is_empty() {
                continue;
            }
            for line in &lines {
                if let Some(tally) = self.judged.tallies.get_mut(line.place.source as usize) {
                    tally.rule_mut(prepared.id).judged += 1;
                }
            }
            let witness = row.witnesses.iter().find(|(check, _)| usize::from(*check) == *at);
            let group = Group {
                lines: row.lines,
                facts: (row.facts >> (4 * at)) as u8 & 0xF,
                witness: witness.map(|(_, witness)| *witness),
                kept: &lines,
            };
            self.out.clear();
            self.out.begin(prepared.id);
            prepared.check.check(&group, &mut self.out);
            self.out.sort();
            for reported in 0..self.out.reported().len() {
                let found = self.write(key, &lines, reported);
                hits |= if found { 1 << prepared.id.0 } else { 0 };
            }
        }
        hits
    }

    /// Encodes one report about a kept line; false when an exception takes it away.
    fn write(&mut self, key: &[u8], lines: &[KeptLine], reported: usize) -> bool {
        let Some(reported) = self.out.reported().get(reported) else { return false };
        let Some(line) = lines.get(reported.at) else { return false };
        let policy = &self.plan.checks.policy;
        let Some(severity) = policy.severity(reported.rule, line.overrides) else { return false };
        let claim_id = line.claim_id.as_deref().or(self.is_claim.then_some(key));
        let suggestion = reported.suggestion.as_ref().map(|code| code.as_bytes().as_slice());
        let is_code = reported.field == Some(Field::ProcedureCode);
        let parts = FindingParts {
            rule: reported.rule,
            severity,
            charge_counted: line.already_found,
            place: line.place,
            claim_id,
            service_line: line.service_line.as_deref(),
            field: reported.field,
            // Of a kept line only the code's own cell has travelled.
            value: is_code.then_some(line.value.as_slice()),
            message: self.out.message(reported),
            suggestion,
            related: &reported.related,
            amount: line.amount,
            snippet: line.snippet.as_ref(),
        };
        self.judged.findings.push(encode_alone(&parts));
        if let Some(tally) = self.judged.tallies.get_mut(line.place.source as usize) {
            count_severity(tally, severity);
            let rule = tally.rule_mut(reported.rule);
            rule.found += 1;
            add_amount(&mut rule.at_risk, &mut rule.charges_unread, line.amount);
        }
        if let (Some(hits), Some(claim)) = (&mut self.hits, claim_id) {
            pass_on(self.plan, line, claim, reported.rule, hits);
        }
        true
    }
}

/// Lets the claim of a line know of a finding that came of another grouping.
fn pass_on(plan: &Plan, line: &KeptLine, claim: &[u8], rule: RuleId, into: &mut RowsBuilder) {
    let mut key = Vec::new();
    if !plan.claims_span_inputs {
        key.extend_from_slice(&line.place.source.to_le_bytes());
    }
    key.extend_from_slice(claim);
    let row = Row { hits: 1 << rule.0, ..Row::default() };
    let hash = hash_key(&key);
    rows::encode(hash, &key, &row, into.partition_mut(hash));
}
