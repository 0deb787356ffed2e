//! Values that are written as differences, walked before polars takes memory for them.
//!
//! Such a page says itself how many values it has and how long they are, in a few bytes: a page of
//! thirty may ask for as many terabytes.

use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::page::{DataPage, split_buffer};

use crate::input::guard::guarded;
use crate::input::parquet::arrays::{self, Pieces};
use crate::input::parquet::pages::PAGE_BYTES_MAX;
use crate::input::parquet::schema::Leaf;

/// Values of a block; writers take 128.
const BLOCK_VALUES_MAX: u64 = 1 << 16;

/// Whether every page that is written as differences stays within the rows that its head names.
pub fn is_sound(pieces: &Pieces, leaf: &Leaf) -> bool {
    let copy = Pieces { bytes: pieces.bytes.clone(), ..*pieces };
    let sound = guarded(|| {
        let (mut pages, _) = arrays::decompressor(copy, leaf)?;
        pages.read_dict_page().ok()?;
        while let Some(page) = pages.next() {
            let page = page.ok()?.decompress(&mut pages).ok()?;
            page_is_sound(&page)?;
            pages.reuse_page_buffer(page);
        }
        Some(())
    });
    sound.flatten().is_some()
}

fn page_is_sound(page: &DataPage) -> Option<()> {
    let values = split_buffer(page).ok()?.values;
    let most = page.num_values() as u64;
    match page.encoding() {
        Encoding::DeltaBinaryPacked => walk(values, most, |_| Some(())).map(drop),
        Encoding::DeltaLengthByteArray => {
            let mut sum = 0_u64;
            let add = |length: i64| {
                sum = sum.checked_add(u64::try_from(length).ok()?)?;
                Some(())
            };
            let (_, rest) = walk(values, most, add)?;
            (sum <= rest.len() as u64).then_some(())
        }
        Encoding::DeltaByteArray => texts(values, most),
        _ => Some(()),
    }
}

/// Texts of which each says how much of the one before it begins it.
fn texts(values: &[u8], most: u64) -> Option<()> {
    let mut shared = Vec::new();
    let (count, rest) = walk(values, most, |length| {
        shared.push(u64::try_from(length).ok()?);
        Some(())
    })?;
    let (mut before, mut own, mut all) = (0_u64, 0_u64, 0_u64);
    let mut lengths = shared.iter();
    let (other, rest) = walk(rest, most, |length| {
        let (length, shared) = (u64::try_from(length).ok()?, *lengths.next()?);
        if shared > before {
            return None;
        }
        before = shared.checked_add(length)?;
        own = own.checked_add(length)?;
        all = all.checked_add(before)?;
        Some(())
    })?;
    let fits = own <= rest.len() as u64 && all <= PAGE_BYTES_MAX as u64;
    (count == other && fits).then_some(())
}

/// Calls `each` with the values that are written as differences, at most so many, and returns how
/// many there were and what comes after them.
fn walk(
    mut bytes: &[u8],
    most: u64,
    mut each: impl FnMut(i64) -> Option<()>,
) -> Option<(u64, &[u8])> {
    let block = varint(&mut bytes)?;
    let parts = varint(&mut bytes)?;
    let count = varint(&mut bytes)?;
    let mut value = zigzag(&mut bytes)?;
    let sane = (128..=BLOCK_VALUES_MAX).contains(&block) && block.is_multiple_of(128);
    if !sane || parts == 0 || !block.is_multiple_of(parts) || count > most {
        return None;
    }
    let part = usize::try_from(block / parts).ok().filter(|part| part.is_multiple_of(32))?;
    if count == 0 {
        return Some((0, bytes));
    }
    each(value)?;
    let mut left = count - 1;
    while left > 0 {
        let least = zigzag(&mut bytes)?;
        let (widths, rest) = bytes.split_at_checked(usize::try_from(parts).ok()?)?;
        bytes = rest;
        for width in widths {
            if left == 0 {
                break;
            }
            let (packed, rest) =
                bytes.split_at_checked((part * usize::from(*width)).div_ceil(8))?;
            if *width > 64 {
                return None;
            }
            bytes = rest;
            let here = left.min(part as u64) as usize;
            for at in 0..here {
                let step = unpack(packed, at * usize::from(*width), usize::from(*width));
                value = value.wrapping_add(least).wrapping_add(step as i64);
                each(value)?;
            }
            left -= here as u64;
        }
    }
    Some((count, bytes))
}

/// The number of so many bits that begins at a bit, from the lowest on.
fn unpack(packed: &[u8], bit: usize, width: usize) -> u64 {
    let mut number = 0_u64;
    for at in 0..width {
        let byte = packed.get((bit + at) / 8).copied().unwrap_or_default();
        number |= u64::from(byte >> ((bit + at) % 8) & 1) << at;
    }
    number
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn zigzag(bytes: &mut &[u8]) -> Option<i64> {
    let value = varint(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}
