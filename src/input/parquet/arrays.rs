//! Pages decompressed, and of all but texts made into arrays, by polars.
//!
//! polars is handed pages whose heads were checked, takes no memory for a value that those heads do
//! not allow, and reads no file. What it says about damage may quote data, so it is dropped.

use std::ops::Range;

use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StaticArray,
};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::types::NativeType;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::metadata::Descriptor;
use polars_parquet::parquet::page::split_buffer;
use polars_parquet::parquet::read::{BasicDecompressor, PageMetaData, PageReader};
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
use polars_parquet::read::{Filter, column_iter_to_arrays};

use crate::error::guard::guarded;
use crate::input::parquet::cells;
use crate::input::parquet::pages::PAGE_BYTES_MAX;
use crate::input::parquet::schema::{Leaf, Meaning, Stored};
use crate::input::parquet::short::{View, view_of};

/// Some pages of a column, as they lie in the file: first its dictionary, where it has one.
#[derive(Debug, Default)]
pub struct Pieces {
    /// The pages.
    pub bytes: Vec<u8>,
    /// The values in them.
    pub values: u64,
    /// How many of those come before the first that is wanted.
    pub skip: usize,
    /// How they are compressed.
    pub codec: i32,
}

/// The values of some rows of a column.
#[derive(Debug)]
pub enum Values {
    /// Truth values.
    Boolean(BooleanArray),
    /// Whole numbers of 32 bits.
    Int32(PrimitiveArray<i32>),
    /// Whole numbers of 64 bits, or seconds.
    Int64(PrimitiveArray<i64>),
    /// Floating-point numbers of four bytes.
    Float(PrimitiveArray<f32>),
    /// Floating-point numbers of eight bytes.
    Double(PrimitiveArray<f64>),
    /// Bytes of any length.
    Bytes(BinaryViewArray),
    /// Bytes of one length.
    Fixed(FixedSizeBinaryArray),
}

/// The number of a compression as polars names it.
fn compression(codec: i32) -> Option<Compression> {
    Some(match codec {
        0 => Compression::Uncompressed,
        1 => Compression::Snappy,
        2 => Compression::Gzip,
        4 => Compression::Brotli,
        5 => Compression::Lz4,
        6 => Compression::Zstd,
        7 => Compression::Lz4Raw,
        _ => return None,
    })
}

/// Whether pages that are compressed so can be read.
pub fn reads_codec(codec: i32) -> bool {
    compression(codec).is_some()
}

fn types(stored: Stored) -> (PhysicalType, ArrowDataType) {
    match stored {
        Stored::Boolean => (PhysicalType::Boolean, ArrowDataType::Boolean),
        Stored::Int32 => (PhysicalType::Int32, ArrowDataType::Int32),
        Stored::Int64 => (PhysicalType::Int64, ArrowDataType::Int64),
        Stored::Int96 => (PhysicalType::Int96, ArrowDataType::Timestamp(TimeUnit::Second, None)),
        Stored::Float => (PhysicalType::Float, ArrowDataType::Float32),
        Stored::Double => (PhysicalType::Double, ArrowDataType::Float64),
        Stored::Bytes => (PhysicalType::ByteArray, ArrowDataType::BinaryView),
        Stored::Fixed(width) => {
            (PhysicalType::FixedLenByteArray(width), ArrowDataType::FixedSizeBinary(width))
        }
    }
}

/// The pages one after the other, for polars to decode.
pub fn decompressor(pieces: Pieces, leaf: &Leaf) -> Option<(BasicDecompressor, PrimitiveType)> {
    let (physical, _) = types(leaf.stored);
    let mut primitive = PrimitiveType::from_physical("column".into(), physical);
    if !leaf.optional {
        primitive.field_info.repetition = Repetition::Required;
    }
    let descriptor = Descriptor {
        primitive_type: primitive.clone(),
        max_def_level: i16::from(leaf.optional),
        max_rep_level: 0,
    };
    let values = i64::try_from(pieces.values).ok()?;
    let meta = PageMetaData::new(0, values, compression(pieces.codec)?, descriptor);
    let bytes = std::io::Cursor::new(pieces.bytes.into());
    let pages = PageReader::new_with_page_meta(bytes, meta, Vec::new(), PAGE_BYTES_MAX);
    Some((BasicDecompressor::new(pages, Vec::new()), primitive))
}

/// A page as it is before it is compressed.
#[derive(Debug)]
pub struct Unpacked {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where it says which values are there, if it does.
    pub levels: Option<Range<usize>>,
    /// Where the values are.
    pub values: Range<usize>,
    /// How many values are missing, if its head says so.
    pub nulls: Option<usize>,
}

/// Decompresses a page of so many rows; nothing where it is damaged.
pub fn unpack(pieces: Pieces, leaf: &Leaf) -> Option<Unpacked> {
    let rows = usize::try_from(pieces.values).ok()?;
    let unpacked = guarded(|| {
        let (mut pages, _) = decompressor(pieces, leaf)?;
        let mut page = pages.next()?.ok()?.decompress(&mut pages).ok()?;
        let parts = split_buffer(&page).ok()?;
        let end = page.buffer().len();
        let values = end.checked_sub(parts.values.len())?;
        let levels = values.checked_sub(parts.def.len())?..values;
        let (is_whole, nulls) = (page.num_values() == rows, page.null_count());
        let bytes = std::mem::take(page.buffer_mut());
        let levels = leaf.optional.then_some(levels);
        is_whole.then_some(Unpacked { bytes, levels, values: values..end, nulls })
    });
    unpacked.flatten()
}

/// Decompresses a dictionary; nothing where it is damaged.
pub fn unpack_dictionary(pieces: Pieces, leaf: &Leaf) -> Option<Vec<u8>> {
    let unpacked = guarded(|| {
        let (mut pages, _) = decompressor(pieces, leaf)?;
        Some(pages.read_dict_page().ok()??.buffer.into_vec())
    });
    unpacked.flatten()
}

/// Decodes so many rows of a column; nothing where its pages are damaged.
pub fn decode(pieces: Pieces, leaf: &Leaf, rows: usize) -> Option<Values> {
    let range = pieces.skip..pieces.skip.checked_add(rows)?;
    let array = guarded(|| {
        let (pages, primitive) = decompressor(pieces, leaf)?;
        let (_, dtype) = types(leaf.stored);
        let field = Field::new("column".into(), dtype, leaf.optional);
        let filter = Some(Filter::Range(range));
        let (arrays, _) =
            column_iter_to_arrays(vec![pages], vec![&primitive], field, filter).ok()?;
        <[_; 1]>::try_from(arrays).ok()
    })??;
    let [array] = array;
    if array.len() != rows {
        return None;
    }
    Values::of(array.as_ref(), leaf.stored)
}

fn copy<A: Array + Clone>(array: &dyn Array) -> Option<A> {
    array.as_any().downcast_ref::<A>().cloned()
}

impl Values {
    fn of(array: &dyn Array, stored: Stored) -> Option<Values> {
        Some(match stored {
            Stored::Boolean => Values::Boolean(copy(array)?),
            Stored::Int32 => Values::Int32(copy(array)?),
            Stored::Int64 | Stored::Int96 => Values::Int64(copy(array)?),
            Stored::Float => Values::Float(copy(array)?),
            Stored::Double => Values::Double(copy(array)?),
            Stored::Bytes => Values::Bytes(copy(array)?),
            Stored::Fixed(_) => Values::Fixed(copy(array)?),
        })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match self {
            Values::Boolean(array) => array.len(),
            Values::Int32(array) => array.len(),
            Values::Int64(array) => array.len(),
            Values::Float(array) => array.len(),
            Values::Double(array) => array.len(),
            Values::Bytes(array) => array.len(),
            Values::Fixed(array) => array.len(),
        }
    }

    /// The bytes of a row, of a column that holds bytes; nothing where they are missing.
    #[inline]
    pub fn bytes(&self, row: usize) -> Option<&[u8]> {
        match self {
            Values::Bytes(array) => array.get(row),
            Values::Fixed(array) => array.get(row),
            _ => None,
        }
    }

    /// The views of the texts of all rows, where they differ from those of the array of bytes:
    /// what is missing is empty, and what is short of dates and numbers is written. Nothing where
    /// there is nothing to gain.
    pub fn views(&self, meaning: Meaning) -> Option<Vec<View>> {
        match self {
            Values::Bytes(array) if meaning == Meaning::Text => {
                let validity = array.validity().filter(|validity| validity.unset_bits() > 0)?;
                let filled = |(view, is_there): (&View, bool)| {
                    if is_there { *view } else { View::default() }
                };
                Some(array.views().iter().zip(validity.iter()).map(filled).collect())
            }
            Values::Int32(array) => Some(self.written(array, meaning)),
            Values::Int64(array) => Some(self.written(array, meaning)),
            _ => None,
        }
    }

    /// The views of numbers and dates. Neighbours mostly say the same.
    fn written<T: NativeType>(&self, array: &PrimitiveArray<T>, meaning: Meaning) -> Vec<View> {
        let mut before = (None, View::default());
        let mut text = Vec::new();
        let mut view = |(row, value): (usize, Option<&T>)| {
            if value.copied() != before.0 {
                text.clear();
                self.write(row, meaning, &mut text);
                before = (value.copied(), view_of(&text));
            }
            before.1
        };
        array.iter().enumerate().map(&mut view).collect()
    }

    /// The views of an array of bytes.
    pub fn own_views(&self) -> &[View] {
        match self {
            Values::Bytes(array) => array.views(),
            _ => &[],
        }
    }

    /// The text of a view that is not short.
    #[inline]
    pub fn long(&self, view: &View) -> Option<&[u8]> {
        let Values::Bytes(array) = self else { return None };
        let buffer = array.data_buffers().get(view.buffer_idx as usize)?;
        let start = view.offset as usize;
        buffer.get(start..start.checked_add(view.length as usize)?)
    }

    /// Whether all texts that are not short are ASCII without a NUL.
    pub fn is_plain(&self) -> bool {
        let Values::Bytes(array) = self else { return false };
        array.data_buffers().iter().all(|text| text.is_ascii() && memchr::memchr(0, text).is_none())
    }

    /// Writes the text of a row of a column of this meaning; nothing where it has no value.
    pub fn write(&self, row: usize, meaning: Meaning, text: &mut Vec<u8>) {
        match self {
            Values::Boolean(array) => {
                if let Some(value) = array.get(row) {
                    text.extend_from_slice(if value { b"true" } else { b"false" });
                }
            }
            Values::Int32(array) => {
                if let Some(value) = array.get(row) {
                    match meaning {
                        Meaning::Whole(false) => cells::put(text, format_args!("{}", value as u32)),
                        _ => write_whole(value.into(), meaning, text),
                    }
                }
            }
            Values::Int64(array) => {
                if let Some(value) = array.get(row) {
                    match meaning {
                        Meaning::Whole(false) => cells::put(text, format_args!("{}", value as u64)),
                        _ => write_whole(value, meaning, text),
                    }
                }
            }
            Values::Float(array) => {
                if let Some(value) = array.get(row) {
                    cells::put(text, format_args!("{value}"));
                }
            }
            Values::Double(array) => {
                if let Some(value) = array.get(row) {
                    cells::put(text, format_args!("{value}"));
                }
            }
            Values::Bytes(_) | Values::Fixed(_) => {
                let Some(bytes) = self.bytes(row) else { return };
                match meaning {
                    Meaning::Decimal(scale) => cells::wide_decimal(bytes, scale, text),
                    Meaning::Uuid => cells::uuid(bytes, text),
                    _ => text.extend_from_slice(bytes),
                }
            }
        }
    }
}

fn write_whole(value: i64, meaning: Meaning, text: &mut Vec<u8>) {
    match meaning {
        Meaning::Decimal(scale) => cells::decimal(value.into(), scale, text),
        Meaning::Date => cells::date(value, text),
        Meaning::Timestamp(per_second) => cells::timestamp(value, per_second, text),
        _ => cells::put(text, format_args!("{value}")),
    }
}
