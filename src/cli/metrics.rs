//! The file for node_exporter, written however a run ends.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::error::{Error, Result};
use crate::report::Summary;
use crate::report::metrics::{Metrics, is_metrics, last_success};
use crate::report::publish::ReportFile;

/// What is larger was not written here.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Fails early on a name that no file can have, and on a file that is something else.
pub fn probe(path: &Path) -> Result<()> {
    refuse_other(path, &earlier(path))?;
    ReportFile::create_public(path).map(drop)
}

/// Whatever else went wrong, an export or a report is not replaced by numbers.
fn refuse_other(path: &Path, earlier: &str) -> Result<()> {
    if earlier.is_empty() || is_metrics(earlier) {
        return Ok(());
    }
    let what = format!("{}: is there, and holds no numbers of a run", path.display());
    Err(Error::settings(what).with_help("name another file with --report prom=PATH, or remove it"))
}

/// Writes how a run went that took so long; what it found only if it was completed.
pub fn write(path: &Path, exit: Exit, took: Duration, summary: Option<&Summary>) -> Result<()> {
    let earlier = earlier(path);
    refuse_other(path, &earlier)?;
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let metrics = Metrics {
        ended: ended.as_secs(),
        took,
        exit: exit as u8,
        summary: summary.filter(|_| matches!(exit, Exit::Clean | Exit::Findings)),
        last_success: last_success(&earlier),
    };
    let file = ReportFile::create_public(path)?;
    signals::guard(file.temp_path());
    let temporary = file.temp_path().to_owned();
    let mut writer = file.writer()?;
    let failed = |error| Error::write(&path.display().to_string(), &error);
    writer.write_all(metrics.text().as_bytes()).and_then(|()| writer.flush()).map_err(failed)?;
    drop(writer);
    let published = file.publish();
    signals::release(&temporary);
    published
}

/// The text of an earlier file, as far as there is one.
fn earlier(path: &Path) -> String {
    let mut text = Vec::new();
    // What cannot be read tells nothing of earlier runs; this one is told all the same.
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    if let Some(file) = File::open(path).ok().filter(|_| is_file) {
        let _ = file.take(FILE_BYTES_MAX).read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}
