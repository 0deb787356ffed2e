//! The arguments of what looks at runs that were made: baselines and waivers.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::cli::refdata_args::ListFormat;

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
