//! Records that are well-formed and yet no service lines: repeated headers, totals, page marks.

use memchr::memchr;

use crate::input::chunk::Record;
use crate::input::layout::Layout;
use crate::model::batch::{Disagreement, Span};
use crate::model::cell::trim;
use crate::model::field::normalize;
use crate::model::{Batch, FaultDetail, FaultKind};

/// Why a record is no service line.
pub type Rejection = (FaultKind, FaultDetail);

/// The end-of-file mark of old systems.
const CTRL_Z: u8 = 0x1A;

/// What a record of the wrong width is instead of a ragged record, if that can be told.
///
/// `footers` are the lower-case beginnings of lines that are totals or page marks.
pub fn instead_of_ragged(record: &[u8], filled: usize, footers: &[String]) -> Option<&'static str> {
    let text = trim(record);
    if !text.is_empty() && text.iter().all(|byte| *byte == CTRL_Z) {
        return Some("an end-of-file mark (Ctrl-Z)");
    }
    if !text.is_empty() && text.iter().all(|byte| matches!(byte, b'-' | b'=' | b'_' | b'*' | b' '))
    {
        return Some("a rule drawn across the page");
    }
    (filled <= 2 && starts_like_footer(text, footers)).then_some("a total or a page mark")
}

/// What a record of the right width is instead of a service line, if that can be told: one with no
/// cell filled, or one without a procedure code whose first cell reads like a total.
pub fn instead_of_line(
    cells: &[&[u8]],
    has_code: bool,
    footers: &[String],
) -> Option<&'static str> {
    let mut filled = cells.iter().map(|cell| trim(cell)).filter(|cell| !cell.is_empty());
    let Some(first) = filled.next() else { return Some("a row of empty cells") };
    let total = !has_code && starts_like_footer(first, footers);
    total.then_some("a total or a page mark")
}

/// Whether a text begins with one of the words of totals and page marks.
pub fn starts_like_footer(text: &[u8], footers: &[String]) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins = |footer: &String| {
        // A whole word: a claim number may begin with the letters of one, as TOTAL-1 does.
        let rest = lower.strip_prefix(footer.as_bytes());
        let ends_in_word = footer.ends_with(|c: char| c.is_ascii_alphanumeric());
        rest.is_some_and(|rest| match rest.first() {
            None => true,
            Some(next) => !ends_in_word || next.is_ascii_whitespace() || b":,;|=".contains(next),
        })
    };
    footers.iter().any(begins) || is_row_count(&lower)
}

/// `(12 rows affected)`, as database programs end their output.
fn is_row_count(lower: &[u8]) -> bool {
    let Some(rest) = lower.strip_prefix(b"(") else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && rest.get(digits..).is_some_and(|rest| rest.starts_with(b" row"))
}

/// Whether the cells of a record are the names of the header, in their order.
pub fn repeats_header(layout: &Layout, cells: &[&[u8]]) -> bool {
    cells.len() == layout.names.len()
        && cells.iter().zip(&layout.names).all(|(cell, name)| {
            let cell = String::from_utf8_lossy(trim(cell));
            cell == *name || normalize(&cell) == normalize(name)
        })
}

/// A NUL or a byte that is no UTF-8 in a record, if there is one. `offset` is where the record
/// starts in the input.
pub fn undecodable(
    text: &[u8],
    record: &Record,
    offset: impl FnOnce() -> u64,
) -> Option<Rejection> {
    let bytes = text.get(record.start as usize..record.end as usize).unwrap_or_default();
    let (kind, at) = match memchr(0, bytes) {
        Some(at) => (FaultKind::NulByte, at),
        None => (FaultKind::InvalidEncoding, std::str::from_utf8(bytes).err()?.valid_up_to()),
    };
    Some((kind, FaultDetail::Byte(offset() + at as u64)))
}

/// Notes what is to be said of a line with several columns for the procedure code: whether more
/// than one is filled, and one that says something else than the chosen one.
pub fn compare_codes(batch: &mut Batch, columns: &[u32], row: usize) {
    let cells = columns.iter().map(|column| batch.span(row, *column));
    let filled: Vec<Span> = cells.filter(|span| !batch.is_missing(*span)).collect();
    let Some((chosen, others)) = filled.split_first() else { return };
    let value = trim(batch.slice(*chosen));
    let differs = |other: &&Span| !trim(batch.slice(**other)).eq_ignore_ascii_case(value);
    let other = others.iter().find(differs).copied();
    batch.doubly_coded += u64::from(!others.is_empty());
    if let Some(other) = other {
        batch.disagreements.push(Disagreement { row: row as u32, other });
    }
}
