//! A page of all runs in a folder: what came of each, and lines from one to the next.
//!
//! The page is one file. It loads nothing and has no script; what comes from files is text of an
//! element and never in an attribute.

mod chart;
mod runs;

use askama::Template;

use crate::error::{Error, Result};
use crate::model::Cents;
use crate::report::escape::{counted, digits, money};
use crate::report::html::policy::policy;

use chart::{Chart, Series, chart};
pub use runs::{Run, Runs, read};

const STYLE: &str = include_str!("trend.css");

/// How many rules have a line of their own.
const RULES_MAX: usize = 6;

/// The page.
#[derive(Template)]
#[template(path = "trend.html.j2")]
struct Page {
    policy: String,
    style: &'static str,
    title: String,
    notes: Vec<String>,
    tiles: Vec<Tile>,
    charts: Vec<Chart>,
    rows: Vec<[String; 10]>,
}

/// A number of the latest run, and how it moved.
struct Tile {
    name: &'static str,
    value: String,
    change: String,
    /// `better`, `worse` or nothing.
    tone: &'static str,
}

/// Writes the page.
///
/// # Errors
/// Something that cannot be rendered.
pub fn page(runs: &Runs) -> Result<String> {
    let page = Page {
        policy: policy(STYLE, ""),
        style: STYLE,
        title: counted(runs.runs.len() as u64, "run"),
        notes: notes(runs),
        tiles: tiles(&runs.runs),
        charts: charts(&runs.runs),
        rows: runs.runs.iter().rev().map(row).collect(),
    };
    let text = page.render().map_err(|error| Error::incomplete(format!("the page: {error}")))?;
    Ok(text + "\n")
}

fn notes(runs: &Runs) -> Vec<String> {
    let mut notes = Vec::new();
    if runs.earlier > 0 {
        notes.push(format!("{} are not shown.", counted(runs.earlier, "earlier run")));
    }
    if !runs.passed_over.is_empty() {
        notes.push(format!("Passed over, since no run wrote it: {}.", runs.passed_over.join(", ")));
    }
    let excused = runs.runs.iter().any(|run| run.excused > 0);
    if excused {
        let what = "What waivers and baselines excuse is no finding; its claims are not clean.";
        notes.push(what.to_owned());
    }
    notes
}

/// The share of clean claims in hundredths of a percent, rounded down.
fn clean_share(run: &Run) -> Option<i128> {
    let share = (u128::from(run.clean) * 10_000).checked_div(u128::from(run.claims))?;
    i128::try_from(share).ok()
}

fn percent(share: i128) -> String {
    let sign = if share < 0 { "-" } else { "" };
    let share = share.unsigned_abs();
    format!("{sign}{}.{:02} %", share / 100, share % 100)
}

fn number(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", digits(value.unsigned_abs()))
}

fn tiles(runs: &[Run]) -> Vec<Tile> {
    let Some((last, before)) = runs.split_last() else { return Vec::new() };
    let before = before.last();
    let tile = |name, of: &dyn Fn(&Run) -> Option<i128>, say: fn(i128) -> String, more_is_good| {
        let now = of(last);
        let moved = before.and_then(of).zip(now).map(|(before, now)| now - before);
        let (change, tone) = match moved {
            None => (String::new(), ""),
            Some(0) => ("as in the run before".to_owned(), ""),
            Some(moved) => {
                let sign = if moved > 0 { "+" } else { "" };
                let tone = if (moved > 0) == more_is_good { "better" } else { "worse" };
                (format!("{sign}{} since the run before", say(moved)), tone)
            }
        };
        Tile { name, value: now.map_or_else(|| "–".to_owned(), say), change, tone }
    };
    vec![
        tile("Clean claims", &clean_share, percent, true),
        tile("Errors", &|run| Some(run.severities[0].into()), number, false),
        tile("Warnings", &|run| Some(run.severities[1].into()), number, false),
        tile("Dollars at risk", &|run| run.at_risk.map(|Cents(cents)| cents), dollars, false),
    ]
}

fn dollars(cents: i128) -> String {
    money(Cents(cents))
}

fn charts(runs: &[Run]) -> Vec<Chart> {
    let of = |value: &dyn Fn(&Run) -> Option<i128>| runs.iter().map(value).collect::<Vec<_>>();
    let series = |name: &str, values| Series { name: name.to_owned(), values };
    let ends = [runs.first(), runs.last()].map(|run| run.map(|run| run.day()).unwrap_or_default());
    let severity = |at: usize| of(&|run| run.severities.get(at).map(|n| i128::from(*n)));
    let rules = top_rules(runs).into_iter().map(|code| {
        let found = of(&|run| Some(run.rules.get(&code).copied().unwrap_or(0).into()));
        Series { name: code, values: found }
    });
    vec![
        chart("Clean claims", vec![series("clean claims", of(&clean_share))], percent, &ends)
            .within(0, 10_000),
        chart(
            "Findings by severity",
            vec![
                series("errors", severity(0)),
                series("warnings", severity(1)),
                series("info", severity(2)),
            ],
            number,
            &ends,
        ),
        chart(
            "Dollars at risk",
            vec![series("at risk", of(&|run| run.at_risk.map(|Cents(cents)| cents)))],
            dollars,
            &ends,
        ),
        chart("Findings of the top rules", rules.collect(), number, &ends),
    ]
    .into_iter()
    .map(Chart::drawn)
    .filter(|chart| !chart.lines.is_empty())
    .collect()
}

/// The rules with most findings in the latest run, then those with most in any.
fn top_rules(runs: &[Run]) -> Vec<String> {
    let last = runs.last().map(|run| &run.rules);
    let mut most = std::collections::BTreeMap::<&String, (u64, u64)>::new();
    for (code, found) in runs.iter().flat_map(|run| &run.rules).filter(|(_, found)| **found > 0) {
        let latest = last.and_then(|rules| rules.get(code)).copied().unwrap_or(0);
        let (_, any) = most.entry(code).or_insert((latest, 0));
        *any = (*any).max(*found);
    }
    let mut most: Vec<(&String, (u64, u64))> = most.into_iter().collect();
    most.sort_by_key(|(code, found)| (std::cmp::Reverse(*found), *code));
    most.into_iter().take(RULES_MAX).map(|(code, _)| code.clone()).collect()
}

fn row(run: &Run) -> [String; 10] {
    let [errors, warnings, info] = run.severities;
    [
        run.ended.clone(),
        run.name.clone(),
        digits(run.lines),
        digits(run.claims),
        clean_share(run).map_or_else(|| "–".to_owned(), percent),
        digits(errors),
        digits(warnings),
        digits(info),
        digits(run.excused),
        run.at_risk.map_or_else(|| "–".to_owned(), money),
    ]
}

#[cfg(test)]
mod tests;
