//! The pages of a column chunk: where each lies, how many rows it holds, and how large it gets.
//!
//! Their heads are walked before anything is decoded, so that what they say can be compared with
//! what the footer said, and no page is given the memory that it asks for before it was looked at.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::input::parquet::footer::Chunk;
use crate::input::parquet::schema::{Leaf, Stored};
use crate::input::parquet::thrift::{Kind, Reader};

/// Bytes of a page once it is decompressed; writers aim at one million.
pub const PAGE_BYTES_MAX: usize = 128 << 20;
/// Rows of a page.
const PAGE_ROWS_MAX: u64 = 1 << 26;
/// Pages of a column chunk.
const PAGES_MAX: usize = 1 << 17;
/// Bytes in which the head of a page must end, tried one after the other.
const HEAD_BYTES: [usize; 3] = [512, 1 << 14, 1 << 20];

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Offset of its head in the file.
    pub at: u64,
    /// Bytes of its head.
    pub head: usize,
    /// Bytes of the rest, as they lie in the file.
    pub body: usize,
    /// The row of the row group that it begins with.
    pub first: u64,
    /// Its rows; of a dictionary, its values.
    pub rows: u64,
    /// Bytes of the rest, decompressed.
    pub bytes: usize,
    /// The checksum of the rest, where the writer took one.
    pub sum: Option<u32>,
    /// How its values are written, by the number of the format.
    pub encoding: i32,
}

impl Page {
    /// Where the next page begins.
    pub fn end(&self) -> u64 {
        self.at + self.head as u64 + self.body as u64
    }

    /// Whether its values are written as differences.
    pub fn is_delta(&self) -> bool {
        matches!(self.encoding, 5..=7)
    }

    /// Whether its values are places in the dictionary.
    pub fn is_listed(&self) -> bool {
        matches!(self.encoding, 2 | 8)
    }

    /// Whether its values stand in it one after the other.
    pub fn is_plain(&self) -> bool {
        self.encoding == 0
    }
}

/// The pages of a column chunk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The values that other pages refer to.
    pub dictionary: Option<Page>,
    /// The pages with rows, in their order.
    pub data: Vec<Page>,
}

/// Why pages cannot be read.
#[derive(Debug)]
pub enum Problem {
    /// They contradict themselves, the footer or the file.
    Damaged(&'static str),
    /// They are larger than may be.
    TooLarge,
    /// They are written in a way that is not read.
    NotRead(&'static str),
    /// The file cannot be read.
    Unreadable(io::Error),
}

/// What the head of a page says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Head {
    kind: i32,
    bytes: usize,
    body: usize,
    sum: Option<u32>,
    values: u64,
    encoding: i32,
    /// The levels that say which values are missing: their encoding in an older page, and their
    /// bytes in a newer one.
    levels_encoding: i32,
    levels: usize,
    nulls: u64,
    rows: u64,
}

const DICTIONARY: i32 = 2;
const DATA: i32 = 0;
const DATA_V2: i32 = 3;

/// Walks the pages of a column chunk, none of which may lie beyond `end`.
pub fn walk(file: &File, chunk: &Chunk, leaf: &Leaf, end: u64) -> Result<Pages, Problem> {
    let mut pages = Pages::default();
    let (mut at, mut seen) = (chunk.start, 0_u64);
    while seen < chunk.values {
        let (head, length) = head_at(file, at, end)?;
        let page = Page {
            at,
            head: length,
            body: head.body,
            first: seen,
            rows: head.values,
            bytes: if chunk.codec == 0 { head.body } else { head.bytes },
            sum: head.sum,
            encoding: head.encoding,
        };
        if page.end() > end {
            return Err(Problem::Damaged("a page lies outside of the file"));
        }
        if head.bytes > PAGE_BYTES_MAX || head.body > PAGE_BYTES_MAX {
            return Err(Problem::TooLarge);
        }
        at = page.end();
        if head.kind == DICTIONARY {
            let is_first = pages.data.is_empty() && pages.dictionary.is_none();
            if !is_first || !fits_dictionary(&head, &page, leaf) {
                return Err(Problem::Damaged("a dictionary says something impossible"));
            }
            pages.dictionary = Some(page);
            continue;
        }
        check_data(&head, &page, leaf, pages.dictionary.is_some())?;
        seen = seen.checked_add(head.values).filter(|seen| *seen <= chunk.values).ok_or(
            Problem::Damaged("the pages of a column have more values than there are rows"),
        )?;
        if head.values > 0 {
            pages.data.push(page);
        }
        if pages.data.len() > PAGES_MAX {
            return Err(Problem::TooLarge);
        }
    }
    Ok(pages)
}

/// The head of the page at an offset, and its length.
fn head_at(file: &File, at: u64, end: u64) -> Result<(Head, usize), Problem> {
    const CUT: Problem = Problem::Damaged("the head of a page cannot be read");
    let left = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    for size in HEAD_BYTES {
        bytes.resize(size.min(left), 0);
        file.read_exact_at(&mut bytes, at).map_err(Problem::Unreadable)?;
        let mut reader = Reader::new(&bytes);
        if let Some(head) = head(&mut reader) {
            return Ok((head, bytes.len() - reader.rest().len()));
        }
        if size >= left {
            break;
        }
    }
    Err(CUT)
}

fn head(reader: &mut Reader<'_>) -> Option<Head> {
    let mut head = Head { kind: -1, encoding: -1, levels_encoding: 3, ..Head::default() };
    let (mut bytes, mut body, mut of_kind) = (None, None, None);
    reader.structure(|reader, field| {
        match (field.id, field.kind) {
            (1, Kind::Whole) => head.kind = reader.int()?,
            (2, Kind::Whole) => bytes = Some(usize::try_from(reader.int()?).ok()?),
            (3, Kind::Whole) => body = Some(usize::try_from(reader.int()?).ok()?),
            (4, Kind::Whole) => head.sum = Some(reader.int()? as u32),
            (5, Kind::Struct) => {
                data_v1(reader, &mut head)?;
                of_kind = Some(DATA);
            }
            (7, Kind::Struct) => {
                dictionary(reader, &mut head)?;
                of_kind = Some(DICTIONARY);
            }
            (8, Kind::Struct) => {
                data_v2(reader, &mut head)?;
                of_kind = Some(DATA_V2);
            }
            _ => reader.skip(field.kind)?,
        }
        Some(())
    })?;
    (head.bytes, head.body) = (bytes?, body?);
    (of_kind == Some(head.kind)).then_some(head)
}

fn count(reader: &mut Reader<'_>) -> Option<u64> {
    u64::try_from(reader.int()?).ok()
}

fn data_v1(reader: &mut Reader<'_>, head: &mut Head) -> Option<()> {
    reader.structure(|reader, field| {
        match (field.id, field.kind) {
            (1, Kind::Whole) => head.values = count(reader)?,
            (2, Kind::Whole) => head.encoding = reader.int()?,
            (3, Kind::Whole) => head.levels_encoding = reader.int()?,
            _ => reader.skip(field.kind)?,
        }
        Some(())
    })?;
    head.rows = head.values;
    Some(())
}

fn dictionary(reader: &mut Reader<'_>, head: &mut Head) -> Option<()> {
    reader.structure(|reader, field| {
        match (field.id, field.kind) {
            (1, Kind::Whole) => head.values = count(reader)?,
            (2, Kind::Whole) => head.encoding = reader.int()?,
            _ => reader.skip(field.kind)?,
        }
        Some(())
    })
}

fn data_v2(reader: &mut Reader<'_>, head: &mut Head) -> Option<()> {
    let mut levels = 0_usize;
    reader.structure(|reader, field| {
        match (field.id, field.kind) {
            (1, Kind::Whole) => head.values = count(reader)?,
            (2, Kind::Whole) => head.nulls = count(reader)?,
            (3, Kind::Whole) => head.rows = count(reader)?,
            (4, Kind::Whole) => head.encoding = reader.int()?,
            (5 | 6, Kind::Whole) => levels = levels.checked_add(count(reader)? as usize)?,
            _ => reader.skip(field.kind)?,
        }
        Some(())
    })?;
    head.levels = levels;
    Some(())
}

/// Whether a dictionary may have as many values as it says, in the bytes that it has.
fn fits_dictionary(head: &Head, page: &Page, leaf: &Leaf) -> bool {
    let least = head.values.checked_mul(leaf.stored.width() as u64);
    leaf.stored != Stored::Boolean
        && matches!(head.encoding, 0 | 2)
        && least.is_some_and(|least| least <= page.bytes as u64)
}

fn check_data(head: &Head, page: &Page, leaf: &Leaf, has_dictionary: bool) -> Result<(), Problem> {
    if head.values > PAGE_ROWS_MAX {
        return Err(Problem::TooLarge);
    }
    if head.rows != head.values
        || head.nulls > head.values
        || head.levels > page.bytes.min(page.body)
    {
        return Err(Problem::Damaged("the head of a page contradicts itself"));
    }
    if leaf.optional && head.kind == DATA && head.levels_encoding != 3 {
        return Err(Problem::NotRead("its missing values are marked in an outdated way"));
    }
    match head.encoding {
        2 | 8 if !has_dictionary => Err(Problem::Damaged("a page refers to no dictionary")),
        0 | 2 | 3 | 5..=9 => Ok(()),
        _ => Err(Problem::NotRead("a page has an encoding that is not read")),
    }
}
