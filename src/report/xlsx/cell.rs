//! What stands in a cell, and how long it may be.

use std::borrow::Cow;

use crate::model::{Cents, Date};
use crate::report::escape::{digits, visible};

/// How the cells of a column are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text as it stands.
    Text,
    /// Text in as many lines as it takes.
    Wrapped,
    /// A number that counts something.
    Count,
    /// Dollars.
    Money,
    /// A day.
    Day,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Kind; 5] = [Kind::Text, Kind::Wrapped, Kind::Count, Kind::Money, Kind::Day];

    /// Whether its cells are texts.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Wrapped)
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'c> {
    /// Nothing.
    Nothing,
    /// Text, never a formula.
    Text(&'c str),
    /// A number that counts something.
    Count(u64),
    /// Dollars.
    Money(Cents),
    /// A day.
    Day(Date),
}

impl<'c> Cell<'c> {
    /// The text, where it is one.
    pub fn text(&self) -> &'c str {
        match self {
            Cell::Text(text) => text,
            Cell::Nothing | Cell::Count(_) | Cell::Money(_) | Cell::Day(_) => "",
        }
    }
}

/// The longest text that a cell holds, in units of UTF-16.
pub const UNITS_MAX: usize = 32_767;

/// Text from data as a cell shows it: nothing in it is hidden, and what is too long is cut, which
/// is said.
pub fn shown(text: &str) -> Cow<'_, str> {
    fitting(visible(text))
}

/// Text that a cell has room for.
pub fn fitting(text: Cow<'_, str>) -> Cow<'_, str> {
    // No text has more units than bytes.
    if text.len() <= UNITS_MAX || text.encode_utf16().count() <= UNITS_MAX {
        return text;
    }
    let characters = text.chars().count();
    let note = format!(" … (cut here; there are {} characters)", digits(characters as u64));
    let room = UNITS_MAX - note.encode_utf16().count();
    let mut units = 0;
    let fits = |character: &char| {
        units += character.len_utf16();
        units <= room
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push_str(&note);
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_cell_ends_and_says_so() {
        let units = |text: &str| text.encode_utf16().count();
        for (text, cut) in [
            ("x".repeat(UNITS_MAX), false),
            ("x".repeat(UNITS_MAX + 1), true),
            ("é".repeat(UNITS_MAX), false),
            ("😀".repeat(UNITS_MAX / 2), false),
            ("😀".repeat(UNITS_MAX / 2 + 1), true),
            ("\u{1b}".repeat(UNITS_MAX / 6), false),
            ("\u{1b}".repeat(UNITS_MAX), true),
        ] {
            let whole = shown(&text);
            assert!(units(&whole) <= UNITS_MAX);
            assert_eq!(whole.ends_with(" characters)"), cut);
            assert!(!cut || units(&whole) > UNITS_MAX - 2);
        }
        assert_eq!(shown("=1+\u{202e}1"), "=1+\\u{202e}1");
    }
}
