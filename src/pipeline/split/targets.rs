//! Where the two parts of a split go.

use std::path::{Path, PathBuf};

use crate::config::settings::{OutputSettings, Settings};
use crate::error::{Error, Result};
use crate::input::source::Origin;
use crate::report::Out;

/// How the inputs of a run are split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitPlan {
    /// Whether the rejected part has a column more, for the codes of rules.
    pub reasons: bool,
    /// The paths of the clean and of the rejected part, where they are wanted: one pair for all
    /// inputs, or one for each.
    pub pairs: Vec<(Option<PathBuf>, Option<PathBuf>)>,
    /// The path of the 999 and of the 277CA, where they are wanted.
    pub acks: [Option<PathBuf>; 2],
}

impl SplitPlan {
    /// What the settings say of the split, if there is to be one.
    ///
    /// # Errors
    /// Settings that contradict each other.
    pub fn new(settings: &Settings, origins: &[Origin]) -> Result<Option<SplitPlan>> {
        let OutputSettings { clean, rejected, reasons, .. } = &settings.output;
        if *reasons && rejected.is_none() {
            return Err(Error::settings("--reasons adds a column to the rejected lines")
                .with_help("say where they go with --rejected"));
        }
        let acks = settings.output.acks.clone();
        if clean.is_none() && rejected.is_none() && acks == [None, None] {
            return Ok(None);
        }
        if settings.input.limit_lines.is_some() {
            let error = Error::settings("--limit-lines leaves claims unchecked");
            return Err(error.with_help("drop it to split the whole export"));
        }
        let folders = [clean, rejected].into_iter().flatten().filter(|path| path.is_dir());
        let pairs = match (folders.count(), clean, rejected) {
            (0, ..) => vec![(clean.clone(), rejected.clone())],
            (1, Some(_), Some(_)) => {
                let error = Error::settings("of --clean and --rejected only one is a folder");
                return Err(error.with_help("name two files, or two folders"));
            }
            _ => in_folders(clean.as_deref(), rejected.as_deref(), origins)?,
        };
        Ok(Some(SplitPlan { reasons: *reasons, pairs, acks }))
    }

    /// All paths.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let both = self.pairs.iter().flat_map(|(clean, rejected)| [clean, rejected]);
        both.chain(&self.acks).flatten().map(PathBuf::as_path)
    }
}

/// Each part is a file that stays open to the end of the run.
const INPUTS_MAX: usize = 100;

/// All files that a run writes: its reports and the parts of the split.
pub fn written<'p>(output: &'p OutputSettings, split: Option<&'p SplitPlan>) -> Vec<&'p Path> {
    let reports = output.reports.iter().map(|(_, path)| path.as_path());
    let metrics = output.metrics.iter().map(PathBuf::as_path);
    reports.chain(metrics).chain(split.into_iter().flat_map(SplitPlan::paths)).collect()
}

/// The paths in two folders: each part has the name of its input.
fn in_folders(
    clean: Option<&Path>,
    rejected: Option<&Path>,
    origins: &[Origin],
) -> Result<Vec<(Option<PathBuf>, Option<PathBuf>)>> {
    if origins.len() > INPUTS_MAX {
        let what = format!("at most {INPUTS_MAX} inputs are split into folders at once");
        return Err(Error::settings(what).with_help("split them in several runs"));
    }
    let name = |origin: &Origin| match origin {
        Origin::Stdin => Ok("stdin".into()),
        Origin::Path(path) => path.file_name().map(std::ffi::OsStr::to_owned).ok_or_else(|| {
            Error::settings(format!("{}: has no file name to split it under", origin.name()))
        }),
    };
    let pair = |origin| {
        let name = name(origin)?;
        let within = |folder: &Path| folder.join(&name);
        Ok((clean.map(within), rejected.map(within)))
    };
    origins.iter().map(pair).collect()
}

/// Everything that a split writes.
#[derive(Default)]
pub struct Targets<'o> {
    /// The parts: one pair for all inputs, or one for each.
    pub pairs: Vec<Pair<'o>>,
    /// The 999.
    pub sets: Option<Out<'o>>,
    /// The 277CA.
    pub claims: Option<Out<'o>>,
}

/// The two parts of a split in the making.
pub struct Pair<'o> {
    /// Claims without an error.
    pub clean: Option<Out<'o>>,
    /// Claims with an error, and what was set aside.
    pub rejected: Option<Out<'o>>,
}

impl<'o> Pair<'o> {
    /// The part for records that are rejected, or for those that are not.
    pub fn part(&mut self, rejected: bool) -> Option<&mut Out<'o>> {
        if rejected { self.rejected.as_mut() } else { self.clean.as_mut() }
    }

    /// Passes on everything that is buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        [&mut self.clean, &mut self.rejected].into_iter().flatten().try_for_each(Out::flush)
    }
}
