//! Rows of a slab as lines of a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::input::layouts::LeaveOut;
use crate::input::parquet::pages::Problem;
use crate::input::parquet::refusals::unreadable;
use crate::input::parquet::short::short;
use crate::input::parquet::slab::{Decoded, Slab};
use crate::input::rows::{RowForm, RowWriter};
use crate::model::batch::Place;
use crate::model::cell::trim;
use crate::model::date_format::DateFormats;
use crate::model::visible::visible;
use crate::model::{Batch, Fault, FaultDetail, FaultKind};

/// Bytes of text of a portion. A line has about a hundred.
const TEXT_BYTES_MAX: usize = 256 << 20;

/// Some rows, not yet decoded.
#[derive(Debug)]
pub struct Rows {
    /// What they are taken from.
    pub slab: Arc<Slab>,
    /// The first of them in it.
    pub from: usize,
    /// How many they are.
    pub count: usize,
    /// Rows of the file before them.
    pub before: u64,
    /// Their share of the bytes of the file.
    pub bytes: u64,
}

/// Turns rows into batches; the same for all threads.
#[derive(Debug)]
pub struct RowDecoder {
    /// The form of a line.
    pub form: RowForm,
    /// For each cell of a line, its column among those of a slab.
    pub columns: Vec<usize>,
    /// The columns of further parts of a claim's key, among those of a slab.
    pub key_parts: Vec<usize>,
    /// Rows that are no service lines, each by a column of a slab.
    pub leave_out: Vec<(usize, LeaveOut)>,
    /// How the dates of its cells are written.
    pub dates: Arc<DateFormats>,
    /// Columns of a slab.
    pub width: usize,
    /// Bytes of a cell; a longer one sets its row aside.
    pub record_bytes_max: usize,
    /// The name of the input.
    pub name: String,
}

impl RowDecoder {
    /// A batch to decode into.
    pub fn batch(&self) -> Batch {
        let mut batch = self.form.batch();
        batch.dates = Arc::clone(&self.dates);
        batch
    }

    /// Puts rows into a batch of this decoder, in place of what it held.
    ///
    /// # Errors
    /// Pages whose values cannot be decoded.
    pub fn decode(&self, rows: &Rows, batch: &mut Batch) -> Result<()> {
        let damaged = || {
            let problem = Problem::Damaged("its values cannot be decoded");
            unreadable(&problem, rows.before).in_place(&visible(&self.name))
        };
        let decoded = self.decoded(rows).ok_or_else(damaged)?;
        let column = |at: &usize| rows.slab.column(*at, self.record_bytes_max);
        let parts: Option<Vec<&Decoded>> = self.key_parts.iter().map(column).collect();
        let tellers: Option<Vec<&Decoded>> =
            self.leave_out.iter().map(|(at, _)| column(at)).collect();
        let (parts, tellers) = (parts.ok_or_else(damaged)?, tellers.ok_or_else(damaged)?);
        let all: Vec<&Decoded> = decoded.iter().chain(&parts).chain(&tellers).copied().collect();
        let odd = odd_rows(rows, &all);
        let mut writer = RowWriter::new(&self.form, batch);
        let columns: Vec<_> = decoded.iter().map(|column| (column.views(), *column)).collect();
        let mut text = Vec::new();
        for (number, row) in (rows.from..rows.from + rows.count).enumerate() {
            let record = rows.before + number as u64 + 1;
            let place = Place { source: self.form.source(), record, line: record, byte: 0 };
            if let Some((kind, detail)) = odd.get(&row) {
                let fault = Fault { kind: *kind, place, lines: 1, detail: *detail };
                writer.batch().faults.push(fault);
                continue;
            }
            if self.is_left_out(row, &tellers) {
                writer.batch().left_out += 1;
                continue;
            }
            for (views, column) in &columns {
                let view = views.get(row);
                if let Some((length, short)) = view.and_then(short) {
                    writer.short_cell(length, short);
                } else if let Some(bytes) = column.long(view) {
                    writer.cell(bytes);
                } else {
                    text.clear();
                    column.put(row, &mut text);
                    writer.cell(&text);
                }
            }
            let parts: Vec<Vec<u8>> = parts.iter().map(|part| self.said(part, row)).collect();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            writer.end_line(place, &parts);
            if writer.batch().text.len() > TEXT_BYTES_MAX {
                let error = unreadable(&Problem::TooLarge, rows.before);
                return Err(error.in_place(&visible(&self.name)));
            }
        }
        Ok(())
    }

    /// Whether the layout says that the row is no service line.
    fn is_left_out(&self, row: usize, tellers: &[&Decoded]) -> bool {
        let tells = |(_, of): &(usize, LeaveOut), column| of.told_by.tells(&self.said(column, row));
        self.leave_out.iter().zip(tellers).any(|(of, column)| tells(of, column))
    }

    /// What a value says, trimmed; nothing where it is missing.
    fn said(&self, column: &Decoded, row: usize) -> Vec<u8> {
        let mut text = Vec::new();
        column.put(row, &mut text);
        let said = trim(&text);
        if self.form.is_missing(said) { Vec::new() } else { said.to_vec() }
    }

    /// The columns of the cells of a line. Threads that share a slab begin with another column
    /// each, so that none waits for what another is at.
    fn decoded<'r>(&self, rows: &'r Rows) -> Option<Vec<&'r Decoded>> {
        let begin = rows.from / rows.count.max(1);
        for at in 0..self.width {
            rows.slab.column((begin + at) % self.width, self.record_bytes_max)?;
        }
        let column = |at: &usize| rows.slab.column(*at, self.record_bytes_max);
        self.columns.iter().map(column).collect()
    }
}

/// The rows that cannot be lines, and why.
fn odd_rows(rows: &Rows, decoded: &[&Decoded]) -> BTreeMap<usize, (FaultKind, FaultDetail)> {
    let mut all = BTreeMap::new();
    for column in decoded {
        let from = column.odd.partition_point(|(row, ..)| *row < rows.from);
        let odd = column.odd.get(from..).unwrap_or_default().iter();
        for (row, kind, detail) in odd.take_while(|(row, ..)| *row < rows.from + rows.count) {
            all.entry(*row).or_insert((*kind, *detail));
        }
    }
    all
}
