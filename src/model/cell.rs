//! One cell of a claim line: missing, malformed, or a value; and how its text is tidied.
//!
//! Tidying is lossless for every code and id in use: blanks at the ends are dropped, nothing else.

/// What a cell holds once it was read as the kind of value that its field has.
///
/// A malformed value is a fact about the data, not an error: the rule for it reports it, and every
/// other rule sees no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<T> {
    /// The column is not there, the cell is empty, or it holds a word for "no value".
    Missing,
    /// The cell holds something that is no value of this kind.
    Malformed,
    /// The value.
    Value(T),
}

impl<T> Cell<T> {
    /// The value, when there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Cell::Value(value) => Some(value),
            Cell::Missing | Cell::Malformed => None,
        }
    }
}

/// The length in bytes of a blank at the start of `text`, and whether it is an ASCII one.
fn blank_at_start(text: &[u8]) -> Option<(usize, bool)> {
    match text {
        [b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C, ..] => Some((1, true)),
        [0xC2, 0xA0 | 0xAD, ..] => Some((2, false)), // no-break space, soft hyphen
        [0xE2, 0x80, 0x87 | 0x8B | 0xAF, ..] => Some((3, false)), // figure, zero-width, narrow
        [0xEF, 0xBB, 0xBF, ..] => Some((3, false)),  // byte order mark inside the text
        _ => None,
    }
}

/// The length in bytes of a blank at the end of `text`, and whether it is an ASCII one.
fn blank_at_end(text: &[u8]) -> Option<(usize, bool)> {
    match text {
        [.., b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C] => Some((1, true)),
        [.., 0xC2, 0xA0 | 0xAD] => Some((2, false)),
        [.., 0xE2, 0x80, 0x87 | 0x8B | 0xAF] => Some((3, false)),
        [.., 0xEF, 0xBB, 0xBF] => Some((3, false)),
        _ => None,
    }
}

/// Which kinds of blank were dropped from a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// A space, tab or line break.
    pub ascii: bool,
    /// A no-break, figure, narrow or zero-width space, a soft hyphen or a byte order mark.
    pub unicode: bool,
}

/// `text` without the blanks at its ends, and which kinds they were.
pub fn trim_counted(mut text: &[u8]) -> (&[u8], Dropped) {
    let mut dropped = Dropped::default();
    while let Some((length, ascii)) = blank_at_start(text) {
        text = text.get(length..).unwrap_or_default();
        dropped.ascii |= ascii;
        dropped.unicode |= !ascii;
    }
    while let Some((length, ascii)) = blank_at_end(text) {
        text = text.get(..text.len() - length).unwrap_or_default();
        dropped.ascii |= ascii;
        dropped.unicode |= !ascii;
    }
    (text, dropped)
}

/// `text` without the blanks at its ends.
#[inline]
pub fn trim(text: &[u8]) -> &[u8] {
    match (text.first(), text.last()) {
        (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        (None, _) => text,
        _ => trim_counted(text).0,
    }
}

/// The words that mean "no value" when they are the whole cell, compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingWords {
    words: Vec<Vec<u8>>,
    /// The length of the longest: nearly every cell is longer than any word, or of another case.
    longest: usize,
    /// Which bytes a word may begin with, in either case, one bit each: digits begin none.
    beginnings: [u64; 4],
}

impl MissingWords {
    /// A set of such words; the empty cell is always one of them. Blanks at ends are dropped.
    pub fn new<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Self {
        let mut set = Self { words: Vec::new(), longest: 0, beginnings: [0; 4] };
        set.extend(words);
        set
    }

    /// Adds words to the set.
    pub fn extend<S: AsRef<str>>(&mut self, words: impl IntoIterator<Item = S>) {
        for word in words {
            let word = trim(word.as_ref().as_bytes()).to_ascii_uppercase();
            self.longest = self.longest.max(word.len());
            for first in word.first().iter().flat_map(|first| [**first, first.to_ascii_lowercase()])
            {
                let bits = self.beginnings.get_mut(usize::from(first >> 6));
                bits.into_iter().for_each(|bits| *bits |= 1 << (first & 63));
            }
            self.words.push(word);
        }
    }

    /// The length in bytes of the longest of them.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Whether a trimmed cell means "no value".
    #[inline]
    pub fn contains(&self, trimmed: &[u8]) -> bool {
        let Some(first) = trimmed.first() else { return true };
        trimmed.len() <= self.longest
            && self
                .beginnings
                .get(usize::from(first >> 6))
                .is_some_and(|b| b >> (first & 63) & 1 == 1)
            && (self.words.iter().any(|word| word.eq_ignore_ascii_case(trimmed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_blank_is_dropped_at_both_ends_and_nowhere_else() {
        for blank in ["\u{a0}", "\u{2007}", "\u{202f}", "\u{200b}", "\u{feff}", "\u{ad}"] {
            let cell = format!("{blank} 99{blank}213\t{blank}");
            let (text, dropped) = trim_counted(cell.as_bytes());
            assert_eq!(text, format!("99{blank}213").as_bytes());
            assert_eq!(dropped, Dropped { ascii: true, unicode: true });
            assert_eq!(trim(cell.as_bytes()), text);
        }
        assert_eq!(trim("é".as_bytes()), "é".as_bytes());
        assert_eq!(trim(b" \t "), b"");
    }

    #[test]
    fn missing_words_are_whole_cells_without_case() {
        let words = MissingWords::new(["NULL", "N/A", "\\N", "-"]);
        for cell in ["", "null", "N/a", "\\n", "-"] {
            assert!(words.contains(cell.as_bytes()), "{cell}");
        }
        for cell in ["NULLS", "0", "--", "n"] {
            assert!(!words.contains(cell.as_bytes()), "{cell}");
        }
    }
}
