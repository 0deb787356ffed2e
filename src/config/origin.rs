//! Where a setting was written: a file with its line, a flag, a variable, or nowhere.

use std::fmt;

use crate::error::Error;

/// Where a setting was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    source: String,
    at: Option<Place>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
}

impl Place {
    /// The place of a byte of `text`.
    pub fn of(byte: usize, text: &str) -> Place {
        let before = text.get(..byte).unwrap_or(text);
        let last = before.rsplit('\n').next().unwrap_or_default();
        Place { line: before.matches('\n').count() + 1, column: last.chars().count() + 1 }
    }
}

impl Origin {
    /// Not written anywhere.
    pub fn built_in() -> Self {
        Self::named("built in")
    }

    /// A flag, a variable, a preset.
    pub fn named(source: impl Into<String>) -> Self {
        Self { source: source.into(), at: None }
    }

    /// A place in a file.
    pub fn in_file(source: impl Into<String>, at: Place) -> Self {
        Self { source: source.into(), at: Some(at) }
    }

    /// An error about what is written here.
    pub fn error(&self, message: impl fmt::Display) -> Error {
        Error::settings(match self.at {
            Some(Place { line, column }) => format!("{}:{line}:{column}: {message}", self.source),
            None => format!("{}: {message}", self.source),
        })
    }

    /// The same error, said to be about what is written here.
    pub fn blame(&self, error: &Error) -> Error {
        let placed = self.error(error.message());
        match error.help() {
            Some(help) => placed.with_help(help),
            None => placed,
        }
    }
}

impl fmt::Display for Origin {
    /// `claimlint.toml:14`, `--select`, `built in`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(place) => write!(f, "{}:{}", self.source, place.line),
            None => f.write_str(&self.source),
        }
    }
}
