//! A report in Markdown, for a wiki, a ticket or a pull request.
//!
//! Whatever comes from data stands in code spans, where nothing is active: no HTML, no link, no
//! image, no mention.

use crate::error::Result;
use crate::model::Finding;
use crate::report::escape::{code_span, cut, prose};
use crate::report::full::extent;
use crate::report::grouped::Samples;
use crate::report::row::InControls;
use crate::report::summary::RuleSummary;
use crate::report::{Out, Sink, Style, Summary, table};

/// How many characters of a value or a message are shown.
const VALUE_COLUMNS: usize = 60;
const MESSAGE_COLUMNS: usize = 200;

/// Writes the verdict, the table of rules, samples, and what was covered.
pub struct Markdown<'a> {
    out: Out<'a>,
    samples: Samples,
}

impl<'a> Markdown<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>, style: Style) -> Self {
        Self { out, samples: Samples::new(style.samples) }
    }
}

impl Sink for Markdown<'_> {
    fn samples(&self) -> u64 {
        self.samples.most()
    }

    fn begin(&mut self, summary: &Summary) -> Result<()> {
        self.out
            .text(&format!("# claimlint report\n\n{}.\n", sentence(&table::verdict(summary))))?;
        if summary.found() > 0 {
            self.out.text(&rules(summary))?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        self.samples.keep(finding, summary, |finding| row(&sample(finding, summary)));
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let is_x12 = !InControls::new(summary).is_empty();
        let rules = table::ranked(summary);
        if !rules.is_empty() {
            self.out.text("\n## Samples\n")?;
        }
        for rule in rules {
            let text = samples(rule, self.samples.of(rule), is_x12);
            self.out.text(&text)?;
        }
        self.out.text(&coverage(summary))?;
        self.out.flush()
    }
}

/// A clause as the beginning of a sentence. The clause is ours and holds no data.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn rules(summary: &Summary) -> String {
    let mut text = String::from("\n## Rules\n\n");
    text.push_str(&row(&table::HEADINGS.map(str::to_owned)));
    let (words, numbers) = (table::WORDS, table::HEADINGS.len() - table::WORDS);
    text.push_str(&format!("|{}{}\n", "---|".repeat(words), "---:|".repeat(numbers)));
    for rule in table::ranked(summary) {
        text.push_str(&row(&table::cells(rule, summary).map(|cell| prose(&cell))));
    }
    text
}

fn samples(rule: &RuleSummary, samples: &[String], is_x12: bool) -> String {
    let mut text = format!("\n### {}: {}\n\n", rule.info.code, prose(rule.info.title));
    let extent = extent(samples.len() as u64, rule.found);
    text.push_str(&format!("{extent}. To fix: {}.\n", prose(rule.info.fix)));
    if !rule.alarmed.is_empty() {
        text.push_str("A mapping alarm stands for findings of this rule.\n");
    }
    if !samples.is_empty() {
        let mut headings =
            vec!["file", "record", "claim", "service line", "field", "value", "message", "fix"];
        headings.extend(CONTROLS.into_iter().filter(|_| is_x12));
        text.push('\n');
        text.push_str(&row(&headings.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()));
        text.push_str(&format!("|{}\n", "---|".repeat(headings.len())));
        text.extend(samples.iter().map(String::as_str));
    }
    text
}

/// The columns that follow where any input is X12.
const CONTROLS: [&str; 2] = ["interchange", "transaction set"];

fn sample(finding: &Finding, summary: &Summary) -> Vec<String> {
    let data = |text: Option<&str>, columns| code_span(&cut(text.unwrap_or_default(), columns));
    let record = match finding.place.record {
        0 => String::new(),
        record => record.to_string(),
    };
    let controls = InControls::new(summary);
    let mut cells = vec![
        code_span(summary.source_name(finding.place.source)),
        record,
        data(finding.claim_id.as_deref(), VALUE_COLUMNS),
        data(finding.service_line.as_deref(), VALUE_COLUMNS),
        finding.field.map_or_else(String::new, |field| code_span(field.name())),
        data(finding.value.as_deref(), VALUE_COLUMNS),
        data(Some(&finding.message), MESSAGE_COLUMNS),
        data(finding.suggestion.as_deref(), VALUE_COLUMNS),
    ];
    if !controls.is_empty() {
        let (interchange, set) = controls.of(finding.place).unwrap_or((None, None));
        cells.extend([interchange, set].map(|number| data(number, VALUE_COLUMNS)));
    }
    cells
}

/// What was read, what could not be looked at, and where every line went.
fn coverage(summary: &Summary) -> String {
    let mut text = String::from("\n## Coverage\n\n");
    for line in table::totals(summary) {
        // Totals name columns and files of the input.
        let (name, rest) = line.split_once(": ").unwrap_or(("", &line));
        text.push_str(&format!("- {name}: {}\n", code_span(rest)));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, canned};

    #[test]
    fn every_row_of_a_table_has_the_columns_of_its_heading() {
        let text = canned::rendered(Format::Markdown);
        let mut columns = None;
        for line in text.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            match columns {
                _ if !line.starts_with('|') => columns = None,
                None => columns = Some(bars),
                Some(columns) => assert_eq!(bars, columns, "{line}"),
            }
        }
    }

    #[test]
    fn html_from_data_stands_in_code_spans_only() {
        let text = canned::rendered(Format::Markdown);
        assert!(text.contains("<img"), "the canned data holds HTML");
        for line in text.lines() {
            // With a fence of one backtick, every second piece is inside a span.
            let outside = line.split('`').step_by(2);
            for piece in outside.filter(|_| !line.contains("``")) {
                assert!(!piece.contains('<') || piece.contains("\\<"), "{line}");
            }
        }
    }

    #[test]
    fn snapshots() {
        insta::assert_snapshot!("markdown", canned::rendered(Format::Markdown));
        let passed = canned::passed();
        insta::assert_snapshot!("passed", canned::render(Format::Markdown, &passed, &[]));
    }
}
