//! A chunk into a batch: each record into cells, once, and what every rule wants to know of a line.

use std::sync::Arc;

use memchr::memchr;

use crate::input::bytes::Offsets;
use crate::input::chunk::{Chunk, Record};
use crate::input::cut::Cut;
use crate::input::fields::{plain_cells, quoted_cells, unquote};
use crate::input::layout::Layout;
use crate::input::records::{
    instead_of_line, instead_of_ragged, repeats_header, starts_like_footer,
};
use crate::input::split::Marks;
use crate::model::batch::{Column, Columns, Disagreement, Place, Span};
use crate::model::cell::trim;
use crate::model::damage::read_procedure;
use crate::model::{
    Batch, Code, Fault, FaultDetail, FaultKind, Field, FieldSet, Procedure, Vocabulary,
};

/// Turns the chunks of one input into batches; the same for all threads.
pub struct Decoder {
    source: u32,
    marks: Marks,
    layout: Layout,
    columns: Arc<Columns>,
    claim: Column,
    code: Column,
    /// The columns that are read, in the order of the record.
    wanted: Vec<u32>,
    /// The header's name for the claim number.
    claim_name: Option<Vec<u8>>,
    /// The length of the longest word for a missing cell.
    missing_longest: usize,
    vocabulary: Arc<Vocabulary>,
    footers: Vec<String>,
}

/// Why a record is no service line.
type Rejection = (FaultKind, FaultDetail);

impl Decoder {
    /// A decoder of the inputs with this layout, for rules that read the fields in `read`.
    pub fn new(
        source: u32,
        marks: Marks,
        layout: &Layout,
        read: FieldSet,
        vocabulary: Arc<Vocabulary>,
        footers: Vec<String>,
    ) -> Decoder {
        let mut columns: Columns = std::array::from_fn(|_| Column::NotMapped);
        let mut wanted = Vec::new();
        for (field, at) in &layout.columns {
            let at: Vec<u32> = at.iter().map(|column| *column as u32).collect();
            let Some(column) = columns.get_mut(*field as usize) else { continue };
            *column = match at.as_slice() {
                _ if !read.contains(*field) => Column::NotRead,
                [only] => Column::At(*only),
                _ => Column::FirstFilled(at.clone()),
            };
            if read.contains(*field) {
                wanted.extend(at);
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let claim_name = layout.first_column(Field::ClaimId).and_then(|at| layout.names.get(at));
        let claim_name = claim_name.map(|name| name.clone().into_bytes());
        let column = |field: Field| columns.get(field as usize).cloned().unwrap_or_default();
        Decoder {
            source,
            marks,
            layout: layout.clone(),
            claim: column(Field::ClaimId),
            code: column(Field::ProcedureCode),
            columns: Arc::new(columns),
            wanted,
            claim_name,
            missing_longest: vocabulary.missing.longest(),
            vocabulary,
            footers,
        }
    }

    /// A batch to decode into.
    pub fn batch(&self) -> Batch {
        let columns = Arc::clone(&self.columns);
        let width = self.layout.names.len();
        Batch::new(self.source, width, self.marks.quoting, columns, Arc::clone(&self.vocabulary))
    }

    /// Puts the service lines of a chunk, and the records that are none, into a batch of this
    /// decoder, in place of what it held. The text moves to the batch.
    pub fn decode(&self, chunk: &mut Chunk, batch: &mut Batch) {
        let first = Place {
            source: self.source,
            record: chunk.first_record,
            line: chunk.first_line,
            byte: chunk.byte,
        };
        batch.clear(chunk.is_in_a_row().then_some(first));
        std::mem::swap(&mut batch.text, &mut chunk.text);
        let mut cut = Cut::new(chunk, batch);
        let mut offsets = Offsets::new(chunk.found, chunk.byte);
        for (index, record) in chunk.records.iter().enumerate() {
            if batch.is_in_a_row() && self.read_usual(batch, &mut cut, record) {
                continue;
            }
            let other = chunk.other(record);
            let fault = other.and_then(|other| other.fault);
            let is_suspect = other.is_some() || cut.may_have_odd_bytes(record);
            let fault = fault.or_else(|| {
                if !is_suspect {
                    return None;
                }
                let offset = || offsets.of(record.start as usize, &batch.text);
                let fault = undecodable(&batch.text, record, offset)?;
                if other.is_none() {
                    cut.pass_over(batch, record);
                }
                Some(fault)
            });
            let quoted = other.map(|other| other.quoted);
            let fault = fault.or_else(|| self.read(batch, &mut cut, record, quoted));
            if fault.is_none() && batch.is_in_a_row() {
                continue;
            }
            let place = Place {
                source: self.source,
                record: first.record + index as u64,
                line: first.line + u64::from(record.line),
                byte: offsets.of(record.start as usize, &batch.text),
            };
            match fault {
                None => batch.put_place(place),
                Some((kind, detail)) => {
                    batch.break_row();
                    let lines = other.map_or(1, |other| u64::from(other.lines));
                    batch.faults.push(Fault { kind, place, lines, detail });
                }
            }
        }
    }

    /// Adds a plain record with a well-formed code and nothing unusual about its claim number, as
    /// nearly all are, and does nothing to any other: [`Decoder::read`] would do the same.
    #[inline(always)]
    fn read_usual(&self, batch: &mut Batch, cut: &mut Cut<'_>, record: &Record) -> bool {
        let (Column::At(code), Column::At(claim)) = (&self.code, &self.claim) else { return false };
        let is_odd = cut.may_have_odd_bytes(record);
        let is_odd = is_odd && !cut.is_decodable(&batch.text, record);
        if is_odd || !cut.is_whole(batch, record) {
            return false;
        }
        let says = |column: &u32| self.unquoted(batch.next_cell(record.start, *column, record.end));
        let Some((code, class)) = Code::parse(says(code)) else { return false };
        let claim = says(claim);
        let is_plain = match claim {
            [first, .., last] => first.is_ascii_graphic() && last.is_ascii_graphic(),
            _ => false,
        };
        let may_be_header = self.claim_name.as_ref().is_some_and(|name| name.len() == claim.len());
        let has_doubled_quotes = cut.may_have_doubled_quotes(record);
        let must_be_resolved = has_doubled_quotes && memchr(b'"', claim).is_some();
        // A short one may be a word for none.
        let may_be_missing = claim.len() <= self.missing_longest;
        if !is_plain || may_be_header || may_be_missing || must_be_resolved {
            return false;
        }
        let start = claim.as_ptr().addr() - batch.text.as_ptr().addr();
        let claim = Span { start: start as u32, len: claim.len() as u32 };
        cut.take_whole(batch, record);
        batch.put_coded_line(record.start, claim, code, class);
        if has_doubled_quotes {
            self.resolve(batch, batch.len() - 1);
        }
        true
    }

    /// What a cell says that has no doubled quotes in it.
    #[inline(always)]
    fn unquoted<'t>(&self, cell: &'t [u8]) -> &'t [u8] {
        match cell {
            [b'"', inner @ .., b'"'] if self.marks.quoting => inner,
            _ => cell,
        }
    }

    /// Adds a record to the batch, or says why it is no service line. `quoted` says of a record
    /// that is not plain whether a quoted cell is in it.
    #[inline]
    fn read(
        &self,
        batch: &mut Batch,
        cut: &mut Cut<'_>,
        record: &Record,
        quoted: Option<bool>,
    ) -> Option<Rejection> {
        let row = batch.len();
        let whole = match quoted {
            None => cut.plain(batch, record),
            Some(quoted) => self.cut_other(batch, record, quoted),
        };
        if !whole {
            return Some(self.wrong_width(batch, record));
        }
        batch.starts.push(record.start);
        if quoted.unwrap_or_else(|| cut.may_have_doubled_quotes(record)) {
            self.resolve(batch, row);
        }
        let mut tidied = batch.tidied;
        let procedure = match cell(batch, &self.code, row) {
            Some(code) => read_procedure(batch.slice(code), &self.vocabulary, &mut tidied),
            None => Procedure::Missing,
        };
        let claim = cell(batch, &self.claim, row).unwrap_or_default();
        let claim = trimmed(batch, claim);
        if self.is_suspicious(batch, claim, procedure, row)
            && let Some(rejection) = self.instead_of_line(batch, record, procedure, row)
        {
            cut.unflatten(batch, (row + 1) * batch.width);
            batch.starts.truncate(row);
            batch.resolved.retain(|((line, _), _)| *line < row as u32);
            return Some(rejection);
        }
        batch.tidied = tidied;
        batch.put_line(record.start, claim, procedure);
        if let Column::FirstFilled(columns) = &self.code {
            compare_codes(batch, columns, row);
        }
        None
    }

    /// Finds the ends of the cells of a record that is not plain; false if they are too many or
    /// too few.
    fn cut_other(&self, batch: &mut Batch, record: &Record, quoted: bool) -> bool {
        let (start, end) = (record.start as usize, record.end as usize);
        let bytes = batch.text.get(start..end).unwrap_or_default();
        let row = batch.len() * batch.width;
        let ends = batch.ends.get_mut(row..row + batch.width).unwrap_or_default();
        let note = |number: usize, _, to: usize| {
            if let Some(end) = ends.get_mut(number) {
                *end = (start + to) as u32;
            }
        };
        let width = match quoted {
            true => quoted_cells(bytes, self.marks.delimiter, note),
            false => plain_cells(bytes, self.marks.delimiter, note),
        };
        width == batch.width
    }

    /// Writes down what the quoted cells of a line say that have doubled quotes in them.
    fn resolve(&self, batch: &mut Batch, row: usize) {
        for column in &self.wanted {
            let Span { start, len } = batch.bounds(row, *column);
            let (from, to) = (start as usize, start as usize + len as usize);
            if self.marks.quoting && batch.text.get(from) == Some(&b'"') {
                let before = batch.text.len();
                let span = unquote(&mut batch.text, from, to);
                if span.start as usize >= before {
                    batch.resolved.push(((row as u32, *column), span));
                }
            }
        }
    }

    /// An institutional line needs no code, and its claim may be called anything.
    fn is_institutional(&self, batch: &Batch, row: usize) -> bool {
        let revenue = self.columns.get(Field::RevenueCode as usize);
        let revenue = revenue.and_then(|column| cell(batch, column, row));
        revenue.is_some_and(|span| !batch.is_missing(span))
    }

    /// Whether the record may be a header, a total or an empty row, and deserves a closer look.
    #[inline]
    fn is_suspicious(&self, batch: &Batch, claim: Span, procedure: Procedure, row: usize) -> bool {
        let claim = batch.slice(claim);
        let name = self.claim_name.as_deref();
        let is_header = name.is_some_and(|name| claim.eq_ignore_ascii_case(name));
        // A total has no code; its word may stand in any column.
        let no_code = || {
            procedure == Procedure::Missing
                && !self.is_institutional(batch, row)
                && (claim.is_empty() || starts_like_footer(claim, &self.footers))
        };
        is_header || no_code()
    }

    /// What a suspicious record is instead of a service line, if it is none.
    #[cold]
    fn instead_of_line(
        &self,
        batch: &mut Batch,
        record: &Record,
        procedure: Procedure,
        row: usize,
    ) -> Option<Rejection> {
        let has_code = procedure != Procedure::Missing || self.is_institutional(batch, row);
        let cells = self.all_cells(&mut batch.text, record);
        let cells: Vec<&[u8]> = cells.iter().map(|span| batch.slice(*span)).collect();
        if repeats_header(&self.layout, &cells) {
            return Some((FaultKind::RepeatedHeader, FaultDetail::None));
        }
        let what = instead_of_line(&cells, has_code, &self.footers)?;
        Some((FaultKind::NotARecord, FaultDetail::Instead(what)))
    }

    /// Every cell of a record, unquoted.
    fn all_cells(&self, text: &mut Vec<u8>, record: &Record) -> Vec<Span> {
        let (start, end) = (record.start as usize, record.end as usize);
        let mut bounds = Vec::new();
        let bytes = text.get(start..end).unwrap_or_default();
        let note = |_, from, to| bounds.push((start + from, start + to));
        if !self.marks.quoting || memchr(b'"', bytes).is_none() {
            plain_cells(bytes, self.marks.delimiter, note);
            let span = |(from, to)| Span { start: from as u32, len: (to - from) as u32 };
            return bounds.into_iter().map(span).collect();
        }
        quoted_cells(bytes, self.marks.delimiter, note);
        bounds.into_iter().map(|(from, to)| unquote(text, from, to)).collect()
    }

    #[cold]
    fn wrong_width(&self, batch: &mut Batch, record: &Record) -> Rejection {
        let cells = self.all_cells(&mut batch.text, record);
        let filled = cells.iter().filter(|span| !trim(batch.slice(**span)).is_empty()).count();
        let (start, end) = (record.start as usize, record.end as usize);
        let bytes = batch.text.get(start..end).unwrap_or_default();
        match instead_of_ragged(bytes, filled, &self.footers) {
            Some(what) => (FaultKind::NotARecord, FaultDetail::Instead(what)),
            None => {
                let detail = FaultDetail::Width(cells.len() as u32, batch.width as u32);
                (FaultKind::Ragged, detail)
            }
        }
    }
}

/// The cell of a field in a line: in its only column, or in the first that is filled.
#[inline]
pub(in crate::input) fn cell(batch: &Batch, column: &Column, row: usize) -> Option<Span> {
    match column {
        Column::At(column) => Some(batch.span(row, *column)),
        Column::FirstFilled(columns) => batch.first_filled(row, columns),
        Column::NotMapped | Column::NotRead => None,
    }
}

/// A span without the blanks at its ends.
#[inline]
pub(in crate::input) fn trimmed(batch: &Batch, span: Span) -> Span {
    let cell = batch.slice(span);
    let trimmed = trim(cell);
    if trimmed.len() == cell.len() {
        return span;
    }
    let dropped = trimmed.as_ptr().addr() - cell.as_ptr().addr();
    Span { start: span.start + dropped as u32, len: trimmed.len() as u32 }
}

/// Notes what is to be said of a line with several columns for the procedure code: whether more
/// than one is filled, and one that says something else than the chosen one.
pub(in crate::input) fn compare_codes(batch: &mut Batch, columns: &[u32], row: usize) {
    let cells = columns.iter().map(|column| batch.span(row, *column));
    let filled: Vec<Span> = cells.filter(|span| !batch.is_missing(*span)).collect();
    let Some((chosen, others)) = filled.split_first() else { return };
    let value = trim(batch.slice(*chosen));
    let differs = |other: &&Span| !trim(batch.slice(**other)).eq_ignore_ascii_case(value);
    let other = others.iter().find(differs).copied();
    batch.doubly_coded += u64::from(!others.is_empty());
    if let Some(other) = other {
        batch.disagreements.push(Disagreement { row: row as u32, other });
    }
}

/// A NUL or a byte that is no UTF-8 in a record, if there is one. `offset` is where the record
/// starts in the input.
fn undecodable(text: &[u8], record: &Record, offset: impl FnOnce() -> u64) -> Option<Rejection> {
    let bytes = text.get(record.start as usize..record.end as usize).unwrap_or_default();
    let (kind, at) = match memchr(0, bytes) {
        Some(at) => (FaultKind::NulByte, at),
        None => (FaultKind::InvalidEncoding, std::str::from_utf8(bytes).err()?.valid_up_to()),
    };
    Some((kind, FaultDetail::Byte(offset() + at as u64)))
}
