//! Records into cells: ready chunks into batches, beside the `csv` crate, from which the same cells
//! are taken and the same codes read.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "data/mod.rs"]
mod data;
mod parts;

use std::hint::black_box;

use claimlint::input::Portion;
use claimlint::model::damage::{Tidied, read_procedure};
use claimlint::model::{Batch, Field, FieldSet, Procedure, Vocabulary};
use claimlint::pipeline::Plan;
use criterion::{Criterion, criterion_group, criterion_main};
use csv::ByteRecord;
use data::{LineEnd, Recipe};
use parts::{Cut, Export, WIDE, criterion, decoder, plan};

/// Where the generator puts the procedure code.
const CODE_COLUMN: usize = 5;

fn decode(criterion: &mut Criterion) {
    let plan = plan(&["ALL"], 1);
    let every: FieldSet = Field::ALL.iter().copied().collect();
    for (name, recipe, read) in [
        ("plain", Recipe::default(), plan.read),
        ("plain, every field", Recipe::default(), every),
        ("quoted", Recipe { quoted: true, ..Recipe::default() }, plan.read),
        ("crlf", Recipe { line_end: LineEnd::CrLf, ..Recipe::default() }, plan.read),
        ("wide", Recipe { width: WIDE, ..Recipe::default() }, plan.read),
    ] {
        let export = Export::new(recipe);
        let mut cut = Cut::new(&export, &plan, read);
        let words = plan.vocabulary.as_ref();
        compare(&export, Cut::new(&export, &plan, read), words);
        let mut group = export.group(criterion, format!("decode {name}"));
        let mut batch = cut.decoder.batch();
        group.bench_function("ready chunks", |b| b.iter(|| ready(&mut cut, &mut batch)));
        group.bench_function("split and decode", |b| b.iter(|| split(&export, &plan, read)));
        let wanted = &cut.wanted;
        group.bench_function("csv crate", |b| {
            b.iter(|| by_csv(&export, wanted, words, |_| ()));
        });
        group.finish();
    }
}

/// Both read the same codes.
fn compare(export: &Export, cut: Cut, words: &Vocabulary) {
    let wanted = cut.wanted.clone();
    let batches = cut.batches();
    let got = batches.iter().flat_map(Batch::procedures);
    let mut want = Vec::new();
    by_csv(export, &wanted, words, |procedure| want.push(procedure));
    assert_eq!(want.len() as u64, export.lines);
    assert!(got.eq(&want));
}

/// Decodes every chunk; each gets its text back, without what decoding appended to it.
fn ready(cut: &mut Cut, batch: &mut Batch) -> u64 {
    let mut lines = 0;
    for chunk in &mut cut.chunks {
        let length = chunk.text.len();
        cut.decoder.decode(chunk, batch);
        lines += batch.len() as u64;
        std::mem::swap(&mut batch.text, &mut chunk.text);
        chunk.text.truncate(length);
    }
    lines
}

/// Splits and decodes an export as a run does, in one thread.
fn split(export: &Export, plan: &Plan, read: FieldSet) -> u64 {
    let mut source = export.source(plan);
    let decoder = decoder(&source, plan, read);
    let pool = source.pool();
    let mut batch = decoder.batch();
    let mut lines = 0;
    while let Some(Portion::Text(mut chunk)) = source.next_portion().unwrap() {
        decoder.decode(&mut chunk, &mut batch);
        lines += batch.len() as u64;
        std::mem::swap(&mut batch.text, &mut chunk.text);
        chunk.clear();
        pool.give(chunk);
    }
    lines
}

/// Takes the wanted cells of every record and reads its code.
fn by_csv(
    export: &Export,
    wanted: &[usize],
    words: &Vocabulary,
    mut each: impl FnMut(Procedure),
) -> Tidied {
    let mut reader = csv::Reader::from_reader(export.bytes.as_ref());
    let mut record = ByteRecord::new();
    let mut tidied = Tidied::default();
    while reader.read_byte_record(&mut record).unwrap() {
        for column in wanted {
            black_box(record.get(*column));
        }
        let code = record.get(CODE_COLUMN).unwrap_or_default();
        each(black_box(read_procedure(code, words, &mut tidied)));
    }
    tidied
}

criterion_group!(name = benches; config = criterion(); targets = decode);
criterion_main!(benches);
