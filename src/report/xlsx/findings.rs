//! The sheet of findings: made into cells in all threads, written in their order, up to a bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::model::Cents;
use crate::model::finding::{Context, FindingView};
use crate::report::escape::counted;
use crate::report::render::{Piece, Render};
use crate::report::row::{COLUMNS, CONTEXT_COLUMNS, CONTROL_COLUMNS, InControls, counting};
use crate::report::xlsx::book::{Book, Column, column};
use crate::report::xlsx::cell::{Cell, Kind, shown};
use crate::report::xlsx::rules::RuleTexts;
use crate::report::{Summary, append, fingerprint};

/// The column of NDJSON that says the same in every row, and is left out.
const SCHEMA_COLUMN: &str = "schema";

/// The columns: those of NDJSON.
pub fn columns(summary: &Summary) -> Vec<Column> {
    let controls = if InControls::new(summary).is_empty() { &[][..] } else { &CONTROL_COLUMNS };
    let all = COLUMNS.iter().chain(&CONTEXT_COLUMNS).chain(controls);
    all.filter(|name| **name != SCHEMA_COLUMN).map(|name| sized(name)).collect()
}

fn sized(name: &'static str) -> Column {
    match name {
        "amount" => column(name, 13, Kind::Money),
        "message" => column(name, 60, Kind::Text),
        "name" | "fingerprint" => column(name, 34, Kind::Text),
        "file" | "claim_id" | "payer" | "related" => column(name, 22, Kind::Text),
        "value" | "suggestion" | "field" | "rendering_npi" => column(name, 16, Kind::Text),
        _ => column(name, 12, Kind::Text),
    }
}

/// What is shown of what, above the sheet.
pub fn notice(summary: &Summary, most: u64) -> String {
    let of_source = |at: u32, by_input: &[u64]| by_input.get(at as usize).copied().unwrap_or(0);
    let alarmed = summary
        .rules
        .iter()
        .flat_map(|rule| rule.alarmed.iter().map(|source| of_source(*source, &rule.by_input)));
    let (found, alarmed) = (summary.found(), alarmed.sum::<u64>());
    let listed = found.saturating_sub(alarmed);
    let mut notice = match listed > most {
        true => format!(
            "Showing {} of {}, in the order of the inputs; all are in findings.parquet, and in \
             the reports ndjson and csv",
            crate::report::escape::digits(most),
            counted(found, "finding")
        ),
        false => counted(listed, "finding"),
    };
    if alarmed > 0 {
        let left_out = counted(alarmed, "finding");
        notice.push_str(&format!("; {left_out} for which a mapping alarm stands not shown here"));
    }
    notice
}

/// What stands before a cell: nothing else, a text with its length, an amount.
const NOTHING: u8 = 0;
const TEXT: u8 = 1;
const MONEY: u8 = 2;

/// Makes findings into encoded cells.
pub struct Rows<'s> {
    summary: &'s Summary,
    rules: RuleTexts,
    controls: InControls,
    is_full: Arc<AtomicBool>,
}

impl<'s> Rows<'s> {
    /// For the findings of a run, until the sheet is full.
    pub fn new(summary: &'s Summary, is_full: Arc<AtomicBool>) -> Self {
        let controls = InControls::new(summary);
        Rows { summary, rules: RuleTexts::new(summary), controls, is_full }
    }

    fn related(&self, finding: &FindingView<'_>) -> String {
        let related = finding.related.iter().map(|other| {
            let file = self.summary.source_name(other.place.source);
            format!("{file}:{}:{}", other.place.record, other.value)
        });
        related.collect::<Vec<_>>().join(" | ")
    }
}

impl Render for Rows<'_> {
    fn render(&self, finding: &FindingView<'_>, into: &mut Piece) {
        let place = finding.place;
        if self.is_full.load(Ordering::Relaxed)
            || self.summary.is_alarmed(finding.rule, place.source)
        {
            return;
        }
        let into = &mut into.bytes;
        let rule = self.rules.get(finding.rule);
        text(rule.code, into);
        text(rule.name, into);
        text(finding.severity.name(), into);
        text(self.summary.source_name(place.source), into);
        let byte = counting(place.record).map(|_| place.byte);
        for place in [counting(place.record), counting(place.line), byte] {
            number(place, into);
        }
        optional(finding.claim_id, into);
        optional(finding.service_line, into);
        optional(finding.field.map(|field| field.name()), into);
        optional(finding.value, into);
        text(finding.message, into);
        optional(finding.suggestion, into);
        let related = (!finding.related.is_empty()).then(|| self.related(finding));
        optional(related.as_deref(), into);
        match finding.amount {
            Some(Cents(cents)) => {
                into.push(MONEY);
                into.extend_from_slice(&cents.to_le_bytes());
            }
            None => into.push(NOTHING),
        }
        let start = begin(into);
        fingerprint::append(rule.code, finding, into);
        end(start, into);
        let Context { payer, rendering, day } = finding.context;
        optional(payer, into);
        optional(rendering, into);
        optional(day.map(|day| day.to_string()).as_deref(), into);
        if !self.controls.is_empty() {
            let (interchange, set) = self.controls.of(place).unwrap_or_default();
            optional(interchange, into);
            optional(set, into);
        }
    }
}

const LENGTH_BYTES: usize = size_of::<u32>();

/// Begins a text, whose length comes when it ends.
fn begin(into: &mut Vec<u8>) -> usize {
    into.push(TEXT);
    into.extend_from_slice(&[0; LENGTH_BYTES]);
    into.len()
}

fn end(start: usize, into: &mut [u8]) {
    let length = (into.len() - start) as u32;
    if let Some(place) = into.get_mut(start - LENGTH_BYTES..start) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

fn text(text: &str, into: &mut Vec<u8>) {
    let start = begin(into);
    into.extend_from_slice(shown(text).as_bytes());
    end(start, into);
}

fn optional(cell: Option<&str>, into: &mut Vec<u8>) {
    match cell {
        Some(cell) => text(cell, into),
        None => into.push(NOTHING),
    }
}

fn number(cell: Option<u64>, into: &mut Vec<u8>) {
    match cell {
        Some(cell) => {
            let start = begin(into);
            append::number(cell, into);
            end(start, into);
        }
        None => into.push(NOTHING),
    }
}

/// Writes what [`Rows`] made, up to `most` rows of which each has `columns` cells. Returns how many
/// it wrote.
pub fn write(rows: &[u8], columns: usize, most: u64, book: &mut Book, sheet: usize) -> Result<u64> {
    let (mut rest, mut written, mut cells) = (rows, 0, Vec::with_capacity(columns));
    while !rest.is_empty() && written < most {
        cells.clear();
        for _ in 0..columns {
            let (cell, after) = take(rest).ok_or_else(broken)?;
            cells.push(cell);
            rest = after;
        }
        book.row(sheet, &cells)?;
        written += 1;
    }
    Ok(written)
}

fn take(bytes: &[u8]) -> Option<(Cell<'_>, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    match *kind {
        NOTHING => Some((Cell::Nothing, rest)),
        MONEY => {
            let (cents, rest) = rest.split_first_chunk()?;
            Some((Cell::Money(Cents(i128::from_le_bytes(*cents))), rest))
        }
        _ => {
            let (length, rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
            let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            Some((Cell::Text(std::str::from_utf8(text).ok()?), rest))
        }
    }
}

fn broken() -> Error {
    Error::incomplete("internal fault: cells did not read back as they were written")
}
