//! Numbers and texts as bytes, for what leaves a batch: little, and read back exactly.

use crate::error::{Error, Result};

/// Appends values to bytes.
pub trait Put {
    /// A number, seven bits to a byte.
    fn put_number(&mut self, value: u128);
    /// The same, of a number that fits 64 bits.
    fn put_small(&mut self, value: u64);
    /// A text with its length.
    fn put_bytes(&mut self, value: &[u8]);
    /// A text that may be absent.
    fn put_optional(&mut self, value: Option<&[u8]>);
    /// A signed number that may be absent.
    fn put_signed(&mut self, value: Option<i128>);
}

impl Put for Vec<u8> {
    #[inline]
    fn put_number(&mut self, value: u128) {
        if value < 0x80 {
            self.push(value as u8);
            return;
        }
        match u64::try_from(value) {
            Ok(value) => put_several(value, self),
            Err(_) => put_large(value, self),
        }
    }

    #[inline]
    fn put_small(&mut self, value: u64) {
        match value < 0x80 {
            true => self.push(value as u8),
            false => put_several(value, self),
        }
    }

    #[inline]
    fn put_bytes(&mut self, value: &[u8]) {
        self.put_small(value.len() as u64);
        self.extend_from_slice(value);
    }

    fn put_optional(&mut self, value: Option<&[u8]>) {
        match value {
            None => self.put_number(0),
            Some(value) => {
                self.put_number(value.len() as u128 + 1);
                self.extend_from_slice(value);
            }
        }
    }

    fn put_signed(&mut self, value: Option<i128>) {
        match value {
            None => self.put_number(0),
            // Sign in the lowest bit; one added so that zero means "absent".
            Some(value) => {
                let zigzag = (value.unsigned_abs() << 1) | u128::from(value < 0);
                self.put_number(zigzag + 1);
            }
        }
    }
}

/// The same as [`put_large`] for what fits 64 bits, collected on the stack first.
fn put_several(mut value: u64, into: &mut Vec<u8>) {
    let mut bytes = [0_u8; (u64::BITS as usize).div_ceil(7)];
    let mut length = 0;
    for byte in &mut bytes {
        length += 1;
        *byte = value as u8 & 0x7f;
        value >>= 7;
        if value == 0 {
            break;
        }
        *byte |= 0x80;
    }
    // To append all of them and cut the rest off costs less than to copy so many.
    let end = into.len() + length;
    into.extend_from_slice(&bytes);
    into.truncate(end);
}

/// Seven bits to a byte. No number of an export is that large.
#[cold]
fn put_large(mut value: u128, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Takes values off the front of bytes, in the order in which they were put.
#[derive(Debug, Clone, Copy)]
pub struct Take<'b>(pub &'b [u8]);

impl<'b> Take<'b> {
    /// A number.
    #[inline]
    pub fn number(&mut self) -> Result<u128> {
        match self.0.split_first() {
            Some((byte, rest)) if byte & 0x80 == 0 => {
                self.0 = rest;
                Ok(u128::from(*byte))
            }
            _ => self.large(),
        }
    }

    fn large(&mut self) -> Result<u128> {
        let mut value = 0_u128;
        let mut shift = 0;
        loop {
            let (byte, rest) = self.0.split_first().ok_or_else(broken)?;
            self.0 = rest;
            value |= u128::from(byte & 0x7f).checked_shl(shift).ok_or_else(broken)?;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// A number that fits 64 bits.
    #[inline]
    pub fn small(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        let mut rest = self.0;
        // Eight bytes hold 56 bits; the few numbers beyond them take the long way.
        for shift in (0..56).step_by(7) {
            let (byte, after) = rest.split_first().ok_or_else(broken)?;
            rest = after;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                self.0 = rest;
                return Ok(value);
            }
        }
        u64::try_from(self.large()?).map_err(|_| broken())
    }

    /// The next `length` bytes.
    #[inline]
    pub fn exactly(&mut self, length: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A text with its length.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'b [u8]> {
        let length = self.small()? as usize;
        self.exactly(length)
    }

    /// A text that may be absent.
    pub fn optional(&mut self) -> Result<Option<&'b [u8]>> {
        match self.small()? {
            0 => Ok(None),
            length => self.exactly(length as usize - 1).map(Some),
        }
    }

    /// A signed number that may be absent.
    pub fn signed(&mut self) -> Result<Option<i128>> {
        let Some(zigzag) = self.number()?.checked_sub(1) else { return Ok(None) };
        let magnitude = (zigzag >> 1) as i128;
        Ok(Some(if zigzag & 1 == 1 { -magnitude } else { magnitude }))
    }
}

/// Temporary data did not read back as it was written.
pub fn broken() -> Error {
    Error::incomplete("internal fault: temporary data did not read back as it was written")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_put_is_taken(
            number in 0_u128..u128::MAX,
            bits in 0..64,
            text in "[a-z]{0,200}",
            signed in -(1_i128 << 120)..1 << 120,
        ) {
            let mut bytes = Vec::new();
            let small = u64::MAX >> bits;
            bytes.put_number(number);
            bytes.put_small(small);
            let mut slowly = Vec::new();
            put_large(u128::from(small), &mut slowly);
            proptest::prop_assert!(bytes.ends_with(&slowly));
            bytes.put_bytes(text.as_bytes());
            bytes.put_optional(None);
            bytes.put_optional(Some(text.as_bytes()));
            bytes.put_signed(Some(signed));
            bytes.put_signed(None);
            let mut take = Take(&bytes);
            proptest::prop_assert_eq!(take.number().unwrap(), number);
            proptest::prop_assert_eq!(take.small().unwrap(), small);
            proptest::prop_assert_eq!(take.bytes().unwrap(), text.as_bytes());
            proptest::prop_assert_eq!(take.optional().unwrap(), None);
            proptest::prop_assert_eq!(take.optional().unwrap(), Some(text.as_bytes()));
            proptest::prop_assert_eq!(take.signed().unwrap(), Some(signed));
            proptest::prop_assert_eq!(take.signed().unwrap(), None);
            proptest::prop_assert!(take.0.is_empty());
            for cut in 0..bytes.len() {
                let mut take = Take(&bytes[..cut]);
                let _ = (take.number(), take.bytes(), take.optional(), take.signed());
            }
        }
    }
}
