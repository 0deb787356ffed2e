//! The two parts of an X12 input, written: claims byte for byte, everything around them as each
//! part needs it.

use std::io::Read;

use crate::error::Result;
use crate::input::Source;
use crate::input::bytes::Found;
use crate::input::x12::portion::Claims;
use crate::input::x12::segments::{Separators, Tag, parts};
use crate::pipeline::split::copying::Done;
use crate::pipeline::split::targets::Pair;
use crate::pipeline::split::text;
use crate::pipeline::split::window::Window;
use crate::pipeline::split::x12::answers::Answers;
use crate::pipeline::split::x12::enclosures::{Empty, Enclosure, PARTS, Part};
use crate::pipeline::split::x12::planner::{HAS_CHILD, NEEDED, SetPlan};
use crate::pipeline::split::x12::segments::{Segment, Segments};
use crate::report::x12::ClaimAcks;

/// What is known of a segment whose end is yet to come.
#[derive(Debug)]
pub struct Current {
    tag: Tag,
    /// Offset in the input of its first byte.
    pub start: u64,
    length: u64,
    /// Its text, where it is rewritten or kept for later.
    text: Vec<u8>,
}

/// Writes an input.
pub struct Writer<'w, 'o, P: Read + ?Sized> {
    pub found: Found,
    window: Window,
    pair: &'w mut Pair<'o>,
    plans: &'w mut P,
    empty: &'w mut Empty,
    answers: Option<Answers<'w, 'o>>,
    segments: Segments,
    pub separators: Separators,
    parts: [Part; 2],
    current: Option<Current>,
    /// What is open, its levels and claims that were passed, and where claims go.
    pub plan: Option<SetPlan>,
    next: Option<SetPlan>,
    level: usize,
    claim: usize,
    /// The parts that get what stands here, by number.
    pub goes_to: [bool; 2],
    in_claim: Option<bool>,
    behind_header: Vec<u8>,
    done: Done,
}

impl<'w, 'o, P: Read + ?Sized> Writer<'w, 'o, P> {
    /// Begins an input. `plans` gives the plans of its transaction sets.
    ///
    /// # Errors
    /// It cannot be read again.
    pub fn new(
        source: &Source,
        (found, separators): (Found, Separators),
        pair: &'w mut Pair<'o>,
        plans: &'w mut P,
        (empty, acks): (&'w mut Empty, Option<&'w mut ClaimAcks<'o>>),
    ) -> Result<Self> {
        let window = Window::new(source)?;
        let done = Done { head_bytes: source.data_start, ..Done::default() };
        Ok(Writer {
            found,
            window,
            pair,
            plans,
            empty,
            answers: acks.map(Answers::new),
            segments: Segments::default(),
            separators,
            parts: [Part::default(), Part::default()],
            current: None,
            plan: None,
            next: None,
            level: 0,
            claim: 0,
            goes_to: [false; 2],
            in_claim: None,
            behind_header: text::ascii(found, &[separators.terminator]),
            done,
        })
    }

    /// Takes the segments of a portion.
    ///
    /// # Errors
    /// Something cannot be read or written.
    pub fn take(&mut self, portion: &Claims) -> Result<()> {
        let mut segments = std::mem::take(&mut self.segments);
        let separators = portion.separators;
        segments.for_each(portion, |segment| self.begin(&segment, separators))?;
        self.segments = segments;
        Ok(())
    }

    /// Takes the end of an input of `bytes` bytes.
    ///
    /// # Errors
    /// Something cannot be read or written.
    pub fn finish(mut self, bytes: u64) -> Result<Done> {
        self.end_segment(bytes)?;
        self.close_interchange()?;
        Ok(self.done)
    }

    /// Begins a segment, now that it is known where the one before ends.
    fn begin(&mut self, segment: &Segment<'_>, separators: Option<Separators>) -> Result<()> {
        self.end_segment(segment.start)?;
        self.separators = separators.unwrap_or(self.separators);
        if segment.tag == Tag::St {
            // What is open is closed before the next plan is read.
            self.close_set(None)?;
            self.next = Some(SetPlan::read(self.plans)?);
        }
        if let Some(answers) = &mut self.answers {
            let claim = self.plan.as_ref().and_then(|plan| plan.claims.get(self.claim));
            let is_rejected = claim.map(|claim| *claim == 1);
            let element = self.separators.element;
            answers.take(segment, element, self.next.as_ref(), is_rejected)?;
        }
        let is_kept = matches!(
            segment.tag,
            Tag::Isa | Tag::Gs | Tag::St | Tag::Se | Tag::Ge | Tag::Iea | Tag::Hl | Tag::Ta1
        );
        let text = if is_kept { segment.text.to_vec() } else { Vec::new() };
        self.current =
            Some(Current { tag: segment.tag, start: segment.start, length: segment.length, text });
        Ok(())
    }

    /// Writes a segment of which everything up to `end` is part.
    fn end_segment(&mut self, end: u64) -> Result<()> {
        let Some(current) = self.current.take() else { return Ok(()) };
        let Current { tag, start, .. } = current;
        let (start_of_claim, claim) = (tag == Tag::Clm, self.in_claim);
        let closes_claim = matches!(
            tag,
            Tag::Isa | Tag::Gs | Tag::St | Tag::Se | Tag::Ge | Tag::Iea | Tag::Hl | Tag::Clm
        );
        if closes_claim {
            self.in_claim = None;
        }
        match tag {
            Tag::Isa => self.open_interchange(&current, end)?,
            Tag::Gs => self.open_group(&current, end)?,
            Tag::St => self.open_set(&current, end)?,
            Tag::Se => self.close_set(Some((&current, end)))?,
            Tag::Ge => self.close_group(Some((&current, end)))?,
            Tag::Iea => self.close_around(&current, end)?,
            Tag::Hl => self.write_level(&current, end)?,
            Tag::Ta1 if self.plan.is_none() => self.keep_acknowledgement(start, end)?,
            _ => {
                if start_of_claim {
                    self.open_claim();
                }
                self.write(start, end)?;
            }
        }
        let part = match if start_of_claim { self.in_claim } else { claim } {
            Some(rejected) if !closes_claim || start_of_claim => match rejected {
                false => &mut self.done.clean.bytes,
                true => &mut self.done.rejected.bytes,
            },
            _ => &mut self.done.head_bytes,
        };
        *part += end - start;
        if tag == Tag::Service
            && let Some(rejected) = self.in_claim
        {
            let done = &mut self.done;
            (if rejected { &mut done.rejected } else { &mut done.clean }).lines += 1;
        }
        Ok(())
    }

    /// Copies a segment to the parts that get what stands here.
    pub fn write(&mut self, start: u64, end: u64) -> Result<()> {
        if self.plan.is_none() {
            // It stands in no transaction set: whoever mends the rejected part should see it.
            self.goes_to = [false, true];
            self.write_headers(1)?;
        }
        for (part, goes) in PARTS.into_iter().zip(self.goes_to) {
            if !goes {
                continue;
            }
            if let Some(set) = self.part(part).set.as_mut() {
                set.count += 1;
            }
            let Some(out) = self.pair.part(part) else { continue };
            let mut at = start;
            while at < end {
                let piece = self.window.piece(at, end)?;
                out.bytes(piece)?;
                at += piece.len() as u64;
            }
        }
        Ok(())
    }

    pub fn part(&mut self, rejected: bool) -> &mut Part {
        let [clean, other] = &mut self.parts;
        if rejected { other } else { clean }
    }

    pub fn put(&mut self, rejected: bool, bytes: &[u8]) -> Result<()> {
        self.pair.part(rejected).map_or(Ok(()), |out| out.bytes(bytes))
    }

    /// A segment of this text, with what stands behind it up to `end`.
    pub fn rewritten(&mut self, text: &[&[u8]], current: &Current, end: u64) -> Result<Vec<u8>> {
        let mut bytes = text::ascii(self.found, &text.join(&[self.separators.element][..]));
        let behind = self.window.all(current.start + current.length, end)?;
        bytes.extend(if behind.is_empty() { self.terminator() } else { behind });
        Ok(bytes)
    }

    /// What stands behind the header of the interchange: its terminator, and perhaps a line end.
    pub fn terminator(&self) -> Vec<u8> {
        self.behind_header.clone()
    }

    fn open_interchange(&mut self, current: &Current, end: u64) -> Result<()> {
        self.close_interchange()?;
        let parts: [&[u8]; 14] = parts(&current.text, self.separators.element);
        let control = parts.last().copied().unwrap_or_default().to_vec();
        // What stands before the first one, such as a byte order mark, belongs to it.
        let is_first = self.empty.0.iter().all(Option::is_none);
        let from = if is_first { 0 } else { current.start };
        let header = self.window.all(from, end)?;
        self.behind_header = self.window.all(current.start + current.length, end)?;
        for (part, rejected) in PARTS.into_iter().enumerate() {
            let enclosure = Enclosure {
                header: header.clone(),
                control: control.clone(),
                ..Enclosure::default()
            };
            let trailer = self.trailer("IEA", &enclosure);
            let empty = self.empty.0.get_mut(part).filter(|empty| empty.is_none());
            empty
                .into_iter()
                .for_each(|empty| *empty = Some([header.clone(), trailer.clone()].concat()));
            *self.part(rejected) = Part { interchange: Some(enclosure), ..Part::default() };
        }
        Ok(())
    }

    fn open_group(&mut self, current: &Current, end: u64) -> Result<()> {
        self.close_group(None)?;
        let parts: [&[u8]; 7] = parts(&current.text, self.separators.element);
        let control = parts.last().copied().unwrap_or_default().to_vec();
        let header = self.window.all(current.start, end)?;
        for rejected in PARTS {
            let (header, control) = (header.clone(), control.clone());
            self.part(rejected).group = Some(Enclosure { header, control, ..Enclosure::default() });
        }
        Ok(())
    }

    fn open_set(&mut self, current: &Current, end: u64) -> Result<()> {
        self.close_set(None)?;
        let plan = self.next.take().unwrap_or_default();
        (self.level, self.claim) = (0, 0);
        self.goes_to = PARTS.map(|rejected| plan.is_in(rejected));
        self.plan = Some(plan);
        let [_, _, control]: [&[u8]; 3] = parts(&current.text, self.separators.element);
        for (at, rejected) in PARTS.into_iter().enumerate() {
            if !self.goes_to.get(at).is_some_and(|goes| *goes) {
                continue;
            }
            self.write_headers(at)?;
            let part = self.part(rejected);
            part.group.iter_mut().for_each(|group| group.count += 1);
            (part.level, part.parents) = (0, [0; 2]);
            part.set = Some(Enclosure { control: control.to_vec(), ..Enclosure::default() });
        }
        self.write(current.start, end)
    }

    /// Writes the headers around what is to be written to a part.
    fn write_headers(&mut self, at: usize) -> Result<()> {
        let rejected = at == 1;
        self.empty.0.get_mut(at).into_iter().for_each(|empty| *empty = Some(Vec::new()));
        let part = self.part(rejected);
        let mut headers = Vec::new();
        let mut open = |enclosure: &mut Option<Enclosure>| {
            let fresh = enclosure.as_mut().filter(|enclosure| !enclosure.is_written);
            fresh.is_some_and(|enclosure| {
                enclosure.is_written = true;
                headers.append(&mut enclosure.header);
                true
            })
        };
        open(&mut part.interchange);
        if open(&mut part.group)
            && let Some(interchange) = &mut part.interchange
        {
            interchange.count += 1;
        }
        self.put(rejected, &headers)
    }

    fn open_claim(&mut self) {
        let Some(plan) = &self.plan else { return };
        let rejected = plan.claims.get(self.claim).is_none_or(|claim| *claim == 1);
        self.claim += 1;
        self.in_claim = Some(rejected);
        if plan.whole.is_none() {
            self.goes_to = [!rejected, rejected];
        }
        let done = &mut self.done;
        (if rejected { &mut done.rejected } else { &mut done.clean }).claims += 1;
    }

    /// Writes a level of the hierarchy to the parts that need it, numbered anew.
    fn write_level(&mut self, current: &Current, end: u64) -> Result<()> {
        let Some(plan) = &self.plan else { return self.write(current.start, end) };
        if plan.whole.is_some() {
            return self.write(current.start, end);
        }
        let bits = plan.levels.get(self.level).copied().unwrap_or_default();
        self.level += 1;
        let parts: [&[u8]; 4] = parts(&current.text, self.separators.element);
        let [_, _, _, level] = parts;
        for (at, rejected) in PARTS.into_iter().enumerate() {
            let needs = bits & (NEEDED << at) != 0;
            self.goes_to.get_mut(at).into_iter().for_each(|goes| *goes = needs);
            if !needs {
                continue;
            }
            let part = self.part(rejected);
            part.level += 1;
            part.set.iter_mut().for_each(|set| set.count += 1);
            let [billing, subscriber] = part.parents;
            let parent = match level {
                b"20" => {
                    part.parents = [part.level, 0];
                    String::new()
                }
                b"22" => {
                    part.parents = [billing, part.level];
                    billing.to_string()
                }
                _ => subscriber.to_string(),
            };
            let number = part.level.to_string();
            let child = if bits & (HAS_CHILD << at) != 0 { b"1" } else { b"0" };
            let text: [&[u8]; 5] = [b"HL", number.as_bytes(), parent.as_bytes(), level, child];
            let bytes = self.rewritten(&text, current, end)?;
            self.put(rejected, &bytes)?;
        }
        Ok(())
    }

    /// Keeps an acknowledgement for the interchange that it stands in.
    fn keep_acknowledgement(&mut self, start: u64, end: u64) -> Result<()> {
        let bytes = self.window.all(start, end)?;
        for rejected in PARTS {
            let part = self.part(rejected);
            let open = part.interchange.as_mut().filter(|interchange| !interchange.is_written);
            if let Some(interchange) = open {
                interchange.header.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }
}
