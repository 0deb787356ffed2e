//! The rows of a text or a sheet, each with its physical number, whatever the form.

use std::ops::ControlFlow;

use crate::intake::bytes::{Content, Sheet};
use crate::intake::dates;
use crate::model::Date;
use crate::reference::rows::Days;

/// How rows are cut into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Not at all: positions count.
    Lines,
    /// At each of these bytes; a quote is an ordinary character.
    Split(u8),
    /// At each of these bytes outside quotes, as CSV.
    Quoted(u8),
    /// Cells of the sheet with this index.
    Sheet(usize),
}

/// A row, with its cells as they are written.
#[derive(Debug)]
pub struct Row<'a> {
    /// The number of its physical line, or of its row in the sheet; from 1.
    pub number: u64,
    /// The whole row of a text, with all its physical lines; empty in a sheet.
    pub line: &'a str,
    /// The form that it was cut by.
    pub form: Form,
    cells: Vec<&'a str>,
}

/// `text` without blanks at its ends, no-break spaces among them.
pub fn trim(text: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}');
    text.trim_matches(blank)
}

impl<'a> Row<'a> {
    /// A cell without the blanks at its ends; empty where the row is shorter.
    pub fn cell(&self, at: usize) -> &'a str {
        let cell = trim(self.cells.get(at).copied().unwrap_or_default());
        match self.form {
            // Such rows may have quotes around a cell, which mean nothing here.
            Form::Split(_) => {
                let inside = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                inside.map_or(cell, trim)
            }
            _ => cell,
        }
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.cells.len()).map(|at| self.cell(at))
    }

    /// The number of cells.
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is nothing in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| trim(cell).is_empty())
    }

    /// The days from the date in one cell to the date in another. A cell that there is no column
    /// for says nothing. The error says what is wrong, without what is written there.
    pub fn days(&self, first: Option<usize>, last: Option<usize>) -> Result<Days, String> {
        let first = first.map_or(Ok(None), |at| self.first_day(at))?;
        let last = last.map_or(Ok(None), |at| self.last_day(at))?;
        dates::days(first, last)
    }

    /// The first day that a cell gives; none where it is blank.
    pub fn first_day(&self, at: usize) -> Result<Option<Date>, String> {
        dates::first(self.cell(at), self.is_of_sheet()).ok_or_else(|| no_date(at))
    }

    /// The last day that a cell gives; none where it says that there is no end.
    pub fn last_day(&self, at: usize) -> Result<Option<Date>, String> {
        dates::last(self.cell(at), self.is_of_sheet()).ok_or_else(|| no_date(at))
    }

    fn is_of_sheet(&self) -> bool {
        matches!(self.form, Form::Sheet(_))
    }

    /// The physical lines inside the row after its first, each cut as if it were a row.
    pub fn inner(&self) -> impl Iterator<Item = Row<'a>> + '_ {
        let lines = self.line.trim_end().split('\n').zip(self.number..).skip(1);
        lines.map(|(line, number)| {
            let form = match self.form {
                Form::Quoted(delimiter) => Form::Split(delimiter),
                other => other,
            };
            cut(line, number, form)
        })
    }
}

fn no_date(at: usize) -> String {
    format!("there is no date in column {}", at + 1)
}

fn cut(line: &str, number: u64, form: Form) -> Row<'_> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let cells = match form {
        Form::Split(delimiter) => line.split(char::from(delimiter)).collect(),
        _ => vec![line],
    };
    Row { number, line, form, cells }
}

/// Shows each row in turn, blank ones too, until `each` breaks.
pub fn walk(content: &Content, form: Form, each: &mut dyn FnMut(&Row) -> ControlFlow<()>) {
    match (content, form) {
        (Content::Text(text), Form::Quoted(delimiter)) => quoted(text, delimiter, each),
        (Content::Text(text), _) => {
            for (line, number) in text.split('\n').zip(1..) {
                if each(&cut(line, number, form)).is_break() {
                    return;
                }
            }
        }
        (Content::Sheets(sheets), Form::Sheet(at)) => {
            if let Some(sheet) = sheets.get(at) {
                of_sheet(sheet, form, each);
            }
        }
        (Content::Sheets(_), _) => {}
    }
}

fn of_sheet(sheet: &Sheet, form: Form, each: &mut dyn FnMut(&Row) -> ControlFlow<()>) {
    for (cells, number) in sheet.rows.iter().zip(sheet.first_row..) {
        let cells = cells.iter().map(String::as_str).collect();
        if each(&Row { number, line: "", form, cells }).is_break() {
            return;
        }
    }
}

fn quoted(text: &str, delimiter: u8, each: &mut dyn FnMut(&Row) -> ControlFlow<()>) {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
    let mut reader = builder.from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // The text is in memory and is UTF-8: there is no error to come.
    while reader.read_record(&mut record).unwrap_or(false) {
        let Some(start) = record.position() else { return };
        let bytes = start.byte() as usize..reader.position().byte() as usize;
        let raw = text.get(bytes).unwrap_or_default();
        // The reader counts the blank lines before a record to it.
        let line = raw.trim_start_matches(['\r', '\n']);
        let skipped = raw.len() - line.len();
        let blank = raw.get(..skipped).unwrap_or_default().matches('\n').count();
        let row = Row {
            number: start.line() + blank as u64,
            line,
            form: Form::Quoted(delimiter),
            cells: record.iter().collect(),
        };
        if each(&row).is_break() {
            return;
        }
    }
}

/// The first rows that are not blank, in owned cells: what a file is recognised by.
pub fn head(content: &Content, form: Form, count: usize) -> Vec<(u64, Vec<String>)> {
    let mut rows = Vec::new();
    walk(content, form, &mut |row| {
        if !row.is_blank() {
            rows.push((row.number, row.cells().map(str::to_owned).collect()));
        }
        if rows.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, form: Form) -> Vec<(u64, Vec<String>)> {
        head(&Content::Text(text.to_owned()), form, 100)
    }

    #[test]
    fn rows_have_the_numbers_of_their_lines() {
        let quoted = rows("\"a\nb\",c\r\n\r\n\n\"d\",e\n,\nf,g", Form::Quoted(b','));
        let numbers: Vec<u64> = quoted.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 5, 7]);
        assert_eq!(quoted[0].1, ["a\nb", "c"]);
        let split = rows("x\u{a0}\ty\r\n\n\"z\"\t5\"", Form::Split(b'\t'));
        assert_eq!(split[0], (1, vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(split[1], (3, vec!["z".to_owned(), "5\"".to_owned()]));
    }

    #[test]
    fn the_lines_inside_a_row_are_rows_too() {
        let content = Content::Text("a,\"b\nc,d\n\",e\n".to_owned());
        let mut inner = Vec::new();
        walk(&content, Form::Quoted(b','), &mut |row| {
            inner.extend(row.inner().map(|row| (row.number, row.cell(0).to_owned())));
            ControlFlow::Continue(())
        });
        assert_eq!(inner, [(2, "c".to_owned()), (3, "\"".to_owned())]);
    }
}
