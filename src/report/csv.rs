//! One CSV row for each finding, safe to open in a spreadsheet.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::model::Finding;
use crate::report::row::Row;
use crate::report::{Out, Sink, Summary};

/// Writes findings as CSV, with the columns of [`Row::COLUMNS`].
pub struct Csv<'a> {
    out: Out<'a>,
}

impl<'a> Csv<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out }
    }

    fn record<'b>(&mut self, cells: impl IntoIterator<Item = Cow<'b, str>>) -> Result<()> {
        // The line is made in memory, so that a failed write keeps the name of its output.
        let mut line = csv::WriterBuilder::new().buffer_capacity(1024).from_writer(Vec::new());
        let written = line.write_record(cells.into_iter().map(Text));
        written.map_err(|error| Error::incomplete(format!("CSV: {error}")))?;
        let bytes = line.into_inner().map_err(|error| Error::write("CSV", error.error()))?;
        self.out.bytes(&bytes)
    }
}

impl Sink for Csv<'_> {
    fn begin(&mut self, _: &Summary) -> Result<()> {
        self.record(Row::COLUMNS.map(Cow::Borrowed))
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        let row = Row::of(finding, summary);
        let related = row
            .related
            .iter()
            .map(|other| format!("{}:{}:{}", other.file, number(other.record), other.value));
        let related = related.collect::<Vec<_>>().join(" | ");
        self.record([
            Cow::Borrowed(row.schema),
            Cow::Borrowed(row.rule),
            Cow::Borrowed(row.name),
            Cow::Borrowed(row.severity),
            guarded(row.file),
            number(row.record),
            number(row.line),
            number(row.byte),
            guarded(row.claim_id.unwrap_or_default()),
            guarded(row.service_line.unwrap_or_default()),
            Cow::Borrowed(row.field.unwrap_or_default()),
            guarded(row.value.unwrap_or_default()),
            guarded(row.message),
            guarded(row.suggestion.unwrap_or_default()),
            guarded(&related),
            Cow::Owned(row.amount.unwrap_or_default()),
            Cow::Owned(row.fingerprint),
        ])
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        self.out.flush()
    }
}

/// A cell as the `csv` crate takes it.
struct Text<'a>(Cow<'a, str>);

impl AsRef<[u8]> for Text<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn number(number: Option<u64>) -> Cow<'static, str> {
    Cow::Owned(number.map(|number| number.to_string()).unwrap_or_default())
}

/// A cell that a spreadsheet would run as a formula, with the `'` that makes it text. A formula in
/// a claim export may fetch an address with the patient's data in it when the report is opened.
fn guarded(cell: &str) -> Cow<'_, str> {
    const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(STARTS) && !is_plain_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Whether the whole cell is digits with at most one sign and one point, such as `-5.00`.
fn is_plain_number(cell: &str) -> bool {
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for cell in ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-", "--5", "-1e5"]
        {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "99213", "-5.00", "+5", "1E10", "00123", "a=b", "'99213"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn what_is_written_reads_back_but_for_the_guard() {
        let (text, summary) = (canned::rendered(Format::Csv), canned::summary());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), Row::COLUMNS.as_slice());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let findings = canned::findings();
        assert_eq!(records.len(), findings.len());
        for (record, finding) in records.iter().zip(&findings) {
            let row = serde_json::to_value(Row::of(finding, &summary)).unwrap();
            for (column, cell) in Row::COLUMNS.iter().zip(record) {
                let want = match &row[column] {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text.clone(),
                    serde_json::Value::Array(_) => continue,
                    other => other.to_string(),
                };
                assert!(cell == want || cell.strip_prefix('\'') == Some(&want), "{cell:?}");
                assert!(!cell.starts_with(['=', '+', '@', '\t', '\r']), "{cell:?}");
            }
        }
    }

    #[test]
    fn the_header_is_written_when_there_are_no_findings() {
        let text = canned::render(Format::Csv, &Summary::default(), &[]);
        assert_eq!(text.trim_end(), Row::COLUMNS.join(","));
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::printable(&canned::rendered(Format::Csv)));
    }
}
