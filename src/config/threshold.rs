//! How much a gate lets pass: a number, or a share of what was looked at.

use std::fmt;

use crate::error::{Error, Result};

/// A hundred percent, in the unit that shares are held in: with six decimals of a percent.
const WHOLE: u64 = 100_000_000;

/// Decimals of a percent that can be written.
const DECIMALS: usize = 6;

/// How much is let pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// So many.
    Count(u64),
    /// A share, in hundred-millionths.
    Share(u64),
}

impl Threshold {
    /// The threshold that a text stands for: `100`, `5%`, `0.25 %`.
    ///
    /// # Errors
    /// What is no number, is more than 100 %, or has more than six decimals.
    pub fn parse(text: &str) -> Result<Threshold> {
        let trimmed = text.trim();
        let parsed = match trimmed.strip_suffix('%') {
            Some(percent) => share(percent.trim_end()).map(Threshold::Share),
            None => number(trimmed).map(Threshold::Count),
        };
        parsed.ok_or_else(|| {
            Error::settings(format!("`{text}` is no threshold"))
                .with_help("write a number such as 100, or a share such as 0.5%, at most 100%")
        })
    }

    /// Whether `found` of `all` is more than is let pass. Exact, however large the numbers.
    pub fn is_exceeded(self, found: u64, all: u64) -> bool {
        match self {
            Threshold::Count(most) => found > most,
            Threshold::Share(share) => {
                u128::from(found) * u128::from(WHOLE) > u128::from(share) * u128::from(all)
            }
        }
    }
}

/// Digits only: `+5` and ` 5` are slips.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// A percentage in hundred-millionths of the whole.
fn share(percent: &str) -> Option<u64> {
    let (whole, decimals) = percent.split_once('.').unwrap_or((percent, "0"));
    if decimals.len() > DECIMALS {
        return None;
    }
    let decimals = number(&format!("{decimals:0<DECIMALS$}")).filter(|_| !decimals.is_empty())?;
    let share = number(whole)?.checked_mul(WHOLE / 100)?.checked_add(decimals)?;
    (share <= WHOLE).then_some(share)
}

impl fmt::Display for Threshold {
    /// `100`, `0.5 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Threshold::Count(most) => write!(f, "{most}"),
            Threshold::Share(share) => {
                let (whole, rest) = (share / (WHOLE / 100), share % (WHOLE / 100));
                let decimals = format!("{rest:0DECIMALS$}");
                match decimals.trim_end_matches('0') {
                    "" => write!(f, "{whole} %"),
                    decimals => write!(f, "{whole}.{decimals} %"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_number_or_a_share() {
        for (text, want, shown) in [
            ("0", Threshold::Count(0), "0"),
            (" 100 ", Threshold::Count(100), "100"),
            ("5%", Threshold::Share(5_000_000), "5 %"),
            ("0.5 %", Threshold::Share(500_000), "0.5 %"),
            ("12.345678%", Threshold::Share(12_345_678), "12.345678 %"),
            ("0.000001%", Threshold::Share(1), "0.000001 %"),
            ("100%", Threshold::Share(WHOLE), "100 %"),
        ] {
            assert_eq!(Threshold::parse(text).unwrap(), want, "{text}");
            assert_eq!(want.to_string(), shown);
        }
        for text in ["", "%", "-1", "+1", "1.5", ".5%", "1.%", "101%", "1.0000001%", "5 % x", "１"]
        {
            assert!(Threshold::parse(text).unwrap_err().help().is_some(), "{text}");
        }
    }

    #[test]
    fn a_share_is_exact() {
        let half_a_percent = Threshold::Share(500_000);
        assert!(!half_a_percent.is_exceeded(200, 40_000));
        assert!(half_a_percent.is_exceeded(201, 40_000));
        assert!(half_a_percent.is_exceeded(1, 0), "a finding where nothing was looked at");
        assert!(!half_a_percent.is_exceeded(0, 0));
        assert!(!Threshold::Share(WHOLE).is_exceeded(u64::MAX, u64::MAX));
        assert!(Threshold::Share(WHOLE - 1).is_exceeded(u64::MAX, u64::MAX));
        assert!(Threshold::Count(9).is_exceeded(10, 0));
        assert!(!Threshold::Count(10).is_exceeded(10, 0));
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_what_is_read(share in 0..=WHOLE, count: u64) {
            for threshold in [Threshold::Share(share), Threshold::Count(count)] {
                let shown = threshold.to_string();
                proptest::prop_assert_eq!(Threshold::parse(&shown).unwrap(), threshold);
            }
        }
    }
}
