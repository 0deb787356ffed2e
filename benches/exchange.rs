//! Lines to claims: folded into rows, put into an exchange and drained, beside a hash map of the
//! standard library from claim ids to facts.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "data/mod.rs"]
mod data;
mod parts;

use std::collections::HashMap;

use claimlint::exchange::order::Sorter;
use claimlint::exchange::{Exchange, RowsBuilder};
use claimlint::lint::{Look, Tally};
use claimlint::model::Batch;
use claimlint::pipeline::Plan;
use claimlint::pipeline::account::Account;
use claimlint::pipeline::drain::{Drain, Gather};
use claimlint::pipeline::fold::Fold;
use claimlint::pipeline::split::Rejected;
use criterion::{Criterion, criterion_group, criterion_main};
use data::{Claims, Order, Recipe};
use parts::{Export, batches, criterion, plan};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// So little memory that most rows go through a file.
const LITTLE: usize = 1 << 18;

fn exchange(criterion: &mut Criterion) {
    let plan = plan(&["ALL"], 1);
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (name, recipe) in [
        ("grouped", Recipe::default()),
        ("shuffled", Recipe { order: Order::Shuffled, ..Recipe::default() }),
        ("a claim for each line", Recipe { claims: Claims::Single, ..Recipe::default() }),
    ] {
        let export = Export::new(recipe);
        let batches = batches(&export, &plan);
        let budget = plan.limits.exchange_bytes;
        let claims = drained(&plan, &pool, fold(&plan, &batches, budget));
        assert_eq!(claims, drained(&plan, &pool, fold(&plan, &batches, LITTLE)), "{name}");
        assert_eq!(claims, by_map(&plan, &batches).0, "{name}");
        let mut group = export.group(criterion, format!("exchange {name}"));
        group.bench_function("fold and put", |b| b.iter(|| fold(&plan, &batches, budget)));
        group.bench_function("fold, put and drain", |b| {
            b.iter(|| drained(&plan, &pool, fold(&plan, &batches, budget)));
        });
        group.bench_function("fold, put and drain, by way of a file", |b| {
            b.iter(|| drained(&plan, &pool, fold(&plan, &batches, LITTLE)));
        });
        group.bench_function("hash map", |b| b.iter(|| by_map(&plan, &batches)));
        group.finish();
    }
}

/// The rows of all batches, by stream.
fn fold(plan: &Plan, batches: &[Batch], budget: usize) -> Vec<Exchange> {
    let exchange = |_| Exchange::new(budget, &plan.temp_dir);
    let mut exchanges: Vec<Exchange> = plan.streams.iter().map(exchange).collect();
    let mut tally = Tally::new(plan.registry.len());
    let mut rows = RowsBuilder::default();
    for batch in batches {
        let fold = Fold { plan, batch, hits: &[], exceptions: 0 };
        for (stream, exchange) in plan.streams.iter().zip(&mut exchanges) {
            exchange.put(fold.stream(stream, &mut rows, &mut tally)).unwrap();
        }
    }
    exchanges
}

/// Judges everything and counts the claims.
fn drained(plan: &Plan, pool: &ThreadPool, mut exchanges: Vec<Exchange>) -> u64 {
    let mut claims = Sorter::new(plan.limits.sort_bytes, &plan.temp_dir);
    let mut tallies = [Tally::new(plan.registry.len())];
    let mut account = Account::new(plan);
    let mut rejected = Rejected::new(plan);
    // The stream of claims is the first, and comes last.
    for (at, stream) in plan.streams.iter().enumerate().rev() {
        let exchange = exchanges.pop().unwrap();
        let gather = Gather {
            claims: &mut claims,
            tallies: &mut tallies,
            account: &mut account,
            rejected: &mut rejected,
            claims_next: exchanges.first_mut(),
            of_claims: at == 0,
        };
        Drain { plan, pool, stream, gather }.drain(exchange).unwrap();
    }
    account.claims
}

/// What the slow twin knows of a claim.
#[derive(Default)]
struct Facts {
    lines: u64,
    /// Four bits for each rule for claims.
    facts: u64,
    /// Lines that a rule may want to judge: rule, batch and line.
    kept: Vec<(usize, usize, usize)>,
}

/// The slow twin: one entry for each claim. Gives the number of claims and of lines to be judged.
fn by_map(plan: &Plan, batches: &[Batch]) -> (u64, u64) {
    let mut claims: HashMap<Vec<u8>, Facts> = HashMap::new();
    for (number, batch) in batches.iter().enumerate() {
        let looks = plan.checks.groups.iter().map(|prepared| {
            let mut looks: Vec<Look> = Vec::with_capacity(batch.len());
            prepared.check.look_batch(batch, &mut looks);
            looks
        });
        let looks: Vec<Vec<Look>> = looks.collect();
        for (row, line) in batch.lines().enumerate() {
            let Some(id) = line.claim_id() else { continue };
            let known = claims.entry(id.to_vec()).or_default();
            known.lines += 1;
            for (rule, looks) in looks.iter().enumerate() {
                let Some(look) = looks.get(row) else { continue };
                known.facts |= u64::from(look.facts()) << (4 * rule);
                if look.keeps() {
                    known.kept.push((rule, number, row));
                }
            }
        }
    }
    let open = claims.values().flat_map(|known| {
        let facts = known.facts;
        known.kept.iter().filter(move |(rule, _, _)| {
            let settled_by = plan.checks.groups.get(*rule).map(|p| p.check.settled_by());
            facts & u64::from(settled_by.unwrap_or(0)) << (4 * rule) == 0
        })
    });
    (claims.len() as u64, open.count() as u64)
}

criterion_group!(name = benches; config = criterion(); targets = exchange);
criterion_main!(benches);
