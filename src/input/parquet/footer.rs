//! What the footer of a Parquet file says: its columns, its rows, and where their bytes lie.
//!
//! None of it is believed before it was compared with the length of the file.

use crate::input::parquet::schema::{self, Column};
use crate::input::parquet::thrift::{Kind, Reader};

/// Where the values of a column in a row group lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Offset in the file of its first page.
    pub start: u64,
    /// Bytes of its pages.
    pub length: u64,
    /// Its values.
    pub values: u64,
    /// The number of its compression.
    pub codec: i32,
}

/// Rows whose columns lie together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its rows.
    pub rows: u64,
    /// The chunks of all columns, in the order of the leaves.
    pub chunks: Vec<Chunk>,
}

/// What a footer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footer {
    /// The columns at the top of the schema.
    pub columns: Vec<Column>,
    /// Rows of the file.
    pub rows: u64,
    /// The groups of rows, in their order.
    pub groups: Vec<Group>,
}

/// Why a footer cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is no footer, or contradicts itself or the file.
    Damaged(&'static str),
    /// It is encrypted, or its columns are in other files.
    Elsewhere(&'static str),
}

const DAMAGED: Refused = Refused::Damaged("its footer cannot be read");

impl Footer {
    /// Reads a footer of a file whose pages end at `end`, and keeps of each row group the chunks
    /// that `keep` wants, by the name of their column at the top.
    pub fn read(
        bytes: &[u8],
        end: u64,
        keep: impl FnOnce(&[Column]) -> Vec<bool>,
    ) -> Result<Footer, Refused> {
        let mut footer = Footer::default();
        let (mut rows, mut elements, mut groups) = (None, None, None);
        let mut encrypted = false;
        let mut reader = Reader::new(bytes);
        let read = reader.structure(|reader, field| {
            match (field.id, field.kind) {
                (2, Kind::List) => elements = Some(schema::elements(reader)?),
                (3, Kind::Whole) => rows = Some(u64::try_from(reader.whole()?).ok()?),
                (4, Kind::List) => {
                    // They are walked once the columns are known.
                    groups = Some(reader.clone());
                    reader.skip(field.kind)?;
                }
                (8, _) => {
                    encrypted = true;
                    reader.skip(field.kind)?;
                }
                _ => reader.skip(field.kind)?,
            }
            Some(())
        });
        if encrypted {
            return Err(Refused::Elsewhere("it is encrypted"));
        }
        let (Some(()), Some(rows), Some(elements), Some(mut groups)) =
            (read, rows, elements, groups)
        else {
            return Err(DAMAGED);
        };
        let leaves;
        (footer.columns, leaves) = schema::columns(&elements).ok_or(DAMAGED)?;
        footer.rows = rows;
        let kept = keep(&footer.columns);
        footer.groups = row_groups(&mut groups, leaves, end, &kept)?;
        let counted =
            footer.groups.iter().try_fold(0_u64, |all, group| all.checked_add(group.rows));
        if counted != Some(rows) {
            return Err(Refused::Damaged("its row groups do not add up to its rows"));
        }
        Ok(footer)
    }
}

fn row_groups(
    reader: &mut Reader<'_>,
    leaves: usize,
    end: u64,
    kept: &[bool],
) -> Result<Vec<Group>, Refused> {
    let (count, kind) = reader.list().ok_or(DAMAGED)?;
    if count > 0 && kind != Kind::Struct {
        return Err(DAMAGED);
    }
    let mut groups = Vec::new();
    for _ in 0..count {
        groups.push(row_group(reader, leaves, end, kept)?);
    }
    Ok(groups)
}

fn row_group(
    reader: &mut Reader<'_>,
    leaves: usize,
    end: u64,
    kept: &[bool],
) -> Result<Group, Refused> {
    let mut group = Group::default();
    let (mut rows, mut found) = (None, 0);
    let mut refused = DAMAGED;
    let read = reader.structure(|reader, field| {
        match (field.id, field.kind) {
            (1, Kind::List) => {
                let (count, kind) = reader.list()?;
                if kind != Kind::Struct {
                    return None;
                }
                for at in 0..count {
                    let is_kept = kept.get(at).copied().unwrap_or(false);
                    match column_chunk(reader, is_kept.then_some(end)) {
                        Ok(chunk) if is_kept => group.chunks.push(chunk),
                        Ok(_) => {}
                        Err(why) => {
                            refused = why;
                            return None;
                        }
                    }
                }
                found = count;
            }
            (3, Kind::Whole) => rows = Some(u64::try_from(reader.whole()?).ok()?),
            _ => reader.skip(field.kind)?,
        }
        Some(())
    });
    group.rows = read.and(rows).ok_or(refused)?;
    if found != leaves {
        return Err(Refused::Damaged("a row group lacks columns"));
    }
    if group.chunks.iter().any(|chunk| chunk.values != group.rows) {
        return Err(Refused::Damaged("a column has more or fewer values than there are rows"));
    }
    Ok(group)
}

/// A column chunk; where `end` is given, its pages must lie between the mark at the start of the
/// file and there.
fn column_chunk(reader: &mut Reader<'_>, end: Option<u64>) -> Result<Chunk, Refused> {
    let mut chunk = None;
    let mut refused = DAMAGED;
    let read = reader.structure(|reader, field| {
        match (field.id, field.kind) {
            (1, Kind::Binary) if end.is_some() => {
                if !reader.binary()?.is_empty() {
                    refused = Refused::Elsewhere("its columns are in other files");
                    return None;
                }
            }
            (3, Kind::Struct) if end.is_some() => chunk = Some(chunk_metadata(reader)?),
            (8, _) if end.is_some() => {
                refused = Refused::Elsewhere("it is encrypted");
                return None;
            }
            _ => reader.skip(field.kind)?,
        }
        Some(())
    });
    let (Some(()), Some(end)) = (read, end) else {
        return read.map(|()| Chunk::default()).ok_or(refused);
    };
    let chunk = chunk.ok_or(DAMAGED)?;
    let stop = chunk.start.checked_add(chunk.length);
    // Where there are no values, nothing is read, and some writers say nothing of use.
    if chunk.values == 0 {
        return Ok(chunk);
    }
    if chunk.start < 4 || stop.is_none_or(|stop| stop > end) {
        return Err(Refused::Damaged("a column lies outside of the file"));
    }
    Ok(chunk)
}

fn chunk_metadata(reader: &mut Reader<'_>) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    let (mut data, mut dictionary) = (None, None);
    reader.structure(|reader, field| {
        let mut number = || u64::try_from(reader.whole()?).ok();
        match (field.id, field.kind) {
            (4, Kind::Whole) => chunk.codec = i32::try_from(number()?).ok()?,
            (5, Kind::Whole) => chunk.values = number()?,
            (7, Kind::Whole) => chunk.length = number()?,
            (9, Kind::Whole) => data = Some(number()?),
            // Some writers say 0 where there is none.
            (11, Kind::Whole) => dictionary = Some(number()?).filter(|at| *at > 0),
            _ => reader.skip(field.kind)?,
        }
        Some(())
    })?;
    let data = data?;
    chunk.start = dictionary.map_or(data, |dictionary| dictionary.min(data));
    Some(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::parquet::schema::{Meaning, Stored};

    /// The footer of a fixture, and where it begins.
    fn fixture(name: &str) -> (Vec<u8>, u64) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/formats/parquet");
        let bytes = std::fs::read(format!("{folder}/{name}.parquet")).unwrap();
        let (rest, tail) = bytes.split_at(bytes.len() - 8);
        let length = u32::from_le_bytes(tail[..4].try_into().unwrap()) as usize;
        let end = rest.len() - length;
        (rest[end..].to_vec(), end as u64)
    }

    fn read(bytes: &[u8], end: u64) -> Result<Footer, Refused> {
        Footer::read(bytes, end, |columns| vec![true; columns.len() + 2])
    }

    #[test]
    fn columns_are_what_their_writer_said() {
        let (bytes, end) = fixture("decimal_snappy");
        let footer = read(&bytes, end).unwrap();
        assert_eq!((footer.rows, footer.groups.len(), footer.columns.len()), (15, 4, 15));
        let column = |footer: &Footer, name: &str| {
            let column = footer.columns.iter().find(|column| column.name == name).unwrap();
            column.leaf.map(|leaf| (leaf.stored, leaf.meaning))
        };
        assert_eq!(column(&footer, "charge"), Some((Stored::Fixed(6), Meaning::Decimal(2))));
        assert_eq!(column(&footer, "service_date"), Some((Stored::Int32, Meaning::Date)));
        let of_charge = column(&footer, "place_of_service");
        assert_eq!(of_charge, Some((Stored::Int32, Meaning::Whole(false))));
        assert_eq!(column(&footer, "is_final"), Some((Stored::Boolean, Meaning::Boolean)));
        let (bytes, end) = fixture("lists_beside");
        let footer = read(&bytes, end).unwrap();
        assert_eq!(column(&footer, "details"), None);
        assert_eq!(footer.groups[0].chunks.len(), 17, "two leaves are below `details`");
    }

    #[test]
    fn no_part_of_a_footer_is_one() {
        for name in ["decimal_snappy", "polars", "duckdb_v2", "lists_beside"] {
            let (bytes, end) = fixture(name);
            assert!(read(&bytes, end).is_ok());
            assert!(read(&bytes, 40).is_err(), "columns lie beyond their end");
            for cut in 0..bytes.len() {
                assert!(read(&bytes[..cut], end).is_err(), "{name} cut at {cut}");
            }
        }
    }
}
