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

use data::{LineEnd, Order, Recipe};

const RULES: [&str; 8] =
    ["CAT001", "CAT002", "CII001", "CII002", "CLM001", "COD001", "COD002", "COD003"];

fn export(recipe: &Recipe) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = data::write(recipe, &mut bytes);
    assert!(written.is_ok_and(|written| written.lines == recipe.lines && written.claims > 0));
    bytes
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
            Procedure::Malformed => described("malformed", ""),
        };
        prop_assert_eq!(got, want, "{:?}", cell);
    }
}
