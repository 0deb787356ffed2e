//! The corpora of damaged exports, where they are at hand: `CLAIMLINT_CORPORA` names their folder.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "says what was skipped, and how long it took")]

mod common;
#[path = "corpora/x12.rs"]
mod x12;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use claimlint::model::FaultKind;
use common::cells::Reader;
use common::{SHAPES, Shape, check, settings};
use serde_json::Value;

/// A folder of the corpora; nothing, and a word about it, where there are none.
fn corpus(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CLAIMLINT_CORPORA").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_dir());
    if folder.is_none() {
        eprintln!("skipped: CLAIMLINT_CORPORA names no folder");
    }
    folder.map(|folder| folder.join(name))
}

/// How a run ended.
struct Run {
    exit: i32,
    stdout: Vec<u8>,
    stderr: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or(Value::Null)
    }

    /// Records checked and set aside.
    fn counts(&self) -> (i64, i64) {
        let lines = &self.json()["summary"]["lines"];
        let count = |key: &str| lines[key].as_i64().unwrap_or(-1);
        let parts = ["header", "preamble", "checked", "rejected", "continuation", "blank"];
        assert_eq!(parts.map(count).iter().sum::<i64>(), count("physical"), "{lines}");
        (count("checked"), count("rejected"))
    }

    /// The physical lines that a rule about structure names.
    fn rejects(&self) -> Vec<i64> {
        let json = self.json();
        let findings = json["findings"].as_array().cloned().unwrap_or_default();
        let structural =
            |finding: &&Value| finding["rule"].as_str().is_some_and(|rule| rule.starts_with("STR"));
        let named = findings.iter().filter(structural);
        named.map(|finding| finding["line"].as_i64().unwrap()).collect()
    }
}

fn run(folder: &Path, arguments: &[&str], stdin: Option<&[u8]>) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimlint"));
    command.current_dir(folder).env_clear();
    command.args(["check", "--isolated", "--output-format", "json"]).args(arguments);
    let output = command.write_stdin(stdin.unwrap_or_default()).output().unwrap();
    Run {
        exit: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A row of EXPECTED.tsv.
struct Row {
    file: String,
    accepted: i64,
    rejected: i64,
    lines: String,
    class: String,
}

fn expected(folder: &Path) -> Vec<Row> {
    let text = fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Row {
            file: cells[0].to_owned(),
            accepted: cells[2].parse().unwrap(),
            rejected: cells[3].parse().unwrap(),
            lines: cells[4].to_owned(),
            class: cells[5].to_owned(),
        }
    };
    text.lines().skip(1).map(row).collect()
}

/// What a file needs to be read as its row of the table means it.
fn arguments(file: &str) -> Vec<&str> {
    match &file[..2] {
        "25" => vec!["--map", "charge=charge", file],
        "34" => vec!["--delimiter", ",", file],
        _ => vec![file],
    }
}

/// What the message about an unusable file must name.
fn cause(file: &str) -> &'static str {
    match &file[..2] {
        "23" | "24" => "have the same name",
        "25" => "charge",
        "26" => "empty column name",
        "27" => "no service lines",
        "28" | "29" | "30" => "empty",
        "33" => "--skip-rows 3",
        "34" => "';'",
        _ => "",
    }
}

/// What is wrong with a run over the file of a row.
fn complaint(row: &Row, run: &Run) -> Option<String> {
    let (number, class) = (&row.file[..2], row.class.as_str());
    let said =
        |what: &str| Some(format!("{}: {what}; exit {}; {}", row.file, run.exit, run.stderr));
    if class.starts_with("3 input") || number == "27" {
        let named = run.exit == 2 && run.stdout.is_empty() && run.stderr.contains(cause(&row.file));
        return if named { None } else { said("expected exit 2 and the cause") };
    }
    let (accepted, rejected) = run.counts();
    let rejects = run.rejects();
    if row.accepted == -1 {
        // Any split will do that names the first line and nothing but the lines between.
        let inside = rejects.iter().all(|line| (11..=21).contains(line));
        let whole = accepted + rejected == 2_000 && rejects.first() == Some(&11) && inside;
        return if whole && run.exit == 1 { None } else { said(&format!("rejects {rejects:?}")) };
    }
    let want: Vec<i64> = match row.lines.split_once('-').unwrap_or((&row.lines, &row.lines)) {
        ("", _) => Vec::new(),
        (first, last) => (first.parse().unwrap()..=last.parse().unwrap()).collect(),
    };
    if (accepted, rejected) != (row.accepted, row.rejected) || rejects != want {
        return said(&format!("{accepted} accepted, {rejected} rejected at {rejects:?}"));
    }
    let right = match &class[..1] {
        "2" => run.exit == 1,
        "1" if number != "45" => run.exit == 0 || run.exit == 1,
        "1" => run.exit == 1,
        _ => run.exit == 0,
    };
    if right { None } else { said("the exit code is another") }
}

#[test]
fn every_damaged_export_gives_what_the_table_says() {
    let Some(folder) = corpus("claims-faults") else { return };
    let rows = expected(&folder);
    assert!(rows.len() >= 52, "{} rows", rows.len());
    let runs = rows.iter().map(|row| (row, run(&folder, &arguments(&row.file), None)));
    let complaints: Vec<String> = runs.filter_map(|(row, run)| complaint(row, &run)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn flags_make_readable_what_is_not_so_by_itself() {
    let Some(folder) = corpus("claims-faults") else { return };
    let cp1252 = run(&folder, &["--encoding", "windows-1252", "08_windows1252.csv"], None);
    assert_eq!((cp1252.exit, cp1252.counts()), (0, (5, 0)), "{}", cp1252.stderr);
    let footer = run(&folder, &["--skip-rows", "3", "33_preamble_footer.csv"], None);
    assert_eq!((footer.exit, footer.counts(), footer.rejects()), (1, (5, 1), vec![10]));
    assert_eq!(footer.json()["findings"][0]["rule"], "STR010");
    let bare = run(&folder, &["--no-quoting", "48_pipe_with_quotes.psv"], None);
    assert_eq!((bare.exit, bare.counts()), (0, (5, 0)), "{}", bare.stderr);
}

#[test]
fn a_configuration_says_the_same_as_flags() {
    let Some(folder) = corpus("claims-faults") else { return };
    let written = tempfile::tempdir().unwrap();
    let path = written.path().join("claims.toml");
    let path_text = path.to_str().unwrap();
    fs::write(&path, "[input]\ndelimiter = \",\"\n").unwrap();
    let with = |file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claimlint"));
        command.current_dir(&folder).env_clear().args(["check", "--config", path_text, file]);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (exit, said) = with("34_wrong_delimiter.csv");
    assert!(exit == Some(2) && said.contains("';'"), "{exit:?} {said}");
    let columns = [
        "claim_id = \"claim_id\"",
        "service_line = \"line_no\"",
        "patient_id = \"member_id\"",
        "rendering_npi = \"npi\"",
        "place_of_service = \"pos\"",
        "procedure_code = \"hcpcs\"",
        "modifier_1 = \"mod1\"",
        "units = \"units\"",
        "charge = \"charge\"",
        "service_date = \"dos_from\"",
    ];
    let columns = columns.join("\n");
    fs::write(&path, format!("[columns]\n{columns}")).unwrap();
    assert_eq!(with("00_ok.csv").0, Some(0), "{}", with("00_ok.csv").1);
    let (exit, said) = with("25_missing_required.csv");
    assert!(exit == Some(2) && said.contains("charge"), "{exit:?} {said}");
}

/// A document without what tells a file from standard input.
fn nameless(run: &Run, name: &str) -> Value {
    let text = String::from_utf8(run.stdout.clone()).unwrap();
    let mut json: Value =
        serde_json::from_str(&text.replace(&format!("\"{name}\""), "\"\"")).unwrap_or(Value::Null);
    for finding in json["findings"].as_array_mut().into_iter().flatten() {
        finding["fingerprint"] = Value::Null;
    }
    json
}

#[test]
fn threads_and_pipes_change_nothing() {
    let Some(folder) = corpus("claims-faults") else { return };
    for Row { file, .. } in expected(&folder) {
        let file = file.as_str();
        let first = run(&folder, &["-j", "1", file], None);
        for threads in ["2", "8"] {
            let other = run(&folder, &["-j", threads, file], None);
            assert_eq!(
                (other.exit, &other.stdout),
                (first.exit, &first.stdout),
                "{file} {threads}"
            );
        }
        let bytes = fs::read(folder.join(file)).unwrap();
        let piped = run(&folder, &["-j", "2", "-"], Some(&bytes));
        assert_eq!(piped.exit, first.exit, "{file}: {}", piped.stderr);
        assert_eq!(nameless(&piped, "stdin"), nameless(&first, file), "{file}");
    }
}

/// The records of a table as JSON has them.
fn objects(rows: &[Vec<Vec<u8>>]) -> Vec<BTreeMap<String, String>> {
    let text = |cell: &Vec<u8>| String::from_utf8(cell.clone()).unwrap();
    let (header, records) = rows.split_first().unwrap();
    let object = |record: &Vec<Vec<u8>>| {
        assert_eq!(record.len(), header.len());
        header.iter().map(text).zip(record.iter().map(text)).collect()
    };
    records.iter().map(object).collect()
}

#[test]
fn the_spectrum_of_csv_is_read_cell_by_cell() {
    let Some(folder) = corpus("csv-spectrum") else { return };
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder.join("csvs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 12);
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        if name == "location_coordinates" {
            // A quote inside an unquoted cell: set aside and named, and read where quotes are
            // said to mean nothing. (The JSON holds another telephone number than the CSV.)
            let faults = Reader::default().read(&bytes).faults();
            assert_eq!(faults, [(2, FaultKind::QuoteInUnquoted)]);
            let json = fs::read(folder.join(format!("json/{name}.json"))).unwrap();
            let want: BTreeMap<String, String> = serde_json::from_slice(&json).unwrap();
            for chunk_bytes in 1..=64 {
                let literal = Reader { quoting: false, chunk_bytes, ..Reader::default() };
                let rows = objects(&literal.read(&bytes).accepted());
                assert_eq!(rows.len(), 1);
                for column in ["Location Coordinates", "Cities", "Counties"] {
                    assert_eq!(rows[0][column], want[column], "chunks of {chunk_bytes}");
                }
            }
            continue;
        }
        let json = fs::read(folder.join(format!("json/{name}.json"))).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        let json = if json.is_array() { json } else { Value::Array(vec![json]) };
        let want: Vec<BTreeMap<String, String>> = serde_json::from_value(json).unwrap();
        for chunk_bytes in 1..=64 {
            let table = Reader { chunk_bytes, ..Reader::default() }.read(&bytes);
            assert!(table.adds_up() && table.faults().is_empty(), "{name}: {table:?}");
            assert_eq!(objects(&table.accepted()), want, "{name} in chunks of {chunk_bytes}");
        }
        let header = &Reader::default().read(&bytes).accepted()[0];
        let mut settings = settings(&["ALL"]);
        for (field, at) in [("claim_id", 0), ("procedure_code", 1)] {
            let column = String::from_utf8(header[at].clone()).unwrap();
            let field = claimlint::model::Field::ALL.iter().find(|known| known.name() == field);
            settings.input.columns.insert(*field.unwrap(), vec![column]);
        }
        let run = |threads: usize| {
            let shape = Shape { threads, chunk_bytes: 5, ..SHAPES[0] };
            check(&settings, shape, 2 << 20, &[(name, &bytes)])
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let (first, summary) = run(1);
        assert_eq!(summary.lines.checked, want.len() as u64, "{name}: {:?}", summary.lines);
        assert!([2, 8].into_iter().all(|threads| run(threads).0 == first), "{name}");
    }
}

#[test]
fn what_is_no_utf8_is_named_and_nothing_else() {
    let Some(folder) = corpus("utf8-stress") else { return };
    let bytes = fs::read(folder.join("flenniken/utf8tests.bin")).unwrap();
    let mut tested = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        // Only cells are of interest here: quotes and line ends have tests of their own.
        let line: Vec<u8> = line.iter().copied().filter(|b| !matches!(b, b'"' | b'\r')).collect();
        if line.is_empty() {
            continue;
        }
        let cell: Vec<u8> = line.iter().map(|b| if *b == b',' { b' ' } else { *b }).collect();
        let input = [b"claim_id,procedure_code,note\nC1,99213,".as_slice(), &cell, b"\n"].concat();
        let (found, summary) =
            check(&settings(&["ALL"]), SHAPES[3], 2 << 20, &[("a.csv", &input)]).unwrap();
        let codes: Vec<&str> = found.iter().map(common::code).collect();
        let fine = std::str::from_utf8(&cell).is_ok() && !cell.contains(&0);
        assert_eq!(summary.lines.checked, u64::from(fine), "{codes:?} {}", cell.escape_ascii());
        let kind = if cell.contains(&0) { "STR006" } else { "STR007" };
        assert_eq!(codes, if fine { vec![] } else { vec![kind] }, "{}", cell.escape_ascii());
        tested += 1;
    }
    assert!(tested > 100, "{tested} lines");
}

/// A run under a bound of the memory that it may ask for.
fn bounded(folder: &Path, file: &str) -> Run {
    let line = "ulimit -v 600000; exec \"$0\" check --isolated -j 2 --output-format json \"$1\"";
    let mut command = Command::new("/bin/sh");
    command.current_dir(folder).env_clear();
    let output =
        command.args(["-c", line, env!("CARGO_BIN_EXE_claimlint"), file]).output().unwrap();
    Run {
        exit: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn packed_exports_hold_as_their_page_says() {
    let Some(folder) = corpus("compress").map(|folder| folder.join("local")) else { return };
    let whole = run(&folder, &["base.csv"], None);
    assert_eq!((whole.exit, whole.counts()), (0, (2_000, 0)), "{}", whole.stderr);
    let mut seen = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let bytes = fs::read(folder.join(&name)).unwrap();
        let runs = [bounded(&folder, &name), run(&folder, &["-"], Some(&bytes))];
        let place = |at: usize| if at == 0 { name.clone() } else { format!("{name}, piped") };
        let class = match name.split('.').next().unwrap() {
            "zero_bytes" | "gz_of_empty" => ("refused", "is empty"),
            "double_gz" => ("refused", "is packed twice"),
            // One cell of a gibibyte under the header of one column.
            name if name.starts_with("bomb") => ("refused", "only one column"),
            "window_log31" => ("damaged", "a window of more than 128 MiB"),
            "trailing_garbage" => ("damaged", "what follows the"),
            name if name.starts_with("truncated") => ("damaged", "the file was cut off"),
            "header_only_10_bytes" => ("damaged", "the file was cut off"),
            name if name.starts_with("bad_") || name.starts_with("bitflip") => {
                ("damaged", "checksum")
            }
            _ => ("whole", ""),
        };
        *seen.entry(class.0).or_insert(0) += 1;
        for (at, run) in runs.iter().enumerate() {
            let said = format!("{}: exit {}: {}", place(at), run.exit, run.stderr);
            assert!(run.stderr.contains(class.1), "{said}");
            match class.0 {
                "whole" => assert_eq!((run.exit, run.counts()), (0, (2_000, 0)), "{said}"),
                kind => {
                    let exit = if kind == "refused" { 2 } else { 3 };
                    assert!(run.exit == exit && run.stdout.is_empty(), "{said}");
                    let counted = run.stderr.contains("cannot read on after ");
                    assert_eq!(counted, kind == "damaged", "{said}");
                }
            }
        }
    }
    assert_eq!(seen, [("damaged", 13), ("refused", 6), ("whole", 10)].into());
}
