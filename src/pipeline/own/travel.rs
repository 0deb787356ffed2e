//! The cells that rules in SQL read, as bytes that travel with their line.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::exchange::wire::{Put, Take, broken};
use crate::lint::checks::PreparedSql;
use crate::lint::sql::frame::{Frame, cell};
use crate::lint::sql::run;
use crate::lint::sql::slots::Slot;
use crate::lint::sql::vector::{Builder, Vector, View};
use crate::lint::{Knowledge, Want, Wants};
use crate::model::{Cell, Line, Modifiers};

/// Notes what a rule says of every line of a frame.
pub fn wanted(rule: &PreparedSql, frame: &Frame<'_>, wants: &mut Wants) {
    let Some(told) = run::wanted(rule.program, frame) else { return wants.put_all() };
    for (row, told) in told.into_iter().enumerate() {
        wants.put(
            row,
            match told {
                Some(true) => Want::Yes,
                Some(false) => Want::No,
                None => Want::LeftOut(rule.program.why()),
            },
        );
    }
}

/// What the first byte of a cell says; a text says its length from [`VALUE`] on.
const MISSING: u128 = 0;
const MALFORMED: u128 = 1;
const VALUE: u128 = 2;

/// Appends the cells of a line.
pub fn put_cells(line: Line<'_>, slots: &[Slot], knowledge: &Knowledge, into: &mut Vec<u8>) {
    for slot in slots {
        if let Slot::Modifiers = slot {
            let modifiers = line.modifiers();
            into.push(modifiers.as_slice().len() as u8);
            into.push(modifiers.malformed);
            modifiers.as_slice().iter().for_each(|modifier| into.extend_from_slice(modifier));
            continue;
        }
        match cell(line, *slot, knowledge) {
            Cell::Missing => into.put_number(MISSING),
            Cell::Malformed => into.put_number(MALFORMED),
            Cell::Value(View::Text(text)) => {
                into.put_number(text.len() as u128 + VALUE);
                into.extend_from_slice(text);
            }
            Cell::Value(View::Date(days)) => {
                into.put_number(VALUE);
                into.extend_from_slice(&days.to_le_bytes());
            }
            Cell::Value(View::Number(value)) => {
                into.put_number(VALUE);
                into.put_signed(Some(value));
            }
            Cell::Value(View::Flag(value)) => into.put_number(VALUE + u128::from(value)),
            Cell::Value(View::Null) => into.put_number(MISSING),
        }
    }
}

/// The cells of lines as columns; and for each line which columns are malformed, one bit each.
pub struct Columns {
    builders: Vec<Builder>,
    modifiers: Vec<Modifiers>,
    /// Which columns are malformed, line by line.
    pub malformed: Vec<u128>,
}

impl Columns {
    /// For so many lines.
    pub fn new(slots: &[Slot], lines: usize) -> Columns {
        let builders = slots.iter().map(|slot| Builder::new(slot.kind(), lines)).collect();
        Columns { builders, modifiers: Vec::new(), malformed: Vec::with_capacity(lines) }
    }

    /// Adds the cells of a line.
    pub fn add(&mut self, slots: &[Slot], cells: &[u8]) -> Result<()> {
        let mut take = Take(cells);
        let mut malformed = 0_u128;
        for (at, (slot, builder)) in slots.iter().zip(&mut self.builders).enumerate() {
            if let Slot::Modifiers = slot {
                let modifiers = take_modifiers(&mut take)?;
                malformed |= u128::from(modifiers.malformed != 0) << at;
                self.modifiers.push(modifiers);
                continue;
            }
            let state = take.number()?;
            if state <= MALFORMED {
                malformed |= state << at;
                builder.push(View::Null);
                continue;
            }
            builder.push(match builder {
                Builder::Texts(_) => {
                    let length = usize::try_from(state - VALUE).map_err(|_| broken())?;
                    View::Text(take.exactly(length)?)
                }
                Builder::Days(..) => {
                    let bytes = take.exactly(4)?.try_into().map_err(|_| broken())?;
                    View::Date(i32::from_le_bytes(bytes))
                }
                Builder::Numbers(..) => View::Number(take.signed()?.ok_or_else(broken)?),
                Builder::Flags(..) => View::Flag(state > VALUE),
            });
        }
        self.malformed.push(malformed);
        Ok(())
    }

    /// The columns by what they are of, and what is malformed.
    pub fn finish(self, slots: &[Slot]) -> (BTreeMap<Slot, Vector>, Vec<u128>) {
        let modifiers: Arc<[Modifiers]> = self.modifiers.into();
        let column = |(slot, builder): (&Slot, Builder)| match slot {
            Slot::Modifiers => (*slot, Vector::Modifiers(Arc::clone(&modifiers))),
            slot => (*slot, builder.finish()),
        };
        (slots.iter().zip(self.builders).map(column).collect(), self.malformed)
    }
}

fn take_modifiers(take: &mut Take<'_>) -> Result<Modifiers> {
    let [count, malformed] = take.exactly(2)?.try_into().map_err(|_| broken())?;
    let mut modifiers = Modifiers::default();
    modifiers.malformed = malformed;
    for _ in 0..count {
        let modifier = take.exactly(2)?.try_into().map_err(|_| broken())?;
        if !modifiers.push(modifier) {
            return Err(broken());
        }
    }
    Ok(modifiers)
}
