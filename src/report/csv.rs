//! One CSV row for each finding, safe to open in a spreadsheet.

use crate::error::Result;
use crate::model::finding::FindingView;
use crate::report::render::{ByRule, Names, Piece, Render};
use crate::report::row::{COLUMNS, CONTROL_COLUMNS, InControls, SCHEMA, counting};
use crate::report::{Out, Sink, Summary, append, fingerprint};

/// Writes findings as CSV, with the columns of [`COLUMNS`].
pub struct Csv<'a> {
    out: Out<'a>,
}

impl<'a> Csv<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out }
    }
}

impl Sink for Csv<'_> {
    fn begin(&mut self, summary: &Summary) -> Result<()> {
        self.out.text(&COLUMNS.join(","))?;
        if !InControls::new(summary).is_empty() {
            self.out.text(",")?;
            self.out.text(&CONTROL_COLUMNS.join(","))?;
        }
        self.out.text("\n")
    }

    fn renderer<'s>(&self, summary: &'s Summary) -> Option<Box<dyn Render + 's>> {
        Some(Box::new(Records::new(summary)))
    }

    fn rendered(&mut self, piece: &Piece) -> Result<()> {
        self.out.bytes(&piece.bytes)
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        self.out.flush()
    }
}

/// Writes findings as CSV records.
struct Records<'s> {
    /// The cells before the name of the input, and the code of the rule.
    heads: ByRule<(Vec<u8>, &'static str)>,
    names: Names,
    controls: InControls,
    summary: &'s Summary,
}

impl<'s> Records<'s> {
    fn new(summary: &'s Summary) -> Self {
        let heads = ByRule::new(summary, |rule, severity| {
            let info = rule.map(|rule| rule.info);
            let code = info.map_or("", |info| info.code);
            let mut head = Vec::new();
            let name = info.map_or("", |info| info.name);
            for text in [SCHEMA, code, name, severity.name()] {
                append::csv("", text, &mut head);
                head.push(b',');
            }
            (head, code)
        });
        let (names, controls) = (Names::new(summary, guarded), InControls::new(summary));
        Self { heads, names, controls, summary }
    }

    /// The lines that a finding speaks of, in one cell.
    fn related(&self, finding: &FindingView<'_>) -> String {
        let related = finding.related.iter().map(|other| {
            let record = counting(other.place.record).map(|record| record.to_string());
            let file = self.summary.source_name(other.place.source);
            format!("{file}:{}:{}", record.unwrap_or_default(), other.value)
        });
        related.collect::<Vec<_>>().join(" | ")
    }
}

impl Render for Records<'_> {
    fn render(&self, finding: &FindingView<'_>, into: &mut Piece) {
        let into = &mut into.bytes;
        let (head, code) = self.heads.get(finding.rule, finding.severity);
        let place = finding.place;
        into.extend_from_slice(head);
        into.extend_from_slice(self.names.get(place.source));
        let byte = counting(place.record).map(|_| place.byte);
        for number in [counting(place.record), counting(place.line), byte] {
            into.push(b',');
            number.into_iter().for_each(|number| append::number(number, into));
        }
        for text in [finding.claim_id, finding.service_line] {
            into.push(b',');
            guarded(text.unwrap_or_default(), into);
        }
        into.push(b',');
        into.extend_from_slice(finding.field.map_or("", |field| field.name()).as_bytes());
        for text in [finding.value, Some(finding.message), finding.suggestion] {
            into.push(b',');
            guarded(text.unwrap_or_default(), into);
        }
        into.push(b',');
        if !finding.related.is_empty() {
            guarded(&self.related(finding), into);
        }
        into.push(b',');
        finding.amount.into_iter().for_each(|amount| append::money(amount, into));
        into.push(b',');
        fingerprint::append(code, finding, into);
        if !self.controls.is_empty() {
            let (interchange, set) = self.controls.of(place).unwrap_or_default();
            for number in [interchange, set] {
                into.push(b',');
                guarded(number.unwrap_or_default(), into);
            }
        }
        into.push(b'\n');
    }
}

/// Appends a cell, guarded where a spreadsheet would run it. What acts on a terminal is shown as
/// `\u{1b}`; NDJSON has the cell as it was.
fn guarded(cell: &str, into: &mut Vec<u8>) {
    let guard = if is_formula(cell) { "'" } else { "" };
    let is_usual = cell.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_usual || !cell.contains(acts) {
        return append::csv(guard, cell, into);
    }
    let mut shown = String::with_capacity(cell.len() + 16);
    for character in cell.chars() {
        match acts(character) {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    append::csv(guard, &shown, into);
}

/// Whether a character acts on a terminal; a line end in a cell and a tab do no harm there.
fn acts(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

/// Whether a spreadsheet would run a cell as a formula; a `'` before it makes it text. A formula in
/// a claim export may fetch an address with the patient's data in it when the report is opened.
fn is_formula(cell: &str) -> bool {
    const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    cell.starts_with(STARTS) && !is_plain_number(cell)
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
    use crate::report::twin::Row;
    use crate::report::{Format, canned};

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for cell in ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-", "--5", "-1e5"]
        {
            assert!(is_formula(cell), "{cell:?}");
        }
        for cell in ["", "99213", "-5.00", "+5", "1E10", "00123", "a=b", "'99213"] {
            assert!(!is_formula(cell), "{cell:?}");
        }
    }

    #[test]
    fn what_is_written_reads_back_but_for_the_guard() {
        let (text, summary) = (canned::rendered(Format::Csv), canned::summary());
        assert!(text.contains("\\u{9b}31m") && !text.contains(acts), "it acts on a terminal");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), COLUMNS.as_slice());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let findings = canned::findings();
        assert_eq!(records.len(), findings.len());
        for (record, finding) in records.iter().zip(&findings) {
            let row = serde_json::to_value(Row::of(finding, &summary)).unwrap();
            for (column, cell) in COLUMNS.iter().zip(record) {
                let want = match &row[column] {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => {
                        let shown = |character: char| match acts(character) {
                            true => character.escape_unicode().to_string(),
                            false => character.to_string(),
                        };
                        text.chars().map(shown).collect()
                    }
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
        assert_eq!(text.trim_end(), COLUMNS.join(","));
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::printable(&canned::rendered(Format::Csv)));
    }
}
