//! Counts physical lines, apart from everything that splits them: one side of the tally identity.

use memchr::{memchr_iter, memchr2};

/// Counts line ends in a stream that comes in pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineCounter {
    breaks: u64,
    feeds: u64,
    returns: u64,
    pairs: u64,
    last: Option<u8>,
}

impl LineCounter {
    /// Takes in the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return };
        let feeds = memchr_iter(b'\n', piece).count() as u64;
        let (mut alone, mut pairs) = (0, 0);
        for at in memchr_iter(b'\r', piece) {
            let paired = piece.get(at + 1) == Some(&b'\n');
            pairs += u64::from(paired);
            alone += u64::from(!paired);
        }
        if self.last == Some(b'\r') && *first == b'\n' {
            // The CR at the end of the last piece was counted; it and this LF are one line end.
            self.breaks -= 1;
            self.returns -= 1;
            pairs += 1;
        }
        self.breaks += feeds + alone;
        self.feeds += feeds;
        self.returns += alone;
        self.pairs += pairs;
        self.last = Some(*last);
    }

    /// The physical lines so far; a last line without a line end counts.
    pub fn lines(&self) -> u64 {
        let open = !matches!(self.last, None | Some(b'\n' | b'\r'));
        self.breaks + u64::from(open)
    }

    /// How many line ends are LF, CR LF and CR.
    pub fn kinds(&self) -> [u64; 3] {
        [self.feeds - self.pairs, self.pairs, self.returns]
    }

    /// Whether the last line has a line end.
    pub fn ends_with_line_end(&self) -> bool {
        matches!(self.last, Some(b'\n' | b'\r'))
    }
}

/// How many line ends a piece of text has.
pub fn line_ends(text: &[u8]) -> u64 {
    if memchr2(b'\n', b'\r', text).is_none() {
        return 0;
    }
    let mut counter = LineCounter::default();
    counter.feed(text);
    counter.breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_cut_counts_the_same(bytes in "[ab\r\n]{0,40}", cut in 0_usize..40) {
            let bytes = bytes.as_bytes();
            let cut = cut.min(bytes.len());
            let mut counter = LineCounter::default();
            counter.feed(&bytes[..cut]);
            counter.feed(&bytes[cut..]);
            // What it means: every CR LF is one end, then every CR and every LF.
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
            proptest::prop_assert_eq!(counter.lines(), text.lines().count() as u64);
            proptest::prop_assert_eq!(counter.kinds().iter().sum::<u64>(), counter.breaks);
        }
    }
}
