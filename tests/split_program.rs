//! The split from outside: files, folders, pipes, full disks and signals.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::{Command, Stdio};

use common::program::{Ended, Folder, ended};

const HEADER: &str = "claim_id,line,cpt\n";
const MIXED: &str = "claim_id,line,cpt\nA,1,99213\nB,1,3044F\nA,2,1036F\nB,2,1036F\n,1,9921\nC\n";

fn both(folder: &Folder) -> [String; 2] {
    ["clean.csv", "rejected.csv"].map(|name| fs::read_to_string(folder.path(name)).unwrap())
}

fn split(folder: &Folder, arguments: &[&str]) -> Ended {
    let parts = ["--clean", "clean.csv", "--rejected", "rejected.csv", "-f", "summary"];
    folder.check(&[arguments, &parts].concat())
}

#[test]
fn claims_go_to_one_of_two_files() {
    let folder = Folder::new();
    folder.write("a.csv", MIXED);
    let ended = split(&folder, &["a.csv"]);
    assert_eq!(ended.exit, 1, "{ended:?}");
    let [clean, rejected] = both(&folder);
    assert_eq!(clean, "claim_id,line,cpt\nA,1,99213\nA,2,1036F\n");
    assert_eq!(rejected, "claim_id,line,cpt\nB,1,3044F\nB,2,1036F\n,1,9921\nC\n");
    let said = "split: clean 1 claim, 2 records, 20 bytes · \
                rejected 1 claim, 4 records, 30 bytes · header 18 bytes";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    assert_eq!(folder.check(&["clean.csv"]).exit, 0);

    let ended = split(&folder, &["a.csv", "--reasons"]);
    assert_eq!(ended.exit, 1, "{ended:?}");
    let reasons = "claim_id,line,cpt,claimlint_rules\nB,1,3044F,CII001\nB,2,1036F,CII001\n\
                   ,1,9921,CLM001 COD002\nC,STR001\n";
    assert_eq!(both(&folder)[1], reasons);
}

#[test]
fn both_parts_are_written_even_when_one_has_no_claim() {
    for (text, want) in [
        ("claim_id,line,cpt\nA,1,99213", ["claim_id,line,cpt\nA,1,99213\n", HEADER]),
        ("claim_id,line,cpt\nA,1,3044F\n", [HEADER, "claim_id,line,cpt\nA,1,3044F\n"]),
        (HEADER, [HEADER, HEADER]),
    ] {
        let folder = Folder::new();
        folder.write("a.csv", text);
        let ended = split(&folder, &["a.csv", "--allow-empty"]);
        assert!(ended.exit < 2, "{ended:?}");
        assert_eq!(both(&folder), want);
        let only =
            folder.check(&["a.csv", "--allow-empty", "--rejected", "only.csv", "-f", "json"]);
        assert!(only.stdout.contains("\"split\":{\"head_bytes\":18,"), "{}", only.stdout);
        assert_eq!(fs::read_to_string(folder.path("only.csv")).unwrap(), want[1]);
    }
}

#[test]
fn severities_and_exceptions_decide() {
    let folder = Folder::new();
    folder.write("a.csv", MIXED);
    folder.write(
        "c.toml",
        "[rules.CII001]\nseverity = \"warning\"\n\
         [output]\nclean = \"clean.csv\"\nrejected = \"rejected.csv\"\n",
    );
    let ended = folder.run(&["check", "a.csv", "--config", "c.toml"]);
    assert_eq!(ended.exit, 1, "{ended:?}");
    assert_eq!(both(&folder)[1], "claim_id,line,cpt\n,1,9921\nC\n");
}

#[test]
fn what_cannot_be_read_twice_is_kept_as_it_is_read() {
    let folder = Folder::new();
    for arguments in [["-"], ["/dev/stdin"]] {
        let mut command = folder.command(
            &[&["check", "--isolated"], &arguments[..], &["--clean", "clean.csv"]].concat(),
        );
        let mut child = command
            .args(["--rejected", "rejected.csv", "-f", "none", "-q"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(MIXED.as_bytes()).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1));
        let [clean, rejected] = both(&folder);
        assert_eq!(clean, "claim_id,line,cpt\nA,1,99213\nA,2,1036F\n");
        assert_eq!(rejected.len() + clean.len(), MIXED.len() + HEADER.len());
    }
}

#[test]
fn several_inputs_share_a_header_or_go_to_folders() {
    let folder = Folder::new();
    folder.write("a.csv", "claim_id,line,cpt\nA,1,99213\nB,1,3044F");
    folder.write("b.csv", "claim_id,line,cpt\nB,2,1036F\nC,1,99213");
    folder.write("other.csv", "claim_id,cpt\nD,99213\n");
    assert_eq!(split(&folder, &["a.csv", "b.csv"]).exit, 1);
    let want = ["A,1,99213\nC,1,99213\n", "B,1,3044F\nB,2,1036F\n"];
    assert_eq!(both(&folder), want.map(|lines| format!("{HEADER}{lines}")));

    let refused = split(&folder, &["a.csv", "other.csv"]);
    assert_eq!(refused.exit, 2, "{refused:?}");
    assert!(refused.stderr.contains("give folders"), "{}", refused.stderr);

    fs::create_dir(folder.path("good")).unwrap();
    fs::create_dir(folder.path("bad")).unwrap();
    let named = ["a.csv", "b.csv", "other.csv", "--clean", "good", "--rejected", "bad"];
    let ended = folder.check(&named);
    assert_eq!(ended.exit, 1, "{ended:?}");
    let read = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    assert_eq!(read("good/a.csv"), "claim_id,line,cpt\nA,1,99213\n");
    assert_eq!(read("bad/b.csv"), "claim_id,line,cpt\nB,2,1036F\n");
    assert_eq!(read("good/other.csv"), "claim_id,cpt\nD,99213\n");
    assert_eq!(read("bad/other.csv"), "claim_id,cpt\n");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let folder = Folder::with_exports();
    fs::create_dir(folder.path("dir")).unwrap();
    folder.write("again.csv", "claim_id,cpt,claimlint_rules\nA,99213,\n");
    for arguments in [
        &["dirty.csv", "--clean", "dirty.csv"][..],
        &["dirty.csv", "--clean", "x.csv", "--rejected", "x.csv"],
        &["dirty.csv", "--clean", "x.csv", "-r", "csv=./x.csv"],
        &["dirty.csv", "--clean", "x.csv", "--reasons"],
        &["dirty.csv", "--clean", "x.csv", "--limit-lines", "1"],
        &["dirty.csv", "--clean", "dir", "--rejected", "x.csv"],
        &["dirty.csv", "--clean", "none/x.csv"],
        &["again.csv", "--rejected", "x.csv", "--reasons"],
    ] {
        let ended = folder.check(arguments);
        assert_eq!(ended.exit, 2, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("help:"), "{}", ended.stderr);
        assert_eq!(folder.names(), ["again.csv", "clean.csv", "dir", "dirty.csv"]);
    }
}

#[test]
fn an_incomplete_run_leaves_neither_part() {
    let folder = Folder::new();
    folder.write("a.csv", MIXED);
    // The rule that would name the broken record does not run.
    let ended = split(&folder, &["a.csv", "--ignore", "STR"]);
    assert_eq!(ended.exit, 3, "{ended:?}");
    assert_eq!(folder.names(), ["a.csv"]);
}

/// Lines of claims that lie scattered, a third of them in claims with an error.
fn scattered(lines: u32) -> String {
    let claims = lines / 3;
    let line = |at: u32| {
        // A prime step visits every number once.
        let number = (u64::from(at) * 1_000_003 % u64::from(3 * claims)) as u32;
        let (claim, line) = (number % claims, number / claims);
        let code = if claim.is_multiple_of(3) && line == 1 { "9921" } else { "99213" };
        format!("CLM{claim:07},{line},{code}\n")
    };
    HEADER.to_owned() + &(0..3 * claims).map(line).collect::<String>()
}

#[test]
fn a_small_memory_limit_gives_the_same_parts() {
    let lines = 300_000;
    let folder = Folder::new();
    folder.write("a.csv", scattered(lines));
    let small = ["a.csv", "--memory-limit", "16MiB", "-j", "2"];
    let ended = split(&folder, &small);
    assert_eq!(ended.exit, 1, "{ended:?}");
    let parts = both(&folder);
    assert_eq!(split(&folder, &["a.csv", "-j", "1"]).exit, 1);
    assert!(parts == both(&folder));
    let count = |part: &str| part.lines().count() as u32 - 1;
    assert_eq!(count(&parts[0]) + count(&parts[1]), lines);
    assert_eq!(count(&parts[1]), lines.div_ceil(3).next_multiple_of(3));
    let mut all: Vec<&str> = parts.iter().flat_map(|part| part.lines().skip(1)).collect();
    let whole = fs::read_to_string(folder.path("a.csv")).unwrap();
    let mut want: Vec<&str> = whole.lines().skip(1).collect();
    all.sort_unstable();
    want.sort_unstable();
    assert!(all == want);
}

#[test]
fn a_full_disk_leaves_neither_part() {
    let folder = Folder::new();
    folder.write("a.csv", scattered(30_000));
    // Files may grow to some blocks of 512 bytes, and a write past that is an error.
    for blocks in [1, 100, 500] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.current_dir(folder.path("")).args(["-c", &script, env!("CARGO_BIN_EXE_claimlint")]);
        let parts = ["--clean", "clean.csv", "--rejected", "rejected.csv", "-f", "none"];
        command.args(["check", "--isolated", "a.csv"]).args(parts).stdin(Stdio::null());
        let ended = ended(command);
        assert_eq!(ended.exit, 3, "{blocks}: {ended:?}");
        assert_eq!(folder.names(), ["a.csv"], "{blocks}");
    }
}

#[test]
fn a_run_that_is_ended_leaves_neither_part() {
    let folder = Folder::new();
    let made = Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap();
    assert!(made.success());
    for (signal, exit) in [("TERM", Some(143)), ("KILL", None)] {
        let arguments = ["check", "--isolated", "pipe", "--clean", "clean.csv", "-f", "none"];
        let mut command = folder.command(&arguments);
        command.args(["--rejected", "rejected.csv"]).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut writer = OpenOptions::new().write(true).open(folder.path("pipe")).unwrap();
        writer.write_all(MIXED.as_bytes()).unwrap();
        let temporary =
            folder.names().iter().filter(|name| name.starts_with(".claimlint-")).count();
        assert_eq!(temporary, 2, "{:?}", folder.names());
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), exit, "{signal}");
        let left: Vec<String> = folder.names();
        assert!(!left.iter().any(|name| name.ends_with(".csv")), "{signal}: {left:?}");
    }
}
