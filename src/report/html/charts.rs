//! Charts: what is compared, how long each bar is, and the table that says the same in numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{Class, RuleCategory, Scope, Severity};
use crate::report::breakdown::Share;
use crate::report::escape::{counted, cut, digits, money};
use crate::report::html::examples::CELL_COLUMNS;
use crate::report::html::weeks::{Columns, weeks};
use crate::report::{Breakdown, Summary};

/// How many bars a chart has at most, and how many rows its table.
const BARS_MAX: usize = 12;
const ROWS_MAX: usize = 100;

/// How wide the longest bar is.
const WIDTH: u128 = 1_000;

/// A chart and its table.
#[derive(Debug, Default)]
pub struct Chart {
    pub id: &'static str,
    pub title: &'static str,
    /// What is measured, and what is left out.
    pub note: String,
    pub bars: Vec<Bar>,
    /// Weeks stand upright, in their order.
    pub columns: Option<Columns>,
    /// The first column holds names, the others numbers.
    pub headings: Vec<&'static str>,
    pub rows: Vec<Row>,
}

/// A bar of a chart.
#[derive(Debug)]
pub struct Bar {
    pub label: String,
    /// Whether the label is ours, for those that have none.
    pub is_ours: bool,
    pub value: String,
    /// Of [`WIDTH`].
    pub width: u128,
    /// The severity that colours it, if one does.
    pub tone: &'static str,
}

/// A row of a chart's table.
#[derive(Debug)]
pub struct Row {
    pub label: String,
    pub is_ours: bool,
    pub numbers: Vec<String>,
}

/// All charts of a run. Those without anything to show are left out.
pub fn charts(summary: &Summary, breakdown: &Breakdown) -> Vec<Chart> {
    let [payers, providers, _] = &breakdown.beyond;
    let all = [
        families(summary),
        dearest(summary),
        shares(PAYERS, &breakdown.payers, payers, summary),
        shares(PROVIDERS, &breakdown.providers, providers, summary),
        weeks(breakdown, summary),
        classes(summary),
    ];
    all.into_iter().filter(|chart| !chart.rows.is_empty()).collect()
}

/// Something that is compared: its name, what it measures, and how that is written.
struct Item {
    label: String,
    is_ours: bool,
    size: u128,
    value: String,
    tone: &'static str,
    numbers: Vec<String>,
}

/// Bars of the first items and a table of more of them.
fn compared(items: Vec<Item>) -> (Vec<Bar>, Vec<Row>) {
    let longest = items.iter().map(|item| item.size).max().unwrap_or(0).max(1);
    let bar = |item: &Item| Bar {
        label: item.label.clone(),
        is_ours: item.is_ours,
        value: item.value.clone(),
        // What is there can be seen.
        width: (item.size * WIDTH / longest).max(if item.size > 0 { 4 } else { 0 }),
        tone: item.tone,
    };
    let bars = items.iter().take(BARS_MAX).map(bar).collect();
    let row = |item: Item| Row { label: item.label, is_ours: item.is_ours, numbers: item.numbers };
    (bars, items.into_iter().take(ROWS_MAX).map(row).collect())
}

/// `12 of 340 payers are drawn.`, where not all are.
fn drawn(all: usize, noun: &str) -> String {
    match all {
        0..=BARS_MAX => String::new(),
        _ => format!(" {BARS_MAX} of {} are drawn.", counted(all as u64, noun)),
    }
}

/// `100 of 340 payers are in the table.`, where not all are.
fn listed(all: usize, noun: &str) -> String {
    match all {
        0..=ROWS_MAX => String::new(),
        _ => format!(" {ROWS_MAX} of {} are in the table.", counted(all as u64, noun)),
    }
}

/// The words for what rules are about.
fn family(category: RuleCategory) -> &'static str {
    match category {
        RuleCategory::Structure => "Structure of the file",
        RuleCategory::Mapping => "Mapping of columns",
        RuleCategory::Claim => "Claims",
        RuleCategory::CodeFormat => "Format of codes",
        RuleCategory::CategoryValidity => "Categories of codes",
        RuleCategory::CategoryTwo => "Category II codes",
        RuleCategory::CodeValidity => "Codes in force",
        RuleCategory::Modifier => "Modifiers",
        RuleCategory::Ncci => "NCCI edits",
        RuleCategory::Date => "Dates",
        RuleCategory::Amount => "Units and amounts",
        RuleCategory::Place => "Places of service",
        RuleCategory::Provider => "Providers",
        RuleCategory::Diagnosis => "Diagnoses",
        RuleCategory::Duplicate => "Duplicates",
        RuleCategory::Reference => "Reference data",
        RuleCategory::Policy => "Own policies",
    }
}

fn families(summary: &Summary) -> Chart {
    let mut found: BTreeMap<RuleCategory, (u64, u64)> = BTreeMap::new();
    for rule in summary.rules.iter().filter(|rule| rule.found > 0) {
        let (findings, rules) = found.entry(rule.info.category).or_default();
        (*findings, *rules) = (*findings + rule.found, *rules + 1);
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(category, (findings, _))| (Reverse(*findings), *category));
    let item = |(category, (findings, rules)): &(RuleCategory, (u64, u64))| Item {
        label: family(*category).to_owned(),
        is_ours: false,
        size: u128::from(*findings),
        value: digits(*findings),
        tone: "",
        numbers: vec![digits(*findings), digits(*rules)],
    };
    let (bars, rows) = compared(found.iter().map(item).collect());
    Chart {
        id: "families",
        title: "Findings by rule family",
        note: format!("Findings of all rules of a family.{}", drawn(found.len(), "family")),
        bars,
        headings: vec!["family", "findings", "rules"],
        rows,
        columns: None,
    }
}

fn dearest(summary: &Summary) -> Chart {
    let of_lines = |scope| matches!(scope, Scope::Line | Scope::Claim | Scope::Day);
    let dear = summary.rules.iter().filter(|rule| rule.at_risk.0 > 0 && of_lines(rule.info.scope));
    let mut rules: Vec<_> = dear.filter(|_| summary.has_charges).collect();
    rules.sort_by_key(|rule| (Reverse(rule.at_risk), rule.info.code));
    let item = |rule: &&_| {
        let rule: &crate::report::summary::RuleSummary = rule;
        Item {
            label: format!("{} {}", rule.info.code, cut(rule.info.title, CELL_COLUMNS)),
            is_ours: false,
            size: rule.at_risk.0.unsigned_abs(),
            value: money(rule.at_risk),
            tone: rule.severity.name(),
            numbers: vec![money(rule.at_risk), digits(rule.found), digits(rule.claims)],
        }
    };
    let (bars, rows) = compared(rules.iter().map(item).collect());
    let (drawn, listed) = (drawn(rules.len(), "rule"), listed(rules.len(), "rule"));
    Chart {
        id: "dollars",
        title: "Rules with the most dollars at risk",
        note: format!(
            "Charges of the lines that a rule found. A line that several rules found counts with \
             each.{drawn}{listed}"
        ),
        bars,
        headings: vec!["rule", "at risk", "findings", "claims"],
        rows,
        columns: None,
    }
}

/// What shares are by, in words.
struct By {
    id: &'static str,
    title: &'static str,
    noun: &'static str,
    nothing: &'static str,
    beyond: &'static str,
}

const PAYERS: By = By {
    id: "payers",
    title: "By payer",
    noun: "payer",
    nothing: "no payer named",
    beyond: "all further payers",
};

const PROVIDERS: By = By {
    id: "providers",
    title: "By rendering provider",
    noun: "provider",
    nothing: "no provider named",
    beyond: "all further providers",
};

/// What a share is drawn by: dollars where there are any, else lines.
pub fn size(share: &Share, summary: &Summary) -> u128 {
    match summary.has_charges {
        true => share.at_risk.0.max(0).unsigned_abs(),
        false => u128::from(share.lines),
    }
}

/// What a share is drawn by, in words.
pub fn value(share: &Share, summary: &Summary) -> String {
    match summary.has_charges {
        true => money(share.at_risk),
        false => counted(share.lines, "line"),
    }
}

/// The headings of a table of shares.
pub fn headings(noun: &'static str, summary: &Summary) -> Vec<&'static str> {
    let mut all = vec![noun, "findings", "lines", "at risk", "unread charges"];
    all.truncate(if summary.has_charges { 5 } else { 3 });
    all
}

/// The numbers of a share, under these headings.
pub fn numbers(share: &Share, summary: &Summary) -> Vec<String> {
    let mut all = vec![
        digits(share.findings),
        digits(share.lines),
        money(share.at_risk),
        digits(share.charges_unread),
    ];
    all.truncate(if summary.has_charges { 4 } else { 2 });
    all
}

fn shares(by: By, shares: &[(Option<String>, Share)], beyond: &Share, summary: &Summary) -> Chart {
    let mut known: Vec<&(Option<String>, Share)> = shares.iter().collect();
    // Those that come to the same are in the order of their names: it does not change by chance.
    known.sort_by(|(name, share), (other, its)| {
        let key = |share: &Share| Reverse((size(share, summary), share.lines, share.findings));
        key(share).cmp(&key(its)).then_with(|| name.cmp(other))
    });
    let item = |(name, share): &&(Option<String>, Share)| Item {
        label: name.as_ref().map_or_else(|| by.nothing.to_owned(), |n| cut(n, CELL_COLUMNS)),
        is_ours: name.is_none(),
        size: size(share, summary),
        value: value(share, summary),
        tone: "",
        numbers: numbers(share, summary),
    };
    // Where no line names any, there is nothing to compare.
    let is_one = known.iter().all(|(name, _)| name.is_none());
    let (bars, mut rows) = match is_one {
        true => Default::default(),
        false => compared(known.iter().map(item).collect()),
    };
    let mut note = match summary.has_charges {
        true => "Charges of lines with a finding, each line counted once.".to_owned(),
        false => "Lines with a finding.".to_owned(),
    };
    note.push_str(&drawn(known.len(), by.noun));
    note.push_str(&listed(known.len(), by.noun));
    if *beyond != Share::default() {
        let numbers = numbers(beyond, summary);
        rows.push(Row { label: by.beyond.to_owned(), is_ours: true, numbers });
        note.push_str(" Only those that came first are told apart.");
    }
    let headings = headings(by.noun, summary);
    Chart { id: by.id, title: by.title, note, bars, headings, rows, columns: None }
}

/// The words for a class of codes.
fn class_name(class: Class) -> &'static str {
    match class {
        Class::CategoryOne => "CPT Category I",
        Class::Administration => "CPT Category I, administration",
        Class::Maaa => "CPT MAAA",
        Class::Pla => "CPT PLA",
        Class::CategoryTwo => "CPT Category II",
        Class::CategoryThree => "CPT Category III",
        Class::Hcpcs => "HCPCS Level II",
        Class::Cdt => "CDT (dental)",
    }
}

fn classes(summary: &Summary) -> Chart {
    let [damaged, malformed, missing] = summary.unclassed;
    let classes = summary.classes.iter().map(|(class, lines)| (class_name(*class), *lines, ""));
    let error = Severity::Error.name();
    let others = [("damaged", damaged), ("malformed", malformed), ("missing", missing)];
    let others = others.map(|(name, lines)| (name, lines, error));
    let all: Vec<_> = classes.chain(others).filter(|(_, lines, _)| *lines > 0).collect();
    let total: u64 = all.iter().map(|(_, lines, _)| *lines).sum();
    let item = |(name, lines, tone): (&str, u64, &'static str)| {
        let share = crate::report::table::share(lines, total);
        Item {
            label: name.to_owned(),
            is_ours: false,
            size: u128::from(lines),
            value: format!("{} · {share} %", digits(lines)),
            tone,
            numbers: vec![digits(lines), share],
        }
    };
    let (bars, rows) = compared(all.into_iter().map(item).collect());
    Chart {
        id: "classes",
        title: "Procedure codes by class",
        note: "All lines that were checked, with or without a finding.".to_owned(),
        bars,
        headings: vec!["class", "lines", "% of lines"],
        rows,
        columns: None,
    }
}
