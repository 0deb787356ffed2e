//! The file of a compiled edition: a mark, a version, a header, the table, a checksum.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `CLINTREF` |
//! | 4 | the version of the format |
//! | 4 | the length of the header |
//! | 8 | the length of the table |
//! | | the header, in JSON |
//! | | the table |
//! | 8 | the XXH3 of all that comes before |
//!
//! Numbers have their lowest byte first.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::reference::table::Shape;

const MARK: &[u8; 8] = b"CLINTREF";
/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;
const PREFIX_BYTES: usize = 8 + 4 + 4 + 8;
const CHECKSUM_BYTES: usize = 8;

/// What a file says of its edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The name of the kind.
    pub kind: String,
    /// The name of the edition.
    pub name: String,
    /// The first and the last day that it covers, as `2024-03-01`.
    pub covers: [String; 2],
    /// Whether a code that is not in it does not exist.
    pub is_complete: bool,
    /// What it was made of.
    pub sources: Vec<SourceHeader>,
    /// Entries with a last day.
    pub ended: u64,
    /// How large the parts of the table are.
    pub table: Shape,
}

/// A published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHeader {
    /// Its name.
    pub name: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Its data rows.
    pub rows: u64,
}

/// The bytes of a file with this header and table.
pub fn seal(header: &Header, table: &[u8]) -> Result<Vec<u8>> {
    let unwritable = |_| Error::settings("a header that cannot be written");
    let header = serde_json::to_vec(header).map_err(unwritable)?;
    let length = u32::try_from(header.len()).map_err(|_| Error::settings("too many sources"))?;
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + header.len() + table.len() + CHECKSUM_BYTES);
    bytes.extend_from_slice(MARK);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend((table.len() as u64).to_le_bytes());
    bytes.extend(header);
    bytes.extend_from_slice(table);
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    Ok(bytes)
}

/// The header of a file, and where its table is.
///
/// # Errors
///
/// If the file is none of ours, of another version, cut short or changed.
pub fn open(bytes: &[u8]) -> Result<(Header, Range<usize>)> {
    let rest = bytes.strip_prefix(MARK).ok_or_else(foreign)?;
    let (version, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    match u32::from_le_bytes(*version) {
        VERSION => {}
        version => return Err(other_version(version)),
    }
    let (header_length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (table_length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (rest, checksum) = rest.split_last_chunk().ok_or_else(damaged)?;
    let header_length = u32::from_le_bytes(*header_length) as usize;
    let (header, table) = rest.split_at_checked(header_length).ok_or_else(damaged)?;
    let summed = bytes.get(..bytes.len().saturating_sub(CHECKSUM_BYTES)).unwrap_or_default();
    let is_whole = table.len() as u64 == u64::from_le_bytes(*table_length);
    if !is_whole || xxh3_64(summed) != u64::from_le_bytes(*checksum) {
        return Err(damaged());
    }
    let header = serde_json::from_slice(header).map_err(|_| damaged())?;
    let begin = PREFIX_BYTES + header_length;
    Ok((header, begin..begin + table.len()))
}

/// A file that was not written whole, or was changed since.
pub fn damaged() -> Error {
    Error::settings("is damaged or cut short")
        .with_help("delete the file and import the edition again")
}

fn foreign() -> Error {
    Error::settings("is no edition of reference data")
        .with_help("move the file out of the directory of reference data")
}

fn other_version(version: u32) -> Error {
    let message = format!("has format version {version}, and this program reads {VERSION}");
    Error::settings(message).with_help(if version > VERSION {
        "update claimlint, or import the edition again with this version"
    } else {
        "import the edition again with this version"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::table;

    #[test]
    fn what_is_sealed_is_opened() {
        let (shape, table) = table::compile(&[], false).unwrap();
        let header = Header {
            kind: "hcpcs".to_owned(),
            name: "a".to_owned(),
            covers: ["2024-01-01".to_owned(), "2024-12-31".to_owned()],
            is_complete: true,
            sources: Vec::new(),
            ended: 0,
            table: shape,
        };
        let bytes = seal(&header, &table).unwrap();
        let (opened, place) = open(&bytes).unwrap();
        assert_eq!((opened, &bytes[place]), (header, table.as_slice()));

        let message = |bytes: &[u8]| open(bytes).unwrap_err().message().to_owned();
        assert_eq!(message(b""), "is no edition of reference data");
        assert_eq!(message(&bytes[..bytes.len() - 1]), "is damaged or cut short");
        let mut newer = bytes.clone();
        newer[8] = 2;
        assert_eq!(message(&newer), "has format version 2, and this program reads 1");
    }
}
