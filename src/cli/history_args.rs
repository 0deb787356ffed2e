//! The arguments of what looks at runs that were made: baselines, waivers, differences, trends.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::cli::refdata_args::ListFormat;
use crate::report::difference::Change;

/// `claimlint baseline`.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// The commands of `claimlint baseline`.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Accept what a run found: write the fingerprints of its findings into a file
    Create {
        /// The findings: a run directory, or a report of kind ndjson
        #[arg(value_name = "RUN_DIR|FINDINGS", value_hint = ValueHint::AnyPath)]
        findings: PathBuf,
        /// The baseline
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: PathBuf,
        /// Replace a baseline that is there
        #[arg(long)]
        force: bool,
    },
    /// Take out of a baseline what does not occur any more
    Prune {
        /// The baseline
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        baseline: PathBuf,
        /// The findings of a run made with --no-baseline: a run directory, or a report of kind
        /// ndjson
        #[arg(value_name = "RUN_DIR|FINDINGS", value_hint = ValueHint::AnyPath)]
        findings: PathBuf,
    },
    /// Count what a baseline accepts, by rule
    Stats {
        /// The baseline
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        baseline: PathBuf,
        /// For reading, or one JSON document
        #[arg(short = 'f', long, value_name = "FORMAT", default_value = "text")]
        output_format: ListFormat,
    },
}

/// `claimlint waiver`.
#[derive(Debug, Args)]
pub struct WaiverArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: WaiverCommand,
}

/// The commands of `claimlint waiver`.
#[derive(Debug, Subcommand)]
pub enum WaiverCommand {
    /// List the waivers, whether each applies, and for how long
    List(WaiverListArgs),
    /// Say which waivers have expired and are to be deleted; the configuration is not written
    Prune(WaiverListArgs),
}

/// What lists of waivers take.
#[derive(Debug, Args)]
pub struct WaiverListArgs {
    /// The day that they are looked at; today if not set
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// For reading, or one JSON document
    #[arg(short = 'f', long, value_name = "FORMAT", default_value = "text")]
    pub output_format: ListFormat,
}

/// `claimlint diff`.
#[derive(Debug, Args)]
pub struct RunDiffArgs {
    /// The earlier run: a run directory, or a report of kind ndjson
    #[arg(value_name = "OLD", value_hint = ValueHint::AnyPath)]
    pub old: PathBuf,
    /// The later run
    #[arg(value_name = "NEW", value_hint = ValueHint::AnyPath)]
    pub new: PathBuf,
    /// The form of the comparison
    #[arg(short = 'f', long, value_name = "FORMAT", default_value = "text")]
    pub output_format: DiffFormat,
    /// List these findings in place of the comparison, one JSON object on a line
    #[arg(long, value_name = "WHICH", conflicts_with = "output_format")]
    pub list: Option<ChangeWord>,
    /// Exit with 1 if there are any
    #[arg(long, value_name = "WHICH", value_parser = ["new"])]
    pub fail_on: Option<String>,
}

/// The forms of a comparison of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For reading on a terminal
    Text,
    /// One JSON document
    Json,
    /// Markdown
    Markdown,
}

/// What became of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChangeWord {
    /// Only the later run has them
    New,
    /// Only the earlier run has them
    Fixed,
    /// Both have them
    Open,
}

impl ChangeWord {
    /// What the word means.
    pub fn change(self) -> Change {
        match self {
            ChangeWord::New => Change::New,
            ChangeWord::Fixed => Change::Fixed,
            ChangeWord::Open => Change::Open,
        }
    }
}

/// `claimlint trend`.
#[derive(Debug, Args)]
pub struct TrendArgs {
    /// A folder of run directories
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// The page
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
}
