//! Invented reference data for fixtures: `fixtures/reference/<kind>@<edition>.csv`, a first line
//! `# FROM..TO` that says which days it covers, then columns named after the kind's rows.

#![allow(dead_code, reason = "each test target that includes this module uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::path::Path;

use claimlint::model::Date;
use claimlint::reference::rows::{AddOnRow, CodeRow, Days, LimitRow, PairRow, Rows};
use claimlint::reference::{Edition, Kind, Reference};
use claimlint::rules::embedded;

/// The editions of these names, laid over the built-in tables.
pub fn reference(names: &[String]) -> Reference {
    let editions: Vec<Edition> = names.iter().map(|name| edition(name)).collect();
    Reference::of(&editions).unwrap().with(&embedded::tables().unwrap()).unwrap()
}

fn day(text: &str) -> Option<Date> {
    (!text.is_empty()).then(|| Date::parse(text.as_bytes()).value().unwrap())
}

/// The edition of a fixture.
pub fn edition(name: &str) -> Edition {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference");
    let path = folder.join(format!("{name}.csv"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    let (kind, edition) = name.split_once('@').unwrap();
    let kind = Kind::from_name(kind).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let (from, to) = first.strip_prefix("# ").unwrap().split_once("..").unwrap();
    let mut reader = csv::Reader::from_reader(rest.as_bytes());
    let header = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rows = rows(kind, &header, &records);
    Edition {
        kind,
        name: edition.to_owned(),
        covers: (day(from).unwrap(), day(to).unwrap()),
        is_complete: kind != Kind::Pprrvu,
        sources: Vec::new(),
        rows,
    }
}

fn rows(kind: Kind, header: &csv::StringRecord, records: &[csv::StringRecord]) -> Rows {
    let cell = |record: &csv::StringRecord, name: &str| -> String {
        let at = header.iter().position(|column| column == name);
        at.map(|at| record[at].to_owned()).unwrap_or_default()
    };
    let days = |record: &csv::StringRecord| Days {
        first: day(&cell(record, "valid_from")),
        last: day(&cell(record, "valid_to")),
    };
    let code = |record: &csv::StringRecord, name: &str| -> [u8; 5] {
        cell(record, name).as_bytes().try_into().unwrap()
    };
    let number =
        |record: &csv::StringRecord, name: &str| cell(record, name).parse::<u32>().unwrap();
    let all = records.iter();
    match kind {
        Kind::PtpPractitioner | Kind::PtpOutpatient => {
            let row = |record| PairRow {
                column_one: code(record, "column_one"),
                column_two: code(record, "column_two"),
                days: days(record),
                indicator: number(record, "indicator") as u8,
            };
            Rows::Pairs(all.map(row).collect())
        }
        Kind::MuePractitioner | Kind::MueOutpatient | Kind::MueDme => {
            let row = |record| LimitRow {
                code: code(record, "code"),
                units: number(record, "units"),
                indicator: number(record, "indicator") as u8,
            };
            Rows::Limits(all.map(row).collect())
        }
        Kind::AddOn => {
            let row = |record| AddOnRow {
                add_on: code(record, "add_on"),
                primary: Some(cell(record, "primary"))
                    .filter(|primary| !primary.is_empty())
                    .map(|primary| primary.as_bytes().try_into().unwrap()),
                kind: number(record, "kind") as u8,
                days: days(record),
            };
            Rows::AddOns(all.map(row).collect())
        }
        _ => {
            let row = |record| CodeRow {
                code: cell(record, "code"),
                days: days(record),
                attributes: cell(record, "attributes").into_bytes(),
            };
            Rows::Codes(all.map(row).collect())
        }
    }
}
