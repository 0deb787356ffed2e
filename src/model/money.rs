//! Money as exact cents. Never a float: sums must not depend on the order of the lines.

use std::fmt;
use std::ops::AddAssign;

use crate::model::Cell;

/// An amount in US cents; wide enough that no sum over any file can overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cents(pub i128);

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl fmt::Display for Cents {
    /// The amount as a decimal with two places: `-5.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Cents {
    /// Reads an amount as exports write it: `125.00`, `$1,234.50`, `(12.00)`, `12.00-`, `.01`,
    /// `+5`. More than two decimals are read when the rest is zeros. `text` is trimmed.
    ///
    /// Exponents, decimal commas and anything else are malformed: they are not guessed at.
    pub fn parse(text: &[u8]) -> Cell<Cents> {
        if text.is_empty() {
            return Cell::Missing;
        }
        match Self::plain(text).or_else(|| Self::read(text)) {
            Some(cents) => Cell::Value(cents),
            None => Cell::Malformed,
        }
    }

    /// The same of `125.00`, as nearly every amount is written: some digits, a point and two more.
    #[inline]
    fn plain(text: &[u8]) -> Option<Cents> {
        let (whole, [b'.', tens, ones]) = text.split_last_chunk()? else { return None };
        if whole.is_empty() || whole.len() > 12 {
            return None;
        }
        let mut digits = whole.iter().chain([tens, ones]);
        let cents = digits.try_fold(0_u64, |value, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then(|| value * 10 + u64::from(digit))
        })?;
        Some(Cents(cents.into()))
    }

    fn read(text: &[u8]) -> Option<Cents> {
        let (negative, text) = match text {
            [b'(', inner @ .., b')'] => (true, inner),
            [b'-', inner @ ..] | [inner @ .., b'-'] => (true, inner),
            [b'+', inner @ ..] => (false, inner),
            plain => (false, plain),
        };
        let text = text.strip_prefix(b"$").unwrap_or(text);
        let mut parts = text.splitn(2, |byte| *byte == b'.');
        let whole = parts.next()?;
        let fraction = parts.next();
        if whole.is_empty() && fraction.is_none_or(<[u8]>::is_empty) {
            return None;
        }
        let cents = Self::whole(whole)?
            .checked_mul(100)?
            .checked_add(Self::fraction(fraction.unwrap_or_default())?)?;
        Some(Cents(if negative { -cents } else { cents }))
    }

    /// Digits, with commas between groups of three or without any.
    fn whole(text: &[u8]) -> Option<i128> {
        let grouped = text.contains(&b',');
        let mut groups = text.split(|byte| *byte == b',');
        let first = groups.next()?;
        if grouped && (first.is_empty() || first.len() > 3 || groups.any(|part| part.len() != 3)) {
            return None;
        }
        let digits = text.iter().filter(|byte| **byte != b',');
        digits.into_iter().try_fold(0_i128, |value, byte| {
            let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
            // 30 digits are far past any money there is and far below what fits.
            (value < 10_i128.pow(30)).then_some(value * 10 + digit)
        })
    }

    fn fraction(text: &[u8]) -> Option<i128> {
        let digit = |at: usize| match text.get(at) {
            None => Some(0),
            Some(byte) if byte.is_ascii_digit() => Some(i128::from(byte - b'0')),
            Some(_) => None,
        };
        let rest_is_zero = text.get(2..).unwrap_or_default().iter().all(|byte| *byte == b'0');
        rest_is_zero.then_some(digit(0)? * 10 + digit(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_written_as_usual_is_read_as_all_else_is(text in "[0-9]{0,14}[.,]?[0-9x]{0,3}") {
            let text = text.as_bytes();
            if let Some(cents) = Cents::plain(text) {
                proptest::prop_assert_eq!(Some(cents), Cents::read(text));
            }
            let usual = text.len() > 3 && text.len() < 16 && text[text.len() - 3] == b'.';
            if usual && Cents::read(text).is_some() {
                proptest::prop_assert!(Cents::plain(text).is_some() || text.contains(&b','));
            }
        }
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        let good = [
            ("100", "100.00"),
            ("-5.00", "-5.00"),
            ("0", "0.00"),
            ("$1,234.50", "1234.50"),
            ("(12.00)", "-12.00"),
            ("12.00-", "-12.00"),
            (".01", "0.01"),
            ("5.", "5.00"),
            ("0.1", "0.10"),
            ("+5", "5.00"),
            ("1.5000", "1.50"),
            ("9223372036854775807.99", "9223372036854775807.99"),
        ];
        for (text, want) in good {
            let Cell::Value(cents) = Cents::parse(text.as_bytes()) else { panic!("{text}") };
            assert_eq!(cents.to_string(), want);
        }
        for text in ["1.005", "1.234,50", "1e3", "NaN", "inf", ".", "$", "1,23", ",5", "١", "--5"]
        {
            assert_eq!(Cents::parse(text.as_bytes()), Cell::Malformed, "{text}");
        }
        assert_eq!(Cents::parse(b""), Cell::Missing);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(cents in -10_i128.pow(24)..10_i128.pow(24)) {
            let text = Cents(cents).to_string();
            proptest::prop_assert_eq!(Cents::parse(text.as_bytes()), Cell::Value(Cents(cents)));
        }
    }
}
