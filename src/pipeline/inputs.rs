//! What the user named, as a list of inputs: files, the files of folders, globs, standard input.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::{Error, Result};
use crate::input::source::Origin;

/// The endings of the files that are taken from a folder.
const ENDINGS: [&str; 11] =
    ["csv", "tsv", "psv", "txt", "tab", "837", "837p", "837i", "837d", "x12", "edi"];

/// The inputs to check, and what was passed over.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order given; the files of a folder or glob by name.
    pub origins: Vec<Origin>,
    /// What a person should know of files that were passed over.
    pub notes: Vec<String>,
}

/// Finds the inputs that `named` stands for.
///
/// # Errors
/// A name or glob that matches nothing, a folder without an export, an input given twice.
pub fn find(named: &[String]) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    if named.is_empty() {
        return Err(Error::input("no input was named")
            .with_help("name files, folders or globs, or - for standard input"));
    }
    for name in named {
        add(name, &mut inputs)?;
    }
    refuse_repeated(&inputs.origins)?;
    Ok(inputs)
}

fn add(name: &str, inputs: &mut Inputs) -> Result<()> {
    if name == "-" {
        inputs.origins.push(Origin::Stdin);
        return Ok(());
    }
    let path = Path::new(name);
    if path.is_dir() {
        return add_folder(path, inputs);
    }
    // A file whose name has a bracket in it is that file, not a pattern.
    if path.exists() {
        inputs.origins.push(Origin::Path(path.to_owned()));
        return Ok(());
    }
    let missing = || {
        Error::input(format!("{name}: no such file, and as a glob it matches none"))
            .with_help("check the path; a run over nothing is not a clean one")
    };
    if !name.contains(['*', '?', '[']) {
        return Err(missing());
    }
    let Ok(paths) = glob::glob(name) else { return Err(missing()) };
    let mut found = false;
    for path in paths {
        let path = path.map_err(|error| Error::input(format!("{name}: cannot read: {error}")))?;
        if path.is_file() {
            inputs.origins.push(Origin::Path(path));
            found = true;
        }
    }
    if found { Ok(()) } else { Err(missing()) }
}

fn add_folder(folder: &Path, inputs: &mut Inputs) -> Result<()> {
    let mut files = Vec::new();
    let mut passed_over = 0_u64;
    walk(folder, &mut BTreeSet::new(), &mut files, &mut passed_over)?;
    if files.is_empty() {
        return Err(Error::input(format!(
            "{}: the folder has no file that ends in .{}",
            folder.display(),
            ENDINGS.join(", .")
        ))
        .with_help("name the files themselves if they end otherwise"));
    }
    if passed_over > 0 {
        inputs.notes.push(format!(
            "{}: {passed_over} files were passed over, because they do not end in .{}",
            folder.display(),
            ENDINGS.join(", .")
        ));
    }
    inputs.origins.extend(files.into_iter().map(Origin::Path));
    Ok(())
}

fn walk(
    folder: &Path,
    seen: &mut BTreeSet<(u64, u64)>,
    files: &mut Vec<PathBuf>,
    passed_over: &mut u64,
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
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if hidden {
            *passed_over += u64::from(path.is_file());
        } else if path.is_dir() {
            walk(&path, seen, files, passed_over)?;
        } else if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            files.push(path);
        } else {
            *passed_over += 1;
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
