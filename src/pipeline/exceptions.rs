//! Which exceptions and waivers apply where: by input, then by line.

use crate::config::settings::Override;
use crate::error::{Error, Result};
use crate::lint::policy::Exception;
use crate::model::Line;
use crate::pipeline::plan::Plan;

impl Plan {
    /// The exceptions and waivers that apply to an input, one bit each.
    pub fn exceptions_of_input(&self, name: &str) -> u64 {
        let mut bits = 0;
        for (at, (patterns, _)) in self.exceptions.iter().enumerate() {
            bits |= u64::from(is_of_input(patterns, name)) << at;
        }
        bits | self.excuses.of_input(name)
    }

    /// The exceptions and waivers that apply to a line of an input to which these apply.
    pub fn exceptions_of_line(&self, line: Line<'_>, of_input: u64) -> u64 {
        self.checks.policy.exceptions_of(line, of_input) | self.excuses.of_line(line, of_input)
    }
}

/// Whether an input's name or path matches one of the patterns, or there are none.
pub fn is_of_input(patterns: &[glob::Pattern], name: &str) -> bool {
    let file = std::path::Path::new(name).file_name().map(|file| file.to_string_lossy());
    let matches = |pattern: &glob::Pattern| {
        pattern.matches(name) || file.as_ref().is_some_and(|file| pattern.matches(file))
    };
    patterns.is_empty() || patterns.iter().any(matches)
}

/// An exception as rules know it: without the inputs.
pub fn exception(written: &Override) -> Exception {
    let payers = written.payers.iter().map(|payer| payer.trim().to_uppercase().into_bytes());
    Exception { payers: payers.collect(), changes: written.changes.clone() }
}

/// The patterns of input names of each exception, and where it was written.
///
/// # Errors
/// What is no glob.
pub fn patterns(overrides: &[Override]) -> Result<Vec<(Vec<glob::Pattern>, String)>> {
    let parse = |text: &String, origin: &str| {
        glob::Pattern::new(text)
            .map_err(|error| Error::settings(format!("{origin}: not a glob: {}", error.msg)))
    };
    let one = |written: &Override| {
        let patterns: Result<Vec<_>> =
            written.files.iter().map(|text| parse(text, &written.origin)).collect();
        Ok((patterns?, written.origin.clone()))
    };
    overrides.iter().map(one).collect()
}
