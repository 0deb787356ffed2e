//! `--out-dir`: all reports of a run and the record of it, in a directory that appears at the end.

use std::time::{Duration, SystemTime};

use crate::cli::exit::Exit;
use crate::cli::log::{self, Level};
use crate::cli::{reference, signals};
use crate::config::Loaded;
use crate::config::settings::{OutputSettings, Settings};
use crate::config::waivers::Waiver;
use crate::error::Result;
use crate::input::source::Origin;
use crate::report::json::{Ndjson, Totals};
use crate::report::run::RunDirectory;
use crate::report::run::directory::hexadecimal_of;
use crate::report::run::record::{EditionRecord, InputRecord, RulesRecord, RunRecord, SCHEMA};
use crate::report::{self, Format, Out, Sink, Style, Summary};

/// Keys whose values do not shape what is found.
const OUTSIDE: [&str; 8] = [
    "rule-files",
    "run.",
    "output.directory",
    "output.reports",
    "output.clean",
    "output.rejected",
    "output.acks",
    "output.format",
];

/// The reports that are rendered like those of `--report`, by their names in the directory.
const REPORTS: &[(&str, Format)] = &[
    #[cfg(feature = "polars")]
    ("findings.parquet", Format::Parquet),
    ("report.html", Format::Html),
    ("worklist.xlsx", Format::Xlsx),
];

/// What shapes a run, as digests.
#[derive(Debug, Clone)]
pub struct Told {
    configuration: String,
    rules: RulesRecord,
    claims_span_inputs: bool,
}

impl Told {
    /// What the merged configuration says.
    pub fn of(loaded: &Loaded) -> Told {
        let shown = loaded.shown.iter();
        let inside = shown.filter(|shown| !OUTSIDE.iter().any(|key| shown.key.starts_with(key)));
        let lines: String =
            inside.map(|shown| format!("{} = {}\n", shown.key, shown.value)).collect();
        let rules = rules(&loaded.settings, loaded);
        let configuration = hexadecimal_of(format!("{lines}{}\n", rules.sha256).as_bytes());
        let claims_span_inputs = loaded.settings.claims_span_inputs;
        Told { configuration, rules, claims_span_inputs }
    }
}

/// The rules that run, and a digest of what they were told.
fn rules(settings: &Settings, loaded: &Loaded) -> RulesRecord {
    let mut text = String::new();
    let mut enabled = Vec::new();
    for ((_, rule), setting) in loaded.registry.iter().zip(&settings.rules) {
        if setting.enabled {
            enabled.push(rule.info.code.to_owned());
            let (severity, options) = (setting.severity, &setting.options);
            text.push_str(&format!("{} {severity:?} {options:?}\n", rule.info.code));
            // All that a rule of the user's does stands in its documentation.
            if rule.info.own.is_some() {
                text.push_str(&format!("{:?} {}\n", rule.info.scope, rule.info.doc));
            }
        }
    }
    for other in &settings.overrides {
        text.push_str(&format!("{:?} {:?} {:?}\n", other.files, other.payers, other.changes));
    }
    for waiver in &settings.waivers {
        let Waiver { rules, files, fields, granted, expires, .. } = waiver;
        text.push_str(&format!("{rules:?} {files:?} {fields:?} {granted:?} {expires}\n"));
    }
    text.push_str(&format!("{:?}\n", settings.baseline));
    for (name, sha256) in &loaded.tables {
        text.push_str(&format!("{name} {sha256}\n"));
    }
    for waiver in &settings.waivers {
        let (files, fields) = (&waiver.files, &waiver.fields);
        text.push_str(&format!("{:?} {files:?} {fields:?} {:?}\n", waiver.rules, waiver.expires));
    }
    RulesRecord { enabled, sha256: hexadecimal_of(text.as_bytes()) }
}

/// A run directory in the making, if there is to be one. It is removed when a signal ends the run.
pub struct RunReports {
    directory: RunDirectory,
    told: Told,
    begun: SystemTime,
}

impl RunReports {
    /// Begins it before anything is read: what cannot be written is told at once.
    ///
    /// # Errors
    /// As for [`RunDirectory::create`], and inputs that lie in it.
    pub fn create(
        output: &OutputSettings,
        wait: Duration,
        told: Told,
        begun: SystemTime,
    ) -> Result<Option<Self>> {
        let Some(path) = &output.directory else { return Ok(None) };
        let directory = RunDirectory::create(path, wait)?;
        signals::guard(directory.temp_path());
        Ok(Some(Self { directory, told, begun }))
    }

    /// Refuses inputs and reports that lie where the directory will be replaced.
    ///
    /// # Errors
    /// An input in the directory.
    pub fn refuse_inside(&self, origins: &[Origin], output: &OutputSettings) -> Result<()> {
        let reports = output.reports.iter().map(|(_, path)| path);
        let parts = [&output.clean, &output.rejected].into_iter().flatten();
        let others = reports.chain(parts).chain(output.acks.iter().flatten());
        let others = others.chain(&output.metrics);
        let inputs = origins.iter().filter_map(|origin| match origin {
            Origin::Path(path) => Some(path),
            Origin::Stdin => None,
        });
        for path in inputs.chain(others) {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(std::path::Path::new(".")).canonicalize();
            if folder.is_ok_and(|folder| folder.starts_with(self.directory.path())) {
                let path = path.display();
                let error = crate::error::Error::settings(format!(
                    "{path} lies in the run directory, which is replaced as a whole"
                ));
                return Err(error.with_help("keep it elsewhere, or name another --out-dir"));
            }
        }
        Ok(())
    }

    /// The sinks of its reports.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn sinks(&mut self, samples: u64) -> Result<Vec<Box<dyn Sink>>> {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        for (name, format) in REPORTS {
            let style = Style { color: false, samples };
            sinks.push(report::sink(*format, self.out(name)?, style));
        }
        sinks.push(Box::new(Ndjson::new(self.out("findings.ndjson")?).with_context()));
        sinks.push(Box::new(Totals::new(self.out("summary.json")?)));
        Ok(sinks)
    }

    fn out(&mut self, name: &str) -> Result<Out<'static>> {
        let shown = self.directory.path().join(name).display().to_string();
        Ok(Out::new(shown, self.directory.file(name)?))
    }

    /// Writes the record and gives the directory its name.
    ///
    /// # Errors
    /// As for [`RunDirectory::publish`].
    pub fn publish(self, summary: &Summary, exit: Exit) -> Result<()> {
        let RunReports { directory, told, begun } = self;
        let record = record(summary, exit, told, begun, &directory);
        let temporary = directory.temp_path().to_owned();
        let published =
            signals::undisturbed(std::slice::from_ref(&temporary), || directory.publish(&record));
        if let Some(left) = published? {
            let left = left.display();
            let said = format!("{left}: what an earlier run wrote is still there");
            log::tell(Level::Warning, &said);
        }
        Ok(())
    }
}

fn record(
    summary: &Summary,
    exit: Exit,
    told: Told,
    begun: SystemTime,
    directory: &RunDirectory,
) -> RunRecord {
    let ended = SystemTime::now();
    let took = ended.duration_since(begun).unwrap_or_default();
    let inputs = summary.sources.iter().map(|source| InputRecord {
        name: source.name.clone(),
        bytes: source.packed.and_then(|packed| packed.bytes).unwrap_or(source.bytes),
        sha256: source.sha256.clone(),
        physical_lines: source.lines.physical,
        lines: source.lines.services(),
        rejected: source.lines.rejected,
    });
    let editions = summary.editions.iter().map(|edition| EditionRecord {
        kind: edition.kind.name().to_owned(),
        name: edition.name.clone(),
        sha256: edition.sha256.clone(),
    });
    RunRecord {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: reference::universal_time(begun),
        ended: reference::universal_time(ended),
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        exit_code: exit as u8,
        as_of: summary.as_of.map(|day| day.to_string()),
        lines: summary.lines.services(),
        claims: summary.claims,
        claims_span_inputs: told.claims_span_inputs,
        findings: summary.found(),
        inputs: inputs.collect(),
        rules: told.rules,
        editions: editions.collect(),
        configuration_sha256: told.configuration,
        arguments: std::env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect(),
        reports: directory.reports(),
    }
}
