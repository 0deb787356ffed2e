//! Calendar dates as a count of days. No time zone, no clock.

use std::fmt;

use crate::model::Cell;

/// A day of the proleptic Gregorian calendar, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

const MONTHS: [&[u8; 3]; 12] = [
    b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC",
];

impl Date {
    /// The last day of the calendar: 9999-12-31.
    pub const END: Date = Date(2_932_896);

    /// The date of a year, month and day, if there is such a day. Years 1 to 9999.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Date> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u32::from(leap),
            _ => return None,
        };
        if !(1..=9999).contains(&year) || day == 0 || day > length {
            return None;
        }
        // Days from civil: years that begin in March make the leap day the last of its year.
        let shifted = if month > 2 { year } else { year - 1 };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_of_year = (month as i32 + 9) % 12;
        let day_of_year = (153 * month_of_year + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Date(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month and day.
    pub fn ymd(self) -> (i32, u32, u32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }

    /// Days since 1970-01-01; fewer than none before it.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date so many days after 1970-01-01, if it lies in the years 1 to 9999.
    pub fn from_days(days: i32) -> Option<Date> {
        let (first, last) = (Self::from_ymd(1, 1, 1)?, Self::from_ymd(9999, 12, 31)?);
        (first.0..=last.0).contains(&days).then_some(Date(days))
    }

    /// Reads `2024-03-01`, `20240301`, `03/01/2024`, `3/1/2024`, `01-MAR-2024` or `01MAR2024`, each
    /// with or without a time of day after it, which is dropped: a time zone never moves a date.
    /// `text` is trimmed.
    pub fn parse(text: &[u8]) -> Cell<Date> {
        if text.is_empty() {
            return Cell::Missing;
        }
        match Self::read(Self::without_time(text)) {
            Some(date) => Cell::Value(date),
            None => Cell::Malformed,
        }
    }

    fn read(text: &[u8]) -> Option<Date> {
        if text.len() == 8 && text.iter().all(u8::is_ascii_digit) {
            let (year, rest) = text.split_at(4);
            let (month, day) = rest.split_at(2);
            return Self::from_ymd(number(year)? as i32, number(month)?, number(day)?);
        }
        if let [a, b, month @ .., _, _, _, _] = text
            && month.len() == 3
        {
            let year = text.get(5..).unwrap_or_default();
            return Self::named(number(year)?, month, number(&[*a, *b])?);
        }
        let separator = text.iter().copied().find(|byte| matches!(byte, b'-' | b'/'))?;
        let mut parts = text.split(|byte| *byte == separator);
        let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        match (separator, first.len(), third.len()) {
            (b'-', 4, 2) if second.len() == 2 => {
                Self::from_ymd(number(first)? as i32, number(second)?, number(third)?)
            }
            (b'-', 2, 4) => Self::named(number(third)?, second, number(first)?),
            (b'/', 1 | 2, 4) => {
                Self::from_ymd(number(third)? as i32, number(first)?, number(second)?)
            }
            _ => None,
        }
    }

    /// A text without the time of day after the day.
    pub(in crate::model) fn without_time(text: &[u8]) -> &[u8] {
        // No day is shorter. The T of "01-OCT-1999" is no start of a time.
        let end = text.iter().skip(8).position(|byte| matches!(byte, b'T' | b' ' | b':'));
        end.and_then(|end| text.get(..end + 8)).unwrap_or(text)
    }

    /// The date of a month that is written as a name of three letters.
    pub(in crate::model) fn named(year: u32, month: &[u8], day: u32) -> Option<Date> {
        let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))?;
        Self::from_ymd(year as i32, month as u32 + 1, day)
    }
}

/// A number of up to four digits.
pub(in crate::model) fn number(part: &[u8]) -> Option<u32> {
    let plain = !part.is_empty() && part.len() <= 4 && part.iter().all(u8::is_ascii_digit);
    plain.then(|| part.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_ten_thousand_years_counts_up_by_one_and_back() {
        let mut last = None;
        for year in 1..=9999 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let Some(date) = Date::from_ymd(year, month, day) else { continue };
                    assert_eq!(date.ymd(), (year, month, day));
                    assert!(last.is_none_or(|before: Date| before.0 + 1 == date.0));
                    assert_eq!(Date::from_days(date.days()), Some(date));
                    last = Some(date);
                }
            }
        }
        assert_eq!(Date::from_ymd(1970, 1, 1), Some(Date(0)));
        assert_eq!(last, Some(Date::END));
        assert_eq!(Date::END.to_string(), "9999-12-31");
        let edges = [Date::from_ymd(1, 1, 1), last];
        let beyond = edges.iter().flatten().zip([-1, 1]).map(|(date, step)| date.0 + step);
        assert!(beyond.into_iter().all(|days| Date::from_days(days).is_none()));
    }

    #[test]
    fn dates_are_read_as_written_or_not_at_all() {
        let good = ["2024-03-01", "20240301", "03/01/2024", "3/1/2024", "01-MAR-2024", "01mar2024"];
        for text in good {
            assert_eq!(Date::parse(text.as_bytes()).value(), Date::from_ymd(2024, 3, 1), "{text}");
        }
        let with_time = [
            "2024-03-01T23:59:59-08:00",
            "2024-03-01 00:00:00",
            "3/1/2024 12:00:00 AM",
            "01MAR2024:08:30:00",
        ];
        for text in with_time {
            assert_eq!(Date::parse(text.as_bytes()).value(), Date::from_ymd(2024, 3, 1), "{text}");
        }
        for text in ["27-OCT-1999", "27OCT1999", "27-oct-1999 00:00", "27OCT1999:00:00:00"] {
            assert_eq!(
                Date::parse(text.as_bytes()).value(),
                Date::from_ymd(1999, 10, 27),
                "{text}"
            );
        }
        for text in ["2023-02-29", "02/30/2024", "24-01-01", "0000-00-00", "45292", "2024-13-01"] {
            assert_eq!(Date::parse(text.as_bytes()), Cell::Malformed, "{text}");
        }
        for text in ["20240105.0", "30FEB2024", "5JAN2024", "05JAN24", "05JANU2024", "1234/2024"] {
            assert_eq!(Date::parse(text.as_bytes()), Cell::Malformed, "{text}");
        }
    }
}
