//! The parts of a split in the making: files that get their names together, or not at all.

use std::path::PathBuf;

use crate::cli::signals;
use crate::error::Result;
use crate::pipeline::split::{Pair, SplitPlan};
use crate::report::Out;
use crate::report::publish::{ReportFile, publish_together};

/// The files of the parts, in pairs. Their temporary names are removed when a signal ends the run.
pub struct Parts(Vec<[Option<ReportFile>; 2]>);

impl Parts {
    /// Creates every file before anything is read: one that cannot be written is told at once.
    pub fn create(split: Option<&SplitPlan>) -> Result<Self> {
        let mut parts = Self(Vec::new());
        for (clean, rejected) in split.into_iter().flat_map(|split| &split.pairs) {
            let mut pair = [None, None];
            for (part, path) in pair.iter_mut().zip([clean, rejected]) {
                let Some(path) = path else { continue };
                let file = ReportFile::create(path)?;
                signals::guard(file.temp_path());
                *part = Some(file);
            }
            parts.0.push(pair);
        }
        Ok(parts)
    }

    /// Where the parts are written.
    pub fn pairs(&self) -> Result<Vec<Pair<'static>>> {
        let out = |file: &Option<ReportFile>| {
            let out = |file: &ReportFile| {
                let name = file.path().display().to_string();
                Ok(Out::new(name, file.writer()?))
            };
            file.as_ref().map(out).transpose()
        };
        let pair = |[clean, rejected]: &[Option<ReportFile>; 2]| {
            Ok(Pair { clean: out(clean)?, rejected: out(rejected)? })
        };
        self.0.iter().map(pair).collect()
    }

    /// Gives all files their names.
    pub fn publish(self) -> Result<()> {
        let files: Vec<ReportFile> = self.0.into_iter().flatten().flatten().collect();
        let temporary: Vec<PathBuf> =
            files.iter().map(|file| file.temp_path().to_owned()).collect();
        signals::undisturbed(&temporary, || publish_together(files))
    }
}
