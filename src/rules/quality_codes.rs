//! Quality codes of HCPCS Level II: they report on a service as Category II codes do.
//!
//! Source: the HCPCS Level II file of October 2025 (CMS): codes of these ranges without a price.
//! The priced services in between, and the demonstrations below G9188, are none.

use crate::model::{Class, Code};

/// First and last code of each range, both inclusive.
const RANGES: [(&[u8; 5], &[u8; 5]); 6] = [
    (b"G8000", b"G8999"),
    (b"G9188", b"G9867"),
    (b"G9871", b"G9977"),
    (b"G9988", b"G9999"),
    (b"M0001", b"M0009"),
    (b"M1000", b"M1999"),
];

/// Whether a code of this class reports on quality.
pub fn is_quality_code(code: Code, class: Class) -> bool {
    let code = code.as_bytes();
    class == Class::Hcpcs && RANGES.iter().any(|(first, last)| *first <= code && code <= *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_among_the_numbers_are_no_quality_codes() {
        let is = |code: &str| {
            let (code, class) = Code::parse(code.as_bytes()).unwrap();
            is_quality_code(code, class)
        };
        for code in ["G8427", "G9188", "G9744", "G9988", "M0001", "M1000", "M1425"] {
            assert!(is(code), "{code}");
        }
        for code in ["G9187", "G9017", "G9868", "G9978", "M0010", "M0201", "G0438", "99213"] {
            assert!(!is(code), "{code}");
        }
    }
}
