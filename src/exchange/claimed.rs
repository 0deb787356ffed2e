//! What was found in claims, as bytes: first in parts, as slices of findings come to them, then put
//! together and brought into the order of a worklist.

use std::cmp::Reverse;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::exchange::found::{put_context, put_place, take_context, take_place};
use crate::exchange::order::InOrder;
use crate::exchange::wire::{Put, Take, broken};
use crate::model::batch::Place;
use crate::model::finding::FindingView;
use crate::model::{Cents, Context, Date, RuleId, Severity};

/// Whose findings are put together: those of a claim, or of a record that belongs to none. As
/// bytes: which of the two, the input, and the claim number or the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'b>(&'b [u8]);

const OF_RECORD: u8 = 0;
const OF_CLAIM: u8 = 1;
const HEAD_BYTES: usize = 1 + size_of::<u32>();

impl<'b> Owner<'b> {
    /// The owner of a finding, in `bytes`. A claim is one in each input, unless it spans them.
    pub fn of(finding: &FindingView<'_>, claims_span_inputs: bool, bytes: &'b mut Vec<u8>) -> Self {
        bytes.clear();
        let source = finding.place.source;
        match finding.claim_id {
            Some(claim) => {
                let source = if claims_span_inputs { 0 } else { source };
                bytes.push(OF_CLAIM);
                bytes.extend_from_slice(&source.to_be_bytes());
                bytes.extend_from_slice(claim.as_bytes());
            }
            None => {
                bytes.push(OF_RECORD);
                bytes.extend_from_slice(&source.to_be_bytes());
                bytes.extend_from_slice(&finding.place.record.to_be_bytes());
            }
        }
        Owner(bytes)
    }

    /// The owner with these bytes.
    pub fn known(bytes: &'b [u8]) -> Self {
        Owner(bytes)
    }

    /// The bytes that tell owners apart.
    pub fn bytes(self) -> &'b [u8] {
        self.0
    }

    /// The claim number, if the owner is a claim.
    pub fn claim_id(self) -> Result<Option<&'b str>> {
        let rest = self.0.get(HEAD_BYTES..).ok_or_else(broken)?;
        match self.0.first() {
            Some(&OF_CLAIM) => std::str::from_utf8(rest).map(Some).map_err(|_| broken()),
            _ => Ok(None),
        }
    }
}

/// What findings of one owner that follow one another come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The lines of the first and of the last finding.
    pub ends: [Place; 2],
    /// Lines with a finding.
    pub lines: u64,
    /// Findings.
    pub findings: u64,
    /// The charges of the lines, each counted once: as its first finding has it.
    pub at_risk: Cents,
    /// Lines whose charge cannot be read.
    pub charges_unread: u64,
    /// The charge of the first line, which may be the last one of what comes before.
    first_amount: Option<Cents>,
    /// The gravest severity.
    pub severity: Severity,
    /// The rules in order, each with how often it found something.
    pub rules: Vec<(RuleId, u64)>,
    /// The first payer and the first rendering provider that are named.
    pub context: Context<String>,
    /// The first and the last day.
    pub days: Option<(Date, Date)>,
}

impl Claimed {
    /// What one finding comes to.
    pub fn new(finding: &FindingView<'_>) -> Self {
        Claimed {
            ends: [finding.place; 2],
            lines: 1,
            findings: 1,
            at_risk: finding.amount.unwrap_or_default(),
            charges_unread: u64::from(finding.amount.is_none()),
            first_amount: finding.amount,
            severity: finding.severity,
            rules: vec![(finding.rule, 1)],
            context: Context { day: None, ..finding.context.map(str::to_owned) },
            days: finding.context.day.map(|day| (day, day)),
        }
    }

    /// Adds the next finding.
    pub fn add(&mut self, finding: &FindingView<'_>) {
        self.findings += 1;
        let [_, last] = self.ends;
        if !is_one_line(last, finding.place) {
            self.lines += 1;
            self.charge(finding.amount);
        }
        self.ends = [self.ends[0], finding.place];
        self.severity = self.severity.max(finding.severity);
        self.count(finding.rule, 1);
        let Context { payer, rendering, day } = finding.context;
        self.name(payer, rendering);
        self.date(day.map(|day| (day, day)));
    }

    /// Adds what the findings after these come to.
    pub fn append(&mut self, next: &Claimed) {
        let ([first, last], [next_first, next_last]) = (self.ends, next.ends);
        self.findings += next.findings;
        self.lines += next.lines;
        self.at_risk += next.at_risk;
        self.charges_unread += next.charges_unread;
        if is_one_line(last, next_first) {
            self.lines -= 1;
            match next.first_amount {
                Some(Cents(amount)) => self.at_risk.0 -= amount,
                None => self.charges_unread -= 1,
            }
        }
        self.ends = [first, next_last];
        self.severity = self.severity.max(next.severity);
        next.rules.iter().for_each(|(rule, number)| self.count(*rule, *number));
        let Context { payer, rendering, .. } = next.context.as_view();
        self.name(payer, rendering);
        self.date(next.days);
    }

    fn charge(&mut self, amount: Option<Cents>) {
        match amount {
            Some(amount) => self.at_risk += amount,
            None => self.charges_unread += 1,
        }
    }

    fn count(&mut self, rule: RuleId, number: u64) {
        match self.rules.binary_search_by_key(&rule, |(known, _)| *known) {
            Ok(at) => self.rules.get_mut(at).into_iter().for_each(|(_, count)| *count += number),
            Err(at) => self.rules.insert(at, (rule, number)),
        }
    }

    fn name(&mut self, payer: Option<&str>, rendering: Option<&str>) {
        let Context { payer: first_payer, rendering: first_rendering, .. } = &mut self.context;
        for (first, next) in [(first_payer, payer), (first_rendering, rendering)] {
            if first.is_none() {
                *first = next.map(str::to_owned);
            }
        }
    }

    fn date(&mut self, days: Option<(Date, Date)>) {
        self.days = match (self.days, days) {
            (Some((from, to)), Some((next_from, next_to))) => {
                Some((from.min(next_from), to.max(next_to)))
            }
            (known, next) => known.or(next),
        };
    }

    fn put(&self, into: &mut Vec<u8>) {
        self.ends.iter().for_each(|place| put_place(place, into));
        for number in [self.lines, self.findings, self.charges_unread] {
            into.put_number(u128::from(number));
        }
        into.put_signed(Some(self.at_risk.0));
        into.put_signed(self.first_amount.map(|amount| amount.0));
        into.put_number(self.severity as u128);
        into.put_number(self.rules.len() as u128);
        for (rule, number) in &self.rules {
            into.put_number(u128::from(rule.0));
            into.put_number(u128::from(*number));
        }
        let last = Context { payer: None, rendering: None, day: self.days.map(|(_, last)| last) };
        let first = Context { day: self.days.map(|(first, _)| first), ..self.context.as_view() };
        put_context(&first.map(str::as_bytes), into);
        put_context(&last, into);
    }

    fn take(take: &mut Take<'_>) -> Result<Self> {
        let ends = [take_place(take)?, take_place(take)?];
        let (lines, findings, charges_unread) = (take.small()?, take.small()?, take.small()?);
        let at_risk = Cents(take.signed()?.ok_or_else(broken)?);
        let first_amount = take.signed()?.map(Cents);
        let severity = *Severity::ALL.get(take.small()? as usize).ok_or_else(broken)?;
        let mut rules = Vec::new();
        for _ in 0..take.small()? {
            let rule = u16::try_from(take.small()?).map_err(|_| broken())?;
            rules.push((RuleId(rule), take.small()?));
        }
        let Context { payer, rendering, day } = take_context(take)?;
        let days = day.zip(take_context(take)?.day);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| broken());
        let (payer, rendering) = (payer.map(text).transpose()?, rendering.map(text).transpose()?);
        let context = Context { payer, rendering, day: None };
        Ok(Claimed {
            ends,
            lines,
            findings,
            at_risk,
            charges_unread,
            first_amount,
            severity,
            rules,
            context,
            days,
        })
    }
}

/// Whether findings at these places are about one line.
fn is_one_line(one: Place, other: Place) -> bool {
    (one.source, one.record, one.byte) == (other.source, other.record, other.byte)
}

/// The order in which parts of one owner stand together, in the order in which they were numbered.
/// They are told by a hash; where two owners share one, by the bytes that follow it.
#[derive(Debug)]
pub struct ByOwner;

const HASH_BYTES: usize = size_of::<u64>();

impl InOrder for ByOwner {
    type Place = u64;

    fn place(encoded: &[u8]) -> Result<u64> {
        let hash = encoded.first_chunk::<HASH_BYTES>().ok_or_else(broken)?;
        Ok(u64::from_be_bytes(*hash))
    }
}

impl ByOwner {
    /// Encodes a part into `into`, which is cleared. Of two parts of an owner, that with the lower
    /// number comes first.
    pub fn encode(owner: Owner<'_>, number: u64, part: &Claimed, into: &mut Vec<u8>) {
        into.clear();
        into.extend_from_slice(&hash(owner.0).to_be_bytes());
        into.extend_from_slice(&(owner.0.len() as u32).to_be_bytes());
        into.extend_from_slice(owner.0);
        into.extend_from_slice(&number.to_be_bytes());
        part.put(into);
    }

    /// The owner and the part.
    pub fn decode(encoded: &[u8]) -> Result<(Owner<'_>, Claimed)> {
        let mut take = Take(encoded);
        take.exactly(HASH_BYTES)?;
        let length = take.exactly(size_of::<u32>())?.first_chunk().ok_or_else(broken)?;
        let owner = Owner(take.exactly(u32::from_be_bytes(*length) as usize)?);
        take.exactly(size_of::<u64>())?;
        Ok((owner, Claimed::take(&mut take)?))
    }
}

/// The hash of an owner. In tests two bits of it, so that owners share one.
fn hash(owner: &[u8]) -> u64 {
    let hash = xxh3_64(owner);
    if cfg!(test) { hash & 3 } else { hash }
}

/// The order of a worklist: most dollars at risk first, then by the place of the first finding.
#[derive(Debug)]
pub struct ByRisk;

impl InOrder for ByRisk {
    type Place = (Reverse<i128>, u32, u64, u64);

    fn place(encoded: &[u8]) -> Result<Self::Place> {
        let mut take = Take(encoded);
        let at_risk = take.signed()?.ok_or_else(broken)?;
        let Place { source, record, byte, .. } = take_place(&mut take)?;
        Ok((Reverse(at_risk), source, record, byte))
    }
}

impl ByRisk {
    /// Encodes what was found of an owner into `into`, which is cleared.
    pub fn encode(owner: Owner<'_>, whole: &Claimed, into: &mut Vec<u8>) {
        into.clear();
        into.put_signed(Some(whole.at_risk.0));
        let [first, _] = &whole.ends;
        put_place(first, into);
        into.put_bytes(owner.0);
        whole.put(into);
    }

    /// The owner and what was found.
    pub fn decode(encoded: &[u8]) -> Result<(Owner<'_>, Claimed)> {
        let mut take = Take(encoded);
        take.signed()?;
        take_place(&mut take)?;
        let owner = Owner(take.bytes()?);
        Ok((owner, Claimed::take(&mut take)?))
    }
}
