//! Layers to settings: for each key the highest layer that sets it wins, and is remembered.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Serialize;

use crate::config::layers::{Layer, suggest};
use crate::config::layout_file::date_formats;
use crate::config::origin::Origin;
use crate::config::own::{Own, RuleTest, files};
use crate::config::raw::{
    EncodingWord, FailOnWord, InputFormatWord, OneOrMany, OutputFormatWord, PhiWord, Raw, RawInput,
    RawOutput, RawReference, RawRun, RawSize, ScopeWord, SeverityWord,
};
use crate::config::selection::{self, RuleOrigin};
use crate::config::settings::{
    Encoding, Gate, InputSettings, OutputSettings, ReferenceSettings, RunSettings, Settings,
};
use crate::config::{gate, overlay, values, waivers};
use crate::error::Result;
use crate::input::layouts::Layouts;
use crate::input::settings::InputFormat;
use crate::lint::Knowledge;
use crate::lint::registry::Registry;
use crate::model::{Cell, Date, Field, Phi, Severity};
use crate::report::Format;

/// More threads than any machine has are a slip of the finger.
const THREADS_MAX: u32 = 1024;

/// The merged configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The settings of the run.
    pub settings: Settings,
    /// Every key in force, in the order of the documentation, with where it was written.
    pub shown: Vec<Shown>,
    /// Where each rule's place in the run comes from, in the order of the registry.
    pub rules: Vec<RuleOrigin>,
    /// The rules there are: those that come with the program, and the user's.
    pub registry: Registry,
    /// The user's tables by name, each with the SHA-256 of its file.
    pub tables: Vec<(String, String)>,
    /// The tests of each rule of the user's that has any, by its code.
    pub tests: Vec<(&'static str, Vec<RuleTest>)>,
    /// Settings that cannot have any effect, each in one sentence that begins with its place.
    pub warnings: Vec<String>,
}

/// A key in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its dotted path: `input.delimiter`.
    pub key: String,
    /// Its value as TOML.
    pub value: String,
    /// Where it was written.
    pub origin: String,
}

/// A value with where it was written and how high that is.
#[derive(Debug, Clone)]
pub(in crate::config) struct Picked<T> {
    pub value: T,
    pub origin: Origin,
    /// The layer, counted from the lowest.
    pub layer: usize,
}

/// The layers while they are merged.
pub(in crate::config) struct Merger<'a> {
    /// The layers, the lowest first.
    pub layers: &'a [Layer],
    shown: Vec<Shown>,
    /// What the user is told about settings without effect.
    pub warnings: Vec<String>,
}

/// Lays `layers`, the lowest first, over one another.
pub fn merge(layers: &[Layer], own: Own, base: Knowledge) -> Result<Loaded> {
    let registry = &own.registry;
    let mut merger = Merger { layers, shown: Vec::new(), warnings: Vec::new() };
    merger.setting("preset", "default".to_owned(), |raw| raw.preset.clone());
    let min = merger.setting("min-severity", SeverityWord::Info, |raw| raw.min_severity);
    let min_severity = severity(min.value);
    let rules = selection::rules(&mut merger, registry, (min_severity, &min.origin))?;
    files::show(&mut merger);
    let input = InputSettings { others: own.others, ..input(&mut merger)? };
    let scope = merger
        .setting("claims.scope", ScopeWord::Run, |raw| raw.claims.as_ref().and_then(|c| c.scope));
    let knowledge = overlay::overlay(&mut merger, base)?;
    let overrides = selection::overrides(&mut merger, registry, &rules.settings)?;
    let waivers = waivers::waivers(&mut merger, registry, &rules.settings)?;
    let baseline = waivers::baseline(&mut merger);
    let (output, gate) = output(&mut merger, min_severity)?;
    let gate = gate::thresholds(&mut merger, registry, gate)?;
    let run = run(&mut merger)?;
    let reference = reference(&mut merger)?;
    let settings = Settings {
        input,
        rules: rules.settings,
        overrides,
        waivers,
        baseline,
        knowledge,
        claims_span_inputs: scope.value == ScopeWord::Run,
        output,
        gate,
        run,
        reference,
        phi: Phi::Mask,
    };
    let Merger { shown, warnings, .. } = merger;
    let Own { registry, tables, tests, .. } = own;
    Ok(Loaded { settings, shown, rules: rules.origins, registry, tables, tests, warnings })
}

impl Merger<'_> {
    /// The value of the highest layer that sets `key`.
    pub fn pick<T>(&self, key: &str, get: impl Fn(&Raw) -> Option<T>) -> Option<Picked<T>> {
        let mut layers = self.layers.iter().enumerate().rev();
        layers.find_map(|(at, layer)| {
            let value = get(&layer.raw)?;
            Some(Picked { value, origin: layer.origin(key), layer: at })
        })
    }

    /// The same, or `default`; and remembered as a key in force.
    pub fn setting<T: Serialize>(
        &mut self,
        key: &str,
        default: T,
        get: impl Fn(&Raw) -> Option<T>,
    ) -> Picked<T> {
        let built_in = || Picked { value: default, origin: Origin::built_in(), layer: 0 };
        let picked = self.pick(key, get).unwrap_or_else(built_in);
        self.show(key, &picked.value, picked.origin.to_string());
        picked
    }

    /// The same for a key without a default.
    pub fn optional<T: Serialize>(
        &mut self,
        key: &str,
        get: impl Fn(&Raw) -> Option<T>,
    ) -> Option<Picked<T>> {
        let picked = self.pick(key, get)?;
        self.show(key, &picked.value, picked.origin.to_string());
        Some(picked)
    }

    /// Remembers a key in force.
    pub fn show(&mut self, key: &str, value: &impl Serialize, origin: String) {
        if let Ok(value) = toml::Value::try_from(value) {
            self.shown.push(Shown { key: key.to_owned(), value: value.to_string(), origin });
        }
    }
}

/// The severity for a word.
pub(in crate::config) fn severity(word: SeverityWord) -> Severity {
    match word {
        SeverityWord::Info => Severity::Info,
        SeverityWord::Warning => Severity::Warning,
        SeverityWord::Error => Severity::Error,
    }
}

fn input(merger: &mut Merger<'_>) -> Result<InputSettings> {
    fn of<T>(raw: &Raw, get: impl Fn(&RawInput) -> Option<T>) -> Option<T> {
        raw.input.as_ref().and_then(get)
    }
    let format =
        merger.setting("input.format", InputFormatWord::Auto, |raw| of(raw, |input| input.format));
    let written = merger.optional("input.delimiter", |raw| of(raw, |i| i.delimiter.clone()));
    let encoding =
        merger.setting("input.encoding", EncodingWord::Auto, |raw| of(raw, |i| i.encoding));
    let quoting = merger.setting("input.quoting", true, |raw| of(raw, |i| i.quoting));
    let skip_rows = merger.setting("input.skip-rows", 0, |raw| of(raw, |i| i.skip_rows));
    merger.optional("input.layout", |raw| of(raw, |i| i.layout.clone()));
    let claim_key = merger.optional("input.claim-key", |raw| of(raw, |i| i.claim_key.clone()));
    let dates = merger.optional("input.date-formats", |raw| of(raw, |i| i.date_formats.clone()));
    let allow_empty = merger.setting("input.allow-empty", false, |raw| of(raw, |i| i.allow_empty));
    let allow_unnamed_columns = merger.setting("input.allow-unnamed-columns", false, |raw| {
        of(raw, |input| input.allow_unnamed_columns)
    });
    let limit = merger.optional("input.limit-lines", |raw| of(raw, |i| i.limit_lines));
    if let Some(Picked { value: 0, origin, .. }) = &limit {
        return Err(origin.error("limit-lines must be at least 1"));
    }
    let min_age =
        merger.setting("input.min-age", "0s".to_owned(), |raw| of(raw, |i| i.min_age.clone()));
    let least = values::duration(&min_age.value).map_err(|e| min_age.origin.blame(&e))?;
    Ok(InputSettings {
        format: match format.value {
            InputFormatWord::X12 => InputFormat::X12,
            InputFormatWord::Parquet => InputFormat::Parquet,
            InputFormatWord::Auto => InputFormat::Auto,
            InputFormatWord::Csv | InputFormatWord::Tsv | InputFormatWord::Psv => {
                InputFormat::Delimited
            }
        },
        delimiter: delimiter(&format, written.as_ref())?,
        encoding: match encoding.value {
            EncodingWord::Auto => Encoding::Auto,
            EncodingWord::Utf8 => Encoding::Utf8,
            EncodingWord::Windows1252 => Encoding::Windows1252,
            EncodingWord::Utf16 => Encoding::Utf16,
        },
        quoting: quoting.value,
        skip_rows: skip_rows.value,
        columns: columns(merger)?,
        others: Vec::new(),
        claim_key: claim_key.map(key).transpose()?,
        date_formats: match &dates {
            Some(picked) => {
                date_formats(picked.value.iter()).map_err(|error| picked.origin.blame(&error))?
            }
            None => BTreeMap::new(),
        },
        layouts: Layouts::Unknown,
        allow_empty: allow_empty.value,
        allow_unnamed_columns: allow_unnamed_columns.value,
        limit_lines: limit.map(|limit| limit.value),
        min_age: least,
        settled_before: None,
        hash: false,
    })
}

/// The columns of a claim's key.
fn key(picked: Picked<Vec<String>>) -> Result<Vec<String>> {
    if picked.value.is_empty() || picked.value.iter().any(|column| column.trim().is_empty()) {
        return Err(picked.origin.error("claim-key: a column needs a name"));
    }
    Ok(picked.value)
}

/// Of `format` and `delimiter`, the one in the higher layer; in one layer, `delimiter`.
fn delimiter(
    format: &Picked<InputFormatWord>,
    written: Option<&Picked<String>>,
) -> Result<Option<u8>> {
    if let Some(written) = written.filter(|written| written.layer >= format.layer) {
        let byte = values::delimiter(&written.value).map_err(|e| written.origin.blame(&e))?;
        return Ok(Some(byte));
    }
    Ok(match format.value {
        InputFormatWord::Auto | InputFormatWord::Parquet => None,
        InputFormatWord::Csv => Some(b','),
        InputFormatWord::Tsv => Some(b'\t'),
        InputFormatWord::Psv => Some(b'|'),
        InputFormatWord::X12 => None,
    })
}

/// For each field, the columns of the highest layer that names any.
fn columns(merger: &mut Merger<'_>) -> Result<BTreeMap<Field, Vec<String>>> {
    let mut columns: BTreeMap<Field, (Vec<String>, String)> = BTreeMap::new();
    for layer in merger.layers {
        for (name, written) in layer.raw.columns.iter().flatten() {
            let origin = layer.origin(&format!("columns.{name}"));
            let field = Field::from_name(name).ok_or_else(|| {
                let known: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
                suggest(origin.error(format_args!("unknown field `{name}`")), name, &known)
            })?;
            let list = written.list();
            if list.is_empty() || list.iter().any(|column| column.trim().is_empty()) {
                return Err(origin.error(format_args!("{name}: a column needs a name")));
            }
            columns.insert(field, (list, origin.to_string()));
        }
    }
    for (field, (list, origin)) in &columns {
        let value = match list.as_slice() {
            [one] => OneOrMany::One(one.clone()),
            many => OneOrMany::Many(many.to_vec()),
        };
        merger.show(&format!("columns.{field}"), &value, origin.clone());
    }
    Ok(columns.into_iter().map(|(field, (list, _))| (field, list)).collect())
}

fn output(merger: &mut Merger<'_>, min_severity: Severity) -> Result<(OutputSettings, Gate)> {
    fn of<T>(raw: &Raw, get: impl Fn(&RawOutput) -> Option<T>) -> Option<T> {
        raw.output.as_ref().and_then(get)
    }
    let format =
        merger.setting("output.format", OutputFormatWord::Full, |raw| of(raw, |o| o.format));
    let samples = merger.setting("output.samples", 3, |raw| of(raw, |output| output.samples));
    let reports = merger.optional("output.reports", |raw| of(raw, |o| o.reports.clone()));
    let fail_on = merger.setting("output.fail-on", FailOnWord::Error, |raw| of(raw, |o| o.fail_on));
    let exit_zero = merger.setting("output.exit-zero", false, |raw| of(raw, |o| o.exit_zero));
    let phi = merger.setting("output.phi", PhiWord::Mask, |raw| of(raw, |output| output.phi));
    let reasons = merger.setting("output.reasons", false, |raw| of(raw, |o| o.reasons));
    let acks = merger.optional("output.acks", |raw| of(raw, |output| output.acks.clone()));
    let mut path = |key: &str, get: fn(&RawOutput) -> &Option<String>| {
        let picked = merger.optional(key, |raw| of(raw, |output| get(output).clone()));
        picked.map(|picked| PathBuf::from(picked.value))
    };
    let word = format.value.word();
    let form = Format::STDOUT.into_iter().find(|(name, _)| *name == word);
    let (reports, metrics) = match reports {
        Some(picked) => values::report_files(&picked.value).map_err(|e| picked.origin.blame(&e))?,
        None => (Vec::new(), None),
    };
    let output = OutputSettings {
        format: form.map_or(Format::Full, |(_, format)| format),
        reports,
        metrics,
        directory: path("output.directory", |output| &output.directory),
        clean: path("output.clean", |output| &output.clean),
        rejected: path("output.rejected", |output| &output.rejected),
        samples: samples.value,
        acks: match acks {
            Some(picked) => values::acks(&picked.value).map_err(|e| picked.origin.blame(&e))?,
            None => [None, None],
        },
        reasons: reasons.value,
        phi: phi.value,
        phi_key_file: path("output.phi-key-file", |output| &output.phi_key_file),
        min_severity,
    };
    let fail_on = match fail_on.value {
        FailOnWord::Error => Some(Severity::Error),
        FailOnWord::Warning => Some(Severity::Warning),
        FailOnWord::Info => Some(Severity::Info),
        FailOnWord::Never => None,
    };
    let gate = Gate { exit_zero: exit_zero.value, ..Gate::at(fail_on) };
    Ok((output, gate))
}

fn reference(merger: &mut Merger<'_>) -> Result<ReferenceSettings> {
    fn of<T>(raw: &Raw, get: impl Fn(&RawReference) -> Option<T>) -> Option<T> {
        raw.reference.as_ref().and_then(get)
    }
    let directory =
        merger.optional("reference.directory", |raw| of(raw, |of| of.directory.clone()));
    let as_of = merger.optional("reference.as-of", |raw| of(raw, |of| of.as_of.clone()));
    let day = |picked: Picked<String>| match Date::parse(picked.value.trim().as_bytes()) {
        Cell::Value(day) => Ok(day),
        Cell::Missing | Cell::Malformed => {
            let error = picked.origin.error("as-of: expected a day");
            Err(error.with_help("write it as 2026-10-31"))
        }
    };
    Ok(ReferenceSettings {
        directory: directory.map(|picked| PathBuf::from(picked.value)),
        as_of: as_of.map(day).transpose()?,
    })
}

fn run(merger: &mut Merger<'_>) -> Result<RunSettings> {
    fn of<T>(raw: &Raw, get: impl Fn(&RawRun) -> Option<T>) -> Option<T> {
        raw.run.as_ref().and_then(get)
    }
    let threads = merger.setting("run.threads", 0, |raw| of(raw, |run| run.threads));
    let default_limit = RawSize::Text("1GiB".to_owned());
    let limit = merger
        .setting("run.memory-limit", default_limit, |raw| of(raw, |run| run.memory_limit.clone()));
    let temp_dir = merger.optional("run.temp-dir", |raw| of(raw, |run| run.temp_dir.clone()));
    let wait = merger
        .setting("run.lock-wait", "0s".to_owned(), |raw| of(raw, |run| run.lock_wait.clone()));
    if threads.value > THREADS_MAX {
        return Err(threads.origin.error(format_args!("threads must be at most {THREADS_MAX}")));
    }
    let bytes = match &limit.value {
        RawSize::Bytes(bytes) => Ok(*bytes),
        RawSize::Text(text) => values::bytes(text),
    };
    let all = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    Ok(RunSettings {
        threads: match threads.value {
            0 => all(),
            count => count as usize,
        },
        memory_limit: bytes.and_then(values::memory_limit).map_err(|e| limit.origin.blame(&e))?,
        temp_dir: temp_dir.map_or_else(std::env::temp_dir, |picked| PathBuf::from(picked.value)),
        lock_wait: values::duration(&wait.value).map_err(|e| wait.origin.blame(&e))?,
    })
}
