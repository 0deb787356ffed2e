//! A service line: a handle into a batch, with one accessor for each kind of cell.

use std::borrow::Cow;
use std::fmt;

use crate::model::batch::Place;
use crate::model::cell::trim;
use crate::model::date_format::DateFormat;
use crate::model::modifiers::Modifiers;
use crate::model::units::Units;
use crate::model::{Batch, Cell, Cents, Date, Diagnosis, Field, Procedure, claim, masking};

/// One service line of a batch.
#[derive(Clone, Copy)]
pub struct Line<'b> {
    batch: &'b Batch,
    row: usize,
}

impl fmt::Debug for Line<'_> {
    /// The place only: a line's values must not reach a log or a panic message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({:?})", self.place())
    }
}

impl<'b> Line<'b> {
    pub(in crate::model) fn new(batch: &'b Batch, row: usize) -> Self {
        Self { batch, row }
    }

    /// The line's position in its batch, 0-based.
    pub fn row(self) -> usize {
        self.row
    }

    /// Where the line lies in its input.
    pub fn place(self) -> Place {
        self.batch.place(self.row)
    }

    /// The cell of `field` as it stands in the input, unquoted; empty where there is no column.
    pub fn raw(self, field: Field) -> &'b [u8] {
        self.batch.cell(field, self.row).unwrap_or_default()
    }

    /// The cell of `field` as findings show it. What is no value of its field may be a name that
    /// slipped into the column: a code that is none is shown unless it reads like words, anything
    /// else by its shape.
    pub fn shown(self, field: Field) -> Cow<'b, [u8]> {
        let raw = self.raw(field);
        let is_value = match field {
            Field::ProcedureCode
                if matches!(self.procedure(), Procedure::Malformed | Procedure::Foreign) =>
            {
                return masking::shown(raw);
            }
            Field::ServiceDate => self.service_date() != Cell::Malformed,
            Field::Charge => self.charge() != Cell::Malformed,
            Field::ServiceEnd => self.service_end() != Cell::Malformed,
            Field::ReceivedDate => self.received_date() != Cell::Malformed,
            Field::ClaimTotal => self.total() != Cell::Malformed,
            Field::RenderingNpi | Field::BillingNpi => {
                trim(raw).iter().all(|b| b.is_ascii_digit() || b"+-.Ee".contains(b))
            }
            Field::Units => trim(raw).iter().all(|b| b.is_ascii_digit() || b"+-.".contains(b)),
            field if Field::MODIFIERS.contains(&field) => {
                let mut parts = raw.split(|b| !b.is_ascii_alphanumeric() && b.is_ascii());
                parts.all(|part| part.len() <= 2)
            }
            _ => true,
        };
        match is_value || self.text(field).is_none() {
            true => Cow::Borrowed(raw),
            false => Cow::Owned(masking::shape(&String::from_utf8_lossy(raw)).into_bytes()),
        }
    }

    /// The trimmed text of `field`, or nothing where the cell is missing.
    #[inline]
    pub fn text(self, field: Field) -> Option<&'b [u8]> {
        let found = self.batch.typed.texts.0.get(field as usize);
        if let Some(span) = found.and_then(|found| found.get(self.row)) {
            return (span.len > 0).then(|| self.batch.slice(*span));
        }
        let trimmed = trim(self.batch.cell(field, self.row)?);
        (!self.batch.vocabulary.missing.contains(trimmed)).then_some(trimmed)
    }

    /// The trimmed claim number, or nothing where it is missing. Never re-cased, never parsed.
    #[inline]
    pub fn claim_id(self) -> Option<&'b [u8]> {
        self.claim_key().map(claim::number)
    }

    /// The key of the line's claim, by which lines of one claim find each other: see
    /// [`crate::model::claim`]. Nothing where the claim number is missing.
    #[inline]
    pub fn claim_key(self) -> Option<&'b [u8]> {
        let span = self.batch.claims().get(self.row)?;
        (span.len > 0).then(|| self.batch.slice(*span))
    }

    /// What the procedure-code cell holds.
    #[inline]
    pub fn procedure(self) -> Procedure {
        self.batch.procedures().get(self.row).copied().unwrap_or(Procedure::Missing)
    }

    /// The letters and digits of the code that the line stands for: as written, or as repaired.
    #[inline]
    pub fn code_text(self) -> Option<&'b [u8]> {
        match self.batch.procedures().get(self.row)? {
            Procedure::Coded(code, _) | Procedure::Damaged(code, ..) => Some(code.as_bytes()),
            Procedure::Missing | Procedure::Malformed | Procedure::Foreign => None,
        }
    }

    /// The cell of a second procedure-code column that says something else, if there is one.
    pub fn other_procedure_code(self) -> Option<&'b [u8]> {
        let noted = &self.batch.disagreements;
        let at = noted.partition_point(|noted| (noted.row as usize) < self.row);
        let noted = noted.get(at).filter(|noted| noted.row as usize == self.row)?;
        Some(self.batch.slice(noted.other))
    }

    /// The amount billed.
    #[inline]
    pub fn charge(self) -> Cell<Cents> {
        match self.batch.typed.charges.get(self.row) {
            Some(charge) => *charge,
            None => self.text(Field::Charge).map_or(Cell::Missing, Cents::parse),
        }
    }

    /// The first day of service.
    #[inline]
    pub fn service_date(self) -> Cell<Date> {
        match self.batch.typed.service_dates.get(self.row) {
            Some(date) => *date,
            None => self.batch.date(Field::ServiceDate, self.row),
        }
    }

    /// The last day of service.
    #[inline]
    pub fn service_end(self) -> Cell<Date> {
        match self.batch.typed.service_ends.get(self.row) {
            Some(date) => *date,
            None => self.batch.date(Field::ServiceEnd, self.row),
        }
    }

    /// The day on which the claim was filed.
    #[inline]
    pub fn received_date(self) -> Cell<Date> {
        match self.batch.typed.received_dates.get(self.row) {
            Some(date) => *date,
            None => self.batch.date(Field::ReceivedDate, self.row),
        }
    }

    /// The patient's date of birth. It is private: no message may say it.
    #[inline]
    pub fn birth_date(self) -> Cell<Date> {
        match self.batch.typed.birth_dates.get(self.row) {
            Some(date) => *date,
            None => self.batch.date(Field::PatientBirthDate, self.row),
        }
    }

    /// How the date of a field is to be written in this line.
    pub fn date_format(self, field: Field) -> DateFormat {
        self.batch.date_format(field, self.row)
    }

    /// The days of service, both inclusive: from the first to the last, or the first alone where
    /// there is no readable later one. Nothing where the first day is not readable.
    #[inline]
    pub fn service_days(self) -> Option<(Date, Date)> {
        let first = self.service_date().value()?;
        let last = self.service_end().value().filter(|last| *last > first);
        Some((first, last.unwrap_or(first)))
    }

    /// How many times the service was given.
    #[inline]
    pub fn units(self) -> Cell<Units> {
        match self.batch.typed.units.get(self.row) {
            Some(units) => *units,
            None => self.text(Field::Units).map_or(Cell::Missing, Units::parse),
        }
    }

    /// The modifiers, from all modifier cells.
    #[inline]
    pub fn modifiers(self) -> Modifiers {
        match self.batch.typed.modifiers.get(self.row) {
            Some(modifiers) => *modifiers,
            None => self.read_modifiers(),
        }
    }

    pub(in crate::model) fn read_modifiers(self) -> Modifiers {
        let mut modifiers = Modifiers::default();
        let mut gap = false;
        for (at, field) in Field::MODIFIERS.into_iter().enumerate() {
            match self.text(field) {
                Some(cell) => {
                    let known = &self.batch.vocabulary.modifiers;
                    modifiers.read(at, cell, |modifier| known.contains(modifier));
                    modifiers.has_gap |= gap;
                }
                // Where there is no column, there is no gap.
                None => gap |= self.has(field),
            }
        }
        modifiers
    }

    /// The diagnosis fields that have a column, or all where they were not read beforehand, and
    /// what their cells hold.
    #[inline]
    pub fn diagnoses(self) -> impl Iterator<Item = (Field, Cell<Diagnosis>)> {
        let read = self.batch.typed.diagnoses.as_slice();
        let rest = if read.is_empty() { Field::DIAGNOSES.as_slice() } else { &[] };
        let known = move |(field, cells): &(Field, Vec<Cell<Diagnosis>>)| {
            Some((*field, *cells.get(self.row)?))
        };
        let rest = rest.iter().map(move |field| (*field, self.read_diagnosis(*field)));
        read.iter().filter_map(known).chain(rest)
    }

    pub(in crate::model) fn read_diagnosis(self, field: Field) -> Cell<Diagnosis> {
        match self.text(field) {
            None => Cell::Missing,
            Some(text) => Diagnosis::parse(text).map_or(Cell::Malformed, Cell::Value),
        }
    }

    /// Whether the input has a column for the field.
    #[inline]
    pub fn has(self, field: Field) -> bool {
        self.batch.has(field)
    }

    /// Whether the units are minutes, as those of anesthesia are (X12: unit MJ). Where no column
    /// says what the units are, those of anesthesia are taken for minutes.
    pub fn is_in_minutes(self) -> bool {
        if !self.has(Field::UnitType) {
            return self.procedure().code().is_some_and(|(code, class)| code.is_timed(class));
        }
        let unit = self.text(Field::UnitType).unwrap_or_default();
        [&b"MJ"[..], b"MIN", b"MINUTE", b"MINUTES"].iter().any(|m| unit.eq_ignore_ascii_case(m))
    }

    /// The claim's frequency: the last character of its code (`1`, or `131` as a bill type has it),
    /// or of the bill type where there is no other; 0 where there is none.
    pub fn frequency(self) -> u8 {
        let bill_type = || self.text(Field::BillType).filter(|text| (3..=4).contains(&text.len()));
        let text = self.text(Field::ClaimFrequency).or_else(bill_type).unwrap_or_default();
        // A program that took the codes for numbers wrote `7.0`.
        text.strip_suffix(b".0").unwrap_or(text).last().copied().unwrap_or(0)
    }

    /// Whether the line is of an original claim: its frequency is 1, or not said. Anything else may
    /// take back what was billed before.
    pub fn is_original(self) -> bool {
        matches!(self.frequency(), 0 | b'1')
    }

    /// The amount billed for the whole claim.
    pub fn total(self) -> Cell<Cents> {
        self.text(Field::ClaimTotal).map_or(Cell::Missing, Cents::parse)
    }

    /// Whether the line is an institutional one: it has a revenue code.
    pub fn is_institutional(self) -> bool {
        self.text(Field::RevenueCode).is_some()
    }

    /// Whether the procedure-code cell holds a HIPPS rate code: five letters or digits on a line
    /// with one of the prospective-payment revenue codes 0022, 0023 and 0024 (X12 837I, SV202
    /// qualifier HP). Such a line has no procedure code by design.
    pub fn holds_hipps(self) -> bool {
        let revenue = self.text(Field::RevenueCode).unwrap_or_default();
        let revenue = revenue.strip_prefix(b"00").unwrap_or(revenue);
        let code = self.text(Field::ProcedureCode).unwrap_or_default();
        matches!(revenue, b"22" | b"23" | b"24")
            && code.len() == 5
            && code.iter().all(u8::is_ascii_alphanumeric)
            && code.iter().any(u8::is_ascii_digit)
    }
}
