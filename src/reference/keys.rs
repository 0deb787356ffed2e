//! The codes of an edition: sorted, of one width, with a table of where to begin to look.

use std::ops::Range;

/// The longest code.
pub const KEY_MAX: usize = 10;
/// A code, with zeros after it.
pub type Key = [u8; KEY_MAX];

/// What a byte of a code may be: nothing, a digit or a letter.
const LETTERS: usize = 37;
/// With more codes than this, a table by two letters leaves too many to search.
const MANY: usize = 1 << 14;

/// The code with zeros after it, if it is 1 to 10 upper-case letters or digits.
pub fn key(code: &[u8]) -> Option<Key> {
    let mut key = [0; KEY_MAX];
    key.get_mut(..code.len())?.copy_from_slice(code);
    let is_code = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (!code.is_empty() && code.iter().all(is_code)).then_some(key)
}

/// A code without the zeros after it.
pub fn code_of(key: &[u8]) -> &[u8] {
    let length = key.iter().position(|byte| *byte == 0).unwrap_or(key.len());
    key.get(..length).unwrap_or(key)
}

/// How to search the codes. The codes themselves stay where they are and are handed in.
#[derive(Debug, Clone)]
pub struct Keys {
    width: usize,
    /// The codes as numbers in the same order: faster to compare than bytes.
    packed: Vec<u64>,
    /// How many letters the table goes by.
    depth: usize,
    /// Where the codes with the same first letters begin, and after all of them the end.
    begins: Vec<u32>,
}

impl Keys {
    /// How to search these codes of `width` bytes; nothing if they are not sorted codes.
    pub fn new(bytes: &[u8], width: usize) -> Option<Keys> {
        if !(1..=KEY_MAX).contains(&width) || !bytes.len().is_multiple_of(width) {
            return None;
        }
        let depth = if bytes.len() / width > MANY { 3 } else { 2 };
        let mut begins = vec![0_u32; LETTERS.pow(depth as u32) + 1];
        let mut packed: Vec<u64> = Vec::with_capacity(bytes.len() / width);
        for code in bytes.chunks_exact(width) {
            let padded = key(code_of(code))?;
            let number = pack(&padded);
            if packed.last() >= Some(&number) || padded.get(..width)? != code {
                return None;
            }
            packed.push(number);
            *begins.get_mut(bucket(&padded, depth) + 1)? += 1;
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        Some(Keys { width, packed, depth, begins })
    }

    /// The code at a place.
    #[inline]
    pub fn at<'b>(&self, bytes: &'b [u8], at: usize) -> Option<&'b [u8]> {
        let begin = at.checked_mul(self.width)?;
        bytes.get(begin..begin.checked_add(self.width)?)
    }

    /// Where the first code is that is not less than `wanted`, and whether it is the same. Nothing
    /// if `wanted` has no shape of a code.
    #[inline]
    fn seek(&self, wanted: &[u8]) -> Option<(usize, bool)> {
        let padded = key(wanted)?;
        let bucket = bucket(&padded, self.depth);
        let begin = *self.begins.get(bucket)? as usize;
        let within = self.packed.get(begin..*self.begins.get(bucket + 1)? as usize)?;
        let number = pack(&padded);
        let at = within.partition_point(|code| *code < number);
        Some((begin + at, within.get(at) == Some(&number)))
    }

    /// Where a code is.
    #[inline]
    pub fn find(&self, wanted: &[u8]) -> Option<usize> {
        let (at, is_there) = self.seek(wanted)?;
        is_there.then_some(at)
    }

    /// Where the codes are that begin with `wanted`, itself among them.
    pub fn prefixed(&self, bytes: &[u8], wanted: &[u8]) -> Range<usize> {
        let Some((begin, _)) = self.seek(wanted) else { return 0..0 };
        let mut end = begin;
        while self.at(bytes, end).is_some_and(|code| code.starts_with(wanted)) {
            end += 1;
        }
        begin..end
    }

    /// Whether there is a code that begins with `wanted` and goes on.
    pub fn has_longer(&self, bytes: &[u8], wanted: &[u8]) -> bool {
        let Some((at, is_there)) = self.seek(wanted) else { return false };
        let next = self.at(bytes, at + usize::from(is_there));
        next.is_some_and(|code| code.starts_with(wanted))
    }
}

/// The place in the table by the first letters. Letters are in the order of their bytes.
#[inline]
fn bucket(key: &Key, depth: usize) -> usize {
    key.iter().take(depth).fold(0, |bucket, byte| bucket * LETTERS + usize::from(letter(*byte)))
}

/// The code as a number, six bits for each letter: in the order of the codes.
#[inline]
fn pack(key: &Key) -> u64 {
    key.iter().fold(0, |number, byte| number << 6 | u64::from(letter(*byte)))
}

/// The number of a letter, in the order of their bytes.
#[inline]
fn letter(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0' + 1,
        b'A'..=b'Z' => byte - b'A' + 11,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn codes_are_found_as_in_a_set(
            codes in proptest::collection::btree_set("[0-2A-B]{1,6}", 0..200),
            asked in proptest::collection::vec("[0-2A-B]{1,7}", 0..20),
            many in proptest::bool::weighted(0.1),
        ) {
            let mut codes: BTreeSet<String> = codes;
            if many {
                codes.extend((0..MANY).map(|number| format!("Z{number:05}")));
            }
            let width = codes.iter().map(String::len).max().unwrap_or(1);
            let padded: Vec<u8> = codes
                .iter()
                .flat_map(|code| key(code.as_bytes()).unwrap()[..width].to_vec())
                .collect();
            let keys = Keys::new(&padded, width).unwrap();
            for code in asked.iter().chain(codes.iter().take(20)) {
                let found = keys.find(code.as_bytes());
                assert_eq!(found, codes.iter().position(|known| known == code));
                let longer = |known: &&String| known.starts_with(code) && *known != code;
                let has_longer = keys.has_longer(&padded, code.as_bytes());
                assert_eq!(has_longer, codes.iter().any(|known| longer(&known)));
                let prefixed = keys.prefixed(&padded, code.as_bytes());
                let slow = codes.iter().filter(|known| known.starts_with(code.as_str()));
                assert_eq!(prefixed.len(), slow.count());
                for at in prefixed {
                    assert!(keys.at(&padded, at).unwrap().starts_with(code.as_bytes()));
                }
            }
        }
    }

    #[test]
    fn what_is_no_sorted_list_of_codes_is_refused() {
        assert!(Keys::new(b"A1A2", 2).is_some());
        for bad in [&b"A2A1"[..], b"A1A1", b"A1A", b"a1a2", b"\0A", b"A1\0\0"] {
            assert!(Keys::new(bad, 2).is_none(), "{bad:?}");
        }
        assert!(Keys::new(b"", 0).is_none());
        assert!(Keys::new(b"", 11).is_none());
    }
}
