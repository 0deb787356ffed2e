//! A chunk into a batch: each record into cells, once, keeping only the columns that are read.

use std::sync::Arc;

use memchr::memchr;

use crate::input::bytes::Found;
use crate::input::chunks::{Chunk, Record};
use crate::input::fields::{plain_cells, quoted_cells, unquote};
use crate::input::layout::Layout;
use crate::input::records::{
    instead_of_line, instead_of_ragged, repeats_header, starts_like_footer,
};
use crate::input::split::Marks;
use crate::model::batch::{Column, Disagreement, FaultDetail, Place, Span};
use crate::model::cell::trim;
use crate::model::damage::read_procedure;
use crate::model::{Batch, Fault, FaultKind, Field, FieldSet, Procedure, Vocabulary};

/// Turns the chunks of one input into batches; the same for all threads.
pub struct Decoder {
    source: u32,
    marks: Marks,
    layout: Layout,
    /// The columns to keep, in the order of the record.
    wanted: Vec<usize>,
    /// For each field that is read: where its columns are in `wanted`, in order of preference.
    fields: Vec<(Field, Vec<usize>)>,
    /// Where the claim id is in `fields`.
    claim: Option<usize>,
    /// Where the procedure code is in `fields`.
    code: Option<usize>,
    /// Where the revenue code is in `fields`.
    revenue: Option<usize>,
    vocabulary: Arc<Vocabulary>,
    footers: Vec<String>,
}

impl Decoder {
    /// A decoder of the inputs with this layout that keeps the fields in `read`.
    pub fn new(
        source: u32,
        marks: Marks,
        layout: &Layout,
        read: FieldSet,
        vocabulary: Arc<Vocabulary>,
        footers: Vec<String>,
    ) -> Decoder {
        let kept = layout.columns.iter().filter(|(field, _)| read.contains(**field));
        let mut wanted: Vec<usize> =
            kept.clone().flat_map(|(_, columns)| columns.clone()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let place = |column: &usize| wanted.binary_search(column).unwrap_or(0);
        let fields: Vec<(Field, Vec<usize>)> =
            kept.map(|(field, columns)| (*field, columns.iter().map(place).collect())).collect();
        let index = |wanted: Field| fields.iter().position(|(field, _)| *field == wanted);
        let (claim, code) = (index(Field::ClaimId), index(Field::ProcedureCode));
        let revenue = index(Field::RevenueCode);
        let layout = layout.clone();
        Decoder { source, marks, layout, wanted, fields, claim, code, revenue, vocabulary, footers }
    }

    /// The service lines of a chunk, and the records that are none.
    pub fn decode(&self, chunk: Chunk) -> Batch {
        let Chunk { text, records, first_record, first_line, byte, found, .. } = chunk;
        let suspect = Suspect::of(&text);
        let mut batch = Batch::new(self.source, Arc::clone(&self.vocabulary));
        self.prepare(&mut batch, records.len());
        batch.text = text;
        let mut offsets = Offsets { found: found.unwrap_or(Found::Utf8), at: 0, byte };
        let mut spans = vec![Span::default(); self.wanted.len()];
        for (index, record) in records.iter().enumerate() {
            let place = Place {
                source: self.source,
                record: first_record + index as u64,
                line: first_line + u64::from(record.line),
                byte: offsets.of(record.start as usize, &batch.text),
            };
            let fault = record.fault.or_else(|| suspect.check(&batch.text, record, place.byte));
            let fault = fault.or_else(|| self.read(&mut batch, record, &mut spans));
            match fault {
                None => batch.places.push(place),
                Some((kind, detail)) => {
                    let lines = u64::from(record.lines);
                    batch.faults.push(Fault { kind, place, lines, detail });
                }
            }
        }
        batch
    }

    fn prepare(&self, batch: &mut Batch, lines: usize) {
        for field in self.layout.columns.keys() {
            if let Some(column) = batch.columns.get_mut(*field as usize) {
                *column = Column::NotRead;
            }
        }
        for (field, _) in &self.fields {
            if let Some(column) = batch.columns.get_mut(*field as usize) {
                *column = Column::Cells(Vec::with_capacity(lines));
            }
        }
        batch.places.reserve(lines);
        batch.procedures.reserve(lines);
    }

    /// Adds a record to the batch, or says why it is no service line.
    fn read(
        &self,
        batch: &mut Batch,
        record: &Record,
        spans: &mut [Span],
    ) -> Option<(FaultKind, FaultDetail)> {
        let (start, end) = (record.start as usize, record.end as usize);
        let width = self.cut(&batch.text, record, spans);
        if width != self.layout.names.len() {
            return Some(self.wrong_width(batch, record, width));
        }
        if record.quoted {
            for span in spans.iter_mut() {
                let from = span.start as usize;
                *span = unquote(&mut batch.text, from, from + span.len as usize);
            }
        }
        let code = self.pick(batch, spans, self.code);
        let mut tidied = batch.tidied;
        let procedure = match code {
            Some(span) => read_procedure(batch.slice(span), &self.vocabulary, &mut tidied),
            None => Procedure::Missing,
        };
        let claim = self.pick(batch, spans, self.claim);
        let revenue = self.pick(batch, spans, self.revenue);
        // An institutional line needs no code, and its claim may be called anything.
        let is_institutional = revenue.is_some_and(|span| !self.is_missing(batch, span));
        let claim = claim.map(|span| batch.slice(span));
        if self.is_suspicious(claim, procedure, is_institutional) {
            let cells = self.all_cells(&mut batch.text, start, end, record.quoted);
            let cells: Vec<&[u8]> = cells.iter().map(|span| batch.slice(*span)).collect();
            if repeats_header(&self.layout, &cells) {
                return Some((FaultKind::RepeatedHeader, FaultDetail::None));
            }
            let has_code = procedure != Procedure::Missing || is_institutional;
            if let Some(what) = instead_of_line(&cells, has_code, &self.footers) {
                return Some((FaultKind::NotARecord, FaultDetail::Instead(what)));
            }
        }
        batch.doubly_coded += u64::from(self.is_doubly_coded(batch, spans));
        if let Some(other) = code.and_then(|code| self.disagreeing(batch, spans, code)) {
            let row = batch.places.len() as u32;
            batch.disagreements.push(Disagreement { row, other });
        }
        batch.tidied = tidied;
        batch.procedures.push(procedure);
        for index in 0..self.fields.len() {
            let span = self.pick(batch, spans, Some(index)).unwrap_or_default();
            let field = self.fields.get(index).map(|(field, _)| *field as usize);
            let column = field.and_then(|field| batch.columns.get_mut(field));
            if let Some(Column::Cells(cells)) = column {
                cells.push(span);
            }
        }
        None
    }

    /// Finds the wanted cells of a record; returns how many cells it has.
    #[inline]
    fn cut(&self, text: &[u8], record: &Record, spans: &mut [Span]) -> usize {
        let start = record.start as usize;
        let bytes = text.get(start..record.end as usize).unwrap_or_default();
        let mut next = 0;
        let keep = |number: usize, from: usize, to: usize| {
            if self.wanted.get(next) == Some(&number) {
                if let Some(span) = spans.get_mut(next) {
                    *span = Span { start: (start + from) as u32, len: (to - from) as u32 };
                }
                next += 1;
            }
        };
        match record.quoted {
            true => quoted_cells(bytes, self.marks.delimiter, keep),
            false => plain_cells(bytes, self.marks.delimiter, keep),
        }
    }

    /// The cell of the field at `index`: its only column, or the first that is filled.
    #[inline]
    fn pick(&self, batch: &Batch, spans: &[Span], index: Option<usize>) -> Option<Span> {
        let (_, places) = self.fields.get(index?)?;
        let (first, others) = places.split_first()?;
        let first = spans.get(*first).copied();
        if others.is_empty() {
            return first;
        }
        let mut cells = places.iter().filter_map(|at| spans.get(*at)).copied();
        cells.find(|span| !self.is_missing(batch, *span)).or(first)
    }

    /// Whether more than one column for the procedure code is filled.
    #[inline]
    fn is_doubly_coded(&self, batch: &Batch, spans: &[Span]) -> bool {
        let places = self.code.and_then(|at| self.fields.get(at)).map(|(_, places)| places);
        let Some(places) = places.filter(|places| places.len() > 1) else { return false };
        let cells = places.iter().filter_map(|at| spans.get(*at)).copied();
        cells.filter(|span| !self.is_missing(batch, *span)).count() > 1
    }

    /// Another filled column for the procedure code that says something else than the chosen one.
    #[inline]
    fn disagreeing(&self, batch: &Batch, spans: &[Span], chosen: Span) -> Option<Span> {
        let (_, places) = self.fields.get(self.code?)?;
        if places.len() < 2 {
            return None;
        }
        let value = trim(batch.slice(chosen));
        let mut others = places.iter().filter_map(|at| spans.get(*at)).copied();
        others.find(|other| {
            !self.is_missing(batch, *other)
                && !trim(batch.slice(*other)).eq_ignore_ascii_case(value)
        })
    }

    fn is_missing(&self, batch: &Batch, span: Span) -> bool {
        self.vocabulary.missing.contains(trim(batch.slice(span)))
    }

    /// Whether the record may be a header, a total or an empty row, and deserves a closer look.
    fn is_suspicious(
        &self,
        claim: Option<&[u8]>,
        procedure: Procedure,
        is_institutional: bool,
    ) -> bool {
        let claim = trim(claim.unwrap_or_default());
        let name = self.layout.first_column(Field::ClaimId);
        let name = name.and_then(|at| self.layout.names.get(at)).map(String::as_bytes);
        let is_header = name.is_some_and(|name| claim.eq_ignore_ascii_case(name));
        // A total has no code; its word may stand in any column.
        let no_code = || {
            procedure == Procedure::Missing
                && !is_institutional
                && (claim.is_empty() || starts_like_footer(claim, &self.footers))
        };
        is_header || no_code()
    }

    fn all_cells(&self, text: &mut Vec<u8>, start: usize, end: usize, quoted: bool) -> Vec<Span> {
        let mut bounds = Vec::new();
        let bytes = text.get(start..end).unwrap_or_default();
        let note = |_, from, to| bounds.push((start + from, start + to));
        match quoted {
            true => quoted_cells(bytes, self.marks.delimiter, note),
            false => plain_cells(bytes, self.marks.delimiter, note),
        };
        let span =
            |(from, to): (usize, usize)| Span { start: from as u32, len: (to - from) as u32 };
        match quoted {
            true => bounds.into_iter().map(|(from, to)| unquote(text, from, to)).collect(),
            false => bounds.into_iter().map(span).collect(),
        }
    }

    fn wrong_width(
        &self,
        batch: &mut Batch,
        record: &Record,
        width: usize,
    ) -> (FaultKind, FaultDetail) {
        let (start, end) = (record.start as usize, record.end as usize);
        let cells = self.all_cells(&mut batch.text, start, end, record.quoted);
        let filled = cells.iter().filter(|span| !trim(batch.slice(**span)).is_empty()).count();
        let bytes = batch.text.get(start..end).unwrap_or_default();
        match instead_of_ragged(bytes, filled, &self.footers) {
            Some(what) => (FaultKind::NotARecord, FaultDetail::Instead(what)),
            None => {
                let expected = self.layout.names.len() as u32;
                (FaultKind::Ragged, FaultDetail::Width(width as u32, expected))
            }
        }
    }
}

/// Offsets in the input of positions in a chunk, asked for in rising order.
struct Offsets {
    found: Found,
    at: usize,
    byte: u64,
}

impl Offsets {
    fn of(&mut self, position: usize, text: &[u8]) -> u64 {
        let passed = text.get(self.at..position).unwrap_or_default();
        self.byte += self.found.length_in_input(passed);
        self.at = position;
        self.byte
    }
}

/// What a look at the whole chunk left to be looked for in each record.
struct Suspect {
    nul: bool,
    encoding: bool,
}

impl Suspect {
    fn of(text: &[u8]) -> Suspect {
        Suspect { nul: memchr(0, text).is_some(), encoding: std::str::from_utf8(text).is_err() }
    }

    fn check(&self, text: &[u8], record: &Record, byte: u64) -> Option<(FaultKind, FaultDetail)> {
        if !self.nul && !self.encoding {
            return None;
        }
        let bytes = text.get(record.start as usize..record.end as usize).unwrap_or_default();
        let detail = |offset: usize| FaultDetail::Byte(byte + offset as u64);
        if let Some(at) = memchr(0, bytes) {
            return Some((FaultKind::NulByte, detail(at)));
        }
        let invalid = std::str::from_utf8(bytes).err()?;
        Some((FaultKind::InvalidEncoding, detail(invalid.valid_up_to())))
    }
}
