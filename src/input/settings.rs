//! How the bytes of an input are to be read.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::input::layouts::Layouts;
use crate::model::Field;
use crate::model::date_format::DateFormat;

/// How the bytes of an input are read.
#[derive(Debug, Clone)]
pub struct InputSettings {
    /// What the inputs are written in, where the user said so.
    pub format: InputFormat,
    /// The delimiter, where the user named one (by `--delimiter` or `--format`).
    pub delimiter: Option<u8>,
    /// The encoding.
    pub encoding: Encoding,
    /// Whether `"` quotes cells. False means that it is an ordinary character.
    pub quoting: bool,
    /// Physical lines to skip before the header.
    pub skip_rows: u64,
    /// Header names by field, named by the user: every one must be in the header.
    pub columns: BTreeMap<Field, Vec<String>>,
    /// Header names of columns that no field stands for, which rules of the user's name: compared
    /// as [`crate::model::field::normalize`] has them. An input may lack any of them.
    pub others: Vec<(Field, String)>,
    /// The columns that make a claim, where the user named them: its number first.
    pub claim_key: Option<Vec<String>>,
    /// How dates are written, where the user said so.
    pub date_formats: BTreeMap<Field, DateFormat>,
    /// The layouts that inputs may have.
    pub layouts: Layouts,
    /// Whether an input without service lines is accepted.
    pub allow_empty: bool,
    /// Whether columns without a name are accepted (and never mapped).
    pub allow_unnamed_columns: bool,
    /// Stop after this many records of each input.
    pub limit_lines: Option<u64>,
    /// How long ago a file must have been changed, to be read.
    pub min_age: Duration,
    /// The time by which that was, once the time of the run is known.
    pub settled_before: Option<SystemTime>,
    /// Whether the SHA-256 of each input is wanted.
    pub hash: bool,
}

impl Default for InputSettings {
    fn default() -> Self {
        Self {
            format: InputFormat::Auto,
            delimiter: None,
            encoding: Encoding::Auto,
            quoting: true,
            skip_rows: 0,
            columns: BTreeMap::new(),
            others: Vec::new(),
            claim_key: None,
            date_formats: BTreeMap::new(),
            layouts: Layouts::Unknown,
            allow_empty: false,
            allow_unnamed_columns: false,
            limit_lines: None,
            min_age: Duration::ZERO,
            settled_before: None,
            hash: false,
        }
    }
}

/// What an input is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputFormat {
    /// What its first bytes say.
    #[default]
    Auto,
    /// Delimited text.
    Delimited,
    /// X12.
    X12,
    /// Parquet.
    Parquet,
}

/// The encoding of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, or UTF-16 when a byte order mark says so.
    #[default]
    Auto,
    /// UTF-8.
    Utf8,
    /// Windows code page 1252.
    Windows1252,
    /// UTF-16, little-endian unless a byte order mark says otherwise.
    Utf16,
}
