//! The columns that expressions are evaluated over, each made when it is first asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::lint::Knowledge;
use crate::lint::sql::slots::{CENTS_MAX, Slot, UNITS_MAX};
use crate::lint::sql::values::Value;
use crate::lint::sql::vector::{Builder, Datum, Vector, View};
use crate::model::{Batch, Cell, Cents, Class, Code, Date, Field, Line, Procedure, Units};

/// Lines as columns.
pub struct Frame<'a> {
    /// How many lines there are.
    pub lines: usize,
    /// What is known beside the data.
    pub knowledge: &'a Knowledge,
    batch: Option<&'a Batch>,
    columns: RefCell<BTreeMap<Slot, Vector>>,
}

impl<'a> Frame<'a> {
    /// The lines of a batch.
    pub fn of_batch(batch: &'a Batch, knowledge: &'a Knowledge) -> Frame<'a> {
        let columns = RefCell::default();
        Frame { lines: batch.len(), knowledge, batch: Some(batch), columns }
    }

    /// Lines of which these columns are known.
    pub fn of_columns(
        lines: usize,
        columns: BTreeMap<Slot, Vector>,
        knowledge: &'a Knowledge,
    ) -> Frame<'a> {
        Frame { lines, knowledge, batch: None, columns: RefCell::new(columns) }
    }

    /// The values of a column; unknown where there is none.
    pub fn get(&self, slot: Slot) -> Datum {
        if let Some(known) = self.columns.borrow().get(&slot) {
            return Datum::Each(known.clone());
        }
        let Some(batch) = self.batch else { return Datum::One(Value::Null) };
        let column = column(batch, slot, self.knowledge);
        self.columns.borrow_mut().insert(slot, column.clone());
        Datum::Each(column)
    }
}

/// The values of a column of a batch.
fn column(batch: &Batch, slot: Slot, knowledge: &Knowledge) -> Vector {
    if let Slot::Modifiers = slot {
        let all: Arc<[_]> = batch.lines().map(|line| line.modifiers()).collect();
        return Vector::Modifiers(all);
    }
    let mut builder = Builder::new(slot.kind(), batch.len());
    for line in batch.lines() {
        builder.push(cell(line, slot, knowledge).value().unwrap_or(View::Null));
    }
    builder.finish()
}

/// What the cell of a column that is no list holds.
pub fn cell<'l>(line: Line<'l>, slot: Slot, knowledge: &'l Knowledge) -> Cell<View<'l>> {
    let procedure = line.procedure();
    let stands_for = || match procedure.code() {
        Some(known) => Cell::Value(known),
        None if procedure == Procedure::Malformed => Cell::Malformed,
        None => Cell::Missing,
    };
    let text =
        |text: Option<&'l [u8]>| text.map_or(Cell::Missing, |text| Cell::Value(View::Text(text)));
    match slot {
        Slot::Text(field) => text(line.text(field)),
        Slot::Date(field) => map(date(line, field), |date| Some(View::Date(date.days()))),
        Slot::Cents(field) => map(cents(line, field), |Cents(value)| number(value, CENTS_MAX)),
        Slot::Units => map(line.units(), |Units(value)| number(value.into(), UNITS_MAX)),
        Slot::Code | Slot::Repaired => match (procedure, line.code_text()) {
            (Procedure::Damaged(..), _) if slot == Slot::Code => Cell::Malformed,
            (_, Some(code)) => Cell::Value(View::Text(code)),
            _ => map(stands_for(), |_| None),
        },
        Slot::Class => map(stands_for(), |(_, class)| Some(View::Text(class.name().as_bytes()))),
        Slot::Section => match stands_for() {
            Cell::Value((code, class)) => text(section(code, class, knowledge).map(str::as_bytes)),
            cell => map(cell, |_| None),
        },
        Slot::WellFormed => match procedure {
            Procedure::Missing | Procedure::Foreign => Cell::Missing,
            procedure => Cell::Value(View::Flag(matches!(procedure, Procedure::Coded(..)))),
        },
        Slot::Modifiers => Cell::Missing,
    }
}

/// The same cell with another value; malformed where there is none.
fn map<'l, T>(cell: Cell<T>, value: impl FnOnce(T) -> Option<View<'l>>) -> Cell<View<'l>> {
    match cell {
        Cell::Missing => Cell::Missing,
        Cell::Malformed => Cell::Malformed,
        Cell::Value(found) => value(found).map_or(Cell::Malformed, Cell::Value),
    }
}

fn section(code: Code, class: Class, knowledge: &Knowledge) -> Option<&str> {
    match class {
        Class::CategoryOne => knowledge.category_one.of(code),
        Class::CategoryTwo => knowledge.category_two.of(code),
        _ => None,
    }
}

/// A number, where it is not larger than what is computed with.
fn number(value: i128, most: i128) -> Option<View<'static>> {
    (value.abs() <= most).then_some(View::Number(value))
}

fn date(line: Line<'_>, field: Field) -> Cell<Date> {
    match field {
        Field::ServiceDate => line.service_date(),
        Field::ServiceEnd => line.service_end(),
        Field::ReceivedDate => line.received_date(),
        _ => line.birth_date(),
    }
}

fn cents(line: Line<'_>, field: Field) -> Cell<Cents> {
    if field == Field::Charge { line.charge() } else { line.total() }
}
