//! The inputs split by claim: every record of a claim with an error, and every record that was set
//! aside, goes to one file, all others to another, byte for byte.
//!
//! Which claims are rejected is known only when everything was judged, so the inputs are read
//! again. What is rejected may be more than memory holds: then they are read several times, each
//! time looking up a part of it, and a bit for each record says what was found so far.

mod again;
mod bits;
mod copying;
mod pass;
mod reasons;
mod rejected;
mod targets;
mod text;

use rayon::ThreadPool;

use crate::error::{Error, Result};
use crate::exchange::spool::Spool;
use crate::exchange::units::Lookup;
use crate::pipeline::account::Account;
use crate::pipeline::plan::Plan;
use crate::report::summary::{SplitPart, SplitSummary};

pub use again::{Again, open};
pub use reasons::Reasons;
pub use rejected::Rejected;
pub use targets::{Pair, SplitPlan, written};
pub use text::{Heads, REASONS_COLUMN};

use copying::Copying;
use pass::Pass;

/// Splits the inputs of a run, all of which were judged.
pub struct Split<'s> {
    /// What is to be checked.
    pub plan: &'s Plan,
    /// The worker threads.
    pub pool: &'s ThreadPool,
    /// The inputs.
    pub inputs: &'s [Again],
    /// What is rejected.
    pub rejected: &'s Rejected,
    /// The account of the run.
    pub account: &'s Account,
}

impl Split<'_> {
    /// Writes every record to where it belongs: to the one pair of outputs, or to that of its input
    /// if there are several. `reasons` gives the codes to add to rejected records, if any.
    ///
    /// # Errors
    /// An input that cannot be read again or is not what it was, an output that cannot be written,
    /// counts that do not add up.
    pub fn write(
        &self,
        pairs: &mut [Pair<'_>],
        mut reasons: Option<Reasons<'_>>,
    ) -> Result<SplitSummary> {
        let budget = self.plan.limits.split_bytes;
        let mut lookups = self.rejected.units.read(budget)?;
        let mut bits = None;
        for _ in 1..self.rejected.units.rounds(budget) {
            bits = Some(self.mark(&lookups.next_lookup()?, bits.as_ref())?);
        }
        let lookup = lookups.next_lookup()?;
        let mut before = bits::Reader::new(bits.as_ref())?;
        let mut summary = SplitSummary::default();
        let mut lines_of_claims = 0;
        let is_shared = pairs.len() == 1;
        for (at, again) in self.inputs.iter().enumerate() {
            let pair = pairs.get_mut(if is_shared { 0 } else { at });
            let pair = pair.ok_or_else(|| Error::incomplete("internal fault: no output"))?;
            let mut source = again.open(self.plan)?;
            let pass = Pass::new(self.plan, at as u32, &source, text::dialect(&source)?, &lookup);
            let mut copying = Copying::new(&source, pair, reasons.as_mut(), at as u32)?;
            copying.head(at == 0 || !is_shared)?;
            let spare = pass.spare(&source);
            crate::pipeline::turns::run(
                self.pool,
                self.plan.limits.threads * crate::pipeline::limits::CHUNKS_AHEAD_PER_THREAD,
                || before.with_next_chunk(&mut source),
                |(chunk, bits)| Ok(pass.pieces(&spare, chunk, bits)),
                |pieces| copying.take(&pieces),
            )?;
            source.verify_unchanged()?;
            let done = copying.finish(source.bytes_read())?;
            self.same_records(at, &done)?;
            lines_of_claims += done.rejected_lines_of_claims;
            summary.head_bytes += done.head_bytes;
            add(&mut summary.clean, &done.clean);
            add(&mut summary.rejected, &done.rejected);
        }
        for pair in pairs {
            pair.flush()?;
        }
        self.add_up(&mut summary, lines_of_claims)?;
        Ok(summary)
    }

    /// Reads the inputs once, and sets the bits of records that are rejected.
    fn mark(&self, lookup: &Lookup, before: Option<&Spool>) -> Result<Spool> {
        let plan = self.plan;
        let mut before = bits::Reader::new(before)?;
        let mut after = Spool::new(plan.limits.sort_bytes, &plan.temp_dir);
        for (at, again) in self.inputs.iter().enumerate() {
            let mut source = again.open(plan)?;
            let pass = Pass::new(plan, at as u32, &source, text::dialect(&source)?, lookup);
            let spare = pass.spare(&source);
            crate::pipeline::turns::run(
                self.pool,
                plan.limits.threads * crate::pipeline::limits::CHUNKS_AHEAD_PER_THREAD,
                || before.with_next_chunk(&mut source),
                |(chunk, bits)| Ok(pass.bits(&spare, chunk, bits)),
                |bits| after.put(&bits.0),
            )?;
            source.verify_unchanged()?;
        }
        Ok(after)
    }

    /// Fails when an input did not turn out to have the records that were judged.
    fn same_records(&self, at: usize, done: &copying::Done) -> Result<()> {
        let judged = self.account.sources.get(at).map(|source| {
            let bytes = source.bytes;
            (source.lines.checked + source.lines.rejected, bytes)
        });
        let bytes = done.head_bytes + done.clean.bytes + done.rejected.bytes;
        if judged == Some((done.clean.lines + done.rejected.lines, bytes)) {
            return Ok(());
        }
        let name = self.account.name(at);
        Err(Error::incomplete(format!("{name}: internal fault: the split does not add up")))
    }

    /// Counts the claims, and fails when the two ways to count lines of rejected claims differ.
    fn add_up(&self, summary: &mut SplitSummary, lines_of_claims: u64) -> Result<()> {
        let Rejected { claims, lines, .. } = self.rejected;
        if lines_of_claims != *lines {
            return Err(Error::incomplete(format!(
                "internal fault: {lines} lines of rejected claims were counted, \
                 and {lines_of_claims} were split off"
            )));
        }
        summary.rejected.claims = *claims;
        summary.clean.claims = self.account.claims.saturating_sub(*claims);
        Ok(())
    }
}

fn add(sum: &mut SplitPart, more: &SplitPart) {
    sum.lines += more.lines;
    sum.bytes += more.bytes;
}
