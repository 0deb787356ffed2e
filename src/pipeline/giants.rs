//! Groups of lines that are too large to be held: counted, and judged by their first line where a
//! rule says that this is enough.
//!
//! They pass by twice. What is noted of them does not grow with their lines, and what their claims
//! must know of them is handed on as it comes.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::exchange::wire::Take;
use crate::exchange::{Exchange, Lane, Rows, pooled};
use crate::lint::pool::GROUP_LINES_MAX;
use crate::model::PooledLine;
use crate::model::batch::Place;
use crate::pipeline::judged::Judged;
use crate::pipeline::own;
use crate::pipeline::plan::{Plan, PoolStream};
use crate::pipeline::pools::{Judge, Round};

/// What claims must know is handed on from this many bytes on.
const HITS_BYTES_MAX: usize = 1 << 16;

/// What is noted of a group.
#[derive(Debug, Default)]
struct Giant {
    lines: u64,
    /// For each rule that wants any of them, by its bit: how many, and the first.
    wanted: BTreeMap<usize, Wanted>,
}

/// The lines of a group that a rule wants.
#[derive(Debug)]
struct Wanted {
    lines: u64,
    first: Place,
    /// The first line, encoded.
    bytes: Vec<u8>,
}

/// Judges the groups of a partition that holds few of them; gives back what came of it, and what is
/// to be compared, for each rule of the stream. `full` takes what came of it so far, time and
/// again.
pub fn judge(
    plan: &Plan,
    stream: &PoolStream,
    round: Round,
    (exchange, partition): (&Exchange, usize),
    mut full: impl FnMut(&mut Judged) -> Result<()>,
) -> Result<(Judged, Vec<Rows>)> {
    let lane = Lane::Kept(partition);
    let mut judge = Judge::new(plan, stream, round);
    for (key, giant) in notes(&judge, exchange, lane)? {
        if giant.lines <= GROUP_LINES_MAX as u64 {
            judge.all(exchange, lane, Some(&key))?;
            continue;
        }
        let mut rules = Vec::new();
        for (bit, prepared) in judge.checks() {
            let Some(wanted) = giant.wanted.get(&bit) else { continue };
            let first = judge.line(&key, &mut Take(&wanted.bytes), None)?;
            let is_judged = judge.large(bit, prepared, &first, wanted.lines);
            rules.push((bit, prepared.id, is_judged));
        }
        rules.extend(own::rules(&plan.checks, stream));
        exchange.pieces(lane, |rows| {
            for row in rows.filter(|row| row.key == key) {
                let mut rest = Take(row.tail.unwrap_or_default());
                pooled::take_beginning(&mut rest)?;
                let mut before = None;
                while !rest.0.is_empty() {
                    let line = judge.line(row.key, &mut rest, before.as_ref())?;
                    judge.crowded(&line, &rules);
                    before = Some(line);
                }

                if judge.judged.hits_bytes() > HITS_BYTES_MAX {
                    full(&mut judge.judged)?;
                }
            }
            Ok(true)
        })?;
    }
    Ok(judge.finish())
}

/// What is noted of each group of a lane.
fn notes(judge: &Judge<'_>, exchange: &Exchange, lane: Lane) -> Result<BTreeMap<Vec<u8>, Giant>> {
    let mut giants: BTreeMap<Vec<u8>, Giant> = BTreeMap::new();
    exchange.pieces(lane, |rows| {
        for row in rows {
            if !giants.contains_key(row.key) {
                giants.insert(row.key.to_vec(), Giant::default());
            }
            let Some(giant) = giants.get_mut(row.key) else { continue };
            let mut rest = Take(row.tail.unwrap_or_default());
            pooled::take_beginning(&mut rest)?;
            let mut before = None;
            while !rest.0.is_empty() {
                let line = judge.line(row.key, &mut rest, before.as_ref())?;
                giant.note(&line);
                before = Some(line);
            }
        }
        Ok(true)
    })?;
    Ok(giants)
}

impl Giant {
    fn note(&mut self, line: &PooledLine<'_>) {
        self.lines += 1;
        let mut keepers = line.keepers;
        while keepers != 0 {
            let bit = keepers.trailing_zeros() as usize;
            keepers &= keepers - 1;
            let none = || Wanted { lines: 0, first: line.place, bytes: Vec::new() };
            let wanted = self.wanted.entry(bit).or_insert_with(none);
            wanted.lines += 1;
            if wanted.bytes.is_empty() || line.place < wanted.first {
                wanted.first = line.place;
                wanted.bytes.clear();
                pooled::encode(line, None, &mut wanted.bytes);
            }
        }
    }
}
