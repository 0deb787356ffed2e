//! The cells of plain records, from the separators that the scan left.

use memchr::memchr;

use crate::input::chunk::{Chunk, Record};
use crate::input::masks::BLOCK;
use crate::model::Batch;

/// Finds the ends of the cells of plain records, asked for one after the other.
///
/// As long as every record is plain and has the width of the header, the places of the separators
/// *are* the ends of the batch's cells, and nothing is copied. From the first that is not on, the
/// ends are copied record by record.
pub struct Cut<'c> {
    odd_bytes: Blocks<'c>,
    doubled_quotes: Blocks<'c>,
    /// Separators that are still to be given out, when they are copied.
    rest: Vec<u32>,
    /// How many of them were given out.
    at: usize,
    /// Whether the batch's ends are the separators.
    is_flat: bool,
    /// How many separators there are.
    count: usize,
}

impl<'c> Cut<'c> {
    /// The records of a chunk, whose text is in an empty batch.
    pub fn new(chunk: &'c Chunk, batch: &mut Batch) -> Cut<'c> {
        // Each cell of a whole record ends at a byte of its own, but for the last of the text. Then
        // there is room for one record more: of records that are too short there may be thousands,
        // and a table has thousands of columns.
        let cells = chunk.records.len() * batch.width;
        let cells = cells.min(batch.text.len() + 1 + batch.width);
        let count = chunk.structure.flatten(&mut batch.ends);
        let odd_bytes = Blocks(chunk.structure.odd_bytes());
        let doubled_quotes = Blocks(chunk.structure.doubled_quotes());
        let mut cut =
            Cut { odd_bytes, doubled_quotes, rest: Vec::new(), at: 0, is_flat: true, count };
        if !chunk.is_plain() {
            cut.unflatten(batch, 0);
        }
        if batch.ends.len() < cells {
            batch.ends.resize(cells, 0);
        }
        cut
    }

    /// Whether a NUL or a byte that is no ASCII may be in the plain record; asked for in order.
    #[inline]
    pub fn may_have_odd_bytes(&mut self, record: &Record) -> bool {
        self.odd_bytes.may_meet(record)
    }

    /// Whether a plain record that may have odd bytes has no NUL and is UTF-8.
    ///
    /// Only blocks with odd bytes are looked at: a character that reaches into the next block is
    /// odd in both, so each row of such blocks is UTF-8 by itself, or the record is not.
    #[inline]
    pub fn is_decodable(&self, text: &[u8], record: &Record) -> bool {
        let last = record.end / BLOCK as u32;
        let mut blocks = self.odd_bytes.0.iter().take_while(|block| **block <= last).peekable();
        while let Some(first) = blocks.next() {
            let mut end = first + 1;
            while let Some(next) = blocks.next_if(|next| **next <= end) {
                end = next + 1;
            }
            let start = (*first as usize * BLOCK).max(record.start as usize);
            let end = (end as usize * BLOCK).min(record.end as usize);
            let piece = text.get(start..end).unwrap_or_default();
            if memchr(0, piece).is_some() || std::str::from_utf8(piece).is_err() {
                return false;
            }
        }
        true
    }

    /// Whether a doubled quote may be in the plain record; asked for in the order of the records.
    #[inline]
    pub fn may_have_doubled_quotes(&mut self, record: &Record) -> bool {
        self.doubled_quotes.may_meet(record)
    }

    /// Copies from here on; `from` separators were given out.
    pub fn unflatten(&mut self, batch: &Batch, from: usize) {
        if self.is_flat {
            self.is_flat = false;
            self.rest = batch.ends.get(from..self.count).unwrap_or_default().to_vec();
        }
    }

    /// Passes over a plain record.
    #[cold]
    pub fn pass_over(&mut self, batch: &Batch, record: &Record) {
        self.unflatten(batch, batch.len() * batch.width);
        let rest = self.rest.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|separator| *separator <= feed(batch, record));
    }

    /// Whether the ends of the cells of the next record are in the batch, as many as there should
    /// be, but for the last, which [`Cut::take_whole`] puts right.
    #[inline]
    pub fn is_whole(&self, batch: &Batch, record: &Record) -> bool {
        let row = batch.len() * batch.width;
        let last = (row + batch.width).checked_sub(1).filter(|last| *last < self.count);
        let last = last.filter(|_| self.is_flat).and_then(|last| batch.ends.get(last));
        // A record's separators end with its LF: if that is the last of so many, there are so many.
        last.is_some_and(|last| *last == feed(batch, record))
    }

    /// Takes the next record, which is whole.
    #[inline]
    pub fn take_whole(&mut self, batch: &mut Batch, record: &Record) {
        let last = (batch.len() + 1) * batch.width - 1;
        if let Some(last) = batch.ends.get_mut(last) {
            *last = record.end;
        }
    }

    /// The ends of the cells of the next plain record into the batch; false if it has too many
    /// cells or too few, and is passed over.
    #[inline]
    pub fn plain(&mut self, batch: &mut Batch, record: &Record) -> bool {
        let whole =
            if self.is_flat { self.is_whole(batch, record) } else { self.copy(batch, record) };
        match whole {
            true => self.take_whole(batch, record),
            false => self.pass_over(batch, record),
        }
        whole
    }

    /// Copies the ends of the next record into the batch, if there are as many as there should be.
    fn copy(&mut self, batch: &mut Batch, record: &Record) -> bool {
        let row = batch.len() * batch.width;
        let next = self.rest.get(self.at..self.at + batch.width).unwrap_or_default();
        let is_whole = next.last() == Some(&feed(batch, record));
        let Some(ends) = batch.ends.get_mut(row..row + batch.width).filter(|_| is_whole) else {
            return false;
        };
        ends.copy_from_slice(next);
        self.at += next.len();
        true
    }
}

/// Numbers of blocks in rising order, from the last record asked for on.
struct Blocks<'c>(&'c [u32]);

impl Blocks<'_> {
    /// Whether a record, none before the last one asked for, reaches into one of the blocks.
    #[inline]
    fn may_meet(&mut self, record: &Record) -> bool {
        while let [first, rest @ ..] = self.0 {
            if *first >= record.start / BLOCK as u32 {
                return *first <= record.end / BLOCK as u32;
            }
            self.0 = rest;
        }
        false
    }
}

/// Where the LF of a plain record is.
#[inline]
fn feed(batch: &Batch, record: &Record) -> u32 {
    record.end + u32::from(batch.text.get(record.end as usize) == Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::scan::Bounds;
    use crate::input::split::Marks;

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

        #[test]
        fn blocks_with_odd_bytes_tell_what_whole_records_tell(
            picks in proptest::collection::vec(0_usize..40, 0..60),
        ) {
            let odd: [&[u8]; 7] =
                [b"\n", b"\n", "é".as_bytes(), "€😀".as_bytes(), b"\0", b"\xff", b"\xc3"];
            let plain = b"0123456789 abcdefghijklmnopqrstuvwxyz,";
            let part = |pick: &usize| match odd.get(*pick) {
                Some(part) => *part,
                None => &plain[..*pick - odd.len() + 2],
            };
            let text: Vec<u8> = picks.iter().flat_map(|pick| part(pick).to_vec()).collect();
            let mut chunk = Chunk::default();
            let marks = Marks { delimiter: b',', quoting: true };
            let bounds = Bounds { records: 100, record_bytes: 1 << 20 };
            let Chunk { structure, records, .. } = &mut chunk;
            structure.scan(marks, &text, 0, bounds, |start, feed| {
                records.push(Record { start: start as u32, end: feed as u32, line: 0, other: 0 });
            });
            let mut cut = Cut {
                odd_bytes: Blocks(chunk.structure.odd_bytes()),
                doubled_quotes: Blocks(&[]),
                rest: Vec::new(),
                at: 0,
                is_flat: true,
                count: 0,
            };
            for record in &chunk.records {
                let bytes = &text[record.start as usize..record.end as usize];
                let want = !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
                let got = !cut.may_have_odd_bytes(record) || cut.is_decodable(&text, record);
                proptest::prop_assert_eq!(got, want, "{:?} in {:?}", bytes, text);
            }
        }
    }
}
