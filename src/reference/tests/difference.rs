//! What changed between editions, beside a slow twin that looks everything up.

use super::*;
use crate::reference::difference::{Change, compare};

/// The rows of an edition by entry: each row as its days and all that it says.
fn entries(edition: &Edition) -> Vec<(Vec<String>, Days, String)> {
    let text = |code: &[u8]| String::from_utf8(code.to_vec()).unwrap();
    match &edition.rows {
        Rows::Codes(rows) => {
            rows.iter().map(|row| (vec![row.code.clone()], row.days, format!("{row:?}"))).collect()
        }
        Rows::Pairs(rows) => rows
            .iter()
            .map(|row| {
                (vec![text(&row.column_one), text(&row.column_two)], row.days, format!("{row:?}"))
            })
            .collect(),
        Rows::Limits(rows) => rows
            .iter()
            .map(|row| (vec![text(&row.code)], Days::default(), format!("{row:?}")))
            .collect(),
        Rows::AddOns(rows) => {
            rows.iter().map(|row| (vec![text(&row.add_on)], row.days, format!("{row:?}"))).collect()
        }
    }
}

/// Added, ended, changed and dropped entries by what is said of them.
fn slow(before: &Edition, after: &Edition) -> [Vec<Vec<String>>; 4] {
    let mut lists: [Vec<Vec<String>>; 4] = Default::default();
    let (one, other) = (entries(before), entries(after));
    let mut all: Vec<_> = one.iter().chain(&other).map(|(codes, ..)| codes.clone()).collect();
    all.sort();
    all.dedup();
    for codes in all {
        let of = |entries: &[(Vec<String>, Days, String)], end: Date| {
            let rows: Vec<_> = entries.iter().filter(|(other, ..)| *other == codes).collect();
            let is_open = rows.iter().any(|(_, days, _)| {
                days.first.is_none_or(|first| days.last.is_none_or(|last| first <= last))
                    && days.last.is_none_or(|last| last > end)
            });
            let said: Vec<String> = rows.iter().map(|(.., said)| said.clone()).collect();
            (said, is_open)
        };
        let (was, was_open) = of(&one, before.covers.1);
        let (is, is_open) = of(&other, after.covers.1);
        let list = match (was.is_empty(), is.is_empty()) {
            _ if was == is => continue,
            (true, _) => 0,
            (_, true) if !was_open => 3,
            _ if was_open && !is_open => 1,
            _ => 2,
        };
        lists[list].push(codes);
    }
    lists
}

fn codes(changes: &[Change<'_>]) -> Vec<Vec<String>> {
    changes.iter().map(Change::codes).collect()
}

proptest! {
    #[test]
    fn every_entry_is_in_the_list_that_it_belongs_to(
        (one, other) in select(vec![
            Kind::Procedures,
            Kind::PtpOutpatient,
            Kind::MueDme,
            Kind::AddOn,
        ])
        .prop_flat_map(|kind| (any_edition(vec![kind]), any_edition(vec![kind])))
    ) {
        let (one, other) = (tidied(&one), tidied(&other));
        let difference = compare(&one, &other).unwrap();
        let [added, ended, changed, dropped] = slow(&one, &other);
        prop_assert_eq!(codes(&difference.added), added);
        prop_assert_eq!(codes(&difference.ended), ended);
        prop_assert_eq!(codes(&difference.changed), changed);
        prop_assert_eq!(codes(&difference.dropped), dropped);
        for change in &difference.changed {
            prop_assert!(!change.changed().is_empty());
        }
        let itself = compare(&one, &one).unwrap();
        prop_assert!(itself.added.is_empty() && itself.changed.is_empty());
    }
}

/// `codes: changed: before -> after` of each change.
fn said(changes: &[Change<'_>]) -> Vec<String> {
    let rows = |rows: Vec<Vec<(&'static str, Option<String>)>>| {
        let row = |row: &Vec<(&'static str, Option<String>)>| {
            let cells = row.iter().map(|(name, value)| match value {
                Some(value) => format!("{name} {value}"),
                None => format!("{name} -"),
            });
            cells.collect::<Vec<_>>().join(" ")
        };
        rows.iter().map(row).collect::<Vec<_>>().join(", ")
    };
    let change = |change: &Change<'_>| {
        let (codes, changed) = (change.codes().join(" "), change.changed().join(" "));
        format!("{codes}: {changed}: {} -> {}", rows(change.before()), rows(change.after()))
    };
    changes.iter().map(change).collect()
}

#[test]
fn days_and_attributes_of_codes_are_told_apart() {
    let row = |code: &str, days: Days, attributes: &[u8]| CodeRow {
        code: code.to_owned(),
        days,
        attributes: attributes.to_vec(),
    };
    let before = Rows::Codes(vec![
        row("A0001", days(0, None), b"00"),
        row("A0002", days(0, None), b"00"),
        row("A0003", days(0, None), b"00"),
        row("A0004", days(0, 5), b"00"),
        row("A0005", days(0, 5), b"00"),
        row("A0006", days(0, None), b"00"),
    ]);
    let after = Rows::Codes(vec![
        row("A0001", days(0, None), b"31"),
        row("A0002", days(0, 19), b"00"),
        row("A0005", days(0, None), b"00"),
        row("A0006", days(0, 35), b"00"),
        row("A0007", days(20, None), b"00"),
    ]);
    let before = edition(Kind::Hcpcs, "1", (0, 19), before);
    let after = edition(Kind::Hcpcs, "2", (20, 30), after);
    let difference = compare(&before, &after).unwrap();
    let [d0, d5, d19, d20, d35] = [0, 5, 19, 20, 35].map(day);
    assert_eq!(
        said(&difference.added),
        [format!("A0007: pricing first last:  -> pricing 00 first {d20} last -")]
    );
    assert_eq!(
        said(&difference.ended),
        [
            format!(
                "A0002: last: pricing 00 first {d0} last - -> pricing 00 first {d0} last {d19}"
            ),
            format!("A0003: pricing first last: pricing 00 first {d0} last - -> "),
        ]
    );
    assert_eq!(
        said(&difference.changed),
        [
            format!("A0001: pricing: pricing 00 first {d0} last - -> pricing 31 first {d0} last -"),
            format!("A0005: last: pricing 00 first {d0} last {d5} -> pricing 00 first {d0} last -"),
            // Its end is announced, and lies after what the edition covers.
            format!(
                "A0006: last: pricing 00 first {d0} last - -> pricing 00 first {d0} last {d35}"
            ),
        ]
    );
    assert_eq!(codes(&difference.dropped), [["A0004"]]);
}

#[test]
fn what_edits_say_is_told_apart() {
    let pair = |indicator| PairRow {
        column_one: *b"00001",
        column_two: *b"00002",
        days: days(0, None),
        indicator,
    };
    let of = |row| edition(Kind::PtpPractitioner, "1", (0, 9), Rows::Pairs(vec![row]));
    let (before, after) = (of(pair(0)), of(pair(1)));
    let difference = compare(&before, &after).unwrap();
    assert_eq!(difference.changed[0].codes(), ["00001", "00002"]);
    assert_eq!(difference.changed[0].changed(), ["indicator"]);
    let limit = |units, indicator| {
        let row = LimitRow { code: *b"00001", units, indicator };
        edition(Kind::MueDme, "1", (0, 9), Rows::Limits(vec![row]))
    };
    let (before, after) = (limit(3, 2), limit(2, 2));
    let difference = compare(&before, &after).unwrap();
    assert_eq!(
        said(&difference.changed),
        ["00001: units: units 3 indicator 2 -> units 2 indicator 2"]
    );
    let add_on = |primary: &[u8; 5], kind| AddOnRow {
        add_on: *b"00001",
        primary: Some(*primary),
        kind,
        days: days(None, None),
    };
    let of = |rows: Vec<AddOnRow>| edition(Kind::AddOn, "1", (0, 9), Rows::AddOns(rows));
    let before = of(vec![add_on(b"00002", 1), add_on(b"00003", 1)]);
    let after = of(vec![add_on(b"00003", 1), add_on(b"A0001", 1)]);
    let difference = compare(&before, &after).unwrap();
    assert_eq!(difference.changed[0].changed(), ["primary"]);
    // The primary code that both have is not spoken of.
    assert_eq!((difference.changed[0].before().len(), difference.changed[0].after().len()), (1, 1));
    let after = of(vec![add_on(b"00002", 2), add_on(b"00003", 2)]);
    assert_eq!(compare(&before, &after).unwrap().changed[0].changed(), ["type"]);
}

#[test]
fn editions_of_two_kinds_are_not_compared() {
    let of = |kind| edition(kind, "1", (0, 9), Rows::Codes(Vec::new()));
    assert!(compare(&of(Kind::Hcpcs), &of(Kind::Procedures)).is_err());
}

#[test]
fn a_modifier_of_relative_values_is_a_code_of_its_own() {
    let rows = |codes: &[&str]| {
        Rows::Codes(codes.iter().map(|code| code_row(code, Days::default())).collect())
    };
    let before = edition(Kind::Pprrvu, "1", (0, 9), rows(&["71010"]));
    let after = edition(Kind::Pprrvu, "2", (0, 9), rows(&["71010", "7101026"]));
    assert_eq!(codes(&compare(&before, &after).unwrap().added), [["71010", "26"]]);
}
