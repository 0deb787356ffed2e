//! The sheet that says what was checked, against what, and what came of it.

use crate::error::Result;
use crate::report::Summary;
use crate::report::escape::{counted, digits};
use crate::report::table;
use crate::report::xlsx::book::{Book, Column, ROWS_MAX, column};
use crate::report::xlsx::cell::{Cell, Kind, shown};

/// The columns.
pub const COLUMNS: [Column; 3] = [
    column("What", 26, Kind::Text),
    column("Which", 40, Kind::Wrapped),
    column("Value", 90, Kind::Wrapped),
];

/// Writes the sheet. `caps` says for each other sheet what it shows of what.
pub fn write(
    book: &mut Book,
    sheet: usize,
    summary: &Summary,
    caps: &[(&str, String)],
) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    book.head(sheet, &format!("claimlint {version}: {}", table::verdict(summary)))?;
    let mut rows = alarms(summary);
    rows.extend(caps.iter().map(|(sheet, cap)| [SHEET, sheet, cap].map(str::to_owned)));
    for line in table::totals(summary) {
        let (what, value) = line.split_once(": ").unwrap_or(("", &line));
        rows.push(["Result", what, value].map(str::to_owned));
    }
    if let Some(day) = summary.as_of {
        rows.push(["Made for the day".to_owned(), String::new(), day.to_string()]);
    }
    for edition in &summary.editions {
        let (from, to) = edition.covers;
        let which = format!("{} {}", edition.kind.name(), edition.name);
        let value = format!("{from} to {to}; SHA-256 {}", edition.sha256.join(", "));
        rows.push(["Edition".to_owned(), which, value]);
    }
    inputs(summary, &mut rows);
    let room = ROWS_MAX as usize - 1;
    for [what, which, value] in rows.iter().take(room) {
        let texts = [what, which, value].map(|text| shown(text));
        book.row(sheet, &texts.each_ref().map(|text| Cell::Text(text)))?;
    }
    if let Some(more) = rows.len().checked_sub(room).filter(|more| *more > 0) {
        let more = format!("{} are not shown", counted(more as u64, "more row"));
        book.row(sheet, &[Cell::Text(&more)])?;
    }
    Ok(())
}

const SHEET: &str = "Sheet";

/// The inputs in which a column does not seem to hold what it is taken for.
fn alarms(summary: &Summary) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    for rule in &summary.rules {
        for source in &rule.alarmed {
            let name = summary.source_name(*source).to_owned();
            let found = rule.by_input.get(*source as usize).copied().unwrap_or(0);
            let value = format!(
                "{} finds nearly every line here, {}: look at the mapping of its column first",
                rule.info.code,
                counted(found, "finding")
            );
            rows.push(["Mapping alarm".to_owned(), name, value]);
        }
    }
    rows
}

fn inputs(summary: &Summary, rows: &mut Vec<[String; 3]>) {
    for source in &summary.sources {
        let lines = counted(source.lines.services(), "line");
        let set_aside = digits(source.lines.rejected);
        let mut value = format!(
            "{}, {lines} checked, {set_aside} set aside, {}",
            counted(source.bytes, "byte"),
            source.encoding
        );
        if let Some(packed) = source.packed {
            value.push_str(&format!(", {}", packed.how));
        }
        let digest = source.sha256.iter().map(|sha256| format!("; SHA-256 {sha256}"));
        value.extend(digest);
        rows.push(["Input".to_owned(), source.name.clone(), value]);
        for (field, columns) in &source.mapping {
            let which = format!("{}: {field}", source.name);
            rows.push(["Column".to_owned(), which, columns.join(", ")]);
        }
    }
}
