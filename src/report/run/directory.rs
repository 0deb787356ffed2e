//! A run directory in the making: built hidden beside its name, and given that in one step.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::model::hexadecimal;
use crate::report::publish::sync_folder;
use crate::report::run::lock::Lock;
use crate::report::run::record::{FILE, ReportRecord, RunRecord, SCHEMA};
use crate::report::settle::Settling;

/// What stands in the names of a run directory's helpers, before the name and after it.
const HIDDEN: &str = ".";
const MAKING: &str = ".claimlint-run-";
const LOCK: &str = ".claimlint-lock";

/// A record is small; what is larger is none.
const RECORD_BYTES_MAX: u64 = 1 << 26;

/// A run directory in the making. Dropped unpublished, it leaves nothing behind.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    making: TempDir,
    files: Vec<Written>,
    /// Held until all is done.
    lock: Lock,
}

impl RunDirectory {
    /// Begins a run directory that will have the name `path`, and removes what killed runs left of
    /// theirs. A directory that is there already must be one that an earlier run wrote, unchanged
    /// since; it is replaced when the new one is complete.
    ///
    /// # Errors
    /// A name that no run directory can have, a directory that must not be replaced, another run
    /// that is at work on it.
    pub fn create(path: &Path, wait: Duration) -> Result<RunDirectory> {
        let (folder, name) = named(path)?;
        let helper = |after: &str| {
            let mut helper = OsString::from(HIDDEN);
            helper.push(&name);
            helper.push(after);
            helper
        };
        let path = folder.join(&name);
        let lock = Lock::take(&folder.join(helper(LOCK)), &path, wait)?;
        clear(&folder, &helper(MAKING))?;
        check_replaced(&path)?;
        let mut builder = tempfile::Builder::new();
        let prefix = helper(MAKING);
        builder.prefix(&prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let making = builder.tempdir_in(&folder).map_err(|error| failed(&path, &error))?;
        Ok(RunDirectory { path, making, files: Vec::new(), lock })
    }

    /// The name that it will have.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name that it has until then, for whoever must remove it when the run is ended from
    /// outside.
    pub fn temp_path(&self) -> &Path {
        self.making.path()
    }

    /// Begins a file in it, which only its owner may read.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn file(&mut self, name: &str) -> Result<Writing> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(self.making.path().join(name));
        let file = file.and_then(|file| Ok((file.try_clone()?, file)));
        let (twin, file) = file.map_err(|error| failed(&self.path.join(name), &error))?;
        let state = Arc::default();
        self.files.push(Written { name: name.to_owned(), file: twin, state: Arc::clone(&state) });
        Ok(Writing { into: Settling::new(file), state })
    }

    /// What was written so far, file by file.
    pub fn reports(&self) -> Vec<ReportRecord> {
        self.files.iter().map(Written::record).collect()
    }

    /// Writes the record and gives the directory its name, once everything is safely on the disk.
    /// What had the name before is removed; if that fails, its path is returned, and the next run
    /// tries again.
    ///
    /// # Errors
    /// The disk is full, or something else went wrong; then the name stands for what it stood for.
    pub fn publish(mut self, record: &RunRecord) -> Result<Option<PathBuf>> {
        let path = self.path.clone();
        let mut text = serde_json::to_vec_pretty(record)
            .map_err(|error| Error::incomplete(format!("JSON: {error}")))?;
        text.push(b'\n');
        let mut writing = self.file(FILE)?;
        let at = path.join(FILE);
        writing.write_all(&text).and_then(|()| writing.flush()).map_err(|e| failed(&at, &e))?;
        drop(writing);
        for written in &self.files {
            let synced = written.file.sync_all();
            synced.map_err(|error| failed(&path.join(&written.name), &error))?;
        }
        let named = || {
            sync_folder(self.making.path())?;
            exchange(self.making.path(), &path)?;
            sync_folder(path.parent().unwrap_or(Path::new(".")))
        };
        named().map_err(|error| failed(&path, &error))?;
        let old = self.making.keep();
        let left = fs::remove_dir_all(&old).is_err_and(|e| e.kind() != io::ErrorKind::NotFound);
        drop(self.lock);
        Ok(left.then_some(old))
    }
}

/// Gives a directory its name; what has the name gets the directory's.
fn exchange(making: &Path, path: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    if !path.exists() {
        // A directory that appeared since is not replaced: the move fails unless it is empty.
        return fs::rename(making, path);
    }
    match renameat_with(CWD, making, CWD, path, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Some file systems cannot exchange two names; for a moment there is none.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            let mut aside = making.as_os_str().to_owned();
            aside.push("-before");
            fs::rename(path, &aside)?;
            fs::rename(making, path)?;
            fs::rename(&aside, making)
        }
        Err(error) => Err(error.into()),
    }
}

/// A file of a run directory that was or is being written.
#[derive(Debug)]
pub struct Written {
    name: String,
    file: File,
    state: Arc<Mutex<(Sha256, u64)>>,
}

impl Written {
    fn record(&self) -> ReportRecord {
        let (state, bytes) = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ReportRecord { name: self.name.clone(), bytes, sha256: hexadecimal(&state.finalize()) }
    }
}

/// A writer to a file of a run directory, which hashes what it writes.
pub struct Writing {
    into: Settling,
    state: Arc<Mutex<(Sha256, u64)>>,
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.into.write(bytes)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.update(bytes.get(..written).unwrap_or_default());
        state.1 += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::write(&path.display().to_string(), error)
}

/// The folder that the directory lies in, spelt in the one way there is, and its name there.
fn named(path: &Path) -> Result<(PathBuf, OsString)> {
    let shown = path.display();
    let last = path.components().next_back();
    let Some(Component::Normal(name)) = last else {
        return Err(Error::settings(format!("{shown}: no name for a run directory"))
            .with_help("name a directory that the run makes, such as runs/2026-10"));
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|_| {
        Error::settings(format!("{shown}: there is no directory {}", folder.display()))
            .with_help("create the directory first, or check the spelling of the path")
    })?;
    Ok((folder, name.to_owned()))
}

/// Removes what killed runs left of the directory that they were making.
fn clear(folder: &Path, making: &OsString) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(folder, &error))?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(making.as_encoded_bytes()) {
            fs::remove_dir_all(entry.path()).map_err(|error| failed(&entry.path(), &error))?;
        }
    }
    Ok(())
}

/// Fails where there is something at the path that an earlier run did not write, or that was
/// changed since: it would be lost.
fn check_replaced(path: &Path) -> Result<()> {
    let shown = path.display();
    let refused = |why: &str| {
        let error = Error::settings(format!("{shown}: {why}, and would be lost"));
        Err(error.with_help("name another directory, such as one for each day"))
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(path, &error)),
        Ok(there) if !there.is_dir() => return refused("is there and no directory"),
        Ok(_) => {}
    }
    let entries = fs::read_dir(path).map_err(|error| failed(path, &error))?;
    let names: io::Result<Vec<OsString>> =
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let mut names = names.map_err(|error| failed(path, &error))?;
    if names.is_empty() {
        return Ok(());
    }
    let Ok(record) = read(path) else { return refused("is no directory of an earlier run") };
    names.retain(|name| name != FILE && !record.reports.iter().any(|r| *name == *r.name));
    if !names.is_empty() {
        return refused("holds files that no run wrote");
    }
    match verify(path, &record) {
        Ok(()) => Ok(()),
        Err(_) => refused("holds a report that was changed since its run"),
    }
}

/// Reads the record of a run directory.
///
/// # Errors
/// No record, or one of another kind.
pub fn read(directory: &Path) -> Result<RunRecord> {
    let path = directory.join(FILE);
    let shown = path.display().to_string();
    let cannot = |error: io::Error| {
        Error::input(format!("{shown}: cannot read: {error}"))
            .with_help("name a directory that `claimlint check --out-dir` wrote")
    };
    let mut text = Vec::new();
    let file = File::open(&path).map_err(cannot)?;
    file.take(RECORD_BYTES_MAX).read_to_end(&mut text).map_err(cannot)?;
    let record: RunRecord = serde_json::from_slice(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::input(format!("{shown}: not the record of a run, at line {line}, column {column}"))
    })?;
    if record.schema != SCHEMA {
        return Err(Error::input(format!("{shown}: written by another version of claimlint")));
    }
    Ok(record)
}

/// Fails where a report of a run directory is not what its run wrote.
///
/// # Errors
/// A report that is missing or was changed.
pub fn verify(directory: &Path, record: &RunRecord) -> Result<()> {
    for report in &record.reports {
        let path = directory.join(&report.name);
        let shown = path.display().to_string();
        let is_name = Path::new(&report.name).components().count() == 1;
        let digest = match File::open(&path) {
            Ok(file) if is_name => digest(file).map_err(|error| Error::read(&shown, &error))?,
            _ => return Err(Error::input(format!("{shown}: is missing"))),
        };
        if digest != (report.sha256.clone(), report.bytes) {
            let error = Error::input(format!("{shown}: is not what its run wrote"));
            return Err(error.with_help("check the inputs again, into another directory"));
        }
    }
    Ok(())
}

/// The SHA-256 and the length of a file.
fn digest(mut file: File) -> io::Result<(String, u64)> {
    let (mut state, mut length) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let got = file.read(&mut buffer)?;
        if got == 0 {
            return Ok((hexadecimal(&state.finalize()), length));
        }
        state.update(buffer.get(..got).unwrap_or_default());
        length += got as u64;
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn hexadecimal_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}
