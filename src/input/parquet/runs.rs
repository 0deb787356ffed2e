//! Numbers of a few bits each, as Parquet writes places in a dictionary and which values are there:
//! runs of one number, and runs of numbers packed side by side.
//!
//! A page is walked once, when it is unpacked. From then on any thread may begin to read at any
//! number: every few thousand of them it is written down where reading stands.

/// Numbers from one mark to the next.
const MARK_EVERY: usize = 1 << 12;
/// Bytes that must follow the last number in memory, so that eight can always be read at once.
pub const PADDING: usize = 16;

/// The numbers of a page: where they lie, and where reading stands every few thousand of them.
#[derive(Debug)]
pub struct Runs {
    width: u32,
    end: usize,
    marks: Vec<Mark>,
    /// Of numbers of one bit, how many are 1.
    pub ones: usize,
}

/// How far reading has come, and how many ones were before.
#[derive(Debug, Clone, Copy)]
struct Mark {
    state: State,
    ones: usize,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// Where the next run begins.
    at: usize,
    /// Numbers that are left of this one.
    left: usize,
    run: Run,
}

#[derive(Debug, Clone, Copy)]
enum Run {
    /// All the same.
    Same(u32),
    /// Packed side by side, from this bit on.
    Packed(usize),
}

/// Reads numbers one after the other.
#[derive(Debug, Clone)]
pub struct RunReader<'p> {
    bytes: &'p [u8],
    end: usize,
    width: u32,
    state: State,
}

impl Runs {
    /// Walks `count` numbers of `width` bits, which is at most 32, from `start` on. Nothing where
    /// they are not there up to `end`, after which `bytes` must have the padding.
    pub fn walk(
        bytes: &[u8],
        (start, end): (usize, usize),
        width: u32,
        count: usize,
    ) -> Option<Runs> {
        if width > 32 || end.checked_add(PADDING)? > bytes.len() {
            return None;
        }
        // Numbers without bits are all zero, and nothing is written of them.
        let left = if width == 0 { usize::MAX } else { 0 };
        let state = State { at: start, left, run: Run::Same(0) };
        let mut reader = RunReader { bytes, end, width, state };
        let (mut marks, mut seen, mut ones) = (Vec::new(), 0, 0);
        while seen < count {
            if seen == marks.len() * MARK_EVERY {
                marks.push(Mark { state: reader.state, ones });
            }
            if reader.state.left == 0 {
                reader.next_run()?;
                continue;
            }
            let here = (count.min(marks.len() * MARK_EVERY) - seen).min(reader.state.left);
            ones += reader.pass(here);
            seen += here;
        }
        Some(Runs { width, end, marks, ones })
    }

    /// Begins to read at a number, with the bytes that were walked; and how many ones come before.
    pub fn read_from<'p>(&self, bytes: &'p [u8], at: usize) -> Option<(RunReader<'p>, usize)> {
        let Mark { state, mut ones } = *self.marks.get(at / MARK_EVERY)?;
        let mut reader = RunReader { bytes, end: self.end, width: self.width, state };
        let mut left = at % MARK_EVERY;
        while left > 0 {
            if reader.state.left == 0 {
                reader.next_run()?;
                continue;
            }
            let here = left.min(reader.state.left);
            ones += reader.pass(here);
            left -= here;
        }
        Some((reader, ones))
    }
}

impl RunReader<'_> {
    /// Reads the next numbers; nothing where they are not there.
    #[inline]
    pub fn fill(&mut self, mut numbers: &mut [u32]) -> Option<()> {
        while !numbers.is_empty() {
            if self.state.left == 0 {
                self.next_run()?;
                continue;
            }
            let here = numbers.len().min(self.state.left);
            let (now, later) = numbers.split_at_mut(here);
            match &mut self.state.run {
                Run::Same(number) => now.fill(*number),
                Run::Packed(bit) => {
                    unpack(self.bytes, *bit, self.width as usize, now);
                    *bit += here * self.width as usize;
                }
            }
            self.state.left -= here;
            numbers = later;
        }
        Some(())
    }

    /// Passes over numbers of this run, and says how many of them are 1 if they have one bit.
    fn pass(&mut self, count: usize) -> usize {
        self.state.left -= count;
        match &mut self.state.run {
            Run::Same(number) => count * usize::from(self.width == 1 && *number == 1),
            Run::Packed(bit) => {
                let from = *bit;
                *bit += count * self.width as usize;
                if self.width == 1 { ones(self.bytes, from, count) } else { 0 }
            }
        }
    }

    /// Reads the head of the next run.
    fn next_run(&mut self) -> Option<()> {
        let (mut head, mut at) = (0_u64, self.state.at);
        for shift in (0..64).step_by(7) {
            let byte = self.bytes.get(at).filter(|_| at < self.end)?;
            at += 1;
            head |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return self.begin(usize::try_from(head >> 1).ok()?, head & 1 == 1, at);
            }
        }
        None
    }

    fn begin(&mut self, size: usize, is_packed: bool, at: usize) -> Option<()> {
        let width = self.width as usize;
        self.state = if is_packed {
            // The last of them may be cut off behind its last number.
            let there = (self.end - at).checked_mul(8)? / width.max(1);
            let left = size.checked_mul(8)?.min(there);
            let bytes = (left * width).div_ceil(8);
            State { at: at + bytes, left, run: Run::Packed(at * 8) }
        } else {
            let end = at + width.div_ceil(8);
            let bytes = self.bytes.get(at..end).filter(|_| end <= self.end)?;
            let number = bytes.iter().rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
            let number = u32::try_from(number).ok().filter(|_| number >> width == 0)?;
            State { at: end, left: size, run: Run::Same(number) }
        };
        Some(())
    }
}

/// Eight bytes from one on.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..at.wrapping_add(8)).and_then(|word| word.try_into().ok());
    word.map_or(0, u64::from_le_bytes)
}

/// Numbers of `width` bits from a bit on.
#[inline]
fn unpack(bytes: &[u8], mut bit: usize, width: usize, numbers: &mut [u32]) {
    let mask = (1_u64 << width) - 1;
    // A word has room for four numbers of up to fourteen bits, wherever in a byte they begin.
    let (fours, rest) = if width <= 14 { numbers.as_chunks_mut() } else { (&mut [][..], numbers) };
    for [a, b, c, d] in fours {
        let word = word(bytes, bit / 8) >> (bit % 8);
        *a = (word & mask) as u32;
        *b = (word >> width & mask) as u32;
        *c = (word >> (2 * width) & mask) as u32;
        *d = (word >> (3 * width) & mask) as u32;
        bit = bit.wrapping_add(4 * width);
    }
    for number in rest {
        *number = (word(bytes, bit / 8) >> (bit % 8) & mask) as u32;
        bit = bit.wrapping_add(width);
    }
}

/// How many of so many bits are set.
fn ones(bytes: &[u8], mut bit: usize, mut count: usize) -> usize {
    let mut ones = 0;
    while count > 0 {
        // Of eight bytes, at least 57 bits from the first on are whole.
        let here = count.min(56);
        let word = word(bytes, bit / 8) >> (bit % 8) & ((1 << here) - 1);
        ones += word.count_ones() as usize;
        (bit, count) = (bit + here, count - here);
    }
    ones
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn put_varint(mut value: usize, bytes: &mut Vec<u8>) {
        while value > 0x7f {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
    }

    /// Writes numbers of `width` bits in runs of at most these lengths, in turn of one number and
    /// packed.
    pub fn written(numbers: &[u32], lengths: &[usize], width: usize) -> Vec<u8> {
        let (mut bytes, mut left) = (Vec::new(), numbers);
        for (turn, length) in lengths.iter().cycle().enumerate() {
            let Some(first) = left.first() else { break };
            // Runs of no length may be written as well.
            let length = length + usize::from(turn % 3 == 2);
            if turn % 2 == 0 {
                let same = left.iter().take(length).take_while(|number| *number == first).count();
                put_varint(same << 1, &mut bytes);
                bytes.extend(&first.to_le_bytes()[..width.div_ceil(8)]);
                left = &left[same..];
                continue;
            }
            let (now, later) = left.split_at(left.len().min(length * 8));
            put_varint(now.len().div_ceil(8) << 1 | 1, &mut bytes);
            let mut packed = vec![0_u8; now.len().div_ceil(8) * width];
            let is_set = |at: &usize| now[at / width] >> (at % width) & 1 == 1;
            let set = (0..now.len() * width).filter(is_set);
            set.for_each(|at| packed[at / 8] |= 1 << (at % 8));
            bytes.extend(packed);
            left = later;
        }
        bytes
    }

    fn padded(bytes: &[u8]) -> Vec<u8> {
        [bytes, &[0xff; PADDING]].concat()
    }

    fn read(runs: &Runs, bytes: &[u8], from: usize, count: usize) -> Option<Vec<u32>> {
        let (mut reader, _) = runs.read_from(bytes, from)?;
        let mut numbers = vec![0; count];
        for part in numbers.chunks_mut(7) {
            reader.fill(part)?;
        }
        Some(numbers)
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_read_from_anywhere_as_they_were_written(
            parts in proptest::collection::vec((0_u32.., 1_usize..3000), 1..20),
            noise in proptest::collection::vec(0_u32.., 1..400),
            lengths in proptest::collection::vec(0_usize..600, 2..6),
            width in 1_usize..33,
            from: u32,
        ) {
            let mask = u32::MAX >> (32 - width);
            let same = parts.iter().flat_map(|(number, times)| vec![*number; *times]);
            let all: Vec<u32> = same.chain(noise).map(|number| number & mask).collect();
            let bytes = written(&all, &lengths, width);
            let padded = padded(&bytes);
            let walk = |count| Runs::walk(&padded, (0, bytes.len()), width as u32, count);
            let runs = walk(all.len()).unwrap();
            let from = from as usize % all.len();
            let got = read(&runs, &padded, from, all.len() - from);
            proptest::prop_assert_eq!(got.as_deref(), Some(&all[from..]));
            if width == 1 {
                let ones = |to: usize| all[..to].iter().sum::<u32>() as usize;
                proptest::prop_assert_eq!(runs.ones, ones(all.len()));
                proptest::prop_assert_eq!(runs.read_from(&padded, from).unwrap().1, ones(from));
            }
            // There are no more, but for what a last byte has room for.
            proptest::prop_assert!(walk(all.len() + 8).is_none());
        }

        #[test]
        fn any_bytes_end(
            bytes in proptest::collection::vec(0_u8.., 0..200),
            width in 0_u32..40,
            count in 0_usize..20_000,
            from in 0_usize..20_000,
        ) {
            let padded = padded(&bytes);
            if let Some(runs) = Runs::walk(&padded, (0, bytes.len()), width, count) {
                let from = from.min(count.saturating_sub(1));
                let got = read(&runs, &padded, from, count - from);
                let want = (count > 0).then_some(count - from);
                proptest::prop_assert_eq!(got.map(|got| got.len()), want);
            }
        }
    }
}
