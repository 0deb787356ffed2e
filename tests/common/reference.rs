//! What the rules on procedure codes mean, written for reading and not for speed.
//!
//! Nothing here uses the crate: the rules were written down twice from the same description, and
//! tests compare the two. A disagreement is a mistake in one of them.

#![allow(dead_code, reason = "each test target that includes this module uses a part of it")]
#![allow(clippy::expect_used, reason = "a test may fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};

/// A finding: the 1-based data record, and the code of the rule.
pub type Found = (u64, &'static str);

/// The findings in a well-formed export with the generator's header names, sorted.
pub fn findings(export: &[u8], delimiter: u8, modifiers: &BTreeSet<String>) -> Vec<Found> {
    let lines = read(export, delimiter, modifiers);
    let mut found = Vec::new();
    for line in &lines {
        found.extend(line_rules(line).into_iter().map(|rule| (line.record, rule)));
    }
    found.extend(claim_rules(&lines));
    found.sort_unstable();
    found
}

/// A service line, as far as the rules look at it.
struct Line {
    record: u64,
    /// The trimmed claim id, where there is one.
    claim_id: Option<String>,
    has_revenue_code: bool,
    procedure: Procedure,
}

/// What a procedure-code cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Procedure {
    Missing,
    Code(String, Class),
    /// The only code that the value can be repaired to.
    Damaged(String, Class),
    Malformed,
}

/// The classes of codes that the rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Five digits.
    One,
    /// Four digits and A, M or U: Category I as well, without sections.
    OneWithLetter,
    Two,
    Three,
    Hcpcs,
    Cdt,
}

impl Class {
    fn is_category_one(self) -> bool {
        matches!(self, Class::One | Class::OneWithLetter)
    }
}

fn read(export: &[u8], delimiter: u8, modifiers: &BTreeSet<String>) -> Vec<Line> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(export);
    let header = reader.byte_headers().expect("the export has a header").clone();
    let column = |name: &str| header.iter().position(|cell| cell == name.as_bytes());
    let (claim, code) = (column("claim_id"), column("procedure_code"));
    let revenue = column("revenue_code");
    let records = reader.byte_records().zip(1..);
    let lines = records.map(|(cells, record)| {
        let cells = cells.expect("the export is well-formed");
        let text = |column: Option<usize>| {
            let bytes = column.and_then(|at| cells.get(at)).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
        let claim_id = trim(&text(claim)).to_owned();
        Line {
            record,
            claim_id: Some(claim_id).filter(|id| !is_missing(id)),
            has_revenue_code: !is_missing(trim(&text(revenue))),
            procedure: procedure(&text(code), modifiers),
        }
    });
    lines.collect()
}

// 1. The cell.

const ASCII_BLANKS: &str = " \t\n\r\u{b}\u{c}";
const OTHER_BLANKS: &str = "\u{a0}\u{2007}\u{202f}\u{200b}\u{feff}\u{ad}";

fn trim(cell: &str) -> &str {
    cell.trim_matches(|c| ASCII_BLANKS.contains(c) || OTHER_BLANKS.contains(c))
}

fn is_missing(trimmed: &str) -> bool {
    let words = ["", "NULL", "N/A", "NA", "NAN", "NONE", "\\N", "-"];
    words.contains(&trimmed.to_ascii_uppercase().as_str())
}

/// What a cell holds, as it stands in the export.
pub fn procedure(cell: &str, modifiers: &BTreeSet<String>) -> Procedure {
    let value = trim(cell).to_ascii_uppercase();
    if is_missing(&value) {
        return Procedure::Missing;
    }
    if let Some(class) = class(&value) {
        return Procedure::Code(value, class);
    }
    let repairs = repairs(&value, modifiers);
    match repairs.iter().next() {
        Some(code) if repairs.len() == 1 => {
            let class = class(code).expect("a repair is a code");
            Procedure::Damaged(code.clone(), class)
        }
        _ => Procedure::Malformed,
    }
}

// 2. The class of a code.

fn digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn class(value: &str) -> Option<Class> {
    let chars: Vec<char> = value.chars().collect();
    let [first, _, _, _, last] = chars[..] else { return None };
    let (front, back) = (value.strip_suffix(last)?, value.strip_prefix(first)?);
    match (first, last) {
        _ if digits(value) => Some(Class::One),
        (_, 'A' | 'M' | 'U') if digits(front) => Some(Class::OneWithLetter),
        (_, 'F') if digits(front) => Some(Class::Two),
        (_, 'T') if digits(front) => Some(Class::Three),
        ('D', _) if digits(back) => Some(Class::Cdt),
        (letter, _) if "ABCEGHJKLMPQRSTUV".contains(letter) && digits(back) => Some(Class::Hcpcs),
        _ => None,
    }
}

/// The sections of Category I: evaluation and management, anesthesia (twice), surgery, radiology,
/// pathology and laboratory, medicine (twice).
const CATEGORY_ONE: [(u32, u32); 8] = [
    (99201, 99499),
    (100, 1999),
    (99100, 99140),
    (10004, 69990),
    (70010, 79999),
    (80047, 89398),
    (90281, 99199),
    (99500, 99607),
];

const CATEGORY_TWO: [(u32, u32); 10] = [
    (1, 15),
    (500, 584),
    (1000, 1505),
    (2000, 2060),
    (3006, 3776),
    (4000, 4563),
    (5005, 5250),
    (6005, 6150),
    (7010, 7025),
    (9001, 9007),
];

fn in_ranges(code: &str, ranges: &[(u32, u32)]) -> bool {
    let number: String = code.chars().filter(char::is_ascii_digit).collect();
    let number: u32 = number.parse().expect("a code has digits");
    ranges.iter().any(|(first, last)| *first <= number && number <= *last)
}

// 3. Damage with exactly one repair.

/// The distinct codes that the value can be repaired to.
fn repairs(value: &str, modifiers: &BTreeSet<String>) -> BTreeSet<String> {
    let mut codes = one_step(value, modifiers);
    // A guard or a prefix wraps a value that is a code, or damaged in one of the other ways.
    for inner in unwrapped(value) {
        match class(&inner) {
            Some(_) => codes.extend([inner]),
            None => codes.extend(one_step(&inner, modifiers)),
        }
    }
    codes
}

/// The codes that one row of the table of damages leads to, guards and prefixes apart.
fn one_step(value: &str, modifiers: &BTreeSet<String>) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    codes.extend(without_float_suffix(value));
    codes.extend(with_leading_zeros(value));
    codes.extend(without_zero_padding(value));
    codes.extend(without_modifiers(value, modifiers));
    codes.extend(with_digits_for_letters(value));
    codes
}

fn without_float_suffix(value: &str) -> Option<String> {
    let (whole, zeros) = value.split_once('.')?;
    let is_float = digits(whole) && !zeros.is_empty() && zeros.chars().all(|c| c == '0');
    match whole.len() {
        5 if is_float => Some(whole.to_owned()),
        3 | 4 if is_float => with_leading_zeros(whole),
        _ => None,
    }
}

fn with_leading_zeros(value: &str) -> Option<String> {
    let short = digits(value) && (3..=4).contains(&value.len());
    let number: u32 = value.parse().ok().filter(|_| short)?;
    (100..=1999).contains(&number).then(|| format!("{number:05}"))
}

fn without_zero_padding(value: &str) -> Option<String> {
    let padded = digits(value) && value.len() > 5;
    let (zeros, code) = value.split_at_checked(value.len().checked_sub(5)?)?;
    (padded && zeros.chars().all(|c| c == '0')).then(|| code.to_owned())
}

/// A code and any number of known modifiers.
fn without_modifiers(value: &str, modifiers: &BTreeSet<String>) -> Option<String> {
    let (code, rest) = value.split_at_checked(5)?;
    class(code)?;
    let separators = ['-', ' ', ',', ':', '/', '^', '*'];
    let attached: Vec<String> = if rest.starts_with(separators) {
        rest.split(separators).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    } else {
        let chars: Vec<char> = rest.chars().collect();
        chars.chunks(2).map(|pair| pair.iter().collect()).collect()
    };
    let some = !attached.is_empty();
    let known = attached.iter().all(|modifier| modifiers.contains(modifier));
    (some && known).then(|| code.to_owned())
}

/// Every way to put 0 for some of the O and 1 for some of the I and L of five characters.
fn with_digits_for_letters(value: &str) -> BTreeSet<String> {
    let mut variants = BTreeSet::from([String::new()]);
    for c in value.chars() {
        let digit = match c {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            _ => None,
        };
        let choices = [Some(c), digit].into_iter().flatten();
        let longer =
            choices.flat_map(|end| variants.iter().map(move |start| format!("{start}{end}")));
        variants = longer.filter(|variant| variant.chars().count() <= 5).collect();
    }
    variants.retain(|variant| variant != value && class(variant).is_some());
    variants
}

/// What a spreadsheet's guard or the name of a code set wraps.
fn unwrapped(value: &str) -> Vec<String> {
    let mut inner = Vec::new();
    inner.extend(value.strip_prefix('\''));
    inner.extend(value.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')));
    for name in ["CPT", "CPT4", "HCPCS", "HC"] {
        let rest = value.strip_prefix(name).unwrap_or_default();
        inner.extend(rest.strip_prefix([' ', ':', '-']).map(trim));
    }
    inner.into_iter().map(str::to_owned).collect()
}

// 4. The rules.

fn line_rules(line: &Line) -> Vec<&'static str> {
    let mut rules = Vec::new();
    if line.claim_id.is_none() {
        rules.push("CLM001");
    }
    match &line.procedure {
        Procedure::Missing if !line.has_revenue_code => rules.push("COD001"),
        Procedure::Malformed => rules.push("COD002"),
        Procedure::Damaged(..) => rules.push("COD003"),
        Procedure::Code(code, Class::One) if !in_ranges(code, &CATEGORY_ONE) => {
            rules.push("CAT001");
        }
        Procedure::Code(code, Class::Two) if !in_ranges(code, &CATEGORY_TWO) => {
            rules.push("CAT002");
        }
        Procedure::Missing | Procedure::Code(..) => {}
    }
    rules
}

fn claim_rules(lines: &[Line]) -> Vec<Found> {
    // By claim: the class and the record of every line that stands for a code.
    let mut claims: BTreeMap<&str, Vec<(Class, u64)>> = BTreeMap::new();
    for line in lines {
        let class = match &line.procedure {
            Procedure::Code(_, class) | Procedure::Damaged(_, class) => *class,
            Procedure::Missing | Procedure::Malformed => continue,
        };
        if let Some(claim_id) = &line.claim_id {
            claims.entry(claim_id).or_default().push((class, line.record));
        }
    }
    let mut found = Vec::new();
    for codes in claims.values() {
        if codes.iter().any(|(class, _)| class.is_category_one()) {
            continue;
        }
        let other_service = codes.iter().any(|(class, _)| *class != Class::Two);
        let rule = if other_service { "CII002" } else { "CII001" };
        let measures = codes.iter().filter(|(class, _)| *class == Class::Two);
        found.extend(measures.map(|(_, record)| (*record, rule)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modifiers() -> BTreeSet<String> {
        ["25", "59", "26", "1P", "LT"].map(str::to_owned).into()
    }

    fn read(cell: &str) -> Procedure {
        procedure(cell, &modifiers())
    }

    #[test]
    fn a_cell_is_trimmed_upper_cased_and_may_be_missing() {
        assert_eq!(
            read("\u{a0} g0438\t\u{feff}"),
            Procedure::Code("G0438".to_owned(), Class::Hcpcs)
        );
        for cell in ["", "  ", "NULL", "n/a", "NA", "NaN", "none", "\\n", "-", "\u{200b}"] {
            assert_eq!(read(cell), Procedure::Missing, "{cell:?}");
        }
    }

    #[test]
    fn classes_are_those_of_the_table() {
        let table = [
            ("99213", Class::One),
            ("0001A", Class::OneWithLetter),
            ("0002M", Class::OneWithLetter),
            ("0240U", Class::OneWithLetter),
            ("1036F", Class::Two),
            ("0075T", Class::Three),
            ("J1885", Class::Hcpcs),
            ("V2020", Class::Hcpcs),
            ("D0120", Class::Cdt),
        ];
        for (cell, class) in table {
            assert_eq!(read(cell), Procedure::Code(cell.to_owned(), class), "{cell}");
        }
    }

    #[test]
    fn damage_has_the_repair_of_the_table() {
        let table = [
            ("99213.0", "99213"),
            ("142.0", "00142"),
            ("142", "00142"),
            ("1999", "01999"),
            ("099213", "99213"),
            ("'99213", "99213"),
            ("=\"99213\"", "99213"),
            ("=\"142\"", "00142"),
            ("CPT 99213", "99213"),
            ("CPT4-99213", "99213"),
            ("HCPCS:G0438", "G0438"),
            ("HC:J1885", "J1885"),
            ("HC:99213:25", "99213"),
            ("99213-25", "99213"),
            ("99214 59", "99214"),
            ("99214,59", "99214"),
            ("99214/59", "99214"),
            ("99214^59", "99214"),
            ("99214*59", "99214"),
            ("9921325", "99213"),
            ("1036F1P", "1036F"),
            ("99O13", "99013"),
            ("O500F", "0500F"),
            ("9921l", "99211"),
        ];
        for (cell, want) in table {
            match read(cell) {
                Procedure::Damaged(code, _) => assert_eq!(code, want, "{cell}"),
                other => panic!("{cell}: {other:?}"),
            }
        }
    }

    #[test]
    fn no_repair_or_several_is_malformed() {
        for cell in [
            "9921",
            "99",
            "2000",
            "992133",
            "99213/99214",
            "PHONE",
            "E11.9",
            "Z9999",
            "LO438",
            "99213-XX",
            "9921399",
            "99213.",
            "CPT99213",
            "９９２１３",
            "OOOOOOOO",
        ] {
            assert_eq!(read(cell), Procedure::Malformed, "{cell}");
        }
    }

    fn rules(rows: &str) -> Vec<Found> {
        let export = format!("claim_id,procedure_code,revenue_code\n{rows}");
        findings(export.as_bytes(), b',', &modifiers())
    }

    #[test]
    fn line_rules_look_at_one_line() {
        assert_eq!(rules("A,NULL,\nA,NULL,0450\n"), [(1, "COD001")]);
        assert_eq!(rules("A,PHONE,\nA,99213.0,\n"), [(1, "COD002"), (2, "COD003")]);
        assert_eq!(
            rules("A,02000,\nA,01999,\nA,99607,\nA,99608,\n"),
            [(1, "CAT001"), (4, "CAT001")]
        );
        assert_eq!(rules("A,99213,\nA,0016F,\nA,0015F,\n"), [(2, "CAT002")]);
        assert_eq!(rules("n/a,99213,\n"), [(1, "CLM001")]);
        assert_eq!(rules("A,2000.0,\nA,02000.0,\n"), [(1, "COD002"), (2, "COD003")]);
    }

    #[test]
    fn claim_rules_look_at_all_lines_of_a_claim_wherever_they_lie() {
        assert_eq!(rules("A,3044F,\nB,99213,\nA ,1036F,\n"), [(1, "CII001"), (3, "CII001")]);
        assert_eq!(rules("A,3044F,\nB,99213,\n A,83036,\n"), []);
        assert_eq!(rules("A,3044F,\na,83036,\n"), [(1, "CII001")]);
        assert_eq!(rules("A,3044F,\nA,G0438,\n"), [(1, "CII002")]);
        assert_eq!(rules("A,3044F,\nA,0240U,\n"), []);
        assert_eq!(rules("A,3044F,\nA,99213.0,\n"), [(2, "COD003")]);
        assert_eq!(rules("A,3044F,\nA,PHONE,\n"), [(1, "CII001"), (2, "COD002")]);
        assert_eq!(rules("A,O500F,\n"), [(1, "CII001"), (1, "COD003")]);
        assert_eq!(rules(",3044F,\n,3044F,\n"), [(1, "CLM001"), (2, "CLM001")]);
    }
}
