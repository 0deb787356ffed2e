//! Segment by segment through an X12 input: which claims and service lines there are, what they
//! inherit, and what of their surroundings is wrong.

mod stretch;

pub use stretch::Bounds;

use crate::input::x12::envelope::{Envelope, Inside, Wrong};
use crate::input::x12::loops::{INHERITED, Loops};
use crate::input::x12::portion::{Claim, Claims, Counts, ServiceLine};
use crate::input::x12::says::{
    EMPTY, NO_CLAIM, NO_COUNTER, NO_HEADER, NO_LINES, NO_SEGMENT, NO_SERVICE, NO_SUBSCRIBER,
    UNFINISHED,
};
use crate::input::x12::segments::{Tag, number, parts};
use crate::model::Controls;
use crate::model::batch::{Place, Span};
use crate::model::{Fault, FaultDetail, FaultKind};

/// The claim that is open.
#[derive(Debug, Clone, Copy)]
struct OpenClaim {
    place: Place,
    /// LX01 of the line before.
    last_counter: u64,
    has_lines: bool,
    /// Whether its own segments cannot be read.
    is_lost: bool,
}

/// The service line that is open.
#[derive(Debug, Clone, Copy, Default)]
struct OpenLine {
    counter: Option<(u32, Place)>,
    service: Option<(u32, Place)>,
}

/// Where in an input the reading of segments has come to.
pub struct Walk {
    /// Offset in the input of the next byte.
    pub byte: u64,
    /// What was counted so far.
    pub counts: Counts,
    /// What is open of interchanges, groups and transaction sets.
    pub envelope: Envelope,
    /// The control numbers so far.
    pub controls: Controls,
    loops: Loops,
    claims: u64,
    claim: Option<OpenClaim>,
    line: Option<OpenLine>,
    /// Where the own segments of a claim, or a line, began, that are bounded in length.
    unit: Option<u64>,
    bytes_max: usize,
    unread_at: u64,
    wrong: Vec<Wrong>,
}

impl Walk {
    /// Begins at this offset of an input; a segment, the own segments of a claim or those of a line
    /// have at most `bytes_max` bytes.
    pub fn new(byte: u64, bytes_max: usize) -> Walk {
        Walk {
            byte,
            counts: Counts::default(),
            envelope: Envelope::default(),
            controls: Controls::default(),
            loops: Loops::default(),
            claims: 0,
            claim: None,
            line: None,
            unit: None,
            bytes_max,
            unread_at: 0,
            wrong: Vec::new(),
        }
    }

    /// Whether a claim is open whose own segments can be read.
    pub fn is_in_claim(&self) -> bool {
        self.claim.is_some_and(|claim| !claim.is_lost)
    }

    /// Closes what cannot be open where a segment with this tag stands.
    pub fn close_for(&mut self, tag: Tag, portion: &mut Claims) {
        match tag {
            Tag::Lx => self.close_line(portion),
            Tag::Service if self.line.is_some_and(|line| line.service.is_some()) => {
                self.close_line(portion);
            }
            Tag::Clm | Tag::Hl => self.close_claim(portion),
            Tag::Isa | Tag::Gs | Tag::St | Tag::Se | Tag::Ge | Tag::Iea => {
                self.close_claim(portion);
            }
            _ => {}
        }
    }

    /// Whether a portion may end here: the own segments of a claim and its first line, and the
    /// segments of a line, stay together.
    pub fn may_be_cut(&self) -> bool {
        self.unit.is_none()
    }

    /// Marks where a segment begins that cannot be read as a whole.
    pub fn begin_unread(&mut self) {
        self.unread_at = self.byte;
    }

    /// Takes a segment, which lies at `span` of the text.
    pub fn take(
        &mut self,
        (text, span): (&[u8], Span),
        (tag, element): (Tag, u8),
        is_overlong: bool,
        portion: &mut Claims,
    ) {
        let read = Span { len: if is_overlong { 0 } else { span.len }, ..span };
        let number = self.count(read, portion);
        let mut place = self.place();
        let segment = text.get(span.start as usize..(span.start + span.len) as usize);
        let segment = segment.unwrap_or_default();
        match tag {
            _ if is_overlong => {
                place.byte = self.unread_at;
                let limit = FaultDetail::Limit(self.bytes_max as u64);
                self.lose(tag, place, limit, portion);
            }
            Tag::Isa | Tag::Gs | Tag::St | Tag::Se | Tag::Ge | Tag::Iea => {
                if tag == Tag::Isa && segment.len() + 1 != super::segments::ISA_BYTES {
                    self.wrong.push((FaultKind::UnreadableSegment, FaultDetail::Says(NO_HEADER)));
                }
                let ordinal = self.counts.segments;
                self.envelope.take(tag, segment, element, ordinal, &mut self.wrong);
                if matches!(tag, Tag::Isa | Tag::St | Tag::Ge) {
                    let (interchange, set) = self.envelope.controls();
                    self.controls.push(ordinal, interchange, set);
                }
                if matches!(tag, Tag::St | Tag::Se) {
                    self.loops.begin();
                }
            }
            _ if self.envelope.inside() == Inside::Other => {}
            _ => {
                self.envelope.pass(tag, &mut self.wrong);
                self.take_body((tag, segment, element), (number, place), portion);
            }
        }
        self.say(place, portion);
        self.counts.around += u64::from(self.claim.is_none());
    }

    /// Takes a segment that is broken off by the end of the input.
    pub fn take_unfinished(&mut self, span: Span, tag: Tag, portion: &mut Claims) {
        self.count(Span { len: 0, ..span }, portion);
        let place = Place { byte: self.unread_at, ..self.place() };
        self.lose(tag, place, FaultDetail::Says(UNFINISHED), portion);
        self.say(place, portion);
        self.counts.around += u64::from(self.claim.is_none());
    }

    /// Takes the end of the input.
    pub fn end(&mut self, portion: &mut Claims) {
        self.close_claim(portion);
        self.envelope.end(&mut self.wrong);
        let last = self.place();
        self.say(last, portion);
    }

    /// Says what the next claim inherits; returns the number of it in the portion.
    pub fn inherit(&mut self, portion: &mut Claims) -> u32 {
        if self.loops.changed || portion.inherited.is_empty() {
            let mut spans = [Span::default(); INHERITED];
            for (span, value) in spans.iter_mut().zip(self.loops.values()) {
                *span = Span { start: portion.kept.len() as u32, len: value.len() as u32 };
                portion.kept.extend_from_slice(value);
            }
            portion.inherited.push(spans);
            self.loops.changed = false;
        }
        portion.inherited.len().saturating_sub(1) as u32
    }

    #[inline]
    fn count(&mut self, span: Span, portion: &mut Claims) -> u32 {
        self.counts.segments += 1;
        portion.segments.push(span);
        portion.segments.len() as u32 - 1
    }

    /// Where the segment stands that was counted last.
    fn place(&self) -> Place {
        let ordinal = self.counts.segments;
        Place { source: 0, record: ordinal, line: ordinal, byte: self.byte }
    }

    /// Takes a segment of a transaction set of claims.
    fn take_body(
        &mut self,
        (tag, segment, element): (Tag, &[u8], u8),
        (at, place): (u32, Place),
        portion: &mut Claims,
    ) {
        let is_around = self.claim.is_none() && self.line.is_none();
        match tag {
            Tag::Hl => self.loops.level(segment, element, &mut self.wrong),
            Tag::Nm1 if is_around => self.loops.name(segment, element),
            Tag::Dmg if is_around => self.loops.demographics(segment, element),
            Tag::Clm => self.open_claim(at, place, portion),
            Tag::Lx => self.open_line(segment, element, (at, place), portion),
            Tag::Service => self.take_service(at, place, portion),
            Tag::Unknown => {
                let says = if segment.is_empty() { EMPTY } else { NO_SEGMENT };
                self.wrong.push((FaultKind::UnreadableSegment, FaultDetail::Says(says)));
            }
            _ => {}
        }
        let end = place.byte + segment.len() as u64;
        if self.unit.is_some_and(|start| end - start > self.bytes_max as u64) {
            self.lose_unit(place, portion);
        }
    }

    fn open_claim(&mut self, at: u32, place: Place, portion: &mut Claims) {
        self.claims += 1;
        if !self.loops.may_hold_claims() {
            self.wrong.push((FaultKind::Hierarchy, FaultDetail::Says(NO_SUBSCRIBER)));
        }
        let inherits = self.inherit(portion);
        let lines = portion.lines.len() as u32;
        portion.claims.push(Claim {
            inherits,
            ordinal: self.claims,
            own: (at, at + 1),
            lines: (lines, lines),
        });
        self.unit = Some(place.byte);
        self.claim = Some(OpenClaim { place, last_counter: 0, has_lines: false, is_lost: false });
    }

    fn open_line(
        &mut self,
        segment: &[u8],
        element: u8,
        (at, place): (u32, Place),
        portion: &mut Claims,
    ) {
        let is_first = self.claim.is_some_and(|claim| !claim.has_lines);
        if let Some(claim) = self.claim.as_mut().filter(|claim| !claim.is_lost) {
            let [_, said]: [&[u8]; 2] = parts(segment, element);
            let (said, next) = (number(said), claim.last_counter + 1);
            if said != Some(next) {
                let detail = FaultDetail::Counts("LX01", said, next);
                self.wrong.push((FaultKind::LineCounter, detail));
            }
            claim.last_counter = said.unwrap_or(next);
        }
        self.begin_line(is_first, at, place, portion);
        self.line = Some(OpenLine { counter: Some((at, place)), service: None });
    }

    fn take_service(&mut self, at: u32, place: Place, portion: &mut Claims) {
        if self.line.is_none() {
            let is_first = self.claim.is_some_and(|claim| !claim.has_lines);
            if self.is_in_claim() {
                self.wrong.push((FaultKind::LineCounter, FaultDetail::Says(NO_COUNTER)));
            }
            self.begin_line(is_first, at, place, portion);
            self.line = Some(OpenLine::default());
        }
        if let Some(line) = &mut self.line {
            line.service = Some((at, place));
        }
    }

    /// The first line of a claim ends the claim's own segments.
    fn begin_line(&mut self, is_first: bool, at: u32, place: Place, portion: &mut Claims) {
        if let Some(claim) = self.claim.as_mut() {
            claim.has_lines = true;
            if let Some(known) = portion.claims.last_mut().filter(|_| is_first && !claim.is_lost) {
                known.own.1 = at;
            }
        }
        self.unit = Some(place.byte);
    }

    fn close_line(&mut self, portion: &mut Claims) {
        let Some(line) = self.line.take() else { return };
        self.unit = None;
        let readable = self.is_in_claim();
        let counter = line.counter;
        match (line.service, portion.claims.last_mut()) {
            (Some((service, place)), Some(claim)) if readable => {
                let end = portion.segments.len() as u32;
                let counter = counter.map(|(at, _)| at);
                portion.lines.push(ServiceLine { counter, service, end, place });
                claim.lines.1 = portion.lines.len() as u32;
                self.count_record();
            }
            (service, _) => {
                let says = if service.is_some() { NO_CLAIM } else { NO_SERVICE };
                let place = service.or(counter).map_or_else(|| self.place(), |(_, place)| place);
                self.set_aside(FaultKind::Hierarchy, place, FaultDetail::Says(says), portion);
            }
        }
    }

    fn close_claim(&mut self, portion: &mut Claims) {
        self.close_line(portion);
        if let Some(claim) = self.claim.filter(|claim| !claim.has_lines && !claim.is_lost) {
            let says = FaultDetail::Says(NO_LINES);
            self.set_aside(FaultKind::Hierarchy, claim.place, says, portion);
        }
        self.claim = None;
        self.unit = None;
    }

    /// Reports a segment that cannot be read. A claim of which it is the first is lost, and so is a
    /// line whose service it is.
    fn lose(&mut self, tag: Tag, place: Place, detail: FaultDetail, portion: &mut Claims) {
        let kind = FaultKind::UnreadableSegment;
        let lacks_service = self.line.is_some_and(|line| line.service.is_none());
        match tag {
            Tag::Clm => {
                self.claims += 1;
                self.claim =
                    Some(OpenClaim { place, last_counter: 0, has_lines: false, is_lost: true });
                self.set_aside(kind, place, detail, portion);
            }
            Tag::Service if !lacks_service => self.set_aside(kind, place, detail, portion),
            // Whose claims come next is not known.
            Tag::Hl => {
                self.loops.level(b"", b'*', &mut self.wrong);
                portion.faults.push(Fault { kind, place, lines: 0, detail });
            }
            _ => portion.faults.push(Fault { kind, place, lines: 0, detail }),
        }
    }

    /// Gives up the own segments of a claim, or a line, that are longer than they may be.
    fn lose_unit(&mut self, place: Place, portion: &mut Claims) {
        self.unit = None;
        let limit = FaultDetail::Limit(self.bytes_max as u64);
        let kind = FaultKind::UnreadableSegment;
        match (self.line.take(), &mut self.claim) {
            (Some(line), _) => {
                let place = line.service.or(line.counter).map_or(place, |(_, place)| place);
                self.set_aside(kind, place, limit, portion);
            }
            (None, Some(claim)) => {
                claim.is_lost = true;
                let place = claim.place;
                portion.claims.pop();
                self.set_aside(kind, place, limit, portion);
            }
            (None, None) => {}
        }
    }

    fn count_record(&mut self) {
        self.counts.records += 1;
        self.counts.records_around += u64::from(self.claim.is_none());
    }

    fn set_aside(
        &mut self,
        kind: FaultKind,
        place: Place,
        detail: FaultDetail,
        portion: &mut Claims,
    ) {
        self.count_record();
        portion.faults.push(Fault { kind, place, lines: 1, detail });
    }

    /// Reports what was found wrong at a place.
    #[inline]
    fn say(&mut self, place: Place, portion: &mut Claims) {
        if self.wrong.is_empty() {
            return;
        }
        let faults = self.wrong.drain(..);
        portion.faults.extend(faults.map(|(kind, detail)| Fault { kind, place, lines: 0, detail }));
    }
}
