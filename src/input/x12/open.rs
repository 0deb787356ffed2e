//! An X12 input recognised, and what is to be said of it at its end.

use crate::error::{Error, Result};
use crate::input::bytes::Feed;
use crate::input::opened::cannot_begin;
use crate::input::settings::{InputFormat, InputSettings};
use crate::input::x12::reader::Reader;
use crate::input::x12::segments::{ISA_BYTES, Separators};
use crate::model::visible::visible;

/// How far an ISA segment is looked for behind blanks.
const BLANKS_MAX: usize = 1 << 10;

/// Whether the input begins with an ISA segment: the blanks before it, and the separators that it
/// says. Reads as much as that takes.
///
/// # Errors
/// An input that must be X12, or begins as X12 does, and whose ISA segment cannot be read.
pub fn recognise(
    feed: &mut Feed,
    text: &mut Vec<u8>,
    settings: &InputSettings,
) -> Result<Option<(usize, Separators)>> {
    let must = settings.format == InputFormat::X12;
    if settings.format == InputFormat::Delimited {
        return Ok(None);
    }
    feed.fill(text, BLANKS_MAX + ISA_BYTES).map_err(|error| cannot_begin(&error))?;
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let blanks = text.iter().take_while(is_blank).count();
    let start = text.get(blanks..).unwrap_or_default();
    let is_isa = match start {
        [b'I', b'S', b'A', mark, ..] => !mark.is_ascii_alphanumeric() && !b" _,;\t".contains(mark),
        _ => false,
    };
    match Separators::of(start) {
        Some(separators) => Ok(Some((blanks, separators))),
        None if is_isa || must => Err(Error::input(
            "the input does not begin with an ISA segment of 106 bytes, as X12 must",
        )
        .with_help("export the interchange again; --format says what an input is if not X12")),
        None => Ok(None),
    }
}

/// What a person should know of how an X12 input ended.
pub fn closing_notes(reader: &Reader) -> Vec<String> {
    let mut notes = Vec::new();
    if reader.open_end() {
        notes.push("no terminator after the last segment; was the interchange cut off?".to_owned());
    }
    if let (others @ 1.., Some(kind)) = (reader.envelope().others.1, first_other(reader)) {
        notes.push(format!("{others} transaction sets are no 837, the first a {kind}"));
    }
    notes
}

/// The number of the first transaction set that is no 837, if there is one.
pub fn first_other(reader: &Reader) -> Option<String> {
    let (kind, count) = &reader.envelope().others;
    let is_number = kind.len() == 3 && kind.iter().all(u8::is_ascii_digit);
    let kind =
        if is_number { String::from_utf8_lossy(kind) } else { "set of no known kind".into() };
    (*count > 0).then(|| visible(&kind).into_owned())
}
