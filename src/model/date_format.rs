//! How the dates of a column are written: found once for a column, and stuck to.

use std::fmt;

use crate::model::date::number;
use crate::model::{Cell, Date, Field};

/// How the dates of a column are written. A time of day may follow in any of them; it is dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DateFormat {
    /// Whatever [`Date::parse`] reads: for sources that say dates in one way only.
    #[default]
    Any,
    /// Any in which the order of day and month cannot be mistaken: the column had no date where
    /// it was looked at.
    Unmistakable,
    /// `2024-03-01`.
    Iso,
    /// `20240301`.
    Compact,
    /// `01-MAR-2024` or `01MAR2024`.
    Named,
    /// `03/01/2024`, `3-1-2024` or `3.1.2024`: the month first.
    MonthFirst,
    /// `01/03/2024`, `1-3-2024` or `1.3.2024`: the day first.
    DayFirst,
}

/// What a text that may be a date looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateShape {
    /// Written in this format, in which order cannot be mistaken.
    Plain(DateFormat),
    /// Two numbers of one or two digits and a year.
    Numbers(u32, u32),
}

impl DateFormat {
    /// The formats that can be named, with their words.
    pub const NAMED: [(&str, DateFormat); 5] = [
        ("iso", DateFormat::Iso),
        ("yyyymmdd", DateFormat::Compact),
        ("dd-mon-yyyy", DateFormat::Named),
        ("mdy", DateFormat::MonthFirst),
        ("dmy", DateFormat::DayFirst),
    ];

    /// The format with this word.
    pub fn from_word(word: &str) -> Option<DateFormat> {
        let mut named = Self::NAMED.into_iter();
        named.find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, format)| format)
    }

    /// The date that a trimmed text is in this format.
    #[inline]
    pub fn read(self, text: &[u8]) -> Cell<Date> {
        match self {
            DateFormat::Any => Date::parse(text),
            // Nearly all columns are written so: what is not plainly that is looked at closely.
            DateFormat::Iso => match iso(text) {
                Some(date) => Cell::Value(date),
                None => self.read_strictly(text),
            },
            _ => self.read_strictly(text),
        }
    }

    fn read_strictly(self, text: &[u8]) -> Cell<Date> {
        if text.is_empty() {
            return Cell::Missing;
        }
        let date = match (DateShape::of(text), self) {
            (Some(DateShape::Plain(format)), wanted)
                if format == wanted || wanted == DateFormat::Unmistakable =>
            {
                return Date::parse(text);
            }
            (Some(DateShape::Numbers(month, day)), DateFormat::MonthFirst)
            | (Some(DateShape::Numbers(day, month)), DateFormat::DayFirst) => {
                let day_text = Date::without_time(text);
                let year = day_text.get(day_text.len().saturating_sub(4)..).and_then(number);
                year.and_then(|year| Date::from_ymd(year as i32, month, day))
            }
            _ => None,
        };
        date.map_or(Cell::Malformed, Cell::Value)
    }
}

/// The day of a plain `2024-03-01`, if there is such a day.
#[inline]
fn iso(text: &[u8]) -> Option<Date> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text else { return None };
    let digits = [a, b, c, d, e, f, g, h].map(|byte| u32::from(byte.wrapping_sub(b'0')));
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let [a, b, c, d, e, f, g, h] = digits;
    let year = ((a * 10 + b) * 10 + c) * 10 + d;
    Date::from_ymd(year as i32, e * 10 + f, g * 10 + h)
}

impl DateShape {
    /// What a trimmed text looks like; nothing where it looks like no date.
    pub fn of(text: &[u8]) -> Option<DateShape> {
        let day = Date::without_time(text);
        let is_digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
        if day.len() == 8 && is_digits(day) {
            return Some(DateShape::Plain(DateFormat::Compact));
        }
        if let [_, _, month @ .., _, _, _, _] = day {
            let month = match month {
                [b'-', month @ .., b'-'] => month,
                month => month,
            };
            if month.len() == 3 && month.iter().all(u8::is_ascii_alphabetic) {
                return Some(DateShape::Plain(DateFormat::Named));
            }
        }
        let separator = *day.iter().find(|byte| !byte.is_ascii_digit())?;
        if !matches!(separator, b'-' | b'/' | b'.') {
            return None;
        }
        let mut parts = day.split(|byte| *byte == separator);
        let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || ![first, second, third].into_iter().all(is_digits) {
            return None;
        }
        match (separator, first.len(), second.len(), third.len()) {
            (b'-', 4, 2, 2) => Some(DateShape::Plain(DateFormat::Iso)),
            (_, 1 | 2, 1 | 2, 4) => Some(DateShape::Numbers(number(first)?, number(second)?)),
            _ => None,
        }
    }
}

impl fmt::Display for DateFormat {
    /// As reports and messages say it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DateFormat::Any => "any known format",
            DateFormat::Unmistakable => "YYYY-MM-DD, YYYYMMDD or DD-MON-YYYY",
            DateFormat::Iso => "YYYY-MM-DD",
            DateFormat::Compact => "YYYYMMDD",
            DateFormat::Named => "DD-MON-YYYY",
            DateFormat::MonthFirst => "M/D/YYYY, the month first",
            DateFormat::DayFirst => "D/M/YYYY, the day first",
        })
    }
}

/// The formats of the date columns of an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateFormats(Vec<(Field, Vec<(u32, DateFormat)>)>);

impl DateFormats {
    /// Says how the columns of a date field are written, by their number in a line.
    pub fn set(&mut self, field: Field, columns: Vec<(u32, DateFormat)>) {
        self.0.retain(|(known, _)| *known != field);
        self.0.push((field, columns));
    }

    /// The format of a field's column; nothing where its columns are written in several ways.
    #[inline]
    pub fn of(&self, field: Field) -> Option<DateFormat> {
        let Some((_, columns)) = self.0.iter().find(|(known, _)| *known == field) else {
            return Some(DateFormat::Any);
        };
        let (_, first) = columns.first()?;
        columns.iter().all(|(_, format)| format == first).then_some(*first)
    }

    /// The format of one column of a field.
    pub fn of_column(&self, field: Field, column: u32) -> DateFormat {
        let columns = self.0.iter().find(|(known, _)| *known == field);
        let mut columns = columns.into_iter().flat_map(|(_, columns)| columns);
        let of = columns.find(|(known, _)| *known == column);
        of.map_or(DateFormat::Any, |(_, format)| *format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_one_format_and_everything_else_is_malformed() {
        let texts: [(&str, &[DateFormat]); 11] = [
            ("2024-03-01", &[DateFormat::Iso]),
            ("2024-03-01T23:00:00-08:00", &[DateFormat::Iso]),
            ("20240301", &[DateFormat::Compact]),
            ("01-MAR-2024", &[DateFormat::Named]),
            ("01mar2024:00:00:00", &[DateFormat::Named]),
            ("03/01/2024", &[DateFormat::MonthFirst]),
            ("3.1.2024 12:00:00 AM", &[DateFormat::MonthFirst]),
            ("01-03-2024", &[DateFormat::DayFirst]),
            ("1/3/2024", &[DateFormat::DayFirst]),
            ("2024/03/01", &[]),
            ("45352", &[]),
        ];
        let march = Date::from_ymd(2024, 3, 1);
        for (text, read_by) in texts {
            for (word, format) in DateFormat::NAMED {
                let got = format.read(text.as_bytes());
                if read_by.contains(&format) {
                    assert_eq!(got.value(), march, "{text} as {word}");
                } else {
                    assert_ne!(got.value(), march, "{text} as {word}");
                }
            }
        }
        for format in DateFormat::NAMED.map(|(_, format)| format) {
            assert_eq!(format.read(b""), Cell::Missing);
        }
    }

    #[test]
    fn day_and_month_are_never_swapped() {
        assert_eq!(DateFormat::MonthFirst.read(b"13/02/2024"), Cell::Malformed);
        assert_eq!(DateFormat::DayFirst.read(b"02/13/2024"), Cell::Malformed);
        assert_eq!(DateFormat::Unmistakable.read(b"02/03/2024"), Cell::Malformed);
        assert!(DateFormat::Unmistakable.read(b"2024-02-03").value().is_some());
        assert_eq!(DateFormat::Iso.read(b"2024-02-30"), Cell::Malformed);
    }

    proptest::proptest! {
        /// What is read without a format is read by just one format, and as the same day.
        #[test]
        fn each_date_has_one_format(
            text in "[0-9]{1,4}[-/.]?([0-9]{1,2}|MAR|feb|JUNE)[-/.]?[0-9]{1,4}([T :]0)?|[0-9]{7,9}",
        ) {
            let formats = [
                DateFormat::Iso, DateFormat::Compact, DateFormat::Named, DateFormat::MonthFirst,
            ];
            let read: Vec<Date> =
                formats.iter().filter_map(|f| f.read(text.as_bytes()).value()).collect();
            match Date::parse(text.as_bytes()).value() {
                Some(day) => proptest::prop_assert_eq!(read, [day]),
                // Other separators than a slash are of numbers only.
                None => proptest::prop_assert!(
                    read.is_empty()
                        || DateFormat::MonthFirst.read(text.as_bytes()).value().is_some()
                            && !text.contains('/')
                ),
            }
        }
    }

    #[test]
    fn any_known_date_has_a_shape() {
        for text in ["2024-03-01", "20240301", "03/01/2024", "3/1/2024", "01-MAR-2024"] {
            assert!(DateShape::of(text.as_bytes()).is_some(), "{text}");
        }
        for text in ["", "x", "1/2", "1/2/24", "a/b/2024", "1/2/3/2024", "0512", "2024-3-1", "é"] {
            assert_eq!(DateShape::of(text.as_bytes()), None, "{text}");
        }
    }
}
