//! Findings as bytes, between the batch that found them and the report that shows them.

//!
//! A finding says only what the one before it does not: its place is the distance from that, a
//! message that was there before is a number, and a line's second finding has its claim by
//! reference. What a thousand findings say in common is written once.

pub mod blocks;
mod parts;
pub mod slices;

use std::ops::Range;

use parts::take_cells;
pub use parts::{put_context, put_place, put_snippet, take_context, take_place, take_snippet};

use crate::error::Result;
use crate::exchange::wire::{Put, Take, broken};
use crate::model::batch::Place;
use crate::model::finding::{Context, FindingView, RelatedView};
use crate::model::{Cents, Field, Finding, Related, RuleId, Severity, Snippet};

/// A finding whose texts are still where they were found.
#[derive(Debug, Clone, Copy)]
pub struct FindingParts<'a> {
    /// The rule.
    pub rule: RuleId,
    /// How much it weighs here.
    pub severity: Severity,
    /// Whether the charge of its line was counted with another finding.
    pub charge_counted: bool,
    /// Where it is.
    pub place: Place,
    /// The claim number.
    pub claim_id: Option<&'a [u8]>,
    /// The number of the service line.
    pub service_line: Option<&'a [u8]>,
    /// The field at fault.
    pub field: Option<Field>,
    /// The cell as it stands in the input.
    pub value: Option<&'a [u8]>,
    /// What is wrong.
    pub message: &'a str,
    /// What should stand there.
    pub suggestion: Option<&'a [u8]>,
    /// Other lines that it speaks of.
    pub related: &'a [Related],
    /// The amount billed.
    pub amount: Option<Cents>,
    /// Whose line it is and when.
    pub context: Context<&'a [u8]>,
    /// The line's key columns.
    pub snippet: Option<&'a Snippet>,
}

impl<'a> From<&'a Finding> for FindingParts<'a> {
    /// A finding that is known to the counts, charge included.
    fn from(finding: &'a Finding) -> Self {
        FindingParts {
            rule: finding.rule,
            severity: finding.severity,
            charge_counted: true,
            place: finding.place,
            claim_id: finding.claim_id.as_deref().map(str::as_bytes),
            service_line: finding.service_line.as_deref().map(str::as_bytes),
            field: finding.field,
            value: finding.value.as_deref().map(str::as_bytes),
            message: &finding.message,
            suggestion: finding.suggestion.as_deref().map(str::as_bytes),
            related: &finding.related,
            amount: finding.amount,
            context: finding.context.as_view().map(str::as_bytes),
            snippet: finding.snippet.as_ref(),
        }
    }
}

/// The place in a report: input, record, byte (it tells lines of one record apart), rule.
pub type Order = (u32, u64, u64, u16);

/// The two lowest bits of a tag are the severity; the others say what there is.
const SEVERITY: u8 = 3;
const CHARGE_COUNTED: u8 = 1 << 2;
const HAS_SNIPPET: u8 = 1 << 3;
const HAS_RELATED: u8 = 1 << 4;
const HAS_SUGGESTION: u8 = 1 << 5;
/// Amount, claim, service line and context are those of the finding before.
const SAME_OWNER: u8 = 1 << 6;

/// What a finding that is appended need not say again.
#[derive(Debug, Clone)]
struct Before {
    place: Place,
    /// Where amount, claim, service line and context were written last.
    owner: Range<usize>,
}

impl Before {
    /// Nothing but the input.
    fn in_source(source: u32) -> Before {
        Before { place: Place { source, record: 0, line: 0, byte: 0 }, owner: 0..0 }
    }
}

/// A finding that stands alone, without its length.
pub fn encode_alone(finding: &FindingParts<'_>) -> Vec<u8> {
    let source = finding.place.source;
    let mut encoded = Vec::with_capacity(128);
    put_short(u64::from(source), &mut encoded);
    put(finding, None, &mut Before::in_source(source), &mut encoded);
    encoded
}

/// Appends a finding of the input that `before` is in. A message that is not `known` by its number
/// is written out. Returns where the message ends if it was.
fn put(
    finding: &FindingParts<'_>,
    known: Option<u64>,
    before: &mut Before,
    into: &mut Vec<u8>,
) -> usize {
    let has = |yes: bool, flag: u8| if yes { flag } else { 0 };
    let tag = finding.severity as u8
        | has(finding.charge_counted, CHARGE_COUNTED)
        | has(finding.snippet.is_some(), HAS_SNIPPET)
        | has(!finding.related.is_empty(), HAS_RELATED)
        | has(finding.suggestion.is_some(), HAS_SUGGESTION);
    let start = into.len();
    into.push(tag);
    put_short(u64::from(finding.rule.0), into);
    let (place, last) = (finding.place, before.place);
    put_short(place.record.wrapping_sub(last.record), into);
    put_short(place.line.wrapping_sub(last.line), into);
    put_short(place.byte.wrapping_sub(last.byte), into);
    before.place = place;
    let owner = into.len();
    put_amount(finding.amount, into);
    put_text(finding.claim_id, into);
    put_text(finding.service_line, into);
    put_context(&finding.context, into);
    if into.get(owner..) == into.get(before.owner.clone()) {
        into.truncate(owner);
        into.get_mut(start).into_iter().for_each(|tag| *tag |= SAME_OWNER);
    } else {
        before.owner = owner..into.len();
    }
    into.push(finding.field.map_or(0, |field| field as u8 + 1));
    put_text(finding.value, into);
    put_short(known.map_or(0, |number| number + 1), into);
    if known.is_none() {
        put_short(finding.message.len() as u64, into);
        into.extend_from_slice(finding.message.as_bytes());
    }
    let message_end = into.len();
    if let Some(suggestion) = finding.suggestion {
        put_short(suggestion.len() as u64, into);
        into.extend_from_slice(suggestion);
    }
    if !finding.related.is_empty() {
        put_short(finding.related.len() as u64, into);
        for related in finding.related {
            put_place(&related.place, into);
            into.put_bytes(related.value.as_bytes());
        }
    }
    for cell in finding.snippet.iter().flat_map(|snippet| &snippet.0) {
        into.put_bytes(cell.as_bytes());
    }
    message_end
}

/// A number of 64 bits, seven to a byte.
#[inline]
fn put_short(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

#[inline]
fn put_text(text: Option<&[u8]>, into: &mut Vec<u8>) {
    match text {
        None => into.push(0),
        Some(text) => {
            put_short(text.len() as u64 + 1, into);
            into.extend_from_slice(text);
        }
    }
}

/// No sum of money that there is needs more than 64 bits; one that is absurd must survive too.
#[inline]
fn put_amount(amount: Option<Cents>, into: &mut Vec<u8>) {
    match amount.map(|amount| i32::try_from(amount.0)) {
        Some(Ok(small)) => {
            let zigzag = u64::from(small.unsigned_abs()) << 1 | u64::from(small < 0);
            put_short(zigzag + 1, into);
        }
        _ => into.put_signed(amount.map(|amount| amount.0)),
    }
}

/// A finding whose texts are still in the bytes that it was read from.
#[derive(Debug)]
pub struct Found<'b> {
    /// The finding.
    pub view: FindingView<'b>,
    snippet: Option<&'b [u8]>,
}

impl Found<'_> {
    /// The place in a report.
    pub fn order(&self) -> Order {
        let Place { source, record, byte, .. } = self.view.place;
        (source, record, byte, self.view.rule.0)
    }

    /// The finding, complete and on its own.
    pub fn to_finding(&self) -> Result<Finding> {
        let mut finding = self.view.to_finding();
        if let Some(cells) = self.snippet {
            finding.snippet = Some(take_cells(&mut Take(cells))?);
        }
        Ok(finding)
    }
}

/// What the findings before said, for those that say it no more.
#[derive(Debug)]
struct Said<'b> {
    place: Place,
    amount: Option<Cents>,
    claim_id: Option<&'b str>,
    service_line: Option<&'b str>,
    context: Context<&'b str>,
    messages: Vec<&'b str>,
}

impl<'b> Said<'b> {
    fn nothing() -> Self {
        let place = Place { source: 0, record: 0, line: 0, byte: 0 };
        let (claim_id, service_line, context) = (None, None, Context::default());
        Said { place, amount: None, claim_id, service_line, context, messages: Vec::new() }
    }

    /// Begins anew with findings of an input.
    fn forget(&mut self, source: u32) {
        self.place = Place { source, record: 0, line: 0, byte: 0 };
        self.messages.clear();
    }

    /// Takes the finding at the front.
    fn take(&mut self, take: &mut Take<'b>) -> Result<Found<'b>> {
        let tag = take_byte(take)?;
        let severity = *Severity::ALL.get(usize::from(tag & SEVERITY)).ok_or_else(broken)?;
        let rule = RuleId(u16::try_from(take_short(take)?).map_err(|_| broken())?);
        self.place.record = self.place.record.wrapping_add(take_short(take)?);
        self.place.line = self.place.line.wrapping_add(take_short(take)?);
        self.place.byte = self.place.byte.wrapping_add(take_short(take)?);
        if tag & SAME_OWNER == 0 {
            self.amount = take_amount(take)?;
            self.claim_id = take_optional(take)?;
            self.service_line = take_optional(take)?;
            let Context { payer, rendering, day } = take_context(take)?;
            let [payer, rendering] = [payer, rendering].map(|bytes| bytes.map(text).transpose());
            self.context = Context { payer: payer?, rendering: rendering?, day };
        }
        let field = match take_byte(take)? {
            0 => None,
            at => Some(Field::from_index(usize::from(at) - 1).ok_or_else(broken)?),
        };
        let value = take_optional(take)?;
        let message = match (take_short(take)? as usize).checked_sub(1) {
            Some(known) => *self.messages.get(known).ok_or_else(broken)?,
            None => {
                let message = take_text(take)?;
                self.messages.push(message);
                message
            }
        };
        let suggestion = if tag & HAS_SUGGESTION == 0 { None } else { Some(take_text(take)?) };
        let mut related = Vec::new();
        if tag & HAS_RELATED != 0 {
            for _ in 0..take_short(take)? {
                related.push(RelatedView { place: take_place(take)?, value: take_text(take)? });
            }
        }
        let mut snippet = None;
        if tag & HAS_SNIPPET != 0 {
            snippet = Some(take.0);
            for _ in Snippet::FIELDS {
                take_text(take)?;
            }
        }
        let view = FindingView {
            rule,
            severity,
            place: self.place,
            claim_id: self.claim_id,
            service_line: self.service_line,
            field,
            value,
            message,
            suggestion,
            related,
            amount: self.amount,
            context: self.context,
        };
        Ok(Found { view, snippet })
    }
}

#[inline]
fn take_byte(take: &mut Take<'_>) -> Result<u8> {
    let (byte, rest) = take.0.split_first().ok_or_else(broken)?;
    take.0 = rest;
    Ok(*byte)
}

/// What [`put_short`] wrote.
#[inline]
fn take_short(take: &mut Take<'_>) -> Result<u64> {
    let byte = take_byte(take)?;
    if byte < 0x80 {
        return Ok(u64::from(byte));
    }
    let mut value = u64::from(byte & 0x7f);
    let mut shift = 7;
    loop {
        let byte = take_byte(take)?;
        // The tenth byte has room for one bit.
        if shift == 63 && byte > 1 {
            return Err(broken());
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
        shift += 7;
    }
}

fn take_amount(take: &mut Take<'_>) -> Result<Option<Cents>> {
    let mut short = *take;
    // The long form differs in its length only.
    let Ok(number) = take_short(&mut short) else { return Ok(take.signed()?.map(Cents)) };
    *take = short;
    let Some(zigzag) = number.checked_sub(1) else { return Ok(None) };
    let magnitude = i128::from(zigzag >> 1);
    Ok(Some(Cents(if zigzag & 1 == 1 { -magnitude } else { magnitude })))
}

#[inline]
fn take_optional<'b>(take: &mut Take<'b>) -> Result<Option<&'b str>> {
    match take_short(take)? {
        0 => Ok(None),
        length => text(take.exactly(length as usize - 1)?).map(Some),
    }
}

#[inline]
fn take_text<'b>(take: &mut Take<'b>) -> Result<&'b str> {
    let length = take_short(take)? as usize;
    text(take.exactly(length)?)
}

/// Records of a batch are valid UTF-8: what is not was set aside with a fault.
#[inline]
fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| broken())
}

/// What is to be known of a finding that stands alone before it is read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its place in a report.
    pub order: Order,
    /// Whether the charge of its line was counted with another finding.
    pub charge_counted: bool,
    /// The amount billed.
    pub amount: Option<Cents>,
}

/// Looks at the front of a finding that stands alone.
pub fn known(encoded: &[u8]) -> Result<Known> {
    let mut take = Take(encoded);
    let source = u32::try_from(take_short(&mut take)?).map_err(|_| broken())?;
    let tag = take_byte(&mut take)?;
    let rule = u16::try_from(take_short(&mut take)?).map_err(|_| broken())?;
    let record = take_short(&mut take)?;
    take_short(&mut take)?;
    let byte = take_short(&mut take)?;
    let amount = take_amount(&mut take)?;
    let charge_counted = tag & CHARGE_COUNTED != 0;
    Ok(Known { order: (source, record, byte, rule), charge_counted, amount })
}
