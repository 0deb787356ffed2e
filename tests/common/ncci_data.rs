//! Invented tables of NCCI edits, and an invented export that they have much to say of: visits of
//! several claims, lines over several days, in minutes, of no units, taken back and replaced.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
#![allow(clippy::string_slice, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::slow::{self, AddOnRow, LimitRow, PairRow, Tables};

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

/// The tables.
pub fn tables() -> Tables {
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

/// The cells of a line.
pub type Row = [String; HEADER.len()];

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
pub fn lines(count: usize, seed: u64) -> Vec<Row> {
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
pub fn export(rows: &[Row], without: &[&str]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = HEADER.map(str::to_owned);
    for row in [&header].into_iter().chain(rows) {
        let cells = HEADER.iter().zip(row).filter(|(name, _)| !without.contains(name));
        writer.write_record(cells.map(|(_, cell)| cell)).unwrap();
    }
    writer.into_inner().unwrap()
}
