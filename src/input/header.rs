//! The first lines of an input: encoding, delimiter, header names, and where the data begins.

use crate::error::{Error, Result};
use crate::input::bytes::{Feed, Found};
use crate::input::count::line_ends;
use crate::input::fields::{plain_cells, quoted_cells, unquote};
use crate::input::layout::Layout;
use crate::input::opened::cannot_begin;
use crate::input::settings::InputSettings;
use crate::input::split::{Marks, Step, step};
use crate::input::swallowed::{Shape, swallowed};
use crate::model::cell::trim;

/// The delimiters that are looked for, with the words for them.
pub const DELIMITERS: [(u8, &str); 4] =
    [(b',', "comma"), (b'\t', "tab"), (b'|', "pipe"), (b';', "semicolon")];

/// More columns than this are no claim export.
const COLUMNS_MAX: usize = 4096;
/// A header longer than this is no header.
const HEADER_BYTES_MAX: usize = 1 << 20;
/// How far ahead a header is looked for when the first line cannot be one.
const PREAMBLE_LINES_MAX: usize = 20;

/// How an input turned out to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The encoding.
    pub found: Found,
    /// Delimiter and quoting.
    pub marks: Marks,
}

impl Dialect {
    /// The delimiter as reports call it.
    pub fn delimiter_name(&self) -> String {
        let known = DELIMITERS.iter().find(|(byte, _)| *byte == self.marks.delimiter);
        known.map_or_else(
            || char::from(self.marks.delimiter).to_string(),
            |(_, name)| (*name).into(),
        )
    }
}

/// A header that was read.
pub struct Header {
    /// Delimiter and quoting.
    pub marks: Marks,
    /// The fields that its columns hold.
    pub layout: Layout,
    /// Physical lines before the header.
    pub preamble: u64,
    /// Physical lines of the header.
    pub lines: u64,
    /// Offset in the decoded text of the first byte after the header.
    pub end: usize,
}

/// Reads on until `text` holds the header, and reads that.
pub fn read(feed: &mut Feed, text: &mut Vec<u8>, settings: &InputSettings) -> Result<Header> {
    // What was read already may be all that there is before a failure.
    let mut may_read = text.is_empty() || !feed.is_failing();
    loop {
        if may_read && !feed.ended {
            feed.fill(text, 1 << 16).map_err(|error| cannot_begin(&error))?;
        }
        may_read = true;
        match find(text, feed.ended, settings)? {
            Some(header) => return Ok(header),
            None if text.len() > HEADER_BYTES_MAX => {
                return Err(Error::input("the first line is longer than a header can be")
                    .with_help("is this a claim export with one line for each record?"));
            }
            None => {}
        }
    }
}

/// The header in `text`; nothing when more of the input is needed to tell.
fn find(text: &[u8], last: bool, settings: &InputSettings) -> Result<Option<Header>> {
    let mut pos = 0;
    let mut preamble = 0;
    for _ in 0..settings.skip_rows {
        match line_from(text, pos, last) {
            Some((_, next)) => pos = next,
            None if last => return Err(empty(settings)),
            None => return Ok(None),
        }
        preamble += 1;
    }
    let mut delimiter = settings.delimiter;
    loop {
        let Some((end, next)) = line_from(text, pos, last) else {
            return if last { Err(empty(settings)) } else { Ok(None) };
        };
        let line = text.get(pos..end).unwrap_or_default();
        let separator = match line {
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => Some(*separator),
            _ => None,
        };
        if !trim(line).is_empty() && separator.is_none() {
            break;
        }
        delimiter = delimiter.or(separator);
        preamble += 1;
        pos = next;
    }
    refuse_other_formats(text.get(pos..).unwrap_or_default())?;
    choose(text, pos, last, delimiter, settings, preamble)
}

fn empty(settings: &InputSettings) -> Error {
    let skipped = if settings.skip_rows > 0 { " after the rows that are skipped" } else { "" };
    Error::input(format!("the input is empty{skipped}: it has no header"))
        .with_help("check that the export was written; an empty export is not a clean one")
}

/// The end of the line that starts at `pos`, and the start of the next one.
fn line_from(text: &[u8], pos: usize, last: bool) -> Option<(usize, usize)> {
    let rest = text.get(pos..).filter(|rest| !rest.is_empty())?;
    match memchr::memchr2(b'\n', b'\r', rest) {
        Some(end) => match (rest.get(end), rest.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => Some((pos + end, pos + end + 2)),
            (Some(b'\r'), None) if !last => None,
            _ => Some((pos + end, pos + end + 1)),
        },
        None => last.then_some((text.len(), text.len())),
    }
}

/// One reading of the header line.
struct Reading {
    marks: Marks,
    layout: Layout,
    fields: usize,
    lines: u64,
    next: usize,
}

fn choose(
    text: &[u8],
    pos: usize,
    last: bool,
    delimiter: Option<u8>,
    settings: &InputSettings,
    preamble: u64,
) -> Result<Option<Header>> {
    let candidates: Vec<u8> = match delimiter {
        Some(delimiter) => vec![delimiter],
        None => DELIMITERS.iter().map(|(byte, _)| *byte).collect(),
    };
    let mut best: Option<Reading> = None;
    let mut refused = None;
    for delimiter in candidates {
        let marks = Marks { delimiter, quoting: settings.quoting };
        match read_with(text, pos, last, marks, settings) {
            Ok(None) => return Ok(None),
            Ok(Some(reading)) => {
                let rank = |r: &Reading| (r.fields, r.layout.names.len());
                if best.as_ref().is_none_or(|best| rank(&reading) > rank(best)) {
                    best = Some(reading);
                }
            }
            Err(error) => refused = refused.or(Some((error, width(text, pos, marks)))),
        }
    }
    // A refusal counts when it is about the reading that would have been chosen.
    match (best, refused) {
        (Some(best), Some((_, width))) if best.layout.names.len() >= width => {
            finish(best, preamble)
        }
        (_, Some((error, _))) => Err(error),
        (Some(best), None) if best.layout.names.len() == 1 => {
            Err(one_column(text, pos, last, best.marks, settings))
        }
        (Some(best), None) => finish(best, preamble),
        (None, None) => Ok(None),
    }
}

fn finish(best: Reading, preamble: u64) -> Result<Option<Header>> {
    let Reading { marks, layout, lines, next, .. } = best;
    Ok(Some(Header { marks, layout, preamble, lines, end: next }))
}

fn width(text: &[u8], pos: usize, marks: Marks) -> usize {
    let line = text.get(pos..).unwrap_or_default();
    let end = memchr::memchr2(b'\n', b'\r', line).unwrap_or(line.len());
    quoted_cells(line.get(..end).unwrap_or_default(), marks.delimiter, |_, _, _| {})
}

fn read_with(
    text: &[u8],
    pos: usize,
    last: bool,
    marks: Marks,
    settings: &InputSettings,
) -> Result<Option<Reading>> {
    let (end, next, quoted) = match step(marks, text, pos, last, HEADER_BYTES_MAX) {
        Step::More => return Ok(None),
        Step::Record { end, next, quoted, .. } => (end, next, quoted),
        Step::Blank { .. } | Step::Fault { .. } => {
            return Err(Error::input("the header cannot be read: its quotes do not match")
                .with_help("mend the header; or use --no-quoting where quotes mean nothing"));
        }
    };
    let record = text.get(pos..end).unwrap_or_default();
    if std::str::from_utf8(record).is_err() || record.contains(&0) {
        return Err(Error::input("the header is not valid UTF-8 text")
            .with_help("name the encoding, for example --encoding windows-1252"));
    }
    let mut bounds = Vec::new();
    let note = |_, start, end| bounds.push((start, end));
    let width = match quoted {
        true => quoted_cells(record, marks.delimiter, note),
        false => plain_cells(record, marks.delimiter, note),
    };
    if width > COLUMNS_MAX {
        return Err(Error::input(format!(
            "too many columns: the header has {width}, the limit is {COLUMNS_MAX}"
        )));
    }
    let mut cells = record.to_vec();
    let mut names = Vec::with_capacity(width);
    for (start, end) in bounds {
        let span = match marks.quoting {
            true => unquote(&mut cells, start, end),
            false => crate::model::batch::Span { start: start as u32, len: (end - start) as u32 },
        };
        let from = span.start as usize;
        let cell = trim(cells.get(from..from + span.len as usize).unwrap_or_default());
        names.push(String::from_utf8_lossy(cell).into_owned());
    }
    if names.len() == 1 {
        // One column is never the answer; what is to be said of it is said by `one_column`.
        let layout = Layout { names, ..Layout::default() };
        return Ok(Some(Reading { marks, layout, fields: 0, lines: 1, next }));
    }
    let layout = Layout::of(names, settings)?;
    let shape = Shape::of(&layout, marks);
    if quoted && swallowed(&shape, record, true).is_some() {
        return Err(Error::input("a quote in the header is not closed on its line").with_help(
            "close or remove it: the lines after the header would be taken for a name",
        ));
    }
    let fields = layout.columns.len();
    Ok(Some(Reading { marks, layout, fields, lines: 1 + line_ends(record), next }))
}

/// What to say of a header that is one column wide.
fn one_column(
    text: &[u8],
    pos: usize,
    last: bool,
    marks: Marks,
    settings: &InputSettings,
) -> Error {
    let error = Error::input("the header has only one column");
    let loose = InputSettings { columns: Default::default(), ..settings.clone() };
    let reads = |pos: usize, delimiter: u8| {
        let marks = Marks { delimiter, ..marks };
        text.get(pos)?;
        let reading = read_with(text, pos, last, marks, &loose).ok().flatten()?;
        (reading.fields >= 2).then_some(reading.layout.names.len())
    };
    for (delimiter, name) in DELIMITERS {
        if let Some(width) = reads(pos, delimiter) {
            let shown = char::from(delimiter).escape_default();
            return error.with_help(format!(
                "it has {width} columns when split at the {name}: use --delimiter '{shown}'"
            ));
        }
    }
    let mut at = pos;
    for skipped in 0..PREAMBLE_LINES_MAX as u64 {
        if skipped > 0 && DELIMITERS.iter().any(|(delimiter, _)| reads(at, *delimiter).is_some()) {
            let rows = settings.skip_rows + skipped;
            return error.with_help(format!(
                "line {} looks like the header: use --skip-rows {rows}",
                rows + 1
            ));
        }
        match line_from(text, at, last) {
            Some((_, next)) => at = next,
            None => break,
        }
    }
    error.with_help(
        "name the delimiter with --delimiter C; comma, tab, pipe and semicolon are tried",
    )
}

/// Other formats by their first bytes, so that the message names the cause.
fn refuse_other_formats(start: &[u8]) -> Result<()> {
    let what = match start {
        [0xFD, b'7', b'z', b'X', b'Z', ..] => "packed with xz; unpack it first, with `xz -dc`",
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => {
            "packed with bzip2; unpack it first, with `bzip2 -dc`"
        }
        [b'P', b'K', 3, 4, ..] => "a zip file or a workbook; save it as CSV",
        // A column may be called that; its name ends in text.
        [b'P', b'A', b'R', b'1', after, ..] if *after < b' ' && !b"\t\r\n".contains(after) => {
            "a Parquet file; name it as a file, unpacked, and leave --format out"
        }
        [b'I', b'S', b'A', mark, ..] if !mark.is_ascii_alphanumeric() && *mark != b'_' => {
            "an X12 interchange; leave --format and --delimiter out, or say --format x12"
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16; leave --encoding out, or say utf-16",
        [_, 0, _, 0, ..] | [0, _, 0, _, ..] => {
            "UTF-16 without a byte order mark; use --encoding utf-16"
        }
        _ => return Ok(()),
    };
    Err(Error::input("the input is not delimited text").with_help(format!("it looks like {what}")))
}
