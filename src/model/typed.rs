//! Columns of a batch as values: dates, money, units, modifiers, diagnoses, texts, each cell read
//! once however many rules ask for it.

use crate::model::batch::{Column, Span};
use crate::model::cell::trim;
use crate::model::date_format::DateFormat;
use crate::model::modifiers::Modifiers;
use crate::model::units::Units;
use crate::model::{Batch, Cell, Cents, Date, Diagnosis, Field, FieldSet};

/// The columns of a batch that were read as values; empty where nothing asked for them.
#[derive(Debug, Default)]
pub struct Typed {
    pub(in crate::model) service_dates: Vec<Cell<Date>>,
    pub(in crate::model) service_ends: Vec<Cell<Date>>,
    pub(in crate::model) received_dates: Vec<Cell<Date>>,
    pub(in crate::model) birth_dates: Vec<Cell<Date>>,
    pub(in crate::model) charges: Vec<Cell<Cents>>,
    pub(in crate::model) units: Vec<Cell<Units>>,
    pub(in crate::model) modifiers: Vec<Modifiers>,
    /// The lines whose modifier cells say anything.
    pub(in crate::model) modified: Vec<u32>,
    /// Of each diagnosis field that has a column.
    pub(in crate::model) diagnoses: Vec<(Field, Vec<Cell<Diagnosis>>)>,
    pub(in crate::model) texts: Texts,
}

/// Where the trimmed texts of fields lie, by field; of no length where a cell says nothing.
#[derive(Debug)]
pub struct Texts(pub(in crate::model) [Vec<Span>; Field::COUNT]);

impl Default for Texts {
    fn default() -> Self {
        Texts([const { Vec::new() }; Field::COUNT])
    }
}

impl Typed {
    /// The fields that can be read as values beforehand; the first modifier field stands for all
    /// four, and the first diagnosis field for all twelve.
    pub const FIELDS: [Field; 8] = [
        Field::ServiceDate,
        Field::ServiceEnd,
        Field::ReceivedDate,
        Field::PatientBirthDate,
        Field::Charge,
        Field::Units,
        Field::Modifier1,
        Field::Diagnosis,
    ];

    /// The fields whose texts can be found beforehand.
    pub const TEXTS: [Field; 6] = [
        Field::ServiceLine,
        Field::PatientId,
        Field::PlaceOfService,
        Field::RevenueCode,
        Field::RenderingNpi,
        Field::BillingNpi,
    ];

    /// Forgets all values, keeping the memory.
    pub fn clear(&mut self) {
        self.service_dates.clear();
        self.service_ends.clear();
        self.received_dates.clear();
        self.birth_dates.clear();
        self.charges.clear();
        self.units.clear();
        self.modifiers.clear();
        self.modified.clear();
        self.diagnoses.clear();
        self.texts.0.iter_mut().for_each(Vec::clear);
    }
}

impl Batch {
    /// Reads the columns of these fields as values, where they can be. From here on the accessors
    /// of [`crate::model::Line`] find them read.
    pub fn read_values(&mut self, fields: FieldSet) {
        let mut typed = std::mem::take(&mut self.typed);
        typed.clear();
        if fields.contains(Field::ServiceDate) {
            self.each_date(Field::ServiceDate, &mut typed.service_dates);
        }
        if fields.contains(Field::ServiceEnd) {
            self.each_date(Field::ServiceEnd, &mut typed.service_ends);
        }
        if fields.contains(Field::ReceivedDate) {
            self.each_date(Field::ReceivedDate, &mut typed.received_dates);
        }
        if fields.contains(Field::PatientBirthDate) {
            self.each_date(Field::PatientBirthDate, &mut typed.birth_dates);
        }
        if fields.contains(Field::Charge) {
            self.each_cell(Field::Charge, Cents::parse, &mut typed.charges);
        }
        if fields.contains(Field::Units) {
            self.each_cell(Field::Units, Units::parse, &mut typed.units);
        }
        if fields.contains(Field::Modifier1) {
            self.each_modifiers(&mut typed.modifiers, &mut typed.modified);
        }
        if fields.contains(Field::Diagnosis) {
            for field in Field::DIAGNOSES.into_iter().filter(|field| self.is_read(*field)) {
                let mut cells = Vec::with_capacity(self.len());
                self.each_diagnosis(field, &mut cells);
                typed.diagnoses.push((field, cells));
            }
        }
        for field in Typed::TEXTS.into_iter().filter(|field| fields.contains(*field)) {
            if let Some(texts) = typed.texts.0.get_mut(field as usize) {
                self.each_text(field, texts);
            }
        }
        self.typed = typed;
    }

    /// The date in the cell of `field` in line `row`.
    pub fn date(&self, field: Field, row: usize) -> Cell<Date> {
        let text = trim(self.cell(field, row).unwrap_or_default());
        match self.vocabulary.missing.contains(text) {
            true => Cell::Missing,
            false => self.date_format(field, row).read(text),
        }
    }

    /// How the date in the cell of `field` in line `row` is to be written.
    pub fn date_format(&self, field: Field, row: usize) -> DateFormat {
        self.dates.of(field).unwrap_or_else(|| match self.columns.get(field as usize) {
            Some(Column::FirstFilled(columns)) => {
                let mut columns = columns.iter().copied();
                let first = columns.clone().next().unwrap_or_default();
                let filled = columns.find(|column| !self.is_missing(self.span(row, *column)));
                self.dates.of_column(field, filled.unwrap_or(first))
            }
            Some(Column::At(column)) => self.dates.of_column(field, *column),
            _ => DateFormat::Any,
        })
    }

    /// Reads every cell of a date field.
    fn each_date(&self, field: Field, into: &mut Vec<Cell<Date>>) {
        match self.dates.of(field) {
            Some(format) => self.each_cell(field, |text| format.read(text), into),
            // What a cell says depends on the column that it stands in.
            None => into.extend((0..self.len()).map(|row| self.date(field, row))),
        }
    }

    /// Whether the input has a column for the field, and a rule reads it.
    fn is_read(&self, field: Field) -> bool {
        let column = self.columns.get(field as usize);
        matches!(column, Some(Column::At(_) | Column::FirstFilled(_)))
    }

    /// Reads the modifiers of every line. Most have none.
    fn each_modifiers(&self, into: &mut Vec<Modifiers>, modified: &mut Vec<u32>) {
        let mut columns = Vec::new();
        let mut is_simple = true;
        for field in Field::MODIFIERS {
            match self.columns.get(field as usize) {
                Some(Column::At(column)) => columns.push(*column),
                Some(Column::FirstFilled(_)) => is_simple = false,
                Some(Column::NotMapped | Column::NotRead) | None => {}
            }
        }
        for row in 0..self.len() {
            let is_blank =
                is_simple && columns.iter().all(|column| self.bounds(row, *column).len == 0);
            let modifiers =
                if is_blank { Modifiers::default() } else { self.line(row).read_modifiers() };
            if !modifiers.says_nothing() {
                modified.push(row as u32);
            }
            into.push(modifiers);
        }
    }

    /// Reads every cell of a diagnosis field. A few hundred codes make up most of an export: what
    /// was read lately is not read again.
    fn each_diagnosis(&self, field: Field, into: &mut Vec<Cell<Diagnosis>>) {
        let mut recent = [(0_u128, Cell::Missing); 256];
        into.extend((0..self.len()).map(|row| {
            let Some(span) = self.cell_span(field, row).filter(|span| span.len > 0) else {
                return Cell::Missing;
            };
            let Some(key) = self.short(span) else { return self.line(row).read_diagnosis(field) };
            let mixed = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            match recent.get_mut((mixed >> 56) as usize) {
                Some((known, cell)) if *known == key => *cell,
                slot => {
                    let cell = self.line(row).read_diagnosis(field);
                    slot.into_iter().for_each(|slot| *slot = (key, cell));
                    cell
                }
            }
        }));
    }

    /// A text of 1 to 15 bytes as a number, its length in the highest byte.
    #[inline]
    fn short(&self, span: Span) -> Option<u128> {
        let start = span.start as usize;
        let bytes = self.text.get(start..)?.first_chunk::<16>().filter(|_| span.len <= 15)?;
        let mask = (1_u128 << (8 * span.len)) - 1;
        Some(u128::from_le_bytes(*bytes) & mask | u128::from(span.len) << 120)
    }

    /// Finds the text of every cell of a field.
    fn each_text(&self, field: Field, into: &mut Vec<Span>) {
        if !self.is_read(field) {
            return;
        }
        into.extend((0..self.len()).map(|row| {
            let Some(span) = self.cell_span(field, row) else { return Span::default() };
            let cell = self.slice(span);
            let text = trim(cell);
            if self.vocabulary.missing.contains(text) {
                return Span::default();
            }
            let before = text.as_ptr().addr() - cell.as_ptr().addr();
            Span { start: span.start + before as u32, len: text.len() as u32 }
        }));
    }

    /// Reads every cell of a field. Neighbours mostly say the same: a cell is read again only
    /// where it differs from the one before it.
    fn each_cell<T: Copy>(
        &self,
        field: Field,
        read: impl Fn(&[u8]) -> Cell<T>,
        into: &mut Vec<Cell<T>>,
    ) {
        if !self.has(field) {
            into.resize(self.len(), Cell::Missing);
            return;
        }
        let (mut before, mut value) = (&b""[..], Cell::Missing);
        into.extend((0..self.len()).map(|row| {
            let cell = self.cell(field, row).unwrap_or_default();
            if cell != before {
                let text = self.line(row).text(field);
                (before, value) = (cell, text.map_or(Cell::Missing, &read));
            }
            value
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::batch::Span;
    use crate::model::cell::MissingWords;
    use crate::model::{Procedure, Vocabulary};

    #[test]
    fn values_are_the_same_read_beforehand_and_on_demand() {
        let fields = [
            Field::ServiceDate,
            Field::ServiceEnd,
            Field::Charge,
            Field::Units,
            Field::Modifier1,
            Field::Modifier2,
        ];
        let mut columns = [const { Column::NotMapped }; Field::COUNT];
        for (at, field) in fields.iter().enumerate() {
            columns[*field as usize] = Column::At(at as u32);
        }
        let vocabulary =
            Vocabulary { missing: MissingWords::new(["NULL"]), modifiers: [*b"25", *b"59"].into() };
        let mut batch = Batch::new(0, 6, true, Arc::new(columns), Arc::new(vocabulary));
        let rows = [
            "2024-03-01,2024-03-02,1.00,1,25,59",
            "2024-03-01,2024-03-02,1.00,1,25,59",
            "20240301, 2024-02-30 ,x,0.5,2559,",
            "NULL,,,,,LT",
            ",03/01/2024,\"$1,000.00\",-1,\"25,59\",NULL",
        ];
        for row in rows {
            let start = batch.text.len() as u32;
            let mut quoted = false;
            for (at, byte) in row.bytes().enumerate() {
                quoted ^= byte == b'"';
                if byte == b',' && !quoted {
                    batch.ends.push(start + at as u32);
                }
            }
            batch.text.extend_from_slice(row.as_bytes());
            batch.ends.push(batch.text.len() as u32);
            batch.put_line(start, Span::default(), Procedure::Missing);
        }
        let told = |batch: &Batch| -> Vec<String> {
            let line = |line: crate::model::Line<'_>| {
                format!(
                    "{:?} {:?} {:?} {:?} {:?}",
                    line.service_date(),
                    line.service_end(),
                    line.charge(),
                    line.units(),
                    line.modifiers()
                )
            };
            batch.lines().map(line).collect()
        };
        let on_demand = told(&batch);
        batch.read_values(fields.into_iter().collect());
        assert_eq!(told(&batch), on_demand);
        assert_eq!(batch.typed.service_dates.len(), rows.len());
        assert!(on_demand[3].contains("has_gap: true") && !on_demand[0].contains("has_gap: true"));
    }
}
