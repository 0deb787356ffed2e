//! Columns of a batch as values: dates, money, units, modifiers, each cell read once however many
//! rules ask for it.

use crate::model::batch::Column;
use crate::model::cell::trim;
use crate::model::date_format::DateFormat;
use crate::model::modifiers::Modifiers;
use crate::model::units::Units;
use crate::model::{Batch, Cell, Cents, Date, Field, FieldSet};

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
}

impl Typed {
    /// The fields that can be read as values beforehand; any modifier field stands for all four.
    pub const FIELDS: [Field; 7] = [
        Field::ServiceDate,
        Field::ServiceEnd,
        Field::ReceivedDate,
        Field::PatientBirthDate,
        Field::Charge,
        Field::Units,
        Field::Modifier1,
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
            typed.modifiers.extend(self.lines().map(|line| line.read_modifiers()));
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
