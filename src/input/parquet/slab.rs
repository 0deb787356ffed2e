//! Slabs: some thousand rows of the columns that are read, taken out of a row group at once.
//!
//! A row group may hold millions of rows, and a page of one column many more rows than a page of
//! another. So a slab is cut by what its pages take once they are decompressed; a page that lies
//! in two slabs is decoded twice.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::input::parquet::arrays::{self, Pieces, Values};
use crate::input::parquet::delta;
use crate::input::parquet::footer::{Chunk, Group};
use crate::input::parquet::pages::{self, Page, Pages, Problem};
use crate::input::parquet::schema::{Leaf, Meaning};
use crate::input::parquet::short::{SHORT_BYTES_MAX, UNWRITTEN, View, is_plain, short};
use crate::model::{FaultDetail, FaultKind};

/// Bytes of the pages of a slab, decompressed; where a single row of an input needs more, the input
/// is refused.
pub const SLAB_BYTES_MAX: u64 = 512 << 20;
/// Rows of a slab.
const SLAB_ROWS_MAX: u64 = 1 << 16;
/// What a value takes beside the pages: two views.
const VALUE_BYTES: u64 = 32;

const DAMAGED: Problem = Problem::Damaged("its values cannot be decoded");

/// Some rows, of which the columns are decoded when they are first asked for, by whoever asks.
#[derive(Debug)]
pub struct Slab {
    columns: Vec<Column>,
    /// Its rows.
    pub rows: usize,
}

#[derive(Debug)]
struct Column {
    leaf: Leaf,
    /// Whether any page is written as differences.
    is_delta: bool,
    pieces: Mutex<Pieces>,
    decoded: OnceLock<Option<Decoded>>,
}

/// The values of a column, and which of them cannot stand in a line.
#[derive(Debug)]
pub struct Decoded {
    /// The values.
    pub values: Values,
    /// What they mean.
    pub meaning: Meaning,
    /// The rows whose text is none, and why, in their order.
    pub odd: Vec<(usize, FaultKind, FaultDetail)>,
    /// The views of the texts, where they are not those of the values.
    views: Option<Vec<View>>,
}

impl Decoded {
    fn of(values: Values, meaning: Meaning, bytes_max: usize) -> Decoded {
        let views = values.views(meaning);
        let mut decoded = Decoded { values, meaning, odd: Vec::new(), views };
        if meaning == Meaning::Text {
            decoded.odd = odd(&decoded, bytes_max);
        }
        decoded
    }

    /// The view of the text of each row; none where texts are written one by one.
    pub fn views(&self) -> &[View] {
        match (&self.views, self.meaning) {
            (Some(views), _) => views,
            (None, Meaning::Text) => self.values.own_views(),
            (None, _) => &[],
        }
    }

    /// The text of a row that has no short one, where it need not be written.
    #[inline]
    pub fn long(&self, view: Option<&View>) -> Option<&[u8]> {
        let view = view.filter(|view| view.length != UNWRITTEN.length)?;
        if self.meaning == Meaning::Text { self.values.long(view) } else { None }
    }

    /// Writes the text of a row; nothing where it has no value.
    pub fn put(&self, row: usize, text: &mut Vec<u8>) {
        self.values.write(row, self.meaning, text);
    }
}

impl Slab {
    /// The values of a column; nothing where they are damaged. Texts of more bytes than
    /// `bytes_max` are odd.
    pub fn column(&self, at: usize, bytes_max: usize) -> Option<&Decoded> {
        let column = self.columns.get(at)?;
        let decode = || {
            let mut pieces = column.pieces.lock().unwrap_or_else(PoisonError::into_inner);
            let pieces = std::mem::take(&mut *pieces);
            let (leaf, meaning) = (&column.leaf, column.leaf.meaning);
            if column.is_delta && !delta::is_sound(&pieces, leaf) {
                return None;
            }
            let values = arrays::decode(pieces, leaf, self.rows)?;
            Some(Decoded::of(values, meaning, bytes_max))
        };
        column.decoded.get_or_init(decode).as_ref()
    }
}

/// The rows whose text cannot stand in a line.
fn odd(decoded: &Decoded, bytes_max: usize) -> Vec<(usize, FaultKind, FaultDetail)> {
    let values = &decoded.values;
    let views = decoded.views();
    let is_long_plain = values.is_plain();
    let fault = |row: usize| {
        match views.get(row).map(short) {
            Some(Some((length, text))) if is_plain(length, text) && length <= bytes_max => {
                return None;
            }
            _ => {}
        }
        let bytes = values.bytes(row)?;
        if bytes.len() > bytes_max {
            return Some((row, FaultKind::TooLong, FaultDetail::Limit(bytes_max as u64)));
        }
        if is_long_plain && bytes.len() > SHORT_BYTES_MAX {
            return None;
        }
        if bytes.contains(&0) {
            return Some((row, FaultKind::NulByte, FaultDetail::None));
        }
        let is_text = std::str::from_utf8(bytes).is_ok();
        (!is_text).then_some((row, FaultKind::InvalidEncoding, FaultDetail::None))
    };
    (0..values.rows()).filter_map(fault).collect()
}

/// Takes slabs out of a row group, one after the other.
#[derive(Debug)]
pub struct Cutter {
    columns: Vec<(Leaf, Chunk, Pages)>,
    row: u64,
    rows: u64,
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
            Ok((*leaf, *chunk, pages::walk(file, chunk, leaf, end)?))
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
        let rows = rows.min(left);
        let read = |(leaf, chunk, pages): &(Leaf, Chunk, Pages)| {
            let pieces = pieces(file, chunk, pages, self.row, rows)?;
            let is_delta = pages.data.iter().any(|page| page.is_delta);
            let pieces = Mutex::new(pieces);
            Ok(Column { leaf: *leaf, is_delta, pieces, decoded: OnceLock::new() })
        };
        let columns = self.columns.iter().map(read).collect::<Result<_, _>>()?;
        self.row += rows;
        Ok(Some(Slab { columns, rows: rows as usize }))
    }

    /// What the next so many rows take in memory, decompressed, at most.
    fn cost(&self, rows: u64) -> u64 {
        let cost = |(_, _, pages): &(Leaf, Chunk, Pages)| {
            // Texts are copied out of a page.
            let bytes = |page: &Page| (2 * page.bytes + page.body) as u64;
            let of_dictionary = |page: &Page| bytes(page) + page.rows * VALUE_BYTES;
            let dictionary = pages.dictionary.as_ref().map_or(0, of_dictionary);
            let data = touched(pages, self.row, rows).iter().map(bytes).sum::<u64>();
            dictionary + data + rows * VALUE_BYTES
        };
        self.columns.iter().map(cost).sum()
    }
}

/// The pages that hold some rows.
fn touched(pages: &Pages, row: u64, rows: u64) -> &[Page] {
    let from = pages.data.partition_point(|page| page.first + page.rows <= row);
    let to = pages.data.partition_point(|page| page.first < row.saturating_add(rows));
    pages.data.get(from..to).unwrap_or_default()
}

/// Reads the pages of a column that hold some rows, and its dictionary.
fn pieces(
    file: &File,
    chunk: &Chunk,
    pages: &Pages,
    row: u64,
    rows: u64,
) -> Result<Pieces, Problem> {
    let data = touched(pages, row, rows);
    let (Some(first), Some(last)) = (data.first(), data.last()) else { return Err(DAMAGED) };
    let mut bytes = Vec::new();
    for page in pages.dictionary.iter().chain(data) {
        read_page(file, page, &mut bytes)?;
    }
    let values = last.first + last.rows - first.first;
    let skip = usize::try_from(row.saturating_sub(first.first)).map_err(|_| DAMAGED)?;
    Ok(Pieces { bytes, values, skip, codec: chunk.codec })
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
