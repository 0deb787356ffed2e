//! Until when payers take a claim for a service, by payer and day of service.

use crate::error::{Error, Result};
use crate::lint::Options;
use crate::model::{Cell, Date};

/// A limit of this many days is a calendar year, with or without a 29 February in it.
const YEAR: u64 = 365;

/// Limits for filing, in days after the service.
#[derive(Debug)]
pub struct FilingLimits {
    usual: u64,
    by_payer: Vec<PayerLimit>,
    /// The shortest of all.
    pub shortest: u64,
}

/// The limit of one payer, for services from a day on.
#[derive(Debug)]
struct PayerLimit {
    /// In upper case.
    payer: String,
    from: Option<Date>,
    days: u64,
}

impl FilingLimits {
    /// Reads the options `limit-days` and `payer-limits`.
    pub fn read(options: &mut Options) -> Result<FilingLimits> {
        let usual = options.count("limit-days", YEAR)?;
        let written = options.list("payer-limits", &[])?;
        let by_payer = written.iter().map(|text| payer_limit(text)).collect::<Result<Vec<_>>>()?;
        let shortest = by_payer.iter().map(|limit| limit.days).fold(usual, u64::min);
        Ok(FilingLimits { usual, by_payer, shortest })
    }

    /// The limit of a payer for a service on this day: of those that hold by then the youngest.
    pub fn of(&self, payer: Option<&[u8]>, served: Date) -> u64 {
        let payer = payer.unwrap_or_default().to_ascii_uppercase();
        let own = self.by_payer.iter().filter(|limit| limit.payer.as_bytes() == payer);
        let holding = own.filter(|limit| limit.from.is_none_or(|from| from <= served));
        holding.max_by_key(|limit| limit.from).map_or(self.usual, |limit| limit.days)
    }
}

/// The last day on which a service may be filed.
pub fn last_day(served: Date, limit: u64) -> Date {
    let (year, month, day) = served.ymd();
    let last = match limit {
        // The year after 29 February ends on 28 February.
        YEAR => Date::from_ymd(year + 1, month, day).or(Date::from_ymd(year + 1, month, 28)),
        days => {
            let days = i32::try_from(days).ok();
            days.and_then(|days| Date::from_days(served.days().saturating_add(days)))
        }
    };
    last.unwrap_or(Date::END)
}

/// Reads `Payer A: 90` or `Payer A: 90 from 2025-01-01`.
fn payer_limit(text: &str) -> Result<PayerLimit> {
    let wrong = || {
        Error::settings(format!("option payer-limits: `{text}` is no limit of a payer"))
            .with_help("write `PAYER: DAYS` or `PAYER: DAYS from 2025-01-01`")
    };
    let (payer, limit) = text.rsplit_once(':').ok_or_else(wrong)?;
    let mut words = limit.split_whitespace();
    let days = words.next().and_then(|days| days.parse::<u64>().ok()).filter(|days| *days > 0);
    let from = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some("from"), Some(day), None) => match Date::parse(day.as_bytes()) {
            Cell::Value(day) => Some(day),
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    let payer = payer.trim().to_ascii_uppercase();
    match days {
        Some(days) if !payer.is_empty() => Ok(PayerLimit { payer, from, days }),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::OptionValue;

    fn day(text: &str) -> Date {
        Date::parse(text.as_bytes()).value().unwrap()
    }

    fn limits(written: &[&str]) -> Result<FilingLimits> {
        let list = written.iter().map(|text| (*text).to_owned()).collect();
        let set = [("payer-limits".to_owned(), OptionValue::List(list))];
        FilingLimits::read(&mut Options::new(set.into_iter().collect()))
    }

    #[test]
    fn a_payer_has_the_youngest_limit_that_holds_on_the_day_of_service() {
        let written =
            ["Payer A: 90", "Payer B: 180 from 2025-01-01", "Payer A:120 from 2025-07-01"];
        let limits = limits(&written).unwrap();
        let of = |payer: &str, served| limits.of(Some(payer.as_bytes()), day(served));
        assert_eq!(of("PAYER A", "2024-03-01"), 90);
        assert_eq!(of("payer a", "2025-06-30"), 90);
        assert_eq!(of("Payer A", "2025-07-01"), 120);
        assert_eq!(of("Payer B", "2024-12-31"), 365);
        assert_eq!(of("Payer B", "2025-01-01"), 180);
        assert_eq!(of("Payer C", "2025-01-01"), 365);
        assert_eq!(limits.of(None, day("2025-01-01")), 365);
        assert_eq!(limits.shortest, 90);
    }

    #[test]
    fn a_year_is_a_calendar_year() {
        assert_eq!(last_day(day("2023-03-01"), 365), day("2024-03-01"));
        assert_eq!(last_day(day("2024-02-29"), 365), day("2025-02-28"));
        assert_eq!(last_day(day("2023-03-01"), 366), day("2024-03-01"));
        assert_eq!(last_day(day("2026-03-01"), 90), day("2026-05-30"));
        assert_eq!(last_day(day("9999-03-01"), 365), Date::END);
        assert_eq!(last_day(day("9999-03-01"), u64::MAX), Date::END);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in ["Payer A", ": 90", "Payer A: many", "Payer A: 0", "Payer A: 90 since 2025"] {
            assert!(limits(&[text]).is_err(), "{text}");
        }
        assert!(limits(&["Payer A: 90 from soon"]).is_err());
        assert!(limits(&["Payer A: 90 from 2025-01-01 on"]).is_err());
        assert!(limits(&["Plan 1: north: 90"]).is_ok(), "the last colon counts");
    }
}
