//! Exit codes: the same for every output format.

use std::process::ExitCode;

use crate::error::ErrorKind;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Over everything, and the gate was passed.
    Clean = 0,
    /// Over everything, and findings reached the gate.
    Findings = 1,
    /// Not begun.
    NotRun = 2,
    /// Not completed: what was found is not the whole truth.
    Incomplete = 3,
    /// Kept out by another run: `EX_TEMPFAIL` of sysexits.h.
    Busy = 75,
    /// Ended by a hangup of the terminal.
    HungUp = 129,
    /// Ended by Ctrl-C.
    Interrupted = 130,
    /// Ended from outside.
    Terminated = 143,
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Settings | ErrorKind::Input => Exit::NotRun,
            ErrorKind::Incomplete => Exit::Incomplete,
            ErrorKind::Busy => Exit::Busy,
            ErrorKind::BrokenPipe => Exit::Clean,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
