//! Findings into text and files. A sink never looks at claims, only at findings and the summary.

pub mod again;
pub mod append;
pub mod baseline;
pub mod breakdown;
pub mod claim;
pub mod concise;
pub mod csv;
pub mod difference;
pub mod escape;
pub mod fingerprint;
pub mod full;
pub mod github;
pub mod grouped;
pub mod html;
pub mod json;
pub mod junit;
pub mod listed;
pub mod markdown;
pub mod metrics;
#[cfg(feature = "polars")]
pub mod parquet;
pub mod publish;
pub mod render;
pub mod row;
pub mod run;
pub mod sarif;
pub mod settle;
pub mod style;
pub mod summary;
pub mod table;
pub mod trend;
pub mod x12;
pub mod xlsx;

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::model::Finding;

pub use breakdown::Breakdown;
pub use claim::ClaimFindings;
pub use render::{Piece, Render};
pub use style::Style;
pub use summary::Summary;

/// The forms a report can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For reading: samples with their lines, the table of rules, the totals.
    Full,
    /// One line for each finding.
    Concise,
    /// Samples gathered under each rule.
    Grouped,
    /// The table of rules and the totals.
    Summary,
    /// One JSON document: findings and summary.
    Json,
    /// One JSON object for each finding.
    Ndjson,
    /// One CSV row for each finding.
    Csv,
    /// Annotations for GitHub workflows.
    Github,
    /// Markdown: the table of rules and samples.
    Markdown,
    /// A workbook: a row for each claim, and what came of rules, payers and providers.
    Xlsx,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit: a test for each rule and input.
    Junit,
    /// One Parquet row for each finding.
    #[cfg(feature = "polars")]
    Parquet,
    /// A page for a browser, in one file.
    Html,
    /// Nothing.
    None,
}

impl Format {
    /// The forms that standard output can take, with the names users type.
    pub const STDOUT: [(&'static str, Format); 11] = [
        ("full", Format::Full),
        ("concise", Format::Concise),
        ("grouped", Format::Grouped),
        ("summary", Format::Summary),
        ("json", Format::Json),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
        ("sarif", Format::Sarif),
        ("junit", Format::Junit),
        ("github", Format::Github),
        ("none", Format::None),
    ];

    /// Whether it says of findings whose line they are about and when.
    pub fn has_context(self) -> bool {
        match self {
            Format::Xlsx => true,
            #[cfg(feature = "polars")]
            Format::Parquet => true,
            Format::Html => true,
            _ => false,
        }
    }

    /// The kinds of report file.
    pub const FILES: [(&'static str, Format); 8 + cfg!(feature = "polars") as usize] = [
        ("json", Format::Json),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
        ("sarif", Format::Sarif),
        ("junit", Format::Junit),
        ("md", Format::Markdown),
        ("xlsx", Format::Xlsx),
        #[cfg(feature = "polars")]
        ("parquet", Format::Parquet),
        ("html", Format::Html),
    ];

    /// Whether it leaves out the totals of the run, which then belong on standard error.
    pub fn lacks_totals(self) -> bool {
        !matches!(self, Format::Full | Format::Grouped | Format::Summary | Format::Markdown)
    }
}

/// Turns findings into one report. Findings come in order: input, record, rule code.
///
/// A sink that lists every finding has a renderer, which is used in all threads, and takes what
/// that made; a sink that shows samples is given findings, and no more than it may show.
pub trait Sink: Send {
    /// Called once, before anything else: where temporary data goes.
    fn keep_in(&mut self, _directory: &Path) {}

    /// Called once, before the first finding.
    fn begin(&mut self, _summary: &Summary) -> Result<()> {
        Ok(())
    }

    /// The part of the sink that turns one finding after the other into bytes.
    fn renderer<'s>(&self, _summary: &'s Summary) -> Option<Box<dyn Render + 's>> {
        None
    }

    /// Called for what the renderer made of some findings, in order.
    fn rendered(&mut self, _piece: &Piece) -> Result<()> {
        Ok(())
    }

    /// How many findings of each rule and severity the sink must be given, the first ones, apart
    /// from those that a mapping alarm stands for. `u64::MAX` is for every finding.
    fn samples(&self) -> u64 {
        u64::MAX
    }

    /// Called for each finding that a sink without a renderer must be given, and perhaps for more.
    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        let mut piece = Piece::default();
        if let Some(renderer) = self.renderer(summary) {
            renderer.render(&finding.view(), &mut piece);
        }
        self.rendered(&piece)
    }

    /// Whether [`Sink::breakdown`] is called.
    fn wants_breakdown(&self) -> bool {
        false
    }

    /// Called once, after the last finding, with what all findings come to by payer, provider and
    /// week.
    fn breakdown(&mut self, _breakdown: &Breakdown) -> Result<()> {
        Ok(())
    }

    /// How many claims the sink must be given, those with the most dollars at risk first.
    fn claims(&self) -> u64 {
        0
    }

    /// Called once before the first of them with how many claims have findings; a record that
    /// belongs to no claim counts as one.
    fn claims_in_all(&mut self, _claims: u64, _summary: &Summary) -> Result<()> {
        Ok(())
    }

    /// Called for each of them after the last finding, in that order.
    fn claim(&mut self, _claim: &ClaimFindings, _summary: &Summary) -> Result<()> {
        Ok(())
    }

    /// Called once, after the last finding. Everything must have reached the operating system
    /// when it returns.
    fn finish(&mut self, summary: &Summary) -> Result<()>;
}

/// Where a sink writes, with the name that its errors carry.
pub struct Out<'a> {
    name: String,
    writer: Box<dyn Write + Send + 'a>,
}

impl<'a> Out<'a> {
    /// A buffered writer under a name: a path, or `standard output`.
    pub fn new(name: impl Into<String>, writer: impl Write + Send + 'a) -> Self {
        let writer = Box::new(std::io::BufWriter::with_capacity(1 << 16, writer));
        Self { name: name.into(), writer }
    }

    /// Writes text.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write_all(bytes).map_err(|error| Error::write(&self.name, &error))
    }

    /// Passes on everything that is buffered.
    pub fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(|error| Error::write(&self.name, &error))
    }
}

/// The sink that renders `format`.
pub fn sink<'a>(format: Format, out: Out<'a>, style: Style) -> Box<dyn Sink + 'a> {
    match format {
        Format::Full => Box::new(full::Full::new(out, style)),
        Format::Concise => Box::new(concise::Concise::new(out, style)),
        Format::Grouped => Box::new(grouped::Grouped::new(out, style)),
        Format::Summary => Box::new(table::SummaryOnly::new(out, style)),
        Format::Json => Box::new(json::Json::new(out)),
        Format::Ndjson => Box::new(json::Ndjson::new(out)),
        Format::Csv => Box::new(csv::Csv::new(out)),
        Format::Github => Box::new(github::Github::new(out)),
        Format::Markdown => Box::new(markdown::Markdown::new(out, style)),
        Format::Xlsx => Box::new(xlsx::Xlsx::new(out)),
        Format::Sarif => Box::new(sarif::Sarif::new(out)),
        Format::Junit => Box::new(junit::Junit::new(out, style)),
        #[cfg(feature = "polars")]
        Format::Parquet => Box::new(parquet::Parquet::new(out)),
        Format::Html => Box::new(html::Html::new(out)),
        Format::None => Box::new(Nothing),
    }
}

/// The sink that renders nothing.
struct Nothing;

impl Sink for Nothing {
    fn samples(&self) -> u64 {
        0
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod canned;
#[cfg(test)]
mod twin;
