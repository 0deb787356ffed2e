//! The parts of a split in the making: files that get their names together, or not at all.

use std::path::PathBuf;

use crate::cli::signals;
use crate::error::Result;
use crate::pipeline::split::{Pair, SplitPlan, Targets};
use crate::report::Out;
use crate::report::publish::{ReportFile, publish_together};

/// The files of the parts, in pairs. Their temporary names are removed when a signal ends the run.
pub struct Parts {
    pairs: Vec<[Option<ReportFile>; 2]>,
    /// The 999 and the 277CA.
    acks: [Option<ReportFile>; 2],
}

impl Parts {
    /// Creates every file before anything is read: one that cannot be written is told at once.
    pub fn create(split: Option<&SplitPlan>) -> Result<Self> {
        let mut parts = Self { pairs: Vec::new(), acks: [None, None] };
        let Some(split) = split else { return Ok(parts) };
        for (clean, rejected) in &split.pairs {
            parts.pairs.push([created(clean.as_ref())?, created(rejected.as_ref())?]);
        }
        let [sets, claims] = &split.acks;
        parts.acks = [created(sets.as_ref())?, created(claims.as_ref())?];
        Ok(parts)
    }

    /// Where everything is written.
    pub fn targets(&self) -> Result<Targets<'static>> {
        let pair = |[clean, rejected]: &[Option<ReportFile>; 2]| {
            Ok(Pair { clean: out(clean)?, rejected: out(rejected)? })
        };
        let pairs: Result<Vec<Pair<'static>>> = self.pairs.iter().map(pair).collect();
        let [sets, claims] = &self.acks;
        Ok(Targets { pairs: pairs?, sets: out(sets)?, claims: out(claims)? })
    }

    /// Gives all files their names.
    pub fn publish(self) -> Result<()> {
        let files: Vec<ReportFile> =
            self.pairs.into_iter().flatten().chain(self.acks).flatten().collect();
        let temporary: Vec<PathBuf> =
            files.iter().map(|file| file.temp_path().to_owned()).collect();
        signals::undisturbed(&temporary, || publish_together(files))
    }
}

fn created(path: Option<&PathBuf>) -> Result<Option<ReportFile>> {
    let Some(path) = path else { return Ok(None) };
    let file = ReportFile::create(path)?;
    signals::guard(file.temp_path());
    Ok(Some(file))
}

fn out(file: &Option<ReportFile>) -> Result<Option<Out<'static>>> {
    let out = |file: &ReportFile| Ok(Out::new(file.path().display().to_string(), file.writer()?));
    file.as_ref().map(out).transpose()
}
