//! The claims of an X12 input, portion by portion, each told to be rejected or not.

use crate::error::Result;
use crate::exchange::units::{self, Lookup};
use crate::input::Source;
use crate::input::decoding::Decoding;
use crate::input::pool::Pool;
use crate::input::portion::Portion;
use crate::input::x12::Claims;
use crate::lint::Tally;
use crate::model::{Batch, Fault, FaultKind, Field, FieldSet, Findings, Severity};
use crate::pipeline::claims::claim_key;
use crate::pipeline::plan::Plan;
use crate::pipeline::split::bits::Bits;

/// A pass over an X12 input.
pub struct Verdicts<'p> {
    plan: &'p Plan,
    source: u32,
    exceptions: u64,
    decoding: Decoding,
    lookup: &'p Lookup,
    batches: Pool<Option<Batch>>,
}

/// What is told of a portion.
pub struct Told {
    /// The portion.
    pub claims: Claims,
    /// Its claims that are rejected.
    pub bits: Bits,
    /// Something that is wrong for which whatever stands there is rejected, in the order of places.
    pub wrong: Vec<Fault>,
    /// Lines of claims that were looked up and found.
    pub hits: u64,
}

impl<'p> Verdicts<'p> {
    /// A pass over the input with this number that looks claims up among rejected ones.
    pub fn new(plan: &'p Plan, at: u32, source: &Source, lookup: &'p Lookup) -> Self {
        let read = [Field::ClaimId, Field::ProcedureCode, Field::RevenueCode];
        let read: FieldSet = read.into_iter().collect();
        let (vocabulary, footers) = (plan.vocabulary.clone(), plan.footers.clone());
        Verdicts {
            plan,
            source: at,
            exceptions: plan.exceptions_of_input(&source.name),
            decoding: Decoding::new(source, at, read, vocabulary, footers),
            lookup,
            batches: Pool::default(),
        }
    }

    /// Looks the claims of a portion up; `bits` are those of its claims that are known already.
    pub fn tell(&self, (portion, mut bits): (Portion, Bits)) -> Result<Told> {
        let mut portion = portion;
        let mut batch = self.batches.take().unwrap_or_else(|| self.decoding.batch());
        self.decoding.decode(&mut portion, &mut batch)?;
        let claims = match portion {
            Portion::X12(claims) => claims,
            _ => Claims::default(),
        };
        let hits = self.judge(&claims, &batch, &mut bits);
        let wrong = self.wrong(&batch);
        self.batches.give(Some(batch));
        Ok(Told { claims, bits, wrong, hits })
    }

    fn judge(&self, claims: &Claims, batch: &Batch, bits: &mut Bits) -> u64 {
        let mut hits = 0;
        let mut lines = batch.lines().peekable();
        for (at, claim) in claims.claims.iter().enumerate() {
            let of_claim = claims.lines.get(claim.lines.0 as usize..claim.lines.1 as usize);
            for place in of_claim.unwrap_or_default().iter().map(|line| line.place) {
                // A line that was set aside is not in the batch.
                let Some(line) = lines.next_if(|line| line.place().record == place.record) else {
                    continue;
                };
                let key = line.claim_key().map(|key| claim_key(self.plan, self.source, key));
                let unit = match &key {
                    Some(key) => units::of_claim(key),
                    None => units::of_record(self.source, place.record),
                };
                if self.lookup.contains(unit) {
                    bits.set(at);
                    hits += u64::from(key.is_some());
                }
            }
        }
        hits
    }

    /// Where something was set aside, or is wrong enough to be an error. A missing header or
    /// trailer is told where it is missed, behind what it is about; the planner sees to that
    /// itself.
    fn wrong(&self, batch: &Batch) -> Vec<Fault> {
        if batch.faults.is_empty() {
            return Vec::new();
        }
        let policy = &self.plan.checks.policy;
        let exceptions = policy.exceptions_without_line(self.exceptions);
        let mut found = Findings::default();
        self.plan.checks.records(batch, &mut found, &mut Tally::new(self.plan.registry.len()));
        let errors = found
            .reported()
            .iter()
            .filter(|reported| policy.severity(reported.rule, exceptions) == Some(Severity::Error));
        let errors = errors.filter_map(|reported| batch.faults.get(reported.at));
        let set_aside = batch.faults.iter().filter(|fault| fault.is_of_a_record());
        let here = errors.chain(set_aside).filter(|fault| fault.kind != FaultKind::MissingTrailer);
        let mut wrong: Vec<Fault> = here.copied().collect();
        wrong.sort_by_key(|fault| (fault.place.byte, fault.kind));
        wrong.dedup();
        wrong
    }
}
