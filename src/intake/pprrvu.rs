//! The relative values of the physician fee schedule, by the positions of their columns.

use crate::intake::codes;
use crate::intake::layout::Layout;
use crate::intake::table::Row;
use crate::reference::rows::{CodeRow, Days};

/// PPRRVU. The last row of its header is not unique, so columns go by position; those that are
/// read stand before the one that was put in with 2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pprrvu;

const MODIFIER: usize = 1;
const STATUS: usize = 3;
const PCTC: usize = 13;
const GLOBAL: usize = 14;
const MULTIPLE: usize = 18;
const BILATERAL: usize = 19;
const ASSISTANT: usize = 20;

/// The fewest columns that there were in any year.
const COLUMNS_MIN: usize = 28;

/// Days of the global period; workbooks drop leading zeros.
fn global(text: &str) -> Option<[u8; 3]> {
    match text {
        "" => Some(*b"   "),
        "0" | "00" | "000" => Some(*b"000"),
        "10" | "010" => Some(*b"010"),
        "90" | "090" => Some(*b"090"),
        _ => [b"MMM", b"XXX", b"YYY", b"ZZZ"]
            .into_iter()
            .find(|word| word.eq_ignore_ascii_case(text.as_bytes()))
            .copied(),
    }
}

fn one(row: &Row, at: usize) -> Result<u8, String> {
    match row.cell(at).as_bytes() {
        [] => Ok(b' '),
        [byte] if byte.is_ascii_alphanumeric() => Ok(*byte),
        _ => Err(format!("column {} is no indicator of one character", at + 1)),
    }
}

impl Layout for Pprrvu {
    type Taken = CodeRow;

    fn fits(&self, row: &Row) -> bool {
        self.take(row).is_ok()
    }

    /// A first row with a damaged code is a data row still; the header has neither sign.
    fn begins(&self, row: &Row) -> bool {
        let is_row = !row.cell(GLOBAL).is_empty() && global(row.cell(GLOBAL)).is_some();
        codes::is_near_procedure(row.cell(0)) || row.width() >= COLUMNS_MIN && is_row
    }

    fn take(&self, row: &Row) -> Result<Option<CodeRow>, String> {
        let mut code = codes::procedure_text(row.cell(0))?;
        if row.width() < COLUMNS_MIN {
            return Err(format!("it has {} columns and not 31", row.width()));
        }
        let modifier = row.cell(MODIFIER);
        if !modifier.is_empty() {
            code.push_str(&codes::modifier(modifier)?);
        }
        let status = one(row, STATUS)?.to_ascii_uppercase();
        if !status.is_ascii_uppercase() {
            return Err(format!("column {} is no status code", STATUS + 1));
        }
        let global = global(row.cell(GLOBAL))
            .ok_or_else(|| format!("column {} is no global period", GLOBAL + 1))?;
        let mut attributes = vec![status, one(row, PCTC)?];
        attributes.extend(global);
        for at in [MULTIPLE, BILATERAL, ASSISTANT] {
            attributes.push(one(row, at)?);
        }
        Ok(Some(CodeRow { code, days: Days::default(), attributes }))
    }
}
