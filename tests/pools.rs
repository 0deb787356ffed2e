//! Rules that compare lines, held against plain maps over the same export, in any order of its
//! lines and any shape of run; and what becomes of groups that are too large.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use claimlint::report::summary::Outcome;
use common::{SHAPES, check, code, settings};

const RULES: [&str; 7] = ["AMT004", "CII004", "CII006", "CLM002", "CLM003", "DUP001", "DUP002"];

const HEADER: &str = "claim_id,service_line,patient_id,service_date,procedure_code,modifier_1,\
                      units,charge,claim_total,claim_frequency";

/// A line of the invented export, every cell as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    claim: String,
    number: u32,
    patient: String,
    day: u32,
    code: &'static str,
    modifier: &'static str,
    units: u32,
    cents: i64,
    total: i64,
    frequency: &'static str,
}

impl Row {
    fn text(&self) -> String {
        let money = |cents: i64| {
            let sign = if cents < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
        };
        format!(
            "{},{},{},2026-03-{:02},{},{},{},{},{},{}\n",
            self.claim,
            self.number,
            self.patient,
            self.day,
            self.code,
            self.modifier,
            self.units,
            money(self.cents),
            money(self.total),
            self.frequency
        )
    }
}

/// Numbers that look thrown, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// Claims of few patients, days and codes, so that everything happens by chance.
fn rows(claims: u64) -> Vec<Row> {
    let mut dice = Dice(7);
    let mut rows: Vec<Row> = Vec::new();
    for claim in 0..claims {
        let patient = format!("M{:04}", dice.below(60));
        let lines = 1 + dice.below(4);
        let frequency = dice.of(&["1", "1", "1", "", "7", "8"]);
        let day = 1 + dice.below(4) as u32;
        let mut own: Vec<Row> = Vec::new();
        for line in 0..lines {
            let code = dice.of(&["99213", "97110", "3044F", "1036F"]);
            let cents = if code.ends_with('F') { 0 } else { dice.of(&[4000, 12500, -4000]) };
            own.push(Row {
                claim: format!("C{claim:05}"),
                number: if dice.below(20) == 0 { 1 } else { line as u32 + 1 },
                patient: match dice.below(40) {
                    0 => format!("M{:04}", dice.below(60)),
                    _ => patient.clone(),
                },
                day: if dice.below(6) == 0 { day + 1 } else { day },
                code,
                modifier: dice.of(&["", "", "", "76", "GP"]),
                units: 1,
                cents,
                total: 0,
                frequency,
            });
        }
        let total: i64 = own.iter().map(|row| row.cents).sum();
        let said = if dice.below(9) == 0 { total + 1 } else { total };
        own.iter_mut().for_each(|row| row.total = said);
        rows.extend(own);
    }
    rows
}

/// What a rule found at which line: the line itself stands for it, with how often it did.
type Found = BTreeMap<(&'static str, Row), usize>;

/// The lines still billed, by their places.
fn billed(lines: &[&Row]) -> Vec<usize> {
    let is_reversal = |row: &Row| row.frequency == "8" || row.cents < 0;
    let service = |row: &Row| (row.day, row.code, row.modifier, row.units, row.cents.abs());
    let replaced = lines.iter().any(|row| row.frequency == "7");
    let mut back: Vec<_> = lines.iter().filter(|r| is_reversal(r)).map(|r| service(r)).collect();
    let mut billed = Vec::new();
    for (at, row) in lines.iter().enumerate() {
        if is_reversal(row) || (replaced && row.frequency != "7") {
            continue;
        }
        match back.iter().position(|reversed| *reversed == service(row)) {
            Some(reversal) => drop(back.remove(reversal)),
            None => billed.push(at),
        }
    }
    billed
}

fn of_claim(lines: &[&Row], found: &mut Found) {
    let mut note = |rule, row: &Row| *found.entry((rule, row.clone())).or_default() += 1;
    let in_force: Vec<&Row> = billed(lines).into_iter().map(|at| lines[at]).collect();
    if let Some(first) = in_force.first() {
        let sum: i64 = in_force.iter().map(|row| row.cents).sum();
        if sum != first.total {
            note("AMT004", first);
        }
        let measure = in_force.iter().find(|row| row.code.ends_with('F'));
        if let Some(measure) = measure.filter(|_| sum == 0) {
            note("CII006", measure);
        }
    }
    let mut numbers = BTreeSet::new();
    for row in &in_force {
        if !numbers.insert(row.number) {
            note("CLM002", row);
        }
    }
    if let Some(other) = lines.iter().find(|row| row.patient != lines[0].patient) {
        note("CLM003", other);
    }
    let said_again = |row: &&&Row| row.modifier != "76";
    let candidates: Vec<&Row> = lines.iter().filter(said_again).copied().collect();
    let mut seen = BTreeSet::new();
    for at in billed(&candidates) {
        let row = candidates[at];
        if !seen.insert((row.day, row.code, row.modifier, row.units, row.cents.abs())) {
            note("DUP001", row);
        }
    }
    let services: Vec<u32> =
        in_force.iter().filter(|row| !row.code.ends_with('F')).map(|row| row.day).collect();
    for row in in_force.iter().filter(|row| row.code.ends_with('F')) {
        if !services.is_empty() && !services.contains(&row.day) {
            note("CII004", row);
        }
    }
}

/// Whether a claim is a void, the place of its first line, and that line.
type First<'r> = (bool, usize, &'r Row);

/// What plain maps find.
fn expected(rows: &[Row]) -> Found {
    let mut found = Found::new();
    let mut claims: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| claims.entry(&row.claim).or_default().push(row));
    let mut equal: BTreeMap<(String, Vec<String>), Vec<First<'_>>> = BTreeMap::new();
    for lines in claims.values() {
        of_claim(lines, &mut found);
        let is_void = lines.iter().all(|row| row.frequency == "8" || row.cents < 0);
        let in_force = billed(lines);
        let which = if is_void { (0..lines.len()).collect() } else { in_force };
        let original = which.iter().all(|at| !["7", "8"].contains(&lines[*at].frequency));
        if which.first() != Some(&0) || !(is_void || original) {
            continue;
        }
        let mut services: Vec<String> = which
            .iter()
            .map(|at| lines[*at])
            .map(|r| format!("{} {} {} {} {}", r.day, r.code, r.modifier, r.units, r.cents.abs()))
            .collect();
        services.sort();
        let place = rows.iter().position(|row| std::ptr::eq(row, lines[0])).unwrap();
        let key = (lines[0].patient.clone(), services);
        equal.entry(key).or_default().push((is_void, place, lines[0]));
    }
    for mut firsts in equal.into_values() {
        firsts.sort_by_key(|(_, place, _)| *place);
        let voids = firsts.iter().filter(|(is_void, ..)| *is_void).count();
        let originals = firsts.iter().filter(|(is_void, ..)| !is_void);
        for (_, _, row) in originals.skip(voids + 1) {
            *found.entry(("DUP002", (*row).clone())).or_default() += 1;
        }
    }
    found
}

fn export(rows: &[Row]) -> Vec<u8> {
    let mut text = format!("{HEADER}\n");
    rows.iter().for_each(|row| text.push_str(&row.text()));
    text.into_bytes()
}

#[test]
fn rules_that_compare_lines_find_what_plain_maps_find_in_any_order_and_shape() {
    let mut rows = rows(800);
    let mut dice = Dice(11);
    for round in 0..2 {
        let bytes = export(&rows);
        let want = expected(&rows);
        for rule in RULES {
            assert!(want.keys().any(|(known, _)| *known == rule), "{rule} has nothing to find");
        }
        for shape in SHAPES.into_iter().filter(|shape| shape.chunk_bytes > 64) {
            let inputs = [("export.csv", bytes.as_slice())];
            let (findings, _) = check(&settings(&RULES), shape, 2 << 20, &inputs).unwrap();
            let mut got = Found::new();
            for finding in &findings {
                let row = rows[finding.place.record as usize - 1].clone();
                *got.entry((code(finding), row)).or_default() += 1;
            }
            for (found, times) in &want {
                assert_eq!(got.get(found), Some(times), "round {round}, {shape:?}: {found:?}");
            }
            for found in got.keys() {
                assert!(want.contains_key(found), "round {round}, {shape:?}: {found:?}");
            }
        }
        for at in (1..rows.len()).rev() {
            rows.swap(at, dice.below(at as u64 + 1) as usize);
        }
    }
}

#[test]
fn a_group_that_is_too_large_is_counted_and_its_claim_is_not_clean() {
    let mut text = "claim_id,procedure_code,service_date,charge\n".to_owned();
    for _ in 0..17_000 {
        text.push_str("PLACEHOLDER,99213,2026-03-02,125.00\n");
    }
    text.push_str("C1,99213,2026-03-02,125.00\n");
    let inputs = [("export.csv", text.as_bytes())];
    for shape in [SHAPES[0], SHAPES[2], SHAPES[6]] {
        let all = settings(&["CLM004", "DUP001"]);
        let (findings, summary) = check(&all, shape, 2 << 20, &inputs).unwrap();
        assert_eq!(findings.len(), 1, "{shape:?}");
        assert_eq!((code(&findings[0]), findings[0].place.record), ("CLM004", 1));
        assert!(findings[0].message.contains("17000 lines"), "{}", findings[0].message);
        let Outcome::NotChecked(why) = &summary.rules[1].outcome else { panic!("{shape:?}") };
        assert_eq!(why, "17000 lines in groups too large to be compared");
        assert_eq!((summary.claims, summary.clean_claims), (2, 1));
        assert_eq!(summary.rules[0].judged, 17_001);
    }
}

fn check_texts(
    selectors: &[&str],
    inputs: &[(&str, &str)],
) -> (Vec<(String, u64)>, claimlint::report::Summary) {
    let inputs: Vec<(&str, &[u8])> =
        inputs.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let (findings, summary) = check(&settings(selectors), SHAPES[0], 2 << 20, &inputs).unwrap();
    let found = findings.iter().map(|finding| (code(finding).to_owned(), finding.place.record));
    (found.collect(), summary)
}

#[test]
fn a_verdict_does_not_depend_on_the_other_rules_nor_on_what_is_shown() {
    let text = "claim_id,service_line,procedure_code,modifier_1,service_date,units,charge,\
                claim_total,place_of_service,rendering_npi\n\
                C1,1,99213,25,2026-03-02,1,10,15,11,1234567893\n\
                C1,2,99213,25,2026-03-02,-1,-10,15,,\n\
                C1,3,99214,25,2026-03-02,1,15,15,11,1234567893\n";
    for selectors in [&["AMT004"][..], &["AMT004", "DUP001"]] {
        assert_eq!(check_texts(selectors, &[("a.csv", text)]).0, [], "{selectors:?}");
    }
    let mut shown = settings(&["AMT004"]);
    shown.output.format = claimlint::report::Format::Full;
    let inputs = [("a.csv", text.as_bytes())];
    assert!(check(&shown, SHAPES[0], 2 << 20, &inputs).unwrap().0.is_empty());
}

#[test]
fn an_input_without_a_column_is_not_clean_where_another_has_it() {
    let whole = "claim_id,procedure_code,patient_id,units\nC1,99213,M1,1\n";
    let lacking = "claim_id,procedure_code,patient_id\nC2,99213,M2\n";
    for (rule, second) in [("UNT001", lacking), ("CLM003", "claim_id,procedure_code\nC2,1036F\n")] {
        let (found, summary) = check_texts(&[rule], &[("a.csv", whole), ("b.csv", second)]);
        assert_eq!(found, []);
        let outcome = &summary.rules[0].outcome;
        let why = "1 line of inputs without a column that it needs";
        assert_eq!(*outcome, Outcome::NotChecked(why.to_owned()), "{rule}");
        assert_eq!((summary.claims, summary.clean_claims), (2, 1), "{rule}");
    }
}

#[test]
fn what_cannot_be_read_is_no_repetition_and_its_claim_is_not_clean() {
    let header = "claim_id,service_line,patient_id,procedure_code,service_date,charge,claim_total";
    for (rule, one, other) in [
        ("DUP001", "C1,1,M1,99213,2026-03-02,abc,", "C1,2,M1,99213,2026-03-02,def,"),
        ("DUP002", "C1,1,M1,99213,2026-03-02,a,", "C2,1,M1,99213,2026-03-02,b,"),
        ("AMT004", "C1,1,M1,99213,2026-03-02,,99.00", "C1,2,M1,99214,2026-03-02,1.00,99.00"),
        ("CII006", "C1,1,M1,3044F,2026-03-02,,", "C1,2,M1,1036F,2026-03-02,0.00,"),
    ] {
        let text = format!("{header}\n{one}\n{other}\n");
        let (found, summary) = check_texts(&[rule], &[("a.csv", &text)]);
        assert_eq!(found, [], "{rule}");
        assert!(matches!(summary.rules[0].outcome, Outcome::NotChecked(_)), "{rule}");
        assert_eq!(summary.clean_claims, 0, "{rule}");
    }
}

#[test]
fn a_void_takes_back_the_line_of_its_own_claim() {
    let text = "claim_id,service_line,patient_id,procedure_code,service_date,charge,\
                claim_frequency\n\
                C1,1,M1,99213,2026-03-02,50.00,1\n\
                C1,2,M1,99213,2026-03-02,50.00,1\n\
                C2,1,M1,99213,2026-03-02,50.00,1\n\
                C2,1,M1,99213,2026-03-02,0.00,8\n";
    let (found, _) = check_texts(&["DUP001", "DUP002"], &[("a.csv", text)]);
    assert_eq!(found, [("DUP001".to_owned(), 2)]);
}
