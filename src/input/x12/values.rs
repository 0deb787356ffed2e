//! What the segments of a claim and of a service line say, by field.

use crate::input::x12::decode::put;
use crate::input::x12::segments::{Separators, first_parts, parts};
use crate::model::Field;

/// The cells of a line, by field.
pub type Values<'a> = [&'a [u8]; Field::COUNT];

/// The kind of a service line, told by its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SV1.
    Professional,
    /// SV2.
    Institutional,
    /// SV3.
    Dental,
}

impl Kind {
    /// The kind of the line with this service segment.
    pub fn of(service: &[u8]) -> Kind {
        match service.get(2) {
            Some(b'2') => Kind::Institutional,
            Some(b'3') => Kind::Dental,
            _ => Kind::Professional,
        }
    }

    fn name(self) -> &'static [u8] {
        match self {
            Kind::Professional => b"professional",
            Kind::Institutional => b"institutional",
            Kind::Dental => b"dental",
        }
    }
}

/// What a claim says that its lines need in different ways.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnValues<'a> {
    /// CLM05-1: the place of service, or the first digits of the type of bill.
    pub facility: &'a [u8],
    /// CLM05-3.
    pub frequency: &'a [u8],
    /// 2310 NM1*82.
    rendering: &'a [u8],
    /// 2310 NM1*71.
    attending: &'a [u8],
    /// DTP*472, first and last day.
    service: (&'a [u8], &'a [u8]),
    /// DTP*434, first and last day.
    statement: (&'a [u8], &'a [u8]),
}

/// What is to be looked at in the segments of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// DTP.
    pub dates: bool,
    /// NM1 of rendering providers.
    pub providers: bool,
    /// HI.
    pub diagnoses: bool,
    /// LX01.
    pub counters: bool,
    /// How many elements of SV1, SV2 and SV3, from their name on.
    elements: [usize; 3],
    /// How many components of the procedure.
    components: usize,
}

/// The elements of SV1, SV2 and SV3 at which fields stand, 0 where one does not.
const ELEMENTS: [(Field, [usize; 3]); 7] = [
    (Field::RevenueCode, [0, 1, 0]),
    (Field::ProcedureCode, [1, 2, 1]),
    (Field::Charge, [2, 3, 2]),
    (Field::UnitType, [3, 4, 0]),
    (Field::Units, [4, 5, 6]),
    (Field::PlaceOfService, [5, 0, 3]),
    (Field::DiagnosisPointer, [7, 0, 11]),
];

/// The components of the procedure at which fields stand.
const COMPONENTS: [(Field, usize); 6] = [
    (Field::ProcedureCode, 1),
    (Field::Modifier1, 2),
    (Field::Modifier2, 3),
    (Field::Modifier3, 4),
    (Field::Modifier4, 5),
    (Field::ProcedureDescription, 6),
];

impl Wanted {
    /// For lines with these fields.
    pub fn of(fields: &[Field]) -> Wanted {
        let any = |of: &[Field]| fields.iter().any(|field| of.contains(field));
        let last = |kind: usize| {
            let read = ELEMENTS.iter().filter(|(field, _)| fields.contains(field));
            read.filter_map(|(_, at)| at.get(kind)).max().copied().unwrap_or_default()
        };
        // The procedure is always looked at.
        let elements = [(0, 1), (1, 2), (2, 1)].map(|(kind, least)| last(kind).max(least) + 1);
        let read = COMPONENTS.iter().filter(|(field, _)| fields.contains(field));
        Wanted {
            dates: any(&[Field::ServiceDate, Field::ServiceEnd]),
            providers: any(&[Field::RenderingNpi]),
            diagnoses: any(&Field::DIAGNOSES),
            counters: any(&[Field::ServiceLine]),
            elements,
            components: read.map(|(_, at)| *at).max().unwrap_or_default().max(1) + 1,
        }
    }
}

/// Reads the own segments of a claim.
pub fn own_values<'a>(
    segments: impl Iterator<Item = &'a [u8]>,
    separators: Separators,
    wanted: Wanted,
    values: &mut Values<'a>,
    own: &mut OwnValues<'a>,
) {
    let element = separators.element;
    let mut diagnoses = Diagnoses::default();
    for segment in segments {
        match segment.get(..3).unwrap_or_default() {
            b"CLM" => {
                let [_, id, total, _, _, facility]: [&[u8]; 6] = parts(segment, element);
                let [place, _, frequency]: [&[u8]; 3] = parts(facility, separators.component);
                own.facility = place;
                own.frequency = frequency;
                put(values, Field::ClaimId, id);
                put(values, Field::ClaimTotal, total);
                put(values, Field::ClaimFrequency, frequency);
            }
            b"DTP" if wanted.dates => {
                let [_, what, format, date]: [&[u8]; 4] = parts(segment, element);
                match what {
                    b"472" => own.service = period(format, date),
                    b"434" => own.statement = period(format, date),
                    _ => {}
                }
            }
            b"NM1" if wanted.providers => match provider(segment, element) {
                Some((b"82", npi)) => own.rendering = npi,
                Some((b"71", npi)) => own.attending = npi,
                _ => {}
            },
            [b'H', b'I', mark] if *mark == element && wanted.diagnoses => {
                diagnoses.read(segment, separators);
            }
            // From here on, other payers speak (2320, 2330).
            b"SBR" => break,
            _ => {}
        }
    }
    diagnoses.put(values);
}

/// Reads a service segment and those that follow it. True if the procedure code is of another
/// system than CPT, HCPCS and CDT.
pub fn line_values<'a>(
    service: &'a [u8],
    further: impl Iterator<Item = &'a [u8]>,
    (kind, wanted): (Kind, Wanted),
    separators: Separators,
    own: &OwnValues<'a>,
    values: &mut Values<'a>,
) -> bool {
    let is_foreign = service_values(service, (kind, wanted), separators, own, values);
    put(values, Field::ClaimType, kind.name());
    if !wanted.dates && !wanted.providers {
        return is_foreign;
    }
    let mut rendering = own.rendering;
    let mut days = match (own.service.0, kind) {
        (b"", Kind::Institutional) => own.statement,
        _ => own.service,
    };
    for segment in further {
        match segment.get(..3).unwrap_or_default() {
            b"DTP" => {
                let [_, what, format, date]: [&[u8]; 4] = parts(segment, separators.element);
                if what == b"472" {
                    days = period(format, date);
                }
            }
            b"NM1" => {
                if let Some((b"82", npi)) = provider(segment, separators.element) {
                    rendering = npi;
                }
            }
            // From here on, other payers speak (2430).
            b"SVD" => break,
            _ => {}
        }
    }
    put(values, Field::ServiceDate, days.0);
    put(values, Field::ServiceEnd, days.1);
    // The guides leave a rendering provider out who is the attending, or else the billing one.
    let billing = values.get(Field::BillingNpi as usize).copied().unwrap_or_default();
    let attending = if kind == Kind::Institutional { own.attending } else { b"" };
    let known = [rendering, attending, billing].into_iter().find(|npi| !npi.is_empty());
    put(values, Field::RenderingNpi, known.unwrap_or_default());
    is_foreign
}

fn service_values<'a>(
    service: &'a [u8],
    (kind, wanted): (Kind, Wanted),
    separators: Separators,
    own: &OwnValues<'a>,
    values: &mut Values<'a>,
) -> bool {
    let mut elements: [&[u8]; 12] = [&[]; 12];
    let read = wanted.elements.get(kind as usize).copied().unwrap_or(elements.len());
    first_parts(service, separators.element, elements.get_mut(..read).unwrap_or_default());
    let at = |number: usize| elements.get(number).copied().unwrap_or_default();
    let mut put = |field: Field, value: &'a [u8]| put(values, field, value);
    let place = |said: &'a [u8]| if said.is_empty() { own.facility } else { said };
    let procedure = match kind {
        Kind::Professional => {
            put(Field::Charge, at(2));
            put(Field::UnitType, at(3));
            put(Field::Units, at(4));
            put(Field::PlaceOfService, place(at(5)));
            put(Field::DiagnosisPointer, at(7));
            at(1)
        }
        Kind::Institutional => {
            put(Field::RevenueCode, at(1));
            put(Field::Charge, at(3));
            put(Field::UnitType, at(4));
            put(Field::Units, at(5));
            at(2)
        }
        Kind::Dental => {
            put(Field::Charge, at(2));
            put(Field::PlaceOfService, place(at(3)));
            // The guide leaves a count of one out.
            put(Field::Units, if at(6).is_empty() { b"1" } else { at(6) });
            put(Field::DiagnosisPointer, at(11));
            at(1)
        }
    };
    let mut components: [&[u8]; 7] = [&[]; 7];
    let read = components.get_mut(..wanted.components).unwrap_or_default();
    first_parts(procedure, separators.component, read);
    let [system, code, m1, m2, m3, m4, description] = components;
    put(Field::ProcedureCode, code);
    for (field, modifier) in Field::MODIFIERS.into_iter().zip([m1, m2, m3, m4]) {
        put(field, modifier);
    }
    put(Field::ProcedureDescription, description);
    is_foreign(system)
}

/// The qualifiers of SV101-1, SV202-1 and SV301-1 that say that the code is no CPT, HCPCS or CDT
/// code (X12 code list 235): jurisdiction, home infusion, alternative medicine, HIPPS, ICD
/// procedures, NDC, revenue and mutually defined codes. A qualifier that is none at all is no
/// reason to leave a code unjudged.
fn is_foreign(system: &[u8]) -> bool {
    const FOREIGN: [&[u8]; 15] = [
        b"ER", b"IV", b"WK", b"HP", b"ZZ", b"ID", b"IP", b"N1", b"N2", b"N3", b"N4", b"ND", b"NU",
        b"RB", b"UI",
    ];
    // Nearly all of them are HC.
    system != b"HC" && FOREIGN.contains(&system)
}

/// The first and the last day of a DTP segment: D8 is one day, RD8 two with a hyphen between them.
/// Any other format stands as it is, to be found malformed.
fn period<'a>(format: &[u8], date: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let hyphen = date.iter().position(|byte| *byte == b'-');
    match (format, hyphen) {
        (b"RD8", Some(at)) => {
            (date.get(..at).unwrap_or_default(), date.get(at + 1..).unwrap_or_default())
        }
        _ => (date, date),
    }
}

/// Who an NM1 segment names, and the NPI, where that is what its number is.
fn provider(segment: &[u8], element: u8) -> Option<(&[u8], &[u8])> {
    let [_, who, _, _, _, _, _, _, qualifier, id]: [&[u8]; 10] = parts(segment, element);
    (qualifier == b"XX").then_some((who, id))
}

/// The diagnoses of a claim, in the order that pointers count in.
#[derive(Default)]
struct Diagnoses<'a> {
    principal: &'a [u8],
    others: [&'a [u8]; Field::DIAGNOSES.len()],
    count: usize,
}

impl<'a> Diagnoses<'a> {
    /// Reads an HI segment: ABK and BK are the principal diagnosis, ABF and BF the others. The
    /// other kinds of codes in such segments are no diagnoses that a line points to.
    fn read(&mut self, segment: &'a [u8], separators: Separators) {
        for composite in segment.split(|byte| *byte == separators.element).skip(1) {
            let [kind, code]: [&[u8]; 2] = parts(composite, separators.component);
            match kind {
                b"ABK" | b"BK" if self.principal.is_empty() => self.principal = code,
                b"ABK" | b"BK" | b"ABF" | b"BF" => {
                    if let Some(free) = self.others.get_mut(self.count) {
                        *free = code;
                        self.count += 1;
                    }
                }
                _ => {}
            }
        }
    }

    fn put(&self, values: &mut Values<'a>) {
        let principal = (!self.principal.is_empty()).then_some(self.principal);
        let others = self.others.iter().copied().take(self.count);
        let all = principal.into_iter().chain(others);
        for (field, code) in Field::DIAGNOSES.into_iter().zip(all) {
            put(values, field, code);
        }
    }
}
