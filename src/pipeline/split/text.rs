//! What is added to the bytes of an input: the column for codes, and a line end that is missing.

use std::os::unix::fs::FileExt as _;

use crate::error::{Error, Result};
use crate::input::Source;
use crate::input::bytes::Found;
use crate::input::header::Dialect;
use crate::input::source::Format;
use crate::pipeline::split::targets::SplitPlan;

/// The name of the column for the codes of rules.
pub const REASONS_COLUMN: &str = "claimlint_rules";

/// How an input is written that can be split.
///
/// # Errors
/// It is no delimited text.
pub fn dialect(source: &Source) -> Result<Dialect> {
    match &source.format {
        Format::Text(dialect) => Ok(*dialect),
        _ => Err(Error::incomplete("internal fault: it has no dialect")),
    }
}

/// The bytes of an input up to its first record: a byte order mark, a preamble, the header.
///
/// # Errors
/// They cannot be read again.
pub fn head(source: &Source) -> Result<Vec<u8>> {
    let mut head = vec![0; usize::try_from(source.data_start).unwrap_or(usize::MAX)];
    let file = source.bytes().ok_or_else(|| {
        Error::incomplete(format!("{}: cannot be read a second time", source.name))
    })?;
    let read = file.read_exact_at(&mut head, 0);
    read.map_err(|error| Error::read(&source.name, &error))?;
    Ok(head)
}

/// Sees to it that inputs can share one header, and that a column can be added.
#[derive(Default)]
pub struct Heads {
    first: Option<(String, Dialect, Vec<u8>)>,
    /// The first input that is X12.
    x12: Option<String>,
}

impl Heads {
    /// Looks at the next input, whose header was read.
    ///
    /// # Errors
    /// Its header is not that of the first input where they share outputs, or there is no way to
    /// add a column.
    pub fn look(&mut self, source: &Source, shared: bool, split: &SplitPlan) -> Result<()> {
        let reasons = split.reasons;
        if let Format::X12(..) = source.format {
            return self.look_at_x12(source, shared, reasons);
        }
        if split.acks != [None, None] {
            let error = Error::input("is no X12, which --ack answers").in_place(&source.name);
            return Err(error.with_help("leave out --ack"));
        }
        let dialect = dialect(source)?;
        if reasons {
            can_add_column(source, dialect)?;
        }
        if !shared {
            return Ok(());
        }
        let head = head(source)?;
        if let Some(first) = &self.x12 {
            return Err(mixed(source, first));
        }
        let Some((first, same, begins)) = &self.first else {
            self.first = Some((source.name.clone(), dialect, head));
            return Ok(());
        };
        if *same == dialect && *begins == head {
            return Ok(());
        }
        let what = format!("does not begin with the same bytes as {first}, up to the first record");
        let error = Error::input(what).in_place(&source.name);
        Err(error.with_help("give folders to --clean and --rejected, for a pair of files each"))
    }

    /// Interchanges may follow each other, so inputs of X12 need nothing in common.
    fn look_at_x12(&mut self, source: &Source, shared: bool, reasons: bool) -> Result<()> {
        if reasons {
            let error = Error::input("X12 has no place for a column").in_place(&source.name);
            return Err(error.with_help("leave out --reasons"));
        }
        if let Some((first, ..)) = self.first.as_ref().filter(|_| shared) {
            return Err(mixed(source, first));
        }
        self.x12.get_or_insert_with(|| source.name.clone());
        Ok(())
    }
}

fn mixed(source: &Source, first: &str) -> Error {
    let error = Error::input(format!("is of another format than {first}")).in_place(&source.name);
    error.with_help("give folders to --clean and --rejected, for a pair of files each")
}

fn can_add_column(source: &Source, Dialect { marks, .. }: Dialect) -> Result<()> {
    let error = if source.layout.names.iter().any(|name| name == REASONS_COLUMN) {
        Error::input(format!("has a column {REASONS_COLUMN} already"))
    } else if !marks.quoting && (marks.delimiter == b' ' || marks.delimiter.is_ascii_alphanumeric())
    {
        Error::input("its delimiter stands in the codes of rules")
    } else {
        return Ok(());
    };
    let error = error.in_place(&source.name);
    Err(error.with_help("leave out --reasons; the reports say why each line is rejected"))
}

/// A text of ASCII characters as an input writes it.
pub fn ascii(found: Found, text: &[u8]) -> Vec<u8> {
    match found {
        Found::Utf8 | Found::Windows1252 => text.to_vec(),
        Found::Utf16Le => text.iter().flat_map(|byte| [*byte, 0]).collect(),
        Found::Utf16Be => text.iter().flat_map(|byte| [0, *byte]).collect(),
    }
}

/// The line end with which some bytes of an input end: none, LF, CR LF or CR.
pub fn line_end(found: Found, bytes: &[u8]) -> &'static [u8] {
    let ends: [&'static [u8]; 3] = [b"\r\n", b"\n", b"\r"];
    let ends_with = |end: &&&[u8]| bytes.ends_with(&ascii(found, end));
    ends.iter().find(ends_with).copied().unwrap_or_default()
}

/// A cell that is added to a record, with the delimiter before it.
pub fn cell(dialect: Dialect, text: &str) -> Vec<u8> {
    let delimiter = dialect.marks.delimiter;
    let mut cell = vec![delimiter];
    let in_quotes = text.as_bytes().contains(&delimiter);
    cell.extend(in_quotes.then_some(b'"'));
    cell.extend_from_slice(text.as_bytes());
    cell.extend(in_quotes.then_some(b'"'));
    ascii(dialect.found, &cell)
}
