//! `claimlint refdata diff`: two editions of a kind, what changed between them, and, where exports
//! are named, what that means for their lines.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::refdata_against::{self, Against};
use crate::cli::refdata_args::{DiffArgs, ListFormat};
use crate::cli::refdata_side::{Example, Side};
use crate::cli::{amounts, refdata, reference, streams};
use crate::error::{Error, Result, nearest};
use crate::model::visible::visible;
use crate::reference::difference::{self, Change, Difference, Said};
use crate::reference::rows::Rows;
use crate::reference::{Edition, Kind, store};
use crate::report::Out;
use crate::rules::embedded;

/// How many entries, and how many lines of exports, are shown for reading.
pub const SHOWN_MAX: usize = 20;
/// How many rows of an entry are shown for reading.
const ROWS_SHOWN_MAX: usize = 3;

/// The name of the editions that come with the program.
const BUILT_IN: &str = "built-in";

/// Compares two editions.
pub fn diff(args: &DiffArgs, context: &Context) -> Result<Exit> {
    let directory = refdata::folder(&args.directory, reference::environment)?;
    let before = edition(&args.before, &directory)?;
    let after = edition(&args.after, &directory)?;
    let difference = difference::compare(&before, &after)?;
    let against = match args.against.is_empty() {
        true => None,
        false => Some(refdata_against::run(args, [&before, &after], &directory, context)?),
    };
    if context.is_silent() {
        return Ok(Exit::Clean);
    }
    let mut out = Out::new(streams::STDOUT, io::stdout());
    match args.output_format {
        ListFormat::Text => {
            write_text([&before, &after], &difference, &mut out)?;
            against.iter().try_for_each(|against| write_against(against, &mut out))?;
        }
        ListFormat::Json => {
            write_json([&before, &after], &difference, against.as_ref(), &mut out)?;
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// The edition of a name or path, its rows sorted, equal ones once.
fn edition(named: &str, directory: &Path) -> Result<Edition> {
    if Path::new(named).extension().is_some_and(|extension| extension == "clref") {
        return store::read_edition(Path::new(named));
    }
    let Some((kind, name)) = named.split_once('@') else {
        return Err(Error::settings(format!("{named}: neither KIND@EDITION nor a .clref file"))
            .with_help("such as hcpcs@2025-10; `claimlint refdata list` shows what there is"));
    };
    let Some(kind) = Kind::from_name(kind) else {
        let error = Error::settings(format!("{named}: no kind of reference data is called {kind}"));
        let names = Kind::ALL.map(Kind::name);
        return Err(error.with_help(match nearest(kind, names) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("one of: {}", names.join(", ")),
        }));
    };
    // Where it lies if nobody renamed it: a folder may hold many and large ones.
    let path = directory.join(format!("{named}.clref"));
    if path.is_file() {
        let edition = store::read_edition(&path)?;
        if edition.kind == kind && edition.name == name {
            return Ok(edition);
        }
    }
    let editions = store::list(directory)?;
    let mut of_kind = editions.iter().filter(|info| info.kind == kind);
    if let Some(info) = of_kind.clone().find(|info| info.name == name) {
        return store::read_edition(&info.path);
    }
    let built_in = embedded::tables()?.into_iter().find(|edition| edition.kind == kind);
    let has_built_in = built_in.is_some();
    if let Some(mut edition) = built_in.filter(|_| name == BUILT_IN) {
        if let Rows::Codes(rows) = &mut edition.rows {
            rows.sort();
            rows.dedup();
        }
        return Ok(edition);
    }
    let mut known: Vec<&str> = of_kind.by_ref().map(|info| info.name.as_str()).collect();
    known.extend(has_built_in.then_some(BUILT_IN));
    let place = directory.display();
    let error = Error::settings(format!("{named}: no such edition in {place}"));
    Err(error.with_help(match known.is_empty() {
        true => format!("there is none of kind {} there", kind.name()),
        false => format!("of that kind there are: {}", known.join(", ")),
    }))
}

fn rows(edition: &Edition) -> u64 {
    let rows = match &edition.rows {
        Rows::Codes(rows) => rows.len(),
        Rows::Pairs(rows) => rows.len(),
        Rows::Limits(rows) => rows.len(),
        Rows::AddOns(rows) => rows.len(),
    };
    rows as u64
}

/// The lists of a difference, each with its name and what it means.
fn lists<'d, 'r>(difference: &'d Difference<'r>) -> [(&'static str, &'d [Change<'r>]); 4] {
    [
        ("added", &difference.added),
        ("ended", &difference.ended),
        ("changed", &difference.changed),
        ("dropped", &difference.dropped),
    ]
}

fn write_text(
    editions: [&Edition; 2],
    difference: &Difference<'_>,
    out: &mut Out<'_>,
) -> Result<()> {
    let [before, after] = editions;
    out.text(&format!("{}: {} to {}\n", before.kind.name(), before.name, after.name))?;
    let width = before.name.len().max(after.name.len());
    for edition in editions {
        let (first, last) = edition.covers;
        let rows = amounts::counted(rows(edition), "row");
        out.text(&format!("  {:width$}  covers {first} to {last}, {rows}\n", edition.name))?;
    }
    for (name, changes) in lists(difference) {
        let count = amounts::count(changes.len() as u64);
        let gloss = if name == "dropped" { ": gone, and had ended before" } else { "" };
        out.text(&format!("{name:8} {count}{gloss}\n"))?;
        for change in changes.iter().take(SHOWN_MAX) {
            out.text(&format!("  {}\n", visible(&line(name, change))))?;
        }
        write_more(changes.len(), out)?;
    }
    Ok(())
}

fn write_more(length: usize, out: &mut Out<'_>) -> Result<()> {
    match length.checked_sub(SHOWN_MAX) {
        None | Some(0) => Ok(()),
        Some(more) => out.text(&format!("  … {} more\n", amounts::count(more as u64))),
    }
}

/// A change for reading: `A0002  from 2020-01-01 -> 2020-01-01 to 2025-09-30`.
fn line(list: &str, change: &Change<'_>) -> String {
    let codes = change.codes().join(" ");
    let (before, after) = (change.before(), change.after());
    let (before, after) = (of_rows(&before), of_rows(&after));
    let text = match list {
        "added" => after,
        "dropped" => before,
        _ => format!("{before} -> {after}"),
    };
    format!("{codes}  {text}").trim_end().to_owned()
}

fn of_rows(rows: &[Vec<Said>]) -> String {
    let mut shown: Vec<String> = rows.iter().take(ROWS_SHOWN_MAX).map(|row| of_row(row)).collect();
    if rows.len() > ROWS_SHOWN_MAX {
        let more = amounts::counted((rows.len() - ROWS_SHOWN_MAX) as u64, "row");
        shown.push(format!("{more} more"));
    }
    if shown.is_empty() { "nothing".to_owned() } else { shown.join("; ") }
}

/// `indicator 1 from 2020-01-01`.
fn of_row(row: &[Said]) -> String {
    let value = |name: &str| {
        let said = row.iter().find(|(other, _)| *other == name);
        said.and_then(|(_, value)| value.as_deref())
    };
    let others = row.iter().filter(|(name, _)| !matches!(*name, "first" | "last"));
    let mut words: Vec<String> = others
        .map(|(name, value)| format!("{name} {}", value.as_deref().unwrap_or("left open")))
        .collect();
    let has_days = row.iter().any(|(name, _)| *name == "first");
    words.extend(match (value("first"), value("last")) {
        (Some(first), Some(last)) => Some(format!("{first} to {last}")),
        (Some(first), None) => Some(format!("from {first}")),
        (None, Some(last)) => Some(format!("to {last}")),
        (None, None) if has_days => Some("on every day".to_owned()),
        (None, None) => None,
    });
    words.join(" ")
}

fn write_against(against: &Against, out: &mut Out<'_>) -> Result<()> {
    let (first, last) = against.days;
    let lines = amounts::counted(against.lines, "line");
    out.text(&format!(
        "against {}: {lines}, by {}\n  each edition alone was asked about {first} to {last}, the \
         days of both\n",
        visible(&against.sources.join(", ")),
        against.rules.join(", "),
    ))?;
    for note in &against.notes {
        out.text(&format!("  note: {}\n", visible(note)))?;
    }
    let unchanged = amounts::counted(against.unchanged, "finding");
    out.text(&format!("  {unchanged} under both\n"))?;
    for (name, side) in [("gone", &against.gone), ("new", &against.new)] {
        let which = if name == "gone" { "before" } else { "after" };
        out.text(&format!("{name}: found only under the edition {which}: {}\n", total(side)))?;
        for (rule, count) in &side.rules {
            out.text(&format!("  {rule}  {}\n", count.text()))?;
        }
        for example in side.examples.iter().take(SHOWN_MAX) {
            out.text(&format!("  {}\n", visible(&example.text())))?;
        }
        write_more(usize::try_from(side.findings()).unwrap_or(usize::MAX), out)?;
    }
    Ok(())
}

fn total(side: &Side) -> String {
    if side.rules.is_empty() { "nothing".to_owned() } else { side.total.text() }
}

fn write_json(
    editions: [&Edition; 2],
    difference: &Difference<'_>,
    against: Option<&Against>,
    out: &mut Out<'_>,
) -> Result<()> {
    let [before, after] = editions.map(|edition| {
        let covers = [edition.covers.0.to_string(), edition.covers.1.to_string()];
        json!({ "edition": edition.name, "covers": covers, "rows": rows(edition) })
    });
    let kind = editions.map(|edition| edition.kind.name());
    let [kind, _] = kind.map(Value::from);
    out.text(&format!(
        "{{\"schema\":\"claimlint.refdata-diff/1\",\"kind\":{kind},\n\"before\":{before},\n\
         \"after\":{after},\n"
    ))?;
    let counts = lists(difference).map(|(name, changes)| format!("\"{name}\":{}", changes.len()));
    out.text(&format!("\"counts\":{{{}}},\n", counts.join(",")))?;
    for (name, changes) in lists(difference) {
        out.text(&format!("\"{name}\":["))?;
        let objects = changes.iter().map(|change| as_json(name, change));
        write_list(objects, out)?;
    }
    match against {
        None => out.text("\"against\":null}\n"),
        Some(against) => {
            out.text(&format!("\"against\":{{\"about\":{},\n", against.as_json()))?;
            for (name, side) in [("gone", &against.gone), ("new", &against.new)] {
                let rules = side.rules.iter();
                let rules = rules.map(|(rule, count)| ((*rule).to_owned(), count.as_json()));
                let rules = Value::Object(rules.collect());
                let total = side.total.as_json();
                out.text(&format!("\"{name}\":{{\"total\":{total},\"rules\":{rules},\n"))?;
                out.text("\"lines\":[")?;
                write_list(side.examples.iter().map(Example::as_json), out)?;
                out.text(&format!("\"findings\":{}}},\n", side.findings()))?;
            }
            out.text(&format!("\"unchanged\":{}}}}}\n", against.unchanged))
        }
    }
}

/// The rest of a list, whose end is not the end of what it stands in.
fn write_list(objects: impl Iterator<Item = Value>, out: &mut Out<'_>) -> Result<()> {
    for (at, object) in objects.enumerate() {
        out.text(if at > 0 { ",\n" } else { "\n" })?;
        out.text(&object.to_string())?;
    }
    out.text("],\n")
}

fn as_json(list: &str, change: &Change<'_>) -> Value {
    let rows = |rows: Vec<Vec<Said>>| -> Vec<Value> {
        let object = |row: Vec<Said>| {
            let pairs = row.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
            Value::Object(pairs.collect())
        };
        rows.into_iter().map(object).collect()
    };
    let (before, after) = (rows(change.before()), rows(change.after()));
    let changed = if list == "changed" { change.changed() } else { Vec::new() };
    json!({ "codes": change.codes(), "changed": changed, "before": before, "after": after })
}
