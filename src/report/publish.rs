//! Report files that appear whole or not at all.
//!
//! A report is written beside its final name and moved there when the run is complete, so that no
//! one downstream picks up half a report, and the last good one stays until a better is ready.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::report::settle::Settling;

/// A report file in the making. Dropped unpublished, it leaves nothing behind.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    temp: NamedTempFile,
}

impl ReportFile {
    /// Begins a file that will have the name `path`. Only its owner may read it: it holds claims.
    pub fn create(path: &Path) -> Result<ReportFile> {
        Self::with_mode(path, 0o600)
    }

    /// The same for a file that anyone may read: it holds numbers only.
    pub fn create_public(path: &Path) -> Result<ReportFile> {
        let file = Self::with_mode(path, 0o644)?;
        // Under cron a mask may forbid what node_exporter needs.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::Permissions::from_mode(0o644);
            let set = file.temp.as_file().set_permissions(mode);
            set.map_err(|error| failed(path, &error))?;
        }
        Ok(file)
    }

    #[cfg_attr(not(unix), allow(unused_variables, reason = "modes are those of Unix"))]
    fn with_mode(path: &Path, mode: u32) -> Result<ReportFile> {
        let folder = folder_of(path);
        check_target(path, &folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".claimlint-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        let temp = builder.tempfile_in(&folder).map_err(|error| failed(path, &error))?;
        Ok(ReportFile { path: path.to_owned(), temp })
    }

    /// A handle to write the report through.
    pub fn writer(&self) -> Result<Settling> {
        let twin = self.temp.as_file().try_clone().map_err(|error| failed(&self.path, &error))?;
        Ok(Settling::new(twin))
    }

    /// The name that the file will have.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name that the file has until then, for whoever must remove it when the run is ended
    /// from outside.
    pub fn temp_path(&self) -> &Path {
        self.temp.path()
    }

    /// Gives the file its name, once everything is safely on the disk.
    pub fn publish(self) -> Result<()> {
        self.sync()?;
        self.name()
    }

    fn sync(&self) -> Result<()> {
        self.temp.as_file().sync_all().map_err(|error| failed(&self.path, &error))
    }

    fn name(self) -> Result<()> {
        let ReportFile { path, temp } = self;
        temp.persist(&path).map_err(|error| failed(&path, &error.error))?;
        sync_folder(&folder_of(&path)).map_err(|error| failed(&path, &error))
    }
}

/// Gives files their names that mean nothing without each other: all of them, once everything is
/// safely on the disk. If one cannot have its name, those that have theirs are removed again.
pub fn publish_together(files: Vec<ReportFile>) -> Result<()> {
    files.iter().try_for_each(ReportFile::sync)?;
    let mut named: Vec<PathBuf> = Vec::new();
    for file in files {
        let path = file.path.clone();
        named.push(path);
        if let Err(error) = file.name() {
            // The last one may have its name, although the folder could not be brought to the disk.
            named.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(error);
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::write(&path.display().to_string(), error)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Fails early, before hours of checking, on a name that no report can have.
fn check_target(path: &Path, folder: &Path) -> Result<()> {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(target) if target.is_dir() => {
            return Err(Error::settings(format!("{shown}: is a directory, not a report file"))
                .with_help(format!(
                    "name a file in it, such as {}",
                    path.join("report").display()
                )));
        }
        // The move would put a file in the place of /dev/null for every other program.
        Ok(target) if !target.is_file() => {
            return Err(Error::settings(format!("{shown}: is not a regular file"))
                .with_help("use --output-format to write a report to standard output"));
        }
        Ok(_) | Err(_) => {}
    }
    let last = path.as_os_str().as_encoded_bytes().last().copied().map(char::from);
    if path.file_name().is_none() || last.is_some_and(std::path::is_separator) {
        return Err(Error::settings(format!("{shown}: does not name a file"))
            .with_help("give the report a file name, such as findings.ndjson"));
    }
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Error::settings(format!("{shown}: there is no directory {folder}"))
            .with_help("create the directory first, or check the spelling of the path"));
    }
    Ok(())
}

/// Makes the new name itself survive a power cut.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
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
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::error::ErrorKind;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_report_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.csv");
        fs::write(&path, "the last good one").unwrap();

        let report = ReportFile::create(&path).unwrap();
        report.writer().unwrap().write_all(b"half").unwrap();
        assert!(report.temp_path().exists());
        drop(report);
        assert_eq!(fs::read_to_string(&path).unwrap(), "the last good one");
        assert_eq!(names(folder.path()), ["findings.csv"]);

        let report = ReportFile::create(&path).unwrap();
        report.writer().unwrap().write_all(b"whole").unwrap();
        assert_eq!(report.path(), path);
        report.publish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(names(folder.path()), ["findings.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.csv");
        let report = ReportFile::create(&path).unwrap();
        let name = report.temp_path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with(".claimlint-"), "{name}");
        assert_eq!(fs::metadata(report.temp_path()).unwrap().permissions().mode() & 0o777, 0o600);
        report.publish().unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn names_that_cannot_be_written_are_refused_with_help() {
        let folder = tempfile::tempdir().unwrap();
        let mut wrong: Vec<_> =
            ["", "none/x.csv", "none/"].map(|name| folder.path().join(name)).into();
        wrong.push(PathBuf::new());
        if cfg!(unix) {
            wrong.push(PathBuf::from("/dev/null"));
        }
        for path in wrong {
            let error = ReportFile::create(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings, "{path:?}");
            assert!(error.help().is_some(), "{path:?}");
        }
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn files_that_belong_together_appear_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["clean.csv", "rejected.csv"].map(|name| folder.path().join(name));
        let both = || paths.iter().map(|path| ReportFile::create(path).unwrap()).collect();
        publish_together(both()).unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        paths.iter().for_each(|path| fs::remove_file(path).unwrap());

        let files = both();
        fs::create_dir(&paths[1]).unwrap();
        assert_eq!(publish_together(files).unwrap_err().kind(), ErrorKind::Incomplete);
        assert_eq!(names(folder.path()), ["rejected.csv"]);
    }

    #[test]
    fn a_name_that_became_a_directory_is_a_failed_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.csv");
        let report = ReportFile::create(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(report.publish().unwrap_err().kind(), ErrorKind::Incomplete);
        assert_eq!(names(folder.path()), ["findings.csv"]);
    }
}
