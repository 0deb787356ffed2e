//! The end of a run: all findings in order to the sinks.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::ThreadPool;

use crate::error::Result;
use crate::exchange::found;
use crate::exchange::found::slices::{Slice, Slices};
use crate::exchange::order::Ordered;
use crate::input::pool::Pool;
use crate::lint::Tally;
use crate::model::finding::FindingView;
use crate::model::{Finding, Severity};
use crate::pipeline::breakdown::{OfRecords, Part, Whole};
use crate::pipeline::findings::add_amount;
use crate::pipeline::worklist::{Claims, Parts, Worklist};
use crate::pipeline::{limits, turns};
use crate::report::{Piece, Render, Sink, Summary};

/// Adds the charges of lines with findings of claims, each line once, whatever groups it is in.
pub fn add_charges(claims: &Ordered, tallies: &mut [Tally]) -> Result<()> {
    let mut findings = claims.read()?;
    let (mut last, mut encoded) = (None, Vec::new());
    while let Some((source, record, byte, _)) = findings.take(&mut encoded)? {
        let known = found::known(&encoded)?;
        if last == Some((source, record, byte)) || known.charge_counted {
            continue;
        }
        last = Some((source, record, byte));
        if let Some(tally) = tallies.get_mut(source as usize) {
            add_amount(&mut tally.at_risk, &mut tally.charges_unread, known.amount);
        }
    }
    Ok(())
}

/// Hands all findings to the sinks in order: input, record, rule. Slices of findings become text in
/// all threads of the pool and are written in their order.
pub fn render(
    claims: Claims<'_>,
    pool: &ThreadPool,
    mut slices: Slices<'_>,
    summary: &Summary,
    sinks: &mut [Box<dyn Sink + '_>],
) -> Result<()> {
    for sink in sinks.iter_mut() {
        sink.keep_in(claims.directory);
        sink.begin(summary)?;
    }
    let renderers: Vec<_> = sinks.iter().map(|sink| sink.renderer(summary)).collect();
    let sampled = sinks.iter().zip(&renderers).filter(|(_, renderer)| renderer.is_none());
    let most = sampled.map(|(sink, _)| sink.samples()).max().unwrap_or(0);
    let breaks_down = sinks.iter().any(|sink| sink.wants_breakdown());
    let of_records = breaks_down.then(|| OfRecords::new(summary));
    let mut whole = Whole::default();
    let mut worklist = Worklist::new(claims, sinks);
    let by_claim = worklist.is_some().then_some(claims.span_inputs);
    let samples = Samples::new(most, summary);
    let buffers = Pool::default();
    let work = Work { renderers, samples, of_records, by_claim, buffers };
    let adds_up = breaks_down || by_claim.is_some();
    if most > 0 || adds_up || work.renderers.iter().any(Option::is_some) {
        let mut given = work.samples.none();
        turns::run(
            pool,
            pool.current_num_threads() * limits::WAVE_SLICES_PER_THREAD,
            || slices.next_slice(),
            |slice| work.done(&slice),
            |done: Done| {
                for (sink, piece) in sinks.iter_mut().zip(done.pieces) {
                    match piece {
                        Some(piece) => {
                            sink.rendered(&piece)?;
                            let mut bytes = piece.bytes;
                            bytes.clear();
                            work.buffers.give(bytes);
                        }
                        None => done.samples.iter().try_for_each(|f| sink.finding(f, summary))?,
                    }
                }
                worklist.iter_mut().try_for_each(|worklist| worklist.put(&done.by_claim))?;
                let samples = done.samples.iter();
                samples.for_each(|finding| work.samples.note(&finding.view(), &mut given));
                done.part.into_iter().for_each(|part| whole.add(part));
                Ok(())
            },
        )?;
    }
    if breaks_down {
        let breakdown = whole.finish();
        let wanting = sinks.iter_mut().filter(|sink| sink.wants_breakdown());
        wanting.into_iter().try_for_each(|sink| sink.breakdown(&breakdown))?;
    }
    if let Some(worklist) = worklist {
        worklist.show(sinks, summary)?;
    }
    for sink in sinks.iter_mut() {
        sink.finish(summary)?;
    }
    Ok(())
}

/// What is done with a slice of findings in any thread.
struct Work<'s> {
    /// By sink.
    renderers: Vec<Option<Box<dyn Render + 's>>>,
    samples: Samples<'s>,
    /// Where a sink wants to know what the findings come to.
    of_records: Option<OfRecords>,
    /// Whether claims span inputs, if findings are put together by claim.
    by_claim: Option<bool>,
    /// Written pieces, whose memory is used again.
    buffers: Pool<Vec<u8>>,
}

/// What came of a slice.
struct Done {
    /// By sink; none for those that show samples.
    pieces: Vec<Option<Piece>>,
    /// Findings that may be shown as samples.
    samples: Vec<Finding>,
    /// What they come to, where a sink wants to know.
    part: Option<Part>,
    /// What they come to by claim.
    by_claim: Parts,
}

impl Work<'_> {
    fn done(&self, slice: &Slice) -> Result<Done> {
        let pieces = self.renderers.iter().map(|renderer| {
            renderer.is_some().then(|| Piece { bytes: self.buffers.take(), held_back: 0 })
        });
        let (pieces, by_claim) = (pieces.collect(), Parts::default());
        let part = self.of_records.is_some().then(Part::default);
        let mut done = Done { pieces, samples: Vec::new(), part, by_claim };
        let mut seen = self.samples.none();
        slice.for_each(|found| {
            for (renderer, piece) in self.renderers.iter().zip(&mut done.pieces) {
                if let (Some(renderer), Some(piece)) = (renderer, piece) {
                    renderer.render(&found.view, piece);
                }
            }
            if let (Some(part), Some(of_records)) = (&mut done.part, &self.of_records) {
                part.add(&found.view, of_records);
            }
            if let Some(claims_span_inputs) = self.by_claim {
                done.by_claim.add(&found.view, claims_span_inputs);
            }
            if self.samples.wants(&found.view, &mut seen) {
                done.samples.push(found.to_finding()?);
            }
            Ok(())
        })?;
        Ok(done)
    }
}

/// Chooses the findings that may still be shown as samples.
///
/// Each slice gives up to as many of each rule and severity as a whole report may show, since what
/// comes of the slices before it is not known yet. Once it is known that there were enough, none.
struct Samples<'s> {
    /// How many of each rule and severity; `u64::MAX` for every finding.
    most: u64,
    summary: &'s Summary,
    enough: Vec<AtomicBool>,
}

impl<'s> Samples<'s> {
    fn new(most: u64, summary: &'s Summary) -> Self {
        let rules = summary.rules.iter().map(|rule| usize::from(rule.id.0) + 1).max();
        let kinds = rules.unwrap_or(0) * Severity::ALL.len();
        let enough = (0..kinds).map(|_| AtomicBool::new(most == 0)).collect();
        Self { most, summary, enough }
    }

    /// The number of findings seen so far by rule and severity, at the beginning.
    fn none(&self) -> Vec<u64> {
        vec![0; self.enough.len()]
    }

    fn kind(finding: &FindingView<'_>) -> usize {
        usize::from(finding.rule.0) * Severity::ALL.len() + finding.severity as usize
    }

    /// Whether a finding of a slice, of which these were `seen`, is to be handed on.
    fn wants(&self, finding: &FindingView<'_>, seen: &mut [u64]) -> bool {
        if self.most == u64::MAX {
            return true;
        }
        let kind = Self::kind(finding);
        let enough = self.enough.get(kind).is_none_or(|enough| enough.load(Ordering::Relaxed));
        let Some(seen) = seen.get_mut(kind).filter(|seen| !enough && **seen < self.most) else {
            return false;
        };
        if self.summary.is_alarmed(finding.rule, finding.place.source) {
            return false;
        }
        *seen += 1;
        true
    }

    /// Notes a finding that the sinks were given.
    fn note(&self, finding: &FindingView<'_>, given: &mut [u64]) {
        let kind = Self::kind(finding);
        if let (Some(given), Some(enough)) = (given.get_mut(kind), self.enough.get(kind)) {
            *given += 1;
            enough.store(*given >= self.most, Ordering::Relaxed);
        }
    }
}
