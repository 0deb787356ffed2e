//! Codes of HCPCS Level II that report on quality, as Category II codes do, and no service.

use crate::model::{Class, Code};

/// Numbers of quality codes by their letter, both ends inclusive.
const REPORTING: [(u8, u32, u32); 4] =
    [(b'G', 8000, 8999), (b'G', 9188, 9999), (b'M', 1, 9), (b'M', 1000, 1999)];

/// Services in the middle of them: telehealth of models of care, remote visits.
const SERVICES: [(u8, u32, u32); 2] = [(b'G', 9868, 9870), (b'G', 9978, 9987)];

/// Whether a code reports on quality and is billed without a charge.
pub fn is_quality_code(code: Code, class: Class) -> bool {
    let [letter, ..] = code.as_bytes();
    let lies_in = |ranges: &[(u8, u32, u32)]| {
        let mut own = ranges.iter().filter(|(known, ..)| known == letter);
        own.any(|(_, first, last)| (*first..=*last).contains(&code.number()))
    };
    class == Class::Hcpcs && lies_in(&REPORTING) && !lies_in(&SERVICES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_codes_are_told_from_services_in_the_same_numbers() {
        let is = |text: &str| {
            let (code, class) = Code::parse(text.as_bytes()).unwrap();
            is_quality_code(code, class)
        };
        for code in ["G8000", "G8999", "G9188", "G9867", "G9988", "M0001", "M1000", "M1425"] {
            assert!(is(code), "{code}");
        }
        for code in
            ["G0438", "G9187", "G9001", "G9868", "G9987", "M0010", "M0220", "3044F", "08000"]
        {
            assert!(!is(code), "{code}");
        }
    }
}
