//! Annotations for GitHub workflows.

use crate::error::Result;
use crate::model::{Finding, Severity};
use crate::report::escape::{command_property, command_text, counted, digits, visible};
use crate::report::full::{controls, owner};
use crate::report::{Out, Sink, Summary};

/// GitHub shows ten annotations of each kind for a step and drops the others without a word.
const ANNOTATIONS_MAX: u64 = 10;

/// Writes the first findings of each severity as workflow commands, and how many there are.
pub struct Github<'a> {
    out: Out<'a>,
    /// By severity: info, warning, error.
    shown: [u64; Severity::ALL.len()],
}

impl<'a> Github<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out, shown: [0; Severity::ALL.len()] }
    }
}

impl Sink for Github<'_> {
    fn samples(&self) -> u64 {
        ANNOTATIONS_MAX
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        if summary.is_alarmed(finding.rule, finding.place.source) {
            return Ok(());
        }
        let (command, most) = match finding.severity {
            Severity::Error => ("error", ANNOTATIONS_MAX),
            Severity::Warning => ("warning", ANNOTATIONS_MAX),
            // The closing notice is one of the ten.
            Severity::Info => ("notice", ANNOTATIONS_MAX - 1),
        };
        let Some(shown) = self.shown.get_mut(finding.severity as usize) else { return Ok(()) };
        if *shown >= most {
            return Ok(());
        }
        *shown += 1;
        let mut text = format!("::{command} file={}", property(file_of(finding, summary)));
        let controls = controls(finding.place, summary);
        // The lines of X12 are its segments, which GitHub does not show as lines.
        if finding.place.line > 0 && controls.is_none() {
            text.push_str(&format!(",line={}", finding.place.line));
        }
        if let Some(rule) = summary.rule(finding.rule) {
            let title = format!("{} {}", rule.info.code, rule.info.title);
            text.push_str(&format!(",title={}", property(&title)));
        }
        text.push_str(&format!("::{}\n", command_text(&message(finding, controls))));
        self.out.text(&text)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let found = summary.found();
        let shown: u64 = self.shown.iter().sum();
        let lines = counted(summary.lines.services(), "line");
        let mut text = format!("{} in {lines} checked", counted(found, "finding"));
        if shown < found {
            text.push_str(&format!("; {} of {} shown", digits(shown), digits(found)));
            text.push_str(", all are in a report file: --report ndjson=PATH");
        }
        self.out.text(&format!("::notice::{}\n", command_text(&text)))?;
        self.out.flush()
    }
}

fn file_of<'s>(finding: &Finding, summary: &'s Summary) -> &'s str {
    summary.source_name(finding.place.source)
}

fn property(text: &str) -> String {
    command_property(&visible(text))
}

/// What is wrong, where GitHub's view of the file does not show it, and what should stand there.
fn message(finding: &Finding, controls: Option<Vec<String>>) -> String {
    let mut text = visible(&finding.message).into_owned();
    let mut owner = owner(finding);
    owner.extend(controls.into_iter().flatten());
    if !owner.is_empty() {
        text.push_str(&format!(" ({})", owner.join(", ")));
    }
    if let Some(suggestion) = &finding.suggestion {
        text.push_str(&format!("; suggestion: {}", visible(suggestion)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn annotations_are_capped_and_the_cap_is_said() {
        let summary = canned::summary();
        let mut findings = vec![canned::category_two(); 50];
        for (at, finding) in findings.iter_mut().enumerate() {
            finding.severity = Severity::ALL[at % 3];
        }
        let text = canned::render(Format::Github, &summary, &findings);
        for command in ["::error ", "::warning "] {
            assert_eq!(text.matches(command).count(), 10, "{command}");
        }
        assert_eq!(text.matches("::notice").count(), 10);
        assert!(text.contains("29 of "), "{text}");
    }

    #[test]
    fn each_line_is_one_command() {
        let text = canned::rendered(Format::Github);
        for line in text.lines() {
            let starts = ["::error ", "::warning ", "::notice ", "::notice::"];
            assert!(starts.iter().any(|start| line.starts_with(start)), "{line}");
        }
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::rendered(Format::Github));
    }
}
