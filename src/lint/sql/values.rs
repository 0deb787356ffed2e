//! Single values: how texts are read as numbers and days, and how values are written.

use std::fmt::Write as _;

use crate::lint::sql::kinds::{Kind, Number};
use crate::model::{Cell, Date};

/// Digits before the point of a number that is read out of a text.
const WHOLE_DIGITS_MAX: usize = 15;

/// The number that a trimmed text says, in millionths: digits with a sign before them, commas
/// between thousands, at most one point and a dollar sign; nothing where it says none, or one that
/// is finer or larger.
pub fn number(text: &[u8]) -> Option<i128> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let text = text.strip_prefix(b"$").unwrap_or(text);
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let mut groups = whole.split(|byte| *byte == b',');
    let first = groups.next()?;
    let has_groups = groups.clone().next().is_some();
    if has_groups && (first.is_empty() || first.len() > 3 || groups.any(|group| group.len() != 3)) {
        return None;
    }
    let digits = whole.iter().filter(|byte| **byte != b',');
    if digits.clone().count() > WHOLE_DIGITS_MAX
        || fraction.len() > 6
        || (whole.is_empty() && fraction.is_empty())
    {
        return None;
    }
    let zeros = std::iter::repeat_n(&b'0', 6 - fraction.len());
    let value = digits.chain(fraction).chain(zeros).try_fold(0_i128, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + i128::from(byte - b'0'))
    })?;
    Some(if negative { -value } else { value })
}

/// The day that a trimmed text says.
pub fn day(text: &[u8]) -> Option<i32> {
    match Date::parse(text) {
        Cell::Value(date) => Some(date.days()),
        Cell::Missing | Cell::Malformed => None,
    }
}

/// Writes a number of a scale: amounts with two digits after the point, others without zeros at
/// their end.
pub fn put_number(value: i128, known: Number, into: &mut String) {
    let factor = 10_u128.pow(u32::from(known.scale));
    let (whole, rest) = (value.unsigned_abs() / factor, value.unsigned_abs() % factor);
    let sign = if value < 0 { "-" } else { "" };
    // Writing into a String cannot fail, here and below.
    let _ = write!(into, "{sign}{whole}");
    if known.scale == 2 {
        let _ = write!(into, ".{rest:02}");
    } else if rest != 0 {
        let digits = format!("{rest:0width$}", width = usize::from(known.scale));
        let _ = write!(into, ".{}", digits.trim_end_matches('0'));
    }
}

/// Writes a day.
pub fn put_day(days: i32, into: &mut String) {
    if let Some(date) = Date::from_days(days) {
        let _ = write!(into, "{date}");
    }
}

/// A value of any kind, alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// NULL.
    Null,
    /// True or false.
    Flag(bool),
    /// A text.
    Text(Vec<u8>),
    /// A day.
    Date(i32),
    /// A number, of the scale that its kind says.
    Number(i128),
}

impl Value {
    /// Writes the value as a message shows it.
    pub fn put(&self, kind: Kind, into: &mut String) {
        match (self, kind) {
            (Value::Null, _) => into.push_str("(nothing)"),
            (Value::Flag(flag), _) => into.push_str(if *flag { "true" } else { "false" }),
            (Value::Text(text), _) => into.push_str(&String::from_utf8_lossy(text)),
            (Value::Date(days), _) => put_day(*days, into),
            (Value::Number(value), Kind::Number(known)) => put_number(*value, known, into),
            (Value::Number(value), _) => put_number(*value, Number::whole(0), into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        let good = [
            ("0", 0),
            ("12", 12_000_000),
            ("-1.5", -1_500_000),
            ("+$1,234.50", 1_234_500_000),
            (".5", 500_000),
            ("5.", 5_000_000),
        ];
        for (text, want) in good {
            assert_eq!(number(text.as_bytes()), Some(want), "{text}");
        }
        for text in ["", ".", "-", "1e3", "1,23", ",123", "1.1234567", "1234567890123456", "x"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn values_are_written_as_people_do() {
        let told = |value: Value, scale| {
            let mut text = String::new();
            value.put(Kind::Number(Number { scale, most: 0 }), &mut text);
            text
        };
        assert_eq!(told(Value::Number(1250), 2), "12.50");
        assert_eq!(told(Value::Number(-1_500_000), 6), "-1.5");
        assert_eq!(told(Value::Number(3_000_000), 6), "3");
        assert_eq!(told(Value::Date(0), 0), "1970-01-01");
        assert_eq!(told(Value::Null, 0), "(nothing)");
    }
}
