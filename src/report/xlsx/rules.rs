//! What is said of rules in a workbook.

use std::cmp::Reverse;

use crate::error::Result;
use crate::model::{RuleId, Scope};
use crate::report::Summary;
use crate::report::escape::visible;
use crate::report::summary::{Outcome, RuleSummary};
use crate::report::xlsx::book::{Book, Column, column};
use crate::report::xlsx::cell::{Cell, Kind, shown};

/// What is said of one rule.
#[derive(Debug, Clone, Copy, Default)]
pub struct RuleText {
    /// Its code.
    pub code: &'static str,
    /// The defect in kebab case.
    pub name: &'static str,
    /// The defect in plain words.
    pub title: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// What is said of the rules of a run.
pub struct RuleTexts(Vec<RuleText>);

impl RuleTexts {
    /// By the places of the rules in the list of all rules.
    pub fn new(summary: &Summary) -> Self {
        let last = summary.rules.iter().map(|rule| usize::from(rule.id.0) + 1).max();
        let mut texts = vec![RuleText::default(); last.unwrap_or(0)];
        for rule in &summary.rules {
            if let Some(text) = texts.get_mut(usize::from(rule.id.0)) {
                let info = rule.info;
                *text =
                    RuleText { code: info.code, name: info.name, title: info.title, fix: info.fix };
            }
        }
        Self(texts)
    }

    /// What is said of a rule; nothing of one that did not run.
    pub fn get(&self, rule: RuleId) -> RuleText {
        self.0.get(usize::from(rule.0)).copied().unwrap_or_default()
    }
}

/// The columns of the sheet of rules.
pub const COLUMNS: [Column; 13] = [
    column("Rule", 9, Kind::Text),
    column("Severity", 10, Kind::Text),
    column("What is wrong", 42, Kind::Wrapped),
    column("Findings", 12, Kind::Count),
    column("Claims", 12, Kind::Count),
    column("Dollars at risk", 16, Kind::Money),
    column("Lines without a readable charge", 16, Kind::Count),
    column("Lines or records looked at", 16, Kind::Count),
    column("Outcome", 14, Kind::Text),
    column("Why not checked", 34, Kind::Wrapped),
    column("Inputs under a mapping alarm", 12, Kind::Count),
    column("How to fix", 60, Kind::Wrapped),
    column("Name", 34, Kind::Text),
];

/// Writes the sheet of rules: those that found something first.
pub fn write(book: &mut Book, sheet: usize, summary: &Summary) -> Result<()> {
    let found = summary.rules.iter().filter(|rule| rule.found > 0).count();
    book.head(sheet, &format!("{} rules, of which {found} found something", summary.rules.len()))?;
    let mut rules: Vec<&RuleSummary> = summary.rules.iter().collect();
    rules.sort_by_key(|rule| {
        let weight = (rule.found > 0).then_some(rule.severity);
        (Reverse(weight), Reverse(rule.found), rule.info.code)
    });
    rules.into_iter().try_for_each(|rule| row(book, sheet, rule, summary))
}

fn row(book: &mut Book, sheet: usize, rule: &RuleSummary, summary: &Summary) -> Result<()> {
    let info = rule.info;
    // A record that cannot be read has no claim and no charge: a zero would play it down.
    let of_lines = matches!(info.scope, Scope::Line | Scope::Claim | Scope::Day);
    let charged = of_lines && summary.has_charges;
    let only = |is_so: bool, cell| if is_so { cell } else { Cell::Nothing };
    let why = match &rule.outcome {
        Outcome::NotApplicable(why) | Outcome::NotChecked(why) | Outcome::Excused(why) => {
            shown(why)
        }
        Outcome::Passed | Outcome::Failed => "".into(),
    };
    let (title, fix) = (visible(info.title), visible(info.fix));
    let alarmed = rule.alarmed.len() as u64;
    let cells = [
        Cell::Text(info.code),
        Cell::Text(rule.severity.name()),
        Cell::Text(&title),
        Cell::Count(rule.found),
        only(of_lines, Cell::Count(rule.claims)),
        only(charged, Cell::Money(rule.at_risk)),
        only(charged, Cell::Count(rule.charges_unread)),
        Cell::Count(rule.judged),
        Cell::Text(rule.outcome.name()),
        Cell::Text(&why),
        only(alarmed > 0, Cell::Count(alarmed)),
        Cell::Text(&fix),
        Cell::Text(info.name),
    ];
    book.row(sheet, &cells)
}
