//! Slabs: some thousand rows of the columns that are read, taken out of a row group at once.
//!
//! A row group may hold millions of rows, and a page of one column many more rows than a page of
//! another. So a slab is cut by what its pages take once they are decompressed. A page of texts
//! that lies in two slabs is shared by them, and so is the dictionary by all of a row group; any
//! other page is decoded for each.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::input::parquet::arrays::{self, Pieces};
use crate::input::parquet::footer::{Chunk, Group};
use crate::input::parquet::lazy::Lazy;
use crate::input::parquet::pages::{self, Page, Pages, Problem};
use crate::input::parquet::schema::{Leaf, Meaning, Stored};
use crate::input::parquet::texts::{Dictionary, TextPage};
use crate::input::parquet::values::ValueColumn;

/// Bytes of the pages of a slab, decompressed; where a single row of an input needs more, the input
/// is refused.
pub const SLAB_BYTES_MAX: u64 = 512 << 20;
/// Rows of a slab.
const SLAB_ROWS_MAX: u64 = 1 << 16;
/// What a value takes beside the pages: two views.
const VALUE_BYTES: u64 = 32;

const DAMAGED: Problem = Problem::Damaged("its values cannot be decoded");

/// Some rows, of which pages are decoded when they are first asked for, by whoever asks.
#[derive(Debug)]
pub struct Slab {
    columns: Vec<Column>,
    /// Its rows.
    pub rows: usize,
}

/// A column of a slab.
#[derive(Debug)]
pub enum Column {
    /// Of texts that are read from their pages.
    Texts(TextColumn),
    /// Of any other values, decoded as a whole.
    Values(Box<ValueColumn>),
}

/// The pages of a column of texts.
#[derive(Debug)]
pub struct TextColumn {
    leaf: Leaf,
    codec: i32,
    dictionary: Option<Arc<Packed<Dictionary>>>,
    pages: Vec<Arc<Packed<TextPage>>>,
    /// Rows of the row group before the first of the slab.
    before: u64,
}

/// A page as it lies in the file, until it is first asked for.
#[derive(Debug)]
struct Packed<T> {
    page: Page,
    lazy: Lazy<Vec<u8>, T>,
}

impl Slab {
    /// A column.
    pub fn column(&self, at: usize) -> Option<&Column> {
        self.columns.get(at)
    }

    /// Unpacks and decodes what these rows need and no thread has begun with, beginning with the
    /// column `turn`. What is damaged is met again.
    pub fn prepare(&self, from: usize, count: usize, bytes_max: usize, turn: usize) {
        let turn = turn % self.columns.len().max(1);
        let (before, after) = self.columns.split_at_checked(turn).unwrap_or_default();
        for column in after.iter().chain(before) {
            match column {
                Column::Texts(column) => column.prepare(from, count),
                Column::Values(column) => column.prepare(bytes_max),
            }
        }
    }
}

impl TextColumn {
    fn prepare(&self, from: usize, count: usize) {
        if let Some(dictionary) = self.dictionary.as_ref().filter(|of| of.lazy.begin()) {
            self.unpacked_dictionary(dictionary);
        }
        let (from, to) = (self.before + from as u64, self.before + (from + count) as u64);
        let first = self.pages.partition_point(|of| of.page.first + of.page.rows <= from);
        let pages = self.pages.get(first..).unwrap_or_default().iter();
        for page in pages.take_while(|of| of.page.first < to) {
            if page.lazy.begin() {
                self.unpacked(page);
            }
        }
    }

    /// The dictionary, if the column has one; nothing where it is damaged.
    pub fn dictionary(&self) -> Option<Option<&Dictionary>> {
        match &self.dictionary {
            None => Some(None),
            Some(dictionary) => self.unpacked_dictionary(dictionary).map(Some),
        }
    }

    /// The page with a row of the slab, and which of its rows that is; nothing where it is damaged.
    pub fn page(&self, row: usize) -> Option<(&TextPage, usize)> {
        let row = self.before + row as u64;
        let at = self.pages.partition_point(|of| of.page.first + of.page.rows <= row);
        let page = self.pages.get(at)?;
        let row = usize::try_from(row.checked_sub(page.page.first)?).ok()?;
        Some((self.unpacked(page)?, row))
    }

    fn unpacked_dictionary<'s>(&self, of: &'s Packed<Dictionary>) -> Option<&'s Dictionary> {
        of.lazy.get(|bytes| {
            let pieces = Pieces { bytes, values: of.page.rows, skip: 0, codec: self.codec };
            let bytes = arrays::unpack_dictionary(pieces, &self.leaf)?;
            Dictionary::of(bytes, usize::try_from(of.page.rows).ok()?)
        })
    }

    fn unpacked<'s>(&self, of: &'s Packed<TextPage>) -> Option<&'s TextPage> {
        of.lazy.get(|bytes| {
            let pieces = Pieces { bytes, values: of.page.rows, skip: 0, codec: self.codec };
            let unpacked = arrays::unpack(pieces, &self.leaf)?;
            TextPage::of(unpacked, usize::try_from(of.page.rows).ok()?, of.page.is_listed())
        })
    }
}

/// Takes slabs out of a row group, one after the other.
#[derive(Debug)]
pub struct Cutter {
    columns: Vec<CutColumn>,
    row: u64,
    rows: u64,
}

#[derive(Debug)]
struct CutColumn {
    leaf: Leaf,
    codec: i32,
    pages: Pages,
    /// Whether its pages are those of a [`TextColumn`].
    is_texts: bool,
    dictionary: Option<Arc<Packed<Dictionary>>>,
    /// The last page of the slab before.
    last: Option<Arc<Packed<TextPage>>>,
}

impl Cutter {
    /// For the columns with these places among the kept chunks of a row group, whose pages must
    /// end before `end`.
    pub fn new(
        file: &File,
        group: &Group,
        wanted: &[(Leaf, usize)],
        end: u64,
    ) -> Result<Cutter, Problem> {
        let column = |(leaf, at): &(Leaf, usize)| {
            let chunk = group.chunks.get(*at).ok_or(Problem::Damaged("it lacks a column"))?;
            if !arrays::reads_codec(chunk.codec) {
                return Err(Problem::NotRead("it is compressed in a way that is not read"));
            }
            CutColumn::new(file, leaf, chunk, end)
        };
        let columns = wanted.iter().map(column).collect::<Result<_, _>>()?;
        Ok(Cutter { columns, row: 0, rows: group.rows })
    }

    /// The next slab, of about so many decompressed bytes and a multiple of `batch` rows where that
    /// is more; nothing at the end of the row group.
    pub fn next(&mut self, file: &File, bytes: u64, batch: u64) -> Result<Option<Slab>, Problem> {
        let left = self.rows - self.row;
        if left == 0 {
            return Ok(None);
        }
        let batch = batch.clamp(1, SLAB_ROWS_MAX);
        let mut rows = SLAB_ROWS_MAX.max(batch);
        while rows > 1 && self.cost(rows) > if rows > batch { bytes } else { SLAB_BYTES_MAX } {
            rows /= 2;
        }
        if rows > batch {
            rows -= rows % batch;
        }
        if self.cost(rows) > SLAB_BYTES_MAX {
            return Err(Problem::TooLarge);
        }
        let (row, rows) = (self.row, rows.min(left));
        let take = |column: &mut CutColumn| column.take(file, row, rows);
        let columns = self.columns.iter_mut().map(take).collect::<Result<_, _>>()?;
        self.row += rows;
        Ok(Some(Slab { columns, rows: rows as usize }))
    }

    /// What the next so many rows take in memory, decompressed, at most.
    fn cost(&self, rows: u64) -> u64 {
        let cost = |column: &CutColumn| {
            // Texts are copied out of a page.
            let bytes = |page: &Page| (2 * page.bytes + page.body) as u64;
            let of_dictionary = |page: &Page| bytes(page) + page.rows * VALUE_BYTES;
            let dictionary = column.pages.dictionary.as_ref().map_or(0, of_dictionary);
            let data = touched(&column.pages, self.row, rows).iter().map(bytes).sum::<u64>();
            dictionary + data + rows * VALUE_BYTES
        };
        self.columns.iter().map(cost).sum()
    }
}

impl CutColumn {
    fn new(file: &File, leaf: &Leaf, chunk: &Chunk, end: u64) -> Result<CutColumn, Problem> {
        let pages = pages::walk(file, chunk, leaf, end)?;
        let is_texts = leaf.stored == Stored::Bytes
            && leaf.meaning == Meaning::Text
            && pages.data.iter().all(|page| page.is_plain() || page.is_listed());
        let (dictionary, last) = (None, None);
        Ok(CutColumn { leaf: *leaf, codec: chunk.codec, pages, is_texts, dictionary, last })
    }

    /// Reads the pages that hold some rows, and the dictionary, as far as that was not done.
    fn take(&mut self, file: &File, row: u64, rows: u64) -> Result<Column, Problem> {
        let data = touched(&self.pages, row, rows);
        let (Some(first), Some(last)) = (data.first(), data.last()) else { return Err(DAMAGED) };
        if !self.is_texts {
            let mut bytes = Vec::new();
            for page in self.pages.dictionary.iter().chain(data) {
                read_page(file, page, &mut bytes)?;
            }
            let values = last.first + last.rows - first.first;
            let skip = usize::try_from(row.saturating_sub(first.first)).map_err(|_| DAMAGED)?;
            let pieces = Pieces { bytes, values, skip, codec: self.codec };
            let is_delta = self.pages.data.iter().any(Page::is_delta);
            let column = ValueColumn::new(self.leaf, is_delta, pieces, rows as usize);
            return Ok(Column::Values(Box::new(column)));
        }
        if let (None, Some(page)) = (&self.dictionary, &self.pages.dictionary) {
            self.dictionary = Some(packed(file, page)?);
        }
        let known = |page: &Page| self.last.as_ref().filter(|last| last.page == *page).cloned();
        let take = |page: &Page| known(page).map_or_else(|| packed(file, page), Ok);
        let pages: Vec<_> = data.iter().map(take).collect::<Result<_, _>>()?;
        self.last = pages.last().cloned();
        let dictionary = self.dictionary.clone();
        let (leaf, codec) = (self.leaf, self.codec);
        Ok(Column::Texts(TextColumn { leaf, codec, dictionary, pages, before: row }))
    }
}

fn packed<T>(file: &File, page: &Page) -> Result<Arc<Packed<T>>, Problem> {
    let mut bytes = Vec::new();
    read_page(file, page, &mut bytes)?;
    Ok(Arc::new(Packed { page: *page, lazy: Lazy::new(bytes) }))
}

/// The pages that hold some rows.
fn touched(pages: &Pages, row: u64, rows: u64) -> &[Page] {
    let from = pages.data.partition_point(|page| page.first + page.rows <= row);
    let to = pages.data.partition_point(|page| page.first < row.saturating_add(rows));
    pages.data.get(from..to).unwrap_or_default()
}

fn read_page(file: &File, page: &Page, bytes: &mut Vec<u8>) -> Result<(), Problem> {
    let start = bytes.len();
    bytes.resize(start + page.head + page.body, 0);
    let target = bytes.get_mut(start..).unwrap_or_default();
    file.read_exact_at(target, page.at).map_err(Problem::Unreadable)?;
    let Some(sum) = page.sum else { return Ok(()) };
    let mut taken = flate2::Crc::new();
    taken.update(target.get(page.head..).unwrap_or_default());
    if taken.sum() != sum {
        return Err(Problem::Damaged("a page does not have the checksum that it should have"));
    }
    Ok(())
}
