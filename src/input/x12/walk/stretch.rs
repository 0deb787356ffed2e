//! The fast way through the segments of claims: those that end a transaction set, stand outside of
//! one, may end a portion, or are odd in any way, are left to the slow way, segment by segment.

use super::Walk;
use crate::input::x12::ends::Ends;
use crate::input::x12::envelope::Inside;
use crate::input::x12::portion::Claims;
use crate::input::x12::segments::{Separators, Tag};
use crate::model::batch::Span;

/// How far to go at once.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From this place of the text on, a portion may end.
    pub portion_end: usize,
    /// Lines of a portion, and faults.
    pub many: usize,
    /// Records of the input.
    pub records: u64,
    /// Bytes of a segment.
    pub segment_bytes: usize,
}

impl Walk {
    /// Takes segments of UTF-8 text from `pos` on; returns where the first begins that was not
    /// taken.
    pub fn take_stretch(
        &mut self,
        (text, mut pos): (&[u8], usize),
        (ends, separators): (&mut Ends, Separators),
        bounds: Bounds,
        portion: &mut Claims,
    ) -> usize {
        if self.envelope.inside() != Inside::Claims || self.counts.records >= bounds.records {
            return pos;
        }
        // Where the first byte of the text lies in the input, were all of it one piece.
        let origin = self.byte.wrapping_sub(pos as u64);
        loop {
            while text.get(pos).is_some_and(|byte| separators.is_between(*byte)) {
                pos += 1;
            }
            let Some(end) = ends.at_or_after(pos) else { break };
            let segment = text.get(pos..end).unwrap_or_default();
            let tag = Tag::of(segment, separators.element);
            if !tag.is_of_claims()
                || segment.len() > bounds.segment_bytes
                || (self.may_be_cut() && pos >= bounds.portion_end)
            {
                break;
            }
            let span = Span { start: pos as u32, len: segment.len() as u32 };
            if self.is_passed(tag) && !self.is_over(origin.wrapping_add(end as u64)) {
                self.count(span, portion);
            } else {
                // What ends here may fill the portion, by one line or fault.
                let is_near = pos >= bounds.portion_end
                    || portion.lines.len() + 1 >= bounds.many
                    || portion.faults.len() + 1 >= bounds.many
                    || self.counts.records + 1 >= bounds.records;
                if is_near {
                    break;
                }
                self.byte = origin.wrapping_add(pos as u64);
                self.close_for(tag, portion);
                let (at, place) = (self.count(span, portion), self.place());
                self.take_body((tag, segment, separators.element), (at, place), portion);
                self.say(place, portion);
            }
            self.counts.around += u64::from(self.claim.is_none());
            pos = end + 1;
        }
        self.byte = origin.wrapping_add(pos as u64);
        pos
    }

    /// Whether a segment of claims is looked at elsewhere only.
    #[inline]
    fn is_passed(&self, tag: Tag) -> bool {
        match tag {
            Tag::Other => true,
            Tag::Nm1 | Tag::Dmg => self.claim.is_some() || self.line.is_some(),
            _ => false,
        }
    }

    /// Whether the own segments of a claim, or a line, are too long if they reach up to this byte.
    #[inline]
    fn is_over(&self, end: u64) -> bool {
        self.unit.is_some_and(|start| end - start > self.bytes_max as u64)
    }
}
