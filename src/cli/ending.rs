//! What is done however a check ends: the numbers for node_exporter, and the one line for a mail.

use std::any::Any;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cli::exit::Exit;
use crate::cli::{amounts, log, metrics, streams};
use crate::error::Result;
use crate::report::Summary;

/// What is known of a run so far.
pub struct Ending {
    /// When it began.
    pub start: Instant,
    /// Where its numbers go.
    pub metrics: Option<PathBuf>,
    /// Whether one line on standard output says how it went.
    pub says_line: bool,
    /// Whether it says so only when all is not well.
    pub is_quiet: bool,
    /// What it found, once all of it was checked.
    pub summary: Option<Summary>,
    /// What failed at the gate, where that is not only the gravest findings.
    pub failures: Vec<String>,
}

impl Ending {
    /// Ends the run.
    pub fn end(self, ended: Result<Result<Exit>, Box<dyn Any + Send>>) -> Result<Exit> {
        let result = match ended {
            Ok(result) => result,
            Err(fault) => {
                self.close(Exit::Incomplete, "internal fault").map_or_else(told, drop);
                resume_unwind(fault);
            }
        };
        match &result {
            Ok(exit) => self.close(*exit, "")?,
            // The first error is the one that ends the run.
            Err(error) => {
                self.close(error.kind().into(), error.message()).map_or_else(told, drop);
            }
        }
        result
    }

    /// Writes the numbers, and says the line.
    fn close(&self, exit: Exit, why: &str) -> Result<()> {
        let took = self.start.elapsed();
        let written = match &self.metrics {
            Some(path) => metrics::write(path, exit, took, self.summary.as_ref()),
            None => Ok(()),
        };
        let (exit, why) = match &written {
            Err(error) if matches!(exit, Exit::Clean | Exit::Findings) => {
                (Exit::from(error.kind()), error.message())
            }
            _ => (exit, why),
        };
        if self.says_line && !(self.is_quiet && exit == Exit::Clean) {
            let line = line(exit, self.summary.as_ref(), &self.failures, why, took);
            streams::print(&format!("{line}\n"))?;
        }
        written
    }
}

fn told(error: crate::error::Error) {
    log::tell_error(&error);
}

/// `claimlint: clean: 12,345 lines, 2,345 claims, 0 findings, 0.9 s`.
fn line(
    exit: Exit,
    summary: Option<&Summary>,
    failures: &[String],
    why: &str,
    took: Duration,
) -> String {
    let completed = summary.filter(|_| matches!(exit, Exit::Clean | Exit::Findings));
    let Some(summary) = completed else {
        let why = crate::model::visible::visible(why);
        return format!("claimlint: FAILED, exit {}: {why}", exit as u8);
    };
    let excused = summary.excused.waived + summary.excused.accepted;
    let word = match exit {
        // A claim that no finding names, but that some rule could not judge, is not clean.
        Exit::Clean if summary.clean_claims == summary.claims && summary.found() == 0 => "clean",
        Exit::Clean => "passed",
        _ => "FAILED",
    };
    let mut text = format!(
        "claimlint: {word}: {}, {}, {}",
        amounts::counted(summary.lines.services(), "line"),
        amounts::counted(summary.claims, "claim"),
        amounts::counted(summary.found(), "finding"),
    );
    let by_severity = amounts::by_severity(summary.severities);
    if !by_severity.is_empty() {
        text.push_str(&format!(" ({})", by_severity.join(", ")));
    }
    if excused > 0 {
        text.push_str(&format!(", {} excused", amounts::count(excused)));
    }
    text.push_str(&format!(", {}", amounts::time(took)));
    for failure in failures {
        text.push_str(&format!("; gate: {failure}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::{Excused, LineCounts};

    #[test]
    fn the_line_says_how_a_run_went() {
        let took = Duration::from_millis(905);
        let lines = LineCounts { checked: 12_345, ..LineCounts::default() };
        let clean = Summary { lines, claims: 2_345, clean_claims: 2_345, ..Summary::default() };
        let said = line(Exit::Clean, Some(&clean), &[], "", took);
        assert_eq!(said, "claimlint: clean: 12,345 lines, 2,345 claims, 0 findings, 0.9 s");
        let found = Summary { severities: [1, 0, 3], ..clean };
        let said = line(Exit::Findings, Some(&found), &["COD002 3, over 2".to_owned()], "", took);
        let start = "12,345 lines, 2,345 claims, 4 findings (3 errors, 1 info), 0.9 s";
        assert_eq!(said, format!("claimlint: FAILED: {start}; gate: COD002 3, over 2"));
        let said = line(Exit::Clean, Some(&found), &[], "", took);
        assert_eq!(said, format!("claimlint: passed: {start}"));
        let excused = Excused { waived: 1, accepted: 2 };
        let nothing = Summary { severities: [0; 3], excused, clean_claims: 2_344, ..found.clone() };
        let said = line(Exit::Clean, Some(&nothing), &[], "", took);
        assert!(
            said.starts_with("claimlint: passed: ") && said.contains(", 3 excused, "),
            "{said}"
        );
        let said = line(Exit::Incomplete, Some(&found), &[], "x.csv: it\u{1b} changed", took);
        assert_eq!(said, "claimlint: FAILED, exit 3: x.csv: it\\u{1b} changed");
    }
}
