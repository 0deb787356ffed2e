//! Which rules have their columns in which inputs. A rule that can look at one input and not at
//! another has not looked at everything, and no claim of the other is clean.

use crate::model::{Field, RuleId};
use crate::pipeline::plan::Plan;
use crate::report::summary::SourceSummary;

/// The fields without which a rule looks at nothing: those that it needs, and those of its key.
pub fn needs(plan: &Plan, id: RuleId) -> Vec<Field> {
    let own = plan.registry.get(id).map_or(&[][..], |rule| rule.info.needs);
    let key = key_of(plan, id).iter().filter(|field| !own.contains(field));
    own.iter().chain(key).copied().collect()
}

/// The fields of the key by which a rule groups lines.
pub fn key_of(plan: &Plan, id: RuleId) -> &[Field] {
    let group = plan.checks.groups.iter().find(|prepared| prepared.id == id);
    let pool = plan.checks.pools.iter().find(|prepared| prepared.id == id);
    let own = plan.checks.sql.iter().find(|prepared| prepared.id == id);
    let of_groups = group.map(|prepared| prepared.check.key());
    let of_pools = of_groups.or_else(|| pool.map(|prepared| prepared.check.key()));
    of_pools.or_else(|| own.map(|prepared| prepared.program.scope.key())).unwrap_or_default()
}

/// The enabled rules that lack a column in this input and lack none in another.
pub fn lacking(plan: &Plan, sources: &[SourceSummary], input: usize) -> Vec<RuleId> {
    let Some(here) = sources.get(input).filter(|_| sources.len() > 1) else { return Vec::new() };
    let can_look = |source: &SourceSummary, id: RuleId| {
        needs(plan, id).into_iter().all(|field| source.maps(field))
    };
    let is_ready = |id: &RuleId| {
        let mut idle = plan.checks.unready.iter().chain(&plan.checks.idle);
        !idle.any(|(known, _)| known == id)
    };
    let lacks =
        |id: &RuleId| !can_look(here, *id) && sources.iter().any(|source| can_look(source, *id));
    plan.enabled().filter(|id| is_ready(id) && lacks(id)).collect()
}
