//! All partitions of an exchange, judged in parallel; what is too large for that is split, or
//! judged where its findings can be put away at once.

use rayon::ThreadPool;

use crate::error::Result;
use crate::exchange::order::Sorter;
use crate::exchange::{Exchange, Lane, PARTITIONS, Rows};
use crate::lint::Tally;
use crate::pipeline::account::Account;
use crate::pipeline::claims::{self, Looked};
use crate::pipeline::judged::Judged;
use crate::pipeline::plan::{Plan, PoolStream, Stream};
use crate::pipeline::pools::{self, Pooled, Round};
use crate::pipeline::split::Rejected;
use crate::pipeline::{giants, turns};

/// Judges the groups of a stream.
pub struct Drain<'r> {
    /// What is to be checked.
    pub plan: &'r Plan,
    /// The worker threads.
    pub pool: &'r ThreadPool,
    /// How lines were grouped.
    pub stream: &'r Stream,
    /// Where everything goes.
    pub gather: Gather<'r>,
}

/// Takes what the groups of a stream turned out to be.
pub struct Gather<'r> {
    /// Findings.
    pub claims: &'r mut Sorter,
    /// Counts by input.
    pub tallies: &'r mut [Tally],
    /// Counts of claims.
    pub account: &'r mut Account,
    /// What is rejected.
    pub rejected: &'r mut Rejected,
    /// The claims, when this stream groups lines otherwise.
    pub claims_next: Option<&'r mut Exchange>,
    /// Whether the groups are claims.
    pub of_claims: bool,
}

impl Drain<'_> {
    /// Judges everything that is in an exchange.
    pub fn drain(&mut self, mut exchange: Exchange) -> Result<()> {
        let Drain { plan, pool, stream, gather } = self;
        let (plan, stream) = (*plan, *stream);
        let filled = |partition: &usize| {
            let lanes = [Lane::Facts(*partition), Lane::Kept(*partition)];
            lanes.into_iter().any(|lane| exchange.lane_bytes(lane) > 0)
        };
        let mut partitions = (0..PARTITIONS).filter(filled);
        let mut too_many = Vec::new();
        turns::run(
            pool,
            plan.limits.threads,
            || Ok(partitions.next()),
            |partition| claims::look(plan, stream, &exchange, partition),
            |looked| match looked {
                Looked::Judged(judged) => gather.take(judged),
                Looked::Known(at, groups) => {
                    let found = |judged: &mut Judged| gather.take_found(judged);
                    let known = (at, groups);
                    let judged = claims::judge(plan, stream, &exchange, known, found)?;
                    gather.take(judged)
                }
                Looked::TooMany(partition) => {
                    too_many.push(partition);
                    Ok(())
                }
            },
        )?;
        if !too_many.is_empty() {
            exchange.prepare_split()?;
        }
        for partition in too_many {
            let finer = exchange.split(partition)?;
            self.drain(finer)?;
        }
        Ok(())
    }
}

/// Judges the groups of a stream of lines that are compared.
pub struct PoolDrain<'r> {
    /// What is to be checked.
    pub plan: &'r Plan,
    /// The worker threads.
    pub pool: &'r ThreadPool,
    /// How lines were grouped.
    pub stream: &'r PoolStream,
    /// Where everything goes.
    pub gather: Gather<'r>,
}

impl PoolDrain<'_> {
    /// Judges everything that is in an exchange, and then the groups that are to be compared.
    /// `budget` is what those may hold in memory, in bytes.
    pub fn drain(&mut self, exchange: Exchange, budget: usize) -> Result<()> {
        let again = || Exchange::new(budget, &self.plan.temp_dir);
        let mut groups: Vec<Exchange> = self.stream.checks.iter().map(|_| again()).collect();
        self.round(exchange, Round::Lines, &mut groups)?;
        for (bit, exchange) in groups.into_iter().enumerate() {
            self.round(exchange, Round::Groups(bit), &mut [])?;
        }
        Ok(())
    }

    fn round(
        &mut self,
        mut exchange: Exchange,
        round: Round,
        groups: &mut [Exchange],
    ) -> Result<()> {
        let PoolDrain { plan, pool, stream, gather } = self;
        let (plan, stream) = (*plan, *stream);
        let filled = |partition: &usize| exchange.lane_bytes(Lane::Kept(*partition)) > 0;
        let mut partitions = (0..PARTITIONS).filter(filled);
        let mut too_many = Vec::new();
        turns::run(
            pool,
            plan.limits.threads,
            || Ok(partitions.next()),
            |partition| pools::look(plan, stream, round, &exchange, partition),
            |looked| match looked {
                Pooled::Judged(judged, again) => gather.take_pooled(judged, again, groups),
                Pooled::TooMany(partition) => {
                    too_many.push(partition);
                    Ok(())
                }
                Pooled::Giants(partition) => {
                    let found = |judged: &mut Judged| gather.take_found(judged);
                    let of = (&exchange, partition);
                    let (judged, again) = giants::judge(plan, stream, round, of, found)?;
                    gather.take_pooled(judged, again, groups)
                }
            },
        )?;
        if !too_many.is_empty() {
            exchange.prepare_split()?;
        }
        for partition in too_many {
            let finer = exchange.split(partition)?;
            self.round(finer, round, groups)?;
        }
        Ok(())
    }
}

impl Gather<'_> {
    fn take(&mut self, mut judged: Judged) -> Result<()> {
        self.take_found(&mut judged)?;
        for (source, tally) in &judged.tallies {
            let sum = self.tallies.get_mut(*source as usize);
            sum.into_iter().for_each(|sum| sum.merge(tally));
        }
        let groups = (judged.groups, judged.clean);
        self.account.add_groups(self.of_claims, groups, &judged.groups_by_rule);
        Ok(())
    }

    fn take_pooled(
        &mut self,
        judged: Judged,
        again: Vec<Rows>,
        groups: &mut [Exchange],
    ) -> Result<()> {
        self.take(judged)?;
        groups.iter_mut().zip(again).try_for_each(|(to, rows)| to.put(rows))
    }

    fn take_found(&mut self, judged: &mut Judged) -> Result<()> {
        self.rejected.put(judged)?;
        let (findings, hits) = judged.hand_on();
        findings.into_iter().try_for_each(|finding| self.claims.put(finding))?;
        match (hits, &mut self.claims_next) {
            (Some(mut hits), Some(claims)) => claims.put(hits.finish()),
            _ => Ok(()),
        }
    }
}
