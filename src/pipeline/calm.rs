//! Runs of lines in which no rule that compares lines would find anything, told where they are
//! read.
//!
//! Nearly every claim lies in one run, and nothing is wrong with it. Its lines travel all the same,
//! since others of the claim may come; if none do, they are never looked at again.

use crate::exchange::pooled::{self, Calm, GroupKey};
use crate::lint::checks::Prepared;
use crate::lint::{PoolCheck, Run};
use crate::model::PooledLine;
use crate::pipeline::plan::{Plan, PoolStream};

/// Lines of a run; a longer one is several.
pub const RUN_LINES_MAX: usize = 255;

/// Lines whose references are gathered without an allocation.
const FEW: usize = 16;

/// Memory for telling whether runs are calm.
#[derive(Debug, Default)]
pub struct Scratch {
    judged: Vec<u8>,
    keys: Vec<GroupKey>,
    key: Vec<u8>,
}

/// Appends the beginning of the row of a run: what is known of it if it is calm.
pub fn begin(
    plan: &Plan,
    stream: &PoolStream,
    run: &[PooledLine<'_>],
    scratch: &mut Scratch,
    into: &mut Vec<u8>,
) {
    let is_calm = stream.sql.is_empty()
        && note(plan, stream, run, scratch)
        && pooled::begin_calm(&Calm { judged: &scratch.judged, keys: &scratch.keys }, into);
    if !is_calm {
        pooled::begin_lines(into);
    }
}

/// Notes what is known of a run that is calm; says whether it is.
fn note(plan: &Plan, stream: &PoolStream, run: &[PooledLine<'_>], scratch: &mut Scratch) -> bool {
    scratch.judged.clear();
    scratch.keys.clear();
    for (bit, at) in stream.checks.iter().enumerate() {
        let Some(prepared) = plan.checks.pools.get(*at) else { return false };
        let wanted = run.iter().filter(|line| line.keepers & (1 << bit) != 0).count();
        let Ok(judged) = u8::try_from(wanted) else { return false };
        if wanted > 0 && !prepared.check.is_calm(Run::new(run, bit)) {
            return false;
        }
        scratch.judged.push(judged);
        if !prepared.check.compares_groups() {
            continue;
        }
        // The first line of the row is to stand for the group.
        if wanted > 0 && wanted < run.len() {
            return false;
        }
        let key = match wanted {
            0 => None,
            _ => with_references(run, |lines| group_key(prepared, lines, &mut scratch.key)),
        };
        scratch.keys.push(key.unwrap_or_default());
    }
    true
}

/// Calls `work` with references to lines.
fn with_references<'r, 't, T>(
    run: &'r [PooledLine<'t>],
    work: impl FnOnce(&[&'r PooledLine<'t>]) -> T,
) -> T {
    let Some(first) = run.first().filter(|_| run.len() <= FEW) else {
        return work(&run.iter().collect::<Vec<_>>());
    };
    let mut few = [first; FEW];
    few.iter_mut().zip(run).for_each(|(to, line)| *to = line);
    work(few.get(..run.len()).unwrap_or_default())
}

/// A mark and the key that equal groups share, if this one may have equals.
pub fn group_key(
    prepared: &Prepared<dyn PoolCheck>,
    lines: &[&PooledLine<'_>],
    key: &mut Vec<u8>,
) -> Option<GroupKey> {
    key.clear();
    prepared.check.group_key(lines, key).then(|| pooled::marked(key))
}

#[cfg(test)]
mod tests;
