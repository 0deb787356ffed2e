//! Tells a note with line breaks from a stray quote that swallowed whole records.
//!
//! Two stray quotes some rows apart make one long cell that every CSV reader takes as it is, and
//! the rows between them are gone. Here such a record is set aside and its rows are read again. The
//! evidence is a physical line inside the cell that, with quotes taken literally, has just the
//! header's number of cells. In narrow tables prose may have that by chance, so there the line must
//! also have something without inner blanks where the claim id and the procedure code stand.

use memchr::memchr_iter;

use crate::model::cell::trim;

/// What a record of the table looks like from afar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Cells in the header.
    pub width: usize,
    /// Between two cells.
    pub delimiter: u8,
    /// The column of the claim id, if there is one.
    pub claim_id: Option<usize>,
    /// The column of the procedure code, if there is one.
    pub procedure_code: Option<usize>,
}

/// In tables this wide, the number of cells alone is evidence enough.
const WIDE: usize = 8;

/// The first and last of the swallowed physical lines, counted from the record's first line as 0.
///
/// `record` has line breaks in quoted cells. When `whole`, its last physical line is complete;
/// otherwise the record broke off somewhere in it.
pub fn swallowed(shape: &Shape, record: &[u8], whole: bool) -> Option<(u64, u64)> {
    let lines: Vec<&[u8]> = physical_lines(record);
    let (first, rest) = lines.split_first()?;
    let (last, middle) = rest.split_last()?;
    let looks = |line: &[u8]| looks_like_a_record(shape, line);
    if let Some(last_hit) = middle.iter().rposition(|line| looks(line)) {
        return Some((1, last_hit as u64 + 1));
    }
    // A row whose own first quote closed the stray one: what stands before that quote is the
    // beginning of a row.
    let beginnings = rest.iter().rposition(|line| begins_like_a_record(shape, line));
    if let Some(at) = beginnings {
        return Some((1, at as u64 + 1));
    }
    // Two rows with a stray quote each, one after the other: no line lies between them, but each
    // has the width of a row of its own.
    let neighbours = whole && looks(first) && looks(last);
    neighbours.then_some((1, rest.len() as u64))
}

fn physical_lines(record: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = record;
    while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
        lines.push(rest.get(..end).unwrap_or_default());
        let after = match rest.get(end..) {
            Some([b'\r', b'\n', after @ ..]) | Some([_, after @ ..]) => after,
            _ => &[],
        };
        rest = after;
    }
    lines.push(rest);
    lines
}

fn looks_like_a_record(shape: &Shape, line: &[u8]) -> bool {
    if shape.width < 2 || memchr_iter(shape.delimiter, line).count() + 1 != shape.width {
        return false;
    }
    if shape.width >= WIDE {
        return true;
    }
    let unbroken = |column: Option<usize>| {
        let cell = column.and_then(|at| line.split(|byte| *byte == shape.delimiter).nth(at));
        cell.is_none_or(|cell| {
            let cell = trim(cell);
            !cell.is_empty() && !cell.iter().any(u8::is_ascii_whitespace)
        })
    };
    unbroken(shape.claim_id) && unbroken(shape.procedure_code)
}

/// Whether the first quote of a line stands where a cell begins, after cells that have something
/// like a claim id and something like a procedure code in their places.
fn begins_like_a_record(shape: &Shape, line: &[u8]) -> bool {
    let quote = memchr::memchr(b'"', line).and_then(|at| line.get(..at));
    let Some([before @ .., last]) = quote else { return false };
    let (Some(claim_id), Some(code)) = (shape.claim_id, shape.procedure_code) else {
        return false;
    };
    let cell = |at: usize| before.split(|byte| *byte == shape.delimiter).nth(at).map(trim);
    let unbroken = |cell: &[u8]| !cell.is_empty() && !cell.iter().any(u8::is_ascii_whitespace);
    *last == shape.delimiter
        && cell(claim_id).is_some_and(unbroken)
        && cell(code).is_some_and(|code| unbroken(code) && code.iter().any(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(width: usize) -> Shape {
        Shape { width, delimiter: b',', claim_id: Some(0), procedure_code: Some(1) }
    }

    #[test]
    fn rows_between_two_stray_quotes_are_seen() {
        let record = b"C1,99213,\"a,1,2,3,4,5\nC2,99213,b,1,2,3,4,5\nC3,99213,c\",1,2,3,4,5";
        assert_eq!(swallowed(&shape(8), record, true), Some((1, 1)));
        let neighbours = b"C1,99213,\"a,1,2,3,4,5\nC2,99213,b\",1,2,3,4,5";
        assert_eq!(swallowed(&shape(8), neighbours, true), Some((1, 1)));
        assert_eq!(swallowed(&shape(8), neighbours, false), None);
    }

    #[test]
    fn the_beginning_of_a_row_is_seen() {
        let record = b"C1,99213,1,\"\nC2,3044F,2,\"";
        assert_eq!(swallowed(&shape(4), record, true), Some((1, 1)));
        let note = b"C1,99213,1,\"as agreed,\nwill pay, in two parts,\"";
        assert_eq!(swallowed(&shape(4), note, true), None);
    }

    #[test]
    fn notes_with_line_breaks_pass() {
        for record in [
            &b"C1,99213,\"first line\nsecond, with commas, and more\nthird\",4"[..],
            b"C1,99213,1,\"note\r\nline two\"",
            b"C1,99213,1,\"note, with\nline two, three, four and five\"",
        ] {
            assert_eq!(swallowed(&shape(4), record, true), None);
        }
    }
}
