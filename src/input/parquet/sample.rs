//! What dates look like in the first rows of a file.

use std::collections::BTreeSet;

use crate::input::dates::{self, Sample};
use crate::input::layout::Layout;
use crate::input::parquet::Parquet;
use crate::input::parquet::block::Block;

/// Rows that are looked at for how their dates are written.
const SAMPLE_ROWS: u64 = 20_000;

impl Parquet {
    /// What the columns of dates hold in the first rows. Rows that cannot be read tell nothing
    /// here: they are met again.
    pub(super) fn sample(mut self, layout: &Layout) -> Sample {
        let mut sample = Sample::new(layout.names.len());
        let columns = dates::wanted(layout).into_iter().flat_map(|(_, columns)| columns);
        let wanted: BTreeSet<usize> = columns.collect();
        let _ = self.table.wanted.set(wanted.iter().copied().collect());
        let mut text = Vec::new();
        while self.given < SAMPLE_ROWS {
            let Ok(Some(rows)) = self.take() else { break };
            let (columns, bytes_max) = (0..wanted.len(), self.table.record_bytes_max);
            let Some(mut block) = Block::new(&rows.slab, columns, rows.from, bytes_max) else {
                return sample;
            };
            let mut left = rows.count;
            while left > 0 {
                let Some(count) = block.advance(left) else { return sample };
                for (at, column) in wanted.iter().enumerate() {
                    for row in 0..count {
                        block.put(row, at, &mut text);
                        sample.add(*column, &text);
                    }
                }
                left -= count;
            }
        }
        sample
    }
}
