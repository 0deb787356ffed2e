//! Dates as published files write them, and the many ways to say that there is no end.

use crate::model::Date;
use crate::reference::rows::Days;

/// The days between 1899-12-30, which workbooks count from, and 1970-01-01.
const SERIAL_OF_1970: i32 = 25_569;

/// The first day that a text gives: `Some(None)` where it gives none, `None` where it is no date.
pub fn first(text: &str, is_of_sheet: bool) -> Option<Option<Date>> {
    if says_nothing(text) { Some(None) } else { read(text, is_of_sheet).map(Some) }
}

/// The last day that a text gives: `Some(None)` where it says that there is no end, `None` where
/// it is no date.
pub fn last(text: &str, is_of_sheet: bool) -> Option<Option<Date>> {
    let Some(date) = first(text, is_of_sheet)? else { return Some(None) };
    let (year, month, day) = date.ymd();
    let never = year == 9999 || (year, month, day) == (2099, 12, 31);
    Some((!never).then_some(date))
}

/// Days that begin before they end. The error says so.
pub fn days(first: Option<Date>, last: Option<Date>) -> Result<Days, String> {
    match (first, last) {
        (Some(begin), Some(end)) if end < begin => Err("it ends before it begins".to_owned()),
        _ => Ok(Days { first, last }),
    }
}

/// The last day of the quarter, from 1 to 4, of a year.
pub fn quarter(year: i32, quarter: u32) -> Option<(Date, Date)> {
    let month = quarter.checked_mul(3)?;
    let first = Date::from_ymd(year, month.checked_sub(2)?, 1)?;
    let last = Date::from_ymd(year, month, 31).or_else(|| Date::from_ymd(year, month, 30))?;
    Some((first, last))
}

fn says_nothing(text: &str) -> bool {
    matches!(text, "" | "*") || text.bytes().all(|byte| byte == b'0')
}

fn read(text: &str, is_of_sheet: bool) -> Option<Date> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Date::parse(text.as_bytes()).value();
    }
    let number: i32 = text.parse().ok()?;
    let serial = || Date::from_days(number - SERIAL_OF_1970).filter(|_| is_of_sheet);
    match text.len() {
        8 => Date::parse(text.as_bytes()).value(),
        // The serial number of a day in 9999 has seven digits too, and is no day of a year.
        7 => julian(number / 1000, number % 1000).or_else(serial),
        5 => serial(),
        _ => None,
    }
}

/// The day of a year, from 1.
fn julian(year: i32, day: i32) -> Option<Date> {
    let date = Date::from_days(Date::from_ymd(year, 1, 1)?.days() + day - 1)?;
    (day > 0 && date.ymd().0 == year).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_gives_the_same_day() {
        let day = Date::from_ymd(2024, 3, 1);
        for text in ["20240301", "2024-03-01", "03/01/2024", "3/1/2024", "2024061"] {
            assert_eq!(first(text, false), Some(day), "{text}");
            assert_eq!(last(text, true), Some(day), "{text}");
        }
        assert_eq!(first("45352", true), Some(day));
        assert_eq!(first("45352", false), None);
        assert_eq!(first("2013001", false), Some(Date::from_ymd(2013, 1, 1)));
        assert_eq!(first("2024366", false), Some(Date::from_ymd(2024, 12, 31)));
        for text in ["2023366", "2024000", "20240230", "x", "240301", "2024-3", "99999999"] {
            assert_eq!(first(text, false), None, "{text}");
        }
    }

    #[test]
    fn no_end_is_written_in_many_ways() {
        let open =
            ["", "*", "99991231", "12/31/9999", "00000000", "2099-12-31", "9999-12-31", "9999365"];
        for text in open {
            assert_eq!(last(text, false), Some(None), "{text}");
        }
        assert_eq!(last("2958465", true), Some(None));
        assert_eq!(last("never", false), None);
        assert_eq!(first("00000000", false), Some(None));
    }

    #[test]
    fn quarters_have_their_first_and_last_day() {
        let text = |q| quarter(2026, q).map(|(a, b)| format!("{a} {b}"));
        assert_eq!(text(1).unwrap(), "2026-01-01 2026-03-31");
        assert_eq!(text(2).unwrap(), "2026-04-01 2026-06-30");
        assert_eq!(text(4).unwrap(), "2026-10-01 2026-12-31");
        assert_eq!((text(0), text(5)), (None, None));
    }
}
