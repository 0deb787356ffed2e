//! Parquet: columns of values in place of lines of text.
//!
//! Nothing in the file is believed. Its footer and the heads of its pages are walked here, within
//! bounds, and compared with each other and with the length of the file; only then are pages read,
//! never mapped into memory, and decoded in [`slab`]s of some thousand rows and of the columns
//! alone that rules read: texts by us ([`texts`]), all else by polars ([`arrays`]). Values become
//! the text that would stand for them in a delimited file ([`cells`]), so that every rule sees what
//! it would see there.

pub mod arrays;
pub mod block;
pub mod cells;
pub mod decoder;
pub mod delta;
pub mod footer;
pub mod lazy;
pub mod pages;
pub mod refusals;
pub mod runs;
mod sample;
pub mod schema;
pub mod short;
pub mod slab;
pub mod texts;
pub mod thrift;
pub mod values;

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, OnceLock};

use crate::error::{Error, Result};
use crate::input::dates;
use crate::input::layout::Layout;
pub use crate::input::parquet::decoder::{RowDecoder, Rows};
use crate::input::parquet::footer::{Footer, Group, Refused};
use crate::input::parquet::pages::Problem;
use crate::input::parquet::refusals::{refused, unreadable};
use crate::input::parquet::schema::{Column, Leaf, Meaning};
use crate::input::parquet::slab::{Cutter, Slab};
use crate::input::rows::RowForm;
use crate::input::settings::InputSettings;
use crate::input::source::Limits;
use crate::model::visible::visible;
use crate::model::{Field, FieldSet, Vocabulary};

/// What stands at the start and at the end of the file.
const MARK: &[u8; 4] = b"PAR1";
/// The same where the footer is encrypted.
const ENCRYPTED: &[u8; 4] = b"PARE";
/// Bytes of a footer: it says something of each column of each row group.
const FOOTER_BYTES_MAX: u64 = 64 << 20;
/// Rows that a byte of the file may stand for, beside a million: few, if they are all the same.
const ROWS_PER_BYTE_MAX: u64 = 1 << 10;
const ROWS_FREE: u64 = 1 << 20;
/// Bytes of slabs, for each of a chunk of text: a page that lies in several is held by each, or
/// even decoded for each.
const SLAB_PER_CHUNK: u64 = 256;

/// What a Parquet file holds.
#[derive(Debug)]
pub struct Table {
    /// Rows of the file.
    pub rows: u64,
    /// Groups of rows.
    pub row_groups: usize,
    /// The columns with fields in them, by their number, and their place among the kept chunks.
    mapped: BTreeMap<usize, (Leaf, usize)>,
    /// Those of them that are read, in the order of their numbers.
    wanted: OnceLock<Vec<usize>>,
    record_bytes_max: usize,
}

/// A Parquet file whose footer was read.
#[derive(Debug)]
pub struct Parquet {
    /// What it holds.
    pub table: Arc<Table>,
    file: File,
    length: u64,
    /// Where the pages end and the footer begins.
    end: u64,
    groups: std::vec::IntoIter<Group>,
    cutter: Option<Cutter>,
    slab: Option<(Arc<Slab>, usize)>,
    given: u64,
    rows_max: u64,
    limits: Limits,
}

impl Parquet {
    /// Reads the footer of a file of this length, and finds the fields among its columns.
    ///
    /// # Errors
    /// A file that is damaged, says something impossible, or whose columns cannot serve.
    pub fn open(
        file: File,
        length: u64,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<(Parquet, Layout)> {
        let cannot = |error| Error::input(format!("cannot open: {error}"));
        let again = file.try_clone().map_err(cannot)?;
        let (parquet, mut layout) = Self::read(file, length, settings, limits)?;
        if !layout.slots.is_empty() {
            return Err(Error::input(
                "a layout with several service lines in each row, in Parquet",
            )
            .with_help("such rows are taken apart in delimited text only: export it as CSV"));
        }
        if !dates::wanted(&layout).is_empty() {
            let (first, _) = Self::read(again, length, settings, limits)?;
            layout.dates = first.sample(&layout).decide(&layout, settings);
            // Dates that are stored as such are written by us.
            layout.dates.set_iso(|column| parquet.table.holds_dates(column));
        }
        Ok((parquet, layout))
    }

    fn read(
        file: File,
        length: u64,
        settings: &InputSettings,
        limits: Limits,
    ) -> Result<(Parquet, Layout)> {
        let (bytes, end) = footer_bytes(&file, length)?;
        let (mut layout, mut mapped) = (Ok(Layout::default()), BTreeMap::new());
        let footer = Footer::read(&bytes, end, |columns| {
            let names = columns.iter().map(|column| column.name.clone()).collect();
            layout = Layout::of(names, settings).and_then(|mut layout| {
                mapped = mapped_leaves(columns, &mut layout)?;
                Ok(layout)
            });
            let leaves = columns.iter().filter_map(|column| column.leaf).map(|leaf| leaf.at + 1);
            let mut kept = vec![false; leaves.max().unwrap_or(0)];
            for (leaf, _) in mapped.values() {
                kept.get_mut(leaf.at).into_iter().for_each(|kept| *kept = true);
            }
            kept
        });
        let footer = footer.map_err(refused)?;
        if footer.rows > length.saturating_mul(ROWS_PER_BYTE_MAX).saturating_add(ROWS_FREE) {
            return Err(refused(Refused::Damaged("it has too few bytes for the rows it names")));
        }
        let reads = |group: &Group| group.chunks.iter().all(|of| arrays::reads_codec(of.codec));
        if !footer.groups.iter().all(reads) {
            return Err(Error::input(
                "a Parquet file that is compressed in a way that is not read",
            )
            .with_help("write it with snappy, zstd, gzip, lz4 or brotli"));
        }
        let table = Table {
            rows: footer.rows,
            row_groups: footer.groups.len(),
            mapped,
            wanted: OnceLock::new(),
            record_bytes_max: limits.record_bytes_max,
        };
        let parquet = Parquet {
            table: Arc::new(table),
            file,
            length,
            end,
            groups: footer.groups.into_iter(),
            cutter: None,
            slab: None,
            given: 0,
            rows_max: footer.rows.min(settings.limit_lines.unwrap_or(u64::MAX)),
            limits,
        };
        Ok((parquet, layout?))
    }

    /// The next rows; nothing at the end, or at the limit of lines.
    ///
    /// # Errors
    /// Pages that cannot be read.
    pub fn take(&mut self) -> Result<Option<Rows>> {
        let given = self.given;
        self.next_rows().map_err(|problem| unreadable(&problem, given))
    }

    fn next_rows(&mut self) -> Result<Option<Rows>, Problem> {
        let left = self.rows_max - self.given;
        if left == 0 {
            return Ok(None);
        }
        let batch = self.batch_rows();
        let (slab, from) = match self.slab.take() {
            Some(slab) => slab,
            None => match self.next_slab(batch as u64)? {
                Some(slab) => (Arc::new(slab), 0),
                None => return Err(Problem::Damaged("it has fewer rows than it says")),
            },
        };
        let count = batch.min(slab.rows - from).min(usize::try_from(left).unwrap_or(usize::MAX));
        if from + count < slab.rows {
            self.slab = Some((Arc::clone(&slab), from + count));
        }
        let before = self.given;
        self.given += count as u64;
        let bytes = self.bytes_of(self.given) - self.bytes_of(before);
        Ok(Some(Rows { slab, from, count, before, bytes }))
    }

    fn next_slab(&mut self, batch: u64) -> Result<Option<Slab>, Problem> {
        let bytes = (self.limits.chunk_bytes as u64).saturating_mul(SLAB_PER_CHUNK);
        loop {
            let cutter = match &mut self.cutter {
                Some(cutter) => cutter,
                None => {
                    let Some(group) = self.groups.next() else { return Ok(None) };
                    let wanted = self.table.wanted();
                    self.cutter.insert(Cutter::new(&self.file, &group, &wanted, self.end)?)
                }
            };
            if let Some(slab) = cutter.next(&self.file, bytes, batch)? {
                return Ok(Some(slab));
            }
            self.cutter = None;
        }
    }

    /// Rows of a batch: about as many as a chunk of delimited text has lines of such cells.
    fn batch_rows(&self) -> usize {
        let cells = self.table.wanted.get().map_or(self.table.mapped.len(), Vec::len);
        (self.limits.chunk_bytes / (16 + 6 * cells)).clamp(1, self.limits.batch_lines_max.max(1))
    }

    /// The bytes of the file up to a row: what lies where is scattered, so it is their share.
    fn bytes_of(&self, row: u64) -> u64 {
        let share = u128::from(self.length) * u128::from(row) / u128::from(self.table.rows.max(1));
        u64::try_from(share).unwrap_or(self.length)
    }

    /// Rows that were handed out.
    pub fn rows_read(&self) -> u64 {
        self.given
    }

    /// Bytes that stand for the rows that were handed out: all of them at the end.
    pub fn bytes_read(&self) -> u64 {
        if self.given == self.table.rows { self.length } else { self.bytes_of(self.given) }
    }

    /// Whether rows are left that were not read, because of the limit of lines.
    pub fn stopped_early(&self) -> bool {
        self.given < self.table.rows
    }
}

impl Table {
    /// Whether a column holds dates or points in time, and not their text.
    fn holds_dates(&self, column: usize) -> bool {
        let leaf = self.mapped.get(&column).map(|(leaf, _)| leaf.meaning);
        matches!(leaf, Some(Meaning::Date | Meaning::Timestamp(_)))
    }

    /// The columns that are read, each with its place among the kept chunks.
    fn wanted(&self) -> Vec<(Leaf, usize)> {
        let all = || self.mapped.keys().copied().collect();
        let wanted = self.wanted.get_or_init(all).iter();
        wanted.filter_map(|column| self.mapped.get(column).copied()).collect()
    }

    /// How to decode the rows, for rules that read some fields. From here on only their columns
    /// are read.
    pub fn decoding(
        &self,
        (source, name): (u32, &str),
        layout: &Layout,
        read: FieldSet,
        vocabulary: Arc<Vocabulary>,
    ) -> RowDecoder {
        let fields = layout.columns.iter();
        let fields: Vec<(Field, usize)> =
            fields.flat_map(|(field, at)| at.iter().map(|at| (*field, *at))).collect();
        let all: Vec<Field> = fields.iter().map(|(field, _)| *field).collect();
        let form = RowForm::new(source, &all, read, vocabulary);
        let cells: Vec<(Field, usize)> =
            fields.iter().filter(|(field, _)| form.cells().contains(field)).copied().collect();
        let others = layout.key_parts.iter().chain(layout.leave_out.iter().map(|(at, _)| at));
        let wanted = self.wanted.get_or_init(|| {
            let mut wanted: Vec<usize> = cells.iter().map(|(_, column)| *column).collect();
            wanted.extend(others);
            wanted.sort_unstable();
            wanted.dedup();
            wanted
        });
        let place = |column: &usize| wanted.iter().position(|known| known == column);
        let place = |column: &usize| place(column).unwrap_or(usize::MAX);
        let cell = |field: Field, column: usize| {
            let at = cells.iter().position(|cell| *cell == (field, column));
            at.map_or(u32::MAX, |at| at as u32)
        };
        RowDecoder {
            columns: cells.iter().map(|(_, column)| place(column)).collect(),
            key_parts: layout.key_parts.iter().map(place).collect(),
            leave_out: layout.leave_out.iter().map(|(at, of)| (place(at), of.clone())).collect(),
            dates: Arc::new(layout.dates.formats(cell)),
            record_bytes_max: self.record_bytes_max,
            name: name.to_owned(),
            form,
        }
    }
}

/// The footer of a file, and where it begins.
fn footer_bytes(file: &File, length: u64) -> Result<(Vec<u8>, u64)> {
    let cannot = |error| Error::input(format!("cannot read: {error}"));
    let mut tail = [0; 8];
    let Some(at) = length.checked_sub(8).filter(|at| *at >= 4) else {
        return Err(refused(Refused::Damaged("it is too short")));
    };
    file.read_exact_at(&mut tail, at).map_err(cannot)?;
    let [a, b, c, d, mark @ ..] = tail;
    if mark == *ENCRYPTED {
        return Err(refused(Refused::Elsewhere("it is encrypted")));
    }
    if mark != *MARK {
        return Err(refused(Refused::Damaged("it does not end as one does")));
    }
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    let end = at.checked_sub(size).filter(|end| *end >= 4);
    let Some(end) = end else {
        return Err(refused(Refused::Damaged("its footer is longer than the file")));
    };
    if size > FOOTER_BYTES_MAX {
        return Err(Error::input("a Parquet file whose footer is too large")
            .with_help("write it with fewer, larger row groups, or without statistics"));
    }
    let mut bytes = vec![0; size as usize];
    file.read_exact_at(&mut bytes, end).map_err(cannot)?;
    Ok((bytes, end))
}

/// The columns with fields in them, or that rules may read; they must hold plain values.
fn mapped_leaves(
    columns: &[Column],
    layout: &mut Layout,
) -> Result<BTreeMap<usize, (Leaf, usize)>> {
    let mut mapped = BTreeMap::new();
    let named = |field: &Field| Some(*field).filter(|field| !Field::OTHERS.contains(field));
    let fields = layout.columns.iter();
    let pairs = fields.flat_map(|(field, at)| at.iter().map(|at| (named(field), *at)));
    let mut all: Vec<_> = pairs.collect();
    let others = layout.key_parts.iter().chain(layout.leave_out.iter().map(|(at, _)| at));
    all.extend(others.map(|at| (None, *at)));
    for (field, at) in all {
        let Some(column) = columns.get(at) else { continue };
        let name = visible(&column.name);
        let refused = |what: &str| match field {
            Some(field) => {
                let what = format!("column `{name}`, which {field} is read from, holds {what}");
                Error::input(what).with_help(format!(
                    "write it as plain values, one for each service line, or read another with \
                     --map {field}=COLUMN"
                ))
            }
            None => Error::input(format!("column `{name}`, which is read as it is, holds {what}"))
                .with_help("write it as plain values, one for each service line"),
        };
        let leaf = column.leaf.ok_or_else(|| refused("lists or groups of values"))?;
        if let Meaning::Other(what) = leaf.meaning {
            return Err(refused(what));
        }
        if let Some(field) = field.filter(|_| leaf.is_utc) {
            let note = format!(
                "{field} is read from points in time in UTC (column {name}); their date in UTC \
                 counts"
            );
            layout.notes.push((field, note));
        }
        mapped.insert(at, (leaf, 0));
    }
    let mut by_chunk: Vec<&mut (Leaf, usize)> = mapped.values_mut().collect();
    by_chunk.sort_by_key(|(leaf, _)| leaf.at);
    (0..).zip(by_chunk).for_each(|(at, (_, place))| *place = at);
    Ok(mapped)
}
