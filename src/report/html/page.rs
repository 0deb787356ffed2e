//! What a page says, in the words and numbers that its template puts in place.

use askama::Template;

use crate::model::Scope;
use crate::report::escape::{counted, cut, digits, money, size};
use crate::report::html::charts::{Chart, charts};
use crate::report::html::coverage::Coverage;
use crate::report::html::doc::{Block, Section, Span, sections};
use crate::report::html::examples::{
    EXAMPLES_MAX, Example, Examples, MESSAGE_COLUMNS, NAME_COLUMNS,
};
use crate::report::html::policy::policy;
use crate::report::html::provenance::Provenance;
use crate::report::summary::{Outcome, RuleSummary};
use crate::report::{Breakdown, Summary, table};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The sections of a rule's documentation that a page shows.
const SECTIONS: [&str; 4] = ["Why it matters", "How to fix", "What it checks", "Source"];

/// How many rules are shown: far more than there are.
const RULES_MAX: usize = 400;

/// The page.
#[derive(Template)]
#[template(path = "report.html.j2", escape = "html")]
pub struct Page<'p> {
    policy: String,
    style: &'static str,
    script: &'static str,
    verdict: Verdict,
    tiles: Vec<Tile>,
    alarms: Vec<String>,
    rules: Vec<Rule<'p>>,
    rules_beyond: usize,
    columns: [Heading; table::HEADINGS.len()],
    charts: Vec<Chart>,
    coverage: Coverage,
    provenance: Provenance,
    version: &'static str,
}

/// How much room there is for what a page has most of.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Bytes of all examples.
    pub example_bytes: usize,
    /// Characters of each section of a rule's documentation. Rules of our own need far fewer than
    /// there are in the first place.
    pub section_columns: usize,
}

/// What the run comes to.
struct Verdict {
    /// `clean`, `info`, `warning` or `error`: the gravest severity there is.
    tone: &'static str,
    sentence: String,
    more: Vec<String>,
}

/// A number that matters.
struct Tile {
    name: &'static str,
    value: String,
    notes: Vec<String>,
    /// Of a hundred, where it is a share of something.
    meter: Option<u128>,
}

/// A column of the table of rules.
struct Heading {
    name: &'static str,
    is_number: bool,
}

/// A rule with findings.
struct Rule<'p> {
    code: &'static str,
    name: &'static str,
    title: String,
    severity: &'static str,
    cells: [Cell; table::HEADINGS.len()],
    found: String,
    facts: Vec<String>,
    is_alarmed: bool,
    fix: String,
    sections: Vec<Section>,
    examples: &'p [Example],
    shown: String,
}

/// A cell of the table of rules, and the number by which its column is sorted.
struct Cell {
    text: String,
    rank: i128,
}

impl<'p> Page<'p> {
    /// The page of a run, with as much of examples and documentation as there is room for.
    pub fn new(
        summary: &'p Summary,
        breakdown: &Breakdown,
        examples: &'p Examples,
        room: Room,
    ) -> Self {
        let mut ranked = table::ranked(summary);
        let rules_beyond = ranked.len().saturating_sub(RULES_MAX);
        ranked.truncate(RULES_MAX);
        let shown = examples.within(room.example_bytes, &ranked);
        let rules = ranked.iter().zip(shown);
        let columns = table::HEADINGS.iter().enumerate();
        let heading =
            |(at, name): (usize, &&'static str)| Heading { name, is_number: at >= table::WORDS };
        let mut columns = columns.map(heading);
        Self {
            policy: policy(STYLE, SCRIPT),
            style: STYLE,
            script: SCRIPT,
            verdict: verdict(summary),
            tiles: tiles(summary),
            alarms: alarms(summary),
            rules: rules.map(|(rule, examples)| Rule::of(rule, examples, summary, room)).collect(),
            rules_beyond,
            columns: std::array::from_fn(|_| {
                columns.next().unwrap_or(Heading { name: "", is_number: false })
            }),
            charts: charts(summary, breakdown),
            coverage: Coverage::of(summary),
            provenance: Provenance::of(summary),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

fn count_of(summary: &Summary, is_one: impl Fn(&Outcome) -> bool) -> u64 {
    summary.rules.iter().filter(|rule| is_one(&rule.outcome)).count() as u64
}

fn not_checked(summary: &Summary) -> u64 {
    count_of(summary, |outcome| matches!(outcome, Outcome::NotChecked(_)))
}

fn verdict(summary: &Summary) -> Verdict {
    let [info, warning, error] = summary.severities;
    let tone = match (error, warning, info) {
        (0, 0, 0) => "clean",
        (0, 0, _) => "info",
        (0, _, _) => "warning",
        _ => "error",
    };
    let mut clause = table::verdict(summary);
    if summary.found() > 0 && summary.claims > 0 {
        let claims = summary.claims - summary.clean_claims.min(summary.claims);
        let parts = [(error, "error"), (warning, "warning")].map(|(n, noun)| counted(n, noun));
        clause = format!(
            "{} of {} are not clean: {}, {} and {} info in {}",
            digits(claims),
            counted(summary.claims, "claim"),
            parts[0],
            parts[1],
            digits(info),
            counted(summary.lines.services(), "line")
        );
    }
    let mut more: Vec<String> = table::excused(summary).iter().map(|said| sentence(said)).collect();
    match not_checked(summary) {
        0 => {}
        1 => more.push("1 rule could not look at everything that it is about.".to_owned()),
        rules => more.push(format!(
            "{} rules could not look at everything that they are about.",
            digits(rules)
        )),
    }
    if summary.lines.rejected > 0 {
        let records = counted(summary.lines.rejected, "record");
        more.push(format!("{records} could not be read as service lines."));
    }
    Verdict { tone, sentence: sentence(&clause), more }
}

fn tiles(summary: &Summary) -> Vec<Tile> {
    let nothing = || "–".to_owned();
    let tile = |name, value, notes: Vec<String>| Tile { name, value, notes, meter: None };
    let (plain, packed) = summary.bytes();
    let packed = packed.map_or_else(String::new, |bytes| format!(", packed {}", size(bytes)));
    let files = counted(summary.sources.len() as u64, "file");
    let mut lines = vec![format!("in {files}, {}{packed}", size(plain))];
    if summary.lines.rejected > 0 {
        lines.push(format!("{} set aside", counted(summary.lines.rejected, "record")));
    }
    let without = counted(summary.lines_without_claim, "line");
    let claims = (summary.lines_without_claim > 0).then(|| format!("{without} without a number"));
    let clean = (u128::from(summary.clean_claims) * 10_000).checked_div(u128::from(summary.claims));
    let rate = clean.map_or_else(nothing, |c| format!("{}.{:02} %", c / 100, c % 100));
    let rate = Tile {
        meter: clean.map(|clean| clean / 100),
        ..tile(
            "Clean-claim rate",
            rate,
            vec![format!("{} without a finding", counted(summary.clean_claims, "claim"))],
        )
    };
    let (at_risk, mut risk) = match summary.has_charges {
        true => (money(summary.at_risk), vec!["charges of lines with findings".to_owned()]),
        false => (nothing(), vec!["no column for the charge".to_owned()]),
    };
    if summary.has_charges && summary.charges_unread > 0 {
        let lines = counted(summary.charges_unread, "charge");
        risk.push(format!("{lines} cannot be read"));
    }
    let idle = count_of(summary, |outcome| matches!(outcome, Outcome::NotApplicable(_)));
    let mut coverage = vec![format!("of {}", counted(summary.rules.len() as u64, "rule"))];
    if idle > 0 {
        coverage.push(format!("{} not applicable", digits(idle)));
    }
    vec![
        tile("Lines checked", digits(summary.lines.services()), lines),
        tile("Claims", digits(summary.claims), claims.into_iter().collect()),
        rate,
        tile("Dollars at risk", at_risk, risk),
        tile("Rules not checked", digits(not_checked(summary)), coverage),
    ]
}

/// Where a mapping alarm stands for the findings of a rule.
fn alarms(summary: &Summary) -> Vec<String> {
    let mut alarms = Vec::new();
    for rule in &summary.rules {
        for source in rule.alarmed.iter().take(20) {
            let found = rule.by_input.get(*source as usize).copied().unwrap_or(0);
            let name = cut(summary.source_name(*source), NAME_COLUMNS);
            let code = rule.info.code;
            alarms.push(format!("{code} in {name}: {}", counted(found, "finding")));
        }
        if let Some(more) = rule.alarmed.len().checked_sub(20).filter(|more| *more > 0) {
            alarms.push(format!("{} in {}", rule.info.code, counted(more as u64, "more file")));
        }
    }
    alarms
}

impl<'p> Rule<'p> {
    fn of(
        rule: &'p RuleSummary,
        examples: &'p [Example],
        summary: &'p Summary,
        room: Room,
    ) -> Self {
        let info = rule.info;
        let texts = table::cells(rule, summary);
        let ranks = [
            0,
            rule.severity as i128,
            0,
            i128::from(rule.found),
            i128::from(rule.claims),
            i128::from(rule.found),
            rule.at_risk.0,
        ];
        let mut cells = texts.into_iter().zip(ranks).map(|(text, rank)| Cell {
            // What there is none of is less than nothing.
            rank: if text == "–" { -1 } else { rank },
            text: cut(&text, NAME_COLUMNS),
        });
        let nothing = || Cell { text: String::new(), rank: 0 };
        Self {
            code: info.code,
            name: info.name,
            title: cut(info.title, NAME_COLUMNS),
            severity: rule.severity.name(),
            cells: std::array::from_fn(|_| cells.next().unwrap_or_else(nothing)),
            found: counted(rule.found, "finding"),
            facts: facts(rule, summary),
            is_alarmed: !rule.alarmed.is_empty(),
            fix: sentence(&cut(info.fix, MESSAGE_COLUMNS)),
            sections: sections(info.doc, &SECTIONS, room.section_columns),
            examples,
            shown: shown(examples.len() as u64, rule.found),
        }
    }
}

/// What a rule found, in numbers.
fn facts(rule: &RuleSummary, summary: &Summary) -> Vec<String> {
    let mut facts = Vec::new();
    if matches!(rule.info.scope, Scope::Line | Scope::Claim | Scope::Day) {
        facts.push(counted(rule.claims, "claim"));
        if summary.has_charges {
            facts.push(format!("{} at risk", money(rule.at_risk)));
        }
        if summary.has_charges && rule.charges_unread > 0 {
            facts.push(format!("{} cannot be read", counted(rule.charges_unread, "charge")));
        }
    }
    facts.push(match rule.info.scope {
        Scope::Record | Scope::Run => format!("looks at the {}", rule.info.scope.name()),
        _ => format!("looked at {}", counted(rule.judged, "line")),
    });
    facts
}

/// `Showing 50 of 12,408 findings.`
fn shown(shown: u64, found: u64) -> String {
    if shown < found {
        let why =
            if shown < EXAMPLES_MAX.min(found) && shown > 0 { ", for want of room" } else { "" };
        format!("Showing {} of {}{why}.", digits(shown), counted(found, "finding"))
    } else {
        format!("Showing all {}.", counted(found, "finding"))
    }
}
