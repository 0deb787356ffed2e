//! `claimlint refdata`: published files to editions in a folder, and what is in that folder. How
//! two of them are compared is in `refdata_diff.rs`.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::refdata_args::{
    Directory, ImportArgs, ListArgs, ListFormat, RefdataArgs, RefdataCommand,
};
use crate::cli::{amounts, log, refdata_diff, reference, streams};
use crate::error::{Error, Result};
use crate::intake::parts::{Join, join, unite};
use crate::intake::{self, Asked, NotTaken, TakenIn};
use crate::model::Date;
use crate::model::visible::visible;
use crate::reference::rows::{CodeRow, Rows};
use crate::reference::{Edition, EditionInfo, Kind, store};

/// How many of the rows that were not taken in are shown.
const SHOWN_MAX: usize = 20;

/// Takes files in, or lists what was taken in.
pub fn refdata(args: &RefdataArgs, context: &Context) -> Result<Exit> {
    match &args.command {
        RefdataCommand::Import(args) => import(args, context),
        RefdataCommand::List(args) => list(args),
        RefdataCommand::Diff(args) => refdata_diff::diff(args, context),
    }
}

/// The folder: as typed, else as the environment says, else that of the user's data.
pub fn folder(
    typed: &Directory,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf> {
    let usual = || reference::usual_folder(environment);
    typed.refdata.clone().or_else(usual).ok_or_else(|| {
        Error::settings("there is no home folder to keep reference data in")
            .with_help("name a folder: --refdata DIR")
    })
}

/// `2026-01-01..2026-03-31`, both ends included.
fn effective(text: &str) -> Result<(Date, Date)> {
    let date = |text: &str| Date::parse(text.trim().as_bytes()).value();
    let ends = text.split_once("..").and_then(|(from, to)| Some((date(from)?, date(to)?)));
    ends.filter(|(from, to)| from <= to).ok_or_else(|| {
        Error::settings("--effective: two dates are needed, the first not after the last")
            .with_help("write them as 2026-01-01..2026-03-31")
    })
}

/// An edition in the making, of one file or of several parts.
struct Made {
    edition: Edition,
    /// The rows that were not taken in, with the name of their file.
    not_taken: Vec<(String, NotTaken)>,
}

fn import(args: &ImportArgs, context: &Context) -> Result<Exit> {
    let directory = folder(&args.directory, reference::environment)?;
    let asked = Asked {
        kind: args.kind.as_deref().and_then(Kind::from_name),
        edition: args.edition.clone(),
        effective: args.effective.as_deref().map(effective).transpose()?,
        today: reference::today(),
    };
    let (mut made, mut refused) = (Vec::new(), false);
    let mut tell = |error: &Error| {
        refused = true;
        log::tell_error(error);
    };
    for file in &args.files {
        let added = intake::read(file, &asked).and_then(|taken| add(&mut made, taken));
        if let Err(error) = added {
            tell(&error);
        }
    }
    let mut all_taken = true;
    for mut made in made {
        if let Err(error) = with_earlier_parts(&directory, &mut made.edition, args) {
            tell(&error);
            continue;
        }
        let path = store::write(&directory, &made.edition)?;
        all_taken = all_taken && made.not_taken.is_empty();
        if !context.is_silent() {
            streams::print(&account(&made, &path))?;
        }
    }
    Ok(match (refused, all_taken) {
        (true, _) => Exit::NotRun,
        (false, false) => Exit::Findings,
        (false, true) => Exit::Clean,
    })
}

/// Adds what was taken in of a file to the editions of this import.
fn add(made: &mut Vec<Made>, taken: TakenIn) -> Result<()> {
    let TakenIn { edition, not_taken } = taken;
    let name = edition.sources.first().map(|source| source.name.clone()).unwrap_or_default();
    let not_taken: Vec<_> = not_taken.into_iter().map(|row| (name.clone(), row)).collect();
    let same =
        |made: &&mut Made| made.edition.kind == edition.kind && made.edition.name == edition.name;
    let Some(earlier) = made.iter_mut().find(same) else {
        made.push(Made { edition, not_taken });
        return Ok(());
    };
    match join(&earlier.edition.sources, &edition.sources) {
        Join::Unite => {
            unite(&mut earlier.edition, edition)?;
            earlier.not_taken.extend(not_taken);
            Ok(())
        }
        // The same file named twice.
        Join::Replace if earlier.edition.sources == edition.sources => Ok(()),
        _ => Err(Error::input(format!(
            "{name}: makes the edition {} of kind {}, as another of these files does",
            edition.name,
            edition.kind.name()
        ))
        .with_help("import it by itself, and name its edition: --edition NAME")),
    }
}

/// Unites an edition with the parts of it that were imported before.
fn with_earlier_parts(directory: &Path, edition: &mut Edition, args: &ImportArgs) -> Result<()> {
    let editions = store::list(directory)?;
    let same = |info: &&EditionInfo| info.kind == edition.kind && info.name == edition.name;
    let Some(info) = editions.iter().find(same) else { return Ok(()) };
    let (kind, name) = (edition.kind.name(), &edition.name);
    match join(&info.sources, &edition.sources) {
        Join::Replace => Ok(()),
        Join::Unite => {
            let part = std::mem::replace(edition, store::read_edition(&info.path)?);
            unite(edition, part)
        }
        Join::Changed(part) => Err(Error::input(format!(
            "{part}: the edition {name} of kind {kind} has this part with other content"
        ))
        .with_help("import all parts of the edition together")),
        // Asked for by its name, it is meant to take the place of the other.
        Join::Other(_) if args.edition.is_some() => Ok(()),
        Join::Other(other) => Err(Error::input(format!(
            "the edition {name} of kind {kind} is there already, made of {other}"
        ))
        .with_help(format!("`--edition {name}` replaces it; another name keeps both"))),
    }
}

/// What was taken in, for reading.
fn account(made: &Made, path: &Path) -> String {
    let Made { edition, not_taken } = made;
    let (first, last) = edition.covers;
    // Writing into a String cannot fail, here and below.
    let mut text =
        format!("{} {}\n  covers     {first} to {last}\n", edition.kind.name(), edition.name);
    let rows = edition.sources.iter().map(|source| source.rows).sum();
    let _ = write!(text, "  taken in   {}", amounts::counted(rows, "row"));
    if let (Kind::Hcpcs, Rows::Codes(codes)) = (edition.kind, &edition.rows) {
        let count = |is: fn(&CodeRow) -> bool| codes.iter().filter(|row| is(row)).count() as u64;
        let modifiers = amounts::counted(count(|row| row.code.len() == 2), "modifier");
        let ended = amounts::count(count(|row| row.days.last.is_some()));
        let _ = write!(text, ", {modifiers}, {ended} with a last day");
    }
    text.push('\n');
    if !not_taken.is_empty() {
        let count = amounts::counted(not_taken.len() as u64, "row");
        let _ = writeln!(text, "  not taken  {count}");
    }
    for (file, row) in not_taken.iter().take(SHOWN_MAX) {
        let _ = writeln!(text, "             {}, row {}: {}", visible(file), row.row, row.reason);
    }
    if not_taken.len() > SHOWN_MAX {
        let more = amounts::count((not_taken.len() - SHOWN_MAX) as u64);
        let _ = writeln!(text, "             … and {more} more");
    }
    for source in &edition.sources {
        let rows = amounts::counted(source.rows, "row");
        let _ = writeln!(text, "  source     {}, {rows}", visible(&source.name));
    }
    let _ = writeln!(text, "  path       {}", visible(&path.display().to_string()));
    text
}

fn list(args: &ListArgs) -> Result<Exit> {
    let directory = folder(&args.directory, reference::environment)?;
    let editions = store::list(&directory)?;
    let text = match args.output_format {
        ListFormat::Text if editions.is_empty() => {
            format!("no editions in {}\n", visible(&directory.display().to_string()))
        }
        ListFormat::Text => table(&editions),
        ListFormat::Json => {
            let all: Vec<serde_json::Value> = editions.iter().map(as_json).collect();
            format!("{:#}\n", serde_json::Value::from(all))
        }
    };
    streams::print(&text)?;
    Ok(Exit::Clean)
}

/// A line for each source; what is said of an edition stands on its first.
fn table(editions: &[EditionInfo]) -> String {
    const SHOWN_DIGITS: usize = 12;
    let header = ["kind", "edition", "covers", "rows", "sha256", "source"].map(str::to_owned);
    let mut lines = vec![header];
    for info in editions {
        let (first, last) = info.covers;
        let mut left =
            [info.kind.name().to_owned(), info.name.clone(), format!("{first} to {last}")];
        for source in &info.sources {
            let [kind, name, covers] = std::mem::take(&mut left);
            let digest = source.sha256.chars().take(SHOWN_DIGITS).collect();
            let rows = amounts::count(source.rows);
            lines.push([kind, name, covers, rows, digest, visible(&source.name).into_owned()]);
        }
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let [kind, edition, covers, rows] = [0, 1, 2, 3].map(width);
    let mut text = String::new();
    for [a, b, c, d, digest, source] in &lines {
        let _ = writeln!(
            text,
            "{a:kind$}  {b:edition$}  {c:covers$}  {d:>rows$}  {digest:SHOWN_DIGITS$}  {source}"
        );
    }
    text
}

fn as_json(info: &EditionInfo) -> serde_json::Value {
    let sources = info
        .sources
        .iter()
        .map(|source| json!({ "name": source.name, "sha256": source.sha256, "rows": source.rows }));
    json!({
        "kind": info.kind.name(),
        "edition": info.name,
        "covers": [info.covers.0.to_string(), info.covers.1.to_string()],
        "is_complete": info.is_complete,
        "rows": info.rows,
        "entries": info.entries,
        "ended": info.ended,
        "path": info.path.display().to_string(),
        "sources": sources.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_typed_or_of_the_environment() {
        let of = |typed: Option<&str>, set: &[(&str, &str)]| {
            let typed = Directory { refdata: typed.map(PathBuf::from) };
            let found = folder(&typed, |name| {
                set.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into())
            });
            found.map(|path| path.display().to_string()).unwrap_or_default()
        };
        let all = [("CLAIMLINT_REFDATA", "/c"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")];
        assert_eq!(of(Some("d"), &all), "d");
        assert_eq!(of(None, &all), "/c");
        assert_eq!(of(None, &[("CLAIMLINT_REFDATA", ""), all[1], all[2]]), "/x/claimlint/refdata");
        assert_eq!(of(None, &all[2..]), "/h/.local/share/claimlint/refdata");
        assert_eq!(of(None, &[]), "");
    }

    #[test]
    fn dates_covered_are_typed_as_a_range() {
        let (from, to) = effective("2026-01-01..2026-03-31").unwrap();
        assert_eq!(format!("{from} {to}"), "2026-01-01 2026-03-31");
        for bad in ["", "2026-01-01", "2026-01-01..", "2026-02-01..2026-01-01", "x..y"] {
            assert!(effective(bad).is_err(), "{bad}");
        }
    }
}
