//! The smallest parts of X12: separators, segments, elements, components.

use memchr::memchr;

use crate::model::visible::visible;

/// What parts an interchange: told by its own ISA segment, never assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// Between elements: the byte after `ISA`.
    pub element: u8,
    /// Between the components of an element: ISA16.
    pub component: u8,
    /// After each segment: the byte after ISA16.
    pub terminator: u8,
}

/// Bytes of an ISA segment with its terminator. All of its elements have a fixed width (X12.5).
pub const ISA_BYTES: usize = 106;

/// Where the element separators of an ISA segment stand.
const ISA_MARKS: [usize; 16] = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];

impl Separators {
    /// The separators that an ISA segment at the start of `text` says; nothing where there is none
    /// that can be read.
    pub fn of(text: &[u8]) -> Option<Separators> {
        let isa = text.get(..ISA_BYTES).filter(|isa| isa.starts_with(b"ISA"))?;
        let at = |place: usize| isa.get(place).copied().unwrap_or_default();
        let (element, component, terminator) = (at(3), at(104), at(105));
        let all = [element, component, terminator];
        let is_mark = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b' ';
        let differ = element != component && component != terminator && element != terminator;
        let stands = ISA_MARKS.iter().all(|place| at(*place) == element);
        let marks = isa.iter().filter(|byte| **byte == element).count();
        let is_whole = marks == ISA_MARKS.len() && memchr(terminator, isa) == Some(ISA_BYTES - 1);
        (all.iter().all(is_mark) && differ && stands && is_whole).then_some(Separators {
            element,
            component,
            terminator,
        })
    }

    /// Whether the byte means nothing between segments: line ends and blanks after a terminator.
    #[inline]
    pub fn is_between(self, byte: u8) -> bool {
        matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0x1A) && byte != self.element
    }

    /// The separators as a person reads them.
    pub fn names(self) -> String {
        let name = |byte: u8| match byte {
            b'\n' => "LF".to_owned(),
            b'\r' => "CR".to_owned(),
            b'\t' => "tab".to_owned(),
            0x1C => "FS (byte 1C)".to_owned(),
            byte => visible(&char::from(byte).to_string()).into_owned(),
        };
        format!(
            "elements end with {}, components with {}, segments with {}",
            name(self.element),
            name(self.component),
            name(self.terminator)
        )
    }
}

/// What a segment is, as far as reading claims needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Interchange header.
    Isa,
    /// Group header.
    Gs,
    /// Transaction set header.
    St,
    /// Transaction set trailer.
    Se,
    /// Group trailer.
    Ge,
    /// Interchange trailer.
    Iea,
    /// Acknowledgement of an interchange.
    Ta1,
    /// A level of the hierarchy.
    Hl,
    /// A name.
    Nm1,
    /// Birth date and sex.
    Dmg,
    /// A claim.
    Clm,
    /// The counter of a service line.
    Lx,
    /// A professional, institutional or dental service: SV1, SV2 or SV3.
    Service,
    /// Another segment of an 837.
    Other,
    /// No segment of an 837.
    Unknown,
}

/// The other segments of the 837 guides (004010X096 to X098, 005010X222 to X224).
const OTHERS: [&[u8]; 48] = [
    b"AMT", b"BHT", b"CAS", b"CL1", b"CN1", b"CR1", b"CR2", b"CR3", b"CR4", b"CR5", b"CR6", b"CR7",
    b"CR8", b"CRC", b"CTP", b"CUR", b"DN1", b"DN2", b"DSB", b"DTP", b"FRM", b"HCP", b"HI", b"HSD",
    b"IMM", b"K3", b"LIN", b"LQ", b"MEA", b"MIA", b"MOA", b"N2", b"N3", b"N4", b"NTE", b"OI",
    b"PAT", b"PER", b"PRV", b"PS1", b"PWK", b"QTY", b"REF", b"SBR", b"SVD", b"TOO", b"UR", b"SV5",
];

/// The segments that most of an 837 consists of, and those that its envelope does.
const COMMON: [(&[u8; 3], Tag); 23] = [
    (b"REF", Tag::Other),
    (b"DTP", Tag::Other),
    (b"HI\0", Tag::Other),
    (b"N3\0", Tag::Other),
    (b"N4\0", Tag::Other),
    (b"SBR", Tag::Other),
    (b"PRV", Tag::Other),
    (b"SVD", Tag::Other),
    (b"NM1", Tag::Nm1),
    (b"LX\0", Tag::Lx),
    (b"SV1", Tag::Service),
    (b"SV2", Tag::Service),
    (b"SV3", Tag::Service),
    (b"CLM", Tag::Clm),
    (b"HL\0", Tag::Hl),
    (b"DMG", Tag::Dmg),
    (b"ISA", Tag::Isa),
    (b"GS\0", Tag::Gs),
    (b"ST\0", Tag::St),
    (b"SE\0", Tag::Se),
    (b"GE\0", Tag::Ge),
    (b"IEA", Tag::Iea),
    (b"TA1", Tag::Ta1),
];

/// One of those with which no two of [`COMMON`] share a slot.
const FACTOR: u32 = 0xC386_BBC5;

/// The slot of a tag in [`KNOWN`]: another for each of [`COMMON`].
#[inline]
const fn slot([a, b, c]: [u8; 3]) -> u8 {
    let number = (a as u32) | (b as u32) << 8 | (c as u32) << 16;
    (number.wrapping_mul(FACTOR) >> 24) as u8
}

/// [`COMMON`] by slot, so that a tag is told by one look.
#[allow(clippy::indexing_slicing, reason = "when it is compiled; a slot is below 256")]
static KNOWN: [([u8; 3], Tag); 256] = {
    let mut known = [([0; 3], Tag::Unknown); 256];
    let mut at = 0;
    while at < COMMON.len() {
        let (tag, is) = COMMON[at];
        known[slot(*tag) as usize] = (*tag, is);
        at += 1;
    }
    known
};

impl Tag {
    /// What the segment is that `segment` is all of, its terminator excepted.
    #[inline]
    pub fn of(segment: &[u8], element: u8) -> Tag {
        let tag = match segment {
            [a, b] => [*a, *b, 0],
            [a, b, mark, ..] if *mark == element => [*a, *b, 0],
            [a, b, c] => [*a, *b, *c],
            [a, b, c, mark, ..] if *mark == element => [*a, *b, *c],
            _ => return Tag::Unknown,
        };
        let at = usize::from(slot(tag));
        match KNOWN.get(at) {
            Some((known, is)) if *known == tag => *is,
            _ => Self::of_rare(&tag),
        }
    }

    /// Whether it stands in transaction sets of claims, and neither begins nor ends one.
    #[inline]
    pub fn is_of_claims(self) -> bool {
        use Tag::{Clm, Dmg, Hl, Lx, Nm1, Other, Service};
        matches!(self, Other | Nm1 | Lx | Service | Clm | Hl | Dmg)
    }

    #[inline(never)]
    fn of_rare(tag: &[u8; 3]) -> Tag {
        let tag = tag.strip_suffix(b"\0").unwrap_or(tag);
        let sv = matches!(tag, b"SV4" | b"SV6" | b"SV7");
        if sv || OTHERS.contains(&tag) { Tag::Other } else { Tag::Unknown }
    }
}

/// The parts of `text` between separators, the first `N` of them; those that lack are empty.
#[inline]
pub fn parts<const N: usize>(text: &[u8], separator: u8) -> [&[u8]; N] {
    let mut parts = [&[][..]; N];
    first_parts(text, separator, &mut parts);
    parts
}

/// The same into as many as there is room for; what lacks stays as it is.
#[inline]
pub fn first_parts<'a>(text: &'a [u8], separator: u8, parts: &mut [&'a [u8]]) {
    for (to, part) in parts.iter_mut().zip(text.split(|byte| *byte == separator)) {
        *to = part;
    }
}

/// A whole number as X12 writes it: digits and nothing else.
pub fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &[u8] = b"ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       \
        *261031*1200*^*00501*000000001*0*P*:~";

    #[test]
    fn separators_come_from_the_isa_alone() {
        let said = Separators::of(ISA).unwrap();
        let all = (said.element, said.component, said.terminator);
        assert_eq!(all, (b'*', b':', b'~'));
        let other: Vec<u8> = ISA
            .iter()
            .map(|byte| match byte {
                b'*' => b'~',
                b'~' => b'_',
                b':' => b'\\',
                other => *other,
            })
            .collect();
        let said = Separators::of(&other).unwrap();
        assert_eq!((said.element, said.component, said.terminator), (b'~', b'\\', b'_'));
        for end in 0..ISA.len() {
            assert_eq!(Separators::of(&ISA[..end]), None);
        }
        let mut damaged = ISA.to_vec();
        damaged[20] = b'0';
        assert_eq!(Separators::of(&damaged), None);
        damaged = ISA.to_vec();
        damaged[105] = b':';
        assert_eq!(Separators::of(&damaged), None);
    }

    #[test]
    fn tags_are_told_by_their_whole_name() {
        for (segment, tag) in [
            (&b"CLM*1"[..], Tag::Clm),
            (b"LX*1", Tag::Lx),
            (b"LX", Tag::Lx),
            (b"SV2*0300", Tag::Service),
            (b"SVD*X", Tag::Other),
            (b"MIA*1", Tag::Other),
            (b"CLMX*1", Tag::Unknown),
            (b"C*1", Tag::Unknown),
            (b"clm*1", Tag::Unknown),
            (b"ZZ9*1", Tag::Unknown),
            (b"", Tag::Unknown),
        ] {
            assert_eq!(Tag::of(segment, b'*'), tag, "{}", String::from_utf8_lossy(segment));
        }
    }

    #[test]
    fn no_two_common_tags_share_a_slot() {
        for (tag, is) in COMMON {
            assert_eq!(Tag::of(tag.strip_suffix(b"\0").unwrap_or(tag), b'*'), is);
        }
        assert_eq!(Tag::of(b"\0\0\0", b'*'), Tag::Unknown);
    }

    #[test]
    fn parts_that_lack_are_empty() {
        assert_eq!(parts::<4>(b"SV1*HC:1**2", b'*'), [&b"SV1"[..], b"HC:1", b"", b"2"]);
        assert_eq!(parts::<3>(b"a*b*c*d", b'*'), [b"a", b"b", b"c"]);
        assert_eq!(parts::<3>(b"a", b'*'), [&b"a"[..], b"", b""]);
        assert_eq!(number(b"000000907"), Some(907));
        assert_eq!(number(b""), None);
        assert_eq!(number(b"1.0"), None);
    }
}
