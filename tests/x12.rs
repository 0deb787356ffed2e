//! X12 837 as a stream, against its slow twin and against damage of every kind.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use claimlint::error::Result;
use claimlint::input::source::Source;
use claimlint::input::{Decoding, Encoding, InputSettings, Limits};
use claimlint::model::Severity;
use claimlint::model::{Fault, FaultDetail, Field, FieldSet};
use claimlint::report::Summary;
use common::x12::{Read, Row, twin};
use common::{SHAPES, Shape, check, settings};
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Small files of each kind of claim, and one with damage of every kind.
const FILES: [&str; 4] =
    ["formats/claims.837p", "formats/claims.837i", "formats/claims.837d", "rules/X12004.837"];

/// What the reader makes of a file in pieces of this size, and every fault.
fn streamed(bytes: &[u8], chunk_bytes: usize, batch_lines: usize) -> (Read, Vec<Fault>) {
    streamed_as(bytes, Encoding::Auto, chunk_bytes, batch_lines)
}

/// The same of a file in this encoding.
fn streamed_as(
    bytes: &[u8],
    encoding: Encoding,
    chunk_bytes: usize,
    batch_lines: usize,
) -> (Read, Vec<Fault>) {
    let limits = Limits {
        chunk_bytes,
        batch_lines_max: batch_lines,
        record_bytes_max: 1 << 20,
        window_bytes_max: 1 << 20,
    };
    let settings = InputSettings { encoding, ..InputSettings::default() };
    let mut source = Source::from_bytes("test.837", bytes.to_vec(), &settings, limits).unwrap();
    let every: FieldSet = Field::ALL.iter().copied().collect();
    let words = claimlint::rules::embedded::knowledge().unwrap().vocabulary;
    let decoding = Decoding::new(&source, 0, every, words, Vec::new());
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut batch = decoding.batch();
    while let Some(mut portion) = source.next_portion().unwrap() {
        decoding.decode(&mut portion, &mut batch).unwrap();
        rows.extend(batch.lines().map(|line| {
            let place = line.place();
            assert_eq!(place.record, place.line);
            let text = |field: Field| String::from_utf8(line.raw(field).to_vec()).unwrap();
            let filled = Field::ALL.iter().filter(|field| !line.raw(**field).is_empty());
            let mut cells: BTreeMap<_, _> = filled.map(|f| (f.name(), text(*f))).collect();
            let key = line.claim_key().unwrap_or_default();
            let ordinal = key.rsplit(|byte| *byte == 0xFF).next().unwrap_or_default();
            if !key.is_empty() {
                cells.insert("claim", String::from_utf8(ordinal.to_vec()).unwrap());
            }
            Row { segment: place.line, byte: place.byte, cells }
        }));
        faults.extend_from_slice(&batch.faults);
        decoding.give_back(portion, &mut batch);
    }
    let records = faults.iter().filter(|fault: &&Fault| fault.is_of_a_record());
    let set_aside = records.map(|fault| fault.place.line).collect();
    let (segments, around, _, within) = source.line_counts();
    let records = rows.len() + faults.iter().filter(|fault| fault.is_of_a_record()).count();
    assert_eq!(segments, around + within + records as u64, "the tally does not add up");
    assert_eq!(source.bytes_read(), bytes.len() as u64);
    ((rows, set_aside), faults)
}

/// Other separators, line ends and a mark at the front: what stands in the file stays the same.
fn rewritten(bytes: &[u8], element: u8, component: u8, end: &[u8]) -> Vec<u8> {
    let mut out = b"\xEF\xBB\xBF \r\n".to_vec();
    let text: Vec<u8> = bytes.iter().copied().filter(|b| !b"\r\n".contains(b)).collect();
    for byte in text {
        match byte {
            b'*' => out.push(element),
            b':' => out.push(component),
            b'~' => out.extend_from_slice(end),
            other => out.push(other),
        }
    }
    out
}

fn compare(bytes: &[u8], what: &str) {
    let want = twin(bytes);
    let (read, faults) = streamed(bytes, 1 << 20, 8192);
    assert_eq!(read.0, want.0, "{what}");
    assert_eq!(read.1, want.1, "{what}");
    for (chunk, lines) in [(1, 8192), (7, 2), (64, 8192), (4096, 1)] {
        let again = streamed(bytes, chunk, lines);
        assert_eq!(again.0, read, "{what} in chunks of {chunk}");
        assert_eq!(again.1, faults, "{what} in chunks of {chunk}");
    }
}

#[test]
fn a_stream_says_what_the_whole_file_says() {
    let rules = (1..=7).map(|number| format!("rules/X1200{number}.837"));
    for name in FILES.into_iter().map(str::to_owned).chain(rules) {
        let bytes = fixture(&name);
        compare(&bytes, &name);
        for (element, component, end) in
            [(b'|', b'>', &b"\n"[..]), (b'~', b'\\', b"_\r\n"), (b'*', b':', b"\r\n")]
        {
            let other = rewritten(&bytes, element, component, end);
            compare(&other, &name);
            let both = [bytes.as_slice(), &other[5..]].concat();
            compare(&both, &name);
        }
    }
}

#[test]
fn other_separators_change_no_line() {
    for name in FILES {
        let bytes = fixture(name);
        let cells = |bytes: &[u8]| -> Vec<_> {
            streamed(bytes, 64, 8192).0.0.into_iter().map(|row| row.cells).collect()
        };
        let plain = cells(&bytes);
        assert!(!plain.is_empty());
        assert_eq!(cells(&rewritten(&bytes, b'|', b'>', b"\n")), plain, "{name}");
        assert_eq!(cells(&rewritten(&bytes, b'~', b'\\', b"_\r\n")), plain, "{name}");
    }
}

/// A file of claims whose numbers are no ASCII, in UTF-8.
fn accented() -> (String, Read) {
    let text = String::from_utf8(fixture(FILES[0])).unwrap().replace("CLM*", "CLM*\u{e9}\u{20ac}");
    let read = twin(text.as_bytes());
    assert!(read.0.len() > 5 && read.1.is_empty());
    (text, read)
}

/// The cells of lines whose places are those of service segments that begin so.
fn cells_at(read: &Read, bytes: &[u8], service: &[u8]) -> Vec<BTreeMap<&'static str, String>> {
    let at = |row: &Row| bytes[row.byte as usize..].starts_with(service);
    assert!(read.0.iter().all(at), "a line does not lie where it is said to");
    read.0.iter().map(|row| row.cells.clone()).collect()
}

#[test]
fn other_encodings_change_no_line() {
    let (text, want) = accented();
    let want = cells_at(&want, text.as_bytes(), b"SV");
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    let windows = |c: char| match c {
        '\u{20ac}' => 0x80,
        other => u8::try_from(other).unwrap(),
    };
    let windows: Vec<u8> = text.chars().map(windows).collect();
    for (bytes, encoding, service) in [
        (&little, Encoding::Auto, &b"S\0V\0"[..]),
        (&big, Encoding::Auto, b"\0S\0V"),
        (&little[2..].to_vec(), Encoding::Utf16, b"S\0V\0"),
        (&windows, Encoding::Windows1252, b"SV"),
    ] {
        for chunk in [1, 100, 1 << 20] {
            let (read, faults) = streamed_as(bytes, encoding, chunk, 8192);
            assert_eq!(cells_at(&read, bytes, service), want, "{encoding:?} {chunk}");
            assert!(faults.is_empty(), "{encoding:?} {chunk}: {faults:?}");
        }
    }
    // Unless it is said, Windows-1252 is no text: what holds such a byte is set aside and named.
    let ((rows, set_aside), faults) = streamed(&windows, 100, 8192);
    assert!(rows.is_empty() && set_aside.len() == want.len(), "{} lines", rows.len());
    assert!(faults.iter().any(|fault| matches!(fault.detail, FaultDetail::Byte(_))));
}

#[test]
fn utf16_without_a_mark_is_refused() {
    let (text, _) = accented();
    let unmarked: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = checked(&unmarked).unwrap_err();
    let said = format!("{error} {:?}", error.help());
    assert!(said.contains("UTF-16") || said.contains("utf-16"), "{said}");
}

/// Pieces of which hostile files are put together.
const PIECES: [&str; 26] = [
    "HL*1**20*1",
    "HL*2*1*22*0",
    "HL*3*2*23*0",
    "HL*9*x*22*0",
    "NM1*85*2*Example Clinic*****XX*1234567893",
    "NM1*IL*1*Example*Ada****MI*M0001",
    "NM1*QC*1*Example*Bela",
    "NM1*82*1*Example*Ada****XX*1234567893",
    "DMG*D8*19700101*F",
    "CLM*CLM0001*125***11:B:1*Y*A*Y*Y",
    "CLM*CLM0002*90***13:A:7*Y*A*Y*Y",
    "HI*ABK:J069*ABF:I10",
    "DTP*434*RD8*20261001-20261003",
    "DTP*472*D8*20261015",
    "LX*1",
    "LX*2",
    "SV1*HC:99213:25*125*UN*1*11**1:2",
    "SV2*0300*HC:80053*90*UN*1",
    "SV3*AD:D2150*100****1",
    "SVD*SP1*50*HC:99213**1",
    "SBR*S*18",
    "ST*837*0002*005010X222A1",
    "ST*835*0003",
    "SE*9*0002",
    "GE*1*1",
    "?",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_files_are_read_as_the_twin_reads_them(
        picks in prop::collection::vec(0..PIECES.len(), 0..40),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in any::<prop::sample::Index>(),
        chunk in 1_usize..200,
    ) {
        let head = fixture(FILES[0]);
        let end = head.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let mut bytes = head[..end].to_vec();
        for pick in picks {
            bytes.extend_from_slice(PIECES[pick].as_bytes());
            bytes.extend_from_slice(b"~\n");
        }
        let from = bytes.len() - end;
        for (at, byte) in noise {
            if from > 0 {
                let at = end + at.index(from);
                bytes[at] = byte;
            }
        }
        bytes.truncate(end + cut.index(from + 1));
        let want = twin(&bytes);
        let (read, faults) = streamed(&bytes, 1 << 20, 8192);
        prop_assert_eq!(&read, &want);
        prop_assert_eq!(streamed(&bytes, chunk, 3), (read, faults));
    }
}

const SMALL: Shape = Shape { threads: 1, chunk_bytes: 256, batch_lines: 3, spill: false };

/// Checks a file with every rule of its structure. An error stands for exit code 2 or 3.
fn checked(bytes: &[u8]) -> Result<Summary> {
    check(&settings(&["X12", "COD", "CLM", "DAT"]), SMALL, 2 << 20, &[("test.837", bytes)])
        .map(|(_, summary)| summary)
}

fn errors(summary: &Summary) -> u64 {
    summary.severities[Severity::Error as usize]
}

fn truncated(step: usize) {
    for name in FILES {
        let bytes = fixture(name);
        let whole = bytes.iter().rposition(|byte| *byte == b'~').unwrap();
        let lines = checked(&bytes).unwrap().lines.checked;
        for end in (0..bytes.len()).step_by(step) {
            if let Ok(summary) = checked(&bytes[..end]) {
                let lost = summary.lines.checked < lines || end < whole;
                assert!(errors(&summary) > 0 || !lost, "{name} cut at {end} seems clean");
            }
        }
    }
}

fn changed(changes: u64) {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for name in FILES {
        let bytes = fixture(name);
        for _ in 0..changes {
            let mut damaged = bytes.clone();
            let at = (random() % bytes.len() as u64) as usize;
            damaged[at] = random() as u8;
            // Whatever comes of it, it comes to an end and adds up.
            if let Ok(summary) = checked(&damaged) {
                assert!(summary.lines.adds_up());
                assert_eq!(summary.sources[0].bytes, bytes.len() as u64);
            }
        }
    }
}

#[test]
fn no_truncation_seems_whole() {
    truncated(23);
}

#[test]
fn no_changed_byte_is_too_much() {
    changed(50);
}

#[test]
#[ignore = "slow"]
fn no_truncation_at_any_byte_seems_whole() {
    truncated(1);
}

#[test]
#[ignore = "slow"]
fn no_changed_byte_of_ten_thousand_is_too_much() {
    changed(2_500);
}

#[test]
fn a_claim_of_any_size_is_one_claim() {
    let text = String::from_utf8(fixture(FILES[0])).unwrap();
    let (before, rest) = text.split_once("CLM*").unwrap();
    let (own, _) = rest.split_once("LX*1~").unwrap();
    let lines: String = (1..=400)
        .map(|n| format!("LX*{n}~\nSV1*HC:99213*1*UN*1***1~\nDTP*472*D8*20261001~\n"))
        .collect();
    let bytes = format!("{before}CLM*{own}{lines}").into_bytes();
    let (read, _) = streamed(&bytes, 1000, 8192);
    assert_eq!(read.0.len(), 400);
    let claims: std::collections::BTreeSet<_> =
        read.0.iter().map(|row| row.cells["claim"].clone()).collect();
    assert_eq!(claims.len(), 1);
    compare(&bytes, "a large claim");
}

#[test]
fn what_is_no_837_is_refused_by_its_name() {
    let text = String::from_utf8(fixture(FILES[0])).unwrap().replace("ST*837*", "ST*835*");
    let error = checked(text.as_bytes()).unwrap_err();
    assert!(error.message().contains("835"), "{error}");
    let error = checked(&text.as_bytes()[..90]).unwrap_err();
    assert!(error.message().contains("ISA"), "{error}");
}

#[test]
fn a_code_of_another_system_is_left_out_and_said() {
    let text = String::from_utf8(fixture("rules/X12001.837")).unwrap();
    let foreign = text.replacen("HC:81002", "ER:A-1*", 1).replacen("ER:A-1**", "ER:A-1*", 1);
    assert_ne!(text, foreign);
    let all = settings(&["COD001", "COD002", "COD003"]);
    let inputs = [("test.837", foreign.as_bytes())];
    let (findings, summary) = check(&all, SHAPES[0], 2 << 20, &inputs).unwrap();
    assert!(findings.is_empty(), "the code is not judged");
    assert_eq!((summary.claims, summary.clean_claims), (3, 2), "nor is its claim clean");
    let outcome = &summary.rules[1].outcome;
    assert!(matches!(outcome, claimlint::report::summary::Outcome::NotChecked(_)), "{outcome:?}");
}

#[test]
fn findings_of_x12_carry_their_control_numbers() {
    let bytes = fixture("rules/X12005.837");
    let (_, summary) =
        check(&settings(&["X12"]), SHAPES[0], 2 << 20, &[("test.837", &bytes)]).unwrap();
    let controls = &summary.sources[0].controls;
    assert_eq!(controls.at(25), (Some("000000001"), Some("0001")));
    let csv = b"claim_id,procedure_code\nC1,99213\n";
    let (_, summary) = check(&settings(&["COD"]), SHAPES[0], 2 << 20, &[("a.csv", csv)]).unwrap();
    assert!(summary.sources[0].controls.is_empty());
}

#[test]
fn repeated_claim_numbers_are_claims_of_their_own() {
    let text = String::from_utf8(fixture("rules/X12001.837")).unwrap();
    let same = text.replace("CLM0002", "CLM0001").replace("CLM0003", "CLM0001");
    assert_ne!(text, same);
    let shape = SHAPES[0];
    let inputs = [("a.837", same.as_bytes()), ("b.837", same.as_bytes())];
    let (_, summary) = check(&settings(&["X12"]), shape, 2 << 20, &inputs).unwrap();
    assert_eq!((summary.claims, summary.lines.checked), (6, 8));
}
