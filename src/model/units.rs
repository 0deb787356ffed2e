//! Units of service as exact decimals. Never a float: sums must not depend on the order of lines.

use std::fmt;

use crate::model::Cell;

/// How many times a service was given, in millionths: drugs and mileage come in fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Units(pub i64);

impl Units {
    /// One unit.
    pub const ONE: Units = Units(1_000_000);

    /// Reads a decimal number as exports write it: `1`, `1.0`, `001`, `1.5`, `-1`, `.5`. Up to six
    /// decimals are read, more when they are zeros. Exponents and anything else are malformed: they
    /// are not guessed at. `text` is trimmed.
    pub fn parse(text: &[u8]) -> Cell<Units> {
        match text {
            [] => Cell::Missing,
            [digit @ b'0'..=b'9'] => Cell::Value(Units(i64::from(digit - b'0') * Self::ONE.0)),
            text => Self::read(text).map_or(Cell::Malformed, Cell::Value),
        }
    }

    fn read(text: &[u8]) -> Option<Units> {
        let (negative, text) = match text {
            [b'-', inner @ ..] | [inner @ .., b'-'] => (true, inner),
            [b'+', inner @ ..] => (false, inner),
            plain => (false, plain),
        };
        let mut parts = text.splitn(2, |byte| *byte == b'.');
        let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
        // Twelve digits are far past any count of services and far below what fits.
        if (whole.is_empty() && fraction.is_empty()) || whole.len() > 12 {
            return None;
        }
        let (kept, rest) = fraction.split_at(fraction.len().min(6));
        if rest.iter().any(|byte| *byte != b'0') {
            return None;
        }
        let zeros = std::iter::repeat_n(&b'0', 6 - kept.len());
        let mut digits = whole.iter().chain(kept).chain(zeros);
        let value = digits.try_fold(0_i64, |value, byte| {
            byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
        })?;
        Some(Units(if negative { -value } else { value }))
    }

    /// Whether this is a whole number.
    pub fn is_whole(self) -> bool {
        self.0 % Self::ONE.0 == 0
    }
}

impl fmt::Display for Units {
    /// The number without needless zeros: `1`, `1.5`, `-0.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        let (whole, fraction) = (value / 1_000_000, value % 1_000_000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:06}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_exactly_or_not_at_all() {
        let good = [
            ("1", "1"),
            ("0", "0"),
            ("1.0", "1"),
            ("1.000", "1"),
            ("001", "1"),
            ("1.5", "1.5"),
            ("-1", "-1"),
            ("1-", "-1"),
            ("+2", "2"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.062500", "0.0625"),
            ("0.06250000", "0.0625"),
            ("999999999999.999999", "999999999999.999999"),
        ];
        for (text, want) in good {
            let Cell::Value(units) = Units::parse(text.as_bytes()) else { panic!("{text}") };
            assert_eq!(units.to_string(), want, "{text}");
        }
        for text in ["1e3", "1,5", "NaN", ".", "-", "--1", "1.0000001", "1000000000000", "1 2"] {
            assert_eq!(Units::parse(text.as_bytes()), Cell::Malformed, "{text}");
        }
        assert_eq!(Units::parse(b""), Cell::Missing);
        assert!(Units(1_000_000).is_whole() && !Units(1_500_000).is_whole());
    }
}
