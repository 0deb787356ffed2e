//! Inputs that are read more than once.

use std::fs::File;

use crate::error::{Error, Result};
use crate::exchange::spool::temporary_file;
use crate::input::Source;
use crate::input::opened::FileState;
use crate::input::source::{Format, Origin};
use crate::model::visible::visible;
use crate::pipeline::plan::Plan;

/// Opens an input. If it is to be split and cannot be read twice, a copy is kept of it.
pub fn open(plan: &Plan, origin: &Origin) -> Result<Source> {
    let copy = || temporary_file(&plan.temp_dir);
    let copy = plan.split.as_ref().map(|_| &copy as &dyn Fn() -> Result<File>);
    let source = Source::open(origin, &plan.input, plan.limits.input, copy)?;
    match plan.split {
        Some(_) => can_be_split(source),
        None => Ok(source),
    }
}

/// What is split is copied byte for byte, record by record: a record must be one line of one claim.
fn can_be_split(source: Source) -> Result<Source> {
    let layout = &source.layout;
    let why = match &source.format {
        Format::Text(_) if !layout.slots.is_empty() => "its rows hold several service lines",
        Format::Text(_) if !layout.leave_out.is_empty() => "some of its rows are no service lines",
        Format::Text(_) | Format::X12(..) => return Ok(source),
        #[cfg(feature = "polars")]
        Format::Parquet(_) => "it is Parquet",
    };
    let error = Error::input(format!("cannot be split into clean and rejected: {why}"));
    let error = error.with_help(
        "leave out --clean and --rejected, or export delimited text with one service line in a \
         row",
    );
    Err(error.in_place(&visible(&source.name)))
}

/// How an input is read again.
pub struct Again {
    origin: Origin,
    state: Option<FileState>,
    copy: Option<File>,
}

impl Again {
    /// For an input that was opened.
    ///
    /// # Errors
    /// No further file can be opened.
    pub fn of(origin: &Origin, source: &Source) -> Result<Again> {
        Ok(Again { origin: origin.clone(), state: source.state(), copy: source.copy()? })
    }

    /// Opens it from its beginning.
    ///
    /// # Errors
    /// It is not what it was.
    pub fn open(&self, plan: &Plan) -> Result<Source> {
        let name = self.origin.name();
        if let Some(copy) = &self.copy {
            return Source::from_copy(&name, copy, &plan.input, plan.limits.input);
        }
        match plan.open(&self.origin) {
            Ok(source) if source.state() == self.state => Ok(source),
            _ => Err(Source::changed(&name)),
        }
    }
}
