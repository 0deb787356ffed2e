//! Interchanges, groups and transaction sets: whether each that is opened is closed, by a trailer
//! with its control number and the right count.

use crate::input::x12::segments::{Tag, number, parts};
use crate::model::{FaultDetail, FaultKind};

/// What is wrong with a segment, beside where it stands.
pub type Wrong = (FaultKind, FaultDetail);

/// What is said of a header that its trailer must repeat.
#[derive(Debug, Clone, Default)]
struct Opened {
    control: Vec<u8>,
    /// Groups of an interchange, transaction sets of a group; of a set, the segments before it.
    count: u64,
}

/// The kind of a transaction set, as far as it matters here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Inside {
    /// Between transaction sets.
    #[default]
    Nothing,
    /// In a transaction set of claims.
    Claims,
    /// In another transaction set.
    Other,
}

/// What is open at a place of an X12 input.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    interchange: Option<Opened>,
    group: Option<Opened>,
    set: Option<Opened>,
    version: Vec<u8>,
    inside: Inside,
    /// Whether it was said that segments stand where none can be.
    astray: bool,
    /// Transaction sets of claims so far.
    pub sets: u64,
    /// Other transaction sets so far: the number of the first, and how many.
    pub others: (Vec<u8>, u64),
    /// The versions of claims seen, the first few.
    pub versions: Vec<Vec<u8>>,
}

/// Control numbers have at most nine characters; a damaged one may be anything.
const CONTROL_BYTES_MAX: usize = 15;

/// The versions of the 837 guides that are read.
const GUIDES: [&[u8]; 9] = [
    b"004010X096",
    b"004010X097",
    b"004010X098",
    b"005010X222",
    b"005010X223",
    b"005010X224",
    b"005010X298",
    b"005010X299",
    b"005010X300",
];

impl Envelope {
    /// What the open transaction set is.
    pub fn inside(&self) -> Inside {
        self.inside
    }

    /// The control numbers of the open interchange (ISA13) and transaction set (ST02).
    pub fn controls(&self) -> (&[u8], &[u8]) {
        let interchange = self.interchange.as_ref().map_or(&[][..], |o| &o.control);
        let set = self.set.as_ref().map_or(&[][..], |o| &o.control);
        (interchange, set)
    }

    /// Takes a segment that opens or closes something. `number` is its ordinal in the input.
    pub fn take(
        &mut self,
        tag: Tag,
        segment: &[u8],
        element: u8,
        ordinal: u64,
        wrong: &mut Vec<Wrong>,
    ) {
        self.astray = false;
        match tag {
            Tag::Isa => {
                self.end(wrong);
                let parts: [&[u8]; 14] = parts(segment, element);
                self.interchange = Some(opened(parts.last().copied().unwrap_or_default(), 0));
            }
            Tag::Gs => self.open_group(segment, element, wrong),
            Tag::St => self.open_set(segment, element, ordinal, wrong),
            Tag::Se => {
                let Some(set) = self.set.take() else {
                    wrong.push(says(FaultKind::MissingTrailer, "the SE closes no transaction set"));
                    return;
                };
                self.inside = Inside::Nothing;
                let counted = ordinal - set.count;
                compare(
                    segment,
                    element,
                    &set,
                    counted,
                    ("SE01", "the SE02 differs from ST02"),
                    wrong,
                );
            }
            Tag::Ge => {
                self.close_set(wrong);
                let Some(group) = self.group.take() else {
                    wrong.push(says(FaultKind::MissingTrailer, "the GE closes no group"));
                    return;
                };
                let names = ("GE01", "the GE02 differs from GS06");
                compare(segment, element, &group, group.count, names, wrong);
            }
            Tag::Iea => {
                self.close_set(wrong);
                self.close_group(wrong);
                let Some(interchange) = self.interchange.take() else {
                    wrong.push(says(FaultKind::MissingTrailer, "the IEA closes no interchange"));
                    return;
                };
                let names = ("IEA01", "the IEA02 differs from ISA13");
                compare(segment, element, &interchange, interchange.count, names, wrong);
            }
            _ => {}
        }
    }

    /// Takes a segment that stands between header and trailer of a transaction set.
    pub fn pass(&mut self, tag: Tag, wrong: &mut Vec<Wrong>) {
        if self.inside != Inside::Nothing || tag == Tag::Ta1 || self.astray {
            return;
        }
        self.astray = true;
        wrong.push(says(FaultKind::MissingTrailer, "segments stand in no transaction set"));
    }

    /// Takes the end of the input.
    pub fn end(&mut self, wrong: &mut Vec<Wrong>) {
        self.close_set(wrong);
        self.close_group(wrong);
        if self.interchange.take().is_some() {
            wrong.push(says(FaultKind::MissingTrailer, "the interchange before has no IEA"));
        }
    }

    fn open_group(&mut self, segment: &[u8], element: u8, wrong: &mut Vec<Wrong>) {
        self.close_set(wrong);
        self.close_group(wrong);
        match &mut self.interchange {
            Some(interchange) => interchange.count += 1,
            None => {
                wrong.push(says(FaultKind::MissingTrailer, "the group stands in no interchange"));
            }
        }
        let parts: [&[u8]; 9] = parts(segment, element);
        let [_, _, _, _, _, _, control, _, version] = parts;
        self.version = version.iter().copied().take(CONTROL_BYTES_MAX).collect();
        self.group = Some(opened(control, 0));
    }

    fn open_set(&mut self, segment: &[u8], element: u8, ordinal: u64, wrong: &mut Vec<Wrong>) {
        self.close_set(wrong);
        match &mut self.group {
            Some(group) => group.count += 1,
            None => {
                wrong.push(says(
                    FaultKind::MissingTrailer,
                    "the transaction set stands in no group",
                ));
            }
        }
        let [_, kind, control, version]: [&[u8]; 4] = parts(segment, element);
        self.set = Some(opened(control, ordinal - 1));
        if kind != b"837" {
            self.inside = Inside::Other;
            self.others.1 += 1;
            if self.others.1 == 1 {
                self.others.0 = kind.iter().copied().take(CONTROL_BYTES_MAX).collect();
            }
            let says_it = "the transaction set is no 837: its segments are passed over";
            wrong.push(says(FaultKind::UnknownVersion, says_it));
            return;
        }
        self.inside = Inside::Claims;
        self.sets += 1;
        let version = if version.is_empty() { &self.version } else { version };
        let mut known = GUIDES.iter();
        if !known.any(|guide| version.starts_with(guide)) {
            let says_it = "the version of the 837 is none that is known: it is read as 005010";
            wrong.push(says(FaultKind::UnknownVersion, says_it));
        }
        const VERSIONS_MAX: usize = 8;
        if self.versions.len() < VERSIONS_MAX && !self.versions.iter().any(|v| v == version) {
            let version = version.iter().copied().take(CONTROL_BYTES_MAX).collect();
            self.versions.push(version);
        }
    }

    fn close_set(&mut self, wrong: &mut Vec<Wrong>) {
        self.inside = Inside::Nothing;
        if self.set.take().is_some() {
            wrong.push(says(FaultKind::MissingTrailer, "the transaction set before has no SE"));
        }
    }

    fn close_group(&mut self, wrong: &mut Vec<Wrong>) {
        if self.group.take().is_some() {
            wrong.push(says(FaultKind::MissingTrailer, "the group before has no GE"));
        }
    }
}

fn says(kind: FaultKind, what: &'static str) -> Wrong {
    (kind, FaultDetail::Says(what))
}

fn opened(control: &[u8], count: u64) -> Opened {
    Opened { control: control.iter().copied().take(CONTROL_BYTES_MAX).collect(), count }
}

/// Compares a trailer with what it closes: its count, and its control number.
fn compare(
    segment: &[u8],
    element: u8,
    of: &Opened,
    counted: u64,
    (count_name, differs): (&'static str, &'static str),
    wrong: &mut Vec<Wrong>,
) {
    let [_, count, control]: [&[u8]; 3] = parts(segment, element);
    // Numbers may be padded with zeros on one side; a set's number may hold letters.
    let same = control == of.control
        || matches!((number(control), number(&of.control)), (Some(a), Some(b)) if a == b);
    if !same {
        wrong.push(says(FaultKind::ControlNumbers, differs));
    }
    if number(count) != Some(counted) {
        let detail = FaultDetail::Counts(count_name, number(count), counted);
        wrong.push((FaultKind::TrailerCounts, detail));
    }
}
