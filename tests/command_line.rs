//! The program from outside: exit codes, streams and configuration, as far as no export is read.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// The program in an empty directory, with no configuration but what a test writes there.
fn claimlint(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("claimlint").unwrap();
    command.current_dir(directory).env_clear().env("HOME", directory);
    command
}

/// Runs it; the exit code, standard output and standard error.
fn run(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = claimlint(directory).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_is_typed_wrong_does_not_run() {
    let empty = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["check"], "required arguments"),
        (&["check", "x", "--delimiter", ";;"], "error: --delimiter: a delimiter is one ASCII"),
        (&["check", "x", "--map", "claim=A"], "help: did you mean `claim_id`?"),
        (&["check", "x", "--config", "output.sample=1"], "help: did you mean `samples`?"),
        (&["rule", "XYZ999"], "error: no rule is called `XYZ999`"),
        (&["config", "explain", "delimiter"], "help: did you mean `input.delimiter`?"),
    ];
    for (arguments, said) in cases {
        let (code, stdout, stderr) = run(empty.path(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
    let (code, stdout, stderr) = run(empty.path(), &["check", "x", "--select", "?", "-qq"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (2, "", ""));
}

#[test]
fn settings_are_shown_with_their_origin() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("claimlint.toml"), "\n[input]\ndelimiter = \";\"\n").unwrap();
    let show = |more: &[&str]| run(directory.path(), &[&["config", "show"], more].concat()).1;
    let line = |text: &str, key: &str| {
        let found = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        found.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line(&show(&[]), "delimiter"), "delimiter = \";\" # claimlint.toml:3");
    assert_eq!(
        line(&show(&["--delimiter", "tab"]), "delimiter"),
        "delimiter = \"tab\" # --delimiter"
    );
    assert_eq!(line(&show(&["--isolated"]), "delimiter"), "");
}

#[test]
fn a_file_that_is_there_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(run(directory.path(), &["init"]).0, 0);
    assert_eq!(run(directory.path(), &["config", "show"]).0, 0);
    let (code, _, stderr) = run(directory.path(), &["init"]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: claimlint.toml is already there"), "{stderr}");
}

#[test]
fn what_is_asked_for_goes_to_standard_output() {
    let empty = tempfile::tempdir().unwrap();
    let cases: [&[&str]; 7] = [
        &["--version"],
        &["--help"],
        &["rules"],
        &["rule", "--all", "--output-format", "json"],
        &["config", "schema"],
        &["completions", "bash"],
        &["man"],
    ];
    for arguments in cases {
        let (code, stdout, stderr) = run(empty.path(), arguments);
        assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(!stdout.is_empty(), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_a_reader_that_went_away_is_not() {
    let empty = tempfile::tempdir().unwrap();
    let binary = assert_cmd::cargo::cargo_bin("claimlint");
    let run = |stdout: std::process::Stdio| {
        let mut command = std::process::Command::new(&binary);
        command.current_dir(empty.path()).args(["config", "schema"]).stdout(stdout);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (code, stderr) = run(full.into());
    assert_eq!(code, 3);
    assert!(stderr.starts_with("error: standard output: cannot write"), "{stderr}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(run(writer.into()), (0, String::new()));
}
