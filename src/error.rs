//! The one error of the library: what kind it is, where it happened, and what to do about it.
//!
//! A bad value in the data is never an error here; it is a finding. An error means that the run
//! could not start or could not be completed.

pub mod guard;

use std::fmt;
use std::io;

/// What an error means for the run; the command line turns it into an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A flag, a configuration, a rule or its data is wrong. Nothing was checked.
    Settings,
    /// No input could be checked: none matched, none was readable, or it has no service lines.
    Input,
    /// The run started and could not be completed; what was found is not the whole truth.
    Incomplete,
    /// Another run is at work where this one would write.
    Busy,
    /// The reader of the output went away. Not a failure.
    BrokenPipe,
}

/// An error with its kind, its place and advice. Its text never contains a value from the data.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    place: Option<String>,
    help: Option<String>,
}

/// The result of everything in this library that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error in what the user configured.
    pub fn settings(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Settings, message)
    }

    /// An input that cannot be checked.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// A run that began and could not be completed.
    pub fn incomplete(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Incomplete, message)
    }

    /// A run that another one keeps from beginning.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Busy, message)
    }

    /// A failed write of `what`; a reader that went away keeps its own kind.
    pub fn write(what: &str, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
            _ => ErrorKind::Incomplete,
        };
        Self::new(kind, format!("cannot write: {error}")).in_place(what)
    }

    /// A failed read of `what`, after the run had begun.
    pub fn read(what: &str, error: &io::Error) -> Self {
        Self::incomplete(format!("cannot read: {error}")).in_place(what)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None, help: None }
    }

    /// The same error with advice on what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error, said of `place`: an input or a file of settings.
    #[must_use]
    pub fn in_place(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self.place = Some(place.to_owned());
        self
    }

    /// What this error means for the run.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What went wrong and where, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The input or the file that it is said of, where it is kept apart; the message names it too.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The name nearest to `typed` among `known`, when it is near enough to be what was meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
