//! The rules on NCCI edits against a slow reference: an invented export in three orders, in several
//! shapes of a run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;
#[path = "../benches/data/dice.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod dice;
#[path = "common/ncci.rs"]
mod slow;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use claimlint::config::Settings;
use claimlint::lint::OptionValue;
use claimlint::model::Date;
use claimlint::reference::rows::{self, Days, Rows};
use claimlint::reference::{Edition, Kind, Reference};
use claimlint::report::summary::Outcome;
use claimlint::rules::{ALL, embedded};
use common::program::Folder;
use common::{SHAPES, Shape, check, code, settings};
use dice::Dice;
use slow::{AddOnRow, Found, LimitRow, PairRow, Tables};

/// Codes that tables and lines are made of: some anesthesia, a code of HCPCS Level II, one whose
/// primary may lie on another day, and one of Category II.
fn codes() -> Vec<String> {
    let plain = (10201..10237).map(|code| code.to_string());
    let others = ["00102", "00104", "01953", "G0438", "J1885", "99291", "99292", "3044F"];
    plain.chain(others.map(str::to_owned)).collect()
}

fn a_day(dice: &mut Dice) -> String {
    // Some days lie before and between what the editions cover.
    let month = 1 + dice.below(12);
    let year = if dice.happens(200) { 2025 } else { 2026 };
    format!("{year}-{month:02}-{:02}", 1 + dice.below(28))
}

fn window(dice: &mut Dice, at: u64, of: u64) -> (Option<String>, Option<String>) {
    // Windows of one pair lie one after another; the first may begin and the last end openly.
    let month = |at: u64| 1 + at * 12 / of;
    let first = format!("2026-{:02}-{:02}", month(at), 1 + dice.below(5));
    let last = format!("2026-{:02}-{:02}", month(at + 1) - 1, 20 + dice.below(8));
    let is_open = |dice: &mut Dice| dice.happens(5000);
    let first = if at == 0 && is_open(dice) { None } else { Some(first) };
    (first, if at + 1 == of && is_open(dice) { None } else { Some(last) })
}

fn pairs(dice: &mut Dice, codes: &[String], count: usize) -> Vec<PairRow> {
    let mut rows = Vec::new();
    let mut known = BTreeSet::new();
    while known.len() < count {
        let at = (dice.below(codes.len() as u64) as usize, dice.below(codes.len() as u64) as usize);
        // Few pairs are of one code.
        if (at.0 == at.1 && dice.happens(7000)) || !known.insert(at) {
            continue;
        }
        let windows = 1 + dice.below(3);
        for window_at in 0..windows {
            let (first, last) = window(dice, window_at, windows);
            let indicator = dice.pick(&[0, 0, 1, 1, 1, 9]);
            let (one, two) = (codes[at.0].clone(), codes[at.1].clone());
            rows.push(PairRow { one, two, first, last, indicator });
        }
    }
    rows
}

fn limits(dice: &mut Dice, codes: &[String]) -> Vec<LimitRow> {
    let with = codes.iter().filter(|code| *code != "J1885");
    with.map(|code| {
        let (units, indicator) = (dice.below(5) as u32, dice.pick(&[1, 2, 3]));
        LimitRow { code: code.clone(), units, indicator }
    })
    .collect()
}

fn add_ons(dice: &mut Dice, codes: &[String]) -> Vec<AddOnRow> {
    let mut rows = Vec::new();
    for add_on in codes.iter().skip(28).filter(|code| *code != "3044F") {
        let kind = if add_on == "99292" { 1 } else { dice.pick(&[1, 1, 2, 3]) };
        let primaries = if kind == 2 { 0 } else { 1 + dice.below(4) };
        for _ in 0..primaries {
            let primary = Some(codes[dice.below(codes.len() as u64) as usize].clone());
            let last = dice.happens(2000).then(|| "2026-06-30".to_owned());
            rows.push(AddOnRow { add_on: add_on.clone(), primary, kind, first: None, last });
        }
        if kind > 1 || dice.happens(1000) {
            let add_on = add_on.clone();
            rows.push(AddOnRow { add_on, primary: None, kind, first: None, last: None });
        }
    }
    rows
}

fn tables() -> Tables {
    let (codes, dice) = (codes(), &mut Dice::new(7, 0));
    fn of<R>(first: &str, last: &str, rows: Vec<R>) -> slow::Edition<R> {
        slow::Edition { first: first.to_owned(), last: last.to_owned(), rows }
    }
    Tables {
        pairs: [
            vec![
                of("2026-01-01", "2026-06-30", pairs(dice, &codes, 250)),
                of("2026-08-01", "2026-11-30", pairs(dice, &codes, 250)),
                of("2026-10-01", "2026-12-31", pairs(dice, &codes, 250)),
            ],
            vec![of("2026-01-01", "2026-09-30", pairs(dice, &codes, 200))],
        ],
        limits: [
            vec![
                of("2026-01-01", "2026-06-30", limits(dice, &codes)),
                of("2026-07-01", "2026-12-31", limits(dice, &codes)),
            ],
            vec![of("2026-04-01", "2026-12-31", limits(dice, &codes))],
        ],
        add_ons: vec![of("2026-01-01", "2026-11-30", add_ons(dice, &codes))],
    }
}

fn days(first: &Option<String>, last: &Option<String>) -> Days {
    let day = |text: &Option<String>| {
        text.as_ref().map(|text| Date::parse(text.as_bytes()).value().unwrap())
    };
    Days { first: day(first), last: day(last) }
}

fn five(code: &str) -> [u8; 5] {
    code.as_bytes().try_into().unwrap()
}

fn put<R>(
    into: &mut Vec<Edition>,
    kind: Kind,
    editions: &[slow::Edition<R>],
    rows: impl Fn(&[R]) -> Rows,
) {
    for (at, edition) in editions.iter().enumerate() {
        let covers = days(&Some(edition.first.clone()), &Some(edition.last.clone()));
        into.push(Edition {
            kind,
            name: format!("invented-{at}"),
            covers: (covers.first.unwrap(), covers.last.unwrap()),
            is_complete: true,
            sources: Vec::new(),
            rows: rows(&edition.rows),
        });
    }
}

/// The same tables as the crate has them.
fn reference(tables: &Tables) -> Reference {
    let mut editions = Vec::new();
    let pair = |row: &PairRow| rows::PairRow {
        column_one: five(&row.one),
        column_two: five(&row.two),
        days: days(&row.first, &row.last),
        indicator: row.indicator,
    };
    let limit = |row: &LimitRow| rows::LimitRow {
        code: five(&row.code),
        units: row.units,
        indicator: row.indicator,
    };
    let add_on = |row: &AddOnRow| rows::AddOnRow {
        add_on: five(&row.add_on),
        primary: row.primary.as_deref().map(five),
        kind: row.kind,
        days: days(&row.first, &row.last),
    };
    for (kind, of) in [Kind::PtpPractitioner, Kind::PtpOutpatient].into_iter().zip(&tables.pairs) {
        put(&mut editions, kind, of, |all| Rows::Pairs(all.iter().map(pair).collect()));
    }
    for (kind, of) in [Kind::MuePractitioner, Kind::MueOutpatient].into_iter().zip(&tables.limits) {
        put(&mut editions, kind, of, |all| Rows::Limits(all.iter().map(limit).collect()));
    }
    let all_add_ons = |all: &[AddOnRow]| Rows::AddOns(all.iter().map(add_on).collect());
    put(&mut editions, Kind::AddOn, &tables.add_ons, all_add_ons);
    Reference::of(&editions).unwrap().with(&embedded::tables().unwrap()).unwrap()
}

const HEADER: [&str; 15] = [
    "claim_id",
    "patient_id",
    "rendering_npi",
    "billing_npi",
    "procedure_code",
    "modifier_1",
    "modifier_2",
    "service_date",
    "service_end",
    "units",
    "unit_type",
    "charge",
    "place_of_service",
    "claim_frequency",
    "revenue_code",
];
/// Where columns are that are changed once a line is made.
const CODE: usize = 4;
const UNITS: usize = 9;
const CHARGE: usize = 11;
const FREQUENCY: usize = 13;

type Row = [String; HEADER.len()];

fn code_cell(dice: &mut Dice, codes: &[String]) -> String {
    let code = codes[dice.below(codes.len() as u64) as usize].clone();
    match dice.below(60) {
        0 => format!(" {code} "),
        1 => code.to_lowercase(),
        2 if code.starts_with("10") => code.replacen('0', "O", 1),
        3 => "10X2".to_owned(),
        4 => String::new(),
        _ => code,
    }
}

/// The lines of one claim.
fn claim(dice: &mut Dice, codes: &[String], number: u64, visit: &[String; 4]) -> Vec<Row> {
    let [patient, day, rendering, revenue] = visit;
    let lines = 1 + dice.below(4);
    let line = |dice: &mut Dice| {
        let modifier = |dice: &mut Dice| {
            let some =
                ["", "", "", "", "", "", "59", "25", "76", "77", "GP", "XU", "LT", "F3", "5"];
            dice.pick(&some).to_owned()
        };
        let day = match dice.below(40) {
            0 => String::new(),
            1 => "2026-02-30".to_owned(),
            _ => day.clone(),
        };
        let end = match dice.below(8) {
            0 if day.len() == 10 => format!("{}-{:02}", &day[..7], 1 + dice.below(28)),
            1 => String::new(),
            _ => day.clone(),
        };
        let units = ["1", "1", "1", "1", "1", "2", "2", "3", "4", "6", "0", "1.5", "", "x", "-1"];
        let types = ["UN", "UN", "UN", "UN", "", "MJ", "mj"];
        [
            format!("CLM{number:06}"),
            if dice.happens(100) { String::new() } else { patient.clone() },
            if dice.happens(500) { String::new() } else { rendering.clone() },
            "1588799746".to_owned(),
            code_cell(dice, codes),
            modifier(dice),
            modifier(dice),
            day,
            end,
            dice.pick(&units).to_owned(),
            dice.pick(&types).to_owned(),
            format!("{}.00", 10 + dice.below(3)),
            dice.pick(&["11", "22"]).to_owned(),
            dice.pick(&["1", "1", ""]).to_owned(),
            revenue.clone(),
        ]
    };
    (0..lines).map(|_| line(dice)).collect()
}

/// An export's lines: visits of several claims, some taken back, mirrored or replaced.
fn lines(count: usize, seed: u64) -> Vec<Row> {
    let (codes, dice) = (codes(), &mut Dice::new(seed, 1));
    let patients = 1 + count as u64 / 60;
    let mut rows: Vec<Row> = Vec::new();
    let mut number = 0;
    while rows.len() < count {
        let visit = [
            format!("M{}", 1 + dice.below(patients)),
            a_day(dice),
            dice.pick(&["1234567893", "1245319599"]).to_owned(),
            if dice.happens(2500) { "0510".to_owned() } else { String::new() },
        ];
        for _ in 0..=dice.below(3) {
            number += 1;
            let made = claim(dice, &codes, number, &visit);
            for mut row in made.iter().cloned() {
                match dice.below(50) {
                    0 => row[FREQUENCY] = "8".to_owned(),
                    1 => row[CHARGE] = format!("-{}", row[CHARGE]),
                    2 if row[UNITS].starts_with(|c: char| c.is_ascii_digit()) => {
                        row[UNITS] = format!("-{}", row[UNITS])
                    }
                    _ => continue,
                }
                // Sometimes on a claim of its own.
                row[0] =
                    if dice.happens(3000) { format!("REV{number:06}") } else { row[0].clone() };
                rows.push(row);
            }
            if dice.happens(400) {
                for mut row in made.iter().cloned() {
                    if dice.happens(3000) {
                        continue;
                    }
                    row[FREQUENCY] = "7".to_owned();
                    if dice.happens(4000) {
                        row[CODE] = code_cell(dice, &codes);
                    }
                    rows.push(row);
                }
            }
            rows.extend(made);
        }
    }
    rows.truncate(count);
    rows
}

/// The lines as CSV, without some columns.
fn export(rows: &[Row], without: &[&str]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = HEADER.map(str::to_owned);
    for row in [&header].into_iter().chain(rows) {
        let cells = HEADER.iter().zip(row).filter(|(name, _)| !without.contains(name));
        writer.write_record(cells.map(|(_, cell)| cell)).unwrap();
    }
    writer.into_inner().unwrap()
}

fn of_all_rules(tables: &Tables) -> Settings {
    let mut settings = settings(&["PTP", "MUE", "ADD"]);
    settings.knowledge.reference = Arc::new(reference(tables));
    settings
}

fn fast(settings: &Settings, shape: Shape, export: &[u8]) -> BTreeSet<Found> {
    let (findings, _) = check(settings, shape, 2 << 20, &[("export.csv", export)]).unwrap();
    let found: BTreeSet<Found> =
        findings.iter().map(|finding| (finding.place.record, code(finding))).collect();
    assert_eq!(found.len(), findings.len(), "one finding for each line and rule");
    found
}

/// One thread, two threads, and next to no memory.
fn shapes() -> [Shape; 3] {
    [SHAPES[0], SHAPES[1], Shape { threads: 2, spill: true, ..SHAPES[0] }]
}

fn agree(settings: &Settings, tables: &Tables, bytes: &[u8], told: &str) -> BTreeSet<Found> {
    let want = slow::findings(bytes, tables);
    for shape in shapes() {
        let found = fast(settings, shape, bytes);
        let missed: Vec<_> = want.difference(&found).take(10).collect();
        let wrong: Vec<_> = found.difference(&want).take(10).collect();
        let agree = missed.is_empty() && wrong.is_empty();
        assert!(agree, "{told} {shape:?}: missed {missed:?}, found in vain {wrong:?}");
    }
    want
}

fn orders_agree(count: usize, seed: u64) {
    let tables = tables();
    let settings = of_all_rules(&tables);
    let mut rows = lines(count, seed);
    let found = agree(&settings, &tables, &export(&rows, &[]), "grouped");
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().for_each(|(_, rule)| *by_rule.entry(rule).or_default() += 1);
    assert!(
        by_rule.len() == 8 && by_rule.values().all(|many| *many > count / 1000),
        "every rule finds something: {by_rule:?}"
    );
    agree(&settings, &tables, &export(&rows, &["unit_type"]), "without types of units");
    rows.reverse();
    agree(&settings, &tables, &export(&rows, &[]), "reversed");
    let mut dice = Dice::new(seed, 2);
    (1..rows.len()).rev().for_each(|at| rows.swap(at, dice.below(at as u64 + 1) as usize));
    agree(&settings, &tables, &export(&rows, &[]), "shuffled");
}

/// Two lines of a day that are a pair for practitioners, which only they have a table of.
fn judged_as(setting: Option<&str>, revenue: &str, day: &str) -> (Vec<&'static str>, Outcome) {
    let row = PairRow {
        one: "10201".to_owned(),
        two: "10202".to_owned(),
        first: None,
        last: None,
        indicator: 0,
    };
    let mut only = tables();
    only.pairs[0].truncate(1);
    only.pairs[0][0].rows = vec![row];
    only.pairs[1].clear();
    let mut settings = settings(&["PTP001"]);
    settings.knowledge.reference = Arc::new(reference(&only));
    let at = ALL.iter().position(|rule| rule.info.code == "PTP001").unwrap();
    let option = setting.map(|text| ("setting".to_owned(), OptionValue::Text(text.to_owned())));
    settings.rules[at].options = option.into_iter().collect();
    let header = "claim_id,patient_id,service_date,rendering_npi,procedure_code,revenue_code";
    let line = |code: &str| format!("CLM0001,M1,{day},1234567893,{code},{revenue}\n");
    let text = format!("{header}\n{}{}", line("10201"), line("10202"));
    let inputs = [("test.csv", text.as_bytes())];
    let (findings, summary) = check(&settings, SHAPES[0], 2 << 20, &inputs).unwrap();
    (findings.iter().map(code).collect(), summary.rules[0].outcome.clone())
}

#[test]
fn lines_are_judged_by_the_table_of_their_setting_or_not_at_all() {
    let (hit, day) = (vec!["PTP001"], "2026-03-02");
    assert_eq!(judged_as(None, "", day), (hit.clone(), Outcome::Failed));
    assert_eq!(judged_as(Some("practitioner"), "0510", day), (hit, Outcome::Failed));
    let uncovered = "2 lines on days that no reference data covers";
    for (setting, revenue, day) in [
        (None, "0510", day),
        (Some("by-line"), "0510", day),
        (None, "", "2026-12-31"),
        (Some("practitioner"), "0510", "2026-12-31"),
    ] {
        let (found, outcome) = judged_as(setting, revenue, day);
        assert_eq!(found, Vec::<&str>::new());
        assert!(
            matches!(&outcome, Outcome::NotChecked(why) if why.contains(uncovered)),
            "{outcome:?}"
        );
    }
    let (found, outcome) = judged_as(Some("outpatient"), "", day);
    assert_eq!(found, Vec::<&str>::new());
    assert!(matches!(&outcome, Outcome::NotChecked(why) if why.contains("loaded")), "{outcome:?}");
}

#[test]
fn what_a_modifier_lets_through_is_told_to_those_who_ask() {
    let folder = Folder::with_exports();
    for preset in ["default", "practical", "strict"] {
        let told = |more: &[&str]| {
            let plain = ["clean.csv", "--preset", preset, "--output-format", "json"];
            folder.check(&[&plain, more].concat()).stdout
        };
        let plain = told(&[]);
        assert!(plain.contains("PTP002") && !plain.contains("PTP003"), "{preset}");
        assert!(told(&["--extend-select", "PTP003"]).contains("PTP003"), "{preset}");
    }
}

#[test]
fn the_rules_find_what_a_plain_join_finds() {
    orders_agree(20_000, 1);
}

#[test]
#[ignore = "takes long without optimization: run with --release"]
fn the_rules_find_what_a_plain_join_finds_in_a_large_export() {
    orders_agree(200_000, 2);
}
