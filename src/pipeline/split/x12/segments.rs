//! The segments of portions in their order, each with where its bytes begin in the input.

use crate::input::x12::portion::Claims;
use crate::input::x12::segments::Tag;

/// A segment as it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'p> {
    /// What it is.
    pub tag: Tag,
    /// Its bytes, terminator excepted.
    pub text: &'p [u8],
    /// Offset in the input of its first byte.
    pub start: u64,
    /// Bytes of the input that `text` stands for.
    pub length: u64,
    /// Whether first bytes of it were dropped, because it is longer than one may be.
    pub is_cut: bool,
}

/// Goes through portions.
#[derive(Debug, Default)]
pub struct Segments {
    /// Where the next segment begins, unless bytes of it were dropped.
    next: Option<u64>,
}

impl Segments {
    /// Shows the segments of a portion that were not in the one before.
    pub fn for_each<E>(
        &mut self,
        portion: &Claims,
        mut show: impl FnMut(Segment<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(separators) = portion.separators else { return Ok(()) };
        let new = portion.segments.iter().enumerate().skip(portion.repeated as usize);
        for (number, span) in new {
            let text = portion.segment(number as u32);
            let lies = portion.offset(span.start);
            let start = self.next.unwrap_or(lies).min(lies);
            let end = portion.segments.get(number + 1).map_or(portion.text.len(), |next| {
                // What was dropped of the next one lies between.
                next.start as usize
            });
            let until_next = portion.text.get(span.start as usize..end).unwrap_or_default();
            self.next = Some(lies + portion.found.length_in_input(until_next));
            show(Segment {
                tag: Tag::of(text, separators.element),
                text,
                start,
                length: portion.found.length_in_input(text),
                is_cut: start < lies,
            })?;
        }
        Ok(())
    }
}
