//! Service lines put together cell by cell, for inputs in which the cells of a line do not lie side
//! by side.

use std::sync::Arc;

use crate::input::decode::{cell, trimmed};
use crate::input::records::compare_codes;
use crate::model::batch::{Column, Columns, Place, Span};
use crate::model::claim::PART;
use crate::model::damage::read_procedure;
use crate::model::{Batch, Field, FieldSet, Procedure, Vocabulary};

/// Which cells the lines of an input are made of; the same for all threads.
#[derive(Debug, Clone)]
pub struct RowForm {
    source: u32,
    cells: Vec<Field>,
    columns: Arc<Columns>,
    claim: Column,
    code: Column,
    vocabulary: Arc<Vocabulary>,
}

impl RowForm {
    /// For an input that has these fields, in order of preference where one comes several times,
    /// and rules that read the fields in `read`.
    pub fn new(
        source: u32,
        fields: &[Field],
        read: FieldSet,
        vocabulary: Arc<Vocabulary>,
    ) -> RowForm {
        let always = [Field::ClaimId, Field::ProcedureCode];
        let is_read = |field: &Field| read.contains(*field) || always.contains(field);
        let cells: Vec<Field> = fields.iter().copied().filter(is_read).collect();
        let mut columns: Columns = std::array::from_fn(|_| Column::NotMapped);
        for field in fields {
            let at: Vec<u32> =
                (0..).zip(&cells).filter(|(_, of)| *of == field).map(|(at, _)| at).collect();
            let column = match at.as_slice() {
                [] => Column::NotRead,
                [only] => Column::At(*only),
                _ => Column::FirstFilled(at),
            };
            columns.get_mut(*field as usize).into_iter().for_each(|of| *of = column.clone());
        }
        let column = |field: Field| columns.get(field as usize).cloned().unwrap_or_default();
        RowForm {
            source,
            cells,
            claim: column(Field::ClaimId),
            code: column(Field::ProcedureCode),
            columns: Arc::new(columns),
            vocabulary,
        }
    }

    /// The fields of the cells of a line, in the order in which they are to be written.
    pub fn cells(&self) -> &[Field] {
        &self.cells
    }

    /// Which input the lines come from.
    pub fn source(&self) -> u32 {
        self.source
    }

    /// Whether a trimmed text means "no value".
    pub fn is_missing(&self, text: &[u8]) -> bool {
        self.vocabulary.missing.contains(text)
    }

    /// A batch to write into.
    pub fn batch(&self) -> Batch {
        let (columns, vocabulary) = (Arc::clone(&self.columns), Arc::clone(&self.vocabulary));
        Batch::new(self.source, self.cells.len(), false, columns, vocabulary)
    }
}

/// Writes lines into a batch.
pub struct RowWriter<'b> {
    form: &'b RowForm,
    batch: &'b mut Batch,
    /// Cells of the line so far.
    written: usize,
    /// Whether the code of the line is of another system than CPT, HCPCS and CDT.
    is_foreign: bool,
    /// Where the ends of the line's cells begin.
    at: usize,
    /// The key of the claim that the lines are of, if they are known to be of one.
    claim: OfClaim,
}

/// What is known of the claim of a line.
#[derive(Debug, Clone, Copy)]
enum OfClaim {
    /// Nothing: each line says it.
    Any,
    /// It is that of the line after it, and none was written yet.
    Same,
    /// It has this key.
    Known(Span),
}

impl<'b> RowWriter<'b> {
    /// Empties a batch of the form, and writes into it.
    pub fn new(form: &'b RowForm, batch: &'b mut Batch) -> RowWriter<'b> {
        batch.clear(None);
        let (is_foreign, claim) = (false, OfClaim::Any);
        RowWriter { form, batch, written: 0, is_foreign, at: 0, claim }
    }

    /// The batch as it is so far.
    pub fn batch(&mut self) -> &mut Batch {
        self.batch
    }

    /// Writes the next cell of the line: its text, which must be UTF-8 without NUL, as far as it
    /// has one. Cells beyond those of the form are left out.
    #[inline]
    pub fn cell(&mut self, text: &[u8]) {
        if self.begins_cell() {
            self.batch.text.extend_from_slice(text);
            self.ends_cell(self.batch.text.len());
            self.batch.text.push(b'\n');
        }
    }

    /// The same for a text of up to 15 bytes in the lowest bytes of a number, all other bytes of
    /// which are zero.
    #[inline]
    pub fn short_cell(&mut self, length: usize, text: u128) {
        if self.begins_cell() {
            // All of it is written, with what stands after it, and what is too much cut off.
            let start = self.batch.text.len();
            let text = text | u128::from(b'\n') << (8 * length);
            self.batch.text.extend_from_slice(&text.to_le_bytes());
            self.batch.text.truncate(start + length + 1);
            self.ends_cell(start + length);
        }
    }

    /// Makes room for a cell; there is none beyond those of the form.
    #[inline]
    fn begins_cell(&mut self) -> bool {
        let width = self.batch.width;
        if self.written >= width {
            debug_assert!(false, "a line has a cell too many");
            return false;
        }
        if self.written == 0 {
            self.batch.starts.push(self.batch.text.len() as u32);
            self.at = self.batch.len() * width;
            if self.batch.ends.len() < self.at + width {
                self.batch.ends.resize(self.at + width, 0);
            }
        }
        true
    }

    /// Says that the cell ends at this length of the text; the next begins one byte after it.
    #[inline]
    fn ends_cell(&mut self, end: usize) {
        let end = end as u32;
        self.batch.ends.get_mut(self.at + self.written).into_iter().for_each(|to| *to = end);
        self.written += 1;
    }

    /// Says that the lines from here on, until this is said again, are of one claim: they all have
    /// the same number, and are given the same parts.
    pub fn begin_claim(&mut self) {
        self.claim = OfClaim::Same;
    }

    /// Says that the procedure code of the line is of another system than CPT, HCPCS and CDT.
    pub fn code_is_foreign(&mut self) {
        self.is_foreign = true;
    }

    /// Ends the line, which lies at `place`. `parts` tell its claim from others of the same number.
    /// Cells that were not written are empty.
    pub fn end_line(&mut self, place: Place, parts: &[&[u8]]) {
        while self.written < self.batch.width {
            self.cell(b"");
        }
        self.written = 0;
        let row = self.batch.len();
        let mut tidied = self.batch.tidied;
        let procedure = match cell(self.batch, &self.form.code, row) {
            Some(_) if std::mem::take(&mut self.is_foreign) => Procedure::Foreign,
            Some(code) => {
                read_procedure(self.batch.slice(code), &self.form.vocabulary, &mut tidied)
            }
            None => Procedure::Missing,
        };
        self.batch.tidied = tidied;
        let claim = match self.claim {
            OfClaim::Known(key) => key,
            OfClaim::Any | OfClaim::Same => {
                let claim = cell(self.batch, &self.form.claim, row).unwrap_or_default();
                self.key(trimmed(self.batch, claim), parts)
            }
        };
        if matches!(self.claim, OfClaim::Same) {
            self.claim = OfClaim::Known(claim);
        }
        let start = self.batch.starts.last().copied().unwrap_or_default();
        self.batch.put_place(place);
        self.batch.put_line(start, claim, procedure);
        if let Column::FirstFilled(columns) = &self.form.code {
            compare_codes(self.batch, columns, row);
        }
    }

    /// The key of a claim, written after the cells where it has further parts.
    fn key(&mut self, number: Span, parts: &[&[u8]]) -> Span {
        if parts.is_empty() || self.batch.is_missing(number) {
            return number;
        }
        let start = self.batch.text.len();
        let Span { start: from, len } = number;
        self.batch.text.extend_from_within(from as usize..from as usize + len as usize);
        for part in parts {
            self.batch.text.push(PART);
            self.batch.text.extend_from_slice(part);
        }
        Span { start: start as u32, len: (self.batch.text.len() - start) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::cell::MissingWords;
    use crate::model::{Class, Code};

    fn place(record: u64) -> Place {
        Place { source: 3, record, line: record, byte: record * 10 }
    }

    fn form(fields: &[Field], read: &[Field]) -> RowForm {
        let words = Vocabulary { missing: MissingWords::new(["NULL"]), modifiers: BTreeSet::new() };
        RowForm::new(3, fields, read.iter().copied().collect(), Arc::new(words))
    }

    #[test]
    fn lines_say_what_was_written() {
        use Field::{Charge, ClaimId, ProcedureCode, Units};
        let form = form(&[Charge, ProcedureCode, Units, ClaimId], &[Charge]);
        assert_eq!(form.cells(), [Charge, ProcedureCode, ClaimId]);
        let mut batch = form.batch();
        for _ in 0..2 {
            let mut rows = RowWriter::new(&form, &mut batch);
            rows.cell(b"5.00");
            rows.cell(b" 99213");
            rows.cell(b" C1 ");
            rows.end_line(place(1), &[]);
            rows.cell(b"\"6\n\"");
            rows.cell(b"3044F");
            rows.cell(b"C1");
            rows.end_line(place(2), &[b"A", b""]);
            rows.cell(b"7");
            rows.end_line(place(3), &[b"A"]);
        }
        let lines: Vec<_> = batch.lines().collect();
        let raw: Vec<&[u8]> = lines.iter().map(|line| line.raw(Charge)).collect();
        assert_eq!(raw, [&b"5.00"[..], b"\"6\n\"", b"7"]);
        let keys: Vec<_> = lines.iter().map(|line| line.claim_key()).collect();
        assert_eq!(keys, [Some(&b"C1"[..]), Some(b"C1\xFFA\xFF"), None]);
        let ids: Vec<_> = lines.iter().map(|line| line.claim_id()).collect();
        assert_eq!(ids, [Some(&b"C1"[..]), Some(b"C1"), None]);
        let code = Procedure::Coded(Code::parse(b"3044F").unwrap().0, Class::CategoryTwo);
        assert_eq!(lines[1].procedure(), code);
        assert_eq!(lines[2].procedure(), Procedure::Missing);
        assert_eq!(lines[1].place(), place(2));
        assert_eq!(batch.without_claim(), [2]);
        assert!(lines[0].has(Units) && !lines[0].has(Field::PatientId));
    }

    #[test]
    fn short_cells_are_cells() {
        use Field::{Charge, ClaimId, ProcedureCode};
        let form = form(&[Charge, ProcedureCode, ClaimId], &[Charge]);
        let mut batch = form.batch();
        let mut rows = RowWriter::new(&form, &mut batch);
        let longest = b"123456789012.45";
        for text in [&longest[..], b"99213", b"C1", b"", b"99214", b"C2"] {
            let mut bytes = [0; 16];
            bytes[..text.len()].copy_from_slice(text);
            rows.short_cell(text.len(), u128::from_le_bytes(bytes));
            if text.starts_with(b"C") {
                rows.end_line(place(1), &[]);
            }
        }
        let raw = |field| batch.lines().map(|line| line.raw(field).to_vec()).collect::<Vec<_>>();
        assert_eq!(raw(Charge), [&longest[..], b""]);
        assert_eq!(raw(ProcedureCode), [b"99213", b"99214"]);
        assert_eq!(raw(ClaimId), [b"C1", b"C2"]);
    }

    #[test]
    fn lines_of_one_claim_share_its_key() {
        use Field::{ClaimId, ProcedureCode};
        let form = form(&[ClaimId, ProcedureCode], &[]);
        let mut batch = form.batch();
        let mut rows = RowWriter::new(&form, &mut batch);
        for (claim, part) in [(" C1", b"1"), ("C1", b"2")] {
            rows.begin_claim();
            for record in 0..2 {
                rows.cell(claim.as_bytes());
                rows.cell(b"99213");
                rows.end_line(place(record), &[part]);
            }
        }
        rows.begin_claim();
        rows.cell(b"NULL");
        rows.end_line(place(5), &[b"3"]);
        let keys: Vec<_> = batch.lines().map(|line| line.claim_key()).collect();
        let [one, two] = [&b"C1\xFF1"[..], b"C1\xFF2"].map(Some);
        assert_eq!(keys, [one, one, two, two, None]);
    }

    #[test]
    fn of_several_cells_for_a_field_the_first_that_is_filled_counts() {
        use Field::{ClaimId, ProcedureCode};
        let form = form(&[ClaimId, ProcedureCode, ProcedureCode], &[]);
        let mut batch = form.batch();
        let mut rows = RowWriter::new(&form, &mut batch);
        for (record, codes) in [(1, ["99213", "99214"]), (2, ["", "99214"])] {
            rows.cell(b"C");
            codes.iter().for_each(|code| rows.cell(code.as_bytes()));
            rows.end_line(place(record), &[]);
        }
        let raw: Vec<_> = batch.lines().map(|line| line.raw(ProcedureCode).to_vec()).collect();
        assert_eq!(raw, [b"99213".to_vec(), b"99214".to_vec()]);
        assert_eq!(batch.line(0).other_procedure_code(), Some(&b"99214"[..]));
        assert_eq!(batch.doubly_coded, 1);
    }
}
