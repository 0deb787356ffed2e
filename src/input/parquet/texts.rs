//! Texts of a page that stand in it one after the other, or are places in a dictionary: nearly all
//! there is of an export whose columns are texts.
//!
//! An unpacked page is walked once and found to be whole. It is not turned into anything larger:
//! rows are read from it where they are wanted, some dozens at a time, and of a text that occurs
//! often, what is to be known was found out when its dictionary was read.

use crate::input::packed::{PackedCell, is_text_without_nul};
use crate::input::parquet::arrays::Unpacked;
use crate::input::parquet::runs::{PADDING, RunReader, Runs};

/// Rows that are read at a time.
pub const BLOCK_ROWS: usize = 64;
/// Where a text lies that is not short: in its page.
pub const IN_PAGE: u8 = 0;
/// The same: in the dictionary.
pub const IN_DICTIONARY: u8 = 1;
/// Texts from one mark to the next.
const MARK_EVERY: usize = 1 << 8;

/// The texts that pages refer to.
#[derive(Debug)]
pub struct Dictionary {
    bytes: Vec<u8>,
    /// An empty cell, for what is missing, and the texts.
    cells: Vec<PackedCell>,
    /// Whether all of them are UTF-8 without NUL.
    is_text: bool,
}

/// The texts of some rows.
#[derive(Debug)]
pub struct TextPage {
    bytes: Vec<u8>,
    rows: usize,
    /// Which values are there, where some are missing.
    there: Option<Runs>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// There are none.
    None,
    /// One after the other; where every so many of them begin, and where they end.
    Plain(Vec<u32>, usize),
    /// Places in the dictionary.
    Listed(Runs),
}

impl Dictionary {
    /// Reads a dictionary of so many texts; nothing where they are not there.
    pub fn of(mut bytes: Vec<u8>, count: usize) -> Option<Dictionary> {
        let end = bytes.len();
        // Each takes four bytes at least.
        if count > end / 4 {
            return None;
        }
        pad(&mut bytes);
        let (mut cells, mut at) = (Vec::with_capacity(count + 1), 0);
        cells.push(PackedCell::EMPTY);
        let mut is_text = true;
        for _ in 0..count {
            let length = length_at(&bytes, at, end)?;
            let cell = PackedCell::of(&bytes, at + 4, length, IN_DICTIONARY)?;
            is_text &= cell.is_plain() || is_text_without_nul(bytes.get(at + 4..at + 4 + length)?);
            cells.push(cell);
            at += 4 + length;
        }
        Some(Dictionary { bytes, cells, is_text })
    }

    /// The bytes of its texts.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether all its texts are UTF-8 without NUL.
    pub fn is_text(&self) -> bool {
        self.is_text
    }
}

/// Puts bytes behind the last, so that as many can always be read at once.
fn pad(bytes: &mut Vec<u8>) {
    // Not twice the memory, as when a list grows.
    bytes.reserve_exact(PADDING);
    bytes.resize(bytes.len() + PADDING, 0);
}

/// The length of the text whose length stands at a place; it lies wholly before `end`.
#[inline(always)]
fn length_at(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    let length = bytes.get(at..at + 4)?.try_into().ok()?;
    let length = u32::from_le_bytes(length) as usize;
    (at + 4 + length <= end).then_some(length)
}

impl TextPage {
    /// Looks through an unpacked page, whose values are places in a dictionary if it `is_listed`.
    /// Nothing where it does not hold so many rows.
    pub fn of(page: Unpacked, rows: usize, is_listed: bool) -> Option<TextPage> {
        let Unpacked { mut bytes, levels, values, nulls } = page;
        pad(&mut bytes);
        let there = match levels {
            Some(levels) if nulls != Some(0) => {
                Some(Runs::walk(&bytes, (levels.start, levels.end), 1, rows)?)
            }
            _ => None,
        };
        let count = there.as_ref().map_or(rows, |there| there.ones);
        let there = there.filter(|there| there.ones < rows);
        let values = if count == 0 {
            Values::None
        } else if is_listed {
            let width = u32::from(*bytes.get(values.start).filter(|_| !values.is_empty())?);
            Values::Listed(Runs::walk(&bytes, (values.start + 1, values.end), width, count)?)
        } else {
            Values::Plain(marks(&bytes, values.start, values.end, count)?, values.end)
        };
        Some(TextPage { bytes, rows, there, values })
    }

    /// The bytes of its texts.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether its texts are all in the dictionary.
    pub fn is_listed(&self) -> bool {
        !matches!(self.values, Values::Plain(..))
    }

    /// Begins to read at a row.
    pub fn read_from<'p>(
        &'p self,
        row: usize,
        dictionary: Option<&'p Dictionary>,
    ) -> Option<TextReader<'p>> {
        let bytes = &self.bytes;
        let (there, value) = match &self.there {
            None => (None, row),
            Some(there) => {
                let (reader, value) = there.read_from(bytes, row)?;
                (Some(reader), value)
            }
        };
        let mut values = match &self.values {
            Values::None => ValueReader::None,
            Values::Plain(marks, end) => {
                // Behind the last text no mark is needed.
                let at = marks.get(value / MARK_EVERY).map_or(*end, |at| *at as usize);
                ValueReader::Plain { at, end: *end }
            }
            Values::Listed(runs) => match runs.read_from(bytes, value) {
                Some((reader, _)) => ValueReader::Listed(reader),
                None => ValueReader::None,
            },
        };
        if let ValueReader::Plain { at, end } = &mut values {
            for _ in 0..value % MARK_EVERY {
                let Some(length) = length_at(bytes, *at, *end) else { break };
                *at += 4 + length;
            }
        }
        let dictionary = dictionary.map_or(&[][..], |of| &of.cells);
        Some(TextReader { bytes, dictionary, there, values, left: self.rows.checked_sub(row)? })
    }
}

/// Where every so many texts begin; nothing where there are fewer than `count`.
fn marks(bytes: &[u8], start: usize, end: usize, count: usize) -> Option<Vec<u32>> {
    let (mut marks, mut at) = (Vec::new(), start);
    for number in 0..count {
        if number % MARK_EVERY == 0 {
            marks.push(u32::try_from(at).ok()?);
        }
        at += 4 + length_at(bytes, at, end)?;
    }
    Some(marks)
}

/// Reads the texts of a page row by row.
#[derive(Debug)]
pub struct TextReader<'p> {
    bytes: &'p [u8],
    dictionary: &'p [PackedCell],
    there: Option<RunReader<'p>>,
    values: ValueReader<'p>,
    /// Rows that were not read yet.
    pub left: usize,
}

#[derive(Debug)]
enum ValueReader<'p> {
    None,
    Plain { at: usize, end: usize },
    Listed(RunReader<'p>),
}

impl TextReader<'_> {
    /// Reads the next rows, at most [`BLOCK_ROWS`]: of each row of `cells`, which has `width`, the
    /// cell at `at`. Nothing where there is no such text.
    pub fn fill(&mut self, cells: &mut [PackedCell], width: usize, at: usize) -> Option<()> {
        let count = cells.len() / width.max(1);
        self.left = self.left.checked_sub(count)?;
        let mut there = [1; BLOCK_ROWS];
        let there = there.get_mut(..count)?;
        let mut filled = count;
        if let Some(reader) = &mut self.there {
            reader.fill(there)?;
            filled = there.iter().sum::<u32>() as usize;
        }
        let rows = cells.chunks_exact_mut(width).filter_map(|row| row.get_mut(at));
        match &mut self.values {
            _ if filled == 0 => rows.for_each(|cell| *cell = PackedCell::EMPTY),
            ValueReader::None => return None,
            ValueReader::Plain { at, end } => {
                for (cell, there) in rows.zip(there) {
                    if *there == 0 {
                        *cell = PackedCell::EMPTY;
                        continue;
                    }
                    let length = length_at(self.bytes, *at, *end)?;
                    *cell = PackedCell::of(self.bytes, *at + 4, length, IN_PAGE)?;
                    *at += 4 + length;
                }
            }
            ValueReader::Listed(reader) => {
                let mut places = [0; BLOCK_ROWS];
                reader.fill(places.get_mut(..filled)?)?;
                if filled == count {
                    for (cell, place) in rows.zip(places) {
                        *cell = *self.dictionary.get(place as usize + 1)?;
                    }
                    return Some(());
                }
                let mut next = 0;
                for (cell, there) in rows.zip(there) {
                    // The place behind the last is not used.
                    let place = places.get(next).copied().unwrap_or_default() as usize;
                    *cell = *self.dictionary.get((place + 1) * *there as usize)?;
                    next += *there as usize;
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::parquet::arrays::{self, Pieces};
    use crate::input::parquet::runs::tests::{put_varint, written};
    use crate::input::parquet::schema::{Leaf, Meaning, Stored};

    const CODEC: i32 = 0;

    fn put_texts<'t>(texts: impl Iterator<Item = &'t Vec<u8>>, bytes: &mut Vec<u8>) {
        for text in texts {
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text);
        }
    }

    /// A page with its head, in the compact protocol of Thrift: `fields` are those of the structure
    /// at number `id`, one after the other from 1 on.
    fn page(kind: usize, id: usize, fields: &[usize], body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [kind, body.len(), body.len()] {
            bytes.push(0x15);
            put_varint(number << 1, &mut bytes);
        }
        bytes.push(((id - 3) << 4) as u8 | 12);
        for number in fields {
            bytes.push(0x15);
            put_varint(number << 1, &mut bytes);
        }
        bytes.extend([0, 0]);
        bytes.extend(body);
        bytes
    }

    /// The body of a page of these rows, each a place among the texts.
    fn body(rows: &[Option<u32>], texts: &[Vec<u8>], form: &Form) -> Vec<u8> {
        let mut bytes = Vec::new();
        if form.is_optional {
            let there: Vec<u32> = rows.iter().map(|row| u32::from(row.is_some())).collect();
            let levels = written(&there, &form.lengths, 1);
            bytes.extend((levels.len() as u32).to_le_bytes());
            bytes.extend(levels);
        }
        let places: Vec<u32> = rows.iter().flatten().copied().collect();
        if form.is_listed {
            let width = 32 - (texts.len() as u32 - 1).leading_zeros() + form.more_bits;
            bytes.push(width as u8);
            if width > 0 {
                bytes.extend(written(&places, &form.lengths, width as usize));
            }
        } else {
            put_texts(places.iter().map(|place| &texts[*place as usize]), &mut bytes);
        }
        bytes
    }

    #[derive(Debug, Clone)]
    struct Form {
        is_optional: bool,
        is_listed: bool,
        lengths: Vec<usize>,
        more_bits: u32,
    }

    fn leaf(optional: bool) -> Leaf {
        let (stored, meaning) = (Stored::Bytes, Meaning::Text);
        Leaf { at: 0, stored, meaning, optional, is_utc: false }
    }

    fn data(form: &Form, rows: usize, body: &[u8]) -> Vec<u8> {
        page(0, 5, &[rows, if form.is_listed { 8 } else { 0 }, 3, 3], body)
    }

    /// What polars says of a page behind its dictionary.
    fn slow(
        dictionary: &[u8],
        data: &[u8],
        rows: usize,
        leaf: &Leaf,
    ) -> Option<Vec<Option<Vec<u8>>>> {
        let bytes = [dictionary, data].concat();
        let pieces = Pieces { bytes, values: rows as u64, skip: 0, codec: CODEC };
        let values = arrays::decode(pieces, leaf, rows)?;
        Some((0..rows).map(|row| values.bytes(row).map(<[u8]>::to_vec)).collect())
    }

    /// What is said here, from a row on, so many rows at a time.
    fn fast(
        (dictionary, count): (&[u8], usize),
        data: &[u8],
        rows: usize,
        (leaf, is_listed): (&Leaf, bool),
        (from, step): (usize, usize),
    ) -> Option<Vec<Vec<u8>>> {
        let pieces = |bytes: &[u8], values: usize| {
            let bytes = bytes.to_vec();
            Pieces { bytes, values: values as u64, skip: 0, codec: CODEC }
        };
        let unpacked = arrays::unpack_dictionary(pieces(dictionary, count), leaf)?;
        let dictionary = Dictionary::of(unpacked, count)?;
        let page = arrays::unpack(pieces(data, rows), leaf)?;
        let page = TextPage::of(page, rows, is_listed)?;
        let mut reader = page.read_from(from, Some(&dictionary))?;
        let mut texts = Vec::new();
        while reader.left > 0 {
            let mut cells = vec![PackedCell::EMPTY; 3 * reader.left.min(step)];
            reader.fill(&mut cells, 3, 1)?;
            assert!(cells.iter().skip(2).step_by(3).all(|cell| *cell == PackedCell::EMPTY));
            for cell in cells.iter().skip(1).step_by(3) {
                texts.push(match (cell.short_length(), cell.place()) {
                    (Some(length), _) => cell.bytes()[..length].to_vec(),
                    (None, Some(of)) => {
                        let bytes =
                            if of.buffer == IN_PAGE { page.bytes() } else { dictionary.bytes() };
                        bytes[of.start as usize..][..of.length as usize].to_vec()
                    }
                    (None, None) => panic!("a cell that is nothing"),
                });
            }
        }
        Some(texts)
    }

    fn forms() -> impl proptest::strategy::Strategy<Value = Form> {
        use proptest::prelude::*;
        let lengths = proptest::collection::vec(0_usize..300, 2..6);
        (any::<bool>(), any::<bool>(), lengths, 0_u32..4).prop_map(
            |(is_optional, is_listed, lengths, more_bits)| Form {
                is_optional,
                is_listed,
                lengths,
                more_bits,
            },
        )
    }

    proptest::proptest! {
        #[test]
        fn pages_say_what_polars_says_of_them(
            texts in proptest::collection::vec(
                proptest::collection::vec(0_u8.., 0..20), 1..40
            ),
            parts in proptest::collection::vec((0_u32.., 1_usize..400), 1..20),
            form in forms(),
            (from, step) in (0_usize.., 1..=BLOCK_ROWS),
            damage in proptest::collection::vec((0_usize.., 0_u8..), 0..3),
        ) {
            // Of optional values, a sixth is missing.
            let place = |number: &u32| {
                let is_missing = form.is_optional && number.is_multiple_of(6);
                (!is_missing).then_some(number / 6 % texts.len() as u32)
            };
            let rows: Vec<Option<u32>> = parts
                .iter()
                .flat_map(|(number, times)| vec![place(number); *times % 97 * (*times % 3)])
                .chain(parts.iter().map(|(number, _)| place(number)))
                .collect();
            let mut all = Vec::new();
            put_texts(texts.iter(), &mut all);
            let dictionary = page(2, 7, &[texts.len(), 0], &all);
            let mut body = body(&rows, &texts, &form);
            for (at, to) in &damage {
                let at = at % body.len().max(1);
                body.get_mut(at).into_iter().for_each(|byte| *byte = *to);
            }
            let (leaf, count) = (leaf(form.is_optional), rows.len());
            let from = from % count;
            let page = data(&form, count, &body);
            let want = slow(&dictionary, &page, count, &leaf);
            let kind = (&leaf, form.is_listed);
            let got = fast((&dictionary, texts.len()), &page, count, kind, (from, step));
            let here = |all: Vec<Option<Vec<u8>>>| -> Vec<Vec<u8>> {
                all.into_iter().skip(from).map(Option::unwrap_or_default).collect()
            };
            if damage.is_empty() {
                let is = rows.iter().map(|row| row.map(|place| texts[place as usize].clone()));
                proptest::prop_assert_eq!(&want, &Some(is.collect()));
                proptest::prop_assert!(got.is_some());
            }
            // Of a damaged page, only what was asked for is looked at by one of the two.
            if let (Some(got), Some(want)) = (got, want) {
                proptest::prop_assert_eq!(got, here(want));
            }
        }

        #[test]
        fn any_bytes_are_a_page_or_none(
            body in proptest::collection::vec(0_u8.., 0..200),
            rows in 1_usize..5000,
            form in forms(),
            from in 0_usize..,
        ) {
            let dictionary = page(2, 7, &[2, 0], &[1, 0, 0, 0, b'a', 0, 0, 0, 0]);
            let leaf = leaf(form.is_optional);
            let page = data(&form, rows, &body);
            let kind = (&leaf, form.is_listed);
            let from = from % rows;
            let got = fast((&dictionary, 2), &page, rows, kind, (from, BLOCK_ROWS));
            if let Some(got) = got {
                proptest::prop_assert_eq!(got.len(), rows - from);
            }
            let _ = Dictionary::of(body, rows);
        }
    }
}
