//! Layouts: each is recognised by its header alone, and its rows become the right service lines,
//! whatever the shape of the run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use claimlint::config::layout_file::{RawLayout, built, recognised};
use claimlint::config::settings::Settings;
use claimlint::input::layouts::Layouts;
use claimlint::input::{InputSettings, Source};
use claimlint::model::date_format::DateFormat;
use claimlint::model::field::normalize;
use claimlint::model::{Field, Finding};
use claimlint::report::Summary;
use claimlint::rules::embedded::LAYOUTS;
use common::{SHAPES, check, code, settings};

/// What is in a fixture of a layout.
struct Fixture {
    file: &'static str,
    /// Records that were checked, those that were left out, service lines, claims.
    counts: [u64; 4],
    /// Rule, record and service line of each finding.
    findings: &'static [(&'static str, u64, &'static str)],
    /// How the first day of service is written.
    date: DateFormat,
}

const ISO: DateFormat = DateFormat::Iso;
const NAMED: DateFormat = DateFormat::Named;
const COMPACT: DateFormat = DateFormat::Compact;
const US: DateFormat = DateFormat::MonthFirst;

#[rustfmt::skip]
const FIXTURES: [Fixture; 17] = [
    Fixture { file: "cclf-part-a.csv", counts: [4, 1, 4, 3], date: ISO,
              findings: &[("COD002", 4, "1"), ("DAT002", 5, "1")] },
    Fixture { file: "cclf-part-b.csv", counts: [4, 0, 4, 3], date: ISO,
              findings: &[("CII001", 3, "1"), ("COD003", 4, "1"), ("DAT002", 4, "1")] },
    Fixture { file: "cclf-part-b-dme.csv", counts: [3, 0, 3, 2], date: ISO,
              findings: &[("COD002", 2, "2")] },
    Fixture { file: "cms-1500.csv", counts: [3, 0, 5, 3], date: US,
              findings: &[("CII001", 2, "1"), ("COD001", 2, "6"), ("COD002", 3, "3")] },
    Fixture { file: "epic-clarity-arpb.csv", counts: [4, 2, 4, 3], date: ISO,
              findings: &[("CII001", 3, ""), ("COD002", 6, "")] },
    Fixture { file: "epic-clarity-tdl.csv", counts: [3, 1, 3, 2], date: ISO,
              findings: &[("COD002", 4, "")] },
    Fixture { file: "kareo-charges.csv", counts: [4, 0, 4, 3], date: US,
              findings: &[("CII001", 3, ""), ("DAT002", 3, ""), ("DAT001", 4, "")] },
    Fixture { file: "mimic-hcpcsevents.csv", counts: [4, 0, 4, 3], date: ISO,
              findings: &[("CII001", 3, "1"), ("COD002", 4, "1")] },
    Fixture { file: "omop-procedure-occurrence.csv", counts: [4, 0, 4, 3], date: ISO,
              findings: &[("CII001", 3, ""), ("COD002", 4, ""), ("DAT002", 4, "")] },
    Fixture { file: "rif-carrier.txt", counts: [4, 1, 4, 3], date: NAMED,
              findings: &[("CII001", 3, "1"), ("DAT002", 3, "1"), ("DAT001", 5, "1")] },
    Fixture { file: "rif-outpatient.txt", counts: [3, 2, 3, 2], date: NAMED,
              findings: &[("COD002", 4, "1")] },
    Fixture { file: "synpuf-carrier.csv", counts: [4, 1, 7, 4], date: COMPACT,
              findings: &[("COD002", 2, "5"), ("CII001", 3, "2"), ("DAT001", 5, "1")] },
    Fixture { file: "synpuf-outpatient.csv", counts: [2, 1, 4, 2], date: COMPACT,
              findings: &[("COD003", 1, "45"), ("CII001", 2, "1")] },
    Fixture { file: "synthea-claims-transactions.csv", counts: [2, 3, 2, 2], date: ISO,
              findings: &[("COD002", 1, "0"), ("COD002", 5, "4"), ("DAT002", 5, "4")] },
    Fixture { file: "synthea-procedures.csv", counts: [3, 0, 3, 2], date: ISO,
              findings: &[("COD002", 1, ""), ("COD002", 2, ""), ("DAT002", 2, ""),
                          ("COD002", 3, "")] },
    Fixture { file: "tuva-medical-claim.csv", counts: [6, 0, 6, 5], date: ISO,
              findings: &[("CII001", 3, "1"), ("COD002", 4, "1"), ("DAT002", 5, "1"),
                          ("DAT001", 6, "1")] },
    Fixture { file: "ub-04.csv", counts: [3, 1, 3, 2], date: US,
              findings: &[("COD003", 2, ""), ("DAT002", 4, "")] },
];

/// Layouts of tables that have no service lines.
const WITHOUT_LINES: [&str; 3] =
    ["cclf-part-a-diagnoses.csv", "cclf-part-a-header.csv", "cclf-part-a-procedures.csv"];

const RULES: [&str; 6] = ["CII001", "COD001", "COD002", "COD003", "DAT001", "DAT002"];

/// Settings under which layouts are recognised.
fn recognising() -> Settings {
    let mut settings = settings(&RULES);
    settings.input.layouts = recognised(&LAYOUTS).unwrap();
    settings
}

fn read(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/layouts");
    std::fs::read(folder.join(file)).unwrap()
}

fn open(input: &InputSettings, file: &str, bytes: &[u8]) -> Source {
    let limits = SHAPES[0].limits(2 << 20);
    Source::from_bytes(file, bytes.to_vec(), input, limits.input).unwrap()
}

/// The layout that a header is recognised as.
fn layout_of(file: &str) -> Option<String> {
    let source = open(&recognising().input, file, &read(file));
    source.layout.known.map(|known| known.name.clone())
}

fn told(findings: &[Finding]) -> Vec<(String, u64, String)> {
    let one = |finding: &Finding| {
        let line = finding.service_line.clone().unwrap_or_default();
        (code(finding).to_owned(), finding.place.record, line)
    };
    findings.iter().map(one).collect()
}

fn counts(summary: &Summary) -> [u64; 4] {
    let lines = summary.lines;
    assert!(lines.adds_up(), "{lines:?}");
    [lines.checked, lines.left_out, lines.services(), summary.claims]
}

#[test]
fn every_layout_is_recognised_and_read_in_every_shape() {
    for fixture in FIXTURES {
        let bytes = read(fixture.file);
        let name = fixture.file.split('.').next().unwrap();
        assert_eq!(layout_of(fixture.file).as_deref(), Some(name));
        let want = fixture.findings.iter();
        let want: Vec<(String, u64, String)> =
            want.map(|(code, record, line)| ((*code).into(), *record, (*line).into())).collect();
        let mut first = None;
        for shape in SHAPES {
            let inputs = [(fixture.file, bytes.as_slice())];
            let (findings, summary) = check(&recognising(), shape, 2 << 20, &inputs).unwrap();
            assert_eq!(told(&findings), want, "{name} {shape:?}");
            assert_eq!(counts(&summary), fixture.counts, "{name} {shape:?}");
            let notes = &summary.sources[0].notes;
            assert!(notes[0].starts_with(&format!("layout {name}: ")), "{notes:?}");
            let seen = first.get_or_insert_with(|| findings.clone());
            assert_eq!(*seen, findings, "{name} {shape:?}");
        }
        let source = open(&recognising().input, fixture.file, &bytes);
        let dates = source.layout.dates.iter();
        let mut dates = dates.filter(|column| column.field == Field::ServiceDate);
        assert_eq!(dates.next().unwrap().format, fixture.date, "{name}");
    }
}

#[test]
fn tables_without_service_lines_are_refused_with_a_word_on_where_they_are() {
    for file in WITHOUT_LINES {
        assert_eq!(layout_of(file).as_deref(), file.strip_suffix(".csv"));
        let inputs = [(file, &*read(file))];
        let error = check(&recognising(), SHAPES[0], 2 << 20, &inputs).unwrap_err();
        assert!(error.message().contains("no service lines"), "{error}");
        assert!(error.help().unwrap().contains("CCLF2"), "{:?}", error.help());
    }
}

#[test]
fn every_layout_has_a_fixture_and_no_two_match_one_header() {
    let files: Vec<&str> =
        FIXTURES.iter().map(|fixture| fixture.file).chain(WITHOUT_LINES).collect();
    let mut names: Vec<&str> = files.iter().map(|file| file.split('.').next().unwrap()).collect();
    names.sort_unstable();
    let known: Vec<&str> = LAYOUTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, known, "layouts in the order of their names, each with a fixture");
    for (name, text) in LAYOUTS {
        // Fields that are not known are an error here.
        let layout = built(name, text).unwrap();
        let raw = RawLayout::parse(text, name).unwrap();
        assert!(raw.source.unwrap().starts_with("https://"), "{name}");
        assert!(!layout.title.is_empty() && layout.is_complete && raw.input.is_none(), "{name}");
        for column in layout
            .claim_key
            .iter()
            .chain(layout.leave_out.iter().filter_map(|row| (!row.optional).then_some(&row.column)))
        {
            assert!(layout.all.contains(&normalize(column)), "{name}: {column} is not recognised");
        }
        for file in &files {
            let bytes = read(file);
            let header = String::from_utf8(bytes).unwrap().lines().next().unwrap().to_owned();
            let header: Vec<String> = header.split([',', '|']).map(normalize).collect();
            let is_its_own = file.split('.').next() == Some(name);
            assert_eq!(layout.matches(&header), is_its_own, "{name} and {file}");
        }
    }
}

#[test]
fn a_layout_that_is_switched_off_or_overruled_leaves_the_rest_as_it_was() {
    let mut settings = recognising();
    let bytes = read("tuva-medical-claim.csv");
    settings.input.columns = BTreeMap::from([(Field::ClaimId, vec!["file_name".to_owned()])]);
    let inputs = [("t.csv", bytes.as_slice())];
    let (_, summary) = check(&settings, SHAPES[0], 2 << 20, &inputs).unwrap();
    assert_eq!(summary.claims, 2, "one file of each source of data");
    settings.input.layouts = Layouts::Unknown;
    settings.input.columns.clear();
    let (_, summary) = check(&settings, SHAPES[0], 2 << 20, &inputs).unwrap();
    assert_eq!(summary.claims, 4);
    let notes = &summary.sources[0].notes;
    assert!(!notes.iter().any(|note| note.contains("layout")), "{notes:?}");
    settings.input.claim_key = Some(vec!["claim_id".to_owned(), "Data Source".to_owned()]);
    let (_, summary) = check(&settings, SHAPES[0], 2 << 20, &inputs).unwrap();
    assert_eq!(summary.claims, 5);
    assert!(summary.sources[0].notes.iter().any(|note| note.contains("claim_id and data_source")));
}

/// A layout with two fields of each line, and the claim's own.
const WIDE: &str = r#"
    claim-key = ["claim", "part"]
    [wide]
    exists = ["procedure_code", "charge"]
    columns = { procedure_code = "cpt_{n}", service_date = "day_{n}", charge = "fee{nn}" }
"#;

fn wide_settings() -> Settings {
    let mut settings = settings(&["CII", "COD", "DAT", "AMT", "DUP", "CLM"]);
    let known = RawLayout::parse(WIDE, "wide.toml").unwrap().known("wide.toml", false).unwrap();
    settings.input.layouts = Layouts::Is(std::sync::Arc::new(known));
    settings
}

/// A cell as it is written: quoted where it must be.
fn quoted(cell: &str) -> String {
    match cell.contains(['"', ',', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// What a finding says but for its place.
fn said(finding: &Finding) -> (String, String, String, String, String) {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let Finding { claim_id, service_line, value, message, .. } = finding;
    // A rule may name the record of another line.
    let message = message.split("record ").next().unwrap().to_owned();
    (code(finding).into(), text(claim_id), text(service_line), text(value), message)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]

    /// The slow twin: rows taken apart by hand, one line for each slot that is filled.
    #[test]
    fn wide_rows_are_the_lines_that_they_hold(
        rows in proptest::collection::vec(
            ("[AB]|", "[1\", ]{0,2}", proptest::collection::vec(
                ("99213|3044F|9921|\"99,\"|", "2024-03-0[1-9]|2024-3-1|", "5\\.00|0|x|"), 3)),
            1..12),
        shape in 0..SHAPES.len(),
    ) {
        let header = "claim,part,fee01,cpt_1,day_1,cpt_3,fee03,day_3,day_2,fee02,cpt_2\n";
        let mut wide = header.to_owned();
        let mut long = "claim,part,service_line,cpt,day,fee\n".to_owned();
        let (mut left_out, mut lines) = (0, 0);
        for (claim, part, slots) in &rows {
            let [one, two, three] = slots.as_slice() else { unreachable!() };
            let cells = [claim, part, &one.2, &one.0, &one.1, &three.0, &three.2, &three.1,
                         &two.1, &two.2, &two.0];
            wide += &(cells.map(|cell| quoted(cell)).join(",") + "\n");
            // In the order of the columns of their codes.
            let mut filled = 0;
            for (number, (code, day, fee)) in [("1", one), ("3", three), ("2", two)] {
                if code.is_empty() && matches!(fee.as_str(), "" | "0") {
                    continue;
                }
                filled += 1;
                long += &([claim, part, number, code, day, fee].map(quoted).join(",") + "\n");
            }
            left_out += u64::from(filled == 0);
            lines += filled;
        }
        let mut by_hand = wide_settings();
        by_hand.input.layouts = Layouts::Unknown;
        by_hand.input.claim_key = Some(vec!["claim".into(), "part".into()]);
        by_hand.input.columns = BTreeMap::from([
            (Field::ProcedureCode, vec!["cpt".into()]),
            (Field::ServiceDate, vec!["day".into()]),
            (Field::Charge, vec!["fee".into()]),
        ]);
        let inputs = [("wide.csv", wide.as_bytes())];
        let got = check(&wide_settings(), SHAPES[shape], 2 << 20, &inputs);
        let want = check(&by_hand, SHAPES[0], 2 << 20, &[("wide.csv", long.as_bytes())]);
        match (got, want) {
            (Ok((got, got_summary)), Ok((want, want_summary))) => {
                proptest::prop_assert_eq!(got_summary.lines.services(), lines);
                proptest::prop_assert!(got_summary.lines.adds_up());
                proptest::prop_assert!(got_summary.lines.left_out <= left_out);
                proptest::prop_assert_eq!(got_summary.claims, want_summary.claims);
                proptest::prop_assert_eq!(got_summary.clean_claims, want_summary.clean_claims);
                proptest::prop_assert_eq!(got_summary.at_risk, want_summary.at_risk);
                let mut got: Vec<_> = got.iter().map(said).collect();
                let mut want: Vec<_> = want.iter().map(said).collect();
                got.sort();
                want.sort();
                proptest::prop_assert_eq!(got, want);
            }
            // Nothing but rows without a line.
            (Err(_), Err(_)) => {}
            (got, want) => {
                let told = (got.err().map(|e| e.to_string()), want.err().map(|e| e.to_string()));
                proptest::prop_assert!(lines == 0, "{:?}", told);
            }
        }
    }
}

/// A page of `docs/`.
fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

#[test]
fn the_page_on_layouts_lists_them_all_and_shows_a_file_that_is_run() {
    let page = page("LAYOUTS.md");
    for (name, text) in LAYOUTS {
        let title = built(name, text).unwrap().title;
        assert!(page.contains(&format!("| `{name}` | {title} | ")), "{name} is not in the table");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports/visits-layout.toml");
    let file = std::fs::read_to_string(path).unwrap();
    assert!(page.contains(&format!("```layout\n{file}```")), "the layout on the page is another");
}

#[test]
fn a_layout_is_named_or_switched_off() {
    let folder = common::program::Folder::new();
    folder.write("t.csv", read("tuva-medical-claim.csv"));
    let run = |layout: &str| folder.check(&["t.csv", "-f", "summary", "--layout", layout]);
    assert!(run("tuva-medical-claim").stdout.contains("layout tuva-medical-claim"));
    assert!(!run("none").stdout.contains("layout tuva"));
    let wrong = run("tuva");
    assert!(wrong.exit == 2 && wrong.stderr.contains("did you mean `tuva-medical-claim`"));
    let other = run("synpuf-carrier");
    assert!(other.exit == 2 && other.stderr.contains("no column for claim_id"), "{}", other.stderr);
    folder.write("l.toml", "claim-key = [\"claim_id\", \"gone\"]\n");
    let gone = run("l.toml");
    assert!(gone.exit == 2 && gone.stderr.contains("no column `gone`"), "{}", gone.stderr);
    folder.write("l.toml", "[wide]\ncolumns = { units = \"u_{n}\" }\n");
    assert!(run("l.toml").stderr.contains("procedure code of each line"));
    let both =
        "[columns]\nprocedure_code = \"a\"\n[wide]\ncolumns = { procedure_code = \"b{n}\" }\n";
    folder.write("l.toml", both);
    assert!(run("l.toml").stderr.contains("is in [columns] and in [wide.columns]"));
    folder.write("l.toml", "[[leave-out]]\ncolumn = \"x\"\nwhat = \"y\"\n");
    assert!(run("l.toml").stderr.contains("any-of, none-of and filled"));
}

#[test]
fn what_a_layout_does_not_read_is_not_checked() {
    let bytes = read("synpuf-carrier.csv");
    let mut settings = recognising();
    settings.rules = common::settings(&["NPI001", "AMT002"]).rules;
    let inputs = [("s.csv", bytes.as_slice())];
    let (_, summary) = check(&settings, SHAPES[0], 2 << 20, &inputs).unwrap();
    let told: Vec<String> =
        summary.rules.iter().map(|rule| format!("{:?}", rule.outcome)).collect();
    assert_eq!(told.len(), 2);
    for outcome in &told {
        assert!(outcome.starts_with("NotChecked(\"the layout has no "), "{outcome}");
    }
}

#[test]
fn damage_is_counted_and_never_a_panic() {
    for fixture in FIXTURES {
        let whole = read(fixture.file);
        for turn in 0..36 {
            let at = turn * 7919 % whole.len();
            let mut bytes = whole.clone();
            match b"\",\n\0\xFF1".get(turn % 7) {
                Some(byte) => bytes[at] = *byte,
                None => bytes.truncate(at),
            }
            let shape = SHAPES[turn % SHAPES.len()];
            let inputs = [(fixture.file, bytes.as_slice())];
            if let Ok((_, summary)) = check(&recognising(), shape, 2 << 20, &inputs) {
                let lines = summary.lines;
                assert!(lines.adds_up(), "{} {turn}: {lines:?}", fixture.file);
                let records = lines.checked + lines.rejected + lines.left_out;
                assert!(records > 0 && lines.services() >= lines.checked, "{lines:?}");
            }
        }
    }
}
