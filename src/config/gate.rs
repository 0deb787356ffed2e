//! `[gate]`: what makes a run fail, beside the severity of what it finds.

use std::collections::BTreeMap;

use crate::config::layers::Layer;
use crate::config::merge::Merger;
use crate::config::raw::{RawGate, RawThreshold};
use crate::config::selection::by_specificity;
use crate::config::settings::Gate;
use crate::config::threshold::Threshold;
use crate::error::Result;
use crate::lint::registry::Registry;
use crate::lint::select::select;
use crate::model::RuleId;

/// `gate` with the thresholds of the layers.
pub(in crate::config) fn thresholds(
    merger: &mut Merger<'_>,
    registry: &Registry,
    gate: Gate,
) -> Result<Gate> {
    fn of<T>(gate: Option<&RawGate>, get: impl Fn(&RawGate) -> Option<T>) -> Option<T> {
        gate.and_then(get)
    }
    let findings = merger.setting("gate.max-findings", RawThreshold::Count(0), |raw| {
        of(raw.gate.as_ref(), |gate| gate.max_findings.clone())
    });
    let rejects = merger
        .optional("gate.max-rejects", |raw| of(raw.gate.as_ref(), |gate| gate.max_rejects.clone()));
    let mut rules = BTreeMap::new();
    for layer in merger.layers {
        let table = layer.raw.gate.as_ref().and_then(|gate| gate.rules.as_ref());
        let Some(table) = table else { continue };
        rules.extend(of_layer(layer, table, registry)?);
        for (name, written) in table {
            let key = format!("gate.rules.{name}");
            merger.show(&key, written, layer.origin(&key).to_string());
        }
    }
    Ok(Gate {
        max_findings: parse(&findings.value).map_err(|e| findings.origin.blame(&e))?,
        max_rejects: match rejects {
            Some(picked) => Some(parse(&picked.value).map_err(|e| picked.origin.blame(&e))?),
            None => None,
        },
        rules,
        ..gate
    })
}

/// The thresholds of one layer; the more specific selector wins.
fn of_layer(
    layer: &Layer,
    table: &BTreeMap<String, RawThreshold>,
    registry: &Registry,
) -> Result<BTreeMap<RuleId, Threshold>> {
    let mut rules = BTreeMap::new();
    for name in by_specificity(table, registry) {
        let origin = layer.origin(&format!("gate.rules.{name}"));
        let chosen = select(name, registry).map_err(|e| origin.blame(&e))?;
        let Some(written) = table.get(name) else { continue };
        let threshold = parse(written).map_err(|e| origin.blame(&e))?;
        rules.extend(chosen.into_iter().map(|id| (id, threshold)));
    }
    Ok(rules)
}

fn parse(written: &RawThreshold) -> Result<Threshold> {
    match written {
        RawThreshold::Count(count) => Ok(Threshold::Count(*count)),
        RawThreshold::Text(text) => Threshold::parse(text),
    }
}
