//! The contract with scripts: exit codes, streams, report files, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use program::{CLEAN, DIRTY, Ended, FORMATS, Folder, command_in, ended};

/// Asserts that a run did not begin, and that it says why and what to do.
fn refused(run: &Ended, why: &str, what: &str) {
    let Ended { exit, stdout, stderr } = run;
    assert_eq!((*exit, stdout.as_str()), (2, ""), "{what}: {stderr}");
    assert!(stderr.contains(why), "{what}: `{why}` is not in: {stderr}");
    assert!(!stderr.contains("panic") && !stderr.contains("internal fault"), "{what}: {stderr}");
}

#[test]
fn exit_codes_are_the_same_in_every_format() {
    let folder = Folder::with_exports();
    for format in FORMATS {
        let exit = |more: &[&str]| folder.check(&[&["-f", format], more].concat()).exit;
        assert_eq!(exit(&["clean.csv"]), 0, "{format}");
        assert_eq!(exit(&["dirty.csv"]), 1, "{format}");
        // Claim A of the one is claim A of the other, and has its visit there.
        assert_eq!(exit(&["dirty.csv", "clean.csv"]), 0, "{format}");
        assert_eq!(exit(&["dirty.csv", "--exit-zero"]), 0, "{format}");
        assert_eq!(exit(&["dirty.csv", "--fail-on", "never"]), 0, "{format}");
        assert_eq!(exit(&["gone.csv"]), 2, "{format}");
    }
    let silent = folder.check(&["dirty.csv", "-qq"]);
    assert_eq!((silent.exit, silent.stdout, silent.stderr), (1, String::new(), String::new()));
    let quiet = folder.check(&["dirty.csv", "-q"]);
    assert_eq!((quiet.exit, quiet.stderr), (1, String::new()));
}

#[test]
fn machines_get_their_format_and_nothing_else() {
    let folder = Folder::with_exports();
    for (format, is_line) in [("ndjson", '{'), ("csv", '"')] {
        let run = folder.check(&["dirty.csv", "-f", format]);
        assert_eq!(run.stdout.lines().count(), if is_line == '{' { 1 } else { 2 }, "{format}");
        assert!(run.stderr.contains("\ntally: 3 physical lines = "), "{}", run.stderr);
        assert!(run.stderr.contains("\nchecked 2 lines in 1 file"), "{}", run.stderr);
    }
    let run = folder.check(&["dirty.csv", "-f", "json"]);
    serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap();
    let clean = folder.check(&["clean.csv", "-f", "ndjson"]);
    assert_eq!((clean.exit, clean.stdout.as_str()), (0, ""));
    assert!(clean.stderr.contains("no findings"), "{}", clean.stderr);
}

#[test]
fn what_is_no_input_is_refused_with_advice() {
    let folder = Folder::with_exports();
    refused(&folder.run(&["check"]), "required arguments", "no input, stdin at /dev/null");
    refused(&folder.run(&[]), "Usage", "no command");
    refused(&folder.check(&["gone.csv"]), "no such file", "no file");
    refused(&folder.check(&["gone/*.csv"]), "matches none", "glob");
    refused(&folder.check(&["-"]), "empty", "stdin at /dev/null");
    refused(&folder.check(&["-", "-"]), "twice", "stdin twice");
    for (name, text, why) in [
        ("empty.csv", "", "is empty"),
        ("mark.csv", "\u{feff}", "is empty"),
        ("newlines.csv", "\n\r\n\n", "is empty"),
        ("header.csv", "claim_id,cpt\n", "--allow-empty"),
        ("blank.csv", "claim_id,cpt\n\n  \n\n", "--allow-empty"),
        ("column.csv", "claim_id,charge\nA,1\n", "procedure_code"),
        ("one.csv", "claim_id\nA\n", "only one column"),
        ("workbook.csv", "PK\u{3}\u{4}xx", "not delimited text"),
    ] {
        folder.write(name, text);
        let run = folder.check(&[name]);
        refused(&run, why, name);
        assert!(run.stderr.contains("help: "), "{name}: {}", run.stderr);
        refused(&folder.check(&["clean.csv", name]), why, name);
    }
    for name in ["header.csv", "blank.csv"] {
        assert_eq!(folder.check(&["--allow-empty", name]).exit, 0, "{name}");
    }
    folder.write("papers/readme.doc", "");
    refused(&folder.check(&["papers"]), "the folder has no file", "folder without exports");
    folder.write("papers/deep/a.csv", CLEAN);
    let run = folder.check(&["papers"]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert!(run.stdout.contains("1 file was passed over"), "{}", run.stdout);
}

#[test]
fn an_input_counts_once() {
    let folder = Folder::with_exports();
    symlink("clean.csv", folder.path("link.csv")).unwrap();
    fs::hard_link(folder.path("clean.csv"), folder.path("hard.csv")).unwrap();
    for other in ["./clean.csv", "link.csv", "hard.csv", "clean*.csv", "."] {
        refused(&folder.check(&["clean.csv", other]), "is the same file as", other);
    }
}

#[test]
fn a_file_on_standard_input_counts_once() {
    let folder = Folder::with_exports();
    let mut command = folder.command(&["check", "--isolated", "clean.csv", "-"]);
    command.stdin(fs::File::open(folder.path("clean.csv")).unwrap());
    refused(&ended(command), "is the same file as", "stdin");
}

#[test]
fn a_report_does_not_replace_what_is_on_standard_input() {
    let folder = Folder::with_exports();
    let mut command = folder.command(&["check", "--isolated", "-", "-r", "csv=clean.csv"]);
    command.stdin(fs::File::open(folder.path("clean.csv")).unwrap());
    refused(&ended(command), "clean.csv", "report over stdin");
    assert_eq!(fs::read_to_string(folder.path("clean.csv")).unwrap(), CLEAN);
}

#[test]
fn a_folder_that_links_to_itself_is_walked_once() {
    let folder = Folder::new();
    folder.write("in/clean.csv", CLEAN);
    for name in ["in/a", "in/b"] {
        symlink(".", folder.path(name)).unwrap();
    }
    let child = folder.command(&["check", "--isolated", "in", "-f", "none"]).spawn().unwrap();
    assert_eq!(exit_in_time(child), Some(0));
}

/// The exit code; nothing, and the child is killed, if it does not end in time.
fn exit_in_time(mut child: Child) -> Option<i32> {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status.code().unwrap_or(-1));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

#[test]
fn what_is_typed_or_configured_wrong_is_refused() {
    let folder = Folder::with_exports();
    refused(&folder.check(&["clean.csv", "--nope"]), "--nope", "flag");
    let run = folder.check(&["clean.csv", "--select", "NOPE"]);
    refused(&run, "NOPE", "selector");
    assert!(run.stderr.contains("help: "), "{}", run.stderr);
    refused(&folder.check(&["clean.csv", "--select", "CII0001"]), "CII001", "nearly a rule");
    folder.write("claimlint.toml", "[output]\nsampels = 3\n");
    refused(&folder.run(&["check", "clean.csv"]), "claimlint.toml:2", "key");
    folder.write("claimlint.toml", "[output\n");
    refused(&folder.run(&["check", "clean.csv"]), "claimlint.toml:1", "TOML");
    fs::remove_file(folder.path("claimlint.toml")).unwrap();
    refused(&folder.run(&["check", "clean.csv", "--config", "none.toml"]), "none.toml", "config");
    folder.write("claimlint.toml", "[output\n");
    assert_eq!(folder.check(&["clean.csv"]).exit, 0, "--isolated reads no configuration");
}

#[test]
fn what_is_left_out_is_no_clean_run() {
    let folder = Folder::with_exports();
    refused(&folder.check(&["clean.csv", "--ignore", "ALL"]), "no rule is selected", "no rules");
    folder.write("ragged.csv", "claim_id,cpt\nA,99213\nB,3044F,\n");
    assert_eq!(folder.check(&["ragged.csv"]).exit, 1);
    let run = folder.check(&["ragged.csv", "--select", "COD,CII"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert!(run.stderr.contains("1 record cannot be read"), "{}", run.stderr);
    folder.write("header.csv", "claim_id,cpt,\"note\nA,3044F,x\nB,3044F,\"\nC,99213,y\n");
    refused(&folder.check(&["header.csv"]), "header", "a quote in the header");
    folder.write("further.csv", "claim_id,cpt,cpt2\nA,99213,3044F\n");
    refused(&folder.check(&["further.csv"]), "cpt2", "further codes");
    assert_eq!(folder.check(&["further.csv", "--map", "procedure_code=cpt"]).exit, 0);
    let by_day = ["further.csv", "--config", "rules.CII.group-by=[\"patient_id\"]"];
    refused(&folder.check(&by_day), "further", "no column to group by");
}

#[test]
fn an_exception_may_lift_a_rule_over_the_bar() {
    let folder = Folder::new();
    folder.write("a.csv", "claim_id,cpt,payer\nA,3044F,X\nA,G0438,X\nB,3044F,Y\nB,G0438,Y\n");
    folder.write(
        "c.toml",
        "min-severity = \"error\"\n[[override]]\nmatch = { payer = [\"x\"] }\n\
         severity = { CII002 = \"error\" }\n",
    );
    let run = folder.run(&["check", "a.csv", "--config", "c.toml", "-f", "concise"]);
    assert_eq!((run.exit, run.stdout.matches("CII002").count()), (1, 1), "{}", run.stdout);
}

#[test]
fn no_home_is_needed_and_a_configuration_beside_the_data_is_not_read() {
    let folder = Folder::new();
    folder.write("data/dirty.csv", DIRTY);
    folder.write("data/claimlint.toml", "ignore = [\"COD\", \"CII\", \"CAT\"]\n");
    let run = folder.run(&["check", "data/dirty.csv"]);
    assert_eq!(run.exit, 1, "{}", run.stderr);
    assert_eq!(ended(command_in(&folder.path("data"), &["check", "dirty.csv"])).exit, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_every_format() {
    let folder = Folder::with_exports();
    for format in FORMATS.into_iter().filter(|format| *format != "none") {
        for input in ["dirty.csv", "clean.csv"] {
            let mut command = folder.command(&["check", "--isolated", input, "-f", format]);
            command.stdout(OpenOptions::new().write(true).open("/dev/full").unwrap());
            let run = ended(command);
            let nothing_to_write = format == "ndjson" && input == "clean.csv";
            assert_eq!(run.exit, if nothing_to_write { 0 } else { 3 }, "{format} {input}");
            assert!(nothing_to_write || run.stderr.contains("cannot write"), "{}", run.stderr);
        }
    }
}

/// An export with so many findings that no pipe holds them.
fn long_export() -> String {
    let lines: String = (0..9_000).map(|at| format!("C{at},1,3044F\n")).collect();
    format!("claim_id,line,cpt\n{lines}")
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::new();
    folder.write("long.csv", long_export());
    for (report, exit) in [(None, 0), (Some("csv=report.csv"), 0)] {
        let mut command = folder.command(&["check", "--isolated", "long.csv", "-f", "ndjson"]);
        command.args(report.iter().flat_map(|report| ["-r", report]));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with('{'), "{line}");
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(exit_in_time(child), Some(exit), "{stderr}");
        assert!(!stderr.contains("error:") && !stderr.contains("fault"), "{stderr}");
    }
    let report = fs::read_to_string(folder.path("report.csv")).unwrap();
    // The header, each finding, and the mapping alarm that so many of them raise.
    assert_eq!(report.lines().count(), 9_002);
}

#[test]
fn a_report_appears_whole_for_its_owner_only_or_not_at_all() {
    let folder = Folder::with_exports();
    let kinds = ["json", "ndjson", "csv", "sarif", "junit", "md"];
    for kind in kinds {
        let report = format!("{kind}=report.{kind}");
        assert_eq!(folder.check(&["dirty.csv", "-f", "none", "-r", &report]).exit, 1);
        let path = folder.path(&format!("report.{kind}"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let first = fs::read(&path).unwrap();
        folder.write("header.csv", "claim_id,cpt\n");
        let failed = folder.check(&["dirty.csv", "header.csv", "-f", "none", "-r", &report]);
        assert_eq!(failed.exit, 2);
        assert_eq!(fs::read(&path).unwrap(), first, "{kind}: the last good report is still there");
        fs::remove_file(&path).unwrap();
        folder.check(&["dirty.csv", "header.csv", "-f", "none", "-r", &report]);
        assert_eq!(folder.names(), ["clean.csv", "dirty.csv", "header.csv"], "{kind}");
    }
}

#[test]
fn a_report_does_not_replace_an_export() {
    let folder = Folder::with_exports();
    symlink("clean.csv", folder.path("link.csv")).unwrap();
    fs::hard_link(folder.path("clean.csv"), folder.path("hard.csv")).unwrap();
    for (input, report) in [
        ("clean.csv", "clean.csv"),
        ("clean.csv", "./clean.csv"),
        ("clean.csv", "link.csv"),
        ("clean.csv", "hard.csv"),
        ("clean*.csv", "clean.csv"),
        ("link.csv", "clean.csv"),
    ] {
        let run = folder.check(&[input, "-r", &format!("csv={report}")]);
        refused(&run, report.trim_start_matches("./"), report);
        assert_eq!(fs::read_to_string(folder.path("clean.csv")).unwrap(), CLEAN, "{report}");
    }
    refused(&folder.check(&["clean.csv", "-r", "csv=none/x.csv"]), "no directory", "no directory");
    refused(&folder.check(&["clean.csv", "-r", "pdf=x.pdf"]), "pdf", "kind");
    refused(
        &folder.check(&["clean.csv", "-r", "csv=x", "-r", "json=x"]),
        "two reports",
        "one path",
    );
}

#[test]
fn two_reports_do_not_share_a_path() {
    let folder = Folder::with_exports();
    let twice = ["clean.csv", "-r", "csv=x", "-r", "json=./x"];
    refused(&folder.check(&twice), "two reports", "one path spelt in two ways");
}

/// A named pipe beside the exports; a reader of it waits for a writer, and so can be timed.
fn pipe(folder: &Folder) -> std::path::PathBuf {
    let path = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// Checks an export and a pipe; `meddle` happens once the export was opened and before it is read
/// to its end.
fn meddled(meddle: impl Fn(&Path), export: &str) -> (Option<i32>, String, Vec<String>) {
    let folder = Folder::new();
    folder.write("a.csv", export);
    let pipe = pipe(&folder);
    let arguments = ["check", "--isolated", "a.csv", "pipe", "-f", "none", "-r", "csv=r.csv"];
    let mut child = folder.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    // Opening waits for the program, which opens its inputs in the order given.
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    meddle(&folder.path("a.csv"));
    writer.write_all(CLEAN.as_bytes()).unwrap();
    drop(writer);
    let mut stderr = child.stderr.take().unwrap();
    let exit = exit_in_time(child);
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    (exit, said, folder.names())
}

#[test]
fn an_input_that_changes_while_it_is_read_is_told() {
    let long = long_export();
    assert_eq!(meddled(|_| (), &long).0, Some(1));
    let grown = |path: &Path| {
        OpenOptions::new().append(true).open(path).unwrap().write_all(b"X,1,99213\n").unwrap();
    };
    let cut =
        |path: &Path| OpenOptions::new().write(true).open(path).unwrap().set_len(70_000).unwrap();
    let emptied = |path: &Path| fs::write(path, "").unwrap();
    let ways: [&dyn Fn(&Path); 3] = [&grown, &cut, &emptied];
    for (at, meddle) in ways.iter().enumerate() {
        let (exit, said, names) = meddled(meddle, &long);
        assert_eq!(exit, Some(3), "{at}: {said}");
        assert!(said.contains("changed while it was read"), "{at}: {said}");
        assert_eq!(names, ["a.csv", "pipe"], "{at}: no report, whole or half");
    }
}

/// The signals that whoever started the tests asked to be ignored, one bit each: under `nohup` or
/// behind a shell's `&` the program ignores them too.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[test]
fn a_run_that_is_ended_leaves_nothing() {
    let ignored = ignored_signals();
    let heard = |number: &u32| ignored & (1 << (number - 1)) == 0;
    let signals = [("HUP", 1), ("INT", 2), ("TERM", 15)];
    for (signal, number) in signals.into_iter().filter(|(_, number)| heard(number)) {
        let exit = 128 + number as i32;
        let folder = Folder::new();
        let pipe = pipe(&folder);
        let arguments = ["check", "--isolated", "pipe", "-f", "none", "-r", "csv=r.csv"];
        let child = folder.command(&arguments).stderr(Stdio::null()).spawn().unwrap();
        let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
        writer.write_all(DIRTY.as_bytes()).unwrap();
        let is_temporary = |name: &String| name.starts_with(".claimlint-");
        assert!(folder.names().iter().any(is_temporary), "the report is in the making");
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(exit_in_time(child), Some(exit), "{signal}");
        assert_eq!(folder.names(), ["pipe"], "{signal}");
    }
}
