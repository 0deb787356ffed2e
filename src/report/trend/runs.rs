//! The runs of a folder, as their records and summaries say them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::{Cell, Cents};
use crate::report::escape::cut;
use crate::report::run::directory;
use crate::report::run::record::FILE;

/// The file of a run directory that holds the counts of the run.
const SUMMARY_FILE: &str = "summary.json";

/// The counts of a run are some kilobytes; with thousands of inputs, some megabytes.
const SUMMARY_BYTES_MAX: u64 = 256 << 20;

/// A page has no more runs than this: the latest ones.
const RUNS_MAX: usize = 1_000;

/// A folder with more entries than this is not one of runs.
const ENTRIES_MAX: usize = 100_000;

/// How many entries are named that are no runs.
const PASSED_OVER_MAX: usize = 10;

/// How much of a name is shown.
const NAME_COLUMNS_MAX: usize = 60;

/// No amount of money has more characters.
const AMOUNT_BYTES_MAX: usize = 24;

/// A run: what a page says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The name of its directory, made visible.
    pub name: String,
    /// When it ended, in universal time: `2026-10-31 02:00`.
    pub ended: String,
    /// Service lines.
    pub lines: u64,
    /// Claims.
    pub claims: u64,
    /// Claims that are clean.
    pub clean: u64,
    /// Findings: errors, warnings, info.
    pub severities: [u64; 3],
    /// What waivers and the baseline excused.
    pub excused: u64,
    /// The charges of the lines with findings; nothing where there is no column for them.
    pub at_risk: Option<Cents>,
    /// Findings by the code of their rule.
    pub rules: BTreeMap<String, u64>,
}

impl Run {
    /// The day on which it ended.
    pub fn day(&self) -> String {
        self.ended.chars().take(10).collect()
    }
}

/// The runs of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    /// In the order in which they ended; the latest last.
    pub runs: Vec<Run>,
    /// How many earlier ones there are.
    pub earlier: u64,
    /// Directories that are no runs.
    pub passed_over: Vec<String>,
}

#[derive(Deserialize)]
struct Totals {
    summary: Counts,
}

#[derive(Deserialize)]
struct Counts {
    claims: u64,
    clean_claims: u64,
    severities: Severities,
    at_risk: Option<String>,
    #[serde(default)]
    accepted: u64,
    #[serde(default)]
    waived: u64,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Severities {
    error: u64,
    warning: u64,
    info: u64,
}

#[derive(Deserialize)]
struct Rule {
    code: String,
    found: u64,
}

/// Reads the runs of a folder.
///
/// # Errors
/// A folder that cannot be read or holds no run; a run that is not what wrote it.
pub fn read(folder: &Path) -> Result<Runs> {
    let shown = folder.display();
    let failed = |error: io::Error| Error::input(format!("{shown}: cannot read: {error}"));
    let mut runs = Runs::default();
    let mut records = Vec::new();
    for (entry, number) in fs::read_dir(folder).map_err(failed)?.zip(0..) {
        if number > ENTRIES_MAX {
            return Err(Error::input(format!("{shown}: more than {ENTRIES_MAX} entries")));
        }
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        // What is hidden is a run in the making, or its lock.
        if name.starts_with('.') || !path.is_dir() {
            continue;
        }
        if !path.join(FILE).exists() {
            runs.passed_over.push(cut(&name, NAME_COLUMNS_MAX));
            continue;
        }
        let record = directory::read(&path)?;
        records.push((record.ended.clone(), name, path, record));
    }
    records.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let earlier = records.len().saturating_sub(RUNS_MAX);
    runs.earlier = earlier as u64;
    for (ended, name, path, mut record) in records.into_iter().skip(earlier) {
        // The other reports may be large, and nothing is read of them.
        record.reports.retain(|report| report.name == SUMMARY_FILE);
        directory::verify(&path, &record)?;
        let run = run(&path.join(SUMMARY_FILE))?;
        let ended = ended.replace('T', " ").chars().take(16).collect::<String>();
        let (name, ended) = (cut(&name, NAME_COLUMNS_MAX), cut(&ended, 16));
        runs.runs.push(Run { name, ended, lines: record.lines, ..run });
    }
    runs.passed_over.sort();
    if let Some(more) = runs.passed_over.len().checked_sub(PASSED_OVER_MAX).filter(|n| *n > 0) {
        runs.passed_over.truncate(PASSED_OVER_MAX);
        runs.passed_over.push(format!("and {more} more"));
    }
    if runs.runs.is_empty() {
        let error = Error::input(format!("{shown}: no run directory in it"));
        return Err(
            error.with_help("name the folder that `claimlint check -o FOLDER/RUN` wrote to")
        );
    }
    Ok(runs)
}

fn run(path: &Path) -> Result<Run> {
    let shown = path.display();
    let mut text = Vec::new();
    let read = File::open(path).and_then(|f| f.take(SUMMARY_BYTES_MAX).read_to_end(&mut text));
    read.map_err(|error| Error::read(&shown.to_string(), &error))?;
    let Totals { summary } = serde_json::from_slice(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::incomplete(format!("{shown}:{line}:{column}: is no summary of a run"))
    })?;
    let wrong = |what: &str| Error::incomplete(format!("{shown}: {what}: is none"));
    let at_risk = match summary.at_risk.as_deref() {
        None => None,
        Some(text) if text.len() > AMOUNT_BYTES_MAX => return Err(wrong("at_risk")),
        Some(text) => match Cents::parse(text.as_bytes()) {
            Cell::Value(amount) => Some(amount),
            Cell::Missing | Cell::Malformed => return Err(wrong("at_risk")),
        },
    };
    let is_code = |code: &str| code.len() <= 16 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if !summary.rules.iter().all(|rule| is_code(&rule.code)) {
        return Err(wrong("the code of a rule"));
    }
    let Severities { error, warning, info } = summary.severities;
    Ok(Run {
        claims: summary.claims,
        clean: summary.clean_claims,
        severities: [error, warning, info],
        excused: summary.accepted.saturating_add(summary.waived),
        at_risk,
        rules: summary.rules.into_iter().map(|rule| (rule.code, rule.found)).collect(),
        ..Run::default()
    })
}
