//! Terms: what an entry of an edition says besides its codes. There are few different ones, so each
//! is kept once.

use crate::model::Date;
use crate::reference::rows::Days;

/// The most bytes that a term says beside its days.
pub const EXTRA_MAX: usize = 15;
/// A term as bytes: two days, the length of the rest, the rest.
pub const TERM_BYTES: usize = 4 + 4 + 1 + EXTRA_MAX;

/// No first day is known. No date lies there.
const OPEN_FIRST: i32 = i32::MIN;
/// No last day is known.
const OPEN_LAST: i32 = i32::MAX;

impl Days {
    /// Whether the day is among them.
    #[inline]
    pub fn include(&self, on: Date) -> bool {
        self.first.is_none_or(|first| first <= on) && self.last.is_none_or(|last| on <= last)
    }

    /// Whether there is any such day. Edits are also taken back by a last day before the first.
    pub fn are_any(&self) -> bool {
        self.first.is_none_or(|first| self.last.is_none_or(|last| first <= last))
    }
}

/// What an entry says besides its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Term {
    /// When it is in force.
    pub days: Days,
    length: u8,
    extra: [u8; EXTRA_MAX],
}

impl Term {
    /// A term of these days and bytes; nothing if there are more than [`EXTRA_MAX`].
    pub fn new(days: Days, said: &[u8]) -> Option<Term> {
        let mut extra = [0; EXTRA_MAX];
        extra.get_mut(..said.len())?.copy_from_slice(said);
        Some(Term { days, length: u8::try_from(said.len()).ok()?, extra })
    }

    /// What it says beside its days.
    #[inline]
    pub fn extra(&self) -> &[u8] {
        self.extra.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// The one byte that edits say: an indicator or a kind.
    #[inline]
    pub fn byte(&self) -> u8 {
        self.extra().first().copied().unwrap_or(0)
    }

    /// The units and the indicator that limits say.
    pub fn limit(&self) -> (u32, u8) {
        let (units, rest) = self.extra().split_first_chunk().unwrap_or((&[0; 4], &[]));
        (u32::from_le_bytes(*units), rest.first().copied().unwrap_or(0))
    }

    /// The term as bytes.
    pub fn encode(&self) -> [u8; TERM_BYTES] {
        let mut bytes = [0; TERM_BYTES];
        let first = self.days.first.map_or(OPEN_FIRST, Date::days).to_le_bytes();
        let last = self.days.last.map_or(OPEN_LAST, Date::days).to_le_bytes();
        let parts = first.iter().chain(&last).chain([&self.length]).chain(&self.extra);
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = *part;
        }
        bytes
    }

    /// The term that these bytes are, if they are one.
    pub fn decode(bytes: &[u8; TERM_BYTES]) -> Option<Term> {
        let (first, rest) = bytes.split_first_chunk::<4>()?;
        let (last, rest) = rest.split_first_chunk::<4>()?;
        let (length, extra) = rest.split_first()?;
        let day = |bytes: &[u8; 4], open: i32| match i32::from_le_bytes(*bytes) {
            days if days == open => Some(None),
            days => Date::from_days(days).map(Some),
        };
        let days = Days { first: day(first, OPEN_FIRST)?, last: day(last, OPEN_LAST)? };
        Term::new(days, extra.get(..usize::from(*length))?)
    }
}
