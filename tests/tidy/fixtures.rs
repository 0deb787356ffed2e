//! Fixtures: one for each rule, no orphans, small files, and nobody in them who exists.

use std::collections::BTreeSet;
use std::fs;

use crate::none;
use crate::source::{files_under, root};

const FIXTURE_BYTES_MAX: usize = 256 * 1024;

/// Larger fixtures: the path and why.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Columns that hold a patient's number: `M` and digits, so that none is somebody's.
const PATIENT_COLUMNS: [&str; 6] =
    ["memberid", "patientid", "subscriberid", "mrn", "personid", "beneid"];

/// Columns that hold a name, and the names that were made up for fixtures.
const NAME_COLUMNS: [&str; 5] = ["patientname", "membername", "lastname", "firstname", "name"];
const INVENTED_NAMES: [&str; 6] = ["Ada", "Bela", "Example", "Sample", "Specimen", "Test"];

/// The payers that were made up for fixtures.
const INVENTED_PAYERS: [&str; 12] = [
    "Harborview Mutual",
    "Northfield Health Plan",
    "Meadow Care",
    "Summit Assurance",
    "Riverbend Benefit Trust",
    "Juniper Health",
    "Lakeshore Medical Plan",
    "Orchard & Pine",
    "Example Health",
    "Sample Plan",
    "Payer A",
    "Payer B",
];

/// The rule that a file under `fixtures/rules/` is for: its name up to the first point.
fn code_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// Complaints about rules without a fixture and fixtures without a rule.
fn pairing_complaints(codes: &BTreeSet<&str>, paths: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    for code in codes {
        let ending = if code.starts_with("X12") { "837" } else { "csv" };
        let path = format!("fixtures/rules/{code}.{ending}");
        if !paths.contains(&path) {
            complaints.push(format!("{path} is missing; write lines that {code} hits and misses"));
        }
    }
    for path in paths.iter().filter(|path| !codes.contains(code_of(path))) {
        complaints.push(format!("{path} belongs to no rule; name it after one or remove it"));
    }
    complaints
}

/// Complaints about cells that might be somebody's.
fn privacy_complaints(path: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut complaints = Vec::new();
    if let Some(word) = text.split(|c: char| !c.is_ascii_digit() && c != '-').find(|w| is_ssn(w)) {
        complaints.push(format!("{path}: {word} has the form of a social security number"));
    }
    let delimiter = ['\t', '|', ';'].into_iter().find(|d| first_line(&text).contains(*d));
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter.map_or(b',', |d| d as u8)).flexible(true).has_headers(false);
    let mut records = builder.from_reader(bytes).into_byte_records().map_while(Result::ok);
    let Some(header) = records.next() else { return complaints };
    let cells = |record: &csv::ByteRecord| -> Vec<String> {
        record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
    };
    let header: Vec<String> = cells(&header).iter().map(|name| plain(name)).collect();
    for (number, record) in (2..).zip(records) {
        for (name, cell) in header.iter().zip(cells(&record)) {
            if let Some(advice) = stranger(name, &cell) {
                complaints.push(format!("{path}: record {number}: {advice}"));
            }
        }
    }
    complaints
}

/// Why a cell might be about somebody who exists.
fn stranger(column: &str, cell: &str) -> Option<String> {
    let column = &column;
    // Short words are the words for "no value", and what tests of damage are made of.
    if cell.len() <= 4 {
        return None;
    }
    if PATIENT_COLUMNS.contains(column) {
        let digits = cell.strip_prefix('M').unwrap_or_default();
        let invented = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        return (!invented).then(|| format!("`{cell}`: write a patient's number as M and digits"));
    }
    if NAME_COLUMNS.contains(column) {
        let invented = cell.split([' ', ',']).filter(|word| !word.is_empty());
        let stranger = invented.into_iter().find(|word| !INVENTED_NAMES.contains(word));
        return stranger.map(|name| format!("`{name}`: take a name of INVENTED_NAMES"));
    }
    let stranger =
        *column == "payer" && !INVENTED_PAYERS.iter().any(|payer| payer.eq_ignore_ascii_case(cell));
    stranger.then(|| format!("`{cell}`: take a payer of INVENTED_PAYERS, or add one you made up"))
}

/// A header name with letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Three, two and four digits with hyphens.
fn is_ssn(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [3, 2, 4]
}

#[test]
fn each_rule_has_a_fixture_and_each_fixture_a_rule() {
    let codes = claimlint::rules::ALL.iter().map(|rule| rule.info.code).collect();
    none(&pairing_complaints(&codes, &files_under("fixtures/rules")));
}

#[test]
fn fixtures_are_small_and_invented() {
    let mut complaints = Vec::new();
    for path in files_under("fixtures") {
        let bytes = fs::read(root().join(&path)).expect("fixtures can be read");
        let excepted = EXCEPTIONS.iter().any(|(known, _)| *known == path);
        if bytes.len() > FIXTURE_BYTES_MAX && !excepted {
            complaints
                .push(format!("{path}: larger than 256 KiB; generate it in the test instead"));
        }
        if bytes.len() <= FIXTURE_BYTES_MAX && excepted {
            complaints.push(format!("{path}: needs no exception any more; drop it"));
        }
        let table = [".csv", ".tsv", ".psv", ".txt"].iter().any(|end| path.ends_with(end));
        if table {
            complaints.extend(privacy_complaints(&path, &bytes));
        }
    }
    none(&complaints);
}

#[test]
fn lonely_rules_and_orphans_are_found() {
    let paths = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("fixtures/rules/{name}")).collect()
    };
    let codes = BTreeSet::from(["COD001", "COD002"]);
    let all = paths(&["COD001.csv", "COD001.snap", "COD002.csv", "COD002.toml"]);
    assert_eq!(pairing_complaints(&codes, &all), [""; 0]);
    assert_eq!(pairing_complaints(&codes, &paths(&["COD001.csv"])).len(), 1);
    assert_eq!(pairing_complaints(&codes, &[&all[..], &paths(&["COD009.csv"])].concat()).len(), 1);
}

#[test]
fn strangers_are_found() {
    let count = |text: &str| privacy_complaints("fixtures/a.csv", text.as_bytes()).len();
    assert_eq!(count("member_id,payer\nM0001,Meadow Care\nNULL,n/a\n,\n"), 0);
    assert_eq!(count("Member ID\n1EG4TE5MK73\n"), 1);
    assert_eq!(count("claim_id\tpayer\nA\tSome Real Insurer\n"), 1);
    assert_eq!(count("last_name,claim_id\nExample,1\nMiller,2\n"), 1);
    assert_eq!(count("note\nssn 123-45-6789\n"), 1);
    assert_eq!(count(""), 0);
}
