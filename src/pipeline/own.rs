//! Rules of the user's over groups: how their lines travel, and how groups are judged page by page.

use crate::error::{Error, Result};
use crate::lint::checks::Checks;
use crate::lint::sql::SqlScope;
use crate::model::{Field, FieldSet, RuleId, Snippet};
use crate::pipeline::pool_streams::{POOL_CHECKS_MAX, PoolStream};

#[cfg(feature = "polars")]
pub use pages::{Page, judge};
#[cfg(feature = "polars")]
pub use travel::{put_cells, wanted};

#[cfg(feature = "polars")]
mod pages;
#[cfg(feature = "polars")]
mod travel;

/// The streams of rules over claims, and over a patient's days.
pub fn streams(checks: &Checks, shows_lines: bool) -> Result<Vec<PoolStream>> {
    let mut streams = Vec::new();
    for scope in [SqlScope::Claim, SqlScope::PatientDay] {
        let rules = checks.sql.iter().enumerate().filter(|(_, rule)| rule.program.scope == scope);
        let sql: Vec<usize> = rules.clone().map(|(at, _)| at).collect();
        if sql.is_empty() {
            continue;
        }
        if sql.len() > POOL_CHECKS_MAX {
            let most = format!("at most {POOL_CHECKS_MAX} rules can look at the same groups");
            return Err(Error::settings(most));
        }
        let mut slots: Vec<_> = rules.flat_map(|(_, rule)| rule.program.slots.clone()).collect();
        slots.sort_unstable();
        slots.dedup();
        let shown = Snippet::FIELDS.into_iter().filter(|_| shows_lines);
        // What a finding says of its line in any case.
        let reads: FieldSet = shown.chain([Field::ServiceDate, Field::ServiceEnd]).collect();
        let key = scope.key().to_vec();
        streams.push(PoolStream { key, reads, sql, slots, ..PoolStream::default() });
    }
    Ok(streams)
}

/// The rules in SQL of a stream, each with its bit, none of which can be asked of a group that is
/// too large.
pub fn rules(checks: &Checks, stream: &PoolStream) -> Vec<(usize, RuleId, bool)> {
    let ids = stream.sql.iter().filter_map(|at| checks.sql.get(*at)).map(|rule| rule.id);
    ids.enumerate().map(|(bit, id)| (bit, id, false)).collect()
}
