//! What a claim inherits: the billing provider, the subscriber, the payer and the patient of the
//! loops that it stands in.

use crate::input::x12::envelope::Wrong;
use crate::input::x12::segments::{number, parts};
use crate::model::{FaultDetail, FaultKind};

/// What a claim takes from the segments around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The NPI of the billing provider (2010AA NM109).
    Billing,
    /// The payer's number, or its name where it has none (2010BB NM109, NM103).
    Payer,
    /// The patient's number: that of the member, and for a dependent what tells them apart.
    Patient,
    /// Birth date of the patient (DMG02).
    Birth,
    /// Sex of the patient (DMG03).
    Sex,
}

/// How many there are.
pub const INHERITED: usize = 5;

/// Who the levels of the hierarchy are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// No HL segment yet.
    #[default]
    None,
    /// HL03 20, billing provider (2000A).
    Billing,
    /// HL03 22, subscriber (2000B).
    Subscriber,
    /// HL03 23, patient (2000C).
    Patient,
}

/// The loops that are open in a transaction set.
#[derive(Debug, Clone, Default)]
pub struct Loops {
    level: Level,
    /// HL01 of the segment before.
    last: u64,
    /// HL01 of the open billing provider and subscriber.
    billing: Option<u64>,
    subscriber: Option<u64>,
    member: Vec<u8>,
    values: [Vec<u8>; INHERITED],
    /// Whether anything changed since the values were taken.
    pub changed: bool,
}

/// An inherited value longer than this is none; the guides allow 80 bytes.
const VALUE_BYTES_MAX: usize = 512;

impl Loops {
    /// Begins a transaction set.
    pub fn begin(&mut self) {
        *self = Loops { changed: true, ..Loops::default() };
    }

    /// What the next claim inherits, in the order of [`Of`].
    pub fn values(&self) -> &[Vec<u8>; INHERITED] {
        &self.values
    }

    /// Whether a claim may stand here: below a subscriber or a patient.
    pub fn may_hold_claims(&self) -> bool {
        self.level >= Level::Subscriber
    }

    /// Takes an HL segment.
    pub fn level(&mut self, segment: &[u8], element: u8, wrong: &mut Vec<Wrong>) {
        let [_, id, parent, level]: [&[u8]; 4] = parts(segment, element);
        let (id, parent_id) = (number(id), number(parent));
        let mut say = |what| wrong.push((FaultKind::Hierarchy, FaultDetail::Says(what)));
        if id != Some(self.last + 1) {
            say("the HL01 is not one more than in the HL before");
        }
        self.last = id.unwrap_or(self.last + 1);
        self.changed = true;
        match level {
            b"20" => {
                if !parent.is_empty() {
                    say("a billing provider (HL03 20) has a parent in HL02");
                }
                self.values = Default::default();
                self.member.clear();
                self.level = Level::Billing;
                (self.billing, self.subscriber) = (Some(self.last), None);
            }
            b"22" => {
                if self.billing.is_none() || parent_id != self.billing {
                    say("the HL02 of a subscriber (HL03 22) is not the billing provider before it");
                }
                self.forget_subscriber();
                self.level = Level::Subscriber;
                self.subscriber = Some(self.last);
            }
            b"23" => {
                if self.subscriber.is_none() || parent_id != self.subscriber {
                    say("the HL02 of a patient (HL03 23) is not the subscriber before it");
                }
                for of in [Of::Patient, Of::Birth, Of::Sex] {
                    self.set(of, b"");
                }
                self.level = Level::Patient;
            }
            _ => {
                say("the HL03 is none of 20, 22 and 23");
                // Nobody knows whose claims come next.
                self.values = Default::default();
                self.member.clear();
                (self.billing, self.subscriber) = (None, None);
                self.level = Level::None;
            }
        }
    }

    /// Takes an NM1 segment that stands before a claim.
    pub fn name(&mut self, segment: &[u8], element: u8) {
        let [_, who]: [&[u8]; 2] = parts(segment, element);
        if !matches!(who, b"85" | b"PR" | b"IL" | b"QC") {
            return;
        }
        let [_, _, _, last_name, first_name, _, _, _, qualifier, id]: [&[u8]; 10] =
            parts(segment, element);
        match who {
            b"85" => self.set(Of::Billing, if qualifier == b"XX" { id } else { b"" }),
            b"PR" => self.set(Of::Payer, if id.is_empty() { last_name } else { id }),
            b"IL" => {
                self.member.clear();
                self.member.extend_from_slice(id.get(..VALUE_BYTES_MAX).unwrap_or(id));
                self.set(Of::Patient, id);
            }
            // A dependent has the member's number: the first name tells one from another. A
            // patient's number is never shown.
            b"QC" if id.is_empty() => {
                let mut patient = self.member.clone();
                patient.push(b'/');
                patient.extend_from_slice(first_name);
                self.set(Of::Patient, &patient);
            }
            b"QC" => self.set(Of::Patient, id),
            _ => {}
        }
    }

    /// Takes a DMG segment that stands before a claim.
    pub fn demographics(&mut self, segment: &[u8], element: u8) {
        let [_, _, birth, sex]: [&[u8]; 4] = parts(segment, element);
        self.set(Of::Birth, birth);
        self.set(Of::Sex, sex);
    }

    fn forget_subscriber(&mut self) {
        self.member.clear();
        for of in [Of::Payer, Of::Patient, Of::Birth, Of::Sex] {
            self.set(of, b"");
        }
    }

    fn set(&mut self, of: Of, value: &[u8]) {
        // What cannot be a value is left out: a rule then says that it lacks.
        let is_value = value.len() <= VALUE_BYTES_MAX
            && std::str::from_utf8(value).is_ok()
            && !value.contains(&0);
        if let Some(to) = self.values.get_mut(of as usize) {
            to.clear();
            to.extend_from_slice(if is_value { value } else { b"" });
            self.changed = true;
        }
    }
}
