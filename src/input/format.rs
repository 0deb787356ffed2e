//! What an input is written in.

use std::fs::File;
use std::os::unix::fs::FileExt;
#[cfg(feature = "polars")]
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::input::bytes::Found;
use crate::input::header::Dialect;
#[cfg(feature = "polars")]
use crate::input::parquet::Table;
use crate::input::settings::{InputFormat, InputSettings};
use crate::input::x12::Separators;

/// What an input is written in.
#[derive(Debug, Clone)]
pub enum Format {
    /// Delimited text.
    Text(Dialect),
    /// X12, in this encoding, parted as its first interchange says.
    X12(Found, Separators),
    /// Parquet.
    #[cfg(feature = "polars")]
    Parquet(Arc<Table>),
}

impl Format {
    /// What parts the cells, as reports call it; nothing where nothing does.
    pub fn delimiter_name(&self) -> String {
        match self {
            Format::Text(dialect) => dialect.delimiter_name(),
            Format::X12(_, separators) => char::from(separators.element).to_string(),
            #[cfg(feature = "polars")]
            Format::Parquet(_) => String::new(),
        }
    }

    /// The encoding, as reports call it.
    pub fn encoding_name(&self) -> &'static str {
        match self {
            Format::Text(dialect) => dialect.found.name(),
            Format::X12(found, _) => found.name(),
            #[cfg(feature = "polars")]
            Format::Parquet(_) => "Parquet",
        }
    }
}

/// Whether a file is Parquet, by how it starts. A delimited file may begin with a column of that
/// name; what follows it is text then.
///
/// # Errors
/// A file that cannot be read.
pub fn is_parquet(file: &File, settings: &InputSettings) -> Result<bool> {
    if !matches!(settings.format, InputFormat::Auto | InputFormat::Parquet) {
        return Ok(false);
    }
    let mut start = [0; 5];
    let read = file.read_at(&mut start, 0);
    let read = read.map_err(|error| Error::input(format!("cannot read: {error}")))?;
    Ok(match start.get(..read) {
        Some(b"PAR1" | b"PARE") => true,
        Some([b'P', b'A', b'R', b'1' | b'E', after]) => {
            *after < b' ' && !matches!(after, b'\t' | b'\r' | b'\n')
        }
        _ => false,
    })
}
