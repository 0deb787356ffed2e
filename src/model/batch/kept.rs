//! A batch with some of its lines left out.

use crate::model::Batch;
use crate::model::batch::{Disagreement, Places};

impl Batch {
    /// Keeps the lines that `is_kept` says, and counts the others as left out.
    pub fn keep(&mut self, is_kept: impl Fn(&Batch, usize) -> bool) {
        let kept: Vec<usize> = (0..self.len()).filter(|row| is_kept(self, *row)).collect();
        if kept.len() == self.len() {
            return;
        }
        self.break_row();
        self.left_out += (self.len() - kept.len()) as u64;
        let width = self.width;
        for (to, from) in kept.iter().copied().enumerate() {
            self.ends.copy_within(from * width..(from + 1) * width, to * width);
        }
        fn gather<T: Copy>(from: &mut Vec<T>, kept: &[usize]) {
            *from = kept.iter().filter_map(|row| from.get(*row).copied()).collect();
        }
        gather(&mut self.starts, &kept);
        gather(&mut self.claims, &kept);
        gather(&mut self.procedures, &kept);
        if let Places::Each(places) = &mut self.places {
            gather(places, &kept);
        }
        let now = |row: u32| kept.binary_search(&(row as usize)).ok().map(|row| row as u32);
        let renumber = |rows: &mut Vec<u32>| {
            *rows = rows.iter().filter_map(|row| now(*row)).collect();
        };
        renumber(&mut self.uncoded);
        renumber(&mut self.without_claim);
        let resolved = self.resolved.iter();
        self.resolved =
            resolved.filter_map(|((row, at), span)| Some(((now(*row)?, *at), *span))).collect();
        let noted = self.disagreements.iter();
        let noted = noted.filter_map(|noted| Some(Disagreement { row: now(noted.row)?, ..*noted }));
        self.disagreements = noted.collect();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::model::batch::{Column, Place, Span};
    use crate::model::cell::MissingWords;
    use crate::model::{Batch, Field, Procedure, Vocabulary};

    /// Lines of one cell each, which is the claim number: `A1` and so on.
    fn batch(rows: usize) -> Batch {
        let mut columns = [const { Column::NotMapped }; Field::COUNT];
        columns[Field::ClaimId as usize] = Column::At(0);
        let missing = MissingWords::new(["NULL"]);
        let vocabulary = Vocabulary { missing, modifiers: Default::default() };
        let mut batch = Batch::new(0, 1, false, Arc::new(columns), Arc::new(vocabulary));
        batch.clear(Some(Place { source: 0, record: 5, line: 6, byte: 100 }));
        for row in 0..rows {
            let start = batch.text.len() as u32;
            let claim = format!("A{row}");
            batch.text.extend_from_slice(claim.as_bytes());
            batch.ends.push(batch.text.len() as u32);
            batch.text.push(b'\n');
            let len = if row == 3 { 0 } else { claim.len() as u32 };
            batch.put_line(start, Span { start, len }, Procedure::Missing);
        }
        batch
    }

    #[test]
    fn what_is_kept_is_as_it_was() {
        for kept in [0_usize, 0b1, 0b1010, 0b11111, 0b10101, 0b01000] {
            let (all, mut some) = (batch(5), batch(5));
            some.keep(|_, row| kept >> row & 1 == 1);
            let rows: Vec<usize> = (0..5).filter(|row| kept >> row & 1 == 1).collect();
            assert_eq!((some.len(), some.left_out), (rows.len(), 5 - rows.len() as u64));
            for (now, then) in rows.iter().enumerate() {
                assert_eq!(some.place(now), all.place(*then));
                assert_eq!(some.line(now).claim_id(), all.line(*then).claim_id());
                assert_eq!(some.line(now).raw(Field::ClaimId), all.line(*then).raw(Field::ClaimId));
            }
            let missing: Vec<u32> =
                rows.iter().position(|row| *row == 3).map(|at| at as u32).into_iter().collect();
            assert_eq!(some.without_claim(), missing);
            assert_eq!(some.uncoded().len(), rows.len());
        }
    }
}
