//! What `docs/OPERATIONS.md` shows runs: lines for cron and services, in the bare environment that
//! they are started in, on good exports and bad. Its `console` and `toml` blocks are run by
//! `tests/readme.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, SystemTime};

use program::{CLEAN, DIRTY, Folder};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_claimlint");

/// The blocks of the page in a language.
fn blocks(language: &str) -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md");
    let text = fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<String> = blocks.map(str::to_owned).collect();
    assert!(!blocks.is_empty(), "no block in {language} is left");
    blocks
}

/// A system of its own: `/srv` with an export, and a `curl` that notes what it was asked for.
struct System(Folder);

impl System {
    fn new(export: &str) -> Self {
        let folder = Folder::new();
        for name in ["srv/reports/.keep", "srv/metrics/.keep", "bin/.keep"] {
            folder.write(name, "");
        }
        folder.write(
            "bin/curl",
            format!("#!/bin/sh\necho \"$@\" > {}\n", folder.path("asked").display()),
        );
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder.path("bin/curl"), mode).unwrap();
        let system = Self(folder);
        system.export(export);
        system
    }

    /// Lays an export down that nobody has touched for an hour.
    fn export(&self, text: &str) {
        self.0.write("srv/exports/october.csv", text);
        let path = self.0.path("srv/exports/october.csv");
        let file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }

    /// Runs a line of shell with no environment but a path. Returns the exit code and what is said.
    fn run(&self, line: &str) -> (i32, String) {
        let srv = format!("{}/", self.0.path("srv").display());
        let line = line.replace("/usr/local/bin/claimlint", BINARY).replace("/srv/", &srv);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &line]).current_dir(self.0.path("bin")).env_clear();
        let path = format!("{}:/usr/bin:/bin", self.0.path("bin").display());
        let output = shell.env("PATH", path).output().unwrap();
        let (out, err) = (&output.stdout, &output.stderr);
        let said = format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err));
        (output.status.code().unwrap(), said)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path(name)).unwrap()
    }
}

/// The commands of all lines for cron.
fn jobs() -> Vec<String> {
    let blocks = blocks("cron");
    let lines = blocks.iter().flat_map(|block| block.lines());
    let jobs = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let commands = jobs.map(|job| {
        let job = job.replace("\\%", "\0");
        assert!(!job.contains('%'), "to cron, a per cent sign is a line end: {job}");
        let job = job.replace('\0', "%");
        job.split_whitespace().skip(5).collect::<Vec<_>>().join(" ")
    });
    commands.collect()
}

#[test]
fn cron_mails_what_there_is_to_do() {
    for job in jobs() {
        let system = System::new(DIRTY);
        let said = system.run(&job).1;
        assert!(said.starts_with("claimlint: FAILED: 2 lines, 2 claims, "), "{job}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        system.export(CLEAN);
        let said = system.run(&job).1;
        match job.contains(" -q") {
            true => assert_eq!(said, "", "{job}"),
            false => assert!(said.starts_with("claimlint: clean: 2 lines, 1 claim, 0 "), "{said}"),
        }
        fs::remove_file(system.0.path("srv/exports/october.csv")).unwrap();
        let said = system.run(&job).1;
        assert!(said.contains("claimlint: FAILED, exit 2: ") && said.contains("error: "), "{said}");
    }
}

#[test]
fn the_monitor_is_told_the_exit_code() {
    let jobs = jobs();
    let job = jobs.iter().find(|job| job.contains("curl")).unwrap();
    for (export, code) in [(DIRTY, 1), (CLEAN, 0), ("", 2)] {
        let system = System::new(export);
        system.run(job);
        assert!(system.read("asked").trim_end().ends_with(&format!("/claims/{code}")), "{code}");
    }
}

/// The value of a key of a unit.
fn value<'u>(unit: &'u str, key: &str) -> &'u str {
    unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap()
}

#[test]
fn the_service_runs_and_its_numbers_are_kept() {
    let units = blocks("ini");
    let service = units.iter().find(|unit| unit.contains("[Service]")).unwrap();
    let command = value(service, "ExecStart");
    let system = System::new(DIRTY);
    let (exit, said) = system.run(command);
    assert_eq!((exit, value(service, "SuccessExitStatus")), (1, "1"), "{said}");
    let good = system.read("srv/metrics/claimlint.prom");
    assert!(good.contains("\nclaimlint_exit_code 1\n") && good.contains("claimlint_lines 2\n"));
    assert!(good.contains("claimlint_findings{rule=\"CII001\",severity=\"error\"} 1\n"), "{good}");
    let mode = fs::metadata(system.0.path("srv/metrics/claimlint.prom")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o644);
    let success = |text: &str| {
        let key = "claimlint_last_success_timestamp_seconds ";
        text.lines().find_map(|line| line.strip_prefix(key).map(str::to_owned)).unwrap()
    };
    system.export("no claims here\n");
    assert_eq!(system.run(command).0, 2);
    let failed = system.read("srv/metrics/claimlint.prom");
    assert!(failed.contains("\nclaimlint_exit_code 2\n") && !failed.contains("claimlint_lines"));
    assert_eq!(success(&failed), success(&good));
    // It may write nowhere else.
    let may = value(service, "ReadWritePaths");
    for path in command.split_whitespace().filter_map(|word| word.split_once("=/")) {
        let folder = format!("/{}", path.1.rsplit_once('/').unwrap().0);
        assert!(may.split(' ').any(|may| may == folder), "{folder} is not among {may}");
    }
    assert!(units.iter().any(|unit| unit.contains("[Timer]") && unit.contains("OnCalendar=")));
}

#[test]
fn numbers_are_written_however_a_run_ends() {
    let folder = Folder::with_exports();
    for (arguments, exit) in [
        (&["clean.csv"][..], 0),
        (&["dirty.csv"], 1),
        (&["gone.csv"], 2),
        (&["clean.csv", "--select", "NONE"], 2),
        (&["clean.csv", "--samples", "1", "--max-findings", "x"], 2),
        (&["clean.csv", "-qq"], 0),
    ] {
        let _ = fs::remove_file(folder.path("m.prom"));
        let run = folder.check(&[arguments, &["-r", "prom=m.prom"]].concat());
        assert_eq!(run.exit, exit, "{arguments:?} {}", run.stderr);
        let text = fs::read_to_string(folder.path("m.prom")).unwrap();
        assert!(text.contains(&format!("\nclaimlint_exit_code {exit}\n")), "{text}");
    }
    let run = folder.check(&["clean.csv", "-r", "prom=gone/m.prom"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    let run = folder.check(&["clean.csv", "-r", "prom=clean.csv"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert_eq!(fs::read_to_string(folder.path("clean.csv")).unwrap(), CLEAN);
}

#[test]
fn gates_let_pass_what_they_say() {
    let folder = Folder::with_exports();
    for (arguments, exit, said) in [
        (&["dirty.csv"][..], 1, ""),
        (&["dirty.csv", "--max-findings", "1"], 0, ""),
        (
            &["dirty.csv", "--max-findings", "49.9%"],
            1,
            "gate: errors: 1 of 2 lines (50.0 %), over 49.9 %",
        ),
        (&["dirty.csv", "--max-findings", "50%"], 0, ""),
        (&["dirty.csv", "--config", "gate.rules={CII001=1}"], 0, ""),
        (&["dirty.csv", "--config", "gate.rules={CII001=0}"], 1, "gate: CII001 1, over 0"),
        (&["dirty.csv", "--config", "gate.rules={CII001=0, ALL=9}"], 1, "gate: CII001"),
        (&["dirty.csv", "--config", "gate.rules={CII=0}", "--fail-on", "never"], 0, ""),
        (&["dirty.csv", "--config", "gate.rules={CII=\"101%\"}"], 2, "is no threshold"),
        (&["dirty.csv", "--config", "gate.rules={NONE=1}"], 2, "no rule is selected"),
    ] {
        let run = folder.check(&[arguments, &["-f", "none"]].concat());
        assert_eq!(run.exit, exit, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn too_many_records_that_cannot_be_read_end_a_run() {
    let folder = Folder::new();
    folder.write("torn.csv", "claim_id,line,cpt\nA,1,99213\nA,2\nB,1,99213\nB,2,99214\n");
    let check = |most: &str| {
        let more = ["--max-rejects", most, "--fail-on=never", "--clean=c.csv", "-r", "csv=f.csv"];
        folder.check(&[&["torn.csv", "-f", "none"][..], &more].concat())
    };
    let run = check("24%");
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert!(run.stderr.contains("1 of 4 records (25.0 %), over 24 %"), "{}", run.stderr);
    assert_eq!(folder.names(), ["f.csv", "torn.csv"], "reports, and no parts");
    assert_eq!(check("25%").exit, 0);
    assert_eq!(folder.names(), ["c.csv", "f.csv", "torn.csv"]);
}

#[test]
fn a_log_has_every_message_as_an_object() {
    let folder = Folder::with_exports();
    folder.write("idle.toml", "ignore = [\"CII001\", \"CII001\"]\n");
    let runs: [(&[&str], i32); 5] = [
        (&["check", "dirty.csv", "--config", "idle.toml", "-f", "csv"], 0),
        (&["check", "--isolated", "dirty.csv", "-f", "csv"], 1),
        (&["check", "--isolated", "gone.csv"], 2),
        (&["check", "--isolated", "dirty.csv", "--samples", "x"], 2),
        (&["check", "--isolated", "dirty.csv", "-r", "csv=gone/x.csv", "-q"], 2),
    ];
    for (arguments, exit) in runs {
        let log = ["--log-format", "json", "--log-file", "log"];
        let run = folder.run(&[arguments, &log].concat());
        assert_eq!(run.exit, exit, "{}", run.stderr);
        for line in run.stderr.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            assert!(event["message"].as_str().is_some_and(|said| !said.is_empty()), "{line}");
            assert!(event["time"].as_str().unwrap().ends_with('Z'));
            let level = event["level"].as_str().unwrap();
            assert!(["info", "note", "warning", "error"].contains(&level), "{line}");
        }
        let is_error = run.stderr.contains("\"level\":\"error\"");
        assert_eq!(is_error, exit > 1, "{}", run.stderr);
    }
    let before = fs::read_to_string(folder.path("log")).unwrap();
    assert_eq!(before.matches("\"level\":\"error\"").count(), 3);
    let mode = fs::metadata(folder.path("log")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is kept back from standard error is kept in the log.
    let run = folder.check(&["dirty.csv", "-qq", "--log-file", "log"]);
    assert_eq!((run.exit, run.stdout.as_str(), run.stderr.as_str()), (1, "", ""));
    let after = fs::read_to_string(folder.path("log")).unwrap();
    assert!(after.starts_with(&before), "a log is added to");
    assert!(after[before.len()..].contains("Z checked 2 lines in 1 file, "), "{after}");
    for not_a_log in ["gone/log", "clean.csv"] {
        let run = folder.check(&["dirty.csv", "--log-file", not_a_log]);
        assert_eq!(run.exit, 2, "{}", run.stderr);
    }
    assert_eq!(fs::read_to_string(folder.path("clean.csv")).unwrap(), CLEAN);
}

#[test]
fn one_line_is_all_that_is_printed() {
    let folder = Folder::with_exports();
    for (arguments, exit, start) in [
        (&["clean.csv"][..], 0, "claimlint: clean: 2 lines, 1 claim, 0 findings, "),
        (&["dirty.csv"], 1, "claimlint: FAILED: 2 lines, 2 claims, 1 finding (1 error), "),
        (&["dirty.csv", "--exit-zero"], 0, "claimlint: passed: 2 lines, 2 claims, 1 finding "),
    ] {
        let run = folder.check(&[arguments, &["--summary-line"]].concat());
        assert_eq!((run.exit, run.stderr.as_str()), (exit, ""), "{arguments:?}");
        assert!(run.stdout.starts_with(start), "{}", run.stdout);
        assert_eq!(run.stdout.lines().count(), 1);
    }
    let run = folder.check(&["clean.csv", "--summary-line", "-f", "csv"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
}
