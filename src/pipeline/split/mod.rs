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
mod window;
mod x12;

use rayon::ThreadPool;

use crate::error::{Error, Result};
use crate::exchange::spool::Spool;
use crate::exchange::units::Lookup;
use crate::input::Source;
use crate::input::portion::Portion;
use crate::input::source::Format;
use crate::input::x12::Claims;
use crate::pipeline::account::Account;
use crate::pipeline::limits::CHUNKS_AHEAD_PER_THREAD;
use crate::pipeline::plan::Plan;
use crate::pipeline::turns;
use crate::report::summary::SplitSummary;
use crate::report::x12::{ClaimAcks, SetAcks};

pub use again::{Again, open};
pub use reasons::Reasons;
pub use rejected::Rejected;
pub use targets::{Pair, SplitPlan, Targets, written};
pub use text::{Heads, REASONS_COLUMN};

use copying::{Copying, Done};
use pass::Pass;
use x12::{Empty, Planner, Verdicts, Writer};

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
    pub fn write<'o>(
        &self,
        targets: &mut Targets<'o>,
        mut reasons: Option<Reasons<'_>>,
    ) -> Result<SplitSummary> {
        let Targets { pairs, sets, claims } = targets;
        let mut sets = sets.take().map(|out| SetAcks::new(out, self.plan.as_of));
        let mut claims = claims.take().map(|out| ClaimAcks::new(out, self.plan.as_of));
        let budget = self.plan.limits.split_bytes;
        let mut lookups = self.rejected.units.read(budget)?;
        let (mut bits, mut found) = (None, 0);
        for _ in 1..self.rejected.units.rounds(budget) {
            let (marked, of_claims) = self.mark(&lookups.next_lookup()?, bits.as_ref())?;
            bits = Some(marked);
            found += of_claims;
        }
        let lookup = lookups.next_lookup()?;
        let mut before = bits::Reader::new(bits.as_ref())?;
        let mut sum = Sum::default();
        let mut empty = vec![Empty::default(); pairs.len()];
        let is_shared = pairs.len() == 1;
        for (at, again) in self.inputs.iter().enumerate() {
            let number = if is_shared { 0 } else { at };
            let (pair, empty) = (pairs.get_mut(number), empty.get_mut(number));
            let (Some(pair), Some(empty)) = (pair, empty) else {
                return Err(Error::incomplete("internal fault: no output"));
            };
            let source = again.open(self.plan)?;
            let input = (at, again, &lookup);
            let done = match &source.format {
                Format::Text(_) => {
                    let is_first = at == 0 || !is_shared;
                    let reasons = reasons.as_mut();
                    self.write_text(input, source, &mut before, (pair, is_first), reasons)?
                }
                _ => {
                    let acks = (sets.as_mut(), claims.as_mut());
                    self.write_x12(input, source, &mut before, (pair, empty), acks)?
                }
            };
            sum.add(&done);
        }
        for (pair, empty) in pairs.iter_mut().zip(empty) {
            empty.write(pair)?;
            pair.flush()?;
        }
        sets.map_or(Ok(()), |mut sets| sets.finish())?;
        claims.map_or(Ok(()), |mut claims| claims.finish())?;
        self.add_up(sum, found)
    }

    fn ahead(&self) -> usize {
        self.plan.limits.threads * CHUNKS_AHEAD_PER_THREAD
    }

    fn write_text(
        &self,
        (at, _, lookup): (usize, &Again, &Lookup),
        mut source: Source,
        before: &mut bits::Reader<'_>,
        (pair, is_first): (&mut Pair<'_>, bool),
        reasons: Option<&mut Reasons<'_>>,
    ) -> Result<Done> {
        let pass = Pass::new(self.plan, at as u32, &source, text::dialect(&source)?, lookup);
        let mut copying = Copying::new(&source, pair, reasons, at as u32)?;
        copying.head(is_first)?;
        let spare = pass.spare(&source);
        turns::run(
            self.pool,
            self.ahead(),
            || before.with_next_chunk(&mut source),
            |(chunk, bits)| Ok(pass.pieces(&spare, chunk, bits)),
            |pieces| copying.take(&pieces),
        )?;
        source.verify_unchanged()?;
        let done = copying.finish(source.bytes_read())?;
        self.same_records(at, &done)?;
        Ok(done)
    }

    fn write_x12<'o>(
        &self,
        (at, again, lookup): (usize, &Again, &Lookup),
        mut source: Source,
        before: &mut bits::Reader<'_>,
        (pair, empty): (&mut Pair<'o>, &mut Empty),
        (sets, claims): (Option<&mut SetAcks<'o>>, Option<&mut ClaimAcks<'o>>),
    ) -> Result<Done> {
        let plan = self.plan;
        let verdicts = Verdicts::new(plan, at as u32, &source, lookup);
        let mut planner = Planner::new(Spool::new(plan.limits.sort_bytes, &plan.temp_dir), sets);
        turns::run(
            self.pool,
            self.ahead(),
            || before.with_next_claims(&mut source),
            |portion| verdicts.tell(portion),
            |told| planner.take(&told),
        )?;
        source.verify_unchanged()?;
        let (plans, hits) = planner.finish()?;
        let mut source = again.open(plan)?;
        let Format::X12(found, separators) = source.format else {
            return Err(Source::changed(&source.name));
        };
        let mut plans = plans.read()?;
        let mut writer =
            Writer::new(&source, (found, separators), pair, &mut plans, (empty, claims))?;
        while let Some(portion) = source.next_portion()? {
            if let Portion::X12(claims) = portion {
                writer.take(&claims)?;
                source.claims_pool().give(cleared(claims));
            }
        }
        source.verify_unchanged()?;
        let mut done = writer.finish(source.bytes_read())?;
        done.rejected_lines_of_claims = hits;
        self.same_bytes(at, &done)?;
        Ok(done)
    }

    /// Reads the inputs once, and sets the bits of what is rejected. Also says how many lines of
    /// claims of X12 were found.
    fn mark(&self, lookup: &Lookup, before: Option<&Spool>) -> Result<(Spool, u64)> {
        let plan = self.plan;
        let mut before = bits::Reader::new(before)?;
        let mut after = Spool::new(plan.limits.sort_bytes, &plan.temp_dir);
        let mut found = 0;
        for (at, again) in self.inputs.iter().enumerate() {
            let mut source = again.open(plan)?;
            if let Format::Text(dialect) = source.format {
                let pass = Pass::new(plan, at as u32, &source, dialect, lookup);
                let spare = pass.spare(&source);
                turns::run(
                    self.pool,
                    self.ahead(),
                    || before.with_next_chunk(&mut source),
                    |(chunk, bits)| Ok(pass.bits(&spare, chunk, bits)),
                    |bits| after.put(&bits.0),
                )?;
            } else {
                let verdicts = Verdicts::new(plan, at as u32, &source, lookup);
                turns::run(
                    self.pool,
                    self.ahead(),
                    || before.with_next_claims(&mut source),
                    |portion| verdicts.tell(portion),
                    |told| {
                        found += told.hits;
                        after.put(&told.bits.0)
                    },
                )?;
            }
            source.verify_unchanged()?;
        }
        Ok((after, found))
    }

    /// Fails when an input did not turn out to have the records that were judged.
    fn same_records(&self, at: usize, done: &Done) -> Result<()> {
        let judged = self.account.sources.get(at).map(|source| &source.lines);
        if judged.map(|lines| lines.checked + lines.rejected) != Some(done.lines()) {
            return Err(self.fault(at));
        }
        self.same_bytes(at, done)
    }

    /// Fails when not every byte of an input went somewhere.
    fn same_bytes(&self, at: usize, done: &Done) -> Result<()> {
        let bytes = done.head_bytes + done.clean.bytes + done.rejected.bytes;
        let read = self.account.sources.get(at).map(|source| source.bytes);
        if read == Some(bytes) { Ok(()) } else { Err(self.fault(at)) }
    }

    fn fault(&self, at: usize) -> Error {
        let name = self.account.name(at);
        Error::incomplete(format!("{name}: internal fault: the split does not add up"))
    }

    /// Counts the claims, and fails when the two ways to count lines of rejected claims differ.
    fn add_up(&self, sum: Sum, found: u64) -> Result<SplitSummary> {
        let Rejected { claims, lines, .. } = self.rejected;
        let split_off = sum.lines_of_claims + found;
        if split_off != *lines {
            return Err(Error::incomplete(format!(
                "internal fault: {lines} lines of rejected claims were counted, \
                 and {split_off} were split off"
            )));
        }
        let mut summary = sum.summary;
        // Claims of X12 are counted as they are written: of some, no line can be read.
        if sum.is_text {
            summary.rejected.claims = *claims;
            summary.clean.claims = self.account.claims.saturating_sub(*claims);
        }
        Ok(summary)
    }
}

/// What was written of all inputs.
#[derive(Default)]
struct Sum {
    summary: SplitSummary,
    lines_of_claims: u64,
    is_text: bool,
}

impl Sum {
    fn add(&mut self, done: &Done) {
        self.summary.head_bytes += done.head_bytes;
        self.lines_of_claims += done.rejected_lines_of_claims;
        self.is_text |= done.clean.claims + done.rejected.claims == 0;
        for (sum, more) in
            [(&mut self.summary.clean, &done.clean), (&mut self.summary.rejected, &done.rejected)]
        {
            sum.claims += more.claims;
            sum.lines += more.lines;
            sum.bytes += more.bytes;
        }
    }
}

fn cleared(mut claims: Claims) -> Claims {
    claims.clear();
    claims
}
