//! The program from outside: a folder to run it in, and how a run ended.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test target uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The formats of standard output.
pub const FORMATS: [&str; 11] = [
    "full", "concise", "grouped", "summary", "json", "ndjson", "csv", "sarif", "junit", "github",
    "none",
];

/// A clean export.
pub const CLEAN: &str = "claim_id,line,cpt\nA,1,99213\nA,2,3044F\n";
/// An export with an error.
pub const DIRTY: &str = "claim_id,line,cpt\nA,3,1036F\nB,1,99213\n";

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; 128 and the signal when one ended it.
    pub exit: i32,
    /// What it printed.
    pub stdout: String,
    /// What it told.
    pub stderr: String,
}

/// A folder of its own to run the program in.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with `clean.csv` and `dirty.csv`.
    pub fn with_exports() -> Self {
        let folder = Self::new();
        folder.write("clean.csv", CLEAN);
        folder.write("dirty.csv", DIRTY);
        folder
    }

    /// The path of a name in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders that it lies in.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The names in it, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program in it, without an environment, and with nothing on standard input.
    pub fn command(&self, arguments: &[&str]) -> Command {
        command_in(self.0.path(), arguments)
    }

    /// Runs the program in it.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments))
    }

    /// Runs `check` in it, without any configuration.
    pub fn check(&self, arguments: &[&str]) -> Ended {
        self.run(&[&["check", "--isolated"], arguments].concat())
    }
}

/// The program in a folder, without an environment, and with nothing on standard input.
pub fn command_in(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimlint"));
    command.current_dir(folder).env_clear().stdin(Stdio::null()).args(arguments);
    command
}

/// Runs a command to its end.
pub fn ended(mut command: Command) -> Ended {
    use std::os::unix::process::ExitStatusExt as _;
    let output = command.output().unwrap();
    let status = output.status;
    Ended {
        exit: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
