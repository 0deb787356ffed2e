//! `claimlint check`: settings, reports, the run, and the exit code.

use std::io::{self, IsTerminal as _, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crate::cli::args::CheckArgs;
use crate::cli::context::Context;
use crate::cli::ending::Ending;
use crate::cli::exit::Exit;
use crate::cli::log::Level;
use crate::cli::parts::Parts;
use crate::cli::progress::Progress;
use crate::cli::run_dir::{RunReports, Told};
use crate::cli::streams::{Curtain, Patient};
use crate::cli::{amounts, flags, gate, log, metrics, phi, reference, signals, streams};
use crate::config::settings::{OutputSettings, Settings};
use crate::error::{Error, Result};
use crate::lint::registry::Registry;
use crate::pipeline::counters::Counters;
use crate::pipeline::{self, Plan};
use crate::report::publish::ReportFile;
use crate::report::{self, Format, Out, Sink, Style, Summary};

/// Checks the inputs and writes the reports.
pub fn check(args: &CheckArgs, context: &Context) -> Result<Exit> {
    let mut ending = Ending {
        start: Instant::now(),
        metrics: flags::metrics(&args.run),
        says_line: context.global.summary_line && !context.is_silent(),
        is_quiet: context.global.quiet > 0,
        summary: None,
        failures: Vec::new(),
    };
    let ended = catch_unwind(AssertUnwindSafe(|| run(args, context, &mut ending)));
    ending.end(ended)
}

/// The settings of the run, with all that is not in them yet.
fn settings(
    args: &CheckArgs,
    context: &Context,
    ending: &mut Ending,
) -> Result<(Settings, Registry, Told)> {
    let mut loaded = context.load(flags::layer(&args.run)?)?;
    flags::suppress(&args.run.suppress, &mut loaded.settings);
    let told = Told::of(&loaded);
    let registry = loaded.registry;
    let mut settings: Settings = loaded.settings;
    // What cannot be written is not tried again when the run ends.
    ending.metrics = None;
    settings.output.metrics.as_deref().map_or(Ok(()), metrics::probe)?;
    ending.metrics.clone_from(&settings.output.metrics);
    if context.global.summary_line && args.run.output.output_format.is_some() {
        let what = "--summary-line and --output-format both write to standard output";
        return Err(Error::settings(what).with_help("write the report to a file: --report"));
    }
    reference::prepare(&mut settings, context.global.isolated)?;
    phi::prepare(&mut settings)?;
    settings.input.hash = settings.output.directory.is_some();
    if context.is_silent() || context.global.summary_line {
        settings.output.format = Format::None;
    }
    Ok((settings, registry, told))
}

fn run(args: &CheckArgs, context: &Context, ending: &mut Ending) -> Result<Exit> {
    let begun = SystemTime::now();
    let (settings, registry, told) = settings(args, context, ending)?;
    let (output, gate) = (settings.output.clone(), settings.gate.clone());
    let wait = settings.run.lock_wait;
    let plan = Plan::new(settings, &args.inputs, registry)?;
    plan.notes.iter().for_each(|note| log::tell(Level::Note, note));

    let mut directory = RunReports::create(&output, wait, told, begun)?;
    if let Some(directory) = &directory {
        directory.refuse_inside(&plan.inputs, &output)?;
    }
    let reports = Reports::create(&output)?;
    let seen = Arc::new(Counters::default());
    let progress = Arc::new(Progress::start(context.progress(), Arc::clone(&seen)));
    let (patient, gone) = Patient::new();
    let is_alone = reports.0.is_empty() && output.metrics.is_none() && directory.is_none();
    let stdout = stdout(is_alone, patient, &progress);
    let mut sinks = sinks(&output, &reports, stdout, context)?;
    if let Some(directory) = &mut directory {
        sinks.extend(directory.sinks(output.samples)?);
    }
    let parts = Parts::create(plan.split.as_ref())?;
    let mut targets = parts.targets()?;
    let ended = pipeline::run_split(&plan, &mut sinks, &mut targets, &seen);
    progress.stop();
    let summary = ended?;
    drop((sinks, targets));
    reports.publish()?;
    let rejects = gate::rejects(&summary, &gate);
    let failures = gate::failures(&summary, &gate);
    let exit = match rejects {
        Some(_) => Exit::Incomplete,
        None if failures.is_empty() || gate.exit_zero => Exit::Clean,
        None => Exit::Findings,
    };
    // What no finding names is in neither part for a reason that anyone could see.
    if summary.unnamed == 0 {
        if rejects.is_none() {
            parts.publish()?;
        }
        directory.map_or(Ok(()), |directory| directory.publish(&summary, exit))?;
    }

    if output.format.lacks_totals() {
        log::tell(Level::Info, report::table::totals(&summary).join("\n").as_str());
    }
    log::tell(Level::Info, &closing_line(&summary, ending.start.elapsed()));
    if gate::is_set(&gate) {
        failures.iter().for_each(|failed| log::tell(Level::Info, &format!("gate: {failed}")));
        ending.failures = failures;
    }
    let unnamed = (summary.unnamed > 0).then(|| unnamed(summary.unnamed));
    ending.summary = Some(summary);
    if let Some(error) = unnamed.or(rejects) {
        return Err(error);
    }
    Ok(if gone.load(Ordering::Relaxed) { Exit::Clean } else { exit })
}

/// What cannot be read must be named by something: a run that leaves it out is not complete.
fn unnamed(records: u64) -> Error {
    let records = amounts::counted(records, "record");
    Error::incomplete(format!("{records} cannot be read, and no rule that runs here names them"))
        .with_help("let the rules STR001 to STR010 and X12001 to X12007 run")
}

/// The report files in the making. Their temporary names are removed when a signal ends the run.
pub struct Reports(Vec<(Format, ReportFile)>);

impl Reports {
    /// Creates every file before anything is read: one that cannot be written is told at once.
    pub fn create(output: &OutputSettings) -> Result<Self> {
        let mut reports = Self(Vec::new());
        for (format, path) in &output.reports {
            let file = ReportFile::create(path)?;
            signals::guard(file.temp_path());
            reports.0.push((*format, file));
        }
        Ok(reports)
    }

    /// A sink for each, with so many samples where they show some.
    pub fn sinks(&self, samples: u64) -> Result<Vec<Box<dyn Sink>>> {
        let sink = |(format, file): &(Format, ReportFile)| {
            let out = Out::new(file.path().display().to_string(), file.writer()?);
            Ok(report::sink(*format, out, Style { color: false, samples }))
        };
        self.0.iter().map(sink).collect()
    }

    /// Gives every file its name.
    pub fn publish(mut self) -> Result<()> {
        for (_, file) in self.0.drain(..) {
            let temporary = file.temp_path().to_owned();
            let published = file.publish();
            signals::release(&temporary);
            published?;
        }
        Ok(())
    }
}

/// Standard output as this run writes it.
fn stdout(is_alone: bool, patient: Patient, progress: &Arc<Progress>) -> Out<'static> {
    let stdout: Box<dyn Write + Send> = match is_alone {
        // Nobody else waits for the findings: the run may end when the reader goes away.
        true => Box::new(io::stdout()),
        false => Box::new(patient),
    };
    match io::stdout().is_terminal() {
        true => Out::new(streams::STDOUT, Curtain::new(stdout, Arc::clone(progress))),
        false => Out::new(streams::STDOUT, stdout),
    }
}

/// A sink for standard output and one for each report.
fn sinks<'r>(
    output: &OutputSettings,
    reports: &'r Reports,
    stdout: Out<'r>,
    context: &Context,
) -> Result<Vec<Box<dyn Sink + 'r>>> {
    let color = streams::color(context.global.color);
    let style = Style { color, samples: output.samples };
    let mut sinks: Vec<Box<dyn Sink + 'r>> = vec![report::sink(output.format, stdout, style)];
    sinks.extend(reports.sinks(output.samples)?);
    Ok(sinks)
}

/// `checked 9,412,806 lines in 1 file, 1.2 GiB, 0.9 s, 10.4 M lines/s: 12,408 errors, 3 warnings`.
fn closing_line(summary: &Summary, time: Duration) -> String {
    let lines = summary.lines.services();
    let (plain, packed) = summary.bytes();
    let packed = packed.map_or_else(String::new, |b| format!(" (packed {})", amounts::bytes(b)));
    let mut found = amounts::by_severity(summary.severities);
    if found.is_empty() {
        found.push("no findings".to_owned());
    }
    format!(
        "checked {} in {}, {}{packed}, {}, {}: {}",
        amounts::counted(lines, "line"),
        amounts::counted(summary.sources.len() as u64, "file"),
        amounts::bytes(plain),
        amounts::time(time),
        amounts::rate(lines, "lines", time),
        found.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::{LineCounts, SourceSummary};

    fn summary(severities: [u64; 3]) -> Summary {
        Summary {
            sources: vec![SourceSummary { bytes: 1_288_490_189, ..SourceSummary::default() }],
            lines: LineCounts { checked: 9_412_806, ..LineCounts::default() },
            severities,
            ..Summary::default()
        }
    }

    #[test]
    fn the_closing_line_says_how_much_was_checked() {
        let said = |severities| closing_line(&summary(severities), Duration::from_millis(905));
        let start = "checked 9,412,806 lines in 1 file, 1.2 GiB, 0.9 s, 10.4 M lines/s: ";
        assert_eq!(said([0, 3, 12_408]), format!("{start}12,408 errors, 3 warnings"));
        assert_eq!(said([1, 0, 1]), format!("{start}1 error, 1 info"));
        assert_eq!(said([0, 0, 0]), format!("{start}no findings"));
    }
}
