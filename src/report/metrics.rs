//! The numbers of a run in the text format of Prometheus, for node_exporter's textfile collector.
//!
//! They are written however a run ends, so that a monitor sees a run that failed, and one that did
//! not take place. Nothing in them is from data: labels are codes of rules and severities.

use std::fmt::Write as _;
use std::time::Duration;

use crate::model::Severity;
use crate::report::Summary;

/// When a run was last completed, kept over runs that were not.
const LAST_SUCCESS: &str = "claimlint_last_success_timestamp_seconds";

/// How a run went.
#[derive(Debug, Clone, Copy)]
pub struct Metrics<'a> {
    /// When it ended, in whole seconds since 1970.
    pub ended: u64,
    /// How long it took.
    pub took: Duration,
    /// Its exit code.
    pub exit: u8,
    /// What it found, if it was completed.
    pub summary: Option<&'a Summary>,
    /// When a run was last completed, as far as the file of the last run says so.
    pub last_success: Option<u64>,
}

impl Metrics<'_> {
    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let last_success = match self.summary {
            Some(_) => Some(self.ended),
            None => self.last_success,
        };
        let milliseconds = self.took.as_millis();
        let took = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
        let gauge = |text: &mut String, name: &str, help: &str, value: &str| {
            head(text, name, help);
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{name} {value}");
        };
        let what = "When the last run ended, in seconds since 1970.";
        gauge(&mut text, "claimlint_last_run_timestamp_seconds", what, &self.ended.to_string());
        if let Some(at) = last_success {
            let what = "When a run was last completed, in seconds since 1970.";
            gauge(&mut text, LAST_SUCCESS, what, &at.to_string());
        }
        let what = "Exit code of the last run.";
        gauge(&mut text, "claimlint_exit_code", what, &self.exit.to_string());
        gauge(&mut text, "claimlint_duration_seconds", "How long the last run took.", &took);
        let Some(summary) = self.summary else { return text };
        let lines = summary.lines.services().to_string();
        gauge(&mut text, "claimlint_lines", "Service lines that were checked.", &lines);
        let claims = summary.claims.to_string();
        gauge(&mut text, "claimlint_claims", "Claims among them.", &claims);
        let clean = summary.clean_claims.to_string();
        gauge(&mut text, "claimlint_clean_claims", "Claims without a finding.", &clean);
        if summary.has_charges {
            let what = "Charges of all lines with a finding.";
            gauge(&mut text, "claimlint_dollars_at_risk", what, &summary.at_risk.to_string());
        }
        findings(&mut text, summary);
        text
    }
}

fn head(text: &mut String, name: &str, help: &str) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
}

/// A line for each rule that ran and each severity that its findings have, or would have.
fn findings(text: &mut String, summary: &Summary) {
    if summary.rules.is_empty() {
        return;
    }
    let name = "claimlint_findings";
    head(text, name, "Findings by rule and severity.");
    for rule in &summary.rules {
        for (severity, found) in Severity::ALL.into_iter().zip(rule.severities) {
            if found > 0 || severity == rule.severity {
                let (code, severity) = (rule.info.code, severity.name());
                let labels = format!("rule=\"{code}\",severity=\"{severity}\"");
                let _ = writeln!(text, "{name}{{{labels}}} {found}");
            }
        }
    }
}

/// When a run was last completed, as an earlier file says.
pub fn last_success(text: &str) -> Option<u64> {
    let mut values = text.lines().filter_map(|line| line.strip_prefix(LAST_SUCCESS));
    values.find_map(|value| value.strip_prefix(' ')?.trim_end().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canned;

    const RUN: Metrics<'_> = Metrics {
        ended: 1_795_329_605,
        took: Duration::from_millis(905),
        exit: 1,
        summary: None,
        last_success: None,
    };

    #[test]
    fn the_last_success_is_kept_over_a_failed_run() {
        let summary = canned::summary();
        let good = Metrics { summary: Some(&summary), ..RUN }.text();
        assert_eq!(last_success(&good), Some(RUN.ended));
        let ended = RUN.ended + 60;
        let failed = Metrics { ended, exit: 3, last_success: last_success(&good), ..RUN }.text();
        assert_eq!(last_success(&failed), Some(RUN.ended));
        assert!(failed.contains("claimlint_last_run_timestamp_seconds 1795329665\n"), "{failed}");
        assert!(failed.contains("claimlint_exit_code 3\n"));
        assert!(!failed.contains("claimlint_lines"), "of a failed run nothing is certain");
        assert_eq!(last_success(&RUN.text()), None);
        for text in ["", "claimlint_last_success_timestamp_seconds x\n", "# HELP \u{0}"] {
            assert_eq!(last_success(text), None);
        }
    }

    #[test]
    fn every_metric_is_described_once_and_findings_add_up() {
        let summary = canned::summary();
        let text = Metrics { summary: Some(&summary), ..RUN }.text();
        let mut described = Vec::new();
        let mut found = 0;
        for line in text.lines() {
            match line.strip_prefix("# TYPE ") {
                Some(named) => described.push(named.strip_suffix(" gauge").unwrap()),
                None if line.starts_with('#') => {}
                None => {
                    let (name, value) = line.rsplit_once(' ').unwrap();
                    let name = name.split('{').next().unwrap();
                    assert_eq!(described.last(), Some(&name));
                    if name == "claimlint_findings" {
                        found += value.parse::<u64>().unwrap();
                    }
                }
            }
        }
        assert_eq!(found, summary.rules.iter().map(|rule| rule.found).sum::<u64>());
        insta::assert_snapshot!(text);
    }
}
