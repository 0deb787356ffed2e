//! Completion scripts and the manual page, made from the command line itself.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::exit::Exit;
use crate::cli::streams;
use crate::error::{Error, Result};

/// Prints the completion script of `shell`.
pub fn completions(shell: Shell) -> Result<Exit> {
    // Into memory first: the generator has no way to report a failed write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "claimlint", &mut script);
    print(&script)
}

/// Prints the manual page.
pub fn man() -> Result<Exit> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| Error::write("the manual page", &error))?;
    print(&page)
}

fn print(text: &[u8]) -> Result<Exit> {
    streams::print(&String::from_utf8_lossy(text))?;
    Ok(Exit::Clean)
}
