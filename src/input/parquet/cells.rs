//! Values of a Parquet file as the text that stands for them in a delimited file, exactly.

use std::io::Write as _;

use crate::input::digits::digits;
use crate::model::Date;

/// Writes a whole number with a decimal point before its last `scale` digits.
pub fn decimal(value: i128, scale: u32, text: &mut Vec<u8>) {
    // Nearly all fit into 64 bits, whose digits are found much faster.
    let size = value.unsigned_abs();
    match u64::try_from(size) {
        Ok(size) => place_point(value < 0, digits(size, &mut [0; 20]), scale as usize, text),
        Err(_) => place_point(value < 0, size.to_string().as_bytes(), scale as usize, text),
    }
}

/// The same for a number of any size, as its bytes from the highest on, in two's complement.
pub fn wide_decimal(bytes: &[u8], scale: u32, text: &mut Vec<u8>) {
    let is_negative = bytes.first().is_some_and(|first| *first >= 0x80);
    if bytes.len() <= 16 {
        let start = if is_negative { -1 } else { 0 };
        let value = bytes.iter().fold(start, |value: i128, byte| value << 8 | i128::from(*byte));
        return decimal(value, scale, text);
    }
    // What is left to divide by ten to the nineteenth, from the highest byte on.
    const STEP: u128 = 10_u128.pow(19);
    let mut left: Vec<u8> = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in left.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    let mut parts = Vec::new();
    while left.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u128;
        for byte in &mut left {
            rest = rest << 8 | u128::from(*byte);
            *byte = (rest / STEP) as u8;
            rest %= STEP;
        }
        parts.push(rest);
    }
    let mut digits = String::new();
    for (at, part) in parts.iter().rev().enumerate() {
        let part = if at == 0 { part.to_string() } else { format!("{part:019}") };
        digits.push_str(&part);
    }
    place_point(is_negative, digits.as_bytes(), scale as usize, text);
}

fn place_point(is_negative: bool, digits: &[u8], scale: usize, text: &mut Vec<u8>) {
    if is_negative {
        text.push(b'-');
    }
    let (whole, part) = digits.split_at(digits.len().saturating_sub(scale));
    text.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if scale > 0 {
        text.push(b'.');
        text.resize(text.len() + (scale - part.len()), b'0');
        text.extend_from_slice(part);
    }
}

/// Writes a day, counted from 1970-01-01, as `2024-03-01`; one that no calendar has as words that
/// are no date.
pub fn date(days: i64, text: &mut Vec<u8>) {
    match i32::try_from(days).ok().and_then(Date::from_days) {
        Some(date) => {
            let (year, month, day) = date.ymd();
            let digit = |number: u32, unit: u32| b'0' + (number / unit % 10) as u8;
            let year = year as u32;
            text.extend_from_slice(&[
                digit(year, 1000),
                digit(year, 100),
                digit(year, 10),
                digit(year, 1),
                b'-',
                digit(month, 10),
                digit(month, 1),
                b'-',
                digit(day, 10),
                digit(day, 1),
            ]);
        }
        None => put(text, format_args!("day {days} after 1970")),
    }
}

/// Writes the day of a point in time, in units of which a second has `per_second`. The time of day
/// is dropped, as it is where dates are read.
pub fn timestamp(value: i64, per_second: i64, text: &mut Vec<u8>) {
    date(value.div_euclid(per_second.saturating_mul(86_400).max(1)), text);
}

/// Writes what `format!` makes of a value: for floating-point numbers, that is the shortest decimal
/// number that reads back as the same.
pub fn put(text: &mut Vec<u8>, value: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = text.write_fmt(value);
}

/// Writes sixteen bytes as a UUID.
pub fn uuid(bytes: &[u8], text: &mut Vec<u8>) {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push(b'-');
        }
        put(text, format_args!("{byte:02x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cell;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut text = Vec::new();
        write(&mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn decimals_keep_every_digit() {
        let cases = [
            (12_345, 2, "123.45"),
            (-5, 2, "-0.05"),
            (0, 2, "0.00"),
            (7, 0, "7"),
            (1, 40, "0.0000000000000000000000000000000000000001"),
            (i128::MAX, 3, "170141183460469231731687303715884105.727"),
            (i128::MIN, 0, "-170141183460469231731687303715884105728"),
        ];
        for (value, scale, said) in cases {
            assert_eq!(text(|t| decimal(value, scale, t)), said);
            assert_eq!(text(|t| wide_decimal(&value.to_be_bytes(), scale, t)), said);
            // The same in 33 bytes.
            let sign = if value < 0 { 0xff } else { 0 };
            let wide = [vec![sign; 17], value.to_be_bytes().to_vec()].concat();
            assert_eq!(text(|t| wide_decimal(&wide, scale, t)), said, "wide");
        }
        let power = [[1].as_slice(), &[0; 31]].concat();
        let said = text(|t| wide_decimal(&power, 0, t));
        assert_eq!(
            said,
            "452312848583266388373324160190187140051835877600158453279131187530910662656"
        );
    }

    #[test]
    fn days_are_dates_or_plainly_none() {
        assert_eq!(text(|t| date(0, t)), "1970-01-01");
        assert_eq!(text(|t| date(-1, t)), "1969-12-31");
        assert_eq!(text(|t| date(20_148, t)), "2025-03-01");
        assert_eq!(text(|t| timestamp(-1, 1_000, t)), "1969-12-31");
        assert_eq!(text(|t| timestamp(86_399_999_999_999, 1_000_000_000, t)), "1970-01-01");
        assert_eq!(text(|t| timestamp(20_148 * 86_400_000_000, 1_000_000, t)), "2025-03-01");
        for days in [i64::MIN, i64::MAX, 20_240_301, 2_932_897, 12_345_678_901, -20_240_301] {
            let said = text(|t| date(days, t));
            assert_eq!(Date::parse(said.as_bytes()), Cell::Malformed, "{said}");
        }
    }

    #[test]
    fn numbers_and_identifiers_are_written_in_full() {
        assert_eq!(text(|t| put(t, format_args!("{}", 0.1_f32))), "0.1");
        assert_eq!(text(|t| put(t, format_args!("{}", 1e-7_f64))), "0.0000001");
        assert_eq!(text(|t| put(t, format_args!("{}", 125.0_f64))), "125");
        assert_eq!(text(|t| put(t, format_args!("{}", f64::NAN))), "NaN");
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(text(|t| uuid(&bytes, t)), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }

    proptest::proptest! {
        #[test]
        fn a_decimal_is_its_digits_with_a_point(value: i128, scale in 0_u32..45) {
            let said = text(|t| decimal(value, scale, t));
            let digits: String = said.chars().filter(char::is_ascii_digit).collect();
            let digits = digits.trim_start_matches('0');
            proptest::prop_assert_eq!(digits.parse().unwrap_or(0), value.unsigned_abs());
            let part = said.split_once('.').map_or(0, |(_, part)| part.len());
            proptest::prop_assert_eq!(part, scale as usize);
        }
    }
}
