//! Packed inputs, and files that are still on their way.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use claimlint::error::ErrorKind;
use common::program::{CLEAN, DIRTY, Ended, Folder, ended};
use common::{SHAPES, check, settings};
use serde_json::Value;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
    packed.include_checksum(true).unwrap();
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

/// An export with findings, quoted line breaks, a damaged record and letters beyond ASCII.
fn export(lines: usize) -> String {
    let mut text = "claim_id,line,cpt,note\n".to_owned();
    for at in 0..lines {
        let code = ["99213", "3044F", "9921", "1036F", "99 213", ""][at % 6];
        let note = ["", "\"two\nlines\"", "é", "\"quote \"\" in it\""][at % 4];
        let more = if at % 17 == 3 { ",ragged" } else { "" };
        text.push_str(&format!("C{},{at},{code},{note}{more}\n", at / 3));
    }
    text
}

/// In how many ways the same bytes can lie there.
fn packings(plain: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let parts = || plain.chunks(plain.len() / 3 + 1);
    let skipped = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, b'a', b'b', b'c'];
    let empty_first = [gzip(b""), gzip(plain), gzip(b"")].concat();
    vec![
        ("gzip", gzip(plain)),
        ("gzip, members that end within a line", parts().flat_map(gzip).collect()),
        ("gzip, empty members", empty_first),
        ("zstd", zstd(plain)),
        ("zstd, frames that end within a line", parts().flat_map(zstd).collect()),
        ("zstd, frames to be skipped", [&skipped, &zstd(plain)[..], &skipped].concat()),
    ]
}

/// The document without what it says of packing.
fn document(run: &Ended) -> Value {
    let mut json: Value = serde_json::from_str(&run.stdout).unwrap();
    for source in json["summary"]["sources"].as_array_mut().into_iter().flatten() {
        source.as_object_mut().unwrap().remove("packed");
    }
    json
}

#[test]
fn packed_inputs_give_what_plain_ones_give() {
    let folder = Folder::new();
    let plain = export(3_000);
    folder.write("export.csv", &plain);
    let arguments = ["-f", "json", "--samples", "0", "export.csv"];
    let want = folder.check(&arguments);
    assert_eq!(want.exit, 1, "{}", want.stderr);
    assert!(!want.stdout.contains("\"packed\""));
    let piped = |bytes: Vec<u8>, name: &str| {
        let mut command = folder.command(&["check", "--isolated", "-f", "json", name]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = thread::spawn(move || stdin.write_all(&bytes));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let want_piped = piped(plain.clone().into_bytes(), "-");
    for (what, packed) in packings(plain.as_bytes()) {
        let size = packed.len();
        // The name says nothing of what is in the file.
        folder.write("export.csv", &packed);
        let got = folder.check(&arguments);
        assert_eq!((got.exit, document(&got)), (1, document(&want)), "{what}: {}", got.stderr);
        let json: Value = serde_json::from_str(&got.stdout).unwrap();
        let source = &json["summary"]["sources"][0];
        assert_eq!(source["packed"]["how"], what[..4], "{what}");
        assert_eq!(source["packed"]["bytes"], size, "{what}");
        assert_eq!(source["bytes"], plain.len(), "{what}");
        assert!(got.stderr.contains(" KiB (packed "), "{what}: {}", got.stderr);
        let mut got = piped(packed, "-");
        got["summary"]["sources"][0].as_object_mut().unwrap().remove("packed");
        assert_eq!(got, want_piped, "{what}");
    }
    folder.write("plain.csv.gz", CLEAN);
    assert_eq!(folder.check(&["plain.csv.gz"]).exit, 0, "a plain file whatever its name");
}

#[test]
fn packed_inputs_read_alike_in_every_shape() {
    let plain = export(200);
    let run = |shape, bytes: &[u8]| {
        check(&settings(&["ALL"]), shape, 2 << 20, &[("a.csv", bytes)]).unwrap()
    };
    let (want, counts) = run(SHAPES[0], plain.as_bytes());
    for (what, packed) in packings(plain.as_bytes()) {
        for shape in SHAPES {
            let (got, summary) = run(shape, &packed);
            assert_eq!(got, want, "{what} {shape:?}");
            assert_eq!(summary.lines, counts.lines, "{what} {shape:?}");
        }
    }
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(plain.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(run(SHAPES[3], &gzip(&utf16)).1.lines, counts.lines);
}

#[test]
fn nothing_that_is_cut_off_or_damaged_passes_for_less() {
    let plain = export(12);
    let run = |bytes: &[u8], shape| check(&settings(&["ALL"]), shape, 2 << 20, &[("a.csv", bytes)]);
    let whole = run(plain.as_bytes(), SHAPES[0]).unwrap();
    for packed in [gzip(plain.as_bytes()), zstd(plain.as_bytes())] {
        for shape in [SHAPES[0], SHAPES[3]] {
            for end in 0..packed.len() {
                let error = run(&packed[..end], shape).unwrap_err();
                let kind = if end < 4 { error.kind() } else { ErrorKind::Incomplete };
                assert_eq!(error.kind(), kind, "cut off at {end}: {error}");
                let said = error.message().contains("the file was cut off");
                assert!(end < 4 || said, "cut off at {end}: {error}");
            }
            for at in 0..packed.len() {
                for change in [0x01, 0x80, 0xFF] {
                    let mut damaged = packed.clone();
                    damaged[at] ^= change;
                    if let Ok((found, summary)) = run(&damaged, shape) {
                        let got = (found, summary.lines);
                        assert_eq!(got, (whole.0.clone(), whole.1.lines), "byte {at} ^ {change}");
                    }
                }
            }
        }
    }
}

#[test]
fn damage_is_told_with_the_records_before_it_and_leaves_no_report() {
    let folder = Folder::new();
    let (head, tail) = CLEAN.split_at(CLEAN.len() - 3);
    // Zstd hands out nothing of a block whose checksum is another.
    for (pack, before_sum) in [(gzip as fn(&[u8]) -> Vec<u8>, "2 records"), (zstd, "1 record")] {
        let (first, second) = (pack(head.as_bytes()), pack(tail.as_bytes()));
        let mut bad_sum = second.clone();
        *bad_sum.last_mut().unwrap() ^= 1;
        for (what, end, records) in [
            ("cut off", &second[..second.len() - 1], "2 records"),
            ("checksum", &bad_sum, before_sum),
            ("what follows", b"garbage", "1 record"),
        ] {
            folder.write("a.csv", [&first, end].concat());
            let run = folder.check(&["a.csv", "-r", "ndjson=out.ndjson", "-r", "csv=out.csv"]);
            assert_eq!((run.exit, run.stdout.as_str()), (3, ""), "{what}: {}", run.stderr);
            let after = format!("a.csv: cannot read on after {records}: ");
            assert!(run.stderr.contains(&after), "{what}: {}", run.stderr);
            assert!(run.stderr.contains(what), "{what}: {}", run.stderr);
            assert!(run.stderr.contains("help: "), "{what}: {}", run.stderr);
            assert_eq!(folder.names(), ["a.csv"], "{what}");
            // Where reading stops before the damage, nothing is known of it.
            assert_eq!(folder.check(&["a.csv", "--limit-lines", "1"]).exit, 0, "{what}");
        }
    }
    folder.write("a.csv", &gzip(CLEAN.as_bytes())[..9]);
    let run = folder.check(&["a.csv"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert!(run.stderr.contains("a.csv: cannot read on after 0 records: "), "{}", run.stderr);
}

#[test]
fn twice_packed_or_empty_inputs_are_refused() {
    let folder = Folder::new();
    let pack = [gzip, zstd];
    for (outer, inner) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        folder.write("a.csv.gz", pack[outer](&pack[inner](CLEAN.as_bytes())));
        let run = folder.check(&["a.csv.gz"]);
        assert_eq!((run.exit, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("a.csv.gz: is packed twice"), "{}", run.stderr);
    }
    for bytes in [gzip(b""), zstd(b""), b"\x50\x2A\x4D\x18\0\0\0\0".to_vec()] {
        folder.write("a.csv.gz", bytes);
        let run = folder.check(&["a.csv.gz"]);
        assert_eq!(run.exit, 2, "{}", run.stderr);
        assert!(run.stderr.contains("is empty"), "{}", run.stderr);
    }
    for (start, tool) in [(&b"\xFD7zXZ\0"[..], "xz -dc"), (b"BZh91AY&SY", "bzip2 -dc")] {
        folder.write("a.csv", start);
        let run = folder.check(&["a.csv"]);
        assert!(run.exit == 2 && run.stderr.contains(tool), "{}", run.stderr);
    }
}

#[test]
fn notes_inspect_and_limits_know_of_packing() {
    let folder = Folder::new();
    folder.write("a.csv", [gzip(CLEAN.as_bytes()), vec![0; 500]].concat());
    let run = folder.check(&["a.csv"]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert!(run.stdout.contains("zeros after the packed data"), "{}", run.stdout);
    assert!(run.stdout.contains("read: a.csv: gzip, comma-delimited"), "{}", run.stdout);
    let run = folder.run(&["inspect", "--isolated", "a.csv"]);
    assert!(run.stdout.contains("packed with gzip, comma-delimited"), "{}", run.stdout);
    let run = folder.check(&["a.csv", "--limit-lines", "1", "-f", "json"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let packed = &json["summary"]["sources"][0]["packed"];
    assert_eq!((run.exit, &packed["how"], &packed["bytes"]), (0, &"gzip".into(), &Value::Null));
    // More inputs than are held open at once, and some in a folder.
    for at in 0..12 {
        let text = CLEAN.replace("\nA,", &format!("\nA{at},"));
        let (name, bytes) = match at % 3 {
            0 => ("csv", text.into_bytes()),
            1 => ("CSV.GZ", gzip(text.as_bytes())),
            _ => ("tsv.zst", zstd(text.as_bytes())),
        };
        folder.write(&format!("in/{at}.{name}"), bytes);
    }
    folder.write("in/notes.gz", "");
    let run = folder.check(&["in"]);
    assert!(run.stdout.contains("checked: 24 lines in 12 files"), "{}", run.stdout);
    assert!(run.stderr.contains("note: in: 1 file was passed over"), "{}", run.stderr);
}

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
    let plain = export(20_000).into_bytes();
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
        for format in common::program::FORMATS {
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

#[test]
fn a_cell_that_unpacks_without_end_takes_no_memory() {
    let folder = Folder::new();
    let head = b"claim_id,line,cpt,note\nA,1,99213,ok\nB,1,99213,";
    let (fill, tail) = (vec![b'x'; 1 << 20], b"\nC,1,99213,ok\n");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut zst = zstd::Encoder::new(Vec::new(), 1).unwrap();
    for write in [&mut gz as &mut dyn std::io::Write, &mut zst] {
        write.write_all(head).unwrap();
        (0..300).for_each(|_| write.write_all(&fill).unwrap());
        write.write_all(tail).unwrap();
    }
    for bytes in [gz.finish().unwrap(), zst.finish().unwrap()] {
        folder.write("a.csv", bytes);
        // Less than a third of what comes out may be asked for in all.
        let line = "ulimit -v 220000; exec \"$0\" check --isolated -j 2 a.csv";
        let mut command = Command::new("/bin/sh");
        command.current_dir(folder.path(".")).env_clear().stdin(Stdio::null());
        command.args(["-c", line, env!("CARGO_BIN_EXE_claimlint")]);
        let run = ended(command);
        assert_eq!(run.exit, 1, "{}", run.stderr);
        assert!(run.stdout.contains("2 checked + 1 rejected"), "{}", run.stdout);
    }
}
