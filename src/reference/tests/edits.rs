//! Limits and add-on codes beside slow twins that look at every row.

use std::collections::BTreeSet;

use super::*;
use crate::reference::{AddOnAnswer, LimitAnswer, LimitSetting};

proptest! {
    #[test]
    fn limits_are_told_as_by_every_row(rows in rows(Kind::MueDme)) {
        let loaded = edition(Kind::MueDme, "a", (0, 9), rows.clone());
        let loaded = Reference::of(&[loaded]).unwrap();
        let Rows::Limits(rows) = rows else { panic!("no limits") };
        for text in ["00001", "00002", "00003", "A0001", "0001T", "0001U"] {
            let of_code = rows.iter().filter(|row| row.code == text.as_bytes());
            let want = match of_code.map(|row| (row.units, row.indicator)).max() {
                Some((units, indicator)) => LimitAnswer::Limit { units, indicator },
                None => LimitAnswer::None,
            };
            let (code, _) = code(text);
            prop_assert_eq!(loaded.limit(LimitSetting::Dme, code, day(9)), want);
            let not_covered = LimitAnswer::NotCovered;
            prop_assert_eq!(loaded.limit(LimitSetting::Dme, code, day(10)), not_covered);
            prop_assert_eq!(loaded.limit(LimitSetting::Outpatient, code, day(9)), not_covered);
        }
    }

    #[test]
    fn add_ons_are_told_as_by_every_row(rows in rows(Kind::AddOn)) {
        let loaded = edition(Kind::AddOn, "a", (0, DAYS - 1), rows.clone());
        let loaded = Reference::of(&[loaded]).unwrap();
        let Rows::AddOns(rows) = rows else { panic!("no add-ons") };
        let codes = ["00001", "00002", "00003", "A0001", "0001T", "0001U"].map(|text| code(text).0);
        for (on, add_on) in (0..DAYS).map(day).flat_map(|on| codes.map(|code| (on, code))) {
            let in_force: Vec<&AddOnRow> = rows
                .iter()
                .filter(|row| row.add_on == *add_on.as_bytes() && row.days.include(on))
                .collect();
            prop_assert_eq!(loaded.is_add_on(add_on, on), !in_force.is_empty());
            let found = loaded.add_on(add_on, on);
            let Some(found) = found.add_on() else {
                prop_assert!(in_force.is_empty() && matches!(found, AddOnAnswer::None));
                continue;
            };
            let has = |kind: &u8| in_force.iter().any(|row| row.kind == *kind);
            let kind = [2, 3, 1].into_iter().find(has);
            prop_assert_eq!(Some(found.kind), kind);
            let primaries: BTreeSet<[u8; 5]> =
                in_force.iter().filter_map(|row| row.primary).collect();
            let listed: Vec<[u8; 5]> = found.primaries().map(|code| *code.as_bytes()).collect();
            prop_assert_eq!(listed, primaries.iter().copied().collect::<Vec<_>>());
            for code in codes {
                prop_assert_eq!(found.has_primary(code), primaries.contains(code.as_bytes()));
            }
            let is_open = in_force.iter().any(|row| row.primary.is_none());
            prop_assert_eq!(found.is_left_to_contractors(), is_open);
        }
        let late = loaded.add_on(codes[0], day(DAYS));
        prop_assert!(matches!(late, AddOnAnswer::NotCovered));
    }
}
