//! The one sequential step: from the start of a record to its end, reading each byte once.
//!
//! A quote opens a quoted cell only as the first byte of a cell, and closes it only before a
//! delimiter, a line end or the end of the input; `""` inside is one quote. Anything else is a
//! fault, and never a reason to guess. A line ends with LF, CR LF or CR. The slow twin is the `csv`
//! crate, in `tests/`.

#![allow(clippy::indexing_slicing, reason = "hot path; every index was found in the same slice")]

use memchr::{memchr, memchr2, memchr3};

use crate::model::FaultKind;

/// What lies at the start of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A physical line of nothing but spaces and tabs.
    Blank {
        /// Where the next record starts.
        next: usize,
    },
    /// A whole record.
    Record {
        /// One past its last byte, line end excluded.
        end: usize,
        /// Where the next record starts.
        next: usize,
        /// Whether a quoted cell is in it.
        quoted: bool,
        /// Where its second physical line starts, when a quoted cell has a line break.
        second_line: Option<usize>,
    },
    /// A record that cannot be read.
    Fault {
        /// Why.
        kind: FaultKind,
        /// The byte that shows it.
        at: usize,
        /// One past the last byte of its first physical line, and the start of the next line.
        /// Nothing when that line is longer than a record may be: its end is still to be found.
        first_line: Option<(usize, usize)>,
    },
    /// The record goes on past the end of the buffer.
    More,
}

/// How cells are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Between two cells.
    pub delimiter: u8,
    /// Whether `"` quotes.
    pub quoting: bool,
}

/// What was learnt of a record on the way to its end.
#[derive(Default)]
struct Seen {
    quoted: bool,
    second_line: Option<usize>,
}

/// Reads on from `pos`, the start of a record in `buffer`, which must be before its end.
///
/// `last` says that nothing follows the buffer. A record may have `max` bytes; the answer does not
/// depend on how much of the input the buffer holds, only on whether it is `More`.
pub fn step(marks: Marks, buffer: &[u8], pos: usize, last: bool, max: usize) -> Step {
    let input = Input::new(buffer, pos, last, max);
    let may_be_blank = matches!(input.bytes[pos], b' ' | b'\t' | b'\n' | b'\r');
    if let Some(step) = may_be_blank.then(|| blank(marks, &input, pos)).flatten() {
        return step;
    }
    let mut seen = Seen::default();
    let mut at = pos;
    loop {
        let rest = input.bytes.get(at..).unwrap_or_default();
        let found = match marks.quoting {
            true => memchr3(b'"', b'\n', b'\r', rest),
            false => memchr2(b'\n', b'\r', rest),
        };
        let hit = found.map(|offset| at + offset).filter(|hit| *hit <= input.limit);
        let Some(hit) = hit else {
            return match input.ends_in_time() {
                true => record(&seen, input.bytes.len(), input.bytes.len()),
                false => input.short(pos, &seen),
            };
        };
        if input.bytes[hit] != b'"' {
            return match input.after_line_end(hit) {
                Some(next) => record(&seen, hit, next),
                None => Step::More,
            };
        }
        if hit != pos && input.bytes[hit - 1] != marks.delimiter {
            return fault(FaultKind::QuoteInUnquoted, &input, pos, hit, &seen);
        }
        seen.quoted = true;
        match close(marks, &input, hit, &mut seen) {
            Close::At(after) => at = after,
            Close::Text(at) => return fault(FaultKind::TextAfterQuote, &input, pos, at, &seen),
            Close::Never if input.ends_in_time() => {
                return fault(FaultKind::UnclosedQuote, &input, pos, hit, &seen);
            }
            Close::Never => return input.short(pos, &seen),
        }
    }
}

fn record(seen: &Seen, end: usize, next: usize) -> Step {
    Step::Record { end, next, quoted: seen.quoted, second_line: seen.second_line }
}

/// The part of the buffer that decides: the longest record that may be, and a line end after it.
struct Input<'b> {
    bytes: &'b [u8],
    /// Whether nothing follows the bytes.
    last: bool,
    /// Where the line end of the record must begin at the latest.
    limit: usize,
}

impl<'b> Input<'b> {
    fn new(buffer: &'b [u8], pos: usize, last: bool, max: usize) -> Self {
        let limit = pos.saturating_add(max);
        let window = buffer.len().min(limit.saturating_add(2));
        Input { bytes: &buffer[..window], last: last && window == buffer.len(), limit }
    }

    /// Whether more of the input could change the answer.
    fn is_short(&self) -> bool {
        !self.last && self.bytes.len() < self.limit.saturating_add(2)
    }

    /// Whether the input ends within the limit.
    fn ends_in_time(&self) -> bool {
        self.last && self.bytes.len() <= self.limit
    }

    /// Where the line after the line end at `at` starts; nothing when a LF may still follow.
    fn after_line_end(&self, at: usize) -> Option<usize> {
        match (self.bytes[at], self.bytes.get(at + 1)) {
            (b'\r', Some(b'\n')) => Some(at + 2),
            (b'\r', None) if !self.last => None,
            _ => Some(at + 1),
        }
    }

    /// The answer when the record does not end within what can be seen.
    fn short(&self, pos: usize, seen: &Seen) -> Step {
        if self.is_short() {
            return Step::More;
        }
        match seen.second_line {
            // The quote that was opened on the first line is to blame, not the record's length.
            Some(_) => fault(FaultKind::UnclosedQuote, self, pos, pos, seen),
            None => Step::Fault { kind: FaultKind::TooLong, at: pos, first_line: None },
        }
    }
}

/// A fault, with the end of the record's first physical line.
fn fault(kind: FaultKind, input: &Input<'_>, pos: usize, at: usize, seen: &Seen) -> Step {
    let from = if seen.second_line.is_some() { pos } else { at };
    let found = memchr2(b'\n', b'\r', input.bytes.get(from..).unwrap_or_default());
    match found.map(|offset| from + offset).filter(|end| *end <= input.limit) {
        Some(end) => match input.after_line_end(end) {
            Some(next) => Step::Fault { kind, at, first_line: Some((end, next)) },
            None => Step::More,
        },
        None if input.ends_in_time() => {
            let end = input.bytes.len();
            Step::Fault { kind, at, first_line: Some((end, end)) }
        }
        None if input.is_short() => Step::More,
        None => Step::Fault { kind: FaultKind::TooLong, at, first_line: None },
    }
}

/// How a quoted cell ends.
enum Close {
    /// Before a delimiter, a line end or the end of the input; reading goes on here.
    At(usize),
    /// With text after the closing quote, here.
    Text(usize),
    /// Not within the window.
    Never,
}

/// Finds the end of the quoted cell that opens at `open`.
fn close(marks: Marks, input: &Input<'_>, open: usize, seen: &mut Seen) -> Close {
    let mut at = open + 1;
    let end = loop {
        let rest = input.bytes.get(at..).unwrap_or_default();
        let quote = memchr(b'"', rest).map(|offset| at + offset);
        let Some(quote) = quote.filter(|quote| *quote <= input.limit) else {
            note_line_break(input, open, input.bytes.len(), seen);
            return Close::Never;
        };
        match input.bytes.get(quote + 1) {
            Some(b'"') => at = quote + 2,
            None if !input.last => {
                note_line_break(input, open, quote, seen);
                return Close::Never;
            }
            _ => break quote,
        }
    };
    note_line_break(input, open, end, seen);
    match input.bytes.get(end + 1) {
        None | Some(b'\n' | b'\r') => Close::At(end + 1),
        Some(byte) if *byte == marks.delimiter => Close::At(end + 1),
        Some(_) => Close::Text(end + 1),
    }
}

/// Remembers where the record's second physical line starts, if it starts in this cell.
fn note_line_break(input: &Input<'_>, open: usize, end: usize, seen: &mut Seen) {
    if seen.second_line.is_none() {
        let found = memchr2(b'\n', b'\r', &input.bytes[open..end]).map(|offset| open + offset);
        seen.second_line = found.map(|at| input.after_line_end(at).unwrap_or(at + 1));
    }
}

/// A line of spaces and tabs that are not delimiters, if that is what starts here.
fn blank(marks: Marks, input: &Input<'_>, pos: usize) -> Option<Step> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t') && *byte != marks.delimiter;
    let spaces = input.bytes[pos..].iter().take_while(|byte| is_blank(byte)).count();
    let end = pos + spaces;
    match input.bytes.get(end) {
        Some(b'\n' | b'\r') if end <= input.limit => Some(match input.after_line_end(end) {
            Some(next) => Step::Blank { next },
            None => Step::More,
        }),
        None if input.ends_in_time() => Some(Step::Blank { next: end }),
        None if input.is_short() => Some(Step::More),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Marks = Marks { delimiter: b',', quoting: true };

    fn steps(text: &str, max: usize) -> Vec<(Step, String)> {
        let bytes = text.as_bytes();
        let (mut pos, mut all) = (0, Vec::new());
        while pos < bytes.len() {
            let step = step(COMMA, bytes, pos, true, max);
            let (end, next) = match step {
                Step::Blank { next } => (pos, next),
                Step::Record { end, next, .. } => (end, next),
                Step::Fault { first_line: Some(line), .. } => line,
                other => panic!("{other:?}"),
            };
            let line = &bytes[pos..end];
            all.push((step, String::from_utf8_lossy(line).into_owned()));
            pos = next;
        }
        all
    }

    fn kinds(text: &str) -> Vec<Result<String, FaultKind>> {
        let all = steps(text, 1000).into_iter();
        let wanted = all.filter(|(step, _)| !matches!(step, Step::Blank { .. }));
        wanted
            .map(|(step, text)| match step {
                Step::Fault { kind, .. } => Err(kind),
                _ => Ok(text),
            })
            .collect()
    }

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        let want: Vec<_> = ["a,b", "c,d", "e,f", "g"].map(|line| Ok(line.to_owned())).into();
        assert_eq!(kinds("a,b\nc,d\r\ne,f\rg"), want);
        assert_eq!(kinds("a,b\n\n  \nc,d\r\n\r\ne,f\r\rg\n"), want);
    }

    #[test]
    fn quotes_open_cells_and_close_them_or_are_faults() {
        assert_eq!(kinds("\"a\nb\",c\nd\n"), [Ok("\"a\nb\",c".into()), Ok("d".into())]);
        assert_eq!(kinds("\"a\"\"b\",c\n"), [Ok("\"a\"\"b\",c".into())]);
        assert_eq!(kinds("a\"b,c\nd\n"), [Err(FaultKind::QuoteInUnquoted), Ok("d".into())]);
        assert_eq!(kinds("\"a\"b,c\nd\n"), [Err(FaultKind::TextAfterQuote), Ok("d".into())]);
        let unclosed = [Ok("x".into()), Err(FaultKind::UnclosedQuote), Ok("d".into())];
        assert_eq!(kinds("x\n\"a,b\nd\n"), unclosed);
        // Only the line that opened the quote is lost; the innocent quoted line after it is not.
        assert_eq!(
            kinds("a,\"b\nc,\"d,e\"\n"),
            [Err(FaultKind::TextAfterQuote), Ok("c,\"d,e\"".into())]
        );
    }

    #[test]
    fn the_limit_does_not_depend_on_the_buffer() {
        let text = format!("{}\nb\n", "a".repeat(20));
        let long = Step::Fault { kind: FaultKind::TooLong, at: 0, first_line: None };
        assert_eq!(step(COMMA, text.as_bytes(), 0, true, 10), long);
        assert_eq!(step(COMMA, &text.as_bytes()[..12], 0, false, 10), long);
        assert_eq!(step(COMMA, &text.as_bytes()[..11], 0, false, 10), Step::More);
        let quoted = "\"aaa\nbbbbbbbbbb\"\nc\n";
        let unclosed =
            Step::Fault { kind: FaultKind::UnclosedQuote, at: 0, first_line: Some((4, 5)) };
        assert_eq!(step(COMMA, quoted.as_bytes(), 0, true, 10), unclosed);
        assert_eq!(step(COMMA, &quoted.as_bytes()[..12], 0, false, 10), unclosed);
    }

    #[test]
    fn a_cut_at_any_byte_asks_for_more_or_gives_the_same_answer() {
        let text = "a,\"b\r\nc\"\"d\",e\r\n \r\n\"x\"y,z\r\nlast\r";
        let bytes = text.as_bytes();
        let mut pos = 0;
        while pos < bytes.len() {
            let whole = step(COMMA, bytes, pos, true, 100);
            for cut in pos + 1..bytes.len() {
                let part = step(COMMA, &bytes[..cut], pos, false, 100);
                assert!(part == Step::More || part == whole, "{pos} {cut}: {part:?} {whole:?}");
            }
            pos = match whole {
                Step::Blank { next } | Step::Record { next, .. } => next,
                Step::Fault { first_line: Some((_, next)), .. } => next,
                other => panic!("{other:?}"),
            };
        }
    }
}
