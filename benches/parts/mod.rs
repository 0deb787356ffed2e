//! What the benches share: synthetic exports in memory, and the parts of a run made ready for one.

#![allow(dead_code, reason = "each bench uses a part of it")]

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use claimlint::config::settings::{
    Gate, OutputSettings, ReferenceSettings, RuleSetting, RunSettings, Settings,
};
use claimlint::input::decode::Decoder;
use claimlint::input::source::Format as Written;
use claimlint::input::{Chunk, InputSettings, Portion, Source};
use claimlint::lint::registry::Registry;
use claimlint::lint::select::select;
use claimlint::model::{Batch, FieldSet, Severity};
use claimlint::pipeline::Plan;
use claimlint::report::Format;
use claimlint::rules::{ALL, embedded};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};

use crate::data::{self, Recipe};

/// Lines of an export that is measured.
const LINES: u64 = 200_000;
/// Columns of a wide export.
pub const WIDE: usize = 150;

/// How benches measure unless told otherwise: a part takes some milliseconds, and there are many.
pub fn criterion() -> Criterion {
    let short = Criterion::default().without_plots().sample_size(10);
    short.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(1_500))
}

/// Whether something is measured. Otherwise each bench only runs once, to see that it works.
pub fn is_measured() -> bool {
    let is_there = |wanted: &str| std::env::args().any(|arg| arg == wanted);
    is_there("--bench") && !is_there("--test")
}

/// An export in memory.
pub struct Export {
    /// Its bytes, header and all.
    pub bytes: Arc<[u8]>,
    /// Its lines, the header not counted.
    pub lines: u64,
}

impl Export {
    /// The export that a recipe describes, with as many lines as benches need.
    pub fn new(recipe: Recipe) -> Export {
        let lines = if is_measured() { LINES } else { LINES / 100 };
        // As many bytes, about, however wide.
        let lines = if recipe.width < WIDE { lines } else { lines / 5 };
        let mut bytes = Vec::new();
        data::write(&Recipe { lines, ..recipe }, &mut bytes).unwrap();
        Export { bytes: bytes.into(), lines }
    }

    /// The export as an input of a run.
    pub fn source(&self, plan: &Plan) -> Source {
        let reader = Box::new(Cursor::new(Arc::clone(&self.bytes)));
        Source::from_reader("export.csv", reader, &plan.input, plan.limits.input).unwrap()
    }

    /// A group of benches over the bytes of the export.
    pub fn group<'c>(
        &self,
        criterion: &'c mut Criterion,
        name: impl Into<String>,
    ) -> BenchmarkGroup<'c, WallTime> {
        group(criterion, name, self.lines, self.bytes.len())
    }
}

/// A group of benches over so many lines in so many bytes.
pub fn group<'c>(
    criterion: &'c mut Criterion,
    name: impl Into<String>,
    lines: u64,
    bytes: usize,
) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::ElementsAndBytes { elements: lines, bytes: bytes as u64 });
    group
}

/// A plan with the rules that these selectors name, and nothing else set.
pub fn plan(selectors: &[&str], threads: usize) -> Plan {
    let registry = Registry::new(ALL);
    let chosen: Vec<_> =
        selectors.iter().flat_map(|selector| select(selector, &registry).unwrap()).collect();
    let rules = registry.iter().map(|(id, rule)| RuleSetting {
        enabled: chosen.contains(&id),
        severity: rule.info.severity,
        options: Default::default(),
        origin: String::new(),
    });
    let settings = Settings {
        input: InputSettings::default(),
        rules: rules.collect(),
        overrides: Vec::new(),
        knowledge: embedded::knowledge().unwrap(),
        claims_span_inputs: true,
        output: OutputSettings {
            metrics: None,
            directory: None,
            phi: claimlint::config::words::PhiWord::Mask,
            phi_key_file: None,
            format: Format::Ndjson,
            reports: Vec::new(),
            clean: None,
            rejected: None,
            acks: [None, None],
            reasons: false,
            samples: 3,
            min_severity: Severity::Info,
        },
        gate: Gate::at(Some(Severity::Error)),
        run: RunSettings {
            threads,
            memory_limit: 1 << 30,
            temp_dir: std::env::temp_dir(),
            lock_wait: std::time::Duration::ZERO,
        },
        phi: Default::default(),
        reference: ReferenceSettings::default(),
    };
    Plan::without_inputs(settings, registry).unwrap()
}

/// An export cut into chunks, with the decoder of its records.
pub struct Cut {
    /// Turns the chunks into batches.
    pub decoder: Decoder,
    /// The chunks, in order.
    pub chunks: Vec<Chunk>,
    /// The columns that the decoder reads.
    pub wanted: Vec<usize>,
}

impl Cut {
    /// The chunks of an export, to be decoded for those who read these fields.
    pub fn new(export: &Export, plan: &Plan, read: FieldSet) -> Cut {
        let mut source = export.source(plan);
        let columns = source.layout.columns.iter().filter(|(field, _)| read.contains(**field));
        let mut wanted: Vec<usize> = columns.flat_map(|(_, at)| at).copied().collect();
        wanted.sort_unstable();
        let decoder = decoder(&source, plan, read);
        let mut chunks = Vec::new();
        while let Some(Portion::Text(chunk)) = source.next_portion().unwrap() {
            chunks.push(chunk);
        }
        Cut { decoder, chunks, wanted }
    }

    /// Every chunk as a batch.
    pub fn batches(mut self) -> Vec<Batch> {
        let decoder = &self.decoder;
        let decoded = self.chunks.iter_mut().map(|chunk| {
            let mut batch = decoder.batch();
            decoder.decode(chunk, &mut batch);
            batch
        });
        decoded.collect()
    }
}

/// The decoder of an input for those who read these fields.
pub fn decoder(source: &Source, plan: &Plan, read: FieldSet) -> Decoder {
    let (vocabulary, footers) = (Arc::clone(&plan.vocabulary), plan.footers.clone());
    let Written::Text(dialect) = &source.format else { panic!("the export is no text") };
    Decoder::new(0, dialect.marks, &source.layout, read, vocabulary, footers)
}

/// The batches of an export, to be checked by the rules of a plan.
pub fn batches(export: &Export, plan: &Plan) -> Vec<Batch> {
    Cut::new(export, plan, plan.read).batches()
}

/// How many records the `csv` crate reads in an export, the header among them or not.
pub fn records_by_csv(export: &Export, has_headers: bool) -> u64 {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(has_headers).from_reader(export.bytes.as_ref());
    let mut record = csv::ByteRecord::new();
    let mut records = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        std::hint::black_box(&record);
        records += 1;
    }
    records
}
