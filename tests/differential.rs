//! The splitter against the `csv` crate: what it reads without a fault, it reads the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/cells.rs"]
mod cells;

use cells::Reader;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The cells of all records as the `csv` crate reads them.
fn slow(text: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text);
    let record = |record: csv::ByteRecord| record.iter().map(<[u8]>::to_vec).collect();
    reader.byte_records().map(|read| record(read.expect("memory can be read"))).collect()
}

/// What we call a blank line: to the `csv` crate, one of blanks is a record of one cell.
fn is_blank(record: &[Vec<u8>]) -> bool {
    matches!(record, [cell] if cell.iter().all(|byte| matches!(byte, b' ' | b'\t')))
}

/// Whether a record is `""` alone, which is no blank line to us.
fn without_blank(records: Vec<Vec<Vec<u8>>>) -> Vec<Vec<Vec<u8>>> {
    records.into_iter().filter(|record| !is_blank(record)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 30_000,
        rng_seed: RngSeed::Fixed(20_261_101),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_read_without_a_fault_is_what_the_csv_crate_reads(
        text in "[a,\"\n\r ]{0,14}",
        chunk_bytes in 1_usize..20,
        batch_lines in 1_usize..4,
    ) {
        let table = Reader { chunk_bytes, batch_lines, ..Reader::default() }.read(text.as_bytes());
        prop_assert!(table.adds_up(), "{:?}", table);
        if table.faults().is_empty() {
            let want = without_blank(slow(text.as_bytes(), b','));
            prop_assert_eq!(without_blank(table.accepted()), want, "{:?}", text);
        }
    }

    #[test]
    fn well_formed_quotes_are_no_fault(
        rows in prop::collection::vec(
            prop::collection::vec("[a;\"\n\r ]{0,5}", 2..5), 1..6
        ),
        style in prop::sample::select(&[csv::QuoteStyle::Always, csv::QuoteStyle::Necessary][..]),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .flexible(true).delimiter(b';').quote_style(style).from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let text = writer.into_inner().unwrap();
        let table = Reader { delimiter: b';', chunk_bytes: 3, ..Reader::default() }.read(&text);
        prop_assert_eq!(table.faults(), vec![]);
        prop_assert_eq!(table.accepted(), slow(&text, b';'));
    }
}
