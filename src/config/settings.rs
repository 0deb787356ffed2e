//! Settings: the configuration after every layer was merged and checked. No I/O happens after this.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::threshold::Threshold;
use crate::config::waivers::Waiver;
use crate::config::words::PhiWord;
use crate::lint::{Knowledge, OptionValue};
use crate::model::{Date, Phi, RuleId, Severity};
use crate::report::Format;

pub use crate::input::{Encoding, InputSettings};

/// Everything that shapes a run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How inputs are read.
    pub input: InputSettings,
    /// Which rules run, and how much each weighs: by rule, in the order of the registry.
    pub rules: Vec<RuleSetting>,
    /// Exceptions by input or payer.
    pub overrides: Vec<Override>,
    /// Findings that somebody excuses for a time.
    pub waivers: Vec<Waiver>,
    /// The file of accepted findings.
    pub baseline: Option<PathBuf>,
    /// Code ranges and words, overlaid by the user's.
    pub knowledge: Knowledge,
    /// Whether a claim id means the same claim in every input of the run, or only within one.
    pub claims_span_inputs: bool,
    /// What is written where.
    pub output: OutputSettings,
    /// What makes the exit code 1.
    pub gate: Gate,
    /// Threads, memory, temporary files.
    pub run: RunSettings,
    /// What codes are looked up in.
    pub reference: ReferenceSettings,
    /// What is shown of cells that identify or describe a patient, once their key was read.
    pub phi: Phi,
}

/// What codes are looked up in, and the day that the run is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReferenceSettings {
    /// The folder of compiled editions, where one is named.
    pub directory: Option<PathBuf>,
    /// The day that the run is made for, where one is named.
    pub as_of: Option<Date>,
}

/// One rule's place in a run.
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// Whether the rule runs.
    pub enabled: bool,
    /// How much its findings weigh.
    pub severity: Severity,
    /// Its options as written.
    pub options: BTreeMap<String, OptionValue>,
    /// Where its options were written, for error messages: `claimlint.toml:14`.
    pub origin: String,
}

/// An exception: other severities, or no findings, for some inputs or payers.
#[derive(Debug, Clone)]
pub struct Override {
    /// Glob patterns, one of which the input's name or path must match; empty for any input.
    pub files: Vec<String>,
    /// Payers, one of which the line must name, compared without case; empty for any payer.
    pub payers: Vec<String>,
    /// What changes: a severity, or `None` for no findings.
    pub changes: BTreeMap<RuleId, Option<Severity>>,
    /// Where it was written: `claimlint.toml:14`.
    pub origin: String,
}

/// What is written where.
#[derive(Debug, Clone)]
pub struct OutputSettings {
    /// The form of standard output.
    pub format: Format,
    /// Reports in files.
    pub reports: Vec<(Format, PathBuf)>,
    /// Where the numbers of the run go, for node_exporter.
    pub metrics: Option<PathBuf>,
    /// The run directory, where there is to be one.
    pub directory: Option<PathBuf>,
    /// How many findings of each rule a report for people shows.
    pub samples: u64,
    /// Where the claims without an error go, byte for byte.
    pub clean: Option<PathBuf>,
    /// Where the claims with an error go, and what was set aside.
    pub rejected: Option<PathBuf>,
    /// Where the 999 and the 277CA of X12 inputs go.
    pub acks: [Option<PathBuf>; 2],
    /// Whether rejected lines get a column more, for the codes of rules.
    pub reasons: bool,
    /// What is shown of cells that identify or describe a patient.
    pub phi: PhiWord,
    /// The file with the key of their hashes, where one is named.
    pub phi_key_file: Option<PathBuf>,
    /// Findings below this severity are left out of reports and counts.
    pub min_severity: Severity,
}

/// What makes the exit code 1, or 3 for records that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The lightest severity that fails the run; `None` for never.
    pub fail_on: Option<Severity>,
    /// How many findings of that severity and above are let pass, of rules without a threshold of
    /// their own; a share is of the lines.
    pub max_findings: Threshold,
    /// How many records that cannot be read are put up with, where that is limited.
    pub max_rejects: Option<Threshold>,
    /// How many findings of each of these rules are let pass; a share is of the lines it judged.
    pub rules: BTreeMap<RuleId, Threshold>,
    /// Whether 1 is turned into 0.
    pub exit_zero: bool,
}

impl Gate {
    /// A gate that lets nothing pass from a severity up.
    pub fn at(fail_on: Option<Severity>) -> Self {
        let (max_findings, rules) = (Threshold::Count(0), BTreeMap::new());
        Self { fail_on, max_findings, max_rejects: None, rules, exit_zero: false }
    }
}

/// Threads, memory, temporary files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// Worker threads, at least 1.
    pub threads: usize,
    /// What the run may hold in memory, in bytes, apart from a constant for each thread.
    pub memory_limit: u64,
    /// Where unlinked temporary files go.
    pub temp_dir: PathBuf,
    /// How long another run that writes to the same run directory is waited for.
    pub lock_wait: Duration,
}

impl OutputSettings {
    /// Whether any output says of findings whose line they are about and when.
    pub fn says_context(&self) -> bool {
        self.directory.is_some() || self.reports.iter().any(|(format, _)| format.has_context())
    }

    /// Whether any output shows the key columns of the lines it samples.
    pub fn shows_lines(&self) -> bool {
        let files = self.reports.iter().map(|(format, _)| *format);
        files
            .chain([self.format])
            .any(|format| matches!(format, Format::Full | Format::Grouped | Format::Markdown))
    }
}
