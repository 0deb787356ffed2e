//! Values that are written as differences, walked before polars takes memory for them.
//!
//! Such a page says itself how many values it has and how long they are, in a few bytes: a page of
//! thirty may ask for as many terabytes.

use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::page::{DataPage, split_buffer};

use crate::error::guard::guarded;
use crate::input::parquet::arrays::{self, Pieces};
use crate::input::parquet::pages::PAGE_BYTES_MAX;
use crate::input::parquet::schema::Leaf;

/// Values of a page that is written so: all are walked for any of them.
const VALUES_MAX: u64 = 1 << 22;
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
    if !sane || count > VALUES_MAX || parts == 0 || !block.is_multiple_of(parts) || count > most {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `Hello` and `World`, sharing nothing.
    const TEXTS: [u8; 31] = [
        128, 1, 4, 2, 0, 0, 0, 0, 0, 0, 128, 1, 4, 2, 10, 0, 0, 0, 0, 0, b'H', b'e', b'l', b'l',
        b'o', b'W', b'o', b'r', b'l', b'd', 99,
    ];

    #[test]
    fn texts_stay_within_their_page() {
        assert_eq!(texts(&TEXTS, 2), Some(()));
        assert_eq!(texts(&TEXTS, 1), None, "more values than the head of the page says");
        assert_eq!(texts(&TEXTS[..29], 2), None, "the last text is cut off");
        // The first text begins with so much of the one before it: there is none.
        let shared = [&TEXTS[..4], &[2], &TEXTS[5..]].concat();
        assert_eq!(texts(&shared, 2), None);
        for count in [[0xff; 9].as_slice(), &[0xff; 4], &[0x80; 30]] {
            let lie = [&TEXTS[..3], count, &[1], &TEXTS[4..]].concat();
            assert_eq!(texts(&lie, 2), None, "{count:?}");
        }
    }

    fn put(mut value: u64, bytes: &mut Vec<u8>) {
        while value > 0x7f {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
    }

    fn put_zigzag(value: i64, bytes: &mut Vec<u8>) {
        put((value << 1 ^ value >> 63) as u64, bytes);
    }

    /// Writes numbers as differences, in blocks of 128 of which each part of 32 has 64 bits.
    fn written(values: &[i64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        [128, 4, values.len() as u64].iter().for_each(|number| put(*number, &mut bytes));
        put_zigzag(values.first().copied().unwrap_or_default(), &mut bytes);
        let steps: Vec<i64> = values.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        for block in steps.chunks(128) {
            let least = block.iter().copied().min().unwrap_or_default();
            put_zigzag(least, &mut bytes);
            bytes.extend([64; 4]);
            for part in block.chunks(32) {
                let mut part: Vec<i64> = part.to_vec();
                part.resize(32, least);
                bytes.extend(part.iter().flat_map(|s| s.wrapping_sub(least).to_le_bytes()));
            }
        }
        bytes
    }

    proptest::proptest! {
        #[test]
        fn differences_are_read_as_they_were_written(
            values in proptest::collection::vec(proptest::prelude::any::<i64>(), 0..300),
        ) {
            let bytes = [written(&values), vec![1, 2]].concat();
            let mut read = Vec::new();
            let each = |value| {
                read.push(value);
                Some(())
            };
            let (count, rest) = walk(&bytes, 300, each).unwrap();
            proptest::prop_assert_eq!(count, values.len() as u64);
            proptest::prop_assert_eq!(rest, [1, 2]);
            proptest::prop_assert_eq!(read, values);
        }

        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(0_u8.., 0..200)) {
            let _ = walk(&bytes, 1000, |_| Some(()));
            let _ = texts(&bytes, 1000);
        }
    }
}
