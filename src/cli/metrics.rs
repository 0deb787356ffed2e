//! The file for node_exporter, written however a run ends.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::error::{Error, Result};
use crate::report::Summary;
use crate::report::metrics::{Metrics, last_success};
use crate::report::publish::ReportFile;

/// What is larger was not written here.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Fails early on a name that no file can have.
pub fn probe(path: &Path) -> Result<()> {
    ReportFile::create_public(path).map(drop)
}

/// Writes how a run went that took so long; what it found only if it was completed.
pub fn write(path: &Path, exit: Exit, took: Duration, summary: Option<&Summary>) -> Result<()> {
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let metrics = Metrics {
        ended: ended.as_secs(),
        took,
        exit: exit as u8,
        summary: summary.filter(|_| matches!(exit, Exit::Clean | Exit::Findings)),
        last_success: last_success(&earlier(path)),
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
    // What cannot be read tells nothing of earlier runs, which is no reason to tell nothing of this.
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    if let Some(file) = File::open(path).ok().filter(|_| is_file) {
        let _ = file.take(FILE_BYTES_MAX).read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}
