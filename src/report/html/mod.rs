//! A page for a browser: one file, which loads nothing and can be read without its script.
//!
//! Whatever comes from data is text of an element, cut to a length, with every character that
//! cannot be seen shown by number. None of it is in an attribute, a link, the style or the script,
//! and which elements there are does not depend on it.

mod charts;
mod coverage;
mod doc;
mod examples;
mod page;
mod policy;
mod provenance;
mod weeks;

use askama::Template as _;

use crate::error::{Error, Result};
use crate::model::Finding;
use crate::report::{Breakdown, Out, Sink, Summary};

use examples::{EXAMPLES_MAX, Examples};
use page::{Page, Room};

/// No page is larger, in bytes.
const PAGE_BYTES_MAX: usize = 5_000_000;

/// What may take room on a page. The first is taken with which the page is not too large; the last
/// always fits, as all else on a page is of a bounded number and length.
const ROOMS: [Room; 5] = [
    Room { example_bytes: 3_000_000, section_columns: 1_500 },
    Room { example_bytes: 1_500_000, section_columns: 1_500 },
    Room { example_bytes: 1_000_000, section_columns: 400 },
    Room { example_bytes: 500_000, section_columns: 100 },
    Room { example_bytes: 0, section_columns: 0 },
];

/// Writes the page at the end of a run.
pub struct Html<'a> {
    out: Out<'a>,
    examples: Examples,
    breakdown: Breakdown,
}

impl<'a> Html<'a> {
    /// A sink into `out`.
    pub fn new(out: Out<'a>) -> Self {
        Self { out, examples: Examples::default(), breakdown: Breakdown::default() }
    }

    fn page(&self, summary: &Summary) -> Result<String> {
        let mut page = String::new();
        for room in ROOMS {
            page.clear();
            let filled = Page::new(summary, &self.breakdown, &self.examples, room);
            let written = filled.render_into(&mut page);
            written.map_err(|error| Error::incomplete(format!("the page: {error}")))?;
            page.push('\n');
            if page.len() < PAGE_BYTES_MAX {
                break;
            }
        }
        Ok(page)
    }
}

impl Sink for Html<'_> {
    fn samples(&self) -> u64 {
        EXAMPLES_MAX
    }

    fn finding(&mut self, finding: &Finding, summary: &Summary) -> Result<()> {
        self.examples.keep(finding, summary);
        Ok(())
    }

    fn wants_breakdown(&self) -> bool {
        true
    }

    fn breakdown(&mut self, breakdown: &Breakdown) -> Result<()> {
        self.breakdown = breakdown.clone();
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> Result<()> {
        let page = self.page(summary)?;
        self.out.text(&page)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
