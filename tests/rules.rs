//! Every rule on its fixture, in every shape that a run can take.
//!
//! A fixture is a CSV whose last column, `expect`, names the rules that each line must raise; where
//! damage forbids such a column, a file beside it lists physical lines and rules. The snapshot
//! holds wording and place only: what must be found is in the fixture. A `.toml` beside it sets
//! options of its rule, a `.refdata` names invented reference data; the example in the rule's
//! documentation has both too.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use std::sync::Arc;

use claimlint::config::Settings;
use claimlint::lint::{OptionValue, Rule};
use claimlint::model::{Date, Finding};
use claimlint::report::summary::Outcome;
use claimlint::rules::ALL;
use common::{SHAPES, check, code, refdata, settings};

/// What a fixture says must be found: physical line (0 for the whole input) and rule.
type Expected = BTreeSet<(u64, String)>;

struct Fixture {
    rule: &'static Rule,
    /// The invented editions that the rule needs, where it needs any.
    refdata: Vec<String>,
    /// The options that are set for the rule, where it does nothing without any.
    options: BTreeMap<String, OptionValue>,
    bytes: Vec<u8>,
    expected: Expected,
    record_bytes_max: usize,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules")
}

fn fixture(rule: &'static Rule) -> Fixture {
    let path = folder().join(format!("{}.{}", rule.info.code, ending(rule)));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut record_bytes_max = 2 << 20;
    let expected = match fs::read_to_string(path.with_extension("expect")) {
        Ok(text) => {
            let limit = text.lines().find_map(|line| line.strip_prefix("# record-bytes-max "));
            record_bytes_max = limit.map_or(record_bytes_max, |limit| limit.parse().unwrap());
            listed(&text)
        }
        Err(_) => in_column(&bytes),
    };
    let named = fs::read_to_string(path.with_extension("refdata")).unwrap_or_default();
    let refdata = named.split_whitespace().map(str::to_owned).collect();
    let options = options(&fs::read_to_string(path.with_extension("toml")).unwrap_or_default());
    Fixture { rule, refdata, options, bytes, expected, record_bytes_max }
}

/// The ending of a rule's fixture.
fn ending(rule: &Rule) -> &'static str {
    if rule.info.code.starts_with("X12") { "837" } else { "csv" }
}

/// Options that are lists, as TOML has them.
fn options(text: &str) -> BTreeMap<String, OptionValue> {
    let table: toml::Table = text.parse().unwrap();
    let list = |value: toml::Value| -> Vec<String> { value.try_into().unwrap() };
    table.into_iter().map(|(key, value)| (key, OptionValue::List(list(value)))).collect()
}

impl Fixture {
    /// Settings with these rules, and with the reference data that the fixture names.
    fn settings(&self, select: &[&str]) -> Settings {
        let mut settings = settings(select);
        settings.knowledge.reference = Arc::new(refdata::reference(&self.refdata));
        settings.knowledge.as_of = Date::from_ymd(2026, 10, 31).unwrap();
        let own = ALL.iter().position(|rule| rule.info.code == self.rule.info.code).unwrap();
        settings.rules[own].options = self.options.clone();
        settings
    }
}

fn listed(text: &str) -> Expected {
    let mut expected = Expected::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (lines, code) = line.split_once(' ').unwrap();
        let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
        for line in first.parse().unwrap()..=last.parse::<u64>().unwrap() {
            expected.insert((line, code.trim().to_owned()));
        }
    }
    expected
}

fn in_column(bytes: &[u8]) -> Expected {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("expect"));
    let mut expected = Expected::new();
    for record in reader.records() {
        let record = record.unwrap();
        let line = record.position().unwrap().line();
        for code in record.iter().next_back().unwrap().split_whitespace() {
            expected.insert((line, code.to_owned()));
        }
    }
    expected
}

/// What was found, as a fixture says it. Dates that no reference data covers are named once for a
/// run: only the fixture of that rule speaks of them.
fn found(rule: &Rule, findings: &[Finding]) -> Expected {
    let line = |finding: &Finding| if finding.place.record == 0 { 0 } else { finding.place.line };
    let all = findings.iter().map(|finding| (line(finding), code(finding).to_owned()));
    all.filter(|(_, code)| code != "REF001" || rule.info.code == "REF001").collect()
}

/// What a snapshot holds of a finding.
fn told(finding: &Finding) -> String {
    let suggestion = finding.suggestion.as_ref().map(|code| format!(" -> {code}"));
    let field = finding.field.map_or("", |field| field.name());
    format!(
        "{}:{} {} {field}: {}{}",
        finding.place.line,
        finding.place.record,
        code(finding),
        finding.message,
        suggestion.unwrap_or_default()
    )
}

/// Rules whose finding is at one line of several: in another order it is at another one.
const IN_ORDER: [&str; 7] = ["AMT004", "CII006", "CLM002", "CLM003", "CLM004", "DUP001", "DUP002"];

#[test]
fn every_fixture_says_what_all_rules_find_in_it() {
    let mut complaints = Vec::new();
    for rule in ALL {
        let fixture = fixture(rule);
        let inputs = [("fixture.csv", fixture.bytes.as_slice())];
        let all = fixture.settings(&["ALL"]);
        let (findings, _) = check(&all, SHAPES[0], fixture.record_bytes_max, &inputs).unwrap();
        let found = found(rule, &findings);
        for (line, code) in found.difference(&fixture.expected) {
            complaints.push(format!("{}.csv:{line}: {code} is not expected", rule.info.code));
        }
        for (line, code) in fixture.expected.difference(&found) {
            complaints.push(format!("{}.csv:{line}: {code} is not found", rule.info.code));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_rule_finds_what_its_fixture_says_in_every_shape() {
    for rule in ALL {
        let fixture = fixture(rule);
        let expects = |code: &str| fixture.expected.iter().any(|(_, known)| known == code);
        assert!(expects(rule.info.code), "{}: the fixture holds no hit", rule.info.code);
        let inputs = [("fixture.csv", fixture.bytes.as_slice())];
        let mut first: Option<Vec<Finding>> = None;
        for shape in SHAPES {
            let run = check(&fixture.settings(&["ALL"]), shape, fixture.record_bytes_max, &inputs);
            let (findings, summary) = run.unwrap_or_else(|e| panic!("{}: {e}", rule.info.code));
            assert_eq!(found(rule, &findings), fixture.expected, "{} {shape:?}", rule.info.code);
            assert!(
                (findings.len() as u64) < summary.lines.physical * 2 + 2
                    && summary.lines.checked + summary.lines.rejected
                        > findings
                            .iter()
                            .filter(|finding| finding.place.record > 0
                                && code(finding) == rule.info.code)
                            .count() as u64,
                "{}: the fixture holds no near miss",
                rule.info.code
            );
            match &first {
                None => first = Some(findings),
                Some(first) => assert_eq!(&findings, first, "{} {shape:?}", fixture.rule.info.code),
            }
        }
        let told: Vec<String> = first.iter().flatten().map(told).collect();
        let mut snapshots = insta::Settings::clone_current();
        snapshots.set_snapshot_path(folder());
        snapshots.set_prepend_module_to_snapshot(false);
        snapshots.set_omit_expression(true);
        snapshots.bind(|| insta::assert_snapshot!(rule.info.code, told.join("\n")));
    }
}

#[test]
fn shuffling_the_lines_changes_no_verdict() {
    let anywhere = |expected: Expected| -> Expected {
        let is = |(_, code): &(u64, String)| !IN_ORDER.contains(&code.as_str());
        expected.into_iter().filter(is).collect()
    };
    for rule in ALL
        .iter()
        .filter(|rule| !rule.info.code.starts_with("STR") && !rule.info.code.starts_with("X12"))
    {
        let fixture = fixture(rule);
        let all = fixture.settings(&["ALL"]);
        let text = String::from_utf8(fixture.bytes).unwrap();
        if text.contains('"') || !text.lines().next().unwrap().ends_with(",expect") {
            continue;
        }
        let mut lines: Vec<&str> = text.lines().collect();
        let header = lines.remove(0);
        // A fixed permutation: every line goes elsewhere, neighbours part.
        let step = (3..).find(|step| gcd(*step, lines.len()) == 1).unwrap();
        let shuffled: Vec<&str> = (0..lines.len()).map(|n| lines[n * step % lines.len()]).collect();
        let bytes = format!("{header}\n{}\n", shuffled.join("\n")).into_bytes();
        let inputs = [("fixture.csv", bytes.as_slice())];
        let (findings, _) = check(&all, SHAPES[5], 2 << 20, &inputs).unwrap();
        let (found, expected) = (anywhere(found(rule, &findings)), anywhere(in_column(&bytes)));
        assert_eq!(found, expected, "{}", rule.info.code);
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn a_rule_alone_finds_what_it_finds_among_all() {
    // MAP001 is about the findings of the others, REF001 about what they could not look up.
    let of_others = |rule: &&&Rule| ["MAP001", "REF001"].contains(&rule.info.code);
    for rule in ALL.iter().filter(|rule| !of_others(rule)) {
        let fixture = fixture(rule);
        let inputs = [("fixture.csv", fixture.bytes.as_slice())];
        let alone = fixture.settings(&[rule.info.code]);
        let (findings, _) = check(&alone, SHAPES[0], fixture.record_bytes_max, &inputs).unwrap();
        let mut expected = fixture.expected;
        expected.retain(|(_, code)| code == rule.info.code);
        assert_eq!(found(rule, &findings), expected, "{}", rule.info.code);
    }
}

#[test]
fn a_rule_without_the_data_it_needs_is_not_checked_and_finds_nothing() {
    for rule in ALL {
        let fixture = fixture(rule);
        if fixture.refdata.is_empty() || rule.info.code.starts_with("REF") {
            continue;
        }
        let inputs = [("fixture.csv", fixture.bytes.as_slice())];
        let alone = settings(&[rule.info.code]);
        let (findings, summary) = check(&alone, SHAPES[0], 2 << 20, &inputs).unwrap();
        assert_eq!(found(rule, &findings), Expected::new(), "{}", rule.info.code);
        let outcome = &summary.rules[0].outcome;
        assert!(matches!(outcome, Outcome::NotChecked(_)), "{}: {outcome:?}", rule.info.code);
    }
}

#[test]
fn the_set_of_rules_is_known() {
    let codes: Vec<String> =
        ALL.iter().map(|rule| format!("{} {}", rule.info.code, rule.info.name)).collect();
    insta::assert_snapshot!(codes.join("\n"));
}

#[test]
fn every_example_of_a_rule_holds() {
    let mut complaints = Vec::new();
    for rule in ALL {
        let Some((_, rest)) = rule.info.doc.split_once("```csv\n") else { continue };
        let example = rest.split("```").next().unwrap();
        let text: String = example.lines().map(|line| format!("{}\n", line.trim_start())).collect();
        let inputs = [("example.csv", text.as_bytes())];
        let run = check(&fixture(rule).settings(&["ALL"]), SHAPES[0], 2 << 20, &inputs);
        let (findings, _) = run.unwrap_or_else(|e| panic!("{}: {e}", rule.info.code));
        let (found, expected) = (found(rule, &findings), in_column(text.as_bytes()));
        if found != expected {
            complaints.push(format!("{}: {found:?}, not {expected:?}", rule.info.code));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
