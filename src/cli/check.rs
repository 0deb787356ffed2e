//! `claimlint check`: settings, reports, the run, and the exit code.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crate::cli::args::CheckArgs;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::parts::Parts;
use crate::cli::progress::Progress;
use crate::cli::run_dir::{RunReports, Told};
use crate::cli::streams::{Curtain, Patient};
use crate::cli::{amounts, flags, reference, signals, streams};
use crate::config::settings::{Gate, OutputSettings, Settings};
use crate::error::{Error, Result};
use crate::model::Severity;
use crate::pipeline::counters::Counters;
use crate::pipeline::{self, Plan};
use crate::report::publish::ReportFile;
use crate::report::{self, Format, Out, Sink, Style, Summary};

/// Checks the inputs and writes the reports.
pub fn check(args: &CheckArgs, context: &Context) -> Result<Exit> {
    let start = Instant::now();
    let begun = SystemTime::now();
    let mut loaded = context.load(flags::layer(&args.run)?)?;
    flags::suppress(&args.run.suppress, &mut loaded.settings);
    let told = Told::of(&loaded, &context.registry);
    let mut settings: Settings = loaded.settings;
    reference::prepare(&mut settings, context.global.isolated)?;
    settings.input.hash = settings.output.directory.is_some();
    if context.is_silent() {
        settings.output.format = Format::None;
    }
    let (output, gate, wait) = (settings.output.clone(), settings.gate, settings.run.lock_wait);
    let plan = Plan::new(settings, &args.inputs, context.registry)?;

    if context.is_talkative() {
        plan.notes.iter().for_each(|note| streams::tell(&format!("note: {note}")));
    }

    let mut directory = RunReports::create(&output, wait, told, begun)?;
    if let Some(directory) = &directory {
        directory.refuse_inside(&plan.inputs, &output)?;
    }
    let reports = Reports::create(&output)?;
    let seen = Arc::new(Counters::default());
    let (kind, quiet) = (context.global.progress, context.global.quiet);
    let progress = Arc::new(Progress::start(kind, quiet, Arc::clone(&seen)));
    let (patient, gone) = Patient::new();
    let is_alone = reports.0.is_empty() && directory.is_none();
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
    // What no finding names is in neither part for a reason that anyone could see.
    if summary.unnamed == 0 {
        parts.publish()?;
        directory
            .map_or(Ok(()), |directory| directory.publish(&summary, verdict(&summary, gate)))?;
    }

    if context.is_talkative() {
        if output.format.lacks_totals() {
            streams::tell(report::table::totals(&summary).join("\n").as_str());
        }
        streams::tell(&closing_line(&summary, start.elapsed()));
    }
    if summary.unnamed > 0 {
        return Err(unnamed(summary.unnamed));
    }
    if gone.load(Ordering::Relaxed) {
        return Ok(Exit::Clean);
    }
    Ok(verdict(&summary, gate))
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

/// The exit code of a run that was completed.
fn verdict(summary: &Summary, gate: Gate) -> Exit {
    let reached = gate.fail_on.is_some_and(|lightest| {
        let counts = Severity::ALL.into_iter().zip(summary.severities);
        counts.into_iter().any(|(severity, found)| severity >= lightest && found > 0)
    });
    if reached && !gate.exit_zero { Exit::Findings } else { Exit::Clean }
}

/// `checked 9,412,806 lines in 1 file, 1.2 GiB, 0.9 s, 10.4 M lines/s: 12,408 errors, 3 warnings`.
fn closing_line(summary: &Summary, time: Duration) -> String {
    let lines = summary.lines.services();
    let (plain, packed) = summary.bytes();
    let packed = packed.map_or_else(String::new, |b| format!(" (packed {})", amounts::bytes(b)));
    let [info, warnings, errors] = summary.severities;
    let mut found: Vec<String> = Vec::new();
    for (number, noun) in [(errors, "error"), (warnings, "warning")] {
        if number > 0 {
            found.push(amounts::counted(number, noun));
        }
    }
    if info > 0 {
        found.push(format!("{} info", amounts::count(info)));
    }
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

    #[test]
    fn the_gate_looks_at_severities_from_its_own_up() {
        let exit = |severities, fail_on, exit_zero| {
            verdict(&summary(severities), Gate { fail_on, exit_zero })
        };
        assert_eq!(exit([0, 0, 1], Some(Severity::Error), false), Exit::Findings);
        assert_eq!(exit([5, 5, 0], Some(Severity::Error), false), Exit::Clean);
        assert_eq!(exit([0, 1, 0], Some(Severity::Warning), false), Exit::Findings);
        assert_eq!(exit([1, 0, 0], Some(Severity::Info), false), Exit::Findings);
        assert_eq!(exit([1, 1, 1], None, false), Exit::Clean);
        assert_eq!(exit([0, 0, 1], Some(Severity::Error), true), Exit::Clean);
    }
}
