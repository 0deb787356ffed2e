//! Findings that were written before, to other reports: nothing is checked again.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::exchange::found::FindingParts;
use crate::exchange::found::blocks::{BlockReader, BlockWriter};
use crate::exchange::found::slices::Slices;
use crate::exchange::order::Sorter;
use crate::exchange::spool::Spool;
use crate::model::Finding;
use crate::pipeline::limits::Limits;
use crate::pipeline::worklist::Claims;
use crate::pipeline::{pool, render};
use crate::report::again::Findings;
use crate::report::{Sink, Summary};

/// Findings that are put away together; they are of one input.
const TOGETHER: usize = 1024;

/// Reads all findings and hands them to the sinks in the order in which they stand there, which is
/// that of a report. Temporary data goes to `temp_dir`; `span_inputs` is whether claims do.
///
/// # Errors
/// A line that is no finding, temporary data that cannot be kept, a report that cannot be written.
pub fn render_again(
    mut findings: Findings<'_, impl BufRead>,
    summary: Summary,
    limits: &Limits,
    (temp_dir, span_inputs): (&Path, bool),
    sinks: &mut [Box<dyn Sink + '_>],
) -> Result<Summary> {
    let mut spool = Spool::new(limits.spool_bytes, temp_dir);
    let mut some: Vec<Finding> = Vec::with_capacity(TOGETHER);
    while let Some(finding) = findings.take()? {
        let is_other = some.last().is_some_and(|last| last.place.source != finding.place.source);
        if is_other || some.len() >= TOGETHER {
            put(&mut some, &mut spool)?;
        }
        some.push(finding);
    }
    put(&mut some, &mut spool)?;
    let mut summary = summary;
    for (source, controls) in summary.sources.iter_mut().zip(findings.controls()) {
        source.controls = Arc::new(controls);
    }
    let lines = BlockReader::new(spool.read()?)?;
    let none = Sorter::new(limits.sort_bytes, temp_dir).finish();
    let slices = Slices::new(lines, none.read()?, Vec::new(), limits.slice_bytes)?;
    let claims = Claims { span_inputs, budget: limits.sort_bytes, directory: temp_dir };
    render::render(claims, &pool(limits.threads)?, slices, &summary, sinks)?;
    Ok(summary)
}

fn put(some: &mut Vec<Finding>, spool: &mut Spool) -> Result<()> {
    let mut writer = BlockWriter::default();
    for finding in some.iter() {
        writer.put(&FindingParts::from(finding));
    }
    some.clear();
    spool.put(&writer.finish())
}
