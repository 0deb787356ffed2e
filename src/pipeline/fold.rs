//! Adjacent lines with one key, folded into a row for the exchange.

use std::ops::Range;

use crate::exchange::rows::{Row, add_witness, hash_key};
use crate::exchange::{Rows, RowsBuilder};
use crate::lint::{Look, Tally};
use crate::model::batch::Span;
use crate::model::group::Witness;
use crate::model::{Batch, Cell, Field, KeptLine, Line, RuleId, Snippet};
use crate::pipeline::around::Around;
use crate::pipeline::hits::NOT_CLEAN;
use crate::pipeline::plan::{DetourStream, Plan, Stream};

/// Folds adjacent lines with one key into rows.
pub struct Fold<'p> {
    /// What is to be checked.
    pub plan: &'p Plan,
    /// The lines.
    pub batch: &'p Batch,
    /// Which rules found something in each line; empty if none did in any.
    pub hits: &'p [u128],
    /// The exceptions that apply to the input.
    pub exceptions: u64,
}

/// What a rule for claims says of the lines of the batch.
struct Looked {
    /// The rule's place among the rules for claims.
    at: usize,
    id: RuleId,
    /// Facts that make its findings impossible.
    settled_by: u8,
    looks: Vec<Look>,
}

impl Fold<'_> {
    /// The rows of one stream, by way of an empty builder.
    pub fn stream(&self, stream: &Stream, rows: &mut RowsBuilder, tally: &mut Tally) -> Rows {
        let looked = self.look(stream);
        self.runs(stream, &looked, &mut Lanes { rows, around: None }, tally);
        rows.finish()
    }

    /// The rows of the claims, and those of their detour, by way of two empty builders.
    pub fn with_detour(
        &self,
        stream: &Stream,
        detour: &DetourStream,
        (rows, around): (&mut RowsBuilder, &mut RowsBuilder),
        tally: &mut Tally,
    ) -> (Rows, Rows) {
        let looked = self.look(stream);
        let mut around = Around::new(self, detour, around);
        if let Some(of) = looked.iter().find(|of| of.at == detour.check) {
            around.witnesses(&of.looks);
        }
        let mut lanes = Lanes { rows, around: Some(around) };
        self.runs(stream, &looked, &mut lanes, tally);
        let around = lanes.around.map(|around| around.rows.finish()).unwrap_or_default();
        (rows.finish(), around)
    }

    fn runs(&self, stream: &Stream, looked: &[Looked], rows: &mut Lanes<'_>, tally: &mut Tally) {
        let mut buffer = Vec::new();
        let mut start = 0;
        while start < self.batch.len() {
            let run = start..self.run_end(stream, start);
            start = run.end;
            let first = self.batch.line(run.start);
            match self.key(stream, first, &mut buffer) {
                Some(key) => self.fold(stream, looked, run, key, rows, tally),
                None => count_ungrouped(stream, looked, run, tally),
            }
        }
    }

    fn look(&self, stream: &Stream) -> Vec<Looked> {
        let checks = stream.checks.iter().filter_map(|at| {
            let prepared = self.plan.checks.groups.get(*at)?;
            let mut looks = Vec::with_capacity(self.batch.len());
            prepared.check.look_batch(self.batch, &mut looks);
            let settled_by = prepared.check.settled_by();
            Some(Looked { at: *at, id: prepared.id, settled_by, looks })
        });
        checks.collect()
    }

    /// The end of the run of lines, from `start` on, whose cells of the key are the same. What
    /// differs in blanks only ends a run as well: rows of one key are merged later.
    #[inline]
    fn run_end(&self, stream: &Stream, start: usize) -> usize {
        let mut end = start + 1;
        if stream.is_by_claim() {
            let claims = self.batch.claims().get(start..).unwrap_or_default();
            let Some((first, others)) = claims.split_first() else { return end };
            let first = self.batch.slice(*first);
            let is_same = |claim: &&Span| same(self.batch.slice(**claim), first);
            return end + others.iter().take_while(is_same).count();
        }
        if let [field] = stream.key.as_slice() {
            let first = self.batch.cell(*field, start).unwrap_or_default();
            let same = |row| same(self.batch.cell(*field, row).unwrap_or_default(), first);
            while end < self.batch.len() && same(end) {
                end += 1;
            }
            return end;
        }
        let same = |row: usize| {
            let mut fields = stream.key.iter();
            fields.all(|field| match field {
                Field::ClaimId => {
                    self.batch.line(row).claim_key() == self.batch.line(start).claim_key()
                }
                field => self.batch.cell(*field, row) == self.batch.cell(*field, start),
            })
        };
        while end < self.batch.len() && same(end) {
            end += 1;
        }
        end
    }

    /// The line's key, in `buffer` where it does not stand in the batch; nothing when it has none.
    #[inline]
    fn key<'k>(
        &'k self,
        stream: &Stream,
        line: Line<'k>,
        buffer: &'k mut Vec<u8>,
    ) -> Option<&'k [u8]> {
        if stream.is_by_claim() && self.plan.claims_span_inputs {
            return line.claim_key();
        }
        buffer.clear();
        if !self.plan.claims_span_inputs {
            buffer.extend_from_slice(&line.place().source.to_le_bytes());
        }
        match stream.key.as_slice() {
            [Field::ClaimId] => buffer.extend_from_slice(line.claim_key()?),
            fields => {
                for field in fields {
                    part(*field, line, buffer)?;
                }
            }
        }
        Some(buffer)
    }

    /// Folds a run of lines with one key.
    #[inline]
    fn fold(
        &self,
        stream: &Stream,
        looked: &[Looked],
        run: Range<usize>,
        key: &[u8],
        rows: &mut Lanes<'_>,
        tally: &mut Tally,
    ) {
        let mut row = Row { lines: run.len() as u64, ..Row::default() };
        if let Some(hits) = self.hits.get(run.clone()) {
            row.hits = hits.iter().fold(0, |all, hits| all | hits);
        }
        if self.plan.streams.len() > 1 && stream.is_by_claim() {
            row.hits |= self.not_judged(run.clone());
        }
        let mut open = 0_u32;
        for Looked { at, id, settled_by, looks } in looked {
            let looks = looks.get(run.clone()).unwrap_or_default();
            let all = Look::of_all(looks);
            row.facts |= u64::from(all.facts()) << (4 * at);
            if all.facts() & settled_by != 0 {
                // Nothing will be found in this group, whatever else belongs to it.
                if all.keeps() {
                    let kept = looks.iter().filter(|look| look.keeps()).count();
                    tally.rule_mut(*id).judged += kept as u64;
                }
                continue;
            }
            open |= u32::from(all.keeps()) << at;
            if all.is_witness() {
                self.witness(*at, looks, run.start, &mut row);
            }
        }
        let hash = hash_key(key);
        rows.rows.put(hash, key, &row);
        if open != 0 {
            self.keep(stream, looked, open, run, (hash, key), rows);
        }
    }

    /// Notes the first line that a rule may want to name.
    fn witness(&self, at: usize, looks: &[Look], start: usize, row: &mut Row) {
        let wanted = looks.iter().zip(start..).filter(|(look, _)| look.is_witness());
        let mut lines = wanted.map(|(_, row)| self.batch.line(row));
        let first = lines.find_map(|line| Some((line, line.procedure().code()?)));
        if let Some((line, (code, _))) = first {
            add_witness(&mut row.witnesses, at as u8, Witness { place: line.place(), code });
        }
    }

    /// Marks the claim of lines that another grouping leaves out: it cannot be called clean.
    fn not_judged(&self, run: Range<usize>) -> u128 {
        let others = self.plan.streams.iter().filter(|other| !other.is_by_claim());
        let left_out = |other: &Stream, line: Line<'_>| {
            let wanted = |at: &usize| {
                let prepared = self.plan.checks.groups.get(*at);
                prepared.is_some_and(|prepared| prepared.check.look(line).keeps())
            };
            other.checks.iter().any(wanted) && self.key(other, line, &mut Vec::new()).is_none()
        };
        let mut lines = others.flat_map(|other| run.clone().map(move |row| (other, row)));
        let any = lines.any(|(other, row)| left_out(other, self.batch.line(row)));
        if any { NOT_CLEAN } else { 0 }
    }

    /// Adds the lines of a run that rules want to judge. `open` are the rules for claims that may
    /// still find something, one bit each.
    fn keep(
        &self,
        stream: &Stream,
        looked: &[Looked],
        open: u32,
        run: Range<usize>,
        (hash, key): (u64, &[u8]),
        rows: &mut Lanes<'_>,
    ) {
        // Without a prefix the key of a claim is its id, which need not travel twice.
        let in_key = stream.is_by_claim() && self.plan.claims_span_inputs;
        for row in run {
            let mut keepers = 0;
            for Looked { at, looks, .. } in looked.iter().filter(|of| open & (1 << of.at) != 0) {
                keepers |= u32::from(looks.get(row).is_some_and(|look| look.keeps())) << at;
            }
            let line = self.batch.line(row);
            let Some((code, _)) = line.procedure().code().filter(|_| keepers != 0) else {
                continue;
            };
            let hits = self.hits.get(row).copied().unwrap_or_default();
            let kept = KeptLine {
                place: line.place(),
                keepers,
                already_found: hits & !NOT_CLEAN != 0,
                overrides: self.plan.exceptions_of_line(line, self.exceptions),
                code,
                value: line.raw(Field::ProcedureCode),
                claim_key: line.claim_key(),
                service_line: line.text(Field::ServiceLine),
                amount: match line.charge() {
                    Cell::Value(amount) => Some(amount),
                    Cell::Missing | Cell::Malformed => None,
                },
                elsewhere: None,
                context: self.plan.context_of(line),
                snippet: (self.plan.snippets > 0).then(|| Snippet::of(line)),
            };
            if rows.around.as_mut().is_some_and(|around| around.keep(line, &kept)) {
                continue;
            }
            let claim_key = kept.claim_key.filter(|_| !in_key);
            rows.rows.put_kept(hash, key, &KeptLine { claim_key, ..kept });
        }
    }
}

/// Where the rows of a batch go.
struct Lanes<'r> {
    rows: &'r mut RowsBuilder,
    /// The second grouping, where kept lines pass by first.
    around: Option<Around<'r>>,
}

/// Whether two keys are equal. Keys of neighbours mostly differ in their last bytes, and most have
/// fewer than seventeen: then this is two comparisons of numbers.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(last), Some(other)) if u64::from_ne_bytes(*last) != u64::from_ne_bytes(*other) => {
            false
        }
        (Some(_), Some(_)) if a.len() <= 16 => {
            let first = |key: &[u8]| key.first_chunk::<8>().map(|first| u64::from_ne_bytes(*first));
            first(a) == first(b)
        }
        _ => a == b,
    }
}

/// Counts lines without a key for the rules that would have judged them.
#[cold]
fn count_ungrouped(stream: &Stream, looked: &[Looked], run: Range<usize>, tally: &mut Tally) {
    if stream.is_by_claim() {
        tally.without_claim += run.len() as u64;
    }
    for Looked { id, looks, .. } in looked {
        let looks = looks.get(run.clone()).unwrap_or_default();
        let kept = looks.iter().filter(|look| look.keeps()).count();
        tally.rule_mut(*id).ungrouped += kept as u64;
    }
}

/// Appends one field of a key, with its length; dates by the day they mean. Nothing when the field
/// has no value.
fn part(field: Field, line: Line<'_>, key: &mut Vec<u8>) -> Option<()> {
    let dated;
    let text = match field {
        Field::ServiceDate => {
            dated = line.service_date().value()?.to_string();
            dated.as_bytes()
        }
        Field::ClaimId => line.claim_key()?,
        field => line.text(field)?,
    };
    key.extend_from_slice(&(text.len() as u32).to_le_bytes());
    key.extend_from_slice(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_when_every_byte_is() {
        let key: Vec<u8> = (0..40).collect();
        for length in 0..=key.len() {
            let key = &key[..length];
            let [twin, longer] = [&b""[..], b"x"].map(|more| [key, more].concat());
            assert!(same(key, &twin) && !same(key, &longer));
            for changed in 0..length {
                let mut other = key.to_vec();
                other[changed] ^= 1;
                assert!(!same(key, &other), "{length} bytes, {changed} changed");
            }
        }
    }
}
