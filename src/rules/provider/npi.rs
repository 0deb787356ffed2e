//! National provider identifiers: ten digits, the last of which checks the others.

use crate::model::{Batch, Field, Line};

/// What a cell for an NPI holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Npi {
    /// Nothing.
    Missing,
    /// What is no NPI, and what it is like.
    Malformed(&'static str),
    /// Ten digits whose last does not fit the others.
    Mistyped,
    /// An NPI.
    Sound,
}

impl Npi {
    /// Reads a trimmed text.
    pub fn parse(text: &[u8]) -> Npi {
        let Ok(digits) = <[u8; 10]>::try_from(text) else { return Npi::Malformed(likeness(text)) };
        if !digits.iter().all(u8::is_ascii_digit) {
            return Npi::Malformed(likeness(text));
        }
        match digits {
            [b'1' | b'2', ..] if sum(digits).is_multiple_of(10) => Npi::Sound,
            [b'1' | b'2', ..] => Npi::Mistyped,
            _ => Npi::Malformed("an NPI begins with 1 or 2"),
        }
    }
}

/// The Luhn sum of the digits with the prefix 80840 before them, which alone comes to 24.
fn sum(digits: [u8; 10]) -> u32 {
    let each = digits.iter().map(|byte| u32::from(byte - b'0')).enumerate();
    let weighed = each.map(|(at, digit)| match (at % 2, digit) {
        (0, 0..=4) => 2 * digit,
        (0, _) => 2 * digit - 9,
        _ => digit,
    });
    24 + weighed.sum::<u32>()
}

fn likeness(text: &[u8]) -> &'static str {
    let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let fraction = text.iter().position(|byte| *byte == b'.').map(|at| text.split_at(at));
    match fraction {
        Some((whole, [b'.', zeros @ ..]))
            if is_digits(whole) && is_digits(zeros) && zeros.iter().all(|byte| *byte == b'0') =>
        {
            "drop the .0 that a program added to the number"
        }
        _ if text.iter().any(|byte| matches!(byte, b'e' | b'E'))
            && text.iter().all(|byte| byte.is_ascii_digit() || b"eE.+-".contains(byte)) =>
        {
            "digits were lost to an exponent, so export the column as text"
        }
        _ if is_digits(text) => "an NPI has ten digits",
        _ => "an NPI is ten digits and nothing else",
    }
}

/// The fields that hold NPIs.
pub const FIELDS: [Field; 2] = [Field::RenderingNpi, Field::BillingNpi];

/// The NPIs of a line, in the order of [`FIELDS`].
pub fn of_line(line: Line<'_>) -> [Npi; 2] {
    FIELDS.map(|field| line.text(field).map_or(Npi::Missing, Npi::parse))
}

/// Shows every line with its NPIs. Neighbours mostly have the same: a cell is read again only where
/// it differs from the one before it.
pub fn each_line(batch: &Batch, mut see: impl FnMut(Line<'_>, [Npi; 2])) {
    let mut texts = [None; 2];
    let mut npis = [Npi::Missing; 2];
    for line in batch.lines() {
        let own = FIELDS.map(|field| line.text(field));
        if own != texts {
            texts = own;
            npis = own.map(|text| text.map_or(Npi::Missing, Npi::parse));
        }
        see(line, npis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_checks_the_others() {
        for sound in ["1234567893", "1588799746", "2000000002"] {
            assert_eq!(Npi::parse(sound.as_bytes()), Npi::Sound, "{sound}");
        }
        for mistyped in ["1234567890", "1234567839", "1588799764"] {
            assert_eq!(Npi::parse(mistyped.as_bytes()), Npi::Mistyped, "{mistyped}");
        }
    }

    #[test]
    fn any_single_wrong_digit_is_noticed() {
        let sound = *b"1588799746";
        for at in 1..10 {
            for digit in b'0'..=b'9' {
                let mut other = sound;
                other[at] = digit;
                let want = if other == sound { Npi::Sound } else { Npi::Mistyped };
                assert_eq!(Npi::parse(&other), want);
            }
        }
    }

    #[test]
    fn what_is_no_npi_says_why() {
        let table = [
            ("1234567893.0", ".0"),
            ("1.23457E+09", "exponent"),
            ("123456789", "ten digits"),
            ("12345678930", "ten digits"),
            ("0000000000", "begins with 1 or 2"),
            ("9999999999", "begins with 1 or 2"),
            ("NPI1234567893", "nothing else"),
            ("123456789X", "nothing else"),
            ("1234567893.5", "nothing else"),
            ("12345678.0", ".0"),
        ];
        for (text, want) in table {
            let Npi::Malformed(why) = Npi::parse(text.as_bytes()) else { panic!("{text}") };
            assert!(why.contains(want), "{text}: {why}");
        }
    }
}
