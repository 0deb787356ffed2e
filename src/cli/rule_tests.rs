//! `claimlint test`: the tests that rules of the user's carry.

use std::fmt::Write as _;

use clap::{Args, ValueHint};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::{amounts, reference, streams};
use crate::config::own::RuleTest;
use crate::config::settings::Settings;
use crate::config::words::ExpectWord;
use crate::config::{Layer, Loaded};
use crate::error::{Error, Result};
use crate::input::Source;
use crate::model::visible::visible;
use crate::model::{Field, Finding, RuleId, RuleInfo};
use crate::pipeline::counters::Counters;
use crate::pipeline::{self, Plan};
use crate::report::{Sink, Summary};

/// What a test's line has where it says nothing else.
const DEFAULTS: [(Field, &str); 4] = [
    (Field::ClaimId, "1"),
    (Field::ProcedureCode, "99213"),
    (Field::PatientId, "1"),
    (Field::ServiceDate, "2025-01-15"),
];

/// `claimlint test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Rule files, or folders of them; the rules of the configuration if none is given
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<String>,
}

/// How a test ended: what the rule was to say of its lines, and what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing, or that it cannot tell; and so it was.
    Validated,
    /// A finding, and there it is.
    Reported,
    /// Something else than was to be found.
    Noisy,
    /// Less than was to be found.
    Missing,
}

impl Ending {
    const ALL: [Ending; 4] = [Ending::Validated, Ending::Reported, Ending::Noisy, Ending::Missing];

    fn name(self) -> &'static str {
        match self {
            Ending::Validated => "validated",
            Ending::Reported => "reported",
            Ending::Noisy => "noisy",
            Ending::Missing => "missing",
        }
    }

    fn is_wrong(self) -> bool {
        matches!(self, Ending::Noisy | Ending::Missing)
    }
}

/// Runs the tests of rules, and says how each ended.
pub fn test(args: &TestArgs, context: &Context) -> Result<Exit> {
    let mut loaded = context.load_rules(Layer::default(), &args.paths)?;
    prepare(&mut loaded.settings, context)?;
    let mut counts = [0_u64; Ending::ALL.len()];
    let (mut text, mut own, mut untested) = (String::new(), 0_u64, Vec::new());
    for (id, rule) in loaded.registry.iter().filter(|(_, rule)| rule.info.own.is_some()) {
        own += 1;
        let tests = loaded.tests.iter().find(|(code, _)| *code == rule.info.code);
        let Some((_, tests)) = tests else {
            untested.push(rule.info.code);
            continue;
        };
        for test in tests {
            let (ending, said) = run(&loaded, id, &rule.info, test)?;
            if let Some(count) = counts.get_mut(ending as usize) {
                *count += 1;
            }
            if ending.is_wrong() {
                let (name, code) = (visible(&test.name), rule.info.code);
                // Writing into a String cannot fail.
                let _ =
                    writeln!(text, "{}: {code}: {}: {name}: {said}", test.origin, ending.name());
            }
        }
    }
    if own == 0 {
        let error = Error::settings("there is no rule to test");
        return Err(error.with_help("name a file with [[rule]] in it, or set rule-files"));
    }
    streams::print(&format!("{text}{}\n", closing(own, &counts, &untested)))?;
    let wrong: u64 = Ending::ALL
        .into_iter()
        .zip(counts)
        .filter(|(ending, _)| ending.is_wrong())
        .map(|(_, count)| count)
        .sum();
    Ok(if wrong == 0 { Exit::Clean } else { Exit::Findings })
}

/// Settings in which nothing but the rule and its lines decides what is found.
fn prepare(settings: &mut Settings, context: &Context) -> Result<()> {
    reference::prepare(settings, context.global.isolated)?;
    settings.overrides.clear();
    settings.waivers.clear();
    settings.baseline = None;
    settings.output.reports.clear();
    settings.output.directory = None;
    (settings.output.clean, settings.output.rejected) = (None, None);
    settings.output.min_severity = crate::model::Severity::Info;
    settings.run.threads = 1;
    let others = std::mem::take(&mut settings.input.others);
    settings.input = crate::input::InputSettings { others, ..Default::default() };
    Ok(())
}

fn closing(own: u64, counts: &[u64], untested: &[&str]) -> String {
    let tests: u64 = counts.iter().sum();
    let ended = Ending::ALL.into_iter().zip(counts);
    let ended: Vec<String> =
        ended.map(|(ending, count)| format!("{count} {}", ending.name())).collect();
    let mut text = format!(
        "{}, {}: {}",
        amounts::counted(own, "rule"),
        amounts::counted(tests, "test"),
        ended.join(", ")
    );
    if !untested.is_empty() {
        let _ = write!(text, "\nwithout a test: {}", untested.join(", "));
    }
    text
}

/// Runs a rule over the lines of a test.
fn run(loaded: &Loaded, id: RuleId, info: &RuleInfo, test: &RuleTest) -> Result<(Ending, String)> {
    let mut settings = loaded.settings.clone();
    for (at, setting) in settings.rules.iter_mut().enumerate() {
        setting.enabled = at == usize::from(id.0);
    }
    let plan = Plan::without_inputs(settings, loaded.registry)?;
    let bytes = export(info, test);
    let source = Source::from_bytes("test", bytes, &plan.input, plan.limits.input)
        .map_err(|error| test.origin.blame(&error))?;
    let mut lines = Lines::default();
    let summary = {
        let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(&mut lines)];
        pipeline::run_sources(&plan, vec![source], &mut sinks, &Counters::default())
    };
    let summary = summary.map_err(|error| test.origin.blame(&error))?;
    Ok(judged(test, &lines.0, &summary))
}

/// How a test ended in which these lines were reported.
fn judged(test: &RuleTest, lines: &[u64], summary: &Summary) -> (Ending, String) {
    // What a rule cannot tell leaves a claim that is not clean.
    let is_unknown = lines.is_empty() && summary.clean_claims < summary.claims;
    let said = match lines {
        [] if is_unknown => "the rule cannot tell".to_owned(),
        [] => "the rule finds nothing".to_owned(),
        lines => {
            let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
            format!("the rule reports line {}", lines.join(", "))
        }
    };
    let wanted = test.reports.as_deref();
    let ending = match (test.expect, lines) {
        (ExpectWord::Fail, []) => Ending::Missing,
        (ExpectWord::Fail, lines) => match wanted {
            Some(wanted) if wanted.iter().any(|line| !lines.contains(line)) => Ending::Missing,
            Some(wanted) if lines.iter().any(|line| !wanted.contains(line)) => Ending::Noisy,
            _ => Ending::Reported,
        },
        (ExpectWord::Pass, []) if !is_unknown => Ending::Validated,
        (ExpectWord::Unknown, []) if is_unknown => Ending::Validated,
        (ExpectWord::Unknown, []) => Ending::Missing,
        (ExpectWord::Pass | ExpectWord::Unknown, _) => Ending::Noisy,
    };
    (ending, said)
}

/// The lines of a test as an export: a column for each field that a line names or the rule reads.
fn export(info: &RuleInfo, test: &RuleTest) -> Vec<u8> {
    let named = test.lines.iter().flat_map(|line| line.keys().map(String::as_str));
    let read = info.reads.iter().map(|field| info.name_of(*field));
    let default = [Field::ClaimId, Field::ProcedureCode].map(Field::name);
    let mut columns: Vec<&str> = named.chain(read).chain(default).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut text = String::new();
    put_row(columns.iter().copied(), &mut text);
    for line in &test.lines {
        let cells = columns.iter().map(|column| match line.get(*column) {
            Some(cell) => cell.as_str(),
            None => {
                let default = DEFAULTS.iter().find(|(field, _)| field.name() == *column);
                default.map_or("", |(_, value)| value)
            }
        });
        put_row(cells, &mut text);
    }
    text.into_bytes()
}

fn put_row<'c>(cells: impl Iterator<Item = &'c str>, text: &mut String) {
    for (at, cell) in cells.enumerate() {
        text.push_str(if at == 0 { "\"" } else { ",\"" });
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push('\n');
}

/// The lines that are reported, each once, counted from 1.
#[derive(Default)]
struct Lines(Vec<u64>);

impl Sink for &mut Lines {
    fn finding(&mut self, finding: &Finding, _summary: &Summary) -> Result<()> {
        if self.0.last() != Some(&finding.place.record) {
            self.0.push(finding.place.record);
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary) -> Result<()> {
        Ok(())
    }
}
