//! Diagnosis codes: how they are written, and which edition of the ICD they fit.

use std::ops::RangeInclusive;

/// The longest code, without its dot.
const CODE_BYTES_MAX: usize = 7;

/// A code without its dot, in upper case, that has the shape of a code of either edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diagnosis {
    bytes: [u8; CODE_BYTES_MAX],
    len: u8,
    /// Whether it has the shape of an ICD-9-CM code.
    pub fits_nine: bool,
    /// Whether it has the shape of an ICD-10-CM code.
    pub fits_ten: bool,
}

impl Diagnosis {
    /// Reads a trimmed text: `E11.9`, `e119`, `E11.`, `250.00`. A dot stands where the edition has
    /// it, or at the end. Nothing where the text has the shape of neither edition.
    pub fn parse(text: &[u8]) -> Option<Diagnosis> {
        let text = text.strip_suffix(b".").unwrap_or(text);
        let dot = text.iter().position(|byte| *byte == b'.');
        let (head, tail) = match dot {
            Some(at) => (text.get(..at)?, text.get(at + 1..).filter(|tail| !tail.is_empty())?),
            None => (text, &b""[..]),
        };
        let len = head.len() + tail.len();
        let mut bytes = [0; CODE_BYTES_MAX];
        let room = bytes.get_mut(..len).filter(|_| len >= 3)?;
        for (free, byte) in room.iter_mut().zip(head.iter().chain(tail)) {
            *free = byte.to_ascii_uppercase();
        }
        if !room.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let [first, second, third, fourth, ..] = bytes;
        let rest_is_digits =
            |from: usize| room_of(&bytes, len, from).iter().all(u8::is_ascii_digit);
        let stands = |place: usize| dot.is_none_or(|at| at == place);
        let fits_ten = first.is_ascii_alphabetic() && stands(3);
        let fits_nine = match first {
            b'0'..=b'9' => rest_is_digits(0) && len <= 5 && stands(3),
            b'V' => {
                (second.is_ascii_digit() && third.is_ascii_digit())
                    && rest_is_digits(1)
                    && len <= 5
                    && stands(3)
            }
            b'E' => fourth.is_ascii_digit() && rest_is_digits(1) && len <= 6 && stands(4),
            _ => false,
        };
        (fits_nine || fits_ten).then_some(Diagnosis { bytes, len: len as u8, fits_nine, fits_ten })
    }

    /// The code, without its dot and in upper case.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The code as a number that no other code has.
    #[inline]
    pub fn key(&self) -> u64 {
        self.bytes.iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
    }

    /// Whether the code begins with one of these letters and a digit.
    pub fn begins_with(&self, letters: RangeInclusive<u8>) -> bool {
        let [first, second, ..] = self.bytes;
        letters.contains(&first) && second.is_ascii_digit()
    }
}

fn room_of(bytes: &[u8; CODE_BYTES_MAX], len: usize, from: usize) -> &[u8] {
    bytes.get(from..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_shapes_of_the_editions_that_they_fit() {
        let table = [
            ("E11.9", "E119", false, true),
            ("e119", "E119", true, true),
            ("E11.", "E11", false, true),
            ("I10", "I10", false, true),
            ("S72.001A", "S72001A", false, true),
            ("C4A.9", "C4A9", false, true),
            ("QA1.2", "QA12", false, true),
            ("V20.2", "V202", true, true),
            ("V202", "V202", true, true),
            ("E812.0", "E8120", true, false),
            ("E81.20", "E8120", false, true),
            ("E119.1", "E1191", true, false),
            ("250.00", "25000", true, false),
            ("25000", "25000", true, false),
            ("250.", "250", true, false),
            ("W19XXXA", "W19XXXA", false, true),
        ];
        for (text, want, nine, ten) in table {
            let code = Diagnosis::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(code.as_bytes(), want.as_bytes(), "{text}");
            assert_eq!((code.fits_nine, code.fits_ten), (nine, ten), "{text}");
        }
        let none = [
            "",
            ".",
            "E1",
            "E1.19",
            "E11..9",
            "E11.9.1",
            "ICD10:E11.9",
            "I10,E11.9",
            "S72.001AB",
            "25.00",
            "250.000",
            "E11-9",
            "1E5",
            "é10",
            "12",
            "E11 9",
            "250000",
        ];
        for text in none {
            assert!(Diagnosis::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_tell_codes_apart() {
        let key = |text: &str| Diagnosis::parse(text.as_bytes()).unwrap().key();
        assert_eq!(key("E11.9"), key("e119"));
        assert_ne!(key("E11"), key("E110"));
    }
}
