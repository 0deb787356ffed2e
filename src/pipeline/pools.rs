//! One partition of lines that are compared: put together by key, each group judged by the rules of
//! its stream.
//!
//! A group is seen whole, so there is a bound to its lines. A partition that is larger than its
//! share of memory is split; one that cannot be split is a few giant groups, and they are counted.

use crate::error::Result;
use crate::exchange::found::{FindingParts, encode_alone};
use crate::exchange::rows::{Row, hash_key};
use crate::exchange::wire::Take;
use crate::exchange::{Exchange, Lane, Rows, RowsBuilder, pooled};
use crate::lint::PoolCheck;
use crate::lint::checks::Prepared;
use crate::lint::pool::GROUP_LINES_MAX;
use crate::model::{Context, Field, Findings, PooledLine, RuleId, claim};
use crate::pipeline::calm;
use crate::pipeline::claims::{claim_key, tally};
use crate::pipeline::findings::add_amount;
use crate::pipeline::held::Held;
use crate::pipeline::hits::{self, NOT_CLEAN, REJECTED};
use crate::pipeline::judged::Judged;
#[cfg(feature = "polars")]
use crate::pipeline::own;
use crate::pipeline::plan::{Plan, PoolStream};

/// What became of a partition.
pub enum Pooled {
    /// Its groups were judged; and what is to be compared of them, for each rule of the stream.
    Judged(Judged, Vec<Rows>),
    /// Its lines are too many to be held at once.
    TooMany(usize),
    /// The same, and they are of few groups: see [`crate::pipeline::giants`].
    Giants(usize),
}

/// What is asked of the rules of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// To judge the lines of each group.
    Lines,
    /// To judge groups that are equal for the rule with this bit, each by its first line.
    Groups(usize),
}

/// Judges the groups of a partition of a stream, if that can be done within the limits.
pub fn look(
    plan: &Plan,
    stream: &PoolStream,
    round: Round,
    exchange: &Exchange,
    partition: usize,
) -> Result<Pooled> {
    let lane = Lane::Kept(partition);
    let mut judge = Judge::new(plan, stream, round);
    if exchange.lane_bytes(lane) <= plan.limits.partition_bytes {
        judge.all(exchange, lane, None)?;
    } else if exchange.can_split() && has_several_hashes(exchange, lane)? {
        return Ok(Pooled::TooMany(partition));
    } else {
        return Ok(Pooled::Giants(partition));
    }
    let (judged, again) = judge.finish();
    Ok(Pooled::Judged(judged, again))
}

fn has_several_hashes(exchange: &Exchange, lane: Lane) -> Result<bool> {
    let (mut first, mut several) = (None, false);
    exchange.pieces(lane, |mut rows| {
        several |= rows.any(|row| *first.get_or_insert(row.hash) != row.hash);
        Ok(!several)
    })?;
    Ok(several)
}

/// Judges groups of a stream.
pub struct Judge<'p> {
    /// What is to be checked.
    pub plan: &'p Plan,
    pub(in crate::pipeline) stream: &'p PoolStream,
    round: Round,
    pub(in crate::pipeline) out: Findings,
    /// What came of it so far.
    pub judged: Judged,
    /// Groups to be compared, by the rules of the stream.
    again: Vec<RowsBuilder>,
    compared: Compared,
    /// The claim that was last said not to be judged: its input and its number.
    crowded: Option<(u32, Option<Vec<u8>>)>,
}

/// Memory for the group that is compared with others.
#[derive(Default)]
struct Compared {
    key: Vec<u8>,
    line: Vec<u8>,
}

impl<'p> Judge<'p> {
    /// For a stream of the plan.
    pub fn new(plan: &'p Plan, stream: &'p PoolStream, round: Round) -> Self {
        Judge {
            plan,
            stream,
            round,
            out: Findings::default(),
            judged: Judged::passing_on(plan),
            again: stream.checks.iter().map(|_| RowsBuilder::default()).collect(),
            compared: Compared::default(),
            crowded: None,
        }
    }

    /// What came of everything.
    pub fn finish(mut self) -> (Judged, Vec<Rows>) {
        let again = self.again.iter_mut().map(RowsBuilder::finish).collect();
        (self.judged, again)
    }

    /// The rules that are asked, each with its bit.
    pub fn checks(&self) -> impl Iterator<Item = (usize, &'p Prepared<dyn PoolCheck>)> + use<'p> {
        let (plan, round) = (self.plan, self.round);
        let checks = self.stream.checks.iter().enumerate();
        checks
            .filter(move |(bit, _)| match round {
                Round::Lines => true,
                Round::Groups(only) => *bit == only,
            })
            .filter_map(|(bit, at)| Some((bit, plan.checks.pools.get(*at)?)))
    }

    /// Judges all groups of a lane, or the one with this key.
    pub fn all(&mut self, exchange: &Exchange, lane: Lane, only: Option<&[u8]>) -> Result<()> {
        let held = Held::take(exchange, lane, only)?;
        let mut lines: Vec<PooledLine<'_>> = Vec::new();
        #[cfg(feature = "polars")]
        let mut page = own::Page::default();
        for rows in held.groups() {
            if let [row] = rows
                && self.alone(held.key(row), Take(held.lines(row)))?
            {
                continue;
            }
            lines.clear();
            for row in rows {
                let mut take = Take(held.lines(row));
                pooled::take_beginning(&mut take)?;
                let first = lines.len();
                while !take.0.is_empty() {
                    let before = lines.get(first..).and_then(<[_]>::last);
                    let mut line = self.line(held.key(row), &mut take, before)?;
                    if self.stream.compares_services {
                        line.service = pooled::service(&line, &mut self.compared.line);
                    }
                    lines.push(line);
                }
            }
            if !lines.is_sorted_by_key(|line| line.place) {
                lines.sort_by_key(|line| line.place);
            }
            #[cfg(feature = "polars")]
            if !self.stream.sql.is_empty() {
                if lines.len() > GROUP_LINES_MAX {
                    let rules = own::rules(&self.plan.checks, self.stream);
                    lines.iter().for_each(|line| self.crowded(line, &rules));
                    continue;
                }
                page.add(&mut lines);
                if page.is_full() {
                    own::judge(self, &mut page)?;
                }
                continue;
            }
            self.group(&lines);
        }
        #[cfg(feature = "polars")]
        own::judge(self, &mut page)?;
        Ok(())
    }

    /// Judges a group of a single row, if its lines need not be seen for that.
    fn alone<'b>(&mut self, key: &'b [u8], mut take: Take<'b>) -> Result<bool> {
        if self.round != Round::Lines {
            // A row of a group that has no equal.
            return Ok(true);
        }
        let Some(calm) = pooled::take_beginning(&mut take)? else { return Ok(false) };
        let first = self.line(key, &mut take, None)?;
        let tally = tally(&mut self.judged.tallies, first.place.source, self.plan);
        let mut keys = calm.keys.iter();
        for ((bit, at), judged) in self.stream.checks.iter().enumerate().zip(calm.judged) {
            let Some(prepared) = self.plan.checks.pools.get(*at) else { continue };
            tally.rule_mut(prepared.id).judged += u64::from(*judged);
            if prepared.check.compares_groups()
                && let Some([1, key @ ..]) = keys.next()
                && let Some(rows) = self.again.get_mut(bit)
            {
                put_group(key, &first, &mut self.compared.line, rows);
            }
        }
        Ok(true)
    }

    /// A line, with the claim number that its key holds, after the line before it in its row.
    pub fn line<'b>(
        &self,
        key: &'b [u8],
        take: &mut Take<'b>,
        before: Option<&PooledLine<'b>>,
    ) -> Result<PooledLine<'b>> {
        let mut line = pooled::decode(take, before)?;
        if self.round == Round::Lines && self.stream.is_by_claim() {
            let before = if self.plan.claims_span_inputs { 4 } else { 8 };
            line.claim_key = key.get(before..);
        }
        Ok(line)
    }

    /// Judges a group that is too large to be held by its first line; says whether that is enough.
    pub fn large(
        &mut self,
        bit: usize,
        prepared: &Prepared<dyn PoolCheck>,
        first: &PooledLine<'_>,
        lines: u64,
    ) -> bool {
        if first.keepers & (1 << bit) == 0 {
            return false;
        }
        self.out.clear();
        self.out.begin(prepared.id);
        let is_judged =
            self.round == Round::Lines && prepared.check.check_large(first, lines, &mut self.out);
        self.write(&[first]);
        is_judged
    }

    /// Counts a line of a group that is too large for these rules, each with whether its first line
    /// was enough.
    pub fn crowded(&mut self, line: &PooledLine<'_>, rules: &[(usize, RuleId, bool)]) {
        let tally = tally(&mut self.judged.tallies, line.place.source, self.plan);
        let mut is_left_out = false;
        for (_, rule, is_judged) in rules.iter().filter(|(bit, ..)| line.keepers & (1 << bit) != 0)
        {
            let tally = tally.rule_mut(*rule);
            tally.judged += u64::from(*is_judged);
            tally.crowded += u64::from(!is_judged);
            is_left_out |= !is_judged;
        }
        // Of lines of one claim, the first speaks for its claim.
        let is_said = self.crowded.as_ref().is_some_and(|(source, claim)| {
            *source == line.place.source && claim.as_deref() == line.claim_key
        });
        if is_left_out && !is_said {
            self.pass_on(line, NOT_CLEAN);
            self.crowded = Some((line.place.source, line.claim_key.map(<[u8]>::to_vec)));
        }
    }

    /// Runs the rules over a group that is held.
    fn group(&mut self, lines: &[PooledLine<'_>]) {
        let all: Vec<&PooledLine<'_>> = lines.iter().collect();
        let by_all = lines.iter().fold(u32::MAX, |all, line| all & line.keepers);
        for (bit, prepared) in self.checks() {
            let some: Vec<&PooledLine<'_>>;
            let wanted: &[&PooledLine<'_>] = match by_all & (1 << bit) != 0 {
                true => &all,
                false => {
                    let asked = |line: &&PooledLine<'_>| line.keepers & (1 << bit) != 0;
                    some = lines.iter().filter(asked).collect();
                    &some
                }
            };
            let Some(first) = wanted.first() else { continue };
            if wanted.len() > GROUP_LINES_MAX {
                let is_judged = self.large(bit, prepared, first, wanted.len() as u64);
                let rule = [(bit, prepared.id, is_judged)];
                wanted.iter().for_each(|line| self.crowded(line, &rule));
                continue;
            }
            self.out.clear();
            self.out.begin(prepared.id);
            if let Round::Groups(_) = self.round {
                prepared.check.check_groups(wanted, &mut self.out);
            } else {
                prepared.check.check(wanted, &mut self.out);
                self.count(prepared.id, wanted);
                if prepared.check.compares_groups() {
                    self.compare(bit, prepared, wanted);
                }
            }
            self.write(wanted);
            self.leave_out(wanted);
        }
    }

    /// Counts the lines that a rule could not judge among the others.
    pub(in crate::pipeline) fn leave_out(&mut self, lines: &[&PooledLine<'_>]) {
        for left in 0..self.out.left_out().len() {
            let Some(left) = self.out.left_out().get(left).copied() else { continue };
            let Some(line) = lines.get(left.at) else { continue };
            let tally = tally(&mut self.judged.tallies, line.place.source, self.plan);
            tally.rule_mut(left.rule).judged -= 1;
            tally.leave_out(left.rule, left.why);
            self.pass_on(line, NOT_CLEAN);
        }
    }

    fn count(&mut self, rule: RuleId, wanted: &[&PooledLine<'_>]) {
        for same in wanted.chunk_by(|one, other| one.place.source == other.place.source) {
            let Some(first) = same.first() else { continue };
            let tally = tally(&mut self.judged.tallies, first.place.source, self.plan);
            tally.rule_mut(rule).judged += same.len() as u64;
        }
    }

    /// Sends the first line of a group to where equal groups meet.
    fn compare(
        &mut self,
        bit: usize,
        prepared: &Prepared<dyn PoolCheck>,
        wanted: &[&PooledLine<'_>],
    ) {
        let Compared { key, line } = &mut self.compared;
        let (Some(first), Some(rows)) = (wanted.first(), self.again.get_mut(bit)) else { return };
        if let Some([_, key @ ..]) = calm::group_key(prepared, wanted, key) {
            put_group(&key, first, line, rows);
        }
    }

    /// Encodes what was reported of lines.
    pub(in crate::pipeline) fn write(&mut self, lines: &[&PooledLine<'_>]) {
        self.out.sort();
        for reported in 0..self.out.reported().len() {
            let Some(reported) = self.out.reported().get(reported) else { continue };
            let Some(line) = lines.get(reported.at) else { continue };
            let policy = &self.plan.checks.policy;
            let Some(severity) = policy.severity(reported.rule, line.overrides) else { continue };
            let suggestion = reported.suggestion.as_ref().map(|code| code.as_bytes().as_slice());
            let is_code = reported.field == Some(Field::ProcedureCode);
            let amount = line.charge.value();
            let snippet = (self.plan.snippets > 0).then(|| line.snippet());
            let parts = FindingParts {
                rule: reported.rule,
                severity,
                charge_counted: line.already_found,
                place: line.place,
                claim_id: line.claim_key.map(claim::number),
                service_line: line.service_line,
                field: reported.field,
                // Of the other cells only their meaning has travelled.
                value: is_code.then_some(line.value),
                message: self.out.message(reported),
                suggestion,
                related: &reported.related,
                amount,
                context: if self.plan.says_context { line.context() } else { Context::default() },
                snippet: snippet.as_ref(),
            };
            let id = reported.rule;
            let tally = tally(&mut self.judged.tallies, line.place.source, self.plan);
            if let Some(excuse) = self.plan.excuse(&parts, line.overrides) {
                excuse.count(id, tally);
                self.pass_on(line, NOT_CLEAN);
                continue;
            }
            let finding = encode_alone(&parts);
            tally.count(id, severity);
            let rule = tally.rule_mut(id);
            add_amount(&mut rule.at_risk, &mut rule.charges_unread, amount);
            self.judged.findings.push(finding);
            let hits = hits::of(self.plan, id, severity);
            if hits & REJECTED != 0 && line.claim_key.is_none() {
                self.judged.reject_record(line.place);
            }
            self.pass_on(line, hits);
        }
    }

    /// Lets the claim of a line know what became of it.
    fn pass_on(&mut self, line: &PooledLine<'_>, hits: u128) {
        let (Some(claim), Some(into)) = (line.claim_key, &mut self.judged.hits) else { return };
        let key = claim_key(self.plan, line.place.source, claim);
        into.put(hash_key(&key), &key, &Row { hits, ..Row::default() });
    }
}

/// Sends the first line of a group to where groups of its key meet.
fn put_group(key: &[u8], first: &PooledLine<'_>, line: &mut Vec<u8>, rows: &mut RowsBuilder) {
    line.clear();
    pooled::begin_lines(line);
    pooled::encode(first, None, line);
    rows.put_pooled(hash_key(key), key, line);
}
