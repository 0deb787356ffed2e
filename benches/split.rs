//! Where records end: the stream cut into chunks, beside the slow twin, the `csv` crate, and a mere
//! count of line ends, which is as little as can be done with every byte.
//!
//! The slow twin finds ends only. The scan finds the separators of all cells on its way, and chunks
//! are copied from their reader, as in a run.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

#[path = "data/mod.rs"]
mod data;
mod parts;

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use claimlint::input::bytes::{Feed, Found};
use claimlint::input::chunks::{ChunkLimits, Chunks, Start};
#[cfg(target_arch = "x86_64")]
use claimlint::input::masks::Avx2;
use claimlint::input::masks::{Level, Words};
use claimlint::input::scan::{Bounds, Structure};
use claimlint::input::split::{Marks, Step, step};
use claimlint::input::swallowed::Shape;
use claimlint::pipeline::Limits;
use claimlint::pipeline::limits::{BATCH_LINES_MAX, RECORD_BYTES_MAX};
use criterion::{Criterion, criterion_group, criterion_main};
use data::{LineEnd, Recipe};
use parts::{Export, WIDE, criterion, records_by_csv};

const MARKS: Marks = Marks { delimiter: b',', quoting: true };

fn split(criterion: &mut Criterion) {
    for (name, recipe) in [
        ("plain", Recipe::default()),
        ("quoted", Recipe { quoted: true, ..Recipe::default() }),
        ("crlf", Recipe { line_end: LineEnd::CrLf, ..Recipe::default() }),
        ("wide", Recipe { width: WIDE, ..Recipe::default() }),
    ] {
        let export = Export::new(recipe);
        let bytes = export.bytes.as_ref();
        // The header is a record like any other here.
        for records in [by_chunks, by_step, by_csv, |export: &Export| line_ends(&export.bytes)] {
            assert_eq!(records(&export), export.lines + 1, "{name}");
        }
        assert_eq!(by_level(Words, bytes), export.lines + 1, "{name}");
        let mut group = export.group(criterion, format!("split {name}"));
        group.bench_function("chunks", |b| b.iter(|| by_chunks(&export)));
        #[cfg(target_arch = "x86_64")]
        if let Some(level) = Avx2::detect() {
            group.bench_function("scan with AVX2", |b| b.iter(|| by_level(level, bytes)));
        }
        group.bench_function("scan with words", |b| b.iter(|| by_level(Words, bytes)));
        group.bench_function("step, the slow twin", |b| b.iter(|| by_step(&export)));
        group.bench_function("csv crate", |b| b.iter(|| by_csv(&export)));
        group.bench_function("line ends only", |b| b.iter(|| line_ends(black_box(bytes))));
        group.finish();
    }
}

/// The records of all chunks, whose memory goes round as it does in a run.
fn by_chunks(export: &Export) -> u64 {
    let reader = Box::new(Cursor::new(Arc::clone(&export.bytes)));
    let limits = ChunkLimits {
        chunk_bytes: chunk_bytes(),
        batch_lines_max: BATCH_LINES_MAX,
        record_bytes_max: RECORD_BYTES_MAX,
        records_max: u64::MAX,
    };
    // No cell has a line break, so that nothing is ever held against the shape.
    let shape = Shape { width: 20, delimiter: b',', claim_id: Some(0), procedure_code: Some(5) };
    let start = Start { rest: Vec::new(), line: 1, byte: 0 };
    let feed = Feed::new(reader, Found::Utf8, &[], 0);
    let mut chunks = Chunks::new(feed, Found::Utf8, MARKS, shape, limits, start);
    let mut records = 0;
    while let Some(mut chunk) = chunks.take().unwrap() {
        records += chunk.records.len() as u64;
        chunk.clear();
        chunks.pool.give(chunk);
    }
    records
}

/// The chunks of a run with two threads and the usual memory.
fn chunk_bytes() -> usize {
    Limits::new(2, 1 << 30).input.chunk_bytes
}

/// The plain records that one level of instructions finds, a chunk at a time.
#[inline(never)]
fn by_level(level: impl Level, bytes: &[u8]) -> u64 {
    let bounds = Bounds { records: BATCH_LINES_MAX, record_bytes: RECORD_BYTES_MAX };
    let mut structure = Structure::default();
    let (mut pos, mut records) = (0, 0);
    while pos < bytes.len() {
        let chunk = &bytes[pos..bytes.len().min(pos + chunk_bytes())];
        structure.clear();
        let stopped = level.run(|| {
            structure.scan_at(level, MARKS, chunk, 0, bounds, |_, feed| {
                black_box(feed);
                records += 1;
            })
        });
        assert!(stopped > 0, "every record is plain");
        pos += stopped;
    }
    records
}

fn by_step(export: &Export) -> u64 {
    let bytes = export.bytes.as_ref();
    let (mut pos, mut records) = (0, 0);
    while pos < bytes.len() {
        let Step::Record { end, next, .. } = step(MARKS, bytes, pos, true, RECORD_BYTES_MAX) else {
            panic!("every record is well-formed");
        };
        black_box(end);
        records += 1;
        pos = next;
    }
    records
}

fn by_csv(export: &Export) -> u64 {
    records_by_csv(export, false)
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

criterion_group!(name = benches; config = criterion(); targets = split);
criterion_main!(benches);
