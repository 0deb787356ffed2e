//! Standard output and standard error, with failures of the former told and of the latter not.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::args::When;
use crate::cli::progress::Progress;
use crate::error::{Error, Result};
use crate::model::visible::visible;

/// What messages call standard output.
pub const STDOUT: &str = "standard output";

/// Writes `text` to standard output, to the last byte.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Error::write(STDOUT, &error))
}

/// Writes lines to standard error, without what acts on a terminal. Where nobody can be told,
/// nobody is.
pub fn tell(lines: &str) {
    let mut text = String::new();
    for line in lines.split('\n') {
        text.push_str(&visible(line));
        text.push('\n');
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Tells an error and its advice; a reader that went away is no error.
pub fn tell_error(error: &Error) {
    if error.kind() == crate::error::ErrorKind::BrokenPipe {
        return;
    }
    tell(&format!("error: {error}"));
    if let Some(help) = error.help() {
        tell(&format!("  help: {help}"));
    }
}

/// Standard output for a report while report files are written beside it: when its reader goes
/// away, the rest is dropped, so that the files are still completed.
pub struct Patient {
    gone: Arc<AtomicBool>,
}

impl Patient {
    /// The writer, and the flag that tells whether its reader went away.
    pub fn new() -> (Self, Arc<AtomicBool>) {
        let gone = Arc::new(AtomicBool::new(false));
        (Self { gone: Arc::clone(&gone) }, gone)
    }

    /// Turns a broken pipe into success and remembers it.
    fn forgive<T>(&self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone.store(true, Ordering::Relaxed);
                Ok(instead)
            }
            other => other,
        }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        self.forgive(io::stdout().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gone.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.forgive(io::stdout().flush(), ())
    }
}

/// A writer to the terminal that progress is drawn on: the first write ends the drawing.
pub struct Curtain<W> {
    inner: W,
    progress: Arc<Progress>,
}

impl<W: Write> Curtain<W> {
    /// The same writer, with `progress` to be stopped.
    pub fn new(inner: W, progress: Arc<Progress>) -> Self {
        Self { inner, progress }
    }
}

impl<W: Write> Write for Curtain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.progress.stop();
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Whether standard output may be coloured.
pub fn color(when: When) -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR").is_some() => false,
        When::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        When::Auto => io::stdout().is_terminal() && set("TERM").is_none_or(|term| term != "dumb"),
    }
}
