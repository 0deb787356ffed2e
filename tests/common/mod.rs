//! What the tests share: the shapes that a run can take, and a sink that keeps what it gets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
#![allow(dead_code, reason = "each test target uses a part of it")]

pub mod cells;
pub mod interchanges;
pub mod program;
pub mod refdata;
pub mod reference;
pub mod split;
pub mod workbook;
pub mod x12;

use std::path::Path;

use claimlint::config::settings::{
    Gate, OutputSettings, ReferenceSettings, RuleSetting, RunSettings, Settings,
};
use claimlint::error::Result;
use claimlint::input::source::Origin;
use claimlint::input::{InputSettings, Source};
use claimlint::lint::registry::Registry;
use claimlint::lint::select::select;
use claimlint::model::{Finding, Severity};
use claimlint::pipeline::{self, Counters, Limits, Plan};
use claimlint::report::{Format, Sink, Summary};
use claimlint::rules::{ALL, embedded};

/// The registry of all rules.
pub fn registry() -> Registry {
    Registry::new(ALL)
}

/// Settings with the rules that these selectors name, and nothing else set.
pub fn settings(selectors: &[&str]) -> Settings {
    let registry = registry();
    let chosen: std::collections::BTreeSet<_> =
        selectors.iter().flat_map(|selector| select(selector, &registry).unwrap()).collect();
    Settings {
        input: InputSettings::default(),
        rules: registry
            .iter()
            .map(|(id, rule)| RuleSetting {
                enabled: chosen.contains(&id),
                severity: rule.info.severity,
                options: Default::default(),
                origin: String::new(),
            })
            .collect(),
        waivers: Vec::new(),
        baseline: None,
        overrides: Vec::new(),
        knowledge: embedded::knowledge().unwrap(),
        claims_span_inputs: true,
        output: OutputSettings {
            format: Format::Ndjson,
            directory: None,
            reports: Vec::new(),
            clean: None,
            rejected: None,
            acks: [None, None],
            reasons: false,
            metrics: None,
            phi: claimlint::config::words::PhiWord::Mask,
            phi_key_file: None,
            samples: 3,
            min_severity: Severity::Info,
        },
        gate: Gate::at(Some(Severity::Error)),
        run: RunSettings {
            threads: 1,
            memory_limit: 1 << 30,
            temp_dir: std::env::temp_dir(),
            lock_wait: std::time::Duration::ZERO,
        },
        reference: ReferenceSettings::default(),
        phi: Default::default(),
    }
}

/// A way to run: how many threads, how large the pieces, how much stays in memory.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Worker threads.
    pub threads: usize,
    /// Bytes of a chunk.
    pub chunk_bytes: usize,
    /// Lines of a batch.
    pub batch_lines: usize,
    /// Whether everything that can goes to disk.
    pub spill: bool,
}

/// The shapes that must all give the same bytes; the first is the plainest.
pub const SHAPES: [Shape; 7] = [
    Shape { threads: 1, chunk_bytes: 1 << 20, batch_lines: 8192, spill: false },
    Shape { threads: 2, chunk_bytes: 1 << 20, batch_lines: 8192, spill: false },
    Shape { threads: 7, chunk_bytes: 4096, batch_lines: 8192, spill: false },
    Shape { threads: 2, chunk_bytes: 64, batch_lines: 8192, spill: false },
    Shape { threads: 1, chunk_bytes: 1 << 20, batch_lines: 1, spill: false },
    Shape { threads: 7, chunk_bytes: 1000, batch_lines: 7, spill: true },
    Shape { threads: 1, chunk_bytes: 1 << 20, batch_lines: 8192, spill: true },
];

impl Shape {
    /// The limits of this shape.
    pub fn limits(&self, record_bytes_max: usize) -> Limits {
        let mut limits = Limits::new(self.threads, 1 << 30);
        limits.input.chunk_bytes = self.chunk_bytes;
        limits.input.batch_lines_max = self.batch_lines;
        limits.input.record_bytes_max = record_bytes_max;
        if self.spill {
            limits.exchange_bytes = 0;
            limits.pool_bytes = 0;
            limits.partition_bytes = 64;
            limits.spool_bytes = 0;
            limits.sort_bytes = 0;
            limits.split_bytes = 64;
        }
        limits
    }
}

/// Keeps every finding.
#[derive(Default)]
struct Keep<'k>(Option<&'k mut Vec<Finding>>);

impl Sink for Keep<'_> {
    fn finding(&mut self, finding: &Finding, _: &Summary) -> Result<()> {
        self.0.iter_mut().for_each(|kept| kept.push(finding.clone()));
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> Result<()> {
        Ok(())
    }
}

/// Checks inputs that are at hand and gives back every finding and the summary.
pub fn check(
    settings: &Settings,
    shape: Shape,
    record_bytes_max: usize,
    inputs: &[(&str, &[u8])],
) -> Result<(Vec<Finding>, Summary)> {
    check_with(registry(), settings, shape, record_bytes_max, inputs)
}

/// The same with other rules.
pub fn check_with(
    registry: Registry,
    settings: &Settings,
    shape: Shape,
    record_bytes_max: usize,
    inputs: &[(&str, &[u8])],
) -> Result<(Vec<Finding>, Summary)> {
    let mut plan = Plan::without_inputs(settings.clone(), registry)?;
    plan.limits = shape.limits(record_bytes_max);
    let mut sources = Vec::new();
    for (name, bytes) in inputs {
        let source = Source::from_bytes(name, bytes.to_vec(), &plan.input, plan.limits.input)?;
        source.layout.require()?;
        sources.push(source);
    }
    kept(|sinks| pipeline::run_sources(&plan, sources, sinks, &Counters::default()))
}

/// The same over a file.
pub fn check_file(
    settings: &Settings,
    shape: Shape,
    record_bytes_max: usize,
    path: &Path,
) -> Result<(Vec<Finding>, Summary)> {
    let mut plan = Plan::without_inputs(settings.clone(), registry())?;
    plan.limits = shape.limits(record_bytes_max);
    plan.inputs.push(Origin::Path(path.to_owned()));
    kept(|sinks| pipeline::run(&plan, sinks, &Counters::default()))
}

fn kept(
    run: impl FnOnce(&mut [Box<dyn Sink + '_>]) -> Result<Summary>,
) -> Result<(Vec<Finding>, Summary)> {
    let mut findings = Vec::new();
    let mut sinks: Vec<Box<dyn Sink + '_>> = vec![Box::new(Keep(Some(&mut findings)))];
    let summary = run(&mut sinks)?;
    drop(sinks);
    Ok((findings, summary))
}

/// The findings of one input in the plainest shape.
pub fn check_plainly(selectors: &[&str], bytes: &[u8]) -> (Vec<Finding>, Summary) {
    check(&settings(selectors), SHAPES[0], 2 << 20, &[("test.csv", bytes)]).unwrap()
}

/// The code of a finding's rule.
pub fn code(finding: &Finding) -> &'static str {
    registry().get(finding.rule).unwrap().info.code
}
