//! The fast way through plain records: 64 bytes at a time, each byte looked at once.
//!
//! A record is *plain* when it is one physical line, ends with LF or CR LF, is not blank and not
//! too long, and has its quotes where quotes may be. Anything else is left to
//! [`super::split::step`], which is the slow twin and decides in every doubt. What was found on the
//! way is kept: one bit for each delimiter and line end outside quotes, from which [`super::cut`]
//! makes cells without looking at the bytes again.

#[cfg(target_arch = "x86_64")]
use crate::input::masks::{Avx2, Vbmi2};
use crate::input::masks::{BLOCK, Level, Masks, Words};
use crate::input::split::Marks;

/// What a scan of a chunk's text left.
#[derive(Debug, Default)]
pub struct Structure {
    /// One word for each 64 bytes of the text, one bit for each byte: set for a delimiter or the
    /// LF of a plain record, outside quotes; not set in other records.
    separators: Vec<u64>,
    /// The blocks of 64 bytes, by number, in which a NUL or a byte that is no ASCII was seen.
    odd_bytes: Vec<u32>,
    /// The blocks of 64 bytes, by number, in which a doubled quote ends.
    doubled_quotes: Vec<u32>,
}

/// Limits of a scan.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Records to find at most.
    pub records: usize,
    /// Bytes that a record may have.
    pub record_bytes: usize,
}

/// The state of quotes between two blocks.
struct Carry {
    /// All ones inside a quoted cell.
    inside: u64,
    /// Whether the last byte may stand before an opening quote.
    edge: u64,
    /// Whether the last byte was a closing quote, and something must still follow it.
    closed: u64,
    /// Whether the last byte was a CR, and a LF must follow it.
    returned: u64,
}

/// One block, as far as plain records go.
struct Block {
    /// Delimiters and line ends outside quotes.
    separators: u64,
    /// Line ends outside quotes.
    feeds: u64,
    /// Bytes that show that a record is not plain. Before the first, everything else is exact.
    trouble: u64,
    /// Whether a quote follows a closing quote.
    doubled: bool,
}

impl Structure {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.separators.clear();
        self.odd_bytes.clear();
        self.doubled_quotes.clear();
    }

    /// Forgets what lies past the first `length` bytes of the text.
    fn truncate(&mut self, length: usize) {
        self.separators.truncate(length.div_ceil(BLOCK));
        if !length.is_multiple_of(BLOCK)
            && let Some(last) = self.separators.get_mut(length / BLOCK)
        {
            *last &= !(!0 << (length % BLOCK));
        }
    }

    /// Finds plain records from `pos` on, where a record starts, and calls `record` with the start
    /// of each and the place of its LF. Returns where the first record starts that is not plain,
    /// not complete, or past the bounds.
    pub fn scan(
        &mut self,
        marks: Marks,
        text: &[u8],
        pos: usize,
        bounds: Bounds,
        record: impl FnMut(usize, usize),
    ) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = Avx2::detect() {
            return level.run(|| self.scan_at(level, marks, text, pos, bounds, record));
        }
        self.scan_at(Words, marks, text, pos, bounds, record)
    }

    /// The same with the instructions of a level.
    #[inline(always)]
    pub fn scan_at(
        &mut self,
        level: impl Level,
        marks: Marks,
        text: &[u8],
        pos: usize,
        bounds: Bounds,
        record: impl FnMut(usize, usize),
    ) -> usize {
        self.prepare(text.len(), pos / BLOCK);
        let carry = Carry { inside: 0, edge: 1 << (pos % BLOCK), closed: 0, returned: 0 };
        let left = bounds.records;
        let mut scan =
            Scan { structure: self, marks, text, bounds, record, carry, start: pos, left };
        scan.blocks(level, pos);
        let stopped = scan.start;
        self.truncate(stopped);
        stopped
    }

    /// The blocks with a NUL or a byte that is no ASCII, by number, in rising order; a block may
    /// come twice. Of records that are not plain, blocks may be left out.
    pub fn odd_bytes(&self) -> &[u32] {
        &self.odd_bytes
    }

    /// The blocks in which doubled quotes end, in the same way.
    pub fn doubled_quotes(&self) -> &[u32] {
        &self.doubled_quotes
    }

    /// Writes the places of all separators into `places`, in order, and returns how many there are.
    /// What stands after them means nothing.
    pub fn flatten(&self, places: &mut Vec<u32>) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = Vbmi2::detect() {
            return level.run(|| self.flatten_at(level, places));
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = Avx2::detect() {
            return level.run(|| self.flatten_at(level, places));
        }
        self.flatten_at(Words, places)
    }

    #[inline(always)]
    fn flatten_at(&self, level: impl Level, places: &mut Vec<u32>) -> usize {
        let count = self.separators.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        if places.len() < count + BLOCK {
            places.resize(count + BLOCK, 0);
        }
        let mut rest = places.as_mut_slice();
        for (base, word) in (0_u32..).step_by(BLOCK).zip(&self.separators) {
            // There is room for a whole block after the last place.
            let Some(next) = rest.first_chunk_mut::<BLOCK>() else { break };
            level.places(*word, base, next);
            rest = rest.get_mut(word.count_ones() as usize..).unwrap_or_default();
        }
        count
    }

    /// Makes room for the blocks of a text, of which those from `first` on are to be seen.
    fn prepare(&mut self, length: usize, first: usize) {
        self.separators.resize(length.div_ceil(BLOCK), 0);
        // What was seen ahead of a record that is not plain is seen again.
        for blocks in [&mut self.odd_bytes, &mut self.doubled_quotes] {
            blocks.truncate(blocks.partition_point(|block| *block as usize <= first));
        }
    }
}

/// A scan on its way.
struct Scan<'s, R> {
    structure: &'s mut Structure,
    marks: Marks,
    text: &'s [u8],
    bounds: Bounds,
    /// Is told of each plain record.
    record: R,
    carry: Carry,
    /// Where the record starts that is being looked at.
    start: usize,
    /// Records that may still be found.
    left: usize,
}

impl<R: FnMut(usize, usize)> Scan<'_, R> {
    /// Looks at the blocks from the one with `pos` on, until one says to stop.
    #[inline(always)]
    fn blocks(&mut self, level: impl Level, pos: usize) {
        let (whole, tail) = self.text.as_chunks::<BLOCK>();
        // What fills up the last block is not live.
        let mut last = [b' '; BLOCK];
        last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
        // In the first block, what lies before the record counts as nothing.
        let mut live = !0 << (pos % BLOCK);
        for number in pos / BLOCK..=whole.len() {
            let block = whole.get(number).unwrap_or_else(|| {
                live &= !(!0 << tail.len());
                &last
            });
            if !self.block(level, block, number, live) {
                return;
            }
            live = !0;
        }
    }

    /// Looks at the bytes of a block that are marked as live; false when the scan stops here.
    #[inline(always)]
    fn block(&mut self, level: impl Level, block: &[u8; BLOCK], number: usize, live: u64) -> bool {
        let mut masks = level.masks(block, self.marks.delimiter);
        masks.delimiters &= live;
        masks.feeds &= live;
        masks.returns &= live;
        masks.quotes &= if self.marks.quoting { live } else { 0 };
        let found = judge(&masks, &mut self.carry);
        if masks.odd {
            self.structure.odd_bytes.push(number as u32);
        }
        if found.doubled {
            self.structure.doubled_quotes.push(number as u32);
        }
        if let Some(word) = self.structure.separators.get_mut(number) {
            *word = (*word & !live) | found.separators;
        }
        let trouble = found.trouble & live;
        // Line ends before the first sign of trouble.
        let mut feeds = found.feeds & (trouble.wrapping_sub(1) & !trouble);
        while feeds != 0 {
            let end = number * BLOCK + feeds.trailing_zeros() as usize;
            let start = self.start;
            let is_blank =
                starts_blank(self.text, start) && is_blank(self.text, start, end, self.marks);
            if self.left == 0 || is_blank || end - start > self.bounds.record_bytes {
                return false;
            }
            (self.record)(start, end);
            self.left -= 1;
            self.start = end + 1;
            feeds &= feeds - 1;
        }
        trouble == 0
    }
}

/// Whether a line may be blank.
#[inline(always)]
fn starts_blank(text: &[u8], start: usize) -> bool {
    text.get(start).is_some_and(|first| *first <= b' ')
}

/// Whether a line has nothing but spaces and tabs that are no delimiters.
#[cold]
fn is_blank(text: &[u8], start: usize, end: usize, marks: Marks) -> bool {
    let line = text.get(start..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().all(|byte| matches!(byte, b' ' | b'\t') && *byte != marks.delimiter)
}

/// What a block is to plain records, and what the next one must know.
#[inline(always)]
fn judge(masks: &Masks, carry: &mut Carry) -> Block {
    let Masks { delimiters, feeds, returns, quotes, .. } = *masks;
    let plain = delimiters | feeds;
    if (quotes | carry.inside | carry.closed | returns | carry.returned) == 0 {
        carry.edge = plain >> 63;
        return Block { separators: plain, feeds, trouble: 0, doubled: false };
    }
    // Inside a quoted cell after an odd number of quotes, the opening quote included.
    let inside = prefix_xor(quotes) ^ carry.inside;
    let opening = quotes & inside;
    let closing = quotes & !inside;
    // What may stand before an opening quote and after a closing one. A quote after a closing one
    // opens again: the two are one quote in the text of the cell. A CR after a closing quote must
    // still prove to be part of a line end.
    let edges = plain | quotes;
    let mut trouble = opening & !(edges << 1 | carry.edge);
    trouble |= (closing << 1 | carry.closed) & !(edges | returns);
    trouble |= (feeds | returns) & inside;
    trouble |= (returns << 1 | carry.returned) & !feeds;
    let doubled = quotes & (closing << 1 | carry.closed) != 0;
    carry.inside = 0_u64.wrapping_sub(inside >> 63);
    carry.edge = edges >> 63;
    carry.closed = closing >> 63;
    carry.returned = returns >> 63;
    Block { separators: plain & !inside, feeds: feeds & !inside, trouble, doubled }
}

/// Each bit becomes the exclusive or of itself and all lower bits.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::fields::quoted_cells;
    use crate::input::split::{Step, step};

    /// The plain records from `pos` on as [`step`] sees them, and where the first other starts.
    fn slow(marks: Marks, text: &[u8], pos: usize, bounds: Bounds) -> (Vec<(usize, usize)>, usize) {
        let (mut pos, mut records) = (pos, Vec::new());
        while pos < text.len() && records.len() < bounds.records {
            match step(marks, text, pos, false, bounds.record_bytes) {
                Step::Record { next, second_line: None, .. } if text[next - 1] == b'\n' => {
                    if next - 1 - pos > bounds.record_bytes {
                        break;
                    }
                    records.push((pos, next - 1));
                    pos = next;
                }
                _ => break,
            }
        }
        (records, pos)
    }

    /// The separators of a plain record, byte by byte.
    fn separators(marks: Marks, text: &[u8], (start, feed): (usize, usize)) -> Vec<u32> {
        let mut inside = false;
        let mut found = Vec::new();
        for (at, byte) in text.iter().enumerate().take(feed + 1).skip(start) {
            inside ^= marks.quoting && *byte == b'"';
            if !inside && (*byte == marks.delimiter || *byte == b'\n') {
                found.push(at as u32);
            }
        }
        found
    }

    fn compare(level: impl Level, marks: Marks, text: &[u8], pos: usize, bounds: Bounds) {
        let mut structure = Structure::default();
        let mut records = Vec::new();
        let stopped = level.run(|| {
            let record = |start, feed| records.push((start, feed));
            structure.scan_at(level, marks, text, pos, bounds, record)
        });
        let (want, want_stopped) = slow(marks, text, pos, bounds);
        let shown = String::from_utf8_lossy(text);
        assert_eq!((&records, stopped), (&want, want_stopped), "{shown:?} from {pos}");
        let mut places = Vec::new();
        let count = structure.flatten(&mut places);
        let want = want.iter().flat_map(|record| separators(marks, text, *record));
        assert_eq!(places[..count], want.collect::<Vec<_>>(), "{shown:?} from {pos}");
        for (at, byte) in text.iter().enumerate().take(stopped).skip(pos) {
            let is_odd = *byte == 0 || !byte.is_ascii();
            assert!(!is_odd || structure.odd_bytes().contains(&((at / BLOCK) as u32)), "{at}");
        }
        assert!(structure.odd_bytes().is_sorted() && structure.doubled_quotes().is_sorted());
        for (start, feed) in records.iter().filter(|_| marks.quoting) {
            let mut doubled = false;
            let record = &text[*start..*feed];
            let record = record.strip_suffix(b"\r").unwrap_or(record);
            quoted_cells(record, marks.delimiter, |_, from, to| {
                let cell = &text[start + from..start + to];
                doubled |= cell.len() > 2 && cell[1..cell.len() - 1].contains(&b'"');
            });
            let blocks = (start / BLOCK) as u32..=(feed / BLOCK) as u32;
            let noted = structure.doubled_quotes().iter().any(|block| blocks.contains(block));
            assert!(noted || !doubled, "{shown:?} from {pos}: {start}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(3_000))]

        #[test]
        fn every_level_finds_what_step_finds(
            parts in proptest::collection::vec(
                proptest::sample::select(&[
                    "a", "bcdefgh", ",", ",", "\n", "\n", "\r\n", "\r", "\"", "\"\"", "\",\"",
                    "\"x y\"", ",\"x,y\",", " ", "\t", "é", "\0", "0123456789012345678901234567890",
                ][..]),
                0..60,
            ),
            skipped in 0_usize..70,
            quoting in proptest::bool::weighted(0.9),
            records in 1_usize..40,
            record_bytes in 20_usize..200,
        ) {
            // What lies before the first record must not matter, wherever in a block that starts.
            let mut text = "\",".repeat(skipped).into_bytes();
            text.truncate(skipped);
            text.extend(parts.concat().into_bytes());
            let bounds = Bounds { records, record_bytes };
            for delimiter in [b',', b'\t'] {
                let marks = Marks { delimiter, quoting };
                compare(Words, marks, &text, skipped, bounds);
                #[cfg(target_arch = "x86_64")]
                if let Some(level) = Avx2::detect() {
                    compare(level, marks, &text, skipped, bounds);
                }
            }
        }
    }
}
