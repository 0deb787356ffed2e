//! Inputs that are read more than once.

use std::fs::File;

use crate::error::Result;
use crate::exchange::spool::temporary_file;
use crate::input::Source;
use crate::input::source::{FileState, Origin};
use crate::pipeline::plan::Plan;

/// Opens an input. If it is to be split and cannot be read twice, a copy is kept of it.
pub fn open(plan: &Plan, origin: &Origin) -> Result<Source> {
    let copy = || temporary_file(&plan.temp_dir);
    let copy = plan.split.as_ref().map(|_| &copy as &dyn Fn() -> Result<File>);
    Source::open(origin, &plan.input, plan.limits.input, copy)
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
