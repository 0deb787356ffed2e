//! `claimlint diff`: what is new, fixed and still open between the findings of two runs.

use std::io;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::history_args::{DiffFormat, RunDiffArgs};
use crate::cli::streams;
use crate::error::Result;
use crate::report::Out;
use crate::report::difference::{Change, Comparison, Count, Counts, Difference};
use crate::report::escape::{code_span, counted, cut, digits, money};
use crate::report::listed::ListedFile;

/// How many rules, payers or providers are shown for reading.
const SHOWN_MAX: usize = 20;

/// How much of a name is shown for reading.
const NAME_COLUMNS_MAX: usize = 32;

/// Compares two runs.
pub fn diff(args: &RunDiffArgs, context: &Context) -> Result<Exit> {
    let files = [ListedFile::open(&args.old)?, ListedFile::open(&args.new)?];
    let [old, new] = &files;
    let comparison = Comparison::new(old, new)?;
    // Both runs were read to their ends before a byte is written: there is no half a comparison.
    let difference = comparison.count()?;
    if !context.is_silent() {
        let mut out = Out::new(streams::STDOUT, io::stdout());
        match (args.list, args.output_format) {
            (Some(word), _) => list(&comparison, word.change(), &mut out)?,
            (None, DiffFormat::Text) => out.text(&text(&difference, &files))?,
            (None, DiffFormat::Json) => {
                out.text(&format!("{:#}\n", document(&difference, &files)))?;
            }
            (None, DiffFormat::Markdown) => out.text(&markdown(&difference, &files))?,
        }
        out.flush()?;
    }
    let fails = args.fail_on.is_some() && difference.new_at_least() > 0;
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

/// Writes the findings with one change as they stand in their file.
fn list(comparison: &Comparison<'_>, wanted: Change, out: &mut Out<'_>) -> Result<()> {
    comparison.each(|change, _, line| {
        if change == Ok(wanted) {
            out.bytes(line)?;
            out.bytes(b"\n")?;
        }
        Ok(())
    })
}

/// What was excused in a run is in neither list: in the later one it would look fixed.
fn notes(files: &[ListedFile; 2]) -> Vec<String> {
    let said = files.iter().zip(["earlier", "later"]).filter_map(|(file, which)| {
        let excused = file.excused().all();
        let findings = counted(excused, "finding");
        (excused > 0).then(|| format!("the {which} run excused {findings}, not compared here"))
    });
    said.collect()
}

/// What there is without a claim number, in the two runs.
fn outside(difference: &Difference) -> Option<String> {
    let [old, new] =
        difference.without_claim.values().fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
    let parts = difference
        .without_claim
        .iter()
        .map(|(code, [old, new])| format!("{code} {} before, {} now", digits(*old), digits(*new)));
    let parts: Vec<String> = parts.collect();
    (old + new > 0).then(|| {
        format!(
            "without a claim number, not compared: {} before, {} now ({})",
            digits(old),
            digits(new),
            parts.join("; ")
        )
    })
}

/// The kinds of groups that there are.
fn kinds(difference: &Difference) -> [(&'static str, &[(String, Counts)]); 3] {
    [
        ("rule", &difference.by_rule),
        ("payer", &difference.by_payer),
        ("provider", &difference.by_provider),
    ]
}

const HEADINGS: [&str; 9] = [
    "new",
    "fixed",
    "open",
    "claims new",
    "claims fixed",
    "claims open",
    "$ new",
    "$ fixed",
    "$ open",
];

fn cells(counts: &Counts) -> [String; 9] {
    let [new, fixed, open] = counts;
    let all = [new, fixed, open];
    let [a, b, c] = all.map(|count| digits(count.findings));
    let [d, e, f] = all.map(|count| digits(count.claims));
    let [g, h, i] = all.map(|count| money(count.dollars));
    [a, b, c, d, e, f, g, h, i]
}

/// One clause for all findings with a change.
fn sentence(count: &Count) -> String {
    let (findings, claims) = (counted(count.findings, "finding"), counted(count.claims, "claim"));
    format!("{findings} on {claims}, {}", money(count.dollars))
}

fn text(difference: &Difference, files: &[ListedFile; 2]) -> String {
    let mut text = String::new();
    for ((which, file), findings) in ["before", "now"].iter().zip(files).zip(difference.findings) {
        let shown = file.path().display().to_string();
        text.push_str(&format!(
            "{which:>6}: {} in {}\n",
            counted(findings, "finding"),
            cut(&shown, 200)
        ));
    }
    for (change, count) in Change::ALL.into_iter().zip(&difference.all) {
        text.push_str(&format!("{:>6}: {}\n", change.name(), sentence(count)));
    }
    for (kind, groups) in kinds(difference).into_iter().filter(|(_, of)| !of.is_empty()) {
        text.push_str(&format!("\n{}", table(kind, groups)));
    }
    let closing: Vec<String> = outside(difference).into_iter().chain(notes(files)).collect();
    if !closing.is_empty() {
        text.push('\n');
    }
    text.extend(closing.iter().map(|line| format!("{line}\n")));
    text
}

fn table(kind: &str, groups: &[(String, Counts)]) -> String {
    let mut rows: Vec<Vec<String>> =
        vec![[kind].iter().chain(&HEADINGS).map(|h| (*h).to_owned()).collect()];
    for (name, counts) in groups.iter().take(SHOWN_MAX) {
        let name = cut(name, NAME_COLUMNS_MAX);
        rows.push([name].into_iter().chain(cells(counts)).collect());
    }
    let mut widths = vec![0; HEADINGS.len() + 1];
    for (width, at) in widths.iter_mut().zip(0..) {
        let cells = rows.iter().filter_map(|row| row.get(at));
        *width = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            line.push_str(&if at == 0 { format!("{cell}{pad}") } else { format!("  {pad}{cell}") });
        }
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    if let Some(more) = groups.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        text.push_str(&format!(
            "and {}; -f json has all\n",
            counted(more as u64, &format!("more {kind}"))
        ));
    }
    text
}

fn markdown(difference: &Difference, files: &[ListedFile; 2]) -> String {
    let mut text = "# claimlint diff\n\n".to_owned();
    for ((which, file), findings) in ["before", "now"].iter().zip(files).zip(difference.findings) {
        let path = code_span(&file.path().display().to_string());
        text.push_str(&format!("- {which}: {} in {path}\n", counted(findings, "finding")));
    }
    for (change, count) in Change::ALL.into_iter().zip(&difference.all) {
        text.push_str(&format!("- {}: {}\n", change.name(), sentence(count)));
    }
    text.extend(
        outside(difference).into_iter().chain(notes(files)).map(|line| format!("- {line}\n")),
    );
    for (kind, groups) in kinds(difference).into_iter().filter(|(_, of)| !of.is_empty()) {
        text.push_str(&format!("\n## By {kind}\n\n| {kind} | {} |\n", HEADINGS.join(" | ")));
        text.push_str(&format!("|---|{}\n", "---:|".repeat(HEADINGS.len())));
        for (name, counts) in groups.iter().take(SHOWN_MAX) {
            let name = code_span(&cut(name, NAME_COLUMNS_MAX));
            text.push_str(&format!("| {name} | {} |\n", cells(counts).join(" | ")));
        }
        if let Some(more) = groups.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
            text.push_str(&format!("\nAnd {}.\n", counted(more as u64, &format!("more {kind}"))));
        }
    }
    text
}

fn document(difference: &Difference, files: &[ListedFile; 2]) -> Value {
    let run = |(file, findings): (&ListedFile, u64)| {
        let excused = file.excused();
        json!({
            "path": file.path().display().to_string(),
            "findings": findings,
            "accepted": excused.accepted,
            "waived": excused.waived,
        })
    };
    let runs: Vec<Value> = files.iter().zip(difference.findings).map(run).collect();
    let groups = |groups: &[(String, Counts)]| -> Vec<Value> {
        let one = |(name, counts): &(String, Counts)| {
            let mut group = changes(counts);
            group.insert("name".to_owned(), json!(name));
            Value::Object(group)
        };
        groups.iter().map(one).collect()
    };
    let outside = difference
        .without_claim
        .iter()
        .map(|(code, [before, now])| json!({ "rule": code, "before": before, "now": now }));
    json!({
        "schema": "claimlint.diff/1",
        "before": runs.first(),
        "now": runs.last(),
        "all": changes(&difference.all),
        "by_rule": groups(&difference.by_rule),
        "by_payer": groups(&difference.by_payer),
        "by_provider": groups(&difference.by_provider),
        "without_claim": outside.collect::<Vec<_>>(),
    })
}

fn changes(counts: &Counts) -> serde_json::Map<String, Value> {
    let one = |(change, count): (Change, &Count)| {
        let value = json!({
            "findings": count.findings,
            "claims": count.claims,
            "dollars": count.dollars.to_string(),
            "without_amount": count.without_amount,
        });
        (change.name().to_owned(), value)
    };
    Change::ALL.into_iter().zip(counts).map(one).collect()
}
