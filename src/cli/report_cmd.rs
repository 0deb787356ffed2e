//! `claimlint report`: the findings of a run directory in other forms, without checking again.

use std::fs::{self, File};
use std::io::{self, BufReader};

use crate::cli::args::ReportArgs;
use crate::cli::check::Reports;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::{flags, streams};
use crate::error::{Error, Result};
use crate::pipeline::Limits;
use crate::pipeline::again::render_again;
use crate::report::again::{self, Findings, Rules};
use crate::report::run::directory;
use crate::report::{self, Out, Sink, Style};

/// Renders the findings of a run again.
///
/// # Errors
/// A directory that is not what its run wrote; a report that cannot be written.
pub fn report(args: &ReportArgs, context: &Context) -> Result<Exit> {
    let settings = context.load(flags::report_layer(args))?.settings;
    if settings.output.metrics.is_some() {
        let error = Error::settings("the report prom says how a run goes, and is written by it");
        return Err(error.with_help("use it with `claimlint check`"));
    }
    let record = directory::read(&args.run_dir)?;
    directory::verify(&args.run_dir, &record)?;
    // Rules of the user's are those of the run, which its summary tells of, and not today's.
    let mut rules = Rules::new(context.registry.iter().map(|(_, rule)| &rule.info));
    let path = args.run_dir.join("summary.json");
    let shown = path.display().to_string();
    let text = fs::read(&path).map_err(|error| Error::read(&shown, &error))?;
    let mut summary = again::read(&text, &mut rules).map_err(|error| error.in_place(&shown))?;
    for (source, input) in summary.sources.iter_mut().zip(&record.inputs) {
        source.sha256.clone_from(&input.sha256);
    }
    let path = args.run_dir.join("findings.ndjson");
    let shown = path.display().to_string();
    let file = File::open(&path).map_err(|error| Error::read(&shown, &error))?;
    let names = summary.sources.iter().map(|source| source.name.clone()).collect();
    let findings = Findings::new(BufReader::with_capacity(1 << 18, file), names, &rules);

    let reports = Reports::create(&settings.output)?;
    let style =
        Style { color: streams::color(context.global.color), samples: settings.output.samples };
    let out = Out::new(streams::STDOUT, io::stdout());
    let mut sinks: Vec<Box<dyn Sink + '_>> = Vec::new();
    if args.output_format.is_some() {
        sinks.push(report::sink(settings.output.format, out, style));
    }
    sinks.extend(reports.sinks(settings.output.samples)?);
    let limits = Limits::new(settings.run.threads, settings.run.memory_limit);
    let claims = (settings.run.temp_dir.as_path(), record.claims_span_inputs);
    let rendered = render_again(findings, summary, &limits, claims, &mut sinks);
    rendered.map_err(|error| error.in_place(&shown))?;
    drop(sinks);
    reports.publish()?;
    Ok(Exit::Clean)
}
