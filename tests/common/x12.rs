//! The slow twin of the reader of X12: the whole file split at its terminators, then walked.

use std::collections::BTreeMap;

use claimlint::model::Field;

/// A service line: its segment, its offset, the ordinal of its claim, and its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub segment: u64,
    pub byte: u64,
    pub cells: BTreeMap<&'static str, String>,
}

/// The lines of a file, and the segments that were set aside instead of lines.
pub type Read = (Vec<Row>, Vec<u64>);

#[derive(Debug, Clone)]
struct Segment {
    number: u64,
    byte: u64,
    bytes: Vec<u8>,
    element: u8,
    component: u8,
    ended: bool,
}

impl Segment {
    fn at(&self, number: usize) -> Vec<u8> {
        let elements: Vec<&[u8]> = self.bytes.split(|b| *b == self.element).collect();
        elements.get(number).copied().unwrap_or_default().to_vec()
    }

    fn part(&self, number: usize, part: usize) -> Vec<u8> {
        let element = self.at(number);
        let parts: Vec<&[u8]> = element.split(|b| *b == self.component).collect();
        parts.get(part).copied().unwrap_or_default().to_vec()
    }

    fn tag(&self) -> String {
        String::from_utf8_lossy(&self.at(0)).into_owned()
    }

    fn is_readable(&self) -> bool {
        std::str::from_utf8(&self.bytes).is_ok() && !self.bytes.contains(&0)
    }
}

fn segments(bytes: &[u8]) -> Vec<Segment> {
    let mut all: Vec<Segment> = Vec::new();
    let mut pos = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let (mut element, mut component, mut terminator) = (b'*', b':', b'~');
    loop {
        while bytes.get(pos).is_some_and(|b| b"\r\n \t\x1A".contains(b) && *b != element) {
            pos += 1;
        }
        if pos >= bytes.len() {
            return all;
        }
        let rest = &bytes[pos..];
        if let Some(known) = claimlint::input::x12::Separators::of(rest) {
            (element, component, terminator) = (known.element, known.component, known.terminator);
        }
        let end = rest.iter().position(|byte| *byte == terminator);
        let mut segment = rest[..end.unwrap_or(rest.len())].to_vec();
        if end.is_none() {
            while segment.last().is_some_and(|b| b"\r\n \t\x1A".contains(b) && *b != element) {
                segment.pop();
            }
        }
        let number = all.len() as u64 + 1;
        let ended = end.is_some();
        let byte = pos as u64;
        all.push(Segment { number, byte, bytes: segment, element, component, ended });
        pos += end.map_or(rest.len(), |end| end + 1);
    }
}

#[derive(Default)]
struct Claim {
    ordinal: u64,
    own: Vec<Segment>,
    lines: Vec<Line>,
    inherited: BTreeMap<&'static str, Vec<u8>>,
    is_lost: bool,
}

impl Claim {
    fn take(&mut self, tag: &str, is_service: bool, segment: Segment) {
        if tag == "LX" {
            self.lines.push(Line { counter: Some(segment), ..Line::default() });
        } else if is_service {
            if self.lines.last().is_none_or(|line| line.service.is_some()) {
                self.lines.push(Line::default());
            }
            self.lines.last_mut().unwrap().service = Some(segment);
        } else if let Some(line) = self.lines.last_mut() {
            line.further.push(segment);
        } else {
            self.own.push(segment);
        }
    }
}

#[derive(Default)]
struct Line {
    counter: Option<Segment>,
    service: Option<Segment>,
    further: Vec<Segment>,
}

/// What a file says, read at once.
pub fn twin(bytes: &[u8]) -> Read {
    let mut out: Read = Default::default();
    let mut inherited: BTreeMap<&'static str, Vec<u8>> = BTreeMap::new();
    let mut member: Vec<u8> = Vec::new();
    let mut claim: Option<Claim> = None;
    let mut astray: Option<Line> = None;
    let mut claims = 0;
    let mut is_other = false;
    for segment in segments(bytes) {
        let tag = segment.tag();
        let envelope = ["ISA", "GS", "ST", "SE", "GE", "IEA"].contains(&tag.as_str());
        if envelope || tag == "HL" || tag == "CLM" {
            close(&mut claim, &mut astray, &mut out);
        }
        if envelope && (segment.ended || tag == "IEA") {
            is_other = tag == "ST" && segment.at(1) != b"837";
            if tag == "ST" || tag == "SE" {
                inherited.clear();
                member.clear();
            }
            continue;
        }
        let is_service = ["SV1", "SV2", "SV3"].contains(&tag.as_str());
        if !segment.ended {
            unfinished(&segment, &tag, &mut claim, astray.as_ref(), &mut out);
            continue;
        }
        if is_other {
            continue;
        }
        if tag == "CLM" {
            claims += 1;
            let (ordinal, own, inherited) = (claims, vec![segment], inherited.clone());
            claim = Some(Claim { ordinal, own, inherited, ..Claim::default() });
            continue;
        }
        if let Some(claim) = &mut claim {
            claim.take(&tag, is_service, segment);
            continue;
        }
        if tag == "LX" || (is_service && astray.as_ref().is_none_or(|l| l.service.is_some())) {
            close(&mut None, &mut astray, &mut out);
            let counter = (tag == "LX").then(|| segment.clone());
            astray = Some(Line { counter, ..Line::default() });
        }
        if is_service {
            astray.as_mut().unwrap().service = Some(segment);
        } else if astray.is_none() {
            inherit(&segment, &mut inherited, &mut member);
        }
    }
    close(&mut claim, &mut astray, &mut out);
    out.1.sort_unstable();
    out
}

/// A segment that the input breaks off.
fn unfinished(
    segment: &Segment,
    tag: &str,
    claim: &mut Option<Claim>,
    astray: Option<&Line>,
    out: &mut Read,
) {
    let is_service = ["SV1", "SV2", "SV3"].contains(&tag);
    let open = match claim {
        Some(claim) => claim.lines.last(),
        None => astray,
    };
    let lacks_service = open.is_some_and(|line| line.service.is_none());
    if tag == "CLM" {
        *claim = Some(Claim { is_lost: true, ..Claim::default() });
    }
    if tag == "CLM" || (is_service && !lacks_service) {
        out.1.push(segment.number);
    }
}

fn inherit(
    segment: &Segment,
    inherited: &mut BTreeMap<&'static str, Vec<u8>>,
    member: &mut Vec<u8>,
) {
    let mut set = |name, value: Vec<u8>| {
        let sound = std::str::from_utf8(&value).is_ok() && !value.contains(&0);
        inherited.insert(name, if sound { value } else { Vec::new() });
    };
    match (segment.tag().as_str(), segment.at(1).as_slice(), segment.at(3).as_slice()) {
        ("HL", _, b"22") => {
            member.clear();
            for name in ["payer", "patient_id", "patient_birth_date", "patient_sex"] {
                set(name, Vec::new());
            }
        }
        ("HL", _, b"23") => {
            for name in ["patient_id", "patient_birth_date", "patient_sex"] {
                set(name, Vec::new());
            }
        }
        ("HL", _, _) => {
            member.clear();
            inherited.clear();
        }
        ("NM1", b"85", _) => {
            set("billing_npi", if segment.at(8) == b"XX" { segment.at(9) } else { Vec::new() });
        }
        ("NM1", b"PR", name) => {
            set("payer", if segment.at(9).is_empty() { name.to_vec() } else { segment.at(9) });
        }
        ("NM1", b"IL", _) => {
            *member = segment.at(9);
            set("patient_id", segment.at(9));
        }
        ("NM1", b"QC", _) if segment.at(9).is_empty() => {
            set("patient_id", [member.as_slice(), b"/", &segment.at(4)].concat());
        }
        ("NM1", b"QC", _) => set("patient_id", segment.at(9)),
        ("DMG", _, sex) => {
            set("patient_birth_date", segment.at(2));
            set("patient_sex", sex.to_vec());
        }
        _ => {}
    }
}

fn close(claim: &mut Option<Claim>, astray: &mut Option<Line>, out: &mut Read) {
    if let Some(line) = astray.take() {
        out.1.push(line.service.or(line.counter).unwrap().number);
    }
    let Some(claim) = claim.take() else { return };
    if claim.lines.is_empty() && !claim.is_lost {
        out.1.push(claim.own[0].number);
    }
    for line in &claim.lines {
        let Some(service) = &line.service else {
            out.1.push(line.counter.as_ref().unwrap().number);
            continue;
        };
        let sound = !claim.is_lost && claim.own[0].is_readable() && service.is_readable();
        match sound {
            true => out.0.push(row(&claim, line, service)),
            false => out.1.push(service.number),
        }
    }
}

fn row(claim: &Claim, line: &Line, service: &Segment) -> Row {
    let mut cells = BTreeMap::new();
    let mut set = |name: &'static str, value: Vec<u8>| {
        cells.insert(name, String::from_utf8(value).unwrap());
    };
    for (name, value) in &claim.inherited {
        set(name, value.clone());
    }
    let head = &claim.own[0];
    set("claim_id", head.at(1));
    set("claim_total", head.at(2));
    set("claim_frequency", head.part(5, 2));
    if !claimlint::rules::embedded::knowledge()
        .unwrap()
        .vocabulary
        .missing
        .contains(claimlint::model::cell::trim(&head.at(1)))
    {
        set("claim", claim.ordinal.to_string().into_bytes());
    }
    let readable = |segments: &[Segment]| -> Vec<Segment> {
        segments.iter().filter(|segment| segment.is_readable()).cloned().collect()
    };
    let own: Vec<Segment> =
        readable(&claim.own).into_iter().take_while(|s| !s.bytes.starts_with(b"SBR")).collect();
    let further: Vec<Segment> =
        readable(&line.further).into_iter().take_while(|s| !s.bytes.starts_with(b"SVD")).collect();
    let npi = |segments: &[Segment], who: &[u8]| {
        let named =
            |s: &&Segment| s.bytes.starts_with(b"NM1") && s.at(1) == who && s.at(8) == b"XX";
        segments.iter().filter(named).map(|s| s.at(9)).next_back().unwrap_or_default()
    };
    let days = |segments: &[Segment], what: &[u8]| {
        let is = |s: &&Segment| s.bytes.starts_with(b"DTP") && s.at(1) == what;
        segments.iter().rfind(is).map(|s| {
            let date = String::from_utf8(s.at(3)).unwrap();
            match (s.at(2).as_slice(), date.split_once('-')) {
                (b"RD8", Some((from, to))) => (from.to_owned(), to.to_owned()),
                _ => (date.clone(), date),
            }
        })
    };
    if let Some(counter) = line.counter.as_ref().filter(|counter| counter.is_readable()) {
        set("service_line", counter.at(1));
    }
    let kind = service.tag();
    service_cells(service, head, &kind, &mut set);
    let statement = || days(&own, b"434").filter(|_| kind == "SV2");
    let service_days = || days(&own, b"472").filter(|(from, _)| kind != "SV2" || !from.is_empty());
    if let Some((from, to)) = days(&further, b"472").or_else(service_days).or_else(statement) {
        set("service_date", from.into_bytes());
        set("service_end", to.into_bytes());
    }
    let billing = claim.inherited.get("billing_npi").cloned().unwrap_or_default();
    let attending = if kind == "SV2" { npi(&own, b"71") } else { Vec::new() };
    let is_named =
        further.iter().any(|s| s.bytes.starts_with(b"NM1") && s.at(1) == b"82" && s.at(8) == b"XX");
    let rendering = if is_named { npi(&further, b"82") } else { npi(&own, b"82") };
    let known = [rendering, attending, billing].into_iter().find(|npi| !npi.is_empty());
    set("rendering_npi", known.unwrap_or_default());
    diagnoses(&own, &mut set);
    let separators: Vec<char> = vec![char::from(service.component)];
    if let Some(pointers) = cells.get_mut("diagnosis_pointer") {
        *pointers = pointers.replace(separators[0], ":");
    }
    cells.retain(|_, cell| !cell.is_empty());
    Row { segment: service.number, byte: service.byte, cells }
}

fn service_cells(
    service: &Segment,
    head: &Segment,
    kind: &str,
    set: &mut impl FnMut(&'static str, Vec<u8>),
) {
    let (names, code, place): (&[(&'static str, usize)], usize, usize) = match kind {
        "SV1" => (&[("charge", 2), ("unit_type", 3), ("units", 4), ("diagnosis_pointer", 7)], 1, 5),
        "SV2" => (&[("revenue_code", 1), ("charge", 3), ("unit_type", 4), ("units", 5)], 2, 0),
        _ => (&[("charge", 2), ("units", 6), ("diagnosis_pointer", 11)], 1, 3),
    };
    for (name, element) in names {
        set(name, service.at(*element));
    }
    if kind == "SV3" && service.at(6).is_empty() {
        set("units", b"1".to_vec());
    }
    if place > 0 {
        let said = service.at(place);
        set("place_of_service", if said.is_empty() { head.part(5, 0) } else { said });
    } else {
        let both = [head.part(5, 0), head.part(5, 2)].concat();
        set("bill_type", both.into_iter().take(8).collect());
    }
    let parts = ["procedure_code", "modifier_1", "modifier_2", "modifier_3", "modifier_4"];
    for (at, name) in parts.into_iter().enumerate() {
        set(name, service.part(code, at + 1));
    }
    set("procedure_description", service.part(code, 6));
    let name = match kind {
        "SV1" => "professional",
        "SV2" => "institutional",
        _ => "dental",
    };
    set("claim_type", name.as_bytes().to_vec());
}

fn diagnoses(own: &[Segment], set: &mut impl FnMut(&'static str, Vec<u8>)) {
    let mut principal = Vec::new();
    let mut others: Vec<Vec<u8>> = Vec::new();
    for segment in own.iter().filter(|segment| segment.tag() == "HI") {
        for at in 1..=segment.bytes.split(|b| *b == segment.element).count() {
            let (kind, code) = (segment.part(at, 0), segment.part(at, 1));
            match kind.as_slice() {
                b"ABK" | b"BK" if principal.is_empty() => principal = code,
                b"ABK" | b"BK" | b"ABF" | b"BF" if others.len() < 12 => others.push(code),
                _ => {}
            }
        }
    }
    let first = (!principal.is_empty()).then_some(principal);
    for (field, code) in Field::DIAGNOSES.into_iter().zip(first.into_iter().chain(others)) {
        set(field.name(), code);
    }
}
