//! Files that are still on their way: named so, too young, or changing while they are read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/packing.rs"]
mod packing;
#[path = "common/program.rs"]
mod program;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use packing::{gzip, zstd};
use program::{CLEAN, DIRTY, Ended, FORMATS, Folder, ended};

/// Opens a pipe with that name for the program to read, once it gets so far.
fn with_pipe(folder: &Folder, arguments: &[&str], write: impl FnOnce(&mut File)) -> Ended {
    let pipe = folder.path("pipe");
    let _ = fs::remove_file(&pipe);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let all = [&["check", "--isolated"], arguments].concat();
    let command = folder.command(&all);
    thread::scope(|scope| {
        let run = scope.spawn(|| ended(command));
        let mut end = OpenOptions::new().write(true).open(&pipe).unwrap();
        write(&mut end);
        drop(end);
        run.join().unwrap()
    })
}

#[test]
fn a_pipe_with_a_name_is_read_to_its_end() {
    let folder = Folder::new();
    for bytes in [DIRTY.as_bytes().to_vec(), gzip(DIRTY.as_bytes()), zstd(DIRTY.as_bytes())] {
        let run = with_pipe(&folder, &["pipe", "--min-age", "1h"], |pipe| {
            for part in bytes.chunks(3) {
                pipe.write_all(part).unwrap();
                thread::sleep(Duration::from_millis(1));
            }
        });
        assert_eq!(run.exit, 1, "{}", run.stderr);
        assert!(run.stdout.contains("checked: 2 lines in 1 file"), "{}", run.stdout);
    }
    let cut = gzip(DIRTY.as_bytes());
    let run = with_pipe(&folder, &["pipe"], |pipe| pipe.write_all(&cut[..30]).unwrap());
    assert_eq!(run.exit, 3, "{}", run.stderr);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_taken_for_whole() {
    let folder = Folder::new();
    let plain = [DIRTY, &"B,2,99213\n".repeat(30_000)].concat().into_bytes();
    let another = DIRTY.as_bytes();
    type Change = fn(&Path);
    let changes: [(&str, Change); 5] = [
        ("grows", |path| {
            OpenOptions::new().append(true).open(path).unwrap().write_all(b"\n").unwrap();
        }),
        ("shrinks", |path| {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() - 1).unwrap();
        }),
        ("is emptied", |path| drop(File::create(path).unwrap())),
        ("is replaced", |path| {
            let new = path.with_extension("new");
            fs::copy(path, &new).unwrap();
            fs::rename(new, path).unwrap();
        }),
        ("is touched", |path| {
            File::options()
                .append(true)
                .open(path)
                .unwrap()
                .set_modified(SystemTime::UNIX_EPOCH)
                .unwrap();
        }),
    ];
    for (how, bytes) in [("plain", plain.clone()), ("gzip", gzip(&plain)), ("zstd", zstd(&plain))] {
        for (what, change) in changes {
            folder.write("a.csv", &bytes);
            // The pipe is opened after the header of the file was read.
            let run = with_pipe(&folder, &["a.csv", "pipe", "-r", "csv=out.csv"], |pipe| {
                change(&folder.path("a.csv"));
                pipe.write_all(another).unwrap();
            });
            assert_eq!((run.exit, run.stdout.as_str()), (3, ""), "{how} {what}: {}", run.stderr);
            let said = run.stderr.contains("a.csv: the input changed while it was read");
            assert!(said, "{how} {what}: {}", run.stderr);
            assert!(!folder.path("out.csv").exists(), "{how} {what}");
        }
        folder.write("a.csv", &bytes);
        let run = with_pipe(&folder, &["a.csv", "pipe"], |pipe| {
            fs::rename(folder.path("a.csv"), folder.path("done.csv")).unwrap();
            pipe.write_all(another).unwrap();
        });
        assert_eq!(run.exit, 1, "{how}, moved away: {}", run.stderr);
    }
}

/// A folder with a file that was settled long ago, a young one, and some that are still written.
fn inbox() -> Folder {
    let folder = Folder::new();
    for name in ["in/old.csv", "in/new.csv", "in/a.csv.part", "in/b.csv.TMP", "in/c.filepart"] {
        folder.write(name, CLEAN.replace("\nA,", &format!("\n{name},")));
    }
    folder.write("in/d.csv.crdownload", CLEAN);
    folder.write("in/.e.csv", CLEAN);
    age(&folder, "in/old.csv", 600);
    folder
}

fn age(folder: &Folder, name: &str, seconds: u64) {
    let file = OpenOptions::new().append(true).open(folder.path(name)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

#[test]
fn files_on_their_way_are_passed_over_and_listed() {
    let folder = inbox();
    let on_their_way = "5 files were passed over, because each has the name of a hidden file or of \
                        one that is still written: in/.e.csv, in/a.csv.part, in/b.csv.TMP, \
                        in/c.filepart, in/d.csv.crdownload";
    for named in ["in", "in/*"] {
        let run = folder.check(&[named]);
        assert!(run.stdout.contains("4 lines in 2 files"), "{named}: {}", run.stdout);
        for told in [&run.stdout, &run.stderr] {
            let told = told.replace('\n', " ");
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(on_their_way), "{named}: {told}");
        }
        let run = folder.check(&[named, "--min-age", "5m"]);
        assert!(run.stdout.contains("2 lines in 1 file"), "{named}: {}", run.stdout);
        let young =
            "1 file was passed over, because it was changed less than 300 s ago: in/new.csv";
        assert!(run.stderr.contains(young), "{named}: {}", run.stderr);
        assert_eq!(folder.check(&[named, "-q"]).stderr, "");
    }
    // Who names a file exactly wants that file; its age still counts.
    let run = folder.check(&["in/a.csv.part", "in/.e.csv"]);
    assert!(run.stdout.contains("4 lines in 2 files"), "{}", run.stdout);
    let run = folder.check(&["in/a.csv.part", "in/old.csv", "--min-age", "90s"]);
    assert!(run.stdout.contains("2 lines in 1 file"), "{}", run.stdout);
}

#[test]
fn nothing_left_is_no_clean_run() {
    let folder = inbox();
    for arguments in [
        &["in", "--min-age", "1h"][..],
        &["in/*.csv", "--min-age", "1h"],
        &["in/new.csv", "--min-age", "1h"],
        &["in/*.part"],
    ] {
        let run = folder.check(arguments);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("there is no input: "), "{arguments:?}: {}", run.stderr);
        for format in FORMATS {
            let run = folder.check(&[arguments, &["--allow-empty", "-f", format]].concat());
            assert_eq!(run.exit, 0, "{arguments:?} {format}: {}", run.stderr);
        }
    }
    let run = folder.check(&["in", "--config", "input.min-age='1h'"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    let run = folder.check(&["in", "--min-age", "5"]);
    assert!(run.exit == 2 && run.stderr.contains("no length of time"), "{}", run.stderr);
    assert_eq!(folder.check(&["gone*.csv", "--allow-empty"]).exit, 2);
}
