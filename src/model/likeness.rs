//! What a malformed procedure code looks like: advice for the message, never a verdict.

use crate::model::Code;

/// What a tidied, upper-cased value of no class looks like, when that is known.
pub fn likeness(value: &[u8]) -> Option<&'static str> {
    if !value.is_ascii() {
        return Some("it contains characters that no code has");
    }
    if is_two_codes(value) {
        return Some("it looks like several codes in one cell");
    }
    if is_ndc(value) {
        return Some("it looks like an NDC");
    }
    if is_snomed(value) {
        return Some("it looks like a SNOMED CT identifier");
    }
    if is_icd10(value) {
        return Some("it looks like an ICD-10-CM diagnosis code");
    }
    if value.iter().all(u8::is_ascii_digit) {
        return match value.len() {
            3 => Some("it looks like a revenue code without its leading zero"),
            4 if value < &b"3110"[..] => Some("it looks like a revenue code"),
            4 => Some("it looks like a code with a digit missing"),
            6 => Some("it looks like a code with a digit too many"),
            _ => None,
        };
    }
    if is_local(value) {
        return Some("it looks like a local code of the practice");
    }
    None
}

/// Two codes with something between them that is neither a letter nor a digit.
fn is_two_codes(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| !byte.is_ascii_alphanumeric()).filter(|p| !p.is_empty());
    let mut codes = 0;
    let all = parts.all(|part| {
        codes += 1;
        Code::parse(part).is_some()
    });
    all && codes > 1
}

/// Eleven digits, or 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits with hyphens.
fn is_ndc(value: &[u8]) -> bool {
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let lengths: Vec<usize> = value
        .split(|byte| *byte == b'-')
        .map(|part| if digits(part) { part.len() } else { 0 })
        .collect();
    matches!(lengths.as_slice(), [11] | [4, 4, 2] | [5, 3, 2] | [5, 4, 1] | [5, 4, 2])
}

/// Six to eighteen digits whose partition identifier says "concept".
fn is_snomed(value: &[u8]) -> bool {
    let digits = (6..=18).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    digits && matches!(value, [.., b'0' | b'1', b'0', _])
}

/// A letter, a digit, a letter or digit; then nothing, a point and up to four more, or four more.
fn is_icd10(value: &[u8]) -> bool {
    let [letter, digit, third, rest @ ..] = value else { return false };
    let category =
        letter.is_ascii_uppercase() && digit.is_ascii_digit() && third.is_ascii_alphanumeric();
    let plain = |part: &[u8]| part.iter().all(u8::is_ascii_alphanumeric);
    category
        && match rest {
            [b'.', more @ ..] => (1..=4).contains(&more.len()) && plain(more),
            more => {
                more.len() <= 4 && plain(more) && !matches!(letter, b'W'..=b'Z') || more.is_empty()
            }
        }
}

/// Letters alone, or a letter that no national code starts with and four digits.
fn is_local(value: &[u8]) -> bool {
    let letters = value.iter().all(u8::is_ascii_alphabetic);
    let level_three = matches!(value, [b'W'..=b'Z', rest @ ..]
        if rest.len() == 4 && rest.iter().all(u8::is_ascii_digit));
    letters || level_three
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_shapes_are_named() {
        let table = [
            ("99213/99214", "several codes"),
            ("E11.9", "ICD-10-CM"),
            ("E119", "ICD-10-CM"),
            ("0050", "revenue code"),
            ("185345009", "SNOMED"),
            ("428211000124100", "SNOMED"),
            ("00409-1234-01", "NDC"),
            ("00409123401", "NDC"),
            ("PHONE", "local code"),
            ("Z9999", "local code"),
            ("9921", "digit missing"),
            ("992133", "too many"),
            ("９９２１３", "no code has"),
        ];
        for (value, want) in table {
            let got = likeness(value.as_bytes()).unwrap_or_default();
            assert!(got.contains(want), "{value}: {got}");
        }
        assert_eq!(likeness(b"1E+05"), None);
    }
}
