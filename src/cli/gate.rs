//! The gate: what a run that was completed found, against what is let pass.

use crate::cli::amounts;
use crate::config::settings::Gate;
use crate::config::threshold::Threshold;
use crate::error::Error;
use crate::model::Severity;
use crate::report::Summary;

/// What failed, each in a few words such as `COD002 480 of 40,000 lines (1.2 %), over 0.5 %`; empty
/// if the gate is passed.
pub fn failures(summary: &Summary, gate: &Gate) -> Vec<String> {
    let Some(lightest) = gate.fail_on else { return Vec::new() };
    let mut failed = Vec::new();
    let mut found = 0;
    for rule in &summary.rules {
        match gate.rules.get(&rule.id) {
            Some(threshold) if threshold.is_exceeded(rule.found, rule.judged) => {
                let said = over(rule.found, rule.judged, "line", *threshold);
                failed.push(format!("{} {said}", rule.info.code));
            }
            Some(_) => {}
            None => {
                let counts = Severity::ALL.into_iter().zip(rule.severities);
                let heavy = counts.filter(|(severity, _)| *severity >= lightest);
                found += heavy.map(|(_, found)| found).sum::<u64>();
            }
        }
    }
    let lines = summary.lines.services();
    if gate.max_findings.is_exceeded(found, lines) {
        let what = match lightest {
            Severity::Info => "any finding",
            Severity::Warning => "errors and warnings",
            Severity::Error => "errors",
        };
        failed.insert(0, format!("{what}: {}", over(found, lines, "line", gate.max_findings)));
    }
    failed
}

/// The error that records which cannot be read make, where there are too many of them.
pub fn rejects(summary: &Summary, gate: &Gate) -> Option<Error> {
    let most = gate.max_rejects?;
    let records = summary.lines.checked + summary.lines.rejected;
    most.is_exceeded(summary.unreadable, records).then(|| {
        let said = over(summary.unreadable, records, "record", most);
        let what = format!("gate: records that cannot be read: {said} of max-rejects");
        Error::incomplete(what)
            .with_help("the findings STR001 to STR010 and X12001 to X12007 name them")
    })
}

/// Whether anything is let pass that is not by default.
pub fn is_set(gate: &Gate) -> bool {
    gate.max_findings != Threshold::Count(0) || !gate.rules.is_empty()
}

/// `480 of 40,000 lines (1.2 %), over 0.5 %`; `12, over 10`.
fn over(found: u64, all: u64, noun: &str, threshold: Threshold) -> String {
    match threshold {
        Threshold::Count(_) => format!("{}, over {threshold}", amounts::count(found)),
        Threshold::Share(_) => {
            let (of, share) = (amounts::counted(all, noun), percent(found, all));
            format!("{} of {of} ({share}), over {threshold}", amounts::count(found))
        }
    }
}

/// A share in percent, with as many decimals as show that it is one: `1.2 %`, `0.0003 %`.
fn percent(found: u64, all: u64) -> String {
    for decimals in 1..=6_u32 {
        let scale = 100 * 10_u128.pow(decimals);
        let scaled = u128::from(found) * scale / u128::from(all.max(1));
        if scaled > 0 || decimals == 6 {
            let unit = 10_u128.pow(decimals);
            let width = decimals as usize;
            return format!("{}.{:0width$} %", scaled / unit, scaled % unit);
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lint::registry::Registry;
    use crate::model::{Cents, RuleId};
    use crate::report::summary::{LineCounts, Outcome, RuleSummary};

    /// A run of 40,000 lines in which these rules found so much: info, warning, error.
    fn summary(found: &[[u64; 3]]) -> Summary {
        let registry = Registry::new(crate::rules::ALL);
        let rules = registry.iter().zip(found).map(|((id, rule), severities)| RuleSummary {
            id,
            info: &rule.info,
            severity: Severity::Error,
            found: severities.iter().sum(),
            severities: *severities,
            claims: 0,
            judged: 40_000,
            at_risk: Cents(0),
            charges_unread: 0,
            outcome: Outcome::Failed,
            alarmed: Vec::new(),
            by_input: Vec::new(),
            excused: Default::default(),
        });
        Summary {
            rules: rules.collect(),
            lines: LineCounts { checked: 40_000, ..LineCounts::default() },
            ..Summary::default()
        }
    }

    #[test]
    fn the_gate_looks_at_severities_from_its_own_up() {
        let fails =
            |severities, fail_on| !failures(&summary(&[severities]), &Gate::at(fail_on)).is_empty();
        assert!(fails([0, 0, 1], Some(Severity::Error)));
        assert!(!fails([5, 5, 0], Some(Severity::Error)));
        assert!(fails([0, 1, 0], Some(Severity::Warning)));
        assert!(fails([1, 0, 0], Some(Severity::Info)));
        assert!(!fails([1, 1, 1], None));
    }

    #[test]
    fn so_many_findings_are_let_pass_and_no_more() {
        let with = |max_findings| Gate { max_findings, ..Gate::at(Some(Severity::Error)) };
        let run = summary(&[[9, 9, 150], [9, 9, 50]]);
        assert!(failures(&run, &with(Threshold::Count(200))).is_empty());
        let said = failures(&run, &with(Threshold::Count(199)));
        assert_eq!(said, ["errors: 200, over 199"]);
        assert!(failures(&run, &with(Threshold::Share(500_000))).is_empty());
        let said = failures(&run, &with(Threshold::Share(499_999)));
        assert_eq!(said, ["errors: 200 of 40,000 lines (0.5 %), over 0.499999 %"]);
    }

    #[test]
    fn a_rule_with_a_threshold_fails_by_it_alone() {
        let rules = BTreeMap::from([(RuleId(0), Threshold::Share(500_000))]);
        let gate = Gate { rules, ..Gate::at(Some(Severity::Error)) };
        let code = crate::rules::ALL[0].info.code;
        assert!(failures(&summary(&[[0, 0, 200]]), &gate).is_empty());
        let said = failures(&summary(&[[480, 0, 0]]), &gate);
        assert_eq!(said, [format!("{code} 480 of 40,000 lines (1.2 %), over 0.5 %")]);
        let said = failures(&summary(&[[0, 0, 480], [0, 0, 1]]), &gate);
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("errors: 1, over 0"), "{said:?}");
        let never = Gate { fail_on: None, ..gate };
        assert!(failures(&summary(&[[0, 0, 480]]), &never).is_empty());
    }

    #[test]
    fn records_that_cannot_be_read_are_counted_against_all() {
        let mut run = summary(&[]);
        run.lines.checked -= 480;
        run.lines.rejected = 480;
        run.unreadable = 480;
        let with = |max_rejects| Gate { max_rejects, ..Gate::at(None) };
        assert!(rejects(&run, &with(None)).is_none());
        assert!(rejects(&run, &with(Some(Threshold::Count(480)))).is_none());
        let error = rejects(&run, &with(Some(Threshold::Share(1_000_000)))).unwrap();
        assert!(error.message().contains("480 of 40,000 records (1.2 %), over 1 %"), "{error}");
    }

    #[test]
    fn small_shares_do_not_look_like_none() {
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(3, 1_000_000), "0.0003 %");
        assert_eq!(percent(0, 0), "0.000000 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.0 %");
    }
}
