//! One partition: its rows merged into claims (or other groups), each judged by the rules for
//! claims.
//!
//! First everything is merged that is known of the groups; then the kept lines pass by, in slices,
//! and are judged. So a claim may have any number of them.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::exchange::found::{FindingParts, encode_alone};
use crate::exchange::groups::{Groups, More};
use crate::exchange::rows::{Row, hash_key};
use crate::exchange::wire::broken;
use crate::exchange::{Exchange, Lane, RowsBuilder};
use crate::lint::Tally;
use crate::model::group::CodeCounts;
use crate::model::{Field, Findings, Group, KeptLine, claim};
use crate::pipeline::findings::add_amount;
use crate::pipeline::hits::{self, NOT_CLEAN, REJECTED};
use crate::pipeline::judged::Judged;
use crate::pipeline::plan::{Plan, Stream};

/// Kept lines that are judged together.
const KEPT_SLICE_MAX: usize = 64;

/// Findings of claims that are handed on together, in bytes.
const FINDINGS_BYTES_MAX: usize = 1 << 16;

/// What became of a partition.
pub enum Looked {
    /// Its groups were judged.
    Judged(Judged),
    /// Its groups are known; its kept lines are too many to be judged without a place for what is
    /// found in them.
    Known(usize, Groups),
    /// Its groups are too many to be known at once.
    TooMany(usize),
}

/// Judges the groups of a partition of a stream, if that can be done within the limits.
pub fn look(plan: &Plan, stream: &Stream, exchange: &Exchange, partition: usize) -> Result<Looked> {
    let judge = Judge::new(plan, stream);
    let Some(groups) = judge.know(exchange, partition)? else {
        return Ok(Looked::TooMany(partition));
    };
    if exchange.lane_bytes(Lane::Kept(partition)) > plan.limits.partition_bytes {
        return Ok(Looked::Known(partition, groups));
    }
    judge.judge(exchange, partition, groups, |_| Ok(())).map(Looked::Judged)
}

/// Judges the groups of a partition. `full` takes what was found so far, time and again.
pub fn judge(
    plan: &Plan,
    stream: &Stream,
    exchange: &Exchange,
    (partition, groups): (usize, Groups),
    full: impl FnMut(&mut Judged) -> Result<()>,
) -> Result<Judged> {
    Judge::new(plan, stream).judge(exchange, partition, groups, full)
}

struct Judge<'p> {
    plan: &'p Plan,
    stream: &'p Stream,
    is_claim: bool,
    /// Whether lines only pass by, on their way to their claims.
    is_detour: bool,
    /// For each rule of the stream, the facts that settle its findings, where a row has them.
    settled_by: Vec<(usize, u64)>,
    out: Findings,
    judged: Judged,
}

impl<'p> Judge<'p> {
    fn new(plan: &'p Plan, stream: &'p Stream) -> Self {
        let is_claim = stream.is_by_claim();
        let checks = stream.checks.iter();
        let settled_by = checks.filter_map(|at| {
            let settled_by = plan.checks.groups.get(*at)?.check.settled_by();
            Some((*at, u64::from(settled_by & 0xF) << (4 * at)))
        });
        Judge {
            plan,
            stream,
            is_claim,
            is_detour: plan.detour.as_ref().is_some_and(|detour| detour.stream == *stream),
            settled_by: settled_by.collect(),
            out: Findings::default(),
            judged: Judged {
                hits: (!is_claim).then(RowsBuilder::default),
                ..Judged::passing_on(plan)
            },
        }
    }

    /// What is known of the groups of a partition; nothing when that is too much and there is a way
    /// to split them.
    fn know(&self, exchange: &Exchange, partition: usize) -> Result<Option<Groups>> {
        let most = self.plan.limits.partition_bytes;
        let mut groups = Groups::default();
        let mut too_many = false;
        let asked = if self.is_detour { Some(Asked::of(exchange, partition)?) } else { None };
        let mut is_full = |groups: &Groups| {
            too_many = groups.cost() as u64 > most && groups.len() > 1 && exchange.can_split();
            too_many
        };
        exchange.pieces(Lane::Facts(partition), |rows| {
            for row in rows {
                if asked.as_ref().is_some_and(|asked| !asked.may_have(row.hash)) {
                    continue;
                }
                groups.add(&row)?;
                if is_full(&groups) {
                    return Ok(false);
                }
            }
            Ok(true)
        })?;
        if self.is_detour {
            return Ok((!too_many).then_some(groups));
        }
        exchange.pieces(Lane::Kept(partition), |rows| {
            for row in rows {
                if is_full(&groups) {
                    return Ok(false);
                }
                let at = groups.find(&row).ok_or_else(broken)?;
                let (code, keepers) = row.kept_code()?;
                let open = keepers & self.open(groups.lines_and_facts(at).1);
                if open != 0 {
                    groups.add_code(at, code, open)?;
                }
            }
            Ok(true)
        })?;
        Ok((!too_many).then_some(groups))
    }

    /// The rules for claims, one bit each, that these facts leave something to find.
    fn open(&self, facts: u64) -> u32 {
        let open = self.settled_by.iter().filter(|(_, settled_by)| facts & settled_by == 0);
        open.fold(0, |all, (at, _)| all | 1 << at)
    }

    fn judge(
        mut self,
        exchange: &Exchange,
        partition: usize,
        mut groups: Groups,
        mut full: impl FnMut(&mut Judged) -> Result<()>,
    ) -> Result<Judged> {
        exchange.pieces(Lane::Kept(partition), |rows| {
            let mut slice: Vec<KeptLine<'_>> = Vec::with_capacity(KEPT_SLICE_MAX);
            let mut of = None;
            for row in rows {
                // A detour knows only of those keys that settle something.
                let at = match groups.find(&row) {
                    None if self.is_detour => usize::MAX,
                    found => found.ok_or_else(broken)?,
                };
                if of != Some(at) || slice.len() >= KEPT_SLICE_MAX {
                    self.slice(&mut groups, of, &mut slice, &mut full)?;
                    of = Some(at);
                }
                slice.push(row.kept()?);
            }
            self.slice(&mut groups, of, &mut slice, &mut full)?;
            Ok(true)
        })?;
        self.count(&groups);
        Ok(self.judged)
    }

    /// Judges kept lines of a group and forgets them.
    fn slice(
        &mut self,
        groups: &mut Groups,
        of: Option<usize>,
        slice: &mut Vec<KeptLine<'_>>,
        full: &mut impl FnMut(&mut Judged) -> Result<()>,
    ) -> Result<()> {
        let Some(at) = of else { return Ok(()) };
        if self.is_detour {
            self.forward(groups, at, slice);
        } else {
            let hits = self.check(groups, at, slice);
            groups.add_hits(at, hits)?;
        }
        slice.clear();
        if self.judged.bytes > FINDINGS_BYTES_MAX {
            full(&mut self.judged)?;
        }
        Ok(())
    }

    /// Sends kept lines on to their claims, with the line that settles them, if there is one.
    fn forward(&mut self, groups: &Groups, at: usize, slice: &[KeptLine<'_>]) {
        let Some(into) = &mut self.judged.hits else { return };
        let witnesses = groups.more(at).map(|more| more.witnesses.as_slice()).unwrap_or_default();
        let elsewhere = witnesses.first().map(|(_, witness)| *witness);
        for line in slice {
            let Some(claim) = line.claim_key else { continue };
            let key = claim_key(self.plan, line.place.source, claim);
            // Without a prefix the key of a claim is its id, which need not travel twice.
            let claim_key = line.claim_key.filter(|_| !self.plan.claims_span_inputs);
            let line = KeptLine { elsewhere, claim_key, ..line.clone() };
            into.put_kept(hash_key(&key), &key, &line);
        }
        self.judged.bytes += size_of_val(slice);
    }

    /// Runs the rules over kept lines of a group; returns which of them found something.
    fn check(&mut self, groups: &Groups, at: usize, slice: &[KeptLine<'_>]) -> u128 {
        let mut hits = 0;
        let (lines, facts) = groups.lines_and_facts(at);
        let open = self.open(facts);
        let nothing = (More::default(), CodeCounts::default());
        let more = groups.more(at).unwrap_or(&nothing.0);
        for check in &self.stream.checks {
            let Some(prepared) = self.plan.checks.groups.get(*check) else { continue };
            let asked = |line: &&KeptLine<'_>| line.keepers & (1 << check) != 0;
            for line in slice.iter().filter(asked) {
                let tally = tally(&mut self.judged.tallies, line.place.source, self.plan);
                tally.rule_mut(prepared.id).judged += 1;
            }
            if open & (1 << check) == 0 {
                continue;
            }
            let some: Vec<KeptLine<'_>>;
            let kept = if slice.iter().all(|line| asked(&line)) {
                slice
            } else {
                some = slice.iter().filter(asked).cloned().collect();
                &some
            };
            let of_check = |known: u8| usize::from(known) == *check;
            let witness = more.witnesses.iter().find(|(known, _)| of_check(*known));
            let codes = more.codes.iter().find(|(known, _)| of_check(*known));
            let group = Group {
                lines,
                facts: (facts >> (4 * check)) as u8 & 0xF,
                witness: witness.map(|(_, witness)| *witness),
                codes: codes.map_or(&nothing.1, |(_, codes)| codes),
                kept,
            };
            self.out.clear();
            self.out.begin(prepared.id);
            prepared.check.check(&group, &mut self.out);
            self.out.sort();
            for reported in 0..self.out.reported().len() {
                hits |= self.write(groups.key(at), kept, reported);
            }
        }
        hits
    }

    /// Encodes one report about a kept line, unless it is excused, and gives its bits; none when an
    /// exception takes it away.
    fn write(&mut self, key: &[u8], lines: &[KeptLine<'_>], reported: usize) -> u128 {
        let Some(reported) = self.out.reported().get(reported) else { return 0 };
        let Some(line) = lines.get(reported.at) else { return 0 };
        let policy = &self.plan.checks.policy;
        let Some(severity) = policy.severity(reported.rule, line.overrides) else { return 0 };
        let bits = hits::of(self.plan, reported.rule, severity);
        let claim_key = line.claim_key.or(self.is_claim.then_some(key));
        let suggestion = reported.suggestion.as_ref().map(|code| code.as_bytes().as_slice());
        let is_code = reported.field == Some(Field::ProcedureCode);
        let parts = FindingParts {
            rule: reported.rule,
            severity,
            charge_counted: line.already_found,
            place: line.place,
            claim_id: claim_key.map(claim::number),
            service_line: line.service_line,
            field: reported.field,
            // Of a kept line only the code's own cell has travelled.
            value: is_code.then_some(line.value),
            message: self.out.message(reported),
            suggestion,
            related: &reported.related,
            amount: line.amount,
            context: line.context,
            snippet: line.snippet.as_ref(),
        };
        let tally = tally(&mut self.judged.tallies, line.place.source, self.plan);
        if let Some(excuse) = self.plan.excuse(&parts, line.overrides) {
            excuse.count(reported.rule, tally);
            if let (Some(hits), Some(claim)) = (&mut self.judged.hits, claim_key) {
                pass_on(self.plan, line, claim, NOT_CLEAN, hits);
            }
            return NOT_CLEAN;
        }
        let finding = encode_alone(&parts);
        self.judged.bytes += finding.len();
        self.judged.findings.push(finding);
        tally.count(reported.rule, severity);
        let rule = tally.rule_mut(reported.rule);
        add_amount(&mut rule.at_risk, &mut rule.charges_unread, line.amount);
        match (&mut self.judged.hits, claim_key) {
            (Some(hits), Some(claim)) => pass_on(self.plan, line, claim, bits, hits),
            (_, None) if bits & REJECTED != 0 => self.judged.reject_record(line.place),
            _ => {}
        }
        bits
    }

    /// Counts the groups. A row without lines, which brings findings of another grouping to a
    /// claim, makes no group of its own: its claim has lines.
    fn count(&mut self, groups: &Groups) {
        let mut found = 0;
        for mut hits in groups.hits().filter(|hits| *hits != 0) {
            found += 1;
            while hits != 0 {
                let rule = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                let by_rule = self.judged.groups_by_rule.get_mut(rule);
                by_rule.into_iter().for_each(|groups| *groups += 1);
            }
        }
        if self.is_claim && self.plan.split.is_some() {
            self.judged.reject_claims(groups);
        }
        self.judged.groups = groups.len() as u64;
        self.judged.clean = groups.len() as u64 - found;
    }
}

/// Which keys of a partition have kept lines, by some bits of their hashes. Of a detour nothing
/// else need be known, and few lines take it.
struct Asked(Vec<u64>);

impl Asked {
    /// Bits of a hash that tell keys apart here: 8 KiB for each thread.
    const BITS: u32 = 16;

    fn of(exchange: &Exchange, partition: usize) -> Result<Asked> {
        let mut asked = Asked(vec![0; 1 << (Self::BITS - 6)]);
        exchange.pieces(Lane::Kept(partition), |rows| {
            for row in rows {
                let (word, bit) = Self::place(row.hash);
                asked.0.get_mut(word).into_iter().for_each(|word| *word |= bit);
            }
            Ok(true)
        })?;
        Ok(asked)
    }

    /// Whether a key of this hash may have kept lines. The lowest bits are those that no partition
    /// was told by.
    #[inline]
    fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = Self::place(hash);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(hash: u64) -> (usize, u64) {
        let place = hash & ((1 << Self::BITS) - 1);
        ((place >> 6) as usize, 1 << (place & 63))
    }
}

/// The counts of the input that a line comes from. There may be thousands of inputs.
pub fn tally<'t>(tallies: &'t mut BTreeMap<u32, Tally>, source: u32, plan: &Plan) -> &'t mut Tally {
    tallies.entry(source).or_insert_with(|| Tally::new(plan.registry.len()))
}

/// The key of a claim.
pub fn claim_key(plan: &Plan, source: u32, claim: &[u8]) -> Vec<u8> {
    let mut key = Vec::new();
    if !plan.claims_span_inputs {
        key.extend_from_slice(&source.to_le_bytes());
    }
    key.extend_from_slice(claim);
    key
}

/// Lets the claim of a line know of a finding that came of another grouping.
fn pass_on(plan: &Plan, line: &KeptLine<'_>, claim: &[u8], hits: u128, into: &mut RowsBuilder) {
    let key = claim_key(plan, line.place.source, claim);
    let row = Row { hits, ..Row::default() };
    into.put(hash_key(&key), &key, &row);
}
