//! The ways in which lines are put together to be compared: one for each key that a rule asks for.

use crate::error::{Error, Result};
use crate::lint::checks::Checks;
use crate::lint::registry::Registry;
use crate::lint::sql::slots::Slot;
use crate::model::{Field, FieldSet, PooledLine, Snippet};
use crate::pipeline::own;

/// One way of putting lines together to be compared.
#[derive(Debug, Clone, Default)]
pub struct PoolStream {
    /// The fields of the key.
    pub key: Vec<Field>,
    /// The rules that compare the lines, by their place in [`Checks::pools`].
    pub checks: Vec<usize>,
    /// The fields that travel with a line.
    pub reads: FieldSet,
    /// Whether any of the rules compares what lines say.
    pub compares_services: bool,
    /// The rules in SQL that judge its groups, by their place in [`Checks::sql`]. Where there are
    /// any, there are no others.
    pub sql: Vec<usize>,
    /// The columns that these read.
    pub slots: Vec<Slot>,
}

impl PoolStream {
    /// Whether the groups are claims.
    pub fn is_by_claim(&self) -> bool {
        self.key.as_slice() == [Field::ClaimId]
    }
}

/// More rules than this have no bit in a line to be remembered by.
pub const POOL_CHECKS_MAX: usize = 32;

/// The ways in which the enabled rules want lines put together.
///
/// # Errors
/// More rules for one key than have a bit.
pub fn of(checks: &Checks, registry: &Registry, shows_lines: bool) -> Result<Vec<PoolStream>> {
    let mut pools: Vec<PoolStream> = Vec::new();
    for (at, prepared) in checks.pools.iter().enumerate() {
        let key = prepared.check.key();
        let known = pools.iter().position(|pool| pool.key == key).unwrap_or_else(|| {
            pools.push(PoolStream {
                key: key.to_vec(),
                checks: Vec::new(),
                ..PoolStream::default()
            });
            pools.len() - 1
        });
        let Some(pool) = pools.get_mut(known) else { continue };
        pool.checks.push(at);
        pool.compares_services |= prepared.check.compares_services();
        let reads = registry.get(prepared.id).map_or(&[][..], |rule| rule.info.reads);
        reads.iter().for_each(|field| pool.reads.insert(*field));
        // What reversals are told by travels whatever else is asked: a verdict must not depend on
        // which other rules run, nor on what a report shows.
        PooledLine::NETTED_BY.into_iter().for_each(|field| pool.reads.insert(field));
        if prepared.check.compares_services() {
            PooledLine::SERVICE.into_iter().for_each(|field| pool.reads.insert(field));
        }
        if shows_lines {
            let shown = Snippet::FIELDS.into_iter();
            shown.for_each(|field| pool.reads.insert(field));
        }
        if pool.checks.len() > POOL_CHECKS_MAX {
            let most = format!("at most {POOL_CHECKS_MAX} rules can compare the same lines");
            return Err(Error::settings(most));
        }
    }
    pools.extend(own::streams(checks, shows_lines)?);
    Ok(pools)
}
