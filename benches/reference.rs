//! Reference data: an edition of millions of pairs loaded, and asked for the pairs of claims.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "data/mod.rs"]
mod data;
mod parts;

use std::hint::black_box;

use claimlint::model::{Code, Date};
use claimlint::reference::rows::{CodeRow, Days, PairRow, Rows};
use claimlint::reference::{Edition, Kind, PairAnswer, Reference, Setting, store};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use parts::{criterion, is_measured};

/// Pairs of an edition: as many as are published for practitioners, and some.
const PAIRS: u64 = 2_500_000;
/// Codes that they are of.
const CODES: u64 = 14_000;
/// Lines of a claim.
const LINES: usize = 12;

/// Numbers that look like chance, and are the same each time.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A number with small ones far more often.
    fn skewed(&mut self, bound: u64) -> u64 {
        let most = self.below(bound) + 1;
        self.below(most)
    }
}

/// An invented code of the classes that pairs have.
fn code(number: u64) -> [u8; 5] {
    let text = match number % 10 {
        0 => format!("V{:04}", number / 2),
        1 => format!("{:04}T", number / 2),
        _ => format!("{:05}", number * 7),
    };
    text.into_bytes().try_into().unwrap()
}

fn parse(number: u64) -> Code {
    Code::parse(&code(number)).unwrap().0
}

/// A year and a quarter of it as a date.
fn quarter(number: u64) -> Date {
    Date::from_ymd(1996 + (number / 4) as i32, 1 + 3 * (number % 4) as u32, 1).unwrap()
}

fn covers() -> (Date, Date) {
    (quarter(0), quarter(124))
}

fn pairs() -> Edition {
    let mut seeded = Seeded(1);
    let count = if is_measured() { PAIRS } else { PAIRS / 100 };
    let row = |_| {
        let first = seeded.below(120);
        let length = seeded.below(40) + 1;
        PairRow {
            column_one: code(seeded.skewed(CODES)),
            column_two: code(seeded.below(CODES)),
            days: Days {
                first: Some(quarter(first)),
                last: (length < 20).then(|| quarter((first + length).min(124))),
            },
            indicator: if seeded.below(4) == 0 { 0 } else { 1 },
        }
    };
    edition(Kind::PtpPractitioner, Rows::Pairs((0..count).map(row).collect()))
}

fn edition(kind: Kind, rows: Rows) -> Edition {
    let name = "2026-Q3".to_owned();
    Edition { kind, name, covers: covers(), is_complete: true, sources: Vec::new(), rows }
}

/// The codes of the lines of many claims, few of which are pairs.
fn claims() -> Vec<[Code; LINES]> {
    let mut seeded = Seeded(2);
    (0..1_000).map(|_| [(); LINES].map(|()| parse(seeded.skewed(CODES)))).collect()
}

fn load(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let edition = pairs();
    let path = store::write(folder.path(), &edition).unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len();
    let entries: u64 =
        Reference::load(folder.path()).unwrap().editions().iter().map(|info| info.entries).sum();
    let mut group = criterion.benchmark_group("load pairs");
    group.throughput(Throughput::ElementsAndBytes { elements: entries, bytes });
    group.bench_function("from a file", |b| b.iter(|| Reference::load(folder.path()).unwrap()));
    group.bench_function("only reading it", |b| b.iter(|| std::fs::read(&path).unwrap()));
    group.finish();
}

fn ask_pairs(criterion: &mut Criterion) {
    let loaded = Reference::of(&[pairs()]).unwrap();
    let (claims, on) = (claims(), quarter(100));
    let asked = (claims.len() * LINES * (LINES - 1)) as u64;
    let mut group = criterion.benchmark_group("ask pairs");
    group.throughput(Throughput::Elements(asked));
    group.bench_function("by index", |b| b.iter(|| by_index(&loaded, &claims, on)));
    let known = known(&loaded, on);
    group.throughput(Throughput::Elements(known.len() as u64));
    group.bench_function("that are there", |b| {
        let pairs = loaded.pairs(Setting::Practitioner, on).unwrap();
        let is_active = |pair: &&(u16, u16)| pairs.find(pair.0, pair.1) != PairAnswer::None;
        b.iter(|| known.iter().filter(is_active).count());
    });
    group.throughput(Throughput::Elements(asked));
    group.bench_function("by code", |b| b.iter(|| by_code(&loaded, &claims, on)));
    group.throughput(Throughput::Elements((claims.len() * LINES) as u64));
    group.bench_function("in pairs", |b| {
        let has = |code: &&Code| loaded.in_pairs(Setting::Practitioner, **code);
        b.iter(|| claims.iter().flatten().filter(has).count());
    });
    group.bench_function("index of", |b| {
        let pairs = loaded.pairs(Setting::Practitioner, on).unwrap();
        b.iter(|| claims.iter().flatten().filter_map(|code| pairs.index_of(*code)).count());
    });
    group.finish();
}

/// Active pairs, each code looked up once for its line.
fn by_index(loaded: &Reference, claims: &[[Code; LINES]], on: Date) -> usize {
    let mut active = 0;
    for claim in claims {
        let pairs = loaded.pairs(Setting::Practitioner, on).unwrap();
        let places = claim.map(|code| pairs.index_of(code));
        for (one, two) in ordered(&places) {
            if let (Some(one), Some(two)) = (one, two) {
                active += usize::from(pairs.find(one, two) != PairAnswer::None);
            }
        }
    }
    active
}

/// Pairs that the edition has, all over it.
fn known(loaded: &Reference, on: Date) -> Vec<(u16, u16)> {
    let pairs = loaded.pairs(Setting::Practitioner, on).unwrap();
    let Rows::Pairs(rows) = self::pairs().rows else { return Vec::new() };
    let place = |code: &[u8; 5]| pairs.index_of(Code::parse(code).unwrap().0).unwrap();
    let pair = |row: &PairRow| (place(&row.column_one), place(&row.column_two));
    rows.iter().take(100_000).map(pair).collect()
}

/// Active pairs, each code looked up for each pair.
fn by_code(loaded: &Reference, claims: &[[Code; LINES]], on: Date) -> usize {
    let is_active =
        |(one, two)| loaded.pair(Setting::Practitioner, one, two, on) != PairAnswer::None;
    claims.iter().flat_map(ordered).filter(|pair| is_active(*pair)).count()
}

/// The ordered pairs of lines.
fn ordered<T: Copy>(lines: &[T; LINES]) -> impl Iterator<Item = (T, T)> {
    let pairs = lines.iter().enumerate().flat_map(|one| {
        lines.iter().enumerate().filter(move |two| two.0 != one.0).map(move |two| (one.1, two.1))
    });
    pairs.map(|(one, two)| (*one, *two))
}

fn ask_codes(criterion: &mut Criterion) {
    let row = |code: Vec<u8>| CodeRow {
        code: String::from_utf8(code).unwrap(),
        days: Days::default(),
        attributes: Vec::new(),
    };
    let procedures = (0..CODES).map(|number| row(code(number).to_vec())).collect();
    // As many as there are, as long as most are.
    let diagnoses = (0..74_000).map(|number| row(format!("Z{:06}", number * 3).into_bytes()));
    let loaded = Reference::of(&[
        edition(Kind::Procedures, Rows::Codes(procedures)),
        edition(Kind::Icd10cm, Rows::Codes(diagnoses.collect())),
    ]);
    let (loaded, on) = (loaded.unwrap(), quarter(100));
    let mut seeded = Seeded(3);
    let codes: Vec<_> = (0..10_000).map(|_| code(seeded.below(CODES + 100))).collect();
    let codes: Vec<_> = codes.iter().map(|code| Code::parse(code).unwrap()).collect();
    let diagnoses: Vec<_> =
        (0..10_000).map(|_| format!("Z{:06}", seeded.below(74_000 * 3)).into_bytes()).collect();
    let mut group = criterion.benchmark_group("ask codes");
    group.throughput(Throughput::Elements(codes.len() as u64));
    group.bench_function("procedures", |b| {
        b.iter(|| {
            for (code, class) in &codes {
                black_box(loaded.procedure(*code, *class, on));
            }
        });
    });
    group.bench_function("diagnoses", |b| {
        b.iter(|| {
            for code in &diagnoses {
                black_box(loaded.diagnosis(code, on));
            }
        });
    });
    group.finish();
}

criterion_group!(name = benches; config = criterion(); targets = load, ask_pairs, ask_codes);
criterion_main!(benches);
