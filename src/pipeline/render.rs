//! The end of a run: all findings in order to the sinks.

use crate::error::Result;
use crate::exchange::found;
use crate::exchange::found::slices::Slices;
use crate::exchange::order::Ordered;
use crate::lint::Tally;
use crate::pipeline::findings::add_amount;
use crate::report::{Sink, Summary};

/// Adds the charges of lines with findings of claims, each line once, whatever groups it is in.
pub fn add_charges(claims: &Ordered, tallies: &mut [Tally]) -> Result<()> {
    let mut findings = claims.read()?;
    let (mut last, mut encoded) = (None, Vec::new());
    while let Some((source, record, _)) = findings.take(&mut encoded)? {
        let known = found::known(&encoded)?;
        if last == Some((source, record)) || known.charge_counted {
            continue;
        }
        last = Some((source, record));
        if let Some(tally) = tallies.get_mut(source as usize) {
            add_amount(&mut tally.at_risk, &mut tally.charges_unread, known.amount);
        }
    }
    Ok(())
}

/// Hands all findings to the sinks in order: input, record, rule.
pub fn render(
    mut slices: Slices<'_>,
    summary: &Summary,
    sinks: &mut [Box<dyn Sink + '_>],
) -> Result<()> {
    for sink in sinks.iter_mut() {
        sink.begin(summary)?;
    }
    while let Some(slice) = slices.next_slice()? {
        slice.for_each(|found| {
            let finding = found.to_finding()?;
            sinks.iter_mut().try_for_each(|sink| sink.finding(&finding, summary))
        })?;
    }
    for sink in sinks.iter_mut() {
        sink.finish(summary)?;
    }
    Ok(())
}
