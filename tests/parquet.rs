//! Parquet says what its twin in CSV says; and a file that is damaged, or lies, is an error.

#![cfg(feature = "polars")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use claimlint::input::source::Origin;
use claimlint::input::{Decoding, InputSettings, Source};
use claimlint::model::cell::MissingWords;
use claimlint::model::{Field, Vocabulary};
use claimlint::pipeline::Limits;
use program::{Ended, Folder, command_in, ended};
use serde_json::Value;

/// Rows of `claims.csv`, and of every file that was made of it.
const ROWS: u64 = 15;

/// The files that hold what `claims.csv` holds, digit for digit.
const TWINS: [&str; 10] = [
    "decimal_snappy",
    "delta_gzip",
    "duckdb",
    "duckdb_v2",
    "plain_int96",
    "polars",
    "text_brotli",
    "text_lz4",
    "text_pages",
    "wide_zstd_v2",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/parquet")
}

fn check(name: &str, more: &[&str]) -> Ended {
    let arguments = [&["check", "--isolated", name, "--output-format", "json"], more].concat();
    ended(command_in(&fixtures(), &arguments))
}

/// The findings, without what differs between the two: where the record stands as bytes.
fn findings(run: &Ended) -> Vec<Value> {
    let said: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
    let mut findings = said["findings"].as_array().unwrap().clone();
    for finding in &mut findings {
        let finding = finding.as_object_mut().unwrap();
        for key in ["file", "line", "byte", "fingerprint"] {
            finding.remove(key);
        }
        let strip = |related: &mut Value| {
            let related = related.as_object_mut().unwrap();
            ["file", "line", "byte"].iter().for_each(|key| drop(related.remove(*key)));
        };
        finding["related"].as_array_mut().unwrap().iter_mut().for_each(strip);
    }
    findings
}

#[test]
fn every_writer_and_type_gives_the_findings_of_the_text() {
    for more in [[].as_slice(), &["--limit-lines", "4"], &["--select", "ALL", "--threads", "3"]] {
        let text = check("claims.csv", more);
        let want = findings(&text);
        assert!(want.len() > 1, "{}", text.stderr);
        for twin in TWINS.iter().chain(&["lists_beside"]) {
            let run = check(&format!("{twin}.parquet"), more);
            assert_eq!(run.exit, text.exit, "{twin}: {}", run.stderr);
            assert_eq!(findings(&run), want, "{twin}");
        }
    }
}

/// What is to be the same of a run over an export in text and in Parquet: how it ended, what it
/// found, how many records were checked, left out and set aside, and what it said of them.
fn outcome(file: &str, more: &[&str]) -> (i32, Vec<Value>, [Value; 3], Value) {
    let run = check(file, more);
    let said: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
    let source = &said["summary"]["sources"][0];
    let lines = ["checked", "left_out", "rejected"].map(|key| source["lines"][key].clone());
    (run.exit, findings(&run), lines, source["notes"].clone())
}

#[test]
fn layouts_are_those_of_the_text() {
    let folder = fixtures().join("layouts");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".parquet").map(str::to_owned)
        })
        .collect();
    names.sort();
    let (mut read, mut keys, mut left_out) = (0, 0, 0);
    for name in names.iter().filter(|name| !name.starts_with("days")) {
        let layout = name.trim_end_matches("_typed");
        let ending = if layout.starts_with("rif") { "txt" } else { "csv" };
        let text = format!("../../layouts/{layout}.{ending}");
        let parquet = format!("layouts/{name}.parquet");
        if layout == "cms-1500" {
            let run = check(&parquet, &[]);
            assert!(run.exit == 2 && run.stderr.contains("several service lines"), "{run:?}");
            continue;
        }
        for more in [[].as_slice(), &["--select", "ALL", "--threads", "1"]] {
            let (want, got) = (outcome(&text, more), outcome(&parquet, more));
            assert_eq!(got, want, "{name}");
            assert!(!want.1.is_empty(), "{name}: nothing is found that could differ");
            let notes = want.3.to_string();
            assert!(notes.contains(&format!("layout {layout}:")), "{notes}");
            read += 1;
            keys += usize::from(notes.contains("a claim is told by its "));
            left_out += usize::from(want.2[1].as_u64() > Some(0));
        }
    }
    // Each as text and with types, twice.
    assert!(read >= 40 && keys >= 12 && left_out >= 12, "{read} {keys} {left_out}");
}

#[test]
fn days_that_could_be_either_way_round_are_asked_for_as_in_text() {
    let advice = |file: &str| {
        let run = check(file, &[]);
        assert_eq!(run.exit, 2, "{file}: {}", run.stderr);
        let (_, advice) = run.stderr.split_once("column service_date").expect(&run.stderr);
        advice.to_owned()
    };
    let formats = |word: &str| ["service_date", "service_end"].map(|of| format!("{of}={word}"));
    let want = advice("layouts/days.csv");
    assert!(want.contains("--date-format service_date=mdy"), "{want}");
    for twin in ["layouts/days.parquet", "layouts/days_typed.parquet"] {
        assert_eq!(advice(twin), want, "{twin}");
        for (word, late) in [("mdy", 1), ("dmy", 1)] {
            let [first, last] = formats(word);
            let more = ["--select", "ALL", "--date-format", &first, "--date-format", &last];
            let (text, parquet) = (outcome("layouts/days.csv", &more), outcome(twin, &more));
            assert_eq!(parquet, text, "{twin} {word}");
            let ends_early = text.1.iter().filter(|finding| finding["rule"] == "DAT002").count();
            assert!(ends_early >= late, "{word}: {:?}", text.1);
        }
    }
}

#[test]
fn floating_point_amounts_are_the_same_amounts() {
    let amounts = |run: &Ended| -> Vec<[Value; 4]> {
        let of = |f: &Value| ["rule", "record", "amount", "message"].map(|key| f[key].clone());
        findings(run).iter().map(of).collect()
    };
    let (text, floats) = (check("claims.csv", &[]), check("float_snappy.parquet", &[]));
    assert_eq!(amounts(&floats), amounts(&text));
}

#[test]
fn records_are_rows_and_the_tally_holds() {
    let run = check("decimal_snappy.parquet", &["--limit-lines", "6"]);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    let first = &said["findings"][0];
    assert_eq!(
        (&first["record"], &first["line"], &first["byte"]),
        (&3.into(), &3.into(), &0.into())
    );
    let source = &said["summary"]["sources"][0];
    assert_eq!(source["encoding"], "Parquet");
    assert_eq!(source["lines"]["physical"], 6, "{source}");
    assert!(source["notes"].to_string().contains("stopped after 6 records"), "{source}");
}

#[test]
fn lists_are_refused_where_they_are_read_and_columns_can_be_mapped() {
    let run = check("lists.parquet", &[]);
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("column `modifier_1`, which modifier_1 is read from"), "{run:?}");
    let run = check("lists.parquet", &["--map", "modifier_1=payer_id", "--select", "MOD"]);
    assert_eq!(run.exit, 1, "{}", run.stderr);
    assert!(run.stdout.contains("\"modifier_1\":[\"payer_id\"]"), "{}", run.stdout);
    let run = check("polars.parquet", &["--map", "procedure_code=nothing"]);
    assert!(run.exit == 2 && run.stderr.contains("no column `nothing`"), "{run:?}");
}

#[test]
fn inspect_describes_it() {
    let run = ended(command_in(&fixtures(), &["inspect", "decimal_snappy.parquet"]));
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert!(run.stdout.contains("\n  Parquet, 15 rows in 4 row groups, 15 columns\n"), "{run:?}");
    assert!(run.stdout.contains("\n  charge              charge"), "{run:?}");
    let run = ended(command_in(&fixtures(), &["inspect", "wide_zstd_v2.parquet"]));
    assert!(run.stdout.contains("service_date is read from points in time in UTC"), "{run:?}");
}

#[test]
fn it_is_told_by_what_it_holds_and_read_from_files_only() {
    let folder = Folder::new();
    let bytes = fs::read(fixtures().join("polars.parquet")).unwrap();
    folder.write("export.csv", &bytes);
    folder.write("PAR1.csv", "PAR1,claim_id,cpt\nx,C1,99213\n");
    folder.write("in/a.parquet", &bytes);
    assert_eq!(folder.check(&["export.csv"]).exit, 1);
    assert_eq!(folder.check(&["PAR1.csv"]).exit, 0);
    assert_eq!(folder.check(&["in"]).exit, 1);
    let run = folder.check(&["in/a.parquet", "--format", "csv"]);
    assert!(run.exit == 2 && run.stderr.contains("leave --format out"), "{run:?}");
    let run = folder.check(&["PAR1.csv", "--format", "parquet"]);
    assert!(run.exit == 2 && run.stderr.contains("not a Parquet file"), "{run:?}");
    assert_eq!(folder.check(&["export.csv", "--format", "parquet"]).exit, 1);
    let mut command = folder.command(&["check", "--isolated", "-"]);
    command.stdin(fs::File::open(folder.path("export.csv")).unwrap());
    let run = ended(command);
    assert!(run.exit == 2 && run.stderr.contains("name it as a file"), "{run:?}");
    let [start, end] = [&bytes[..20], &bytes[..bytes.len() - 1]].map(<[u8]>::to_vec);
    for (damaged, said) in [(start, "a damaged Parquet file"), (end, "does not end as one does")] {
        folder.write("cut.parquet", damaged);
        let run = folder.check(&["cut.parquet"]);
        assert!(run.exit == 2 && run.stderr.contains(said), "{run:?}");
    }
}

/// The text of the lines and how many records were set aside, of a file that can be read to its
/// end; `chunk_bytes` sets how many rows are taken at once.
fn lines(path: &Path, chunk_bytes: usize) -> Option<(Vec<Vec<u8>>, u64)> {
    let mut limits = Limits::new(1, 1 << 28).input;
    limits.chunk_bytes = chunk_bytes;
    let settings = InputSettings::default();
    let mut source = Source::open(&Origin::Path(path.to_owned()), &settings, limits, None).ok()?;
    let every = Field::ALL.iter().copied().collect();
    let words = Vocabulary { missing: MissingWords::new([""; 0]), modifiers: BTreeSet::new() };
    let decoding = Decoding::new(&source, 0, every, words.into(), Vec::new());
    let mut batch = decoding.batch();
    let (mut lines, mut rejected) = (Vec::new(), 0);
    while let Some(mut portion) = source.next_portion().ok()? {
        decoding.decode(&mut portion, &mut batch).ok()?;
        for line in batch.lines() {
            let cells = Field::ALL.iter().filter(|field| line.has(**field));
            lines.push(cells.flat_map(|field| [line.raw(*field), b"|"].concat()).collect());
        }
        rejected += batch.faults.len() as u64;
    }
    Some((lines, rejected))
}

/// How many lines there are, and how many records were set aside.
fn read(path: &Path, chunk_bytes: usize) -> Option<(u64, u64)> {
    let (lines, rejected) = lines(path, chunk_bytes)?;
    Some((lines.len() as u64, rejected))
}

#[test]
fn lines_are_the_same_however_many_are_taken_at_once() {
    let text = lines(&fixtures().join("claims.csv"), 1 << 18).unwrap();
    for twin in TWINS {
        let path = fixtures().join(format!("{twin}.parquet"));
        for chunk_bytes in [1, 64, 130, 200, 300, 1 << 18] {
            assert_eq!(lines(&path, chunk_bytes).unwrap(), text, "{twin}: {chunk_bytes}");
        }
    }
}

#[test]
fn values_that_stand_for_no_text_are_told_as_what_they_are() {
    let path = fixtures().join("odd.parquet");
    let (lines, rejected) = lines(&path, 1 << 18).unwrap();
    let lines: Vec<String> =
        lines.into_iter().map(|line| String::from_utf8(line).unwrap()).collect();
    let (uuid, code) = ("00010203-0405-0607-0809-0a0b0c0d0e0f", "99213");
    let want = ["NaN|2026-03-02", "inf|9999-12-31", "|", "0.1|day 2932897 after 1970"];
    let want: Vec<String> = want.iter().map(|end| said(uuid, code, end)).collect();
    assert_eq!((lines, rejected), (want, 2));
    let run = check("odd.parquet", &[]);
    let rules: Vec<String> = findings(&run)
        .iter()
        .map(|finding| format!("{} {}", finding["record"], finding["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(rules, ["2 AMT001", "2 DAT003", "3 STR007", "5 STR006", "6 DAT001"]);
}

fn said(uuid: &str, code: &str, end: &str) -> String {
    let (charge, date) = end.split_once('|').unwrap();
    format!("{uuid}|{code}|{date}|{charge}|")
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as usize % end
    }
}

#[test]
fn no_truncation_is_read_as_if_it_were_whole() {
    let folder = Folder::new();
    for twin in ["duckdb_v2", "delta_gzip"] {
        let bytes = fs::read(fixtures().join(format!("{twin}.parquet"))).unwrap();
        for end in 0..bytes.len() {
            folder.write("cut.parquet", &bytes[..end]);
            assert_eq!(read(&folder.path("cut.parquet"), 1 << 18), None, "{twin} cut at {end}");
        }
    }
}

#[test]
fn a_changed_byte_loses_no_row_unseen() {
    let folder = Folder::new();
    let path = folder.path("changed.parquet");
    for (number, twin) in TWINS.iter().enumerate() {
        let bytes = fs::read(fixtures().join(format!("{twin}.parquet"))).unwrap();
        assert_eq!(read(&fixtures().join(format!("{twin}.parquet")), 100), Some((ROWS, 0)));
        let mut dice = Dice(number as u64);
        for _ in 0..2000 / TWINS.len() + 1 {
            let (at, to) = (dice.below(bytes.len()), dice.below(256) as u8);
            let mut changed = bytes.clone();
            changed[at] = to;
            fs::write(&path, &changed).unwrap();
            let began = Instant::now();
            let came = read(&path, [64, 1 << 18][at % 2]);
            let lines = came.map_or(ROWS, |(lines, rejected)| lines + rejected);
            assert_eq!(lines, ROWS, "{twin}: byte {at} changed to {to}");
            assert!(began.elapsed() < Duration::from_secs(10), "{twin}: byte {at} changed to {to}");
        }
    }
}

/// Runs the program with at most so many kilobytes of addresses: one that asks for more memory
/// than that is killed.
fn check_in(folder: &Folder, name: &str, kilobytes: u32) -> Ended {
    let program = env!("CARGO_BIN_EXE_claimlint");
    let mut command = Command::new("sh");
    command.current_dir(folder.path("")).args([
        "-c",
        &format!("ulimit -v {kilobytes}; exec '{program}' check --isolated --threads 1 -q {name}"),
    ]);
    ended(command)
}

#[test]
fn a_lying_file_takes_little_memory() {
    const KILOBYTES: u32 = 400_000;
    let folder = Folder::new();
    // A footer that asks for ten gigabytes in 23 bytes: a list of 2^31 elements of the schema.
    let footer = [0x15, 2, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x48, 4];
    let tiny =
        [b"PAR1".as_slice(), &footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat();
    assert_eq!(tiny.len(), 23);
    folder.write("tiny.parquet", &tiny);
    let run = check_in(&folder, "tiny.parquet", KILOBYTES);
    assert!(run.exit == 2 && run.stderr.contains("its footer cannot be read"), "{run:?}");
    let mut dice = Dice(7);
    for (number, twin) in TWINS.iter().enumerate() {
        let bytes = fs::read(fixtures().join(format!("{twin}.parquet"))).unwrap();
        for at in 0..12 {
            // Numbers of several bytes are made as large as they can be, in a page and anywhere.
            let mut changed = bytes.clone();
            let at = if at == 0 { 4 } else { 4 + dice.below(bytes.len() - 20) };
            let many = 1 + dice.below(8);
            changed[at..at + many].fill(0xff);
            folder.write("lie.parquet", &changed);
            let run = check_in(&folder, "lie.parquet", KILOBYTES);
            let place = format!("{twin}: {many} bytes from {at} on ({number})");
            assert!((0..=3).contains(&run.exit), "{place}: {run:?}");
            assert!(!run.stderr.contains("internal fault"), "{place}: {run:?}");
        }
    }
}
