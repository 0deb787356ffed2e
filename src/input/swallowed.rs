//! Tells a note with line breaks from a stray quote that swallowed whole records.
//!
//! Two stray quotes some rows apart make one long cell that every CSV reader takes as it is, and
//! the rows between them are gone. Here such a record is set aside and its rows are read again. The
//! evidence is a physical line inside the cell that, with the quotes of that cell taken literally,
//! has just the header's number of cells. In narrow tables prose may have that by chance, so there
//! the line must also have a code where the procedure code stands, or something of the shape of the
//! record's own claim id where that stands.

use memchr::{memchr, memchr_iter, memchr2};

use crate::input::fields::quoted_cells;
use crate::input::layout::Layout;
use crate::input::split::Marks;
use crate::model::cell::trim;
use crate::model::masking::shape;
use crate::model::{Code, Field};

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

impl Shape {
    /// The shape of the records under a header.
    pub fn of(layout: &Layout, marks: Marks) -> Shape {
        Shape {
            width: layout.names.len(),
            delimiter: marks.delimiter,
            claim_id: layout.first_column(Field::ClaimId),
            procedure_code: layout.first_column(Field::ProcedureCode),
        }
    }
}

/// In tables this wide, the number of cells alone is evidence enough.
const WIDE: usize = 8;

/// The first and last of the swallowed physical lines, counted from the record's first line as 0.
///
/// `record` has line breaks in quoted cells. When `whole`, its last physical line is complete;
/// otherwise the record broke off somewhere in it.
pub fn swallowed(shape: &Shape, record: &[u8], whole: bool) -> Option<(u64, u64)> {
    let mut cells = Vec::new();
    quoted_cells(record, shape.delimiter, |number, start, end| cells.push((number, start, end)));
    let first_id = shape.claim_id.and_then(|at| cells.get(at));
    let first_id = first_id.and_then(|(_, start, end)| record.get(*start..*end));
    let first_id = first_id.filter(|id| memchr2(b'\n', b'\r', id).is_none());
    let look = Look { shape, first_id: first_id.map(id_shape) };
    let mut lines = 0;
    let mut found: Option<(u64, u64)> = None;
    for (number, start, end) in cells.iter().copied() {
        let Some(cell) = record.get(start..end) else { continue };
        if memchr2(b'\n', b'\r', cell).is_none() {
            continue;
        }
        let inside = physical_lines(cell);
        // The cells before this one on its first line, and those after it on its last, are told
        // apart as they should be; only what the cell holds is taken literally.
        let after = cells.len() - 1 - number;
        if let Some(last) = look.rows(&inside, number, whole.then_some(after)) {
            found = Some((found.map_or(lines + 1, |(first, _)| first), lines + last));
        }
        lines += inside.len() as u64 - 1;
    }
    found
}

fn physical_lines(cell: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = cell;
    while let Some(end) = memchr2(b'\n', b'\r', rest) {
        lines.push(rest.get(..end).unwrap_or_default());
        rest = match rest.get(end..) {
            Some([b'\r', b'\n', after @ ..]) | Some([_, after @ ..]) => after,
            _ => &[],
        };
    }
    lines.push(rest);
    lines
}

/// A claim id by its shape: `CLM 17` and `CLM 4` are alike, `see file` is not.
fn id_shape(id: &[u8]) -> String {
    let id = trim(id);
    let id = id.strip_prefix(b"\"").unwrap_or(id);
    let id = id.strip_suffix(b"\"").unwrap_or(id);
    let mut shape: Vec<char> = shape(&String::from_utf8_lossy(id)).chars().collect();
    shape.dedup();
    shape.into_iter().collect()
}

/// A record's lines, looked at for rows.
struct Look<'s> {
    shape: &'s Shape,
    first_id: Option<String>,
}

impl Look<'_> {
    /// The last line of a cell, counted from its first, that is a row or the beginning of one.
    /// `before` and `after` are the cells that stand beside this one on its first and last line.
    fn rows(&self, lines: &[&[u8]], before: usize, after: Option<usize>) -> Option<u64> {
        let (first, rest) = lines.split_first()?;
        let (last, middle) = rest.split_last()?;
        if let Some(at) = middle.iter().rposition(|line| self.is_row(line)) {
            return Some(at as u64 + 1);
        }
        // A row whose own first quote closed the stray one: what stands before that quote is the
        // beginning of a row.
        if let Some(at) = rest.iter().rposition(|line| self.begins_a_row(line)) {
            return Some(at as u64 + 1);
        }
        // Two rows with a stray quote each, one after the other: no line lies between them, but
        // each has the width of a row of its own.
        let width = |text: &[u8]| memchr_iter(self.shape.delimiter, text).count() + 1;
        let glued = after.is_some_and(|after| {
            width(first) + before == self.shape.width && width(last) + after == self.shape.width
        });
        (glued && self.is_likely(last)).then_some(rest.len() as u64)
    }

    fn is_row(&self, line: &[u8]) -> bool {
        let width = memchr_iter(self.shape.delimiter, line).count() + 1;
        self.shape.width >= 2 && width == self.shape.width && self.is_likely(line)
    }

    /// Whether a line of the right width has what rows have; asked in narrow tables only.
    fn is_likely(&self, line: &[u8]) -> bool {
        self.shape.width >= WIDE || self.has_id(line) || self.has_code(line)
    }

    /// Whether the first quote of a line stands where a cell begins, and the line begins like a row
    /// before it: with an id and a code.
    fn begins_a_row(&self, line: &[u8]) -> bool {
        let Some(line) = memchr(b'"', line).and_then(|at| line.get(..at)) else { return false };
        line.last() == Some(&self.shape.delimiter)
            && (self.has_code(line) || self.has_id(line) && self.reaches_code(line))
    }

    fn cell<'l>(&self, line: &'l [u8], column: Option<usize>) -> Option<&'l [u8]> {
        line.split(|byte| *byte == self.shape.delimiter).nth(column?).map(trim)
    }

    fn has_id(&self, line: &[u8]) -> bool {
        let id = self.cell(line, self.shape.claim_id).filter(|id| !id.is_empty()).map(id_shape);
        id.is_some() && id == self.first_id
    }

    fn has_code(&self, line: &[u8]) -> bool {
        let cell = self.cell(line, self.shape.procedure_code).unwrap_or_default();
        let upper = cell.to_ascii_uppercase();
        let mut parts = upper.split(|byte| !byte.is_ascii_alphanumeric());
        parts.any(|part| Code::parse(part).is_some())
    }

    fn reaches_code(&self, line: &[u8]) -> bool {
        self.cell(line, self.shape.procedure_code).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(width: usize) -> Shape {
        Shape { width, delimiter: b',', claim_id: Some(0), procedure_code: Some(1) }
    }

    fn look(width: usize, record: &str) -> Option<(u64, u64)> {
        swallowed(&shape(width), record.as_bytes(), true)
    }

    #[test]
    fn rows_between_two_stray_quotes_are_seen() {
        let record = "C1,99213,\"a,1,2,3,4,5\nC2,99213,b,1,2,3,4,5\nC3,99213,c\",1,2,3,4,5";
        assert_eq!(look(8, record), Some((1, 1)));
        let neighbours = "C1,99213,\"a,1,2,3,4,5\nC2,99213,b\",1,2,3,4,5";
        assert_eq!(look(8, neighbours), Some((1, 1)));
        assert_eq!(swallowed(&shape(8), neighbours.as_bytes(), false), None);
    }

    #[test]
    fn quoted_cells_beside_the_stray_quote_count_as_one_cell_each() {
        let record = "C1,99213,\"Roe, Jane\",1,2,A,\"5,z\nC2,3044F,Doe,1,2,A,6\",\"x, y\"";
        assert_eq!(look(8, record), Some((1, 1)));
    }

    #[test]
    fn narrow_tables_need_a_code_or_an_id_of_the_same_shape() {
        assert_eq!(look(3, "CLM 1,99213,\"a\nCLM 2,3044F,b\nCLM 3,99213,c\""), Some((1, 1)));
        assert_eq!(look(3, "CLM1,99213,\"a\nCLM2,,b\nCLM3,,c\""), Some((1, 1)));
        assert_eq!(look(3, "CLM1,99213,\"a\nCLM2,CPT 3044F,b\""), Some((1, 1)));
        assert_eq!(look(3, "CLM1,99213,\"one\nyes,no,maybe\ntwo\""), None);
    }

    #[test]
    fn the_beginning_of_a_row_is_seen() {
        assert_eq!(look(4, "C1,99213,1,\"\nC2,3044F,2,\""), Some((1, 1)));
        assert_eq!(look(4, "C1,99213,1,\"as agreed,\nwill pay, in two parts,\""), None);
    }

    #[test]
    fn notes_with_line_breaks_pass() {
        for record in [
            "C1,99213,\"first line\nsecond, with commas, and more\nthird\",4",
            "C1,99213,1,\"note\r\nline two\"",
            "C1,99213,1,\"note, with\nline two, three, four and five\"",
        ] {
            assert_eq!(look(4, record), None, "{record}");
        }
    }
}
