//! Records as a layout has them into service lines: rows that are none are left out, claims get
//! keys of several parts, and rows that hold several lines are taken apart.

use std::sync::Arc;

use crate::input::bytes::{Found, Offsets};
use crate::input::layout::Layout;
use crate::input::layouts::{LeaveOut, put_parts};
use crate::input::rows::{RowForm, RowWriter};
use crate::model::batch::{Column, Place, Span};
use crate::model::cell::trim;
use crate::model::claim;
use crate::model::date_format::DateFormats;
use crate::model::{
    Batch, Cell, Cents, Fault, FaultDetail, FaultKind, Field, FieldSet, Vocabulary,
};

/// What is to be done with the records of an input; the same for all threads.
#[derive(Debug, Clone)]
pub struct Reshape {
    leave_out: Vec<(u32, LeaveOut)>,
    key_parts: Vec<u32>,
    wide: Option<WideRows>,
}

/// A longer record is not taken apart: each of its lines has the cells of its claim.
const WIDE_RECORD_BYTES_MAX: u32 = 64 << 10;

impl Reshape {
    /// What the layout of an input asks for; nothing where its records are its lines.
    pub fn of(
        source: u32,
        layout: &Layout,
        read: FieldSet,
        vocabulary: &Arc<Vocabulary>,
    ) -> Option<Reshape> {
        if layout.is_plain() {
            return None;
        }
        let leave_out = layout.leave_out.iter();
        let wide = !layout.slots.is_empty();
        Some(Reshape {
            leave_out: leave_out.map(|(at, row)| (*at as u32, row.clone())).collect(),
            key_parts: layout.key_parts.iter().map(|at| *at as u32).collect(),
            wide: wide.then(|| WideRows::of(source, layout, read, vocabulary)),
        })
    }

    /// The columns that it looks at, whatever the rules read.
    pub fn columns(&self) -> impl Iterator<Item = u32> {
        let leave_out = self.leave_out.iter().map(|(at, _)| *at);
        let wide = self.wide.iter().flat_map(WideRows::columns);
        leave_out.chain(self.key_parts.iter().copied()).chain(wide)
    }

    /// Whether a row may hold several lines.
    pub fn is_wide(&self) -> bool {
        self.wide.is_some()
    }

    /// A batch for the lines of rows that hold several; nothing where a record is a line.
    pub fn batch(&self) -> Option<Batch> {
        self.wide.as_ref().map(|wide| {
            let mut batch = wide.form.batch();
            batch.dates = Arc::clone(&wide.dates);
            batch
        })
    }

    /// Leaves out the rows that are no service lines, and puts the claims' keys together.
    pub fn in_place(&self, batch: &mut Batch) {
        if !self.leave_out.is_empty() {
            batch.keep(|batch, row| {
                !self.leave_out.iter().any(|(at, leave_out)| {
                    let span = batch.span(row, *at);
                    let is_missing = batch.is_missing(span);
                    let cell = if is_missing { b"" } else { trim(batch.slice(span)) };
                    leave_out.told_by.tells(cell)
                })
            });
        }
        if !self.key_parts.is_empty() {
            self.put_keys(batch);
        }
    }

    fn put_keys(&self, batch: &mut Batch) {
        let mut before: Option<Span> = None;
        let mut key = Vec::new();
        for row in 0..batch.len() {
            let Some(number) = batch.claims().get(row).copied().filter(|span| span.len > 0) else {
                continue;
            };
            key.clear();
            key.extend_from_slice(batch.slice(number));
            put_parts(self.key_parts.iter().map(|at| part(batch, row, *at)), &mut key);
            // Neighbours are mostly of one claim.
            let span = match before.filter(|span| batch.slice(*span) == key) {
                Some(span) => span,
                None => {
                    let start = batch.text.len() as u32;
                    batch.text.extend_from_slice(&key);
                    Span { start, len: key.len() as u32 }
                }
            };
            before = Some(span);
            batch.put_claim_key(row, span);
        }
    }

    /// Writes the lines of the rows in `records` into `lines`; `found` and `byte` are the encoding
    /// and the place of the text that they were read from.
    pub fn take_apart(&self, records: &mut Batch, found: Found, byte: u64, lines: &mut Batch) {
        if let Some(wide) = &self.wide {
            wide.write(records, Offsets::new(found, byte), lines);
        }
    }
}

/// A further part of a claim's key; empty where it is missing.
fn part(batch: &Batch, row: usize, column: u32) -> &[u8] {
    let span = batch.span(row, column);
    if batch.is_missing(span) { b"" } else { trim(batch.slice(span)) }
}

/// Where a cell of a line comes from.
#[derive(Debug, Clone)]
enum From {
    /// From a column of its own slot.
    Slot,
    /// From columns of the row: the first that is filled.
    Row(Column),
    /// It is the number of the slot.
    Number,
}

/// Rows that hold several service lines.
#[derive(Debug, Clone)]
struct WideRows {
    form: RowForm,
    cells: Vec<(Field, From)>,
    slots: Vec<WideSlot>,
    dates: Arc<DateFormats>,
}

/// A service line of a row.
#[derive(Debug, Clone)]
struct WideSlot {
    number: String,
    columns: Vec<(Field, u32)>,
    /// The columns of which one must be filled.
    exists: Vec<(Field, u32)>,
    /// Where the line is said to stand.
    code: u32,
}

impl WideSlot {
    /// Whether a row has the line. An amount of nothing shows none: absent lines have it too.
    fn is_filled(&self, records: &Batch, row: usize) -> bool {
        let is_filled = |(field, at): &(Field, u32)| {
            let span = records.span(row, *at);
            let text = trim(records.slice(span));
            let is_amount = matches!(field, Field::Charge | Field::Units);
            let is_nothing = || is_amount && Cents::parse(text) == Cell::Value(Cents::default());
            !records.is_missing(span) && !is_nothing()
        };
        self.exists.iter().any(is_filled)
    }
}

impl WideRows {
    fn of(source: u32, layout: &Layout, read: FieldSet, vocabulary: &Arc<Vocabulary>) -> WideRows {
        let mut fields: Vec<Field> = layout.columns.keys().copied().collect();
        let numbers = !layout.columns.contains_key(&Field::ServiceLine);
        if numbers {
            fields.push(Field::ServiceLine);
        }
        let form = RowForm::new(source, &fields, read, Arc::clone(vocabulary));
        let in_slots = |field: Field| {
            layout.slots.iter().any(|slot| slot.columns.iter().any(|(of, _)| *of == field))
        };
        let from = |field: Field| match layout.columns.get(&field).map(Vec::as_slice) {
            _ if in_slots(field) => From::Slot,
            Some([only]) => From::Row(Column::At(*only as u32)),
            Some(several) => {
                From::Row(Column::FirstFilled(several.iter().map(|at| *at as u32).collect()))
            }
            None => From::Number,
        };
        let cells: Vec<(Field, From)> =
            form.cells().iter().map(|field| (*field, from(*field))).collect();
        let known = layout.known.iter().filter_map(|known| known.wide.as_ref());
        let exists: Vec<Field> = known.flat_map(|wide| wide.exists.iter().copied()).collect();
        let slot = |slot: &crate::input::layouts::Slot| {
            let columns: Vec<(Field, u32)> =
                slot.columns.iter().map(|(field, at)| (*field, *at as u32)).collect();
            let of = |field: Field| columns.iter().find(|(known, _)| *known == field).copied();
            let exists: Vec<(Field, u32)> = exists.iter().filter_map(|field| of(*field)).collect();
            let code = of(Field::ProcedureCode).or(exists.first().copied());
            let code = code.map(|(_, at)| at).unwrap_or_default();
            WideSlot { number: slot.number.to_string(), columns, exists, code }
        };
        let mut slots: Vec<WideSlot> = layout.slots.iter().map(slot).collect();
        // Lines of a row follow each other by their place in it, whatever their numbers are.
        slots.sort_by_key(|slot| slot.code);
        let cell_of = |field: Field| cells.iter().position(|(known, _)| *known == field);
        let dates = layout.dates.formats(|field, _| cell_of(field).unwrap_or_default() as u32);
        WideRows { form, cells, slots, dates: Arc::new(dates) }
    }

    fn columns(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().flat_map(|slot| slot.columns.iter().map(|(_, at)| *at))
    }

    fn write(&self, records: &mut Batch, mut offsets: Offsets, lines: &mut Batch) {
        let mut writer = RowWriter::new(&self.form, lines);
        let (mut left_out, mut further) = (records.left_out, 0);
        let mut faults = Vec::new();
        for row in 0..records.len() {
            let place = records.place(row);
            if row_bytes(records, row) > WIDE_RECORD_BYTES_MAX {
                let detail = FaultDetail::Limit(u64::from(WIDE_RECORD_BYTES_MAX));
                faults.push(Fault { kind: FaultKind::TooLong, place, lines: 1, detail });
                continue;
            }
            let mut written = 0;
            for slot in &self.slots {
                if !slot.is_filled(records, row) {
                    continue;
                }
                let start = records.bounds(row, slot.code).start as usize;
                let byte = offsets.of(start, &records.text);
                self.line(records, row, slot, Place { byte, ..place }, &mut writer);
                written += 1;
            }
            left_out += u64::from(written == 0);
            further += u64::saturating_sub(written, 1);
        }
        let lines = writer.batch();
        lines.left_out = left_out;
        lines.further = further;
        lines.faults.append(&mut records.faults);
        lines.faults.append(&mut faults);
        lines.faults.sort_by_key(|fault| fault.place);
    }

    fn line(
        &self,
        records: &Batch,
        row: usize,
        slot: &WideSlot,
        place: Place,
        writer: &mut RowWriter<'_>,
    ) {
        for (field, from) in &self.cells {
            let span = match from {
                From::Number => {
                    writer.cell(slot.number.as_bytes());
                    continue;
                }
                From::Slot => {
                    let column = slot.columns.iter().find(|(known, _)| known == field);
                    column.map(|(_, at)| records.span(row, *at))
                }
                From::Row(Column::At(at)) => Some(records.span(row, *at)),
                From::Row(Column::FirstFilled(columns)) => records.first_filled(row, columns),
                From::Row(Column::NotMapped | Column::NotRead) => None,
            };
            writer.cell(span.map_or(b"", |span| records.slice(span)));
        }
        let key = records.claims().get(row).map_or(&b""[..], |span| records.slice(*span));
        let parts: Vec<&[u8]> = key.split(|byte| *byte == claim::PART).skip(1).collect();
        writer.end_line(place, &parts);
    }
}

/// The bytes of a record.
fn row_bytes(batch: &Batch, row: usize) -> u32 {
    let start = batch.starts.get(row).copied().unwrap_or_default();
    let end = batch.ends.get((row + 1) * batch.width - 1).copied().unwrap_or(start);
    end.saturating_sub(start)
}
