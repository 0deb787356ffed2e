//! One portion: decoded, every rule for lines run over it, its findings encoded, its runs folded.

use crate::error::Result;
use crate::exchange::{Rows, RowsBuilder, units};
use crate::input::pool::Pool;
use crate::input::{Decoding, Portion};
use crate::lint::Tally;
use crate::lint::checks::count_classes;
use crate::model::{Batch, Findings, RuleId};
use crate::pipeline::findings::{Encoded, Writer};
use crate::pipeline::fold::Fold;
use crate::pipeline::hits::REJECTED;
use crate::pipeline::plan::Plan;
use crate::pipeline::pooling::{Notes, Pooling};

/// What a portion leaves behind.
pub struct Checked {
    /// Which input.
    pub source: u32,
    /// Its findings that a report may show, encoded, in order.
    pub findings: Vec<u8>,
    /// What rules for claims need of it, by stream.
    pub rows: Vec<Rows>,
    /// What passes by a second grouping before claims are judged.
    pub around: Rows,
    /// The lines that rules compare, by stream.
    pub pools: Vec<Rows>,
    /// Its counts.
    pub tally: Tally,
    /// Records that were set aside.
    pub rejected: u64,
    /// Those of them that may be service lines.
    pub unreadable: u64,
    /// Those of them that no finding names, because the rule for them does not run here.
    pub unnamed: u64,
    /// Records that hold no service line, as the layout says.
    pub left_out: u64,
    /// Lines beyond the first of their record.
    pub further: u64,
    /// Those of its records that belong to no claim and are rejected.
    pub lone: Vec<u128>,
    /// Bytes of its text.
    pub bytes: u64,
}

/// Memory to use again, of one input.
#[derive(Default)]
pub struct Spare {
    /// Batches, for the decoding to empty.
    pub batches: Pool<Option<Batch>>,
    /// What is needed on the way.
    pub scratch: Pool<Scratch>,
}

/// Memory that checking a portion needs on the way.
#[derive(Debug, Default)]
pub struct Scratch {
    lines: Findings,
    faults: Findings,
    hits: Vec<u128>,
    rows: RowsBuilder,
    passing: RowsBuilder,
}

/// Checks a portion of an input to which these exceptions apply and in which these rules lack a
/// column. Of each rule and severity, up to `samples` findings of lines are kept.
pub fn check(
    plan: &Plan,
    decoding: &Decoding,
    spare: &Spare,
    (exceptions, lacking): (u64, &[RuleId]),
    samples: u64,
    mut portion: Portion,
) -> Result<Checked> {
    let bytes = portion.bytes();
    let mut batch = spare.batches.take().unwrap_or_else(|| decoding.batch());
    decoding.decode(&mut portion, &mut batch)?;
    batch.read_values(plan.values);
    let mut tally = Tally::new(plan.registry.len());
    count_classes(&batch, &mut tally);
    let mut scratch = spare.scratch.take();
    let Scratch { lines, faults, hits, rows, passing } = &mut scratch;
    lines.clear();
    faults.clear();
    hits.clear();
    plan.checks.lines(&batch, lines, &mut tally);
    plan.checks.records(&batch, faults, &mut tally);
    let writer = Writer::new(plan, &batch, exceptions, samples, tally, hits);
    let Encoded { mut tally, findings, named } = writer.write(lines, faults);
    let mut notes = Notes::new(batch.len(), &mut tally, hits);
    notes.lack_columns(lacking);
    for left in lines.left_out() {
        notes.leave_out(left.at, left.rule, left.why);
    }
    let pooling = Pooling { plan, batch: &batch, exceptions };
    let pools = plan.pools.iter().map(|pool| pooling.stream(pool, rows, &mut notes)).collect();
    notes.finish();
    let fold = Fold { plan, batch: &batch, hits, exceptions };
    let mut around = Rows::default();
    let streams = plan.streams.iter().map(|stream| match &plan.detour {
        Some(detour) if stream.is_by_claim() => {
            let builders = (&mut *rows, &mut *passing);
            let (claims, passed) = fold.with_detour(stream, detour, builders, &mut tally);
            around = passed;
            claims
        }
        _ => fold.stream(stream, rows, &mut tally),
    });
    let rows = streams.collect();
    let lone = plan.split.as_ref().map_or_else(Vec::new, |_| lone(&batch, hits));
    spare.scratch.give(scratch);
    tally.exceptions = exceptions_of(plan, &batch, exceptions);
    let set_aside = batch.faults.iter().filter(|fault| fault.is_of_a_record());
    let rejected = set_aside.count() as u64;
    let unreadable = batch.faults.iter().filter(|fault| fault.may_be_a_line()).count() as u64;
    let unnamed = unreadable.saturating_sub(named);
    let (left_out, further) = (batch.left_out, batch.further);
    let source = batch.source;
    decoding.give_back(portion, &mut batch);
    spare.batches.give(Some(batch));
    Ok(Checked {
        source,
        findings,
        rows,
        around,
        pools,
        tally,
        rejected,
        unreadable,
        unnamed,
        left_out,
        further,
        lone,
        bytes,
    })
}

/// The rejected lines that belong to no claim.
fn lone(batch: &Batch, hits: &[u128]) -> Vec<u128> {
    let rejected = hits.iter().zip(batch.lines()).filter(|(hits, _)| **hits & REJECTED != 0);
    let lone = rejected.map(|(_, line)| line).filter(|line| line.claim_key().is_none());
    lone.map(|line| units::of_record(line.place().source, line.place().record)).collect()
}

/// Which exceptions of the configuration apply to any line of the batch, one bit each.
fn exceptions_of(plan: &Plan, batch: &Batch, exceptions: u64) -> u64 {
    if plan.exceptions.is_empty() {
        return 0;
    }
    let applied = batch.lines().map(|line| plan.checks.policy.exceptions_of(line, exceptions));
    applied.fold(0, |all, bits| all | bits)
}
