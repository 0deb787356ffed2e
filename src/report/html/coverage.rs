//! What was looked at and what was not, for a page.

use crate::report::escape::cut;
use crate::report::html::examples::{MESSAGE_COLUMNS, NAME_COLUMNS};
use crate::report::summary::{Outcome, RuleSummary};
use crate::report::{Summary, table};

/// How many notes are shown.
const NOTES_MAX: usize = 60;

/// How the rules ended, where every line went, and what a person should know.
pub struct Coverage {
    pub groups: Vec<Group>,
    pub passed: Vec<Named>,
    pub tally: String,
    pub tidied: Option<String>,
    pub notes: Vec<String>,
    pub notes_beyond: usize,
}

/// Rules that could not look for the same reason.
pub struct Group {
    pub outcome: &'static str,
    /// The outcome as part of the name of a style.
    pub tone: &'static str,
    pub rules: Vec<Named>,
    pub reason: String,
}

/// A rule by its code.
#[derive(Clone)]
pub struct Named {
    pub code: &'static str,
    pub title: String,
}

impl Named {
    fn of(rule: &RuleSummary) -> Self {
        Self { code: rule.info.code, title: cut(rule.info.title, NAME_COLUMNS) }
    }
}

impl Coverage {
    /// What was looked at in a run.
    pub fn of(summary: &Summary) -> Self {
        let notes: Vec<String> = table::notes(summary).collect();
        let passed = summary.rules.iter().filter(|rule| rule.outcome == Outcome::Passed);
        Self {
            groups: groups(summary),
            passed: passed.map(Named::of).collect(),
            tally: table::tally(summary),
            tidied: table::tidied(summary),
            notes_beyond: notes.len().saturating_sub(NOTES_MAX),
            notes: notes.iter().take(NOTES_MAX).map(|note| cut(note, MESSAGE_COLUMNS)).collect(),
        }
    }
}

/// The rules that could not look, those first that somebody can do something about.
fn groups(summary: &Summary) -> Vec<Group> {
    let (mut unchecked, mut idle): (Vec<Group>, Vec<Group>) = Default::default();
    for rule in &summary.rules {
        let (groups, reason, outcome, tone) = match &rule.outcome {
            Outcome::NotChecked(reason) => (&mut unchecked, reason, "not checked", "unchecked"),
            Outcome::NotApplicable(reason) => (&mut idle, reason, "not applicable", "idle"),
            Outcome::Excused(reason) => (&mut idle, reason, "excused", "idle"),
            Outcome::Passed | Outcome::Failed => continue,
        };
        let reason = cut(reason, MESSAGE_COLUMNS);
        match groups.iter_mut().find(|group| group.reason == reason) {
            Some(group) => group.rules.push(Named::of(rule)),
            None => groups.push(Group { outcome, tone, rules: vec![Named::of(rule)], reason }),
        }
    }
    unchecked.append(&mut idle);
    unchecked
}
