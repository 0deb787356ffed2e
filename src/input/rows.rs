//! Service lines put together cell by cell, for inputs in which the cells of a line do not lie side
//! by side.

use std::sync::Arc;

use crate::input::decode::{cell, trimmed};
use crate::input::packed::{
    CELL_BYTES, Elsewhere, PackedCell, SHORT_BYTES_MAX, is_text_without_nul,
};
use crate::input::records::compare_codes;
use crate::model::batch::{Column, Columns, Place, Span};
use crate::model::claim::PART;
use crate::model::damage::read_procedure;
use crate::model::{Batch, Code, Field, FieldSet, Procedure, Vocabulary};

/// Which cells the lines of an input are made of; the same for all threads.
#[derive(Debug, Clone)]
pub struct RowForm {
    source: u32,
    cells: Vec<Field>,
    columns: Arc<Columns>,
    claim: Column,
    code: Column,
    /// The length of the longest word for a missing cell.
    missing_longest: usize,
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
            missing_longest: vocabulary.missing.longest(),
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

/// What lines that are written at once may be.
#[derive(Debug, Clone, Copy)]
pub struct LineLimits {
    /// Bytes of a cell.
    pub cell: usize,
    /// Bytes of the text of a batch.
    pub text: usize,
    /// Whether all cells are known to be UTF-8 without NUL.
    pub is_text: bool,
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

    /// Writes lines of short cells and others, the texts of which `long` finds for their column,
    /// the first of them at `place`, in a batch that numbers its lines. Writes nothing, and says
    /// so, where a cell or the text of the batch is longer than it may be, or a cell is no UTF-8
    /// without NUL.
    pub fn lines<'c>(
        &mut self,
        place: Place,
        cells: &[PackedCell],
        limits: LineLimits,
        long: impl Fn(usize, Elsewhere) -> &'c [u8],
    ) -> bool {
        let (width, begin) = (self.batch.width, self.batch.text.len());
        if width == 0 || limits.cell < SHORT_BYTES_MAX || !matches!(self.claim, OfClaim::Any) {
            return false;
        }
        let at = self.batch.len() * width;
        if self.batch.ends.len() < at + cells.len() {
            self.batch.ends.resize(at + cells.len(), 0);
        }
        let Batch { text, ends, .. } = &mut *self.batch;
        let ends = ends.get_mut(at..).unwrap_or_default();
        let end = Cells { cells, width, limits, long }.write(text, ends);
        // A line break is in no longer character, so that all of the text is UTF-8 if each cell is.
        let is_text = |text| limits.is_text || is_text_without_nul(text);
        let end = end.filter(|end| text.get(begin..*end).is_some_and(is_text));
        text.truncate(end.unwrap_or(begin));
        if end.is_none() {
            return false;
        }
        let mut start = begin as u32;
        for record in 0..(cells.len() / width) as u64 {
            let last = (self.batch.len() + 1) * width - 1;
            let end = self.batch.ends.get(last).copied().unwrap_or(start);
            let place = Place { record: place.record + record, line: place.line + record, ..place };
            if !self.end_usual(start, end, place) {
                self.batch.starts.push(start);
                self.put(place, &[]);
            }
            start = end + 1;
        }
        true
    }

    /// Ends a line with a well-formed code and nothing unusual about its claim number, as nearly
    /// all are, and does nothing to any other: [`RowWriter::put`] would do the same.
    #[inline(always)]
    fn end_usual(&mut self, start: u32, end: u32, place: Place) -> bool {
        let (Column::At(code), Column::At(claim)) = (&self.form.code, &self.form.claim) else {
            return false;
        };
        let Some((code, class)) = Code::parse(self.batch.next_cell(start, *code, end)) else {
            return false;
        };
        let claim = self.batch.next_cell(start, *claim, end);
        let is_plain = match claim {
            [first, .., last] => first.is_ascii_graphic() && last.is_ascii_graphic(),
            _ => false,
        };
        // A short one may be a word for none.
        if !is_plain || claim.len() <= self.form.missing_longest {
            return false;
        }
        let at = claim.as_ptr().addr() - self.batch.text.as_ptr().addr();
        let claim = Span { start: at as u32, len: claim.len() as u32 };
        self.batch.put_place(place);
        self.batch.put_coded_line(start, claim, code, class);
        true
    }

    /// Ends the line, which lies at `place`. `parts` tell its claim from others of the same number.
    /// Cells that were not written are empty.
    pub fn end_line(&mut self, place: Place, parts: &[&[u8]]) {
        while self.written < self.batch.width {
            self.cell(b"");
        }
        self.written = 0;
        self.put(place, parts);
    }

    /// Adds the line whose cells were written.
    fn put(&mut self, place: Place, parts: &[&[u8]]) {
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

/// Cells that are written behind a text.
struct Cells<'c, F> {
    /// The cells, row by row.
    cells: &'c [PackedCell],
    /// How many a row has.
    width: usize,
    limits: LineLimits,
    /// Finds the text of a cell that is not short.
    long: F,
}

impl<'c, F: Fn(usize, Elsewhere) -> &'c [u8]> Cells<'_, F> {
    /// Writes the cells behind a text, each followed by a line break, and where they end, and says
    /// where the text ends. Nothing where it may not stand: see [`RowWriter::lines`].
    fn write(&self, text: &mut Vec<u8>, ends: &mut [u32]) -> Option<usize> {
        let (mut at, mut done) = (text.len(), 0);
        let mut more = 0;
        while done < self.cells.len() {
            let left = self.cells.len() - done;
            // Room for the others to be short, and for as many bytes again where one is not.
            text.resize(at + left * CELL_BYTES + 2 * more, 0);
            (at, done, more) = self.write_into(text, (at, done), ends)?;
        }
        (at <= self.limits.text).then_some(at)
    }

    /// The same from a place in the text and a cell on, into a text that has room for as many short
    /// cells as there are, up to a cell for which it does not. Says where the text ends, what cell
    /// comes next, and how many bytes that has.
    #[inline]
    fn write_into(
        &self,
        text: &mut [u8],
        (mut at, from): (usize, usize),
        ends: &mut [u32],
    ) -> Option<(usize, usize, usize)> {
        let (cells, ends) = (self.cells.get(from..)?, ends.get_mut(from..)?);
        for (number, (cell, end)) in (from..).zip(cells.iter().zip(ends)) {
            if let Some(length) = cell.short_length() {
                // All sixteen bytes are written; the next cell begins behind the line break.
                text.get_mut(at..at.wrapping_add(CELL_BYTES))?.copy_from_slice(&cell.bytes());
                at = at.wrapping_add(length);
            } else {
                let bytes = (self.long)(number % self.width, cell.place()?);
                if bytes.len() > self.limits.cell || at + bytes.len() > self.limits.text {
                    return None;
                }
                let others = (self.cells.len() - number) * CELL_BYTES;
                if at + bytes.len() + others > text.len() {
                    return Some((at, number, bytes.len()));
                }
                text.get_mut(at..at + bytes.len())?.copy_from_slice(bytes);
                at += bytes.len();
                *text.get_mut(at)? = b'\n';
            }
            *end = at as u32;
            at = at.wrapping_add(1);
        }
        Some((at, self.cells.len(), 0))
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

    /// Texts that a cell may hold, and one that it may not.
    fn texts() -> Vec<Vec<u8>> {
        let words =
            ["", "99213", "3044F", "99213 ", "junk", "C1", " C2", "NULL", "nul", "Clinique"];
        let mut texts: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        texts
            .extend(["\u{a0}C3", "caf\u{e9}", "12345678901234", "123456789012345"].map(Into::into));
        texts.push(vec![b'x'; 40]);
        texts.push(vec![0xc3]);
        texts
    }

    /// All that is to be the same of two batches.
    fn said(batch: &Batch) -> String {
        let lines = batch.lines().map(|line| {
            let cells = Field::ALL.iter().filter(|field| line.has(**field));
            let cells: Vec<_> = cells.map(|field| line.raw(*field).to_vec()).collect();
            (cells, line.claim_key().map(<[u8]>::to_vec), line.procedure(), line.place())
        });
        let rows = (batch.uncoded(), batch.without_claim(), batch.tidied, batch.doubly_coded);
        format!("{:?} {rows:?}", lines.collect::<Vec<_>>())
    }

    proptest::proptest! {
        #[test]
        fn lines_at_once_are_those_that_are_written_cell_by_cell(
            picks in proptest::collection::vec(0_usize..16, 4..80),
            blocks in proptest::collection::vec(1_usize..9, 1..20),
            has_two_codes: bool,
            cell_max in 0_usize..60,
        ) {
            use Field::{Charge, ClaimId, ProcedureCode};
            let last = if has_two_codes { ProcedureCode } else { Charge };
            let form = form(&[Charge, ProcedureCode, ClaimId, last], &[Charge]);
            let (texts, width) = (texts(), form.cells().len());
            let cells: Vec<&Vec<u8>> = picks.iter().map(|pick| &texts[*pick]).collect();
            let rows: Vec<&[&Vec<u8>]> = cells.chunks_exact(width).collect();
            let (mut one, mut all) = (form.batch(), form.batch());
            let mut slow = RowWriter::new(&form, &mut one);
            let mut fast = RowWriter::new(&form, &mut all);
            fast.batch().number_from(Place { byte: 0, ..place(1) });
            let (mut done, mut blocks) = (0, blocks.iter().cycle());
            while done < rows.len() {
                let block = &rows[done..rows.len().min(done + blocks.next().unwrap())];
                // The texts that are not short stand in a buffer for all of them.
                let mut buffer = vec![0; CELL_BYTES];
                let packed: Vec<PackedCell> = block.concat().iter().map(|text| {
                    let start = buffer.len();
                    buffer.extend_from_slice(text);
                    let padded = [buffer.as_slice(), &[0xff; CELL_BYTES]].concat();
                    PackedCell::of(&padded, start, text.len(), 7).unwrap()
                }).collect();
                let long = |_, of: Elsewhere| &buffer[of.start as usize..][..of.length as usize];
                let here = |row: usize| Place { byte: 0, ..place((done + row) as u64 + 1) };
                let limits = LineLimits { cell: cell_max, text: 300, is_text: false };
                let is_done = fast.lines(here(0), &packed, limits, long);
                let longest = block.concat().iter().map(|text| text.len()).max().unwrap();
                if longest <= cell_max && !block.concat().contains(&&vec![0xc3]) {
                    let size = fast.batch().text.len() + packed.len() * 41;
                    proptest::prop_assert!(is_done || cell_max < SHORT_BYTES_MAX || size > 300);
                } else {
                    proptest::prop_assert!(!is_done);
                }
                for (number, row) in block.iter().enumerate() {
                    row.iter().for_each(|text| slow.cell(text));
                    slow.end_line(here(number), &[]);
                    if !is_done {
                        row.iter().for_each(|text| fast.cell(text));
                        fast.end_line(here(number), &[]);
                    }
                }
                done += block.len();
            }
            proptest::prop_assert_eq!(said(&all), said(&one));
        }
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
