//! What the counts of a run show, once all of it was checked.

use crate::error::Result;
use crate::exchange::found::{FindingParts, encode_alone};
use crate::lint::Tally;
use crate::model::batch::Place;
use crate::model::{Context, Field, Findings, RuleId, RuleInfo};
use crate::pipeline::account::Account;
use crate::pipeline::plan::Plan;

/// What the counts of the run show.
pub struct Alarms {
    /// Findings about whole inputs, encoded, in order.
    pub findings: Vec<Vec<u8>>,
    /// Inputs and rules whose findings an alarm stands for.
    pub alarmed: Vec<(usize, RuleId)>,
}

/// The counts with everything that rules found, excused or not: a wrong column is no less wrong
/// where what it leads to was accepted once.
fn with_excused(tallies: &[Tally]) -> Vec<Tally> {
    let mut tallies = tallies.to_vec();
    for rule in tallies.iter_mut().flat_map(|tally| &mut tally.rules) {
        rule.found += rule.waived + rule.accepted;
    }
    tallies
}

/// Runs the rules for the run over its counts.
pub fn check(plan: &Plan, account: &Account, tallies: &mut [Tally]) -> Result<Alarms> {
    let infos: Vec<&RuleInfo> = plan.registry.iter().map(|(_, rule)| &rule.info).collect();
    let mut alarms = Alarms { findings: Vec::new(), alarmed: Vec::new() };
    let mut out = Findings::default();
    for prepared in &plan.checks.runs {
        out.begin(prepared.id);
        let hits = with_excused(tallies);
        prepared.check.check(&hits, &infos, &mut out);
        let alarmed = prepared.check.alarmed(&hits, &infos);
        alarms.alarmed.extend(alarmed);
        for tally in tallies.iter_mut() {
            tally.rule_mut(prepared.id).judged += tally.lines;
        }
    }
    out.sort();
    for reported in out.reported() {
        let name = account.name(reported.at);
        let policy = &plan.checks.policy;
        let of_input = plan.exceptions_of_input(name);
        let exceptions = policy.exceptions_without_line(of_input);
        let Some(severity) = policy.severity(reported.rule, exceptions) else {
            alarms.alarmed.retain(|(input, _)| *input != reported.at);
            continue;
        };
        if let Some(excuse) = plan.excuses.without_line(reported.rule, of_input) {
            alarms.alarmed.retain(|(input, _)| *input != reported.at);
            tallies.get_mut(reported.at).into_iter().for_each(|t| excuse.count(reported.rule, t));
            continue;
        }
        if let Some(tally) = tallies.get_mut(reported.at) {
            tally.count(reported.rule, severity);
        }
        let line = account.header_line(reported.at);
        let parts = FindingParts {
            rule: reported.rule,
            severity,
            charge_counted: true,
            place: Place { source: reported.at as u32, record: 0, line, byte: 0 },
            claim_id: None,
            service_line: None,
            field: reported.field.filter(|field: &Field| !field.is_private()),
            value: None,
            message: out.message(reported),
            suggestion: None,
            related: &reported.related,
            amount: None,
            context: Context::default(),
            snippet: None,
        };
        alarms.findings.push(encode_alone(&parts));
    }
    Ok(alarms)
}
