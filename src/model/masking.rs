//! Values that must not be shown, by their shape alone.
//!
//! Codes and claim ids are what a biller needs and are shown. But a column may be mapped wrongly,
//! and then a patient's name or a note stands where a code was expected.

use std::borrow::Cow;

/// No damaged code is longer; what is longer is text.
const CODE_BYTES_MAX: usize = 40;

/// The shape of a text: letters as `x` and `X`, digits as `9`, everything else as it is.
pub fn shape(text: &str) -> String {
    let mask = |c: char| match c {
        '0'..='9' => '9',
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c if c.is_numeric() => '9',
        c => c,
    };
    text.chars().map(mask).collect()
}

/// A value that is no code: as it stands, or by its shape when it reads like words.
pub fn shown(value: &[u8]) -> Cow<'_, [u8]> {
    match reads_like_words(value) {
        true => Cow::Owned(shape(&String::from_utf8_lossy(value)).into_bytes()),
        false => Cow::Borrowed(value),
    }
}

/// Whether a value has two words of letters, as names and notes do, or one beside something else,
/// or the form of a social security number, or is too long for a code.
fn reads_like_words(value: &[u8]) -> bool {
    let parts = || {
        let parts = value.split(|byte| byte.is_ascii_whitespace() || b",;.".contains(byte));
        parts.filter(|part| !part.is_empty())
    };
    let is_letters = |part: &&[u8]| part.iter().all(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let is_known =
        |part: &[u8]| [&b"CPT"[..], b"HCPCS"].iter().any(|known| known.eq_ignore_ascii_case(part));
    let words = parts().filter(is_letters).filter(|part| part.len() > 1).count();
    let mut names = parts().filter(is_letters).filter(|part| part.len() > 2 && !is_known(part));
    let lengths: Vec<usize> = value.split(|byte| *byte == b'-').map(<[u8]>::len).collect();
    let is_number = value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    value.len() > CODE_BYTES_MAX
        || words > 1
        || (parts().count() > 1 && names.next().is_some())
        || (is_number && lengths == [3, 2, 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shown_by_their_shape_and_codes_as_they_are() {
        for (value, want) in [
            ("Jane Roe", "Xxxx Xxx"),
            ("ROE,JANE 7/4/61", "XXX,XXXX 9/9/99"),
            ("Zoë Müller", "Xxx Xxxxxx"),
            ("99213/99214", "99213/99214"),
            ("PHONE", "PHONE"),
            ("CPT 9921", "CPT 9921"),
            ("99213 Roe", "99999 Xxx"),
            ("555-12-3456", "999-99-9999"),
            ("185345009", "185345009"),
            ("E11.9", "E11.9"),
        ] {
            assert_eq!(String::from_utf8_lossy(&shown(value.as_bytes())), want);
        }
        let note = "x".repeat(41);
        assert_eq!(shown(format!("9{note}").as_bytes()), format!("9{note}").as_bytes());
        assert_eq!(shown("A".repeat(41).as_bytes()), "X".repeat(41).as_bytes());
    }
}
