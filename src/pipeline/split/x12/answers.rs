//! What 277CAs say of the claims of an input, gathered segment by segment.

use crate::error::Result;
use crate::input::x12::segments::{Tag, parts};
use crate::model::Cents;
use crate::pipeline::split::x12::planner::SetPlan;
use crate::pipeline::split::x12::segments::Segment;
use crate::report::x12::claims::{ClaimAck, ClaimAcks, ClaimSet, Name};
use crate::report::x12::{Group, Interchange};

/// An element as text; what is no UTF-8 is marked.
pub fn text(element: &[u8]) -> String {
    String::from_utf8_lossy(element).into_owned()
}

/// What an ISA segment says.
pub fn interchange(segment: &[u8], element: u8) -> Interchange {
    let all: [&[u8]; 17] = parts(segment, element);
    let [_, _, _, _, _, from, sender, to, receiver, day, time, _, _, control, _, usage, _] =
        all.map(text);
    Interchange {
        sender: [from, sender],
        receiver: [to, receiver],
        written: [day, time],
        control,
        usage,
    }
}

/// What a GS segment says.
pub fn group(segment: &[u8], element: u8) -> Group {
    let all: [&[u8]; 9] = parts(segment, element);
    let [_, kind, sender, receiver, day, time, control, _, version] = all.map(text);
    Group { kind, sender, receiver, written: [day, time], control, version }
}

/// Gathers what is to be said, and has it written.
pub struct Answers<'a, 'o> {
    acks: &'a mut ClaimAcks<'o>,
    /// The transaction set, until its head is written.
    set: Option<ClaimSet>,
    /// Whether claims of the set are answered here.
    is_answered: bool,
    provider: Option<Name>,
    /// What the claims of the providers to come charge.
    charges: std::vec::IntoIter<i128>,
    charge: Cents,
    member: Name,
    patient: Option<Name>,
    claim: Option<ClaimAck>,
    in_line: bool,
}

impl<'a, 'o> Answers<'a, 'o> {
    /// To be written there.
    pub fn new(acks: &'a mut ClaimAcks<'o>) -> Self {
        Answers {
            acks,
            set: None,
            is_answered: false,
            provider: None,
            charges: Vec::new().into_iter(),
            charge: Cents::default(),
            member: Name::default(),
            patient: None,
            claim: None,
            in_line: false,
        }
    }

    /// Takes a segment. `plan` is that of the transaction set that it opens, if it is an ST.
    ///
    /// # Errors
    /// What is answered cannot be written.
    pub fn take(
        &mut self,
        segment: &Segment<'_>,
        element: u8,
        plan: Option<&SetPlan>,
        is_rejected: Option<bool>,
    ) -> Result<()> {
        use Tag::{Clm, Ge, Gs, Hl, Iea, Isa, Lx, Nm1, Se, Service, St};
        let tag = segment.tag;
        if matches!(tag, Isa | Gs | St | Se | Ge | Iea | Hl | Clm) {
            self.close_claim()?;
        }
        match tag {
            Isa => self.acks.interchange(interchange(segment.text, element))?,
            Gs => self.acks.group(group(segment.text, element))?,
            St => self.open_set(plan),
            Hl => self.level(segment.text, element)?,
            Clm => {
                let [_, number, charge]: [&[u8]; 3] = parts(segment.text, element);
                self.claim = Some(ClaimAck {
                    number: text(number),
                    charge: text(charge),
                    trace: String::new(),
                    patient: self.patient(),
                    days: [String::new(), String::new()],
                    is_rejected: is_rejected.unwrap_or(true),
                });
                self.in_line = false;
            }
            Lx | Service => self.in_line = true,
            Nm1 if self.claim.is_none() => self.name(segment.text, element),
            _ => self.other(segment.text, element),
        }
        Ok(())
    }

    fn open_set(&mut self, plan: Option<&SetPlan>) {
        self.is_answered = plan.is_some_and(|plan| plan.whole.is_none());
        self.provider = None;
        let Some(plan) = plan.filter(|_| self.is_answered) else { return };
        self.charges = plan.providers.clone().into_iter();
        let of = |part: u8| plan.claims.iter().filter(|claim| **claim == part).count() as u64;
        let [accepted, rejected] = plan.sums;
        self.set = Some(ClaimSet {
            accepted: (of(0), Cents(accepted)),
            rejected: (of(1), Cents(rejected)),
            ..ClaimSet::default()
        });
    }

    fn level(&mut self, segment: &[u8], element: u8) -> Result<()> {
        if let Some(set) = self.set.take() {
            self.acks.set(&set)?;
        }
        let [_, _, _, level]: [&[u8]; 4] = parts(segment, element);
        match level {
            b"20" => {
                self.provider = Some(Name::default());
                self.charge = Cents(self.charges.next().unwrap_or_default());
            }
            b"22" => (self.member, self.patient) = (Name::default(), None),
            _ => self.patient = Some(Name::default()),
        }
        Ok(())
    }

    fn name(&mut self, segment: &[u8], element: u8) {
        let all: [&[u8]; 10] = parts(segment, element);
        let [_, who, name @ ..] = all;
        let name: Name = name.map(text);
        match (who, &mut self.set) {
            (b"41", Some(set)) => set.submitter = name,
            (b"40", Some(set)) => set.receiver = name,
            (b"85", None) => self.provider = Some(name),
            (b"IL", None) => self.member = name,
            (b"QC", None) => self.patient = Some(name),
            _ => {}
        }
    }

    fn other(&mut self, segment: &[u8], element: u8) {
        let [tag, first, second, third, fourth]: [&[u8]; 5] = parts(segment, element);
        match (tag, first, &mut self.claim, &mut self.set) {
            (b"REF", b"D9", Some(claim), _) if !self.in_line => claim.trace = text(second),
            (b"DTP", b"472" | b"434", Some(claim), _) => days(third, &mut claim.days),
            (b"BHT", _, _, Some(set)) => set.batch = [text(third), text(fourth)],
            _ => {}
        }
    }

    /// The patient of the next claim. A dependent has the member's number.
    fn patient(&self) -> Name {
        let Some(patient) = &self.patient else { return self.member.clone() };
        match (patient, &self.member) {
            ([a, b, c, d, e, f, _, number], [.., of, member]) if number.is_empty() => {
                [a, b, c, d, e, f, of, member].map(String::clone)
            }
            _ => patient.clone(),
        }
    }

    fn close_claim(&mut self) -> Result<()> {
        let Some(claim) = self.claim.take().filter(|_| self.is_answered) else { return Ok(()) };
        if let Some(provider) = self.provider.take() {
            self.acks.provider(&provider, self.charge)?;
        }
        self.acks.claim(&claim)
    }
}

/// Widens the days of a claim by a day or a range of days.
fn days(said: &[u8], days: &mut [String; 2]) {
    for day in said.split(|byte| *byte == b'-') {
        if day.len() != 8 || !day.iter().all(u8::is_ascii_digit) {
            continue;
        }
        let day = text(day);
        let [first, last] = days;
        if first.is_empty() || day < *first {
            first.clone_from(&day);
        }
        if day > *last {
            *last = day;
        }
    }
}
