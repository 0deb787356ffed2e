//! The stream of an X12 input cut into portions: whole claims, or whole service lines of a claim
//! that is larger than a portion.
//!
//! This stage is sequential. It finds the end of each segment, looks at its tag, follows the
//! envelope and the hierarchy, and leaves what claims say to [`super::decode`].

use std::io;

use crate::input::bytes::{Feed, Found};
use crate::input::chunks::ChunkLimits;
use crate::input::pool::Pool;
use crate::input::x12::ends::Ends;
use crate::input::x12::envelope::Envelope;
use crate::input::x12::portion::{Claim, Claims};
use crate::input::x12::segments::{ISA_BYTES, Separators, Tag};
use crate::input::x12::walk::{Bounds, Walk};
use crate::model::Controls;
use crate::model::batch::Span;

/// Cuts an X12 input into portions.
pub struct Reader {
    feed: Feed,
    found: Found,
    limits: ChunkLimits,
    separators: Separators,
    walk: Walk,
    /// What was read and not yet cut.
    rest: Vec<u8>,
    /// Where segments end in what is being cut.
    ends: Ends,
    /// The claim that goes on in the next portion.
    carried: Option<Carried>,
    /// Where memory comes from, and should be given back to.
    pub pool: Pool<Claims>,
    /// The segment whose first bytes were dropped, because it is longer than one may be.
    dropped: Option<Tag>,
    is_done: bool,
    stopped_early: bool,
    /// Whether the last segment has no terminator.
    open_end: bool,
}

/// The own segments of a claim that goes on in the next portion.
struct Carried {
    claim: Claim,
    byte: u64,
    text: Vec<u8>,
    segments: Vec<Span>,
}

impl Reader {
    /// Reads on from `rest`, which begins with an ISA segment that says `separators` and lies at
    /// `byte` of the input.
    pub fn new(
        feed: Feed,
        found: Found,
        separators: Separators,
        limits: ChunkLimits,
        rest: Vec<u8>,
        byte: u64,
    ) -> Reader {
        Reader {
            feed,
            found,
            limits,
            separators,
            walk: Walk::new(byte, limits.record_bytes_max),
            rest,
            ends: Ends::default(),
            carried: None,
            pool: Pool::default(),
            dropped: None,
            is_done: false,
            stopped_early: false,
            open_end: false,
        }
    }

    /// Service lines so far, and records that were set aside instead of one.
    pub fn records(&self) -> u64 {
        self.walk.counts.records
    }

    /// Bytes of the input up to here.
    pub fn bytes_read(&self) -> u64 {
        if self.stopped_early { self.walk.byte } else { self.feed.bytes_read }
    }

    /// Segments so far; of these, those around claims, and those of claims that are no records.
    pub fn segment_counts(&self) -> (u64, u64, u64) {
        let counts = self.walk.counts;
        let around = counts.around - counts.records_around;
        let within = counts.segments - counts.around - (counts.records - counts.records_around);
        (counts.segments, around, within)
    }

    /// Whether reading stopped before the end, at the limit of records.
    pub fn stopped_early(&self) -> bool {
        self.stopped_early
    }

    /// Whether the last segment has no terminator.
    pub fn open_end(&self) -> bool {
        self.open_end
    }

    /// What was seen of interchanges, groups and transaction sets.
    pub fn envelope(&self) -> &Envelope {
        &self.walk.envelope
    }

    /// The control numbers of what was read; they can be taken once.
    pub fn take_controls(&mut self) -> Controls {
        std::mem::take(&mut self.walk.controls)
    }

    /// The next portion; nothing at the end of the input.
    pub fn take(&mut self) -> io::Result<Option<Claims>> {
        if self.is_done {
            return Ok(None);
        }
        let mut portion = self.pool.take();
        let (mut text, mut pos) = self.begin(&mut portion);
        let begin = self.walk.byte;
        let portion_end = pos.saturating_add(self.limits.chunk_bytes);
        self.ends.begin(self.separators.terminator, pos);
        self.ends.search(&text);
        loop {
            if self.dropped.is_none() {
                pos = self.take_stretch(&text, pos, portion_end, &mut portion);
                pos = self.pass_blanks(&text, pos);
            }
            let new = self.new_separators(text.get(pos..).unwrap_or_default());
            let end = match new {
                Some(_) => Some(pos + ISA_BYTES - 1),
                None => self.end_of_segment(&text, pos),
            };
            let Some(end) = end else {
                if self.feed.ended {
                    self.finish(&text, pos, &mut portion);
                    break;
                }
                self.drop_overlong(&mut text, pos, &mut portion);
                // Little more than the portion may have, since the rest would be moved once more.
                let lacking = portion_end.saturating_sub(text.len());
                self.feed.fill(&mut text, lacking.max(self.limits.chunk_bytes / 16).max(1))?;
                self.ends.search(&text);
                continue;
            };
            let span = Span { start: pos as u32, len: (end - pos) as u32 };
            let tag = self.tag(&text, span, new.is_some());
            self.walk.close_for(tag, &mut portion);
            if self.is_cut(&portion, pos >= portion_end, new) {
                self.carry(&text, &portion);
                self.rest.extend_from_slice(text.get(pos..).unwrap_or_default());
                text.truncate(pos);
                break;
            }
            self.separators = new.unwrap_or(self.separators);
            portion.separators = Some(self.separators);
            let is_overlong = span.len as usize > self.limits.record_bytes_max;
            if is_overlong && self.dropped.is_none() {
                self.walk.begin_unread();
            }
            let is_overlong = self.dropped.take().is_some() || is_overlong;
            let element = self.separators.element;
            self.walk.take((&text, span), (tag, element), is_overlong, &mut portion);
            let taken = text.get(pos..=end).unwrap_or_default();
            self.walk.byte += self.found.length_in_input(taken);
            pos = end + 1;
            if new.is_some() {
                self.ends.begin(self.separators.terminator, pos);
                self.ends.search(&text);
            }
        }
        portion.text = text;
        portion.bytes = self.walk.byte - begin;
        let nothing = portion.segments.len() == portion.repeated as usize;
        Ok((!nothing).then_some(portion))
    }

    /// Puts what is left of the portion before into a new one; returns the text and where in it the
    /// segments begin that are yet to be taken.
    fn begin(&mut self, portion: &mut Claims) -> (Vec<u8>, usize) {
        let mut text = std::mem::take(&mut portion.text);
        portion.first = self.walk.counts.segments + 1;
        portion.found = self.found;
        portion.separators = Some(self.separators);
        if let Some(carried) = self.carried.take() {
            text.extend_from_slice(&carried.text);
            portion.repeated = carried.segments.len() as u32;
            portion.segments.extend_from_slice(&carried.segments);
            portion.offsets.push((0, carried.byte));
            let inherits = self.walk.inherit(portion);
            let own = (0, portion.repeated);
            portion.claims.push(Claim { inherits, own, lines: (0, 0), ..carried.claim });
        }
        let pos = text.len();
        portion.offsets.push((pos as u32, self.walk.byte));
        text.append(&mut self.rest);
        (text, pos)
    }

    /// Keeps the own segments of a claim that is cut.
    fn carry(&mut self, text: &[u8], portion: &Claims) {
        let Some(claim) = portion.claims.last().filter(|_| self.walk.is_in_claim()) else { return };
        let (from, to) = (claim.own.0 as usize, claim.own.1 as usize);
        let own = portion.segments.get(from..to).unwrap_or_default();
        let (Some(first), Some(last)) = (own.first(), own.last()) else { return };
        let (start, end) = (first.start, last.start + last.len);
        let kept = text.get(start as usize..=end as usize).unwrap_or_default();
        let moved = own.iter().map(|span| Span { start: span.start - start, len: span.len });
        self.carried = Some(Carried {
            claim: *claim,
            byte: portion.offset_in(text, start),
            text: kept.to_vec(),
            segments: moved.collect(),
        });
    }

    /// Whether the portion ends here, before a segment that says `new` separators if it says any.
    fn is_cut(&mut self, portion: &Claims, is_full: bool, new: Option<Separators>) -> bool {
        let is_first = portion.segments.len() == portion.repeated as usize;
        if is_first || !self.walk.may_be_cut() {
            return false;
        }
        if self.walk.counts.records >= self.limits.records_max {
            (self.is_done, self.stopped_early) = (true, true);
            return true;
        }
        let many = self.limits.batch_lines_max;
        let is_parted_otherwise = new.is_some_and(|new| new != self.separators);
        is_full
            || is_parted_otherwise
            || portion.lines.len() >= many
            || portion.faults.len() >= many
    }

    fn pass_blanks(&mut self, text: &[u8], pos: usize) -> usize {
        let after = text.get(pos..).unwrap_or_default();
        let blanks = after.iter().take_while(|byte| self.separators.is_between(**byte)).count();
        if blanks > 0 {
            let passed = after.get(..blanks).unwrap_or_default();
            self.walk.byte += self.found.length_in_input(passed);
        }
        pos + blanks
    }

    /// The separators of an ISA segment at the start of `text`, if there is one.
    fn new_separators(&self, text: &[u8]) -> Option<Separators> {
        if self.dropped.is_some() || !text.starts_with(b"ISA") {
            return None;
        }
        Separators::of(text)
    }

    fn tag(&self, text: &[u8], span: Span, is_header: bool) -> Tag {
        let (start, end) = (span.start as usize, (span.start + span.len) as usize);
        match (is_header, self.dropped) {
            (true, _) => Tag::Isa,
            (_, Some(tag)) => tag,
            _ => Tag::of(text.get(start..end).unwrap_or_default(), self.separators.element),
        }
    }

    /// Takes the segments that need no closer look.
    fn take_stretch(
        &mut self,
        text: &[u8],
        pos: usize,
        portion_end: usize,
        portion: &mut Claims,
    ) -> usize {
        if self.found != Found::Utf8 {
            return pos;
        }
        let bounds = Bounds {
            portion_end,
            many: self.limits.batch_lines_max,
            records: self.limits.records_max,
            segment_bytes: self.limits.record_bytes_max,
        };
        let parted = (&mut self.ends, self.separators);
        self.walk.take_stretch((text, pos), parted, bounds, portion)
    }

    /// Where the terminator of the segment at `pos` is.
    fn end_of_segment(&mut self, text: &[u8], pos: usize) -> Option<usize> {
        let after = text.get(pos..).unwrap_or_default();
        if after.starts_with(b"ISA") && after.len() < ISA_BYTES && !self.feed.ended {
            // Its separators may be others: they are known when all of it is there.
            return None;
        }
        self.ends.at_or_after(pos)
    }

    /// Drops what is there of a segment that is longer than one may be.
    fn drop_overlong(&mut self, text: &mut Vec<u8>, pos: usize, portion: &mut Claims) {
        let unended = text.get(pos..).unwrap_or_default();
        if unended.len() <= self.limits.record_bytes_max {
            return;
        }
        if self.dropped.is_none() {
            let start = unended.get(..4).unwrap_or_default();
            let mark = start.iter().position(|byte| *byte == self.separators.element);
            let tag = start.get(..mark.unwrap_or(start.len())).unwrap_or_default();
            self.walk.begin_unread();
            self.dropped = Some(Tag::of(tag, self.separators.element));
        }
        self.walk.byte += self.found.length_in_input(unended);
        text.truncate(pos);
        self.ends.truncate(pos);
        portion.offsets.push((pos as u32, self.walk.byte));
    }

    /// Takes the end of the input, and what stands before it without a terminator.
    fn finish(&mut self, text: &[u8], pos: usize, portion: &mut Claims) {
        self.is_done = true;
        let tail = text.get(pos..).unwrap_or_default();
        let blank = tail.iter().rev().take_while(|byte| self.separators.is_between(**byte)).count();
        let span = Span { start: pos as u32, len: (tail.len() - blank) as u32 };
        let overlong = self.dropped.is_some();
        if !overlong {
            self.walk.begin_unread();
        }
        if span.len > 0 || overlong {
            let tag = self.tag(text, span, false);
            self.walk.close_for(tag, portion);
            self.open_end = true;
            let element = self.separators.element;
            match tag {
                Tag::Iea if !overlong => {
                    self.walk.take((text, span), (tag, element), false, portion);
                }
                _ => self.walk.take_unfinished(span, tag, portion),
            }
        }
        self.dropped = None;
        self.walk.byte += self.found.length_in_input(tail);
        self.walk.end(portion);
    }
}
