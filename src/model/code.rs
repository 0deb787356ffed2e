//! Procedure codes and their classes.
//!
//! A class is a matter of shape alone. Whether a code exists, and on which day, only a dated list
//! can say. Shapes: CPT (AMA) Category I, II and III and the alphanumeric Category I kinds,
//! HCPCS Level II (CMS), CDT (ADA).

use std::fmt;

/// A well-formed procedure code: exactly five upper-case ASCII letters or digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code([u8; 5]);

impl Code {
    /// The code as bytes.
    pub fn as_bytes(&self) -> &[u8; 5] {
        &self.0
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // A code is made by `classify` alone, from ASCII; the fallback cannot be reached.
        std::str::from_utf8(&self.0).unwrap_or("?????")
    }

    /// The value of the four digits that ranges of alphanumeric codes speak of, or of all five.
    #[inline]
    pub fn number(&self) -> u32 {
        let [first, middle @ .., last] = self.0.map(|byte| u32::from(byte.wrapping_sub(b'0')));
        let three = middle.into_iter().fold(0, |value, digit| value * 10 + digit);
        // A letter stands first or last.
        match (first < 10, last < 10) {
            (true, true) => first * 10_000 + three * 10 + last,
            (true, false) => first * 1_000 + three,
            _ => three * 10 + last,
        }
    }

    /// Whether the service is anesthesia, whose time is billed: CPT 00100 to 01999 without 01953
    /// (counted by area) and 01996 (by day).
    #[inline]
    pub fn is_timed(&self, class: Class) -> bool {
        let number = self.number();
        class == Class::CategoryOne
            && (100..=1999).contains(&number)
            && !matches!(number, 1953 | 1996)
    }

    /// The code that these bytes write, if they write one of any class.
    #[inline(always)]
    pub fn parse(text: &[u8]) -> Option<(Code, Class)> {
        let code: [u8; 5] = text.try_into().ok()?;
        classify(&code).map(|class| (Code(code), class))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The class that a code's shape puts it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// CPT Category I: five digits.
    CategoryOne,
    /// CPT Category I, vaccine administration of 2020 to 2023: four digits and `A`.
    Administration,
    /// CPT Category I, multianalyte assays with algorithmic analyses: four digits and `M`.
    Maaa,
    /// CPT Category I, proprietary laboratory analyses: four digits and `U`.
    Pla,
    /// CPT Category II, performance tracking: four digits and `F`.
    CategoryTwo,
    /// CPT Category III, emerging technology: four digits and `T`.
    CategoryThree,
    /// HCPCS Level II: a letter and four digits.
    Hcpcs,
    /// CDT, dental: `D` and four digits.
    Cdt,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 8] = [
        Class::CategoryOne,
        Class::Administration,
        Class::Maaa,
        Class::Pla,
        Class::CategoryTwo,
        Class::CategoryThree,
        Class::Hcpcs,
        Class::Cdt,
    ];

    /// The name that configuration and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Class::CategoryOne => "category-1",
            Class::Administration => "category-1-administration",
            Class::Maaa => "category-1-maaa",
            Class::Pla => "category-1-pla",
            Class::CategoryTwo => "category-2",
            Class::CategoryThree => "category-3",
            Class::Hcpcs => "hcpcs",
            Class::Cdt => "cdt",
        }
    }

    /// Whether a code of this class is a CPT Category I code.
    pub const fn is_category_one(self) -> bool {
        matches!(self, Class::CategoryOne | Class::Administration | Class::Maaa | Class::Pla)
    }
}

/// The class of five bytes, if they have the shape of any.
#[inline]
fn classify(code: &[u8; 5]) -> Option<Class> {
    let [first, middle @ .., last] = code;
    let [a, b, c] = middle.map(|byte| byte.wrapping_sub(b'0') < 10);
    if !(a & b & c) {
        return None;
    }
    match (first, last) {
        (b'0'..=b'9', b'0'..=b'9') => Some(Class::CategoryOne),
        (b'0'..=b'9', b'F') => Some(Class::CategoryTwo),
        (b'0'..=b'9', b'T') => Some(Class::CategoryThree),
        (b'0'..=b'9', b'A') => Some(Class::Administration),
        (b'0'..=b'9', b'M') => Some(Class::Maaa),
        (b'0'..=b'9', b'U') => Some(Class::Pla),
        (b'D', b'0'..=b'9') => Some(Class::Cdt),
        (b'A'..=b'C' | b'E' | b'G' | b'H' | b'J'..=b'M' | b'P'..=b'V', b'0'..=b'9') => {
            Some(Class::Hcpcs)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the mission rules, spelled out: what `classify` means.
    fn slow_class(text: &str) -> Option<Class> {
        let chars: Vec<char> = text.chars().collect();
        let digits = |part: &[char]| part.iter().all(char::is_ascii_digit);
        if chars.len() != 5 {
            return None;
        }
        if digits(&chars) {
            return Some(Class::CategoryOne);
        }
        if digits(&chars[..4]) {
            return match chars[4] {
                'A' => Some(Class::Administration),
                'M' => Some(Class::Maaa),
                'U' => Some(Class::Pla),
                'F' => Some(Class::CategoryTwo),
                'T' => Some(Class::CategoryThree),
                _ => None,
            };
        }
        if digits(&chars[1..]) {
            return match chars[0] {
                'D' => Some(Class::Cdt),
                letter if "ABCEGHJKLMPQRSTUV".contains(letter) => Some(Class::Hcpcs),
                _ => None,
            };
        }
        None
    }

    #[test]
    fn every_five_byte_value_over_the_telling_alphabet_has_the_class_of_the_table() {
        let alphabet: Vec<u8> = (b'A'..=b'Z').chain([b'0', b'9', b'a', b'/', b':', b' ']).collect();
        for first in &alphabet {
            for middle in [b"000", b"123", b"1A3", b"F99", b"99T"] {
                for last in &alphabet {
                    let text = [*first, middle[0], middle[1], middle[2], *last];
                    let want = slow_class(std::str::from_utf8(&text).unwrap());
                    assert_eq!(Code::parse(&text).map(|(_, class)| class), want, "{text:?}");
                }
            }
        }
        for text in ["", "9921", "992133", "é213"] {
            assert_eq!(Code::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn anesthesia_is_billed_by_time() {
        let is_timed = |text: &[u8]| {
            let (code, class) = Code::parse(text).unwrap();
            code.is_timed(class)
        };
        assert!([b"00100", b"01999", b"01952"].iter().all(|text| is_timed(*text)));
        for other in [b"00099", b"01953", b"01996", b"02000", b"0500F", b"A0425", b"99100"] {
            assert!(!is_timed(other));
        }
    }

    #[test]
    fn number_reads_the_digits() {
        assert_eq!(Code::parse(b"0500F").unwrap().0.number(), 500);
        assert_eq!(Code::parse(b"00100").unwrap().0.number(), 100);
        assert_eq!(Code::parse(b"G0438").unwrap().0.number(), 438);
    }
}
