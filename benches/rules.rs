//! Rules over ready batches: all of them and each alone, beside one virtual call for each line; and
//! the codes alone, beside a reader that goes by characters. The bytes of a rule are those of the
//! whole lines, whatever it looks at; MAP002 has nothing to look at where there is one code column.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "data/mod.rs"]
mod data;
mod parts;

use std::hint::black_box;

use claimlint::lint::{Look, Tally};
use claimlint::model::damage::{Tidied, read_procedure};
use claimlint::model::{Batch, Class, Code, Field, Findings};
use claimlint::pipeline::Plan;
use claimlint::rules::ALL;
use criterion::{Criterion, criterion_group, criterion_main};
use data::Recipe;
use parts::{Export, batches, criterion, group, plan};

/// Shares of bad lines, in per cent.
const BAD: [u32; 3] = [0, 5, 100];

fn lines(criterion: &mut Criterion) {
    for bad in BAD {
        let export = Export::new(Recipe { bad_percent_x100: bad * 100, ..Recipe::default() });
        over(criterion, &export, "ALL", &format!("rules for lines, {bad} % bad"));
    }
    let export = Export::new(Recipe::default());
    for rule in ALL {
        over(criterion, &export, rule.info.code, &format!("rules {}", rule.info.code));
    }
}

/// Measures the rules that a selector names, if any of them looks at lines.
fn over(criterion: &mut Criterion, export: &Export, selector: &str, name: &str) {
    let plan = plan(&[selector], 1);
    let of_lines = !plan.checks.lines.is_empty();
    if !of_lines && plan.checks.groups.is_empty() {
        return;
    }
    let batches = batches(export, &plan);
    let mut group = export.group(criterion, name);
    if of_lines {
        assert_eq!(by_batch(&plan, &batches), by_line(&plan, &batches), "{name}");
        group.bench_function("check", |b| b.iter(|| by_batch(&plan, &batches)));
        group.bench_function("check, a call for each line", |b| {
            b.iter(|| by_line(&plan, &batches));
        });
    }
    if !plan.checks.groups.is_empty() {
        assert_eq!(looks_by_batch(&plan, &batches), looks_by_line(&plan, &batches), "{name}");
        group.bench_function("look", |b| b.iter(|| looks_by_batch(&plan, &batches)));
        group.bench_function("look, a call for each line", |b| {
            b.iter(|| looks_by_line(&plan, &batches));
        });
    }
    group.finish();
}

/// Findings, and lines that were judged.
fn by_batch(plan: &Plan, batches: &[Batch]) -> (usize, u64) {
    let mut tally = Tally::new(ALL.len());
    let (mut found, mut out) = (0, Findings::default());
    for batch in batches {
        out.clear();
        plan.checks.lines(batch, &mut out, &mut tally);
        found += out.reported().len();
    }
    (found, tally.rules.iter().map(|rule| rule.judged).sum())
}

/// The slow twin of [`by_batch`].
fn by_line(plan: &Plan, batches: &[Batch]) -> (usize, u64) {
    let (mut found, mut judged, mut out) = (0, 0, Findings::default());
    for batch in batches {
        out.clear();
        for line in batch.lines() {
            for prepared in &plan.checks.lines {
                out.begin(prepared.id);
                prepared.check.check(line, &mut out);
                judged += out.judged();
            }
        }
        out.sort();
        found += out.reported().len();
    }
    (found, judged)
}

/// Lines that rules for claims want to keep.
fn looks_by_batch(plan: &Plan, batches: &[Batch]) -> usize {
    let mut kept = 0;
    let mut looks = Vec::new();
    for batch in batches {
        for prepared in &plan.checks.groups {
            looks.clear();
            prepared.check.look_batch(batch, &mut looks);
            kept += looks.iter().filter(|look| look.keeps()).count();
        }
    }
    kept
}

/// The slow twin of [`looks_by_batch`].
fn looks_by_line(plan: &Plan, batches: &[Batch]) -> usize {
    let mut kept = 0;
    for batch in batches {
        for prepared in &plan.checks.groups {
            let looks: Vec<Look> = batch.lines().map(|line| prepared.check.look(line)).collect();
            kept += looks.iter().filter(|look| look.keeps()).count();
        }
    }
    kept
}

fn codes(criterion: &mut Criterion) {
    let plan = plan(&["COD00"], 1);
    for bad in BAD {
        let export = Export::new(Recipe { bad_percent_x100: bad * 100, ..Recipe::default() });
        let batches = batches(&export, &plan);
        let cells = batches.iter().flat_map(|batch| {
            (0..batch.len()).filter_map(|row| batch.cell(Field::ProcedureCode, row))
        });
        let cells: Vec<&[u8]> = cells.collect();
        let class = |cell: &[u8]| Code::parse(cell).map(|(_, class)| class);
        assert!(cells.iter().all(|cell| class(cell) == by_characters(cell)));
        let bytes = cells.iter().map(|cell| cell.len()).sum();
        let mut group = group(criterion, format!("codes, {bad} % bad"), cells.len() as u64, bytes);
        group.bench_function("parse", |b| {
            b.iter(|| cells.iter().for_each(|cell| _ = black_box(Code::parse(cell))));
        });
        group.bench_function("parse, by characters", |b| {
            b.iter(|| cells.iter().for_each(|cell| _ = black_box(by_characters(cell))));
        });
        group.bench_function("read, with repairs", |b| {
            let mut tidied = Tidied::default();
            let mut read = |cell: &&[u8]| {
                black_box(read_procedure(cell, &plan.vocabulary, &mut tidied));
            };
            b.iter(|| cells.iter().for_each(&mut read));
        });
        group.finish();
    }
}

/// The slow twin of [`Code::parse`].
fn by_characters(cell: &[u8]) -> Option<Class> {
    let text: Vec<char> = std::str::from_utf8(cell).ok()?.chars().collect();
    let [first, a, b, c, last] = text.as_slice() else { return None };
    if [a, b, c].iter().any(|character| !character.is_ascii_digit()) {
        return None;
    }
    match (first.is_ascii_digit(), last.is_ascii_digit()) {
        (true, true) => Some(Class::CategoryOne),
        (true, false) => match last {
            'F' => Some(Class::CategoryTwo),
            'T' => Some(Class::CategoryThree),
            'A' => Some(Class::Administration),
            'M' => Some(Class::Maaa),
            'U' => Some(Class::Pla),
            _ => None,
        },
        (false, true) if *first == 'D' => Some(Class::Cdt),
        (false, true) => "ABCEGHJKLMPQRSTUV".contains(*first).then_some(Class::Hcpcs),
        (false, false) => None,
    }
}

criterion_group!(name = benches; config = criterion(); targets = lines, codes);
criterion_main!(benches);
