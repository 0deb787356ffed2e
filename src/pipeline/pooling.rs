//! Lines that are compared with others, on their way from a batch to the exchange of their stream.

use crate::exchange::rows::hash_key;
use crate::exchange::{Rows, RowsBuilder, pooled};
#[cfg(feature = "polars")]
use crate::lint::sql::frame::Frame;
use crate::lint::{Tally, Wants};
use crate::model::{Batch, Cell, Date, Field, FieldSet, Line, PooledLine, RuleId, Why};
use crate::pipeline::calm;
use crate::pipeline::context::rendering;
use crate::pipeline::fold;
use crate::pipeline::hits::NOT_CLEAN;
#[cfg(feature = "polars")]
use crate::pipeline::own;
use crate::pipeline::plan::{Plan, PoolStream};

/// Puts lines of a batch together by the key of a stream.
pub struct Pooling<'p> {
    /// What is to be checked.
    pub plan: &'p Plan,
    /// The lines.
    pub batch: &'p Batch,
    /// The exceptions that apply to the input.
    pub exceptions: u64,
}

/// The run of adjacent lines with one key that is being read.
#[derive(Default)]
struct Open<'b> {
    key: Vec<u8>,
    lines: Vec<PooledLine<'b>>,
    /// Where they stand in the batch.
    places: Vec<usize>,
    people: People<'b>,
    scratch: calm::Scratch,
    cells: Vec<u8>,
    buffer: Vec<u8>,
}

impl Pooling<'_> {
    /// The rows of one stream, by way of an empty builder. Lines that a rule is about and cannot
    /// judge are noted.
    pub fn stream(
        &self,
        stream: &PoolStream,
        rows: &mut RowsBuilder,
        notes: &mut Notes<'_>,
    ) -> Rows {
        let (ids, wants) = self.wants(stream);
        for (row, bit, why) in &wants.left_out {
            ids.get(*bit).into_iter().for_each(|id| notes.leave_out(*row, *id, *why));
        }
        if wants.keepers.iter().all(|keepers| *keepers == 0) {
            return rows.finish();
        }
        let can_group = stream.key.iter().all(|field| self.has(*field));
        let mut open = Open::default();
        let mut last: Option<usize> = None;
        for (row, keepers) in wants.keepers.iter().copied().enumerate() {
            if keepers == 0 {
                continue;
            }
            if last.is_none_or(|last| !self.same_key(stream, last, row)) {
                self.flush(stream, &mut open, rows);
                open.key.clear();
                last = self.key(stream, self.batch.line(row), &mut open.key).map(|()| row);
            }
            if last.is_none() {
                count_ungrouped(&ids, keepers, notes.tally);
                if can_group {
                    notes.mark(row);
                }
                continue;
            }
            if open.lines.len() == calm::RUN_LINES_MAX {
                self.flush(stream, &mut open, rows);
            }
            let hits = notes.hits.get(row).copied().unwrap_or_default();
            let mut line = self.pooled(stream, row, keepers, hits, &mut open.people);
            if stream.compares_services {
                line.service = pooled::service(&line, &mut open.buffer);
            }
            open.lines.push(line);
            open.places.push(row);
        }
        self.flush(stream, &mut open, rows);
        rows.finish()
    }

    /// The rules of the stream, and what they say of every line of the batch.
    fn wants(&self, stream: &PoolStream) -> (Vec<RuleId>, Wants) {
        let mut wants = Wants::new(self.batch.len());
        let checks = stream.checks.iter().filter_map(|at| self.plan.checks.pools.get(*at));
        let ids = checks.enumerate().map(|(bit, prepared)| {
            if prepared.needs.iter().all(|field| self.has(*field)) {
                wants.ask(bit);
                prepared.check.want_batch(self.batch, &mut wants);
            }
            prepared.id
        });
        let mut ids: Vec<RuleId> = ids.collect();
        self.want_own(stream, &mut ids, &mut wants);
        (ids, wants)
    }

    /// The rules in SQL of the stream, and what they say; without polars there are none.
    fn want_own(&self, stream: &PoolStream, ids: &mut Vec<RuleId>, wants: &mut Wants) {
        #[cfg_attr(not(feature = "polars"), allow(unused_variables, reason = "nothing asks"))]
        let Some(knowledge) = &self.plan.checks.knowledge else { return };
        // Rules that name the same payers and days share their columns.
        #[cfg(feature = "polars")]
        let frame = Frame::of_batch(self.batch, knowledge);
        let rules = stream.sql.iter().filter_map(|at| self.plan.checks.sql.get(*at));
        for (bit, rule) in rules.enumerate() {
            if rule.needs.iter().all(|field| self.has(*field)) {
                wants.ask(bit);
                #[cfg(feature = "polars")]
                own::wanted(rule, &frame, wants);
            }
            ids.push(rule.id);
        }
    }

    /// Ends a row.
    fn flush(&self, stream: &PoolStream, open: &mut Open<'_>, rows: &mut RowsBuilder) {
        if open.lines.is_empty() {
            return;
        }
        let Open { key, lines, places, scratch, cells, buffer, .. } = open;
        buffer.clear();
        calm::begin(self.plan, stream, lines, scratch, buffer);
        let mut before = None;
        for (line, place) in lines.iter().zip(places.iter()) {
            self.put(stream, (line, *place), before, cells, buffer);
            before = Some(line);
        }
        rows.put_pooled(hash_key(key), key, buffer);
        lines.clear();
        places.clear();
    }

    /// Appends a line of the batch, with the cells that rules in SQL read of it.
    fn put(
        &self,
        stream: &PoolStream,
        (line, place): (&PooledLine<'_>, usize),
        before: Option<&PooledLine<'_>>,
        cells: &mut Vec<u8>,
        into: &mut Vec<u8>,
    ) {
        cells.clear();
        #[cfg(feature = "polars")]
        if let (false, Some(knowledge)) = (stream.sql.is_empty(), &self.plan.checks.knowledge) {
            own::put_cells(self.batch.line(place), &stream.slots, knowledge, cells);
            let line = PooledLine { cells: Some(cells), ..line.clone() };
            return pooled::encode(&line, before, into);
        }
        debug_assert!(
            stream.sql.is_empty() && place < self.batch.len(),
            "rules in SQL need polars"
        );
        pooled::encode(line, before, into);
    }

    /// Whether the input has a column for the field, or for what stands in for it.
    fn has(&self, field: Field) -> bool {
        self.batch.has(field) || (field == Field::RenderingNpi && self.batch.has(Field::BillingNpi))
    }

    /// Whether two lines say the same in all cells of the key, byte for byte. What differs in
    /// blanks only begins a new row: rows of one key are put together later.
    fn same_key(&self, stream: &PoolStream, one: usize, other: usize) -> bool {
        let same = |field: Field| self.batch.cell(field, one) == self.batch.cell(field, other);
        stream.key.iter().all(|field| match field {
            Field::ClaimId => {
                let key = |row: usize| self.batch.line(row).claim_key().unwrap_or_default();
                fold::same(key(one), key(other))
            }
            Field::RenderingNpi => same(Field::RenderingNpi) && same(Field::BillingNpi),
            field => same(*field),
        })
    }

    /// Writes the line's key; nothing when it has none.
    fn key(&self, stream: &PoolStream, line: Line<'_>, key: &mut Vec<u8>) -> Option<()> {
        if !self.plan.claims_span_inputs && stream.is_by_claim() {
            key.extend_from_slice(&line.place().source.to_le_bytes());
        }
        for field in &stream.key {
            match field {
                Field::ServiceDate => {
                    let day = line.service_date().value()?;
                    key.extend_from_slice(&day.days().to_le_bytes());
                }
                Field::ClaimId => put_text(line.claim_key()?, key),
                Field::RenderingNpi => put_text(rendering(line)?, key),
                field => put_text(line.text(*field)?, key),
            }
        }
        Some(())
    }

    /// The line as it travels: what the rules of the stream read of it.
    fn pooled<'s>(
        &'s self,
        stream: &PoolStream,
        row: usize,
        keepers: u32,
        hits: u128,
        people: &mut People<'s>,
    ) -> PooledLine<'s> {
        let line = self.batch.line(row);
        let reads = stream.reads;
        let context = self.plan.context_of(line);
        let [patient, rendering, billing] = people.of(line, reads);
        PooledLine {
            place: line.place(),
            service: 0,
            keepers,
            already_found: hits & !NOT_CLEAN != 0,
            overrides: self.plan.exceptions_of_line(line, self.exceptions),
            code: line.procedure().code(),
            value: line.raw(Field::ProcedureCode),
            // The key of a claim is its id, which need not travel twice.
            claim_key: line.claim_key().filter(|_| !stream.is_by_claim()),
            service_line: line.text(Field::ServiceLine),
            charge: line.charge(),
            days: read(reads, Field::ServiceDate).and_then(|()| line.service_days()),
            modifiers: read(reads, Field::Modifier1).map(|()| line.modifiers()).unwrap_or_default(),
            units: read(reads, Field::Units).map_or(Cell::Missing, |()| line.units()),
            in_minutes: read(reads, Field::UnitType).is_some_and(|()| line.is_in_minutes()),
            frequency: read(reads, Field::ClaimFrequency).map_or(0, |()| line.frequency()),
            claim_total: read(reads, Field::ClaimTotal).map_or(Cell::Missing, |()| line.total()),
            place_of_service: read(reads, Field::PlaceOfService)
                .and_then(|()| line.text(Field::PlaceOfService))
                .map(|place| place.try_into().unwrap_or(PooledLine::NO_PLACE)),
            patient,
            rendering,
            billing,
            revenue: read(reads, Field::RevenueCode).and_then(|()| revenue(line)),
            payer: context.payer,
            provider: context.rendering,
            cells: None,
        }
    }
}

/// The patient and the providers of the line before, with the numbers that stand for them:
/// neighbours mostly name the same.
#[derive(Default)]
struct People<'b> {
    texts: [Option<&'b [u8]>; 3],
    numbers: [u64; 3],
}

impl<'b> People<'b> {
    fn of(&mut self, line: Line<'b>, reads: FieldSet) -> [u64; 3] {
        let text = |field: Field| read(reads, field).and_then(|()| line.text(field));
        let rendering = read(reads, Field::RenderingNpi).and_then(|()| rendering(line));
        let texts = [text(Field::PatientId), rendering, text(Field::BillingNpi)];
        let known = self.texts.iter_mut().zip(&mut self.numbers);
        for ((before, number), text) in known.zip(texts) {
            if text != *before {
                (*before, *number) = (text, identity(text));
            }
        }
        self.numbers
    }
}

/// Something where the rules of the stream read the field.
fn read(reads: FieldSet, field: Field) -> Option<()> {
    reads.contains(field).then_some(())
}

/// A number for a text, and zero for none. Lines of one group are compared by it: two of a billion
/// groups of a thousand different texts may hold two of one number.
fn identity(text: Option<&[u8]>) -> u64 {
    text.map_or(0, |text| hash_key(text).max(1))
}

/// The revenue code as a number: `450` is `0450`.
fn revenue(line: Line<'_>) -> Option<u16> {
    let text = line.text(Field::RevenueCode)?;
    let digits = text.len() <= 4 && text.iter().all(u8::is_ascii_digit);
    let number = text.iter().fold(0_u16, |value, digit| {
        value.wrapping_mul(10).wrapping_add(u16::from(digit.wrapping_sub(b'0')))
    });
    Some(if digits { number } else { PooledLine::NO_REVENUE_CODE })
}

fn put_text(text: &[u8], key: &mut Vec<u8>) {
    key.extend_from_slice(&(text.len() as u32).to_le_bytes());
    key.extend_from_slice(text);
}

fn count_ungrouped(rules: &[RuleId], keepers: u32, tally: &mut Tally) {
    for (bit, id) in rules.iter().enumerate() {
        tally.rule_mut(*id).ungrouped += u64::from(keepers >> bit & 1);
    }
}

/// What is noted of the lines of a batch that rules are about and cannot judge.
pub struct Notes<'n> {
    /// Lines of the batch.
    pub lines: usize,
    /// The counts.
    pub tally: &'n mut Tally,
    /// Which rules found something in each line; empty if none did in any.
    pub hits: &'n mut Vec<u128>,
    /// Lines that no reference data covers: kind, line and day.
    pub uncovered: Vec<(u8, usize, Date)>,
}

impl<'n> Notes<'n> {
    /// Of so many lines, nothing yet.
    pub fn new(lines: usize, tally: &'n mut Tally, hits: &'n mut Vec<u128>) -> Notes<'n> {
        Notes { lines, tally, hits, uncovered: Vec::new() }
    }

    /// Notes that a rule could not judge a line.
    pub fn leave_out(&mut self, row: usize, rule: RuleId, why: Why) {
        self.tally.leave_out(rule, why);
        if let Why::NotCovered(kind, day) = why {
            self.uncovered.push((kind, row, day));
        }
        self.mark(row);
    }

    /// Notes that rules could judge no line, for want of a column that other inputs have.
    pub fn lack_columns(&mut self, rules: &[RuleId]) {
        for rule in rules {
            self.tally.rule_mut(*rule).unmapped += self.lines as u64;
        }
        if !rules.is_empty() {
            (0..self.lines).for_each(|row| self.mark(row));
        }
    }

    /// Marks a line whose claim cannot be called clean.
    fn mark(&mut self, row: usize) {
        if self.hits.is_empty() {
            self.hits.resize(self.lines, 0);
        }
        self.hits.get_mut(row).into_iter().for_each(|hits| *hits |= NOT_CLEAN);
    }

    /// Counts the lines that no reference data covers: each once for each kind.
    pub fn finish(mut self) {
        self.uncovered.sort_unstable();
        self.uncovered.dedup_by_key(|(kind, row, _)| (*kind, *row));
        for (kind, _, day) in self.uncovered {
            self.tally.leave_uncovered(kind, day);
        }
    }
}
