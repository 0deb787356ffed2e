//! Findings put together by claim, for reports that a biller works through: exact however many
//! there are, in bounded memory, and the same whatever slices the findings come in.

use std::path::Path;

use crate::error::Result;
use crate::exchange::claimed::{ByOwner, ByRisk, Claimed, Owner};
use crate::exchange::order::{Ordered, Sorter};
use crate::model::finding::FindingView;
use crate::pipeline::plan::Plan;
use crate::report::{ClaimFindings, Sink, Summary};

/// What the findings of a slice come to, by owner, in their order.
#[derive(Default)]
pub struct Parts {
    parts: Vec<(Vec<u8>, Claimed)>,
    /// The owner of the finding at hand.
    owner: Vec<u8>,
}

impl Parts {
    /// Adds the next finding of a slice. One that speaks of a whole input is of no claim.
    pub fn add(&mut self, finding: &FindingView<'_>, claims_span_inputs: bool) {
        if finding.place.record == 0 {
            return;
        }
        let owner = Owner::of(finding, claims_span_inputs, &mut self.owner).bytes();
        match self.parts.last_mut() {
            Some((last, part)) if last.as_slice() == owner => part.add(finding),
            _ => self.parts.push((owner.to_vec(), Claimed::new(finding))),
        }
    }
}

/// How findings are put together by claim.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'p> {
    /// Whether a claim number means the same claim in every input.
    pub span_inputs: bool,
    /// What may be held in memory, in bytes.
    pub budget: usize,
    /// Where the rest goes.
    pub directory: &'p Path,
}

impl<'p> Claims<'p> {
    /// Those of a run.
    pub fn of(plan: &'p Plan) -> Self {
        let span_inputs = plan.claims_span_inputs;
        Claims { span_inputs, budget: plan.limits.sort_bytes, directory: &plan.temp_dir }
    }
}

/// Puts findings together by claim.
pub struct Worklist<'p> {
    by_owner: Sorter<ByOwner>,
    budget: usize,
    directory: &'p Path,
    /// Parts that were put.
    number: u64,
    encoded: Vec<u8>,
}

impl<'p> Worklist<'p> {
    /// A worklist, if a report asks for one.
    pub fn new(claims: Claims<'p>, sinks: &[Box<dyn Sink + '_>]) -> Option<Self> {
        let is_wanted = sinks.iter().any(|sink| sink.claims() > 0);
        is_wanted.then(|| Self::within(claims.budget, claims.directory))
    }

    /// A worklist that holds about `budget` bytes in memory.
    fn within(budget: usize, directory: &'p Path) -> Self {
        let by_owner = Sorter::new(budget / 2, directory);
        Self { by_owner, budget, directory, number: 0, encoded: Vec::new() }
    }

    /// Adds what the findings of the next slice come to.
    pub fn put(&mut self, slice: &Parts) -> Result<()> {
        for (owner, part) in &slice.parts {
            ByOwner::encode(Owner::known(owner), self.number, part, &mut self.encoded);
            self.by_owner.put_slice(&self.encoded)?;
            self.number += 1;
        }
        Ok(())
    }

    /// Puts the parts of each claim together, and the claims in order.
    fn finish(self) -> Result<(Ordered<ByRisk>, u64)> {
        let mut by_risk = Sorter::<ByRisk>::new(self.budget / 2, self.directory);
        let ordered = self.by_owner.finish();
        let mut parts = ordered.read()?;
        let (mut encoded, mut written) = (Vec::new(), Vec::new());
        let mut open: Option<(Vec<u8>, Claimed)> = None;
        let mut claims = 0;
        let mut close = |owner: &[u8], whole: &Claimed| {
            claims += 1;
            ByRisk::encode(Owner::known(owner), whole, &mut written);
            by_risk.put_slice(&written)
        };
        while parts.take(&mut encoded)?.is_some() {
            let (owner, part) = ByOwner::decode(&encoded)?;
            match &mut open {
                Some((last, whole)) if last.as_slice() == owner.bytes() => whole.append(&part),
                Some((last, whole)) => {
                    close(last, whole)?;
                    last.clear();
                    last.extend_from_slice(owner.bytes());
                    *whole = part;
                }
                None => open = Some((owner.bytes().to_vec(), part)),
            }
        }
        open.iter().try_for_each(|(owner, whole)| close(owner, whole))?;
        Ok((by_risk.finish(), claims))
    }

    /// Hands each report the claims that it asks for.
    pub fn show(self, sinks: &mut [Box<dyn Sink + '_>], summary: &Summary) -> Result<()> {
        let (ordered, claims) = self.finish()?;
        let wanted: Vec<u64> = sinks.iter().map(|sink| sink.claims()).collect();
        for (sink, _) in sinks.iter_mut().zip(&wanted).filter(|(_, wanted)| **wanted > 0) {
            sink.claims_in_all(claims, summary)?;
        }
        let most = wanted.iter().copied().max().unwrap_or(0);
        let (mut sorted, mut encoded) = (ordered.read()?, Vec::new());
        for number in 0..most {
            if sorted.take(&mut encoded)?.is_none() {
                break;
            }
            let (owner, whole) = ByRisk::decode(&encoded)?;
            let claim = shown(owner, whole)?;
            for (sink, _) in sinks.iter_mut().zip(&wanted).filter(|(_, wanted)| **wanted > number) {
                sink.claim(&claim, summary)?;
            }
        }
        Ok(())
    }
}

/// What was found of an owner, as reports get it.
fn shown(owner: Owner<'_>, whole: Claimed) -> Result<ClaimFindings> {
    let [place, _] = whole.ends;
    Ok(ClaimFindings {
        claim_id: owner.claim_id()?.map(str::to_owned),
        place,
        lines: whole.lines,
        findings: whole.findings,
        at_risk: whole.at_risk,
        charges_unread: whole.charges_unread,
        severity: whole.severity,
        rules: whole.rules,
        context: whole.context,
        days: whole.days,
    })
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use proptest::{collection, option};

    use super::*;
    use crate::model::batch::Place;
    use crate::model::{Cents, Context, Date, Finding, RuleId, Severity};

    prop_compose! {
        /// Findings with few claims, lines and amounts, so that everything meets everything.
        fn finding()(
            (source, record, byte, rule) in (0..3_u32, 0..6_u64, 0..2_u64, 0..4_u16),
            claim in option::weighted(0.9, prop_oneof!["[ab0]{0,2}", "0{0,3}7", "\\PC{0,3}"]),
            severity in 0..3_usize,
            amount in option::of(prop_oneof![-5..5_i128, -1_i128 << 100..1 << 100]),
            (payer, rendering) in (option::of("[p-r]"), option::of("[s-u]")),
            day in option::of(0..5_i32),
        ) -> Finding {
            Finding {
                rule: RuleId(rule),
                severity: Severity::ALL[severity],
                place: Place { source, record, line: record + 1, byte },
                claim_id: claim,
                service_line: None,
                field: None,
                value: None,
                message: String::new(),
                suggestion: None,
                related: Vec::new(),
                amount: amount.map(Cents),
                context: Context { payer, rendering, day: day.and_then(Date::from_days) },
                snippet: None,
            }
        }
    }

    /// What stands at a place in the order of a worklist.
    fn order(claim: &ClaimFindings) -> (Reverse<Cents>, u32, u64, u64) {
        let Place { source, record, byte, .. } = claim.place;
        (Reverse(claim.at_risk), source, record, byte)
    }

    /// The slow twin: all findings of each claim at hand.
    fn slow(findings: &[Finding], claims_span_inputs: bool) -> Vec<ClaimFindings> {
        let mut owners: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.place.record > 0) {
            let Place { source, record, .. } = finding.place;
            let owner = match &finding.claim_id {
                Some(claim) if claims_span_inputs => (Some(claim), None, None),
                Some(claim) => (Some(claim), Some(source), None),
                None => (None, Some(source), Some(record)),
            };
            owners.entry(owner).or_default().push(finding);
        }
        let claims = owners.into_iter().map(|((claim_id, _, _), all)| {
            let mut lines = BTreeMap::new();
            let mut rules = BTreeMap::new();
            for finding in &all {
                let Place { source, record, byte, .. } = finding.place;
                lines.entry((source, record, byte)).or_insert(finding.amount);
                *rules.entry(finding.rule).or_insert(0) += 1;
            }
            let days: BTreeSet<Date> = all.iter().filter_map(|f| f.context.day).collect();
            ClaimFindings {
                claim_id: claim_id.cloned(),
                place: all[0].place,
                lines: lines.len() as u64,
                findings: all.len() as u64,
                at_risk: Cents(lines.values().flatten().map(|cents| cents.0).sum()),
                charges_unread: lines.values().filter(|amount| amount.is_none()).count() as u64,
                severity: all.iter().map(|finding| finding.severity).max().unwrap(),
                rules: rules.into_iter().collect(),
                context: Context {
                    payer: all.iter().find_map(|finding| finding.context.payer.clone()),
                    rendering: all.iter().find_map(|finding| finding.context.rendering.clone()),
                    day: None,
                },
                days: days.first().copied().zip(days.last().copied()),
            }
        });
        claims.collect()
    }

    /// Keeps what it is given, up to a number.
    struct Kept<'k>(u64, &'k mut (u64, Vec<ClaimFindings>));

    impl Sink for Kept<'_> {
        fn claims(&self) -> u64 {
            self.0
        }

        fn claims_in_all(&mut self, claims: u64, _: &Summary) -> Result<()> {
            self.1.0 = claims;
            Ok(())
        }

        fn claim(&mut self, claim: &ClaimFindings, _: &Summary) -> Result<()> {
            self.1.1.push(claim.clone());
            Ok(())
        }

        fn finish(&mut self, _: &Summary) -> Result<()> {
            Ok(())
        }
    }

    /// Two reports, of which one asks for two claims only: how many there are, and which.
    fn fast(
        findings: &[Finding],
        spans: bool,
        budget: usize,
        slice: usize,
    ) -> [(u64, Vec<ClaimFindings>); 2] {
        let directory = std::env::temp_dir();
        let mut worklist = Worklist::within(budget, &directory);
        for slice in findings.chunks(slice) {
            let mut parts = Parts::default();
            slice.iter().for_each(|finding| parts.add(&finding.view(), spans));
            worklist.put(&parts).unwrap();
        }
        let (mut two, mut all) = Default::default();
        let mut sinks: Vec<Box<dyn Sink>> =
            vec![Box::new(Kept(2, &mut two)), Box::new(Kept(u64::MAX, &mut all))];
        worklist.show(&mut sinks, &Summary::default()).unwrap();
        drop(sinks);
        [two, all]
    }

    proptest! {
        #[test]
        fn claims_are_put_together_as_if_all_findings_were_at_hand(
            mut findings in collection::vec(finding(), 0..80),
            spans in any::<bool>(),
        ) {
            findings.sort_by_key(|finding| {
                let Place { source, record, byte, .. } = finding.place;
                (source, record, byte, finding.rule)
            });
            let full = |claim: &ClaimFindings| (order(claim), claim.claim_id.clone());
            let mut want = slow(&findings, spans);
            want.sort_by_key(full);
            let mut first = None;
            for (budget, slice) in [(0, 1), (1, 7), (700, 2), (700, 30), (1 << 20, 100)] {
                let [two, all] = fast(&findings, spans, budget, slice);
                prop_assert!(all.1.is_sorted_by_key(order));
                prop_assert_eq!(two.1.as_slice(), &all.1[..all.1.len().min(2)]);
                prop_assert_eq!([two.0, all.0], [want.len() as u64; 2]);
                prop_assert_eq!(first.get_or_insert_with(|| all.1.clone()), &all.1);
                let mut all = all.1;
                all.sort_by_key(full);
                prop_assert_eq!(&all, &want);
            }
        }
    }
}
