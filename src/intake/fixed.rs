//! Files of lines where positions count: HCPCS, ICD-10-CM, and the files of CPT.

use crate::intake::codes;
use crate::intake::dates;
use crate::intake::layout::Layout;
use crate::intake::table::{Row, trim};
use crate::reference::rows::{CodeRow, Days};

/// The characters of a line from one position to another, both counted from 1 and included, as
/// record layouts count; what lies past the end is not there.
fn part(line: &str, first: usize, last: usize) -> &str {
    let start = first.saturating_sub(1);
    if line.is_ascii() {
        return line.get(start..last.min(line.len())).unwrap_or_default();
    }
    let at = |position| line.char_indices().nth(position).map_or(line.len(), |(at, _)| at);
    line.get(at(start)..at(last)).unwrap_or_default()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The alpha-numeric file of HCPCS with 320 positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HcpcsText;

impl HcpcsText {
    /// The last position of the day on which a code was added: a first record is longer.
    const ADDED_END: usize = 276;

    /// Whether a line has a sequence number and a record id.
    pub fn is_record(line: &str) -> bool {
        is_digits(part(line, 6, 10)) && matches!(part(line, 11, 11), "3" | "4" | "7" | "8")
    }

    fn code(line: &str) -> Result<Option<String>, String> {
        match part(line, 11, 11) {
            "3" => codes::procedure_text(part(line, 1, 5)).map(Some),
            "7" if trim(part(line, 1, 3)).is_empty() => codes::modifier(part(line, 4, 5)).map(Some),
            "7" => Err("the code is no modifier in positions 4 and 5".to_owned()),
            "4" | "8" => Ok(None),
            _ => Err("the record id is none of 3, 4, 7 and 8".to_owned()),
        }
    }
}

impl Layout for HcpcsText {
    type Taken = CodeRow;

    fn fits(&self, row: &Row) -> bool {
        let added = part(row.line, 269, Self::ADDED_END);
        Self::is_record(row.line)
            && added.len() == 8
            && is_digits(added)
            && matches!(Self::code(row.line), Ok(Some(_)))
    }

    /// There is no header.
    fn begins(&self, _: &Row) -> bool {
        true
    }

    fn take(&self, row: &Row) -> Result<Option<CodeRow>, String> {
        let line = row.line;
        let Some(code) = Self::code(line)? else { return Ok(None) };
        if line.chars().nth(Self::ADDED_END - 1).is_none() {
            return Err("the record is cut short".to_owned());
        }
        let date = |first, last, what: &str| {
            let text = trim(part(line, first, last));
            let is_plain = text.is_empty() || text.len() == 8 && is_digits(text);
            is_plain.then_some(text).ok_or_else(|| format!("the {what} date is no date"))
        };
        let no_date = |what: &str| format!("the {what} date is no date");
        let first =
            dates::first(date(269, 276, "added")?, false).ok_or_else(|| no_date("added"))?;
        let last = dates::last(date(285, 292, "termination")?, false)
            .ok_or_else(|| no_date("termination"))?;
        let days = dates::days(first, last)?;
        let attributes = format!("{:<2}", trim(part(line, 120, 121))).into_bytes();
        Ok(Some(CodeRow { code, days, attributes }))
    }
}

/// The files of ICD-10-CM: in the order of the tabular list with headers, or billable codes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icd10cm {
    /// `icd10cm_order`: the order number, the code, the flag.
    Order,
    /// `icd10cm_codes`: the code, then its description.
    Codes,
}

impl Icd10cm {
    /// The code and the flag.
    fn code(self, line: &str) -> Result<(String, u8), String> {
        match self {
            Icd10cm::Order => {
                if !is_digits(part(line, 1, 5)) || part(line, 6, 6) != " " {
                    return Err("it does not begin with an order number".to_owned());
                }
                let code = codes::icd10cm(part(line, 7, 13))?;
                match (part(line, 14, 14), part(line, 15, 15)) {
                    (" ", "0") => Ok((code, b'0')),
                    (" ", "1") => Ok((code, b'1')),
                    _ => Err("position 15 is neither 0 nor 1".to_owned()),
                }
            }
            Icd10cm::Codes if !matches!(part(line, 8, 8), "" | " ") => {
                Err("position 8 is not blank".to_owned())
            }
            Icd10cm::Codes => codes::icd10cm(part(line, 1, 7)).map(|code| (code, b'1')),
        }
    }
}

impl Layout for Icd10cm {
    type Taken = CodeRow;

    fn fits(&self, row: &Row) -> bool {
        self.code(row.line).is_ok()
    }

    /// There is no header.
    fn begins(&self, _: &Row) -> bool {
        true
    }

    fn take(&self, row: &Row) -> Result<Option<CodeRow>, String> {
        let (code, flag) = self.code(row.line)?;
        Ok(Some(CodeRow { code, days: Days::default(), attributes: vec![flag] }))
    }
}

/// Whether a line is one of an order file of ICD-10-CM or of ICD-10-PCS.
pub fn is_of_order_file(line: &str) -> bool {
    let code = part(line, 7, 13).trim_end();
    is_digits(part(line, 1, 5))
        && part(line, 6, 6) == " "
        && (3..=7).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && matches!(part(line, 14, 16), " 0 " | " 1 ")
}

/// A file of CPT: each data row begins with a code. Descriptors are licensed and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpt;

impl Cpt {
    fn code(line: &str) -> Option<&str> {
        let line = line.strip_prefix('"').unwrap_or(line);
        let (code, rest) = line.split_at_checked(5)?;
        let bytes = code.as_bytes();
        let (last, four) = bytes.split_last()?;
        let fits = four.iter().all(u8::is_ascii_digit)
            && (last.is_ascii_digit() || b"AFMTU".contains(last))
            && (rest.is_empty() || rest.starts_with(['\t', ' ', ',', '|', ';', '"']));
        fits.then_some(code)
    }

    /// Whether a data row has a date behind its code. Then its rows say more than a code, and it
    /// would be half taken.
    pub fn has_date(line: &str) -> bool {
        Self::words(line).any(|word| {
            (7..=10).contains(&word.len()) && dates::first(word, false).is_some_and(|d| d.is_some())
        })
    }

    /// Whether a data row has more figures than most descriptions have: then it is one of a table
    /// by positions.
    pub fn has_figures(line: &str) -> bool {
        let is_figure =
            |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        Self::words(line).filter(is_figure).count() >= 4
    }

    fn words(line: &str) -> impl Iterator<Item = &str> {
        let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | ';' | '"'));
        words.filter(|word| !word.is_empty()).skip(1)
    }
}

impl Layout for Cpt {
    type Taken = CodeRow;

    fn fits(&self, row: &Row) -> bool {
        Self::code(row.line).is_some()
    }

    fn take(&self, row: &Row) -> Result<Option<CodeRow>, String> {
        let code = Self::code(row.line).ok_or("it does not begin with a CPT code")?;
        let code = codes::procedure_text(code)?;
        Ok(Some(CodeRow { code, days: Days::default(), attributes: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_characters() {
        assert_eq!(part("abc", 2, 3), "bc");
        assert_eq!(part("abc", 3, 9), "c");
        assert_eq!(part("abc", 4, 9), "");
        assert_eq!(part("äbc", 2, 3), "bc");
        assert_eq!(part("äbc", 5, 9), "");
    }

    #[test]
    fn an_order_number_is_no_code() {
        let line = "00001 A00     0 Cholera";
        assert_eq!(Icd10cm::Order.code(line), Ok(("A00".to_owned(), b'0')));
        assert!(is_of_order_file(line) && Icd10cm::Codes.code(line).is_err());
        assert!(is_of_order_file("00001 001     0 Central Nervous System"));
        assert!(Icd10cm::Order.code("00001 001     0 Central Nervous System").is_err());
        assert!(!is_of_order_file("99213 Office visit of some minutes"));
        assert_eq!(Icd10cm::Codes.code("A000    Cholera"), Ok(("A000".to_owned(), b'1')));
    }

    #[test]
    fn rows_of_cpt_begin_with_a_code() {
        for line in ["00100\tx", "0001U x", "99213,x", "3044F|x", "\"0042T\";x"] {
            assert!(Cpt::code(line).is_some(), "{line}");
        }
        for line in ["0010\tx", "G0438\tx", "992133", " 99213\tx", "99213x", "0001X x"] {
            assert!(Cpt::code(line).is_none(), "{line}");
        }
        assert!(Cpt::has_date("99213,\"2024-01-01\",x") && !Cpt::has_date("99213\t45 minutes"));
        assert!(Cpt::has_date("01953   01952 1 2013001"));
        assert!(Cpt::has_figures("0001F  x I 0.00 0.00 0.00 9"));
        assert!(!Cpt::has_figures("90649 x types 6, 11 and 16"));
    }
}
