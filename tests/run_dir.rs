//! A run directory is there whole or not at all, says what it holds, and is rendered again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "says what was skipped")]

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use program::{Folder, ended};
use serde_json::Value;

/// An export with findings of several rules, payers and days.
fn export(folder: &Folder, name: &str, claims: u32) {
    let mut text =
        "claim_id,line,dos,cpt,charge,payer,rendering_npi,billing_npi,member_id\n".to_owned();
    for claim in 0..claims {
        let (day, payer) = (1 + claim % 28, claim % 3);
        let code = ["99213", "3044F", "9921", "0042T", "G0438"][claim as usize % 5];
        text.push_str(&format!(
            "C{claim:05},1,2026-10-{day:02},{code},{claim}.50,Payer {payer},1234567893,,M{claim}\n"
        ));
    }
    folder.write(name, text);
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Fails unless the directory holds what its record says.
fn verify(directory: &Path) {
    let record = json(&directory.join("run.json"));
    let reports = record["reports"].as_array().unwrap();
    let mut names: BTreeSet<String> = BTreeSet::from(["run.json".to_owned()]);
    for report in reports {
        let name = report["name"].as_str().unwrap();
        let path = directory.join(name);
        assert_eq!(fs::metadata(&path).unwrap().len(), report["bytes"].as_u64().unwrap(), "{name}");
        assert_eq!(sha256(&path), report["sha256"].as_str().unwrap(), "{name}");
        names.insert(name.to_owned());
    }
    let entries = fs::read_dir(directory).unwrap();
    let there: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, names);
}

fn sha256(path: &Path) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(fs::read(path).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many run directories are in the making, or were when their run was killed.
fn hidden(folder: &Folder) -> usize {
    folder.names().iter().filter(|name| name.contains(".claimlint-run-")).count()
}

/// Waits for a run to hold its lock; it has as much time as a busy machine may take.
fn wait_until_begun(folder: &Folder) {
    let start = std::time::Instant::now();
    while hidden(folder) == 0 {
        assert!(start.elapsed().as_secs() < 120, "no run began");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn it_holds_every_report_and_says_what_the_run_was() {
    let folder = Folder::new();
    export(&folder, "a.csv", 300);
    let run = folder.check(&["a.csv", "-f", "none", "-o", "out", "--as-of", "2026-11-01"]);
    assert_eq!(run.exit, 1, "{}", run.stderr);
    let directory = folder.path("out");
    verify(&directory);
    assert_eq!(folder.names(), [".out.claimlint-lock", "a.csv", "out"]);
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in fs::read_dir(&directory).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let record = json(&directory.join("run.json"));
    assert_eq!(record["schema"], "claimlint.run/1");
    assert_eq!((&record["exit_code"], &record["lines"]), (&1.into(), &300.into()));
    assert_eq!(record["as_of"], "2026-11-01");
    assert_eq!(record["inputs"][0]["sha256"], sha256(&folder.path("a.csv")));
    assert!(record["rules"]["enabled"].as_array().unwrap().len() > 50);
    assert_eq!(record["arguments"][1], "--isolated");
    let findings = fs::read_to_string(directory.join("findings.ndjson")).unwrap();
    assert_eq!(findings.lines().count() as u64, record["findings"].as_u64().unwrap());
    let first: Value = serde_json::from_str(findings.lines().next().unwrap()).unwrap();
    assert_eq!(first["payer"], "Payer 1");
    assert_eq!(first["rendering_npi"], "1234567893");
    assert_eq!(first["service_date"], "2026-10-02");
}

#[test]
fn the_same_input_gives_the_same_reports_in_every_shape() {
    let folder = Folder::new();
    export(&folder, "a.csv", 500);
    let reports = |out: &str, more: &[&str]| {
        let run = folder.check(&[&["a.csv", "-q", "-f", "none", "-o", out], more].concat());
        assert_eq!(run.exit, 1, "{}", run.stderr);
        json(&folder.path(out).join("run.json"))
    };
    let first = reports("one", &["-j", "1"]);
    let other = reports("two", &["-j", "7", "--memory-limit", "16MiB"]);
    for key in ["reports", "inputs", "rules", "configuration_sha256"] {
        assert_eq!(first[key], other[key], "{key}");
    }
    let other = reports("three", &["--ignore", "COD002"]);
    assert_ne!(first["configuration_sha256"], other["configuration_sha256"]);
    assert_ne!(first["rules"], other["rules"]);
}

#[test]
fn a_later_run_replaces_what_a_run_wrote_and_nothing_else() {
    let folder = Folder::new();
    export(&folder, "a.csv", 20);
    let check = || folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]);
    assert_eq!(check().exit, 1);
    export(&folder, "a.csv", 40);
    assert_eq!(check().exit, 1);
    assert_eq!(json(&folder.path("out/run.json"))["lines"], 40);
    verify(&folder.path("out"));

    folder.write("out/notes.txt", "call the payer");
    let run = check();
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("holds files that no run wrote"), "{}", run.stderr);
    fs::remove_file(folder.path("out/notes.txt")).unwrap();
    let report = fs::OpenOptions::new().append(true).open(folder.path("out/summary.json"));
    report.unwrap().write_all(b" ").unwrap();
    let run = check();
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("was changed since its run"), "{}", run.stderr);

    folder.write("other/a.txt", "mine");
    folder.write("file", "mine");
    std::os::unix::fs::symlink("other", folder.path("link")).unwrap();
    for name in ["other", "file", "link", ".", "..", "none/out", "out/.."] {
        let run = folder.check(&["a.csv", "-q", "-f", "none", "-o", name]);
        assert_eq!(run.exit, 2, "{name}: {}", run.stderr);
        assert!(run.stderr.contains("help: "), "{name}: {}", run.stderr);
    }
    assert_eq!(fs::read(folder.path("other/a.txt")).unwrap(), b"mine");
}

#[test]
fn what_lies_in_the_directory_is_neither_read_nor_written() {
    let folder = Folder::new();
    export(&folder, "a.csv", 20);
    assert_eq!(folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]).exit, 1);
    for more in [["-r", "csv=out/x.csv"], ["--clean", "out/clean.csv"]] {
        let run = folder.check(&[&["a.csv", "-q", "-f", "none", "-o", "out"], &more[..]].concat());
        assert_eq!(run.exit, 2, "{}", run.stderr);
        assert!(run.stderr.contains("lies in the run directory"), "{}", run.stderr);
    }
    verify(&folder.path("out"));
}

#[test]
fn a_run_that_does_not_end_well_leaves_what_was_there() {
    let folder = Folder::new();
    export(&folder, "a.csv", 20);
    let mut bytes = fs::read(folder.path("a.csv")).unwrap();
    bytes.extend_from_slice(b"C9,1,2026-10-01,992\xff13,1.00,P,,,M\n");
    folder.write("bad.csv", bytes);
    assert_eq!(folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]).exit, 1);
    let before = fs::read(folder.path("out/run.json")).unwrap();
    // What cannot be read is named by no rule: the run is not complete.
    let run = folder.check(&["bad.csv", "-q", "-f", "none", "-o", "out", "--select", "COD"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert_eq!(folder.check(&["none.csv", "-q", "-o", "out"]).exit, 2);
    assert_eq!(fs::read(folder.path("out/run.json")).unwrap(), before);
    assert_eq!(folder.names(), [".out.claimlint-lock", "a.csv", "bad.csv", "out"]);
}

#[test]
fn two_runs_never_write_to_one_directory() {
    let folder = Folder::new();
    export(&folder, "a.csv", 20);
    // The first run waits for the rest of its input.
    let mut command = folder.command(&["check", "--isolated", "-", "-f", "none", "-o", "out"]);
    let mut first = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    let bytes = fs::read(folder.path("a.csv")).unwrap();
    input.write_all(&bytes).unwrap();
    wait_until_begun(&folder);
    let second = folder.check(&["a.csv", "-f", "none", "-o", "out"]);
    assert_eq!(second.exit, 75, "{}", second.stderr);
    assert!(second.stderr.contains("another run is writing there"), "{}", second.stderr);
    assert!(second.stderr.contains("--lock-wait"), "{}", second.stderr);
    let run = folder.check(&["a.csv", "-f", "none", "-o", "out", "--lock-wait", "100ms"]);
    assert_eq!(run.exit, 2, "no such unit of time: {}", run.stderr);
    let run = folder.check(&["a.csv", "-f", "none", "-o", "out", "--lock-wait", "1s"]);
    assert_eq!(run.exit, 75, "{}", run.stderr);
    let more = ["check", "--isolated", "a.csv", "-f", "none", "-o", "out", "--lock-wait", "5m"];
    let mut waiting = folder.command(&more).stderr(Stdio::null()).spawn().unwrap();
    drop(input);
    assert_eq!(first.wait().unwrap().code(), Some(1));
    assert_eq!(waiting.wait().unwrap().code(), Some(1));
    verify(&folder.path("out"));
}

#[test]
fn a_killed_run_leaves_nothing_that_the_next_does_not_clear() {
    let folder = Folder::new();
    export(&folder, "a.csv", 20);
    for signal in ["KILL", "TERM"] {
        let arguments = ["check", "--isolated", "-", "-f", "none", "-o", "out"];
        let mut command = folder.command(&arguments);
        let mut run = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = run.stdin.take().unwrap();
        input.write_all(b"claim_id,cpt\nA,99213\n").unwrap();
        wait_until_begun(&folder);
        let mut kill = Command::new("kill");
        kill.arg(format!("-{signal}")).arg(run.id().to_string());
        assert_eq!(ended(kill).exit, 0);
        run.wait().unwrap();
        assert!(!folder.path("out").exists());
        // Only a killed run has no time to tidy up.
        assert_eq!(hidden(&folder), usize::from(signal == "KILL"), "{signal}");
        if signal == "KILL" {
            assert_eq!(folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]).exit, 1);
            assert_eq!(hidden(&folder), 0);
            fs::remove_dir_all(folder.path("out")).unwrap();
        }
    }
}

#[test]
fn reports_are_rendered_again_byte_for_byte() {
    let folder = Folder::new();
    export(&folder, "a.csv", 300);
    export(&folder, "b.csv", 30);
    let kinds = ["json=1.json", "csv=1.csv", "ndjson=1.ndjson"];
    let mut arguments = vec!["a.csv", "b.csv", "-q", "-f", "none", "-o", "out"];
    kinds.iter().for_each(|kind| arguments.extend(["-r", kind]));
    assert_eq!(folder.check(&arguments).exit, 1);
    let kinds = ["json=2.json", "csv=2.csv", "ndjson=2.ndjson"];
    let mut arguments = vec!["report", "out"];
    kinds.iter().for_each(|kind| arguments.extend(["-r", kind]));
    let run = folder.run(&arguments);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    for name in ["json", "csv", "ndjson"] {
        let read =
            |number: u8| fs::read_to_string(folder.path(&format!("{number}.{name}"))).unwrap();
        assert_eq!(read(1), read(2), "{name}");
    }
    let run = folder.run(&["report", "out", "-f", "summary"]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert!(run.stdout.contains("COD002"), "{}", run.stdout);
}

#[test]
fn what_is_no_whole_run_is_not_rendered() {
    let folder = Folder::new();
    export(&folder, "a.csv", 30);
    assert_eq!(folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]).exit, 1);
    folder.write("empty/x", "");
    for (name, exit) in [("empty", 2), ("none", 2), ("a.csv", 2)] {
        let run = folder.run(&["report", name, "-r", "csv=x.csv"]);
        assert_eq!(run.exit, exit, "{name}: {}", run.stderr);
    }
    let findings = fs::read(folder.path("out/findings.ndjson")).unwrap();
    folder.write("out/findings.ndjson", &findings[..findings.len() / 2]);
    let run = folder.run(&["report", "out", "-r", "csv=x.csv"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert!(run.stderr.contains("is not what its run wrote"), "{}", run.stderr);
    assert!(!folder.path("x.csv").exists());
}

/// Reads both with polars and DuckDB, and says what differs.
const COMPARE: &str = r#"
import json, sys
import duckdb, polars
rows = [json.loads(line) for line in open("out/findings.ndjson")]
frame = polars.read_parquet("out/findings.parquet")
other = duckdb.sql("select * from 'out/findings.parquet'")
names = [column[0] for column in other.description]
def plain(row):
    row = dict(row)
    row["related"] = json.loads(row["related"])
    for key in ("amount", "service_date"):
        row[key] = None if row[key] is None else str(row[key])
    return row
assert rows and len(rows[0]) == len(names)
assert [plain(row) for row in frame.iter_rows(named=True)] == rows, "polars"
assert [plain(zip(names, row)) for row in other.fetchall()] == rows, "DuckDB"
"#;

#[cfg(feature = "polars")]
#[test]
fn parquet_says_what_ndjson_says_to_polars_and_duckdb() {
    let Some(python) = std::env::var_os("CLAIMLINT_POLARS").filter(|path| !path.is_empty()) else {
        eprintln!("skipped: CLAIMLINT_POLARS names no Python with polars and DuckDB");
        return;
    };
    let folder = Folder::new();
    export(&folder, "a.csv", 2_000);
    assert_eq!(folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]).exit, 1);
    let mut command = Command::new(python);
    command.current_dir(folder.path("")).args(["-c", COMPARE]);
    let run = ended(command);
    assert_eq!(run.exit, 0, "{}", run.stderr);
}
