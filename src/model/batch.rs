//! A batch: a few thousand service lines as columns of cell spans, and what was wrong around them.

mod kept;
mod places;

use std::sync::Arc;

use crate::model::batch::places::Places;
use crate::model::cell::trim;
use crate::model::damage::Tidied;
use crate::model::date_format::DateFormats;
use crate::model::typed::Typed;
use crate::model::{Class, Code, Fault, Field, Line, Procedure, Vocabulary};

/// Where a piece of text lies in its batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Length in bytes.
    pub len: u32,
}

/// Where the cells of one field stand in a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Column {
    /// The input has no column for the field.
    #[default]
    NotMapped,
    /// The input has one, and no enabled rule reads it.
    NotRead,
    /// In the column with this number, from 0.
    At(u32),
    /// In several columns: the first that is filled counts, or the first of all if none is.
    FirstFilled(Vec<u32>),
}

/// The columns of an input, by field.
pub type Columns = [Column; Field::COUNT];

/// Where a record lies in its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which input, in the order given.
    pub source: u32,
    /// 1-based data record of that input.
    pub record: u64,
    /// 1-based physical line on which the record starts.
    pub line: u64,
    /// Offset in bytes of the record from the start of the input.
    pub byte: u64,
}

/// A line whose two columns for one field say different things; the first was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// The line.
    pub row: u32,
    /// The cell that was not used.
    pub other: Span,
}

/// Some thousand service lines of one input, decoded once.
///
/// The text of the records is kept as it is, with the end of each cell: a cell begins one byte
/// after the end of the cell before it. So nothing is copied, and any cell is found in one step.
#[derive(Debug)]
pub struct Batch {
    /// Which input the lines come from.
    pub source: u32,
    /// The bytes of the records, followed by the cells whose quotes had to be resolved.
    pub text: Vec<u8>,
    /// Where each line's record starts in the text.
    pub starts: Vec<u32>,
    /// Where each cell ends in the text, line after line. What stands after the last line's means
    /// nothing.
    pub ends: Vec<u32>,
    /// Cells of a line.
    pub width: usize,
    /// Whether a `"` at the start of a cell quotes it.
    pub quoting: bool,
    /// Quoted cells with doubled quotes in them, by line and column: what they say.
    pub resolved: Vec<((u32, u32), Span)>,
    places: Places,
    /// Where the cells of each field are.
    pub columns: Arc<Columns>,
    /// The key of each line's claim; empty where its number is missing.
    claims: Vec<Span>,
    procedures: Vec<Procedure>,
    uncoded: Vec<u32>,
    without_claim: Vec<u32>,
    /// Lines whose two procedure-code columns differ.
    pub disagreements: Vec<Disagreement>,
    /// Lines with more than one filled column for the procedure code.
    pub doubly_coded: u64,
    /// Records that were set aside, in the order of the input.
    pub faults: Vec<Fault>,
    /// How often procedure-code cells were tidied.
    pub tidied: Tidied,
    /// Records that hold no service line, as the layout says; they are neither lines nor faults.
    pub left_out: u64,
    /// Lines beyond the first of their record, where a record holds several.
    pub further: u64,
    /// The words that cells are read with.
    pub vocabulary: Arc<Vocabulary>,
    /// How the dates of each column are written.
    pub dates: Arc<DateFormats>,
    /// Columns that were read as values.
    pub(in crate::model) typed: Typed,
}

impl Batch {
    /// An empty batch of `source`, whose records have `width` cells.
    pub fn new(
        source: u32,
        width: usize,
        quoting: bool,
        columns: Arc<Columns>,
        vocabulary: Arc<Vocabulary>,
    ) -> Self {
        Self {
            source,
            text: Vec::new(),
            starts: Vec::new(),
            ends: Vec::new(),
            width,
            quoting,
            resolved: Vec::new(),
            places: Places::Each(Vec::new()),
            columns,
            claims: Vec::new(),
            procedures: Vec::new(),
            uncoded: Vec::new(),
            without_claim: Vec::new(),
            disagreements: Vec::new(),
            doubly_coded: 0,
            faults: Vec::new(),
            tidied: Tidied::default(),
            left_out: 0,
            further: 0,
            vocabulary,
            dates: Arc::default(),
            typed: Typed::default(),
        }
    }

    /// Forgets all lines and faults, keeping the memory. From here on, lines lie one after the
    /// other from `first` on, if it is given.
    pub fn clear(&mut self, first: Option<Place>) {
        self.text.clear();
        self.starts.clear();
        // Ends are written before they are read: to make room for them again would cost a write.
        self.resolved.clear();
        self.places = match (first, &mut self.places) {
            (Some(first), _) => Places::InARow(first),
            (None, Places::Each(each)) => Places::Each(std::mem::take(each)),
            (None, _) => Places::Each(Vec::new()),
        };
        if let Places::Each(each) = &mut self.places {
            each.clear();
        }
        self.claims.clear();
        self.procedures.clear();
        self.uncoded.clear();
        self.without_claim.clear();
        self.disagreements.clear();
        self.doubly_coded = 0;
        self.faults.clear();
        self.typed.clear();
        self.tidied = Tidied::default();
        self.left_out = 0;
        self.further = 0;
    }

    /// Gives the claim of a line a key of several parts: see [`crate::model::claim`].
    pub fn put_claim_key(&mut self, row: usize, key: Span) {
        self.claims.get_mut(row).into_iter().for_each(|claim| *claim = key);
    }

    /// Says of an empty batch that each line is the record after that of the line before it.
    pub fn number_from(&mut self, first: Place) {
        self.places = Places::Numbered(first);
    }

    /// Adds a line, the ends of whose cells are in place: where its record starts, where the key of
    /// its claim lies, trimmed, and what its procedure-code cell holds.
    #[inline]
    pub fn put_line(&mut self, start: u32, claim: Span, procedure: Procedure) {
        let row = self.procedures.len() as u32;
        let is_missing = self.vocabulary.missing.contains(self.slice(claim));
        if is_missing {
            self.without_claim.push(row);
        }
        if !matches!(procedure, Procedure::Coded(..)) {
            self.uncoded.push(row);
        }
        if self.starts.len() == self.procedures.len() {
            self.starts.push(start);
        }
        self.claims.push(if is_missing { Span::default() } else { claim });
        self.procedures.push(procedure);
    }

    /// The same for a line with a claim number and a well-formed code.
    #[inline]
    pub fn put_coded_line(&mut self, start: u32, claim: Span, code: Code, class: Class) {
        self.starts.push(start);
        self.claims.push(claim);
        self.procedures.push(Procedure::Coded(code, class));
    }

    /// The cell in column `column` of the line that is to be put next, its quotes included; the
    /// line's record lies between `start` and `end`, and the ends of its cells are in place.
    #[inline]
    pub fn next_cell(&self, start: u32, column: u32, end: u32) -> &[u8] {
        let at = self.len() * self.width + column as usize;
        let start = match column {
            0 => start,
            _ => self.ends.get(at - 1).map_or(end, |before| before + 1),
        };
        // The last cell ends before a CR that its end may still include.
        let end = self.ends.get(at).map_or(end, |cell| end.min(*cell));
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The key of each line's claim ([`crate::model::claim`]); empty where its number is missing.
    #[inline]
    pub fn claims(&self) -> &[Span] {
        &self.claims
    }

    /// What each line's procedure-code cell holds.
    #[inline]
    pub fn procedures(&self) -> &[Procedure] {
        &self.procedures
    }

    /// The lines whose procedure-code cell holds no code as it stands.
    pub fn uncoded(&self) -> &[u32] {
        &self.uncoded
    }

    /// The lines without a claim number.
    pub fn without_claim(&self) -> &[u32] {
        &self.without_claim
    }

    /// How many service lines there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.procedures.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.procedures.is_empty()
    }

    /// The service lines, in the order of the input.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        (0..self.len()).map(move |row| Line::new(self, row))
    }

    /// The service line `row`, 0-based, which must be below [`Batch::len`].
    #[inline]
    pub fn line(&self, row: usize) -> Line<'_> {
        Line::new(self, row)
    }

    /// The text of a span of this batch.
    #[inline]
    pub fn slice(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// Where the cell in column `column` of line `row` lies, its quotes included.
    #[inline(always)]
    pub fn bounds(&self, row: usize, column: u32) -> Span {
        let at = row * self.width + column as usize;
        let start = match column {
            0 => self.starts.get(row).copied().unwrap_or_default(),
            _ => self.ends.get(at - 1).map_or(0, |before| before + 1),
        };
        let end = self.ends.get(at).copied().unwrap_or_default();
        Span { start, len: end.saturating_sub(start) }
    }

    /// Where what the cell in column `column` of line `row` says lies, unquoted.
    #[inline(always)]
    pub fn span(&self, row: usize, column: u32) -> Span {
        let bounds = self.bounds(row, column);
        match self.quoting && self.text.get(bounds.start as usize) == Some(&b'"') && bounds.len > 1
        {
            true => self.unquoted(row, column, bounds),
            false => bounds,
        }
    }

    #[inline(never)]
    fn unquoted(&self, row: usize, column: u32, bounds: Span) -> Span {
        let key = (row as u32, column);
        let resolved = self.resolved.binary_search_by_key(&key, |(key, _)| *key);
        match resolved.ok().and_then(|at| self.resolved.get(at)) {
            Some((_, span)) => *span,
            None => Span { start: bounds.start + 1, len: bounds.len - 2 },
        }
    }

    /// The first of the columns whose cell in line `row` is filled, or the first of all.
    pub fn first_filled(&self, row: usize, columns: &[u32]) -> Option<Span> {
        let mut cells = columns.iter().map(|column| self.span(row, *column));
        let first = cells.next()?;
        match self.is_missing(first) {
            false => Some(first),
            true => Some(cells.find(|span| !self.is_missing(*span)).unwrap_or(first)),
        }
    }

    /// Whether a cell means "no value".
    #[inline]
    pub fn is_missing(&self, span: Span) -> bool {
        self.vocabulary.missing.contains(trim(self.slice(span)))
    }

    /// Whether the input has a column for the field.
    pub fn has(&self, field: Field) -> bool {
        !matches!(self.columns.get(field as usize), None | Some(Column::NotMapped))
    }

    /// The cell of `field` in line `row`, unquoted and otherwise as it stands in the input.
    #[inline]
    pub fn cell(&self, field: Field, row: usize) -> Option<&[u8]> {
        self.cell_span(field, row).map(|span| self.slice(span))
    }

    /// Where that cell lies.
    #[inline]
    pub fn cell_span(&self, field: Field, row: usize) -> Option<Span> {
        match self.columns.get(field as usize)? {
            Column::At(column) => Some(self.span(row, *column)),
            Column::FirstFilled(columns) => self.first_filled(row, columns),
            Column::NotMapped => None,
            Column::NotRead => {
                debug_assert!(false, "a rule read {field} without declaring it");
                None
            }
        }
    }

    /// The lines whose modifier cells say anything, or all where they were not read beforehand.
    pub fn modified(&self) -> impl Iterator<Item = Line<'_>> {
        let are_known = !self.typed.modifiers.is_empty();
        let rest = if are_known { 0..0 } else { 0..self.len() };
        let known = self.typed.modified.iter().map(|row| *row as usize);
        known.chain(rest).map(|row| Line::new(self, row))
    }
}
