//! The generator, the slow reference of the rules and the crate's reading of a cell, held against
//! each other.

#[path = "../benches/data/mod.rs"]
mod data;
#[path = "common/reference.rs"]
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use claimlint::model::cell::MissingWords;
use claimlint::model::damage::{Tidied, read_procedure};
use claimlint::model::{Procedure, Vocabulary};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use data::{Claims, LineEnd, Order, Recipe};

const RULES: [&str; 8] =
    ["CAT001", "CAT002", "CII001", "CII002", "CLM001", "COD001", "COD002", "COD003"];

fn export(recipe: &Recipe) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = data::write(recipe, &mut bytes);
    assert!(written.is_ok_and(|written| written.lines == recipe.lines && written.claims > 0));
    bytes
}

/// One column of an export with the generator's header, record by record.
fn cells(recipe: &Recipe, column: usize) -> Vec<String> {
    let bytes = export(recipe);
    let mut reader = csv::ReaderBuilder::new().delimiter(recipe.delimiter).from_reader(&bytes[..]);
    let records = reader.records().map_while(Result::ok);
    records.filter_map(|record| record.get(column).map(str::to_owned)).collect()
}

fn found(recipe: &Recipe) -> BTreeMap<&'static str, usize> {
    let modifiers: BTreeSet<String> = ["25", "26", "59", "1P"].map(str::to_owned).into();
    let mut counts = BTreeMap::new();
    for (_, rule) in reference::findings(&export(recipe), recipe.delimiter, &modifiers) {
        *counts.entry(rule).or_default() += 1;
    }
    counts
}

/// The lines of an export after its header, sorted.
fn sorted_lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').skip(1).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn bad_lines_break_every_rule_and_about_as_often_as_asked() {
    let recipe = Recipe { lines: 20_000, ..Recipe::default() };
    let counts = found(&recipe);
    for rule in RULES {
        assert!(counts.get(rule).is_some_and(|count| *count >= 20), "{rule}: {counts:?}");
    }
    let all: usize = counts.values().sum();
    assert!((600..2_400).contains(&all), "5 % of 20,000 lines are 1,000: {counts:?}");
}

#[test]
fn without_bad_lines_no_rule_fires() {
    for order in [Order::Grouped, Order::Shuffled] {
        let recipe = Recipe { lines: 20_000, bad_percent_x100: 0, order, ..Recipe::default() };
        assert_eq!(found(&recipe), BTreeMap::new());
    }
}

#[test]
fn order_moves_lines_and_changes_nothing_else() {
    let grouped = Recipe { lines: 5_000, ..Recipe::default() };
    let bytes = export(&grouped);
    for order in [Order::Scattered, Order::Shuffled] {
        let moved = Recipe { order, ..grouped };
        let other = export(&moved);
        assert_ne!(other, bytes, "{order:?}");
        assert_eq!(sorted_lines(&other), sorted_lines(&bytes), "{order:?}");
        assert_eq!(found(&moved), found(&grouped), "{order:?}");
    }
}

#[test]
fn dress_changes_no_finding_and_every_record_has_its_width() {
    let plain = Recipe { lines: 3_000, ..Recipe::default() };
    for delimiter in [b',', b'\t', b'|', b';'] {
        for (quoted, line_end) in [(false, LineEnd::CrLf), (true, LineEnd::Lf)] {
            let dressed = Recipe { delimiter, quoted, line_end, width: 150, ..plain };
            assert_eq!(found(&dressed), found(&plain), "{dressed:?}");
            let bytes = export(&dressed);
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&bytes[..]);
            let records =
                reader.byte_records().filter(|r| r.as_ref().is_ok_and(|r| r.len() == 150));
            assert_eq!(records.count(), 3_000, "{dressed:?}");
        }
    }
}

#[test]
fn a_recipe_always_gives_the_same_bytes_and_a_seed_other_ones() {
    let recipe = Recipe { lines: 2_000, ..Recipe::default() };
    assert_eq!(export(&recipe), export(&recipe));
    assert_ne!(export(&recipe), export(&Recipe { seed: 2, ..recipe }));
}

#[test]
fn claims_may_be_one_for_each_line_or_one_for_all() {
    let clean = Recipe { lines: 5_000, bad_percent_x100: 0, ..Recipe::default() };
    for (claims, expected) in [(Claims::Single, 5_000), (Claims::One, 1)] {
        for order in [Order::Grouped, Order::Shuffled] {
            let recipe = Recipe { claims, order, ..clean };
            let ids: BTreeSet<String> =
                cells(&recipe, 0).iter().map(|id| id.trim().to_owned()).collect();
            assert_eq!(ids.len(), expected, "{recipe:?}");
            let written = data::write(&recipe, &mut Vec::new()).unwrap();
            assert_eq!(written.claims, expected as u64, "{recipe:?}");
            assert_eq!(found(&recipe), BTreeMap::new(), "{recipe:?}");
        }
    }
    let bad = |claims| found(&Recipe { claims, bad_percent_x100: 500, ..clean });
    assert!(bad(Claims::Single).contains_key("CII001"));
    let of_one = bad(Claims::One);
    assert!(!of_one.contains_key("CII001") && of_one.contains_key("CAT002"), "{of_one:?}");
    let codes = cells(&Recipe { claims: Claims::One, ..clean }, 5);
    assert_eq!(codes, cells(&clean, 5), "one claim has the lines of the usual ones");
    assert!(codes.iter().filter(|code| code.ends_with('F')).count() > 50);
}

#[test]
fn long_descriptions_have_the_size_asked_for_and_change_no_finding() {
    let plain = Recipe { lines: 3_000, ..Recipe::default() };
    for (field_bytes, quoted, line_end, width) in [
        (1, false, LineEnd::Lf, 20),
        (999, true, LineEnd::Lf, 150),
        (5_000, false, LineEnd::CrLf, 20),
    ] {
        let recipe = Recipe { field_bytes, quoted, line_end, width, ..plain };
        let written = |text: &str| text.len() + text.matches('"').count();
        let long: Vec<String> =
            cells(&recipe, 18).into_iter().filter(|text| written(text) == field_bytes).collect();
        assert!((20..90).contains(&long.len()), "one in 64 of 3,000: {}", long.len());
        for sign in [",", "\"", if line_end == LineEnd::Lf { "\n" } else { "\r\n" }] {
            assert!(field_bytes == 1 || long.iter().all(|text| text.contains(sign)), "{sign:?}");
        }
        assert_eq!(found(&recipe), found(&plain), "{recipe:?}");
        let moved = Recipe { order: Order::Shuffled, ..recipe };
        assert_eq!(found(&moved), found(&plain), "{moved:?}");
    }
}

const MODIFIERS: [&str; 6] = ["25", "26", "59", "1P", "LT", "F1"];

/// Pieces of cells: what damage is made of, alone and in every combination.
const PIECES: [&str; 44] = [
    "99213", "1036F", "0240U", "0075T", "G0438", "D0120", "Z9999", "142", "1999", "2000", "9921",
    "99", "0", "00", "000", "1", "5", "25", "59", "1P", "LT", "XX", "F1", "O", "I", "L", "o", "f",
    ".", ".0", "-", " ", ",", ":", "/", "^", "'", "=\"", "\"", "CPT", "CPT4", "hc", "HCPCS",
    "\u{a0}",
];

/// A cell as both would describe it: missing, a code, a repair, or malformed.
fn described(word: &str, code: &str) -> (String, String) {
    (word.to_owned(), code.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(20_261_101),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_crate_reads_cells_like_the_reference(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..6)
    ) {
        let cell = pieces.concat();
        let known: BTreeSet<String> = MODIFIERS.map(str::to_owned).into();
        let want = match reference::procedure(&cell, &known) {
            reference::Procedure::Missing => described("missing", ""),
            reference::Procedure::Code(code, _) => described("code", &code),
            reference::Procedure::Damaged(code, _) => described("damaged", &code),
            reference::Procedure::Malformed => described("malformed", ""),
        };
        let words = ["NULL", "N/A", "NA", "NAN", "NONE", "\\N", "-"];
        let pair = |text: &str| <[u8; 2]>::try_from(text.as_bytes()).ok();
        let vocabulary = Vocabulary {
            missing: MissingWords::new(words),
            modifiers: MODIFIERS.into_iter().filter_map(pair).collect(),
        };
        let got = match read_procedure(cell.as_bytes(), &vocabulary, &mut Tidied::default()) {
            Procedure::Missing => described("missing", ""),
            Procedure::Coded(code, _) => described("code", code.as_str()),
            Procedure::Damaged(code, _, _) => described("damaged", code.as_str()),
            Procedure::Malformed | Procedure::Foreign => described("malformed", ""),
        };
        prop_assert_eq!(got, want, "{:?}", cell);
    }
}
