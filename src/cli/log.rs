//! What the program says beside its report: to standard error, and to a log file if one is named;
//! as text for people or as JSON, one object a line.
//!
//! No message holds a value from the data, and so no log does.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use serde::Serialize;

use crate::cli::args::LogFormat;
use crate::cli::reference::universal_time;
use crate::error::{Error, ErrorKind, Result};
use crate::model::visible::visible;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// How a run goes and how it went.
    Info,
    /// What a person should know of a run.
    Note,
    /// What has no effect, or not the one that was meant.
    Warning,
    /// Why a run ended.
    Error,
    /// That claimlint itself is at fault.
    #[serde(rename = "error")]
    Fault,
}

/// Where messages go; text to standard error until [`open`] says otherwise.
static LOG: OnceLock<Log> = OnceLock::new();

struct Log {
    format: LogFormat,
    file: Option<Mutex<File>>,
    /// `-q`s.
    quiet: u8,
}

const USUAL: Log = Log { format: LogFormat::Text, file: None, quiet: 0 };

/// From here on, messages take this form, go into a file as well, and to standard error unless it
/// is to be quiet: once for errors only, twice for none.
///
/// # Errors
/// A log file that cannot be opened.
pub fn open(format: LogFormat, file: Option<&Path>, quiet: u8) -> Result<()> {
    let file = file.map(append).transpose()?.map(Mutex::new);
    // There is one command in a process, and so one log.
    let _ = LOG.set(Log { format, file, quiet });
    Ok(())
}

/// Only its owner may read a new one.
fn append(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(|error| {
        Error::settings(format!("{}: cannot be opened as a log: {error}", path.display()))
            .with_help("name a file that can be written with --log-file")
    })
}

/// A message as JSON has it.
#[derive(Serialize)]
struct Event<'a> {
    time: &'a str,
    level: Level,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Says something, each line of it by itself, without what acts on a terminal. Where nobody can be
/// told, nobody is.
pub fn tell(level: Level, lines: &str) {
    lines.split('\n').for_each(|line| say(level, line, None, None));
}

/// Says an error and its advice; a reader that went away is no error.
pub fn tell_error(error: &Error) {
    if error.kind() != ErrorKind::BrokenPipe {
        say(Level::Error, error.message(), error.place(), error.help());
    }
}

/// Says what is wrong with the command line, on one line, in the form and into the file that it
/// asks for. Returns whether it asks for any.
pub fn tell_usage(what: &str, arguments: impl Iterator<Item = OsString>) -> bool {
    let (format, file) = asked(arguments);
    if format == LogFormat::Text && file.is_none() {
        return false;
    }
    if let Err(error) = open(format, file.as_deref(), 0) {
        tell_error(&error);
        return false;
    }
    let words: Vec<&str> = what.split_whitespace().collect();
    let said = words.join(" ");
    say(Level::Error, said.strip_prefix("error: ").unwrap_or(&said), None, None);
    true
}

/// The log that arguments ask for which could not be parsed.
fn asked(arguments: impl Iterator<Item = OsString>) -> (LogFormat, Option<PathBuf>) {
    let (mut format, mut file) = (LogFormat::Text, None);
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        match flag.as_str() {
            "--log-format" => {
                let word = value.or_else(|| arguments.next());
                if word.as_deref() == Some("json") {
                    format = LogFormat::Json;
                }
            }
            "--log-file" => file = value.or_else(|| arguments.next()).map(PathBuf::from),
            _ => {}
        }
    }
    (format, file)
}

fn say(level: Level, message: &str, place: Option<&str>, help: Option<&str>) {
    let log = LOG.get().unwrap_or(&USUAL);
    let is_wanted = match level {
        Level::Fault => true,
        Level::Error => log.quiet < 2,
        Level::Info | Level::Note | Level::Warning => log.quiet == 0,
    };
    if !is_wanted && log.file.is_none() {
        return;
    }
    let (message, help) = (visible(message), help.map(visible));
    let (message, help) = (&*message, help.as_deref());
    let time = universal_time(SystemTime::now());
    let (told, kept) = match log.format {
        LogFormat::Json => {
            let event = Event { time: &time, level, message, place, help };
            let mut line = serde_json::to_string(&event).unwrap_or_default();
            line.push('\n');
            (line.clone(), line)
        }
        LogFormat::Text => {
            let told = text(level, message, help);
            let kept = told.lines().map(|line| format!("{time} {line}\n")).collect();
            (told, kept)
        }
    };
    if is_wanted {
        let _ = io::stderr().lock().write_all(told.as_bytes());
    }
    if let Some(file) = &log.file {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // The run is worth more than its log; a disk that is full ends it soon enough.
        let _ = file.write_all(kept.as_bytes());
    }
}

/// A message for people, the advice on a line of its own.
fn text(level: Level, message: &str, help: Option<&str>) -> String {
    let label = match level {
        Level::Info | Level::Fault => "",
        Level::Note => "note: ",
        Level::Warning => "warning: ",
        Level::Error => "error: ",
    };
    let help = help.map_or_else(String::new, |help| format!("  help: {help}\n"));
    format!("{label}{message}\n{help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_as_ever() {
        assert_eq!(text(Level::Info, "checked", None), "checked\n");
        let said = text(Level::Error, "october.csv: no header", Some("add one"));
        assert_eq!(said, "error: october.csv: no header\n  help: add one\n");
    }
}
