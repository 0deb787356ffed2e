//! What the user named, as a list of inputs: files, the files of folders, globs, standard input.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use crate::error::{Error, Result};
use crate::input::InputSettings;
use crate::input::source::Origin;
use crate::model::visible::visible;

/// The endings of the files that are taken from a folder.
const ENDINGS: [&str; 12] =
    ["csv", "tsv", "psv", "txt", "tab", "837", "837p", "837i", "837d", "x12", "edi", "parquet"];
/// What may follow them where a file is packed.
const PACKED_ENDINGS: [&str; 3] = ["gz", "zst", "zstd"];
/// The endings of files that something is still writing.
const UNFINISHED_ENDINGS: [&str; 4] = ["part", "tmp", "filepart", "crdownload"];
/// How many names of files that were passed over a note lists.
const NAMES_LISTED_MAX: usize = 20;

/// The inputs to check, and what was passed over.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order given; the files of a folder or glob by name.
    pub origins: Vec<Origin>,
    /// What a person should know of files that were passed over.
    pub notes: Vec<String>,
}

/// Files that were passed over, by the reason.
#[derive(Debug, Default)]
struct PassedOver {
    /// They have the ending of no export.
    other: u64,
    /// Their names say that something is still writing them, or hides them.
    unfinished: Vec<PathBuf>,
    /// They were changed too short a time ago.
    young: Vec<PathBuf>,
}

/// Finds the inputs that `named` stands for. Files that may still be on their way are passed over:
/// those younger than the settings ask for, and in folders and globs those whose names say so. A
/// name that stands for one file is that file, whatever its ending.
///
/// # Errors
/// A name or glob that matches nothing, a folder without an export, an input given twice; and
/// nothing left to read, unless the settings allow an empty input.
pub fn find(named: &[String], settings: &InputSettings) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    if named.is_empty() {
        return Err(Error::input("no input was named")
            .with_help("name files, folders or globs, or - for standard input"));
    }
    for name in named {
        add(name, settings, &mut inputs)?;
    }
    refuse_repeated(&inputs.origins)?;
    if inputs.origins.is_empty() && !settings.allow_empty {
        let said = inputs.notes.join("; ");
        return Err(Error::input(format!("there is no input: {said}")).with_help(
            "a run over nothing is not a clean one; use --allow-empty where it is expected",
        ));
    }
    Ok(inputs)
}

fn add(name: &str, settings: &InputSettings, inputs: &mut Inputs) -> Result<()> {
    if name == "-" {
        inputs.origins.push(Origin::Stdin);
        return Ok(());
    }
    let path = Path::new(name);
    let mut passed_over = PassedOver::default();
    let files = if path.is_dir() {
        in_folder(path, &mut passed_over)?
    } else if path.exists() {
        // A file whose name has a bracket in it is that file, not a pattern.
        vec![path.to_owned()]
    } else {
        matching(name, &mut passed_over)?
    };
    let is_young = |path: &PathBuf| is_younger(path, settings.settled_before);
    let (young, files): (Vec<_>, Vec<_>) = files.into_iter().partition(is_young);
    passed_over.young = young;
    inputs.origins.extend(files.into_iter().map(Origin::Path));
    inputs.notes.extend(passed_over.notes(name, settings));
    Ok(())
}

/// Whether a file was changed after this time. A pipe or a device has no age.
fn is_younger(path: &Path, than: Option<SystemTime>) -> bool {
    let Some(than) = than else { return false };
    // What cannot be looked at fails when it is opened, with its own message.
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file);
    metadata.and_then(|metadata| metadata.modified().ok()).is_some_and(|changed| changed > than)
}

/// Whether a name has the form of a file that is still on its way, or is hidden.
fn is_unfinished(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    is_hidden || ending(path).is_some_and(|ending| UNFINISHED_ENDINGS.contains(&ending.as_str()))
}

fn ending(path: &Path) -> Option<String> {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase())
}

/// Whether a name ends as exports do, packed or not.
fn is_export(path: &Path) -> bool {
    let Some(mut last) = ending(path) else { return false };
    if PACKED_ENDINGS.contains(&last.as_str()) {
        let unpacked = path.file_stem().map(Path::new).and_then(ending);
        last = unpacked.unwrap_or_default();
    }
    ENDINGS.contains(&last.as_str())
}

fn matching(name: &str, passed_over: &mut PassedOver) -> Result<Vec<PathBuf>> {
    let missing = || {
        Error::input(format!("{name}: no such file, and as a glob it matches none"))
            .with_help("check the path; a run over nothing is not a clean one")
    };
    if !name.contains(['*', '?', '[']) {
        return Err(missing());
    }
    let Ok(paths) = glob::glob(name) else { return Err(missing()) };
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|error| Error::input(format!("{name}: cannot read: {error}")))?;
        if !path.is_file() {
            continue;
        }
        let to = if is_unfinished(&path) { &mut passed_over.unfinished } else { &mut files };
        to.push(path);
    }
    let found = !files.is_empty() || !passed_over.unfinished.is_empty();
    if found { Ok(files) } else { Err(missing()) }
}

fn in_folder(folder: &Path, passed_over: &mut PassedOver) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    walk(folder, &mut BTreeSet::new(), &mut files, passed_over)?;
    if files.is_empty() && passed_over.unfinished.is_empty() {
        return Err(Error::input(format!(
            "{}: the folder has no file that ends in .{}",
            folder.display(),
            ENDINGS.join(", .")
        ))
        .with_help("name the files themselves if they end otherwise"));
    }
    Ok(files)
}

impl PassedOver {
    fn notes(&self, named: &str, settings: &InputSettings) -> Vec<String> {
        let mut notes = Vec::new();
        let of = |count: u64, what: &str| match count {
            1 => format!("{named}: 1 file was passed over, because it {what}"),
            many => format!("{named}: {many} files were passed over, because each {what}"),
        };
        if self.other > 0 {
            let endings = ENDINGS.join(", .");
            notes.push(of(self.other, &format!("does not end in .{endings}")));
        }
        let mut list = |paths: &[PathBuf], what: &str| {
            if !paths.is_empty() {
                notes.push(format!("{}: {}", of(paths.len() as u64, what), names(paths)));
            }
        };
        list(&self.unfinished, "has the name of a hidden file or of one that is still written");
        let age = settings.min_age.as_secs();
        list(&self.young, &format!("was changed less than {age} s ago"));
        notes
    }
}

fn names(paths: &[PathBuf]) -> String {
    let shown = paths.iter().take(NAMES_LISTED_MAX);
    let shown = shown.map(|path| visible(&path.to_string_lossy()).into_owned());
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if let Some(more) = paths.len().checked_sub(NAMES_LISTED_MAX).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn walk(
    folder: &Path,
    seen: &mut BTreeSet<(u64, u64)>,
    files: &mut Vec<PathBuf>,
    passed_over: &mut PassedOver,
) -> Result<()> {
    let cannot = |error| Error::input(format!("{}: cannot read: {error}", folder.display()));
    let metadata = fs::metadata(folder).map_err(cannot)?;
    // A link may lead back to a folder that was walked.
    if !seen.insert((metadata.dev(), metadata.ino())) {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(cannot)?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(cannot)?.path());
    }
    paths.sort();
    for path in paths {
        let is_folder = path.is_dir();
        if is_unfinished(&path) {
            passed_over.unfinished.extend((!is_folder).then_some(path));
        } else if is_folder {
            walk(&path, seen, files, passed_over)?;
        } else if is_export(&path) {
            files.push(path);
        } else {
            passed_over.other += 1;
        }
    }
    Ok(())
}

/// What tells an input from another under any name, where it is a file.
fn identity(origin: &Origin) -> Option<(u64, u64)> {
    // What cannot be looked at fails when it is opened, with its own message.
    let metadata = match origin {
        Origin::Path(path) => fs::metadata(path).ok()?,
        Origin::Stdin => {
            let file = fs::File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
            file.metadata().ok().filter(fs::Metadata::is_file)?
        }
    };
    Some((metadata.dev(), metadata.ino()))
}

/// The same file under two names would be counted twice.
fn refuse_repeated(origins: &[Origin]) -> Result<()> {
    let mut seen: BTreeMap<(u64, u64), String> = BTreeMap::new();
    for origin in origins {
        let Some(identity) = identity(origin) else { continue };
        let name = origin.name();
        if let Some(first) = seen.insert(identity, name.clone()) {
            return Err(Error::input(format!("{name}: is the same file as {first}"))
                .with_help("name each input once: its claims would be counted twice"));
        }
    }
    if origins.iter().filter(|origin| **origin == Origin::Stdin).count() > 1 {
        return Err(Error::input("standard input was named twice"));
    }
    Ok(())
}

/// Fails when a report would take the place of an input or of another report.
pub fn refuse_overwriting(origins: &[Origin], reports: &[&Path]) -> Result<()> {
    let mut targets: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    for report in reports {
        let there = fs::metadata(report).ok().map(|there| (there.dev(), there.ino()));
        let same = |origin: &&Origin| there.is_some() && identity(origin) == there;
        if let Some(input) = origins.iter().find(same) {
            let (report, input) = (report.display(), input.name());
            let error =
                Error::settings(format!("the report {report} would replace the input {input}"));
            return Err(error.with_help("give the report another path"));
        }
        if let Some(first) = targets.insert(resolved(report), report) {
            let error = Error::settings(format!(
                "two reports have one path: {} and {}",
                first.display(),
                report.display()
            ));
            return Err(error.with_help("give each report a path of its own"));
        }
    }
    Ok(())
}

/// A path whose folder is spelt in the one way there is.
fn resolved(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return path.to_owned(),
    };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
}
