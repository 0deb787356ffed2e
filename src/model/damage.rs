//! What a procedure-code cell holds: nothing, a code, a damaged code with its one repair, or junk.
//!
//! A value of no class is *damaged* when the known ways in which exports spoil a code lead back to
//! exactly one well-formed code. With none or with several it is *malformed*: nothing is guessed.

use std::collections::BTreeSet;

use crate::model::cell::{MissingWords, trim_counted};
use crate::model::{Class, Code};

/// The words that reading a cell needs; all of it is data that a user can overlay.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// Whole cells that mean "no value".
    pub missing: MissingWords,
    /// The known two-character modifiers.
    pub modifiers: BTreeSet<[u8; 2]>,
}

/// What one procedure-code cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Procedure {
    /// Nothing, or a word for nothing.
    Missing,
    /// A well-formed code.
    Coded(Code, Class),
    /// A value of no class from which exactly one well-formed code can be recovered.
    Damaged(Code, Class, Damage),
    /// A value of no class with no repair, or with more than one.
    Malformed,
    /// A value that the input says to be a code of another system, such as HIEC or ABC codes.
    Foreign,
}

impl Procedure {
    /// The code that the line stands for: as written, or as repaired.
    pub fn code(&self) -> Option<(Code, Class)> {
        match self {
            Procedure::Coded(code, class) | Procedure::Damaged(code, class, _) => {
                Some((*code, *class))
            }
            Procedure::Missing | Procedure::Malformed | Procedure::Foreign => None,
        }
    }
}

/// How a code was spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// `99213.0`: the column was read as a floating-point number.
    FloatSuffix,
    /// `142`: leading zeros were lost; only anesthesia codes can lose them and stay a number.
    LostZeros,
    /// `099213`: padded with zeros to a fixed width.
    ZeroPadding,
    /// `'99213` or `="99213"`: a spreadsheet's guard against the loss of zeros.
    Guard,
    /// `CPT 99213` or `HC:J1885`: the name of the code set stands before the code.
    Prefix,
    /// `99213-25` or `9921325`: modifiers stand in the code's cell.
    Modifiers,
    /// `99O13`: a letter stands where a digit was meant.
    Letters,
}

impl Damage {
    /// What happened to the code, to be read after "the code".
    pub const fn describe(self) -> &'static str {
        match self {
            Damage::FloatSuffix => "was written as a decimal number",
            Damage::LostZeros => "lost its leading zeros",
            Damage::ZeroPadding => "is padded with zeros",
            Damage::Guard => "carries a spreadsheet's text guard",
            Damage::Prefix => "carries the name of its code set",
            Damage::Modifiers => "carries modifiers",
            Damage::Letters => "has a letter in place of a digit",
        }
    }
}

/// How often cells of a column were tidied without loss, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Cells with spaces, tabs or line breaks at an end.
    pub ascii_blanks: u64,
    /// Cells with no-break, zero-width or other Unicode blanks at an end.
    pub unicode_blanks: u64,
    /// Cells with lower-case letters.
    pub lower_case: u64,
}

impl Tidied {
    /// Adds the counts of another part of the input.
    pub fn merge(&mut self, other: &Tidied) {
        self.ascii_blanks += other.ascii_blanks;
        self.unicode_blanks += other.unicode_blanks;
        self.lower_case += other.lower_case;
    }
}

/// Longer values are free text; no repair is looked for.
const DAMAGED_BYTES_MAX: usize = 40;

/// Reads a procedure-code cell as it stands in the file, unquoted.
#[inline]
pub fn read_procedure(cell: &[u8], words: &Vocabulary, tidied: &mut Tidied) -> Procedure {
    // Nearly every cell is a well-formed code as it stands.
    match Code::parse(cell) {
        Some((code, class)) => Procedure::Coded(code, class),
        None => read_untidy(cell, words, tidied),
    }
}

fn read_untidy(cell: &[u8], words: &Vocabulary, tidied: &mut Tidied) -> Procedure {
    let (trimmed, dropped) = trim_counted(cell);
    if words.missing.contains(trimmed) {
        return Procedure::Missing;
    }
    let upper = trimmed.to_ascii_uppercase();
    let read = match Code::parse(&upper) {
        Some((code, class)) => Procedure::Coded(code, class),
        None => repair(&upper, words),
    };
    // What is no code was not tidied into one.
    if read != Procedure::Malformed {
        tidied.ascii_blanks += u64::from(dropped.ascii);
        tidied.unicode_blanks += u64::from(dropped.unicode);
        tidied.lower_case += u64::from(upper != trimmed);
    }
    read
}

/// The repair of a tidied value of no class, when there is exactly one.
fn repair(value: &[u8], words: &Vocabulary) -> Procedure {
    if value.len() > DAMAGED_BYTES_MAX {
        return Procedure::Malformed;
    }
    let mut found = Repairs::default();
    repair_plain(value, words, &mut found);
    // A guard or a prefix is a wrapper: what it wraps is judged like a cell of its own.
    let wrapped = [(Damage::Guard, unguard(value)), (Damage::Prefix, unprefix(value))];
    for (damage, inner) in wrapped {
        let Some(inner) = inner else { continue };
        match Code::parse(inner) {
            Some(code) => found.add(code, damage),
            None => {
                let mut inside = Repairs::default();
                repair_plain(inner, words, &mut inside);
                inside.0.iter().for_each(|(code, class, _)| found.add((*code, *class), damage));
            }
        }
    }
    match found.0.as_slice() {
        [(code, class, damage)] => Procedure::Damaged(*code, *class, *damage),
        _ => Procedure::Malformed,
    }
}

/// The distinct codes that a value can be repaired to, each with the first way that led there.
#[derive(Default)]
struct Repairs(Vec<(Code, Class, Damage)>);

impl Repairs {
    fn add(&mut self, (code, class): (Code, Class), damage: Damage) {
        if !self.0.iter().any(|(known, _, _)| *known == code) {
            self.0.push((code, class, damage));
        }
    }
}

fn repair_plain(value: &[u8], words: &Vocabulary, found: &mut Repairs) {
    let digits = strip_float_suffix(value);
    if let Some(code) =
        digits.and_then(|digits| Code::parse(digits).or_else(|| restore_zeros(digits)))
    {
        found.add(code, Damage::FloatSuffix);
    }
    if let Some(code) = restore_zeros(value) {
        found.add(code, Damage::LostZeros);
    }
    if let Some(code) = strip_zero_padding(value) {
        found.add(code, Damage::ZeroPadding);
    }
    if let Some(code) = split_modifiers(value, &words.modifiers) {
        found.add(code, Damage::Modifiers);
    }
    if let Ok(five) = <&[u8; 5]>::try_from(value) {
        letters_to_digits(five, found);
    }
}

/// `99213.0` → `99213`: three to five digits, a point, zeros.
fn strip_float_suffix(value: &[u8]) -> Option<&[u8]> {
    let point = value.iter().position(|byte| *byte == b'.')?;
    let (digits, suffix) = (value.get(..point)?, value.get(point + 1..)?);
    let whole = (3..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let zeros = !suffix.is_empty() && suffix.iter().all(|byte| *byte == b'0');
    (whole && zeros).then_some(digits)
}

/// `142` → `00142`: three or four digits whose value is that of an anesthesia code.
fn restore_zeros(value: &[u8]) -> Option<(Code, Class)> {
    if !(3..=4).contains(&value.len()) || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut padded = [b'0'; 5];
    let at = padded.len() - value.len();
    padded.get_mut(at..)?.copy_from_slice(value);
    let (code, class) = Code::parse(&padded)?;
    (100..=1999).contains(&code.number()).then_some((code, class))
}

/// `0099213` → `99213`: zeros before five digits.
fn strip_zero_padding(value: &[u8]) -> Option<(Code, Class)> {
    let at = value.len().checked_sub(5).filter(|at| *at > 0)?;
    let (zeros, digits) = value.split_at(at);
    let padded = zeros.iter().all(|byte| *byte == b'0') && digits.iter().all(u8::is_ascii_digit);
    if padded { Code::parse(digits) } else { None }
}

/// `'99213` or `="99213"` → what the guard holds.
fn unguard(value: &[u8]) -> Option<&[u8]> {
    match value {
        [b'\'', inner @ ..] => Some(inner),
        [b'=', b'"', inner @ .., b'"'] => Some(inner),
        _ => None,
    }
}

/// `CPT 99213` → `99213`: the name of a code set and one separator.
fn unprefix(value: &[u8]) -> Option<&[u8]> {
    let rest = [&b"CPT4"[..], b"CPT", b"HCPCS", b"HC"]
        .into_iter()
        .find_map(|name| value.strip_prefix(name).filter(|rest| starts_with_separator(rest)))?;
    Some(trim_counted(rest.get(1..)?).0)
}

fn starts_with_separator(rest: &[u8]) -> bool {
    matches!(rest.first(), Some(b' ' | b':' | b'-'))
}

/// `99213-25` or `9921325` → `99213`: a code and known modifiers, and nothing else.
fn split_modifiers(value: &[u8], known: &BTreeSet<[u8; 2]>) -> Option<(Code, Class)> {
    let (code, rest) = value.split_at_checked(5)?;
    let code = Code::parse(code)?;
    let mut pairs = 0;
    let mut all_known = |part: &[u8]| {
        pairs += 1;
        <[u8; 2]>::try_from(part).is_ok_and(|pair| known.contains(&pair))
    };
    let separated = matches!(rest.first(), Some(b'-' | b' ' | b',' | b':' | b'/' | b'^' | b'*'));
    let every = if separated {
        rest.split(|byte| b"- ,:/^*".contains(byte))
            .filter(|part| !part.is_empty())
            .all(&mut all_known)
    } else {
        rest.len() % 2 == 0 && rest.chunks(2).all(&mut all_known)
    };
    (every && pairs > 0).then_some(code)
}

/// `99O13` → `99013`: any of O, I and L may stand for 0, 1 and 1; every choice is tried.
fn letters_to_digits(value: &[u8; 5], found: &mut Repairs) {
    for choice in 1_u8..32 {
        let mut fixed = *value;
        let mut meant = true;
        for (at, byte) in fixed.iter_mut().enumerate().filter(|(at, _)| choice & (1 << at) != 0) {
            debug_assert!(at < 5);
            match byte {
                b'O' => *byte = b'0',
                b'I' | b'L' => *byte = b'1',
                _ => meant = false,
            }
        }
        if let Some(code) = Code::parse(&fixed).filter(|_| meant) {
            found.add(code, Damage::Letters);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vocabulary {
        Vocabulary {
            missing: MissingWords::new(["NULL", "N/A", "-"]),
            modifiers: ["25", "59", "26", "1P", "LT"]
                .map(|m| m.as_bytes().try_into().unwrap())
                .into(),
        }
    }

    fn read(cell: &str) -> Procedure {
        read_procedure(cell.as_bytes(), &words(), &mut Tidied::default())
    }

    #[test]
    fn damage_with_one_repair_suggests_it() {
        let table = [
            ("99213.0", "99213"),
            ("99213.000", "99213"),
            ("142.0", "00142"),
            ("142", "00142"),
            ("0142", "00142"),
            ("1999", "01999"),
            ("099213", "99213"),
            ("0000099213", "99213"),
            ("'99213", "99213"),
            ("=\"99213\"", "99213"),
            ("=\"142\"", "00142"),
            ("CPT 99213", "99213"),
            ("cpt4-99213", "99213"),
            ("HC:J1885", "J1885"),
            ("HC:99213:25", "99213"),
            ("HCPCS:G0438", "G0438"),
            ("99213-25", "99213"),
            ("99214 59", "99214"),
            ("99213-25-59", "99213"),
            ("99213, 25", "99213"),
            ("9921325", "99213"),
            ("1036F1P", "1036F"),
            ("99O13", "99013"),
            ("O500F", "0500F"),
            ("0OO1f", "0001F"),
            ("9921I", "99211"),
        ];
        for (cell, want) in table {
            match read(cell) {
                Procedure::Damaged(code, _, _) => assert_eq!(code.as_str(), want, "{cell}"),
                other => panic!("{cell}: {other:?}"),
            }
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for cell in [
            "9921",
            "99",
            "2000",
            "992133",
            "99213/99214",
            "99213;93000",
            "PHONE",
            "E11.9",
            "Z9999",
            "LO438",
            "99213-XX",
            "9921399",
            "99213 x2",
            "450.5",
            "99213.",
            "CPT99213",
            "９９２１３",
            "1e+05",
            "185345009",
            "0099225",
        ] {
            assert_eq!(read(cell), Procedure::Malformed, "{cell}");
        }
    }

    #[test]
    fn tidying_is_silent_and_counted() {
        let mut tidied = Tidied::default();
        let mut read = |cell: &str| read_procedure(cell.as_bytes(), &words(), &mut tidied);
        let (code, class) = Code::parse(b"G0439").unwrap();
        assert_eq!(read(" g0439\u{a0}"), Procedure::Coded(code, class));
        assert_eq!(read("G0439"), Procedure::Coded(code, class));
        assert_eq!(read(" null "), Procedure::Missing);
        assert_eq!(tidied, Tidied { ascii_blanks: 1, unicode_blanks: 1, lower_case: 1 });
    }
}
