//! Published files to editions of reference data.
//!
//! A file is recognised by what is in it; its name only hints at the edition and its dates. Every
//! row from the first data row on is either taken in whole or named as not taken in.

pub mod bytes;
pub mod codes;
pub mod cover;
pub mod dates;
pub mod fixed;
pub mod layout;
pub mod listed;
pub mod ncci;
pub mod parts;
pub mod pprrvu;
pub mod recognise;
pub mod release;
pub mod table;

use std::path::Path;

use crate::error::{Error, Result};
use crate::intake::bytes::File;
use crate::intake::recognise::{Known, beside, recognise};
use crate::intake::release::Release;
use crate::model::Date;
use crate::reference::rows::{Rows, SourceFile};
use crate::reference::{Edition, Kind};

pub use layout::NotTaken;

/// Past this many data rows, a file of which most cannot be taken in is of another kind.
const ROWS_FOR_DOUBT: usize = 50;

/// What is known of a file beside what is in it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The kind; found if not given.
    pub kind: Option<Kind>,
    /// The edition's name; by the file's name if not given.
    pub edition: Option<String>,
    /// The service dates covered, both ends included; by the file if not given.
    pub effective: Option<(Date, Date)>,
    /// The day of import.
    pub today: Date,
}

/// What was taken in of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// What it holds.
    pub edition: Edition,
    /// The rows that could not be taken in, in their order.
    pub not_taken: Vec<NotTaken>,
}

/// Takes a published file in. An error means that nothing could be taken in, and names the file.
pub fn read(path: &Path, asked: &Asked) -> Result<TakenIn> {
    let file = bytes::load(path)?;
    take_in(file, asked).map_err(|error| error.in_place(&path.display().to_string()))
}

fn take_in(file: File, asked: &Asked) -> Result<TakenIn> {
    let File { name, sha256, content } = file;
    let known = Known { name: &name, asked: asked.kind };
    let (form, reader) = recognise(&content, known)?;
    let (rows, mut not_taken) = reader.collect(&content, form);
    let count = count(&rows);
    refuse_most(count, &not_taken, reader.kind())?;
    not_taken.extend(beside(&content, form, known));
    drop(content);
    let release = Release::of_name(&name);
    let covers = cover::covers(&reader, &rows, release, asked)?;
    let edition = Edition {
        kind: reader.kind(),
        name: cover::name(&reader, &name, release, covers, asked)?,
        covers,
        is_complete: reader.kind() != Kind::Pprrvu,
        sources: vec![SourceFile { name, sha256, rows: count as u64 }],
        rows,
    };
    Ok(TakenIn { edition, not_taken })
}

fn count(rows: &Rows) -> usize {
    match rows {
        Rows::Codes(rows) => rows.len(),
        Rows::Pairs(rows) => rows.len(),
        Rows::Limits(rows) => rows.len(),
        Rows::AddOns(rows) => rows.len(),
    }
}

/// An error if no row could be taken in, or so few that the file must be something else.
fn refuse_most(taken: usize, not_taken: &[NotTaken], kind: Kind) -> Result<()> {
    let doubtful = taken + not_taken.len() >= ROWS_FOR_DOUBT && taken < not_taken.len();
    if taken > 0 && !doubtful {
        return Ok(());
    }
    let kind = kind.name();
    let Some(first) = not_taken.first() else {
        return Err(Error::input(format!("has the layout of kind {kind}, but no data row")));
    };
    let all = taken + not_taken.len();
    Err(Error::input(format!(
        "was read as kind {kind}, but {} of {all} data rows cannot be taken in; the first is row \
         {}: {}",
        not_taken.len(),
        first.row,
        first.reason
    ))
    .with_help("if it is of another kind, name it: --kind KIND"))
}
