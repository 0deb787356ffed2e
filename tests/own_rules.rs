//! Rules of the user's over lines, claims and patients' days, held against plain maps over the same
//! export, in any order of its lines and any shape of run.
#![cfg(feature = "polars")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

#[path = "../benches/data/mod.rs"]
mod data;

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use claimlint::config::{self, Layer, Loaded, Sources, Stock};
use claimlint::model::Finding;
use claimlint::report::Summary;
use claimlint::report::summary::Outcome;
use claimlint::rules::embedded;
use common::{SHAPES, Shape, check_with, registry};
use data::dice::Dice;
use data::{Order, Recipe};

/// The settings with the rules of a text, and nothing else enabled but what `also` names.
fn loaded(text: &str, also: &[&str]) -> Loaded {
    let sources = Sources {
        flags: Layer::parse(text, "rules.toml", Path::new(".")).unwrap(),
        configs: Vec::new(),
        rules: Vec::new(),
        isolated: true,
        directory: Path::new(".").to_owned(),
        system: Path::new("/nowhere").to_owned(),
        environment: &|_| None,
    };
    let built_in = registry();
    let stock = Stock {
        registry: &built_in,
        base: embedded::knowledge().unwrap(),
        presets: &embedded::preset,
        layouts: &embedded::LAYOUTS,
    };
    let mut loaded = config::load(&sources, stock).unwrap();
    for ((_, rule), setting) in loaded.registry.iter().zip(&mut loaded.settings.rules) {
        setting.enabled = rule.info.own.is_some() || also.contains(&rule.info.code);
    }
    loaded
}

/// The findings, without the lines that a report might show, and the summary.
fn run(loaded: &Loaded, shape: Shape, inputs: &[(&str, &[u8])]) -> (Vec<Finding>, Summary) {
    let (mut findings, summary) =
        check_with(loaded.registry, &loaded.settings, shape, 2 << 20, inputs).unwrap();
    findings.iter_mut().for_each(|finding| finding.snippet = None);
    (findings, summary)
}

/// The records that rules of these codes find, as (code, input, record).
fn records(loaded: &Loaded, findings: &[Finding], codes: &[&str]) -> BTreeSet<(u32, u64)> {
    let of =
        |finding: &&Finding| codes.contains(&loaded.registry.get(finding.rule).unwrap().info.code);
    let found = findings.iter().filter(of);
    found.map(|finding| (finding.place.source, finding.place.record)).collect()
}

fn rule(summary: &Summary, code: &str) -> (u64, u64) {
    let rule = summary.rules.iter().find(|rule| rule.info.code == code).unwrap();
    (rule.judged, rule.found)
}

const CATEGORY_TWO: &str = r#"
[[rule]]
code = "ORG001"
name = "category-two-alone"
title = "Category II without Category I"
scope = "claim"
severity = "error"
fails-when = """
COUNT(*) FILTER (WHERE class = 'category-2') > 0
AND COUNT(*) FILTER (WHERE class LIKE 'category-1%') = 0"""
lines-when = "class = 'category-2'"
message = "{procedure_code} is one of {COUNT(*)} lines"
"#;

#[test]
fn the_category_two_rule_in_sql_finds_the_lines_of_both_of_ours() {
    let loaded = loaded(CATEGORY_TWO, &["CII001", "CII002"]);
    for (lines, shapes) in [(20_000, &SHAPES[..3]), (1_500, &SHAPES[..])] {
        for order in [Order::Grouped, Order::Scattered, Order::Shuffled] {
            let mut bytes = Vec::new();
            let recipe = Recipe { lines, order, seed: 7, ..Recipe::default() };
            data::write(&recipe, &mut bytes).unwrap();
            let mut told: Option<Vec<Finding>> = None;
            for shape in shapes {
                let (findings, _) = run(&loaded, *shape, &[("export.csv", &bytes)]);
                let own = records(&loaded, &findings, &["ORG001"]);
                assert_eq!(own, records(&loaded, &findings, &["CII001", "CII002"]), "{shape:?}");
                assert!(own.len() > 10);
                assert!(*told.get_or_insert_with(|| findings.clone()) == findings, "{shape:?}");
            }
        }
    }
}

/// A line: claim, patient, day, code, units, place, payer.
type Row = [String; 7];

fn rows(lines: u64) -> Vec<Row> {
    let mut dice = Dice::new(11, 0);
    let row = |_| {
        [
            format!("C{}", dice.below(lines / 3)),
            dice.pick(&["P1", "P2", "P3", "P4", "P5", ""]).to_owned(),
            dice.pick(&["2025-01-01", "2025-01-02", "2024-12-31", "2025-06-30", "", "soon"])
                .to_owned(),
            dice.pick(&["99213", "97110", "3044F", "J1885", "junk", ""]).to_owned(),
            dice.pick(&["1", "2", "3", "2.5", "", "many"]).to_owned(),
            dice.pick(&["11", "22", "02", ""]).to_owned(),
            dice.pick(&["ACME", "acme ", "Other", ""]).to_owned(),
        ]
    };
    (0..lines).map(row).collect()
}

fn export(rows: &[Row]) -> Vec<u8> {
    let header = "claim_id,patient_id,service_date,procedure_code,units,place_of_service,payer\n";
    let lines = rows.iter().map(|row| row.join(",") + "\n");
    [header.to_owned()].into_iter().chain(lines).collect::<String>().into_bytes()
}

const GROUPS: &str = r#"
[[rule]]
code = "ORG001"
name = "units-of-a-claim"
title = "Too many units"
scope = "claim"
fails-when = "SUM(units) > 5"
applies-when = "COUNT(DISTINCT place_of_service) < 3"
message = "{SUM(units)} units"
effective = { from = "2025-01-01", to = "2025-01-31" }
payer = "Acme"

[[rule]]
code = "ORG002"
name = "codes-of-a-day"
title = "Too many codes"
scope = "patient-day"
fails-when = "COUNT(DISTINCT procedure_code) > 1"
lines-when = "place_of_service = '22'"
message = "{COUNT(*)} lines on {service_date}"

[[rule]]
code = "ORG003"
name = "many-units"
title = "Many units"
fails-when = "units > 2 AND place_of_service <> '11'"
applies-when = "payer <> 'Other'"
message = "{units} units"
"#;

fn units(text: &str) -> Option<i64> {
    Some(match text {
        "1" => 10,
        "2" => 20,
        "3" => 30,
        "2.5" => 25,
        _ => return None,
    })
}

fn is_day(text: &str) -> bool {
    text.starts_with("20")
}

/// What a rule says: records it finds, lines it judges, lines it cannot tell of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    found: BTreeSet<(u32, u64)>,
    judged: u64,
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn slow(rows: &[Row]) -> [Said; 3] {
    let mut said = [Said::default(), Said::default(), Said::default()];
    let record = |at: usize| (0, at as u64 + 1);
    let (mut claims, mut days) = (BTreeMap::new(), BTreeMap::new());
    for (at, row) in rows.iter().enumerate() {
        let [claim, patient, day, _, many, place, payer] = row;
        let in_time = is_day(day).then(|| day.starts_with("2025-01"));
        let of_payer = (!payer.is_empty()).then(|| payer.trim().eq_ignore_ascii_case("acme"));
        if and(in_time, of_payer) == Some(true) {
            claims.entry(claim).or_insert_with(Vec::new).push(at);
        }
        if !patient.is_empty() && is_day(day) {
            days.entry((patient, day)).or_insert_with(Vec::new).push(at);
        }
        let asked = (!payer.is_empty()).then(|| payer != "Other");
        let fails =
            and(units(many).map(|units| units > 20), (!place.is_empty()).then(|| place != "11"));
        match and(asked, fails) {
            Some(true) => {
                said[2].found.insert(record(at));
                said[2].judged += 1;
            }
            Some(false) if asked == Some(true) => said[2].judged += 1,
            _ => {}
        }
    }
    for lines in claims.values() {
        let known: Vec<i64> = lines.iter().filter_map(|at| units(&rows[*at][4])).collect();
        let places: BTreeSet<&str> = lines
            .iter()
            .map(|at| rows[*at][5].as_str())
            .filter(|place| !place.is_empty())
            .collect();
        let fails = (!known.is_empty()).then(|| known.iter().sum::<i64>() > 50);
        let unreadable = lines.iter().any(|at| !is_day(&rows[*at][2]) || rows[*at][4] == "many");
        match and(Some(places.len() < 3), fails) {
            Some(true) => {
                said[0].found.insert(record(lines[0]));
                said[0].judged += lines.len() as u64;
            }
            Some(false) if places.len() < 3 && !unreadable => said[0].judged += lines.len() as u64,
            _ => {}
        }
    }
    for lines in days.values() {
        let codes: BTreeSet<&str> = lines
            .iter()
            .map(|at| rows[*at][3].as_str())
            .filter(|code| !matches!(*code, "" | "junk"))
            .collect();
        let unreadable = lines.iter().any(|at| rows[*at][3] == "junk");
        if codes.len() > 1 {
            said[1].judged += lines.len() as u64;
            let meant: Vec<usize> =
                lines.iter().copied().filter(|at| rows[*at][5] == "22").collect();
            let meant = if meant.is_empty() { vec![lines[0]] } else { meant };
            said[1].found.extend(meant.into_iter().map(record));
        } else if !unreadable {
            said[1].judged += lines.len() as u64;
        }
    }
    said
}

#[test]
fn rules_find_what_plain_maps_find_in_any_shape() {
    let loaded = loaded(GROUPS, &[]);
    for lines in [30, 900, 3_000] {
        let rows = rows(lines);
        let bytes = export(&rows);
        let want = slow(&rows);
        let mut told: Option<Vec<Finding>> = None;
        for shape in SHAPES {
            let (findings, summary) = run(&loaded, shape, &[("export.csv", &bytes)]);
            for (code, want) in ["ORG001", "ORG002", "ORG003"].into_iter().zip(&want) {
                let found = records(&loaded, &findings, &[code]);
                assert_eq!(found, want.found, "{code} {shape:?}");
                let counts = (want.judged, want.found.len() as u64);
                assert_eq!(rule(&summary, code), counts, "{code} {shape:?}");
            }
            assert!(*told.get_or_insert_with(|| findings.clone()) == findings, "{shape:?}");
        }
    }
}

#[test]
fn what_a_rule_cannot_tell_is_counted_and_never_clean() {
    let loaded = loaded(GROUPS, &[]);
    let run = |text: &str| run(&loaded, SHAPES[0], &[("export.csv", text.as_bytes())]);
    let header = "claim_id,patient_id,service_date,procedure_code,units,place_of_service,payer\n";
    for (line, clean) in [
        // Everything is known.
        ("A,P1,2025-01-01,99213,1,11,ACME\n", 1),
        // Units that cannot be read: neither the claim's sum nor the line's.
        ("A,P1,2025-01-01,99213,x,22,ACME\n", 0),
        // A day that cannot be read: whether the rule holds is unknown.
        ("A,P1,soon,99213,1,11,ACME\n", 0),
        // No payer.
        ("A,P1,2025-01-01,99213,1,11,\n", 0),
        // No patient: no day to look at.
        ("A,,2025-01-01,99213,1,11,ACME\n", 0),
    ] {
        let (findings, summary) = run(&format!("{header}{line}"));
        assert_eq!((findings.len(), summary.clean_claims), (0, clean), "{line}");
    }
    // A part that cannot be read does not hide what the rest shows.
    let two = "A,P1,2025-01-01,99213,3,11,ACME\nA,P1,2025-01-01,99213,3,11,ACME\n";
    let (findings, _) = run(&format!("{header}{two}A,P1,2025-01-01,99213,x,11,ACME\n"));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "6 units");
}

#[test]
fn an_input_without_a_column_is_not_clean_beside_one_that_has_it() {
    let loaded = loaded(GROUPS, &[]);
    let with = "claim_id,patient_id,service_date,procedure_code,units,place_of_service,payer\n\
                A,P1,2025-01-01,99213,1,11,ACME\n";
    let without = "claim_id,patient_id,service_date,procedure_code,units,place_of_service\n\
                   B,P1,2025-01-01,99213,1,11\n";
    let inputs = [("one.csv", with.as_bytes()), ("two.csv", without.as_bytes())];
    let (findings, summary) = run(&loaded, SHAPES[0], &inputs);
    assert_eq!((findings.len(), summary.claims, summary.clean_claims), (0, 2, 1));
    let (_, summary) = run(&loaded, SHAPES[0], &[inputs[1]]);
    assert_eq!((rule(&summary, "ORG003").0, rule(&summary, "ORG002").0), (0, 1));
}

#[test]
fn a_group_too_large_to_be_seen_is_left_out_and_counted() {
    let loaded = loaded(GROUPS, &[]);
    let mut text =
        "claim_id,patient_id,service_date,procedure_code,units,place_of_service,payer\n".to_owned();
    for _ in 0..16_385 {
        text.push_str("A,P1,2025-01-01,99213,1,11,ACME\n");
    }
    text.push_str("B,P2,2025-01-01,99213,1,11,ACME\n");
    for shape in [SHAPES[0], SHAPES[5]] {
        let (findings, summary) = run(&loaded, shape, &[("export.csv", text.as_bytes())]);
        assert!(findings.is_empty());
        assert_eq!((summary.claims, summary.clean_claims), (2, 1));
        assert_eq!((rule(&summary, "ORG001").0, rule(&summary, "ORG002").0), (1, 1));
        for code in ["ORG001", "ORG002"] {
            let rule = summary.rules.iter().find(|rule| rule.info.code == code).unwrap();
            let Outcome::NotChecked(why) = &rule.outcome else { panic!("{shape:?}") };
            assert_eq!(why, "16385 lines in groups too large to be compared");
        }
    }
}

#[test]
fn a_name_that_slipped_into_a_column_of_codes_is_shown_by_its_shape() {
    let rule = r#"
[[rule]]
code = "ORG001"
name = "any-place"
title = "A place"
fails-when = "place_of_service IS NOT NULL"
message = "place {place_of_service}, {'at ' || place_of_service}, modifier {modifier_1}, {payer}"
"#;
    let loaded = loaded(rule, &[]);
    let text = "claim_id,procedure_code,place_of_service,modifier_1,payer\n\
                A,99213,Jane Roe,25 Roe,Meadow Care\n";
    let (findings, _) = run(&loaded, SHAPES[0], &[("export.csv", text.as_bytes())]);
    let want = "place Xxxx Xxx, xx Xxxx Xxx, modifier 99 Xxx, Meadow Care";
    assert_eq!(findings[0].message, want);
}
