//! Adjacent lines with one key, folded into a row for the exchange.

use crate::exchange::rows::{self, Row, hash_key};
use crate::exchange::{Rows, RowsBuilder};
use crate::lint::Tally;
use crate::model::group::Witness;
use crate::model::{Batch, Cell, Field, KeptLine, Line, Snippet};
use crate::pipeline::plan::{NOT_JUDGED, Plan, Stream};

/// Folds adjacent lines with one key into rows.
pub struct Fold<'p> {
    /// What is to be checked.
    pub plan: &'p Plan,
    /// The lines.
    pub batch: &'p Batch,
    /// Which rules found something in each line; empty if none did in any.
    pub hits: &'p [u128],
    /// The exceptions that apply to the input.
    pub exceptions: u32,
}

impl Fold<'_> {
    /// The rows of one stream.
    pub fn stream(&self, stream: &Stream, tally: &mut Tally) -> Rows {
        let mut rows = RowsBuilder::default();
        let (mut key, mut last) = (Vec::new(), Vec::new());
        let mut row = Row::default();
        for line in self.batch.lines() {
            key.clear();
            if !self.key(stream, line, &mut key) {
                self.count_ungrouped(stream, line, tally);
                continue;
            }
            if key != last {
                flush(&last, &row, &mut rows);
                row = Row::default();
                std::mem::swap(&mut key, &mut last);
            }
            self.fold(stream, line, &mut row);
        }
        flush(&last, &row, &mut rows);
        rows.finish()
    }

    /// Counts a line without a key for the rules that would have judged it.
    #[cold]
    fn count_ungrouped(&self, stream: &Stream, line: Line<'_>, tally: &mut Tally) {
        tally.without_claim += u64::from(stream.is_by_claim());
        let checks = stream.checks.iter().filter_map(|at| self.plan.checks.groups.get(*at));
        for prepared in checks.filter(|prepared| prepared.check.look(line).keep) {
            tally.rule_mut(prepared.id).ungrouped += 1;
        }
    }

    /// Marks the claim of a line that another grouping leaves out: it cannot be called clean.
    #[inline]
    fn not_judged(&self, stream: &Stream, line: Line<'_>) -> u128 {
        if !stream.is_by_claim() || self.plan.streams.len() == 1 {
            return 0;
        }
        let mut others = self.plan.streams.iter().filter(|other| !other.is_by_claim());
        let left_out = |other: &Stream| {
            let wanted = |at: &usize| {
                let prepared = self.plan.checks.groups.get(*at);
                prepared.is_some_and(|prepared| prepared.check.look(line).keep)
            };
            other.checks.iter().any(wanted) && !self.key(other, line, &mut Vec::new())
        };
        if others.any(left_out) { NOT_JUDGED } else { 0 }
    }

    /// Writes the line's key; false when it has none.
    fn key(&self, stream: &Stream, line: Line<'_>, key: &mut Vec<u8>) -> bool {
        if !self.plan.claims_span_inputs {
            key.extend_from_slice(&line.place().source.to_le_bytes());
        }
        match stream.key.as_slice() {
            [Field::ClaimId] => match line.claim_id() {
                Some(claim) => key.extend_from_slice(claim),
                None => return false,
            },
            fields => {
                for field in fields {
                    if !part(*field, line, key) {
                        return false;
                    }
                }
            }
        }
        true
    }

    #[inline]
    fn fold(&self, stream: &Stream, line: Line<'_>, row: &mut Row) {
        row.lines += 1;
        let hits = self.hits.get(line.row()).copied().unwrap_or_default();
        row.hits |= hits | self.not_judged(stream, line);
        let mut keepers = 0;
        for at in &stream.checks {
            let Some(prepared) = self.plan.checks.groups.get(*at) else { continue };
            let look = prepared.check.look(line);
            row.facts |= u64::from(look.facts & 0xF) << (4 * at);
            keepers |= u32::from(look.keep) << at;
            let witness = look.witness.then(|| line.procedure().code()).flatten();
            if let Some((code, _)) = witness {
                row.add_witness(*at as u8, Witness { place: line.place(), code });
            }
        }
        if keepers != 0 {
            row.kept.extend(self.keep(stream, line, keepers, hits != 0));
        }
    }

    fn keep(
        &self,
        stream: &Stream,
        line: Line<'_>,
        keepers: u32,
        already_found: bool,
    ) -> Option<KeptLine> {
        let (code, _) = line.procedure().code()?;
        // Without a prefix the key of a claim is its id, which need not travel twice.
        let in_key = stream.is_by_claim() && self.plan.claims_span_inputs;
        let claim_id = line.claim_id().filter(|_| !in_key).map(<[u8]>::to_vec);
        Some(KeptLine {
            place: line.place(),
            keepers,
            already_found,
            overrides: self.plan.checks.policy.exceptions_of(line, self.exceptions),
            code,
            value: line.raw(Field::ProcedureCode).to_vec(),
            claim_id,
            service_line: line.text(Field::ServiceLine).map(<[u8]>::to_vec),
            amount: match line.charge() {
                Cell::Value(amount) => Some(amount),
                Cell::Missing | Cell::Malformed => None,
            },
            snippet: (self.plan.snippets > 0).then(|| Snippet::of(line)),
        })
    }
}

/// Appends one field of a key, with its length; dates by the day they mean.
fn part(field: Field, line: Line<'_>, key: &mut Vec<u8>) -> bool {
    let dated;
    let text = match field {
        Field::ServiceDate => match line.service_date().value() {
            Some(date) => {
                dated = date.to_string();
                dated.as_bytes()
            }
            None => return false,
        },
        field => match line.text(field) {
            Some(text) => text,
            None => return false,
        },
    };
    key.extend_from_slice(&(text.len() as u32).to_le_bytes());
    key.extend_from_slice(text);
    true
}

fn flush(key: &[u8], row: &Row, rows: &mut RowsBuilder) {
    if row.lines > 0 {
        let hash = hash_key(key);
        rows::encode(hash, key, row, rows.partition_mut(hash));
    }
}
