//! The directory of compiled editions: one file for each.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::reference::compile;
use crate::reference::info::EditionInfo;
use crate::reference::rows::Edition;
use crate::reference::table::Table;

/// What the names of compiled editions end with.
const EXTENSION: &str = "clref";

/// Compiles an edition and writes its file, `<kind>@<name>.clref`. The directory is made if it is
/// not there. The file appears whole or not at all, in the place of one of the same name.
///
/// # Errors
///
/// If the edition cannot be compiled, or the file cannot be written.
pub fn write(directory: &Path, edition: &Edition) -> Result<PathBuf> {
    let bytes = compile::compile(edition)?;
    let name = format!("{}@{}.{EXTENSION}", edition.kind.name(), edition.name);
    let path = directory.join(name);
    match publish(directory, &path, &bytes) {
        Ok(()) => Ok(path),
        Err(error) => Err(Error::write(&path.display().to_string(), &error)),
    }
}

fn publish(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".claimlint-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Published tables are no secret: others who check claims may read them.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut temp = builder.tempfile_in(directory)?;
    temp.write_all(bytes)?;
    temp.as_file().sync_all()?;
    temp.persist(path)?;
    sync(directory)
}

/// Makes the new name itself survive a power cut.
#[cfg(unix)]
fn sync(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        // Some network file systems cannot sync a directory; the file itself is safe there.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Elsewhere, directories cannot be synced.
#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What every edition in a directory says of itself, by kind, first covered day and name. A
/// directory that is not there has none. Files of other names are left alone.
///
/// # Errors
///
/// If a file cannot be read, or is damaged or of another version. The error names it.
pub fn list(directory: &Path) -> Result<Vec<EditionInfo>> {
    Ok(open_all(directory)?.into_iter().map(|(info, _)| info).collect())
}

/// The rows of a compiled edition, sorted, equal ones once.
///
/// # Errors
///
/// If the file cannot be read, or is damaged or of another version.
pub fn read_edition(path: &Path) -> Result<Edition> {
    let (info, table) = open(path)?;
    let damaged = || {
        let place = path.display().to_string();
        crate::reference::container::damaged().in_place(&place)
    };
    Ok(Edition {
        rows: compile::rows(info.kind, &table).ok_or_else(damaged)?,
        kind: info.kind,
        name: info.name,
        covers: info.covers,
        is_complete: info.is_complete,
        sources: info.sources,
    })
}

/// Every edition in a directory, in the order of [`list`].
pub(super) fn open_all(directory: &Path) -> Result<Vec<(EditionInfo, Table)>> {
    let failed = |error: &io::Error| {
        Error::settings(format!(
            "{}: cannot read the directory of reference data: {error}",
            directory.display()
        ))
    };
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(&error))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(&error))?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            paths.push(path);
        }
    }
    // Which of several bad files is named must not hang on the file system.
    paths.sort_unstable();
    let mut editions = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>>>()?;
    editions.sort_by(|(a, _), (b, _)| {
        (a.kind, a.covers.0, &a.name).cmp(&(b.kind, b.covers.0, &b.name))
    });
    Ok(editions)
}

fn open(path: &Path) -> Result<(EditionInfo, Table)> {
    let place = || path.display().to_string();
    let unread = |error| Error::settings(format!("{}: cannot read: {error}", place()));
    compile::open(fs::read(path).map_err(unread)?, path)
}
