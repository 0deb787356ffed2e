//! All findings of a run in the order of the report, cut into slices that can be worked on apart.

use crate::error::Result;
use crate::exchange::found::blocks::{BlockReader, InBlocks};
use crate::exchange::found::{Found, Order, Said, known, put_short, take_short};
use crate::exchange::order::Sorted;
use crate::exchange::wire::{Take, broken};

/// Findings that follow one another in the report.
#[derive(Debug, Default)]
pub struct Slice {
    /// Findings of lines.
    blocks: Vec<u8>,
    /// Findings of claims and of inputs, each with its length before it.
    others: Vec<u8>,
}

impl Slice {
    fn len(&self) -> usize {
        self.blocks.len() + self.others.len()
    }

    /// Shows each finding, in order.
    pub fn for_each(&self, mut show: impl FnMut(&Found<'_>) -> Result<()>) -> Result<()> {
        let mut lines = InBlocks::new(&self.blocks);
        let mut others = Others { rest: Take(&self.others), said: Said::nothing() };
        let mut other = others.take()?;
        while let Some(found) = lines.take()? {
            while let Some(before) = other.take_if(|other| other.order() < found.order()) {
                show(&before)?;
                other = others.take()?;
            }
            show(&found)?;
        }
        while let Some(found) = other {
            show(&found)?;
            other = others.take()?;
        }
        Ok(())
    }
}

/// Findings that stand alone, with their lengths before them.
struct Others<'b> {
    rest: Take<'b>,
    said: Said<'b>,
}

impl<'b> Others<'b> {
    fn take(&mut self) -> Result<Option<Found<'b>>> {
        if self.rest.0.is_empty() {
            return Ok(None);
        }
        let length = take_short(&mut self.rest)?;
        let mut take = Take(self.rest.exactly(length as usize)?);
        let source = u32::try_from(take_short(&mut take)?).map_err(|_| broken())?;
        self.said.forget(source);
        self.said.take(&mut take).map(Some)
    }
}

/// Cuts the findings of a run into slices.
pub struct Slices<'o> {
    lines: BlockReader<'o>,
    alarms: std::vec::IntoIter<Vec<u8>>,
    alarm: Option<(Order, Vec<u8>)>,
    claims: Sorted<'o>,
    /// The next finding of a claim, in `claim`.
    claim_order: Option<Order>,
    claim: Vec<u8>,
    /// About how many bytes a slice has.
    bytes: usize,
}

impl<'o> Slices<'o> {
    /// The findings of lines, of claims, and of inputs, each in order, in slices of about `bytes`.
    pub fn new(
        lines: BlockReader<'o>,
        claims: Sorted<'o>,
        alarms: Vec<Vec<u8>>,
        bytes: usize,
    ) -> Result<Self> {
        let (alarms, claim) = (alarms.into_iter(), Vec::new());
        let mut slices =
            Slices { lines, alarms, alarm: None, claims, claim_order: None, claim, bytes };
        slices.next_alarm()?;
        slices.claim_order = slices.claims.take(&mut slices.claim)?;
        Ok(slices)
    }

    /// The next slice; nothing at the end.
    ///
    /// A block goes into a slice whole, and with it whatever lies between its findings. That is no
    /// more than rules for claims find in one chunk.
    pub fn next_slice(&mut self) -> Result<Option<Slice>> {
        let mut slice = Slice::default();
        while slice.len() < self.bytes {
            let block = self.lines.peek();
            let taken = self.other_before(block.map(|block| block.first), &mut slice.others)?;
            if taken {
                continue;
            }
            let Some(block) = block else { break };
            self.lines.take(&mut slice.blocks)?;
            while self.other_before(Some(block.last), &mut slice.others)? {}
        }
        Ok((slice.len() > 0).then_some(slice))
    }

    /// Appends the next finding that is of no line, if it comes before this place.
    fn other_before(&mut self, end: Option<Order>, into: &mut Vec<u8>) -> Result<bool> {
        let alarm = self.alarm.as_ref().map(|(order, _)| *order);
        let alarm_is_first = match (alarm, self.claim_order) {
            (Some(alarm), Some(claim)) => alarm <= claim,
            (alarm, _) => alarm.is_some(),
        };
        let order = if alarm_is_first { alarm } else { self.claim_order };
        if order.is_none_or(|order| end.is_some_and(|end| order > end)) {
            return Ok(false);
        }
        let encoded = match &self.alarm {
            Some((_, alarm)) if alarm_is_first => alarm,
            _ => &self.claim,
        };
        put_short(encoded.len() as u64, into);
        into.extend_from_slice(encoded);
        if alarm_is_first {
            self.next_alarm()?;
        } else {
            self.claim_order = self.claims.take(&mut self.claim)?;
        }
        Ok(true)
    }

    fn next_alarm(&mut self) -> Result<()> {
        self.alarm = match self.alarms.next() {
            Some(alarm) => Some((known(&alarm)?.order, alarm)),
            None => None,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exchange::found::blocks::BlockWriter;
    use crate::exchange::found::{FindingParts, encode_alone};
    use crate::exchange::order::Sorter;
    use crate::exchange::spool::Spool;
    use crate::model::batch::Place;
    use crate::model::{Cents, Context, Date, Field, Finding, Related, RuleId, Severity, Snippet};

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[a-c]{0,3}", "\\PC{0,12}", "m{100,300}"]
    }

    fn place(source: u32) -> impl Strategy<Value = Place> {
        (0..40_u64, 0..40_u64, any::<u64>()).prop_map(move |(record, line, byte)| Place {
            source,
            record,
            line,
            byte,
        })
    }

    prop_compose! {
        /// A finding of the input and of one of some rules: others have the rest.
        fn finding(sources: u32, first_rule: u16)(
            (rule, severity, place) in (first_rule..first_rule + 4, 0..3_usize, (0..sources)
                .prop_flat_map(place)),
            (claim_id, service_line, value) in
                (option::of(text()), option::of(text()), option::of(text())),
            (message, suggestion, field) in
                (text(), option::of(text()), option::of(0..Field::ALL.len())),
            related in collection::vec((place(1), text()), 0..3),
            amount in option::of(prop_oneof![-1_i128 << 120..1 << 120, -500_i128..500]),
            snippet in option::weighted(0.2, collection::vec(text(), 7)),
            (payer, rendering, day) in
                (option::of(text()), option::of(text()), option::of(-9000_i32..90_000)),
        ) -> Finding {
            let related = related.into_iter().map(|(place, value)| Related { place, value });
            Finding {
                rule: RuleId(rule),
                severity: Severity::ALL[severity],
                place,
                claim_id,
                service_line,
                field: field.map(|field| Field::ALL[field]),
                value,
                message,
                suggestion,
                related: related.collect(),
                amount: amount.map(Cents),
                context: Context { payer, rendering, day: day.and_then(Date::from_days) },
                snippet: snippet.map(|cells| Snippet(cells.try_into().unwrap())),
            }
        }
    }

    use proptest::{collection, option};

    fn parts(finding: &Finding) -> FindingParts<'_> {
        let charge_counted = finding.place.line.is_multiple_of(2);
        FindingParts { charge_counted, ..FindingParts::from(finding) }
    }

    fn order(finding: &Finding) -> Order {
        let place = finding.place;
        (place.source, place.record, place.byte, finding.rule.0)
    }

    /// Batches of lines, claims in any order and alarms, through everything, in slices of `bytes`.
    fn through(
        lines: &[Finding],
        claims: &[Finding],
        alarms: &[Finding],
        budget: usize,
        bytes: usize,
    ) -> Vec<Finding> {
        let mut spool = Spool::new(budget, &std::env::temp_dir());
        for batch in lines.chunk_by(|one, other| one.place.source == other.place.source) {
            for chunk in batch.chunks(5) {
                let mut writer = BlockWriter::default();
                chunk.iter().for_each(|finding| writer.put(&parts(finding)));
                spool.put(&writer.finish()).unwrap();
            }
        }
        let mut sorter = Sorter::new(budget, &std::env::temp_dir());
        claims.iter().for_each(|finding| sorter.put(encode_alone(&parts(finding))).unwrap());
        let ordered = sorter.finish();
        let alarms = alarms.iter().map(|finding| encode_alone(&parts(finding))).collect();
        let lines = BlockReader::new(spool.read().unwrap()).unwrap();
        let mut slices = Slices::new(lines, ordered.read().unwrap(), alarms, bytes).unwrap();
        let mut all = Vec::new();
        while let Some(slice) = slices.next_slice().unwrap() {
            let seen = slice.for_each(|found| {
                all.push(found.to_finding()?);
                Ok(())
            });
            seen.unwrap();
        }
        all
    }

    proptest! {
        #[test]
        fn every_finding_comes_back_whole_and_in_order(
            mut lines in collection::vec(finding(3, 0), 0..60),
            claims in collection::vec(finding(3, 10), 0..60),
            mut alarms in collection::vec(finding(3, 20), 0..4),
        ) {
            lines.sort_by_key(order);
            alarms.sort_by_key(order);
            let mut want = [lines.clone(), claims.clone(), alarms.clone()].concat();
            want.sort_by_key(order);
            let mut first: Option<Vec<Finding>> = None;
            for (budget, bytes) in [(0, 1), (1000, 300), (1 << 20, 1 << 20)] {
                let got = through(&lines, &claims, &alarms, budget, bytes);
                prop_assert!(got.is_sorted_by_key(order));
                for finding in &want {
                    prop_assert!(got.contains(finding));
                }
                prop_assert_eq!(got.len(), want.len());
                prop_assert_eq!(first.get_or_insert_with(|| got.clone()), &got);
            }
        }

        #[test]
        fn the_front_of_a_finding_tells_its_place_and_charge(finding in finding(3, 0)) {
            let encoded = encode_alone(&parts(&finding));
            let known = known(&encoded).unwrap();
            prop_assert_eq!(known.order, order(&finding));
            prop_assert_eq!(known.amount, finding.amount);
            prop_assert_eq!(known.charge_counted, finding.place.line.is_multiple_of(2));
        }
    }
}
