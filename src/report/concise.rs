//! One line for each finding, for editors, `grep` and `sort`.

use crate::error::Result;
use crate::model::Finding;
use crate::report::escape::{counted, visible};
use crate::report::style::{Ink, Style};
use crate::report::{Out, Sink, Summary};

/// Writes `october.csv:41233:procedure_code: error[CII001] message` for each finding.
pub struct Concise<'a> {
    out: Out<'a>,
    style: Style,
    held_back: u64,
}

impl<'a> Concise<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>, style: Style) -> Self {
        Self { out, style, held_back: 0 }
    }
}

impl Sink for Concise<'_> {
    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        if summary.is_alarmed(finding.rule, finding.place.source) {
            self.held_back += 1;
            return Ok(());
        }
        let file = visible(summary.source_name(finding.place.source));
        // What is not known stays empty, so that a script finds each part at the same colon.
        let record = match finding.place.record {
            0 => String::new(),
            record => record.to_string(),
        };
        let field = finding.field.map_or("", |field| field.name());
        let code = summary.rule(finding.rule).map_or("?", |rule| rule.info.code);
        let label = format!("{}[{code}]", finding.severity.name());
        let label = self.style.paint(Ink::Severity(finding.severity), &label);
        let message = visible(&finding.message);
        self.out.text(&format!("{file}:{record}:{field}: {label} {message}\n"))
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let found = counted(summary.found(), "finding");
        let mut text = format!("{found} in {} checked", counted(summary.lines.checked, "line"));
        if self.held_back > 0 {
            let held_back = counted(self.held_back, "finding");
            text.push_str(&format!("; a mapping alarm stands for {held_back} not listed"));
        }
        self.out.text(&format!("{text}\n"))?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, canned};

    #[test]
    fn each_finding_has_one_line_but_for_those_under_an_alarm() {
        let (summary, findings) = (canned::summary(), canned::findings());
        let alarmed = |finding: &&Finding| summary.is_alarmed(finding.rule, finding.place.source);
        let listed = findings.len() - findings.iter().filter(alarmed).count();
        assert!(listed < findings.len());
        let text = canned::rendered(Format::Concise);
        assert_eq!(text.lines().count(), listed + 1);
        assert!(text.starts_with("october.csv:::") || text.contains("october.csv:41233:"));
    }

    #[test]
    fn snapshot() {
        insta::assert_snapshot!(canned::rendered(Format::Concise));
    }
}
