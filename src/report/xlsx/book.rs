//! A workbook that is written row by row: the part that knows the crate that writes it.

use std::io::{self, Write};
use std::path::Path;

use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    IgnoreError, Workbook, Worksheet, XlsxError,
};

use crate::error::guard::guarded;
use crate::error::{Error, Result};
use crate::model::{Cents, Date};
use crate::report::Out;
use crate::report::escape::counted;
use crate::report::xlsx::cell::{Cell, Kind};

/// A column of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What stands above it.
    pub title: &'static str,
    /// Its width in characters.
    pub width: u16,
    /// How its cells are shown.
    pub kind: Kind,
}

/// A column, written shortly.
pub const fn column(title: &'static str, width: u16, kind: Kind) -> Column {
    Column { title, width, kind }
}

/// The most rows of a sheet, with those of the notice and of the titles.
pub const SHEET_ROWS_MAX: u32 = 1 << 20;

/// The row of the titles, below that of the notice. The others follow.
const TITLES: u32 = 1;

/// The most rows of a sheet that hold something of their own; one more may say what does not fit.
pub const ROWS_MAX: u32 = SHEET_ROWS_MAX - TITLES - 2;

/// Bytes of text in a sheet: however much longer markup makes them, they stay below the 4 GiB that
/// a part of a plain zip archive may have.
const TEXT_BYTES_MAX: usize = 1 << 29;

/// Cents from which on a workbook, which keeps fifteen digits, would not keep an amount.
const CENTS_END: u128 = 1_000_000_000_000_000;

/// Numbers from which on the same holds.
const NUMBER_END: u64 = 1_000_000_000_000_000;

/// How cells are drawn, by kind.
struct Formats {
    notice: Format,
    title: Format,
    kinds: [Format; Kind::ALL.len()],
}

impl Formats {
    fn new() -> Self {
        let plain = || Format::new().set_align(FormatAlign::Top);
        let kinds = Kind::ALL.map(|kind| match kind {
            // Text stays text when somebody edits it: a code keeps its zeros, `=1` is no formula.
            Kind::Text => plain().set_num_format("@"),
            Kind::Wrapped => plain().set_num_format("@").set_text_wrap(),
            Kind::Count => plain().set_num_format("#,##0"),
            Kind::Money => plain().set_num_format("$#,##0.00;[Red]-$#,##0.00"),
            Kind::Day => plain().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
        });
        let title = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
            .set_font_color(Color::White)
            .set_background_color(Color::RGB(0x1f_3a_5f))
            .set_border_bottom(FormatBorder::Thin);
        let notice = Format::new().set_font_color(Color::RGB(0x44_44_44)).set_num_format("@");
        Formats { notice, title, kinds }
    }

    fn of(&self, kind: Kind) -> &Format {
        self.kinds.get(kind as usize).unwrap_or(&self.notice)
    }
}

/// A sheet of a [`Book`].
#[derive(Debug)]
struct Sheet {
    columns: Vec<Column>,
    /// The row that comes next.
    next: u32,
    /// Bytes of text that there is still room for.
    room: usize,
    /// Rows that there was no room for.
    refused: u64,
}

/// A workbook in the making. Rows lie in temporary files without a name until it is saved.
pub struct Book {
    workbook: Workbook,
    formats: Formats,
    sheets: Vec<Sheet>,
}

impl Book {
    /// An empty one, whose temporary files are in `directory`.
    pub fn new(directory: &Path) -> Result<Self> {
        let mut workbook = Workbook::new();
        kept(|| workbook.set_tempdir(directory).map(drop))?;
        // The same findings give the same bytes: the day is that of no run.
        let day = kept(|| ExcelDateTime::from_ymd(2000, 1, 1))?;
        let properties = DocProperties::new().set_title("claimlint").set_creation_datetime(&day);
        workbook.set_properties(&properties);
        // The archive keeps to the sizes of plain zip: with the marks of larger ones, LibreOffice
        // does not open it.
        workbook.set_zip_compression_level(COMPRESSION);
        Ok(Book { workbook, formats: Formats::new(), sheets: Vec::new() })
    }

    /// Adds a sheet with these columns, and returns its number.
    pub fn add(&mut self, name: &str, columns: &[Column], frozen_columns: u16) -> Result<usize> {
        let Book { workbook, formats, sheets } = self;
        kept(|| {
            let sheet = workbook.add_worksheet_with_constant_memory()?;
            sheet.set_name(name)?;
            for (column, at) in columns.iter().zip(0..) {
                sheet.set_column_width(at, column.width)?;
                sheet.set_column_format(at, formats.of(column.kind))?;
            }
            sheet.set_freeze_panes(TITLES + 1, frozen_columns)?;
            sheet.set_repeat_rows(TITLES, TITLES)?;
            sheet.set_landscape().set_paper_size(US_LETTER).set_print_fit_to_pages(1, 0);
            sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
            sheet.set_footer("&L&A&RPage &P of &N");
            Ok(())
        })?;
        let (columns, next) = (columns.to_vec(), TITLES + 1);
        sheets.push(Sheet { columns, next, room: TEXT_BYTES_MAX, refused: 0 });
        Ok(sheets.len() - 1)
    }

    /// Writes the notice of a sheet and its titles. Comes before its rows.
    pub fn head(&mut self, at: usize, notice: &str) -> Result<()> {
        let Book { workbook, formats, sheets } = self;
        let columns = sheets.get(at).map(|sheet| sheet.columns.as_slice()).unwrap_or_default();
        kept(|| {
            let sheet = workbook.worksheet_from_index(at)?;
            sheet.write_string_with_format(0, 0, notice, &formats.notice)?;
            sheet.set_row_height(TITLES, TITLES_HEIGHT)?;
            for (column, number) in columns.iter().zip(0..) {
                sheet.write_string_with_format(TITLES, number, column.title, &formats.title)?;
            }
            Ok(())
        })
    }

    /// Writes the next row of a sheet, if there is still room for it. The rows that there is no
    /// room for are counted, and the sheet says at its end how many they are.
    pub fn row(&mut self, at: usize, cells: &[Cell<'_>]) -> Result<()> {
        let Book { workbook, formats, sheets } = self;
        let Some(sheet) = sheets.get_mut(at) else { return Ok(()) };
        let bytes = cells.iter().map(|cell| cell.text().len()).sum();
        // The last row is left for what is said of those that are refused.
        let is_last = sheet.next >= SHEET_ROWS_MAX - 1;
        let room = sheet.room.checked_sub(bytes).filter(|_| sheet.refused == 0 && !is_last);
        let Some(room) = room else {
            sheet.refused += 1;
            return Ok(());
        };
        let (row, columns) = (sheet.next, sheet.columns.as_slice());
        let lines = cells.iter().zip(columns).map(|(cell, column)| lines(cell, *column)).max();
        kept(|| {
            let sheet = workbook.worksheet_from_index(at)?;
            if let Some(lines) = lines.filter(|lines| *lines > 1) {
                // Not every program finds out by itself how high a row must be.
                sheet.set_row_height(row, (LINE_HEIGHT * lines as f64).min(HEIGHT_MAX))?;
            }
            for ((cell, column), number) in cells.iter().zip(columns).zip(0..) {
                write(sheet, (row, number), cell, column.kind, formats)?;
            }
            Ok(())
        })?;
        (sheet.next, sheet.room) = (row + 1, room);
        Ok(())
    }

    /// Says in a sheet that some rows are not there.
    fn close(&mut self, at: usize) -> Result<()> {
        let Book { workbook, formats, sheets } = self;
        let Some(sheet) = sheets.get(at).filter(|sheet| sheet.refused > 0) else { return Ok(()) };
        let said = format!("no room for {}", counted(sheet.refused, "more row"));
        kept(|| {
            let to = workbook.worksheet_from_index(at)?;
            to.write_string_with_format(sheet.next, 0, said, &formats.notice).map(drop)
        })
    }

    /// Offers these words in a column of a sheet, for the rows that were written.
    pub fn offer(&mut self, at: usize, column: u16, words: &[&str]) -> Result<()> {
        let Some(last) = self.last_row(at) else { return Ok(()) };
        kept(|| {
            let list = DataValidation::new().allow_list_strings(words)?;
            let list = list.set_error_title("Status")?;
            let list = list.set_error_message(format!("One of: {}", words.join(", ")))?;
            let sheet = self.workbook.worksheet_from_index(at)?;
            sheet.add_data_validation(TITLES + 1, column, last, column, &list).map(drop)
        })
    }

    /// The last row of a sheet, if it has any.
    fn last_row(&self, at: usize) -> Option<u32> {
        self.sheets.get(at)?.next.checked_sub(1).filter(|last| *last > TITLES)
    }

    /// Leaves room for so many bytes of text in a sheet.
    #[cfg(test)]
    pub fn leave_room(&mut self, at: usize, bytes: usize) {
        self.sheets.get_mut(at).into_iter().for_each(|sheet| sheet.room = bytes);
    }

    /// Saves everything into `out`.
    pub fn save(mut self, out: &mut Out<'_>) -> Result<()> {
        for at in 0..self.sheets.len() {
            self.close(at)?;
            let last = self.last_row(at);
            let Some(columns) = self.sheets.get(at).map(|sheet| sheet.columns.len()) else { break };
            let last_column = u16::try_from(columns).unwrap_or(u16::MAX).saturating_sub(1);
            kept(|| {
                let sheet = self.workbook.worksheet_from_index(at)?;
                let end = last.unwrap_or(TITLES);
                sheet.autofilter(TITLES, 0, end, last_column)?;
                // A claim number that could be read as a number is meant to be text.
                let wrong = IgnoreError::NumberStoredAsText;
                sheet.ignore_error_range(TITLES, 0, end, last_column, wrong)?;
                Ok(())
            })?;
        }
        let mut into = Into { out, failed: None };
        let saved = guarded(|| self.workbook.save_to_writer(&mut into));
        if let Some(error) = into.failed {
            return Err(error);
        }
        saved.unwrap_or_else(|| Err(XlsxError::IoError(io::Error::other(LOST)))).map_err(failed)
    }
}

/// Letter, which offices in the United States print on (ECMA-376, part 1, 18.3.1.63).
const US_LETTER: u8 = 1;

/// The height of a line of text, in points.
const LINE_HEIGHT: f64 = 15.0;

/// The height of the titles.
const TITLES_HEIGHT: f64 = 60.0;

/// The most that a row can be high.
const HEIGHT_MAX: f64 = 409.0;

/// About how many lines a cell takes; a text that is longer than its row may be is not measured.
fn lines(cell: &Cell<'_>, column: Column) -> usize {
    if column.kind != Kind::Wrapped {
        return 1;
    }
    let width = usize::from(column.width).max(1);
    let lines = cell.text().lines().take(LINES_MAX);
    lines.map(|line| line.chars().take(width * LINES_MAX).count().div_ceil(width).max(1)).sum()
}

/// More lines than a row is ever high.
const LINES_MAX: usize = 30;

/// How hard the archive is packed, of 9. Harder takes twice the time for a tenth of the size.
const COMPRESSION: u8 = 2;

/// What is said where the crate ended in a panic, as it does when a temporary file cannot be
/// written.
const LOST: &str = "temporary data of the workbook could not be written or read";

/// What `work` returns. Whatever goes wrong, the workbook is not used again.
fn kept<T>(work: impl FnOnce() -> std::result::Result<T, XlsxError>) -> Result<T> {
    match guarded(work) {
        Some(result) => result.map_err(failed),
        None => Err(failed(XlsxError::IoError(io::Error::other(LOST)))),
    }
}

/// The text of such an error may quote what was written, so it is not passed on.
fn failed(error: XlsxError) -> Error {
    let what = match error {
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error.to_string(),
        _ => "internal fault: the workbook cannot be made".to_owned(),
    };
    Error::incomplete(format!("the xlsx report: {what}"))
        .with_help("make room, or name another directory with --temp-dir")
}

/// An output that keeps the error it failed with.
struct Into<'o, 'a> {
    out: &'o mut Out<'a>,
    failed: Option<Error>,
}

impl Write for Into<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.bytes(bytes);
        written.map(|()| bytes.len()).map_err(|error| {
            self.failed.get_or_insert(error);
            io::Error::other("not written")
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell<'_>,
    kind: Kind,
    formats: &Formats,
) -> std::result::Result<(), XlsxError> {
    let format = formats.of(kind);
    let text = |sheet: &mut Worksheet, text: &str| {
        let format = if kind.is_text() { format } else { formats.of(Kind::Text) };
        sheet.write_string_with_format(row, column, text, format).map(drop)
    };
    match cell {
        Cell::Nothing => Ok(()),
        Cell::Text("") => Ok(()),
        Cell::Text(shown) => text(sheet, shown),
        Cell::Count(number) if *number < NUMBER_END => {
            sheet.write_number_with_format(row, column, *number as f64, format).map(drop)
        }
        Cell::Count(number) => text(sheet, &number.to_string()),
        Cell::Money(Cents(cents)) if cents.unsigned_abs() < CENTS_END => {
            let dollars = *cents as f64 / 100.0;
            sheet.write_number_with_format(row, column, dollars, format).map(drop)
        }
        Cell::Money(amount) => text(sheet, &amount.to_string()),
        Cell::Day(day) => match date(*day) {
            Some(date) => sheet.write_datetime_with_format(row, column, &date, format).map(drop),
            None => text(sheet, &day.to_string()),
        },
    }
}

/// A day as a workbook has it, where the first is in 1900.
fn date(day: Date) -> Option<ExcelDateTime> {
    let (year, month, day) = day.ymd();
    let year = u16::try_from(year).ok().filter(|year| (1901..=9999).contains(year))?;
    ExcelDateTime::from_ymd(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
}
