//! What the name of a published file says of its release. Names give hints, never the kind alone.

/// When a file was released, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The year; of a fiscal year, the one that it ends in.
    pub year: i32,
    /// The month, from 1; for a quarter its first.
    pub month: Option<u32>,
}

impl Release {
    /// The quarter of the month, from 1.
    pub fn quarter(self) -> Option<u32> {
        self.month.map(|month| month.div_ceil(3))
    }

    /// The release that a file's name tells, if it tells any.
    pub fn of_name(name: &str) -> Option<Release> {
        let tokens = tokens(name);
        let windows = |size: usize| tokens.windows(size.min(tokens.len()).max(1));
        windows(4)
            .find_map(version)
            .or_else(|| windows(4).find_map(effective))
            .or_else(|| windows(3).find_map(three))
            .or_else(|| windows(2).find_map(two))
            .or_else(|| windows(3).find_map(fee_schedule))
            .or_else(|| tokens.iter().find_map(|token| year(token)).map(|year| at(year, None)))
    }
}

fn at(year: i32, month: Option<u32>) -> Release {
    Release { year, month }
}

/// Runs of letters and runs of digits, in lower case.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in name.to_ascii_lowercase().chars() {
        let goes_on = c.is_ascii_digit() && last.is_ascii_digit()
            || c.is_ascii_alphabetic() && last.is_ascii_alphabetic();
        match tokens.last_mut() {
            Some(token) if goes_on => token.push(c),
            _ if c.is_ascii_alphanumeric() => tokens.push(c.to_string()),
            _ => {}
        }
        last = c;
    }
    tokens
}

fn number(token: &str, length: usize) -> Option<u32> {
    if token.len() == length { token.parse().ok() } else { None }
}

fn year(token: &str) -> Option<i32> {
    number(token, 4).filter(|year| (1990..2100).contains(year)).map(|year| year as i32)
}

fn month_number(token: &str) -> Option<u32> {
    number(token, 2).filter(|month| (1..=12).contains(month))
}

fn month_word(token: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let fits = |month: &&str| *month == token || token.len() == 3 && month.starts_with(token);
    (1..).zip(MONTHS).find(|(_, month)| fits(month)).map(|(number, _)| number)
}

/// `v322r0`: version 32 is of 2026, and 2 is its third quarter.
fn version(tokens: &[String]) -> Option<Release> {
    let [v, digits, r, ..] = tokens else { return None };
    let number = number(digits, 3).filter(|_| v == "v" && r == "r")?;
    let quarter = number % 10;
    (quarter < 4).then(|| at(1994 + (number / 10) as i32, Some(quarter * 3 + 1)))
}

/// `Eff_07-01-2026`.
fn effective(tokens: &[String]) -> Option<Release> {
    let [eff, month, day, of_year] = tokens else { return None };
    number(day, 2).filter(|_| eff == "eff")?;
    Some(at(year(of_year)?, Some(month_number(month)?)))
}

/// `2024Q2`, `April 1 2025`.
fn three(tokens: &[String]) -> Option<Release> {
    let [first, second, third] = tokens else { return None };
    let quarter = || {
        let quarter = number(third, 1).filter(|q| second == "q" && (1..=4).contains(q))?;
        Some(at(year(first)?, Some(quarter * 3 - 2)))
    };
    let day = || {
        number(second, 1).or_else(|| number(second, 2))?;
        Some(at(year(third)?, Some(month_word(first)?)))
    };
    quarter().or_else(day)
}

/// `April_2026`, `2025_OCT`, `2026.04`.
fn two(tokens: &[String]) -> Option<Release> {
    let [first, second] = tokens else { return None };
    let forward = || {
        let month = month_word(second).or_else(|| month_number(second))?;
        Some(at(year(first)?, Some(month)))
    };
    let backward = || Some(at(year(second)?, Some(month_word(first)?)));
    forward().or_else(backward)
}

/// `PPRRVU25_JAN`, `RVU26A`: years of two digits, quarters by letter.
fn fee_schedule(tokens: &[String]) -> Option<Release> {
    let [name, of_year, quarter, ..] = tokens else { return None };
    if !matches!(name.as_str(), "pprrvu" | "rvu") {
        return None;
    }
    let year = year(of_year).or_else(|| number(of_year, 2).map(|short| 2000 + short as i32))?;
    let letters = (0..).zip(["a", "b", "c", "d"]);
    let by_letter = letters.filter(|(_, letter)| letter == quarter).map(|(at, _)| at * 3 + 1);
    Some(at(year, month_word(quarter).or_else(|| by_letter.min())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_release() {
        let cases = [
            ("HCPC2025_OCT_ANWEB.xlsx", Some((2025, Some(10)))),
            ("HCPC2024_JUL_ANWEB_v3.txt", Some((2024, Some(7)))),
            ("HCPC2016_CONTR_ANWEB.txt", Some((2016, None))),
            ("ccipra-v322r0-f1.txt", Some((2026, Some(7)))),
            ("ccioph-v313r0.xlsx", Some((2025, Some(10)))),
            ("MCR_MUE_DMESupplierServices_Eff_07-01-2026.csv", Some((2026, Some(7)))),
            ("AOC_V2024Q2-MCR.xlsx", Some((2024, Some(4)))),
            ("PPRRVU25_JAN.csv", Some((2025, Some(1)))),
            ("PPRRVU2026_Oct_QPP.csv", Some((2026, Some(10)))),
            ("RVU26C.csv", Some((2026, Some(7)))),
            ("PPRRVU2026_B.csv", Some((2026, Some(4)))),
            ("icd10cm_order_2026.txt", Some((2026, None))),
            ("icd10cm-codes-April-1-2025.txt", Some((2025, Some(4)))),
            ("April_2026_Addendum_B.csv", Some((2026, Some(4)))),
            ("2026.04 addendum b.xlsx", Some((2026, Some(4)))),
            ("cpt.csv", None),
            ("ccipra-v325r0.txt", None),
            ("", None),
        ];
        for (name, release) in cases {
            let found = Release::of_name(name).map(|release| (release.year, release.month));
            assert_eq!(found, release, "{name}");
        }
    }
}
