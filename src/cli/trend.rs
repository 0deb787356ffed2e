//! `claimlint trend`: a page of all runs in a folder.

use crate::cli::exit::Exit;
use crate::cli::history_args::TrendArgs;
use crate::cli::log::{self, Level};
use crate::cli::{amounts, signals};
use crate::error::Result;
use crate::report::Out;
use crate::report::publish::ReportFile;
use crate::report::trend;

/// Writes the page.
pub fn trend(args: &TrendArgs) -> Result<Exit> {
    let runs = trend::read(&args.folder)?;
    let page = trend::page(&runs)?;
    let file = ReportFile::create(&args.output)?;
    let temporary = file.temp_path().to_owned();
    signals::guard(&temporary);
    let shown = args.output.display().to_string();
    let mut out = Out::new(shown.clone(), file.writer()?);
    out.text(&page)?;
    out.flush()?;
    drop(out);
    let published = file.publish();
    signals::release(&temporary);
    published?;
    let number = amounts::counted(runs.runs.len() as u64 + runs.earlier, "run");
    log::tell(Level::Info, &format!("{shown}: {number}"));
    for name in &runs.passed_over {
        log::tell(Level::Note, &format!("{name}: no run directory, passed over"));
    }
    Ok(Exit::Clean)
}
