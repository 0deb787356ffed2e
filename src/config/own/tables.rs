//! Tables of the user's: CSV files that rules look things up in.
//!
//! What is wrong is said by line and by column, never by what stands in a cell.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use crate::config::layers::suggest;
use crate::config::raw::RawTable;
use crate::error::{Error, Result};
use crate::lint::sql::Table;
use crate::lint::sql::table::TableRow;
use crate::model::{Cell, Date};

/// A list that people keep is far smaller.
const FILE_BYTES_MAX: u64 = 64 << 20;
const ROWS_MAX: usize = 2_000_000;

/// A row while the table is read.
struct Row {
    key: String,
    days: (Option<Date>, Option<Date>),
    line: u64,
    cells: Vec<String>,
}

/// The columns of a table by what they are for.
struct Columns {
    key: usize,
    days: (Option<usize>, Option<usize>),
    /// The others, in their order.
    cells: Vec<usize>,
}

/// The text of a table's file.
///
/// # Errors
/// No regular file of a fitting size, or one that is not UTF-8; without the name of the file.
pub fn read(path: &Path) -> Result<String> {
    let failed = |error: std::io::Error| Error::settings(format!("cannot be read: {error}"));
    // Opening a named pipe would wait for its writer: what it is comes first.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::settings("is not a regular file"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Error::settings("is larger than 64 MiB"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let error = Error::settings(format!("line {line}: is not UTF-8"));
        error.with_help("save the table as UTF-8")
    })
}

/// The table that a text holds.
///
/// # Errors
/// What is wrong with it, by line.
pub fn parse(text: &str, written: &RawTable) -> Result<Table> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // The text is in memory and is UTF-8: there is no error to come.
    if !reader.read_record(&mut record).unwrap_or(false) {
        return Err(Error::settings("has no header"));
    }
    let names: Vec<String> = record.iter().map(str::to_owned).collect();
    let columns = Columns::of(&names, written)?;
    let mut rows = Vec::new();
    while reader.read_record(&mut record).unwrap_or(false) {
        let line = line_of(&record, text);
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            return Err(Error::settings(format!("has more than {ROWS_MAX} rows")));
        }
        rows.push(columns.row(&record, line, &names)?);
    }
    let column = |at: &usize| names.get(*at).cloned().unwrap_or_default();
    let is_dated = columns.days != (None, None);
    Ok(Table { columns: columns.cells.iter().map(column).collect(), is_dated, rows: by_key(rows)? })
}

/// The line on which a record stands: the reader counts the blank lines before it as its own.
fn line_of(record: &csv::StringRecord, text: &str) -> u64 {
    let Some(start) = record.position() else { return 0 };
    let rest = text.as_bytes().get(start.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    start.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

impl Columns {
    fn of(names: &[String], written: &RawTable) -> Result<Columns> {
        for (at, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(Error::settings(format!("column {} has no name", at + 1)));
            }
            if names.iter().take(at).any(|other| other.eq_ignore_ascii_case(name)) {
                return Err(Error::settings(format!("two columns are called `{name}`")));
            }
        }
        let find = |name: &str| names.iter().position(|known| known.eq_ignore_ascii_case(name));
        let named = |key: &str, name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => find(name.trim()).map(Some).ok_or_else(|| {
                let known: Vec<&str> = names.iter().map(String::as_str).collect();
                let error = Error::settings(format!("{key}: no column `{name}` in the header"));
                suggest(error, name, &known)
            }),
        };
        let key = named("key", &written.key)?.unwrap_or(0);
        let from = named("valid-from", &written.valid_from)?.or_else(|| find("valid_from"));
        let to = named("valid-to", &written.valid_to)?.or_else(|| find("valid_to"));
        if from == Some(key) || to == Some(key) || (from.is_some() && from == to) {
            let error = Error::settings("the key and the days are in one column");
            return Err(error.with_help("name three columns: key, valid-from, valid-to"));
        }
        let is_free = |at: &usize| *at != key && Some(*at) != from && Some(*at) != to;
        let cells = (0..names.len()).filter(is_free).collect();
        Ok(Columns { key, days: (from, to), cells })
    }

    fn row(&self, record: &csv::StringRecord, line: u64, names: &[String]) -> Result<Row> {
        if record.len() != names.len() {
            let (has, wants) = (record.len(), names.len());
            let error =
                Error::settings(format!("line {line}: {has} cells, the header has {wants}"));
            return Err(error.with_help("a cell with a comma in it stands in double quotes"));
        }
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let day = |at: Option<usize>| match at.map(|at| (at, Date::parse(cell(at).as_bytes()))) {
            None | Some((_, Cell::Missing)) => Ok(None),
            Some((_, Cell::Value(day))) => Ok(Some(day)),
            Some((at, Cell::Malformed)) => {
                let name = names.get(at).map(String::as_str).unwrap_or_default();
                let error = Error::settings(format!("line {line}: no day in column `{name}`"));
                Err(error.with_help("write days as 2025-12-31; an empty cell is an open end"))
            }
        };
        let days = (day(self.days.0)?, day(self.days.1)?);
        if let (Some(from), Some(to)) = days
            && to < from
        {
            return Err(Error::settings(format!("line {line}: ends before it begins")));
        }
        if cell(self.key).is_empty() {
            return Err(Error::settings(format!("line {line}: the key is empty")));
        }
        let cells = self.cells.iter().map(|at| cell(*at).to_owned()).collect();
        Ok(Row { key: cell(self.key).to_owned(), days, line, cells })
    }
}

/// The rows by key and day. On each day there is one row of a key at most.
fn by_key(mut rows: Vec<Row>) -> Result<BTreeMap<String, Vec<TableRow>>> {
    // Nothing, as the first day, is before every day.
    rows.sort_by(|a, b| (&a.key, a.days.0, a.line).cmp(&(&b.key, b.days.0, b.line)));
    for (one, next) in rows.iter().zip(rows.iter().skip(1)) {
        let begins_later = matches!((one.days.1, next.days.0), (Some(to), Some(from)) if to < from);
        if one.key == next.key && !begins_later {
            let (first, second) = (one.line.min(next.line), one.line.max(next.line));
            let error = Error::settings(format!(
                "lines {first} and {second} have the same key on the same days"
            ));
            return Err(error.with_help("a key has one row for each day; end one of the two"));
        }
    }
    let mut all: BTreeMap<String, Vec<TableRow>> = BTreeMap::new();
    for Row { key, days, cells, .. } in rows {
        all.entry(key).or_default().push(TableRow { days, cells });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Table> {
        parse(text, &RawTable::default())
    }

    fn day(text: &str) -> Option<Date> {
        Date::parse(text.as_bytes()).value()
    }

    #[test]
    fn rows_are_trimmed_and_found_by_key_and_day() {
        let text = "\u{feff} code , fee,Valid_From,note,valid_to\r\n\r\n\
                    99213, 12.50 ,2026-01-01,\"a, b\",\n\
                    99213,11.00,,,2025-12-31\n,,,,\n 99214 ,1,,,";
        let got = table(text).unwrap();
        assert_eq!(got.columns, ["fee", "note"]);
        assert!(got.is_dated);
        let row = |from, to, cells: [&str; 2]| TableRow {
            days: (day(from), day(to)),
            cells: cells.map(str::to_owned).to_vec(),
        };
        let of_first =
            [row("", "2025-12-31", ["11.00", ""]), row("2026-01-01", "", ["12.50", "a, b"])];
        assert_eq!(got.rows["99213"], of_first);
        assert_eq!(got.rows["99214"], [row("", "", ["1", ""])]);
        let written = RawTable { key: Some("fee".to_owned()), ..RawTable::default() };
        let got = parse("code,fee\na,1\nb,2\n", &written).unwrap();
        assert!(!got.is_dated && got.columns == ["code"] && got.rows.contains_key("2"));
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_without_a_cell() {
        let cases = [
            ("", "has no header"),
            ("a,,b\n", "column 2 has no name"),
            ("a,A\n", "two columns are called `A`"),
            ("a,b\nSECRET,1\n\nSECRET\n", "line 4: 1 cells, the header has 2"),
            ("a,b\n \n,SECRET\n", "line 3: the key is empty"),
            ("a,valid_from\nSECRET,13/45/2020\n", "line 2: no day in column `valid_from`"),
            ("a,valid_from,valid_to\nS,2026-01-02,2026-01-01\n", "line 2: ends before it begins"),
            ("a,b\nSECRET,1\nx,1\nSECRET,2\n", "lines 2 and 4 have the same key on the same days"),
            (
                "a,valid_from,valid_to\nS,2026-01-01,\nS,,2026-01-01\n",
                "lines 2 and 3 have the same key on the same days",
            ),
            ("a,valid_to\nS,2026-01-01\nS,\n", "lines 2 and 3 have the same key on the same days"),
        ];
        for (text, want) in cases {
            let error = table(text).unwrap_err();
            assert_eq!(error.message(), want, "{text}");
            assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
        }
        let written = RawTable { valid_to: Some("untl".to_owned()), ..RawTable::default() };
        let error = parse("code,until\n", &written).unwrap_err();
        assert_eq!(error.help(), Some("did you mean `until`?"));
        let written = RawTable { valid_to: Some("code".to_owned()), ..RawTable::default() };
        assert!(parse("code,until\n", &written).is_err());
    }
}
