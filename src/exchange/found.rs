//! Findings as bytes, between the batch that found them and the report that shows them.

use crate::error::Result;
use crate::exchange::wire::{Put, Take, broken};
use crate::model::batch::Place;
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
    /// The line's key columns.
    pub snippet: Option<&'a Snippet>,
}

/// The place of a finding in a report: input, record, rule.
pub type Order = (u32, u64, u16);

/// Appends a finding, with its length before it.
pub fn encode(finding: &FindingParts<'_>, scratch: &mut Vec<u8>, into: &mut Vec<u8>) {
    scratch.clear();
    put(finding, scratch);
    into.put_bytes(scratch);
}

/// A finding that stands alone, without its length.
pub fn encode_alone(finding: &FindingParts<'_>) -> Vec<u8> {
    let mut encoded = Vec::new();
    put(finding, &mut encoded);
    encoded
}

fn put(finding: &FindingParts<'_>, into: &mut Vec<u8>) {
    put_place(&finding.place, into);
    into.put_number(u128::from(finding.rule.0));
    into.put_number(finding.severity as u128 | u128::from(finding.charge_counted) << 2);
    into.put_optional(finding.claim_id);
    into.put_optional(finding.service_line);
    into.put_number(finding.field.map_or(0, |field| field as u128 + 1));
    into.put_optional(finding.value);
    into.put_bytes(finding.message.as_bytes());
    into.put_optional(finding.suggestion);
    into.put_number(finding.related.len() as u128);
    for related in finding.related {
        put_place(&related.place, into);
        into.put_bytes(related.value.as_bytes());
    }
    into.put_signed(finding.amount.map(|amount| amount.0));
    put_snippet(finding.snippet, into);
}

/// Appends a place.
pub fn put_place(place: &Place, into: &mut Vec<u8>) {
    into.put_number(u128::from(place.source));
    into.put_number(u128::from(place.record));
    into.put_number(u128::from(place.line));
    into.put_number(u128::from(place.byte));
}

/// Takes a place.
pub fn take_place(take: &mut Take<'_>) -> Result<Place> {
    let source = u32::try_from(take.small()?).map_err(|_| broken())?;
    Ok(Place { source, record: take.small()?, line: take.small()?, byte: take.small()? })
}

/// Appends a snippet that may be absent.
pub fn put_snippet(snippet: Option<&Snippet>, into: &mut Vec<u8>) {
    into.put_number(u128::from(snippet.is_some()));
    for cell in snippet.iter().flat_map(|snippet| &snippet.0) {
        into.put_bytes(cell.as_bytes());
    }
}

/// Takes a snippet that may be absent.
pub fn take_snippet(take: &mut Take<'_>) -> Result<Option<Snippet>> {
    if take.number()? == 0 {
        return Ok(None);
    }
    let mut snippet = Snippet::default();
    for cell in &mut snippet.0 {
        *cell = text(take.bytes()?);
    }
    Ok(Some(snippet))
}

/// The place of an encoded finding, its length taken off, in a report.
pub fn order(encoded: &[u8]) -> Result<Order> {
    let mut take = Take(encoded);
    let place = take_place(&mut take)?;
    let rule = u16::try_from(take.small()?).map_err(|_| broken())?;
    Ok((place.source, place.record, rule))
}

/// Whether the charge of an encoded finding's line was counted with another finding.
pub fn charge_counted(encoded: &[u8]) -> Result<bool> {
    let mut take = Take(encoded);
    take_place(&mut take)?;
    take.small()?;
    Ok(take.small()? & 4 != 0)
}

/// The finding that was encoded, its length taken off.
pub fn decode(encoded: &[u8]) -> Result<Finding> {
    let mut take = Take(encoded);
    let place = take_place(&mut take)?;
    let rule = RuleId(u16::try_from(take.small()?).map_err(|_| broken())?);
    let severity = take.small()? as usize & 3;
    let severity = *Severity::ALL.get(severity).ok_or_else(broken)?;
    let claim_id = take.optional()?.map(text);
    let service_line = take.optional()?.map(text);
    let field = match take.small()? {
        0 => None,
        at => Some(*Field::ALL.get(at as usize - 1).ok_or_else(broken)?),
    };
    let value = take.optional()?.map(text);
    let message = text(take.bytes()?);
    let suggestion = take.optional()?.map(text);
    let mut related = Vec::new();
    for _ in 0..take.small()? {
        related.push(Related { place: take_place(&mut take)?, value: text(take.bytes()?) });
    }
    let amount = take.signed()?.map(Cents);
    let snippet = take_snippet(&mut take)?;
    Ok(Finding {
        rule,
        severity,
        place,
        claim_id,
        service_line,
        field,
        value,
        message,
        suggestion,
        related,
        amount,
        snippet,
    })
}

/// Records of a batch are valid UTF-8, so nothing is replaced here.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
