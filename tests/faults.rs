//! A run that is killed, or whose writes fail, at any of its calls leaves a run directory that is
//! whole or none. Needs `strace`, which `CLAIMLINT_STRACE` names; without it, nothing is tested.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "says what was skipped")]

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::Path;
use std::process::Command;

use program::{Ended, Folder, ended};
use serde_json::Value;
use sha2::Digest as _;

/// The calls by which a report gets to the disk and to its name.
const CALLS: &str = "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2";

/// No thread makes more of them.
const CALLS_MAX: u32 = 300;

fn strace() -> Option<String> {
    let strace = std::env::var("CLAIMLINT_STRACE").ok().filter(|path| !path.is_empty());
    if strace.is_none() {
        eprintln!("skipped: CLAIMLINT_STRACE names no strace");
    }
    strace
}

fn folder() -> Folder {
    let folder = Folder::new();
    let mut text = "claim_id,line,dos,cpt,charge,payer,rendering_npi\n".to_owned();
    for claim in 0..60 {
        let code = ["99213", "3044F", "9921", "0042T", "G0438"][claim % 5];
        let day = 1 + claim % 28;
        text.push_str(&format!("C{claim:05},1,2026-10-{day:02},{code},{claim}.50,P,1234567893\n"));
    }
    folder.write("a.csv", text);
    folder
}

/// Runs the program with something done to the call of this number in every thread.
fn run(folder: &Folder, strace: &str, done: &str, at: u32) -> Ended {
    let _ = fs::remove_dir_all(folder.path("out"));
    let mut command = Command::new(strace);
    command.current_dir(folder.path("")).env_clear();
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={CALLS}")]);
    command.args(["-e", &format!("inject={CALLS}:{done}:when={at}")]);
    command.arg(env!("CARGO_BIN_EXE_claimlint"));
    command.args(["check", "--isolated", "a.csv", "-q", "-f", "none", "-o", "out"]);
    ended(command)
}

/// Whether the directory is there; fails unless it then holds what its record says.
fn is_there(directory: &Path) -> bool {
    if !directory.exists() {
        return false;
    }
    let record = fs::read(directory.join("run.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    let reports = record["reports"].as_array().unwrap();
    assert!(reports.len() >= 4, "{record}");
    for report in reports {
        let bytes = fs::read(directory.join(report["name"].as_str().unwrap())).unwrap();
        let digest = sha2::Sha256::digest(&bytes);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, report["sha256"].as_str().unwrap());
    }
    assert_eq!(fs::read_dir(directory).unwrap().count(), reports.len() + 1);
    true
}

/// Does something to each call in turn, until no thread makes so many.
fn at_each(mut one: impl FnMut(u32) -> i32) {
    let mut in_peace = 0;
    for at in 1..=CALLS_MAX {
        in_peace = if one(at) == 1 { in_peace + 1 } else { 0 };
        // A failure that is forgiven, of a call that is tried again, is no end.
        if in_peace > 5 {
            return;
        }
    }
}

#[test]
fn a_run_that_is_killed_leaves_a_whole_directory_or_none() {
    let Some(strace) = strace() else { return };
    let folder = folder();
    let (mut killed, mut there) = (0, 0);
    at_each(|at| {
        let run = run(&folder, &strace, "signal=KILL", at);
        assert!(run.exit == 137 || run.exit == 1, "at {at}: {run:?}");
        let is_there = is_there(&folder.path("out"));
        assert!(is_there || run.exit == 137, "at {at}");
        killed += u32::from(run.exit == 137);
        there += u32::from(is_there);
        run.exit
    });
    assert!(killed > 10 && there > 0, "killed {killed}, there {there}");
    let run = folder.check(&["a.csv", "-q", "-f", "none", "-o", "out"]);
    assert_eq!(run.exit, 1, "{}", run.stderr);
    assert!(!folder.names().iter().any(|name| name.contains("claimlint-run")));
}

#[test]
fn a_call_that_fails_ends_the_run_with_3_and_nothing_half_written() {
    let Some(strace) = strace() else { return };
    let folder = folder();
    for error in ["ENOSPC", "EIO", "EACCES"] {
        let mut failed = 0;
        at_each(|at| {
            let run = run(&folder, &strace, &format!("error={error}"), at);
            assert!(run.exit == 3 || run.exit == 1, "{error} at {at}: {run:?}");
            let is_there = is_there(&folder.path("out"));
            assert!(is_there || run.exit == 3, "{error} at {at}");
            failed += u32::from(run.exit == 3);
            let left = folder.names().iter().any(|name| name.contains("claimlint-run"));
            assert!(!left, "{error} at {at}: {run:?}");
            run.exit
        });
        assert!(failed > 5, "{error}: {failed}");
    }
}
