//! `claimlint inspect`: how an export is read, without checking it.

use std::path::Path;

use crate::cli::args::InspectArgs;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::flags;
use crate::error::{Error, Result};
use crate::model::Field;

/// Shows how an export is read.
pub fn inspect(args: &InspectArgs, context: &Context) -> Result<Exit> {
    let _settings = context.load(flags::input_layer(&args.flags)?)?.settings;
    Err(Error::settings("inspect is not built yet"))
}

/// The columns of an export by field, guessed from its header.
pub fn mapping(_path: &Path, _context: &Context) -> Result<Vec<(Field, Vec<String>)>> {
    Err(Error::settings("init --from is not built yet"))
}
