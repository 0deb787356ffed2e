//! Packed inputs: they give what plain ones give, or say what is wrong with them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

mod common;
#[path = "common/packing.rs"]
mod packing;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use claimlint::error::{ErrorKind, Result};
use claimlint::input::{InputSettings, Source};
use common::program::{CLEAN, Ended, Folder, ended};
use common::{SHAPES, Shape, check, settings};
use packing::{gzip, zstd};
use serde_json::Value;

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
    let run = |bytes: &[u8], shape: Shape| -> Result<_> {
        let limits = shape.limits(2 << 20).input;
        let mut source =
            Source::from_bytes("a.csv", bytes.to_vec(), &InputSettings::default(), limits)?;
        while source.next_portion()?.is_some() {}
        Ok((source.line_counts(), source.bytes_read()))
    };
    for packed in [gzip(plain.as_bytes()), zstd(plain.as_bytes())] {
        for shape in [SHAPES[0], SHAPES[3]] {
            let whole = run(plain.as_bytes(), shape).unwrap();
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
                    if let Ok(got) = run(&damaged, shape) {
                        assert_eq!(got, whole, "byte {at} ^ {change}");
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
