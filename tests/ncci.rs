//! The rules on NCCI edits against a slow reference: an invented export in three orders, in several
//! shapes of a run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
#![allow(clippy::string_slice, reason = "a test may fail by panicking")]

mod common;
#[path = "common/ncci_data.rs"]
mod data;
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
use data::{export, lines, tables};
use dice::Dice;
use slow::{AddOnRow, Found, LimitRow, PairRow, Tables};

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

fn agree(
    (settings, tables): (&Settings, &Tables),
    shapes: &[Shape],
    bytes: &[u8],
    told: &str,
) -> BTreeSet<Found> {
    let want = slow::findings(bytes, tables);
    for shape in shapes.iter().copied() {
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
    let settings = &of_all_rules(&tables);
    let with = (settings, &tables);
    let mut rows = lines(count, seed);
    let found = agree(with, &shapes(), &export(&rows, &[]), "grouped");
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().for_each(|(_, rule)| *by_rule.entry(rule).or_default() += 1);
    assert!(
        by_rule.len() == 8 && by_rule.values().all(|many| *many > count / 1000),
        "every rule finds something: {by_rule:?}"
    );
    agree(with, &SHAPES[..1], &export(&rows, &["unit_type"]), "without types of units");
    rows.reverse();
    agree(with, &shapes(), &export(&rows, &[]), "reversed");
    let mut dice = Dice::new(seed, 2);
    (1..rows.len()).rev().for_each(|at| rows.swap(at, dice.below(at as u64 + 1) as usize));
    agree(with, &shapes(), &export(&rows, &[]), "shuffled");
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
