//! `run.json`: what a run was, written last, so that a run directory can be told whole.

use serde::{Deserialize, Serialize};

/// The version of the record.
pub const SCHEMA: &str = "claimlint.run/1";

/// The name of the file.
pub const FILE: &str = "run.json";

/// What a run was: what it read, what it was told, what it wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of the program.
    pub version: String,
    /// When it began, in universal time: `2026-10-31T02:00:00Z`.
    pub started: String,
    /// When it had written its reports.
    pub ended: String,
    /// The time between, in milliseconds.
    pub milliseconds: u64,
    /// How it ended: 0 or 1.
    pub exit_code: u8,
    /// The day that it was made for.
    pub as_of: Option<String>,
    /// Service lines that were checked.
    pub lines: u64,
    /// Claims.
    pub claims: u64,
    /// Whether a claim number means the same claim in every input.
    pub claims_span_inputs: bool,
    /// Findings.
    pub findings: u64,
    /// The inputs, in their order.
    pub inputs: Vec<InputRecord>,
    /// The rules that ran, with a digest of what they were told.
    pub rules: RulesRecord,
    /// The editions of reference data that codes were looked up in.
    pub editions: Vec<EditionRecord>,
    /// The SHA-256 of all settings that shape what is found.
    pub configuration_sha256: String,
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// The files beside this one.
    pub reports: Vec<ReportRecord>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// The name as the user gave it.
    pub name: String,
    /// Its bytes as they lie there; as unpacked where reading stopped before the end.
    pub bytes: u64,
    /// The SHA-256 of them; null where reading stopped before the end.
    pub sha256: Option<String>,
    /// Physical lines, rows or segments.
    pub physical_lines: u64,
    /// Service lines that were checked.
    pub lines: u64,
    /// Records that were set aside.
    pub rejected: u64,
}

/// The rules of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesRecord {
    /// The codes of those that were enabled.
    pub enabled: Vec<String>,
    /// The SHA-256 of their codes, severities and options, and of the overrides.
    pub sha256: String,
}

/// An edition of reference data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionRecord {
    /// What it holds.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The SHA-256 of each file that it was made of.
    pub sha256: Vec<String>,
}

/// A report of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRecord {
    /// Its name in the directory.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// The SHA-256 of them.
    pub sha256: String,
}
