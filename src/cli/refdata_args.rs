//! `claimlint refdata` as it is typed.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::cli::args::InputFlags;
use crate::reference::Kind;

/// `claimlint refdata`.
#[derive(Debug, Args)]
pub struct RefdataArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RefdataCommand,
}

/// The commands of `claimlint refdata`.
#[derive(Debug, Subcommand)]
pub enum RefdataCommand {
    /// Take in published files of code lists and edits, each as an edition with its dates
    #[command(after_help = AFTER_IMPORT)]
    Import(ImportArgs),
    /// List the editions, the dates they cover, and the files they were made of
    List(ListArgs),
    /// Compare two editions of a kind, and say what the change means for your lines
    #[command(after_help = AFTER_DIFF)]
    Diff(Box<DiffArgs>),
}

const AFTER_DIFF: &str = "\
Exit codes: 0 whatever the difference; 2 an edition or export that cannot be read; 3 incomplete.";

const AFTER_IMPORT: &str = "\
Exit codes: 0 every row was taken in; 1 some rows were not, and are named; 2 a file was refused.";

/// Where editions lie.
#[derive(Debug, Args)]
pub struct Directory {
    /// The folder of the editions; else $CLAIMLINT_REFDATA, else claimlint/refdata in the user's
    /// data folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub refdata: Option<PathBuf>,
}

/// `claimlint refdata import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Published files: text, CSV or .xlsx; text may be packed as .gz
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// What the files hold; found from what is in them if not given
    #[arg(long, value_name = "KIND",
          value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::name)))]
    pub kind: Option<String>,
    /// What to call the edition, such as 2026-Q3; by the file's name if not given
    #[arg(long, value_name = "NAME")]
    pub edition: Option<String>,
    /// The first and the last service date that the edition is for
    #[arg(long, value_name = "FROM..TO")]
    pub effective: Option<String>,
    /// Where editions lie.
    #[command(flatten)]
    pub directory: Directory,
}

/// `claimlint refdata list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Where editions lie.
    #[command(flatten)]
    pub directory: Directory,
    /// The form of the list
    #[arg(short = 'f', long, value_name = "FORMAT", default_value = "text")]
    pub output_format: ListFormat,
}

/// `claimlint refdata diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The edition before: KIND@EDITION as `refdata list` names it, or the path of a .clref file
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    pub before: String,
    /// The edition after, of the same kind
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    pub after: String,
    /// Claim exports: say which of their lines each edition alone finds fault with
    #[arg(long, value_name = "EXPORT", num_args = 1.., value_hint = ValueHint::AnyPath)]
    pub against: Vec<String>,
    /// Where editions lie.
    #[command(flatten)]
    pub directory: Directory,
    /// The form of the comparison
    #[arg(short = 'f', long, value_name = "FORMAT", default_value = "text")]
    pub output_format: ListFormat,
    /// How exports are read.
    #[command(flatten)]
    pub input: InputFlags,
}

/// The forms of the list, and of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For reading on a terminal
    Text,
    /// For programs
    Json,
}
