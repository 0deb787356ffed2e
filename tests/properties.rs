//! Any table in any dialect reads back cell by cell, and damage to one byte loses nothing silently.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

mod common;

use std::ops::Range;

use claimlint::input::count::line_ends;
use common::cells::{Reader, Row, Table};
use common::{SHAPES, check, settings};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

type Grid = Vec<Vec<String>>;

/// Failures are shown, not kept in a file; some tests throw away many cases.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_global_rejects: cases * 20,
        failure_persistence: None,
        // The same cases in every run; to search on, set another seed.
        rng_seed: RngSeed::Fixed(20_261_101),
        ..ProptestConfig::default()
    }
}

const LINE_ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

/// A way to write a table.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    delimiter: char,
    always: bool,
    line_end: &'static str,
    mark: bool,
    /// Whether the last record has a line end.
    closed: bool,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let delimiter = prop::sample::select(&[',', '\t', '|', ';'][..]);
    let line_end = prop::sample::select(&LINE_ENDS[..]);
    (delimiter, any::<bool>(), line_end, any::<bool>(), any::<bool>()).prop_map(
        |(delimiter, always, line_end, mark, closed)| Dialect {
            delimiter,
            always,
            line_end,
            mark,
            closed,
        },
    )
}

impl Dialect {
    fn cell(&self, cell: &str) -> String {
        let special = [self.delimiter, '"', '\n', '\r'];
        match self.always || cell.contains(special) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.to_owned(),
        }
    }

    /// The bytes, and where each record with its line end lies in them.
    fn write(&self, rows: &Grid) -> (Vec<u8>, Vec<Range<usize>>) {
        let mut text = if self.mark { "\u{feff}".to_owned() } else { String::new() };
        let mut places = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let start = text.len();
            let cells: Vec<String> = row.iter().map(|cell| self.cell(cell)).collect();
            text.push_str(&cells.join(&self.delimiter.to_string()));
            if self.closed || at + 1 < rows.len() {
                text.push_str(self.line_end);
            }
            places.push(start..text.len());
        }
        (text.into_bytes(), places)
    }
}

fn bytes_of(rows: &Grid) -> Vec<Vec<Vec<u8>>> {
    let row = |row: &Vec<String>| row.iter().map(|cell| cell.clone().into_bytes()).collect();
    rows.iter().map(row).collect()
}

fn grids() -> impl Strategy<Value = Grid> {
    (2_usize..6).prop_flat_map(|width| {
        let cell = "[a1,;|\t\"\n\ré€ ]{0,6}";
        prop::collection::vec(prop::collection::vec(cell, width), 1..8)
    })
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn a_table_reads_back_cell_by_cell(
        rows in grids(),
        dialect in dialects(),
        chunk_bytes in 1_usize..=64,
        batch_lines in 1_usize..5,
    ) {
        let (bytes, places) = dialect.write(&rows);
        let delimiter = dialect.delimiter as u8;
        let reader = Reader { delimiter, chunk_bytes, batch_lines, ..Reader::default() };
        let table = reader.read(&bytes);
        prop_assert_eq!(table.faults(), vec![]);
        prop_assert_eq!(table.accepted(), bytes_of(&rows));
        prop_assert!(table.adds_up(), "{:?}", table);
        for ((row, place), number) in table.rows.iter().zip(&places).zip(1..) {
            prop_assert_eq!(row.record, number);
            prop_assert_eq!(row.byte, place.start as u64);
            prop_assert_eq!(row.line, 1 + line_ends(&bytes[..place.start]));
        }
    }
}

/// Rows of a claim export: an id, plain cells, and one free text that can hold anything.
/// `note` is the pattern of that text.
fn exports(note: &'static str) -> impl Strategy<Value = Grid> {
    let row = ("[a,\" ]{0,5}", note, "[A-Z0-9]{0,3}");
    prop::collection::vec(row, 3..9).prop_map(|rows| {
        let row = |(at, (name, note, plain)): (usize, (String, String, String))| {
            let ready = |text: &str| text.to_owned();
            let id = format!("C{at}");
            [
                id,
                ready("1"),
                ready("99213"),
                name,
                plain,
                note,
                ready("2"),
                ready("1.00"),
                ready(""),
            ]
            .to_vec()
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

/// A change of one byte.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Change(u8),
    Remove,
    Insert(u8),
}

fn damages() -> impl Strategy<Value = Damage> {
    let byte = || prop::sample::select(&b"\"\",\n\ra \0\xff"[..]);
    prop_oneof![
        byte().prop_map(Damage::Change),
        Just(Damage::Remove),
        byte().prop_map(Damage::Insert)
    ]
}

impl Damage {
    /// The damaged bytes, and by how much everything after `at` has moved.
    fn done(self, bytes: &[u8], at: usize) -> (Vec<u8>, isize) {
        let mut damaged = bytes.to_vec();
        match self {
            Damage::Change(byte) => damaged[at] = byte,
            Damage::Remove => drop(damaged.remove(at)),
            Damage::Insert(byte) => damaged.insert(at, byte),
        }
        (
            damaged,
            match self {
                Damage::Change(_) => 0,
                Damage::Remove => -1,
                Damage::Insert(_) => 1,
            },
        )
    }
}

fn is_rejected(row: &Row, width: usize) -> bool {
    row.cells.as_ref().map_or(true, |cells| cells.len() != width)
}

/// The first record without damage that is neither read nor in the lines of a rejected one.
fn lost(
    table: &Table,
    rows: &Grid,
    places: &[Range<usize>],
    hit: (usize, &[u8], isize),
) -> Option<usize> {
    let (at, damaged, moved) = hit;
    let want = bytes_of(rows);
    let width = want.first().map_or(0, Vec::len);
    let accepted = table.accepted();
    (0..rows.len()).find(|number| {
        let place = &places[*number];
        // The line end before a record parts it from the last one: both are damaged with it.
        let loses_its_start = place.start == at + 1;
        if place.contains(&at) || loses_its_start || accepted.contains(&want[*number]) {
            return false;
        }
        let start =
            if place.start > at { place.start.saturating_add_signed(moved) } else { place.start };
        let line = 1 + line_ends(&damaged[..start]);
        let holds = |row: &Row| (row.line..row.line + row.lines).contains(&line);
        !table.rows.iter().any(|row| is_rejected(row, width) && holds(row))
    })
}

/// Damages a table and reads it.
fn damage_and_read(
    rows: &Grid,
    dialect: Dialect,
    damage: Damage,
    place: prop::sample::Index,
    chunk_bytes: usize,
) -> Result<(), TestCaseError> {
    let dialect = Dialect { mark: false, ..dialect };
    let (bytes, places) = dialect.write(rows);
    let at = place.index(bytes.len());
    let (damaged, moved) = damage.done(&bytes, at);
    let reader = Reader {
        delimiter: dialect.delimiter as u8,
        width: 9,
        columns: [Some(0), Some(2)],
        chunk_bytes,
        ..Reader::default()
    };
    let table = reader.read(&damaged);
    prop_assert!(table.adds_up(), "{:?}", table);
    let lost = lost(&table, rows, &places, (at, &damaged, moved));
    let shown = String::from_utf8_lossy(&damaged);
    prop_assert_eq!(lost, None, "{:?} at {} of {:?}", damage, at, shown);
    Ok(())
}

/// What a clerk types: lines of words, which neither begin nor end at a quote or a delimiter.
const PROSE: &str = "[a,\" ]{0,6}|[a ]{1,3}[\n\r][a ]{1,3}|a[, ]\na[\" ]a\na";
/// Texts that begin with a line break, or have one beside a quote.
const HOSTILE: &str = "[a,\"\n ]{0,6}";

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn one_damaged_byte_loses_nothing_silently(
        rows in exports(PROSE),
        dialect in dialects(),
        damage in damages(),
        place in any::<prop::sample::Index>(),
        chunk_bytes in 1_usize..=64,
    ) {
        damage_and_read(&rows, dialect, damage, place, chunk_bytes)?;
    }

    #[test]
    fn one_damaged_byte_beside_hostile_texts_loses_nothing_silently(
        rows in exports(HOSTILE),
        dialect in dialects(),
        damage in damages(),
        place in any::<prop::sample::Index>(),
        chunk_bytes in 1_usize..=64,
    ) {
        damage_and_read(&rows, dialect, damage, place, chunk_bytes)?;
    }
}

#[test]
fn a_stray_quote_before_a_text_that_begins_with_a_line_break_is_seen() {
    let export = "claim_id,line,code,member,payer,note,units,charge,pos,memo\n\
                  C1,1,99213,M1,P,,1,10.00,11,\"\n\
                  C2,1,3044F,M2,P,\"\nsee file\",1,0.00,11,\n\
                  C3,1,99214,M3,P,,1,20.00,11,\n";
    let reader = Reader { width: 10, columns: [Some(0), Some(2)], ..Reader::default() };
    let table = reader.read(export.as_bytes());
    let named = table.rows.iter().any(|row| row.line == 3 && is_rejected(row, 10));
    let read = table.accepted().iter().any(|cells| cells[0] == b"C2");
    assert!(named || read, "the claim C2 is neither read nor named: {:?}", table.faults());
}

/// Bytes that are mostly what a reader stumbles over.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(&b"\"\n\r, \0a1"[..]),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..160)
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn any_bytes_read_the_same_in_chunks_of_any_size(bytes in hostile(), width in 1_usize..5) {
        let reader = Reader { width, columns: [Some(0), Some(1)], ..Reader::default() };
        let first = reader.read(&bytes);
        prop_assert!(first.adds_up(), "{:?}", first);
        for chunk_bytes in [1, 3, 64, 4096] {
            prop_assert_eq!(&Reader { chunk_bytes, ..reader }.read(&bytes), &first);
            let batched = Reader { chunk_bytes, batch_lines: 2, ..reader }.read(&bytes);
            prop_assert_eq!(&batched, &first);
        }
    }

    #[test]
    fn short_records_only_are_read_and_the_same_in_chunks_of_any_size(
        bytes in hostile(),
        record_bytes_max in prop::sample::select(&[8_usize, 32][..]),
    ) {
        prop_assume!(!meets_the_limit(&bytes, record_bytes_max));
        let reader = Reader { width: 3, record_bytes_max, ..Reader::default() };
        let first = reader.read(&bytes);
        prop_assert!(first.adds_up(), "{:?}", first);
        for chunk_bytes in [1, 3, 64, 4096] {
            prop_assert_eq!(&Reader { chunk_bytes, ..reader }.read(&bytes), &first);
        }
    }
}

/// Whether a line has just the bytes that a record may have, or one more; there the reader fails
/// in the ways that the tests below name.
fn meets_the_limit(bytes: &[u8], max: usize) -> bool {
    // Any run of `max` bytes or one more before a CR or the end, from anywhere a record may start.
    let starts = (0..bytes.len()).filter(|at| *at == 0 || matches!(bytes[at - 1], b'\n' | b'\r'));
    starts.into_iter().any(|start| {
        let after = |length: usize| bytes.get(start + length);
        after(max) == Some(&b'\r') || start + max + 1 == bytes.len()
    })
}

/// Reads in a thread of its own, so that a reader that never ends is a failure.
fn in_time(reader: Reader, bytes: &[u8]) -> Option<Table> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let bytes = bytes.to_vec();
    std::thread::spawn(move || sender.send(reader.read(&bytes)));
    receiver.recv_timeout(std::time::Duration::from_secs(5)).ok()
}

#[test]
fn a_record_as_long_as_may_be_is_read_before_every_line_end() {
    for end in LINE_ENDS {
        for text in
            [format!("aaaaaaa,{end}b"), format!("       {end} b"), format!("        {end}b")]
        {
            let reader = Reader { record_bytes_max: 8, ..Reader::default() };
            let table = in_time(reader, text.as_bytes());
            let table = table.unwrap_or_else(|| panic!("{text:?} is never read"));
            assert_eq!(table.faults(), [], "{text:?}");
        }
    }
}

#[test]
fn the_limit_of_a_last_record_does_not_depend_on_the_chunk() {
    for text in ["aaaaaaaaa", "\"aaaaaaaa", "aaaa\"aaaa", "\"a\naaaaaa"] {
        let reader = Reader { record_bytes_max: 8, ..Reader::default() };
        let first = in_time(reader, text.as_bytes()).expect("it ends");
        for chunk_bytes in [1, 3, 9, 10] {
            let other = in_time(Reader { chunk_bytes, ..reader }, text.as_bytes());
            assert_eq!(other.expect("it ends"), first, "{text:?} in chunks of {chunk_bytes}");
        }
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_bytes_run_through_and_give_the_same_findings(bytes in hostile()) {
        let input = [b"claim_id,procedure_code,note\n".as_slice(), &bytes].concat();
        let mut settings = settings(&["ALL"]);
        settings.input.allow_empty = true;
        let inputs = [("a.csv", input.as_slice())];
        let (first, summary) = check(&settings, SHAPES[0], 2 << 20, &inputs).unwrap();
        prop_assert!(summary.lines.adds_up(), "{:?}", summary.lines);
        for shape in [SHAPES[3], SHAPES[5]] {
            let (found, other) = check(&settings, shape, 2 << 20, &inputs).unwrap();
            prop_assert_eq!(&found, &first);
            prop_assert_eq!(other.lines, summary.lines);
        }
    }
}
