//! Selectors to rules: which run, how much each weighs, their options, and the exceptions.
//!
//! Layers are applied from the lowest up. In each, `select` replaces what was selected, then
//! `extend-select` adds, then `ignore` takes away; a higher layer can add again. Rule tables are
//! applied in the same order; within a layer, `ALL` before a category, that before a prefix of
//! codes, a short prefix before a long one, and a code or name last.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::layers::{Layer, suggest};
use crate::config::merge::{Merger, severity};
use crate::config::origin::Origin;
use crate::config::raw::{OneOrMany, Raw, RawOption, RawOverride, RawRules, SeverityWord};
use crate::config::settings::{Override, RuleSetting};
use crate::error::Result;
use crate::lint::OptionValue;
use crate::lint::registry::Registry;
use crate::lint::select::select;
use crate::model::{RuleCategory, RuleId, Severity};

/// Where a rule's place in the run comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOrigin {
    /// What put the rule in or took it out last.
    pub enabled: String,
    /// What gave it its severity.
    pub severity: String,
}

/// The rules of a run, in the order of the registry.
pub(in crate::config) struct Rules {
    pub settings: Vec<RuleSetting>,
    pub origins: Vec<RuleOrigin>,
}

/// Which rules run, how much each weighs, and their options.
pub(in crate::config) fn rules(
    merger: &mut Merger<'_>,
    registry: &Registry,
    (min_severity, min_origin): (Severity, &Origin),
) -> Result<Rules> {
    show_selection(merger);
    let mut all = Rules { settings: Vec::new(), origins: Vec::new() };
    for (_, rule) in registry.iter() {
        let severity = rule.info.severity;
        let from = match &rule.info.own {
            Some(_) => rule.info.file.to_owned(),
            None => Origin::built_in().to_string(),
        };
        all.settings.push(RuleSetting {
            enabled: true,
            severity,
            options: BTreeMap::new(),
            origin: from.clone(),
        });
        all.origins.push(RuleOrigin { enabled: from.clone(), severity: from });
    }
    for at in 0..merger.layers.len() {
        let Some(layer) = merger.layers.get(at) else { break };
        let ignored_nothing = all.choose(layer, registry)?;
        merger.warnings.extend(ignored_nothing);
        all.weigh(layer, registry)?;
    }
    // An exception may lift a rule over the bar for some lines; what stays below is left out there.
    let raised = raised(merger.layers, registry, min_severity)?;
    for ((setting, origin), at) in all.settings.iter_mut().zip(&mut all.origins).zip(0..) {
        let id = RuleId(at);
        let is_raised = raised.contains(&id);
        if setting.enabled && setting.severity < min_severity && !is_raised {
            setting.enabled = false;
            origin.enabled = min_origin.to_string();
        }
    }
    let idle = idle_tables(merger.layers, registry, &all.settings)?;
    merger.warnings.extend(idle);
    Ok(all)
}

impl Rules {
    fn of(&mut self, id: RuleId) -> Option<(&mut RuleSetting, &mut RuleOrigin)> {
        let at = usize::from(id.0);
        Some((self.settings.get_mut(at)?, self.origins.get_mut(at)?))
    }

    fn is_enabled(&self, id: RuleId) -> bool {
        self.settings.get(usize::from(id.0)).is_some_and(|setting| setting.enabled)
    }

    fn put(&mut self, ids: &BTreeSet<RuleId>, enabled: bool, origin: &Origin) {
        for id in ids {
            if let Some((setting, from)) = self.of(*id) {
                setting.enabled = enabled;
                from.enabled = origin.to_string();
            }
        }
    }

    /// Applies the selectors of one layer. Returns warnings on those that ignore nothing.
    fn choose(&mut self, layer: &Layer, registry: &Registry) -> Result<Vec<String>> {
        let raw = &layer.raw;
        let resolve = |key: &str, list: &[String]| -> Result<(BTreeSet<RuleId>, Origin)> {
            let mut chosen = BTreeSet::new();
            for (at, selector) in list.iter().enumerate() {
                let origin = layer.origin(&format!("{key}.{at}"));
                chosen.extend(select(selector, registry).map_err(|e| origin.blame(&e))?);
            }
            Ok((chosen, layer.origin(key)))
        };
        if let Some(list) = &raw.select {
            let (chosen, origin) = resolve("select", list)?;
            let every = registry.iter().map(|(id, _)| id).collect();
            self.put(&every, false, &origin);
            self.put(&chosen, true, &origin);
        }
        if let Some(list) = &raw.extend_select {
            let (chosen, origin) = resolve("extend-select", list)?;
            self.put(&chosen, true, &origin);
        }
        let mut warnings = Vec::new();
        for (at, selector) in raw.ignore.iter().flatten().enumerate() {
            let origin = layer.origin(&format!("ignore.{at}"));
            let chosen = select(selector, registry).map_err(|e| origin.blame(&e))?;
            if layer.by_user && !chosen.iter().any(|id| self.is_enabled(*id)) {
                warnings.push(format!("{origin}: ignore `{selector}` takes no rule away"));
            }
            self.put(&chosen, false, &layer.origin("ignore"));
        }
        Ok(warnings)
    }

    /// Applies the rule tables of one layer.
    fn weigh(&mut self, layer: &Layer, registry: &Registry) -> Result<()> {
        let Some(tables) = layer.raw.rules.as_ref().and_then(RawRules::tables) else {
            return Ok(());
        };
        for name in by_specificity(tables, registry) {
            let key = format!("rules.{name}");
            let origin = layer.origin(&key);
            let chosen = select(name, registry).map_err(|e| origin.blame(&e))?;
            for (option, value) in tables.get(name).into_iter().flatten() {
                let at = layer.origin(&format!("{key}.{option}"));
                let weight = match option.as_str() {
                    "severity" => Some(severity_of(value, &at)?),
                    _ => None,
                };
                for id in &chosen {
                    let Some((setting, from)) = self.of(*id) else { continue };
                    match weight {
                        Some(weight) => {
                            setting.severity = weight;
                            from.severity = at.to_string();
                        }
                        None => {
                            setting.options.insert(option.clone(), option_value(value));
                            setting.origin = origin.to_string();
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Shows the selectors that count: the highest `select`, and what that layer and higher ones add
/// and take away.
fn show_selection(merger: &mut Merger<'_>) {
    let picked = merger.pick("select", |raw| raw.select.clone());
    let base = picked.as_ref().map_or(0, |picked| picked.layer);
    match picked {
        Some(picked) => merger.show("select", &picked.value, picked.origin.to_string()),
        None => merger.show("select", &["ALL"], Origin::built_in().to_string()),
    }
    type List = fn(&Raw) -> Option<&Vec<String>>;
    let lists: [(&str, List); 2] = [
        ("extend-select", |raw| raw.extend_select.as_ref()),
        ("ignore", |raw| raw.ignore.as_ref()),
    ];
    for (key, get) in lists {
        let layers = merger.layers.iter().skip(base);
        let set: Vec<_> = layers.filter_map(|layer| Some((get(&layer.raw)?, layer))).collect();
        let all: Vec<&String> = set.iter().flat_map(|(list, _)| *list).collect();
        let origins: Vec<_> = set.iter().map(|(_, layer)| layer.origin(key).to_string()).collect();
        if !all.is_empty() {
            merger.show(key, &all, origins.join(", "));
        }
    }
}

/// The keys of a table of selectors, the least specific first.
pub(in crate::config) fn by_specificity<'t, T>(
    table: &'t BTreeMap<String, T>,
    registry: &Registry,
) -> Vec<&'t str> {
    let mut names: Vec<&str> = table.keys().map(String::as_str).collect();
    names.sort_by_key(|name| {
        let is_category = RuleCategory::ALL.iter().any(|c| c.name().eq_ignore_ascii_case(name));
        if name.eq_ignore_ascii_case("ALL") {
            (0, 0)
        } else if registry.find(name).is_some() {
            (3, 0)
        } else if is_category {
            (1, 0)
        } else {
            (2, name.len())
        }
    });
    names
}

fn severity_of(value: &RawOption, origin: &Origin) -> Result<Severity> {
    let RawOption::Text(word) = value else {
        let error = origin.error("severity: expected a text");
        return Err(error.with_help(format!("one of: {}", SeverityWord::WORDS.join(", "))));
    };
    SeverityWord::from_word(word).map(severity).ok_or_else(|| {
        let error = origin.error(format_args!("unknown severity `{word}`"));
        suggest(error, word, SeverityWord::WORDS)
    })
}

fn option_value(value: &RawOption) -> OptionValue {
    match value.clone() {
        RawOption::Flag(flag) => OptionValue::Flag(flag),
        RawOption::Number(number) => OptionValue::Number(number),
        RawOption::Text(text) => OptionValue::Text(text),
        RawOption::List(list) => OptionValue::List(list),
    }
}

/// Warnings on rule tables of the user that are about rules that do not run.
fn idle_tables(
    layers: &[Layer],
    registry: &Registry,
    settings: &[RuleSetting],
) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    for layer in layers.iter().filter(|layer| layer.by_user) {
        let tables = layer.raw.rules.iter().filter_map(RawRules::tables);
        for name in tables.flat_map(BTreeMap::keys) {
            let chosen = select(name, registry)?;
            if !chosen.iter().any(|id| runs(settings, *id)) {
                let origin = layer.origin(&format!("rules.{name}"));
                warnings.push(format!("{origin}: [rules.{name}] is about no rule that runs"));
            }
        }
    }
    Ok(warnings)
}

fn runs(settings: &[RuleSetting], id: RuleId) -> bool {
    settings.get(usize::from(id.0)).is_some_and(|setting| setting.enabled)
}

/// The rules that an exception lifts to `min_severity` or above for some lines.
fn raised(
    layers: &[Layer],
    registry: &Registry,
    min_severity: Severity,
) -> Result<BTreeSet<RuleId>> {
    let mut raised = BTreeSet::new();
    for layer in layers {
        for (at, written) in layer.raw.overrides.iter().flatten().enumerate() {
            let changes = exception(written, layer, &format!("override.{at}"), registry)?.changes;
            let lifts = |change: &Option<Severity>| change.is_some_and(|to| to >= min_severity);
            raised.extend(changes.iter().filter(|(_, to)| lifts(to)).map(|(id, _)| *id));
        }
    }
    Ok(raised)
}

/// The exceptions of every layer, the lowest first.
pub(in crate::config) fn overrides(
    merger: &mut Merger<'_>,
    registry: &Registry,
    settings: &[RuleSetting],
) -> Result<Vec<Override>> {
    let mut all = Vec::new();
    for layer in merger.layers {
        for (at, written) in layer.raw.overrides.iter().flatten().enumerate() {
            let key = format!("override.{at}");
            let exception = exception(written, layer, &key, registry)?;
            if !exception.changes.keys().any(|id| runs(settings, *id)) {
                let origin = &exception.origin;
                merger.warnings.push(format!("{origin}: [[override]] is about no rule that runs"));
            }
            all.push(exception);
        }
    }
    Ok(all)
}

fn exception(
    written: &RawOverride,
    layer: &Layer,
    key: &str,
    registry: &Registry,
) -> Result<Override> {
    let origin = layer.origin(key);
    let list = |texts: Option<&OneOrMany>| texts.map(OneOrMany::list).unwrap_or_default();
    let matching = written.matching.clone().unwrap_or_default();
    let (files, payers) = (list(matching.file.as_ref()), list(matching.payer.as_ref()));
    if files.is_empty() && payers.is_empty() {
        let error = origin.error("an override needs a match");
        return Err(error.with_help("write match = { file = \"*.psv\" } or { payer = [\"X\"] }"));
    }
    let mut changes = BTreeMap::new();
    if let Some(table) = &written.severity {
        for name in by_specificity(table, registry) {
            let at = layer.origin(&format!("{key}.severity.{name}"));
            let chosen = select(name, registry).map_err(|e| at.blame(&e))?;
            let weight = table.get(name).copied().map(severity);
            changes.extend(chosen.into_iter().map(|id| (id, weight)));
        }
    }
    for (at, selector) in written.ignore.iter().flatten().enumerate() {
        let at = layer.origin(&format!("{key}.ignore.{at}"));
        let chosen = select(selector, registry).map_err(|e| at.blame(&e))?;
        changes.extend(chosen.into_iter().map(|id| (id, None)));
    }
    if changes.is_empty() {
        let error = origin.error("an override changes nothing");
        return Err(error.with_help("write ignore = [\"CII\"] or severity = { CII001 = \"info\" }"));
    }
    Ok(Override { files, payers, changes, origin: origin.to_string() })
}
