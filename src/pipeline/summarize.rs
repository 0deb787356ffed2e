//! The account of a run, summed up at its end.

use crate::error::Result;
use crate::lint::Tally;
use crate::lint::tally::RuleTally;
use crate::model::{Cents, Class, Field, RuleId, RuleInfo, Scope, Snippet};
use crate::pipeline::account::Account;
use crate::pipeline::alarms::Alarms;
use crate::pipeline::columns;
use crate::pipeline::plan::Plan;
use crate::report::summary::{
    EditionUsed, Excused, LineCounts, NO_COLUMN, Outcome, RuleSummary, SourceSummary, Summary,
};

/// Sums up the run.
///
/// # Errors
/// An exception of the configuration that no input could ever match is no error; it is noted.
pub fn summarize(
    plan: &Plan,
    account: Account,
    tallies: &[Tally],
    alarms: &Alarms,
) -> Result<Summary> {
    let mut total = Tally::new(plan.registry.len());
    tallies.iter().for_each(|tally| total.merge(tally));
    let mut lines = LineCounts::default();
    account.sources.iter().for_each(|source| lines.merge(&source.lines));
    let mut rules: Vec<RuleSummary> =
        plan.enabled().filter_map(|id| rule_summary(plan, id, &total, &account)).collect();
    for rule in &mut rules {
        let inputs = alarms.alarmed.iter().filter(|(_, id)| *id == rule.id);
        rule.alarmed = inputs.map(|(input, _)| *input as u32).collect();
        rule.by_input = tallies.iter().map(|tally| tally.rule(rule.id).found).collect();
    }
    let class_count = |class: Class| total.classes.get(Tally::class_index(class)).copied();
    let unclassed = [Tally::DAMAGED, Tally::MALFORMED, Tally::MISSING];
    Ok(Summary {
        rules,
        lines,
        claims: account.claims,
        clean_claims: account.clean,
        lines_without_claim: total.without_claim,
        unreadable: account.unreadable,
        unnamed: account.unnamed,
        at_risk: total.at_risk,
        charges_unread: total.charges_unread,
        has_charges: account.has_charges,
        severities: total.severities,
        excused: Excused {
            waived: total.rules.iter().map(|rule| rule.waived).sum(),
            accepted: total.rules.iter().map(|rule| rule.accepted).sum(),
        },
        classes: Class::ALL.into_iter().map(|c| (c, class_count(c).unwrap_or(0))).collect(),
        unclassed: unclassed.map(|at| total.classes.get(at).copied().unwrap_or(0)),
        tidied: total.tidied,
        notes: notes(plan, &account, &total),
        split: None,
        as_of: plan.as_of,
        phi: plan.phi.name(),
        phi_key: plan.phi.key_id(),
        editions: editions(plan),
        sources: account.sources,
    })
}

/// The editions of the run. Built-in tables have no source.
fn editions(plan: &Plan) -> Vec<EditionUsed> {
    let loaded = plan.reference.editions().iter().filter(|info| !info.sources.is_empty());
    let used = loaded.map(|info| EditionUsed {
        kind: info.kind,
        name: info.name.clone(),
        covers: info.covers,
        sha256: info.sources.iter().map(|source| source.sha256.clone()).collect(),
    });
    used.collect()
}

fn notes(plan: &Plan, account: &Account, total: &Tally) -> Vec<String> {
    let mut notes = plan.notes.clone();
    if account.unreadable > 0 {
        let (records, they) = match account.unreadable {
            1 => ("1 record".to_owned(), "the claim that it belongs to"),
            many => (format!("{many} records"), "the claims that they belong to"),
        };
        notes.push(format!("{records} could not be read; {they} may be incomplete"));
    }
    let mut unjudged: Vec<(String, Vec<&str>)> = Vec::new();
    for (id, rule) in plan.registry.iter() {
        let ungrouped = total.rule(id).ungrouped;
        // A rule without findings says so as its outcome.
        if ungrouped > 0 && total.rule(id).found > 0 {
            let keys =
                columns::key_of(plan, id).iter().map(|field| field.name()).collect::<Vec<_>>();
            let keys = keys.join(" or ");
            let said = match ungrouped {
                1 => format!("1 line was not judged for want of {keys}"),
                many => format!("{many} lines were not judged for want of {keys}"),
            };
            match unjudged.iter_mut().find(|(known, _)| *known == said) {
                Some((_, codes)) => codes.push(rule.info.code),
                None => unjudged.push((said, vec![rule.info.code])),
            }
        }
        // What a rule of the user's cannot tell is never taken for clean, and said.
        let rest = RuleTally { ungrouped: 0, uncovered: 0, ..total.rule(id) };
        if rule.info.own.is_some() && rest.found > 0 {
            let said = left_out(&rest, &[]).map(|said| format!("not judged: {said}"));
            unjudged.extend(said.map(|said| (said, vec![rule.info.code])));
        }
    }
    notes.extend(unjudged.iter().map(|(said, codes)| format!("{}: {said}", codes.join(", "))));
    let inputs = account.sources.iter().map(|source| plan.exceptions_of_input(&source.name));
    let of_inputs = inputs.fold(0, |all, bits| all | bits);
    for (at, (_, origin)) in plan.exceptions.iter().enumerate() {
        let bit = 1 << at;
        if of_inputs & bit == 0 {
            notes.push(format!("{origin}: this override matches none of the inputs"));
        } else if total.exceptions & bit == 0 {
            notes.push(format!("{origin}: this override matches none of the lines"));
        }
    }
    notes.extend(plan.excuses.unused(total.waivers));
    notes
}

/// Why a rule could not judge some of the lines that it is about.
fn left_out(tally: &RuleTally, key: &[Field]) -> Option<String> {
    let names: Vec<&str> = key.iter().map(|field| field.name()).collect();
    let no_key = format!("without a value for {}", names.join(" or "));
    let parts = [
        (tally.unmapped, "of inputs without a column that it needs"),
        (tally.ungrouped, no_key.as_str()),
        (tally.uncovered, "on days that no reference data covers"),
        (tally.lacking, "without a readable value that it needs"),
        (tally.crowded, "in groups too large to be compared"),
    ];
    let said = parts.iter().filter(|(lines, _)| *lines > 0).map(|(lines, what)| match lines {
        1 => format!("1 line {what}"),
        many => format!("{many} lines {what}"),
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Why a layout does not have a field read that a rule needs, if one says so.
fn not_mapped(sources: &[SourceSummary], needs: &[Field]) -> Option<String> {
    let said = sources.iter().flat_map(|source| &source.not_mapped);
    let said = said.filter(|(field, _)| needs.contains(field));
    let (field, why) = said.min_by_key(|(field, _)| *field)?;
    Some(format!("the layout has no {field}: {why}"))
}

/// Why a rule has nothing to look at that is about X12, where no input is.
fn speaks_of_x12_only(info: &RuleInfo, account: &Account) -> Option<String> {
    let is_x12 = |source: &SourceSummary| !source.controls.is_empty();
    let is_idle = info.code.starts_with("X12") && !account.sources.iter().any(is_x12);
    is_idle.then(|| "no input is X12".to_owned())
}

fn rule_summary(plan: &Plan, id: RuleId, total: &Tally, account: &Account) -> Option<RuleSummary> {
    let info = &plan.registry.get(id)?.info;
    let tally = total.rule(id);
    let no_input_maps = |field: &Field| !account.sources.iter().any(|source| source.maps(*field));
    let lacking = columns::needs(plan, id).into_iter().filter(no_input_maps);
    let lacking: Vec<&str> = lacking.map(|field| info.name_of(field)).collect();
    let of = |rules: &[(RuleId, String)]| {
        rules.iter().find(|(rule, _)| *rule == id).map(|(_, why)| why.clone())
    };
    let (unready, idle) = (of(&plan.checks.unready), of(&plan.checks.idle));
    let looks_at_lines = matches!(info.scope, Scope::Line | Scope::Claim | Scope::Day);
    let no_column = || Outcome::NotApplicable(format!("{NO_COLUMN}{}", lacking.join(" and ")));
    let excused = Excused { waived: tally.waived, accepted: tally.accepted };
    let outcome = if tally.found > 0 {
        Outcome::Failed
    } else if excused.all() > 0 {
        let what = [(tally.accepted, "accepted by the baseline"), (tally.waived, "waived")];
        let what = what.into_iter().filter(|(found, _)| *found > 0);
        let what = what.map(|(found, how)| format!("{found} {how}"));
        let more = left_out(&tally, columns::key_of(plan, id));
        Outcome::Excused(what.chain(more).collect::<Vec<_>>().join(", "))
    } else if !lacking.is_empty() {
        let needs = columns::needs(plan, id).into_iter().filter(no_input_maps);
        not_mapped(&account.sources, &needs.collect::<Vec<_>>())
            .map_or_else(no_column, Outcome::NotChecked)
    } else if let Some(why) = idle.or_else(|| speaks_of_x12_only(info, account)) {
        Outcome::NotApplicable(why)
    } else if let Some(why) = unready {
        Outcome::NotChecked(why)
    } else if let Some(why) = left_out(&tally, columns::key_of(plan, id)) {
        Outcome::NotChecked(why)
    } else if looks_at_lines && tally.judged == 0 {
        let reads = || info.reads.iter().copied().filter(|field| !Snippet::FIELDS.contains(field));
        let said = not_mapped(&account.sources, &reads().collect::<Vec<_>>());
        let nothing = || Outcome::NotApplicable("no line has what it looks at".to_owned());
        said.filter(|_| reads().all(|field| no_input_maps(&field)))
            .map_or_else(nothing, Outcome::NotChecked)
    } else {
        Outcome::Passed
    };
    Some(RuleSummary {
        id,
        info,
        severity: plan.checks.policy.severities.get(usize::from(id.0)).copied()?,
        found: tally.found,
        severities: tally.severities,
        claims: account.groups_by_rule.get(usize::from(id.0)).copied().unwrap_or(0),
        judged: tally.judged,
        at_risk: if tally.found > 0 { tally.at_risk } else { Cents::default() },
        charges_unread: tally.charges_unread,
        outcome,
        alarmed: Vec::new(),
        by_input: Vec::new(),
        excused,
    })
}
