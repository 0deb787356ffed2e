//! The diagnoses of a line, and which edition of the ICD it is billed by.

use crate::model::{Cell, Date, Diagnosis, Field, Line};

/// 2015-10-01, the first day of service that is billed by ICD-10-CM.
const ICD_TEN_BEGINS: i32 = 16_709;

/// The day by which a line's diagnoses are judged: the last day of an institutional line, the first
/// of any other.
pub fn day(line: Line<'_>) -> Option<Date> {
    let (first, last) = line.service_days()?;
    Some(if line.is_institutional() { last } else { first })
}

/// Whether a day is billed by ICD-10-CM.
#[inline]
pub fn is_of_ten(day: Date) -> bool {
    day.days() >= ICD_TEN_BEGINS
}

/// The filled diagnosis cells of a line.
#[inline]
pub fn filled(line: Line<'_>) -> impl Iterator<Item = (Field, Cell<Diagnosis>)> {
    line.diagnoses().filter(|(_, cell)| *cell != Cell::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icd_ten_begins_in_october_of_2015() {
        assert!(is_of_ten(Date::from_ymd(2015, 10, 1).unwrap()));
        assert!(!is_of_ten(Date::from_ymd(2015, 9, 30).unwrap()));
    }
}
