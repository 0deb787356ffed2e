//! The exact account of a run, kept while it goes and summed up at its end.

use crate::error::{Error, Result};
use crate::input::Source;
use crate::lint::Tally;
use crate::model::{Cents, Class, Field, RuleId, Scope};
use crate::pipeline::plan::Plan;
use crate::pipeline::render::Alarms;
use crate::report::summary::{LineCounts, Outcome, RuleSummary, SourceSummary, Summary};

/// What is counted beside the tallies of the rules.
pub struct Account {
    sources: Vec<SourceSummary>,
    header_lines: Vec<u64>,
    bytes: Option<u64>,
    unreadable: u64,
    claims: u64,
    clean: u64,
    groups_by_rule: Vec<u64>,
    has_charges: bool,
}

impl Account {
    /// An account of nothing yet.
    pub fn new(plan: &Plan) -> Account {
        Account {
            sources: Vec::new(),
            header_lines: Vec::new(),
            bytes: Some(0),
            unreadable: 0,
            claims: 0,
            clean: 0,
            groups_by_rule: vec![0; plan.registry.len()],
            has_charges: false,
        }
    }

    /// Opens the account of the next input, whose header was read.
    pub fn open(&mut self, plan: &Plan, source: &Source) {
        // How a column was chosen matters where something reads it.
        let notes = source.layout.notes.iter().filter(|(field, _)| plan.read.contains(*field));
        self.sources.push(SourceSummary {
            name: source.name.clone(),
            delimiter: source.dialect.delimiter_name(),
            encoding: source.dialect.found.name(),
            mapping: source.layout.mapping(),
            notes: notes.map(|(_, note)| note.clone()).collect(),
            ..SourceSummary::default()
        });
        self.header_lines.push(source.preamble + 1);
        self.bytes = self.bytes.zip(source.size()).map(|(sum, size)| sum + size);
        self.has_charges |= source.layout.columns.contains_key(&Field::Charge);
    }

    /// The bytes of all inputs, where every one is a file.
    pub fn bytes_expected(&self) -> Option<u64> {
        self.bytes
    }

    /// The name of an input.
    pub fn name(&self, source: usize) -> &str {
        self.sources.get(source).map_or("", |source| source.name.as_str())
    }

    /// The physical line of an input's header.
    pub fn header_line(&self, source: usize) -> u64 {
        self.header_lines.get(source).copied().unwrap_or_default()
    }

    /// Counts the records of a chunk.
    pub fn add(&mut self, source: u32, checked: u64, rejected: u64, unreadable: u64) {
        self.unreadable += unreadable;
        if let Some(source) = self.sources.get_mut(source as usize) {
            source.lines.checked += checked;
            source.lines.rejected += rejected;
        }
    }

    /// Counts the groups of a share: how many, and how many without a finding.
    pub fn add_groups(&mut self, are_claims: bool, (all, clean): (u64, u64), by_rule: &[u64]) {
        if are_claims {
            self.claims += all;
            self.clean += clean;
            self.groups_by_rule.iter_mut().zip(by_rule).for_each(|(sum, more)| *sum += more);
        }
    }

    /// Closes the account of an input that was read to its end.
    ///
    /// # Errors
    /// The input changed, its lines do not add up, or it has no service lines.
    pub fn close(&mut self, at: u32, source: &Source, allow_empty: bool) -> Result<()> {
        source.verify_unchanged()?;
        let Some(summary) = self.sources.get_mut(at as usize) else { return Ok(()) };
        let (physical, blank, continuation) = source.line_counts();
        summary.bytes = source.bytes_read();
        summary.lines = LineCounts {
            physical,
            header: source.header_lines,
            preamble: source.preamble,
            blank,
            continuation,
            ..summary.lines
        };
        let records = summary.lines.checked + summary.lines.rejected;
        if source.stopped_early() {
            summary.notes.push(format!("stopped after {records} records, as --limit-lines says"));
        }
        summary.notes.extend(source.closing_notes());
        if !summary.lines.adds_up() {
            return Err(Error::incomplete(format!(
                "{}: internal fault: the lines do not add up: {:?}",
                source.name, summary.lines
            )));
        }
        if records == 0 && !allow_empty {
            return Err(Error::input(format!(
                "{}: no service lines: there is nothing after the header",
                source.name
            ))
            .with_help(
                "an empty export is not a clean one; use --allow-empty where it is expected",
            ));
        }
        Ok(())
    }
}

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
    }
    let class_count = |class: Class| total.classes.get(Tally::class_index(class)).copied();
    let unclassed = [Tally::DAMAGED, Tally::MALFORMED, Tally::MISSING];
    Ok(Summary {
        rules,
        lines,
        claims: account.claims,
        clean_claims: account.clean,
        lines_without_claim: total.without_claim,
        at_risk: total.at_risk,
        charges_unread: total.charges_unread,
        has_charges: account.has_charges,
        severities: total.severities,
        classes: Class::ALL.into_iter().map(|c| (c, class_count(c).unwrap_or(0))).collect(),
        unclassed: unclassed.map(|at| total.classes.get(at).copied().unwrap_or(0)),
        tidied: total.tidied,
        notes: notes(plan, &account, &total),
        sources: account.sources,
    })
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
    for (id, rule) in plan.registry.iter() {
        let ungrouped = total.rule(id).ungrouped;
        if ungrouped > 0 {
            let keys = key_of(plan, id).iter().map(|field| field.name()).collect::<Vec<_>>();
            let (code, keys) = (rule.info.code, keys.join(" or "));
            notes.push(match ungrouped {
                1 => format!("{code}: 1 line was not judged for want of {keys}"),
                many => format!("{code}: {many} lines were not judged for want of {keys}"),
            });
        }
    }
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
    notes
}

/// The fields of the key by which a rule groups lines.
fn key_of(plan: &Plan, id: RuleId) -> &[Field] {
    let group = plan.checks.groups.iter().find(|prepared| prepared.id == id);
    group.map_or(&[], |prepared| prepared.check.key())
}

fn rule_summary(plan: &Plan, id: RuleId, total: &Tally, account: &Account) -> Option<RuleSummary> {
    let info = &plan.registry.get(id)?.info;
    let tally = total.rule(id);
    let needs =
        info.needs.iter().chain(key_of(plan, id).iter().filter(|f| !info.needs.contains(f)));
    let lacking: Vec<&str> = needs
        .filter(|field| {
            let maps = |source: &SourceSummary| source.mapping.iter().any(|(f, _)| f == *field);
            !account.sources.iter().any(maps)
        })
        .map(|field| field.name())
        .collect();
    let looks_at_lines = matches!(info.scope, Scope::Line | Scope::Claim);
    let outcome = if tally.found > 0 {
        Outcome::Failed
    } else if !lacking.is_empty() {
        Outcome::NotApplicable(format!("no column mapped to {}", lacking.join(" and ")))
    } else if looks_at_lines && tally.judged == 0 && tally.ungrouped > 0 {
        let keys: Vec<&str> = key_of(plan, id).iter().map(|field| field.name()).collect();
        Outcome::NotChecked(format!("no line has a value for {}", keys.join(" and ")))
    } else if looks_at_lines && tally.judged == 0 {
        Outcome::NotApplicable("no line has what it looks at".to_owned())
    } else {
        Outcome::Passed
    };
    Some(RuleSummary {
        id,
        info,
        severity: plan.checks.policy.severities.get(usize::from(id.0)).copied()?,
        found: tally.found,
        claims: account.groups_by_rule.get(usize::from(id.0)).copied().unwrap_or(0),
        judged: tally.judged,
        at_risk: if tally.found > 0 { tally.at_risk } else { Cents::default() },
        charges_unread: tally.charges_unread,
        outcome,
        alarmed: Vec::new(),
    })
}
