//! Cells of sixteen bytes each: of nearly all, that is the whole text with what stands behind it in
//! a batch, so that to write one is a single store.

/// Bytes of a text that stands in its cell.
pub const SHORT_BYTES_MAX: usize = 14;
/// Bytes of a cell.
pub const CELL_BYTES: usize = 16;

const LENGTH_AT: u32 = 120;
const FROM_AT: u32 = 64;
const ELSEWHERE: u128 = 0xff << LENGTH_AT;

/// For each length, the bits of a text.
#[allow(clippy::indexing_slicing, reason = "when it is compiled; a length is below 16")]
const KEPT: [u128; 16] = {
    let mut kept = [0; 16];
    let mut length = 1;
    while length < 16 {
        kept[length] = kept[length - 1] << 8 | 0xff;
        length += 1;
    }
    kept
};

/// For each length, what stands behind the text, and the length.
#[allow(clippy::indexing_slicing, reason = "when it is compiled; a length is below 16")]
const BEHIND: [u128; 16] = {
    let mut behind = [0; 16];
    let mut length = 0;
    while length <= SHORT_BYTES_MAX {
        behind[length] = (b'\n' as u128) << (8 * length) | (length as u128) << LENGTH_AT;
        length += 1;
    }
    behind
};

/// A cell: its text, if that is short, or where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedCell(u128);

/// Where the text of a cell lies: in which of several buffers, from where on, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elsewhere {
    /// Which buffer.
    pub buffer: u8,
    /// The first byte, or what else tells it.
    pub start: u32,
    /// Bytes.
    pub length: u32,
}

impl PackedCell {
    /// A cell without text.
    pub const EMPTY: PackedCell = PackedCell(BEHIND[0]);

    /// A text of so many bytes, at most [`SHORT_BYTES_MAX`], in the lowest bytes of a number. What
    /// stands above it means nothing.
    #[inline(always)]
    pub fn short(length: usize, text: u128) -> PackedCell {
        debug_assert!(length <= SHORT_BYTES_MAX, "the text is not short");
        let of = |table: &[u128; 16]| table.get(length & 15).copied().unwrap_or_default();
        PackedCell(text & of(&KEPT) | of(&BEHIND))
    }

    /// A text that lies elsewhere.
    #[inline]
    pub fn elsewhere(of: Elsewhere) -> PackedCell {
        let place = u128::from(of.start) | u128::from(of.length) << 32;
        PackedCell(ELSEWHERE | u128::from(of.buffer) << FROM_AT | place)
    }

    /// The text of `length` bytes that begins in `bytes` at `start`, kept as number `buffer`.
    /// Sixteen bytes must follow `start` there. Nothing where they do not.
    #[inline(always)]
    pub fn of(bytes: &[u8], start: usize, length: usize, buffer: u8) -> Option<PackedCell> {
        if length > SHORT_BYTES_MAX {
            let (start, length) = (u32::try_from(start).ok()?, u32::try_from(length).ok()?);
            return Some(Self::elsewhere(Elsewhere { buffer, start, length }));
        }
        let text = bytes.get(start..start.checked_add(CELL_BYTES)?)?;
        Some(Self::short(length, u128::from_le_bytes(text.try_into().ok()?)))
    }

    /// Where its text lies, if it is not short.
    #[inline]
    pub fn place(self) -> Option<Elsewhere> {
        let (buffer, start) = ((self.0 >> FROM_AT) as u8, self.0 as u32);
        let length = (self.0 >> 32) as u32;
        (self.0 >> LENGTH_AT == 0xff).then_some(Elsewhere { buffer, start, length })
    }

    /// The length of its text, if that is short.
    #[inline(always)]
    pub fn short_length(self) -> Option<usize> {
        let length = (self.0 >> LENGTH_AT) as usize;
        (length <= SHORT_BYTES_MAX).then_some(length)
    }

    /// Whether its text is short, and ASCII without a NUL.
    #[inline]
    pub fn is_plain(self) -> bool {
        const LOW: u128 = u128::from_ne_bytes([0x01; CELL_BYTES]);
        const HIGH: u128 = u128::from_ne_bytes([0x80; CELL_BYTES]);
        let Some(kept) = self.short_length().and_then(|length| KEPT.get(length)) else {
            return false;
        };
        // A byte that is zero borrows; what stands above the text is none.
        let (text, filled) = (self.0 & kept, self.0 & kept | !kept);
        text & HIGH == 0 && filled.wrapping_sub(LOW) & !filled & HIGH == 0
    }

    /// Its text, if that is short, then a line break, then what means nothing.
    #[inline(always)]
    pub fn bytes(self) -> [u8; CELL_BYTES] {
        self.0.to_le_bytes()
    }
}

/// Whether bytes can stand in a line: UTF-8 without NUL.
pub fn is_text_without_nul(bytes: &[u8]) -> bool {
    (bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()) && memchr::memchr(0, bytes).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_cell_is_its_text_or_says_where_it_is(
            bytes in proptest::collection::vec(0_u8.., 40),
            start in 0_usize..30,
            length in 0_usize..40,
            buffer: u8,
        ) {
            let cell = PackedCell::of(&bytes, start, length, buffer);
            if length > SHORT_BYTES_MAX {
                let (start, length) = (start as u32, length as u32);
                let cell = cell.unwrap();
                proptest::prop_assert_eq!(cell.place(), Some(Elsewhere { buffer, start, length }));
                proptest::prop_assert_eq!(cell.short_length(), None);
                return Ok(());
            }
            proptest::prop_assert_eq!(cell.is_some(), start + CELL_BYTES <= bytes.len());
            let Some(cell) = cell else { return Ok(()) };
            proptest::prop_assert_eq!((cell.place(), cell.short_length()), (None, Some(length)));
            let text = [&bytes[start..start + length], b"\n"].concat();
            proptest::prop_assert_eq!(&cell.bytes()[..=length], text.as_slice());
            proptest::prop_assert_eq!(cell == PackedCell::EMPTY, length == 0);
        }

        #[test]
        fn a_plain_cell_is_ascii_without_a_nul(
            picks in proptest::collection::vec(0_usize..12, 0..20),
            noise: u8,
        ) {
            let text: Vec<u8> = picks.iter().map(|pick| b"a9 \x7f\x01zzzzz\x80\0"[*pick]).collect();
            let padded = [text.as_slice(), &[noise; CELL_BYTES]].concat();
            let cell = PackedCell::of(&padded, 0, text.len(), 0).unwrap();
            let is_plain = text.is_ascii() && !text.contains(&0);
            proptest::prop_assert_eq!(cell.is_plain(), is_plain && text.len() <= SHORT_BYTES_MAX);
        }
    }
}
