//! The command line as it is typed. What flags mean for a run is in `flags.rs`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::cli::history_args::{BaselineArgs, RunDiffArgs, TrendArgs, WaiverArgs};
use crate::cli::refdata_args::RefdataArgs;
use crate::cli::rule_tests::TestArgs;

pub use crate::cli::choices::{LogFormat, ProgressKind, When};
use crate::config::raw::{
    EncodingWord, FailOnWord, InputFormatWord, OutputFormatWord, PhiWord, SeverityWord,
};

/// Checks medical claim exports (CSV) and says which claims a payer would reject, and why.
#[derive(Debug, Parser)]
#[command(name = "claimlint", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
}

const AFTER_HELP: &str = "\
Exit codes: 0 clean; 1 findings reached --fail-on; 2 did not run; 3 incomplete; 130/143 interrupted.
Settings: flag, then environment, --config, ./claimlint.toml, the user's and the system's file.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check claim exports, write reports, and set the exit code
    Check(Box<CheckArgs>),
    /// Explain a rule: what it checks, why it matters, its options, and how to fix a finding
    Rule(RuleArgs),
    /// List the rules in force under this configuration, and where each setting came from
    Rules(RulesArgs),
    /// Run the tests that rules of your own carry
    Test(TestArgs),
    /// Show how an export is read: format, columns, a masked sample; checks nothing
    Inspect(InspectArgs),
    /// Write a commented claimlint.toml into the working directory
    Init(InitArgs),
    /// Show the settings in force, or what the keys of the configuration mean
    Config(ConfigArgs),
    /// Compare the findings of two runs: new, fixed, still open
    Diff(RunDiffArgs),
    /// Show all runs of a folder on one page
    Trend(TrendArgs),
    /// Write, prune or count a baseline: findings that are accepted
    Baseline(BaselineArgs),
    /// List the waivers of the configuration, and those that have expired
    Waiver(WaiverArgs),
    /// Render the findings of a run directory again, in other forms; checks nothing
    Report(ReportArgs),
    /// Take in published code lists and edits, list or compare what was taken in
    Refdata(RefdataArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global")]
pub struct Global {
    /// A configuration file, or one setting such as 'output.samples=5'; the last one wins
    #[arg(long, global = true, value_name = "FILE|KEY=VALUE", value_hint = ValueHint::FilePath)]
    pub config: Vec<String>,
    /// A file with rules of your own, or a folder of them; may be repeated
    #[arg(long, global = true, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub rules: Vec<String>,
    /// Ignore every configuration file
    #[arg(long, global = true)]
    pub isolated: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// How progress is shown on standard error: a bar, or a line every 30 s
    #[arg(long, global = true, value_name = "HOW", default_value = "auto")]
    pub progress: ProgressKind,
    /// Print no progress and no closing line; twice: print nothing, only set the exit code
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub quiet: u8,
    /// The form of what is said on standard error and in the log file
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Say it in this file as well, and what --quiet keeps back; it is added to
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Of a check, print one line that says how it went, and nothing else when all is well; with
    /// --quiet, print it only when all is not well
    #[arg(long, global = true)]
    pub summary_line: bool,
}

/// `claimlint check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files, directories or globs of claim exports; - for standard input
    #[arg(required = true, value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<String>,
    /// What shapes the run.
    #[command(flatten)]
    pub run: RunFlags,
}

/// All flags that settings can come from.
#[derive(Debug, Default, Args)]
pub struct RunFlags {
    /// How inputs are read.
    #[command(flatten)]
    pub input: InputFlags,
    /// Which rules run.
    #[command(flatten)]
    pub rules: RuleFlags,
    /// What excuses findings.
    #[command(flatten)]
    pub suppress: SuppressFlags,
    /// What is written where.
    #[command(flatten)]
    pub output: OutputFlags,
    /// Threads, memory and temporary files.
    #[command(flatten)]
    pub limits: LimitFlags,
}

/// How inputs are read.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct InputFlags {
    /// The form of the exports; found out from the first lines if not given
    #[arg(long, value_name = "FORMAT",
          value_parser = PossibleValuesParser::new(InputFormatWord::WORDS))]
    pub format: Option<String>,
    /// The character between cells: , ; | \t, or comma, semicolon, pipe, tab
    #[arg(long, value_name = "C", allow_hyphen_values = true)]
    pub delimiter: Option<String>,
    /// The encoding of the exports
    #[arg(long, value_name = "ENCODING",
          value_parser = PossibleValuesParser::new(EncodingWord::WORDS))]
    pub encoding: Option<String>,
    /// Take " for an ordinary character
    #[arg(long)]
    pub no_quoting: bool,
    /// Lines to skip before the header
    #[arg(long, value_name = "N")]
    pub skip_rows: Option<u64>,
    /// What the exports are like: the name of a built-in layout, a TOML file, or none; found out
    /// from the header if not given
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub layout: Option<String>,
    /// The columns that make a claim, where its number is not enough: claim_id,data_source
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub claim_key: Vec<String>,
    /// How dates are written where they do not tell: service_date=mdy (dmy, iso, yyyymmdd,
    /// dd-mon-yyyy); repeat for further fields
    #[arg(long, value_name = "FIELD=FORMAT")]
    pub date_format: Vec<String>,
    /// Which column holds a field: claim_id='Claim No'; repeat for further columns
    #[arg(long, value_name = "FIELD=COLUMN")]
    pub map: Vec<String>,
    /// Accept an export without service lines
    #[arg(long)]
    pub allow_empty: bool,
    /// Check only the first N records of each export
    #[arg(long, value_name = "N")]
    pub limit_lines: Option<u64>,
    /// Pass over files that were changed less than this ago, such as 90s or 5m
    #[arg(long, value_name = "TIME")]
    pub min_age: Option<String>,
}

/// Which rules run.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleFlags {
    /// Run these rules only: codes, prefixes of codes, names, categories or ALL
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Run these rules as well
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub extend_select: Vec<String>,
    /// Do not run these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// The set of defaults: default, strict or practical
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Run only rules of at least this severity
    #[arg(long, value_name = "LEVEL",
          value_parser = PossibleValuesParser::new(SeverityWord::WORDS))]
    pub min_severity: Option<String>,
    /// The day that the run is made for: later services are in the future; today if not set
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// The folder of compiled reference data, which `claimlint refdata import` fills
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub refdata: Option<String>,
}

/// What excuses findings.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Suppress")]
pub struct SuppressFlags {
    /// A file of accepted findings, which `claimlint baseline create` writes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<String>,
    /// Accept no findings, whatever the configuration says
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,
    /// Waive no findings, whatever the configuration says
    #[arg(long)]
    pub ignore_waivers: bool,
}

/// What is written where.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputFlags {
    /// The form of standard output
    #[arg(short = 'f', long, value_name = "FORMAT",
          value_parser = PossibleValuesParser::new(OutputFormatWord::WORDS))]
    pub output_format: Option<String>,
    /// Write a report file as well: html, xlsx, csv, ndjson, parquet, json, sarif, junit, md or
    /// prom; may be repeated
    #[arg(short, long, value_name = "KIND=PATH", value_hint = ValueHint::FilePath)]
    pub report: Vec<String>,
    /// Write all reports and a record of the run into a new directory, which appears when it is
    /// complete
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out_dir: Option<String>,
    /// How many findings of each rule are shown for reading; all are counted
    #[arg(long, value_name = "N")]
    pub samples: Option<u64>,
    /// Write the lines of claims without an error here as well, byte for byte
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub clean: Option<String>,
    /// Write the lines of claims with an error here, and what cannot be read
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub rejected: Option<String>,
    /// Answer X12 inputs: 999 for each transaction set, 277ca for each claim; may be repeated
    #[arg(long, value_name = "KIND=PATH", value_hint = ValueHint::AnyPath)]
    pub ack: Vec<String>,
    /// Add a column to the rejected lines, with the codes of the errors in each
    #[arg(long)]
    pub reasons: bool,
    /// What findings show of cells that belong to patients: nothing, a keyed hash, or the cell
    #[arg(long, value_name = "HOW",
          value_parser = PossibleValuesParser::new(PhiWord::WORDS))]
    pub phi: Option<String>,
    /// The lightest finding that makes the exit code 1
    #[arg(long, value_name = "LEVEL",
          value_parser = PossibleValuesParser::new(FailOnWord::WORDS))]
    pub fail_on: Option<String>,
    /// How many findings of that level are let pass: a number, or a share of the lines
    #[arg(long, value_name = "N|P%")]
    pub max_findings: Option<String>,
    /// How many records that cannot be read are put up with before the exit code is 3
    #[arg(long, value_name = "N|P%")]
    pub max_rejects: Option<String>,
    /// Exit with 0 in place of 1
    #[arg(long)]
    pub exit_zero: bool,
}

/// Threads, memory and temporary files.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Run")]
pub struct LimitFlags {
    /// Worker threads; 0 for as many as the machine runs at once
    #[arg(short = 'j', long, value_name = "N")]
    pub threads: Option<u32>,
    /// What the run may hold in memory, such as 512MiB
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Where temporary files go
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub temp_dir: Option<String>,
    /// How long another run that writes to the same --out-dir is waited for, such as 10m
    #[arg(long, value_name = "TIME")]
    pub lock_wait: Option<String>,
}

/// The forms of a rule's explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RuleFormat {
    /// For reading on a terminal
    Text,
    /// One JSON array
    Json,
    /// Markdown
    Markdown,
}

/// `claimlint rule`.
#[derive(Debug, Args)]
pub struct RuleArgs {
    /// The rule's code or name
    #[arg(value_name = "CODE", required_unless_present = "all")]
    pub code: Option<String>,
    /// Explain every rule
    #[arg(long, conflicts_with = "code")]
    pub all: bool,
    /// The form of the explanation
    #[arg(short = 'f', long, value_name = "FORMAT", default_value = "text")]
    pub output_format: RuleFormat,
}

/// `claimlint rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Which rules run.
    #[command(flatten)]
    pub rules: RuleFlags,
}

/// `claimlint report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The directory that `claimlint check --out-dir` wrote
    #[arg(value_name = "RUN_DIR", value_hint = ValueHint::DirPath)]
    pub run_dir: PathBuf,
    /// Write a report file, as with `claimlint check`; may be repeated
    #[arg(short, long, value_name = "KIND=PATH", value_hint = ValueHint::FilePath,
          required_unless_present = "output_format")]
    pub report: Vec<String>,
    /// Write to standard output as well, in this form
    #[arg(short = 'f', long, value_name = "FORMAT",
          value_parser = PossibleValuesParser::new(OutputFormatWord::WORDS))]
    pub output_format: Option<String>,
    /// How many findings of each rule are shown for reading
    #[arg(long, value_name = "N")]
    pub samples: Option<u64>,
}

/// `claimlint inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The export to look at; - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: String,
    /// How it is read.
    #[command(flatten)]
    pub flags: InputFlags,
}

/// `claimlint init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// An export whose header the columns are guessed from
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
}

/// `claimlint config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// The commands of `claimlint config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show the settings in force, each with where it was written
    Show(Box<RunFlags>),
    /// Print the JSON Schema of claimlint.toml
    Schema,
    /// Say what a key means: its type, its values, its default
    Explain {
        /// The key, such as input.delimiter; every key if not given
        key: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_words_of_flags_are_those_of_reports() {
        let names = crate::report::Format::STDOUT.map(|(name, _)| name);
        assert_eq!(names, OutputFormatWord::WORDS);
    }
}
