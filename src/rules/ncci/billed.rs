//! What the edits of the NCCI look at: the lines of a patient's day that are billed.

use crate::lint::Want;
use crate::model::cell::trim;
use crate::model::{Cell, Class, Code, Date, Field, Line, PooledLine, Procedure, Units};
use crate::rules::netting;

/// What lines share that are judged together: patient, day and provider.
pub const KEY: [Field; 3] = [Field::PatientId, Field::ServiceDate, Field::RenderingNpi];

/// A line that is billed and has a code.
#[derive(Debug, Clone, Copy)]
pub struct Billed<'g> {
    /// Its place in the group.
    pub at: usize,
    /// The line.
    pub line: &'g PooledLine<'g>,
    /// Its code, as written or as repaired.
    pub code: Code,
    /// The class of the code.
    pub class: Class,
    /// Whether the code is as written: what is wrong with others is said elsewhere.
    pub is_written: bool,
}

/// The lines of a group that are billed, in its order: without those that were taken back or
/// replaced, and those of no units.
pub fn lines<'g>(group: &'g [&'g PooledLine<'g>]) -> Vec<Billed<'g>> {
    let in_force = netting::in_force(group);
    let billed = in_force.iter().filter_map(|at| {
        let line: &'g PooledLine<'g> = group.get(at)?;
        let (code, class) = line.code?;
        let is_billed = line.units != Cell::Value(Units(0));
        is_billed.then(|| Billed { at, line, code, class, is_written: is_written(line, code) })
    });
    billed.collect()
}

/// The day of a group.
pub fn day(group: &[&PooledLine<'_>]) -> Option<Date> {
    group.first()?.days.map(|(first, _)| first)
}

/// Whether the cell holds the code, blanks and case apart.
fn is_written(line: &PooledLine<'_>, code: Code) -> bool {
    line.value == code.as_bytes() || trim(line.value).eq_ignore_ascii_case(code.as_bytes())
}

/// The code of a line that is asked for, as written or as repaired: one that is billed at least
/// once.
#[inline]
pub fn code(line: Line<'_>) -> Option<Code> {
    let (code, _) = line.procedure().code()?;
    (line.units() != Cell::Value(Units(0))).then_some(code)
}

/// What becomes of a line of which a rule says this. Whatever it bills, a line of a replacement
/// travels: the lines of the claim that it replaces are not billed any more. Nobody waits for a
/// judgement on a damaged code.
#[inline]
pub fn settle(line: Line<'_>, want: Want) -> Want {
    match want {
        Want::No
            if matches!(line.frequency(), b'7' | b'8') && line.service_date().value().is_some() =>
        {
            Want::Yes
        }
        Want::LeftOut(_) if matches!(line.procedure(), Procedure::Damaged(..)) => Want::No,
        want => want,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::batch::Place;
    use crate::model::{Cents, Modifiers};

    fn line(record: u64, value: &str, units: i64) -> PooledLine<'_> {
        PooledLine {
            service: value.bytes().fold(0, |sum, byte| sum * 256 + u64::from(byte)),
            place: Place { source: 0, record, line: record + 1, byte: 0 },
            keepers: 1,
            already_found: false,
            overrides: 0,
            code: Code::parse(value.trim().to_uppercase().replace('O', "0").as_bytes()),
            value: value.as_bytes(),
            claim_key: Some(b"CLM0001"),
            service_line: None,
            charge: Cell::Value(Cents(100)),
            days: Date::from_ymd(2026, 3, 2).map(|day| (day, day)),
            modifiers: Modifiers::default(),
            units: Cell::Value(Units(units * Units::ONE.0)),
            in_minutes: false,
            frequency: b'1',
            claim_total: Cell::Missing,
            place_of_service: None,
            patient: 1,
            rendering: 1,
            billing: 1,
            revenue: None,
            payer: None,
            provider: None,
            cells: None,
        }
    }

    #[test]
    fn lines_of_no_units_no_code_or_taken_back_are_not_billed() {
        let mut group = vec![
            line(1, "99213", 1),
            line(2, "99214", 0),
            line(3, " g0438", 1),
            line(4, "992I", 1),
            line(5, "99O15", 2),
            line(6, "99216", 3),
            line(7, "99216", -3),
        ];
        let told = |group: &[PooledLine<'_>]| -> Vec<(usize, bool)> {
            let group: Vec<&PooledLine<'_>> = group.iter().collect();
            lines(&group).iter().map(|billed| (billed.at, billed.is_written)).collect()
        };
        assert_eq!(told(&group), [(0, true), (2, true), (4, false)]);
        let mut replacement = line(8, "70010", 1);
        replacement.frequency = b'7';
        group.push(replacement);
        assert_eq!(told(&group), [(7, true)], "a replacement leaves nothing of its original");
    }
}
