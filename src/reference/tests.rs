//! Tests of the whole way from editions to answers, beside slow twins that look at every row.

mod difference;
mod edits;
mod pairs;
mod stored;
mod timelines;

use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{Class, Code, Date};
use crate::reference::rows::{
    AddOnRow, CodeRow, Days, Edition, LimitRow, PairRow, Rows, SourceFile,
};
use crate::reference::{Kind, Reference};

/// How many days the tests know.
const DAYS: i32 = 40;

/// A day, counted from one that means nothing.
fn day(number: i32) -> Date {
    Date::from_days(19_000 + number).unwrap()
}

fn days(first: impl Into<Option<i32>>, last: impl Into<Option<i32>>) -> Days {
    Days { first: first.into().map(day), last: last.into().map(day) }
}

fn code(text: &str) -> (Code, Class) {
    Code::parse(text.as_bytes()).unwrap()
}

fn code_row(code: &str, days: Days) -> CodeRow {
    CodeRow { code: code.to_owned(), days, attributes: Vec::new() }
}

/// A complete edition.
fn edition(kind: Kind, name: &str, covers: (i32, i32), rows: Rows) -> Edition {
    let covers = (day(covers.0), day(covers.1));
    let sources = Vec::new();
    Edition { kind, name: name.to_owned(), covers, is_complete: true, sources, rows }
}

/// What the kinds of edition that have codes have: several rows of few codes.
const CODES: [&str; 6] = ["00001", "00002", "A0001", "D0001", "Z1", "01"];

fn any_days() -> impl Strategy<Value = Days> {
    let end = || proptest::option::weighted(0.8, (0..DAYS).prop_map(day));
    (end(), end()).prop_map(|(first, last)| Days { first, last })
}

/// Rows of codes of the tests, some of which end before they begin.
fn code_rows() -> impl Strategy<Value = Rows> {
    let row = (select(&CODES), any_days(), select(vec![vec![], b"1".to_vec(), b"0".to_vec()]));
    let row = row.prop_map(|(code, days, attributes)| {
        let code = code.to_owned();
        CodeRow { code, days, attributes }
    });
    proptest::collection::vec(row, 0..12).prop_map(Rows::Codes)
}

fn five() -> impl Strategy<Value = [u8; 5]> {
    select(vec![*b"00001", *b"00002", *b"00003", *b"A0001", *b"0001T"])
}

fn rows(kind: Kind) -> BoxedStrategy<Rows> {
    let many = 0..30;
    match kind {
        Kind::PtpPractitioner | Kind::PtpOutpatient => {
            let row = (five(), five(), any_days(), select(vec![0, 1, 9]));
            let row = row.prop_map(|(column_one, column_two, days, indicator)| PairRow {
                column_one,
                column_two,
                days,
                indicator,
            });
            proptest::collection::vec(row, many).prop_map(Rows::Pairs).boxed()
        }
        Kind::MuePractitioner | Kind::MueOutpatient | Kind::MueDme => {
            let row = (five(), 0..u32::MAX, 1..4_u8);
            let row = row.prop_map(|(code, units, indicator)| LimitRow { code, units, indicator });
            proptest::collection::vec(row, many).prop_map(Rows::Limits).boxed()
        }
        Kind::AddOn => {
            let row = (five(), proptest::option::of(five()), 1..4_u8, any_days());
            let row = row.prop_map(|(add_on, primary, kind, days)| AddOnRow {
                add_on,
                primary,
                kind,
                days,
            });
            proptest::collection::vec(row, many).prop_map(Rows::AddOns).boxed()
        }
        _ => code_rows().boxed(),
    }
}

/// Any edition of these kinds.
fn any_edition(kinds: Vec<Kind>) -> impl Strategy<Value = Edition> {
    let source = ("[a-z]{1,8}", "[0-9a-f]{8}", 0..1_000_u64);
    let source = source.prop_map(|(name, sha256, rows)| SourceFile { name, sha256, rows });
    let sources = proptest::collection::vec(source, 0..3);
    select(kinds).prop_flat_map(rows_of_kind).prop_flat_map(move |(kind, rows)| {
        let covers = (0..DAYS, 0..DAYS).prop_map(|(a, b)| (day(a.min(b)), day(a.max(b))));
        let named = "[A-Za-z0-9_.-]{1,6}";
        (named, covers, any::<bool>(), sources.clone()).prop_map(
            move |(name, covers, is_complete, sources)| {
                let rows = rows.clone();
                Edition { kind, name, covers, is_complete, sources, rows }
            },
        )
    })
}

fn rows_of_kind(kind: Kind) -> impl Strategy<Value = (Kind, Rows)> {
    rows(kind).prop_map(move |rows| (kind, rows))
}

/// The edition as it is read back: sorted, equal rows once.
fn tidied(edition: &Edition) -> Edition {
    fn tidy<T: Ord>(rows: &mut Vec<T>) {
        rows.sort();
        rows.dedup();
    }
    let mut edition = edition.clone();
    match &mut edition.rows {
        Rows::Codes(rows) => tidy(rows),
        Rows::Pairs(rows) => tidy(rows),
        Rows::Limits(rows) => tidy(rows),
        Rows::AddOns(rows) => tidy(rows),
    }
    edition
}

#[test]
fn threads_may_share_it() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Reference::default());
}
