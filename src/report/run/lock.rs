//! One run at a time for each run directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long it takes until a lock that is waited for is tried again.
const TURN: Duration = Duration::from_millis(50);

/// A lock on a file, which ends with the program however that ends. The file stays: who removed it
/// could take it from under another run.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "held, not read: the lock ends with it")] File);

impl Lock {
    /// Locks `path`, which stands for `directory`; waits so long for another run to end.
    ///
    /// # Errors
    /// Another run holds it (exit code 75); it cannot be made.
    pub fn take(path: &Path, directory: &Path, wait: Duration) -> Result<Lock> {
        let shown = directory.display();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let failed = |error| Error::write(&path.display().to_string(), &error);
        let file = options.open(path).map_err(failed)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) if start.elapsed() >= wait => {
                    return Err(Error::busy(format!("{shown}: another run is writing there"))
                        .with_help("wait for it with --lock-wait, such as --lock-wait 10m"));
                }
                Err(TryLockError::WouldBlock) => {
                    thread::sleep(TURN.min(wait.saturating_sub(start.elapsed())));
                }
            }
        }
    }
}
