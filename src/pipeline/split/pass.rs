//! The records of an input, chunk by chunk, each told to be rejected or not.

use crate::exchange::units::{self, Lookup};
use crate::input::bytes::Offsets;
use crate::input::decode::Decoder;
use crate::input::header::Dialect;
use crate::input::pool::Pool;
use crate::input::{Chunk, Source};
use crate::model::{Batch, Field};
use crate::pipeline::claims::claim_key;
use crate::pipeline::plan::Plan;
use crate::pipeline::split::bits::Bits;

/// A pass over an input.
pub struct Pass<'p> {
    plan: &'p Plan,
    source: u32,
    decoder: Decoder,
    lookup: &'p Lookup,
}

/// Memory to use again.
pub struct Spare {
    chunks: Pool<Chunk>,
    batches: Pool<Option<Batch>>,
}

/// Records that follow each other and go to the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Offset in the input of the first one.
    pub start: u64,
    /// Of a single record, the offset of its line end.
    pub end: u64,
    /// The number of the first one.
    pub record: u64,
    /// Whether they are rejected.
    pub is_rejected: bool,
}

/// What a chunk turned out to be.
#[derive(Debug, Default)]
pub struct Pieces {
    /// Its records, in order. Rejected ones stand alone where their codes are to be added.
    pub pieces: Vec<Piece>,
    /// Records that are not rejected.
    pub clean: u64,
    /// Records that are.
    pub rejected: u64,
    /// Those of them that are lines of claims.
    pub rejected_lines_of_claims: u64,
}

impl<'p> Pass<'p> {
    /// A pass over an input that looks claims up among rejected ones.
    pub fn new(
        plan: &'p Plan,
        at: u32,
        source: &Source,
        dialect: Dialect,
        lookup: &'p Lookup,
    ) -> Self {
        // What tells a line from a record that is set aside, and a claim from another.
        let read = [Field::ClaimId, Field::ProcedureCode, Field::RevenueCode];
        let decoder = Decoder::new(
            at,
            dialect.marks,
            &source.layout,
            read.into_iter().collect(),
            plan.vocabulary.clone(),
            plan.footers.clone(),
        );
        Pass { plan, source: at, decoder, lookup }
    }

    /// Memory for the chunks of the input.
    pub fn spare(&self, source: &Source) -> Spare {
        Spare { chunks: source.pool(), batches: Pool::default() }
    }

    /// The bits of a chunk's records, those that are found to be rejected set.
    pub fn bits(&self, spare: &Spare, mut chunk: Chunk, mut bits: Bits) -> Bits {
        self.judge(spare, &mut chunk, &mut bits);
        chunk.clear();
        spare.chunks.give(chunk);
        bits
    }

    /// The records of a chunk as they are to be written.
    pub fn pieces(&self, spare: &Spare, mut chunk: Chunk, mut bits: Bits) -> Pieces {
        let rejected_lines_of_claims = self.judge(spare, &mut chunk, &mut bits);
        let mut pieces = Pieces { rejected_lines_of_claims, ..Pieces::default() };
        let alone = self.plan.split.as_ref().is_some_and(|split| split.reasons);
        let mut offsets = Offsets::new(chunk.found, chunk.byte);
        let mut last = None;
        for (at, record) in chunk.records.iter().enumerate() {
            let is_rejected = bits.get(at);
            *(if is_rejected { &mut pieces.rejected } else { &mut pieces.clean }) += 1;
            if last == Some(is_rejected) && !(alone && is_rejected) {
                continue;
            }
            last = Some(is_rejected);
            let start = offsets.of(record.start as usize, &chunk.text);
            let end = match chunk.passed_over {
                0 if alone => offsets.of(record.end as usize, &chunk.text),
                passed_over => start + passed_over,
            };
            let record = chunk.first_record + at as u64;
            pieces.pieces.push(Piece { start, end, record, is_rejected });
        }
        chunk.clear();
        spare.chunks.give(chunk);
        pieces
    }

    /// Sets the bits of rejected records; returns how many of them are lines of claims.
    fn judge(&self, spare: &Spare, chunk: &mut Chunk, bits: &mut Bits) -> u64 {
        let mut batch = spare.batches.take().unwrap_or_else(|| self.decoder.batch());
        self.decoder.decode(chunk, &mut batch);
        let first = chunk.first_record;
        for fault in &batch.faults {
            bits.set((fault.place.record - first) as usize);
        }
        let mut of_claims = 0;
        let mut known: Option<(&[u8], bool)> = None;
        for line in batch.lines() {
            let record = line.place().record;
            let at = (record - first) as usize;
            let claim = line.claim_key();
            let is_rejected = match (claim, known) {
                (Some(claim), Some((same, is_rejected))) if claim == same => is_rejected,
                (Some(claim), _) => {
                    let unit = units::of_claim(&claim_key(self.plan, self.source, claim));
                    let is_rejected = self.lookup.contains(unit);
                    known = Some((claim, is_rejected));
                    is_rejected
                }
                (None, _) => self.lookup.contains(units::of_record(self.source, record)),
            };
            if is_rejected {
                bits.set(at);
            }
            of_claims += u64::from(claim.is_some() && bits.get(at));
        }
        std::mem::swap(&mut batch.text, &mut chunk.text);
        spare.batches.give(Some(batch));
        of_claims
    }
}
