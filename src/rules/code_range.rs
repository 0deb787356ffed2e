//! A code or a range of codes as it is written in options and data: `G0438`, `G0466-G0470`.

use crate::error::{Error, Result};
use crate::model::{Class, Code};

/// Codes of one class from a first to a last, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeRange {
    /// The class of every code of the range.
    pub class: Class,
    /// The first code.
    pub first: Code,
    /// The last code.
    pub last: Code,
}

impl CodeRange {
    /// Reads a code, or two codes of one kind with a hyphen between them, the lower one first.
    pub fn parse(text: &str) -> Result<CodeRange> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let read = |part: &str| {
            let part = part.trim().to_ascii_uppercase();
            Code::parse(part.as_bytes()).ok_or_else(|| {
                Error::settings(format!("`{text}` is neither a code nor a range of codes"))
                    .with_help("write a code like `G0438` or a range like `G0466-G0470`")
            })
        };
        let ((first, class), (last, last_class)) = (read(first)?, read(last)?);
        let letter = |code: Code| code.as_bytes().first().copied().filter(u8::is_ascii_alphabetic);
        if class != last_class || letter(first) != letter(last) {
            return Err(Error::settings(format!(
                "range `{text}`: its ends are codes of two kinds"
            )));
        }
        if last < first {
            return Err(Error::settings(format!(
                "range `{text}`: its last code is before its first"
            )));
        }
        Ok(CodeRange { class, first, last })
    }

    /// Whether `code`, which is of class `class`, lies in the range.
    #[inline]
    pub fn contains(&self, code: Code, class: Class) -> bool {
        class == self.class && (self.first..=self.last).contains(&code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, code: &str) -> bool {
        let (code, class) = Code::parse(code.as_bytes()).unwrap();
        CodeRange::parse(range).unwrap().contains(code, class)
    }

    #[test]
    fn a_range_holds_codes_of_its_kind_between_its_ends() {
        assert!(holds("G0438", "G0438"));
        assert!(holds("g0466 - g0470", "G0470"));
        assert!(!holds("G0466-G0470", "G0471"));
        assert!(holds("0500F-0503F", "0502F"));
        assert!(!holds("0500F-0503F", "0502T"), "another class lies between in bytes only");
        assert!(!holds("00500-00600", "0055F"));
    }

    #[test]
    fn what_is_no_range_says_why() {
        let table = [
            ("PHONE", "neither"),
            ("", "neither"),
            ("G0438-", "neither"),
            ("G0438-G0439-G0440", "neither"),
            ("G0438-H0001", "two kinds"),
            ("0500F-0503T", "two kinds"),
            ("0503F-0500F", "before its first"),
        ];
        for (text, want) in table {
            let error = CodeRange::parse(text).unwrap_err();
            assert!(error.message().contains(want), "{text}: {error}");
        }
    }
}
