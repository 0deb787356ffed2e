//! Pairs beside a slow twin: a map from each pair to its windows.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::reference::{PairAnswer, Setting};

type Windows = BTreeMap<(Code, Code), Vec<(Days, u8)>>;

fn windows(edition: &Edition) -> Windows {
    let Rows::Pairs(rows) = &edition.rows else { panic!("no pairs") };
    let mut windows = Windows::new();
    for row in rows {
        let pair = [row.column_one, row.column_two].map(|code| Code::parse(&code).unwrap().0);
        windows.entry((pair[0], pair[1])).or_default().push((row.days, row.indicator));
    }
    windows
}

fn slow(windows: &Windows, pair: (Code, Code), on: Date) -> PairAnswer {
    let windows = windows.get(&pair).into_iter().flatten();
    let in_force = windows.filter(|(days, indicator)| *indicator != 9 && days.include(on));
    let strength = |(days, indicator): &&(Days, u8)| {
        (*indicator, std::cmp::Reverse(days.first.map(Date::days)))
    };
    match in_force.max_by_key(strength) {
        Some((days, indicator)) => PairAnswer::Active { indicator: *indicator, since: days.first },
        None => PairAnswer::None,
    }
}

proptest! {
    #[test]
    fn pairs_are_told_as_by_a_map(rows in rows(Kind::PtpOutpatient)) {
        let edition = edition(Kind::PtpOutpatient, "a", (0, DAYS - 1), rows);
        let windows = windows(&edition);
        let loaded = Reference::of(&[edition]).unwrap();
        let codes = ["00001", "00002", "00003", "A0001", "0001T", "0001U"].map(|text| code(text).0);
        for on in (0..DAYS).map(day) {
            for one in codes {
                for two in codes {
                    let found = loaded.pair(Setting::Outpatient, one, two, on);
                    prop_assert_eq!(found, slow(&windows, (one, two), on));
                }
            }
        }
        let named: BTreeSet<Code> = windows.keys().flat_map(|(one, two)| [*one, *two]).collect();
        for code in codes {
            prop_assert_eq!(loaded.in_pairs(Setting::Outpatient, code), named.contains(&code));
            prop_assert!(!loaded.in_pairs(Setting::Practitioner, code));
        }
    }
}

/// Numbers that look like chance, and are the same each time.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[test]
fn a_hundred_thousand_pairs_are_told_as_by_a_map() {
    let mut seeded = Seeded(7);
    let codes: Vec<[u8; 5]> = (0..1_000)
        .map(|number| {
            let text = match number % 4 {
                0 => format!("V{number:04}"),
                1 => format!("{number:04}T"),
                _ => format!("{:05}", number * 13),
            };
            text.into_bytes().try_into().unwrap()
        })
        .collect();
    let mut rows = Vec::new();
    for _ in 0..100_000 {
        let mut any = |bound| seeded.below(bound) as usize;
        // Far more dates than quarters have, so that there are more terms than two bytes count.
        let (first, length) = (any(60_000) as i32, any(2_000) as i32 - 10);
        rows.push(PairRow {
            column_one: codes[any(300)],
            column_two: codes[any(codes.len() as u64)],
            days: days(first, (length % 3 != 0).then_some(first + length)),
            indicator: [0, 1, 1, 9][any(4)],
        });
    }
    let edition = edition(Kind::PtpPractitioner, "a", (0, 70_000), Rows::Pairs(rows));
    let windows = windows(&edition);
    let folder = tempfile::tempdir().unwrap();
    crate::reference::store::write(folder.path(), &edition).unwrap();
    let loaded = Reference::load(folder.path()).unwrap();
    let parse = |code: &[u8; 5]| Code::parse(code).unwrap().0;
    for number in [0, 30_000] {
        let on = day(number);
        let pairs = loaded.pairs(Setting::Practitioner, on).unwrap();
        let indexes: Vec<_> = codes.iter().map(|code| pairs.index_of(parse(code))).collect();
        let mut active = 0;
        for (one, one_at) in codes[..300].iter().zip(&indexes) {
            for (two, two_at) in codes.iter().zip(&indexes) {
                let want = slow(&windows, (parse(one), parse(two)), on);
                assert_eq!(pairs.find(one_at.unwrap(), two_at.unwrap()), want);
                active += usize::from(want != PairAnswer::None);
            }
        }
        assert!(active > 0 || number == 0);
    }
    let (one, two) = (parse(&codes[0]), parse(&codes[1]));
    let pair = |on| loaded.pair(Setting::Practitioner, one, two, day(on));
    assert_eq!(pair(-1), PairAnswer::NotCovered);
    assert_ne!(pair(0), PairAnswer::NotCovered);
    assert!(loaded.pairs(Setting::Outpatient, day(0)).is_none());
}

#[test]
fn the_newest_edition_that_covers_the_day_is_asked() {
    let row = PairRow {
        column_one: *b"00001",
        column_two: *b"00002",
        days: Days::default(),
        indicator: 0,
    };
    let pairs = |name, covers, rows: &[PairRow]| {
        edition(Kind::PtpPractitioner, name, covers, Rows::Pairs(rows.to_vec()))
    };
    let editions = [pairs("a", (0, 9), &[row]), pairs("b", (5, 15), &[])];
    let loaded = Reference::of(&editions).unwrap();
    let ask = |loaded: &Reference, on| {
        loaded.pair(Setting::Practitioner, code("00001").0, code("00002").0, day(on))
    };
    let active = PairAnswer::Active { indicator: 0, since: None };
    assert_eq!(ask(&loaded, 4), active);
    assert_eq!([ask(&loaded, 5), ask(&loaded, 15)], [PairAnswer::None; 2]);
    assert_eq!(ask(&loaded, 16), PairAnswer::NotCovered);
    // A built-in one yields to those that are given.
    let [first, second] = editions;
    let loaded = Reference::of(&[first]).unwrap().with(&[second]).unwrap();
    assert_eq!([ask(&loaded, 5), ask(&loaded, 9)], [active; 2]);
    assert_eq!(ask(&loaded, 10), PairAnswer::None);
}
