//! Rows of a slab as lines of a batch.

use std::sync::Arc;

use crate::error::Result;
use crate::input::layouts::LeaveOut;
use crate::input::parquet::block::Block;
use crate::input::parquet::pages::Problem;
use crate::input::parquet::refusals::unreadable;
use crate::input::parquet::slab::Slab;
use crate::input::rows::{LineLimits, RowForm, RowWriter};
use crate::model::batch::Place;
use crate::model::cell::trim;
use crate::model::date_format::DateFormats;
use crate::model::visible::visible;
use crate::model::{Batch, Fault};

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
        let failed = |problem| unreadable(&problem, rows.before).in_place(&visible(&self.name));
        let damaged = || failed(Problem::Damaged("its values cannot be decoded"));
        // Threads that share a slab begin with another column each.
        let turn = rows.from / rows.count.max(1);
        rows.slab.prepare(rows.from, rows.count, self.record_bytes_max, turn);
        let tellers = self.leave_out.iter().map(|(at, _)| at);
        let columns = self.columns.iter().chain(&self.key_parts).chain(tellers).copied();
        let block = Block::new(&rows.slab, columns, rows.from, self.record_bytes_max);
        let mut block = block.ok_or_else(damaged)?;
        let source = self.form.source();
        let place = |before: usize| {
            let record = rows.before + before as u64 + 1;
            Place { source, record, line: record, byte: 0 }
        };
        let is_simple = self.key_parts.is_empty() && self.leave_out.is_empty();
        let mut writer = RowWriter::new(&self.form, batch);
        writer.batch().number_from(place(0));
        let mut done = 0;
        while done < rows.count {
            let count = block.advance(rows.count - done).ok_or_else(damaged)?;
            let is_text = block.is_text();
            let limits = LineLimits {
                cell: self.record_bytes_max,
                text: TEXT_BYTES_MAX,
                is_text: is_text.is_some(),
            };
            let is_done = is_simple
                && is_text != Some(false)
                && writer.lines(place(done), block.cells(), limits, |at, of| block.long(at, of));
            if !is_done {
                self.one_by_one(&block, count, &mut writer, |row| place(done + row))
                    .map_err(failed)?;
            }
            done += count;
        }
        Ok(())
    }

    /// Puts the rows of a block into a batch, each for itself.
    fn one_by_one(
        &self,
        block: &Block<'_>,
        count: usize,
        writer: &mut RowWriter<'_>,
        place: impl Fn(usize) -> Place,
    ) -> Result<(), Problem> {
        let (width, keyed) = (self.columns.len(), self.columns.len() + self.key_parts.len());
        let mut text = Vec::new();
        for row in 0..count {
            let place = place(row);
            if let Some((kind, detail)) = block.fault(row, &mut text) {
                writer.batch().break_row();
                writer.batch().faults.push(Fault { kind, place, lines: 1, detail });
                continue;
            }
            let mut told = self.leave_out.iter().zip(keyed..);
            if told.any(|((_, of), at)| of.told_by.tells(&self.said(block, row, at))) {
                writer.batch().break_row();
                writer.batch().left_out += 1;
                continue;
            }
            for column in 0..width {
                block.put(row, column, &mut text);
                writer.cell(&text);
            }
            let parts: Vec<Vec<u8>> = (width..keyed).map(|at| self.said(block, row, at)).collect();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            writer.end_line(place, &parts);
            if writer.batch().text.len() > TEXT_BYTES_MAX {
                return Err(Problem::TooLarge);
            }
        }
        Ok(())
    }

    /// What a value says, trimmed; nothing where it is missing.
    fn said(&self, block: &Block<'_>, row: usize, column: usize) -> Vec<u8> {
        let mut text = Vec::new();
        block.put(row, column, &mut text);
        let said = trim(&text);
        if self.form.is_missing(said) { Vec::new() } else { said.to_vec() }
    }
}
