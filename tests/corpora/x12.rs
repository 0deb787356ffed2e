//! The corpus of X12: every interchange is read, and counted as its separators alone count it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{corpus, run};

/// The files below a folder, in their order.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}

/// The tags of the segments of an interchange, by nothing but its separators, each with its first
/// element.
fn plain_segments(bytes: &[u8]) -> Vec<(String, String)> {
    let (element, terminator) = (bytes[3], bytes[105]);
    let blank = |byte: &u8| b"\r\n \t\x1a".contains(byte);
    let segments = bytes.split(|byte| *byte == terminator).map(|segment| {
        let start = segment.iter().position(|byte| !blank(byte)).unwrap_or(segment.len());
        &segment[start..]
    });
    let segments = segments.filter(|segment| !segment.is_empty());
    let of = |segment: &[u8]| {
        let mut parts = segment.split(|byte| *byte == element);
        let mut part = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        (part(), part())
    };
    segments.map(of).collect()
}

#[test]
fn interchanges_have_the_lines_and_claims_of_a_plain_count() {
    let Some(folder) = corpus("x12") else { return };
    let (mut claims_read, mut refused) = (0, 0);
    for path in files_below(&folder) {
        let bytes = fs::read(&path).unwrap();
        if !bytes.starts_with(b"ISA") {
            continue;
        }
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        let segments = plain_segments(&bytes);
        let count = |tags: &[&str]| {
            segments.iter().filter(|(tag, _)| tags.contains(&tag.as_str())).count() as i64
        };
        let kinds: Vec<&str> =
            segments.iter().filter(|(tag, _)| tag == "ST").map(|(_, kind)| kind.as_str()).collect();
        for threads in ["1", "2"] {
            let run = run(&folder, &["-j", threads, "--select", "ALL", name], None);
            let said = format!("{name}: exit {}: {}", run.exit, run.stderr);
            if !kinds.contains(&"837") {
                let named = kinds.iter().any(|kind| run.stderr.contains(*kind));
                assert!(run.exit == 2 && run.stdout.is_empty() && named, "{said}");
                refused += 1;
                continue;
            }
            assert!(run.exit <= 1, "{said}");
            let (checked, rejected) = run.counts();
            let summary = &run.json()["summary"];
            let of_lines = count(&["SV1", "SV2", "SV3"]);
            assert_eq!(checked + rejected, of_lines, "{said}");
            assert_eq!(summary["lines"]["physical"], segments.len(), "{said}");
            assert_eq!(summary["claims"], count(&["CLM"]), "{said}");
            claims_read += count(&["CLM"]);
        }
    }
    assert!(claims_read > 80 && refused > 30, "{claims_read} claims, {refused} files refused");
}
