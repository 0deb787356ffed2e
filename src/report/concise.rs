//! One line for each finding, for editors, `grep` and `sort`.

use crate::error::Result;
use crate::model::finding::FindingView;
use crate::report::escape::{counted, visible};
use crate::report::render::{ByRule, Names, Piece, Render};
use crate::report::row::InControls;
use crate::report::style::{Ink, Style};
use crate::report::{Out, Sink, Summary, append};

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
    fn renderer<'s>(&self, summary: &'s Summary) -> Option<Box<dyn Render + 's>> {
        Some(Box::new(Lines::new(summary, self.style)))
    }

    fn rendered(&mut self, piece: &Piece) -> Result<()> {
        self.held_back += piece.held_back;
        self.out.bytes(&piece.bytes)
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let found = counted(summary.found(), "finding");
        let mut text = format!("{found} in {} checked", counted(summary.lines.services(), "line"));
        if self.held_back > 0 {
            let held_back = counted(self.held_back, "finding");
            text.push_str(&format!("; a mapping alarm stands for {held_back} not listed"));
        }
        self.out.text(&format!("{text}\n"))?;
        self.out.flush()
    }
}

/// Writes a line for each finding.
struct Lines {
    /// What stands before the message, and the inputs in which an alarm stands for the rule.
    labels: ByRule<(String, Vec<u32>)>,
    names: Names,
    controls: InControls,
}

impl Lines {
    fn new(summary: &Summary, style: Style) -> Self {
        let labels = ByRule::new(summary, |rule, severity| {
            let code = rule.map_or("?", |rule| rule.info.code);
            let label = format!("{}[{code}]", severity.name());
            let label = style.paint(Ink::Severity(severity), &label);
            (format!(": {label} "), rule.map(|rule| rule.alarmed.clone()).unwrap_or_default())
        });
        let names = Names::new(summary, |name, into| {
            into.extend_from_slice(visible(name).as_bytes());
        });
        Self { labels, names, controls: InControls::new(summary) }
    }
}

impl Render for Lines {
    fn render(&self, finding: &FindingView<'_>, into: &mut Piece) {
        let (label, alarmed) = self.labels.get(finding.rule, finding.severity);
        if alarmed.contains(&finding.place.source) {
            into.held_back += 1;
            return;
        }
        let into = &mut into.bytes;
        into.extend_from_slice(self.names.get(finding.place.source));
        into.push(b':');
        // What is not known stays empty, so that a script finds each part at the same colon.
        if finding.place.record > 0 {
            append::number(finding.place.record, into);
        }
        into.push(b':');
        into.extend_from_slice(finding.field.map_or("", |field| field.name()).as_bytes());
        into.extend_from_slice(label.as_bytes());
        into.extend_from_slice(visible(finding.message).as_bytes());
        if let Some((interchange, set)) = self.controls.of(finding.place) {
            let named = [(" [interchange ", interchange), (" [transaction set ", set)];
            for (name, number) in named {
                for part in number.iter().flat_map(|number| [name, number, "]"]) {
                    into.extend_from_slice(part.as_bytes());
                }
            }
        }
        into.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Finding;
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
