//! Ctrl-C and its kin: leave nothing half-written behind, then end with the code that says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The temporary files and directories of reports in the making.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Has `path` removed when the run is ended by a signal.
pub fn guard(path: &Path) {
    with_unfinished(|paths| paths.push(path.to_owned()));
}

/// No longer has `path` removed.
pub fn release(path: &Path) {
    with_unfinished(|paths| paths.retain(|other| other != path));
}

/// Names files that belong together; a signal waits until that is done. After it, none of these
/// paths is removed any more.
pub fn undisturbed<T>(paths: &[PathBuf], publish: impl FnOnce() -> T) -> T {
    with_unfinished(|unfinished| {
        let published = publish();
        unfinished.retain(|path| !paths.contains(path));
        published
    })
}

fn with_unfinished<T>(change: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    // A list of paths is sound whatever happened to the thread that held it.
    change(&mut UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Removes what is unfinished; a file that is already gone is no matter.
#[cfg_attr(not(unix), allow(dead_code, reason = "signals are those of Unix"))]
fn clear() {
    with_unfinished(|paths| {
        for path in paths.drain(..) {
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            };
        }
    });
}

/// Begins to listen for signals. A second signal ends the program at once.
#[cfg(unix)]
pub fn listen() -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;

    use crate::cli::exit::Exit;

    let code = |signal| match signal {
        SIGINT => Exit::Interrupted,
        SIGHUP => Exit::HungUp,
        _ => Exit::Terminated,
    };
    // Under `nohup` or behind a shell's `&`, whoever started us asked that some be ignored.
    let ignored = ignored_signals();
    let heeded: Vec<i32> = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| ignored & (1_u64 << (signal - 1)) == 0)
        .collect();
    let seen = Arc::new(AtomicBool::new(false));
    for signal in &heeded {
        // In this order the first signal finds the flag down and puts it up; the second ends.
        let status = code(*signal) as i32;
        flag::register_conditional_shutdown(*signal, status, Arc::clone(&seen))?;
        flag::register(*signal, Arc::clone(&seen))?;
    }
    let mut signals = Signals::new(&heeded)?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            clear();
            std::process::exit(code(signal) as i32);
        }
    })?;
    Ok(())
}

/// Elsewhere a run is ended without being asked.
#[cfg(not(unix))]
pub fn listen() -> std::io::Result<()> {
    Ok(())
}

/// The signals that were ignored when the program began, one bit each, where that can be known.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_guarded_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let [kept, removed] = ["kept", "removed"].map(|name| directory.path().join(name));
        for path in [&kept, &removed] {
            fs::write(path, "").unwrap();
            guard(path);
        }
        release(&kept);
        clear();
        assert!(kept.exists() && !removed.exists());
    }
}
