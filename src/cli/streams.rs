//! Standard output, with its failures told. What goes to standard error is in `log.rs`.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::args::When;
use crate::cli::progress::Progress;
use crate::error::{Error, Result};

/// What messages call standard output.
pub const STDOUT: &str = "standard output";

/// Writes `text` to standard output, to the last byte.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Error::write(STDOUT, &error))
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
