//! The same claims in every format give the same findings, wherever each of them lies.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;
#[path = "../benches/data/mod.rs"]
mod data;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use claimlint::config::settings::Settings;
use claimlint::model::{Date, Finding};
use claimlint::report::Summary;
use common::{SHAPES, check, check_file, code, settings};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    let path = path(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn all_rules() -> Settings {
    let mut all = settings(&["ALL"]);
    all.knowledge.as_of = Date::from_ymd(2026, 10, 31).unwrap();
    all
}

fn read_bytes(bytes: &[u8]) -> (Vec<Finding>, Summary) {
    check(&all_rules(), SHAPES[0], 2 << 20, &[("claims", bytes)]).unwrap()
}

fn read(name: &str) -> (Vec<Finding>, Summary) {
    read_bytes(&bytes(name))
}

#[test]
fn generated_lines_say_the_same_as_csv_and_as_x12() {
    let recipe = data::Recipe { lines: 4_000, ..data::Recipe::default() };
    let (mut csv, mut x12) = (Vec::new(), Vec::new());
    data::write(&recipe, &mut csv).unwrap();
    data::x12::write_x12(&recipe, &mut x12).unwrap();
    let rules = settings(&["COD001", "COD002", "COD003", "CAT001", "CAT002", "X12"]);
    // A line of the delimited export may have lost its claim, and blanks beside a code differ.
    let run = |bytes: &[u8]| {
        let (findings, summary) = check(&rules, SHAPES[2], 2 << 20, &[("a", bytes)]).unwrap();
        let said = findings.iter().map(|finding| {
            let value = finding.value.as_deref().map(str::trim);
            format!("{} {:?} {value:?} {}", code(finding), finding.service_line, finding.message)
        });
        (said.collect::<Vec<_>>(), summary.lines.checked)
    };
    let (csv, x12) = (run(&csv), run(&x12));
    assert!(csv.0.len() > 50);
    assert_eq!(x12, csv);
}

/// What a finding says, its place apart.
fn said(finding: &Finding) -> String {
    let related: Vec<&str> = finding.related.iter().map(|other| other.value.as_str()).collect();
    format!(
        "{} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?} {:?}",
        code(finding),
        finding.severity,
        finding.claim_id,
        finding.service_line,
        finding.field,
        finding.value,
        finding.message,
        finding.suggestion,
        related,
        finding.amount
    )
}

#[test]
fn claims_say_the_same_as_csv_and_as_x12() {
    for (csv, x12, claims) in [
        ("claims.csv", "claims.837p", 12),
        ("institutional.csv", "claims.837i", 4),
        ("dental.csv", "claims.837d", 2),
    ] {
        let ((csv_findings, csv_summary), (findings, summary)) = (read(csv), read(x12));
        let all = |findings: &[Finding]| findings.iter().map(said).collect::<Vec<_>>();
        assert_eq!(all(&findings).join("\n"), all(&csv_findings).join("\n"), "{x12}");
        assert!(!findings.is_empty(), "{x12}");
        assert_eq!((summary.claims, csv_summary.claims), (claims, claims), "{x12}");
        assert_eq!(summary.clean_claims, csv_summary.clean_claims, "{x12}");
        assert_eq!(summary.lines.checked, csv_summary.lines.checked, "{x12}");
        assert_eq!(summary.classes, csv_summary.classes, "{x12}");
        assert_eq!(summary.at_risk, csv_summary.at_risk, "{x12}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn claims_say_the_same_packed_with_tabs_and_as_parquet() {
    let all = |(findings, summary): (Vec<Finding>, Summary)| {
        let said: Vec<String> = findings.iter().map(said).collect();
        (said, summary.claims, summary.clean_claims, summary.at_risk, summary.classes)
    };
    for name in ["claims", "institutional", "dental"] {
        let text = bytes(&format!("{name}.csv"));
        let want = all(read_bytes(&text));
        let tabs: Vec<u8> = text.iter().map(|b| if *b == b',' { b'\t' } else { *b }).collect();
        assert!(!text.contains(&b'"') && !text.contains(&b'\t'));
        assert_eq!(all(read_bytes(&tabs)), want, "{name} with tabs");
        assert_eq!(all(read_bytes(&gzip(&text))), want, "{name} as gzip");
        let zst = zstd::encode_all(text.as_slice(), 3).unwrap();
        assert_eq!(all(read_bytes(&zst)), want, "{name} as zstd");
        if cfg!(feature = "polars") {
            let parquet = path(&format!("{name}.parquet"));
            let read = check_file(&all_rules(), SHAPES[0], 2 << 20, &parquet).unwrap();
            assert_eq!(all(read), want, "{name} as Parquet");
        }
    }
    for name in ["claims.837p", "claims.837i", "claims.837d"] {
        let text = bytes(name);
        assert_eq!(all(read_bytes(&gzip(&text))), all(read_bytes(&text)), "{name} as gzip");
    }
}
