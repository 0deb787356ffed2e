//! DAT001: a date cell that holds no day of the calendar.

use crate::declare_rule;
use crate::error::Result;
use crate::lint::{Builder, Check, LineCheck};
use crate::model::date_format::DateFormat;
use crate::model::masking::shape;
use crate::model::{Cell, Date, Findings, Line};

declare_rule! {
    /// ## What it checks
    /// That every filled date cell (first and last day of service, day of filing, date of birth)
    /// holds a day of the calendar, written as the dates of its column are: `2026-03-01`,
    /// `20260301`, `01-MAR-2026` (or `01MAR2026`), or `3/1/2026` with the month or the day first,
    /// with or without a time of day after it. How a column is written is found out from its
    /// first records and stuck to; a date that is written otherwise is malformed. A line has one
    /// finding, however many of its dates are malformed.
    ///
    /// ## Why it matters
    /// A clearinghouse rejects a date that is none. Rules that judge by the day of service leave
    /// such a line out, so the rest of it stays unchecked until the date is mended.
    ///
    /// ## Example
    /// ```csv
    /// claim_id,service_line,procedure_code,service_date,expect
    /// CLM0001,1,99213,2026-03-02,
    /// CLM0002,1,99213,02/30/2026,DAT001
    /// CLM0003,1,99213,2026-03-02T09:30:00Z,
    /// CLM0004,1,99213,02MAR2026,DAT001
    /// CLM0005,1,99213,46083,DAT001
    /// CLM0006,1,99213,,
    /// ```
    ///
    /// ## How to fix
    /// Export the column as a date in the layout `2026-03-01`. Leave the cell empty where there is
    /// no date.
    ///
    /// ## Source
    /// X12 837: dates are days of the calendar, written CCYYMMDD.
    pub static RULE = {
        code: "DAT001", name: "malformed-date", title: "Date that is no day of the calendar",
        fix: "export the column as dates in the layout 2026-03-01",
        scope: Line, category: Date, severity: Error, since: "0.1.0",
        reads: [ServiceDate, ServiceEnd, ReceivedDate, PatientBirthDate], needs: [], build: build,
    }
}

struct MalformedDate;

fn build(builder: &mut Builder<'_>) -> Result<Check> {
    builder.options.finish()?;
    Ok(Check::Line(Box::new(MalformedDate)))
}

impl LineCheck for MalformedDate {
    fn check(&self, line: Line<'_>, out: &mut Findings) {
        let dates =
            [line.service_date(), line.service_end(), line.received_date(), line.birth_date()];
        if dates.contains(&Cell::Malformed) {
            out.judge();
            report(line, &dates, out);
        } else if dates.iter().any(|date| *date != Cell::Missing) {
            out.judge();
        }
    }
}

#[cold]
fn report(line: Line<'_>, dates: &[Cell<Date>], out: &mut Findings) {
    let fields = RULE.info.reads.iter().zip(dates);
    let mut malformed =
        fields.filter(|(_, date)| **date == Cell::Malformed).map(|(field, _)| *field);
    let Some(field) = malformed.next() else { return };
    let others: String = malformed.map(|other| format!(", {other}")).collect();
    let text = line.text(field).unwrap_or_default();
    let format = line.date_format(field);
    let verb = if others.is_empty() { "holds" } else { "hold" };
    if is_other_format(text, format) {
        let what = match format {
            // The column had no date in its first records.
            DateFormat::Unmistakable => "a date in a column that began without any",
            _ => "a date that is not written as the others of its column",
        };
        let advice = match format {
            DateFormat::Unmistakable => "say which order it has with --date-format",
            _ => "write all alike",
        };
        let said = format_args!("{field}{others} {verb} {what} ({format}): {advice}");
        out.report(line.row(), Some(field), said);
        return;
    }
    let (holds, advice) = reading(text);
    let subject = format_args!("{field}{others}");
    out.report(line.row(), Some(field), format_args!("{subject} {verb} {holds}: {advice}"));
}

/// Whether a cell that is no date of its column would be one of a column that is written otherwise.
fn is_other_format(text: &[u8], format: DateFormat) -> bool {
    let mut others = DateFormat::NAMED.into_iter().filter(|(_, other)| *other != format);
    format != DateFormat::Any && others.any(|(_, other)| other.read(text).value().is_some())
}

/// What a cell that is no date holds, by its shape alone, and what to do about it.
fn reading(text: &[u8]) -> (&'static str, &'static str) {
    let shape = shape(&String::from_utf8_lossy(text));
    let day = shape.split([' ', ':']).next().unwrap_or_default();
    let day = if day.starts_with("9999-99-99X") { "9999-99-99" } else { day };
    if day.contains('9')
        && !text.iter().any(|byte| byte.is_ascii_alphabetic() || (b'1'..=b'9').contains(byte))
    {
        return ("zeros, which are no day", "leave the cell empty where there is no date");
    }
    match day {
        "9999-99-99" | "99999999" | "99/99/9999" | "9/99/9999" | "99/9/9999" | "9/9/9999"
        | "99-XXX-9999" | "99XXX9999" => {
            ("a day that the calendar does not have", "look the date up")
        }
        "99999" | "99999.9" => ("a spreadsheet's number of days", "export the column as dates"),
        "99999999.9" => ("a date that became a number", "export the column as text"),
        "99-99-9999" | "99.99.9999" | "9-9-9999" => {
            ("a date whose day and month could be either way round", "write it as 2026-03-01")
        }
        "99/99/99" | "9/9/99" | "9/99/99" | "99/9/99" | "99-XXX-99" | "99XXX99" | "99-99-99" => {
            ("a year of two digits", "write all four")
        }
        _ => ("no date in a known layout", "write it as 2026-03-01"),
    }
}
