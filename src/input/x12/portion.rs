//! Some whole claims of an X12 input, or whole service lines of a long one, with what they inherit.

use crate::input::bytes::Found;
use crate::input::x12::loops::INHERITED;
use crate::input::x12::segments::Separators;
use crate::model::Fault;
use crate::model::batch::{Place, Span};

/// What was counted of an input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Segments.
    pub segments: u64,
    /// Those of them that stand in no claim.
    pub around: u64,
    /// Service lines, and what was set aside instead of one.
    pub records: u64,
    /// Those of them that stand in no claim.
    pub records_around: u64,
}

/// The segments from one number to before another.
pub type Range = (u32, u32);

/// A claim of a portion, or as much of it as lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What it inherits, by number.
    pub inherits: u32,
    /// The ordinal of its CLM in the input.
    pub ordinal: u64,
    /// Its own segments, CLM first, to before its first service line.
    pub own: Range,
    /// Its service lines, by number.
    pub lines: Range,
}

/// A service line of a portion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLine {
    /// Its LX, if it has one.
    pub counter: Option<u32>,
    /// Its SV1, SV2 or SV3.
    pub service: u32,
    /// One past its last segment.
    pub end: u32,
    /// Where the service stands.
    pub place: Place,
}

/// Some claims, not yet decoded.
#[derive(Debug, Default)]
pub struct Claims {
    /// The bytes, terminators and all.
    pub text: Vec<u8>,
    /// What parts them.
    pub separators: Option<Separators>,
    /// The segments, terminators excepted.
    pub segments: Vec<Span>,
    /// How many of the first segments were in the portion before as well: those of the claim that
    /// goes on here.
    pub repeated: u32,
    /// The ordinal in the input of the first segment that was not.
    pub first: u64,
    /// From a position in the text on, where its bytes lie in the input.
    pub offsets: Vec<(u32, u64)>,
    /// The encoding that the text had.
    pub found: Found,
    /// The claims.
    pub claims: Vec<Claim>,
    /// Their lines.
    pub lines: Vec<ServiceLine>,
    /// What claims inherit, in the order of [`super::loops::Of`], in `kept`.
    pub inherited: Vec<[Span; INHERITED]>,
    /// The text of what they inherit.
    pub kept: Vec<u8>,
    /// What the envelope and the hierarchy have wrong.
    pub faults: Vec<Fault>,
    /// Bytes of the input that were read for it.
    pub bytes: u64,
}

impl Claims {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.separators = None;
        self.segments.clear();
        self.repeated = 0;
        self.offsets.clear();
        self.claims.clear();
        self.lines.clear();
        self.inherited.clear();
        self.kept.clear();
        self.faults.clear();
        self.bytes = 0;
    }

    /// The bytes of a segment, without its terminator.
    #[inline]
    pub fn segment(&self, number: u32) -> &[u8] {
        let span = self.segments.get(number as usize).copied().unwrap_or_default();
        self.text.get(span.start as usize..(span.start + span.len) as usize).unwrap_or_default()
    }

    /// Where a position of the text lies in the input.
    pub fn offset(&self, position: u32) -> u64 {
        self.offset_in(&self.text, position)
    }

    /// The same while the text is not yet here.
    pub fn offset_in(&self, text: &[u8], position: u32) -> u64 {
        let after = self.offsets.partition_point(|(from, _)| *from <= position);
        let from = after.checked_sub(1).and_then(|at| self.offsets.get(at));
        let (from, byte) = from.copied().unwrap_or_default();
        let text = text.get(from as usize..position as usize).unwrap_or_default();
        byte + self.found.length_in_input(text)
    }

    /// The 1-based ordinal in the input of a segment.
    pub fn ordinal(&self, number: u32) -> u64 {
        self.first + u64::from(number.saturating_sub(self.repeated))
    }
}
