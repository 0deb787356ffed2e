//! Workbooks are read back: what they hold is what was found, as text, and every cap is said.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _};

use super::*;
use crate::model::batch::Place;
use crate::model::{Cents, Context, Date, Finding, RuleId, Severity};
use crate::report::breakdown::Share;
use crate::report::canned;

const MANY: Caps = Caps { claims: 100, findings: 100 };

/// A workbook of the canned run.
fn workbook(
    caps: Caps,
    findings: &[Finding],
    claims: &[ClaimFindings],
    breakdown: &Breakdown,
) -> Vec<u8> {
    let (summary, mut bytes) = (canned::summary(), Vec::new());
    let mut sink = Xlsx::within(caps, Out::new("the test", &mut bytes));
    sink.begin(&summary).unwrap();
    findings.iter().for_each(|finding| sink.finding(finding, &summary).unwrap());
    sink.breakdown(breakdown).unwrap();
    sink.claims_in_all(claims.len() as u64, &summary).unwrap();
    let first = claims.iter().take(usize::try_from(sink.claims()).unwrap());
    first.for_each(|claim| sink.claim(claim, &summary).unwrap());
    sink.finish(&summary).unwrap();
    drop(sink);
    bytes
}

fn claim(id: Option<&str>, at_risk: i128) -> ClaimFindings {
    ClaimFindings {
        claim_id: id.map(str::to_owned),
        place: Place { source: 1, record: 7, line: 8, byte: 9 },
        lines: 2,
        findings: 3,
        at_risk: Cents(at_risk),
        charges_unread: 1,
        severity: Severity::Error,
        rules: vec![(RuleId(0), 1), (RuleId(1), 2)],
        context: Context {
            payer: Some("00042".to_owned()),
            rendering: Some("@0123456789".to_owned()),
            day: None,
        },
        days: Date::from_ymd(2026, 10, 4).zip(Date::from_ymd(1850, 1, 2)),
    }
}

fn claims() -> Vec<ClaimFindings> {
    let long = "x".repeat(40_000);
    vec![
        claim(Some("00123"), 10_i128.pow(20)),
        claim(Some("=HYPERLINK(\"http://x\")\u{202e}"), 123_450),
        claim(Some(&long), -5),
        claim(None, 0),
    ]
}

/// The cells of a sheet.
fn sheet(bytes: &[u8], name: &str) -> Vec<Vec<Data>> {
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn text(cell: &str) -> Data {
    Data::String(cell.to_owned())
}

/// Every part of the archive whose name ends so.
fn parts(bytes: &[u8], end: &str) -> Vec<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut parts = Vec::new();
    for name in names.into_iter().filter(|name| name.ends_with(end)) {
        let mut part = String::new();
        archive.by_name(&name).unwrap().read_to_string(&mut part).unwrap();
        parts.push(part);
    }
    parts
}

#[test]
fn a_claim_has_a_row_in_which_nothing_is_lost() {
    let bytes = workbook(MANY, &[], &claims(), &Breakdown::default());
    let rows = sheet(&bytes, "Worklist");
    let notice = rows[0][0].to_string();
    assert!(notice.starts_with("4 claims with findings, most dollars at risk first"), "{notice}");
    assert_eq!(rows[1][0], text("Claim"));
    assert_eq!(rows.len(), 2 + 4);
    let first = &rows[2];
    assert_eq!(first[..3], ["00123", "00042", "@0123456789"].map(text));
    let Data::DateTime(day) = first[3] else { panic!("{:?}", first[3]) };
    assert_eq!(day.as_f64(), 46299.0, "2026-10-04");
    assert_eq!(first[4], text("1850-01-02"), "a day that a workbook has no number for");
    assert_eq!(first[5..7], [2.0, 3.0].map(Data::Float));
    assert_eq!(first[7], text("error"));
    assert_eq!(first[8], text("1000000000000000000.00"), "more than a number keeps");
    assert_eq!(first[9..11], [Data::Float(1.0), text("CII001 COD002")]);
    assert_eq!(
        first[11],
        text("Category II code without a Category I code\nMalformed procedure code")
    );
    assert!(first[12].to_string().starts_with("CII001: bill the visit"));
    assert!(first[13].to_string().ends_with(":x.csv: record 7"));
    assert_eq!(first[14], text("Open"));
    assert_eq!(rows[3][0], text("=HYPERLINK(\"http://x\")\\u{202e}"));
    assert_eq!(rows[3][8], Data::Float(1234.5));
    assert!(rows[4][0].to_string().ends_with("(cut here; there are 40,000 characters)"));
    assert_eq!(rows[4][8], Data::Float(-0.05));
    assert_eq!(rows[5][0], Data::Empty);
}

#[test]
fn nothing_is_a_formula_and_nothing_steers() {
    let breakdown = Breakdown {
        payers: vec![(Some("=1+1".to_owned()), Share { findings: 1, ..Share::default() })],
        ..Breakdown::default()
    };
    let bytes = workbook(MANY, &canned::findings(), &claims(), &breakdown);
    let sheets = parts(&bytes, ".xml");
    assert!(sheets.len() > 8);
    for sheet in &sheets {
        assert!(!sheet.contains("<f>") && !sheet.contains("<f ") && !sheet.contains("hyperlink "));
        let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        assert!(!sheet.contains(steers) && !sheet.contains("_x00"));
    }
    assert!(sheets.iter().any(|sheet| sheet.contains("=HYPERLINK(")));
    assert!(sheets.iter().any(|sheet| sheet.contains("<is><t>=1+1</t></is>")));
}

#[test]
fn the_worklist_is_ready_to_be_worked_through() {
    let bytes = workbook(MANY, &[], &claims(), &Breakdown::default());
    let sheet = parts(&bytes, "worksheets/sheet1.xml").remove(0);
    for part in [
        "<dataValidation type=\"list\"",
        "sqref=\"O3:O6\"",
        "Open,In progress,Corrected,Rebilled,Write-off,Not an error",
        "<autoFilter ref=\"A2:Q6\"",
        "ySplit=\"2\"",
        "state=\"frozen\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "numberStoredAsText=\"1\"",
    ] {
        assert!(sheet.contains(part), "no {part}");
    }
    let core = parts(&bytes, "core.xml").remove(0);
    assert!(core.contains("2000-01-01T00:00:00Z"), "{core}");
}

#[test]
fn findings_have_the_columns_of_ndjson() {
    let (bytes, findings) =
        (workbook(MANY, &canned::findings(), &[], &Breakdown::default()), canned::findings());
    let rows = sheet(&bytes, "Findings");
    let summary = canned::summary();
    let shown = findings.iter().filter(|f| !summary.is_alarmed(f.rule, f.place.source));
    let shown: Vec<&Finding> = shown.collect();
    assert_eq!(rows.len(), 2 + shown.len());
    let titles: Vec<String> = rows[1].iter().map(ToString::to_string).collect();
    assert_eq!(titles[..4], ["rule", "name", "severity", "file"]);
    assert_eq!(titles[16..], ["payer", "rendering_npi", "service_date"][..]);
    let at = |name: &str| titles.iter().position(|title| title == name).unwrap();
    let mut ndjson = Vec::new();
    for (row, finding) in rows[2..].iter().zip(shown) {
        ndjson.clear();
        crate::report::row::Objects::new(&summary).write(&finding.view(), &mut ndjson);
        let object: serde_json::Value = serde_json::from_slice(&ndjson).unwrap();
        for name in ["rule", "claim_id", "service_line", "value", "message", "fingerprint"] {
            let want = object[name].as_str().unwrap_or_default();
            let want = crate::report::escape::visible(want);
            assert_eq!(row[at(name)].to_string(), want);
        }
        for name in ["record", "line", "byte"] {
            let want = object[name].as_u64().map(|number| number.to_string()).unwrap_or_default();
            assert_eq!(row[at(name)].to_string(), want);
        }
        let amount = finding.amount.map_or(Data::Empty, |Cents(c)| Data::Float(c as f64 / 100.0));
        assert_eq!(row[at("amount")], amount);
    }
}

#[test]
fn what_is_not_shown_is_said() {
    let caps = Caps { claims: 3, findings: 2 };
    let bytes = workbook(caps, &canned::findings(), &claims(), &Breakdown::default());
    let (claims, findings) = (sheet(&bytes, "Worklist"), sheet(&bytes, "Findings"));
    let said = "Showing the 3 claims with the most dollars at risk of 4 with findings";
    assert!(claims[0][0].to_string().starts_with(said));
    assert_eq!(claims.len(), 2 + 3);
    let said = "Showing 2 of 9,012,414 findings, in the order of the inputs; all are in \
                findings.parquet";
    let notice = findings[0][0].to_string();
    assert!(notice.starts_with(said), "{notice}");
    assert!(notice.ends_with("for which a mapping alarm stands not shown here"), "{notice}");
    assert_eq!(findings.len(), 2 + 2);
    let run = sheet(&bytes, "Run");
    for (name, notice) in [("Worklist", &claims[0][0]), ("Findings", &findings[0][0])] {
        assert!(run.iter().any(|row| row[1] == text(name) && row[2] == *notice));
    }
    assert!(run.iter().any(|row| row[0] == text("Mapping alarm")));
}

#[test]
fn shares_stand_in_order_with_the_others_at_the_end() {
    let share = |findings, cents| Share { findings, at_risk: Cents(cents), ..Share::default() };
    let breakdown = Breakdown {
        payers: vec![
            (Some("00042".to_owned()), share(5, 100)),
            (None, share(1, 200)),
            (Some("b".to_owned()), share(7, 100)),
        ],
        beyond: [share(9, 900), Share::default(), Share::default()],
        ..Breakdown::default()
    };
    let bytes = workbook(MANY, &[], &[], &breakdown);
    let rows = sheet(&bytes, "By payer");
    let names: Vec<String> = rows[2..].iter().map(|row| row[0].to_string()).collect();
    assert_eq!(names, ["(none named)", "b", "00042", "(all others)"]);
    assert_eq!(rows[5][3], Data::Float(9.0));
    assert!(rows[0][0].to_string().contains("9 findings of all others"));
    assert_eq!(sheet(&bytes, "By provider").len(), 2);
}

#[test]
fn rules_stand_with_what_they_found_and_those_that_could_not_look_with_why() {
    let bytes = workbook(MANY, &[], &[], &Breakdown::default());
    let rows = sheet(&bytes, "By rule");
    assert_eq!(rows[2][0], text("CII001"));
    assert_eq!(rows[2][3], Data::Float(12_408.0));
    let unchecked = rows.iter().find(|row| row[0] == text("COD010")).unwrap();
    assert_eq!(unchecked[8..10], [text("not-checked"), text("no code list loaded")]);
    let ragged = rows.iter().find(|row| row[0] == text("STR002")).unwrap();
    assert_eq!(ragged[4..6], [Data::Empty, Data::Empty]);
}

#[test]
fn a_directory_that_cannot_hold_temporary_data_is_an_error() {
    let mut sink = Xlsx::new(Out::new("the test", Vec::new()));
    sink.keep_in(Path::new("/nowhere/at/all"));
    let error = sink.begin(&canned::summary()).unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::Incomplete);
    assert!(error.message().starts_with("the xlsx report: "), "{error}");
}

#[test]
fn a_sheet_without_room_says_how_many_rows_it_refused() {
    let mut bytes = Vec::new();
    let mut book = Book::new(&std::env::temp_dir()).unwrap();
    let at = book.add("Small", &run::COLUMNS, 0).unwrap();
    book.leave_room(at, 5);
    for text in ["12", "345", "6", ""] {
        book.row(at, &[cell::Cell::Text(text)]).unwrap();
    }
    book.save(&mut Out::new("the test", &mut bytes)).unwrap();
    let rows = sheet(&bytes, "Small");
    let first: Vec<String> = rows.iter().map(|row| row[0].to_string()).collect();
    assert_eq!(first, ["12", "345", "no room for 2 more rows"]);
}
