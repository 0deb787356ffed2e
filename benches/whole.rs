//! Whole runs over bytes in memory into a report that only counts its bytes, beside the `csv` crate
//! that does nothing but read, and the reference that the tests compare findings with.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "data/mod.rs"]
mod data;
mod parts;
#[path = "../tests/common/reference.rs"]
mod reference;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use claimlint::pipeline::{Counters, Plan, run_sources};
use claimlint::report::{Format, Out, Sink, Style, sink};
use criterion::{Criterion, criterion_group, criterion_main};
use data::{Order, Recipe};
use parts::{Export, criterion, plan, records_by_csv};

/// The rules on procedure codes: their form, their sections, and their companions in a claim.
const MISSION: [&str; 7] = ["COD001", "COD002", "COD003", "CAT001", "CAT002", "CII001", "CII002"];
/// For what takes a quarter of a second each time.
const LONG: Duration = Duration::from_secs(4);

fn whole(criterion: &mut Criterion) {
    let modifiers = modifiers();
    for order in [Order::Grouped, Order::Shuffled] {
        for bad in [0, 5, 100] {
            let recipe = Recipe { bad_percent_x100: bad * 100, order, ..Recipe::default() };
            let export = Export::new(recipe);
            let found = by_reference(&export, &modifiers);
            assert_eq!(run(&plan(&MISSION, 2), &export).0, found, "{order:?} {bad}");
            let name = format!("whole {order:?}, {bad} % bad");
            let mut group = export.group(criterion, name.to_lowercase());
            if bad == 100 {
                group.measurement_time(LONG);
            }
            for (rules, selectors) in [("all rules", &["ALL"][..]), ("mission", &MISSION)] {
                for threads in [1, 2] {
                    let plan = plan(selectors, threads);
                    let name = format!("{rules}, threads: {threads}");
                    group.bench_function(name, |b| b.iter(|| run(&plan, &export)));
                }
            }
            group.bench_function("csv crate, only read", |b| {
                b.iter(|| records_by_csv(&export, true))
            });
            group.measurement_time(LONG);
            group.bench_function("mission, the slow twin", |b| {
                b.iter(|| by_reference(&export, &modifiers));
            });
            group.finish();
        }
    }
}

/// Counts what is written to it.
struct Count<'c>(&'c mut u64);

impl Write for Count<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Checks the export; gives the number of findings and the length of the report.
fn run(plan: &Plan, export: &Export) -> (u64, u64) {
    let mut written = 0;
    let out = Out::new("nowhere", Count(&mut written));
    let style = Style { color: false, samples: 3 };
    let mut sinks: Vec<Box<dyn Sink + '_>> = vec![sink(Format::Ndjson, out, style)];
    let sources = vec![export.source(plan)];
    let summary = run_sources(plan, sources, &mut sinks, &Counters::default()).unwrap();
    drop(sinks);
    (summary.severities.iter().sum(), written)
}

fn modifiers() -> BTreeSet<String> {
    let known = include_str!("../rules/modifiers.csv").lines().skip(1);
    known.filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}

/// The number of findings of the mission's rules.
fn by_reference(export: &Export, modifiers: &BTreeSet<String>) -> u64 {
    let found = reference::findings(&export.bytes, b',', modifiers);
    let of_mission = |code: &str| MISSION.iter().any(|selector| code.starts_with(selector));
    found.iter().filter(|(_, code)| of_mission(code)).count() as u64
}

criterion_group!(name = benches; config = criterion(); targets = whole);
criterion_main!(benches);
