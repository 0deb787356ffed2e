//! Rules that compare lines must not call a run calm in which they find something: the quick look
//! against the rule itself, over lines that say much the same.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::lint::{Builder, Check, OptionValue, Options, PoolCheck, Run};
use crate::model::batch::Place;
use crate::model::{Cell, Cents, Code, Date, Findings, Modifiers, PooledLine, RuleId, Units};
use crate::rules::{ALL, embedded};

fn build(code: &str, options: &[(&str, &[&str])]) -> crate::error::Result<Check> {
    let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let options = options.iter().map(|(key, v)| ((*key).to_owned(), OptionValue::List(list(v))));
    let knowledge = embedded::knowledge()?;
    let mut options = Options::new(options.collect());
    let rule = ALL.iter().find(|rule| rule.info.code == code).unwrap();
    rule.build.check(&mut Builder { options: &mut options, knowledge: &knowledge })
}

const CODES: [&str; 12] = [
    "CLM002", "CLM003", "CLM004", "AMT004", "DUP001", "DUP002", "CII004", "CII006", "PTP001",
    "MUE002", "ADD001", "ADD002",
];

static CHECKS: LazyLock<Vec<Box<dyn PoolCheck>>> = LazyLock::new(checks);

fn checks() -> Vec<Box<dyn PoolCheck>> {
    let built = CODES.iter().map(|code| match build(code, &[]) {
        Ok(Check::Pool(check)) => Some(check),
        _ => None,
    });
    let mut checks: Vec<_> = built.flatten().collect();
    assert!(checks.len() >= 8, "all but those that want reference data");
    for options in [("professional", &["2"][..]), ("institutional", &["1"])] {
        if let Ok(Check::Pool(check)) = build("CLM004", &[options]) {
            checks.push(check);
        }
    }
    checks
}

fn cell(choice: u8, values: [i128; 4]) -> Cell<Cents> {
    match choice {
        0 => Cell::Missing,
        1 => Cell::Malformed,
        choice => Cell::Value(Cents(values[usize::from(choice) % 4])),
    }
}

/// A line made of a few choices; nearly all choices are the usual ones.
fn a_line(choices: [u8; 14], record: u64) -> PooledLine<'static> {
    let [code, number, charge, total, day, last, modifier, units, frequency, place, who, .., mask] =
        choices;
    let rare = |choice: u8, usual: u8| if choice < 200 { usual } else { choice % 6 };
    let codes = [&b"99213"[..], b"99214", b"3044F", b"1036F", b"J1100", b"9921", b""];
    let value = codes[usize::from(code) % codes.len()];
    let numbers = [
        None,
        Some(&b"1"[..]),
        Some(b"2"),
        Some(b"03"),
        Some(b"3"),
        Some(b"0"),
        Some(b"A"),
        Some(b"99999999999999999999999"),
    ];
    let service_line = match number {
        0..128 => Some([&b"1"[..], b"2", b"3", b"4", b"5", b"6"][record as usize % 6]),
        number => numbers[usize::from(number) % numbers.len()],
    };
    let first = Date::from_ymd(2026, 3, 1 + u32::from(rare(day, 0))).unwrap();
    let until = Date::from_days(first.days() + i32::from(rare(last, 0))).unwrap();
    let mut modifiers = Modifiers::default();
    match rare(modifier, 0) {
        1 => modifiers.malformed = 1,
        2 => assert!(modifiers.push(*b"25")),
        _ => {}
    }
    PooledLine {
        place: Place { source: 0, record, line: record + 1, byte: record * 50 },
        service: 0,
        keepers: u32::from(if mask < 128 { u8::MAX } else { mask }),
        already_found: false,
        overrides: 0,
        code: Code::parse(value),
        value,
        claim_key: None,
        service_line,
        charge: cell(rare(charge, 2), [0, 0, 1000, -1000]),
        days: (rare(day, 0) != 5).then_some((first, until)),
        modifiers,
        units: match rare(units, 2) {
            0 => Cell::Missing,
            1 => Cell::Malformed,
            3 => Cell::Value(Units(-1_000_000)),
            _ => Cell::Value(Units::ONE),
        },
        in_minutes: false,
        frequency: [0, 0, b'1', b'7', b'8', b'8'][usize::from(rare(frequency, 0))],
        claim_total: cell(total % 8, [1000, 2000, 3000, 0]),
        place_of_service: [None, Some(*b"11"), Some(PooledLine::NO_PLACE)]
            [usize::from(rare(place, 1)) % 3],
        patient: [7, 7, 8, 0, 7, 7][usize::from(rare(who, 0))],
        rendering: 1,
        billing: 2,
        revenue: [
            None,
            None,
            Some(450),
            Some(PooledLine::TOTAL_LINE),
            Some(PooledLine::NO_REVENUE_CODE),
            None,
        ][usize::from(rare(who, 0))],
        payer: None,
        provider: None,
        cells: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn nothing_is_found_in_what_is_calm(
        choices in prop::collection::vec(any::<[u8; 14]>(), 1..7),
        same_total in any::<bool>(),
    ) {
        let mut lines: Vec<PooledLine<'_>> =
            choices.iter().zip(1..).map(|(choices, record)| a_line(*choices, record)).collect();
        if same_total {
            let sum: i128 = lines.iter().filter_map(|line| line.charge.value()).map(|c| c.0).sum();
            lines.iter_mut().for_each(|line| line.claim_total = Cell::Value(Cents(sum)));
        }
        for line in &mut lines {
            line.service = crate::exchange::pooled::service(line, &mut Vec::new());
        }
        for (at, check) in CHECKS.iter().enumerate() {
            let bit = at % 8;
            let wanted: Vec<&PooledLine<'_>> =
                lines.iter().filter(|line| line.keepers & (1 << bit) != 0).collect();
            if wanted.is_empty() || !check.is_calm(Run::new(&lines, bit)) {
                continue;
            }
            let mut out = Findings::default();
            out.begin(RuleId(0));
            check.check(&wanted, &mut out);
            prop_assert!(out.reported().is_empty(), "check {} reports: {:?}", at, lines);
            prop_assert!(out.left_out().is_empty(), "check {} leaves out: {:?}", at, lines);
        }
    }
}
