//! The detour of kept lines: a second grouping, such as the patient's day, where a line of another
//! claim may settle them before their own claim is judged.

use crate::exchange::RowsBuilder;
use crate::exchange::rows::{Row, hash_key};
use crate::lint::{Detour, Look};
use crate::model::group::Witness;
use crate::model::{Batch, Date, Field, KeptLine, Line};
use crate::pipeline::fold::Fold;
use crate::pipeline::plan::DetourStream;

/// Days of one line that are noted: a longer stay is noted by its first days.
const DAYS_MAX: i32 = 31;

/// Puts lines into the second grouping.
pub struct Around<'r> {
    batch: &'r Batch,
    detour: &'r DetourStream,
    can_group: bool,
    key: Vec<u8>,
    /// What witnesses say: to make room for one anew would cost more than to write it.
    row: Row,
    /// The rows.
    pub rows: &'r mut RowsBuilder,
}

impl<'r> Around<'r> {
    /// The detour of a batch, by way of an empty builder.
    pub fn new(fold: &Fold<'r>, detour: &'r DetourStream, rows: &'r mut RowsBuilder) -> Self {
        let can_group = detour.stream.key.iter().all(|field| fold.batch.has(*field));
        let facts = u64::from(Detour::FACT) << (4 * detour.check);
        let row = Row { facts, ..Row::default() };
        Around { batch: fold.batch, detour, can_group, key: Vec::new(), row, rows }
    }

    /// Notes the lines that settle kept lines of other claims. Of neighbours with one key the first
    /// stands for all.
    pub fn witnesses(&mut self, looks: &[Look]) {
        if !self.can_group {
            return;
        }
        let mut last: Option<usize> = None;
        for (row, look) in looks.iter().enumerate() {
            if look.facts() & Detour::FACT == 0 || last.is_some_and(|last| self.same(last, row)) {
                continue;
            }
            let line = self.batch.line(row);
            if let Some((code, _)) = line.procedure().code() {
                last = Some(row);
                self.witness(line, Witness { place: line.place(), code });
            }
        }
    }

    /// Whether two lines have the same keys.
    fn same(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.batch.line(one), self.batch.line(other));
        let same = |field: &Field| match field {
            Field::ServiceDate => one.service_date() == other.service_date(),
            field => one.text(*field) == other.text(*field),
        };
        one.service_days() == other.service_days() && self.detour.stream.key.iter().all(same)
    }

    fn witness(&mut self, line: Line<'_>, witness: Witness) {
        self.row.witnesses.clear();
        self.row.witnesses.push((self.detour.check as u8, witness));
        let is_dated = self.detour.stream.key.contains(&Field::ServiceDate);
        let window = i32::from(self.detour.window_days);
        let days = match line.service_days().filter(|_| is_dated) {
            Some((first, last)) => {
                let last = last.days().min(first.days() + DAYS_MAX - 1);
                first.days() - window..=last + window
            }
            None => 0..=0,
        };
        for day in days {
            if self.write_key(line, Date::from_days(day)).is_some() {
                self.rows.put(hash_key(&self.key), &self.key, &self.row);
            }
        }
    }

    /// Takes a kept line, if it has the key and the rule that asks for the detour keeps it.
    pub fn keep(&mut self, line: Line<'_>, kept: &KeptLine<'_>) -> bool {
        let is_asked = kept.keepers & (1 << self.detour.check) != 0;
        let day = line.service_date().value();
        if !is_asked || !self.can_group || self.write_key(line, day).is_none() {
            return false;
        }
        self.rows.put_kept(hash_key(&self.key), &self.key, kept);
        true
    }

    /// Writes the key of a line on a day; nothing when it has none.
    fn write_key(&mut self, line: Line<'_>, day: Option<Date>) -> Option<()> {
        self.key.clear();
        for field in &self.detour.stream.key {
            match field {
                Field::ServiceDate => {
                    line.service_date().value()?;
                    self.key.extend_from_slice(&day?.days().to_le_bytes());
                }
                field => {
                    let text = line.text(*field)?;
                    self.key.extend_from_slice(&(text.len() as u32).to_le_bytes());
                    self.key.extend_from_slice(text);
                }
            }
        }
        Some(())
    }
}
