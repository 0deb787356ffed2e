//! The command line: flags to settings, streams, progress, signals, exit codes.
//!
//! Nothing is decided here that a report would say: only this floor knows of a terminal.

pub mod amounts;
pub mod args;
pub mod baseline;
pub mod check;
pub mod choices;
pub mod config_cmd;
pub mod context;
pub mod diff;
pub mod ending;
pub mod exit;
pub mod flags;
pub mod gate;
pub mod history_args;
pub mod init;
pub mod inspect;
pub mod log;
pub mod metrics;
pub mod panic;
pub mod parts;
pub mod phi;
pub mod progress;
pub mod refdata;
pub mod refdata_against;
pub mod refdata_args;
pub mod refdata_diff;
pub mod refdata_side;
pub mod reference;
pub mod report_cmd;
pub mod rule_tests;
pub mod rules;
pub mod run_dir;
pub mod shell;
pub mod signals;
pub mod streams;
pub mod trend;
pub mod waiver;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::args::{Cli, Command};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::log::Level;
use crate::error::{Error, Result};

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    panic::install();
    // What a fault left half-done is dropped and not looked at again.
    let ended = catch_unwind(AssertUnwindSafe(parse_and_run));
    ended.unwrap_or(Exit::Incomplete).into()
}

fn parse_and_run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain_usage(&error),
    };
    let context = Context::new(cli.global);
    let global = &context.global;
    let quiet = global.quiet.max(u8::from(global.summary_line));
    if let Err(error) = log::open(global.log_format, global.log_file.as_deref(), quiet) {
        log::tell_error(&error);
        return error.kind().into();
    }
    if let Err(error) = signals::listen() {
        log::tell(Level::Warning, &format!("signals cannot be handled: {error}"));
    }
    match dispatch(&cli.command, &context) {
        Ok(exit) => exit,
        Err(error) => {
            log::tell_error(&error);
            error.kind().into()
        }
    }
}

fn dispatch(command: &Command, context: &Context) -> Result<Exit> {
    match command {
        Command::Check(args) => check::check(args, context),
        Command::Rule(args) => rules::rule(args, context),
        Command::Rules(args) => rules::rules(args, context),
        Command::Test(args) => rule_tests::test(args, context),
        Command::Inspect(args) => inspect::inspect(args, context),
        Command::Init(args) => init::init(args, |path| inspect::mapping(path, context)),
        Command::Config(args) => config_cmd::config(args, context),
        Command::Diff(args) => diff::diff(args, context),
        Command::Baseline(args) => baseline::baseline(args),
        Command::Trend(args) => trend::trend(args),
        Command::Waiver(args) => waiver::waiver(args, context),
        Command::Report(args) => report_cmd::report(args, context),
        Command::Refdata(args) => refdata::refdata(args, context),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man => shell::man(),
    }
}

/// Prints what clap has to say: help and version are asked for, everything else is an error.
fn explain_usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        if !log::tell_usage(&error.render().to_string(), std::env::args_os()) {
            let _ = error.print();
        }
        return Exit::NotRun;
    }
    match error.print() {
        Ok(()) => Exit::Clean,
        Err(error) => {
            let error = Error::write(streams::STDOUT, &error);
            log::tell_error(&error);
            error.kind().into()
        }
    }
}
