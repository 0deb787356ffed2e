//! Some dozens of rows at a time, of several columns side by side, whatever each is decoded by.

use crate::input::packed::{Elsewhere, PackedCell};
use crate::input::parquet::short::{UNWRITTEN, View, short};
use crate::input::parquet::slab::{Column, Slab, TextColumn};
use crate::input::parquet::texts::{BLOCK_ROWS, Dictionary, IN_PAGE, TextPage, TextReader};
use crate::input::parquet::values::Decoded;
use crate::model::{FaultDetail, FaultKind};

/// Where a text lies that is not short: it is that of this row among the decoded values.
const IN_VALUES: u8 = 2;
/// The same: it was written for this block.
const WRITTEN: u8 = 3;

/// Rows of a slab, read one block after the other.
#[derive(Debug)]
pub struct Block<'s> {
    lanes: Vec<Lane<'s>>,
    /// The cells of the block, row by row.
    cells: Vec<PackedCell>,
    written: Vec<u8>,
    /// The first row of the block, among those of the slab.
    from: usize,
    rows: usize,
    bytes_max: usize,
}

/// A column, from the block on.
#[derive(Debug)]
enum Lane<'s> {
    Texts { column: &'s TextColumn, dictionary: Option<&'s Dictionary>, at: Option<AtPage<'s>> },
    Values(&'s Decoded),
}

/// A page that is being read.
#[derive(Debug)]
struct AtPage<'s> {
    page: &'s TextPage,
    reader: TextReader<'s>,
}

impl<'s> Block<'s> {
    /// Columns of a slab, from a row on. Texts of more bytes than `bytes_max` are odd. Nothing
    /// where a column is damaged.
    pub fn new(
        slab: &'s Slab,
        columns: impl Iterator<Item = usize>,
        from: usize,
        bytes_max: usize,
    ) -> Option<Block<'s>> {
        let lane = |at: usize| {
            Some(match slab.column(at)? {
                Column::Texts(column) => {
                    Lane::Texts { column, dictionary: column.dictionary()?, at: None }
                }
                Column::Values(column) => Lane::Values(column.decoded(bytes_max)?),
            })
        };
        let lanes = columns.map(lane).collect::<Option<_>>()?;
        let (cells, written) = (Vec::new(), Vec::new());
        Some(Block { lanes, cells, written, from, rows: 0, bytes_max })
    }

    /// Goes on to the next rows, at most so many, and says how many they are: at least one. Nothing
    /// where a column is damaged.
    pub fn advance(&mut self, most: usize) -> Option<usize> {
        self.from += self.rows;
        let mut rows = most.min(BLOCK_ROWS);
        for lane in &mut self.lanes {
            let Lane::Texts { column, dictionary, at } = lane else { continue };
            if at.as_ref().is_none_or(|at| at.reader.left == 0) {
                let (page, row) = column.page(self.from)?;
                *at = Some(AtPage { page, reader: page.read_from(row, *dictionary)? });
            }
            rows = rows.min(at.as_ref().map_or(0, |at| at.reader.left));
        }
        if rows == 0 {
            return None;
        }
        self.rows = rows;
        let width = self.lanes.len();
        self.written.clear();
        self.cells.resize(rows * width, PackedCell::EMPTY);
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            match lane {
                Lane::Texts { at, .. } => {
                    at.as_mut()?.reader.fill(&mut self.cells, width, number)?;
                }
                Lane::Values(decoded) => {
                    let cells = self.cells.chunks_exact_mut(width);
                    let cells = cells.filter_map(|row| row.get_mut(number));
                    let views = decoded.views();
                    for (row, cell) in (self.from..).zip(cells) {
                        *cell = cell_of(decoded, views.get(row), row, &mut self.written)?;
                    }
                }
            }
        }
        Some(rows)
    }

    /// The cells, row by row.
    pub fn cells(&self) -> &[PackedCell] {
        &self.cells
    }

    /// The text of a cell that is not short, of this column.
    pub fn long(&self, column: usize, of: Elsewhere) -> &[u8] {
        let (start, length) = (of.start as usize, of.length as usize);
        let in_bytes = |bytes: &'_ [u8]| -> Option<std::ops::Range<usize>> {
            let end = start.checked_add(length)?;
            (end <= bytes.len()).then_some(start..end)
        };
        let bytes = match (self.lanes.get(column), of.buffer) {
            (Some(Lane::Texts { at: Some(at), .. }), IN_PAGE) => at.page.bytes(),
            (Some(Lane::Texts { dictionary: Some(dictionary), .. }), _) => dictionary.bytes(),
            (Some(Lane::Values(decoded)), IN_VALUES) => {
                return decoded.long(decoded.views().get(start)).unwrap_or_default();
            }
            _ => &self.written,
        };
        in_bytes(bytes).and_then(|range| bytes.get(range)).unwrap_or_default()
    }

    /// Whether the texts of the block can stand in lines, as far as that is known without a look at
    /// each: nothing where it is not.
    pub fn is_text(&self) -> Option<bool> {
        let mut is_known = true;
        for lane in &self.lanes {
            match lane {
                Lane::Values(decoded) if !decoded.odd(self.from, self.rows).is_empty() => {
                    return Some(false);
                }
                Lane::Values(_) => {}
                Lane::Texts { dictionary, at, .. } => {
                    let is_listed = at.as_ref().is_some_and(|at| at.page.is_listed());
                    is_known &= is_listed && dictionary.is_none_or(Dictionary::is_text);
                }
            }
        }
        is_known.then_some(true)
    }

    /// Puts the text of a cell in place of what was in `text`.
    pub fn put(&self, row: usize, column: usize, text: &mut Vec<u8>) {
        text.clear();
        let cell = self.cells.get(row * self.lanes.len() + column).copied();
        let cell = cell.unwrap_or(PackedCell::EMPTY);
        match (cell.short_length(), cell.place()) {
            (Some(length), _) => {
                text.extend_from_slice(cell.bytes().get(..length).unwrap_or_default());
            }
            (None, Some(of)) => text.extend_from_slice(self.long(column, of)),
            (None, None) => {}
        }
    }

    /// Why a row cannot be a line, if any of its values is odd: what is wrong with the first that
    /// is.
    pub fn fault(&self, row: usize, text: &mut Vec<u8>) -> Option<(FaultKind, FaultDetail)> {
        let fault = |(column, lane): (usize, &Lane<'_>)| match lane {
            Lane::Values(decoded) => {
                decoded.odd(self.from + row, 1).first().map(|(_, kind, detail)| (*kind, *detail))
            }
            Lane::Texts { .. } => {
                let cell = self.cells.get(row * self.lanes.len() + column)?;
                if cell.place().is_some_and(|of| of.length as usize > self.bytes_max) {
                    return Some(too_long(self.bytes_max));
                }
                self.put(row, column, text);
                fault_of(text, self.bytes_max)
            }
        };
        self.lanes.iter().enumerate().find_map(fault)
    }
}

/// The cell of a decoded value.
fn cell_of(
    decoded: &Decoded,
    view: Option<&View>,
    row: usize,
    written: &mut Vec<u8>,
) -> Option<PackedCell> {
    if let Some((length, text)) = view.and_then(short) {
        return Some(PackedCell::short(length, text));
    }
    let elsewhere = |buffer, start: usize, length: usize| {
        let (start, length) = (u32::try_from(start).ok()?, u32::try_from(length).ok()?);
        Some(PackedCell::elsewhere(Elsewhere { buffer, start, length }))
    };
    if let Some(bytes) = decoded.long(view.filter(|view| view.length != UNWRITTEN.length)) {
        return elsewhere(IN_VALUES, row, bytes.len());
    }
    let start = written.len();
    decoded.put(row, written);
    elsewhere(WRITTEN, start, written.len() - start)
}

fn too_long(bytes_max: usize) -> (FaultKind, FaultDetail) {
    (FaultKind::TooLong, FaultDetail::Limit(bytes_max as u64))
}

/// Why a text cannot stand in a line.
fn fault_of(text: &[u8], bytes_max: usize) -> Option<(FaultKind, FaultDetail)> {
    if text.len() > bytes_max {
        return Some(too_long(bytes_max));
    }
    if memchr::memchr(0, text).is_some() {
        return Some((FaultKind::NulByte, FaultDetail::None));
    }
    let is_text = std::str::from_utf8(text).is_ok();
    (!is_text).then_some((FaultKind::InvalidEncoding, FaultDetail::None))
}
