//! The modifiers of a service line, read from its modifier cells.

use std::fmt;

/// A modifier: two upper-case ASCII letters or digits.
pub type Modifier = [u8; 2];

/// A line holds at most this many: a claim form has room for four, exports for five.
pub const MODIFIERS_MAX: usize = 8;

/// The modifiers of a line, in the order in which they stand, and what is wrong with their cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modifiers {
    list: [Modifier; MODIFIERS_MAX],
    len: u8,
    /// The modifier cells that do not hold modifiers, one bit each, the first cell lowest.
    pub malformed: u8,
    /// Whether an empty cell stands before a filled one.
    pub has_gap: bool,
}

impl Modifiers {
    /// The modifiers, in their order.
    #[inline]
    pub fn as_slice(&self) -> &[Modifier] {
        self.list.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the cells hold nothing at all.
    #[inline]
    pub fn says_nothing(&self) -> bool {
        self.len == 0 && self.malformed == 0 && !self.has_gap
    }

    /// Whether the line has this modifier.
    #[inline]
    pub fn has(&self, modifier: &Modifier) -> bool {
        self.as_slice().contains(modifier)
    }

    /// Whether the line has any of these modifiers.
    pub fn has_any(&self, modifiers: &[Modifier]) -> bool {
        self.as_slice().iter().any(|own| modifiers.contains(own))
    }

    /// The modifiers in the order of their letters: what lines with the same ones share.
    pub fn sorted(&self) -> Modifiers {
        let mut sorted = Modifiers { list: self.list, len: self.len, ..Modifiers::default() };
        sorted.list.get_mut(..usize::from(self.len)).into_iter().for_each(<[Modifier]>::sort);
        sorted
    }

    /// Adds a modifier; false when there is no room.
    pub fn push(&mut self, modifier: Modifier) -> bool {
        let free = self.list.get_mut(usize::from(self.len));
        let pushed = free.map(|free| *free = modifier).is_some();
        self.len += u8::from(pushed);
        pushed
    }

    /// Reads the next cell, whose place among the modifier cells is `at` and which is not empty:
    /// one modifier, or several of two characters each with blanks, commas, colons, semicolons,
    /// slashes, bars or hyphens between them. Pairs without anything between them are read where
    /// `is_known` knows every one: `2559` is two modifiers, `1234` is none.
    pub fn read(&mut self, at: usize, cell: &[u8], is_known: impl Fn(&Modifier) -> bool) {
        if let [a, b] = cell {
            let modifier = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
            let is_one = modifier.iter().all(u8::is_ascii_alphanumeric);
            if !is_one || !self.push(modifier) {
                self.malformed |= 1 << at;
            }
            return;
        }
        let before = *self;
        if !self.read_several(cell, is_known) {
            *self = before;
            self.malformed |= 1 << at;
        }
    }

    fn read_several(&mut self, cell: &[u8], is_known: impl Fn(&Modifier) -> bool) -> bool {
        let is_between = |byte: &u8| matches!(byte, b' ' | b',' | b':' | b';' | b'/' | b'|' | b'-');
        let pair = |part: &[u8]| -> Option<Modifier> {
            let pair: Modifier = part.to_ascii_uppercase().try_into().ok()?;
            pair.iter().all(u8::is_ascii_alphanumeric).then_some(pair)
        };
        if cell.iter().any(is_between) {
            let mut parts = cell.split(is_between).filter(|part| !part.is_empty()).peekable();
            let some = parts.peek().is_some();
            return some && parts.all(|part| pair(part).is_some_and(|known| self.push(known)));
        }
        let even = cell.len() >= 4 && cell.len().is_multiple_of(2);
        let mut pairs = cell.chunks(2);
        even && pairs.all(|part| pair(part).is_some_and(|one| is_known(&one) && self.push(one)))
    }
}

impl fmt::Display for Modifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, modifier) in self.as_slice().iter().enumerate() {
            let blank = if at > 0 { " " } else { "" };
            write!(f, "{blank}{}", text(modifier))?;
        }
        Ok(())
    }
}

/// A modifier as text.
pub fn text(modifier: &Modifier) -> &str {
    // Modifiers are ASCII; the fallback cannot be reached.
    std::str::from_utf8(modifier).unwrap_or("??")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str]) -> Modifiers {
        let mut modifiers = Modifiers::default();
        for (at, cell) in cells.iter().enumerate() {
            let known = |modifier: &Modifier| [*b"25", *b"59", *b"LT", *b"RT"].contains(modifier);
            modifiers.read(at, cell.as_bytes(), known);
        }
        modifiers
    }

    #[test]
    fn modifiers_are_pairs_with_or_without_something_between_them() {
        for cell in ["25,59", "25 59", "25:59", "25/59", "25-59", "25|59", "2559", "25, 59"] {
            let modifiers = read(&[cell]);
            assert_eq!(modifiers.as_slice(), [*b"25", *b"59"], "{cell}");
            assert_eq!(modifiers.malformed, 0, "{cell}");
        }
        assert_eq!(read(&["rt", "lt"]).to_string(), "RT LT");
        assert_eq!(read(&["RH"]).as_slice(), [*b"RH"], "an ambulance's way is a modifier");
        assert_eq!(read(&["lt", "25"]).sorted().to_string(), "25 LT");
    }

    #[test]
    fn what_is_no_modifier_is_malformed_and_leaves_nothing_behind() {
        for cell in ["9", "25.0", "1234", "25,5", "LTRTX", "é", ",", "255", "2 5", "?!"] {
            let modifiers = read(&["59", cell]);
            assert_eq!(modifiers.as_slice(), [*b"59"], "{cell}");
            assert_eq!(modifiers.malformed, 2, "{cell}");
        }
        let many = read(&["25,59,25,59,25,59,25,59", "LT"]);
        assert_eq!((many.as_slice().len(), many.malformed), (8, 2), "there is room for eight");
    }
}
