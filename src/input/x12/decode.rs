//! Portions into batches: each claim's own segments once, then its service lines one by one.

use std::sync::Arc;

use memchr::memchr;

use crate::input::digits;
use crate::input::rows::{RowForm, RowWriter};
use crate::input::x12::columns::FIELDS;
use crate::input::x12::loops::{INHERITED, Of};
use crate::input::x12::portion::{Claim, Claims, ServiceLine};
use crate::input::x12::segments::{Separators, parts};
use crate::input::x12::values::{Kind, OwnValues, Values, Wanted, line_values, own_values};
use crate::model::{Batch, Fault, FaultDetail, FaultKind, Field, FieldSet, Vocabulary};

/// Turns the portions of one input into batches; the same for all threads.
pub struct X12Decoder {
    form: RowForm,
    /// What it looks at for the cells of the form.
    wanted: Wanted,
    /// The cells of the form that each line of a claim says for itself.
    per_line: Vec<Field>,
    /// Whether it has cells that do not stand in the portion as rules read them.
    is_any_written: bool,
}

impl X12Decoder {
    /// For the input with this number, and rules that read the fields in `read`.
    pub fn new(source: u32, read: FieldSet, vocabulary: Arc<Vocabulary>) -> X12Decoder {
        let fields: Vec<Field> = FIELDS.iter().map(|(field, _)| *field).collect();
        let form = RowForm::new(source, &fields, read, vocabulary);
        let cells = form.cells();
        let per_line = PER_LINE.into_iter().filter(|field| cells.contains(field)).collect();
        let written = [Field::BillType, Field::DiagnosisPointer];
        let is_any_written = written.iter().any(|field| cells.contains(field));
        X12Decoder { wanted: Wanted::of(cells), per_line, is_any_written, form }
    }

    /// A batch to decode into.
    pub fn batch(&self) -> Batch {
        self.form.batch()
    }

    /// Puts the service lines of a portion, and what is wrong around them, into a batch of this
    /// decoder, in place of what it held.
    pub fn decode(&self, claims: &Claims, batch: &mut Batch) {
        let mut rows = RowWriter::new(&self.form, batch);
        let Some(separators) = claims.separators else { return };
        let mut faults = claims.faults.clone();
        let unreadable = unreadable(claims);
        let portion = Portion { claims, separators, unreadable: &unreadable };
        let mut set_aside = Vec::new();
        let mut values: Values<'_> = [&[]; Field::COUNT];
        for claim in &claims.claims {
            self.claim(&portion, claim, (&mut values, &mut rows), &mut set_aside);
        }
        for (number, byte) in &unreadable {
            if *number >= claims.repeated && !set_aside.contains(number) {
                faults.push(portion.fault(*number, *byte, 0));
            }
        }
        faults.extend(set_aside.iter().map(|service| match portion.unreadable_at(*service) {
            Some(byte) => portion.fault(*service, byte, 1),
            None => Fault {
                kind: FaultKind::Hierarchy,
                detail: FaultDetail::Says("the CLM of its claim cannot be read"),
                ..portion.fault(*service, 0, 1)
            },
        }));
        let source = self.form.source();
        faults.iter_mut().for_each(|fault| fault.place.source = source);
        faults.sort_by_key(|fault| (fault.place.record, fault.kind));
        rows.batch().faults = faults;
    }

    fn claim<'c>(
        &self,
        portion: &Portion<'c>,
        claim: &Claim,
        (values, rows): (&mut Values<'c>, &mut RowWriter<'_>),
        set_aside: &mut Vec<u32>,
    ) {
        let claims = portion.claims;
        let lines = claims.lines.get(claim.lines.0 as usize..claim.lines.1 as usize);
        let lines = lines.unwrap_or_default();
        if portion.unreadable_at(claim.own.0).is_some() {
            set_aside.extend(lines.iter().map(|line| line.service));
            return;
        }
        *values = [&[]; Field::COUNT];
        let spans = claims.inherited.get(claim.inherits as usize).copied();
        let inherited = spans
            .unwrap_or_default()
            .map(|span| claims.kept.get(span.start as usize..(span.start + span.len) as usize));
        let inherited: [&[u8]; INHERITED] = inherited.map(Option::unwrap_or_default);
        for (of, field) in [
            (Of::Billing, Field::BillingNpi),
            (Of::Payer, Field::Payer),
            (Of::Patient, Field::PatientId),
            (Of::Birth, Field::PatientBirthDate),
            (Of::Sex, Field::PatientSex),
        ] {
            put(values, field, inherited.get(of as usize).copied().unwrap_or_default());
        }
        let mut own = OwnValues::default();
        let segments = (claim.own.0..claim.own.1).map(|number| portion.segment(number));
        own_values(segments, portion.separators, self.wanted, values, &mut own);
        let mut room = [[0; 20]; 2];
        let [source, ordinal] = &mut room;
        let source = digits::digits(u64::from(self.form.source()), source);
        let key = [source, digits::digits(claim.ordinal, ordinal)];
        rows.begin_claim();
        for line in lines {
            if portion.unreadable_at(line.service).is_some() {
                set_aside.push(line.service);
                continue;
            }
            self.line(portion, line, (values, &own), &key, rows);
        }
    }

    fn line<'c>(
        &self,
        portion: &Portion<'c>,
        line: &ServiceLine,
        (values, own): (&mut Values<'c>, &OwnValues<'c>),
        key: &[&[u8]],
        rows: &mut RowWriter<'_>,
    ) {
        let separators = portion.separators;
        self.per_line.iter().for_each(|field| put(values, *field, b""));
        if let Some(counter) = line.counter.filter(|_| self.wanted.counters) {
            let [_, counter]: [&[u8]; 2] = parts(portion.segment(counter), separators.element);
            put(values, Field::ServiceLine, counter);
        }
        let service = portion.segment(line.service);
        let first = line.counter.unwrap_or(line.service);
        let further = (first + 1..line.end).filter(|number| *number != line.service);
        let further = further.map(|number| portion.segment(number));
        let kind = Kind::of(service);
        let of = (kind, self.wanted);
        let is_foreign = line_values(service, further, of, separators, own, values);
        let written = self.is_any_written.then(|| Written::of(kind, separators, own, values));
        for field in self.form.cells() {
            let value = values.get(*field as usize).copied().unwrap_or_default();
            rows.cell(written.as_ref().map_or(value, |written| written.or(*field, value)));
        }
        if is_foreign {
            rows.code_is_foreign();
        }
        let place = crate::model::batch::Place { source: self.form.source(), ..line.place };
        rows.end_line(place, key);
    }
}

/// The fields that each line of a claim says for itself.
const PER_LINE: [Field; 17] = [
    Field::ServiceLine,
    Field::ProcedureCode,
    Field::Modifier1,
    Field::Modifier2,
    Field::Modifier3,
    Field::Modifier4,
    Field::ServiceDate,
    Field::ServiceEnd,
    Field::Units,
    Field::Charge,
    Field::PlaceOfService,
    Field::RenderingNpi,
    Field::DiagnosisPointer,
    Field::RevenueCode,
    Field::ProcedureDescription,
    Field::UnitType,
    Field::ClaimType,
];

/// Cells that do not stand in the portion as rules read them.
struct Written {
    bill_type: ([u8; 8], usize),
    pointers: Option<([u8; 24], usize)>,
}

impl Written {
    fn of(kind: Kind, separators: Separators, own: &OwnValues<'_>, values: &Values<'_>) -> Written {
        // Facility code and frequency together: neither element has the whole type of bill.
        let mut bill_type = [0; 8];
        let mut length = 0;
        if kind == Kind::Institutional {
            length = own.facility.len() + own.frequency.len();
            let both = own.facility.iter().chain(own.frequency);
            bill_type.iter_mut().zip(both).for_each(|(to, byte)| *to = *byte);
        }
        let pointers = values.get(Field::DiagnosisPointer as usize).copied().unwrap_or_default();
        // Rules read pointers with a colon between them; more than these are no pointers at all.
        let mut with_colons = [0; 24];
        let are_other = separators.component != b':' && pointers.len() <= with_colons.len();
        if are_other {
            let colon = |byte: &u8| if *byte == separators.component { b':' } else { *byte };
            with_colons.iter_mut().zip(pointers).for_each(|(to, byte)| *to = colon(byte));
        }
        let pointers = are_other.then_some((with_colons, pointers.len()));
        Written { bill_type: (bill_type, length), pointers }
    }

    /// What stands for this value of a field.
    fn or<'v>(&'v self, field: Field, value: &'v [u8]) -> &'v [u8] {
        match field {
            Field::BillType => self.bill_type(),
            Field::DiagnosisPointer => self.pointers(value),
            _ => value,
        }
    }

    /// Nothing where both elements together are too long to be a type of bill.
    fn bill_type(&self) -> &[u8] {
        let (text, length) = &self.bill_type;
        text.get(..*length).unwrap_or_default()
    }

    fn pointers<'v>(&'v self, as_said: &'v [u8]) -> &'v [u8] {
        match &self.pointers {
            Some((text, length)) => text.get(..*length).unwrap_or_default(),
            None => as_said,
        }
    }
}

/// Writes down the value of a field.
#[inline]
pub fn put<'a>(values: &mut Values<'a>, field: Field, value: &'a [u8]) {
    if let Some(to) = values.get_mut(field as usize) {
        *to = value;
    }
}

/// A portion that is being decoded.
struct Portion<'c> {
    claims: &'c Claims,
    separators: Separators,
    unreadable: &'c [(u32, u64)],
}

impl<'c> Portion<'c> {
    /// A segment; one that cannot be read is empty.
    #[inline]
    fn segment(&self, number: u32) -> &'c [u8] {
        if !self.unreadable.is_empty() && self.unreadable_at(number).is_some() {
            return &[];
        }
        self.claims.segment(number)
    }

    /// The offset in the input of the byte that makes a segment unreadable, if there is one.
    #[inline]
    fn unreadable_at(&self, number: u32) -> Option<u64> {
        let at = self.unreadable.binary_search_by_key(&number, |(number, _)| *number);
        at.ok().and_then(|at| self.unreadable.get(at)).map(|(_, byte)| *byte)
    }

    fn fault(&self, number: u32, byte: u64, lines: u64) -> Fault {
        let span = self.claims.segments.get(number as usize).copied().unwrap_or_default();
        let ordinal = self.claims.ordinal(number);
        let place = crate::model::batch::Place {
            source: 0,
            record: ordinal,
            line: ordinal,
            byte: self.claims.offset(span.start),
        };
        Fault { kind: FaultKind::UnreadableSegment, place, lines, detail: FaultDetail::Byte(byte) }
    }
}

/// The segments that are not UTF-8 text or hold a NUL, and where the first such byte lies.
fn unreadable(claims: &Claims) -> Vec<(u32, u64)> {
    let is_text = |text: &[u8]| text.is_ascii() || std::str::from_utf8(text).is_ok();
    let is_readable = |text: &[u8]| is_text(text) && memchr(0, text).is_none();
    if is_readable(&claims.text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (number, span) in (0..).zip(&claims.segments) {
        let segment = claims.segment(number);
        let invalid = std::str::from_utf8(segment).err().map(|error| error.valid_up_to());
        let at = [invalid, memchr(0, segment)].into_iter().flatten().min();
        if let Some(at) = at {
            found.push((number, claims.offset(span.start + at as u32)));
        }
    }
    found
}
