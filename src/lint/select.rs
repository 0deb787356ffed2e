//! Selectors: `CII`, `COD002`, `missing-claim-id`, `category-two`, `ALL` → sets of rules.

use std::collections::BTreeSet;

use crate::error::{Error, Result, nearest};
use crate::lint::registry::Registry;
use crate::model::{RuleCategory, RuleId};

/// The rules that a selector names: a code, a prefix of codes, a name, a category, or `ALL`.
///
/// A selector that names nothing is an error, with the nearest code, name or category.
pub fn select(selector: &str, registry: &Registry) -> Result<BTreeSet<RuleId>> {
    let wanted = selector.trim();
    let all = wanted.eq_ignore_ascii_case("ALL");
    let upper = wanted.to_ascii_uppercase();
    let chosen: BTreeSet<RuleId> = registry
        .iter()
        .filter(|(_, rule)| {
            all || (!upper.is_empty() && rule.info.code.starts_with(&upper))
                || rule.info.name.eq_ignore_ascii_case(wanted)
                || rule.info.category.name().eq_ignore_ascii_case(wanted)
        })
        .map(|(id, _)| id)
        .collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let error = Error::settings(format!("no rule is selected by `{wanted}`"));
    let names = registry.iter().flat_map(|(_, rule)| [rule.info.code, rule.info.name]);
    let names: Vec<&str> =
        names.chain(RuleCategory::ALL.iter().map(|category| category.name())).collect();
    // Codes are compared in their own case, names in theirs.
    let near = nearest(&upper, names.iter().copied())
        .or_else(|| nearest(&wanted.to_lowercase(), names.iter().copied()));
    Err(match near {
        Some(name) => error.with_help(format!("did you mean `{name}`?")),
        None => error.with_help("`claimlint rules` lists codes, names and categories"),
    })
}
