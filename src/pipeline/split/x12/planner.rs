//! What each part of a split needs of a transaction set.

use std::io::Read;

use crate::error::{Error, Result};
use crate::exchange::spool::Spool;
use crate::input::x12::segments::{Tag, parts};
use crate::model::{Cents, Fault, FaultDetail, FaultKind};
use crate::pipeline::split::x12::answers;
use crate::pipeline::split::x12::segments::{Segment, Segments};
use crate::pipeline::split::x12::verdicts::Told;
use crate::report::x12::SetAcks;
use crate::report::x12::sets::{Verdict, Wrong};

/// The bits of a level of the hierarchy: that a part needs it, and that it has a level below.
pub const NEEDED: u8 = 1;
/// See [`NEEDED`]; both are shifted by one for the rejected part.
pub const HAS_CHILD: u8 = 4;

/// A transaction set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetPlan {
    /// Whether it goes to one part as it came: because of what is wrong with it, or because there
    /// is no claim in it.
    pub whole: Option<bool>,
    /// Of each HL segment, which parts need it.
    pub levels: Vec<u8>,
    /// Of each CLM segment, whether the claim is rejected.
    pub claims: Vec<u8>,
    /// What the claims of each part charge, in cents.
    pub sums: [i128; 2],
    /// What the claims of each billing provider charge, in cents.
    pub providers: Vec<i128>,
}

/// The open transaction set.
#[derive(Debug, Default)]
struct Open {
    plan: SetPlan,
    is_broken: bool,
    /// The open billing provider, subscriber and patient, by number of their HL.
    levels: [Option<usize>; 3],
    in_claim: bool,
    /// What the open claim charges, in cents.
    charge: i128,
    /// ST01 to ST03, and the ordinal of the ST in the input.
    header: [String; 3],
    first: u64,
    wrong: Vec<Wrong>,
}

/// More of what is wrong in a transaction set is not named.
const WRONG_MAX: usize = 1 << 12;

/// Reads an input and plans its transaction sets.
pub struct Planner<'a, 'o> {
    segments: Segments,
    in_interchange: bool,
    in_group: bool,
    open: Option<Open>,
    plans: Spool,
    /// Where transaction sets are answered.
    acks: Option<&'a mut SetAcks<'o>>,
    /// Offset and name of the segment that was taken last.
    last: (u64, String),
    /// Lines of claims that were looked up and found.
    pub hits: u64,
}

impl<'a, 'o> Planner<'a, 'o> {
    /// Plans go to `plans`, and answers to `acks`.
    pub fn new(plans: Spool, acks: Option<&'a mut SetAcks<'o>>) -> Self {
        Planner {
            segments: Segments::default(),
            in_interchange: false,
            in_group: false,
            open: None,
            plans,
            acks,
            last: (0, String::new()),
            hits: 0,
        }
    }

    /// Takes a portion.
    ///
    /// # Errors
    /// A plan cannot be kept.
    pub fn take(&mut self, told: &Told) -> Result<()> {
        self.hits += told.hits;
        let Told { claims, bits, wrong, .. } = told;
        let mut wrong = wrong.iter().copied().peekable();
        let carried = usize::from(claims.repeated > 0);
        if carried > 0 && bits.get(0) {
            self.reject(None);
        }
        let element = claims.separators.map_or(b'*', |separators| separators.element);
        // A CLM segment that cannot be read is none of these.
        let mut verdicts = claims.claims.iter().enumerate().skip(carried).peekable();
        let mut number = claims.repeated;
        let mut segments = std::mem::take(&mut self.segments);
        segments.for_each(claims, |segment| {
            while let Some(fault) = wrong.next_if(|fault| fault.place.byte < segment.start) {
                self.reject(Some(fault));
            }
            if segment.tag == Tag::Se {
                // What is wrong with a trailer is said of its transaction set.
                self.open.iter_mut().for_each(Open::close_claim);
                while let Some(fault) = wrong.next_if(|fault| fault.place.byte == segment.start) {
                    self.reject(Some(fault));
                }
            }
            let known = verdicts.next_if(|(_, claim)| claim.own.0 == number);
            let ordinal = claims.ordinal(number);
            number += 1;
            let verdict = known.map(|(at, _)| bits.get(at));
            self.segment((&segment, ordinal), element, verdict)
        })?;
        self.segments = segments;
        wrong.for_each(|fault| self.reject(Some(fault)));
        Ok(())
    }

    /// Takes the end of the input; gives back all plans.
    ///
    /// # Errors
    /// A plan cannot be kept.
    pub fn finish(mut self) -> Result<(Spool, u64)> {
        self.close(true)?;
        Ok((self.plans, self.hits))
    }

    /// Rejects what stands here: the claim, or all of the transaction set.
    fn reject(&mut self, fault: Option<Fault>) {
        let Some(open) = &mut self.open else { return };
        if let Some(fault) = fault.filter(|_| open.wrong.len() < WRONG_MAX) {
            let (byte, name) = &self.last;
            let is_here = *byte == fault.place.byte;
            open.wrong.push(Wrong {
                segment: if is_here { name.clone() } else { "CLM".to_owned() },
                position: (fault.place.record + 1).saturating_sub(open.first),
                kind: fault.kind,
                detail: fault.detail,
            });
        }
        match open.plan.claims.last_mut() {
            Some(claim) if open.in_claim => *claim = 1,
            _ => open.is_broken = true,
        }
    }

    fn segment(
        &mut self,
        (segment, ordinal): (&Segment<'_>, u64),
        element: u8,
        verdict: Option<bool>,
    ) -> Result<()> {
        if self.acks.is_some() {
            let [name]: [&[u8]; 1] = parts(segment.text, element);
            let is_name = name.len() <= 3 && name.iter().all(u8::is_ascii_alphanumeric);
            self.last = (segment.start, answers::text(if is_name { name } else { b"ZZ" }));
        }
        if let Some(open) = self.open.as_mut().filter(|_| segment.is_cut) {
            // What it was is not known here.
            open.is_broken = true;
        }
        match segment.tag {
            Tag::Isa | Tag::Iea => {
                self.close(true)?;
                self.in_interchange = segment.tag == Tag::Isa;
                if let Some(acks) = self.acks.as_mut().filter(|_| self.in_interchange) {
                    acks.interchange(answers::interchange(segment.text, element))?;
                }
                self.in_group = false;
            }
            Tag::Gs | Tag::Ge => {
                self.close(true)?;
                self.in_group = segment.tag == Tag::Gs && self.in_interchange;
                if let Some(acks) = self.acks.as_mut().filter(|_| self.in_group) {
                    acks.group(&answers::group(segment.text, element))?;
                }
            }
            Tag::St => {
                self.close(true)?;
                let [_, header @ ..]: [&[u8]; 4] = parts(segment.text, element);
                let is_broken = !self.in_group || header.first() != Some(&&b"837"[..]);
                let header = header.map(answers::text);
                self.open = Some(Open { is_broken, header, first: ordinal, ..Open::default() });
            }
            Tag::Se => self.close(false)?,
            Tag::Hl => {
                let [_, _, _, level]: [&[u8]; 4] = parts(segment.text, element);
                self.open.iter_mut().for_each(|open| open.level(level));
            }
            Tag::Clm => {
                let [_, _, charge]: [&[u8]; 3] = parts(segment.text, element);
                let charge = Cents::parse(charge).value().unwrap_or_default().0;
                self.open.iter_mut().for_each(|open| open.claim(verdict, charge));
            }
            _ => {}
        }
        Ok(())
    }

    /// Closes the transaction set; `is_early` where it has no trailer.
    fn close(&mut self, is_early: bool) -> Result<()> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        open.close_claim();
        if is_early {
            let (kind, detail) = (FaultKind::MissingTrailer, FaultDetail::None);
            open.wrong.push(Wrong { segment: "SE".to_owned(), position: 0, kind, detail });
        }
        if let Some(acks) = self.acks.as_mut().filter(|_| self.in_group) {
            let verdict = match open.is_broken || is_early {
                true => Verdict::Rejected,
                false if open.wrong.is_empty() => Verdict::Accepted,
                false => Verdict::WithErrors,
            };
            acks.set(open.header.each_ref().map(String::as_str), verdict, &open.wrong)?;
        }
        let plan = &mut open.plan;
        if open.is_broken || is_early {
            plan.whole = Some(true);
        } else if plan.claims.is_empty() {
            plan.whole = Some(false);
        }
        if let Some(part) = plan.whole {
            plan.claims.fill(u8::from(part));
        }
        self.plans.put(&plan.encode())
    }
}

impl Open {
    fn level(&mut self, level: &[u8]) {
        self.close_claim();
        self.plan.levels.push(0);
        let at = Some(self.plan.levels.len() - 1);
        match (level, &mut self.levels) {
            (b"20", levels) => {
                *levels = [at, None, None];
                self.plan.providers.push(0);
            }
            (b"22", [_, subscriber, patient]) => (*subscriber, *patient) = (at, None),
            (b"23", [_, _, patient]) => *patient = at,
            _ => self.is_broken = true,
        }
    }

    fn claim(&mut self, verdict: Option<bool>, charge: i128) {
        self.close_claim();
        self.charge = charge;
        self.in_claim = true;
        self.plan.claims.push(u8::from(verdict.unwrap_or(true)));
        self.is_broken |= self.levels == [None; 3];
    }

    /// Now that all of a claim was seen, says what it needs of the hierarchy.
    fn close_claim(&mut self) {
        if !std::mem::take(&mut self.in_claim) {
            return;
        }
        let rejected = self.plan.claims.last().copied().unwrap_or_default();
        let sum = self.plan.sums.get_mut(usize::from(rejected));
        sum.into_iter().chain(self.plan.providers.last_mut()).for_each(|sum| *sum += self.charge);
        let mut has_child = 0;
        for level in self.levels.iter().rev().flatten() {
            let bits = self.plan.levels.get_mut(*level);
            bits.into_iter().for_each(|bits| *bits |= (NEEDED | has_child) << rejected);
            has_child = HAS_CHILD;
        }
    }
}

impl SetPlan {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.whole.map_or(2, u8::from)];
        for list in [&self.levels, &self.claims] {
            bytes.extend_from_slice(&(list.len() as u64).to_le_bytes());
            bytes.extend_from_slice(list);
        }
        let sums = self.sums.iter().chain(&self.providers);
        bytes.extend_from_slice(&(self.providers.len() as u64).to_le_bytes());
        sums.for_each(|sum| bytes.extend_from_slice(&sum.to_le_bytes()));
        bytes
    }

    /// Reads the next plan back.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(from: &mut (impl Read + ?Sized)) -> Result<SetPlan> {
        let broken = |error: std::io::Error| Error::read("temporary data", &error);
        let mut whole = [0];
        from.read_exact(&mut whole).map_err(broken)?;
        let mut list = || {
            let mut length = [0; 8];
            from.read_exact(&mut length)?;
            let length = u64::from_le_bytes(length);
            let mut list = Vec::new();
            match (&mut *from).take(length).read_to_end(&mut list)? as u64 == length {
                true => Ok(list),
                false => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
            }
        };
        let (levels, claims) = (list().map_err(broken)?, list().map_err(broken)?);
        let mut length = [0; 8];
        from.read_exact(&mut length).map_err(broken)?;
        let mut sum = || {
            let mut sum = [0; 16];
            from.read_exact(&mut sum).map_err(broken)?;
            Ok(i128::from_le_bytes(sum))
        };
        let sums = [sum()?, sum()?];
        let providers: Result<Vec<i128>> = (0..u64::from_le_bytes(length)).map(|_| sum()).collect();
        let providers = providers?;
        let whole = match whole {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        };
        Ok(SetPlan { whole, levels, claims, sums, providers })
    }

    /// Whether a part gets any of the set.
    pub fn is_in(&self, rejected: bool) -> bool {
        match self.whole {
            Some(part) => part == rejected,
            None => self.claims.contains(&u8::from(rejected)),
        }
    }
}
