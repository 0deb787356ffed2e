//! What is still billed once voids, replacements and reversals are netted against what they take
//! back: rules that compare lines look at that.
//!
//! Source: claim frequency codes (NUBC): 1 original, 7 replacement of a prior claim, 8 void of a
//! prior claim. Exports also reverse a line by the same line with a negative charge or units.

use std::ops::Range;

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
/// same claim number, are not; nor are reversals and the earliest line that each of them takes
/// back. The rule must compare services.
pub fn in_force(lines: &[&PooledLine<'_>]) -> Billed {
    let plain = lines.iter().all(|line| !line.is_reversal() && line.frequency != b'7');
    if plain { Billed::All(lines.len()) } else { Billed::Some(netted(lines)) }
}

#[cold]
fn netted(lines: &[&PooledLine<'_>]) -> Vec<usize> {
    let is_replaced = |line: &PooledLine<'_>| {
        line.frequency != b'7'
            && line.claim_id.is_some()
            && lines.iter().any(|other| other.frequency == b'7' && other.claim_id == line.claim_id)
    };
    let reversals = lines.iter().filter(|line| line.is_reversal());
    let mut taken_back: Vec<(u64, bool)> = reversals.map(|line| (line.service, false)).collect();
    let mut billed = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.is_reversal() || is_replaced(line) {
            continue;
        }
        let reversal =
            taken_back.iter_mut().find(|(service, used)| !used && *service == line.service);
        match reversal {
            Some((_, used)) => *used = true,
            None => billed.push(at),
        }
    }
    billed
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
