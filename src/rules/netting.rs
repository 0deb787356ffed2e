//! What is still billed once voids, replacements and reversals are netted against what they take
//! back: rules that compare lines look at that.
//!
//! Source: claim frequency codes (NUBC): 1 original, 7 replacement of a prior claim, 8 void of a
//! prior claim. Exports also reverse a line by the same line with a negative charge or units.

use std::ops::Range;

use crate::lint::Run;
use crate::model::{Cell, Cents, PooledLine};

/// The lines of a group that are still billed, by their places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Billed {
    /// All of so many lines: nearly every group.
    All(usize),
    /// These.
    Some(Vec<usize>),
}

impl Billed {
    /// How many lines are billed.
    pub fn len(&self) -> usize {
        match self {
            Billed::All(count) => *count,
            Billed::Some(places) => places.len(),
        }
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of the billed line with this number, from 0.
    pub fn get(&self, number: usize) -> Option<usize> {
        match self {
            Billed::All(count) => (number < *count).then_some(number),
            Billed::Some(places) => places.get(number).copied(),
        }
    }

    /// The places, in their order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let (all, some): (Range<usize>, &[usize]) = match self {
            Billed::All(count) => (0..*count, &[]),
            Billed::Some(places) => (0..0, places),
        };
        all.chain(some.iter().copied())
    }
}

/// The lines that are still billed. Those of a replaced original, where its replacement has the
/// same claim number, are not; nor are reversals and what they take back: of the same claim a line
/// that says the same, for a void claim else one of its code, else the earliest line of any claim
/// that says the same.
pub fn in_force(lines: &[&PooledLine<'_>]) -> Billed {
    let plain = lines.iter().all(|line| !line.is_reversal() && line.frequency != b'7');
    if plain { Billed::All(lines.len()) } else { Billed::Some(netted(lines)) }
}

/// Whether a reversal speaks of this service, signs apart. Places and providers are often left out
/// of a reversal.
fn is_same_service(one: &PooledLine<'_>, other: &PooledLine<'_>) -> bool {
    let units = |line: &PooledLine<'_>| line.units.value().map(|units| units.0.saturating_abs());
    let charge = |line: &PooledLine<'_>| line.charge.value().map(|Cents(cents)| cents.abs());
    one.procedure() == other.procedure()
        && (one.code.is_some() || one.value == other.value)
        && one.days == other.days
        && one.modifiers.sorted() == other.modifiers.sorted()
        && units(one) == units(other)
        && charge(one) == charge(other)
}

/// Whether a reversal takes a line back.
type TakesBack<'f> = dyn Fn(&PooledLine<'_>, &PooledLine<'_>) -> bool + 'f;

#[cold]
fn netted(lines: &[&PooledLine<'_>]) -> Vec<usize> {
    let is_replaced = |line: &PooledLine<'_>| {
        line.frequency != b'7'
            && line.claim_key.is_some()
            && lines
                .iter()
                .any(|other| other.frequency == b'7' && other.claim_key == line.claim_key)
    };
    let mut billed: Vec<Option<&PooledLine<'_>>> = lines
        .iter()
        .map(|line| (!line.is_reversal() && !is_replaced(line)).then_some(*line))
        .collect();
    let mut open: Vec<&PooledLine<'_>> =
        lines.iter().filter(|line| line.is_reversal()).copied().collect();
    let same_claim =
        |one: &PooledLine<'_>, other: &PooledLine<'_>| one.claim_key == other.claim_key;
    let ways: [&TakesBack<'_>; 3] = [
        &|reversal, line| same_claim(reversal, line) && is_same_service(reversal, line),
        &|reversal, line| {
            reversal.frequency == b'8'
                && same_claim(reversal, line)
                && reversal.procedure() == line.procedure()
        },
        &is_same_service,
    ];
    for takes_back in ways {
        open.retain(|reversal| {
            let is_it = |line: &Option<&PooledLine<'_>>| {
                line.is_some_and(|line| takes_back(reversal, line))
            };
            let found = billed.iter_mut().find(|line| is_it(line));
            found.map(|line| *line = None).is_none()
        });
    }
    billed.iter().enumerate().filter_map(|(at, line)| line.map(|_| at)).collect()
}

/// The sum of the charges of all lines, as [`sum`] has it; nothing where one cannot be read, or may
/// take another one back.
pub fn plain_sum(run: Run<'_, '_>) -> Option<Cents> {
    let is_plain = |line: &PooledLine<'_>| !line.is_reversal() && line.frequency != b'7';
    if !run.lines().all(is_plain) {
        return None;
    }
    let mut billed = run.lines().filter(|line| line.revenue != Some(PooledLine::TOTAL_LINE));
    billed.try_fold(Cents::default(), |sum, line| Some(Cents(sum.0 + line.charge.value()?.0)))
}

/// The sum of the charges of these lines; nothing where one cannot be read. The line that repeats
/// the total of an institutional claim is left out.
pub fn sum(lines: &[&PooledLine<'_>], which: &Billed) -> Option<Cents> {
    let lines = which.iter().filter_map(|at| lines.get(at));
    let mut billed = lines.filter(|line| line.revenue != Some(PooledLine::TOTAL_LINE));
    billed.try_fold(Cents::default(), |sum, line| match line.charge {
        Cell::Value(Cents(cents)) => Some(Cents(sum.0 + cents)),
        Cell::Missing | Cell::Malformed => None,
    })
}
