//! The workbook of a run, read back: what the findings come to by claim, with nothing lost and
//! nothing that a spreadsheet would run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _};
use serde_json::Value;

use common::program::Folder;

/// What a spreadsheet might run, or take for a number.
const HOSTILE: [&str; 12] = [
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://x.example\",\"see\")",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "＝1+1",
    "0012",
    "1E5",
    "2026-10-04",
    "_x003D_1",
    "<f>1+1</f>",
];

/// An export in which lines of a claim lie apart, and most are wrong.
fn export() -> String {
    let mut text = String::from(
        "claim_id,service_line,procedure_code,charge,payer,rendering_npi,service_date\n",
    );
    for line in 0..600_usize {
        let hostile = HOSTILE[line % HOSTILE.len()].replace('"', "\"\"");
        let claim = match line / 12 % 3 {
            0 => format!("{:05}", line % 40),
            1 => format!("{hostile}{}", line / 200),
            _ => format!("C{line}"),
        };
        let code = ["99213", "9921", "3044F", "99213.0"][line / 5 % 4];
        let charge = ["125.10", "-5.00", "", "x", "0.01"][line % 5];
        let day = line % 28 + 1;
        text.push_str(&format!(
            "\"{claim}\",{line},{code},{charge},\"{hostile}\",\"0{line}\",2026-01-{day:02}\n"
        ));
    }
    text
}

/// The cells of a sheet.
fn sheet(bytes: &[u8], name: &str) -> Vec<Vec<Data>> {
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

/// Each line of an export with a finding: its claim, and what it is charged in cents.
type Lines = BTreeMap<u64, (String, Option<i64>)>;

fn lines(ndjson: &str) -> (Lines, BTreeMap<String, u64>) {
    let (mut lines, mut findings) = (Lines::new(), BTreeMap::new());
    for finding in ndjson.lines() {
        let finding: Value = serde_json::from_str(finding).unwrap();
        let claim = finding["claim_id"].as_str().unwrap().to_owned();
        let amount = finding["amount"].as_str();
        let amount = amount.map(|text| text.replace('.', "").parse().unwrap());
        *findings.entry(claim.clone()).or_default() += 1;
        lines.insert(finding["record"].as_u64().unwrap(), (claim, amount));
    }
    (lines, findings)
}

#[test]
fn a_worklist_says_what_the_findings_come_to() {
    let folder = Folder::new();
    folder.write("claims.csv", export());
    let run = folder.check(&[
        "claims.csv",
        "--select=COD,CII,CLM",
        "-r",
        "xlsx=work.xlsx",
        "-r",
        "ndjson=f.ndjson",
    ]);
    assert_eq!(run.exit, 1, "{run:?}");
    let ndjson = std::fs::read_to_string(folder.path("f.ndjson")).unwrap();
    let (lines, findings) = lines(&ndjson);
    assert!(findings.len() > 100);
    let bytes = std::fs::read(folder.path("work.xlsx")).unwrap();
    let rows = sheet(&bytes, "Worklist");
    let mut seen = BTreeSet::new();
    let (mut before, mut at_risk) = (f64::INFINITY, 0);
    for row in &rows[2..] {
        let Data::String(claim) = &row[0] else { panic!("a claim is text: {:?}", row[0]) };
        let claim = claim.replace("\\u{9}", "\t");
        assert_eq!(row[6], Data::Float(findings[&claim] as f64), "{claim}");
        let mine: Vec<Option<i64>> =
            lines.values().filter(|(id, _)| *id == claim).map(|(_, amount)| *amount).collect();
        assert_eq!(row[5], Data::Float(mine.len() as f64), "{claim}");
        let cents: i64 = mine.iter().flatten().sum();
        let Data::Float(dollars) = row[8] else { panic!("{:?}", row[8]) };
        assert_eq!((dollars * 100.0).round() as i64, cents);
        assert!(dollars <= before, "most dollars first");
        assert_eq!(row[9], Data::Float(mine.iter().filter(|one| one.is_none()).count() as f64));
        assert_eq!(row[14], Data::String("Open".to_owned()));
        (before, at_risk) = (dollars, at_risk + cents);
        assert!(seen.insert(claim));
    }
    assert!(seen.iter().eq(findings.keys()), "every claim with a finding has a row");
    assert!(seen.contains("00039") && seen.contains("1E50"));
    let run = sheet(&bytes, "Run");
    let total = run.iter().find(|row| row[1] == "at risk").unwrap();
    let shown = total[2].to_string().replace(['$', ',', '.'], "");
    assert!(shown.starts_with(&format!("{at_risk} each line")), "{shown}");
}

#[test]
fn no_cell_is_a_formula_or_a_number_that_was_text() {
    let folder = Folder::new();
    folder.write("=1+1.csv", export());
    let run = folder.check(&["=1+1.csv", "--select=ALL", "-r", "xlsx=work.xlsx"]);
    assert_eq!(run.exit, 1, "{run:?}");
    let bytes = std::fs::read(folder.path("work.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        for element in ["<f>", "<f ", "<hyperlink", "externalLink"] {
            assert!(!text.contains(element), "{element}");
        }
        assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')));
    }
    let rows = sheet(&bytes, "Findings");
    let titles: Vec<String> = rows[1].iter().map(ToString::to_string).collect();
    for row in &rows[2..] {
        for (cell, title) in row.iter().zip(&titles) {
            let is_text = matches!(cell, Data::String(_) | Data::Empty);
            assert!(is_text || title == "amount", "{title}: {cell:?}");
        }
    }
    let payers: BTreeSet<String> =
        sheet(&bytes, "Worklist")[2..].iter().map(|row| row[1].to_string()).collect();
    for payer in HOSTILE {
        assert!(payers.contains(payer.trim()), "{payer:?} among {payers:?}");
    }
}

#[test]
fn the_same_claims_give_the_same_bytes() {
    let folder = Folder::new();
    folder.write("claims.csv", export());
    let mut first = None;
    for shape in [["--threads=1", "--memory-limit=16M"], ["--threads=3", "--memory-limit=1G"]] {
        let run = folder
            .check(&[&["claims.csv", "--select=ALL", "-r", "xlsx=w.xlsx"], &shape[..]].concat());
        assert_eq!(run.exit, 1, "{run:?}");
        let bytes = std::fs::read(folder.path("w.xlsx")).unwrap();
        assert!(*first.get_or_insert_with(|| bytes.clone()) == bytes, "{shape:?}");
    }
}
