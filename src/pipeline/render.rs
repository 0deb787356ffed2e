//! The end of a run: all findings in order to the sinks.

use crate::error::Result;
use crate::exchange::found::{self, decode};
use crate::exchange::order::{Ordered, Sorted};
use crate::exchange::spool::{Entries, Spool};
use crate::lint::Tally;
use crate::pipeline::findings::add_amount;
use crate::report::{Sink, Summary};

/// Adds the charges of lines with findings of claims, each line once, whatever groups it is in.
pub fn add_charges(claims: &Ordered, tallies: &mut [Tally]) -> Result<()> {
    let mut findings = claims.read()?;
    let mut last = None;
    while let Some(((source, record, _), encoded)) = findings.take()? {
        if last == Some((source, record)) || found::charge_counted(&encoded)? {
            continue;
        }
        last = Some((source, record));
        if let Some(tally) = tallies.get_mut(source as usize) {
            let amount = decode(&encoded)?.amount;
            add_amount(&mut tally.at_risk, &mut tally.charges_unread, amount);
        }
    }
    Ok(())
}

/// Hands all findings to the sinks in order: input, record, rule.
pub fn render(
    alarms: Vec<Vec<u8>>,
    lines: Spool,
    claims: &Ordered,
    summary: &Summary,
    sinks: &mut [Box<dyn Sink + '_>],
) -> Result<()> {
    for sink in sinks.iter_mut() {
        sink.begin(summary)?;
    }
    let mut merged = Merged::new(alarms, lines.read()?, claims.read()?)?;
    while let Some(encoded) = merged.next()? {
        let finding = decode(&encoded)?;
        for sink in sinks.iter_mut() {
            sink.finding(&finding, summary)?;
        }
    }
    for sink in sinks.iter_mut() {
        sink.finish(summary)?;
    }
    Ok(())
}

/// Three ordered streams of findings as one.
struct Merged {
    alarms: std::vec::IntoIter<Vec<u8>>,
    lines: Entries,
    claims: Sorted,
    heads: [Option<(found::Order, Vec<u8>)>; 3],
}

impl Merged {
    fn new(alarms: Vec<Vec<u8>>, lines: Entries, claims: Sorted) -> Result<Merged> {
        let mut merged =
            Merged { alarms: alarms.into_iter(), lines, claims, heads: [None, None, None] };
        for stream in 0..merged.heads.len() {
            merged.advance(stream)?;
        }
        Ok(merged)
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let heads = self.heads.iter().enumerate();
        let first = heads.filter_map(|(at, head)| head.as_ref().map(|(order, _)| (*order, at)));
        let Some((_, stream)) = first.min() else { return Ok(None) };
        let head = self.heads.get_mut(stream).and_then(Option::take);
        self.advance(stream)?;
        Ok(head.map(|(_, encoded)| encoded))
    }

    fn advance(&mut self, stream: usize) -> Result<()> {
        let next = match stream {
            0 => match self.alarms.next() {
                Some(encoded) => Some((found::order(&encoded)?, encoded)),
                None => None,
            },
            1 => {
                let mut entry = Vec::new();
                match self.lines.take(&mut entry)? {
                    true => Some((found::order(&entry)?, entry)),
                    false => None,
                }
            }
            _ => self.claims.take()?,
        };
        if let Some(head) = self.heads.get_mut(stream) {
            *head = next;
        }
        Ok(())
    }
}
