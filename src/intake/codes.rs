//! Codes as published files write them: tidied, upper-cased, and checked for their shape.

use crate::intake::table::trim;
use crate::model::Code;

/// A procedure code of any class. The error says that it is none.
pub fn procedure(text: &str) -> Result<[u8; 5], String> {
    let mut code = [0; 5];
    let five = trim(text).as_bytes().iter();
    // Beyond the fifth byte nothing is kept: such a text is no code anyway.
    code.iter_mut().zip(five).for_each(|(to, from)| *to = from.to_ascii_uppercase());
    let fits = trim(text).len() == code.len() && Code::parse(&code).is_some();
    fits.then_some(code).ok_or_else(|| "the code is no procedure code".to_owned())
}

/// A procedure code as text.
pub fn procedure_text(text: &str) -> Result<String, String> {
    procedure(text).map(|_| upper(text))
}

/// A modifier: two letters or digits.
pub fn modifier(text: &str) -> Result<String, String> {
    shaped(text, "the code is no modifier of two letters or digits", |bytes| {
        bytes.len() == 2 && bytes.iter().all(u8::is_ascii_alphanumeric)
    })
}

/// A place of service: two digits.
pub fn place(text: &str) -> Result<String, String> {
    shaped(text, "the code is no place of service of two digits", |bytes| {
        bytes.len() == 2 && bytes.iter().all(u8::is_ascii_digit)
    })
}

/// A taxonomy code: ten letters or digits, the last an X.
pub fn taxonomy(text: &str) -> Result<String, String> {
    shaped(text, "the code is no taxonomy code of ten characters that end with X", |bytes| {
        bytes.len() == 10
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes.last() == Some(&b'X')
    })
}

/// An ICD-10-CM code of 3 to 7 characters, without its dot if it has one.
pub fn icd10cm(text: &str) -> Result<String, String> {
    let text = trim(text);
    let undotted = match text.split_once('.') {
        Some((category, rest)) if category.len() == 3 && !rest.is_empty() => {
            format!("{category}{rest}")
        }
        _ => text.to_owned(),
    };
    shaped(&undotted, "the code is no ICD-10-CM code", |bytes| {
        matches!(bytes, [letter, digit, rest @ ..]
            if letter.is_ascii_uppercase()
                && digit.is_ascii_digit()
                && (1..=5).contains(&rest.len())
                && rest.iter().all(u8::is_ascii_alphanumeric))
    })
}

/// Whether a text is about the shape of a procedure code, damaged ones too: five letters and
/// digits, with more digits than letters.
pub fn is_near_procedure(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() == 5 && digits >= 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn shaped(text: &str, otherwise: &str, fits: fn(&[u8]) -> bool) -> Result<String, String> {
    let code = upper(text);
    if fits(code.as_bytes()) { Ok(code) } else { Err(otherwise.to_owned()) }
}

fn upper(text: &str) -> String {
    trim(text).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_tidied_and_checked() {
        assert_eq!(procedure("g0438\u{a0}"), Ok(*b"G0438"));
        assert_eq!(procedure_text(" 0001u "), Ok("0001U".to_owned()));
        assert_eq!(modifier("   a1"), Ok("A1".to_owned()));
        assert_eq!(place("02"), Ok("02".to_owned()));
        assert_eq!(taxonomy("207q00000x"), Ok("207Q00000X".to_owned()));
        assert_eq!(icd10cm("s72.001a"), Ok("S72001A".to_owned()));
        assert_eq!(icd10cm("C4A"), Ok("C4A".to_owned()));
        for bad in ["9921", "992133", "ABCDE", "", "A1"] {
            assert!(procedure(bad).is_err(), "{bad}");
        }
        for bad in ["A0", "00001", "A00.", "A.00", "A0012345", "AA0"] {
            assert!(icd10cm(bad).is_err(), "{bad}");
        }
        assert!(modifier("A").is_err() && place("2").is_err() && taxonomy("207Q00000").is_err());
    }
}
