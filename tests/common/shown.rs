//! What a page shows: its fenced blocks, and the commands in them with what they say.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test target uses a part of it")]

use std::path::Path;
use std::process::{Command, Output};

/// A fenced block of a document.
pub struct Block {
    /// Where it begins, such as `README.md:12`.
    pub place: String,
    /// All that stands behind the fence.
    pub language: String,
    /// What it holds.
    pub lines: Vec<String>,
}

/// The blocks of a document.
pub fn blocks_of(name: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (1..).zip(text.lines()) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let (place, language) = (format!("{name}:{number}"), language.to_owned());
                open = Some(Block { place, language, lines: Vec::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{name}: a block is not closed");
    blocks
}

/// A command as a block shows it.
#[derive(Debug, PartialEq)]
pub struct Shown {
    /// What is run.
    pub command: String,
    /// What it says.
    pub output: Vec<String>,
    /// How it ends.
    pub exit: i32,
}

/// The commands of a block.
pub fn shown(block: &Block) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    for line in &block.lines {
        let exit = line.strip_prefix("# exit ").map(|code| code.parse().unwrap());
        match (line.strip_prefix("$ "), exit, all.last_mut()) {
            (Some(command), ..) => {
                all.push(Shown { command: command.to_owned(), output: Vec::new(), exit: 0 });
            }
            (None, Some(exit), Some(last)) => last.exit = exit,
            (None, None, Some(last)) => last.output.push(line.clone()),
            (None, _, None) => panic!("{}: begin the block with a command", block.place),
        }
    }
    all
}

/// Runs a command in a folder, and compares what it says with what is shown.
pub fn compare(place: &str, shown: &Shown, directory: &Path, path: &str) {
    let place = format!("{place}: $ {}", shown.command);
    let real = shell(&shown.command, directory, path);
    let said = text(&real);
    assert_eq!(real.status.code(), Some(shown.exit), "{place}\n{said}");
    for line in shown.output.iter().filter(|line| !matches!(line.trim(), "" | "…")) {
        let occurs = said.lines().any(|real| occurs(line, real));
        assert!(occurs, "{place}\nis not said any more:\n{line}\nbut:\n{said}");
    }
}

/// Whether the parts of `line` between `…` occur in `real` in their order.
pub fn occurs(line: &str, real: &str) -> bool {
    let mut rest = real;
    line.trim_end().split('…').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Runs a line of shell with no environment but a path.
pub fn shell(line: &str, directory: &Path, path: &str) -> Output {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", line]).current_dir(directory).env_clear();
    shell.env("PATH", path).env("HOME", directory).env("SHELL", "/bin/sh").output().unwrap()
}

/// All that a command said.
pub fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}
